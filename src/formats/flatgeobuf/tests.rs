use std::io::Cursor;

use proptest::prelude::*;

use super::{read, write};
use crate::formats::testing::{columns, only_layer, read_back, rows, written};
use crate::formats::{Cell, Dataset, ExportRow, FormatError, Geometry, InputFile, ReadOptions};

pub(super) fn read_bytes(bytes: &[u8]) -> Result<Dataset, FormatError> {
    let file = InputFile { name: "a.fgb".to_owned(), bytes: Box::new(Cursor::new(bytes.to_vec())) };
    read(file, &ReadOptions::default())
}

pub(super) fn square(name: &str, x: f64) -> ExportRow {
    let boundary = geo::Rect::new((x, 39.9), (x + 0.1, 40.0)).to_polygon().into();
    ExportRow { cells: vec![Cell::Text(name.into()), Cell::Empty, Cell::Integer(5)], boundary: Some(boundary) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_reads_back(mut rows in rows()) {
        let layer = only_layer(read_bytes(&written(write, &rows, 4490).unwrap()).unwrap());
        prop_assert_eq!(&layer.columns, &columns());
        prop_assert_eq!((layer.name.as_str(), layer.crs.as_deref()), ("areas", Some("EPSG:4490")));
        let mut read = read_back(&layer, &columns());
        // The index has an order of its own.
        let key = |row: &ExportRow| format!("{row:?}");
        rows.sort_by_key(key);
        read.sort_by_key(key);
        prop_assert_eq!(read, rows);
    }
}

#[test]
fn records_without_a_boundary_keep_the_order_and_have_no_index() {
    let rows = [square("b", 116.4), ExportRow { boundary: None, ..square("a", 0.0) }, square("c", 116.3)];
    let bytes = written(write, &rows, 4490).unwrap();
    let layer = only_layer(read_bytes(&bytes).unwrap());
    assert_eq!(layer.records[1].geometry, Geometry::None);
    let names: Vec<&Cell> = layer.records.iter().map(|record| &record.cells[0]).collect();
    assert_eq!(names, [&Cell::Text("b".into()), &Cell::Text("a".into()), &Cell::Text("c".into())]);
    let header = flatgeobuf::size_prefixed_root_as_header(&bytes[8..]).unwrap();
    assert_eq!((header.index_node_size(), header.features_count()), (0, 3));
}

#[test]
fn the_crates_own_reader_finds_features_by_the_index() {
    use flatgeobuf::{FallibleStreamingIterator as _, FeatureProperties as _};
    let rows: Vec<ExportRow> = (0..50).map(|number| square(&format!("n{number}"), f64::from(number))).collect();
    let bytes = written(write, &rows, 4490).unwrap();
    let reader = flatgeobuf::FgbReader::open(Cursor::new(&bytes)).unwrap();
    let mut found = reader.select_bbox(30.02, 39.9, 30.03, 40.0).unwrap();
    let feature = found.next().unwrap().unwrap();
    assert_eq!(feature.property::<String>("code").unwrap(), "n30");
    assert!(found.next().unwrap().is_none());
}
