//! Members and what falls due in a register that is made up at random or taken from a report of the district.

use geo::MultiPolygon;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;
use crate::model::{
    Area, AreaCode, AreaId, Attributes, Committee, CommitteeKind, CommitteeStatus, ContractKind, Management, Manager,
    ManagerId, ManagerKind, Party, QuasiKind, RateId, RecordId, Revision, StreetCode, Uscc, Validity,
};

pub(super) const DAY: Date = date(2022, 10, 27);

pub(super) fn committee(kind: CommitteeKind, formed_on: Date) -> Committee {
    Committee {
        code: "C-1".to_owned(),
        kind,
        formed_on,
        filing_applied_on: None,
        filed_on: Some(formed_on),
        filing_number: None,
        term_until: None,
        dissolved_on: None,
        operating: true,
        members: None,
        party: None,
        demo: true,
    }
}

pub(super) fn area(committees: Vec<Committee>, attributes: Attributes) -> Area {
    Area {
        id: AreaId(1),
        code: AreaCode::parse("DEMO-JS-0001").unwrap(),
        name: "甲里".to_owned(),
        other_names: Vec::new(),
        street: street(1),
        community: None,
        boundary: MultiPolygon::new(Vec::new()),
        site_area_m2: 0.0,
        management: Management::Contracted,
        manager: None,
        committees: Some(committees),
        attributes,
        validity: Validity::default(),
        record: RecordId(1),
        changed: Revision(1),
        demo: true,
    }
}

pub(super) fn street(serial: u32) -> StreetCode {
    StreetCode::parse(&format!("{}", 110_105_000 + serial)).unwrap()
}

/// A contract of a kind, with its first, last and filing day.
pub(super) fn contract(kind: Option<ContractKind>, days: [Option<Date>; 3]) -> Attributes {
    let [contract_from, contract_until, contract_filed_on] = days;
    Attributes { contract_kind: kind, contract_from, contract_until, contract_filed_on, ..Attributes::default() }
}

#[test]
fn articles_are_those_of_the_ordinance() {
    let told = [
        (Duty::OwnersFiling, 43),
        (Duty::FilingAnswer, 43),
        (Duty::OwnersReport, 49),
        (Duty::OwnersTerm, 41),
        (Duty::ManagementFiling, 55),
        (Duty::Transition, 59),
        (Duty::ManagementTerm, 58),
        (Duty::EarlyStageCommittee, 24),
        (Duty::ContractFiling, 63),
        (Duty::RenewalDecision, 75),
        (Duty::ContractEnd, 75),
        (Duty::EmergencyEnd, 77),
        (Duty::Handover, 76),
    ];
    assert_eq!(Duty::ALL.map(|duty| (duty, duty.article())), told);
    for duty in Duty::ALL {
        let texts = [duty.title(), duty.rule()];
        assert!(texts.iter().all(|text| !text.zh.is_empty() && !text.en.is_empty()));
    }
    assert!(Duty::FilingAnswer.rule().zh.contains("节假日") && Duty::FilingAnswer.rule().en.contains("holidays"));
}

#[test]
fn keys_read_back() {
    for duty in Duty::ALL {
        assert_eq!(Duty::from_key(duty.key()), Some(duty));
    }
    for state in DueState::ALL {
        assert_eq!(DueState::from_key(state.key()), Some(state));
    }
    for part in Part::ALL {
        assert_eq!(Part::from_key(part.key()), Some(part));
    }
}

/// A contract as days from the day: kind, first day, last day, filing.
type Contract = (Option<usize>, [Option<i64>; 3]);

fn contracted((kind, days): Contract) -> Attributes {
    contract(kind.map(|at| ContractKind::ALL[at]), days.map(|days| days.map(|days| DAY.saturating_add(days.days()))))
}

fn contracts() -> impl Strategy<Value = Contract> {
    let day = || prop::option::of(-900_i64..900);
    (prop::option::of(0..3_usize), [day(), day(), day()])
}

/// One area in a few numbers: street, management, manager, committees as (owners, operating, party, days, lasts).
type Sketch = (u32, u8, Option<u32>, Option<Vec<(bool, bool, bool, i64, Option<i64>)>>);

