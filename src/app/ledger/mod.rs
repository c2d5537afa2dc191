//! The ledger (台账): every area as a row, told by column or as a file.

mod column;
mod export;
mod table;
pub(super) mod terms;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use crate::app::Snapshot;
use crate::auth::Actor;
use crate::model::CommitteeKind;
use crate::stats::Due;

pub use column::{COLUMNS, ColumnKind, LedgerColumn, LedgerRow, LedgerValue};
pub use export::{LedgerFormat, LedgerLanguage, Selection, export_ledger};
pub use table::{ColumnData, LedgerTable, ledger_table};
pub use terms::Term;

/// The columns of which an actor may see something, in the order of the table.
fn columns_for(actor: &Actor) -> impl Iterator<Item = &'static LedgerColumn> {
    let widest = actor.widest_sight();
    COLUMNS.iter().filter(move |column| widest.shows(column.field))
}

/// What stands in a column of a row, as far as the row's reader sees it.
fn value_of<'a>(column: &LedgerColumn, row: &'a LedgerRow<'a>) -> LedgerValue<'a> {
    if row.sight.shows(column.field) { (column.value)(row) } else { LedgerValue::Nothing }
}

/// What rows need besides their areas.
struct Aside<'a> {
    snapshot: &'a Snapshot,
    actor: &'a Actor,
    due: BTreeMap<usize, Due>,
    warnings: HashMap<&'a str, usize>,
}

impl<'a> Aside<'a> {
    /// Duties are counted on `due_day`.
    fn of(snapshot: &'a Snapshot, actor: &'a Actor, due_day: Date) -> Self {
        let mut warnings = HashMap::new();
        for finding in snapshot.rule_findings() {
            *warnings.entry(finding.subject.as_str()).or_insert(0) += 1;
        }
        Self { snapshot, actor, due: snapshot.most_urgent(due_day), warnings }
    }

    fn row(&self, position: usize) -> LedgerRow<'a> {
        let snapshot = self.snapshot;
        let (area, day) = (snapshot.area(position), snapshot.data_date());
        LedgerRow {
            area,
            snapshot,
            sight: self.actor.sight_in(&area.street),
            status: snapshot.status(position),
            style: snapshot.class(position).key(),
            manager: snapshot.manager_of(area),
            owners: LedgerRow::committee(area, CommitteeKind::Owners, day),
            managing: LedgerRow::committee(area, CommitteeKind::PropertyManagement, day),
            due: self.due.get(&position).copied(),
            warnings: self.warnings.get(area.code.as_str()).copied().unwrap_or(0),
        }
    }
}
