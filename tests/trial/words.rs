//! Names, addresses and companies, and what hands do to them.

use crate::trial::chance::Chance;

pub const STREETS: [&str; 43] = [
    "建外街道",
    "朝外街道",
    "呼家楼街道",
    "三里屯街道",
    "左家庄街道",
    "香河园街道",
    "和平街街道",
    "安贞街道",
    "亚运村街道",
    "小关街道",
    "酒仙桥街道",
    "麦子店街道",
    "团结湖街道",
    "六里屯街道",
    "八里庄街道",
    "双井街道",
    "劲松街道",
    "潘家园街道",
    "垡头街道",
    "首都机场街道",
    "南磨房地区",
    "高碑店地区",
    "将台地区",
    "太阳宫地区",
    "大屯街道",
    "望京街道",
    "小红门地区",
    "十八里店地区",
    "平房地区",
    "东风地区",
    "奥运村街道",
    "来广营地区",
    "常营地区",
    "三间房地区",
    "管庄地区",
    "金盏地区",
    "孙河地区",
    "崔各庄地区",
    "东坝地区",
    "黑庄户地区",
    "豆各庄地区",
    "王四营地区",
    "东湖街道",
];

/// First and second halves of stems; those of a street are its own, as those of real places are.
const STEM_HEADS: [&str; 36] = [
    "安慧",
    "枣营",
    "农光",
    "华严",
    "柳芳",
    "利泽",
    "望湖",
    "康都",
    "红霞",
    "南皋",
    "坝河",
    "驼房营",
    "单店",
    "石佛营",
    "水碓子",
    "甜水园",
    "松榆",
    "武圣",
    "秀水",
    "永安",
    "北花园",
    "弘善",
    "芍药居",
    "胜古",
    "惠新",
    "樱花园",
    "定福庄",
    "双桥",
    "管城",
    "翠城",
    "金蝉",
    "老君堂",
    "沙板",
    "辛店",
    "顾家庄",
    "南湖",
];
const STEM_TAILS: [&str; 8] = ["", "东", "西", "南", "北", "新", "上", "下"];
const BRANDS: [&str; 22] = [
    "枫林", "海棠", "松石", "绿洲", "国风", "柏林", "清水", "鼎盛", "保泰", "佳兆", "罗曼", "万和", "苹果", "橡树",
    "长岛", "望泉", "汇景", "优山", "乐成", "鹏润", "华纺", "阳光",
];
const BRAND_TAILS: [&str; 10] = ["花园", "家园", "嘉园", "名苑", "公寓", "国际", "新城", "丽园", "华庭", "佳苑"];
const FACTORIES: [&str; 14] = [
    "电子管厂",
    "玻璃仪器厂",
    "汽车制造厂",
    "国棉一厂",
    "通用机械厂",
    "内燃机总厂",
    "纺织研究所",
    "住总二公司",
    "第一建筑公司",
    "印刷厂",
    "化工二厂",
    "木材厂",
    "热电厂",
    "齿轮厂",
];
const HOUSES: [&str; 3] = ["职工住宅", "家属院", "宿舍"];
const FIRMS: [&str; 24] = [
    "永成",
    "恒和",
    "首城",
    "佳悦",
    "天宜",
    "晟邦",
    "国安",
    "金隅瑞",
    "京诚",
    "中景",
    "瑞康",
    "盛世",
    "嘉信",
    "安泰",
    "银星",
    "宏泰",
    "鸿盛",
    "德信",
    "蓝岸",
    "万家",
    "和顺",
    "金辉",
    "安家",
    "诚智",
];
const FIRM_TAILS: [&str; 4] = ["物业管理有限公司", "物业服务有限公司", "物业管理有限责任公司", "物业服务集团有限公司"];
const NUMERALS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

pub fn numeral(n: usize) -> String {
    match n {
        0..=9 => NUMERALS[n].to_owned(),
        10 => "十".to_owned(),
        11..=19 => format!("十{}", NUMERALS[n - 10]),
        _ => format!("{}十{}", NUMERALS[n / 10], if n.is_multiple_of(10) { "" } else { NUMERALS[n % 10] }),
    }
}

