//! Databases that are broken, or made to break a reader.

use std::io::Cursor;

use proptest::prelude::*;
use rusqlite::Connection;

use crate::formats::geopackage::tests::{changed, read_bytes, square};
use crate::formats::geopackage::{read, write};
use crate::formats::testing::written;
use crate::formats::{Cell, ExportRow, Geometry, InputFile, Limits, ReadOptions};

fn faults(bytes: &[u8]) -> Vec<String> {
    read_bytes(bytes).unwrap().faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_file_cut_anywhere_is_refused_or_read_and_never_more() {
    let bytes = written(write, &[square("甲"), square("乙")], 4490).unwrap();
    for end in (0..200).chain((200..bytes.len()).step_by(61)) {
        if let Ok(dataset) = read_bytes(&bytes[..end]) {
            assert!(dataset.layers.iter().map(|layer| layer.records.len()).sum::<usize>() <= 2);
        }
    }
}

#[test]
fn views_and_virtual_tables_are_not_read() {
    let sql = "
        CREATE VIEW endless AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
        CREATE VIRTUAL TABLE boxes USING rtree (id, minx, maxx);
        INSERT INTO gpkg_contents (table_name, data_type) VALUES ('endless', 'attributes'), ('boxes', 'attributes'),
            ('sqlite_schema', 'attributes'), ('pragma_table_info', 'attributes');";
    let found = faults(&changed(&[square("甲")], sql));
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[0].contains("\"endless\" is a view or a virtual table"), "{found:?}");
    assert!(found[1].contains("\"boxes\" is a view or a virtual table"), "{found:?}");
    assert!(found[2].contains("there is no table \"sqlite_schema\""), "{found:?}");

    let sql = "ALTER TABLE gpkg_contents RENAME TO real;
        CREATE VIEW gpkg_contents AS SELECT * FROM real;";
    assert!(read_bytes(&changed(&[], sql)).unwrap_err().to_string().contains("no table gpkg_contents"));
}

#[test]
fn a_schema_that_lies_about_a_view_runs_nothing() {
    let sql = "CREATE TABLE t (a);
        INSERT INTO gpkg_contents (table_name, data_type) VALUES ('t', 'attributes');
        PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE VIEW t AS SELECT randomblob(1000000000) AS a' WHERE name = 't';";
    let result = read_bytes(&changed(&[square("甲")], sql));
    assert!(result.map_or(true, |dataset| !dataset.faults.is_empty()));
}

#[test]
fn computed_columns_call_no_functions() {
    let sql = "CREATE TABLE t (a TEXT, b TEXT AS (hex(zeroblob(100000000))) VIRTUAL);
        INSERT INTO t (a) VALUES ('x');
        INSERT INTO gpkg_contents (table_name, data_type) VALUES ('t', 'attributes');";
    let bytes = changed(&[square("甲")], sql);
    assert_eq!(faults(&bytes), ["a.gpkg: the column \"b\" of \"t\" is computed; it is not read"]);
    assert_eq!(read_bytes(&bytes).unwrap().layers[1].records[0].cells, [Cell::Text("x".into())]);
}

#[test]
fn a_schema_of_very_many_tables_is_refused() {
    let sql = "PRAGMA writable_schema = ON;
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
        INSERT INTO sqlite_schema SELECT 'table', 't' || i, 't' || i, 2, 'CREATE TABLE t' || i || ' (a)' FROM n;";
    let message = read_bytes(&changed(&[square("甲")], sql)).unwrap_err().to_string();
    assert!(message.contains("the number of steps"), "{message}");
}

