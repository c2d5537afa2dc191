//! Questions that nobody asks in good faith: every parser of the edge answers them with a reason and never with a failure.

use std::io::Cursor;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, Uri};
use calamine::{Data, Reader as _, Xlsx};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::story::{copy_of_demo, serve};
use crate::support::{Answer, Who, assert_problem, demo_app, request, send};

/// What is put into every parameter and every part of a path: texts that parsers, stores, shells and pages stumble over.
const TEXTS: [&str; 44] = [
    "",
    " ",
    "\0",
    "a\0b",
    "-1",
    "-0",
    "+1",
    "1e999",
    "NaN",
    "inf",
    "0x10",
    "9223372036854775808",
    "18446744073709551616",
    "1,2,3,4",
    "1,2,3,4,5",
    "NaN,NaN,NaN,NaN",
    "180,90,180,90",
    "116.4,39.9,116.4,39.9",
    "1e308,1e308",
    ",,,",
    "../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "' OR '1'='1",
    "\"; DROP TABLE areas; --",
    "%' UNION SELECT * FROM versions --",
    "${jndi:ldap://127.0.0.1/x}",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "\r\nSet-Cookie: a=b",
    "2022-13-45",
    "0000-00-00",
    "9999-12-31",
    "-009999-01-01",
    "2022-10-27T25:61:61Z",
    "2022-10-27/..",
    "2018-02-12/P2D",
    "((((((((((((((((((((((((((((((((",
    "{\"a\":[1]}",
    "\u{202e}\u{200b}\u{feff}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "😀🏳️‍🌈",
    "*",
];

/// The same after they were written for an address, which these are not.
const RAW: [&str; 8] = ["%", "%zz", "%FF", "%C0%AF", "%ED%A0%80", "%F4%90%80%80", "%2500", "+"];

/// A path of a route: what a template leaves open is filled with things that are there.
pub fn filled(route: &str) -> String {
    let mut path = route.replace("{street}", "110105017").replace("{point}", "116.46,39.92");
    let code = if route.contains("/streets/") { "110105017" } else { "DEMO-JS-0001" };
    let id = if route.contains("/themes/") {
        "management-committee"
    } else if route.contains("/rates/") {
        "committee_coverage"
    } else {
        "1"
    };
    for (name, value) in [
        ("{code}", code),
        ("{id}", id),
        ("{number}", "1"),
        ("{name}", "test-clerk"),
        ("{file}", "areas.json"),
        ("{layer}", "areas"),
        ("{z}", "12"),
        ("{x}", "3372"),
        ("{y}", "1551.mvt"),
        ("{uscc}", "91110105MA00000000"),
        ("{*path}", "main.js"),
    ] {
        path = path.replace(name, value);
    }
    path
}

/// A text as a part of an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn router() -> &'static Router {
    &demo_app(Who::District).1
}

/// Whoever may ask what stands there.
fn asked_by(path: &str) -> &'static Router {
    let who = match path {
        path if path.contains("audit") => Who::Auditor,
        path if path.starts_with("/api/accounts") => Who::Admin,
        _ => Who::District,
    };
    &demo_app(who).1
}

async fn get(router: &Router, path: &str) -> Answer {
    send(router, request("GET", path).body(Body::empty()).unwrap()).await
}

/// Whatever is asked, the server is not to blame, and what it refuses it explains.
fn judge(answer: &Answer, what: &str) {
    // On a busy machine an unoptimised program may take too long for the course of the rates, and says so.
    let late = answer.status == 503 && answer.json()["type"] == "urn:onemap:problem:timeout";
    let told = String::from_utf8_lossy(&answer.body);
    assert!(late || answer.status.as_u16() < 500, "{what}: {} {told}", answer.status);
    if answer.status.as_u16() >= 400 {
        assert_problem(answer, answer.status.as_u16(), what);
    }
    for forbidden in ["root:", "RUST_BACKTRACE", "panicked", ".rs:"] {
        assert!(!told.contains(forbidden), "{what} tells {forbidden}");
    }
}

