//! What the audit log tells of a change of areas: for each area what differs, before and after.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::geom::fingerprint;
use crate::history::{AreaFact, AuditDraft, Entry, Fact, Known};
use crate::model::{AreaCode, Committee, Management};

/// What the log calls a change of an area.
pub(super) const AREA_CHANGE: &str = "area.change";

/// A delivery that changes more areas is told as one, without the areas one by one: each says under which record it changed.
pub(super) const TRACES_MAX: usize = 5_000;

/// What differs of an area, by the names that the API has for it. Of boundaries only the fingerprints are told.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AreaTrace {
    area: AreaCode,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

impl AreaTrace {
    /// The draft of an audit entry, told of this area.
    pub fn draft(&self, draft: AuditDraft) -> AuditDraft {
        let text =
            |members: &Map<String, Value>| (!members.is_empty()).then(|| Value::Object(members.clone()).to_string());
        AuditDraft {
            object: Some(format!("area/{}", self.area)),
            before: text(&self.before),
            after: text(&self.after),
            ..draft
        }
    }
}

/// One trace for each area of which an entry says anything new, in order of code.
pub(super) fn traces_of(entry: &Entry, known: &Known) -> Vec<AreaTrace> {
    let mut areas: BTreeMap<AreaCode, [Map<String, Value>; 2]> = BTreeMap::new();
    for put in &entry.puts {
        let before = known.within(&put.key(), put.valid()).next().map(|(version, _)| &version.fact);
        for (place, fact) in [before, put.fact()].into_iter().enumerate() {
            let Some((fact, area)) = fact.and_then(|fact| Some((fact, fact.area()?))) else { continue };
            areas.entry(area.clone()).or_default()[place].extend(told(fact));
        }
    }
    let traces = areas.into_iter().map(|(area, [mut before, mut after])| {
        let same = |key: &String, value: &Value, other: &Map<String, Value>| other.get(key) == Some(value);
        let both: Vec<String> =
            before.iter().filter(|(key, value)| same(key, value, &after)).map(|(key, _)| key.clone()).collect();
        for key in both {
            before.remove(&key);
            after.remove(&key);
        }
        AreaTrace { area, before, after }
    });
    traces.filter(|trace| !trace.before.is_empty() || !trace.after.is_empty()).collect()
}

fn told(fact: &Fact) -> Map<String, Value> {
    let members = match fact {
        Fact::Area(area) => area_members(area),
        Fact::Assignment(assignment) => json!({ "manager": assignment.manager.as_str() }),
        Fact::Committee(fact) => json!({ (format!("committee {}", fact.committee.code)): committee(&fact.committee) }),
        _ => Value::Null,
    };
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

fn area_members(area: &AreaFact) -> Value {
    let facts = &area.attributes;
    let kind = match area.management {
        Management::QuasiProperty(kind) => Some(kind.key()),
        Management::Contracted | Management::Unknown => None,
    };
    let day = |date: Option<jiff::civil::Date>| date.map(|date| date.to_string());
    let names: Vec<&str> = area.other_names.iter().map(|name| name.text.as_str()).collect();
    let codes: Vec<String> = facts.foreign_codes.iter().map(|code| format!("{} {}", code.scheme, code.code)).collect();
    json!({
        "name": area.name,
        "other_names": names,
        "street": area.street.as_str(),
        "community": area.community.as_ref().map(|code| code.as_str()),
        "boundary": hex(fingerprint(&area.boundary)),
        "site_area_m2": (area.site_area_m2 * 10.0).round() / 10.0,
        "management": area.management.key(),
        "quasi_kind": kind,
        "floor_area_m2": facts.floor_area_m2,
        "households": facts.households,
        "building_count": facts.building_count,
        "built_year": facts.built_year,
        "address": facts.address,
        "fee_yuan_per_m2_month": facts.fee_yuan_per_m2_month,
        "contract_from": day(facts.contract_from),
        "contract_until": day(facts.contract_until),
        "contract_kind": facts.contract_kind.map(|kind| kind.key()),
        "contract_filed_on": day(facts.contract_filed_on),
        "delimitation_document": facts.delimitation_document,
        "foreign_codes": codes,
    })
}

fn hex(bytes: [u8; 16]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn committee(committee: &Committee) -> Value {
    let day = |date: Option<jiff::civil::Date>| date.map(|date| date.to_string());
    json!({
        "kind": committee.kind.key(),
        "formed_on": committee.formed_on.to_string(),
        "filing_applied_on": day(committee.filing_applied_on),
        "filed_on": day(committee.filed_on),
        "filing_number": committee.filing_number,
        "term_until": day(committee.term_until),
        "dissolved_on": day(committee.dissolved_on),
        "operating": committee.operating,
        "members": committee.members,
        "party_organisation": committee.party.map(|party| party.present),
        "party_since": day(committee.party.and_then(|party| party.since)),
    })
}
