//! Where a delivery lies: from the system that its files are in to degrees, and what is to be said of that.

use std::collections::BTreeMap;

use geo::{BoundingRect as _, Coord, LineString, MultiPolygon, Polygon, Rect};
use rayon::prelude::*;

use crate::crs::detect::{Candidate, Detection, Outline, Question, Sighting, Verdict, detect};
use crate::crs::{Assumption, Crs, CrsError, Mishap, Transformer};
use crate::formats::{Geometry, Layer, SourceRecord};
use crate::geom::RawShape;
use crate::ingest::delivery::catalogue as issues;
use crate::ingest::delivery::{ColumnMap, DeliveredField, Finding, Known, Param, Settings, value};
use crate::search::normalize;

/// Records that are compared with the areas held; of more, so many at even distances.
const COMPARED_MAX: usize = 50_000;

/// Degrees around the district within which records can lie: its outline is generalised.
const PLACE_MARGIN_DEG: f64 = 0.05;

/// What is to be said of the reference system of a delivery.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Position {
    /// What the first file with geometry says of itself, shortened.
    pub declared: Option<String>,
    /// The system that its geometry was read in; `None` where nothing has geometry, or none could be.
    pub used: Option<Assumption>,
    /// What the comparison says; `None` where nothing has geometry.
    pub verdict: Option<Verdict>,
    /// Systems that it could be in, best first.
    pub candidates: Vec<PositionCandidate>,
    /// Rows that fit another system, by its key: their places in words.
    pub outliers: BTreeMap<String, Vec<String>>,
}

/// A system that a delivery could be in.
#[derive(Debug, Clone, PartialEq)]
pub struct PositionCandidate {
    /// The system.
    pub assumption: Assumption,
    /// What it is called, in Chinese and English.
    pub label: (String, String),
    /// Share of the records that come to lie in the district.
    pub share_in_box: f64,
    /// Records that are matched with areas held.
    pub matched: usize,
    /// Median distance to them as the file is declared, metres.
    pub median_before_m: Option<f64>,
    /// Median distance to them when read so, metres.
    pub median_after_m: Option<f64>,
    /// Where the file lies, seen from them, degrees from north.
    pub azimuth_deg: Option<f64>,
}

impl Position {
    /// Name of the verdict in the API.
    pub fn verdict_key(&self) -> &'static str {
        match &self.verdict {
            None => "none",
            Some(Verdict::Confirmed(_)) => "confirmed",
            Some(Verdict::Plausible(_)) => "declared",
            Some(Verdict::Suspect(_)) => "suspect",
            Some(Verdict::Shifted(_)) => "shifted",
            Some(Verdict::Ambiguous(_)) => "ambiguous",
            Some(Verdict::Impossible) => "impossible",
        }
    }

    /// What it says, in one line of English.
    pub fn sentence(&self) -> String {
        let used = self.used.as_ref().map_or_else(|| "no system".to_owned(), ToString::to_string);
        let declared = self.declared.as_deref().unwrap_or("nothing");
        match self.candidates.first().filter(|candidate| candidate.matched > 0) {
            Some(best) => format!(
                "reference system: declared {declared}, read as {used} ({}); best fit {} with {} outlines matched, median {} m (as declared {} m)",
                self.verdict_key(),
                best.assumption,
                best.matched,
                metres(best.median_after_m),
                metres(best.median_before_m),
            ),
            None => format!("reference system: declared {declared}, read as {used} ({})", self.verdict_key()),
        }
    }
}

fn metres(value: Option<f64>) -> String {
    value.map_or_else(|| "?".to_owned(), |value| format!("{value:.1}"))
}

/// A delivery that was placed on earth.
pub(super) struct Located {
    pub(super) position: Position,
    pub(super) findings: Vec<Finding>,
}

/// What is to be said of the reference system; the layers stay as they are.
pub fn locate_layers(layers: &[Layer], maps: &[ColumnMap], settings: &Settings, known: &Known<'_>) -> Position {
    let mut position = Position::default();
    for (layer, map) in layers.iter().zip(maps).filter(|(layer, _)| has_geometry(layer)) {
        let _ = look(layer, map, settings, known, &mut position);
    }
    position
}

