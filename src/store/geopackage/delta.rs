//! What differs between two states, from the versions whose clocks tick between them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rusqlite::{Connection, params};

use crate::history::{Fact, Key, Kind, Version};
use crate::model::{Area, AreaCode, AsOf, Manager, ManagerId, Revision};
use crate::store::geopackage::load;
use crate::store::geopackage::row::rows;
use crate::store::geopackage::tables::{self, Thing, number};
use crate::store::{AreaChange, Changes, StoreError};

/// Things that have a version which begins or ceases to be known, or to be true, between two states.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Areas, also by their managers and committees; rows of things.
    pub(super) areas: BTreeSet<i64>,
    /// Things that belong to no area; rows of things.
    pub(super) others: BTreeSet<i64>,
}

/// What is touched between two states. Dates are compared as texts, so years have four digits.
pub(super) fn touched(sql: &Connection, from: AsOf, to: AsOf) -> Result<Touched, StoreError> {
    let known = [number(from.known.min(to.known)), number(from.known.max(to.known))];
    let days: [Date; 2] = [from.day.min(to.day), from.day.max(to.day)];
    let query = "SELECT id, thing, area FROM versions WHERE recorded_from > ?1 AND recorded_from <= ?2
         UNION SELECT id, thing, area FROM versions WHERE recorded_until > ?1 AND recorded_until <= ?2
         UNION SELECT id, thing, area FROM versions WHERE valid_from > ?3 AND valid_from <= ?4
         UNION SELECT id, thing, area FROM versions WHERE valid_until > ?3 AND valid_until <= ?4";
    let parameters = params![known[0], known[1], days[0].to_string(), days[1].to_string()];
    let mut touched = Touched::default();
    let found = rows(sql, ("versions", query), parameters, |cells| Ok((cells.get(1)?, cells.get(2)?)))?;
    for (thing, area) in found {
        let _: bool = match area {
            Some(area) => touched.areas.insert(area),
            None => touched.others.insert(thing),
        };
    }
    Ok(touched)
}

/// What differs. The caller holds a transaction.
pub(super) fn changes(sql: &Connection, from: AsOf, to: AsOf) -> Result<Changes, StoreError> {
    let latest = tables::revision(sql)?.ok_or(StoreError::Empty)?;
    if let Some(asked) = [from.known, to.known].into_iter().find(|known| *known > latest) {
        return Err(StoreError::NoSuchRevision { asked, latest });
    }
    let touched = touched(sql, from, to)?;
    let areas: Vec<i64> = touched.areas.into_iter().collect();
    let before = load::areas(sql, &areas, from)?;
    let after = load::areas(sql, &areas, to)?;
    let (mut managers, mut territory) = (Vec::new(), false);
    for id in touched.others {
        let thing = tables::thing_at(sql, id)?;
        let [old, new] = [holding(sql, &thing, from)?, holding(sql, &thing, to)?];
        let same = old.as_ref().map(|version| &version.fact) == new.as_ref().map(|version| &version.fact);
        match new.map(|version| version.fact) {
            _ if same => {}
            Some(Fact::Manager(manager)) => managers.push(Manager {
                id: ManagerId(thing.number),
                kind: manager.kind,
                name: manager.name,
                uscc: manager.uscc,
                phone: manager.phone,
                party_organisation: manager.party_organisation,
                demo: manager.demo,
            }),
            _ => territory |= thing.key.kind != Kind::Manager,
        }
    }
    managers.sort_by(|a, b| a.uscc.cmp(&b.uscc));
    let earlier: BTreeSet<_> =
        tables::lineage(sql, Revision(0), from.known.min(to.known))?.into_iter().map(|(_, lineage)| lineage).collect();
    let lineage = tables::lineage(sql, from.known, to.known)?.into_iter().map(|(_, lineage)| lineage);
    Ok(Changes {
        from,
        to,
        areas: pairs(before.areas, after.areas),
        managers,
        territory,
        absent: after.absent,
        records: tables::records(sql, from.known, to.known)?.into_iter().map(|row| row.record).collect(),
        lineage: lineage.filter(|lineage| !earlier.contains(lineage)).collect(),
    })
}

fn pairs(before: Vec<Area>, after: Vec<Area>) -> Vec<AreaChange> {
    let mut pairs: BTreeMap<AreaCode, (Option<Area>, Option<Area>)> = BTreeMap::new();
    for area in before {
        let code = area.code.clone();
        pairs.entry(code).or_default().0 = Some(area);
    }
    for area in after {
        let code = area.code.clone();
        pairs.entry(code).or_default().1 = Some(area);
    }
    pairs.into_iter().map(|(code, (before, after))| AreaChange { code, before, after }).collect()
}

/// The version of a thing that holds as of both clocks.
pub(super) fn holding(sql: &Connection, thing: &Thing, as_of: AsOf) -> Result<Option<Version>, StoreError> {
    let versions = tables::versions(sql, "WHERE thing = ?", [thing.id])?;
    let held = versions.iter().find(|version| version.holds(as_of));
    held.map(|version| tables::whole(sql, &thing.key, version)).transpose()
}

/// Every version of one thing, in the order of entry.
pub(super) fn versions(sql: &Connection, key: &Key) -> Result<Vec<Version>, StoreError> {
    let Some(thing) = tables::thing_of(sql, key)? else { return Ok(Vec::new()) };
    let versions = tables::versions(sql, "WHERE thing = ?", [thing.id])?;
    versions.iter().map(|version| tables::whole(sql, key, version)).collect()
}

/// Everything ever known of an area: by record, then in the order of kinds and codes, then of entry.
pub(super) fn history(sql: &Connection, area: &AreaCode) -> Result<Vec<Version>, StoreError> {
    let Some(thing) = tables::thing_of(sql, &Key::new(Kind::Area, area.as_str()))? else { return Ok(Vec::new()) };
    let mut told: Vec<(Key, Version)> = Vec::new();
    for row in tables::versions(sql, "WHERE area = ?", [thing.id])? {
        let key = if row.thing == thing.id { thing.key.clone() } else { tables::thing_at(sql, row.thing)?.key };
        let version = tables::whole(sql, &key, &row)?;
        told.push((key, version));
    }
    // Stable, so that versions of one thing stay in the order of entry.
    told.sort_by(|(a, one), (b, other)| (one.recorded.from, a).cmp(&(other.recorded.from, b)));
    Ok(told.into_iter().map(|(_, version)| version).collect())
}
