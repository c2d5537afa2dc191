//! Documents: each row with its checksum.

use rusqlite::types::ToSql;
use rusqlite::{Connection, params};

use crate::store::StoreError;
use crate::store::geopackage::row::{Bad, Cells, Sum, first, rows};
use crate::store::vault::{Document, DocumentChange, DocumentKind};

const DOCUMENT: &str = "SELECT id, kind, name, revision, body, crc FROM documents";

/// A document with the number of its row.
fn read(cells: &Cells<'_, '_>) -> Result<(i64, Document), Bad> {
    let id = cells.get(0)?;
    let document = Document {
        kind: cells.key(1, DocumentKind::from_key)?,
        id: cells.str(2)?.to_owned(),
        revision: cells.get(3)?,
        body: cells.str(4)?.to_owned(),
    };
    sum(id, &document).verify(cells.get(5)?)?;
    Ok((id, document))
}

fn sum(id: i64, document: &Document) -> Sum {
    let Document { kind, id: name, revision, body } = document;
    Sum::default().int(id).text(kind.key()).text(name).int(number(*revision)).text(body)
}

fn number(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

fn find(sql: &Connection, kind: DocumentKind, id: &str) -> Result<Option<(i64, Document)>, StoreError> {
    first(sql, ("documents", &format!("{DOCUMENT} WHERE kind = ? AND name = ?")), [kind.key(), id], read)
}

pub(super) fn one(sql: &Connection, kind: DocumentKind, id: &str) -> Result<Option<Document>, StoreError> {
    Ok(find(sql, kind, id)?.map(|(_, document)| document))
}

pub(super) fn of_kind(sql: &Connection, kind: DocumentKind) -> Result<Vec<Document>, StoreError> {
    let query = format!("{DOCUMENT} WHERE kind = ? ORDER BY name");
    let found = rows(sql, ("documents", &query), [kind.key()], read)?;
    Ok(found.into_iter().map(|(_, document)| document).collect())
}

/// Reads every document. Errors: the first that is damaged.
pub(super) fn check(sql: &Connection) -> Result<(), StoreError> {
    rows(sql, ("documents", DOCUMENT), [], |cells| read(cells).map(drop)).map(drop)
}

pub(super) fn apply(sql: &Connection, change: &DocumentChange) -> Result<(), StoreError> {
    let found = find(sql, change.kind, &change.id)?;
    let revision = change.next(found.as_ref().map(|(_, document)| document.revision))?;
    match (&change.body, found) {
        (Some(body), None) => {
            let (kind, id) = (change.kind, change.id.clone());
            insert(sql, &Document { kind, id, revision, body: body.clone() })
        }
        (Some(body), Some((row, found))) => {
            let written = Document { revision, body: body.clone(), ..found };
            let cells = params![number(revision), body, sum(row, &written).crc(), row];
            run(sql, "UPDATE documents SET revision = ?, body = ?, crc = ? WHERE id = ?", cells)
        }
        (None, Some((row, _))) => run(sql, "DELETE FROM documents WHERE id = ?", params![row]),
        (None, None) => Ok(()),
    }
}

pub(super) fn insert(sql: &Connection, document: &Document) -> Result<(), StoreError> {
    let next = sql.prepare_cached("SELECT coalesce(max(id), 0) + 1 FROM documents");
    let row: i64 = next.and_then(|mut next| next.query_row([], |row| row.get(0))).map_err(failed)?;
    let Document { kind, id, revision, body } = document;
    let cells = params![row, kind.key(), id, number(*revision), body, sum(row, document).crc()];
    run(sql, "INSERT INTO documents (id, kind, name, revision, body, crc) VALUES (?, ?, ?, ?, ?, ?)", cells)
}

pub(super) fn run(sql: &Connection, statement: &str, cells: &[&dyn ToSql]) -> Result<(), StoreError> {
    let done = sql.prepare_cached(statement).and_then(|mut statement| statement.execute(cells));
    done.map(drop).map_err(failed)
}

pub(super) fn failed(source: rusqlite::Error) -> StoreError {
    StoreError::Sql { step: "keep what is beside the register", source }
}
