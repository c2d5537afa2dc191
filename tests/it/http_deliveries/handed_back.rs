//! What goes back to everybody, and accepted cases that cannot be entered.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::http_deliveries::entered::text;
use crate::http_deliveries::reconciled::{key, row, story};
use crate::http_deliveries::{DAY, Desk, areas, collection, form, kind_of, posted_form};
use crate::support::send;

/// The files of an archive as texts, by name.
fn unpacked(bytes: Vec<u8>) -> BTreeMap<String, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let files = (0..archive.len()).map(|at| {
        let mut file = archive.by_index(at).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        (file.name().unwrap().into_owned(), text)
    });
    files.collect()
}

fn lines(text: &str) -> usize {
    text.lines().count()
}

#[tokio::test]
async fn every_file_gets_its_rows_and_every_street_its_tasks() {
    let desk = Desk::open();
    let (rows, _) = story().await;
    let (first, second) = rows.split_at(5);
    let parts = [
        ("sender", None, "科信局".as_bytes()),
        ("file", Some("east.geojson"), &collection(first)[..]),
        ("file", Some("west.geojson"), &collection(second)[..]),
    ];
    let answer = send(&desk.0, posted_form(form(&parts))).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    let id = answer.json()["id"].as_u64().unwrap();
    desk.check(id, json!({ "scope": "streets" })).await;
    desk.run(id).await;
    let split = desk.cases(id, "class=split").await.remove(0);
    assert_eq!(desk.decide(id, &[key(&split)], "both_wrong").await.status, 200);

    let answer = desk.get(&format!("/api/deliveries/{id}/handback?f=zip")).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/zip"));
    let files = unpacked(answer.body.to_vec());
    let street = split["ours"][0]["street_name"].as_str().unwrap();
    let tasks = format!("待办/{street}.csv");
    assert_eq!(
        files.keys().map(String::as_str).collect::<Vec<_>>(),
        ["反馈/east_geojson.csv", "反馈/west_geojson.csv", "反馈/边界.geojson", &*tasks]
    );
    assert_eq!(lines(&files["反馈/east_geojson.csv"]), 1 + first.len());
    assert_eq!(lines(&files["反馈/west_geojson.csv"]), 1 + second.len());
    assert!(files["反馈/east_geojson.csv"].contains("TB-1,") && !files["反馈/west_geojson.csv"].contains("TB-1,"));
    let boundaries: Value = serde_json::from_str(&files["反馈/边界.geojson"]).unwrap();
    let told = desk.cases(id, "").await;
    let pairs = told.iter().filter(|case| ["same", "redrawn"].iter().any(|class| case["class"] == *class)).count();
    assert_eq!(boundaries["features"].as_array().unwrap().len(), pairs, "nothing else was accepted");
    let redrawn = desk.cases(id, "class=redrawn").await.remove(0);
    let back = boundaries["features"].as_array().unwrap();
    let back = back.iter().find(|one| one["properties"]["报送编号"] == "TB-2").unwrap();
    assert_eq!(back["properties"]["边界来源"], "登记册", "nobody has taken the other one");
    assert_eq!(back["properties"]["登记编号"], redrawn["ours"][0]["code"]);
    let all = text(&desk.get(&format!("/api/deliveries/{id}/handback?part=tasks")).await);
    assert_eq!(files[&tasks], all, "there is one street");
    let answer = desk.get(&format!("/api/deliveries/{id}/handback?f=zip&part=rows")).await;
    assert_eq!((answer.status.as_u16(), kind_of(&answer)), (400, "bad-parameter".to_owned()));
}

#[tokio::test]
async fn an_accepted_case_that_the_history_does_not_allow_is_named() {
    let desk = Desk::open();
    let own = areas(1).await.remove(0);
    let (rows, _) = story().await;
    let (id, _) = desk.reconciled(&rows).await;
    let split = desk.cases(id, "class=split").await.remove(0);
    assert_eq!(desk.decide(id, &[key(&split)], "accept").await.status, 200);
    desk.answer_tasks(id).await;
    assert_eq!(desk.enter(id, &json!({ "leave_undecided": true })).await.status, 201);

    // The halves are to be one again on the day on which they began.
    let old = split["ours"][0]["code"].as_str().unwrap();
    let whole: Vec<Value> =
        areas(400).await.iter().filter(|area| area["properties"]["code"] == *old).cloned().collect();
    let whole = row(&whole[0], "TB-3");
    let (next, figures) = desk.reconciled(&[whole, row(&own, "TB-0")]).await;
    let merge = desk.cases(next, "class=merge").await;
    assert_eq!(merge.len(), 1, "{figures}");
    assert_eq!(desk.decide(next, &[key(&merge[0])], "accept").await.status, 200);
    desk.answer_tasks(next).await;
    let preview = desk.json(&format!("/api/deliveries/{next}/preview")).await;
    let refused = &preview["refused"];
    assert_eq!((refused.as_array().unwrap().len(), &refused[0]["case"]), (1, &merge[0]["key"]), "{refused}");
    assert!(refused[0]["why"][0].as_str().unwrap().contains(DAY), "{refused}");
    assert!(preview["obstacles"].as_array().unwrap().contains(&json!({ "kind": "refused", "count": 1 })));
    assert_eq!(preview["publishable"], false);
    let answer = desk.enter(next, &json!({ "leave_undecided": true })).await;
    assert_eq!((answer.status.as_u16(), kind_of(&answer)), (409, "cases-refused".to_owned()));
    assert_eq!(&answer.json()["cases"], refused);
}
