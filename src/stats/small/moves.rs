//! Moves: other registers in which what is told is the same.

use crate::stats::small::scope::{CLASSES, Change, ItemAt, Scope};

/// Something held back that must not follow from what is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) scope: usize,
    pub(super) item: ItemAt,
}

/// What is otherwise in one or two streets.
#[derive(Debug, Clone)]
pub(super) struct Move(Vec<(usize, Change)>);

impl Move {
    /// The change of each scope, that of the district at last.
    pub(super) fn parts(&self, district: usize) -> Vec<(usize, Change)> {
        let net = self.0.iter().fold(Change::default(), |net, (_, change)| net.plus(change));
        let mut parts = self.0.clone();
        parts.push((district, net));
        parts
    }

    fn cost(&self, scopes: &[Scope]) -> Option<u64> {
        self.parts(scopes.len() - 1).iter().map(|(at, change)| scopes[*at].cost(change)).sum()
    }
}

/// The move that changes what must be protected and costs least, that is, for which least must be held back besides what is
/// already; `None` where there is none.
pub(super) fn cheapest(scopes: &[Scope], target: Target) -> Option<(u64, Move)> {
    let mut best: Option<(u64, Move)> = None;
    if target.scope != scopes.len() - 1 {
        return in_street(scopes, target);
    }
    let mut consider = |found: Move| {
        if let Some(cost) = found.cost(scopes)
            && best.as_ref().is_none_or(|(least, _)| cost < *least)
        {
            best = Some((cost, found));
        }
        matches!(best, Some((0, _)))
    };
    in_district(scopes, target, &mut consider);
    best
}

/// Every exchange of one class for another that changes an item.
fn exchanges(item: ItemAt) -> impl Iterator<Item = Change> {
    let pairs = (0..CLASSES).flat_map(|to| (0..CLASSES).filter(move |from| *from != to).map(move |from| (to, from)));
    pairs.map(|(to, from)| Change::exchange(to, from)).filter(move |change| change.item(item) != 0)
}

/// One street and another the other way round: the district stays.
fn in_street(scopes: &[Scope], Target { scope, item }: Target) -> Option<(u64, Move)> {
    let changes: Vec<Change> = match item {
        ItemAt::Areas => (0..CLASSES)
            .flat_map(|class| {
                let mut more = Change::default();
                more.0[class] = 1;
                [more, more.reversed()]
            })
            .collect(),
        _ => exchanges(item).collect(),
    };
    let mut best: Option<(u64, Move)> = None;
    let least = |best: &Option<(u64, Move)>| best.as_ref().map_or(u64::MAX, |(cost, _)| *cost);
    for change in changes {
        let Some(own) = scopes[scope].cost(&change).filter(|own| *own < least(&best)) else { continue };
        for other in (0..scopes.len() - 1).filter(|other| *other != scope) {
            let reversed = change.reversed();
            if let Some(cost) = scopes[other].cost(&reversed).map(|cost| own + cost)
                && cost < least(&best)
            {
                best = Some((cost, Move(vec![(scope, change), (other, reversed)])));
                if cost == 0 {
                    return best;
                }
            }
        }
    }
    best
}

/// One street alone, or two classes of one kind of management for two of the other, so that the district has as many of
/// each management and of each organisation.
fn in_district(scopes: &[Scope], Target { item, .. }: Target, consider: &mut impl FnMut(Move) -> bool) -> bool {
    let streets = 0..scopes.len() - 1;
    let alone = |change: Change, consider: &mut dyn FnMut(Move) -> bool| {
        streets.clone().any(|street| consider(Move(vec![(street, change)])))
    };
    if let ItemAt::Cell(class) = item
        && class < 8
    {
        for other in (0..4).map(|status| class / 4 * 4 + status).filter(|other| *other != class) {
            for first in [Change::exchange(class, other), Change::exchange(other, class)] {
                let across = |class: usize| (class + 4) % 8;
                let second = match first.0[class] {
                    1 => Change::exchange(across(other), across(class)),
                    _ => Change::exchange(across(class), across(other)),
                };
                if alone(first.plus(&second), consider) {
                    return true;
                }
                let able = |change: &Change| {
                    let mut able: Vec<(u64, usize)> =
                        streets.clone().filter_map(|street| Some((scopes[street].cost(change)?, street))).collect();
                    able.sort_unstable();
                    able.truncate(2);
                    able
                };
                for (_, one) in able(&first) {
                    for (_, another) in able(&second).into_iter().filter(|(_, another)| *another != one) {
                        if consider(Move(vec![(one, first), (another, second)])) {
                            return true;
                        }
                    }
                }
            }
        }
    }
    exchanges(item).any(|change| alone(change, consider))
}
