//! The areas themselves.

use crate::formats::RawRecord;
use crate::ingest::boundary::{Surveyed, survey};
use crate::ingest::fields::{Faulty, Fields};
use crate::ingest::ledger::CommitteesByArea;
use crate::ingest::{AreaDraft, ByCode, Fault, ManagerDraft};
use crate::model::{
    AreaCode, Attributes, Committee, Community, CommunityCode, ContractKind, Management, Name, NameKind, QuasiKind,
    Street, StreetCode, Uscc, Validity,
};

/// Properties of `areas.geojson`.
pub(super) const COLUMNS: [&str; 21] = [
    "code",
    "name",
    "common_names",
    "former_names",
    "building_groups",
    "street",
    "community",
    "management",
    "quasi_kind",
    "manager",
    "address",
    "floor_area_m2",
    "households",
    "building_count",
    "built_year",
    "fee_yuan_per_m2_month",
    "contract_from",
    "contract_until",
    "delimitation_document",
    "committees_known",
    "demo",
];

/// Properties that older files do not have.
pub(super) const LATER_COLUMNS: [&str; 2] = ["contract_kind", "contract_filed_on"];

/// Years in which a building can have been built.
pub(crate) const BUILT_YEARS: std::ops::RangeInclusive<i16> = 1400..=2100;

/// What an area may refer to.
pub(super) struct Known<'a> {
    pub(super) streets: &'a ByCode<Street>,
    pub(super) communities: &'a ByCode<Community>,
    pub(super) managers: &'a ByCode<ManagerDraft>,
}

/// The areas with their committees; committees of areas that are not there become faults.
pub(super) fn areas(
    records: &[RawRecord],
    known: &Known<'_>,
    committees: &mut CommitteesByArea,
    faults: &mut Vec<Fault>,
) -> ByCode<AreaDraft> {
    let surveyed = survey(records, "code", faults);
    let mut areas = ByCode::new();
    let mut mentioned = std::collections::HashSet::new();
    for (record, surveyed) in records.iter().zip(surveyed) {
        mentioned.extend(record.properties.get("code").and_then(|code| code.as_str()));
        let mut fields = Fields::new(record, "code", faults);
        let source = record.source_geometry.clone().unwrap_or_default();
        if let Ok(area) = read_area(&mut fields, surveyed, source, known, committees) {
            let code = area.code.to_string();
            areas.insert("code", &code, &record.place, area, faults);
        }
    }
    committees.report_left_over(|area| mentioned.contains(area), faults);
    areas
}

fn read_area(
    fields: &mut Fields<'_>,
    surveyed: Option<Surveyed>,
    source_geometry: String,
    known: &Known<'_>,
    committees: &mut CommitteesByArea,
) -> Result<AreaDraft, Faulty> {
    let code = fields.required("code", AreaCode::parse);
    let name = fields.required_text("name");
    let other_names = read_names(fields);
    let street = read_street(fields, known);
    let community = read_community(fields, street.as_ref().ok(), known);
    let management = read_management(fields);
    let manager = read_manager(fields, known);
    let attributes = read_attributes(fields);
    let committees = code.as_ref().map_err(|_| Faulty).and_then(|code| read_committees(fields, code, committees));
    let demo = fields.required_boolean("demo");
    let Surveyed { boundary, surface_m2 } = surveyed.ok_or(Faulty)?;
    Ok(AreaDraft {
        code: code?,
        name: name?,
        other_names: other_names?,
        street: street?,
        community: community?,
        boundary,
        source_geometry,
        site_area_m2: surface_m2,
        management: management?,
        manager: manager?,
        committees: committees?,
        attributes: attributes?,
        validity: Validity::default(),
        demo: demo?,
    })
}

fn read_names(fields: &mut Fields<'_>) -> Result<Vec<Name>, Faulty> {
    let lists = [
        (NameKind::Common, fields.list("common_names")),
        (NameKind::Former, fields.list("former_names")),
        (NameKind::BuildingGroup, fields.list("building_groups")),
    ];
    let mut names = Vec::new();
    for (kind, texts) in lists {
        names.extend(texts?.into_iter().map(|text| Name { kind, text }));
    }
    Ok(names)
}

