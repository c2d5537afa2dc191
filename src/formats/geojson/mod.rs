//! GeoJSON (RFC 7946): strictly, as exchange files are, and as offices deliver it.

mod delivery;
mod export;
mod feature;
mod geometry;
mod stream;
mod text;

use std::io::{self, Write};
use std::sync::Arc;

use geo::{Coord, LineString, MultiPolygon, Polygon};
use geojson::GeometryValue;
use rayon::prelude::*;
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::formats::{FormatError, Item, Place, RECORD_LIMIT, RawRecord, Reading, check_size};
use crate::geom::{RawPolygon, RawShape};

pub(crate) use delivery::read_delivery;
pub use export::{write_collection, write_collection_with, write_sequence};
pub(crate) use geometry::raw_geometry;

/// Names of reference systems a file may claim in the member `crs` of the 2008 edition: all mean degrees, lng lat.
const KNOWN_CRS: [&str; 8] = [
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "urn:ogc:def:crs:OGC::CRS84",
    "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
    "OGC:CRS84",
    "EPSG:4326",
    "urn:ogc:def:crs:EPSG::4326",
    "EPSG:4490",
    "urn:ogc:def:crs:EPSG::4490",
];

/// What to do with a collection that has no features.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenEmpty {
    /// It is an error.
    Refuse,
    /// It is a reading without records.
    Accept,
}

/// Reads a FeatureCollection and keeps the text of each geometry byte for byte.
///
/// Accepted beyond the standard: a byte order mark, a `crs` member that names CRS84, EPSG:4326 or EPSG:4490, a third
/// coordinate (left out of the geometry, kept in its text), any winding, a feature without `geometry`. Errors: the file is
/// not such a collection, claims another reference system, is empty, or passes a limit. A feature that cannot be read
/// becomes a fault of the reading.
pub fn read(file: &str, bytes: &[u8], when_empty: WhenEmpty) -> Result<Reading, FormatError> {
    let bytes = check_size(file, bytes)?;
    let text = std::str::from_utf8(bytes).map_err(|err| {
        let before = &bytes[..err.valid_up_to()];
        let line = 1 + before.iter().filter(|b| **b == b'\n').count() as u64;
        FormatError::NotUtf8 { place: Place { line: Some(line), ..Place::file(file) } }
    })?;
    let source = Source { name: Arc::from(file), text, lines: line_starts(text) };

    let collection: Collection<'_> = serde_json::from_str(text).map_err(|err| source.syntax(Item::File, text, &err))?;
    if collection.kind != "FeatureCollection" {
        let message = format!("expected a FeatureCollection, found the type {:?}", collection.kind);
        return Err(FormatError::Syntax { place: Place::file(file), message });
    }
    if let Some(crs) = collection.crs
        && !crs.pointer("/properties/name").and_then(Value::as_str).is_some_and(|name| KNOWN_CRS.contains(&name))
    {
        return Err(FormatError::Crs { place: Place::file(file), crs: crs.to_string() });
    }
    let features = collection.features.0;
    if features.is_empty() && when_empty == WhenEmpty::Refuse {
        return Err(FormatError::Empty { place: Place::file(file) });
    }

    let read: Vec<_> =
        features.par_iter().enumerate().map(|(at, raw)| source.feature(Item::Feature(at + 1), raw.get())).collect();
    let mut reading = Reading::default();
    for result in read {
        match result {
            Ok(record) => {
                for name in record.properties.keys() {
                    if !reading.columns.contains(name) {
                        reading.columns.push(name.clone());
                    }
                }
                reading.records.push(record);
            }
            Err(fault) => reading.faults.push(fault),
        }
    }
    Ok(reading)
}

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, deserialize_with = "present")]
    crs: Option<Value>,
    #[serde(borrow)]
    features: Features<'a>,
}

#[derive(Deserialize)]
struct Feature<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    geometry: Option<&'a RawValue>,
    #[serde(default)]
    properties: Option<Map<String, Value>>,
}

