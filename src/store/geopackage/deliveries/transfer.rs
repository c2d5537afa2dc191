//! Deliveries out of the file and into it, one row at a time.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::history::Unlocated;
use crate::model::{Delivery, DeliveryId, Exception, Trace};
use crate::store::deliveries::SenderColumns;
use crate::store::geopackage::deliveries::{rows, whole, write};
use crate::store::{Chunk, Row, StoreError};

/// Hands out deliveries each followed by its bytes, traces, rows without an area, columns of senders and exceptions.
pub(in crate::store::geopackage) fn export(
    sql: &Connection,
    sink: &mut dyn FnMut(Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for delivery in whole(sql, "", [])? {
        let id = delivery.id;
        sink(Row::Delivery(delivery))?;
        for (file, row) in rows::files(sql, "WHERE delivery = ?", [id.0])?.into_iter().enumerate() {
            chunks(sql, &mut *sink, (id, file), row.id)?;
        }
    }
    // What the sink says ends the reading, and is handed on.
    let mut told = Ok(());
    rows::each_trace(sql, "ORDER BY id", [], |_, trace| {
        if told.is_ok() {
            told = sink(Row::Trace(trace));
        }
    })?;
    told?;
    for (_, kept) in rows::unlocated(sql, "ORDER BY id", [])? {
        sink(Row::Unlocated(kept))?;
    }
    for (_, kept) in rows::columns(sql, "ORDER BY id", [])? {
        sink(Row::Columns(kept))?;
    }
    rows::exceptions(sql, "", [])?.into_iter().map(Row::Exception).try_for_each(sink)
}

fn chunks(
    sql: &Connection,
    sink: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    (delivery, file): (DeliveryId, usize),
    row: i64,
) -> Result<(), StoreError> {
    let mut told = Ok(());
    rows::each_chunk(sql, row, |cells, bytes| {
        rows::chunk_fits(cells, row, bytes)?;
        if told.is_ok() {
            told = sink(Row::Chunk(Chunk { delivery, file, bytes: bytes.to_vec() }));
        }
        Ok(())
    })?;
    told
}

/// Whether nothing of this was ever kept.
pub(in crate::store::geopackage) fn is_empty(sql: &Connection) -> Result<bool, StoreError> {
    let query = "SELECT NOT EXISTS (SELECT 1 FROM deliveries) AND NOT EXISTS (SELECT 1 FROM sender_columns)
         AND NOT EXISTS (SELECT 1 FROM exceptions)";
    sql.query_row(query, [], |row| row.get(0)).map_err(|source| StoreError::Sql { step: "look for deliveries", source })
}

/// Takes rows in, in the order of an export.
pub(in crate::store::geopackage) struct Intake<'a> {
    sql: &'a Connection,
    /// Rows of the files of the delivery that is coming in, each with the number of chunks it has.
    files: HashMap<(DeliveryId, usize), (i64, i64)>,
    /// Whether deliveries are to be told how many rows of other tables name them.
    counted: bool,
}

impl<'a> Intake<'a> {
    pub(in crate::store::geopackage) fn new(sql: &'a Connection) -> Self {
        Self { sql, files: HashMap::new(), counted: false }
    }

    pub(in crate::store::geopackage) fn delivery(&mut self, delivery: &Delivery) -> Result<(), StoreError> {
        let files = write::delivery(self.sql, delivery)?.into_iter().enumerate();
        self.files = files.map(|(file, row)| ((delivery.id, file), (row, 0))).collect();
        Ok(())
    }

    pub(in crate::store::geopackage) fn chunk(&mut self, chunk: &Chunk) -> Result<(), StoreError> {
        let file = self.files.get_mut(&(chunk.delivery, chunk.file)).ok_or_else(|| StoreError::Corrupt {
            table: "delivery_chunks",
            row: chunk.delivery.0.into(),
            message: "its delivery did not come first".to_owned(),
        })?;
        file.1 += 1;
        write::chunk(self.sql, file.0, file.1, &chunk.bytes)
    }

    pub(in crate::store::geopackage) fn trace(&mut self, trace: &Trace) -> Result<(), StoreError> {
        self.counted = true;
        write::trace(self.sql, trace)
    }

    pub(in crate::store::geopackage) fn unlocated(&mut self, kept: &Unlocated) -> Result<(), StoreError> {
        self.counted = true;
        write::unlocated(self.sql, kept)
    }

    pub(in crate::store::geopackage) fn columns(&self, kept: &SenderColumns) -> Result<(), StoreError> {
        write::columns(self.sql, kept)
    }

    pub(in crate::store::geopackage) fn exception(&self, exception: &Exception) -> Result<(), StoreError> {
        write::exception(self.sql, exception)
    }

    pub(in crate::store::geopackage) fn finish(self) -> Result<(), StoreError> {
        if self.counted { write::recount(self.sql) } else { Ok(()) }
    }
}