/// The parameters of a route, as the refusal of one that it does not have names them.
async fn parameters(path: &str) -> Vec<String> {
    let refusal = get(asked_by(path), &format!("{path}?no-such-parameter=1")).await;
    let Ok(problem) = serde_json::from_slice::<Value>(&refusal.body) else { return Vec::new() };
    let detail = problem["detail"].as_str().unwrap_or_default();
    let names = detail.split_once("expected").map_or("", |(_, names)| names);
    let clocks = ["datetime", "known"].map(str::to_owned);
    names.split('`').skip(1).step_by(2).map(str::to_owned).chain(clocks).collect()
}

#[tokio::test]
async fn no_parameter_of_any_route_fails_the_server() {
    let mut asked = 0;
    for route in onemap::http::paths() {
        let path = filled(route);
        for name in parameters(&path).await {
            let values = TEXTS.iter().map(|text| encoded(text)).chain(RAW.map(str::to_owned));
            for value in values.chain(["a".repeat(5_000), "9".repeat(400), "(".repeat(3_000)]) {
                let question = format!("{path}?{name}={value}");
                judge(&get(asked_by(&question), &question).await, &question);
                asked += 1;
            }
        }
    }
    assert!(asked > 3_000, "the parameters of the routes were not found: {asked} questions");
}

#[tokio::test]
async fn no_part_of_any_path_fails_the_server() {
    for route in onemap::http::paths().into_iter().filter(|route| route.contains('{')) {
        let parts: Vec<&str> = route.split('/').collect();
        for open in (0..parts.len()).filter(|at| parts[*at].contains('{')) {
            for text in TEXTS.iter().map(|text| encoded(text)).chain(RAW.map(str::to_owned)).chain(["a".repeat(5_000)])
            {
                let told: Vec<String> = parts
                    .iter()
                    .enumerate()
                    .map(|(at, part)| if at == open { text.clone() } else { filled(part) })
                    .collect();
                let path = told.join("/");
                judge(&get(asked_by(route), &path).await, &path);
            }
        }
    }
}

#[test]
fn no_query_that_can_be_made_up_fails_the_server() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let routes: Vec<(String, Vec<String>)> = runtime.block_on(async {
        let mut routes = Vec::new();
        for path in onemap::http::paths().into_iter().map(filled) {
            let names = parameters(&path).await;
            routes.push((path, names));
        }
        routes.retain(|(_, names)| !names.is_empty());
        routes
    });
    let value = prop_oneof![
        any::<String>().prop_map(|text| encoded(&text)),
        "[!-~]{0,40}".prop_map(|text| text.replace('#', "%23")),
        "-?[0-9]{1,20}(\\.[0-9]{0,20})?(,-?[0-9]{1,4}){0,6}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?(/\\.\\.)?",
    ];
    let pairs = proptest::collection::vec((any::<prop::sample::Index>(), value), 1..4);
    let questions = (prop::sample::select(routes), pairs).prop_map(|((path, names), pairs)| {
        let pairs = pairs.into_iter().map(|(name, value)| format!("{}={value}", name.get(&names)));
        format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
    });
    let mut runner = TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    let asked = runner.run(&questions, |question| {
        // What is no address does not arrive as one.
        if question.parse::<Uri>().is_ok() {
            runtime.block_on(async { judge(&get(router(), &question).await, &question) });
        }
        Ok(())
    });
    asked.unwrap();
}

