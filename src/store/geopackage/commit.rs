//! One entry into the history, within a transaction of the caller. Step by step like [`crate::history::Ledger`].

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use rusqlite::{Connection, OptionalExtension as _};

use crate::history::{
    Entry, Fact, Key, Kind, NewRecord, Put, Recorded, Refusal, check_basis, check_puts, next_state, revise,
};
use crate::model::{AreaCode, Origin, Record, Revision, Validity};
use crate::store::assemble::record_of;
use crate::store::facts;
use crate::store::geopackage::insert::{Insert, NewVersion};
use crate::store::geopackage::tables::{self, RecordRow, Tally, Thing, VersionRow};
use crate::store::geopackage::{deliveries, vault};
use crate::store::{DocumentChange, StoreError};

/// What became of an entry.
pub(super) enum Entered {
    /// The client's request was answered before, with this revision.
    Before(Revision),
    /// A new record.
    Now(Revision),
}

/// Enters everything. On an error the caller rolls back.
pub(super) fn enter(
    sql: &Connection,
    record: &NewRecord,
    entry: &Entry,
    documents: &[DocumentChange],
) -> Result<Entered, StoreError> {
    if let Some(revision) = answered(sql, record)? {
        return Ok(Entered::Before(revision));
    }
    let latest = tables::revision(sql)?;
    check_basis(entry, latest)?;
    check_puts(entry)?;
    check_seen(sql, entry)?;
    let revision = Revision(latest.map_or(1, |latest| latest.0 + 1));
    let settled = match &entry.origin {
        Some(origin) => {
            let state = next_state(origin, deliveries::state(sql, origin.delivery())?, revision)?;
            Some((origin, state))
        }
        None => None,
    };
    let mut desk = Desk { sql, revision, things: Vec::new(), at: HashMap::new(), last_number: HashMap::new() };
    for put in &entry.puts {
        desk.put(put)?;
    }
    for put in &entry.puts {
        desk.check_references(put)?;
    }
    for row in entry.origin.iter().flat_map(Origin::rows) {
        desk.check_area(&row.area)?;
    }
    desk.write(record, entry)?;
    if let Some((origin, state)) = settled {
        deliveries::settle(sql, origin, state, revision)?;
    }
    vault::apply(sql, documents)?;
    vault::log(sql, &entry.audit, Some(revision))?;
    Ok(Entered::Now(revision))
}

fn answered(sql: &Connection, record: &NewRecord) -> Result<Option<Revision>, StoreError> {
    record.request.as_deref().map_or(Ok(None), |request| revision_of_request(sql, request))
}

/// The revision that a request led to, if it was entered.
pub(super) fn revision_of_request(sql: &Connection, request: &str) -> Result<Option<Revision>, StoreError> {
    let known: rusqlite::Result<Option<u64>> =
        sql.query_row("SELECT id FROM records WHERE request = ?", [request], |row| row.get(0)).optional();
    let known = known.map_err(|source| StoreError::Sql { step: "look a request up", source })?;
    Ok(known.map(Revision))
}

fn check_seen(sql: &Connection, entry: &Entry) -> Result<(), StoreError> {
    for seen in &entry.seen {
        let key = Key::new(Kind::Area, seen.area.as_str());
        match tables::thing_of(sql, &key)?.map(|thing| Revision(thing.changed)) {
            None | Some(Revision(0)) => return Err(Refusal::NoSuchThing(key).into()),
            Some(latest) if latest > seen.at => {
                return Err(Refusal::Changed { area: seen.area.clone(), seen: seen.at, latest }.into());
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The things that an entry is about, while it is worked out.
struct Desk<'a> {
    sql: &'a Connection,
    revision: Revision,
    things: Vec<Open<'a>>,
    at: HashMap<Key, usize>,
    last_number: HashMap<Kind, u32>,
}

/// A thing and its versions that are known so far.
struct Open<'a> {
    key: Key,
    /// `None` for one that is new.
    stored: Option<Thing>,
    number: u32,
    versions: Vec<Draft<'a>>,
}

struct Draft<'a> {
    told: Told<'a>,
    valid: Validity,
    /// `None` for one that is entered now.
    row: Option<Rc<VersionRow>>,
    contradicted: bool,
}

/// A fact: the one of a put, or one that was stored before.
#[derive(Clone)]
enum Told<'a> {
    Put(&'a Fact),
    Stored(Rc<VersionRow>, Rc<Fact>),
}

impl Told<'_> {
    fn fact(&self) -> &Fact {
        match self {
            Self::Put(fact) => fact,
            Self::Stored(_, fact) => fact,
        }
    }
}

