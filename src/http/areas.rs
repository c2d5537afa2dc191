//! The collection `areas`: RFC 7946 GeoJSON, a page or one.

use axum::http::Uri;
use axum::response::Response;
use geo::{BoundingRect as _, Coord, Rect};
use geojson::{Feature, FeatureCollection, Geometry, GeometryValue, JsonObject, JsonValue};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{AreaQuery, AreaThen, Error, ITEM_LIMIT_DEFAULT, ITEM_LIMIT_MAX, Snapshot};
use crate::auth::{Actor, Field, Visibility};
use crate::http::absent::absent_area;
use crate::http::clocks::Clocks;
use crate::http::extract::{Asked, NoParams, Segments, known_street, parse_bbox, parse_limit};
use crate::http::site::{View, work};
use crate::http::told::put_count;
use crate::http::{Problem, cache};
use crate::model::{
    Area, AreaCode, AreaId, Attributes, Boundary, Committee, CommitteeStatus, ContractKind, ForeignCode, Management,
    Manager, Name, StyleClass, Uscc,
};
use crate::stats::Told;

/// Media type of GeoJSON (RFC 7946, 12).
pub const GEO_JSON: &str = "application/geo+json";

/// Parameters of `GET /api/collections/areas/items`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    bbox: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
    street: Option<String>,
    manager: Option<String>,
}

/// `GET /api/collections/areas/items`
pub async fn list_areas(actor: Actor, Asked(view, params): Asked<ListParams>, uri: Uri) -> Result<Response, Problem> {
    let snapshot = &view.snapshot;
    let bbox = params.bbox.as_deref().map(parse_bbox).transpose()?;
    let exactly = |corner| actor.asks_at(corner, view.tolerance_m);
    let query = AreaQuery {
        bbox: bbox.map(|bbox| Rect::new(exactly(bbox.min()), exactly(bbox.max()))),
        street: params.street.as_deref().map(|text| known_street(snapshot, text)).transpose()?,
        manager: params
            .manager
            .as_deref()
            .map(|text| Uscc::parse(text).map_err(|err| Problem::bad_parameter(err.to_string())))
            .transpose()?,
        limit: page_limit(params.limit.as_deref())?,
        after: params
            .cursor
            .as_deref()
            .map(|text| AreaCode::parse(text).map_err(|_| Problem::bad_parameter("cursor is not one from a next link")))
            .transpose()?,
    };
    // A thousand boundaries are a megabyte and a half of text: not for a thread that others wait on.
    work(move || {
        let snapshot = &view.snapshot;
        let page = snapshot.list_areas(&actor, &query)?;
        let next = page.positions.last().filter(|_| page.more).map(|last| snapshot.area(*last).code.as_str());
        let features = page.positions.iter().map(|position| area_feature(&view, &actor, *position)).collect();
        let own = [
            ("bbox", params.bbox.as_deref()),
            ("street", params.street.as_deref()),
            ("manager", params.manager.as_deref()),
        ];
        let kept = own.into_iter().chain(view.clocks.kept());
        let (path, limit, cursor) = (uri.path(), query.limit, params.cursor.as_deref());
        let links = PageLinks { kind: GEO_JSON, path, limit, cursor, next }.keeping(kept);
        cache::json(&view.tag, GEO_JSON, &collection(features, links))
    })
    .await
}

/// `GET /api/collections/areas/items/{code}`
pub async fn show_area(
    actor: Actor,
    Segments(text): Segments<String>,
    Asked(view, NoParams {}): Asked<NoParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let code = AreaCode::parse(&text).map_err(|_| Error::NoSuchArea(text))?;
    let Some(position) = view.snapshot.area_position(&code) else { return Err(absent_area(&view, &code, &uri)) };
    let feature = area_feature(&view, &actor, position);
    cache::json(&view.tag, GEO_JSON, &with_item_links(feature, "areas", code.as_str(), &view.clocks))
}

