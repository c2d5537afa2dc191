//! `onemap audit`: the log of who did what.

use std::io::{self, Write as _};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::app::access::{Access, LOG_LIMIT_MAX, LogCsv};
use crate::auth::role::Actor;
use crate::cli::{Ended, Settings, open, say};
use crate::config::Config;
use crate::history::{AuditDraft, AuditEntry, AuditHead};

/// Arguments of `onemap audit`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Go through the whole log and tell where it is not what was written. Exit code 3 when it is not.
    Verify(VerifyArguments),
    /// Write the whole log to standard output, oldest entry first: CSV, or one JSON object a line with --json.
    Export(ExportArguments),
}

#[derive(Debug, Args)]
struct VerifyArguments {
    #[command(flatten)]
    settings: Settings,
    /// The last entry as it was told when the log was verified before, SEQ:HASH: the log must still hold it.
    #[arg(long, value_name = "SEQ:HASH", value_parser = head)]
    expect: Option<AuditHead>,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct ExportArguments {
    #[command(flatten)]
    settings: Settings,
    /// Only the entries after this number.
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    after: u64,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

fn head(text: &str) -> Result<AuditHead, String> {
    AuditHead::parse(text).ok_or_else(|| "a number, a colon and 64 hexadecimal digits are expected".to_owned())
}

/// Runs the subcommand.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    match arguments.command {
        Command::Verify(arguments) => verify(arguments),
        Command::Export(arguments) => export(arguments).map(|()| Ended::Fine),
    }
}

fn access(settings: Settings) -> anyhow::Result<(Access, String)> {
    let config = Config::load(settings.overrides())?;
    let store = open::existing(&config.store, config.store_ca.as_deref())?;
    Ok((Access::new(store), config.store.to_string()))
}

fn verify(arguments: VerifyArguments) -> anyhow::Result<Ended> {
    let VerifyArguments { settings, expect, json: as_json } = arguments;
    let (access, place) = access(settings)?;
    let verified = access.verify_log(&Actor::at_the_machine(), expect)?;
    let whole = verified.is_ok();
    if as_json {
        let (head, fault) = match &verified {
            Ok(head) => (head.map(|head| head.to_string()), None),
            Err(fault) => (None, Some(json!({ "seq": fault.seq, "what": fault.what.to_string() }))),
        };
        say(&json!({ "store": place, "whole": whole, "head": head, "fault": fault }).to_string());
    } else {
        say(&match &verified {
            Ok(None) => format!("{place}: the log is empty"),
            Ok(Some(head)) => format!("{place}: the log is whole, {} entries; keep this elsewhere: {head}", head.seq),
            Err(fault) => format!("{place}: the log is not what was written: {fault}"),
        });
    }
    Ok(if whole { Ended::Fine } else { Ended::Refused })
}

fn export(arguments: ExportArguments) -> anyhow::Result<()> {
    let ExportArguments { settings, mut after, json: as_json } = arguments;
    let (access, _) = access(settings)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut next = || -> anyhow::Result<Vec<AuditEntry>> {
        let entries = access.log_after(&Actor::at_the_machine(), after, LOG_LIMIT_MAX)?;
        after = entries.last().map_or(after, |last| last.seq);
        Ok(entries)
    };
    let written = "cannot write to standard output";
    if as_json {
        loop {
            let entries = next()?;
            if entries.is_empty() {
                return out.flush().context(written);
            }
            entries.iter().try_for_each(|entry| writeln!(out, "{}", object(entry))).context(written)?;
        }
    }
    let mut csv = LogCsv::new(out).context(written)?;
    loop {
        let entries = next()?;
        if entries.is_empty() {
            return csv.finish().context(written);
        }
        entries.iter().try_for_each(|entry| csv.add(entry)).context(written)?;
    }
}

/// An entry with every field that its hash is made of, in their order.
fn object(entry: &AuditEntry) -> Value {
    let AuditEntry { seq, told, record, previous, hash } = entry;
    let AuditDraft { at, who, role, action, object, before, after, address_hash } = told;
    json!({
        "seq": seq,
        "at": at,
        "who": who,
        "role": role,
        "action": action,
        "object": object,
        "before": before,
        "after": after,
        "record": record.map(|record| record.0),
        "address_hash": address_hash,
        "previous_hash": previous.to_string(),
        "hash": hash.to_string(),
    })
}
