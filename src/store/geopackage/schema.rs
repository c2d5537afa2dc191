//! Whether a file is a register of ours, and its schema.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use crate::store::StoreError;
use crate::store::geopackage::{Access, deliveries, project, transfer, v1};

/// `GPKG`, at byte 68 of the file (OGC 12-128r17, requirement 2).
const APPLICATION_ID: i32 = 0x4750_4B47;

/// Version 1.3 of the standard: the newest that GDAL of Debian 12 opens without a warning.
const USER_VERSION: i32 = 10300;

const SQLITE_HEADER_BYTES: usize = 100;
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
const APPLICATION_ID_AT: usize = 68;
const PAGE_BYTES_AT: usize = 16;
const PAGES_AT: usize = 28;

/// Version of the schema that held current versions only.
const CURRENT_ONLY: i64 = 1;

/// Version of the schema that had rows without an area in the summaries of deliveries.
const ROWS_IN_SUMMARIES: i64 = 3;

/// Files up to this size are looked through for damage whenever they are opened; it takes a tenth of a second or so.
const QUICK_CHECK_BYTES: u64 = 32 << 20;

/// Name of the table in which refinery keeps the versions that were applied.
const HISTORY_TABLE: &str = "refinery_schema_history";

/// As refinery makes it.
const MAKE_HISTORY_TABLE: &str = "CREATE TABLE IF NOT EXISTS refinery_schema_history (
    version INT4 PRIMARY KEY, name VARCHAR(255), applied_on VARCHAR(255), checksum VARCHAR(255))";

mod embedded {
    refinery::embed_migrations!("src/store/migrations");
}

/// Looks at the head of the file without SQLite, so that a file that is something else stays as it is.
pub(super) fn check_file(path: &Path, access: Access) -> Result<(), StoreError> {
    let refuse = |why| Err(StoreError::NotRegister { path: path.to_owned(), why });
    let fail = |source| StoreError::File { path: path.to_owned(), source };
    let file = match File::open(path) {
        Err(err) if err.kind() == ErrorKind::NotFound && access == Access::Create => return Ok(()),
        opened => opened.map_err(fail)?,
    };
    let size = file.metadata().map_err(fail)?.len();
    let mut head = Vec::with_capacity(SQLITE_HEADER_BYTES);
    file.take(SQLITE_HEADER_BYTES as u64).read_to_end(&mut head).map_err(fail)?;
    if head.is_empty() {
        return if access == Access::Create { Ok(()) } else { refuse("the file is empty") };
    }
    if head.len() < SQLITE_HEADER_BYTES || !head.starts_with(SQLITE_MAGIC) {
        return refuse("it is not a GeoPackage");
    }
    if head[APPLICATION_ID_AT..APPLICATION_ID_AT + 4] != APPLICATION_ID.to_be_bytes() {
        return refuse("it is a SQLite database, but not a GeoPackage");
    }
    check_size(path, &head, size)
}

/// A file that is shorter than its header says was cut. While a write-ahead log stands beside it, the file may be behind.
fn check_size(path: &Path, head: &[u8], size: u64) -> Result<(), StoreError> {
    let number = |at: usize| head[at..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    let page_bytes = match u16::from_be_bytes([head[PAGE_BYTES_AT], head[PAGE_BYTES_AT + 1]]) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    let promised = u64::from(number(PAGES_AT)) * page_bytes;
    let log = PathBuf::from(format!("{}-wal", path.display()));
    let logged = std::fs::metadata(log).is_ok_and(|log| log.len() > 0);
    if size < promised && !logged {
        let what = format!("it should have {promised} bytes and has {size}");
        return Err(StoreError::Damaged { place: path.display().to_string(), what });
    }
    Ok(())
}

/// Refuses a GeoPackage of something else and a register of a newer program, reading only.
pub(super) fn check_contents(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let sql = |source| StoreError::Sql { step: "read the schema", source };
    let count = |filter: &str| {
        let query = format!("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND {filter}");
        connection.query_row(&query, [], |row| row.get::<_, i64>(0)).map_err(sql)
    };
    if count("name NOT LIKE 'sqlite_%'")? == 0 {
        return Ok(());
    }
    if count(&format!("name = '{HISTORY_TABLE}'"))? == 0 {
        return Err(StoreError::NotRegister {
            path: path.to_owned(),
            why: "it is a GeoPackage of something else, without the register's tables",
        });
    }
    let found = version(connection)?;
    let known =
        embedded::migrations::runner().get_migrations().iter().map(|m| i64::from(m.version())).max().unwrap_or(0);
    match found {
        Some(found) if found > known => Err(StoreError::NewerSchema { path: path.to_owned(), found, known }),
        _ => Ok(()),
    }
}

/// Applies the migrations that are missing, all in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let failed = |source| StoreError::Sql { step: "bring the schema up to date", source };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let found = version(&transaction)?.unwrap_or_default();
    let migrations = embedded::migrations::runner();
    let missing = migrations.get_migrations().iter().filter(|migration| i64::from(migration.version()) > found);
    let mut missing: Vec<_> = missing.collect();
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort_by_key(|migration| migration.version());
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    transaction.pragma_update(None, "user_version", USER_VERSION).map_err(failed)?;
    // What the first version of the schema held is read before its tables go, and entered again into the history.
    let held = if found == CURRENT_ONLY { v1::read(&transaction)? } else { Vec::new() };
    transaction.execute_batch(MAKE_HISTORY_TABLE).map_err(failed)?;
    for migration in missing {
        transaction.execute_batch(migration.sql().unwrap_or_default()).map_err(failed)?;
        let row = params![
            migration.version(),
            migration.name(),
            Timestamp::now().to_string(),
            migration.checksum().to_string()
        ];
        let entered = format!("INSERT INTO {HISTORY_TABLE} (version, name, applied_on, checksum) VALUES (?, ?, ?, ?)");
        transaction.execute(&entered, row).map_err(failed)?;
    }
    if found == ROWS_IN_SUMMARIES {
        deliveries::move_unlocated(&transaction)?;
    }
    if !held.is_empty() {
        transfer::import(&transaction, &mut held.into_iter().map(Ok))?;
        project::rebuild(&transaction)?;
    }
    transaction.commit().map_err(failed)
}

/// Version of the schema; `None` before there is any.
fn version(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let sql = |source| StoreError::Sql { step: "read the schema", source };
    let known = connection.table_exists(None, HISTORY_TABLE).map_err(sql)?;
    let latest = || connection.query_row(&format!("SELECT max(version) FROM {HISTORY_TABLE}"), [], |row| row.get(0));
    if known { latest().map_err(sql) } else { Ok(None) }
}

/// Looks for damage before anything is trusted: the size of the file, and for files up to [`QUICK_CHECK_BYTES`] their
/// structure. Errors: [`StoreError::Damaged`].
pub(super) fn check_health(path: &Path, connection: &Connection) -> Result<(), StoreError> {
    let size = std::fs::metadata(path).map_err(|source| StoreError::File { path: path.to_owned(), source })?.len();
    if size > QUICK_CHECK_BYTES {
        return Ok(());
    }
    let sql = |source| StoreError::Sql { step: "look for damage", source };
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(sql)?;
    if found == "ok" { Ok(()) } else { Err(StoreError::Damaged { place: path.display().to_string(), what: found }) }
}
