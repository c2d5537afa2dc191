//! Which outlines of the two sides cover one another, and by how much.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::reconcile::align::{Left, Right};
use crate::reconcile::evidence::{Likeness, Weights};

/// Two outlines that cover one another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Edge {
    pub(crate) left: u32,
    pub(crate) right: u32,
    /// Square metres that both cover.
    pub(crate) shared: f64,
    /// Shares of the left and of the right outline.
    pub(crate) of_left: f64,
    pub(crate) of_right: f64,
    /// Share of the union.
    pub(crate) iou: f64,
}

impl Edge {
    pub(crate) fn most(&self) -> f64 {
        self.of_left.max(self.of_right)
    }
}

/// A row that repeats another one of its side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Copy {
    /// The row that repeats.
    pub(crate) row: u32,
    /// The row that is kept.
    pub(crate) of: u32,
    /// The area of the other side that both are.
    pub(crate) area: u32,
}

/// Outlines that cover less of one another than this share touch by the noise of drawing.
const TOUCH: f64 = 0.02;

/// From this share of the smaller outline on, two outlines have to do with one another.
const EDGE_MIN: f64 = 0.27;

/// Below this share of an area a place of another use is something within it.
const OTHER_USE_SHARE: f64 = 0.35;

/// Two outlines of one side that share so much of their union are copies.
const COPY_IOU: f64 = 0.5;

/// An outline below this share of another one's size that lies within it is a part of it, not a piece of a split.
const PART_SIZE: f64 = 0.5;
const PART_INSIDE: f64 = 0.7;

/// All pairs of outlines that cover one another, by left and right position.
pub(crate) fn edges(left: &Left<'_>, right: &Right<'_>) -> Vec<Edge> {
    let of_row = |row: &u32| -> Vec<Edge> {
        let row = *row as usize;
        let Some(flat) = right.spots[row].flat() else { return Vec::new() };
        let edge = |other: u32| {
            let area = left.spots[other as usize].flat()?;
            let shared = flat.shared_with(area);
            let (of_left, of_right) = (shared / area.surface, shared / flat.surface);
            let iou = shared / (flat.surface + area.surface - shared);
            (of_left.max(of_right) > TOUCH).then_some(Edge {
                left: other,
                right: row as u32,
                shared,
                of_left,
                of_right,
                iou,
            })
        };
        left.ground.near(flat.min, flat.max, 0.0).filter_map(edge).collect()
    };
    let mut edges: Vec<Edge> = right.map_order.par_iter().flat_map_iter(of_row).collect();
    edges.par_sort_unstable_by_key(|edge| (edge.left, edge.right));
    edges
}

/// The overlap graph of the two sides without what is noise, copies or parts.
pub(crate) struct Graph {
    /// Pairs that count.
    pub(crate) kept: Vec<Edge>,
    /// Right rows that repeat others.
    pub(crate) right_copies: Vec<Copy>,
    /// Left rows that repeat others.
    pub(crate) left_copies: Vec<Copy>,
}

