//! New rows into the tables, in bulk.

use std::pin::pin;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use tokio_postgres::Transaction;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};

use crate::history::{Fact, Key, Lineage, Recorded};
use crate::model::{Record, Revision, Validity};
use crate::store::StoreError;
use crate::store::facts;
use crate::store::postgis::rows::{number, record_number};
use crate::store::postgis::{ewkb, failed};

/// Versions that are encoded, by all processors, and sent at a time.
const PORTION: usize = 10_000;

/// Versions from which on the planner's statistics are renewed at once, because it would plan for empty tables.
const ANALYZE_FROM: usize = 5_000;

/// A thing that is not in the tables yet.
pub(super) struct NewThing<'a> {
    pub(super) id: i64,
    pub(super) key: &'a Key,
    pub(super) number: u32,
    /// See the column of that name.
    pub(super) changed: Option<Revision>,
}

/// A version that is not in the tables yet.
pub(super) struct NewVersion<'a> {
    pub(super) id: i64,
    pub(super) thing: i64,
    pub(super) fact: &'a Fact,
    pub(super) valid: Validity,
    pub(super) recorded: Recorded,
    pub(super) boundary: Option<i64>,
    /// Whether that boundary is not in the tables yet.
    pub(super) draws: bool,
}

/// What tells a damaged boundary from the one that was written.
pub(super) fn digest(geom: &[u8], surface_m2: Option<f64>, source: Option<&str>) -> Vec<u8> {
    let mut hash = Sha256::new();
    hash.update(geom);
    hash.update(surface_m2.map(|surface| surface.to_bits().to_le_bytes()).unwrap_or_default());
    hash.update(source.unwrap_or_default());
    hash.finalize().to_vec()
}

pub(super) async fn things(sql: &Transaction<'_>, things: &[NewThing<'_>]) -> Result<(), StoreError> {
    let rows = things.iter().map(|thing| ThingRow {
        id: thing.id,
        kind: thing.key.kind.key(),
        number: i64::from(thing.number),
        code: &thing.key.code,
        changed: thing.changed.map(number),
    });
    copy(sql, "COPY things (id, kind, number, code, changed) FROM STDIN BINARY", rows).await
}

pub(super) async fn versions(sql: &Transaction<'_>, versions: &[NewVersion<'_>]) -> Result<(), StoreError> {
    for portion in versions.chunks(PORTION) {
        let drawn = portion.par_iter().filter(|version| version.draws).filter_map(BoundaryRow::of);
        let drawn: Vec<BoundaryRow<'_>> = drawn.collect();
        let columns = "COPY boundaries (id, geom, source, surface_m2, digest) FROM STDIN BINARY";
        copy(sql, columns, drawn.into_iter()).await?;
        let rows: Vec<VersionRow<'_>> = portion.par_iter().map(VersionRow::of).collect();
        let columns =
            "COPY versions (id, thing, area, valid_from, valid_until, recorded_from, recorded_until, boundary,
             facts) FROM STDIN BINARY";
        copy(sql, columns, rows.into_iter()).await?;
    }
    if versions.len() >= ANALYZE_FROM {
        analyze(sql).await?;
    }
    Ok(())
}

/// Renews the planner's statistics.
pub(super) async fn analyze(sql: &Transaction<'_>) -> Result<(), StoreError> {
    sql.batch_execute("ANALYZE things, versions, boundaries").await.map_err(failed("look over the tables"))
}

/// `request` is the client's number, `attempt` ours.
pub(super) async fn record(
    sql: &Transaction<'_>,
    record: &Record,
    request: Option<&str>,
    attempt: Option<&str>,
) -> Result<(), StoreError> {
    let insert =
        "INSERT INTO records (id, kind, document, authority, dated, author, recorded_at, note, request, attempt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let params: [&(dyn ToSql + Sync); 10] = [
        &record_number(record),
        &record.kind.key(),
        &record.document,
        &record.authority,
        &record.dated,
        &record.author,
        &record.recorded_at,
        &record.note,
        &request,
        &attempt,
    ];
    sql.execute(insert, &params).await.map_err(failed("enter the record"))?;
    Ok(())
}

/// Enters lineage, numbered from the last one there is.
pub(super) async fn lineage<'a>(
    sql: &Transaction<'_>,
    edges: impl Iterator<Item = (Revision, &'a Lineage)>,
) -> Result<(), StoreError> {
    let failed = failed("enter the lineage");
    let edges: Vec<(Revision, &Lineage)> = edges.collect();
    if edges.is_empty() {
        return Ok(());
    }
    let last = sql.query_one("SELECT coalesce(max(id), 0) FROM lineage", &[]).await.map_err(failed)?;
    let last: i64 = last.try_get(0).map_err(failed)?;
    let mut id = last;
    let rows = edges.into_iter().map(|(record, lineage)| LineageRow {
        id: {
            id += 1;
            id
        },
        record: number(record),
        lineage,
        codes: [lineage.predecessor.as_str(), lineage.successor.as_str()],
    });
    copy(sql, "COPY lineage (id, record, predecessor, successor, begins) FROM STDIN BINARY", rows).await
}

