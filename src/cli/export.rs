//! `onemap export`

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;

use crate::app::{App, export_areas};
use crate::auth::{Actor, Reader};
use crate::cli::{Ended, Settings as Place, open, reader, say};
use crate::config::Config;
use crate::formats::FileFormat;
use crate::http::MapSwitch;
use crate::model::StreetCode;
use crate::store::Question;

/// Arguments of `onemap export`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The file to write; one that is there is not overwritten.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Format: geojson, geojsonl, shapefile (a ZIP), geopackage, kml, kmz, flatgeobuf, csv, xlsx [default: by the file's ending].
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Option<FileFormat>,
    /// Only the areas of this street, by its nine digits.
    #[arg(long, value_name = "CODE", value_parser = street)]
    street: Option<StreetCode>,
    /// As it was true on this day.
    #[arg(long, value_name = "DATE")]
    on: Option<jiff::civil::Date>,
    /// For whom: `public` leaves internal columns out.
    #[arg(long = "for", value_name = "WHO", default_value = "district", value_parser = reader)]
    reader: Actor,
}

fn format(text: &str) -> Result<FileFormat, String> {
    let known = || FileFormat::ALL.map(FileFormat::key).join(", ");
    FileFormat::from_key(text).ok_or_else(|| format!("one of {} is expected", known()))
}

fn street(text: &str) -> Result<StreetCode, String> {
    StreetCode::parse(text).map_err(|err| err.to_string())
}

/// Writes the areas.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let Arguments { place, file, format, street, on, reader } = arguments;
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    let format =
        format.or_else(|| FileFormat::ALL.into_iter().find(|format| format.ending() == ending)).with_context(|| {
            format!("the format of {} cannot be told by its ending: name it with --format", file.display())
        })?;
    let config = Config::load(place.overrides())?;
    let app = App::new(open::existing(&config.store, config.store_ca.as_deref())?);
    app.refresh()?;
    let snapshot = app.snapshot_at(Question { day: on, known: None })?;
    let bytes = export_areas(
        &snapshot,
        Reader {
            actor: &reader,
            tolerance_m: config.site.public_tolerance_m,
            mark: &MapSwitch::of(&config.site, &snapshot).label(),
        },
        format,
        street.as_ref(),
    )?;
    // `create_new` so that a slip of the hand costs no file.
    let mut target = std::fs::File::create_new(&file).with_context(|| format!("cannot make {}", file.display()))?;
    std::io::Write::write_all(&mut target, &bytes).with_context(|| format!("cannot write {}", file.display()))?;
    target.sync_all().with_context(|| format!("cannot write {}", file.display()))?;
    say(&format!("{} bytes written to {}", bytes.len(), file.display()));
    Ok(Ended::Fine)
}
