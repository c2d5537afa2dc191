//! Backups of a register, taken while it is in use, and their return.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use serde_json::{Value, json};

use crate::history::{AuditDraft, AuditHead};
use crate::store::geopackage::{Access, GeoPackage, make_private, named, schema, vault};
use crate::store::{Document, DocumentChange, DocumentKind, REPORT_SERIAL, Store as _, StoreError, Vault as _};

/// Pause before another try when the file is locked.
const PAUSE: Duration = Duration::from_millis(20);

/// What SQLite may keep beside a file of the name with these at its end.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What to do with a file that is in the place of the one to be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupied {
    /// Leave it and restore nothing.
    Refuse,
    /// Keep it beside, under another name.
    SetAside,
}

impl GeoPackage {
    /// Writes the register as of one instant into a file, while others read and write. A file of that name is replaced in
    /// one step once the backup is complete and durable.
    ///
    /// Errors: [`StoreError::Unfit`] where it is the register's own file, under whatever name; [`StoreError::File`] where
    /// the file cannot be made, [`StoreError::Full`] where there is no room.
    pub fn backup(&self, to: &Path) -> Result<(), StoreError> {
        if self.is_own(to) {
            let why = "it is the register's own file: give the backup another name".to_owned();
            return Err(StoreError::Unfit { place: to.display().to_string(), why });
        }
        let part = beside(to, "part");
        let made = self.write_backup(&part).map_err(|err| named(to, err)).and_then(|()| put_in_place(&part, to));
        if made.is_err() {
            // Nobody knows of the part yet, so it is of no use; the error that is told is the first one.
            let _ = fs::remove_file(&part);
        }
        made
    }

    /// Whether this is the register's file or what belongs to it, also through a link.
    fn is_own(&self, path: &Path) -> bool {
        let inode = |path: &Path| fs::metadata(path).ok().map(|file| (file.dev(), file.ino()));
        let own = |suffix: &str| with(&self.path, suffix);
        let found = inode(path);
        [""].into_iter().chain(BESIDE).map(own).any(|own| own == path || (found.is_some() && inode(&own) == found))
    }

    fn write_backup(&self, part: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Sql { step: "write the backup", source };
        remove(part)?;
        make_private(part).map_err(file(part))?;
        self.read(|source| {
            // A first question pins the instant: what is written later is not in it.
            source.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(failed)?;
            let mut target = Connection::open(part).map_err(failed)?;
            let backup = Backup::new(source, &mut target).map_err(failed)?;
            while !matches!(backup.step(-1).map_err(failed)?, StepResult::Done) {
                thread::sleep(PAUSE);
            }
            drop(backup);
            // One file, without a log beside it.
            target.pragma_update(None, "journal_mode", "delete").map_err(failed)?;
            target.close().map_err(|(_, source)| failed(source))
        })
    }
}

/// Puts a backup in the place of a register that no program has open, and answers with the name under which the file that
/// was there is kept, if there was one. The backup is copied, brought up to date and checked first; in its audit log it is
/// noted which log it takes the place of.
///
/// Errors: the backup is no register, or damaged ([`StoreError::Damaged`]); there is a file already and it is to be left
/// ([`StoreError::File`]); another program has it open ([`StoreError::InUse`]). Nothing is changed then.
pub fn restore(from: &Path, to: &Path, occupied: Occupied) -> Result<Option<PathBuf>, StoreError> {
    let there = fs::exists(to).map_err(file(to))?;
    if there && occupied == Occupied::Refuse {
        return Err(file(to)(ErrorKind::AlreadyExists.into()));
    }
    schema::check_file(from, Access::Existing)?;
    let part = beside(to, "part");
    remove(&part)?;
    // The file that is there is not touched, not even its mode, before the backup is found to be good.
    let ready = copy_private(from, &part).and_then(|()| check_copy(from, &part));
    // Held until the backup is in its place, so that no program opens the old file meanwhile.
    let held = ready.and_then(|()| if there { hold(to) } else { Ok(None) });
    let restored = held.and_then(|held| {
        note_restore(&part, &Replaced::of(held.as_ref()))?;
        let aside = if there { Some(set_aside(to)?) } else { None };
        put_in_place(&part, to)?;
        drop(held);
        Ok(aside)
    });
    if restored.is_err() {
        let _ = fs::remove_file(&part);
    }
    restored
}

/// Makes sure that nobody else has a register open and keeps it so until the connection is dropped. What is in the log
/// beside it is then in the file. `None` for a file that is too damaged to be asked.
///
/// What a program that has the file open acknowledged after the file was set aside would be lost.
/// Errors: [`StoreError::InUse`].
fn hold(path: &Path) -> Result<Option<Connection>, StoreError> {
    match hold_alone(path) {
        Ok(held) => held.map(Some).ok_or_else(|| StoreError::InUse { path: path.to_owned() }),
        Err(err) => match err.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Err(StoreError::InUse { path: path.to_owned() })
            }
            _ => Ok(None),
        },
    }
}

