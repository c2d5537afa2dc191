//! Split and merge: areas end and new ones take their place.

use std::collections::BTreeSet;

use crate::history::plan::boundaries::Placed;
use crate::history::plan::{Plan, area_key, assignment_key};
use crate::history::{AreaFact, Assignment, CommitteeFact, Fact, Fates, Key, Kind, Lineage, Put, Successor};
use crate::model::{AreaCode, Attributes, Boundary, Committee, Name, NameKind, Uscc};

/// An area that ends, as it is on the day.
type Ending<'a> = (&'a AreaCode, &'a AreaFact);

impl<'a> Plan<'a> {
    pub(super) fn split(&mut self, area: &AreaCode, into: &[Successor], fates: &Fates) {
        if into.len() < 2 {
            self.fault("/into", Some(area.as_str()), "a split needs two successors or more");
        }
        let Some(fact) = self.existing("/area", area) else { return };
        self.must_last("/area", area);
        let after: Vec<(String, &Successor)> =
            into.iter().enumerate().map(|(at, successor)| (format!("/into/{at}"), successor)).collect();
        self.check_ground(&[(area, fact)], &after);
        self.replace(&[(area, fact)], &after, fates);
    }

    pub(super) fn recut(&mut self, areas: &[AreaCode], into: &[Successor], fates: &Fates) {
        let before = self.ending(areas);
        let after: Vec<(String, &Successor)> =
            into.iter().enumerate().map(|(at, successor)| (format!("/into/{at}"), successor)).collect();
        if before.is_empty() || after.is_empty() {
            self.fault("", None, "at least one area ends, and at least one takes its place");
        } else if before.len() == areas.len() {
            self.replace(&before, &after, fates);
        }
    }

    pub(super) fn merge(&mut self, areas: &[AreaCode], into: &Successor, fates: &Fates) {
        if areas.len() < 2 {
            self.fault("/areas", None, "a merge needs two areas or more");
        }
        let before = self.ending(areas);
        // Without one of them nothing can be said of the whole; the faults are in the list.
        if before.len() == areas.len() && !before.is_empty() {
            let after = [("/into".to_owned(), into)];
            self.check_ground(&before, &after);
            self.replace(&before, &after, fates);
        }
    }

