//! Counts by month: how the rates came to be what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::app::{App, Error, Snapshot};
use crate::model::{Area, AreaCode, AsOf, Manager, ManagerId, StreetCode};
use crate::stats::{Printed, Tallies, turning_days};

/// Months that are counted at most, the latest ones.
pub const SERIES_MONTHS_MAX: usize = 120;

/// Series of other states that are kept.
const SERIES_KEPT: usize = 4;

/// Counts of single days that are kept.
const DAYS_KEPT: usize = 16;

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
    pub unregistered: BTreeMap<StreetCode, usize>,
}

/// What was counted, newest last.
#[derive(Default)]
pub(super) struct SeriesCache {
    kept: Mutex<Kept>,
    /// Held while something is counted, so that nothing is counted twice at a time.
    counting: Mutex<()>,
}

#[derive(Default)]
struct Kept {
    series: Vec<(AsOf, Arc<Series>)>,
    days: Vec<(AsOf, Arc<Tallies>)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is whole at any time.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn found<T>(list: &[(AsOf, Arc<T>)], as_of: AsOf) -> Option<Arc<T>> {
    list.iter().find(|(held, _)| *held == as_of).map(|(_, kept)| Arc::clone(kept))
}

fn keep<T>(list: &mut Vec<(AsOf, Arc<T>)>, most: usize, counted: (AsOf, &Arc<T>)) {
    if list.len() >= most {
        list.remove(0);
    }
    list.push((counted.0, Arc::clone(counted.1)));
}

impl SeriesCache {
    /// Forgets everything: it may not be what the store tells any more.
    pub(super) fn forget(&self) {
        *lock(&self.kept) = Kept::default();
    }
}

impl App {
    /// The counts of each month up to the day of a state, as far as that state knows: from the month of the first day on which
    /// any record is dated, but at most [`SERIES_MONTHS_MAX`] months. Counted once and kept; whoever asks meanwhile waits.
    /// Disk and CPU work: not for an async thread. Errors: the store fails.
    pub fn series(&self, snapshot: &Snapshot) -> Result<Arc<Series>, Error> {
        let as_of = snapshot.as_of();
        let kept = || found(&lock(&self.series.kept).series, as_of);
        if let Some(series) = kept() {
            return Ok(series);
        }
        let _turn = lock(&self.series.counting);
        if let Some(series) = kept() {
            return Ok(series);
        }
        let series = Arc::new(self.count_series(snapshot)?);
        keep(&mut lock(&self.series.kept).series, SERIES_KEPT, (as_of, &series));
        Ok(series)
    }

    /// The figures that were printed up to the day of a state, oldest first, each with the rate of its own day as far as that
    /// state knows. Disk and CPU work unless the figure is of the day of the state: not for an async thread. Errors: the store
    /// fails.
    pub fn printed(&self, snapshot: &Snapshot) -> Result<Vec<Printed>, Error> {
        let mut figures: Vec<_> =
            snapshot.figures().iter().filter(|figure| figure.dated <= snapshot.data_date()).cloned().collect();
        figures.sort_by_key(|figure| figure.dated);
        let beside = |figure: crate::model::PrintedFigure| {
            let computed = match figure.dated == snapshot.data_date() {
                true => snapshot.tallies().district.rate(figure.rate),
                false => self.tallies_on(snapshot, figure.dated)?.district.rate(figure.rate),
            };
            Ok(Printed { figure, computed })
        };
        figures.into_iter().map(beside).collect()
    }

    /// The counts of a day as far as a state knows.
    fn tallies_on(&self, snapshot: &Snapshot, day: Date) -> Result<Arc<Tallies>, Error> {
        let as_of = AsOf { day, known: snapshot.revision() };
        let kept = || found(&lock(&self.series.kept).days, as_of);
        if let Some(tallies) = kept() {
            return Ok(tallies);
        }
        let _turn = lock(&self.series.counting);
        if let Some(tallies) = kept() {
            return Ok(tallies);
        }
        let mut state = State::of(snapshot);
        state.go_back(self, day)?;
        let tallies = Arc::new(state.tallies);
        keep(&mut lock(&self.series.kept).days, DAYS_KEPT, (as_of, &tallies));
        Ok(tallies)
    }

