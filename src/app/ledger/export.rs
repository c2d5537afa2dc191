//! A selection of the ledger as a file for people and programs.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::app::ledger::{
    Aside, COLUMNS, ColumnKind, LedgerColumn, LedgerRow, LedgerValue, Term, columns_for, value_of,
};
use crate::app::{DeliveryError, Error, Snapshot, imprint};
use crate::auth::{Actor, Reader};
use crate::formats::xlsx::{Sheet, write_book};
use crate::formats::{Cell, Export, ExportRow, FileFormat, csv, geojson};
use crate::model::{AreaCode, Text};

/// Reference system of boundaries in exports: degrees, lng lat.
const EXPORT_EPSG: u32 = 4490;

/// Column that tells of a row whether it is demonstration data.
const DEMO_COLUMN: &str = "demo";

/// Widths of columns in characters: texts, days, numbers, yes or no, terms.
const WIDTHS: [f64; 5] = [22.0, 12.0, 12.0, 10.0, 14.0];

/// Widest column: names.
const WIDTH_NAME: f64 = 28.0;

/// What a ledger is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerFormat {
    /// A workbook: the ledger, and the code lists.
    Xlsx,
    /// UTF-8 with a byte order mark.
    Csv,
    /// Areas with their boundaries; coded values as codes.
    GeoJson,
}

impl LedgerFormat {
    /// The format of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "xlsx" => Some(Self::Xlsx),
            "csv" => Some(Self::Csv),
            "geojson" => Some(Self::GeoJson),
            _ => None,
        }
    }

    /// The file format it is.
    pub fn file_format(self) -> FileFormat {
        match self {
            Self::Xlsx => FileFormat::Xlsx,
            Self::Csv => FileFormat::Csv,
            Self::GeoJson => FileFormat::GeoJson,
        }
    }
}

/// Language of heads and terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerLanguage {
    /// 中文
    Chinese,
    /// English
    English,
}

impl LedgerLanguage {
    fn of(self, text: Text) -> &'static str {
        match self {
            Self::Chinese => text.zh,
            Self::English => text.en,
        }
    }

    fn label(self, term: &Term) -> &str {
        match self {
            Self::Chinese => &term.zh,
            Self::English => &term.en,
        }
    }
}

/// What of the ledger is to be written, and how.
#[derive(Debug, Clone)]
pub struct Selection {
    /// The format.
    pub format: LedgerFormat,
    /// Codes of the areas in their order; `None` for all in order of code.
    pub codes: Option<Vec<AreaCode>>,
    /// Keys of the columns in their order; `None` for all that may be seen.
    pub columns: Option<Vec<String>>,
    /// What the filter was, in words.
    pub filter: String,
    /// Language of heads and terms.
    pub language: LedgerLanguage,
    /// The day on which duties are counted.
    pub due_day: Date,
}

/// Writes a selection. CPU work: not for an async thread.
///
/// Errors: [`Error::NoSuchArea`]; [`Error::BadQuestion`] names a column that there is none of, or not for this actor, or tells
/// of more codes than there are areas;
/// [`DeliveryError::Export`] for what the format cannot hold.
pub fn export_ledger(snapshot: &Snapshot, reader: Reader<'_>, selection: &Selection) -> Result<Vec<u8>, Error> {
    let Reader { actor, tolerance_m, mark } = reader;
    let columns = with_mark(chosen(actor, selection.columns.as_deref())?, snapshot, selection.format);
    let positions: Vec<usize> = match &selection.codes {
        None => snapshot.positions().collect(),
        Some(codes) if codes.len() > snapshot.area_count() => {
            return Err(Error::BadQuestion(format!(
                "{} codes are asked for, and there are {} areas",
                codes.len(),
                snapshot.area_count()
            )));
        }
        Some(codes) => {
            let position =
                |code: &AreaCode| snapshot.area_position(code).ok_or_else(|| Error::NoSuchArea(code.to_string()));
            codes.iter().map(position).collect::<Result<_, _>>()?
        }
    };
    let aside = Aside::of(snapshot, actor, selection.due_day);
    let rows = positions.iter().map(|position| aside.row(*position));
    let bytes = match selection.format {
        LedgerFormat::GeoJson => {
            let names: Vec<String> = columns.iter().map(|column| column.key.to_owned()).collect();
            let mut rows = rows.map(|row| ExportRow {
                cells: columns.iter().map(|column| coded(value_of(column, &row))).collect(),
                boundary: Some(row.sight.boundary(&row.area.boundary, tolerance_m)),
            });
            let export = Export { name: "ledger", columns: &names, rows: &mut rows, crs_epsg: EXPORT_EPSG, about: "" };
            geojson::write_collection_with(export, &about(snapshot, selection, mark))
        }
        LedgerFormat::Csv => {
            let mut table = Written::new(snapshot, &columns, selection.language);
            let last = selection.language.of(Text { zh: "图件说明", en: "Imprint" });
            let titles = columns.iter().map(|column| selection.language.of(column.title));
            let heads: Vec<String> = titles.chain([last]).map(str::to_owned).collect();
            let imprint = Cell::Text(imprint(snapshot, mark).into());
            let mut rows = rows.map(|row| {
                let mut cells = table.cells(&row);
                cells.push(imprint.clone());
                cells
            });
            csv::write_table("ledger", &heads, &mut rows)
        }
        LedgerFormat::Xlsx => {
            let mut table = Written::new(snapshot, &columns, selection.language);
            let lists = table.code_lists();
            write_workbook(
                snapshot,
                (selection, mark),
                &columns,
                (&mut rows.map(|row| table.cells(&row)), positions.len()),
                lists,
            )
        }
    };
    Ok(bytes.map_err(DeliveryError::Export)?)
}

