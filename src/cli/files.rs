//! Files of a delivery, as the operator of this machine names them.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use crate::app::App;
use crate::crs::Assumption;
use crate::formats::{InputFile, Limits, ReadOptions};
use crate::ingest::delivery::{ColumnMap, DeliveredField, Progress, Scope, Settings, Step};

/// Files that belong to a Shapefile; the others of its stem are found by themselves.
const SHAPEFILE_ENDINGS: [&str; 4] = ["dbf", "shx", "prj", "cpg"];

/// How files are to be understood.
#[derive(Debug, Args)]
pub struct Understanding {
    /// Confirm a reference system: EPSG:4548, GCJ-02, BD-09, EPSG:4548;ne … as `check` proposes it.
    #[arg(long, value_name = "SYSTEM")]
    assume: Option<String>,
    /// What a column means, as in XQMC=name; may be given several times. A bare `COLUMN=` leaves it out.
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    maps: Vec<String>,
    /// Encoding of texts, as in gb18030; found out when not given.
    #[arg(long, value_name = "LABEL")]
    encoding: Option<String>,
    /// Only this layer, table or sheet.
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Of what the delivery is complete: areas in its scope that it lacks would vanish.
    #[arg(long, value_name = "SCOPE", default_value = "listed", value_parser = scope)]
    scope: Scope,
    /// The day from which it is true [default: the day of the record; today for a check].
    #[arg(long, value_name = "DATE")]
    effective: Option<jiff::civil::Date>,
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::from_key(text).ok_or_else(|| "one of listed, streets, district is expected".to_owned())
}

impl Understanding {
    /// The layer that is asked for.
    pub fn layer(&self) -> Option<&str> {
        self.layer.as_deref()
    }

    /// The encoding that is asked for.
    pub fn encoding(&self) -> Option<&str> {
        self.encoding.as_deref()
    }

    /// What columns are said to mean.
    pub fn overrides(&self) -> anyhow::Result<Vec<(String, Option<DeliveredField>)>> {
        let read = |text: &String| {
            let (column, field) =
                text.split_once('=').with_context(|| format!("--map {text}: COLUMN=FIELD is expected"))?;
            let field = match field {
                "" => None,
                key => Some(DeliveredField::from_key(key).with_context(|| {
                    let known: Vec<String> =
                        DeliveredField::all().iter().map(|field| field.key().to_string()).collect();
                    format!("--map {text}: the fields are {}", known.join(", "))
                })?),
            };
            Ok((column.to_owned(), field))
        };
        self.maps.iter().map(read).collect()
    }

    /// The settings, with the columns of layers as `maps` has them.
    pub fn settings(&self, maps: impl IntoIterator<Item = (String, ColumnMap)>) -> anyhow::Result<Settings> {
        let position = self.assume.as_deref().map(str::parse::<Assumption>).transpose().context("--assume")?;
        Ok(Settings {
            columns: maps.into_iter().collect(),
            left_out: Vec::new(),
            position,
            scope: self.scope,
            effective: self.effective,
            encoding: self.encoding.clone(),
        })
    }
}

/// Every file that belongs to those that are named: of a Shapefile also its other parts.
pub fn with_parts(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = Vec::new();
    for path in paths {
        all.push(path.clone());
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if ending.as_deref() == Some("shp") {
            let parts = SHAPEFILE_ENDINGS
                .iter()
                .flat_map(|ending| [path.with_extension(ending), path.with_extension(ending.to_uppercase())]);
            all.extend(parts.filter(|part| part.is_file()));
        }
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|path| seen.insert(path.clone()));
    all
}

/// The name of a file without its folders.
pub fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// How the files are read: as large as the operator likes.
pub fn options(app: &App, understanding: &Understanding) -> ReadOptions {
    ReadOptions {
        limits: Limits::LOCAL,
        keep_sources: false,
        encoding: understanding.encoding().map(str::to_owned),
        layer: understanding.layer().map(str::to_owned),
        ..app.read_options()
    }
}

/// Opens files for reading as a stream.
pub fn open(paths: &[PathBuf]) -> anyhow::Result<Vec<InputFile<'static>>> {
    let one = |path: &PathBuf| {
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        Ok(InputFile { name: name_of(path), bytes: Box::new(BufReader::with_capacity(1 << 20, file)) })
    };
    paths.iter().map(one).collect()
}

/// Reads files whole.
pub fn read(paths: &[PathBuf]) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let one = |path: &PathBuf| {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok((name_of(path), bytes))
    };
    paths.iter().map(one).collect()
}

/// Tells a terminal how far a check has come.
pub struct Told(ProgressBar);

impl Told {
    /// A bar that hides itself where standard error is no terminal.
    pub fn new() -> Self {
        let style = ProgressStyle::with_template("{spinner} {msg}: {human_pos} of {human_len} ({elapsed})");
        let bar = ProgressBar::new(0).with_style(style.expect("the template is right"));
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
        Self(bar)
    }

    /// Takes it away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Told {
    fn reached(&self, step: Step, done: usize, total: usize) {
        self.0.set_message(step.key());
        self.0.set_length(total as u64);
        self.0.set_position(done as u64);
    }
}
