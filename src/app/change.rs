//! Changing areas: a request becomes one record in one transaction, or an answer that says why not.

use std::collections::{BTreeMap, BTreeSet};

use geo::BoundingRect as _;
use jiff::Timestamp;

use crate::app::{App, Error, Snapshot};
use crate::history::{
    ChangeFault, ChangeKind, ChangeRequest, Entry, Fact, Key, Kind, Known, Neighbour, Planned, Refusal, Seen, Version,
    changes_of, plan,
};
use crate::model::{AreaCode, Revision};
use crate::store::StoreError;

/// How often a change is planned anew because something around it was changed meanwhile.
const PLANS_MAX: usize = 3;

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
    /// [`Error::ChangeFaults`], [`Error::NotSeen`] and [`Error::Changed`] name what is in the way; nothing was written.
    pub fn change(&self, request: &ChangeRequest, mode: Mode) -> Result<Changed, Error> {
        if let Some(revision) = self.entered_before(request)? {
            return self.answer_again(request, revision);
        }
        let mut attempt = 1;
        loop {
            let basis = self.store.revision()?.ok_or(StoreError::Empty)?;
            let known = self.known(request)?;
            // Of two people who change the same area the second hears so first, not what is wrong with the plan now.
            known.check_unchanged(request, basis)?;
            let entry = planned(request, &known.facts)?;
            check_seen(request)?;
            let areas = changes_of(&entry, &known.facts);
            if mode == Mode::DryRun {
                return Ok(Changed { revision: Revision(basis.0 + 1), mode, areas });
            }
            let again = attempt < PLANS_MAX;
            attempt += 1;
            // What lies around is guarded by its revisions below, what is new around by this one.
            if again && self.store.revision()? != Some(basis) {
                continue;
            }
            let entry = Entry { seen: known.guards(request), ..entry };
            match self.publish(&request.record(Timestamp::now()), &entry) {
                Ok(revision) => return Ok(Changed { revision, mode, areas }),
                Err(Error::Store(StoreError::Refused(refusal))) => match refusal {
                    Refusal::Changed { area, .. } if again && !request.seen.contains_key(&area) => {}
                    refusal => return Err(refused(refusal)),
                },
                Err(err) => return Err(err),
            }
        }
    }

    fn entered_before(&self, request: &ChangeRequest) -> Result<Option<Revision>, Error> {
        let number = request.request.as_deref();
        Ok(number.map(|number| self.store.revision_of_request(number)).transpose()?.flatten())
    }

    /// The answer to a request that was entered under `revision`: planned on what was known just before.
    fn answer_again(&self, request: &ChangeRequest, revision: Revision) -> Result<Changed, Error> {
        let before = Revision(revision.0.saturating_sub(1));
        let versions = self.versions(request)?.into_iter().filter_map(|mut version| {
            version.recorded.until = version.recorded.until.filter(|until| *until <= before);
            (version.recorded.from <= before).then_some(version)
        });
        let known = Known::new(versions, Vec::new());
        let entry = planned(request, &known).map_err(|_| {
            let message =
                format!("the number of this request was used for another one, entered as revision {revision}");
            Error::ChangeFaults(vec![ChangeFault { place: String::new(), code: None, message }])
        })?;
        Ok(Changed { revision, mode: Mode::Commit, areas: changes_of(&entry, &known) })
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
        let neighbours = self.neighbours(request)?;
        let around = neighbours.iter().filter_map(|(neighbour, changed)| Some((neighbour.code.clone(), (*changed)?)));
        let around = around.collect();
        let neighbours = neighbours.into_iter().map(|(neighbour, _)| neighbour).collect();
        Ok(Basis { facts: Known::new(versions, neighbours), latest, around })
    }

    /// The areas that lie where the new boundaries do, on any day on which the change holds, each with its latest revision
    /// if it is there at present.
    ///
    /// An area that is there on both days but lay here only in between is not found.
    fn neighbours(&self, request: &ChangeRequest) -> Result<Vec<(Neighbour, Option<Revision>)>, Error> {
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
                neighbours.push((Neighbour { code, boundary, valid: area.validity }, Some(area.changed)));
            } else {
                neighbours.extend(self.places_of(&area.code)?.map(|neighbour| (neighbour, Some(area.changed))));
            }
        }
        for absent in snapshot.absent_areas().filter(|absent| absent.valid.overlap(&period).is_some()) {
            neighbours.extend(self.places_of(&absent.code)?.map(|neighbour| (neighbour, None)));
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
    fn latest_snapshot(&self) -> Result<std::sync::Arc<Snapshot>, Error> {
        let snapshot = self.snapshot()?;
        if self.store.revision()? == Some(snapshot.revision()) { Ok(snapshot) } else { self.catch_up() }
    }
}

/// What a change is planned on.
struct Basis {
    facts: Known,
    /// The latest revision of each area that is touched or was seen.
    latest: BTreeMap<AreaCode, Revision>,
    /// The latest revision of each area around.
    around: BTreeMap<AreaCode, Revision>,
}

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

    /// Nothing that was seen, and nothing around, may have changed when the entry is made.
    fn guards(&self, request: &ChangeRequest) -> Vec<Seen> {
        let around = self.around.iter().filter(|(area, _)| !request.seen.contains_key(*area));
        request.seen.iter().chain(around).map(|(area, at)| Seen { area: area.clone(), at: *at }).collect()
    }
}

fn check_seen(request: &ChangeRequest) -> Result<(), Error> {
    let not_seen = request.operation.touched().into_iter().find(|area| !request.seen.contains_key(area));
    not_seen.map_or(Ok(()), |area| Err(Error::NotSeen(area)))
}

