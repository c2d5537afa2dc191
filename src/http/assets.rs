//! The front end, embedded in the binary: one page for every deep link, and hashed files that never change.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;

use crate::auth::{Actor, Role};
use crate::http::cache::{Freshness, accepts_gzip};
use crate::http::extract::Segments;
use crate::http::{Problem, Site};

/// Built by `npm run build` in `web`; a build of the binary without it fails, see `build.rs`.
#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Dist;

/// `GET /` and every deep link: the page.
pub async fn show_page(State(_): State<Site>, headers: HeaderMap) -> Result<Response, Problem> {
    page("index.html", &headers)
}

/// `GET /deliveries` and its deep links: the page of deliveries. Whoever is not signed in is led to where they can.
pub async fn show_deliveries(actor: Actor, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    if actor.role == Role::Public { Ok(sign_in_first(&uri)) } else { page("deliveries.html", &headers) }
}

/// `GET /reconcile`: the page on which cases of a delivery are decided. Whoever is not signed in is led to where they can.
pub async fn show_reconcile(actor: Actor, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    // A front end that was built without this page has the deliveries, from which one comes here.
    let name = if Dist::get("reconcile.html").is_some() { "reconcile.html" } else { "deliveries.html" };
    if actor.role == Role::Public { Ok(sign_in_first(&uri)) } else { page(name, &headers) }
}

/// `GET /sign-in`, `/account`, `/accounts`, `/audit`, `/reports` and `/r/{number}`: one page, which asks by itself who it is
/// for and tells what is missing.
pub async fn show_access(headers: HeaderMap) -> Result<Response, Problem> {
    page("access.html", &headers)
}

/// Whether a path is a page that shows something of the register.
pub fn is_page_of_register(path: &str) -> bool {
    let beginnings = ["/a/", "/s/", "/at/", "/deliveries/", "/managers/"];
    let pages = ["/", "/deliveries", "/reconcile", "/ledger", "/rates", "/due", "/completeness", "/managers"];
    pages.contains(&path) || beginnings.iter().any(|beginning| path.starts_with(beginning))
}

/// Leads a browser to the page where somebody signs in, and from there back.
pub fn sign_in_first(asked: &Uri) -> Response {
    let path = asked.path_and_query().map_or("/", |path| path.as_str());
    let next: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    let headers = [(header::LOCATION, format!("/sign-in?next={next}")), (header::CACHE_CONTROL, "no-store".to_owned())];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// `GET /ledger` and `GET /rates`: the pages of lists and figures that everybody may see, each as far as he may.
pub async fn show_desk(State(_): State<Site>, headers: HeaderMap) -> Result<Response, Problem> {
    page("desk.html", &headers)
}

/// `GET /due`, `/completeness`, `/managers` and its deep links: the same page. Whoever is not signed in is led to where
/// they can.
pub async fn show_internal_desk(actor: Actor, uri: Uri, headers: HeaderMap) -> Result<Response, Problem> {
    if actor.role == Role::Public { Ok(sign_in_first(&uri)) } else { page("desk.html", &headers) }
}

fn page(name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    file(name, Freshness::Revalidate, headers)
}

/// `GET /assets/{*path}`: scripts, styles and pictures, named by their content.
pub async fn show_asset(Segments(path): Segments<String>, headers: HeaderMap) -> Result<Response, Problem> {
    file(&format!("assets/{path}"), Freshness::Forever, &headers)
}

fn file(path: &str, freshness: Freshness, headers: &HeaderMap) -> Result<Response, Problem> {
    let file = Dist::get(path).ok_or_else(|| Problem::not_found(format!("there is no file /{path}")))?;
    let hash = file.metadata.sha256_hash();
    let tag =
        format!("W/\"{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}\"", hash[0], hash[1], hash[2], hash[3], hash[4], hash[5]);
    let tag = HeaderValue::from_str(&tag).expect("digits and letters make a header");
    let kind = match file.metadata.mimetype() {
        text if text.starts_with("text/") || text == "application/javascript" => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    };
    let kind = HeaderValue::from_str(&kind).expect("a media type makes a header");
    let common = [
        (header::ETAG, tag),
        (header::CACHE_CONTROL, freshness.header()),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::CONTENT_TYPE, kind),
    ];
    Ok(if accepts_gzip(headers) {
        let coding = [(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))];
        (common, coding, compressed(path, hash, &file.data)).into_response()
    } else {
        (common, Bytes::from(file.data.into_owned())).into_response()
    })
}

/// Compressed files by path and digest of the plain one.
type Compressed = HashMap<(String, [u8; 32]), Bytes>;

/// Each file is compressed once, at the highest level. The digest is part of the key because debug builds read from disk.
fn compressed(path: &str, hash: [u8; 32], plain: &[u8]) -> Bytes {
    use std::io::Write as _;
    static DONE: LazyLock<Mutex<Compressed>> = LazyLock::new(Mutex::default);
    let mut done = DONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    done.entry((path.to_owned(), hash))
        .or_insert_with(|| {
            let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 2), Compression::best());
            encoder.write_all(plain).expect("a vector takes every byte");
            encoder.finish().expect("a vector takes every byte").into()
        })
        .clone()
}
