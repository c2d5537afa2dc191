//! What a report says, and what it refuses to say.

use jiff::ToSpan as _;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::model::{Area, Attributes, CommitteeKind, ManagerId, PrintedFigure};
use crate::stats::tests::{DAY, area, areas, committee, counted, street};

fn source<'a>(tallies: &'a Tallies, streets: &'a [(StreetCode, String)], printed: &'a [Printed]) -> ReportSource<'a> {
    let told = Box::leak(Box::new(ToldTallies::whole(tallies)));
    ReportSource { district: "朝阳区", date: DAY, tallies, told, streets, printed, with_party: true }
}

#[test]
fn a_percentage_that_does_not_follow_is_refused_with_what_would_fit() {
    let rate = Rate::new(RateId::CommitteeCountRatio, 1537, 1637);
    assert_eq!(stated(&rate, 93.9), Ok("93.9%（1,537/1,637）".to_owned()));
    let refused = stated(&rate, 93.4).unwrap_err();
    let fitting = Fitting { numerators: Some((1529, 1529)), denominators: Some((1645, 1646)) };
    assert_eq!(refused, ReportError::DoesNotFollow { percent: 93.4, rate, fitting });
    assert_eq!(refused.to_string(), "93.4 % does not follow from 1537/1637, which is 93.9 %; it is not printed");
}

#[test]
fn counts_that_do_not_add_up_are_refused() {
    let areas: Vec<Area> = (0..3).map(|_| area(Vec::new(), Attributes::default())).collect();
    let good = counted(&areas, DAY);
    let streets = [(street(1), "甲街道".to_owned())];
    assert!(report(&source(&good, &streets, &[])).is_ok());
    let mut bad = good.clone();
    bad.district.areas += 1;
    let refused = report(&source(&bad, &streets, &[])).unwrap_err();
    assert_eq!(refused, ReportError::DoesNotAdd { what: "classes", parts: 3, whole: 4 });
    type Change = fn(&mut Tally);
    let changes: [(&str, Change); 5] = [
        ("owners' committees of the streets", |tally| tally.owners_committees += 1),
        ("management committees of the streets", |tally| tally.property_management_committees += 1),
        ("established committees of the streets", |tally| tally.established_committees += 1),
        ("committees with party organisation of the streets", |tally| tally.committees_with_party += 1),
        ("owners' committees with party organisation of the streets", |tally| tally.owners_committees_with_party += 1),
    ];
    for (what, change) in changes {
        let mut bad = good.clone();
        change(&mut bad.district);
        let refused = report(&source(&bad, &streets, &[])).unwrap_err();
        assert_eq!(refused, ReportError::DoesNotAdd { what, parts: 0, whole: 1 });
    }
    // A company that the district counts and no street does.
    let managed = Area { manager: Some(ManagerId(0)), ..area(Vec::new(), Attributes::default()) };
    let idle = Area { manager: None, ..managed.clone() };
    let bad = Tallies { district: counted(&[managed], DAY).district, streets: counted(&[idle], DAY).streets };
    let refused = report(&source(&bad, &streets, &[])).unwrap_err();
    assert_eq!(refused, ReportError::DoesNotAdd { what: "companies of the streets", parts: 0, whole: 1 });
    let mut bad = good;
    bad.streets.clear();
    assert!(report(&source(&bad, &streets, &[])).is_err());
}

/// A tally of areas with and without a committee.
fn covered(with: u32, without: u32) -> Tallies {
    let one = || vec![committee(CommitteeKind::Owners, date(2022, 1, 1))];
    let areas: Vec<Area> =
        (0..with + without).map(|at| area(if at < with { one() } else { Vec::new() }, Attributes::default())).collect();
    counted(&areas, DAY)
}

fn figure(rate: RateId, percent: f64, counts: [Option<u32>; 2]) -> PrintedFigure {
    let [numerator, denominator] = counts;
    PrintedFigure { rate, percent, numerator, denominator, source: "情况报告".to_owned(), dated: DAY }
}

