//! Descriptive facts of an area: plausible, consistent with its ground, and here and there not known.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::demo::draw::Draw;
use crate::model::ContractKind;

/// The day the demonstration describes.
pub const AS_OF: Date = date(2022, 10, 27);
/// In how many areas of a hundred a fact is not known.
const UNKNOWN_PERCENT: usize = 4;

/// What is known of an area; `None` is not known.
#[derive(Debug, Clone)]
pub struct Facts {
    /// 建筑面积, square metres.
    pub floor_area_m2: Option<i64>,
    /// 户数
    pub households: Option<i64>,
    /// 楼栋数
    pub building_count: Option<i64>,
    /// 建成年代
    pub built_year: Option<i64>,
    /// 收费标准, hundredths of a yuan per square metre and month.
    pub fee_cents: Option<i64>,
    /// First day of the contract.
    pub contract_from: Option<Date>,
    /// Last day of the contract.
    pub contract_until: Option<Date>,
    /// What the contract is.
    pub contract_kind: Option<ContractKind>,
    /// Day of its filing.
    pub contract_filed_on: Option<Date>,
    /// 划分文件
    pub delimitation_document: Option<String>,
}

/// What kind of place the area is.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Surface in square metres.
    pub site_m2: f64,
    /// In a village: low houses.
    pub village: bool,
    /// In a subdistrict, where most was built before 2000.
    pub subdistrict: bool,
    /// Quasi-property.
    pub quasi: bool,
    /// Number of the area in the district, from 1.
    pub serial: usize,
}

/// Draws the facts of an area, but for what its contract is and when it was filed.
pub fn facts(place: &Place, draw: &mut Draw) -> Facts {
    let year = match (place.quasi, place.subdistrict) {
        (true, _) => draw.whole(1955, 1994),
        (false, true) => draw.whole(1978, 2006),
        (false, false) => draw.whole(1992, 2019),
    };
    let ratio = if place.village {
        draw.between(0.5, 1.1)
    } else if year < 1990 {
        draw.between(1.0, 1.8)
    } else {
        draw.between(1.5, 2.8)
    };
    let floor_m2 = place.site_m2 * ratio;
    let flat_m2 = if year < 1990 { draw.between(52.0, 70.0) } else { draw.between(78.0, 118.0) };
    let building_m2 = if place.village {
        draw.between(700.0, 1_500.0)
    } else if year < 1990 {
        draw.between(3_000.0, 5_500.0)
    } else {
        draw.between(6_500.0, 13_000.0)
    };
    let contract = (!place.quasi && !draw.chance(UNKNOWN_PERCENT)).then(|| contract(draw));
    let document = format!("演示划〔{}〕{:04}号", draw.whole(2020, 2022), place.serial);
    let mut known = |value: i64| (!draw.chance(UNKNOWN_PERCENT)).then_some(value);
    Facts {
        floor_area_m2: known((floor_m2 / 10.0).round() as i64 * 10),
        households: known(((floor_m2 / flat_m2).round() as i64).max(8)),
        building_count: known(((floor_m2 / building_m2).round() as i64).max(1)),
        built_year: known(year),
        fee_cents: fee_cents(place, year, draw),
        contract_from: contract.map(|(from, _)| from),
        contract_until: contract.map(|(_, until)| until),
        contract_kind: None,
        contract_filed_on: None,
        delimitation_document: draw.chance(72).then_some(document),
    }
}

/// Fees rise with the year of construction; quasi-property mostly collects none.
fn fee_cents(place: &Place, year: i64, draw: &mut Draw) -> Option<i64> {
    if place.quasi {
        return draw.chance(30).then(|| draw.whole(6, 12) * 5);
    }
    let (low, high) = match year {
        ..1990 => (8, 18),
        1990..2000 => (12, 32),
        2000..2010 => (24, 60),
        _ => (38, 98),
    };
    (!draw.chance(UNKNOWN_PERCENT)).then(|| draw.whole(low, high) * 5)
}

/// First and last day of a contract of two to five years that still runs, but for a few that have just ended.
fn contract(draw: &mut Draw) -> (Date, Date) {
    let years = *draw.pick(&[2, 3, 3, 3, 5]);
    let ended = draw.chance(3);
    let days_left = if ended { -draw.whole(1, 120) } else { draw.whole(5, i64::from(years) * 365 - 20) };
    let until = AS_OF.saturating_add(days_left.days());
    // Contracts end with a month.
    let until = if ended { until } else { until.last_of_month() };
    let from = until.saturating_add(1.day()).saturating_sub(years.years());
    (from.min(AS_OF.saturating_sub(3.days())), until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::draw::Purpose;

    #[test]
    fn facts_fit_the_ground_and_each_other() {
        let mut draw = Draw::new(9, 1, Purpose::Facts);
        for serial in 1..2_000 {
            let place = Place { site_m2: 30_000.0, village: false, subdistrict: true, quasi: serial % 12 == 0, serial };
            let facts = facts(&place, &mut draw);
            assert!(facts.floor_area_m2.is_none_or(|m2| (30_000..=84_000).contains(&m2)));
            assert!(facts.households.is_none_or(|n| (250..=1_100).contains(&n)));
            assert!(facts.built_year.is_none_or(|year| (1955..=2006).contains(&year)));
            if let (Some(from), Some(until)) = (facts.contract_from, facts.contract_until) {
                assert!(from < AS_OF && from < until && !place.quasi);
            }
        }
    }
}
