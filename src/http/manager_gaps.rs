//! Managers without areas, and areas without a manager.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::deliveries::Internal;
use crate::http::extract::{Asked, known_street};
use crate::http::rate_lists::summary;
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::{Problem, Site, cache};
use crate::model::Management;

/// Parameters of `GET /api/managers/gaps`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GapParams {
    street: Option<String>,
}

/// `GET /api/managers/gaps`. A manager without areas has no street: it is told for the district only.
pub async fn list_gaps(
    State(site): State<Site>,
    _: Internal,
    Asked(view, params): Asked<GapParams>,
) -> Result<Response, Problem> {
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    work(move || {
        let snapshot = &*view.snapshot;
        let actor = site.actor();
        let idle: Vec<Value> = snapshot
            .managers()
            .iter()
            .enumerate()
            .filter(|(at, _)| street.is_none() && snapshot.managed_by(*at).is_empty())
            .map(|(_, manager)| {
                json!({ "uscc": manager.uscc.as_str(), "name": manager.name, "kind": manager.kind.key() })
            })
            .collect();
        let without = |managed: fn(Management) -> bool| -> Vec<Value> {
            snapshot
                .positions()
                .filter(|position| {
                    let area = snapshot.area(*position);
                    area.manager.is_none()
                        && managed(area.management)
                        && street.as_ref().is_none_or(|street| area.street == *street)
                })
                .map(|position| summary(snapshot, &actor, position))
                .collect()
        };
        let body = json!({
            "date": snapshot.data_date().to_string(),
            "revision": snapshot.revision().0,
            "as_of": view.as_of(),
            "street": params.street,
            "companies_without_areas": idle,
            "contracted_without_company": without(|management| management == Management::Contracted),
            "quasi_without_owning_unit": without(|management| matches!(management, Management::QuasiProperty(_))),
        });
        cache::json(&view.tag, JSON, &body)
    })
    .await
}
