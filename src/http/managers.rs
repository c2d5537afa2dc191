//! The collection `managers`: companies and owning units, without geometry.

use axum::http::Uri;
use axum::response::Response;
use geojson::Feature;
use serde::Deserialize;

use crate::app::{Error, Snapshot};
use crate::auth::{Actor, Field};
use crate::http::areas::{GEO_JSON, PageLinks, Properties, collection, page_limit, with_item_links};
use crate::http::extract::{Asked, NoParams, Segments, known_street};
use crate::http::{Problem, cache};
use crate::model::Uscc;

/// Parameters of `GET /api/collections/managers/items`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    street: Option<String>,
    limit: Option<String>,
    cursor: Option<usize>,
}

/// `GET /api/collections/managers/items`
pub async fn list_managers(
    actor: Actor,
    Asked(view, params): Asked<ListParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let snapshot = &view.snapshot;
    let limit = page_limit(params.limit.as_deref())?;
    let street = params.street.as_deref().map(|text| known_street(snapshot, text)).transpose()?;
    let page = snapshot.list_managers(street.as_ref(), params.cursor.unwrap_or(0), limit);
    let next = page.positions.last().filter(|_| page.more).map(|last| (last + 1).to_string());
    let features = page.positions.iter().map(|position| manager_feature(snapshot, &actor, *position)).collect();
    let cursor = params.cursor.map(|cursor| cursor.to_string());
    let (path, cursor, next) = (uri.path(), cursor.as_deref(), next.as_deref());
    let kept = std::iter::once(("street", params.street.as_deref())).chain(view.clocks.kept());
    let links = PageLinks { kind: GEO_JSON, path, limit, cursor, next }.keeping(kept);
    cache::json(&view.tag, GEO_JSON, &collection(features, links))
}

/// `GET /api/collections/managers/items/{uscc}`; for those who may see credit codes.
pub async fn show_manager(
    actor: Actor,
    Segments(code): Segments<String>,
    Asked(view, NoParams {}): Asked<NoParams>,
) -> Result<Response, Problem> {
    let snapshot = &view.snapshot;
    let position = Uscc::parse(&code)
        .ok()
        .and_then(|uscc| snapshot.manager_position(&uscc))
        .filter(|position| snapshot.sight_of_manager(&actor, *position).shows(Field::ManagerUscc))
        .ok_or_else(|| Error::NoSuchManager(code.clone()))?;
    let feature = manager_feature(snapshot, &actor, position);
    cache::json(&view.tag, GEO_JSON, &with_item_links(feature, "managers", &code, &view.clocks))
}

fn manager_feature(snapshot: &Snapshot, actor: &Actor, position: usize) -> Feature {
    let manager = &snapshot.managers()[position];
    let mut properties = Properties::new(snapshot.sight_of_manager(actor, position));
    properties.put(Field::ManagerUscc, "uscc", manager.uscc.as_str());
    properties.put(Field::Manager, "name", manager.name.as_str());
    properties.put(Field::Manager, "kind", manager.kind.key());
    properties.put(Field::ManagerPhone, "phone", manager.phone.as_deref());
    properties.put(Field::ManagerParty, "party_organisation", manager.party_organisation);
    properties.put(Field::Manager, "areas", snapshot.managed_by(position).len());
    properties.put(Field::Identity, "demo", manager.demo);
    Feature { bbox: None, geometry: None, id: None, properties: Some(properties.into_object()), foreign_members: None }
}