impl<'a> Desk<'a> {
    fn put(&mut self, put: &'a Put) -> Result<(), StoreError> {
        let key = put.key();
        let known = self.open(&key)?;
        match put {
            Put::New { .. } if known.is_some() => return Err(Refusal::CodeExists(key).into()),
            Put::End { .. } if known.is_none() => return Err(Refusal::NoSuchThing(key).into()),
            Put::Set { .. } if known.is_none() && key.kind != Kind::Assignment => {
                return Err(Refusal::NoSuchThing(key).into());
            }
            _ => {}
        }
        let at = match known {
            Some(at) => at,
            None => {
                let number = self.next_number(key.kind)?;
                self.keep(Open { key, stored: None, number, versions: Vec::new() })
            }
        };
        let versions = &mut self.things[at].versions;
        let current: Vec<usize> = (0..versions.len()).filter(|at| !versions[*at].contradicted).collect();
        let periods: Vec<Validity> = current.iter().map(|at| versions[*at].valid).collect();
        let same = |at: usize| Some(versions[current[at]].told.fact()) == put.fact();
        let revised = revise(&periods, put.valid(), same, put.fact().is_none());
        let draft = |told: Told<'a>, valid| Draft { told, valid, row: None, contradicted: false };
        let mut entered: Vec<Draft<'a>> =
            revised.remaining.iter().map(|(at, valid)| draft(versions[current[*at]].told.clone(), *valid)).collect();
        let fact = revised.entered.and_then(|valid| Some((valid, put.fact()?)));
        entered.extend(fact.map(|(valid, fact)| draft(Told::Put(fact), valid)));
        for at in &revised.contradicted {
            versions[current[*at]].contradicted = true;
        }
        // What the same record contradicts again was never known to anybody.
        versions.retain(|version| version.row.is_some() || !version.contradicted);
        versions.extend(entered);
        Ok(())
    }

    fn check_references(&self, put: &Put) -> Result<(), StoreError> {
        for target in put.fact().into_iter().flat_map(Fact::references) {
            if !self.at.contains_key(&target) && tables::thing_of(self.sql, &target)?.is_none() {
                return Err(Refusal::UnknownReference { key: put.key(), target }.into());
            }
        }
        Ok(())
    }

    /// Checks that an area is in the register or in the entry.
    fn check_area(&self, area: &AreaCode) -> Result<(), StoreError> {
        let key = Key::new(Kind::Area, area.as_str());
        if self.at.contains_key(&key) || tables::thing_of(self.sql, &key)?.is_some() {
            return Ok(());
        }
        Err(Refusal::NoSuchThing(key).into())
    }

    /// Position of a thing on the desk, where it is put when the register has it.
    fn open(&mut self, key: &Key) -> Result<Option<usize>, StoreError> {
        if let Some(at) = self.at.get(key) {
            return Ok(Some(*at));
        }
        let Some(thing) = tables::thing_of(self.sql, key)? else { return Ok(None) };
        let mut versions = Vec::new();
        for row in tables::versions(self.sql, "WHERE thing = ? AND recorded_until IS NULL", [thing.id])? {
            let fact = Rc::new(tables::fact(self.sql, key, &row)?);
            let row = Rc::new(row);
            let told = Told::Stored(Rc::clone(&row), fact);
            versions.push(Draft { told, valid: row.valid, row: Some(row), contradicted: false });
        }
        Ok(Some(self.keep(Open { key: key.clone(), number: thing.number, stored: Some(thing), versions })))
    }

    fn keep(&mut self, thing: Open<'a>) -> usize {
        self.at.insert(thing.key.clone(), self.things.len());
        self.things.push(thing);
        self.things.len() - 1
    }

    fn next_number(&mut self, kind: Kind) -> Result<u32, StoreError> {
        let last = match self.last_number.get(&kind) {
            Some(last) => *last,
            None => self
                .sql
                .query_row("SELECT coalesce(max(number), 0) FROM things WHERE kind = ?", [kind.key()], |row| row.get(0))
                .map_err(|source| StoreError::Sql { step: "number a thing", source })?,
        };
        self.last_number.insert(kind, last + 1);
        Ok(last + 1)
    }

