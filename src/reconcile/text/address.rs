//! Addresses: a road and a number on it.

use crate::reconcile::text::fold::fold;
use crate::reconcile::text::name::hash;

/// What ends the name of a road.
const ROADS: [char; 9] = ['路', '街', '条', '巷', '道', '里', '园', '苑', '村'];

/// What ends the name of a street of the district in front of an address.
const STREETS: [&str; 5] = ["街道办事处", "地区办事处", "办事处", "街道", "地区"];

/// A road and the number on it, 0 when there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    /// The road by its sound, so that a slip of the pen is forgiven.
    pub(crate) road: u64,
    /// What roads of one place have in common.
    base: u64,
    pub(crate) number: u32,
}

/// How two addresses are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressLevel {
    /// One has none.
    Unknown,
    /// Different roads.
    Differs,
    /// Roads of one place: their names differ by a direction, or by being a road, a street or a lane.
    RelatedRoad,
    /// The same road, numbers that differ by more than a few.
    OtherNumber,
    /// The same road, numbers a few apart.
    NearNumber,
    /// The same road, a number on one side only or on none.
    SameRoad,
    /// The same road and number.
    Same,
}

impl Address {
    /// The address, or `None` when the text has no road.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let folded = fold(text);
        let mut rest = folded.as_str();
        for prefix in ["北京市", "北京", "朝阳区", "朝阳"] {
            if let Some(shorter) = rest.strip_prefix(prefix).filter(|shorter| !begins_like_a_road(shorter)) {
                rest = shorter;
            }
        }
        for word in STREETS {
            if let Some(at) = rest.find(word).filter(|at| (3..=18).contains(at)) {
                rest = &rest[at + word.len()..];
                break;
            }
        }
        Self::of(rest)
    }

    /// The address that a name of the kind 柳芳路13号院 is.
    pub(crate) fn of_name(key: &str) -> Option<Self> {
        if !key.contains('号') {
            return None;
        }
        Self::of(key).filter(|address| address.number > 0)
    }

    fn of(text: &str) -> Option<Self> {
        let digits_at = text.find(|c: char| c.is_ascii_digit() && !text.starts_with(c));
        let (road, number) = match digits_at {
            Some(at) => {
                let digits: String = text[at..].chars().take_while(char::is_ascii_digit).collect();
                let after = text[at + digits.len()..].chars().next();
                // 10里堡路 and 3条: numbers that belong to the road.
                if after.is_some_and(|c| ROADS.contains(&c)) {
                    let cut = at + digits.len() + after.map_or(0, char::len_utf8);
                    let digits: String = text[cut..].chars().take_while(char::is_ascii_digit).collect();
                    (&text[..cut], digits.parse().unwrap_or(0))
                } else {
                    (&text[..at], digits.parse().unwrap_or(0))
                }
            }
            None => (text, 0),
        };
        let end = road.char_indices().rev().find(|(_, c)| ROADS.contains(c)).map(|(at, c)| at + c.len_utf8());
        let road = match end {
            Some(end) => &road[..end],
            None if number > 0 && road.chars().count() >= 2 => road,
            None => return None,
        };
        let base = base(road);
        (road.chars().count() >= 2).then(|| Self {
            road: hash(&crate::search::sort_key(road)),
            base: hash(&crate::search::sort_key(base)),
            number,
        })
    }

    pub(crate) fn level(&self, other: &Self) -> AddressLevel {
        if self.road != other.road {
            return if self.base == other.base { AddressLevel::RelatedRoad } else { AddressLevel::Differs };
        }
        match (self.number, other.number) {
            (0, _) | (_, 0) => AddressLevel::SameRoad,
            (a, b) if a == b => AddressLevel::Same,
            (a, b) if a.abs_diff(b) <= 6 => AddressLevel::NearNumber,
            _ => AddressLevel::OtherNumber,
        }
    }
}

/// What the roads of one place have in common: 柳芳 of 柳芳路, 柳芳东街, 柳芳环路 and 柳芳2条. The road itself where nothing that
/// could be a name would be left.
fn base(road: &str) -> &str {
    let kind = road.trim_end_matches(['路', '街', '条', '巷', '道']);
    let plain = kind.trim_end_matches(|c: char| c.is_ascii_digit());
    let plain = plain.strip_suffix(['东', '南', '西', '北', '中', '环', '后', '前']).unwrap_or(plain);
    [plain, kind].into_iter().find(|base| base.chars().count() >= 2).unwrap_or(road)
}

fn begins_like_a_road(text: &str) -> bool {
    text.chars().next().is_none_or(|c| ROADS.contains(&c) || c.is_ascii_digit())
        || ["新城", "公园", "门", "北路", "南路", "东路", "西路"].iter().any(|word| text.starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(a: &str, b: &str) -> AddressLevel {
        Address::parse(a).unwrap().level(&Address::parse(b).unwrap())
    }

    #[test]
    fn addresses_by_other_hands_are_the_same() {
        for (a, b) in [
            ("朝阳区崔各庄地区马泉营西路166号", "朝阳区崔各庄地区马泉营西路１６６号"),
            ("朝阳区酒仙桥街道驼房营东路5号", "驼房营东路5号3号楼2单元"),
            ("朝阳区东坝地区朝阳新城街194号", "北京市朝阳区东坝地区朝阳新城街194号院"),
            ("朝阳区东坝地区朝阳新城街125号", "朝阳区朝阳新城街125号南门"),
            ("朝阳区酒仙桥街道驼房营街186号", "朝陽區酒仙橋街道驼房营街186号"),
            ("朝阳区崔各庄地区南皋街157号", "北京朝阳南皋街157号1号楼"),
        ] {
            assert_eq!(level(a, b), AddressLevel::Same, "{a} {b}");
        }
    }

    #[test]
    fn levels_go_from_the_number_to_another_road() {
        assert_eq!(level("坝河南路25号", "坝河南路院内"), AddressLevel::SameRoad);
        assert_eq!(level("坝河南路25号", "坝河南路27号"), AddressLevel::NearNumber);
        assert_eq!(level("坝河南路25号", "坝河南路125号"), AddressLevel::OtherNumber);
        assert_eq!(level("坝河南路25号", "坝河中路38"), AddressLevel::RelatedRoad);
        assert_eq!(level("何各庄西路190号", "何各庄二条197"), AddressLevel::RelatedRoad);
        assert_eq!(level("崔各庄街79号", "崔各庄环路169号"), AddressLevel::RelatedRoad);
        assert_eq!(level("坝河南路25号", "红霞街25号"), AddressLevel::Differs);
    }

    #[test]
    fn a_name_may_be_an_address() {
        let name = Address::of_name("柳芳路13号院").unwrap();
        assert_eq!(name.level(&Address::parse("朝阳区香河园街道柳芳路13号").unwrap()), AddressLevel::Same);
        assert!(Address::of_name("柳芳家园").is_none() && Address::parse("").is_none());
    }
}
