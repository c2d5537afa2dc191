//! The tables of the history as they are read: records, things, boundaries and versions, each row with its checksum.

use jiff::Timestamp;
use rusqlite::{Connection, Params};
use sha2::{Digest as _, Sha256};

use crate::history::{Fact, Key, Kind, Lineage, Recorded, Version};
use crate::model::{AreaCode, AsOf, Record, RecordId, RecordKind, Revision, Validity};
use crate::store::StoreError;
use crate::store::facts::{self, Outline};
use crate::store::geopackage::blob;
use crate::store::geopackage::row::{Bad, Cells, Sum, each, first, rows};

/// A record, the client's number of its request, and how many rows were entered under it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RecordRow {
    pub(super) record: Record,
    pub(super) request: Option<String>,
    pub(super) tally: Option<Tally>,
}

/// Rows that were entered under a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) versions: i64,
    pub(super) lineage: i64,
}

/// What the register knows or knew.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Thing {
    pub(super) id: i64,
    pub(super) key: Key,
    pub(super) number: u32,
    /// See the schema; 0 when no version of it was left.
    pub(super) changed: u64,
}

/// A version as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct VersionRow {
    pub(super) id: i64,
    pub(super) thing: i64,
    pub(super) area: Option<i64>,
    pub(super) valid: Validity,
    pub(super) recorded: Recorded,
    pub(super) boundary: Option<i64>,
    pub(super) facts: String,
}

impl VersionRow {
    /// Whether it holds as of both clocks.
    pub(super) fn holds(&self, as_of: AsOf) -> bool {
        self.recorded.was_known(as_of.known) && self.valid.holds_on(as_of.day)
    }

    /// The checksum of its row.
    pub(super) fn sum(&self) -> Sum {
        let date = |date: Option<jiff::civil::Date>| date.map(|date| date.to_string());
        sum_of_version(&VersionCells {
            id: self.id,
            thing: self.thing,
            area: self.area,
            valid: [date(self.valid.from).as_deref(), date(self.valid.until).as_deref()],
            recorded: [Some(number(self.recorded.from)), self.recorded.until.map(number)],
            boundary: self.boundary,
            facts: &self.facts,
        })
    }
}

/// A revision as a row refers to it.
pub(super) fn number(revision: Revision) -> i64 {
    i64::try_from(revision.0).expect("records are numbered with 32 bits")
}

/// Number of the latest record.
pub(super) fn revision(sql: &Connection) -> Result<Option<Revision>, StoreError> {
    let latest: Option<u64> = sql
        .query_row("SELECT max(id) FROM records", [], |row| row.get(0))
        .map_err(|source| StoreError::Sql { step: "read the revision", source })?;
    Ok(latest.map(Revision))
}

/// Records above and up to these revisions, oldest first.
pub(super) fn records(sql: &Connection, above: Revision, until: Revision) -> Result<Vec<RecordRow>, StoreError> {
    let query =
        "SELECT id, kind, document, authority, dated, author, recorded_at, note, request, versions, lineage, crc
         FROM records WHERE id > ? AND id <= ? ORDER BY id";
    let until = until.0.min(u64::from(u32::MAX));
    rows(sql, ("records", query), (above.0.min(until), until), record)
}

fn record(cells: &Cells<'_, '_>) -> Result<RecordRow, Bad> {
    let (versions, lineage): (Option<i64>, Option<i64>) = (cells.get(9)?, cells.get(10)?);
    let mut sum = Sum::default().int(cells.get(0)?);
    for column in 1..8 {
        sum = sum.text(cells.str(column)?);
    }
    sum.optional_text(cells.text(8)?).optional_int(versions).optional_int(lineage).verify(cells.get(11)?)?;
    Ok(RecordRow {
        record: Record {
            id: RecordId(cells.get(0)?),
            kind: cells.key(1, RecordKind::from_key)?,
            document: cells.get(2)?,
            authority: cells.get(3)?,
            dated: cells.date(4)?,
            author: cells.get(5)?,
            recorded_at: cells.parsed(6, |text| text.parse::<Timestamp>())?,
            note: cells.get(7)?,
        },
        request: cells.get(8)?,
        tally: versions.zip(lineage).map(|(versions, lineage)| Tally { versions, lineage }),
    })
}

const THING: &str = "SELECT id, kind, number, code, changed, crc FROM things";

/// Every thing, by its row.
pub(super) fn things(sql: &Connection) -> Result<Vec<Thing>, StoreError> {
    rows(sql, ("things", &format!("{THING} NOT INDEXED ORDER BY id")), [], thing)
}

