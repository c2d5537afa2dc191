//! Outlines as a file has them: nothing closed, turned, dropped or checked yet.

use geo::Coord;

/// A ring as delivered: x before y in the units of its file, perhaps unclosed, perhaps with too few vertices.
pub type RawRing = Vec<Coord>;

/// A polygon as delivered; the first ring is the one that the file calls the exterior.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RawPolygon {
    /// Exterior, then holes.
    pub rings: Vec<RawRing>,
}

/// A geometry as delivered. Curves, surfaces and collections of several kinds are not read.
#[derive(Debug, Clone, PartialEq)]
pub enum RawShape {
    /// One position or several.
    Points(Vec<Coord>),
    /// One line or several.
    Lines(Vec<RawRing>),
    /// One polygon or several.
    Polygons(Vec<RawPolygon>),
}

impl RawShape {
    /// Every position, in file order.
    pub fn coords(&self) -> Box<dyn Iterator<Item = Coord> + '_> {
        match self {
            Self::Points(points) => Box::new(points.iter().copied()),
            Self::Lines(lines) => Box::new(lines.iter().flatten().copied()),
            Self::Polygons(polygons) => {
                Box::new(polygons.iter().flat_map(|polygon| polygon.rings.iter().flatten().copied()))
            }
        }
    }

    /// Every position, to be changed in place.
    pub fn coords_mut(&mut self) -> Box<dyn Iterator<Item = &mut Coord> + '_> {
        match self {
            Self::Points(points) => Box::new(points.iter_mut()),
            Self::Lines(lines) => Box::new(lines.iter_mut().flatten()),
            Self::Polygons(polygons) => {
                Box::new(polygons.iter_mut().flat_map(|polygon| polygon.rings.iter_mut().flatten()))
            }
        }
    }
}
