//! Who asks: the session or the token of a request, and what nobody is shown who is not signed in.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::app::access::single_sign_on::FLOW_LIFE;
use crate::app::access::{AccessError, Occasion, Session};
use crate::auth::{Actor, Role};
use crate::http::client::{Client, FORWARDED_PROTO};
use crate::http::sign_on::{SIGN_ON_PATH, SIGN_ON_RETURN};
use crate::http::site::{Site, prepare};
use crate::http::{Problem, assets};
use crate::store::StoreError;

/// Names of the session's cookie: where a browser speaks to a port of this machine without TLS, and behind TLS, where browsers
/// take it over TLS only, for this host and every path of it (RFC 6265bis, 4.1.3.2).
const SESSION: [&str; 2] = ["onemap", "__Host-onemap"];

/// Names of the cookie of a sign-in at another provider, without and behind TLS.
pub const FLOW: [&str; 2] = ["onemap-sso", "__Host-onemap-sso"];

/// How long it is remembered who a secret belongs to. What ends a session here is known here at once; an end elsewhere, where
/// several servers share a store, after this time.
const REMEMBERED: Duration = Duration::from_secs(5);

/// How long it is held on to while the store cannot be asked, so that who reads goes on reading.
const HELD: Duration = Duration::from_secs(600);

/// Secrets that are remembered.
const REMEMBERED_MAX: u64 = 10_000;

/// Beginnings of paths that are the same for everybody.
const UNASKED: [&str; 3] = ["/assets/", "/healthz", "/readyz"];

/// Paths that are there for whoever is not signed in yet, also while the map is closed.
const SIGNS_IN: [&str; 3] = ["/api/session", SIGN_ON_PATH, SIGN_ON_RETURN];

/// Whoever asks, as a request carries it.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What they may do.
    pub actor: Actor,
    /// Their session; none for the public and for tokens.
    pub session: Option<Arc<Session>>,
    /// The secret of the session.
    pub secret: Option<Arc<str>>,
}

impl Identity {
    /// Whoever is not signed in.
    fn nobody() -> Self {
        Self { actor: Actor::public(), session: None, secret: None }
    }
}

/// Who the secrets of the last requests belong to, by their digests.
pub struct Known(moka::sync::Cache<[u8; 32], (Identity, Instant)>);

impl Known {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self(moka::sync::Cache::builder().max_capacity(REMEMBERED_MAX).time_to_live(HELD).build())
    }

    /// Forgets everybody: a right, a password or a session was changed.
    pub fn forget(&self) {
        self.0.invalidate_all();
    }

    fn of(&self, secret: &str, within: Duration) -> Option<Identity> {
        let (identity, since) = self.0.get(&digest(secret))?;
        let lives = identity.session.as_ref().is_none_or(|session| session.expires_at > Timestamp::now());
        (since.elapsed() < within && lives).then_some(identity)
    }

    fn keep(&self, secret: &str, identity: &Identity) {
        self.0.insert(digest(secret), (identity.clone(), Instant::now()));
    }
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// What a request is signed in with.
enum Secret {
    Session(Arc<str>),
    Token(Arc<str>),
}

impl Secret {
    /// A token goes before a cookie: whoever sends one means it. Errors: another scheme than `Bearer`.
    fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let text = value.to_str().unwrap_or_default();
            return match text.split_once(' ') {
                Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                    Ok(Some(Self::Token(token.trim().into())))
                }
                _ => Err(bad_token()),
            };
        }
        Ok(cookie(headers).map(|secret| Self::Session(secret.into())))
    }
}

fn bad_token() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "bad-token", "the token is unknown, has expired or was removed").with_header(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static("Bearer realm=\"onemap\", error=\"invalid_token\""),
    )
}

/// The session's secret in the cookies of a request.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    cookie_of(headers, SESSION)
}

/// The value of the cookie that has the first name, or behind TLS the second; `None` without one, or for an empty one.
pub fn cookie_of<'a>(headers: &'a HeaderMap, names: [&str; 2]) -> Option<&'a str> {
    let name = names[usize::from(is_secure(headers))];
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
}

/// Whether the browser speaks TLS, to this server or to a proxy in front of it that says so.
pub fn is_secure(headers: &HeaderMap) -> bool {
    headers.get(FORWARDED_PROTO).is_some_and(|scheme| scheme == "https")
}

/// The header that gives a browser its session, or takes it away when there is none. It ends with the browser; how long it
/// holds at most the store knows.
pub fn set_cookie(headers: &HeaderMap, secret: Option<&str>) -> HeaderValue {
    let (secret, age) = secret.map_or(("", "; Max-Age=0"), |secret| (secret, ""));
    cookie_header(headers, SESSION, secret, age)
}

/// The header that gives a browser what it must bring back from the provider, or takes it away when there is nothing. A page
/// of the provider leads back here, so it must come along from there: `Lax`, not `Strict`.
pub fn set_flow_cookie(headers: &HeaderMap, flow: Option<&str>) -> HeaderValue {
    let age = format!("; Max-Age={}", flow.map_or(0, |_| FLOW_LIFE.as_secs()));
    cookie_header(headers, FLOW, flow.unwrap_or_default(), &age)
}

