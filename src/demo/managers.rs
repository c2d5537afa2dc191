//! Property companies and owning units, all invented, and who manages what.

use crate::demo::DemoError;
use crate::demo::draw::Draw;
use crate::demo::names::DEMO_SUFFIX;
use crate::demo::plan::{COMPANIES, COMPANIES_WITHOUT_PARTY, areas_per_company};
use crate::model::{ManagerKind, QuasiKind, Uscc};

/// A company or an owning unit.
#[derive(Debug, Clone)]
pub struct ManagerRow {
    /// Credit code, both check characters right.
    pub uscc: Uscc,
    /// Name, ends in `(演示)`.
    pub name: String,
    /// Company or owning unit.
    pub kind: ManagerKind,
    /// Service telephone; no such number exists.
    pub phone: Option<String>,
    /// Whether it has a party organisation, where known.
    pub party_organisation: Option<bool>,
}

const FIRST: [char; 24] = [
    '安', '宝', '昌', '德', '恒', '丰', '广', '和', '嘉', '康', '乐', '茂', '宁', '平', '庆', '荣', '瑞', '盛', '泰',
    '祥', '兴', '裕', '永', '众',
];
const SECOND: [char; 24] = [
    '邦', '畅', '诚', '达', '福', '冠', '海', '豪', '佳', '景', '居', '凯', '隆', '美', '睦', '齐', '仁', '润', '苑',
    '天', '欣', '源', '悦', '正',
];
const COMPANY_ENDINGS: [&str; 4] = ["物业服务有限公司", "物业服务有限公司", "物业管理有限公司", "物业有限责任公司"];
const UNITS: [&str; 26] = [
    "机械",
    "纺织",
    "电子",
    "化工",
    "仪表",
    "印刷",
    "建材",
    "铁路",
    "邮电",
    "煤炭",
    "林业",
    "冶金",
    "水利",
    "粮油",
    "地质",
    "轻工",
    "医药",
    "汽车",
    "无线电",
    "玻璃",
    "电机",
    "棉纺",
    "焦化",
    "勘测",
    "轴承",
    "电缆",
];
/// Serial in the credit code from which owning units are numbered.
const UNIT_SERIAL: usize = 2_001;
/// Service telephones of owning units start here; those of companies at 1.
const UNIT_PHONE: usize = 6_001;

/// The companies, largest first, and for each contracted area the position of its company.
///
/// Most companies take some areas that lie together; the contracted areas come in the order of their codes.
pub fn companies(contracted: usize, draw: &mut Draw) -> Result<(Vec<ManagerRow>, Vec<usize>), DemoError> {
    let mut names: Vec<(char, char)> = FIRST.iter().flat_map(|a| SECOND.iter().map(|b| (*a, *b))).collect();
    draw.shuffle(&mut names);
    let mut rows = Vec::with_capacity(COMPANIES);
    for (position, (a, b)) in names.into_iter().take(COMPANIES).enumerate() {
        rows.push(ManagerRow {
            uscc: uscc(position + 1)?,
            name: format!("京朝{a}{b}{}{DEMO_SUFFIX}", draw.pick(&COMPANY_ENDINGS)),
            kind: ManagerKind::Company,
            phone: (!draw.chance(3)).then(|| phone(position + 1)),
            party_organisation: Some(position < COMPANIES - COMPANIES_WITHOUT_PARTY),
        });
    }
    let mut company_of: Vec<Option<usize>> = vec![None; contracted];
    for (company, count) in areas_per_company().into_iter().enumerate() {
        let mut at = draw.below(contracted);
        for _ in 0..count {
            if draw.chance(45) {
                at = draw.below(contracted);
            }
            while company_of[at].is_some() {
                at = (at + 1) % contracted;
            }
            company_of[at] = Some(company);
        }
    }
    Ok((rows, company_of.into_iter().flatten().collect()))
}

