//! Companies without areas, and areas without a manager of their kind.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::auth::Actor;
use crate::http::extract::{Asked, known_street};
use crate::http::rate_lists::summary;
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::{Problem, Site, cache};
use crate::model::StreetCode;

/// Entries of each list that are told; the counts tell of all.
const GAPS_MAX: usize = 1_000;

/// Parameters of `GET /api/managers/gaps`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapParams {
    street: Option<String>,
}

/// `GET /api/managers/gaps`. A company without areas has no street: it is told for the district only.
pub async fn list_gaps(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<GapParams>,
) -> Result<Response, Problem> {
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    let street = site.app().desk_scope(&actor, street)?;
    work(move || {
        let snapshot = &*view.snapshot;
        let gaps = snapshot.manager_gaps(street.as_ref());
        let idle = gaps.companies_without_areas.iter().take(GAPS_MAX).map(|at| {
            let manager = &snapshot.managers()[*at];
            json!({ "uscc": manager.uscc.as_str(), "name": manager.name, "kind": manager.kind.key() })
        });
        let areas = |positions: &[usize]| -> Vec<Value> {
            positions.iter().take(GAPS_MAX).map(|position| summary(snapshot, &actor, *position)).collect()
        };
        let body = json!({
            "date": snapshot.data_date().to_string(),
            "revision": snapshot.revision().0,
            "as_of": view.as_of(),
            "street": street.as_ref().map(StreetCode::as_str),
            "counts": {
                "companies_without_areas": gaps.companies_without_areas.len(),
                "contracted_without_company": gaps.contracted_without_company.len(),
                "quasi_without_owning_unit": gaps.quasi_without_owning_unit.len(),
            },
            "companies_without_areas": idle.collect::<Vec<_>>(),
            "contracted_without_company": areas(&gaps.contracted_without_company),
            "quasi_without_owning_unit": areas(&gaps.quasi_without_owning_unit),
        });
        cache::json(&view.tag, JSON, &body)
    })
    .await
}
