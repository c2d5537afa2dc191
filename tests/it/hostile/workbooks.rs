//! Workbooks, put together by hand.

use crate::hostile::archives::packed;
use crate::hostile::{Answer, Case, Expected, Refusal, Rows};

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// A workbook with one sheet of these rows and these shared texts.
fn workbook(rows: &str, texts: &str, sheet_head: &str) -> Vec<u8> {
    let types = format!(
        "<Types xmlns='{PACKAGE}/content-types'><Default Extension='rels' ContentType='application/vnd.openxmlformats-package.relationships+xml'/>\
         <Override PartName='/xl/workbook.xml' ContentType='{TYPE}.sheet.main+xml'/><Override PartName='/xl/worksheets/sheet1.xml' ContentType='{TYPE}.worksheet+xml'/>\
         <Override PartName='/xl/sharedStrings.xml' ContentType='{TYPE}.sharedStrings+xml'/></Types>"
    );
    let root = format!(
        "<Relationships xmlns='{PACKAGE}/relationships'><Relationship Id='rId1' Type='{RELATIONS}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
    );
    let book = format!(
        "<workbook xmlns='{MAIN}' xmlns:r='{RELATIONS}'><sheets><sheet name='a' sheetId='1' r:id='rId1'/></sheets></workbook>"
    );
    let related = format!(
        "<Relationships xmlns='{PACKAGE}/relationships'><Relationship Id='rId1' Type='{RELATIONS}/worksheet' Target='worksheets/sheet1.xml'/>\
         <Relationship Id='rId2' Type='{RELATIONS}/sharedStrings' Target='sharedStrings.xml'/></Relationships>"
    );
    let sheet = format!("{sheet_head}<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData></worksheet>");
    let shared = format!("<sst xmlns='{MAIN}'>{texts}</sst>");
    packed([
        ("[Content_Types].xml", types.into_bytes()),
        ("_rels/.rels", root.into_bytes()),
        ("xl/workbook.xml", book.into_bytes()),
        ("xl/_rels/workbook.xml.rels", related.into_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.into_bytes()),
        ("xl/sharedStrings.xml", shared.into_bytes()),
    ])
}

fn cell(at: &str, text: &str) -> String {
    format!("<c r='{at}' t='inlineStr'><is><t>{text}</t></is></c>")
}

/// Two rows: the head and one area.
fn rows() -> String {
    format!(
        "<row r='1'>{}{}</row><row r='2'>{}{}</row>",
        cell("A1", "名称"),
        cell("B1", "街道"),
        cell("A2", "甲"),
        cell("B2", "麦子店街道")
    )
}

pub(super) fn cases() -> Vec<Case> {
    let book = |what: &str, rows: &str, texts: &str, head: &str, expected: Expected| {
        Case::new(what, "a.xlsx", workbook(rows, texts, head), expected)
    };
    let far = format!("{}<row r='1048576'>{}</row>", rows(), cell("XFD1048576", "乙"));
    let farther = format!("{}<row r='4294967295'>{}</row>", rows(), cell("ZZZZZZ4294967295", "乙"));
    let laughs: String =
        (1..12).map(|number| format!("<!ENTITY e{number} \"{}\">", format!("&e{};", number - 1).repeat(10))).collect();
    let doctype = format!("<!DOCTYPE worksheet [<!ENTITY e0 \"ha\">{laughs}]>");
    let long =
        format!("<si><t>{}</t></si>", (0..30_000).map(|n| char::from(b'a' + (n * n % 23) as u8)).collect::<String>());
    let named: String =
        (1..200_000).map(|row| format!("<row r='{row}'><c r='A{row}' t='s'><v>0</v></c></row>")).collect();
    let parts = |parts: Vec<(&str, Vec<u8>)>| packed(parts);
    let error =
        "<row r='1'><c r='A1' t='e'><v>#REF!</v></c></row><row r='2'><c r='A2' t='d'><v>9999-99-99</v></c></row>";
    vec![
        book("a workbook as it should be", &rows(), "", "", Rows(1)),
        book("a cell in the last place of a sheet", &far, "", "", Answer),
        book("a cell beyond every sheet", &farther, "", "", Answer),
        book("a workbook bomb", &" ".repeat(64 << 20), "", "", Refusal("limit")),
        book("shared texts that are a bomb", &rows(), &"<si><t>a</t></si>".repeat(8 << 20), "", Refusal("limit")),
        book("one long text that is named 200,000 times", &named, &long, "", Answer),
        book(
            "a shared text that is not there",
            "<row r='1'><c r='A1' t='s'><v>4294967295</v></c></row>",
            "",
            "",
            Answer,
        ),
        book("shared texts that say they are many", &rows(), "<si/>", "<!-- -->", Rows(1)),
        book("a document type with entities that grow", &rows().replace('甲', "&e11;"), "", &doctype, Refusal("")),
        book("100,000 elements in one another", &format!("<row r='1'>{}", "<c>".repeat(100_000)), "", "", Refusal("")),
        book(
            "a formula for a name",
            "<row r='1'><c r='A1' t='str'><f>WEBSERVICE(\"http://localhost:1\")</f><v>名称</v></c></row>",
            "",
            "",
            Answer,
        ),
        book("errors and days that are none", error, "", "", Answer),
        book("a row that goes back", &format!("{0}{0}", rows()), "", "", Answer),
        book(
            "numbers beyond all numbers",
            "<row r='1'><c r='A1'><v>1e999</v></c></row><row r='2'><c r='A2'><v>NaN</v></c></row>",
            "",
            "",
            Answer,
        ),
        Case::new(
            "a workbook without a sheet",
            "a.xlsx",
            parts(vec![("xl/workbook.xml", b"<workbook/>".to_vec()), ("[Content_Types].xml", b"<Types/>".to_vec())]),
            Refusal(""),
        ),
        Case::new(
            "a workbook of empty parts",
            "a.xlsx",
            parts(vec![("xl/workbook.xml", Vec::new()), ("[Content_Types].xml", Vec::new())]),
            Refusal(""),
        ),
    ]
}
