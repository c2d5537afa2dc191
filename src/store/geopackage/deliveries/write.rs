//! Deliveries and what belongs to them into the file, within a transaction of the caller.

use jiff::Timestamp;
use rusqlite::types::ToSql;
use rusqlite::{Connection, params};
use serde_json::Value;

use crate::history::{Recorded, Refusal, Unlocated};
use crate::model::{
    DeliveredFile, Delivery, DeliveryId, DeliveryState, Exception, ExceptionId, NewDelivery, NewException, Origin,
    Revision, StreetCode, Trace, UnlocatedRow,
};
use crate::store::StoreError;
use crate::store::deliveries::{CHUNK_BYTES, Receipt, SenderColumns, to_millisecond};
use crate::store::geopackage::deliveries::rows::{
    self, DeliveryRow, FileRow, revisions, sum_of_chunk, sum_of_columns, sum_of_exception, sum_of_trace,
    sum_of_unlocated, time_text,
};
use crate::store::geopackage::tables::number;

/// Keeps a delivery, unless the same was received before.
pub(in crate::store::geopackage) fn receive(
    sql: &Connection,
    new: &NewDelivery,
    contents: &[&[u8]],
) -> Result<Receipt, StoreError> {
    let known = rows::deliveries(sql, "WHERE digest = ?", [new.digest.0.as_slice()])?;
    if let Some(known) = known.first() {
        return Ok(Receipt::Known(known.delivery.id));
    }
    let id = DeliveryId(next(sql, "deliveries")?);
    let received = NewDelivery { received_at: to_millisecond(new.received_at), ..new.clone() };
    let files =
        delivery(sql, &Delivery { id, received, state: DeliveryState::Received, settings: None, summary: None })?;
    for (file, bytes) in files.into_iter().zip(contents) {
        for (bytes, position) in bytes.chunks(CHUNK_BYTES).zip(1..) {
            chunk(sql, file, position, bytes)?;
        }
    }
    Ok(Receipt::New(id))
}

/// Enters a delivery with its files, without their bytes, traces and rows without an area; answers with the rows of the files.
pub(super) fn delivery(sql: &Connection, delivery: &Delivery) -> Result<Vec<i64>, StoreError> {
    let files = i64::try_from(delivery.received.files.len()).unwrap_or(i64::MAX);
    let row = DeliveryRow { delivery: delivery.clone(), files, traces: 0, unlocated: 0 };
    let Delivery { id, received, state, settings, summary } = delivery;
    let (revision, undone_by) = revisions(*state);
    let digest = received.digest.0.as_slice();
    let received_at = time_text(received.received_at);
    let cells = params![
        id.0,
        digest,
        received.sender,
        received_at,
        received.received_by,
        received.note,
        files,
        state.key(),
        revision,
        undone_by,
        settings,
        summary,
        row.sum().crc()
    ];
    let insert =
        "INSERT INTO deliveries (id, digest, sender, received_at, received_by, note, files, state, revision, undone_by,
             settings, summary, traces, crc)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)";
    run(sql, insert, cells)?;
    received.files.iter().zip(1..).map(|(told, position)| file(sql, *id, position, told)).collect()
}

fn file(sql: &Connection, delivery: DeliveryId, position: i64, told: &DeliveredFile) -> Result<i64, StoreError> {
    let id = i64::from(next(sql, "delivery_files")?);
    let row = FileRow { id, delivery: i64::from(delivery.0), position, file: told.clone() };
    let size = i64::try_from(told.size).unwrap_or(i64::MAX);
    let cells = params![id, row.delivery, position, told.name, size, told.digest.0.as_slice(), row.sum().crc()];
    let insert =
        "INSERT INTO delivery_files (id, delivery, position, name, size, digest, crc) VALUES (?, ?, ?, ?, ?, ?, ?)";
    run(sql, insert, cells)?;
    Ok(id)
}

/// Enters some bytes of a file; the position is counted from 1.
pub(super) fn chunk(sql: &Connection, file: i64, position: i64, bytes: &[u8]) -> Result<(), StoreError> {
    let id = i64::from(next(sql, "delivery_chunks")?);
    let crc = sum_of_chunk(id, file, position, bytes).crc();
    let insert = "INSERT INTO delivery_chunks (id, file, position, crc, bytes) VALUES (?, ?, ?, ?, ?)";
    run(sql, insert, params![id, file, position, crc, bytes])
}

/// Enters a trace. The delivery is told of it by [`settle`] or [`recount`].
pub(super) fn trace(sql: &Connection, trace: &Trace) -> Result<(), StoreError> {
    let id = i64::from(next(sql, "delivery_traces")?);
    let (revision, area, delivery) = (number(trace.revision), trace.area.as_str(), trace.delivery.0);
    let cells = params![id, revision, area, delivery, trace.file, trace.item, sum_of_trace(id, trace).crc()];
    let insert =
        "INSERT INTO delivery_traces (id, record, area, delivery, file, item, crc) VALUES (?, ?, ?, ?, ?, ?, ?)";
    run(sql, insert, cells)
}

