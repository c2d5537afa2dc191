//! Files of one side of a comparison to records for the matcher: any format, any of the usual heads of columns.

use std::collections::HashMap;

use geo::{Coord, LineString, MultiPolygon, Polygon, Rect};
use rayon::prelude::*;

use crate::crs::detect::{Detection, Outline, Question, Sighting, detect};
use crate::crs::{Assumption, Crs, Mishap, Operator, Transformer};
use crate::formats::{Cell, Dataset, Geometry, Layer, SourceRecord};
use crate::geom::RawShape;
use crate::reconcile::{Record, Shape};
use crate::search::normalize;

/// What a column of a side can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    Code,
    Name,
    Aliases,
    Address,
    Street,
    Management,
    Committee,
    Company,
    Households,
    Source,
    Lng,
    Lat,
}

/// Heads as offices write them, without blanks and punctuation, in small letters; the likeliest first.
const HEADS: [(Role, &[&str]); 12] = [
    (
        Role::Code,
        &[
            "id",
            "bh",
            "编号",
            "编码",
            "代码",
            "code",
            "小区编号",
            "项目编号",
            "区域编号",
            "登记编号",
            "图斑编号",
            "tbbh",
        ],
    ),
    (
        Role::Name,
        &[
            "name",
            "xqmc",
            "小区名称",
            "名称",
            "mc",
            "项目名称",
            "区域名称",
            "物业项目名称",
            "物业管理区域名称",
            "小区",
            "小区名",
            "xmmc",
            "qymc",
        ],
    ),
    (Role::Aliases, &["aliases", "alias", "别名", "常用名", "曾用名", "又名", "bm", "cym"]),
    (Role::Address, &["address", "dz", "地址", "坐落", "详细地址", "小区地址", "门牌", "zl"]),
    (
        Role::Street,
        &[
            "street",
            "jd",
            "街乡",
            "街道",
            "所属街道",
            "所属街乡",
            "街道名称",
            "属地",
            "ssjd",
            "jdmc",
            "街道乡镇",
            "地区",
        ],
    ),
    (
        Role::Management,
        &["mgmttype", "wylx", "物业类型", "管理类型", "管理方式", "物业管理类型", "management", "gllx", "管理模式"],
    ),
    (
        Role::Committee,
        &[
            "committee",
            "wyh",
            "业委会情况",
            "业委会",
            "委员会",
            "业主组织",
            "业主组织状态",
            "组织形式",
            "业主委员会",
            "物管会",
            "业委会物管会",
        ],
    ),
    (
        Role::Company,
        &[
            "company",
            "wyqy",
            "物业企业",
            "物业公司",
            "物业服务企业",
            "物业企业名称",
            "物业公司名称",
            "管理单位",
            "服务企业",
            "wygs",
        ],
    ),
    (Role::Households, &["households", "hs", "户数", "总户数", "居民户数", "住户数"]),
    (Role::Source, &["source", "sjly", "数据来源", "来源", "报送单位", "填报单位"]),
    (Role::Lng, &["经度", "lng", "lon", "longitude", "jd84", "x", "中心经度"]),
    (Role::Lat, &["纬度", "lat", "latitude", "wd", "y", "中心纬度"]),
];

/// Degrees around the other side within which records can lie.
const MARGIN_DEG: f64 = 0.06;

/// How a layer's geometry was read.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerReading {
    /// The file.
    pub file: String,
    /// Records.
    pub rows: usize,
    /// Records with a place.
    pub located: usize,
    /// What the file says of its system, shortened.
    pub declared: Option<String>,
    /// The system it was read in; `None` where nothing has a place, or no system puts it there.
    pub used: Option<Assumption>,
}

/// The records of one side.
#[derive(Debug, Default)]
pub struct SideReading {
    /// Rows of all layers, in file order.
    pub records: Vec<Record>,
    /// How each layer was read.
    pub layers: Vec<LayerReading>,
}

/// Turns everything that was read of a side into records. `held` is the other side, already in degrees, which tells where
/// records can lie; empty when there is none yet.
pub fn side(dataset: Dataset, held: &[Record], operator: &Operator) -> SideReading {
    let mut side = SideReading::default();
    let sightings = Held::new(held);
    for layer in dataset.layers {
        let columns = columns(&layer);
        let used = position(&layer, &columns, &sightings, operator);
        let transformer = used.as_ref().filter(|used| **used != degrees());
        let transformer = transformer.and_then(|used| Transformer::with(used, operator).ok());
        let records: Vec<Record> =
            layer.records.par_iter().map(|row| record(&layer, row, &columns, transformer.as_ref())).collect();
        side.layers.push(LayerReading {
            file: layer.file.to_string(),
            rows: records.len(),
            located: records.iter().filter(|record| record.shape != Shape::None).count(),
            declared: layer.crs.as_deref().map(|text| text.chars().take(60).collect()),
            used,
        });
        side.records.extend(records);
    }
    side
}

