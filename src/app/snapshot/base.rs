//! What is built in one go and shared by all snapshots that came after it by small changes.

use std::collections::HashMap;

use geo::{BoundingRect as _, Coord, Rect};
use jiff::civil::Date;
use rayon::prelude::*;

use crate::app::snapshot::{Held, Snapshot, SnapshotError};
use crate::geom::label_point;
use crate::history::Lineage;
use crate::index::AreaIndex;
use crate::model::{
    Area, AreaCode, Boundary, Committee, Community, CommunityCode, District, Manager, ManagerId, PrintedFigure, Street,
    StreetCode, Uscc,
};
use crate::store::{AbsentArea, Register};

/// Streets, communities and the district: when one of them changes, everything is built anew.
pub(super) struct Territory {
    pub district: District,
    pub streets: Vec<Street>,
    pub street_labels: Vec<Coord>,
    pub street_positions: HashMap<StreetCode, usize>,
    pub street_index: AreaIndex,
    pub communities: HashMap<CommunityCode, Community>,
    pub figures: Vec<PrintedFigure>,
}

/// Managers, sorted by credit code.
#[derive(Clone)]
pub(super) struct Managers {
    pub list: Vec<Manager>,
    positions: HashMap<ManagerId, usize>,
}

/// The state that was built in one go; lists of areas are sorted by code, and so are positions.
pub(super) struct Base {
    pub territory: Territory,
    pub areas: Vec<Held>,
    /// Positions by street.
    pub by_street: Vec<Vec<u32>>,
    pub managed: HashMap<ManagerId, Vec<u32>>,
    /// Days on which something is told otherwise of the committees of an area, ascending, and the area.
    pub turns: Vec<(Date, u32)>,
    pub absent: Vec<AbsentArea>,
    /// Sorted by predecessor.
    pub lineage: Vec<Lineage>,
    /// Places in the lineage, sorted by successor.
    pub by_successor: Vec<u32>,
}

impl Territory {
    fn build(register: &mut Register) -> Result<Self, SnapshotError> {
        let streets = std::mem::take(&mut register.streets);
        let communities = std::mem::take(&mut register.communities);
        Ok(Self {
            district: register.district.take().ok_or(SnapshotError::NoDistrict)?,
            street_labels: streets.par_iter().map(|street| label_of(&street.boundary)).collect(),
            street_positions: streets.iter().enumerate().map(|(p, s)| (s.code.clone(), p)).collect(),
            street_index: AreaIndex::build(streets.iter().map(|street| &street.boundary)),
            streets,
            communities: communities.into_iter().map(|c| (c.code.clone(), c)).collect(),
            figures: std::mem::take(&mut register.figures),
        })
    }

    /// Position of an area's street. Errors: a street or community that does not exist.
    pub fn place(&self, area: &Area) -> Result<usize, SnapshotError> {
        if let Some(code) = area.community.as_ref().filter(|code| !self.communities.contains_key(code)) {
            return Err(dangling(area, "community", code.to_string()));
        }
        let street = self.street_positions.get(&area.street).copied();
        street.ok_or_else(|| dangling(area, "street", area.street.to_string()))
    }
}

impl Managers {
    pub fn new(list: Vec<Manager>) -> Self {
        Self { positions: list.iter().enumerate().map(|(p, m)| (m.id, p)).collect(), list }
    }

    /// The list with these in it, in place of those of the same number.
    pub fn with(&self, changed: &[Manager]) -> Self {
        let mut list = self.list.clone();
        for manager in changed {
            match self.positions.get(&manager.id) {
                Some(position) => list[*position] = manager.clone(),
                None => list.push(manager.clone()),
            }
        }
        list.sort_by(|a, b| a.uscc.cmp(&b.uscc));
        Self::new(list)
    }

    pub fn position(&self, id: ManagerId) -> Option<usize> {
        self.positions.get(&id).copied()
    }

    pub fn of(&self, area: &Area) -> Option<&Manager> {
        Some(&self.list[self.position(area.manager?)?])
    }

    pub fn position_of(&self, uscc: &Uscc) -> Option<usize> {
        self.list.binary_search_by(|manager| manager.uscc.cmp(uscc)).ok()
    }

