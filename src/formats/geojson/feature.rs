//! The text of one feature (RFC 7946, 3.2) to its geometry and its values.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::formats::geojson::geometry::raw_geometry;
use crate::formats::geojson::text::Members;
use crate::formats::{Cell, Geometry};

/// A feature whose names are still those of its text.
#[derive(Debug)]
pub(super) struct Feature<'a> {
    pub geometry: Geometry,
    /// The member `id`, a text or a number.
    pub id: Cell,
    pub properties: Properties<'a>,
}

/// Reads the text of a feature.
///
/// Errors: a sentence on what is wrong. A geometry that cannot be read is no error.
pub(super) fn read(text: &str, keep_source: bool, depth_max: usize) -> Result<Feature<'_>, String> {
    let (mut kind, mut geometry, mut properties, mut id) = (None, None, None, None);
    let mut members = Members::new(text, depth_max);
    for (name, value) in members.by_ref() {
        match name {
            "type" => kind = Some(value),
            "geometry" => geometry = Some(value),
            "properties" => properties = Some(value),
            "id" => id = Some(value),
            _ => {}
        }
    }
    if !members.is_whole() {
        let err = serde_json::from_str::<de::IgnoredAny>(text).err();
        return Err(err.map_or_else(|| "expected a Feature, found no JSON object".to_owned(), |err| message(&err)));
    }
    if kind != Some("\"Feature\"") {
        return Err(format!("expected a Feature, found the type {}", kind.unwrap_or("null")));
    }
    let properties = properties.map_or(Ok(None), serde_json::from_str::<Option<Properties<'_>>>);
    let id = id.map_or(Ok(Cell::Empty), |id| serde_json::from_str::<JsonCell>(id).map(|cell| cell.0));
    let source = |text: &str| keep_source.then(|| text.into());
    Ok(Feature {
        geometry: geometry.map_or(Geometry::None, |text| raw_geometry(text, source(text))),
        id: id.map_err(|err| message(&err))?,
        properties: properties.map_err(|err| message(&err))?.unwrap_or_default(),
    })
}

/// What is wrong with a JSON text, without the place, which would be counted from the feature.
fn message(err: &serde_json::Error) -> String {
    let full = err.to_string();
    full.rsplit_once(" at line ").map_or(full.as_str(), |(message, _)| message).to_owned()
}

/// Names and values in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Properties<'a>(pub Vec<(Cow<'a, str>, Cell)>);

impl<'de: 'a, 'a> Deserialize<'de> for Properties<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PropertiesVisitor;
        impl<'de> Visitor<'de> for PropertiesVisitor {
            type Value = Properties<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of properties")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut properties = Vec::new();
                while let Some((Name(name), JsonCell(cell))) = map.next_entry()? {
                    properties.push((name, cell));
                }
                Ok(Properties(properties))
            }
        }
        deserializer.deserialize_map(PropertiesVisitor)
    }
}

/// A name, borrowed where the text has it without escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

/// A value as a cell: an array or an object is its JSON text without blanks.
struct JsonCell(Cell);

impl<'de> Deserialize<'de> for JsonCell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CellVisitor;
        impl<'de> Visitor<'de> for CellVisitor {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Cell, E> {
                Ok(Cell::Empty)
            }

            fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Cell, E> {
                Ok(Cell::Bool(yes))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Cell, E> {
                Ok(Cell::Integer(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Cell, E> {
                // A longer whole number is a code, and digits of a code must not be rounded off.
                Ok(i64::try_from(number).map_or_else(|_| Cell::Text(number.to_string().into()), Cell::Integer))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Cell, E> {
                Ok(Cell::Number(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Cell, E> {
                Ok(if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
                let mut values: Vec<Value> = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Cell::Text(Value::Array(values).to_string().into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
                let mut values = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    values.insert(name, value);
                }
                Ok(Cell::Text(Value::Object(values).to_string().into()))
            }
        }
        deserializer.deserialize_any(CellVisitor).map(JsonCell)
    }
}

/// A cell as JSON: a day is its text, a number that is none is null.
pub(super) fn json(cell: &Cell) -> Value {
    match cell {
        Cell::Empty => Value::Null,
        Cell::Text(text) => Value::from(text.as_ref()),
        Cell::Number(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
        Cell::Integer(number) => Value::from(*number),
        Cell::Bool(yes) => Value::from(*yes),
        Cell::Date(day) => Value::from(day.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(properties: &str) -> Vec<(String, Cell)> {
        let text = format!(r#"{{"type":"Feature","geometry":null,"properties":{properties}}}"#);
        let feature = read(&text, true, 64).unwrap();
        feature.properties.0.into_iter().map(|(name, cell)| (name.into_owned(), cell)).collect()
    }

    #[test]
    fn values_keep_their_types_and_nested_ones_are_json() {
        let found =
            cells(r#"{"a":"甲","b":1,"c":1.0,"d":true,"e":null,"f":"","g":[1, {"x":2}],"h\n":18446744073709551615}"#);
        let expected = [
            ("a", Cell::Text("甲".into())),
            ("b", Cell::Integer(1)),
            ("c", Cell::Number(1.0)),
            ("d", Cell::Bool(true)),
            ("e", Cell::Empty),
            ("f", Cell::Empty),
            ("g", Cell::Text(r#"[1,{"x":2}]"#.into())),
            ("h\n", Cell::Text("18446744073709551615".into())),
        ];
        assert_eq!(found, expected.map(|(name, cell)| (name.to_owned(), cell)));
        assert_eq!(cells("null"), []);
    }

    #[test]
    fn what_is_no_feature_is_told() {
        let why = |text: &str| read(text, true, 64).unwrap_err();
        assert_eq!(why(r#"{"type":"Point"}"#), "expected a Feature, found the type \"Point\"");
        assert_eq!(why("[]"), "expected a Feature, found no JSON object");
        assert_eq!(why(r#"{"type":"Feature","properties":{"a":1e999}}"#), "number out of range");
        assert!(why(r#"{"type":"Feature","properties":7}"#).contains("an object of properties"));
        assert!(why(r#"{"type":"Feature","geo"#).contains("EOF"));
    }

    #[test]
    fn the_source_of_a_geometry_is_kept_byte_for_byte_when_asked_for() {
        let source = r#"{ "coordinates":[[[0,0],[1,0], [1,1],[0,0]]],"type":"Polygon" }"#;
        let text = format!(r#"{{"type":"Feature","id":"A-1","geometry":{source},"properties":{{}}}}"#);
        let feature = read(&text, true, 64).unwrap();
        assert_eq!(feature.id, Cell::Text("A-1".into()));
        assert!(matches!(feature.geometry, Geometry::Shape { source: Some(kept), .. } if &*kept == source));
        assert!(matches!(read(&text, false, 64).unwrap().geometry, Geometry::Shape { source: None, .. }));
    }
}
