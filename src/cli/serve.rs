//! `onemap serve`: the map, the tiles and the API until a signal says stop.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::{TcpListener, TcpSocket};
use tracing::{error, info};

use crate::app::App;
use crate::app::access::single_sign_on::SingleSignOn;
use crate::cli::edge::EdgeArguments;
use crate::cli::{Settings, open, start_logging};
use crate::config::{Config, Overrides};
use crate::crs;
use crate::http;

/// Arguments of `onemap serve`.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Address and port to listen on; port 0 lets the system choose [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDR:PORT", env = "ONEMAP_LISTEN")]
    listen: Option<SocketAddr>,
    /// Map approval number (审图号): with one the public sees the map, which shows it.
    #[arg(long, value_name = "NUMBER", env = "ONEMAP_MAP_APPROVAL_NUMBER")]
    map_approval_number: Option<String>,
    /// Show the map, marked 内部使用, to everybody who reaches the server, without a map approval number [default: no].
    #[arg(long, env = "ONEMAP_INTERNAL_USE", value_name = "YES", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    internal_use: Option<bool>,
    /// Metres by which the borders that the public sees may differ from the true ones [default: 1].
    #[arg(long, value_name = "METRES", env = "ONEMAP_PUBLIC_TOLERANCE_M")]
    public_tolerance_m: Option<f64>,
    /// Key of the Tianditu base map; without it the page asks no other host.
    #[arg(long, value_name = "KEY", env = "ONEMAP_TIANDITU_KEY", hide_env_values = true)]
    tianditu_key: Option<String>,
    /// Seconds that requests in flight may take to finish at shutdown [default: 10].
    #[arg(long, value_name = "SECONDS", env = "ONEMAP_SHUTDOWN_GRACE_S")]
    shutdown_grace_s: Option<u64>,
    /// Names under which the register may be changed, besides addresses and localhost [default: none].
    #[arg(long, value_name = "NAME,…", env = "ONEMAP_HOSTS", value_delimiter = ',')]
    hosts: Option<Vec<String>>,
    /// Megabytes of memory that past states of the register may take [default: 512].
    #[arg(long, value_name = "MEGABYTES", env = "ONEMAP_PAST_MEMORY_MB")]
    past_memory_mb: Option<u64>,
    #[command(flatten)]
    edge: EdgeArguments,
    /// Write the address that is listened on into this file once requests are answered.
    #[arg(long, value_name = "FILE")]
    address_file: Option<PathBuf>,
}

/// Opens the store, builds the snapshot, serves, and returns after a graceful shutdown.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::load(Overrides {
        listen: arguments.listen,
        map_approval_number: arguments.map_approval_number,
        tianditu_key: arguments.tianditu_key,
        shutdown_grace_s: arguments.shutdown_grace_s,
        internal_use: arguments.internal_use,
        public_tolerance_m: arguments.public_tolerance_m,
        hosts: arguments.hosts,
        past_memory_mb: arguments.past_memory_mb,
        edge: arguments.edge.overrides(),
        ..arguments.settings.overrides()
    })?;
    start_logging(config.log_format)?;
    crs::self_test()?;
    let store = open::existing(&config.store, config.store_ca.as_deref())?;
    let operator = open::operator(config.local_systems.as_deref())?;
    allow_connections(config.site.edge.connections);
    let sign_on = config.sign_on.clone().map(SingleSignOn::new).transpose()?;
    let app = App::new(store).with_past_memory(config.past_memory).with_operator(operator).with_sign_on(sign_on);
    app.access().take_reports(config.reports_per_day);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(app, config, arguments.address_file))
}

/// File descriptors that are needed besides those of connections: the store, the listener, the runtime.
const DESCRIPTORS_BESIDE: u64 = 256;

/// Connections that the system holds until they are accepted, if its own limit allows. Of a burst beyond it some wait for
/// seconds, because their first packet is sent again.
const BACKLOG: u32 = 4_096;

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // An address that a server left a moment ago can be taken again.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Asks the system for as many file descriptors as there may be connections, or as many as it gives.
fn allow_connections(connections: usize) {
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(DESCRIPTORS_BESIDE);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let granted = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    if let Err(err) = setrlimit(Resource::Nofile, Rlimit { current: Some(granted), ..limit }) {
        info!(error = %err, "the limit of file descriptors stays as it was");
    } else if granted < wanted {
        info!(granted, wanted, "the system gives fewer file descriptors than there may be connections");
    }
}

async fn serve(app: App, config: Config, address_file: Option<PathBuf>) -> anyhow::Result<()> {
    let tls = config.tls.map(http::Tls::load).transpose()?.map(Arc::new);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let listener = listen(config.listen).with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr()?;

    // Listening comes first, so that /healthz answers and /readyz says 503 while the snapshot is built.
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let shutdown = async move {
        tokio::select! {
            () = signalled() => info!("stopping: requests in flight may finish"),
            _ = stopped => {}
        }
    };
    tokio::spawn(reload_at_hangup(tls.clone()));
    let server = tokio::spawn(http::serve(listener, http::Site::new(app.clone(), config.site), tls, shutdown));

    let started = Instant::now();
    let refreshed = tokio::task::spawn_blocking({
        let app = app.clone();
        move || app.refresh()
    });
    let refreshed = refreshed.await?;
    let snapshot = match refreshed {
        Ok(snapshot) => snapshot,
        Err(err) => {
            drop(stop);
            server.await??;
            return Err(err.into());
        }
    };
    info!(
        %address,
        revision = snapshot.revision().0,
        areas = snapshot.area_count(),
        data_date = %snapshot.data_date(),
        load_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        "listening on {scheme}://{address}"
    );
    drop(snapshot);
    let leave = Arc::new(AtomicBool::new(false));
    let following = app.follow(Arc::clone(&leave)).context("no thread to follow the store")?;
    if let Some(file) = address_file {
        std::fs::write(&file, address.to_string()).with_context(|| format!("cannot write {}", file.display()))?;
    }
    server.await??;
    leave.store(true, Ordering::Relaxed);
    // It may be waiting for the store; there is nothing of it to be kept.
    drop(following);
    info!("stopped");
    // The sender lives until here: dropping it is the way to stop a server that could not load its register.
    drop(stop);
    Ok(())
}

/// Reads the certificate again at SIGHUP. One that cannot be used leaves the old one in use.
async fn reload_at_hangup(tls: Option<Arc<http::Tls>>) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangup = signal(SignalKind::hangup()).expect("the runtime can listen for SIGHUP");
    while hangup.recv().await.is_some() {
        let Some(tls) = tls.clone() else {
            info!("there is no certificate to be read again");
            continue;
        };
        match tokio::task::spawn_blocking(move || tls.reload()).await {
            Ok(Ok(())) => info!("the certificate was read again"),
            Ok(Err(err)) => {
                let cause = std::error::Error::source(&err).map(ToString::to_string).unwrap_or_default();
                error!(error = %err, cause, "the certificate stays as it was");
            }
            Err(err) => error!(error = %err, "the certificate stays as it was"),
        }
    }
}

/// Completes at SIGINT or SIGTERM.
async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt()).expect("the runtime can listen for SIGINT");
    let mut terminate = signal(SignalKind::terminate()).expect("the runtime can listen for SIGTERM");
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
