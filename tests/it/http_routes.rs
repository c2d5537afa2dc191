//! Every route for every audience, and the shape of every error.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use onemap::auth::Audience;

use crate::support::{assert_problem, demo_app, get, get_json, request, send, unready};

/// Route, a path that it serves (with {} for parts that only the register knows), internal status, public status.
const TABLE: [(&str, &str, u16, u16); 60] = [
    ("/", "/", 200, 200),
    ("/a/{code}", "/a/DEMO-JS-0001", 200, 200),
    ("/s/{street}", "/s/110105017", 200, 200),
    ("/at/{point}", "/at/116.46,39.92", 200, 200),
    ("/deliveries", "/deliveries", 200, 404),
    ("/deliveries/{id}", "/deliveries/1", 200, 404),
    ("/ledger", "/ledger?street=110105001&sort=-households", 200, 200),
    ("/rates", "/rates", 200, 200),
    ("/due", "/due", 200, 404),
    ("/completeness", "/completeness", 200, 404),
    ("/managers", "/managers", 200, 404),
    ("/managers/{uscc}", "/managers/91110105MA00000000", 200, 404),
    ("/assets/{*path}", "/assets/none.js", 404, 404),
    ("/api/register", "/api/register", 200, 200),
    ("/api/collections/areas/items", "/api/collections/areas/items?limit=2", 200, 200),
    ("/api/collections/areas/items/{code}", "/api/collections/areas/items/DEMO-JS-0001", 200, 200),
    ("/api/collections/streets/items", "/api/collections/streets/items", 200, 200),
    ("/api/collections/streets/items/{code}", "/api/collections/streets/items/110105017", 200, 200),
    ("/api/collections/managers/items", "/api/collections/managers/items", 200, 200),
    // Credit codes are internal, so nobody outside may know of a manager by its code.
    ("/api/collections/managers/items/{code}", "/api/collections/managers/items/{uscc}", 200, 404),
    ("/api/locate", "/api/locate?lng=116.46&lat=39.92", 200, 200),
    ("/api/search", "/api/search?q=jinsong", 200, 200),
    ("/api/themes", "/api/themes", 200, 200),
    ("/api/themes/{id}", "/api/themes/management-committee", 200, 200),
    ("/api/rates", "/api/rates", 200, 200),
    ("/api/rates/ranking", "/api/rates/ranking", 200, 200),
    ("/api/rates/series", "/api/rates/series", 200, 200),
    ("/api/rates/{id}/areas", "/api/rates/committee_coverage/areas?limit=2", 200, 200),
    ("/api/due", "/api/due?limit=2", 200, 404),
    ("/api/findings", "/api/findings?limit=2", 200, 404),
    ("/api/streets/{code}/summary", "/api/streets/110105017/summary", 200, 404),
    ("/api/managers/gaps", "/api/managers/gaps", 200, 404),
    ("/api/completeness", "/api/completeness", 200, 404),
    ("/api/report", "/api/report", 200, 200),
    ("/api/ledger", "/api/ledger?street=110105017", 200, 200),
    ("/api/ledger/export", "/api/ledger/export", 405, 405),
    ("/api/records", "/api/records", 200, 200),
    ("/api/records/{id}", "/api/records/1", 200, 200),
    ("/api/areas/{code}/history", "/api/areas/DEMO-JS-0001/history", 200, 200),
    ("/api/areas/{code}/lineage", "/api/areas/DEMO-JS-0001/lineage", 200, 200),
    ("/api/deliveries", "/api/deliveries", 200, 404),
    // Nothing was delivered in this register.
    ("/api/deliveries/{id}", "/api/deliveries/9", 404, 404),
    ("/api/deliveries/{id}/check", "/api/deliveries/9/check", 405, 405),
    ("/api/deliveries/{id}/report", "/api/deliveries/9/report", 404, 404),
    ("/api/deliveries/{id}/findings", "/api/deliveries/9/findings", 404, 404),
    ("/api/deliveries/{id}/rows", "/api/deliveries/9/rows", 404, 404),
    ("/api/deliveries/{id}/publish", "/api/deliveries/9/publish", 405, 405),
    ("/api/deliveries/{id}/undo", "/api/deliveries/9/undo", 405, 405),
    ("/api/deliveries/{id}/files/{number}", "/api/deliveries/9/files/1", 404, 404),
    ("/api/issue-types", "/api/issue-types", 200, 404),
    ("/api/exceptions", "/api/exceptions", 200, 404),
    ("/api/exceptions/{id}", "/api/exceptions/9", 405, 405),
    ("/api/export", "/api/export?format=csv", 200, 200),
    ("/api/changes", "/api/changes?since=1", 200, 200),
    ("/api/changes.atom", "/api/changes.atom?since=1", 200, 200),
    ("/tiles/{file}", "/tiles/areas.json", 200, 200),
    ("/tiles/{layer}/{z}/{x}/{y}", "/tiles/areas/12/3372/1551.mvt", 200, 200),
    ("/healthz", "/healthz", 200, 200),
    ("/readyz", "/readyz", 200, 200),
    ("/metrics", "/metrics", 200, 404),
];

