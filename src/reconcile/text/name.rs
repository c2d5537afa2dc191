//! Names of areas: what they are called, and which part of a compound they mean.

use std::sync::LazyLock;

use crate::reconcile::text::fold::{AND, TO, fold_list};
use crate::reconcile::text::looks;
use crate::search::sort_key;

/// Beginnings that say nothing about an area of this district.
const PREFIXES: [&str; 5] = ["北京市朝阳区", "北京朝阳区", "北京市", "北京朝阳", "朝阳区"];

/// The district's own name, which also begins names such as 朝阳新城.
const DISTRICT: &str = "朝阳";

/// Endings that say nothing.
const SUFFIXES: [&str; 5] = ["居住小区", "住宅小区", "小区", "住宅区", "居住区"];

/// Words of places that are no residential area.
const OTHER_USES: [&str; 26] = [
    "幼儿园",
    "小学",
    "中学",
    "学校",
    "学院",
    "医院",
    "卫生院",
    "商业楼",
    "商场",
    "商城",
    "超市",
    "市场",
    "写字楼",
    "办公楼",
    "酒店",
    "宾馆",
    "饭店",
    "配套楼",
    "停车场",
    "停车楼",
    "加油站",
    "派出所",
    "居委会",
    "公园",
    "变电站",
    "底商",
];

static OTHER_USE_PAIRS: LazyLock<[u64; OTHER_USES.len()]> = LazyLock::new(|| OTHER_USES.map(pair_bits));

/// Which part of a compound: the unit (区, 期, 院, 里, …; `?` when it is not said) and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) unit: char,
    pub(crate) value: u32,
}

/// A name taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Name {
    /// The whole, folded, without what says nothing.
    pub(crate) key: Box<str>,
    /// Bytes of the key that are the stem.
    pub(crate) stem: usize,
    /// Parts of the compound, the outermost first.
    pub(crate) marks: Box<[Mark]>,
    /// Numbers of the innermost unit when the name stands for several, as 一至三区.
    pub(crate) members: Box<[u32]>,
    key_sound: u64,
    stem_sound: u64,
    /// A bit for each pair of neighbouring characters of the stem.
    pairs: u64,
    /// Whether it is the name of a place where nobody lives.
    pub(crate) other_use: bool,
}

/// How two names are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameLevel {
    /// Nothing in common, or one has no name.
    Different,
    /// The same compound, another part of it.
    Sibling,
    /// Some characters in common.
    Weak,
    /// One character differs.
    OneOff,
    /// One says more than the other: 驼房营新村四区 and 驼房营四区.
    More,
    /// The name of one is the address of the other.
    ByAddress,
    /// Other characters of the same sound or look.
    SameSound,
    /// The same as a further name on file.
    Alias,
    /// The same.
    Same,
}

