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

/// Whether two texts differ in one character only, by one of a similar look.
pub(crate) fn alike(a: &str, b: &str) -> bool {
    // All characters above are three bytes long, so that texts of other lengths differ in more.
    if a.len() != b.len() {
        return false;
    }
    let from = common_beginning(a, b);
    let (Some(x), Some(y)) = (a[from..].chars().next(), b[from..].chars().next()) else { return false };
    a[from + x.len_utf8()..] == b[from + y.len_utf8()..]
        && GROUPS.iter().any(|group| group.contains(x) && group.contains(y))
}

/// Bytes of the characters that both texts begin with.
pub(crate) fn common_beginning(a: &str, b: &str) -> usize {
    let mut same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    while !a.is_char_boundary(same) || !b.is_char_boundary(same) {
        same -= 1;
    }
    same
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_look_alike_is_forgiven() {
        assert!(alike("望湖里", "望潮里"));
        assert!(!alike("望湖里", "望湖里") && !alike("望湖里", "望江里") && !alike("望湖里", "望湖"));
        assert!(!alike("望湖村里", "望潮林里"), "two are not");
        assert!(GROUPS.iter().flat_map(|group| group.chars()).all(|c| c.len_utf8() == 3));
    }
}
