//! The published state in memory: areas, R-tree, search index, tiles and counts of one revision, built once, never changed.

use std::collections::HashMap;

use geo::{BoundingRect as _, Coord, Intersects as _, Rect};
use jiff::civil::Date;
use rayon::prelude::*;

use crate::app::searching::Documents;
use crate::geom::label_point;
use crate::history::Lineage;
use crate::index::AreaIndex;
use crate::model::{
    Area, AreaCode, AsOf, Boundary, CommitteeStatus, Community, CommunityCode, District, Manager, ManagerId,
    PrintedFigure, Record, Revision, Street, StreetCode, StyleClass, Uscc,
};
use crate::search::SearchIndex;
use crate::stats::Tallies;
use crate::store::{AbsentArea, Register};
use crate::tiles::{AreaShape, Pyramid, PyramidInput, StreetShape, TileCoord, TileLayer};

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

/// One revision of the register, ready to answer.
///
/// Areas are known by their position in [`Snapshot::areas`], which is sorted by code.
pub struct Snapshot {
    as_of: AsOf,
    demo: bool,
    district: District,
    district_bounds: Rect,
    areas: Vec<Area>,
    streets: Vec<Street>,
    communities: HashMap<CommunityCode, Community>,
    managers: Vec<Manager>,
    records: Vec<Record>,
    figures: Vec<PrintedFigure>,
    absent: Vec<AbsentArea>,
    lineage: Vec<Lineage>,
    statuses: Vec<CommitteeStatus>,
    classes: Vec<StyleClass>,
    labels: Vec<Coord>,
    street_labels: Vec<Coord>,
    area_positions: HashMap<AreaCode, usize>,
    street_positions: HashMap<StreetCode, usize>,
    manager_positions: HashMap<ManagerId, usize>,
    uscc_positions: HashMap<Uscc, usize>,
    managed: Vec<Vec<u32>>,
    by_street: Vec<Vec<u32>>,
    index: AreaIndex,
    street_index: AreaIndex,
    search: SearchIndex,
    pyramid: Pyramid,
    tallies: Tallies,
}

