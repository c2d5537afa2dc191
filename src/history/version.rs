//! Versions: a fact, when it is true, and since and until when it was held to be.

use crate::history::Fact;
use crate::model::{DeliveryId, Revision, UnlocatedRow, Validity};

/// Revisions under which something was known: from its own record up to, not including, the one that contradicted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Recorded {
    /// The record that entered it.
    pub from: Revision,
    /// The record that contradicted it.
    pub until: Option<Revision>,
}

impl Recorded {
    /// Whether it was known under this revision.
    pub fn was_known(&self, revision: Revision) -> bool {
        self.from <= revision && self.until.is_none_or(|until| revision < until)
    }
}

/// A fact on both clocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// The fact.
    pub fact: Fact,
    /// When it is true.
    pub valid: Validity,
    /// When it was known.
    pub recorded: Recorded,
}

/// A row of a delivery for which there is no area. It is in the register from the record that published the delivery up
/// to the one that took it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlocated {
    /// The delivery.
    pub delivery: DeliveryId,
    /// When it was known.
    pub recorded: Recorded,
    /// What it says.
    pub row: UnlocatedRow,
}

/// What a put does to the versions of its thing that were known so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revised {
    /// Positions of the versions that are contradicted.
    pub contradicted: Vec<usize>,
    /// What remains of them: position of the version whose fact goes on, and when.
    pub remaining: Vec<(usize, Validity)>,
    /// When the put's own fact is true; `None` for an end, and where everything was known already.
    pub entered: Option<Validity>,
}

/// What changes when `valid` is put over the periods known so far, which do not overlap.
///
/// `same` tells for each whether its fact equals that of the put; a put that says nothing new changes nothing.
pub fn revise(known: &[Validity], valid: Validity, same: impl Fn(usize) -> bool, ends: bool) -> Revised {
    let covered = |period: &Validity| period.overlap(&valid) == Some(valid);
    if !ends && known.iter().enumerate().any(|(at, period)| same(at) && covered(period)) {
        return Revised::default();
    }
    let mut revised = Revised { entered: (!ends).then_some(valid), ..Revised::default() };
    for (at, period) in known.iter().enumerate() {
        if period.overlap(&valid).is_none() {
            continue;
        }
        revised.contradicted.push(at);
        revised.remaining.extend(period.without(&valid).into_iter().map(|part| (at, part)));
    }
    revised
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn span(from: i16, until: Option<i16>) -> Validity {
        Validity { from: Some(date(from, 1, 1)), until: until.map(|year| date(year, 1, 1)) }
    }

    #[test]
    fn a_put_cuts_what_it_contradicts_and_leaves_the_rest() {
        let known = [span(2010, Some(2015)), span(2015, None)];
        let revised = revise(&known, span(2020, None), |_| false, false);
        assert_eq!(revised.contradicted, [1]);
        assert_eq!(revised.remaining, [(1, span(2015, Some(2020)))]);
        assert_eq!(revised.entered, Some(span(2020, None)));

        let revised = revise(&known, span(2012, Some(2017)), |_| false, true);
        assert_eq!(revised.contradicted, [0, 1]);
        assert_eq!(revised.remaining, [(0, span(2010, Some(2012))), (1, span(2017, None))]);
        assert_eq!(revised.entered, None);
    }

    #[test]
    fn what_is_known_already_is_not_entered_again() {
        let known = [span(2010, None)];
        assert_eq!(revise(&known, span(2012, None), |_| true, false), Revised::default());
        assert_ne!(revise(&known, span(2009, None), |_| true, false), Revised::default());
    }

    #[test]
    fn a_version_is_known_from_its_record_until_the_one_that_contradicts_it() {
        let recorded = Recorded { from: Revision(3), until: Some(Revision(5)) };
        let known: Vec<bool> = (2..6).map(|n| recorded.was_known(Revision(n))).collect();
        assert_eq!(known, [false, true, true, false]);
    }
}
