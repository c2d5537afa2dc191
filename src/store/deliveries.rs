//! Deliveries at rest: the received bytes, what became of them, remembered columns and exceptions.

use jiff::{Timestamp, Unit};
use sha2::{Digest as _, Sha256};

use crate::history::{AuditDraft, Unlocated};
use crate::model::{
    AreaCode, DeliveredFile, Delivery, DeliveryId, DeliveryState, Digest, Exception, ExceptionId, NewDelivery,
    NewException, Revision, Trace,
};
use crate::store::StoreError;

/// Bytes of a file that are kept in one row, and that go from store to store at a time.
pub const CHUNK_BYTES: usize = 1 << 20;

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
/// An entry with an [`crate::model::Origin`] changes the state of its delivery and writes its traces, the rows without an area
/// and what it was published with in the transaction of the record, see [`crate::store::Store::commit`].
/// What is written takes along what the audit log says of it; a draft without an object is about what was just numbered.
pub trait DeliveryStore {
    /// Keeps a delivery with the bytes of its files, in the order of [`NewDelivery::files`], in one transaction. The same
    /// delivery is known by [`NewDelivery::digest`]; of one that is known already the log says nothing.
    ///
    /// Errors: [`StoreError::OtherBytes`] when sizes or digests are not those of the bytes; [`StoreError::Full`].
    fn receive(&self, delivery: &NewDelivery, contents: &[&[u8]], audit: &[AuditDraft]) -> Result<Receipt, StoreError>;

    /// Every delivery, newest first.
    fn deliveries(&self) -> Result<Vec<Delivery>, StoreError>;

    /// One delivery; `None` for a number that was never given.
    fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;

    /// The files of a delivery with their bytes, compared with their digests. Errors: [`StoreError::Damaged`] when they
    /// differ; empty for a number that was never given.
    fn contents(&self, id: DeliveryId) -> Result<Vec<(DeliveredFile, Vec<u8>)>, StoreError>;

    /// Keeps how a delivery was checked last and what was found, both as JSON text. What is in the register stays described
    /// as it was published: of a delivery that is published meanwhile nothing is kept but in the log.
    fn note_check(&self, id: DeliveryId, settings: &str, summary: &str, audit: &[AuditDraft])
    -> Result<(), StoreError>;

    /// Which rows of deliveries told of an area, in the order of records.
    fn traces_of_area(&self, area: &AreaCode) -> Result<Vec<Trace>, StoreError>;

    /// Which rows of a delivery were entered under a record, in the order of areas.
    fn traces_of_record(&self, revision: Revision) -> Result<Vec<Trace>, StoreError>;

    /// The rows of deliveries for which there is no area, in the order of entry; also those that were taken back.
    fn unlocated(&self) -> Result<Vec<Unlocated>, StoreError>;

    /// Keeps how the columns of a sender's files are to be read, as JSON text, by a fingerprint of their heads; the last one
    /// counts.
    fn remember_columns(&self, columns: &SenderColumns, audit: &[AuditDraft]) -> Result<(), StoreError>;

    /// What was remembered last for these heads of this sender.
    fn remembered_columns(&self, sender: &str, heads: &str) -> Result<Option<String>, StoreError>;

    /// Keeps an exception.
    fn record_exception(&self, exception: &NewException, audit: &[AuditDraft]) -> Result<ExceptionId, StoreError>;

    /// Every exception, also withdrawn and expired ones, in the order they were recorded.
    fn exceptions(&self) -> Result<Vec<Exception>, StoreError>;

    /// Withdraws an exception. Answers whether there was one that was not withdrawn; else the log says nothing.
    fn withdraw_exception(&self, id: ExceptionId, at: Timestamp, audit: &[AuditDraft]) -> Result<bool, StoreError>;
}

