//! What a delivery is, as far as it can be told before anybody confirms anything.

use std::sync::Arc;

use crate::app::deliveries::check::{known, today};
use crate::app::deliveries::{keep, lock, read_settings};
use crate::app::{App, Error};
use crate::auth::Actor;
use crate::formats::{Cell, FileFormat, Geometry, Layer};
use crate::ingest::delivery::render::{self, Language};
use crate::ingest::delivery::{
    ColumnMap, Confidence, DeliveredField, Position, Settings, guess, locate_layers, personal_columns,
};
use crate::model::{DeliveryId, Revision};
use crate::store::Question;

/// Values of a column that are shown.
const SAMPLES: usize = 3;

/// Most characters of a sample.
const SAMPLE_CHARS: usize = 40;

/// What a delivery is.
#[derive(Debug)]
pub struct Proposal {
    /// The delivery.
    pub id: DeliveryId,
    /// The state of the register it was compared with.
    pub revision: Revision,
    /// Its layers.
    pub layers: Vec<ProposedLayer>,
    /// What is to be said of its reference system.
    pub position: Position,
    /// How it was checked last; the defaults before.
    pub settings: Settings,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedLayer {
    /// File it stands in.
    pub file: String,
    /// Its name.
    pub name: String,
    /// Format.
    pub format: FileFormat,
    /// Encoding of its texts.
    pub encoding: Option<&'static str>,
    /// Reference system as the file states it.
    pub crs: Option<String>,
    /// Number of records.
    pub records: usize,
    /// Those with a geometry, readable or not.
    pub with_geometry: usize,
    /// Its columns.
    pub columns: Vec<ProposedColumn>,
}

/// A column.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedColumn {
    /// Its name.
    pub name: String,
    /// Some of its values; none of a column with personal data.
    pub samples: Vec<String>,
    /// Cells that are not empty.
    pub filled: usize,
    /// What it means.
    pub field: Option<DeliveredField>,
    /// Why that is thought.
    pub confidence: Confidence,
    /// Why it is not read, in Chinese and English: it holds personal data.
    pub refused: Option<(String, String)>,
}

impl App {
    /// What a delivery is: its layers, what their columns mean, where they lie. Work on all cores: not for an async thread.
    /// Errors: the actor may not read the desk of the district, there is no such delivery.
    pub fn proposal(&self, actor: &Actor, id: DeliveryId) -> Result<Arc<Proposal>, Error> {
        let delivery = self.delivery(actor, id)?;
        let settings = delivery.settings.as_deref().map(read_settings).transpose()?.unwrap_or_default();
        let revision = self.snapshot()?.revision();
        let kept = lock(&self.desk.proposals)
            .iter()
            .find(|kept| kept.id == id && kept.revision == revision && kept.settings == settings)
            .cloned();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let _turn = self.desk.turn();
        let sender = &delivery.received.sender;
        let options = crate::formats::ReadOptions {
            encoding: settings.encoding.clone(),
            keep_sources: false,
            ..self.read_options()
        };
        let dataset = self.dataset(id, &options)?;
        let mut maps = self.column_maps(&dataset, sender)?;
        for (layer, map) in dataset.layers.iter().zip(&mut maps) {
            if let Some(told) = settings.columns.get(&layer.name) {
                map.clone_from(told);
            }
        }
        let layers = dataset
            .layers
            .iter()
            .zip(&maps)
            .map(|(layer, map)| {
                let remembered =
                    settings.columns.contains_key(&layer.name) || self.remembered_map(layer, sender)?.is_some();
                Ok(proposed(layer, map, remembered))
            })
            .collect::<Result<Vec<_>, Error>>()?;
        let effective = settings.effective.unwrap_or_else(today);
        let snapshot = self.snapshot_at(Question { day: Some(effective), known: None })?;
        let known = known(&snapshot, sender, (effective, today()), &[], self.operator());
        let position = locate_layers(&dataset.layers, &maps, &settings, &known);
        let proposal = Arc::new(Proposal { id, revision, layers, position, settings });
        keep(&self.desk.proposals, Arc::clone(&proposal), |kept| kept.id == id);
        Ok(proposal)
    }
}

fn proposed(layer: &Layer, map: &ColumnMap, remembered: bool) -> ProposedLayer {
    let guesses = guess(layer);
    let personal = personal_columns(layer, map);
    let columns = layer.columns.iter().enumerate().map(|(at, name)| {
        let cells =
            || layer.records.iter().filter_map(move |record| record.cells.get(at)).filter(|cell| **cell != Cell::Empty);
        let refused = personal
            .iter()
            .find(|finding| finding.column.as_ref() == Some(name))
            .map(|finding| (render::wrong(finding, Language::Chinese), render::wrong(finding, Language::English)));
        let guessed = guesses.iter().find(|guess| guess.column == *name);
        let confidence = match guessed {
            _ if remembered => Confidence::Remembered,
            Some(guess) => guess.confidence,
            None => Confidence::None,
        };
        let mut samples: Vec<String> = Vec::new();
        for text in cells().take(200).map(shown) {
            if samples.len() == SAMPLES {
                break;
            }
            if !samples.contains(&text) {
                samples.push(text);
            }
        }
        if refused.is_some() {
            samples.clear();
        }
        ProposedColumn {
            name: name.clone(),
            samples,
            filled: cells().count(),
            field: map.field(name),
            confidence,
            refused,
        }
    });
    ProposedLayer {
        file: layer.file.to_string(),
        name: layer.name.clone(),
        format: layer.format,
        encoding: layer.encoding,
        crs: layer.crs.as_deref().map(shortened),
        records: layer.records.len(),
        with_geometry: layer.records.iter().filter(|record| record.geometry != Geometry::None).count(),
        columns: columns.collect(),
    }
}

/// The first line of a statement, which may be a whole WKT text.
fn shortened(text: &str) -> String {
    text.chars().take(120).collect()
}

fn shown(cell: &Cell) -> String {
    let text = match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Integer(number) => number.to_string(),
        Cell::Bool(value) => value.to_string(),
        Cell::Date(day) => day.to_string(),
    };
    text.chars().take(SAMPLE_CHARS).collect()
}
