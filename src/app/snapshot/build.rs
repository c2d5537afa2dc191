//! Snapshots from a register: what every answer needs at once, tiles and search index when first asked for.

use std::sync::{Arc, OnceLock};

use geo::CoordsIter as _;
use rayon::ThreadPool;

use crate::app::Snapshot;
use crate::app::due::DueLists;
use crate::app::snapshot::base::{Base, bounds_around};
use crate::app::snapshot::patch::Patch;
use crate::app::snapshot::{Held, SnapshotError};
use crate::index::AreaIndex;
use crate::search::SearchIndex;
use crate::stats::Tallies;
use crate::store::Register;
use crate::tiles::{AreaShape, Pyramid, PyramidInput, StreetShape};

/// Bytes that an area is taken to need beside its texts and vertices: in lists, trees, tiles and search index.
const BYTES_PER_AREA: usize = 1_500;

/// Bytes that a vertex is taken to need: in the boundary and in the tiles, where it is in several zooms.
const BYTES_PER_VERTEX: usize = 80;

impl Snapshot {
    /// Builds everything from the register. Errors: no district, or a reference that leads nowhere.
    pub fn build(register: Register) -> Result<Self, SnapshotError> {
        let snapshot = Self::build_on_demand(register, None, None)?;
        snapshot.complete();
        Ok(snapshot)
    }

    /// Builds what every answer needs; tiles and search index come when they are first asked for.
    ///
    /// What takes long to find and is the same in a known state is taken from there. The work is done by `workers`, now and
    /// later; by all cores without them. Errors: as [`Snapshot::build`].
    pub fn build_on_demand(
        mut register: Register,
        known: Option<&Self>,
        workers: Option<Arc<ThreadPool>>,
    ) -> Result<Self, SnapshotError> {
        let work = || {
            let (base, managers) = Base::build(&mut register, known)?;
            let day = register.as_of.day;
            let (index, tallies) = rayon::join(
                || AreaIndex::build(base.areas.iter().map(|held| &held.area.boundary)),
                || {
                    let areas = base.areas.iter().map(|held| (&held.area, held.status));
                    Tallies::count(areas, |id| managers.position(id).map(|at| &managers.list[at]), day)
                },
            );
            let envelopes = (0..base.areas.len()).filter_map(|position| index.envelope(position));
            Ok(Self {
                as_of: register.as_of,
                bounds: bounds_around(&base.territory.district, envelopes),
                area_count: base.areas.len(),
                demo_count: base.areas.iter().filter(|held| held.area.demo).count(),
                base: Arc::new(base),
                patch: Patch::default(),
                managers: Arc::new(managers),
                records: register.records.into_iter().map(Arc::new).collect(),
                index,
                tallies,
                search: OnceLock::new(),
                pyramid: OnceLock::new(),
                due: DueLists::default(),
                rule_findings: OnceLock::new(),
                workers: workers.clone(),
            })
        };
        match &workers {
            Some(workers) => workers.install(work),
            None => work(),
        }
    }

    /// Makes now what would be made later.
    pub fn complete(&self) {
        self.work(|| rayon::join(|| self.pyramid(), || self.search_index()));
    }

    /// The index over names, addresses and codes.
    pub fn search_index(&self) -> &SearchIndex {
        self.search.get_or_init(|| self.work(|| SearchIndex::build(self.documents())))
    }

    /// What tiles are made from.
    pub(super) fn pyramid(&self) -> &Pyramid {
        self.pyramid.get_or_init(|| self.work(|| self.build_pyramid()))
    }

    /// The same state as a register, to build a snapshot anew.
    pub(crate) fn to_register(&self) -> Register {
        let territory = &self.base.territory;
        let mut communities: Vec<_> = territory.communities.values().cloned().collect();
        communities.sort_by(|a, b| a.code.cmp(&b.code));
        let mut absent: Vec<_> = self.absent_areas().cloned().collect();
        absent.sort_by(|a, b| a.code.cmp(&b.code));
        Register {
            as_of: self.as_of,
            records: self.records.iter().map(|record| record.as_ref().clone()).collect(),
            district: Some(territory.district.clone()),
            streets: territory.streets.clone(),
            communities,
            managers: self.managers.list.clone(),
            areas: self.areas().cloned().collect(),
            absent,
            lineage: self.lineage().cloned().collect(),
            figures: territory.figures.clone(),
        }
    }

    /// About how many bytes the state takes once everything is made. What it shares with others counts in full.
    pub(crate) fn estimated_bytes(&self) -> usize {
        let vertices: usize = self.base.areas.iter().map(|held| held.area.boundary.coords_count()).sum();
        self.area_count * BYTES_PER_AREA + vertices * BYTES_PER_VERTEX
    }

    fn work<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match &self.workers {
            Some(workers) => workers.install(work),
            None => work(),
        }
    }

    /// A snapshot with a patch has its pyramid from the one before, so positions are those of the base.
    fn build_pyramid(&self) -> Pyramid {
        let territory = &self.base.territory;
        let areas: Vec<AreaShape<'_>> = self.base.areas.iter().map(Held::shape).collect();
        let streets: Vec<StreetShape<'_>> = territory
            .streets
            .iter()
            .zip(&territory.street_labels)
            .map(|(street, label)| StreetShape { street, label: *label })
            .collect();
        Pyramid::build(&PyramidInput { areas: &areas, streets: &streets, district: &territory.district })
    }
}

impl Held {
    /// The area as the tiles show it.
    pub(super) fn shape(&self) -> AreaShape<'_> {
        let area = &self.area;
        AreaShape {
            id: area.id.0,
            code: area.code.as_str(),
            name: &area.name,
            street: area.street.as_str(),
            management: area.management.key(),
            committee: self.status.key(),
            class: self.class(),
            boundary: &area.boundary,
            surface_m2: area.site_area_m2,
            label: self.label,
        }
    }
}
