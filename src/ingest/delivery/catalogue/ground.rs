//! Outlines beside each other and on the ground.

use crate::ingest::delivery::{Issue, Severity, Side};
use crate::model::Text;

/// Duplicate geometry.
pub static DUPLICATE_GEOMETRY: Issue = Issue {
    id: "duplicate-geometry",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "图形重复", en: "Duplicate geometry" },
    wrong: Text {
        zh: "与 {other}（{other_place}）的图形相同",
        en: "The outline is the same as that of {other} ({other_place})",
    },
    fix: Text {
        zh: "请删除重复的一个，或改正其中一个的边界。",
        en: "Delete one of the two, or correct the border of one.",
    },
};

/// Contained duplicate.
pub static CONTAINED_DUPLICATE: Issue = Issue {
    id: "contained-duplicate",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "图形被包含", en: "Contained duplicate" },
    wrong: Text {
        zh: "与 {other}（{other_place}）一个完全位于另一个之内，重叠 {surface_m2} 平方米",
        en: "One of this and {other} ({other_place}) lies wholly inside the other, over {surface_m2} m²",
    },
    fix: Text {
        zh: "请核对是否为同一区域重复绘制；确为两个区域的，从大的中挖去小的。",
        en: "See whether one area was drawn twice; if they are two, cut the small one out of the large one.",
    },
};

/// Overlap.
pub static OVERLAP: Issue = Issue {
    id: "overlap",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "边界重叠", en: "Overlap" },
    wrong: Text {
        zh: "与 {other}（{other_place}）重叠 {surface_m2} 平方米，宽 {width_m} 米",
        en: "It overlaps {other} ({other_place}) over {surface_m2} m², {width_m} m wide",
    },
    fix: Text {
        zh: "请与相邻区域核对界线，使两者只共用边界。",
        en: "Agree on the border with the neighbour, so that the two share it only.",
    },
};

/// Overlap with the register.
pub static OVERLAP_REGISTER: Issue = Issue {
    id: "overlap-register",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "与登记区域重叠", en: "Overlap with the register" },
    wrong: Text {
        zh: "与已登记的 {other} 重叠 {surface_m2} 平方米，宽 {width_m} 米",
        en: "It overlaps {other} of the register over {surface_m2} m², {width_m} m wide",
    },
    fix: Text {
        zh: "请核对界线；若相邻区域也已调整，请一并送报。",
        en: "Check the border; if the neighbour has changed too, deliver both.",
    },
};

/// Overlap not measured.
pub static OVERLAP_UNMEASURED: Issue = Issue {
    id: "overlap-unmeasured",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "重叠未能量算", en: "Overlap not measured" },
    wrong: Text {
        zh: "与 {other}（{other_place}）可能重叠，图形过于复杂，未能量算",
        en: "It may overlap {other} ({other_place}); the outlines are too complex to measure",
    },
    fix: Text { zh: "请人工核对两者界线。", en: "Check the border of the two by eye." },
};

/// Outside the district.
pub static OUTSIDE_DISTRICT: Issue = Issue {
    id: "outside-district",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "超出区界", en: "Outside the district" },
    wrong: Text {
        zh: "边界超出区界 {distance_m} 米", en: "The outline reaches {distance_m} m beyond the district"
    },
    fix: Text {
        zh: "请核对坐标；区界为概化数据，确属本区的可登记例外。",
        en: "Check the coordinates; the district's outline is generalised, so a lawful case can be excepted.",
    },
};

/// Far outside the district.
pub static FAR_OUTSIDE_DISTRICT: Issue = Issue {
    id: "far-outside-district",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "远离本区", en: "Far outside the district" },
    wrong: Text {
        zh: "边界距区界 {distance_m} 米，不可能属于本区",
        en: "The outline lies {distance_m} m beyond the district and cannot belong to it",
    },
    fix: Text {
        zh: "多为坐标系选择错误，请确认坐标系后重新检查。",
        en: "Mostly the reference system is wrong: confirm it and check again.",
    },
};

/// Outside its street.
pub static OUTSIDE_STREET: Issue = Issue {
    id: "outside-street",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "不在所属街乡", en: "Outside its street" },
    wrong: Text {
        zh: "{share_percent}% 的面积在所填街乡之外",
        en: "{share_percent} % of it lies outside the street it names",
    },
    fix: Text { zh: "请核对所属街乡或边界。", en: "Check the street or the border." },
};

/// Implausible size.
pub static IMPLAUSIBLE_SIZE: Issue = Issue {
    id: "implausible-size",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "面积异常", en: "Implausible size" },
    wrong: Text {
        zh: "面积 {surface_m2} 平方米，与已登记区域相差悬殊",
        en: "It has {surface_m2} m², far from the sizes of the areas held",
    },
    fix: Text { zh: "请核对边界与坐标单位。", en: "Check the outline and the units." },
};

/// Stated surface differs.
pub static SITE_AREA_DIFFERS: Issue = Issue {
    id: "site-area-differs",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "面积不符", en: "Stated surface differs" },
    wrong: Text {
        zh: "填报占地面积 {stated_m2} 平方米，图形面积 {drawn_m2} 平方米",
        en: "The stated surface is {stated_m2} m², the outline has {drawn_m2} m²",
    },
    fix: Text {
        zh: "请核对占地面积的单位与边界。", en: "Check the unit of the stated surface and the outline."
    },
};

/// Reference system in doubt.
pub static CRS_SUSPECT: Issue = Issue {
    id: "crs-suspect",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "坐标系存疑", en: "Reference system in doubt" },
    wrong: Text {
        zh: "按声明的坐标系与已登记区域相距 {before_m} 米（中位数），按 {assumption} 则为 {after_m} 米",
        en: "Read as declared it lies {before_m} m (median) from the areas held, read as {assumption} {after_m} m",
    },
    fix: Text {
        zh: "请在“坐标系”一节确认后重新检查。", en: "Confirm the reference system and check again."
    },
};

/// Reference system unknown.
pub static CRS_UNKNOWN: Issue = Issue {
    id: "crs-unknown",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "坐标系无法确定", en: "Reference system unknown" },
    wrong: Text { zh: "坐标系无法确定：{why}", en: "The reference system cannot be told: {why}" },
    fix: Text {
        zh: "请向送报单位索要坐标系说明，并在检查时指定。",
        en: "Ask the sender for the reference system and name it for the check.",
    },
};

/// Reference system lacks parameters.
pub static CRS_PARAMETERS: Issue = Issue {
    id: "crs-parameters",
    severity: Severity::MustFix,
    side: Side::District,
    title: Text { zh: "坐标系缺少参数", en: "Reference system lacks parameters" },
    wrong: Text {
        zh: "{system} 没有转换参数，直接使用会偏差约 70 米",
        en: "There are no parameters for {system}; used as it is it would be some 70 m off",
    },
    fix: Text {
        zh: "请管理员在本地坐标系文件中配置参数与检核点。",
        en: "An administrator sets the parameters and check points in the file of local systems.",
    },
};

/// Row in another system.
pub static CRS_ODD_ROW: Issue = Issue {
    id: "crs-odd-row",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "个别图形坐标系不同", en: "Row in another system" },
    wrong: Text {
        zh: "该行按 {assumption} 才与登记位置相符（相距 {off_m} 米）",
        en: "The row lies where the register has it only when read as {assumption} ({off_m} m)",
    },
    fix: Text {
        zh: "请将该行转换到文件的坐标系后重新送报，或确认后登记例外。",
        en: "Convert the row to the system of the file and deliver it again, or except it.",
    },
};
