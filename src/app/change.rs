//! Changing areas: a request becomes one record in one transaction, or an answer that says why not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use geo::BoundingRect as _;
use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, Unit};

use crate::app::access::Occasion;
use crate::app::traces::{AREA_CHANGE, AreaTrace, traces_of};
use crate::app::{App, Error, Snapshot};
use crate::auth::{Action, Actor, Resource};
use crate::history::{
    ChangeFault, ChangeKind, ChangeRequest, Entry, Fact, Key, Kind, Known, Neighbour, Refusal, Seen, Version,
    changes_of, plan,
};
use crate::model::{AreaCode, Record, Revision, StreetCode};
use crate::store::StoreError;

/// How often a change is planned because others enter records meanwhile.
pub(super) const PLANS_MAX: usize = 8;

/// Where the register is kept: Beijing time, which has no summer time.
const BEIJING: Offset = jiff::tz::offset(8);

/// Whether a change is to be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is checked as if it were, and nothing is written.
    DryRun,
    /// It is.
    Commit,
}

/// What a change did, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The revision it led to; in a dry run the one it would lead to if nobody else entered anything before.
    pub revision: Revision,
    /// Whether it was entered.
    pub mode: Mode,
    /// In which ways each area changes, by code.
    pub areas: BTreeMap<AreaCode, Vec<ChangeKind>>,
}

impl App {
    /// Plans a change on what the store knows, checks that its author had seen that, and enters it.
    ///
    /// A request whose number was entered before is answered as it was then, and nothing is written. Errors:
    /// [`Error::ChangeFaults`], [`Error::NotSeen`] and [`Error::Changed`] name what is in the way,
    /// [`Error::RequestReused`] that the number belongs to another request, [`Error::Busy`] that others left no time to
    /// plan, [`Error::NotAllowed`] that one of the streets that it touches, before or after, is not the actor's to change;
    /// nothing was written.
    pub fn change(
        &self,
        actor: &Actor,
        occasion: &Occasion,
        request: &ChangeRequest,
        mode: Mode,
    ) -> Result<Changed, Error> {
        // Whoever may edit nowhere learns nothing of the areas that are named.
        let widest = if actor.streets.is_empty() { Resource::District } else { Resource::Streets(&actor.streets) };
        self.require(actor, Action::EditArea, &widest)?;
        if let Some(changed) = self.answered_before(request)? {
            self.require_streets(actor, &self.known(request)?.streets)?;
            return Ok(changed);
        }
        match self.change_now((actor, occasion), request, mode) {
            // What is in the way may be this very request, entered meanwhile when it was asked for the first time.
            told @ Err(Error::Changed { .. } | Error::NotSeen(_) | Error::ChangeFaults(_) | Error::Busy) => {
                self.answered_before(request)?.map_or(told, Ok)
            }
            told => told,
        }
    }

    /// Errors: one of the streets is not the actor's. None at all is the whole district.
    fn require_streets(&self, actor: &Actor, streets: &BTreeSet<StreetCode>) -> Result<(), Error> {
        self.require(actor, Action::EditArea, &Resource::Streets(streets))
    }

    fn change_now(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        request: &ChangeRequest,
        mode: Mode,
    ) -> Result<Changed, Error> {
        for _ in 0..PLANS_MAX {
            let basis = self.store.revision()?.ok_or(StoreError::Empty)?;
            let (mut entry, areas, traces) = match self.planned_on(basis, actor, request) {
                // Half of it was read before another record and half after, perhaps.
                Err(Error::ChangeFaults(_)) if self.store.revision()? != Some(basis) => continue,
                planned => planned?,
            };
            let next = Revision(basis.0 + 1);
            if mode == Mode::DryRun {
                return Ok(Changed { revision: next, mode, areas });
            }
            let draft = self.access().draft(actor, occasion, AREA_CHANGE)?;
            entry.audit = traces.iter().map(|trace| trace.draft(draft.clone())).collect();
            let mut stamp = Timestamp::UNIX_EPOCH;
            let stamped = || {
                let now = Timestamp::now();
                stamp = now.round(Unit::Millisecond).unwrap_or(now);
                request.record(stamp)
            };
            match self.publish_stamped(stamped, (&entry, &[])) {
                Ok(revision) => {
                    // The store answers a number that another process entered meanwhile as it was answered there.
                    let is_own = |record: Arc<Record>| record.recorded_at == stamp && is_of(&record, request);
                    let own = revision == next && self.known_record(revision).is_none_or(is_own);
                    let changed = Changed { revision, mode, areas };
                    return if own { Ok(changed) } else { self.answer_again(request, revision) };
                }
                Err(Error::Store(StoreError::Refused(Refusal::Moved { .. }))) => {}
                Err(Error::Store(StoreError::Refused(refusal))) => return Err(refused(refusal)),
                Err(err) => return Err(err),
            }
        }
        Err(Error::Busy)
    }

