//! Deliveries at rest: the received bytes, what became of them, remembered columns and exceptions.

use jiff::Timestamp;

use crate::model::{
    AreaCode, DeliveredFile, Delivery, DeliveryId, Exception, ExceptionId, NewDelivery, NewException, Revision, Trace,
};
use crate::store::StoreError;

/// What became of a delivery that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receipt {
    /// Its bytes are durable.
    New(DeliveryId),
    /// The same bytes were received before, under this number: nothing new.
    Known(DeliveryId),
}

/// The part of a store that keeps deliveries. Everything is durable when a call returns, and nothing is deleted.
///
/// An entry with an [`crate::model::Origin`] changes the state of its delivery and writes its traces in the transaction of
/// the record, see [`crate::store::Store::commit`].
pub trait DeliveryStore {
    /// Keeps a delivery with the bytes of its files, in the order of [`NewDelivery::files`], in one transaction.
    fn receive(&self, delivery: &NewDelivery, contents: &[&[u8]]) -> Result<Receipt, StoreError>;

    /// Every delivery, newest first.
    fn deliveries(&self) -> Result<Vec<Delivery>, StoreError>;

    /// One delivery; `None` for a number that was never given.
    fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;

    /// The files of a delivery with their bytes, compared with their digests. Errors: [`StoreError::Damaged`] when they
    /// differ; empty for a number that was never given.
    fn contents(&self, id: DeliveryId) -> Result<Vec<(DeliveredFile, Vec<u8>)>, StoreError>;

    /// Keeps how a delivery was checked last and what was found, both as JSON text.
    fn note_check(&self, id: DeliveryId, settings: &str, summary: &str) -> Result<(), StoreError>;

    /// Which rows of deliveries told of an area, in the order of records.
    fn traces_of_area(&self, area: &AreaCode) -> Result<Vec<Trace>, StoreError>;

    /// Which rows of a delivery were entered under a record, in the order of areas.
    fn traces_of_record(&self, revision: Revision) -> Result<Vec<Trace>, StoreError>;

    /// Keeps how the columns of a sender's files are to be read, as JSON text, by a fingerprint of their heads; the last one
    /// counts.
    fn remember_columns(&self, sender: &str, heads: &str, columns: &str, at: Timestamp) -> Result<(), StoreError>;

    /// What was remembered last for these heads of this sender.
    fn remembered_columns(&self, sender: &str, heads: &str) -> Result<Option<String>, StoreError>;

    /// Keeps an exception.
    fn record_exception(&self, exception: &NewException) -> Result<ExceptionId, StoreError>;

    /// Every exception, also withdrawn and expired ones, in the order they were recorded.
    fn exceptions(&self) -> Result<Vec<Exception>, StoreError>;

    /// Withdraws an exception. Answers whether there was one that was not withdrawn.
    fn withdraw_exception(&self, id: ExceptionId, at: Timestamp) -> Result<bool, StoreError>;
}
