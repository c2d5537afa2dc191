//! The areas as a file. Reading it back changes nothing.

use crate::app::deliveries::DeliveryError;
use crate::app::{Error, Snapshot, imprint};
use crate::auth::{Field, Reader};
use crate::formats::{Cell, Export, ExportRow, FileFormat, write};
use crate::ingest::delivery::{CommitteePart, DeliveredField};
use crate::model::{Area, Committee, CommitteeKind, ContractKind, Management, NameKind, StreetCode};

/// Reference system of exports: what every reader takes for degrees, lng lat.
const EXPORT_EPSG: u32 = 4490;

/// Facts of a committee that are exported, for each kind.
const COMMITTEE_PARTS: [CommitteePart; 11] = [
    CommitteePart::Code,
    CommitteePart::FormedOn,
    CommitteePart::FilingAppliedOn,
    CommitteePart::FiledOn,
    CommitteePart::FilingNumber,
    CommitteePart::TermUntil,
    CommitteePart::DissolvedOn,
    CommitteePart::Operating,
    CommitteePart::Members,
    CommitteePart::Party,
    CommitteePart::PartySince,
];

/// Columns of an export beside the committees', in order.
pub const EXPORT_COLUMNS: [DeliveredField; 24] = [
    DeliveredField::Code,
    DeliveredField::Name,
    DeliveredField::CommonNames,
    DeliveredField::FormerNames,
    DeliveredField::BuildingGroups,
    DeliveredField::Street,
    DeliveredField::Community,
    DeliveredField::Management,
    DeliveredField::QuasiKind,
    DeliveredField::ManagerName,
    DeliveredField::ManagerUscc,
    DeliveredField::ManagerPhone,
    DeliveredField::Address,
    DeliveredField::FloorArea,
    DeliveredField::Households,
    DeliveredField::BuildingCount,
    DeliveredField::BuiltYear,
    DeliveredField::Fee,
    DeliveredField::ContractFrom,
    DeliveredField::ContractUntil,
    DeliveredField::ContractKind,
    DeliveredField::ContractFiledOn,
    DeliveredField::DelimitationDocument,
    DeliveredField::CommitteeStatus,
];

/// Column in which tables and sequences, which have no other place for it, say where they come from.
const IMPRINT_COLUMN: &str = "imprint";

/// The areas of a state, all or of one street, in a format, with the [`imprint`]. Columns of which the actor may see nothing are left out; in those
/// that an officer sees of their own street, the cells of other streets are empty.
pub fn export_areas(
    snapshot: &Snapshot,
    reader: Reader<'_>,
    format: FileFormat,
    street: Option<&StreetCode>,
) -> Result<Vec<u8>, Error> {
    let mut fields: Vec<DeliveredField> = EXPORT_COLUMNS.to_vec();
    for kind in CommitteeKind::ALL {
        fields.extend(COMMITTEE_PARTS.map(|part| DeliveredField::Committee(kind, part)));
    }
    let Reader { actor, tolerance_m, mark } = reader;
    let imprint = imprint(snapshot, mark);
    let widest = actor.widest_sight();
    fields.retain(|field| widest.shows(visibility(*field)));
    let by_row = matches!(format, FileFormat::Csv | FileFormat::GeoJsonSeq).then(|| text(&imprint));
    let names = fields.iter().map(|field| field.short_key());
    let columns: Vec<String> = names.chain(by_row.as_ref().map(|_| IMPRINT_COLUMN.to_owned())).collect();
    let areas = snapshot.areas().filter(|area| street.is_none_or(|street| area.street == *street));
    let mut rows = areas.map(|area| {
        let sight = actor.sight_in(&area.street);
        let seen = |field: &DeliveredField| match sight.shows(visibility(*field)) {
            true => cell(snapshot, area, *field),
            false => Cell::Empty,
        };
        let boundary = Some(sight.boundary(&area.boundary, tolerance_m));
        ExportRow { cells: fields.iter().map(seen).chain(by_row.clone()).collect(), boundary }
    });
    let export = Export { name: "areas", columns: &columns, rows: &mut rows, crs_epsg: EXPORT_EPSG, about: &imprint };
    Ok(write::write(format, export).map_err(DeliveryError::Export)?)
}

/// The field of the API that a column belongs to.
fn visibility(field: DeliveredField) -> Field {
    use DeliveredField as D;
    match field {
        D::Code | D::Name | D::CommonNames | D::FormerNames | D::BuildingGroups | D::Street | D::Community => {
            Field::Identity
        }
        D::Lng | D::Lat | D::Serial | D::Ignored => Field::Identity,
        D::Management | D::QuasiKind => Field::Management,
        D::ManagerName => Field::Manager,
        D::ManagerUscc => Field::ManagerUscc,
        D::ManagerPhone => Field::ManagerPhone,
        D::Address => Field::Address,
        D::SiteArea | D::FloorArea | D::Households | D::BuildingCount | D::BuiltYear => Field::Size,
        D::Fee => Field::Fee,
        D::ContractFrom | D::ContractUntil | D::ContractKind | D::ContractFiledOn => Field::Contract,
        D::DelimitationDocument => Field::Source,
        D::ForeignCode => Field::ForeignCodes,
        D::CommitteeStatus => Field::CommitteeStatus,
        D::Committee(_, CommitteePart::Party | CommitteePart::PartySince) => Field::CommitteeParty,
        D::Committee(..) => Field::Committees,
    }
}

