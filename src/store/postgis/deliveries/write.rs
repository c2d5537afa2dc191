//! Deliveries and what belongs to them into the tables.

use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Transaction};

use crate::history::{AuditDraft, Key, Kind, Recorded, Refusal, Unlocated};
use crate::model::{
    AreaCode, Delivery, DeliveryId, DeliveryState, Exception, ExceptionId, NewDelivery, NewException, Origin, Revision,
    StreetCode, Trace,
};
use crate::store::StoreError;
use crate::store::deliveries::{
    CHUNK_BYTES, Receipt, SenderColumns, about, object_of_delivery, object_of_exception, to_millisecond,
};
use crate::store::postgis::commit::{Attempt, lock};
use crate::store::postgis::deliveries::rows::{id_of, revisions};
use crate::store::postgis::deliveries::state_of;
use crate::store::postgis::failed;
use crate::store::postgis::rows::{Cells, number};
use crate::store::postgis::vault::log;

const STEP: &str = "keep what belongs to a delivery";

/// Keeps a delivery, unless the same was received before; may be called again with the same `attempt` when the connection
/// was lost.
pub(super) async fn receive(
    client: &mut Client,
    (new, contents): (&NewDelivery, &[&[u8]]),
    audit: &[AuditDraft],
    attempt: &Attempt,
) -> Result<Receipt, StoreError> {
    let sql = client.transaction().await.map_err(failed("begin to receive"))?;
    lock(&sql).await?;
    let attempt = attempt.number(&sql).await?;
    let query = "SELECT id, attempt = $2 FROM deliveries WHERE digest = $1";
    let known = sql.query_opt(query, &[&new.digest.0.as_slice(), &attempt]).await.map_err(failed("look for it"))?;
    if let Some(row) = known {
        let cells = Cells::new("deliveries", &row);
        let id = DeliveryId(cells.number(cells.get(0)?)?);
        let ours = cells.get::<Option<bool>>(1)? == Some(true);
        return Ok(if ours { Receipt::New(id) } else { Receipt::Known(id) });
    }
    let id = next(&sql, "deliveries").await?;
    let id = DeliveryId(u32::try_from(id).map_err(|_| full("deliveries"))?);
    let received = NewDelivery { received_at: to_millisecond(new.received_at), ..new.clone() };
    let received = Delivery { id, received, state: DeliveryState::Received, settings: None, summary: None };
    let files = delivery(&sql, &received, Some(attempt)).await?;
    for (file, bytes) in files.into_iter().zip(contents) {
        for (bytes, position) in bytes.chunks(CHUNK_BYTES).zip(1..) {
            chunk(&sql, file, position, bytes).await?;
        }
    }
    log(&sql, &about(audit, &object_of_delivery(id)), None).await?;
    sql.commit().await.map_err(failed("commit what was received"))?;
    Ok(Receipt::New(id))
}

/// Enters a delivery with its files, without their bytes; answers with the rows of the files.
pub(super) async fn delivery(
    sql: &Transaction<'_>,
    delivery: &Delivery,
    attempt: Option<&str>,
) -> Result<Vec<i64>, StoreError> {
    let Delivery { id, received, state, settings, summary } = delivery;
    let (revision, undone_by) = revisions(*state);
    let files = i64::try_from(received.files.len()).unwrap_or(i64::MAX);
    let params: [&(dyn ToSql + Sync); 13] = [
        &id_of(*id),
        &received.digest.0.as_slice(),
        &received.sender,
        &received.received_at,
        &received.received_by,
        &received.note,
        &files,
        &state.key(),
        &revision,
        &undone_by,
        settings,
        summary,
        &attempt,
    ];
    let insert =
        "INSERT INTO deliveries (id, digest, sender, received_at, received_by, note, files, state, revision, undone_by,
             settings, summary, attempt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    sql.execute(insert, &params).await.map_err(failed(STEP))?;
    let first = next(sql, "delivery_files").await?;
    let insert =
        "INSERT INTO delivery_files (id, delivery, position, name, size, digest) VALUES ($1, $2, $3, $4, $5, $6)";
    let mut rows = Vec::with_capacity(received.files.len());
    for ((file, position), row) in received.files.iter().zip(1_i64..).zip(first..) {
        let size = i64::try_from(file.size).unwrap_or(i64::MAX);
        let params: [&(dyn ToSql + Sync); 6] =
            [&row, &id_of(*id), &position, &file.name, &size, &file.digest.0.as_slice()];
        sql.execute(insert, &params).await.map_err(failed(STEP))?;
        rows.push(row);
    }
    Ok(rows)
}

/// Enters some bytes of a file; the position is counted from 1.
pub(super) async fn chunk(sql: &Transaction<'_>, file: i64, position: i64, bytes: &[u8]) -> Result<(), StoreError> {
    let insert = "INSERT INTO delivery_chunks (file, position, bytes) VALUES ($1, $2, $3)";
    sql.execute(insert, &[&file, &position, &bytes]).await.map_err(failed(STEP))?;
    Ok(())
}

