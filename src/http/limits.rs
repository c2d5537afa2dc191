//! How often one client may ask.
//!
//! Rates are counted for each client and each class of requests, so that somebody who exports all day can still look at the
//! map. A request that is one too many gets 429 and is told when to ask again.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::http::client::Client;
use crate::http::{Problem, Site};

/// Clients of whom nothing is remembered any more are forgotten after so many requests.
const UPKEEP_REQUESTS: u64 = 8_192;

/// Routes that read, but take all areas, or write a whole file, for an answer.
const EXPENSIVE: [&str; 15] = [
    "/api/export",
    "/api/ledger",
    "/api/ledger/export",
    "/api/report",
    "/api/rates/series",
    "/api/rates/ranking",
    "/api/due",
    "/api/findings",
    "/api/completeness",
    "/api/managers/gaps",
    "/api/audit",
    "/api/changes",
    "/api/changes.atom",
    "/api/deliveries/{id}/findings",
    "/api/deliveries/{id}/files/{number}",
];

/// Routes that ask another provider to let somebody in.
const SIGN_ON: [&str; 2] = ["/api/session/sso", "/api/session/sso/return"];

/// Routes where a secret is tried.
const SIGN_IN: [&str; 2] = ["/api/session", "/api/session/password"];

/// Routes on which everybody may leave a message.
const MESSAGES: [&str; 1] = ["/api/reports"];

/// Routes by which others see whether the server lives: they are never too many.
const FREE: [&str; 2] = ["/healthz", "/readyz"];

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateClass {
    /// Reading something small: pages, tiles, single items, look-ups, searches.
    Read,
    /// Reading something that takes all areas or writes a file.
    Expensive,
    /// Changing something.
    Write,
    /// Trying a secret.
    SignIn,
    /// Leaving a message without an account.
    Message,
}

impl RateClass {
    /// The class of a request by its method and the template of its route; `None` for what is not counted.
    fn of(method: &Method, route: &str) -> Option<Self> {
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if FREE.contains(&route) {
            None
        } else if EXPENSIVE.contains(&route) {
            Some(Self::Expensive)
        } else if SIGN_ON.contains(&route) {
            Some(Self::SignIn)
        } else if reads || *method == Method::DELETE && SIGN_IN.contains(&route) {
            Some(Self::Read)
        } else if SIGN_IN.contains(&route) {
            Some(Self::SignIn)
        } else if MESSAGES.contains(&route) && *method == Method::POST {
            Some(Self::Message)
        } else {
            Some(Self::Write)
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Read => "questions",
            Self::Expensive => "questions that take the whole register",
            Self::Write => "changes",
            Self::SignIn => "attempts to sign in",
            Self::Message => "messages",
        }
    }
}

/// How often: so many at once, and after that so many a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a minute in the long run.
    pub per_minute: NonZeroU32,
    /// Requests at once after a pause.
    pub burst: NonZeroU32,
}

impl Allowance {
    /// So many a minute, and so many at once. `None` when one of them is 0.
    pub fn new(per_minute: u32, burst: u32) -> Option<Self> {
        Some(Self { per_minute: NonZeroU32::new(per_minute)?, burst: NonZeroU32::new(burst)? })
    }

    fn quota(self) -> Quota {
        Quota::per_minute(self.per_minute).allow_burst(self.burst)
    }
}

/// The allowance of each class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowances {
    /// See [`RateClass::Read`].
    pub reads: Allowance,
    /// See [`RateClass::Expensive`].
    pub expensive: Allowance,
    /// See [`RateClass::Write`].
    pub writes: Allowance,
    /// See [`RateClass::SignIn`].
    pub sign_ins: Allowance,
    /// See [`RateClass::Message`].
    pub messages: Allowance,
}

impl Default for Allowances {
    /// Enough for an office of a hundred people behind one address: a page of the map asks for about 60 tiles at once.
    fn default() -> Self {
        let allowance = |per_minute, burst| Allowance::new(per_minute, burst).expect("neither is zero");
        Self {
            reads: allowance(12_000, 6_000),
            expensive: allowance(600, 300),
            writes: allowance(1_200, 600),
            sign_ins: allowance(30, 60),
            messages: allowance(2, 10),
        }
    }
}

type Limiter<C> = RateLimiter<IpAddr, DashMapStateStore<IpAddr>, C, NoMiddleware<C>>;
type NoMiddleware<C> = governor::middleware::NoOpMiddleware<<C as Clock>::Instant>;

/// What each client has asked of late.
pub struct RateLimits<C: Clock = DefaultClock> {
    clock: C,
    reads: Limiter<C>,
    expensive: Limiter<C>,
    writes: Limiter<C>,
    sign_ins: Limiter<C>,
    messages: Limiter<C>,
    checks: AtomicU64,
}

impl RateLimits {
    /// Nobody has asked anything yet.
    pub fn new(allowances: &Allowances) -> Self {
        Self::with_clock(allowances, DefaultClock::default())
    }
}

impl<C: Clock + Clone> RateLimits<C> {
    fn with_clock(allowances: &Allowances, clock: C) -> Self {
        let limiter = |allowance: Allowance| RateLimiter::dashmap_with_clock(allowance.quota(), clock.clone());
        Self {
            reads: limiter(allowances.reads),
            expensive: limiter(allowances.expensive),
            writes: limiter(allowances.writes),
            sign_ins: limiter(allowances.sign_ins),
            messages: limiter(allowances.messages),
            checks: AtomicU64::new(0),
            clock,
        }
    }