fn sketched((serial, management, manager, committees): Sketch) -> Area {
    let management = match management {
        0 => Management::Contracted,
        1 => Management::QuasiProperty(QuasiKind::Other),
        _ => Management::Unknown,
    };
    let committees = committees.map(|list| {
        list.into_iter()
            .map(|(owners, operating, party, days, lasts)| {
                let kind = if owners { CommitteeKind::Owners } else { CommitteeKind::PropertyManagement };
                let formed_on = DAY.saturating_add(days.days());
                Committee {
                    operating,
                    dissolved_on: lasts.map(|lasts| formed_on.saturating_add(lasts.days())),
                    party: Some(Party { present: party, since: None }),
                    ..committee(kind, formed_on)
                }
            })
            .collect()
    });
    Area {
        street: street(serial),
        management,
        manager: manager.map(ManagerId),
        committees,
        ..area(Vec::new(), Attributes::default())
    }
}

fn managers() -> Vec<Manager> {
    let codes = ["91000000MA00000157", "91000000MA00000232", "91000000MA0005449H"];
    codes
        .into_iter()
        .enumerate()
        .map(|(at, uscc)| Manager {
            id: ManagerId(u32::try_from(at).unwrap()),
            kind: if at < 2 { ManagerKind::Company } else { ManagerKind::OwningUnit },
            name: format!("物业{at}"),
            uscc: Uscc::parse(uscc).unwrap(),
            phone: None,
            party_organisation: Some(at == 0),
            demo: true,
        })
        .collect()
}

pub(super) fn areas() -> impl Strategy<Value = Vec<Area>> {
    let committee = (any::<bool>(), any::<bool>(), any::<bool>(), -900_i64..60, prop::option::of(0_i64..900));
    let committees = prop::option::of(prop::collection::vec(committee, 0..4));
    let sketch = (1..6_u32, 0..3_u8, prop::option::of(0..3_u32), committees);
    prop::collection::vec(sketch, 0..50).prop_map(|list| list.into_iter().map(sketched).collect())
}

pub(super) fn counted(areas: &[Area], day: Date) -> Tallies {
    let managers = managers();
    let of = |id: ManagerId| managers.get(id.0 as usize);
    Tallies::count(areas.iter().map(|area| (area, area.committee_status(day))), of, day)
}

/// The status of every combination of committees, as the ordinance and the glossary have it.
#[test]
fn the_status_follows_the_reference_table() {
    use CommitteeStatus::{None as Nothing, Owners, PropertyManagement, Transition, Unknown};
    let owners = || committee(CommitteeKind::Owners, date(2022, 1, 1));
    let managing = || committee(CommitteeKind::PropertyManagement, date(2021, 1, 1));
    let idle = |one: Committee| Committee { operating: false, ..one };
    let ended = |one: Committee, day| Committee { dissolved_on: Some(day), ..one };
    let (before, next) = (date(2021, 12, 31), date(2022, 10, 28));
    for (list, day, status) in [
        (None, DAY, Unknown),
        (Some(vec![]), DAY, Nothing),
        (Some(vec![owners()]), DAY, Owners),
        (Some(vec![owners()]), before, Nothing),
        (Some(vec![owners()]), date(2022, 1, 1), Owners),
        (Some(vec![managing()]), DAY, PropertyManagement),
        (Some(vec![owners(), managing()]), DAY, Transition),
        (Some(vec![owners(), managing()]), before, PropertyManagement),
        (Some(vec![idle(owners()), managing()]), DAY, PropertyManagement),
        (Some(vec![idle(owners())]), DAY, Nothing),
        (Some(vec![owners(), idle(managing())]), DAY, Owners),
        (Some(vec![owners(), ended(managing(), DAY)]), DAY, Owners),
        (Some(vec![owners(), ended(managing(), next)]), DAY, Transition),
        (Some(vec![ended(owners(), DAY), managing()]), DAY, PropertyManagement),
        (Some(vec![ended(owners(), DAY)]), DAY, Nothing),
        (Some(vec![ended(owners(), DAY), owners()]), DAY, Owners),
    ] {
        assert_eq!(CommitteeStatus::derive(list.as_deref(), day), status, "{list:?} on {day}");
    }
}

