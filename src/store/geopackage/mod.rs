//! The register as one GeoPackage file, which QGIS and GDAL open as it is.
//!
//! `areas`, `streets` and `district` are feature tables of current versions with spatial indexes; the rest are attribute
//! tables. `areas` has the delivered text of each boundary beside the geometry. The file is in write-ahead mode: readers,
//! also of other programs, go on while a record is entered. Writers wait for each other up to [`BUSY_TIMEOUT`].

mod blob;
mod commit;
mod functions;
mod load;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::ingest::ChangeSet;
use crate::model::Revision;
use crate::store::{NewRecord, Register, Store, StoreError};

/// Time for which a statement waits for another writer before it fails.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// What to do when there is no file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Make one.
    Create,
    /// It is an error.
    Existing,
}

/// A register in a GeoPackage file.
#[derive(Debug)]
pub struct GeoPackage {
    path: PathBuf,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

impl GeoPackage {
    /// Opens a register and brings its schema up to date.
    ///
    /// Errors: there is no file and none is to be made ([`StoreError::File`]); the file is not a register
    /// ([`StoreError::NotRegister`]) or is newer than the program ([`StoreError::NewerSchema`]), and is left untouched; the
    /// schema cannot be brought up to date.
    pub fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        schema::check_file(path, access)?;
        let mut writer = connect(path, access)?;
        schema::check_contents(path, &writer)?;
        schema::migrate(path, &mut writer)?;
        // Only now, because in this mode the header that tells a GeoPackage might stand beside the file for a while.
        writer
            .pragma_update(None, "journal_mode", "wal")
            .map_err(|source| StoreError::Sql { step: "turn on write-ahead mode", source })?;
        let reader = connect(path, Access::Existing)?;
        reader
            .pragma_update(None, "query_only", true)
            .map_err(|source| StoreError::Sql { step: "set up the connection", source })?;
        Ok(Self { path: path.to_owned(), writer: Mutex::new(writer), reader: Mutex::new(reader) })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Store for GeoPackage {
    fn revision(&self) -> Result<Option<Revision>, StoreError> {
        load::revision(&lock(&self.reader))
    }

    fn load(&self) -> Result<Register, StoreError> {
        let mut reader = lock(&self.reader);
        // One transaction, so that all tables are of the same revision.
        let transaction = reader.transaction().map_err(|source| StoreError::Sql { step: "begin to read", source })?;
        load::register(&transaction)
    }

    fn commit(&self, record: &NewRecord, changes: &ChangeSet) -> Result<Revision, StoreError> {
        let mut writer = lock(&self.writer);
        let transaction = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|source| StoreError::Sql { step: "begin to write", source })?;
        // A transaction that is dropped on the way out is rolled back.
        let revision = commit::enter(&transaction, record, changes)?;
        transaction.commit().map_err(|source| StoreError::Sql { step: "finish the record", source })?;
        Ok(revision)
    }
}

/// A connection is as good as new after a panic: its open transaction was rolled back when it was dropped.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(path: &Path, access: Access) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if access == Access::Create {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let set_up = |connection: &Connection| {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "synchronous", "full")?;
        connection.pragma_update(None, "trusted_schema", false)?;
        functions::register(connection)
    };
    let connection =
        Connection::open_with_flags(path, flags).map_err(|source| StoreError::Sql { step: "open the file", source })?;
    set_up(&connection).map_err(|source| StoreError::Sql { step: "set up the connection", source })?;
    Ok(connection)
}

#[cfg(test)]
mod tests;