/// A `limit` parameter: clamped to the maximum, 0 refused (OGC API - Features, part 1, 7.15.3).
pub fn page_limit(limit: Option<&str>) -> Result<usize, Problem> {
    limit.map_or(Ok(ITEM_LIMIT_DEFAULT), |text| parse_limit(text, ITEM_LIMIT_MAX))
}

/// What leads from page to page.
pub struct PageLinks<'a> {
    /// Media type of the pages.
    pub kind: &'a str,
    /// Path of the list.
    pub path: &'a str,
    /// Most items of a page.
    pub limit: usize,
    /// Cursor of this page.
    pub cursor: Option<&'a str>,
    /// Cursor of the next page, while there is one.
    pub next: Option<&'a str>,
}

impl PageLinks<'_> {
    /// The links, with the parameters of the question that are to be kept.
    pub fn keeping<'a>(&self, kept: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Value {
        let kept: Vec<(&str, &str)> = kept.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let link = |rel: &str, cursor: Option<&str>| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("limit", &self.limit.to_string());
            query.extend_pairs(kept.iter().copied().chain(cursor.map(|c| ("cursor", c))));
            json!({ "rel": rel, "type": self.kind, "href": format!("{}?{}", self.path, query.finish()) })
        };
        let next = self.next.map(|next| link("next", Some(next)));
        Value::Array(std::iter::once(link("self", self.cursor)).chain(next).collect())
    }
}

/// A path with the clocks of the question behind it.
pub fn with_clocks(path: &str, clocks: &Clocks) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(clocks.kept().into_iter().filter_map(|(name, value)| Some((name, value?))));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// A collection with its links and the number of features in it.
pub fn collection(features: Vec<Feature>, links: Value) -> FeatureCollection {
    let mut members = JsonObject::new();
    members.insert("numberReturned".to_owned(), features.len().into());
    members.insert("links".to_owned(), links);
    FeatureCollection { bbox: None, features, foreign_members: Some(members) }
}

/// A single feature with links to itself and to its collection.
pub fn with_item_links(mut feature: Feature, collection: &str, code: &str, clocks: &Clocks) -> Feature {
    let items = format!("/api/collections/{collection}/items");
    let links = json!([
        { "rel": "self", "type": GEO_JSON, "href": with_clocks(&format!("{items}/{code}"), clocks) },
        { "rel": "collection", "type": GEO_JSON, "href": with_clocks(&items, clocks) },
    ]);
    feature.foreign_members.get_or_insert_default().insert("links".to_owned(), links);
    feature
}

/// Geometry and box of a boundary.
pub fn geometry(boundary: &Boundary) -> (Option<Geometry>, Option<geojson::Bbox>) {
    let bbox = boundary.bounding_rect().map(|rect| vec![rect.min().x, rect.min().y, rect.max().x, rect.max().y]);
    (Some(Geometry::new(GeometryValue::from(boundary))), bbox)
}

/// Properties of one thing, each let through or left out by its field's visibility.
pub struct Properties {
    sight: Visibility,
    members: JsonObject,
}

impl Properties {
    /// None yet, for somebody who sees so much of the thing.
    pub fn new(sight: Visibility) -> Self {
        Self { sight, members: JsonObject::new() }
    }

    /// Adds a property if its field may be seen.
    pub fn put(&mut self, field: Field, name: &str, value: impl Into<JsonValue>) {
        if self.sight.shows(field) {
            self.members.insert(name.to_owned(), value.into());
        }
    }

    /// Puts a count as far as it is told.
    pub fn put_count(&mut self, field: Field, name: &str, told: Told) {
        if self.sight.shows(field) {
            put_count(&mut self.members, name, told);
        }
    }

    /// The properties as a JSON object.
    pub fn into_object(self) -> JsonObject {
        self.members
    }
}

/// An area as it is told.
struct Telling<'a> {
    id: Option<AreaId>,
    area: &'a Area,
    manager: Option<&'a Manager>,
    status: CommitteeStatus,
    label: Coord,
}

