//! The audit log: who did what, in a chain in which every entry vouches for the one before it.
//!
//! An entry is hashed with the hash of the entry before it, so nothing in the middle can be changed, left out or moved
//! without breaking the chain; what the last entry is, stands apart as the [`AuditHead`]. `docs/audit.md` tells how anybody
//! recomputes it.

use std::fmt;

use jiff::{Timestamp, Unit};
use sha2::{Digest as _, Sha256};

use crate::model::{Digest, Revision};

/// What the bytes of every entry begin with, so that they are no bytes of anything else.
const DOMAIN: &[u8] = b"onemap audit 1\n";

/// The hash before the first entry.
pub const NOTHING_BEFORE: Digest = Digest([0; 32]);

/// Something that was done, before it is a part of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditDraft {
    /// When; kept to the millisecond.
    pub at: Timestamp,
    /// Name of the account or token, `cli`, or `public`.
    pub who: String,
    /// Key of their role then.
    pub role: String,
    /// What was done, such as `account.add`.
    pub action: String,
    /// What it was done to, such as `area/CY-JS-0042`. Where a store gives the number of something new, none becomes it.
    pub object: Option<String>,
    /// What it was like before, as a small JSON text.
    pub before: Option<String>,
    /// What it is like after, as a small JSON text.
    pub after: Option<String>,
    /// Keyed hash of the network address that it came from.
    pub address_hash: Option<String>,
}

impl AuditDraft {
    /// The same about an object that has just got its number, unless it is about one already.
    #[must_use]
    pub fn about(&self, object: impl fmt::Display) -> Self {
        let object = self.object.clone().unwrap_or_else(|| object.to_string());
        Self { object: Some(object), ..self.clone() }
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number, counted from 1 without gaps.
    pub seq: u64,
    /// What was done.
    pub told: AuditDraft,
    /// The record that it was entered with, in the same transaction.
    pub record: Option<Revision>,
    /// Hash of the entry before; [`NOTHING_BEFORE`] for the first one.
    pub previous: Digest,
    /// Its own hash.
    pub hash: Digest,
}

impl AuditEntry {
    /// The entry after another one.
    pub fn after(head: Option<AuditHead>, told: &AuditDraft, record: Option<Revision>) -> Self {
        let told = AuditDraft { at: told.at.round(Unit::Millisecond).unwrap_or(told.at), ..told.clone() };
        let (seq, previous) = head.map_or((1, NOTHING_BEFORE), |head| (head.seq + 1, head.hash));
        let mut entry = Self { seq, told, record, previous, hash: NOTHING_BEFORE };
        entry.hash = entry.computed();
        entry
    }

    /// The hash that it should have.
    pub fn computed(&self) -> Digest {
        let Self { seq, told, record, previous, hash: _ } = self;
        let AuditDraft { at, who, role, action, object, before, after, address_hash } = told;
        let mut bytes = DOMAIN.to_vec();
        let mut add = |cell: Option<&str>| match cell {
            None => bytes.push(0),
            Some(text) => {
                bytes.push(1);
                bytes.extend((text.len() as u64).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
        };
        add(Some(&seq.to_string()));
        add(Some(&at.as_millisecond().to_string()));
        for text in [who, role, action] {
            add(Some(text));
        }
        for text in [object, before, after] {
            add(text.as_deref());
        }
        add(record.map(|record| record.to_string()).as_deref());
        add(address_hash.as_deref());
        add(Some(&previous.to_string()));
        Digest(Sha256::digest(&bytes).into())
    }

    /// Its place in the chain, for the entry after it.
    pub fn head(&self) -> AuditHead {
        AuditHead { seq: self.seq, hash: self.hash }
    }
}

/// The last entry of a log: what a log is compared with later on. Shown as `seq:hash`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the entry, which is how many there are.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
}

impl AuditHead {
    /// Reads `seq:hash`.
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, hash) = text.split_once(':')?;
        Some(Self { seq: seq.parse().ok().filter(|seq| *seq > 0)?, hash: Digest::parse(hash)? })
    }
}

impl fmt::Display for AuditHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

/// The first place at which a log is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFault {
    /// Number of the entry.
    pub seq: u64,
    /// What is wrong with it.
    pub what: AuditBreak,
}

