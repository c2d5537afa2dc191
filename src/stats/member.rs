//! Who is counted in a rate, one by one.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::{Area, Committee, CommitteeStatus, Management, Manager, ManagerId, ManagerKind, RateId};

/// Which members of a rate are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Those above the line.
    Numerator,
    /// Those below the line.
    Denominator,
    /// Those below the line that keep the rate from being whole.
    Missing,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Numerator, Self::Denominator, Self::Missing];

    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Numerator => "numerator",
            Self::Denominator => "denominator",
            Self::Missing => "missing",
        }
    }

    /// The part of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.key() == key)
    }
}

/// What a rate counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Member<'a> {
    /// An area.
    Area(&'a Area),
    /// A committee of an area.
    Committee(&'a Area, &'a Committee),
    /// A company, and how many areas of the scope it manages.
    Company(&'a Manager, u32),
}

/// The members of a part of a rate, in the order of the areas; companies in the order of their codes.
///
/// There are as many as [`crate::stats::Tally::rate`] says of the same areas. Above the line of the ratio of committees stand
/// committees, below it areas; what is missing are then the areas without a working committee.
pub fn members<'a>(
    (rate, part): (RateId, Part),
    areas: impl IntoIterator<Item = (&'a Area, CommitteeStatus)>,
    manager_of: impl Fn(ManagerId) -> Option<&'a Manager>,
    day: Date,
) -> Vec<Member<'a>> {
    let wanted = |above: bool| match part {
        Part::Numerator => above,
        Part::Denominator => true,
        Part::Missing => !above,
    };
    let mut members = Vec::new();
    let mut companies: BTreeMap<&str, (&'a Manager, u32)> = BTreeMap::new();
    for (area, status) in areas {
        let has_committee = !matches!(status, CommitteeStatus::None | CommitteeStatus::Unknown);
        let whole = match rate {
            RateId::ContractedShare => Some(area.management == Management::Contracted),
            RateId::QuasiShare => Some(matches!(area.management, Management::QuasiProperty(_))),
            RateId::CommitteeCoverage => Some(has_committee),
            RateId::CommitteeCountRatio if part != Part::Numerator => Some(has_committee),
            RateId::CommitteeCountRatio | RateId::PartyCoverageCommittee | RateId::PartyCoverageCompany => None,
        };
        if let Some(above) = whole {
            members.extend(wanted(above).then_some(Member::Area(area)));
            continue;
        }
        match rate {
            RateId::PartyCoverageCompany => {
                let manager = area.manager.and_then(&manager_of);
                if let Some(company) = manager.filter(|manager| manager.kind == ManagerKind::Company) {
                    companies.entry(company.uscc.as_str()).or_insert((company, 0)).1 += 1;
                }
            }
            RateId::PartyCoverageCommittee => {
                let established = area.committees.iter().flatten().filter(|committee| committee.exists_on(day));
                let wanted = established.filter(|committee| wanted(committee.has_party_on(day)));
                members.extend(wanted.map(|committee| Member::Committee(area, committee)));
            }
            _ => {
                let working = area.committees.iter().flatten().filter(|committee| committee.counts_on(day));
                members.extend(working.map(|committee| Member::Committee(area, committee)));
            }
        }
    }
    let with_party = |company: &&(&Manager, u32)| wanted(company.0.party_organisation == Some(true));
    members.extend(companies.values().filter(with_party).map(|(company, areas)| Member::Company(company, *areas)));
    members
}
