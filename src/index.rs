//! `AreaIndex`: the immutable R-tree over the boundaries of one snapshot.
//!
//! It holds slots (a position in the snapshot's list and an envelope), not geometries: the boundaries are handed in with
//! each question, so that they are in memory once. Everything is in degrees, lng lat.

use std::sync::Arc;

use geo::{BoundingRect as _, Contains as _, Coord, Intersects as _, Rect};
use rstar::{AABB, PointDistance, RTree, RTreeObject};

use crate::geom::{CellMap, LocalFrame};
use crate::model::Boundary;

/// Metres beyond which no area counts as near: a point farther off than this is somewhere else.
pub const NEAREST_LIMIT_M: f64 = 50_000.0;

/// Entry of the tree: which boundary, and its envelope, longitudes scaled so that both axes measure alike.
#[derive(Debug, Clone, Copy)]
struct Slot {
    position: u32,
    west_south: [f64; 2],
    east_north: [f64; 2],
}

impl RTreeObject for Slot {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.west_south, self.east_north)
    }
}

impl PointDistance for Slot {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        let dx = (self.west_south[0] - point[0]).max(point[0] - self.east_north[0]).max(0.0);
        let dy = (self.west_south[1] - point[1]).max(point[1] - self.east_north[1]).max(0.0);
        dx * dx + dy * dy
    }
}

/// A boundary near a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// Position of the boundary in the list the index was built from.
    pub position: usize,
    /// Metres from the point to the boundary's nearest ring.
    pub distance_m: f64,
    /// The nearest point of its rings, degrees.
    pub at: Coord,
}

/// R-tree over a list of boundaries, and over those that took their place since. Positions in answers are positions in
/// that list; further boundaries have further positions.
///
/// A changed index shares the tree of the list with the one it was made from, so that a change costs what changed.
#[derive(Debug, Clone)]
pub struct AreaIndex {
    list: Arc<List>,
    /// Boundaries that are not as in the list, or not in it: their boxes, `None` where there is none any more.
    changed: CellMap<u32, Option<Rect>>,
    changed_tree: RTree<Slot>,
}

/// What is built in one go.
#[derive(Debug)]
struct List {
    tree: RTree<Slot>,
    /// In degrees; `None` for an empty boundary.
    envelopes: Vec<Option<Rect>>,
    /// Cosine of the middle latitude: a degree of longitude measures this much of a degree of latitude.
    lng_scale: f64,
}

