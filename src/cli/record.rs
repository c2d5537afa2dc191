//! `onemap record`

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use serde_json::{Value, json};

use crate::app::access::Occasion;
use crate::app::{App, Changed, Error, Mode};
use crate::auth::Actor;
use crate::cli::{Ended, Settings, open, progress, say};
use crate::config::Config;
use crate::history::{ChangeFault, ChangeRequest};

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

/// Reads the document, plans the change, and enters it when told to.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let Arguments { settings, document, commit, json } = arguments;
    let config = Config::load(settings.overrides())?;
    let text = std::fs::read(&document).with_context(|| format!("cannot read {}", document.display()))?;
    let request = match ChangeRequest::read(&text) {
        Ok(request) => request,
        Err(faults) => return Ok(refused(&faults, json)),
    };
    let waiting = progress::counter("reading the register");
    let app = App::new(open::existing(&config.store, config.store_ca.as_deref())?);
    app.refresh()?;
    let mode = if commit { Mode::Commit } else { Mode::DryRun };
    let outcome = app.change(&Actor::at_the_machine(), &Occasion::now(), &request, mode);
    waiting.finish_and_clear();
    match outcome {
        Ok(changed) => {
            tell(&changed, json);
            Ok(Ended::Fine)
        }
        Err(Error::ChangeFaults(faults)) => Ok(refused(&faults, json)),
        Err(err @ (Error::NotSeen(_) | Error::Changed { .. })) => {
            let fault = ChangeFault { place: "/seen".to_owned(), code: None, message: err.to_string() };
            Ok(refused(&[fault], json))
        }
        Err(err) => Err(err.into()),
    }
}

fn tell(changed: &Changed, as_json: bool) {
    let dry_run = changed.mode == Mode::DryRun;
    let keys = |kinds: &[crate::history::ChangeKind]| kinds.iter().map(|kind| kind.key()).collect::<Vec<_>>();
    if as_json {
        let areas: Vec<Value> =
            changed.areas.iter().map(|(code, kinds)| json!({ "code": code.as_str(), "change": keys(kinds) })).collect();
        say(&json!({ "revision": changed.revision.0, "dry_run": dry_run, "areas": areas }).to_string());
        return;
    }
    for (code, kinds) in &changed.areas {
        say(&format!("{code}: {}", keys(kinds).join(", ")));
    }
    let revision = changed.revision;
    say(&if dry_run {
        format!("dry run, nothing was written; --commit would enter this as revision {revision}")
    } else {
        format!("entered as revision {revision}")
    });
}

fn refused(faults: &[ChangeFault], as_json: bool) -> Ended {
    if as_json {
        let told = |fault: &ChangeFault| json!({ "place": fault.place, "field": fault.field(), "code": fault.code, "message": fault.message });
        say(&json!({ "faults": faults.iter().map(told).collect::<Vec<_>>() }).to_string());
    } else {
        faults.iter().for_each(|fault| say(&fault.to_string()));
        say(&format!("{} faults, nothing was written", faults.len()));
    }
    Ended::Refused
}
