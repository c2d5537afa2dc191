//! What is kept beside the register: documents of accounts, sessions, tokens, reports,
//! decisions and settings, and the audit log.

use std::fmt;

use jiff::Timestamp;

use crate::history::{AuditDraft, AuditEntry, AuditFault, AuditHead};
use crate::store::StoreError;

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    /// An account, by its name.
    Account,
    /// Somebody who is signed in. It stays where it is: copies of a register have none.
    Session,
    /// A token of a program.
    Token,
    /// What somebody said is wrong on the map, by its number.
    Report,
    /// What was decided on a case of reconciliation, by the key of the case.
    Decision,
    /// Something that the program keeps for itself.
    Setting,
}

impl DocumentKind {
    /// Every kind, in the order of an export.
    pub const ALL: [Self; 6] = [Self::Account, Self::Session, Self::Token, Self::Report, Self::Decision, Self::Setting];

    /// Name used in the tables.
    pub fn key(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Session => "session",
            Self::Token => "token",
            Self::Report => "report",
            Self::Decision => "decision",
            Self::Setting => "setting",
        }
    }

    /// The kind of that name; `None` for another text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Whether it goes along when a register is copied.
    pub fn is_copied(self) -> bool {
        self != Self::Session
    }
}

/// The setting with the last number of a report: no number may ever come again.
pub const REPORT_SERIAL: &str = "report-serial";

/// A document as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: DocumentKind,
    /// What tells it from others of its kind.
    pub id: String,
    /// How often it was written: 1 for one that is new.
    pub revision: u64,
    /// A JSON text. It may hold hashes of passwords.
    pub body: String,
}

impl fmt::Debug for Document {
    /// Without the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} {:?} at {})", self.kind.key(), self.id, self.revision)
    }
}

/// A document that is written, if it is what its writer thinks it is.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentChange {
    /// What it is.
    pub kind: DocumentKind,
    /// What tells it from others of its kind.
    pub id: String,
    /// The revision that its writer saw; `None` where there must be no such document yet.
    pub seen: Option<u64>,
    /// What it is from now on; `None` removes it.
    pub body: Option<String>,
}

impl DocumentChange {
    /// A document that is not there yet.
    pub fn new(kind: DocumentKind, id: &str, body: String) -> Self {
        Self { kind, id: id.to_owned(), seen: None, body: Some(body) }
    }

    /// Another body for a document.
    pub fn of(document: &Document, body: String) -> Self {
        Self { kind: document.kind, id: document.id.clone(), seen: Some(document.revision), body: Some(body) }
    }

    /// The end of a document.
    pub fn removal(document: &Document) -> Self {
        Self { kind: document.kind, id: document.id.clone(), seen: Some(document.revision), body: None }
    }

    /// What becomes of a document that is at `found`, `None` where there is none: the revision it has then. Errors: it is
    /// not what its writer saw.
    pub(crate) fn next(&self, found: Option<u64>) -> Result<u64, StoreError> {
        if found != self.seen {
            return Err(StoreError::Outdated { kind: self.kind.key(), id: self.id.clone() });
        }
        Ok(found.unwrap_or(0) + 1)
    }
}

/// Which entries of the log are asked for; what is left open does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditQuery {
    /// What it was done to, as a whole.
    pub object: Option<String>,
    /// Who did it, as a whole.
    pub who: Option<String>,
    /// What was done, as a whole, or what it begins with when it ends in a dot.
    pub action: Option<String>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Where to begin, and in which direction to go.
    pub from: AuditFrom,
    /// At most so many.
    pub limit: usize,
}

/// Where a list of entries begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditFrom {
    /// With the newest one, towards the first.
    Newest,
    /// With the one before this number, towards the first.
    Before(u64),
    /// With the one after this number, towards the newest.
    After(u64),
}

impl AuditQuery {
    /// So many entries from there on.
    pub fn of(from: AuditFrom, limit: usize) -> Self {
        Self { object: None, who: None, action: None, since: None, until: None, from, limit }
    }

    /// Whether an entry is asked for, wherever the list begins.
    pub(crate) fn asks_for(&self, entry: &AuditEntry) -> bool {
        let AuditDraft { at, who, action, object, .. } = &entry.told;
        let acts = |asked: &String| action == asked || asked.ends_with('.') && action.starts_with(asked.as_str());
        self.object.as_ref().is_none_or(|asked| object.as_ref() == Some(asked))
            && self.who.as_ref().is_none_or(|asked| who == asked)
            && self.action.as_ref().is_none_or(acts)
            && self.since.is_none_or(|since| *at >= since)
            && self.until.is_none_or(|until| *at < until)
    }
}

/// A log that is broken is not handed on, so that no copy looks whole.
pub(crate) fn broken(fault: &AuditFault) -> StoreError {
    let row = i64::try_from(fault.seq).unwrap_or(i64::MAX);
    StoreError::Corrupt { table: "audit", row, message: fault.what.to_string() }
}

/// The part of a store that keeps documents and the audit log. Everything is durable when a call returns.
///
/// An entry of the register writes its part of the log in the transaction of its record, see
/// [`crate::store::Store::commit`], and so do deliveries and exceptions.
pub trait Vault {
    /// One document.
    fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<Document>, StoreError>;

    /// Every document of a kind, by id.
    fn documents(&self, kind: DocumentKind) -> Result<Vec<Document>, StoreError>;

    /// Writes documents and what the log says of it, all of it or nothing.
    ///
    /// Errors: [`StoreError::Outdated`] names the first document that is not at the revision that its writer saw.
    fn write(&self, changes: &[DocumentChange], audit: &[AuditDraft]) -> Result<(), StoreError>;

    /// Entries of the log, in the direction that is asked for.
    fn audit_entries(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError>;

    /// The last entry of the log, as it was noted when it was written.
    fn audit_head(&self) -> Result<Option<AuditHead>, StoreError>;

    /// Goes through the whole log, which must hold `known`, and answers with the first place at which it is not what was
    /// written.
    fn verify_audit(&self, known: Option<AuditHead>) -> Result<Option<AuditFault>, StoreError>;
}
