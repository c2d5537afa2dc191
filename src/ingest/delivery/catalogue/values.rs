//! Values of cells.

use crate::ingest::delivery::{Issue, Severity, Side};
use crate::model::Text;

/// Unreadable value.
pub static UNREADABLE_VALUE: Issue = Issue {
    id: "unreadable-value",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "值无法识别", en: "Unreadable value" },
    wrong: Text { zh: "“{value}”不是{expected}", en: "“{value}” is not {expected_en}" },
    fix: Text { zh: "请改正后重新送报。", en: "Correct it and deliver again." },
};

/// Unknown value.
pub static UNKNOWN_VALUE: Issue = Issue {
    id: "unknown-value",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "不在取值范围", en: "Unknown value" },
    wrong: Text { zh: "“{value}”不在取值范围：{allowed}", en: "“{value}” is not one of {allowed}" },
    fix: Text { zh: "请改用取值范围内的写法。", en: "Use one of the known values." },
};

/// Imprecise date.
pub static IMPRECISE_DATE: Issue = Issue {
    id: "imprecise-date",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "日期不完整", en: "Imprecise date" },
    wrong: Text {
        zh: "“{value}”没有日，按该月第一天处理",
        en: "“{value}” has no day; the first of the month is taken",
    },
    fix: Text { zh: "请补充完整日期。", en: "Give the whole date." },
};

/// Dates out of order.
pub static DATES_OUT_OF_ORDER: Issue = Issue {
    id: "dates-out-of-order",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "日期先后颠倒", en: "Dates out of order" },
    wrong: Text { zh: "{later} 早于 {earlier}", en: "{later} is before {earlier}" },
    fix: Text { zh: "请核对两个日期。", en: "Check both dates." },
};

/// Invalid credit code.
pub static INVALID_USCC: Issue = Issue {
    id: "invalid-uscc",
    severity: Severity::MustFix,
    side: Side::Street,
    title: Text { zh: "统一社会信用代码有误", en: "Invalid credit code" },
    wrong: Text {
        zh: "统一社会信用代码“{value}”有误：{why}", en: "The credit code “{value}” is wrong: {why}"
    },
    fix: Text {
        zh: "请对照营业执照核对 18 位代码。", en: "Compare the 18 characters with the business licence."
    },
};

/// Unknown manager.
pub static UNKNOWN_MANAGER: Issue = Issue {
    id: "unknown-manager",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "管理单位未登记", en: "Unknown manager" },
    wrong: Text {
        zh: "登记中没有“{value}”，又无信用代码，未采用",
        en: "The register has no “{value}”, and there is no credit code; it was left out",
    },
    fix: Text { zh: "请补充统一社会信用代码。", en: "Add the credit code." },
};

/// New manager.
pub static NEW_MANAGER: Issue = Issue {
    id: "new-manager",
    severity: Severity::FixLater,
    side: Side::District,
    title: Text { zh: "新的管理单位", en: "New manager" },
    wrong: Text {
        zh: "{name}（{uscc}）将新登记为管理单位", en: "{name} ({uscc}) will be entered as a new manager"
    },
    fix: Text { zh: "请核对名称与代码。", en: "Check name and code." },
};

/// Manager's name differs.
pub static MANAGER_NAME_DIFFERS: Issue = Issue {
    id: "manager-name-differs",
    severity: Severity::FixLater,
    side: Side::District,
    title: Text { zh: "管理单位名称不一致", en: "Manager's name differs" },
    wrong: Text {
        zh: "代码 {uscc} 登记为“{known}”，文件写作“{value}”",
        en: "The code {uscc} is registered as “{known}”, the file says “{value}”",
    },
    fix: Text {
        zh: "名称变更请按管理单位更正办理。", en: "A change of name is a correction of the manager."
    },
};

/// Contracted without company.
pub static CONTRACTED_WITHOUT_COMPANY: Issue = Issue {
    id: "contracted-without-company",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "委托管理缺少企业", en: "Contracted without company" },
    wrong: Text {
        zh: "管理类型为委托管理，没有物业服务企业", en: "It is contracted, and no company is named"
    },
    fix: Text { zh: "请补充物业服务企业及信用代码。", en: "Name the company and its credit code." },
};

/// Quasi-property without owning unit.
pub static QUASI_WITHOUT_OWNING_UNIT: Issue = Issue {
    id: "quasi-without-owning-unit",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "准物业缺少产权单位", en: "Quasi-property without owning unit" },
    wrong: Text {
        zh: "管理类型为准物业，没有产权单位", en: "It is quasi-property, and no owning unit is named"
    },
    fix: Text { zh: "请补充产权单位。", en: "Name the owning unit." },
};

/// Personal data.
pub static PERSONAL_DATA: Issue = Issue {
    id: "personal-data",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "含个人信息", en: "Personal data" },
    wrong: Text {
        zh: "列“{column}”含 {count} 个{kind}，整列未读取",
        en: "The column “{column}” holds {count} {kind_en}; none of it was read",
    },
    fix: Text {
        zh: "请删除该列后送报；本系统不接收个人信息。",
        en: "Delete the column; personal data are not taken here.",
    },
};
