//! Rates and legend counts of the demonstration district, to the integer.

use axum::body::Body;
use serde_json::Value;

use crate::support::{Who, demo_app, get_json, request, send};

fn rate<'a>(rates: &'a Value, id: &str) -> &'a Value {
    rates["rates"].as_array().unwrap().iter().find(|rate| rate["id"] == id).unwrap_or_else(|| panic!("no rate {id}"))
}

#[tokio::test]
async fn the_rates_of_the_district_are_those_of_the_report() {
    let rates = get_json("/api/rates").await;
    assert_eq!(rates["date"], "2022-10-27");
    for (id, numerator, denominator, percent) in [
        ("contracted_share", 1514, 1637, 92.5),
        ("quasi_share", 123, 1637, 7.5),
        ("committee_coverage", 1529, 1637, 93.4),
        ("committee_count_ratio", 1537, 1637, 93.9),
        ("party_coverage_committee", 1456, 1541, 94.5),
        ("party_coverage_company", 530, 544, 97.4),
    ] {
        let rate = rate(&rates, id);
        assert_eq!((&rate["numerator"], &rate["denominator"]), (&numerator.into(), &denominator.into()), "{id}");
        assert_eq!((&rate["percent"], &rate["date"]), (&percent.into(), &"2022-10-27".into()), "{id}");
        for member in ["title", "definition"] {
            assert!(rate[member]["zh-CN"].as_str().is_some_and(|text| !text.is_empty()), "{id} {member}");
            assert!(rate[member]["en"].as_str().is_some_and(|text| !text.is_empty()), "{id} {member}");
        }
    }
    let printed = &rate(&rates, "committee_coverage")["printed"];
    assert_eq!((&printed["percent"], &printed["follows"]), (&93.4.into(), &true.into()));
    assert_eq!(printed["difference_points"], 0.0);
    // The report set its percentage beside its count of committees, from which another follows.
    assert_eq!((&printed["numerator"], &printed["denominator"]), (&1537.into(), &1637.into()));
    assert_eq!((&printed["same_counts"], &printed["candidates"]), (&false.into(), &Value::Null));
    let own = &printed["own"];
    assert_eq!((&own["percent"], &own["follows"]), (&93.9.into(), &false.into()));
    assert_eq!(own["candidates"]["numerators"], serde_json::json!([1529, 1529]));
    assert_eq!(own["candidates"]["denominators"], serde_json::json!([1645, 1646]));
    assert_eq!(
        (&own["candidates"]["with_denominator"], &own["candidates"]["with_numerator"]),
        (&1637.into(), &1537.into())
    );
    for id in ["contracted_share", "quasi_share", "party_coverage_company"] {
        let printed = &rate(&rates, id)["printed"];
        assert_eq!((&printed["own"]["follows"], &printed["same_counts"]), (&true.into(), &true.into()), "{id}");
    }
    assert!(rate(&rates, "party_coverage_committee")["printed"]["own"].is_null(), "one of its counts was not printed");
    assert!(rate(&rates, "committee_count_ratio")["printed"].is_null());
}

#[tokio::test]
async fn the_streets_sum_to_the_district() {
    let streets = get_json("/api/collections/streets/items?limit=100").await;
    let district = get_json("/api/rates").await;
    let legend = get_json("/api/themes/management-committee").await;
    let mut sums = std::collections::BTreeMap::<String, u64>::new();
    let mut counts = [0_u64; 9];
    for street in streets["features"].as_array().unwrap() {
        let code = street["properties"]["code"].as_str().unwrap();
        let rates = get_json(&format!("/api/rates?street={code}")).await;
        for id in [
            "contracted_share",
            "quasi_share",
            "committee_coverage",
            "committee_count_ratio",
            "party_coverage_committee",
        ] {
            let rate = rate(&rates, id);
            *sums.entry(format!("{id} numerator")).or_default() += rate["numerator"].as_u64().unwrap();
            *sums.entry(format!("{id} denominator")).or_default() += rate["denominator"].as_u64().unwrap();
            assert!(rate["printed"].is_null(), "nothing was printed of streets");
        }
        let theme = get_json(&format!("/api/themes/management-committee?street={code}")).await;
        assert_eq!(theme["total"], street["properties"]["areas"]);
        for (sum, class) in counts.iter_mut().zip(theme["classes"].as_array().unwrap()) {
            *sum += class["count"].as_u64().unwrap();
        }
    }
    for (name, sum) in sums {
        let (id, part) = name.split_once(' ').unwrap();
        assert_eq!(rate(&district, id)[part], sum, "{name}");
    }
    let told: Vec<u64> = legend["classes"].as_array().unwrap().iter().map(|c| c["count"].as_u64().unwrap()).collect();
    assert_eq!(told, counts);
}

#[tokio::test]
async fn the_legend_counts_every_class_and_says_how_it_is_drawn() {
    let theme = get_json("/api/themes/management-committee").await;
    let classes = theme["classes"].as_array().unwrap();
    let counts: Vec<(&str, u64)> =
        classes.iter().map(|class| (class["key"].as_str().unwrap(), class["count"].as_u64().unwrap())).collect();
    assert_eq!(
        counts,
        [
            ("contracted-owners", 127),
            ("contracted-property-management", 1296),
            ("contracted-transition", 8),
            ("contracted-none", 83),
            ("quasi-owners", 3),
            ("quasi-property-management", 95),
            ("quasi-transition", 0),
            ("quasi-none", 25),
            ("unknown", 0),
        ]
    );
    assert_eq!(theme["total"], 1637);
    for class in classes {
        for ground in ["light", "dark"] {
            assert!(class["fill"][ground].as_str().unwrap().starts_with('#'));
            assert!(class["stroke"]["color"][ground].as_str().unwrap().starts_with('#'));
        }
        for language in ["zh-CN", "en"] {
            assert!(!class["label"][language].as_str().unwrap().is_empty());
            assert!(!class["explanation"][language].as_str().unwrap().is_empty());
        }
    }
    assert_eq!(get_json("/api/themes").await["themes"][0]["id"], "management-committee");
}

#[tokio::test]
async fn the_public_is_told_no_party_rates() {
    let router = &demo_app(Who::Nobody).1;
    let answer = send(router, request("GET", "/api/rates").body(Body::empty()).unwrap()).await;
    let ids: Vec<String> =
        answer.json()["rates"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, ["contracted_share", "quasi_share", "committee_coverage", "committee_count_ratio"]);
}
