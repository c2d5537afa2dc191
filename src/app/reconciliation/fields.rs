//! In which fields a row and its area differ, and the part of the change that somebody chose.

use std::collections::BTreeSet;

use crate::history::{Amendment, AttributeChanges, RowChange};
use crate::ingest::delivery::Draft;
use crate::model::Area;
use crate::reconcile::{Case, Class, Conflict, NameLevel, Reason, Record, Suggestion, is_of_street};

/// The field of the boundary.
pub(super) const BOUNDARY: &str = "boundary";

/// A field in which the row says something else than the area.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldView {
    /// Its key: `name`, `street`, `address`, `mgmt_type`, `committee`, `company`, `households`, `boundary`, or the name of a
    /// further property of an area.
    pub field: &'static str,
    /// What the register says; `None` is nothing.
    pub ours: Option<String>,
    /// What the row says.
    pub theirs: Option<String>,
    /// Whose word counts more.
    pub suggestion: Suggestion,
    /// Whether somebody has to decide on it; the others are minor: they are told, and go along when the row is accepted.
    pub asks: bool,
    /// Whether accepting it changes the register: a row takes away no committee, and makes none that nobody dated.
    pub enters: bool,
    /// What a decision to keep it remembers of both sides: the values, or the fingerprints of the boundaries.
    pub(super) memory: (String, String),
}

impl FieldView {
    /// Whether it is entered when somebody takes it, and nobody is asked.
    pub fn is_minor(&self) -> bool {
        self.enters && !self.asks
    }

    /// Whether the row says what the register does not know.
    pub fn fills(&self) -> bool {
        self.ours.is_none() && self.theirs.is_some()
    }

    /// Whether it may be entered of many pairs at once: nothing that says which area it is, who manages it, or whose word
    /// counts for its boundary.
    pub(super) fn is_for_bulk(&self) -> bool {
        const SMALL: [&str; 9] = [
            "households",
            "floor_area_m2",
            "building_count",
            "built_year",
            "fee_yuan_per_m2_month",
            "contract_from",
            "contract_until",
            "contract_kind",
            "contract_filed_on",
        ];
        const FILLED: [&str; 3] = ["address", "community", "other_names"];
        SMALL.contains(&self.field) || self.fills() && FILLED.contains(&self.field)
    }
}

/// Both sides of a pair.
pub(super) struct Pair<'a> {
    pub(super) case: &'a Case,
    pub(super) area: &'a Area,
    pub(super) draft: &'a Draft,
    /// Fingerprint of the area's boundary.
    pub(super) outline: &'a str,
    pub(super) records: (&'a Record, &'a Record),
    pub(super) change: &'a RowChange,
    pub(super) conflicts: &'a [Conflict],
}

/// The key of the field that a property of an area belongs to; `None` for what is entered silently.
fn field_of(property: &'static str) -> Option<&'static str> {
    Some(match property {
        "management" | "quasi_kind" => "mgmt_type",
        "manager" => "company",
        "committees" => "committee",
        "foreign_codes" | BOUNDARY => return None,
        other => other,
    })
}

/// The fields in which a pair differs, in the order of the item.
pub(super) fn fields_of(pair: &Pair<'_>) -> Vec<FieldView> {
    let (ours, theirs) = pair.records;
    let texts = |field: &str| match field {
        "name" => Some((&ours.name, &theirs.name)),
        "street" => Some((&ours.street, &theirs.street)),
        "address" => Some((&ours.address, &theirs.address)),
        "mgmt_type" => Some((&ours.management, &theirs.management)),
        "committee" => Some((&ours.committee, &theirs.committee)),
        "company" => Some((&ours.company, &theirs.company)),
        "households" => Some((&ours.households, &theirs.households)),
        _ => None,
    };
    let told = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let mut fields: Vec<FieldView> = Vec::new();
    let mut add = |field: &'static str, (before, after): (Option<String>, Option<String>), enters: bool| {
        let conflict = pair.conflicts.iter().find(|conflict| conflict.field.key() == field);
        if fields.iter().any(|known| known.field == field) {
            return;
        }
        let fills = before.is_none() && after.is_some();
        let asks = match field {
            "name" => !says_the_same(pair.case),
            "street" => true,
            // What may change a rate is asked, also where the register knew nothing and where the words are the same.
            "mgmt_type" | "committee" => enters || conflict.is_some(),
            _ => conflict.is_some(),
        };
        let fallback = if fills { Suggestion::Right } else { Suggestion::Ask };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        fields.push(FieldView {
            field,
            memory: (text(&before), text(&after)),
            suggestion: conflict.map_or(fallback, |conflict| conflict.suggestion),
            ours: before,
            theirs: after,
            asks,
            enters,
        });
    };
    for value in &pair.change.values {
        let Some(field) = field_of(value.field) else { continue };
        let values = texts(field).map(|(ours, theirs)| (told(ours), told(theirs)));
        // What the matcher's words do not tell apart, such as a date of a committee, is told as it is written.
        let written = || (value.before.clone(), value.after.clone());
        let values = values.filter(|(ours, theirs)| ours != theirs && theirs.is_some()).unwrap_or_else(written);
        add(field, values, true);
    }
    for conflict in pair.conflicts {
        add(conflict.field.key(), (told(&conflict.left_value), told(&conflict.right_value)), false);
    }
    if pair.case.class == Class::Redrawn
        && let Some(outline) = &pair.draft.outline
    {
        fields.push(FieldView {
            field: BOUNDARY,
            ours: Some(format!("{:.0} m²", pair.area.site_area_m2)),
            theirs: Some(format!("{:.0} m²", outline.surface_m2)),
            suggestion: of_boundary(pair),
            asks: true,
            enters: true,
            memory: (pair.outline.to_owned(), outline.fingerprint.clone()),
        });
    }
    fields
}

