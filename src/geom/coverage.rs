//! Rings as chains of shared arcs, so that simplifying a border once changes it for both neighbours alike.

use std::cmp::Ordering;

use geo::Coord;
use rayon::iter::{IntoParallelRefIterator as _, ParallelIterator as _};

use crate::geom::noding::{CellMap, node};

/// Rings that share arcs. An arc runs between two nodes: points where the set of rings that pass changes.
///
/// Coordinates are those of a plane, in whatever unit they were projected to. Each vertex of an arc carries its weight: the largest
/// tolerance (same unit) at which Douglas and Peucker's algorithm keeps it; the ends weigh infinitely much.
#[derive(Debug, Default)]
pub struct Coverage {
    points: Vec<Coord>,
    arcs: Vec<Arc>,
    rings: Vec<Vec<Link>>,
}

#[derive(Debug)]
struct Arc {
    points: Vec<u32>,
    weights: Vec<f32>,
}

/// An arc in a ring.
#[derive(Debug, Clone, Copy)]
struct Link {
    arc: u32,
    reversed: bool,
}

impl Coverage {
    /// Builds the coverage of rings, closed or open, after noding them within `tolerance` (unit of the coordinates).
    ///
    /// Points are noded as they come, where sides are straight, and kept as `project` gives them. A ring that has fewer
    /// than three points at that tolerance is kept as an empty one.
    pub fn build(rings: &[Vec<Coord>], tolerance: f64, project: impl Fn(Coord) -> Coord) -> Self {
        let noded = node(rings, tolerance);
        let is_node = find_nodes(noded.points.len(), &noded.rings);
        let mut chains: Vec<Vec<u32>> = Vec::new();
        let mut numbers: CellMap<(u32, u32), u32> = CellMap::default();
        let rings = noded
            .rings
            .iter()
            .map(|ring| {
                cut_into_chains(ring, &is_node, &noded.points)
                    .into_iter()
                    .map(|mut chain| {
                        let reversed = runs_backwards(&chain, &noded.points);
                        if reversed {
                            chain.reverse();
                        }
                        // The first two points tell arcs apart: the second is a node or has only these two neighbours.
                        let arc = *numbers.entry((chain[0], chain[1])).or_insert_with(|| {
                            chains.push(chain);
                            u32::try_from(chains.len() - 1).expect("fewer than four billion arcs fit in memory")
                        });
                        Link { arc, reversed }
                    })
                    .collect()
            })
            .collect();
        let points: Vec<Coord> = noded.points.into_iter().map(project).collect();
        let arcs =
            chains.par_iter().map(|chain| Arc { weights: weigh(chain, &points), points: chain.clone() }).collect();
        Self { points, arcs, rings }
    }

    /// Number of arcs.
    pub fn arc_count(&self) -> usize {
        self.arcs.len()
    }

    /// Arcs of a ring, numbered from 0, in the order they are walked.
    pub fn arcs_of(&self, ring: usize) -> impl Iterator<Item = usize> + '_ {
        self.rings[ring].iter().map(|link| link.arc as usize)
    }

    /// Calls `visit` with the vertices of a ring that `tolerance_of` each arc keeps, in order, the first not repeated.
    pub fn walk(&self, ring: usize, tolerance_of: impl Fn(usize) -> f64, mut visit: impl FnMut(Coord)) {
        for link in &self.rings[ring] {
            let arc = &self.arcs[link.arc as usize];
            let tolerance = tolerance_of(link.arc as usize);
            let mut step = |i: usize| {
                if f64::from(arc.weights[i]) >= tolerance {
                    visit(self.points[arc.points[i] as usize]);
                }
            };
            // The last vertex is the first of the arc that follows.
            if link.reversed {
                (1..arc.points.len()).rev().for_each(&mut step);
            } else {
                (0..arc.points.len() - 1).for_each(&mut step);
            }
        }
    }
}

