//! What a draft changes of the area it is about.

use jiff::civil::Date;

use crate::history::delivered::values::{ValueChange, changed_values, committee_values};
use crate::history::{Amendment, AttributeChanges, Drawn};
use crate::ingest::delivery::{AreaRow, CommitteeRow, Draft, Outline, half_width};
use crate::model::{
    Area, AreaCode, Committee, CommitteeKind, CommitteeStatus, ForeignCode, Management, Name, NameKind, Party,
    QuasiKind, Uscc,
};

/// What a draft is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'a> {
    /// The area as the register has it.
    pub area: &'a Area,
    /// Fingerprint of its boundary.
    pub fingerprint: &'a str,
    /// Who manages it.
    pub manager: Option<&'a Uscc>,
    /// The day on which the delivery becomes true.
    pub day: Date,
    /// Whose the foreign codes are.
    pub sender: &'a str,
}

/// What a draft changes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowChange {
    /// New values; what the register says already is not among them. Its committees are those below.
    pub amendment: Amendment,
    /// Committees that are new or of which something new is said, whole.
    pub committees: Vec<Committee>,
    /// Whether somebody says for the first time which committees the area has.
    pub committees_told: bool,
    /// The properties that change, before and after.
    pub values: Vec<ValueChange>,
}

impl RowChange {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// Compares a draft with its area; `manager` is who the row says manages it, found among those that are known or new.
///
/// What a row does not say stays. An outline with the fingerprint of the boundary is the boundary.
pub fn compare(draft: &Draft, manager: Option<&Uscc>, with: &Compared<'_>) -> RowChange {
    let (row, area) = (&draft.row, with.area);
    let mut amendment = Amendment {
        name: other_text(row.name.as_ref(), Some(&area.name)),
        other_names: other_names(row, area),
        street: differing(row.street.as_ref(), Some(&area.street)),
        community: differing(row.community.as_ref(), area.community.as_ref()).map(Some),
        management: row.management.filter(|told| says_otherwise(*told, area.management)),
        manager: differing(manager, with.manager).map(Some),
        attributes: attributes(row, area, with.sender),
        committees: None,
        drawn: draft.outline.as_ref().filter(|outline| outline.fingerprint != with.fingerprint).map(drawn),
    };
    // A community lies in one street: with another street the old one is not its community any more.
    if amendment.street.is_some() && amendment.community.is_none() && area.community.is_some() {
        amendment.community = Some(None);
    }
    let committees = committees(row, area.committees.as_deref().unwrap_or_default(), (&area.code, area.demo), with.day);
    let committees_told =
        area.committees.is_none() && (row.committee_status == Some(CommitteeStatus::None) || !committees.is_empty());
    let mut values = changed_values(&amendment, area, with.manager);
    if committees_told || !committees.is_empty() {
        values.push(committee_values(area.committees.as_deref().unwrap_or_default(), &committees));
    }
    RowChange { amendment, committees, committees_told, values }
}

/// An outline as what it draws.
pub(super) fn drawn(outline: &Outline) -> Drawn {
    Drawn { boundary: outline.boundary.clone(), source: outline.source.clone(), surface_m2: outline.surface_m2 }
}

/// Whether a management is another one. Quasi-property without more, which is read as the other kind, does not say which kind
/// it is, so the kind stays.
pub fn says_otherwise(told: Management, held: Management) -> bool {
    match (told, held) {
        (Management::QuasiProperty(QuasiKind::Other), Management::QuasiProperty(_)) => false,
        _ => told != held,
    }
}

fn differing<T: Clone + PartialEq>(new: Option<&T>, old: Option<&T>) -> Option<T> {
    new.filter(|new| Some(*new) != old).cloned()
}

/// A text that is another one, and not the same in full width.
fn other_text(new: Option<&String>, old: Option<&String>) -> Option<String> {
    let same = |new: &&String| old.is_some_and(|old| half_width(old) == half_width(new));
    new.filter(|new| !same(new)).cloned()
}

/// All further names, when the row changes any: those of the kinds it tells are replaced, and a name that is given up becomes
/// a former name.
fn other_names(row: &AreaRow, area: &Area) -> Option<Vec<Name>> {
    let told = [
        (NameKind::Common, &row.common_names),
        (NameKind::Former, &row.former_names),
        (NameKind::BuildingGroup, &row.building_groups),
    ];
    let mut names = Vec::new();
    for (kind, told) in told {
        match told {
            Some(texts) => names.extend(texts.iter().map(|text| Name { kind, text: text.clone() })),
            None => names.extend(area.other_names.iter().filter(|name| name.kind == kind).cloned()),
        }
    }
    if other_text(row.name.as_ref(), Some(&area.name)).is_some() {
        let former = Name { kind: NameKind::Former, text: area.name.clone() };
        if !names.contains(&former) {
            names.push(former);
        }
    }
    let sorted = |names: &[Name]| {
        let mut names: Vec<(&str, String)> =
            names.iter().map(|name| (name.kind.key(), half_width(&name.text))).collect();
        names.sort();
        names
    };
    (sorted(&names) != sorted(&area.other_names)).then_some(names)
}

fn attributes(row: &AreaRow, area: &Area, sender: &str) -> AttributeChanges {
    let old = &area.attributes;
    fn change<T: Clone + PartialEq>(new: Option<&T>, old: Option<&T>) -> Option<Option<T>> {
        differing(new, old).map(Some)
    }
    AttributeChanges {
        address: other_text(row.address.as_ref(), old.address.as_ref()).map(Some),
        floor_area_m2: change(row.floor_area_m2.as_ref(), old.floor_area_m2.as_ref()),
        households: change(row.households.as_ref(), old.households.as_ref()),
        building_count: change(row.building_count.as_ref(), old.building_count.as_ref()),
        built_year: change(row.built_year.as_ref(), old.built_year.as_ref()),
        fee_yuan_per_m2_month: change(row.fee_yuan_per_m2_month.as_ref(), old.fee_yuan_per_m2_month.as_ref()),
        contract_from: change(row.contract_from.as_ref(), old.contract_from.as_ref()),
        contract_until: change(row.contract_until.as_ref(), old.contract_until.as_ref()),
        contract_kind: change(row.contract_kind.as_ref(), old.contract_kind.as_ref()),
        contract_filed_on: change(row.contract_filed_on.as_ref(), old.contract_filed_on.as_ref()),
        delimitation_document: other_text(row.delimitation_document.as_ref(), old.delimitation_document.as_ref())
            .map(Some),
        foreign_codes: foreign_codes(row.foreign_code.as_deref(), &old.foreign_codes, sender),
    }
}

/// All foreign codes, when the sender's is new.
pub(super) fn foreign_codes(code: Option<&str>, old: &[ForeignCode], sender: &str) -> Option<Vec<ForeignCode>> {
    let code = ForeignCode { scheme: sender.to_owned(), code: code?.to_owned() };
    if old.contains(&code) {
        return None;
    }
    let mut codes: Vec<ForeignCode> = old.iter().filter(|known| known.scheme != sender).cloned().collect();
    codes.push(code);
    codes.sort();
    Some(codes)
}

/// Committees that are new or of which the row says something new.
///
/// A committee that nobody dated is not entered, because its first day would be invented; and none is ended because a row
/// says that there is none. Both are findings.
pub(super) fn committees(
    row: &AreaRow,
    known: &[Committee],
    (area, demo): (&AreaCode, bool),
    day: Date,
) -> Vec<Committee> {
    let told = [
        (CommitteeKind::Owners, &row.owners, "OC"),
        (CommitteeKind::PropertyManagement, &row.property_management, "PMC"),
    ];
    let mut committees = Vec::new();
    for (kind, told, letters) in told {
        let Some(told) = told.as_ref().filter(|told| told.present != Some(false)) else { continue };
        let of_kind = || known.iter().filter(|committee| committee.kind == kind);
        let current = match &told.code {
            Some(code) => of_kind().find(|committee| committee.code == *code),
            None => of_kind().rfind(|committee| committee.dissolved_on.is_none_or(|end| end > day)),
        };
        let committee = match (current, told.formed_on) {
            (Some(current), _) => updated(current, told),
            (None, Some(formed_on)) => {
                let code = told.code.clone().unwrap_or_else(|| format!("{area}-{letters}{}", of_kind().count() + 1));
                let new = Committee {
                    code,
                    kind,
                    formed_on,
                    filing_applied_on: None,
                    filed_on: None,
                    filing_number: None,
                    term_until: None,
                    dissolved_on: None,
                    operating: true,
                    members: None,
                    party: None,
                    demo,
                };
                updated(&new, told)
            }
            (None, None) => continue,
        };
        if current != Some(&committee) {
            committees.push(committee);
        }
    }
    committees
}

fn updated(old: &Committee, told: &CommitteeRow) -> Committee {
    let party = match (told.party, told.party_since) {
        (None, None) => old.party,
        (Some(false), _) => Some(Party { present: false, since: None }),
        (_, since) => Some(Party { present: true, since: since.or(old.party.and_then(|party| party.since)) }),
    };
    Committee {
        formed_on: told.formed_on.unwrap_or(old.formed_on),
        filing_applied_on: told.filing_applied_on.or(old.filing_applied_on),
        filed_on: told.filed_on.or(old.filed_on),
        filing_number: other_text(told.filing_number.as_ref(), old.filing_number.as_ref())
            .or_else(|| old.filing_number.clone()),
        term_until: told.term_until.or(old.term_until),
        dissolved_on: told.dissolved_on.or(old.dissolved_on),
        operating: told.operating.unwrap_or(old.operating),
        members: told.members.or(old.members),
        party,
        ..old.clone()
    }
}