/// Whose boundary counts more: an approved plan before the bureau, the bureau before the sketch of a street.
fn of_boundary(pair: &Pair<'_>) -> Suggestion {
    let planned = pair.area.attributes.delimitation_document.is_some();
    match (planned, pair.draft.row.delimitation_document.is_some()) {
        (true, true) => Suggestion::Ask,
        (true, false) => Suggestion::Left,
        (false, true) => Suggestion::Right,
        (false, false) if is_of_street(&pair.records.1.source) => Suggestion::Left,
        (false, false) => Suggestion::Right,
    }
}

/// Whether the names of a pair say the same in other words.
fn says_the_same(case: &Case) -> bool {
    let same = |level: &NameLevel| {
        matches!(level, NameLevel::Same | NameLevel::Alias | NameLevel::ByAddress | NameLevel::More)
    };
    let level =
        case.reasons.iter().find_map(|reason| if let Reason::Name(level) = reason { Some(*level) } else { None });
    level.as_ref().is_none_or(same)
}

/// Which fields of a pair are taken from the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// All in which they differ.
    All,
    /// These.
    Only(BTreeSet<String>),
}

impl Choice {
    pub(super) fn takes(&self, field: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(fields) => fields.contains(field),
        }
    }

    /// The part of a change that was chosen. The sender's code of the area is linked in any case.
    pub(super) fn of(&self, change: &RowChange) -> RowChange {
        fn when<T>(taken: bool, value: Option<T>) -> Option<T> {
            value.filter(|_| taken)
        }
        let RowChange { amendment, committees, committees_told, values } = change.clone();
        let Amendment { name, other_names, street, community, management, manager, attributes, drawn, .. } = amendment;
        let takes = |field: &str| self.takes(field);
        let names = takes("name") || takes("other_names");
        let AttributeChanges {
            address,
            floor_area_m2,
            households,
            building_count,
            built_year,
            fee_yuan_per_m2_month,
            contract_from,
            contract_until,
            contract_kind,
            contract_filed_on,
            delimitation_document,
            foreign_codes,
        } = attributes;
        let attributes = AttributeChanges {
            address: when(takes("address"), address),
            floor_area_m2: when(takes("floor_area_m2"), floor_area_m2),
            households: when(takes("households"), households),
            building_count: when(takes("building_count"), building_count),
            built_year: when(takes("built_year"), built_year),
            fee_yuan_per_m2_month: when(takes("fee_yuan_per_m2_month"), fee_yuan_per_m2_month),
            contract_from: when(takes("contract_from"), contract_from),
            contract_until: when(takes("contract_until"), contract_until),
            contract_kind: when(takes("contract_kind"), contract_kind),
            contract_filed_on: when(takes("contract_filed_on"), contract_filed_on),
            delimitation_document: when(takes("delimitation_document"), delimitation_document),
            foreign_codes,
        };
        let amendment = Amendment {
            name: when(takes("name"), name),
            other_names: when(names, other_names),
            street: when(takes("street"), street),
            community: when(takes("street") || takes("community"), community),
            management: when(takes("mgmt_type"), management),
            manager: when(takes("company"), manager),
            attributes,
            committees: None,
            drawn: when(takes(BOUNDARY), drawn),
        };
        let committee = takes("committee");
        RowChange {
            amendment,
            committees: if committee { committees } else { Vec::new() },
            committees_told: committee && committees_told,
            values: values.into_iter().filter(|value| field_of(value.field).is_some_and(&takes)).collect(),
        }
    }
}
