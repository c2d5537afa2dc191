//! Behind the rates: who is counted, streets in order, and how the rates came to be.

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::{App, MonthCount, Snapshot};
use crate::auth::{Actor, Field, Resource, Visibility};
use crate::http::areas::{PageLinks, Properties, page_limit, put_area_summary};
use crate::http::extract::{Asked, Segments, known_street};
use crate::http::rates::is_party_rate;
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::themes::text;
use crate::http::told::{put_count, put_rate};
use crate::http::{Problem, Site, cache};
use crate::model::{Area, RateId, StreetCode};
use crate::stats::{Member, Part, Ranked, Rate, Told, ToldTally, definition, members, ranking};

/// Parameters of `GET /api/rates/{id}/areas`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberParams {
    part: Option<String>,
    street: Option<String>,
    limit: Option<String>,
    cursor: Option<usize>,
}

/// `GET /api/rates/{id}/areas`: the areas or bodies that a rate counts, one by one.
pub async fn list_members(
    State(site): State<Site>,
    actor: Actor,
    Segments(id): Segments<String>,
    Asked(view, params): Asked<MemberParams>,
    uri: Uri,
) -> Result<Response, Problem> {
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    let sight = sight_of_scope(&actor, street.as_ref());
    let rate = seen_rate(sight, &id).ok_or_else(|| Problem::not_found(format!("rate {id} does not exist")))?;
    let part = params.part.as_deref().map_or(Some(Part::Numerator), Part::from_key).ok_or_else(|| {
        Problem::bad_parameter(format!("part must be one of {}", Part::ALL.map(Part::key).join(", ")))
    })?;
    // Committees and companies one by one are internal; how many there are is not.
    let bodies = rate == RateId::CommitteeCountRatio && part == Part::Numerator;
    if bodies && !sight.shows(Field::Committees) {
        return Err(Problem::not_found(format!("the committees of rate {id} are not told")));
    }
    let limit = page_limit(params.limit.as_deref())?;
    work(move || {
        let snapshot = &*view.snapshot;
        let all = members_of(snapshot, (rate, part), street.as_ref());
        let told = site.app().told(&actor, snapshot.tallies()).scope(street.as_ref());
        let count = told_count(&told, rate, part, all.len());
        // A list is its count, one by one: where that is held back it would be read off.
        if count.count().is_none() {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "held-back",
                "the count of this list is held back from the public, and the list with it",
            ));
        }
        let from = params.cursor.unwrap_or(0).min(all.len());
        let to = all.len().min(from + limit);
        let listed: Vec<Value> = all[from..to].iter().map(|one| member_object(snapshot, &actor, one)).collect();
        let next = (to < all.len()).then(|| to.to_string());
        let cursor = params.cursor.map(|cursor| cursor.to_string());
        let own = [("part", params.part.as_deref()), ("street", params.street.as_deref())];
        let links = PageLinks { kind: JSON, path: uri.path(), limit, cursor: cursor.as_deref(), next: next.as_deref() }
            .keeping(own.into_iter().chain(view.clocks.kept()));
        let mut body = rate_head(rate);
        body["date"] = snapshot.data_date().to_string().into();
        body["revision"] = snapshot.revision().0.into();
        body["as_of"] = view.as_of();
        body["street"] = json!(params.street);
        body["part"] = part.key().into();
        body["count"] = all.len().into();
        body["kind"] = kind_of(rate, part).into();
        body["members"] = listed.into();
        body["links"] = links;
        cache::json(&view.tag, JSON, &body)
    })
    .await
}

/// How much somebody sees of the figures of a street, or of the district.
pub(super) fn sight_of_scope(actor: &Actor, street: Option<&StreetCode>) -> Visibility {
    street.map_or_else(|| actor.sight(&Resource::District), |street| actor.sight_in(street))
}

/// The rate of that name, if somebody who sees so much may know of it.
pub(super) fn seen_rate(sight: Visibility, id: &str) -> Option<RateId> {
    RateId::from_key(id).filter(|id| !is_party_rate(*id) || sight.shows(Field::PartyRates))
}

fn members_of<'a>(snapshot: &'a Snapshot, wanted: (RateId, Part), street: Option<&StreetCode>) -> Vec<Member<'a>> {
    let in_scope = |position: &usize| street.is_none_or(|street| snapshot.area(*position).street == *street);
    let areas = snapshot.positions().filter(in_scope).map(|at| (snapshot.area(at), snapshot.status(at)));
    members(wanted, areas, |id| snapshot.manager(id), snapshot.data_date())
}

fn kind_of(rate: RateId, part: Part) -> &'static str {
    match rate {
        RateId::PartyCoverageCommittee => "committees",
        RateId::PartyCoverageCompany => "companies",
        RateId::CommitteeCountRatio if part == Part::Numerator => "committees",
        _ => "areas",
    }
}

fn member_object(snapshot: &Snapshot, actor: &Actor, member: &Member<'_>) -> Value {
    match member {
        Member::Area(area) => area_summary(snapshot, actor, area),
        Member::Committee(area, committee) => json!({
            "code": committee.code,
            "kind": committee.kind.key(),
            "operating": committee.operating,
            "formed_on": committee.formed_on.to_string(),
            "area": area_summary(snapshot, actor, area),
        }),
        Member::Company(company, areas) => {
            json!({ "uscc": company.uscc.as_str(), "name": company.name, "areas": areas })
        }
    }
}

/// Who an area is and of which class.
fn area_summary(snapshot: &Snapshot, actor: &Actor, area: &Area) -> Value {
    snapshot.area_position(&area.code).map_or(Value::Null, |position| summary(snapshot, actor, position))
}

