//! The snapshot after a change, at the cost of what changed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use geo::Contains as _;

use crate::app::Snapshot;
use crate::app::due::DueLists;
use crate::app::snapshot::Held;
use crate::app::snapshot::base::{Managers, bounds_around};
use crate::app::snapshot::patch::Patch;
use crate::model::{Area, ManagerId};
use crate::search::{Document, Kind};
use crate::store::{AreaChange, Changes};

/// Least number of areas beside the base for which a snapshot is built anew.
pub const PATCH_LEAST: usize = 256;

/// Share of the base, as one in so many, that the areas beside it may be before a snapshot is built anew.
pub const PATCH_SHARE: usize = 16;

/// An area that is not as it was. One side at least is there.
pub(super) struct Touched {
    pub before: Option<Arc<Held>>,
    pub after: Option<Arc<Held>>,
}

impl Touched {
    /// Whether it has another boundary, or came or went.
    pub fn moved(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => before.area.boundary != after.area.boundary,
            _ => true,
        }
    }

    fn sides(&self) -> impl Iterator<Item = &Held> {
        [&self.before, &self.after].into_iter().flatten().map(Arc::as_ref)
    }
}

/// What differs between two snapshots, by position.
pub(super) type AllTouched = BTreeMap<u32, Touched>;

impl Snapshot {
    /// How many areas may differ from the base.
    pub fn patch_limit(&self) -> usize {
        PATCH_LEAST.max(self.base.areas.len() / PATCH_SHARE)
    }

    /// The state after these changes, which answers like one that is built from the register.
    ///
    /// `None` when that must be done: streets, communities or figures changed, too much changed, or what the changes tell
    /// of the state before is not this state.
    pub fn apply(&self, changes: &Changes) -> Option<Self> {
        let next = self.records.last().map(|record| record.id.0 + 1);
        let follows = changes.records.first().is_none_or(|record| Some(record.id.0) == next);
        let many = changes.areas.len() + self.patch.len() > 4 * self.patch_limit();
        if changes.from != self.as_of || changes.territory || !follows || many {
            return None;
        }
        let managers = if changes.managers.is_empty() {
            Arc::clone(&self.managers)
        } else {
            Arc::new(self.managers.with(&changes.managers))
        };
        let mut patch = self.patch.clone();
        let mut touched = self.told(changes, &managers, &mut patch)?;
        self.turn(changes, &mut touched);
        for (position, Touched { after, .. }) in &touched {
            patch.areas.insert(*position, after.clone());
        }
        patch.take_absent(changes);
        patch.lineage.extend(changes.lineage.iter().cloned());
        self.relist(&touched, &mut patch);

        let moved = || touched.iter().filter(|(_, touched)| touched.moved());
        let index = self.index.with_changes(
            moved().map(|(position, touched)| (*position, touched.after.as_ref().map(|held| &held.area.boundary))),
        );
        let count = |of: fn(&Held) -> bool| {
            let sides = |side: fn(&Touched) -> &Option<Arc<Held>>| {
                touched.values().filter_map(|touched| side(touched).as_ref()).filter(|held| of(held)).count()
            };
            (sides(|touched| &touched.before), sides(|touched| &touched.after))
        };
        let (all, demo) = (count(|_| true), count(|held| held.area.demo));
        let mut next = Self {
            as_of: changes.to,
            base: Arc::clone(&self.base),
            patch,
            records: self.records.iter().cloned().chain(changes.records.iter().cloned().map(Arc::new)).collect(),
            area_count: self.area_count + all.1 - all.0,
            demo_count: self.demo_count + demo.1 - demo.0,
            bounds: self.bounds,
            index,
            tallies: self.tallies.clone(),
            search: OnceLock::new(),
            pyramid: OnceLock::new(),
            due: DueLists::default(),
            rule_findings: OnceLock::new(),
            workers: None,
            managers,
        };
        next.recount(self, changes, &touched);
        next.bounds = next.bounds_after(self, &touched);
        let (search, pyramid) = rayon::join(
            || self.search_index().with_changes(next.documents_after(changes, &touched)),
            || next.pyramid_after(self, &touched),
        );
        next.search = OnceLock::from(search);
        next.pyramid = OnceLock::from(pyramid);
        Some(next)
    }

