//! The catalogue of issue types.

use crate::model::Text;

/// Whether a finding keeps a delivery from being published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// It does, until it is put right or excepted.
    MustFix,
    /// It does not.
    FixLater,
}

/// Who is to put it right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The tech bureau (科信局): outlines and files.
    Bureau,
    /// The street: names, committees, what is on the ground.
    Street,
    /// The district: codes, managers, the register itself.
    District,
}

/// A type of issue.
#[derive(Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its name in the API and in exceptions, never changed: `self-intersection`.
    pub id: &'static str,
    /// How much it weighs.
    pub severity: Severity,
    /// Who is to put it right.
    pub side: Side,
    /// What it is called, in a few words.
    pub title: Text,
    /// What is wrong, with `{name}` where a parameter stands.
    pub wrong: Text,
    /// How to put it right.
    pub fix: Text,
}