    /// Goes back month by month: what differs from the month after is asked of the store and counted anew, everything else is
    /// counted as in the month after.
    fn count_series(&self, snapshot: &Snapshot) -> Result<Series, Error> {
        let mut state = State::of(snapshot);
        let mut months = vec![state.told()];
        for day in days_before(snapshot) {
            state.go_back(self, day)?;
            months.push(state.told());
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

/// The areas of a day, those of a snapshot but for some, and their counts.
struct State<'a> {
    snapshot: &'a Snapshot,
    at: AsOf,
    /// Days on which areas of the snapshot begin to count otherwise, earliest first.
    turns: Vec<(Date, usize)>,
    other: BTreeMap<AreaCode, Option<Area>>,
    managers: BTreeMap<ManagerId, Manager>,
    tallies: Tallies,
    unregistered: BTreeMap<StreetCode, usize>,
}

impl<'a> State<'a> {
    fn of(snapshot: &'a Snapshot) -> Self {
        let managers = snapshot.managers().iter().map(|manager| (manager.id, manager.clone())).collect();
        let days = |at| turning_days(snapshot.area(at)).map(move |day| (day, at)).collect::<Vec<_>>();
        let mut turns: Vec<(Date, usize)> = snapshot.positions().flat_map(days).collect();
        turns.sort_unstable();
        let mut unregistered = BTreeMap::new();
        for area in snapshot.areas().filter(|area| !area.is_registered()) {
            *unregistered.entry(area.street.clone()).or_insert(0) += 1;
        }
        Self {
            snapshot,
            at: snapshot.as_of(),
            turns,
            other: BTreeMap::new(),
            managers,
            tallies: snapshot.tallies().clone(),
            unregistered,
        }
    }

    /// Goes to a day, not after the one that it is at.
    fn go_back(&mut self, app: &App, day: Date) -> Result<(), Error> {
        let before = AsOf { day, known: self.at.known };
        let changes = app.store.changes(self.at, before)?;
        let managers: BTreeSet<ManagerId> = changes.managers.iter().map(|manager| manager.id).collect();
        let mut touched: BTreeSet<AreaCode> = changes.areas.iter().map(|change| change.code.clone()).collect();
        touched.extend(self.turning(day));
        if !managers.is_empty() {
            let managed = |area: &&Area| area.manager.is_some_and(|manager| managers.contains(&manager));
            touched.extend(self.areas().filter(managed).map(|area| area.code.clone()));
        }
        self.count(&touched, Counted::Off);
        self.other.extend(changes.areas.into_iter().map(|change| (change.code, change.after)));
        self.managers.extend(changes.managers.into_iter().map(|manager| (manager.id, manager)));
        self.at = before;
        self.count(&touched, Counted::In);
        Ok(())
    }

    /// Areas that count otherwise on the day that the state is at than on an earlier one, though nothing was changed.
    fn turning(&self, day: Date) -> Vec<AreaCode> {
        let (from, until) = (
            self.turns.partition_point(|turn| turn.0 <= day),
            self.turns.partition_point(|turn| turn.0 <= self.at.day),
        );
        let same = self.turns.get(from..until).unwrap_or_default().iter().map(|(_, at)| &self.snapshot.area(*at).code);
        let others = self.other.values().flatten();
        let turned = others.filter(|area| turning_days(area).any(|turn| day < turn && turn <= self.at.day));
        same.chain(turned.map(|area| &area.code)).cloned().collect()
    }

    fn areas(&self) -> impl Iterator<Item = &Area> {
        let same = self.snapshot.areas().filter(|area| !self.other.contains_key(&area.code));
        same.chain(self.other.values().flatten())
    }

    /// Takes areas into the counts, or out of them.
    fn count(&mut self, codes: &BTreeSet<AreaCode>, counted: Counted) {
        let Self { snapshot, at, other, managers, tallies, unregistered, .. } = self;
        let current = |code| match other.get(code) {
            Some(area) => area.as_ref(),
            None => snapshot.area_position(code).map(|position| snapshot.area(position)),
        };
        for area in codes.iter().filter_map(current) {
            let (status, manager) = (area.committee_status(at.day), area.manager.and_then(|id| managers.get(&id)));
            match counted {
                Counted::In => tallies.add(area, status, manager, at.day),
                Counted::Off => tallies.remove(area, status, manager, at.day),
            }
            if !area.is_registered() {
                let count = unregistered.entry(area.street.clone()).or_insert(0);
                match counted {
                    Counted::In => *count += 1,
                    Counted::Off => *count -= 1,
                }
            }
        }
        unregistered.retain(|_, count| *count > 0);
    }

    fn told(&self) -> MonthCount {
        MonthCount { date: self.at.day, tallies: self.tallies.clone(), unregistered: self.unregistered.clone() }
    }
}

/// What becomes of areas in the counts.
#[derive(Clone, Copy)]
enum Counted {
    In,
    Off,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Question;
    use crate::store::memory::Memory;

    #[test]
    fn counts_that_go_back_by_what_changed_are_those_of_the_whole() {
        let app = App::new(Arc::new(Memory::new()));
        app.load_demo(None).unwrap();
        let snapshot = app.snapshot().unwrap();
        let series = app.series(&snapshot).unwrap();
        assert!(series.months.len() > 24, "{} months", series.months.len());
        for month in series.months.iter().rev().step_by(5) {
            let then = app.snapshot_at(Question { day: Some(month.date), known: None }).unwrap();
            assert_eq!(month.tallies, *then.tallies(), "{}", month.date);
            assert_eq!(*app.tallies_on(&snapshot, month.date).unwrap(), *then.tallies(), "{}", month.date);
        }
        assert!(Arc::ptr_eq(&series, &app.series(&snapshot).unwrap()), "counted once");
    }

    #[test]
    fn a_printed_figure_stands_beside_the_counts_of_its_own_day() {
        let app = App::new(Arc::new(Memory::new()));
        app.load_demo(None).unwrap();
        let on = |day: &str| app.snapshot_at(Question { day: Some(day.parse().unwrap()), known: None }).unwrap();
        assert_eq!(app.printed(&on("2022-10-26")).unwrap(), []);
        let (then, later) = (app.printed(&on("2022-10-27")).unwrap(), app.printed(&on("2025-10-27")).unwrap());
        assert_eq!(then.len(), 5);
        assert_eq!(then, later);
    }
}
