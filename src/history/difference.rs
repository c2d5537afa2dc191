//! What differs between two tellings of an area.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::history::{AreaFact, CommitteeFact, Entry, Fact, Key, Kind, Known, Put, Version};
use crate::model::{
    Area, AreaCode, Attributes, Boundary, Committee, CommitteeStatus, Management, Name, Revision, Validity,
};

/// In which way an area changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is there and was not.
    Added,
    /// It was there and is not.
    Ended,
    /// It has another boundary.
    Geometry,
    /// Something else is told of it, of its manager or of its committees.
    Attributes,
}

impl ChangeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Added, Self::Ended, Self::Geometry, Self::Attributes];

    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Ended => "ended",
            Self::Geometry => "geometry",
            Self::Attributes => "attributes",
        }
    }
}

/// What differs of an area between two states.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// In which ways, in the order of [`ChangeKind::ALL`]; added and ended stand alone.
    pub kinds: Vec<ChangeKind>,
    /// Names of the properties that differ, as the item has them; none for an area that was added or ended.
    pub fields: Vec<&'static str>,
}

/// What differs between an area before and after, each told on its day; `None` when nothing that is told of it does. Under
/// which record it was entered, and since when it is true, is not part of what is told.
///
/// What follows from a hidden property and may be seen by more people is named beside it: the manager's name, the status
/// that follows from the committees.
pub fn difference(before: Option<&Area>, after: Option<&Area>, days: (Date, Date)) -> Option<Difference> {
    let alone = |kind| Some(Difference { kinds: vec![kind], fields: Vec::new() });
    match (before, after) {
        (None, None) => None,
        (None, Some(_)) => alone(ChangeKind::Added),
        (Some(_), None) => alone(ChangeKind::Ended),
        (Some(before), Some(after)) => {
            let mut fields = changed_fields(&before.into(), &after.into());
            if before.manager != after.manager {
                fields.extend(["manager", "manager_name"]);
            }
            fields.extend((before.committees != after.committees).then_some("committees"));
            let turned = before.committee_status(days.0) != after.committee_status(days.1);
            fields.extend(turned.then_some("committee"));
            of_fields(fields)
        }
    }
}

fn of_fields(fields: Vec<&'static str>) -> Option<Difference> {
    let of_boundary = |field: &&str| ["boundary", "site_area_m2"].contains(field);
    let mut kinds = Vec::new();
    kinds.extend(fields.iter().any(of_boundary).then_some(ChangeKind::Geometry));
    kinds.extend((!fields.iter().all(of_boundary)).then_some(ChangeKind::Attributes));
    (!fields.is_empty()).then_some(Difference { kinds, fields })
}

/// What an area and an area fact have in common.
struct Told<'a> {
    name: &'a str,
    other_names: &'a [Name],
    street: &'a str,
    community: Option<&'a str>,
    boundary: &'a Boundary,
    site_area_m2: f64,
    management: Management,
    attributes: &'a Attributes,
    demo: bool,
}

impl<'a> From<&'a Area> for Told<'a> {
    fn from(area: &'a Area) -> Self {
        Self {
            name: &area.name,
            other_names: &area.other_names,
            street: area.street.as_str(),
            community: area.community.as_ref().map(|code| code.as_str()),
            boundary: &area.boundary,
            site_area_m2: area.site_area_m2,
            management: area.management,
            attributes: &area.attributes,
            demo: area.demo,
        }
    }
}

impl<'a> From<&'a AreaFact> for Told<'a> {
    fn from(area: &'a AreaFact) -> Self {
        Self {
            name: &area.name,
            other_names: &area.other_names,
            street: area.street.as_str(),
            community: area.community.as_ref().map(|code| code.as_str()),
            boundary: &area.boundary,
            site_area_m2: area.site_area_m2,
            management: area.management,
            attributes: &area.attributes,
            demo: area.demo,
        }
    }
}

