//! Tables as separated values, and files that are no delivery at all.

use encoding_rs::GB18030;

use crate::hostile::{Answer, Case, Expected, Finding, Refusal, Rows};

const HEAD: &str = "编号,名称,街道,wkt";

const SQUARE: &str = "\"POLYGON((116.45 39.92,116.46 39.92,116.46 39.93,116.45 39.93,116.45 39.92))\"";

fn table(what: &str, text: impl Into<Vec<u8>>, expected: Expected) -> Case {
    Case::new(what, "a.csv", text, expected)
}

fn shapes() -> Vec<Case> {
    let row = |wkt: &str| format!("{HEAD}\n,甲,麦子店街道,\"{wkt}\"\n");
    let nested = format!("{}POINT(1 2){}", "GEOMETRYCOLLECTION(".repeat(100_000), ")".repeat(100_000));
    vec![
        table("collections nested 100,000 deep in WKT", row(&nested), Answer),
        table("100,000 brackets in WKT", row(&format!("POLYGON{}", "(".repeat(100_000))), Answer),
        table(
            "collections nested 3,000 deep in WKT",
            row(&format!("{}POINT(1 2){}", "GEOMETRYCOLLECTION(".repeat(3_000), ")".repeat(3_000))),
            Finding("unreadable-geometry"),
        ),
        table("WKT that breaks off", row("POLYGON((116.45 39.92,116.46"), Finding("unreadable-geometry")),
        table("WKT with words for numbers", row("POLYGON((a b,c d,e f,a b))"), Finding("unreadable-geometry")),
        table(
            "WKT with infinite numbers",
            row("POLYGON((inf 39,116 39,116 nan,inf 39))"),
            Finding("unreadable-geometry"),
        ),
        table("an empty polygon in WKT", row("POLYGON EMPTY"), Answer),
        table(
            "a curve in WKT",
            row("CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))"),
            Finding("unreadable-geometry"),
        ),
    ]
}

