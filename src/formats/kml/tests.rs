use std::io::Cursor;

use proptest::prelude::*;

use super::{read, write};
use crate::formats::columns::text_of;
use crate::formats::testing::{columns, only_layer, read_back, rows, written};
use crate::formats::{Cell, Dataset, ExportRow, FormatError, Geometry, InputFile, Item, ReadOptions};
use crate::geom::RawShape;

pub(super) fn read_bytes(bytes: &[u8]) -> Result<Dataset, FormatError> {
    let file = InputFile { name: "a.kml".to_owned(), bytes: Box::new(Cursor::new(bytes.to_vec())) };
    read(file, &ReadOptions::default())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_reads_back(rows in rows()) {
        let layer = only_layer(read_bytes(&written(write, &rows, 4490).unwrap()).unwrap());
        prop_assert_eq!((layer.name.as_str(), layer.crs.as_deref()), ("a", Some("OGC:CRS84")));
        let texts = |row: &ExportRow| ExportRow {
            cells: row.cells.iter().map(|c| text_of(c).map_or(Cell::Empty, |text| Cell::Text(text.into()))).collect(),
            boundary: row.boundary.clone(),
        };
        let texts: Vec<ExportRow> = rows.iter().map(texts).collect();
        prop_assert_eq!(read_back(&layer, &columns()), texts);
    }
}

const FOLDERS: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<k:kml xmlns:k="http://www.opengis.net/kml/2.2"><Document><name>all</name>
<Schema name="s"><SimpleField name="HS" type="int"/></Schema>
<Placemark id="1">
  <name> 枣营&amp;北里 </name><description><![CDATA[<b>a</b>]]> &#x4E00;</description>
  <ExtendedData><Data name="fee&lt;"><displayName>x</displayName><value>1.6</value></Data><Data name="name"><value>y</value></Data></ExtendedData>
  <Point><coordinates> 116.4,39.9,0 </coordinates></Point>
</Placemark>
<Folder><name>街乡</name><Folder><name>JW</name>
<Placemark><ExtendedData><SchemaData schemaUrl="#s"><SimpleData name="HS">12</SimpleData></SchemaData></ExtendedData>
<MultiGeometry><Point><coordinates>1,2</coordinates></Point><Polygon><outerBoundaryIs><LinearRing><coordinates>
0,0 1,0,5
1,1 0,0</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry>
</Placemark></Folder></Folder>
<NetworkLink><Link><href>http://127.0.0.1:1/x.kml</href></Link></NetworkLink>
<Placemark/>
</Document></k:kml>"##;

#[test]
fn placemarks_are_found_in_folders_with_their_values() {
    let dataset = read_bytes(FOLDERS.as_bytes()).unwrap();
    let faults: Vec<String> = dataset.faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "a.kml, feature 2 (line 10): the geometry has pieces of several kinds; only the outlines, or the lines, are read",
            "a.kml: the file links to another one (NetworkLink), which is not fetched; deliver that one",
        ]
    );
    let layer = &dataset.layers[0];
    assert_eq!(layer.columns, ["folder", "name", "description", "fee<", "name_2", "HS"]);
    let text = |text: &str| Cell::Text(text.into());
    let first = [Cell::Empty, text("枣营&北里"), text("<b>a</b> 一"), text("1.6"), text("y")];
    assert_eq!((&layer.records[0].cells[..], layer.records[0].line), (&first[..], Some(4)));
    let second = [text("街乡/JW"), Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty, text("12")];
    assert_eq!((&layer.records[1].cells[..], layer.records[1].item), (&second[..], Item::Feature(2)));
    let Geometry::Shape { shape: RawShape::Polygons(polygons), source } = &layer.records[1].geometry else { panic!() };
    assert_eq!(polygons[0].rings[0].len(), 4);
    let source = source.as_deref().unwrap();
    assert!(FOLDERS.contains(source) && source.starts_with("<MultiGeometry>") && source.ends_with("</MultiGeometry>"));
    assert_eq!((&layer.records[2].geometry, layer.records[2].cells.len()), (&Geometry::None, 0));
}

#[test]
fn without_folders_there_is_no_column_of_them() {
    let text = "<kml><Folder><name>x</name><Placemark><name>a</name></Placemark></Folder></kml>";
    let layer = only_layer(read_bytes(text.as_bytes()).unwrap());
    assert_eq!((layer.columns, &layer.records[0].cells[..]), (vec!["name".to_owned()], &[Cell::Text("a".into())][..]));
}

#[test]
fn the_encoding_is_the_declared_one_or_found_out() {
    let text = |declared: &str| {
        let head = format!("<?xml version='1.0' encoding='{declared}'?>");
        format!("{head}<kml><Placemark><name>示</name><address>枣营北里物业管理区域</address></Placemark></kml>")
    };
    for declared in ["GBK", "gb2312", "GB18030", "UTF-8"] {
        let bytes = encoding_rs::GB18030.encode(&text(declared)).0.into_owned();
        let layer = only_layer(read_bytes(&bytes).unwrap());
        assert_eq!((layer.encoding, &layer.records[0].cells[0]), (Some("gb18030"), &Cell::Text("示".into())));
    }
    let marked = format!("\u{feff}{}", text("GBK"));
    assert_eq!(only_layer(read_bytes(marked.as_bytes()).unwrap()).encoding, Some("UTF-8"));
    let wide: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(only_layer(read_bytes(&wide).unwrap()).encoding, Some("UTF-16LE"));
}

#[test]
fn coordinates_that_are_none_hurt_only_their_placemark() {
    let placemark = |geometry: &str| format!("<Placemark>{geometry}</Placemark>");
    let polygon = |rings: &str| placemark(&format!("<Polygon>{rings}</Polygon>"));
    let ring =
        |role: &str, text: &str| format!("<{role}><LinearRing><coordinates>{text}</coordinates></LinearRing></{role}>");
    let text = [
        placemark("<Point><coordinates>116.4, 39.9</coordinates></Point>"),
        placemark("<Point><coordinates>NaN,1</coordinates></Point>"),
        polygon(&ring("innerBoundaryIs", "0,0 1,1 0,1")),
        polygon(&ring("outerBoundaryIs", "")),
        polygon(&ring("outerBoundaryIs", "0,0 1,1 0,1").repeat(2)),
        placemark("<Model><Link/></Model>"),
        placemark("<Point><coordinates>1,2,3,4</coordinates></Point>"),
        placemark("<MultiGeometry/>"),
        polygon(&ring("outerBoundaryIs", "0,0, 1,1, 0,1,")),
        placemark("<LinearRing><coordinates>0,0 1,1</coordinates></LinearRing>"),
    ]
    .concat();
    let layer = only_layer(read_bytes(format!("<kml><Document>{text}</Document></kml>").as_bytes()).unwrap());
    let kind = |record: &crate::formats::SourceRecord| match &record.geometry {
        Geometry::None => "none",
        Geometry::Unreadable { .. } => "unreadable",
        Geometry::Shape { shape: RawShape::Polygons(_), .. } => "polygon",
        Geometry::Shape { .. } => "shape",
    };
    let kinds: Vec<&str> = layer.records.iter().map(kind).collect();
    assert_eq!(kinds[..7], ["unreadable"; 7]);
    assert_eq!(kinds[7..], ["none", "polygon", "shape"]);
}

#[test]
fn metres_are_not_written() {
    assert!(written(write, &[], 4548).unwrap_err().to_string().contains("EPSG:4548 cannot be written"));
}
