//! Reconciliation of a delivery: cases that add up, decisions, and what is remembered of them.

use serde_json::{Value, json};

use crate::http_deliveries::{Desk, areas, collection, kind_of};
use crate::support::Answer;

/// An area of the register as another office writes it: its own code, and nothing of what it does not know.
pub(super) fn row(area: &Value, code: &str) -> Value {
    let mut area = area.clone();
    let known = ["name", "street", "address", "management", "manager_name", "households"];
    let told = area["properties"].as_object().unwrap().clone();
    let told: serde_json::Map<String, Value> =
        told.into_iter().filter(|(key, _)| known.contains(&key.as_str())).collect();
    area["properties"] = Value::Object(told);
    area["properties"]["foreign_code"] = json!(code);
    area
}

/// The corners of the first ring.
pub(super) fn ring(area: &mut Value) -> &mut Vec<Value> {
    let geometry = &mut area["geometry"];
    let is_multi = geometry["type"] == "MultiPolygon";
    let polygon = if is_multi { &mut geometry["coordinates"][0][0] } else { &mut geometry["coordinates"][0] };
    polygon.as_array_mut().unwrap()
}

/// West, south, east and north of the first ring.
fn bounds(area: &mut Value) -> [f64; 4] {
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for point in ring(area) {
        let at = [point[0].as_f64().unwrap(), point[1].as_f64().unwrap()];
        bounds = [bounds[0].min(at[0]), bounds[1].min(at[1]), bounds[2].max(at[0]), bounds[3].max(at[1])];
    }
    bounds
}

/// The area squeezed into a part of its width: the shares of it at which it begins and ends.
pub(super) fn part(area: &Value, (from, to): (f64, f64), (code, name): (&str, &str)) -> Value {
    let mut part = area.clone();
    let [west, _, east, _] = bounds(&mut part);
    for point in ring(&mut part) {
        let share = (point[0].as_f64().unwrap() - west) / (east - west);
        point[0] = json!(west + (east - west) * (from + share * (to - from)));
    }
    part["properties"]["name"] = json!(name);
    part["properties"]["foreign_code"] = json!(code);
    part
}

/// A delivery with every kind of case: rows of the first areas of a street, of which some are left out, cut, doubled, called
/// otherwise or drawn otherwise. With it the number of areas of the street.
pub(super) async fn story() -> (Vec<Value>, usize) {
    let all = areas(400).await;
    let street = all[0]["properties"]["street"].clone();
    let own: Vec<&Value> = all.iter().filter(|area| area["properties"]["street"] == street).collect();
    assert!(own.len() > 12, "{}", own.len());
    let mut rows: Vec<Value> = own.iter().enumerate().map(|(at, area)| row(area, &format!("TB-{at}"))).collect();
    // Cut into halves.
    let name = rows[3]["properties"]["name"].as_str().unwrap().to_owned();
    let halves = [((0.0, 0.49), "TB-3-1", "东区"), ((0.51, 1.0), "TB-3-2", "西区")];
    let halves = halves.map(|(span, code, mark)| part(&rows[3], span, (code, &format!("{name}{mark}"))));
    // Drawn otherwise: a fifth is gone.
    rows[2] = part(&rows[2], (0.0, 0.8), ("TB-2", rows[2]["properties"]["name"].as_str().unwrap()));
    rows[1]["properties"]["households"] = json!(9_999);
    let double = {
        let mut double = rows[4].clone();
        double["properties"]["foreign_code"] = json!("TB-4-2");
        double
    };
    rows.splice(3..4, halves);
    rows.push(double);
    // Left out: the area after the one that was cut and doubled.
    let gone = rows.iter().position(|row| row["properties"]["foreign_code"] == "TB-5").unwrap();
    rows.remove(gone);
    (rows, own.len())
}

impl Desk {
    /// The number of a new delivery of the bureau with these rows, checked and reconciled, and the figures.
    pub(super) async fn reconciled(&self, rows: &[Value]) -> (u64, Value) {
        let answer = self.upload("科信局", "a.geojson", &collection(rows)).await;
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        let id = answer.json()["id"].as_u64().unwrap();
        self.check(id, json!({ "scope": "streets" })).await;
        (id, self.run(id).await)
    }

