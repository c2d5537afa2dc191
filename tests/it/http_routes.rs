//! Every route for everybody, and the shape of every error.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use onemap::http::{Settings, Site, router};

use crate::support::story::real_register;
use crate::support::who::{OTHER_STREET, OWN_STREET};
use crate::support::{Who, assert_problem, demo_app, get, request, send, settings, unready};

/// Statuses for nobody while the map is open, nobody while it is closed, an officer asking about their own street and about
/// another, a clerk, the district, an auditor, an administrator, and a token that may read.
type Statuses = [u16; 9];

const ALL: Statuses = [200; 9];
const NONE: Statuses = [404; 9];
/// Everybody, while the map is open.
const MAP: Statuses = [200, 401, 200, 200, 200, 200, 200, 200, 200];
/// The same as a page, which leads on to where one signs in.
const PAGE: Statuses = [200, 303, 200, 200, 200, 200, 200, 200, 200];
/// Pages that need somebody who is signed in; what they show of whom, their questions tell.
const INNER_PAGE: Statuses = [303, 303, 200, 200, 200, 200, 200, 200, 200];
/// Offices, each for its street.
const DESK: Statuses = [401, 401, 200, 403, 200, 200, 200, 200, 200];
/// Offices of the whole district.
const DISTRICT: Statuses = [401, 401, 403, 403, 200, 200, 200, 200, 200];
/// The same, of what is not there.
const DISTRICT_NONE: Statuses = [401, 401, 403, 403, 404, 404, 404, 404, 404];
/// Not to be asked for in this way.
const WRONG_METHOD: Statuses = [405, 401, 405, 405, 405, 405, 405, 405, 405];
/// What those may write who keep the register; the request says nothing, so it comes no further.
const KEEPERS: Statuses = [401, 401, 403, 403, 422, 422, 403, 403, 403];
const ADMIN: Statuses = [401, 401, 403, 403, 403, 403, 403, 200, 403];