impl Graph {
    pub(crate) fn new(left: &Left<'_>, right: &Right<'_>, (edges, weights): (&[Edge], &Weights)) -> Self {
        // A school or a shop inside of an area is no piece of it.
        let inside = |edge: &Edge| {
            let (l, r) =
                (left.features[edge.left as usize].other_use(), right.features[edge.right as usize].other_use());
            l != r && edge.of_left.min(edge.of_right) < OTHER_USE_SHARE
        };
        let counts = |edge: &&Edge| edge.most() >= EDGE_MIN && !inside(edge);
        let mut kept: Vec<Edge> = edges.iter().filter(counts).copied().collect();
        let worth = |edge: &Edge| {
            let (l, r) = (&left.features[edge.left as usize], &right.features[edge.right as usize]);
            6.0 * edge.iou + Likeness::of(l, r).bits(weights).clamp(-12.0, 12.0) / 4.0
        };
        let rights = repeated(&kept, Side::Right, &|a, b| overlap(&right.spots, a, b), &worth);
        kept.retain(|edge| !rights.dropped.contains(&(edge.left, edge.right)));
        let lefts = repeated(&kept, Side::Left, &|a, b| overlap(&left.spots, a, b), &worth);
        kept.retain(|edge| !lefts.dropped.contains(&(edge.left, edge.right)));
        Self { kept: untangled(kept), right_copies: rights.copies, left_copies: lefts.copies }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// Shares of the union, of the first and of the second outline.
fn overlap(spots: &[crate::reconcile::ground::Spot], a: u32, b: u32) -> (f64, f64, f64) {
    match (spots[a as usize].flat(), spots[b as usize].flat()) {
        (Some(p), Some(q)) => {
            let shared = p.shared_with(q);
            (shared / (p.surface + q.surface - shared), shared / p.surface, shared / q.surface)
        }
        _ => (0.0, 0.0, 0.0),
    }
}

struct Repeated {
    copies: Vec<Copy>,
    /// Edges, left and right, that are no longer looked at.
    dropped: std::collections::BTreeSet<(u32, u32)>,
}

/// Rows of one side that repeat or are part of others, among those that share an area of the other side.
fn repeated(
    edges: &[Edge],
    side: Side,
    overlap: &dyn Fn(u32, u32) -> (f64, f64, f64),
    worth: &dyn Fn(&Edge) -> f64,
) -> Repeated {
    let row = |edge: &Edge| if side == Side::Right { edge.right } else { edge.left };
    let area = |edge: &Edge| if side == Side::Right { edge.left } else { edge.right };
    let mut by_area: Vec<&Edge> = edges.iter().collect();
    by_area.par_sort_unstable_by_key(|edge| (area(edge), row(edge)));
    let mut found = Repeated { copies: Vec::new(), dropped: std::collections::BTreeSet::new() };
    let mut copies: BTreeMap<u32, Copy> = BTreeMap::new();
    for sharing in by_area.chunk_by(|a, b| area(a) == area(b)).filter(|sharing| sharing.len() > 1) {
        for (i, one) in sharing.iter().enumerate() {
            for other in &sharing[i + 1..] {
                let (a, b) = (row(one), row(other));
                let (iou, of_a, of_b) = overlap(a, b);
                if iou > COPY_IOU && one.iou.min(other.iou) > 0.2 {
                    // Equally good ones: the later row repeats the earlier.
                    let (kept, copy) = if worth(other) > worth(one) + 1e-9 { (other, one) } else { (one, other) };
                    let copy = Copy { row: row(copy), of: row(kept), area: area(one) };
                    // Rows that share several areas may be ranked otherwise in each: what is repeated repeats nobody in turn.
                    if !copies.contains_key(&copy.row) && root(&copies, copy.of) != copy.row {
                        copies.insert(copy.row, copy);
                    }
                } else {
                    let inside = |part: &Edge, whole: &Edge, share: f64, sizes: (f64, f64)| {
                        sizes.0 < PART_SIZE * sizes.1 && share > PART_INSIDE && whole.iou > 0.45 && part.iou < whole.iou
                    };
                    let size =
                        |edge: &Edge| edge.shared / if side == Side::Right { edge.of_right } else { edge.of_left };
                    if inside(one, other, of_a, (size(one), size(other))) {
                        found.dropped.insert((one.left, one.right));
                    } else if inside(other, one, of_b, (size(other), size(one))) {
                        found.dropped.insert((other.left, other.right));
                    }
                }
            }
        }
    }
    for copy in copies.values() {
        found.copies.push(Copy { of: root(&copies, copy.of), ..*copy });
    }
    let of_copies = edges.iter().filter(|edge| copies.contains_key(&row(edge)));
    found.dropped.extend(of_copies.map(|edge| (edge.left, edge.right)));
    found
}

/// What a row repeats in the end: what a copy repeats may be a copy itself. The copies must not go round in a circle.
fn root(copies: &BTreeMap<u32, Copy>, mut at: u32) -> u32 {
    while let Some(copy) = copies.get(&at) {
        at = copy.of;
    }
    at
}

/// The edges without those that only the noise of drawing between neighbours makes.
fn untangled(edges: Vec<Edge>) -> Vec<Edge> {
    let count = |pick: fn(&Edge) -> u32| edges.iter().map(pick).max().map_or(0, |most| most as usize + 1);
    let mut of_left = vec![0.0; count(|edge| edge.left)];
    let mut of_right = vec![0.0; count(|edge| edge.right)];
    for edge in &edges {
        of_left[edge.left as usize] += edge.of_left;
        of_right[edge.right as usize] += edge.of_right;
    }
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.par_sort_unstable_by(|a, b| edges[*a].iou.total_cmp(&edges[*b].iou).then(a.cmp(b)));
    let mut dropped = vec![false; edges.len()];
    for at in order {
        let edge = &edges[at];
        let (left, right) = (of_left[edge.left as usize] - edge.of_left, of_right[edge.right as usize] - edge.of_right);
        let covered = left.min(right);
        if edge.most() < 0.5 && covered > 0.6 || edge.iou < 0.22 && covered > 0.55 {
            dropped[at] = true;
            of_left[edge.left as usize] -= edge.of_left;
            of_right[edge.right as usize] -= edge.of_right;
        }
    }
    edges.into_iter().zip(dropped).filter(|(_, dropped)| !dropped).map(|(edge, _)| edge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_that_are_ranked_otherwise_in_each_area_end_somewhere() {
        let edge =
            |left: u32, right: u32, iou: f64| Edge { left, right, shared: 80.0, of_left: 0.8, of_right: 0.8, iou };
        // Three rows over three areas, each of which puts another one first and another one last.
        let order = [[0.6, 0.5, 0.4], [0.4, 0.6, 0.5], [0.5, 0.4, 0.6]];
        let edges: Vec<Edge> =
            (0..9_u32).map(|at| edge(at / 3, at % 3, order[(at / 3) as usize][(at % 3) as usize])).collect();
        let found = repeated(&edges, Side::Right, &|_, _| (0.9, 0.9, 0.9), &|edge| edge.iou);
        assert_eq!(found.copies.iter().map(|copy| (copy.row, copy.of)).collect::<Vec<_>>(), [(1, 0), (2, 0)]);
    }

    #[test]
    fn a_circle_beside_a_row_is_none() {
        let edge =
            |left: u32, right: u32, iou: f64| Edge { left, right, shared: 80.0, of_left: 0.8, of_right: 0.8, iou };
        // In the first area row 0 repeats row 1, in the second row 1 repeats row 2, in the third row 2 repeats row 1.
        let edges = [(0, 0, 0.5), (0, 1, 0.6), (1, 1, 0.5), (1, 2, 0.6), (2, 1, 0.6), (2, 2, 0.5)];
        let edges = edges.map(|(left, right, iou)| edge(left, right, iou));
        let found = repeated(&edges, Side::Right, &|_, _| (0.9, 0.9, 0.9), &|edge| edge.iou);
        assert_eq!(found.copies.iter().map(|copy| (copy.row, copy.of)).collect::<Vec<_>>(), [(0, 2), (1, 2)]);
    }
}