/// The last sentence of a report beside this figure, whose day counted so.
fn told_of(figure: PrintedFigure, then: (u32, u32)) -> String {
    let tallies = covered(2, 1);
    let streets = [(street(1), "甲街道".to_owned())];
    let computed = Rate::new(figure.rate, then.0, then.1);
    let printed = [Printed { figure, computed }];
    report(&source(&tallies, &streets, &printed)).unwrap().paragraphs.pop().unwrap()
}

#[test]
fn a_printed_figure_is_told_beside_the_counts_of_its_day_and_beside_its_own() {
    let coverage = RateId::CommitteeCoverage;
    let head = "与已公布数字核对：《情况报告》（2022年10月27日）业委会（物管会）组建率";
    assert_eq!(
        told_of(figure(coverage, 93.4, [Some(1537), Some(1637)]), (1529, 1637)),
        format!(
            "{head}93.4%，与登记册当日1,529/1,637一致；与同时公布的1,537/1,637（93.9%）不符，分母不变时分子为1,529才相符，分子不变时分母为1,645至1,646才相符。"
        )
    );
    assert_eq!(
        told_of(figure(coverage, 93.4, [None, None]), (1537, 1637)),
        format!(
            "{head}93.4%，与登记册当日1,537/1,637（93.9%）不一致，分母不变时分子为1,529才相符，分子不变时分母为1,645至1,646才相符。"
        )
    );
    assert_eq!(
        told_of(figure(coverage, 93.4, [Some(1529), Some(1637)]), (1529, 1637)),
        format!("{head}93.4%，与登记册当日1,529/1,637一致。")
    );
    let later = PrintedFigure { dated: date(2022, 10, 28), ..figure(coverage, 50.0, [None, None]) };
    assert!(!told_of(later, (1, 2)).contains("核对"), "what is printed later is not told yet");
    let party = figure(RateId::PartyCoverageCompany, 97.4, [None, None]);
    let tallies = covered(2, 1);
    let printed = [Printed { figure: party, computed: Rate::new(RateId::PartyCoverageCompany, 530, 544) }];
    let public = ReportSource { with_party: false, ..source(&tallies, &[], &printed) };
    assert!(!report(&public).unwrap().paragraphs.concat().contains("党组织"));
}

#[test]
fn a_report_names_the_three_lowest_streets_and_only_among_more_than_three() {
    // Street 1 has one area of four covered, street 2 two, and so on; street 5 has no area.
    let of = |serial: u32| {
        (0..4).map(move |at| {
            let one = vec![committee(CommitteeKind::Owners, date(2022, 1, 1))];
            Area { street: street(serial), ..area(if at < serial { one } else { Vec::new() }, Attributes::default()) }
        })
    };
    let streets: Vec<(StreetCode, String)> = (1..=5).map(|serial| (street(serial), format!("{serial}街道"))).collect();
    let told = |last: u32| {
        let tallies = counted(&(1..=last).flat_map(of).collect::<Vec<_>>(), DAY);
        report(&source(&tallies, &streets, &[])).unwrap().paragraphs.concat()
    };
    let lowest = "组建率最低的街乡依次为：1街道25.0%（1/4）、2街道50.0%（2/4）、3街道75.0%（3/4）。";
    assert!(told(4).ends_with(lowest), "{}", told(4));
    assert!(!told(3).contains("最低"), "{}", told(3));
}