/// A member that is there, also when it is null: a null `crs` says that the reference system is not known.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// The features as texts, so that one that cannot be read does not stop the others; bounded while reading.
struct Features<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Features<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an array of features")
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut features = Vec::new();
                while let Some(feature) = seq.next_element()? {
                    if features.len() == RECORD_LIMIT {
                        return Err(de::Error::custom(format!("more than the {RECORD_LIMIT} features allowed")));
                    }
                    features.push(feature);
                }
                Ok(features)
            }
        }
        deserializer.deserialize_seq(Visitor).map(Features)
    }
}

/// A file's text, which knows the line of each of its parts.
struct Source<'a> {
    name: Arc<str>,
    text: &'a str,
    lines: Vec<usize>,
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1)).collect()
}

impl Source<'_> {
    /// Line and column, from 1, at which a part of the text begins.
    fn position(&self, part: &str) -> (u64, u64) {
        let offset = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let line = self.lines.partition_point(|start| *start <= offset);
        (line as u64, (offset - self.lines[line - 1]) as u64 + 1)
    }

    fn place(&self, item: Item, part: &str) -> Place {
        let (line, _) = self.position(part);
        Place { file: self.name.clone(), item, line: Some(line), column: None }
    }

    /// A JSON error inside a part, with line and column in the whole file.
    fn syntax(&self, item: Item, part: &str, err: &serde_json::Error) -> FormatError {
        let (line, column) = self.position(part);
        let (inner_line, inner_column) = (err.line().max(1) as u64, err.column() as u64);
        let column = if inner_line == 1 { column + inner_column.saturating_sub(1) } else { inner_column };
        let place =
            Place { file: self.name.clone(), item, line: Some(line + inner_line - 1), column: Some(column.max(1)) };
        let full = err.to_string();
        let message = full.rsplit_once(" at line ").map_or(full.as_str(), |(message, _)| message).to_owned();
        FormatError::Syntax { place, message }
    }

    fn feature(&self, item: Item, text: &str) -> Result<RawRecord, FormatError> {
        let feature: Feature<'_> = serde_json::from_str(text).map_err(|err| self.syntax(item, text, &err))?;
        let place = self.place(item, text);
        if feature.kind != "Feature" {
            let message = format!("expected a Feature, found the type {:?}", feature.kind);
            return Err(FormatError::Syntax { place, message });
        }
        let geometry = feature.geometry.map(|raw| self.geometry(item, raw.get())).transpose()?;
        Ok(RawRecord {
            place,
            source_geometry: feature.geometry.map(|raw| raw.get().to_owned()),
            geometry,
            properties: feature.properties.unwrap_or_default(),
        })
    }

    fn geometry(&self, item: Item, text: &str) -> Result<MultiPolygon, FormatError> {
        let fault = |message| FormatError::Geometry { place: self.place(item, text), message };
        let polygons = match geometry::read_shape(text).map_err(fault)? {
            Some(RawShape::Polygons(polygons)) => polygons,
            Some(RawShape::Points(_)) => return Err(fault(needed("a Point"))),
            Some(RawShape::Lines(_)) => return Err(fault(needed("a LineString"))),
            None => return Err(fault(needed("null"))),
        };
        polygons.iter().enumerate().try_for_each(|(at, polygon)| check_rings(at, &polygon.rings)).map_err(fault)?;
        Ok(polygons.into_iter().map(polygon).collect())
    }
}

fn needed(found: &str) -> String {
    format!("the geometry is {found}, a Polygon or MultiPolygon is needed")
}

/// A polygon of rings that are closed.
fn polygon(raw: RawPolygon) -> Polygon {
    let mut rings = raw.rings.into_iter().map(LineString);
    let exterior = rings.next().unwrap_or_else(|| LineString(Vec::new()));
    Polygon::new(exterior, rings.collect())
}

