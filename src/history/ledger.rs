//! The whole register over time in memory: what every store must behave like.

use std::collections::{BTreeMap, HashMap};

use crate::history::{
    Entry, Key, Kind, Lineage, NewRecord, Put, Recorded, Refusal, Unlocated, Version, check_basis, check_puts,
    next_state, revise,
};
use crate::model::{AreaCode, AsOf, DeliveryId, DeliveryState, Origin, Record, RecordId, Revision, Trace, Validity};

/// Everything that was ever entered.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    records: Vec<Record>,
    requests: HashMap<String, Revision>,
    things: BTreeMap<Key, Thing>,
    last_number: HashMap<Kind, u32>,
    lineage: Vec<(Revision, Lineage)>,
    deliveries: BTreeMap<DeliveryId, DeliveryState>,
    traces: Vec<Trace>,
    unlocated: Vec<Unlocated>,
}

#[derive(Debug, Clone)]
struct Thing {
    number: u32,
    versions: Vec<Version>,
}

/// A version that holds, and the number of its thing, which is never reused in its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holding<'a> {
    /// Number of the thing.
    pub number: u32,
    /// What holds.
    pub version: &'a Version,
}

impl Ledger {
    /// The latest revision; `None` while nothing was entered.
    pub fn revision(&self) -> Option<Revision> {
        self.records.last().map(|record| Revision(u64::from(record.id.0)))
    }

    /// Every record, oldest first.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Who follows whom, each with the revision that says so, in the order of entry.
    pub fn lineage(&self) -> &[(Revision, Lineage)] {
        &self.lineage
    }

    /// Every version of a thing, on both clocks, in the order of entry.
    pub fn versions(&self, key: &Key) -> &[Version] {
        self.things.get(key).map_or(&[], |thing| &thing.versions)
    }

    /// Every version that may tell of an area: of itself, of its assignment, of any committee.
    pub fn versions_about(&self, area: &AreaCode) -> impl Iterator<Item = &Version> {
        let own = [Kind::Area, Kind::Assignment].map(|kind| Key::new(kind, area.as_str()));
        let first = Key::new(Kind::Committee, "");
        let after = Key::new(Kind::Figure, "");
        let committees = self.things.range(first..after).map(|(_, thing)| thing);
        own.into_iter().filter_map(|key| self.things.get(&key)).chain(committees).flat_map(|thing| &thing.versions)
    }

    /// Everything that was ever entered, by key.
    pub fn things(&self) -> impl Iterator<Item = (&Key, u32, &[Version])> {
        self.things.iter().map(|(key, thing)| (key, thing.number, thing.versions.as_slice()))
    }

