//! Who may see and do what: sessions, streets of officers, edits of many at once, reports and the audit log.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use onemap::app::App;
use onemap::app::access::LogQuery;
use onemap::auth::Actor;
use serde_json::{Value, json};

use crate::support::story::{copy_of_demo, serve};
use crate::support::who::{OTHER_STREET, OWN_STREET, PASSWORD};
use crate::support::{Answer, Who, assert_problem, demo_app, request, send};

/// A register of its own, and its edge as everybody asks it.
fn register() -> (App, Router) {
    serve(copy_of_demo(), Who::Nobody)
}

async fn ask(router: &Router, path: &str) -> Answer {
    send(router, request("GET", path).body(Body::empty()).unwrap()).await
}

async fn tell(router: &Router, (method, path): (&str, &str), headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut builder = request(method, path).header("content-type", "application/json");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    send(router, builder.body(Body::from(body.to_string())).unwrap()).await
}

fn rename(area: &str, name: &str) -> Value {
    json!({
        "record": { "document": "试文1号", "authority": "试验区", "dated": "2023-05-01", "author": "甲某" },
        "rename": { "area": area, "name": name },
    })
}

fn kind_of(answer: &Answer) -> String {
    answer.json()["type"].as_str().unwrap().trim_start_matches("urn:onemap:problem:").to_owned()
}

/// The first area of every street.
fn one_of_each_street(app: &App) -> BTreeMap<String, String> {
    let mut areas = BTreeMap::new();
    for area in app.snapshot().unwrap().areas() {
        areas.entry(area.street.to_string()).or_insert_with(|| area.code.to_string());
    }
    areas
}

#[tokio::test]
async fn an_officer_sees_and_changes_the_areas_of_their_own_street_only() {
    let (app, router) = register();
    let officer = Who::Officer.asks(&app, &router);
    let areas = one_of_each_street(&app);
    assert_eq!(areas.len(), 43);
    for (street, area) in &areas {
        let own = street == OWN_STREET;
        let seen = ask(&officer, &format!("/api/collections/areas/items/{area}")).await.json();
        for internal in ["address", "households", "committees", "contract_until", "manager", "foreign_codes"] {
            assert_eq!(seen["properties"].get(internal).is_some(), own, "{area} {internal}");
        }
        assert!(seen["properties"].get("fee_yuan_per_m2_month").is_some(), "{area}: the fee is for everybody");
        let path = ("POST", "/api/records?dry_run=true");
        let answer = tell(&officer, path, &[("if-match", "\"1\"")], &rename(area, "新名(演示)")).await;
        assert_eq!(
            answer.status.as_u16(),
            if own { 200 } else { 403 },
            "{area}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        for list in ["due", "findings", "completeness", "managers/gaps", "reports"] {
            let answer = ask(&officer, &format!("/api/{list}?street={street}")).await;
            assert_eq!(answer.status.as_u16(), if own { 200 } else { 403 }, "{list} of {street}");
        }
    }
    // Without a street an officer of one is told of that one.
    for list in ["due", "findings", "completeness", "managers/gaps"] {
        assert_eq!(ask(&officer, &format!("/api/{list}")).await.json()["street"], OWN_STREET, "{list}");
    }
}

#[tokio::test]
async fn nobody_moves_an_area_out_of_their_street_or_into_it() {
    let (app, router) = register();
    let officer = Who::Officer.asks(&app, &router);
    let areas = one_of_each_street(&app);
    let moved = |area: &str, street: &str| {
        json!({
            "record": { "document": "试文1号", "authority": "试验区", "dated": "2023-05-01", "author": "甲某" },
            "amend": { "kind": "survey_round", "area": area, "amend": { "street": street, "community": null } },
        })
    };
    let path = ("POST", "/api/records?dry_run=true");
    for (area, street) in [(&areas[OWN_STREET], OTHER_STREET), (&areas[OTHER_STREET], OWN_STREET)] {
        let answer = tell(&officer, path, &[("if-match", "\"1\"")], &moved(area, street)).await;
        assert_problem(&answer, 403, area);
        let clerk = Who::Clerk.asks(&app, &router);
        let allowed = tell(&clerk, path, &[("if-match", "\"1\"")], &moved(area, street)).await;
        assert_eq!(allowed.status, 200, "{}", String::from_utf8_lossy(&allowed.body));
    }
}

