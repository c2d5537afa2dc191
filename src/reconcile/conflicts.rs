//! Fields in which a pair disagrees, and whose word counts more.

use crate::reconcile::evidence::HOUSEHOLDS_FAR;
use crate::reconcile::features::Features;
use crate::reconcile::outcome::{Conflict, Field, Suggestion};
use crate::reconcile::record::Record;

/// The conflicts of a pair; what one side does not know is none.
pub(crate) fn of_pair(
    (left, right): (usize, usize),
    (ours, theirs): (&Features, &Features),
    (our, their): (&Record, &Record),
) -> Vec<Conflict> {
    let differ = |a: Option<u32>, b: Option<u32>| {
        a.zip(b).is_some_and(|(a, b)| (f64::from(a) / f64::from(b)).ln().abs() > HOUSEHOLDS_FAR)
    };
    let company = !ours.company.is_empty() && !theirs.company.is_empty() && !ours.company.is_same(&theirs.company);
    let found = [
        (
            Field::Management,
            ours.management.zip(theirs.management).is_some_and(|(a, b)| a != b),
            &our.management,
            &their.management,
        ),
        (
            Field::Committee,
            ours.committee.zip(theirs.committee).is_some_and(|(a, b)| a != b),
            &our.committee,
            &their.committee,
        ),
        (Field::Company, company, &our.company, &their.company),
        (Field::Households, differ(ours.households, theirs.households), &our.households, &their.households),
    ];
    let conflicts = found.into_iter().filter(|(_, differs, ..)| *differs);
    conflicts
        .map(|(field, _, left_value, right_value)| Conflict {
            left,
            right,
            field,
            left_value: left_value.clone(),
            right_value: right_value.clone(),
            suggestion: suggestion(field, their),
        })
        .collect()
}

/// Whether a source is a street, by what it is called: a sender, a file, or one before the other with `/` between.
pub fn is_of_street(source: &str) -> bool {
    let called = |part: &str| {
        let stem = part.split('.').next().unwrap_or(part).trim_end_matches("办事处");
        stem.contains("街道") || stem.contains("街乡") || ["地区", "乡", "镇"].iter().any(|end| stem.ends_with(end))
    };
    source.split(['/', '\\']).any(called)
}

/// Streets know their committees and companies, the bureau knows neither better than the register.
fn suggestion(field: Field, their: &Record) -> Suggestion {
    let from_street = is_of_street(&their.source);
    match field {
        Field::Committee if from_street => Suggestion::Right,
        Field::Company | Field::Households if from_street => Suggestion::Ask,
        Field::Management => Suggestion::Ask,
        _ => Suggestion::Left,
    }
}