    fn write(self, record: &NewRecord, entry: &Entry) -> Result<(), StoreError> {
        let entered = self.things.iter().flat_map(|thing| &thing.versions).filter(|version| version.row.is_none());
        let tally = Tally { versions: length(entered.count()), lineage: length(entry.lineage.len()) };
        let mut insert = Insert::new(self.sql);
        insert.record(&RecordRow {
            record: Record {
                id: record_of(self.revision),
                kind: record.kind,
                document: record.document.clone(),
                authority: record.authority.clone(),
                dated: record.dated,
                author: record.author.clone(),
                recorded_at: record.recorded_at,
                note: record.note.clone(),
            },
            request: record.request.clone(),
            tally: Some(tally),
        })?;
        let rows = self.write_things(&mut insert)?;
        let mut areas: HashMap<AreaCode, i64> = HashMap::new();
        for (thing, row) in self.things.iter().zip(rows) {
            for version in &thing.versions {
                if let Some(row) = version.row.as_ref().filter(|_| version.contradicted) {
                    insert.contradict(row, self.revision)?;
                }
            }
            for version in thing.versions.iter().filter(|version| version.row.is_none()) {
                let recorded = Recorded { from: self.revision, until: None };
                let (text, boundary, area);
                let facts = match &version.told {
                    Told::Stored(row, _) => {
                        (boundary, area) = (row.boundary, row.area);
                        &row.facts
                    }
                    Told::Put(fact) => {
                        boundary = facts::outline(fact).map(|outline| insert.boundary(outline)).transpose()?;
                        area = fact.area().map(|code| self.area_row(code, &mut areas)).transpose()?;
                        text = facts::encode(fact);
                        &text
                    }
                };
                insert.version(&NewVersion { thing: row, area, valid: version.valid, recorded, boundary, facts })?;
            }
        }
        for lineage in &entry.lineage {
            insert.lineage(self.revision, lineage)?;
        }
        Ok(())
    }

    /// Enters what is new and says of everything that is touched when that was; answers with the row of each.
    fn write_things(&self, insert: &mut Insert<'_>) -> Result<Vec<i64>, StoreError> {
        let mut touched_areas: BTreeSet<&AreaCode> = BTreeSet::new();
        let touched: Vec<bool> = (self.things.iter())
            .map(|thing| {
                let touches = |version: &&Draft<'_>| version.row.is_none() || version.contradicted;
                let changed: Vec<&Draft<'_>> = thing.versions.iter().filter(touches).collect();
                let areas = changed.iter().filter_map(|version| version.told.fact().area());
                touched_areas.extend(areas);
                !changed.is_empty()
            })
            .collect();
        let mut rows = Vec::with_capacity(self.things.len());
        for (thing, touched) in self.things.iter().zip(touched) {
            let told = thing.key.kind == Kind::Area
                && AreaCode::parse(&thing.key.code).is_ok_and(|code| touched_areas.remove(&code));
            let touched = touched || told;
            rows.push(match &thing.stored {
                Some(stored) => {
                    if touched {
                        insert.touch(&Thing { changed: self.revision.0, ..stored.clone() })?;
                    }
                    stored.id
                }
                None => insert.thing(&thing.key, thing.number, if touched { self.revision.0 } else { 0 })?,
            });
        }
        // Areas that only a manager or a committee changes.
        for area in touched_areas {
            let key = Key::new(Kind::Area, area.as_str());
            if let Some(stored) = tables::thing_of(self.sql, &key)? {
                insert.touch(&Thing { changed: self.revision.0, ..stored })?;
            }
        }
        Ok(rows)
    }

    fn area_row(&self, code: &AreaCode, known: &mut HashMap<AreaCode, i64>) -> Result<i64, StoreError> {
        if let Some(row) = known.get(code) {
            return Ok(*row);
        }
        let key = Key::new(Kind::Area, code.as_str());
        let row = tables::thing_of(self.sql, &key)?.map(|thing| thing.id).ok_or(Refusal::NoSuchThing(key))?;
        known.insert(code.clone(), row);
        Ok(row)
    }
}

fn length(count: usize) -> i64 {
    i64::try_from(count).expect("a list in memory has fewer entries than that")
}
