//! `onemap import`

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::Zoned;
use serde_json::json;

use crate::app::access::Occasion;
use crate::app::{App, CheckedDelivery, DeliveryError, Error, Publication, Published, RecordSource, Upload};
use crate::auth::Actor;
use crate::cli::files::{self, Told, Understanding};
use crate::cli::{Ended, Settings as Place, open, say};
use crate::config::Config;
use crate::formats::{self, Limits};
use crate::ingest::delivery::{ColumnMap, Finding, Severity, render};
use crate::model::DeliveryState;

/// Who enters a record, when not told.
const NOBODY: &str = "onemap import";

/// Arguments of `onemap import`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The files of one delivery. Of a Shapefile the .shp is enough.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Who delivers.
    #[arg(long = "as", value_name = "SENDER")]
    sender: String,
    #[command(flatten)]
    understanding: Understanding,
    /// Number of the document under which it is entered [default: the name of the first file].
    #[arg(long = "record", value_name = "DOCUMENT")]
    document: Option<String>,
    /// Authority that issued it [default: the sender].
    #[arg(long, value_name = "NAME")]
    authority: Option<String>,
    /// Its date [default: today].
    #[arg(long, value_name = "DATE")]
    dated: Option<jiff::civil::Date>,
    /// Who enters it.
    #[arg(long, value_name = "NAME", default_value = NOBODY)]
    author: String,
    /// The number of areas that may vanish, needed above 5 %.
    #[arg(long, value_name = "NUMBER")]
    confirm_vanishing: Option<usize>,
    /// Publish it; without this the delivery is checked and nothing is written.
    #[arg(long)]
    commit: bool,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
}

/// Receives, checks, publishes when told to.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let config = Config::load(arguments.place.overrides())?;
    let operator = open::operator(config.local_systems.as_deref())?;
    let app = App::new(open::existing(&config.store, config.store_ca.as_deref())?).with_operator(operator);
    app.refresh()?;
    let (actor, occasion) = (Actor::at_the_machine(), Occasion::now());
    let by = (&actor, &occasion);
    let told = Told::new();
    let paths = files::with_parts(&arguments.files);
    let upload =
        Upload { sender: arguments.sender, note: String::new(), files: files::read(&paths)?, limits: Limits::LOCAL };
    let overrides = arguments.understanding.overrides()?;
    let settings = |maps| arguments.understanding.settings(maps);
    let dated = arguments.dated.unwrap_or_else(|| Zoned::now().date());
    let checked = if arguments.commit {
        let received = app.receive(by.0, by.1, &upload)?;
        let id = received.delivery.id;
        if !received.new {
            told.finish();
            say_unless(arguments.json, &format!("nothing new: the same bytes were received before, as delivery {id}"));
            if let DeliveryState::Published { revision } = received.delivery.state {
                say_unless(arguments.json, &format!("they are in the register since revision {revision}"));
                return Ok(Ended::Fine);
            }
        }
        let maps = app.delivered_columns(id, &overrides, arguments.understanding.encoding())?;
        let mut settings = settings(maps)?;
        settings.leave_out_all_but(arguments.understanding.layer());
        settings.effective = settings.effective.or(Some(dated));
        app.check_delivery(by, id, Some(settings), &told)?
    } else {
        let dataset = formats::read(files::open(&paths)?, &files::options(&app, &arguments.understanding))?;
        let maps = app.told_columns(&dataset, &upload.sender, &overrides)?;
        let columns: Vec<ColumnMap> = maps.iter().map(|(_, map)| map.clone()).collect();
        let mut settings = settings(maps)?;
        settings.effective = settings.effective.or(Some(dated));
        Arc::new(app.check_files(&upload.sender, dataset, &columns, settings, &told)?)
    };
    told.finish();
    report(&checked, arguments.json);
    if checked.open(Severity::MustFix) > 0 {
        return Ok(Ended::Refused);
    }
    if !arguments.commit {
        say_unless(arguments.json, "dry run, nothing was written; --commit publishes the delivery");
        return Ok(Ended::Fine);
    }
    let document =
        arguments.document.unwrap_or_else(|| paths.first().map(|path| files::name_of(path)).unwrap_or_default());
    let authority = arguments.authority.unwrap_or_else(|| upload.sender.clone());
    let source = RecordSource { document, authority, dated, author: arguments.author, note: String::new() };
    let publication = Publication { source, confirmed: arguments.confirm_vanishing };
    match app.publish_delivery(by, checked.id, &publication, &told) {
        Ok(Published::Entered(revision, _)) => {
            told.finish();
            let line = format!("published delivery {} as revision {revision}", checked.id);
            if arguments.json {
                say(&json!({ "delivery": checked.id.0, "revision": revision.0 }).to_string());
            } else {
                say(&line);
            }
            Ok(Ended::Fine)
        }
        Ok(Published::NothingNew) => {
            told.finish();
            say_unless(arguments.json, "nothing new: the register says all of it already");
            Ok(Ended::Fine)
        }
        Err(Error::Delivery(
            err @ (DeliveryError::Vanishing { .. }
            | DeliveryError::NotPublishable { .. }
            | DeliveryError::WrongState { .. }),
        )) => {
            told.finish();
            say(&format!("refused: {err}"));
            Ok(Ended::Refused)
        }
        Err(err) => Err(err.into()),
    }
}

fn say_unless(quiet: bool, line: &str) {
    if !quiet {
        say(line);
    }
}

fn report(checked: &CheckedDelivery, as_json: bool) {
    let findings: Vec<&Finding> = checked.delivered.findings.iter().collect();
    let counts = ["added", "changed", "unchanged", "unlocated", "unusable"].map(|key| (key, checked.count(key)));
    if as_json {
        let objects: Vec<_> = findings.iter().map(|finding| render::finding_object(finding)).collect();
        let [added, changed, unchanged, unlocated, unusable] = counts.map(|(_, count)| count);
        let changes = json!({ "added": added, "changed": changed, "unchanged": unchanged, "unlocated": unlocated, "unusable": unusable, "vanished": checked.vanishing.len() });
        say(&json!({ "rows": checked.rows.len(), "changes": changes, "findings": objects }).to_string());
        return;
    }
    say(&checked.position.sentence());
    say(&render::text(&findings, checked.rows.len()));
    let told: Vec<String> = counts.iter().map(|(key, count)| format!("{count} {key}")).collect();
    say(&format!("{}, {} vanishing", told.join(", "), checked.vanishing.len()));
    let fields: Vec<String> =
        checked.changed_fields().iter().map(|(field, count)| format!("{field} {count}")).collect();
    if !fields.is_empty() {
        say(&format!("what changes: {}", fields.join(", ")));
    }
}
