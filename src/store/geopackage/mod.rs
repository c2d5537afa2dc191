//! The register as one GeoPackage file, which QGIS and GDAL open as it is.
//!
//! `areas`, `streets` and `district` are feature tables of current versions with spatial indexes; the rest are attribute
//! tables. `areas` has the delivered text of each boundary beside the geometry. The file is in write-ahead mode: readers,
//! also of other programs, go on while a record is entered. Writers wait for each other up to [`BUSY_TIMEOUT`].

mod blob;
mod functions;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::history::{Entry, Key, NewRecord, Version};
use crate::model::{AreaCode, AsOf, Revision};
use crate::store::{Changes, Question, Register, Row, Store, StoreError};

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
        Ok(None)
    }
    fn load(&self, _: Question) -> Result<Register, StoreError> {
        Err(StoreError::Empty)
    }
    fn changes(&self, _: AsOf, _: AsOf) -> Result<Changes, StoreError> {
        Err(StoreError::Empty)
    }
    fn history(&self, _: &AreaCode) -> Result<Vec<Version>, StoreError> {
        Err(StoreError::Empty)
    }
    fn versions(&self, _: &Key) -> Result<Vec<Version>, StoreError> {
        Err(StoreError::Empty)
    }
    fn commit(&self, _: &NewRecord, _: &Entry) -> Result<Revision, StoreError> {
        Err(StoreError::Empty)
    }
    fn wait_beyond(&self, _: Option<Revision>, _: Duration) -> Result<Option<Revision>, StoreError> {
        Ok(None)
    }
    fn check(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
    fn export(&self, _: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
        Ok(())
    }
    fn import(&self, _: &mut dyn Iterator<Item = Result<Row, StoreError>>) -> Result<Option<Revision>, StoreError> {
        Ok(None)
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