#[test]
fn every_route_stands_in_the_table_once() {
    let mut routed = onemap::http::paths();
    let mut listed: Vec<&str> = TABLE.iter().map(|row| row.0).collect();
    routed.sort_unstable();
    listed.sort_unstable();
    assert_eq!(routed, listed);
}

#[tokio::test]
async fn every_route_answers_each_audience_as_the_table_says() {
    let managers = get_json("/api/collections/managers/items?limit=1").await;
    let uscc = managers["features"][0]["properties"]["uscc"].as_str().unwrap().to_owned();
    for (route, path, internal, public) in TABLE {
        let path = path.replace("{uscc}", &uscc);
        for (audience, expected) in [(Audience::Internal, internal), (Audience::Public, public)] {
            let answer = send(&demo_app(audience).1, request("GET", &path).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status.as_u16(), expected, "{route} for {audience:?}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{route}");
            if expected >= 400 {
                assert_problem(&answer, expected, route);
            }
        }
    }
}

#[tokio::test]
async fn unknown_parameters_are_refused_on_every_data_route() {
    for (route, path, internal, _) in TABLE {
        let data = route.starts_with("/api") || route.starts_with("/tiles");
        if !data || path.contains("{uscc}") || internal == 405 {
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
    let (public, rows) = header(Audience::Public).await;
    assert!(public.iter().any(|column| column == "name") && rows > 1637, "{public:?}");
    assert!(!public.iter().any(|column| is_internal(column)), "{public:?}");
    let (internal, _) = header(Audience::Internal).await;
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
    let router = &demo_app(Audience::Internal).1;
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let answer = send(router, request(method, "/api/register").body(Body::empty()).unwrap()).await;
        assert_problem(&answer, 405, method);
        assert!(answer.header("allow").contains("GET"), "{method}");
    }
}

#[tokio::test]
async fn a_request_has_exactly_one_host() {
    let router = &demo_app(Audience::Internal).1;
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
    let router = &demo_app(Audience::Internal).1;
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
    let ask = |audience| {
        let router = &demo_app(audience).1;
        send(router, request("GET", "/api/register").body(Body::empty()).unwrap())
    };
    let (internal, public) = (ask(Audience::Internal).await, ask(Audience::Public).await);
    assert_ne!(internal.header("etag"), public.header("etag"));
    assert_eq!(public.json()["map_approval_number"], "GS(2024)0000号");
}

#[tokio::test]
async fn a_304_varies_as_its_200_does() {
    let router = &demo_app(Audience::Internal).1;
    for path in ["/api/register", "/tiles/areas/12/3372/1551.mvt", "/"] {
        let ask = |tag: &str| request("GET", path).header("accept-encoding", "gzip").header("if-none-match", tag);
        let whole = send(router, ask("\"x\"").body(Body::empty()).unwrap()).await;
        let unchanged = send(router, ask("*").body(Body::empty()).unwrap()).await;
        assert_eq!((whole.status.as_u16(), unchanged.status.as_u16()), (200, 304));
        let vary = |answer: &crate::support::Answer| answer.header("vary").to_lowercase().contains("accept-encoding");
        assert!(vary(&whole) && vary(&unchanged), "{path}");
    }
}
