//! A GeoJSON geometry (RFC 7946, 3.1) to a raw shape: nothing closed, turned or dropped but a third coordinate.

use geo::Coord;

use crate::formats::geojson::text::Members;
use crate::formats::{Geometry, Source};
use crate::geom::{RawPolygon, RawShape};

/// Collections within collections.
const COLLECTIONS_MAX: usize = 8;

/// Nesting within a geometry that is walked over to find its members.
const DEPTH_MAX: usize = 64;

/// The geometry of a text: none for `null` and for empty coordinates.
pub(crate) fn raw_geometry(text: &str, source: Option<Source>) -> Geometry {
    match read_shape(text) {
        Ok(Some(shape)) if shape.coords().next().is_some() => Geometry::Shape { shape, source },
        Ok(_) => Geometry::None,
        Err(why) => Geometry::Unreadable { why },
    }
}

/// Reads the text of a geometry; `None` for `null`.
///
/// Errors: a sentence on what is wrong.
pub(super) fn read_shape(text: &str) -> Result<Option<RawShape>, String> {
    shape(text.trim(), 0)
}

fn shape(text: &str, depth: usize) -> Result<Option<RawShape>, String> {
    if text == "null" {
        return Ok(None);
    }
    let (mut kind, mut coordinates, mut geometries) = (None, None, None);
    let mut members = Members::new(text, DEPTH_MAX);
    for (name, value) in members.by_ref() {
        match name {
            "type" => kind = Some(value),
            "coordinates" => coordinates = Some(value),
            "geometries" => geometries = Some(value),
            _ => {}
        }
    }
    if !members.is_whole() {
        return Err("the geometry is not a JSON object, or is nested too deeply".to_owned());
    }
    let kind = kind.and_then(|kind| kind.strip_prefix('"')?.strip_suffix('"'));
    let kind = kind.ok_or_else(|| "the geometry has no type".to_owned())?;
    if kind == "GeometryCollection" {
        return collection(geometries.ok_or_else(|| "the collection has no geometries".to_owned())?, depth);
    }
    let known = ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"];
    if !known.contains(&kind) {
        return Err(format!("{kind:?} is not a type of geometry"));
    }
    let text = coordinates.ok_or_else(|| format!("the {kind} has no coordinates"))?;
    if text == "null" {
        return Ok(None);
    }
    let mut parser = Parser { bytes: text.as_bytes(), at: 0 };
    let shape = match kind {
        "Point" => RawShape::Points(parser.maybe_position()?.into_iter().collect()),
        "MultiPoint" => RawShape::Points(parser.positions()?),
        "LineString" => RawShape::Lines(vec![parser.positions()?]),
        "MultiLineString" => RawShape::Lines(parser.list(Parser::positions)?),
        "Polygon" => RawShape::Polygons(vec![parser.polygon()?]),
        _ => RawShape::Polygons(parser.list(Parser::polygon)?),
    };
    parser.end()?;
    Ok(Some(shape))
}

fn collection(text: &str, depth: usize) -> Result<Option<RawShape>, String> {
    if depth == COLLECTIONS_MAX {
        return Err(format!("collections are nested more than {COLLECTIONS_MAX} deep"));
    }
    let members: Vec<&serde_json::value::RawValue> =
        serde_json::from_str(text).map_err(|_| "the geometries are not a list".to_owned())?;
    let mut polygons = Vec::new();
    for member in members {
        match shape(member.get(), depth + 1)? {
            Some(RawShape::Polygons(more)) => polygons.extend(more),
            Some(_) => return Err("the collection holds other things than polygons".to_owned()),
            None => {}
        }
    }
    Ok((!polygons.is_empty()).then_some(RawShape::Polygons(polygons)))
}

