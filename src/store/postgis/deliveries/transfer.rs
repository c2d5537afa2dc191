//! Deliveries out of the database and into it.

use std::collections::HashMap;

use tokio_postgres::Transaction;

use crate::history::Unlocated;
use crate::model::{DeliveryId, Exception, Trace};
use crate::store::deliveries::SenderColumns;
use crate::store::postgis::deliveries::rows::{self, EXCEPTION, SENDER, TRACE, UNLOCATED};
use crate::store::postgis::deliveries::{CHUNKS, files, whole, write};
use crate::store::postgis::rows::Cells;
use crate::store::postgis::transfer::Outlet;
use crate::store::postgis::{failed, vault};
use crate::store::{Chunk, Row, StoreError};

/// Hands out deliveries each followed by its bytes, traces, rows without an area, columns of senders and exceptions.
pub(in crate::store::postgis) fn export(
    out: &Outlet<'_>,
    sink: &mut dyn FnMut(Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for delivery in out.wait(whole(out.sql, None))? {
        let id = delivery.id;
        sink(Row::Delivery(delivery))?;
        for (file, row) in out.wait(files(out.sql, id))?.into_iter().enumerate() {
            let query = "SELECT position, bytes FROM delivery_chunks WHERE file = $1 ORDER BY position";
            out.portions(CHUNKS, query, &[&row.id], |row| {
                let bytes: &[u8] = Cells::new("delivery_chunks", row).get(1)?;
                sink(Row::Chunk(Chunk { delivery: id, file, bytes: bytes.to_vec() }))
            })?;
        }
    }
    out.each(&format!("{TRACE} ORDER BY id"), &[], |row| sink(Row::Trace(rows::trace(row)?.1)))?;
    out.each(&format!("{UNLOCATED} ORDER BY id"), &[], |row| sink(Row::Unlocated(rows::unlocated(row)?.1)))?;
    out.each(&format!("{SENDER} ORDER BY id"), &[], |row| sink(Row::Columns(rows::columns(row)?.1)))?;
    out.each(&format!("{EXCEPTION} ORDER BY id"), &[], |row| sink(Row::Exception(rows::exception(row)?)))
}

/// Whether nothing of this was ever kept.
pub(in crate::store::postgis) async fn is_empty(sql: &Transaction<'_>) -> Result<bool, StoreError> {
    let query = "SELECT NOT EXISTS (SELECT FROM deliveries) AND NOT EXISTS (SELECT FROM sender_columns)
         AND NOT EXISTS (SELECT FROM exceptions)";
    let failed = failed("look for deliveries");
    sql.query_one(query, &[]).await.map_err(failed)?.try_get(0).map_err(failed)
}

/// Takes rows in, in the order of an export.
#[derive(Default)]
pub(in crate::store::postgis) struct Intake {
    /// Rows of the files of the delivery that is coming in, each with the number of chunks it has.
    files: HashMap<(DeliveryId, usize), (i64, i64)>,
    traces: Vec<Trace>,
    unlocated: Vec<Unlocated>,
    columns: Vec<SenderColumns>,
    exceptions: Vec<Exception>,
}

impl Intake {
    /// Takes a row of a kind that stands beside the history; others are handed back. Those before it must have been written.
    pub(in crate::store::postgis) async fn take(
        &mut self,
        sql: &Transaction<'_>,
        row: Row,
    ) -> Result<Option<Row>, StoreError> {
        match row {
            Row::Delivery(delivery) => {
                let files = write::delivery(sql, &delivery, None).await?.into_iter().enumerate();
                self.files = files.map(|(file, row)| ((delivery.id, file), (row, 0))).collect();
            }
            Row::Chunk(Chunk { delivery, file, bytes }) => {
                let file = self.files.get_mut(&(delivery, file)).ok_or_else(|| StoreError::Corrupt {
                    table: "delivery_chunks",
                    row: delivery.0.into(),
                    message: "its delivery did not come first".to_owned(),
                })?;
                file.1 += 1;
                write::chunk(sql, file.0, file.1, &bytes).await?;
            }
            Row::Trace(trace) => self.traces.push(trace),
            Row::Unlocated(kept) => self.unlocated.push(kept),
            Row::Columns(columns) => self.columns.push(columns),
            Row::Exception(exception) => self.exceptions.push(exception),
            Row::Document(document) => vault::take_document(sql, &document).await?,
            Row::Audit(entry) => vault::take_audit(sql, &entry).await?,
            row @ (Row::Record(..) | Row::Thing(..) | Row::Lineage(..)) => return Ok(Some(row)),
        }
        Ok(None)
    }

    /// Rows that are taken and not written yet.
    pub(in crate::store::postgis) fn waiting(&self) -> usize {
        self.traces.len() + self.unlocated.len() + self.columns.len() + self.exceptions.len()
    }

    /// Writes what is waiting.
    pub(in crate::store::postgis) async fn write(&mut self, sql: &Transaction<'_>) -> Result<(), StoreError> {
        write::traces(sql, &std::mem::take(&mut self.traces)).await?;
        write::unlocated(sql, &std::mem::take(&mut self.unlocated)).await?;
        for kept in self.columns.drain(..) {
            write::columns(sql, &kept).await?;
        }
        for exception in self.exceptions.drain(..) {
            write::exception(sql, &exception, None).await?;
        }
        Ok(())
    }
}
