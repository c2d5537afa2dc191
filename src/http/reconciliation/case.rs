//! Cases: the queue, and one of them with everything that helps to decide.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use geo::{BooleanOps as _, BoundingRect as _, Coord, MultiPolygon, Rect, unary_union};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::reconciliation::{
    CaseFilter, CaseState, CaseView, Decision, Effect, Effects, Run, Standing, Task, TaskState, owner_of,
};
use crate::auth::{Actor, Field};
use crate::formats::geojson::geometry_text;
use crate::geom::surface_m2;
use crate::http::areas::PageLinks;
use crate::http::deliveries::{NO_STORE, delivery_id};
use crate::http::extract::{NoParams, Params, Segments, parse_limit};
use crate::http::rates::is_party_rate;
use crate::http::reconciliation::figures::{street_name, tenths};
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::themes::text;
use crate::http::{Problem, Site};
use crate::ingest::delivery::Draft;
use crate::model::StreetCode;
use crate::reconcile::{Class, Consequence, Reason};
use crate::stats::definition;

/// Cases of a page that does not say how many, and at most.
const CASES_DEFAULT: usize = 200;
const CASES_MAX: usize = 2_000;

/// Neighbours of a case that are drawn, at most.
const NEIGHBOURS_MAX: usize = 60;

/// How far around a case its neighbours are drawn, degrees.
const MARGIN_DEG: f64 = 0.0012;

/// Parameters of `GET /api/deliveries/{id}/reconciliation/cases`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseParams {
    class: Option<String>,
    street: Option<String>,
    state: Option<String>,
    owner: Option<String>,
    consequence: Option<String>,
    task: Option<String>,
    q: Option<String>,
    limit: Option<String>,
    cursor: Option<usize>,
}

