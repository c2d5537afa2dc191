//! Rows of the history as they are written, each with its checksum.

use std::collections::HashMap;

use jiff::Unit;
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::history::{Key, Lineage, Recorded};
use crate::model::{Record, Revision, Validity};
use crate::store::StoreError;
use crate::store::facts::OutlineOf;
use crate::store::geopackage::blob;
use crate::store::geopackage::row::Sum;
use crate::store::geopackage::tables::{
    RecordRow, Tally, Thing, VersionRow, digest, number, sum_of_boundary, sum_of_thing,
};

/// Writes rows within a transaction of the caller, and numbers them.
pub(super) struct Insert<'a> {
    sql: &'a Connection,
    last: HashMap<&'static str, i64>,
}

/// A version that has no row yet.
pub(super) struct NewVersion<'a> {
    pub(super) thing: i64,
    pub(super) area: Option<i64>,
    pub(super) valid: Validity,
    pub(super) recorded: Recorded,
    pub(super) boundary: Option<i64>,
    pub(super) facts: &'a str,
}

impl<'a> Insert<'a> {
    /// Goes on where the tables end.
    pub(super) fn new(sql: &'a Connection) -> Self {
        Self { sql, last: HashMap::new() }
    }

    /// Enters a record.
    pub(super) fn record(&self, row: &RecordRow) -> Result<(), StoreError> {
        let cells = record_cells(&row.record);
        let crc = sum_of_record(row, &cells).crc();
        let [kind, document, authority, dated, author, recorded_at, note] = &cells;
        let (versions, lineage) = row.tally.map(|tally| (tally.versions, tally.lineage)).unzip();
        self.run(
            "INSERT INTO records
                 (id, kind, document, authority, dated, author, recorded_at, note, request, versions, lineage, crc)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                row.record.id.0,
                kind,
                document,
                authority,
                dated,
                author,
                recorded_at,
                note,
                row.request,
                versions,
                lineage,
                crc
            ],
        )
    }

    /// Says how many rows were entered under a record that did not say yet.
    pub(super) fn tally(&self, row: &RecordRow) -> Result<(), StoreError> {
        let crc = sum_of_record(row, &record_cells(&row.record)).crc();
        let Tally { versions, lineage } = row.tally.unwrap_or_default();
        let update = "UPDATE records SET versions = ?, lineage = ?, crc = ? WHERE id = ?";
        self.run(update, params![versions, lineage, crc, row.record.id.0])
    }

    /// Enters a thing and answers with its row.
    pub(super) fn thing(&mut self, key: &Key, number: u32, changed: u64) -> Result<i64, StoreError> {
        let thing = Thing { id: self.next("things")?, key: key.clone(), number, changed };
        let cells = params![thing.id, key.kind.key(), number, key.code, changed, sum_of_thing(&thing).crc()];
        self.run("INSERT INTO things (id, kind, number, code, changed, crc) VALUES (?, ?, ?, ?, ?, ?)", cells)?;
        Ok(thing.id)
    }

    /// Says under which revision a thing was touched last.
    pub(super) fn touch(&self, thing: &Thing) -> Result<(), StoreError> {
        let update = "UPDATE things SET changed = ?, crc = ? WHERE id = ?";
        self.run(update, params![thing.changed, sum_of_thing(thing).crc(), thing.id])
    }

    /// The row of a boundary, which is entered unless it is there.
    pub(super) fn boundary(&mut self, outline: OutlineOf<'_>) -> Result<i64, StoreError> {
        let geometry = blob::encode(outline.boundary);
        let digest = digest(&geometry, outline.surface_m2, outline.source);
        let known: Option<i64> = self
            .sql
            .prepare_cached("SELECT id FROM boundaries WHERE digest = ?")
            .and_then(|mut select| select.query_row([digest.as_slice()], |row| row.get(0)).optional())
            .map_err(|source| StoreError::Sql { step: "look a boundary up", source })?;
        if let Some(id) = known {
            return Ok(id);
        }
        let id = self.next("boundaries")?;
        let crc = sum_of_boundary(id, &digest, outline.surface_m2, &geometry).crc();
        self.run(
            "INSERT INTO boundaries (id, digest, surface_m2, crc, geom, source) VALUES (?, ?, ?, ?, ?, ?)",
            params![id, digest.as_slice(), outline.surface_m2, crc, geometry, outline.source],
        )?;
        Ok(id)
    }

    /// Enters a version.
    pub(super) fn version(&mut self, new: &NewVersion<'_>) -> Result<(), StoreError> {
        let row = VersionRow {
            id: self.next("versions")?,
            thing: new.thing,
            area: new.area,
            valid: new.valid,
            recorded: new.recorded,
            boundary: new.boundary,
            facts: new.facts.to_owned(),
        };
        self.run(
            "INSERT INTO versions
                 (id, thing, area, valid_from, valid_until, recorded_from, recorded_until, boundary, crc, facts)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                row.id,
                row.thing,
                row.area,
                row.valid.from.map(|date| date.to_string()),
                row.valid.until.map(|date| date.to_string()),
                number(row.recorded.from),
                row.recorded.until.map(number),
                row.boundary,
                row.sum().crc(),
                row.facts,
            ],
        )
    }

    /// Ends a version on the recorded clock.
    pub(super) fn contradict(&self, row: &VersionRow, by: Revision) -> Result<(), StoreError> {
        let ended = VersionRow { recorded: Recorded { until: Some(by), ..row.recorded }, ..row.clone() };
        let update = "UPDATE versions SET recorded_until = ?, crc = ? WHERE id = ?";
        self.run(update, params![number(by), ended.sum().crc(), ended.id])
    }

    /// Enters who follows whom.
    pub(super) fn lineage(&mut self, revision: Revision, lineage: &Lineage) -> Result<(), StoreError> {
        let id = self.next("lineage")?;
        let (old, new, from) = (lineage.predecessor.as_str(), lineage.successor.as_str(), lineage.from.to_string());
        let crc = Sum::default().int(id).int(number(revision)).text(old).text(new).text(&from).crc();
        self.run(
            "INSERT INTO lineage (id, record, predecessor, successor, valid_from, crc) VALUES (?, ?, ?, ?, ?, ?)",
            params![id, number(revision), old, new, from, crc],
        )
    }

    fn next(&mut self, table: &'static str) -> Result<i64, StoreError> {
        let last = match self.last.get(table) {
            Some(last) => *last,
            None => self
                .sql
                .query_row(&format!("SELECT coalesce(max(id), 0) FROM {table}"), [], |row| row.get(0))
                .map_err(|source| StoreError::Sql { step: "number a row", source })?,
        };
        self.last.insert(table, last + 1);
        Ok(last + 1)
    }

    fn run(&self, statement: &str, cells: &[&dyn ToSql]) -> Result<(), StoreError> {
        let done = self.sql.prepare_cached(statement).and_then(|mut statement| statement.execute(cells));
        done.map(|_| ()).map_err(|source| StoreError::Sql { step: "enter a row", source })
    }
}

fn record_cells(record: &Record) -> [String; 7] {
    let to_millisecond = record.recorded_at.round(Unit::Millisecond).unwrap_or(record.recorded_at);
    [
        record.kind.key().to_owned(),
        record.document.clone(),
        record.authority.clone(),
        record.dated.to_string(),
        record.author.clone(),
        to_millisecond.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        record.note.clone(),
    ]
}

fn sum_of_record(row: &RecordRow, cells: &[String; 7]) -> Sum {
    let sum = cells.iter().fold(Sum::default().int(i64::from(row.record.id.0)), |sum, cell| sum.text(cell));
    sum.optional_text(row.request.as_deref())
        .optional_int(row.tally.map(|tally| tally.versions))
        .optional_int(row.tally.map(|tally| tally.lineage))
}
