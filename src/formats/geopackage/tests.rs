use std::io::Cursor;

use proptest::prelude::*;
use rusqlite::Connection;

use super::{read, write};
use crate::formats::testing::{columns, only_layer, read_back, rows, written};
use crate::formats::{Cell, Dataset, Export, ExportRow, FormatError, Geometry, InputFile, Item, ReadOptions};

pub(super) fn read_bytes(bytes: &[u8]) -> Result<Dataset, FormatError> {
    let file = InputFile { name: "a.gpkg".to_owned(), bytes: Box::new(Cursor::new(bytes.to_vec())) };
    read(file, &ReadOptions::default())
}

/// The bytes of a written file after statements of its own.
pub(super) fn changed(rows: &[ExportRow], sql: &str) -> Vec<u8> {
    let bytes = written(write, rows, 4490).unwrap();
    let mut connection = Connection::open_in_memory().unwrap();
    connection.deserialize_read_exact("main", bytes.as_slice(), bytes.len(), false).unwrap();
    connection.execute_batch(sql).unwrap();
    connection.serialize("main").unwrap().to_vec()
}

pub(super) fn square(name: &str) -> ExportRow {
    let boundary = geo::Rect::new((116.4, 39.9), (116.5, 40.0)).to_polygon().into();
    ExportRow { cells: vec![Cell::Text(name.into())], boundary: Some(boundary) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_reads_back(rows in rows()) {
        let layer = only_layer(read_bytes(&written(write, &rows, 4490).unwrap()).unwrap());
        prop_assert_eq!(&layer.columns, &columns());
        prop_assert_eq!((layer.name.as_str(), layer.crs.as_deref()), ("areas", Some("EPSG:4490")));
        prop_assert_eq!(read_back(&layer, &columns()), rows);
    }
}

#[test]
fn names_that_the_format_keeps_for_itself_are_written_all_the_same() {
    let columns = ["fid", "geom", "Name", "name", "a\"b; DROP"].map(str::to_owned);
    let cells = vec![Cell::Integer(7), Cell::Text("x".into()), Cell::Bool(true), Cell::Number(1.5), Cell::Integer(2)];
    let row = ExportRow { cells: cells.clone(), boundary: None };
    let export =
        Export { name: "gpkg_\"contents", columns: &columns, rows: &mut [row].into_iter(), crs_epsg: 4548, about: "" };
    let layer = only_layer(read_bytes(&write(export).unwrap()).unwrap());
    assert_eq!(layer.name, "layer_gpkg_\"contents");
    assert_eq!(layer.columns, ["fid", "geom", "Name", "name_2", "a\"b; DROP"]);
    assert_eq!(layer.records[0].cells, cells);
}

#[test]
fn attribute_tables_are_layers_and_a_key_of_ones_own_is_a_column() {
    let sql = "CREATE TABLE managers (id INTEGER PRIMARY KEY, name TEXT, since DATE, met DATETIME, logo BLOB, n INTEGER);
        CREATE INDEX by_name ON managers (name, id);
        INSERT INTO managers VALUES (9, '甲', '2022-10-27', '2022-10-27T10:00:00Z', x'00', 5), (7, '', '2022-10', NULL, NULL, NULL);
        INSERT INTO gpkg_contents (table_name, data_type) VALUES ('managers', 'attributes'), ('Managers', 'attributes');
        INSERT INTO gpkg_contents (table_name, data_type) VALUES ('ortho', 'tiles'), ('gone', 'features');";
    let dataset = read_bytes(&changed(&[square("甲")], sql)).unwrap();
    let faults: Vec<String> = dataset.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "a.gpkg: the column \"logo\" of \"managers\" has bytes, which are not read; they stay empty",
            "a.gpkg: the layer \"ortho\" is of the type \"tiles\", which is not read",
            "a.gpkg: there is no table \"gone\"",
        ]
    );
    let managers = &dataset.layers[1];
    assert_eq!(managers.columns, ["id", "name", "since", "met", "logo", "n"]);
    assert_eq!((managers.records[0].item, managers.crs.as_ref()), (Item::Row(2), None));
    assert_eq!(managers.records[0].cells, [Cell::Integer(7), Cell::Empty, Cell::Text("2022-10".into())]);
    let date = Cell::Date(jiff::civil::date(2022, 10, 27));
    assert_eq!(managers.records[1].cells[2..4], [date, Cell::Text("2022-10-27T10:00:00Z".into())]);
}

#[test]
fn a_file_with_a_write_ahead_log_is_read_without_it() {
    let mut bytes = written(write, &[square("甲")], 4490).unwrap();
    bytes[18..20].fill(2);
    assert_eq!(only_layer(read_bytes(&bytes).unwrap()).records.len(), 1);
}

#[test]
fn the_register_of_the_first_schema_is_a_geopackage_like_any_other() {
    // Its triggers call functions that are not there; reading runs none of them.
    let register = Connection::open_in_memory().unwrap();
    register.execute_batch(include_str!("../../store/migrations/V1__register.sql")).unwrap();
    register.execute_batch("DROP TRIGGER rtree_areas_geom_insert; PRAGMA foreign_keys = OFF;").unwrap();
    let blob = super::blob::encode(&geo::Rect::new((116.4, 39.9), (116.5, 40.0)).to_polygon().into(), 4490);
    register
        .execute(
            "INSERT INTO areas (code, name, street, management, committees_known, site_area_m2, demo, recorded_from, geom,
             source_geometry) VALUES ('DEMO-1', '枣营北里(演示)', 'JW', 'contracted', 1, 5.5, 1, 1, ?1, '{}')",
            [blob],
        )
        .unwrap();
    let bytes = register.serialize("main").unwrap().to_vec();
    let options = ReadOptions { layer: Some("areas".to_owned()), ..ReadOptions::default() };
    let file = InputFile { name: "register.gpkg".to_owned(), bytes: Box::new(Cursor::new(bytes)) };
    let layer = only_layer(read(file, &options).unwrap());
    assert_eq!((layer.name.as_str(), layer.crs.as_deref()), ("areas", Some("EPSG:4490")));
    let at = layer.columns.iter().position(|column| column == "demo").unwrap();
    assert_eq!(layer.records[0].cells[at], Cell::Bool(true));
    let Geometry::Shape { source: Some(source), .. } = &layer.records[0].geometry else { panic!("no shape") };
    assert!(source.starts_with("data:application/geopackage-geom;base64,R1AA"));
}
