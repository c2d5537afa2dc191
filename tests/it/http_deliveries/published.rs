//! Publishing whole or not at all, and taking back.

use serde_json::{Value, json};

use crate::http_deliveries::{DAY, Desk, areas, code_of, entering, formula, kind_of, renamed};
use crate::support::assert_problem;

const NEW_NAME: &str = "改名里(演示)";

async fn name_of(desk: &Desk, code: &str) -> Value {
    desk.json(&format!("/api/collections/areas/items/{code}")).await["properties"]["name"].clone()
}

#[tokio::test]
async fn publishing_enters_one_record_that_tells_where_it_came_from() {
    let desk = Desk::open();
    let (area, neighbour) = (renamed(NEW_NAME).await, areas(2).await.remove(1));
    let code = code_of(&area).to_owned();
    let before = desk.exported().await;
    let id = desk.checked(&[area, neighbour]).await;
    assert_eq!((desk.exported().await, desk.revision().await), (before, 1), "a check writes nothing");

    let answer = desk.publish(id).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (201, "/api/records/2"));
    let told = answer.json();
    assert_eq!(
        told["changes"],
        json!({ "added": 0, "changed": 1, "unchanged": 1, "unusable": 0, "unlocated": 0, "vanished": 0 })
    );
    assert_eq!((&told["revision"], &told["record"]["kind"]), (&json!(2), &json!("delivery")));
    assert_eq!((&told["record"]["document"], &told["record"]["author"]), (&json!("试文1号"), &json!("甲某")));
    assert_eq!(desk.revision().await, 2, "one more");

    let item = desk.json(&format!("/api/collections/areas/items/{code}")).await;
    let item = &item["properties"];
    assert_eq!((&item["name"], &item["valid_from"], &item["revision"]), (&json!(NEW_NAME), &json!(DAY), &json!(2)));
    let history = desk.json(&format!("/api/areas/{code}/history")).await;
    let newest = &history["versions"][0];
    assert_eq!(
        newest["source"],
        json!({ "delivery": id, "file": "a.geojson", "item": "feature 1", "sender": "试验街道" })
    );
    assert_eq!((&newest["facts"]["name"], &newest["record"]["id"]), (&json!(NEW_NAME), &json!(2)));
    let oldest = history["versions"].as_array().unwrap().last().unwrap();
    assert_eq!((&oldest["record"]["id"], &oldest["source"]), (&json!(1), &Value::Null), "no delivery brought it");

    let record = desk.json("/api/records/2").await;
    assert_eq!((&record["touched"], &record["areas"][0]["code"]), (&json!(1), &json!(code)));
    let delivery = desk.json(&format!("/api/deliveries/{id}")).await;
    assert_eq!((&delivery["state"], &delivery["revision"]), (&json!("published"), &json!(2)));
    assert_eq!(delivery["summary"]["changed"], 1, "it stays described as it was published");
}

#[tokio::test]
async fn taking_back_puts_everything_as_it_was() {
    let desk = Desk::open();
    let area = renamed(NEW_NAME).await;
    let code = code_of(&area).to_owned();
    let before = desk.exported().await;
    let id = desk.checked(&[area]).await;
    assert_eq!(desk.publish(id).await.status, 201);
    assert_ne!(desk.exported().await, before);
    let answer = desk.undo(id).await;
    assert_eq!((answer.status.as_u16(), answer.header("location")), (201, "/api/records/3"));
    assert_eq!((&answer.json()["revision"], &answer.json()["record"]["kind"]), (&json!(3), &json!("correction")));
    assert_eq!(desk.exported().await, before);
    assert_eq!(desk.revision().await, 3, "what was is not forgotten");
    let then = desk.json(&format!("/api/collections/areas/items/{code}?known=2")).await;
    assert_eq!(then["properties"]["name"], NEW_NAME);
    let delivery = desk.json(&format!("/api/deliveries/{id}")).await;
    assert_eq!(
        (&delivery["state"], &delivery["revision"], &delivery["undone_by"]),
        (&json!("undone"), &json!(2), &json!(3))
    );
    assert_eq!(desk.publish(id).await.status, 201, "on second thoughts");
    assert_eq!(name_of(&desk, &code).await, NEW_NAME);
}