/// Route, a request that it serves (with {street}, {area} and {uscc} for what belongs to the street that is asked about), and
/// the status for everybody.
const TABLE: &[(&str, &str, Statuses)] = &[
    ("/", "/", PAGE),
    ("/a/{code}", "/a/DEMO-JS-0001", PAGE),
    ("/s/{street}", "/s/110105017", PAGE),
    ("/at/{point}", "/at/116.46,39.92", PAGE),
    ("/deliveries", "/deliveries", INNER_PAGE),
    ("/deliveries/{id}", "/deliveries/1", INNER_PAGE),
    ("/reconcile", "/reconcile?delivery=1", INNER_PAGE),
    ("/ledger", "/ledger?street=110105001&sort=-households", PAGE),
    ("/rates", "/rates", PAGE),
    ("/due", "/due", INNER_PAGE),
    ("/completeness", "/completeness", INNER_PAGE),
    ("/managers", "/managers", INNER_PAGE),
    ("/managers/{uscc}", "/managers/91110105MA00000000", INNER_PAGE),
    ("/sign-in", "/sign-in", ALL),
    ("/account", "/account", ALL),
    ("/accounts", "/accounts", ALL),
    ("/audit", "/audit", ALL),
    ("/reports", "/reports", ALL),
    ("/r/{number}", "/r/R-2026-000001", ALL),
    ("/assets/{*path}", "/assets/none.js", NONE),
    ("/api/openapi.json", "/api/openapi.json", MAP),
    ("/api/register", "/api/register", MAP),
    ("/api/session", "/api/session", ALL),
    ("/api/session", "POST /api/session", [422; 9]),
    ("/api/session/password", "/api/session/password", WRONG_METHOD),
    ("/api/session/password", "PUT /api/session/password", [401, 401, 422, 422, 422, 422, 422, 422, 403]),
    // No provider is configured here.
    ("/api/session/sso", "/api/session/sso", NONE),
    ("/api/session/sso/return", "/api/session/sso/return", NONE),
    ("/api/accounts", "/api/accounts", ADMIN),
    ("/api/accounts", "POST /api/accounts", [401, 401, 403, 403, 403, 403, 403, 422, 403]),
    ("/api/accounts/{name}", "/api/accounts/test-clerk", ADMIN),
    ("/api/accounts/{name}", "PATCH /api/accounts/test-clerk", [401, 401, 403, 403, 403, 403, 403, 428, 403]),
    ("/api/tokens", "/api/tokens", [401, 401, 200, 200, 200, 200, 200, 200, 403]),
    ("/api/tokens", "POST /api/tokens", [401, 401, 422, 422, 422, 422, 422, 422, 403]),
    ("/api/tokens/{id}", "/api/tokens/none", WRONG_METHOD),
    ("/api/tokens/{id}", "DELETE /api/tokens/none", [401, 401, 404, 404, 404, 404, 404, 404, 403]),
    ("/api/reports", "/api/reports?street={street}", DESK),
    ("/api/reports", "POST /api/reports", [422, 401, 422, 422, 422, 422, 422, 422, 403]),
    ("/api/reports/{number}", "/api/reports/R-2026-999999", [404, 401, 404, 404, 404, 404, 404, 404, 404]),
    ("/api/reports/{number}", "PATCH /api/reports/R-2026-999999", [401, 401, 422, 422, 422, 422, 403, 403, 403]),
    ("/api/audit", "/api/audit?limit=1", [401, 401, 403, 403, 403, 403, 200, 200, 403]),
    ("/api/areas/{code}/audit", "/api/areas/{area}/audit", [401, 401, 403, 403, 200, 200, 200, 200, 403]),
    ("/api/collections/areas/items", "/api/collections/areas/items?limit=2", MAP),
    ("/api/collections/areas/items/{code}", "/api/collections/areas/items/{area}", MAP),
    ("/api/collections/streets/items", "/api/collections/streets/items", MAP),
    ("/api/collections/streets/items/{code}", "/api/collections/streets/items/110105017", MAP),
    ("/api/collections/managers/items", "/api/collections/managers/items", MAP),
    // Credit codes are internal, so nobody outside may know of a manager by its code.
    (
        "/api/collections/managers/items/{code}",
        "/api/collections/managers/items/{uscc}",
        [404, 401, 200, 404, 200, 200, 200, 200, 200],
    ),
    ("/api/locate", "/api/locate?lng=116.46&lat=39.92", MAP),
    ("/api/search", "/api/search?q=jinsong", MAP),
    ("/api/themes", "/api/themes", MAP),
    ("/api/themes/{id}", "/api/themes/management-committee", MAP),
    ("/api/rates", "/api/rates", MAP),
    ("/api/rates/ranking", "/api/rates/ranking", MAP),
    ("/api/rates/series", "/api/rates/series", MAP),
    ("/api/rates/{id}/areas", "/api/rates/committee_coverage/areas?limit=2", MAP),
    ("/api/due", "/api/due?limit=2&street={street}", DESK),
    ("/api/findings", "/api/findings?limit=2&street={street}", DESK),
    ("/api/streets/{code}/summary", "/api/streets/{street}/summary", DESK),
    ("/api/managers/gaps", "/api/managers/gaps?street={street}", DESK),
    ("/api/completeness", "/api/completeness?street={street}", DESK),
    ("/api/report", "/api/report", MAP),
    ("/api/ledger", "/api/ledger?street=110105017", MAP),
    ("/api/ledger/export", "/api/ledger/export", WRONG_METHOD),
    ("/api/ledger/export", "POST /api/ledger/export", [400, 401, 400, 400, 400, 400, 400, 400, 400]),
    ("/api/records", "/api/records", MAP),
    ("/api/records", "POST /api/records", [401, 401, 422, 422, 422, 422, 403, 403, 403]),
    ("/api/records/{id}", "/api/records/1", MAP),
    ("/api/areas/{code}/history", "/api/areas/{area}/history", MAP),
    ("/api/areas/{code}/lineage", "/api/areas/{area}/lineage", MAP),
    ("/api/deliveries", "/api/deliveries", DISTRICT),
    ("/api/deliveries", "POST /api/deliveries", [401, 401, 403, 403, 415, 415, 403, 403, 403]),
    // Nothing was delivered in this register.
    ("/api/deliveries/{id}", "/api/deliveries/9", DISTRICT_NONE),
    ("/api/deliveries/{id}/check", "/api/deliveries/9/check", WRONG_METHOD),
    ("/api/deliveries/{id}/check", "POST /api/deliveries/9/check", [401, 401, 403, 403, 404, 404, 403, 403, 403]),
    ("/api/deliveries/{id}/report", "/api/deliveries/9/report", DISTRICT_NONE),
    ("/api/deliveries/{id}/findings", "/api/deliveries/9/findings", DISTRICT_NONE),
    ("/api/deliveries/{id}/rows", "/api/deliveries/9/rows", DISTRICT_NONE),
    ("/api/deliveries/{id}/publish", "/api/deliveries/9/publish", WRONG_METHOD),
    ("/api/deliveries/{id}/publish", "POST /api/deliveries/9/publish", KEEPERS),
    ("/api/deliveries/{id}/undo", "/api/deliveries/9/undo", WRONG_METHOD),
    ("/api/deliveries/{id}/undo", "POST /api/deliveries/9/undo", KEEPERS),
    ("/api/deliveries/{id}/reconciliation", "/api/deliveries/9/reconciliation", DISTRICT_NONE),
    (
        "/api/deliveries/{id}/reconciliation",
        "POST /api/deliveries/9/reconciliation",
        [401, 401, 403, 403, 404, 404, 403, 403, 403],
    ),
    ("/api/deliveries/{id}/reconciliation/cases", "/api/deliveries/9/reconciliation/cases", DISTRICT_NONE),
    ("/api/deliveries/{id}/reconciliation/cases/{key}", "/api/deliveries/9/reconciliation/cases/0a", DISTRICT_NONE),
    ("/api/deliveries/{id}/reconciliation/publish", "/api/deliveries/9/reconciliation/publish", WRONG_METHOD),
    ("/api/deliveries/{id}/reconciliation/publish", "POST /api/deliveries/9/reconciliation/publish", KEEPERS),
    ("/api/deliveries/{id}/preview", "/api/deliveries/9/preview", DISTRICT_NONE),
    ("/api/deliveries/{id}/handback", "/api/deliveries/9/handback", DISTRICT_NONE),
    ("/api/deliveries/{id}/decisions", "/api/deliveries/9/decisions", WRONG_METHOD),
    ("/api/deliveries/{id}/decisions", "POST /api/deliveries/9/decisions", KEEPERS),
    ("/api/deliveries/{id}/decisions/undo", "/api/deliveries/9/decisions/undo", WRONG_METHOD),
    ("/api/deliveries/{id}/decisions/undo", "POST /api/deliveries/9/decisions/undo", KEEPERS),
    ("/api/deliveries/{id}/owners", "/api/deliveries/9/owners", WRONG_METHOD),
    ("/api/deliveries/{id}/owners", "POST /api/deliveries/9/owners", KEEPERS),
    ("/api/deliveries/{id}/tasks", "/api/deliveries/9/tasks", WRONG_METHOD),
    ("/api/deliveries/{id}/tasks", "POST /api/deliveries/9/tasks", KEEPERS),
    ("/api/deliveries/{id}/files/{number}", "/api/deliveries/9/files/1", DISTRICT_NONE),
    ("/api/issue-types", "/api/issue-types", [401, 401, 200, 200, 200, 200, 200, 200, 200]),
    ("/api/exceptions", "/api/exceptions", DISTRICT),
    ("/api/exceptions", "POST /api/exceptions", KEEPERS),
    ("/api/exceptions/{id}", "/api/exceptions/9", WRONG_METHOD),
    ("/api/exceptions/{id}", "DELETE /api/exceptions/9", [401, 401, 403, 403, 404, 404, 403, 403, 403]),
    ("/api/export", "/api/export?format=csv", MAP),
    ("/api/changes", "/api/changes?since=1", MAP),
    ("/api/changes.atom", "/api/changes.atom?since=1", MAP),
    ("/tiles/{file}", "/tiles/areas.json", MAP),
    ("/tiles/{layer}/{z}/{x}/{y}", "/tiles/areas/12/3372/1551.mvt", MAP),
    ("/healthz", "/healthz", ALL),
    ("/readyz", "/readyz", ALL),
    ("/metrics", "/metrics", [404, 404, 404, 404, 404, 200, 200, 200, 404]),
];

