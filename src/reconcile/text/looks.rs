//! Characters that are easily taken for one another.

/// Groups of characters of a similar look that names of places use.
const GROUPS: [&str; 58] = [
    "未末",
    "土士",
    "己已巳",
    "日曰",
    "大太犬",
    "人入",
    "千干于",
    "天夭",
    "午牛",
    "鸟乌",
    "见贝",
    "田由甲申",
    "东乐",
    "北比",
    "西酉",
    "苑宛",
    "佳住往隹",
    "晴睛清",
    "湖潮",
    "泽译择",
    "华毕",
    "桥侨",
    "坊仿妨",
    "官宫",
    "金全",
    "王玉主",
    "国围固",
    "星皇",
    "康庚",
    "嘉喜",
    "泉皋",
    "柏拍",
    "林材村",
    "桃挑",
    "梅海",
    "风凤",
    "白百自",
    "雅稚",
    "塔搭",
    "坝坎",
    "丽严",
    "庄压",
    "万方",
    "亭享",
    "景影",
    "阳阴",
    "平乎",
    "光先",
    "广厂",
    "新析",
    "家冢",
    "府付",
    "永水冰",
    "松柗",
    "盛胜",
    "里理",
    "院完",
    "苹平",
];

/// Whether two texts differ in characters of a similar look only, and in one at least.
pub(crate) fn alike(a: &str, b: &str) -> bool {
    let mut differences = 0;
    let (mut a, mut b) = (a.chars(), b.chars());
    loop {
        match (a.next(), b.next()) {
            (None, None) => return differences == 1,
            (Some(x), Some(y)) if x == y => {}
            (Some(x), Some(y)) if GROUPS.iter().any(|group| group.contains(x) && group.contains(y)) => differences += 1,
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_look_alike_is_forgiven() {
        assert!(alike("望湖里", "望潮里"));
        assert!(!alike("望湖里", "望湖里") && !alike("望湖里", "望江里") && !alike("望湖里", "望湖"));
    }
}
