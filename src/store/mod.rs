//! The register at rest.
//!
//! A store keeps the register whole: every change is one record in one transaction, nothing is deleted, and a reader sees
//! the state before or after a record, never between. It is synchronous on purpose: the caller keeps it off the async
//! threads, and the serving path never touches it.

#[cfg(test)]
mod contract;
pub mod geopackage;

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::ingest::ChangeSet;
use crate::model::{Area, Community, District, Manager, PrintedFigure, Record, RecordKind, Revision, Street};

/// Where the register is kept.
pub trait Store: Send + Sync {
    /// Number of the latest record; `None` while there is none.
    fn revision(&self) -> Result<Option<Revision>, StoreError>;

    /// The whole register as of its latest record. Errors: [`StoreError::Empty`] while there is no record.
    fn load(&self) -> Result<Register, StoreError>;

    /// Enters a change set under a new record, wholly or not at all, and answers with the new revision.
    ///
    /// New codes only: a code that the register already has is refused ([`StoreError::CodeExists`]), because versions
    /// that end need the history tables of a later schema. References to what neither the register nor the change set
    /// has are refused ([`StoreError::UnknownReference`]).
    fn commit(&self, record: &NewRecord, changes: &ChangeSet) -> Result<Revision, StoreError>;
}

/// Everything the register holds. Every list is sorted by code; figures and records are in the order of their entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    /// Number of the state.
    pub revision: Revision,
    /// The records that led to it.
    pub records: Vec<Record>,
    /// The district, once entered.
    pub district: Option<District>,
    /// Streets.
    pub streets: Vec<Street>,
    /// Communities.
    pub communities: Vec<Community>,
    /// Companies and owning units.
    pub managers: Vec<Manager>,
    /// Areas with their committees.
    pub areas: Vec<Area>,
    /// Printed figures.
    pub figures: Vec<PrintedFigure>,
}

/// A record that has no number yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecord {
    /// Why.
    pub kind: RecordKind,
    /// Number of the document.
    pub document: String,
    /// Authority that issued it.
    pub authority: String,
    /// Date of the document.
    pub dated: Date,
    /// Who enters it.
    pub author: String,
    /// When it is entered; kept to the millisecond.
    pub recorded_at: Timestamp,
    /// Free remark.
    pub note: String,
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
    /// A code is taken.
    #[error("the register already has the {what} {code}")]
    CodeExists {
        /// What kind of thing.
        what: &'static str,
        /// Its code.
        code: String,
    },
    /// Something refers to what is not there.
    #[error("{what} {code} refers to {target}, which the register does not have")]
    UnknownReference {
        /// What kind of thing refers.
        what: &'static str,
        /// Its code.
        code: String,
        /// To what.
        target: String,
    },
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
    /// Nothing was ever entered.
    #[error("the register has no record yet")]
    Empty,
}
