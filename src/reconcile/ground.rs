//! One side on the map: where its records lie, and a tree to find them by.

use geo::Coord;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, PointDistance as _, RTree};

use crate::reconcile::plane::Flat;

/// Where a record lies, metres of the common frame.
#[derive(Debug, Clone, Default)]
pub(crate) enum Spot {
    #[default]
    None,
    Point(Coord),
    Flat(Flat),
}

impl Spot {
    pub(crate) fn flat(&self) -> Option<&Flat> {
        match self {
            Self::Flat(flat) => Some(flat),
            _ => None,
        }
    }

    pub(crate) fn centre(&self) -> Option<Coord> {
        match self {
            Self::None => None,
            Self::Point(point) => Some(*point),
            Self::Flat(flat) => Some(flat.centre),
        }
    }

    pub(crate) fn carry(&mut self, by: Coord) {
        match self {
            Self::None => {}
            Self::Point(point) => *point = *point + by,
            Self::Flat(flat) => flat.carry(by),
        }
    }
}

/// How far a box is looked for before the tree is searched as a whole, metres.
const NEAREST_FIRST_M: f64 = 80.0;

type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// The places of a side.
pub(crate) struct Ground {
    tree: RTree<Entry>,
}

impl Ground {
    pub(crate) fn new(spots: &[Spot]) -> Self {
        let entry = |(at, spot): (usize, &Spot)| {
            let (min, max) = match spot {
                Spot::None => return None,
                Spot::Point(point) => (*point, *point),
                Spot::Flat(flat) => (flat.min, flat.max),
            };
            let corners = Rectangle::from_corners([min.x, min.y], [max.x, max.y]);
            Some(GeomWithData::new(corners, at as u32))
        };
        Self { tree: RTree::bulk_load(spots.iter().enumerate().filter_map(entry).collect()) }
    }

    /// Records whose boxes come within `reach` metres of the box, in no particular order.
    pub(crate) fn near(&self, min: Coord, max: Coord, reach: f64) -> impl Iterator<Item = u32> + '_ {
        let envelope = AABB::from_corners([min.x - reach, min.y - reach], [max.x + reach, max.y + reach]);
        self.tree.locate_in_envelope_intersecting(envelope).map(|entry| entry.data)
    }

    /// The record whose box is nearest; the first by position of several.
    pub(crate) fn nearest(&self, point: Coord) -> Option<u32> {
        let point = [point.x, point.y];
        // As a rule the point lies in a box, or close to one: then a small window holds the answer.
        for reach in [0.0, NEAREST_FIRST_M] {
            let window = AABB::from_corners([point[0] - reach, point[1] - reach], [point[0] + reach, point[1] + reach]);
            let within =
                self.tree.locate_in_envelope_intersecting(window).map(|entry| (entry.distance_2(&point), entry.data));
            let best = within.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            if let Some((_, at)) = best.filter(|(distance, _)| *distance <= reach * reach) {
                return Some(at);
            }
        }
        // Boxes may be equally far: the first by position, or the answer would follow the shape of the tree.
        let mut best: Option<(f64, u32)> = None;
        for (entry, distance) in self.tree.nearest_neighbor_iter_with_distance_2(point) {
            match best {
                Some((least, _)) if distance > least => break,
                Some((_, at)) if at <= entry.data => {}
                _ => best = Some((distance, entry.data)),
            }
        }
        best.map(|(_, at)| at)
    }
}