fn read_street(fields: &mut Fields<'_>, known: &Known<'_>) -> Result<StreetCode, Faulty> {
    let street = fields.required("street", StreetCode::parse)?;
    match known.streets.get(street.as_str()) {
        Some(_) => Ok(street),
        None => Err(fields.fault("street", format!("there is no street {street}"))),
    }
}

fn read_community(
    fields: &mut Fields<'_>,
    street: Option<&StreetCode>,
    known: &Known<'_>,
) -> Result<Option<CommunityCode>, Faulty> {
    let Some(code) = fields.optional("community", CommunityCode::parse)? else { return Ok(None) };
    match known.communities.get(code.as_str()) {
        None => Err(fields.fault("community", format!("there is no community {code}"))),
        Some(community) if street.is_some_and(|street| *street != community.street) => {
            let message = format!("community {code} belongs to street {}, not to the area's", community.street);
            Err(fields.fault("community", message))
        }
        Some(_) => Ok(Some(code)),
    }
}

fn read_management(fields: &mut Fields<'_>) -> Result<Management, Faulty> {
    let management = fields.required_text("management");
    let quasi_kind = fields.key("quasi_kind", QuasiKind::from_key);
    match (management?.as_str(), quasi_kind?) {
        ("contracted", None) => Ok(Management::Contracted),
        ("unknown", None) => Ok(Management::Unknown),
        ("quasi_property", Some(kind)) => Ok(Management::QuasiProperty(kind)),
        ("quasi_property", None) => Err(fields.fault("quasi_kind", "quasi-property management needs it")),
        ("contracted" | "unknown", Some(_)) => {
            Err(fields.fault("quasi_kind", "it is given, but the management is not quasi_property"))
        }
        (other, _) => {
            let message = format!("{other:?} is not one of the known values");
            Err(fields.fault("management", message))
        }
    }
}

fn read_manager(fields: &mut Fields<'_>, known: &Known<'_>) -> Result<Option<Uscc>, Faulty> {
    let Some(uscc) = fields.optional("manager", Uscc::parse)? else { return Ok(None) };
    match known.managers.get(uscc.as_str()) {
        Some(_) => Ok(Some(uscc)),
        None => Err(fields.fault("manager", format!("there is no manager {uscc}"))),
    }
}

fn read_attributes(fields: &mut Fields<'_>) -> Result<Attributes, Faulty> {
    let address = fields.text("address");
    let floor_area_m2 = fields.number("floor_area_m2");
    let households = fields.number("households");
    let building_count = fields.number("building_count");
    let built_year = fields.number("built_year").and_then(|year: Option<i16>| match year {
        Some(year) if !BUILT_YEARS.contains(&year) => Err(fields.fault(
            "built_year",
            format!("{year} is not a year from {} to {}", BUILT_YEARS.start(), BUILT_YEARS.end()),
        )),
        year => Ok(year),
    });
    let fee_yuan_per_m2_month = fields.number("fee_yuan_per_m2_month");
    let contract_from = fields.date("contract_from");
    let contract_until = fields.date("contract_until");
    let ordered = fields
        .in_order(("contract_from", contract_from.ok().flatten()), ("contract_until", contract_until.ok().flatten()));
    let contract_kind = fields.key("contract_kind", ContractKind::from_key);
    let contract_filed_on = fields.date("contract_filed_on");
    let delimitation_document = fields.text("delimitation_document");
    ordered?;
    Ok(Attributes {
        address: address?,
        floor_area_m2: floor_area_m2?,
        households: households?,
        building_count: building_count?,
        built_year: built_year?,
        fee_yuan_per_m2_month: fee_yuan_per_m2_month?,
        contract_from: contract_from?,
        contract_until: contract_until?,
        contract_kind: contract_kind?,
        contract_filed_on: contract_filed_on?,
        delimitation_document: delimitation_document?,
        foreign_codes: Vec::new(),
    })
}

fn read_committees(
    fields: &mut Fields<'_>,
    code: &AreaCode,
    committees: &mut CommitteesByArea,
) -> Result<Option<Vec<Committee>>, Faulty> {
    let known = fields.required_boolean("committees_known")?;
    let list = committees.take(code);
    match (known, list.is_empty()) {
        (true, _) => Ok(Some(list)),
        (false, true) => Ok(None),
        (false, false) => {
            Err(fields.fault("committees_known", format!("it is false, but the ledger lists {} of them", list.len())))
        }
    }
}
