//! Memory of answers that are under way: a client who asks for many large ones and reads none must not fill the memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::http::client::Client;
use crate::http::{Problem, Site};

/// Answers of fewer bytes are not counted: the system takes them at once.
const SMALL: u64 = 256 * 1024;

/// Bytes of answers under way to one client beyond which it gets no further one.
const CLIENT_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of answers under way to all clients beyond which nobody gets a further one.
const ALL_MAX: u64 = 256 * 1024 * 1024;

/// Seconds after which somebody who was refused may ask again.
const RETRY_S: u64 = 2;

/// What is under way. Cloning shares it.
#[derive(Clone, Default)]
pub struct Answers {
    by_client: Arc<Mutex<HashMap<IpAddr, u64>>>,
}

impl Answers {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, u64>> {
        self.by_client.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts an answer of so many bytes until what is returned is dropped. `None` when there is no room for it: then no more
    /// than one answer beyond each bound is under way.
    fn take(&self, client: IpAddr, bytes: u64) -> Option<Held> {
        let mut by_client = self.lock();
        // As many entries as clients with large answers under way, which are few.
        let all: u64 = by_client.values().sum();
        let own = by_client.get(&client).copied().unwrap_or(0);
        if own >= CLIENT_MAX || all >= ALL_MAX {
            return None;
        }
        by_client.insert(client, own + bytes);
        Some(Held { answers: self.clone(), client, bytes })
    }
}

/// An answer that is counted.
struct Held {
    answers: Answers,
    client: IpAddr,
    bytes: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut by_client = self.answers.lock();
        let left = by_client.get(&self.client).map_or(0, |own| own.saturating_sub(self.bytes));
        if left == 0 {
            by_client.remove(&self.client);
        } else {
            by_client.insert(self.client, left);
        }
    }
}

/// Bytes that are counted as long as somebody holds them, which is until the connection has sent them.
struct Counted {
    bytes: Bytes,
    _held: Arc<Held>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// An answer's body whose bytes are counted.
struct Outgoing {
    body: Body,
    held: Arc<Held>,
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let held = Arc::clone(&self.held);
        let counted = |bytes| Bytes::from_owner(Counted { bytes, _held: held });
        Pin::new(&mut self.body).poll_frame(cx).map_ok(|frame| frame.map_data(counted))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Counts a large answer until it is sent, and refuses one for which there is no room.
pub async fn count_answers(State(site): State<Site>, request: Request, next: Next) -> Response {
    let client = request.extensions().get::<Client>().copied();
    let response = next.run(request).await;
    let size = response.body().size_hint().lower();
    let Some(client) = client.filter(|_| size >= SMALL) else { return response };
    match site.answers().take(client.key(), size) {
        Some(held) => {
            let held = Arc::new(held);
            response.map(|body| Body::new(Outgoing { body, held }))
        }
        None => {
            let detail = "earlier answers are still on their way; read them, or ask again in a moment";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(RETRY_S).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn one_client_cannot_take_the_room_of_all() {
        let answers = Answers::default();
        let large = CLIENT_MAX / 2;
        let held: Vec<Held> = (0..2).map(|_| answers.take(address(1), large).unwrap()).collect();
        assert!(answers.take(address(1), 1).is_none(), "its own room is taken");
        let other = answers.take(address(2), large);
        assert!(other.is_some(), "another's is not");
        drop(held);
        assert!(answers.take(address(1), 1).is_some());
        drop(other);
        assert!(answers.lock().is_empty(), "nothing is remembered of answers that were sent");
    }

    #[test]
    fn there_is_an_end_to_the_room_of_all_and_one_answer_of_any_size_is_sent() {
        let answers = Answers::default();
        let held = answers.take(address(1), ALL_MAX * 4);
        assert!(held.is_some() && answers.take(address(2), 1).is_none());
        drop(held);
        assert!(answers.take(address(2), 1).is_some());
    }

    #[tokio::test]
    async fn bytes_are_counted_until_the_last_of_them_is_let_go() {
        let answers = Answers::default();
        let held = Arc::new(answers.take(address(1), 8).unwrap());
        let body = Body::new(Outgoing { body: Body::from("8 bytes."), held });
        let bytes = axum::body::to_bytes(body, 8).await.unwrap();
        let part = bytes.slice(2..4);
        drop(bytes);
        assert_eq!((answers.lock().get(&address(1)), &part[..]), (Some(&8), &b"by"[..]));
        drop(part);
        assert!(answers.lock().is_empty());
    }
}
