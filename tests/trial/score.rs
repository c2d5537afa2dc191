//! What an outcome is worth beside the truth.

use std::collections::{BTreeMap, BTreeSet};

use onemap::reconcile::{Outcome, Record, Relation, Status};

/// One line of the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueLine {
    pub left: Option<String>,
    pub right: Option<String>,
    pub relation: &'static str,
    pub group: String,
    pub drift: bool,
}

/// The truth of a pair of data sets.
#[derive(Debug, Clone, Default)]
pub struct Truth {
    pub lines: Vec<TrueLine>,
    /// Left code, right code, field.
    pub conflicts: BTreeSet<(String, String, String)>,
}

/// The figures of one run.
#[derive(Debug, Clone, Default)]
pub struct Score {
    pub pair_f1: f64,
    pub relation_accuracy: f64,
    pub groups_exact: f64,
    /// Statements that are wrong and were not put to review.
    pub silent_wrong: Vec<String>,
    /// Share of the rows of both sides that somebody has to look at.
    pub review: f64,
    /// The same of the rows whose true relation is 1:1.
    pub review_of_pairs: f64,
    pub drift_f1: f64,
    pub conflict_f1: f64,
    /// What is wrong, in words.
    pub wrong: Vec<String>,
}

type Pair = (String, String);

/// Left and right code, relation, whether it was stated without asking, drift, case.
type Stated<'a> = (Option<&'a str>, Option<&'a str>, &'static str, bool, bool, usize);

fn f1(found: usize, stated: usize, truth: usize) -> f64 {
    if stated + truth == 0 { 1.0 } else { 2.0 * found as f64 / (stated + truth) as f64 }
}

