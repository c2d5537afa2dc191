//! Names and addresses, grown from the names of the communities. All are invented and end in `(演示)`.

use std::collections::HashSet;

use crate::demo::base::CommunityBase;
use crate::demo::draw::Draw;

/// Ends the name of every demonstration area and manager.
pub const DEMO_SUFFIX: &str = "(演示)";

/// What an area is called and where it is.
#[derive(Debug, Clone)]
pub struct Naming {
    /// Official name.
    pub name: String,
    /// What people call it.
    pub common: Vec<String>,
    /// What it was called before.
    pub former: Vec<String>,
    /// Address.
    pub address: String,
}

/// Stem of a community as it stands in names: without the list's additions, 第一 written 一区.
pub fn stem(community: &CommunityBase) -> String {
    let text = community.stem.trim_end_matches("社区居民").trim_end_matches("治理委员会").trim_end_matches("大队");
    let mut text = text.to_owned();
    let last = text.chars().last();
    if let Some(number) = last.filter(|c| "一二三四五六".contains(*c)) {
        text.pop();
        text = text.trim_end_matches('第').to_owned();
        text.push(number);
        text.push('区');
    }
    if community.village && !text.ends_with('村') {
        text.push('村');
    }
    text
}

/// Names the `serial`-th area of a community. `taken` keeps all official names of the district apart.
pub fn naming(community: &CommunityBase, serial: usize, taken: &mut HashSet<String>, draw: &mut Draw) -> Naming {
    let stem = stem(community);
    let first = first(&stem);
    let plain =
        if serial == 0 && taken.insert(first.clone()) { first } else { variation(&stem, community, taken, draw) };
    let root = root(&stem);
    let road = if root.ends_with(['路', '街']) { root.clone() } else { format!("{root}{}", draw.pick(&ROADS)) };
    let number = 1 + draw.below(118);
    Naming {
        common: common(&plain, &stem, &root, number, draw),
        former: if draw.chance(6) { vec![format!("{root}{}", draw.pick(&FORMER))] } else { vec![] },
        address: format!("北京市朝阳区{road}{number}号"),
        name: format!("{plain}{DEMO_SUFFIX}"),
    }
}

/// The name of a community's first area: its own, unless that would be the name of a road or is too short for an estate.
fn first(stem: &str) -> String {
    let bare = stem.chars().count() <= 2 && !stem.ends_with(['里', '园', '苑', '庄', '村', '城', '湾']);
    if bare || stem.ends_with(['路', '街']) { format!("{stem}小区") } else { stem.to_owned() }
}

const ROADS: [&str; 12] = ["路", "街", "东路", "西路", "南路", "北路", "中路", "东街", "西街", "南街", "北街", "一街"];
const FORMER: [&str; 6] = ["职工宿舍", "家属院", "平房区", "工房", "新村", "单身宿舍"];
const DIVISIONS: [&str; 11] = ["一区", "二区", "三区", "四区", "东区", "西区", "南区", "北区", "中区", "甲区", "乙区"];
const ESTATES: [&str; 14] =
    ["家园", "嘉园", "花园", "小区", "馨苑", "雅苑", "佳苑", "新苑", "和园", "景园", "翠庭", "公寓", "名苑", "怡园"];
const DIRECTIONS: [&str; 5] = ["东里", "西里", "南里", "北里", "中里"];
const PHASES: [&str; 7] = ["一期", "二期", "三期", "东区", "西区", "南区", "北区"];

/// A name that nobody has yet, in the manner in which estates of that kind of place are named.
fn variation(stem: &str, community: &CommunityBase, taken: &mut HashSet<String>, draw: &mut Draw) -> String {
    let root = root(stem);
    loop {
        let kind = draw.below(10);
        let candidate = if community.village {
            match kind {
                0..=4 => format!("{root}{}", draw.pick(&ESTATES)),
                5 | 6 => format!("{root}新村{}", draw.pick(&DIVISIONS)),
                7 => format!("{stem}{}", draw.pick(&["东区", "西区", "南区", "北区"])),
                _ => format!("{root}{}{}", draw.pick(&ESTATES), draw.pick(&PHASES)),
            }
        } else if stem.ends_with('里') {
            match kind {
                0..=3 => format!("{stem}{}", draw.pick(&DIVISIONS)),
                4 | 5 => courtyard(stem, draw),
                6 => format!("{stem}小区"),
                7 => format!("{root}{}", draw.pick(&DIRECTIONS)),
                _ => format!("{root}{}", draw.pick(&ESTATES)),
            }
        } else if stem.ends_with(['园', '苑', '城', '湾', '庄', '邸', '墅']) {
            match kind {
                0..=4 => format!("{stem}{}", draw.pick(&PHASES)),
                5 | 6 => courtyard(stem, draw),
                7 => format!("{stem}{}", draw.pick(&DIVISIONS)),
                _ => format!("{root}{}", draw.pick(&ESTATES)),
            }
        } else if stem.ends_with("号院") {
            match kind {
                0..=5 => format!("{stem}{}", draw.pick(&["东区", "西区", "南区", "北区", "中区"])),
                _ => format!("{root}{}", draw.pick(&ESTATES)),
            }
        } else if stem.ends_with('区') {
            match kind {
                0..=3 => courtyard(stem, draw),
                4 | 5 => format!("{root}{}", draw.pick(&DIRECTIONS)),
                _ => format!("{root}{}", draw.pick(&ESTATES)),
            }
        } else {
            match kind {
                0..=2 => format!("{stem}{}", draw.pick(&DIRECTIONS)),
                3..=5 => courtyard(stem, draw),
                6 => format!("{stem}{}", draw.pick(&DIVISIONS)),
                _ => format!("{root}{}", draw.pick(&ESTATES)),
            }
        };
        if taken.insert(candidate.clone()) {
            return candidate;
        }
    }
}