/// A point is a node when two passes of rings through it come from and go to different neighbours.
fn find_nodes(points: usize, rings: &[Vec<u32>]) -> Vec<bool> {
    let mut neighbours = vec![(u32::MAX, u32::MAX); points];
    let mut is_node = vec![false; points];
    for ring in rings {
        for (i, point) in ring.iter().enumerate() {
            let before = ring[(i + ring.len() - 1) % ring.len()];
            let after = ring[(i + 1) % ring.len()];
            let pair = (before.min(after), before.max(after));
            let known = &mut neighbours[*point as usize];
            if known.0 == u32::MAX {
                *known = pair;
            } else if *known != pair {
                is_node[*point as usize] = true;
            }
        }
    }
    is_node
}

/// Order of places: from west to east, then from south to north. Places and not numbers decide where and how an arc runs,
/// so that a coverage of some of the rings simplifies their shared borders as one of all rings does.
fn by_place(a: Coord, b: Coord) -> Ordering {
    a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y))
}

/// Whether the other end of a chain comes first; of a closed chain, the other way round.
fn runs_backwards(chain: &[u32], points: &[Coord]) -> bool {
    let at = |i: usize| points[chain[i] as usize];
    let last = chain.len() - 1;
    by_place(at(last), at(0)).then_with(|| by_place(at(last - 1), at(1))) == Ordering::Less
}

/// Chains of a ring from node to node, ends included; one chain from its first place to itself where it has no node.
fn cut_into_chains(ring: &[u32], is_node: &[bool], points: &[Coord]) -> Vec<Vec<u32>> {
    if ring.is_empty() {
        return Vec::new();
    }
    let place = |point: u32| points[point as usize];
    let smallest = || ring.iter().enumerate().min_by(|a, b| by_place(place(*a.1), place(*b.1))).map_or(0, |(i, _)| i);
    let start = ring.iter().position(|point| is_node[*point as usize]).unwrap_or_else(smallest);
    let mut chains = Vec::new();
    let mut chain = vec![ring[start]];
    for point in ring[start + 1..].iter().chain(&ring[..=start]) {
        chain.push(*point);
        if is_node[*point as usize] {
            chains.push(std::mem::replace(&mut chain, vec![*point]));
        }
    }
    if chain.len() > 1 {
        chains.push(chain);
    }
    chains
}

/// Weights of a chain's vertices. A closed chain is first cut at the vertex farthest from its ends.
fn weigh(chain: &[u32], points: &[Coord]) -> Vec<f32> {
    let at = |i: usize| points[chain[i] as usize];
    let last = chain.len() - 1;
    let mut weights = vec![0.0_f32; chain.len()];
    weights[0] = f32::INFINITY;
    weights[last] = f32::INFINITY;
    // Spans still to be split: first vertex, last vertex, weight of the span's parent, which bounds the weights inside.
    let mut spans = vec![(0, last, f32::INFINITY)];
    if chain[0] == chain[last] {
        let squared = |i: usize| (at(i).x - at(0).x).powi(2) + (at(i).y - at(0).y).powi(2);
        let far = (1..last).max_by(|a, b| squared(*a).total_cmp(&squared(*b))).unwrap_or(last);
        weights[far] = f32::INFINITY;
        spans = vec![(0, far, f32::INFINITY), (far, last, f32::INFINITY)];
    }
    while let Some((from, to, bound)) = spans.pop() {
        let mut worst = (0.0, from);
        for i in from + 1..to {
            let squared = squared_distance_to_segment(at(i), at(from), at(to));
            if squared >= worst.0 {
                worst = (squared, i);
            }
        }
        if worst.1 > from {
            let weight = (worst.0.sqrt() as f32).min(bound);
            weights[worst.1] = weight;
            spans.push((from, worst.1, weight));
            spans.push((worst.1, to, weight));
        }
    }
    weights
}

