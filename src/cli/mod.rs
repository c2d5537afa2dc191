//! The subcommands: the same use cases as `http`, with exit codes.
//!
//! Exit codes: 0 fine, 1 failed (the reason is on standard error), 2 the arguments are not right, 3 damage was found or what
//! was asked for is refused.

mod account;
mod audit;
mod check;
mod completeness;
mod demo;
mod edge;
mod export;
mod files;
mod import;
mod open;
mod progress;
mod reconcile;
mod record;
mod report;
mod serve;
mod store;

use std::convert::Infallible;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::auth::Actor;
use crate::config::{LogFormat, Overrides};
use crate::store::Place;
use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Exit code when damage was found or what was asked for is refused.
const REFUSED: u8 = 3;

/// What is the same for all commands.
const AFTER_HELP: &str = "\
Settings come from flags, then the environment, then onemap.toml in this folder, then defaults.
Exit codes: 0 fine; 1 failed, the reason is on standard error; 2 wrong arguments; 3 damage found, or refused.";

/// The one map (一张图) of a district's property-management areas.
#[derive(Debug, Parser)]
#[command(name = "onemap", version, about, max_term_width = 100)]
#[command(after_help = AFTER_HELP)]
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
    /// Change areas as a JSON document says: split, merge, adjust, rename, retire, correct, amend. A dry run unless --commit.
    Record(record::Arguments),
    /// Check files of a street or of the tech bureau, and store nothing.
    Check(check::Arguments),
    /// Bring a delivery in: checked, then published whole or not at all. A dry run unless --commit.
    Import(import::Arguments),
    /// Compare two descriptions of the same areas, files or the register: what is the same, what changed, what to decide.
    Reconcile(reconcile::Arguments),
    /// Write the areas as a file that GIS and office programs read.
    Export(export::Arguments),
    /// Write the register's section of a district report, in Chinese; a percentage that does not follow is refused.
    Report(report::Arguments),
    /// Tell what is only on the map and what is only in a ledger (落点落图、挂图上账); fine only when there is nothing.
    Completeness(completeness::Arguments),
    /// Say who may come in: accounts, their roles, streets and passwords.
    Account(account::Arguments),
    /// Verify the log of who did what, or write it out.
    Audit(audit::Arguments),
    /// Write the register into a GeoPackage file as of one instant, also while it is in use.
    Backup(store::backup::BackupArguments),
    /// Put a backup in the place of the register. It is checked first; refused (exit code 3) where there is a register,
    /// unless --replace, which keeps it aside. No program may have the register open.
    Restore(store::backup::RestoreArguments),
    /// Look after a register: check it for damage, copy it to another place.
    Store(store::Arguments),
}

/// Settings that every command takes.
#[derive(Debug, Args)]
struct Settings {
    /// Configuration file [default: onemap.toml, if it is there].
    #[arg(long, value_name = "FILE", env = "ONEMAP_CONFIG")]
    config: Option<PathBuf>,
    /// Where the register lies: a GeoPackage file or postgres://… [default: data/onemap.gpkg].
    #[arg(long, value_name = "PLACE", env = "ONEMAP_STORE", hide_env_values = true, value_parser = place)]
    store: Option<Place>,
    /// Certificates (PEM) that the database's certificate must be signed by [default: those of the system].
    #[arg(long, value_name = "FILE", env = "ONEMAP_STORE_CA")]
    store_ca: Option<PathBuf>,
    /// File with datum shifts and local systems, each with check points; it is never shown [default: none].
    #[arg(long, value_name = "FILE", env = "ONEMAP_LOCAL_SYSTEMS")]
    local_systems: Option<PathBuf>,
    /// How log lines look [default: text].
    #[arg(long, value_name = "FORMAT", env = "ONEMAP_LOG_FORMAT")]
    log_format: Option<LogFormat>,
}

impl Settings {
    fn overrides(self) -> Overrides {
        Overrides {
            config: self.config,
            store: self.store,
            store_ca: self.store_ca,
            log_format: self.log_format,
            local_systems: self.local_systems,
            ..Overrides::default()
        }
    }
}

/// A place as an argument; every text is one.
fn place(text: &str) -> Result<Place, Infallible> {
    Ok(Place::parse(text))
}

/// For whom a command tells something: the district, which sees everything, or the public.
fn reader(text: &str) -> Result<Actor, String> {
    match text {
        "district" => Ok(Actor::at_the_machine()),
        "public" => Ok(Actor::public()),
        _ => Err("district or public is expected".to_owned()),
    }
}

/// How a command ended, when it did what it could.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// Exit code 0.
    Fine,
    /// Exit code 3: damage was found, or what was asked for is refused.
    Refused,
}

/// Reads the arguments, runs the command and says how it went.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(arguments) => serve::run(arguments).map(|()| Ended::Fine),
        Command::Demo(arguments) => demo::run(arguments).map(|()| Ended::Fine),
        Command::Record(arguments) => record::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Import(arguments) => import::run(arguments),
        Command::Reconcile(arguments) => reconcile::run(arguments).map(|()| Ended::Fine),
        Command::Export(arguments) => export::run(arguments),
        Command::Report(arguments) => report::run(arguments),
        Command::Completeness(arguments) => completeness::run(arguments),
        Command::Account(arguments) => account::run(arguments),
        Command::Audit(arguments) => audit::run(arguments),
        Command::Backup(arguments) => store::backup::backup(arguments),
        Command::Restore(arguments) => store::backup::run_restore(arguments),
        Command::Store(arguments) => store::run(arguments),
    };
    match outcome {
        Ok(Ended::Fine) => ExitCode::SUCCESS,
        Ok(Ended::Refused) => ExitCode::from(REFUSED),
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