fn courtyard(stem: &str, draw: &mut Draw) -> String {
    let prefix = if draw.chance(15) { "甲" } else { "" };
    format!("{stem}{prefix}{}号院", 1 + draw.below(48))
}

/// The stem without its last distinguishing part, as roads are named: 枣营北里 gives 枣营.
fn root(stem: &str) -> String {
    let mut root: Vec<char> = stem.chars().collect();
    if root.ends_with(&['号', '院']) && root.len() > 4 {
        root.truncate(root.len() - 3);
    }
    if root.len() > 3 && root.ends_with(&['区']) {
        root.truncate(root.len() - 2);
    }
    without_direction(&mut root);
    for ending in ["家园", "嘉园", "花园", "里", "村", "园", "苑"] {
        let ending: Vec<char> = ending.chars().collect();
        if root.len() >= ending.len() + 2 && root.ends_with(&ending) {
            root.truncate(root.len() - ending.len());
            break;
        }
    }
    without_direction(&mut root);
    root.into_iter().collect()
}

fn without_direction(root: &mut Vec<char>) {
    if root.len() > 2 && root.last().is_some_and(|last| "东西南北中".contains(*last)) {
        root.pop();
    }
}

/// Everyday names: shorter, with the house number, with an Arabic numeral; about half of the areas have one.
fn common(plain: &str, stem: &str, root: &str, number: usize, draw: &mut Draw) -> Vec<String> {
    let mut found = Vec::new();
    for chance in [46, 10] {
        if !draw.chance(chance) {
            break;
        }
        let candidate = match draw.below(6) {
            0 => format!("{root}{number}号院"),
            1 => format!("{root}小区"),
            2 => numeral(plain).unwrap_or_else(|| format!("{root}大院")),
            3 if plain.contains(['里']) && stem.chars().count() == 4 => stem.chars().take(3).collect(),
            3 => format!("{root}院"),
            4 => format!("{root}{number}号"),
            _ => plain.strip_suffix('院').unwrap_or(root).to_owned(),
        };
        if candidate != plain && !found.contains(&candidate) {
            found.push(candidate);
        }
    }
    found
}

/// The same with Arabic numerals, where there is a numeral before 区 or 期.
fn numeral(plain: &str) -> Option<String> {
    let (at, digit) = ["一", "二", "三", "四"].iter().zip(1..).find_map(|(numeral, digit)| {
        let at = plain.rfind(numeral)?;
        (plain[at + numeral.len()..].starts_with(['区', '期'])).then_some((at, digit))
    })?;
    Some(format!("{}{digit}{}", &plain[..at], &plain[at + "一".len()..]))
}

/// Groups of buildings inside a few areas of four buildings or more.
pub fn building_groups(buildings: Option<i64>, draw: &mut Draw) -> Vec<String> {
    let Some(buildings) = buildings.filter(|n| *n >= 4 && draw.chance(9)) else { return Vec::new() };
    match draw.below(4) {
        0 => vec!["东院".to_owned(), "西院".to_owned()],
        1 => vec!["塔楼".to_owned(), "板楼".to_owned()],
        _ => {
            let half = buildings / 2;
            vec![format!("1-{half}号楼"), format!("{}-{buildings}号楼", half + 1)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::draw::Purpose;

    fn community(stem: &str, village: bool) -> CommunityBase {
        CommunityBase { code: String::new(), name: String::new(), stem: stem.to_owned(), village }
    }

    #[test]
    fn stems_lose_what_the_list_added() {
        for (text, village, expected) in [
            ("枣营北里", false, "枣营北里"),
            ("慧忠里第一", false, "慧忠里一区"),
            ("芍药居五社区居民", false, "芍药居五区"),
            ("北京像素北区治理委员会", false, "北京像素北区"),
            ("官庄大队", true, "官庄村"),
            ("焦庄村", true, "焦庄村"),
        ] {
            assert_eq!(stem(&community(text, village)), expected);
        }
    }

    #[test]
    fn the_first_area_bears_the_name_of_its_community() {
        let (mut taken, mut draw) = (HashSet::new(), Draw::new(1, 1, Purpose::Names));
        let place = community("枣营北里", false);
        let names: Vec<Naming> = (0..40).map(|serial| naming(&place, serial, &mut taken, &mut draw)).collect();
        assert_eq!(names[0].name, "枣营北里(演示)");
        assert_eq!(names.iter().map(|n| n.name.as_str()).collect::<HashSet<_>>().len(), 40);
        assert!(names.iter().all(|n| n.name.ends_with(DEMO_SUFFIX) && n.address.starts_with("北京市朝阳区枣营")));
    }

    #[test]
    fn roads_are_named_after_the_root() {
        for (stem, expected) in
            [("枣营北里", "枣营"), ("北苑一号院", "北苑"), ("望京西园二区", "望京"), ("甘露园", "甘露")]
        {
            assert_eq!(root(stem), expected);
        }
    }

    #[test]
    fn numerals_are_written_both_ways() {
        assert_eq!(numeral("安慧里二区").as_deref(), Some("安慧里2区"));
        assert_eq!(numeral("安慧里"), None);
    }
}
