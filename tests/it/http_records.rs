//! What was entered and what it changed: records, history, lineage, changes, and changing areas through the API.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::http::request::Builder;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};

use crate::support::story::{
    LATEST, MERGED, MERGED_INTO, NEW_NAME, PLANNED, RENAMED, RETIRED, SPLIT, SPLIT_INTO, copy_of_demo, serve, tell,
    tell_one,
};
use crate::support::{Answer, Who, assert_problem, request, send};

fn router(who: Who) -> &'static Router {
    static INTERNAL: OnceLock<Router> = OnceLock::new();
    static PUBLIC: OnceLock<Router> = OnceLock::new();
    let cell = if who == Who::District { &INTERNAL } else { &PUBLIC };
    cell.get_or_init(|| {
        let store = copy_of_demo();
        tell(&store);
        serve(store, who).1
    })
}

async fn ask(router: &Router, path: &str) -> Answer {
    send(router, request("GET", path).body(Body::empty()).unwrap()).await
}

async fn get_json(path: &str) -> Value {
    let answer = ask(router(Who::District), path).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// A register that may be changed.
fn editable() -> Router {
    serve(copy_of_demo(), Who::District).1
}

fn post(path: &str) -> Builder {
    request("POST", path).header("content-type", "application/json")
}

async fn enter(router: &Router, builder: Builder, document: &Value) -> Answer {
    send(router, builder.body(Body::from(document.to_string())).unwrap()).await
}

fn rename(area: &str, name: &str) -> Value {
    json!({
        "record": { "document": "试文1号", "authority": "试验区", "dated": "2023-05-01", "author": "甲某" },
        "rename": { "area": area, "name": name },
    })
}

fn names_of(value: &Value) -> BTreeSet<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| [BTreeSet::from([name.clone()]), names_of(value)])
            .flatten()
            .collect(),
        Value::Array(items) => items.iter().flat_map(names_of).collect(),
        _ => BTreeSet::new(),
    }
}

