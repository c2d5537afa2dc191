//! Small counts: whoever is not signed in reads every count there is, adds and subtracts, and finds none.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use onemap::app::access::NewToken;
use onemap::app::access::Occasion;
use onemap::auth::{Actor, Role, Scope};
use onemap::model::{RateId, StreetCode, StyleClass};
use serde_json::Value;

use crate::support::{Answer, Who, demo_app, request, send};

/// Rates that everybody is told.
const RATES: [&str; 4] = ["contracted_share", "quasi_share", "committee_coverage", "committee_count_ratio"];

/// What is added up: how often an area of each class of each street counts.
type Weights = Vec<i64>;

const CLASSES: usize = 9;

async fn ask(router: &Router, path: &str) -> Answer {
    send(router, request("GET", path).body(Body::empty()).unwrap()).await
}

async fn json(router: &Router, path: &str) -> Value {
    let answer = ask(router, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

fn streets() -> Vec<StreetCode> {
    demo_app(Who::Nobody).0.snapshot().unwrap().streets().iter().map(|street| street.code.clone()).collect()
}

fn is_small(count: u64) -> bool {
    (1..5).contains(&count)
}

/// How often an area of a class counts in a rate.
fn weight(rate: &str, class: usize) -> i64 {
    let committees = [1, 1, 2, 0, 1, 1, 2, 0, 0][class];
    match rate {
        "contracted_share" => i64::from(class < 4),
        "quasi_share" => i64::from((4..8).contains(&class)),
        "committee_coverage" => committees.min(1),
        _ => committees,
    }
}

/// What was read: equations, and what was held back.
#[derive(Default)]
struct Read {
    told: Vec<(Weights, u64)>,
    held_back: Vec<(String, Weights)>,
}

impl Read {
    /// Takes up a count of an object; one that is held back must not be there in another way.
    fn count(&mut self, object: &Value, name: &str, what: &str, weights: Weights) {
        match object[name].as_u64() {
            Some(count) => self.told.push((weights, count)),
            None => {
                assert!(object[name].is_null(), "{what}: {object}");
                assert!([Value::Null, 5.into()].contains(&object[format!("{name}_below")]), "{what}: {object}");
                self.held_back.push((what.to_owned(), weights));
            }
        }
    }

    /// Takes up a rate with its counts.
    fn rate(&mut self, object: &Value, rate: &str, what: &str, of: impl Fn(&dyn Fn(usize) -> i64) -> Weights) {
        self.count(object, "numerator", what, of(&|class| weight(rate, class)));
        self.count(object, "denominator", what, of(&|_| 1));
        let counts = object["numerator"].as_u64().zip(object["denominator"].as_u64());
        assert_eq!(counts.is_none(), object["percent"].is_null(), "{what}: {object}");
        if let Some((numerator, denominator)) = counts {
            assert!(!is_small(numerator) && !is_small(denominator.abs_diff(numerator)), "{what}: {object}");
        }
    }
}

const PRIME: i64 = 1_000_003;

fn inverse(number: i64) -> i64 {
    let (mut result, mut base, mut exponent) = (1, number.rem_euclid(PRIME), PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

/// What is left of weights after everything that can be subtracted was: nothing where they follow.
fn reduced(rows: &BTreeMap<usize, Weights>, mut wanted: Weights) -> Weights {
    for (pivot, row) in rows {
        let factor = wanted[*pivot].rem_euclid(PRIME);
        if factor != 0 {
            wanted.iter_mut().zip(row).for_each(|(weight, by)| *weight = (*weight - factor * by).rem_euclid(PRIME));
        }
    }
    wanted
}

#[tokio::test]
async fn no_small_count_is_told_to_the_public_and_none_follows() {
    let public = &demo_app(Who::Nobody).1;
    let snapshot = demo_app(Who::Nobody).0.snapshot().unwrap();
    let codes = streets();
    assert_eq!(codes.len(), 43);
    let of_scope = |at: Option<usize>| {
        move |weight_of: &dyn Fn(usize) -> i64| -> Weights {
            let of = |cell: usize| at.is_none_or(|at| cell / CLASSES == at);
            (0..43 * CLASSES).map(|cell| if of(cell) { weight_of(cell % CLASSES) } else { 0 }).collect()
        }
    };
    let mut read = Read::default();
    let mut lists_held_back = 0;
    let scopes = codes.iter().enumerate().map(|(at, code)| (Some(at), format!("?street={code}")));
    for (at, query) in scopes.chain([(None, String::new())]) {
        let of = of_scope(at);
        let theme = json(public, &format!("/api/themes/management-committee{query}")).await;
        read.count(&theme, "total", &format!("total {query}"), of(&|_| 1));
        for (class, object) in theme["classes"].as_array().unwrap().iter().enumerate() {
            let count = object["count"].as_u64();
            assert!(!count.is_some_and(is_small), "{query}: {object}");
            read.count(object, "count", &format!("{} {query}", object["key"]), of(&|other| i64::from(other == class)));
        }
        let rates = json(public, &format!("/api/rates{query}")).await["rates"].clone();
        assert_eq!(rates.as_array().unwrap().len(), RATES.len());
        for (object, rate) in rates.as_array().unwrap().iter().zip(RATES) {
            assert_eq!(object["id"], rate);
            read.rate(object, rate, &format!("{rate} {query}"), of);
            let hidden = object["percent"].is_null();
            for target in object["targets"].as_array().unwrap() {
                assert!(!hidden || target["met"].is_null() && target["difference_points"].is_null(), "{object}");
            }
            let joint = if query.is_empty() { '?' } else { '&' };
            for part in ["numerator", "denominator", "missing"] {
                let path = format!("/api/rates/{rate}/areas{query}{joint}part={part}&limit=1");
                let answer = ask(public, &path).await;
                if answer.status == 404 {
                    continue;
                }
                if answer.status == 403 {
                    assert!(answer.json()["type"].as_str().unwrap().ends_with(":held-back"), "{path}");
                    assert!(hidden, "{path}: nothing is held back of what the rate tells");
                    lists_held_back += 1;
                    continue;
                }
                let members = answer.json();
                assert!(!hidden || part != "missing", "{path}: {members}");
                let count = members["count"].as_u64().unwrap();
                let told = if part == "missing" { &Value::Null } else { &object[part] };
                assert!(
                    !is_small(count) && (told.is_null() || rate == RATES[3] || *told == count),
                    "{path}: {members}"
                );
                assert!(!hidden || !told.is_null(), "{path}: a list of what is held back");
            }
        }
        let series = json(public, &format!("/api/rates/series{query}")).await;
        for month in series["months"].as_array().unwrap() {
            assert!(!month["areas"].as_u64().is_some_and(is_small));
            for object in month["rates"].as_array().unwrap() {
                Read::default().rate(object, object["id"].as_str().unwrap(), &month.to_string(), of);
            }
        }
    }
    for rate in RATES {
        let ranking = json(public, &format!("/api/rates/ranking?rate={rate}")).await;
        read.rate(&ranking["district"], rate, "ranking", of_scope(None));
        for street in ranking["streets"].as_array().unwrap() {
            let at = codes.iter().position(|code| street["street"] == code.as_str()).unwrap();
            read.rate(street, rate, &format!("ranking {}", codes[at]), of_scope(Some(at)));
            assert_eq!(street["rank"].is_null(), street["percent"].is_null(), "its place would tell: {street}");
        }
    }
    let report = json(public, "/api/report").await["paragraphs"].to_string();
    for total in ["1,637", "1,514", "123", "138", "1,399"] {
        assert!(report.contains(total), "{total}: {report}");
    }
    // The kinds of organisations of the district, as the report tells them.
    for status in 0..4 {
        let of = of_scope(None)(&|class| i64::from(class < 8 && class % 4 == status));
        read.told.push((of, u64::from(snapshot.tallies().district.statuses[status])));
    }
    assert!(read.held_back.len() > 100, "{} were held back", read.held_back.len());
    assert!(lists_held_back > 50, "{lists_held_back} lists were held back with their counts");

    let mut rows: BTreeMap<usize, Weights> = BTreeMap::new();
    for (weights, _) in &read.told {
        let left = reduced(&rows, weights.clone());
        if let Some(pivot) = left.iter().position(|weight| *weight != 0) {
            let scale = inverse(left[pivot]);
            rows.insert(pivot, left.iter().map(|weight| weight * scale % PRIME).collect());
        }
    }
    for (what, weights) in &read.held_back {
        let left = reduced(&rows, weights.clone());
        assert!(left.iter().any(|weight| *weight != 0), "{what} follows from what is told");
    }
}

#[tokio::test]
async fn offices_are_told_every_count_and_the_totals_stay_for_everybody() {
    let snapshot = demo_app(Who::Nobody).0.snapshot().unwrap();
    let district = &snapshot.tallies().district;
    for who in Who::ALL {
        let router = &demo_app(who).1;
        let theme = json(router, "/api/themes/management-committee").await;
        assert_eq!(theme["total"], 1637, "{who:?}");
        let rates = json(router, "/api/rates").await;
        let totals: Vec<&Value> =
            rates["rates"].as_array().unwrap()[..4].iter().map(|rate| &rate["numerator"]).collect();
        assert_eq!(totals, [1514, 123, 1529, 1537], "{who:?}");
        let shown = StyleClass::ALL.into_iter().zip(theme["classes"].as_array().unwrap());
        let exact = shown.filter(|(class, object)| object["count"] == district.with_class(*class)).count();
        assert_eq!(exact == CLASSES, who != Who::Nobody, "{who:?}: {theme}");
        let code = RateId::CommitteeCoverage.key();
        let ranking = json(router, &format!("/api/rates/ranking?rate={code}")).await;
        let unranked = ranking["streets"].as_array().unwrap().iter().filter(|street| street["rank"].is_null()).count();
        assert_eq!(unranked > 0, who == Who::Nobody, "{who:?}: {unranked}");
    }
}

#[tokio::test]
async fn a_token_that_may_not_read_is_told_what_the_public_is() {
    let (app, public) = demo_app(Who::Nobody);
    Who::District.signs_in(app);
    let maker = Actor::signed_in(Role::District, &Who::District.name());
    let wanted = NewToken { name: "hands in".to_owned(), scopes: [Scope::Deliver].into(), days: 30 };
    let (secret, _) = app.access().make_token(&maker, &Occasion::now(), wanted).unwrap();
    let path = "/api/themes/management-committee?street=110105017";
    let bearer = format!("Bearer {}", secret.expose());
    let told = send(public, request("GET", path).header("authorization", bearer).body(Body::empty()).unwrap()).await;
    assert_eq!(told.json()["classes"], json(public, path).await["classes"]);
    assert_ne!(told.json()["classes"], json(&demo_app(Who::Token).1, path).await["classes"]);
}
