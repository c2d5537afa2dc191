//! What falls due in the areas of a state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;

use crate::app::Snapshot;
use crate::app::deliveries::today;
use crate::model::{Committee, StreetCode};
use crate::stats::{Due, DueState, duties};

/// A duty of one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueItem {
    /// Position of the area in the snapshot.
    pub position: usize,
    /// What is due and when.
    pub due: Due,
}

/// How many duties there are of each state, in the order of [`DueState::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DueCounts(pub [usize; DueState::ALL.len()]);

impl DueCounts {
    /// Counts one more.
    pub fn add(&mut self, state: DueState) {
        self.0[state as usize] += 1;
    }

    /// Duties of one state.
    pub fn of(&self, state: DueState) -> usize {
        self.0[state as usize]
    }
}

/// Days whose duties are kept: that of the state, and today and yesterday of one that is read for long.
const DAYS_KEPT: usize = 3;

/// The duties of a state by the day on which they were counted, latest last.
#[derive(Default)]
pub(super) struct DueLists(Mutex<Vec<(Date, Arc<[DueItem]>)>>);

impl Snapshot {
    /// The day on which its duties are counted when nobody names one: today in Beijing, or the date of the data where that
    /// is later; for demonstration data the date of the data.
    pub fn due_day(&self) -> Date {
        if self.is_demo() { self.data_date() } else { self.data_date().max(today()) }
    }

    /// What is due on a day in the areas of this state, the most urgent first. Worked out once, over all areas: not for an
    /// async thread.
    pub fn due(&self, day: Date) -> Arc<[DueItem]> {
        let mut lists = self.due.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, due)) = lists.iter().find(|(counted, _)| *counted == day) {
            return Arc::clone(due);
        }
        let filings = self.areas().filter_map(|area| area.attributes.contract_filed_on);
        let since = filings.filter(|filed| *filed <= day).min();
        let of = |position| {
            let due = duties(self.area(position), day, since);
            due.into_iter().map(move |due| DueItem { position, due })
        };
        // Positions come in order of code, and the sort keeps that order among equals.
        let mut items: Vec<DueItem> = self.positions().flat_map(of).collect();
        items.sort_by_key(|item| (item.due.due_on, item.due.duty));
        let due: Arc<[DueItem]> = items.into();
        if lists.len() >= DAYS_KEPT {
            lists.remove(0);
        }
        lists.push((day, Arc::clone(&due)));
        due
    }

    /// Those of one street, or all, in the same order.
    pub fn due_in<'a>(
        &'a self,
        due: &'a [DueItem],
        street: Option<&'a StreetCode>,
    ) -> impl Iterator<Item = &'a DueItem> {
        due.iter().filter(move |item| street.is_none_or(|street| self.area(item.position).street == *street))
    }

    /// The committee that a duty is about.
    pub fn committee_of(&self, item: &DueItem) -> Option<&Committee> {
        self.area(item.position).committees.as_ref()?.get(item.due.committee?)
    }

    /// The most urgent duty on a day of each area that has one, by position.
    pub fn most_urgent(&self, day: Date) -> BTreeMap<usize, Due> {
        let mut urgent = BTreeMap::new();
        for item in self.due(day).iter() {
            urgent.entry(item.position).or_insert(item.due);
        }
        urgent
    }
}
