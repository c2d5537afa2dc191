//! The collection `streets`.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use geo::{BoundingRect as _, Intersects as _};
use geojson::Feature;
use serde::Deserialize;

use crate::app::{Error, Snapshot};
use crate::auth::{Actor, Field};
use crate::http::areas::{GEO_JSON, PageLinks, Properties, collection, geometry, page_limit, with_item_links};
use crate::http::extract::{Asked, NoParams, Segments, parse_bbox};
use crate::http::told::ToldAreas;
use crate::http::{Problem, Site, cache};
use crate::model::StreetCode;

/// Parameters of `GET /api/collections/streets/items`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    bbox: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /api/collections/streets/items`
pub async fn list_streets(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<ListParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let snapshot = &view.snapshot;
    let limit = page_limit(params.limit.as_deref())?;
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
    let areas = ToldAreas::of(&site, &actor, snapshot).await?;
    let features = positions.iter().map(|position| street_feature((snapshot, &areas), &actor, *position)).collect();
    let kept = std::iter::once(("bbox", params.bbox.as_deref())).chain(view.clocks.kept());
    let (path, cursor, next) = (uri.path(), params.cursor.as_deref(), next.as_deref());
    let links = PageLinks { kind: GEO_JSON, path, limit, cursor, next }.keeping(kept);
    cache::json(&view.tag, GEO_JSON, &collection(features, links))
}

/// `GET /api/collections/streets/items/{code}`
pub async fn show_street(
    State(site): State<Site>,
    actor: Actor,
    Segments(code): Segments<String>,
    Asked(view, NoParams {}): Asked<NoParams>,
) -> Result<Response, Problem> {
    let snapshot = &view.snapshot;
    let position = StreetCode::parse(&code)
        .ok()
        .and_then(|code| snapshot.street_position(&code))
        .ok_or_else(|| Error::NoSuchStreet(code.clone()))?;
    let areas = ToldAreas::of(&site, &actor, snapshot).await?;
    let feature = street_feature((snapshot, &areas), &actor, position);
    cache::json(&view.tag, GEO_JSON, &with_item_links(feature, "streets", &code, &view.clocks))
}

fn street_feature((snapshot, areas): (&Snapshot, &ToldAreas), actor: &Actor, position: usize) -> Feature {
    let street = &snapshot.streets()[position];
    let label = snapshot.street_label(position);
    let mut properties = Properties::new(actor.sight_in(&street.code));
    properties.put(Field::Identity, "code", street.code.as_str());
    properties.put(Field::Identity, "name", street.name.as_str());
    properties.put(Field::Identity, "stem", street.stem.as_str());
    properties.put(Field::Identity, "kind", street.kind.key());
    properties.put(Field::Identity, "initials", street.initials.as_str());
    properties.put(Field::Identity, "aliases", street.aliases.clone());
    properties.put_count(Field::Identity, "areas", areas.of_street(&street.code));
    properties.put(Field::Identity, "label", vec![label.x, label.y]);
    properties.put(Field::Identity, "schematic", street.schematic);
    let (geometry, bbox) = geometry(&street.boundary);
    Feature { bbox, geometry, id: None, properties: Some(properties.into_object()), foreign_members: None }
}
