//! What the service contracts are, when they were filed, where the filing of a committee is under way, and short terms.
//!
//! Drawn last and from a stream of its own, so that nothing else of the district moves. Emergency services and two contracts
//! of the early stage lie in areas of which no contract was known; every other contract keeps its days.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::demo::committees::CommitteeRow;
use crate::demo::district::AreaRow;
use crate::demo::draw::Draw;
use crate::demo::facts::{AS_OF, Facts};
use crate::model::{CommitteeKind, ContractKind};

/// A contract is due for filing this many days after it begins (art. 63).
const FILING_DAYS: i64 = 15;
/// A contract of the early stage runs for two years at most (art. 19).
const EARLY_STAGE_YEARS: i64 = 2;
/// Areas built since this year may still be under the contract of their builder.
const EARLY_STAGE_BUILT: i64 = 2009;
/// In how many contracts of a hundred their kind is not known.
const UNKNOWN_PERCENT: usize = 3;
/// In how many contracts of a hundred the filing was left undone.
const UNFILED_PERCENT: usize = 1;

/// First days of contracts of the early stage in areas without a committee: work on one is overdue in the first and falls
/// due within days in the second.
const EARLY_STAGES: [Date; 2] = [date(2021, 4, 1), date(2021, 5, 1)];
/// So many days ago the emergency services began. The last one has passed its six months and has no last day.
const EMERGENCIES_DAYS_AGO: [i64; 5] = [9, 61, 118, 163, 197];

/// Applications of the youngest owners' committees that wait for an answer; the last one for too long.
const APPLIED_ON: [Date; 3] = [date(2022, 10, 25), date(2022, 10, 21), date(2022, 9, 13)];
/// Further committees of each kind that are not filed and have not applied either.
const UNFILED: usize = 2;
/// So many management committees have a term of two years that ends within half a year; the others have three.
const SHORT_TERMS: usize = 3;
/// Days between an application and the filing at most.
const ANSWER_DAYS: i64 = 7;

/// Tells of the contracts of the areas and of the filing of their committees.
pub fn settle(areas: &mut [AreaRow], committees: &mut [CommitteeRow], draw: &mut Draw) {
    new_contracts(areas, committees, draw);
    for area in areas.iter_mut() {
        tell(&mut area.facts, draw);
    }
    applications(committees, draw);
    unfiled(committees);
    short_terms(committees);
}

/// Contracts where none was known: emergency services, and contracts of the early stage where there is no committee.
fn new_contracts(areas: &mut [AreaRow], committees: &[CommitteeRow], draw: &mut Draw) {
    let mut unknown: Vec<usize> =
        (0..areas.len()).filter(|i| areas[*i].quasi.is_none() && areas[*i].facts.contract_from.is_none()).collect();
    draw.shuffle(&mut unknown);
    let is_without = |i: &usize| committees.iter().all(|committee| committee.area != *i);
    let early: Vec<usize> = unknown.iter().copied().filter(is_without).take(EARLY_STAGES.len()).collect();
    for (i, from) in early.iter().zip(EARLY_STAGES) {
        let facts = &mut areas[*i].facts;
        facts.contract_kind = Some(ContractKind::EarlyStage);
        facts.contract_from = Some(from);
        facts.contract_until = Some(from.saturating_add(EARLY_STAGE_YEARS.years()).saturating_sub(1.day()));
    }
    let others = unknown.into_iter().filter(|i| !early.contains(i));
    for (i, days_ago) in others.zip(EMERGENCIES_DAYS_AGO) {
        let from = AS_OF.saturating_sub(days_ago.days());
        let until = from.saturating_add(6.months()).saturating_sub(1.day());
        let facts = &mut areas[i].facts;
        facts.contract_kind = Some(ContractKind::Emergency);
        facts.contract_from = Some(from);
        facts.contract_until = (until > AS_OF).then_some(until);
    }
}

