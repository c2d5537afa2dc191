//! What falls due, who is counted, how streets rank, what a report says, and the ledger: over the demonstration district.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header;
use jiff::civil::date;
use onemap::history::{Assignment, Entry, Fact, Key, Kind, Put};
use onemap::ingest::ManagerDraft;
use onemap::model::{Area, Management, ManagerKind, RecordKind, Uscc, Validity};
use onemap::store::Store as _;
use serde_json::{Value, json};

use crate::support::story::{copy_of_demo, copy_of_demo_with, record, serve, tell};
use crate::support::{Answer, Who, assert_problem, demo_app, get, get_json, request, send};

fn list<'a>(value: &'a Value, member: &str) -> &'a Vec<Value> {
    value[member].as_array().unwrap_or_else(|| panic!("no list {member} in {value}"))
}

async fn post(who: Who, path: &str, body: &Value) -> Answer {
    let request = request("POST", path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    send(&demo_app(who).1, request).await
}

#[tokio::test]
async fn a_rate_tells_its_members_and_they_are_as_many_as_it_says() {
    let rates = get_json("/api/rates").await;
    for rate in list(&rates, "rates") {
        let id = rate["id"].as_str().unwrap();
        for (part, count) in [("numerator", &rate["numerator"]), ("denominator", &rate["denominator"])] {
            let members = get_json(&format!("/api/rates/{id}/areas?part={part}&limit=3")).await;
            assert_eq!(&members["count"], count, "{id} {part}");
            assert_eq!(list(&members, "members").len(), 3, "{id} {part}");
        }
    }
    let missing = get_json("/api/rates/committee_coverage/areas?part=missing&limit=1000").await;
    assert_eq!((&missing["count"], &missing["kind"]), (&108.into(), &"areas".into()));
    assert!(list(&missing, "members").iter().all(|area| area["committee"] == "none"));
    let companies = get_json("/api/rates/party_coverage_company/areas?part=missing").await;
    assert_eq!((&companies["count"], &companies["kind"]), (&14.into(), &"companies".into()));
    assert_problem(&get("/api/rates/speed/areas").await, 404, "no such rate");
    assert_problem(&get("/api/rates/quasi_share/areas?part=half").await, 400, "no such part");
}

#[tokio::test]
async fn members_come_page_by_page() {
    let mut path = "/api/rates/quasi_share/areas?limit=50".to_owned();
    let mut codes = Vec::new();
    for pages in 1.. {
        let page = get_json(&path).await;
        codes.extend(list(&page, "members").iter().map(|area| area["code"].as_str().unwrap().to_owned()));
        let next = list(&page, "links").iter().find(|link| link["rel"] == "next");
        let Some(next) = next else {
            assert_eq!(pages, 3);
            break;
        };
        path = next["href"].as_str().unwrap().to_owned();
    }
    assert_eq!(codes.len(), 123);
    assert!(codes.is_sorted());
}

#[tokio::test]
async fn the_public_gets_no_committee_and_no_company_out_of_a_rate() {
    for path in [
        "/api/rates/party_coverage_committee/areas",
        "/api/rates/party_coverage_company/areas",
        "/api/rates/committee_count_ratio/areas?part=numerator",
    ] {
        let answer = send(&demo_app(Who::Nobody).1, request("GET", path).body(Body::empty()).unwrap()).await;
        assert_problem(&answer, 404, path);
    }
    let path = "/api/rates/ranking?rate=party_coverage_company";
    let answer = send(&demo_app(Who::Nobody).1, request("GET", path).body(Body::empty()).unwrap()).await;
    assert_problem(&answer, 400, "a rate that the public does not know");
    let series = send(&demo_app(Who::Nobody).1, request("GET", "/api/rates/series").body(Body::empty()).unwrap());
    let text = String::from_utf8(series.await.body).unwrap();
    assert!(text.contains("committee_coverage") && !text.contains("party"), "{text}");
}

#[tokio::test]
async fn targets_and_candidates_stand_beside_the_rates() {
    let rates = get_json("/api/rates").await;
    let rate = |id: &str| list(&rates, "rates").iter().find(|rate| rate["id"] == id).unwrap().clone();
    let targets = rate("committee_coverage")["targets"].clone();
    let told: Vec<(&str, f64, bool)> = targets
        .as_array()
        .unwrap()
        .iter()
        .map(|target| (target["date"].as_str().unwrap(), target["percent"].as_f64().unwrap(), target["met"] == true))
        .collect();
    assert_eq!(told, [("2020-12-31", 30.0, true), ("2021-12-31", 70.0, true), ("2022-12-31", 90.0, true)]);
    assert!(list(&rate("quasi_share"), "targets").is_empty());
}

#[tokio::test]
async fn a_printed_figure_keeps_the_counts_of_its_own_day() {
    let store = copy_of_demo();
    tell(&store);
    let (_, router) = serve(store, Who::District);
    let told = async |path: &str| send(&router, request("GET", path).body(Body::empty()).unwrap()).await.json();
    let on = async |day: &str| {
        let rates = told(&format!("/api/rates?datetime={day}")).await;
        list(&rates, "rates").iter().find(|rate| rate["id"] == "committee_coverage").unwrap().clone()
    };
    // The report was not printed yet.
    assert!(on("2021-06-30").await["printed"].is_null());
    // Later counts are others, and what was printed is still held against its own day.
    let (then, later) = (on("2022-10-27").await, on("2024-02-01").await);
    assert_eq!((&later["date"], &later["denominator"]), (&"2024-02-01".into(), &1636.into()));
    assert_eq!(then["printed"], later["printed"]);
    assert_eq!(then["printed"]["computed"], json!({ "numerator": 1529, "denominator": 1637, "percent": 93.4 }));
    let report = told("/api/report").await.to_string();
    assert!(
        report.contains("组建率93.4%，与登记册当日1,529/1,637一致；与同时公布的1,537/1,637（93.9%）不符"),
        "{report}"
    );
    assert!(!told("/api/report?datetime=2021-06-30").await.to_string().contains("核对"));
}

#[tokio::test]
async fn streets_are_ranked_by_their_counts() {
    let ranking = get_json("/api/rates/ranking?rate=committee_coverage").await;
    let streets = list(&ranking, "streets");
    assert_eq!(streets.len(), 43);
    let share = |street: &Value| street["numerator"].as_f64().unwrap() / street["denominator"].as_f64().unwrap();
    assert!(streets.is_sorted_by(|a, b| share(a) >= share(b)));
    let sum = |member: &str| streets.iter().map(|street| street[member].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("numerator"), sum("denominator")), (1529, 1637));
    assert_problem(&get("/api/rates/ranking?rate=speed").await, 400, "no such rate");
}