#[tokio::test]
async fn a_new_area_gets_the_next_code_of_its_street_and_ends_when_taken_back() {
    let desk = Desk::open();
    // In place of the first area, which has ended in the meantime.
    let mut area = areas(1).await.remove(0);
    let mut retire = json!({
        "record": entering()["record"], "seen": { code_of(&area): 1 },
        "retire": { "area": code_of(&area), "committees": {} },
    });
    retire["record"]["dated"] = json!("2023-05-01");
    let retired = desk.post("/api/records", &retire).await;
    assert_eq!(retired.status, 201, "{}", String::from_utf8_lossy(&retired.body));
    area["properties"] = json!({ "name": "新里(演示)", "street": area["properties"]["street"] });
    let id = desk.receive(&[area]).await;
    let report = desk.check(id, json!({})).await;
    assert_eq!((&report["changes"]["added"], &report["publishable"]), (&json!(1), &json!(true)), "{report}");
    let before = desk.exported().await["features"].as_array().unwrap().len();
    assert_eq!(desk.publish(id).await.status, 201);
    let after = desk.exported().await;
    let after = after["features"].as_array().unwrap();
    let new = after.iter().find(|area| area["properties"]["name"] == "新里(演示)").unwrap();
    assert!(code_of(new).starts_with("DEMO-AYC-"), "{new}");
    assert_eq!(after.len(), before + 1);
    let code = code_of(new);
    assert_eq!(desk.undo(id).await.status, 201);
    assert_problem(&desk.get(&format!("/api/collections/areas/items/{code}")).await, 404, "it is gone again");
}

#[tokio::test]
async fn nothing_is_published_while_something_must_be_fixed() {
    let desk = Desk::open();
    let id = desk.checked(&[renamed(NEW_NAME).await, formula().await]).await;
    let counts = &desk.json(&format!("/api/deliveries/{id}/report")).await["counts"];
    let answer = desk.publish(id).await;
    assert_problem(&answer, 409, "must fix");
    assert_eq!((kind_of(&answer).as_str(), &answer.json()["must_fix"]), ("not-publishable", &counts["must_fix"]));
    assert_eq!(desk.revision().await, 1, "not even the row that is right");
}

#[tokio::test]
async fn many_areas_vanish_only_when_their_number_is_confirmed() {
    let desk = Desk::open();
    let before = desk.exported().await;
    let all = before["features"].as_array().unwrap().len();
    let id = desk.receive(&areas(10).await).await;
    let report = desk.check(id, json!({ "scope": "district" })).await;
    let vanishing = &report["vanishing"];
    assert_eq!((&vanishing["count"], &vanishing["needs_confirmation"]), (&json!(all - 10), &json!(true)));
    assert_eq!(vanishing["areas"].as_array().unwrap().len(), 1000, "so many are named");
    let path = format!("/api/deliveries/{id}/publish");
    for confirmed in [Value::Null, json!(0), json!(all - 11), json!(all)] {
        let body = json!({ "record": entering()["record"], "confirm_vanishing": confirmed });
        let answer = desk.post(&path, &body).await;
        assert_problem(&answer, 409, &confirmed.to_string());
        assert_eq!(kind_of(&answer), "vanishing");
        assert_eq!((&answer.json()["vanishing"], &answer.json()["areas"]), (&json!(all - 10), &json!(all)));
        assert_eq!(desk.revision().await, 1);
    }
    let body = json!({ "record": entering()["record"], "confirm_vanishing": all - 10 });
    let answer = desk.post(&path, &body).await;
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.json()["changes"]["vanished"], all - 10);
    assert_eq!(desk.exported().await["features"].as_array().unwrap().len(), 10);
    assert_eq!(desk.undo(id).await.status, 201);
    assert_eq!(desk.exported().await, before);
}

#[tokio::test]
async fn few_areas_vanish_without_asking() {
    let desk = Desk::open();
    let street = areas(1).await[0]["properties"]["street"].clone();
    let all = desk.exported().await;
    let mut of_street: Vec<Value> = all["features"].as_array().unwrap().clone();
    of_street.retain(|area| area["properties"]["street"] == street);
    let left_out = of_street.pop().unwrap();
    let id = desk.receive(&of_street).await;
    let report = desk.check(id, json!({ "scope": "streets" })).await;
    assert_eq!((&report["vanishing"]["count"], &report["vanishing"]["needs_confirmation"]), (&json!(1), &json!(false)));
    assert_eq!(report["vanishing"]["areas"][0]["code"], code_of(&left_out));
    let answer = desk.publish(id).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["changes"]["vanished"]), (201, &json!(1)));
    assert_problem(
        &desk.get(&format!("/api/collections/areas/items/{}", code_of(&left_out))).await,
        410,
        "it has ended",
    );
}

