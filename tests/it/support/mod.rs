//! A register with the demonstration district behind the real router, made once for all tests.

pub mod disk;
// What the unit tests of the store need of it too is not all needed here.
#[allow(dead_code)]
pub mod postgres;
pub mod process;
pub mod provider;
pub mod story;
pub mod tree;
pub mod who;

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use onemap::app::App;
use onemap::http::{Edge, Settings, Site, router};
use onemap::store::Store;
use onemap::store::memory::Memory;
use serde_json::Value;
use tower::ServiceExt as _;

pub use who::{Who, app_on};

/// The store of the demonstration district.
pub fn demo_store() -> Arc<dyn Store> {
    static STORE: OnceLock<Arc<Memory>> = OnceLock::new();
    let store = STORE.get_or_init(|| {
        let store = Arc::new(Memory::new());
        App::new(Arc::<Memory>::clone(&store)).load_demo(None).unwrap();
        store
    });
    Arc::<Memory>::clone(store)
}

/// Settings of a web edge for tests: nothing is configured that opens the map, so that only the demonstration district is.
pub fn settings() -> Settings {
    Settings {
        base_layer: None,
        map_approval_number: None,
        shutdown_grace: std::time::Duration::from_secs(1),
        internal_use: false,
        public_tolerance_m: 0.0,
        hosts: vec!["onemap.test".to_owned()],
        edge: Edge::default(),
    }
}

/// A register that is open but not loaded yet, asked by nobody in particular.
pub fn unready() -> (App, Router) {
    let app = App::new(demo_store());
    (app.clone(), router(Site::new(app, settings())))
}

/// The loaded demonstration district, asked by somebody.
pub fn demo_app(who: Who) -> &'static (App, Router) {
    static SEATS: OnceLock<Vec<(Who, (App, Router))>> = OnceLock::new();
    let seats = SEATS.get_or_init(|| {
        let app = app_on(demo_store());
        app.refresh().unwrap();
        let router = router(Site::new(app.clone(), settings()));
        Who::ALL.map(|who| (who, (app.clone(), who.asks(&app, &router)))).to_vec()
    });
    &seats.iter().find(|(known, _)| *known == who).unwrap().1
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|err| panic!("{err}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// A header as text, empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends one request to a router.
pub async fn send(router: &Router, request: Request<Body>) -> Answer {
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// A request as a browser would send it.
pub fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("host", "onemap.test")
}

/// `GET` from the demonstration district, as somebody who sees all of it.
pub async fn get(path: &str) -> Answer {
    send(&demo_app(Who::District).1, request("GET", path).body(Body::empty()).unwrap()).await
}

/// `GET` as somebody who sees all of it, which must answer 200 with JSON.
pub async fn get_json(path: &str) -> Value {
    let answer = get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// Asserts that an answer is a problem document of this status.
pub fn assert_problem(answer: &Answer, status: u16, what: &str) {
    assert_eq!(answer.status, status, "{what}: {}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    let body = answer.json();
    assert_eq!(body["status"], status, "{what}");
    for member in ["type", "title", "detail"] {
        assert!(body[member].as_str().is_some_and(|text| !text.is_empty()), "{what}: {member}");
    }
}