    /// The entry of a request on what is known under `basis`, and what it changes.
    fn planned_on(&self, basis: Revision, actor: &Actor, request: &ChangeRequest) -> Result<Planned, Error> {
        let known = self.known(request)?;
        self.require_streets(actor, &known.streets)?;
        // Of two people who change the same area the second hears so first, not what is wrong with the plan now.
        known.check_unchanged(request, basis)?;
        let mut faults = Vec::from_iter(future_date(request, today(Timestamp::now())));
        let entry = planned(request, &known.facts).unwrap_or_else(|further| {
            faults.extend(further);
            Entry::default()
        });
        if !faults.is_empty() {
            return Err(Error::ChangeFaults(faults));
        }
        check_seen(request)?;
        let to = entry.puts.iter().filter_map(|put| match put.fact() {
            Some(Fact::Area(area)) => Some(area.street.clone()),
            _ => None,
        });
        self.require_streets(actor, &known.streets.iter().cloned().chain(to).collect())?;
        let areas = changes_of(&entry, &known.facts);
        let traces = traces_of(&entry, &known.facts);
        let seen = request.seen.iter().map(|(area, at)| Seen { area: area.clone(), at: *at }).collect();
        Ok((Entry { seen, basis: Some(basis), ..entry }, areas, traces))
    }

    /// The answer to a request whose number was entered before.
    fn answered_before(&self, request: &ChangeRequest) -> Result<Option<Changed>, Error> {
        let Some(number) = request.request.as_deref() else { return Ok(None) };
        let entered = self.store.revision_of_request(number)?;
        entered.map(|revision| self.answer_again(request, revision)).transpose()
    }

    /// The answer to a request that was entered under `revision`: planned on what was known just before.
    ///
    /// Errors: [`Error::RequestReused`] when what was entered was not this.
    fn answer_again(&self, request: &ChangeRequest, revision: Revision) -> Result<Changed, Error> {
        let reused = || Error::RequestReused { revision };
        if self.known_record(revision).is_none() {
            self.catch_up()?;
        }
        let record = self.known_record(revision).ok_or_else(|| Error::NoSuchRecord(revision.to_string()))?;
        if !is_of(&record, request) {
            return Err(reused());
        }
        let before = Revision(revision.0.saturating_sub(1));
        let versions = self.versions(request)?.into_iter().filter_map(|mut version| {
            version.recorded.until = version.recorded.until.filter(|until| *until <= before);
            (version.recorded.from <= before).then_some(version)
        });
        let known = Known::new(versions, Vec::new());
        let entry = planned(request, &known).map_err(|_| reused())?;
        if !areas_of(&entry, &known).iter().eq(&self.store.touched_by(revision)?) {
            return Err(reused());
        }
        Ok(Changed { revision, mode: Mode::Commit, areas: changes_of(&entry, &known) })
    }

    /// A record, when the published snapshot knows it.
    fn known_record(&self, revision: Revision) -> Option<Arc<Record>> {
        let snapshot = self.snapshot().ok()?;
        snapshot.records().iter().find(|record| u64::from(record.id.0) == revision.0).cloned()
    }

    /// Everything ever known of what a request names.
    fn versions(&self, request: &ChangeRequest) -> Result<Vec<Version>, Error> {
        let mut versions = Vec::new();
        for Key { kind, code } in request.operation.mentions() {
            match AreaCode::parse(&code).ok().filter(|_| kind == Kind::Area) {
                Some(area) => versions.extend(self.store.history(&area)?),
                None => versions.extend(self.store.versions(&Key { kind, code })?),
            }
        }
        Ok(versions)
    }

    fn known(&self, request: &ChangeRequest) -> Result<Basis, Error> {
        let versions = self.versions(request)?;
        let mut latest: BTreeMap<AreaCode, Revision> = BTreeMap::new();
        let seen = request.seen.keys().filter(|area| !request.operation.touched().contains(*area));
        let mut further = Vec::new();
        for area in seen {
            further.extend(self.store.history(area)?);
        }
        for version in versions.iter().chain(&further) {
            let Some(area) = version.fact.area() else { continue };
            let changed = version.recorded.until.unwrap_or(version.recorded.from);
            latest.entry(area.clone()).and_modify(|known| *known = (*known).max(changed)).or_insert(changed);
        }
        // Every street that an area which is changed lies in on some day, as far as is known now.
        let touched = request.operation.touched();
        let streets = versions.iter().filter_map(|version| match &version.fact {
            Fact::Area(area) if version.recorded.until.is_none() && touched.contains(&area.code) => {
                Some(area.street.clone())
            }
            _ => None,
        });
        let streets = streets.collect();
        Ok(Basis { facts: Known::new(versions, self.neighbours(request)?), latest, streets })
    }

