//! Lists in pages. A page goes on after the last code of the one before, so that pages stay whole when the register changes.

use geo::{BoundingRect as _, Intersects as _, Rect};

use crate::app::{Error, Snapshot};
use crate::model::{AreaCode, StreetCode};

/// Items when no limit is asked for.
pub const ITEM_LIMIT_DEFAULT: usize = 100;

/// Most items of a page; a higher limit is clamped (OGC API - Features, part 1, 7.15.3).
pub const ITEM_LIMIT_MAX: usize = 1_000;

/// Up to so many matches of the R-tree are sorted for a page. A box with more is dense enough to find a page by walking
/// the list in order, so that neither way grows with the number of areas.
pub const CURSOR_SCAN_LIMIT: usize = 10_000;

/// Which areas are wanted.
#[derive(Debug, Clone, Default)]
pub struct AreaQuery {
    /// Only areas whose boundary meets this box, degrees.
    pub bbox: Option<Rect>,
    /// Only areas of this street.
    pub street: Option<StreetCode>,
    /// Most items wanted.
    pub limit: usize,
    /// Only areas after this code.
    pub after: Option<AreaCode>,
}

/// One page of positions in the snapshot's areas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Positions, ascending by code.
    pub positions: Vec<usize>,
    /// Whether there are more after them.
    pub more: bool,
}

impl Snapshot {
    /// One page of areas in order of code. Errors: an unknown street.
    pub fn list_areas(&self, query: &AreaQuery) -> Result<Page, Error> {
        let limit = query.limit.clamp(1, ITEM_LIMIT_MAX);
        // The list is sorted, so the start is where the cursor would stand even when that area has gone.
        let start = query.after.as_ref().map_or(0, |after| self.areas().partition_point(|area| area.code <= *after));
        let meets = |position: &usize| {
            query.bbox.is_none_or(|bbox| {
                let boundary = self.boundary(*position);
                boundary.bounding_rect().is_some_and(|rect| rect.intersects(&bbox)) && boundary.intersects(&bbox)
            })
        };
        let found: Vec<usize> = if let Some(code) = &query.street {
            let street = self.street_position(code).ok_or_else(|| Error::NoSuchStreet(code.to_string()))?;
            let positions = self.areas_of_street(street).iter().map(|position| *position as usize);
            positions.filter(|position| *position >= start).filter(meets).take(limit + 1).collect()
        } else if let Some(bbox) = query.bbox {
            let mut candidates: Vec<usize> = self.index().within(bbox).take(CURSOR_SCAN_LIMIT + 1).collect();
            if candidates.len() <= CURSOR_SCAN_LIMIT {
                candidates.retain(|position| *position >= start);
                candidates.sort_unstable();
                candidates.into_iter().filter(meets).take(limit + 1).collect()
            } else {
                (start..self.areas().len()).filter(meets).take(limit + 1).collect()
            }
        } else {
            (start..self.areas().len()).take(limit + 1).collect()
        };
        let more = found.len() > limit;
        Ok(Page { positions: found.into_iter().take(limit).collect(), more })
    }
}