impl Snapshot {
    /// Builds everything from the register. Errors: no record, no district, or a reference that leads nowhere.
    pub fn build(register: Register) -> Result<Self, SnapshotError> {
        let Register { as_of, records, district, streets, communities, managers, areas, absent, lineage, figures } =
            register;
        let district = district.ok_or(SnapshotError::NoDistrict)?;
        let data_date = as_of.day;

        let street_positions: HashMap<_, _> = streets.iter().enumerate().map(|(p, s)| (s.code.clone(), p)).collect();
        let communities: HashMap<_, _> = communities.into_iter().map(|c| (c.code.clone(), c)).collect();
        let manager_positions: HashMap<_, _> = managers.iter().enumerate().map(|(p, m)| (m.id, p)).collect();
        let mut by_street = vec![Vec::new(); streets.len()];
        let mut managed = vec![Vec::new(); managers.len()];
        for (position, area) in (0_u32..).zip(&areas) {
            let dangling = |what, code: String| SnapshotError::Dangling { area: area.code.to_string(), what, code };
            let street =
                street_positions.get(&area.street).ok_or_else(|| dangling("street", area.street.to_string()))?;
            by_street[*street].push(position);
            if let Some(manager) = area.manager {
                let at = manager_positions.get(&manager).ok_or_else(|| dangling("manager", manager.0.to_string()))?;
                managed[*at].push(position);
            }
            if let Some(code) = area.community.as_ref().filter(|code| !communities.contains_key(code)) {
                return Err(dangling("community", code.to_string()));
            }
        }

        let statuses: Vec<_> = areas.iter().map(|area| area.committee_status(data_date)).collect();
        let classes: Vec<_> =
            areas.iter().zip(&statuses).map(|(area, status)| StyleClass::of(area.management, *status)).collect();
        let labels: Vec<_> = areas.par_iter().map(|area| label_of(&area.boundary)).collect();
        let street_labels: Vec<_> = streets.par_iter().map(|street| label_of(&street.boundary)).collect();
        let bounds = bounds_around(&district, &areas);

        let shapes: Vec<AreaShape<'_>> = areas
            .iter()
            .enumerate()
            .map(|(at, area)| AreaShape {
                id: area.id.0,
                code: area.code.as_str(),
                name: &area.name,
                street: area.street.as_str(),
                management: area.management.key(),
                committee: statuses[at].key(),
                class: classes[at],
                boundary: &area.boundary,
                surface_m2: area.site_area_m2,
                label: labels[at],
            })
            .collect();
        let street_shapes: Vec<StreetShape<'_>> =
            streets.iter().zip(&street_labels).map(|(street, label)| StreetShape { street, label: *label }).collect();
        let input = PyramidInput { areas: &shapes, streets: &street_shapes, district: &district };
        let (pyramid, (index, (search, tallies))) = rayon::join(
            || Pyramid::build(&input),
            || {
                rayon::join(
                    || AreaIndex::build(areas.iter().map(|area| &area.boundary)),
                    || {
                        let find = |id: ManagerId| manager_positions.get(&id).map(|at| &managers[*at]);
                        let documents = Documents {
                            areas: &areas,
                            labels: &labels,
                            streets: &streets,
                            street_labels: &street_labels,
                            managers: &managers,
                            managed: &managed,
                            communities: &communities,
                        };
                        let documents = documents.list(find);
                        (
                            SearchIndex::build(documents),
                            Tallies::count(areas.iter().zip(statuses.iter().copied()), find, data_date),
                        )
                    },
                )
            },
        );

        Ok(Self {
            as_of,
            demo: areas.iter().any(|area| area.demo),
            district_bounds: bounds,
            street_index: AreaIndex::build(streets.iter().map(|street| &street.boundary)),
            area_positions: areas.iter().enumerate().map(|(p, a)| (a.code.clone(), p)).collect(),
            uscc_positions: managers.iter().enumerate().map(|(p, m)| (m.uscc.clone(), p)).collect(),
            district,
            areas,
            streets,
            communities,
            managers,
            records,
            figures,
            absent,
            lineage,
            statuses,
            classes,
            labels,
            street_labels,
            street_positions,
            manager_positions,
            managed,
            by_street,
            index,
            search,
            pyramid,
            tallies,
        })
    }

    /// Number of this state.
    pub fn revision(&self) -> Revision {
        self.as_of.known
    }

    /// Both clocks of the state: what was true on its day, as far as was known under its revision.
    pub fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// The day for which everything is told: the day asked for, else the date of the latest record.
    pub fn data_date(&self) -> Date {
        self.as_of.day
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
        &self.district
    }

    /// Box around the district and all areas, degrees.
    pub fn bounds(&self) -> Rect {
        self.district_bounds
    }

    /// Every area, in the order of positions.
    pub fn areas(&self) -> impl ExactSizeIterator<Item = &Area> {
        self.areas.iter()
    }

    /// Number of areas; positions are below it.
    pub fn area_count(&self) -> usize {
        self.areas.len()
    }

    /// The area at this position.
    pub fn area(&self, position: usize) -> &Area {
        &self.areas[position]
    }

    /// Position of the first area after this code.
    pub fn first_after(&self, code: &AreaCode) -> usize {
        self.areas.partition_point(|area| area.code <= *code)
    }

    /// Areas that are known but not true on the day, sorted by code.
    pub fn absent(&self) -> &[AbsentArea] {
        &self.absent
    }

    /// Who follows whom.
    pub fn lineage(&self) -> &[Lineage] {
        &self.lineage
    }

    /// Every record that was known, oldest first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// All streets.
    pub fn streets(&self) -> &[Street] {
        &self.streets
    }

    /// All managers.
    pub fn managers(&self) -> &[Manager] {
        &self.managers
    }

    /// Printed figures of reports.
    pub fn figures(&self) -> &[PrintedFigure] {
        &self.figures
    }

    /// Counts of the district and its streets.
    pub fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Whether anything in it is demonstration data.
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    /// Status of the owners' organisation of the area at this position, on the data date.
    pub fn status(&self, position: usize) -> CommitteeStatus {
        self.statuses[position]
    }