type Columns = HashMap<Role, usize>;

fn columns(layer: &Layer) -> Columns {
    let heads: Vec<String> = layer.columns.iter().map(|column| normalize(column)).collect();
    let find = |(role, names): &(Role, &[&str])| {
        let place = names.iter().find_map(|name| heads.iter().position(|head| *head == normalize(name)))?;
        Some((*role, place))
    };
    let mut columns: Columns = HEADS.iter().filter_map(find).collect();
    // Places of a table are two columns or none.
    if !(columns.contains_key(&Role::Lng) && columns.contains_key(&Role::Lat)) {
        columns.remove(&Role::Lng);
        columns.remove(&Role::Lat);
    }
    columns
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => match text.trim() {
            "/" | "-" | "—" | "暂无" | "null" | "NULL" | "<Null>" => String::new(),
            text => text.to_owned(),
        },
        Cell::Number(number) => number.to_string(),
        Cell::Integer(whole) => whole.to_string(),
        Cell::Bool(yes) => if *yes { "1" } else { "0" }.to_owned(),
        Cell::Date(day) => day.to_string(),
    }
}

fn record(layer: &Layer, row: &SourceRecord, columns: &Columns, transformer: Option<&Transformer>) -> Record {
    let cell = |role: Role| columns.get(&role).and_then(|at| row.cells.get(*at)).map(text).unwrap_or_default();
    let code = cell(Role::Code);
    Record {
        id: if code.is_empty() { layer.place(row).to_string() } else { code },
        shape: shape(row, columns, transformer),
        name: cell(Role::Name),
        aliases: several(&cell(Role::Aliases)),
        address: cell(Role::Address),
        street: cell(Role::Street),
        management: cell(Role::Management),
        committee: cell(Role::Committee),
        company: cell(Role::Company),
        households: cell(Role::Households),
        source: cell(Role::Source),
        repaired: false,
    }
}

