//! The audit log: every entry with its hash, and the head apart.

use jiff::Timestamp;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Transaction};

use crate::history::{AuditBreak, AuditChain, AuditDraft, AuditEntry, AuditFault, AuditHead};
use crate::model::{Digest, Revision};
use crate::store::StoreError;
use crate::store::postgis::failed;
use crate::store::postgis::rows::{Cells, all, number, portions};
use crate::store::vault::{AuditFrom, AuditQuery};

/// The columns that [`read`] reads.
pub(super) const ENTRY: &str =
    "SELECT seq, at, who, role, action, object, before, after, record, address_hash, previous_hash, hash FROM audit";

pub(super) fn read(row: &Row) -> Result<AuditEntry, StoreError> {
    let cells = Cells::new("audit", row);
    let told = AuditDraft {
        at: cells.get::<Timestamp>(1)?,
        who: cells.get(2)?,
        role: cells.get(3)?,
        action: cells.get(4)?,
        object: cells.get(5)?,
        before: cells.get(6)?,
        after: cells.get(7)?,
        address_hash: cells.get(9)?,
    };
    let record: Option<i64> = cells.get(8)?;
    Ok(AuditEntry {
        seq: seq_of(&cells, 0)?,
        told,
        record: record.map(|record| cells.revision(record)).transpose()?,
        previous: digest(&cells, 10)?,
        hash: digest(&cells, 11)?,
    })
}

fn seq_of(cells: &Cells<'_>, column: usize) -> Result<u64, StoreError> {
    let seq: i64 = cells.get(column)?;
    u64::try_from(seq).map_err(|_| cells.corrupt("entries are counted from 1".to_owned()))
}

fn digest(cells: &Cells<'_>, column: usize) -> Result<Digest, StoreError> {
    let bytes: &[u8] = cells.get(column)?;
    bytes.try_into().map(Digest).map_err(|_| cells.corrupt("a hash has 32 bytes".to_owned()))
}

/// What the last entry is said to be.
pub(super) async fn head(sql: &Transaction<'_>) -> Result<Option<AuditHead>, StoreError> {
    let row = sql.query_opt("SELECT id, seq, hash FROM audit_head", &[]).await.map_err(failed("read the audit log"))?;
    row.map(|row| {
        let cells = Cells::new("audit_head", &row);
        Ok(AuditHead { seq: seq_of(&cells, 1)?, hash: digest(&cells, 2)? })
    })
    .transpose()
}

/// Goes on with the log, within the transaction of the caller, who holds the lock of writers. `record` is the one that is
/// entered in it.
pub(in crate::store::postgis) async fn log(
    sql: &Transaction<'_>,
    drafts: &[AuditDraft],
    record: Option<Revision>,
) -> Result<(), StoreError> {
    if drafts.is_empty() {
        return Ok(());
    }
    let mut last = head(sql).await?;
    for draft in drafts {
        let entry = AuditEntry::after(last, draft, record);
        insert(sql, &entry).await?;
        last = Some(entry.head());
    }
    match last {
        Some(last) => note_head(sql, last).await,
        None => Ok(()),
    }
}

fn bigint(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

pub(super) async fn insert(sql: &Transaction<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    let AuditEntry { seq, told, record, previous, hash } = entry;
    let insert =
        "INSERT INTO audit (seq, at, who, role, action, object, before, after, record, address_hash, previous_hash, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let params: [&(dyn ToSql + Sync); 12] = [
        &bigint(*seq),
        &told.at,
        &told.who,
        &told.role,
        &told.action,
        &told.object,
        &told.before,
        &told.after,
        &record.map(number),
        &told.address_hash,
        &previous.0.as_slice(),
        &hash.0.as_slice(),
    ];
    sql.execute(insert, &params).await.map(drop).map_err(failed("write the audit log"))
}

pub(super) async fn note_head(sql: &Transaction<'_>, head: AuditHead) -> Result<(), StoreError> {
    let note = "INSERT INTO audit_head (id, seq, hash) VALUES (1, $1, $2)
         ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash";
    let params: [&(dyn ToSql + Sync); 2] = [&bigint(head.seq), &head.hash.0.as_slice()];
    sql.execute(note, &params).await.map(drop).map_err(failed("write the audit log"))
}

/// Entries that are asked for. Their hashes are not compared: that is what [`verify`] is for.
pub(super) async fn entries(sql: &Transaction<'_>, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
    let mut filter = String::from(" WHERE true");
    let mut values: Vec<&(dyn ToSql + Sync)> = Vec::new();
    let mut ask = |condition: &str, value| {
        values.push(value);
        filter.push_str(&format!(" AND {condition} ${}", values.len()));
    };
    if let Some(object) = &query.object {
        ask("object =", object);
    }
    if let Some(who) = &query.who {
        ask("who =", who);
    }
    if let Some(action) = &query.action {
        ask(if action.ends_with('.') { "action ^@" } else { "action =" }, action);
    }
    if let Some(since) = &query.since {
        ask("at >=", since);
    }
    if let Some(until) = &query.until {
        ask("at <", until);
    }
    let (from, condition, order) = match query.from {
        AuditFrom::Newest => (i64::MAX, "seq <=", "DESC"),
        AuditFrom::Before(seq) => (bigint(seq), "seq <", "DESC"),
        AuditFrom::After(seq) => (bigint(seq), "seq >", "ASC"),
    };
    ask(condition, &from);
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    values.push(&limit);
    let query = format!("{ENTRY}{filter} ORDER BY seq {order} LIMIT ${}", values.len());
    all(sql, &query, &values, read).await
}

/// The first place at which the log is not what was written.
pub(super) async fn verify(sql: &Transaction<'_>, known: Option<AuditHead>) -> Result<Option<AuditFault>, StoreError> {
    let mut chain = AuditChain::through(known);
    let mut whole = Ok(());
    // What cannot be read is a fault at its place.
    let readable = |row: &Row| match read(row) {
        Err(StoreError::Corrupt { row, message, .. }) => {
            let seq = u64::try_from(row).unwrap_or_default();
            Ok(Err(AuditFault { seq, what: AuditBreak::Unreadable(message) }))
        }
        read => read.map(Ok),
    };
    portions(sql, &format!("{ENTRY} ORDER BY seq"), &[], readable, |portion| {
        for entry in portion {
            if whole.is_ok() {
                whole = entry.and_then(|entry| chain.add(&entry));
            }
        }
        Ok(())
    })
    .await?;
    let head = match head(sql).await {
        Err(StoreError::Corrupt { .. }) => None,
        head => head?,
    };
    Ok(whole.and_then(|()| chain.finish(head)).err())
}

/// Damage in the log, in a sentence that names its place.
pub(in crate::store::postgis) async fn check(sql: &Transaction<'_>) -> Result<Option<String>, StoreError> {
    Ok(verify(sql, None).await?.map(|fault| fault.to_string()))
}
