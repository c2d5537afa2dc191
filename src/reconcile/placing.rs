//! Where a row of the right side lies on the map of the left one.

use geo::{Coord, MapCoords as _, MultiPolygon};

use crate::geom::LocalFrame;
use crate::reconcile::align::Placement;

/// How a row was brought onto the left side's map: its system of degrees was read, a turn and shifts were taken off.
///
/// What all outlines of a batch have grown by is not part of it: that serves the comparison only.
#[derive(Debug, Clone, Copy)]
pub struct Placing {
    placement: Placement,
    frame: LocalFrame,
}

impl Placing {
    pub(crate) fn new(placement: Placement, frame: LocalFrame) -> Self {
        Self { placement, frame }
    }

    /// Key of the system that the row was read in, as [`Alignment::system`](crate::reconcile::Alignment::system) has it.
    pub fn system(&self) -> &'static str {
        self.placement.system.key()
    }

    /// A position of the row, degrees as given, in degrees of the left side's map; lng lat.
    pub fn position(&self, given: Coord) -> Coord {
        self.frame.to_degrees(self.placement.to_metres(&self.frame, given))
    }

    /// An outline of the row, degrees as given, in degrees of the left side's map.
    pub fn outline(&self, given: &MultiPolygon) -> MultiPolygon {
        given.map_coords(|point| self.position(point))
    }

    /// Metres east and north by which a position is moved.
    pub fn moved_m(&self, given: Coord) -> (f64, f64) {
        let by = self.placement.to_metres(&self.frame, given) - self.frame.to_metres(given);
        (by.x, by.y)
    }
}

impl PartialEq for Placing {
    fn eq(&self, other: &Self) -> bool {
        let origin = |placing: &Self| placing.frame.to_degrees(Coord { x: 0.0, y: 0.0 });
        self.placement == other.placement && origin(self) == origin(other)
    }
}