    /// The areas that end, as they are on the day; faults for those that cannot.
    fn ending<'c>(&mut self, areas: &'c [AreaCode]) -> Vec<Ending<'c>>
    where
        'a: 'c,
    {
        let mut before: Vec<Ending<'c>> = Vec::new();
        for (at, area) in areas.iter().enumerate() {
            let place = format!("/areas/{at}");
            if before.iter().any(|(code, _)| *code == area) {
                self.fault(&place, Some(area.as_str()), "the area is named twice");
            } else if let Some(fact) = self.existing(&place, area) {
                self.must_last(&place, area);
                before.push((area, fact));
            }
        }
        before
    }

    fn replace(&mut self, before: &[Ending<'_>], after: &[(String, &Successor)], fates: &Fates) {
        let mut codes = BTreeSet::new();
        for (place, successor) in after {
            self.check_code(place, &successor.code, before);
            if !codes.insert(&successor.code) {
                self.fault(&format!("{place}/code"), Some(successor.code.as_str()), "two successors have this code");
            }
        }

        let since = self.since();
        for (code, _) in before {
            self.end_within(area_key(code), since);
            self.end_within(assignment_key(code), since);
        }
        for (place, successor) in after {
            self.begin(place, successor, before);
            self.lineage.extend(before.iter().map(|(predecessor, _)| Lineage {
                predecessor: (*predecessor).clone(),
                successor: successor.code.clone(),
                from: self.effective,
            }));
        }
        let ending: Vec<&AreaCode> = before.iter().map(|(code, _)| *code).collect();
        let served: Vec<&AreaCode> = after.iter().map(|(_, successor)| &successor.code).collect();
        self.apply_fates(&ending, &served, (self.effective, fates));
    }

    /// A code is new for ever, and of the district of the areas whose place it takes.
    fn check_code(&mut self, place: &str, code: &AreaCode, before: &[Ending<'_>]) {
        let place = format!("{place}/code");
        if self.known.was_used(&area_key(code)) {
            let message = match self.known.area_on(code, self.effective) {
                Some(area) => format!("the code belongs to {}", area.name),
                None => "the code belonged to another area; codes are never used again".to_owned(),
            };
            self.fault(&place, Some(code.as_str()), message);
        }
        let district = |code: &AreaCode| code.as_str().split('-').next().map(str::to_owned);
        if let Some((predecessor, _)) = before.first()
            && district(predecessor) != district(code)
        {
            let message = format!("the code must begin like that of its predecessor {predecessor}");
            self.fault(&place, Some(code.as_str()), message);
        }
    }

    fn check_ground(&mut self, before: &[Ending<'_>], after: &[(String, &Successor)]) {
        let places: Vec<String> = after.iter().map(|(place, _)| format!("{place}/geometry")).collect();
        let drawn: Vec<Placed<'_>> = after
            .iter()
            .zip(&places)
            .map(|((_, successor), place)| Placed { place, code: &successor.code, boundary: &successor.drawn.boundary })
            .collect();
        let ground: Vec<&Boundary> = before.iter().map(|(_, fact)| &fact.boundary).collect();
        let ending: Vec<(&AreaCode, &Boundary)> = before.iter().map(|(code, fact)| (*code, &fact.boundary)).collect();
        self.check_cover("/into", &ground, &drawn);
        self.check_apart(&drawn);
        self.check_neighbours(&drawn, &ending, self.since());
    }

    /// Enters a successor with its manager and the committees formed for it.
    fn begin(&mut self, place: &str, successor: &Successor, before: &[Ending<'_>]) {
        let Some((first, base)) = before.first() else { return };
        let inherited = AreaFact {
            code: successor.code.clone(),
            name: successor.name.clone(),
            other_names: names_of(before, &successor.name),
            attributes: attributes_of(before),
            committees_known: before.iter().all(|(_, fact)| fact.committees_known),
            demo: before.iter().any(|(_, fact)| fact.demo),
            ..(*base).clone()
        };
        let amendment = &successor.amendment;
        let mut fact = amendment.applied_to(&inherited);
        fact.name.clone_from(&successor.name);
        successor.drawn.draw(&mut fact);
        self.check_amended(&format!("{place}/amend"), amendment, &fact);
        let demo = fact.demo;

        let valid = self.since();
        self.puts.push(Put::New { fact: Fact::Area(fact), valid });
        let manager = amendment.manager.clone().unwrap_or_else(|| self.manager_of(first));
        if let Some(manager) = manager {
            let fact = Fact::Assignment(Assignment { area: successor.code.clone(), manager });
            self.puts.push(Put::New { fact, valid });
        }
        for (at, committee) in amendment.committees.iter().flatten().enumerate() {
            if self.known.was_used(&Key::new(Kind::Committee, &*committee.code)) {
                let message = "the committee is known already; say under `committees` what becomes of it";
                self.fault(&format!("{place}/amend/committees/{at}"), Some(&committee.code), message);
            }
            let committee = Committee { demo, ..committee.clone() };
            let fact = CommitteeFact { area: successor.code.clone(), committee };
            self.puts.push(Put::New { fact: Fact::Committee(fact), valid });
        }
    }

    fn manager_of(&self, area: &AreaCode) -> Option<Uscc> {
        let key = assignment_key(area);
        let mut current = self.known.current(&key);
        let version = current.find(|version| version.valid.holds_on(self.effective))?;
        match &version.fact {
            Fact::Assignment(assignment) => Some(assignment.manager.clone()),
            _ => None,
        }
    }
}

/// Names that go on: what each predecessor was called becomes a former name, further names stay, except that after a split
/// nobody has said which part a group of buildings lies in.
fn names_of(before: &[Ending<'_>], own: &str) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    for (_, fact) in before {
        let former = Name { kind: NameKind::Former, text: fact.name.clone() };
        let further = fact.other_names.iter().filter(|name| before.len() > 1 || name.kind != NameKind::BuildingGroup);
        for name in std::iter::once(&former).chain(further) {
            if name.text != own && !names.iter().any(|known| known.text == name.text) {
                names.push(name.clone());
            }
        }
    }
    names
}

/// Descriptive facts that go on. What is counted is added up in a merge, where all of it is known; after a split nobody has
/// said how it is divided.
fn attributes_of(before: &[Ending<'_>]) -> Attributes {
    let Some((_, first)) = before.first() else { return Attributes::default() };
    let merged = before.len() > 1;
    let count = |of: fn(&Attributes) -> Option<u32>| -> Option<u32> {
        let counts: Option<Vec<u32>> = before.iter().map(|(_, fact)| of(&fact.attributes)).collect();
        counts.filter(|_| merged)?.into_iter().try_fold(0_u32, u32::checked_add)
    };
    let floor: Option<Vec<f64>> = before.iter().map(|(_, fact)| fact.attributes.floor_area_m2).collect();
    Attributes {
        floor_area_m2: floor.filter(|_| merged).map(|areas| areas.iter().sum()),
        households: count(|attributes| attributes.households),
        building_count: count(|attributes| attributes.building_count),
        foreign_codes: Vec::new(),
        ..first.attributes.clone()
    }
}
