//! Deliveries in the database: what was received, byte for byte, and what became of it.

mod check;
mod rows;
mod transfer;
mod write;

use std::collections::HashMap;
use std::sync::PoisonError;

use jiff::Timestamp;
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;

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
use crate::store::postgis::commit::{Attempt, lock};
use crate::store::postgis::deliveries::rows::{DELIVERY, EXCEPTION, FILE, FileRow, SENDER, TRACE, UNLOCATED, id_of};
use crate::store::postgis::rows::{Cells, all, instant, number};
use crate::store::postgis::vault::Tries;
use crate::store::postgis::{PostGis, failed, vault};

pub(super) use check::check;
pub(super) use transfer::{Intake, export, is_empty};
pub(super) use write::{check_areas, next_state, settle};

/// Rows of [`CHUNK_BYTES`](crate::store::CHUNK_BYTES) that are fetched at a time.
const CHUNKS: i32 = 4;

/// What became of a delivery; `None` for a number that was never given.
async fn state_of(sql: &Transaction<'_>, id: DeliveryId) -> Result<Option<DeliveryState>, StoreError> {
    let query = "SELECT id, state, revision, undone_by FROM deliveries WHERE id = $1";
    let row = sql.query_opt(query, &[&id_of(id)]).await.map_err(failed("look for the delivery"))?;
    row.map(|row| rows::state(&Cells::new("deliveries", &row), 1)).transpose()
}

/// Deliveries with their files, by number: all, or one.
async fn whole(sql: &Transaction<'_>, id: Option<DeliveryId>) -> Result<Vec<Delivery>, StoreError> {
    let id = id.map(id_of);
    let query = format!("{DELIVERY} WHERE $1::bigint IS NULL OR id = $1 ORDER BY id");
    let mut told: Vec<Delivery> =
        all(sql, &query, &[&id], rows::delivery).await?.into_iter().map(|(delivery, _)| delivery).collect();
    let query = format!("{FILE} WHERE $1::bigint IS NULL OR delivery = $1 ORDER BY delivery, position");
    let mut files: HashMap<DeliveryId, Vec<DeliveredFile>> = HashMap::new();
    for row in all(sql, &query, &[&id], FileRow::read).await? {
        files.entry(row.delivery).or_default().push(row.file);
    }
    for delivery in &mut told {
        delivery.received.files = files.remove(&delivery.id).unwrap_or_default();
    }
    Ok(told)
}

/// The files of a delivery, in order.
async fn files(sql: &Transaction<'_>, id: DeliveryId) -> Result<Vec<FileRow>, StoreError> {
    all(sql, &format!("{FILE} WHERE delivery = $1 ORDER BY position"), &[&id_of(id)], FileRow::read).await
}

/// Hands out the bytes of a file in order, with the position of each row, from 1 on.
async fn each_chunk(sql: &Transaction<'_>, file: i64, mut take: impl FnMut(i64, &[u8])) -> Result<(), StoreError> {
    let failed = failed("read what was received");
    let query = "SELECT position, bytes FROM delivery_chunks WHERE file = $1 ORDER BY position";
    let portal = sql.bind(query, &[&file]).await.map_err(failed)?;
    loop {
        let rows = sql.query_portal(&portal, CHUNKS).await.map_err(failed)?;
        for row in &rows {
            let cells = Cells::new("delivery_chunks", row);
            take(cells.get(0)?, cells.get(1)?);
        }
        if rows.len() < CHUNKS as usize {
            return Ok(());
        }
    }
}

/// The files of a delivery with their bytes, compared with their digests.
async fn contents(
    sql: &Transaction<'_>,
    id: DeliveryId,
    place: &str,
) -> Result<Vec<(DeliveredFile, Vec<u8>)>, StoreError> {
    let mut told = Vec::new();
    for row in files(sql, id).await? {
        let (mut bytes, mut comparing) = (Vec::new(), Comparing::default());
        each_chunk(sql, row.id, |_, chunk| {
            comparing.add(chunk);
            bytes.extend_from_slice(chunk);
        })
        .await?;
        if let Some(what) = comparing.finish(&row.file) {
            let what = format!("delivery {id}, {}: {what}", row.file.name);
            return Err(StoreError::Damaged { place: place.to_owned(), what });
        }
        told.push((row.file, bytes));
    }
    Ok(told)
}