/// Turns the geometry of the layers into degrees, lng lat. What cannot be turned becomes unreadable.
pub(super) fn locate(layers: &mut [Layer], maps: &[ColumnMap], settings: &Settings, known: &Known<'_>) -> Located {
    let mut located = Located { position: Position::default(), findings: Vec::new() };
    for (layer, map) in layers.iter_mut().zip(maps).filter(|(layer, _)| has_geometry(layer)) {
        let (assumption, findings) = look(layer, map, settings, known, &mut located.position);
        located.findings.extend(findings);
        let Some(assumption) = assumption else {
            lose(layer, "the reference system is not known");
            continue;
        };
        match Transformer::with(&assumption, known.operator) {
            Ok(transformer) => {
                layer.records.par_iter_mut().for_each(|record| turn(record, &transformer));
            }
            Err(err) => {
                located.findings.push(refused(layer, &err));
                lose(layer, "the reference system cannot be converted");
            }
        }
    }
    located
}

fn has_geometry(layer: &Layer) -> bool {
    layer.records.iter().any(|record| matches!(record.geometry, Geometry::Shape { .. }))
}

fn refused(layer: &Layer, err: &CrsError) -> Finding {
    let place = layer.records.first().map(|record| layer.place(record));
    let place = place.unwrap_or_else(|| crate::formats::Place::file(&layer.file));
    match err {
        CrsError::NeedsParameters { crs, datum } => {
            Finding::new(&issues::CRS_PARAMETERS, place).with("system", format!("{crs} ({datum})"))
        }
        other => Finding::new(&issues::CRS_UNKNOWN, place).with("why", other.to_string()),
    }
}

/// Geometry that cannot be placed is not there; one finding tells why.
fn lose(layer: &mut Layer, why: &str) {
    for record in &mut layer.records {
        if matches!(record.geometry, Geometry::Shape { .. }) {
            record.geometry = Geometry::Unreadable { why: why.to_owned() };
        }
    }
}

fn turn(record: &mut SourceRecord, transformer: &Transformer) {
    let Geometry::Shape { shape, .. } = &mut record.geometry else { return };
    let mut points: Vec<Coord> = shape.coords().collect();
    match transformer.all_to_degrees(&mut points) {
        Ok(()) => {
            for (old, new) in shape.coords_mut().zip(points) {
                *old = new;
            }
        }
        Err(err) => record.geometry = Geometry::Unreadable { why: err.to_string() },
    }
}

/// The system in which a layer is to be read, what keeps it from being published, and what is to be said of it.
fn look(
    layer: &Layer,
    map: &ColumnMap,
    settings: &Settings,
    known: &Known<'_>,
    position: &mut Position,
) -> (Option<Assumption>, Vec<Finding>) {
    let mut findings = Vec::new();
    let place = crate::formats::Place::file(&layer.file);
    let declared = match layer.crs.as_deref().map(Crs::parse) {
        None | Some(Err(CrsError::Undeclared)) => Ok(None),
        Some(Ok(crs)) => {
            let declared = Assumption::new(crs);
            match Transformer::with(&declared, known.operator) {
                // A code that nobody defined says nothing; a datum without parameters is told where it is used.
                Err(err) if !matches!(err, CrsError::NeedsParameters { .. }) => Err(err),
                _ => Ok(Some(declared)),
            }
        }
        Some(Err(err)) => Err(err),
    };
    let declared = declared.unwrap_or_else(|err| {
        if settings.position.is_none() {
            findings.push(Finding::new(&issues::CRS_UNKNOWN, place.clone()).with("why", err.to_string()));
        }
        None
    });
    let (rows, detection) = compare(layer, map, declared.as_ref(), known);
    let told = settings.position.clone();
    let used = told.clone().or_else(|| reading(&detection, declared.clone()));
    if told.is_none() && detection.verdict.needs_confirmation() {
        findings.push(doubt(&detection, place));
    }
    for odd in &detection.odd_rows {
        // Rows of a file whose system was named are compared with that.
        if used.as_ref().is_some_and(|used| used.means(&odd.assumption)) {
            continue;
        }
        let record = &layer.records[rows[odd.row]];
        let key = odd.assumption.to_string();
        position.outliers.entry(key.clone()).or_default().push(record.item.to_string());
        let off = odd.off_m.map_or_else(|| "?".to_owned(), |off| format!("{off:.1}"));
        let finding = Finding::new(&issues::CRS_ODD_ROW, layer.place(record)).with("assumption", key);
        findings.push(finding.with("off_m", off));
    }
    if position.verdict.is_none() {
        position.declared = layer.crs.as_deref().map(|text| text.chars().take(80).collect());
        position.used.clone_from(&used);
        position.candidates = detection.candidates.iter().map(candidate).collect();
        position.verdict = Some(detection.verdict);
    }
    (used, findings)
}