/// Which row each row repeats does not matter: members of one duplicate group of an area are exchangeable.
pub fn score(outcome: &Outcome, (left, right): (&[Record], &[Record]), truth: &Truth) -> Score {
    let stated: Vec<Stated<'_>> = outcome
        .statements
        .iter()
        .map(|one| {
            let (l, r) = (one.left.map(|at| left[at].id.as_str()), one.right.map(|at| right[at].id.as_str()));
            (l, r, one.relation.key(), one.status == Status::Auto, one.drift, one.group)
        })
        .collect();
    let pair = |l: Option<&str>, r: Option<&str>| -> Option<Pair> { Some((l?.to_owned(), r?.to_owned())) };
    let true_pairs: BTreeMap<Pair, &TrueLine> = truth
        .lines
        .iter()
        .filter_map(|line| Some((pair(line.left.as_deref(), line.right.as_deref())?, line)))
        .collect();
    let said: BTreeMap<Pair, &'static str> =
        stated.iter().filter_map(|one| Some((pair(one.0, one.1)?, one.2))).collect();
    let found = said.keys().filter(|pair| true_pairs.contains_key(*pair)).count();
    let mut score = Score { pair_f1: f1(found, said.len(), true_pairs.len()), ..Score::default() };

    // Rows of an area that has copies: 1:1 and dup may be exchanged among them.
    let copied: BTreeSet<&str> =
        truth.lines.iter().filter(|line| line.relation == "dup").filter_map(|line| line.left.as_deref()).collect();
    let copied_right: BTreeSet<&str> =
        truth.lines.iter().filter(|line| line.relation == "dup").filter_map(|line| line.right.as_deref()).collect();
    let loose = |relation: &'static str, l: Option<&str>, r: Option<&str>| {
        let among = l.is_some_and(|l| copied.contains(l)) || r.is_some_and(|r| copied_right.contains(r));
        if among && matches!(relation, "1:1" | "dup") { "1:1|dup" } else { relation }
    };
    let mut relations: [BTreeMap<String, BTreeSet<&'static str>>; 2] = Default::default();
    let mut partners: [BTreeMap<String, BTreeSet<String>>; 2] = Default::default();
    for line in &truth.lines {
        for (side, own, other) in [(0, &line.left, &line.right), (1, &line.right, &line.left)] {
            if let Some(own) = own {
                let relation = loose(line.relation, line.left.as_deref(), line.right.as_deref());
                relations[side].entry(own.clone()).or_default().insert(relation);
                partners[side].entry(own.clone()).or_default().extend(other.clone());
            }
        }
    }
    let mut said_of: [BTreeMap<String, Vec<usize>>; 2] = Default::default();
    for (at, one) in stated.iter().enumerate() {
        for (side, own) in [(0, one.0), (1, one.1)] {
            if let Some(own) = own {
                said_of[side].entry(own.to_owned()).or_default().push(at);
            }
        }
    }
    let (mut right_relations, mut rows, mut reviewed, mut pair_rows, mut pair_reviewed) =
        (0_usize, 0_usize, 0_usize, 0_usize, 0_usize);
    for side in 0..2 {
        for (own, wanted) in &relations[side] {
            let at: &[usize] = said_of[side].get(own).map_or(&[], Vec::as_slice);
            let said: BTreeSet<&'static str> =
                at.iter().map(|at| loose(stated[*at].2, stated[*at].0, stated[*at].1)).collect();
            let with: BTreeSet<String> = at
                .iter()
                .filter_map(|at| if side == 0 { stated[*at].1 } else { stated[*at].0 }.map(str::to_owned))
                .collect();
            let met = &partners[side][own];
            let right = said == *wanted && (met.is_empty() || met.iter().any(|one| with.contains(one)));
            right_relations += usize::from(right);
            let review = at.iter().any(|at| !stated[*at].3);
            rows += 1;
            reviewed += usize::from(review);
            if wanted.iter().all(|one| *one == "1:1") {
                pair_rows += 1;
                pair_reviewed += usize::from(review);
            }
            if !right {
                score.wrong.push(format!(
                    "{own}: {wanted:?} with {met:?}, stated {said:?} with {with:?}{}",
                    if review { "" } else { " AUTO" }
                ));
            }
        }
    }
    score.relation_accuracy = right_relations as f64 / rows.max(1) as f64;
    score.review = reviewed as f64 / rows.max(1) as f64;
    score.review_of_pairs = pair_reviewed as f64 / pair_rows.max(1) as f64;

    let mut groups: BTreeMap<&str, BTreeSet<Pair>> = BTreeMap::new();
    for line in truth.lines.iter().filter(|line| matches!(line.relation, "1:n" | "n:1" | "n:m" | "dup" | "1:1")) {
        groups.entry(&line.group).or_default().extend(pair(line.left.as_deref(), line.right.as_deref()));
    }
    let complex: BTreeSet<&str> = truth
        .lines
        .iter()
        .filter(|line| matches!(line.relation, "1:n" | "n:1" | "n:m" | "dup"))
        .map(|line| line.group.as_str())
        .collect();
    let mut said_groups: BTreeMap<usize, BTreeSet<Pair>> = BTreeMap::new();
    for one in &stated {
        said_groups.entry(one.5).or_default().extend(pair(one.0, one.1));
    }
    let said_groups: BTreeSet<&BTreeSet<Pair>> = said_groups.values().collect();
    let exact = complex.iter().filter(|group| said_groups.contains(&groups[*group])).count();
    score.groups_exact = if complex.is_empty() { 1.0 } else { exact as f64 / complex.len() as f64 };
    for group in complex.iter().filter(|group| !said_groups.contains(&groups[*group])) {
        score.wrong.push(format!("group {group}: {:?}", groups[group]));
    }

    for one in stated.iter().filter(|one| one.3) {
        let sound = match pair(one.0, one.1) {
            Some(pair) => true_pairs
                .get(&pair)
                .is_some_and(|line| loose(line.relation, one.0, one.1) == loose(one.2, one.0, one.1)),
            None => truth.lines.iter().any(|line| (line.left.as_deref(), line.right.as_deref()) == (one.0, one.1)),
        };
        if !sound {
            score.silent_wrong.push(format!("{:?} {:?} {}", one.0, one.1, one.2));
        }
    }

    let true_drift: BTreeSet<&Pair> =
        true_pairs.iter().filter(|(_, line)| line.relation == "1:1" && line.drift).map(|(pair, _)| pair).collect();
    let said_drift: BTreeSet<Pair> = stated.iter().filter(|one| one.4).filter_map(|one| pair(one.0, one.1)).collect();
    let both = said_drift.iter().filter(|pair| true_drift.contains(*pair)).count();
    score.drift_f1 = f1(both, said_drift.len(), true_drift.len());
    for pair in said_drift.iter().filter(|pair| !true_drift.contains(*pair)) {
        score.wrong.push(format!("drift stated: {pair:?}"));
    }
    for pair in true_drift.iter().filter(|pair| !said_drift.contains(**pair)) {
        score.wrong.push(format!("drift missed: {pair:?}"));
    }

    let conflicts: BTreeSet<(String, String, String)> = outcome
        .conflicts
        .iter()
        .map(|one| (left[one.left].id.clone(), right[one.right].id.clone(), one.field.key().to_owned()))
        .collect();
    let both = conflicts.intersection(&truth.conflicts).count();
    score.conflict_f1 = f1(both, conflicts.len(), truth.conflicts.len());
    score
}

impl Score {
    /// The figures in one line.
    pub fn line(&self) -> String {
        format!(
            "pairs {:.4} relations {:.4} groups {:.3} silent {} review {:.3} (of 1:1 {:.3}) drift {:.3} conflicts {:.3}",
            self.pair_f1,
            self.relation_accuracy,
            self.groups_exact,
            self.silent_wrong.len(),
            self.review,
            self.review_of_pairs,
            self.drift_f1,
            self.conflict_f1
        )
    }
}

/// The relation of a key.
pub fn relation(key: &str) -> &'static str {
    Relation::ALL.iter().map(|relation| relation.key()).find(|known| *known == key).unwrap_or("?")
}
