//! Lists in pages. A page goes on after the last code of the one before, so that pages stay whole when the register changes.

use std::collections::BTreeSet;

use geo::{Contains as _, Intersects as _, Rect};

use crate::app::{Error, Snapshot};
use crate::auth::{Actor, Field, Visibility};
use crate::model::{AreaCode, StreetCode, Uscc};

/// Items when no limit is asked for.
pub const ITEM_LIMIT_DEFAULT: usize = 100;

/// Most items of a page; a higher limit is clamped (OGC API - Features, part 1, 7.15.3).
pub const ITEM_LIMIT_MAX: usize = 1_000;

/// Up to so many matches of the R-tree are sorted for a page. For a box with more the list is walked in order of code,
/// which costs a comparison of two boxes for each area that is passed over.
pub const CURSOR_SCAN_LIMIT: usize = 10_000;

/// Which areas are wanted.
#[derive(Debug, Clone, Default)]
pub struct AreaQuery {
    /// Only areas whose boundary meets this box, degrees.
    pub bbox: Option<Rect>,
    /// Only areas of this street.
    pub street: Option<StreetCode>,
    /// Only areas of this manager.
    pub manager: Option<Uscc>,
    /// Most items wanted.
    pub limit: usize,
    /// Only areas after this code.
    pub after: Option<AreaCode>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Positions in the snapshot's areas or managers, in order of code.
    pub positions: Vec<usize>,
    /// Whether there are more after them.
    pub more: bool,
}

impl Snapshot {
    /// One page of areas in order of code. Errors: an unknown street, a manager that is unknown or not for this actor.
    pub fn list_areas(&self, actor: &Actor, query: &AreaQuery) -> Result<Page, Error> {
        let limit = query.limit.clamp(1, ITEM_LIMIT_MAX);
        let after = |position: usize| query.after.as_ref().is_none_or(|code| self.area(position).code > *code);
        let meets = |position: &usize| query.bbox.is_none_or(|bbox| self.meets(*position, bbox));
        let listed = |positions: &[u32]| -> Vec<usize> {
            // The list is sorted, so the start is where the cursor would stand even when that area has gone.
            let first = positions.partition_point(|position| !after(*position as usize));
            let rest = positions[first..].iter().map(|position| *position as usize);
            let in_street = |position: &usize| query.street.as_ref().is_none_or(|s| self.area(*position).street == *s);
            rest.filter(in_street).filter(meets).take(limit + 1).collect()
        };
        let all = || self.positions_after(query.after.as_ref());
        let street = match &query.street {
            None => None,
            Some(code) => Some(self.street_position(code).ok_or_else(|| Error::NoSuchStreet(code.to_string()))?),
        };
        let found = if let Some(uscc) = &query.manager {
            let manager =
                self.manager_position(uscc).filter(|at| self.sight_of_manager(actor, *at).shows(Field::ManagerUscc));
            listed(self.managed_by(manager.ok_or_else(|| Error::NoSuchManager(uscc.to_string()))?))
        } else if let Some(street) = street {
            listed(self.areas_of_street(street))
        } else if let Some(bbox) = query.bbox {
            let mut candidates: Vec<usize> = self.index().within(bbox).take(CURSOR_SCAN_LIMIT + 1).collect();
            if candidates.len() <= CURSOR_SCAN_LIMIT {
                candidates.retain(|position| after(*position));
                self.sort_by_code(&mut candidates);
                candidates.into_iter().filter(meets).take(limit + 1).collect()
            } else {
                all().filter(meets).take(limit + 1).collect()
            }
        } else {
            all().take(limit + 1).collect::<Vec<_>>()
        };
        let more = found.len() > limit;
        Ok(Page { positions: found.into_iter().take(limit).collect(), more })
    }

    /// One page of managers in order of code, from a position on: of all, or of those of the areas of a street.
    pub fn list_managers(&self, street: Option<&StreetCode>, from: usize, limit: usize) -> Page {
        let from = from.min(self.managers().len());
        let wanted: Box<dyn Iterator<Item = usize>> = match street.map(|code| self.street_position(code)) {
            None => Box::new(from..self.managers().len()),
            Some(street) => {
                let areas = street.map_or(&[][..], |street| self.areas_of_street(street));
                let managers = areas.iter().filter_map(|area| self.area(*area as usize).manager);
                let positions: BTreeSet<usize> = managers.map(|id| self.manager_key(id) as usize).collect();
                Box::new(positions.into_iter().filter(move |position| *position >= from))
            }
        };
        let mut positions: Vec<usize> = wanted.take(limit.saturating_add(1)).collect();
        let more = positions.len() > limit;
        positions.truncate(limit);
        Page { positions, more }
    }

    /// How much an actor sees of a manager: as much as of any of the streets in which it manages areas.
    pub fn sight_of_manager(&self, actor: &Actor, manager: usize) -> Visibility {
        actor.sight_in_any(self.managed_by(manager).iter().map(|area| &self.area(*area as usize).street))
    }

    /// Whether the boundary meets the box; the boxes alone tell for most.
    fn meets(&self, position: usize, bbox: Rect) -> bool {
        self.index().envelope(position).is_some_and(|envelope| {
            envelope.intersects(&bbox) && (bbox.contains(&envelope) || self.boundary(position).intersects(&bbox))
        })
    }
}
