//! Codes, names and what belongs together.

use crate::ingest::delivery::{Issue, Severity, Side};
use crate::model::Text;

/// Duplicate code.
pub static DUPLICATE_CODE: Issue = Issue {
    id: "duplicate-code",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "编号重复", en: "Duplicate code" },
    wrong: Text { zh: "编号 {code} 已在 {other} 使用", en: "The code {code} stands at {other} already" },
    fix: Text { zh: "请改正其中一行的编号。", en: "Correct the code of one of the rows." },
};

/// Duplicate name.
pub static DUPLICATE_NAME: Issue = Issue {
    id: "duplicate-name",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "同街乡重名", en: "Duplicate name" },
    wrong: Text {
        zh: "同一街乡内已有同名区域：{other}",
        en: "There is an area of this name in the street already: {other}",
    },
    fix: Text {
        zh: "确为两个区域的，请以期、区、组团等区分名称。",
        en: "If they are two areas, tell their names apart.",
    },
};

/// Two rows for one area.
pub static ROW_REPEATED: Issue = Issue {
    id: "row-repeated",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "一个区域两行", en: "Two rows for one area" },
    wrong: Text { zh: "该行与 {other} 说的是同一区域", en: "The row and {other} tell of the same area" },
    fix: Text { zh: "请保留一行。", en: "Keep one of the rows." },
};

/// Retired code.
pub static RETIRED_CODE: Issue = Issue {
    id: "retired-code",
    severity: Severity::MustFix,
    side: Side::District,
    title: Text { zh: "使用了已注销编号", en: "Retired code" },
    wrong: Text {
        zh: "编号 {code} 已停用，不得再用", en: "The code {code} has ended and is never used again"
    },
    fix: Text {
        zh: "新区域请将编号留空，系统会编号；承继关系请登记为拆分或合并。",
        en: "Leave the code of a new area empty; enter a split or merge where it takes another's place.",
    },
};

/// Unknown code.
pub static UNKNOWN_CODE: Issue = Issue {
    id: "unknown-code",
    severity: Severity::MustFix,
    side: Side::District,
    title: Text { zh: "编号不存在", en: "Unknown code" },
    wrong: Text { zh: "登记中没有编号 {code}", en: "The register has no code {code}" },
    fix: Text {
        zh: "请核对编号；新区域请留空。送报单位自己的编号请映射为“送报单位编号”。",
        en: "Check the code; leave it empty for a new area. Map the sender's own codes to “sender's code”.",
    },
};

/// Unreadable code.
pub static UNREADABLE_CODE: Issue = Issue {
    id: "unreadable-code",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "编号格式不符", en: "Unreadable code" },
    wrong: Text { zh: "“{value}”不是登记编号", en: "“{value}” is no code of the register" },
    fix: Text {
        zh: "请核对；送报单位自己的编号请映射为“送报单位编号”。",
        en: "Check it; map the sender's own codes to “sender's code”.",
    },
};

/// Damaged code.
pub static DAMAGED_CODE: Issue = Issue {
    id: "damaged-code",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "编号被表格软件损坏", en: "Damaged code" },
    wrong: Text {
        zh: "“{value}”是被表格软件转成数字的编号，末几位已丢失",
        en: "“{value}” is a code that a spreadsheet turned into a number; its last digits are lost",
    },
    fix: Text {
        zh: "请将该列设为文本格式，重新填写后送报。",
        en: "Format the column as text, enter the codes again and deliver.",
    },
};

/// Unknown street.
pub static UNKNOWN_STREET: Issue = Issue {
    id: "unknown-street",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "街乡不存在", en: "Unknown street" },
    wrong: Text { zh: "没有名为“{value}”的街乡", en: "There is no street “{value}”" },
    fix: Text { zh: "请填写街乡全称。", en: "Give the full name of the street." },
};

/// Unknown community.
pub static UNKNOWN_COMMUNITY: Issue = Issue {
    id: "unknown-community",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "社区不存在", en: "Unknown community" },
    wrong: Text {
        zh: "没有名为“{value}”的社区，未采用", en: "There is no community “{value}”; it was left out"
    },
    fix: Text { zh: "请核对社区名称或代码。", en: "Check the name or code of the community." },
};

/// Community of another street.
pub static COMMUNITY_OF_OTHER_STREET: Issue = Issue {
    id: "community-of-other-street",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "社区不属于该街乡", en: "Community of another street" },
    wrong: Text {
        zh: "社区“{value}”不属于所填街乡，未采用",
        en: "The community “{value}” belongs to another street; it was left out",
    },
    fix: Text { zh: "请核对社区与街乡。", en: "Check community and street." },
};

/// Required value missing.
pub static MISSING_REQUIRED: Issue = Issue {
    id: "missing-required",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "缺少必填项", en: "Required value missing" },
    wrong: Text { zh: "新区域缺少{field}", en: "A new area lacks: {field_en}" },
    fix: Text { zh: "请补充后重新送报。", en: "Add it and deliver again." },
};

/// Not located.
pub static NOT_LOCATED: Issue = Issue {
    id: "not-located",
    severity: Severity::FixLater,
    side: Side::Bureau,
    title: Text { zh: "未落图", en: "Not located" },
    wrong: Text {
        zh: "台账有此区域，图上没有边界；发布后列入账有图无清单",
        en: "The ledger has the area, and there is no outline of it; once published, it is listed as missing on the map",
    },
    fix: Text {
        zh: "请补绘边界后送报；名称与已登记区域不同的，请先核对名称。",
        en: "Draw the outline and deliver it; if the area is registered under another name, correct the name first.",
    },
};

/// Not in the ledger.
pub static NOT_REGISTERED: Issue = Issue {
    id: "not-registered",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "未上账", en: "Not in the ledger" },
    wrong: Text {
        zh: "图上有此边界，台账没有对应的区域",
        en: "There is an outline, and no row of the ledger belongs to it",
    },
    fix: Text {
        zh: "请补充台账行（名称、街乡），或删除该图形。",
        en: "Add a row with name and street, or delete the outline.",
    },
};

/// Unreadable row.
pub static UNREADABLE_ROW: Issue = Issue {
    id: "unreadable-row",
    severity: Severity::MustFix,
    side: Side::Bureau,
    title: Text { zh: "行无法读取", en: "Unreadable row" },
    wrong: Text { zh: "无法读取：{why}", en: "It cannot be read: {why}" },
    fix: Text { zh: "请核对该处后重新送报。", en: "Check the place and deliver again." },
};
