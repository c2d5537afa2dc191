//! The collection `streets`.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use geo::{BoundingRect as _, Intersects as _};
use geojson::Feature;
use serde::Deserialize;

use crate::app::{Error, Snapshot};
use crate::http::areas::{GEO_JSON, collection, geometry, page_limit, page_links, with_item_links};
use crate::http::extract::{NoParams, Params, Segments, parse_bbox};
use crate::http::{Problem, Site, cache};
use crate::model::StreetCode;

/// Parameters of `GET /api/collections/streets/items`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    bbox: Option<String>,
    limit: Option<usize>,
    cursor: Option<String>,
}

/// `GET /api/collections/streets/items`
pub async fn list_streets(
    State(site): State<Site>,
    Params(params): Params<ListParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let (snapshot, tag) = site.snapshot()?;
    let limit = page_limit(params.limit)?;
    let bbox = params.bbox.as_deref().map(parse_bbox).transpose()?;
    let after = match params.cursor.as_deref() {
        None => None,
        Some(text) => {
            Some(StreetCode::parse(text).map_err(|_| Problem::bad_parameter("cursor is not one from a next link"))?)
        }
    };
    let wanted = |position: &usize| {
        let street = &snapshot.streets()[*position];
        after.as_ref().is_none_or(|after| street.code > *after)
            && bbox.is_none_or(|bbox| street.boundary.bounding_rect().is_some_and(|rect| rect.intersects(&bbox)))
    };
    let mut positions: Vec<usize> = (0..snapshot.streets().len()).filter(wanted).take(limit + 1).collect();
    let more = positions.len() > limit;
    positions.truncate(limit);
    let next = positions.last().filter(|_| more).map(|last| snapshot.streets()[*last].code.to_string());
    let features = positions.iter().map(|position| street_feature(&snapshot, *position)).collect();
    let links = page_links(uri.path(), &[("bbox", &params.bbox)], limit, params.cursor.as_deref(), next.as_deref());
    cache::json(&tag, GEO_JSON, &collection(features, links))
}

/// `GET /api/collections/streets/items/{code}`
pub async fn show_street(
    State(site): State<Site>,
    Segments(code): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let (snapshot, tag) = site.snapshot()?;
    let position = StreetCode::parse(&code)
        .ok()
        .and_then(|code| snapshot.street_position(&code))
        .ok_or_else(|| Error::NoSuchStreet(code.clone()))?;
    cache::json(&tag, GEO_JSON, &with_item_links(street_feature(&snapshot, position), "streets", &code))
}

fn street_feature(snapshot: &Snapshot, position: usize) -> Feature {
    let street = &snapshot.streets()[position];
    let label = snapshot.street_label(position);
    let properties = serde_json::json!({
        "code": street.code.as_str(),
        "name": street.name,
        "stem": street.stem,
        "kind": street.kind.key(),
        "initials": street.initials,
        "aliases": street.aliases,
        "areas": snapshot.areas_of_street(position).len(),
        "label": [label.x, label.y],
        "schematic": street.schematic,
    });
    let (geometry, bbox) = geometry(&street.boundary);
    Feature { bbox, geometry, id: None, properties: properties.as_object().cloned(), foreign_members: None }
}
