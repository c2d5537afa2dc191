//! What goes back to the sender: their own rows with what was decided, and what they or the streets have to do.

use std::collections::BTreeSet;

use geo::MultiPolygon;

use crate::app::reconcile::{committee_text, management_text};
use crate::app::reconciliation::ReconciliationError;
use crate::app::reconciliation::decision::{Decision, Task, TaskState, Verdict};
use crate::app::reconciliation::fields::{BOUNDARY, FieldView};
use crate::app::reconciliation::record::right_record;
use crate::app::reconciliation::run::{CaseView, Run};
use crate::app::reconciliation::state::{Standing, choice_of};
use crate::app::reconciliation::words::{class_name, field_name, reason_name, state_name, value_text, verdict_name};
use crate::app::{App, Error};
use crate::auth::Actor;
use crate::formats::write::write;
use crate::formats::xlsx::{Sheet, write_book};
use crate::formats::{Cell, Export, ExportRow, FileFormat, Place, csv, file_stem, pack};
use crate::ingest::delivery::Draft;
use crate::model::{DeliveryId, StreetCode};
use crate::reconcile::{Class, Reason, chinese};

/// The form of a file that goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandbackFormat {
    /// UTF-8 with a byte order mark.
    Csv,
    /// A workbook.
    Xlsx,
}

/// What goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandbackPart {
    /// The sender's rows with what was decided on each.
    Rows,
    /// What the sender or a street has to do.
    Tasks,
}

const ROW_HEADS: [&str; 22] = [
    "文件",
    "行",
    "报送编号",
    "名称",
    "类别",
    "状态",
    "决定",
    "理由",
    "说明",
    "登记编号",
    "登记名称",
    "不同字段",
    "登记册",
    "来件",
    "采用来件的字段",
    "整理后名称",
    "整理后街乡",
    "整理后坐落",
    "整理后管理类型",
    "整理后业主组织",
    "整理后管理单位",
    "整理后户数",
];

const TASK_HEADS: [&str; 8] = ["街乡", "事项", "登记编号", "登记名称", "文件和行", "报送编号", "联系人和日期", "说明"];