    pub(super) async fn run(&self, id: u64) -> Value {
        let answer = self.post(&format!("/api/deliveries/{id}/reconciliation"), &json!({})).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    pub(super) async fn cases(&self, id: u64, question: &str) -> Vec<Value> {
        let path = format!("/api/deliveries/{id}/reconciliation/cases?limit=2000&{question}");
        self.json(&path).await["cases"].as_array().unwrap().clone()
    }

    pub(super) async fn decide(&self, id: u64, cases: &[&str], verdict: &str) -> Answer {
        let body = json!({ "cases": cases, "verdict": verdict, "reason": "survey", "expected": cases.len() });
        self.post(&format!("/api/deliveries/{id}/decisions"), &body).await
    }
}

pub(super) fn key(case: &Value) -> &str {
    case["key"].as_str().unwrap()
}

/// Counts of a class: cases, areas and rows.
fn counts(figures: &Value, class: &str) -> [u64; 3] {
    let classes = figures["classes"].as_array().unwrap();
    let own = classes.iter().find(|own| own["class"] == class).unwrap();
    ["cases", "ours", "theirs"].map(|member| own[member].as_u64().unwrap())
}

#[tokio::test]
async fn classes_add_up_to_both_sides() {
    let desk = Desk::open();
    let (rows, ours) = story().await;
    let (id, figures) = desk.reconciled(&rows).await;
    assert_eq!((&figures["ours"], &figures["theirs"]), (&json!(ours), &json!(rows.len())), "{figures}");
    assert_eq!(figures["sum"], json!({ "ours": ours, "theirs": rows.len() }), "{figures}");
    assert_eq!(counts(&figures, "split"), [1, 1, 2], "{figures}");
    assert_eq!(counts(&figures, "duplicate"), [1, 0, 1]);
    assert_eq!(counts(&figures, "missing"), [1, 1, 0]);
    assert_eq!(counts(&figures, "redrawn"), [1, 1, 1]);
    assert_eq!(counts(&figures, "new"), [0, 0, 0]);
    assert_eq!(figures["current"], true);
    let cases = desk.cases(id, "").await;
    let total: u64 = figures["states"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(cases.len() as u64, total);
    // The gravest first: a rate changes when an area ends.
    let rank = |case: &Value| {
        ["rate", "street", "area", "attribute", "none"].iter().position(|key| case["consequence"] == *key)
    };
    assert!(cases.windows(2).all(|pair| rank(&pair[0]) <= rank(&pair[1])));
    let open = desk.cases(id, "state=open&class=same").await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(open[0]["conflicts"], json!(["households"]));
    let case = desk.json(&format!("/api/deliveries/{id}/reconciliation/cases/{}", key(&open[0]))).await;
    assert_eq!(case["fields"][0]["theirs"], "9999", "{}", case["fields"]);
    for member in ["ours", "theirs", "neighbours"] {
        assert!(!case["geometry"][member]["features"].as_array().unwrap().is_empty(), "{member}");
    }
    let split = desk.cases(id, "class=split").await;
    let answer = desk.json(&format!("/api/deliveries/{id}/reconciliation/cases/{}", key(&split[0]))).await;
    assert_eq!(answer["geometry"]["theirs"]["features"].as_array().unwrap().len(), 2);
    assert_eq!(desk.cases(id, "class=duplicate").await[0]["ours"].as_array().unwrap().len(), 1, "what it repeats");
}

#[tokio::test]
async fn a_decision_is_taken_back_and_remembered_while_neither_side_changes() {
    let desk = Desk::open();
    let (rows, _) = story().await;
    let (id, figures) = desk.reconciled(&rows).await;
    let open = desk.cases(id, "state=open").await;
    let several: Vec<&str> = open.iter().map(key).collect();
    let refused = desk.decide(id, &several, "keep").await;
    assert_eq!((refused.status.as_u16(), kind_of(&refused)), (409, "not-in-bulk".to_owned()));
    let first = several[0];
    let body = json!({ "cases": [first], "verdict": "keep", "reason": "survey", "expected": 2 });
    let refused = desk.post(&format!("/api/deliveries/{id}/decisions"), &body).await;
    assert_eq!(kind_of(&refused), "count");
    for case in &several {
        let answer = desk.decide(id, &[case], "keep").await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.json()["decided"][0]["state"], "decided");
    }
    assert_eq!(desk.cases(id, "state=open").await.len(), 0);
    let undo = desk.post(&format!("/api/deliveries/{id}/decisions/undo"), &json!({ "case": first })).await;
    assert_eq!((undo.status.as_u16(), &undo.json()["state"]), (200, &json!("open")));
    let again = desk.post(&format!("/api/deliveries/{id}/decisions/undo"), &json!({ "case": first })).await;
    assert_eq!(kind_of(&again), "not-decided");

    // The next delivery is asked nothing twice, in whatever order its rows come.
    let mut next = rows.clone();
    next.reverse();
    next[0]["properties"]["remark"] = json!("二次报送");
    let (later, told) = desk.reconciled(&next).await;
    assert_eq!(told["states"]["open"], 1, "{told}");
    assert_eq!(told["states"]["remembered"], json!(several.len() - 1));
    assert_eq!(told["states"]["settled"], figures["states"]["settled"]);
    let remembered = desk.cases(later, "state=remembered").await;
    assert_eq!(remembered[0]["decision"]["replayed"], true);
    // A row that says something else is asked again, and what was kept before is not.
    let at = next.iter().position(|row| row["properties"]["foreign_code"] == "TB-1").unwrap();
    next[at]["properties"]["households"] = json!(8_888);
    let (_, told) = desk.reconciled(&next).await;
    assert_eq!(told["states"]["open"], 2, "{told}");
    next[at]["properties"]["households"] = json!(9_999);
    next[at]["properties"]["built_year"] = json!(1987);
    let (_, told) = desk.reconciled(&next).await;
    assert_eq!(
        (&told["states"]["open"], &told["states"]["settled"]),
        (&json!(1), &json!(figures["states"]["settled"].as_u64().unwrap() + 1))
    );
}

#[tokio::test]
async fn nothing_is_told_before_the_first_run() {
    let desk = Desk::open();
    let id = desk.checked(&areas(2).await).await;
    let answer = desk.get(&format!("/api/deliveries/{id}/reconciliation")).await;
    assert_eq!((answer.status.as_u16(), kind_of(&answer)), (409, "not-reconciled".to_owned()));
    let figures = desk.run(id).await;
    assert_eq!((&figures["ours"], &figures["theirs"]), (&json!(2), &json!(2)), "only what is listed is in scope");
    assert_eq!(figures["states"]["settled"], 2, "the register's own rows: {figures}");
}

#[tokio::test]
async fn a_street_is_given_to_somebody_for_this_delivery_and_the_next() {
    let desk = Desk::open();
    let (rows, _) = story().await;
    let (id, _) = desk.reconciled(&rows).await;
    let path = format!("/api/deliveries/{id}/owners");
    let open = desk.cases(id, "state=open").await;
    let street = open[0]["ours"][0]["street"].as_str().unwrap();
    let answer = desk.post(&path, &json!({ "street": street, "name": " 甲某 " })).await;
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let told = answer.json();
    assert_eq!(told["summary"]["owners"], json!([{ "name": "甲某", "open": open.len() }]));
    let given = told["summary"]["streets"].as_array().unwrap().iter().find(|one| one["code"] == street).cloned();
    assert_eq!(given.unwrap()["owner"], "甲某");
    assert_eq!(desk.cases(id, "state=open&owner=%E7%94%B2%E6%9F%90").await, desk.cases(id, "state=open").await);
    // Whoever decides answers for it from then on.
    assert_eq!(desk.decide(id, &[key(&open[0])], "keep").await.status, 200);
    let decided = desk.json(&format!("/api/deliveries/{id}/reconciliation/cases/{}", key(&open[0]))).await;
    assert_ne!(decided["owner"], "甲某");

    for (body, place) in [
        (json!({ "street": "110105999", "name": "甲某" }), "/street"),
        (json!({ "street": "none", "name": "甲某" }), "/street"),
        (json!({ "street": street, "name": " " }), "/name"),
        (json!({ "street": street, "name": "甲".repeat(41) }), "/name"),
    ] {
        let refused = desk.post(&path, &body).await;
        assert_eq!((refused.status.as_u16(), &refused.json()["faults"][0]["place"]), (422, &json!(place)), "{body}");
    }
    let mut next = rows.clone();
    next[0]["properties"]["households"] = json!(7_777);
    let (later, figures) = desk.reconciled(&next).await;
    assert_eq!(figures["owners"][0]["name"], "甲某");
    let nobody = desk.post(&format!("/api/deliveries/{later}/owners"), &json!({ "street": street })).await.json();
    assert_eq!(nobody["summary"]["owners"], json!([]));
}
