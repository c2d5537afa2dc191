//! Deliveries as offices send them, and as nobody should.

use std::io::{Cursor, Write as _};

use geo::Coord;
use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::formats::{Cell, Geometry, Item, Layer, encoding::Encoding};
use crate::geom::RawShape;

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> InputFile<'static> {
    InputFile { name: name.to_owned(), bytes: Box::new(Cursor::new(bytes.into())) }
}

fn deliver(name: &str, bytes: impl Into<Vec<u8>>) -> Result<Dataset, FormatError> {
    read(vec![file(name, bytes)], &ReadOptions::default())
}

fn why(name: &str, bytes: impl Into<Vec<u8>>) -> String {
    deliver(name, bytes).unwrap_err().to_string()
}

fn texts(layer: &Layer) -> Vec<Vec<String>> {
    let text = |cell: &Cell| match cell {
        Cell::Text(text) => text.to_string(),
        Cell::Empty => String::new(),
        other => format!("{other:?}"),
    };
    layer.records.iter().map(|record| record.cells.iter().map(text).collect()).collect()
}

fn encode(label: &str, text: &str) -> Vec<u8> {
    Encoding::for_label(label.as_bytes()).unwrap().encode(text).0.into_owned()
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const LEDGER: &str = "朝阳区物业管理区域台账,,,\n填报单位：麦子店街道,,,\n序号,名称,街道,户数\n1,枣营北里,麦子店街道,1200\n\n\
                      2,\"甲,\"\"乙\"\"\n区\",三里屯街道,300\n小计,,,1500\n合计：,,,1500\n注：户数为约数,,,\n";

#[test]
fn a_ledger_reads_the_same_in_every_encoding() {
    let utf16: Vec<u8> = format!("\u{feff}{LEDGER}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = format!("\u{feff}{LEDGER}").into_bytes();
    for (bytes, name) in [
        (LEDGER.as_bytes().to_vec(), "UTF-8"),
        (marked, "UTF-8"),
        (encode("gbk", LEDGER), "gb18030"),
        (utf16, "UTF-16LE"),
    ] {
        let dataset = deliver("台账.csv", bytes).unwrap();
        let layer = &dataset.layers[0];
        assert_eq!((layer.name.as_str(), layer.encoding, layer.crs.as_deref()), ("台账", Some(name), None));
        assert_eq!(layer.columns, ["名称", "街道", "户数"]);
        assert_eq!(texts(layer), [["枣营北里", "麦子店街道", "1200"], ["甲,\"乙\"\n区", "三里屯街道", "300"]]);
        assert_eq!(layer.place(&layer.records[1]).to_string(), "台账.csv, row 6 (line 6)");
        let skipped: Vec<_> = dataset.skipped.iter().map(|skipped| (skipped.kind, skipped.place.item)).collect();
        assert_eq!(
            skipped,
            [
                (SkippedKind::Title, Item::Row(1)),
                (SkippedKind::Title, Item::Row(2)),
                (SkippedKind::Total, Item::Row(7)),
                (SkippedKind::Total, Item::Row(8)),
                (SkippedKind::Note, Item::Row(9)),
            ]
        );
        assert_eq!(dataset.skipped[0].text, "朝阳区物业管理区域台账");
        assert!(dataset.faults.is_empty());
    }
}

#[test]
fn a_bad_byte_is_a_fault_of_its_row_and_never_rubbish() {
    for label in ["utf-8", "gbk"] {
        let mut bytes = encode(label, "名称,街道\n");
        for row in 0..30 {
            bytes.extend(encode(label, "枣营北里物业管理区域,麦子店街道"));
            bytes.extend(if row == 7 { b"\xff\n".as_slice() } else { b"\n" });
        }
        let dataset = deliver("a.csv", bytes).unwrap();
        assert_eq!(dataset.layers[0].records.len(), 29);
        let fault = dataset.faults[0].to_string();
        assert!(fault.starts_with("a.csv, row 9 (line 9): the cell in column 2 is not valid"), "{fault}");
        assert!(texts(&dataset.layers[0]).iter().all(|row| row[0] == "枣营北里物业管理区域"));
    }
}

#[test]
fn rows_are_padded_and_values_beyond_the_head_are_faults() {
    let dataset = deliver("a.csv", "name;street;n\n甲;朝外\n乙;朝外;3;4\n丙;朝外;3;;\n").unwrap();
    let layer = &dataset.layers[0];
    assert_eq!(texts(layer), [vec!["甲", "朝外"], vec!["丙", "朝外", "3"]]);
    assert_eq!(dataset.faults.len(), 1);
    assert!(dataset.faults[0].to_string().contains("row 3 (line 3): the row has a value in column 4"));
    let open = deliver("a.csv", "name,street\n甲,朝外\n乙,\"朝外\n").unwrap();
    assert!(open.faults[0].to_string().contains("a quotation mark is not closed"));
}

#[test]
fn tables_have_their_geometry_in_one_column_or_in_two() {
    let text = "name,geom\n甲,\"SRID=4548;POLYGON((0 0,1 0,1 1))\"\n乙,\n丙,POLYGON((0 0\n丁,SRID=4490;POINT(1 2)\n";
    let dataset = deliver("a.csv", text).unwrap();
    let layer = &dataset.layers[0];
    assert_eq!((layer.columns.as_slice(), layer.crs.as_deref()), (&["name".to_owned()][..], Some("EPSG:4548")));
    let geometries: Vec<&Geometry> = layer.records.iter().map(|record| &record.geometry).collect();
    let Geometry::Shape { shape: RawShape::Polygons(polygons), source: Some(source) } = geometries[0] else { panic!() };
    assert_eq!(polygons[0].rings[0].len(), 3);
    assert_eq!(&**source, "SRID=4548;POLYGON((0 0,1 0,1 1))");
    assert_eq!(geometries[1], &Geometry::None);
    assert!(matches!(geometries[2], Geometry::Unreadable { .. }));
    assert!(matches!(geometries[3], Geometry::Unreadable { why } if why.contains("SRID 4490")));

    let dataset = deliver("a.csv", "名称\t经度\t纬度\n甲\t１１６.4\t39.9°\n乙\t\t\n丙\t116.4\t\n丁\t东\t39\n").unwrap();
    let layer = &dataset.layers[0];
    assert_eq!(layer.columns.len(), 3);
    let point = RawShape::Points(vec![Coord { x: 116.4, y: 39.9 }]);
    assert_eq!(layer.records[0].geometry, Geometry::Shape { shape: point, source: Some("POINT (116.4 39.9)".into()) });
    assert_eq!(layer.records[1].geometry, Geometry::None);
    assert!(matches!(&layer.records[2].geometry, Geometry::Unreadable { why } if why.contains("missing")));
    assert!(matches!(&layer.records[3].geometry, Geometry::Unreadable { why } if why.contains("not a number")));

    let json = r#"{""type"":""Polygon"",""coordinates"":[[[0,0],[1,0],[1,1]]]}"#;
    let dataset = deliver("a.csv", format!("name,几何\n甲,\"{json}\"\n")).unwrap();
    assert!(matches!(dataset.layers[0].records[0].geometry, Geometry::Shape { .. }));
}

#[test]
fn an_archive_is_read_by_its_members_and_documents_beside_them_are_left_out() {
    let collection =
        br#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":{"a":1}}]}"#;
    let bytes = zipped(&[
        ("数据/台账.csv", LEDGER.as_bytes()),
        ("数据/a.geojson", collection),
        ("说明.txt", "请查收".as_bytes()),
        ("合同.pdf", b"%PDF-1.7"),
        ("__MACOSX/._a.csv", b"\0\0"),
    ]);
    let dataset = deliver("报送.zip", bytes).unwrap();
    let layers: Vec<_> = dataset.layers.iter().map(|layer| (&*layer.file, layer.records.len())).collect();
    assert_eq!(layers, [("台账.csv", 2), ("a.geojson", 1)]);
    let left: Vec<_> = dataset.skipped.iter().filter(|skipped| skipped.kind == SkippedKind::File).collect();
    assert_eq!(left.len(), 2);

    let only = deliver("a.zip", zipped(&[("台账.txt", LEDGER.as_bytes())])).unwrap();
    assert_eq!(only.layers[0].records.len(), 2);
    assert!(why("a.zip", zipped(&[("合同.pdf", b"%PDF-1.7")])).contains("this is a PDF"));
    assert!(
        why("a.zip", zipped(&[("b.zip", &zipped(&[("a.csv", b"a,b\n1,2\n")]))])).contains("an archive in an archive")
    );
    assert!(why("a.zip", zipped(&[("区域.gdb/a00000001.gdbtable", b"\x03\0")])).contains("file geodatabase"));
    assert!(
        why("a.docx", zipped(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")])).contains(".xlsx")
    );
}

#[test]
fn a_layer_is_chosen_by_its_name() {
    let files = || vec![file("a.csv", "name,n\n甲,1\n"), file("b.csv", "name,n\n乙,1\n")];
    let options = ReadOptions { layer: Some("b".to_owned()), ..ReadOptions::default() };
    let dataset = read(files(), &options).unwrap();
    assert_eq!(texts(&dataset.layers[0])[0][0], "乙");
    let options = ReadOptions { layer: Some("c".to_owned()), ..ReadOptions::default() };
    let err = read(files(), &options).unwrap_err().to_string();
    assert!(err.contains("there is no layer \"c\"; there are [\"a\", \"b\"]"), "{err}");
}

#[test]
fn nothing_at_all_is_an_error() {
    assert!(matches!(deliver("a.csv", ""), Err(FormatError::Empty { .. })));
    assert!(matches!(deliver("a.csv", "name,street\n"), Err(FormatError::Empty { .. })));
    assert!(matches!(
        deliver("a.geojson", r#"{"type":"FeatureCollection","features":[]}"#),
        Err(FormatError::Empty { .. })
    ));
    assert!(matches!(deliver("a.zip", zipped(&[])), Err(FormatError::Empty { .. })));
    assert!(matches!(read(Vec::new(), &ReadOptions::default()), Err(FormatError::Empty { .. })));
    assert!(why("a.csv", "1,2\n3,4\n").contains("there is no head row"));
    assert!(why("a.prj", "GEOGCS[]").contains("a part of a shapefile without its .shp"));
}

#[test]
fn limits_of_size_records_and_columns_hold() {
    let limits = |change: fn(&mut Limits)| {
        let mut options = ReadOptions::default();
        change(&mut options.limits);
        options
    };
    let told = |bytes: &str, options: &ReadOptions| read(vec![file("a.csv", bytes)], options).unwrap_err().to_string();
    let small = limits(|limits| limits.packed_bytes = 10);
    assert_eq!(told("name,street\n", &small), "a.csv: the packed size exceeds the limit of 10");
    let few = limits(|limits| limits.records = 2);
    assert!(told("a,b\n1,2\n1,2\n1,2\n", &few).contains("the number of records exceeds the limit of 2"));
    let commas = format!("a,b\n{}\n", ",".repeat(5_000_000));
    assert!(told(&commas, &ReadOptions::default()).contains("the number of columns exceeds the limit of 512"));
    let long = format!("a,b\n1,{}\n", "长".repeat(30_000));
    assert!(told(&long, &ReadOptions::default()).contains("the text of a cell exceeds the limit of 65536"));
    let faults = format!("a,b\n{}", "1,2,3\n".repeat(10));
    assert!(told(&faults, &limits(|limits| limits.records = 5)).contains("records and faults"));
}

#[test]
fn the_workbook_and_the_bomb_in_an_archive_are_bounded_together() {
    let zeros = vec![b'1'; 3 << 20];
    let bytes = zipped(&[("a.csv", &zeros), ("b.csv", &zeros)]);
    let mut options = ReadOptions::default();
    options.limits.ratio = u64::MAX;
    options.limits.unpacked_bytes = 4 << 20;
    let err = read(vec![file("a.zip", bytes)], &options).unwrap_err().to_string();
    assert!(err.contains("a.zip/b.csv: the unpacked size exceeds"), "{err}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_of_any_name_are_answered(
        name in "a\\.(csv|geojson|geojsonl|xlsx|zip|kmz|txt|dbf)",
        start in prop::sample::select(vec![&b""[..], b"PK\x03\x04", b"{", b"\x1e{\"type\":\"Feature\"", b"\xff\xfe", b"a,b\n"]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let _ = deliver(&name, [start, &bytes[..]].concat());
    }

    #[test]
    fn any_table_is_answered(text in "[,;\t\n\"1甲序号合计=(POLYGON )经度纬度-]{0,120}") {
        let _ = deliver("a.csv", text);
    }
}