/// An area with all its properties.
pub fn area_feature(view: &View, actor: &Actor, position: usize) -> Feature {
    let snapshot = &*view.snapshot;
    let area = snapshot.area(position);
    let (manager, status) = (snapshot.manager_of(area), snapshot.status(position));
    let label = snapshot.label(position);
    feature(view, actor, &Telling { id: Some(area.id), area, manager, status, label })
}

/// An area as it was, with all its properties. Its street and community are called what they are in the view. Without a
/// number when it is not in the view.
pub fn past_feature(view: &View, actor: &Actor, then: &AreaThen) -> Feature {
    let AreaThen { area, manager, status, label } = then;
    let id = view.snapshot.area_position(&area.code).map(|position| view.snapshot.area(position).id);
    feature(view, actor, &Telling { id, area, manager: manager.as_ref(), status: *status, label: *label })
}

fn feature(view: &View, actor: &Actor, told: &Telling<'_>) -> Feature {
    let boundary = actor.sight_in(&told.area.street).boundary(&told.area.boundary, view.tolerance_m);
    let (geometry, bbox) = geometry(&boundary);
    Feature {
        bbox,
        geometry,
        id: told.id.map(|id| geojson::feature::Id::Number(id.0.into())),
        properties: Some(area_properties(view, actor, told)),
        foreign_members: None,
    }
}

/// Who an area is and of which class: the members shared by every answer that names areas.
pub fn put_area_summary(properties: &mut Properties, snapshot: &Snapshot, position: usize) {
    put_summary(properties, snapshot, snapshot.area(position), snapshot.status(position));
}

fn put_summary(properties: &mut Properties, snapshot: &Snapshot, area: &Area, status: CommitteeStatus) {
    let street = snapshot.street_position(&area.street).map(|position| snapshot.streets()[position].name.as_str());
    properties.put(Field::Identity, "code", area.code.as_str());
    properties.put(Field::Identity, "name", area.name.as_str());
    properties.put(Field::Identity, "street", area.street.as_str());
    properties.put(Field::Identity, "street_name", street);
    properties.put(Field::Management, "management", area.management.key());
    properties.put(Field::CommitteeStatus, "committee", status.key());
    properties.put(Field::CommitteeStatus, "style", StyleClass::of(area.management, status).key());
}

fn area_properties(view: &View, actor: &Actor, told: &Telling<'_>) -> JsonObject {
    let snapshot = &*view.snapshot;
    let Telling { area, manager, status, label, .. } = *told;
    let sight = actor.sight_in(&area.street);
    let mut properties = Properties::new(sight);
    put_summary(&mut properties, snapshot, area, status);
    properties.put(Field::Identity, "other_names", names(&area.other_names));
    properties.put(Field::Identity, "community", area.community.as_ref().map(|c| c.as_str()));
    properties.put(Field::Identity, "community_name", snapshot.community_of(area).map(|c| c.stem.as_str()));
    properties.put(Field::Management, "quasi_kind", quasi_kind(area.management));
    put_manager(&mut properties, manager);
    put_attributes(&mut properties, area.site_area_m2, &area.attributes);
    let committees: Option<Vec<JsonObject>> =
        area.committees.as_ref().map(|list| list.iter().map(|committee| committee_object(sight, committee)).collect());
    properties.put(Field::Committees, "committees", json!(committees));
    properties.put(Field::Identity, "label", vec![label.x, label.y]);
    properties.put(Field::Identity, "demo", area.demo);
    properties.put(Field::Identity, "valid_from", area.validity.from.map(|day| day.to_string()));
    properties.put(Field::Identity, "valid_until", area.validity.until.map(|day| day.to_string()));
    // What the area was changed by last is only of use to somebody who is about to change it.
    properties.put(Field::Source, "revision", view.present.then_some(area.changed.0));
    properties.put(Field::Source, "source", source(snapshot, area));
    properties.into_object()
}

/// Further names.
pub fn names(names: &[Name]) -> Vec<Value> {
    names.iter().map(|name| json!({ "kind": name.kind.key(), "text": name.text })).collect()
}