impl App {
    /// What goes back to everybody, as a ZIP archive: a table of rows for each file of the delivery, in `反馈`, a list of what
    /// is to be done for each street, in `待办`, and the boundaries as both sides are to have them. Errors: as [`App::handback`].
    pub fn handback_archive(&self, actor: &Actor, id: DeliveryId) -> Result<Vec<u8>, Error> {
        let run = self.reconciliation(actor, id)?;
        let standing = self.standing()?;
        let tables =
            [("反馈", &ROW_HEADS[..], rows(&run, &standing)), ("待办", &TASK_HEADS[..], tasks(&run, &standing))];
        let mut members = Vec::new();
        for (folder, heads, rows) in tables {
            let mut of_whom: Vec<(String, Vec<Vec<Cell>>)> = Vec::new();
            for row in rows {
                // The first column tells whose it is: the file, or the street.
                let whose = match row.first() {
                    Some(Cell::Text(text)) => text.to_string(),
                    _ => "未注明街乡".to_owned(),
                };
                match of_whom.iter_mut().find(|(known, _)| *known == whose) {
                    Some((_, rows)) => rows.push(row),
                    None => of_whom.push((whose, vec![row])),
                }
            }
            let mut taken: BTreeSet<String> = BTreeSet::new();
            for (whose, rows) in of_whom {
                let stem = file_stem(&whose);
                let numbered = (2..).map(|number| format!("{stem}_{number}"));
                let name = std::iter::once(stem.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
                let name = format!("{folder}/{}.csv", name.unwrap_or(stem));
                let table = table(folder, heads, &mut rows.into_iter())?;
                members.push((name, table));
            }
        }
        members.extend(boundaries(&run, &standing)?);
        Ok(pack(&Place::file("handback.zip"), members).map_err(ReconciliationError::Handback)?)
    }

    /// The file that goes back. Errors: the actor may not read the desk of the district, the delivery was not run, the file
    /// cannot be written.
    pub fn handback(
        &self,
        actor: &Actor,
        id: DeliveryId,
        (part, format): (HandbackPart, HandbackFormat),
    ) -> Result<Vec<u8>, Error> {
        let run = self.reconciliation(actor, id)?;
        let standing = self.standing()?;
        let (name, heads, rows): (&str, &[&str], Vec<Vec<Cell>>) = match part {
            HandbackPart::Rows => ("反馈", &ROW_HEADS, rows(&run, &standing)),
            HandbackPart::Tasks => ("待办", &TASK_HEADS, tasks(&run, &standing)),
        };
        let mut rows = rows.into_iter();
        let written = match format {
            HandbackFormat::Csv => table(name, heads, &mut rows),
            HandbackFormat::Xlsx => {
                let columns: Vec<(String, f64)> = heads.iter().map(|head| ((*head).to_owned(), 18.0)).collect();
                let preface = format!("{} · 第 {} 次报送 · 对照版本 {}", run.check.sender, id, run.check.revision);
                let sheet = Sheet { name, preface: Some(&preface), columns: &columns, frozen: 2, rows: &mut rows };
                write_book(&mut [sheet]).map_err(ReconciliationError::Handback)
            }
        };
        Ok(written?)
    }
}

const BOUNDARY_HEADS: [&str; 6] = ["文件", "行", "报送编号", "登记编号", "名称", "边界来源"];

/// The boundaries of rows as both sides are to have them, as GeoJSON: of a pair the register's, unless the sender's was
/// taken; of new areas, and of those that take the place of others, the sender's where it belongs, once they were accepted.
/// Rows that were kept out, copies and undecided ones have none. Nothing where no row has a boundary.
fn boundaries(run: &Run, standing: &Standing) -> Result<Option<(String, Vec<u8>)>, ReconciliationError> {
    let of_rows = run.cases.iter().flat_map(|view| view.case.rights.iter().map(move |right| (*right, view)));
    let mut of_rows: Vec<(usize, &CaseView)> = of_rows.collect();
    of_rows.sort_by_key(|(right, _)| *right);
    let rows = of_rows.into_iter().filter_map(|(right, view)| {
        let draft = run.draft(right);
        // A row that is no more than a place or a name has no boundary to be mended.
        if draft.outline.is_none() && draft.unusable.is_none() {
            return None;
        }
        let choice = standing.decision_on(view).and_then(|decision| choice_of(view, decision));
        let is_taken = choice.is_some_and(|choice| choice.takes(BOUNDARY));
        let ours = view.case.lefts.first().filter(|_| view.case.class.is_pair() && !is_taken);
        let ours = ours.map(|left| run.area(*left));
        let (boundary, source) = match ours {
            Some(area) => (MultiPolygon::clone(&area.boundary), "登记册"),
            None if is_taken && view.case.class != Class::Duplicate => {
                let told = &draft.outline.as_ref()?.boundary;
                let carried = run.carried_m(right, told).map(|_| run.outcome.placings[right].outline(told));
                (carried.unwrap_or_else(|| told.clone()), "来件")
            }
            None => return None,
        };
        let name = ours.map_or_else(|| draft.row.name.clone().unwrap_or_default(), |area| area.name.clone());
        let place = draft.place();
        let cells = vec![
            text(&*place.file),
            text(place.item.to_string()),
            optional(draft.row.foreign_code.as_ref()),
            text(joined(run.areas_of(view).map(|area| area.code.to_string()))),
            text(name),
            text(source),
        ];
        Some(ExportRow { cells, boundary: Some(boundary) })
    });
    let rows: Vec<ExportRow> = rows.collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let columns = BOUNDARY_HEADS.map(str::to_owned);
    let export = Export { name: "边界", columns: &columns, rows: &mut rows.into_iter(), crs_epsg: 4490, about: "" };
    let written = write(FileFormat::GeoJson, export).map_err(ReconciliationError::Handback)?;
    Ok(Some(("反馈/边界.geojson".to_owned(), written)))
}

fn table(
    name: &str,
    heads: &[&str],
    rows: &mut dyn Iterator<Item = Vec<Cell>>,
) -> Result<Vec<u8>, ReconciliationError> {
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    csv::write_table(name, &heads, rows).map_err(ReconciliationError::Handback)
}

fn text(text: impl AsRef<str>) -> Cell {
    let text = text.as_ref();
    if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) }
}

