//! The register's section of a district report, in Chinese, with checked arithmetic.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use crate::model::{CommitteeStatus, RateId, StreetCode};
use crate::stats::comparison::{Comparison, Printed, follows};
use crate::stats::definition::definition;
use crate::stats::fitting::Fitting;
use crate::stats::ranking::ranking;
use crate::stats::rate::Rate;
use crate::stats::small::{SMALL_BELOW, Told, ToldTallies, ToldTally};
use crate::stats::tally::{Tallies, Tally};
use crate::stats::target::targets;

/// What stands for a count or a rate that is not told.
const HELD_BACK: &str = "（数量过少，不予公布）";

/// Streets that are named as the lowest.
const LOWEST: usize = 3;

/// What a report is written of.
#[derive(Debug, Clone, Copy)]
pub struct ReportSource<'a> {
    /// Name of the district.
    pub district: &'a str,
    /// The day that the counts are of.
    pub date: Date,
    /// The counts.
    pub tallies: &'a Tallies,
    /// What of them is told.
    pub told: &'a ToldTallies,
    /// Code and name of every street.
    pub streets: &'a [(StreetCode, String)],
    /// Figures that were printed up to that day, each beside the counts of its own day.
    pub printed: &'a [Printed],
    /// Whether the reader may know of party organisations.
    pub with_party: bool,
}

/// A section of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
}

/// Why a sentence is not printed.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ReportError {
    /// Parts and whole differ.
    #[error("{what}: the parts add up to {parts}, the whole is {whole}; the report is not printed")]
    DoesNotAdd {
        /// Which parts.
        what: &'static str,
        /// Their sum.
        parts: u32,
        /// What they should add up to.
        whole: u32,
    },
    /// A percentage is not that of its counts.
    #[error("{percent} % does not follow from {}/{}, which is {}; it is not printed", .rate.numerator, .rate.denominator, computed(.rate))]
    DoesNotFollow {
        /// The percentage that was to be printed.
        percent: f64,
        /// The counts.
        rate: Rate,
        /// The counts that would give it.
        fitting: Fitting,
    },
}

fn computed(rate: &Rate) -> String {
    rate.percent().map_or("no percentage".to_owned(), |percent| format!("{percent:.1} %"))
}

/// A percentage with its counts, as in `92.5%（1,514/1,637）`.
///
/// Errors: [`ReportError::DoesNotFollow`] when it is not the counts' own, rounded half up.
pub fn stated(rate: &Rate, percent: f64) -> Result<String, ReportError> {
    let counts = format!("（{}/{}）", grouped(rate.numerator), grouped(rate.denominator));
    match follows(percent, rate) {
        true => Ok(format!("{percent:.1}%{counts}")),
        false => Err(ReportError::DoesNotFollow { percent, rate: *rate, fitting: Fitting::new(percent, rate) }),
    }
}

/// Writes the section. Errors: the counts contradict each other, see [`ReportError`].
pub fn report(source: &ReportSource<'_>) -> Result<Report, ReportError> {
    check_sums(source.tallies)?;
    let tally = &source.tallies.district;
    let told = source.told.scope(None);
    let mut paragraphs = vec![management(source, tally, &told)?, committees(tally, &told)?];
    if source.with_party {
        paragraphs.push(party(tally, &told)?);
    }
    paragraphs.extend(standing(source, &told)?);
    paragraphs.extend(lowest(source)?);
    paragraphs.extend(beside_printed(source));
    Ok(Report {
        title: format!("{}物业管理区域登记情况（截至{}）", source.district, chinese(source.date)), paragraphs
    })
}

/// Every sum that the sentences rely on.
fn check_sums(tallies: &Tallies) -> Result<(), ReportError> {
    let check = |what, parts: u32, whole: u32| match parts == whole {
        true => Ok(()),
        false => Err(ReportError::DoesNotAdd { what, parts, whole }),
    };
    let district = &tallies.district;
    for tally in tallies.streets.values().chain([district]) {
        check("classes", tally.classes.iter().sum(), tally.areas)?;
        check("states of the owners' organisation", tally.statuses.iter().sum(), tally.areas)?;
        let known = tally.contracted + tally.quasi_property;
        check("management types", known.max(tally.areas), tally.areas)?;
    }
    let sum = |of: fn(&Tally) -> u32| tallies.streets.values().map(of).sum::<u32>();
    check("areas of the streets", sum(|tally| tally.areas), district.areas)?;
    check("contracted areas of the streets", sum(|tally| tally.contracted), district.contracted)?;
    check("quasi-property areas of the streets", sum(|tally| tally.quasi_property), district.quasi_property)?;
    check("owners' committees of the streets", sum(|tally| tally.owners_committees), district.owners_committees)?;
    let managing = |tally: &Tally| tally.property_management_committees;
    check("management committees of the streets", sum(managing), managing(district))?;
    let established = |tally: &Tally| tally.established_committees;
    check("established committees of the streets", sum(established), established(district))?;
    let with_party = |tally: &Tally| tally.committees_with_party;
    check("committees with party organisation of the streets", sum(with_party), with_party(district))?;
    let owners_with_party = |tally: &Tally| tally.owners_committees_with_party;
    check(
        "owners' committees with party organisation of the streets",
        sum(owners_with_party),
        owners_with_party(district),
    )?;
    // A company that works in several streets is one company of the district.
    let (companies, companies_with_party) = tallies.companies_of_streets();
    check("companies of the streets", companies, district.companies())?;
    check("companies with party organisation of the streets", companies_with_party, district.companies_with_party())
}

