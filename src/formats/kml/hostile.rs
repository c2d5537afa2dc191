//! Documents that are broken, or made to break a reader.

use std::io::Cursor;

use proptest::prelude::*;

use crate::formats::kml::tests::read_bytes;
use crate::formats::kml::{read, write};
use crate::formats::testing::{damaged, written};
use crate::formats::{Cell, Dataset, ExportRow, FormatError, InputFile, Limits, ReadOptions};

fn sample() -> Vec<u8> {
    let boundary = geo::Rect::new((116.4, 39.9), (116.5, 40.0)).to_polygon().into();
    let row =
        ExportRow { cells: vec![Cell::Text("甲&乙".into()), Cell::Text("枣营".into())], boundary: Some(boundary) };
    written(write, &[row.clone(), row], 4490).unwrap()
}

fn refusal(text: &str) -> String {
    read_bytes(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_file_cut_anywhere_gives_what_stands_before_and_says_so() {
    let bytes = sample();
    let end_of_root = bytes.len() - 1;
    for end in 0..end_of_root {
        match read_bytes(&bytes[..end]) {
            Ok(dataset) => assert!(!dataset.faults.is_empty(), "cut at {end}"),
            Err(err) => assert!(!err.to_string().is_empty()),
        }
    }
    assert!(read_bytes(&bytes).unwrap().faults.is_empty());
}

#[test]
fn bytes_changed_anywhere_do_no_harm() {
    let bytes = sample();
    for byte in [b'<', b'>', b'&', b'"', 0, 0xFF] {
        for damaged in damaged(&bytes, byte) {
            let _ = read_bytes(&damaged);
        }
    }
}

#[test]
fn nesting_is_bounded_however_deep() {
    for element in ["Folder", "MultiGeometry", "x"] {
        let open = format!("<{element}>").repeat(100_000);
        let text = format!("<kml><Document><Placemark>{open}");
        assert_eq!(refusal(&text).rsplit(": ").next(), Some("the nesting of elements exceeds the limit of 64"));
    }
    let folders = format!("<kml>{}", "<Folder>".repeat(100_000));
    assert_eq!(refusal(&folders), "a.kml: the nesting of elements exceeds the limit of 64");
}

#[test]
fn types_and_entities_of_ones_own_are_refused() {
    let bomb = "<?xml version='1.0'?><!DOCTYPE kml [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>\
        <kml><Placemark><name>&b;</name></Placemark></kml>";
    assert!(refusal(bomb).contains("DOCTYPE"));
    let outside = "<!DOCTYPE kml SYSTEM 'http://127.0.0.1:1/x.dtd'><kml/>";
    assert!(refusal(outside).contains("DOCTYPE"));
    assert!(refusal("<kml><Placemark><name>&nbsp;</name></Placemark></kml>").contains("an entity"));
    assert!(refusal("<kml><Placemark><name>&#0;</name></Placemark></kml>").contains("an entity"));
    let attribute = "<kml><Placemark><ExtendedData><Data name='&b;'/></ExtendedData></Placemark></kml>";
    assert!(refusal(attribute).contains("an entity"));
}

#[test]
fn what_is_no_kml_is_refused() {
    assert!(refusal("").contains("no elements"));
    assert!(refusal("<html></html>").contains("this is no KML"));
    assert!(refusal("<kml></Document>").contains("no well-formed XML"));
    assert!(refusal("PK\u{3}\u{4}").contains("no KML") || !refusal("PK\u{3}\u{4}").is_empty());
}

fn limited(text: &str, limits: Limits) -> Result<Dataset, FormatError> {
    let file = InputFile { name: "a.kml".to_owned(), bytes: Box::new(Cursor::new(text.as_bytes().to_vec())) };
    read(file, &ReadOptions { limits, ..ReadOptions::default() })
}

#[test]
fn limits_are_kept() {
    let refused = |text: &str, limits: Limits| limited(text, limits).unwrap_err().to_string();
    let two = "<kml><Document><Placemark/><Placemark/></Document></kml>";
    assert!(refused(two, Limits { records: 1, ..Limits::UPLOAD }).contains("the number of records"));
    let point = "<kml><Placemark><LineString><coordinates>1,2 3,4 5,6</coordinates></LineString></Placemark></kml>";
    assert!(refused(point, Limits { vertices: 2, ..Limits::UPLOAD }).contains("the number of positions"));
    let data: String = (0..600).map(|number| format!("<Data name='c{number}'><value>x</value></Data>")).collect();
    let wide = format!("<kml><Placemark><ExtendedData>{data}</ExtendedData></Placemark></kml>");
    assert!(refused(&wide, Limits::UPLOAD).contains("the number of columns exceeds the limit of 512"));
    let long = format!("<kml><Placemark><name>{}</name></Placemark></kml>", "x".repeat(70_000));
    assert!(refused(&long, Limits::UPLOAD).contains("the size of a cell exceeds the limit of 65536"));
    let split = format!("<kml><Placemark><name>{}</name></Placemark></kml>", "x<b/>".repeat(70_000));
    assert!(refused(&split, Limits::UPLOAD).contains("the size of a cell"));
    let huge = format!("<kml><!--{}", "x".repeat(9_000_000));
    assert!(refused(&huge, Limits::UPLOAD).contains("the size of a text exceeds the limit of 8000000"));
    let attributes: String = (0..200_000).map(|number| format!(" a{number}=''")).collect();
    let tag = format!("<kml><Placemark><ExtendedData><Data{attributes}/></ExtendedData></Placemark></kml>");
    assert!(limited(&tag, Limits::UPLOAD).is_ok());
    let source = format!("<kml><Placemark><MultiGeometry>{}", "<!--xxxxxxxxxxxxxxxxxxxx-->".repeat(400_000));
    assert!(refused(&source, Limits::UPLOAD).contains("the text of a geometry"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(tail in prop::collection::vec(any::<u8>(), 0..200), at in 0usize..900) {
        let sample = sample();
        let _ = read_bytes(&tail);
        let _ = read_bytes(&[&sample[..at.min(sample.len())], &tail].concat());
    }

    #[test]
    fn no_document_makes_it_panic(text in "(<kml>|<Placemark>|</Placemark>|<name>|</name>|<Point>|</Point>|<coordinates>|</coordinates>|1,2|&amp;|<MultiGeometry>|<Polygon>|</Polygon>|<Folder>|</Folder>|<!--|-->|<!\\[CDATA\\[|\\]\\]>){0,40}") {
        let _ = read_bytes(text.as_bytes());
        let _ = read_bytes(format!("<kml>{text}").as_bytes());
    }
}
