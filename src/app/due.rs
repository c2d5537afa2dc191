//! What falls due in the areas of a state.

use std::collections::BTreeMap;

use crate::app::Snapshot;
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

impl Snapshot {
    /// What is due in all areas on the data date, the most urgent first. Worked out once for a snapshot, over all areas: not
    /// for an async thread.
    pub fn due(&self) -> &[DueItem] {
        self.due.get_or_init(|| {
            let day = self.data_date();
            let of = |position| duties(self.area(position), day).into_iter().map(move |due| DueItem { position, due });
            // Positions come in order of code, and the sort keeps that order among equals.
            let mut items: Vec<DueItem> = self.positions().flat_map(of).collect();
            items.sort_by_key(|item| (item.due.due_on, item.due.duty));
            items
        })
    }

    /// The duties of one street, or of all, the most urgent first.
    pub fn due_in(&self, street: Option<&StreetCode>) -> impl Iterator<Item = &DueItem> {
        self.due().iter().filter(move |item| street.is_none_or(|street| self.area(item.position).street == *street))
    }

    /// The committee that a duty is about.
    pub fn committee_of(&self, item: &DueItem) -> Option<&Committee> {
        self.area(item.position).committees.as_ref()?.get(item.due.committee?)
    }

    /// The most urgent duty of each area that has one, by position.
    pub fn most_urgent(&self) -> BTreeMap<usize, Due> {
        let mut urgent = BTreeMap::new();
        for item in self.due() {
            urgent.entry(item.position).or_insert(item.due);
        }
        urgent
    }
}