#[tokio::test]
async fn what_an_officer_takes_away_tells_nothing_internal_of_other_streets() {
    let officer = &demo_app(Who::Officer).1;
    let ledger = ask(officer, "/api/ledger").await.json();
    let column = |key: &str| ledger["columns"].as_array().unwrap().iter().find(|column| column["key"] == key).unwrap();
    let streets = column("street");
    let own = streets["values"].as_array().unwrap().iter().position(|term| term["key"] == OWN_STREET).unwrap();
    let of_own: Vec<bool> = streets["data"].as_array().unwrap().iter().map(|at| *at == json!(own)).collect();
    assert!(of_own.iter().any(|own| *own) && of_own.iter().any(|own| !own));
    for key in ["address", "households", "manager_uscc", "contract_until", "owners_party", "next_due"] {
        let mut told = 0;
        for (value, own) in column(key)["data"].as_array().unwrap().iter().zip(&of_own) {
            assert!(*own || value.is_null(), "{key} of another street");
            told += usize::from(!value.is_null());
        }
        assert!(told > 0 || key.starts_with("owners"), "{key} of the own street");
    }
    let csv = String::from_utf8(ask(officer, "/api/export?format=csv").await.body).unwrap();
    let snapshot = demo_app(Who::Officer).0.snapshot().unwrap();
    let address = |street: &str| {
        let area = snapshot.areas().find(|area| area.street.as_str() == street && area.attributes.address.is_some());
        area.unwrap().attributes.address.clone().unwrap()
    };
    assert!(csv.contains(&address(OWN_STREET)) && !csv.contains(&address(OTHER_STREET)));
}

#[tokio::test]
async fn search_never_matches_what_the_asker_may_not_see() {
    let snapshot = demo_app(Who::District).0.snapshot().unwrap();
    let of = |street: &str| {
        let area = snapshot.areas().find(|area| area.street.as_str() == street && area.attributes.address.is_some());
        let area = area.unwrap();
        (area.code.to_string(), area.attributes.address.clone().unwrap())
    };
    let finds = async |who: Who, (code, address): &(String, String)| {
        let text: String = form_urlencoded::byte_serialize(address.as_bytes()).collect();
        let found = ask(&demo_app(who).1, &format!("/api/search?q={text}&limit=50")).await.json();
        let results = found["results"].as_array().unwrap();
        assert!(who != Who::Nobody || results.iter().all(|hit| hit["matched"]["field"] != "address"), "{found}");
        results.iter().any(|hit| hit["code"] == json!(code) && hit["matched"]["field"] == "address")
    };
    let (own, other) = (of(OWN_STREET), of(OTHER_STREET));
    assert!(finds(Who::District, &own).await && finds(Who::District, &other).await);
    assert!(finds(Who::Officer, &own).await && !finds(Who::Officer, &other).await);
    assert!(!finds(Who::Nobody, &own).await && !finds(Who::Nobody, &other).await);
    let of_street = |at: usize| {
        snapshot.managed_by(at).iter().any(|area| snapshot.area(*area as usize).street.as_str() == OWN_STREET)
    };
    let foreign = (0..snapshot.managers().len()).find(|at| !of_street(*at)).unwrap();
    let uscc = snapshot.managers()[foreign].uscc.as_str();
    for who in [Who::Nobody, Who::Officer] {
        let found = ask(&demo_app(who).1, &format!("/api/search?q={uscc}")).await.json();
        assert_eq!(found["results"], json!([]), "{who:?}: a credit code");
    }
}

