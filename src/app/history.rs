//! What was: the versions of an area, who followed whom, and what changed between two states.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::app::{App, Error, Snapshot};
use crate::history::{ChangeKind, Difference, Fact, Lineage, Version, changed_between, changed_by, difference};
use crate::model::{Area, AreaCode, AsOf, Record, Revision, StreetCode, Validity};
use crate::store::{AreaChange, Question};

/// Most areas that are named under a record.
pub const RECORD_AREAS_MAX: usize = 1_000;

/// Everything ever known of an area.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaHistory {
    /// Its code.
    pub code: AreaCode,
    /// Its name: the present one, or the last one, or the first one it will have.
    pub name: String,
    /// Its street then.
    pub street: StreetCode,
    /// Whether it is there on the day of the published state.
    pub present: bool,
    /// Its first day, where known.
    pub began_on: Option<Date>,
    /// The day from which it is not there any more.
    pub ended_on: Option<Date>,
    /// The latest record that changed anything of it.
    pub revision: Revision,
    /// Every version of it, of who manages it and of its committees: the latest first day first, then the latest record.
    pub versions: Vec<PartVersion>,
    /// The areas whose place it took.
    pub predecessors: Vec<Kin>,
    /// The areas that took its place.
    pub successors: Vec<Kin>,
}

/// A version of an area, an assignment or a committee.
#[derive(Debug, Clone, PartialEq)]
pub struct PartVersion {
    /// What was known, and when.
    pub version: Version,
    /// Names of the properties that differ from what was so just before; from what was held to be so, where it was so from
    /// the beginning. Empty for the first.
    pub changed: Vec<&'static str>,
    /// The record that entered it.
    pub record: Record,
}

/// An area before or after another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kin {
    /// Its code.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// The day on which one took the place of the other.
    pub from: Date,
    /// The record that says so.
    pub record: Revision,
}

/// All areas that are connected with one by lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageGraph {
    /// The areas, by code.
    pub areas: Vec<LineageArea>,
    /// Who follows whom, by predecessor and successor.
    pub edges: Vec<LineageEdge>,
}

/// An area of a lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageArea {
    /// Its code.
    pub code: AreaCode,
    /// Its name.
    pub name: String,
    /// Its street.
    pub street: StreetCode,
    /// From its first to its last day.
    pub valid: Validity,
    /// Whether it is there on the day of the published state.
    pub present: bool,
}

/// One area took the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageEdge {
    /// The area before.
    pub predecessor: AreaCode,
    /// The area after.
    pub successor: AreaCode,
    /// On which day.
    pub from: Date,
    /// The record that says so.
    pub record: Revision,
}

/// How many areas changed in which way. An area whose boundary and facts both changed counts in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChangeCounts {
    /// Areas that are there and were not.
    pub added: usize,
    /// Areas that were there and are not.
    pub ended: usize,
    /// Areas with another boundary.
    pub geometry: usize,
    /// Areas of which something else is told.
    pub attributes: usize,
    /// Areas of which the same is told.
    pub unchanged: usize,
    /// Areas in both states of which something else is told: geometry, attributes or both.
    pub changed: usize,
}

impl ChangeCounts {
    /// Number of areas in the state before.
    pub fn before(&self) -> usize {
        self.unchanged + self.changed + self.ended
    }

    /// Number of areas in the state after.
    pub fn after(&self) -> usize {
        self.unchanged + self.changed + self.added
    }

    fn add(&mut self, difference: &Difference) {
        for kind in &difference.kinds {
            match kind {
                ChangeKind::Added => self.added += 1,
                ChangeKind::Ended => self.ended += 1,
                ChangeKind::Geometry => self.geometry += 1,
                ChangeKind::Attributes => self.attributes += 1,
            }
        }
        let whole = [ChangeKind::Added, ChangeKind::Ended].iter().any(|kind| difference.kinds.contains(kind));
        self.changed += usize::from(!whole);
    }
}