impl PostGis {
    /// Does something in one transaction, once: `None` when an earlier try was committed and never answered.
    fn once<T>(&self, work: impl AsyncFn(&Transaction<'_>) -> Result<T, StoreError>) -> Result<Option<T>, StoreError> {
        let _alone = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = Tries::default();
        self.with_client(async |client| {
            let sql = client.transaction().await.map_err(failed("begin to write"))?;
            lock(&sql).await?;
            if tries.done_before(&sql).await? {
                return Ok(None);
            }
            let done = work(&sql).await?;
            sql.commit().await.map_err(failed("commit what was written"))?;
            Ok(Some(done))
        })
    }

    fn is_withdrawn_at(&self, id: ExceptionId, at: Timestamp) -> Result<bool, StoreError> {
        let (id, at) = (i64::from(id.0), to_millisecond(at));
        let ours = "SELECT 1 FROM exceptions WHERE id = $1 AND withdrawn_at = $2";
        self.with_client(async |client| {
            Ok(client.query_opt(ours, &[&id, &at]).await.map_err(failed("look for the exception"))?.is_some())
        })
    }

    fn traces(&self, filter: &str, parameter: &(dyn ToSql + Sync)) -> Result<Vec<Trace>, StoreError> {
        let query = format!("{TRACE} WHERE {filter}");
        self.with_client(async |client| {
            let found = all(&instant(client).await?, &query, &[parameter], rows::trace).await?;
            Ok(found.into_iter().map(|(_, trace)| trace).collect())
        })
    }
}

impl DeliveryStore for PostGis {
    fn receive(&self, delivery: &NewDelivery, contents: &[&[u8]], audit: &[AuditDraft]) -> Result<Receipt, StoreError> {
        check_contents(&delivery.files, contents)?;
        let _alone = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = Attempt::default();
        self.with_client(async |client| write::receive(client, (delivery, contents), audit, &attempt).await)
    }

    fn deliveries(&self) -> Result<Vec<Delivery>, StoreError> {
        let mut told = self.with_client(async |client| whole(&instant(client).await?, None).await)?;
        told.reverse();
        Ok(told)
    }

    fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        Ok(self.with_client(async |client| whole(&instant(client).await?, Some(id)).await)?.pop())
    }

    fn contents(&self, id: DeliveryId) -> Result<Vec<(DeliveredFile, Vec<u8>)>, StoreError> {
        self.with_client(async |client| contents(&instant(client).await?, id, self.place()).await)
    }

    fn note_check(
        &self,
        id: DeliveryId,
        settings: &str,
        summary: &str,
        audit: &[AuditDraft],
    ) -> Result<(), StoreError> {
        let audit = about(audit, &object_of_delivery(id));
        self.once(async |sql| {
            write::note_check(sql, id, settings, summary).await?;
            vault::log(sql, &audit, None).await
        })
        .map(drop)
    }

    fn traces_of_area(&self, area: &AreaCode) -> Result<Vec<Trace>, StoreError> {
        self.traces("area = $1 ORDER BY record, id", &area.as_str())
    }

    fn traces_of_record(&self, revision: Revision) -> Result<Vec<Trace>, StoreError> {
        self.traces("record = $1 ORDER BY area, id", &number(revision))
    }

    fn unlocated(&self) -> Result<Vec<Unlocated>, StoreError> {
        let query = format!("{UNLOCATED} ORDER BY id");
        self.with_client(async |client| {
            let found = all(&instant(client).await?, &query, &[], rows::unlocated).await?;
            Ok(found.into_iter().map(|(_, kept)| kept).collect())
        })
    }

    fn remember_columns(&self, columns: &SenderColumns, audit: &[AuditDraft]) -> Result<(), StoreError> {
        let kept = SenderColumns { at: to_millisecond(columns.at), ..columns.clone() };
        self.once(async |sql| {
            write::columns(sql, &kept).await?;
            vault::log(sql, audit, None).await
        })
        .map(drop)
    }

    fn remembered_columns(&self, sender: &str, heads: &str) -> Result<Option<String>, StoreError> {
        let query = format!("{SENDER} WHERE sender = $1 AND heads = $2 ORDER BY id DESC LIMIT 1");
        self.with_client(async |client| {
            let row = client.query_opt(&query, &[&sender, &heads]).await.map_err(failed("look for columns"))?;
            row.map(|row| Ok(rows::columns(&row)?.1.columns)).transpose()
        })
    }

    fn record_exception(&self, exception: &NewException, audit: &[AuditDraft]) -> Result<ExceptionId, StoreError> {
        let attempt = Attempt::default();
        self.with_client(async |client| write::new_exception(client, exception, audit, &attempt).await)
    }

    fn exceptions(&self) -> Result<Vec<Exception>, StoreError> {
        let query = format!("{EXCEPTION} ORDER BY id");
        self.with_client(async |client| all(&instant(client).await?, &query, &[], rows::exception).await)
    }

    fn withdraw_exception(&self, id: ExceptionId, at: Timestamp, audit: &[AuditDraft]) -> Result<bool, StoreError> {
        let audit = about(audit, &object_of_exception(id));
        let withdrawn = self.once(async |sql| {
            let withdrawn = write::withdraw(sql, id, at).await?;
            if withdrawn {
                vault::log(sql, &audit, None).await?;
            }
            Ok(withdrawn)
        })?;
        // A try that was committed and never answered was one that withdrew it, or found nothing to withdraw.
        withdrawn.map_or_else(|| self.is_withdrawn_at(id, at), Ok)
    }
}

#[cfg(test)]
mod tests;
