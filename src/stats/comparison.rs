//! Printed figures beside the counts of their day, and beside the counts that were printed with them.

use crate::model::PrintedFigure;
use crate::stats::fitting::Fitting;
use crate::stats::rate::{Rate, decimals, from_units};

/// A printed figure, and the rate that the register computes of the day that the figure is of.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// What was printed.
    pub figure: PrintedFigure,
    /// What the register counts on the day of the figure, not on the day that somebody asks for.
    pub computed: Rate,
}

/// A printed figure set beside the rate that the register computes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Printed minus computed percentage in points, the computed one rounded like the printed; `None` without a denominator.
    pub difference_points: Option<f64>,
    /// The printed percentage is the computed one rounded half up to its decimals.
    pub follows: bool,
    /// The printed integers are the computed ones, as far as any were printed.
    pub same_counts: bool,
    /// The printed percentage beside the integers that were printed with it; `None` where one of them was not printed.
    pub own: Option<OwnCounts>,
}

/// Whether a printed percentage follows from the integers printed with it, whatever the register counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnCounts {
    /// The rate of the printed integers.
    pub rate: Rate,
    /// The printed percentage is that rate rounded half up to its decimals.
    pub follows: bool,
    /// Which integers would give the printed percentage.
    pub fitting: Fitting,
}

impl Comparison {
    /// Compares a printed figure with a rate of the same id.
    ///
    /// The printed percentage is read with the decimals it has, but at least one: the reports print one, and 94.0 cannot be
    /// told from 94 once it is a number.
    pub fn new(printed: &PrintedFigure, computed: &Rate) -> Self {
        let (difference, follows) = beside(printed.percent, computed);
        let same = |printed: Option<u32>, computed| printed.is_none_or(|printed| printed == computed);
        let own = printed.numerator.zip(printed.denominator).map(|(numerator, denominator)| {
            let rate = Rate { numerator, denominator, ..*computed };
            let (_, follows) = beside(printed.percent, &rate);
            OwnCounts { rate, follows, fitting: Fitting::new(printed.percent, &rate) }
        });
        let is_of_rate = printed.rate == computed.id;
        Self {
            difference_points: difference,
            follows: is_of_rate && follows,
            same_counts: is_of_rate
                && same(printed.numerator, computed.numerator)
                && same(printed.denominator, computed.denominator),
            own,
        }
    }
}

/// Whether a percentage is that of a rate rounded half up to its own decimals.
pub(super) fn follows(percent: f64, rate: &Rate) -> bool {
    beside(percent, rate).1
}

/// Points between a percentage and a rate, and whether it is the rate's.
fn beside(percent: f64, rate: &Rate) -> (Option<f64>, bool) {
    let decimals = decimals(percent);
    // Casting saturates, and what is not a number becomes 0, which then does not follow.
    let units = (percent * f64::from(10_u32.pow(decimals))).round() as i64;
    let difference = rate.percent_units(decimals).map(|computed| i128::from(units) - i128::from(computed));
    (difference.map(|units| from_units(units, decimals)), percent.is_finite() && difference == Some(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RateId;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn printed(percent: f64, numerator: Option<u32>, denominator: Option<u32>) -> PrintedFigure {
        PrintedFigure {
            rate: RateId::CommitteeCoverage,
            percent,
            numerator,
            denominator,
            source: "report".to_owned(),
            dated: date(2022, 10, 27),
        }
    }

    fn rate(numerator: u32, denominator: u32) -> Rate {
        Rate::new(RateId::CommitteeCoverage, numerator, denominator)
    }

    #[test]
    fn a_figure_follows_when_percentages_agree_and_its_integers_are_told_apart() {
        let compare = |figure: PrintedFigure, rate: Rate| {
            let comparison = Comparison::new(&figure, &rate);
            (comparison.difference_points, comparison.follows, comparison.same_counts)
        };
        assert_eq!(compare(printed(93.4, None, None), rate(1529, 1637)), (Some(0.0), true, true));
        assert_eq!(compare(printed(93.4, None, None), rate(1537, 1637)), (Some(-0.5), false, true));
        assert_eq!(compare(printed(93.4, Some(1529), Some(1637)), rate(1529, 1637)), (Some(0.0), true, true));
        assert_eq!(compare(printed(93.4, Some(1530), None), rate(1529, 1637)), (Some(0.0), true, false));
        assert_eq!(compare(printed(93.4, None, Some(1638)), rate(1529, 1637)), (Some(0.0), true, false));
        assert_eq!(compare(printed(93.89, None, None), rate(1537, 1637)), (Some(0.0), true, true));
        assert_eq!(compare(printed(94.0, None, None), rate(936, 1000)), (Some(0.4), false, true));
        assert_eq!(compare(printed(93.4, None, None), rate(0, 0)), (None, false, true));
        assert!(!Comparison::new(&printed(f64::NAN, None, None), &rate(0, 5)).follows);
        let other = Rate::new(RateId::QuasiShare, 1529, 1637);
        assert_eq!(compare(printed(93.4, None, None), other), (Some(0.0), false, false));
    }

    #[test]
    fn a_figure_is_held_against_the_integers_printed_with_it() {
        let own = |figure: PrintedFigure| Comparison::new(&figure, &rate(1529, 1637)).own;
        let told = own(printed(93.4, Some(1537), Some(1637))).unwrap();
        assert_eq!((told.rate.percent(), told.follows), (Some(93.9), false));
        assert_eq!(told.fitting, Fitting { numerators: Some((1529, 1529)), denominators: Some((1645, 1646)) });
        assert!(own(printed(93.9, Some(1537), Some(1637))).unwrap().follows);
        assert!(own(printed(93.89, Some(1537), Some(1637))).unwrap().follows);
        assert!(!own(printed(0.0, Some(0), Some(0))).unwrap().follows);
        for (numerator, denominator) in [(Some(1537), None), (None, Some(1637)), (None, None)] {
            assert_eq!(own(printed(93.4, numerator, denominator)), None);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_as_computed_follows(numerator in 0_u32..5000, denominator in 1_u32..5000) {
            let rate = rate(numerator, denominator);
            let figure = printed(rate.percent().unwrap(), Some(numerator), Some(denominator));
            let told = Comparison::new(&figure, &rate);
            prop_assert_eq!((told.difference_points, told.follows, told.same_counts), (Some(0.0), true, true));
            prop_assert!(told.own.unwrap().follows);
        }

        #[test]
        fn own_counts_follow_whatever_the_register_counts(n in 0_u32..500, d in 1_u32..500, other in 0_u32..500, tenths in 0_u32..1100) {
            let figure = printed(f64::from(tenths) / 10.0, Some(n), Some(d));
            let told = Comparison::new(&figure, &rate(other, d)).own.unwrap();
            prop_assert_eq!(told.follows, rate(n, d).percent() == Some(figure.percent));
            let within = |range: Option<(u32, u32)>, value| range.is_some_and(|(from, to)| from <= value && value <= to);
            prop_assert_eq!(told.follows, within(told.fitting.numerators, n));
        }
    }
}
