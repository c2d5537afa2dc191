//! Statements made into cases: what is decided as a whole, in eight classes whose counts add up to both sides.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::reconcile::outcome::{Outcome, Relation, Statement, Status};
use crate::reconcile::reason::Reason;

/// Outlines are nearly identical from this share of their union on that both cover.
pub const NEAR_IDENTICAL_IOU: f64 = 0.95;

/// Outlines are nearly identical when fewer square metres than these are covered by one of them only.
pub const NEAR_IDENTICAL_M2: f64 = 100.0;

/// Characters of a key.
const KEY_CHARS: usize = 32;

/// What a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// One is the other, and the boundary is as it was but for the noise of drawing.
    Same,
    /// One is the other, with another boundary.
    Redrawn,
    /// One of the left is several of the right.
    Split,
    /// Several of the left are one of the right.
    Merge,
    /// Several are several others, cut anew.
    Recut,
    /// A record that repeats another one of its side.
    Duplicate,
    /// Only the left has it.
    Missing,
    /// Only the right has it.
    New,
}

impl Class {
    /// Every class, in the order of the summary.
    pub const ALL: [Self; 8] =
        [Self::Same, Self::Redrawn, Self::Split, Self::Merge, Self::Recut, Self::Duplicate, Self::Missing, Self::New];

    /// Its key in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Redrawn => "redrawn",
            Self::Split => "split",
            Self::Merge => "merge",
            Self::Recut => "recut",
            Self::Duplicate => "duplicate",
            Self::Missing => "missing",
            Self::New => "new",
        }
    }

    /// The class of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.key() == key)
    }

    /// Whether one record of each side is the other.
    pub fn is_pair(self) -> bool {
        matches!(self, Self::Same | Self::Redrawn)
    }

    /// Whether areas take the place of others.
    pub fn is_lineage(self) -> bool {
        matches!(self, Self::Split | Self::Merge | Self::Recut)
    }
}

/// What accepting a case changes first of all; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Consequence {
    /// A rate: an area begins or ends, or its management or committee is another.
    Rate,
    /// The street that an area is counted in.
    Street,
    /// Ground.
    Area,
    /// A value that no rate counts.
    Attribute,
    /// Nothing.
    None,
}

impl Consequence {
    /// Every consequence, the gravest first.
    pub const ALL: [Self; 5] = [Self::Rate, Self::Street, Self::Area, Self::Attribute, Self::None];

    /// Its key in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Street => "street",
            Self::Area => "area",
            Self::Attribute => "attribute",
            Self::None => "none",
        }
    }

    /// The consequence of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|consequence| consequence.key() == key)
    }
}

/// What is decided as a whole. Every record of either side is a member of exactly one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// What it is.
    pub class: Class,
    /// Its records of the left side, by position.
    pub lefts: Vec<usize>,
    /// Its records of the right side, by position.
    pub rights: Vec<usize>,
    /// What a copy repeats: a record of the other side that is a member of another case. `None` but for copies.
    pub repeats: Option<usize>,
    /// Whether somebody has to look.
    pub status: Status,
    /// How likely its weakest statement is, 0 to 1.
    pub probability: f64,
    /// Square metres that only one of two outlines covers.
    pub difference_m2: Option<f64>,
    /// Share of the union that two outlines both cover.
    pub iou: Option<f64>,
    /// Why, the weightiest first; of several statements without what was said before.
    pub reasons: Vec<Reason>,
}

impl Case {
    /// Whether it is a pair of which the outlines are nearly identical: such cases may be decided together.
    pub fn is_near_identical(&self) -> bool {
        self.class.is_pair()
            && self.iou.is_some_and(|iou| iou >= NEAR_IDENTICAL_IOU)
            && self.difference_m2.is_some_and(|m2| m2 < NEAR_IDENTICAL_M2)
    }

    /// The relation of its members, as files tell it.
    pub fn relation(&self) -> Relation {
        match self.class {
            Class::Same | Class::Redrawn => Relation::OneToOne,
            Class::Split => Relation::OneToMany,
            Class::Merge => Relation::ManyToOne,
            Class::Recut => Relation::ManyToMany,
            Class::Duplicate => Relation::Duplicate,
            Class::Missing => Relation::LeftOnly,
            Class::New => Relation::RightOnly,
        }
    }
}

