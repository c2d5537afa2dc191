//! Deliveries: received, checked, published whole or not at all, taken back.

mod check;
mod columns;
mod exceptions;
mod export;
mod forecast;
mod plan;
mod proposal;
mod publish;
mod receive;
mod settings;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::app::reconciliation::{Run, Standing};
use crate::formats::FormatError;
use crate::history::AuditHead;
use crate::ingest::delivery::{Progress, Step};
use crate::model::{AreaCode, DeliveryId, DeliveryState};

pub use check::{CheckedDelivery, RowView};
pub(super) use check::{known, manager_of, today};
pub use exceptions::ExceptionSource;
pub use export::{EXPORT_COLUMNS, export_areas};
pub use forecast::Forecast;
pub(super) use plan::{NextCode, new_managers, traced};
pub use proposal::{Proposal, ProposedColumn, ProposedLayer};
pub use publish::{Publication, Published, RecordSource, VANISHING_SHARE};
pub use receive::{Received, Upload};
pub(super) use settings::summary;
pub use settings::{read_settings, write_settings};

/// Checks that are kept for the questions that follow.
const CHECKS_KEPT: usize = 4;

/// How far a delivery has come, while something is being done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressState {
    /// The step.
    pub step: Step,
    /// Rows that are through.
    pub done: usize,
    /// Rows in all; 0 while not known.
    pub total: usize,
}

/// Why something cannot be done with a delivery. Nothing of the register was changed.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// No delivery of this number.
    #[error("there is no delivery {0}")]
    NoSuchDelivery(DeliveryId),
    /// Its files cannot be read.
    #[error("the delivery cannot be read")]
    Unreadable(#[from] FormatError),
    /// Something about the request itself, such as an empty sender.
    #[error("{0}")]
    BadRequest(String),
    /// The settings cannot be understood.
    #[error("settings, {place}: {message}")]
    BadSettings {
        /// JSON pointer.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// Findings that must be fixed are open.
    #[error("{must_fix} findings must be fixed or excepted before the delivery can be published")]
    NotPublishable {
        /// How many.
        must_fix: usize,
    },
    /// So many areas would vanish that it must be confirmed.
    #[error("{vanishing} of {areas} areas would vanish: confirm this number to publish the delivery")]
    Vanishing {
        /// How many.
        vanishing: usize,
        /// Of how many.
        areas: usize,
    },
    /// Its cases were decided on one by one, which a publication as a whole would not heed.
    #[error("{decisions} cases of the delivery were decided on: publish its reconciliation, or take them back")]
    Decided {
        /// How many.
        decisions: usize,
    },
    /// It is in the register, or is not.
    #[error("delivery {id} is {}", .state.key())]
    WrongState {
        /// Its number.
        id: DeliveryId,
        /// What became of it.
        state: DeliveryState,
    },
    /// Later records changed what it entered.
    #[error("later records changed what the delivery entered: {}", .things.join(", "))]
    ChangedSince {
        /// Everything that they changed, by kind and code.
        things: Vec<String>,
        /// Codes of the areas among them, with the names that they have now; `None` for those that are not there any more.
        areas: Vec<(AreaCode, Option<String>)>,
    },
    /// Not checked yet.
    #[error("delivery {0} was not checked yet")]
    NotChecked(DeliveryId),
    /// The record says something impossible of itself.
    #[error("{message}")]
    BadRecord {
        /// JSON pointer.
        place: &'static str,
        /// What is wrong.
        message: String,
    },
    /// An export is not possible.
    #[error("the export cannot be written")]
    Export(#[source] FormatError),
}

/// What is kept in memory about deliveries. Everything in it can be made again.
#[derive(Default)]
pub(super) struct Desk {
    /// One delivery is worked on at a time: a check takes all cores.
    turn: Mutex<()>,
    checks: Mutex<VecDeque<Arc<CheckedDelivery>>>,
    proposals: Mutex<VecDeque<Arc<Proposal>>>,
    progress: Mutex<HashMap<DeliveryId, ProgressState>>,
    runs: Mutex<VecDeque<Arc<Run>>>,
    /// Decisions are made, and entered, one after the other: none is made between what is read and what is entered.
    deciding: Mutex<()>,
    /// The decisions as they were read, with the end of the log at that time.
    standing: Mutex<Option<(AuditHead, Arc<Standing>)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is replaced whole, so a panic elsewhere leaves it usable.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts something in front of a list that keeps the latest few.
fn keep<T>(list: &Mutex<VecDeque<Arc<T>>>, thing: Arc<T>, same: impl Fn(&T) -> bool) {
    let mut list = lock(list);
    list.retain(|known| !same(known));
    list.push_front(thing);
    list.truncate(CHECKS_KEPT);
}

impl Desk {
    /// The reconciliation of a delivery that was run last.
    pub(super) fn run_of(&self, id: DeliveryId) -> Option<Arc<Run>> {
        lock(&self.runs).iter().find(|run| run.check.id == id).cloned()
    }

    /// Keeps a reconciliation in place of the one before of the same delivery.
    pub(super) fn keep_run(&self, run: Arc<Run>) {
        let id = run.check.id;
        keep(&self.runs, run, |known| known.check.id == id);
    }

    /// The decisions as they were read last, if the log has not gone on since: every decision has its entry there.
    pub(super) fn standing_at(&self, head: AuditHead) -> Option<Arc<Standing>> {
        lock(&self.standing).as_ref().filter(|(known, _)| *known == head).map(|(_, standing)| Arc::clone(standing))
    }

    /// Keeps the decisions as they were read after the log ended so.
    pub(super) fn keep_standing(&self, head: AuditHead, standing: Arc<Standing>) {
        *lock(&self.standing) = Some((head, standing));
    }

    /// Waits until nothing else is worked on.
    pub(super) fn turn(&self) -> MutexGuard<'_, ()> {
        lock(&self.turn)
    }

    /// Waits until nobody else decides on cases or publishes them.
    pub(super) fn deciding(&self) -> MutexGuard<'_, ()> {
        lock(&self.deciding)
    }

    /// How far a delivery has come; `None` while nothing is being done with it.
    pub(super) fn progress_of(&self, id: DeliveryId) -> Option<ProgressState> {
        lock(&self.progress).get(&id).copied()
    }
}

/// Tells the desk how far a delivery has come, for as long as it lives.
pub(super) struct Telling<'a> {
    desk: &'a Desk,
    id: DeliveryId,
    further: &'a dyn Progress,
}

impl<'a> Telling<'a> {
    pub(super) fn new(desk: &'a Desk, id: DeliveryId, further: &'a dyn Progress) -> Self {
        Self { desk, id, further }
    }
}

impl Progress for Telling<'_> {
    fn reached(&self, step: Step, done: usize, total: usize) {
        lock(&self.desk.progress).insert(self.id, ProgressState { step, done, total });
        self.further.reached(step, done, total);
    }
}

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        lock(&self.desk.progress).remove(&self.id);
    }
}
