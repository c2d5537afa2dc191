//! How long decisions hold, what they are made on, and what is taken back after the publication.

use serde_json::{Value, json};

use crate::http_deliveries::entered::text;
use crate::http_deliveries::reconciled::{key, part, row, story};
use crate::http_deliveries::{DAY, Desk, areas, entering, kind_of};
use crate::support::Answer;

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), kind_of(answer))
}

impl Desk {
    async fn case(&self, id: u64, key: &str) -> Value {
        self.json(&format!("/api/deliveries/{id}/reconciliation/cases/{key}")).await
    }

    async fn undo_decision(&self, id: u64, key: &str) -> Answer {
        self.post(&format!("/api/deliveries/{id}/decisions/undo"), &json!({ "case": key })).await
    }

    async fn answer_task(&self, id: u64, task: &Value) -> Answer {
        self.post(&format!("/api/deliveries/{id}/tasks"), task).await
    }
}

#[tokio::test]
async fn quasi_property_without_a_kind_leaves_the_kind() {
    let desk = Desk::open();
    let all = areas(1_637).await;
    let quasi = all.iter().find(|area| area["properties"]["management"] == "quasi_property").unwrap();
    let (id, _) = desk.reconciled(&[row(quasi, "TB-1"), row(&all[0], "TB-0")]).await;
    let code = &quasi["properties"]["code"];
    let cases = desk.cases(id, &format!("q={}", code.as_str().unwrap())).await;
    assert_eq!((cases.len(), &cases[0]["state"]), (1, &json!("settled")), "{cases:?}");
    assert_eq!(cases[0]["minor"], json!([]));
}

#[tokio::test]
async fn small_differences_are_told_and_entered_at_once_when_they_are_wanted() {
    let desk = Desk::open();
    let own = areas(400).await;
    let area = own.iter().find(|area| area["properties"]["households"].as_u64().is_some_and(|count| count > 200));
    let area = area.unwrap();
    let more = area["properties"]["households"].as_u64().unwrap() * 11 / 10;
    let mut told = row(area, "TB-1");
    told["properties"]["households"] = json!(more);
    let other = own.iter().find(|other| other["properties"]["code"] != area["properties"]["code"]).unwrap();
    let mut moved = row(other, "TB-2");
    moved["properties"]["address"] = json!("北京市朝阳区别处路9号");
    let (id, figures) = desk.reconciled(&[told, moved]).await;
    let [minor, fills, differing] = ["minor", "fills", "differing"].map(|count| figures["bulk"][count].as_u64());
    assert_eq!((minor, fills, differing), (Some(1), Some(0), Some(2)), "an address is no small difference: {figures}");
    let code = area["properties"]["code"].as_str().unwrap();
    let case = desk.cases(id, &format!("q={code}")).await.remove(0);
    assert_eq!((&case["state"], &case["minor"]), (&json!("settled"), &json!(["households"])), "{case}");
    let bulk = |verdict: &str, expected: u64| json!({ "bulk": "minor", "verdict": verdict, "reason": "better_source", "expected": expected });
    let decisions = format!("/api/deliveries/{id}/decisions");
    assert_eq!(refusal(&desk.post(&decisions, &bulk("keep", 1)).await), (422, "faults".to_owned()));
    assert_eq!(refusal(&desk.post(&decisions, &bulk("accept", 2)).await), (409, "count".to_owned()));
    assert_eq!(desk.post(&decisions, &bulk("accept", 1)).await.status, 200);
    let answer = desk.enter(id, &json!({ "leave_undecided": true })).await;
    assert_eq!(answer.status, 201, "{}", text(&answer));
    let entered = desk.json(&format!("/api/collections/areas/items/{code}?datetime={DAY}")).await;
    assert_eq!(entered["properties"]["households"], more, "{entered}");
}

#[tokio::test]
async fn a_decision_that_was_entered_is_asked_again_once_the_register_was_put_back() {
    let desk = Desk::open();
    let (rows, _) = story().await;
    let (id, _) = desk.reconciled(&rows).await;
    let redrawn = desk.cases(id, "class=redrawn").await.remove(0);
    let split = desk.cases(id, "class=split").await.remove(0);
    assert_eq!(desk.decide(id, &[key(&redrawn)], "accept").await.status, 200);
    assert_eq!(desk.decide(id, &[key(&split)], "keep").await.status, 200);
    desk.answer_tasks(id).await;
    assert_eq!(desk.enter(id, &json!({ "leave_undecided": true })).await.status, 201);
    assert_eq!(desk.case(id, key(&redrawn)).await["decision"]["entered"], true);
    assert_eq!(desk.case(id, key(&split)).await["decision"]["entered"], false);
    assert_eq!(desk.undo(id).await.status, 201);

    // The same delivery is to be published again: what was said of it stands, and is not in the register any more.
    desk.run(id).await;
    let again = desk.case(id, key(&redrawn)).await;
    assert_eq!((&again["state"], &again["decision"]["entered"]), (&json!("decided"), &json!(false)));
    // Another one says what was entered and put back: somebody has to decide whether it is entered again.
    let mut next = rows.clone();
    next[0]["properties"]["note"] = json!("next month");
    let (next, _) = desk.reconciled(&next).await;
    let again = desk.case(next, key(&redrawn)).await;
    assert_eq!((&again["state"], &again["decision"]), (&json!("open"), &Value::Null), "somebody put it back");
    assert_eq!(desk.case(next, key(&split)).await["state"], "remembered", "what was kept stays kept");
}

