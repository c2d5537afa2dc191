//! GeoJSON as it is delivered.

use std::io::Cursor;

use proptest::prelude::*;

use crate::crs::{Crs, CrsError};
use crate::formats::budget::Budget;
use crate::formats::geojson::read_delivery;
use crate::formats::{Cell, Dataset, FileFormat, FormatError, Geometry, InputFile, ReadOptions};
use crate::geom::RawShape;

fn read_as(format: FileFormat, text: impl Into<Vec<u8>>) -> Result<Dataset, FormatError> {
    let options = ReadOptions::default();
    let file = InputFile { name: "a.geojson".to_owned(), bytes: Box::new(Cursor::new(text.into())) };
    read_delivery(file, format, &options, &mut Budget::new(options.limits))
}

fn read(text: impl Into<Vec<u8>>) -> Result<Dataset, FormatError> {
    read_as(FileFormat::GeoJson, text)
}

fn why(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

fn collection(features: &str) -> String {
    format!("{{\"type\":\"FeatureCollection\",\n\"features\":[\n{features}\n]}}")
}

fn feature(properties: &str) -> String {
    let open = r#"{"type":"Polygon","coordinates":[[[116.4,39.9,5],[116.5,39.9],[116.5,40]]]}"#;
    format!(r#"{{"type":"Feature","properties":{properties},"geometry":{open}}}"#)
}

#[test]
fn columns_are_found_while_reading_and_cells_follow_them() {
    let features = [feature(r#"{"b":1,"a":"甲"}"#), feature(r#"{"c":{"x": [1]},"b":null}"#), feature("null")];
    let dataset = read(format!("\u{feff}{}", collection(&features.join(",\n")))).unwrap();
    let layer = &dataset.layers[0];
    assert_eq!((layer.name.as_str(), layer.crs.as_deref()), ("a", Some("OGC:CRS84")));
    assert_eq!(layer.columns, ["b", "a", "c"]);
    assert_eq!(layer.records[0].cells, [Cell::Integer(1), Cell::Text("甲".into())]);
    assert_eq!(layer.records[1].cells, [Cell::Empty, Cell::Empty, Cell::Text("{\"x\":[1]}".into())]);
    assert_eq!(layer.place(&layer.records[1]).to_string(), "a.geojson, feature 2 (line 4)");
    let Geometry::Shape { shape: RawShape::Polygons(polygons), source: Some(source) } = &layer.records[0].geometry
    else {
        panic!()
    };
    assert_eq!(polygons[0].rings[0].len(), 3, "an unclosed ring stays unclosed");
    assert!(source.contains("39.9,5"), "the third coordinate is in the source");
}

#[test]
fn an_id_becomes_a_column_unless_there_is_one() {
    let with = |properties: &str| feature(properties).replacen("{", r#"{"id":"A-1","#, 1);
    let dataset = read(collection(&format!("{},{}", with(r#"{"n":1}"#), with(r#"{"id":7}"#)))).unwrap();
    let layer = &dataset.layers[0];
    assert_eq!(layer.columns, ["id", "n"]);
    assert_eq!(layer.records[0].cells[0], Cell::Text("A-1".into()));
    assert_eq!(layer.records[1].cells[0], Cell::Integer(7));
}

#[test]
fn the_reference_system_is_told_as_written() {
    let with = |crs: &str| {
        let text = collection(&feature("{}"));
        let first = text.replacen("\"features\"", &format!("\"crs\":{crs},\"features\""), 1);
        let last = text.replace("\n]}", &format!("\n],\"crs\":{crs}}}"));
        [first, last].map(|text| read(text).unwrap().layers[0].crs.clone())
    };
    let named = r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4548"}}"#;
    assert_eq!(
        with(named),
        [Some("urn:ogc:def:crs:EPSG::4548".to_owned()), Some("urn:ogc:def:crs:EPSG::4548".to_owned())]
    );
    for other in ["null", "4326", "[]", "\"EPSG:4548\""] {
        let [first, last] = with(other).map(Option::unwrap);
        assert_eq!((first.as_str(), &first), (format!("\"crs\": {other}").as_str(), &last));
        assert!(matches!(Crs::parse(&first), Err(CrsError::Unknown(_))), "{first}");
    }
}

#[test]
fn a_broken_feature_or_geometry_does_not_hide_the_others() {
    let point = r#"{"type":"Feature","properties":{"n":1},"geometry":{"type":"Polygon","coordinates":[[[1e999,0]]]}}"#;
    let text = collection(&[feature("{}"), feature("7"), point.to_owned(), "3".to_owned(), feature("{}")].join(",\n"));
    let dataset = read(text).unwrap();
    assert_eq!(dataset.layers[0].records.len(), 3);
    assert!(
        matches!(&dataset.layers[0].records[1].geometry, Geometry::Unreadable { why } if why.contains("too large"))
    );
    let faults: Vec<String> = dataset.faults.iter().map(ToString::to_string).collect();
    assert!(faults[0].starts_with("a.geojson, feature 2 (line 4): invalid type"), "{faults:?}");
    assert!(faults[1].starts_with("a.geojson, feature 4 (line 6): expected a Feature"), "{faults:?}");
}

#[test]
fn a_sequence_keeps_its_lines_apart() {
    let text = format!("{}\n\n{{\"type\":\n{}", feature(r#"{"n":1}"#), feature(r#"{"n":2}"#));
    let dataset = read_as(FileFormat::GeoJsonSeq, text).unwrap();
    assert_eq!((dataset.layers[0].records.len(), dataset.faults.len()), (2, 1));
    assert!(dataset.faults[0].to_string().starts_with("a.geojson, feature 2 (line 3): "));
    let separated = format!("\x1e{}\n\x1e{}\n", feature("{}").replace(',', ",\n"), feature("{}"));
    let dataset = read_as(FileFormat::GeoJsonSeq, separated).unwrap();
    assert_eq!((dataset.layers[0].records.len(), dataset.faults.len()), (2, 0));
}

#[test]
fn a_single_feature_or_geometry_is_a_layer_of_one() {
    assert_eq!(read(feature(r#"{"n":1}"#)).unwrap().layers[0].columns, ["n"]);
    let bare = r#"{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}"#;
    assert!(matches!(read(bare).unwrap().layers[0].records[0].geometry, Geometry::Shape { .. }));
}

#[test]
fn texts_in_gbk_are_read_and_bad_bytes_are_faults() {
    let features: Vec<String> = (0..20).map(|_| feature(r#"{"name":"枣营北里\\物业管理区域"}"#)).collect();
    let text = collection(&features.join(",\n"));
    let mut bytes = encoding_rs::GB18030.encode(&text).0.into_owned();
    let dataset = read(bytes.clone()).unwrap();
    assert_eq!(dataset.layers[0].records[0].cells[0], Cell::Text("枣营北里\\物业管理区域".into()));
    let at = bytes.iter().position(|b| *b >= 0x80).unwrap();
    bytes[at] = 0xff;
    let dataset = read(bytes).unwrap();
    assert_eq!((dataset.layers[0].records.len(), dataset.faults.len()), (19, 1));

    let mut bytes = text.into_bytes();
    bytes[at] = 0xff;
    let dataset = read(bytes).unwrap();
    assert_eq!((dataset.layers[0].records.len(), dataset.faults.len()), (19, 1));
    assert!(dataset.faults[0].to_string().contains("not UTF-8"));
}

#[test]
fn files_of_another_kind_broken_and_deep_ones_are_refused() {
    assert!(why(r#"{"rings":[],"spatialReference":{}}"#).contains("Esri JSON"));
    assert!(why(r#"{"type":"Topology","objects":{}}"#).contains("TopoJSON"));
    assert!(why(r#"{"type":"FeatureCollection"}"#).contains("no member `features`"));
    assert!(why(r#"{"a":1}"#).contains("expected a FeatureCollection, found the type null"));
    assert!(why(r#"{"type":"FeatureCollection","features":[]} x"#).contains("expected the end of the file"));
    assert!(why(r#"{"type":"FeatureCollection","features":{}}"#).contains("expected '['"));
    assert!(why(&format!("{{\"a\":{}", "[".repeat(100_000))).contains("the nesting exceeds the limit of 64"));
    assert!(why(&collection(&"[".repeat(100_000))).contains("the nesting exceeds the limit of 64"));
    let whole = collection(&feature(r#"{"n":"甲"}"#));
    for length in (0..whole.len()).filter(|length| whole.is_char_boundary(*length)) {
        assert!(read(&whole[..length]).is_err(), "{length}");
    }
}

#[test]
fn many_features_come_in_batches_and_stay_in_order() {
    let many: Vec<String> = (0..30_000).map(|number| feature(&format!("{{\"n\":{number}}}"))).collect();
    let dataset = read(collection(&many.join(",\n"))).unwrap();
    let layer = &dataset.layers[0];
    assert_eq!(layer.records.len(), 30_000);
    assert!(layer.records.iter().enumerate().all(|(at, record)| record.cells == [Cell::Integer(at as i64)]));
    assert_eq!(layer.records[29_999].line, Some(30_002));
}

proptest! {
    #[test]
    fn any_json_like_text_is_answered(text in "[{}\\[\\]:,\"\\\\]|[{}\\[\\]:,\"a1 \\n]{0,60}", sequence: bool) {
        let format = if sequence { FileFormat::GeoJsonSeq } else { FileFormat::GeoJson };
        let _ = read_as(format, collection(&text));
        let _ = read_as(format, text);
    }
}
