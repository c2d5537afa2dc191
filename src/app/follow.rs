//! Keeping the published snapshot at the store's latest revision, whoever writes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::app::{App, Error, Snapshot};
use crate::model::{AsOf, Revision};
use crate::store::{Question, StoreError};

/// Longest wait for a new revision before the store is asked again.
const WAIT: Duration = Duration::from_secs(1);

/// Pauses between attempts while the store fails: the first, doubled up to the last.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

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

/// What the followers of a store share.
#[derive(Debug, Default)]
pub(super) struct Following {
    /// Held while a record is entered.
    writing: Mutex<()>,
    /// Held while the next snapshot is made, so that no earlier one replaces a later one.
    publishing: Mutex<()>,
    state: Mutex<State>,
    /// Whether a base is being built in the background.
    rebasing: AtomicBool,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    lost_since: Option<Timestamp>,
    published_at: Option<Timestamp>,
    delta: Option<Duration>,
    /// The store was away: another history may have come back.
    doubtful: bool,
}

impl Following {
    /// Waits until nobody else in this process enters a record.
    pub fn writing(&self) -> MutexGuard<'_, ()> {
        lock(&self.writing)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is whole at any time.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl App {
    /// Reads the store, builds a snapshot and publishes it. CPU and disk work: not for an async thread.
    pub fn refresh(&self) -> Result<Arc<Snapshot>, Error> {
        let _turn = lock(&self.following.publishing);
        let told = self.anew();
        self.note(&told);
        told.map(|next| self.swap(next))
    }

    /// Publishes the store's latest revision: by what changed since the published one, else anew. CPU and disk work: not
    /// for an async thread.
    pub fn catch_up(&self) -> Result<Arc<Snapshot>, Error> {
        let _turn = lock(&self.following.publishing);
        let started = Instant::now();
        let told = self.next();
        self.note(&told);
        let Some(next) = told? else { return self.snapshot() };
        let next = self.swap(next);
        lock(&self.following.state).delta = Some(started.elapsed());
        if next.patched_count() > next.patch_limit() {
            self.rebase(Arc::clone(&next));
        }
        Ok(next)
    }

    /// How the register is doing.
    pub fn health(&self) -> Health {
        let State { lost_since, published_at, delta, .. } = *lock(&self.following.state);
        let past = self.past.used();
        Health {
            store_lost_since: lost_since,
            published_at,
            last_delta: delta,
            past_snapshots: past.count,
            past_snapshot_bytes: past.bytes,
        }
    }

    /// Starts a thread that keeps up with the store until `stop` is set, at most about two seconds longer. While the store
    /// fails the last snapshot is served. Errors: the system gives no thread.
    pub fn follow(&self, stop: Arc<AtomicBool>) -> std::io::Result<JoinHandle<()>> {
        let app = self.clone();
        std::thread::Builder::new().name("follow".to_owned()).spawn(move || {
            let mut pause = PAUSES.0;
            while !stop.load(Ordering::Relaxed) {
                match app.keep_up() {
                    Ok(()) if pause > PAUSES.0 => {
                        tracing::info!("the store is followed again");
                        pause = PAUSES.0;
                    }
                    Ok(()) => {}
                    Err(error) => {
                        // Once for each loss: /readyz and /metrics tell how long it lasts.
                        if pause == PAUSES.0 {
                            tracing::warn!(%error, cause = cause(&error), "the store cannot be followed");
                        }
                        std::thread::sleep(pause);
                        pause = (2 * pause).min(PAUSES.1);
                    }
                }
            }
        })
    }

    /// Waits for a revision that is not the published one and publishes it.
    fn keep_up(&self) -> Result<(), Error> {
        let seen = self.published.load().as_ref().map(|snapshot| snapshot.revision());
        let latest = self.store.wait_beyond(seen, WAIT);
        let latest = latest.map_err(Error::from);
        self.note(&latest);
        let doubtful = lock(&self.following.state).doubtful;
        if latest? != seen || doubtful {
            self.catch_up()?;
        }
        Ok(())
    }

    /// Remembers whether the store answered.
    fn note<T>(&self, told: &Result<T, Error>) {
        let mut state = lock(&self.following.state);
        match told {
            Err(Error::Store(_)) => {
                state.lost_since.get_or_insert_with(Timestamp::now);
                state.doubtful = true;
            }
            _ => state.lost_since = None,
        }
    }

    fn swap(&self, next: Snapshot) -> Arc<Snapshot> {
        let next = Arc::new(next);
        self.published.store(Some(Arc::clone(&next)));
        lock(&self.following.state).published_at = Some(Timestamp::now());
        next
    }

    /// The snapshot of the latest revision, `None` when it is the published one.
    fn next(&self) -> Result<Option<Snapshot>, Error> {
        let Some(present) = self.published.load_full() else { return self.anew().map(Some) };
        let latest = self.store.revision()?.ok_or(StoreError::Empty)?;
        let seen = present.revision();
        let doubtful = lock(&self.following.state).doubtful;
        let continued = latest >= seen && !(doubtful && self.is_replaced(&present)?);
        if continued {
            lock(&self.following.state).doubtful = false;
            if latest == seen {
                return Ok(None);
            }
            if let Some(next) = self.by_delta(&present, latest)? {
                return Ok(Some(next));
            }
        }
        tracing::info!(%seen, %latest, continued, "building the snapshot anew");
        self.anew().map(Some)
    }

    /// Whether the store's record of the published revision is another one: the file or database was replaced.
    fn is_replaced(&self, present: &Snapshot) -> Result<bool, Error> {
        let AsOf { day, known } = present.as_of();
        let before = AsOf { day, known: Revision(known.0.saturating_sub(1)) };
        let changes = self.store.changes(before, present.as_of())?;
        Ok(changes.records.last() != Some(present.latest_record()))
    }

    fn by_delta(&self, present: &Snapshot, latest: Revision) -> Result<Option<Snapshot>, Error> {
        let mut to = AsOf { known: latest, ..present.as_of() };
        loop {
            let changes = self.store.changes(present.as_of(), to)?;
            // The data date is that of the latest document, which only the records tell.
            let dated = changes.records.iter().map(|record| record.dated).max().unwrap_or(to.day);
            // An area says which record changed it last, as of now. When that is a later one than asked for, the answer
            // would carry a revision whose content it does not have, and an edit that says it saw it would go through.
            let touched =
                changes.areas.iter().filter_map(|change| change.after.as_ref()).map(|area| area.changed).max();
            let wanted = AsOf { day: to.day.max(dated), known: touched.map_or(to.known, |known| known.max(to.known)) };
            if wanted == to {
                return Ok(present.apply(&changes));
            }
            to = wanted;
        }
    }

    fn anew(&self) -> Result<Snapshot, Error> {
        let register = self.store.load(Question::default())?;
        self.past.forget();
        self.series.forget();
        self.unlocated.forget();
        let known = self.published.load_full();
        let snapshot = Snapshot::build_on_demand(register, known.as_deref(), None)?;
        snapshot.complete();
        lock(&self.following.state).doubtful = false;
        Ok(snapshot)
    }

    /// Builds a new base of this state in the background, without the store, and publishes it with what came meanwhile.
    fn rebase(&self, old: Arc<Snapshot>) {
        if self.following.rebasing.swap(true, Ordering::AcqRel) {
            return;
        }
        let app = self.clone();
        let work = move || {
            if let Err(error) = app.publish_rebased(&old) {
                tracing::warn!(%error, cause = cause(&error), "the snapshot could not be built anew");
            }
            app.following.rebasing.store(false, Ordering::Release);
        };
        if let Err(error) = std::thread::Builder::new().name("rebase".to_owned()).spawn(work) {
            tracing::warn!(%error, "no thread to build the snapshot anew");
            self.following.rebasing.store(false, Ordering::Release);
        }
    }

    fn publish_rebased(&self, old: &Snapshot) -> Result<(), Error> {
        let rebased = Snapshot::build_on_demand(old.to_register(), Some(old), self.past.workers())?;
        rebased.complete();
        let _turn = lock(&self.following.publishing);
        let present = self.snapshot()?;
        if present.as_of() == rebased.as_of() {
            if present.latest_record() == rebased.latest_record() {
                self.swap(rebased);
            }
            return Ok(());
        }
        let next = rebased.apply(&self.store.changes(rebased.as_of(), present.as_of())?);
        if let Some(next) = next.filter(|next| next.latest_record() == present.latest_record()) {
            self.swap(next);
        }
        Ok(())
    }
}

/// The innermost cause of an error.
fn cause(error: &Error) -> String {
    let mut innermost: &dyn std::error::Error = error;
    while let Some(next) = innermost.source() {
        innermost = next;
    }
    innermost.to_string()
}
