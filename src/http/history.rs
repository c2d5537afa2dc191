//! What was ever known of an area, and who followed whom.

use std::collections::HashMap;

use axum::extract::State;
use axum::response::Response;
use geojson::JsonObject;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::app::{AreaHistory, Error, Kin, LineageGraph, PartVersion, Snapshot};
use crate::auth::{Actor, Field, Visibility};
use crate::history::{AreaFact, Fact};
use crate::http::areas::{Properties, committee_object, names, put_attributes, put_manager, quasi_kind};
use crate::http::extract::{NoParams, Params, Segments};
use crate::http::records::{JSON, record_object};
use crate::http::site::work;
use crate::http::{Problem, Site, cache};
use crate::model::{AreaCode, Revision, Trace, Uscc};

/// `GET /api/areas/{code}/history`
pub async fn show_history(
    State(site): State<Site>,
    actor: Actor,
    Segments(text): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let code = AreaCode::parse(&text).map_err(|_| Error::NoSuchArea(text))?;
    let view = site.published_for(&actor)?;
    work(move || {
        let history = site.app().area_history(&code)?;
        let sources = if actor.may_see(Field::Deliveries) { site.app().sources_of(&code)? } else { Sources::new() };
        cache::json(&view.tag, JSON, &history_object(&view.snapshot, &actor, &history, &sources))
    })
    .await
}

/// `GET /api/areas/{code}/lineage`
pub async fn show_lineage(
    State(site): State<Site>,
    actor: Actor,
    Segments(text): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    let code = AreaCode::parse(&text).map_err(|_| Error::NoSuchArea(text))?;
    let view = site.published_for(&actor)?;
    work(move || {
        let graph = site.app().lineage(&code)?;
        cache::json(&view.tag, JSON, &lineage_object(&code, &graph))
    })
    .await
}

/// Rows of deliveries by the record they were entered under, each with its sender.
type Sources = HashMap<Revision, (Trace, String)>;

fn history_object(snapshot: &Snapshot, actor: &Actor, history: &AreaHistory, sources: &Sources) -> JsonObject {
    // The street that the area belongs to now decides for all that was ever known of it.
    let sight = actor.sight_in(&history.street);
    let versions = history.versions.iter().filter_map(|part| {
        let mut version = version_object(snapshot, (actor, sight), part)?;
        if actor.may_see(Field::Deliveries) {
            version["source"] = sources.get(&part.version.recorded.from).map_or(Value::Null, source_object);
        }
        Some(version)
    });
    let kin = |list: &[Kin]| list.iter().map(kin_object).collect::<Vec<_>>();
    let mut properties = Properties::new(sight);
    properties.put(Field::Identity, "code", history.code.as_str());
    properties.put(Field::Identity, "name", history.name.as_str());
    properties.put(Field::Identity, "street", history.street.as_str());
    properties.put(Field::Identity, "present", history.present);
    properties.put(Field::Identity, "began_on", day(history.began_on));
    properties.put(Field::Identity, "ended_on", day(history.ended_on));
    properties.put(Field::Records, "revision", history.revision.0);
    properties.put(Field::Records, "versions", versions.collect::<Vec<_>>());
    let lineage = json!({ "predecessors": kin(&history.predecessors), "successors": kin(&history.successors) });
    properties.put(Field::Records, "lineage", lineage);
    properties.into_object()
}

fn source_object((trace, sender): &(Trace, String)) -> Value {
    json!({ "delivery": trace.delivery.0, "file": trace.file, "item": trace.item, "sender": sender })
}

fn kin_object(kin: &Kin) -> Value {
    json!({ "code": kin.code.as_str(), "name": kin.name, "from": kin.from.to_string(), "record": kin.record.0 })
}

/// A version with what this actor may see of it; `None` for a part of which they may see nothing.
fn version_object(snapshot: &Snapshot, (actor, sight): (&Actor, Visibility), part: &PartVersion) -> Option<Value> {
    let PartVersion { version, changed, record } = part;
    let mut changed = changed.clone();
    let (name, code, facts) = match &version.fact {
        Fact::Area(area) => ("area", Some(area.code.as_str()), area_facts(snapshot, sight, area)),
        Fact::Assignment(assignment) => {
            // Whoever may not see credit codes still sees that the manager is another one, by its name.
            changed.extend(changed.contains(&"manager").then_some("manager_name"));
            let code = sight.shows(Field::ManagerUscc).then_some(assignment.manager.as_str());
            ("manager", code, manager_facts(snapshot, sight, &assignment.manager))
        }
        Fact::Committee(fact) if sight.shows(Field::Committees) => {
            ("committee", Some(fact.committee.code.as_str()), committee_object(sight, &fact.committee))
        }
        _ => return None,
    };
    changed.retain(|property| sight.shows_property(property));
    Some(json!({
        "part": name,
        "code": code,
        "valid_from": day(version.valid.from),
        "valid_until": day(version.valid.until),
        "recorded_from": version.recorded.from.0,
        "recorded_until": version.recorded.until.map(|until| until.0),
        "changed": changed,
        "facts": facts,
        "record": record_object(actor, record),
    }))
}

fn area_facts(snapshot: &Snapshot, sight: Visibility, area: &AreaFact) -> JsonObject {
    let mut properties = Properties::new(sight);
    let street = snapshot.street_position(&area.street).map(|position| snapshot.streets()[position].name.as_str());
    properties.put(Field::Identity, "code", area.code.as_str());
    properties.put(Field::Identity, "name", area.name.as_str());
    properties.put(Field::Identity, "street", area.street.as_str());
    properties.put(Field::Identity, "street_name", street);
    properties.put(Field::Management, "management", area.management.key());
    properties.put(Field::Identity, "other_names", names(&area.other_names));
    properties.put(Field::Identity, "community", area.community.as_ref().map(|code| code.as_str()));
    properties.put(Field::Management, "quasi_kind", quasi_kind(area.management));
    put_attributes(&mut properties, area.site_area_m2, &area.attributes);
    properties.put(Field::Identity, "demo", area.demo);
    properties.into_object()
}

/// Who managed an area, under the name that the register has of them now.
fn manager_facts(snapshot: &Snapshot, sight: Visibility, uscc: &Uscc) -> JsonObject {
    let mut properties = Properties::new(sight);
    put_manager(&mut properties, snapshot.manager_position(uscc).map(|position| &snapshot.managers()[position]));
    properties.into_object()
}

fn lineage_object(code: &AreaCode, graph: &LineageGraph) -> Value {
    let areas = graph.areas.iter().map(|area| {
        json!({
            "code": area.code.as_str(),
            "name": area.name,
            "street": area.street.as_str(),
            "valid_from": day(area.valid.from),
            "valid_until": day(area.valid.until),
            "present": area.present,
        })
    });
    let edges = graph.edges.iter().map(|edge| {
        json!({
            "predecessor": edge.predecessor.as_str(),
            "successor": edge.successor.as_str(),
            "from": edge.from.to_string(),
            "record": edge.record.0,
        })
    });
    json!({ "code": code.as_str(), "areas": areas.collect::<Vec<_>>(), "edges": edges.collect::<Vec<_>>() })
}

fn day(date: Option<Date>) -> Option<String> {
    date.map(|date| date.to_string())
}
