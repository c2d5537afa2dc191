//! What is only on the map, and what is only in the ledger.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{Completeness, CompletenessCounts, CompletenessMonth, LedgerOnly, MapOnly, Snapshot};
use crate::auth::{Action, Actor, Resource};
use crate::http::extract::{Asked, known_street};
use crate::http::rate_lists::summary;
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::{Problem, Site, cache};
use crate::model::{NewException, StreetCode};

/// Entries of each list that are told; `listed` tells how many there are.
const LISTED_MAX: usize = 1_000;

/// Parameters of `GET /api/completeness`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompletenessParams {
    street: Option<String>,
}

/// `GET /api/completeness`
pub async fn show_completeness(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<CompletenessParams>,
) -> Result<Response, Problem> {
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    let street = site.app().desk_scope(&actor, street)?;
    work(move || {
        let snapshot = &*view.snapshot;
        let told = site.app().completeness(snapshot)?;
        let trend = site.app().completeness_trend(snapshot)?;
        let scope = street.as_ref();
        let of_rows = |one: &&LedgerOnly| scope.is_none_or(|street| one.row.street.as_ref() == Some(street));
        let of_areas = |one: &&MapOnly| scope.is_none_or(|street| snapshot.area(one.position).street == *street);
        let rows: Vec<&LedgerOnly> = told.ledger_only.iter().filter(of_rows).collect();
        let areas: Vec<&MapOnly> = told.map_only.iter().filter(of_areas).collect();
        let ledger_only = rows.iter().take(LISTED_MAX).map(|one| row_object(snapshot, one));
        let map_only = areas.iter().take(LISTED_MAX).map(|one| area_object(snapshot, &actor, one));
        let body = json!({
            "date": snapshot.data_date().to_string(),
            "revision": snapshot.revision().0,
            "as_of": view.as_of(),
            "street": street.as_ref().map(StreetCode::as_str),
            "complete": counts_are_complete(&told, scope, snapshot),
            "totals": counts_object(told.counts_of(scope, snapshot)),
            "streets": by_street(&told, snapshot, &actor),
            "listed": { "ledger_only": rows.len(), "map_only": areas.len() },
            "ledger_only": ledger_only.collect::<Vec<_>>(),
            "map_only": map_only.collect::<Vec<_>>(),
            "trend": trend.iter().map(|month| month_object(month, scope)).collect::<Vec<_>>(),
        });
        // Exceptions change the answer without a revision.
        let tag = view.tag.with(&format!("{:?}{:?}", told.ledger_only, told.map_only));
        cache::json(&tag, JSON, &body)
    })
    .await
}

fn row_object(snapshot: &Snapshot, one: &LedgerOnly) -> Value {
    let named = one.row.street.as_ref().and_then(|street| snapshot.street_position(street));
    json!({
        "name": one.row.name,
        "street": one.row.street.as_ref().map(StreetCode::as_str),
        "street_name": named.map(|at| snapshot.streets()[at].name.as_str()),
        "delivery": one.delivery.0,
        "sender": one.sender,
        "file": one.row.file,
        "item": one.row.item,
        "since": one.since.to_string(),
        "subject": one.subject,
        "fingerprint": "",
        "excused": excuse_object(one.excused.as_ref()),
    })
}

fn area_object(snapshot: &Snapshot, actor: &Actor, one: &MapOnly) -> Value {
    let missing = [(one.without_management, "management"), (one.without_committees, "committees")];
    let missing: Vec<&str> = missing.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
    let mut area = summary(snapshot, actor, one.position);
    area["missing"] = json!(missing);
    area["subject"] = snapshot.area(one.position).code.as_str().into();
    area["fingerprint"] = one.fingerprint.as_str().into();
    area["excused"] = excuse_object(one.excused.as_ref());
    area
}

fn excuse_object(excuse: Option<&NewException>) -> Value {
    excuse.map_or(
        Value::Null,
        |excuse| json!({ "reason": excuse.reason, "owner": excuse.owner, "expires_on": excuse.expires_on.to_string() }),
    )
}

fn counts_object(counts: CompletenessCounts) -> Value {
    json!({
        "areas": counts.areas,
        "ledger_only": counts.ledger_only,
        "map_only": counts.map_only,
        "excused": counts.excused,
    })
}

/// Whether everything of the scope is on both sides or excused.
fn counts_are_complete(told: &Completeness, scope: Option<&StreetCode>, snapshot: &Snapshot) -> bool {
    let counts = told.counts_of(scope, snapshot);
    counts.ledger_only == 0 && counts.map_only == 0
}

fn by_street(told: &Completeness, snapshot: &Snapshot, actor: &Actor) -> Vec<Value> {
    let street = |street: &crate::model::Street| {
        let mut object = counts_object(told.counts_of(Some(&street.code), snapshot));
        object["street"] = street.code.as_str().into();
        object["street_name"] = street.name.as_str().into();
        object
    };
    let told_of = |street: &&crate::model::Street| actor.may(Action::ReadDesk, &Resource::Street(&street.code));
    snapshot.streets().iter().filter(told_of).map(street).collect()
}

fn month_object(month: &CompletenessMonth, street: Option<&StreetCode>) -> Value {
    let (ledger_only, map_only) = match street {
        None => (month.ledger_only.values().sum(), month.map_only.values().sum()),
        Some(street) => (
            month.ledger_only.get(&Some(street.clone())).copied().unwrap_or(0),
            month.map_only.get(street).copied().unwrap_or(0),
        ),
    };
    json!({ "date": month.date.to_string(), "ledger_only": ledger_only, "map_only": map_only })
}