#[tokio::test]
async fn of_fifty_who_edit_twenty_areas_at_once_each_accepted_edit_is_in_the_log() {
    let (app, router) = register();
    let clerk = Who::Clerk.asks(&app, &router);
    let areas: Vec<String> = app.snapshot().unwrap().areas().take(20).map(|area| area.code.to_string()).collect();
    let edits = (0..50).map(|client| {
        let (clerk, area) = (clerk.clone(), areas[client % 20].clone());
        tokio::spawn(async move {
            let document = rename(&area, &format!("试验小区{client}(演示)"));
            let blind = tell(&clerk, ("POST", "/api/records"), &[], &document).await;
            let key = format!("client-{client}");
            let headers = [("if-match", "\"1\""), ("idempotency-key", key.as_str())];
            loop {
                let answer = tell(&clerk, ("POST", "/api/records"), &headers, &document).await;
                // Too many others entered something meanwhile: nothing was entered, and the same is asked again.
                if answer.status != 503 {
                    return (area, blind, answer);
                }
            }
        })
    });
    let mut accepted: BTreeMap<String, usize> = BTreeMap::new();
    for edit in edits.collect::<Vec<_>>() {
        let (area, blind, answer) = edit.await.unwrap();
        // Without If-Match nothing is changed, whether or not somebody else has changed it before.
        assert_problem(&blind, 428, &area);
        match answer.status.as_u16() {
            201 => *accepted.entry(area).or_default() += 1,
            412 => assert_eq!(kind_of(&answer), "changed"),
            status => panic!("{area}: {status} {}", String::from_utf8_lossy(&answer.body)),
        }
    }
    assert_eq!(accepted.len(), 20, "one of those who edit an area gets in");
    assert!(accepted.values().all(|count| *count == 1), "{accepted:?}");
    let entries = log_of(&app, Some("area.change"));
    let logged: BTreeMap<String, usize> = entries.iter().fold(BTreeMap::new(), |mut counts, entry| {
        let object = entry.told.object.clone().unwrap();
        *counts.entry(object.trim_start_matches("area/").to_owned()).or_default() += 1;
        counts
    });
    assert_eq!(logged, accepted);
    for entry in &entries {
        assert_eq!((entry.told.who.as_str(), entry.told.role.as_str()), ("test-clerk", "clerk"));
        assert!(entry.record.is_some(), "it stands with its record");
        let after: Value = serde_json::from_str(entry.told.after.as_deref().unwrap()).unwrap();
        assert!(after["name"].as_str().unwrap().starts_with("试验小区"), "{after}");
    }
    assert!(app.access().verify_log(&Actor::at_the_machine(), None).unwrap().is_ok(), "the chain is whole");
}

fn log_of(app: &App, action: Option<&str>) -> Vec<onemap::history::AuditEntry> {
    let query = LogQuery {
        object: None,
        who: None,
        action: action.map(str::to_owned),
        since: None,
        until: None,
        before: None,
        limit: 1_000,
    };
    app.access().log(&Actor::at_the_machine(), &query).unwrap()
}

#[tokio::test]
async fn a_session_begins_with_the_right_password_and_ends_when_it_is_left() {
    let (app, router) = register();
    Who::Clerk.signs_in(&app);
    let nobody = ask(&router, "/api/session").await.json();
    assert_eq!((&nobody["role"], &nobody["map"]), (&json!("public"), &json!("open")));
    assert_eq!(nobody["actions"], json!(["send_report"]));
    let credentials = |password: &str| json!({ "name": "test-clerk", "password": password });
    for (name, password) in [("test-clerk", "wrong"), ("nobody-of-this-name", PASSWORD)] {
        let body = json!({ "name": name, "password": password });
        let answer = tell(&router, ("POST", "/api/session"), &[], &body).await;
        assert_problem(&answer, 401, name);
        assert_eq!((kind_of(&answer).as_str(), answer.header("set-cookie")), ("wrong-login", ""));
    }
    let proxied = [("x-forwarded-proto", "https")];
    let secure = tell(&router, ("POST", "/api/session"), &proxied, &credentials(PASSWORD)).await;
    let cookie = secure.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-onemap=") && cookie.contains("; Secure") && cookie.contains("; Path=/"),
        "{cookie}"
    );
    let answer = tell(&router, ("POST", "/api/session"), &[], &credentials(PASSWORD)).await;
    let cookie = answer.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("onemap=") && cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Lax"),
        "{cookie}"
    );
    assert_eq!(answer.json()["role"], "clerk");
    let signed = cookie.split(';').next().unwrap();
    let signed_in = async |method: &str, path: &str| {
        send(&router, request(method, path).header("cookie", signed).body(Body::empty()).unwrap()).await
    };
    assert_eq!(signed_in("GET", "/api/deliveries").await.status, 200);
    let left = signed_in("DELETE", "/api/session").await;
    assert_eq!(left.status, 204);
    assert!(left.header("set-cookie").contains("Max-Age=0"));
    assert_problem(&signed_in("GET", "/api/deliveries").await, 401, "after leaving");
    let forged = send(
        &router,
        request("GET", "/api/register").header("authorization", "Bearer onemap_x").body(Body::empty()).unwrap(),
    );
    assert_problem(&forged.await, 401, "a token that is none");
}

#[tokio::test]
async fn too_many_wrong_passwords_lock_a_name_for_a_while() {
    let (app, router) = register();
    Who::Clerk.signs_in(&app);
    let wrong = json!({ "name": "test-clerk", "password": "wrong" });
    let mut last = None;
    for _ in 0..6 {
        last = Some(tell(&router, ("POST", "/api/session"), &[], &wrong).await);
    }
    let answer = last.unwrap();
    assert_problem(&answer, 429, "locked");
    assert!(answer.header("retry-after").parse::<u64>().unwrap() <= 61);
    let right = json!({ "name": "test-clerk", "password": PASSWORD });
    assert_problem(&tell(&router, ("POST", "/api/session"), &[], &right).await, 429, "the right one waits too");
}

