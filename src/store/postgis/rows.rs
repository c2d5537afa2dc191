//! Rows of the tables as what they mean.

use jiff::Timestamp;
use jiff::civil::Date;
use rayon::prelude::*;
use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{Client, Row, Transaction};

use crate::history::{Key, Kind, Lineage, Recorded, Version};
use crate::model::{AreaCode, Record, RecordKind, Revision, Validity};
use crate::store::StoreError;
use crate::store::assemble::revision_of;
use crate::store::facts::{self, Outline};
use crate::store::postgis::ewkb::{self, Bytes};
use crate::store::postgis::failed;

/// Rows that are fetched, and decoded, at a time.
const PORTION: i32 = 20_000;

/// The columns that [`Stored`] reads, of `things t`, `versions v` and `boundaries b`.
pub(super) const COLUMNS: &str = "v.id, t.id, t.kind, t.number, t.code, v.valid_from, v.valid_until, v.recorded_from, \
     v.recorded_until, v.facts::text, v.boundary, b.geom, b.surface_m2, b.source";

/// The same without the delivered text, which is most of the bytes and which a register does not tell.
pub(super) const COLUMNS_WITHOUT_SOURCE: &str = "v.id, t.id, t.kind, t.number, t.code, v.valid_from, v.valid_until, \
     v.recorded_from, v.recorded_until, v.facts::text, v.boundary, b.geom, b.surface_m2, ''::text";

/// Where those columns come from.
pub(super) const TABLES: &str =
    "things t JOIN versions v ON v.thing = t.id LEFT JOIN boundaries b ON b.id = v.boundary";

/// That a version holds as of day `$1` and revision `$2`.
pub(super) const HOLDS: &str = "v.recorded_from <= $2 AND (v.recorded_until IS NULL OR v.recorded_until > $2)
     AND (v.valid_from IS NULL OR v.valid_from <= $1) AND (v.valid_until IS NULL OR v.valid_until > $1)";

/// A version as it is stored.
pub(super) struct Stored {
    pub(super) id: i64,
    pub(super) thing: i64,
    pub(super) key: Key,
    pub(super) number: u32,
    pub(super) boundary: Option<i64>,
    pub(super) version: Version,
}

impl Stored {
    /// Reads the columns of [`COLUMNS`].
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let cells = Cells::new("versions", row);
        let key = key(&cells, 2, 4)?;
        let boundary: Option<i64> = cells.get(10)?;
        let outline = match cells.get::<Option<Bytes<'_>>>(11)? {
            Some(Bytes(bytes)) => Some(Outline {
                boundary: ewkb::decode(bytes).map_err(|why| cells.corrupt(why))?,
                source: cells.get(13)?,
                surface_m2: cells.get(12)?,
            }),
            None => None,
        };
        let fact = facts::decode(key.kind, &key.code, cells.get(9)?, outline).map_err(|why| cells.corrupt(why))?;
        let valid = Validity { from: cells.get(5)?, until: cells.get(6)? };
        let until: Option<i64> = cells.get(8)?;
        let until = until.map(|until| cells.revision(until)).transpose()?;
        let recorded = Recorded { from: cells.revision(cells.get(7)?)?, until };
        let number = cells.number(cells.get(3)?)?;
        let version = Version { fact, valid, recorded };
        Ok(Self { id: cells.get(0)?, thing: cells.get(1)?, key, number, boundary, version })
    }
}

/// A cell after another; the first is the primary key.
pub(super) struct Cells<'a> {
    table: &'static str,
    row: &'a Row,
}

impl<'a> Cells<'a> {
    pub(super) fn new(table: &'static str, row: &'a Row) -> Self {
        Self { table, row }
    }

    pub(super) fn corrupt(&self, message: String) -> StoreError {
        StoreError::Corrupt { table: self.table, row: self.row.try_get(0).unwrap_or_default(), message }
    }

    pub(super) fn get<T: FromSql<'a>>(&self, column: usize) -> Result<T, StoreError> {
        self.row.try_get(column).map_err(|err| {
            let name = self.row.columns().get(column).map_or("?", |column| column.name());
            let why = std::error::Error::source(&err).map_or_else(|| err.to_string(), ToString::to_string);
            self.corrupt(format!("{name}: {why}"))
        })
    }

    pub(super) fn number(&self, number: i64) -> Result<u32, StoreError> {
        u32::try_from(number).map_err(|_| self.corrupt(format!("{number} is not a number of a thing")))
    }

    pub(super) fn revision(&self, number: i64) -> Result<Revision, StoreError> {
        let number = u32::try_from(number).map_err(|_| self.corrupt(format!("{number} is not a revision")))?;
        Ok(Revision(u64::from(number)))
    }
}

/// The key in two columns.
pub(super) fn key(cells: &Cells<'_>, kind: usize, code: usize) -> Result<Key, StoreError> {
    let name: &str = cells.get(kind)?;
    let kind = Kind::from_key(name).ok_or_else(|| cells.corrupt(format!("{name:?} is not a kind of thing")))?;
    Ok(Key { kind, code: cells.get(code)? })
}

