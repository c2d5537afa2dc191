//! What a check finds, and findings that are lawful.

use std::io::{Cursor, Read as _};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::http_deliveries::{DAY, Desk, FORMULA, areas, code_of, collection, formula, kind_of, renamed};
use crate::support::assert_problem;

/// The column of this name.
fn column<'a>(detail: &'a Value, name: &str) -> &'a Value {
    let columns = detail["layers"][0]["columns"].as_array().unwrap();
    columns.iter().find(|column| column["name"] == name).unwrap()
}

async fn findings(desk: &Desk, id: u64, query: &str) -> Vec<Value> {
    let page = desk.json(&format!("/api/deliveries/{id}/findings{query}")).await;
    page["findings"].as_array().unwrap().clone()
}

/// How many findings there are of each issue type that a report names.
fn issues(report: &Value) -> Vec<(&str, u64)> {
    let issues = report["issues"].as_array().unwrap().iter();
    issues.map(|issue| (issue["id"].as_str().unwrap(), issue["count"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn what_columns_mean_is_proposed_corrected_and_remembered() {
    let desk = Desk::open();
    let mut area = areas(1).await.remove(0);
    area["properties"]["address"] = json!("试验路1号");
    area["properties"]["colour"] = json!("红");
    let id = desk.receive(std::slice::from_ref(&area)).await;
    let detail = desk.json(&format!("/api/deliveries/{id}")).await;
    let layer = &detail["layers"][0];
    assert_eq!(
        (&layer["file"], &layer["name"], &layer["format"], &layer["records"], &layer["with_geometry"]),
        (&json!("a.geojson"), &json!("a"), &json!("geojson"), &json!(1), &json!(1))
    );
    let address = column(&detail, "address");
    assert_eq!(
        (&address["field"], &address["confidence"], &address["samples"], &address["filled"]),
        (&json!("address"), &json!("header"), &json!(["试验路1号"]), &json!(1))
    );
    assert_eq!(column(&detail, "colour")["field"], Value::Null);
    assert!(detail["fields"].as_array().unwrap().iter().any(|field| field["key"] == "address"));
    assert_eq!(detail["position"]["used"], "EPSG:4490");
    assert_eq!(detail["settings"]["scope"], "listed");

    assert_eq!(desk.check(id, json!({})).await["fields"], json!({ "address": 1 }));
    let columns = layer["columns"].as_array().unwrap().iter();
    let mut map: Value = columns.map(|column| (column["name"].as_str().unwrap(), column["field"].clone())).collect();
    map["address"] = Value::Null;
    let report = desk.check(id, json!({ "columns": { "a": map }, "remember": true })).await;
    assert_eq!((&report["changes"]["unchanged"], &report["fields"]), (&json!(1), &json!({})));
    let detail = desk.json(&format!("/api/deliveries/{id}")).await;
    assert_eq!(detail["settings"]["columns"]["a"]["address"], Value::Null);
    assert_eq!(detail["settings"]["columns"]["a"]["name"], "name");

    area["properties"]["address"] = json!("试验路2号");
    let next = desk.receive(&[area]).await;
    let detail = desk.json(&format!("/api/deliveries/{next}")).await;
    let address = column(&detail, "address");
    assert_eq!((&address["field"], &address["confidence"]), (&Value::Null, &json!("remembered")));
}

#[tokio::test]
async fn a_column_with_personal_data_is_refused_and_never_shown() {
    let desk = Desk::open();
    let mut three = areas(3).await;
    for (number, area) in three.iter_mut().enumerate() {
        area["properties"]["contact"] = json!(format!("1380000123{number}"));
    }
    let id = desk.receive(&three).await;
    let report = desk.check(id, json!({})).await;
    assert!(issues(&report).contains(&("personal-data", 1)), "{:?}", issues(&report));
    for path in ["", "/report", "/findings", "/findings?f=csv", "/rows"] {
        let body = desk.get(&format!("/api/deliveries/{id}{path}")).await.body;
        assert!(!String::from_utf8_lossy(&body).contains("13800001230"), "{path}");
    }
    let detail = desk.json(&format!("/api/deliveries/{id}")).await;
    let contact = column(&detail, "contact");
    assert_eq!((&contact["samples"], contact["refused"]["en"].is_string()), (&json!([]), true));
}

#[tokio::test]
async fn a_check_tells_what_would_change_and_row_by_row() {
    let desk = Desk::open();
    let mut three = areas(3).await;
    three[0]["properties"]["name"] = json!("改名里(演示)");
    three[1]["properties"]["households"] = json!(4321);
    let id = desk.receive(&three).await;
    for path in ["report", "findings", "rows"] {
        let answer = desk.get(&format!("/api/deliveries/{id}/{path}")).await;
        assert_problem(&answer, 404, path);
        assert_eq!(kind_of(&answer), "not-checked");
    }
    let report = desk.check(id, json!({})).await;
    let expected = json!({ "added": 0, "changed": 2, "unchanged": 1, "unusable": 0, "unlocated": 0, "vanished": 0 });
    assert_eq!((&report["rows"], &report["changes"]), (&json!(3), &expected));
    assert_eq!(report["fields"], json!({ "households": 1, "name": 1, "other_names": 1 }), "the old name is kept");
    assert_eq!(
        (&report["publishable"], &report["revision"], &report["effective"]),
        (&json!(true), &json!(1), &json!(DAY))
    );
    let rates = |when: &str| report["rates"][when].as_array().unwrap().len();
    assert_eq!((rates("before"), rates("after")), (6, 6));
    assert_eq!(desk.json(&format!("/api/deliveries/{id}/report")).await, report, "it is kept as it was told");
    let summary = &desk.json(&format!("/api/deliveries/{id}")).await["summary"];
    assert_eq!((&summary["changed"], &summary["unchanged"], &summary["revision"]), (&json!(2), &json!(1), &json!(1)));

    let first = desk.json(&format!("/api/deliveries/{id}/rows?limit=2")).await;
    assert_eq!((first["numberMatched"].as_u64(), first["features"].as_array().unwrap().len()), (Some(3), 2));
    let next = first["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next").unwrap();
    let last = desk.json(next["href"].as_str().unwrap()).await;
    let rows: Vec<&Value> = [&first, &last].iter().flat_map(|page| page["features"].as_array().unwrap()).collect();
    let told: Vec<(&Value, &Value, &Value)> = rows
        .iter()
        .map(|row| (&row["properties"]["code"], &row["properties"]["change"], &row["properties"]["fields"]))
        .collect();
    let codes: Vec<Value> = three.iter().map(|area| json!(code_of(area))).collect();
    assert_eq!(
        told,
        [
            (&codes[0], &json!("changed"), &json!(["name", "other_names"])),
            (&codes[1], &json!("changed"), &json!(["households"])),
            (&codes[2], &json!("unchanged"), &json!([])),
        ]
    );
    assert_eq!(rows[2]["geometry"]["type"], "MultiPolygon");
    assert_eq!(
        (&rows[2]["properties"]["row"], &rows[2]["properties"]["item"], &rows[2]["properties"]["file"]),
        (&json!(3), &json!("feature 3"), &json!("a.geojson"))
    );
}

#[tokio::test]
async fn faults_of_settings_are_told_with_their_place() {
    let desk = Desk::open();
    let id = desk.receive(&areas(1).await).await;
    let path = format!("/api/deliveries/{id}/check");
    for (settings, place) in [
        (json!([]), ""),
        (json!({ "colour": "red" }), "/colour"),
        (json!({ "scope": "all" }), "/scope"),
        (json!({ "scope": 5 }), "/scope"),
        (json!({ "position": 4548 }), "/position"),
        (json!({ "position": "Atlantis" }), "/position"),
        (json!({ "effective": "1 June" }), "/effective"),
        (json!({ "effective": "2023-06-01T00:00" }), "/effective"),
        (json!({ "effective": "-000001-01-01" }), "/effective"),
        (json!({ "encoding": "klingon" }), "/encoding"),
        (json!({ "left_out": "a" }), "/left_out"),
        (json!({ "left_out": ["a", "b"] }), "/left_out/1"),
        (json!({ "columns": [] }), "/columns"),
        (json!({ "columns": { "a": { "name": "nonsense" } } }), "/columns/a"),
        (json!({ "columns": { "a": { "name": "name", "code": "name" } } }), "/columns/a"),
        (json!({ "columns": { "b": { "name": "name" } } }), "/columns/b"),
        (json!({ "remember": "yes" }), "/remember"),
    ] {
        let answer = desk.post(&path, &settings).await;
        assert_problem(&answer, 422, &settings.to_string());
        assert_eq!(kind_of(&answer), "faults");
        let fault = &answer.json()["faults"][0];
        assert_eq!(fault["place"], place, "{settings}");
        assert!(fault["message"].as_str().is_some_and(|message| !message.is_empty()), "{settings}");
    }
    let unchecked = desk.get(&format!("/api/deliveries/{id}/report")).await;
    assert_problem(&unchecked, 404, "nothing of it was kept");
}

#[tokio::test]
async fn a_reference_system_that_is_not_said_is_asked_for() {
    let desk = Desk::open();
    for (number, crs) in ["null", "4326", "[]", "{}"].into_iter().enumerate() {
        let text = String::from_utf8(collection(&[renamed(&format!("第{number}里(演示)")).await])).unwrap();
        let bytes = text.replacen("\"features\"", &format!("\"crs\":{crs},\"features\""), 1).into_bytes();
        let id = desk.upload("试验街道", "a.geojson", &bytes).await.json()["id"].as_u64().unwrap();
        let report = desk.check(id, json!({})).await;
        assert_eq!(report["counts"]["must_fix"], 1, "{crs}: {:?}", issues(&report));
        let found = findings(&desk, id, "?severity=must_fix").await;
        assert_eq!(found[0]["issue"], "crs-unknown", "{crs}");
        assert!(found[0]["wrong"]["en"].as_str().unwrap().contains(crs), "{crs}: {}", found[0]["wrong"]);
        let confirmed = desk.check(id, json!({ "position": "EPSG:4490" })).await;
        assert_eq!(
            (&confirmed["counts"]["must_fix"], &confirmed["changes"]["changed"]),
            (&json!(0), &json!(1)),
            "{crs}"
        );
    }
}

#[tokio::test]
async fn findings_are_filtered_and_paged() {
    let desk = Desk::open();
    let id = desk.checked(&[formula().await, renamed("改名里(演示)").await]).await;
    let all = findings(&desk, id, "").await;
    let numbers: Vec<u64> = all.iter().map(|finding| finding["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=all.len() as u64).collect::<Vec<_>>());
    let report = desk.json(&format!("/api/deliveries/{id}/report")).await;
    let mut filtered = 0;
    for severity in ["must_fix", "fix_later"] {
        let found = findings(&desk, id, &format!("?severity={severity}")).await;
        assert!(!found.is_empty() && found.iter().all(|finding| finding["severity"] == severity), "{severity}");
        assert_eq!(report["counts"][severity], found.len(), "{severity}");
        filtered += found.len();
    }
    assert_eq!(filtered, all.len());
    for (issue, count) in issues(&report) {
        let found = findings(&desk, id, &format!("?issue={issue}&state=open")).await;
        assert!(found.len() as u64 == count && found.iter().all(|finding| finding["issue"] == issue), "{issue}");
    }
    assert_eq!(findings(&desk, id, "?state=excepted").await, [Value::Null; 0]);

    let (mut paged, mut next) = (Vec::new(), Some(format!("/api/deliveries/{id}/findings?severity=must_fix&limit=1")));
    while let Some(path) = next {
        let page = desk.json(&path).await;
        assert_eq!((page["findings"].as_array().unwrap().len(), &page["total"]), (1, &report["counts"]["must_fix"]));
        paged.push(page["findings"][0].clone());
        let links = page["links"].as_array().unwrap();
        next = links.iter().find(|link| link["rel"] == "next").map(|link| link["href"].as_str().unwrap().to_owned());
    }
    assert_eq!(paged, findings(&desk, id, "?severity=must_fix").await);

    for bad in ["severity=bad", "state=closed", "issue=nonsense", "f=pdf", "limit=0", "cursor=x", "colour=1"] {
        let answer = desk.get(&format!("/api/deliveries/{id}/findings?{bad}")).await;
        assert_problem(&answer, 400, bad);
    }
    for bad in ["limit=0", "cursor=-1", "severity=must_fix"] {
        assert_problem(&desk.get(&format!("/api/deliveries/{id}/rows?{bad}")).await, 400, bad);
    }
}

#[tokio::test]
async fn a_finding_tells_its_place_its_value_and_the_other() {
    let desk = Desk::open();
    let id = desk.checked(&[formula().await]).await;
    let unreadable = &findings(&desk, id, "?issue=unreadable-value").await[0];
    assert_eq!(
        (&unreadable["file"], &unreadable["item"], &unreadable["row"], &unreadable["column"], &unreadable["value"]),
        (&json!("a.geojson"), &json!("feature 1"), &json!(1), &json!("built_year"), &json!("=1+1"))
    );
    let overlap = &findings(&desk, id, "?issue=overlap-register").await[0];
    assert_eq!((&overlap["side"], &overlap["name"]), (&json!("street"), &json!(FORMULA)));
    assert!(overlap["other"]["subject"].as_str().unwrap().starts_with("DEMO-"), "{overlap}");
    assert!(overlap["params"]["surface_m2"].as_f64().unwrap() > 100.0);
    assert_eq!((&overlap["shape"]["type"], overlap["at"].as_array().unwrap().len()), (&json!("MultiPolygon"), 2));
    for text in ["title", "wrong", "fix"] {
        assert!(overlap[text]["zh-CN"].is_string() && overlap[text]["en"].is_string(), "{text}");
    }
    let types = desk.json("/api/issue-types").await;
    let kind = types["issue_types"].as_array().unwrap().iter().find(|kind| kind["id"] == "overlap-register").unwrap();
    assert_eq!((&kind["title"], &kind["severity"]), (&overlap["title"], &overlap["severity"]));
    let row = &desk.json(&format!("/api/deliveries/{id}/rows")).await["features"][0]["properties"];
    let report = desk.json(&format!("/api/deliveries/{id}/report")).await;
    assert_eq!((&row["change"], &row["code"]), (&json!("unusable"), &Value::Null));
    assert_eq!((&row["must_fix"], &row["fix_later"]), (&report["counts"]["must_fix"], &report["counts"]["fix_later"]));
}

/// The texts of a workbook's parts, by their names.
fn parts(workbook: Vec<u8>) -> Vec<(String, String)> {
    let mut zip = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let count = zip.len();
    let read = |at: usize| {
        let mut part = zip.by_index(at).unwrap();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        (part.name().unwrap().into_owned(), text)
    };
    (0..count).map(read).collect()
}

#[tokio::test]
async fn a_report_as_a_file_holds_no_formula_and_no_markup() {
    let desk = Desk::open();
    let mut markup = formula().await;
    markup["properties"]["name"] = json!("<script>alert(1)</script>");
    for (area, sender) in [(formula().await, "=X"), (markup, "<i>")] {
        desk.upload(sender, "a.geojson", &collection(&[area])).await;
    }
    for id in [1, 2] {
        desk.check(id, json!({})).await;
    }
    let file = async |id: u64, format: &str| {
        let answer = desk.get(&format!("/api/deliveries/{id}/findings?f={format}")).await;
        assert_eq!(answer.status, 200, "{format}");
        let told = format!("attachment; filename=\"findings-{id}.{format}\"");
        assert_eq!((answer.header("content-disposition"), answer.header("cache-control")), (&*told, "no-store"));
        answer
    };
    let csv = file(1, "csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let table = csv::ReaderBuilder::new().from_reader(csv.body.strip_prefix(b"\xEF\xBB\xBF").unwrap()).into_records();
    let cells: Vec<String> = table.flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(cells.contains(&format!("'{FORMULA}")) && cells.contains(&"'=1+1".to_owned()), "{cells:?}");
    assert!(!cells.iter().any(|cell| cell.starts_with(['=', '+', '-', '@'])), "{cells:?}");
    assert_eq!(cells.len() / 13, findings(&desk, 1, "").await.len(), "every finding is told");

    let xlsx = file(1, "xlsx").await;
    let parts = parts(xlsx.body);
    let holds = |words: &str| parts.iter().any(|(_, text)| text.contains(words));
    assert!(holds("=1+1") && holds("=X · "), "it is told as a text");
    let sheets = || parts.iter().filter(|(name, _)| name.starts_with("xl/worksheets/"));
    assert_eq!((sheets().count(), sheets().any(|(_, text)| text.contains("<f>") || text.contains("<f "))), (2, false));

    let html = file(2, "html").await;
    assert_eq!(html.header("content-type"), "text/html; charset=utf-8");
    let page = String::from_utf8(html.body).unwrap();
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>alert") && !page.contains("<i>"), "{page}");
}

/// An exception for this finding, as it is posted.
fn exception(finding: &Value) -> Value {
    json!({
        "issue": finding["issue"],
        "subject": finding["subject"],
        "other": finding["other"]["subject"],
        "fingerprint": finding["fingerprint"],
        "reason": "合用围墙",
        "owner": "乙某",
        "expires_on": "2999-12-31",
    })
}

#[tokio::test]
async fn an_exception_silences_its_finding_until_it_is_withdrawn() {
    let desk = Desk::open();
    let id = desk.checked(&[formula().await]).await;
    let open = findings(&desk, id, "?severity=must_fix").await;
    let counts = async || {
        let counts = &desk.json(&format!("/api/deliveries/{id}/report")).await["counts"];
        (counts["must_fix"].as_u64().unwrap(), counts["excepted"].as_u64().unwrap())
    };
    let all = open.len() as u64;
    assert!(all >= 2, "{open:?}");
    assert_eq!(counts().await, (all, 0));
    let answer = desk.post("/api/exceptions", &exception(&open[0])).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    let told = answer.json();
    assert_eq!((&told["id"], &told["owner"], &told["withdrawn_at"]), (&json!(1), &json!("乙某"), &Value::Null));
    assert_eq!(counts().await, (all - 1, 1));
    let silent = findings(&desk, id, "?state=excepted").await;
    assert_eq!((silent.len(), &silent[0]["fingerprint"]), (1, &open[0]["fingerprint"]));

    assert_eq!(desk.delete("/api/exceptions/1").await.status, 204);
    // Another one in its place: as many as before, but not the same.
    assert_eq!(desk.post("/api/exceptions", &exception(&open[1])).await.status, 201);
    let silent = findings(&desk, id, "?state=excepted").await;
    assert_eq!((silent.len(), &silent[0]["subject"]), (1, &open[1]["subject"]));
    assert_eq!((&silent[0]["issue"], &silent[0]["other"]), (&open[1]["issue"], &open[1]["other"]));
    assert_eq!(desk.delete("/api/exceptions/2").await.status, 204);
    assert_problem(&desk.delete("/api/exceptions/2").await, 404, "withdrawn already");
    assert_eq!(counts().await, (all, 0));
    let listed = desk.json("/api/exceptions").await;
    let listed = listed["exceptions"].as_array().unwrap();
    assert!(listed.len() == 2 && listed.iter().all(|exception| exception["withdrawn_at"].is_string()), "{listed:?}");

    let mut expired = exception(&open[0]);
    expired["expires_on"] = json!("2023-01-01");
    assert_eq!(desk.post("/api/exceptions", &expired).await.status, 201);
    assert_eq!(counts().await, (all, 0), "its day has passed");
}

#[tokio::test]
async fn faults_of_an_exception_are_told_with_their_place() {
    let desk = Desk::open();
    let good = json!({
        "issue": "overlap", "subject": "DEMO-JS-0001", "other": "DEMO-JS-0002", "fingerprint": "a+b",
        "reason": "合用围墙", "owner": "乙某", "expires_on": "2999-12-31",
    });
    for (member, value, place) in [
        ("issue", json!("nonsense"), "/issue"),
        ("subject", json!(" "), "/subject"),
        ("reason", json!(""), "/reason"),
        ("owner", json!("长".repeat(501)), "/owner"),
        ("expires_on", json!("soon"), "/expires_on"),
        ("expires_on", json!("29991231"), "/expires_on"),
        ("expires_on", json!(5), ""),
        ("colour", json!("red"), ""),
    ] {
        let mut bad = good.clone();
        bad[member] = value;
        let answer = desk.post("/api/exceptions", &bad).await;
        assert_problem(&answer, 422, member);
        assert_eq!(answer.json()["faults"][0]["place"], place, "{member}");
    }
    assert_eq!(desk.json("/api/exceptions").await["exceptions"], json!([]));
    assert_eq!(desk.post("/api/exceptions", &good).await.status, 201);
}
