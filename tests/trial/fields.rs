//! Fields of a row other than its name and place.

use onemap::reconcile::Record;

use crate::trial::chance::Chance;
use crate::trial::ledger::Ledger;
use crate::trial::levels::Level;
use crate::trial::score::Truth;
use crate::trial::words;

/// The other fields of a row, as far as they are known.
pub fn fill(
    record: &mut Record,
    (ledger, near, street): (&Ledger, Option<usize>, usize),
    level: &Level,
    chance: &mut Chance,
) {
    let name = words::STREETS[street];
    if !chance.is(level.no_street) {
        let stated = if chance.is(level.wrong_street) { *chance.pick(&words::STREETS) } else { name };
        record.street = match chance.below(5) {
            0 => stated.replace("街道", "办事处"),
            1 => stated.replace("地区", "乡"),
            _ => stated.to_owned(),
        };
    }
    let stems = words::stems(street);
    let elsewhere =
        format!("{}{}号", words::road(chance.pick(stems.as_slice()).as_str(), chance), 221 + chance.below(200));
    if !chance.is(level.no_address) {
        let address = near.map_or(elsewhere, |left| ledger.records[left].address.clone());
        record.address = words::readdress(&address, name, level.wild, chance);
    }
    let left = near.map(|left| &ledger.records[left]);
    if let Some(left) = left {
        if !chance.is(level.no_company) && !left.company.is_empty() {
            record.company = words::short_company(&left.company, chance);
        }
        if !chance.is(level.no_households) {
            let households: f64 = left.households.parse().unwrap();
            record.households =
                ((households * (1.0 + chance.normal() * level.households_noise)).max(5.0) as usize).to_string();
        }
    } else if !chance.is(level.no_households) {
        record.households = (50 + chance.below(900)).to_string();
    }
    let quasi = left.is_some_and(|left| left.management == "quasi");
    record.management =
        if quasi { ["准物业", "单位自管", "2"] } else { ["合同物业", "专业物业", "1"] }[chance.below(3)].to_owned();
    let committee = left.map_or("management_committee", |left| left.committee.as_str());
    record.committee = committee_text(committee, chance);
}

fn committee_text(key: &str, chance: &mut Chance) -> String {
    let texts = match key {
        "owners_committee" => ["业委会", "已成立业委会", "业主委员会"],
        "management_committee" => ["物管会", "物业管理委员会", "已组建物管会"],
        _ => ["无", "未成立", ""],
    };
    (*chance.pick(&texts)).to_owned()
}

/// Fields in which the office says something else.
pub fn conflicts(truth: &mut Truth, record: &mut Record, left: &Record, (level, chance): (&Level, &mut Chance)) {
    let mut add = |field: &str| truth.conflicts.insert((left.id.clone(), record.id.clone(), field.to_owned()));
    if chance.is(level.other_company) && !left.company.is_empty() {
        let other = words::company(chance);
        let core = |name: &str| name.chars().skip(2).take(4).collect::<String>();
        if core(&other) != core(&left.company) {
            record.company = words::short_company(&other, chance);
            add("company");
        }
    }
    if chance.is(0.06) {
        let households: f64 = left.households.parse().unwrap();
        record.households = ((households * chance.pick(&[0.5, 0.6, 1.5, 1.8])).round() as usize).to_string();
        add("households");
    }
    if chance.is(0.06) {
        let other = ["owners_committee", "management_committee", "none"][chance.below(3)];
        if other != left.committee {
            record.committee = committee_text(other, chance);
            if !record.committee.is_empty() {
                add("committee");
            }
        }
    }
    if chance.is(0.03) {
        record.management = if left.management == "quasi" { "合同物业" } else { "准物业" }.to_owned();
        add("mgmt_type");
    }
}