fn squared_distance_to_segment(point: Coord, from: Coord, to: Coord) -> f64 {
    let (side, offset) = (to - from, point - from);
    let squared = side.x * side.x + side.y * side.y;
    let share = if squared > 0.0 { ((side.x * offset.x + side.y * offset.y) / squared).clamp(0.0, 1.0) } else { 0.0 };
    let away = offset - side * share;
    away.x * away.x + away.y * away.y
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ring(points: &[(f64, f64)]) -> Vec<Coord> {
        points.iter().map(|p| Coord::from(*p)).collect()
    }

    fn walked(coverage: &Coverage, ring: usize, tolerance: f64) -> Vec<Coord> {
        let mut vertices = Vec::new();
        coverage.walk(ring, |_| tolerance, |c| vertices.push(c));
        vertices
    }

    #[test]
    fn neighbours_share_one_arc_and_lose_the_same_vertices() {
        let left = ring(&[(0.0, 0.0), (1.0, 0.0), (1.01, 0.5), (1.0, 1.0), (0.0, 1.0)]);
        let right = ring(&[(1.0, 0.0), (2.0, 0.0), (2.0, 1.0), (1.0, 1.0), (1.01, 0.5)]);
        let coverage = Coverage::build(&[left, right], 1e-9, |c| c);
        assert_eq!(coverage.arc_count(), 3);
        assert_eq!(walked(&coverage, 0, 0.0).len(), 5);
        for side in [0, 1] {
            let kept = walked(&coverage, side, 0.02);
            assert_eq!(kept.len(), 4);
            assert!(!kept.contains(&Coord { x: 1.01, y: 0.5 }));
        }
    }

    #[test]
    fn a_hole_and_what_fills_it_are_one_arc_without_nodes() {
        let hole = ring(&[(0.2, 0.2), (0.2, 0.8), (0.8, 0.8), (0.8, 0.2)]);
        let mut filling = hole.clone();
        filling.reverse();
        filling.rotate_left(1);
        let outside = ring(&[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]);
        let coverage = Coverage::build(&[outside, hole, filling], 1e-9, |c| c);
        assert_eq!(coverage.arc_count(), 2);
        assert_eq!(walked(&coverage, 1, 0.0).len(), 4);
        assert_eq!(walked(&coverage, 2, 0.0).len(), 4);
    }

    #[test]
    fn a_ring_is_simplified_alike_wherever_it_starts_and_whatever_is_beside_it() {
        let bent = [(0.0, 0.0), (1.0, 0.1), (2.0, 0.0), (2.1, 1.0), (2.0, 2.0), (1.0, 1.9), (0.0, 2.0), (0.1, 1.0)];
        let far = ring(&[(9.0, 9.0), (10.0, 9.0), (10.0, 10.0)]);
        let kept = |ring: Vec<Coord>, others: &[Vec<Coord>]| {
            let rings: Vec<Vec<Coord>> = others.iter().cloned().chain([ring]).collect();
            let coverage = Coverage::build(&rings, 1e-9, |c| c);
            let mut kept = walked(&coverage, rings.len() - 1, 0.1);
            kept.sort_by(|a, b| by_place(*a, *b));
            kept
        };
        let expected = kept(ring(&bent), &[]);
        for start in 0..bent.len() {
            let mut turned = ring(&bent);
            turned.rotate_left(start);
            assert_eq!(kept(turned.clone(), std::slice::from_ref(&far)), expected);
            turned.reverse();
            assert_eq!(kept(turned, &[]), expected);
        }
    }

    proptest! {
        #[test]
        fn simplified_rings_stay_within_the_tolerance(
            radii in proptest::collection::vec(0.5_f64..1.0, 3..40), tolerance in 0.0_f64..0.3
        ) {
            let step = std::f64::consts::TAU / radii.len() as f64;
            let circle: Vec<Coord> = radii.iter().enumerate()
                .map(|(i, r)| Coord { x: r * (step * i as f64).cos(), y: r * (step * i as f64).sin() }).collect();
            let coverage = Coverage::build(std::slice::from_ref(&circle), 1e-9, |c| c);
            let kept = walked(&coverage, 0, tolerance);
            prop_assert!(kept.len() >= 2);
            for vertex in &circle {
                let nearest = (0..kept.len())
                    .map(|i| squared_distance_to_segment(*vertex, kept[i], kept[(i + 1) % kept.len()]))
                    .fold(f64::INFINITY, f64::min);
                prop_assert!(nearest.sqrt() <= tolerance + 1e-6);
            }
        }
    }
}
