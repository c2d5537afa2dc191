//! `onemap report`

use clap::Args;

use crate::app::{App, Error};
use crate::auth::Actor;
use crate::cli::{Ended, Settings as Place, open, reader, say};
use crate::config::Config;
use crate::model::RateId;
use crate::stats::{ReportError, stated};
use crate::store::Question;

/// Arguments of `onemap report`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// As it was true on this day [default: the date of the data].
    #[arg(long, value_name = "DATE")]
    on: Option<jiff::civil::Date>,
    /// A percentage that is to be printed, as in committee_coverage=93.4; refused when it does not follow from its counts.
    /// May be given several times.
    #[arg(long, value_name = "RATE=PERCENT", value_parser = wish)]
    percent: Vec<(RateId, f64)>,
    /// For whom: `public` leaves out what is internal.
    #[arg(long = "for", value_name = "WHO", default_value = "district", value_parser = reader)]
    reader: Actor,
}

fn wish(text: &str) -> Result<(RateId, f64), String> {
    let known = || RateId::ALL.map(RateId::key).join(", ");
    let (rate, percent) = text.split_once('=').ok_or("RATE=PERCENT is expected")?;
    let rate = RateId::from_key(rate).ok_or_else(|| format!("the rate must be one of {}", known()))?;
    let percent: f64 = percent.parse().map_err(|_| format!("{percent:?} is not a percentage"))?;
    Ok((rate, percent))
}

/// Writes the register's section of a district report, in Chinese; or refuses, with the counts that would fit.
pub fn run(arguments: Arguments) -> anyhow::Result<Ended> {
    let Arguments { place, on, percent, reader } = arguments;
    let config = Config::load(place.overrides())?;
    let app = App::new(open::existing(&config.store, config.store_ca.as_deref())?);
    app.refresh()?;
    let snapshot = app.snapshot_at(Question { day: on, known: None })?;
    let district = &snapshot.tallies().district;
    let refused: Vec<ReportError> =
        percent.iter().filter_map(|(id, percent)| stated(&district.rate(*id), *percent).err()).collect();
    for err in &refused {
        say(&err.to_string());
        if let ReportError::DoesNotFollow { fitting, rate, .. } = err {
            let fits = |range: Option<(u32, u32)>| {
                range.map_or(
                    "none".to_owned(),
                    |(from, to)| if from == to { from.to_string() } else { format!("{from} to {to}") },
                )
            };
            say(&format!("  numerators over {} that fit: {}", rate.denominator, fits(fitting.numerators)));
            say(&format!("  denominators under {} that fit: {}", rate.numerator, fits(fitting.denominators)));
        }
    }
    if !refused.is_empty() {
        return Ok(Ended::Refused);
    }
    match app.write_report(&snapshot, &reader) {
        Ok(report) => {
            say(&report.title);
            report.paragraphs.iter().for_each(|paragraph| say(paragraph));
            Ok(Ended::Fine)
        }
        Err(Error::Report(err)) => {
            say(&err.to_string());
            Ok(Ended::Refused)
        }
        Err(err) => Err(err.into()),
    }
}
