//! The register at rest.
//!
//! A store keeps the register over time: every change is one record in one transaction, nothing is deleted, and a reader
//! sees the state before or after a record, never between. It is synchronous on purpose: the caller keeps it off the async
//! threads, and the serving path never touches it.

pub(crate) mod assemble;
#[cfg(test)]
mod contract;
mod deliveries;
#[cfg(test)]
mod delivery_contract;
#[cfg(test)]
mod delivery_kills;
mod facts;
pub mod geopackage;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod likeness;
pub mod memory;
#[cfg(test)]
pub(crate) mod model_test;
pub mod postgis;
mod vault;
#[cfg(test)]
mod vault_contract;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;

use crate::history::{AuditEntry, Entry, Key, Lineage, NewRecord, Refusal, Unlocated, Version};
use crate::model::{
    Area, AreaCode, AsOf, Community, Delivery, DeliveryId, District, Exception, Manager, PrintedFigure, Record,
    Revision, Street, StreetCode, Trace, Validity,
};
pub use crate::store::deliveries::{
    CHUNK_BYTES, DeliveryStore, Receipt, SenderColumns, digest_of_delivery, digest_of_file,
};
use crate::store::geopackage::{Access, GeoPackage};
use crate::store::postgis::{Options, PostGis};
pub use crate::store::vault::{AuditFrom, AuditQuery, Document, DocumentChange, DocumentKind, REPORT_SERIAL, Vault};

/// Where the register is kept. [`crate::history::Ledger`] is what every store behaves like.
pub trait Store: DeliveryStore + Vault + Send + Sync {
    /// Number of the latest record; `None` while there is none.
    fn revision(&self) -> Result<Option<Revision>, StoreError>;

    /// The register as of both clocks. Errors: [`StoreError::Empty`] while there is no record,
    /// [`StoreError::NoSuchRevision`] for a revision that there was not yet.
    fn load(&self, question: Question) -> Result<Register, StoreError>;

    /// What differs between two states, in either direction of both clocks.
    fn changes(&self, from: AsOf, to: AsOf) -> Result<Changes, StoreError>;

    /// Everything ever known of an area, of who manages it and of its committees, in the order of entry. Empty for a code
    /// that was never entered.
    fn history(&self, area: &AreaCode) -> Result<Vec<Version>, StoreError>;

    /// Every version of one thing, in the order of entry. Empty when it was never entered.
    fn versions(&self, key: &Key) -> Result<Vec<Version>, StoreError>;

    /// Enters an entry under a new record, wholly or not at all, and answers with the new revision once it is durable. What
    /// its origin says of a delivery, the traces, the rows without an area and its part of the audit log are part of it.
    /// Errors: [`StoreError::Refused`] says why the register does not take it.
    fn commit(&self, record: &NewRecord, entry: &Entry) -> Result<Revision, StoreError> {
        self.commit_with(record, entry, &[])
    }

    /// As [`Self::commit`], with documents that are written in the same transaction. Errors: also
    /// [`StoreError::Outdated`] when a document is not what its writer saw; nothing was entered.
    fn commit_with(
        &self,
        record: &NewRecord,
        entry: &Entry,
        documents: &[DocumentChange],
    ) -> Result<Revision, StoreError>;

    /// The revision that a request of this number led to, see [`NewRecord::request`]; `None` for a number that was never
    /// used.
    fn revision_of_request(&self, request: &str) -> Result<Option<Revision>, StoreError>;

    /// The areas of which a record said anything: of themselves, of their managers or committees. In the order of codes.
    fn touched_by(&self, revision: Revision) -> Result<Vec<AreaCode>, StoreError>;

    /// Everything of which a record entered or contradicted a version, by key; what is to be asked for before an undo, see
    /// [`crate::history::undo`].
    fn keys_touched_by(&self, revision: Revision) -> Result<Vec<Key>, StoreError>;

    /// Waits until there is a later revision than `seen`, at most so long; answers with the latest revision there is.
    /// Other processes write too: into the same file, or into the same database.
    fn wait_beyond(&self, seen: Option<Revision>, longest: Duration) -> Result<Option<Revision>, StoreError>;

    /// Looks for damage in all that is stored, on both clocks. Each sentence names its place; none means that all is well.
    fn check(&self) -> Result<Vec<String>, StoreError>;