/// What differs between two states.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The state before.
    pub from: AsOf,
    /// The state after.
    pub to: AsOf,
    /// Counts of the district.
    pub totals: ChangeCounts,
    /// Counts of each street, by code. An area that moved counts in the street it moved to.
    pub streets: BTreeMap<StreetCode, ChangeCounts>,
    /// The areas that differ, by code.
    pub areas: Vec<ComparedArea>,
}

/// An area that differs between two states.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparedArea {
    /// Its code.
    pub code: AreaCode,
    /// Its name in the state after, or before where it ended.
    pub name: String,
    /// Its street then.
    pub street: StreetCode,
    /// In which ways it differs.
    pub difference: Difference,
    /// The latest record that changed it.
    pub record: Revision,
}

/// An area that a record changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordChange {
    /// Its code.
    pub code: AreaCode,
    /// Its name now, or when it last was there.
    pub name: String,
    /// Its street then.
    pub street: StreetCode,
    /// What of it.
    pub difference: Difference,
}

impl App {
    /// Everything ever known of an area. Errors: [`Error::NoSuchArea`] for a code that was never used.
    pub fn area_history(&self, code: &AreaCode) -> Result<AreaHistory, Error> {
        let snapshot = self.snapshot()?;
        let versions = self.known_versions(&snapshot, code)?;
        let Naming { name, street, present } = naming(&snapshot, code).ok_or_else(|| no_such(code))?;
        let revision = versions.iter().map(|version| version.recorded.until.unwrap_or(version.recorded.from)).max();
        let span = span_of(&versions);
        let mut parts: Vec<PartVersion> = versions
            .iter()
            .filter_map(|version| {
                let record = record_of(&snapshot, version.recorded.from)?.clone();
                Some(PartVersion { version: version.clone(), changed: changed(version, &versions), record })
            })
            .collect();
        parts.sort_by_key(|part| std::cmp::Reverse((part.version.valid.from, part.version.recorded.from)));
        let kin = |of: AreaCode, edge: &LineageEdge| {
            naming(&snapshot, &of).map(|Naming { name, .. }| Kin {
                code: of,
                name,
                from: edge.from,
                record: edge.record,
            })
        };
        let edges = self.edges(&snapshot, &BTreeSet::from([code.clone()]))?;
        let successors = edges.iter().filter(|edge| edge.predecessor == *code);
        let predecessors = edges.iter().filter(|edge| edge.successor == *code);
        Ok(AreaHistory {
            code: code.clone(),
            name,
            street,
            present,
            began_on: span.from,
            ended_on: span.until,
            revision: revision.ok_or_else(|| no_such(code))?,
            versions: parts,
            predecessors: predecessors.filter_map(|edge| kin(edge.predecessor.clone(), edge)).collect(),
            successors: successors.filter_map(|edge| kin(edge.successor.clone(), edge)).collect(),
        })
    }

    /// Every area that is connected with one by lineage, in both directions, and who follows whom among them. Errors:
    /// [`Error::NoSuchArea`] for a code that was never used.
    pub fn lineage(&self, code: &AreaCode) -> Result<LineageGraph, Error> {
        let snapshot = self.snapshot()?;
        naming(&snapshot, code).ok_or_else(|| no_such(code))?;
        let codes = connected(&snapshot, code);
        let mut areas = Vec::new();
        for code in &codes {
            if let Some(Naming { name, street, present }) = naming(&snapshot, code) {
                let valid = span_of(&self.known_versions(&snapshot, code)?);
                areas.push(LineageArea { code: code.clone(), name, street, valid, present });
            }
        }
        let edges = self.edges(&snapshot, &codes)?;
        Ok(LineageGraph { areas, edges })
    }

    /// What differs between two states, in the whole district or in one street. Errors: a revision that there was not yet,
    /// [`Error::NoSuchStreet`].
    pub fn changes(&self, since: AsOf, until: AsOf, street: Option<&StreetCode>) -> Result<Comparison, Error> {
        let after = self.snapshot_at(Question { day: Some(until.day), known: Some(until.known) })?;
        self.changes_until(&after, since, street)
    }

