//! Counts of areas, committees and companies, for the district and each street.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::{
    Area, CommitteeKind, CommitteeStatus, Management, Manager, ManagerId, ManagerKind, RateId, StreetCode, StyleClass,
};
use crate::stats::rate::Rate;

/// Counts of one scope (the district or one street) on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// All areas.
    pub areas: u32,
    /// Areas that are contracted (委托管理).
    pub contracted: u32,
    /// Areas that are quasi-property (准物业).
    pub quasi_property: u32,
    /// Areas per class, in the order of [`StyleClass::ALL`].
    pub classes: [u32; StyleClass::ALL.len()],
    /// Areas per status, in the order of [`CommitteeStatus::ALL`].
    pub statuses: [u32; CommitteeStatus::ALL.len()],
    /// Operating owners' committees (业委会).
    pub owners_committees: u32,
    /// Operating property-management committees (物管会).
    pub property_management_committees: u32,
    /// Committees that are formed and not dissolved, operating or not.
    pub established_committees: u32,
    /// Established committees with party organisation; internal.
    pub committees_with_party: u32,
    /// The owners' committees among them; internal.
    pub owners_committees_with_party: u32,
    /// Companies that manage an area of the scope.
    companies: BTreeMap<ManagerId, Company>,
}

/// A company in one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Company {
    /// How many areas of the scope it manages.
    areas: u32,
    /// Whether it has a party organisation.
    party: bool,
}

impl Tally {
    /// Adds one area that is true on `day`, with its status and manager of that day.
    pub fn add(&mut self, area: &Area, status: CommitteeStatus, manager: Option<&Manager>, day: Date) {
        self.change(area, status, day, |count| *count += 1);
        if let Some(company) = manager.filter(|manager| manager.kind == ManagerKind::Company) {
            let party = company.party_organisation == Some(true);
            let known = self.companies.entry(company.id).or_insert(Company { areas: 0, party });
            *known = Company { areas: known.areas + 1, party };
        }
    }

    /// Takes off an area that was added with the same status, manager and day.
    pub fn remove(&mut self, area: &Area, status: CommitteeStatus, manager: Option<&Manager>, day: Date) {
        self.change(area, status, day, |count| *count -= 1);
        if let Some(company) = manager
            && let Some(known) = self.companies.get_mut(&company.id)
        {
            known.areas -= 1;
            if known.areas == 0 {
                self.companies.remove(&company.id);
            }
        }
    }

    /// Changes every count that the area is in.
    fn change(&mut self, area: &Area, status: CommitteeStatus, day: Date, by_one: impl Fn(&mut u32)) {
        by_one(&mut self.areas);
        match area.management {
            Management::Contracted => by_one(&mut self.contracted),
            Management::QuasiProperty(_) => by_one(&mut self.quasi_property),
            Management::Unknown => {}
        }
        by_one(&mut self.classes[StyleClass::of(area.management, status).rank()]);
        by_one(&mut self.statuses[place(status)]);
        for committee in area.committees.iter().flatten() {
            if committee.counts_on(day) {
                match committee.kind {
                    CommitteeKind::Owners => by_one(&mut self.owners_committees),
                    CommitteeKind::PropertyManagement => by_one(&mut self.property_management_committees),
                }
            }
            if committee.exists_on(day) {
                by_one(&mut self.established_committees);
                if committee.has_party_on(day) {
                    by_one(&mut self.committees_with_party);
                    if committee.kind == CommitteeKind::Owners {
                        by_one(&mut self.owners_committees_with_party);
                    }
                }
            }
        }
    }

    /// Areas of one status.
    pub fn with_status(&self, status: CommitteeStatus) -> u32 {
        self.statuses[place(status)]
    }

    /// Areas of one class.
    pub fn with_class(&self, class: StyleClass) -> u32 {
        self.classes[class.rank()]
    }

    /// Operating committees of both kinds.
    pub fn operating_committees(&self) -> u32 {
        self.owners_committees + self.property_management_committees
    }

    /// Different companies that manage an area of the scope. One that works in two streets counts in both.
    pub fn companies(&self) -> u32 {
        count(self.companies.len())
    }

