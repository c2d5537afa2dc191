//! Rows of a delivery as the matcher takes them, and both sides as decisions remember them.

use crate::app::Snapshot;
use crate::app::reconcile::{committee_text, management_text};
use crate::ingest::delivery::{AreaRow, CommitteeRow, Draft};
use crate::model::{Area, AreaCode, Committee, Management};
use crate::reconcile::{Record, Shape};

/// Where a row stands, as cases tell it: file and item.
pub(super) fn row_name(draft: &Draft) -> String {
    format!("{}:{}", draft.place().file, draft.place().item)
}

/// The code that a row says of itself: its sender's, else the one of an area here; empty when it says none.
pub(super) fn own_code(row: &AreaRow) -> String {
    let of_area = || row.code.as_ref().map(AreaCode::to_string);
    row.foreign_code.clone().or_else(of_area).unwrap_or_default()
}

/// A draft as a record of the right side. It is called by what it says before where it stands, since the matcher tells
/// records alike apart by what they are called: which of two rows is the copy must not follow the order of the rows.
pub(super) fn right_record(draft: &Draft, sender: &str, snapshot: &Snapshot) -> Record {
    let row = &draft.row;
    let outline = draft.outline.as_ref().map(|outline| &outline.boundary).or(draft.unusable.as_ref());
    let street = row.street.as_ref().and_then(|street| snapshot.street_position(street));
    let aliases = [&row.common_names, &row.former_names, &row.building_groups];
    Record {
        id: format!("{}\u{1f}{}\u{1f}{}", own_code(row), values_of_row(row), row_name(draft)),
        shape: match (outline, draft.point) {
            (Some(outline), _) => Shape::Outline(outline.clone()),
            (None, Some(point)) => Shape::Point(point),
            (None, None) => Shape::None,
        },
        name: row.name.clone().unwrap_or_default(),
        aliases: aliases.into_iter().flatten().flatten().cloned().collect(),
        address: row.address.clone().unwrap_or_default(),
        street: street.map(|at| snapshot.streets()[at].name.clone()).unwrap_or_default(),
        management: row.management.map(management_text).unwrap_or_default().to_owned(),
        committee: committee_of(row).to_owned(),
        company: company_of(row, snapshot),
        households: row.households.map(|count| count.to_string()).unwrap_or_default(),
        source: format!("{sender}/{}", draft.place().file),
        repaired: draft.outline.is_none() && draft.unusable.is_some(),
    }
}

fn company_of(row: &AreaRow, snapshot: &Snapshot) -> String {
    let known = row.manager_uscc.as_ref().and_then(|uscc| snapshot.manager_position(uscc));
    let named = row.manager_name.clone();
    named.or_else(|| known.map(|at| snapshot.managers()[at].name.clone())).unwrap_or_default()
}

/// What a row says of the committee; empty when it says nothing.
fn committee_of(row: &AreaRow) -> &'static str {
    let told = row.committee_status.map(committee_text).filter(|text| !text.is_empty());
    told.unwrap_or_else(|| match (&row.owners, &row.property_management) {
        (Some(owners), _) if owners.is_there() => "owners_committee",
        (_, Some(committee)) if committee.is_there() => "management_committee",
        (Some(owners), Some(committee)) if owners.present == Some(false) && committee.present == Some(false) => "none",
        _ => "",
    })
}

/// Texts one after the other; what nobody says has its place too.
#[derive(Default)]
struct Values(String);

impl Values {
    fn push(&mut self, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.0.push_str(&value.to_string());
        }
        self.0.push('\u{1f}');
    }
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join("\u{1e}")
}

/// A committee as decisions remember it, field by field, so that what is remembered does not hang on how a program prints.
fn committee_values(committee: &Committee) -> String {
    let Committee {
        code,
        kind,
        formed_on,
        filing_applied_on,
        filed_on,
        filing_number,
        term_until,
        dissolved_on,
        operating,
        members,
        party,
        demo: _,
    } = committee;
    let mut values = Values::default();
    values.push(Some(code));
    values.push(Some(kind.key()));
    values.push(Some(formed_on));
    for day in [filing_applied_on, filed_on, term_until, dissolved_on] {
        values.push(day.as_ref());
    }
    values.push(filing_number.as_ref());
    values.push(Some(operating));
    values.push(members.as_ref());
    values.push(party.map(|party| party.present));
    values.push(party.and_then(|party| party.since));
    values.0
}

/// What a row says of a committee, as decisions remember it.
fn committee_row_values(row: &CommitteeRow) -> String {
    let CommitteeRow {
        code,
        present,
        formed_on,
        filing_applied_on,
        filed_on,
        filing_number,
        term_until,
        dissolved_on,
        operating,
        members,
        party,
        party_since,
    } = row;
    let mut values = Values::default();
    values.push(code.as_ref());
    for day in [formed_on, filing_applied_on, filed_on, term_until, dissolved_on, party_since] {
        values.push(day.as_ref());
    }
    for flag in [present, operating, party] {
        values.push(flag.as_ref());
    }
    values.push(filing_number.as_ref());
    values.push(members.as_ref());
    values.0
}

/// What an area says beside its boundary and the codes of others, which a link adds.
pub(super) fn values_of_area(area: &Area, snapshot: &Snapshot) -> String {
    let mut values = Values::default();
    values.push(Some(&area.name));
    for name in &area.other_names {
        values.push(Some(format!("{} {}", name.kind.key(), name.text)));
    }
    values.push(Some(&area.street));
    values.push(area.community.as_ref());
    values.push(Some(management(area.management)));
    values.push(snapshot.manager_of(area).map(|manager| manager.uscc.to_string()));
    values.push(area.committees.as_ref().map(|committees| joined(committees.iter().map(committee_values))));
    let facts = &area.attributes;
    values.push(facts.address.as_ref());
    values.push(facts.floor_area_m2);
    values.push(facts.households);
    values.push(facts.building_count);
    values.push(facts.built_year);
    values.push(facts.fee_yuan_per_m2_month);
    values.push(facts.contract_from);
    values.push(facts.contract_until);
    values.push(facts.contract_kind.map(|kind| kind.key()));
    values.push(facts.contract_filed_on);
    values.push(facts.delimitation_document.as_ref());
    values.0
}

/// What a row says beside its outline and its codes.
pub(super) fn values_of_row(row: &AreaRow) -> String {
    let mut values = Values::default();
    values.push(row.name.as_ref());
    for names in [&row.common_names, &row.former_names, &row.building_groups] {
        values.push(names.as_ref().map(|names| names.join("\u{1e}")));
    }
    values.push(row.street.as_ref());
    values.push(row.community.as_ref());
    values.push(row.management.map(management));
    values.push(row.manager_uscc.as_ref());
    values.push(row.manager_name.as_ref());
    values.push(row.address.as_ref());
    values.push(row.floor_area_m2);
    values.push(row.households);
    values.push(row.building_count);
    values.push(row.built_year);
    values.push(row.fee_yuan_per_m2_month);
    values.push(row.contract_from);
    values.push(row.contract_until);
    values.push(row.contract_kind.map(|kind| kind.key()));
    values.push(row.contract_filed_on);
    values.push(row.delimitation_document.as_ref());
    values.push(row.committee_status.map(|status| status.key()));
    for committee in [&row.owners, &row.property_management] {
        values.push(committee.as_ref().map(committee_row_values));
    }
    values.0
}

fn management(management: Management) -> String {
    match management {
        Management::QuasiProperty(kind) => format!("{} {}", management.key(), kind.key()),
        other => other.key().to_owned(),
    }
}
