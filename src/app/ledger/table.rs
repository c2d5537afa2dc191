//! The ledger by column, as a browser filters and sorts it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use rayon::prelude::*;

use crate::app::Snapshot;
use crate::app::ledger::{Aside, ColumnKind, LedgerColumn, LedgerRow, LedgerValue, Term, columns_for, value_of};
use crate::auth::Actor;
use crate::model::StreetCode;
use crate::search::sort_key;

/// The ledger of a state or of one street of it.
pub struct LedgerTable {
    /// Positions of the rows' areas, in order of code.
    pub positions: Vec<usize>,
    /// The columns that may be seen, each with a value for every row.
    pub columns: Vec<(&'static LedgerColumn, ColumnData)>,
}

/// The values of a column, one for each row; `None` where there is none.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnData {
    /// Different texts in their order, and the place of each row's among them.
    Texts(Vec<String>, Vec<Option<u32>>),
    /// Different days in their order, and the place of each row's among them.
    Dates(Vec<Date>, Vec<Option<u32>>),
    /// Terms, and the place of each row's among them.
    Terms(Vec<Term>, Vec<Option<u32>>),
    /// Numbers.
    Numbers(Vec<Option<f64>>),
    /// Yes or no.
    Booleans(Vec<Option<bool>>),
}

/// Tells the ledger by column, with the duties that are due on `due_day`. CPU work over all areas on all cores: not for an
/// async thread.
pub fn ledger_table(snapshot: &Snapshot, actor: &Actor, street: Option<&StreetCode>, due_day: Date) -> LedgerTable {
    let wanted = |position: &usize| street.is_none_or(|street| snapshot.area(*position).street == *street);
    let positions: Vec<usize> = snapshot.positions().filter(wanted).collect();
    let aside = Aside::of(snapshot, actor, due_day);
    let rows: Vec<LedgerRow<'_>> = positions.iter().map(|position| aside.row(*position)).collect();
    let columns: Vec<&'static LedgerColumn> = columns_for(actor).collect();
    let columns = columns.into_par_iter().map(|column| (column, data(column, snapshot, &rows))).collect();
    LedgerTable { positions, columns }
}

fn data(column: &LedgerColumn, snapshot: &Snapshot, rows: &[LedgerRow<'_>]) -> ColumnData {
    let values = || rows.iter().map(|row| value_of(column, row));
    match column.kind {
        ColumnKind::Text => texts(values().collect()),
        ColumnKind::Date => dates(values().collect()),
        ColumnKind::Number(_) => ColumnData::Numbers(
            values()
                .map(|value| match value {
                    LedgerValue::Number(number) => Some(number),
                    _ => None,
                })
                .collect(),
        ),
        ColumnKind::Boolean => ColumnData::Booleans(
            values()
                .map(|value| match value {
                    LedgerValue::Boolean(yes) => Some(yes),
                    _ => None,
                })
                .collect(),
        ),
        ColumnKind::Term(terms) => {
            let terms = terms(snapshot);
            let places: HashMap<&str, u32> = (0_u32..).zip(&terms).map(|(at, term)| (term.key.as_str(), at)).collect();
            let place = |value| match value {
                LedgerValue::Term(key) => places.get(key).copied(),
                _ => None,
            };
            let data = values().map(place).collect();
            ColumnData::Terms(terms, data)
        }
    }
}

fn texts(values: Vec<LedgerValue<'_>>) -> ColumnData {
    fn of<'v>(value: &'v LedgerValue<'_>) -> Option<&'v str> {
        match value {
            LedgerValue::Text(Cow::Borrowed(text)) => Some(text),
            LedgerValue::Text(Cow::Owned(text)) => Some(text),
            _ => None,
        }
    }
    let distinct: BTreeSet<&str> = values.iter().filter_map(of).collect();
    let mut distinct: Vec<&str> = distinct.into_iter().collect();
    distinct.sort_by_cached_key(|text| sort_key(text));
    let places: HashMap<&str, u32> = distinct.iter().copied().zip(0_u32..).collect();
    let data = values.iter().map(|value| of(value).and_then(|text| places.get(text).copied())).collect();
    ColumnData::Texts(distinct.into_iter().map(str::to_owned).collect(), data)
}

fn dates(values: Vec<LedgerValue<'_>>) -> ColumnData {
    let of = |value: &LedgerValue<'_>| match value {
        LedgerValue::Date(day) => Some(*day),
        _ => None,
    };
    let distinct: BTreeSet<Date> = values.iter().filter_map(of).collect();
    let distinct: Vec<Date> = distinct.into_iter().collect();
    let place = |day: Date| distinct.binary_search(&day).ok().and_then(|at| u32::try_from(at).ok());
    let data = values.iter().map(|value| of(value).and_then(place)).collect();
    ColumnData::Dates(distinct, data)
}
