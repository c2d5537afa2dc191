//! Deliveries in memory.

use std::sync::Arc;

use jiff::Timestamp;

use crate::history::{AuditDraft, Ledger, Unlocated};
use crate::model::{
    AreaCode, DeliveredFile, Delivery, DeliveryId, DeliveryState, Exception, ExceptionId, NewDelivery, NewException,
    Origin, Revision, Trace,
};
use crate::store::deliveries::{
    CHUNK_BYTES, DeliveryStore, Receipt, SenderColumns, about, check_contents, object_of_delivery, object_of_exception,
    to_millisecond,
};
use crate::store::memory::{Memory, PLACE, State};
use crate::store::{Chunk, Row, StoreError};

/// A delivery; what became of it stands in the ledger.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    received: NewDelivery,
    contents: Vec<Arc<Vec<u8>>>,
    settings: Option<String>,
    summary: Option<String>,
}

impl State {
    /// Deliveries are numbered from 1 on, without gaps.
    fn kept(&self, id: DeliveryId) -> Option<&Kept> {
        self.deliveries.get(usize::try_from(id.0).ok()?.checked_sub(1)?)
    }

    fn next_delivery(&self) -> DeliveryId {
        DeliveryId(u32::try_from(self.deliveries.len() + 1).expect("a list in memory is shorter than that"))
    }

    fn told(&self) -> Vec<Delivery> {
        self.deliveries.iter().zip(1..).map(|(kept, id)| told(&self.ledger, DeliveryId(id), kept)).collect()
    }

    fn kept_mut(&mut self, id: DeliveryId) -> Option<&mut Kept> {
        self.deliveries.get_mut(usize::try_from(id.0).ok()?.checked_sub(1)?)
    }

    /// Keeps what an entry that was just made says of its delivery.
    pub(super) fn describe(&mut self, origin: &Origin) {
        if let (Some(kept), Some(summary)) = (self.kept_mut(origin.delivery()), origin.summary()) {
            kept.summary = Some(summary.to_owned());
        }
    }

    /// Whether anything is kept beside the ledger.
    pub(super) fn keeps_deliveries(&self) -> bool {
        !(self.deliveries.is_empty() && self.columns.is_empty() && self.exceptions.is_empty())
    }

    /// Hands out everything beside the ledger.
    pub(super) fn export_deliveries(
        &self,
        sink: &mut dyn FnMut(Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        for (kept, delivery) in self.deliveries.iter().zip(self.told()) {
            let id = delivery.id;
            sink(Row::Delivery(delivery))?;
            for (file, bytes) in kept.contents.iter().enumerate() {
                for bytes in bytes.chunks(CHUNK_BYTES) {
                    sink(Row::Chunk(Chunk { delivery: id, file, bytes: bytes.to_vec() }))?;
                }
            }
        }
        self.ledger.traces().iter().cloned().map(Row::Trace).try_for_each(&mut *sink)?;
        self.ledger.unlocated().iter().cloned().map(Row::Unlocated).try_for_each(&mut *sink)?;
        self.columns.iter().cloned().map(Row::Columns).try_for_each(&mut *sink)?;
        self.exceptions.iter().cloned().map(Row::Exception).try_for_each(sink)
    }

    /// Takes over from another store, unchecked.
    pub(super) fn take_delivery(&mut self, delivery: Delivery) {
        let Delivery { id, received, state, settings, summary } = delivery;
        self.ledger.take_delivery(id, state);
        let contents = vec![Arc::default(); received.files.len()];
        self.deliveries.push(Kept { received, contents, settings, summary });
    }

    /// Goes on with a file of a delivery that was taken over.
    pub(super) fn take_chunk(&mut self, chunk: &Chunk) -> Result<(), StoreError> {
        let kept = self.kept_mut(chunk.delivery);
        let contents = kept.and_then(|kept| kept.contents.get_mut(chunk.file)).ok_or_else(|| StoreError::Corrupt {
            table: "delivery_chunks",
            row: chunk.delivery.0.into(),
            message: "its delivery did not come first".to_owned(),
        })?;
        Arc::make_mut(contents).extend_from_slice(&chunk.bytes);
        Ok(())
    }
}

fn told(ledger: &Ledger, id: DeliveryId, kept: &Kept) -> Delivery {
    Delivery {
        id,
        received: kept.received.clone(),
        state: ledger.delivery(id).unwrap_or(DeliveryState::Received),
        settings: kept.settings.clone(),
        summary: kept.summary.clone(),
    }
}

impl DeliveryStore for Memory {
    fn receive(&self, delivery: &NewDelivery, contents: &[&[u8]], audit: &[AuditDraft]) -> Result<Receipt, StoreError> {
        check_contents(&delivery.files, contents)?;
        let mut state = self.state();
        let known = state.deliveries.iter().zip(1..).find(|(kept, _)| kept.received.digest == delivery.digest);
        if let Some((_, id)) = known {
            return Ok(Receipt::Known(DeliveryId(id)));
        }
        let id = state.next_delivery();
        state.ledger.take_delivery(id, DeliveryState::Received);
        state.deliveries.push(Kept {
            received: NewDelivery { received_at: to_millisecond(delivery.received_at), ..delivery.clone() },
            contents: contents.iter().map(|bytes| Arc::new(bytes.to_vec())).collect(),
            settings: None,
            summary: None,
        });
        state.safe.log(&about(audit, &object_of_delivery(id)), None);
        Ok(Receipt::New(id))
    }