impl AreaIndex {
    /// Builds the tree in one go. Empty boundaries are never found.
    pub fn build<'a>(boundaries: impl Iterator<Item = &'a Boundary>) -> Self {
        let envelopes: Vec<Option<Rect>> = boundaries.map(|boundary| boundary.bounding_rect()).collect();
        let latitudes = envelopes.iter().flatten().map(|envelope| envelope.center().y);
        let (sum, count) = latitudes.fold((0.0, 0.0), |(sum, count), latitude| (sum + latitude, count + 1.0));
        let lng_scale = if count > 0.0 { f64::to_radians(sum / count).cos() } else { 1.0 };
        let slots = (0_u32..)
            .zip(&envelopes)
            .filter_map(|(position, envelope)| Some(slot(position, envelope.as_ref()?, lng_scale)))
            .collect();
        let list = List { tree: RTree::bulk_load(slots), envelopes, lng_scale };
        Self { list: Arc::new(list), changed: CellMap::default(), changed_tree: RTree::new() }
    }

    /// The index with other boundaries at some positions, `None` for none, beside what was changed before.
    pub fn with_changes<'a>(&self, changes: impl Iterator<Item = (u32, Option<&'a Boundary>)>) -> Self {
        let mut changed = self.changed.clone();
        changed.extend(changes.map(|(position, boundary)| (position, boundary.and_then(|b| b.bounding_rect()))));
        let slots = changed
            .iter()
            .filter_map(|(position, envelope)| Some(slot(*position, envelope.as_ref()?, self.list.lng_scale)))
            .collect();
        Self { list: Arc::clone(&self.list), changed_tree: RTree::bulk_load(slots), changed }
    }

    /// The box around a boundary, degrees; `None` when it is empty or there is none.
    pub fn envelope(&self, position: usize) -> Option<Rect> {
        if let Some(envelope) = self.changed_envelope(position) {
            return envelope;
        }
        self.list.envelopes.get(position).copied().flatten()
    }

    fn changed_envelope(&self, position: usize) -> Option<Option<Rect>> {
        if self.changed.is_empty() {
            return None;
        }
        self.changed.get(&u32::try_from(position).ok()?).copied()
    }

    /// Whether the list's own entry still stands.
    fn stands(&self, slot: &Slot) -> bool {
        self.changed.is_empty() || !self.changed.contains_key(&slot.position)
    }

    /// Positions of all boundaries that hold the point, edges included, in ascending order.
    pub fn at<'a>(&self, point: Coord, boundary_of: impl Fn(usize) -> &'a Boundary) -> Vec<usize> {
        let place = scaled(point, self.list.lng_scale);
        let unchanged = self.list.tree.locate_all_at_point(place).filter(|slot| self.stands(slot));
        let mut found: Vec<usize> = unchanged
            .chain(self.changed_tree.locate_all_at_point(place))
            .map(|slot| slot.position as usize)
            .filter(|position| {
                let boundary = boundary_of(*position);
                boundary.contains(&point) || boundary.intersects(&point)
            })
            .collect();
        found.sort_unstable();
        found
    }

    /// Positions of all boundaries whose envelope meets the box, in no particular order.
    pub fn within(&self, bbox: Rect) -> impl Iterator<Item = usize> + '_ {
        let scale = self.list.lng_scale;
        let corners = AABB::from_corners(scaled(bbox.min(), scale), scaled(bbox.max(), scale));
        let unchanged = self.list.tree.locate_in_envelope_intersecting(corners).filter(|slot| self.stands(slot));
        unchanged.chain(self.changed_tree.locate_in_envelope_intersecting(corners)).map(|slot| slot.position as usize)
    }

    /// Boundaries with a ring at most `radius_m` metres from the point, nearest first. The point may be inside or outside.
    pub fn within_metres<'a>(
        &self,
        point: Coord,
        radius_m: f64,
        boundary_of: impl Fn(usize) -> &'a Boundary,
    ) -> Vec<Near> {
        let frame = LocalFrame::new(point);
        let per_degree = frame.metres_per_degree();
        let (dx, dy) = (radius_m / per_degree.x, radius_m / per_degree.y);
        let bbox = Rect::new(Coord { x: point.x - dx, y: point.y - dy }, Coord { x: point.x + dx, y: point.y + dy });
        let mut found: Vec<Near> = self
            .within(bbox)
            .filter_map(|position| near(&frame, position, boundary_of(position)))
            .filter(|near| near.distance_m <= radius_m)
            .collect();
        sort_by_distance(&mut found);
        found
    }

    /// The `count` boundaries nearest to a point outside them all, nearest first, by metres to the ring; none that is
    /// farther off than [`NEAREST_LIMIT_M`].
    ///
    /// The trees are walked in order of the envelopes' distance, which never exceeds a boundary's own: once `count`
    /// boundaries are known, only envelopes that could still beat the worst of them are looked into.
    pub fn nearest<'a>(&self, point: Coord, count: usize, boundary_of: impl Fn(usize) -> &'a Boundary) -> Vec<Near> {
        let frame = LocalFrame::new(point);
        let per_degree = frame.metres_per_degree();
        let scale = self.list.lng_scale;
        let least_metres_per_unit = (per_degree.x / scale).min(per_degree.y);
        let mut found: Vec<Near> = Vec::new();
        for (tree, is_list) in [(&self.changed_tree, false), (&self.list.tree, true)] {
            for (slot, squared) in tree.nearest_neighbor_iter_with_distance_2(scaled(point, scale)) {
                let at_least_m = squared.sqrt() * least_metres_per_unit;
                let worst_m = if found.len() < count { NEAREST_LIMIT_M } else { found[count - 1].distance_m };
                if at_least_m > worst_m {
                    break;
                }
                if is_list && !self.stands(slot) {
                    continue;
                }
                let position = slot.position as usize;
                let candidate = near(&frame, position, boundary_of(position));
                found.extend(candidate.filter(|near| near.distance_m <= NEAREST_LIMIT_M));
                sort_by_distance(&mut found);
                found.truncate(count);
            }
        }
        found
    }
}

fn slot(position: u32, envelope: &Rect, lng_scale: f64) -> Slot {
    Slot { position, west_south: scaled(envelope.min(), lng_scale), east_north: scaled(envelope.max(), lng_scale) }
}

