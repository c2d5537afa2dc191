//! What a file is, by its first bytes and its name.

use encoding_rs::Encoding;

use crate::formats::FileFormat;

/// First bytes of a file that tell what it is.
pub const HEAD_BYTES: usize = 64 << 10;

/// Ending of the parts of a shapefile that are read.
const SHAPEFILE_PARTS: [&str; 5] = ["shp", "shx", "dbf", "prj", "cpg"];

/// Endings of files that lie beside a shapefile and are not needed.
const SIDE_FILES: [&str; 10] = ["sbn", "sbx", "qix", "qpj", "qmd", "qml", "fbn", "fbx", "ain", "aih"];

/// Beginnings of formats that are not read: bytes, and what to deliver instead.
const REFUSED: [(&[u8], &str); 13] = [
    (b"Rar!\x1a\x07", "this is a RAR archive; pack the files as ZIP"),
    (b"7z\xbc\xaf\x27\x1c", "this is a 7z archive; pack the files as ZIP"),
    (b"\x1f\x8b", "this is a gzip archive; pack the files as ZIP"),
    (b"AC10", "this is a DWG drawing; export the boundaries as Shapefile, GeoPackage or GeoJSON"),
    (b"%PDF", "this is a PDF; deliver the table or the boundaries it was made from"),
    (b"\x89PNG", "this is a picture; deliver the boundaries as Shapefile, GeoPackage or GeoJSON"),
    (b"\xff\xd8\xff", "this is a picture; deliver the boundaries as Shapefile, GeoPackage or GeoJSON"),
    (b"II*\0", "this is a picture; deliver the boundaries as Shapefile, GeoPackage or GeoJSON"),
    (b"MM\0*", "this is a picture; deliver the boundaries as Shapefile, GeoPackage or GeoJSON"),
    (b"\0\x01\0\0Standard ", "this is an Access database; export its tables as .xlsx or CSV, its layers as GeoPackage"),
    (b"AutoCAD Binary DXF", "this is a DXF drawing; export the boundaries as Shapefile, GeoPackage or GeoJSON"),
    (b"{\\rtf", "this is a text document; deliver the table as .xlsx or CSV"),
    (b"PAR1", "this is a Parquet file; deliver GeoPackage or GeoJSON"),
];

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sniffed {
    /// A file of its own.
    Format(FileFormat),
    /// A part of a shapefile.
    ShapefilePart,
    /// A ZIP archive: a workbook, a KMZ or files of any format.
    Zip,
    /// A text that may be a table, or a remark to the data beside it.
    Document,
    /// Of a format that is not read; what to deliver instead.
    Unsupported(&'static str),
    /// Without a byte.
    Empty,
}

impl Sniffed {
    /// Whether it holds records, as far as can be told.
    pub fn is_data(self) -> bool {
        matches!(self, Self::Format(_) | Self::ShapefilePart | Self::Zip)
    }

    /// Whether it is read together with others of its name.
    pub fn is_part(self) -> bool {
        self == Self::ShapefilePart
    }
}

/// Tells what a file is from its name and its first few kilobytes. Bytes that say what they are come before the name.
pub fn sniff(name: &str, head: &[u8]) -> Sniffed {
    let extension = extension(name);
    if head.is_empty() {
        return Sniffed::Empty;
    }
    if let Some((_, message)) = REFUSED.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Sniffed::Unsupported(message);
    }
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => return Sniffed::Zip,
        [b'f', b'g', b'b', _, b'f', b'g', b'b', ..] => return Sniffed::Format(FileFormat::FlatGeobuf),
        [0, 0, 0x27, 0x0a, ..] if extension != "shx" && extension != "shp" => {
            return Sniffed::Unsupported("this is a part of a shapefile under another name; name it .shp or .shx");
        }
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return Sniffed::Unsupported(compound(name, head)),
        _ if head.starts_with(b"SQLite format 3\0") => return Sniffed::Format(FileFormat::GeoPackage),
        _ => {}
    }
    if SHAPEFILE_PARTS.contains(&extension.as_str()) {
        return Sniffed::ShapefilePart;
    }
    if SIDE_FILES.contains(&extension.as_str()) || name.to_lowercase().ends_with(".shp.xml") {
        return Sniffed::Unsupported("this file only goes with a shapefile; deliver .shp, .shx, .dbf, .prj and .cpg");
    }
    text(&extension, head)
}

