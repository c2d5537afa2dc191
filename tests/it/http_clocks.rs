//! Every question on two clocks, and what becomes of codes.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use serde_json::{Value, json};

use crate::support::story::{
    LATEST, MERGED, MERGED_INTO, NEW_NAME, PLANNED, RENAMED, RETIRED, SPLIT, SPLIT_INTO, copy_of_demo, serve, tell,
    tell_one,
};
use crate::support::{Answer, Who, assert_problem, request, send};

/// Everything that answers from the register, without the clocks.
const DATA_PATHS: [&str; 15] = [
    "/api/register",
    "/api/collections/areas/items?limit=3",
    "/api/collections/areas/items?street=110105017&bbox=116.3,39.8,116.7,40.2&limit=3",
    "/api/collections/areas/items/DEMO-JS-0001",
    "/api/collections/streets/items?limit=3",
    "/api/collections/streets/items/110105017",
    "/api/collections/managers/items?limit=3",
    "/api/locate?lng=116.46&lat=39.92",
    "/api/search?q=jinsong",
    "/api/themes",
    "/api/themes/management-committee",
    "/api/rates",
    "/tiles/areas.json",
    "/tiles/areas/12/3372/1551.mvt",
    "/tiles/streets/12/3372/1551.mvt",
];

fn router() -> &'static Router {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    ROUTER.get_or_init(|| {
        let store = copy_of_demo();
        tell(&store);
        serve(store, Who::District).1
    })
}

async fn ask(router: &Router, path: &str) -> Answer {
    send(router, request("GET", path).body(Body::empty()).unwrap()).await
}

async fn get(path: &str) -> Answer {
    ask(router(), path).await
}

