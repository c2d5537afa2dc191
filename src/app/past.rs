//! States of other days and other revisions, built when they are asked for and kept for a while.

use std::sync::{Arc, Mutex, PoisonError};

use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::app::{App, Error, Snapshot};
use crate::model::AsOf;
use crate::store::Question;

/// Bytes that past states may take in memory when nothing else is said. One of them is kept however large it is.
pub const PAST_MEMORY_BYTES: u64 = 512 * 1024 * 1024;

/// Past states are weighed in units of so many bytes, because the cache counts weights with 32 bits.
const WEIGHT_UNIT_BYTES: u64 = 1024;

/// How much past states take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PastUse {
    /// How many there are.
    pub count: u64,
    /// About how many bytes they take.
    pub bytes: u64,
}

/// Past states in memory.
pub(super) struct Past {
    states: Cache<AsOf, Arc<Snapshot>>,
    /// One state is built at a time.
    building: Mutex<()>,
    workers: Option<Arc<ThreadPool>>,
}

impl Past {
    /// An empty cache of at most so many bytes, with workers of its own.
    pub fn new(bytes: u64) -> Self {
        let limit = (bytes / WEIGHT_UNIT_BYTES).clamp(1, u64::from(u32::MAX));
        let weigh = move |_: &AsOf, snapshot: &Arc<Snapshot>| {
            let weight = (snapshot.estimated_bytes() as u64 / WEIGHT_UNIT_BYTES).clamp(1, limit);
            u32::try_from(weight).unwrap_or(u32::MAX)
        };
        let states = Cache::builder().max_capacity(limit).weigher(weigh).eviction_policy(EvictionPolicy::lru()).build();
        Self { states, building: Mutex::new(()), workers: half_of_the_cores() }
    }

    /// Threads for work that must not slow the present.
    pub fn workers(&self) -> Option<Arc<ThreadPool>> {
        self.workers.clone()
    }

    /// Forgets everything: it may not be what the store tells any more.
    pub fn forget(&self) {
        self.states.invalidate_all();
    }

    pub fn used(&self) -> PastUse {
        self.states.run_pending_tasks();
        PastUse { count: self.states.entry_count(), bytes: self.states.weighted_size() * WEIGHT_UNIT_BYTES }
    }
}

/// At most half of the cores; `None`, which means all, when the system gives no threads.
fn half_of_the_cores() -> Option<Arc<ThreadPool>> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pool = ThreadPoolBuilder::new().num_threads((cores / 2).max(1)).thread_name(|n| format!("past-{n}")).build();
    pool.inspect_err(|error| tracing::warn!(%error, "past states are built on all cores")).ok().map(Arc::new)
}

impl App {
    /// Lets past states take so many bytes, instead of [`PAST_MEMORY_BYTES`]. For a handle that was not cloned yet.
    #[must_use]
    pub fn with_past_memory(mut self, bytes: u64) -> Self {
        self.past = Arc::new(Past::new(bytes));
        self
    }

    /// A state that need not be built: the published one, or one that was built before and is kept.
    ///
    /// Errors: [`Error::NotReady`] before the first snapshot.
    pub fn snapshot_at_hand(&self, as_of: AsOf) -> Result<Option<Arc<Snapshot>>, Error> {
        let present = self.snapshot()?;
        Ok(if as_of == present.as_of() { Some(present) } else { self.past.states.get(&as_of) })
    }

    /// The register as of both clocks: the published snapshot when they are its own, else one that is built now or was
    /// built before. CPU and disk work: not for an async thread.
    ///
    /// Errors: [`Error::NoSuchRevision`]; [`Error::NotReady`] before the first snapshot; [`Error::Past`] when the store fails
    /// or the state cannot be served.
    pub fn snapshot_at(&self, question: Question) -> Result<Arc<Snapshot>, Error> {
        let mut present = self.snapshot()?;
        if question.known.is_some_and(|known| known > present.revision()) {
            // Another process may have entered it, and somebody has heard of it before this one.
            present = self.catch_up()?;
        }
        let as_of = present.resolve(question)?;
        if as_of == present.as_of() {
            return Ok(present);
        }
        let build = || -> Result<Arc<Snapshot>, Error> {
            let _turn = self.past.building.lock().unwrap_or_else(PoisonError::into_inner);
            let register = self.store.load(Question { day: Some(as_of.day), known: Some(as_of.known) })?;
            let snapshot = Snapshot::build_on_demand(register, Some(&present), self.past.workers())?;
            Ok(Arc::new(snapshot))
        };
        self.past.states.try_get_with(as_of, build).map_err(Error::Past)
    }
}

impl Snapshot {
    /// Both clocks of a question, as the records of this state tell them; what is left open is taken from the latest.
    /// Errors: [`Error::NoSuchRevision`].
    pub fn resolve(&self, question: Question) -> Result<AsOf, Error> {
        let latest = self.revision();
        let known = question.known.unwrap_or(latest);
        let records = || self.records().iter().take_while(|record| u64::from(record.id.0) <= known.0);
        let data_date = records().map(|record| record.dated).max();
        match data_date.filter(|_| known <= latest) {
            Some(data_date) => Ok(AsOf { day: question.day.unwrap_or(data_date), known }),
            None => Err(Error::NoSuchRevision { asked: known, latest }),
        }
    }
}