/// Kind and filing of a contract.
fn tell(facts: &mut Facts, draw: &mut Draw) {
    let Some(from) = facts.contract_from else { return };
    let last = from.saturating_add(EARLY_STAGE_YEARS.years()).saturating_sub(1.day());
    let is_young = facts.built_year.is_some_and(|year| year >= EARLY_STAGE_BUILT);
    let is_early = is_young && facts.contract_until.is_some_and(|until| (AS_OF..=last).contains(&until));
    let is_known = !draw.chance(UNKNOWN_PERCENT);
    facts.contract_kind = facts.contract_kind.or(match (is_early, is_known) {
        (true, _) => Some(ContractKind::EarlyStage),
        (false, true) => Some(ContractKind::Ordinary),
        (false, false) => None,
    });
    let filed_on = from.saturating_add(draw.whole(2, FILING_DAYS).days());
    let is_filed = !draw.chance(UNFILED_PERCENT) && filed_on <= AS_OF;
    let is_owed = facts.contract_kind != Some(ContractKind::Emergency);
    facts.contract_filed_on = (is_filed && is_owed).then_some(filed_on);
}

/// When the owners' committees applied for their filing.
fn applications(committees: &mut [CommitteeRow], draw: &mut Draw) {
    for row in committees.iter_mut().filter(|row| row.kind == CommitteeKind::Owners) {
        let applied = row.filed_on.map(|filed| filed.saturating_sub(draw.whole(1, ANSWER_DAYS).days()));
        row.filing_applied_on = applied.map(|day| day.max(row.formed_on));
    }
}

/// The filing of the youngest committees is under way or was left undone. Transitions are left alone: they are counted from
/// the filing.
fn unfiled(committees: &mut [CommitteeRow]) {
    for kind in CommitteeKind::ALL {
        let alone = |i: &usize| committees.iter().filter(|row| row.area == committees[*i].area).count() == 1;
        let mut young: Vec<usize> =
            (0..committees.len()).filter(|i| committees[*i].kind == kind).filter(alone).collect();
        young.sort_by_key(|i| (std::cmp::Reverse(committees[*i].formed_on), *i));
        let waiting: &[Date] = if kind == CommitteeKind::Owners { &APPLIED_ON } else { &[] };
        let applied = waiting.iter().copied().map(Some).chain([None; UNFILED]);
        for (i, applied) in young.into_iter().zip(applied) {
            let row = &mut committees[i];
            (row.filing_applied_on, row.filed_on, row.filing_number) = (applied, None, None);
        }
    }
}

/// Terms of a few management committees end soon: the ordinance says three years only as a rule (art. 58).
fn short_terms(committees: &mut [CommitteeRow]) {
    let (soon, later) = (AS_OF.saturating_add(10.days()), AS_OF.saturating_add(170.days()));
    let ending = committees.iter_mut().filter_map(|row| {
        let until = row.formed_on.saturating_add(2.years()).saturating_sub(1.day());
        let fits = row.kind == CommitteeKind::PropertyManagement && (soon..=later).contains(&until);
        fits.then_some((row, until))
    });
    for (row, until) in ending.take(SHORT_TERMS) {
        row.term_until = until;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::draw::Purpose;

    #[test]
    fn a_contract_is_told_by_its_days_and_the_year_of_the_area() {
        let mut draw = Draw::new(9, 0, Purpose::Filings);
        let day = |text: &str| Some(text.parse::<Date>().unwrap());
        let told = |built: i64, from: Option<Date>, until: Option<Date>, draw: &mut Draw| {
            let mut facts = Facts {
                floor_area_m2: None,
                households: None,
                building_count: None,
                built_year: Some(built),
                fee_cents: None,
                contract_from: from,
                contract_until: until,
                contract_kind: None,
                contract_filed_on: None,
                delimitation_document: None,
            };
            tell(&mut facts, draw);
            (facts.contract_kind, facts.contract_filed_on)
        };
        for _ in 0..200 {
            let (kind, filed) = told(2015, day("2021-08-01"), day("2023-07-31"), &mut draw);
            assert_eq!(kind, Some(ContractKind::EarlyStage));
            assert!(filed.is_none_or(|day| (date(2021, 8, 3)..=date(2021, 8, 16)).contains(&day)));
            for (built, until) in [(1990, "2023-07-31"), (2015, "2024-07-31"), (2015, "2022-10-01")] {
                let (kind, _) = told(built, day("2021-08-01"), day(until), &mut draw);
                assert!(kind.is_none_or(|kind| kind == ContractKind::Ordinary));
            }
            let (_, filed) = told(1990, day("2022-10-24"), day("2025-10-31"), &mut draw);
            assert!(filed.is_none_or(|day| day <= AS_OF));
        }
        assert_eq!(told(2015, None, None, &mut draw), (None, None));
    }
}