    /// Hands out everything there is, as of one instant: records, then things with their versions by key, then lineage,
    /// deliveries each followed by the bytes of its files, traces, rows without an area, columns of senders and exceptions,
    /// documents that are copied by kind and id, and the audit log. Errors: a log that is broken is not handed on.
    fn export(&self, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError>;

    /// Takes in everything that another store handed out, in one transaction. Errors: [`StoreError::NotEmpty`] when
    /// anything was ever entered, received or written here.
    fn import(&self, rows: &mut dyn Iterator<Item = Result<Row, StoreError>>) -> Result<Option<Revision>, StoreError>;
}

/// Opens the register in a place. Errors: see [`GeoPackage::open`] and [`PostGis::open`].
pub fn open(place: &Place, access: Access) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match place {
        Place::File(path) => Arc::new(GeoPackage::open(path, access)?),
        Place::Database(address) => Arc::new(PostGis::open(address, &Options { access, ..Options::default() })?),
    })
}

/// Where a store lies.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// A GeoPackage file.
    File(PathBuf),
    /// A PostgreSQL database with PostGIS: its `postgres://` address, which may hold a password.
    Database(String),
}

impl Place {
    /// A database when the text is a `postgres://` or `postgresql://` address, else a file.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            Self::Database(text.to_owned())
        } else {
            Self::File(PathBuf::from(text))
        }
    }

    /// Whether it is a file that is not there.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::File(path) if !path.exists())
    }
}

impl std::fmt::Debug for Place {
    /// As shown to people, without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Place({self})")
    }
}

impl std::fmt::Display for Place {
    /// The file, or the address without what stands between `://` and `@` and what follows `?`, where a password may be.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Database(address) => {
                let rest = address.rsplit_once('@').map_or_else(
                    || address.split_once("://").map_or(address.as_str(), |(_, rest)| rest),
                    |(_, rest)| rest,
                );
                let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
                write!(f, "postgres://{rest}")
            }
        }
    }
}

/// Both clocks of a question; what is left open is taken from the latest state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Question {
    /// The day asked for; `None` for the data date: the latest date of a record that was known.
    pub day: Option<Date>,
    /// Only what was known under this revision; `None` for all that is known.
    pub known: Option<Revision>,
}

/// The register as of both clocks. Every list is sorted by code; figures and records are in the order of their entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    /// The clocks.
    pub as_of: AsOf,
    /// The records that were known.
    pub records: Vec<Record>,
    /// The district, once entered.
    pub district: Option<District>,
    /// Streets.
    pub streets: Vec<Street>,
    /// Communities.
    pub communities: Vec<Community>,
    /// Companies and owning units.
    pub managers: Vec<Manager>,
    /// Areas that are true on the day, with their committees.
    pub areas: Vec<Area>,
    /// Areas that are known but not true on the day.
    pub absent: Vec<AbsentArea>,
    /// Who follows whom, as far as was known.
    pub lineage: Vec<Lineage>,
    /// Printed figures.
    pub figures: Vec<PrintedFigure>,
}

/// An area that is not true on the day of the question: it has ended, or has not begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbsentArea {
    /// Its code.
    pub code: AreaCode,
    /// Its name when it last held, or will first hold.
    pub name: String,
    /// Its street then.
    pub street: StreetCode,
    /// When that is.
    pub valid: Validity,
}

/// What differs between two states.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// The state before.
    pub from: AsOf,
    /// The state after.
    pub to: AsOf,
    /// Areas that were touched, sorted by code; both sides may be equal when only another day or another clock is told
    /// otherwise.
    pub areas: Vec<AreaChange>,
    /// Managers that are new or different in the state after, sorted by code.
    pub managers: Vec<Manager>,
    /// Whether the district, a street, a community or a printed figure differs.
    pub territory: bool,
    /// Those of the touched areas that are absent in the state after.
    pub absent: Vec<AbsentArea>,
    /// Records that are known after and were not before.
    pub records: Vec<Record>,
    /// Lineage that is known after and was not before.
    pub lineage: Vec<Lineage>,
}

/// One area before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct AreaChange {
    /// Its code.
    pub code: AreaCode,
    /// As it was; `None` where it was not.
    pub before: Option<Area>,
    /// As it is; `None` where it is not.
    pub after: Option<Area>,
}

impl AreaChange {
    /// Whether it differs between two states, or a record between them told something of another day: its revision has
    /// then gone on, and whoever edits it must have seen that.
    pub(crate) fn tells(&self, from: AsOf, to: AsOf) -> bool {
        is_told((self.before.as_ref(), self.after.as_ref()), from, to)
    }
}

/// The same of an area that is not taken out of its state.
pub(crate) fn is_told((before, after): (Option<&Area>, Option<&Area>), from: AsOf, to: AsOf) -> bool {
    let span = from.known.min(to.known)..=from.known.max(to.known);
    let went_on = |area: &Area| span.contains(&area.changed) && area.changed > *span.start();
    before != after || after.is_some_and(went_on)
}

