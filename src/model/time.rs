//! Time in the register: dates a fact is true, and the number of the published state.

use std::fmt;

use jiff::civil::Date;

/// Reads a date as in 2022-10-27, the `full-date` of RFC 3339, 5.6; the library alone would take more.
pub fn read_date(text: &str) -> Option<Date> {
    let is_dash = |at: usize| at == 4 || at == 7;
    let fits = |(at, byte): (usize, u8)| if is_dash(at) { byte == b'-' } else { byte.is_ascii_digit() };
    let has_shape = text.len() == 10 && text.bytes().enumerate().all(fits);
    has_shape.then(|| text.parse().ok()).flatten()
}

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

impl Validity {
    /// From `day` on, without an end.
    pub fn since(day: Date) -> Self {
        Self { from: Some(day), until: None }
    }

    /// Whether there is no day in it.
    pub fn is_empty(&self) -> bool {
        matches!((self.from, self.until), (Some(from), Some(until)) if until <= from)
    }

    /// The days that both have; `None` when there is none.
    pub fn overlap(&self, other: &Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let until = match (self.until, other.until) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (end, None) | (None, end) => end,
        };
        let both = Self { from, until };
        (!both.is_empty()).then_some(both)
    }

    /// The days of this one that are before and after `cut`, empty parts left out.
    pub fn without(&self, cut: &Self) -> Vec<Self> {
        if self.overlap(cut).is_none() {
            return vec![*self];
        }
        let before = cut.from.map(|from| Self { from: self.from, until: Some(from) });
        let after = cut.until.map(|until| Self { from: Some(until), until: self.until });
        before.into_iter().chain(after).filter(|part| !part.is_empty()).collect()
    }
}

/// Number of a published state of the register: it grows by one with every record and stands in every ETag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Revision(pub u64);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The two clocks of a question: what was true on `day`, as far as was known under revision `known`.
///
/// The same pair always has the same answer: later records carry higher revisions, whatever days they tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AsOf {
    /// The valid clock.
    pub day: Date,
    /// The recorded clock.
    pub known: Revision,
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_date_has_one_form() {
        assert_eq!(read_date("2022-10-27"), Some(date(2022, 10, 27)));
        for other in
            ["", "20221027", "2022-10-27T00:00", "-002022-10-27", "2022-13-01", "2022-2-1", "2022/10/27", "２０２2"]
        {
            assert_eq!(read_date(other), None, "{other}");
        }
    }

    #[test]
    fn the_first_day_is_inside_and_the_last_is_not() {
        let year = Validity { from: Some(date(2022, 1, 1)), until: Some(date(2023, 1, 1)) };
        assert!(year.holds_on(date(2022, 1, 1)));
        assert!(year.holds_on(date(2022, 12, 31)));
        assert!(!year.holds_on(date(2023, 1, 1)));
        assert!(!year.holds_on(date(2021, 12, 31)));
        assert!(Validity::default().holds_on(date(1, 1, 1)));
    }

    #[test]
    fn a_cut_leaves_what_is_before_and_after() {
        let span = |from: Option<i16>, until: Option<i16>| Validity {
            from: from.map(|year| date(year, 1, 1)),
            until: until.map(|year| date(year, 1, 1)),
        };
        let always = Validity::default();
        assert_eq!(always.without(&always), []);
        assert_eq!(always.without(&span(Some(2020), None)), [span(None, Some(2020))]);
        assert_eq!(always.without(&span(Some(2020), Some(2022))), [span(None, Some(2020)), span(Some(2022), None)]);
        let decade = span(Some(2010), Some(2020));
        assert_eq!(decade.without(&span(Some(2020), None)), [decade]);
        assert_eq!(decade.without(&span(None, Some(2015))), [span(Some(2015), Some(2020))]);
        assert_eq!(decade.overlap(&span(Some(2015), None)), Some(span(Some(2015), Some(2020))));
        assert_eq!(decade.overlap(&span(Some(2020), None)), None);
    }
}
