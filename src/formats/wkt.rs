//! Well-known text (OGC 06-103r4, clause 7) to raw shapes and back.
//!
//! Read by hand because the usual parsers close rings, and an unclosed ring is a finding. Z and M are left out; curves,
//! surfaces and collections of anything but polygons are not read.

use std::fmt::Write as _;

use geo::{Coord, MultiPolygon, Polygon};

use crate::geom::{RawPolygon, RawRing, RawShape};

/// Collections within collections.
const DEPTH_MAX: usize = 8;

/// Names a well-known text begins with, longest first where one begins another.
const NAMES: [&str; 7] =
    ["MULTIPOLYGON", "MULTILINESTRING", "MULTIPOINT", "GEOMETRYCOLLECTION", "POLYGON", "LINESTRING", "POINT"];

/// Kinds that are known for geometry but not read: a row with one is told, not overlooked.
const UNREAD: [&str; 8] = [
    "CURVEPOLYGON",
    "MULTISURFACE",
    "MULTICURVE",
    "COMPOUNDCURVE",
    "CIRCULARSTRING",
    "POLYHEDRALSURFACE",
    "TRIANGLE",
    "TIN",
];

/// Whether a text looks like well-known text, perhaps with `SRID=…;` before it (EWKT).
pub fn looks_like(text: &str) -> bool {
    let (_, body) = split_srid(text);
    let begins = |name: &&str| body.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
    let Some(name) = NAMES.iter().chain(&UNREAD).find(|name| begins(name)) else { return false };
    let rest = body[name.len()..].trim_start();
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).take(6).collect();
    match word.to_ascii_uppercase().as_str() {
        "" => rest.starts_with('('),
        word => ["Z", "M", "ZM", "EMPTY"].contains(&word),
    }
}

/// The EPSG code before the text, as PostGIS writes it, and the text itself. Code 0 says that it is not known.
pub fn split_srid(text: &str) -> (Option<u32>, &str) {
    let text = text.trim();
    let prefix = text.get(..5).filter(|prefix| prefix.eq_ignore_ascii_case("SRID="));
    match prefix.and_then(|_| text[5..].split_once(';')) {
        Some((code, body)) => (code.trim().parse().ok().filter(|code| *code != 0), body.trim_start()),
        None => (None, text),
    }
}