/// One row of the register as it goes from store to store.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// A record, and the client's number of its request.
    Record(Record, Option<String>),
    /// A thing with its number, and everything that was ever known of it.
    Thing(Key, u32, Vec<Version>),
    /// Who follows whom, and the revision that says so.
    Lineage(Revision, Lineage),
    /// A delivery, without the bytes of its files.
    Delivery(Delivery),
    /// The next bytes of a file of the delivery before, [`CHUNK_BYTES`] of them, the last ones of a file fewer.
    Chunk(Chunk),
    /// Which row of a delivery told of an area.
    Trace(Trace),
    /// A row of a delivery for which there is no area.
    Unlocated(Unlocated),
    /// What was remembered of a sender's columns.
    Columns(SenderColumns),
    /// An exception.
    Exception(Exception),
    /// An account, a token, a report or a setting.
    Document(Document),
    /// An entry of the audit log.
    Audit(AuditEntry),
}

/// Some bytes of a delivered file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The delivery.
    pub delivery: DeliveryId,
    /// Position of the file in the delivery, from 0 on.
    pub file: usize,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// Why the store refuses or fails.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be read or made.
    #[error("cannot open {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is something else. It was not touched.
    #[error("{path} is not a register: {why}")]
    NotRegister {
        /// The file.
        path: PathBuf,
        /// How that shows.
        why: &'static str,
    },
    /// The file was written by a newer version of the program. It was not touched.
    #[error("{path} has schema version {found}, this program knows versions up to {known}: use a newer program")]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Version of the file.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// The schema could not be brought up to date; the file is as it was.
    #[error("cannot bring the schema of {path} up to date")]
    Migration {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<refinery::Error>,
    },
    /// A statement failed.
    #[error("the store failed to {step}")]
    Sql {
        /// What was to be done.
        step: &'static str,
        /// Why it failed.
        #[source]
        source: rusqlite::Error,
    },
    /// A statement of the database failed.
    #[error("the database failed to {step}")]
    Database {
        /// What was to be done.
        step: &'static str,
        /// Why it failed.
        #[source]
        source: tokio_postgres::Error,
    },
    /// The database cannot be reached. An entry that was on its way may be there or not: the same request number tells.
    #[error("{place} cannot be reached")]
    Unreachable {
        /// Host, port and database.
        place: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file is open elsewhere, where it must not be. It was not touched.
    #[error("{path} is in use by another program: stop the server that has it open first, nothing was changed")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// The file or database cannot be used for this as it is, or its address cannot be used. It was not touched.
    #[error("{place} cannot be used: {why}")]
    Unfit {
        /// The file, or host, port and database.
        place: String,
        /// Why, and what to do.
        why: String,
    },
    /// The register does not take the entry. Nothing of it was written.
    #[error("the entry is refused")]
    Refused(#[from] Refusal),
    /// The question names a revision that there was not yet.
    #[error("there is no revision {asked} yet, the latest is {latest}")]
    NoSuchRevision {
        /// The revision asked for.
        asked: Revision,
        /// The latest there is.
        latest: Revision,
    },
    /// A whole register is to be taken in where there is one already.
    #[error("{place} holds a register already (revision {latest})")]
    NotEmpty {
        /// The file or database.
        place: String,
        /// Its latest revision; 0 where only deliveries were received.
        latest: Revision,
    },
    /// What is to be received is not what it is said to be. Nothing of it was kept.
    #[error("the bytes of {file} are not those that its size and digest tell of: nothing was received, send it again")]
    OtherBytes {
        /// Name of the file.
        file: String,
    },
    /// A number that was never given to a delivery.
    #[error("delivery {0} was never received")]
    NoSuchDelivery(DeliveryId),
    /// A row does not hold what the schema promises.
    #[error("table {table}, row {row}: {message}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// Primary key of the row.
        row: i64,
        /// What is wrong.
        message: String,
    },
    /// What is stored is damaged.
    #[error(
        "{place} is damaged ({what}): keep the damaged file aside and restore the last backup with `onemap restore`"
    )]
    Damaged {
        /// The file or database.
        place: String,
        /// How that shows.
        what: String,
    },
    /// Somebody else wrote a document meanwhile. Nothing was written.
    #[error("the {kind} {id} was changed meanwhile: nothing was written, look at it again")]
    Outdated {
        /// What it is.
        kind: &'static str,
        /// Which one.
        id: String,
    },
    /// There is no room, or the medium cannot be written. Nothing of the entry was written.
    #[error(
        "{place} cannot be written, most likely because the disk is full: nothing was entered; make room and try again"
    )]
    Full {
        /// The file or database.
        place: String,
    },
    /// Nothing was ever entered.
    #[error("the register has no record yet")]
    Empty,
}
