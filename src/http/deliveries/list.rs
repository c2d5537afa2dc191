//! What was delivered, and what each delivery is.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{Proposal, ProposedColumn, ProposedLayer, write_settings};
use crate::auth::Actor;
use crate::http::areas::{PageLinks, page_limit};
use crate::http::deliveries::{delivery_id, delivery_object};
use crate::http::extract::{NoParams, Params, Segments};
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::ingest::delivery::{DeliveredField, Position};

/// Answers about deliveries change without a revision, so nobody keeps them.
pub(in crate::http) const NO_STORE: (header::HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// Parameters of `GET /api/deliveries`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    limit: Option<String>,
    cursor: Option<u32>,
}

/// `GET /api/deliveries`: newest first.
pub async fn list_deliveries(
    State(site): State<Site>,
    actor: Actor,
    Params(params): Params<ListParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let limit = page_limit(params.limit.as_deref())?;
    let path = uri.path().to_owned();
    work(move || {
        let mut page = site.app().deliveries(&actor)?;
        page.retain(|delivery| params.cursor.is_none_or(|cursor| delivery.id.0 < cursor));
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| more).map(|last| last.id.to_string());
        let cursor = params.cursor.map(|cursor| cursor.to_string());
        let links =
            PageLinks { kind: JSON, path: &path, limit, cursor: cursor.as_deref(), next: next.as_deref() }.keeping([]);
        let deliveries: Vec<Value> = page.iter().map(|delivery| delivery_object(site.app(), delivery)).collect();
        Ok(([NO_STORE], Json(json!({ "deliveries": deliveries, "links": links }))).into_response())
    })
    .await
}

/// `GET /api/deliveries/{id}`
pub async fn show_delivery(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    work(move || {
        let delivery = site.app().delivery(&actor, id)?;
        let mut body = delivery_object(site.app(), &delivery);
        // While something is done with it, the proposal would have to wait for that.
        if site.app().delivery_progress(id).is_none() {
            describe(&mut body, &*site.app().proposal(&actor, id)?);
        }
        Ok(([NO_STORE], Json(body)).into_response())
    })
    .await
}

/// `GET /api/deliveries/{id}/files/{number}`: the bytes as they were received.
pub async fn show_file(
    State(site): State<Site>,
    actor: Actor,
    Segments((id, number)): Segments<(String, String)>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let number = number.parse::<usize>().map_err(|_| Problem::not_found("a file is named by its number"))?;
    work(move || {
        let (file, bytes) = site.app().delivered_file(&actor, id, number)?;
        let name: String = form_urlencoded::byte_serialize(file.name.as_bytes()).collect();
        let disposition = format!("attachment; filename*=UTF-8''{}", name.replace('+', "%20"));
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
            (header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition).map_err(|err| Problem::internal(&err))?),
            NO_STORE,
        ];
        Ok((headers, bytes).into_response())
    })
    .await
}

/// Adds what a delivery is.
fn describe(body: &mut Value, proposal: &Proposal) {
    body["layers"] = proposal.layers.iter().map(layer_object).collect();
    let fields = DeliveredField::all();
    body["fields"] =
        fields.iter().map(|field| json!({ "key": field.key(), "label": both_texts(&field.label()) })).collect();
    body["position"] = position_object(&proposal.position);
    body["settings"] = serde_json::from_str(&write_settings(&proposal.settings)).unwrap_or(Value::Null);
}

fn layer_object(layer: &ProposedLayer) -> Value {
    let column = |column: &ProposedColumn| {
        json!({
            "name": column.name,
            "samples": column.samples,
            "filled": column.filled,
            "field": column.field.map(|field| field.key()),
            "confidence": column.confidence.key(),
            "refused": column.refused.as_ref().map(both_texts),
        })
    };
    json!({
        "file": layer.file,
        "name": layer.name,
        "format": layer.format.key(),
        "encoding": layer.encoding,
        "crs": layer.crs,
        "records": layer.records,
        "with_geometry": layer.with_geometry,
        "columns": layer.columns.iter().map(column).collect::<Vec<_>>(),
    })
}

/// What is to be said of the reference system.
pub(super) fn position_object(position: &Position) -> Value {
    let candidates: Vec<Value> = position
        .candidates
        .iter()
        .map(|candidate| {
            json!({
                "key": candidate.assumption.to_string(),
                "label": both_texts(&candidate.label),
                "in_district": candidate.share_in_box,
                "matched": candidate.matched,
                "median_before_m": candidate.median_before_m,
                "median_after_m": candidate.median_after_m,
                "azimuth_deg": candidate.azimuth_deg,
            })
        })
        .collect();
    let rows: Vec<Value> =
        position.outliers.iter().map(|(key, rows)| json!({ "key": key, "rows": rows.len() })).collect();
    json!({
        "declared": position.declared,
        "used": position.used.as_ref().map(ToString::to_string),
        "verdict": position.verdict_key(),
        "candidates": candidates,
        "rows": rows,
    })
}

fn both_texts((zh, en): &(String, String)) -> Value {
    json!({ "zh-CN": zh, "en": en })
}
