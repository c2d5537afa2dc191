//! Why a statement was made: codes and figures, which are rendered in two languages.

use crate::reconcile::text::address::AddressLevel;
use crate::reconcile::text::name::NameLevel;

/// One piece of evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason {
    /// Share of the union that both outlines cover, 0 to 1.
    Overlap(f64),
    /// Shares of the left and the right outline that the other covers.
    Shares(f64, f64),
    /// Metres from the point to the outline, or between the points.
    Distance(f64),
    /// How the names are alike.
    Name(NameLevel),
    /// How the addresses are alike.
    Address(AddressLevel),
    /// Whether the companies are the same.
    Company(bool),
    /// Whether the streets are the same.
    Street(bool),
    /// Numbers of households, left and right.
    Households(u32, u32),
    /// Bits of evidence for the pair.
    Score(f64),
    /// Bits of evidence for the next best partner.
    RunnerUp(f64),
    /// Records of the same name on the other side.
    Namesakes(usize),
    /// The row was read in another system than its file: the system's key.
    System(&'static str),
    /// Members of the case on the left and on the right.
    Members(usize, usize),
    /// The name stands for so many areas.
    Range(usize),
    /// The record repeats another one of its side.
    Copy,
    /// It is the name of a school, a shop or the like.
    OtherUse,
    /// Square metres by which the boundary changed, beyond the noise of drawing.
    Drift(f64),
    /// Neighbours have exchanged names.
    SwappedNames,
    /// The left record had no outline; the right one gives it its first.
    FirstOutline,
    /// The outline was not valid and was repaired for the comparison.
    Repaired,
    /// No record of the other side lies there or is called so.
    NoPartner,
    /// The other side has a record of that name elsewhere, so many metres away.
    NamesakeElsewhere(f64),
}

