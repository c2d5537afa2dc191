//! From the overlap graph to cases: which records of both sides belong together.

use rayon::prelude::*;

use crate::reconcile::graph::Edge;
use crate::reconcile::partition;

/// Records that belong together.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Case {
    pub(crate) lefts: Vec<u32>,
    pub(crate) rights: Vec<u32>,
    /// Pairs within it that cover one another.
    pub(crate) edges: Vec<Edge>,
    /// How far the case would have to go to be another one: the next best reading of its tangle came this close, 0 to 1.
    pub(crate) doubt: f64,
}

impl Case {
    pub(crate) fn is_pair(&self) -> bool {
        self.lefts.len() == 1 && self.rights.len() == 1
    }

    /// Share of the union of both sides that both cover, taking each side's outlines as apart.
    pub(crate) fn jaccard(&self) -> f64 {
        partition::jaccard(&self.edges, &self.lefts, &self.rights)
    }
}

/// A second piece of a split or merge is covered more than this, and is more than this share of the whole.
const PIECE_COVERED: f64 = 0.6;
const PIECE_SHARE: f64 = 0.1;

/// Components of the graph, each read as one case or several; ordered by their first left record.
pub(crate) fn cases(edges: &[Edge]) -> Vec<Case> {
    components(edges).into_par_iter().flat_map_iter(read).collect()
}

fn components(edges: &[Edge]) -> Vec<Vec<Edge>> {
    let mut parents: Vec<usize> = (0..edges.len()).collect();
    fn root(parents: &mut [usize], mut at: usize) -> usize {
        while parents[at] != at {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        at
    }
    const NONE: usize = usize::MAX;
    let count = |pick: fn(&Edge) -> u32| edges.iter().map(pick).max().map_or(0, |most| most as usize + 1);
    let mut first_left = vec![NONE; count(|edge| edge.left)];
    let mut first_right = vec![NONE; count(|edge| edge.right)];
    for (at, edge) in edges.iter().enumerate() {
        for first in [&mut first_left[edge.left as usize], &mut first_right[edge.right as usize]] {
            *first = at.min(*first);
            let other = *first;
            let (a, b) = (root(&mut parents, at), root(&mut parents, other));
            parents[a.max(b)] = a.min(b);
        }
    }
    // The root of a component is its first edge.
    let mut numbers = vec![0; edges.len()];
    let mut groups: Vec<Vec<Edge>> = Vec::new();
    for (at, edge) in edges.iter().enumerate() {
        let first = root(&mut parents, at);
        if first == at {
            numbers[at] = groups.len();
            groups.push(Vec::with_capacity(1));
        }
        groups[numbers[first]].push(*edge);
    }
    groups
}

/// The cases of one component.
fn read(edges: Vec<Edge>) -> Vec<Case> {
    let members = |pick: fn(&Edge) -> u32| {
        let mut members: Vec<u32> = edges.iter().map(pick).collect();
        members.sort_unstable();
        members.dedup();
        members
    };
    let (lefts, rights) = (members(|edge| edge.left), members(|edge| edge.right));
    let case = |lefts: Vec<u32>, rights: Vec<u32>, doubt: f64| {
        let within = |edge: &&Edge| lefts.contains(&edge.left) && rights.contains(&edge.right);
        Case {
            edges: edges.iter().filter(within).copied().collect(),
            lefts: lefts.clone(),
            rights: rights.clone(),
            doubt,
        }
    };
    match (lefts.len(), rights.len()) {
        (1, 1) => vec![case(lefts, rights, 0.0)],
        (1, _) | (_, 1) => {
            let (pieces, doubt) = pieces(&edges, lefts.len() == 1);
            let keep = |all: &[u32], pick: fn(&Edge) -> u32| -> Vec<u32> {
                all.iter().copied().filter(|one| pieces.iter().any(|at| pick(&edges[*at]) == *one)).collect()
            };
            vec![case(keep(&lefts, |edge| edge.left), keep(&rights, |edge| edge.right), doubt)]
        }
        _ => {
            let parts = partition::best(&edges, &lefts, &rights);
            let several = parts.groups.into_iter().filter(|(lefts, rights)| !lefts.is_empty() && !rights.is_empty());
            several.map(|(lefts, rights)| case(lefts, rights, parts.doubt)).collect()
        }
    }
}

/// Which edges of a star are pieces of its centre; the best alone when there is no second piece.
fn pieces(edges: &[Edge], left_is_centre: bool) -> (Vec<usize>, f64) {
    // Shares of the centre and of the piece.
    let shares =
        |edge: &Edge| if left_is_centre { (edge.of_left, edge.of_right) } else { (edge.of_right, edge.of_left) };
    let best = (0..edges.len()).max_by(|a, b| edges[*a].iou.total_cmp(&edges[*b].iou).then(b.cmp(a))).unwrap_or(0);
    let mut doubt: f64 = 0.0;
    let piece = |at: &usize| {
        let (of_centre, of_piece) = shares(&edges[*at]);
        of_piece > PIECE_COVERED && of_centre > PIECE_SHARE
    };
    let found: Vec<usize> = (0..edges.len()).filter(piece).collect();
    for edge in edges {
        let (of_centre, of_piece) = shares(edge);
        let near = (of_piece / PIECE_COVERED).min(of_centre / PIECE_SHARE);
        if edge.iou < edges[best].iou {
            doubt = doubt.max(near.min(1.0 / near.max(1e-6)));
        }
    }
    if found.len() >= 2 { (found, doubt) } else { (vec![best], doubt) }
}