/// Stems of a street.
pub fn stems(street: usize) -> Vec<String> {
    let head = |n: usize| STEM_HEADS[(street * 7 + n * 5) % STEM_HEADS.len()];
    let tail = STEM_TAILS[(street * 7 / STEM_HEADS.len() + street) % STEM_TAILS.len()];
    let mut stems: Vec<String> = (0..4).map(|n| format!("{tail}{}", head(n))).collect();
    stems.extend((4..7).map(|n| format!("{}{}", head(n), STEM_TAILS[1 + (street + n) % 7])));
    let own = STREETS[street];
    stems.push(own.trim_end_matches("街道").trim_end_matches("地区").to_owned());
    stems
}

/// Names of the areas of one compound, next to each other.
pub fn compound(street: usize, chance: &mut Chance) -> Vec<String> {
    let stems = stems(street);
    let stem = chance.pick(&stems).clone();
    let road = road(&stem, chance);
    match chance.below(10) {
        0 | 1 => (1..=2 + chance.below(6)).map(|n| format!("{stem}{}区", numeral(n))).collect(),
        2 => ["东", "西", "南", "北", "中"][..2 + chance.below(4)].iter().map(|d| format!("{stem}{d}里")).collect(),
        3 => {
            let name = brand(chance);
            (1..=2 + chance.below(2)).map(|n| format!("{name}{}期", numeral(n))).collect()
        }
        4 => {
            let name = brand(chance);
            ["A", "B", "C"][..2 + chance.below(2)].iter().map(|d| format!("{name}{d}区")).collect()
        }
        5 => {
            let first = 1 + chance.below(120);
            (0..1 + chance.below(4)).map(|n| format!("{road}{}号院", first + 2 * n)).collect()
        }
        6 => vec![format!(
            "{}{}{}",
            chance.pick(&FACTORIES),
            ["", "第二", "南", "北"][chance.below(4)],
            chance.pick(&HOUSES)
        )],
        7 => vec![format!("{stem}{}", chance.pick(&BRAND_TAILS))],
        8 => vec![format!("{stem}小区")],
        _ => vec![brand(chance)],
    }
}

pub fn road(stem: &str, chance: &mut Chance) -> String {
    let direction = ["", "东", "西", "南", "北"][chance.below(5)];
    format!("{stem}{direction}{}", if chance.is(0.5) { "路" } else { "街" })
}

pub fn company(chance: &mut Chance) -> String {
    format!("北京{}{}{}", chance.pick(&FIRMS), chance.pick(&FIRMS), chance.pick(&FIRM_TAILS))
}

pub fn brand(chance: &mut Chance) -> String {
    let second = if chance.is(0.5) { *chance.pick(&BRANDS) } else { "" };
    format!("{}{second}{}", chance.pick(&BRANDS), chance.pick(&BRAND_TAILS))
}

/// The company as another office writes it.
pub fn short_company(name: &str, chance: &mut Chance) -> String {
    let bare = name.trim_start_matches("北京");
    match chance.below(4) {
        0 => bare.to_owned(),
        1 => FIRM_TAILS
            .iter()
            .find_map(|tail| bare.strip_suffix(tail))
            .map_or(bare.to_owned(), |core| format!("{core}物业")),
        _ => name.to_owned(),
    }
}

const SOUNDS: [(&str, &str); 9] = [
    ("园", "苑"),
    ("里", "理"),
    ("家", "嘉"),
    ("花", "华"),
    ("红", "洪"),
    ("新", "欣"),
    ("安", "桉"),
    ("城", "成"),
    ("湖", "胡"),
];
const LOOKS: [(&str, &str); 6] = [("未", "末"), ("湖", "潮"), ("泽", "译"), ("官", "宫"), ("千", "干"), ("佳", "住")];
const OLD: [(&str, &str); 12] = [
    ("区", "區"),
    ("园", "園"),
    ("东", "東"),
    ("号", "號"),
    ("华", "華"),
    ("国", "國"),
    ("风", "風"),
    ("阳", "陽"),
    ("桥", "橋"),
    ("营", "營"),
    ("庄", "莊"),
    ("红", "紅"),
];