/// The cases of an outcome over lists of `counts` records on the left and on the right, by their first members.
///
/// A copy is a case of its own, beside the case of what it repeats. A record that no statement names stands alone.
pub fn cases(outcome: &Outcome, counts: (usize, usize)) -> Vec<Case> {
    let (copies, told): (Vec<&Statement>, Vec<&Statement>) =
        outcome.statements.iter().partition(|statement| statement.relation == Relation::Duplicate);
    let mut groups = Groups::new(counts);
    for statement in &told {
        if let (Some(left), Some(right)) = (statement.left, statement.right) {
            groups.join(left, counts.0 + right);
        }
    }
    let mut of_root: BTreeMap<usize, Vec<&Statement>> = BTreeMap::new();
    for statement in told {
        let member = statement.left.or(statement.right.map(|right| counts.0 + right));
        if let Some(member) = member {
            of_root.entry(groups.root(member)).or_default().push(statement);
        }
    }
    let (mut lefts, mut rights) = (BTreeSet::new(), BTreeSet::new());
    let mut cases: Vec<Case> = Vec::new();
    for statements in of_root.into_values() {
        let case = group(&statements);
        lefts.extend(case.lefts.iter().copied());
        rights.extend(case.rights.iter().copied());
        cases.push(case);
    }
    for statement in copies {
        let (Some(left), Some(right)) = (statement.left, statement.right) else { continue };
        let copy = |lefts, rights, repeats| Case {
            lefts,
            rights,
            repeats: Some(repeats),
            ..of_statements(Class::Duplicate, &[statement])
        };
        if rights.insert(right) {
            cases.push(copy(Vec::new(), vec![right], left));
        } else if lefts.insert(left) {
            cases.push(copy(vec![left], Vec::new(), right));
        }
    }
    let alone = |class| of_statements(class, &[]);
    let missing = (0..counts.0).filter(|at| !lefts.contains(at));
    cases.extend(missing.map(|at| Case { lefts: vec![at], ..alone(Class::Missing) }));
    let new = (0..counts.1).filter(|at| !rights.contains(at));
    cases.extend(new.map(|at| Case { rights: vec![at], ..alone(Class::New) }));
    let none = usize::MAX;
    cases.sort_by_key(|case| (case.lefts.first().copied().unwrap_or(none), case.rights.first().copied()));
    cases
}

/// The case of statements that share records, none of them about a copy.
fn group(statements: &[&Statement]) -> Case {
    let lefts: BTreeSet<usize> = statements.iter().filter_map(|statement| statement.left).collect();
    let rights: BTreeSet<usize> = statements.iter().filter_map(|statement| statement.right).collect();
    let class = match (lefts.len(), rights.len()) {
        (_, 0) => Class::Missing,
        (0, _) => Class::New,
        (1, 1) if statements.iter().any(|statement| statement.drift) => Class::Redrawn,
        (1, 1) => Class::Same,
        (1, _) => Class::Split,
        (_, 1) => Class::Merge,
        _ => Class::Recut,
    };
    Case {
        lefts: lefts.into_iter().collect(),
        rights: rights.into_iter().collect(),
        ..of_statements(class, statements)
    }
}

/// What statements say of a case, without its members.
fn of_statements(class: Class, statements: &[&Statement]) -> Case {
    let mut reasons: Vec<Reason> = Vec::new();
    for reason in statements.iter().flat_map(|statement| &statement.reasons) {
        if !reasons.contains(reason) {
            reasons.push(*reason);
        }
    }
    let iou = reasons.iter().find_map(|reason| if let Reason::Overlap(iou) = reason { Some(*iou) } else { None });
    let asked = statements.is_empty() || statements.iter().any(|statement| statement.status == Status::Review);
    let least = statements.iter().map(|statement| statement.probability).fold(f64::INFINITY, f64::min);
    Case {
        class,
        lefts: Vec::new(),
        rights: Vec::new(),
        repeats: None,
        status: if asked { Status::Review } else { Status::Auto },
        probability: if least.is_finite() { least } else { 0.5 },
        difference_m2: statements.iter().find_map(|statement| statement.difference_m2),
        iou,
        reasons,
    }
}

/// Records that belong together: those of the left side first, then those of the right one.
struct Groups(Vec<usize>);

impl Groups {
    fn new(counts: (usize, usize)) -> Self {
        Self((0..counts.0 + counts.1).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (a, b) = (self.root(one), self.root(other));
        self.0[a.max(b)] = a.min(b);
    }
}

/// A record as a decision remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side<'a> {
    /// Its code; empty where it has none.
    pub code: &'a str,
    /// Fingerprint of its outline as its office has it; empty without one.
    pub outline: &'a str,
    /// What else it says, in one text.
    pub values: &'a str,
}

