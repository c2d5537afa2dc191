//! `onemap backup` and `onemap restore`

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use crate::cli::store::copy::copy;
use crate::cli::{Ended, Settings, open, progress, say};
use crate::config::Config;
use crate::store::geopackage::{Access, GeoPackage, Occupied, restore};
use crate::store::{Place, Store as _, StoreError};

/// Arguments of `onemap backup`.
#[derive(Debug, Args)]
pub struct BackupArguments {
    #[command(flatten)]
    settings: Settings,
    /// File to write; a backup of that name is replaced once the new one is complete.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

/// Arguments of `onemap restore`.
#[derive(Debug, Args)]
pub struct RestoreArguments {
    #[command(flatten)]
    settings: Settings,
    /// Backup to restore.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Take the place of a register that is there; its file is kept beside, under another name.
    #[arg(long)]
    replace: bool,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

/// Writes a backup, also while the register is in use.
pub fn backup(arguments: BackupArguments) -> anyhow::Result<Ended> {
    let BackupArguments { settings, to, json } = arguments;
    let config = Config::load(settings.overrides())?;
    let waiting = progress::counter("writing the backup");
    match &config.store {
        Place::File(path) => GeoPackage::open(path, Access::Existing)
            .with_context(|| format!("no register can be opened at {}", path.display()))?
            .backup(&to)?,
        place @ Place::Database(_) => copy_database(place, config.store_ca.as_deref(), &to)?,
    }
    let revision = GeoPackage::open(&to, Access::Existing)?.revision()?;
    waiting.finish_and_clear();
    let revision = revision.map(|revision| revision.0);
    let store = config.store.to_string();
    say(&if json {
        json!({ "store": store, "backup": to.display().to_string(), "revision": revision }).to_string()
    } else {
        let revision = revision.map_or_else(|| "empty".to_owned(), |revision| format!("revision {revision}"));
        format!("{}: backup of {store}, {revision}", to.display())
    });
    Ok(Ended::Fine)
}

/// A database is read within one transaction, row by row, into a file beside the backup, which takes the backup's place when
/// it is whole.
fn copy_database(place: &Place, ca: Option<&Path>, to: &Path) -> anyhow::Result<()> {
    let source = open::existing(place, ca)?;
    let mut beside = OsString::from(to);
    beside.push(".copy");
    let beside = PathBuf::from(beside);
    let remove = || {
        ["", "-wal", "-shm"].map(|suffix| {
            let mut name = beside.clone().into_os_string();
            name.push(suffix);
            // What is not there need not be removed.
            let _ = std::fs::remove_file(name);
        })
    };
    // Left by a backup that was ended.
    remove();
    let written = GeoPackage::open(&beside, Access::Create)
        .and_then(|target| copy(&*source, &target).and_then(|_| target.backup(to)));
    remove();
    written.with_context(|| format!("no backup of {place} was written"))
}

/// Puts a backup in its place. No program may have the register open.
pub fn run_restore(arguments: RestoreArguments) -> anyhow::Result<Ended> {
    let RestoreArguments { settings, from, replace, json } = arguments;
    let path = file(Config::load(settings.overrides())?.store)?;
    if !replace && path.exists() {
        let told = format!("{}: there is a register already, left as it is; --replace keeps it aside", path.display());
        say(&if json { json!({ "restored": false, "reason": told }).to_string() } else { told });
        return Ok(Ended::Refused);
    }
    let waiting = progress::counter("restoring");
    let occupied = if replace { Occupied::SetAside } else { Occupied::Refuse };
    let restored = restore(&from, &path, occupied);
    waiting.finish_and_clear();
    match restored {
        Ok(aside) => {
            let aside = aside.map(|aside| aside.display().to_string());
            say(&if json {
                json!({ "restored": true, "store": path.display().to_string(), "aside": aside }).to_string()
            } else {
                let kept = aside.map_or_else(String::new, |aside| format!("; what was there is {aside}"));
                format!("{}: restored from {}{kept}", path.display(), from.display())
            });
            Ok(Ended::Fine)
        }
        Err(err @ StoreError::Damaged { .. }) => {
            let told = format!("{err}; nothing was changed");
            say(&if json { json!({ "restored": false, "reason": told }).to_string() } else { told });
            Ok(Ended::Refused)
        }
        Err(err) => Err(err).context("nothing was restored"),
    }
}

fn file(place: Place) -> anyhow::Result<PathBuf> {
    match place {
        Place::File(path) => Ok(path),
        place @ Place::Database(_) => {
            bail!("{place} is a database: bring the backup into an empty one with `onemap store copy --from FILE --to`")
        }
    }
}