/// A point with its longitude scaled. Monotonic in each axis, so what held a point before holds it after.
fn scaled(point: Coord, lng_scale: f64) -> [f64; 2] {
    [point.x * lng_scale, point.y]
}

fn near(frame: &LocalFrame, position: usize, boundary: &Boundary) -> Option<Near> {
    frame.nearest_on_rings(boundary).map(|(distance_m, at)| Near { position, distance_m, at })
}

fn sort_by_distance(found: &mut [Near]) {
    found.sort_by(|a, b| a.distance_m.total_cmp(&b.distance_m).then(a.position.cmp(&b.position)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{MultiPolygon, Rect};
    use proptest::prelude::*;

    fn square(lng: f64, lat: f64, size: f64) -> Boundary {
        MultiPolygon::from(Rect::new(Coord { x: lng, y: lat }, Coord { x: lng + size, y: lat + size }).to_polygon())
    }

    fn squares() -> impl Strategy<Value = Vec<Boundary>> {
        prop::collection::vec((116.3..116.6, 39.8..40.1, 0.0005..0.02), 0..120)
            .prop_map(|list| list.into_iter().map(|(lng, lat, size)| square(lng, lat, size)).collect())
    }

    #[test]
    fn a_point_on_a_shared_edge_is_in_both() {
        let list = [square(116.40, 39.90, 0.01), square(116.41, 39.90, 0.01)];
        let index = AreaIndex::build(list.iter());
        assert_eq!(index.at(Coord { x: 116.41, y: 39.905 }, |p| &list[p]), vec![0, 1]);
        assert_eq!(index.at(Coord { x: 116.405, y: 39.905 }, |p| &list[p]), vec![0]);
        assert!(index.at(Coord { x: 116.43, y: 39.905 }, |p| &list[p]).is_empty());
    }

    /// Compares every answer of the index with a scan of the list, where `None` is a boundary that has gone.
    fn compare(index: &AreaIndex, list: &[Option<Boundary>], point: Coord) -> Result<(), TestCaseError> {
        let of = |p: usize| list[p].as_ref().unwrap();
        let all = || (0..list.len()).filter(|p| list[*p].is_some());
        prop_assert_eq!(index.at(point, of), all().filter(|p| of(*p).intersects(&point)).collect::<Vec<_>>());

        let frame = LocalFrame::new(point);
        let mut by_distance: Vec<Near> = all().filter_map(|p| near(&frame, p, of(p))).collect();
        sort_by_distance(&mut by_distance);
        prop_assert_eq!(index.nearest(point, 3, of), by_distance.iter().copied().take(3).collect::<Vec<_>>());
        let close: Vec<Near> = by_distance.into_iter().filter(|n| n.distance_m <= 250.0).collect();
        prop_assert_eq!(index.within_metres(point, 250.0, of), close);

        let (x, y) = (point.x, point.y);
        let bbox = Rect::new(Coord { x: x - 0.01, y: y - 0.01 }, Coord { x: x + 0.01, y: y + 0.01 });
        let mut boxed: Vec<usize> = index.within(bbox).collect();
        boxed.sort_unstable();
        let meets = |p: &usize| of(*p).bounding_rect().is_some_and(|r| r.intersects(&bbox));
        prop_assert_eq!(boxed, all().filter(meets).collect::<Vec<_>>());
        for (position, boundary) in list.iter().enumerate() {
            prop_assert_eq!(index.envelope(position), boundary.as_ref().and_then(|b| b.bounding_rect()));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn answers_equal_those_of_a_full_scan_before_and_after_changes(
            list in squares(), lng in 116.3..116.62, lat in 39.8..40.12,
            changes in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of((116.3..116.6, 39.8..40.1, 0.0005..0.02))), 0..20),
        ) {
            let point = Coord { x: lng, y: lat };
            let mut list: Vec<Option<Boundary>> = list.into_iter().map(Some).collect();
            let mut index = AreaIndex::build(list.iter().flatten());
            compare(&index, &list, point)?;
            for (at, change) in changes {
                let at = at.index(list.len() + 1);
                let boundary = change.map(|(lng, lat, size)| square(lng, lat, size));
                index = index.with_changes(std::iter::once((u32::try_from(at).unwrap(), boundary.as_ref())));
                if at == list.len() {
                    list.push(boundary);
                } else {
                    list[at] = boundary;
                }
            }
            compare(&index, &list, point)?;
        }
    }
}
