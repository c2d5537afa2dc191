//! Documents.

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Transaction};

use crate::store::StoreError;
use crate::store::postgis::failed;
use crate::store::postgis::rows::{Cells, all};
use crate::store::vault::{Document, DocumentChange, DocumentKind};

/// The columns that [`read`] reads; the first is a number, as that of an error.
pub(super) const DOCUMENT: &str = "SELECT revision, kind, name, body FROM documents";

pub(super) fn read(row: &Row) -> Result<Document, StoreError> {
    let cells = Cells::new("documents", row);
    let kind: &str = cells.get(1)?;
    let revision: i64 = cells.get(0)?;
    Ok(Document {
        kind: DocumentKind::from_key(kind)
            .ok_or_else(|| cells.corrupt(format!("{kind:?} is not a kind of document")))?,
        id: cells.get(2)?,
        revision: u64::try_from(revision).map_err(|_| cells.corrupt("its revision is below 0".to_owned()))?,
        body: cells.get(3)?,
    })
}

fn number(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

pub(super) async fn one(client: &Client, kind: DocumentKind, id: &str) -> Result<Option<Document>, StoreError> {
    let query = format!("{DOCUMENT} WHERE kind = $1 AND name = $2");
    let row = client.query_opt(&query, &[&kind.key(), &id]).await.map_err(failed("read a document"))?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn of_kind(sql: &Transaction<'_>, kind: DocumentKind) -> Result<Vec<Document>, StoreError> {
    all(sql, &format!("{DOCUMENT} WHERE kind = $1 ORDER BY name"), &[&kind.key()], read).await
}

pub(super) async fn apply(sql: &Transaction<'_>, change: &DocumentChange) -> Result<(), StoreError> {
    let failed = failed("write a document");
    let (kind, id) = (change.kind.key(), &change.id);
    let query = "SELECT revision FROM documents WHERE kind = $1 AND name = $2";
    let found = sql.query_opt(query, &[&kind, id]).await.map_err(failed)?;
    let found: Option<i64> = found.map(|row| row.try_get(0)).transpose().map_err(failed)?;
    let revision = change.next(found.and_then(|revision| u64::try_from(revision).ok()))?;
    match (&change.body, found) {
        (Some(body), None) => {
            insert(sql, &Document { kind: change.kind, id: id.clone(), revision, body: body.clone() }).await
        }
        (Some(body), Some(_)) => {
            let update = "UPDATE documents SET revision = $3, body = $4 WHERE kind = $1 AND name = $2";
            let params: [&(dyn ToSql + Sync); 4] = [&kind, id, &number(revision), body];
            sql.execute(update, &params).await.map(drop).map_err(failed)
        }
        (None, _) => {
            let remove = "DELETE FROM documents WHERE kind = $1 AND name = $2";
            sql.execute(remove, &[&kind, id]).await.map(drop).map_err(failed)
        }
    }
}

pub(super) async fn insert(sql: &Transaction<'_>, document: &Document) -> Result<(), StoreError> {
    let Document { kind, id, revision, body } = document;
    let insert = "INSERT INTO documents (kind, name, revision, body) VALUES ($1, $2, $3, $4)";
    let params: [&(dyn ToSql + Sync); 4] = [&kind.key(), id, &number(*revision), body];
    sql.execute(insert, &params).await.map(drop).map_err(failed("write a document"))
}