#[tokio::test]
async fn what_is_done_already_or_not_yet_is_a_conflict() {
    let desk = Desk::open();
    let id = desk.receive(&[renamed(NEW_NAME).await]).await;
    let answer = desk.publish(id).await;
    assert_problem(&answer, 404, "not checked");
    assert_eq!(kind_of(&answer), "not-checked");
    desk.check(id, json!({})).await;
    let conflict = |answer: &crate::support::Answer, kind: &str| {
        assert_problem(answer, 409, kind);
        assert_eq!(kind_of(answer), kind);
    };
    conflict(&desk.undo(id).await, "not-published");
    assert_eq!(desk.publish(id).await.status, 201);
    conflict(&desk.publish(id).await, "already-published");
    assert_eq!(desk.undo(id).await.status, 201);
    conflict(&desk.undo(id).await, "not-published");
    assert_eq!(desk.revision().await, 3);
}

#[tokio::test]
async fn of_two_who_publish_at_once_one_is_told_that_it_was_done() {
    let desk = Desk::open();
    let id = desk.checked(&[renamed(NEW_NAME).await]).await;
    let (first, second) = tokio::join!(desk.publish(id), desk.publish(id));
    let (done, late) = if first.status == 201 { (first, second) } else { (second, first) };
    assert_eq!(done.status, 201, "{}", String::from_utf8_lossy(&done.body));
    assert_problem(&late, 409, "the other one");
    assert_eq!(kind_of(&late), "already-published");
    assert_eq!(desk.revision().await, 2);
}

#[tokio::test]
async fn a_delivery_that_says_nothing_new_enters_no_record() {
    let desk = Desk::open();
    let id = desk.checked(&areas(3).await).await;
    let answer = desk.publish(id).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "nothing_new": true })));
    assert_eq!(desk.revision().await, 1);
}

#[tokio::test]
async fn what_a_later_record_changed_cannot_be_taken_back() {
    let desk = Desk::open();
    let area = renamed(NEW_NAME).await;
    let code = code_of(&area).to_owned();
    let id = desk.checked(&[area]).await;
    assert_eq!(desk.publish(id).await.status, 201);
    let later = json!({
        "record": entering()["record"], "seen": { code.as_str(): 2 }, "rename": { "area": code, "name": "又名里(演示)" },
    });
    let entered = desk.post("/api/records", &later).await;
    assert_eq!(entered.status, 201, "{}", String::from_utf8_lossy(&entered.body));
    let answer = desk.undo(id).await;
    assert_problem(&answer, 409, "changed since");
    assert_eq!(kind_of(&answer), "changed");
    assert_eq!(answer.json()["areas"], json!([{ "code": code, "name": "又名里(演示)" }]));
    assert_eq!(name_of(&desk, &code).await, "又名里(演示)");
}

#[tokio::test]
async fn a_record_that_says_too_little_is_a_fault_with_its_place() {
    let desk = Desk::open();
    let id = desk.checked(&[renamed(NEW_NAME).await]).await;
    let with = |member: &str, value: Value| {
        let mut body = entering();
        body["record"][member] = value;
        body
    };
    let mut bodies = vec![
        (json!({}), ""),
        (json!({ "record": {} }), ""),
        (json!({ "record": entering()["record"], "colour": "red" }), ""),
        (json!({ "record": entering()["record"], "confirm_vanishing": -1 }), ""),
        (with("colour", json!("red")), ""),
        (with("dated", json!("1 June")), "/record/dated"),
        (with("dated", json!("-000001-01-01")), "/record/dated"),
        (with("dated", json!("2999-01-01")), "/record/dated"),
        (with("document", json!(" ")), "/record/document"),
        (with("authority", json!("长".repeat(1001))), "/record/authority"),
    ];
    for member in ["document", "authority", "dated"] {
        let mut body = entering();
        body["record"].as_object_mut().unwrap().remove(member);
        bodies.push((body, ""));
    }
    for work in ["publish", "undo"] {
        for (body, place) in &bodies {
            let answer = desk.post(&format!("/api/deliveries/{id}/{work}"), body).await;
            assert_problem(&answer, 422, &body.to_string());
            assert_eq!(
                (kind_of(&answer).as_str(), &answer.json()["faults"][0]["place"]),
                ("faults", &json!(place)),
                "{body}"
            );
        }
    }
    assert_eq!(desk.revision().await, 1);
    let unsigned = with("author", json!(""));
    let answer = desk.post(&format!("/api/deliveries/{id}/publish"), &unsigned).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["record"]["author"]), (201, &json!("test-clerk")));
}