/// The reading by which a layer is shown until somebody confirms another: the declared one where it puts most records into
/// the district, else the likeliest.
fn reading(detection: &Detection, declared: Option<Assumption>) -> Option<Assumption> {
    let fits = |assumption: &Assumption| {
        let found = detection.candidates.iter().find(|candidate| candidate.assumption.means(assumption));
        found.is_none_or(|candidate| candidate.share_in_box > 0.5)
    };
    declared.filter(fits).or_else(|| detection.verdict.assumption().cloned())
}

fn doubt(detection: &Detection, place: crate::formats::Place) -> Finding {
    let Some(assumption) = detection.verdict.assumption() else {
        return Finding::new(&issues::CRS_UNKNOWN, place)
            .with("why", "no known system puts the outlines into the district");
    };
    let figures = detection.candidates.iter().find(|candidate| candidate.assumption.means(assumption));
    let metres = |value: Option<f64>| value.map_or(Param::Text("?".to_owned()), |value| Param::Number(value, 1));
    let mut finding = Finding::new(&issues::CRS_SUSPECT, place).with("assumption", assumption.to_string());
    finding.params.insert("before_m", metres(figures.and_then(|figures| figures.median_before_m)));
    finding.params.insert("after_m", metres(figures.and_then(|figures| figures.median_after_m)));
    finding
}

/// Compares the records of a layer with the areas held. Also answers with the positions of the records that were compared.
fn compare(
    layer: &Layer,
    map: &ColumnMap,
    declared: Option<&Assumption>,
    known: &Known<'_>,
) -> (Vec<usize>, Detection) {
    let column = |field| layer.columns.iter().position(|column| map.field(column) == Some(field));
    let (names, codes) = (column(DeliveredField::Name), column(DeliveredField::Code));
    let cell = |record: &SourceRecord, column: Option<usize>| {
        column.and_then(|at| record.cells.get(at)).and_then(value::plain_text)
    };
    let step = layer.records.len().div_ceil(COMPARED_MAX).max(1);
    type Seen = (usize, Outline, Option<String>, Option<String>);
    let records: Vec<(usize, &SourceRecord)> = layer.records.iter().enumerate().step_by(step).collect();
    let seen: Vec<Seen> = records
        .into_par_iter()
        .filter_map(|(at, record)| {
            let Geometry::Shape { shape, .. } = &record.geometry else { return None };
            let name = cell(record, names).map(|name| normalize(&name));
            Some((at, outline(shape)?, cell(record, codes), name))
        })
        .collect();
    let sightings: Vec<Sighting<'_>> = seen
        .iter()
        .map(|(_, outline, code, name)| Sighting { outline: *outline, code: code.as_deref(), name: name.as_deref() })
        .collect();
    let held_names: Vec<String> = known.areas.iter().map(|area| normalize(&area.name)).collect();
    let held: Vec<Sighting<'_>> = known
        .areas
        .iter()
        .zip(&held_names)
        .filter_map(|(area, name)| {
            let outline = Outline::of(&area.boundary)?;
            Some(Sighting { outline, code: Some(area.code.as_str()), name: Some(name) })
        })
        .collect();
    let question =
        Question { declared, seen: &sightings, held: &held, place: place_of(known), operator: known.operator };
    (seen.iter().map(|(at, ..)| *at).collect(), detect(&question))
}

