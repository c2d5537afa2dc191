//! From an operation to an entry: what it means for every fact it touches, or why it cannot be done.

mod amend;
mod boundaries;
mod fates;
#[cfg(test)]
mod proptests;
mod replace;
#[cfg(test)]
mod tests;

pub use boundaries::{COVER_TOLERANCE_M2, COVER_TOLERANCE_SHARE, OVERLAP_LIMIT_M2};

use jiff::civil::Date;

use crate::history::{AreaFact, ChangeFault, Entry, Fact, Key, Kind, Known, Lineage, Operation, Put};
use crate::model::{AreaCode, RecordKind, Validity};

/// An operation as what a store can enter.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Kind of the record.
    pub kind: RecordKind,
    /// What it enters; what its author had seen is not in it.
    pub entry: Entry,
}

/// Plans an operation that takes effect on a day. Pure: the same knowledge gives the same plan.
///
/// What a correction says holds for the days it names, whatever was known of them. Everything else begins on `effective`,
/// and a change of boundary or name that is known to come later stays as it is. Errors: every fault that was found.
pub fn plan(operation: &Operation, effective: Date, known: &Known) -> Result<Planned, Vec<ChangeFault>> {
    let mut plan = Plan {
        member: operation.member(),
        effective,
        known,
        puts: Vec::new(),
        lineage: Vec::new(),
        faults: Vec::new(),
    };
    match operation {
        Operation::Split { area, into, committees } => plan.split(area, into, committees),
        Operation::Merge { areas, into, committees } => plan.merge(areas, into, committees),
        Operation::Recut { areas, into, committees } => plan.recut(areas, into, committees),
        Operation::Adjust { boundaries, committees } => plan.adjust(boundaries, committees),
        Operation::Rename { area, name } => plan.rename(area, name),
        Operation::Retire { area, committees } => plan.retire(area, committees),
        Operation::Correct { area, amendment, valid, committees } => {
            plan.correct((area, amendment), *valid, committees)
        }
        Operation::Amend { area, amendment, committees, .. } => plan.amend(area, amendment, committees),
    }
    if plan.faults.is_empty() && plan.puts.is_empty() {
        plan.fault("", None, "it changes nothing: the register says so already");
    }
    if plan.faults.is_empty() {
        let entry = Entry { puts: plan.puts, lineage: plan.lineage, ..Entry::default() };
        Ok(Planned { kind: operation.kind(), entry })
    } else {
        Err(plan.faults)
    }
}

/// A plan in the making.
struct Plan<'a> {
    member: &'static str,
    effective: Date,
    known: &'a Known,
    puts: Vec<Put>,
    lineage: Vec<Lineage>,
    faults: Vec<ChangeFault>,
}

impl<'a> Plan<'a> {
    /// Adds a fault; `place` is below the operation's member.
    fn fault(&mut self, place: &str, code: Option<&str>, message: impl Into<String>) {
        let place = format!("/{}{place}", self.member);
        self.faults.push(ChangeFault { place, code: code.map(str::to_owned), message: message.into() });
    }

    /// From the effective day on.
    fn since(&self) -> Validity {
        Validity::since(self.effective)
    }

    /// The area as it is on the effective day, or a fault.
    fn existing(&mut self, place: &str, code: &AreaCode) -> Option<&'a AreaFact> {
        if let Some(area) = self.known.area_on(code, self.effective) {
            return Some(area);
        }
        let message = self.why_absent(code);
        self.fault(place, Some(code.as_str()), message);
        None
    }

    /// Why an area is not there on the effective day.
    fn why_absent(&self, code: &AreaCode) -> String {
        let day = self.effective;
        let valid = |at: fn(Validity) -> Option<Date>| self.known.areas(code).filter_map(move |(_, valid)| at(valid));
        if let Some(ended) = valid(|valid| valid.until).filter(|until| *until <= day).max() {
            format!("the area ended on {ended}, so nothing of it can change on {day}")
        } else if let Some(begins) = valid(|valid| valid.from).filter(|from| *from > day).min() {
            format!("the area begins on {begins}, so nothing of it can change on {day}")
        } else {
            "there is no such area".to_owned()
        }
    }

    /// A fault when the area has no day before the effective one, or when it is known already that it ends.
    fn must_last(&mut self, place: &str, code: &AreaCode) {
        if !self.known.areas(code).any(|(_, valid)| valid.from.is_none_or(|from| from < self.effective)) {
            let message = format!("the area begins on {} itself, so it would never have been", self.effective);
            self.fault(place, Some(code.as_str()), message);
        }
        let mut end = Some(self.effective);
        for (_, valid) in self.known.areas(code) {
            if end.is_some_and(|end| valid.holds_on(end)) {
                end = valid.until;
            }
        }
        if let Some(end) = end.filter(|end| *end > self.effective) {
            self.fault(place, Some(code.as_str()), format!("it is known already that the area ends on {end}"));
        }
    }

    /// Sets what is known of a thing in a period to what `change` makes of it, version by version: its own beginning and
    /// end, and what else changes in between, stay.
    fn set_within(&mut self, key: &Key, period: Validity, change: impl Fn(&Fact) -> Fact) {
        for (version, valid) in self.known.within(key, period) {
            let fact = change(&version.fact);
            if fact != version.fact {
                self.puts.push(Put::Set { fact, valid });
            }
        }
    }

    /// Ends a thing in a period, if it is there on any day of it.
    fn end_within(&mut self, key: Key, period: Validity) {
        if self.known.within(&key, period).next().is_some() {
            self.puts.push(Put::End { key, valid: period });
        }
    }

    /// The days from the effective one on that an area stays the same in one respect.
    fn unchanged_since(&self, code: &AreaCode, same: impl Fn(&AreaFact) -> bool) -> Validity {
        let mut end = Some(self.effective);
        for (area, valid) in self.known.areas(code) {
            if end.is_some_and(|end| valid.holds_on(end)) && same(area) {
                end = valid.until;
            }
        }
        Validity { from: Some(self.effective), until: end }
    }

    /// A fault when a thing that an amendment refers to was never entered.
    fn must_exist(&mut self, place: &str, key: &Key) {
        if !self.known.was_used(key) {
            self.fault(place, Some(&key.code), format!("there is no {key}"));
        }
    }
}

/// Key of an area.
fn area_key(code: &AreaCode) -> Key {
    Key::new(Kind::Area, code.as_str())
}

/// Key of who manages an area.
fn assignment_key(code: &AreaCode) -> Key {
    Key::new(Kind::Assignment, code.as_str())
}
