//! The areas held, in metres around the place, found by place, key and shape.

use std::collections::HashMap;

use geo::{Coord, Rect};
use rstar::RTree;
use rstar::primitives::GeomWithData;

use crate::crs::detect::Sighting;
use crate::crs::detect::outline::Shape;
use crate::geom::LocalFrame;

/// Shifted systems put records beside the place: this far is still taken for inside.
const MARGIN_M: f64 = 4_000.0;

/// What the records of the file are compared with.
pub(crate) struct Field {
    pub(crate) frame: LocalFrame,
    /// The place with its margin, metres.
    limits: Rect,
    pub(crate) centres: Vec<Coord>,
    shapes: Vec<Option<Shape>>,
    tree: RTree<GeomWithData<[f64; 2], usize>>,
}

impl Field {
    /// Areas: with finite centres. `None` when neither a place nor an area is given.
    pub(crate) fn new(held: &[Sighting], place: Option<Rect>) -> Option<Self> {
        let place = place.or_else(|| box_around(held.iter().map(|sighting| sighting.outline.centre)))?;
        let frame = LocalFrame::new(place.center());
        let per_degree = frame.metres_per_degree();
        let axes = [Coord { x: per_degree.x, y: 0.0 }, Coord { x: 0.0, y: per_degree.y }];
        let centres: Vec<Coord> = held.iter().map(|sighting| frame.to_metres(sighting.outline.centre)).collect();
        let shapes = held.iter().map(|sighting| sighting.outline.shape(axes)).collect();
        let spots = centres.iter().enumerate().map(|(at, c)| GeomWithData::new([c.x, c.y], at)).collect();
        let margin = Coord { x: MARGIN_M, y: MARGIN_M };
        let limits = Rect::new(frame.to_metres(place.min()) - margin, frame.to_metres(place.max()) + margin);
        Some(Self { frame, limits, centres, shapes, tree: RTree::bulk_load(spots) })
    }

    /// Middle of the place, degrees, lng lat.
    pub(crate) fn middle(&self) -> Coord {
        self.frame.to_degrees(Coord::zero())
    }

    pub(crate) fn contains(&self, point: Coord) -> bool {
        let (min, max) = (self.limits.min(), self.limits.max());
        (min.x..=max.x).contains(&point.x) && (min.y..=max.y).contains(&point.y)
    }

    /// Areas held around a point that may have this shape; all when the shape is not known.
    pub(crate) fn alike(&self, point: Coord, shape: Option<Shape>, within_m: f64) -> impl Iterator<Item = usize> {
        let near = self.tree.locate_within_distance([point.x, point.y], within_m * within_m).map(|spot| spot.data);
        near.filter(move |at| match (shape, self.shapes[*at]) {
            (Some(theirs), Some(ours)) => theirs.is_like(&ours),
            _ => true,
        })
    }

    /// The nearest area held of this shape, and how far it is, metres.
    pub(crate) fn nearest_alike(&self, point: Coord, shape: Shape, within_m: f64) -> Option<(usize, f64)> {
        let near = self.alike(point, Some(shape), within_m).filter(|at| self.shapes[*at].is_some());
        let near = near.map(|at| (at, distance(self.centres[at], point)));
        near.min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

pub(crate) fn distance(a: Coord, b: Coord) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

pub(crate) fn box_around(points: impl Iterator<Item = Coord>) -> Option<Rect> {
    points.map(|c| Rect::new(c, c)).reduce(|a, b| {
        let min = Coord { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) };
        Rect::new(min, Coord { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) })
    })
}

/// For each record of the file the area held with the same code, or else name, when both are unique on their side.
pub(crate) fn pairs(seen: &[Sighting], held: &[Sighting]) -> Vec<Option<usize>> {
    let codes = [seen, held].map(|side| unique(side.iter().map(|sighting| sighting.code)));
    let names = [seen, held].map(|side| unique(side.iter().map(|sighting| sighting.name)));
    let find = |key: Option<&str>, [theirs, ours]: &[Places; 2]| {
        let key = key?;
        theirs.get(key).copied().flatten()?;
        ours.get(key).copied().flatten()
    };
    seen.iter().map(|s| find(s.code, &codes).or_else(|| find(s.name, &names))).collect()
}

/// Where each key of a side stands; `None` for one that stands twice.
type Places<'a> = HashMap<&'a str, Option<usize>>;

fn unique<'a>(keys: impl Iterator<Item = Option<&'a str>>) -> Places<'a> {
    let mut places = Places::new();
    for (at, key) in keys.enumerate() {
        let Some(key) = key.filter(|key| !key.is_empty()) else { continue };
        places.entry(key).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places
}