/// A rate as computed; what cannot be divided is told by its counts, and what is held back as that.
fn rate_text(told: &ToldTally, id: RateId) -> Result<String, ReportError> {
    let Some(rate) = told.whole_rate(id) else { return Ok(HELD_BACK.to_owned()) };
    match rate.percent() {
        Some(percent) => stated(&rate, percent),
        None => Ok(format!("无法计算（{}/{}）", rate.numerator, rate.denominator)),
    }
}

fn management(source: &ReportSource<'_>, tally: &Tally, told: &ToldTally) -> Result<String, ReportError> {
    let mut text = format!(
        "截至{}，{}{}个街乡共登记物业管理区域{}个。其中，委托管理{}个，占{}；准物业{}个，占{}",
        chinese(source.date),
        source.district,
        source.streets.len(),
        count_text(told.areas),
        count_text(told.rate(RateId::ContractedShare).0),
        rate_text(told, RateId::ContractedShare)?,
        count_text(told.rate(RateId::QuasiShare).0),
        rate_text(told, RateId::QuasiShare)?,
    );
    let unknown = tally.areas - tally.contracted - tally.quasi_property;
    let told_all = [RateId::ContractedShare, RateId::QuasiShare].iter().all(|id| told.whole_rate(*id).is_some());
    if unknown > 0 && told_all {
        push(&mut text, format_args!("；管理类型不明{}个", grouped(unknown)));
    }
    text.push('。');
    Ok(text)
}

fn committees(tally: &Tally, told: &ToldTally) -> Result<String, ReportError> {
    if !told.breakdown {
        let (number, rate) = (told.rate(RateId::CommitteeCoverage).0, rate_text(told, RateId::CommitteeCoverage)?);
        return Ok(format!("有业委会或物管会的物业管理区域{}个，组建率{rate}。", count_text(number)));
    }
    let with = |status| grouped(tally.with_status(status));
    let coverage = tally.rate(RateId::CommitteeCoverage);
    let mut text = format!(
        "运转正常的业委会{}个、物管会{}个，合计{}个。有业委会或物管会的物业管理区域{}个，组建率{}，其中已成立业委会{}个、已组建物管会{}个、过渡中{}个；未组建{}个",
        grouped(tally.owners_committees),
        grouped(tally.property_management_committees),
        grouped(tally.operating_committees()),
        grouped(coverage.numerator),
        rate_text(told, RateId::CommitteeCoverage)?,
        with(CommitteeStatus::Owners),
        with(CommitteeStatus::PropertyManagement),
        with(CommitteeStatus::Transition),
        with(CommitteeStatus::None),
    );
    if tally.with_status(CommitteeStatus::Unknown) > 0 {
        push(&mut text, format_args!("；情况不明{}个", with(CommitteeStatus::Unknown)));
    }
    text.push('。');
    Ok(text)
}

fn party(tally: &Tally, told: &ToldTally) -> Result<String, ReportError> {
    Ok(format!(
        "已成立且未解散的业委会和物管会{}个，其中建立党组织{}个（业委会{}个、物管会{}个），党组织覆盖率{}。承担服务的物业服务企业{}家，其中建立党组织{}家，党组织覆盖率{}。",
        grouped(tally.established_committees),
        grouped(tally.committees_with_party),
        grouped(tally.owners_committees_with_party),
        grouped(tally.committees_with_party - tally.owners_committees_with_party),
        rate_text(told, RateId::PartyCoverageCommittee)?,
        grouped(tally.companies()),
        grouped(tally.companies_with_party()),
        rate_text(told, RateId::PartyCoverageCompany)?,
    ))
}

/// The rates beside the target that comes next, or the last one when all have passed.
fn standing(source: &ReportSource<'_>, told: &ToldTally) -> Result<Option<String>, ReportError> {
    let mut parts = Vec::new();
    let mut until = None;
    for id in RateId::ALL {
        let is_party = matches!(id, RateId::PartyCoverageCommittee | RateId::PartyCoverageCompany);
        let all = targets(id);
        let next = all.iter().find(|target| target.date >= source.date).or(all.last());
        let Some(target) = next.filter(|_| source.with_party || !is_party) else { continue };
        let Some(rate) = told.whole_rate(id) else { continue };
        let standing = target.standing(&rate, source.date);
        let (Some(met), Some(points)) = (standing.met, standing.difference_points) else { continue };
        let verdict = match (met, points) {
            (true, points) => format!("已达到目标，高{:.1}个百分点", points.abs()),
            // Rounded, it looks as if it had got there.
            (false, 0.0) => "略低于目标".to_owned(),
            (false, points) => format!("低{:.1}个百分点", points.abs()),
        };
        let rate = rate_text(told, id)?;
        parts.push(format!("{}{rate}，目标{:.1}%，{verdict}", definition(id).title.zh, target.percent()));
        until = Some(target.date);
    }
    Ok(until.map(|date| format!("对照三年行动计划{}目标：{}。", chinese(date), parts.join("；"))))
}