/// Every thing of a kind, by code.
pub(super) fn things_of(sql: &Connection, kind: Kind) -> Result<Vec<Thing>, StoreError> {
    rows(sql, ("things", &format!("{THING} WHERE kind = ? ORDER BY code")), [kind.key()], thing)
}

/// The thing of a key.
pub(super) fn thing_of(sql: &Connection, key: &Key) -> Result<Option<Thing>, StoreError> {
    first(sql, ("things", &format!("{THING} WHERE kind = ? AND code = ?")), [key.kind.key(), &key.code], thing)
}

/// The thing of that number in its kind.
pub(super) fn thing_numbered(sql: &Connection, kind: Kind, number: u32) -> Result<Option<Thing>, StoreError> {
    first(sql, ("things", &format!("{THING} WHERE kind = ? AND number = ?")), (kind.key(), number), thing)
}

/// The thing in a row. Errors: a row refers to it and it is not there.
pub(super) fn thing_at(sql: &Connection, id: i64) -> Result<Thing, StoreError> {
    first(sql, ("things", &format!("{THING} WHERE id = ?")), [id], thing)?.ok_or_else(|| missing("things", id))
}

/// A row that another row refers to and that is not there.
pub(super) fn missing(table: &'static str, row: i64) -> StoreError {
    StoreError::Corrupt { table, row, message: "another row refers to it, but it is not there".to_owned() }
}

/// The checksum of a thing.
pub(super) fn sum_of_thing(thing: &Thing) -> Sum {
    let changed = number(Revision(thing.changed));
    Sum::default()
        .int(thing.id)
        .text(thing.key.kind.key())
        .int(i64::from(thing.number))
        .text(&thing.key.code)
        .int(changed)
}

fn thing(cells: &Cells<'_, '_>) -> Result<Thing, Bad> {
    let changed: u32 = cells.get(4)?;
    let thing = Thing {
        id: cells.get(0)?,
        key: Key::new(cells.key(1, Kind::from_key)?, cells.get::<String>(3)?),
        number: cells.get(2)?,
        changed: u64::from(changed),
    };
    sum_of_thing(&thing).verify(cells.get(5)?)?;
    Ok(thing)
}

struct VersionCells<'a> {
    id: i64,
    thing: i64,
    area: Option<i64>,
    valid: [Option<&'a str>; 2],
    recorded: [Option<i64>; 2],
    boundary: Option<i64>,
    facts: &'a str,
}

fn sum_of_version(cells: &VersionCells<'_>) -> Sum {
    Sum::default()
        .int(cells.id)
        .int(cells.thing)
        .optional_int(cells.area)
        .optional_text(cells.valid[0])
        .optional_text(cells.valid[1])
        .optional_int(cells.recorded[0])
        .optional_int(cells.recorded[1])
        .optional_int(cells.boundary)
        .text(cells.facts)
}

/// Columns of a version, for [`version`].
const VERSION: &str = "SELECT id, thing, area, valid_from, valid_until, recorded_from, recorded_until, boundary, crc, facts FROM versions";

/// Hands out versions in the order of entry. `filter` is what comes after the table in the query.
pub(super) fn each_version(
    sql: &Connection,
    filter: &str,
    parameters: impl Params,
    mut take: impl FnMut(VersionRow),
) -> Result<(), StoreError> {
    let query = format!("{VERSION} {filter} ORDER BY id");
    each(sql, ("versions", &query), parameters, |cells| {
        take(version(cells)?);
        Ok(())
    })
}

/// Versions in the order of entry; see [`each_version`].
pub(super) fn versions(sql: &Connection, filter: &str, parameters: impl Params) -> Result<Vec<VersionRow>, StoreError> {
    let mut found = Vec::new();
    each_version(sql, filter, parameters, |version| found.push(version))?;
    Ok(found)
}

fn version(cells: &Cells<'_, '_>) -> Result<VersionRow, Bad> {
    let read = VersionCells {
        id: cells.get(0)?,
        thing: cells.get(1)?,
        area: cells.get(2)?,
        valid: [cells.text(3)?, cells.text(4)?],
        recorded: [cells.get(5)?, cells.get(6)?],
        boundary: cells.get(7)?,
        facts: cells.str(9)?,
    };
    sum_of_version(&read).verify(cells.get(8)?)?;
    Ok(VersionRow {
        id: read.id,
        thing: read.thing,
        area: read.area,
        valid: Validity { from: cells.optional_date(3)?, until: cells.optional_date(4)? },
        recorded: Recorded { from: Revision(cells.get(5)?), until: cells.get::<Option<u64>>(6)?.map(Revision) },
        boundary: read.boundary,
        facts: read.facts.to_owned(),
    })
}