    fn deliveries(&self) -> Result<Vec<Delivery>, StoreError> {
        Ok(self.state().told().into_iter().rev().collect())
    }

    fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let state = self.state();
        Ok(state.kept(id).map(|kept| told(&state.ledger, id, kept)))
    }

    fn contents(&self, id: DeliveryId) -> Result<Vec<(DeliveredFile, Vec<u8>)>, StoreError> {
        let Some(kept) = self.state().kept(id).cloned() else { return Ok(Vec::new()) };
        let bytes: Vec<&[u8]> = kept.contents.iter().map(|bytes| bytes.as_slice()).collect();
        check_contents(&kept.received.files, &bytes)
            .map_err(|err| StoreError::Damaged { place: PLACE.to_owned(), what: err.to_string() })?;
        let contents = kept.contents.into_iter().map(Arc::unwrap_or_clone);
        Ok(kept.received.files.into_iter().zip(contents).collect())
    }

    fn note_check(
        &self,
        id: DeliveryId,
        settings: &str,
        summary: &str,
        audit: &[AuditDraft],
    ) -> Result<(), StoreError> {
        let mut state = self.state();
        let published = matches!(state.ledger.delivery(id), Some(DeliveryState::Published { .. }));
        let kept = state.kept_mut(id).ok_or(StoreError::NoSuchDelivery(id))?;
        if !published {
            (kept.settings, kept.summary) = (Some(settings.to_owned()), Some(summary.to_owned()));
        }
        state.safe.log(&about(audit, &object_of_delivery(id)), None);
        Ok(())
    }

    fn traces_of_area(&self, area: &AreaCode) -> Result<Vec<Trace>, StoreError> {
        Ok(self.state().ledger.traces().iter().filter(|trace| trace.area == *area).cloned().collect())
    }

    fn traces_of_record(&self, revision: Revision) -> Result<Vec<Trace>, StoreError> {
        let state = self.state();
        let mut traces: Vec<Trace> =
            state.ledger.traces().iter().filter(|trace| trace.revision == revision).cloned().collect();
        traces.sort_by(|a, b| a.area.cmp(&b.area));
        Ok(traces)
    }

    fn unlocated(&self) -> Result<Vec<Unlocated>, StoreError> {
        Ok(self.state().ledger.unlocated().to_vec())
    }

    fn remember_columns(&self, columns: &SenderColumns, audit: &[AuditDraft]) -> Result<(), StoreError> {
        let mut state = self.state();
        state.columns.push(SenderColumns { at: to_millisecond(columns.at), ..columns.clone() });
        state.safe.log(audit, None);
        Ok(())
    }

    fn remembered_columns(&self, sender: &str, heads: &str) -> Result<Option<String>, StoreError> {
        let state = self.state();
        let last = state.columns.iter().rfind(|kept| kept.sender == sender && kept.heads == heads);
        Ok(last.map(|kept| kept.columns.clone()))
    }

    fn record_exception(&self, exception: &NewException, audit: &[AuditDraft]) -> Result<ExceptionId, StoreError> {
        let mut state = self.state();
        let id = ExceptionId(u32::try_from(state.exceptions.len() + 1).expect("a list in memory is shorter than that"));
        let recorded = NewException { recorded_at: to_millisecond(exception.recorded_at), ..exception.clone() };
        state.exceptions.push(Exception { id, recorded, withdrawn_at: None });
        state.safe.log(&about(audit, &object_of_exception(id)), None);
        Ok(id)
    }

    fn exceptions(&self) -> Result<Vec<Exception>, StoreError> {
        Ok(self.state().exceptions.clone())
    }

    fn withdraw_exception(&self, id: ExceptionId, at: Timestamp, audit: &[AuditDraft]) -> Result<bool, StoreError> {
        let mut state = self.state();
        let open = state.exceptions.iter_mut().find(|kept| kept.id == id && kept.withdrawn_at.is_none());
        let withdrawn = open.map(|kept| kept.withdrawn_at = Some(to_millisecond(at))).is_some();
        if withdrawn {
            state.safe.log(&about(audit, &object_of_exception(id)), None);
        }
        Ok(withdrawn)
    }
}
