use super::*;
use crate::model::{Attributes, QuasiKind};
use crate::stats::tests::{DAY, area, committee, contract};
use jiff::civil::date;

/// The register tells of filings that are older than every contract here.
const FILED: Option<Date> = Some(date(2010, 1, 1));

fn told(area: &Area) -> Vec<(Duty, String, i32)> {
    duties(area, DAY, FILED).iter().map(|due| (due.duty, due.due_on.to_string(), due.days)).collect()
}

#[test]
fn an_unfiled_committee_is_due_thirty_days_after_its_formation() {
    let unfiled = |kind| Committee { filed_on: None, ..committee(kind, date(2022, 10, 20)) };
    let list = area(vec![unfiled(CommitteeKind::Owners)], Attributes::default());
    assert_eq!(told(&list), [(Duty::OwnersFiling, "2022-11-19".to_owned(), 23)]);
    let list = area(vec![unfiled(CommitteeKind::PropertyManagement)], Attributes::default());
    assert_eq!(told(&list), [(Duty::ManagementFiling, "2022-11-19".to_owned(), 23)]);
    let dissolved = Committee { dissolved_on: Some(DAY), ..unfiled(CommitteeKind::Owners) };
    assert_eq!(told(&area(vec![dissolved], Attributes::default())), []);
}

#[test]
fn a_term_is_told_of_180_days_ahead_and_its_report_before_its_own_day_only() {
    let until = |days: i64| {
        let term_until = Some(DAY.saturating_add(days.days()));
        let one = Committee { term_until, ..committee(CommitteeKind::Owners, date(2019, 1, 1)) };
        let list = area(vec![one], Attributes::default());
        duties(&list, DAY, FILED).iter().map(|due| (due.duty, due.state)).collect::<Vec<_>>()
    };
    assert_eq!(until(-1), [(Duty::OwnersTerm, DueState::Overdue)]);
    assert_eq!(until(0), [(Duty::OwnersTerm, DueState::Within30)]);
    assert_eq!(until(31), [(Duty::OwnersTerm, DueState::Within90)]);
    assert_eq!(until(180), [(Duty::OwnersTerm, DueState::Within180)]);
    assert_eq!(until(181), []);
    assert_eq!(until(190), [(Duty::OwnersReport, DueState::Within30)]);
    assert_eq!(until(370), []);
}

#[test]
fn a_later_committee_of_the_same_kind_fulfils_the_end_of_a_term() {
    let old = Committee { term_until: Some(date(2022, 1, 1)), ..committee(CommitteeKind::Owners, date(2017, 1, 2)) };
    let new = committee(CommitteeKind::Owners, date(2022, 1, 1));
    assert_eq!(told(&area(vec![old.clone()], Attributes::default())).len(), 1);
    assert_eq!(told(&area(vec![old, new], Attributes::default())), []);
}

#[test]
fn both_committees_may_stand_beside_each_other_for_thirty_days_from_the_filing() {
    let managing = committee(CommitteeKind::PropertyManagement, date(2021, 1, 1));
    let owners =
        |filed: Option<Date>| Committee { filed_on: filed, ..committee(CommitteeKind::Owners, date(2022, 9, 1)) };
    let both = |filed| told(&area(vec![managing.clone(), owners(filed)], Attributes::default()));
    assert_eq!(both(Some(date(2022, 9, 20))), [(Duty::Transition, "2022-10-20".to_owned(), -7)]);
    assert_eq!(both(Some(date(2022, 10, 20))), [(Duty::Transition, "2022-11-19".to_owned(), 23)]);
    // What is not filed yet has its own duty; the other committee need not go.
    assert_eq!(both(None), [(Duty::OwnersFiling, "2022-10-01".to_owned(), -26)]);
}

#[test]
fn a_contract_is_renewed_ended_and_handed_over() {
    let until = |day| {
        let facts = Attributes {
            contract_from: Some(date(2020, 1, 1)),
            contract_until: Some(day),
            contract_filed_on: Some(date(2020, 1, 9)),
            ..Attributes::default()
        };
        told(&area(Vec::new(), facts))
    };
    assert_eq!(until(date(2023, 5, 31)), [(Duty::RenewalDecision, "2022-11-30".to_owned(), 34)]);
    assert_eq!(until(date(2022, 12, 31)), [(Duty::ContractEnd, "2022-12-31".to_owned(), 65)]);
    assert_eq!(until(date(2022, 10, 26)), [(Duty::Handover, "2022-11-25".to_owned(), 29)]);
    assert_eq!(until(date(2022, 8, 31)), [(Duty::Handover, "2022-09-30".to_owned(), -27)]);
}