/// RFC 7946, 3.1.6: a ring has four positions or more, and its first equals its last. geo would close it silently.
fn check_rings(polygon: usize, rings: &[Vec<Coord>]) -> Result<(), String> {
    let named = |ring: usize| format!("polygon {}, ring {}", polygon + 1, ring + 1);
    if rings.is_empty() {
        return Err(format!("polygon {} has no rings", polygon + 1));
    }
    for (at, ring) in rings.iter().enumerate() {
        if ring.len() < 4 {
            return Err(format!("{} has {} positions, four are the least", named(at), ring.len()));
        }
        if ring.first() != ring.last() {
            return Err(format!("{} is not closed: its first and last positions differ", named(at)));
        }
    }
    Ok(())
}

/// Reads the text of one geometry, as a feature has it. Degrees, lng lat; accepted and refused is what [`read`] does.
///
/// Errors: [`FormatError`] with the line in the text.
pub fn read_geometry(text: &str) -> Result<MultiPolygon, FormatError> {
    let source = Source { name: Arc::from("geometry"), text, lines: line_starts(text) };
    serde_json::from_str::<&RawValue>(text).map_err(|err| source.syntax(Item::File, text, &err))?;
    source.geometry(Item::File, text)
}

/// A feature to be written.
#[derive(Debug, Clone)]
pub struct FeatureText {
    /// Its number, where it has one.
    pub id: Option<u64>,
    /// Its geometry as JSON text, written as it is; `None` writes null.
    pub geometry: Option<String>,
    /// Its properties in the order to be written.
    pub properties: Map<String, Value>,
}