    /// Those of them with party organisation; internal.
    pub fn companies_with_party(&self) -> u32 {
        count(self.companies.values().filter(|company| company.party).count())
    }

    /// One rate of the scope.
    pub fn rate(&self, id: RateId) -> Rate {
        let (numerator, denominator) = match id {
            RateId::ContractedShare => (self.contracted, self.areas),
            RateId::QuasiShare => (self.quasi_property, self.areas),
            RateId::CommitteeCoverage => (self.areas_with_committee(), self.areas),
            RateId::CommitteeCountRatio => (self.operating_committees(), self.areas),
            RateId::PartyCoverageCommittee => (self.committees_with_party, self.established_committees),
            RateId::PartyCoverageCompany => (self.companies_with_party(), self.companies()),
        };
        Rate::new(id, numerator, denominator)
    }

    /// Every rate of the scope, in the order of the report.
    pub fn rates(&self) -> [Rate; RateId::ALL.len()] {
        RateId::ALL.map(|id| self.rate(id))
    }

    fn areas_with_committee(&self) -> u32 {
        use CommitteeStatus::{Owners, PropertyManagement, Transition};
        [Owners, PropertyManagement, Transition].into_iter().map(|status| self.with_status(status)).sum()
    }
}

/// Counts of the district and of each of its streets that has an area.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tallies {
    /// All streets together; a company that works in two streets counts once.
    pub district: Tally,
    /// Each street; one without an area is missing.
    pub streets: BTreeMap<StreetCode, Tally>,
}

impl Tallies {
    /// Counts areas that are true on `day`, each with its status of that day, in one pass.
    pub fn count<'a>(
        areas: impl IntoIterator<Item = (&'a Area, CommitteeStatus)>,
        manager_of: impl Fn(ManagerId) -> Option<&'a Manager>,
        day: Date,
    ) -> Self {
        let mut tallies = Self::default();
        for (area, status) in areas {
            tallies.add(area, status, area.manager.and_then(&manager_of), day);
        }
        tallies
    }

    /// Adds one area to the district and its street; see [`Tally::add`].
    pub fn add(&mut self, area: &Area, status: CommitteeStatus, manager: Option<&Manager>, day: Date) {
        self.district.add(area, status, manager, day);
        match self.streets.get_mut(&area.street) {
            Some(street) => street.add(area, status, manager, day),
            None => self.streets.entry(area.street.clone()).or_default().add(area, status, manager, day),
        }
    }

    /// Takes off an area that was added so; see [`Tally::remove`].
    pub fn remove(&mut self, area: &Area, status: CommitteeStatus, manager: Option<&Manager>, day: Date) {
        self.district.remove(area, status, manager, day);
        if let Some(street) = self.streets.get_mut(&area.street) {
            street.remove(area, status, manager, day);
            if street.areas == 0 {
                self.streets.remove(&area.street);
            }
        }
    }

    /// Different companies that manage an area of any street, and those of them with party organisation; internal.
    pub fn companies_of_streets(&self) -> (u32, u32) {
        let companies: BTreeMap<ManagerId, bool> = self
            .streets
            .values()
            .flat_map(|street| street.companies.iter().map(|(id, company)| (*id, company.party)))
            .collect();
        (count(companies.len()), count(companies.values().filter(|party| **party).count()))
    }

    /// Counts of one street, or of the district; all 0 for a street without an area.
    pub fn scope(&self, street: Option<&StreetCode>) -> Tally {
        match street {
            None => self.district.clone(),
            Some(code) => self.streets.get(code).cloned().unwrap_or_default(),
        }
    }
}

/// The days from which an area is counted otherwise than on the day before: between two of them its counts stay.
pub fn turning_days(area: &Area) -> impl Iterator<Item = Date> {
    area.committees.iter().flatten().flat_map(|committee| {
        let party = committee.party.and_then(|party| party.since);
        [Some(committee.formed_on), committee.dissolved_on, party].into_iter().flatten()
    })
}

