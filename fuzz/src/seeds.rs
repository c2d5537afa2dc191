//! Valid files of every format, made by the program's own writers.

use std::io::{Cursor, Read as _};

use geo::{LineString, MultiPolygon, Polygon};
use jiff::civil::date;
use rusqlite::Connection;
use zip::ZipArchive;

use crate::formats::{Cell, Export, ExportRow, FileFormat, wkt, write};
use crate::parts;

/// A target and the pieces of bytes it begins with.
pub type Seeds = (&'static str, Vec<Vec<u8>>);

/// The seeds of every target.
pub fn all() -> Vec<Seeds> {
    let both = |format: FileFormat| [1, 4].map(|rows| file(format, rows)).to_vec();
    let texts = |format: FileFormat| {
        let mut seeds = both(format);
        seeds.extend(both(format).iter().map(|text| gbk(text)));
        seeds
    };
    let unpacked = |format: FileFormat| {
        let pieces = both(format).into_iter().map(|archive| {
            let files = entries(archive);
            parts::join(files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))
        });
        pieces.collect::<Vec<_>>()
    };
    let archives = [FileFormat::Shapefile, FileFormat::Kmz, FileFormat::Xlsx].into_iter().flat_map(both).collect();
    let outlines = || (1..4).map(boundary);
    vec![
        ("archive", archives),
        ("csv", texts(FileFormat::Csv)),
        ("flatgeobuf", both(FileFormat::FlatGeobuf)),
        ("geojson", both(FileFormat::GeoJson)),
        ("geojson_sequence", both(FileFormat::GeoJsonSeq)),
        ("geopackage", both(FileFormat::GeoPackage)),
        ("geopackage_geometry", blobs()),
        ("kml", texts(FileFormat::Kml)),
        ("kmz", both(FileFormat::Kmz)),
        ("mixed", [unpacked(FileFormat::Shapefile), mixed()].concat()),
        ("shapefile", unpacked(FileFormat::Shapefile)),
        ("workbook", unpacked(FileFormat::Xlsx)),
        ("wkt", outlines().map(|outline| wkt::write(&outline).into_bytes()).collect()),
    ]
}

/// A GeoPackage of our own, in memory, that can be changed.
pub fn open_geopackage() -> Connection {
    let bytes = file(FileFormat::GeoPackage, 1);
    let mut database = Connection::open_in_memory().expect("SQLite has room");
    let size = bytes.len();
    database.deserialize_read_exact("main", Cursor::new(bytes), size, false).expect("our own GeoPackage is a database");
    database
}

/// A file of so many areas; the first has a hole and the last has no place.
fn file(format: FileFormat, rows: usize) -> Vec<u8> {
    let columns = ["foreign_code", "name", "street", "households", "fee", "demo", "from"].map(str::to_owned);
    let row = |number: usize| ExportRow {
        cells: vec![
            Cell::Text(format!("X-{number:04}").into()),
            Cell::Text(format!("枣营北里{number}号院, \"<&>\"").into()),
            Cell::Text("麦子店街道".into()),
            Cell::Integer(100 + number as i64),
            if number == 2 { Cell::Empty } else { Cell::Number(2.5) },
            Cell::Bool(number % 2 == 0),
            Cell::Date(date(2026, 1, 1)),
        ],
        boundary: (number != 3).then(|| boundary(number + 1)),
    };
    let mut rows = (0..rows).map(row);
    let export =
        Export { name: "areas", columns: &columns, rows: &mut rows, crs_epsg: 4326, about: "示意 · 演示" };
    write::write(format, export).expect("every format holds this")
}

/// So many parts, the first with a hole.
fn boundary(parts: usize) -> MultiPolygon {
    let square = |x: f64, y: f64, side: f64| {
        LineString::from(vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)])
    };
    let part = |number: usize| {
        let (x, y) = (116.45 + 0.01 * number as f64, 39.92);
        let holes = if number == 0 { vec![square(x + 0.0005, y + 0.0005, 0.0005)] } else { Vec::new() };
        Polygon::new(square(x, y, 0.002), holes)
    };
    MultiPolygon::new((0..parts).map(part).collect())
}

/// The same text in the encoding of older programs.
fn gbk(text: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(text).replace("UTF-8", "GBK");
    encoding_rs::GBK.encode(text.trim_start_matches('\u{feff}')).0.into_owned()
}

/// Files of an archive by their names.
fn entries(archive: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).expect("our own archive can be read");
    let count = archive.len();
    let entry = |index: usize| {
        let mut file = archive.by_index(index).expect("our own archive can be read");
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("our own archive can be read");
        (file.name().expect("our own names are texts").into_owned(), bytes)
    };
    (0..count).map(entry).collect()
}

/// Geometries as a GeoPackage holds them.
fn blobs() -> Vec<Vec<u8>> {
    let database = Connection::open_in_memory().and_then(|mut database| {
        let bytes = file(FileFormat::GeoPackage, 3);
        let size = bytes.len();
        database.deserialize_read_exact("main", Cursor::new(bytes), size, true)?;
        Ok(database)
    });
    let read = database.and_then(|database| {
        let mut statement = database.prepare("SELECT geom FROM areas")?;
        statement.query_map([], |row| row.get(0))?.collect()
    });
    read.expect("our own GeoPackage is a database")
}

/// Deliveries of several files.
fn mixed() -> Vec<Vec<u8>> {
    let (csv, json, kml) = (file(FileFormat::Csv, 2), file(FileFormat::GeoJson, 1), file(FileFormat::Kml, 1));
    let remark = "枣营北里".as_bytes();
    vec![
        parts::join([("a.csv", csv.as_slice()), ("b.geojson", json.as_slice()), ("c.kml", kml.as_slice())]),
        parts::join([("a.tsv", csv.as_slice()), ("readme.txt", remark), ("empty.csv", b"".as_slice())]),
    ]
}
