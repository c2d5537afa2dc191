//! Officers at the edge: several streets of one officer, and the managers of the areas there.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use onemap::app::access::{Credentials, NewAccount, Occasion};
use onemap::app::{App, Snapshot};
use onemap::auth::{Actor, Role};
use onemap::model::StreetCode;
use serde_json::{Value, json};

use crate::support::story::{copy_of_demo, serve};
use crate::support::who::{OTHER_STREET, OWN_STREET, PASSWORD};
use crate::support::{Answer, Who, assert_problem, demo_app, request, send};

/// A street of neither officer.
const THIRD_STREET: &str = "110105005";

/// An officer of two streets, who asks.
struct OfTwo {
    router: Router,
    cookie: String,
}

impl OfTwo {
    fn signed_in() -> Self {
        let (app, router) = serve(copy_of_demo(), Who::Nobody);
        let account = NewAccount {
            name: "two".to_owned(),
            display_name: "two".to_owned(),
            role: Role::Officer,
            streets: [OWN_STREET, OTHER_STREET].map(|code| StreetCode::parse(code).unwrap()).into(),
            password: Some(PASSWORD.to_owned()),
        };
        app.access().add_account(&Actor::at_the_machine(), &Occasion::now(), account).unwrap();
        let credentials = Credentials { name: "two".to_owned(), password: PASSWORD.to_owned() };
        let (secret, _) = app.access().sign_in(&Occasion::now(), &credentials).unwrap();
        Self { router, cookie: format!("onemap={}", secret.expose()) }
    }

    async fn ask(&self, path: &str) -> Answer {
        send(&self.router, request("GET", path).header("cookie", &self.cookie).body(Body::empty()).unwrap()).await
    }
}

async fn ask(who: Who, path: &str) -> Value {
    send(&demo_app(who).1, request("GET", path).body(Body::empty()).unwrap()).await.json()
}

fn register() -> &'static App {
    &demo_app(Who::District).0
}

fn streets_of(snapshot: &Snapshot, manager: usize) -> BTreeSet<&str> {
    snapshot.managed_by(manager).iter().map(|area| snapshot.area(*area as usize).street.as_str()).collect()
}

#[tokio::test]
async fn an_officer_of_several_streets_names_the_one_that_is_asked_for() {
    let officer = OfTwo::signed_in();
    for list in ["due", "findings", "completeness", "managers/gaps", "reports"] {
        let unnamed = officer.ask(&format!("/api/{list}")).await;
        assert_problem(&unnamed, 403, list);
        assert!(unnamed.json()["type"].as_str().unwrap().ends_with("name-a-street"), "{list}");
        for street in [OWN_STREET, OTHER_STREET] {
            assert_eq!(officer.ask(&format!("/api/{list}?street={street}")).await.status, 200, "{list} of {street}");
        }
        assert_problem(&officer.ask(&format!("/api/{list}?street={THIRD_STREET}")).await, 403, list);
    }
    let snapshot = register().snapshot().unwrap();
    for area in snapshot.areas().step_by(7) {
        let told = officer.ask(&format!("/api/collections/areas/items/{}", area.code)).await.json();
        let own = [OWN_STREET, OTHER_STREET].contains(&area.street.as_str());
        assert_eq!(told["properties"].get("households").is_some(), own, "{}", area.code);
    }
}

#[tokio::test]
async fn the_managers_of_a_street_are_those_of_its_areas_page_by_page() {
    let snapshot = register().snapshot().unwrap();
    let expected: Vec<&str> = (0..snapshot.managers().len())
        .filter(|at| streets_of(&snapshot, *at).contains(OWN_STREET))
        .map(|at| snapshot.managers()[at].uscc.as_str())
        .collect();
    assert!(expected.len() > 5 && expected.len() < snapshot.managers().len());
    for who in [Who::Officer, Who::District, Who::Nobody] {
        let mut path = format!("/api/collections/managers/items?street={OWN_STREET}&limit=3");
        let mut told = Vec::new();
        loop {
            let page = ask(who, &path).await;
            told.extend(page["features"].as_array().unwrap().iter().map(|one| one["properties"]["uscc"].clone()));
            let next = page["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next");
            let Some(next) = next else { break };
            path = next["href"].as_str().unwrap().to_owned();
        }
        let expected: Vec<Value> = match who {
            Who::Nobody => vec![Value::Null; expected.len()],
            _ => expected.iter().map(|uscc| json!(uscc)).collect(),
        };
        assert_eq!(told, expected, "{who:?}");
    }
    for (street, status) in [("999999999", 404), ("x y", 400)] {
        let path = format!("/api/collections/managers/items?street={}", street.replace(' ', "%20"));
        let answer = send(&demo_app(Who::Clerk).1, request("GET", &path).body(Body::empty()).unwrap()).await;
        assert_problem(&answer, status, street);
    }
}

#[tokio::test]
async fn search_finds_an_officer_the_managers_of_their_streets_and_no_others() {
    let snapshot = register().snapshot().unwrap();
    let mut seen = [0, 0];
    for at in (0..snapshot.managers().len()).filter(|at| at % 5 == 0 || streets_of(&snapshot, *at).contains(OWN_STREET))
    {
        let (manager, own) = (&snapshot.managers()[at], streets_of(&snapshot, at).contains(OWN_STREET));
        for text in [manager.name.as_str(), manager.uscc.as_str()] {
            let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            let found = ask(Who::Officer, &format!("/api/search?q={text}&limit=50")).await;
            let of_kind = found["results"].as_array().unwrap().iter().filter(|hit| hit["kind"] == "manager");
            let codes: Vec<&Value> = of_kind.map(|hit| &hit["code"]).collect();
            assert_eq!(codes.contains(&&json!(manager.uscc.as_str())), own, "{}", manager.name);
            assert!(codes.iter().all(|code| code.is_string()), "what is found can be opened: {codes:?}");
        }
        seen[usize::from(own)] += 1;
    }
    assert!(seen.iter().all(|count| *count > 5), "{seen:?}");
}

#[tokio::test]
async fn who_may_grant_exceptions_is_told_by_the_session() {
    for who in Who::ALL {
        let session = ask(who, "/api/session").await;
        let told = session["actions"].as_array().unwrap().contains(&json!("grant_exception"));
        assert_eq!(told, matches!(who, Who::Clerk | Who::District), "{who:?}");
    }
}
