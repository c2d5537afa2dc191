//! The register as one GeoPackage file, which QGIS and GDAL open as it is.
//!
//! Everything that was ever known lies in `records`, `things`, `versions`, `boundaries` and `lineage`, what was delivered in
//! `deliveries` and the tables beside it, every row with a checksum; nothing of it is ever deleted. Accounts and the like lie
//! in `documents`, who did what in `audit`. For other programs `areas`, `streets` and `district` are feature tables with
//! spatial indexes, beside tables of managers, committees and so on, of what holds on the latest date of a record. The file is in write-ahead mode: readers,
//! also of other programs, go on while a record is entered. Writers wait for each other up to [`BUSY_TIMEOUT`].

mod backup;
mod blob;
mod check;
mod commit;
mod deliveries;
mod delta;
#[cfg(test)]
mod durability;
mod functions;
mod insert;
mod load;
mod project;
mod row;
mod schema;
mod sheet;
mod tables;
#[cfg(test)]
mod tests;
mod transfer;
mod v1;
mod vault;

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::history::{Entry, Key, NewRecord, Version};
use crate::model::{AreaCode, AsOf, Revision};
use crate::store::geopackage::commit::Entered;
use crate::store::{Changes, DocumentChange, Question, Register, Row, Store, StoreError};

pub use backup::{Occupied, restore};

/// Time for which a statement waits for another writer before it fails.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Connections for reading that are kept when nobody uses them.
const IDLE_READERS: usize = 4;

/// How often the file is asked for a revision that another process entered.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Statements that each connection keeps prepared.
const PREPARED_STATEMENTS: usize = 64;

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
    /// Idle connections for reading; a long answer has one of its own, so that it does not keep others waiting.
    readers: Mutex<Vec<Connection>>,
    written: Condvar,
}

impl GeoPackage {
    /// Opens a register and brings its schema up to date.
    ///
    /// Errors: there is no file and none is to be made ([`StoreError::File`]); the file is not a register
    /// ([`StoreError::NotRegister`]), is newer than the program ([`StoreError::NewerSchema`]) or is damaged
    /// ([`StoreError::Damaged`]), and is left untouched; the schema cannot be brought up to date.
    pub fn open(path: &Path, access: Access) -> Result<Self, StoreError> {
        schema::check_file(path, access)?;
        Self::open_checked(path, access).map_err(|err| named(path, err))
    }

    fn open_checked(path: &Path, access: Access) -> Result<Self, StoreError> {
        let mut writer = connect(path, access)?;
        schema::check_contents(path, &writer)?;
        schema::check_health(path, &writer)?;
        schema::migrate(&mut writer)?;
        // Only now, because in this mode the header that tells a GeoPackage might stand beside the file for a while.
        writer
            .pragma_update(None, "journal_mode", "wal")
            .map_err(|source| StoreError::Sql { step: "turn on write-ahead mode", source })?;
        let store = Self {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            readers: Mutex::default(),
            written: Condvar::new(),
        };
        store.read(|_| Ok(()))?;
        Ok(store)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Asks within one transaction, on a connection that nobody else uses meanwhile.
    fn read<T>(&self, ask: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = lock(&self.readers).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.connect_reader()?,
        };
        let answer = connection
            .transaction()
            .map_err(|source| StoreError::Sql { step: "begin to read", source })
            .and_then(|transaction| ask(&transaction))
            .map_err(|err| named(&self.path, err));
        let mut readers = lock(&self.readers);
        if readers.len() < IDLE_READERS {
            readers.push(connection);
        }
        answer
    }

    fn connect_reader(&self) -> Result<Connection, StoreError> {
        let reader = connect(&self.path, Access::Existing)?;
        let set_up = reader.pragma_update(None, "query_only", true);
        set_up.map_err(|source| StoreError::Sql { step: "set up the connection", source })?;
        Ok(reader)
    }

    /// Writes within one transaction, which is rolled back on an error.
    fn in_transaction<T>(&self, enter: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut writer = lock(&self.writer);
        let sql = |step| move |source| StoreError::Sql { step, source };
        let entered = writer
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(sql("begin to write"))
            .and_then(|transaction| {
                let entered = enter(&transaction)?;
                transaction.commit().map_err(sql("make it durable"))?;
                Ok(entered)
            });
        drop(writer);
        self.written.notify_all();
        entered.map_err(|err| named(&self.path, err))
    }
}

