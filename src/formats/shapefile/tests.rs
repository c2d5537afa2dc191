use std::io::{Cursor, Read as _};

use geo::MultiPolygon;
use jiff::civil::date;
use proptest::prelude::*;

use super::{Parts, read, write};
use crate::formats::testing::{columns, only_layer, read_back, rows, written};
use crate::formats::{Bytes, Cell, Dataset, Export, ExportRow, Geometry, Item, ReadOptions};
use crate::geom::RawShape;

/// The members of an archive by their endings.
pub(super) struct Unpacked(Vec<(String, Vec<u8>)>);

impl Unpacked {
    pub(super) fn of(archive: &[u8]) -> Self {
        let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
        let count = archive.len();
        let member = |at| {
            let mut file = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        };
        Self((0..count).map(member).collect())
    }

    pub(super) fn member(&self, ending: &str) -> &[u8] {
        &self.0.iter().find(|(name, _)| name.ends_with(ending)).unwrap().1
    }

    pub(super) fn text(&self, ending: &str) -> String {
        String::from_utf8(self.member(ending).to_vec()).unwrap()
    }

    pub(super) fn read(&self) -> Dataset {
        let bytes = |ending| Some(boxed(self.member(ending)));
        let (prj, cpg) = (Some(self.text(".prj")), Some(self.text(".cpg")));
        let parts = Parts { name: "areas.shp".to_owned(), shp: bytes(".shp"), dbf: bytes(".dbf"), prj, cpg };
        read(parts, &ReadOptions::default()).unwrap()
    }
}

pub(super) fn boxed(bytes: &[u8]) -> Box<dyn Bytes> {
    Box::new(Cursor::new(bytes.to_vec()))
}

pub(super) fn parts(shp: Option<&[u8]>, dbf: Option<&[u8]>) -> Parts<'static> {
    Parts { name: "a".to_owned(), shp: shp.map(boxed), dbf: dbf.map(boxed), prj: None, cpg: None }
}

/// A table with fields of name, type, width and decimals, and rows as bytes.
pub(super) fn table(fields: &[(&[u8], u8, u8, u8)], rows: &[&[u8]]) -> Vec<u8> {
    let row_bytes = 1 + fields.iter().map(|field| u16::from(field.2)).sum::<u16>();
    let mut bytes = vec![3, 122, 10, 27];
    bytes.extend((rows.len() as u32).to_le_bytes());
    bytes.extend((33 + 32 * fields.len() as u16).to_le_bytes());
    bytes.extend(row_bytes.to_le_bytes());
    bytes.resize(32, 0);
    for (name, kind, width, decimals) in fields {
        let entry = bytes.len();
        bytes.extend(*name);
        bytes.resize(entry + 11, 0);
        bytes.push(*kind);
        bytes.resize(entry + 16, 0);
        bytes.extend([*width, *decimals]);
        bytes.resize(entry + 32, 0);
    }
    bytes.push(13);
    for row in rows {
        assert_eq!(row.len(), usize::from(row_bytes));
        bytes.extend(*row);
    }
    bytes.push(26);
    bytes
}

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_reads_back(rows in rows()) {
        let unpacked = Unpacked::of(&written(write, &rows, 4490).unwrap());
        let layer = only_layer(unpacked.read());
        prop_assert_eq!(&layer.columns, &columns());
        prop_assert_eq!(layer.name.as_str(), "areas");
        prop_assert!(layer.crs.as_ref().unwrap().starts_with("GEOGCS[\"GCS_China_Geodetic"));
        prop_assert_eq!(read_back(&layer, &columns()), rows);
    }
}

#[test]
fn the_same_rows_make_the_same_bytes() {
    let rows = [ExportRow { cells: vec![Cell::Text("甲".into())], boundary: None }];
    assert_eq!(written(write, &rows, 4548).unwrap(), written(write, &rows, 4548).unwrap());
}

