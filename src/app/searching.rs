//! Search: what can be found, and the answers dressed with where they are.

use std::collections::HashMap;
use std::fmt;

use geo::{Coord, Rect};

use crate::app::{Error, Snapshot};
use crate::auth::{Actor, Field};
use crate::model::{Area, Community, CommunityCode, Manager, ManagerId, Street, StreetCode};
use crate::search::{Document, Hit, Kind, MatchField, Query};

/// Answers when no limit is asked for.
pub const SEARCH_LIMIT_DEFAULT: usize = 10;

/// Most answers; a higher limit is clamped.
pub const SEARCH_LIMIT_MAX: usize = 50;

/// Most characters of a question.
pub const SEARCH_TEXT_LIMIT: usize = 64;

/// Streets come before areas of the same rank.
const STREET_WEIGHT: f32 = 1_000.0;

/// A question.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// What was typed.
    pub text: String,
    /// Most answers wanted.
    pub limit: usize,
    /// Prefer what is near this point, degrees.
    pub near: Option<Coord>,
    /// Only what belongs to this street.
    pub street: Option<StreetCode>,
}

/// An answer: the hit, and where it lies.
#[derive(Debug, Clone)]
pub struct Found {
    /// What was found: `key` is a position in the snapshot's areas, streets or managers.
    pub hit: Hit,
    /// A point inside it, degrees; `None` for managers.
    pub point: Option<Coord>,
    /// Box around it, degrees; for managers around their areas.
    pub bounds: Option<Rect>,
}

impl fmt::Display for MatchField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// Everything the search documents are made from; lists are parallel where their names say so.
pub(super) struct Documents<'a> {
    pub areas: &'a [Area],
    pub labels: &'a [Coord],
    pub streets: &'a [Street],
    pub street_labels: &'a [Coord],
    pub managers: &'a [Manager],
    pub managed: &'a [Vec<u32>],
    pub communities: &'a HashMap<CommunityCode, Community>,
}

impl Documents<'_> {
    /// One document for each area, street and manager.
    pub fn list<'m>(&self, manager_of: impl Fn(ManagerId) -> Option<&'m Manager>) -> Vec<Document> {
        let areas = (0_u32..).zip(self.areas).map(|(key, area)| Document {
            kind: Kind::Area,
            key,
            name: area.name.clone(),
            aliases: area.other_names.iter().map(|name| name.text.clone()).collect(),
            address: area.attributes.address.clone(),
            manager: area.manager.and_then(&manager_of).map(|manager| manager.name.clone()),
            community: area.community.as_ref().and_then(|c| self.communities.get(c)).map(|c| c.stem.clone()),
            code: area.code.to_string(),
            street: Some(area.street.clone()),
            point: Some(self.labels[key as usize]),
            weight: area.site_area_m2.max(1.0).ln() as f32,
        });
        let streets = (0_u32..).zip(self.streets).map(|(key, street)| Document {
            kind: Kind::Street,
            key,
            name: street.name.clone(),
            aliases: std::iter::once(street.stem.clone()).chain(street.aliases.iter().cloned()).collect(),
            address: None,
            manager: None,
            community: None,
            code: street.code.to_string(),
            street: Some(street.code.clone()),
            point: Some(self.street_labels[key as usize]),
            weight: STREET_WEIGHT,
        });
        let managers = (0_u32..).zip(self.managers).map(|(key, manager)| Document {
            kind: Kind::Manager,
            key,
            name: manager.name.clone(),
            aliases: Vec::new(),
            address: None,
            manager: None,
            community: None,
            code: manager.uscc.to_string(),
            street: None,
            point: None,
            weight: self.managed[key as usize].len() as f32,
        });
        areas.chain(streets).chain(managers).collect()
    }
}

/// What the actor may not search. Whoever may not see credit codes cannot open a manager, so none is found either.
fn hidden_from(actor: &Actor) -> Vec<(Kind, MatchField)> {
    let shown = |kind, field| match (kind, field) {
        (Kind::Manager, _) => actor.may_see(Field::ManagerUscc),
        (Kind::Area, MatchField::Address) => actor.may_see(Field::Address),
        (Kind::Area | Kind::Street, _) => true,
    };
    let all = Kind::ALL.into_iter().flat_map(|kind| MatchField::ALL.map(|field| (kind, field)));
    all.filter(|(kind, field)| !shown(*kind, *field)).collect()
}

impl Snapshot {
    /// What fits the text, best first. Errors: an empty or too long text, an unknown street.
    pub fn search(&self, actor: &Actor, query: &SearchQuery) -> Result<Vec<Found>, Error> {
        if let Some(odd) = query.text.chars().find(|c| c.is_control() || *c == char::REPLACEMENT_CHARACTER) {
            return Err(Error::BadQuestion(format!("q must be text, it holds the character {}", odd.escape_unicode())));
        }
        let length = query.text.chars().count();
        if query.text.trim().is_empty() || length > SEARCH_TEXT_LIMIT {
            return Err(Error::BadQuestion(format!(
                "q must have 1 to {SEARCH_TEXT_LIMIT} characters, it has {length}"
            )));
        }
        if let Some(street) = query.street.as_ref().filter(|code| self.street_position(code).is_none()) {
            return Err(Error::NoSuchStreet(street.to_string()));
        }
        let hidden = hidden_from(actor);
        let hits = self.search_index().search(&Query {
            text: &query.text,
            limit: query.limit.clamp(1, SEARCH_LIMIT_MAX),
            near: query.near,
            street: query.street.as_ref(),
            hidden: &hidden,
        });
        Ok(hits.into_iter().map(|hit| self.found(hit)).collect())
    }

    fn found(&self, hit: Hit) -> Found {
        use geo::BoundingRect as _;
        let key = hit.key as usize;
        let (point, bounds) = match hit.kind {
            Kind::Area => (Some(self.label(key)), self.boundary(key).bounding_rect()),
            Kind::Street => (Some(self.street_label(key)), self.streets()[key].boundary.bounding_rect()),
            Kind::Manager => (None, self.bounds_of_areas(self.managed_by(key))),
        };
        Found { hit, point, bounds }
    }
}