impl CaseParams {
    fn filter(&self) -> Result<CaseFilter, Problem> {
        fn known<T>(name: &str, text: Option<&String>, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, Problem> {
            let bad = |text: &String| Problem::bad_parameter(format!("{name}: there is no {text:?}"));
            text.map(|text| read(text).ok_or_else(|| bad(text))).transpose()
        }
        Ok(CaseFilter {
            class: known("class", self.class.as_ref(), Class::from_key)?,
            street: known("street", self.street.as_ref(), |text| StreetCode::parse(text).ok())?,
            state: known("state", self.state.as_ref(), CaseState::from_key)?,
            owner: self.owner.clone(),
            consequence: known("consequence", self.consequence.as_ref(), Consequence::from_key)?,
            task: known("task", self.task.as_ref(), TaskState::from_key)?,
            q: self.q.clone(),
        })
    }
}

/// `GET /api/deliveries/{id}/reconciliation/cases`: in the order in which they are to be looked at.
pub async fn list_cases(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Params(params): Params<CaseParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    let limit = params.limit.as_deref().map_or(Ok(CASES_DEFAULT), |text| parse_limit(text, CASES_MAX))?;
    let filter = params.filter()?;
    let path = uri.path().to_owned();
    work(move || {
        let (run, standing) = site.app().reconciliation_summary(&actor, id)?;
        let views: Vec<&CaseView> = run.filtered(&standing, &filter).collect();
        let from = params.cursor.unwrap_or(0);
        let cases: Vec<Value> =
            views.iter().skip(from).take(limit).map(|view| row_object(&run, &standing, view)).collect();
        let next = (from + cases.len() < views.len()).then(|| (from + cases.len()).to_string());
        let cursor = params.cursor.map(|cursor| cursor.to_string());
        let links = PageLinks { kind: JSON, path: &path, limit, cursor: cursor.as_deref(), next: next.as_deref() }
            .keeping([
                ("class", params.class.as_deref()),
                ("street", params.street.as_deref()),
                ("state", params.state.as_deref()),
                ("owner", params.owner.as_deref()),
                ("consequence", params.consequence.as_deref()),
                ("task", params.task.as_deref()),
                ("q", params.q.as_deref()),
            ]);
        Ok(([NO_STORE], Json(json!({ "cases": cases, "total": views.len(), "links": links }))).into_response())
    })
    .await
}

/// `GET /api/deliveries/{id}/reconciliation/cases/{key}`
pub async fn show_case(
    State(site): State<Site>,
    actor: Actor,
    Segments((id, key)): Segments<(String, String)>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let id = delivery_id(&id)?;
    work(move || {
        let (run, standing) = site.app().reconciliation_summary(&actor, id)?;
        let view = run.case(&key).map_err(crate::app::Error::from)?;
        let mut object = row_object(&run, &standing, view);
        let reasons: Vec<Value> =
            view.case.reasons.iter().map(|reason| json!({ "zh": reason.chinese(), "en": reason.english() })).collect();
        object["reasons"] = json!(reasons);
        object["next_best"] = next_best(view);
        let fields: Vec<Value> = view
            .fields
            .iter()
            .map(|field| {
                json!({
                    "field": field.field,
                    "ours": field.ours,
                    "theirs": field.theirs,
                    "suggestion": field.suggestion.key(),
                    "asks": field.asks,
                    "enters": field.enters,
                })
            })
            .collect();
        object["fields"] = json!(fields);
        object["geometry"] = geometry_object(&run, view);
        let (mut effect, mut refused, mut lacks) = (Value::Null, Vec::new(), None);
        match site.app().effect(&run, view)? {
            Effects::Known(known) => effect = effect_object(&run, &actor, &known),
            Effects::Refused(faults) => refused.extend(faults.into_iter().map(|fault| fault.message)),
            Effects::Lacking(lack) => lacks = Some(lack.key()),
        }
        object["effect"] = effect;
        object["effect_refused"] = json!(refused);
        object["effect_lacks"] = json!(lacks);
        Ok(([NO_STORE], Json(object)).into_response())
    })
    .await
}

fn effect_object(run: &Run, actor: &Actor, effect: &Effect) -> Value {
    let seen = effect.rates.iter().filter(|(rate, _)| !is_party_rate(rate.id) || actor.may_see(Field::PartyRates));
    let rates: Vec<Value> = seen
        .map(|(before, after)| {
            json!({
                "id": before.id.key(),
                "title": text(definition(before.id).title),
                "before": [before.numerator, before.denominator],
                "after": [after.numerator, after.denominator],
            })
        })
        .collect();
    let street = effect.street.as_ref().map(|(before, after)| [before, after].map(|code| street_name(run, code)));
    json!({ "rates": rates, "street": street, "m2": [tenths(effect.m2.0), tenths(effect.m2.1)] })
}

/// A case as a line of the queue.
pub(super) fn row_object(run: &Run, standing: &Standing, view: &CaseView) -> Value {
    let ours: Vec<Value> = run
        .areas_of(view)
        .map(|area| {
            let street_name = street_name(run, &area.street);
            json!({
                "code": area.code.as_str(),
                "name": area.name,
                "street": area.street.as_str(),
                "street_name": street_name,
            })
        })
        .collect();
    let theirs: Vec<Value> = run
        .rows_of(view)
        .map(|right| {
            let Draft { row, places, .. } = run.draft(right);
            let places: Vec<String> = places.iter().map(|place| format!("{}:{}", place.file, place.item)).collect();
            json!({
                "row": run.row_name(right),
                "places": places,
                "code": row.foreign_code,
                "name": row.name,
                "street": row.street.as_ref().map(StreetCode::as_str),
                "street_name": row.street.as_ref().map(|code| street_name(run, code)),
            })
        })
        .collect();
    let decision = standing.decision_on(view);
    json!({
        "key": view.key,
        "class": view.case.class.key(),
        "relation": view.case.relation().key(),
        "state": standing.state(run, view).key(),
        "status": view.case.status.key(),
        "probability": (view.case.probability * 1e4).round() / 1e4,
        "consequence": view.consequence.key(),
        "difference_m2": view.case.difference_m2.map(tenths),
        "m2": tenths(view.m2),
        "near_identical": view.case.is_near_identical(),
        "ours": ours,
        "theirs": theirs,
        "conflicts": view.conflicts().collect::<Vec<_>>(),
        "owner": owner_of(run, standing, view),
        "decision": decision.map(|decision| verdict_object(decision, view)),
        "task": standing.task(view).map(task_object),
        "findings": view.findings,
        "minor": standing.minor(run, view).iter().map(|field| field.field).collect::<Vec<_>>(),
    })
}

fn verdict_object(decision: &Decision, view: &CaseView) -> Value {
    json!({
        "verdict": decision.verdict.key(),
        "fields": decision.fields,
        "reason": decision.reason.key(),
        "note": decision.note,
        "by": decision.by,
        "at": decision.at.to_string(),
        "replayed": decision.is_replayed(view.delivery),
        "entered": view.is_entered(decision),
    })
}

/// A task as it is told.
pub(super) fn task_object(task: &Task) -> Value {
    json!({
        "state": task.state.key(),
        "answer": task.answer.map(|answer| answer.key()),
        "name": task.name,
        "dated": task.dated.map(|day| day.to_string()),
        "until": task.until.map(|day| day.to_string()),
        "note": task.note,
    })
}

fn next_best(view: &CaseView) -> Value {
    let bits = view.case.reasons.iter().find_map(|reason| match reason {
        Reason::RunnerUp(bits) => Some(*bits),
        _ => None,
    });
    bits.map_or(Value::Null, |bits| json!({ "code": null, "name": null, "bits": tenths(bits) }))
}

/// The outlines of a case on the map of the register, what only one side covers, and what lies around.
fn geometry_object(run: &Run, view: &CaseView) -> Value {
    let areas: Vec<_> = run.areas_of(view).collect();
    let rows: Vec<usize> = run.rows_of(view).collect();
    let ours: Vec<Value> = areas
        .iter()
        .map(|area| feature(&area.boundary, json!({ "code": area.code.as_str(), "name": area.name })))
        .collect();
    let placed: Vec<(usize, MultiPolygon)> = rows
        .iter()
        .filter_map(|right| {
            let draft = run.draft(*right);
            let outline = draft.outline.as_ref().map(|outline| &outline.boundary).or(draft.unusable.as_ref())?;
            Some((*right, run.outcome.placings[*right].outline(outline)))
        })
        .collect();
    let points: Vec<(usize, Coord)> = rows
        .iter()
        .filter(|right| !placed.iter().any(|(other, _)| other == *right))
        .filter_map(|right| Some((*right, run.outcome.placings[*right].position(run.draft(*right).point?))))
        .collect();
    let told = |right: usize| {
        let name = &run.draft(right).row.name;
        json!({ "row": run.row_name(right), "name": name, "moved_m": moved(run, right) })
    };
    let outlines = placed.iter().map(|(right, outline)| feature(outline, told(*right)));
    let points_told = points.iter().map(|(right, at)| {
        let geometry = json!({ "type": "Point", "coordinates": [at.x, at.y] });
        json!({ "type": "Feature", "geometry": geometry, "properties": told(*right) })
    });
    let theirs: Vec<Value> = outlines.chain(points_told).collect();
    // What cannot be used may cross itself, and is only to be looked at.
    let usable: Vec<&MultiPolygon> =
        placed.iter().filter(|(right, _)| run.draft(*right).outline.is_some()).map(|(_, outline)| outline).collect();
    let (own, other) = (unary_union(areas.iter().map(|area| &area.boundary)), unary_union(usable));
    let mut difference = Vec::new();
    // A row without an outline says nothing of ground, and a copy says what its pair says.
    let is_alone = matches!(view.case.class, Class::Missing | Class::New);
    if is_alone || (!own.0.is_empty() && !other.0.is_empty()) {
        for (side, shape) in [("ours", own.difference(&other)), ("theirs", other.difference(&own))] {
            if !shape.0.is_empty() {
                difference.push(feature(&shape, json!({ "side": side, "m2": tenths(surface_m2(&shape)) })));
            }
        }
    }
    let around = areas.iter().map(|area| &area.boundary).chain(placed.iter().map(|(_, outline)| outline));
    let boxes = around.filter_map(|outline| outline.bounding_rect());
    let bounds = boxes.chain(points.iter().map(|(_, at)| Rect::new(*at, *at))).reduce(|a, b| {
        Rect::new(
            Coord { x: a.min().x.min(b.min().x), y: a.min().y.min(b.min().y) },
            Coord { x: a.max().x.max(b.max().x), y: a.max().y.max(b.max().y) },
        )
    });
    let neighbours: Vec<Value> = bounds.map_or_else(Vec::new, |bounds| {
        let margin = Coord { x: MARGIN_DEG, y: MARGIN_DEG };
        let near = run.snapshot.index().within(Rect::new(bounds.min() - margin, bounds.max() + margin));
        let mut positions: Vec<usize> = near.into_iter().collect();
        positions.sort_unstable();
        let others = positions.into_iter().map(|position| run.snapshot.area(position));
        let others = others.filter(|area| !areas.iter().any(|own| own.code == area.code));
        others
            .take(NEIGHBOURS_MAX)
            .map(|area| feature(&area.boundary, json!({ "code": area.code.as_str(), "name": area.name })))
            .collect()
    });
    json!({
        "ours": collection(ours),
        "theirs": collection(theirs),
        "difference": collection(difference),
        "neighbours": collection(neighbours),
    })
}

/// Metres by which a row was carried.
fn moved(run: &Run, right: usize) -> [f64; 2] {
    let draft = run.draft(right);
    let outline = draft.outline.as_ref().map(|outline| &outline.boundary).or(draft.unusable.as_ref());
    let centre = outline.and_then(|outline| Some(outline.bounding_rect()?.center())).or(draft.point);
    let by = centre.map_or((0.0, 0.0), |centre| run.outcome.placings[right].moved_m(centre));
    [tenths(by.0), tenths(by.1)]
}

fn feature(outline: &MultiPolygon, properties: Value) -> Value {
    let geometry: Value = serde_json::from_str(&geometry_text(outline)).unwrap_or(Value::Null);
    json!({ "type": "Feature", "geometry": geometry, "properties": properties })
}

fn collection(features: Vec<Value>) -> Value {
    json!({ "type": "FeatureCollection", "features": features })
}