fn swap_one(text: &str, pairs: &[(&str, &str)], chance: &mut Chance) -> String {
    let start = chance.below(pairs.len());
    for n in 0..pairs.len() {
        let (from, to) = pairs[(start + n) % pairs.len()];
        if text.contains(from) {
            return text.replacen(from, to, 1);
        }
    }
    text.to_owned()
}

/// The name as another hand writes it; the meaning stays.
pub fn rewrite(name: &str, wild: f64, chance: &mut Chance) -> String {
    let mut text = name.to_owned();
    if chance.is(0.22 * wild) {
        for (n, numeral) in NUMERALS.iter().enumerate().skip(1) {
            for unit in ["区", "期"] {
                text = text.replace(&format!("{numeral}{unit}"), &format!("{n}{unit}"));
            }
        }
    }
    if chance.is(0.15 * wild) {
        text = OLD.iter().fold(text, |text, (from, to)| if chance.is(0.6) { text.replace(from, to) } else { text });
    }
    if chance.is(0.10 * wild) {
        text = text
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { char::from_u32(u32::from(c) + 0xFEE0).unwrap() } else { c })
            .collect();
    }
    if chance.is(0.07 * wild) {
        text = swap_one(&text, &SOUNDS, chance);
    } else if chance.is(0.03 * wild) {
        text = swap_one(&text, &LOOKS, chance);
    }
    if chance.is(0.12 * wild) && !text.ends_with("小区") {
        text.push_str("小区");
    } else if chance.is(0.08 * wild) {
        text.push_str("(住宅)");
    }
    if chance.is(0.06 * wild) {
        text = format!("{}{text}", ["北京市朝阳区", "朝阳区", "朝阳"][chance.below(3)]);
    }
    if chance.is(0.05 * wild) {
        let at = text.char_indices().nth(2).map_or(0, |(at, _)| at);
        text.insert(at, ' ');
    }
    text
}

/// The address as another hand writes it; `known` says how often the number is right.
pub fn readdress(address: &str, street: &str, wild: f64, chance: &mut Chance) -> String {
    let bare = address.trim_start_matches("朝阳区").trim_start_matches(street).to_owned();
    let mut text = bare.clone();
    if chance.is(0.08 * wild) {
        // Another gate or a slip of the pen.
        let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
        if let Ok(number) = digits.parse::<usize>() {
            text = bare.replace(&digits, &(number + 2 * (1 + chance.below(2))).to_string());
        }
    } else if chance.is(0.10 * wild) {
        let stem: String = bare.chars().take_while(|c| !"路街东西南北".contains(*c)).collect();
        text = format!("{stem}{}{}号", ["中路", "环路", "后街", "二条"][chance.below(4)], 1 + chance.below(200));
    }
    if chance.is(0.2 * wild) {
        text.push_str(["院", "院内", "南门", "1号楼", "3号楼2单元"][chance.below(5)]);
    }
    match chance.below(5) {
        0 => text,
        1 => format!("朝阳区{text}"),
        2 => format!("北京市朝阳区{text}"),
        3 => format!("北京市朝阳区{street}{text}"),
        _ => format!("朝阳区{street}{text}"),
    }
}

/// A further name of the kind that offices use.
pub fn alias(name: &str, address: &str, street: usize, chance: &mut Chance) -> String {
    let stems = stems(street);
    match chance.below(4) {
        0 if address.contains('号') => {
            let bare = address.trim_start_matches("朝阳区").trim_start_matches(STREETS[street]);
            format!("{}院", bare.trim_end_matches('院'))
        }
        1 => format!("{}{}社区", chance.pick(&stems), ["东", "西", "南", "北"][chance.below(4)]),
        2 if name.ends_with('区') && !name.ends_with("小区") || name.ends_with('期') => {
            let stem: String = name.chars().take(name.chars().count() - 2).collect();
            let rest: String = name.chars().skip(name.chars().count() - 2).collect();
            format!("{stem}住宅第{}", rest.replace('期', "区"))
        }
        _ => {
            let stem: String = name.chars().take(name.chars().count().saturating_sub(2).max(2)).collect();
            format!("{stem}新村{}", name.chars().skip(stem.chars().count()).collect::<String>())
        }
    }
}