fn optional(value: Option<impl AsRef<str>>) -> Cell {
    value.map_or(Cell::Empty, text)
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join("；")
}

fn street_name(run: &Run, street: Option<&StreetCode>) -> String {
    let position = street.and_then(|street| run.snapshot.street_position(street));
    position.map(|at| run.snapshot.streets()[at].name.clone()).unwrap_or_default()
}

/// The sender's rows in the order of their files: a record that several rows tell of is told for each of them.
fn rows(run: &Run, standing: &Standing) -> Vec<Vec<Cell>> {
    let mut of_row: Vec<(usize, &CaseView)> =
        run.cases.iter().flat_map(|view| view.case.rights.iter().map(move |right| (*right, view))).collect();
    of_row.sort_by_key(|(right, _)| *right);
    let of_places = of_row.into_iter().flat_map(|(right, view)| {
        run.draft(right).places.iter().map(move |place| row(run, standing, (right, view), place))
    });
    of_places.collect()
}

fn row(run: &Run, standing: &Standing, (right, view): (usize, &CaseView), place: &Place) -> Vec<Cell> {
    let draft: &Draft = run.draft(right);
    let decision: Option<&Decision> = standing.decision_on(view);
    let choice = decision.and_then(|decision| choice_of(view, decision));
    let is_taken = |field: &FieldView| field.enters && choice.as_ref().is_some_and(|choice| choice.takes(field.field));
    let taken: Vec<&str> = view.fields.iter().filter(|field| is_taken(field)).map(|field| field.field).collect();
    let own = right_record(draft, &run.check.sender, &run.snapshot);
    let word = |field: &str, value: &str| value_text(&run.snapshot, field, value);
    let told = |field: &str, value: Option<&String>| value.map_or(Cell::Empty, |value| text(word(field, value)));
    // As both sides are to have it: what was decided where they differ, else what the row says itself.
    let cleaned = |field: &str, own: &str| -> Cell {
        match view.fields.iter().find(|known| known.field == field) {
            Some(known) => {
                let theirs = is_taken(known) || known.ours.is_none();
                match (field, view.case.lefts.first().filter(|_| !theirs)) {
                    // What a difference is told with may be more than the word for it.
                    ("mgmt_type", Some(left)) => text(word(field, management_text(run.area(*left).management))),
                    ("committee", Some(left)) => {
                        text(word(field, committee_text(run.snapshot.status(run.position(*left)))))
                    }
                    ("mgmt_type" | "committee", None) => text(word(field, own)),
                    _ => told(field, if theirs { known.theirs.as_ref() } else { known.ours.as_ref() }),
                }
            }
            None => text(word(field, own)),
        }
    };
    let named = |field: &&str| -> String { field_name(field).into_owned() };
    let fields: Vec<&str> = view.fields.iter().map(|field| field.field).collect();
    let words = |field: &FieldView, value: &Option<String>| {
        value.as_ref().map(|value| word(field.field, value)).unwrap_or_default()
    };
    let theirs = |field: &FieldView| words(field, &field.theirs);
    let ours = |field: &FieldView| words(field, &field.ours);
    let codes = joined(run.areas_of(view).map(|area| area.code.to_string()));
    let names = joined(run.areas_of(view).map(|area| area.name.clone()));
    vec![
        text(&*place.file),
        text(place.item.to_string()),
        optional(draft.row.foreign_code.as_ref()),
        optional(draft.row.name.as_ref()),
        text(class_name(view.case.class)),
        text(state_name(standing.state(run, view))),
        optional(decision.map(|decision| verdict_name(decision.verdict))),
        optional(decision.map(|decision| reason_name(decision.reason))),
        text(match decision.filter(|decision| !decision.note.is_empty()) {
            Some(decision) => decision.note.clone(),
            None => chinese(&view.case.reasons.iter().take(4).copied().collect::<Vec<Reason>>()),
        }),
        text(codes),
        text(names),
        text(joined(fields.iter().map(named))),
        text(joined(view.fields.iter().map(ours))),
        text(joined(view.fields.iter().map(theirs))),
        text(joined(taken.iter().map(named))),
        cleaned("name", &crate::ingest::delivery::half_width(&own.name)),
        cleaned("street", &own.street),
        cleaned("address", &own.address),
        cleaned("mgmt_type", &own.management),
        cleaned("committee", &own.committee),
        cleaned("company", &own.company),
        cleaned("households", &own.households),
    ]
}

