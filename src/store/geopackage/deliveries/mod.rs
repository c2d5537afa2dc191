//! Deliveries in the file: what was received, byte for byte, and what became of it.

mod check;
mod rows;
#[cfg(test)]
mod tests;
mod transfer;
mod write;

use jiff::Timestamp;
use rusqlite::{Connection, Params};

use crate::history::{AuditDraft, Unlocated};
use crate::model::{
    AreaCode, DeliveredFile, Delivery, DeliveryId, DeliveryState, Exception, ExceptionId, NewDelivery, NewException,
    Revision, Trace,
};
use crate::store::StoreError;
use crate::store::deliveries::{
    Comparing, DeliveryStore, Receipt, SenderColumns, about, check_contents, object_of_delivery, object_of_exception,
    to_millisecond,
};
use crate::store::geopackage::GeoPackage;
use crate::store::geopackage::deliveries::rows::FileRow;
use crate::store::geopackage::tables::number;
use crate::store::geopackage::vault::log;

pub(super) use check::check;
pub(super) use transfer::{Intake, export, is_empty};
pub(super) use write::{move_unlocated, settle};

/// What became of a delivery; `None` for a number that was never given.
pub(super) fn state(sql: &Connection, id: DeliveryId) -> Result<Option<DeliveryState>, StoreError> {
    Ok(rows::deliveries(sql, "WHERE id = ?", [id.0])?.pop().map(|row| row.delivery.state))
}

/// Deliveries with their files, by number.
fn whole(sql: &Connection, filter: &str, parameters: impl Params) -> Result<Vec<Delivery>, StoreError> {
    let mut told = Vec::new();
    for row in rows::deliveries(sql, filter, parameters)? {
        let mut delivery = row.delivery;
        delivery.received.files = files(sql, delivery.id)?.into_iter().map(|row| row.file).collect();
        told.push(delivery);
    }
    Ok(told)
}

fn files(sql: &Connection, id: DeliveryId) -> Result<Vec<FileRow>, StoreError> {
    rows::files(sql, "WHERE delivery = ?", [id.0])
}

/// The files of a delivery with their bytes; in words what is wrong with the first that differs from its digest.
#[expect(clippy::type_complexity, reason = "the contract's own list, or a sentence")]
fn contents(sql: &Connection, id: DeliveryId) -> Result<Result<Vec<(DeliveredFile, Vec<u8>)>, String>, StoreError> {
    let mut told = Vec::new();
    for row in files(sql, id)? {
        let (mut bytes, mut comparing) = (Vec::new(), Comparing::default());
        rows::each_chunk(sql, row.id, |_, chunk| {
            comparing.add(chunk);
            bytes.extend_from_slice(chunk);
            Ok(())
        })?;
        if let Some(what) = comparing.finish(&row.file) {
            return Ok(Err(format!("delivery {id}, {}: {what}", row.file.name)));
        }
        told.push((row.file, bytes));
    }
    Ok(Ok(told))
}

fn traces(sql: &Connection, filter: &str, parameters: impl Params) -> Result<Vec<Trace>, StoreError> {
    Ok(rows::traces(sql, filter, parameters)?.into_iter().map(|(_, trace)| trace).collect())
}

impl DeliveryStore for GeoPackage {
    fn receive(&self, delivery: &NewDelivery, contents: &[&[u8]], audit: &[AuditDraft]) -> Result<Receipt, StoreError> {
        check_contents(&delivery.files, contents)?;
        self.in_transaction(|sql| {
            let receipt = write::receive(sql, delivery, contents)?;
            if let Receipt::New(id) = receipt {
                log(sql, &about(audit, &object_of_delivery(id)), None)?;
            }
            Ok(receipt)
        })
    }

    fn deliveries(&self) -> Result<Vec<Delivery>, StoreError> {
        let mut told = self.read(|sql| whole(sql, "", []))?;
        told.reverse();
        Ok(told)
    }

    fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        Ok(self.read(|sql| whole(sql, "WHERE id = ?", [id.0]))?.pop())
    }

    fn contents(&self, id: DeliveryId) -> Result<Vec<(DeliveredFile, Vec<u8>)>, StoreError> {
        let damaged = |what| StoreError::Damaged { place: self.path().display().to_string(), what };
        self.read(|sql| contents(sql, id))?.map_err(damaged)
    }

    fn note_check(
        &self,
        id: DeliveryId,
        settings: &str,
        summary: &str,
        audit: &[AuditDraft],
    ) -> Result<(), StoreError> {
        self.in_transaction(|sql| {
            write::note_check(sql, id, settings, summary)?;
            log(sql, &about(audit, &object_of_delivery(id)), None)
        })
    }

    fn traces_of_area(&self, area: &AreaCode) -> Result<Vec<Trace>, StoreError> {
        self.read(|sql| traces(sql, "WHERE area = ? ORDER BY record, id", [area.as_str()]))
    }

    fn traces_of_record(&self, revision: Revision) -> Result<Vec<Trace>, StoreError> {
        // A revision that no row can have was never entered.
        let record = number(Revision(revision.0.min(u64::from(u32::MAX) + 1)));
        self.read(|sql| traces(sql, "WHERE record = ? ORDER BY area, id", [record]))
    }

    fn unlocated(&self) -> Result<Vec<Unlocated>, StoreError> {
        let rows = self.read(|sql| rows::unlocated(sql, "ORDER BY id", []))?;
        Ok(rows.into_iter().map(|(_, kept)| kept).collect())
    }

    fn remember_columns(&self, columns: &SenderColumns, audit: &[AuditDraft]) -> Result<(), StoreError> {
        let kept = SenderColumns { at: to_millisecond(columns.at), ..columns.clone() };
        self.in_transaction(|sql| {
            write::columns(sql, &kept)?;
            log(sql, audit, None)
        })
    }

    fn remembered_columns(&self, sender: &str, heads: &str) -> Result<Option<String>, StoreError> {
        let last = "WHERE sender = ? AND heads = ? ORDER BY id DESC LIMIT 1";
        let found = self.read(|sql| rows::columns(sql, last, [sender, heads]))?;
        Ok(found.into_iter().next().map(|(_, kept)| kept.columns))
    }

    fn record_exception(&self, exception: &NewException, audit: &[AuditDraft]) -> Result<ExceptionId, StoreError> {
        self.in_transaction(|sql| {
            let id = write::new_exception(sql, exception)?;
            log(sql, &about(audit, &object_of_exception(id)), None)?;
            Ok(id)
        })
    }

    fn exceptions(&self) -> Result<Vec<Exception>, StoreError> {
        self.read(|sql| rows::exceptions(sql, "", []))
    }

    fn withdraw_exception(&self, id: ExceptionId, at: Timestamp, audit: &[AuditDraft]) -> Result<bool, StoreError> {
        self.in_transaction(|sql| {
            let withdrawn = write::withdraw(sql, id, at)?;
            if withdrawn {
                log(sql, &about(audit, &object_of_exception(id)), None)?;
            }
            Ok(withdrawn)
        })
    }
}
