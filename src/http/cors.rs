//! Pages of other sites: closed unless the settings list their origins, and then for reading only.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::http::client::REQUEST_ID;
use crate::http::edge::Readers;

/// How long a browser may keep what it was told about a kind of request.
const REMEMBERED: Duration = Duration::from_secs(600);

/// Headers of a request that a page of another site may set. A cookie is not among them and is never taken along.
const REQUEST_HEADERS: [HeaderName; 3] = [header::ACCEPT, header::AUTHORIZATION, header::IF_NONE_MATCH];

/// Headers of an answer that such a page may read.
const ANSWER_HEADERS: [HeaderName; 5] =
    [header::ETAG, header::LINK, header::CONTENT_DISPOSITION, header::RETRY_AFTER, REQUEST_ID];

/// The layer for the origins that may read, `None` when there are none.
///
/// Only the data under `/api` and `/tiles` is read, by `GET` and `HEAD`. A page of another site is never let in with a
/// cookie: whoever is signed in here is nobody there.
pub fn layer(readers: &Readers) -> Option<CorsLayer> {
    let listed = match readers {
        Readers::Listed(origins) if origins.is_empty() => return None,
        Readers::Listed(origins) => Some(origins.clone()),
        Readers::All => None,
    };
    let allowed = move |origin: &HeaderValue, request: &axum::http::request::Parts| {
        is_data(request.uri.path()) && listed.as_ref().is_none_or(|origins| origins.contains(origin))
    };
    Some(
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(allowed))
            .allow_methods([Method::GET, Method::HEAD])
            .allow_headers(REQUEST_HEADERS)
            .expose_headers(ANSWER_HEADERS)
            .max_age(REMEMBERED),
    )
}

fn is_data(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/") || path.starts_with("/tiles/")
}