fn chosen(actor: &Actor, keys: Option<&[String]>) -> Result<Vec<&'static LedgerColumn>, Error> {
    let Some(keys) = keys else { return Ok(columns_for(actor).collect()) };
    let widest = actor.widest_sight();
    let column = |key: &String| {
        let known = COLUMNS.iter().find(|column| column.key == key);
        known
            .filter(|column| widest.shows(column.field))
            .ok_or_else(|| Error::BadQuestion(format!("the ledger has no column {key:?}")))
    };
    let columns: Vec<_> = keys.iter().map(column).collect::<Result<_, _>>()?;
    match columns.is_empty() {
        true => Err(Error::BadQuestion("a ledger needs at least one column".to_owned())),
        false => Ok(columns),
    }
}

/// A file without a line above its heads tells of every row whether it is real, where some are not.
fn with_mark(
    mut columns: Vec<&'static LedgerColumn>,
    snapshot: &Snapshot,
    format: LedgerFormat,
) -> Vec<&'static LedgerColumn> {
    let is_marked = columns.iter().any(|column| column.key == DEMO_COLUMN);
    if format != LedgerFormat::Xlsx && snapshot.is_demo() && !is_marked {
        columns.extend(COLUMNS.iter().find(|column| column.key == DEMO_COLUMN));
    }
    columns
}

/// What a collection says of itself: of when and from where it is, and that it is no real data where it is not.
fn about(snapshot: &Snapshot, selection: &Selection, mark: &str) -> Map<String, Value> {
    let members = [
        (
            "title",
            json!(
                selection
                    .language
                    .of(Text { zh: "物业管理区域台账", en: "Ledger of property-management areas" })
            ),
        ),
        ("district", json!(snapshot.district().name)),
        ("date", json!(snapshot.data_date().to_string())),
        ("revision", json!(snapshot.revision().0)),
        ("source", json!(snapshot.latest_record().document)),
        ("filter", json!(selection.filter.trim())),
        ("demo", json!(snapshot.is_demo())),
        ("mark", json!(mark)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A value as its code.
fn coded(value: LedgerValue<'_>) -> Cell {
    match value {
        LedgerValue::Nothing => Cell::Empty,
        LedgerValue::Text(text) => Cell::Text(text.into()),
        LedgerValue::Term(key) => Cell::Text(key.into()),
        LedgerValue::Date(day) => Cell::Date(day),
        LedgerValue::Number(number) => whole_or_not(number),
        LedgerValue::Boolean(yes) => Cell::Bool(yes),
    }
}

/// A whole number is written as one.
fn whole_or_not(number: f64) -> Cell {
    // Every number of the ledger that is whole is far below the limit of this cast.
    if number.fract() == 0.0 { Cell::Integer(number as i64) } else { Cell::Number(number) }
}

/// Writes values as people read them.
struct Written<'a> {
    columns: &'a [&'static LedgerColumn],
    /// The terms of each column that has some.
    terms: Vec<Option<Vec<Term>>>,
    language: LedgerLanguage,
}

impl<'a> Written<'a> {
    fn new(snapshot: &Snapshot, columns: &'a [&'static LedgerColumn], language: LedgerLanguage) -> Self {
        let terms = columns
            .iter()
            .map(|column| match column.kind {
                ColumnKind::Term(terms) => Some(terms(snapshot)),
                _ => None,
            })
            .collect();
        Self { columns, terms, language }
    }

    fn cells(&mut self, row: &LedgerRow<'_>) -> Vec<Cell> {
        let (yes, no) = match self.language {
            LedgerLanguage::Chinese => ("是", "否"),
            LedgerLanguage::English => ("yes", "no"),
        };
        let cell = |(column, terms): (&&LedgerColumn, &Option<Vec<Term>>)| match value_of(column, row) {
            LedgerValue::Term(key) => {
                let term = terms.iter().flatten().find(|term| term.key == key);
                Cell::Text(term.map_or(key, |term| self.language.label(term)).into())
            }
            LedgerValue::Boolean(value) => Cell::Text(if value { yes } else { no }.into()),
            value => coded(value),
        };
        self.columns.iter().zip(&self.terms).map(cell).collect()
    }

    /// Column, code and name of every term.
    fn code_lists(&self) -> Vec<Vec<Cell>> {
        let mut lists = Vec::new();
        for (column, terms) in self.columns.iter().zip(&self.terms) {
            for term in terms.iter().flatten() {
                let texts = [self.language.of(column.title), &term.key, self.language.label(term)];
                lists.push(texts.map(|text| Cell::Text(text.into())).to_vec());
            }
        }
        lists
    }
}

