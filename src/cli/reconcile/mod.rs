//! `onemap reconcile`

mod page;
mod tables;
mod workbook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::app::{App, register_side};
use crate::cli::{Settings as Place, files, open, progress, say};
use crate::config::Config;
use crate::crs::Operator;
use crate::formats::{self, Limits, ReadOptions};
use crate::ingest::sides::{LayerReading, SideReading, side};
use crate::reconcile::{Outcome, Policy, Record, Relation, STAGES, Status, reconcile_by};

/// The word that stands for the register instead of a file.
const REGISTER: &str = "register";

/// Arguments of `onemap reconcile`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The side that stays: a file of any format that can be read, or `register`. May be given several times.
    #[arg(long, value_name = "FILE|register", required = true)]
    left: Vec<PathBuf>,
    /// The side that is compared with it. May be given several times: a Shapefile and two tables of one delivery.
    #[arg(long, value_name = "FILE", required = true)]
    right: Vec<PathBuf>,
    /// Write the statements as CSV.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the fields in which pairs disagree as CSV.
    #[arg(long, value_name = "FILE")]
    attrs: Option<PathBuf>,
    /// Write a report, a page (.html) or a workbook (.xlsx) by its ending.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// State splits and merges without asking too, where the pieces make up the whole; otherwise only pairs.
    #[arg(long)]
    auto_groups: bool,
    /// Answer with one JSON object.
    #[arg(long)]
    json: bool,
    /// Language of the reasons in the CSV.
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    language: Language,
    /// Encoding of texts, as in gb18030; found out when not given.
    #[arg(long, value_name = "LABEL")]
    encoding: Option<String>,
}

/// Language of reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// Both sides and what was found.
struct Compared<'a> {
    left: &'a [Record],
    right: &'a [Record],
    outcome: &'a Outcome,
}

/// Reads both sides, compares them, and writes what was asked for. Nothing else is changed.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { place, left, right, out, attrs, report, auto_groups, json, language, encoding } = arguments;
    let waiting = progress::counter("reading");
    let config = Config::load(place.overrides())?;
    let operator = open::operator(config.local_systems.as_deref())?;
    let options = ReadOptions {
        limits: Limits::LOCAL,
        keep_sources: false,
        encoding,
        layer: None,
        known_texts: KNOWN_TEXTS.iter().map(|text| (*text).to_owned()).collect(),
    };
    let ours = if left.iter().any(|path| path == Path::new(REGISTER)) {
        anyhow::ensure!(left.len() == 1, "--left register stands alone");
        let app = App::new(open::existing(&config.store, config.store_ca.as_deref())?);
        app.refresh()?;
        let records = register_side(&*app.snapshot()?);
        SideReading { records, layers: Vec::new() }
    } else {
        read(&left, &options, (&[], &operator))?
    };
    let theirs = read(&right, &options, (&ours.records, &operator))?;
    waiting.finish_and_clear();
    let waiting = progress::steps("comparing", STAGES.len());
    let policy = if auto_groups { Policy::Groups } else { Policy::Pairs };
    let outcome = reconcile_by(policy, &ours.records, &theirs.records, &mut |_| waiting.inc(1));
    waiting.finish_and_clear();
    let compared = Compared { left: &ours.records, right: &theirs.records, outcome: &outcome };
    if let Some(path) = out {
        write(&path, &tables::statements(&compared, language)?)?;
    }
    if let Some(path) = attrs {
        write(&path, &tables::conflicts(&compared)?)?;
    }
    if let Some(path) = report {
        let bytes = match path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).as_deref() {
            Some("html" | "htm") => page::html(&compared).into_bytes(),
            Some("xlsx") => workbook::xlsx(&compared).context("the workbook cannot be made")?,
            _ => anyhow::bail!("--report {}: a name that ends in .html or .xlsx is expected", path.display()),
        };
        write(&path, &bytes)?;
    }
    if json {
        say(&summary(&compared, (&ours.layers, &theirs.layers)).to_string());
    } else {
        tell(&compared, &theirs.layers);
    }
    Ok(())
}

/// Texts that occur in such files, by which an encoding is told.
const KNOWN_TEXTS: [&str; 8] = ["街道", "地区", "物业", "小区", "业委会", "物管会", "朝阳区", "北京"];