    /// The same where the later state is at hand. Errors: [`Error::NoSuchStreet`].
    pub fn changes_until(
        &self,
        after: &Snapshot,
        since: AsOf,
        street: Option<&StreetCode>,
    ) -> Result<Comparison, Error> {
        let until = after.as_of();
        if let Some(street) = street.filter(|street| after.street_position(street).is_none()) {
            return Err(Error::NoSuchStreet(street.to_string()));
        }
        let mut streets: BTreeMap<StreetCode, ChangeCounts> = BTreeMap::new();
        for (position, own) in after.streets().iter().enumerate() {
            let unchanged = after.areas_of_street(position).len();
            streets.insert(own.code.clone(), ChangeCounts { unchanged, ..ChangeCounts::default() });
        }
        let mut areas = Vec::new();
        let days = (since.day, until.day);
        let mut compare = |before: Option<&Area>, there: Option<&Area>| {
            let Some((difference, told)) = difference(before, there, days).zip(there.or(before)) else { return };
            let counts = streets.entry(told.street.clone()).or_default();
            counts.add(&difference);
            counts.unchanged = counts.unchanged.saturating_sub(usize::from(there.is_some()));
            areas.push(ComparedArea {
                code: told.code.clone(),
                name: told.name.clone(),
                street: told.street.clone(),
                difference,
                record: told.changed,
            });
        };
        let changes = self.store.changes(since, until)?;
        for AreaChange { before, after, .. } in &changes.areas {
            compare(before.as_ref(), after.as_ref());
        }
        // Of the others the same is known in both states, but the status of a committee follows from the day too.
        for position in after.turned_since(since.day) {
            let area = after.area(position);
            if changes.areas.binary_search_by(|change| change.code.cmp(&area.code)).is_err() {
                compare(Some(area), Some(area));
            }
        }
        areas.sort_by(|a, b| a.code.cmp(&b.code));
        streets.retain(|code, _| street.is_none_or(|asked| asked == code));
        areas.retain(|area| street.is_none_or(|asked| *asked == area.street));
        let totals = streets.values().fold(ChangeCounts::default(), |sum, own| ChangeCounts {
            added: sum.added + own.added,
            ended: sum.ended + own.ended,
            geometry: sum.geometry + own.geometry,
            attributes: sum.attributes + own.attributes,
            unchanged: sum.unchanged + own.unchanged,
            changed: sum.changed + own.changed,
        });
        Ok(Comparison { from: since, to: until, totals, streets, areas })
    }

    /// What a record changed, whatever days it tells of, by code: how many areas it touched, and the first
    /// [`RECORD_AREAS_MAX`] of them. Errors: [`Error::BadQuestion`] for a record that there is not.
    pub fn areas_of_record(&self, record: Revision) -> Result<(usize, Vec<RecordChange>), Error> {
        let snapshot = self.snapshot()?;
        record_of(&snapshot, record).ok_or_else(|| Error::BadQuestion(format!("there is no record {record}")))?;
        let mut changes = Vec::new();
        let touched = self.store.touched_by(record)?;
        let count = touched.len();
        for code in touched.into_iter().take(RECORD_AREAS_MAX) {
            let Some(difference) = changed_by(&self.store.history(&code)?, record) else { continue };
            if let Some(Naming { name, street, .. }) = naming(&snapshot, &code) {
                changes.push(RecordChange { code, name, street, difference });
            }
        }
        Ok((count, changes))
    }

    /// The versions of an area that the published state knows of.
    fn known_versions(&self, snapshot: &Snapshot, code: &AreaCode) -> Result<Vec<Version>, Error> {
        let known = snapshot.revision();
        let mut versions = self.store.history(code)?;
        versions.retain(|version| version.recorded.from <= known);
        for version in &mut versions {
            version.recorded.until = version.recorded.until.filter(|until| *until <= known);
        }
        Ok(versions)
    }