    /// Class of the area at this position.
    pub fn class(&self, position: usize) -> StyleClass {
        self.classes[position]
    }

    /// A point well inside the area at this position, degrees.
    pub fn label(&self, position: usize) -> Coord {
        self.labels[position]
    }

    /// A point well inside the street at this position, degrees.
    pub fn street_label(&self, position: usize) -> Coord {
        self.street_labels[position]
    }

    /// Position of the area of this code.
    pub fn area_position(&self, code: &AreaCode) -> Option<usize> {
        self.area_positions.get(code).copied()
    }

    /// Position of the street of this code.
    pub fn street_position(&self, code: &StreetCode) -> Option<usize> {
        self.street_positions.get(code).copied()
    }

    /// The street an area belongs to.
    pub fn street_of(&self, area: &Area) -> &Street {
        &self.streets[self.street_positions[&area.street]]
    }

    /// The community an area belongs to, where known.
    pub fn community_of(&self, area: &Area) -> Option<&Community> {
        self.communities.get(area.community.as_ref()?)
    }

    /// The manager of an area, where known.
    pub fn manager_of(&self, area: &Area) -> Option<&Manager> {
        Some(&self.managers[*self.manager_positions.get(&area.manager?)?])
    }

    /// Position of the manager of this credit code.
    pub fn manager_position(&self, uscc: &Uscc) -> Option<usize> {
        self.uscc_positions.get(uscc).copied()
    }

    /// Positions of the areas that the manager at this position manages.
    pub fn managed_by(&self, manager: usize) -> &[u32] {
        &self.managed[manager]
    }

    /// Positions of the areas of the street at this position.
    pub fn areas_of_street(&self, street: usize) -> &[u32] {
        &self.by_street[street]
    }

    /// The R-tree over the areas' boundaries.
    pub fn index(&self) -> &AreaIndex {
        &self.index
    }

    /// The boundary of the area at this position.
    pub fn boundary(&self, position: usize) -> &Boundary {
        &self.areas[position].boundary
    }

    /// The index over names, addresses and codes.
    pub fn search_index(&self) -> &SearchIndex {
        &self.search
    }

    /// The smallest box around the areas at these positions, degrees.
    pub fn bounds_of_areas(&self, positions: &[u32]) -> Option<Rect> {
        enclose(positions.iter().filter_map(|position| self.index.envelope(*position as usize)))
    }

    /// Position of the street that holds the point; the first by code where sketches touch.
    pub fn street_at(&self, point: Coord) -> Option<usize> {
        self.street_index.at(point, |position| &self.streets[position].boundary).first().copied()
    }

    /// Whether the district's outline holds the point.
    pub fn in_district(&self, point: Coord) -> bool {
        self.district.boundary.intersects(&point)
    }

    /// One vector tile, encoded; empty when nothing is there. CPU work of up to a few milliseconds.
    pub fn tile(&self, layer: TileLayer, coord: TileCoord) -> Vec<u8> {
        self.pyramid.tile(layer, coord)
    }
}

/// A point well inside; the origin for a boundary without surface, which the checks at the door keep out.
fn label_of(boundary: &Boundary) -> Coord {
    label_point(boundary).unwrap_or(Coord { x: 0.0, y: 0.0 })
}

/// The generalised outline may cut through areas, so the box holds both.
fn bounds_around(district: &District, areas: &[Area]) -> Rect {
    let boundaries = std::iter::once(&district.boundary).chain(areas.iter().map(|area| &area.boundary));
    enclose(boundaries.filter_map(|boundary| boundary.bounding_rect()))
        .unwrap_or_else(|| Rect::new(Coord { x: -180.0, y: -90.0 }, Coord { x: 180.0, y: 90.0 }))
}

/// The smallest box around all boxes; `None` when there is none.
fn enclose(boxes: impl Iterator<Item = Rect>) -> Option<Rect> {
    boxes.reduce(|a, b| {
        Rect::new(
            Coord { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
            Coord { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
        )
    })
}