/// A parser of nested lists of numbers.
struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn polygon(&mut self) -> Result<RawPolygon, String> {
        Ok(RawPolygon { rings: self.list(Self::positions)? })
    }

    fn positions(&mut self) -> Result<Vec<Coord>, String> {
        self.list(Self::position)
    }

    fn maybe_position(&mut self) -> Result<Option<Coord>, String> {
        let before = self.at;
        self.expect(b'[')?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(None);
        }
        self.at = before;
        self.position().map(Some)
    }

    fn position(&mut self) -> Result<Coord, String> {
        self.expect(b'[')?;
        let x = self.number()?;
        if self.peek() == Some(b']') {
            return Err("a position has 1 number, two are the least".to_owned());
        }
        self.expect(b',')?;
        let y = self.number()?;
        while self.peek() == Some(b',') {
            self.at += 1;
            self.number()?;
        }
        self.expect(b']')?;
        Ok(Coord { x, y })
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        self.expect(b'[')?;
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            match self.peek() {
                Some(b',') => self.at += 1,
                _ => {
                    self.expect(b']')?;
                    return Ok(items);
                }
            }
        }
    }

    fn number(&mut self) -> Result<f64, String> {
        self.peek();
        let rest = &self.bytes[self.at..];
        let inside = |b: &u8| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = rest.iter().position(|b| !inside(b)).unwrap_or(rest.len());
        let digits = std::str::from_utf8(&rest[..length]).unwrap_or_default();
        let number = digits.parse::<f64>().map_err(|_| self.fault("a number"))?;
        self.at += length;
        if number.is_finite() { Ok(number) } else { Err(format!("the number {digits} is too large")) }
    }

    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    fn expect(&mut self, wanted: u8) -> Result<(), String> {
        if self.peek() == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(self.fault(&format!("{:?}", char::from(wanted))))
    }

    fn end(&mut self) -> Result<(), String> {
        if self.peek().is_some() { Err(self.fault("the end of the coordinates")) } else { Ok(()) }
    }

    fn fault(&mut self, wanted: &str) -> String {
        match self.peek() {
            Some(b) if b.is_ascii_graphic() => format!("the coordinates have {:?} instead of {wanted}", char::from(b)),
            Some(_) => format!("the coordinates have something else than {wanted}"),
            None => format!("the coordinates end where {wanted} is needed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn why(text: &str) -> String {
        read_shape(text).unwrap_err()
    }

    #[test]
    fn rings_stay_as_they_are_and_heights_are_left_out() {
        let text = r#"{"coordinates":[ [[0,0,5],[1,0,5],[1,1.5e0 ,5]] ],"type":"Polygon"}"#;
        let Some(RawShape::Polygons(polygons)) = read_shape(text).unwrap() else { panic!() };
        assert_eq!(polygons[0].rings[0], [(0.0, 0.0), (1.0, 0.0), (1.0, 1.5)].map(Coord::from));
        assert_eq!(read_shape("null"), Ok(None));
        for empty in [r#"{"type":"MultiPolygon","coordinates":[]}"#, r#"{"type":"Point","coordinates":[]}"#, "null"] {
            assert_eq!(raw_geometry(empty, None), Geometry::None);
        }
    }

    #[test]
    fn a_collection_of_polygons_is_one_shape() {
        let triangle = r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}"#;
        let text = format!(r#"{{"type":"GeometryCollection","geometries":[{triangle},{triangle}]}}"#);
        let Some(RawShape::Polygons(polygons)) = read_shape(&text).unwrap() else { panic!() };
        assert_eq!(polygons.len(), 2);
        let mixed = text.replacen(triangle, r#"{"type":"Point","coordinates":[1,2]}"#, 1);
        assert_eq!(why(&mixed), "the collection holds other things than polygons");
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(
            why(r#"{"type":"Polygon","coordinates":[[[0,"x"]]]}"#),
            "the coordinates have '\"' instead of a number"
        );
        assert_eq!(why(r#"{"type":"Polygon","coordinates":[[[0,1e999]]]}"#), "the number 1e999 is too large");
        assert_eq!(why(r#"{"type":"Polygon","coordinates":[[[0]]]}"#), "a position has 1 number, two are the least");
        assert_eq!(why(r#"{"type":"Circle","coordinates":[0,0]}"#), "\"Circle\" is not a type of geometry");
        assert_eq!(why(r#"{"type":"Polygon"}"#), "the Polygon has no coordinates");
        assert!(why(&format!(r#"{{"type":"Polygon","coordinates":{}"#, "[".repeat(100_000))).contains("nested"));
        assert!(why("[1]").contains("not a JSON object"));
    }

    proptest! {
        #[test]
        fn any_coordinates_are_taken(coordinates in "[\\[\\],0-9.eE \"枣-]{0,40}", kind in "Point|Polygon|MultiPolygon|GeometryCollection") {
            let _ = read_shape(&format!("{{\"type\":\"{kind}\",\"coordinates\":{coordinates},\"geometries\":{coordinates}}}"));
        }
    }
}
