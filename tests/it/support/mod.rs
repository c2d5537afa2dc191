//! A register with the demonstration district behind the real router, made once for all tests.

pub mod disk;
// What the unit tests of the store need of it too is not all needed here.
#[allow(dead_code)]
pub mod postgres;
pub mod process;
pub mod story;
pub mod tree;

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use onemap::app::App;
use onemap::auth::Audience;
use onemap::http::{Settings, Site, router};
use onemap::store::Store;
use onemap::store::memory::Memory;
use serde_json::Value;
use tower::ServiceExt as _;

/// The store of the demonstration district.
pub fn demo_store() -> Arc<dyn Store> {
    static STORE: OnceLock<Arc<Memory>> = OnceLock::new();
    let store = STORE.get_or_init(|| {
        let store = Arc::new(Memory::new());
        App::new(Arc::<Memory>::clone(&store), Audience::Internal).load_demo(None).unwrap();
        store
    });
    Arc::<Memory>::clone(store)
}

/// The web edge of the register for this audience, with nothing loaded yet.
fn edge(audience: Audience) -> (App, Router) {
    let app = App::new(demo_store(), audience);
    let settings = Settings {
        base_layer: None,
        map_approval_number: (audience == Audience::Public).then(|| "GS(2024)0000号".to_owned()),
        shutdown_grace: std::time::Duration::from_secs(1),
        editing: false,
        hosts: Vec::new(),
    };
    (app.clone(), router(Site::new(app, settings)))
}

/// A register that is open but not loaded yet.
pub fn unready() -> (App, Router) {
    edge(Audience::Internal)
}

/// The loaded register for this audience.
pub fn demo_app(audience: Audience) -> &'static (App, Router) {
    static INTERNAL: OnceLock<(App, Router)> = OnceLock::new();
    static PUBLIC: OnceLock<(App, Router)> = OnceLock::new();
    let cell = match audience {
        Audience::Internal => &INTERNAL,
        Audience::Public => &PUBLIC,
    };
    cell.get_or_init(|| {
        let (app, router) = edge(audience);
        app.refresh().unwrap();
        (app, router)
    })
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

/// `GET` from the internal register.
pub async fn get(path: &str) -> Answer {
    send(&demo_app(Audience::Internal).1, request("GET", path).body(Body::empty()).unwrap()).await
}

/// `GET` from the internal register, which must answer 200 with JSON.
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
