//! Deliveries and decisions by chance: publishing does what the preview says, and remembered decisions do the same again.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::http_deliveries::entered::{copy, counts, text};
use crate::http_deliveries::reconciled::{key, part, row};
use crate::http_deliveries::{DAY, Desk, areas, kind_of};
use crate::support::Answer;
use crate::support::story::copy_of_demo;

/// At least as many as the first street has areas.
const AREAS: usize = 60;

/// What a delivery says of an area.
#[derive(Debug, Clone, Copy)]
enum Telling {
    AsItIs,
    Nothing,
    Renamed,
    Redrawn,
    Households,
    Halves,
    Twice,
    Elsewhere,
}

fn telling() -> impl Strategy<Value = Telling> {
    prop_oneof![
        18 => Just(Telling::AsItIs),
        1 => Just(Telling::Nothing),
        1 => Just(Telling::Renamed),
        1 => Just(Telling::Redrawn),
        1 => Just(Telling::Households),
        1 => Just(Telling::Halves),
        1 => Just(Telling::Twice),
        1 => Just(Telling::Elsewhere),
    ]
}

/// The rows that tell so of an area.
fn rows_of(area: &Value, code: &str, telling: Telling) -> Vec<Value> {
    let plain = row(area, code);
    let name = plain["properties"]["name"].as_str().unwrap().to_owned();
    let with = |member: &str, value: Value| {
        let mut changed = plain.clone();
        changed["properties"][member] = value;
        changed
    };
    match telling {
        Telling::AsItIs => vec![plain],
        Telling::Nothing => Vec::new(),
        Telling::Renamed => vec![with("name", json!(format!("{name}新园")))],
        Telling::Redrawn => vec![part(&plain, (0.0, 0.8), (code, &name))],
        Telling::Elsewhere => vec![part(&plain, (0.5, 1.5), (code, &name))],
        Telling::Households => vec![with("households", json!(9_999))],
        Telling::Halves => [((0.0, 0.49), "东区"), ((0.51, 1.0), "西区")]
            .map(|(span, mark)| part(&plain, span, (&format!("{code}-{mark}"), &format!("{name}{mark}"))))
            .into(),
        Telling::Twice => vec![with("foreign_code", json!(format!("{code}-2"))), plain.clone()],
    }
}

impl Desk {
    /// Decides every open case as `verdicts` has it in the order of their keys, and answers every task. Keys and verdicts.
    async fn decide_by(&self, id: u64, verdicts: &[&'static str]) -> BTreeMap<String, &'static str> {
        let open = self.cases(id, "state=open").await;
        let keys: Vec<String> = open.iter().map(|case| key(case).to_owned()).collect();
        let decided: BTreeMap<String, &'static str> = keys.into_iter().zip(verdicts.iter().copied()).collect();
        assert_eq!(decided.len(), open.len());
        for (key, verdict) in &decided {
            let mut answer = self.decide(id, &[key], verdict).await;
            if answer.status == 409 && kind_of(&answer) == "not-enterable" {
                answer = self.decide(id, &[key], "keep").await;
            }
            assert_eq!(answer.status, 200, "{}", text(&answer));
            if !answer.json()["decided"][0]["task"].is_null() {
                let task = json!({ "case": key, "answer": "still_valid", "name": "甲某", "dated": DAY });
                assert_eq!(self.post(&format!("/api/deliveries/{id}/tasks"), &task).await.status, 200);
            }
        }
        decided
    }

    /// Publishes what was decided, with the number of vanishing areas that the preview names. With the preview.
    async fn previewed_and_entered(&self, id: u64) -> (Value, Answer) {
        let preview = self.json(&format!("/api/deliveries/{id}/preview")).await;
        let obstacles = preview["obstacles"].as_array().unwrap();
        let vanishing = obstacles.iter().find(|obstacle| obstacle["kind"] == "vanishing");
        let confirmed = vanishing.map_or(json!({}), |told| json!({ "confirm_vanishing": told["count"] }));
        let answer = self.enter(id, &confirmed).await;
        (preview, answer)
    }
}

/// What must hold of a delivery that tells so of the areas and is decided on so.
async fn check(tellings: &[Telling], verdicts: &[&'static str], order: &[usize]) {
    let all = areas(400).await;
    let own = || all.iter().filter(|area| area["properties"]["street"] == all[0]["properties"]["street"]);
    assert!(own().count() <= AREAS);
    let told = own().zip(tellings).enumerate();
    let rows: Vec<Value> =
        told.flat_map(|(at, (area, telling))| rows_of(area, &format!("TB-{at}"), *telling)).collect();
    let store = copy_of_demo();
    let desk = Desk::on(Arc::clone(&store));
    let (id, figures) = desk.reconciled(&rows).await;
    let decided = desk.decide_by(id, verdicts).await;
    let other = Desk::on(copy(&store));

    let (preview, answer) = desk.previewed_and_entered(id).await;
    assert_eq!(answer.status == 201, preview["publishable"] == true, "{}: {}", preview["obstacles"], text(&answer));
    if answer.status == 201 {
        assert_eq!(answer.json()["published"], preview["counts"]);
        assert_eq!(desk.rates().await, counts(&preview["rates"]["after"]));
        for street in preview["streets"].as_array().unwrap() {
            let code = street["code"].as_str().unwrap();
            let rates = desk.json(&format!("/api/rates?datetime={DAY}&street={code}")).await;
            assert_eq!(counts(&rates["rates"]), counts(&street["after"]), "{code}");
        }
    }

    let mut next: Vec<(usize, Value)> = rows.into_iter().enumerate().collect();
    next.sort_by_key(|(at, _)| order[*at]);
    let next: Vec<Value> = next.into_iter().map(|(_, row)| row).collect();
    let (later, figures_later) = other.reconciled(&next).await;
    assert_eq!(figures_later["classes"].as_array().unwrap().len(), figures["classes"].as_array().unwrap().len());
    let states = &figures_later["states"];
    assert_eq!((&states["open"], &states["remembered"]), (&json!(0), &json!(decided.len())), "{figures_later}");
    let (preview_later, answer_later) = other.previewed_and_entered(later).await;
    assert_eq!(answer_later.status, answer.status, "{}", text(&answer_later));
    assert_eq!(preview_later["counts"], preview["counts"]);
    assert!(other.exported().await == desk.exported().await, "the registers differ");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 24, ..ProptestConfig::default() })]

    #[test]
    fn publishing_does_what_is_previewed_and_remembered_decisions_do_it_again(
        tellings in prop::collection::vec(telling(), AREAS),
        verdicts in prop::collection::vec(prop::sample::select(vec!["accept", "accept", "keep", "both_wrong"]), 2 * AREAS),
        order in Just((0..2 * AREAS).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        tokio::runtime::Runtime::new().unwrap().block_on(check(&tellings, &verdicts, &order));
    }
}
