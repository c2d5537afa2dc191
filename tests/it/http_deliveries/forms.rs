//! One delivery in several forms: outlines, points and bare tables.

use encoding_rs::GB18030;
use serde_json::{Value, json};

use crate::http_deliveries::entered::text;
use crate::http_deliveries::reconciled::{key, ring};
use crate::http_deliveries::{Desk, areas, form, posted_form};
use crate::support::send;

/// A place within an area: the middle of its corners.
fn place(area: &Value) -> (f64, f64) {
    let mut area = area.clone();
    let corners = ring(&mut area);
    let mean =
        |axis: usize| corners.iter().map(|corner| corner[axis].as_f64().unwrap()).sum::<f64>() / corners.len() as f64;
    (mean(0), mean(1))
}

/// A table in the encoding of Chinese offices.
fn table(heads: &str, rows: impl Iterator<Item = String>) -> Vec<u8> {
    let text = std::iter::once(heads.to_owned()).chain(rows).collect::<Vec<_>>().join("\r\n");
    GB18030.encode(&text).0.into_owned()
}

#[tokio::test]
async fn a_shapefile_a_table_of_points_and_a_table_of_names_are_compared_together() {
    let desk = Desk::open();
    let all = areas(1_000).await;
    let mut streets: Vec<&Value> = Vec::new();
    for area in &all {
        let street = &area["properties"]["street"];
        if !streets.contains(&street) {
            streets.push(street);
        }
    }
    let of_street =
        |nth: usize| all.iter().filter(|area| area["properties"]["street"] == *streets[nth]).collect::<Vec<_>>();
    let (drawn, pointed, named) = (of_street(0), of_street(1), of_street(2));
    let said = |area: &Value, member: &str| area["properties"][member].as_str().unwrap_or_default().to_owned();
    let known = desk.json("/api/collections/streets/items?limit=1000").await;
    let is_first = |street: &&Value| street["properties"]["name"] == *streets[0];
    let known = known["features"].as_array().unwrap().iter().find(is_first).unwrap();
    let shapefile = format!("/api/export?format=shapefile&street={}", said(known, "code"));
    let shapefile = desk.get(&shapefile).await;
    assert_eq!(shapefile.status, 200, "{}", text(&shapefile));
    let points = table(
        "小区名称,坐落,街道,经度,纬度",
        pointed.iter().map(|area| {
            let (lng, lat) = place(area);
            let [name, address] = ["name", "address"].map(|member| said(area, member));
            format!("{name},{address},{},{lng:.6},{lat:.6}", said(area, "street"))
        }),
    );
    let names = table(
        "小区名称,坐落,街道",
        named.iter().map(|area| {
            let [name, address, street] = ["name", "address", "street"].map(|member| said(area, member));
            format!("{name},{address},{street}")
        }),
    );
    let parts = [
        ("sender", None, "科信局".as_bytes()),
        ("file", Some("drawn.zip"), &shapefile.body[..]),
        ("file", Some("points.csv"), &points[..]),
        ("file", Some("names.csv"), &names[..]),
    ];
    let answer = send(&desk.0, posted_form(form(&parts))).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    let id = answer.json()["id"].as_u64().unwrap();
    desk.check(id, json!({ "scope": "streets" })).await;
    let figures = desk.run(id).await;
    let total = drawn.len() + pointed.len() + named.len();
    assert_eq!((&figures["ours"], &figures["theirs"]), (&json!(total), &json!(total)), "{figures}");
    let cases = desk.cases(id, "class=same").await;
    assert_eq!(cases.len(), total, "{figures}");
    for case in &cases {
        assert_eq!(case["ours"][0]["name"], case["theirs"][0]["name"], "{case}");
    }
    // A row that is a point is shown where it lies.
    let of_points = cases.iter().find(|case| case["theirs"][0]["row"].as_str().unwrap().starts_with("points.csv"));
    let case = format!("/api/deliveries/{id}/reconciliation/cases/{}", key(of_points.unwrap()));
    let geometry = &desk.json(&case).await["geometry"];
    assert_eq!(geometry["theirs"]["features"][0]["geometry"]["type"], "Point");
    assert_eq!(geometry["difference"]["features"], json!([]));
}