/// Enters a row without an area. The delivery is told of it by [`settle`] or [`recount`].
pub(super) fn unlocated(sql: &Connection, kept: &Unlocated) -> Result<(), StoreError> {
    let id = i64::from(next(sql, "delivery_unlocated")?);
    let (from, until) = (number(kept.recorded.from), kept.recorded.until.map(number));
    let UnlocatedRow { file, item, name, street, foreign_code } = &kept.row;
    let street = street.as_ref().map(StreetCode::as_str);
    let crc = sum_of_unlocated(id, kept).crc();
    let cells = params![id, kept.delivery.0, from, until, file, item, name, street, foreign_code, crc];
    let insert =
        "INSERT INTO delivery_unlocated (id, delivery, recorded_from, recorded_until, file, item, name, street, code,
             crc)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    run(sql, insert, cells)
}

/// The rows without an area of a delivery that is taken back are known until then.
fn take_back(sql: &Connection, delivery: DeliveryId, by: Revision) -> Result<(), StoreError> {
    for (id, kept) in rows::unlocated(sql, "WHERE delivery = ? AND recorded_until IS NULL ORDER BY id", [delivery.0])? {
        let recorded = Recorded { until: Some(by), ..kept.recorded };
        let crc = sum_of_unlocated(id, &Unlocated { recorded, ..kept }).crc();
        let update = "UPDATE delivery_unlocated SET recorded_until = ?, crc = ? WHERE id = ?";
        run(sql, update, params![number(by), crc, id])?;
    }
    Ok(())
}

/// Writes what an entry says of its delivery. The record, and the areas that the rows name, are there.
pub(in crate::store::geopackage) fn settle(
    sql: &Connection,
    origin: &Origin,
    state: DeliveryState,
    revision: Revision,
) -> Result<(), StoreError> {
    let delivery = origin.delivery();
    for row in origin.rows() {
        let (area, file, item) = (row.area.clone(), row.file.clone(), row.item.clone());
        trace(sql, &Trace { revision, area, delivery, file, item })?;
    }
    match origin {
        Origin::Publishes { unlocated: told, .. } => {
            let recorded = Recorded { from: revision, until: None };
            for row in told {
                unlocated(sql, &Unlocated { delivery, recorded, row: row.clone() })?;
            }
        }
        Origin::Undoes { .. } => take_back(sql, delivery, revision)?,
    }
    let mut row = at(sql, delivery)?.ok_or(Refusal::NoSuchDelivery(delivery))?;
    row.delivery.state = state;
    row.delivery.summary = origin.summary().map(str::to_owned).or(row.delivery.summary);
    row.traces += i64::try_from(origin.rows().len()).unwrap_or(i64::MAX);
    row.unlocated += i64::try_from(origin.unlocated().len()).unwrap_or(i64::MAX);
    update(sql, &row)
}

/// Counts the traces of every delivery and its rows without an area, after all of them were taken in.
pub(super) fn recount(sql: &Connection) -> Result<(), StoreError> {
    for mut row in rows::deliveries(sql, "", [])? {
        let id = row.delivery.id.0;
        let count = |query: &str| sql.query_row(query, [id], |row| row.get(0)).map_err(failed);
        row.traces = count("SELECT count(*) FROM delivery_traces WHERE delivery = ?")?;
        row.unlocated = count("SELECT count(*) FROM delivery_unlocated WHERE delivery = ?")?;
        update(sql, &row)?;
    }
    Ok(())
}

/// Moves the rows without an area out of the summaries, where the third version of the schema had them. Of a delivery that
/// was checked again after it was taken back, those of the last check are all that is known.
pub(in crate::store::geopackage) fn move_unlocated(sql: &Connection) -> Result<(), StoreError> {
    let mut deliveries = rows::deliveries(sql, "", [])?;
    deliveries.sort_by_key(|row| revisions(row.delivery.state).0);
    for mut row in deliveries {
        let told = row.delivery.summary.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let Some(mut told) = told else { continue };
        let Some(list) = told.get("unlocated").and_then(Value::as_array).cloned() else { continue };
        told["unlocated"] = list.len().into();
        row.delivery.summary = Some(told.to_string());
        let recorded = match row.delivery.state {
            DeliveryState::Received => None,
            DeliveryState::Published { revision } => Some(Recorded { from: revision, until: None }),
            DeliveryState::Undone { revision, by } => Some(Recorded { from: revision, until: Some(by) }),
        };
        if let Some(recorded) = recorded {
            for told in list.iter().filter_map(row_of_summary) {
                unlocated(sql, &Unlocated { delivery: row.delivery.id, recorded, row: told })?;
                row.unlocated += 1;
            }
        }
        update(sql, &row)?;
    }
    Ok(())
}

