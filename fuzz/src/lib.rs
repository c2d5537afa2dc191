//! What the targets share: files made of fuzzed bytes, read as a delivery is, and what must hold of the answer.
//!
//! A target is a file in `src/bin`. The program of this package writes the files that each begins with.

#[path = "../../src/formats/mod.rs"]
pub mod formats;
#[path = "../../src/geom/raw.rs"]
pub mod geom;
pub mod parts;
pub mod seeds;

use std::collections::HashSet;
use std::io::{Cursor, Write as _};

use rusqlite::Connection;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::formats::{Dataset, FormatError, InputFile, Layer, ReadOptions};

/// Reads a delivery of one file.
pub fn read_file(name: &str, bytes: &[u8]) {
    read_files([(name, bytes)]);
}

/// Reads a delivery of these files, by names and bytes.
pub fn read_files<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
    let file =
        |(name, bytes): (&'a str, &'a [u8])| InputFile { name: name.to_owned(), bytes: Box::new(Cursor::new(bytes)) };
    let known_texts = ["麦子店街道", "三里屯街道"].map(str::to_owned).to_vec();
    let options = ReadOptions { known_texts, ..ReadOptions::default() };
    check(formats::read(files.into_iter().map(file).collect(), &options));
}

/// Reads a delivery of one archive with these files, which are not packed: what is fuzzed is what they hold.
pub fn read_archive<'a>(name: &str, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in files {
        // A name twice is refused by the writer.
        if archive.start_file(name, stored).is_ok() {
            archive.write_all(bytes).expect("memory can be written");
        }
    }
    let archive = archive.finish().expect("memory can be written").into_inner();
    read_file(name, &archive);
}

/// Reads a GeoPackage whose geometries are all these bytes.
pub fn read_geopackage_geometry(bytes: &[u8]) {
    thread_local! {
        static TEMPLATE: Connection = seeds::open_geopackage();
    }
    let file = TEMPLATE.with(|database| {
        database.execute("UPDATE areas SET geom = ?1", [bytes]).expect("the table of our own writer takes any bytes");
        database.serialize("main").expect("a database in memory has bytes").to_vec()
    });
    read_file("areas.gpkg", &file);
}

/// What the documents of the readers promise of every answer.
fn check(answer: Result<Dataset, FormatError>) {
    let dataset = match answer {
        Ok(dataset) => dataset,
        Err(err) => return assert!(!err.to_string().is_empty()),
    };
    assert!(!dataset.layers.is_empty() || !dataset.faults.is_empty(), "neither a layer nor a fault");
    dataset.layers.iter().for_each(check_layer);
    assert!(dataset.faults.iter().all(|fault| !fault.to_string().is_empty()), "a fault without words");
}

fn check_layer(layer: &Layer) {
    let names: HashSet<&str> = layer.columns.iter().map(String::as_str).collect();
    assert_eq!(names.len(), layer.columns.len(), "a column twice: {:?}", layer.columns);
    for record in &layer.records {
        assert!(record.cells.len() <= layer.columns.len(), "{}: more cells than columns", layer.place(record));
    }
}