/// Writes a FeatureCollection, one feature a line, so that two versions of a file can be compared line by line.
///
/// Errors: those of the writer.
pub fn write(out: &mut impl Write, features: impl IntoIterator<Item = FeatureText>) -> io::Result<()> {
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[")?;
    for (at, feature) in features.into_iter().enumerate() {
        out.write_all(if at == 0 { b"\n" } else { b",\n" })?;
        out.write_all(b"{\"type\":\"Feature\",")?;
        if let Some(id) = feature.id {
            write!(out, "\"id\":{id},")?;
        }
        out.write_all(b"\"properties\":")?;
        serde_json::to_writer(&mut *out, &feature.properties)?;
        write!(out, ",\"geometry\":{}}}", feature.geometry.as_deref().unwrap_or("null"))?;
    }
    out.write_all(b"\n]}\n")
}

/// Text of a boundary as a GeoJSON geometry: a Polygon when it has one part, a MultiPolygon otherwise.
///
/// Degrees, lng lat; numbers are written with the fewest digits that read back as the same.
pub fn geometry_text(boundary: &MultiPolygon) -> String {
    match boundary.0.as_slice() {
        [only] => GeometryValue::from(only).to_string(),
        _ => GeometryValue::from(boundary).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SQUARE: &str =
        r#"{ "coordinates": [[[116.40, 39.9],[116.41,39.9],[116.41,39.91],[116.40,39.9]]],"type":"Polygon" }"#;

    fn collection(features: &str) -> String {
        format!("{{\"type\":\"FeatureCollection\",\n\"features\":[\n{features}\n]}}")
    }

    fn feature(geometry: &str) -> String {
        format!("{{\"type\":\"Feature\",\"properties\":{{\"code\":\"A\"}},\"geometry\":{geometry}}}")
    }

    fn error(text: &str) -> String {
        read("a.geojson", text.as_bytes(), WhenEmpty::Refuse).unwrap_err().to_string()
    }

    fn only_fault(geometry: &str) -> String {
        let reading = read("a.geojson", collection(&feature(geometry)).as_bytes(), WhenEmpty::Refuse).unwrap();
        assert_eq!((reading.records.len(), reading.faults.len()), (0, 1));
        reading.faults[0].to_string()
    }

    #[test]
    fn the_text_of_a_geometry_is_kept_byte_for_byte() {
        let text = format!("\u{feff}{}", collection(&feature(SQUARE)));
        let reading = read("a.geojson", text.as_bytes(), WhenEmpty::Refuse).unwrap();
        let record = &reading.records[0];
        assert_eq!(record.source_geometry.as_deref(), Some(SQUARE));
        assert_eq!(record.geometry.as_ref().map(|g| g.0.len()), Some(1));
        assert_eq!(record.place.to_string(), "a.geojson, feature 1 (line 3)");
        assert_eq!(reading.columns, ["code"]);
    }

    #[test]
    fn a_broken_feature_is_named_by_number_line_and_column_and_the_others_are_read() {
        let text = collection(&format!(
            "{},\n{{\"type\":\"Feature\",\"properties\":7,\"geometry\":null}},\n{}",
            feature(SQUARE),
            feature("null")
        ));
        let reading = read("a.geojson", text.as_bytes(), WhenEmpty::Refuse).unwrap();
        assert_eq!(reading.records.len(), 2);
        assert_eq!(reading.records[1].geometry, None);
        let fault = reading.faults[0].to_string();
        assert!(fault.starts_with("a.geojson, feature 2 (line 4, column "), "{fault}");
    }

    #[test]
    fn other_geometries_open_rings_and_short_positions_are_faults() {
        assert!(only_fault(r#"{"type":"Point","coordinates":[1,2]}"#).contains("the geometry is a Point"));
        let open = r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1]]]}"#;
        assert!(only_fault(open).contains("polygon 1, ring 1 is not closed"));
        assert!(only_fault(r#"{"type":"Polygon","coordinates":[]}"#).contains("has no rings"));
        assert!(only_fault(r#"{"type":"Polygon","coordinates":[[[0,0],[1],[1,1],[0,0]]]}"#).contains("feature 1"));
        let deep = format!("{{\"type\":\"Polygon\",\"coordinates\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert!(only_fault(&deep).contains("nested too deeply"));
    }

    #[test]
    fn a_reference_system_in_metres_or_unknown_is_refused() {
        let with = |crs: &str| {
            collection(&feature(SQUARE)).replacen("\"features\"", &format!("\"crs\":{crs},\"features\""), 1)
        };
        let named = |name: &str| with(&format!(r#"{{"type":"name","properties":{{"name":"{name}"}}}}"#));
        assert!(error(&named("EPSG:4548")).contains("EPSG:4548"));
        assert!(error(&with("null")).contains("says null"));
        for good in KNOWN_CRS {
            assert!(read("a.geojson", named(good).as_bytes(), WhenEmpty::Refuse).is_ok(), "{good}");
        }
    }

    #[test]
    fn an_empty_collection_is_refused_unless_asked_for() {
        let text = collection("");
        assert!(error(&text).contains("the collection is empty"));
        assert!(read("a.geojson", text.as_bytes(), WhenEmpty::Accept).unwrap().records.is_empty());
        assert!(error(r#"{"type":"Feature","features":[]}"#).contains("expected a FeatureCollection"));
        assert!(error("{\"type\":\n oops}").starts_with("a.geojson (line 2, column"));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(corners in prop::collection::vec((116.3..116.6f64, 39.8..40.1f64), 1..6)) {
            let squares: Vec<MultiPolygon> = corners
                .into_iter()
                .map(|(x, y)| {
                    let side = 0.001;
                    MultiPolygon::from(geo::Rect::new((x, y), (x + side, y + side)).to_polygon())
                })
                .collect();
            let features = squares.iter().map(|square| FeatureText {
                id: Some(7),
                geometry: Some(geometry_text(square)),
                properties: Map::from_iter([("name".to_owned(), Value::from("枣营北里"))]),
            });
            let mut bytes = Vec::new();
            write(&mut bytes, features).unwrap();
            prop_assert_eq!(bytes.iter().filter(|b| **b == b'\n').count(), squares.len() + 2);
            let reading = read("a.geojson", &bytes, WhenEmpty::Refuse).unwrap();
            prop_assert!(reading.faults.is_empty());
            for (square, record) in squares.iter().zip(&reading.records) {
                let read = record.geometry.as_ref().unwrap();
                for (a, b) in geo::CoordsIter::coords_iter(square).zip(geo::CoordsIter::coords_iter(read)) {
                    // serde_json reads a number to within one unit in the last place.
                    prop_assert!((a.x - b.x).abs() < 1e-13 && (a.y - b.y).abs() < 1e-13);
                }
            }
        }
    }
}