fn texts() -> Vec<Case> {
    let good = format!("{HEAD}\n,枣营北里,麦子店街道,{SQUARE}\n");
    let gbk = GB18030.encode(&good).0.into_owned();
    let wide: Vec<u8> = format!("\u{feff}{good}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let odd: Vec<u8> = wide[..wide.len() - 1].to_vec();
    let columns: Vec<String> = (0..1_000_000).map(|number| format!("c{number}")).collect();
    vec![
        table("GBK", gbk.clone(), Rows(1)),
        table("GBK cut off within a character", gbk[..gbk.len() - 90].to_vec(), Answer),
        table("a byte order mark", format!("\u{feff}{good}"), Rows(1)),
        table("UTF-16 with the large end first", wide, Rows(1)),
        table("UTF-16 with an odd number of bytes", odd, Answer),
        table("a million columns", columns.join(","), Refusal("columns")),
        table("a million columns of nothing", format!("{HEAD}\n{}\n", ",".repeat(1_000_000)), Refusal("columns")),
        table("one endless line", vec![b'a'; 32 << 20], Refusal("limit")),
        table("one endless cell", format!("{HEAD}\n,{},,\n", "甲".repeat(4 << 20)), Refusal("limit")),
        table("nothing but NUL", vec![0; 100_000], Refusal("not known")),
        table("NUL within a name", format!("{HEAD}\n,甲\0乙,麦子店街道,{SQUARE}\n"), Answer),
        table("quotes that do not end", format!("{HEAD}\n,\"甲,麦子店街道,\n,乙,,\n"), Answer),
        table("quotes within a cell", format!("{HEAD}\n,甲\"乙\"丙,麦子店街道,{SQUARE}\n"), Rows(1)),
        table("a million empty lines", format!("{HEAD}{}", "\n".repeat(1_000_000)), Refusal("the collection is empty")),
        table("a hundred thousand columns of one name", vec!["a"; 100_000].join(","), Refusal("columns")),
        table("a head without a row", HEAD, Refusal("the collection is empty")),
        table("rows of odd lengths", format!("{HEAD}\n,甲\n,乙,麦子店街道,,,,,\n"), Answer),
    ]
}

fn values() -> Vec<Case> {
    let two = |head: &str, a: &str, b: &str| format!("{head},wkt\n{a},{SQUARE}\n{b},\n");
    let one = |head: &str, a: &str| format!("{head},wkt\n{a},{SQUARE}\n");
    vec![
        table("a code that became a number", one("编号,名称", "9.11E+17,甲"), Finding("damaged-code")),
        table("a code that is none", one("编号,名称", "甲乙丙,甲"), Rows(1)),
        table("a code twice", two("编号,名称", "110105001001,甲", "110105001001,乙"), Answer),
        table(
            "a credit code with a wrong check character",
            one("名称,统一社会信用代码", "甲,91110105MA01234567"),
            Finding("invalid-uscc"),
        ),
        table(
            "a credit code that became a number",
            one("名称,统一社会信用代码", "甲,9.11101E+17"),
            Finding("damaged-code"),
        ),
        table("mobile numbers", one("名称,联系人", "甲,张某 13800138000"), Finding("personal-data")),
        table("identity numbers", one("名称,备注", "甲,11010519491231002X"), Finding("personal-data")),
        table("a column for identity numbers", one("名称,身份证号", "甲,有"), Rows(1)),
        table("a street that is none", one("名称,街道", "甲,不存在街道"), Rows(1)),
        table("households below zero", one("名称,户数", "甲,-5"), Finding("unreadable-value")),
        table(
            "households beyond counting",
            one("名称,户数", "甲,99999999999999999999999999"),
            Finding("unreadable-value"),
        ),
        table("a fee that is infinite", one("名称,物业费", "甲,1e999"), Finding("unreadable-value")),
        table("a day that is none", one("名称,合同到期", "甲,2023-02-30"), Finding("unreadable-value")),
        table(
            "dates out of order",
            one("名称,合同起始,合同到期", "甲,2024-01-01,2023-01-01"),
            Finding("dates-out-of-order"),
        ),
        table("a month without a day", one("名称,合同到期", "甲,2030年5月"), Finding("imprecise-date")),
        table("a way of management that is none", one("名称,管理类型", "甲,随便"), Finding("unknown-value")),
        table("a name of a thousand characters", one("名称", &"甲".repeat(1000)), Finding("unreadable-value")),
        table("formulas", one("名称,地址", "甲,=cmd|' /C calc'!A0"), Rows(1)),
        table("an area without an outline", "名称,街道\n甲,麦子店街道\n", Rows(1)),
    ]
}

fn strangers() -> Vec<Case> {
    vec![
        Case::new("an empty file", "a.geojson", "", Refusal("empty")),
        Case::new("nothing but blanks", "a.csv", " \r\n\t ".repeat(1000), Refusal("empty")),
        Case::new(
            "an old workbook",
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".repeat(600),
            Refusal("save it as .xlsx"),
        ),
        Case::new(
            "a workbook with a password",
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".repeat(600),
            Refusal("password"),
        ),
        Case::new("a PDF", "a.pdf", "%PDF-1.7\n%%EOF", Refusal("PDF")),
        Case::new("a PDF under another name", "a.csv", "%PDF-1.7\n%%EOF", Refusal("PDF")),
        Case::new(
            "a DXF drawing",
            "a.dxf",
            "  0\r\nSECTION\r\n  2\r\nHEADER\r\n  0\r\nENDSEC\r\n  0\r\nEOF\r\n",
            Refusal("DXF"),
        ),
        Case::new("a DWG drawing", "a.dwg", b"AC1032\0\0\0\0\0\0".to_vec(), Refusal("DWG")),
        Case::new("a RAR archive", "a.rar", b"Rar!\x1a\x07\x01\0\0\0".to_vec(), Refusal("ZIP")),
        Case::new("a picture", "a.tif", b"II*\0\x08\0\0\0".to_vec(), Refusal("picture")),
        Case::new("a web page", "a.xls", "<html><table><tr><td>甲</td></tr></table></html>", Refusal("web page")),
        Case::new("GML", "a.gml", "<gml:FeatureCollection xmlns:gml='http://www.opengis.net/gml'/>", Refusal("GML")),
        Case::new(
            "bytes of no format",
            "a.bin",
            (0..100_000u32).map(|n| (n.wrapping_mul(n) >> 7) as u8).collect::<Vec<_>>(),
            Refusal("not known"),
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [shapes(), texts(), values(), strangers()].into_iter().flatten().collect()
}
