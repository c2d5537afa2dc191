//! Workbooks as offices make them, and as nobody should.

use std::io::Write as _;

use jiff::civil::Date;
use proptest::prelude::*;
use rust_xlsxwriter::{Format, Formula, Workbook as Writer, Worksheet, XlsxError};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::formats::Cell;

fn book(fill: impl FnOnce(&mut Worksheet) -> Result<(), XlsxError>) -> Vec<u8> {
    let mut book = Writer::new();
    fill(book.add_worksheet()).unwrap();
    book.save_to_buffer().unwrap()
}

fn read(bytes: Vec<u8>) -> Result<Dataset, FormatError> {
    read_with(bytes, &ReadOptions::default())
}

fn read_with(bytes: Vec<u8>, options: &ReadOptions) -> Result<Dataset, FormatError> {
    let file = InputFile { name: "a.xlsx".to_owned(), bytes: Box::new(Cursor::new(bytes)) };
    read_delivery(file, options, &mut Budget::new(options.limits))
}

fn why(bytes: Vec<u8>) -> String {
    read(bytes).unwrap_err().to_string()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.into())
}

/// A workbook of one sheet whose parts are given as text.
fn package(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let types = format!("{head}<Types xmlns=\"{package}/content-types\"></Types>");
    let rels = format!(
        "{head}<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{kind}/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let workbook = format!(
        "{head}<workbook xmlns=\"{main}\" xmlns:r=\"{kind}\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let workbook_rels = format!(
        "{head}<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r1\" Type=\"{kind}/worksheet\" \
         Target=\"worksheets/sheet1.xml\"/></Relationships>"
    );
    let sheet = format!("{head}<worksheet xmlns=\"{main}\">{sheet}</worksheet>");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = [
        ("[Content_Types].xml", types.as_str()),
        ("_rels/.rels", &rels),
        ("xl/workbook.xml", &workbook),
        ("xl/_rels/workbook.xml.rels", &workbook_rels),
        ("xl/worksheets/sheet1.xml", &sheet),
    ];
    for (name, text) in parts.into_iter().chain(more.iter().copied()) {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn inline(address: &str, text: &str) -> String {
    format!("<c r=\"{address}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

#[test]
fn a_ledger_with_a_title_two_head_rows_merged_cells_and_totals_is_read() {
    let bytes = book(|sheet| {
        let format = Format::new();
        sheet.merge_range(0, 0, 0, 5, "某街道物业管理区域台账", &format)?;
        sheet.merge_range(1, 0, 2, 0, "序号", &format)?;
        sheet.merge_range(1, 1, 2, 1, "街道", &format)?;
        sheet.merge_range(1, 2, 2, 2, "名称", &format)?;
        sheet.merge_range(1, 3, 1, 4, "物业企业", &format)?;
        sheet.merge_range(1, 5, 2, 5, "备案日期", &format)?;
        sheet.write(2, 3, "名称")?.write(2, 4, "电话")?;
        sheet.merge_range(3, 1, 4, 1, "麦子店街道", &format)?;
        let day = Format::new().set_num_format("yyyy/m/d");
        for (row, name) in [(3, "枣营北里"), (4, "枣营南里")] {
            sheet.write(row, 0, row - 2)?.write(row, 2, name)?.write(row, 3, "某物业")?.write(row, 4, 1_234.5)?;
            sheet.write_with_format(row, 5, 44861, &day)?;
        }
        sheet.merge_range(5, 0, 5, 3, "合计", &format)?;
        sheet.write(5, 4, 2469)?;
        sheet.write(7, 0, "填表人：某某")?;
        Ok(())
    });
    let dataset = read(bytes).unwrap();
    let layer = &dataset.layers[0];
    assert_eq!(layer.columns, ["街道", "名称", "物业企业_名称", "物业企业_电话", "备案日期"]);
    let row = |name: &str| {
        [text("麦子店街道"), text(name), text("某物业"), Cell::Number(1234.5), Cell::Date(Date::constant(2022, 10, 27))]
    };
    assert_eq!(layer.records.len(), 2);
    assert_eq!(layer.records[0].cells, row("枣营北里"));
    assert_eq!(layer.records[1].cells, row("枣营南里"));
    assert_eq!(layer.place(&layer.records[1]).to_string(), "a.xlsx, row 5");
    let skipped: Vec<_> = dataset.skipped.iter().map(|skipped| (skipped.kind, skipped.text.as_str())).collect();
    assert_eq!(
        skipped,
        [
            (SkippedKind::Title, "某街道物业管理区域台账"),
            (SkippedKind::Total, "合计"),
            (SkippedKind::Note, "填表人：某某")
        ]
    );
    assert!(dataset.faults.is_empty(), "{:?}", dataset.faults);
}

#[test]
fn values_keep_their_types_and_errors_are_faults() {
    let bytes = book(|sheet| {
        for (column, name) in ["代码", "面积", "有无", "时间", "公式"].into_iter().enumerate() {
            sheet.write(0, column as u16, name)?;
        }
        let time = Format::new().set_num_format("yyyy-mm-dd hh:mm");
        sheet.write(1, 0, "0011")?.write(1, 1, 9.11e17)?.write(1, 2, true)?;
        sheet.write_with_format(1, 3, 44861.5, &time)?;
        sheet.write_formula(1, 4, Formula::new("=1/0").set_result("#DIV/0!"))?;
        Ok(())
    });
    let dataset = read(bytes).unwrap();
    let cells = &dataset.layers[0].records[0].cells;
    assert_eq!(cells[..4], [text("0011"), Cell::Number(9.11e17), Cell::Bool(true), text("2022-10-27T12:00:00")]);
    let sheet = "<sheetData><row r=\"1\">".to_owned()
        + &inline("A1", "名称")
        + &inline("B1", "街道")
        + "</row><row r=\"2\">"
        + &inline("A2", "甲")
        + "<c r=\"B2\" t=\"e\"><v>#REF!</v></c></row></sheetData>";
    let dataset = read(package(&sheet, &[])).unwrap();
    assert_eq!(dataset.layers[0].records[0].cells, [text("甲")]);
    assert_eq!(dataset.faults[0].to_string(), "a.xlsx, row 2: the cell B2 has the error #REF!");
}

#[test]
fn every_sheet_is_a_layer_but_lists_of_codes() {
    let mut book = Writer::new();
    for (name, hidden) in [("台账", false), ("旧台账", true), ("填表说明", false)] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap().set_hidden(hidden);
        sheet.write(0, 0, "名称").unwrap().write(0, 1, "街道").unwrap();
        sheet.write(1, 0, name).unwrap().write(1, 1, "朝外").unwrap();
    }
    book.add_worksheet().set_name("空表").unwrap();
    let numbers = book.add_worksheet();
    numbers.set_name("数").unwrap().write(0, 0, 1).unwrap().write(0, 1, 2).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let dataset = read(bytes.clone()).unwrap();
    let names = |dataset: &Dataset| dataset.layers.iter().map(|layer| layer.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&dataset), ["台账", "旧台账"]);
    assert_eq!(dataset.skipped[0].place.to_string(), "a.xlsx/填表说明");
    assert!(dataset.faults[0].to_string().contains("no head row"));
    let options = ReadOptions { layer: Some("填表说明".to_owned()), ..ReadOptions::default() };
    assert_eq!(names(&read_with(bytes, &options).unwrap()), ["填表说明"]);
}

#[test]
fn a_far_cell_costs_nothing_or_is_refused() {
    let rows = "<row r=\"1\">".to_owned()
        + &inline("A1", "名称")
        + &inline("B1", "街道")
        + "</row><row r=\"2\">"
        + &inline("A2", "甲")
        + "</row>";
    let far = |cell: &str| {
        format!("<dimension ref=\"A1:XFD1048576\"/><sheetData>{rows}<row r=\"1048576\">{cell}</row></sheetData>")
    };
    let dataset = read(package(&far("<c r=\"XFD1048576\"/>"), &[])).unwrap();
    assert_eq!(dataset.layers[0].records.len(), 1);
    let err = why(package(&far("<c r=\"XFD1048576\"><v>1</v></c>"), &[]));
    assert_eq!(err, "a.xlsx, row 1048576: the number of columns exceeds the limit of 4096");
    let low = read(package(&far(&inline("A1048576", "乙")), &[])).unwrap();
    assert_eq!(low.layers[0].place(&low.layers[0].records[1]).to_string(), "a.xlsx, row 1048576");
}

#[test]
fn merged_areas_that_cover_everything_do_not_hang() {
    let rows: String =
        (2..2000).map(|row| format!("<row r=\"{row}\">{}</row>", inline(&format!("A{row}"), "甲"))).collect();
    let merges = "<mergeCell ref=\"A1:XFD1048576\"/>".repeat(50_000);
    let head = "<row r=\"1\">".to_owned() + &inline("A1", "名称") + &inline("B1", "街道") + "</row>";
    let sheet = format!("<sheetData>{head}{rows}</sheetData><mergeCells>{merges}</mergeCells>");
    let _ = read(package(&sheet, &[]));
    let merges = "<mergeCell ref=\"A1:B2\"/>".repeat(100_001);
    let sheet = format!("<sheetData>{head}</sheetData><mergeCells>{merges}</mergeCells>");
    assert!(why(package(&sheet, &[])).contains("the number of merged areas exceeds the limit of 100000"));
}

#[test]
fn one_long_text_named_a_million_times_is_bounded() {
    let long = "长".repeat(20_000);
    let strings = format!("<sst><si><t>名称</t></si><si><t>{long}</t></si></sst>");
    let cells: String =
        (2..60_000).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>1</v></c></row>")).collect();
    let sheet = format!("<sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>{cells}</sheetData>");
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let _ = kind;
    let err = why(package(&sheet, &[("xl/sharedStrings.xml", &strings)]));
    assert!(err.contains("the room that all records take"), "{err}");
}

#[test]
fn document_types_other_encodings_and_bombs_are_refused() {
    let sheet = "<sheetData/>";
    let bomb = "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><sst/>";
    assert!(why(package(sheet, &[("xl/sharedStrings.xml", bomb)])).contains("a document type or entities"));
    assert!(why(package(sheet, &[("xl/sharedStrings.xml", "\0<\0a")])).contains("not in UTF-8"));
    let zeros = " ".repeat(64 << 20);
    assert!(why(package(sheet, &[("xl/media/a.xml", &zeros)])).contains("exceeds the limit of 200"));
    let strings = format!("<sst>{}</sst>", "<si/>".repeat(13_000_000));
    assert!(why(package(sheet, &[("xl/sharedStrings.xml", &strings)])).contains("exceeds the limit"));
    assert!(why(b"PK\x03\x04rubbish".to_vec()).contains("damaged"));
    assert!(why(package("<sheetData><row r=\"1\"><c r=\"A1\"><v>1", &[])).contains("cannot be read"));
}

#[test]
fn a_truncated_workbook_is_an_error_at_every_length() {
    let bytes = package(&format!("<sheetData><row r=\"1\">{}</row></sheetData>", inline("A1", "名称")), &[]);
    for length in (0..bytes.len()).step_by(7) {
        assert!(read(bytes[..length].to_vec()).is_err(), "{length}");
    }
}

#[test]
fn a_merged_area_that_is_written_backwards_is_answered() {
    for area in ["C1:B2", "B3:B2", "C3:B2"] {
        let sheet = format!(
            "<sheetData><row r=\"1\">{}{}</row></sheetData><mergeCells><mergeCell ref=\"{area}\"/></mergeCells>",
            inline("A1", "名称"),
            inline("B1", "街道")
        );
        let _ = read(package(&sheet, &[]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_sheet_is_answered(
        sheet in "(<(row|c|v|f|is|t|sheetData|mergeCell|/c|/v|/row|/is|/t|/sheetData)( (r|t|s|ref)=\"(A1|B2|XFD9|A1:B3|s|e|d|b|9|-1|A0|1A|)\"){0,2}/?>|1|名){0,24}",
    ) {
        let _ = read(package(&format!("<sheetData>{sheet}</sheetData>"), &[]));
        let _ = read(package(&sheet, &[]));
    }

    #[test]
    fn a_workbook_with_damaged_parts_is_answered(at in 0usize..2000, byte: u8) {
        let mut sheet = format!("<sheetData><row r=\"1\">{}</row></sheetData><mergeCells><mergeCell ref=\"A1:B2\"/></mergeCells>", inline("A1", "名称")).into_bytes();
        let length = sheet.len();
        sheet[at % length] = byte;
        let _ = read(package(&String::from_utf8_lossy(&sheet), &[]));
    }
}