#[test]
fn a_contract_is_filed_fifteen_days_after_it_begins() {
    use ContractKind as K;
    let (begun, long) = (date(2022, 10, 20), date(2025, 10, 19));
    let filing = |due: &str, days| vec![(Duty::ContractFiling, due.to_owned(), days)];
    // Kind, first day, last day, filed; what is owed on 2022-10-27.
    let table = [
        (Some(K::Ordinary), Some(begun), Some(long), None, filing("2022-11-04", 8)),
        (Some(K::EarlyStage), Some(begun), Some(long), None, filing("2022-11-04", 8)),
        (None, Some(begun), Some(long), None, filing("2022-11-04", 8)),
        (None, Some(begun), None, None, filing("2022-11-04", 8)),
        (Some(K::Ordinary), Some(date(2021, 1, 1)), Some(long), None, filing("2021-01-16", -649)),
        // The last of the fifteen days is the day itself.
        (Some(K::Ordinary), Some(date(2022, 10, 12)), Some(long), None, filing("2022-10-27", 0)),
        // Filed today, or before the contract begins: it was signed before.
        (Some(K::Ordinary), Some(begun), Some(long), Some(DAY), Vec::new()),
        (Some(K::Ordinary), Some(begun), Some(long), Some(date(2022, 10, 1)), Vec::new()),
        // A day of filing that is still to come has not come.
        (Some(K::Ordinary), Some(begun), Some(long), Some(date(2022, 10, 28)), filing("2022-11-04", 8)),
        // A contract that has not begun, or of which nobody said when it begins.
        (Some(K::Ordinary), Some(date(2022, 10, 28)), Some(long), None, Vec::new()),
        (Some(K::Ordinary), None, Some(long), None, Vec::new()),
        (None, None, None, None, Vec::new()),
    ];
    for (kind, from, until, filed, expected) in table {
        let known = area(vec![committee(CommitteeKind::Owners, begun)], contract(kind, [from, until, filed]));
        assert_eq!(told(&known), expected, "{kind:?} {from:?} {until:?} {filed:?}");
    }
    let ended = contract(None, [Some(date(2020, 10, 27)), Some(date(2022, 10, 26)), None]);
    assert_eq!(told(&area(Vec::new(), ended)), [(Duty::Handover, "2022-11-25".to_owned(), 29)]);
}

#[test]
fn an_early_stage_without_a_committee_is_told_six_months_before_its_end() {
    use ContractKind as K;
    let facts = |kind, until| contract(kind, [Some(date(2021, 1, 1)), Some(until), Some(date(2021, 1, 1))]);
    let of = |committees: Option<Vec<Committee>>, kind, until| {
        let known = Area { committees, ..area(Vec::new(), facts(kind, until)) };
        let due = told(&known).into_iter().filter(|due| due.0 == Duty::EarlyStageCommittee);
        due.map(|(_, due_on, days)| (due_on, days)).collect::<Vec<_>>()
    };
    let none = || Some(Vec::new());
    let early = Some(K::EarlyStage);
    assert_eq!(of(none(), early, date(2023, 5, 31)), [("2022-11-30".to_owned(), 34)]);
    assert_eq!(of(none(), early, date(2023, 4, 27)), [("2022-10-27".to_owned(), 0)]);
    assert_eq!(of(none(), early, date(2022, 12, 31)), [("2022-06-30".to_owned(), -119)]);
    assert_eq!(of(none(), early, DAY), [("2022-04-27".to_owned(), -183)]);
    assert_eq!(of(none(), early, date(2022, 10, 26)), []);
    for kind in [None, Some(K::Ordinary), Some(K::Emergency)] {
        assert_eq!(of(none(), kind, date(2023, 5, 31)), []);
    }
    // A committee that exists, working or not; one that is dissolved; nobody has said.
    let idle = Committee { operating: false, ..committee(CommitteeKind::Owners, date(2022, 1, 1)) };
    let ended = Committee { dissolved_on: Some(date(2022, 6, 1)), ..idle.clone() };
    let managing = committee(CommitteeKind::PropertyManagement, date(2022, 1, 1));
    let until = date(2023, 5, 31);
    assert_eq!(of(Some(vec![idle]), early, until), []);
    assert_eq!(of(Some(vec![managing]), early, until), []);
    assert_eq!(of(Some(vec![ended]), early, until).len(), 1);
    assert_eq!(of(None, early, until), []);
}

