//! The tables of the projection: their columns, and the row of each thing.

use jiff::civil::Date;
use rusqlite::types::Value;

use crate::ingest::ManagerDraft;
use crate::model::{
    Area, AreaId, Committee, Community, ContractKind, District, Management, Manager, ManagerKind, PrintedFigure, Street,
};
use crate::store::geopackage::blob;

/// A table of the projection.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) table: &'static str,
    pub(super) columns: &'static [&'static str],
}

impl Sheet {
    /// The statement that enters a row.
    pub(super) fn insert(&self) -> String {
        let places = vec!["?"; self.columns.len()].join(", ");
        format!("INSERT INTO {} ({}) VALUES ({places})", self.table, self.columns.join(", "))
    }

    /// The query of all rows by id.
    pub(super) fn select(&self) -> String {
        format!("SELECT {} FROM {} ORDER BY id", self.columns.join(", "), self.table)
    }
}

pub(super) static DISTRICT: Sheet =
    Sheet { table: "district", columns: &["id", "code", "name", "attribution", "geom"] };

pub(super) static STREETS: Sheet = Sheet {
    table: "streets",
    columns: &["id", "code", "name", "stem", "kind", "initials", "aliases", "civil_affairs_code", "schematic", "geom"],
};

pub(super) static COMMUNITIES: Sheet =
    Sheet { table: "communities", columns: &["id", "code", "name", "stem", "street"] };

pub(super) static MANAGERS: Sheet =
    Sheet { table: "managers", columns: &["id", "uscc", "kind", "name", "phone", "party_organisation", "demo"] };

pub(super) static AREAS: Sheet = Sheet {
    table: "areas",
    columns: &[
        "id",
        "code",
        "name",
        "other_names",
        "street",
        "community",
        "management",
        "quasi_kind",
        "manager_id",
        "manager_name",
        "committee_status",
        "site_area_m2",
        "address",
        "floor_area_m2",
        "households",
        "building_count",
        "built_year",
        "fee_yuan_per_m2_month",
        "contract_from",
        "contract_until",
        "contract_kind",
        "contract_filed_on",
        "delimitation_document",
        "demo",
        "valid_from",
        "valid_until",
        "record",
        "changed",
        "geom",
    ],
};

pub(super) static COMMITTEES: Sheet = Sheet {
    table: "committees",
    columns: &[
        "id",
        "area_id",
        "code",
        "kind",
        "formed_on",
        "filing_applied_on",
        "filed_on",
        "filing_number",
        "term_until",
        "dissolved_on",
        "operating",
        "members",
        "party_organisation",
        "party_since",
        "demo",
    ],
};

pub(super) static FIGURES: Sheet = Sheet {
    table: "printed_figures",
    columns: &["id", "rate", "percent", "numerator", "denominator", "source", "dated"],
};

/// Between several names in one cell.
const LIST_SEPARATOR: &str = "; ";

pub(super) fn district(number: u32, district: &District) -> Vec<Value> {
    vec![
        number.into(),
        text(&district.code),
        text(&district.name),
        text(&district.attribution),
        blob::encode(&district.boundary).into(),
    ]
}

pub(super) fn street(number: u32, street: &Street) -> Vec<Value> {
    vec![
        number.into(),
        text(street.code.as_str()),
        text(&street.name),
        text(&street.stem),
        text(street.kind.key()),
        text(&street.initials),
        list(street.aliases.iter().map(String::as_str)),
        optional(street.civil_affairs_code.as_deref()),
        street.schematic.into(),
        blob::encode(&street.boundary).into(),
    ]
}

pub(super) fn community(number: u32, community: &Community) -> Vec<Value> {
    vec![
        number.into(),
        text(community.code.as_str()),
        text(&community.name),
        text(&community.stem),
        text(community.street.as_str()),
    ]
}

pub(super) fn manager(manager: &Manager) -> Vec<Value> {
    let draft = ManagerDraft {
        kind: manager.kind,
        name: manager.name.clone(),
        uscc: manager.uscc.clone(),
        phone: manager.phone.clone(),
        party_organisation: manager.party_organisation,
        demo: manager.demo,
    };
    manager_row(manager.id.0, &draft)
}

pub(super) fn manager_row(number: u32, manager: &ManagerDraft) -> Vec<Value> {
    let kind: ManagerKind = manager.kind;
    vec![
        number.into(),
        text(manager.uscc.as_str()),
        text(kind.key()),
        text(&manager.name),
        optional(manager.phone.as_deref()),
        manager.party_organisation.into(),
        manager.demo.into(),
    ]
}

pub(super) fn area(area: &Area, manager_name: Option<&str>, day: Date) -> Vec<Value> {
    let facts = &area.attributes;
    let quasi_kind = match area.management {
        Management::QuasiProperty(kind) => Some(kind.key()),
        Management::Contracted | Management::Unknown => None,
    };
    vec![
        area.id.0.into(),
        text(area.code.as_str()),
        text(&area.name),
        list(area.other_names.iter().map(|name| name.text.as_str())),
        text(area.street.as_str()),
        optional(area.community.as_ref().map(|code| code.as_str())),
        text(area.management.key()),
        optional(quasi_kind),
        area.manager.map(|id| id.0).into(),
        optional(manager_name),
        text(area.committee_status(day).key()),
        area.site_area_m2.into(),
        optional(facts.address.as_deref()),
        facts.floor_area_m2.into(),
        facts.households.into(),
        facts.building_count.into(),
        facts.built_year.into(),
        facts.fee_yuan_per_m2_month.into(),
        date(facts.contract_from),
        date(facts.contract_until),
        optional(facts.contract_kind.map(ContractKind::key)),
        date(facts.contract_filed_on),
        optional(facts.delimitation_document.as_deref()),
        area.demo.into(),
        date(area.validity.from),
        date(area.validity.until),
        area.record.0.into(),
        Value::Integer(i64::try_from(area.changed.0).unwrap_or(i64::MAX)),
        blob::encode(&area.boundary).into(),
    ]
}

pub(super) fn committee(number: u32, area: AreaId, committee: &Committee) -> Vec<Value> {
    vec![
        number.into(),
        area.0.into(),
        text(&committee.code),
        text(committee.kind.key()),
        date(Some(committee.formed_on)),
        date(committee.filing_applied_on),
        date(committee.filed_on),
        optional(committee.filing_number.as_deref()),
        date(committee.term_until),
        date(committee.dissolved_on),
        committee.operating.into(),
        committee.members.into(),
        committee.party.map(|party| party.present).into(),
        date(committee.party.and_then(|party| party.since)),
        committee.demo.into(),
    ]
}

pub(super) fn figure(number: u32, figure: &PrintedFigure) -> Vec<Value> {
    vec![
        number.into(),
        text(figure.rate.key()),
        figure.percent.into(),
        figure.numerator.into(),
        figure.denominator.into(),
        text(&figure.source),
        date(Some(figure.dated)),
    ]
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> Value {
    let texts: Vec<&str> = texts.collect();
    if texts.is_empty() { Value::Null } else { Value::Text(texts.join(LIST_SEPARATOR)) }
}

fn date(date: Option<Date>) -> Value {
    date.map_or(Value::Null, |date| Value::Text(date.to_string()))
}
