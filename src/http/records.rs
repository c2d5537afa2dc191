//! Records: what was entered, when and on what paper.

use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;
use geojson::JsonObject;
use serde::Deserialize;
use serde_json::json;

use crate::app::{Error, RECORD_AREAS_MAX, RecordChange, Snapshot};
use crate::auth::{Actor, Field, Resource, Visibility};
use crate::history::ChangeKind;
use crate::http::areas::{PageLinks, Properties, page_limit};
use crate::http::changes::{keys, visible};
use crate::http::extract::{NoParams, Params, Segments};
use crate::http::site::work;
use crate::http::{Problem, Site, cache};
use crate::model::{AreaCode, Record, Revision};

/// Media type of JSON.
pub const JSON: &str = "application/json";

/// Parameters of `GET /api/records`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    limit: Option<String>,
    cursor: Option<u32>,
}

/// `GET /api/records`: newest first.
pub async fn list_records(
    State(site): State<Site>,
    actor: Actor,
    Params(params): Params<ListParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let view = site.published_for(&actor)?;
    let limit = page_limit(params.limit.as_deref())?;
    let older = |record: &&Record| params.cursor.is_none_or(|cursor| record.id.0 < cursor);
    let mut page: Vec<&Record> =
        view.snapshot.records().iter().rev().map(AsRef::as_ref).filter(older).take(limit + 1).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more).map(|last| last.id.0.to_string());
    let cursor = params.cursor.map(|cursor| cursor.to_string());
    let (path, cursor, next) = (uri.path(), cursor.as_deref(), next.as_deref());
    let links = PageLinks { kind: JSON, path, limit, cursor, next }.keeping([]);
    let records: Vec<JsonObject> = page.into_iter().map(|record| record_object(&actor, record)).collect();
    cache::json(&view.tag, JSON, &json!({ "records": records, "links": links }))
}

/// A record as everything that names one tells it.
pub fn record_object(actor: &Actor, record: &Record) -> JsonObject {
    let mut properties = Properties::new(actor.sight(&Resource::District));
    properties.put(Field::Records, "id", record.id.0);
    properties.put(Field::Records, "kind", record.kind.key());
    properties.put(Field::Records, "document", record.document.as_str());
    properties.put(Field::Records, "authority", record.authority.as_str());
    properties.put(Field::Records, "dated", record.dated.to_string());
    properties.put(Field::RecordAuthor, "author", record.author.as_str());
    properties.put(Field::Records, "recorded_at", record.recorded_at.to_string());
    properties.put(Field::Records, "note", record.note.as_str());
    properties.into_object()
}

/// `GET /api/records/{id}`: one of them, with what it changed.
pub async fn show_record(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let number = id.parse::<u32>().ok().filter(|number| number.to_string() == id).ok_or(Error::NoSuchRecord(id))?;
    let view = site.published_up_to(Revision(u64::from(number))).await?.told_to(&actor);
    work(move || {
        let records = view.snapshot.records();
        let at = records.binary_search_by_key(&number, |record| record.id.0);
        let record = &records[at.map_err(|_| Error::NoSuchRecord(number.to_string()))?];
        let (touched, areas) = site.app().areas_of_record(Revision(u64::from(number)))?;
        // A survey touches every area: then the first of them are named, and nothing is counted of the rest.
        let (all, named) = (touched <= RECORD_AREAS_MAX, areas.len());
        let seen = |area: RecordChange| {
            visible(sight_of(&actor, &view.snapshot, &area.code), area.difference.clone())
                .map(|difference| RecordChange { difference, ..area })
        };
        let areas: Vec<RecordChange> = areas.into_iter().filter_map(seen).collect();
        let mut body = record_object(&actor, record);
        body.insert("touched".to_owned(), (touched - (named - areas.len())).into());
        body.insert("changes".to_owned(), json!(all.then(|| counted(&areas))));
        let told = areas.iter().map(
            |area| json!({ "code": area.code.as_str(), "name": area.name, "change": keys(&area.difference.kinds) }),
        );
        body.insert("areas".to_owned(), told.collect::<Vec<_>>().into());
        cache::json(&view.tag, JSON, &body)
    })
    .await
}

/// How much somebody sees of an area by its code: of one that is there no more as much as of the district.
fn sight_of(actor: &Actor, snapshot: &Snapshot, code: &AreaCode) -> Visibility {
    match snapshot.area_position(code) {
        Some(position) => actor.sight_in(&snapshot.area(position).street),
        None => actor.sight(&Resource::District),
    }
}

/// How many areas changed in each way.
fn counted(areas: &[RecordChange]) -> JsonObject {
    let count = |kind: ChangeKind| areas.iter().filter(|area| area.difference.kinds.contains(&kind)).count();
    ChangeKind::ALL.into_iter().map(|kind| (kind.key().to_owned(), count(kind).into())).collect()
}
