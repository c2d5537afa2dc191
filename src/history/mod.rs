//! The register over time.
//!
//! Everything the register knows is a [`Fact`] with two clocks. The valid clock says on which days it is true; the
//! recorded clock says under which revisions it was held to be so. A [`Record`](crate::model::Record) enters an [`Entry`]:
//! puts that set or end facts within a period. What was known before is never changed: a version that is contradicted
//! gets the record that contradicts it as its end on the recorded clock, and what remains of it is entered anew.

mod amendment;
mod audit;
mod delivered;
mod difference;
mod document;
mod entry;
mod fact;
mod fault;
mod known;
mod ledger;
mod operation;
mod plan;
mod refusal;
#[cfg(test)]
pub(crate) mod testing;
mod undo;
mod version;

pub use amendment::{Amendment, AttributeChanges};
pub use audit::{AuditBreak, AuditChain, AuditDraft, AuditEntry, AuditFault, AuditHead, NOTHING_BEFORE};
pub use delivered::{Amended, Compared, RowChange, Serials, ValueChange, amend, begin, compare, says_otherwise};
pub use difference::{ChangeKind, Difference, changed_between, changed_by, changes_of, difference};
pub use document::{ChangeRequest, ChangeSource, LIST_LIMIT, TEXT_LIMIT_CHARS};
pub use entry::{Entry, Lineage, NewRecord, Put, Seen};
pub use fact::{AreaFact, Assignment, CommitteeFact, Fact, Key, Kind};
pub use fault::ChangeFault;
pub use known::{Known, Neighbour};
pub use ledger::{Holding, Ledger};
pub use operation::{Drawn, Fate, Fates, Operation, Successor};
pub use plan::{COVER_TOLERANCE_M2, COVER_TOLERANCE_SHARE, OVERLAP_LIMIT_M2, Planned, plan};
pub use refusal::{Refusal, check_basis, check_puts, next_state};
pub use undo::undo;
pub use version::{Recorded, Revised, Unlocated, Version, revise};
