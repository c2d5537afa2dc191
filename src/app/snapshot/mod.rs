//! The published state in memory: areas, R-tree, search index, tiles and counts as of both clocks, never changed.
//!
//! A snapshot is a base, which was built in one go, and a patch: what is not as in the base. [`Snapshot::apply`] makes the
//! snapshot after a change, with the same base and a larger patch, at the cost of what changed.

mod base;
mod build;
mod delta;
mod documents;
mod patch;
mod redraw;
mod walk;

#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use geo::{Coord, Intersects as _, Rect};
use jiff::civil::Date;
use rayon::ThreadPool;

use crate::app::due::DueLists;
use crate::history::Lineage;
use crate::index::AreaIndex;
use crate::ingest::delivery::Finding;
use crate::model::{
    Area, AreaCode, AsOf, Boundary, CommitteeStatus, Community, District, Manager, ManagerId, PrintedFigure, Record,
    Revision, Street, StreetCode, StyleClass, Uscc,
};
use crate::search::SearchIndex;
use crate::stats::Tallies;
use crate::store::AbsentArea;
use crate::tiles::{Pyramid, TileCoord, TileLayer};

use base::{Base, Managers, enclose};
use patch::Patch;

/// Why a register cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// No district outline has been loaded.
    #[error("the register has no district")]
    NoDistrict,
    /// A reference leads nowhere.
    #[error("area {area} names {what} {code}, which does not exist")]
    Dangling {
        /// Code of the area.
        area: String,
        /// Street, community or manager.
        what: &'static str,
        /// The code or number that was not found.
        code: String,
    },
}

/// An area and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Held {
    area: Area,
    /// On the day of the snapshot.
    status: CommitteeStatus,
    /// A point well inside, degrees.
    label: Coord,
}

/// One state of the register, ready to answer.
///
/// Areas are known by their position, which is theirs in this snapshot only; [`Snapshot::positions`] tells all of them in
/// order of code.
pub struct Snapshot {
    as_of: AsOf,
    base: Arc<Base>,
    patch: Patch,
    managers: Arc<Managers>,
    records: Vec<Arc<Record>>,
    area_count: usize,
    demo_count: usize,
    bounds: Rect,
    index: AreaIndex,
    tallies: Tallies,
    /// Made when first asked for.
    search: OnceLock<SearchIndex>,
    /// Made when first asked for.
    pyramid: OnceLock<Pyramid>,
    /// Worked out when first asked for.
    pub(super) due: DueLists,
    /// Worked out when first asked for.
    pub(super) rule_findings: OnceLock<Vec<Finding>>,
    /// Who makes what is made later; `None` for all cores.
    workers: Option<Arc<ThreadPool>>,
}

impl Snapshot {
    /// Number of this state.
    pub fn revision(&self) -> Revision {
        self.as_of.known
    }

    /// Both clocks of the state: what was true on its day, as far as was known under its revision.
    pub fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// The day for which everything is told: the day asked for, else the latest date of a record.
    pub fn data_date(&self) -> Date {
        self.as_of.day
    }

    /// Every record that was known, oldest first.
    pub fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    /// The latest record.
    pub fn latest_record(&self) -> &Record {
        self.records.last().expect("a snapshot without a record is not built")
    }

    /// The record under which an area was entered. Records are in the order of their numbers.
    pub fn record_of(&self, area: &Area) -> Option<&Record> {
        let at = self.records.binary_search_by_key(&area.record, |record| record.id).ok()?;
        Some(&self.records[at])
    }

    /// The district.
    pub fn district(&self) -> &District {
        &self.base.territory.district
    }

    /// Box around the district and all areas, degrees.
    pub fn bounds(&self) -> Rect {
        self.bounds
    }

    /// Number of areas.
    pub fn area_count(&self) -> usize {
        self.area_count
    }

    /// The area at this position. Panics where there is none.
    pub fn area(&self, position: usize) -> &Area {
        &self.held(position).area
    }

    /// The boundary of the area at this position.
    pub fn boundary(&self, position: usize) -> &Boundary {
        &self.held(position).area.boundary
    }

    /// Status of the owners' organisation of the area at this position, on the data date.
    pub fn status(&self, position: usize) -> CommitteeStatus {
        self.held(position).status
    }

    /// Class of the area at this position.
    pub fn class(&self, position: usize) -> StyleClass {
        self.held(position).class()
    }

    /// A point well inside the area at this position, degrees.
    pub fn label(&self, position: usize) -> Coord {
        self.held(position).label
    }

    /// Position of the area of this code.
    pub fn area_position(&self, code: &AreaCode) -> Option<usize> {
        let position = self.known_position(code)?;
        self.held_at(position).map(|_| position as usize)
    }

    /// The area of this code if it is known but not true on the day.
    pub fn absent(&self, code: &AreaCode) -> Option<&AbsentArea> {
        if let Some(absent) = self.patch.absent.get(code) {
            return absent.as_ref();
        }
        let at = self.base.absent.binary_search_by(|absent| absent.code.cmp(code)).ok()?;
        Some(&self.base.absent[at])
    }

    /// Every area that is known but not true on the day, in no particular order.
    pub fn absent_areas(&self) -> impl Iterator<Item = &AbsentArea> {
        let unchanged = self.base.absent.iter().filter(|absent| !self.patch.absent.contains_key(&absent.code));
        unchanged.chain(self.patch.absent.values().flatten())
    }