/// A row as the columns of a COPY statement, which it names in the same order.
trait Columns<const N: usize> {
    const TYPES: [Type; N];

    fn columns(&self) -> [&(dyn ToSql + Sync); N];
}

struct ThingRow<'a> {
    id: i64,
    kind: &'static str,
    number: i64,
    code: &'a str,
    changed: Option<i64>,
}

impl Columns<5> for ThingRow<'_> {
    const TYPES: [Type; 5] = [Type::INT8, Type::TEXT, Type::INT8, Type::TEXT, Type::INT8];

    fn columns(&self) -> [&(dyn ToSql + Sync); 5] {
        [&self.id, &self.kind, &self.number, &self.code, &self.changed]
    }
}

struct BoundaryRow<'a> {
    id: i64,
    geom: Vec<u8>,
    source: Option<&'a str>,
    surface_m2: Option<f64>,
    digest: Vec<u8>,
}

impl<'a> BoundaryRow<'a> {
    fn of(version: &NewVersion<'a>) -> Option<Self> {
        let outline = facts::outline(version.fact)?;
        let geom = ewkb::encode(outline.boundary);
        let digest = digest(&geom, outline.surface_m2, outline.source);
        Some(Self { id: version.boundary?, geom, source: outline.source, surface_m2: outline.surface_m2, digest })
    }
}

impl Columns<5> for BoundaryRow<'_> {
    // PostGIS takes extended well-known binary as it is, so to the driver it is bytes.
    const TYPES: [Type; 5] = [Type::INT8, Type::BYTEA, Type::TEXT, Type::FLOAT8, Type::BYTEA];

    fn columns(&self) -> [&(dyn ToSql + Sync); 5] {
        [&self.id, &self.geom, &self.source, &self.surface_m2, &self.digest]
    }
}

struct VersionRow<'a> {
    id: i64,
    thing: i64,
    area: Option<&'a str>,
    valid: Validity,
    recorded_from: i64,
    recorded_until: Option<i64>,
    boundary: Option<i64>,
    facts: String,
}

impl<'a> VersionRow<'a> {
    fn of(version: &NewVersion<'a>) -> Self {
        Self {
            id: version.id,
            thing: version.thing,
            area: version.fact.area().map(|area| area.as_str()),
            valid: version.valid,
            recorded_from: number(version.recorded.from),
            recorded_until: version.recorded.until.map(number),
            boundary: version.boundary,
            facts: facts::encode(version.fact),
        }
    }
}

impl Columns<9> for VersionRow<'_> {
    // JSON goes as the text it is.
    const TYPES: [Type; 9] =
        [Type::INT8, Type::INT8, Type::TEXT, Type::DATE, Type::DATE, Type::INT8, Type::INT8, Type::INT8, Type::TEXT];

    fn columns(&self) -> [&(dyn ToSql + Sync); 9] {
        let Self { id, thing, area, valid, recorded_from, recorded_until, boundary, facts } = self;
        [id, thing, area, &valid.from, &valid.until, recorded_from, recorded_until, boundary, facts]
    }
}

struct LineageRow<'a> {
    id: i64,
    record: i64,
    lineage: &'a Lineage,
    codes: [&'a str; 2],
}

impl Columns<5> for LineageRow<'_> {
    const TYPES: [Type; 5] = [Type::INT8, Type::INT8, Type::TEXT, Type::TEXT, Type::DATE];

    fn columns(&self) -> [&(dyn ToSql + Sync); 5] {
        [&self.id, &self.record, &self.codes[0], &self.codes[1], &self.lineage.from]
    }
}

async fn copy<const N: usize, R: Columns<N>>(
    sql: &Transaction<'_>,
    statement: &str,
    rows: impl ExactSizeIterator<Item = R>,
) -> Result<(), StoreError> {
    if rows.len() == 0 {
        return Ok(());
    }
    let failed = failed("enter what is new");
    let sink = sql.copy_in(statement).await.map_err(failed)?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &R::TYPES));
    for row in rows {
        writer.as_mut().write(&row.columns()).await.map_err(failed)?;
    }
    writer.finish().await.map_err(failed)?;
    Ok(())
}