/// Enters traces, numbered from the last one there is.
pub(super) async fn traces(sql: &Transaction<'_>, traces: &[Trace]) -> Result<(), StoreError> {
    if traces.is_empty() {
        return Ok(());
    }
    let first = next(sql, "delivery_traces").await?;
    let ids: Vec<i64> = (first..).zip(traces).map(|(id, _)| id).collect();
    let records: Vec<i64> = traces.iter().map(|trace| number(trace.revision)).collect();
    let areas: Vec<&str> = traces.iter().map(|trace| trace.area.as_str()).collect();
    let deliveries: Vec<i64> = traces.iter().map(|trace| id_of(trace.delivery)).collect();
    let files: Vec<&str> = traces.iter().map(|trace| trace.file.as_str()).collect();
    let items: Vec<&str> = traces.iter().map(|trace| trace.item.as_str()).collect();
    let insert = "INSERT INTO delivery_traces (id, record, area, delivery, file, item)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[])";
    let params: [&(dyn ToSql + Sync); 6] = [&ids, &records, &areas, &deliveries, &files, &items];
    sql.execute(insert, &params).await.map_err(failed("enter where it came from"))?;
    Ok(())
}

/// Enters rows without an area, numbered from the last one there is.
pub(super) async fn unlocated(sql: &Transaction<'_>, kept: &[Unlocated]) -> Result<(), StoreError> {
    if kept.is_empty() {
        return Ok(());
    }
    let first = next(sql, "delivery_unlocated").await?;
    let ids: Vec<i64> = (first..).zip(kept).map(|(id, _)| id).collect();
    let deliveries: Vec<i64> = kept.iter().map(|kept| id_of(kept.delivery)).collect();
    let from: Vec<i64> = kept.iter().map(|kept| number(kept.recorded.from)).collect();
    let until: Vec<Option<i64>> = kept.iter().map(|kept| kept.recorded.until.map(number)).collect();
    let files: Vec<&str> = kept.iter().map(|kept| kept.row.file.as_str()).collect();
    let items: Vec<&str> = kept.iter().map(|kept| kept.row.item.as_str()).collect();
    let names: Vec<&str> = kept.iter().map(|kept| kept.row.name.as_str()).collect();
    let streets: Vec<Option<&str>> = kept.iter().map(|kept| kept.row.street.as_ref().map(StreetCode::as_str)).collect();
    let codes: Vec<Option<&str>> = kept.iter().map(|kept| kept.row.foreign_code.as_deref()).collect();
    let insert = "INSERT INTO delivery_unlocated (id, delivery, recorded_from, recorded_until, file, item, name, street, code)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[],
             $8::text[], $9::text[])";
    let params: [&(dyn ToSql + Sync); 9] = [&ids, &deliveries, &from, &until, &files, &items, &names, &streets, &codes];
    sql.execute(insert, &params).await.map_err(failed("enter what has no place"))?;
    Ok(())
}

/// Writes what an entry says of its delivery. The record, and the areas that the rows name, are there.
pub(in crate::store::postgis) async fn settle(
    sql: &Transaction<'_>,
    origin: &Origin,
    state: DeliveryState,
    revision: Revision,
) -> Result<(), StoreError> {
    let delivery = origin.delivery();
    let trace = |area: &AreaCode, file: &String, item: &String| Trace {
        revision,
        area: area.clone(),
        delivery,
        file: file.clone(),
        item: item.clone(),
    };
    let told: Vec<Trace> = origin.rows().iter().map(|row| trace(&row.area, &row.file, &row.item)).collect();
    traces(sql, &told).await?;
    match origin {
        Origin::Publishes { unlocated: told, .. } => {
            let recorded = Recorded { from: revision, until: None };
            let told: Vec<Unlocated> =
                told.iter().map(|row| Unlocated { delivery, recorded, row: row.clone() }).collect();
            unlocated(sql, &told).await?;
        }
        Origin::Undoes { .. } => {
            let update =
                "UPDATE delivery_unlocated SET recorded_until = $2 WHERE delivery = $1 AND recorded_until IS NULL";
            let params: [&(dyn ToSql + Sync); 2] = [&id_of(delivery), &number(revision)];
            sql.execute(update, &params).await.map_err(failed("take back what has no place"))?;
        }
    }
    let (revision, undone_by) = revisions(state);
    let update = "UPDATE deliveries SET state = $2, revision = $3, undone_by = $4, summary = coalesce($5, summary)
         WHERE id = $1";
    let params: [&(dyn ToSql + Sync); 5] = [&id_of(delivery), &state.key(), &revision, &undone_by, &origin.summary()];
    sql.execute(update, &params).await.map_err(failed("say what became of the delivery"))?;
    Ok(())
}

/// Checks what an entry says of its delivery, and answers with what becomes of it.
pub(in crate::store::postgis) async fn next_state(
    sql: &Transaction<'_>,
    origin: &Origin,
    revision: Revision,
) -> Result<DeliveryState, StoreError> {
    let state = state_of(sql, origin.delivery()).await?;
    Ok(crate::history::next_state(origin, state, revision)?)
}

