//! Deliveries, their files and what belongs to them as rows, each with its checksum.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, Params};

use crate::history::{Recorded, Unlocated};
use crate::model::{
    AreaCode, DeliveredFile, Delivery, DeliveryId, DeliveryState, Digest, Exception, ExceptionId, NewDelivery,
    NewException, Revision, StreetCode, Trace, UnlocatedRow,
};
use crate::store::StoreError;
use crate::store::deliveries::SenderColumns;
use crate::store::geopackage::row::{Bad, Cells, Sum, each, rows};
use crate::store::geopackage::tables::number;

/// A delivery as it is stored; its files have rows of their own.
#[derive(Debug, Clone)]
pub(super) struct DeliveryRow {
    /// Without the files.
    pub(super) delivery: Delivery,
    /// How many files it has.
    pub(super) files: i64,
    /// How many traces name it.
    pub(super) traces: i64,
    /// How many rows without an area name it.
    pub(super) unlocated: i64,
}

impl DeliveryRow {
    /// The checksum of its row.
    pub(super) fn sum(&self) -> Sum {
        let Delivery { id, received, state, settings, summary } = &self.delivery;
        let (revision, undone_by) = revisions(*state);
        let sum = Sum::default()
            .int(i64::from(id.0))
            .cell(Some(&received.digest.0))
            .text(&received.sender)
            .text(&time_text(received.received_at))
            .text(&received.received_by)
            .text(&received.note)
            .int(self.files)
            .text(state.key())
            .optional_int(revision)
            .optional_int(undone_by)
            .optional_text(settings.as_deref())
            .optional_text(summary.as_deref())
            .int(self.traces);
        // Deliveries that were written before there were such rows keep their checksums.
        if self.unlocated == 0 { sum } else { sum.int(self.unlocated) }
    }
}

/// The record that published it, and the one that took it back.
pub(super) fn revisions(state: DeliveryState) -> (Option<i64>, Option<i64>) {
    match state {
        DeliveryState::Received => (None, None),
        DeliveryState::Published { revision } => (Some(number(revision)), None),
        DeliveryState::Undone { revision, by } => (Some(number(revision)), Some(number(by))),
    }
}

/// A time as a text, to the millisecond.
pub(super) fn time_text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn digest(cells: &Cells<'_, '_>, column: usize) -> Result<Digest, Bad> {
    let bytes = cells.blob(column)?;
    bytes.try_into().map(Digest).map_err(|_| cells.bad(column, "a digest has 32 bytes"))
}

fn time(cells: &Cells<'_, '_>, column: usize) -> Result<Timestamp, Bad> {
    cells.parsed(column, str::parse)
}

/// Deliveries without their files, by number. `filter` is what comes after the table in the query.
pub(super) fn deliveries(
    sql: &Connection,
    filter: &str,
    parameters: impl Params,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let query = format!(
        "SELECT id, digest, sender, received_at, received_by, note, files, state, revision, undone_by, settings, summary,
             traces, crc, unlocated
         FROM deliveries {filter} ORDER BY id"
    );
    rows(sql, ("deliveries", &query), parameters, delivery)
}

fn delivery(cells: &Cells<'_, '_>) -> Result<DeliveryRow, Bad> {
    let (revision, by) = (cells.get::<Option<u32>>(8)?, cells.get::<Option<u32>>(9)?);
    let [revision, by] = [revision, by].map(|number| number.map(|number| Revision(u64::from(number))));
    let state = match (cells.str(7)?, revision, by) {
        ("received", None, None) => DeliveryState::Received,
        ("published", Some(revision), None) => DeliveryState::Published { revision },
        ("undone", Some(revision), Some(by)) => DeliveryState::Undone { revision, by },
        (state, ..) => return Err(cells.bad(7, format!("{state:?} does not fit the records beside it"))),
    };
    let row = DeliveryRow {
        delivery: Delivery {
            id: DeliveryId(cells.get(0)?),
            received: NewDelivery {
                digest: digest(cells, 1)?,
                sender: cells.get(2)?,
                received_at: time(cells, 3)?,
                received_by: cells.get(4)?,
                note: cells.get(5)?,
                files: Vec::new(),
            },
            state,
            settings: cells.get(10)?,
            summary: cells.get(11)?,
        },
        files: cells.get(6)?,
        traces: cells.get(12)?,
        unlocated: cells.get(14)?,
    };
    row.sum().verify(cells.get(13)?)?;
    Ok(row)
}

