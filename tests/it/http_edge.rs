//! What the edge does around every route: headers, pages of other sites, clients and how often they may ask.

use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderValue, Request};
use bytes::Bytes;
use hyper::body::Frame;
use onemap::http::{Allowance, Allowances, BaseLayer, Edge, Peer, Readers, Settings, Site, router};

use crate::support::{Answer, Who, assert_problem, demo_app, request, send, settings};

/// One path of each kind: pages, assets, data, tiles, and what is not there.
const PATHS: [&str; 8] = [
    "/",
    "/a/DEMO-JS-0001",
    "/api/register",
    "/api/rates?colour=red",
    "/tiles/areas/12/3372/1551.mvt",
    "/tiles/areas/12/0/0.mvt",
    "/assets/none.js",
    "/nothing",
];

/// The loaded register behind an edge of these settings.
fn edge(edge: Edge) -> Router {
    let app = demo_app(Who::Nobody).0.clone();
    router(Site::new(app, Settings { edge, ..settings() }))
}

/// A request that came over a connection from this address.
fn from(address: &str, tls: bool, request: Request<Body>) -> Request<Body> {
    let mut request = request;
    request.extensions_mut().insert(Peer { address: address.parse::<IpAddr>().unwrap(), tls });
    request
}

fn get(path: &str) -> Request<Body> {
    request("GET", path).body(Body::empty()).unwrap()
}

fn with(path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let with_host = request("GET", path);
    headers.iter().fold(with_host, |request, (name, value)| request.header(*name, *value)).body(Body::empty()).unwrap()
}