#[tokio::test]
async fn an_account_is_changed_by_whoever_saw_it_last() {
    let (app, router) = register();
    let admin = Who::Admin.asks(&app, &router);
    let weak = json!({ "name": "li", "role": "clerk", "password": "aaaaaaaaaaaaaaaaaaaa" });
    assert_problem(&tell(&admin, ("POST", "/api/accounts"), &[], &weak).await, 422, "weak");
    let li = json!({ "name": "li", "role": "officer", "streets": [OWN_STREET], "password": PASSWORD });
    let made = tell(&admin, ("POST", "/api/accounts"), &[], &li).await;
    assert_eq!(made.status, 201, "{}", String::from_utf8_lossy(&made.body));
    assert_problem(&tell(&admin, ("POST", "/api/accounts"), &[], &li).await, 409, "taken");
    let path = ("PATCH", "/api/accounts/li");
    let change = json!({ "role": "clerk", "streets": [] });
    let first = tell(&admin, path, &[("if-match", made.header("etag"))], &change).await;
    assert_eq!((first.status.as_u16(), &first.json()["role"]), (200, &json!("clerk")));
    assert_problem(&tell(&admin, path, &[("if-match", made.header("etag"))], &change).await, 412, "seen before");
    assert_problem(&tell(&admin, path, &[], &change).await, 428, "not seen");
    let foreign = json!({ "role": "clerk", "password_hash": "x" });
    assert_problem(&tell(&admin, path, &[("if-match", first.header("etag"))], &foreign).await, 422, "a member of none");
    assert!(!ask(&admin, "/api/accounts").await.json().to_string().contains("hash"));
}

#[tokio::test]
async fn a_token_does_what_its_scopes_say_until_it_is_removed() {
    let (app, router) = register();
    let clerk = Who::Clerk.asks(&app, &router);
    let wanted = json!({ "name": "gis", "scopes": ["read"], "days": 30 });
    let made = tell(&clerk, ("POST", "/api/tokens"), &[], &wanted).await.json();
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("onemap_"));
    assert!(!ask(&clerk, "/api/tokens").await.json().to_string().contains(&secret), "it is told once");
    let bearer = format!("Bearer {secret}");
    let with = async |path: &str| {
        send(&router, request("GET", path).header("authorization", &bearer).body(Body::empty()).unwrap()).await
    };
    assert_eq!(with("/api/due?limit=1").await.status, 200);
    let edit =
        tell(&router, ("POST", "/api/records"), &[("authorization", bearer.as_str())], &rename("DEMO-JS-0001", "x"))
            .await;
    assert_problem(&edit, 403, "it may only read");
    // Others learn nothing of it but administrators, who may remove it.
    let admin = Who::Admin.asks(&app, &router);
    for query in ["everybody=true", "owner=clerk"] {
        assert_problem(&ask(&clerk, &format!("/api/tokens?{query}")).await, 403, query);
    }
    assert_eq!(ask(&admin, "/api/tokens").await.json()["tokens"], json!([]), "one's own");
    let owner = ask(&clerk, "/api/tokens").await.json()["tokens"][0]["owner"].as_str().unwrap().to_owned();
    for query in ["everybody=true".to_owned(), format!("owner={owner}")] {
        let tokens = ask(&admin, &format!("/api/tokens?{query}")).await.json();
        assert!(tokens["tokens"].as_array().unwrap().iter().any(|token| token["id"] == made["id"]), "{query}");
    }
    let second = tell(&clerk, ("POST", "/api/tokens"), &[], &wanted).await.json();
    let other = format!("/api/tokens/{}", second["id"].as_str().unwrap());
    assert_eq!(tell(&admin, ("DELETE", other.as_str()), &[], &json!({})).await.status, 204);
    let path = format!("/api/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(tell(&clerk, ("DELETE", path.as_str()), &[], &json!({})).await.status, 204);
    assert_problem(&with("/api/due?limit=1").await, 401, "removed");
}

