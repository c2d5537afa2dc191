//! Areas in order of code, and who follows whom.

use std::collections::{BTreeSet, btree_map};
use std::iter::Peekable;
use std::ops::{Bound, Range};

use jiff::civil::Date;

use crate::app::Snapshot;
use crate::history::Lineage;
use crate::model::{Area, AreaCode};

/// Positions in order of code.
struct InOrder<'a> {
    snapshot: &'a Snapshot,
    base: Range<u32>,
    added: Peekable<btree_map::Range<'a, AreaCode, u32>>,
}

impl Iterator for InOrder<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            let added_is_next = match (self.added.peek(), self.base.is_empty()) {
                (None, _) => false,
                (Some(_), true) => true,
                (Some((code, _)), false) => **code < self.snapshot.base.areas[self.base.start as usize].area.code,
            };
            let position =
                if added_is_next { self.added.next().map(|(_, position)| *position) } else { self.base.next() }?;
            if self.snapshot.held_at(position).is_some() {
                return Some(position);
            }
        }
    }
}

impl Snapshot {
    /// Positions of all areas in order of code.
    pub fn positions(&self) -> impl Iterator<Item = usize> + '_ {
        self.positions_after(None)
    }

    /// Positions of the areas after this code, in order of code; of all without one. The code need not exist.
    pub fn positions_after(&self, code: Option<&AreaCode>) -> impl Iterator<Item = usize> + '_ {
        let areas = &self.base.areas;
        let start = code.map_or(0, |code| areas.partition_point(|held| held.area.code <= *code));
        let number = |count: usize| u32::try_from(count).expect("areas are numbered in 32 bits");
        let from = code.map_or(Bound::Unbounded, Bound::Excluded);
        let added = self.patch.added.range::<AreaCode, _>((from, Bound::Unbounded)).peekable();
        InOrder { snapshot: self, base: number(start)..number(areas.len()), added }.map(|position| position as usize)
    }

    /// Every area, in order of code.
    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        self.positions().map(|position| self.area(position))
    }

    /// Positions of the areas that are there and whose committees give them another status than they would on `day`.
    pub fn turned_since(&self, day: Date) -> BTreeSet<usize> {
        let patched = self.patch.areas.keys().copied();
        let may_differ = self.base.turned_between(day, self.as_of.day).chain(patched);
        let turned = may_differ.filter(|position| {
            self.held_at(*position).is_some_and(|held| held.area.committee_status(day) != held.status)
        });
        turned.map(|position| position as usize).collect()
    }

    /// Sorts positions by the codes of their areas.
    pub fn sort_by_code(&self, positions: &mut [usize]) {
        if self.patch.added.is_empty() {
            positions.sort_unstable();
        } else {
            positions.sort_unstable_by(|a, b| self.area(*a).code.cmp(&self.area(*b).code));
        }
    }

    /// The areas that took the place of this one, sorted by code.
    pub fn successors(&self, code: &AreaCode) -> Vec<&Lineage> {
        let mut found: Vec<&Lineage> = {
            let base = &self.base.lineage;
            let first = base.partition_point(|lineage| lineage.predecessor < *code);
            base[first..].iter().take_while(|lineage| lineage.predecessor == *code).collect()
        };
        found.extend(self.patch.lineage.iter().filter(|lineage| lineage.predecessor == *code));
        found.sort();
        found
    }

    /// The areas whose place this one took, sorted by code.
    pub fn predecessors(&self, code: &AreaCode) -> Vec<&Lineage> {
        let (base, order) = (&self.base.lineage, &self.base.by_successor);
        let at = |n: &u32| &base[*n as usize];
        let first = order.partition_point(|n| at(n).successor < *code);
        let mut found: Vec<&Lineage> =
            order[first..].iter().map(at).take_while(|lineage| lineage.successor == *code).collect();
        found.extend(self.patch.lineage.iter().filter(|lineage| lineage.successor == *code));
        found.sort();
        found
    }
}
