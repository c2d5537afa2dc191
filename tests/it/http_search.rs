//! Search through the web edge.

use axum::body::Body;
use serde_json::Value;

use crate::support::{Who, demo_app, get_json, request, send};

fn escape(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn search(text: &str) -> Vec<Value> {
    get_json(&format!("/api/search?limit=10&q={}", escape(text))).await["results"].as_array().unwrap().clone()
}

fn place_of(results: &[Value], code: &str) -> Option<usize> {
    results.iter().position(|result| result["code"] == code)
}

#[tokio::test]
async fn an_area_is_found_by_name_alias_and_code() {
    let (app, _) = demo_app(Who::District);
    let snapshot = app.snapshot().unwrap();
    for area in snapshot.areas().step_by(53) {
        assert_eq!(place_of(&search(&area.name).await, area.code.as_str()), Some(0), "{}", area.name);
        let bare = area.name.trim_end_matches("(演示)");
        assert!(place_of(&search(bare).await, area.code.as_str()).is_some_and(|place| place < 3), "{bare}");
        assert_eq!(place_of(&search(area.code.as_str()).await, area.code.as_str()), Some(0), "{}", area.code);
        for name in &area.other_names {
            let results = get_json(&format!("/api/search?limit=50&q={}", escape(&name.text))).await;
            assert!(place_of(results["results"].as_array().unwrap(), area.code.as_str()).is_some(), "{}", name.text);
        }
    }
}

#[tokio::test]
async fn an_everyday_place_is_among_the_first_three_by_characters_pinyin_and_initials() {
    for text in ["枣营北里", "枣营", "zaoying", "zaoyingbeili", "zybl", "ZYBL", "zao ying bei li"] {
        let results = search(text).await;
        let names: Vec<&str> = results.iter().take(3).map(|result| result["name"].as_str().unwrap()).collect();
        assert!(names.iter().any(|name| name.contains("枣营北里")), "{text}: {names:?}");
    }
}

#[tokio::test]
async fn streets_and_managers_are_found_too() {
    for text in ["劲松街道", "劲松", "jinsong", "js", "110105017"] {
        let results = search(text).await;
        assert!(
            results.iter().any(|result| result["kind"] == "street" && result["code"] == "110105017"),
            "{text}: {results:?}"
        );
    }
    let (app, _) = demo_app(Who::District);
    let snapshot = app.snapshot().unwrap();
    let manager = &snapshot.managers()[0];
    let results = search(&manager.name).await;
    assert_eq!((&results[0]["kind"], &results[0]["code"]), (&"manager".into(), &manager.uscc.as_str().into()));
    assert_eq!(results[0]["areas"], snapshot.managed_by(0).len());
    assert!(results[0]["bbox"].is_array());
}

#[tokio::test]
async fn every_reading_of_a_polyphone_is_found_and_one_typo_is_forgiven() {
    for text in ["chaoyang", "zhaoyang"] {
        let results = search(text).await;
        assert!(results.iter().any(|result| result["name"].as_str().unwrap().contains("朝阳")), "{text}");
    }
    for text in ["潘家圆", "panjaiyuan", "panjiyuan"] {
        let results = search(text).await;
        assert!(
            results.iter().any(|result| result["name"].as_str().unwrap().contains("潘家园")),
            "{text}: {results:?}"
        );
    }
}

#[tokio::test]
async fn a_street_and_a_place_narrow_and_order_the_answers() {
    let results = get_json("/api/search?limit=50&q=jiayuan&street=110105033").await;
    assert!(results["results"].as_array().unwrap().iter().all(|result| result["street"] == "110105033"));
    let near = get_json("/api/search?limit=5&q=beili&near=116.47,39.94").await;
    let found = near["results"].as_array().unwrap();
    assert!(!found.is_empty() && found.iter().filter(|r| r["kind"] == "area").all(|r| r["distance_m"].is_number()));
}

#[tokio::test]
async fn nothing_found_is_an_empty_list() {
    assert!(search("哈尔滨冰雪大世界").await.is_empty());
}

#[tokio::test]
async fn the_public_cannot_find_out_what_is_hidden() {
    let (app, router) = demo_app(Who::Nobody);
    let snapshot = app.snapshot().unwrap();
    let area = snapshot.areas().find(|area| area.attributes.address.is_some()).unwrap();
    let address = area.attributes.address.as_deref().unwrap();
    let manager = &snapshot.managers()[0];
    let ask = |text: String| async move {
        let path = format!("/api/search?limit=50&q={}", escape(&text));
        let answer = send(router, request("GET", &path).body(Body::empty()).unwrap()).await;
        answer.json()["results"].as_array().unwrap().clone()
    };
    // An address must not be confirmed, neither alone nor as the second word after a name.
    let bare = area.name.trim_end_matches("(演示)");
    let with_right = ask(format!("{bare} {address}")).await;
    let with_wrong = ask(format!("{bare} 不存在的路999号")).await;
    assert_eq!((with_right.len(), with_wrong.len()), (0, 0));
    assert!(ask(address.to_owned()).await.iter().all(|hit| hit["matched"]["field"] != "address"));
    // Managers cannot be opened without their code, so they are not found; their areas are, by the manager's name.
    let by_name = ask(manager.name.clone()).await;
    assert!(!by_name.is_empty() && by_name.iter().all(|hit| hit["kind"] == "area"));
    assert!(ask(manager.uscc.to_string()).await.is_empty());
}