#[tokio::test]
async fn no_header_fails_the_server() {
    let long = "x".repeat(8_000);
    let values: Vec<HeaderValue> =
        ["", ",", "*", "W/", "\"", "W/\"a\",,\"b", "q=", "gzip;q=", "gzip;q=NaN", "-1", &long]
            .into_iter()
            .map(|text| HeaderValue::from_str(text).unwrap())
            .chain([HeaderValue::from_bytes(b"\xff\xfe").unwrap(), HeaderValue::from_bytes("名".as_bytes()).unwrap()])
            .collect();
    for name in [
        "accept",
        "accept-encoding",
        "accept-language",
        "authorization",
        "content-type",
        "cookie",
        "expect",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "idempotency-key",
        "origin",
        "range",
        "referer",
        "x-forwarded-for",
        "x-forwarded-proto",
        "x-request-id",
    ] {
        for value in &values {
            for path in ["/", "/api/register", "/tiles/areas.json", "/api/collections/areas/items?limit=1"] {
                let asked = request("GET", path).header(name, value).body(Body::empty()).unwrap();
                judge(&send(router(), asked).await, &format!("{name}: {value:?}"));
            }
        }
    }
}

#[tokio::test]
async fn no_document_fails_the_server() {
    let desk = serve(copy_of_demo(), Who::Clerk).1;
    let documents: Vec<Vec<u8>> = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "{".to_owned(),
        "\"a\"".to_owned(),
        "1e999".to_owned(),
        "[".repeat(12_000),
        "{\"a\":".repeat(3_000),
        json!({ "record": null, "rename": null }).to_string(),
        json!({ "record": {}, "rename": { "area": "\0", "name": [] } }).to_string(),
        json!({ "format": "csv", "codes": ["\0", "' OR 1=1"], "columns": ["__proto__"], "filter": "(".repeat(200) })
            .to_string(),
        json!({ "__proto__": { "admin": true }, "constructor": {} }).to_string(),
    ]
    .into_iter()
    .map(String::into_bytes)
    .chain([b"\xff\xfe\x00".to_vec(), b"--seam\r\nContent-Disposition: form-data; name=\"file\"".to_vec()])
    .collect();
    for route in onemap::http::paths() {
        let path = filled(route);
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            // Whoever signs out would be refused everything that follows.
            if (method, route) == ("DELETE", "/api/session") {
                continue;
            }
            for document in &documents {
                for kind in ["application/json", "multipart/form-data; boundary=seam", "text/plain"] {
                    let asked = request(method, &path).header("content-type", kind).body(Body::from(document.clone()));
                    let what =
                        format!("{method} {path} {}", String::from_utf8_lossy(&document[..document.len().min(40)]));
                    judge(&send(&desk, asked.unwrap()).await, &what);
                }
            }
        }
    }
    assert_eq!(get(&desk, "/api/register").await.json()["revision"], 1, "and nothing was entered");
}

#[tokio::test]
async fn no_path_leads_out_of_the_embedded_files() {
    for path in [
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%5c..%5cCargo.toml",
        "/assets//etc/passwd",
        "/assets/%00",
        "/assets/.",
        "/../../../../etc/passwd",
        "/%2e%2e/etc/passwd",
        "/tiles/..%2f..%2fetc/passwd",
        "/tiles/areas/12/3372/..%2f..%2f1551.mvt",
        "/.git/config",
        "/.env",
        "/api/deliveries/..%2f1/files/1",
        "//evil.example/",
    ] {
        let answer = get(router(), path).await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{path}: {}", answer.status);
        judge(&answer, path);
        assert!(!String::from_utf8_lossy(&answer.body).contains("[package]"), "{path}");
    }
}

