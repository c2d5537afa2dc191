//! What things are called in the files that go back: the Chinese words of the page.

use std::borrow::Cow;

use crate::app::Snapshot;
use crate::app::ledger::{Term, terms};
use crate::app::reconciliation::decision::{DecisionReason, Verdict};
use crate::app::reconciliation::fields::BOUNDARY;
use crate::app::reconciliation::view::CaseState;
use crate::ingest::delivery::DeliveredField;
use crate::reconcile::Class;

pub(super) fn class_name(class: Class) -> &'static str {
    match class {
        Class::Same => "边界一致",
        Class::Redrawn => "边界变化",
        Class::Split => "拆分",
        Class::Merge => "合并",
        Class::Recut => "重划",
        Class::Duplicate => "重复",
        Class::Missing => "来件没有",
        Class::New => "来件新增",
    }
}

pub(super) fn state_name(state: CaseState) -> &'static str {
    match state {
        CaseState::Settled => "无差异",
        CaseState::Open => "待决定",
        CaseState::Decided => "已决定",
        CaseState::Remembered => "沿用上次决定",
    }
}

pub(super) fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => "采用来件",
        Verdict::Keep => "保留现状",
        Verdict::BothWrong => "双方有误",
        Verdict::Fields => "逐项选择",
    }
}

pub(super) fn reason_name(reason: DecisionReason) -> &'static str {
    match reason {
        DecisionReason::Plan => "以批准文件为准",
        DecisionReason::Survey => "以实测为准",
        DecisionReason::StreetConfirmed => "街乡已确认",
        DecisionReason::BetterSource => "来源更可靠",
        DecisionReason::Outdated => "对方资料过时",
        DecisionReason::DrawingNoise => "只是描绘误差",
        DecisionReason::NotAnArea => "不是物业管理区域",
        DecisionReason::Other => "其他",
    }
}

/// What a field of a pair is called.
pub(super) fn field_name(field: &str) -> Cow<'_, str> {
    match field {
        "mgmt_type" => "管理类型".into(),
        "committee" => "业主组织".into(),
        "company" => "管理单位".into(),
        "other_names" => "其他名称".into(),
        BOUNDARY => "边界".into(),
        other => DeliveredField::from_key(other).map_or(other.into(), |known| known.label().0.into()),
    }
}

/// A value of a field in words: those of the ledger, and the matcher's for an owners' organisation.
pub(super) fn value_text(snapshot: &Snapshot, field: &str, value: &str) -> String {
    let called = |terms: Vec<Term>| terms.into_iter().find(|term| term.key == value).map(|term| term.zh);
    let word = match (field, value) {
        ("mgmt_type", "quasi") => Some("准物业".to_owned()),
        ("mgmt_type", _) => called(terms::management(snapshot)).or_else(|| called(terms::quasi_kinds(snapshot))),
        ("contract_kind", _) => called(terms::contract_kinds(snapshot)),
        ("committee", "owners_committee") => Some("业委会".to_owned()),
        ("committee", "management_committee") => Some("物管会".to_owned()),
        ("committee", _) => called(terms::statuses(snapshot)),
        _ => None,
    };
    word.unwrap_or_else(|| value.to_owned())
}