/// How a log is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditBreak {
    /// There is no entry of that number.
    Missing,
    /// What it says does not fit its hash.
    Changed,
    /// It does not follow the entry before it.
    Unchained,
    /// It is not the entry that was the last one when the log was looked at before.
    OtherHead,
    /// It follows the last entry that was written.
    Beyond,
    /// It cannot be read.
    Unreadable(String),
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table audit, row {}: {}", self.seq, self.what)
    }
}

impl fmt::Display for AuditBreak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "the entry is missing",
            Self::Changed => "what it says does not fit its hash",
            Self::Unchained => "it does not follow the entry before it",
            Self::OtherHead => "it is not the entry that was the last one before",
            Self::Beyond => "it follows the last entry that was written",
            Self::Unreadable(why) => return write!(f, "it cannot be read: {why}"),
        })
    }
}

/// Follows a chain entry by entry, from the first one on.
#[derive(Debug, Clone, Default)]
pub struct AuditChain {
    last: Option<AuditHead>,
    /// What the log is compared with on the way.
    known: Option<AuditHead>,
}

impl AuditChain {
    /// A chain that must go through an entry that is known from before.
    pub fn through(known: Option<AuditHead>) -> Self {
        Self { last: None, known }
    }

    /// Takes the next entry in. Errors: the first thing that is wrong with it.
    pub fn add(&mut self, entry: &AuditEntry) -> Result<(), AuditFault> {
        let (expected, previous) = self.last.map_or((1, NOTHING_BEFORE), |last| (last.seq + 1, last.hash));
        let fault = |seq, what| Err(AuditFault { seq, what });
        if entry.seq != expected {
            return fault(expected, AuditBreak::Missing);
        }
        if entry.computed() != entry.hash {
            return fault(entry.seq, AuditBreak::Changed);
        }
        if entry.previous != previous {
            return fault(entry.seq, AuditBreak::Unchained);
        }
        if self.known.is_some_and(|known| known.seq == entry.seq && known.hash != entry.hash) {
            return fault(entry.seq, AuditBreak::OtherHead);
        }
        self.last = Some(entry.head());
        Ok(())
    }

