//! Counts by month: how the rates came to be what they are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::app::{App, Error, Snapshot};
use crate::model::{Area, AreaCode, AsOf, Manager, ManagerId};
use crate::stats::Tallies;

/// Months that are counted at most, the latest ones.
pub const SERIES_MONTHS_MAX: usize = 120;

/// Series of other states that are kept.
const SERIES_KEPT: usize = 4;

/// Counts on the last day of each month, and on the day of the state itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// Oldest first.
    pub months: Vec<MonthCount>,
}

/// The counts of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct MonthCount {
    /// The day.
    pub date: Date,
    /// What was counted, as far as the state knows.
    pub tallies: Tallies,
    /// Areas whose management or committees nobody has told, by street.
    pub unregistered: BTreeMap<crate::model::StreetCode, usize>,
}

/// Series that were counted, newest last.
#[derive(Default)]
pub(super) struct SeriesCache(Mutex<Vec<(AsOf, Arc<Series>)>>);

impl SeriesCache {
    fn kept(&self, as_of: AsOf) -> Option<Arc<Series>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(held, _)| *held == as_of).map(|(_, series)| Arc::clone(series))
    }

    fn keep(&self, as_of: AsOf, series: &Arc<Series>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= SERIES_KEPT {
            kept.remove(0);
        }
        kept.push((as_of, Arc::clone(series)));
    }

    /// Forgets everything: it may not be what the store tells any more.
    pub(super) fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl App {
    /// The counts of each month up to the day of a state, as far as that state knows: from the month of the first day on which
    /// any record is dated, but at most [`SERIES_MONTHS_MAX`] months. Kept once counted. Disk and CPU work: not for an async
    /// thread. Errors: the store fails.
    pub fn series(&self, snapshot: &Snapshot) -> Result<Arc<Series>, Error> {
        let as_of = snapshot.as_of();
        if let Some(series) = self.series.kept(as_of) {
            return Ok(series);
        }
        let series = Arc::new(self.count_series(snapshot)?);
        self.series.keep(as_of, &series);
        Ok(series)
    }

    /// Goes back month by month: what differs from the month after is asked of the store, everything else is as in the
    /// snapshot.
    fn count_series(&self, snapshot: &Snapshot) -> Result<Series, Error> {
        let mut state = State::of(snapshot);
        let mut at = snapshot.as_of();
        let mut months = vec![state.count(at.day)];
        for day in days_before(snapshot) {
            let before = AsOf { day, known: at.known };
            let changes = self.store.changes(at, before)?;
            for change in changes.areas {
                state.put(change.code, change.after);
            }
            for manager in changes.managers {
                state.managers.insert(manager.id, manager);
            }
            at = before;
            months.push(state.count(day));
        }
        months.reverse();
        Ok(Series { months })
    }
}

/// The last days of the months before the day of a state, latest first.
fn days_before(snapshot: &Snapshot) -> impl Iterator<Item = Date> {
    let until = snapshot.data_date();
    let first = snapshot.records().iter().map(|record| record.dated).min().unwrap_or(until);
    let ends = (1..).map(move |months: i32| until.saturating_sub(months.months()).last_of_month());
    ends.take_while(move |day| *day >= first).take(SERIES_MONTHS_MAX - 1)
}

/// The areas of a day: those of a snapshot but for some.
struct State<'a> {
    snapshot: &'a Snapshot,
    other: BTreeMap<AreaCode, Option<Area>>,
    managers: BTreeMap<ManagerId, Manager>,
}

impl<'a> State<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let managers = snapshot.managers().iter().map(|manager| (manager.id, manager.clone())).collect();
        Self { snapshot, other: BTreeMap::new(), managers }
    }

    fn put(&mut self, code: AreaCode, area: Option<Area>) {
        self.other.insert(code, area);
    }

    fn count(&self, day: Date) -> MonthCount {
        let same = self.snapshot.areas().filter(|area| !self.other.contains_key(&area.code));
        let areas = same.chain(self.other.values().flatten());
        let mut unregistered = BTreeMap::new();
        let counted = areas.map(|area| {
            if !area.is_registered() {
                *unregistered.entry(area.street.clone()).or_insert(0) += 1;
            }
            (area, area.committee_status(day))
        });
        let tallies = Tallies::count(counted, |id| self.managers.get(&id), day);
        MonthCount { date: day, tallies, unregistered }
    }
}
