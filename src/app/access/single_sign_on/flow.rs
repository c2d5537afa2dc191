//! What a sign-in needs from its beginning to its end: it travels in a cookie of the browser that began it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a sign-in may take.
pub const FLOW_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// How far the clocks of two servers may be apart.
const CLOCKS_APART: SignedDuration = SignedDuration::from_secs(60);

/// Bytes of a cookie at most.
const COOKIE_BYTES_MAX: usize = 3_000;

/// A sign-in that was begun. Whoever has the cookie has begun it; what stands in it protects them from others, not from
/// themselves, so it needs no seal but that no other site can set it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flow {
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) next: String,
    pub(super) begun_at: Timestamp,
}

impl Flow {
    /// As the value of a cookie.
    pub(super) fn seal(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("texts are always JSON"))
    }

    /// Out of a cookie; `None` for another text, and for one that is too old.
    pub(super) fn open(cookie: &str, at: Timestamp) -> Option<Self> {
        if cookie.len() > COOKIE_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        let flow: Self = serde_json::from_slice(&bytes).ok()?;
        let age = at.duration_since(flow.begun_at);
        (age > -CLOCKS_APART && age < FLOW_LIFE && !flow.state.is_empty()).then_some(flow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_as_it_was_within_its_time() {
        let at = |seconds: i64| Timestamp::from_second(1_700_000_000 + seconds).unwrap();
        let flow = Flow {
            state: "s".to_owned(),
            nonce: "n".to_owned(),
            verifier: "v".to_owned(),
            next: "/ledger?street=110105001".to_owned(),
            begun_at: at(0),
        };
        let cookie = flow.seal();
        assert!(cookie.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
        assert!(Flow::open(&cookie, at(599)) == Some(flow.clone()));
        assert!(Flow::open(&cookie, at(-59)).is_some(), "another server's clock may be a little behind");
        assert!(Flow::open(&cookie, at(600)).is_none() && Flow::open(&cookie, at(-60)).is_none());
        for wrong in ["", "x", "e30", &"A".repeat(4000)] {
            assert!(Flow::open(wrong, at(1)).is_none(), "{wrong}");
        }
        let empty = Flow { state: String::new(), ..flow };
        assert!(Flow::open(&empty.seal(), at(1)).is_none());
    }
}
