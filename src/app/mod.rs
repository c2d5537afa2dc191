//! Use cases, the only writer, and the published snapshot.
//!
//! [`App`] is a cheap handle. Readers take the published [`Snapshot`] once and answer from it alone; the one writer,
//! [`App::publish`], commits a record to the store, builds the next snapshot and swaps it in whole.

mod change;
mod listing;
mod load;
mod lookup;
mod searching;
mod snapshot;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use jiff::Timestamp;

use crate::auth::{Actor, Audience};
use crate::model::{AreaCode, Revision};
use crate::store::{Question, Store};

pub use change::{Changed, Mode};
pub use listing::{AreaQuery, CURSOR_SCAN_LIMIT, ITEM_LIMIT_DEFAULT, ITEM_LIMIT_MAX, Page};
pub use load::{Loaded, demo_record};
pub use lookup::{
    ACCURACY_LIMIT_M, AreaAt, AreaNear, Direction, LocateQuery, Located, NEAREST_COUNT, NEIGHBOUR_RADIUS_M,
};
pub use searching::{Found, SEARCH_LIMIT_DEFAULT, SEARCH_LIMIT_MAX, SEARCH_TEXT_LIMIT, SearchQuery};
pub use snapshot::{Snapshot, SnapshotError};

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No snapshot has been published yet.
    #[error("the register is not loaded yet")]
    NotReady,
    /// No area of this code.
    #[error("area {0} does not exist")]
    NoSuchArea(String),
    /// No street of this code.
    #[error("street {0} does not exist")]
    NoSuchStreet(String),
    /// No manager of this credit code.
    #[error("manager {0} does not exist")]
    NoSuchManager(String),
    /// A parameter is readable but cannot be answered.
    #[error("{0}")]
    BadQuestion(String),
    /// The files have faults; nothing was written.
    #[error("{} faults in the files, nothing was written; the first: {}", .0.len(), .0.first().map_or_else(String::new, ToString::to_string))]
    Faults(Vec<crate::ingest::Fault>),
    /// The change has faults; nothing was written.
    #[error("{} faults in the change, nothing was written; the first: {}", .0.len(), .0.first().map_or_else(String::new, ToString::to_string))]
    ChangeFaults(Vec<crate::history::ChangeFault>),
    /// The change does not say at which revision its author looked at an area that it touches.
    #[error("the change does not say at which revision area {0} was looked at")]
    NotSeen(AreaCode),
    /// Somebody else changed the area after the author looked at it.
    #[error("area {area} was changed under revision {latest}, after revision {seen} that this change is based on")]
    Changed {
        /// The area.
        area: AreaCode,
        /// What the author looked at.
        seen: Revision,
        /// What there is now.
        latest: Revision,
    },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] crate::store::StoreError),
    /// The demonstration district could not be made.
    #[error("the demonstration district could not be generated")]
    Demo(#[from] crate::demo::DemoError),
    /// The register in the store cannot be served.
    #[error("the register in the store cannot be served")]
    Snapshot(#[from] SnapshotError),
}

/// How the register is doing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Health {
    /// Since when the store does not answer; `None` while it does.
    pub store_lost_since: Option<Timestamp>,
    /// When the published snapshot was published.
    pub published_at: Option<Timestamp>,
    /// How long the last delta from store to published snapshot took.
    pub last_delta: Option<Duration>,
    /// Past snapshots that are kept.
    pub past_snapshots: u64,
    /// Bytes that they take, estimated.
    pub past_snapshot_bytes: u64,
}

/// Handle to the register: the store and the published snapshot. Cloning shares both.
#[derive(Clone)]
pub struct App {
    store: Arc<dyn Store>,
    published: Arc<ArcSwapOption<Snapshot>>,
    audience: Audience,
}

impl App {
    /// A handle with nothing published yet; see [`App::refresh`].
    pub fn new(store: Arc<dyn Store>, audience: Audience) -> Self {
        Self { store, published: Arc::new(ArcSwapOption::empty()), audience }
    }

    /// The actor that everybody without a login is.
    pub fn anonymous(&self) -> Actor {
        Actor::of(self.audience)
    }

    /// For whom this server runs.
    pub fn audience(&self) -> Audience {
        self.audience
    }

    /// The published snapshot. Hold it from start to end of a request, so that an answer never mixes revisions.
    /// Errors: [`Error::NotReady`] before the first one.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        self.published.load_full().ok_or(Error::NotReady)
    }

    /// How the register is doing.
    pub fn health(&self) -> Health {
        Health::default()
    }

    /// The state as of both clocks: the published one, or a past one, built now. CPU and disk work.
    pub fn snapshot_at(&self, question: Question) -> Result<Arc<Snapshot>, Error> {
        let published = self.snapshot()?;
        let register = self.store.load(question)?;
        if register.as_of == published.as_of() {
            return Ok(published);
        }
        Ok(Arc::new(Snapshot::build(register)?))
    }

    /// Reads the store, builds a snapshot and publishes it. CPU and disk work: not for an async thread.
    pub fn refresh(&self) -> Result<Arc<Snapshot>, Error> {
        let snapshot = Arc::new(Snapshot::build(self.store.load(Question::default())?)?);
        self.published.store(Some(Arc::clone(&snapshot)));
        Ok(snapshot)
    }
}