#[test]
fn rows_columns_and_layers_are_bounded() {
    let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
        INSERT INTO gpkg_contents (table_name, data_type) SELECT 'layer' || i, 'attributes' FROM n;";
    let message = read_bytes(&changed(&[], sql)).unwrap_err().to_string();
    assert_eq!(message, "a.gpkg: the number of layers exceeds the limit of 1000");

    let refused = |sql: &str, limits: Limits| {
        let bytes = changed(&[square("甲"), square("乙")], sql);
        let file = InputFile { name: "a.gpkg".to_owned(), bytes: Box::new(Cursor::new(bytes)) };
        read(file, &ReadOptions { limits, ..ReadOptions::default() }).unwrap_err().to_string()
    };
    assert!(refused("", Limits { records: 1, ..Limits::UPLOAD }).contains("the number of records"));
    assert!(refused("", Limits { vertices: 4, ..Limits::UPLOAD }).contains("the number of positions"));
    let long = "UPDATE areas SET name = printf('%.*c', 70000, 'x');";
    assert!(refused(long, Limits::UPLOAD).contains("the size of a cell exceeds the limit of 65536"));
    let wide: String = (0..600).map(|number| format!("ALTER TABLE areas ADD COLUMN c{number};")).collect();
    let message = refused(&wide, Limits::UPLOAD);
    assert!(message.contains("columns"), "{message}");
    let small = Limits { packed_bytes: 5000, unpacked_bytes: 5000, ..Limits::UPLOAD };
    assert!(refused("", small).contains("the size exceeds the limit of 5000"));
}

#[test]
fn geometries_that_are_none_hurt_only_their_rows() {
    let sql = "UPDATE areas SET geom = x'4750000100' WHERE fid = 1;
        UPDATE areas SET geom = 'POLYGON EMPTY' WHERE fid = 2;
        UPDATE areas SET geom = substr(geom, 1, 60) WHERE fid = 3;
        UPDATE areas SET geom = NULL WHERE fid = 4;
        UPDATE areas SET geom = x'47500019' || x'00000000' || x'010600000000000000' WHERE fid = 5;";
    let rows = ["1", "2", "3", "4", "5", "6"].map(square);
    let dataset = read_bytes(&changed(&rows, sql)).unwrap();
    let kinds: Vec<&str> = dataset.layers[0]
        .records
        .iter()
        .map(|record| match record.geometry {
            Geometry::None => "none",
            Geometry::Unreadable { .. } => "unreadable",
            Geometry::Shape { .. } => "shape",
        })
        .collect();
    assert_eq!(kinds, ["unreadable", "unreadable", "unreadable", "none", "unreadable", "shape"]);
}

#[test]
fn no_database_and_another_database_are_told_apart() {
    assert!(read_bytes(b"").unwrap_err().to_string().contains("it is no SQLite database"));
    assert!(read_bytes(&[0; 4096]).unwrap_err().to_string().contains("it is no SQLite database"));
    let other = Connection::open_in_memory().unwrap();
    other.execute_batch("CREATE TABLE t (a);").unwrap();
    let bytes = other.serialize("main").unwrap().to_vec();
    assert!(read_bytes(&bytes).unwrap_err().to_string().contains("no table gpkg_contents"));
    let none = changed(&[square("甲")], "PRAGMA foreign_keys = OFF; DELETE FROM gpkg_contents;");
    assert!(read_bytes(&none).unwrap_err().to_string().contains("empty"));
}

#[test]
fn pages_that_are_used_twice_do_not_multiply_what_is_read() {
    // An interior page of a table whose every entry leads to the same leaf.
    let long = ExportRow { cells: vec![Cell::Text("x".repeat(2000).into())], boundary: None };
    let bytes = written(write, &vec![long; 60], 4490).unwrap();
    let page_bytes = 4096;
    let mut changed = bytes.clone();
    let mut multiplied = false;
    for page in changed.chunks_exact_mut(page_bytes).skip(1).filter(|page| page[0] == 5) {
        let cells = usize::from(u16::from_be_bytes([page[3], page[4]]));
        let first = usize::from(u16::from_be_bytes([page[12], page[13]]));
        let leaf: [u8; 4] = page[first..first + 4].try_into().unwrap();
        for cell in 0..cells {
            let at = usize::from(u16::from_be_bytes([page[12 + 2 * cell], page[13 + 2 * cell]]));
            page[at..at + 4].copy_from_slice(&leaf);
            multiplied = true;
        }
    }
    assert!(multiplied);
    let _ = read_bytes(&changed);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_bytes_make_it_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        tail in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut bytes = written(write, &[square("甲"), square("乙")], 4490).unwrap();
        let _ = read_bytes(&[&bytes[..100], &tail].concat());
        for (at, byte) in changes {
            let at = at.index(bytes.len() - 20) + 20;
            bytes[at] = byte;
        }
        let _ = read_bytes(&bytes);
        let _ = read_bytes(&tail);
    }
}