/// Keeps how a delivery was checked, unless it is in the register.
pub(super) async fn note_check(
    sql: &Transaction<'_>,
    id: DeliveryId,
    settings: &str,
    summary: &str,
) -> Result<(), StoreError> {
    let update = "UPDATE deliveries SET settings = CASE state WHEN 'published' THEN settings ELSE $2 END,
             summary = CASE state WHEN 'published' THEN summary ELSE $3 END
         WHERE id = $1";
    let found = sql.execute(update, &[&id_of(id), &settings, &summary]).await.map_err(failed("keep the check"))?;
    if found == 0 { Err(StoreError::NoSuchDelivery(id)) } else { Ok(()) }
}

/// Keeps what is remembered of a sender.
pub(super) async fn columns(sql: &Transaction<'_>, kept: &SenderColumns) -> Result<(), StoreError> {
    let id = next(sql, "sender_columns").await?;
    let SenderColumns { sender, heads, columns, at } = kept;
    let insert = "INSERT INTO sender_columns (id, sender, heads, columns, remembered_at) VALUES ($1, $2, $3, $4, $5)";
    let params: [&(dyn ToSql + Sync); 5] = [&id, sender, heads, columns, at];
    sql.execute(insert, &params).await.map_err(failed("remember columns"))?;
    Ok(())
}

/// Keeps a new exception; may be called again with the same `attempt` when the connection was lost.
pub(super) async fn new_exception(
    client: &mut Client,
    new: &NewException,
    audit: &[AuditDraft],
    attempt: &Attempt,
) -> Result<ExceptionId, StoreError> {
    let sql = client.transaction().await.map_err(failed("begin the exception"))?;
    lock(&sql).await?;
    let attempt = attempt.number(&sql).await?;
    let query = "SELECT id FROM exceptions WHERE attempt = $1";
    if let Some(row) = sql.query_opt(query, &[&attempt]).await.map_err(failed("look for the exception"))? {
        let cells = Cells::new("exceptions", &row);
        return Ok(ExceptionId(cells.number(cells.get(0)?)?));
    }
    let id = next(&sql, "exceptions").await?;
    let id = ExceptionId(u32::try_from(id).map_err(|_| full("exceptions"))?);
    let recorded = NewException { recorded_at: to_millisecond(new.recorded_at), ..new.clone() };
    exception(&sql, &Exception { id, recorded, withdrawn_at: None }, Some(attempt)).await?;
    log(&sql, &about(audit, &object_of_exception(id)), None).await?;
    sql.commit().await.map_err(failed("commit the exception"))?;
    Ok(id)
}

/// Enters an exception.
pub(super) async fn exception(
    sql: &Transaction<'_>,
    exception: &Exception,
    attempt: Option<&str>,
) -> Result<(), StoreError> {
    let recorded = &exception.recorded;
    let params: [&(dyn ToSql + Sync); 12] = [
        &i64::from(exception.id.0),
        &recorded.issue,
        &recorded.subject,
        &recorded.other,
        &recorded.fingerprint,
        &recorded.reason,
        &recorded.owner,
        &recorded.expires_on,
        &recorded.recorded_at,
        &recorded.recorded_by,
        &exception.withdrawn_at,
        &attempt,
    ];
    let insert =
        "INSERT INTO exceptions (id, issue, subject, other, fingerprint, reason, owner, expires_on, recorded_at,
             recorded_by, withdrawn_at, attempt)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    sql.execute(insert, &params).await.map_err(failed("keep the exception"))?;
    Ok(())
}

/// Withdraws an exception that is not withdrawn; answers whether there was one.
pub(super) async fn withdraw(sql: &Transaction<'_>, id: ExceptionId, at: Timestamp) -> Result<bool, StoreError> {
    let update = "UPDATE exceptions SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";
    let params: [&(dyn ToSql + Sync); 2] = [&i64::from(id.0), &to_millisecond(at)];
    Ok(sql.execute(update, &params).await.map_err(failed("withdraw the exception"))? > 0)
}

/// Refuses rows that name areas that neither the register nor the entry has.
pub(in crate::store::postgis) fn check_areas(origin: &Origin, known: impl Fn(&Key) -> bool) -> Result<(), Refusal> {
    let keys = origin.rows().iter().map(|row| Key::new(Kind::Area, row.area.as_str()));
    match keys.into_iter().find(|key| !known(key)) {
        Some(key) => Err(Refusal::NoSuchThing(key)),
        None => Ok(()),
    }
}

/// The next number of a table; the writer's lock keeps others from taking it.
async fn next(sql: &Transaction<'_>, table: &'static str) -> Result<i64, StoreError> {
    let query = format!("SELECT coalesce(max(id), 0) + 1 FROM {table}");
    let row = sql.query_one(&query, &[]).await.map_err(failed("number a row"))?;
    row.try_get(0).map_err(failed("number a row"))
}

/// Four thousand million of them.
fn full(table: &'static str) -> StoreError {
    StoreError::Corrupt { table, row: 0, message: "there are no numbers left".to_owned() }
}
