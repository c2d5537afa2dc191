//! Outlines one by one.

use crate::ingest::delivery::{Issue, Severity, Side};
use crate::model::Text;

/// Unreadable geometry.
pub static UNREADABLE_GEOMETRY: Issue = Issue {
    id: "unreadable-geometry",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "图形无法读取", en: "Unreadable geometry" },
    wrong: Text { zh: "图形无法读取：{why}", en: "The geometry cannot be read: {why}" },
    fix: Text {
        zh: "请在制图软件中检查该要素，导出为面后重新送报。",
        en: "Check the feature in the drawing program, export it as a polygon and deliver it again.",
    },
};

/// Too many vertices.
pub static TOO_MANY_VERTICES: Issue = Issue {
    id: "too-many-vertices",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "顶点过多", en: "Too many vertices" },
    wrong: Text {
        zh: "边界有 {vertices} 个顶点，超过上限 {limit} 个",
        en: "The outline has {vertices} vertices, more than the {limit} allowed",
    },
    fix: Text {
        zh: "请适当简化边界，或拆分为多个区域。", en: "Simplify the outline, or draw it as several areas."
    },
};

/// Off the earth.
pub static OFF_EARTH: Issue = Issue {
    id: "off-earth",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "坐标越界", en: "Off the earth" },
    wrong: Text { zh: "坐标不是有效的经纬度", en: "A coordinate is not a longitude and latitude" },
    fix: Text {
        zh: "请确认坐标系，选择正确的坐标系后重新检查。", en: "Confirm the reference system and check again."
    },
};

/// Self-intersection.
pub static SELF_INTERSECTION: Issue = Issue {
    id: "self-intersection",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "边界自相交", en: "Self-intersection" },
    wrong: Text {
        zh: "第 {ring} 环在第 {vertex} 个顶点附近自相交",
        en: "Ring {ring} crosses itself near vertex {vertex}",
    },
    fix: Text {
        zh: "请在标出的位置理顺顶点顺序，使边界不再交叉。",
        en: "Put the vertices at the marked place in order, so that the border does not cross itself.",
    },
};

/// Self-touch.
pub static SELF_TOUCH: Issue = Issue {
    id: "self-touch",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "边界自接触", en: "Self-touch" },
    wrong: Text {
        zh: "第 {ring} 环在第 {vertex} 个顶点处接触自身",
        en: "Ring {ring} touches itself at vertex {vertex}",
    },
    fix: Text {
        zh: "请在标出的位置把接触的两部分画成两个环。",
        en: "Draw the two parts that touch at the marked place as rings of their own.",
    },
};

/// Sides on one another.
pub static COLLINEAR_OVERLAP: Issue = Issue {
    id: "collinear-overlap",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "边界重叠折返", en: "Sides on one another" },
    wrong: Text {
        zh: "第 {ring} 环在第 {vertex} 个顶点附近有两条边重叠",
        en: "Two sides of ring {ring} run along one another near vertex {vertex}",
    },
    fix: Text { zh: "请删除折返的边。", en: "Delete the side that runs back." },
};

/// Degenerate ring.
pub static DEGENERATE_RING: Issue = Issue {
    id: "degenerate-ring",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "退化的环", en: "Degenerate ring" },
    wrong: Text { zh: "第 {ring} 环没有面积：{why}", en: "Ring {ring} has no surface: {why}" },
    fix: Text { zh: "请删除该环，或重新绘制。", en: "Delete the ring or draw it anew." },
};

/// Unclosed ring.
pub static UNCLOSED_RING: Issue = Issue {
    id: "unclosed-ring",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "环未闭合", en: "Unclosed ring" },
    wrong: Text { zh: "第 {ring} 环首尾相距 {measure} 米", en: "The ends of ring {ring} lie {measure} m apart" },
    fix: Text {
        zh: "已按首尾相连处理；请在源文件中闭合。", en: "It was read as closed; close it in the source."
    },
};

