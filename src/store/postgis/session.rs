//! Addresses, TLS and connections: every connection is set up in the same way, and lost ones are told from other errors.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use deadpool_postgres::{Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::store::StoreError;

/// Time for making one connection, TLS and login included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Time for one statement.
pub const STATEMENT_TIMEOUT: Duration = Duration::from_secs(60);

/// Time for which a writer waits for another one, of this or another process.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// Time for which an operation is tried again after the connection was lost: a short restart is not seen.
pub const RETRY_LIMIT: Duration = Duration::from_secs(8);

/// Silence on a connection after which the other side is probed, and time for which sent bytes may stay unconfirmed.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(10);

const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// The schema that all tables are in.
pub(super) const SCHEMA: &str = "onemap";

/// What an address says.
pub(super) struct Address {
    pub(super) config: Config,
    /// Certificates of the authorities that are trusted; `None` for those of the system.
    pub(super) ca_file: Option<PathBuf>,
    /// Host, port and database, without user and password.
    pub(super) place: String,
}

impl Address {
    /// Reads a `postgres://` address. As in libpq, `sslrootcert` names a file of certificates; `sslmode=verify-full` is
    /// taken for `require`, because certificates are always verified. Errors never repeat the address.
    pub(super) fn parse(address: &str) -> Result<Self, StoreError> {
        let (base, query) = address.split_once('?').unwrap_or((address, ""));
        let mut ca_file = None;
        let mut kept = form_urlencoded::Serializer::new(String::new());
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            match (&*key, &*value) {
                ("sslrootcert", file) => ca_file = Some(PathBuf::from(file)),
                ("sslmode", "verify-full") => drop(kept.append_pair("sslmode", "require")),
                (key, value) => drop(kept.append_pair(key, value)),
            }
        }
        // The driver's parser knows `%20`, not `+`.
        let whole = format!("{base}?{}", kept.finish().replace('+', "%20"));
        let mut config: Config = whole.parse().map_err(|source: tokio_postgres::Error| StoreError::Unfit {
            place: "the address of the database".to_owned(),
            why: source.source().map_or_else(|| source.to_string(), ToString::to_string),
        })?;
        config.connect_timeout(CONNECT_TIMEOUT).application_name("onemap");
        config.keepalives_idle(SILENCE_LIMIT).tcp_user_timeout(SILENCE_LIMIT);
        let place = place_of(&config);
        Ok(Self { config, ca_file, place })
    }
}

fn place_of(config: &Config) -> String {
    let host = config.get_hosts().first().map_or_else(
        || "localhost".to_owned(),
        |host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(path) => path.display().to_string(),
        },
    );
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("postgres://{host}:{port}/{database}")
}

/// Makes connections and keeps some.
pub(super) struct Sessions {
    pub(super) place: String,
    config: Config,
    tls: MakeRustlsConnect,
    pool: Pool,
}

impl Sessions {
    pub(super) fn new(address: Address, size: usize) -> Result<Self, StoreError> {
        let Address { config, ca_file, place } = address;
        let tls =
            connector(&config, ca_file.as_deref()).map_err(|why| StoreError::Unfit { place: place.clone(), why })?;
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let pool = Pool::builder(Manager::from_config(config.clone(), tls.clone(), recycling))
            .max_size(size)
            .runtime(Runtime::Tokio1)
            .create_timeout(Some(CONNECT_TIMEOUT * 2))
            .wait_timeout(Some(LOCK_TIMEOUT))
            .post_create(Hook::async_fn(|client, _| {
                Box::pin(async move { set_up(client).await.map_err(HookError::Backend) })
            }))
            .build()
            .expect("a pool with timeouts has a runtime for them");
        Ok(Self { place, config, tls, pool })
    }