    /// Who follows whom, as far as was known, in no particular order.
    pub fn lineage(&self) -> impl Iterator<Item = &Lineage> {
        self.base.lineage.iter().chain(&self.patch.lineage)
    }

    /// All streets, sorted by code.
    pub fn streets(&self) -> &[Street] {
        &self.base.territory.streets
    }

    /// All communities, sorted by code.
    pub fn communities(&self) -> Vec<&Community> {
        let mut communities: Vec<&Community> = self.base.territory.communities.values().collect();
        communities.sort_by(|a, b| a.code.cmp(&b.code));
        communities
    }

    /// All managers, sorted by code.
    pub fn managers(&self) -> &[Manager] {
        &self.managers.list
    }

    /// Printed figures of reports.
    pub fn figures(&self) -> &[PrintedFigure] {
        &self.base.territory.figures
    }

    /// Counts of the district and its streets.
    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Whether anything in it is demonstration data.
    pub fn is_demo(&self) -> bool {
        self.demo_count > 0
    }

    /// Whether every area in it is demonstration data, and there is one.
    pub fn is_all_demo(&self) -> bool {
        self.demo_count > 0 && self.demo_count == self.area_count()
    }

    /// A point well inside the street at this position, degrees.
    pub fn street_label(&self, position: usize) -> Coord {
        self.base.territory.street_labels[position]
    }

    /// Position of the street of this code.
    pub fn street_position(&self, code: &StreetCode) -> Option<usize> {
        self.base.territory.street_positions.get(code).copied()
    }

    /// The street an area belongs to.
    pub fn street_of(&self, area: &Area) -> &Street {
        &self.base.territory.streets[self.base.territory.street_positions[&area.street]]
    }

    /// The community an area belongs to, where known.
    pub fn community_of(&self, area: &Area) -> Option<&Community> {
        self.base.territory.communities.get(area.community.as_ref()?)
    }

    /// The manager of an area, where known.
    pub fn manager_of(&self, area: &Area) -> Option<&Manager> {
        self.managers.of(area)
    }

    /// The manager of this number.
    pub fn manager(&self, id: ManagerId) -> Option<&Manager> {
        self.managers.position(id).map(|at| &self.managers.list[at])
    }

    /// Position of the manager of this credit code.
    pub fn manager_position(&self, uscc: &Uscc) -> Option<usize> {
        self.managers.position_of(uscc)
    }

    /// Positions of the areas that the manager at this position manages, in order of code.
    pub fn managed_by(&self, manager: usize) -> &[u32] {
        let id = &self.managers.list[manager].id;
        let list = self.patch.managed.get(id).or_else(|| self.base.managed.get(id));
        list.map_or(&[], Vec::as_slice)
    }

    /// Positions of the areas of the street at this position, in order of code.
    pub fn areas_of_street(&self, street: usize) -> &[u32] {
        self.patch.by_street.get(&street).unwrap_or(&self.base.by_street[street])
    }

    /// The R-tree over the areas' boundaries.
    pub fn index(&self) -> &AreaIndex {
        &self.index
    }

    /// The smallest box around the areas at these positions, degrees.
    pub fn bounds_of_areas(&self, positions: &[u32]) -> Option<Rect> {
        enclose(positions.iter().filter_map(|position| self.index.envelope(*position as usize)))
    }

    /// Position of the street that holds the point; the first by code where sketches touch.
    pub fn street_at(&self, point: Coord) -> Option<usize> {
        let territory = &self.base.territory;
        territory.street_index.at(point, |position| &territory.streets[position].boundary).first().copied()
    }

    /// Whether the district's outline holds the point.
    pub fn in_district(&self, point: Coord) -> bool {
        self.district().boundary.intersects(&point)
    }

    /// One vector tile, encoded; empty when nothing is there. CPU work of up to a few milliseconds, for the first tile of
    /// a past state up to seconds.
    pub fn tile(&self, layer: TileLayer, coord: TileCoord) -> Vec<u8> {
        self.pyramid().tile(layer, coord)
    }

    /// The same, where no border is drawn finer than that tolerance needs, in metres.
    pub fn tile_within(&self, layer: TileLayer, coord: TileCoord, tolerance_m: f64) -> Vec<u8> {
        self.pyramid().tile_within(layer, coord, tolerance_m)
    }

    /// How many areas are not as in the base.
    pub fn patched_count(&self) -> usize {
        self.patch.len()
    }

    fn held(&self, position: usize) -> &Held {
        let held = u32::try_from(position).ok().and_then(|position| self.held_at(position));
        held.unwrap_or_else(|| panic!("no area is at position {position}"))
    }

    /// The area at a position, if there is one.
    fn held_at(&self, position: u32) -> Option<&Held> {
        self.patch.held(position).unwrap_or_else(|| self.base.areas.get(position as usize))
    }

    fn held_of(&self, code: &AreaCode) -> Option<&Held> {
        self.held_at(self.known_position(code)?)
    }

    /// Position that an area has or had.
    fn known_position(&self, code: &AreaCode) -> Option<u32> {
        self.base.position(code).or_else(|| self.patch.added.get(code).copied())
    }
}

impl Held {
    fn class(&self) -> StyleClass {
        StyleClass::of(self.area.management, self.status)
    }
}