impl Name {
    /// The name, or `None` when nothing is left of it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::of_folded(strip_prefix(&fold_list(text)))
    }

    /// The name without the district's own in front, for names where that may be a prefix.
    pub(crate) fn parse_shorter(text: &str) -> Option<Self> {
        let folded = fold_list(text);
        let rest = strip_prefix(&folded).strip_prefix(DISTRICT)?;
        (rest.chars().count() >= 3).then(|| Self::of_folded(rest)).flatten()
    }

    fn of_folded(folded: &str) -> Option<Self> {
        let (text, members) = take_members(folded);
        let mut key: String = text.chars().filter(|c| *c != TO && *c != AND).collect();
        key = key.replace("第", "");
        for suffix in SUFFIXES {
            if let Some(rest) = key.strip_suffix(suffix).filter(|rest| rest.chars().count() >= 2) {
                key = rest.to_owned();
                break;
            }
        }
        if key.is_empty() {
            return None;
        }
        let (stem, marks) = take_marks(&key);
        let stem_text = trim_stem(&key[..stem]);
        let key_pairs = pair_bits(&key);
        let other_use =
            OTHER_USE_PAIRS.iter().zip(OTHER_USES).any(|(pairs, word)| pairs & !key_pairs == 0 && key.contains(word));
        Some(Self {
            key_sound: sound(&key),
            stem_sound: sound(stem_text),
            pairs: pair_bits(stem_text),
            stem: stem_text.len(),
            marks: marks.into(),
            members: members.into(),
            other_use,
            key: key.into(),
        })
    }

    pub(crate) fn stem(&self) -> &str {
        &self.key[..self.stem]
    }

    /// How this name and another are alike; aliases and addresses are for the caller to know.
    pub(crate) fn level(&self, other: &Self) -> NameLevel {
        if self.key_sound == other.key_sound && self.key == other.key {
            return NameLevel::Same;
        }
        if !self.members.is_empty() || !other.members.is_empty() {
            return self.range_level(other);
        }
        if self.key_sound == other.key_sound {
            return NameLevel::SameSound;
        }
        if self.stem_sound == other.stem_sound || looks::alike(self.stem(), other.stem()) {
            return marks_level(&self.marks, &other.marks);
        }
        let same_marks = same_values(&self.marks, &other.marks);
        let (short, long) = if self.stem < other.stem { (self, other) } else { (other, self) };
        // A stem of two characters has a pair, and a longer one that contains it has the same.
        let whole = || short.pairs != 0 && short.pairs & !long.pairs == 0 && long.stem().contains(short.stem());
        if same_marks && whole() {
            return NameLevel::More;
        }
        if same_marks && one_edit(self.stem(), other.stem()) {
            return NameLevel::OneOff;
        }
        if self.shares_pairs(other) { NameLevel::Weak } else { NameLevel::Different }
    }

    fn shares_pairs(&self, other: &Self) -> bool {
        self.pairs & other.pairs != 0 && shared_bigrams(self.stem(), other.stem())
    }

    /// A name for several areas against the name of one.
    fn range_level(&self, other: &Self) -> NameLevel {
        let (range, one) = if self.members.is_empty() { (other, self) } else { (self, other) };
        let same_stem = range.stem_sound == one.stem_sound;
        match (same_stem, range.covers(one)) {
            (true, true) => NameLevel::More,
            (true, false) => NameLevel::Sibling,
            _ if self.shares_pairs(other) => NameLevel::Weak,
            _ => NameLevel::Different,
        }
    }

    /// Whether this name stands for several areas and the other is one of them.
    pub(crate) fn covers(&self, one: &Self) -> bool {
        let innermost = one.marks.last();
        (self.stem_sound == one.stem_sound || looks::alike(self.stem(), one.stem()))
            && one.members.is_empty()
            && self.marks.last().zip(innermost).is_some_and(|(ours, theirs)| {
                (ours.unit == theirs.unit || ours.unit == '?' || theirs.unit == '?')
                    && self.members.contains(&theirs.value)
            })
    }

    /// Whether the names are those of a whole and of a part of it: 南平东里 and 南平东里甲院.
    pub(crate) fn is_part_or_whole(&self, other: &Self) -> bool {
        let stems = self.stem_sound == other.stem_sound;
        stems && self.marks.len() != other.marks.len() || self.members.is_empty() != other.members.is_empty()
    }

    /// What all parts of the compound share.
    pub(crate) fn stem_hash(&self) -> u64 {
        self.stem_sound
    }

    /// What names of the same sound share.
    pub(crate) fn key_hash(&self) -> u64 {
        self.key_sound
    }
}

fn strip_prefix(folded: &str) -> &str {
    let rest = PREFIXES.iter().find_map(|prefix| folded.strip_prefix(prefix)).unwrap_or(folded);
    if rest.chars().count() >= 2 { rest } else { folded }
}

/// 东泽园2-4区 to 东泽园2区 and the numbers 2, 3 and 4.
fn take_members(folded: &str) -> (String, Vec<u32>) {
    let Some(mark) = folded.find([TO, AND]) else { return (folded.to_owned(), Vec::new()) };
    let chars: Vec<char> = folded.chars().collect();
    let at = folded[..mark].chars().count();
    let mut from = at;
    // A unit may stand on both sides: 1区-3区.
    if from > 0 && is_unit(chars[from - 1]) {
        from -= 1;
    }
    let mut begin = from;
    while begin > 0 && chars[begin - 1].is_ascii_digit() {
        begin -= 1;
    }
    let mut end = at;
    while end < chars.len()
        && (chars[end].is_ascii_digit()
            || matches!(chars[end], TO | AND)
            || (is_unit(chars[end]) && chars.get(end + 1).is_some_and(|c| matches!(*c, TO | AND))))
    {
        end += 1;
    }
    let counted: String = chars[begin..end].iter().filter(|c| !is_unit(**c)).collect();
    let mut members = Vec::new();
    for part in counted.split(AND) {
        let mut bounds = part.split(TO).map(str::parse::<u32>);
        match (bounds.next(), bounds.next()) {
            (Some(Ok(one)), None) => members.push(one),
            (Some(Ok(first)), Some(Ok(last))) if first < last && last - first < 30 => members.extend(first..=last),
            _ => return (folded.to_owned(), Vec::new()),
        }
    }
    members.sort_unstable();
    members.dedup();
    if members.len() < 2 || !chars.get(end).is_some_and(|c| is_unit(*c)) {
        return (folded.to_owned(), Vec::new());
    }
    let stem: String = chars[..begin].iter().collect();
    let rest: String = chars[end..].iter().collect();
    (format!("{stem}{}{rest}", members[0]), members)
}