#[tokio::test]
async fn what_the_public_reports_is_answered_by_the_office_of_the_street() {
    let (app, router) = register();
    let label = ask(&router, "/api/collections/areas/items/DEMO-JS-0001").await.json()["properties"]["label"].clone();
    let report = |place: Value, text: &str| json!({ "place": place, "area": "DEMO-JS-0001", "reason": "boundary_wrong", "text": text });
    let point = json!({ "type": "Point", "coordinates": label });
    let path = ("POST", "/api/reports");
    let phone = tell(&router, path, &[], &report(point.clone(), "请打13812345678")).await;
    assert_eq!((phone.status.as_u16(), kind_of(&phone).as_str()), (422, "personal-data"));
    let far = json!({ "type": "Point", "coordinates": [110.0, 30.0] });
    let outside = tell(&router, path, &[], &report(far, "")).await;
    assert_eq!((outside.status.as_u16(), kind_of(&outside).as_str()), (422, "outside"));
    let sent = tell(&router, path, &[], &report(point, "东边的界线画到马路上了")).await;
    assert_eq!(sent.status, 201, "{}", String::from_utf8_lossy(&sent.body));
    let number = sent.json()["number"].as_str().unwrap().to_owned();
    let item = format!("/api/reports/{number}");
    let outcome = ask(&router, &item).await.json();
    assert_eq!(outcome["state"], "received");
    assert!(outcome.get("text").is_none() && outcome.get("place").is_none(), "{outcome}");
    let officer = Who::Officer.asks(&app, &router);
    let listed = ask(&officer, "/api/reports").await.json();
    assert_eq!((&listed["reports"][0]["number"], &listed["counts"]["received"]), (&json!(number), &json!(1)));
    let summary = async |street: &str| ask(&officer, &format!("/api/streets/{street}/summary")).await;
    let before = summary(OWN_STREET).await;
    assert_eq!(before.json()["reports"], json!({ "received": 1, "accepted": 0 }));
    assert_problem(&summary(OTHER_STREET).await, 403, "another's");
    let seen = ask(&officer, &item).await;
    assert_eq!(seen.json()["text"], "东边的界线画到马路上了");
    let answer = json!({ "state": "accepted", "answer": "已按批复图更正" });
    assert_problem(&tell(&officer, ("PATCH", item.as_str()), &[], &answer).await, 428, "not seen");
    let answered = tell(&officer, ("PATCH", item.as_str()), &[("if-match", seen.header("etag"))], &answer).await;
    assert_eq!(answered.status, 200, "{}", String::from_utf8_lossy(&answered.body));
    assert_eq!(ask(&router, &item).await.json()["answer"], "已按批复图更正");
    let after = summary(OWN_STREET).await;
    assert_eq!(after.json()["reports"], json!({ "received": 0, "accepted": 1 }));
    assert_ne!(before.header("etag"), after.header("etag"), "it is another answer");
    let actions: Vec<String> = log_of(&app, Some("report.")).into_iter().map(|entry| entry.told.action).collect();
    assert_eq!(actions, ["report.answer", "report.send"]);
}

#[tokio::test]
async fn the_audit_log_is_read_by_page_and_as_a_file_and_who_changed_an_area_is_told() {
    let (app, router) = register();
    let clerk = Who::Clerk.asks(&app, &router);
    for (day, name) in [(1, "甲名(演示)"), (2, "乙名(演示)")] {
        let seen =
            ask(&clerk, "/api/collections/areas/items/DEMO-JS-0001").await.json()["properties"]["revision"].clone();
        let tag = format!("\"{seen}\"");
        let mut document = rename("DEMO-JS-0001", name);
        document["record"]["dated"] = json!(format!("2023-05-0{day}"));
        let answer = tell(&clerk, ("POST", "/api/records"), &[("if-match", tag.as_str())], &document).await;
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    }
    let told = ask(&clerk, "/api/areas/DEMO-JS-0001/audit").await.json();
    assert_eq!(told["entries"].as_array().unwrap().len(), 2);
    assert_eq!(told["entries"][0]["after"]["name"], "乙名(演示)");
    assert_eq!((&told["entries"][0]["who"], &told["entries"][0]["record"]), (&json!("test-clerk"), &json!(3)));
    let auditor = Who::Auditor.asks(&app, &router);
    let page = ask(&auditor, "/api/audit?area=DEMO-JS-0001&limit=1").await.json();
    let next = page["links"][1]["href"].as_str().unwrap().to_owned();
    assert_eq!(ask(&auditor, &next).await.json()["entries"][0]["after"]["name"], "甲名(演示)");
    let csv = ask(&auditor, "/api/audit?f=csv&action=area.change").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(String::from_utf8(csv.body).unwrap().contains("乙名(演示)"));
    for path in ["/api/audit?since=then", "/api/audit?area=x", "/api/audit?f=xlsx", "/api/audit?limit=0"] {
        assert_problem(&ask(&auditor, path).await, 400, path);
    }
}
