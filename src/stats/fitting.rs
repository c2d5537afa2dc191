//! Which counts give a printed percentage.

use crate::stats::rate::{Rate, units};

/// Counts that give a percentage, each range with both ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fitting {
    /// Numerators that give it over the denominator of the rate; `None` when no whole number does.
    pub numerators: Option<(u32, u32)>,
    /// Denominators over which the numerator of the rate gives it; `None` when no whole number does, or every large one.
    pub denominators: Option<(u32, u32)>,
}

impl Fitting {
    /// The counts that give `percent`, rounded half up to its own decimals (one at least), beside those of a rate.
    pub fn new(percent: f64, rate: &Rate) -> Self {
        let Some((printed, scale)) = units(percent) else { return Self { numerators: None, denominators: None } };
        let (n, d) = (u128::from(rate.numerator), u128::from(rate.denominator));
        // Half up: (2 printed - 1) d <= 2 scale n < (2 printed + 1) d.
        let low = (2 * printed).saturating_sub(1);
        let high = 2 * printed + 1;
        let numerators = match d {
            0 => None,
            d => range((low * d).div_ceil(2 * scale), (high * d - 1) / (2 * scale)),
        };
        let denominators = match low {
            // So small a percentage comes out of every denominator that is large enough.
            0 => None,
            low => range((2 * scale * n) / high + 1, (2 * scale * n) / low),
        };
        Self { numerators, denominators }
    }
}

fn range(from: u128, to: u128) -> Option<(u32, u32)> {
    let (from, to) = (u32::try_from(from).ok()?, u32::try_from(to).ok()?);
    (from <= to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RateId;
    use crate::stats::comparison::follows;
    use proptest::prelude::*;

    fn fitting(percent: f64, numerator: u32, denominator: u32) -> Fitting {
        Fitting::new(percent, &Rate::new(RateId::CommitteeCoverage, numerator, denominator))
    }

    #[test]
    fn the_printed_coverage_fits_other_counts_than_those_beside_it() {
        let fits = fitting(93.4, 1537, 1637);
        assert_eq!(fits, Fitting { numerators: Some((1529, 1529)), denominators: Some((1645, 1646)) });
        assert_eq!(fitting(94.5, 1456, 1637).denominators, Some((1540, 1541)));
        assert_eq!(fitting(93.4, 5, 7).numerators, None);
        assert_eq!(fitting(0.0, 0, 10), Fitting { numerators: Some((0, 0)), denominators: None });
        assert_eq!(fitting(50.0, 1, 0).numerators, None);
        for bad in [f64::NAN, f64::INFINITY, -1.0, 1e12] {
            assert_eq!(fitting(bad, 5, 7), Fitting { numerators: None, denominators: None });
        }
    }

    proptest! {
        #[test]
        fn exactly_the_counts_in_a_range_give_the_percentage(tenths in 1_u32..1_100, n in 0_u32..400, d in 1_u32..400) {
            let percent = f64::from(tenths) / 10.0;
            let fits = fitting(percent, n, d);
            let follows = |n, d| follows(percent, &Rate::new(RateId::CommitteeCoverage, n, d));
            let within = |range: Option<(u32, u32)>, value| range.is_some_and(|(from, to)| from <= value && value <= to);
            for numerator in 0..500 {
                prop_assert_eq!(within(fits.numerators, numerator), follows(numerator, d), "{}/{}", numerator, d);
            }
            for denominator in 1..500 {
                prop_assert_eq!(within(fits.denominators, denominator), follows(n, denominator), "{}/{}", n, denominator);
            }
        }
    }
}
