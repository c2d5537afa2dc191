//! Documents and the audit log in memory.

use std::collections::BTreeMap;

use crate::history::{AuditChain, AuditDraft, AuditEntry, AuditFault, AuditHead};
use crate::model::Revision;
use crate::store::memory::{Memory, State};
use crate::store::vault::{AuditFrom, AuditQuery, Document, DocumentChange, DocumentKind, Vault};
use crate::store::{Row, StoreError};

/// Documents by kind and id, and the log.
#[derive(Debug, Clone, Default)]
pub(super) struct Safe {
    documents: BTreeMap<(DocumentKind, String), Document>,
    audit: Vec<AuditEntry>,
}

impl Safe {
    fn head(&self) -> Option<AuditHead> {
        self.audit.last().map(AuditEntry::head)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.audit.is_empty()
    }

    /// Goes on with the log.
    pub(super) fn log(&mut self, drafts: &[AuditDraft], record: Option<Revision>) {
        for draft in drafts {
            self.audit.push(AuditEntry::after(self.head(), draft, record));
        }
    }

    pub(super) fn export(&self, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let copied = self.documents.values().filter(|document| document.kind.is_copied());
        copied.cloned().map(Row::Document).try_for_each(&mut *sink)?;
        self.audit.iter().cloned().map(Row::Audit).try_for_each(sink)
    }

    /// Takes over from another store, unchecked.
    pub(super) fn take_document(&mut self, document: Document) {
        self.documents.insert((document.kind, document.id.clone()), document);
    }

    /// Takes over from another store, unchecked.
    pub(super) fn take_audit(&mut self, entry: AuditEntry) {
        self.audit.push(entry);
    }
}

impl State {
    pub(super) fn apply(&mut self, changes: &[DocumentChange]) -> Result<(), StoreError> {
        let mut documents = self.safe.documents.clone();
        for change in changes {
            let key = (change.kind, change.id.clone());
            let revision = change.next(documents.get(&key).map(|found| found.revision))?;
            match &change.body {
                Some(body) => {
                    let (kind, id) = key.clone();
                    documents.insert(key, Document { kind, id, revision, body: body.clone() });
                }
                None => drop(documents.remove(&key)),
            }
        }
        self.safe.documents = documents;
        Ok(())
    }
}

impl Vault for Memory {
    fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<Document>, StoreError> {
        Ok(self.state().safe.documents.get(&(kind, id.to_owned())).cloned())
    }

    fn documents(&self, kind: DocumentKind) -> Result<Vec<Document>, StoreError> {
        Ok(self.state().safe.documents.values().filter(|document| document.kind == kind).cloned().collect())
    }

    fn write(&self, changes: &[DocumentChange], audit: &[AuditDraft]) -> Result<(), StoreError> {
        let mut state = self.state();
        state.apply(changes)?;
        state.safe.log(audit, None);
        Ok(())
    }

    fn audit_entries(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        let state = self.state();
        let asked = state.safe.audit.iter().filter(|entry| query.asks_for(entry));
        let (limit, from) = (query.limit, query.from);
        Ok(match from {
            AuditFrom::Newest => asked.rev().take(limit).cloned().collect(),
            AuditFrom::Before(seq) => asked.rev().filter(|entry| entry.seq < seq).take(limit).cloned().collect(),
            AuditFrom::After(seq) => asked.filter(|entry| entry.seq > seq).take(limit).cloned().collect(),
        })
    }

    fn audit_head(&self) -> Result<Option<AuditHead>, StoreError> {
        Ok(self.state().safe.head())
    }

    fn verify_audit(&self, known: Option<AuditHead>) -> Result<Option<AuditFault>, StoreError> {
        let state = self.state();
        let mut chain = AuditChain::through(known);
        let whole = state.safe.audit.iter().try_for_each(|entry| chain.add(entry));
        Ok(whole.and_then(|()| chain.finish(state.safe.head())).err())
    }
}
