//! What things are called in the files that go back: the Chinese words of the page.

use std::borrow::Cow;

use crate::app::reconciliation::decision::Verdict;
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

/// A value of a field in words.
pub(super) fn value_text<'a>(field: &str, value: &'a str) -> &'a str {
    match (field, value) {
        ("mgmt_type", "contracted") => "委托管理",
        ("mgmt_type", "quasi" | "quasi_property") => "准物业",
        ("committee", "owners_committee") => "业委会",
        ("committee", "management_committee") => "物管会",
        ("committee", "none") => "未组建",
        ("committee", "transition") => "过渡中",
        ("mgmt_type", "owning_unit") => "产权单位自管",
        ("mgmt_type", "public_housing") => "直管公房",
        ("mgmt_type", "street_fallback") => "街道兜底",
        ("mgmt_type", "self_managed") => "居民自管",
        ("mgmt_type", "other") => "其他",
        ("contract_kind", "ordinary") => "普通物业服务合同",
        ("contract_kind", "early_stage") => "前期物业服务合同",
        ("contract_kind", "emergency") => "应急物业服务",
        ("mgmt_type" | "committee", "unknown") => "情况不明",
        (_, other) => other,
    }
}
