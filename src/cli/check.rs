//! `onemap check`

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use jiff::Zoned;
use serde_json::json;

use crate::app::App;
use crate::cli::files::{self, Told, Understanding};
use crate::cli::{Ended, Settings as Place, open, say};
use crate::config::Config;
use crate::formats::{self, Layer, Limits, ReadOptions};
use crate::ingest::delivery::{
    ColumnMap, Delivered, DeliveredField, Finding, Known, Position, Progress as _, Step, check, guess, render,
};

/// Arguments of `onemap check`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The files of one delivery. Of a Shapefile the .shp is enough.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    understanding: Understanding,
    /// Whose delivery it is: codes of an earlier one of the same sender are known again.
    #[arg(long = "as", value_name = "SENDER", default_value = "")]
    sender: String,
    /// Check the files by themselves, without a register.
    #[arg(long)]
    alone: bool,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
    /// Write the report as a page that a browser opens.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write the report as a workbook.
    #[arg(long, value_name = "FILE")]
    xlsx: Option<PathBuf>,
}

/// Reads, checks, tells. Exit code 3 when something must be fixed.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let Arguments { place, files, understanding, sender, alone, json, html, xlsx } = arguments;
    let told = Told::new();
    told.reached(Step::Read, 0, 0);
    let named = place.store.is_some();
    let config = Config::load(place.overrides())?;
    let app = if alone {
        None
    } else {
        match open::existing(&config.store, config.store_ca.as_deref()) {
            Ok(store) => {
                let operator = open::operator(config.local_systems.as_deref())?;
                let app = App::new(store).with_operator(operator);
                app.refresh()?;
                Some(app)
            }
            // Without a register the files are checked by themselves; one that is there and cannot be opened is told.
            Err(_) if !named && config.store.is_absent() => None,
            Err(err) => return Err(err),
        }
    };
    let paths = files::with_parts(&files);
    let options = match &app {
        Some(app) => files::options(app, &understanding),
        None => ReadOptions {
            limits: Limits::LOCAL,
            keep_sources: false,
            encoding: understanding.encoding().map(str::to_owned),
            layer: understanding.layer().map(str::to_owned),
            known_texts: Vec::new(),
        },
    };
    let dataset = formats::read(files::open(&paths)?, &options)?;
    let overrides = understanding.overrides()?;
    let settings = understanding.settings([])?;
    let (delivered, position) = match &app {
        Some(app) => {
            let maps = app.told_columns(&dataset, &sender, &overrides)?;
            let columns: Vec<ColumnMap> = maps.into_iter().map(|(_, map)| map).collect();
            let checked = app.check_files(&sender, dataset, &columns, settings, &told)?;
            (checked.delivered, checked.position)
        }
        None => {
            let columns: Vec<ColumnMap> = dataset.layers.iter().map(|layer| alone_map(layer, &overrides)).collect();
            let today = settings.effective.unwrap_or_else(|| Zoned::now().date());
            let operator = open::operator(config.local_systems.as_deref())?;
            let mut nothing = Known::nothing(today);
            nothing.operator = &operator;
            check(dataset, &columns, &settings, &nothing, &told)
        }
    };
    told.finish();
    let findings: Vec<&Finding> = delivered.findings.iter().collect();
    let title = files.iter().map(|path| files::name_of(path)).collect::<Vec<_>>().join(", ");
    if let Some(path) = html {
        std::fs::write(&path, render::html(&findings, &title))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = xlsx {
        let bytes = render::xlsx(&findings, &title).context("the workbook cannot be made")?;
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    }
    tell(&delivered, &position, json);
    Ok(if delivered.is_publishable() { Ended::Fine } else { Ended::Refused })
}

/// The map of a layer that is checked without a register.
fn alone_map(layer: &Layer, told: &[(String, Option<DeliveredField>)]) -> ColumnMap {
    let mut map = ColumnMap::of_guesses(&guess(layer));
    for (column, field) in told.iter().filter(|(column, _)| layer.columns.contains(column)) {
        map.set(column, *field);
    }
    map
}

fn tell(delivered: &Delivered, position: &Position, as_json: bool) {
    let findings: Vec<&Finding> = delivered.findings.iter().collect();
    if as_json {
        let objects: Vec<_> = findings.iter().map(|finding| render::finding_object(finding)).collect();
        let body = json!({
            "rows": delivered.drafts.len(),
            "publishable": delivered.is_publishable(),
            "position": { "declared": position.declared, "used": position.used.as_ref().map(ToString::to_string), "verdict": position.verdict_key() },
            "findings": objects,
        });
        say(&body.to_string());
        return;
    }
    say(&position.sentence());
    say(&render::text(&findings, delivered.drafts.len()));
}