fn write_workbook(
    snapshot: &Snapshot,
    (selection, mark): (&Selection, &str),
    columns: &[&'static LedgerColumn],
    (rows, count): (&mut dyn Iterator<Item = Vec<Cell>>, usize),
    lists: Vec<Vec<Cell>>,
) -> Result<Vec<u8>, crate::formats::FormatError> {
    let language = selection.language;
    let heads: Vec<(String, f64)> =
        columns.iter().map(|column| (language.of(column.title).to_owned(), width(column))).collect();
    let preface = preface(snapshot, (selection, mark), count);
    let (sheet, list, list_heads) = match language {
        LedgerLanguage::Chinese => ("台账", "代码表", ["列", "代码", "名称"]),
        LedgerLanguage::English => ("Ledger", "Codes", ["Column", "Code", "Name"]),
    };
    let list_heads = list_heads.map(|head| (head.to_owned(), WIDTHS[0]));
    let frozen = columns.iter().take_while(|column| matches!(column.key, "code" | "name")).count();
    write_book(&mut [
        Sheet { name: sheet, preface: Some(&preface), columns: &heads, frozen, rows },
        Sheet { name: list, preface: None, columns: &list_heads, frozen: 0, rows: &mut lists.into_iter() },
    ])
}

fn width(column: &LedgerColumn) -> f64 {
    match column.kind {
        ColumnKind::Text if matches!(column.key, "name" | "manager_name" | "address") => WIDTH_NAME,
        ColumnKind::Text => WIDTHS[0],
        ColumnKind::Date => WIDTHS[1],
        ColumnKind::Number(_) => WIDTHS[2],
        ColumnKind::Boolean => WIDTHS[3],
        ColumnKind::Term(_) => WIDTHS[4],
    }
}

/// District, date, filter, count and the mark of the map in one line, and that it is no real data where it is not.
fn preface(snapshot: &Snapshot, (selection, mark): (&Selection, &str), count: usize) -> String {
    let (district, date) = (&snapshot.district().name, snapshot.data_date());
    let filter = selection.filter.trim();
    let due = (selection.due_day != date).then_some(selection.due_day);
    match selection.language {
        LedgerLanguage::Chinese => {
            let filter = if filter.is_empty() { "无" } else { filter };
            let due = due.map_or(String::new(), |day| format!(" · 到期按 {day} 计算"));
            let demo = if snapshot.is_demo() { " · 演示数据 非真实" } else { "" };
            format!("{district}物业管理区域台账 · 数据日期 {date}{due} · 筛选：{filter} · 共 {count} 条{demo} · {mark}")
        }
        LedgerLanguage::English => {
            let filter = if filter.is_empty() { "none" } else { filter };
            let due = due.map_or(String::new(), |day| format!(" · due as of {day}"));
            let demo = if snapshot.is_demo() { " · demonstration data, not real" } else { "" };
            format!(
                "{district}, ledger of property-management areas · date {date}{due} · filter: {filter} · {count} rows{demo} · {mark}"
            )
        }
    }
}
