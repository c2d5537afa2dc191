//! What differs between two states, from the versions whose clocks tick between them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use rusqlite::{Connection, params};

use crate::history::{Fact, Key, Kind, Lineage, Version};
use crate::model::{Area, AreaCode, AsOf, Manager, ManagerId, Revision};
use crate::store::geopackage::load;
use crate::store::geopackage::row::{first, rows};
use crate::store::geopackage::tables::{self, Thing, number};
use crate::store::{AbsentArea, AreaChange, Changes, StoreError};

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
    let areas = pairs((from, before.areas), (to, after.areas));
    let told = |absent: &AbsentArea| {
        areas.binary_search_by(|change| change.code.cmp(&absent.code)).is_ok() || !before.absent.contains(absent)
    };
    Ok(Changes {
        from,
        to,
        managers,
        territory,
        absent: after.absent.into_iter().filter(told).collect(),
        records: tables::records(sql, from.known, to.known)?.into_iter().map(|row| row.record).collect(),
        lineage: lineage(sql, from, to)?,
        areas,
    })
}

/// Lineage that is known after and was not before.
fn lineage(sql: &Connection, from: AsOf, to: AsOf) -> Result<Vec<Lineage>, StoreError> {
    let mut told = Vec::new();
    for (_, lineage) in tables::lineage(sql, from.known, to.known)? {
        let query = "SELECT id FROM lineage WHERE predecessor = ? AND successor = ? AND valid_from = ? AND record <= ?";
        let (old, new, day) = (lineage.predecessor.as_str(), lineage.successor.as_str(), lineage.from.to_string());
        let known =
            first(sql, ("lineage", query), params![old, new, day, number(from.known)], |cells| cells.get::<i64>(0))?;
        if known.is_none() {
            told.push(lineage);
        }
    }
    Ok(told)
}

/// Areas of both sides by code, without those of which there is nothing to tell.
fn pairs((from, before): (AsOf, Vec<Area>), (to, after): (AsOf, Vec<Area>)) -> Vec<AreaChange> {
    let mut pairs: BTreeMap<AreaCode, (Option<Area>, Option<Area>)> = BTreeMap::new();
    for area in before {
        let code = area.code.clone();
        pairs.entry(code).or_default().0 = Some(area);
    }
    for area in after {
        let code = area.code.clone();
        pairs.entry(code).or_default().1 = Some(area);
    }
    let changes = pairs.into_iter().map(|(code, (before, after))| AreaChange { code, before, after });
    changes.filter(|change| change.tells(from, to)).collect()
}

/// Areas of which a record said anything, in the order of codes.
pub(super) fn touched_by(sql: &Connection, revision: Revision) -> Result<Vec<AreaCode>, StoreError> {
    let query = "SELECT id, code FROM things WHERE id IN (
             SELECT area FROM versions WHERE recorded_from = ?1 UNION SELECT area FROM versions WHERE recorded_until = ?1)
         ORDER BY code";
    rows(sql, ("things", query), [number(revision)], |cells| cells.parsed(1, AreaCode::parse))
}

/// Everything of which a record entered or contradicted a version, by key.
pub(super) fn keys_touched_by(sql: &Connection, revision: Revision) -> Result<Vec<Key>, StoreError> {
    let query = "SELECT id, kind, code FROM things WHERE id IN (
             SELECT thing FROM versions WHERE recorded_from = ?1 UNION SELECT thing FROM versions WHERE recorded_until = ?1)";
    let revision = number(Revision(revision.0.min(u64::from(u32::MAX) + 1)));
    let mut keys = rows(sql, ("things", query), [revision], |cells| {
        Ok(Key::new(cells.key(1, Kind::from_key)?, cells.get::<String>(2)?))
    })?;
    keys.sort_unstable();
    Ok(keys)
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
