//! `onemap store check`

use clap::Args;
use serde_json::json;

use crate::cli::{Ended, Settings, open, progress, say};
use crate::config::Config;

/// Arguments of `onemap store check`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

/// Checks everything and tells every damage.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let config = Config::load(arguments.settings.overrides())?;
    let place = &config.store;
    let store = open::existing(place, config.store_ca.as_deref())?;
    let waiting = progress::counter("checking");
    let (revision, damage) = (store.revision()?, store.check()?);
    waiting.finish_and_clear();
    if arguments.json {
        let revision = revision.map(|revision| revision.0);
        say(&json!({ "store": place.to_string(), "revision": revision, "damage": damage }).to_string());
    } else if damage.is_empty() {
        let revision = revision.map_or_else(|| "empty".to_owned(), |revision| format!("revision {revision}"));
        say(&format!("{place}: no damage found, {revision}"));
    } else {
        damage.iter().for_each(|sentence| say(sentence));
        say(&format!("{place}: {} damaged; restore a backup with `onemap restore`", damage.len()));
    }
    Ok(if damage.is_empty() { Ended::Fine } else { Ended::Refused })
}