/// Names of the properties that differ, in the order of the item.
fn changed_fields(before: &Told<'_>, after: &Told<'_>) -> Vec<&'static str> {
    let (old, new) = (before.attributes, after.attributes);
    let fields = [
        ("name", before.name != after.name),
        ("other_names", before.other_names != after.other_names),
        ("street", before.street != after.street),
        ("community", before.community != after.community),
        ("boundary", before.boundary != after.boundary),
        ("site_area_m2", before.site_area_m2.to_bits() != after.site_area_m2.to_bits()),
        ("management", before.management.key() != after.management.key()),
        ("quasi_kind", before.management != after.management && before.management.key() == after.management.key()),
        ("address", old.address != new.address),
        ("floor_area_m2", old.floor_area_m2 != new.floor_area_m2),
        ("households", old.households != new.households),
        ("building_count", old.building_count != new.building_count),
        ("built_year", old.built_year != new.built_year),
        ("fee_yuan_per_m2_month", old.fee_yuan_per_m2_month != new.fee_yuan_per_m2_month),
        ("contract_from", old.contract_from != new.contract_from),
        ("contract_until", old.contract_until != new.contract_until),
        ("contract_kind", old.contract_kind != new.contract_kind),
        ("contract_filed_on", old.contract_filed_on != new.contract_filed_on),
        ("delimitation_document", old.delimitation_document != new.delimitation_document),
        ("foreign_codes", old.foreign_codes != new.foreign_codes),
        ("demo", before.demo != after.demo),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

/// Names of the properties in which two versions of one fact differ, as the API has them. Empty when they are of different
/// kinds.
pub fn changed_between(before: &Fact, after: &Fact) -> Vec<&'static str> {
    match (before, after) {
        (Fact::Area(before), Fact::Area(after)) => {
            let mut fields = changed_fields(&before.into(), &after.into());
            fields.extend((before.committees_known != after.committees_known).then_some("committees"));
            fields
        }
        (Fact::Assignment(before), Fact::Assignment(after)) => {
            if before.manager == after.manager {
                Vec::new()
            } else {
                vec!["manager"]
            }
        }
        (Fact::Committee(before), Fact::Committee(after)) => committee_fields(before, after),
        _ => Vec::new(),
    }
}

fn committee_fields(before: &CommitteeFact, after: &CommitteeFact) -> Vec<&'static str> {
    let (old, new): (&Committee, &Committee) = (&before.committee, &after.committee);
    let fields = [
        ("area", before.area != after.area),
        ("kind", old.kind != new.kind),
        ("formed_on", old.formed_on != new.formed_on),
        ("filing_applied_on", old.filing_applied_on != new.filing_applied_on),
        ("filed_on", old.filed_on != new.filed_on),
        ("filing_number", old.filing_number != new.filing_number),
        ("term_until", old.term_until != new.term_until),
        ("dissolved_on", old.dissolved_on != new.dissolved_on),
        ("operating", old.operating != new.operating),
        ("members", old.members != new.members),
        ("party_organisation", old.party.map(|p| p.present) != new.party.map(|p| p.present)),
        ("party_since", old.party.and_then(|p| p.since) != new.party.and_then(|p| p.since)),
    ];
    fields.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
}

/// In which ways an entry changes each area, by code: what its author is told before it is entered.
pub fn changes_of(entry: &Entry, known: &Known) -> BTreeMap<AreaCode, Vec<ChangeKind>> {
    let mut kinds: BTreeMap<AreaCode, BTreeSet<ChangeKind>> = BTreeMap::new();
    for put in &entry.puts {
        let key = put.key();
        let before: Vec<&Fact> = known.within(&key, put.valid()).map(|(version, _)| &version.fact).collect();
        for area in before.iter().copied().chain(put.fact()).filter_map(Fact::area) {
            kinds.entry(area.clone()).or_default().extend(kinds_of(put, &key, &before));
        }
    }
    let alone = |kinds: BTreeSet<ChangeKind>| {
        let whole = [ChangeKind::Added, ChangeKind::Ended].into_iter().find(|kind| kinds.contains(kind));
        whole.map_or_else(|| kinds.into_iter().collect(), |kind| vec![kind])
    };
    kinds.into_iter().map(|(area, kinds)| (area, alone(kinds))).filter(|(_, kinds)| !kinds.is_empty()).collect()
}

fn kinds_of(put: &Put, key: &Key, before: &[&Fact]) -> BTreeSet<ChangeKind> {
    match (key.kind, put) {
        (Kind::Area, Put::New { .. }) => BTreeSet::from([ChangeKind::Added]),
        (Kind::Area, Put::End { .. }) => BTreeSet::from([ChangeKind::Ended]),
        (Kind::Area, Put::Set { fact, .. }) => {
            let differ = before.iter().filter_map(|known| of_fields(changed_between(known, fact)));
            differ.flat_map(|difference| difference.kinds).collect()
        }
        _ => BTreeSet::from([ChangeKind::Attributes]),
    }
}

