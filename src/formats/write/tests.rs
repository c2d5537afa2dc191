//! What is written reads back.

use std::io::Cursor;

use geo::{LineString, Polygon};
use jiff::civil::Date;
use proptest::prelude::*;

use super::*;
use crate::formats::{Geometry, InputFile, Layer, ReadOptions, read};
use crate::geom::RawShape;

fn written(format: FileFormat, columns: &[String], rows: &[ExportRow], crs_epsg: u32) -> Vec<u8> {
    let mut rows = rows.iter().cloned();
    write(format, Export { name: "区域", columns, rows: &mut rows, crs_epsg, about: "" }).unwrap()
}

fn read_back(format: FileFormat, bytes: Vec<u8>) -> Layer {
    let file = InputFile { name: format!("区域.{}", format.key()), bytes: Box::new(Cursor::new(bytes)) };
    let mut dataset = read(vec![file], &ReadOptions::default()).unwrap();
    assert!(dataset.faults.is_empty(), "{:?}", dataset.faults);
    assert!(dataset.skipped.is_empty(), "{:?}", dataset.skipped);
    assert_eq!(dataset.layers.len(), 1);
    dataset.layers.remove(0)
}

fn boundary(geometry: &Geometry) -> Option<MultiPolygon> {
    let Geometry::Shape { shape: RawShape::Polygons(polygons), .. } = geometry else {
        assert_eq!(geometry, &Geometry::None);
        return None;
    };
    let polygon = |rings: &[Vec<geo::Coord>]| {
        let mut rings = rings.iter().cloned().map(LineString);
        Polygon::new(rings.next().unwrap(), rings.collect())
    };
    Some(polygons.iter().map(|raw| polygon(&raw.rings)).collect())
}

fn square(x: f64, y: f64, side: f64) -> Polygon {
    let ring =
        |x, y, side: f64| LineString::from(vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]);
    Polygon::new(ring(x, y, side), vec![ring(x + side / 4.0, y + side / 4.0, side / 2.0)])
}

fn any_row() -> impl Strategy<Value = ExportRow> {
    let text = "[一-龥a-z]{1,3}[ ,;\"'\n=+@甲-]{0,5}[a-z]";
    let guarded = prop_oneof![text.prop_map(|text| text), "[=+@'-]{1,3}[a-z]"];
    let boundary =
        prop::option::of((116.3..116.6f64, 39.8..40.1f64, 1e-6..1e-3f64, 1usize..3).prop_map(|(x, y, side, parts)| {
            MultiPolygon((0..parts).map(|part| square(x + part as f64, y, side)).collect())
        }));
    ("[一-龥]{2,4}", guarded, boundary).prop_map(|(first, second, boundary)| ExportRow {
        cells: vec![Cell::Text(first.into()), Cell::Text(second.into())],
        boundary,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn texts_and_boundaries_come_back_to_the_last_bit(rows in prop::collection::vec(any_row(), 1..8)) {
        let columns = ["名称", "备注"].map(str::to_owned);
        for format in [FileFormat::GeoJson, FileFormat::GeoJsonSeq, FileFormat::Csv, FileFormat::Xlsx] {
            let layer = read_back(format, written(format, &columns, &rows, 4490));
            prop_assert_eq!(layer.format, format);
            prop_assert_eq!(layer.columns.as_slice(), &columns);
            prop_assert_eq!(layer.records.len(), rows.len());
            for (read, row) in layer.records.iter().zip(&rows) {
                prop_assert_eq!(&read.cells, &row.cells);
                prop_assert_eq!(boundary(&read.geometry), row.boundary.clone());
            }
        }
    }
}

#[test]
fn values_keep_their_types_where_the_format_has_them() {
    let columns = ["文", "整", "数", "是", "日", "空"].map(str::to_owned);
    let day = Date::constant(2022, 10, 27);
    let cells = vec![
        Cell::Text("0011".into()),
        Cell::Integer(300),
        Cell::Number(0.1),
        Cell::Bool(true),
        Cell::Date(day),
        Cell::Empty,
    ];
    let rows = [ExportRow { cells: cells.clone(), boundary: None }];
    let read = |format| read_back(format, written(format, &columns, &rows, 4490)).records.remove(0).cells;
    assert_eq!(read(FileFormat::Xlsx), cells[..5]);
    let text = |text: &str| Cell::Text(text.into());
    let dated = [cells[0].clone(), Cell::Integer(300), Cell::Number(0.1), Cell::Bool(true), text("2022-10-27")];
    assert_eq!(read(FileFormat::GeoJson), dated);
    assert_eq!(read(FileFormat::Csv), ["0011", "300", "0.1", "true", "2022-10-27"].map(text));
}

#[test]
fn a_projected_reference_system_is_told() {
    let columns = ["名称".to_owned(), "户数".to_owned()];
    let rows = [ExportRow {
        cells: vec![Cell::Text("甲".into()), Cell::Integer(1)],
        boundary: Some(MultiPolygon(vec![square(452_423.812, 4_420_961.145, 10.0)])),
    }];
    let crs = |format| read_back(format, written(format, &columns, &rows, 4548)).crs;
    assert_eq!(crs(FileFormat::Csv).as_deref(), Some("EPSG:4548"));
    assert_eq!(crs(FileFormat::Xlsx).as_deref(), Some("EPSG:4548"));
    assert_eq!(crs(FileFormat::GeoJson).as_deref(), Some("urn:ogc:def:crs:EPSG::4548"));
}

#[test]
fn the_table_of_a_spreadsheet_program_is_what_it_expects() {
    let columns = ["名称".to_owned(), "wkt".to_owned()];
    let rows = [ExportRow { cells: vec![Cell::Text("=1+1".into())], boundary: None }];
    let bytes = written(FileFormat::Csv, &columns, &rows, 4490);
    assert_eq!(String::from_utf8(bytes).unwrap(), "\u{feff}名称,wkt,geometry\r\n'=1+1,,\r\n");
}

#[test]
fn a_workbook_has_all_boundaries_or_none() {
    let columns = ["名称".to_owned(), "街道".to_owned()];
    let ring: Vec<(f64, f64)> = (0..2000).map(|at| (116.123_456_789 + f64::from(at), 39.123_456_789)).collect();
    let long = Polygon::new(LineString::from(ring), vec![]);
    let row =
        |polygon| ExportRow { cells: vec![Cell::Text("甲".into())], boundary: Some(MultiPolygon(vec![polygon])) };
    let layer = read_back(
        FileFormat::Xlsx,
        written(FileFormat::Xlsx, &columns, &[row(long), row(square(0.0, 0.0, 1.0))], 4490),
    );
    assert!(layer.records.iter().all(|record| record.geometry == Geometry::None));
}
