//! Splits and merges that are sure, where they may be stated without asking.

use std::collections::BTreeSet;

use crate::reconcile::Policy;
use crate::reconcile::assemble::Bench;
use crate::reconcile::decide::{self, GroupFacts};
use crate::reconcile::evidence::Agreement;
use crate::reconcile::graph::Edge;
use crate::reconcile::outcome::Status;
use crate::reconcile::relation::Case;

/// A record of either side, by its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Member {
    Left(u32),
    Right(u32),
}

/// What lies around the cases.
pub(crate) struct Surroundings {
    /// Edges by their right record; those of the bench are by their left one.
    by_right: Vec<Edge>,
    /// Records that repeat others, and those that are repeated.
    repeats: BTreeSet<Member>,
}

impl Surroundings {
    /// `None` where groups are asked about anyway.
    pub(crate) fn new(bench: &Bench<'_>, repeats: BTreeSet<Member>) -> Option<Self> {
        (bench.policy == Policy::Groups).then(|| {
            let mut by_right = bench.edges.to_vec();
            by_right.sort_by_key(|edge| (edge.right, edge.left));
            Self { by_right, repeats }
        })
    }

    /// Whether a split or a merge is certain enough to be stated without asking. Re-cuts never are.
    pub(crate) fn status(&self, bench: &Bench<'_>, case: &Case) -> Status {
        let split = case.lefts.len() == 1;
        if !split && case.rights.len() != 1 || case.edges.len() != case.lefts.len() * case.rights.len() {
            return Status::Review;
        }
        // Shares of the whole and of the piece.
        let shares = |edge: &Edge| if split { (edge.of_left, edge.of_right) } else { (edge.of_right, edge.of_left) };
        let least = |of: &dyn Fn(&Edge) -> f64| case.edges.iter().map(of).fold(1.0, f64::min);
        let likenesses: Vec<_> = case.edges.iter().map(|edge| bench.likeness(edge.left, edge.right)).collect();
        let against = likenesses.iter().any(|likeness| {
            let (same, differs) = likeness.witnesses();
            likeness.street == Agreement::Differs || differs.len() > same.len()
        });
        let members =
            case.lefts.iter().map(|at| Member::Left(*at)).chain(case.rights.iter().map(|at| Member::Right(*at)));
        let members: Vec<Member> = members.collect();
        decide::group(&GroupFacts {
            jaccard: case.jaccard(),
            covered: case.edges.iter().map(|edge| shares(edge).0).sum(),
            within: least(&|edge| shares(edge).1),
            piece: least(&|edge| shares(edge).0),
            intruded: members.iter().map(|member| self.intruded(bench, case, *member)).fold(0.0, f64::max),
            named: likenesses.iter().filter(|likeness| likeness.is_named_alike()).count(),
            against: against || case.rights.iter().any(|right| called_elsewhere(bench, case, *right)),
            odd: members.iter().any(|member| self.repeats.contains(member) || is_odd(bench, *member)),
        })
    }

    /// The largest share of the record that one outside of the case covers, or of one that is covered by it.
    fn intruded(&self, bench: &Bench<'_>, case: &Case, member: Member) -> f64 {
        let (edges, from) = match member {
            Member::Left(at) => (bench.edges, bench.edges.partition_point(|edge| edge.left < at)),
            Member::Right(at) => (&self.by_right[..], self.by_right.partition_point(|edge| edge.right < at)),
        };
        let of = |edge: &&Edge| match member {
            Member::Left(at) => edge.left == at,
            Member::Right(at) => edge.right == at,
        };
        let outside = |edge: &&Edge| !(case.lefts.contains(&edge.left) && case.rights.contains(&edge.right));
        edges[from..].iter().take_while(of).filter(outside).map(Edge::most).fold(0.0, f64::max)
    }
}

/// Whether the row has the name of an area that is not in the case.
fn called_elsewhere(bench: &Bench<'_>, case: &Case, right: u32) -> bool {
    let name = bench.right.features[right as usize].name();
    name.is_some_and(|name| bench.left.lists.names.of(name.key_hash()).any(|area| !case.lefts.contains(&area)))
}

fn is_odd(bench: &Bench<'_>, member: Member) -> bool {
    let (features, moved) = match member {
        Member::Left(at) => (&bench.left.features[at as usize], false),
        Member::Right(at) => (&bench.right.features[at as usize], bench.right.odd[at as usize]),
    };
    moved || features.is_range() || features.other_use()
}
