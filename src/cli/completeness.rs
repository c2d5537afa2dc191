//! `onemap completeness`

use clap::Args;
use serde_json::json;

use crate::app::App;
use crate::cli::{Ended, Settings as Place, open, say};
use crate::config::Config;
use crate::store::Question;

/// Arguments of `onemap completeness`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// As it was true on this day [default: the date of the data].
    #[arg(long, value_name = "DATE")]
    on: Option<jiff::civil::Date>,
    /// One JSON object, for scripts.
    #[arg(long)]
    json: bool,
}

/// Tells which rows of ledgers have no area on the map and which areas no ledger tells of. Fine only when there is none, or
/// each is excused by an exception.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let Arguments { place, on, json } = arguments;
    let config = Config::load(place.overrides())?;
    let app = App::new(open::existing(&config.store, config.store_ca.as_deref())?);
    app.refresh()?;
    let snapshot = app.snapshot_at(Question { day: on, known: None })?;
    let told = app.completeness(&snapshot)?;
    let totals = told.counts_of(None, &snapshot);
    let ended = if told.is_complete() { Ended::Fine } else { Ended::Refused };
    let open_rows = || told.ledger_only.iter().filter(|one| one.excused.is_none());
    let open_areas = || told.map_only.iter().filter(|one| one.excused.is_none());
    if json {
        let body = json!({
            "date": snapshot.data_date().to_string(),
            "complete": told.is_complete(),
            "areas": totals.areas,
            "excused": totals.excused,
            "ledger_only": open_rows().map(|one| json!({
                "subject": one.subject,
                "delivery": one.delivery.0,
                "file": one.row.file,
                "item": one.row.item,
            })).collect::<Vec<_>>(),
            "map_only": open_areas().map(|one| json!({
                "subject": snapshot.area(one.position).code.as_str(),
                "fingerprint": one.fingerprint,
            })).collect::<Vec<_>>(),
        });
        say(&body.to_string());
        return Ok(ended);
    }
    say(&format!(
        "{}: {} areas; 账有图无 {} · 图有账无 {} · {} excused",
        snapshot.data_date(),
        totals.areas,
        totals.ledger_only,
        totals.map_only,
        totals.excused
    ));
    for one in open_rows() {
        say(&format!("  账有图无: {} (delivery {}, {}, {})", one.subject, one.delivery, one.row.file, one.row.item));
    }
    for one in open_areas() {
        let area = snapshot.area(one.position);
        say(&format!("  图有账无: {} {} ({})", area.code, area.name, snapshot.street_of(area).name));
    }
    Ok(ended)
}