#[test]
fn long_names_are_cut_unique_and_listed_and_long_texts_counted() {
    let columns =
        ["delimitation_document", "delimitation_date", "物业服务企业名称", "物业服务企业代码"].map(str::to_owned);
    let cells = vec![Cell::Empty, Cell::Empty, Cell::Text("长".repeat(200).into()), Cell::Integer(7)];
    let row = ExportRow { cells, boundary: Some(MultiPolygon::new(vec![])) };
    let export =
        Export { name: "小区/2022", columns: &columns, rows: &mut [row].into_iter(), crs_epsg: 4548, about: "" };
    let unpacked = Unpacked::of(&write(export).unwrap());
    assert!(unpacked.0.iter().any(|(name, _)| name == "小区_2022.shp"));
    let fields = unpacked.text("fields.csv");
    assert_eq!(
        fields.trim_start_matches('\u{feff}').replace("\r\n", "\n"),
        "short,long,cut_texts\ndelimitati,delimitation_document,0\ndelimita_2,delimitation_date,0\n\
         物业服务企,物业服务企业名称,1\n物业服务_2,物业服务企业代码,0\n"
    );
    let layer = only_layer(unpacked.read());
    assert_eq!(layer.columns, ["delimitati", "delimita_2", "物业服务企", "物业服务_2"]);
    assert_eq!(layer.records[0].cells[2], Cell::Text("长".repeat(127).into()));
    assert_eq!(layer.records[0].geometry, Geometry::None);
}

#[test]
fn texts_that_gbk_cannot_hold_make_the_table_unicode() {
    let rows = [ExportRow { cells: vec![Cell::Text("㐂𠮷".into())], boundary: None }];
    let unpacked = Unpacked::of(&written(write, &rows, 4490).unwrap());
    assert_eq!(unpacked.text(".cpg"), "UTF-8");
    assert_eq!(only_layer(unpacked.read()).records[0].cells, rows[0].cells);
}

#[test]
fn a_table_in_gbk_that_does_not_say_so_is_read_alone() {
    // The last field name is cut within a character.
    let cut = gbk("a物业服务企业");
    let (name, long) = (gbk("名称"), gbk("一二三四五"));
    let fields: [(&[u8], u8, u8, u8); 7] = [
        (&name, b'C', 9, 0),
        (&cut[..10], b'C', 4, 0),
        (b"HS", b'N', 6, 0),
        (b"FEE", b'N', 6, 2),
        (b"D", b'D', 8, 0),
        (b"L", b'L', 1, 0),
        (b"HS", b'F', 4, 1),
    ];
    let row = |flag: &[u8], text: &[u8], rest: &[u8]| [flag, text, rest].concat();
    let rows = [
        row(b" ", &long[..9], b"x     1652  1.60".as_slice()).into_iter().chain(*b"20221027T12.5").collect::<Vec<u8>>(),
        row(b"*", b"deleted  ", b"x     1652  1.6020221027T12.5"),
        row(b" ", b"\0\0\0\0\0\0\0\0\0", b"    ******      00000000?    "),
    ];
    let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
    let layer = only_layer(read(parts(None, Some(&table(&fields, &rows))), &ReadOptions::default()).unwrap());
    assert_eq!((layer.encoding, &*layer.file), (Some("gb18030"), "a.dbf"));
    assert_eq!(layer.columns, ["名称", "a物业服务", "HS", "FEE", "D", "L", "HS_2"]);
    assert_eq!(
        layer.records[0].cells,
        [
            Cell::Text("一二三四".into()),
            Cell::Text("x".into()),
            Cell::Integer(1652),
            Cell::Number(1.6),
            Cell::Date(date(2022, 10, 27)),
            Cell::Bool(true),
            Cell::Number(12.5),
        ]
    );
    assert_eq!(layer.records[0].item, Item::Row(2));
    assert_eq!((layer.records.len(), layer.records[1].item, layer.records[1].cells.len()), (2, Item::Row(4), 0));
}

#[test]
fn a_memo_is_not_read_and_other_texts_stay_texts() {
    let fields: [(&[u8], u8, u8, u8); 3] = [(b"M", b'M', 10, 0), (b"N", b'N', 6, 0), (b"D", b'D', 8, 0)];
    let bytes = table(&fields, &[b"           11,65220221333"]);
    let dataset = read(parts(None, Some(&bytes)), &ReadOptions::default()).unwrap();
    assert_eq!(
        dataset.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["a.dbf: the column \"M\" is of type 'M', which is not read; it stays empty"]
    );
    assert_eq!(
        dataset.layers[0].records[0].cells,
        [Cell::Empty, Cell::Text("11,652".into()), Cell::Text("20221333".into())]
    );
}

fn record(number: i32, content: &[u8]) -> Vec<u8> {
    let words = (content.len() / 2) as i32;
    [&number.to_be_bytes(), &words.to_be_bytes(), content].concat()
}