fn place_of(known: &Known<'_>) -> Option<Rect> {
    let around = known.district?.boundary.bounding_rect()?;
    let margin = Coord { x: PLACE_MARGIN_DEG, y: PLACE_MARGIN_DEG };
    Some(Rect::new(around.min() - margin, around.max() + margin))
}

fn outline(shape: &RawShape) -> Option<Outline> {
    match shape {
        RawShape::Polygons(polygons) => {
            let closed = |ring: &Vec<Coord>| LineString::new(ring.clone());
            let polygons = polygons.iter().filter_map(|polygon| {
                let (exterior, holes) = polygon.rings.split_first()?;
                Some(Polygon::new(closed(exterior), holes.iter().map(closed).collect()))
            });
            Outline::of(&MultiPolygon::new(polygons.collect()))
        }
        other => {
            let first = other.coords().next()?;
            (first.x.is_finite() && first.y.is_finite()).then(|| Outline::point(first))
        }
    }
}

fn candidate(candidate: &Candidate) -> PositionCandidate {
    PositionCandidate {
        assumption: candidate.assumption.clone(),
        label: label(&candidate.assumption),
        share_in_box: candidate.share_in_box,
        matched: candidate.matched,
        median_before_m: candidate.median_before_m,
        median_after_m: candidate.median_after_m,
        azimuth_deg: candidate.azimuth_deg,
    }
}

/// What a reading is called, in Chinese and English.
fn label(assumption: &Assumption) -> (String, String) {
    let key = assumption.to_string();
    let known = match &assumption.crs {
        Crs::Degrees => Some(("CGCS2000 / WGS84 经纬度", "CGCS2000 / WGS84 degrees")),
        Crs::Gcj02 => Some(("GCJ-02（高德、腾讯地图偏移）", "GCJ-02 (shift of Chinese web maps)")),
        Crs::Bd09 => Some(("BD-09（百度地图偏移）", "BD-09 (shift of Baidu's maps)")),
        Crs::Mishap(Mishap::Gcj02Twice) => Some(("GCJ-02 偏移重复了一次", "GCJ-02 shift applied twice")),
        Crs::Mishap(Mishap::Gcj02Undone) => Some(("误作 GCJ-02 反算", "GCJ-02 shift taken off by mistake")),
        Crs::Mishap(Mishap::Bd09Undone) => Some(("误作 BD-09 反算", "BD-09 shift taken off by mistake")),
        Crs::Mishap(Mishap::Gcj02In(_)) => Some(("GCJ-02 直接投影为平面坐标", "GCJ-02 projected as if it were true")),
        Crs::Mishap(Mishap::Bd09In(_)) => Some(("BD-09 直接投影为平面坐标", "BD-09 projected as if it were true")),
        Crs::Epsg(4548 | 4509) => Some(("CGCS2000 高斯投影 中央经线 117°", "CGCS2000 Gauss-Kruger CM 117E")),
        Crs::Epsg(4527 | 4498) => Some(("CGCS2000 高斯投影 带号前缀", "CGCS2000 Gauss-Kruger with zone prefix")),
        Crs::Epsg(4547 | 4549) => Some(("CGCS2000 高斯投影 邻带", "CGCS2000 Gauss-Kruger, neighbouring zone")),
        Crs::Epsg(32650) => Some(("WGS84 UTM 50 带", "WGS84 UTM zone 50N")),
        Crs::Epsg(3857) => Some(("Web 墨卡托", "Web Mercator")),
        Crs::Epsg(4214 | 2436 | 2415 | 2437) => Some(("北京 1954", "Beijing 1954")),
        Crs::Epsg(4610 | 2384 | 2363 | 2383) => Some(("西安 1980", "Xian 1980")),
        _ => None,
    };
    let swapped = matches!(assumption.axes, crate::crs::Axes::NorthEast);
    let (zh, en) = known.unwrap_or((&key, &key));
    if swapped {
        (format!("{zh}，坐标轴互换"), format!("{en}, axes swapped"))
    } else {
        (zh.to_owned(), en.to_owned())
    }
}