fn is_unit(c: char) -> bool {
    matches!(c, '区' | '期' | '院' | '里' | '座' | '园' | '苑' | '村' | '号' | '段')
}

/// Where the stem ends, and the marks after it, the outermost first.
fn take_marks(key: &str) -> (usize, Vec<Mark>) {
    let chars: Vec<(usize, char)> = key.char_indices().collect();
    let mut end = chars.len();
    let mut marks = Vec::new();
    while end > 0 {
        let (unit_from, unit) = unit_before(&chars, end);
        let Some((from, value)) = value_before(&chars, unit_from) else { break };
        if unit == '?' && (value >= 2000 || !marks.is_empty()) || from == 0 {
            break;
        }
        marks.push(Mark { unit, value });
        end = from;
    }
    marks.reverse();
    (chars.get(end).map_or(key.len(), |(at, _)| *at), marks)
}

/// Where the unit that ends at `end` begins, and which it is; `?` without one.
fn unit_before(chars: &[(usize, char)], end: usize) -> (usize, char) {
    let at = |back: usize| end.checked_sub(back).map(|at| chars[at].1);
    match (at(2), at(1)) {
        (Some('号'), Some('院')) => (end - 2, '号'),
        (Some('社'), Some('区')) => (end - 2, '里'),
        (Some('组'), Some('团')) => (end - 2, '组'),
        (_, Some('号')) => (end - 1, '号'),
        (_, Some(c)) if is_unit(c) => (end - 1, c),
        _ => (end, '?'),
    }
}

/// The number, letter or direction that ends at `end`: where it begins, and its value.
fn value_before(chars: &[(usize, char)], end: usize) -> Option<(usize, u32)> {
    let c = chars.get(end.checked_sub(1)?)?.1;
    if c.is_ascii_digit() {
        let mut from = end - 1;
        while from > 0 && chars[from - 1].1.is_ascii_digit() {
            from -= 1;
        }
        let digits: String = chars[from..end].iter().map(|(_, c)| c).collect();
        return Some((from, digits.parse::<u32>().ok().filter(|n| *n < 1000).unwrap_or(999)));
    }
    if c.is_ascii_lowercase() {
        let alone = end < 2 || !chars[end - 2].1.is_ascii_alphanumeric();
        return alone.then_some((end - 1, 1000 + u32::from(c) - u32::from('a')));
    }
    let place = |list: &str| list.chars().position(|known| known == c);
    if let Some(at) = place("东南西北中") {
        return Some((end - 1, 2000 + at as u32));
    }
    place("甲乙丙丁戊").map(|at| (end - 1, 3000 + at as u32))
}

/// The stem without a 住宅, 社区 or 职工住宅 at its end.
fn trim_stem(stem: &str) -> &str {
    let trimmed = ["住宅", "社区", "小区"].iter().find_map(|word| stem.strip_suffix(word));
    trimmed.filter(|rest| rest.chars().count() >= 2).unwrap_or(stem)
}

/// Of two names of one stem.
fn marks_level(ours: &[Mark], theirs: &[Mark]) -> NameLevel {
    if same_values(ours, theirs) {
        return NameLevel::More;
    }
    let (few, many) = if ours.len() <= theirs.len() { (ours, theirs) } else { (theirs, ours) };
    let within = few.iter().all(|mark| many.iter().any(|other| agree(mark, other)));
    if within { NameLevel::More } else { NameLevel::Sibling }
}

fn agree(a: &Mark, b: &Mark) -> bool {
    let unit = |mark: &Mark| match mark.unit {
        '苑' => '园',
        '期' | '?' | '组' => '区',
        unit => unit,
    };
    a.value == b.value && unit(a) == unit(b)
}

fn same_values(ours: &[Mark], theirs: &[Mark]) -> bool {
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| agree(a, b))
}

fn sound(text: &str) -> u64 {
    hash(&sort_key(text))
}