#[tokio::test]
async fn a_series_ends_with_the_day_of_the_data_and_agrees_with_past_states() {
    let series = get_json("/api/rates/series?from=2021-01").await;
    let months = list(&series, "months");
    assert_eq!(months.last().unwrap()["date"], "2022-10-27");
    assert!(months.is_sorted_by_key(|month| month["date"].as_str().unwrap().to_owned()));
    for month in [&months[0], &months[9], &months[20]] {
        let date = month["date"].as_str().unwrap();
        let then = get_json(&format!("/api/rates?datetime={date}")).await;
        for rate in list(month, "rates") {
            let same = list(&then, "rates").iter().find(|other| other["id"] == rate["id"]).unwrap();
            let counts = |rate: &Value| (rate["numerator"].clone(), rate["denominator"].clone());
            assert_eq!(counts(rate), counts(same), "{date} {}", rate["id"]);
        }
    }
    assert_problem(&get("/api/rates/series?from=2021").await, 400, "a year is no month");
}

#[tokio::test]
async fn what_falls_due_is_counted_by_street_and_listed_by_urgency() {
    let due = get_json("/api/due?limit=1000").await;
    let items = list(&due, "items");
    assert_eq!(due["count"], items.len());
    assert!(items.is_sorted_by_key(|item| item["due_on"].as_str().unwrap().to_owned()));
    for state in ["overdue", "within_30", "within_90", "within_180"] {
        let listed = items.iter().filter(|item| item["state"] == state).count();
        let streets: u64 = list(&due, "streets").iter().map(|street| street[state].as_u64().unwrap()).sum();
        let duties: u64 = list(&due, "duties").iter().map(|duty| duty["counts"][state].as_u64().unwrap()).sum();
        assert_eq!(due["counts"][state], listed, "{state}");
        assert_eq!((streets, duties), (listed as u64, listed as u64), "{state}");
        assert!(listed > 0, "the demonstration has something {state}");
    }
    // One transition lasts too long, as the demonstration wants it.
    let transitions: Vec<&Value> = items.iter().filter(|item| item["duty"] == "transition").collect();
    assert_eq!(transitions.len(), 8);
    assert_eq!(transitions.iter().filter(|item| item["state"] == "overdue").count(), 1);
    assert!(transitions.iter().all(|item| item["committee"]["kind"] == "property_management"));

    for duty in list(&due, "duties") {
        let listed = items.iter().filter(|item| item["duty"] == duty["id"]).count();
        let counts = duty["counts"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum::<u64>();
        assert_eq!(listed as u64, counts, "{}", duty["id"]);
        assert!(listed > 0, "the demonstration has some of {}", duty["id"]);
    }
    let street = items[0]["area"]["street"].as_str().unwrap();
    let part = get_json(&format!("/api/due?street={street}&state=overdue&within=30")).await;
    assert!(
        list(&part, "items").iter().all(|item| item["area"]["street"] == street && item["days"].as_i64() < Some(0))
    );
    for bad in ["within=200", "duty=dance", "state=late", "f=pdf", "street=1"] {
        assert_problem(&get(&format!("/api/due?{bad}")).await, 400, bad);
    }
}

#[tokio::test]
async fn the_due_list_is_a_workbook_and_a_theme() {
    use calamine::{Reader as _, Xlsx};
    let answer = get("/api/due?f=xlsx&within=30").await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-disposition").contains("due-2022-10-27.xlsx"));
    let mut book = Xlsx::new(std::io::Cursor::new(answer.body)).unwrap();
    let range = book.worksheet_range("到期事项").unwrap();
    let listed = get_json("/api/due?within=30").await["count"].as_u64().unwrap() as usize;
    assert_eq!(range.height(), listed + 2);
    assert_eq!(book.worksheet_range("规则").unwrap().height(), 1 + list(&get_json("/api/due").await, "duties").len());

    let theme = get_json("/api/themes/due").await;
    let counts: u64 = list(&theme, "classes").iter().map(|class| class["count"].as_u64().unwrap()).sum();
    assert_eq!(counts, 1637);
    let coloured = theme["areas"].as_object().unwrap();
    let none = list(&theme, "classes").iter().find(|class| class["key"] == "due-none").unwrap();
    assert_eq!(coloured.len() as u64 + none["count"].as_u64().unwrap(), 1637);
    let public = send(&demo_app(Who::Nobody).1, request("GET", "/api/themes/due").body(Body::empty()).unwrap()).await;
    assert_problem(&public, 404, "due dates are internal");
}

#[tokio::test]
async fn a_street_has_one_answer_with_its_rank_its_duties_and_its_findings() {
    let summary = get_json("/api/streets/110105002/summary").await;
    assert_eq!((&summary["areas"], &summary["street"]["name"]), (&20.into(), &"朝外街道".into()));
    let rates = get_json("/api/rates?street=110105002").await;
    for (one, other) in list(&summary, "rates").iter().zip(list(&rates, "rates")) {
        assert_eq!((&one["id"], &one["numerator"]), (&other["id"], &other["numerator"]));
        assert_eq!(one["of"], 43);
    }
    let due = get_json("/api/due?street=110105002").await;
    assert_eq!(summary["due"]["counts"], due["counts"]);
    let findings = get_json("/api/findings?street=110105002").await;
    assert_eq!(
        (&summary["findings"]["issues"], &summary["findings"]["count"]),
        (&findings["issues"], &findings["count"])
    );
    assert_problem(&get("/api/streets/110105999/summary").await, 404, "no such street");
}

#[tokio::test]
async fn findings_name_the_area_and_what_to_do() {
    let all = get_json("/api/findings?limit=1000").await;
    let counted: u64 = list(&all, "issues").iter().map(|issue| issue["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, list(&all, "findings").len() as u64);
    assert!(list(&all, "findings").iter().all(|one| one["area"]["code"].is_string() && one["text"]["zh-CN"] != ""));
    let transition = get_json("/api/findings?issue=transition-too-long").await;
    assert_eq!(transition["count"], 1);
    assert_problem(&get("/api/findings?issue=ugly").await, 400, "no such issue");
}

#[tokio::test]
async fn a_report_is_written_and_a_wrong_percentage_is_refused() {
    let report = get_json("/api/report?rate=committee_coverage&percent=93.4").await;
    let text = list(&report, "paragraphs").iter().map(|p| p.as_str().unwrap()).collect::<String>();
    for part in [
        "1,637个",
        "92.5%（1,514/1,637）",
        "93.4%（1,529/1,637）",
        "业委会138个、物管会1,399个",
        "1,456个（业委会77个、物管会1,379个）",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(report["asked"]["text"], "93.4%（1,529/1,637）");
    let refused = get("/api/report?rate=committee_count_ratio&percent=93.4").await;
    assert_problem(&refused, 422, "does not follow");
    assert_eq!(refused.json()["candidates"]["numerators"], json!([1529, 1529]));
    assert_problem(&get("/api/report?rate=committee_coverage").await, 400, "half a question");
    let public = send(&demo_app(Who::Nobody).1, request("GET", "/api/report").body(Body::empty()).unwrap()).await;
    assert!(!String::from_utf8(public.body).unwrap().contains("党组织"));
}

#[tokio::test]
async fn the_ledger_comes_by_column_and_hides_what_the_public_may_not_see() {
    let ledger = get_json("/api/ledger").await;
    assert_eq!((&ledger["count"], list(&ledger, "labels").len()), (&1637.into(), 1637));
    for column in list(&ledger, "columns") {
        assert_eq!(list(column, "data").len(), 1637, "{}", column["key"]);
        let texts = ["text", "date", "term"].contains(&column["kind"].as_str().unwrap());
        assert_eq!(column.get("values").is_some(), texts, "{}", column["key"]);
    }
    let column = |key: &str| list(&ledger, "columns").iter().find(|column| column["key"] == key).unwrap();
    let management = column("management");
    let contracted = list(management, "values").iter().position(|term| term["key"] == "contracted").unwrap();
    assert_eq!(list(management, "data").iter().filter(|place| **place == contracted).count(), 1514);
    let public = send(&demo_app(Who::Nobody).1, request("GET", "/api/ledger").body(Body::empty()).unwrap()).await;
    let keys: Vec<String> =
        list(&public.json(), "columns").iter().map(|column| column["key"].as_str().unwrap().to_owned()).collect();
    let kinds = column("contract_kind");
    let named: Vec<&str> = list(kinds, "values").iter().map(|term| term["label"]["zh-CN"].as_str().unwrap()).collect();
    assert_eq!(named, ["普通物业服务合同", "前期物业服务合同", "应急物业服务"]);
    for (place, name) in named.iter().enumerate() {
        assert!(list(kinds, "data").iter().any(|data| *data == place), "{name}");
    }
    for hidden in [
        "address",
        "manager_uscc",
        "contract_until",
        "contract_kind",
        "contract_filed_on",
        "owners_filing_applied_on",
        "owners_party",
        "due",
        "households",
    ] {
        assert!(!keys.contains(&hidden.to_owned()), "{hidden}");
    }
}

#[tokio::test]
async fn a_selection_of_the_ledger_is_a_file_in_its_order() {
    use calamine::{Data, Reader as _, Xlsx};
    let codes = ["DEMO-JW-0002", "DEMO-JW-0001"];
    let body = json!({ "format": "xlsx", "codes": codes, "columns": ["code", "name", "street"], "filter": "街乡：建外街道", "lang": "zh-CN" });
    let answer = post(Who::District, "/api/ledger/export", &body).await;
    assert_eq!(answer.status, 200);
    let mut book = Xlsx::new(std::io::Cursor::new(answer.body)).unwrap();
    let range = book.worksheet_range("台账").unwrap();
    let at = |row, column| range.get_value((row, column)).cloned();
    assert!(at(0, 0).unwrap().to_string().contains("2022-10-27 · 筛选：街乡：建外街道 · 共 2 条"));
    assert_eq!((at(2, 0), at(3, 0)), (Some(Data::String(codes[0].into())), Some(Data::String(codes[1].into()))));

    let refusals = [
        (json!({ "format": "pdf" }), 400),
        (json!({ "format": "csv", "columns": ["colour"] }), 400),
        (json!({ "format": "csv", "columns": [] }), 400),
        (json!({ "format": "csv", "codes": ["DEMO-JW-9999"] }), 404),
        (json!({ "format": "csv", "codes": ["no code"] }), 400),
        (json!({ "format": "csv", "codes": vec!["DEMO-JW-0001"; 1638] }), 400),
        (json!({ "format": "csv", "filter": "line\nline" }), 400),
        (json!({ "format": "csv", "lang": "fr" }), 400),
        (json!({ "format": "csv", "more": 1 }), 400),
    ];
    for (body, status) in refusals {
        assert_problem(&post(Who::District, "/api/ledger/export", &body).await, status, &body.to_string());
    }
    let hidden = json!({ "format": "csv", "columns": ["name", "address"] });
    assert_problem(&post(Who::Nobody, "/api/ledger/export", &hidden).await, 400, "an internal column");
    let all = post(Who::Nobody, "/api/ledger/export", &json!({ "format": "csv" })).await;
    let text = String::from_utf8(all.body).unwrap();
    assert_eq!(text.lines().count(), 1638);
    assert!(!text.contains("信用代码") && text.starts_with('\u{feff}'));
}

#[tokio::test]
async fn managers_without_areas_and_areas_without_managers_are_told() {
    let gaps = get_json("/api/managers/gaps").await;
    for member in GAPS {
        assert!(list(&gaps, member).is_empty(), "{member}: the demonstration has none");
        assert_eq!(gaps["counts"][member], 0);
    }
}

const GAPS: [&str; 3] = ["companies_without_areas", "contracted_without_company", "quasi_without_owning_unit"];

#[tokio::test]
async fn an_area_that_a_body_of_the_other_kind_manages_has_no_manager_of_its_own() {
    let store = copy_of_demo();
    let (app, _) = serve(Arc::clone(&store), Who::District);
    let snapshot = app.snapshot().unwrap();
    let nth = |management: fn(Management) -> bool, at: usize| {
        snapshot.areas().filter(|area| management(area.management)).nth(at).unwrap().clone()
    };
    let is_quasi = |management| matches!(management, Management::QuasiProperty(_));
    let [first, second] = [0, 1].map(|at| nth(|management| management == Management::Contracted, at));
    let quasi = nth(is_quasi, 0);
    let uscc = |area: &Area| snapshot.manager_of(area).unwrap().uscc.clone();
    let idle = |kind, uscc: &str| {
        let uscc = Uscc::parse(uscc).unwrap();
        let (name, demo) = ("空闲单位(演示)".to_owned(), true);
        let fact = Fact::Manager(ManagerDraft { kind, name, uscc, phone: None, party_organisation: None, demo });
        Put::New { fact, valid: Validity::default() }
    };
    let day = date(2023, 1, 1);
    let managed = |area: &Area, manager| {
        let fact = Fact::Assignment(Assignment { area: area.code.clone(), manager });
        Put::Set { fact, valid: Validity::since(day) }
    };
    let puts = vec![
        managed(&first, uscc(&quasi)),
        Put::End { key: Key::new(Kind::Assignment, second.code.as_str()), valid: Validity::since(day) },
        managed(&quasi, uscc(&second)),
        idle(ManagerKind::Company, "91000000MA099999XT"),
        idle(ManagerKind::OwningUnit, "91000000MA09999813"),
    ];
    store.commit(&record(RecordKind::Correction, day), &Entry { puts, ..Entry::default() }).unwrap();
    let (_, router) = serve(store, Who::District);
    let told = async |path: String| send(&router, request("GET", &path).body(Body::empty()).unwrap()).await.json();
    let gaps = told("/api/managers/gaps".to_owned()).await;
    let codes = |gaps: &Value, member: &str, key: &str| {
        list(gaps, member).iter().map(|one| one[key].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Companies that lost their only area come on top of the new one, which owning units never do.
    let companies = codes(&gaps, GAPS[0], "uscc");
    assert!(companies.contains(&"91000000MA099999XT".to_owned()), "{companies:?}");
    assert!(list(&gaps, GAPS[0]).iter().all(|one| one["kind"] == "company"), "{gaps}");
    assert_eq!(codes(&gaps, GAPS[1], "code"), [first.code.as_str(), second.code.as_str()]);
    assert_eq!(codes(&gaps, GAPS[2], "code"), [quasi.code.as_str()]);
    assert_eq!((&gaps["counts"][GAPS[1]], &gaps["counts"][GAPS[2]]), (&2.into(), &1.into()));
    // In its street too, where no company is told of; and not before the day.
    let street = told(format!("/api/managers/gaps?street={}", quasi.street)).await;
    assert_eq!(codes(&street, GAPS[2], "code"), [quasi.code.as_str()]);
    assert!(list(&street, GAPS[0]).is_empty());
    let before = told("/api/managers/gaps?datetime=2022-12-31".to_owned()).await;
    assert!(GAPS[1..].iter().all(|member| list(&before, member).is_empty()), "{before}");
    // The rules find the same.
    for (issue, count) in [("contracted-without-company", 2), ("quasi-without-owning-unit", 1)] {
        let findings = told(format!("/api/findings?issue={issue}")).await;
        assert_eq!(findings["count"], count, "{issue}");
    }
}

/// Answers of a register.
async fn told_by(router: &Router, path: &str) -> Value {
    let answer = send(router, request("GET", path).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

#[tokio::test]
async fn a_register_that_is_no_demonstration_counts_its_duties_to_today() {
    let (_, router) = serve(copy_of_demo_with(|area| area.demo = false), Who::District);
    // Nothing falls on midnight in Beijing but once, and then the day after is as right.
    let today = || jiff::tz::Offset::constant(8).to_datetime(jiff::Timestamp::now()).date().to_string();
    let (before, due, after) = (today(), told_by(&router, "/api/due?limit=1").await, today());
    assert!([&before, &after].contains(&&due["date"].as_str().unwrap().to_owned()), "{} is not today", due["date"]);
    assert_eq!(due["data_date"], "2022-10-27");
    let then = told_by(&router, "/api/due?limit=1&datetime=2022-10-27").await;
    let demo = get_json("/api/due?limit=1").await;
    assert_eq!((&then["date"], &then["counts"]), (&"2022-10-27".into(), &demo["counts"]));
    assert_eq!((&demo["date"], &demo["counts"]["overdue"]), (&"2022-10-27".into(), &60.into()));
    assert!(due["counts"]["overdue"].as_u64() > Some(300), "years have passed since: {}", due["counts"]);

    // Theme, street and ledger count to the same day, and everything else stays that of the data.
    let theme = told_by(&router, "/api/themes/due").await;
    assert_eq!(theme["date"], due["date"]);
    let overdue = list(&theme, "classes").iter().find(|class| class["key"] == "due-overdue").unwrap();
    let ledger = told_by(&router, "/api/ledger").await;
    assert_eq!((&ledger["date"], &ledger["due_date"]), (&"2022-10-27".into(), &due["date"]));
    let column = list(&ledger, "columns").iter().find(|column| column["key"] == "due").unwrap();
    let place = list(column, "values").iter().position(|term| term["key"] == "overdue").unwrap();
    let marked = list(column, "data").iter().filter(|data| **data == place).count();
    assert_eq!(overdue["count"], marked);
    let summary = told_by(&router, "/api/streets/110105017/summary").await;
    assert_eq!((&summary["date"], &summary["due"]["date"]), (&"2022-10-27".into(), &due["date"]));
    assert_eq!(summary["rates"][0]["date"], "2022-10-27");
}

#[tokio::test]
async fn a_register_from_before_filings_were_recorded_has_no_contract_overdue_for_filing() {
    let filing = async |store| {
        let (_, router) = serve(store, Who::District);
        told_by(&router, "/api/due?duty=contract_filing&limit=1000").await
    };
    let none = filing(copy_of_demo_with(|area| area.attributes.contract_filed_on = None)).await;
    assert!(list(&none, "items").iter().all(|item| item["state"] != "overdue"), "{none}");
    // The first filings in it are those of this summer: what began before is not known to be left undone.
    let first = date(2022, 7, 1);
    let recent = filing(copy_of_demo_with(|area| {
        let filed = area.attributes.contract_filed_on.filter(|filed| *filed >= first);
        area.attributes.contract_filed_on = filed;
    }));
    let recent = recent.await;
    let overdue: Vec<&Value> = list(&recent, "items").iter().filter(|item| item["state"] == "overdue").collect();
    assert!(overdue.iter().all(|item| item["since"].as_str() >= Some("2022-07-01")), "{overdue:?}");
    let demo = get_json("/api/due?duty=contract_filing&limit=1000").await;
    let of_demo = list(&demo, "items").iter().filter(|item| item["state"] == "overdue").count();
    assert!(of_demo > overdue.len(), "{of_demo}");
}
