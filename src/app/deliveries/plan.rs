//! From a checked delivery to the entry that publishes it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::app::deliveries::check::{known, manager_of, today};
use crate::app::deliveries::{CheckedDelivery, DeliveryError, RowView};
use crate::app::{App, Error, Snapshot};
use crate::history::{
    Amended, Entry, Fact, Fate, Fates, Known as Versions, Operation, Put, Serials, amend, begin, plan,
};
use crate::ingest::ManagerDraft;
use crate::ingest::delivery::{About, Draft};
use crate::model::{AreaCode, Management, ManagerKind, Origin, Revision, TracedRow, Uscc, Validity};

impl App {
    /// The entry of a checked delivery, worked out on `basis`.
    pub(super) fn entry_of(
        &self,
        check: &CheckedDelivery,
        snapshot: &Snapshot,
        basis: Revision,
    ) -> Result<Entry, Error> {
        let known = known(snapshot, &check.sender, (check.effective, today()), &[], self.operator());
        let failed = RefCell::new(None);
        let is_used = |code: &AreaCode| {
            // Asked no further when the store fails, which ends the plan.
            let known = self.store.history(code).map(|versions| !versions.is_empty());
            known.unwrap_or_else(|err| {
                failed.replace(Some(err));
                false
            })
        };
        let codes = known.areas.iter().map(|area| &area.code).chain(known.absent.iter().copied());
        let prefix = prefix(snapshot);
        let mut serials = Serials::new(&prefix, codes, &is_used);
        let initials: HashMap<&str, &str> =
            known.streets.iter().map(|street| (street.code.as_str(), street.initials.as_str())).collect();

        let mut puts: Vec<Put> = new_managers(check, &known);
        let mut traces: Vec<TracedRow> = Vec::new();
        for (draft, row) in check.delivered.drafts.iter().zip(&check.rows) {
            let manager = manager_of(draft, known.managers);
            let area = match (row, draft.about) {
                (RowView::Changed(change), About::Existing(at)) => {
                    let area = &known.areas[at].code;
                    let versions = Versions::new(self.store.history(area)?, Vec::new());
                    puts.extend(amend(Amended { area, change }, check.effective, &versions));
                    area.clone()
                }
                (RowView::Added, About::New) => {
                    let initials = draft.row.street.as_ref().and_then(|street| initials.get(street.as_str()));
                    let code = serials
                        .next(initials.copied().unwrap_or_default())
                        .map_err(|err| DeliveryError::BadRecord { place: "/record", message: err.to_string() })?;
                    if let Some(err) = failed.take() {
                        return Err(err.into());
                    }
                    let on = (check.effective, check.sender.as_str());
                    puts.extend(begin(draft, &code, manager.as_ref(), on, snapshot.is_demo()).unwrap_or_default());
                    code
                }
                _ => continue,
            };
            traces.extend(draft.places.iter().map(|place| traced(&area, place)));
        }
        for (code, _) in &check.vanishing {
            puts.extend(self.retired(code, check)?);
        }
        let origin = Some(Origin::Publishes {
            delivery: check.id,
            rows: traces,
            unlocated: check.unlocated().collect(),
            summary: Some(crate::app::deliveries::settings::summary(check)),
        });
        Ok(Entry { puts, basis: Some(basis), origin, ..Entry::default() })
    }

    /// What ends an area that is not there any more; its committees end with it.
    fn retired(&self, code: &AreaCode, check: &CheckedDelivery) -> Result<Vec<Put>, Error> {
        let versions = self.store.history(code)?;
        let known = Versions::new(versions, Vec::new());
        let committees: Fates = known
            .committees_of(code, Validity::since(check.effective))
            .into_iter()
            .filter(|fact| fact.committee.dissolved_on.is_none_or(|end| end > check.effective))
            .map(|fact| (fact.committee.code.clone(), Fate::Dissolved(check.effective)))
            .collect();
        let operation = Operation::Retire { area: code.clone(), committees };
        let planned = plan(&operation, check.effective, &known).map_err(Error::ChangeFaults)?;
        Ok(planned.entry.puts)
    }
}

fn traced(area: &AreaCode, place: &crate::formats::Place) -> TracedRow {
    TracedRow { area: area.clone(), file: place.file.to_string(), item: place.item.to_string() }
}

/// Managers that rows name with a credit code and a name, and that nobody knows yet.
fn new_managers(check: &CheckedDelivery, known: &crate::ingest::delivery::Known<'_>) -> Vec<Put> {
    let have: BTreeSet<&Uscc> = known.managers.iter().map(|manager| &manager.uscc).collect();
    let mut new: BTreeMap<&Uscc, ManagerDraft> = BTreeMap::new();
    for (draft, row) in check.delivered.drafts.iter().zip(&check.rows) {
        let (Some(uscc), Some(name)) = (&draft.row.manager_uscc, &draft.row.manager_name) else { continue };
        if have.contains(uscc) || !matches!(row, RowView::Added | RowView::Changed(_)) {
            continue;
        }
        new.entry(uscc).or_insert_with(|| ManagerDraft {
            kind: kind_of(draft, known),
            name: name.clone(),
            uscc: uscc.clone(),
            phone: draft.row.manager_phone.clone(),
            party_organisation: None,
            demo: false,
        });
    }
    let valid = Validity::default();
    new.into_values().map(|manager| Put::New { fact: Fact::Manager(manager), valid }).collect()
}

/// Whoever manages a quasi-property area is its owning unit; else it is a company.
fn kind_of(draft: &Draft, known: &crate::ingest::delivery::Known<'_>) -> ManagerKind {
    let held = match draft.about {
        About::Existing(at) => Some(known.areas[at].management),
        About::New | About::Nobody => None,
    };
    match draft.row.management.or(held) {
        Some(Management::QuasiProperty(_)) => ManagerKind::OwningUnit,
        _ => ManagerKind::Company,
    }
}

/// First part of the district's codes: that of its areas, else the initials of its name.
fn prefix(snapshot: &Snapshot) -> String {
    let codes = snapshot.areas().map(|area| &area.code).chain(snapshot.absent_areas().map(|absent| &absent.code));
    let first = codes.into_iter().next().and_then(|code| code.as_str().split('-').next().map(str::to_owned));
    first.unwrap_or_else(|| {
        let name = snapshot.district().name.trim_end_matches(['区', '县', '市']).to_owned();
        let initials = crate::search::initials(&name).to_uppercase();
        initials.chars().filter(char::is_ascii_uppercase).take(4).collect()
    })
}
