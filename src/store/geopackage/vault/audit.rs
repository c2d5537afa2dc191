//! The audit log: every entry with its hash, and the head apart.

use jiff::Timestamp;
use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};

use crate::history::{AuditBreak, AuditChain, AuditDraft, AuditEntry, AuditFault, AuditHead};
use crate::model::{Digest, Revision};
use crate::store::StoreError;
use crate::store::geopackage::row::{self, Bad, Cells, first, rows};
use crate::store::geopackage::tables::number;
use crate::store::geopackage::vault::documents::{self, run};
use crate::store::vault::{AuditFrom, AuditQuery};

const ENTRY: &str =
    "SELECT seq, at, who, role, action, object, before, after, record, address_hash, previous_hash, hash FROM audit";

fn read(cells: &Cells<'_, '_>) -> Result<AuditEntry, Bad> {
    let text = |column| Ok(cells.str(column)?.to_owned());
    let optional = |column| Ok(cells.text(column)?.map(str::to_owned));
    let told = AuditDraft {
        at: cells.parsed(1, |text| text.parse::<Timestamp>())?,
        who: text(2)?,
        role: text(3)?,
        action: text(4)?,
        object: optional(5)?,
        before: optional(6)?,
        after: optional(7)?,
        address_hash: optional(9)?,
    };
    let record: Option<u64> = cells.get(8)?;
    Ok(AuditEntry {
        seq: cells.get(0)?,
        told,
        record: record.map(Revision),
        previous: digest(cells, 10)?,
        hash: digest(cells, 11)?,
    })
}

fn digest(cells: &Cells<'_, '_>, column: usize) -> Result<Digest, Bad> {
    let bytes = cells.blob(column)?;
    bytes.try_into().map(Digest).map_err(|_| cells.bad(column, "a hash has 32 bytes"))
}

/// What the last entry is said to be.
pub(super) fn head(sql: &Connection) -> Result<Option<AuditHead>, StoreError> {
    first(sql, ("audit_head", "SELECT id, seq, hash FROM audit_head"), [], |cells| {
        Ok(AuditHead { seq: cells.get(1)?, hash: digest(cells, 2)? })
    })
}

/// Goes on with the log, within the transaction of the caller. `record` is the one that is entered in it.
pub(in crate::store::geopackage) fn log(
    sql: &Connection,
    drafts: &[AuditDraft],
    record: Option<Revision>,
) -> Result<(), StoreError> {
    if drafts.is_empty() {
        return Ok(());
    }
    let mut last = head(sql)?;
    for draft in drafts {
        let entry = AuditEntry::after(last, draft, record);
        insert(sql, &entry)?;
        last = Some(entry.head());
    }
    last.map_or(Ok(()), |last| note_head(sql, last))
}

pub(super) fn insert(sql: &Connection, entry: &AuditEntry) -> Result<(), StoreError> {
    let AuditEntry { seq, told, record, previous, hash } = entry;
    let cells = params![
        seq,
        told.at.to_string(),
        told.who,
        told.role,
        told.action,
        told.object,
        told.before,
        told.after,
        record.map(number),
        told.address_hash,
        previous.0.as_slice(),
        hash.0.as_slice()
    ];
    let insert =
        "INSERT INTO audit (seq, at, who, role, action, object, before, after, record, address_hash, previous_hash, hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    run(sql, insert, cells)
}

pub(super) fn note_head(sql: &Connection, head: AuditHead) -> Result<(), StoreError> {
    let note = "INSERT INTO audit_head (id, seq, hash) VALUES (1, ?, ?)
         ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash";
    run(sql, note, params![head.seq, head.hash.0.as_slice()])
}

/// Entries that are asked for. Their hashes are not compared: that is what [`verify`] is for.
pub(super) fn entries(sql: &Connection, query: &AuditQuery) -> Result<Vec<AuditEntry>, StoreError> {
    let mut filter: Vec<&str> = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut ask = |condition, value: Value| {
        filter.push(condition);
        values.push(value);
    };
    if let Some(object) = &query.object {
        ask("object = ?", object.clone().into());
    }
    if let Some(who) = &query.who {
        ask("who = ?", who.clone().into());
    }
    if let Some(action) = &query.action {
        let whole = !action.ends_with('.');
        ask(if whole { "action = ?" } else { "instr(action, ?) = 1" }, action.clone().into());
    }
    if let Some(since) = query.since {
        ask("julianday(at) >= julianday(?)", since.to_string().into());
    }
    if let Some(until) = query.until {
        ask("julianday(at) < julianday(?)", until.to_string().into());
    }
    let seq = |seq: u64| Value::Integer(i64::try_from(seq).unwrap_or(i64::MAX));
    let order = match query.from {
        AuditFrom::Newest => "DESC",
        AuditFrom::Before(before) => {
            ask("seq < ?", seq(before));
            "DESC"
        }
        AuditFrom::After(after) => {
            ask("seq > ?", seq(after));
            "ASC"
        }
    };
    let filter = if filter.is_empty() { String::new() } else { format!(" WHERE {}", filter.join(" AND ")) };
    values.push(Value::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
    let query = format!("{ENTRY}{filter} ORDER BY seq {order} LIMIT ?");
    rows(sql, ("audit", &query), params_from_iter(values), read)
}

/// Hands out the whole log, from the first entry on.
pub(super) fn each(sql: &Connection, mut take: impl FnMut(AuditEntry)) -> Result<(), StoreError> {
    row::each(sql, ("audit", &format!("{ENTRY} ORDER BY seq")), [], |cells| {
        take(read(cells)?);
        Ok(())
    })
}

/// The first place at which the log is not what was written.
pub(super) fn verify(sql: &Connection, known: Option<AuditHead>) -> Result<Option<AuditFault>, StoreError> {
    let mut chain = AuditChain::through(known);
    let mut whole = Ok(());
    let read = each(sql, |entry| {
        if whole.is_ok() {
            whole = chain.add(&entry);
        }
    });
    if let (Ok(()), Err(StoreError::Corrupt { row, message, .. })) = (&whole, &read) {
        let seq = u64::try_from(*row).unwrap_or_default();
        return Ok(Some(AuditFault { seq, what: AuditBreak::Unreadable(message.clone()) }));
    }
    if whole.is_ok() {
        read?;
    }
    let head = match head(sql) {
        Err(StoreError::Corrupt { .. }) => None,
        head => head?,
    };
    Ok(whole.and_then(|()| chain.finish(head)).err())
}

/// Damage in documents and log, in sentences that name their place.
pub(in crate::store::geopackage) fn check(sql: &Connection) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    match documents::check(sql) {
        Err(err @ StoreError::Corrupt { .. }) => faults.push(err.to_string()),
        checked => checked?,
    }
    faults.extend(verify(sql, None)?.map(|fault| fault.to_string()));
    Ok(faults)
}