#[test]
fn a_report_stands_beside_the_target_that_comes_next() {
    let streets = [(street(1), "甲街道".to_owned())];
    let on = |day, (with, without)| {
        let tallies = covered(with, without);
        let paragraphs = report(&ReportSource { date: day, ..source(&tallies, &streets, &[]) }).unwrap().paragraphs;
        paragraphs.into_iter().find(|text| text.starts_with("对照")).unwrap()
    };
    let part = |percent: &str| format!("业委会（物管会）组建率{percent}");
    let told = on(DAY, (9, 1));
    assert!(
        told.contains("2022年12月31日目标")
            && told.contains(&part("90.0%（9/10），目标90.0%，已达到目标，高0.0个百分点")),
        "{told}"
    );
    let told = on(date(2020, 12, 31), (1, 9));
    assert!(
        told.contains("2020年12月31日目标") && told.contains(&part("10.0%（1/10），目标30.0%，低20.0个百分点")),
        "{told}"
    );
    // 89.96 % reads 90.0 % and is not there; after the last target it stays beside that one.
    let told = on(date(2026, 1, 1), (2249, 251));
    assert!(
        told.contains("2022年12月31日目标") && told.contains(&part("90.0%（2,249/2,500），目标90.0%，略低于目标")),
        "{told}"
    );
}

/// Every `p%（n/d）` of a text.
fn statements(text: &str) -> Vec<(f64, u32, u32)> {
    let number = |text: &str| text.replace(',', "").parse::<u32>().unwrap();
    text.match_indices("%（")
        .map(|(at, mark)| {
            let before = &text[..at];
            let start = before
                .rfind(|c: char| !c.is_ascii_digit() && c != '.')
                .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
            let counts = text[at + mark.len()..].split('）').next().unwrap();
            let (n, d) = counts.split_once('/').unwrap();
            (before[start..].parse().unwrap(), number(n), number(d))
        })
        .collect()
}

/// A figure with the counts of its day, printed with other counts, with the same, or with none.
fn printed() -> impl Strategy<Value = Printed> {
    let counts = prop::option::of(0_u32..60);
    let sketch = (0..RateId::ALL.len(), 0_u32..1100, counts.clone(), counts, -300_i64..60, any::<bool>());
    (sketch, 0_u32..60, 0_u32..60).prop_map(|((rate, tenths, numerator, denominator, days, is_right), n, d)| {
        let computed = Rate::new(RateId::ALL[rate], n, d);
        let percent = computed.percent().filter(|_| is_right).unwrap_or(f64::from(tenths) / 10.0);
        let dated = DAY.saturating_add(days.days());
        let figure = PrintedFigure { dated, ..figure(computed.id, percent, [numerator, denominator]) };
        Printed { figure, computed }
    })
}

proptest! {
    #[test]
    fn a_report_prints_no_rate_that_does_not_follow(
        areas in areas(),
        days in -800_i64..30,
        percent in 0.0_f64..120.0,
        printed in prop::collection::vec(printed(), 0..6),
    ) {
        let tallies = counted(&areas, DAY.saturating_add(days.days()));
        let streets: Vec<(StreetCode, String)> = (1..6).map(|serial| (street(serial), format!("{serial}街道"))).collect();
        let report = report(&source(&tallies, &streets, &printed)).unwrap();
        let text = report.paragraphs.concat();
        // Every figure of the past is told once, and whether it follows is said as its comparison has it.
        let told = printed.iter().filter(|printed| printed.figure.dated <= DAY);
        let follows = told.clone().filter(|one| Comparison::new(&one.figure, &one.computed).follows).count();
        prop_assert_eq!(text.matches("与登记册当日").count(), told.clone().count(), "{}", text);
        prop_assert_eq!(text.matches("不一致").count(), told.clone().count() - follows, "{}", text);
        let own = |one: &&Printed| Comparison::new(&one.figure, &one.computed).own.is_some_and(|own| !own.follows);
        prop_assert_eq!(text.matches("与同时公布的").count(), told.filter(own).count(), "{}", text);
        for (percent, numerator, denominator) in statements(&text) {
            let rate = Rate::new(RateId::CommitteeCoverage, numerator, denominator);
            prop_assert_eq!(rate.percent(), Some(percent), "{}", text);
        }
        let percent = (percent * 10.0).round() / 10.0;
        for id in RateId::ALL {
            let rate = tallies.district.rate(id);
            prop_assert_eq!(stated(&rate, percent).is_ok(), rate.percent() == Some(percent));
        }
    }
}