impl Reason {
    /// Its code in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Overlap(_) => "overlap",
            Self::Shares(..) => "shares",
            Self::Distance(_) => "distance",
            Self::Name(_) => "name",
            Self::Address(_) => "address",
            Self::Company(_) => "company",
            Self::Street(_) => "street",
            Self::Households(..) => "households",
            Self::Score(_) => "score",
            Self::RunnerUp(_) => "runner_up",
            Self::Namesakes(_) => "namesakes",
            Self::System(_) => "system",
            Self::Members(..) => "members",
            Self::Range(_) => "range",
            Self::Copy => "copy",
            Self::OtherUse => "other_use",
            Self::Drift(_) => "drift",
            Self::SwappedNames => "swapped_names",
            Self::FirstOutline => "first_outline",
            Self::Repaired => "repaired",
            Self::NoPartner => "no_partner",
            Self::NamesakeElsewhere(_) => "namesake_elsewhere",
        }
    }

    /// The piece in Chinese.
    pub fn chinese(self) -> String {
        match self {
            Self::Overlap(iou) => format!("重叠 {iou:.2}"),
            Self::Shares(left, right) => format!("左侧被覆盖 {:.0}%、右侧被覆盖 {:.0}%", left * 100.0, right * 100.0),
            Self::Distance(metres) => format!("相距 {metres:.0} 米"),
            Self::Name(level) => name_texts(level).0.to_owned(),
            Self::Address(level) => address_texts(level).0.to_owned(),
            Self::Company(same) => if same { "物业企业相同" } else { "物业企业不同" }.to_owned(),
            Self::Street(same) => if same { "街乡相同" } else { "街乡不同" }.to_owned(),
            Self::Households(left, right) => format!("户数 {left}/{right}"),
            Self::Score(bits) => format!("证据 {bits:+.1} 比特"),
            Self::RunnerUp(bits) => format!("次优 {bits:+.1}"),
            Self::Namesakes(count) => format!("同名 {count} 处"),
            Self::System(key) => format!("该行坐标按 {key} 读取"),
            Self::Members(left, right) => format!("左 {left} 个、右 {right} 个"),
            Self::Range(count) => format!("一名多区，共 {count} 个"),
            Self::Copy => "与同侧另一条重复".to_owned(),
            Self::OtherUse => "名称为学校、商业等非住宅用途".to_owned(),
            Self::Drift(surface) => format!("边界变化 {surface:.0} 平方米"),
            Self::SwappedNames => "相邻两处名称互换".to_owned(),
            Self::FirstOutline => "台账原无边界，此为首次落图".to_owned(),
            Self::Repaired => "边界自相交，已修复后比对".to_owned(),
            Self::NoPartner => "对方无对应记录".to_owned(),
            Self::NamesakeElsewhere(metres) => format!("对方同名记录在 {metres:.0} 米外"),
        }
    }

    /// The piece in English.
    pub fn english(self) -> String {
        match self {
            Self::Overlap(iou) => format!("overlap {iou:.2}"),
            Self::Shares(left, right) => {
                format!("left covered {:.0}%, right covered {:.0}%", left * 100.0, right * 100.0)
            }
            Self::Distance(metres) => format!("{metres:.0} m apart"),
            Self::Name(level) => name_texts(level).1.to_owned(),
            Self::Address(level) => address_texts(level).1.to_owned(),
            Self::Company(same) => if same { "same company" } else { "another company" }.to_owned(),
            Self::Street(same) => if same { "same street" } else { "another street" }.to_owned(),
            Self::Households(left, right) => format!("households {left}/{right}"),
            Self::Score(bits) => format!("evidence {bits:+.1} bits"),
            Self::RunnerUp(bits) => format!("next best {bits:+.1}"),
            Self::Namesakes(count) => format!("{count} of this name"),
            Self::System(key) => format!("row read as {key}"),
            Self::Members(left, right) => format!("{left} left, {right} right"),
            Self::Range(count) => format!("one name for {count} areas"),
            Self::Copy => "repeats another row of its side".to_owned(),
            Self::OtherUse => "the name of a school, a shop or the like".to_owned(),
            Self::Drift(surface) => format!("boundary changed by {surface:.0} m2"),
            Self::SwappedNames => "neighbours have exchanged names".to_owned(),
            Self::FirstOutline => "first outline of a ledger row".to_owned(),
            Self::Repaired => "crosses itself, repaired for the comparison".to_owned(),
            Self::NoPartner => "no partner on the other side".to_owned(),
            Self::NamesakeElsewhere(metres) => format!("a namesake lies {metres:.0} m away"),
        }
    }
}

/// Pieces in Chinese, as one text.
pub fn chinese(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.chinese()).collect::<Vec<_>>().join("；")
}

/// Pieces in English, as one text.
pub fn english(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.english()).collect::<Vec<_>>().join("; ")
}

fn name_texts(level: NameLevel) -> (&'static str, &'static str) {
    match level {
        NameLevel::Same => ("名称相同", "same name"),
        NameLevel::Alias => ("与在册别名相同", "an alias on file"),
        NameLevel::SameSound => ("名称同音或形近", "names sound or look alike"),
        NameLevel::ByAddress => ("以门牌为名", "named by its address"),
        NameLevel::More => ("名称详略不同", "one name says more"),
        NameLevel::OneOff => ("名称差一字", "names differ by one character"),
        NameLevel::Weak => ("名称部分相同", "names share a part"),
        NameLevel::Sibling => ("同小区的另一区", "another part of the compound"),
        NameLevel::Different => ("名称不同", "another name"),
    }
}

fn address_texts(level: AddressLevel) -> (&'static str, &'static str) {
    match level {
        AddressLevel::Same => ("门牌相同", "same road and number"),
        AddressLevel::SameRoad => ("同一道路", "same road"),
        AddressLevel::NearNumber => ("门牌相近", "numbers nearby"),
        AddressLevel::OtherNumber => ("同路不同号", "same road, another number"),
        AddressLevel::RelatedRoad => ("道路名相近", "a related road"),
        AddressLevel::Differs => ("地址不同", "another address"),
        AddressLevel::Unknown => ("地址不详", "no address"),
    }
}