fn place(status: CommitteeStatus) -> usize {
    match status {
        CommitteeStatus::Owners => 0,
        CommitteeStatus::PropertyManagement => 1,
        CommitteeStatus::Transition => 2,
        CommitteeStatus::None => 3,
        CommitteeStatus::Unknown => 4,
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).expect("managers are numbered in 32 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AreaCode, AreaId, Attributes, Committee, Party, QuasiKind, RecordId, Revision, Uscc, Validity};
    use geo::MultiPolygon;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn day() -> Date {
        date(2022, 10, 27)
    }

    fn committee(kind: CommitteeKind, operating: bool, party: bool) -> Committee {
        Committee {
            code: "DEMO-C-0001".to_owned(),
            kind,
            formed_on: date(2021, 5, 1),
            filing_applied_on: None,
            filed_on: None,
            filing_number: None,
            term_until: None,
            dissolved_on: None,
            operating,
            members: Some(7),
            party: Some(Party { present: party, since: None }),
            demo: true,
        }
    }

    fn area(street: u32, management: Management, manager: Option<u32>, committees: Option<Vec<Committee>>) -> Area {
        Area {
            id: AreaId(1),
            code: AreaCode::parse("DEMO-JS-0001").unwrap(),
            name: "甲里".to_owned(),
            other_names: Vec::new(),
            street: StreetCode::parse(&format!("{}", 110_105_001 + street)).unwrap(),
            community: None,
            boundary: MultiPolygon::new(Vec::new()),
            site_area_m2: 0.0,
            management,
            manager: manager.map(ManagerId),
            committees,
            attributes: Attributes::default(),
            validity: Validity::default(),
            record: RecordId(1),
            changed: Revision(1),
            demo: true,
        }
    }

    fn managers(count: u32, without_party: u32) -> Vec<Manager> {
        (0..count)
            .map(|id| Manager {
                id: ManagerId(id),
                kind: ManagerKind::Company,
                name: format!("物业{id}"),
                uscc: Uscc::parse("91000000MA00000157").unwrap(),
                phone: None,
                party_organisation: Some(id >= without_party),
                demo: true,
            })
            .collect()
    }

    fn tallies(areas: &[Area], managers: &[Manager]) -> Tallies {
        Tallies::count(
            areas.iter().map(|area| (area, area.committee_status(day()))),
            |id| managers.get(id.0 as usize),
            day(),
        )
    }

    /// The district of the report: per management, areas with owners' committee, other committee, both, none.
    fn report() -> Vec<Area> {
        let quasi = Management::QuasiProperty(QuasiKind::OwningUnit);
        let (mut owners_with_party, mut others_with_party, mut idle) = (77, 1379, 4);
        let mut areas = Vec::new();
        for (management, split) in [(Management::Contracted, [127, 1296, 8, 83]), (quasi, [3, 95, 0, 25])] {
            for (place, number) in split.into_iter().enumerate() {
                for _ in 0..number {
                    let mut committees = Vec::new();
                    if place == 0 || place == 2 {
                        committees.push(committee(CommitteeKind::Owners, true, owners_with_party > 0));
                        owners_with_party -= 1;
                    }
                    if place == 1 || place == 2 {
                        committees.push(committee(CommitteeKind::PropertyManagement, true, others_with_party > 0));
                        others_with_party -= 1;
                    }
                    if place == 3 && idle > 0 {
                        committees.push(committee(CommitteeKind::Owners, false, false));
                        idle -= 1;
                    }
                    let serial = u32::try_from(areas.len()).unwrap();
                    let manager = (management == Management::Contracted).then_some(serial % 544);
                    areas.push(area(serial % 43, management, manager, Some(committees)));
                }
            }
        }
        areas
    }

    #[test]
    fn the_figures_of_the_report_come_out() {
        let tallies = tallies(&report(), &managers(544, 14));
        let integers = tallies.district.rates().map(|rate| (rate.numerator, rate.denominator));
        let expected = [(1514, 1637), (123, 1637), (1529, 1637), (1537, 1637), (1456, 1541), (530, 544)];
        assert_eq!(integers, expected);
        let percents = tallies.district.rates().map(|rate| rate.percent().unwrap());
        assert_eq!(percents, [92.5, 7.5, 93.4, 93.9, 94.5, 97.4]);
        assert_eq!((tallies.district.owners_committees, tallies.district.property_management_committees), (138, 1399));
        assert_eq!(tallies.district.classes, [127, 1296, 8, 83, 3, 95, 0, 25, 0]);
        assert_eq!(tallies.streets.len(), 43);
    }

    #[test]
    fn a_committee_counts_from_the_day_it_is_formed_to_the_day_it_is_dissolved() {
        let owners = committee(CommitteeKind::Owners, true, true);
        let ended = Committee { dissolved_on: Some(day()), ..owners.clone() };
        let future = Committee { formed_on: date(2022, 10, 28), ..owners.clone() };
        let later_party = Committee { party: Some(Party { present: true, since: Some(date(2023, 1, 1)) }), ..owners };
        let areas = [
            area(0, Management::Unknown, None, Some(vec![ended, future, later_party])),
            area(0, Management::Unknown, None, None),
        ];
        let district = tallies(&areas, &[]).district;
        assert_eq!(
            (district.established_committees, district.committees_with_party, district.owners_committees),
            (1, 0, 1)
        );
        assert_eq!((district.with_status(CommitteeStatus::Unknown), district.with_class(StyleClass::Unknown)), (1, 2));
        assert_eq!((district.contracted, district.quasi_property, district.areas), (0, 0, 2));
    }

    #[test]
    fn a_scope_without_areas_has_no_percentage() {
        let nobody = StreetCode::parse("110105043").unwrap();
        assert!(Tallies::default().scope(Some(&nobody)).rates().iter().all(|rate| rate.percent().is_none()));
    }

    #[test]
    fn statuses_are_placed_in_the_order_of_the_legend() {
        assert!(CommitteeStatus::ALL.into_iter().enumerate().all(|(rank, status)| place(status) == rank));
    }

    proptest! {
        #[test]
        fn streets_add_up_to_the_district_but_for_companies(
            list in prop::collection::vec((0..5_u32, 0..3_u8, prop::option::of(0..6_u32), prop::option::of(prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 0..3))), 0..60),
        ) {
            let areas: Vec<Area> = list
                .into_iter()
                .map(|(street, management, manager, committees)| {
                    let management = match management {
                        0 => Management::Contracted,
                        1 => Management::QuasiProperty(QuasiKind::Other),
                        _ => Management::Unknown,
                    };
                    let kind = |owners| if owners { CommitteeKind::Owners } else { CommitteeKind::PropertyManagement };
                    let committees = committees.map(|list| list.into_iter().map(|(owners, operating, party)| committee(kind(owners), operating, party)).collect());
                    area(street, management, manager, committees)
                })
                .collect();
            let tallies = tallies(&areas, &managers(6, 2));
            let streets: Vec<&Tally> = tallies.streets.values().collect();
            let sum = |of: fn(&Tally) -> u32| streets.iter().map(|street| of(street)).sum::<u32>();
            let district = &tallies.district;
            prop_assert_eq!(sum(|t| t.areas), district.areas);
            prop_assert_eq!(sum(|t| t.contracted), district.contracted);
            prop_assert_eq!(sum(|t| t.quasi_property), district.quasi_property);
            prop_assert_eq!(sum(Tally::operating_committees), district.operating_committees());
            prop_assert_eq!(sum(|t| t.established_committees), district.established_committees);
            prop_assert_eq!(sum(|t| t.committees_with_party), district.committees_with_party);
            for class in StyleClass::ALL {
                prop_assert_eq!(streets.iter().map(|t| t.with_class(class)).sum::<u32>(), district.with_class(class));
            }
            for status in CommitteeStatus::ALL {
                prop_assert_eq!(streets.iter().map(|t| t.with_status(status)).sum::<u32>(), district.with_status(status));
            }
            prop_assert!(sum(Tally::companies) >= district.companies() && district.companies() <= 6);
            prop_assert!(district.companies_with_party() <= district.companies());
            prop_assert_eq!(district.classes.iter().sum::<u32>(), district.areas);

            let mut rest = tallies.clone();
            let half = areas.len() / 2;
            let known = managers(6, 2);
            for area in &areas[half..] {
                let manager = area.manager.and_then(|id| known.get(id.0 as usize));
                rest.remove(area, area.committee_status(day()), manager, day());
            }
            prop_assert_eq!(rest, self::tallies(&areas[..half], &known));
        }
    }
}
