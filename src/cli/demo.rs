//! `onemap demo`: the demonstration district into a store, or as files.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use crate::app::{App, Loaded};
use crate::cli::{Settings, open, say};
use crate::config::Config;
use crate::demo::{self, Base, SEED};

/// Arguments of `onemap demo`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Write the files into this folder instead of loading a store; existing ones are replaced.
    #[arg(long, value_name = "DIR", conflicts_with = "store")]
    out: Option<PathBuf>,
    /// Repeat the district side by side until it has this many areas, for measuring.
    #[arg(long, value_name = "COUNT", conflicts_with = "out")]
    areas: Option<usize>,
    /// Seed of the generator, for --out.
    #[arg(long, default_value_t = SEED, requires = "out")]
    seed: u64,
}

/// Loads the store unless it holds a register already, or writes the files.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    match &arguments.out {
        Some(folder) => write_files(folder, arguments.seed),
        None => load(arguments.settings, arguments.areas),
    }
}

fn load(settings: Settings, areas: Option<usize>) -> anyhow::Result<()> {
    let config = Config::load(settings.overrides())?;
    let place = &config.store;
    let store = open::create(place, config.store_ca.as_deref())?;
    match App::new(store).load_demo(areas)? {
        Loaded::Committed(revision) => say(&format!("{place}: demonstration district loaded, revision {revision}")),
        Loaded::AlreadyThere(revision) => {
            say(&format!("{place}: holds a register already (revision {revision}), left as it is"));
        }
    }
    Ok(())
}

fn write_files(folder: &Path, seed: u64) -> anyhow::Result<()> {
    for file in demo::generate(&Base::embedded(), seed)? {
        let path = folder.join(file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
        }
        std::fs::write(&path, file.text).with_context(|| format!("cannot write {}", path.display()))?;
        say(&path.display().to_string());
    }
    Ok(())
}