    /// A connection that goes back when it is dropped.
    pub(super) async fn client(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|err| match err {
            PoolError::Backend(source) | PoolError::PostCreateHook(HookError::Backend(source)) => {
                StoreError::Database { step: "connect", source }
            }
            other => self.unreachable(Box::new(other)),
        })
    }

    /// A connection of one's own, and what it hears; whoever asks for it runs it.
    pub(super) async fn connect(&self) -> Result<(Client, tokio_postgres::Connection<Socket, TlsStream>), StoreError> {
        let failed = |source| StoreError::Database { step: "connect", source };
        self.config.connect(self.tls.clone()).await.map_err(failed)
    }

    /// Tries again while the connection is lost or another writer was in the way, for at most [`RETRY_LIMIT`].
    pub(super) async fn retry<T>(&self, attempt: impl AsyncFn() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let end = Instant::now() + RETRY_LIMIT;
        loop {
            match attempt().await {
                Err(err) if is_passing(&err) && Instant::now() < end => tokio::time::sleep(RETRY_PAUSE).await,
                other => return other.map_err(|err| self.name(err)),
            }
        }
    }

    /// A lost connection, and a full disk, as what they are to the caller.
    pub(super) fn name(&self, err: StoreError) -> StoreError {
        match err {
            StoreError::Database { source, .. } if source.code() == Some(&SqlState::DISK_FULL) => {
                StoreError::Full { place: self.place.clone() }
            }
            StoreError::Database { source, .. } if is_lost(&source) => self.unreachable(Box::new(source)),
            other => other,
        }
    }

    pub(super) fn unreachable(&self, source: Box<dyn Error + Send + Sync>) -> StoreError {
        StoreError::Unreachable { place: self.place.clone(), source }
    }
}

/// The stream of a connection with TLS.
pub(super) type TlsStream = <MakeRustlsConnect as tokio_postgres::tls::MakeTlsConnect<Socket>>::Stream;

/// Makes a new connection ready for the register's statements.
pub(super) async fn set_up(client: &Client) -> Result<(), tokio_postgres::Error> {
    let (statement, lock) = (STATEMENT_TIMEOUT.as_millis(), LOCK_TIMEOUT.as_millis());
    // A server that was told to answer before a commit is durable is told otherwise; other levels are the operator's.
    let settings = format!(
        "SET search_path TO {SCHEMA}; SET statement_timeout TO {statement}; SET lock_timeout TO {lock};
         SET default_transaction_isolation TO 'read committed'; SET idle_in_transaction_session_timeout TO 0; SET TimeZone TO 'UTC';
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    );
    client.batch_execute(&settings).await
}

fn connector(config: &Config, ca_file: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = ca_file {
        let unreadable = |err| format!("the certificates in {} cannot be read: {err}", file.display());
        for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
            let certificate = certificate.map_err(unreadable)?;
            roots.add(certificate).map_err(|err| format!("a certificate in {} is none: {err}", file.display()))?;
        }
    } else if config.get_ssl_mode() != SslMode::Disable {
        // Single certificates of the system that cannot be read are not those that matter.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|err| err.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(client))
}

/// Whether the same operation may succeed a moment later.
fn is_passing(err: &StoreError) -> bool {
    let source = match err {
        StoreError::Database { source, .. } => source,
        other => return matches!(other, StoreError::Unreachable { .. }),
    };
    let contended = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
    is_lost(source) || source.code().is_some_and(|code| contended.contains(code))
}

/// Whether an error is about the way to the database, not about what was asked.
pub(super) fn is_lost(err: &tokio_postgres::Error) -> bool {
    let gone = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::CONNECTION_EXCEPTION,
        SqlState::CONNECTION_FAILURE,
        SqlState::CONNECTION_DOES_NOT_EXIST,
        SqlState::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
    ];
    if let Some(code) = err.code() {
        return gone.contains(code);
    }
    // A certificate that is refused arrives as an I/O error too, and does not get better.
    let io = err.source().and_then(|source| source.downcast_ref::<io::Error>());
    err.is_closed()
        || io.is_some_and(|io| io.kind() != io::ErrorKind::InvalidData && io.kind() != io::ErrorKind::InvalidInput)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_hold_a_password_and_its_place_does_not() {
        let address =
            Address::parse("postgres://map:s%40crt@db.test:5433/district?sslmode=verify-full&sslrootcert=ca.pem");
        let Ok(Address { config, ca_file, place }) = address else { panic!("it is an address") };
        assert_eq!(place, "postgres://db.test:5433/district");
        assert_eq!(config.get_password(), Some(b"s@crt".as_slice()));
        assert_eq!(config.get_ssl_mode(), SslMode::Require);
        assert_eq!(ca_file, Some(PathBuf::from("ca.pem")));
        assert!(!format!("{config:?}").contains("crt"));
    }

    #[test]
    fn a_wrong_address_is_refused_without_repeating_it() {
        for wrong in ["postgres://map:secret@db.test:x/district", "postgres://map:secret@db.test/d?sslmode=secret"] {
            let Err(err) = Address::parse(wrong) else { panic!("{wrong} is no address") };
            let told = format!("{err} {err:?}");
            assert!(!told.contains("secret"), "{told}");
        }
    }
}