#[tokio::test]
async fn records_come_newest_first_page_by_page() {
    let mut ids = Vec::new();
    let mut next = Some("/api/records?limit=4".to_owned());
    while let Some(path) = next {
        let page = get_json(&path).await;
        ids.extend(page["records"].as_array().unwrap().iter().map(|record| record["id"].as_u64().unwrap()));
        let links = page["links"].as_array().unwrap();
        next = links.iter().find(|link| link["rel"] == "next").map(|link| link["href"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids, (1..=LATEST).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn a_record_tells_what_it_changed_also_on_later_days() {
    let kinds = async |id: u64| {
        let record = get_json(&format!("/api/records/{id}")).await;
        let areas = record["areas"].as_array().unwrap().iter();
        let told =
            areas.map(|area| format!("{} {}", area["code"].as_str().unwrap(), area["change"][0].as_str().unwrap()));
        (record["changes"].clone(), told.collect::<Vec<_>>())
    };
    assert_eq!(
        kinds(2).await,
        (json!({ "added": 0, "ended": 0, "geometry": 0, "attributes": 1 }), vec![format!("{RENAMED} attributes")])
    );
    let merged = [format!("{} ended", MERGED[0]), format!("{} ended", MERGED[1]), format!("{MERGED_INTO} added")];
    assert_eq!(kinds(3).await.1, merged);
    assert_eq!(kinds(6).await.1, [format!("{PLANNED} added")], "it begins years later");
    let survey = get_json("/api/records/1").await;
    assert_eq!((&survey["touched"], &survey["changes"]), (&json!(1637), &json!(null)), "too many to count one by one");
    assert_eq!(survey["areas"].as_array().unwrap().len(), 1000);
    for missing in ["0", "7", "01", "x"] {
        assert_problem(&ask(router(Who::District), &format!("/api/records/{missing}")).await, 404, missing);
    }
}

#[tokio::test]
async fn a_revision_entered_elsewhere_is_there_as_soon_as_it_is_asked_for() {
    for path in ["/api/records/2", "/api/register?known=2"] {
        let store = copy_of_demo();
        let router = serve(store.clone(), Who::District).1;
        assert!(ask(&router, path).await.status.is_client_error(), "{path}: nobody entered it yet");
        tell_one(&store, 2);
        assert_eq!(ask(&router, path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_server_answers_only_under_a_name_of_its_own() {
    let router = editable();
    let document = rename(RENAMED, NEW_NAME);
    let send_to = async |method: &str, host: &str| {
        let builder = Builder::new().method(method).uri("/api/records?dry_run=true").header("host", host);
        enter(&router, builder.header("content-type", "application/json").header("if-match", "\"1\""), &document).await
    };
    for own in ["onemap.test", "127.0.0.1:8080", "[::1]", "localhost:80"] {
        assert_eq!(send_to("POST", own).await.status, 200, "{own}");
    }
    let refused = send_to("POST", "evil.example").await;
    assert_problem(&refused, 403, "a name that leads here");
    assert_eq!(refused.json()["type"], "urn:onemap:problem:host-not-allowed");
    assert!(refused.json()["detail"].as_str().unwrap().contains("hosts"));
    // Nor does anybody read under it, who would be a page of another site within the office.
    for (path, status) in [("/", 403), ("/api/register", 403), ("/healthz", 200), ("/readyz", 200)] {
        let asked = Builder::new().uri(path).header("host", "evil.example").body(Body::empty()).unwrap();
        assert_eq!(send(&router, asked).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn an_area_tells_its_history_and_kin() {
    let history = get_json(&format!("/api/areas/{RENAMED}/history")).await;
    assert_eq!(
        (&history["name"], &history["present"], &history["revision"]),
        (&json!(NEW_NAME), &json!(true), &json!(2))
    );
    let newest = &history["versions"][0];
    assert_eq!((&newest["part"], &newest["changed"]), (&json!("area"), &json!(["name"])));
    assert_eq!((&newest["facts"]["name"], &newest["record"]["id"]), (&json!(NEW_NAME), &json!(2)));
    let ended = get_json(&format!("/api/areas/{}/history", MERGED[0])).await;
    assert_eq!((&ended["present"], &ended["ended_on"]), (&json!(false), &json!("2023-06-01")));
    assert_eq!(ended["lineage"]["successors"][0]["code"], MERGED_INTO);
    let graph = get_json(&format!("/api/areas/{}/lineage", MERGED[0])).await;
    assert_eq!((graph["areas"].as_array().unwrap().len(), graph["edges"].as_array().unwrap().len()), (3, 2));
    for path in ["history", "lineage"] {
        for code in ["DEMO-JS-9999", "nonsense"] {
            let path = format!("/api/areas/{code}/{path}");
            assert_problem(&ask(router(Who::District), &path).await, 404, &path);
        }
    }
}

#[tokio::test]
async fn changes_add_up_by_street_and_since_a_day_or_a_revision() {
    for since in ["1", "2023-01-01"] {
        let changes = get_json(&format!("/api/changes?since={since}")).await;
        let totals = &changes["totals"];
        assert_eq!(totals, &json!({ "added": 3, "ended": 4, "geometry": 0, "attributes": 1, "unchanged": 1632 }));
        for (name, total) in totals.as_object().unwrap() {
            let streets = changes["streets"].as_array().unwrap();
            let sum: u64 = streets.iter().map(|street| street[name].as_u64().unwrap()).sum();
            assert_eq!(total, sum, "{name}");
        }
        let renamed = changes["areas"].as_array().unwrap().iter().find(|area| area["code"] == RENAMED).unwrap();
        assert_eq!((&renamed["fields"], &renamed["record"]), (&json!(["name"]), &json!(2)));
        assert_eq!(changes["to"], json!({ "datetime": "2024-02-01", "known": 6 }));
    }
    let until = get_json("/api/changes?since=2&until=3&street=110105017&limit=1").await;
    assert_eq!((&until["totals"]["ended"], &until["totals"]["added"]), (&json!(2), &json!(1)));
    assert_eq!(until["areas"].as_array().unwrap().len(), 1);
    let next = until["links"][1]["href"].as_str().unwrap();
    assert!(next.contains("since=2") && next.contains("until=3") && next.contains("street=110105017"), "{next}");
    for bad in ["", "?since=", "?since=7", "?since=then", "?since=1&until=9", "?since=1&street=x", "?since=1&limit=0"] {
        let path = format!("/api/changes{bad}");
        assert_problem(&ask(router(Who::District), &path).await, 400, &path);
    }
}

#[tokio::test]
async fn the_feed_is_well_formed_atom_with_stable_ids() {
    let answer = ask(router(Who::District), "/api/changes.atom?since=1&street=110105017").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/atom+xml; charset=utf-8"));
    let text = String::from_utf8(answer.body).unwrap();
    let mut reader = Reader::from_str(&text);
    let (mut ids, mut names, mut path) = (Vec::new(), BTreeSet::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                names.insert(path.join("/"));
            }
            Event::Empty(empty) => {
                names.insert(format!("{}/{}", path.join("/"), empty.name().as_ref()));
            }
            Event::End(_) => {
                path.pop();
            }
            Event::Text(content) if path.join("/") == "feed/entry/id" => ids.push(content.to_string()),
            Event::Eof => break,
            _ => {}
        }
    }
    for name in ["feed/id", "feed/title", "feed/updated", "feed/author/name", "feed/link"] {
        assert!(names.contains(name), "{name}");
    }
    for name in ["feed/entry/id", "feed/entry/title", "feed/entry/updated", "feed/entry/author/name", "feed/entry/link"]
    {
        assert!(names.contains(name), "{name}");
    }
    assert!(text.contains("http://onemap.test/api/changes.atom?since=1&amp;street=110105017"), "{text}");
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (8, 8));
    assert!(ids.contains(&format!("urn:onemap:area:{RENAMED}:record:2")), "{ids:?}");
}

#[tokio::test]
async fn the_public_sees_no_internal_member_of_what_was() {
    for path in [
        "/api/records".to_owned(),
        "/api/records/2".to_owned(),
        format!("/api/areas/{RENAMED}/history"),
        format!("/api/areas/{SPLIT}/history"),
        "/api/changes?since=1".to_owned(),
    ] {
        let (internal, public) =
            (ask(router(Who::District), &path).await.json(), ask(router(Who::Nobody), &path).await.json());
        let seen = names_of(&public);
        for hidden in ["author", "households", "address", "contract_from", "members", "manager", "party_organisation"] {
            assert!(!seen.contains(hidden), "{path}: {hidden}");
        }
        assert!(!public.to_string().contains("甲某"), "{path}");
        assert!(!public.to_string().contains("\"part\":\"committee\""), "{path}: committees one by one are internal");
        assert_ne!(internal, Value::Null);
    }
    assert!(ask(router(Who::District), "/api/records").await.json()["records"][0]["author"] == "甲某");
}

#[tokio::test]
async fn only_whoever_may_edit_changes_the_register() {
    for (who, status, kind) in
        [(Who::Nobody, 401, "sign-in-needed"), (Who::Auditor, 403, "not-allowed"), (Who::Admin, 403, "not-allowed")]
    {
        let router = &serve(copy_of_demo(), who).1;
        let answer = enter(router, post("/api/records"), &rename(RENAMED, "新名(演示)")).await;
        assert_problem(&answer, status, &format!("{who:?}"));
        assert_eq!(answer.json()["type"], format!("urn:onemap:problem:{kind}"));
    }
    let answer = send(router(Who::District), request("DELETE", "/api/records").body(Body::empty()).unwrap()).await;
    assert_problem(&answer, 405, "DELETE");
    let allowed: BTreeSet<&str> = answer.header("allow").split(',').map(str::trim).collect();
    assert_eq!(allowed, BTreeSet::from(["GET", "HEAD", "POST"]));
}

#[tokio::test]
async fn requests_that_must_not_be_taken_are_refused_before_they_are_read() {
    let router = editable();
    let document = rename(RENAMED, "新名(演示)");
    let typed = |kind: &str| request("POST", "/api/records").header("content-type", kind);
    assert_problem(&enter(&router, typed("text/plain"), &document).await, 415, "type");
    assert_problem(&enter(&router, request("POST", "/api/records"), &document).await, 415, "no type");
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://elsewhere.test")] {
        let answer = enter(&router, post("/api/records").header(name, value), &document).await;
        assert_problem(&answer, 403, name);
        assert_eq!(answer.json()["type"], "urn:onemap:problem:cross-site");
    }
    let long = vec![b' '; onemap::http::CHANGE_LIMIT + 1];
    assert_problem(&send(&router, post("/api/records").body(Body::from(long)).unwrap()).await, 413, "too long");
    for (name, value) in [("if-match", "W/\"1\""), ("if-match", "1"), ("idempotency-key", "a b")] {
        assert_problem(&enter(&router, post("/api/records").header(name, value), &document).await, 400, value);
    }
    assert_problem(&enter(&router, post("/api/records?dry_run=maybe"), &document).await, 400, "dry_run");
    assert_problem(&enter(&router, post("/api/records"), &document).await, 428, "nothing seen");
    assert_eq!(ask(&router, "/api/register").await.json()["revision"], 1);
}

#[tokio::test]
async fn faults_are_listed_with_their_places() {
    let router = editable();
    let mut document = rename(RENAMED, "");
    document["colour"] = json!("red");
    let answer = enter(&router, post("/api/records").header("if-match", "\"1\""), &document).await;
    assert_problem(&answer, 422, "faults");
    let faults = answer.json()["faults"].as_array().unwrap().clone();
    let places: Vec<&str> = faults.iter().map(|fault| fault["place"].as_str().unwrap()).collect();
    assert!(places.iter().any(|place| place.contains("colour")), "{places:?}");
    assert!(faults.iter().all(|fault| fault["message"].as_str().is_some_and(|message| !message.is_empty())));
    let answer = send(&router, post("/api/records").body(Body::from("{")).unwrap()).await;
    assert_problem(&answer, 422, "not JSON");
}

#[tokio::test]
async fn a_dry_run_answers_the_same_and_writes_nothing() {
    let router = editable();
    let document = rename(RENAMED, "新名(演示)");
    let seen = |path: &str| post(path).header("if-match", "\"1\"");
    let dry = enter(&router, seen("/api/records?dry_run=true"), &document).await;
    assert_eq!(dry.status, 200, "{}", String::from_utf8_lossy(&dry.body));
    assert_eq!((dry.json()["dry_run"].clone(), dry.header("location")), (json!(true), ""));
    assert_eq!(ask(&router, "/api/register").await.json()["revision"], 1);
    let done = enter(&router, seen("/api/records?dry_run=false"), &document).await;
    assert_eq!((done.status.as_u16(), done.header("location")), (201, "/api/records/2"));
    let (dry, done) = (dry.json(), done.json());
    assert_eq!((&dry["areas"], &dry["revision"]), (&done["areas"], &done["revision"]));
    assert_eq!(done["areas"], json!([{ "code": RENAMED, "change": ["attributes"] }]));
    assert_eq!((&done["record"]["id"], &done["record"]["kind"]), (&json!(2), &json!("rename")));
    let area = ask(&router, &format!("/api/collections/areas/items/{RENAMED}")).await.json();
    assert_eq!((&area["properties"]["name"], &area["properties"]["revision"]), (&json!("新名(演示)"), &json!(2)));
}

#[tokio::test]
async fn of_two_editors_the_second_gets_both_versions() {
    let router = editable();
    let first = post("/api/records").header("if-match", "\"1\"");
    assert_eq!(enter(&router, first, &rename(RENAMED, "甲名(演示)")).await.status, 201);
    let second = post("/api/records").header("if-match", "\"1\"");
    let answer = enter(&router, second, &rename(RENAMED, "乙名(演示)")).await;
    assert_problem(&answer, 412, "conflict");
    let body = answer.json();
    assert_eq!((&body["type"], &body["area"]), (&json!("urn:onemap:problem:changed"), &json!(RENAMED)));
    assert_eq!((&body["seen"], &body["latest"]), (&json!(1), &json!(2)));
    assert_eq!(body["theirs"]["properties"]["name"], "甲名(演示)");
    assert_eq!(body["theirs"]["properties"]["revision"], 2);
    assert_ne!(body["yours"]["properties"]["name"], "甲名(演示)");
    assert_eq!(body["yours"]["type"], "Feature");
    let blind = post("/api/records").header("if-match", "\"0\"");
    let answer = enter(&router, blind, &rename(RENAMED, "乙名(演示)")).await;
    assert_problem(&answer, 412, "conflict");
    assert_eq!(answer.json()["yours"], Value::Null, "before the first record there was nothing");
    let mut told = rename(RENAMED, "乙名(演示)");
    told["seen"] = json!({ RENAMED: 1 });
    let answer = enter(&router, post("/api/records"), &told).await;
    assert_problem(&answer, 409, "what only the document says is no condition of the request");
    let mut again = rename(RENAMED, "乙名(演示)");
    again["seen"] = json!({ RENAMED: 2 });
    again["record"]["dated"] = json!("2023-05-02");
    assert_eq!(enter(&router, post("/api/records"), &again).await.status, 201, "having looked again");
}

#[tokio::test]
async fn the_same_key_is_entered_once_and_answered_the_same() {
    let router = editable();
    let keyed = || post("/api/records").header("if-match", "\"1\"").header("idempotency-key", "7f3a");
    let document = rename(RENAMED, "新名(演示)");
    let first = enter(&router, keyed(), &document).await;
    let again = enter(&router, keyed(), &document).await;
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 201));
    assert_eq!((&first.body, first.header("location")), (&again.body, again.header("location")));
    assert_eq!(ask(&router, "/api/register").await.json()["revision"], 2);
    let mut other = document.clone();
    other["record"]["document"] = json!("试文2号");
    let reused = enter(&router, keyed(), &other).await;
    assert_problem(&reused, 422, "unprocessable");
    assert_eq!(
        (&reused.json()["type"], &reused.json()["revision"]),
        (&json!("urn:onemap:problem:request-reused"), &json!(2))
    );
}

#[tokio::test]
async fn a_document_of_a_day_to_come_is_a_fault() {
    let mut document = rename(RENAMED, "新名(演示)");
    document["record"]["dated"] = json!("2999-01-01");
    let answer = enter(&editable(), post("/api/records").header("if-match", "\"1\""), &document).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["faults"][0]["place"]), (422, &json!("/record/dated")));
}

#[tokio::test]
async fn metrics_count_by_route_and_tell_the_register() {
    let router = editable();
    ask(&router, &format!("/api/collections/areas/items/{RETIRED}")).await;
    ask(&router, &format!("/api/collections/areas/items/{}", SPLIT_INTO[0])).await;
    let answer = ask(&router, "/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let text = String::from_utf8(answer.body).unwrap();
    for line in [
        "onemap_http_requests_total{route=\"/api/collections/areas/items/{code}\",method=\"GET\",status=\"200\"} 1",
        "onemap_http_requests_total{route=\"/api/collections/areas/items/{code}\",method=\"GET\",status=\"404\"} 1",
        "onemap_revision 1",
        "onemap_areas 1637",
        "onemap_records_total 1",
        "onemap_store_connected 1",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains(RETIRED), "codes are no labels");
}
