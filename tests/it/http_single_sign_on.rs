//! Signing in through another provider, as a browser does it: from the page to the provider, back, and on.

use axum::Router;
use axum::body::Body;
use onemap::app::App;
use onemap::app::access::LogQuery;
use onemap::app::access::single_sign_on::{SignOnSettings, SingleSignOn};
use onemap::auth::Actor;
use onemap::http::{Site, router};
use serde_json::{Value, json};

use crate::support::provider::Provider;
use crate::support::story::copy_of_demo;
use crate::support::who::OWN_STREET;
use crate::support::{Answer, Who, app_on, assert_problem, request, send, settings};

/// A register whose people the provider lets in.
fn register(settings_of: SignOnSettings) -> (App, Router) {
    let app = app_on(copy_of_demo()).with_sign_on(Some(SingleSignOn::new(settings_of).unwrap()));
    app.refresh().unwrap();
    (app.clone(), router(Site::new(app, settings())))
}

/// Asks as a browser that sends this cookie.
async fn ask(router: &Router, path: &str, cookie: &str) -> Answer {
    send(router, request("GET", path).header("cookie", cookie).body(Body::empty()).unwrap()).await
}

/// The cookie of that name that an answer gives, as it is sent back; an empty one is taken away.
fn given(answer: &Answer, name: &str) -> Option<String> {
    let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let mut named = cookies.filter_map(|cookie| cookie.split(';').next()?.strip_prefix(&format!("{name}=")));
    named.next().map(|value| format!("{name}={value}"))
}

/// Begins a sign-in: the cookie to bring back, and the query with which the provider sends the browser back.
async fn begun(router: &Router, provider: &Provider, next: &str) -> (String, String) {
    let answer = ask(router, &format!("/api/session/sso?next={next}"), "").await;
    assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age=600"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(answer.header("cache-control").contains("no-store"));
    let location = answer.header("location").to_owned();
    assert!(location.starts_with(&provider.address) && location.contains("code_challenge_method=S256"), "{location}");
    (given(&answer, "onemap-sso").unwrap(), provider.browse(&location))
}

fn back(query: &str) -> String {
    format!("/api/session/sso/return?{query}")
}

/// Asserts that nobody was let in and that the page for signing in tells why.
fn assert_refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 303, "{}", String::from_utf8_lossy(&answer.body));
    let location = answer.header("location");
    assert!(location.starts_with(&format!("/sign-in?sso={why}")), "{location}");
    assert_eq!(given(answer, "onemap"), None, "no session");
    assert_eq!(given(answer, "onemap-sso").as_deref(), Some("onemap-sso="), "what was begun is over");
}

fn log_of(app: &App, action: &str) -> Vec<onemap::history::AuditEntry> {
    let action = Some(action.to_owned());
    let query = LogQuery { object: None, who: None, action, since: None, until: None, before: None, limit: 100 };
    app.access().log(&Actor::at_the_machine(), &query).unwrap()
}