fn planned(request: &ChangeRequest, known: &Known) -> Result<Entry, Error> {
    let planned: Planned = plan(&request.operation, request.effective, known).map_err(Error::ChangeFaults)?;
    Ok(planned.entry)
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
mod tests {
    use std::sync::Arc;

    use jiff::civil::date;

    use super::*;
    use crate::auth::Audience;
    use crate::history::testing::{code, drawn, founding, new_record, successor};
    use crate::history::{ChangeSource, Fate, Fates, Operation};
    use crate::model::RecordKind;
    use crate::store::memory::Memory;

    fn app() -> App {
        let app = App::new(Arc::new(Memory::new()), Audience::Internal);
        app.publish(&new_record(RecordKind::SurveyRound, date(2020, 1, 1)), &founding()).unwrap();
        app
    }

    fn request(operation: Operation, seen: u64) -> ChangeRequest {
        let dated = date(2021, 6, 1);
        let [document, authority, author] = ["试文2号", "试验区", "test"].map(str::to_owned);
        let source = ChangeSource { document, authority, dated, author, note: String::new() };
        let seen = operation.touched().into_iter().map(|area| (area, Revision(seen))).collect();
        ChangeRequest { source, effective: dated, seen, request: None, operation }
    }

    fn split() -> Operation {
        let committees = Fates::from([("C-1".to_owned(), Fate::Serves(code(11)))]);
        let into = vec![successor(11, drawn(0, 0, 5, 10)), successor(12, drawn(5, 0, 5, 10))];
        Operation::Split { area: code(1), into, committees }
    }

    fn rename(area: u32, name: &str) -> Operation {
        Operation::Rename { area: code(area), name: name.to_owned() }
    }

    #[test]
    fn a_dry_run_says_what_would_change_and_changes_nothing() {
        let app = app();
        let dry = app.change(&request(split(), 1), Mode::DryRun).unwrap();
        assert_eq!(app.snapshot().unwrap().revision(), Revision(1));
        let done = app.change(&request(split(), 1), Mode::Commit).unwrap();
        assert_eq!((done.revision, &done.areas), (Revision(2), &dry.areas));
        let kinds = [(1, ChangeKind::Ended), (11, ChangeKind::Added), (12, ChangeKind::Added)];
        assert_eq!(done.areas, kinds.into_iter().map(|(area, kind)| (code(area), vec![kind])).collect());
        let snapshot = app.snapshot().unwrap();
        assert_eq!((snapshot.revision(), snapshot.area_count()), (Revision(2), 5));
        assert_eq!(snapshot.lineage().count(), 2);
    }

    #[test]
    fn of_two_who_change_the_same_area_the_second_is_told() {
        let app = app();
        app.change(&request(rename(1, "甲院(演示)"), 1), Mode::Commit).unwrap();
        for mode in [Mode::DryRun, Mode::Commit] {
            let err = app.change(&request(split(), 1), mode).unwrap_err();
            assert!(
                matches!(&err, Error::Changed { area, seen: Revision(1), latest: Revision(2) } if *area == code(1)),
                "{err}"
            );
        }
        app.change(&request(rename(2, "乙院(演示)"), 1), Mode::Commit).unwrap();
        app.change(&request(split(), 2), Mode::Commit).unwrap();
        let mut blind = request(rename(3, "丙院(演示)"), 1);
        blind.seen.clear();
        assert!(matches!(app.change(&blind, Mode::Commit), Err(Error::NotSeen(area)) if area == code(3)));
        let early = app.change(&request(rename(3, "丙院(演示)"), 99), Mode::DryRun);
        assert!(matches!(early, Err(Error::ChangeFaults(faults)) if faults[0].place == "/seen/DEMO-JS-0003"));
    }

    #[test]
    fn the_same_request_is_answered_as_the_first_time() {
        let app = app();
        let request = ChangeRequest { request: Some("r-1".to_owned()), ..request(split(), 1) };
        let first = app.change(&request, Mode::Commit).unwrap();
        assert_eq!(app.change(&request, Mode::Commit).unwrap(), first);
        assert_eq!(app.snapshot().unwrap().revision(), Revision(2));
        let other = ChangeRequest { operation: rename(99, "甲院(演示)"), ..request };
        assert!(matches!(app.change(&other, Mode::Commit), Err(Error::ChangeFaults(_))));
    }

    #[test]
    fn boundaries_do_not_overlap_what_is_around_at_any_time() {
        let app = app();
        let adjust = |right: i32| {
            request(
                Operation::Adjust { boundaries: vec![(code(2), drawn(10, 0, right, 10))], committees: Fates::new() },
                1,
            )
        };
        let faults = |right| match app.change(&adjust(right), Mode::DryRun) {
            Err(Error::ChangeFaults(faults)) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            other => panic!("{other:?}"),
        };
        assert!(
            faults(11).contains("/adjust/boundaries/0/geometry, DEMO-JS-0002: the boundary overlaps area DEMO-JS-0003")
        );
        // Its neighbour ends later, so on some days they would still overlap.
        let retire = Operation::Retire { area: code(3), committees: Fates::new() };
        let later = ChangeRequest { effective: date(2022, 1, 1), ..request(retire, 1) };
        app.change(&later, Mode::Commit).unwrap();
        assert!(faults(11).contains("overlaps area DEMO-JS-0003"));
        let after = ChangeRequest { effective: date(2022, 1, 1), ..adjust(11) };
        assert_eq!(app.change(&after, Mode::Commit).unwrap().areas[&code(2)], [ChangeKind::Geometry]);
    }
}