/// Names in one cell: a JSON list, or names between separators.
fn several(text: &str) -> Vec<String> {
    if let Ok(list) = serde_json::from_str::<Vec<String>>(text) {
        return list;
    }
    let names = text.split(['、', ';', '；', ',', '，', '/', '|']).map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// The place of a table row.
fn point(row: &SourceRecord, columns: &Columns) -> Option<Coord> {
    let number = |role: Role| text(row.cells.get(*columns.get(&role)?)?).parse::<f64>().ok().filter(|n| n.is_finite());
    Some(Coord { x: number(Role::Lng)?, y: number(Role::Lat)? })
}

/// Positions are kept to the seventh decimal of a degree, about a centimetre: the same place by two files is one place.
fn rounded(point: Coord) -> Coord {
    Coord { x: (point.x * 1e7).round() / 1e7, y: (point.y * 1e7).round() / 1e7 }
}

fn shape(row: &SourceRecord, columns: &Columns, transformer: Option<&Transformer>) -> Shape {
    let turned = |point: Coord| match transformer {
        Some(transformer) => transformer.to_degrees(point).ok().map(rounded),
        None => Some(rounded(point)).filter(|point| point.x.abs() <= 180.0 && point.y.abs() <= 90.0),
    };
    let shape = match &row.geometry {
        Geometry::Shape { shape, .. } => shape,
        _ => return point(row, columns).and_then(turned).map_or(Shape::None, Shape::Point),
    };
    match shape {
        RawShape::Points(points) => points.first().copied().and_then(turned).map_or(Shape::None, Shape::Point),
        RawShape::Lines(_) => Shape::None,
        RawShape::Polygons(polygons) => {
            let ring = |ring: &Vec<Coord>| -> Option<LineString> {
                ring.iter().map(|point| turned(*point)).collect::<Option<Vec<Coord>>>().map(LineString::new)
            };
            let polygon = |rings: &Vec<Vec<Coord>>| -> Option<Polygon> {
                let mut rings: Vec<LineString> = rings.iter().map(ring).collect::<Option<_>>()?;
                (!rings.is_empty()).then(|| Polygon::new(rings.remove(0), rings))
            };
            let outline: Option<Vec<Polygon>> = polygons.iter().map(|raw| polygon(&raw.rings)).collect();
            outline.filter(|all| !all.is_empty()).map_or(Shape::None, |all| Shape::Outline(MultiPolygon::new(all)))
        }
    }
}

fn degrees() -> Assumption {
    Assumption::new(Crs::Degrees)
}

/// The other side, as the detection of systems wants it.
struct Held {
    outlines: Vec<(Outline, String)>,
    around: Option<Rect>,
}

impl Held {
    fn new(records: &[Record]) -> Self {
        let seen = |record: &Record| {
            let outline = match &record.shape {
                Shape::Outline(outline) => Outline::of(outline)?,
                Shape::Point(point) => Outline::point(*point),
                Shape::None => return None,
            };
            Some((outline, normalize(&record.name)))
        };
        let outlines: Vec<(Outline, String)> = records.par_iter().filter_map(seen).collect();
        let places = records.iter().filter_map(|record| match &record.shape {
            Shape::Outline(outline) => outline.0.first()?.exterior().0.first().copied(),
            Shape::Point(point) => Some(*point),
            Shape::None => None,
        });
        let around = places.fold(None::<(Coord, Coord)>, |around, at| {
            let (min, max) = around.unwrap_or((at, at));
            let least = Coord { x: min.x.min(at.x), y: min.y.min(at.y) };
            Some((least, Coord { x: max.x.max(at.x), y: max.y.max(at.y) }))
        });
        let margin = Coord { x: MARGIN_DEG, y: MARGIN_DEG };
        Self { outlines, around: around.map(|(min, max)| Rect::new(min - margin, max + margin)) }
    }

    fn has(&self, point: Coord) -> bool {
        match self.around {
            Some(around) => {
                let (min, max) = (around.min(), around.max());
                (min.x..=max.x).contains(&point.x) && (min.y..=max.y).contains(&point.y)
            }
            None => (70.0..=140.0).contains(&point.x) && (0.0..=60.0).contains(&point.y),
        }
    }
}

/// Rows by which a layer's system is judged at most.
const JUDGED_BY: usize = 5_000;

/// The system a layer is to be read in: what it says where that puts most rows to where the other side lies, else plain
/// degrees where those do, else what the detection finds. Shifted degrees are left to the matcher, which looks at each street.
fn position(layer: &Layer, columns: &Columns, held: &Held, operator: &Operator) -> Option<Assumption> {
    let step = layer.records.len().div_ceil(JUDGED_BY).max(1);
    let rows = layer.records.iter().step_by(step);
    let seen: Vec<(Outline, String)> = rows
        .filter_map(|row| {
            let outline = match shape(row, columns, None) {
                Shape::Outline(outline) => Outline::of(&outline),
                Shape::Point(point) => Some(Outline::point(point)),
                Shape::None => raw_outline(row, columns),
            };
            let name = columns.get(&Role::Name).and_then(|at| row.cells.get(*at)).map(text).unwrap_or_default();
            Some((outline?, normalize(&name)))
        })
        .collect();
    if seen.is_empty() {
        return None;
    }
    let mostly = |points: &[Option<Coord>]| {
        let inside = points.iter().flatten().filter(|point| held.has(**point)).count();
        inside * 2 > points.len()
    };
    let declared = layer.crs.as_deref().and_then(|text| Crs::parse(text).ok()).map(Assumption::new);
    let raw: Vec<Coord> = seen.iter().map(|(outline, _)| outline.centre).collect();
    if let Some(declared) = &declared
        && *declared != degrees()
        && let Ok(transformer) = Transformer::with(declared, operator)
        && mostly(&raw.iter().map(|point| transformer.to_degrees(*point).ok()).collect::<Vec<_>>())
    {
        return Some(declared.clone());
    }
    if mostly(&raw.iter().map(|point| Some(*point)).collect::<Vec<_>>()) {
        return Some(degrees());
    }
    fn sightings(all: &[(Outline, String)]) -> Vec<Sighting<'_>> {
        let name = |name: &String| !name.is_empty();
        all.iter()
            .map(|(outline, text)| Sighting {
                outline: *outline,
                code: None,
                name: name(text).then_some(text.as_str()),
            })
            .collect()
    }
    let (seen, others) = (sightings(&seen), sightings(&held.outlines));
    let question = Question { declared: declared.as_ref(), seen: &seen, held: &others, place: held.around, operator };
    let Detection { verdict, .. } = detect(&question);
    verdict.assumption().cloned().map(without_shift).or(declared)
}

/// The system without the shift of web maps, which may be on a part of the rows only and is left to the matcher.
fn without_shift(found: Assumption) -> Assumption {
    let crs = match &found.crs {
        Crs::Mishap(Mishap::Gcj02In(code) | Mishap::Bd09In(code)) => Crs::from_code(*code),
        Crs::Gcj02 | Crs::Bd09 | Crs::Mishap(_) => Crs::Degrees,
        other => other.clone(),
    };
    Assumption { crs, ..found }
}

/// The outline of a row in the file's own numbers, which need not be degrees.
fn raw_outline(row: &SourceRecord, columns: &Columns) -> Option<Outline> {
    match &row.geometry {
        Geometry::Shape { shape: RawShape::Polygons(polygons), .. } => {
            let closed = |ring: &Vec<Coord>| LineString::new(ring.clone());
            let polygon = |rings: &[Vec<Coord>]| {
                let (exterior, holes) = rings.split_first()?;
                Some(Polygon::new(closed(exterior), holes.iter().map(closed).collect()))
            };
            Outline::of(&MultiPolygon::new(polygons.iter().filter_map(|raw| polygon(&raw.rings)).collect()))
        }
        Geometry::Shape { shape, .. } => shape.coords().next().map(Outline::point),
        _ => point(row, columns).map(Outline::point),
    }
}
