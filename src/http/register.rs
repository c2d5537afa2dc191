//! What this register is: the first question of the page.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::app::{ITEM_LIMIT_MAX, NEIGHBOUR_RADIUS_M, SEARCH_LIMIT_MAX};
use crate::auth::{Actor, Role};
use crate::http::extract::{Asked, NoParams};
use crate::http::session::map_object;
use crate::http::site::TITLE;
use crate::http::{Problem, Site, cache};

/// Where Tianditu serves its tiles; `{s}` is 0 to 7.
const TIANDITU_HOST: &str = "https://t{s}.tianditu.gov.cn";

/// `GET /api/register`
pub async fn show_register(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, NoParams {}): Asked<NoParams>,
) -> Result<Response, Problem> {
    let snapshot = &*view.snapshot;
    let (district, bounds) = (snapshot.district(), snapshot.bounds());
    let settings = site.settings();
    let base_layer = settings
        .base_layer
        .as_ref()
        .map(|layer| json!({ "kind": "tianditu", "key": layer.key, "host": TIANDITU_HOST }));
    let body = json!({
        "title": TITLE,
        "district": {
            "code": district.code,
            "name": district.name,
            "bbox": [bounds.min().x, bounds.min().y, bounds.max().x, bounds.max().y],
            "attribution": district.attribution,
        },
        "revision": snapshot.revision().0,
        "version": view.tag.version(),
        "as_of": view.as_of(),
        "data_date": snapshot.data_date().to_string(),
        "recorded_at": snapshot.latest_record().recorded_at.to_string(),
        "demo": snapshot.is_demo(),
        "areas": snapshot.area_count(),
        "streets": snapshot.streets().len(),
        "managers": snapshot.managers().len(),
        "audience": if actor.role == Role::Public { "public" } else { "internal" },
        "map": map_object(site.map_switch().as_ref()),
        "map_approval_number": settings.map_approval_number,
        "base_layer": base_layer,
        "limits": { "items": ITEM_LIMIT_MAX, "search": SEARCH_LIMIT_MAX, "neighbour_m": NEIGHBOUR_RADIUS_M },
    });
    cache::json(&view.tag, "application/json", &body)
}