/// A row without an area as summaries had it.
fn row_of_summary(told: &Value) -> Option<UnlocatedRow> {
    let text = |name: &str| told[name].as_str().map(str::to_owned);
    Some(UnlocatedRow {
        file: text("file")?,
        item: text("item")?,
        name: text("name")?,
        street: told["street"].as_str().and_then(|code| StreetCode::parse(code).ok()),
        foreign_code: text("code"),
    })
}

/// Keeps how a delivery was checked, unless it is in the register.
pub(in crate::store::geopackage) fn note_check(
    sql: &Connection,
    id: DeliveryId,
    settings: &str,
    summary: &str,
) -> Result<(), StoreError> {
    let mut row = at(sql, id)?.ok_or(StoreError::NoSuchDelivery(id))?;
    if matches!(row.delivery.state, DeliveryState::Published { .. }) {
        return Ok(());
    }
    row.delivery.settings = Some(settings.to_owned());
    row.delivery.summary = Some(summary.to_owned());
    update(sql, &row)
}

fn at(sql: &Connection, id: DeliveryId) -> Result<Option<DeliveryRow>, StoreError> {
    Ok(rows::deliveries(sql, "WHERE id = ?", [id.0])?.pop())
}

fn update(sql: &Connection, row: &DeliveryRow) -> Result<(), StoreError> {
    let Delivery { id, state, settings, summary, .. } = &row.delivery;
    let (revision, undone_by) = revisions(*state);
    let cells =
        params![state.key(), revision, undone_by, settings, summary, row.traces, row.unlocated, row.sum().crc(), id.0];
    let update = "UPDATE deliveries SET state = ?, revision = ?, undone_by = ?, settings = ?, summary = ?, traces = ?,
             unlocated = ?, crc = ?
         WHERE id = ?";
    run(sql, update, cells)
}

/// Keeps what is remembered of a sender.
pub(in crate::store::geopackage) fn columns(sql: &Connection, kept: &SenderColumns) -> Result<(), StoreError> {
    let id = i64::from(next(sql, "sender_columns")?);
    let (crc, at) = (sum_of_columns(id, kept).crc(), time_text(kept.at));
    let insert =
        "INSERT INTO sender_columns (id, sender, heads, columns, remembered_at, crc) VALUES (?, ?, ?, ?, ?, ?)";
    run(sql, insert, params![id, kept.sender, kept.heads, kept.columns, at, crc])
}

/// Keeps a new exception.
pub(in crate::store::geopackage) fn new_exception(
    sql: &Connection,
    new: &NewException,
) -> Result<ExceptionId, StoreError> {
    let id = ExceptionId(next(sql, "exceptions")?);
    let recorded = NewException { recorded_at: to_millisecond(new.recorded_at), ..new.clone() };
    exception(sql, &Exception { id, recorded, withdrawn_at: None })?;
    Ok(id)
}

/// Enters an exception.
pub(super) fn exception(sql: &Connection, exception: &Exception) -> Result<(), StoreError> {
    let recorded = &exception.recorded;
    let cells = params![
        exception.id.0,
        recorded.issue,
        recorded.subject,
        recorded.other,
        recorded.fingerprint,
        recorded.reason,
        recorded.owner,
        recorded.expires_on.to_string(),
        time_text(recorded.recorded_at),
        recorded.recorded_by,
        exception.withdrawn_at.map(time_text),
        sum_of_exception(exception).crc()
    ];
    let insert =
        "INSERT INTO exceptions (id, issue, subject, other, fingerprint, reason, owner, expires_on, recorded_at,
             recorded_by, withdrawn_at, crc)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    run(sql, insert, cells)
}

/// Withdraws an exception that is not withdrawn; answers whether there was one.
pub(in crate::store::geopackage) fn withdraw(
    sql: &Connection,
    id: ExceptionId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let open = rows::exceptions(sql, "WHERE id = ? AND withdrawn_at IS NULL", [id.0])?.pop();
    let Some(open) = open else { return Ok(false) };
    let withdrawn = Exception { withdrawn_at: Some(to_millisecond(at)), ..open };
    let cells = params![withdrawn.withdrawn_at.map(time_text), sum_of_exception(&withdrawn).crc(), id.0];
    run(sql, "UPDATE exceptions SET withdrawn_at = ?, crc = ? WHERE id = ?", cells)?;
    Ok(true)
}

/// The next number of a table; the writer's transaction keeps others from taking it.
fn next(sql: &Connection, table: &'static str) -> Result<u32, StoreError> {
    let query = format!("SELECT coalesce(max(id), 0) + 1 FROM {table}");
    let next = sql.prepare_cached(&query).and_then(|mut query| query.query_row([], |row| row.get(0)));
    next.map_err(failed)
}

fn run(sql: &Connection, statement: &str, cells: &[&dyn ToSql]) -> Result<(), StoreError> {
    let done = sql.prepare_cached(statement).and_then(|mut statement| statement.execute(cells));
    done.map(|_| ()).map_err(failed)
}

fn failed(source: rusqlite::Error) -> StoreError {
    StoreError::Sql { step: "keep what belongs to a delivery", source }
}
