//! Time in the register: dates a fact is true, and the number of the published state.

use jiff::civil::Date;

/// Dates between which a fact is true: from its first day up to, not including, `until`. Open ends are `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    /// First day; `None` when it was always so as far as anybody knows.
    pub from: Option<Date>,
    /// First day on which it is no longer so.
    pub until: Option<Date>,
}

impl Validity {
    /// Whether the fact holds on `day`.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }
}

/// Number of a published state of the register: it grows by one with every record and stands in every ETag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Revision(pub u64);

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_first_day_is_inside_and_the_last_is_not() {
        let year = Validity { from: Some(date(2022, 1, 1)), until: Some(date(2023, 1, 1)) };
        assert!(year.holds_on(date(2022, 1, 1)));
        assert!(year.holds_on(date(2022, 12, 31)));
        assert!(!year.holds_on(date(2023, 1, 1)));
        assert!(!year.holds_on(date(2021, 12, 31)));
        assert!(Validity::default().holds_on(date(1, 1, 1)));
    }
}
