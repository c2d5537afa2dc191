//! What coded values of the ledger are called.

use crate::app::Snapshot;
use crate::model::{CommitteeStatus, ContractKind, ManagerKind, QuasiKind, StyleClass, Text};
use crate::stats::DueState;

/// A coded value and what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The code.
    pub key: String,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Term {
    fn new(key: &str, text: Text) -> Self {
        Self { key: key.to_owned(), zh: text.zh.to_owned(), en: text.en.to_owned() }
    }
}

fn terms<T: Copy>(all: &[T], of: impl Fn(T) -> (&'static str, &'static str, &'static str)) -> Vec<Term> {
    let term = |one: &T| {
        let (key, zh, en) = of(*one);
        Term::new(key, Text { zh, en })
    };
    all.iter().map(term).collect()
}

/// Streets by their codes, in the order of codes. A street has no English name.
pub fn streets(snapshot: &Snapshot) -> Vec<Term> {
    let term = |street: &crate::model::Street| Term {
        key: street.code.to_string(),
        zh: street.name.clone(),
        en: street.name.clone(),
    };
    snapshot.streets().iter().map(term).collect()
}

/// Management types.
pub fn management(_: &Snapshot) -> Vec<Term> {
    let all = [
        ("contracted", "委托管理", "Contracted"),
        ("quasi_property", "准物业", "Quasi-property"),
        ("unknown", "不明", "Unknown"),
    ];
    terms(&all, |term| term)
}

/// Sub-kinds of quasi-property management.
pub fn quasi_kinds(_: &Snapshot) -> Vec<Term> {
    terms(&QuasiKind::ALL, |kind| match kind {
        QuasiKind::OwningUnit => (kind.key(), "产权单位自管", "Owning unit"),
        QuasiKind::PublicHousing => (kind.key(), "直管公房", "Public housing"),
        QuasiKind::StreetFallback => (kind.key(), "街道兜底", "Street as a fallback"),
        QuasiKind::SelfManaged => (kind.key(), "居民自管", "Self-managed"),
        QuasiKind::Other => (kind.key(), "其他", "Other"),
    })
}

/// Kinds of service contracts.
pub fn contract_kinds(_: &Snapshot) -> Vec<Term> {
    terms(&ContractKind::ALL, |kind| match kind {
        ContractKind::Ordinary => (kind.key(), "普通物业服务合同", "Ordinary"),
        ContractKind::EarlyStage => (kind.key(), "前期物业服务合同", "Early stage"),
        ContractKind::Emergency => (kind.key(), "应急物业服务", "Emergency"),
    })
}

/// States of the owners' organisation.
pub fn statuses(_: &Snapshot) -> Vec<Term> {
    terms(&CommitteeStatus::ALL, |status| match status {
        CommitteeStatus::Owners => (status.key(), "已成立业委会", "Owners' committee"),
        CommitteeStatus::PropertyManagement => (status.key(), "已组建物管会", "Management committee"),
        CommitteeStatus::Transition => (status.key(), "过渡中", "In transition"),
        CommitteeStatus::None => (status.key(), "未组建", "None"),
        CommitteeStatus::Unknown => (status.key(), "不明", "Unknown"),
    })
}

/// Classes of the map.
pub fn classes(_: &Snapshot) -> Vec<Term> {
    StyleClass::ALL.iter().map(|class| Term::new(class.key(), class.label())).collect()
}

/// Kinds of managers.
pub fn manager_kinds(_: &Snapshot) -> Vec<Term> {
    terms(&ManagerKind::ALL, |kind| match kind {
        ManagerKind::Company => (kind.key(), "物业服务企业", "Property company"),
        ManagerKind::OwningUnit => (kind.key(), "产权单位", "Owning unit"),
    })
}

/// How urgent the most urgent duty is.
pub fn due_states(_: &Snapshot) -> Vec<Term> {
    DueState::ALL.iter().map(|state| Term::new(state.key(), state.label())).collect()
}
