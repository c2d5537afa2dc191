//! Use cases, the only writer, and the published snapshot.
//!
//! [`App`] is a cheap handle. Readers take the published [`Snapshot`] once and answer from it alone; the one writer,
//! [`App::publish`], commits a record to the store, makes the next snapshot from what changed and swaps it in whole.
//! [`App::snapshot_at`] answers for other days and revisions, [`App::follow`] keeps up with writers elsewhere.

pub mod access;
mod change;
mod completeness;
mod deliveries;
mod due;
mod follow;
mod gaps;
mod history;
mod imprint;
mod ledger;
mod listing;
mod load;
mod lookup;
mod past;
mod reconcile;
pub mod reconciliation;
mod register_check;
mod reporting;
mod reports;
mod searching;
mod series;
mod snapshot;
mod then;
mod told;
mod traces;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::app::access::single_sign_on::SingleSignOn;
use crate::app::access::{Access, AccessError};
use crate::app::completeness::UnlocatedCache;
use crate::app::deliveries::Desk;
use crate::app::follow::Following;
use crate::app::past::Past;
use crate::app::reconciliation::ReconciliationError;
use crate::app::series::SeriesCache;
use crate::app::told::ToldCache;
use crate::auth::{Action, Actor, Resource, Role};
use crate::crs::Operator;
use crate::model::{AreaCode, Revision, StreetCode};
use crate::store::Store;