/// The key of a case: lower-case hexadecimal. The order of the members does not matter; whatever else changes gives another
/// key, so that a decision is remembered exactly as long as neither side changed.
///
/// `sender` is who delivered. The class is part of it: accepting a pair whose boundary changed means more than accepting one
/// of which it did not, and which it is follows from the other rows too.
pub fn case_key(sender: &str, class: Class, lefts: &[Side<'_>], rights: &[Side<'_>]) -> String {
    let mut hasher = Sha256::new();
    let mut add = |text: &str| {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    };
    add(sender);
    add(class.key());
    for side in [lefts, rights] {
        let mut members: Vec<&Side<'_>> = side.iter().collect();
        members.sort_unstable();
        add(&members.len().to_string());
        for Side { code, outline, values } in members {
            [code, outline, values].into_iter().for_each(|text| add(text));
        }
    }
    let digest = hasher.finalize();
    let hex = digest.iter().take(KEY_CHARS / 2).map(|byte| format!("{byte:02x}"));
    hex.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn statement(left: Option<usize>, right: Option<usize>, relation: Relation) -> Statement {
        Statement {
            left,
            right,
            relation,
            group: 0,
            status: Status::Auto,
            drift: false,
            probability: 0.9,
            difference_m2: None,
            reasons: Vec::new(),
        }
    }

    type Told<'a> = (Class, &'a [usize], &'a [usize], Option<usize>);

    #[test]
    fn a_copy_stands_beside_the_pair_that_it_repeats() {
        let statements = vec![
            statement(Some(0), Some(0), Relation::OneToOne),
            statement(Some(0), Some(1), Relation::Duplicate),
            statement(Some(1), Some(2), Relation::OneToOne),
            statement(Some(2), Some(2), Relation::Duplicate),
        ];
        let found = cases(&Outcome { statements, ..Outcome::default() }, (4, 4));
        let told: Vec<Told<'_>> =
            found.iter().map(|case| (case.class, &*case.lefts, &*case.rights, case.repeats)).collect();
        assert_eq!(
            told,
            [
                (Class::Same, &[0][..], &[0][..], None),
                (Class::Same, &[1], &[2], None),
                (Class::Duplicate, &[2], &[], Some(2)),
                (Class::Missing, &[3], &[], None),
                (Class::Duplicate, &[], &[1], Some(0)),
                (Class::New, &[], &[3], None),
            ]
        );
    }

    #[test]
    fn a_key_forgets_the_order_and_nothing_else() {
        let side = |code| Side { code, outline: "o", values: "v" };
        let key = |lefts: &[Side<'_>]| case_key("科信局", Class::Merge, lefts, &[side("r")]);
        let told = key(&[side("a"), side("b")]);
        assert_eq!(told.len(), KEY_CHARS);
        assert_eq!(told, key(&[side("b"), side("a")]));
        assert_ne!(told, key(&[side("ab"), side("")]));
        assert_ne!(told, key(&[side("a"), Side { values: "w", ..side("b") }]));
        let pair = |class| case_key("科信局", class, &[side("a")], &[side("r")]);
        assert_ne!(pair(Class::Same), pair(Class::Redrawn));
        assert_ne!(told, case_key("街乡", Class::Merge, &[side("a"), side("b")], &[side("r")]));
    }

    proptest! {
        #[test]
        fn every_record_is_in_exactly_one_case(
            told in prop::collection::vec((0_usize..12, 0_usize..12, 0_usize..7), 0..30),
        ) {
            let statements: Vec<Statement> = told
                .iter()
                .map(|(left, right, relation)| match Relation::ALL[*relation] {
                    Relation::LeftOnly => statement(Some(*left), None, Relation::LeftOnly),
                    Relation::RightOnly => statement(None, Some(*right), Relation::RightOnly),
                    relation => statement(Some(*left), Some(*right), relation),
                })
                .collect();
            let found = cases(&Outcome { statements, ..Outcome::default() }, (12, 12));
            let mut lefts: Vec<usize> = found.iter().flat_map(|case| case.lefts.clone()).collect();
            let mut rights: Vec<usize> = found.iter().flat_map(|case| case.rights.clone()).collect();
            lefts.sort_unstable();
            rights.sort_unstable();
            prop_assert_eq!(lefts, (0..12).collect::<Vec<_>>());
            prop_assert_eq!(rights, (0..12).collect::<Vec<_>>());
        }
    }
}