#[tokio::test]
async fn no_name_becomes_a_formula_of_a_spreadsheet() {
    let formula = "=cmd|' /C calc'!A0";
    let desk = serve(copy_of_demo(), Who::Clerk).1;
    let document = json!({
        "record": { "document": "试文1号", "authority": "试验区", "dated": "2023-05-01", "author": "甲某" },
        "rename": { "area": "DEMO-JS-0001", "name": formula },
    });
    let renaming =
        request("POST", "/api/records").header("content-type", "application/json").header("if-match", "\"1\"");
    let renamed = send(&desk, renaming.body(Body::from(document.to_string())).unwrap()).await;
    assert_eq!(renamed.status, 201, "{}", String::from_utf8_lossy(&renamed.body));
    let selection = |format| {
        let body = json!({ "format": format, "codes": ["DEMO-JS-0001"], "filter": formula }).to_string();
        send(&desk, request("POST", "/api/ledger/export").body(Body::from(body)).unwrap())
    };
    for csv in [get(&desk, "/api/export?format=csv").await, selection("csv").await] {
        let table = String::from_utf8(csv.body).unwrap();
        assert!(table.contains(&format!("'{formula}")), "the name is there and disarmed");
        let mut cells = table.lines().flat_map(|line| line.split(','));
        assert!(!cells.any(|cell| cell.trim_matches('"').starts_with('=')), "no cell begins as a formula does");
    }
    for xlsx in [get(&desk, "/api/export?format=xlsx").await, selection("xlsx").await] {
        let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(xlsx.body)).unwrap();
        let mut found = false;
        for sheet in book.sheet_names() {
            assert!(
                book.worksheet_formula(&sheet).unwrap().cells().all(|(_, _, formula)| formula.is_empty()),
                "{sheet}"
            );
            let cells = book.worksheet_range(&sheet).unwrap();
            found |= cells.cells().any(|(_, _, cell)| matches!(cell, Data::String(text) if text.contains(formula)));
        }
        assert!(found, "the name is there, as a text");
    }
}

#[tokio::test]
async fn no_name_of_a_file_becomes_a_header() {
    let desk = serve(copy_of_demo(), Who::Clerk).1;
    let names =
        ["a%0D%0ASet-Cookie: a=b.csv", "a\\\"; filename=evil.exe; x=\\\".csv", "../../etc/passwd.csv", "名;a=b.csv"];
    for (number, name) in (1..).zip(names) {
        let body = format!(
            "--seam\r\nContent-Disposition: form-data; name=\"sender\"\r\n\r\n试验街道\r\n--seam\r\nContent-Disposition: \
             form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n名称,街道\n甲,乙{number}\n\r\n--seam--\r\n"
        );
        let posted = request("POST", "/api/deliveries").header("content-type", "multipart/form-data; boundary=seam");
        let received = send(&desk, posted.body(Body::from(body)).unwrap()).await;
        judge(&received, name);
        if received.status != 201 {
            continue;
        }
        let id = received.json()["id"].as_u64().unwrap();
        let file = get(&desk, &format!("/api/deliveries/{id}/files/1")).await;
        let disposition = file.header("content-disposition");
        let told = disposition.strip_prefix("attachment; filename*=UTF-8''").unwrap_or_else(|| panic!("{disposition}"));
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b'.' | b'-' | b'_' | b'*');
        assert!(told.bytes().all(plain), "{disposition}");
        assert!(!file.headers.contains_key("set-cookie"), "{name}");
        assert_eq!(file.header("content-type"), "application/octet-stream");
    }
}

#[tokio::test]
async fn no_link_of_an_answer_holds_what_was_not_encoded() {
    let marks = encoded("\"><script>\r\nx: y");
    for path in
        ["/api/changes?since=1&street=", "/api/collections/areas/items?limit=1&street=", "/api/changes.atom?since="]
    {
        let answer = get(router(), &format!("{path}{marks}")).await;
        judge(&answer, path);
        assert!(!answer.headers.contains_key("x") && !answer.header("link").contains('>'), "{path}");
    }
    let host =
        Request::builder().uri("/api/changes.atom?since=1").header("host", "a\"><x>").body(Body::empty()).unwrap();
    let feed = send(router(), host).await;
    assert_problem(&feed, 403, "a host with marks");
    assert!(!String::from_utf8_lossy(&feed.body).contains("<x>"), "it is not repeated");
}