/// Everybody may ask twice a minute, and once at a time where it is expensive.
fn few() -> Allowances {
    let allowance = |per_minute, burst| Allowance::new(per_minute, burst).unwrap();
    Allowances {
        reads: allowance(1, 2),
        expensive: allowance(1, 1),
        writes: allowance(1, 1),
        sign_ins: allowance(1, 1),
        messages: allowance(1, 1),
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_not_to_do_with_it() {
    let router = &demo_app(Who::Nobody).1;
    let held = send(router, get("/")).await.header("etag").to_owned();
    let mut answers = vec![send(router, with("/", &[("if-none-match", &held)])).await];
    assert_eq!(answers[0].status, 304);
    for path in PATHS {
        answers.push(send(router, get(path)).await);
    }
    answers.push(send(router, request("POST", "/api/register").body(Body::empty()).unwrap()).await);
    answers.push(send(router, Request::builder().uri("/").body(Body::empty()).unwrap()).await);
    for answer in &answers {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert!(answer.header("permissions-policy").contains("geolocation=(self)"));
        assert!(answer.header("strict-transport-security").is_empty(), "nothing here is TLS");
        assert!(answer.header("server").is_empty());
    }
    let page = send(router, get("/")).await;
    let unchanged = &answers[0];
    assert_eq!(unchanged.header("content-security-policy"), page.header("content-security-policy"));
}

#[tokio::test]
async fn the_base_map_is_the_only_other_host_a_page_may_ask() {
    let app = demo_app(Who::Nobody).0.clone();
    let base_layer = Some(BaseLayer { key: "k".repeat(32) });
    let router = router(Site::new(app, Settings { base_layer, ..settings() }));
    let policy = |answer: Answer| answer.header("content-security-policy").to_owned();
    assert!(policy(send(&router, get("/")).await).contains("https://*.tianditu.gov.cn"));
    assert!(!policy(send(&router, get("/api/register")).await).contains("tianditu"));
}

#[tokio::test]
async fn strict_transport_is_told_behind_tls_only() {
    let router = edge(Edge { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..Edge::default() });
    let told = async |address, tls, proto| {
        let asked = from(address, tls, with("/tiles/areas.json", &[("x-forwarded-proto", proto)]));
        let answer = send(&router, asked).await;
        let https = answer.json()["tiles"][0].as_str().unwrap().starts_with("https://");
        assert_eq!(https, !answer.header("strict-transport-security").is_empty());
        https
    };
    assert!(told("203.0.113.1", true, "http").await, "TLS of its own");
    assert!(told("10.0.0.1", false, "https").await, "TLS of the proxy");
    assert!(!told("10.0.0.1", false, "http").await);
    assert!(!told("203.0.113.1", false, "https").await, "anybody can say so");
}

#[tokio::test]
async fn pages_of_other_sites_read_nothing_unless_they_are_listed() {
    let origin = "https://portal.example";
    let preflight = |path: &str, method: &str| {
        let asked = request("OPTIONS", path).header("origin", origin).header("access-control-request-method", method);
        asked.body(Body::empty()).unwrap()
    };
    let closed = edge(Edge::default());
    let answer = send(&closed, with("/api/register", &[("origin", origin)])).await;
    assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (200, ""));
    assert_problem(&send(&closed, preflight("/api/register", "GET")).await, 405, "closed");

    let listed = Readers::Listed(vec![HeaderValue::from_static(origin)]);
    let open = edge(Edge { readers: listed, ..Edge::default() });
    for path in ["/api/register", "/tiles/areas/12/3372/1551.mvt", "/api/rates?colour=red"] {
        let answer = send(&open, with(path, &[("origin", origin)])).await;
        assert_eq!(answer.header("access-control-allow-origin"), origin, "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), "", "{path}");
        assert!(answer.headers.get_all("vary").iter().any(|vary| vary.to_str().unwrap().contains("origin")), "{path}");
        let tag = answer.header("etag");
        let again = send(&open, with(path, &[("origin", origin), ("if-none-match", tag)])).await;
        assert_eq!(again.header("access-control-allow-origin"), origin, "{path} again");
    }
    for (path, from) in [("/api/register", "https://evil.example"), ("/api/register", "null"), ("/", origin)] {
        let answer = send(&open, with(path, &[("origin", from)])).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path} for {from}");
    }
    let told = send(&open, preflight("/api/register", "GET")).await;
    assert_eq!(told.header("access-control-allow-origin"), origin);
    let methods =
        send(&open, preflight("/api/records", "POST")).await.header("access-control-allow-methods").to_owned();
    assert!(methods.contains("GET") && !methods.contains("POST"), "{methods}");
    let written = request("POST", "/api/records").header("origin", origin).header("sec-fetch-site", "cross-site");
    assert_problem(&send(&open, written.body(Body::from("{}")).unwrap()).await, 403, "a change");
    let everyone = edge(Edge { readers: Readers::All, ..Edge::default() });
    let answer = send(&everyone, with("/api/register", &[("origin", "https://any.example")])).await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://any.example");
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_when_to_come_again() {
    let router = edge(Edge { allowances: Some(few()), ..Edge::default() });
    let ask = async |address: &str, path: &str| send(&router, from(address, false, get(path))).await;
    for _ in 0..2 {
        assert_eq!(ask("203.0.113.1", "/api/register").await.status, 200);
    }
    let refused = ask("203.0.113.1", "/nothing").await;
    assert_problem(&refused, 429, "the third");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(ask("203.0.113.2", "/api/register").await.status, 200, "another client");
    assert_eq!(ask("203.0.113.1", "/api/export?format=csv").await.status, 200, "another class");
    assert_problem(&ask("203.0.113.1", "/api/ledger").await, 429, "the class, not the route, is counted");
    for _ in 0..9 {
        assert_eq!(ask("203.0.113.1", "/healthz").await.status, 200, "health is never too much");
    }
    for last in 1..=2 {
        assert_eq!(ask(&format!("2001:db8::{last}"), "/api/register").await.status, 200);
    }
    assert_problem(&ask("2001:db8::3", "/api/register").await, 429, "one network of IPv6 is one client");
    let unlimited = edge(Edge { allowances: None, ..Edge::default() });
    for _ in 0..9 {
        assert_eq!(send(&unlimited, from("203.0.113.1", false, get("/api/register"))).await.status, 200);
    }
}

#[tokio::test]
async fn a_proxy_speaks_for_its_clients_when_it_is_trusted_and_nobody_else_does() {
    let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    let router = edge(Edge { trusted_proxies, allowances: Some(few()), ..Edge::default() });
    let ask = async |peer: &str, told: &str| {
        send(&router, from(peer, false, with("/api/register", &[("x-forwarded-for", told)]))).await.status.as_u16()
    };
    for client in 1..=9 {
        assert_eq!(ask("10.0.0.1", &format!("192.0.2.77, 203.0.113.{client}, 10.0.0.2")).await, 200);
    }
    // Somebody who invents addresses of clients is still one client.
    assert_eq!(ask("198.51.100.1", "203.0.113.100").await, 200);
    assert_eq!(ask("198.51.100.1", "203.0.113.101").await, 200);
    assert_eq!(ask("198.51.100.1", "203.0.113.102").await, 429);
    assert_eq!(ask("10.0.0.1", "1.1.1.1, 198.51.100.1").await, 429, "the same client by way of the proxy");
}

#[tokio::test]
async fn every_answer_has_a_number_and_a_made_up_one_must_be_plain() {
    let router = &demo_app(Who::Nobody).1;
    let number = async |told: Option<&str>| {
        let headers: Vec<(&str, &str)> = told.map(|told| ("x-request-id", told)).into_iter().collect();
        send(router, with("/healthz", &headers)).await.header("x-request-id").to_owned()
    };
    assert_eq!(number(Some("desk-7.a_1")).await, "desk-7.a_1");
    for told in [None, Some("a b"), Some("<script>"), Some(""), Some(&"a".repeat(500))] {
        let number = number(told).await;
        assert!(number.len() == 36 && number.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-'), "{number}");
    }
}

#[tokio::test]
async fn a_request_of_unclear_length_is_the_last_of_its_connection() {
    let router = &demo_app(Who::Nobody).1;
    let chunked = send(router, with("/healthz", &[("transfer-encoding", "chunked")])).await;
    assert_eq!((chunked.status.as_u16(), chunked.header("connection")), (200, "close"));
    assert_eq!(send(router, get("/healthz")).await.header("connection"), "");
}

/// A body that breaks whoever reads it.
struct Untouched;

impl HttpBody for Untouched {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        panic!("the body was read");
    }
}

#[tokio::test]
async fn whoever_may_not_ask_has_no_large_body_taken_in() {
    let of_delivery = [
        "check",
        "publish",
        "undo",
        "reconciliation",
        "reconciliation/publish",
        "decisions",
        "decisions/undo",
        "tasks",
        "owners",
    ];
    let paths = of_delivery.map(|end| format!("/api/deliveries/9/{end}"));
    for path in paths.iter().map(String::as_str).chain(["/api/records", "/api/deliveries", "/api/exceptions"]) {
        for (who, status) in [(Who::Nobody, 401), (Who::Auditor, 403)] {
            let asked = request("POST", path).header("content-type", "application/json").body(Body::new(Untouched));
            assert_problem(&send(&demo_app(who).1, asked.unwrap()).await, status, path);
        }
    }
    let much = request("POST", "/api/ledger/export").body(Body::from(vec![b' '; (1 << 20) + 1])).unwrap();
    assert_problem(&send(&demo_app(Who::Nobody).1, much).await, 413, "a selection");
}