    /// What holds as of both clocks, in the order of kinds and codes. A full scan.
    pub fn holding(&self, as_of: AsOf) -> impl Iterator<Item = Holding<'_>> {
        let holds =
            move |version: &&Version| version.recorded.was_known(as_of.known) && version.valid.holds_on(as_of.day);
        self.things.values().filter_map(move |thing| {
            thing.versions.iter().find(holds).map(|version| Holding { number: thing.number, version })
        })
    }

    /// The client's number of the request that led to a revision.
    pub fn request_of(&self, revision: Revision) -> Option<&str> {
        self.requests.iter().find(|(_, entered)| **entered == revision).map(|(request, _)| request.as_str())
    }

    /// The revision that the client's request of this number led to.
    pub fn revision_of_request(&self, request: &str) -> Option<Revision> {
        self.requests.get(request).copied()
    }

    /// The latest revision that changed each area, its manager or one of its committees.
    pub fn last_changes(&self) -> HashMap<AreaCode, Revision> {
        let mut latest: HashMap<AreaCode, Revision> = HashMap::new();
        for version in self.things.values().flat_map(|thing| &thing.versions) {
            let Some(area) = version.fact.area() else { continue };
            let changed = version.recorded.until.unwrap_or(version.recorded.from);
            let known = latest.entry(area.clone()).or_insert(changed);
            *known = (*known).max(changed);
        }
        latest
    }

    /// Everything of which a record entered or contradicted a version, by key.
    pub fn keys_touched_by(&self, revision: Revision) -> Vec<Key> {
        let touches = |version: &Version| version.recorded.from == revision || version.recorded.until == Some(revision);
        let touched = self.things.iter().filter(|(_, thing)| thing.versions.iter().any(touches));
        touched.map(|(key, _)| key.clone()).collect()
    }

    /// What became of a delivery; `None` for one that it was never told of.
    pub fn delivery(&self, delivery: DeliveryId) -> Option<DeliveryState> {
        self.deliveries.get(&delivery).copied()
    }

    /// Which rows of deliveries told of which areas, in the order of entry.
    pub fn traces(&self) -> &[Trace] {
        &self.traces
    }

    /// Rows of deliveries for which there is no area, in the order of entry; also those that were taken back.
    pub fn unlocated(&self) -> &[Unlocated] {
        &self.unlocated
    }

    /// Says that a delivery was received, or takes over from another store what became of it, unchecked.
    pub fn take_delivery(&mut self, delivery: DeliveryId, state: DeliveryState) {
        self.deliveries.insert(delivery, state);
    }

    /// Takes a trace over from another store, unchecked.
    pub fn take_trace(&mut self, trace: Trace) {
        self.traces.push(trace);
    }

    /// Takes a row without an area over from another store, unchecked.
    pub fn take_unlocated(&mut self, unlocated: Unlocated) {
        self.unlocated.push(unlocated);
    }

    /// Takes a record over from another store, unchecked.
    pub fn take_record(&mut self, record: Record, request: Option<String>) {
        let revision = Revision(u64::from(record.id.0));
        self.records.push(record);
        self.requests.extend(request.map(|request| (request, revision)));
    }

    /// Takes a thing over from another store, unchecked.
    pub fn take_thing(&mut self, key: Key, number: u32, versions: Vec<Version>) {
        let last = self.last_number.entry(key.kind).or_default();
        *last = (*last).max(number);
        self.things.insert(key, Thing { number, versions });
    }

    /// Takes lineage over from another store, unchecked.
    pub fn take_lineage(&mut self, revision: Revision, lineage: Lineage) {
        self.lineage.push((revision, lineage));
    }

    /// Enters everything, or nothing. Errors: see [`Refusal`].
    pub fn enter(&mut self, record: &NewRecord, entry: &Entry) -> Result<Revision, Refusal> {
        if let Some(revision) = record.request.as_ref().and_then(|request| self.requests.get(request)) {
            return Ok(*revision);
        }
        check_basis(entry, self.revision())?;
        check_puts(entry)?;
        let latest = if entry.seen.is_empty() { HashMap::new() } else { self.last_changes() };
        for seen in &entry.seen {
            match latest.get(&seen.area).copied() {
                None => return Err(Refusal::NoSuchThing(Key::new(Kind::Area, seen.area.as_str()))),
                Some(latest) if latest > seen.at => {
                    return Err(Refusal::Changed { area: seen.area.clone(), seen: seen.at, latest });
                }
                Some(_) => {}
            }
        }
        let id = self.records.last().map_or(1, |record| record.id.0 + 1);
        let revision = Revision(u64::from(id));
        let state = entry.origin.as_ref().map(|origin| next_state(origin, self.delivery(origin.delivery()), revision));
        let state = state.transpose()?;
        let mut next = self.clone();
        next.records.push(Record {
            id: RecordId(id),
            kind: record.kind,
            document: record.document.clone(),
            authority: record.authority.clone(),
            dated: record.dated,
            author: record.author.clone(),
            recorded_at: record.recorded_at.round(jiff::Unit::Millisecond).unwrap_or(record.recorded_at),
            note: record.note.clone(),
        });
        next.requests.extend(record.request.clone().map(|request| (request, revision)));
        for put in &entry.puts {
            next.put(put, revision)?;
        }
        for put in &entry.puts {
            next.check_references(put)?;
        }
        for (origin, state) in entry.origin.iter().zip(state) {
            next.settle(origin, state, revision)?;
        }
        next.lineage.extend(entry.lineage.iter().cloned().map(|lineage| (revision, lineage)));
        *self = next;
        Ok(revision)
    }

    fn put(&mut self, put: &Put, revision: Revision) -> Result<(), Refusal> {
        let key = put.key();
        let known = self.things.contains_key(&key);
        match put {
            Put::New { .. } if known => return Err(Refusal::CodeExists(key)),
            Put::End { .. } if !known => return Err(Refusal::NoSuchThing(key)),
            // A committee or an assignment may be the first of its area; only areas themselves must be entered as new.
            Put::Set { .. } if !known && !matches!(key.kind, Kind::Assignment) => {
                return Err(Refusal::NoSuchThing(key));
            }
            _ => {}
        }
        let numbers = &mut self.last_number;
        let thing = self.things.entry(key).or_insert_with_key(|key| {
            let last = numbers.entry(key.kind).or_default();
            *last += 1;
            Thing { number: *last, versions: Vec::new() }
        });
        let current: Vec<usize> =
            (0..thing.versions.len()).filter(|at| thing.versions[*at].recorded.until.is_none()).collect();
        let periods: Vec<Validity> = current.iter().map(|at| thing.versions[*at].valid).collect();
        let same = |at: usize| Some(&thing.versions[current[at]].fact) == put.fact();
        let revised = revise(&periods, put.valid(), same, put.fact().is_none());
        let recorded = Recorded { from: revision, until: None };
        let mut entered: Vec<Version> = revised
            .remaining
            .iter()
            .map(|(at, valid)| Version { fact: thing.versions[current[*at]].fact.clone(), valid: *valid, recorded })
            .collect();
        let fact = revised.entered.and_then(|valid| Some((valid, put.fact()?.clone())));
        entered.extend(fact.map(|(valid, fact)| Version { fact, valid, recorded }));
        for at in &revised.contradicted {
            thing.versions[current[*at]].recorded.until = Some(revision);
        }
        // What the same record contradicts again was never known to anybody.
        thing.versions.retain(|version| version.recorded.until != Some(version.recorded.from));
        thing.versions.extend(entered);
        Ok(())
    }

    fn settle(&mut self, origin: &Origin, state: DeliveryState, revision: Revision) -> Result<(), Refusal> {
        let delivery = origin.delivery();
        for row in origin.rows() {
            let key = Key::new(Kind::Area, row.area.as_str());
            if !self.things.contains_key(&key) {
                return Err(Refusal::NoSuchThing(key));
            }
            let (area, file, item) = (row.area.clone(), row.file.clone(), row.item.clone());
            self.traces.push(Trace { revision, area, delivery, file, item });
        }
        let recorded = Recorded { from: revision, until: None };
        match origin {
            Origin::Publishes { unlocated, .. } => {
                let rows = unlocated.iter().cloned();
                self.unlocated.extend(rows.map(|row| Unlocated { delivery, recorded, row }));
            }
            Origin::Undoes { .. } => {
                let open = |kept: &&mut Unlocated| kept.delivery == delivery && kept.recorded.until.is_none();
                self.unlocated.iter_mut().filter(open).for_each(|kept| kept.recorded.until = Some(revision));
            }
        }
        self.deliveries.insert(delivery, state);
        Ok(())
    }

    fn check_references(&self, put: &Put) -> Result<(), Refusal> {
        let missing =
            put.fact().and_then(|fact| fact.references().into_iter().find(|target| !self.things.contains_key(target)));
        missing.map_or(Ok(()), |target| Err(Refusal::UnknownReference { key: put.key(), target }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Fact, Refusal};
    use crate::ingest::ManagerDraft;
    use crate::model::{ManagerKind, RecordKind, Uscc};
    use jiff::civil::{Date, date};

    fn record(dated: Date) -> NewRecord {
        NewRecord {
            kind: RecordKind::SurveyRound,
            document: "试文".to_owned(),
            authority: "试验区".to_owned(),
            dated,
            author: "test".to_owned(),
            recorded_at: "2022-10-28T08:00:00Z".parse().unwrap(),
            note: String::new(),
            request: None,
        }
    }

    fn called(name: &str) -> Fact {
        Fact::Manager(ManagerDraft {
            kind: ManagerKind::Company,
            name: name.to_owned(),
            uscc: Uscc::parse("91000000MA00000157").unwrap(),
            phone: None,
            party_organisation: None,
            demo: true,
        })
    }

    fn enter(ledger: &mut Ledger, dated: Date, put: Put) -> Result<Revision, Refusal> {
        ledger.enter(&record(dated), &Entry { puts: vec![put], ..Entry::default() })
    }

    fn name_at(ledger: &Ledger, day: Date, known: u64) -> Option<String> {
        let holding = ledger.holding(AsOf { day, known: Revision(known) }).next()?;
        let Fact::Manager(manager) = &holding.version.fact else { panic!("only a manager was entered") };
        Some(manager.name.clone())
    }

    /// The worked example of the architecture document.
    #[test]
    fn a_name_that_was_corrected_is_told_as_of_both_clocks() {
        let mut ledger = Ledger::default();
        let renamed = |from: Date| Put::Set { fact: called("朝华"), valid: Validity::since(from) };
        let new = Put::New { fact: called("旧华"), valid: Validity::default() };
        enter(&mut ledger, date(2022, 10, 27), new).unwrap();
        enter(&mut ledger, date(2023, 3, 1), renamed(date(2023, 3, 1))).unwrap();
        enter(&mut ledger, date(2023, 5, 20), renamed(date(2023, 2, 1))).unwrap();

        let clocks = |version: &Version| {
            let (valid, recorded) = (version.valid, version.recorded);
            (valid.from, valid.until, recorded.from.0, recorded.until.map(|until| until.0))
        };
        let told: Vec<_> = ledger.versions(&called("").key()).iter().map(clocks).collect();
        let (february, march) = (Some(date(2023, 2, 1)), Some(date(2023, 3, 1)));
        assert_eq!(
            told,
            [
                (None, None, 1, Some(2)),
                (None, march, 2, Some(3)),
                (march, None, 2, Some(3)),
                (None, february, 3, None),
                (february, None, 3, None),
            ]
        );
        let on = |month, known| name_at(&ledger, date(2023, month, 15), known).unwrap();
        assert_eq!([on(1, 1), on(2, 1), on(3, 1)], ["旧华", "旧华", "旧华"]);
        assert_eq!([on(1, 2), on(2, 2), on(3, 2)], ["旧华", "旧华", "朝华"]);
        assert_eq!([on(1, 3), on(2, 3), on(3, 3)], ["旧华", "朝华", "朝华"]);
    }

    #[test]
    fn what_is_refused_leaves_no_trace() {
        let mut ledger = Ledger::default();
        let day = date(2022, 10, 27);
        let set = Put::Set { fact: called("旧华"), valid: Validity::default() };
        assert!(matches!(enter(&mut ledger, day, set), Err(Refusal::NoSuchThing(_))));
        let begins = Put::New { fact: called("旧华"), valid: Validity::since(day) };
        assert!(matches!(enter(&mut ledger, day, begins), Err(Refusal::Lasting(_))));
        assert_eq!((ledger.revision(), ledger.things().count()), (None, 0));
        let new = Put::New { fact: called("旧华"), valid: Validity::default() };
        enter(&mut ledger, day, new.clone()).unwrap();
        assert!(matches!(enter(&mut ledger, day, new), Err(Refusal::CodeExists(_))));
        let ends = Put::End { key: called("").key(), valid: Validity::since(day) };
        assert!(matches!(enter(&mut ledger, day, ends), Err(Refusal::Lasting(_))));
        assert_eq!(ledger.revision(), Some(Revision(1)));
    }

    #[test]
    fn the_same_request_is_entered_once() {
        let mut ledger = Ledger::default();
        let entry = |name| Entry {
            puts: vec![Put::New { fact: called(name), valid: Validity::default() }],
            ..Entry::default()
        };
        let asked = NewRecord { request: Some("a1".to_owned()), ..record(date(2022, 10, 27)) };
        assert_eq!(ledger.enter(&asked, &entry("旧华")), Ok(Revision(1)));
        // The answer of the first time comes before every refusal.
        let late = Entry { basis: Some(Revision(9)), ..entry("旧华") };
        assert_eq!(ledger.enter(&asked, &late), Ok(Revision(1)));
        assert_eq!(ledger.records().len(), 1);
    }
}
