//! What the matcher answers.

use crate::reconcile::placing::Placing;
use crate::reconcile::reason::Reason;

/// How the records of a statement belong together, seen from the left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// One is the other.
    OneToOne,
    /// One on the left is several on the right.
    OneToMany,
    /// Several on the left are one on the right.
    ManyToOne,
    /// Several are several others, cut anew.
    ManyToMany,
    /// One repeats another record of its own side.
    Duplicate,
    /// Only the left has it.
    LeftOnly,
    /// Only the right has it.
    RightOnly,
}

impl Relation {
    /// Every relation, in the order of the reports.
    pub const ALL: [Self; 7] = [
        Self::OneToOne,
        Self::OneToMany,
        Self::ManyToOne,
        Self::ManyToMany,
        Self::Duplicate,
        Self::LeftOnly,
        Self::RightOnly,
    ];

    /// Its key in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::OneToOne => "1:1",
            Self::OneToMany => "1:n",
            Self::ManyToOne => "n:1",
            Self::ManyToMany => "n:m",
            Self::Duplicate => "dup",
            Self::LeftOnly => "left_only",
            Self::RightOnly => "right_only",
        }
    }

    /// The same seen from the right.
    pub fn mirrored(self) -> Self {
        match self {
            Self::OneToMany => Self::ManyToOne,
            Self::ManyToOne => Self::OneToMany,
            Self::LeftOnly => Self::RightOnly,
            Self::RightOnly => Self::LeftOnly,
            other => other,
        }
    }
}

/// Whether somebody has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The evidence is overwhelming.
    Auto,
    /// A person decides.
    Review,
}

impl Status {
    /// Its key in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Review => "review",
        }
    }
}

/// One proposal: a pair of records, or a record that has no partner.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Position of the left record in its list.
    pub left: Option<usize>,
    /// Position of the right record in its list.
    pub right: Option<usize>,
    /// How they belong together.
    pub relation: Relation,
    /// Number of the case; statements of one case are decided together.
    pub group: usize,
    /// Whether somebody has to look.
    pub status: Status,
    /// Whether the boundary changed, beyond the noise of drawing.
    pub drift: bool,
    /// How likely the statement is true, 0 to 1.
    pub probability: f64,
    /// Square metres that only one of the two outlines covers, after the shift of the delivery was taken off; `None` without
    /// two outlines.
    pub difference_m2: Option<f64>,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
}

/// A field in which the two records of a 1:1 pair disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Position of the left record.
    pub left: usize,
    /// Position of the right record.
    pub right: usize,
    /// Which field.
    pub field: Field,
    /// What the left says, in its own words.
    pub left_value: String,
    /// What the right says, in its own words.
    pub right_value: String,
    /// Whose word counts more for this field.
    pub suggestion: Suggestion,
}

/// Fields that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// How it is managed.
    Management,
    /// Which committee it has.
    Committee,
    /// Who manages it.
    Company,
    /// How many households it has.
    Households,
}

impl Field {
    /// Its key in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Management => "mgmt_type",
            Self::Committee => "committee",
            Self::Company => "company",
            Self::Households => "households",
        }
    }
}

/// What to do about a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suggestion {
    /// Keep what the left says.
    Left,
    /// Take what the right says.
    Right,
    /// Neither source is better: ask.
    Ask,
}

impl Suggestion {
    /// Its key in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Ask => "ask",
        }
    }
}

/// How rows of a source in a place were brought onto the left side's map.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// Source of the rows.
    pub source: String,
    /// Street in which they lie, as the left side names it; empty where it names none.
    pub street: String,
    /// Key of the system they were read in.
    pub system: &'static str,
    /// What was taken off, metres east and north.
    pub shift_m: (f64, f64),
    /// Rows with a place.
    pub rows: usize,
    /// Rows whose place agrees with the left side afterwards.
    pub agreeing: usize,
}

/// Weights of one kind of evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// What is compared.
    pub evidence: &'static str,
    /// How alike.
    pub level: String,
    /// Bits for a match; negative ones speak against it.
    pub bits: f64,
    /// Whether it was estimated on the data; a weight of few observations is the one that was known before.
    pub learned: bool,
}

/// Everything the matcher found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome {
    /// Statements: by case, then by position.
    pub statements: Vec<Statement>,
    /// Conflicts of the 1:1 pairs.
    pub conflicts: Vec<Conflict>,
    /// How the right side was brought onto the left one's map.
    pub alignments: Vec<Alignment>,
    /// What the whole right side was carried by, metres east and north; 0 when the streets alone explain it.
    pub shift_m: (f64, f64),
    /// Turn of the whole right side that was taken off, degrees counter-clockwise.
    pub turn_deg: f64,
    /// Weights of the evidence in this run.
    pub weights: Vec<Weight>,
    /// Typical distance between two drawings of one boundary, metres.
    pub noise_m: f64,
    /// How each row of the right side was brought onto the left one's map, by position.
    pub placings: Vec<Placing>,
}
