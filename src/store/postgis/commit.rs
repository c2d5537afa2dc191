//! One record into the tables, in one transaction.

use std::collections::HashMap;
use std::sync::OnceLock;

use tokio_postgres::{Client, Transaction};

use crate::history::{Entry, Fact, Key, Kind, NewRecord, Refusal, check_basis, check_puts};
use crate::model::{AreaCode, Origin, Record, Revision};
use crate::store::assemble::record_of;
use crate::store::postgis::pending::{Last, Outcome, Pending};
use crate::store::postgis::rows::{self, COLUMNS, Cells, Stored, TABLES, all, number};
use crate::store::postgis::{CHANNEL, deliveries, failed, vault, write};
use crate::store::{DocumentChange, StoreError};

/// Held by the transaction that writes, whichever instance it is of.
const WRITER_LOCK: i64 = 0x6f6e_656d_6170_0002;

/// The number by which a record is found again when its commit was not answered. The database gives it.
#[derive(Default)]
pub(super) struct Attempt(OnceLock<String>);

impl Attempt {
    pub(super) async fn number(&self, sql: &Transaction<'_>) -> Result<&str, StoreError> {
        if let Some(known) = self.0.get() {
            return Ok(known);
        }
        let failed = failed("begin the record");
        let row = sql.query_one("SELECT gen_random_uuid()::text", &[]).await.map_err(failed)?;
        let number: String = row.try_get(0).map_err(failed)?;
        Ok(self.0.get_or_init(|| number))
    }
}

/// Waits until no other transaction writes. A transaction that was cut off has ended, this way or the other, once the
/// lock is there.
pub(super) async fn lock(sql: &Transaction<'_>) -> Result<(), StoreError> {
    let wait = sql.execute("SELECT pg_advisory_xact_lock($1)", &[&WRITER_LOCK]).await;
    wait.map_err(failed("wait for another writer"))?;
    Ok(())
}

/// Announces a revision; whoever listens hears of it when the transaction is committed.
pub(super) async fn announce(sql: &Transaction<'_>, revision: Revision) -> Result<(), StoreError> {
    let notify = sql.execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &revision.to_string()]).await;
    notify.map_err(failed("announce the revision"))?;
    Ok(())
}

/// Enters everything, or nothing; may be called again with the same `attempt` when the connection was lost.
pub(super) async fn commit(
    client: &mut Client,
    (record, entry, documents): (&NewRecord, &Entry, &[DocumentChange]),
    attempt: &Attempt,
) -> Result<Revision, StoreError> {
    let sql = client.transaction().await.map_err(failed("begin the record"))?;
    lock(&sql).await?;
    let attempt = attempt.number(&sql).await?;
    if let Some(revision) = entered(&sql, record.request.as_deref(), attempt).await? {
        return Ok(revision);
    }
    let latest = rows::latest(sql.client()).await?;
    check_basis(entry, latest)?;
    check_puts(entry)?;
    check_seen(&sql, entry).await?;
    let revision = Revision(latest.map_or(1, |latest| latest.0 + 1));
    let state = match &entry.origin {
        Some(origin) => Some(deliveries::next_state(&sql, origin, revision).await?),
        None => None,
    };
    let mut pending = gather(&sql, revision, entry).await?;
    for put in &entry.puts {
        pending.put(put)?;
    }
    for put in &entry.puts {
        pending.check_references(put)?;
    }
    if let Some(origin) = &entry.origin {
        deliveries::check_areas(origin, |key| pending.knows(key))?;
    }
    let entered = Record {
        id: record_of(revision),
        kind: record.kind,
        document: record.document.clone(),
        authority: record.authority.clone(),
        dated: record.dated,
        author: record.author.clone(),
        recorded_at: record.recorded_at.round(jiff::Unit::Millisecond).unwrap_or(record.recorded_at),
        note: record.note.clone(),
    };
    write::record(&sql, &entered, record.request.as_deref(), Some(attempt)).await?;
    carry_out(&sql, revision, &pending.outcome()).await?;
    write::lineage(&sql, entry.lineage.iter().map(|lineage| (revision, lineage))).await?;
    if let (Some(origin), Some(state)) = (&entry.origin, state) {
        deliveries::settle(&sql, origin, state, revision).await?;
    }
    vault::apply(&sql, documents).await?;
    vault::log(&sql, &entry.audit, Some(revision)).await?;
    announce(&sql, revision).await?;
    sql.commit().await.map_err(failed("commit the record"))?;
    Ok(revision)
}

/// The revision of a request that was entered before.
async fn entered(sql: &Transaction<'_>, request: Option<&str>, attempt: &str) -> Result<Option<Revision>, StoreError> {
    let query = "SELECT id FROM records WHERE request = $1 OR attempt = $2";
    let row = sql.query_opt(query, &[&request, &attempt]).await.map_err(failed("look for the request"))?;
    row.map(|row| {
        let cells = Cells::new("records", &row);
        cells.revision(cells.get(0)?)
    })
    .transpose()
}

