//! Good files of every format, and what becomes of them when they are cut off or bits fall over.

use std::io::{Cursor, Read as _};

use geo::{LineString, MultiPolygon, Polygon};
use onemap::formats::{self, Cell, Export, ExportRow, FileFormat};
use zip::ZipArchive;

use crate::hostile::{Answer, Case, Refusal, Rows};

/// Rows of [`valid`].
const ROWS: usize = 3;

fn boundary(number: usize) -> MultiPolygon {
    let (x, y) = (116.45 + 0.01 * number as f64, 39.92);
    let ring = vec![(x, y), (x + 0.002, y), (x + 0.002, y + 0.001), (x, y + 0.001), (x, y)];
    MultiPolygon::new(vec![Polygon::new(LineString::from(ring), vec![])])
}

/// A good file: three areas that lie apart, with codes, names and numbers of households.
pub(super) fn valid(format: FileFormat) -> Vec<u8> {
    let columns = ["foreign_code", "name", "street", "households"].map(str::to_owned);
    let row = |number: usize| ExportRow {
        cells: vec![
            Cell::Text(format!("X-{number:04}").into()),
            Cell::Text(format!("枣营北里{number}号院").into()),
            Cell::Text("麦子店街道".into()),
            Cell::Integer(100 + number as i64),
        ],
        boundary: Some(boundary(number)),
    };
    let mut rows = (0..ROWS).map(row);
    let export = Export { name: "areas", columns: &columns, rows: &mut rows, crs_epsg: 4326, about: "" };
    formats::write::write(format, export).unwrap()
}

/// A name with the ending of the format; a Shapefile is an archive.
fn name(format: FileFormat) -> String {
    format!("areas.{}", format.ending())
}

/// The files in an archive by their names.
pub(super) fn unpacked(archive: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(archive)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// The parts of a good Shapefile by their endings.
pub(super) fn shapefile() -> Vec<(String, Vec<u8>)> {
    let ending = |name: String| name.rsplit_once('.').unwrap().1.to_owned();
    unpacked(valid(FileFormat::Shapefile)).into_iter().map(|(name, bytes)| (ending(name), bytes)).collect()
}

/// The bytes with one bit in about every 97th byte the other way round, other bits for another `turn`.
fn flipped(bytes: &[u8], turn: usize) -> Vec<u8> {
    let flip =
        |(at, byte): (usize, &u8)| if at % 97 == 40 + turn { byte ^ (1 << ((at / 97 + turn) % 8)) } else { *byte };
    bytes.iter().enumerate().map(flip).collect()
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for format in FileFormat::ALL {
        let (bytes, name) = (valid(format), name(format));
        let key = format.key();
        cases.push(Case::new(format!("{key} as it should be"), &name, bytes.clone(), Rows(ROWS as u64)));
        for (part, of) in [(1, 100), (1, 3), (2, 3), (98, 100)] {
            let cut = bytes[..bytes.len() * part / of].to_vec();
            cases.push(Case::new(format!("{key} cut off after {part}/{of}"), &name, cut, Answer));
        }
        for turn in 0..3 {
            cases.push(Case::new(format!("{key} with bits fallen over, {turn}"), &name, flipped(&bytes, turn), Answer));
        }
    }
    let archive = valid(FileFormat::Shapefile);
    let half = archive[..archive.len() / 2].to_vec();
    cases.push(Case::new("half an archive", "areas.zip", half, Refusal("damaged or not complete")));
    cases
}
