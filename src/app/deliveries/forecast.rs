//! What the rates would be after a delivery.

use std::collections::HashMap;

use crate::app::Snapshot;
use crate::app::deliveries::RowView;
use crate::history::{AreaFact, Fact, Put, begin};
use crate::ingest::delivery::{About, Delivered, Known};
use crate::model::{Area, AreaCode, AreaId, Committee, Manager, ManagerId, ManagerKind, RecordId, Revision, Validity};
use crate::stats::{Rate, Tally};

/// Rates of the district before and after.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Forecast {
    /// As they are on the day.
    pub before: Vec<Rate>,
    /// As they would be.
    pub after: Vec<Rate>,
}

impl Forecast {
    pub(super) fn new(
        snapshot: &Snapshot,
        delivered: &Delivered,
        rows: &[RowView],
        vanishing: &[(AreaCode, String)],
        known: &Known<'_>,
    ) -> Self {
        let mut tally: Tally = snapshot.tallies().scope(None).clone();
        let before = tally.rates().to_vec();
        let day = known.day;
        let by_id: HashMap<ManagerId, &Manager> = known.managers.iter().map(|manager| (manager.id, manager)).collect();
        let manager_of = |area: &Area| area.manager.and_then(|id| by_id.get(&id).copied());
        for (code, _) in vanishing {
            if let Some(at) = known.by_code(code) {
                let area = known.areas[at];
                tally.remove(area, area.committee_status(day), manager_of(area), day);
            }
        }
        for (draft, row) in delivered.drafts.iter().zip(rows) {
            let manager = super::check::manager_of(draft, known.managers);
            let told = manager.and_then(|uscc| known.managers.iter().find(|manager| manager.uscc == uscc));
            match (row, draft.about) {
                (RowView::Changed(change), About::Existing(at)) => {
                    let old = known.areas[at];
                    tally.remove(old, old.committee_status(day), manager_of(old), day);
                    let new = with_change(old, change);
                    tally.add(&new, new.committee_status(day), told.or_else(|| manager_of(old)), day);
                }
                (RowView::Added, _) => {
                    let Some(code) = provisional() else { continue };
                    let Some(puts) = begin(draft, &code, None, (day, known.sender), false) else { continue };
                    if let Some(area) = area_of(&puts) {
                        let unknown = draft.row.manager_uscc.as_ref().filter(|_| told.is_none()).map(new_manager);
                        tally.add(&area, area.committee_status(day), told.or(unknown.as_ref()), day);
                    }
                }
                _ => {}
            }
        }
        Self { before, after: tally.rates().to_vec() }
    }
}

/// A code for counting; nothing is entered under it.
fn provisional() -> Option<AreaCode> {
    AreaCode::parse("ZZ-ZZ-0000").ok()
}

/// A company that is not known yet, for counting.
fn new_manager(uscc: &crate::model::Uscc) -> Manager {
    let number = uscc.as_str().bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
    Manager {
        id: ManagerId(number | 1 << 31),
        kind: ManagerKind::Company,
        name: String::new(),
        uscc: uscc.clone(),
        phone: None,
        party_organisation: None,
        demo: false,
    }
}

fn with_change(old: &Area, change: &crate::history::RowChange) -> Area {
    let mut new = old.clone();
    new.management = change.amendment.management.unwrap_or(old.management);
    let mut committees: Vec<Committee> = old.committees.clone().unwrap_or_default();
    for committee in &change.committees {
        match committees.iter_mut().find(|known| known.code == committee.code) {
            Some(known) => known.clone_from(committee),
            None => committees.push(committee.clone()),
        }
    }
    new.committees = (old.committees.is_some() || change.committees_told).then_some(committees);
    new
}

/// The area that puts begin, as far as it is counted.
fn area_of(puts: &[Put]) -> Option<Area> {
    let mut committees = Vec::new();
    let mut area: Option<&AreaFact> = None;
    for fact in puts.iter().filter_map(Put::fact) {
        match fact {
            Fact::Area(fact) => area = Some(fact),
            Fact::Committee(fact) => committees.push(fact.committee.clone()),
            _ => {}
        }
    }
    let area = area?;
    Some(Area {
        id: AreaId(0),
        code: area.code.clone(),
        name: area.name.clone(),
        other_names: Vec::new(),
        street: area.street.clone(),
        community: None,
        boundary: geo::MultiPolygon::new(Vec::new()),
        site_area_m2: area.site_area_m2,
        management: area.management,
        manager: None,
        committees: area.committees_known.then_some(committees),
        attributes: area.attributes.clone(),
        validity: Validity::default(),
        record: RecordId(0),
        changed: Revision(0),
        demo: false,
    })
}
