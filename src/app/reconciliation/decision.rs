//! What somebody said of a case, as it is kept: a document under the case's key.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::{DeliveryId, Revision};

/// What is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// What the delivery says is entered.
    Accept,
    /// The register stays as it is.
    Keep,
    /// Neither is right: the register stays as it is, and the street finds out.
    BothWrong,
    /// Field by field.
    Fields,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 4] = [Self::Accept, Self::Keep, Self::BothWrong, Self::Fields];

    /// Its key in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Keep => "keep",
            Self::BothWrong => "both_wrong",
            Self::Fields => "fields",
        }
    }

    /// The verdict of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.key() == key)
    }
}

/// Why it is decided so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecisionReason {
    /// A plan or a document of delimitation says so.
    Plan,
    /// It was surveyed.
    Survey,
    /// The street has confirmed it.
    StreetConfirmed,
    /// One source is the better one.
    BetterSource,
    /// One side is out of date.
    Outdated,
    /// The difference is noise of drawing.
    DrawingNoise,
    /// It is no property-management area.
    NotAnArea,
    /// Something else; a note says what.
    Other,
}

impl DecisionReason {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Plan,
        Self::Survey,
        Self::StreetConfirmed,
        Self::BetterSource,
        Self::Outdated,
        Self::DrawingNoise,
        Self::NotAnArea,
        Self::Other,
    ];

    /// Its key in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Survey => "survey",
            Self::StreetConfirmed => "street_confirmed",
            Self::BetterSource => "better_source",
            Self::Outdated => "outdated",
            Self::DrawingNoise => "drawing_noise",
            Self::NotAnArea => "not_an_area",
            Self::Other => "other",
        }
    }

    /// The reason of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.key() == key)
    }
}

/// Whose word is taken for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The register's.
    Ours,
    /// The delivery's.
    Theirs,
}

/// A difference that was decided to stay: it is not asked again while both say the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Kept {
    /// Code of the area.
    pub code: String,
    /// Key of the field.
    pub field: String,
    /// What the register says.
    pub ours: String,
    /// What the sender says.
    pub theirs: String,
}

/// What became of a task of a committee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Nobody has answered.
    Open,
    /// The street has answered.
    Answered,
    /// Somebody will answer later.
    Deferred,
}

impl TaskState {
    /// Its key in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Deferred => "deferred",
        }
    }

    /// The state of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Open, Self::Answered, Self::Deferred].into_iter().find(|state| state.key() == key)
    }
}

/// What is answered to the question whether a committee still works for its area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It works on as it is.
    StillValid,
    /// It was, or will be, adjusted to the new boundary.
    Adjusted,
    /// It is answered later.
    Deferred,
}

impl Answer {
    /// Its key in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::StillValid => "still_valid",
            Self::Adjusted => "adjusted",
            Self::Deferred => "deferred",
        }
    }

    /// The answer of that key.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::StillValid, Self::Adjusted, Self::Deferred].into_iter().find(|answer| answer.key() == key)
    }
}

/// The question to the street whether the committee of an area whose boundary changes still works for it (Beijing property
/// ordinance, art. 29: one boundary, one owners' assembly).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// What became of it.
    pub state: TaskState,
    /// What was answered.
    pub answer: Option<Answer>,
    /// Who answered, or will.
    pub name: Option<String>,
    /// When it was answered.
    pub dated: Option<Date>,
    /// Until when it is put off.
    pub until: Option<Date>,
    /// Free remark.
    #[serde(default)]
    pub note: String,
}

impl Task {
    /// One that nobody has answered.
    pub fn open() -> Self {
        Self { state: TaskState::Open, answer: None, name: None, dated: None, until: None, note: String::new() }
    }
}

/// That a decision does not hold any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Who took it back.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The record that took back what it had entered; `None` where it had entered nothing.
    pub revision: Option<u64>,
}

/// The publication that entered a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entered {
    /// Number of the delivery that was published.
    pub delivery: u32,
    /// Its record.
    pub revision: u64,
}

/// What somebody said of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What is decided.
    pub verdict: Verdict,
    /// Whose word is taken, by the key of the field; for [`Verdict::Fields`].
    #[serde(default)]
    pub fields: BTreeMap<String, Whose>,
    /// Why.
    pub reason: DecisionReason,
    /// Free remark.
    #[serde(default)]
    pub note: String,
    /// Who decided.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Number of the delivery on which it was decided first.
    pub delivery: u32,
    /// Who delivered.
    pub sender: String,
    /// Codes of the areas of the case.
    pub ours: Vec<String>,
    /// Differences that stay.
    #[serde(default)]
    pub kept: Vec<Kept>,
    /// The question to the street, where there is one.
    #[serde(default)]
    pub task: Option<Task>,
    /// The publication that entered something of the case.
    #[serde(default)]
    pub entered: Option<Entered>,
    /// That it does not hold any more.
    #[serde(default)]
    pub undone: Option<Taken>,
}

impl Decision {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.undone.is_none()
    }

    /// The text of its document.
    pub(super) fn body(&self) -> String {
        serde_json::to_string(self).expect("a decision with texts as keys is always JSON")
    }

    /// Whether it was decided on another delivery.
    pub fn is_replayed(&self, delivery: DeliveryId) -> bool {
        self.delivery != delivery.0
    }

    /// Whether anything of the case is to be entered.
    pub fn enters(&self) -> bool {
        match self.verdict {
            Verdict::Accept => true,
            Verdict::Fields => self.fields.values().any(|whose| *whose == Whose::Theirs),
            Verdict::Keep | Verdict::BothWrong => false,
        }
    }

    /// The same, taken back.
    pub(super) fn undone_by(self, by: &str, at: Timestamp, revision: Option<Revision>) -> Self {
        let revision = revision.map(|revision| revision.0);
        Self { undone: Some(Taken { by: by.to_owned(), at, revision }), ..self }
    }
}
