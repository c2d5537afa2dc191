//! Damage in what is stored: every row is read, compared with its checksum and with the rows it belongs to.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::history::{Key, Kind};
use crate::model::{Revision, Validity};
use crate::store::geopackage::row::{first, rows};
use crate::store::geopackage::tables::{self, Tally, Thing, VersionRow};
use crate::store::geopackage::{deliveries, load, project, row, vault};
use crate::store::{Question, StoreError, facts};

/// Sentences that are collected at most; a file with more is damaged beyond doubt.
const MOST_FAULTS: usize = 100;

/// What is wrong; nothing when all is well. The caller holds a transaction.
pub(super) fn faults(sql: &Connection) -> Result<Vec<String>, StoreError> {
    let mut check = Check { sql, faults: Vec::new() };
    check.structure()?;
    if check.faults.is_empty() {
        check.history()?;
        check.deliveries()?;
        check.faults.extend(vault::check(sql)?);
    }
    if check.faults.is_empty() {
        check.projection()?;
    }
    check.faults.truncate(MOST_FAULTS);
    Ok(check.faults)
}

struct Check<'a> {
    sql: &'a Connection,
    faults: Vec<String>,
}

impl Check<'_> {
    fn structure(&mut self) -> Result<(), StoreError> {
        let sql = |source| StoreError::Sql { step: "look for damage", source };
        let mut statement = self.sql.prepare(&format!("PRAGMA integrity_check({MOST_FAULTS})")).map_err(sql)?;
        let found = statement.query_map([], |row| row.get::<_, String>(0)).map_err(sql)?;
        for line in found {
            let line = line.map_err(sql)?;
            if line != "ok" {
                self.faults.push(line);
            }
        }
        let mut statement = self.sql.prepare("PRAGMA foreign_key_check").map_err(sql)?;
        let found = statement.query_map([], |row| {
            let (table, id, target): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(format!("table {table}, row {}: it refers to {target} that are not there", id.unwrap_or_default()))
        });
        for line in found.map_err(sql)?.take(MOST_FAULTS) {
            self.faults.push(line.map_err(sql)?);
        }
        Ok(())
    }

    /// What could not be read is a fault; anything else is handed on.
    fn readable<T>(&mut self, read: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(err @ StoreError::Corrupt { .. }) => {
                self.faults.push(err.to_string());
                Ok(None)
            }
            Err(err) => Err(err),
        }
    }

    fn history(&mut self) -> Result<(), StoreError> {
        let records = tables::records(self.sql, Revision(0), Revision(u64::MAX));
        let things = tables::things(self.sql);
        let outlines = self.outlines();
        let lineage = tables::lineage(self.sql, Revision(0), Revision(u64::MAX));
        let (records, things) = (self.readable(records)?, self.readable(things)?);
        let (outlines, lineage) = (self.readable(outlines)?, self.readable(lineage)?);
        let (Some(records), Some(things), Some(lineage), Some(outlines)) = (records, things, lineage, outlines) else {
            return Ok(());
        };
        let mut tallies: BTreeMap<Revision, Tally> = BTreeMap::new();
        for (revision, _) in lineage {
            tallies.entry(revision).or_default().lineage += 1;
        }
        let versions = self.versions(&things, &outlines, &mut tallies);
        self.readable(versions)?;
        for (row, expected) in records.iter().zip(1..) {
            if row.record.id.0 != expected {
                self.faults.push(format!("table records: there is no row {expected}"));
                break;
            }
            let revision = Revision(u64::from(expected));
            let (told, found) = (row.tally.unwrap_or_default(), tallies.remove(&revision).unwrap_or_default());
            if told != found || row.tally.is_none() {
                self.faults.push(format!(
                    "table records, row {expected}: {} versions and {} rows of lineage were entered, there are {} and {}",
                    told.versions, told.lineage, found.versions, found.lineage
                ));
            }
        }
        Ok(())
    }

    /// What was delivered is looked through also where the history is damaged: its bytes do not depend on it.
    fn deliveries(&mut self) -> Result<(), StoreError> {
        let things = tables::things_of(self.sql, Kind::Area);
        let latest = tables::revision(self.sql)?;
        let Some(things) = self.readable(things)? else { return Ok(()) };
        let areas: HashSet<&str> = things.iter().map(|thing| thing.key.code.as_str()).collect();
        let found = deliveries::check(self.sql, &areas, latest);
        let found = self.readable(found)?;
        self.faults.extend(found.into_iter().flatten());
        Ok(())
    }

    /// The kinds of boundaries: whether each has a delivered text. Reading them compares each with its digest.
    fn outlines(&self) -> Result<HashMap<i64, bool>, StoreError> {
        let query = "SELECT id, digest, surface_m2, crc, geom, source FROM boundaries ORDER BY id";
        let read = rows(self.sql, ("boundaries", query), [], |cells| {
            let outline = tables::read_outline(cells)?;
            Ok((cells.get(0)?, outline.source.is_some() && outline.surface_m2.is_some()))
        })?;
        Ok(read.into_iter().collect())
    }

    fn versions(
        &mut self,
        things: &[Thing],
        outlines: &HashMap<i64, bool>,
        tallies: &mut BTreeMap<Revision, Tally>,
    ) -> Result<(), StoreError> {
        let by_row: HashMap<i64, &Thing> = things.iter().map(|thing| (thing.id, thing)).collect();
        let keys: HashMap<&Key, i64> = things.iter().map(|thing| (&thing.key, thing.id)).collect();
        let mut changed: HashMap<i64, u64> = HashMap::new();
        let mut clocks: HashMap<i64, Vec<(Validity, Revision, Option<Revision>)>> = HashMap::new();
        let mut faults: Vec<String> = Vec::new();
        tables::each_version(self.sql, "NOT INDEXED", [], |row| {
            tallies.entry(row.recorded.from).or_default().versions += 1;
            let by = row.recorded.until.unwrap_or(row.recorded.from).0;
            for touched in std::iter::once(row.thing).chain(row.area) {
                let known = changed.entry(touched).or_default();
                *known = (*known).max(by);
            }
            let others = clocks.entry(row.thing).or_default();
            let overlap = others.iter().any(|(valid, from, until)| {
                valid.overlap(&row.valid).is_some()
                    && until.is_none_or(|until| row.recorded.from < until)
                    && row.recorded.until.is_none_or(|until| *from < until)
            });
            if overlap {
                faults.push(format!("table versions, row {}: it overlaps another version on both clocks", row.id));
            }
            others.push((row.valid, row.recorded.from, row.recorded.until));
            faults.extend(meaning(&row, &by_row, &keys, outlines));
        })?;
        self.faults.extend(faults);
        for thing in things {
            let found = changed.get(&thing.id).copied().unwrap_or_default();
            if found != thing.changed {
                self.faults.push(format!(
                    "table things, row {}: it says that revision {} changed it last, and it was {found}",
                    thing.id, thing.changed
                ));
            }
        }
        Ok(())
    }

    fn projection(&mut self) -> Result<(), StoreError> {
        let register = match load::register(self.sql, Question::default()) {
            Err(StoreError::Empty) => return Ok(()),
            register => register?,
        };
        for (sheet, expected) in project::expected(self.sql, &register)? {
            let width = sheet.columns.len();
            let found = rows(self.sql, (sheet.table, &sheet.select()), [], |cells| {
                (0..width).map(|column| cells.value(column)).collect::<Result<Vec<Value>, row::Bad>>()
            });
            let Some(found) = self.readable(found)? else { continue };
            let differs = expected.iter().zip(&found).find(|(expected, found)| expected != found);
            if let Some((expected, _)) = differs {
                let id = expected.first();
                self.faults.push(format!("table {}, row {id:?}: it differs from the history", sheet.table));
            } else if expected.len() != found.len() {
                let (expected, found) = (expected.len(), found.len());
                self.faults.push(format!("table {}: it has {found} rows instead of {expected}", sheet.table));
            }
        }
        for table in ["areas", "streets", "district"] {
            let query = format!("SELECT 0, (SELECT count(*) FROM {table}) - (SELECT count(*) FROM rtree_{table}_geom)");
            let missing: Option<i64> = first(self.sql, ("rtree", &query), [], |cells| cells.get(1))?;
            if missing != Some(0) {
                self.faults.push(format!("the spatial index of {table} does not have a row for each row of the table"));
            }
        }
        Ok(())
    }
}