    /// Compares the end with the head that the log says it has. Errors: entries are missing at the end, or were put there.
    pub fn finish(&self, head: Option<AuditHead>) -> Result<(), AuditFault> {
        let reached = self.last.map_or(0, |last| last.seq);
        let promised = [head, self.known].into_iter().flatten().map(|head| head.seq).max().unwrap_or(0);
        let fault = |seq, what| Err(AuditFault { seq, what });
        if reached < promised {
            return fault(reached + 1, AuditBreak::Missing);
        }
        match (self.last, head) {
            (Some(last), Some(head)) if last.seq == head.seq && last.hash != head.hash => {
                fault(last.seq, AuditBreak::OtherHead)
            }
            (Some(last), head) if last.seq > head.map_or(0, |head| head.seq) => {
                fault(head.map_or(0, |head| head.seq) + 1, AuditBreak::Beyond)
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(what: &str) -> AuditDraft {
        AuditDraft {
            at: "2023-05-01T01:02:03.456Z".parse().unwrap(),
            who: "zhao".to_owned(),
            role: "clerk".to_owned(),
            action: "area.change".to_owned(),
            object: Some(format!("area/{what}")),
            before: None,
            after: Some("{}".to_owned()),
            address_hash: Some("a1".to_owned()),
        }
    }

    fn chain() -> Vec<AuditEntry> {
        let mut entries: Vec<AuditEntry> = Vec::new();
        for (what, record) in [("甲", Some(Revision(2))), ("乙", None), ("丙", Some(Revision(3)))] {
            let head = entries.last().map(AuditEntry::head);
            entries.push(AuditEntry::after(head, &draft(what), record));
        }
        entries
    }

    fn verified(entries: &[AuditEntry], head: Option<AuditHead>) -> Result<(), AuditFault> {
        let mut chain = AuditChain::default();
        entries.iter().try_for_each(|entry| chain.add(entry))?;
        chain.finish(head)
    }

    #[test]
    fn a_chain_that_nobody_touched_is_whole() {
        let entries = chain();
        assert_eq!(entries[0].previous, NOTHING_BEFORE);
        assert_eq!(verified(&entries, Some(entries[2].head())), Ok(()));
        assert_eq!(verified(&[], None), Ok(()));
    }

    #[test]
    fn a_change_of_any_field_is_found_at_its_entry() {
        type Change = fn(&mut AuditEntry);
        let changes: [Change; 12] = [
            |entry| entry.told.at += jiff::Span::new().milliseconds(1),
            |entry| entry.told.who.push('x'),
            |entry| entry.told.role = "admin".to_owned(),
            |entry| entry.told.action = "area.chang".to_owned(),
            |entry| entry.told.object = None,
            |entry| entry.told.before = Some(String::new()),
            |entry| entry.told.after = None,
            |entry| entry.told.address_hash = None,
            |entry| entry.record = Some(Revision(2)),
            |entry| entry.hash.0[31] ^= 1,
            |entry| entry.previous.0[0] ^= 1,
            // Moved from one field into the next.
            |entry| (entry.told.before, entry.told.after) = (entry.told.after.take(), None),
        ];
        for (at, change) in changes.iter().enumerate() {
            let mut entries = chain();
            change(&mut entries[1]);
            let fault = verified(&entries, Some(chain()[2].head())).unwrap_err();
            assert_eq!((fault.seq, fault.what), (2, AuditBreak::Changed), "change {at}");
        }
    }

    #[test]
    fn an_entry_that_was_hashed_anew_breaks_the_chain_at_the_next_one() {
        let mut entries = chain();
        entries[1].told.who = "qian".to_owned();
        entries[1].hash = entries[1].computed();
        let fault = verified(&entries, Some(entries[2].head())).unwrap_err();
        assert_eq!((fault.seq, fault.what), (3, AuditBreak::Unchained));
        // Whoever hashes everything after it anew too is told by the head that was noted elsewhere.
        let mut rewritten = entries[..2].to_vec();
        rewritten.push(AuditEntry::after(Some(entries[1].head()), &draft("丙"), Some(Revision(3))));
        assert_eq!(verified(&rewritten, Some(rewritten[2].head())), Ok(()));
        let mut through = AuditChain::through(Some(chain()[2].head()));
        let told = rewritten.iter().try_for_each(|entry| through.add(entry));
        assert_eq!(told, Err(AuditFault { seq: 3, what: AuditBreak::OtherHead }));
    }

    #[test]
    fn what_was_taken_away_moved_or_added_is_named() {
        let entries = chain();
        let head = Some(entries[2].head());
        let missing = |seq| Err(AuditFault { seq, what: AuditBreak::Missing });
        assert_eq!(verified(&entries[1..], head), missing(1));
        assert_eq!(verified(&[entries[0].clone(), entries[2].clone()], head), missing(2));
        assert_eq!(verified(&entries[..2], head), missing(3));
        assert_eq!(verified(&[], head), missing(1));
        let beyond = |seq| Err(AuditFault { seq, what: AuditBreak::Beyond });
        assert_eq!(verified(&entries, Some(entries[1].head())), beyond(3));
        assert_eq!(verified(&entries, None), beyond(1));
        // Two that changed places keep their hashes but not their numbers.
        let mut moved = entries.clone();
        (moved[1].told, moved[2].told) = (entries[2].told.clone(), entries[1].told.clone());
        assert_eq!(verified(&moved, head), Err(AuditFault { seq: 2, what: AuditBreak::Changed }));
    }

    #[test]
    fn a_head_is_read_as_it_is_shown() {
        let head = chain()[2].head();
        assert_eq!(AuditHead::parse(&head.to_string()), Some(head));
        for wrong in ["", "3", "0:00", "x:y", "3:12"] {
            assert_eq!(AuditHead::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_hash_is_the_one_that_the_document_tells_of() {
        // As `docs/audit.md` says, computed with another program.
        let entry = AuditEntry::after(None, &draft("甲"), Some(Revision(2)));
        assert_eq!(entry.hash.to_string(), "a580214b34e00026ed296e24f15600ee7f28dc35c2b4f514b088b5c0af723a03");
    }
}
