//! The likeliest way to take a tangle of outlines apart into cases.

use crate::reconcile::graph::Edge;

/// Larger tangles are taken apart pair by pair, and reviewed.
const EXACT_MAX: usize = 9;

/// What a case of its own costs: two cases must explain that much more than one.
const GROUP_PRICE: f64 = 0.12;

/// What a record without a partner costs.
const ALONE_PRICE: f64 = 0.30;

/// Left and right members of each case, and how close the next best reading came.
pub(crate) struct Parts {
    pub(crate) groups: Vec<(Vec<u32>, Vec<u32>)>,
    pub(crate) doubt: f64,
}

/// Share of the union of both sides that both cover, taking the outlines of a side as apart.
pub(crate) fn jaccard(edges: &[Edge], lefts: &[u32], rights: &[u32]) -> f64 {
    let size = |all: &[u32], pick: fn(&Edge) -> (u32, f64)| -> f64 {
        all.iter().filter_map(|one| edges.iter().map(pick).find(|(at, _)| at == one)).map(|(_, size)| size).sum()
    };
    let left = size(lefts, |edge| (edge.left, edge.shared / edge.of_left));
    let right = size(rights, |edge| (edge.right, edge.shared / edge.of_right));
    let within = |edge: &&Edge| lefts.contains(&edge.left) && rights.contains(&edge.right);
    let shared: f64 = edges.iter().filter(within).map(|edge| edge.shared).sum();
    if left + right > shared { shared / (left + right - shared) } else { 0.0 }
}

/// Takes a tangle apart.
pub(crate) fn best(edges: &[Edge], lefts: &[u32], rights: &[u32]) -> Parts {
    let count = lefts.len() + rights.len();
    if count > EXACT_MAX {
        return pairs(edges);
    }
    let mut search = Search { edges, lefts, rights, best: None, second: f64::NEG_INFINITY };
    search.place(&mut Vec::with_capacity(count), 0);
    let Some((worth, groups)) = search.best else { return Parts { groups: Vec::new(), doubt: 1.0 } };
    Parts { groups, doubt: (1.0 - (worth - search.second)).clamp(0.0, 1.0) }
}

type Groups = Vec<(Vec<u32>, Vec<u32>)>;

struct Search<'a> {
    edges: &'a [Edge],
    lefts: &'a [u32],
    rights: &'a [u32],
    best: Option<(f64, Groups)>,
    second: f64,
}

impl Search<'_> {
    /// Every way to put the next record into a case that exists or into a new one.
    fn place(&mut self, chosen: &mut Vec<usize>, cases: usize) {
        if chosen.len() == self.lefts.len() + self.rights.len() {
            return self.weigh(chosen, cases);
        }
        for case in 0..=cases {
            chosen.push(case);
            self.place(chosen, cases.max(case + 1));
            chosen.pop();
        }
    }

    fn weigh(&mut self, chosen: &[usize], cases: usize) {
        let mut groups: Groups = vec![(Vec::new(), Vec::new()); cases];
        for (at, case) in chosen.iter().enumerate() {
            match self.lefts.get(at) {
                Some(left) => groups[*case].0.push(*left),
                None => groups[*case].1.push(self.rights[at - self.lefts.len()]),
            }
        }
        let mut worth = 0.0;
        for (lefts, rights) in &groups {
            match (lefts.len(), rights.len()) {
                (0, 1) | (1, 0) => worth -= ALONE_PRICE,
                (0, _) | (_, 0) => return,
                _ => match jaccard(self.edges, lefts, rights) {
                    // Records that cover nothing of one another are no case, however cheap that would be.
                    share if share > 0.0 => worth += share - GROUP_PRICE,
                    _ => return,
                },
            }
        }
        match &self.best {
            Some((most, _)) if worth <= *most => self.second = self.second.max(worth),
            _ => {
                let before = self.best.replace((worth, groups));
                self.second = self.second.max(before.map_or(f64::NEG_INFINITY, |(worth, _)| worth));
            }
        }
    }
}

/// Pairs by the largest share of the union; what is left joins the pair that covers it.
fn pairs(edges: &[Edge]) -> Parts {
    let mut order: Vec<&Edge> = edges.iter().collect();
    order.sort_by(|a, b| b.iou.total_cmp(&a.iou).then((a.left, a.right).cmp(&(b.left, b.right))));
    let mut groups: Groups = Vec::new();
    for edge in order {
        let of_left = groups.iter().position(|(lefts, _)| lefts.contains(&edge.left));
        let of_right = groups.iter().position(|(_, rights)| rights.contains(&edge.right));
        match (of_left, of_right) {
            (None, None) if edge.iou > 0.15 => groups.push((vec![edge.left], vec![edge.right])),
            (Some(at), None) if edge.of_right > 0.6 => groups[at].1.push(edge.right),
            (None, Some(at)) if edge.of_left > 0.6 => groups[at].0.push(edge.left),
            _ => {}
        }
    }
    for (lefts, rights) in &mut groups {
        lefts.sort_unstable();
        rights.sort_unstable();
    }
    Parts { groups, doubt: 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_covers_nothing_of_one_another_is_no_case() {
        let edge = |left: u32, right: u32, of_left: f64, of_right: f64, iou: f64| Edge {
            left,
            right,
            shared: 1_000.0 * of_left,
            of_left,
            of_right,
            iou,
        };
        // What is left over on both sides touches only the pair in the middle.
        let edges = [edge(0, 0, 0.9, 0.9, 0.8), edge(0, 1, 0.1, 0.3, 0.08), edge(1, 0, 0.3, 0.1, 0.08)];
        let parts = best(&edges, &[0, 1], &[0, 1]);
        assert!(!parts.groups.is_empty());
        for (lefts, rights) in parts.groups {
            let within = |edge: &Edge| lefts.contains(&edge.left) && rights.contains(&edge.right);
            assert!(lefts.is_empty() || rights.is_empty() || edges.iter().any(within), "{lefts:?} {rights:?}");
        }
    }
}
