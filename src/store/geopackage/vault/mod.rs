//! Documents and the audit log in the file.

mod audit;
mod documents;
#[cfg(test)]
mod tests;

use rusqlite::Connection;

use crate::history::{AuditChain, AuditDraft, AuditEntry, AuditFault, AuditHead};
use crate::store::Row;
use crate::store::StoreError;
use crate::store::geopackage::GeoPackage;
use crate::store::vault::{AuditQuery, Document, DocumentChange, DocumentKind, Vault, broken};

pub(super) use audit::{check, log};

impl Vault for GeoPackage {
    fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<Document>, StoreError> {
        self.read(|sql| documents::one(sql, kind, id))
    }

    fn documents(&self, kind: DocumentKind) -> Result<Vec<Document>, StoreError> {
        self.read(|sql| documents::of_kind(sql, kind))
    }

    fn write(&self, changes: &[DocumentChange], audit: &[AuditDraft]) -> Result<(), StoreError> {
        self.in_transaction(|sql| {
            apply(sql, changes)?;
            log(sql, audit, None)
        })
    }

    fn audit_entries(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.read(|sql| audit::entries(sql, query))
    }

    fn audit_head(&self) -> Result<Option<AuditHead>, StoreError> {
        self.read(audit::head)
    }

    fn verify_audit(&self, known: Option<AuditHead>) -> Result<Option<AuditFault>, StoreError> {
        self.read(|sql| audit::verify(sql, known))
    }
}

/// Writes documents, each if it is what its writer thinks it is.
pub(super) fn apply(sql: &Connection, changes: &[DocumentChange]) -> Result<(), StoreError> {
    changes.iter().try_for_each(|change| documents::apply(sql, change))
}

/// One document of a file that somebody holds.
pub(super) fn document(sql: &Connection, kind: DocumentKind, id: &str) -> Result<Option<Document>, StoreError> {
    documents::one(sql, kind, id)
}

/// The last entry of the log of a file that somebody holds.
pub(super) fn head(sql: &Connection) -> Result<Option<AuditHead>, StoreError> {
    audit::head(sql)
}

/// Whether nothing of this was ever kept.
pub(super) fn is_empty(sql: &Connection) -> Result<bool, StoreError> {
    let query = "SELECT NOT EXISTS (SELECT 1 FROM documents) AND NOT EXISTS (SELECT 1 FROM audit)";
    sql.query_row(query, [], |row| row.get(0)).map_err(|source| StoreError::Sql { step: "look for accounts", source })
}

/// Hands out the documents that are copied, and the log.
pub(super) fn export(sql: &Connection, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
    for kind in DocumentKind::ALL.into_iter().filter(|kind| kind.is_copied()) {
        documents::of_kind(sql, kind)?.into_iter().map(Row::Document).try_for_each(&mut *sink)?;
    }
    // What the sink says ends the reading, and is handed on.
    let (mut told, mut chain) = (Ok(()), AuditChain::default());
    audit::each(sql, |entry| {
        if told.is_ok() {
            told = chain.add(&entry).map_err(|fault| broken(&fault));
        }
        if told.is_ok() {
            told = sink(Row::Audit(entry));
        }
    })?;
    told?;
    chain.finish(audit::head(sql)?).map_err(|fault| broken(&fault))
}

/// Takes a document over from another store.
pub(super) fn take_document(sql: &Connection, document: &Document) -> Result<(), StoreError> {
    documents::insert(sql, document)
}

/// Takes an entry over from another store, as it is.
pub(super) fn take_audit(sql: &Connection, entry: &AuditEntry) -> Result<(), StoreError> {
    audit::insert(sql, entry)?;
    audit::note_head(sql, entry.head())
}
