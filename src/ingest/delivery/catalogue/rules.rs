//! Committees and contracts.

use crate::ingest::delivery::{Issue, Severity, Side};
use crate::model::Text;

/// Even number of members.
pub static COMMITTEE_EVEN_MEMBERS: Issue = Issue {
    id: "committee-even-members",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "委员人数为双数", en: "Even number of members" },
    wrong: Text {
        zh: "{committee}有 {members} 名委员，应为单数",
        en: "The {committee_en} has {members} members; the number must be odd",
    },
    fix: Text {
        zh: "请核对委员人数（条例第 39、53 条）。",
        en: "Check the number of members (ordinance, art. 39 and 53).",
    },
};

/// Too few members.
pub static COMMITTEE_TOO_FEW_MEMBERS: Issue = Issue {
    id: "committee-too-few-members",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "委员人数不足", en: "Too few members" },
    wrong: Text {
        zh: "{committee}有 {members} 名委员，应不少于 {least} 名",
        en: "The {committee_en} has {members} members; at least {least} are needed",
    },
    fix: Text {
        zh: "请核对委员人数（条例第 39、53 条）。",
        en: "Check the number of members (ordinance, art. 39 and 53).",
    },
};

/// Term too long.
pub static COMMITTEE_TERM_TOO_LONG: Issue = Issue {
    id: "committee-term-too-long",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "任期过长", en: "Term too long" },
    wrong: Text {
        zh: "{committee}任期超过 {years} 年",
        en: "The term of the {committee_en} is longer than {years} years",
    },
    fix: Text {
        zh: "请核对任期起止（条例第 41、58 条）。",
        en: "Check the dates of the term (ordinance, art. 41 and 58).",
    },
};

/// Late filing.
pub static COMMITTEE_LATE_FILING: Issue = Issue {
    id: "committee-late-filing",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "备案超期", en: "Late filing" },
    wrong: Text {
        zh: "{committee}在成立 {days} 天后备案，应在 30 天内",
        en: "The {committee_en} was filed {days} days after it was formed; 30 are allowed",
    },
    fix: Text {
        zh: "请核对备案日期（条例第 43、55 条）。",
        en: "Check the date of filing (ordinance, art. 43 and 55).",
    },
};

/// Committee without date.
pub static COMMITTEE_WITHOUT_DATE: Issue = Issue {
    id: "committee-without-date",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "缺少成立日期", en: "Committee without date" },
    wrong: Text {
        zh: "填报有{committee}，没有成立日期，未登记",
        en: "A {committee_en} is told without the day it was formed; it was not entered",
    },
    fix: Text { zh: "请补充成立（组建）日期。", en: "Add the day it was formed." },
};

/// Committee differs.
pub static COMMITTEE_CONFLICT: Issue = Issue {
    id: "committee-conflict",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "与登记的组织不一致", en: "Committee differs" },
    wrong: Text {
        zh: "填报没有业主组织，登记有：{known}",
        en: "The row says there is no committee, the register has: {known}",
    },
    fix: Text { zh: "确已解散的，请填写解散日期。", en: "If it was dissolved, give the day." },
};

/// Transition too long.
pub static TRANSITION_TOO_LONG: Issue = Issue {
    id: "transition-too-long",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "过渡超过 30 天", en: "Transition too long" },
    wrong: Text {
        zh: "业委会备案已 {days} 天，物管会仍在",
        en: "The owners' committee was filed {days} days ago, and the other committee still exists",
    },
    fix: Text {
        zh: "请办理物管会解散（条例第 59 条）。",
        en: "Dissolve the property-management committee (ordinance, art. 59).",
    },
};

/// Term expired.
pub static TERM_EXPIRED: Issue = Issue {
    id: "term-expired",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "任期已满", en: "Term expired" },
    wrong: Text { zh: "{committee}任期已于 {day} 届满", en: "The term of the {committee_en} ended on {day}" },
    fix: Text { zh: "请组织换届或重新组建。", en: "Have it elected or formed anew." },
};

/// Contract expired.
pub static CONTRACT_EXPIRED: Issue = Issue {
    id: "contract-expired",
    severity: Severity::FixLater,
    side: Side::Street,
    title: Text { zh: "合同已到期", en: "Contract expired" },
    wrong: Text { zh: "服务合同已于 {day} 到期", en: "The service contract ended on {day}" },
    fix: Text { zh: "请补充续签的合同期限。", en: "Add the dates of the new contract." },
};