/// What a file of the container of old Office documents is.
fn compound(name: &str, head: &[u8]) -> &'static str {
    let locked: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let extension = extension(name);
    if extension == "xlsx" || head.windows(locked.len()).any(|window| window == locked) {
        "the workbook is protected by a password; save it without one"
    } else if extension == "xls" || extension == "et" {
        "this is an old workbook (.xls); save it as .xlsx"
    } else {
        "this is an old Office document; deliver tables as .xlsx"
    }
}

fn text(extension: &str, head: &[u8]) -> Sniffed {
    let wide = Encoding::for_bom(head).is_some_and(|(encoding, _)| !encoding.is_ascii_compatible());
    if !wide && head.contains(&0) {
        return Sniffed::Unsupported(
            "the format is not known; deliver GeoJSON, Shapefile, GeoPackage, KML, FlatGeobuf, CSV or .xlsx",
        );
    }
    // Only ASCII is looked for: of UTF-16 every other byte.
    let plain: Vec<u8> = if wide { head.iter().copied().filter(|b| *b != 0).collect() } else { head.to_vec() };
    let body = plain.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&plain);
    let body = if wide { body.get(2..).unwrap_or_default() } else { body };
    let begins = body.iter().position(|b| !b.is_ascii_whitespace()).map_or(&[][..], |at| &body[at..]);
    match begins.first() {
        None => Sniffed::Empty,
        Some(0x1e) => Sniffed::Format(FileFormat::GeoJsonSeq),
        Some(b'{') => Sniffed::Format(json(extension, begins)),
        Some(b'<') => markup(begins),
        Some(b'[') if extension.ends_with("json") => {
            Sniffed::Unsupported("this is a JSON list; deliver a GeoJSON FeatureCollection, or one feature a line")
        }
        _ if is_dxf(begins) => {
            Sniffed::Unsupported("this is a DXF drawing; export the boundaries as Shapefile, GeoPackage or GeoJSON")
        }
        _ => match extension {
            "tab" | "mif" | "mid" => {
                Sniffed::Unsupported("this is a MapInfo file; export it as Shapefile or GeoPackage")
            }
            "txt" | "md" | "log" | "" => Sniffed::Document,
            _ => Sniffed::Format(FileFormat::Csv),
        },
    }
}

/// One feature a line, or one object: in a sequence the first line is whole, and another follows.
fn json(extension: &str, begins: &[u8]) -> FileFormat {
    let named = ["geojsonl", "geojsons", "ndjson", "jsonl", "ndgeojson"].contains(&extension);
    let mut lines = begins.split(|b| *b == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let whole = first.ends_with(b"}") && serde_json::from_slice::<serde::de::IgnoredAny>(first).is_ok();
    let follows = lines.next().is_some_and(|line| line.starts_with(b"{"));
    if named || (whole && follows) { FileFormat::GeoJsonSeq } else { FileFormat::GeoJson }
}

fn markup(begins: &[u8]) -> Sniffed {
    let has = |tag: &[u8]| begins.windows(tag.len()).any(|window| window.eq_ignore_ascii_case(tag));
    if has(b"<kml") {
        return Sniffed::Format(FileFormat::Kml);
    }
    Sniffed::Unsupported(if has(b"<html") || has(b"<table") {
        "this is a web page, perhaps a table saved as .xls; save it as .xlsx"
    } else if has(b"gml") {
        "this is GML; export it as GeoPackage, GeoJSON or Shapefile"
    } else {
        "this is XML of an unknown kind; deliver GeoJSON, Shapefile, GeoPackage, KML, FlatGeobuf, CSV or .xlsx"
    })
}

/// The first group of a drawing: code 0, `SECTION`; remarks of code 999 may come first.
fn is_dxf(begins: &[u8]) -> bool {
    let mut lines = begins.split(|b| *b == b'\n').map(<[u8]>::trim_ascii);
    loop {
        match (lines.next(), lines.next()) {
            (Some(b"999"), Some(_)) => {}
            (Some(b"0"), Some(b"SECTION")) => return true,
            _ => return false,
        }
    }
}

/// The ending of a name in small letters, without its dot.
pub(super) fn extension(name: &str) -> String {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_lowercase())
}

