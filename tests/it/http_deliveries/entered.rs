//! What was decided on a delivery enters the register as one record, as the preview says, and case by case back again.

use std::sync::Arc;

use axum::body::Body;
use onemap::store::Store as _;
use onemap::store::memory::Memory;
use serde_json::{Value, json};

use crate::http_deliveries::reconciled::{key, part, ring, row, story};
use crate::http_deliveries::{DAY, Desk, FORMULA, areas, collection, entering, kind_of};
use crate::support::story::{copy_of_demo, copy_of_demo_with, serve};
use crate::support::{Who, request, send};

pub(super) fn text(answer: &crate::support::Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

impl Desk {
    pub(super) fn on(store: Arc<Memory>) -> Self {
        Self(serve(store, Who::Clerk).1)
    }

    /// Accepts every open case, and answers every task.
    async fn accept_all(&self, id: u64) {
        for case in self.cases(id, "state=open").await {
            let answer = self.decide(id, &[key(&case)], "accept").await;
            assert_eq!(answer.status, 200, "{}: {}", case["class"], text(&answer));
            if !answer.json()["decided"][0]["task"].is_null() {
                let task = json!({ "case": key(&case), "answer": "still_valid", "name": "甲某", "dated": DAY });
                let answer = self.post(&format!("/api/deliveries/{id}/tasks"), &task).await;
                assert_eq!(
                    (answer.status.as_u16(), &answer.json()["case"]["task"]["state"]),
                    (200, &json!("answered"))
                );
            }
        }
    }

    /// Answers every open task: the committee still works for its area.
    pub(super) async fn answer_tasks(&self, id: u64) {
        for case in self.cases(id, "state=decided").await.iter().filter(|case| !case["task"].is_null()) {
            let task = json!({ "case": key(case), "answer": "still_valid", "name": "甲某", "dated": DAY });
            assert_eq!(self.post(&format!("/api/deliveries/{id}/tasks"), &task).await.status, 200);
        }
    }

    pub(super) async fn enter(&self, id: u64, more: &Value) -> crate::support::Answer {
        let mut body = entering();
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post(&format!("/api/deliveries/{id}/reconciliation/publish"), &body).await
    }

    pub(super) async fn rates(&self) -> Vec<(Value, Value, Value)> {
        counts(&self.json(&format!("/api/rates?datetime={DAY}")).await["rates"])
    }
}

/// Id, numerator and denominator of each rate.
pub(super) fn counts(rates: &Value) -> Vec<(Value, Value, Value)> {
    let members = |rate: &Value| (rate["id"].clone(), rate["numerator"].clone(), rate["denominator"].clone());
    rates.as_array().unwrap().iter().map(members).collect()
}

#[tokio::test]
async fn publishing_does_what_the_preview_says_and_a_case_is_taken_back() {
    let desk = Desk::open();
    let (rows, _) = story().await;
    let (id, _) = desk.reconciled(&rows).await;
    let refused = desk.enter(id, &json!({})).await;
    assert_eq!((refused.status.as_u16(), kind_of(&refused)), (409, "undecided".to_owned()));
    let before = desk.rates().await;
    desk.accept_all(id).await;
    let preview = desk.json(&format!("/api/deliveries/{id}/preview")).await;
    assert_eq!(counts(&preview["rates"]["before"]), before);
    assert_eq!(preview["publishable"], true, "{}", preview["obstacles"]);
    assert_eq!(
        (&preview["counts"]["ended"], &preview["counts"]["begun"]),
        (&json!(2), &json!(2)),
        "{}",
        preview["counts"]
    );
    assert_ne!(preview["rates"]["before"], preview["rates"]["after"]);
    let split = desk.cases(id, "class=split").await.remove(0);
    let old = split["ours"][0]["code"].as_str().unwrap().to_owned();
    let whys: Vec<&Value> = preview["moved"].as_array().unwrap().iter().map(|area| &area["why"]).collect();
    assert!(whys.contains(&&json!("ended")) && whys.contains(&&json!("begun")), "{whys:?}");

    let exported = desk.exported().await;
    let answer = desk.enter(id, &json!({ "confirm_vanishing": 1 })).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    assert_eq!(answer.json()["published"], preview["counts"]);
    assert_eq!(desk.rates().await, counts(&preview["rates"]["after"]), "the preview is what is entered");
    for street in preview["streets"].as_array().unwrap() {
        let code = street["code"].as_str().unwrap();
        let told = desk.json(&format!("/api/rates?datetime={DAY}&street={code}")).await;
        assert_eq!(counts(&told["rates"]), counts(&street["after"]));
    }
    assert_eq!(desk.get(&format!("/api/collections/areas/items/{old}")).await.status, 410);
    let lineage = desk.json(&format!("/api/areas/{old}/lineage")).await;
    assert_eq!(lineage["edges"].as_array().unwrap().len(), 2, "{lineage}");
    let again = desk.enter(id, &json!({})).await;
    assert_eq!(kind_of(&again), "already-published");

    // One case back; the others stay.
    let mut undo = entering();
    undo["case"] = split["key"].clone();
    let path = format!("/api/deliveries/{id}/decisions/undo");
    let answer = desk.post(&path, &undo).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    let of = |exported: &Value| {
        let features = exported["features"].as_array().unwrap();
        features.iter().find(|area| area["properties"]["code"] == *old).cloned()
    };
    let after = desk.exported().await;
    assert_eq!(of(&after), of(&exported), "it is as it was");
    assert_eq!(after["features"].as_array().unwrap().len(), exported["features"].as_array().unwrap().len() - 1);
    let again = desk.post(&path, &undo).await;
    assert_eq!(kind_of(&again), "not-decided");

    // What a later record changed is not taken back.
    let redrawn = desk.cases(id, "class=redrawn").await.remove(0);
    let code = redrawn["ours"][0]["code"].as_str().unwrap();
    let seen = desk.revision().await;
    let mut rename = json!({ "record": entering()["record"], "seen": { code: seen } });
    rename["rename"] = json!({ "area": code, "name": "又改名里" });
    rename["effective"] = json!("2023-07-01");
    let renamed = desk.post("/api/records", &rename).await;
    assert_eq!(renamed.status, 201, "{}", text(&renamed));
    undo["case"] = redrawn["key"].clone();
    let refused = desk.post(&path, &undo).await;
    assert_eq!((refused.status.as_u16(), kind_of(&refused)), (409, "changed-since".to_owned()));
}

#[tokio::test]
async fn a_committee_whose_boundary_changes_is_asked_about() {
    let desk = Desk::open();
    let (rows, _) = story().await;
    let (id, _) = desk.reconciled(&rows).await;
    for case in desk.cases(id, "state=open").await {
        assert_eq!(desk.decide(id, &[key(&case)], "keep").await.status, 200);
    }
    let mut asked = 0;
    for class in ["redrawn", "split", "missing"] {
        let case = desk.cases(id, &format!("class={class}")).await.remove(0);
        let answer = desk.decide(id, &[key(&case)], "accept").await.json();
        let area =
            desk.json(&format!("/api/collections/areas/items/{}", case["ours"][0]["code"].as_str().unwrap())).await;
        let has = area["properties"]["committees"].as_array().is_some_and(|all| !all.is_empty());
        assert_eq!(!answer["decided"][0]["task"].is_null(), has, "{class}: {area}");
        asked += usize::from(has);
        if has {
            let refused = desk.enter(id, &json!({ "confirm_vanishing": 1 })).await;
            assert_eq!(kind_of(&refused), "committee-tasks", "{}", text(&refused));
            let mut task = json!({ "case": key(&case), "answer": "deferred", "name": "甲某", "dated": DAY });
            let path = format!("/api/deliveries/{id}/tasks");
            assert_eq!(desk.post(&path, &task).await.status, 422, "until when");
            task["until"] = json!("2023-08-01");
            assert_eq!(desk.post(&path, &task).await.status, 200);
        }
    }
    assert!(asked > 0, "an area of the story has a committee");
    let tasks = String::from_utf8(desk.get(&format!("/api/deliveries/{id}/handback?part=tasks")).await.body).unwrap();
    assert_eq!(tasks.matches("请确认业委会").count(), asked, "{tasks}");
    assert!(tasks.contains("甲某 2023-08-01"));
    assert_eq!(desk.enter(id, &json!({ "confirm_vanishing": 1 })).await.status, 201);
}

/// A store with everything that another one hands out.
pub(super) fn copy(store: &Memory) -> Arc<Memory> {
    let copy = Arc::new(Memory::new());
    let mut rows = Vec::new();
    let collect = &mut |row| {
        rows.push(Ok(row));
        Ok(())
    };
    store.export(collect).unwrap();
    copy.import(&mut rows.into_iter()).unwrap();
    copy
}

#[tokio::test]
async fn remembered_decisions_make_the_same_register() {
    let store = copy_of_demo();
    let desk = Desk::on(Arc::clone(&store));
    let (rows, _) = story().await;
    let (id, figures) = desk.reconciled(&rows).await;
    desk.accept_all(id).await;
    let other = Desk::on(copy(&store));
    assert_eq!(desk.enter(id, &json!({ "confirm_vanishing": 1 })).await.status, 201);

    let mut next = rows.clone();
    next.reverse();
    let (later, told) = other.reconciled(&next).await;
    assert_eq!((&told["states"]["open"], &told["states"]["decided"]), (&json!(0), &json!(0)), "{told}");
    assert_eq!(told["states"]["remembered"], figures["states"]["open"]);
    let answer = other.enter(later, &json!({ "confirm_vanishing": 1 })).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    assert!(other.exported().await == desk.exported().await, "the registers differ");
    // And once more on what is entered: nothing is left to ask but what was never entered.
    let (last, told) = desk.reconciled(&next).await;
    assert_eq!(told["states"]["open"], told["classes"][5]["open"], "only the copy, whose area is another now: {told}");
    assert_eq!(desk.cases(last, "class=split").await.len(), 0);
}

#[tokio::test]
async fn rows_go_back_with_what_was_decided_and_no_formula() {
    let desk = Desk::open();
    let (mut rows, _) = story().await;
    rows[0]["properties"]["foreign_code"] = json!(FORMULA);
    let (id, _) = desk.reconciled(&rows).await;
    let split = desk.cases(id, "class=split").await.remove(0);
    assert_eq!(desk.decide(id, &[key(&split)], "both_wrong").await.status, 200);
    let answer = desk.get(&format!("/api/deliveries/{id}/handback?f=csv&part=rows")).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(answer.body.starts_with("\u{feff}文件".as_bytes()));
    let table = text(&answer);
    assert_eq!(table.lines().count(), rows.len() + 1);
    assert!(table.contains(&format!("'{FORMULA}")) && !table.contains(&format!(",{FORMULA}")));
    assert_eq!(table.matches("双方有误").count(), 2, "both halves");
    assert!(table.contains("TB-3-1") && table.contains("feature 4"));
    let tasks = text(&desk.get(&format!("/api/deliveries/{id}/handback?part=tasks")).await);
    for what in ["双方有误，请核实", "登记在册而未报送", "重复记录"] {
        assert_eq!(tasks.matches(what).count(), 1, "{what}: {tasks}");
    }
    let book = desk.get(&format!("/api/deliveries/{id}/handback?f=xlsx")).await;
    assert_eq!(&book.body[..2], b"PK");
    assert_eq!(desk.get(&format!("/api/deliveries/{id}/handback?part=none")).await.status, 400);
}

/// Carries every position to the east, degrees.
fn carry(coordinates: &mut Value, by: f64) {
    let list = coordinates.as_array_mut().unwrap();
    match list[0].as_f64() {
        Some(lng) => list[0] = json!(lng + by),
        None => list.iter_mut().for_each(|inner| carry(inner, by)),
    }
}

#[tokio::test]
async fn an_outline_is_entered_where_it_belongs_and_the_record_says_so() {
    let desk = Desk::open();
    let (mut rows, _) = story().await;
    let expected = rows.iter().find(|row| row["properties"]["foreign_code"] == "TB-2").cloned().unwrap();
    // About 34 m to the east.
    rows.iter_mut().for_each(|row| carry(&mut row["geometry"]["coordinates"], 0.0004));
    let (id, figures) = desk.reconciled(&rows).await;
    assert_eq!(figures["sum"]["theirs"], rows.len());
    for case in desk.cases(id, "state=open").await {
        assert_eq!(desk.decide(id, &[key(&case)], "keep").await.status, 200);
    }
    let redrawn = desk.cases(id, "class=redrawn").await;
    assert_eq!(redrawn.len(), 1, "{figures}");
    let redrawn = &redrawn[0];
    let body = json!({
        "cases": [key(redrawn)], "verdict": "fields", "fields": { "boundary": "theirs" }, "reason": "survey",
    });
    let answer = desk.post(&format!("/api/deliveries/{id}/decisions"), &body).await;
    assert_eq!(answer.status, 200, "{}", text(&answer));
    if !answer.json()["decided"][0]["task"].is_null() {
        let task = json!({ "case": key(redrawn), "answer": "adjusted", "name": "甲某", "dated": DAY });
        assert_eq!(desk.post(&format!("/api/deliveries/{id}/tasks"), &task).await.status, 200);
    }
    let answer = desk.enter(id, &json!({})).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    let record = desk.json("/api/records/2").await;
    assert!(record["note"].as_str().unwrap().contains("更正"), "{record}");
    let code = redrawn["ours"][0]["code"].as_str().unwrap();
    let mut entered = desk.json(&format!("/api/collections/areas/items/{code}")).await;
    let mut expected = expected;
    let west = |area: &mut Value| ring(area).iter().map(|at| at[0].as_f64().unwrap()).fold(f64::INFINITY, f64::min);
    let off_deg = (west(&mut entered) - west(&mut expected)).abs();
    assert!(off_deg < 2e-5, "{off_deg} degrees from where it belongs, of 4e-4 that it was delivered off");
}

#[tokio::test]
async fn areas_that_were_cut_anew_end_with_the_new_ones_as_successors() {
    let desk = Desk::open();
    let own = areas(20).await;
    let anew = |span: (f64, f64), code: &str, name: &str| {
        let halves = own[..2].iter().map(|area| part(area, span, (code, name)));
        let outlines: Vec<Value> = halves.map(|mut half| json!([ring(&mut half)])).collect();
        let mut whole = row(&own[0], code);
        whole["properties"]["name"] = json!(name);
        whole["geometry"] = json!({ "type": "MultiPolygon", "coordinates": outlines });
        whole
    };
    let cut = [anew((0.0, 0.49), "TB-1", "新西里(演示)"), anew((0.51, 1.0), "TB-2", "新东里(演示)")];
    let rows: Vec<Value> = own[2..].iter().enumerate().map(|(at, area)| row(area, &format!("TC-{at}"))).collect();
    let (id, figures) = desk.reconciled(&[&cut, &rows[..]].concat()).await;
    let recut = desk.cases(id, "class=recut").await;
    assert_eq!(recut.len(), 1, "{figures}");
    assert_eq!(desk.decide(id, &[key(&recut[0])], "accept").await.status, 200);
    let task = json!({ "case": key(&recut[0]), "answer": "adjusted", "name": "甲某", "dated": DAY });
    desk.post(&format!("/api/deliveries/{id}/tasks"), &task).await;
    let answer = desk.enter(id, &json!({ "leave_undecided": true })).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    assert_eq!((&answer.json()["published"]["ended"], &answer.json()["published"]["begun"]), (&json!(2), &json!(2)));
    for area in &own[..2] {
        let code = area["properties"]["code"].as_str().unwrap();
        assert_eq!(desk.get(&format!("/api/collections/areas/items/{code}")).await.status, 410);
        let lineage = desk.json(&format!("/api/areas/{code}/lineage")).await;
        assert_eq!(lineage["edges"].as_array().unwrap().len(), 4, "each old one became both new ones: {lineage}");
    }
}

#[tokio::test]
async fn two_areas_that_became_one_end_with_one_successor() {
    let desk = Desk::open();
    let own = areas(2).await;
    let part = |area: &Value| {
        let geometry = &area["geometry"];
        if geometry["type"] == "MultiPolygon" {
            geometry["coordinates"][0].clone()
        } else {
            geometry["coordinates"].clone()
        }
    };
    let mut whole = row(&own[0], "TB-1");
    whole["properties"]["name"] = json!("合并里(演示)");
    whole["geometry"] = json!({ "type": "MultiPolygon", "coordinates": [part(&own[0]), part(&own[1])] });
    let rows: Vec<Value> =
        areas(20).await[2..].iter().enumerate().map(|(at, area)| row(area, &format!("TC-{at}"))).collect();
    let (id, figures) = desk.reconciled(&[&[whole], &rows[..]].concat()).await;
    let merge = desk.cases(id, "class=merge").await;
    assert_eq!(merge.len(), 1, "{figures}");
    assert_eq!(desk.decide(id, &[key(&merge[0])], "accept").await.status, 200);
    let case = desk.json(&format!("/api/deliveries/{id}/reconciliation/cases/{}", key(&merge[0]))).await;
    let task = json!({ "case": key(&merge[0]), "answer": "still_valid", "name": "甲某", "dated": DAY });
    desk.post(&format!("/api/deliveries/{id}/tasks"), &task).await;
    let preview = desk.json(&format!("/api/deliveries/{id}/preview")).await;
    assert_eq!((&preview["counts"]["ended"], &preview["counts"]["begun"]), (&json!(2), &json!(1)));
    let answer = desk.enter(id, &json!({ "leave_undecided": true })).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    assert_eq!(desk.rates().await, counts(&preview["rates"]["after"]));
    for rate in case["effect"]["rates"].as_array().unwrap() {
        let after = desk.rates().await.into_iter().find(|told| told.0 == rate["id"]).unwrap();
        assert_eq!(
            (&after.1, &after.2),
            (&rate["after"][0], &rate["after"][1]),
            "the effect of the one case that was accepted"
        );
    }
    let lineage = desk.json(&format!("/api/areas/{}/lineage", own[0]["properties"]["code"].as_str().unwrap())).await;
    assert_eq!(lineage["edges"].as_array().unwrap().len(), 2, "{lineage}");
}

#[tokio::test]
async fn without_a_day_of_its_own_a_delivery_is_entered_on_the_day_that_the_preview_tells() {
    let desk = Desk::open();
    let (rows, _) = story().await;
    let answer = desk.upload("科信局", "a.geojson", &collection(&rows)).await;
    let id = answer.json()["id"].as_u64().unwrap();
    let body = json!({ "scope": "streets" }).to_string();
    let check = request("POST", &format!("/api/deliveries/{id}/check")).header("content-type", "application/json");
    assert_eq!(send(&desk.0, check.body(Body::from(body)).unwrap()).await.status, 200);
    desk.run(id).await;
    desk.accept_all(id).await;
    let preview = desk.json(&format!("/api/deliveries/{id}/preview")).await;
    assert_ne!(preview["effective"], DAY);
    let answer = desk.enter(id, &json!({ "confirm_vanishing": 1 })).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    assert_eq!(answer.json()["published"], preview["counts"]);
    let day = preview["effective"].as_str().unwrap();
    let after = counts(&desk.json(&format!("/api/rates?datetime={day}")).await["rates"]);
    assert_eq!(after, counts(&preview["rates"]["after"]));
    // Told again, and taken back, as of the same day.
    let split = desk.cases(id, "class=split").await.remove(0);
    assert_eq!(split["state"], "decided");
    let mut undo = entering();
    undo["case"] = split["key"].clone();
    let answer = desk.post(&format!("/api/deliveries/{id}/decisions/undo"), &undo).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    let split = desk.json(&format!("/api/deliveries/{id}/reconciliation/cases/{}", key(&split))).await;
    assert_eq!((&split["state"], &split["decision"]), (&json!("open"), &json!(null)));
}

#[tokio::test]
async fn what_the_register_lacks_is_filled_in_at_once() {
    let desk = Desk::on(copy_of_demo_with(|area| area.attributes.building_count = None));
    let own = areas(20).await;
    let mut rows: Vec<Value> = own.iter().enumerate().map(|(at, area)| row(area, &format!("TB-{at}"))).collect();
    for row in &mut rows[..3] {
        row["properties"]["building_count"] = json!(17);
    }
    let lacking = 3;
    let (id, figures) = desk.reconciled(&rows).await;
    assert_eq!(figures["bulk"]["fills"], lacking, "{figures}");
    let path = format!("/api/deliveries/{id}/decisions");
    let mut body = json!({ "bulk": "fills", "verdict": "keep", "reason": "better_source", "expected": lacking });
    assert_eq!(desk.post(&path, &body).await.status, 422, "there is nothing to keep");
    body["verdict"] = json!("accept");
    let answer = desk.post(&path, &body).await;
    assert_eq!((answer.status.as_u16(), answer.json()["decided"].as_array().unwrap().len()), (200, lacking));
    let rows = text(&desk.get(&format!("/api/deliveries/{id}/handback?f=csv&part=rows")).await);
    assert_eq!(rows.lines().filter(|line| line.contains("楼栋数,,17,")).count(), lacking, "{rows}");
    let answer = desk.enter(id, &json!({ "leave_undecided": true })).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    let code = own[0]["properties"]["code"].as_str().unwrap();
    let area = desk.json(&format!("/api/collections/areas/items/{code}")).await;
    assert_eq!(area["properties"]["building_count"], 17);
}