    /// The areas that the changes tell of; new ones get positions.
    fn told(&self, changes: &Changes, managers: &Managers, patch: &mut Patch) -> Option<AllTouched> {
        let mut touched = AllTouched::new();
        for AreaChange { code, before, after } in &changes.areas {
            let known = self.known_position(code);
            let held = known.and_then(|position| self.held_at(position));
            if !same(before.as_ref(), held.map(|held| &held.area)) {
                return None;
            }
            let position = match (known, after) {
                (Some(position), _) => position,
                (None, None) => continue,
                (None, Some(_)) => {
                    let position = u32::try_from(self.base.areas.len() + patch.added.len()).ok()?;
                    patch.added.insert(code.clone(), position);
                    position
                }
            };
            let before = held.map(|held| Arc::new(held.clone()));
            let after = match after {
                None => None,
                Some(area) => {
                    managers.check(area).ok()?;
                    self.base.territory.place(area).ok()?;
                    Some(Arc::new(Held::new(area.clone(), changes.to.day, Some(self))))
                }
            };
            if before.is_some() || after.is_some() {
                touched.insert(position, Touched { before, after });
            }
        }
        Some(touched)
    }

    /// Adds areas of whose committees something else is told because the day is another.
    fn turn(&self, changes: &Changes, touched: &mut AllTouched) {
        let (from, to) = (self.as_of.day, changes.to.day);
        if from == to {
            return;
        }
        let changed = self.patch.areas.keys().copied();
        for position in self.base.turned_between(from, to).chain(changed) {
            if touched.contains_key(&position) {
                continue;
            }
            let Some(held) = self.held_at(position) else { continue };
            let before = Arc::new(held.clone());
            let after = Arc::new(Held { status: held.area.committee_status(to), ..held.clone() });
            touched.insert(position, Touched { before: Some(before), after: Some(after) });
        }
    }

    /// Brings the lists of the streets and managers up to date that areas came to or left.
    fn relist(&self, touched: &AllTouched, patch: &mut Patch) {
        let street = |held: &Held| self.base.territory.street_positions[&held.area.street];
        let mut streets: HashMap<usize, Vec<u32>> = HashMap::new();
        let mut managers: HashMap<ManagerId, Vec<u32>> = HashMap::new();
        for (position, Touched { before, after }) in touched {
            let (old, new) = (before.as_deref().map(street), after.as_deref().map(street));
            if old != new {
                old.into_iter().chain(new).for_each(|street| streets.entry(street).or_default().push(*position));
            }
            let manager = |held: &Held| held.area.manager;
            let (old, new) = (before.as_deref().and_then(manager), after.as_deref().and_then(manager));
            if old != new {
                old.into_iter().chain(new).for_each(|id| managers.entry(id).or_default().push(*position));
            }
        }
        let code = |position: u32| {
            let held = touched.get(&position).and_then(|touched| touched.sides().next());
            &held.or_else(|| self.held_at(position)).expect("a listed area is there").area.code
        };
        let relisted = |list: &[u32], moved: &[u32], belongs: &dyn Fn(&Held) -> bool| {
            let mut list: Vec<u32> = list.iter().copied().filter(|position| !moved.contains(position)).collect();
            for position in moved {
                if touched[position].after.as_deref().is_some_and(belongs) {
                    let at = list.partition_point(|other| code(*other) < code(*position));
                    list.insert(at, *position);
                }
            }
            list
        };
        for (at, moved) in streets {
            let list = relisted(self.areas_of_street(at), &moved, &|held| street(held) == at);
            patch.by_street.insert(at, list);
        }
        for (id, moved) in managers {
            let before = self.managers.position(id).map_or(&[][..], |position| self.managed_by(position));
            let list = relisted(before, &moved, &|held| held.area.manager == Some(id));
            patch.managed.insert(id, list);
        }
    }