/// The name without its ending, with folders.
pub(super) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_come_before_the_name() {
        let format = |name: &str, head: &[u8]| match sniff(name, head) {
            Sniffed::Format(format) => format,
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(format("a.csv", b"SQLite format 3\0"), FileFormat::GeoPackage);
        assert_eq!(format("a.json", b"fgb\x03fgb\x01"), FileFormat::FlatGeobuf);
        assert_eq!(format("a.csv", b"\xEF\xBB\xBF {\"type\":\"FeatureCollection\""), FileFormat::GeoJson);
        assert_eq!(format("a.geojson", b"{\"a\":1}\n{\"a\":2}\n"), FileFormat::GeoJsonSeq);
        assert_eq!(format("a.geojsonl", b"{\"a\":1}\n"), FileFormat::GeoJsonSeq);
        assert_eq!(format("a.geojson", b"{\"a\":1}\n"), FileFormat::GeoJson);
        assert_eq!(format("a.txt", b"\x1e{}"), FileFormat::GeoJsonSeq);
        assert_eq!(format("a.xml", b"<?xml version='1.0'?><kml>"), FileFormat::Kml);
        assert_eq!(format("a.tsv", b"a\tb"), FileFormat::Csv);
        assert_eq!(sniff("a.xlsx", b"PK\x03\x04"), Sniffed::Zip);
        assert_eq!(sniff("A.SHP", b"\0\0\x27\x0a"), Sniffed::ShapefilePart);
        assert_eq!(sniff("a.DBF", b"\x03"), Sniffed::ShapefilePart);
        assert_eq!(sniff("readme.txt", b"hello"), Sniffed::Document);
        assert_eq!(sniff("a.csv", b""), Sniffed::Empty);
        assert_eq!(sniff("a.csv", b" \r\n"), Sniffed::Empty);
        let wide: Vec<u8> = "\u{feff}{\"type\"".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(format("a.geojson", &wide), FileFormat::GeoJson);
    }

    #[test]
    fn what_is_not_read_is_told_with_what_to_deliver() {
        let told = |name: &str, head: &[u8]| match sniff(name, head) {
            Sniffed::Unsupported(message) => message,
            other => panic!("{name}: {other:?}"),
        };
        assert!(told("a.dwg", b"AC1032\0").contains("DWG"));
        assert!(told("a.dxf", b"999\r\nmade by hand\r\n  0\r\nSECTION\r\n").contains("DXF"));
        assert!(told("a.rar", b"Rar!\x1a\x07\x01\0").contains("ZIP"));
        assert!(told("a.7z", b"7z\xbc\xaf\x27\x1c").contains("ZIP"));
        assert!(told("a.pdf", b"%PDF-1.7").contains("PDF"));
        assert!(told("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1").contains("save it as .xlsx"));
        assert!(told("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1").contains("password"));
        assert!(told("a.xls", b"<html><table>").contains("web page"));
        assert!(told("a.bin", b"\x01\x02\0\0").contains("not known"));
        assert!(told("a.tab", b"!table\n").contains("MapInfo"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_something(name in ".{0,12}", head: Vec<u8>) {
            sniff(&name, &head);
        }
    }
}
