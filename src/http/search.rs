//! Search by name, pinyin, address, manager or code.

use axum::extract::State;
use axum::response::Response;
use geojson::JsonObject;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{Found, SEARCH_LIMIT_DEFAULT, SEARCH_LIMIT_MAX, SearchQuery, Snapshot};
use crate::auth::{Actor, Field};
use crate::http::areas::{Properties, put_area_summary};
use crate::http::extract::{Asked, known_street, parse_limit, parse_point};
use crate::http::told::ToldAreas;
use crate::http::{Problem, Site, cache};
use crate::search::Kind;

/// Parameters of `GET /api/search`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchParams {
    q: String,
    limit: Option<String>,
    near: Option<String>,
    street: Option<String>,
}

/// `GET /api/search`
pub async fn search(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<SearchParams>,
) -> Result<Response, Problem> {
    let snapshot = &*view.snapshot;
    let limit = params.limit.as_deref();
    let limit = limit.map_or(Ok(SEARCH_LIMIT_DEFAULT), |text| parse_limit(text, SEARCH_LIMIT_MAX))?;
    let query = SearchQuery {
        text: params.q,
        limit,
        near: params.near.as_deref().map(|text| parse_point("near", text)).transpose()?,
        street: params.street.as_deref().map(|text| known_street(snapshot, text)).transpose()?,
    };
    let found = snapshot.search(&actor, &query)?;
    let areas = ToldAreas::of(&site, &actor, &view.snapshot).await?;
    let results: Vec<JsonObject> = found.iter().map(|found| result_object((snapshot, &areas), &actor, found)).collect();
    cache::json(&view.tag, "application/json", &json!({ "query": query.text, "results": results }))
}

fn result_object((snapshot, areas): (&Snapshot, &ToldAreas), actor: &Actor, found: &Found) -> JsonObject {
    let key = found.hit.key as usize;
    let sight = match found.hit.kind {
        Kind::Area => actor.sight_in(&snapshot.area(key).street),
        Kind::Street => actor.sight_in(&snapshot.streets()[key].code),
        Kind::Manager => snapshot.sight_of_manager(actor, key),
    };
    let mut properties = Properties::new(sight);
    properties.put(Field::Identity, "kind", found.hit.kind.key());
    match found.hit.kind {
        Kind::Area => put_area_summary(&mut properties, snapshot, key),
        Kind::Street => {
            let street = &snapshot.streets()[key];
            properties.put(Field::Identity, "code", street.code.as_str());
            properties.put(Field::Identity, "name", street.name.as_str());
            properties.put(Field::Identity, "street", street.code.as_str());
            properties.put(Field::Identity, "street_name", street.name.as_str());
            properties.put_count(Field::Identity, "areas", areas.of_street(&street.code));
            put_no_class(&mut properties);
        }
        Kind::Manager => {
            let manager = &snapshot.managers()[key];
            properties.put(Field::ManagerUscc, "code", manager.uscc.as_str());
            properties.put(Field::Manager, "name", manager.name.as_str());
            properties.put(Field::Identity, "street", Value::Null);
            properties.put(Field::Identity, "street_name", Value::Null);
            properties.put(Field::Manager, "areas", snapshot.managed_by(key).len());
            put_no_class(&mut properties);
        }
    }
    let matched = json!({ "field": found.hit.field.key(), "text": found.hit.text });
    properties.put(Field::Identity, "matched", matched);
    properties.put(Field::Identity, "point", json!(found.point.map(|point| [point.x, point.y])));
    // Five decimals are a metre: enough to show where it is, and no corner of a border.
    let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
    let bbox = found.bounds.map(|rect| [rect.min().x, rect.min().y, rect.max().x, rect.max().y].map(round));
    properties.put(Field::Identity, "bbox", json!(bbox));
    properties.put(Field::Identity, "distance_m", found.hit.distance_m.map(f64::round));
    properties.into_object()
}

fn put_no_class(properties: &mut Properties) {
    for name in ["management", "committee", "style"] {
        properties.put(Field::Identity, name, Value::Null);
    }
}
