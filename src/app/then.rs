//! One area as of both clocks, at the cost of what was ever known of it.

use geo::Coord;

use crate::app::{App, Error};
use crate::geom::label_point;
use crate::history::{Fact, Key, Kind, Version};
use crate::model::{Area, AreaCode, AreaId, AsOf, CommitteeStatus, Manager, ManagerId, Revision};
use crate::store::assemble::Assembly;

/// An area as it was told once.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaThen {
    /// The area; its number is 0 where the published state does not have it.
    pub area: Area,
    /// Who managed it.
    pub manager: Option<Manager>,
    /// Status of its owners' organisation on that day.
    pub status: CommitteeStatus,
    /// A point well inside, degrees, lng lat.
    pub label: Coord,
}

impl App {
    /// One area as of both clocks, without the register around it; `None` when it was not there. Disk work: not for an async
    /// thread. Errors: [`Error::NotReady`], or the store fails.
    pub fn area_at(&self, code: &AreaCode, as_of: AsOf) -> Result<Option<AreaThen>, Error> {
        let held = |version: &Version| version.recorded.was_known(as_of.known) && version.valid.holds_on(as_of.day);
        let snapshot = self.snapshot()?;
        let number = snapshot.area_position(code).map_or(AreaId(0), |position| snapshot.area(position).id);
        let versions = self.store.history(code)?;
        let revisions = versions.iter().flat_map(|version| [Some(version.recorded.from), version.recorded.until]);
        let changed: Option<Revision> = revisions.flatten().filter(|revision| *revision <= as_of.known).max();
        let mut assembly = Assembly::default();
        for version in versions.into_iter().filter(held) {
            if let Fact::Assignment(assignment) = &version.fact {
                let managers = self.store.versions(&Key::new(Kind::Manager, assignment.manager.as_str()))?;
                managers.into_iter().filter(held).for_each(|manager| assembly.add(0, manager));
            }
            assembly.add(number.0, version);
        }
        if let Some(changed) = changed {
            assembly.set_changed(code.clone(), changed);
        }
        // An area has one manager at a time, so any number tells it apart.
        let assembled = assembly.finish(|_| Some(ManagerId(0)));
        let Some(area) = assembled.areas.into_iter().next() else { return Ok(None) };
        Ok(Some(AreaThen {
            manager: assembled.managers.into_iter().next(),
            status: area.committee_status(as_of.day),
            label: label_point(&area.boundary).unwrap_or_default(),
            area,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;

    use super::*;
    use crate::history::testing::{code, founding, new_record};
    use crate::model::RecordKind;
    use crate::store::memory::Memory;

    #[test]
    fn an_area_is_told_as_a_whole_register_would_tell_it() {
        let app = App::new(Arc::new(Memory::new()));
        app.load_demo(None).unwrap();
        let snapshot = app.snapshot().unwrap();
        for position in snapshot.positions().step_by(97) {
            let told = app.area_at(&snapshot.area(position).code, snapshot.as_of()).unwrap().unwrap();
            let area = snapshot.area(position);
            assert_eq!(told.area, Area { manager: told.area.manager, ..area.clone() });
            assert_eq!((told.status, told.label), (snapshot.status(position), snapshot.label(position)));
            let name = |manager: &Manager| (manager.uscc.clone(), manager.name.clone());
            assert_eq!(told.manager.as_ref().map(name), snapshot.manager_of(area).map(name));
        }
    }

    #[test]
    fn what_was_not_known_yet_is_not_told() {
        let app = App::new(Arc::new(Memory::new()));
        app.publish(&new_record(RecordKind::SurveyRound, date(2020, 1, 1)), &founding()).unwrap();
        let at = |area: u32, known: u64| {
            app.area_at(&code(area), AsOf { day: date(2020, 1, 1), known: Revision(known) }).unwrap()
        };
        assert!(at(1, 1).is_some() && at(1, 0).is_none() && at(99, 1).is_none());
    }
}