/// Whether a decision leaves a difference as the register has it, so that the sender's record is to be mended.
fn keeps_ours(view: &CaseView, decision: &Decision) -> bool {
    let choice = choice_of(view, decision);
    let differs = |field: &FieldView| field.enters && !choice.as_ref().is_some_and(|choice| choice.takes(field.field));
    view.case.class.is_pair() && decision.verdict != Verdict::BothWrong && view.fields.iter().any(differs)
}

/// What is to be done, by street: areas that the delivery leaves out, cases in which neither side is right, copies, questions
/// about committees that nobody has answered, and differences in which the register was kept.
fn tasks(run: &Run, standing: &Standing) -> Vec<Vec<Cell>> {
    let mut tasks: Vec<(String, usize, &CaseView, &'static str)> = Vec::new();
    for view in &run.cases {
        let street = street_name(run, run.street_of(view));
        let decision = standing.decision_on(view);
        let enters = decision.is_some_and(Decision::enters);
        let mut add = |rank: usize, what: &'static str| tasks.push((street.clone(), rank, view, what));
        if decision.is_some_and(|decision| decision.verdict == Verdict::BothWrong) {
            add(1, "双方有误，请核实");
        } else if view.case.class == Class::Missing && !enters {
            add(0, "登记在册而未报送，请补报或说明");
        } else if view.case.class == Class::Duplicate {
            add(2, "重复记录，请删除其一");
        } else if decision.is_some_and(|decision| keeps_ours(view, decision)) {
            add(4, "登记册内容保留，请按登记册更正");
        }
        if standing.task(view).is_some_and(|task| task.state != TaskState::Answered) {
            add(3, "边界变化，请确认业委会或物管会是否仍有效");
        }
    }
    tasks.sort_by(|a, b| (&a.0, a.1, &a.2.key).cmp(&(&b.0, b.1, &b.2.key)));
    let told = tasks.into_iter().map(|(street, _, view, what)| {
        let codes = run.areas_of(view).map(|area| area.code.to_string());
        let names = run.areas_of(view).map(|area| area.name.clone());
        let foreign = run.rows_of(view).filter_map(|right| run.draft(right).row.foreign_code.clone());
        let contact = standing.task(view).and_then(|task: &Task| {
            let name = task.name.clone()?;
            Some(format!("{name} {}", task.until.or(task.dated).map(|day| day.to_string()).unwrap_or_default()))
        });
        let note = standing.decision_on(view).map(|decision| decision.note.clone());
        vec![
            text(street),
            text(what),
            text(joined(codes)),
            text(joined(names)),
            text(joined(run.rows_of(view).map(|right| run.row_name(right)))),
            text(joined(foreign)),
            optional(contact),
            optional(note),
        ]
    });
    told.collect()
}