/// Duplicate vertices.
pub static DUPLICATE_VERTICES: Issue = Issue {
    id: "duplicate-vertices",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "重复顶点", en: "Duplicate vertices" },
    wrong: Text {
        zh: "第 {ring} 环有 {measure} 个重复顶点", en: "Ring {ring} has {measure} repeated vertices"
    },
    fix: Text { zh: "已去除；请在源文件中清理。", en: "They were left out; clean the source." },
};

/// Spike.
pub static SPIKE: Issue = Issue {
    id: "spike",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "尖刺", en: "Spike" },
    wrong: Text {
        zh: "第 {ring} 环在第 {vertex} 个顶点处有 {measure} 米长的尖刺",
        en: "Ring {ring} has a spike of {measure} m at vertex {vertex}",
    },
    fix: Text { zh: "请核对该顶点是否误点。", en: "See whether the vertex is a slip of the mouse." },
};

/// Wrong winding.
pub static WRONG_WINDING: Issue = Issue {
    id: "wrong-winding",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "环方向相反", en: "Wrong winding" },
    wrong: Text { zh: "第 {ring} 环方向与规范相反", en: "Ring {ring} runs the wrong way round" },
    fix: Text { zh: "已自动纠正，不改变边界。", en: "It was turned round; the border stays the same." },
};

/// Hole outside.
pub static HOLE_OUTSIDE: Issue = Issue {
    id: "hole-outside",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "洞在外环之外", en: "Hole outside" },
    wrong: Text { zh: "第 {ring} 环作为洞不在外环之内", en: "Ring {ring} is a hole outside its exterior" },
    fix: Text {
        zh: "请把该环画为单独的面，或移入外环。",
        en: "Draw the ring as a polygon of its own or move it inside.",
    },
};

/// Holes cross.
pub static HOLES_CROSS: Issue = Issue {
    id: "holes-cross",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "洞相互交叉", en: "Holes cross" },
    wrong: Text {
        zh: "第 {ring} 环与另一个洞交叉或重叠", en: "Ring {ring} crosses or covers another hole"
    },
    fix: Text { zh: "请把交叉的洞合并为一个。", en: "Merge the holes into one." },
};

/// Parts overlap.
pub static PARTS_OVERLAP: Issue = Issue {
    id: "parts-overlap",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "部件重叠", en: "Parts overlap" },
    wrong: Text {
        zh: "同一区域的两个部件覆盖同一地面", en: "Two parts of the area cover the same ground"
    },
    fix: Text { zh: "请合并重叠的部件。", en: "Merge the parts." },
};

/// Repeated ring.
pub static REPEATED_RING: Issue = Issue {
    id: "repeated-ring",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "环重复", en: "Repeated ring" },
    wrong: Text { zh: "第 {ring} 环出现两次", en: "Ring {ring} is there twice" },
    fix: Text { zh: "请删除多余的一个。", en: "Delete one of them." },
};

/// Outline not checked.
pub static UNCHECKED_OUTLINE: Issue = Issue {
    id: "unchecked-outline",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "边界过于复杂", en: "Outline not checked" },
    wrong: Text {
        zh: "边界重叠过多，无法检查完毕",
        en: "So many sides lie over one another that the outline was not checked to the end",
    },
    fix: Text { zh: "请清理重叠的边后重新送报。", en: "Remove what lies twice and deliver it again." },
};

/// Sliver.
pub static SLIVER: Issue = Issue {
    id: "sliver",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "狭长碎片", en: "Sliver" },
    wrong: Text {
        zh: "有宽 {width_m} 米、面积 {surface_m2} 平方米的狭长碎片",
        en: "There is a sliver {width_m} m wide with {surface_m2} m²",
    },
    fix: Text { zh: "请核对是否为绘图残留。", en: "See whether it is left over from drawing." },
};

/// Not a polygon.
pub static NOT_A_POLYGON: Issue = Issue {
    id: "not-a-polygon",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "不是面", en: "Not a polygon" },
    wrong: Text { zh: "图形是线，不是面", en: "The geometry is a line, not a polygon" },
    fix: Text {
        zh: "请把边界画成面后重新送报。", en: "Draw the border as a polygon and deliver it again."
    },
};