/// A file as it is stored.
pub(super) struct FileRow {
    pub(super) id: i64,
    pub(super) delivery: i64,
    /// From 1 on.
    pub(super) position: i64,
    pub(super) file: DeliveredFile,
}

impl FileRow {
    /// The checksum of its row.
    pub(super) fn sum(&self) -> Sum {
        let DeliveredFile { name, size, digest } = &self.file;
        let size = i64::try_from(*size).unwrap_or(i64::MAX);
        Sum::default().int(self.id).int(self.delivery).int(self.position).text(name).int(size).cell(Some(&digest.0))
    }
}

/// Files by delivery and position; see [`deliveries`].
pub(super) fn files(sql: &Connection, filter: &str, parameters: impl Params) -> Result<Vec<FileRow>, StoreError> {
    let query = format!(
        "SELECT id, delivery, position, name, size, digest, crc FROM delivery_files {filter} ORDER BY delivery, position"
    );
    rows(sql, ("delivery_files", &query), parameters, |cells| {
        let file = DeliveredFile { name: cells.get(3)?, size: cells.get(4)?, digest: digest(cells, 5)? };
        let row = FileRow { id: cells.get(0)?, delivery: cells.get(1)?, position: cells.get(2)?, file };
        row.sum().verify(cells.get(6)?)?;
        Ok(row)
    })
}

/// The checksum of some bytes of a file.
pub(super) fn sum_of_chunk(id: i64, file: i64, position: i64, bytes: &[u8]) -> Sum {
    Sum::default().int(id).int(file).int(position).cell(Some(bytes))
}

/// Hands out the bytes of a file in order, one row at a time. Their checksums are compared by [`chunk_fits`] alone: the
/// digest of the file tells as much.
pub(super) fn each_chunk(
    sql: &Connection,
    file: i64,
    mut take: impl FnMut(&Cells<'_, '_>, &[u8]) -> Result<(), Bad>,
) -> Result<(), StoreError> {
    let query = "SELECT id, position, crc, bytes FROM delivery_chunks WHERE file = ? ORDER BY position";
    each(sql, ("delivery_chunks", query), [file], |cells| take(cells, cells.blob(3)?))
}

/// Compares a row of [`each_chunk`] with its checksum.
pub(super) fn chunk_fits(cells: &Cells<'_, '_>, file: i64, bytes: &[u8]) -> Result<(), Bad> {
    sum_of_chunk(cells.get(0)?, file, cells.get(1)?, bytes).verify(cells.get(2)?)
}

/// The checksum of a trace.
pub(super) fn sum_of_trace(id: i64, trace: &Trace) -> Sum {
    let sum = Sum::default().int(id).int(number(trace.revision)).text(trace.area.as_str());
    sum.int(i64::from(trace.delivery.0)).text(&trace.file).text(&trace.item)
}

/// Traces with their rows. `filter` is what comes after the table, with the order.
pub(super) fn traces(sql: &Connection, filter: &str, parameters: impl Params) -> Result<Vec<(i64, Trace)>, StoreError> {
    let mut found = Vec::new();
    each_trace(sql, filter, parameters, |row, trace| found.push((row, trace)))?;
    Ok(found)
}

/// Hands out traces with their rows; see [`traces`].
pub(super) fn each_trace(
    sql: &Connection,
    filter: &str,
    parameters: impl Params,
    mut take: impl FnMut(i64, Trace),
) -> Result<(), StoreError> {
    let query = format!("SELECT id, record, area, delivery, file, item, crc FROM delivery_traces {filter}");
    each(sql, ("delivery_traces", &query), parameters, |cells| {
        let trace = Trace {
            revision: Revision(u64::from(cells.get::<u32>(1)?)),
            area: cells.parsed(2, AreaCode::parse)?,
            delivery: DeliveryId(cells.get(3)?),
            file: cells.get(4)?,
            item: cells.get(5)?,
        };
        let id = cells.get(0)?;
        sum_of_trace(id, &trace).verify(cells.get(6)?)?;
        take(id, trace);
        Ok(())
    })
}