/// The sub-kind of quasi-property management.
pub fn quasi_kind(management: Management) -> Option<&'static str> {
    match management {
        Management::QuasiProperty(kind) => Some(kind.key()),
        Management::Contracted | Management::Unknown => None,
    }
}

/// Who manages an area.
pub fn put_manager(properties: &mut Properties, manager: Option<&Manager>) {
    properties.put(Field::ManagerUscc, "manager", manager.map(|m| m.uscc.as_str()));
    properties.put(Field::Manager, "manager_name", manager.map(|m| m.name.as_str()));
    properties.put(Field::Manager, "manager_kind", manager.map(|m| m.kind.key()));
    properties.put(Field::ManagerPhone, "manager_phone", manager.and_then(|m| m.phone.as_deref()));
    properties.put(Field::ManagerParty, "manager_party_organisation", manager.and_then(|m| m.party_organisation));
}

/// Descriptive facts of an area.
pub fn put_attributes(properties: &mut Properties, site_area_m2: f64, facts: &Attributes) {
    properties.put(Field::Size, "site_area_m2", (site_area_m2 * 10.0).round() / 10.0);
    properties.put(Field::Size, "floor_area_m2", facts.floor_area_m2);
    properties.put(Field::Size, "households", facts.households);
    properties.put(Field::Size, "building_count", facts.building_count);
    properties.put(Field::Size, "built_year", facts.built_year);
    properties.put(Field::Address, "address", facts.address.as_deref());
    properties.put(Field::Fee, "fee_yuan_per_m2_month", facts.fee_yuan_per_m2_month);
    properties.put(Field::Contract, "contract_from", facts.contract_from.map(|day| day.to_string()));
    properties.put(Field::Contract, "contract_until", facts.contract_until.map(|day| day.to_string()));
    properties.put(Field::Contract, "contract_kind", facts.contract_kind.map(ContractKind::key));
    properties.put(Field::Contract, "contract_filed_on", facts.contract_filed_on.map(|day| day.to_string()));
    properties.put(Field::Source, "delimitation_document", facts.delimitation_document.as_deref());
    let codes = |code: &ForeignCode| json!({ "scheme": code.scheme, "code": code.code });
    properties.put(Field::ForeignCodes, "foreign_codes", facts.foreign_codes.iter().map(codes).collect::<Vec<_>>());
}

/// A committee, for somebody who sees so much of its area.
pub fn committee_object(sight: Visibility, committee: &Committee) -> JsonObject {
    let mut properties = Properties::new(sight);
    let day = |date: Option<jiff::civil::Date>| date.map(|date| date.to_string());
    properties.put(Field::Committees, "code", committee.code.as_str());
    properties.put(Field::Committees, "kind", committee.kind.key());
    properties.put(Field::Committees, "formed_on", committee.formed_on.to_string());
    properties.put(Field::Committees, "filing_applied_on", day(committee.filing_applied_on));
    properties.put(Field::Committees, "filed_on", day(committee.filed_on));
    properties.put(Field::Committees, "filing_number", committee.filing_number.as_deref());
    properties.put(Field::Committees, "term_until", day(committee.term_until));
    properties.put(Field::Committees, "dissolved_on", day(committee.dissolved_on));
    properties.put(Field::Committees, "operating", committee.operating);
    properties.put(Field::Committees, "members", committee.members);
    properties.put(Field::CommitteeParty, "party_organisation", committee.party.map(|party| party.present));
    properties.put(Field::CommitteeParty, "party_since", day(committee.party.and_then(|party| party.since)));
    properties.into_object()
}

fn source(snapshot: &Snapshot, area: &Area) -> Value {
    snapshot.record_of(area).map_or(Value::Null, |record| {
        json!({
            "record": record.id.0,
            "kind": record.kind.key(),
            "document": record.document,
            "authority": record.authority,
            "dated": record.dated.to_string(),
            "recorded_at": record.recorded_at.to_string(),
        })
    })
}
