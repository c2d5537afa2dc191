//! Free texts of other fields, as offices write them, brought to one value.

use crate::reconcile::text::fold::fold;
use crate::reconcile::text::name::{hash, pair_bits};

/// How an area is managed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Management {
    /// 合同物业, 专业物业, 委托管理, 1, `contracted`.
    Contracted,
    /// 准物业, 单位自管, 2, `quasi`.
    Quasi,
}

/// Which committee an area has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Committee {
    /// 业委会, 业主委员会, `owners_committee`.
    Owners,
    /// 物管会, 物业管理委员会, `management_committee`.
    Management,
    /// 无, 未成立, `none`.
    None,
}

/// What the text says of the management; `None` when it says nothing.
pub fn management(text: &str) -> Option<Management> {
    let text = fold(text);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match text.as_str() {
        "" => None,
        "1" | "contracted" | "物业" => Some(Management::Contracted),
        "2" | "quasi" | "quasiproperty" => Some(Management::Quasi),
        _ if has(&["准物业", "单位自管", "自管", "自治", "产权单位", "直管", "托底", "代管", "quasi"]) => {
            Some(Management::Quasi)
        }
        _ if has(&["合同", "专业", "委托", "物业公司", "市场化", "contract"]) => {
            Some(Management::Contracted)
        }
        _ => None,
    }
}

/// What the text says of the committee; `None` when it says nothing.
pub fn committee(text: &str) -> Option<Committee> {
    let text = fold(text);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match text.as_str() {
        "" => None,
        "none" | "无" | "没有" | "否" | "0" => Some(Committee::None),
        _ if has(&["未成立", "未组建", "未建", "没有成立", "尚未", "筹备", "均无"]) => {
            Some(Committee::None)
        }
        _ if has(&["物管会", "物业管理委员会", "managementcommittee", "pmc"]) => Some(Committee::Management),
        _ if has(&["业委会", "业主委员会", "业主大会", "ownerscommittee"]) => Some(Committee::Owners),
        _ => None,
    }
}

/// The number of households; `None` when there is none.
pub fn households(text: &str) -> Option<u32> {
    let folded = fold(text);
    let digits: String = folded.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let whole = text.trim().parse::<f64>().ok().filter(|n| (1.0..1e6).contains(n)).map(|n| n.round() as u32);
    whole.or_else(|| digits.parse().ok()).filter(|n| *n > 0)
}

/// A company by what is left of its name without what all of them share; empty when nothing is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Company {
    text: Box<str>,
    sound: u64,
    /// A bit for each pair of neighbouring characters.
    pairs: u64,
    /// Whether it is long enough to be told by a part of another name.
    telling: bool,
}

impl Company {
    pub(crate) fn of(text: &str) -> Self {
        let text = company(text);
        Self {
            sound: hash(&crate::search::sort_key(&text)),
            pairs: pair_bits(&text),
            telling: text.chars().count() >= 4,
            text,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether it is the other one, of which something is known too.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let contains = |long: &Self, short: &Self| {
            short.telling && short.pairs & !long.pairs == 0 && long.text.contains(&*short.text)
        };
        self.sound == other.sound || contains(self, other) || contains(other, self)
    }
}

fn company(text: &str) -> Box<str> {
    let mut rest = fold(text);
    for prefix in ["北京市", "北京"] {
        if let Some(shorter) = rest.strip_prefix(prefix) {
            rest = shorter.to_owned();
        }
    }
    const ENDINGS: [&str; 12] = [
        "分公司",
        "有限责任公司",
        "股份有限公司",
        "有限公司",
        "公司",
        "集团",
        "物业管理",
        "物业服务",
        "物业",
        "管理",
        "服务",
        "北京",
    ];
    while let Some(shorter) = ENDINGS.iter().find_map(|ending| rest.strip_suffix(ending)) {
        if shorter.is_empty() {
            break;
        }
        rest = shorter.to_owned();
    }
    if matches!(rest.as_str(), "无" | "0" | "暂无" | "没有") {
        return Box::default();
    }
    rest.into()
}

/// What is left of a street's name without its kind; empty when nothing is.
pub(crate) fn street(text: &str) -> Box<str> {
    let folded = fold(text);
    let mut rest = folded.as_str();
    for prefix in ["北京市", "朝阳区"] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    for ending in ["街道办事处", "地区办事处", "办事处", "街道办", "地区办", "回族乡", "街道", "地区", "乡", "镇"]
    {
        if let Some(shorter) = rest.strip_suffix(ending).filter(|shorter| !shorter.is_empty()) {
            rest = shorter;
            break;
        }
    }
    rest.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_of_offices_are_understood() {
        for (text, value) in [
            ("合同物业", Some(Management::Contracted)),
            ("专业物业", Some(Management::Contracted)),
            ("1", Some(Management::Contracted)),
            ("准物业", Some(Management::Quasi)),
            ("单位自管", Some(Management::Quasi)),
            ("２", Some(Management::Quasi)),
            ("", None),
            ("不详", None),
        ] {
            assert_eq!(management(text), value, "{text}");
        }
        for (text, value) in [
            ("已成立业委会", Some(Committee::Owners)),
            ("业主委员会", Some(Committee::Owners)),
            ("已组建物管会", Some(Committee::Management)),
            ("物业管理委员会", Some(Committee::Management)),
            ("未成立", Some(Committee::None)),
            ("未成立业委会", Some(Committee::None)),
            ("无", Some(Committee::None)),
            (" ", None),
        ] {
            assert_eq!(committee(text), value, "{text}");
        }
        assert_eq!(
            (households("约320户"), households("708"), households("708.0"), households("")),
            (Some(320), Some(708), Some(708), None)
        );
    }

    #[test]
    fn companies_and_streets_by_other_hands_are_the_same() {
        assert_eq!(&*company("北京晟邦盛世物业管理有限责任公司"), "晟邦盛世");
        let same = |a: &str, b: &str| Company::of(a).is_same(&Company::of(b));
        assert!(same("北京晟邦盛世物业管理有限责任公司", "晟邦盛世物业"));
        assert!(same("晟邦盛世物业", "晟邦盛世第一物业") && same("花城物业", "华城物业"));
        assert!(!same("晟邦盛世物业", "盛世晟邦物业"));
        for text in ["崔各庄地区", "崔各庄乡", "崔各庄办事处", "崔各庄地区办事处", "崔各庄"] {
            assert_eq!(&*street(text), "崔各庄");
        }
    }
}