async fn get_json(path: &str) -> Value {
    let answer = get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

fn with(path: &str, parameters: &str) -> String {
    format!("{path}{}{parameters}", if path.contains('?') { '&' } else { '?' })
}

fn area(code: &str, parameters: &str) -> String {
    with(&format!("/api/collections/areas/items/{code}"), parameters)
}

#[tokio::test]
async fn every_data_route_takes_both_clocks_and_refuses_what_they_cannot_be() {
    for path in DATA_PATHS {
        for clocks in ["datetime=2023-01-01", "known=1", "datetime=2023-01-01&known=2", "known=2023-03-01T04:00:00Z"] {
            assert_eq!(get(&with(path, clocks)).await.status, 200, "{path} {clocks}");
        }
        for bad in [
            "datetime=2023-01-01/2023-02-01",
            "datetime=today",
            "datetime=",
            "datetime=2023-01-01&datetime=2023-01-02",
            "known=0",
            "known=7",
            "known=2022-01-01",
            "known=later",
            "known=1&known=2",
        ] {
            assert_problem(&get(&with(path, bad)).await, 400, &format!("{path} {bad}"));
        }
    }
}

#[tokio::test]
async fn what_is_pinned_to_both_clocks_stays_the_same_to_the_byte() {
    let store = copy_of_demo();
    tell_one(&store, 2);
    let (app, router) = serve(Arc::clone(&store), Who::District);
    // The state that is published now, and one that is past.
    let pins = ["datetime=2023-03-01&known=2", "datetime=2023-01-01&known=1"];
    let mut before = Vec::new();
    for path in DATA_PATHS {
        for pin in pins {
            before.push((with(path, pin), ask(&router, &with(path, pin)).await));
        }
    }
    (3..=LATEST).for_each(|chapter| tell_one(&store, chapter));
    app.refresh().unwrap();
    for (path, first) in before {
        let again = ask(&router, &path).await;
        assert_eq!((first.status, &first.body), (again.status, &again.body), "{path}");
        assert_eq!(first.header("etag"), again.header("etag"), "{path}");
        assert!(!first.header("etag").is_empty(), "{path}");
        let held = request("GET", &path).header("if-none-match", first.header("etag")).body(Body::empty()).unwrap();
        assert_eq!(send(&router, held).await.status, 304, "{path}");
    }
}

#[tokio::test]
async fn the_clocks_are_told_and_different_states_have_different_tags() {
    let as_of = async |path: &str| get_json(path).await["as_of"].clone();
    let present = json!({ "datetime": "2024-02-01", "known": 6, "present": true });
    assert_eq!(as_of("/api/register").await, present);
    assert_eq!(as_of("/api/rates?datetime=2024-02-01").await, present, "naming the data date changes nothing");
    assert_eq!(as_of("/api/themes?known=6").await, present);
    assert_eq!(
        as_of("/api/themes/management-committee?known=2").await,
        json!({ "datetime": "2023-03-01", "known": 2, "present": false })
    );
    assert_eq!(
        as_of("/api/register?datetime=2023-01-01T20:00:00Z").await,
        json!({ "datetime": "2023-01-02", "known": 6, "present": false })
    );
    let past = get_json("/api/register?known=2").await;
    assert_eq!((&past["revision"], &past["data_date"]), (&json!(2), &json!("2023-03-01")));
    let mut tags = Vec::new();
    for clocks in ["", "?known=2", "?datetime=2023-01-01", "?datetime=2023-01-01&known=2"] {
        tags.push(get(&format!("/api/register{clocks}")).await.header("etag").to_owned());
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 4, "{tags:?}");
}

#[tokio::test]
async fn a_name_is_told_as_of_both_clocks() {
    let name = async |clocks: &str| {
        let area = get_json(&area(RENAMED, clocks)).await;
        area["properties"]["name"].as_str().unwrap().to_owned()
    };
    let old = name("known=1").await;
    assert_ne!(old, NEW_NAME);
    assert_eq!(name("").await, NEW_NAME);
    assert_eq!(name("datetime=2023-03-01").await, NEW_NAME);
    assert_eq!(name("datetime=2023-02-28").await, old);
    assert_eq!(name("datetime=2025-01-01&known=1").await, old);
}

#[tokio::test]
async fn an_area_tells_its_days_and_at_present_its_revision() {
    let now = get_json(&area(RENAMED, "")).await;
    let now = &now["properties"];
    assert_eq!((&now["valid_from"], &now["valid_until"]), (&json!("2023-03-01"), &Value::Null));
    assert_eq!(now["revision"], 2);
    let then = get_json(&area(MERGED[0], "datetime=2023-05-31")).await;
    let then = &then["properties"];
    assert_eq!(then["valid_until"], "2023-06-01");
    assert!(then.as_object().unwrap().contains_key("revision") && then["revision"].is_null());
}

#[tokio::test]
async fn links_keep_the_clocks() {
    let page = get_json("/api/collections/areas/items?limit=2&datetime=2023-01-01&known=1").await;
    let links = page["links"].as_array().unwrap();
    assert_eq!(links.len(), 2);
    for link in links {
        let href = link["href"].as_str().unwrap();
        assert!(href.contains("datetime=2023-01-01") && href.contains("known=1"), "{href}");
        assert_eq!(get(href).await.status, 200);
    }
    let one = get_json(&area(MERGED[0], "datetime=2023-01-01")).await;
    assert_eq!(one["links"][0]["href"], area(MERGED[0], "datetime=2023-01-01"));
    let tiles = get_json("/tiles/areas.json?datetime=2023-01-01&known=1").await;
    assert!(tiles["tiles"][0].as_str().unwrap().ends_with("/{z}/{x}/{y}.mvt?datetime=2023-01-01&known=1"));
}

#[tokio::test]
async fn tiles_tell_the_state_that_is_asked_for_and_may_be_kept_under_its_version() {
    let path = "/tiles/areas/12/3372/1551.mvt";
    let version =
        async |clocks: &str| get_json(&with("/api/register", clocks)).await["version"].as_str().unwrap().to_owned();
    let past = version("known=1").await;
    assert_ne!(past, version("").await);
    let kept = get(&format!("{path}?known=1&v={past}")).await;
    assert!(kept.header("cache-control").contains("immutable"));
    let other = get(&format!("{path}?v={past}")).await;
    assert!(!other.header("cache-control").contains("immutable"));
    assert_ne!(kept.header("etag"), other.header("etag"));
}

#[tokio::test]
async fn the_only_successor_is_where_an_ended_code_leads() {
    let path = area(MERGED[0], "");
    let answer = get(&path).await;
    assert_problem(&answer, 308, &path);
    assert_eq!(answer.header("location"), area(MERGED_INTO, ""));
    assert_eq!(answer.header("cache-control"), "no-store", "who follows whom may be put right");
    let body = answer.json();
    assert_eq!(body["type"], "urn:onemap:problem:ended");
    assert_eq!((&body["code"], &body["ended_on"]), (&json!(MERGED[0]), &json!("2023-06-01")));
    assert_eq!(body["successors"], json!([{ "code": MERGED_INTO, "name": format!("新{MERGED_INTO}") }]));
    assert_eq!(body["history"], format!("/api/areas/{}/history", MERGED[0]));
    let dated = get(&area(MERGED[0], "datetime=2023-07-01")).await;
    assert_eq!(dated.header("location"), area(MERGED_INTO, "datetime=2023-07-01"));
    assert_eq!(get(&area(MERGED[0], "datetime=2023-05-31")).await.status, 200);
    assert_eq!(get(&area(MERGED[0], "datetime=2023-07-01&known=2")).await.status, 200, "nobody knew of it then");
}

#[tokio::test]
async fn several_successors_or_none_are_410_and_a_future_code_is_404() {
    let split = get(&area(SPLIT, "")).await;
    assert_problem(&split, 410, SPLIT);
    assert_eq!(split.header("location"), "");
    let codes: Vec<Value> =
        split.json()["successors"].as_array().unwrap().iter().map(|next| next["code"].clone()).collect();
    assert_eq!(codes, SPLIT_INTO);
    let retired = get(&area(RETIRED, "")).await;
    assert_problem(&retired, 410, RETIRED);
    assert_eq!(retired.json()["successors"], json!([]));
    let planned = get(&area(PLANNED, "")).await;
    assert_problem(&planned, 404, PLANNED);
    let body = planned.json();
    assert_eq!((&body["type"], &body["begins_on"]), (&json!("urn:onemap:problem:not-begun"), &json!("2030-01-01")));
    assert_eq!(get(&area(PLANNED, "datetime=2030-01-01")).await.status, 200);
    let unknown = get(&area(PLANNED, "known=5")).await;
    assert_eq!(unknown.json()["type"], "urn:onemap:problem:no-such-area", "it was not known then");
}