fn cell(snapshot: &Snapshot, area: &Area, field: DeliveredField) -> Cell {
    use DeliveredField as D;
    let facts = &area.attributes;
    let manager = || snapshot.manager_of(area);
    match field {
        D::Code => text(area.code.as_str()),
        D::Name => text(&area.name),
        D::CommonNames => names(area, NameKind::Common),
        D::FormerNames => names(area, NameKind::Former),
        D::BuildingGroups => names(area, NameKind::BuildingGroup),
        D::Street => text(&snapshot.street_of(area).name),
        D::Community => optional(area.community.as_ref().map(|code| code.as_str())),
        D::Management => match area.management {
            Management::Unknown => Cell::Empty,
            known => text(known.key()),
        },
        D::QuasiKind => match area.management {
            Management::QuasiProperty(kind) => text(kind.key()),
            _ => Cell::Empty,
        },
        D::ManagerName => optional(manager().map(|manager| manager.name.as_str())),
        D::ManagerUscc => optional(manager().map(|manager| manager.uscc.as_str())),
        D::ManagerPhone => optional(manager().and_then(|manager| manager.phone.as_deref())),
        D::Address => optional(facts.address.as_deref()),
        D::FloorArea => facts.floor_area_m2.map_or(Cell::Empty, Cell::Number),
        D::Households => count(facts.households.map(i64::from)),
        D::BuildingCount => count(facts.building_count.map(i64::from)),
        D::BuiltYear => count(facts.built_year.map(i64::from)),
        D::Fee => facts.fee_yuan_per_m2_month.map_or(Cell::Empty, Cell::Number),
        D::ContractFrom => date(facts.contract_from),
        D::ContractUntil => date(facts.contract_until),
        D::ContractKind => optional(facts.contract_kind.map(ContractKind::key)),
        D::ContractFiledOn => date(facts.contract_filed_on),
        D::DelimitationDocument => optional(facts.delimitation_document.as_deref()),
        D::CommitteeStatus => text(area.committee_status(snapshot.data_date()).key()),
        D::Committee(kind, part) => committee_cell(snapshot, area, kind, part),
        D::ForeignCode | D::SiteArea | D::Lng | D::Lat | D::Serial | D::Ignored => Cell::Empty,
    }
}

/// A fact of the committee of a kind that a row would be about: the last one that is not dissolved.
fn committee_cell(snapshot: &Snapshot, area: &Area, kind: CommitteeKind, part: CommitteePart) -> Cell {
    let day = snapshot.data_date();
    let is_current =
        |committee: &&Committee| committee.kind == kind && committee.dissolved_on.is_none_or(|end| end > day);
    let Some(committee) = area.committees.iter().flatten().rfind(is_current) else { return Cell::Empty };
    match part {
        CommitteePart::Code => text(&committee.code),
        CommitteePart::Present => Cell::Bool(true),
        CommitteePart::FormedOn => date(Some(committee.formed_on)),
        CommitteePart::FilingAppliedOn => date(committee.filing_applied_on),
        CommitteePart::FiledOn => date(committee.filed_on),
        CommitteePart::FilingNumber => optional(committee.filing_number.as_deref()),
        CommitteePart::TermUntil => date(committee.term_until),
        CommitteePart::DissolvedOn => date(committee.dissolved_on),
        CommitteePart::Operating => Cell::Bool(committee.operating),
        CommitteePart::Members => count(committee.members.map(i64::from)),
        CommitteePart::Party => committee.party.map_or(Cell::Empty, |party| Cell::Bool(party.present)),
        CommitteePart::PartySince => date(committee.party.and_then(|party| party.since)),
    }
}

fn text(text: &str) -> Cell {
    if text.is_empty() { Cell::Empty } else { Cell::Text(text.into()) }
}

fn optional(value: Option<&str>) -> Cell {
    value.map_or(Cell::Empty, text)
}

fn count(number: Option<i64>) -> Cell {
    number.map_or(Cell::Empty, Cell::Integer)
}

fn date(day: Option<jiff::civil::Date>) -> Cell {
    // As text: not every format has dates, and every reader reads this.
    day.map_or(Cell::Empty, |day| Cell::Text(day.to_string().into()))
}

fn names(area: &Area, kind: NameKind) -> Cell {
    let names: Vec<&str> =
        area.other_names.iter().filter(|name| name.kind == kind).map(|name| name.text.as_str()).collect();
    text(&names.join("、"))
}
