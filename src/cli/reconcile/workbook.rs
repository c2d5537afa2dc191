//! The report as a workbook: statements, conflicts, counts. Every text cell is a text, so none is a formula.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::cli::reconcile::page::title;
use crate::cli::reconcile::{Compared, counts};
use crate::reconcile::{Record, Status, chinese, english};

/// A sheet's name, its heads and the widths of its columns.
struct Sheet<'a> {
    name: &'a str,
    heads: &'a [(&'a str, f64)],
}

const STATEMENTS: Sheet<'static> = Sheet {
    name: "比对",
    heads: &[
        ("状态", 8.0),
        ("关系", 10.0),
        ("左编号", 14.0),
        ("左名称", 24.0),
        ("右编号", 14.0),
        ("右名称", 24.0),
        ("边界变化", 10.0),
        ("概率", 8.0),
        ("理由", 60.0),
        ("Reasons", 60.0),
    ],
};

const CONFLICTS: Sheet<'static> = Sheet {
    name: "属性冲突",
    heads: &[("左编号", 14.0), ("右编号", 14.0), ("字段", 14.0), ("左值", 30.0), ("右值", 30.0), ("建议", 10.0)],
};

const COUNTS: Sheet<'static> = Sheet { name: "统计", heads: &[("关系", 12.0), ("条数", 10.0), ("待审", 10.0)] };

/// The whole workbook. Errors: as the writer has them.
pub(super) fn xlsx(compared: &Compared<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = begin(&mut workbook, &STATEMENTS)?;
    let code = |records: &[Record], at: Option<usize>| at.map_or(String::new(), |at| records[at].id.clone());
    let name = |records: &[Record], at: Option<usize>| at.map_or(String::new(), |at| records[at].name.clone());
    for (row, one) in (1_u32..).zip(&compared.outcome.statements) {
        let texts = [
            if one.status == Status::Auto { "自动" } else { "待审" }.to_owned(),
            title(one.relation).to_owned(),
            code(compared.left, one.left),
            name(compared.left, one.left),
            code(compared.right, one.right),
            name(compared.right, one.right),
            if one.drift { "是" } else { "" }.to_owned(),
        ];
        for (column, text) in (0_u16..).zip(texts) {
            sheet.write_string(row, column, text)?;
        }
        sheet.write_number(row, 7, (one.probability * 1000.0).round() / 1000.0)?;
        sheet.write_string(row, 8, chinese(&one.reasons))?;
        sheet.write_string(row, 9, english(&one.reasons))?;
    }
    let sheet = begin(&mut workbook, &CONFLICTS)?;
    for (row, one) in (1_u32..).zip(&compared.outcome.conflicts) {
        let texts = [
            compared.left[one.left].id.as_str(),
            compared.right[one.right].id.as_str(),
            one.field.key(),
            &one.left_value,
            &one.right_value,
            one.suggestion.key(),
        ];
        for (column, text) in (0_u16..).zip(texts) {
            sheet.write_string(row, column, text)?;
        }
    }
    let sheet = begin(&mut workbook, &COUNTS)?;
    for (row, (relation, (count, review))) in (1_u32..).zip(counts(compared.outcome)) {
        sheet.write_string(row, 0, title(relation))?;
        sheet.write_number(row, 1, count as f64)?;
        sheet.write_number(row, 2, review as f64)?;
    }
    workbook.save_to_buffer()
}

fn begin<'w>(workbook: &'w mut Workbook, sheet: &Sheet<'_>) -> Result<&'w mut Worksheet, XlsxError> {
    let head = Format::new().set_bold().set_text_wrap();
    let worksheet = workbook.add_worksheet().set_name(sheet.name)?;
    for (column, (text, width)) in (0_u16..).zip(sheet.heads) {
        worksheet.write_string_with_format(0, column, *text, &head)?;
        worksheet.set_column_width(column, *width)?;
    }
    worksheet.set_freeze_panes(1, 0)
}