pub(super) fn shp(contents: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = 9994i32.to_be_bytes().to_vec();
    bytes.resize(100, 0);
    for (number, content) in (1..).zip(contents) {
        bytes.extend(record(number, content));
    }
    bytes
}

/// Content of a record with parts: type, starts of the parts, positions, and what comes after them.
pub(super) fn content(kind: i32, starts: &[i32], positions: &[(f64, f64)], rest: &[f64]) -> Vec<u8> {
    let mut bytes = kind.to_le_bytes().to_vec();
    bytes.extend([0; 32]);
    bytes.extend((starts.len() as i32).to_le_bytes());
    bytes.extend((positions.len() as i32).to_le_bytes());
    starts.iter().for_each(|start| bytes.extend(start.to_le_bytes()));
    for number in positions.iter().flat_map(|(x, y)| [x, y]).chain(rest) {
        bytes.extend(number.to_le_bytes());
    }
    bytes
}

#[test]
fn lines_points_and_positions_with_heights_are_read_flat() {
    let mut point = 11i32.to_le_bytes().to_vec();
    [1.0, 2.0, 3.0, 4.0f64].iter().for_each(|number| point.extend(number.to_le_bytes()));
    let unclosed = content(15, &[0], &[(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)], &[0.0, 9.0, 5.0, 5.0, 5.0]);
    let lines = content(3, &[0, 2], &[(0.0, 0.0), (1.0, 0.0), (5.0, 5.0), (6.0, 5.0), (6.0, 6.0)], &[]);
    let contents = [point.clone(), unclosed, lines, 0i32.to_le_bytes().to_vec(), 31i32.to_le_bytes().to_vec()];
    let dataset = read(parts(Some(&shp(&contents)), None), &ReadOptions::default()).unwrap();
    assert!(dataset.faults[0].to_string().contains("the table (.dbf) is missing"));
    let shapes: Vec<&Geometry> = dataset.layers[0].records.iter().map(|record| &record.geometry).collect();
    let Geometry::Shape { shape: RawShape::Points(points), source } = shapes[0] else { panic!("{:?}", shapes[0]) };
    assert_eq!(points, &[geo::Coord { x: 1.0, y: 2.0 }]);
    let source = source.as_ref().unwrap().strip_prefix("data:application/x-esri-shape;base64,").unwrap();
    use base64::Engine as _;
    assert_eq!(base64::engine::general_purpose::STANDARD.decode(source).unwrap(), point);
    assert!(
        matches!(shapes[1], Geometry::Shape { shape: RawShape::Polygons(polygons), .. } if polygons[0].rings[0].len() == 3)
    );
    assert!(matches!(shapes[2], Geometry::Shape { shape: RawShape::Lines(lines), .. } if lines[1].len() == 3));
    assert_eq!(shapes[3], &Geometry::None);
    assert!(matches!(shapes[4], Geometry::Unreadable { why } if why.contains("MultiPatch")));
}

#[test]
fn another_number_of_rows_than_of_shapes_is_a_fault() {
    let shapes = shp(&[vec![0; 4], vec![0; 4], vec![0; 4]]);
    let rows = table(&[(b"A", b'C', 1, 0)], &[b" x", b" y"]);
    let dataset = read(parts(Some(&shapes), Some(&rows)), &ReadOptions::default()).unwrap();
    assert!(dataset.faults[0].to_string().starts_with("a.shp: there are 3 shapes (.shp) and 2 rows (.dbf)"));
    assert_eq!(dataset.layers[0].records.len(), 3);
}

#[test]
fn a_short_text_in_gbk_that_is_valid_utf_8_too_is_chinese() {
    let text = gbk("示");
    let rows = table(&[(b"A", b'C', 2, 0)], &[&[b" ".as_slice(), &text].concat()]);
    let read = |cpg: Option<&str>| {
        let parts = Parts { cpg: cpg.map(str::to_owned), ..parts(None, Some(&rows)) };
        only_layer(read(parts, &ReadOptions::default()).unwrap()).records.remove(0).cells.remove(0)
    };
    assert_eq!(read(None), Cell::Text("示".into()));
    assert_eq!(read(Some("GBK")), Cell::Text("示".into()));
    assert_eq!(read(Some("UTF-8")), Cell::Text("\u{2be}".into()));
}