/// What is wrong with what a version says.
fn meaning(
    row: &VersionRow,
    things: &HashMap<i64, &Thing>,
    keys: &HashMap<&Key, i64>,
    outlines: &HashMap<i64, bool>,
) -> Vec<String> {
    let place = |what: String| format!("table versions, row {}: {what}", row.id);
    let Some(thing) = things.get(&row.thing) else { return vec![place(format!("there is no thing {}", row.thing))] };
    let outline = row.boundary.map(|boundary| {
        let texts = outlines.get(&boundary).copied().unwrap_or_default();
        facts::Outline {
            boundary: crate::model::Boundary::new(Vec::new()),
            source: texts.then(String::new),
            surface_m2: texts.then_some(0.0),
        }
    });
    let fact = match facts::decode(thing.key.kind, &thing.key.code, &row.facts, outline) {
        Ok(fact) => fact,
        Err(message) => return vec![place(message)],
    };
    let area = fact.area().and_then(|code| keys.get(&Key::new(Kind::Area, code.as_str())).copied());
    let mut faults: Vec<String> = Vec::new();
    if area != row.area {
        faults.push(place("it is not filed under the area it tells of".to_owned()));
    }
    let missing: HashSet<Key> = fact.references().into_iter().filter(|target| !keys.contains_key(target)).collect();
    faults.extend(missing.into_iter().map(|target| place(format!("it refers to {target}, which is not there"))));
    faults
}
