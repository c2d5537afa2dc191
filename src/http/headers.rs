//! Headers that tell a browser what it must not do with an answer.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::Site;
use crate::http::client::Client;

/// Policy of the pages: nothing from another host, no inline script or style.
const PAGE: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// The same with the pictures of the Tianditu base map.
const PAGE_WITH_TIANDITU: &str = "default-src 'self'; img-src 'self' data: https://*.tianditu.gov.cn; \
     object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Policy of everything else: if it is shown as a page, it may load nothing, run nothing and stand in no frame.
const DATA: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the page may ask of the device: the position, and only itself.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(self), gyroscope=(), \
     magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// For a year this name is to be asked over TLS only.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// What begins the paths of everything that is no page.
const NO_PAGES: [&str; 6] = ["/api", "/tiles/", "/assets/", "/healthz", "/readyz", "/metrics"];

/// The same for every answer.
const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), PERMISSIONS),
];

/// Puts the headers on every answer, problems and 304 as well: a browser takes over those of a 304.
pub async fn guard(State(site): State<Site>, request: Request, next: Next) -> Response {
    let page = is_page(request.uri().path());
    let secure = request.extensions().get::<Client>().is_some_and(|client| client.secure);
    let unclear = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    set(headers, header::CONTENT_SECURITY_POLICY, policy(page, site.settings().base_layer.is_some()));
    for (name, value) in FIXED {
        set(headers, name, value);
    }
    if secure {
        set(headers, header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
    if unclear {
        // A proxy that reads its length otherwise would take the rest for another request (RFC 9112, 6.1).
        set(headers, header::CONNECTION, "close");
    }
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

fn is_page(path: &str) -> bool {
    !NO_PAGES.iter().any(|beginning| path.starts_with(beginning))
}

fn policy(page: bool, tianditu: bool) -> &'static str {
    match (page, tianditu) {
        (true, true) => PAGE_WITH_TIANDITU,
        (true, false) => PAGE,
        (false, _) => DATA,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_host_is_named_only_where_its_pictures_are_shown() {
        assert!(policy(true, true).contains("tianditu"));
        for policy in [policy(true, false), policy(false, true), policy(false, false)] {
            assert!(!policy.contains("http"), "{policy}");
        }
        for policy in [PAGE, PAGE_WITH_TIANDITU, DATA] {
            assert!(!policy.contains("unsafe") && policy.contains("frame-ancestors 'none'"), "{policy}");
        }
    }

    #[test]
    fn pages_and_data_are_told_apart_by_their_paths() {
        for page in ["/", "/a/DEMO-JS-0001", "/ledger", "/at/116.4,39.9", "/nothing"] {
            assert!(is_page(page), "{page}");
        }
        for data in ["/api", "/api/register", "/tiles/areas/1/1/1.mvt", "/assets/main.js", "/healthz"] {
            assert!(!is_page(data), "{data}");
        }
    }
}