/// What a record changed of an area, whatever day it tells of, from every version of it.
///
/// An area that is there on later days only, or no longer on earlier ones, than was held before counts as added; one whose
/// last day is another counts as ended, also when it was unknown before. As in [`difference`] such a change names no fields,
/// and what may be seen by more people is named beside what it follows from. `None` when the record did not change it.
pub fn changed_by(versions: &[Version], revision: Revision) -> Option<Difference> {
    let alone = |kind| Some(Difference { kinds: vec![kind], fields: Vec::new() });
    let entered: Vec<&Version> = versions.iter().filter(|version| version.recorded.from == revision).collect();
    let held: Vec<&Version> = versions.iter().filter(|version| version.recorded.until == Some(revision)).collect();
    let days = |versions: &[&Version]| {
        let of_area =
            versions.iter().filter(|version| matches!(version.fact, Fact::Area(_))).map(|version| version.valid);

        of_area.reduce(|a, b| Validity { from: a.from.min(b.from), until: a.until.zip(b.until).map(|(a, b)| a.max(b)) })
    };
    match (days(&held), days(&entered)) {
        (None, Some(now)) => {
            // What is known besides goes on; only an area that was unknown is new.
            let known_before = versions
                .iter()
                .any(|version| matches!(version.fact, Fact::Area(_)) && version.recorded.from < revision);
            if !known_before {
                return alone(if now.until.is_some() { ChangeKind::Ended } else { ChangeKind::Added });
            }
        }
        (Some(_), None) => return alone(ChangeKind::Ended),
        (Some(before), Some(now)) if before.until != now.until => return alone(ChangeKind::Ended),
        (Some(before), Some(now)) if before.from != now.from => return alone(ChangeKind::Added),
        _ => {}
    }
    let mut fields = Vec::new();
    for version in &entered {
        let key = version.fact.key();
        let same_days = held.iter().filter(|old| old.fact.key() == key && old.valid.overlap(&version.valid).is_some());
        fields.extend(same_days.flat_map(|old| changed_between(&old.fact, &version.fact)));
    }
    // A manager or committee that is new or gone has nothing to be compared with.
    let parts = |versions: &[&Version]| -> BTreeSet<Key> {
        let parts = versions.iter().filter(|version| !matches!(version.fact, Fact::Area(_)));
        parts.map(|version| version.fact.key()).collect()
    };
    for part in parts(&entered).symmetric_difference(&parts(&held)) {
        fields.push(if part.kind == Kind::Assignment { "manager" } else { "committees" });
    }
    if fields.contains(&"manager") {
        fields.push("manager_name");
    }
    if turned_by(versions, revision) {
        fields.push("committee");
    }
    let mut named = BTreeSet::new();
    fields.retain(|field| named.insert(*field));
    of_fields(fields)
}

/// Whether a record changed, on any day, the status that follows from the committees.
fn turned_by(versions: &[Version], revision: Revision) -> bool {
    let days = versions.iter().flat_map(|version| {
        let own = match &version.fact {
            Fact::Committee(CommitteeFact { committee, .. }) => [Some(committee.formed_on), committee.dissolved_on],
            _ => [None; 2],
        };
        [version.valid.from, version.valid.until].into_iter().chain(own).flatten()
    });
    // Between two of these days, and before the first of them, the status stays the same.
    let mut days: BTreeSet<Date> = days.collect();
    days.insert(Date::MIN);
    let before = Revision(revision.0.saturating_sub(1));
    days.into_iter().any(|day| {
        let told = status_on(versions, day, before).zip(status_on(versions, day, revision));
        told.is_some_and(|(before, after)| before != after)
    })
}

/// The status of an area on a day, as far as was known under a revision; `None` where it is not there.
fn status_on(versions: &[Version], day: Date, known: Revision) -> Option<CommitteeStatus> {
    let mut there = None;
    let mut committees = Vec::new();
    for version in versions.iter().filter(|version| version.recorded.was_known(known) && version.valid.holds_on(day)) {
        match &version.fact {
            Fact::Area(area) => there = Some(area.committees_known),
            Fact::Committee(fact) => committees.push(fact.committee.clone()),
            _ => {}
        }
    }
    let known = there? || !committees.is_empty();
    Some(CommitteeStatus::derive(known.then_some(committees.as_slice()), day))
}