    /// The areas that lie where the new boundaries do, on any day on which the change holds.
    ///
    /// An area that is there on both days but lay here only in between is not found.
    fn neighbours(&self, request: &ChangeRequest) -> Result<Vec<Neighbour>, Error> {
        let period = request.operation.period(request.effective);
        let drawn = request.operation.drawn();
        if drawn.is_empty() {
            return Ok(Vec::new());
        }
        let snapshot = self.latest_snapshot()?;
        let boxes = drawn.iter().filter_map(|drawn| drawn.boundary.bounding_rect());
        let positions: BTreeSet<usize> = boxes.flat_map(|envelope| snapshot.index().within(envelope)).collect();
        let mut neighbours = Vec::new();
        for position in positions {
            let area = snapshot.area(position);
            if area.validity.overlap(&period) == Some(period) {
                let (code, boundary) = (area.code.clone(), area.boundary.clone());
                neighbours.push(Neighbour { code, boundary, valid: area.validity });
            } else {
                neighbours.extend(self.places_of(&area.code)?);
            }
        }
        for absent in snapshot.absent_areas().filter(|absent| absent.valid.overlap(&period).is_some()) {
            neighbours.extend(self.places_of(&absent.code)?);
        }
        Ok(neighbours)
    }

    /// Where an area lies, as far as is known now.
    fn places_of(&self, code: &AreaCode) -> Result<impl Iterator<Item = Neighbour>, Error> {
        let current = self.store.history(code)?.into_iter().filter(|version| version.recorded.until.is_none());
        Ok(current.filter_map(|Version { fact, valid, .. }| match fact {
            Fact::Area(area) => Some(Neighbour { code: area.code, boundary: area.boundary, valid }),
            _ => None,
        }))
    }

    /// The published snapshot, brought up to the store's revision first: another process may have written.
    fn latest_snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        let snapshot = self.snapshot()?;
        if self.store.revision()? == Some(snapshot.revision()) { Ok(snapshot) } else { self.catch_up() }
    }
}

/// What a change is planned on.
struct Basis {
    facts: Known,
    /// The latest revision of each area that is touched or was seen.
    latest: BTreeMap<AreaCode, Revision>,
    /// The streets of the areas that are touched, before the change.
    streets: BTreeSet<StreetCode>,
}

/// An entry, the ways in which it changes each area, and what the audit log tells of them.
type Planned = (Entry, BTreeMap<AreaCode, Vec<ChangeKind>>, Vec<AreaTrace>);

impl Basis {
    fn check_unchanged(&self, request: &ChangeRequest, basis: Revision) -> Result<(), Error> {
        for (area, seen) in &request.seen {
            let fault = |message: String| {
                let place = format!("/seen/{area}");
                Error::ChangeFaults(vec![ChangeFault { place, code: Some(area.to_string()), message }])
            };
            match self.latest.get(area) {
                None => return Err(fault("there is no such area".to_owned())),
                Some(_) if *seen > basis => {
                    return Err(fault(format!("there is no revision {seen} yet, the latest is {basis}")));
                }
                Some(latest) if latest > seen => {
                    return Err(Error::Changed { area: area.clone(), seen: *seen, latest: *latest });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn check_seen(request: &ChangeRequest) -> Result<(), Error> {
    let not_seen = request.operation.touched().into_iter().find(|area| !request.seen.contains_key(area));
    not_seen.map_or(Ok(()), |area| Err(Error::NotSeen(area)))
}

fn planned(request: &ChangeRequest, known: &Known) -> Result<Entry, Vec<ChangeFault>> {
    plan(&request.operation, request.effective, known).map(|planned| planned.entry)
}

/// Whether a record says of itself what a request says of it.
fn is_of(record: &Record, request: &ChangeRequest) -> bool {
    let source = &request.source;
    (record.kind, &record.document, &record.authority, record.dated)
        == (request.operation.kind(), &source.document, &source.authority, source.dated)
}

fn today(now: Timestamp) -> Date {
    BEIJING.to_datetime(now).date()
}

/// A document of a day to come would move the date of the data there, for good. What it orders may well begin later.
fn future_date(request: &ChangeRequest, today: Date) -> Option<ChangeFault> {
    let dated = request.source.dated;
    (dated > today).then(|| {
        let message = format!("the document is dated {dated}, and today is {today}");
        ChangeFault { place: "/record/dated".to_owned(), code: None, message }
    })
}

/// The areas of which an entry says anything new.
fn areas_of(entry: &Entry, known: &Known) -> BTreeSet<AreaCode> {
    let mut areas = BTreeSet::new();
    for put in &entry.puts {
        let before: Vec<&Version> = known.within(&put.key(), put.valid()).map(|(version, _)| version).collect();
        let told = |version: &&Version| {
            Some(&version.fact) == put.fact() && version.valid.overlap(&put.valid()) == Some(put.valid())
        };
        if !before.iter().any(told) {
            let facts = before.iter().map(|version| &version.fact).chain(put.fact());
            areas.extend(facts.filter_map(Fact::area).cloned());
        }
    }
    areas
}

/// A refusal in the words of a change.
fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Changed { area, seen, latest } => Error::Changed { area, seen, latest },
        other => {
            let message = other.to_string();
            Error::ChangeFaults(vec![ChangeFault { place: String::new(), code: None, message }])
        }
    }
}

#[cfg(test)]
mod tests;
