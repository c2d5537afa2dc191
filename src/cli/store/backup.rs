//! `onemap store backup` and `onemap store restore`

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use crate::cli::{Ended, Settings, progress, say};
use crate::config::Config;
use crate::store::geopackage::{Access, GeoPackage, Occupied, restore};
use crate::store::{Place, Store as _, StoreError};

/// Arguments of `onemap store backup`.
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

/// Arguments of `onemap store restore`.
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
    let path = file(Config::load(settings.overrides())?.store)?;
    let store = GeoPackage::open(&path, Access::Existing)
        .with_context(|| format!("no register can be opened at {}", path.display()))?;
    let waiting = progress::counter("writing the backup");
    store.backup(&to)?;
    let revision = GeoPackage::open(&to, Access::Existing)?.revision()?;
    waiting.finish_and_clear();
    let revision = revision.map(|revision| revision.0);
    say(&if json {
        json!({ "store": path.display().to_string(), "backup": to.display().to_string(), "revision": revision })
            .to_string()
    } else {
        let revision = revision.map_or_else(|| "empty".to_owned(), |revision| format!("revision {revision}"));
        format!("{}: backup of {}, {revision}", to.display(), path.display())
    });
    Ok(Ended::Fine)
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
            bail!("{place} is a database: back it up with the tools of PostgreSQL, or copy it with `onemap store copy`")
        }
    }
}