/// Runs a query and hands out what `read` makes of its rows, a portion at a time, read by all processors.
pub(super) async fn portions<T: Send>(
    sql: &Transaction<'_>,
    query: &str,
    params: &[&(dyn ToSql + Sync)],
    read: impl Fn(&Row) -> Result<T, StoreError> + Sync,
    mut take: impl FnMut(Vec<T>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let failed = failed("read the register");
    let portal = sql.bind(query, params).await.map_err(failed)?;
    loop {
        let rows = sql.query_portal(&portal, PORTION).await.map_err(failed)?;
        let last = rows.len() < PORTION as usize;
        take(rows.par_iter().map(&read).collect::<Result<Vec<T>, StoreError>>()?)?;
        if last {
            return Ok(());
        }
    }
}

/// Everything that `read` makes of the rows of a query.
pub(super) async fn all<T: Send>(
    sql: &Transaction<'_>,
    query: &str,
    params: &[&(dyn ToSql + Sync)],
    read: impl Fn(&Row) -> Result<T, StoreError> + Sync,
) -> Result<Vec<T>, StoreError> {
    let mut every = Vec::new();
    let take = |portion: Vec<T>| {
        every.extend(portion);
        Ok(())
    };
    portions(sql, query, params, read, take).await?;
    Ok(every)
}

/// A transaction that reads one instant and writes nothing.
pub(super) async fn instant(client: &mut Client) -> Result<Transaction<'_>, StoreError> {
    let builder = client.build_transaction().isolation_level(tokio_postgres::IsolationLevel::RepeatableRead);
    builder.read_only(true).start().await.map_err(failed("begin to read"))
}

/// Number of the latest record.
pub(super) async fn latest(client: &Client) -> Result<Option<Revision>, StoreError> {
    let failed = failed("ask for the latest revision");
    let row = client.query_one("SELECT max(id) FROM records", &[]).await.map_err(failed)?;
    let latest: Option<i64> = row.try_get(0).map_err(failed)?;
    latest.map(|latest| Cells::new("records", &row).revision(latest)).transpose()
}

/// The revision that a request led to, if it was entered.
pub(super) async fn revision_of_request(client: &Client, request: &str) -> Result<Option<Revision>, StoreError> {
    let failed = failed("look for the request");
    let row = client.query_opt("SELECT id FROM records WHERE request = $1", &[&request]).await.map_err(failed)?;
    row.map(|row| {
        let cells = Cells::new("records", &row);
        cells.revision(cells.get(0)?)
    })
    .transpose()
}

/// The records after `$1` up to `$2`, oldest first.
pub(super) async fn records(
    sql: &Transaction<'_>,
    after: Revision,
    known: Revision,
) -> Result<Vec<Record>, StoreError> {
    let query = "SELECT id, kind, document, authority, dated, author, recorded_at, note, request FROM records
         WHERE id > $1 AND id <= $2 ORDER BY id";
    all(sql, query, &[&number(after), &number(known)], |row| Ok(record(row)?.0)).await
}

/// A record and the client's number of its request.
pub(super) fn record(row: &Row) -> Result<(Record, Option<String>), StoreError> {
    let cells = Cells::new("records", row);
    let kind: &str = cells.get(1)?;
    let record = Record {
        id: crate::store::assemble::record_of(cells.revision(cells.get(0)?)?),
        kind: RecordKind::from_key(kind).ok_or_else(|| cells.corrupt(format!("{kind:?} is not a kind of record")))?,
        document: cells.get(2)?,
        authority: cells.get(3)?,
        dated: cells.get::<Date>(4)?,
        author: cells.get(5)?,
        recorded_at: cells.get::<Timestamp>(6)?,
        note: cells.get(7)?,
    };
    Ok((record, cells.get(8)?))
}

/// Columns: id, record, predecessor, successor, begins.
pub(super) fn lineage(row: &Row) -> Result<(Revision, Lineage), StoreError> {
    let cells = Cells::new("lineage", row);
    let area = |column: usize| {
        let code: &str = cells.get(column)?;
        AreaCode::parse(code).map_err(|err| cells.corrupt(err.to_string()))
    };
    let lineage = Lineage { predecessor: area(2)?, successor: area(3)?, from: cells.get(4)? };
    Ok((cells.revision(cells.get(1)?)?, lineage))
}

/// Every version that tells of an area, in the order of entry.
pub(super) async fn history(client: &mut Client, area: &AreaCode) -> Result<Vec<Version>, StoreError> {
    let sql = instant(client).await?;
    let query = format!("SELECT {COLUMNS} FROM {TABLES} WHERE v.area = $1 ORDER BY v.id");
    let mut found = all(&sql, &query, &[&area.as_str()], Stored::read).await?;
    found.sort_by(|a, b| {
        let order = |stored: &Stored| stored.version.recorded.from;
        order(a).cmp(&order(b)).then_with(|| a.key.cmp(&b.key))
    });
    Ok(found.into_iter().map(|stored| stored.version).collect())
}

/// Every version of one thing, in the order of entry.
pub(super) async fn versions(client: &mut Client, key: &Key) -> Result<Vec<Version>, StoreError> {
    let sql = instant(client).await?;
    let query = format!("SELECT {COLUMNS} FROM {TABLES} WHERE t.kind = $1 AND t.code = $2 ORDER BY v.id");
    let found = all(&sql, &query, &[&key.kind.key(), &key.code], Stored::read).await?;
    Ok(found.into_iter().map(|stored| stored.version).collect())
}

/// A revision as the tables number it.
pub(super) fn number(revision: Revision) -> i64 {
    i64::try_from(revision.0).unwrap_or(i64::MAX)
}

/// The record's number as the tables number it.
pub(super) fn record_number(record: &Record) -> i64 {
    number(revision_of(record.id))
}
