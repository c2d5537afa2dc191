//! What the rates are to reach by when.

use jiff::civil::{Date, date};

use crate::model::{RateId, Text};
use crate::stats::rate::Rate;

/// A percentage that a rate is to reach by a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// The rate.
    pub rate: RateId,
    /// The last day for it.
    pub date: Date,
    /// Tenths of a percent.
    pub tenths: u32,
}

/// What the targets are taken from.
pub const TARGET_SOURCE: Text = Text {
    zh: "物业管理三年行动计划：组建率、服务覆盖率、党组织覆盖率（2020—2022 年）",
    en: "Three-year plan for property management: formation, service and party coverage (2020 to 2022)",
};

/// Targets of the plan: last day, then formation, service and party coverage in tenths of a percent.
///
/// Service coverage is read as the share of contracted areas, and party coverage as that of committees and of companies
/// both: the plan does not define them further.
const PLAN: [(Date, [u32; 3]); 3] =
    [(date(2020, 12, 31), [300, 600, 300]), (date(2021, 12, 31), [700; 3]), (date(2022, 12, 31), [900; 3])];

/// How a rate stands to a target on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// The target.
    pub target: Target,
    /// Whether its day has come.
    pub due: bool,
    /// Whether the rate is at least the target, unrounded; `None` without a denominator.
    pub met: Option<bool>,
    /// The rate's percentage, rounded as printed, minus the target, in points; `None` without a denominator.
    pub difference_points: Option<f64>,
}

/// The targets of a rate, oldest first; none for a rate that the plan does not name.
pub fn targets(rate: RateId) -> Vec<Target> {
    let column = match rate {
        RateId::CommitteeCoverage => 0,
        RateId::ContractedShare => 1,
        RateId::PartyCoverageCommittee | RateId::PartyCoverageCompany => 2,
        RateId::QuasiShare | RateId::CommitteeCountRatio => return Vec::new(),
    };
    PLAN.iter().map(|(date, tenths)| Target { rate, date: *date, tenths: tenths[column] }).collect()
}

impl Target {
    /// The percentage.
    pub fn percent(&self) -> f64 {
        f64::from(self.tenths) / 10.0
    }

    /// How a rate of `day` stands to it.
    pub fn standing(self, rate: &Rate, day: Date) -> Standing {
        let (n, d, tenths) = (u64::from(rate.numerator), u64::from(rate.denominator), u64::from(self.tenths));
        let difference = rate.tenths().map(|has| (has as f64 - f64::from(self.tenths)) / 10.0);
        Standing {
            target: self,
            due: self.date <= day,
            met: (d > 0).then_some(1000 * n >= tenths * d),
            difference_points: difference,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_met_by_the_integers_and_not_by_a_rounded_percentage() {
        let [.., last] = targets(RateId::CommitteeCoverage)[..] else { panic!("no target") };
        assert_eq!((last.date, last.percent()), (date(2022, 12, 31), 90.0));
        let standing = |n, d| last.standing(&Rate::new(RateId::CommitteeCoverage, n, d), date(2022, 10, 27));
        let told = standing(1529, 1637);
        assert_eq!((told.due, told.met, told.difference_points), (false, Some(true), Some(3.4)));
        // 89.96 % is printed as 90.0 % and has not got there.
        assert_eq!((standing(8996, 10_000).met, standing(8996, 10_000).difference_points), (Some(false), Some(0.0)));
        assert_eq!((standing(0, 0).met, standing(0, 0).difference_points), (None, None));
        assert!(last.standing(&Rate::new(last.rate, 1, 1), last.date).due);
    }

    #[test]
    fn the_plan_names_three_rates() {
        let first: Vec<u32> = RateId::ALL.into_iter().filter_map(|id| Some(targets(id).first()?.tenths)).collect();
        assert_eq!(first, [600, 300, 300, 300]);
    }
}