/// What is kept once of equal geometries: geometry, surface and delivered text.
pub(super) fn digest(geometry: &[u8], surface_m2: Option<f64>, source: Option<&str>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in [Some(geometry), surface_m2.map(f64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice)] {
        digest.update(part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
        digest.update(part.unwrap_or_default());
    }
    digest.update([u8::from(source.is_some())]);
    digest.update(source.unwrap_or_default());
    digest.finalize().into()
}

/// The checksum of a boundary. The delivered text is not in it, but in the digest, which is.
pub(super) fn sum_of_boundary(id: i64, digest: &[u8], surface_m2: Option<f64>, geometry: &[u8]) -> Sum {
    let surface = surface_m2.map(f64::to_le_bytes);
    Sum::default().int(id).cell(Some(digest)).cell(surface.as_ref().map(<[u8; 8]>::as_slice)).cell(Some(geometry))
}

/// A geometry without the delivered text, and the surface.
pub(super) struct Shape<'a> {
    pub(super) id: i64,
    pub(super) surface_m2: Option<f64>,
    pub(super) geometry: &'a [u8],
}

/// Hands out every geometry that is `needed`, without the delivered text.
pub(super) fn each_shape(
    sql: &Connection,
    needed: impl Fn(i64) -> bool,
    mut take: impl FnMut(Shape<'_>),
) -> Result<(), StoreError> {
    let query = "SELECT id, digest, surface_m2, crc, geom FROM boundaries ORDER BY id";
    each(sql, ("boundaries", query), [], |cells| {
        let id = cells.get(0)?;
        if needed(id) {
            let (surface_m2, geometry) = (cells.get(2)?, cells.blob(4)?);
            sum_of_boundary(id, cells.blob(1)?, surface_m2, geometry).verify(cells.get(3)?)?;
            take(Shape { id, surface_m2, geometry });
        }
        Ok(())
    })
}

/// The whole of a boundary, its delivered text compared with the digest.
pub(super) fn outline(sql: &Connection, id: i64) -> Result<Outline, StoreError> {
    let query = "SELECT id, digest, surface_m2, crc, geom, source FROM boundaries WHERE id = ?";
    first(sql, ("boundaries", query), [id], read_outline)?.ok_or_else(|| missing("boundaries", id))
}

/// Reads `id, digest, surface_m2, crc, geom, source`.
pub(super) fn read_outline(cells: &Cells<'_, '_>) -> Result<Outline, Bad> {
    let (stored, surface_m2, geometry, source) = (cells.blob(1)?, cells.get(2)?, cells.blob(4)?, cells.text(5)?);
    sum_of_boundary(cells.get(0)?, stored, surface_m2, geometry).verify(cells.get(3)?)?;
    if digest(geometry, surface_m2, source) != stored {
        return Err(cells.bad(5, "the delivered text is not the one that was entered"));
    }
    let boundary = blob::decode(geometry).map_err(|message| cells.bad(4, message))?;
    Ok(Outline { boundary, source: source.map(str::to_owned), surface_m2 })
}

/// The fact of a version, with its geometry.
pub(super) fn fact(sql: &Connection, key: &Key, version: &VersionRow) -> Result<Fact, StoreError> {
    let outline = version.boundary.map(|boundary| outline(sql, boundary)).transpose()?;
    facts::decode(key.kind, &key.code, &version.facts, outline).map_err(|message| StoreError::Corrupt {
        table: "versions",
        row: version.id,
        message,
    })
}

/// A version as it is known outside.
pub(super) fn whole(sql: &Connection, key: &Key, row: &VersionRow) -> Result<Version, StoreError> {
    Ok(Version { fact: fact(sql, key, row)?, valid: row.valid, recorded: row.recorded })
}

/// Lineage that was entered above and up to these revisions, in the order of entry.
pub(super) fn lineage(
    sql: &Connection,
    above: Revision,
    until: Revision,
) -> Result<Vec<(Revision, Lineage)>, StoreError> {
    let query = "SELECT id, record, predecessor, successor, valid_from, crc FROM lineage
         WHERE record > ? AND record <= ? ORDER BY id";
    let until = until.0.min(u64::from(u32::MAX));
    rows(sql, ("lineage", query), (above.0.min(until), until), |cells| {
        let sum = Sum::default().int(cells.get(0)?).int(cells.get(1)?).text(cells.str(2)?).text(cells.str(3)?);
        sum.text(cells.str(4)?).verify(cells.get(5)?)?;
        let lineage = Lineage {
            predecessor: cells.parsed(2, AreaCode::parse)?,
            successor: cells.parsed(3, AreaCode::parse)?,
            from: cells.date(4)?,
        };
        Ok((Revision(cells.get(1)?), lineage))
    })
}
