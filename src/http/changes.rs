//! What changed between two states.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::access::Occasion;
use crate::app::{ChangeCounts, ComparedArea, Comparison, Snapshot};
use crate::auth::{Actor, Visibility};
use crate::history::{ChangeKind, Difference};
use crate::http::areas::{PageLinks, page_limit};
use crate::http::clocks::parse_state;
use crate::http::extract::{Params, known_street};
use crate::http::records::JSON;
use crate::http::site::{View, work};
use crate::http::{Problem, Site, cache};
use crate::model::{AreaCode, AsOf, StreetCode};

/// Parameters of `GET /api/changes`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    since: String,
    until: Option<String>,
    street: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// `GET /api/changes`
pub async fn list_changes(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    Params(params): Params<ListParams>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Problem> {
    let view = site.published_for(&actor)?;
    let limit = page_limit(params.limit.as_deref())?;
    let after = params.cursor.as_deref().map(AreaCode::parse).transpose();
    let after = after.map_err(|_| Problem::bad_parameter("cursor is not one from a next link"))?;
    let span = Span::parse(&view, &params.since, params.until.as_deref(), params.street.as_deref())?;
    if let Some(answer) = cache::unchanged(&headers, &view.tag) {
        return Ok(answer);
    }
    let until = site.state(span.until, occasion.address).await?;
    work(move || {
        let found = span.compare(&site, &actor, &until)?;
        let later = |area: &&ComparedArea| after.as_ref().is_none_or(|after| area.code > *after);
        let mut page: Vec<&ComparedArea> = found.areas.iter().filter(later).take(limit + 1).collect();
        let more = page.len() > limit;
        page.truncate(limit);
        let next = page.last().filter(|_| more).map(|last| last.code.as_str());
        let (path, cursor) = (uri.path(), params.cursor.as_deref());
        let kept = [
            ("since", Some(params.since.as_str())),
            ("until", params.until.as_deref()),
            ("street", params.street.as_deref()),
        ];
        let links = PageLinks { kind: JSON, path, limit, cursor, next }.keeping(kept);
        let body = json!({
            "from": clocks(found.from),
            "to": clocks(found.to),
            "totals": counts(&found.totals),
            "streets": streets(&view.snapshot, &found),
            "areas": page.into_iter().map(area_object).collect::<Vec<_>>(),
            "links": links,
        });
        cache::json(&view.tag, JSON, &body)
    })
    .await
}

/// What is compared: two states, in the whole district or in one street.
pub struct Span {
    since: AsOf,
    /// The later one.
    pub until: AsOf,
    street: Option<StreetCode>,
}

impl Span {
    /// From one state to another, or to the published one. Errors: 400 for what is not a state, 404 for a street that is not.
    pub fn parse(view: &View, since: &str, until: Option<&str>, street: Option<&str>) -> Result<Self, Problem> {
        let snapshot = &*view.snapshot;
        let street = street.map(|text| known_street(snapshot, text)).transpose()?;
        let since = parse_state("since", since, snapshot.records())?;
        let until = until.map(|text| parse_state("until", text, snapshot.records())).transpose()?;
        Ok(Self { since, until: until.unwrap_or_else(|| snapshot.as_of()), street })
    }

    /// What differs in the later state, as far as this actor may see it. Work for a thread that may wait.
    pub fn compare(&self, site: &Site, actor: &Actor, after: &Snapshot) -> Result<Comparison, Problem> {
        Ok(visible_of(actor, site.app().changes_until(after, self.since, self.street.as_ref())?))
    }
}

/// What may be seen of a difference by somebody who sees so much of its area; `None` when that is nothing.
pub fn visible(sight: Visibility, mut difference: Difference) -> Option<Difference> {
    let told = difference.fields.len();
    difference.fields.retain(|field| sight.shows_property(field));
    let of_boundary = |field: &&str| ["boundary", "site_area_m2"].contains(field);
    // An area that came or went names no fields, and that it did is told to everybody.
    if told > 0 && difference.fields.iter().all(of_boundary) {
        difference.kinds.retain(|kind| *kind != ChangeKind::Attributes);
    }
    (!difference.kinds.is_empty()).then_some(difference)
}

fn visible_of(actor: &Actor, mut found: Comparison) -> Comparison {
    let mut areas = Vec::with_capacity(found.areas.len());
    for area in std::mem::take(&mut found.areas) {
        let ComparedArea { difference, street, .. } = &area;
        let seen = visible(actor.sight_in(street), difference.clone());
        let hides = seen.as_ref().map_or(0, |seen| seen.kinds.len()) < difference.kinds.len();
        if hides {
            let of_street = found.streets.get_mut(street);
            for counts in of_street.into_iter().chain([&mut found.totals]) {
                counts.attributes -= 1;
                counts.unchanged += usize::from(seen.is_none());
            }
        }
        areas.extend(seen.map(|difference| ComparedArea { difference, ..area }));
    }
    Comparison { areas, ..found }
}

/// Names of the ways in which an area changes.
pub fn keys(kinds: &[ChangeKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.key()).collect()
}

fn clocks(as_of: AsOf) -> Value {
    json!({ "datetime": as_of.day.to_string(), "known": as_of.known.0 })
}

fn counts(counts: &ChangeCounts) -> Value {
    let ChangeCounts { added, ended, geometry, attributes, unchanged, .. } = counts;
    json!({ "added": added, "ended": ended, "geometry": geometry, "attributes": attributes, "unchanged": unchanged })
}

fn streets(snapshot: &Snapshot, found: &Comparison) -> Vec<Value> {
    let told = found.streets.iter().map(|(code, own)| {
        let position = snapshot.street_position(code);
        let name = position.map(|position| snapshot.streets()[position].name.as_str());
        let mut object = json!({ "street": code.as_str(), "name": name });
        if let (Value::Object(members), Value::Object(counts)) = (&mut object, counts(own)) {
            members.extend(counts);
        }
        object
    });
    told.collect()
}

fn area_object(area: &ComparedArea) -> Value {
    json!({
        "code": area.code.as_str(),
        "name": area.name,
        "street": area.street.as_str(),
        "change": keys(&area.difference.kinds),
        "fields": area.difference.fields,
        "record": area.record.0,
    })
}
