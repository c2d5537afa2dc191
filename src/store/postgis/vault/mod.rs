//! Documents and the audit log in the database.

mod audit;
mod documents;
#[cfg(test)]
mod tests;

use std::sync::{Mutex, PoisonError};

use tokio_postgres::{Client, Transaction};

use crate::history::{AuditChain, AuditDraft, AuditEntry, AuditFault, AuditHead};
use crate::store::postgis::commit::lock;
use crate::store::postgis::rows::instant;
use crate::store::postgis::transfer::Outlet;
use crate::store::postgis::{PostGis, failed};
use crate::store::vault::{AuditQuery, Document, DocumentChange, DocumentKind, Vault, broken};
use crate::store::{Row, StoreError};

pub(super) use audit::{check, log};

/// Transactions of one write, which is tried again when the connection was lost: what became of the last one is asked first.
#[derive(Debug, Default)]
pub(super) struct Tries(Mutex<Option<String>>);

impl Tries {
    /// Whether an earlier try was committed and its answer lost. To be asked when no other writer is at work; notes the
    /// transaction as the one to ask for next time.
    pub(super) async fn done_before(&self, sql: &Transaction<'_>) -> Result<bool, StoreError> {
        let failed = failed("ask what became of an earlier try");
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(last) = last {
            let row = sql.query_one("SELECT pg_xact_status($1::text::xid8)", &[&last]).await.map_err(failed)?;
            let status: Option<String> = row.try_get(0).map_err(failed)?;
            if status.as_deref() == Some("committed") {
                return Ok(true);
            }
        }
        let row = sql.query_one("SELECT pg_current_xact_id()::text", &[]).await.map_err(failed)?;
        let current: String = row.try_get(0).map_err(failed)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(current);
        Ok(false)
    }
}

async fn write(
    client: &mut Client,
    changes: &[DocumentChange],
    drafts: &[AuditDraft],
    tries: &Tries,
) -> Result<(), StoreError> {
    let sql = client.transaction().await.map_err(failed("begin to write"))?;
    lock(&sql).await?;
    if tries.done_before(&sql).await? {
        return Ok(());
    }
    apply(&sql, changes).await?;
    log(&sql, drafts, None).await?;
    sql.commit().await.map_err(failed("commit what is beside the register"))
}

impl Vault for PostGis {
    fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<Document>, StoreError> {
        self.with_client(async |client| documents::one(client, kind, id).await)
    }

    fn documents(&self, kind: DocumentKind) -> Result<Vec<Document>, StoreError> {
        self.with_client(async |client| documents::of_kind(&instant(client).await?, kind).await)
    }

    fn write(&self, changes: &[DocumentChange], audit: &[AuditDraft]) -> Result<(), StoreError> {
        let _alone = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = Tries::default();
        self.with_client(async |client| write(client, changes, audit, &tries).await)
    }

    fn audit_entries(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
        self.with_client(async |client| audit::entries(&instant(client).await?, query).await)
    }

    fn audit_head(&self) -> Result<Option<AuditHead>, StoreError> {
        self.with_client(async |client| audit::head(&instant(client).await?).await)
    }

    fn verify_audit(&self, known: Option<AuditHead>) -> Result<Option<AuditFault>, StoreError> {
        self.with_client(async |client| audit::verify(&instant(client).await?, known).await)
    }
}

/// Writes documents, each if it is what its writer thinks it is.
pub(super) async fn apply(sql: &Transaction<'_>, changes: &[DocumentChange]) -> Result<(), StoreError> {
    for change in changes {
        documents::apply(sql, change).await?;
    }
    Ok(())
}

/// Whether nothing of this was ever kept.
pub(super) async fn is_empty(sql: &Transaction<'_>) -> Result<bool, StoreError> {
    let query = "SELECT NOT EXISTS (SELECT FROM documents) AND NOT EXISTS (SELECT FROM audit)";
    let failed = failed("look for accounts");
    sql.query_one(query, &[]).await.map_err(failed)?.try_get(0).map_err(failed)
}

/// Hands out the documents that are copied, and the log.
pub(super) fn export(out: &Outlet<'_>, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
    for kind in DocumentKind::ALL.into_iter().filter(|kind| kind.is_copied()) {
        let query = format!("{} WHERE kind = $1 ORDER BY name", documents::DOCUMENT);
        out.each(&query, &[&kind.key()], |row| sink(Row::Document(documents::read(row)?)))?;
    }
    let mut chain = AuditChain::default();
    out.each(&format!("{} ORDER BY seq", audit::ENTRY), &[], |row| {
        let entry = audit::read(row)?;
        chain.add(&entry).map_err(|fault| broken(&fault))?;
        sink(Row::Audit(entry))
    })?;
    chain.finish(out.wait(audit::head(out.sql))?).map_err(|fault| broken(&fault))
}

/// Takes a document over from another store.
pub(super) async fn take_document(sql: &Transaction<'_>, document: &Document) -> Result<(), StoreError> {
    documents::insert(sql, document).await
}

/// Takes an entry over from another store, as it is.
pub(super) async fn take_audit(sql: &Transaction<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    audit::insert(sql, entry).await?;
    audit::note_head(sql, entry.head()).await
}
