//! Workbooks (Office Open XML, ECMA-376): read as a stream of cells, never as the rectangle they span.

mod book;
mod cells;
mod export;
mod package;

use std::io::Cursor;
use std::sync::Arc;

use calamine::{Reader as _, SheetType, Xlsx};

use crate::formats::budget::Budget;
use crate::formats::table::{Beyond, Table};
use crate::formats::{Dataset, FileFormat, FormatError, InputFile, Place, ReadOptions, Skipped, SkippedKind};

pub use book::{Sheet, write_book};
pub use export::write;

/// Words in the names of sheets that explain and list codes.
const CODE_SHEETS: [&str; 9] = ["代码", "说明", "字典", "码表", "枚举", "选项", "下拉", "readme", "codes"];

type Workbook = Xlsx<Cursor<Vec<u8>>>;

/// Reads every sheet with a head row as a layer, hidden ones too. A sheet that is named as a list of codes or an
/// explanation is left out, unless it is asked for by name.
///
/// Merged cells: in the head every cell they cover has their value, below it only those of their first column. A cell with
/// an error is empty and a fault.
///
/// Errors: not a workbook, or a limit is passed.
pub(crate) fn read_delivery(
    mut file: InputFile<'_>,
    options: &ReadOptions,
    budget: &mut Budget,
) -> Result<Dataset, FormatError> {
    let bytes = package::check(&file.name, &mut *file.bytes, budget.limits())?;
    let mut workbook = Workbook::new(Cursor::new(bytes)).map_err(|err| broken(&file.name, &err))?;
    let sheets: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let name: Arc<str> = Arc::from(file.name.as_str());
    let wanted = |sheet: &&String| options.layer.as_ref().is_none_or(|layer| layer == *sheet);
    let mut dataset = Dataset::default();
    let mut codes = Vec::new();
    for sheet in sheets.iter().filter(wanted) {
        if options.layer.is_none() && sheets.len() > 1 && is_code_sheet(sheet) {
            let place = Place::file(&format!("{name}/{sheet}"));
            codes.push(Skipped { place, kind: SkippedKind::Sheet, text: String::new() });
            continue;
        }
        let mut table = Table::new((name.clone(), sheet.clone()), (FileFormat::Xlsx, Beyond::Column), options, budget);
        let read = cells::read(&mut workbook, (&name, sheet), &mut table).and_then(|()| table.finish(None));
        match read {
            Ok(more) => dataset.append(more),
            // One sheet without a head does not hide the others.
            Err(fault @ FormatError::Syntax { .. }) if sheets.len() > 1 => dataset.faults.push(fault),
            Err(err) => return Err(err),
        }
    }
    dataset.layers.retain(|layer| !layer.columns.is_empty());
    dataset.skipped.append(&mut codes);
    Ok(dataset)
}

fn is_code_sheet(name: &str) -> bool {
    let name = name.to_lowercase();
    CODE_SHEETS.iter().any(|word| name.contains(word))
}

fn broken(name: &str, err: &calamine::XlsxError) -> FormatError {
    let message = format!("the workbook cannot be read: {err}; open it and save it again as .xlsx");
    FormatError::Syntax { place: Place::file(name), message }
}

#[cfg(test)]
mod tests;