fn zhao() -> Value {
    json!({ "sub": "17", "preferred_username": "Zhao", "name": "赵某", "groups": ["staff", "map-officers"],
        "streets": [OWN_STREET] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_goes_to_the_provider_and_comes_back_signed_in() {
    let Some(provider) = Provider::start() else { return };
    let (settings_of, _folder) = provider.settings();
    let (app, router) = register(settings_of);
    provider.who(&zhao());
    let offered = ask(&router, "/api/session", "").await.json()["single_sign_on"].clone();
    assert_eq!(offered, json!({ "name": "统一身份", "start": "/api/session/sso" }));

    let next = "%2Fledger%3Fstreet%3D110105017%2315%2F39.9%2F116.4";
    let (flow, query) = begun(&router, &provider, next).await;
    let answer = ask(&router, &back(&query), &flow).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/ledger?street=110105017#15/39.9/116.4"));
    assert_eq!(given(&answer, "onemap-sso").as_deref(), Some("onemap-sso="), "it is used up");
    let session = given(&answer, "onemap").unwrap();
    let who = ask(&router, "/api/session", &session).await.json();
    assert_eq!((&who["role"], &who["name"], &who["display_name"]), (&json!("officer"), &json!("zhao"), &json!("赵某")));
    assert_eq!(who["streets"], json!([OWN_STREET]));

    let started = log_of(&app, "session.start");
    assert_eq!((started.len(), started[0].told.who.as_str()), (1, "zhao"));
    assert_eq!(started[0].told.after.as_deref(), Some(r#"{"by":"single_sign_on"}"#));
    assert_eq!(log_of(&app, "account.add")[0].told.who, "single-sign-on");

    // The same address once more: with the cookie gone it was not begun here, and with it the code is used up.
    assert_refused(&ask(&router, &back(&query), "").await, "not_begun");
    let replayed = ask(&router, &back(&query), &flow).await;
    assert_refused(&replayed, "provider");
    assert!(replayed.header("location").contains("&next=%2Fledger%3Fstreet"), "{}", replayed.header("location"));
    assert_eq!(log_of(&app, "session.start").len(), 1, "neither began a session");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_began_nothing_or_is_nobody_here_is_told_so_on_the_page() {
    let Some(provider) = Provider::start() else { return };
    let (settings_of, _folder) = provider.settings();
    let (app, router) = register(settings_of.clone());
    provider.who(&zhao());
    let (flow, query) = begun(&router, &provider, "/").await;
    let wrong = query.replace("state=", "state=x");
    assert_refused(&ask(&router, &back(&wrong), &flow).await, "not_begun");
    let (another, _) = begun(&router, &provider, "/").await;
    assert_refused(&ask(&router, &back(&query), &another).await, "not_begun");
    assert_refused(&ask(&router, &back(&query), "onemap-sso=nonsense").await, "not_begun");
    assert_refused(&ask(&router, "/api/session/sso/return", &flow).await, "not_begun");

    for (claims, why) in [
        (Value::Null, "refused"),
        (json!({ "sub": "18", "preferred_username": "sun", "groups": ["staff"] }), "no_role"),
        (json!({ "sub": "18", "groups": "map-clerks" }), "no_role"),
        (json!({ "sub": "18", "preferred_username": "sun", "groups": "map-officers" }), "no_role"),
        (
            json!({ "sub": "18", "preferred_username": "sun", "groups": "map-officers", "streets": "110105999" }),
            "no_role",
        ),
        (json!({ "sub": "18", "preferred_username": "a name", "groups": "map-clerks" }), "no_role"),
        (json!({ "sub": "18", "preferred_username": "test-clerk", "groups": "map-clerks" }), "taken"),
    ] {
        // One with a password, who is not taken over by the name.
        Who::Clerk.signs_in(&app);
        provider.who(&claims);
        let (flow, query) = begun(&router, &provider, "%2Frates").await;
        let answer = ask(&router, &back(&query), &flow).await;
        assert_refused(&answer, why);
        assert!(answer.header("location").ends_with("&next=%2Frates"), "{}", answer.header("location"));
    }
    let refused = log_of(&app, "session.refuse");
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].told.object.as_deref(), Some("session/test-clerk"));

    let nobody = SignOnSettings { issuer: "http://127.0.0.1:1".to_owned(), ..settings_of };
    assert_refused(&ask(&register(nobody).1, "/api/session/sso?next=/rates", "").await, "provider");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_to_another_site() {
    let Some(provider) = Provider::start() else { return };
    let (settings_of, _folder) = provider.settings();
    let router = register(settings_of).1;
    for next in ["//evil.example", "https://evil.example", "/%5Cevil.example", "/%09/evil.example", "/api/session/sso"]
    {
        assert_problem(&ask(&router, &format!("/api/session/sso?next={next}"), "").await, 400, next);
    }
    // A browser whose cookie somebody wrote goes to the map, not to where the cookie says.
    provider.who(&zhao());
    let (flow, query) = begun(&router, &provider, "/rates").await;
    let forged = {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;
        let bytes = URL_SAFE_NO_PAD.decode(flow.trim_start_matches("onemap-sso=")).unwrap();
        let mut flow: Value = serde_json::from_slice(&bytes).unwrap();
        flow["next"] = json!("//evil.example");
        format!("onemap-sso={}", URL_SAFE_NO_PAD.encode(flow.to_string()))
    };
    let answer = ask(&router, &back(&query), &forged).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/"));
    let secure = request("GET", "/api/session/sso").header("x-forwarded-proto", "https").body(Body::empty()).unwrap();
    let cookie = send(&router, secure).await.header("set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-onemap-sso=") && cookie.contains("; Secure"), "{cookie}");
}
