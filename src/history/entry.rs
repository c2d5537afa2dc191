//! Entries: what one record puts into the register.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::history::{AreaFact, Assignment, AuditDraft, CommitteeFact, Fact, Key};
use crate::ingest::ChangeSet;
use crate::model::{AreaCode, Origin, RecordKind, Revision, Validity};

/// A record that has no number yet.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRecord {
    /// Why.
    pub kind: RecordKind,
    /// Number of the document.
    pub document: String,
    /// Authority that issued it.
    pub authority: String,
    /// Date of the document.
    pub dated: Date,
    /// Who enters it.
    pub author: String,
    /// When it is entered; kept to the millisecond.
    pub recorded_at: Timestamp,
    /// Free remark.
    pub note: String,
    /// The client's own number of the request. A second record of the same number is not entered: the client asks again
    /// because it never heard the answer, and gets the revision of the first.
    pub request: Option<String>,
}

/// One change on the valid clock.
#[derive(Debug, Clone, PartialEq)]
pub enum Put {
    /// Something whose code was never used is true in the period.
    New {
        /// The fact.
        fact: Fact,
        /// When it is true.
        valid: Validity,
    },
    /// Something known is so in the period; what was known of it outside the period stays.
    Set {
        /// The fact.
        fact: Fact,
        /// When it is true.
        valid: Validity,
    },
    /// In the period there is no such thing.
    End {
        /// What.
        key: Key,
        /// When it is not.
        valid: Validity,
    },
}

impl Put {
    /// What it is about.
    pub fn key(&self) -> Key {
        match self {
            Self::New { fact, .. } | Self::Set { fact, .. } => fact.key(),
            Self::End { key, .. } => key.clone(),
        }
    }

    /// The days it is about.
    pub fn valid(&self) -> Validity {
        match self {
            Self::New { valid, .. } | Self::Set { valid, .. } | Self::End { valid, .. } => *valid,
        }
    }

    /// What is then true, `None` for an end.
    pub fn fact(&self) -> Option<&Fact> {
        match self {
            Self::New { fact, .. } | Self::Set { fact, .. } => Some(fact),
            Self::End { .. } => None,
        }
    }
}

/// An area took the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lineage {
    /// The area that was there before.
    pub predecessor: AreaCode,
    /// The area that is there now.
    pub successor: AreaCode,
    /// First day of the successor.
    pub from: Date,
}

/// What the author of an entry had before their eyes. The entry is refused when it was changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The area.
    pub area: AreaCode,
    /// The revision they looked at.
    pub at: Revision,
}

/// Everything that one record changes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Entry {
    /// Changes, in the order they are applied.
    pub puts: Vec<Put>,
    /// Who follows whom.
    pub lineage: Vec<Lineage>,
    /// What must not have been changed meanwhile.
    pub seen: Vec<Seen>,
    /// The revision it was worked out on: it is refused unless this is still the latest one.
    pub basis: Option<Revision>,
    /// The delivery that it publishes or takes back.
    pub origin: Option<Origin>,
    /// What the audit log says of it; entered in the transaction of the record.
    pub audit: Vec<AuditDraft>,
}

impl From<&ChangeSet> for Entry {
    /// Everything of a checked delivery as new. Kinds come in the order of their references, codes in order within a kind.
    fn from(changes: &ChangeSet) -> Self {
        let always = Validity::default();
        let new = |fact: Fact| Put::New { fact, valid: always };
        let mut puts: Vec<Put> = Vec::new();
        puts.extend(changes.district.iter().cloned().map(Fact::District).map(new));
        puts.extend(changes.streets.iter().cloned().map(Fact::Street).map(new));
        puts.extend(changes.communities.iter().cloned().map(Fact::Community).map(new));
        puts.extend(changes.managers.iter().cloned().map(Fact::Manager).map(new));
        for area in &changes.areas {
            let valid = area.validity;
            puts.push(Put::New { fact: Fact::Area(AreaFact::from(area)), valid });
            let assignment = area.manager.clone().map(|manager| Assignment { area: area.code.clone(), manager });
            puts.extend(assignment.map(|assignment| Put::New { fact: Fact::Assignment(assignment), valid }));
            puts.extend(area.committees.iter().flatten().map(|committee| {
                new(Fact::Committee(CommitteeFact { area: area.code.clone(), committee: committee.clone() }))
            }));
        }
        puts.extend(changes.figures.iter().cloned().map(Fact::Figure).map(new));
        puts.sort_by_cached_key(Put::key);
        Self { puts, ..Self::default() }
    }
}