    /// Errors: the area's manager does not exist.
    pub fn check(&self, area: &Area) -> Result<(), SnapshotError> {
        match area.manager.filter(|id| !self.positions.contains_key(id)) {
            None => Ok(()),
            Some(id) => Err(dangling(area, "manager", id.0.to_string())),
        }
    }
}

fn dangling(area: &Area, what: &'static str, code: String) -> SnapshotError {
    SnapshotError::Dangling { area: area.code.to_string(), what, code }
}

impl Base {
    /// Takes everything but the records out of the register. Labels are taken from `known` where boundaries are as there.
    pub fn build(register: &mut Register, known: Option<&Snapshot>) -> Result<(Self, Managers), SnapshotError> {
        let day = register.as_of.day;
        let territory = Territory::build(register)?;
        let managers = Managers::new(std::mem::take(&mut register.managers));
        let areas = std::mem::take(&mut register.areas);
        let mut by_street = vec![Vec::new(); territory.streets.len()];
        let mut managed: HashMap<ManagerId, Vec<u32>> = HashMap::new();
        let mut turns = Vec::new();
        for (position, area) in (0_u32..).zip(&areas) {
            managers.check(area)?;
            by_street[territory.place(area)?].push(position);
            if let Some(manager) = area.manager {
                managed.entry(manager).or_default().push(position);
            }
            turns.extend(area.committees.iter().flatten().flat_map(turns_of).map(|day| (day, position)));
        }
        turns.par_sort_unstable();
        let areas = areas.into_par_iter().map(|area| Held::new(area, day, known)).collect();
        let mut lineage = std::mem::take(&mut register.lineage);
        lineage.sort();
        let mut by_successor: Vec<u32> = (0..).zip(&lineage).map(|(n, _)| n).collect();
        by_successor.sort_by_key(|n| &lineage[*n as usize].successor);
        let base = Self {
            territory,
            areas,
            by_street,
            managed,
            turns,
            absent: std::mem::take(&mut register.absent),
            lineage,
            by_successor,
        };
        Ok((base, managers))
    }

    /// Position of an area that was there when this was built.
    pub fn position(&self, code: &AreaCode) -> Option<u32> {
        let found = self.areas.binary_search_by(|held| held.area.code.cmp(code)).ok()?;
        u32::try_from(found).ok()
    }

    /// Areas of whose committees something else may be told on one of two days than on the other.
    pub fn turned_between(&self, a: Date, b: Date) -> impl Iterator<Item = u32> + '_ {
        let (first, last) = (a.min(b), a.max(b));
        let from = self.turns.partition_point(|(day, _)| *day <= first);
        self.turns[from..].iter().take_while(move |(day, _)| *day <= last).map(|(_, position)| *position)
    }
}

impl Held {
    /// The area on a day. Its label is taken from a state that has the same boundary.
    pub fn new(area: Area, day: Date, known: Option<&Snapshot>) -> Self {
        let seen = known.and_then(|known| known.held_of(&area.code)).filter(|held| held.area.boundary == area.boundary);
        Self {
            status: area.committee_status(day),
            label: seen.map_or_else(|| label_of(&area.boundary), |held| held.label),
            area,
        }
    }
}

/// Days on which something else is told of a committee than on the day before.
fn turns_of(committee: &Committee) -> impl Iterator<Item = Date> {
    let party = committee.party.and_then(|party| party.since);
    std::iter::once(committee.formed_on).chain(committee.dissolved_on).chain(party)
}

/// A point well inside; the origin for a boundary without surface, which the checks at the door keep out.
pub(super) fn label_of(boundary: &Boundary) -> Coord {
    label_point(boundary).unwrap_or(Coord { x: 0.0, y: 0.0 })
}

/// The smallest box around all boxes; `None` when there is none.
pub(super) fn enclose(boxes: impl Iterator<Item = Rect>) -> Option<Rect> {
    boxes.reduce(|a, b| {
        Rect::new(
            Coord { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
            Coord { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
        )
    })
}

/// Box around the district and all areas: the generalised outline may cut through areas, so the box holds both.
pub(super) fn bounds_around(district: &District, envelopes: impl Iterator<Item = Rect>) -> Rect {
    enclose(district.boundary.bounding_rect().into_iter().chain(envelopes))
        .unwrap_or_else(|| Rect::new(Coord { x: -180.0, y: -90.0 }, Coord { x: 180.0, y: 90.0 }))
}