impl Store for GeoPackage {
    fn revision(&self) -> Result<Option<Revision>, StoreError> {
        self.read(tables::revision)
    }

    fn load(&self, question: Question) -> Result<Register, StoreError> {
        self.read(|sql| load::register(sql, question))
    }

    fn changes(&self, from: AsOf, to: AsOf) -> Result<Changes, StoreError> {
        self.read(|sql| delta::changes(sql, from, to))
    }

    fn history(&self, area: &AreaCode) -> Result<Vec<Version>, StoreError> {
        self.read(|sql| delta::history(sql, area))
    }

    fn versions(&self, key: &Key) -> Result<Vec<Version>, StoreError> {
        self.read(|sql| delta::versions(sql, key))
    }

    fn commit_with(
        &self,
        record: &NewRecord,
        entry: &Entry,
        documents: &[DocumentChange],
    ) -> Result<Revision, StoreError> {
        self.in_transaction(|sql| {
            let before = project::data_date(sql)?;
            match commit::enter(sql, record, entry, documents)? {
                Entered::Before(revision) => Ok(revision),
                Entered::Now(revision) => {
                    let day = before.unwrap_or(record.dated);
                    let from = AsOf { day, known: Revision(revision.0 - 1) };
                    project::follow(sql, from, AsOf { day: day.max(record.dated), known: revision })?;
                    Ok(revision)
                }
            }
        })
    }

    fn revision_of_request(&self, request: &str) -> Result<Option<Revision>, StoreError> {
        self.read(|sql| commit::revision_of_request(sql, request))
    }

    fn touched_by(&self, revision: Revision) -> Result<Vec<AreaCode>, StoreError> {
        self.read(|sql| delta::touched_by(sql, revision))
    }

    fn keys_touched_by(&self, revision: Revision) -> Result<Vec<Key>, StoreError> {
        self.read(|sql| delta::keys_touched_by(sql, revision))
    }

    fn wait_beyond(&self, seen: Option<Revision>, longest: Duration) -> Result<Option<Revision>, StoreError> {
        let until = Instant::now() + longest;
        loop {
            let latest = self.revision()?;
            let left = until.saturating_duration_since(Instant::now());
            if latest > seen || left.is_zero() {
                return Ok(latest);
            }
            // Woken by this process; the interval is for others that write into the same file.
            let waiting = self.written.wait_timeout(lock(&self.readers), left.min(POLL_INTERVAL));
            drop(waiting.unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        self.read(check::faults)
    }

    fn export(&self, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
        self.read(|sql| transfer::export(sql, sink))
    }

    fn import(&self, rows: &mut dyn Iterator<Item = Result<Row, StoreError>>) -> Result<Option<Revision>, StoreError> {
        self.in_transaction(|sql| {
            let latest = tables::revision(sql)?;
            if latest.is_some() || !deliveries::is_empty(sql)? || !vault::is_empty(sql)? {
                let place = self.path.display().to_string();
                return Err(StoreError::NotEmpty { place, latest: latest.unwrap_or(Revision(0)) });
            }
            let latest = transfer::import(sql, rows)?;
            if latest.is_some() {
                project::rebuild(sql)?;
            }
            Ok(latest)
        })
    }
}

/// Names the file where SQLite finds it damaged, or finds no room.
fn named(path: &Path, err: StoreError) -> StoreError {
    let StoreError::Sql { source, .. } = &err else { return err };
    let place = path.display().to_string();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged { place, what: source.to_string() }
        }
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure) => StoreError::Full { place },
        _ => err,
    }
}

/// A connection is as good as new after a panic: its open transaction was rolled back when it was dropped.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes an empty file that nobody but its owner may read, where there is none: digests of passwords and tokens will lie in
/// it. What SQLite keeps beside it gets the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    match File::options().write(true).create_new(true).mode(0o600).open(path) {
        Err(err) if err.kind() != ErrorKind::AlreadyExists => Err(err),
        _ => Ok(()),
    }
}

fn connect(path: &Path, access: Access) -> Result<Connection, StoreError> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if access == Access::Create {
        // Where it cannot be made, SQLite says so below.
        let _ = make_private(path);
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let set_up = |connection: &Connection| {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
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