/// Reads a geometry without a code before it; `None` for an empty one. Positions x before y as in the text, rings as they
/// are.
///
/// Errors: a sentence on what is wrong and at which byte.
pub fn read(text: &str) -> Result<Option<RawShape>, String> {
    let mut parser = Parser { text, at: 0 };
    let shape = parser.geometry(0)?;
    parser.blanks();
    if parser.at < text.len() {
        return Err(parser.fault("the end of the text"));
    }
    Ok(shape)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn geometry(&mut self, depth: usize) -> Result<Option<RawShape>, String> {
        let name = self.word().to_ascii_uppercase();
        let mut next = self.peek_word().to_ascii_uppercase();
        if matches!(next.as_str(), "Z" | "M" | "ZM") {
            self.word();
            next = self.peek_word().to_ascii_uppercase();
        }
        let name = name.strip_suffix("ZM").or(name.strip_suffix(['Z', 'M'])).unwrap_or(&name);
        if !NAMES.contains(&name) {
            return Err(format!("{name:?} is not a kind of geometry that can be read"));
        }
        if next == "EMPTY" {
            self.word();
            return Ok(None);
        }
        Ok(Some(match name {
            "POINT" => RawShape::Points(self.list(Self::position)?),
            "MULTIPOINT" => RawShape::Points(self.list(Self::point)?),
            "LINESTRING" => RawShape::Lines(vec![self.list(Self::position)?]),
            "MULTILINESTRING" => RawShape::Lines(self.list(|parser| parser.list(Self::position))?),
            "POLYGON" => RawShape::Polygons(vec![self.polygon()?]),
            "MULTIPOLYGON" => RawShape::Polygons(self.list(Self::polygon)?),
            _ => return self.collection(depth),
        }))
    }

    fn collection(&mut self, depth: usize) -> Result<Option<RawShape>, String> {
        if depth == DEPTH_MAX {
            return Err(format!("collections are nested more than {DEPTH_MAX} deep"));
        }
        let members = self.list(|parser| parser.geometry(depth + 1))?;
        let mut polygons = Vec::new();
        for member in members.into_iter().flatten() {
            match member {
                RawShape::Polygons(more) => polygons.extend(more),
                _ => return Err("the collection holds other things than polygons".to_owned()),
            }
        }
        Ok((!polygons.is_empty()).then_some(RawShape::Polygons(polygons)))
    }

    fn polygon(&mut self) -> Result<RawPolygon, String> {
        if self.peek_word().eq_ignore_ascii_case("EMPTY") {
            self.word();
            return Ok(RawPolygon::default());
        }
        Ok(RawPolygon { rings: self.list(Self::ring)? })
    }

    fn ring(&mut self) -> Result<RawRing, String> {
        self.list(Self::position)
    }

    /// A member of a MULTIPOINT, with brackets of its own or without.
    fn point(&mut self) -> Result<Coord, String> {
        self.blanks();
        if !self.text[self.at..].starts_with('(') {
            return self.position();
        }
        match self.list(Self::position)?.as_slice() {
            [only] => Ok(*only),
            _ => Err(self.fault("one position")),
        }
    }

    fn position(&mut self) -> Result<Coord, String> {
        let (x, y) = (self.number()?, self.number()?);
        // Z and M.
        for _ in 0..2 {
            self.blanks();
            if self.text[self.at..].starts_with([',', ')']) {
                break;
            }
            self.number()?;
        }
        Ok(Coord { x, y })
    }

    fn number(&mut self) -> Result<f64, String> {
        self.blanks();
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let number = rest[..end].parse::<f64>().map_err(|_| self.fault("a number"))?;
        if !number.is_finite() {
            return Err(format!("the number at byte {} is too large", self.at + 1));
        }
        self.at += end;
        Ok(number)
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, String>) -> Result<Vec<T>, String> {
        self.expect('(')?;
        let mut items = vec![item(self)?];
        loop {
            self.blanks();
            if self.text[self.at..].starts_with(',') {
                self.at += 1;
                items.push(item(self)?);
            } else {
                self.expect(')')?;
                return Ok(items);
            }
        }
    }

    fn expect(&mut self, wanted: char) -> Result<(), String> {
        self.blanks();
        if !self.text[self.at..].starts_with(wanted) {
            return Err(self.fault(&format!("{wanted:?}")));
        }
        self.at += wanted.len_utf8();
        Ok(())
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn peek_word(&mut self) -> &str {
        self.blanks();
        let rest = &self.text[self.at..];
        &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())]
    }

    fn word(&mut self) -> String {
        let word = self.peek_word().to_owned();
        self.at += word.len();
        word
    }

    fn fault(&self, wanted: &str) -> String {
        match self.text[self.at..].chars().next() {
            Some(found) => format!("expected {wanted} at byte {}, found {found:?}", self.at + 1),
            None => format!("expected {wanted}, but the text ends"),
        }
    }
}

/// Text of a boundary: a POLYGON when it has one part, a MULTIPOLYGON otherwise. Numbers have the fewest digits that read
/// back as the same.
pub fn write(boundary: &MultiPolygon) -> String {
    let mut text = String::new();
    match boundary.0.as_slice() {
        [] => text.push_str("MULTIPOLYGON EMPTY"),
        [only] => {
            text.push_str("POLYGON ");
            push_polygon(&mut text, only);
        }
        several => {
            text.push_str("MULTIPOLYGON (");
            for (at, polygon) in several.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                push_polygon(&mut text, polygon);
            }
            text.push(')');
        }
    }
    text
}

