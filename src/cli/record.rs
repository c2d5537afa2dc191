//! `onemap record`

use std::path::PathBuf;

use clap::Args;

use crate::cli::{Ended, Settings};

/// Arguments of `onemap record`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// The JSON document that tells the change, as POST /api/records takes it.
    #[arg(value_name = "FILE.json")]
    document: PathBuf,
    /// Enter the change; without it nothing is written.
    #[arg(long)]
    commit: bool,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

/// Reads the document, plans the change and enters it.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let _ = arguments;
    anyhow::bail!("")
}
