//! Receiving: the bytes are read once to see whether they can be, and are durable before anybody is told so.

use std::collections::HashMap;
use std::io::Cursor;

use jiff::{Timestamp, Unit};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::app::access::Occasion;
use crate::app::deliveries::DeliveryError;
use crate::app::{App, Error, ProgressState};
use crate::auth::{Action, Actor, Resource};
use crate::formats::{self, Dataset, InputFile, Limits, ReadOptions};
use crate::model::{AreaCode, DeliveredFile, Delivery, DeliveryId, Digest, NewDelivery, Revision, Trace};
use crate::store::Receipt;

/// Most characters of a sender's name and of a file's name.
const NAME_LIMIT_CHARS: usize = 64;

/// Most characters of a file's name.
const FILE_NAME_LIMIT_CHARS: usize = 200;

/// Most files of one delivery.
const FILES_MAX: usize = 64;

/// What somebody hands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Who delivers.
    pub sender: String,
    /// Free remark.
    pub note: String,
    /// Names, without folders, and bytes.
    pub files: Vec<(String, Vec<u8>)>,
    /// Bounds of what is read.
    pub limits: Limits,
}

/// A delivery that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The delivery.
    pub delivery: Delivery,
    /// Whether it was received now; else the same bytes were received before.
    pub new: bool,
}

impl App {
    /// Keeps a delivery. Errors: the actor may not deliver, it cannot be read, a name is empty or too long, the store fails; nothing was kept then.
    pub fn receive(&self, actor: &Actor, occasion: &Occasion, upload: &Upload) -> Result<Received, Error> {
        self.require(actor, Action::Deliver, &Resource::District)?;
        let sender = upload.sender.trim();
        let bad = |message: &str| Err(DeliveryError::BadRequest(message.to_owned()).into());
        if sender.is_empty() || sender.chars().count() > NAME_LIMIT_CHARS || sender.chars().any(char::is_control) {
            return bad("the sender must have 1 to 64 characters");
        }
        if upload.files.is_empty() || upload.files.len() > FILES_MAX {
            return bad("a delivery has 1 to 64 files");
        }
        if upload.files.iter().any(|(name, _)| name.is_empty() || name.chars().count() > FILE_NAME_LIMIT_CHARS) {
            return bad("the name of a file must have 1 to 200 characters");
        }
        let files: Vec<DeliveredFile> = upload.files.iter().map(|(name, bytes)| described(name, bytes)).collect();
        let digest = digest_of(&files);
        if let Some(known) = self.store.deliveries()?.into_iter().find(|known| known.received.digest == digest) {
            return Ok(Received { delivery: known, new: false });
        }
        let mut draft = self.access().draft(actor, occasion, "delivery.receive")?;
        draft.after = Some(json!({ "sender": sender, "digest": digest.to_string(), "files": files.len() }).to_string());
        {
            let _turn = self.desk.turn();
            read(&upload.files, &ReadOptions { limits: upload.limits, keep_sources: false, ..self.read_options() })?;
        }
        let now = Timestamp::now();
        let delivery = NewDelivery {
            sender: sender.to_owned(),
            files,
            digest,
            received_at: now.round(Unit::Millisecond).unwrap_or(now),
            received_by: actor.who().to_owned(),
            note: upload.note.clone(),
        };
        let contents: Vec<&[u8]> = upload.files.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        let (id, new) = match self.store.receive(&delivery, &contents, &[draft])? {
            Receipt::New(id) => (id, true),
            Receipt::Known(id) => (id, false),
        };
        Ok(Received { delivery: self.kept_delivery(id)?, new })
    }

    /// One delivery. Errors: the actor may not read the desk of the district, there is none of this number.
    pub fn delivery(&self, actor: &Actor, id: DeliveryId) -> Result<Delivery, Error> {
        self.require(actor, Action::ReadDesk, &Resource::District)?;
        self.kept_delivery(id)
    }

