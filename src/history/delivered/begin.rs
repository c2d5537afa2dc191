//! Areas that a delivery tells of for the first time.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::history::delivered::compare::{committees, foreign_codes};
use crate::history::{AreaFact, Assignment, CommitteeFact, Fact, Put};
use crate::ingest::delivery::Draft;
use crate::model::{
    AreaCode, Attributes, CodeError, CommitteeStatus, Management, Name, NameKind, StreetCode, Uscc, Validity,
};

/// Largest serial of an area code.
const SERIAL_MAX: u32 = 999_999;

/// Hands out codes that were never used, in the order of serials.
pub struct Serials<'a> {
    /// First part of every code, as `CY`.
    prefix: String,
    /// Whether a code was ever used.
    is_used: &'a dyn Fn(&AreaCode) -> bool,
    last: HashMap<String, u32>,
}

impl<'a> Serials<'a> {
    /// After the serials of these codes.
    pub fn new<'c>(
        prefix: &str,
        used: impl Iterator<Item = &'c AreaCode>,
        is_used: &'a dyn Fn(&AreaCode) -> bool,
    ) -> Self {
        let mut last: HashMap<String, u32> = HashMap::new();
        for code in used {
            let mut parts = code.as_str().split('-');
            let (Some(first), Some(initials), Some(serial)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            if let Ok(serial) = serial.parse::<u32>()
                && first == prefix
            {
                let known = last.entry(initials.to_owned()).or_default();
                *known = (*known).max(serial);
            }
        }
        Self { prefix: prefix.to_owned(), is_used, last }
    }

    /// The next code of the street with these initials. Errors: there is none left, or prefix or initials make no code.
    pub fn next(&mut self, initials: &str) -> Result<AreaCode, CodeError> {
        let last = self.last.entry(initials.to_owned()).or_default();
        loop {
            *last += 1;
            let code = AreaCode::parse(&format!("{}-{initials}-{last:04}", self.prefix))?;
            if !(self.is_used)(&code) {
                return Ok(code);
            }
            if *last >= SERIAL_MAX {
                return Err(CodeError::Area(code.to_string()));
            }
        }
    }
}

/// What a draft of a new area enters: the area, who manages it, its committees. `None` when it lacks a name, street or
/// outline; findings say so.
pub fn begin(
    draft: &Draft,
    code: &AreaCode,
    manager: Option<&Uscc>,
    (day, sender): (Date, &str),
    demo: bool,
) -> Option<Vec<Put>> {
    let row = &draft.row;
    let (name, street, outline) = (row.name.clone()?, row.street.clone()?, draft.outline.as_ref()?);
    let valid = Validity::since(day);
    let committees = committees(row, &[], (code, demo), day);
    let area = AreaFact {
        code: code.clone(),
        name,
        other_names: other_names(draft),
        community: row
            .community
            .clone()
            .filter(|community| community.as_str().starts_with(StreetCode::as_str(&street))),
        street,
        boundary: outline.boundary.clone(),
        source_geometry: outline.source.clone(),
        site_area_m2: outline.surface_m2,
        management: row.management.unwrap_or(Management::Unknown),
        committees_known: row.committee_status == Some(CommitteeStatus::None) || !committees.is_empty(),
        attributes: Attributes {
            address: row.address.clone(),
            floor_area_m2: row.floor_area_m2,
            households: row.households,
            building_count: row.building_count,
            built_year: row.built_year,
            fee_yuan_per_m2_month: row.fee_yuan_per_m2_month,
            contract_from: row.contract_from,
            contract_until: row.contract_until,
            contract_kind: row.contract_kind,
            contract_filed_on: row.contract_filed_on,
            delimitation_document: row.delimitation_document.clone(),
            foreign_codes: foreign_codes(row.foreign_code.as_deref(), &[], sender).unwrap_or_default(),
        },
        demo,
    };
    let new = |fact| Put::New { fact, valid };
    let mut puts = vec![new(Fact::Area(area))];
    puts.extend(manager.cloned().map(|manager| new(Fact::Assignment(Assignment { area: code.clone(), manager }))));
    puts.extend(
        committees.into_iter().map(|committee| new(Fact::Committee(CommitteeFact { area: code.clone(), committee }))),
    );
    Some(puts)
}

fn other_names(draft: &Draft) -> Vec<Name> {
    let row = &draft.row;
    let told = [
        (NameKind::Common, &row.common_names),
        (NameKind::Former, &row.former_names),
        (NameKind::BuildingGroup, &row.building_groups),
    ];
    let texts = told.into_iter().flat_map(|(kind, texts)| texts.iter().flatten().map(move |text| (kind, text)));
    texts.map(|(kind, text)| Name { kind, text: text.clone() }).collect()
}
