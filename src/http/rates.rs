//! The rates: integers beside each percentage, printed figures beside computed ones.

use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::{Actor, Field};
use crate::http::extract::{Asked, known_street};
use crate::http::rate_lists::sight_of_scope;
use crate::http::site::work;
use crate::http::themes::text;
use crate::http::told::put_rate;
use crate::http::{Problem, Site, cache};
use crate::model::RateId;
use crate::stats::{Comparison, Fitting, Printed, Rate, TARGET_SOURCE, ToldTally, definition, targets};

/// Parameters of `GET /api/rates`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateParams {
    street: Option<String>,
}

/// `GET /api/rates`
pub async fn list_rates(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<RateParams>,
) -> Result<Response, Problem> {
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    work(move || {
        let snapshot = &*view.snapshot;
        let sight = sight_of_scope(&actor, street.as_ref());
        let tally = snapshot.tallies().scope(street.as_ref());
        let told = site.app().told(&actor, snapshot.tallies()).scope(street.as_ref());
        // Reports print figures of the district only.
        let printed = if street.is_none() { site.app().printed_for(snapshot, &actor)? } else { Vec::new() };
        let rates: Vec<Value> = tally
            .rates()
            .iter()
            .filter(|rate| !is_party_rate(rate.id) || sight.shows(Field::PartyRates))
            .map(|rate| {
                // The latest of those that were printed up to the day.
                let latest = printed.iter().rfind(|printed| printed.figure.rate == rate.id);
                let object = rate_object(rate, latest, snapshot.data_date());
                if told.whole_rate(rate.id).is_some() { object } else { held_back(object, rate.id, &told) }
            })
            .collect();
        let body = json!({
            "date": snapshot.data_date().to_string(),
            "revision": snapshot.revision().0,
            "as_of": view.as_of(),
            "street": params.street,
            "rates": rates,
        });
        cache::json(&view.tag, "application/json", &body)
    })
    .await
}

/// Rates that were computed and not printed, as far as they may be seen.
pub(in crate::http) fn rate_objects(actor: &Actor, rates: &[Rate], day: Date) -> Vec<Value> {
    let seen = rates.iter().filter(|rate| !is_party_rate(rate.id) || actor.may_see(Field::PartyRates));
    seen.map(|rate| rate_object(rate, None, day)).collect()
}

pub(in crate::http) fn is_party_rate(id: RateId) -> bool {
    matches!(id, RateId::PartyCoverageCommittee | RateId::PartyCoverageCompany)
}

/// A rate of a day with its definition, what was printed of it and what it is to reach.
pub(super) fn rate_object(rate: &Rate, printed: Option<&Printed>, day: Date) -> Value {
    let printed = printed.map(printed_object);
    let targets: Vec<Value> = targets(rate.id)
        .into_iter()
        .map(|target| {
            let standing = target.standing(rate, day);
            json!({
                "date": target.date.to_string(),
                "percent": target.percent(),
                "source": text(TARGET_SOURCE),
                "due": standing.due,
                "met": standing.met,
                "difference_points": standing.difference_points,
            })
        })
        .collect();
    let definition = definition(rate.id);
    json!({
        "id": rate.id.key(),
        "version": rate.version,
        "date": day.to_string(),
        "title": text(definition.title),
        "definition": text(definition.sentence),
        "numerator": rate.numerator,
        "denominator": rate.denominator,
        "percent": rate.percent(),
        "printed": printed,
        "targets": targets,
    })
}

/// A rate without its counts and without what they give away.
fn held_back(mut object: Value, id: RateId, told: &ToldTally) -> Value {
    for target in object["targets"].as_array_mut().into_iter().flatten() {
        target["met"] = Value::Null;
        target["difference_points"] = Value::Null;
    }
    if let Value::Object(object) = &mut object {
        put_rate(object, id, told);
        object.insert("printed".to_owned(), Value::Null);
    }
    object
}

/// What was printed, beside the counts of its day and beside those printed with it.
fn printed_object(Printed { figure, computed }: &Printed) -> Value {
    let comparison = Comparison::new(figure, computed);
    let fitting = (!comparison.follows).then(|| fitting_object(&Fitting::new(figure.percent, computed), computed));
    let own = comparison.own.map(|own| {
        let fitting = (!own.follows).then(|| fitting_object(&own.fitting, &own.rate));
        json!({ "percent": own.rate.percent(), "follows": own.follows, "candidates": fitting })
    });
    json!({
        "percent": figure.percent,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "source": figure.source,
        "date": figure.dated.to_string(),
        "computed": {
            "numerator": computed.numerator,
            "denominator": computed.denominator,
            "percent": computed.percent(),
        },
        "difference_points": comparison.difference_points,
        "follows": comparison.follows,
        "same_counts": comparison.same_counts,
        "candidates": fitting,
        "own": own,
    })
}

/// Which counts would give a percentage, beside those that are.
pub(super) fn fitting_object(fitting: &Fitting, rate: &Rate) -> Value {
    let range = |range: Option<(u32, u32)>| range.map(|(from, to)| [from, to]);
    json!({
        "numerators": range(fitting.numerators),
        "with_denominator": rate.denominator,
        "denominators": range(fitting.denominators),
        "with_numerator": rate.numerator,
    })
}