proptest! {
    #[test]
    fn counts_stay_between_turning_days(areas in areas(), days in -800_i64..30, span in 1_i64..60) {
        let (from, until) = (DAY.saturating_add(days.days()), DAY.saturating_add((days + span).days()));
        let steady: Vec<Area> = areas
            .into_iter()
            .filter(|area| !turning_days(area).any(|turn| from < turn && turn <= until))
            .collect();
        prop_assert_eq!(counted(&steady, from), counted(&steady, until));
    }

    #[test]
    fn members_are_as_many_as_the_rate_says_and_the_missing_are_the_rest(areas in areas(), days in -800_i64..30) {
        let day = DAY.saturating_add(days.days());
        let managers = managers();
        let of = |id: ManagerId| managers.get(id.0 as usize);
        let tallies = counted(&areas, day);
        for id in RateId::ALL {
            let count = |part| members((id, part), areas.iter().map(|area| (area, area.committee_status(day))), of, day).len();
            let rate = tallies.district.rate(id);
            prop_assert_eq!(count(Part::Numerator), rate.numerator as usize, "{:?}", id);
            prop_assert_eq!(count(Part::Denominator), rate.denominator as usize, "{:?}", id);
            let missing = count(Part::Missing);
            if id == RateId::CommitteeCountRatio {
                let covered = tallies.district.rate(RateId::CommitteeCoverage);
                prop_assert_eq!(missing, (covered.denominator - covered.numerator) as usize);
            } else {
                prop_assert_eq!(missing, (rate.denominator - rate.numerator) as usize, "{:?}", id);
            }
        }
    }

    #[test]
    fn streets_add_up_to_the_district_on_every_day(areas in areas(), days in -800_i64..30) {
        let tallies = counted(&areas, DAY.saturating_add(days.days()));
        for id in RateId::ALL.into_iter().filter(|id| *id != RateId::PartyCoverageCompany) {
            let district = tallies.district.rate(id);
            let sum = |of: fn(&Rate) -> u32| tallies.streets.values().map(|tally| of(&tally.rate(id))).sum::<u32>();
            prop_assert_eq!(sum(|rate| rate.numerator), district.numerator);
            prop_assert_eq!(sum(|rate| rate.denominator), district.denominator);
        }
    }

    #[test]
    fn what_is_due_is_in_order_and_within_its_state(
        mut areas in areas(),
        contracts in prop::collection::vec(contracts(), 50),
        filings in prop::collection::vec((prop::option::of(0_i64..90), prop::option::of(0_i64..90)), 8),
        filings_since in prop::option::of(-900_i64..900),
        days in -800_i64..30,
    ) {
        let day = DAY.saturating_add(days.days());
        for (area, contract) in areas.iter_mut().zip(contracts) {
            area.attributes = contracted(contract);
            for (committee, (applied, filed)) in area.committees.iter_mut().flatten().zip(&filings) {
                let after = |days: &Option<i64>| days.map(|days| committee.formed_on.saturating_add(days.days()));
                (committee.filing_applied_on, committee.filed_on) = (after(applied), after(filed));
            }
        }
        for area in &areas {
            let filings_since = filings_since.map(|days| DAY.saturating_add(days.days()));
            let due = duties(area, day, filings_since);
            let owes = |duty| due.iter().any(|due| due.duty == duty);
            let facts = &area.attributes;
            let of_contract = due.iter().filter(|due| due.duty.is_of_contract()).count();
            prop_assert!(of_contract == 0 || area.management == Management::Contracted);
            let unfiled = due.iter().find(|due| due.duty == Duty::ContractFiling && due.state == DueState::Overdue);
            prop_assert!(unfiled.is_none_or(|due| filings_since.is_some_and(|since| since <= due.since)));
            let is_over = facts.contract_until.is_some_and(|until| until < day);
            let is_emergency = facts.contract_kind == Some(ContractKind::Emergency);
            prop_assert!(!owes(Duty::ContractFiling) || !(is_emergency || is_over));
            prop_assert!(!owes(Duty::EmergencyEnd) || (is_emergency && !is_over));
            prop_assert!(!owes(Duty::EarlyStageCommittee) || area.committee_status(day) == CommitteeStatus::None);
            for at in 0..area.committees.as_ref().map_or(0, Vec::len) {
                let of = |duty| due.iter().filter(|due| due.duty == duty && due.committee == Some(at)).count();
                prop_assert!(of(Duty::OwnersFiling) + of(Duty::FilingAnswer) <= 1);
            }
            prop_assert!(due.is_sorted_by_key(|due| due.due_on));
            for one in due {
                prop_assert_eq!(one.due_on, day.saturating_add(one.days.days()));
                prop_assert_eq!(DueState::of(one.days), Some(one.state));
                prop_assert!(one.since <= one.due_on && one.committee.is_none_or(|at| area.committees.as_ref().unwrap()[at].exists_on(day)));
            }
        }
    }
}