    /// Takes the areas as they were off the counts of `self`, which are those before, and adds them as they are.
    fn recount(&mut self, old: &Self, changes: &Changes, touched: &AllTouched) {
        let mut tallies = std::mem::take(&mut self.tallies);
        for held in touched.values().filter_map(|touched| touched.before.as_deref()) {
            tallies.remove(&held.area, held.status, old.managers.of(&held.area), old.as_of.day);
        }
        // Of a manager that differs all areas count otherwise.
        let managed = |snapshot: &Self| -> Vec<u32> {
            let positions = changes.managers.iter().filter_map(|manager| snapshot.managers.position(manager.id));
            let all = positions.flat_map(|position| snapshot.managed_by(position).iter().copied());
            all.filter(|position| !touched.contains_key(position)).collect()
        };
        for position in managed(old) {
            if let Some(held) = old.held_at(position) {
                tallies.remove(&held.area, held.status, old.managers.of(&held.area), old.as_of.day);
            }
        }
        for position in managed(self) {
            if let Some(held) = self.held_at(position) {
                tallies.add(&held.area, held.status, self.managers.of(&held.area), self.as_of.day);
            }
        }
        for held in touched.values().filter_map(|touched| touched.after.as_deref()) {
            tallies.add(&held.area, held.status, self.managers.of(&held.area), self.as_of.day);
        }
        self.tallies = tallies;
    }

    /// Only when an area that reached the edge moved or went may the box be smaller than before.
    fn bounds_after(&self, old: &Self, touched: &AllTouched) -> geo::Rect {
        let moved = || touched.iter().filter(|(_, touched)| touched.moved()).map(|(position, _)| *position as usize);
        // A box contains those that do not reach its edge.
        let inner = |envelope: geo::Rect| old.bounds.contains(&envelope.min()) && old.bounds.contains(&envelope.max());
        if moved().filter_map(|position| old.index.envelope(position)).all(inner) {
            let envelopes = moved().filter_map(|position| self.index.envelope(position));
            return super::base::enclose(std::iter::once(old.bounds).chain(envelopes)).unwrap_or(old.bounds);
        }
        let envelopes = self.positions().filter_map(|position| self.index.envelope(position));
        bounds_around(self.district(), envelopes)
    }

    /// Search documents that are not as before.
    fn documents_after(&self, changes: &Changes, touched: &AllTouched) -> Vec<((Kind, u32), Option<Document>)> {
        let mut areas: BTreeSet<u32> =
            changes.areas.iter().filter_map(|change| self.known_position(&change.code)).collect();
        let mut managers: BTreeSet<ManagerId> = changes.managers.iter().map(|manager| manager.id).collect();
        for id in &managers {
            let position = self.managers.position(*id);
            areas.extend(position.into_iter().flat_map(|position| self.managed_by(position).iter().copied()));
        }
        for Touched { before, after } in touched.values() {
            let manager = |held: &Option<Arc<Held>>| held.as_ref().and_then(|held| held.area.manager);
            if manager(before) != manager(after) {
                managers.extend(manager(before).into_iter().chain(manager(after)));
            }
        }
        let areas = areas.into_iter().map(|position| {
            let document = self.held_at(position).map(|held| self.area_document(position, held));
            ((Kind::Area, position), document)
        });
        let managers = managers.into_iter().map(|id| {
            let document = self.managers.position(id).map(|position| self.manager_document(position));
            ((Kind::Manager, id.0), document)
        });
        areas.chain(managers).collect()
    }
}

impl Patch {
    /// What is told of absent areas; one that is present is not absent.
    fn take_absent(&mut self, changes: &Changes) {
        self.absent.extend(changes.areas.iter().map(|change| (change.code.clone(), None)));
        self.absent.extend(changes.absent.iter().map(|absent| (absent.code.clone(), Some(absent.clone()))));
    }
}

/// Whether two sides tell the same of an area, but for the revision of its last change, which only the present knows.
fn same(told: Option<&Area>, held: Option<&Area>) -> bool {
    match (told, held) {
        (None, None) => true,
        (Some(told), Some(held)) => *told == Area { changed: told.changed, ..held.clone() },
        _ => false,
    }
}