/// FNV-1a, the same on every machine.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Whether one character was changed, added or left out.
pub(crate) fn one_edit(a: &str, b: &str) -> bool {
    let (count_a, count_b) = (a.chars().count(), b.chars().count());
    if count_a.min(count_b) < 2 || count_a.abs_diff(count_b) > 1 {
        return false;
    }
    let same = looks::common_beginning(a, b);
    let (short, long) = if count_a <= count_b { (&a[same..], &b[same..]) } else { (&b[same..], &a[same..]) };
    let without_first = |text: &str| text.chars().next().map(char::len_utf8);
    let Some(first) = without_first(long) else { return false };
    let skip = if count_a == count_b { without_first(short).unwrap_or(0) } else { 0 };
    short[skip..] == long[first..]
}

/// Pairs of neighbouring characters.
pub(crate) fn bigrams(text: &str) -> impl Iterator<Item = (char, char)> + '_ {
    text.chars().zip(text.chars().skip(1))
}

/// A bit for each of them: a text that contains another has all of its bits.
pub(crate) fn pair_bits(text: &str) -> u64 {
    let bit = |(a, b): (char, char)| {
        let mixed = (u64::from(u32::from(a)) << 21 | u64::from(u32::from(b))).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        1 << (mixed >> 58)
    };
    bigrams(text).fold(0, |bits, pair| bits | bit(pair))
}

fn shared_bigrams(a: &str, b: &str) -> bool {
    let shared = bigrams(a).filter(|gram| bigrams(b).any(|other| other == *gram)).count();
    let count = |text: &str| text.chars().count().saturating_sub(1);
    shared > 0 && shared * 2 >= count(a).min(count(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(a: &str, b: &str) -> NameLevel {
        let (a, b) = (Name::parse(a).unwrap(), Name::parse(b).unwrap());
        assert_eq!(a.level(&b), b.level(&a), "{} {}", a.key, b.key);
        a.level(&b)
    }

    #[test]
    fn names_by_other_hands_are_the_same() {
        for (a, b) in [
            ("驼房营一区", "驼房营1區小区"),
            ("驼房营三区", "北京市朝阳区驼房 营三区"),
            ("望湖里34号院", "望湖里34号院(住宅)"),
            ("国风公寓B区", "國風公寓Ｂ區"),
        ] {
            assert_eq!(level(a, b), NameLevel::Same, "{a} {b}");
        }
        assert_eq!(level("朝阳新城西里", "朝陽新城西理"), NameLevel::SameSound);
        assert_eq!(level("北辰花园", "北辰华园"), NameLevel::SameSound);
    }

    #[test]
    fn parts_of_a_compound_are_siblings() {
        for (a, b) in [("单店三区", "单店四区"), ("驼房营南里", "驼房营北里"), ("国风公寓A区", "国风公寓B区")]
        {
            assert_eq!(level(a, b), NameLevel::Sibling, "{a} {b}");
        }
    }

    #[test]
    fn a_name_that_says_more_is_told_from_another_part() {
        for (a, b) in [
            ("保泰佳苑一期", "保泰佳苑住宅第一区"),
            ("驼房营四区", "驼房营新村四區"),
            ("坝河四区", "坝河南社区四区"),
            ("望湖里34号院", "望湖里34号院1期"),
            ("大成公寓A区", "大成公寓住宅A"),
            ("西平街二区", "西平街小区"),
        ] {
            assert_eq!(level(a, b), NameLevel::More, "{a} {b}");
        }
    }

    #[test]
    fn a_name_for_several_areas_covers_each_of_them() {
        for text in ["东泽园二至四区", "东泽园2-4区", "东泽园二区、三区、四区", "东泽园二、三、四区"]
        {
            let range = Name::parse(text).unwrap();
            assert_eq!(&*range.members, [2, 3, 4], "{text}");
            assert!(range.covers(&Name::parse("东泽园三区").unwrap()));
            assert!(!range.covers(&Name::parse("东泽园五区").unwrap()));
            assert!(!range.covers(&Name::parse("东泽园").unwrap()));
        }
    }

    #[test]
    fn one_edit_is_one_character() {
        assert!(one_edit("枫林花园", "枫林家园") && one_edit("枫林花园", "枫林花") && one_edit("abc", "abxc"));
        assert!(!one_edit("枫林花园", "枫林花园") && !one_edit("枫林花园", "海棠花园"));
    }

    #[test]
    fn the_districts_own_name_may_be_a_prefix() {
        assert_eq!(&*Name::parse_shorter("朝阳红霞南社区").unwrap().key, "红霞南社区");
        assert!(Name::parse_shorter("朝阳里").is_none() && Name::parse_shorter("红霞里").is_none());
    }
}