    /// One delivery, for somebody who may deliver. Errors: they may not, there is none of this number.
    pub fn own_delivery(&self, actor: &Actor, id: DeliveryId) -> Result<Delivery, Error> {
        self.require(actor, Action::Deliver, &Resource::District)?;
        self.kept_delivery(id)
    }

    /// One delivery, for a use case that has asked already. Errors: there is none of this number.
    pub(in crate::app) fn kept_delivery(&self, id: DeliveryId) -> Result<Delivery, Error> {
        Ok(self.store.delivery(id)?.ok_or(DeliveryError::NoSuchDelivery(id))?)
    }

    /// Every delivery, newest first. Errors: the actor may not read the desk of the district.
    pub fn deliveries(&self, actor: &Actor) -> Result<Vec<Delivery>, Error> {
        self.require(actor, Action::ReadDesk, &Resource::District)?;
        Ok(self.store.deliveries()?)
    }

    /// The bytes of one of its files, counted from 1, compared with their digest.
    /// Errors: the actor may not read the desk of the district, there is no such file.
    pub fn delivered_file(
        &self,
        actor: &Actor,
        id: DeliveryId,
        number: usize,
    ) -> Result<(DeliveredFile, Vec<u8>), Error> {
        self.require(actor, Action::ReadDesk, &Resource::District)?;
        let files = self.store.contents(id)?;
        let file = number.checked_sub(1).and_then(|at| files.into_iter().nth(at));
        Ok(file.ok_or(DeliveryError::NoSuchDelivery(id))?)
    }

    /// How far a delivery has come; `None` while nothing is being done with it.
    pub fn delivery_progress(&self, id: DeliveryId) -> Option<ProgressState> {
        self.desk.progress_of(id)
    }

    /// Which rows of deliveries told of an area, and who delivered them, by the record they were entered under.
    pub fn sources_of(&self, area: &AreaCode) -> Result<HashMap<Revision, (Trace, String)>, Error> {
        let mut sources = HashMap::new();
        for trace in self.store.traces_of_area(area)? {
            let sender = self.kept_delivery(trace.delivery)?.received.sender;
            // Of a row that was joined of two, the one with the outline comes first.
            sources.entry(trace.revision).or_insert((trace, sender));
        }
        Ok(sources)
    }

    /// The files of a delivery, read.
    pub(super) fn dataset(&self, id: DeliveryId, options: &ReadOptions) -> Result<Dataset, Error> {
        let contents = self.store.contents(id)?;
        if contents.is_empty() {
            return Err(DeliveryError::NoSuchDelivery(id).into());
        }
        let files: Vec<(String, Vec<u8>)> = contents.into_iter().map(|(file, bytes)| (file.name, bytes)).collect();
        read(&files, options)
    }

    /// How files are read here: the names of streets tell an encoding from another.
    pub fn read_options(&self) -> ReadOptions {
        let streets = self.snapshot().map(|snapshot| snapshot.streets().to_vec()).unwrap_or_default();
        let known_texts = streets.into_iter().map(|street| street.stem).collect();
        ReadOptions { limits: Limits::LOCAL, known_texts, ..ReadOptions::default() }
    }
}

fn read(files: &[(String, Vec<u8>)], options: &ReadOptions) -> Result<Dataset, Error> {
    let input = files
        .iter()
        .map(|(name, bytes)| InputFile { name: name.clone(), bytes: Box::new(Cursor::new(bytes.as_slice())) })
        .collect();
    Ok(formats::read(input, options).map_err(DeliveryError::Unreadable)?)
}

fn described(name: &str, bytes: &[u8]) -> DeliveredFile {
    DeliveredFile { name: name.to_owned(), size: bytes.len() as u64, digest: Digest(Sha256::digest(bytes).into()) }
}

/// Digest of the digests, sorted: the same files are the same delivery in whatever order and under whatever names.
fn digest_of(files: &[DeliveredFile]) -> Digest {
    let mut digests: Vec<[u8; 32]> = files.iter().map(|file| file.digest.0).collect();
    digests.sort_unstable();
    let mut hash = Sha256::new();
    for digest in digests {
        hash.update(digest);
    }
    Digest(hash.finalize().into())
}
