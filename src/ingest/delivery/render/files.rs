//! The report as a workbook and as a table.

use std::collections::BTreeMap;

use csv::WriterBuilder;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::ingest::delivery::render::{Language, fix, wrong};
use crate::ingest::delivery::{Finding, FindingState, Severity, Side};

const HEADS: [&str; 13] =
    ["程度", "责任方", "问题", "文件", "行", "对象", "名称", "街乡", "列", "值", "说明", "怎么改", "Explanation"];

/// Widths of the columns, in characters.
const WIDTHS: [f64; 13] = [8.0, 8.0, 14.0, 18.0, 12.0, 18.0, 22.0, 12.0, 14.0, 18.0, 48.0, 48.0, 48.0];

/// Most characters of a cell of a workbook.
const CELL_CHARS: usize = 32_000;

fn cells(finding: &Finding) -> [String; 13] {
    let weight = match (finding.state, finding.issue.severity) {
        (FindingState::Open, Severity::MustFix) => "必须改",
        (FindingState::Open, Severity::FixLater) => "可后改",
        (FindingState::Excepted(_), _) => "已例外",
        (FindingState::Repaired, _) => "已修复",
    };
    let side = match finding.issue.side {
        Side::Bureau => "科信局",
        Side::Street => "街乡",
        Side::District => "区级",
    };
    [
        weight.to_owned(),
        side.to_owned(),
        finding.issue.title.zh.to_owned(),
        finding.place.file.to_string(),
        finding.place.item.to_string(),
        finding.subject.clone(),
        finding.name.clone().unwrap_or_default(),
        finding.street.as_ref().map(ToString::to_string).unwrap_or_default(),
        finding.column.clone().unwrap_or_default(),
        finding.value.clone().unwrap_or_default(),
        wrong(finding, Language::Chinese),
        fix(finding, Language::Chinese),
        wrong(finding, Language::English),
    ]
}

/// A workbook: the findings, and their number of each type. Every cell is a text, so none is a formula.
pub fn xlsx(findings: &[&Finding], title: &str) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let head = Format::new().set_bold().set_text_wrap();
    let sheet = workbook.add_worksheet().set_name("问题")?;
    sheet.write_string(0, 0, shortened(title))?;
    for (column, (name, width)) in (0_u16..).zip(HEADS.iter().zip(WIDTHS)) {
        sheet.write_string_with_format(1, column, *name, &head)?;
        sheet.set_column_width(column, width)?;
    }
    for (row, finding) in (2_u32..).zip(findings) {
        for (column, text) in (0_u16..).zip(cells(finding)) {
            sheet.write_string(row, column, shortened(&text))?;
        }
    }
    sheet.set_freeze_panes(2, 0)?;
    let mut counts: BTreeMap<&str, (&str, u32)> = BTreeMap::new();
    for finding in findings {
        counts.entry(finding.issue.id).or_insert((finding.issue.title.zh, 0)).1 += 1;
    }
    let sheet = workbook.add_worksheet().set_name("统计")?;
    for (column, name) in (0_u16..).zip(["类型", "问题", "数量"]) {
        sheet.write_string_with_format(0, column, name, &head)?;
    }
    for (row, (id, (name, count))) in (1_u32..).zip(counts) {
        sheet.write_string(row, 0, id)?;
        sheet.write_string(row, 1, name)?;
        sheet.write_number(row, 2, count)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    workbook.save_to_buffer()
}

fn shortened(text: &str) -> String {
    text.chars().take(CELL_CHARS).collect()
}

/// A table in UTF-8 with a byte order mark, as spreadsheets like it. A text that a spreadsheet would take for a formula gets
/// an apostrophe.
pub fn csv(findings: &[&Finding]) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(b"\xEF\xBB\xBF".to_vec());
    let disarmed = |text: String| match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text,
    };
    // Writing to memory does not fail.
    let _ = writer.write_record(HEADS);
    for finding in findings {
        let _ = writer.write_record(cells(finding).map(disarmed));
    }
    writer.into_inner().unwrap_or_default()
}