#[test]
fn an_emergency_service_ends_six_months_after_it_begins() {
    let emergency = |from, until: Option<Date>| {
        told(&area(Vec::new(), contract(Some(ContractKind::Emergency), [Some(from), until, None])))
    };
    let end = |due: &str, days| (Duty::EmergencyEnd, due.to_owned(), days);
    assert_eq!(emergency(date(2022, 10, 1), None), [end("2023-04-01", 156)]);
    assert_eq!(emergency(date(2022, 8, 31), None), [end("2023-02-28", 124)]);
    assert_eq!(emergency(date(2022, 4, 27), None), [end("2022-10-27", 0)]);
    assert_eq!(emergency(date(2022, 4, 26), None), [end("2022-10-26", -1)]);
    // Its own last day is told beside it; its renewal and its filing are not.
    let both = [(Duty::ContractEnd, "2023-03-31".to_owned(), 155), end("2023-04-01", 156)];
    assert_eq!(emergency(date(2022, 10, 1), Some(date(2023, 3, 31))), both);
    let long = emergency(date(2022, 10, 1), Some(date(2023, 5, 31)));
    assert_eq!(long, [end("2023-04-01", 156)], "nor the decision on a renewal");
    // One that has ended is handed over as any other; one that has not begun owes nothing yet.
    let handover = [(Duty::Handover, "2022-10-31".to_owned(), 4)];
    assert_eq!(emergency(date(2022, 4, 1), Some(date(2022, 10, 1))), handover);
    assert_eq!(emergency(date(2022, 10, 28), None), []);
}

#[test]
fn the_street_answers_an_application_within_five_working_days() {
    // Day of application; last day for the answer, on weekdays only.
    let table = [
        (date(2022, 10, 27), "2022-11-03"), // a Thursday
        (date(2022, 10, 24), "2022-10-31"), // a Monday
        (date(2022, 10, 21), "2022-10-28"), // a Friday
        (date(2022, 10, 22), "2022-10-28"), // a Saturday
        (date(2022, 10, 23), "2022-10-28"), // a Sunday
        (date(2022, 10, 14), "2022-10-21"),
        // Holidays are not known: the week of 1 October counts as any other.
        (date(2022, 9, 30), "2022-10-07"),
    ];
    let applied = |kind, applied, filed| {
        let formed = date(2022, 9, 20);
        let one = Committee { filing_applied_on: applied, filed_on: filed, ..committee(kind, formed) };
        told(&area(vec![one], Attributes::default()))
    };
    for (day, due_on) in table {
        let list = applied(CommitteeKind::Owners, Some(day), None);
        assert_eq!(list.len(), 1, "no filing is owed while the answer is waited for");
        assert_eq!((list[0].0, &*list[0].1), (Duty::FilingAnswer, due_on), "{day}");
    }
    let unfiled = [(Duty::OwnersFiling, "2022-10-20".to_owned(), -7)];
    assert_eq!(applied(CommitteeKind::Owners, None, None), unfiled);
    assert_eq!(applied(CommitteeKind::Owners, Some(date(2022, 10, 28)), None), unfiled, "it has not applied yet");
    assert_eq!(applied(CommitteeKind::Owners, Some(date(2022, 10, 14)), Some(date(2022, 10, 20))), []);
    // The street forms the other committee itself and has nobody to answer.
    let managing = [(Duty::ManagementFiling, "2022-10-20".to_owned(), -7)];
    assert_eq!(applied(CommitteeKind::PropertyManagement, Some(date(2022, 10, 14)), None), managing);
}

#[test]
fn a_contract_from_before_the_first_filing_in_the_register_is_not_overdue_for_filing() {
    let began = |from| area(Vec::new(), contract(None, [Some(from), Some(date(2025, 10, 19)), None]));
    let on = |from, filings_since| {
        let due = duties(&began(from), DAY, filings_since);
        due.iter().map(|due| (due.duty, due.days)).collect::<Vec<_>>()
    };
    let (old, first, new) = (date(2019, 3, 1), date(2021, 1, 1), date(2022, 10, 20));
    // A register that was migrated from before filings were recorded, or that records none.
    assert_eq!([on(old, None), on(first, None)], [vec![], vec![]]);
    assert_eq!(on(new, None), [(Duty::ContractFiling, 8)], "its day is still to come");
    // Since the first filing in it a contract without one was left undone.
    assert_eq!(on(old, Some(first)), []);
    assert_eq!(on(first, Some(first)), [(Duty::ContractFiling, -649)]);
    assert_eq!(on(new, Some(first)), [(Duty::ContractFiling, 8)]);
}

#[test]
fn only_a_contracted_area_owes_what_follows_from_a_contract() {
    let days = [Some(date(2021, 1, 1)), Some(date(2022, 11, 1)), None];
    let of = |management, kind| {
        let known = Area { management, ..area(Vec::new(), contract(kind, days)) };
        told(&known).len()
    };
    for kind in [None, Some(ContractKind::Ordinary), Some(ContractKind::EarlyStage), Some(ContractKind::Emergency)] {
        assert!(of(Management::Contracted, kind) > 0, "{kind:?}");
        assert_eq!(
            of(Management::QuasiProperty(QuasiKind::Other), kind) + of(Management::Unknown, kind),
            0,
            "{kind:?}"
        );
    }
}