async fn check_seen(sql: &Transaction<'_>, entry: &Entry) -> Result<(), StoreError> {
    if entry.seen.is_empty() {
        return Ok(());
    }
    let codes: Vec<&str> = entry.seen.iter().map(|seen| seen.area.as_str()).collect();
    let latest: HashMap<AreaCode, Revision> = changed(sql, Some(&codes)).await?.into_iter().collect();
    for seen in &entry.seen {
        match latest.get(&seen.area).copied() {
            None => return Err(Refusal::NoSuchThing(Key::new(Kind::Area, seen.area.as_str())).into()),
            Some(latest) if latest > seen.at => {
                return Err(Refusal::Changed { area: seen.area.clone(), seen: seen.at, latest }.into());
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The latest revision that changed each area, all of them or those named.
pub(super) async fn changed(
    sql: &Transaction<'_>,
    areas: Option<&[&str]>,
) -> Result<Vec<(AreaCode, Revision)>, StoreError> {
    let read = |row: &tokio_postgres::Row| {
        let cells = Cells::new("things", row);
        let code = AreaCode::parse(cells.get(1)?).map_err(|err| cells.corrupt(err.to_string()))?;
        Ok((code, cells.revision(cells.get(2)?)?))
    };
    let query = "SELECT id, code, changed FROM things WHERE kind = 'area' AND changed IS NOT NULL";
    match areas {
        Some(areas) => all(sql, &format!("{query} AND code = ANY($1)"), &[&areas], read).await,
        None => all(sql, query, &[], read).await,
    }
}

/// What the register knows of the things that an entry puts or refers to.
async fn gather<'a>(sql: &Transaction<'_>, revision: Revision, entry: &'a Entry) -> Result<Pending<'a>, StoreError> {
    let mut keys: Vec<Key> = entry.puts.iter().map(|put| put.key()).collect();
    let put: std::collections::HashSet<Key> = keys.iter().cloned().collect();
    keys.extend(entry.puts.iter().filter_map(|put| put.fact()).flat_map(Fact::references));
    let traced = entry.origin.iter().flat_map(Origin::rows);
    keys.extend(traced.map(|row| Key::new(Kind::Area, row.area.as_str())));
    keys.sort_unstable();
    keys.dedup();
    let kinds: Vec<&str> = keys.iter().map(|key| key.kind.key()).collect();
    let codes: Vec<&str> = keys.iter().map(|key| key.code.as_str()).collect();
    let mut pending = Pending::new(revision, last(sql).await?);
    let query = "SELECT t.id, t.kind, t.code, t.number
         FROM unnest($1::text[], $2::text[]) AS k (kind, code) JOIN things t ON t.kind = k.kind AND t.code = k.code";
    let known = all(sql, query, &[&kinds, &codes], |row| {
        let cells = Cells::new("things", row);
        Ok((rows::key(&cells, 1, 2)?, cells.get::<i64>(0)?, cells.number(cells.get(3)?)?))
    })
    .await?;
    let mut touched = Vec::new();
    for (key, id, number) in known {
        touched.extend(put.contains(&key).then_some(id));
        pending.know(key, id, number);
    }
    let query =
        format!("SELECT {COLUMNS} FROM {TABLES} WHERE v.thing = ANY($1) AND v.recorded_until IS NULL ORDER BY v.id");
    for stored in all(sql, &query, &[&touched], Stored::read).await? {
        pending.hold(stored);
    }
    Ok(pending)
}

/// The last numbers of every table.
pub(super) async fn last(sql: &Transaction<'_>) -> Result<Last, StoreError> {
    let failed = failed("look for the last numbers");
    let query = "SELECT (SELECT coalesce(max(id), 0) FROM things), (SELECT coalesce(max(id), 0) FROM versions),
         (SELECT coalesce(max(id), 0) FROM boundaries)";
    let row = sql.query_one(query, &[]).await.map_err(failed)?;
    let cell = |column: usize| row.try_get::<_, i64>(column).map_err(failed);
    let mut last = Last { thing: cell(0)?, version: cell(1)?, boundary: cell(2)?, numbers: HashMap::new() };
    let kinds: Vec<&str> = Kind::ALL.iter().map(|kind| kind.key()).collect();
    let query = "SELECT k.kind, (SELECT max(number) FROM things t WHERE t.kind = k.kind)
         FROM unnest($1::text[]) AS k (kind)";
    for row in sql.query(query, &[&kinds]).await.map_err(failed)? {
        let cells = Cells::new("things", &row);
        let kind = Kind::from_key(cells.get(0)?);
        if let (Some(kind), Some(number)) = (kind, cells.get::<Option<i64>>(1)?) {
            last.numbers.insert(kind, cells.number(number)?);
        }
    }
    Ok(last)
}

async fn carry_out(sql: &Transaction<'_>, revision: Revision, outcome: &Outcome<'_>) -> Result<(), StoreError> {
    if !outcome.ended.is_empty() {
        let end = "UPDATE versions SET recorded_until = $1 WHERE id = ANY($2)";
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&number(revision), &outcome.ended];
        sql.execute(end, &params).await.map_err(failed("end what is contradicted"))?;
    }
    write::things(sql, &outcome.things).await?;
    write::versions(sql, &outcome.versions).await?;
    if outcome.areas.is_empty() {
        return Ok(());
    }
    let mark = "UPDATE things SET changed = $1 WHERE kind = 'area' AND code = ANY($2)";
    sql.execute(mark, &[&number(revision), &outcome.areas]).await.map_err(failed("mark what has changed"))?;
    Ok(())
}
