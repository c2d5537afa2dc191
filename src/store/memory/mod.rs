//! A register in memory: gone with the process. For trials and tests; it is the ledger behind a lock.

mod deliveries;
mod vault;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::history::{Entry, Fact, Key, Kind, Ledger, NewRecord, Version};
use crate::model::{Area, AreaCode, AsOf, Exception, Manager, ManagerId, Record, Revision, Uscc};
use crate::store::assemble::{Assembled, Assembly, resolve, revision_of};
use crate::store::memory::deliveries::Kept;
use crate::store::memory::vault::Safe;
use crate::store::{
    AbsentArea, AreaChange, Changes, DocumentChange, Question, Register, Row, SenderColumns, Store, StoreError, is_told,
};

/// What errors call it.
const PLACE: &str = "the register in memory";

/// A register in memory.
#[derive(Debug, Default)]
pub struct Memory {
    state: Mutex<State>,
    written: Condvar,
}

/// Everything that is kept.
#[derive(Debug, Clone, Default)]
struct State {
    ledger: Ledger,
    deliveries: Vec<Kept>,
    columns: Vec<SenderColumns>,
    exceptions: Vec<Exception>,
    safe: Safe,
}

impl Memory {
    /// An empty register.
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The ledger is replaced whole, so a panic elsewhere leaves it as it was.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Memory {
    fn revision(&self) -> Result<Option<Revision>, StoreError> {
        Ok(self.state().ledger.revision())
    }

    fn load(&self, question: Question) -> Result<Register, StoreError> {
        let ledger = &self.state().ledger;
        let mut records = ledger.records().to_vec();
        let as_of = resolve(question, &mut records)?;
        Ok(register(ledger, as_of, records))
    }

    fn changes(&self, from: AsOf, to: AsOf) -> Result<Changes, StoreError> {
        let ledger = &self.state().ledger;
        let records = |as_of: AsOf| {
            let known = |record: &&Record| revision_of(record.id) <= as_of.known;
            ledger.records().iter().filter(known).cloned().collect::<Vec<_>>()
        };
        let before = register(ledger, from, records(from));
        let after = register(ledger, to, records(to));
        let territory = (&before.district, &before.streets, &before.communities, &before.figures)
            != (&after.district, &after.streets, &after.communities, &after.figures);
        let [old, new] = [&before.areas, &after.areas]
            .map(|areas| areas.iter().map(|area| (&area.code, area)).collect::<BTreeMap<&AreaCode, &Area>>());
        let codes: BTreeSet<&AreaCode> = old.keys().chain(new.keys()).copied().collect();
        let sides = codes.into_iter().map(|code| (code, (old.get(code).copied(), new.get(code).copied())));
        let changed = sides.filter(|(_, sides)| is_told(*sides, from, to));
        let areas: Vec<AreaChange> = changed
            .map(|(code, (before, after))| AreaChange {
                code: code.clone(),
                before: before.cloned(),
                after: after.cloned(),
            })
            .collect();
        let managers: BTreeMap<ManagerId, &Manager> =
            before.managers.iter().map(|manager| (manager.id, manager)).collect();
        let is_new = |manager: &Manager| managers.get(&manager.id) != Some(&manager);
        let absent = |absent: &AbsentArea| {
            areas.iter().any(|change| change.code == absent.code) || !before.absent.contains(absent)
        };
        Ok(Changes {
            from,
            to,
            managers: after.managers.iter().filter(|manager| is_new(manager)).cloned().collect(),
            territory,
            absent: after.absent.into_iter().filter(absent).collect(),
            records: after.records.into_iter().filter(|record| revision_of(record.id) > from.known).collect(),
            lineage: after.lineage.into_iter().filter(|lineage| !before.lineage.contains(lineage)).collect(),
            areas,
        })
    }

    fn history(&self, area: &AreaCode) -> Result<Vec<Version>, StoreError> {
        let ledger = &self.state().ledger;
        let mut versions: Vec<Version> =
            ledger.versions_about(area).filter(|version| version.fact.area() == Some(area)).cloned().collect();
        versions.sort_by_key(|version| version.recorded.from);
        Ok(versions)
    }

    fn versions(&self, key: &Key) -> Result<Vec<Version>, StoreError> {
        Ok(self.state().ledger.versions(key).to_vec())
    }

    fn revision_of_request(&self, request: &str) -> Result<Option<Revision>, StoreError> {
        Ok(self.state().ledger.revision_of_request(request))
    }

    fn commit_with(
        &self,
        record: &NewRecord,
        entry: &Entry,
        documents: &[DocumentChange],
    ) -> Result<Revision, StoreError> {
        let mut state = self.state();
        let answered = record.request.as_deref().and_then(|request| state.ledger.revision_of_request(request));
        if let Some(revision) = answered {
            return Ok(revision);
        }
        let mut written = state.clone();
        written.apply(documents)?;
        let revision = written.ledger.enter(record, entry)?;
        entry.origin.iter().for_each(|origin| written.describe(origin));
        written.safe.log(&entry.audit, Some(revision));
        *state = written;
        drop(state);
        self.written.notify_all();
        Ok(revision)
    }

    fn touched_by(&self, revision: Revision) -> Result<Vec<AreaCode>, StoreError> {
        let ledger = &self.state().ledger;
        let told = |version: &&Version| version.recorded.from == revision || version.recorded.until == Some(revision);
        let versions = ledger.things().flat_map(|(_, _, versions)| versions).filter(told);
        Ok(versions.filter_map(|version| version.fact.area().cloned()).collect::<BTreeSet<_>>().into_iter().collect())
    }

    fn keys_touched_by(&self, revision: Revision) -> Result<Vec<Key>, StoreError> {
        Ok(self.state().ledger.keys_touched_by(revision))
    }

    fn wait_beyond(&self, seen: Option<Revision>, longest: Duration) -> Result<Option<Revision>, StoreError> {
        let waiting = self.written.wait_timeout_while(self.state(), longest, |state| state.ledger.revision() <= seen);
        let (state, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        Ok(state.ledger.revision())
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    fn export(&self, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let state = self.state().clone();
        let ledger = &state.ledger;
        for record in ledger.records() {
            sink(Row::Record(record.clone(), ledger.request_of(revision_of(record.id)).map(str::to_owned)))?;
        }
        for (key, number, versions) in ledger.things() {
            sink(Row::Thing(key.clone(), number, versions.to_vec()))?;
        }
        for (revision, lineage) in ledger.lineage() {
            sink(Row::Lineage(*revision, lineage.clone()))?;
        }
        state.export_deliveries(sink)?;
        state.safe.export(sink)
    }

    fn import(&self, rows: &mut dyn Iterator<Item = Result<Row, StoreError>>) -> Result<Option<Revision>, StoreError> {
        let mut state = self.state();
        let latest = state.ledger.revision();
        if latest.is_some() || state.keeps_deliveries() || !state.safe.is_empty() {
            return Err(StoreError::NotEmpty { place: PLACE.to_owned(), latest: latest.unwrap_or(Revision(0)) });
        }
        let mut taken = State::default();
        for row in rows {
            match row? {
                Row::Record(record, request) => taken.ledger.take_record(record, request),
                Row::Thing(key, number, versions) => taken.ledger.take_thing(key, number, versions),
                Row::Lineage(revision, lineage) => taken.ledger.take_lineage(revision, lineage),
                Row::Delivery(delivery) => taken.take_delivery(delivery),
                Row::Chunk(chunk) => taken.take_chunk(&chunk)?,
                Row::Trace(trace) => taken.ledger.take_trace(trace),
                Row::Unlocated(unlocated) => taken.ledger.take_unlocated(unlocated),
                Row::Columns(columns) => taken.columns.push(columns),
                Row::Exception(exception) => taken.exceptions.push(exception),
                Row::Document(document) => taken.safe.take_document(document),
                Row::Audit(entry) => taken.safe.take_audit(entry),
            }
        }
        *state = taken;
        Ok(state.ledger.revision())
    }
}

fn register(ledger: &Ledger, as_of: AsOf, records: Vec<Record>) -> Register {
    let mut assembly = Assembly::default();
    let mut managers: HashMap<Uscc, ManagerId> = HashMap::new();
    for holding in ledger.holding(as_of) {
        if let Fact::Manager(manager) = &holding.version.fact {
            managers.insert(manager.uscc.clone(), ManagerId(holding.number));
        }
        assembly.add(holding.number, holding.version.clone());
    }
    for (code, revision) in ledger.last_changes() {
        assembly.set_changed(code, revision);
    }
    let Assembled { district, streets, communities, managers, areas, figures } =
        assembly.finish(|uscc| managers.get(uscc).copied());
    let lineage = ledger.lineage().iter().filter(|(revision, _)| *revision <= as_of.known);
    Register {
        as_of,
        records,
        district,
        streets,
        communities,
        managers,
        absent: absent(ledger, as_of, &areas),
        areas,
        lineage: lineage.map(|(_, lineage)| lineage.clone()).collect(),
        figures,
    }
}

/// Areas that are known but not true on the day: each as it was last before it, else as it will be first.
fn absent(ledger: &Ledger, as_of: AsOf, present: &[Area]) -> Vec<AbsentArea> {
    let things = ledger.things().filter(|(key, _, _)| key.kind == Kind::Area);
    let missing =
        things.filter(|(key, _, _)| present.binary_search_by(|area| area.code.as_str().cmp(&key.code)).is_err());
    let told = missing.filter_map(|(_, _, versions)| {
        let known = || versions.iter().filter(|version| version.recorded.was_known(as_of.known));
        let before = known().filter(|version| version.valid.until.is_some_and(|until| until <= as_of.day));
        let last = before.max_by_key(|version| version.valid.until);
        let version = last.or_else(|| known().min_by_key(|version| version.valid.from))?;
        let Fact::Area(area) = &version.fact else { return None };
        Some(AbsentArea {
            code: area.code.clone(),
            name: area.name.clone(),
            street: area.street.clone(),
            valid: version.valid,
        })
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract::store_contract;
    use crate::store::delivery_contract::{
        delivery_contract, the_same_delivery_is_received_once, what_was_received_is_not_written_over,
    };
    use crate::store::vault_contract::{
        a_copy_has_all_but_sessions, an_account_is_not_written_over, one_of_many_writers_wins, vault_contract,
    };

    #[test]
    fn it_keeps_the_contract() {
        store_contract(&Memory::new());
        delivery_contract(&Memory::new());
    }

    #[test]
    fn it_keeps_documents_and_the_log() {
        let one = Memory::new();
        vault_contract(&one);
        a_copy_has_all_but_sessions(&one, &Memory::new());
        an_account_is_not_written_over(&Memory::new());
        one_of_many_writers_wins(&[&Memory::new()]);
    }

    #[test]
    fn it_receives_once_and_is_not_written_over() {
        the_same_delivery_is_received_once(&[&Memory::new()]);
        what_was_received_is_not_written_over(&Memory::new());
    }
}
