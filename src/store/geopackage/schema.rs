//! Whether a file is a register of ours, and its schema.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use rusqlite::{Connection, OptionalExtension as _};

use crate::store::StoreError;
use crate::store::geopackage::Access;

/// `GPKG`, at byte 68 of the file (OGC 12-128r17, requirement 2).
const APPLICATION_ID: i32 = 0x4750_4B47;

/// Version 1.3 of the standard: the newest that GDAL of Debian 12 opens without a warning.
const USER_VERSION: i32 = 10300;

const SQLITE_HEADER_BYTES: usize = 100;
const SQLITE_MAGIC: &[u8] = b"SQLite format 3\0";
const APPLICATION_ID_AT: usize = 68;

/// Name of the table in which refinery keeps the versions that were applied.
const HISTORY_TABLE: &str = "refinery_schema_history";

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
    let found: Option<i64> = connection
        .query_row(&format!("SELECT max(version) FROM {HISTORY_TABLE}"), [], |row| row.get(0))
        .optional()
        .map_err(sql)?
        .flatten();
    let known =
        embedded::migrations::runner().get_migrations().iter().map(|m| i64::from(m.version())).max().unwrap_or(0);
    match found {
        Some(found) if found > known => Err(StoreError::NewerSchema { path: path.to_owned(), found, known }),
        _ => Ok(()),
    }
}

/// Applies the migrations that are missing, all in one transaction.
pub(super) fn migrate(path: &Path, connection: &mut Connection) -> Result<(), StoreError> {
    let pragma = |source| StoreError::Sql { step: "mark the file as a GeoPackage", source };
    let marked: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(pragma)?;
    if marked != APPLICATION_ID {
        // First of all, so that a file whose making was cut short is known as ours when it is opened again.
        connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(pragma)?;
        connection.pragma_update(None, "user_version", USER_VERSION).map_err(pragma)?;
    }
    let report = embedded::migrations::runner().set_grouped(true).run(connection);
    report.map_err(|source| StoreError::Migration { path: path.to_owned(), source: Box::new(source) })?;
    Ok(())
}
