//! Reconciliation of a delivery: cases are decided by people, remembered by what both sides said, and published as one record.
//!
//! `run` compares the rows of a checked delivery with the register and makes cases of what the matcher says. `decision` is
//! what somebody said of a case; it is kept under the case's key, which follows from both sides, so that it holds for a later
//! delivery as long as neither side changed. `plan` makes one entry of all that was accepted, `preview` tells what that entry
//! does before it is entered, and `publish` enters it.

mod apart;
mod decide;
mod decision;
mod fields;
mod findings;
mod handback;
mod owner;
mod plan;
mod preview;
mod publish;
mod record;
mod run;
mod state;
mod task;
mod view;
mod words;

use jiff::Timestamp;

use crate::formats::FormatError;
use crate::model::{AreaCode, DeliveryId};

pub use decide::{Decided, DecisionRequest, Lack, Which};
pub use decision::{Answer, Decision, DecisionReason, Entered, Kept, Taken, Task, TaskState, Verdict, Whose};
pub use fields::FieldView;
pub use findings::BlockedCase;
pub use handback::{HandbackFormat, HandbackPart};
pub use plan::RefusedCase;
pub use preview::{Effect, Effects, MovedArea, Obstacle, Preview, PreviewCounts, StreetRates};
pub use publish::{Reconciled, ReconciliationPublication};
pub use run::{CaseView, Run};
pub use state::{AtOnce, RunNow, Standing};
pub use task::TaskAnswer;
pub(crate) use view::owner_of;
pub use view::{CaseFilter, CaseState, ClassCount, Reconciliation};

/// Why something cannot be done with a reconciliation. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ReconciliationError {
    /// It was not run since the program started.
    #[error("delivery {0} was not reconciled yet")]
    NotReconciled(DeliveryId),
    /// No case of this key.
    #[error("there is no case {0}")]
    NoSuchCase(String),
    /// Nobody decided on the case.
    #[error("nobody has decided on case {0}")]
    NotDecided(String),
    /// More or fewer cases than whoever decides thinks.
    #[error("{found} cases would be decided, not {expected}")]
    Count {
        /// How many were expected.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Several cases at once, and one of them is to be looked at by itself.
    #[error("case {key} of {name} must be looked at by itself")]
    NotInBulk {
        /// The first such case.
        key: String,
        /// Name of what it is about.
        name: String,
    },
    /// What the case says cannot be entered.
    #[error("case {key} cannot be accepted: {lack}")]
    NotEnterable {
        /// The case.
        key: String,
        /// What its rows lack.
        lack: Lack,
    },
    /// A member of a request that does not fit.
    #[error("{message}")]
    BadMember {
        /// JSON pointer.
        place: &'static str,
        /// What is wrong.
        message: String,
    },
    /// Somebody else wrote the same decision meanwhile.
    #[error("somebody else decided on one of these cases meanwhile: look again")]
    Outdated,
    /// Cases that nobody decided on.
    #[error("{open} cases are not decided")]
    Undecided {
        /// How many.
        open: usize,
    },
    /// Tasks that nobody answered.
    #[error("{open} committee tasks are neither answered nor deferred")]
    CommitteeTasks {
        /// How many.
        open: usize,
    },
    /// Accepted cases that the history of their areas does not allow.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused(Vec<RefusedCase>),
    /// The preview that whoever publishes looked at tells of another state or other decisions.
    #[error("the register or a decision has changed since the preview: look again")]
    PreviewOutdated,
    /// Somebody decided otherwise after whoever decides looked at the case.
    #[error("{by} has decided on case {case} meanwhile: look again")]
    DecidedMeanwhile {
        /// The case.
        case: String,
        /// Who decided; empty where a decision was taken back.
        by: String,
        /// When; `None` where a decision was taken back.
        at: Option<Timestamp>,
    },
    /// What the case entered is a row of the ledger without a place, which goes only with the whole delivery.
    #[error("the case entered a row without a place, which is taken back with the whole delivery only")]
    OnlyWhole,
    /// No decision says that anything is to be entered.
    #[error("the case entered nothing")]
    NothingEntered,
    /// A later record changed what the case entered.
    #[error("later records changed what the case entered: {}", .things.join(", "))]
    ChangedSince {
        /// What they changed, by kind and code.
        things: Vec<String>,
        /// Codes of the areas among them.
        areas: Vec<AreaCode>,
    },
    /// The hand-back cannot be written.
    #[error("the file cannot be written")]
    Handback(#[source] FormatError),
}
