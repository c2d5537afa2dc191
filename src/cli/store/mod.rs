//! `onemap store`: looking after a register.

pub mod backup;
mod check;
mod copy;
mod digest;

use clap::{Args, Subcommand};

use crate::cli::Ended;

/// Arguments of `onemap store`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look for damage in all that is stored, on both clocks. Exit code 3 when there is any.
    Check(check::Arguments),
    /// The same as `onemap backup`.
    #[command(hide = true)]
    Backup(backup::BackupArguments),
    /// The same as `onemap restore`.
    #[command(hide = true)]
    Restore(backup::RestoreArguments),
    /// Copy a register with all its history to another place, and compare both sides. The target must be empty.
    Copy(copy::Arguments),
}

/// Runs the subcommand.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    match arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Backup(arguments) => backup::backup(arguments),
        Command::Restore(arguments) => backup::run_restore(arguments),
        Command::Copy(arguments) => copy::run(arguments),
    }
}
