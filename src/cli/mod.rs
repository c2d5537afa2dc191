//! The subcommands: the same use cases as `http`, with exit codes.
//!
//! Exit codes: 0 done, 1 failed (the reason is on standard error), 2 the arguments are not right.

mod demo;
mod serve;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Overrides};

/// The one map (一张图) of a district's property-management areas.
#[derive(Debug, Parser)]
#[command(name = "onemap", version, about, max_term_width = 100)]
#[command(
    after_help = "Settings come from flags, then the environment, then onemap.toml in this folder, then defaults."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the map, the tiles and the API.
    Serve(serve::Arguments),
    /// Make the demonstration district (演示数据, invented) and load it into a store, or write its files.
    Demo(demo::Arguments),
}

/// Settings that every command takes.
#[derive(Debug, Args)]
struct Settings {
    /// Configuration file [default: onemap.toml, if it is there].
    #[arg(long, value_name = "FILE", env = "ONEMAP_CONFIG")]
    config: Option<PathBuf>,
    /// GeoPackage file that holds the register [default: data/onemap.gpkg].
    #[arg(long, value_name = "FILE", env = "ONEMAP_STORE")]
    store: Option<PathBuf>,
    /// How log lines look [default: text].
    #[arg(long, value_name = "FORMAT", env = "ONEMAP_LOG_FORMAT")]
    log_format: Option<LogFormat>,
}

impl Settings {
    fn overrides(self) -> Overrides {
        Overrides { config: self.config, store: self.store, log_format: self.log_format, ..Overrides::default() }
    }
}

/// Reads the arguments, runs the command and says how it went.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Demo(arguments) => demo::run(arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            complain(&err);
            ExitCode::FAILURE
        }
    }
}

/// The whole chain of causes, one a line, on standard error.
#[expect(clippy::print_stderr, reason = "this is the one place where a command says why it failed")]
fn complain(err: &anyhow::Error) {
    eprintln!("onemap: {err}");
    for cause in err.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
}

/// One line of result on standard output.
#[expect(clippy::print_stdout, reason = "this is the one place where a command says what it did")]
fn say(line: &str) {
    println!("{line}");
}

/// What is logged unless `RUST_LOG` says otherwise. The migration tool tells every start that there is nothing to do.
const DEFAULT_FILTER: &str = "info,refinery_core=warn";

/// Logs go to standard error. Errors: `RUST_LOG` is set and cannot be read.
fn start_logging(format: LogFormat) -> anyhow::Result<()> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => EnvFilter::try_new(&text).with_context(|| format!("RUST_LOG is {text:?}"))?,
        _ => EnvFilter::new(DEFAULT_FILTER),
    };
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => logs.with_target(false).init(),
        LogFormat::Json => logs.json().flatten_event(true).init(),
    }
    Ok(())
}
