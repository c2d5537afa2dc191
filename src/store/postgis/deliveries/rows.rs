//! Rows of deliveries and of what belongs to them as what they mean.

use tokio_postgres::Row;

use crate::history::{Recorded, Unlocated};
use crate::model::{
    AreaCode, DeliveredFile, Delivery, DeliveryId, DeliveryState, Digest, Exception, ExceptionId, NewDelivery,
    NewException, StreetCode, Trace, UnlocatedRow,
};
use crate::store::StoreError;
use crate::store::deliveries::SenderColumns;
use crate::store::postgis::rows::{Cells, number};

/// The columns that [`delivery`] reads.
pub(super) const DELIVERY: &str =
    "SELECT id, digest, sender, received_at, received_by, note, state, revision, undone_by, settings, summary, files
     FROM deliveries";

/// The columns that [`FileRow::read`] reads.
pub(super) const FILE: &str = "SELECT id, delivery, position, name, size, digest FROM delivery_files";

/// The columns that [`trace`] reads.
pub(super) const TRACE: &str = "SELECT id, record, area, delivery, file, item FROM delivery_traces";

/// The columns that [`unlocated`] reads.
pub(super) const UNLOCATED: &str =
    "SELECT id, delivery, recorded_from, recorded_until, file, item, name, street, code FROM delivery_unlocated";

/// The columns that [`columns`] reads.
pub(super) const SENDER: &str = "SELECT id, sender, heads, columns, remembered_at FROM sender_columns";

/// The columns that [`exception`] reads.
pub(super) const EXCEPTION: &str =
    "SELECT id, issue, subject, other, fingerprint, reason, owner, expires_on, recorded_at, recorded_by, withdrawn_at
     FROM exceptions";

fn digest(cells: &Cells<'_>, column: usize) -> Result<Digest, StoreError> {
    let bytes: &[u8] = cells.get(column)?;
    bytes.try_into().map(Digest).map_err(|_| cells.corrupt("a digest has 32 bytes".to_owned()))
}

fn delivery_id(cells: &Cells<'_>, column: usize) -> Result<DeliveryId, StoreError> {
    cells.number(cells.get(column)?).map(DeliveryId)
}

/// What became of a delivery, in three columns.
pub(super) fn state(cells: &Cells<'_>, first: usize) -> Result<DeliveryState, StoreError> {
    let record = |column: usize| {
        let number: Option<i64> = cells.get(column)?;
        number.map(|number| cells.revision(number)).transpose()
    };
    match (cells.get(first)?, record(first + 1)?, record(first + 2)?) {
        ("received", None, None) => Ok(DeliveryState::Received),
        ("published", Some(revision), None) => Ok(DeliveryState::Published { revision }),
        ("undone", Some(revision), Some(by)) => Ok(DeliveryState::Undone { revision, by }),
        (state, ..) => Err(cells.corrupt(format!("state: {state:?} does not fit the records beside it"))),
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

/// A delivery without its files, and how many there are.
pub(super) fn delivery(row: &Row) -> Result<(Delivery, i64), StoreError> {
    let cells = Cells::new("deliveries", row);
    let received = NewDelivery {
        digest: digest(&cells, 1)?,
        sender: cells.get(2)?,
        received_at: cells.get(3)?,
        received_by: cells.get(4)?,
        note: cells.get(5)?,
        files: Vec::new(),
    };
    let (settings, summary) = (cells.get(9)?, cells.get(10)?);
    let delivery = Delivery { id: delivery_id(&cells, 0)?, received, state: state(&cells, 6)?, settings, summary };
    Ok((delivery, cells.get(11)?))
}

/// A file as it is stored.
pub(super) struct FileRow {
    pub(super) id: i64,
    pub(super) delivery: DeliveryId,
    /// From 1 on.
    pub(super) position: i64,
    pub(super) file: DeliveredFile,
}

impl FileRow {
    /// Reads the columns of [`FILE`].
    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let cells = Cells::new("delivery_files", row);
        let size: i64 = cells.get(4)?;
        let size = u64::try_from(size).map_err(|_| cells.corrupt(format!("{size} is not a size")))?;
        let file = DeliveredFile { name: cells.get(3)?, size, digest: digest(&cells, 5)? };
        Ok(Self { id: cells.get(0)?, delivery: delivery_id(&cells, 1)?, position: cells.get(2)?, file })
    }
}

/// A trace and its row.
pub(super) fn trace(row: &Row) -> Result<(i64, Trace), StoreError> {
    let cells = Cells::new("delivery_traces", row);
    let trace = Trace {
        revision: cells.revision(cells.get(1)?)?,
        area: AreaCode::parse(cells.get(2)?).map_err(|err| cells.corrupt(err.to_string()))?,
        delivery: delivery_id(&cells, 3)?,
        file: cells.get(4)?,
        item: cells.get(5)?,
    };
    Ok((cells.get(0)?, trace))
}

/// A row without an area, and the row it is in.
pub(super) fn unlocated(row: &Row) -> Result<(i64, Unlocated), StoreError> {
    let cells = Cells::new("delivery_unlocated", row);
    let (until, street): (Option<i64>, Option<&str>) = (cells.get(3)?, cells.get(7)?);
    let kept = Unlocated {
        delivery: delivery_id(&cells, 1)?,
        recorded: Recorded {
            from: cells.revision(cells.get(2)?)?,
            until: until.map(|until| cells.revision(until)).transpose()?,
        },
        row: UnlocatedRow {
            file: cells.get(4)?,
            item: cells.get(5)?,
            name: cells.get(6)?,
            street: street.map(StreetCode::parse).transpose().map_err(|err| cells.corrupt(err.to_string()))?,
            foreign_code: cells.get(8)?,
        },
    };
    Ok((cells.get(0)?, kept))
}

/// What is remembered of a sender, and its row.
pub(super) fn columns(row: &Row) -> Result<(i64, SenderColumns), StoreError> {
    let cells = Cells::new("sender_columns", row);
    let kept = SenderColumns { sender: cells.get(1)?, heads: cells.get(2)?, columns: cells.get(3)?, at: cells.get(4)? };
    Ok((cells.get(0)?, kept))
}

/// An exception.
pub(super) fn exception(row: &Row) -> Result<Exception, StoreError> {
    let cells = Cells::new("exceptions", row);
    Ok(Exception {
        id: ExceptionId(cells.number(cells.get(0)?)?),
        recorded: NewException {
            issue: cells.get(1)?,
            subject: cells.get(2)?,
            other: cells.get(3)?,
            fingerprint: cells.get(4)?,
            reason: cells.get(5)?,
            owner: cells.get(6)?,
            expires_on: cells.get(7)?,
            recorded_at: cells.get(8)?,
            recorded_by: cells.get(9)?,
        },
        withdrawn_at: cells.get(10)?,
    })
}

/// A number as the tables keep it: those that were never given are in no row.
pub(super) fn id_of(DeliveryId(id): DeliveryId) -> i64 {
    i64::from(id)
}
