//! Connections: accepted with limits that `axum::serve` does not have, and let finish at shutdown.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use tracing::{debug, warn};

use crate::http::client::Peer;
use crate::http::slow::Taken;
use crate::http::tls::Tls;
use crate::http::{Site, router};

/// Longest time for a request's head to arrive, also on a connection that is kept open, and for a TLS handshake.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of a request's head, so that the heads of ten thousand clients that never end them are 160 MiB at most.
pub const HEAD_BYTES_MAX: usize = 16 * 1024;

/// Pause after an accept that failed, for example because the process has no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `shutdown` completes, then lets requests in flight finish within the site's grace. With a certificate
/// nothing but TLS is spoken.
///
/// Errors: none at present; connections that fail are logged and closed.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    tls: Option<Arc<Tls>>,
    shutdown: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let grace = site.settings().shutdown_grace;
    let connections = Arc::new(Semaphore::new(site.settings().edge.connections));
    let graceful = GracefulShutdown::new();
    let desk = Desk::new(router(site));
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
        let (stream, address) = match stream {
            Ok(accepted) => accepted,
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
        let peer = Peer::new(address, tls.is_some());
        let (desk, tls, watcher) = (desk.clone(), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            match tls {
                None => desk.attend(stream, peer, watcher).await,
                Some(tls) => {
                    if let Some(stream) = shake_hands(&tls, stream).await {
                        desk.attend(stream, peer, watcher).await;
                    }
                }
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

/// The client must have shown within [`HEADER_TIMEOUT`] that it speaks TLS.
async fn shake_hands(tls: &Tls, stream: TcpStream) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    match tokio::time::timeout(HEADER_TIMEOUT, tls.acceptor().accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(err)) => {
            debug!(error = %err, "no TLS");
            None
        }
        Err(_) => {
            debug!("a TLS handshake took too long");
            None
        }
    }
}

/// Where connections are attended to. Cloning shares everything.
#[derive(Clone)]
struct Desk {
    app: Router,
    http: http1::Builder,
}

impl Desk {
    fn new(app: Router) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_header_size(HEAD_BYTES_MAX);
        Self { app, http }
    }

    /// Answers every request of a connection.
    async fn attend<S>(self, stream: S, peer: Peer, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let app = self.app.map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            request
        });
        let connection = self.http.serve_connection(TokioIo::new(Taken::new(stream)), TowerToHyperService::new(app));
        if let Err(err) = watcher.watch(connection).await {
            debug!(error = %err, "connection ended");
        }
    }
}