#[test]
fn every_route_stands_in_the_table() {
    let routed: BTreeSet<&str> = onemap::http::paths().into_iter().collect();
    let listed: BTreeSet<&str> = TABLE.iter().map(|row| row.0).collect();
    assert_eq!(routed, listed);
}

#[tokio::test]
async fn every_route_answers_everybody_as_the_table_says() {
    let (app, nobody) = demo_app(Who::Nobody);
    let closed = &real_register(Who::Nobody).1;
    let snapshot = app.snapshot().unwrap();
    let street_of = |area: u32| snapshot.area(area as usize).street.as_str();
    // A manager with areas in the officer's street, and one with none there.
    let manager = |own: bool| {
        let managers = (0..snapshot.managers().len()).filter(|at| !snapshot.managed_by(*at).is_empty());
        let mut found =
            managers.filter(|at| snapshot.managed_by(*at).iter().any(|area| street_of(*area) == OWN_STREET) == own);
        snapshot.managers()[found.next().unwrap()].uscc.to_string()
    };
    let own = [OWN_STREET, "DEMO-JS-0001", &manager(true)].map(str::to_owned);
    let other = [OTHER_STREET, "DEMO-JW-0001", &manager(false)].map(str::to_owned);
    let of = |who| &demo_app(who).1;
    let askers: [(&str, &Router, &[String; 3]); 9] = [
        ("nobody, map open", nobody, &own),
        ("nobody, map closed", closed, &own),
        ("officer, own street", of(Who::Officer), &own),
        ("officer, other street", of(Who::Officer), &other),
        ("clerk", of(Who::Clerk), &own),
        ("district", of(Who::District), &own),
        ("auditor", of(Who::Auditor), &own),
        ("administrator", of(Who::Admin), &own),
        ("token", of(Who::Token), &own),
    ];
    for (route, asked, statuses) in TABLE {
        let (method, path) = asked.split_once(' ').unwrap_or(("GET", asked));
        for ((who, router, [street, area, uscc]), expected) in askers.iter().zip(statuses) {
            let path = path.replace("{street}", street).replace("{area}", area).replace("{uscc}", uscc);
            let asking = request(method, &path).header("content-type", "application/json");
            let body = if method == "GET" { Body::empty() } else { Body::from("{}") };
            let answer = send(router, asking.body(body).unwrap()).await;
            let text = String::from_utf8_lossy(&answer.body);
            assert_eq!(answer.status.as_u16(), *expected, "{asked} for {who}: {}", text.get(..200).unwrap_or(&text));
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{route}");
            if *expected >= 400 {
                assert_problem(&answer, *expected, route);
            }
            if *expected == 401 && path != "/api/session" {
                assert!(text.contains("sign-in-needed"), "{asked} for {who}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn answers_to_whoever_is_signed_in_are_kept_by_nobody() {
    for path in
        ["/api/register", "/api/collections/areas/items?limit=1", "/api/ledger?street=110105017", "/api/due?limit=1"]
    {
        let answer = get(path).await;
        assert_eq!(answer.header("cache-control"), "private, no-store", "{path}");
        let public = send(&demo_app(Who::Nobody).1, request("GET", path).body(Body::empty()).unwrap()).await;
        for answer in [&answer, &public] {
            let vary: Vec<String> =
                answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap().to_lowercase()).collect();
            let vary = vary.join(", ");
            assert!(vary.contains("cookie") && vary.contains("authorization"), "{path}: {vary}");
        }
        if public.status.is_success() {
            assert_ne!(public.header("etag"), answer.header("etag"), "{path}");
        }
    }
}

#[tokio::test]
async fn unknown_parameters_are_refused_on_every_data_route() {
    for (route, path, statuses) in TABLE {
        let data = route.starts_with("/api") || route.starts_with("/tiles");
        let of_district = statuses[5];
        // A provider may add what it likes to the address that it sends a browser back to.
        if *route == "/api/session/sso/return" {
            continue;
        }
        if !data || path.contains(['{', ' ']) || !matches!(of_district, 200 | 404) {
            continue;
        }
        let joint = if path.contains('?') { '&' } else { '?' };
        let answer = get(&format!("{path}{joint}colour=red")).await;
        assert_problem(&answer, 400, route);
        assert!(answer.json()["detail"].as_str().unwrap().contains("colour"), "{route} names the parameter");
    }
}

#[tokio::test]
async fn an_export_for_the_public_has_no_internal_column() {
    let header = async |audience| {
        let answer = send(&demo_app(audience).1, request("GET", "/api/export?format=csv").body(Body::empty()).unwrap());
        let text = String::from_utf8(answer.await.body).unwrap();
        let columns = text.trim_start_matches('\u{feff}').lines().next().unwrap().split(',').map(str::to_owned);
        (columns.collect::<Vec<_>>(), text.lines().count())
    };
    let is_internal = |column: &str| {
        // The fee and the service telephone are for everyone (Beijing property ordinance, art. 70).
        let internal = ["uscc", "address", "con_from", "con_until", "households", "floor_m2"];
        internal.iter().any(|word| column.contains(word)) || column.starts_with("oc_") || column.starts_with("pm_")
    };
    let (public, rows) = header(Who::Nobody).await;
    assert!(public.iter().any(|column| column == "name") && rows > 1637, "{public:?}");
    assert!(!public.iter().any(|column| is_internal(column)), "{public:?}");
    let (internal, _) = header(Who::District).await;
    assert!(internal.iter().filter(|column| is_internal(column)).count() > 10, "{internal:?}");
    assert_problem(&get("/api/export").await, 400, "no format");
    assert_problem(&get("/api/export?format=dwg").await, 400, "a format that is not written");
}

#[tokio::test]
async fn unreadable_parameters_are_refused_with_the_reason() {
    for path in [
        "/api/collections/areas/items?limit=0",
        "/api/collections/areas/items?limit=-1",
        "/api/collections/areas/items?limit=ten",
        "/api/collections/areas/items?bbox=1,2,3",
        "/api/collections/areas/items?bbox=117,39,116,40",
        "/api/collections/areas/items?bbox=a,b,c,d",
        "/api/collections/areas/items?cursor=nonsense",
        "/api/collections/areas/items?street=JS",
        "/api/collections/areas/items?manager=JS",
        "/api/collections/areas/items?limit=1&limit=2",
        "/api/locate",
        "/api/locate?lng=116.4",
        "/api/locate?lng=116.4&lat=ninety",
        "/api/locate?lng=39.9&lat=116.4",
        "/api/locate?lng=NaN&lat=39.9",
        "/api/locate?lng=116.4&lat=39.9&accuracy=-1",
        "/api/locate?lng=116.4&lat=39.9&easting=452423&northing=4420961",
        "/api/locate?easting=39452423&northing=4420961",
        "/api/search",
        "/api/search?q=",
        "/api/search?q=%20",
        "/api/search?q=%00",
        "/api/search?q=%FF",
        "/api/search?q=a&limit=0",
        "/api/search?q=a&near=39.9,116.4",
        "/api/themes/management-committee?street=x",
        "/api/rates?street=x",
    ] {
        assert_problem(&get(path).await, 400, path);
    }
    let long = format!("/api/search?q={}", "a".repeat(65));
    assert_problem(&get(&long).await, 400, "a text that is too long");
}

#[tokio::test]
async fn what_does_not_exist_is_404_with_its_name() {
    for (path, name) in [
        ("/nothing", "/nothing"),
        ("/api/collections/areas/items/DEMO-JS-9999", "DEMO-JS-9999"),
        ("/api/collections/areas/items/nonsense", "nonsense"),
        ("/api/collections/streets/items/110105999", "110105999"),
        ("/api/collections/areas/items?street=110105999", "110105999"),
        ("/api/collections/managers/items/91000000MA00000157X", "91000000MA00000157X"),
        ("/api/themes/none", "none"),
        ("/api/rates?street=110105999", "110105999"),
        ("/api/search?q=a&street=110105999", "110105999"),
        ("/tiles/none.json", "none"),
        ("/tiles/areas/19/0/0.mvt", "19"),
        ("/tiles/areas/3/8/0.mvt", "8"),
        ("/tiles/areas/3/0/0.png", "0.png"),
        ("/tiles/areas/3/-1/0.mvt", "-1"),
        ("/tiles/areas/3/+1/0.mvt", "1"),
        ("/tiles/areas/03/1/0.mvt", "03"),
        ("/api/collections/areas/items?manager=91000000MA9999996B", "91000000MA9999996B"),
        ("/tiles/areas/3/2147483647/2147483647.mvt", "2147483647"),
        ("/tiles/none/3/0/0.mvt", "none"),
    ] {
        let answer = get(path).await;
        assert_problem(&answer, 404, path);
        assert!(answer.json()["detail"].as_str().unwrap().contains(name), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_with_the_allowed_ones() {
    let router = &demo_app(Who::District).1;
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let answer = send(router, request(method, "/api/register").body(Body::empty()).unwrap()).await;
        assert_problem(&answer, 405, method);
        assert!(answer.header("allow").contains("GET"), "{method}");
    }
}

#[tokio::test]
async fn a_request_has_exactly_one_host() {
    let router = &demo_app(Who::District).1;
    let none = Request::builder().uri("/healthz").body(Body::empty()).unwrap();
    assert_problem(&send(router, none).await, 400, "no host");
    let two = request("GET", "/healthz").header("host", "other").body(Body::empty()).unwrap();
    assert_problem(&send(router, two).await, 400, "two hosts");
}

#[tokio::test]
async fn before_the_first_snapshot_only_health_answers() {
    let (app, router) = unready();
    let ask = |path: &'static str| send(&router, request("GET", path).body(Body::empty()).unwrap());
    assert_eq!(ask("/healthz").await.status, StatusCode::OK);
    assert_problem(&ask("/readyz").await, 503, "/readyz");
    assert_problem(&ask("/api/register").await, 503, "/api/register");
    app.refresh().unwrap();
    assert_eq!(ask("/readyz").await.json()["status"], "ready");
    assert_eq!(ask("/api/register").await.status, StatusCode::OK);
}

#[tokio::test]
async fn cacheable_answers_carry_a_tag_and_answer_304() {
    let router = &demo_app(Who::District).1;
    for path in [
        "/",
        "/api/register",
        "/api/collections/areas/items?limit=3",
        "/api/collections/areas/items/DEMO-JS-0001",
        "/api/locate?lng=116.46&lat=39.92",
        "/api/search?q=jinsong",
        "/api/themes/management-committee",
        "/api/rates",
        "/tiles/areas.json",
        "/tiles/areas/12/3372/1551.mvt",
    ] {
        let first = get(path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        for held in [tag.clone(), format!("\"x\", {tag}"), "*".to_owned(), tag.trim_start_matches("W/").to_owned()] {
            let again =
                send(router, request("GET", path).header("if-none-match", &held).body(Body::empty()).unwrap()).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path} {held}");
            assert!(again.body.is_empty());
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("cache-control"), first.header("cache-control"));
        }
        let other =
            send(router, request("GET", path).header("if-none-match", "\"x\"").body(Body::empty()).unwrap()).await;
        assert_eq!(other.status, StatusCode::OK, "{path}");
        let head = send(router, request("HEAD", path).body(Body::empty()).unwrap()).await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0), "{path}");
        assert_eq!(head.header("etag"), tag, "{path}");
    }
}

#[tokio::test]
async fn other_settings_make_another_tag() {
    let app = &demo_app(Who::Nobody).0;
    let approved = Settings { map_approval_number: Some("GS(2024)0000号".to_owned()), ..settings() };
    let mut tags = BTreeSet::new();
    for (settings, label) in [(settings(), "示意 · 演示"), (approved, "审图号 GS(2024)0000号")] {
        let router = router(Site::new(app.clone(), settings));
        let answer = send(&router, request("GET", "/api/register").body(Body::empty()).unwrap()).await;
        assert_eq!(answer.json()["map"]["label"], label);
        tags.insert(answer.header("etag").to_owned());
    }
    assert_eq!(tags.len(), 2);
}

#[tokio::test]
async fn a_304_varies_as_its_200_does() {
    let router = &demo_app(Who::District).1;
    for path in ["/api/register", "/tiles/areas/12/3372/1551.mvt", "/"] {
        let ask = |tag: &str| request("GET", path).header("accept-encoding", "gzip").header("if-none-match", tag);
        let whole = send(router, ask("\"x\"").body(Body::empty()).unwrap()).await;
        let unchanged = send(router, ask("*").body(Body::empty()).unwrap()).await;
        assert_eq!((whole.status.as_u16(), unchanged.status.as_u16()), (200, 304));
        let vary = |answer: &crate::support::Answer| answer.header("vary").to_lowercase().contains("accept-encoding");
        assert!(vary(&whole) && vary(&unchanged), "{path}");
    }
}
