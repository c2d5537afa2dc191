//! Clients that send or take so little at a time that a connection, or the memory of an answer, would be held for ever.
//!
//! A client has some seconds in which nothing moves. Every byte that moves earns it a little more time, so that a slow line
//! is served to the end and a trickle is not.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Longest time in which nothing of a request's body comes.
pub const BODY_GRACE: Duration = Duration::from_secs(20);

/// Longest time in which nothing of an answer is taken.
pub const ANSWER_GRACE: Duration = Duration::from_secs(30);

/// Bytes a second at which a client loses none of its time.
const PACE: f64 = 8_192.0;

/// What a client has left of its time.
struct Patience {
    grace: Duration,
    left: Duration,
    /// Since when nothing has moved, while something is awaited.
    since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    fn new(grace: Duration) -> Self {
        Self { grace, left: grace, since: None, alarm: None }
    }

    /// When the time ends in which nothing moves, if nothing moves.
    fn ends(&mut self, now: Instant) -> Instant {
        *self.since.get_or_insert(now) + self.left
    }

    /// So many bytes have moved.
    fn moved(&mut self, now: Instant, bytes: usize) {
        if let Some(since) = self.since.take() {
            self.left = self.left.saturating_sub(now.saturating_duration_since(since));
        }
        self.left = (self.left + Duration::from_secs_f64(bytes as f64 / PACE)).min(self.grace);
    }

    /// Everything has moved.
    fn rest(&mut self) {
        (self.since, self.left) = (None, self.grace);
    }

    /// Nothing moves at present. Ready when it has been so for too long.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let fresh = self.since.is_none();
        let end = self.ends(Instant::now());
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if fresh {
            alarm.as_mut().reset(end);
        }
        alarm.as_mut().poll(cx)
    }
}

/// A connection whose answers must be taken.
pub struct Taken<S> {
    stream: S,
    patience: Patience,
}

impl<S> Taken<S> {
    /// A connection with the whole of its time.
    pub fn new(stream: S) -> Self {
        Self { stream, patience: Patience::new(ANSWER_GRACE) }
    }

    fn timed(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.patience.moved(Instant::now(), bytes);
                Poll::Ready(Ok(bytes))
            }
            Poll::Pending => {
                ready!(self.patience.poll_end(cx));
                Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not take its answer")))
            }
            failed => failed,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Taken<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Taken<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.timed(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.timed(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        match flushed {
            Poll::Ready(Ok(())) => self.patience.rest(),
            // TLS may hold a part of an answer back until here.
            Poll::Pending => return self.timed(Poll::Pending, cx).map_ok(|_| ()),
            Poll::Ready(Err(_)) => {}
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(cx);
        if shut.is_pending() { self.timed(Poll::Pending, cx).map_ok(|_| ()) } else { shut }
    }
}

/// A request's body that must come.
struct Coming {
    body: Body,
    patience: Patience,
}

impl HttpBody for Coming {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            let bytes = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()).map_or(0, Bytes::len);
            self.patience.moved(Instant::now(), bytes);
            return Poll::Ready(frame);
        }
        ready!(self.patience.poll_end(cx));
        let slow = io::Error::new(io::ErrorKind::TimedOut, "the body of the request does not come");
        Poll::Ready(Some(Err(axum::Error::new(slow))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Gives up a request whose body does not come.
pub async fn limit_body_time(request: Request, next: Next) -> Response {
    let paced = request.map(|body| {
        if body.is_end_stream() {
            return body;
        }
        Body::new(Coming { body, patience: Patience::new(BODY_GRACE) })
    });
    next.run(paced).await
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_trickle_ends_and_a_slow_line_does_not() {
        let begun = Instant::now();
        // One byte a second, and eight KiB a second.
        for (bytes, lasts) in [(1, false), (8_192, true)] {
            let mut patience = Patience::new(20 * SECOND);
            let ended = (1..=600).find(|second| {
                let now = begun + *second * SECOND;
                let ended = patience.ends(now - SECOND) < now;
                patience.moved(now, bytes);
                ended
            });
            assert_eq!(ended.is_none(), lasts, "{bytes} bytes a second ended at {ended:?}");
            assert!(ended.is_none_or(|second| second <= 22), "{ended:?}");
        }
    }

    #[test]
    fn time_in_which_nothing_is_awaited_does_not_count() {
        let begun = Instant::now();
        let mut patience = Patience::new(20 * SECOND);
        assert_eq!(patience.ends(begun + 100 * SECOND), begun + 120 * SECOND);
        assert_eq!(patience.ends(begun + 110 * SECOND), begun + 120 * SECOND, "it is the same pause");
        patience.moved(begun + 115 * SECOND, 0);
        assert_eq!(patience.ends(begun + 500 * SECOND), begun + 505 * SECOND, "five seconds are left");
        patience.rest();
        assert_eq!(patience.ends(begun + 600 * SECOND), begun + 620 * SECOND);
    }
}