/// The units that manage the quasi-property areas of the given kinds and street stems, and for each area the position of
/// its unit. An owning unit has up to three areas in a row; every other kind of body belongs to its street.
pub fn owning_units(areas: &[(QuasiKind, &str)], draw: &mut Draw) -> Result<(Vec<ManagerRow>, Vec<usize>), DemoError> {
    let mut rows: Vec<ManagerRow> = Vec::new();
    let mut unit_of = Vec::with_capacity(areas.len());
    let mut last_own: Option<(usize, usize)> = None;
    for (kind, stem) in areas {
        if *kind == QuasiKind::OwningUnit
            && let Some((unit, room)) = last_own
            && room > 0
        {
            unit_of.push(unit);
            last_own = Some((unit, room - 1));
            continue;
        }
        let name = loop {
            let name = unit_name(*kind, stem, draw);
            match rows.iter().position(|row| row.name == name) {
                Some(known) if *kind != QuasiKind::OwningUnit => break Err(known),
                Some(_) => {}
                None => break Ok(name),
            }
        };
        let unit = match name {
            Err(known) => known,
            Ok(name) => {
                let serial = rows.len();
                rows.push(ManagerRow {
                    uscc: uscc(UNIT_SERIAL + serial)?,
                    name,
                    kind: ManagerKind::OwningUnit,
                    phone: (!draw.chance(8)).then(|| phone(UNIT_PHONE + serial)),
                    party_organisation: (!draw.chance(10)).then(|| draw.chance(85)),
                });
                serial
            }
        };
        if *kind == QuasiKind::OwningUnit {
            last_own = Some((unit, draw.below(3)));
        }
        unit_of.push(unit);
    }
    Ok((rows, unit_of))
}

fn unit_name(kind: QuasiKind, stem: &str, draw: &mut Draw) -> String {
    let body = match kind {
        QuasiKind::OwningUnit => {
            let sort = draw.pick(&["厂", "研究院", "公司", "学校", "设计院"]);
            let number = draw.pick(&["第一", "第二", "第三", "第四", "第五"]);
            format!("京朝{number}{}{sort}房管处", draw.pick(&UNITS))
        }
        QuasiKind::PublicHousing => format!("京朝{stem}直管公房管理所"),
        QuasiKind::StreetFallback => format!("京朝{stem}街乡物业服务中心"),
        QuasiKind::SelfManaged => format!("京朝{stem}居民自管服务站"),
        QuasiKind::Other => format!("京朝{stem}房屋托管站"),
    };
    format!("{body}{DEMO_SUFFIX}")
}

/// Draws how a quasi-property area is run.
pub fn quasi_kind(draw: &mut Draw) -> QuasiKind {
    match draw.below(100) {
        0..58 => QuasiKind::OwningUnit,
        58..79 => QuasiKind::PublicHousing,
        79..91 => QuasiKind::StreetFallback,
        91..97 => QuasiKind::SelfManaged,
        _ => QuasiKind::Other,
    }
}

fn uscc(serial: usize) -> Result<Uscc, DemoError> {
    Ok(Uscc::complete(&format!("91000000MA{serial:06}"))?)
}

fn phone(serial: usize) -> String {
    format!("010-0000{serial:04}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::draw::Purpose;
    use crate::demo::plan::CONTRACTED;
    use std::collections::HashSet;

    #[test]
    fn every_company_manages_as_many_areas_as_planned() {
        let (rows, company_of) = companies(CONTRACTED, &mut Draw::new(3, 0, Purpose::Companies)).unwrap();
        assert_eq!((rows.len(), company_of.len()), (COMPANIES, CONTRACTED));
        for (company, planned) in areas_per_company().into_iter().enumerate() {
            assert_eq!(company_of.iter().filter(|c| **c == company).count(), planned);
        }
        assert_eq!(rows.iter().map(|r| r.name.as_str()).collect::<HashSet<_>>().len(), COMPANIES);
    }

    #[test]
    fn bodies_of_a_street_are_shared_by_its_areas() {
        let kinds = [QuasiKind::PublicHousing, QuasiKind::OwningUnit, QuasiKind::PublicHousing];
        let areas: Vec<(QuasiKind, &str)> = kinds.into_iter().map(|kind| (kind, "劲松")).collect();
        let (rows, unit_of) = owning_units(&areas, &mut Draw::new(3, 0, Purpose::Companies)).unwrap();
        assert_eq!((rows.len(), unit_of), (2, vec![0, 1, 0]));
    }
}
