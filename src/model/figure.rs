//! Rates the district reports, and the figures that were printed of them.

use jiff::civil::Date;

/// A rate with a definition of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateId {
    /// Contracted areas of all areas.
    ContractedShare,
    /// Quasi-property areas of all areas.
    QuasiShare,
    /// Areas with a committee of all areas (组建率).
    CommitteeCoverage,
    /// Working committees per area.
    CommitteeCountRatio,
    /// Committees with party organisation of established committees.
    PartyCoverageCommittee,
    /// Companies with party organisation of companies.
    PartyCoverageCompany,
}

impl RateId {
    /// Every rate, in the order of the report.
    pub const ALL: [Self; 6] = [
        Self::ContractedShare,
        Self::QuasiShare,
        Self::CommitteeCoverage,
        Self::CommitteeCountRatio,
        Self::PartyCoverageCommittee,
        Self::PartyCoverageCompany,
    ];

    /// Name used in files, tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::ContractedShare => "contracted_share",
            Self::QuasiShare => "quasi_share",
            Self::CommitteeCoverage => "committee_coverage",
            Self::CommitteeCountRatio => "committee_count_ratio",
            Self::PartyCoverageCommittee => "party_coverage_committee",
            Self::PartyCoverageCompany => "party_coverage_company",
        }
    }

    /// The rate of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rate| rate.key() == key)
    }
}

/// A figure as a report printed it. Kept apart from what the register computes and never overwritten.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintedFigure {
    /// Which rate.
    pub rate: RateId,
    /// The percentage as printed, as in 93.4.
    pub percent: f64,
    /// The numerator, where it was printed.
    pub numerator: Option<u32>,
    /// The denominator, where it was printed.
    pub denominator: Option<u32>,
    /// Where it was printed.
    pub source: String,
    /// Date of the report.
    pub dated: Date,
}
