//! Counts as they are told to somebody: a number, that it is small, or nothing.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::app::Snapshot;
use crate::auth::Actor;
use crate::http::site::work;
use crate::http::{Problem, Site};
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

/// How many areas each street of a state has, as it is told to somebody.
pub struct ToldAreas {
    snapshot: Arc<Snapshot>,
    /// Where some are held back.
    told: Option<Arc<ToldTallies>>,
}

impl ToldAreas {
    /// Works it out, once for all streets of an answer, on a thread that may work.
    pub async fn of(site: &Site, actor: &Actor, snapshot: &Arc<Snapshot>) -> Result<Self, Problem> {
        let (app, actor, snapshot) = (site.app().clone(), actor.clone(), Arc::clone(snapshot));
        let few = |areas: u32| (1..SMALL_BELOW).contains(&areas);
        // Where no street has few, none is held back.
        if actor.sees_small_counts() || !snapshot.tallies().streets.values().any(|tally| few(tally.areas)) {
            return Ok(Self { snapshot, told: None });
        }
        work(move || {
            let told = Some(app.told(&actor, snapshot.tallies()));
            Ok(Self { snapshot, told })
        })
        .await
    }

    /// Those of one street.
    pub fn of_street(&self, street: &StreetCode) -> Told {
        match &self.told {
            Some(told) => told.scope(Some(street)).areas,
            None => Told::Count(self.snapshot.tallies().streets.get(street).map_or(0, |tally| tally.areas)),
        }
    }
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
