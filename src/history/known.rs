//! What is known of the things that a change names, and of the areas around it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::history::{AreaFact, CommitteeFact, Fact, Key, Kind, Version};
use crate::model::{AreaCode, Boundary, Validity};

/// Another area, as far as its place matters.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbour {
    /// Its code.
    pub code: AreaCode,
    /// Its boundary, degrees, lng lat.
    pub boundary: Boundary,
    /// When it has that boundary.
    pub valid: Validity,
}

/// What the register knows as far as a change asks.
#[derive(Debug, Clone, Default)]
pub struct Known {
    versions: BTreeMap<Key, Vec<Version>>,
    neighbours: Vec<Neighbour>,
}

impl Known {
    /// From every version of the things that [`Operation::mentions`](crate::history::Operation::mentions) names, those of
    /// an area with its assignments and committees, in any order; and at least the areas that lie where
    /// [`Operation::drawn`](crate::history::Operation::drawn) does.
    pub fn new(versions: impl IntoIterator<Item = Version>, neighbours: Vec<Neighbour>) -> Self {
        let mut by_key: BTreeMap<Key, Vec<Version>> = BTreeMap::new();
        for version in versions {
            let known = by_key.entry(version.fact.key()).or_default();
            // A committee that moved is told by both areas and by itself.
            if !known.contains(&version) {
                known.push(version);
            }
        }
        for known in by_key.values_mut() {
            known.sort_by_key(|version| version.valid.from);
        }
        Self { versions: by_key, neighbours }
    }

    /// Whether anything was ever entered under this key.
    pub fn was_used(&self, key: &Key) -> bool {
        self.versions.contains_key(key)
    }

    /// What is held to be so now, by the first day.
    pub fn current(&self, key: &Key) -> impl Iterator<Item = &Version> {
        let versions = self.versions.get(key).map_or(&[][..], Vec::as_slice);
        versions.iter().filter(|version| version.recorded.until.is_none())
    }

    /// What is held to be so in the period, each with the days of the period on which it is.
    pub fn within(&self, key: &Key, period: Validity) -> impl Iterator<Item = (&Version, Validity)> {
        self.current(key).filter_map(move |version| Some((version, version.valid.overlap(&period)?)))
    }

    /// The versions of an area, by the first day.
    pub fn areas(&self, code: &AreaCode) -> impl Iterator<Item = (&AreaFact, Validity)> {
        let versions = self.current(&Key::new(Kind::Area, code.as_str())).collect::<Vec<_>>();
        versions.into_iter().filter_map(|version| match &version.fact {
            Fact::Area(area) => Some((area, version.valid)),
            _ => None,
        })
    }

    /// The area as it is on a day.
    pub fn area_on(&self, code: &AreaCode, day: Date) -> Option<&AreaFact> {
        self.areas(code).find(|(_, valid)| valid.holds_on(day)).map(|(area, _)| area)
    }

    /// The committees that serve an area on some day of the period, each as it first does, by code.
    pub fn committees_of(&self, area: &AreaCode, period: Validity) -> Vec<&CommitteeFact> {
        let keys = self.versions.keys().filter(|key| key.kind == Kind::Committee);
        let served = keys.filter_map(|key| {
            self.within(key, period).find_map(|(version, _)| match &version.fact {
                Fact::Committee(fact) if fact.area == *area => Some(fact),
                _ => None,
            })
        });
        served.collect()
    }

    /// The areas around.
    pub fn neighbours(&self) -> &[Neighbour] {
        &self.neighbours
    }
}
