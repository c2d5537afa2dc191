//! Deliveries: files that somebody handed in, and what became of them.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::{AreaCode, Revision, StreetCode};

/// Number of a delivery in the store, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub u32);

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// SHA-256 of bytes; shown as 64 small hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One file of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveredFile {
    /// Its name without folders, as it was handed in.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Digest of its bytes.
    pub digest: Digest,
}

/// A delivery that has no number yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// Who delivers: a street, the tech bureau; the name under which columns are remembered.
    pub sender: String,
    /// Its files in the order they were handed in.
    pub files: Vec<DeliveredFile>,
    /// Digest of the digests of its files, sorted: the same files are the same delivery, whatever they are called.
    pub digest: Digest,
    /// When it was received, to the millisecond.
    pub received_at: Timestamp,
    /// Who handed it in.
    pub received_by: String,
    /// Free remark.
    pub note: String,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Its bytes are kept, nothing of it is in the register.
    Received,
    /// It is in the register.
    Published {
        /// The record it was entered under.
        revision: Revision,
    },
    /// It was in the register and was taken back.
    Undone {
        /// The record it was entered under.
        revision: Revision,
        /// The record that took it back.
        by: Revision,
    },
}

impl DeliveryState {
    /// Name used in tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Published { .. } => "published",
            Self::Undone { .. } => "undone",
        }
    }
}

/// A delivery that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// What was received.
    pub received: NewDelivery,
    /// What became of it.
    pub state: DeliveryState,
    /// How it was checked last, as JSON text: columns, reference system, scope. `None` before the first check.
    pub settings: Option<String>,
    /// What the last check found, as JSON text: counts. `None` before the first check.
    pub summary: Option<String>,
}

/// Which row of a delivery told of an area under a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trace {
    /// The record.
    pub revision: Revision,
    /// The area.
    pub area: AreaCode,
    /// The delivery.
    pub delivery: DeliveryId,
    /// Name of the file, inside the archive where there is one.
    pub file: String,
    /// The feature or row in words, as in `row 17` or `feature 3`.
    pub item: String,
}

/// What an entry has to do with a delivery; written in the transaction of the entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The entry publishes it. Refused unless it was received and is not in the register.
    Publishes {
        /// The delivery.
        delivery: DeliveryId,
        /// The area that each of its rows told of, with file and item; the revision is the entry's own.
        rows: Vec<TracedRow>,
        /// The rows for which there is no area.
        unlocated: Vec<UnlocatedRow>,
        /// What the check found that it is published with, as JSON text; `None` keeps what was noted last.
        summary: Option<String>,
    },
    /// The entry takes it back. Refused unless it is in the register.
    Undoes {
        /// The delivery.
        delivery: DeliveryId,
    },
}

impl Origin {
    /// The delivery.
    pub fn delivery(&self) -> DeliveryId {
        match self {
            Self::Publishes { delivery, .. } | Self::Undoes { delivery } => *delivery,
        }
    }

    /// The rows that become traces; none of an entry that takes back.
    pub fn rows(&self) -> &[TracedRow] {
        match self {
            Self::Publishes { rows, .. } => rows,
            Self::Undoes { .. } => &[],
        }
    }

    /// The rows for which there is no area; none of an entry that takes back.
    pub fn unlocated(&self) -> &[UnlocatedRow] {
        match self {
            Self::Publishes { unlocated, .. } => unlocated,
            Self::Undoes { .. } => &[],
        }
    }

    /// What the delivery is to keep as found by its last check.
    pub fn summary(&self) -> Option<&str> {
        match self {
            Self::Publishes { summary, .. } => summary.as_deref(),
            Self::Undoes { .. } => None,
        }
    }
}

/// A [`Trace`] before its record has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedRow {
    /// The area.
    pub area: AreaCode,
    /// Name of the file, inside the archive where there is one.
    pub file: String,
    /// The feature or row in words.
    pub item: String,
}

/// A row of a delivery that was published although it has no outline and is about no area of the register (账有图无).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlocatedRow {
    /// Name of the file, inside the archive where there is one.
    pub file: String,
    /// The row in words, as in `row 17`.
    pub item: String,
    /// Name of the area that is to be drawn.
    pub name: String,
    /// Its street, where that is known.
    pub street: Option<StreetCode>,
    /// The sender's code of it.
    pub foreign_code: Option<String>,
}

/// Number of an exception in the store, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExceptionId(pub u32);

/// A finding that is lawful: silent until the geometry changes, it expires or it is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewException {
    /// Id of the issue type.
    pub issue: String,
    /// What the finding is about: an area's code where it has one, else name and street.
    pub subject: String,
    /// The second area of a finding that concerns two.
    pub other: Option<String>,
    /// Fingerprint of the geometry, or of both, in hexadecimal; empty for a finding without geometry.
    pub fingerprint: String,
    /// Why it is lawful.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day on which it holds.
    pub expires_on: Date,
    /// When it was recorded, to the millisecond.
    pub recorded_at: Timestamp,
    /// Who recorded it.
    pub recorded_by: String,
}

/// An exception with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Its number.
    pub id: ExceptionId,
    /// What was recorded.
    pub recorded: NewException,
    /// When it was withdrawn, if it was.
    pub withdrawn_at: Option<Timestamp>,
}
