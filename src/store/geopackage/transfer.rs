//! The whole history out of the file and into it.

use std::collections::{BTreeMap, HashMap};

use rusqlite::Connection;

use crate::history::{Key, Kind, Version};
use crate::model::{AreaCode, Revision};
use crate::store::assemble::revision_of;
use crate::store::geopackage::insert::{Insert, NewVersion};
use crate::store::geopackage::tables::{self, RecordRow, Tally, Thing, VersionRow};
use crate::store::geopackage::{deliveries, vault};
use crate::store::{Row, StoreError, facts};

/// Hands everything out: records, things with their versions by key, lineage. The caller holds a transaction.
pub(super) fn export(sql: &Connection, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
    for row in tables::records(sql, Revision(0), Revision(u64::MAX))? {
        sink(Row::Record(row.record, row.request))?;
    }
    for kind in Kind::ALL {
        for thing in tables::things_of(sql, kind)? {
            let rows = tables::versions(sql, "WHERE thing = ?", [thing.id])?;
            let whole = |row: &VersionRow| tables::whole(sql, &thing.key, row);
            let versions = rows.iter().map(whole).collect::<Result<_, _>>()?;
            sink(Row::Thing(thing.key, thing.number, versions))?;
        }
    }
    for (revision, lineage) in tables::lineage(sql, Revision(0), Revision(u64::MAX))? {
        sink(Row::Lineage(revision, lineage))?;
    }
    deliveries::export(sql, sink)?;
    vault::export(sql, sink)
}

/// Takes everything in. The caller holds a transaction, and the tables are empty.
pub(super) fn import(
    sql: &Connection,
    rows: &mut dyn Iterator<Item = Result<Row, StoreError>>,
) -> Result<Option<Revision>, StoreError> {
    let mut intake =
        Intake { insert: Insert::new(sql), records: BTreeMap::new(), areas: HashMap::new(), told: HashMap::new() };
    let mut delivered = deliveries::Intake::new(sql);
    for row in rows {
        match row? {
            Row::Record(record, request) => {
                let row = RecordRow { record, request, tally: None };
                intake.insert.record(&row)?;
                intake.records.insert(revision_of(row.record.id), (row, Tally::default()));
            }
            Row::Thing(key, number, versions) => intake.thing(key, number, &versions)?,
            Row::Lineage(revision, lineage) => {
                intake.tally(revision)?.lineage += 1;
                intake.insert.lineage(revision, &lineage)?;
            }
            Row::Delivery(delivery) => delivered.delivery(&delivery)?,
            Row::Chunk(chunk) => delivered.chunk(&chunk)?,
            Row::Trace(trace) => delivered.trace(&trace)?,
            Row::Unlocated(kept) => delivered.unlocated(&kept)?,
            Row::Columns(kept) => delivered.columns(&kept)?,
            Row::Exception(exception) => delivered.exception(&exception)?,
            Row::Document(document) => vault::take_document(sql, &document)?,
            Row::Audit(entry) => vault::take_audit(sql, &entry)?,
        }
    }
    delivered.finish()?;
    intake.finish()
}

struct Intake<'a> {
    insert: Insert<'a>,
    records: BTreeMap<Revision, (RecordRow, Tally)>,
    areas: HashMap<AreaCode, Thing>,
    /// The latest revision that tells of each area in other things.
    told: HashMap<AreaCode, u64>,
}

impl Intake<'_> {
    fn thing(&mut self, key: Key, number: u32, versions: &[Version]) -> Result<(), StoreError> {
        let changed_by = |version: &Version| version.recorded.until.unwrap_or(version.recorded.from).0;
        let changed = versions.iter().map(changed_by).max().unwrap_or(0);
        let row = self.insert.thing(&key, number, changed)?;
        if key.kind == Kind::Area
            && let Ok(code) = AreaCode::parse(&key.code)
        {
            self.areas.insert(code, Thing { id: row, key, number, changed });
        }
        for version in versions {
            let boundary = facts::outline(&version.fact).map(|outline| self.insert.boundary(outline)).transpose()?;
            let area = version.fact.area();
            if let Some(code) = area {
                let told = self.told.entry(code.clone()).or_default();
                *told = (*told).max(changed_by(version));
            }
            let unknown = |code: &AreaCode| corrupt("versions", row, format!("it tells of {code}, which is not there"));
            let area = area.map(|code| self.areas.get(code).map(|area| area.id).ok_or_else(|| unknown(code)));
            self.insert.version(&NewVersion {
                thing: row,
                area: area.transpose()?,
                valid: version.valid,
                recorded: version.recorded,
                boundary,
                facts: &facts::encode(&version.fact),
            })?;
            self.tally(version.recorded.from)?.versions += 1;
        }
        Ok(())
    }

    fn tally(&mut self, revision: Revision) -> Result<&mut Tally, StoreError> {
        let record = self.records.get_mut(&revision).map(|(_, tally)| tally);
        record.ok_or_else(|| {
            corrupt("records", tables::number(revision), "a row refers to it, but it did not come first".to_owned())
        })
    }

    fn finish(self) -> Result<Option<Revision>, StoreError> {
        for (code, thing) in self.areas {
            let told = self.told.get(&code).copied().unwrap_or_default();
            if told > thing.changed {
                self.insert.touch(&Thing { changed: told, ..thing })?;
            }
        }
        let latest = self.records.keys().next_back().copied();
        for (row, tally) in self.records.into_values() {
            self.insert.tally(&RecordRow { tally: Some(tally), ..row })?;
        }
        Ok(latest)
    }
}

fn corrupt(table: &'static str, row: i64, message: String) -> StoreError {
    StoreError::Corrupt { table, row, message }
}
