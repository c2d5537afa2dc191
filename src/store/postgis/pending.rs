//! An entry worked out on what is known of the things it touches, before anything is written.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::history::{Fact, Key, Kind, Put, Recorded, Refusal, revise};
use crate::model::{Revision, Validity};
use crate::store::facts::outline;
use crate::store::postgis::rows::Stored;
use crate::store::postgis::write::{NewThing, NewVersion};

/// The last numbers that were given, from which new ones go on.
#[derive(Debug, Clone, Default)]
pub(super) struct Last {
    pub(super) thing: i64,
    pub(super) version: i64,
    pub(super) boundary: i64,
    /// By kind; kinds without a thing are left out.
    pub(super) numbers: HashMap<Kind, u32>,
}

/// What there is of the things that an entry names, and what becomes of them. It does what the ledger does.
pub(super) struct Pending<'a> {
    revision: Revision,
    last: Last,
    things: HashMap<Key, Thing<'a>>,
    /// Keys of the things that are put, in the order they are first put.
    order: Vec<Key>,
    ended: Vec<i64>,
    areas: BTreeSet<String>,
    /// Boundaries that are not in the tables yet.
    drawn: HashSet<i64>,
}

struct Thing<'a> {
    id: i64,
    number: u32,
    fresh: bool,
    put: bool,
    current: Vec<Held<'a>>,
}

/// A version that is not contradicted; those without a number are new.
#[derive(Clone)]
struct Held<'a> {
    id: Option<i64>,
    fact: Cow<'a, Fact>,
    valid: Validity,
    boundary: Option<i64>,
}

impl<'a> Pending<'a> {
    pub(super) fn new(revision: Revision, last: Last) -> Self {
        Self {
            revision,
            last,
            things: HashMap::new(),
            order: Vec::new(),
            ended: Vec::new(),
            areas: BTreeSet::new(),
            drawn: HashSet::new(),
        }
    }

    /// Says that a thing is in the register.
    pub(super) fn know(&mut self, key: Key, id: i64, number: u32) {
        self.things.insert(key, Thing { id, number, fresh: false, put: false, current: Vec::new() });
    }

    /// Says what is known of it; versions come in the order of their entry.
    pub(super) fn hold(&mut self, stored: Stored) {
        let Stored { id, key, boundary, version, .. } = stored;
        if let Some(thing) = self.things.get_mut(&key) {
            let fact = Cow::Owned(version.fact);
            thing.current.push(Held { id: Some(id), fact, valid: version.valid, boundary });
        }
    }

    /// Applies a put.
    pub(super) fn put(&mut self, put: &'a Put) -> Result<(), Refusal> {
        let key = put.key();
        let known = self.things.contains_key(&key);
        match put {
            Put::New { .. } if known => return Err(Refusal::CodeExists(key)),
            Put::End { .. } if !known => return Err(Refusal::NoSuchThing(key)),
            // Who manages an area may be said for the first time; everything else must be entered as new.
            Put::Set { .. } if !known && key.kind != Kind::Assignment => return Err(Refusal::NoSuchThing(key)),
            _ => {}
        }
        let last = &mut self.last;
        let thing = self.things.entry(key.clone()).or_insert_with(|| {
            let number = last.numbers.entry(key.kind).or_default();
            *number += 1;
            last.thing += 1;
            Thing { id: last.thing, number: *number, fresh: true, put: false, current: Vec::new() }
        });
        if !thing.put {
            thing.put = true;
            self.order.push(key);
        }
        let periods: Vec<Validity> = thing.current.iter().map(|held| held.valid).collect();
        let same = |at: usize| Some(&*thing.current[at].fact) == put.fact();
        let revised = revise(&periods, put.valid(), same, put.fact().is_none());
        let remains = |(at, valid): &(usize, Validity)| {
            let held = &thing.current[*at];
            Held { id: None, fact: held.fact.clone(), valid: *valid, boundary: held.boundary }
        };
        let mut entered: Vec<Held<'a>> = revised.remaining.iter().map(remains).collect();
        if let (Some(valid), Some(fact)) = (revised.entered, put.fact()) {
            let boundary = outline(fact).map(|drawn| {
                let same = |held: &&Held<'_>| outline(&held.fact) == Some(drawn);
                thing.current.iter().find(same).and_then(|held| held.boundary).unwrap_or_else(|| {
                    last.boundary += 1;
                    self.drawn.insert(last.boundary);
                    last.boundary
                })
            });
            entered.push(Held { id: None, fact: Cow::Borrowed(fact), valid, boundary });
        }
        for at in revised.contradicted.iter().rev() {
            // What the same record contradicts again was never known to anybody.
            let held = thing.current.remove(*at);
            if let Some(id) = held.id {
                self.ended.push(id);
                self.areas.extend(held.fact.area().map(|area| area.as_str().to_owned()));
            }
        }
        thing.current.extend(entered);
        Ok(())
    }

    /// Checks that what a put refers to is in the register or in the entry.
    pub(super) fn check_references(&self, put: &Put) -> Result<(), Refusal> {
        let references = put.fact().map(Fact::references).unwrap_or_default();
        let missing = references.into_iter().find(|target| !self.things.contains_key(target));
        missing.map_or(Ok(()), |target| Err(Refusal::UnknownReference { key: put.key(), target }))
    }

    /// Whether a thing is in the register or in the entry.
    pub(super) fn knows(&self, key: &Key) -> bool {
        self.things.contains_key(key)
    }

    /// What is to be written.
    pub(super) fn outcome(&mut self) -> Outcome<'_> {
        let mut versions = Vec::new();
        for key in &self.order {
            let thing = &self.things[key];
            for held in thing.current.iter().filter(|held| held.id.is_none()) {
                self.last.version += 1;
                self.areas.extend(held.fact.area().map(|area| area.as_str().to_owned()));
                versions.push(NewVersion {
                    id: self.last.version,
                    thing: thing.id,
                    fact: &held.fact,
                    valid: held.valid,
                    recorded: Recorded { from: self.revision, until: None },
                    boundary: held.boundary,
                    draws: held.boundary.is_some_and(|boundary| self.drawn.remove(&boundary)),
                });
            }
        }
        let fresh = self.order.iter().filter(|key| self.things[*key].fresh);
        let things = fresh.map(|key| {
            let thing = &self.things[key];
            let changed = key.kind == Kind::Area && self.areas.contains(&key.code);
            NewThing { id: thing.id, key, number: thing.number, changed: changed.then_some(self.revision) }
        });
        let known = |code: &&str| self.things.get(&Key::new(Kind::Area, *code)).is_none_or(|thing| !thing.fresh);
        Outcome {
            things: things.collect(),
            versions,
            ended: &self.ended,
            areas: self.areas.iter().map(String::as_str).filter(known).collect(),
        }
    }
}

/// What an entry writes.
pub(super) struct Outcome<'a> {
    pub(super) things: Vec<NewThing<'a>>,
    pub(super) versions: Vec<NewVersion<'a>>,
    /// Versions that the entry contradicts.
    pub(super) ended: &'a [i64],
    /// Areas that were there before and are changed now, or who manages them, or their committees.
    pub(super) areas: Vec<&'a str>,
}
