//! Connections: accepted with limits that `axum::serve` does not have, and let finish at shutdown.

use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tracing::{debug, warn};

use crate::http::{Site, router};

/// Longest time for a request's head to arrive, also on a connection that is kept open.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest time that a client may leave its answer unread.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections held at a time; further ones wait in the system's queue.
pub const CONNECTION_LIMIT: usize = 4_096;

/// Pause after an accept that failed, for example because the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` completes, then lets requests in flight finish within the site's grace.
///
/// Errors: none at present; connections that fail are logged and closed.
pub async fn serve(listener: TcpListener, site: Site, shutdown: impl Future<Output = ()>) -> std::io::Result<()> {
    let grace = site.settings().shutdown_grace;
    let app = router(site);
    let connections = Arc::new(Semaphore::new(CONNECTION_LIMIT));
    let graceful = GracefulShutdown::new();
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = async {
            let permit = Arc::clone(&connections).acquire_owned().await.expect("the semaphore is never closed");
            (permit, listener.accept().await)
        };
        let (permit, stream) = tokio::select! {
            (permit, stream) = accepted => (permit, stream),
            () = &mut shutdown => break,
        };
        let stream = match stream {
            Ok((stream, _)) => stream,
            Err(err) => {
                warn!(error = %err, "a connection was not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Answers are small and whole, so waiting to fill a packet would only delay them.
        if let Err(err) = stream.set_nodelay(true) {
            debug!(error = %err, "no-delay refused");
        }
        let mut stream = Box::pin(TimeoutStream::new(stream));
        stream.as_mut().set_write_timeout_pinned(Some(WRITE_TIMEOUT));
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(app.clone()));
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(err) = connection.await {
                debug!(error = %err, "connection ended");
            }
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        warn!(grace_s = grace.as_secs(), "requests were still in flight when the grace ended");
    }
    Ok(())
}