/// The streets that have furthest to go.
fn lowest(source: &ReportSource<'_>) -> Result<Option<String>, ReportError> {
    let coverage = |code| source.told.scope(Some(code)).whole_rate(RateId::CommitteeCoverage);
    // Where one is held back, it may be lower than all that are told.
    if source.streets.iter().any(|(code, _)| coverage(code).is_none()) {
        return Ok(None);
    }
    let codes = source.streets.iter().map(|(code, _)| code);
    let ranked = ranking(source.tallies, codes, RateId::CommitteeCoverage);
    let with_areas: Vec<_> = ranked.iter().filter(|ranked| ranked.rank.is_some()).collect();
    let mut parts = Vec::new();
    for ranked in with_areas.iter().rev().take(LOWEST) {
        let name = source.streets.iter().find(|(code, _)| *code == ranked.street).map(|(_, name)| name.as_str());
        if let (Some(name), Some(percent)) = (name, ranked.rate.percent()) {
            parts.push(format!("{name}{}", stated(&ranked.rate, percent)?));
        }
    }
    Ok((with_areas.len() > LOWEST).then(|| format!("组建率最低的街乡依次为：{}。", parts.join("、"))))
}

/// What was printed before, and whether it still follows: from the counts of its day, and from those printed with it.
fn beside_printed(source: &ReportSource<'_>) -> Option<String> {
    let is_party = |id| matches!(id, RateId::PartyCoverageCommittee | RateId::PartyCoverageCompany);
    let printed = source.printed.iter().filter(|printed| printed.figure.dated <= source.date);
    let mut sources: BTreeMap<(Date, &str), Vec<String>> = BTreeMap::new();
    for printed in printed.filter(|printed| source.with_party || !is_party(printed.figure.rate)) {
        let parts = sources.entry((printed.figure.dated, &printed.figure.source)).or_default();
        parts.push(beside(printed));
    }
    let told = |((dated, source), parts): ((Date, &str), Vec<String>)| {
        format!("《{source}》（{}）{}", chinese(dated), parts.join("；"))
    };
    let parts: Vec<String> = sources.into_iter().map(told).collect();
    (!parts.is_empty()).then(|| format!("与已公布数字核对：{}。", parts.join("。")))
}

fn beside(Printed { figure, computed }: &Printed) -> String {
    let percent = printed_percent(figure.percent);
    let title = definition(computed.id).title.zh;
    let comparison = Comparison::new(figure, computed);
    let mut text = match comparison.follows {
        true => format!("{title}{percent}%，与登记册当日{}一致", of_counts(computed)),
        false => format!("{title}{percent}%，与登记册当日{}{}不一致", of_counts(computed), own_percent(computed)),
    };
    match comparison.own {
        // What it was printed with decides; what the register counts is another question.
        Some(own) if !own.follows => {
            let counts = of_counts(&own.rate);
            push(&mut text, format_args!("；与同时公布的{counts}{}不符", own_percent(&own.rate)));
            push_fitting(&mut text, &own.fitting);
        }
        _ if !comparison.follows => push_fitting(&mut text, &Fitting::new(figure.percent, computed)),
        _ => {}
    }
    text
}

fn of_counts(rate: &Rate) -> String {
    format!("{}/{}", grouped(rate.numerator), grouped(rate.denominator))
}

/// What the counts give, in brackets.
fn own_percent(rate: &Rate) -> String {
    rate.percent().map_or(String::new(), |percent| format!("（{percent:.1}%）"))
}

fn push_fitting(text: &mut String, fitting: &Fitting) {
    if let Some(range) = fitting.numerators {
        push(text, format_args!("，分母不变时分子为{}才相符", range_text(range)));
    }
    if let Some(range) = fitting.denominators {
        push(text, format_args!("，分子不变时分母为{}才相符", range_text(range)));
    }
}

/// As many decimals as were printed, but one at least.
fn printed_percent(percent: f64) -> String {
    let text = percent.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

fn range_text((from, to): (u32, u32)) -> String {
    if from == to { grouped(from) } else { format!("{}至{}", grouped(from), grouped(to)) }
}

/// `2022年10月27日`
fn chinese(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// A count as far as it is told.
fn count_text(told: Told) -> String {
    match told {
        Told::Count(count) => grouped(count),
        Told::Below => format!("不足{SMALL_BELOW}"),
        Told::Withheld => HELD_BACK.to_owned(),
    }
}

/// Thousands set apart by commas.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writing to a string does not fail.
fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    let _ = text.write_fmt(more);
}

#[cfg(test)]
mod tests;
