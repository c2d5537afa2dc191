//! What of a snapshot can be found by words.

use rayon::prelude::*;

use crate::app::Snapshot;
use crate::app::snapshot::Held;
use crate::model::ManagerId;
use crate::search::{Document, Kind};

/// Streets come before areas of the same rank.
const STREET_WEIGHT: f32 = 1_000.0;

impl Snapshot {
    /// One document for each area, street and manager. The key of an area or street is its position, that of a manager its
    /// number, because other positions come with every new manager.
    pub(super) fn documents(&self) -> Vec<Document> {
        let positions: Vec<usize> = self.positions().collect();
        let mut documents: Vec<Document> = positions
            .into_par_iter()
            .map(|position| self.area_document(number(position), self.held(position)))
            .collect();
        documents.extend((0..self.streets().len()).map(|position| self.street_document(position)));
        documents.extend((0..self.managers().len()).map(|position| self.manager_document(position)));
        documents
    }

    /// Position of a manager that the search index knows by number.
    pub(crate) fn manager_key(&self, id: ManagerId) -> u32 {
        number(self.managers.position(id).expect("the index knows the managers of its snapshot"))
    }

    pub(super) fn area_document(&self, position: u32, held: &Held) -> Document {
        let area = &held.area;
        Document {
            kind: Kind::Area,
            key: position,
            name: area.name.clone(),
            aliases: area.other_names.iter().map(|name| name.text.clone()).collect(),
            address: area.attributes.address.clone(),
            manager: self.manager_of(area).map(|manager| manager.name.clone()),
            community: self.community_of(area).map(|community| community.stem.clone()),
            code: area.code.to_string(),
            street: Some(area.street.clone()),
            point: Some(held.label),
            weight: area.site_area_m2.max(1.0).ln() as f32,
        }
    }

    fn street_document(&self, position: usize) -> Document {
        let street = &self.streets()[position];
        Document {
            kind: Kind::Street,
            key: number(position),
            name: street.name.clone(),
            aliases: std::iter::once(street.stem.clone()).chain(street.aliases.iter().cloned()).collect(),
            address: None,
            manager: None,
            community: None,
            code: street.code.to_string(),
            street: Some(street.code.clone()),
            point: Some(self.street_label(position)),
            weight: STREET_WEIGHT,
        }
    }

    pub(super) fn manager_document(&self, position: usize) -> Document {
        let manager = &self.managers()[position];
        Document {
            kind: Kind::Manager,
            key: manager.id.0,
            name: manager.name.clone(),
            aliases: Vec::new(),
            address: None,
            manager: None,
            community: None,
            code: manager.uscc.to_string(),
            street: None,
            point: None,
            weight: self.managed_by(position).len() as f32,
        }
    }
}

fn number(position: usize) -> u32 {
    u32::try_from(position).expect("areas and managers are numbered in 32 bits")
}