fn cookie_header(headers: &HeaderMap, names: [&str; 2], value: &str, age: &str) -> HeaderValue {
    let (name, secure) = if is_secure(headers) { (names[1], "; Secure") } else { (names[0], "") };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    HeaderValue::from_str(&text).expect("the value of a cookie is made of letters, digits, dashes and underscores")
}

/// Finds out who asks, and shows nothing of a closed map to whoever is not signed in.
pub async fn identify(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    if UNASKED.iter().any(|beginning| request.uri().path().starts_with(beginning)) {
        return next.run(request).await;
    }
    let signs_in = SIGNS_IN.contains(&request.uri().path());
    let client = request.extensions().get::<Client>().copied();
    let found = match Secret::of(request.headers()) {
        Ok(None) => Ok(Identity::nobody()),
        Ok(Some(secret)) => find(&site, secret, client).await,
        Err(problem) => Err(problem),
    };
    let identity = match found {
        Ok(identity) => identity,
        Err(problem) => return problem.into_response(),
    };
    if identity.actor.role == Role::Public && !signs_in && closed(&site, request.uri().path()) {
        return refuse(&request);
    }
    let signed_in = identity.actor.role != Role::Public;
    let path = request.uri().path();
    let told = path.starts_with("/api/") || path.starts_with("/tiles/");
    let tile = path.starts_with("/tiles/");
    request.extensions_mut().insert(identity);
    let mut response = next.run(request).await;
    if told {
        let headers = response.headers_mut();
        headers.append(header::VARY, HeaderValue::from_static("cookie, authorization"));
        // Tiles hold public facts only, and stay with the browser under an address that changes with them.
        let kept = headers.get(header::CACHE_CONTROL).is_none_or(|value| value != "no-store");
        if signed_in && !tile && kept {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        }
    }
    response
}

async fn find(site: &Site, secret: Secret, client: Option<Client>) -> Result<Identity, Problem> {
    // One is not taken for the other.
    let (text, is_token) = match &secret {
        Secret::Session(text) => (format!("session {text}"), false),
        Secret::Token(text) => (format!("token {text}"), true),
    };
    if let Some(known) = site.known().of(&text, REMEMBERED) {
        return Ok(known);
    }
    let (asked, occasion) = (site.clone(), occasion(client));
    let found = prepare(move || Ok(ask(&asked, &occasion, &secret))).await?;
    match found {
        Ok(Some(identity)) => {
            site.known().keep(&text, &identity);
            Ok(identity)
        }
        // A session that has ended is no session: whoever asks is nobody, and may sign in anew. A program cannot.
        Ok(None) if is_token => Err(bad_token()),
        Ok(None) => Ok(Identity::nobody()),
        Err(AccessError::Store(StoreError::Unreachable { .. })) if site.known().of(&text, HELD).is_some() => {
            Ok(site.known().of(&text, HELD).unwrap_or_else(Identity::nobody))
        }
        Err(err) => Err(Problem::from(err)),
    }
}

/// Asks the store; `None` for a secret that is none, or none any more.
fn ask(site: &Site, occasion: &Occasion, secret: &Secret) -> Result<Option<Identity>, AccessError> {
    let access = site.app().access();
    Ok(match secret {
        Secret::Session(text) => access.session(occasion, text)?.map(|session| Identity {
            actor: session.actor.clone(),
            session: Some(Arc::new(session)),
            secret: Some(Arc::clone(text)),
        }),
        Secret::Token(text) => {
            access.bearer(occasion, text)?.map(|actor| Identity { actor, session: None, secret: None })
        }
    })
}

fn occasion(client: Option<Client>) -> Occasion {
    Occasion { at: Timestamp::now(), address: client.map(Client::key) }
}

/// Whether a path shows something of the register, and the map is closed to the public.
fn closed(site: &Site, path: &str) -> bool {
    let told = path.starts_with("/api/") || path.starts_with("/tiles/") || assets::is_page_of_register(path);
    told && site.map_switch().is_some_and(|switch| !switch.is_open())
}

/// A page leads on to the one where somebody signs in; everything else says that they must.
fn refuse(request: &Request) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) && assets::is_page_of_register(request.uri().path()) {
        return assets::sign_in_first(request.uri());
    }
    let detail =
        "the map is closed to the public: it has no map approval number (审图号) and is not set to internal use";
    Problem::sign_in_needed(detail).into_response()
}

impl FromRequestParts<Site> for Identity {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_else(Self::nobody))
    }
}

impl FromRequestParts<Site> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        Ok(Identity::from_request_parts(parts, site).await?.actor)
    }
}

impl FromRequestParts<Site> for Occasion {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<Self, Problem> {
        Ok(occasion(parts.extensions.get().copied()))
    }
}