#[tokio::test]
async fn after_the_publication_what_entered_nothing_is_taken_back_and_tasks_are_answered() {
    let desk = Desk::open();
    let (rows, _) = story().await;
    let (id, _) = desk.reconciled(&rows).await;
    let [redrawn, split] =
        [desk.cases(id, "class=redrawn").await.remove(0), desk.cases(id, "class=split").await.remove(0)];
    assert_eq!(desk.decide(id, &[key(&redrawn)], "accept").await.status, 200);
    assert_eq!(desk.decide(id, &[key(&split)], "both_wrong").await.status, 200);
    let mut task =
        json!({ "case": key(&redrawn), "answer": "deferred", "name": "甲某", "dated": DAY, "until": "2023-08-01" });
    assert_eq!(desk.answer_task(id, &task).await.status, 200);
    assert_eq!(desk.enter(id, &json!({ "leave_undecided": true })).await.status, 201);

    let figures = desk.json(&format!("/api/deliveries/{id}/reconciliation")).await;
    assert_eq!((&figures["deferred_tasks"], &figures["deferred_until"]), (&json!(1), &json!("2023-08-01")));
    assert_eq!(desk.cases(id, "task=deferred").await.len(), 1);
    task["answer"] = json!("adjusted");
    task["until"] = Value::Null;
    let answer = desk.answer_task(id, &task).await;
    assert_eq!(answer.status, 200, "{}", text(&answer));
    assert_eq!(desk.cases(id, "task=deferred").await.len(), 0);

    let answer = desk.undo_decision(id, key(&redrawn)).await;
    assert_eq!(refusal(&answer), (422, "faults".to_owned()), "a record takes back what is in the register");
    assert_eq!(desk.undo_decision(id, key(&split)).await.status, 200);
    assert_eq!(desk.case(id, key(&split)).await["decision"], Value::Null);
}

#[tokio::test]
async fn a_delivery_whose_cases_were_decided_on_is_not_published_as_a_whole() {
    let desk = Desk::open();
    let mut changed = row(&areas(1).await[0], "TB-0");
    changed["properties"]["households"] = json!(9_999);
    let (id, _) = desk.reconciled(&[changed]).await;
    let case = desk.cases(id, "state=open&class=same").await.remove(0);
    assert_eq!(desk.decide(id, &[key(&case)], "keep").await.status, 200);
    assert_eq!(refusal(&desk.publish(id).await), (409, "decided".to_owned()));
    assert_eq!(desk.undo_decision(id, key(&case)).await.status, 200);
    let answer = desk.publish(id).await;
    assert_eq!(refusal(&answer), (409, "vanishing".to_owned()), "the street has other areas: {}", text(&answer));
}

#[tokio::test]
async fn nobody_decides_or_publishes_on_what_is_not_so_any_more() {
    let desk = Desk::open();
    let (rows, _) = story().await;
    let (id, _) = desk.reconciled(&rows).await;
    let [redrawn, copy] =
        [desk.cases(id, "class=redrawn").await.remove(0), desk.cases(id, "class=duplicate").await.remove(0)];
    let decide = |seen: Value| json!({ "cases": [key(&redrawn)], "verdict": "keep", "reason": "survey", "seen": { key(&redrawn): seen } });
    let decisions = format!("/api/deliveries/{id}/decisions");
    assert_eq!(desk.post(&decisions, &decide(Value::Null)).await.status, 200);
    let answer = desk.post(&decisions, &decide(Value::Null)).await;
    assert_eq!(refusal(&answer), (409, "decided-meanwhile".to_owned()));
    let at = desk.case(id, key(&redrawn)).await["decision"]["at"].clone();
    assert_eq!(answer.json()["at"], at);
    assert_eq!(refusal(&desk.post(&decisions, &decide(json!("yesterday"))).await), (422, "faults".to_owned()));
    assert_eq!(desk.post(&decisions, &decide(at)).await.status, 200);

    let digest = desk.json(&format!("/api/deliveries/{id}/preview")).await["digest"].clone();
    assert_eq!(desk.decide(id, &[key(&copy)], "accept").await.status, 200);
    let publishing = json!({ "leave_undecided": true, "preview": digest });
    assert_eq!(refusal(&desk.enter(id, &publishing).await), (409, "preview-outdated".to_owned()));
    let digest = desk.json(&format!("/api/deliveries/{id}/preview")).await["digest"].clone();
    let answer = desk.enter(id, &json!({ "leave_undecided": true, "preview": digest })).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["nothing_new"]), (200, &json!(true)), "{}", text(&answer));
}

#[tokio::test]
async fn what_keeps_an_accepted_case_out_is_named() {
    let desk = Desk::open();
    let own = areas(400).await;
    let name = own[0]["properties"]["name"].as_str().unwrap();
    // A fifth wider, over whatever lies beside it.
    let wide = part(&row(&own[0], "TB-0"), (0.0, 1.2), ("TB-0", name));
    let (id, figures) = desk.reconciled(&[wide]).await;
    let redrawn = desk.cases(id, "class=redrawn").await;
    assert_eq!(redrawn.len(), 1, "{figures}");
    assert_eq!(desk.decide(id, &[key(&redrawn[0])], "accept").await.status, 200);
    desk.answer_tasks(id).await;
    let preview = desk.json(&format!("/api/deliveries/{id}/preview")).await;
    let blocked = preview["blocked"].as_array().unwrap();
    assert!(!blocked.is_empty() && blocked.iter().all(|one| one["case"] == redrawn[0]["key"]), "{preview}");
    assert!(blocked[0]["what"]["zh-CN"].as_str().unwrap().contains("重叠"), "{blocked:?}");
    let mut body = entering();
    body["leave_undecided"] = json!(true);
    let answer = desk.post(&format!("/api/deliveries/{id}/reconciliation/publish"), &body).await;
    assert_eq!(refusal(&answer), (409, "not-publishable".to_owned()));
}
