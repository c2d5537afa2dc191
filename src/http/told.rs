//! Counts as they are told to somebody: a number, that it is small, or nothing.

use serde_json::{Map, Value, json};

use crate::app::Snapshot;
use crate::auth::Actor;
use crate::model::{RateId, StreetCode};
use crate::stats::{SMALL_BELOW, Told, ToldTallies, ToldTally};

/// Puts a count into an object. One that is held back is `null`, and `NAME_below` says below what it is where it is small.
pub fn put_count(object: &mut Map<String, Value>, name: &str, told: Told) {
    object.insert(name.to_owned(), json!(told.count()));
    if told == Told::Below {
        object.insert(format!("{name}_below"), SMALL_BELOW.into());
    }
}

/// Numerator, denominator and percentage of a rate; the percentage is `null` where one of them is held back.
pub fn put_rate(object: &mut Map<String, Value>, id: RateId, told: &ToldTally) {
    let (numerator, denominator) = told.rate(id);
    put_count(object, "numerator", numerator);
    put_count(object, "denominator", denominator);
    object.insert("percent".to_owned(), json!(told.whole_rate(id).and_then(|rate| rate.percent())));
}

/// How many areas a street has, as it is told to somebody.
pub fn told_areas(snapshot: &Snapshot, actor: &Actor, street: &StreetCode) -> Told {
    let tallies = snapshot.tallies();
    let few = |areas: u32| (1..SMALL_BELOW).contains(&areas);
    // Where no street has few, none is held back.
    if actor.sees_small_counts() || !tallies.streets.values().any(|tally| few(tally.areas)) {
        return Told::Count(tallies.streets.get(street).map_or(0, |tally| tally.areas));
    }
    ToldTallies::without_small(tallies).scope(Some(street)).areas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_is_held_back_is_null_and_says_so_where_it_is_small() {
        let object = |told: Told| {
            let mut object = Map::new();
            put_count(&mut object, "count", told);
            Value::Object(object)
        };
        assert_eq!(object(Told::Count(7)), json!({ "count": 7 }));
        assert_eq!(object(Told::Below), json!({ "count": null, "count_below": 5 }));
        assert_eq!(object(Told::Withheld), json!({ "count": null }));
    }
}
