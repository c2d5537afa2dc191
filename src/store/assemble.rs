//! Facts that hold, put together into a register.

use std::collections::HashMap;

use crate::history::{Fact, Version};
use crate::model::{
    Area, AreaCode, AreaId, AsOf, Committee, Community, District, Manager, ManagerId, PrintedFigure, Record, RecordId,
    Revision, Street, Uscc,
};
use crate::store::{Question, StoreError};

/// Both clocks of a question as the records resolve them; `records` are all there are, oldest first.
pub(crate) fn resolve(question: Question, records: &mut Vec<Record>) -> Result<AsOf, StoreError> {
    let latest = records.last().map(|record| revision_of(record.id)).ok_or(StoreError::Empty)?;
    let known = question.known.unwrap_or(latest);
    if known > latest {
        return Err(StoreError::NoSuchRevision { asked: known, latest });
    }
    records.retain(|record| revision_of(record.id) <= known);
    let data_date = records.iter().map(|record| record.dated).max();
    // A register before its first record is empty too.
    Ok(AsOf { day: question.day.or(data_date).ok_or(StoreError::Empty)?, known })
}

/// The revision that a record led to.
pub(crate) fn revision_of(record: RecordId) -> Revision {
    Revision(u64::from(record.0))
}

/// The record that led to a revision.
pub(crate) fn record_of(revision: Revision) -> RecordId {
    RecordId(u32::try_from(revision.0).expect("records are numbered with 32 bits"))
}

/// Facts of one state while they are collected.
#[derive(Default)]
pub(crate) struct Assembly {
    pub(crate) district: Option<District>,
    pub(crate) streets: Vec<Street>,
    pub(crate) communities: Vec<Community>,
    pub(crate) managers: Vec<Manager>,
    figures: Vec<(u32, PrintedFigure)>,
    areas: Vec<Area>,
    committees_known: Vec<bool>,
    assignments: Vec<(AreaCode, Uscc)>,
    committees: Vec<(AreaCode, Committee)>,
    changed: HashMap<AreaCode, Revision>,
}

impl Assembly {
    /// Adds a version that holds, with the number of its thing.
    pub(crate) fn add(&mut self, number: u32, version: Version) {
        match version.fact {
            Fact::District(district) => self.district = Some(district),
            Fact::Street(street) => self.streets.push(street),
            Fact::Community(community) => self.communities.push(community),
            Fact::Manager(manager) => self.managers.push(Manager {
                id: ManagerId(number),
                kind: manager.kind,
                name: manager.name,
                uscc: manager.uscc,
                phone: manager.phone,
                party_organisation: manager.party_organisation,
                demo: manager.demo,
            }),
            Fact::Figure(figure) => self.figures.push((number, figure)),
            Fact::Assignment(assignment) => self.assignments.push((assignment.area, assignment.manager)),
            Fact::Committee(fact) => self.committees.push((fact.area, fact.committee)),
            Fact::Area(fact) => {
                self.committees_known.push(fact.committees_known);
                self.areas.push(Area {
                    id: AreaId(number),
                    code: fact.code,
                    name: fact.name,
                    other_names: fact.other_names,
                    street: fact.street,
                    community: fact.community,
                    boundary: fact.boundary,
                    site_area_m2: fact.site_area_m2,
                    management: fact.management,
                    manager: None,
                    committees: None,
                    attributes: fact.attributes,
                    validity: version.valid,
                    record: record_of(version.recorded.from),
                    changed: version.recorded.from,
                    demo: fact.demo,
                });
            }
        }
    }

    /// Says under which revision an area was changed last, in any of its parts.
    pub(crate) fn set_changed(&mut self, area: AreaCode, revision: Revision) {
        self.changed.insert(area, revision);
    }

    /// Joins areas with their managers and committees; every list sorted by code.
    pub(crate) fn finish(mut self, manager_of: impl Fn(&Uscc) -> Option<ManagerId>) -> Assembled {
        let at: HashMap<AreaCode, usize> =
            self.areas.iter().enumerate().map(|(at, area)| (area.code.clone(), at)).collect();
        for (area, known) in self.areas.iter_mut().zip(&self.committees_known) {
            area.committees = known.then(Vec::new);
            if let Some(revision) = self.changed.get(&area.code) {
                area.changed = *revision;
            }
        }
        for (area, uscc) in self.assignments {
            if let Some(at) = at.get(&area) {
                self.areas[*at].manager = manager_of(&uscc);
            }
        }
        for (area, committee) in self.committees {
            if let Some(at) = at.get(&area) {
                self.areas[*at].committees.get_or_insert_default().push(committee);
            }
        }
        for area in &mut self.areas {
            if let Some(committees) = &mut area.committees {
                committees.sort_by(|a, b| a.code.cmp(&b.code));
            }
        }
        self.areas.sort_by(|a, b| a.code.cmp(&b.code));
        self.streets.sort_by(|a, b| a.code.cmp(&b.code));
        self.communities.sort_by(|a, b| a.code.cmp(&b.code));
        self.managers.sort_by(|a, b| a.uscc.cmp(&b.uscc));
        self.figures.sort_by_key(|(number, _)| *number);
        Assembled {
            district: self.district,
            streets: self.streets,
            communities: self.communities,
            managers: self.managers,
            areas: self.areas,
            figures: self.figures.into_iter().map(|(_, figure)| figure).collect(),
        }
    }
}

/// The lists of a register.
pub(crate) struct Assembled {
    pub(crate) district: Option<District>,
    pub(crate) streets: Vec<Street>,
    pub(crate) communities: Vec<Community>,
    pub(crate) managers: Vec<Manager>,
    pub(crate) areas: Vec<Area>,
    pub(crate) figures: Vec<PrintedFigure>,
}
