//! How an area is managed and by whom.

use crate::model::{ManagerId, Uscc};

/// Management type (管理类型) of an area. `Unknown` is a value of its own and never a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Management {
    /// 委托管理: owners or the owning unit engaged a property company.
    Contracted,
    /// 准物业: run directly by the owning unit and the like.
    QuasiProperty(QuasiKind),
    /// Nobody has said.
    Unknown,
}

impl Management {
    /// Name used in files, tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Contracted => "contracted",
            Self::QuasiProperty(_) => "quasi_property",
            Self::Unknown => "unknown",
        }
    }

    /// What kind of body manages such areas; `None` where nobody has said how it is managed.
    /// A body of the other kind is none of its managers in that sense, whoever named it.
    pub fn manager_kind(self) -> Option<ManagerKind> {
        match self {
            Self::Contracted => Some(ManagerKind::Company),
            Self::QuasiProperty(_) => Some(ManagerKind::OwningUnit),
            Self::Unknown => None,
        }
    }
}

/// Who runs a quasi-property area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuasiKind {
    /// 产权单位自管
    OwningUnit,
    /// 直管公房
    PublicHousing,
    /// 街道兜底
    StreetFallback,
    /// 居民自管
    SelfManaged,
    /// Another form.
    Other,
}

impl QuasiKind {
    /// Every kind, in the order of the glossary.
    pub const ALL: [Self; 5] =
        [Self::OwningUnit, Self::PublicHousing, Self::StreetFallback, Self::SelfManaged, Self::Other];

    /// Name used in files, tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::OwningUnit => "owning_unit",
            Self::PublicHousing => "public_housing",
            Self::StreetFallback => "street_fallback",
            Self::SelfManaged => "self_managed",
            Self::Other => "other",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// What a service contract is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContractKind {
    /// 普通物业服务合同: the owners engaged the company.
    Ordinary,
    /// 前期物业服务合同: the builder's, for two years at most (Beijing property ordinance, art. 19).
    EarlyStage,
    /// 应急物业服务: the street's stop-gap, for six months at most (art. 77).
    Emergency,
}

impl ContractKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Ordinary, Self::EarlyStage, Self::Emergency];

    /// Name used in files, tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::EarlyStage => "early_stage",
            Self::Emergency => "emergency",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// What kind of body manages an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ManagerKind {
    /// 物业服务企业, provider of contracted areas.
    Company,
    /// 产权单位, manager of quasi-property areas.
    OwningUnit,
}

impl ManagerKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Company, Self::OwningUnit];

    /// Name used in files, tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::OwningUnit => "owning_unit",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// A body that manages areas.
#[derive(Debug, Clone, PartialEq)]
pub struct Manager {
    /// Number in the store.
    pub id: ManagerId,
    /// Company or owning unit.
    pub kind: ManagerKind,
    /// Registered name.
    pub name: String,
    /// Unified social credit code, both check characters right.
    pub uscc: Uscc,
    /// Service telephone of the body, never of a person.
    pub phone: Option<String>,
    /// Whether it has a party organisation (党组织); internal.
    pub party_organisation: Option<bool>,
    /// Demonstration data, not real.
    pub demo: bool,
}
