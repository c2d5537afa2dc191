//! `onemap store copy`

use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::json;

use crate::cli::store::digest::{Summary, Summing, summary};
use crate::cli::{Ended, open, place, progress, say};
use crate::store::{Place, Row, Store, StoreError};

/// Rows on their way from one store to the other. A row may hold a megabyte of a delivered file.
const ROWS_UNDER_WAY: usize = 16;

/// Arguments of `onemap store copy`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Register to copy: a GeoPackage file or postgres://…
    #[arg(long, value_name = "PLACE", value_parser = place)]
    from: Place,
    /// Where to: a GeoPackage file or postgres://…; it must hold no register yet.
    #[arg(long, value_name = "PLACE", value_parser = place)]
    to: Place,
    /// Certificates (PEM) that a database's certificate must be signed by [default: those of the system].
    #[arg(long, value_name = "FILE", env = "ONEMAP_STORE_CA")]
    store_ca: Option<PathBuf>,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

/// Copies, compares, and only then says that it is done.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let Arguments { from, to, store_ca, json: as_json } = arguments;
    if from == to {
        bail!("{from} cannot be copied to itself");
    }
    let ca = store_ca.as_deref();
    let source = open::existing(&from, ca)?;
    let target = open::create(&to, ca)?;
    let sent = match copy(&*source, &*target) {
        Err(StoreError::NotEmpty { latest, .. }) => {
            let told = format!("{to}: holds a register already (revision {latest}), left as it is");
            say(&if as_json { json!({ "copied": false, "reason": told }).to_string() } else { told });
            return Ok(Ended::Refused);
        }
        other => other.with_context(|| format!("{from} was not copied to {to}, which is as it was before"))?,
    };
    let comparing = progress::counter("comparing");
    let arrived = summary(&*target, || comparing.inc(1)).with_context(|| format!("{to} cannot be read back"))?;
    comparing.finish_and_clear();
    if sent != arrived {
        bail!("{to} does not hold what {from} holds: {sent:?} was sent and {arrived:?} has arrived; do not use it");
    }
    let Summary { records, things, versions, lineage, deliveries, documents, audit, digest } = sent;
    if as_json {
        let told = json!({
            "copied": true, "from": from.to_string(), "to": to.to_string(), "records": records, "things": things,
            "versions": versions, "lineage": lineage, "deliveries": deliveries, "documents": documents, "audit": audit,
            "digest": digest,
        });
        say(&told.to_string());
    } else {
        say(&format!(
            "{to}: {records} records, {things} things in {versions} versions, {deliveries} deliveries, {documents} accounts, tokens, reports and settings, {audit} entries of the audit log, the same as {from} ({digest})"
        ));
    }
    Ok(Ended::Fine)
}

/// Moves every row through a bounded channel; answers with what was sent.
pub(super) fn copy(source: &dyn Store, target: &dyn Store) -> Result<Summary, StoreError> {
    let (send, receive) = sync_channel(ROWS_UNDER_WAY);
    std::thread::scope(|scope| {
        let sender = scope.spawn(move || hand_out(source, send));
        let taken = target.import(&mut receive.into_iter());
        let sent = sender.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        taken.map(|_| sent.expect("an import does not succeed when a row failed"))
    })
}

/// Sends everything. The channel carries a failure of the source too, so that the target does not take half of it for the
/// whole; the answer is `None` then, and when the target stops listening.
fn hand_out(source: &dyn Store, send: SyncSender<Result<Row, StoreError>>) -> Option<Summary> {
    let mut summing = Summing::default();
    let copying = progress::counter("copying");
    let exported = source.export(&mut |row| {
        summing.add(&row);
        copying.inc(1);
        // Ends the export. Nobody reads this error: whoever stopped listening has said why.
        send.send(Ok(row)).map_err(|_| StoreError::Empty)
    });
    copying.finish_and_clear();
    match exported {
        Ok(()) => Some(summing.finish()),
        Err(err) => {
            // Fails when nobody listens any more, which is fine.
            let _ = send.send(Err(err));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;
    use crate::store::memory::Memory;
    use std::sync::Arc;

    #[test]
    fn a_copy_has_the_same_digest_and_a_second_one_is_refused() {
        let (source, target) = (Arc::new(Memory::new()), Memory::new());
        App::new(Arc::<Memory>::clone(&source)).load_demo(None).unwrap();
        let sent = copy(&*source, &target).unwrap();
        assert_eq!(sent, summary(&target, || ()).unwrap());
        assert_eq!(sent.records, source.revision().unwrap().unwrap().0);
        assert!(matches!(copy(&*source, &target), Err(StoreError::NotEmpty { .. })));
    }

    #[test]
    fn a_failure_of_the_source_leaves_the_target_empty() {
        let (send, receive) = sync_channel(ROWS_UNDER_WAY);
        send.send(Err(StoreError::Empty)).unwrap();
        drop(send);
        let target = Memory::new();
        assert!(target.import(&mut receive.into_iter()).is_err());
        assert_eq!(target.revision().unwrap(), None);
    }
}