    /// Counts one request of a client. Errors: it is one too many; how long to wait before the next.
    pub fn check(&self, class: RateClass, client: IpAddr) -> Result<(), Duration> {
        let limiter = match class {
            RateClass::Read => &self.reads,
            RateClass::Expensive => &self.expensive,
            RateClass::Write => &self.writes,
            RateClass::SignIn => &self.sign_ins,
            RateClass::Message => &self.messages,
        };
        if self.checks.fetch_add(1, Ordering::Relaxed) % UPKEEP_REQUESTS == UPKEEP_REQUESTS - 1 {
            self.forget();
        }
        limiter.check_key(&client).map_err(|not_until| not_until.wait_time_from(self.clock.now()))
    }

    /// Forgets the clients who have their whole allowance again, so that many addresses take no memory for long.
    fn forget(&self) {
        for limiter in [&self.reads, &self.expensive, &self.writes, &self.sign_ins, &self.messages] {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    #[cfg(test)]
    fn remembered(&self) -> usize {
        [&self.reads, &self.expensive, &self.writes, &self.sign_ins, &self.messages]
            .map(|limiter| limiter.len())
            .iter()
            .sum()
    }
}

/// Refuses a request of a client who asks too often. What did not come over a connection is not counted.
pub async fn limit_rates(State(site): State<Site>, request: Request, next: Next) -> Response {
    let client = request.extensions().get::<Client>().copied();
    if let (Some(client), Some(limits)) = (client, site.rate_limits()) {
        let refused = class_of(&request).and_then(|class| Some((class, limits.check(class, client.key()).err()?)));
        if let Some((class, wait)) = refused {
            return too_many(class, wait).into_response();
        }
    }
    next.run(request).await
}

/// What nobody routes is counted as what it looks like.
pub fn class_of(request: &Request) -> Option<RateClass> {
    let route = request.extensions().get::<MatchedPath>();
    RateClass::of(request.method(), route.map_or("", MatchedPath::as_str))
}

/// 429: one too many.
pub fn too_many(class: RateClass, wait: Duration) -> Problem {
    // Rounded up, or whoever waits exactly so long is refused again.
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let detail = format!("too many {} from this address; ask again in {seconds} s", class.words());
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn small() -> Allowances {
        let allowance = |per_minute, burst| Allowance::new(per_minute, burst).unwrap();
        Allowances {
            reads: allowance(60, 3),
            expensive: allowance(6, 1),
            writes: allowance(60, 1),
            sign_ins: allowance(1, 2),
            messages: allowance(1, 1),
        }
    }

    #[test]
    fn a_client_that_asks_too_often_waits_and_others_do_not() {
        let clock = FakeRelativeClock::default();
        let limits = RateLimits::with_clock(&small(), clock.clone());
        let [one, other] = ["203.0.113.1", "203.0.113.2"].map(|text| text.parse::<IpAddr>().unwrap());
        for _ in 0..3 {
            assert_eq!(limits.check(RateClass::Read, one), Ok(()));
        }
        assert_eq!(limits.check(RateClass::Read, one), Err(Duration::from_secs(1)));
        assert_eq!(limits.check(RateClass::Read, other), Ok(()), "another client");
        assert_eq!(limits.check(RateClass::Expensive, one), Ok(()), "another class");
        assert_eq!(limits.check(RateClass::Expensive, one), Err(Duration::from_secs(10)));
        clock.advance(Duration::from_secs(1));
        assert_eq!(limits.check(RateClass::Read, one), Ok(()));
        assert!(limits.check(RateClass::Read, one).is_err());
    }

    #[test]
    fn clients_with_their_whole_allowance_are_forgotten() {
        let clock = FakeRelativeClock::default();
        let limits = RateLimits::with_clock(&small(), clock.clone());
        for last in 0..200 {
            limits.check(RateClass::SignIn, IpAddr::from([203, 0, 113, last])).unwrap();
        }
        limits.forget();
        assert_eq!(limits.remembered(), 200);
        clock.advance(Duration::from_secs(300));
        limits.forget();
        assert_eq!(limits.remembered(), 0);
    }

    #[test]
    fn the_class_follows_from_method_and_route() {
        let class = |method: Method, route| RateClass::of(&method, route);
        assert_eq!(class(Method::GET, "/tiles/{layer}/{z}/{x}/{y}"), Some(RateClass::Read));
        assert_eq!(class(Method::GET, "/api/export"), Some(RateClass::Expensive));
        assert_eq!(class(Method::POST, "/api/ledger/export"), Some(RateClass::Expensive));
        assert_eq!(class(Method::POST, "/api/records"), Some(RateClass::Write));
        assert_eq!(class(Method::POST, "/api/session"), Some(RateClass::SignIn));
        assert_eq!(class(Method::PUT, "/api/session/password"), Some(RateClass::SignIn));
        assert_eq!(class(Method::GET, "/api/session"), Some(RateClass::Read));
        assert_eq!(class(Method::DELETE, "/api/session"), Some(RateClass::Read));
        assert_eq!(class(Method::GET, "/api/session/sso"), Some(RateClass::SignIn));
        assert_eq!(class(Method::POST, "/api/reports"), Some(RateClass::Message));
        assert_eq!(class(Method::GET, "/api/reports"), Some(RateClass::Read));
        assert_eq!(class(Method::GET, "/readyz"), None);
        assert_eq!(class(Method::GET, ""), Some(RateClass::Read));
    }

    #[test]
    fn whoever_is_refused_is_told_to_wait_a_whole_second_at_least() {
        let answer = too_many(RateClass::Read, Duration::from_millis(1)).into_response();
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.headers()["retry-after"], "1");
        assert_eq!(too_many(RateClass::SignIn, Duration::from_secs(6)).into_response().headers()["retry-after"], "6");
    }
}