/// The checksum of a row without an area.
pub(super) fn sum_of_unlocated(id: i64, kept: &Unlocated) -> Sum {
    let UnlocatedRow { file, item, name, street, foreign_code } = &kept.row;
    Sum::default()
        .int(id)
        .int(i64::from(kept.delivery.0))
        .int(number(kept.recorded.from))
        .optional_int(kept.recorded.until.map(number))
        .text(file)
        .text(item)
        .text(name)
        .optional_text(street.as_ref().map(StreetCode::as_str))
        .optional_text(foreign_code.as_deref())
}

/// Rows without an area, with the rows they are in. `filter` is what comes after the table, with the order.
pub(super) fn unlocated(
    sql: &Connection,
    filter: &str,
    parameters: impl Params,
) -> Result<Vec<(i64, Unlocated)>, StoreError> {
    let query = format!(
        "SELECT id, delivery, recorded_from, recorded_until, file, item, name, street, code, crc
         FROM delivery_unlocated {filter}"
    );
    rows(sql, ("delivery_unlocated", &query), parameters, |cells| {
        let kept = Unlocated {
            delivery: DeliveryId(cells.get(1)?),
            recorded: Recorded {
                from: Revision(u64::from(cells.get::<u32>(2)?)),
                until: cells.get::<Option<u32>>(3)?.map(|until| Revision(u64::from(until))),
            },
            row: UnlocatedRow {
                file: cells.get(4)?,
                item: cells.get(5)?,
                name: cells.get(6)?,
                street: cells.optional(7, StreetCode::parse)?,
                foreign_code: cells.get(8)?,
            },
        };
        let id = cells.get(0)?;
        sum_of_unlocated(id, &kept).verify(cells.get(9)?)?;
        Ok((id, kept))
    })
}

/// The checksum of what is remembered of a sender.
pub(super) fn sum_of_columns(id: i64, kept: &SenderColumns) -> Sum {
    Sum::default().int(id).text(&kept.sender).text(&kept.heads).text(&kept.columns).text(&time_text(kept.at))
}

/// What is remembered of senders, with the rows. `filter` is what comes after the table, with the order.
pub(super) fn columns(
    sql: &Connection,
    filter: &str,
    parameters: impl Params,
) -> Result<Vec<(i64, SenderColumns)>, StoreError> {
    let query = format!("SELECT id, sender, heads, columns, remembered_at, crc FROM sender_columns {filter}");
    rows(sql, ("sender_columns", &query), parameters, |cells| {
        let kept =
            SenderColumns { sender: cells.get(1)?, heads: cells.get(2)?, columns: cells.get(3)?, at: time(cells, 4)? };
        let id = cells.get(0)?;
        sum_of_columns(id, &kept).verify(cells.get(5)?)?;
        Ok((id, kept))
    })
}

/// The checksum of an exception.
pub(super) fn sum_of_exception(exception: &Exception) -> Sum {
    let recorded = &exception.recorded;
    Sum::default()
        .int(i64::from(exception.id.0))
        .text(&recorded.issue)
        .text(&recorded.subject)
        .optional_text(recorded.other.as_deref())
        .text(&recorded.fingerprint)
        .text(&recorded.reason)
        .text(&recorded.owner)
        .text(&recorded.expires_on.to_string())
        .text(&time_text(recorded.recorded_at))
        .text(&recorded.recorded_by)
        .optional_text(exception.withdrawn_at.map(time_text).as_deref())
}

/// Exceptions in the order of their numbers. `filter` is what comes after the table in the query.
pub(super) fn exceptions(
    sql: &Connection,
    filter: &str,
    parameters: impl Params,
) -> Result<Vec<Exception>, StoreError> {
    let query = format!(
        "SELECT id, issue, subject, other, fingerprint, reason, owner, expires_on, recorded_at, recorded_by, withdrawn_at,
             crc
         FROM exceptions {filter} ORDER BY id"
    );
    rows(sql, ("exceptions", &query), parameters, |cells| {
        let exception = Exception {
            id: ExceptionId(cells.get(0)?),
            recorded: NewException {
                issue: cells.get(1)?,
                subject: cells.get(2)?,
                other: cells.get(3)?,
                fingerprint: cells.get(4)?,
                reason: cells.get(5)?,
                owner: cells.get(6)?,
                expires_on: cells.parsed(7, str::parse::<Date>)?,
                recorded_at: time(cells, 8)?,
                recorded_by: cells.get(9)?,
            },
            withdrawn_at: cells.optional(10, str::parse)?,
        };
        sum_of_exception(&exception).verify(cells.get(11)?)?;
        Ok(exception)
    })
}
