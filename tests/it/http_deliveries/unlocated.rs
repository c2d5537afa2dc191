//! Rows of a ledger for which there is no area: counted, published, listed and taken back.

use serde_json::{Value, json};

use crate::http_deliveries::{DAY, Desk, entering, kind_of};
use crate::support::assert_problem;

/// Two areas that are not on the map, one of them without a street.
const LEDGER: &str = "小区名称,街道,旧名\n未绘新村,劲松街道,旧一\n无街新村,,旧二\n";

async fn received(desk: &Desk, csv: &str) -> u64 {
    let answer = desk.upload("试验街道", "ledger.csv", csv.as_bytes()).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["id"].as_u64().unwrap()
}

/// What stands in the list of one side, by what exceptions call it.
async fn listed(desk: &Desk, query: &str) -> Vec<String> {
    let told = desk.json(&format!("/api/completeness?{query}")).await;
    let subjects = told["ledger_only"].as_array().unwrap().iter();
    subjects.map(|row| row["subject"].as_str().unwrap().to_owned()).collect()
}

async fn published(desk: &Desk, csv: &str) -> u64 {
    let id = received(desk, csv).await;
    desk.check(id, json!({})).await;
    let answer = desk.publish(id).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    id
}

#[tokio::test]
async fn a_row_without_outline_and_street_is_counted_once_and_keeps_nothing_from_being_published() {
    let desk = Desk::open();
    let id = received(&desk, LEDGER).await;
    let report = desk.check(id, json!({})).await;
    let counts = json!({ "added": 0, "changed": 0, "unchanged": 0, "unusable": 0, "unlocated": 2, "vanished": 0 });
    assert_eq!((&report["changes"], &report["publishable"]), (&counts, &json!(true)), "{report}");
    let issues: Vec<&Value> = report["issues"].as_array().unwrap().iter().map(|issue| &issue["id"]).collect();
    assert_eq!(issues, ["not-located"]);
    let rows = desk.json(&format!("/api/deliveries/{id}/rows")).await;
    let rows = rows["features"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["properties"]["change"] == "unlocated"), "{rows:?}");
    let summary = &desk.json(&format!("/api/deliveries/{id}")).await["summary"];
    assert_eq!((&summary["unlocated"], &summary["unusable"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn a_row_without_outline_and_name_or_with_a_street_that_is_none_must_be_fixed() {
    let desk = Desk::open();
    let id = received(&desk, "小区名称,街道,户数\n,劲松街道,3\n某村,不存在街道,4\n").await;
    let report = desk.check(id, json!({})).await;
    assert_eq!((&report["changes"]["unlocated"], &report["changes"]["unusable"]), (&json!(0), &json!(2)), "{report}");
    let answer = desk.publish(id).await;
    assert_problem(&answer, 409, "must fix");
    assert_eq!(kind_of(&answer), "not-publishable");
    assert_eq!(listed(&desk, "").await, [""; 0]);
}

#[tokio::test]
async fn a_past_state_tells_the_rows_that_its_record_entered_whatever_is_checked_later() {
    let desk = Desk::open();
    let id = published(&desk, LEDGER).await;
    let rows = ["未绘新村 @ 110105017", "无街新村"];
    assert_eq!(listed(&desk, "known=2").await, rows);
    assert_eq!(listed(&desk, "known=1").await, [""; 0]);
    let answer = desk.undo(id).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(listed(&desk, "").await, [""; 0]);

    // Read in another way, its rows are called something else.
    let columns = json!({ "columns": { "ledger": { "旧名": "name", "街道": "street" } } });
    let report = desk.check(id, columns).await;
    assert_eq!(report["changes"]["unlocated"], 2, "{report}");
    assert_eq!(listed(&desk, "known=2").await, rows);
    assert_eq!(desk.publish(id).await.status, 201);
    assert_eq!(listed(&desk, "").await, ["旧一 @ 110105017", "旧二"]);
    assert_eq!(listed(&desk, "known=2").await, rows);
    assert_eq!(listed(&desk, "known=3").await, [""; 0]);
}

#[tokio::test]
async fn a_publication_that_is_refused_leaves_the_delivery_as_it_was_checked() {
    let desk = Desk::open();
    let id = received(&desk, LEDGER).await;
    desk.check(id, json!({})).await;
    let before = desk.json(&format!("/api/deliveries/{id}")).await;
    let mut late = entering();
    late["record"]["dated"] = json!("2999-01-01");
    assert_problem(&desk.post(&format!("/api/deliveries/{id}/publish"), &late).await, 422, "not yet");
    assert_eq!(desk.json(&format!("/api/deliveries/{id}")).await, before);
    assert_eq!(listed(&desk, "").await, [""; 0]);
    assert_eq!(desk.publish(id).await.status, 201);
    let after = desk.json(&format!("/api/deliveries/{id}")).await;
    desk.check(id, json!({ "columns": { "ledger": { "旧名": "name" } } })).await;
    assert_eq!(desk.json(&format!("/api/deliveries/{id}")).await, after, "it stays described as it was published");
}

#[tokio::test]
async fn a_row_without_a_street_leaves_the_list_when_it_is_drawn_or_delivered_with_one() {
    let desk = Desk::open();
    published(&desk, LEDGER).await;
    published(&desk, "小区名称,街道\n无街新村,双井街道\n").await;
    assert_eq!(listed(&desk, "").await, ["未绘新村 @ 110105017", "无街新村 @ 110105016"]);
    let told = desk.json("/api/completeness?street=110105016").await;
    assert_eq!((&told["totals"]["ledger_only"], &told["ledger_only"][0]["since"]), (&json!(1), &json!(DAY)));

    published(&desk, "小区名称\n他街新村\n").await;
    assert_eq!(listed(&desk, "").await.last().unwrap(), "他街新村");
    let square = "POLYGON((116.4601 39.8701,116.4602 39.8701,116.4602 39.8702,116.4601 39.8702,116.4601 39.8701))";
    let drawn = format!("小区名称,街道,wkt\n他街新村,劲松街道,\"{square}\"\n");
    let answer = desk.upload("科信局", "drawn.csv", drawn.as_bytes()).await;
    let id = answer.json()["id"].as_u64().unwrap();
    desk.check(id, json!({})).await;
    assert_eq!(desk.publish(id).await.status, 201);
    assert_eq!(listed(&desk, "").await, ["未绘新村 @ 110105017", "无街新村 @ 110105016"]);
}