/// Who the area at a position is and of which class.
pub(super) fn summary(snapshot: &Snapshot, actor: &Actor, position: usize) -> Value {
    let mut properties = Properties::new(actor.sight_in(&snapshot.area(position).street));
    put_area_summary(&mut properties, snapshot, position);
    Value::Object(properties.into_object())
}

fn rate_head(id: RateId) -> Value {
    let definition = definition(id);
    json!({
        "id": id.key(),
        "version": definition.version,
        "title": text(definition.title),
        "definition": text(definition.sentence),
    })
}

fn counts(told: &ToldTally, id: RateId) -> Value {
    let mut counts = Map::new();
    put_rate(&mut counts, id, told);
    Value::Object(counts)
}

/// How many members a part of a rate has, as far as its counts are told.
fn told_count(told: &ToldTally, id: RateId, part: Part, count: usize) -> Told {
    let count = Told::Count(u32::try_from(count).unwrap_or(u32::MAX));
    let (numerator, denominator) = told.rate(id);
    match part {
        _ if told.whole_rate(id).is_some() => count,
        Part::Numerator => numerator,
        Part::Denominator => denominator,
        Part::Missing => Told::Withheld,
    }
}

/// Parameters of `GET /api/rates/ranking`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankingParams {
    rate: Option<String>,
}

/// `GET /api/rates/ranking`: the streets in the order of a rate.
pub async fn show_ranking(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<RankingParams>,
) -> Result<Response, Problem> {
    let snapshot = &*view.snapshot;
    let id = match params.rate.as_deref() {
        None => RateId::CommitteeCoverage,
        Some(key) => seen_rate(actor.sight(&Resource::District), key).ok_or_else(|| unknown_rate(key))?,
    };
    let names = snapshot.streets();
    let told = site.app().told(&actor, snapshot.tallies());
    let (open, held_back): (Vec<_>, Vec<_>) =
        names.iter().map(|street| &street.code).partition(|code| told.scope(Some(code)).whole_rate(id).is_some());
    // Where the others stand is held back with their counts.
    let last = held_back.into_iter().map(|code| Ranked { rank: None, street: code.clone(), rate: Rate::new(id, 0, 0) });
    let streets: Vec<Value> = ranking(snapshot.tallies(), open, id)
        .into_iter()
        .chain(last)
        .map(|ranked| {
            let name = snapshot.street_position(&ranked.street).map(|at| names[at].name.as_str());
            let mut street = counts(&told.scope(Some(&ranked.street)), id);
            street["rank"] = json!(ranked.rank);
            street["street"] = ranked.street.as_str().into();
            street["street_name"] = json!(name);
            street
        })
        .collect();
    let body = json!({
        "date": snapshot.data_date().to_string(),
        "revision": snapshot.revision().0,
        "as_of": view.as_of(),
        "rate": rate_head(id),
        "district": counts(&told.scope(None), id),
        "streets": streets,
    });
    cache::json(&view.tag, JSON, &body)
}

pub(super) fn unknown_rate(key: &str) -> Problem {
    Problem::bad_parameter(format!("there is no rate {key:?}"))
}

/// Parameters of `GET /api/rates/series`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesParams {
    street: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// `GET /api/rates/series`: the rates on the last day of each month, and on the date of the data.
pub async fn show_series(
    State(site): State<Site>,
    actor: Actor,
    Asked(view, params): Asked<SeriesParams>,
) -> Result<Response, Problem> {
    let street = params.street.as_deref().map(|text| known_street(&view.snapshot, text)).transpose()?;
    let from = params.from.as_deref().map(|text| month("from", text)).transpose()?;
    let to = params.to.as_deref().map(|text| month("to", text)).transpose()?;
    work(move || {
        let snapshot = &*view.snapshot;
        let series = site.app().series(snapshot)?;
        let within = |month: &&MonthCount| {
            from.is_none_or(|from| month.date.first_of_month() >= from)
                && to.is_none_or(|to| month.date.first_of_month() <= to)
        };
        let months: Vec<Value> = series
            .months
            .iter()
            .filter(within)
            .map(|month| month_object((site.app(), &actor), month, street.as_ref()))
            .collect();
        let body = json!({
            "date": snapshot.data_date().to_string(),
            "revision": snapshot.revision().0,
            "as_of": view.as_of(),
            "street": params.street,
            "from": params.from,
            "to": params.to,
            "months": months,
        });
        cache::json(&view.tag, JSON, &body)
    })
    .await
}

fn month_object((app, actor): (&App, &Actor), month: &MonthCount, street: Option<&StreetCode>) -> Value {
    let sight = sight_of_scope(actor, street);
    let told = app.told(actor, &month.tallies).scope(street);
    let seen = RateId::ALL.into_iter().filter(|id| !is_party_rate(*id) || sight.shows(Field::PartyRates));
    let rates: Vec<Value> = seen
        .map(|id| {
            let mut object = counts(&told, id);
            object["id"] = id.key().into();
            object
        })
        .collect();
    let mut object = Map::new();
    object.insert("date".to_owned(), month.date.to_string().into());
    put_count(&mut object, "areas", told.areas);
    object.insert("rates".to_owned(), rates.into());
    Value::Object(object)
}

/// First day of the month `YYYY-MM`.
fn month(name: &str, text: &str) -> Result<Date, Problem> {
    let day = (text.len() == 7).then(|| format!("{text}-01").parse::<Date>().ok()).flatten();
    day.ok_or_else(|| Problem::bad_parameter(format!("{name} must be a month such as 2022-10, it is {text:?}")))
}
