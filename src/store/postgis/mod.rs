//! The register in PostgreSQL with PostGIS, which many instances share.
//!
//! Tables of one schema hold what [`crate::history::Ledger`] holds; a constraint makes overlapping versions impossible and
//! triggers refuse every change of what is history. Writers of all instances wait for each other; readers see one instant.
//! The trait is synchronous, so the store has threads of its own for the network: it is called from blocking threads,
//! never from an async one. A connection that is lost is made anew, and what was asked is asked again for a short time;
//! an entry is found again by a number of its own, so it is never entered twice.

mod changes;
mod check;
mod commit;
mod deliveries;
mod ewkb;
mod listen;
mod load;
mod pending;
mod rows;
mod schema;
mod session;
#[cfg(test)]
mod tests;
mod transfer;
mod vault;
mod write;

use std::fmt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::history::{Entry, Key, NewRecord, Version};
use crate::model::{AreaCode, AsOf, Revision};
use crate::store::geopackage::Access;
use crate::store::postgis::listen::Listener;
use crate::store::postgis::session::{Address, Sessions};
use crate::store::{Changes, DocumentChange, Question, Register, Row, Store, StoreError};

pub use session::{CONNECT_TIMEOUT, LOCK_TIMEOUT, RETRY_LIMIT, SILENCE_LIMIT, STATEMENT_TIMEOUT};

/// Connections kept, unless told otherwise; another one listens.
pub const POOL_SIZE: usize = 4;

/// Threads for the network.
const THREADS: usize = 2;

/// The channel on which a new revision is announced, in the transaction that enters it.
pub const CHANNEL: &str = "onemap_revision";

/// How to reach a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What to do when there is no register in the database.
    pub access: Access,
    /// Certificates of the authorities that are trusted, as PEM; `None` for those of the system. The address may name a
    /// file too, as `sslrootcert`.
    pub ca_file: Option<PathBuf>,
    /// Connections kept, one or more.
    pub connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { access: Access::Create, ca_file: None, connections: POOL_SIZE }
    }
}

/// A register in a database.
pub struct PostGis {
    sessions: Sessions,
    listener: Listener,
    /// Held while writing, so that waiting writers do not use up the connections.
    writer: Mutex<()>,
    /// Taken when dropped.
    runtime: Option<Runtime>,
}

impl fmt::Debug for PostGis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostGis").field("place", &self.sessions.place).finish_non_exhaustive()
    }
}

impl PostGis {
    /// Connects to a database, `postgres://user:password@host:port/database?sslmode=disable|prefer|require`, and brings
    /// the schema up to date. With TLS the server's certificate is verified.
    ///
    /// Errors: [`StoreError::Unreachable`] after [`RETRY_LIMIT`]; [`StoreError::Unfit`] when the address cannot be read, an
    /// extension is missing, there is no register and none is to be made, or a newer program wrote it.
    pub fn open(address: &str, options: &Options) -> Result<Self, StoreError> {
        let mut address = Address::parse(address)?;
        address.ca_file = options.ca_file.clone().or(address.ca_file);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("onemap-postgis")
            .enable_all()
            .build()
            .map_err(|source| StoreError::Unreachable { place: address.place.clone(), source: Box::new(source) })?;
        let sessions = Sessions::new(address, options.connections.max(1))?;
        let store = Self { sessions, listener: Listener::default(), writer: Mutex::new(()), runtime: Some(runtime) };
        store.run(store.sessions.retry(async || schema::prepare(&store.sessions, options.access).await))?;
        Ok(store)
    }

    /// Host, port and database, without user and password.
    pub fn place(&self) -> &str {
        &self.sessions.place
    }

    /// Waits for something on the network.
    fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("it is there until the store is dropped").block_on(work)
    }

    /// Does something on a connection, again when it is lost.
    fn with_client<T>(
        &self,
        work: impl AsyncFn(&mut tokio_postgres::Client) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.run(self.sessions.retry(async || {
            let mut client = self.sessions.client().await?;
            work(&mut client).await
        }))
    }
}

impl Drop for PostGis {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waiting for its threads would panic where waiting is not allowed.
            runtime.shutdown_background();
        }
    }
}

impl Store for PostGis {
    fn revision(&self) -> Result<Option<Revision>, StoreError> {
        self.with_client(async |client| rows::latest(client).await)
    }

    fn load(&self, question: Question) -> Result<Register, StoreError> {
        self.with_client(async |client| load::load(client, question).await)
    }

    fn changes(&self, from: AsOf, to: AsOf) -> Result<Changes, StoreError> {
        self.with_client(async |client| changes::changes(client, from, to).await)
    }

    fn history(&self, area: &AreaCode) -> Result<Vec<Version>, StoreError> {
        self.with_client(async |client| rows::history(client, area).await)
    }

    fn versions(&self, key: &Key) -> Result<Vec<Version>, StoreError> {
        self.with_client(async |client| rows::versions(client, key).await)
    }

    fn commit_with(
        &self,
        record: &NewRecord,
        entry: &Entry,
        documents: &[DocumentChange],
    ) -> Result<Revision, StoreError> {
        let _alone = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = commit::Attempt::default();
        self.with_client(async |client| commit::commit(client, (record, entry, documents), &attempt).await)
    }

    fn revision_of_request(&self, request: &str) -> Result<Option<Revision>, StoreError> {
        self.with_client(async |client| rows::revision_of_request(client, request).await)
    }

    fn touched_by(&self, revision: Revision) -> Result<Vec<AreaCode>, StoreError> {
        self.with_client(async |client| changes::touched_by(client, revision).await)
    }

    fn keys_touched_by(&self, revision: Revision) -> Result<Vec<Key>, StoreError> {
        self.with_client(async |client| changes::keys_touched_by(client, revision).await)
    }

    fn wait_beyond(&self, seen: Option<Revision>, longest: Duration) -> Result<Option<Revision>, StoreError> {
        self.run(self.listener.wait_beyond(&self.sessions, seen, longest))
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        self.with_client(async |client| check::check(client).await)
    }

    fn export(&self, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
        transfer::export(self, sink)
    }

    fn import(&self, rows: &mut dyn Iterator<Item = Result<Row, StoreError>>) -> Result<Option<Revision>, StoreError> {
        let _alone = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        transfer::import(self, rows)
    }
}

/// Says what was to be done when a statement failed.
fn failed(step: &'static str) -> impl Fn(tokio_postgres::Error) -> StoreError + Copy {
    move |source| StoreError::Database { step, source }
}
