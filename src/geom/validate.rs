//! Whether a boundary is one: closed simple rings, holes inside, parts apart.

use geo::{CoordsIter as _, MultiPolygon};

use crate::geom::examine::examine_boundary;
use crate::geom::flaw::Flaw;

/// Most vertices of one boundary. The outline of a whole district at the scale of its parcels has a tenth of that.
pub const VERTEX_LIMIT: usize = 100_000;

/// Why a boundary is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum GeomFault {
    /// No polygon at all.
    #[error("the boundary is empty")]
    Empty,
    /// More vertices than [`VERTEX_LIMIT`].
    #[error("the boundary has {0} vertices, more than the {VERTEX_LIMIT} allowed")]
    TooManyVertices(usize),
    /// A coordinate is not a number or outside -180..180, -90..90.
    #[error("vertex ({0}, {1}) is not a longitude and latitude")]
    NotOnEarth(f64, f64),
    /// Not simple and valid (OGC Simple Features 1.2.1, 6.1.11).
    #[error("the boundary is not valid: {0}")]
    Invalid(String),
}

/// Checks that a boundary is non-empty, on earth, of bounded size, and valid. Degrees, lng lat; rings closed, any winding.
pub fn check_boundary(boundary: &MultiPolygon) -> Result<(), GeomFault> {
    if boundary.0.is_empty() {
        return Err(GeomFault::Empty);
    }
    let vertices = boundary.coords_count();
    if vertices > VERTEX_LIMIT {
        return Err(GeomFault::TooManyVertices(vertices));
    }
    if let Some(bad) = boundary
        .coords_iter()
        .find(|c| !(c.x.is_finite() && c.y.is_finite() && c.x.abs() <= 180.0 && c.y.abs() <= 90.0))
    {
        return Err(GeomFault::NotOnEarth(bad.x, bad.y));
    }
    match examine_boundary(boundary).into_iter().find(Flaw::is_invalid) {
        Some(Flaw { kind, polygon, ring, at, .. }) => Err(GeomFault::Invalid(format!(
            "{} (polygon {}, ring {}, near {:.7}, {:.7})",
            kind.describe(),
            polygon + 1,
            ring + 1,
            at.x,
            at.y
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, Polygon};

    fn polygon(ring: Vec<(f64, f64)>) -> MultiPolygon {
        MultiPolygon::from(Polygon::new(LineString::from(ring), vec![]))
    }

    #[test]
    fn a_bow_tie_is_refused_and_a_square_is_not() {
        assert_eq!(check_boundary(&polygon(vec![(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])), Ok(()));
        let bow_tie = polygon(vec![(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]);
        assert!(matches!(check_boundary(&bow_tie), Err(GeomFault::Invalid(_))));
    }

    #[test]
    fn places_off_the_earth_and_empty_boundaries_are_named() {
        assert_eq!(check_boundary(&MultiPolygon::new(vec![])), Err(GeomFault::Empty));
        let metres = polygon(vec![(452_423.0, 4_420_961.0), (452_500.0, 4_420_961.0), (452_500.0, 4_421_000.0)]);
        assert_eq!(check_boundary(&metres), Err(GeomFault::NotOnEarth(452_423.0, 4_420_961.0)));
    }
}