/// How the columns of a sender's files are to be read, as it was remembered once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderColumns {
    /// Who delivers.
    pub sender: String,
    /// Fingerprint of the heads of the columns.
    pub heads: String,
    /// What they mean, as JSON text.
    pub columns: String,
    /// When it was remembered, to the millisecond.
    pub at: Timestamp,
}

/// What the audit log calls a delivery.
pub(crate) fn object_of_delivery(id: DeliveryId) -> String {
    format!("delivery/{id}")
}

/// What the audit log calls an exception.
pub(crate) fn object_of_exception(id: ExceptionId) -> String {
    format!("exception/{}", id.0)
}

/// Drafts without an object are about this one.
pub(crate) fn about(audit: &[AuditDraft], object: &str) -> Vec<AuditDraft> {
    audit.iter().map(|draft| draft.about(object)).collect()
}

/// SHA-256 of a file.
pub fn digest_of_file(bytes: &[u8]) -> Digest {
    Digest(Sha256::digest(bytes).into())
}

/// What tells a delivery from others: SHA-256 over the digests of its files, sorted, 32 bytes each.
pub fn digest_of_delivery(files: &[DeliveredFile]) -> Digest {
    let mut digests: Vec<Digest> = files.iter().map(|file| file.digest).collect();
    digests.sort_unstable();
    let mut hasher = Sha256::new();
    for Digest(bytes) in digests {
        hasher.update(bytes);
    }
    Digest(hasher.finalize().into())
}

/// Refuses bytes that are not those that a delivery tells of.
pub(crate) fn check_contents(files: &[DeliveredFile], contents: &[&[u8]]) -> Result<(), StoreError> {
    if files.len() != contents.len() {
        return Err(StoreError::OtherBytes { file: format!("{} files for {} names", contents.len(), files.len()) });
    }
    let told = |(file, bytes): &(&DeliveredFile, &&[u8])| {
        file.size == bytes.len() as u64 && file.digest == digest_of_file(bytes)
    };
    match files.iter().zip(contents).find(|pair| !told(pair)) {
        Some((file, _)) => Err(StoreError::OtherBytes { file: file.name.clone() }),
        None => Ok(()),
    }
}

/// What contradicts the records or the delivery in a row without an area, in words. `state` is what became of its delivery.
pub(crate) fn unlocated_fault(
    kept: &Unlocated,
    state: Option<DeliveryState>,
    latest: Option<Revision>,
) -> Option<String> {
    let (delivery, from, until) = (kept.delivery, kept.recorded.from, kept.recorded.until);
    if let Some(stray) = [Some(from), until].into_iter().flatten().find(|record| Some(*record) > latest) {
        return Some(format!("there is no record {stray}"));
    }
    // A delivery tells of its last publication only; rows of those before it were taken back.
    let fits = match state {
        None | Some(DeliveryState::Received) => false,
        Some(DeliveryState::Published { revision }) => match until {
            None => from == revision,
            Some(until) => until < revision,
        },
        Some(DeliveryState::Undone { revision, by }) => until.is_some_and(|until| until == by || until < revision),
    };
    (!fits).then(|| format!("delivery {delivery} was not in the register under record {from}"))
}

/// As precise as times are kept.
pub(crate) fn to_millisecond(at: Timestamp) -> Timestamp {
    at.round(Unit::Millisecond).unwrap_or(at)
}

/// Compares a file with its digest while its bytes go by.
#[derive(Default)]
pub(crate) struct Comparing {
    hasher: Sha256,
    size: u64,
}

impl Comparing {
    /// Takes the next bytes in.
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// What is wrong with the bytes, in words; `None` when they are those that were received.
    pub(crate) fn finish(self, file: &DeliveredFile) -> Option<String> {
        if self.size != file.size {
            return Some(format!("{} of {} bytes of it are there", self.size, file.size));
        }
        let same = Digest(self.hasher.finalize().into()) == file.digest;
        (!same).then(|| "its bytes do not fit its digest".to_owned())
    }
}