/// `None` when somebody else opened the file at the same time.
fn hold_alone(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::ZERO)?;
    // Every connection in write-ahead mode, idle ones too, keeps others from leaving it.
    connection.query_row("PRAGMA journal_mode = delete", [], |_| Ok(()))?;
    connection.execute_batch("BEGIN EXCLUSIVE")?;
    let mode: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
    Ok((mode == "delete").then_some(connection))
}

/// A copy that nobody but its owner may read, whoever may read the backup.
fn copy_private(from: &Path, to: &Path) -> Result<(), StoreError> {
    make_private(to).map_err(file(to))?;
    let mut source = File::open(from).map_err(file(from))?;
    let mut target = File::options().write(true).open(to).map_err(file(to))?;
    io::copy(&mut source, &mut target).map(drop).map_err(file(to))
}

/// What is known of the register that a backup takes the place of.
#[derive(Default)]
struct Replaced {
    /// The end of its log.
    head: Option<AuditHead>,
    /// The last number of a report.
    serial: Option<Document>,
}

impl Replaced {
    /// As far as it can be read: it may be damaged, or be no register.
    fn of(held: Option<&Connection>) -> Self {
        let Some(sql) = held else { return Self::default() };
        let serial = vault::document(sql, DocumentKind::Setting, REPORT_SERIAL);
        Self { head: vault::head(sql).ok().flatten(), serial: serial.ok().flatten() }
    }
}

/// Writes into a backup that it was restored: what log it goes on from, and which one it takes the place of, so that a log that
/// went back is told from one that was always so. Nobody is signed in afterwards, and no number of a report comes again.
fn note_restore(part: &Path, replaced: &Replaced) -> Result<(), StoreError> {
    let store = GeoPackage::open(part, Access::Existing)?;
    let own = store.document(DocumentKind::Setting, REPORT_SERIAL)?;
    let mut changes: Vec<DocumentChange> =
        store.documents(DocumentKind::Session)?.iter().map(DocumentChange::removal).collect();
    changes.extend(match (own, &replaced.serial) {
        (None, Some(serial)) => Some(DocumentChange::new(DocumentKind::Setting, REPORT_SERIAL, serial.body.clone())),
        (Some(own), Some(serial)) if last_report(&own) < last_report(serial) => {
            Some(DocumentChange::of(&own, serial.body.clone()))
        }
        _ => None,
    });
    let head = |head: Option<AuditHead>| json!({ "log": head.map(|head| head.to_string()) }).to_string();
    let draft = AuditDraft {
        at: Timestamp::now(),
        who: "cli".to_owned(),
        role: "machine".to_owned(),
        action: "store.restore".to_owned(),
        object: Some("store".to_owned()),
        before: Some(head(replaced.head)),
        after: Some(head(store.audit_head()?)),
        address_hash: None,
    };
    store.write(&changes, &[draft])
}

/// Year and number of the last report.
fn last_report(serial: &Document) -> Option<(i64, i64)> {
    let told: Value = serde_json::from_str(&serial.body).ok()?;
    Some((told["year"].as_i64()?, told["last"].as_i64()?))
}

fn check_copy(from: &Path, copy: &Path) -> Result<(), StoreError> {
    let place = || from.display().to_string();
    let faults = GeoPackage::open(copy, Access::Existing).and_then(|store| store.check());
    match faults {
        Ok(faults) => match faults.into_iter().next() {
            Some(what) => Err(StoreError::Damaged { place: place(), what }),
            None => Ok(()),
        },
        Err(StoreError::Damaged { what, .. }) => Err(StoreError::Damaged { place: place(), what }),
        Err(err) => Err(err),
    }
}

/// Moves a register and what belongs to it to a name that says when.
fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let aside = beside(path, &format!("aside-{}", Timestamp::now().strftime("%Y%m%dT%H%M%S%.3fZ")));
    for suffix in BESIDE.into_iter().chain([""]) {
        let (old, new) = (with(path, suffix), with(&aside, suffix));
        match fs::rename(&old, new) {
            Err(err) if err.kind() == ErrorKind::NotFound && !suffix.is_empty() => {}
            moved => moved.map_err(file(&old))?,
        }
    }
    Ok(aside)
}

/// Makes a complete file durable and gives it its name.
fn put_in_place(part: &Path, to: &Path) -> Result<(), StoreError> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(part)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(part, to))
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(file(to))
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(file(path)),
    }
}

fn beside(path: &Path, what: &str) -> PathBuf {
    with(path, &format!(".{what}"))
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

fn file(path: &Path) -> impl Fn(io::Error) -> StoreError {
    let path = path.to_owned();
    move |source| StoreError::File { path: path.clone(), source }
}