    /// The edges that touch one of the areas, by predecessor and successor.
    fn edges(&self, snapshot: &Snapshot, codes: &BTreeSet<AreaCode>) -> Result<Vec<LineageEdge>, Error> {
        let of_code = |code| snapshot.predecessors(code).into_iter().chain(snapshot.successors(code));
        let lineage: BTreeSet<&Lineage> = codes.iter().flat_map(of_code).collect();
        let mut histories: BTreeMap<&AreaCode, Vec<Version>> = BTreeMap::new();
        let mut edges = Vec::new();
        for edge in lineage {
            // The record that first said that the area before ends on that day is the one that says who follows it.
            let versions = match histories.entry(&edge.predecessor) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(self.known_versions(snapshot, &edge.predecessor)?),
            };
            let of_area = versions.iter().filter(|version| matches!(version.fact, Fact::Area(_)));
            let ending = of_area.filter(|version| version.valid.until == Some(edge.from));
            let Some(record) = ending.map(|version| version.recorded.from).min() else { continue };
            let (predecessor, successor) = (edge.predecessor.clone(), edge.successor.clone());
            edges.push(LineageEdge { predecessor, successor, from: edge.from, record });
        }
        edges.sort_by(|a, b| (&a.predecessor, &a.successor).cmp(&(&b.predecessor, &b.successor)));
        Ok(edges)
    }
}

fn no_such(code: &AreaCode) -> Error {
    Error::NoSuchArea(code.to_string())
}

fn record_of(snapshot: &Snapshot, revision: Revision) -> Option<&Record> {
    let at = snapshot.records().binary_search_by_key(&revision.0, |record| u64::from(record.id.0)).ok()?;
    Some(&snapshot.records()[at])
}

struct Naming {
    name: String,
    street: StreetCode,
    present: bool,
}

/// What an area is called: now, or when it last was or first will be there. `None` for a code that was never used.
fn naming(snapshot: &Snapshot, code: &AreaCode) -> Option<Naming> {
    if let Some(position) = snapshot.area_position(code) {
        let area = snapshot.area(position);
        return Some(Naming { name: area.name.clone(), street: area.street.clone(), present: true });
    }
    let absent = snapshot.absent(code)?;
    Some(Naming { name: absent.name.clone(), street: absent.street.clone(), present: false })
}

/// From the first to the last day of the area itself, as far as is known now.
fn span_of(versions: &[Version]) -> Validity {
    let current = versions.iter().filter(|version| version.recorded.until.is_none());
    let days = current.filter(|version| matches!(version.fact, Fact::Area(_))).map(|version| version.valid);
    let span =
        days.reduce(|a, b| Validity { from: a.from.min(b.from), until: a.until.zip(b.until).map(|(a, b)| a.max(b)) });
    span.unwrap_or_default()
}

/// What a version says otherwise than the one before it.
fn changed(version: &Version, all: &[Version]) -> Vec<&'static str> {
    let key = version.fact.key();
    let of_part = || all.iter().filter(|other| *other != version && other.fact.key() == key);
    let known = of_part().filter(|other| other.recorded.was_known(version.recorded.from));
    let before = known
        .filter(|other| other.valid.until.is_some_and(|until| version.valid.from.is_some_and(|from| until <= from)))
        .max_by_key(|other| other.valid.until);
    let held = || {
        let contradicted = of_part().filter(|other| other.recorded.until == Some(version.recorded.from));
        contradicted.filter(|other| other.valid.overlap(&version.valid).is_some()).max_by_key(|other| other.valid.from)
    };
    before.or_else(held).map_or_else(Vec::new, |before| changed_between(&before.fact, &version.fact))
}

/// Codes of all areas that lineage connects with one, itself among them.
fn connected(snapshot: &Snapshot, code: &AreaCode) -> BTreeSet<AreaCode> {
    let mut found = BTreeSet::from([code.clone()]);
    let mut left = vec![code];
    while let Some(code) = left.pop() {
        let before = snapshot.predecessors(code).into_iter().map(|edge| &edge.predecessor);
        let after = snapshot.successors(code).into_iter().map(|edge| &edge.successor);
        for next in before.chain(after) {
            if found.insert(next.clone()) {
                left.push(next);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
