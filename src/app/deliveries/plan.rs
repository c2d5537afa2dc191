//! From a checked delivery to the entry that publishes it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::app::deliveries::check::{known, manager_of, today};
use crate::app::deliveries::{CheckedDelivery, DeliveryError, RowView};
use crate::app::{App, Error, Snapshot};
use crate::history::{
    Amended, Entry, Fact, Fate, Fates, Known as Versions, Operation, Put, Serials, amend, begin, plan,
};
use crate::ingest::ManagerDraft;
use crate::ingest::delivery::{About, Draft};
use crate::model::{AreaCode, Management, ManagerKind, Origin, Revision, StreetCode, TracedRow, Uscc, Validity};

/// Gives a new code of a street.
pub(in crate::app) type NextCode<'a> = dyn FnMut(Option<&StreetCode>) -> Result<AreaCode, Error> + 'a;

impl App {
    /// The entry of a checked delivery, worked out on `basis`.
    pub(super) fn entry_of(
        &self,
        check: &CheckedDelivery,
        snapshot: &Snapshot,
        basis: Revision,
    ) -> Result<Entry, Error> {
        let known = known(snapshot, &check.sender, (check.effective, today()), &[], self.operator());
        let told = check.delivered.drafts.iter().zip(&check.rows);
        let told = told.filter(|(_, row)| matches!(row, RowView::Added | RowView::Changed(_)));
        let held = |draft: &Draft| match draft.about {
            About::Existing(at) => Some(known.areas[at].management),
            About::New | About::Nobody => None,
        };
        let told = told.map(|(draft, _)| (draft, held(draft)));
        let mut puts: Vec<Put> = new_managers(told, snapshot);
        let mut traces: Vec<TracedRow> = Vec::new();
        self.with_codes(snapshot, |next_code| {
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
                        let code = next_code(draft.row.street.as_ref())?;
                        let on = (check.effective, check.sender.as_str());
                        puts.extend(begin(draft, &code, manager.as_ref(), on, snapshot.is_demo()).unwrap_or_default());
                        code
                    }
                    _ => continue,
                };
                traces.extend(draft.places.iter().map(|place| traced(&area, place)));
            }
            Ok(())
        })?;
        for (code, _) in &check.vanishing {
            puts.extend(self.retired(code, check.effective)?);
        }
        let origin = Some(Origin::Publishes {
            delivery: check.id,
            rows: traces,
            unlocated: check.unlocated().collect(),
            summary: Some(crate::app::deliveries::settings::summary(check)),
        });
        Ok(Entry { puts, basis: Some(basis), origin, ..Entry::default() })
    }

    /// Lets `work` ask for codes that were never used, each for a street. Errors: those of the work, and there is no code.
    pub(in crate::app) fn with_codes<T>(
        &self,
        snapshot: &Snapshot,
        work: impl FnOnce(&mut NextCode<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let failed = RefCell::new(None);
        let is_used = |code: &AreaCode| {
            // Asked no further when the store fails, which ends the plan.
            let known = self.store.history(code).map(|versions| !versions.is_empty());
            known.unwrap_or_else(|err| {
                failed.replace(Some(err));
                false
            })
        };
        let absent = snapshot.absent_areas().map(|absent| &absent.code);
        let codes = snapshot.areas().map(|area| &area.code).chain(absent);
        let prefix = prefix(snapshot);
        let mut serials = Serials::new(&prefix, codes, &is_used);
        let mut next = |street: Option<&StreetCode>| {
            let position = street.and_then(|street| snapshot.street_position(street));
            let initials = position.map_or("", |position| &snapshot.streets()[position].initials);
            let code = serials
                .next(initials)
                .map_err(|err| DeliveryError::BadRecord { place: "/record", message: err.to_string() })?;
            match failed.take() {
                Some(err) => Err(err.into()),
                None => Ok(code),
            }
        };
        work(&mut next)
    }

    /// What ends an area that is not there any more; its committees end with it.
    pub(in crate::app) fn retired(&self, code: &AreaCode, day: Date) -> Result<Vec<Put>, Error> {
        let versions = self.store.history(code)?;
        let known = Versions::new(versions, Vec::new());
        let committees: Fates = known
            .committees_of(code, Validity::since(day))
            .into_iter()
            .filter(|fact| fact.committee.dissolved_on.is_none_or(|end| end > day))
            .map(|fact| (fact.committee.code.clone(), Fate::Dissolved(day)))
            .collect();
        let operation = Operation::Retire { area: code.clone(), committees };
        let planned = plan(&operation, day, &known).map_err(Error::ChangeFaults)?;
        Ok(planned.entry.puts)
    }
}

pub(in crate::app) fn traced(area: &AreaCode, place: &crate::formats::Place) -> TracedRow {
    TracedRow { area: area.clone(), file: place.file.to_string(), item: place.item.to_string() }
}

/// Managers that rows name with a credit code and a name, and that nobody knows yet. Each row comes with how the area that it
/// is about is managed.
pub(in crate::app) fn new_managers<'a>(
    told: impl Iterator<Item = (&'a Draft, Option<Management>)>,
    snapshot: &Snapshot,
) -> Vec<Put> {
    let mut new: BTreeMap<&Uscc, ManagerDraft> = BTreeMap::new();
    for (draft, held) in told {
        let (Some(uscc), Some(name)) = (&draft.row.manager_uscc, &draft.row.manager_name) else { continue };
        if snapshot.manager_position(uscc).is_some() {
            continue;
        }
        new.entry(uscc).or_insert_with(|| ManagerDraft {
            kind: kind_of(draft.row.management.or(held)),
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
fn kind_of(management: Option<Management>) -> ManagerKind {
    match management {
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
