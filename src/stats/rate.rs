//! Ratios that keep their integers.

use crate::model::RateId;
use crate::stats::definition::definition;

/// Decimals of a percentage in the reports. A figure printed with more is compared with as many as it has.
const DECIMALS: u32 = 1;

/// Decimals beyond which those of a printed figure are not compared.
const MOST_DECIMALS: u32 = 6;

/// A rate with its numerator and denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Which rate.
    pub id: RateId,
    /// Version of its definition.
    pub version: u32,
    /// What is divided.
    pub numerator: u32,
    /// By what.
    pub denominator: u32,
}

impl Rate {
    /// The rate of two counts under the definition in force.
    pub fn new(id: RateId, numerator: u32, denominator: u32) -> Self {
        Self { id, version: definition(id).version, numerator, denominator }
    }

    /// Percentage rounded half up to one decimal; `None` when the denominator is 0.
    pub fn percent(&self) -> Option<f64> {
        self.percent_units(DECIMALS).map(|tenths| from_units(i128::from(tenths), DECIMALS))
    }

    /// The same in tenths of a percent.
    pub fn tenths(&self) -> Option<u64> {
        self.percent_units(DECIMALS)
    }

    /// Percentage in units of its last decimal, rounded half up in integers.
    pub(super) fn percent_units(&self, decimals: u32) -> Option<u64> {
        let (numerator, denominator) = (u64::from(self.numerator), u64::from(self.denominator));
        let scaled = 2 * numerator * 100 * 10_u64.pow(decimals) + denominator;
        scaled.checked_div(2 * denominator)
    }
}

/// A printed percentage in units of its last decimal, and how many of them a whole is: 93.4 is 934 of 1,000. `None` for what
/// no printed percentage is.
pub(super) fn units(percent: f64) -> Option<(u128, u128)> {
    let scale = 10_u32.pow(decimals(percent));
    // Beyond a million percent nothing was counted.
    let sensible = percent.is_finite() && (0.0..=1e6).contains(&percent);
    sensible.then(|| ((percent * f64::from(scale)).round() as u128, 100 * u128::from(scale)))
}

pub(super) fn from_units(units: i128, decimals: u32) -> f64 {
    units as f64 / f64::from(10_u32.pow(decimals))
}

/// Decimals of the shortest text that reads back as this number.
pub(super) fn decimals(percent: f64) -> u32 {
    let text = percent.to_string();
    let written = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    u32::try_from(written).unwrap_or(MOST_DECIMALS).clamp(DECIMALS, MOST_DECIMALS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(numerator: u32, denominator: u32) -> Rate {
        Rate::new(RateId::CommitteeCoverage, numerator, denominator)
    }

    #[test]
    fn the_printed_percentages_of_the_report_come_out() {
        for (numerator, denominator, percent) in [
            (1514, 1637, 92.5),
            (123, 1637, 7.5),
            (1529, 1637, 93.4),
            (1537, 1637, 93.9),
            (1456, 1541, 94.5),
            (530, 544, 97.4),
            (1, 2000, 0.1),
            (0, 7, 0.0),
        ] {
            assert_eq!(rate(numerator, denominator).percent(), Some(percent));
        }
        assert_eq!(rate(3, 0).percent(), None);
    }

    proptest! {
        #[test]
        fn a_percentage_is_the_nearest_tenth_and_the_upper_of_two(numerator: u32, denominator in 1_u32..) {
            let tenths = u128::from(rate(numerator, denominator).percent_units(1).unwrap());
            // tenths - 1/2 <= 1000 n / d < tenths + 1/2, in whole numbers.
            let (n, d) = (u128::from(numerator), u128::from(denominator));
            prop_assert!(2 * tenths * d <= 2000 * n + d);
            prop_assert!(2000 * n + d < (2 * tenths + 2) * d);
            let percent = rate(numerator, denominator).percent().unwrap();
            prop_assert_eq!((percent * 10.0).round() as u128, tenths);
        }
    }
}