fn push_polygon(text: &mut String, polygon: &Polygon) {
    text.push('(');
    for (at, ring) in std::iter::once(polygon.exterior()).chain(polygon.interiors()).enumerate() {
        text.push_str(if at == 0 { "(" } else { ", (" });
        for (at, Coord { x, y }) in ring.0.iter().enumerate() {
            // Writing into a String cannot fail.
            let _ = write!(text, "{}{x} {y}", if at == 0 { "" } else { ", " });
        }
        text.push(')');
    }
    text.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rings(shape: RawShape) -> Vec<Vec<RawRing>> {
        let RawShape::Polygons(polygons) = shape else { panic!("{shape:?}") };
        polygons.into_iter().map(|polygon| polygon.rings).collect()
    }

    #[test]
    fn an_unclosed_ring_stays_unclosed_and_heights_are_left_out() {
        let shape = read(" polygon z ((0 0 7, 1 0 7,1 1 7 , 0 1 7)) ").unwrap().unwrap();
        assert_eq!(rings(shape)[0][0].len(), 4);
        assert_eq!(read("MULTIPOINTZ((1 2 3),(4 5 6))"), read("MULTIPOINT (1 2, 4 5)"));
        assert_eq!(read("MultiPolygon EMPTY"), Ok(None));
        let both = "GEOMETRYCOLLECTION(POLYGON((0 0,1 0,1 1)),MULTIPOLYGON(((2 2,3 2,3 3)),((4 4,5 4,5 5))))";
        assert_eq!(rings(read(both).unwrap().unwrap()).len(), 3);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let why = |text: &str| read(text).unwrap_err();
        assert_eq!(why("POLYGON((0 0, 1 x))"), "expected a number at byte 17, found 'x'");
        assert_eq!(why("POLYGON((0 0, 1 1)"), "expected ')', but the text ends");
        assert_eq!(why("POINT(1 2) rest"), "expected the end of the text at byte 12, found 'r'");
        assert!(why("POLYGON((0 0, 1e999 0))").contains("too large"));
        assert!(why("CIRCULARSTRING(0 0, 1 1)").contains("not a kind of geometry"));
        assert!(why("GEOMETRYCOLLECTION(POINT(1 1))").contains("other things than polygons"));
        assert!(why(&"GEOMETRYCOLLECTION(".repeat(100_000)).contains("nested"));
        assert!(why(&"(".repeat(100_000)).contains("not a kind"));
    }

    #[test]
    fn a_code_before_the_text_is_split_off() {
        assert_eq!(split_srid("SRID=4548;POINT(1 2)"), (Some(4548), "POINT(1 2)"));
        assert_eq!(split_srid("srid=0; POINT(1 2)"), (None, "POINT(1 2)"));
        assert_eq!(split_srid("POINT(1 2)"), (None, "POINT(1 2)"));
        assert!(looks_like("SRID=4548;MULTIPOLYGON (((0 0))))") && looks_like("polygon((0 0"));
        assert!(!looks_like("POINTS OF INTEREST") && !looks_like("点") && !looks_like("pointer (1)"));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(x: f64, y: f64, side in 1e-9..1e9f64) {
            prop_assume!(x.is_finite() && y.is_finite());
            let square = geo::Polygon::new(
                geo::LineString::from(vec![(x, y), (x + side, y), (x, y + side), (x, y)]), vec![]);
            for boundary in [MultiPolygon(vec![square.clone()]), MultiPolygon(vec![square.clone(), square])] {
                let read = rings(read(&write(&boundary)).unwrap().unwrap());
                prop_assert_eq!(read.len(), boundary.0.len());
                for (read, written) in read.iter().zip(&boundary.0) {
                    prop_assert_eq!(&read[0], &written.exterior().0);
                }
            }
        }

        #[test]
        fn any_text_is_taken(text in "(SRID=[0-9]*;)?(POLYGON|MULTIPOINT|)[ (),.0-9eEMPTYZ枣-]{0,40}") {
            let _ = read(split_srid(&text).1);
            looks_like(&text);
        }
    }
}
