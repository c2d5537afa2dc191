//! Files that are broken, or made to break a reader.

use proptest::prelude::*;

use crate::formats::shapefile::tests::{Unpacked, boxed, content, parts, shp, table};
use crate::formats::shapefile::{Parts, read, write};
use crate::formats::testing::{damaged, written};
use crate::formats::{Cell, Dataset, ExportRow, FormatError, Geometry, Limits, ReadOptions};

fn read_parts(shp: Option<&[u8]>, dbf: Option<&[u8]>) -> Result<Dataset, FormatError> {
    read(parts(shp, dbf), &ReadOptions::default())
}

fn sample() -> Unpacked {
    let square = geo::Rect::new((116.4, 39.9), (116.5, 40.0)).to_polygon();
    let row = |name: &str| ExportRow {
        cells: vec![Cell::Text(name.into()), Cell::Text("枣营北里".into()), Cell::Integer(5), Cell::Number(0.1)],
        boundary: Some(geo::MultiPolygon::new(vec![square.clone(), square.clone()])),
    };
    Unpacked::of(&written(write, &[row("甲"), row("乙")], 4490).unwrap())
}

#[test]
fn a_file_cut_anywhere_gives_what_stands_before_and_says_so() {
    let unpacked = sample();
    let (shp, dbf) = (unpacked.member(".shp"), unpacked.member(".dbf"));
    for end in 0..shp.len() {
        match read_parts(Some(&shp[..end]), Some(dbf)) {
            Ok(dataset) => assert!(!dataset.faults.is_empty(), "cut at {end}"),
            Err(err) => assert!(end < 100, "cut at {end}: {err}"),
        }
    }
    for end in 0..dbf.len() - 1 {
        match read_parts(Some(shp), Some(&dbf[..end])) {
            Ok(dataset) => assert!(!dataset.faults.is_empty(), "cut at {end}"),
            Err(err) => assert!(end < 300, "cut at {end}: {err}"),
        }
    }
}

#[test]
fn bytes_changed_anywhere_do_no_harm() {
    let unpacked = sample();
    let (shp, dbf) = (unpacked.member(".shp"), unpacked.member(".dbf"));
    for byte in [0, 0x7F, 0xFF] {
        for damaged in damaged(shp, byte) {
            let _ = read_parts(Some(&damaged), Some(dbf));
        }
        for damaged in damaged(dbf, byte) {
            let _ = read_parts(Some(shp), Some(&damaged));
        }
    }
}

#[test]
fn numbers_that_promise_more_than_there_is_are_not_believed() {
    let square = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.0, 0.0)];
    let mut many = content(5, &[0], &square, &[]);
    many[40..44].copy_from_slice(&99_999i32.to_le_bytes());
    let mut negative = content(5, &[0], &square, &[]);
    negative[36..40].copy_from_slice(&(-1i32).to_le_bytes());
    let backwards = content(5, &[0, 3, 2], &square, &[]);
    let late = content(5, &[1], &square, &[]);
    let beyond = content(5, &[0, 9], &square, &[]);
    let dataset = read_parts(Some(&shp(&[many, negative, backwards, late, beyond, vec![]])), None).unwrap();
    let records = &dataset.layers[0].records;
    assert_eq!(records.len(), 6);
    for record in records {
        assert!(matches!(record.geometry, Geometry::Unreadable { .. }), "{record:?}");
    }

    let mut huge = content(5, &[0], &square, &[]);
    huge[40..44].copy_from_slice(&i32::MAX.to_le_bytes());
    let err = read_parts(Some(&shp(&[huge])), None).unwrap_err();
    assert_eq!(err.to_string(), "a.shp, feature 1: the number of positions of a geometry exceeds the limit of 100000");

    let mut length = shp(&[content(5, &[0], &square, &[])]);
    length[104..108].copy_from_slice(&i32::MAX.to_be_bytes());
    let fault = |shp: &[u8]| read_parts(Some(shp), None).unwrap().faults.pop().unwrap().to_string();
    assert!(fault(&length).contains("the file ends in this shape"));
    length[104..108].copy_from_slice(&i32::MIN.to_be_bytes());
    assert!(fault(&length).contains("negative length"));

    let mut rows = table(&[(b"A", b'C', 1, 0)], &[b" x"]);
    rows[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let dataset = read_parts(None, Some(&rows)).unwrap();
    assert_eq!(dataset.layers[0].records.len(), 1);
    assert!(dataset.faults[0].to_string().contains("says 4294967295 rows, there are 1"));
}

#[test]
fn limits_are_kept() {
    let rows = table(&[(b"A", b'C', 3, 0)], &[b" abc", b" abc"]);
    let refused = |limits: Limits| {
        let options = ReadOptions { limits, ..ReadOptions::default() };
        read(parts(None, Some(&rows)), &options).unwrap_err().to_string()
    };
    assert!(refused(Limits { records: 1, ..Limits::UPLOAD }).contains("the number of records exceeds the limit of 1"));
    assert!(refused(Limits { columns: 0, ..Limits::UPLOAD }).contains("the number of columns exceeds the limit of 0"));
    assert!(refused(Limits { cell_bytes: 2, ..Limits::UPLOAD }).contains("exceeds the limit of 2"));
    let small = Limits { packed_bytes: 60, unpacked_bytes: 60, ..Limits::UPLOAD };
    assert!(refused(small).contains("the size exceeds the limit of 60"));
}

#[test]
fn a_geometry_of_very_many_nested_rings_is_grouped_in_good_time() {
    let mut positions = Vec::new();
    let mut starts = Vec::new();
    for number in 0..25_000 {
        let half = 1.0 + f64::from(number);
        starts.push(positions.len() as i32);
        positions.extend([(-half, -half), (half, -half), (half, half), (-half, half)]);
    }
    let dataset = read_parts(Some(&shp(&[content(5, &starts, &positions, &[])])), None).unwrap();
    assert!(matches!(dataset.layers[0].records[0].geometry, Geometry::Shape { .. }));
}

#[test]
fn nothing_to_read_is_an_error() {
    assert!(read_parts(None, None).unwrap_err().to_string().contains("neither shapes"));
    assert!(read_parts(Some(b"PK\x03\x04"), None).is_err());
    let unknown = ReadOptions { encoding: Some("klingon".to_owned()), ..ReadOptions::default() };
    let rows = table(&[(b"A", b'C', 1, 0)], &[b" x"]);
    assert!(read(parts(None, Some(&rows)), &unknown).unwrap_err().to_string().contains("klingon"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        shp_tail in prop::collection::vec(any::<u8>(), 0..300),
        dbf_tail in prop::collection::vec(any::<u8>(), 0..300),
        at in 0usize..200,
        cpg in ".{0,12}",
    ) {
        let unpacked = sample();
        let mixed = |bytes: &[u8], tail: &[u8]| [&bytes[..at.min(bytes.len())], tail].concat();
        let shp = mixed(unpacked.member(".shp"), &shp_tail);
        let dbf = mixed(unpacked.member(".dbf"), &dbf_tail);
        let _ = read_parts(Some(&shp), Some(&dbf));
        let _ = read_parts(Some(&shp_tail), Some(&dbf_tail));
        let parts = Parts { name: String::new(), shp: None, dbf: Some(boxed(&dbf)), prj: None, cpg: Some(cpg) };
        let _ = read(parts, &ReadOptions::default());
    }
}
