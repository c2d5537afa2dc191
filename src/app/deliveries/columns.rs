//! What columns mean: as it was remembered for the sender, else as it is guessed.

use jiff::Timestamp;

use crate::app::access::Occasion;
use crate::app::{App, Error};
use crate::auth::{Action, Actor, Resource};
use crate::formats::{Dataset, Layer, ReadOptions};
use crate::ingest::delivery::{ColumnMap, DeliveredField, Settings, fingerprint_of_heads, guess};
use crate::model::DeliveryId;
use crate::store::SenderColumns;

/// A column by its name, and what it is said to mean.
pub type Told = (String, Option<DeliveredField>);

impl App {
    /// One map for each layer.
    pub(super) fn column_maps(&self, dataset: &Dataset, sender: &str) -> Result<Vec<ColumnMap>, Error> {
        dataset.layers.iter().map(|layer| self.column_map(layer, sender)).collect()
    }

    fn column_map(&self, layer: &Layer, sender: &str) -> Result<ColumnMap, Error> {
        Ok(self.remembered_map(layer, sender)?.unwrap_or_else(|| ColumnMap::of_guesses(&guess(layer))))
    }

    /// What a clerk said of such columns of this sender.
    pub(super) fn remembered_map(&self, layer: &Layer, sender: &str) -> Result<Option<ColumnMap>, Error> {
        let text = self.store.remembered_columns(sender, &fingerprint_of_heads(layer))?;
        // A map that this version cannot read was kept by another one: it is guessed anew.
        Ok(text
            .and_then(|text: String| serde_json::from_str(&text).ok())
            .and_then(|value| ColumnMap::from_json(&value).ok()))
    }

    /// The maps of a delivery's layers, with what is said of single columns. Heads are read in the encoding, if one is told.
    pub fn delivered_columns(
        &self,
        id: DeliveryId,
        told: &[Told],
        encoding: Option<&str>,
    ) -> Result<Vec<(String, ColumnMap)>, Error> {
        let sender = self.kept_delivery(id)?.received.sender;
        let encoding = encoding.map(str::to_owned);
        let dataset = self.dataset(id, &ReadOptions { keep_sources: false, encoding, ..self.read_options() })?;
        self.told_columns(&dataset, &sender, told)
    }

    /// The maps of layers that were read, with what is said of single columns, by the layer's name.
    pub fn told_columns(
        &self,
        dataset: &Dataset,
        sender: &str,
        told: &[Told],
    ) -> Result<Vec<(String, ColumnMap)>, Error> {
        let with_told = |layer: &Layer| {
            let mut map = self.column_map(layer, sender)?;
            for (column, field) in told.iter().filter(|(column, _)| layer.columns.contains(column)) {
                map.set(column, *field);
            }
            Ok((layer.name.clone(), map))
        };
        dataset.layers.iter().map(with_told).collect()
    }

    /// Keeps the maps of a delivery for the next ones of its sender. Errors: the actor may not deliver.
    pub fn remember_columns(
        &self,
        actor: &Actor,
        occasion: &Occasion,
        id: DeliveryId,
        settings: &Settings,
    ) -> Result<(), Error> {
        self.require(actor, Action::Deliver, &Resource::District)?;
        let sender = self.kept_delivery(id)?.received.sender;
        let encoding = settings.encoding.clone();
        let dataset = self.dataset(id, &ReadOptions { keep_sources: false, encoding, ..self.read_options() })?;
        for layer in &dataset.layers {
            if let Some(map) = settings.columns.get(&layer.name) {
                let heads = fingerprint_of_heads(layer);
                let mut draft = self.access().draft(actor, occasion, "delivery.columns")?;
                draft.object = Some(format!("delivery/{id}"));
                let columns = map.to_json().to_string();
                draft.after = Some(columns.clone());
                let told = SenderColumns { sender: sender.clone(), heads, columns, at: Timestamp::now() };
                self.store.remember_columns(&told, &[draft])?;
            }
        }
        Ok(())
    }
}
