//! Search: what can be found, and the answers dressed with where they are.

use std::fmt;

use geo::{Coord, Rect};

use crate::app::{Error, Snapshot};
use crate::auth::{Actor, Field};
use crate::model::{ManagerId, StreetCode};
use crate::search::{Hit, Kind, MatchField, Query};

/// Answers when no limit is asked for.
pub const SEARCH_LIMIT_DEFAULT: usize = 10;

/// Most answers; a higher limit is clamped.
pub const SEARCH_LIMIT_MAX: usize = 50;

/// Most characters of a question.
pub const SEARCH_TEXT_LIMIT: usize = 64;

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

/// What the actor may not search, but in areas of their own streets and of managers who manage some there. Whoever may not see
/// the credit code of a manager cannot open it, so it is not found either.
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
        let shown = |kind, key| match kind {
            _ if actor.streets.is_empty() => false,
            Kind::Area => actor.sight_in(&self.area(key as usize).street).shows(Field::Address),
            Kind::Street => true,
            Kind::Manager => {
                let position = self.manager_key(ManagerId(key)) as usize;
                self.sight_of_manager(actor, position).shows(Field::ManagerUscc)
            }
        };
        let hits = self.search_index().search(&Query {
            text: &query.text,
            limit: query.limit.clamp(1, SEARCH_LIMIT_MAX),
            near: query.near,
            street: query.street.as_ref(),
            hidden: &hidden,
            shown: &shown,
        });
        Ok(hits.into_iter().map(|hit| self.found(hit)).collect())
    }

    fn found(&self, mut hit: Hit) -> Found {
        use geo::BoundingRect as _;
        if hit.kind == Kind::Manager {
            hit.key = self.manager_key(ManagerId(hit.key));
        }
        let key = hit.key as usize;
        let (point, bounds) = match hit.kind {
            Kind::Area => (Some(self.label(key)), self.boundary(key).bounding_rect()),
            Kind::Street => (Some(self.street_label(key)), self.streets()[key].boundary.bounding_rect()),
            Kind::Manager => (None, self.bounds_of_areas(self.managed_by(key))),
        };
        Found { hit, point, bounds }
    }
}