pub use change::{Changed, Mode};
pub use completeness::{
    Completeness, CompletenessCounts, CompletenessMonth, LEDGER_ONLY_ISSUE, LedgerOnly, MAP_ONLY_ISSUE, MapOnly,
};
pub use deliveries::{
    CheckedDelivery, DeliveryError, EXPORT_COLUMNS, ExceptionSource, Forecast, ProgressState, Proposal, ProposedColumn,
    ProposedLayer, Publication, Published, Received, RecordSource, RowView, Upload, VANISHING_SHARE, export_areas,
    read_settings, write_settings,
};
pub use due::{DueCounts, DueItem};
pub use follow::Health;
pub use gaps::ManagerGaps;
pub use history::{
    AreaHistory, ChangeCounts, ComparedArea, Comparison, Kin, LineageArea, LineageEdge, LineageGraph, PartVersion,
    RECORD_AREAS_MAX, RecordChange,
};
pub use imprint::imprint;
pub use ledger::{
    COLUMNS, ColumnData, ColumnKind, LedgerColumn, LedgerFormat, LedgerLanguage, LedgerRow, LedgerTable, LedgerValue,
    Selection, Term, export_ledger, ledger_table,
};
pub use listing::{AreaQuery, CURSOR_SCAN_LIMIT, ITEM_LIMIT_DEFAULT, ITEM_LIMIT_MAX, Page};
pub use load::{Loaded, demo_record};
pub use lookup::{
    ACCURACY_LIMIT_M, AreaAt, AreaNear, Direction, LocateQuery, Located, NEAREST_COUNT, NEIGHBOUR_RADIUS_M,
};
pub use past::PAST_MEMORY_BYTES;
pub use reconcile::register_side;
pub use searching::{Found, SEARCH_LIMIT_DEFAULT, SEARCH_LIMIT_MAX, SEARCH_TEXT_LIMIT, SearchQuery};
pub use series::{MonthCount, SERIES_MONTHS_MAX, Series};
pub use snapshot::{Snapshot, SnapshotError};
pub use then::AreaThen;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody may do that without being signed in.
    #[error("sign in first: nobody may do this without an account")]
    SignInNeeded,
    /// Whoever asks may not do that.
    #[error("your role may not do this here")]
    NotAllowed,
    /// Whoever asks has several streets, and must say which one they ask about.
    #[error("name one of your streets with the parameter street")]
    NameAStreet,
    /// A report is about a place that lies neither in the district nor near it.
    #[error("the place is not in the district, nor within two kilometres of it")]
    OutsideDistrict,
    /// Something about accounts, sessions, tokens, reports or the audit log.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// No snapshot has been published yet.
    #[error("the register is not loaded yet")]
    NotReady,
    /// No area of this code.
    #[error("area {0} does not exist")]
    NoSuchArea(String),
    /// No record of this number.
    #[error("record {0} does not exist")]
    NoSuchRecord(String),
    /// No street of this code.
    #[error("street {0} does not exist")]
    NoSuchStreet(String),
    /// No manager of this credit code.
    #[error("manager {0} does not exist")]
    NoSuchManager(String),
    /// There is no such revision, or not yet.
    #[error("revision {asked} does not exist, the latest is {latest}")]
    NoSuchRevision {
        /// The revision asked for.
        asked: Revision,
        /// The latest there is.
        latest: Revision,
    },
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
    /// The client's number of this request was used for another one.
    #[error("the number of this request was used for another one, entered as revision {revision}")]
    RequestReused {
        /// What the other one led to.
        revision: Revision,
    },
    /// Others kept entering records while the change was worked out; nothing was written.
    #[error("others are changing the register all the time, and nothing of this change was entered; ask again")]
    Busy,
    /// Something about a delivery.
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    /// Something about a reconciliation.
    #[error(transparent)]
    Reconciliation(#[from] ReconciliationError),
    /// A sentence of a report cannot be printed.
    #[error(transparent)]
    Report(#[from] crate::stats::ReportError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] crate::store::StoreError),
    /// The demonstration district could not be made.
    #[error("the demonstration district could not be generated")]
    Demo(#[from] crate::demo::DemoError),
    /// The register in the store cannot be served.
    #[error("the register in the store cannot be served")]
    Snapshot(#[from] SnapshotError),
    /// A state that is not the present one could not be told; all who waited for it get the same reason.
    #[error("the register as of that time could not be read")]
    Past(#[source] Arc<Error>),
}

/// Handle to the register: the store and the published snapshot. Cloning shares both.
#[derive(Clone)]
pub struct App {
    store: Arc<dyn Store>,
    published: Arc<ArcSwapOption<Snapshot>>,
    following: Arc<Following>,
    past: Arc<Past>,
    desk: Arc<Desk>,
    operator: Arc<Operator>,
    series: Arc<SeriesCache>,
    unlocated: Arc<UnlocatedCache>,
    access: Access,
    sign_on: Option<SingleSignOn>,
    told: Arc<ToldCache>,
}

impl App {
    /// A handle with nothing published yet; see [`App::refresh`].
    pub fn new(store: Arc<dyn Store>) -> Self {
        let access = Access::new(Arc::clone(&store));
        Self {
            store,
            access,
            sign_on: None,
            told: Arc::default(),
            published: Arc::new(ArcSwapOption::empty()),
            following: Arc::default(),
            past: Arc::new(Past::new(PAST_MEMORY_BYTES)),
            desk: Arc::default(),
            operator: Arc::default(),
            series: Arc::default(),
            unlocated: Arc::default(),
        }
    }

    /// The same with the shifts and local systems of an operator. For a handle that was not cloned yet.
    #[must_use]
    pub fn with_operator(mut self, operator: Operator) -> Self {
        self.operator = Arc::new(operator);
        self
    }

    /// The shifts and local systems that deliveries are read with.
    pub fn operator(&self) -> &Operator {
        &self.operator
    }

    /// The same with other use cases of accounts: on the same store, with passwords hashed in another way. For a handle that was
    /// not cloned yet.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Accounts, sessions, tokens, reports of the public and the audit log.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The same with a provider that lets people in. For a handle that was not cloned yet.
    #[must_use]
    pub fn with_sign_on(mut self, sign_on: Option<SingleSignOn>) -> Self {
        self.sign_on = sign_on;
        self
    }

    /// The provider that lets people in, where one is configured.
    pub fn sign_on(&self) -> Option<&SingleSignOn> {
        self.sign_on.as_ref()
    }

    /// Whether somebody may do that there. Errors: [`Error::SignInNeeded`] for whoever is not signed in,
    /// [`Error::NotAllowed`] for everybody else who may not.
    pub fn require(&self, actor: &Actor, action: Action, of: &Resource<'_>) -> Result<(), Error> {
        match actor.role {
            _ if actor.may(action, of) => Ok(()),
            Role::Public => Err(Error::SignInNeeded),
            _ => Err(Error::NotAllowed),
        }
    }

    /// The street that somebody is told of what offices work with, when they ask for this one or for none: none is the whole
    /// district, and for an officer of one street that street. Errors: they may not; an officer of several must name one.
    pub fn desk_scope(&self, actor: &Actor, asked: Option<StreetCode>) -> Result<Option<StreetCode>, Error> {
        if actor.may(Action::ReadDesk, &Resource::District) {
            return Ok(asked);
        }
        let own = actor.streets.first().filter(|_| actor.streets.len() == 1);
        match asked.or_else(|| own.cloned()) {
            Some(street) => {
                self.require(actor, Action::ReadDesk, &Resource::Street(&street))?;
                Ok(Some(street))
            }
            None if actor.streets.is_empty() => {
                self.require(actor, Action::ReadDesk, &Resource::District).map(|()| None)
            }
            None => Err(Error::NameAStreet),
        }
    }

    /// The published snapshot. Hold it from start to end of a request, so that an answer never mixes revisions.
    /// Errors: [`Error::NotReady`] before the first one.
    pub fn snapshot(&self) -> Result<Arc<Snapshot>, Error> {
        self.published.load_full().ok_or(Error::NotReady)
    }
}
