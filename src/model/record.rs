//! Records: every change to the register is made inside one.

use jiff::{Timestamp, civil::Date};

use crate::model::RecordId;

/// Why the register was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// 划分: a boundary was laid down.
    Delimitation,
    /// 普查: a survey round.
    SurveyRound,
    /// A delivered file was published.
    Delivery,
    /// A mistake was put right.
    Correction,
    /// One area became several.
    Split,
    /// Several areas became one.
    Merge,
    /// The border between areas was moved.
    Adjust,
    /// An area got another name.
    Rename,
    /// An area ended and nothing took its place.
    Retirement,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Delimitation,
        Self::SurveyRound,
        Self::Delivery,
        Self::Correction,
        Self::Split,
        Self::Merge,
        Self::Adjust,
        Self::Rename,
        Self::Retirement,
    ];

    /// Name used in tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Delimitation => "delimitation",
            Self::SurveyRound => "survey_round",
            Self::Delivery => "delivery",
            Self::Correction => "correction",
            Self::Split => "split",
            Self::Merge => "merge",
            Self::Adjust => "adjust",
            Self::Rename => "rename",
            Self::Retirement => "retirement",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// Provenance of a change: who said so, on what paper, when.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Number in the store; also the revision it led to.
    pub id: RecordId,
    /// Why.
    pub kind: RecordKind,
    /// Number of the document.
    pub document: String,
    /// Authority that issued it.
    pub authority: String,
    /// Date of the document; the facts are true as of this day.
    pub dated: Date,
    /// Who entered it.
    pub author: String,
    /// When it was entered.
    pub recorded_at: Timestamp,
    /// Free remark.
    pub note: String,
}