fn read(
    paths: &[PathBuf],
    options: &ReadOptions,
    (held, operator): (&[Record], &Operator),
) -> anyhow::Result<SideReading> {
    let dataset = formats::read(files::open(&files::with_parts(paths))?, options)?;
    if let Some(fault) = dataset.faults.first() {
        tracing::warn!(count = dataset.faults.len(), "rows that cannot be read are left out, the first: {fault}");
    }
    Ok(side(dataset, held, operator))
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// How many statements there are of each relation, and how many of them somebody has to look at.
fn counts(outcome: &Outcome) -> BTreeMap<Relation, (usize, usize)> {
    let mut counts: BTreeMap<Relation, (usize, usize)> = Relation::ALL.iter().map(|one| (*one, (0, 0))).collect();
    for statement in &outcome.statements {
        let count = counts.entry(statement.relation).or_default();
        count.0 += 1;
        count.1 += usize::from(statement.status == Status::Review);
    }
    counts
}

/// The system in which most located rows of the right side were read: that of its files, or one the comparison found.
fn system(outcome: &Outcome, layers: &[LayerReading]) -> String {
    let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
    for alignment in &outcome.alignments {
        *rows.entry(alignment.system).or_default() += alignment.rows;
    }
    let most = rows.iter().max_by_key(|(key, count)| (**count, std::cmp::Reverse(**key))).map(|(key, _)| *key);
    let file = layers.iter().find_map(|layer| layer.used.as_ref()).map(ToString::to_string);
    match (most, file) {
        (Some("given") | None, Some(file)) => file,
        (Some(found), _) => found.to_owned(),
        (None, None) => "none".to_owned(),
    }
}

fn summary(compared: &Compared<'_>, (ours, theirs): (&[LayerReading], &[LayerReading])) -> Value {
    let outcome = compared.outcome;
    let layers = |layers: &[LayerReading]| -> Vec<Value> {
        let one = |layer: &LayerReading| {
            json!({ "file": layer.file, "rows": layer.rows, "located": layer.located, "declared": layer.declared,
                "used": layer.used.as_ref().map(ToString::to_string) })
        };
        layers.iter().map(one).collect()
    };
    let relations: serde_json::Map<String, Value> = counts(outcome)
        .into_iter()
        .map(|(relation, (count, review))| {
            (relation.key().to_owned(), json!({ "statements": count, "review": review }))
        })
        .collect();
    let alignments: Vec<Value> = outcome
        .alignments
        .iter()
        .map(|one| {
            json!({ "source": one.source, "street": one.street, "system": one.system, "rows": one.rows,
                "agreeing": one.agreeing, "shift_m": [tenths(one.shift_m.0), tenths(one.shift_m.1)] })
        })
        .collect();
    let weights: Vec<Value> = outcome
        .weights
        .iter()
        .map(|one| json!({ "evidence": one.evidence, "level": one.level, "bits": tenths(one.bits), "learned": one.learned }))
        .collect();
    json!({
        "left": { "records": compared.left.len(), "layers": layers(ours) },
        "right": { "records": compared.right.len(), "layers": layers(theirs), "system": system(outcome, theirs),
            "shift_m": [tenths(carried(outcome).0), tenths(carried(outcome).1)], "turn_deg": (outcome.turn_deg * 1e4).round() / 1e4 },
        "statements": relations,
        "drift": outcome.statements.iter().filter(|one| one.drift).count(),
        "conflicts": outcome.conflicts.len(),
        "noise_m": tenths(outcome.noise_m),
        "alignments": alignments,
        "weights": weights,
    })
}

/// What most of the right side was carried by, metres east and north: the whole, and the middle of its streets.
fn carried(outcome: &Outcome) -> (f64, f64) {
    let rows: usize = outcome.alignments.iter().map(|one| one.rows).sum();
    let middle = |pick: fn(&(f64, f64)) -> f64| {
        let mut shifts: Vec<(f64, usize)> =
            outcome.alignments.iter().map(|one| (pick(&one.shift_m), one.rows)).collect();
        shifts.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut passed = 0;
        shifts
            .into_iter()
            .find(|(_, count)| {
                passed += count;
                passed * 2 >= rows
            })
            .map_or(0.0, |(shift, _)| shift)
    };
    (outcome.shift_m.0 + middle(|shift| shift.0), outcome.shift_m.1 + middle(|shift| shift.1))
}

fn tenths(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

fn tell(compared: &Compared<'_>, layers: &[LayerReading]) {
    let outcome = compared.outcome;
    say(&format!("left {} records, right {} records", compared.left.len(), compared.right.len()));
    for layer in layers {
        let used = layer.used.as_ref().map_or_else(|| "no place".to_owned(), ToString::to_string);
        say(&format!("  {}: {} rows, {} with a place, read as {used}", layer.file, layer.rows, layer.located));
    }
    let (east, north) = carried(outcome);
    say(&format!(
        "reference system: {}; the right side was carried by {east:.0} m east, {north:.0} m north",
        system(outcome, layers)
    ));
    for (relation, (count, review)) in counts(outcome) {
        say(&format!("  {:<10} {count:>7}, {review} to review", relation.key()));
    }
    let drift = outcome.statements.iter().filter(|one| one.drift).count();
    say(&format!("  boundaries that changed: {drift}; fields in conflict: {}", outcome.conflicts.len()));
}
