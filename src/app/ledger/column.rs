//! The columns of the ledger: key, title, who may see it, what stands in it.

use std::borrow::Cow;

use jiff::civil::Date;

use crate::app::Snapshot;
use crate::app::ledger::terms::{self, Term};
use crate::auth::{Field, Visibility};
use crate::model::{Area, Committee, CommitteeKind, CommitteeStatus, Management, Manager, Text};
use crate::stats::Due;

/// What kind of values a column has.
#[derive(Debug, Clone, Copy)]
pub enum ColumnKind {
    /// Texts, sorted by their reading.
    Text,
    /// Days.
    Date,
    /// Numbers with so many digits after the point.
    Number(u8),
    /// Yes or no.
    Boolean,
    /// Coded values out of this list, in its order.
    Term(fn(&Snapshot) -> Vec<Term>),
}

/// A value of the ledger.
#[derive(Debug, Clone, PartialEq)]
pub enum LedgerValue<'a> {
    /// Nobody has said, or there is nothing to say.
    Nothing,
    /// A text.
    Text(Cow<'a, str>),
    /// A day.
    Date(Date),
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// The code of a term.
    Term(&'a str),
}

/// One area and what follows from it, as the ledger tells it.
pub struct LedgerRow<'a> {
    pub(super) area: &'a Area,
    pub(super) snapshot: &'a Snapshot,
    pub(super) sight: Visibility,
    pub(super) status: CommitteeStatus,
    pub(super) style: &'static str,
    pub(super) manager: Option<&'a Manager>,
    pub(super) owners: Option<&'a Committee>,
    pub(super) managing: Option<&'a Committee>,
    pub(super) due: Option<Due>,
    pub(super) warnings: usize,
}

impl<'a> LedgerRow<'a> {
    /// The committee of a kind that the ledger tells of: the last one that is there on the day.
    pub(super) fn committee(area: &'a Area, kind: CommitteeKind, day: Date) -> Option<&'a Committee> {
        area.committees.iter().flatten().rfind(|committee| committee.kind == kind && committee.exists_on(day))
    }
}

/// A column of the ledger.
pub struct LedgerColumn {
    /// Its name in the API.
    pub key: &'static str,
    /// What it is called.
    pub title: Text,
    /// The field that says who may see it.
    pub field: Field,
    /// What kind of values it has.
    pub kind: ColumnKind,
    /// Its value of an area.
    pub value: for<'a> fn(&LedgerRow<'a>) -> LedgerValue<'a>,
}

macro_rules! column {
    ($key:literal, $zh:literal, $en:literal, $field:ident, $kind:expr, $value:expr) => {
        LedgerColumn {
            key: $key,
            title: Text { zh: $zh, en: $en },
            field: Field::$field,
            kind: $kind,
            value: {
                fn value<'a>(row: &LedgerRow<'a>) -> LedgerValue<'a> {
                    let of: for<'b> fn(&LedgerRow<'b>) -> LedgerValue<'b> = $value;
                    of(row)
                }
                value
            },
        }
    };
}

/// Every column, in the order of the table.
#[rustfmt::skip]
pub static COLUMNS: [LedgerColumn; 47] = {
    use ColumnKind as K;
    [
        column!("code", "区域编码", "Code", Identity, K::Text, |row| text(row.area.code.as_str())),
        column!("name", "名称", "Name", Identity, K::Text, |row| text(&row.area.name)),
        column!("other_names", "其他名称", "Other names", Identity, K::Text, |row| other_names(row.area)),
        column!("street", "街乡", "Street", Identity, K::Term(terms::streets), |row| LedgerValue::Term(row.area.street.as_str())),
        column!("community", "社区", "Community", Identity, K::Text, |row| optional(row.snapshot.community_of(row.area).map(|community| community.stem.as_str()))),
        column!("management", "管理类型", "Management", Management, K::Term(terms::management), |row| LedgerValue::Term(row.area.management.key())),
        column!("quasi_kind", "准物业类别", "Kind of quasi-property", Management, K::Term(terms::quasi_kinds), |row| quasi_kind(row.area.management)),
        column!("committee", "业主组织", "Owners' organisation", CommitteeStatus, K::Term(terms::statuses), |row| LedgerValue::Term(row.status.key())),
        column!("style", "图上类别", "Class on the map", CommitteeStatus, K::Term(terms::classes), |row| LedgerValue::Term(row.style)),
        column!("manager_name", "管理主体", "Manager", Manager, K::Text, |row| optional(row.manager.map(|manager| manager.name.as_str()))),
        column!("manager_kind", "主体类别", "Kind of manager", Manager, K::Term(terms::manager_kinds), |row| row.manager.map_or(LedgerValue::Nothing, |manager| LedgerValue::Term(manager.kind.key()))),
        column!("manager_uscc", "统一社会信用代码", "Credit code", ManagerUscc, K::Text, |row| optional(row.manager.map(|manager| manager.uscc.as_str()))),
        column!("manager_phone", "服务电话", "Service telephone", ManagerPhone, K::Text, |row| optional(row.manager.and_then(|manager| manager.phone.as_deref()))),
        column!("address", "坐落", "Address", Address, K::Text, |row| optional(row.area.attributes.address.as_deref())),
        column!("site_area_m2", "占地面积（㎡）", "Site area (m²)", Size, K::Number(1), |row| LedgerValue::Number((row.area.site_area_m2 * 10.0).round() / 10.0)),
        column!("floor_area_m2", "建筑面积（㎡）", "Floor area (m²)", Size, K::Number(1), |row| number(row.area.attributes.floor_area_m2)),
        column!("households", "户数", "Households", Size, K::Number(0), |row| number(row.area.attributes.households)),
        column!("building_count", "楼栋数", "Buildings", Size, K::Number(0), |row| number(row.area.attributes.building_count)),
        column!("built_year", "建成年代", "Built", Size, K::Number(0), |row| number(row.area.attributes.built_year)),
        column!("fee_yuan_per_m2_month", "收费标准（元/㎡·月）", "Fee (yuan/m² and month)", Fee, K::Number(2), |row| number(row.area.attributes.fee_yuan_per_m2_month)),
        column!("contract_from", "合同起始", "Contract from", Contract, K::Date, |row| date(row.area.attributes.contract_from)),
        column!("contract_until", "合同到期", "Contract until", Contract, K::Date, |row| date(row.area.attributes.contract_until)),
        column!("contract_kind", "合同类型", "Kind of contract", Contract, K::Term(terms::contract_kinds), |row| row.area.attributes.contract_kind.map_or(LedgerValue::Nothing, |kind| LedgerValue::Term(kind.key()))),
        column!("contract_filed_on", "合同备案日期", "Contract filed", Contract, K::Date, |row| date(row.area.attributes.contract_filed_on)),
        column!("delimitation_document", "划分文件", "Delimitation document", Source, K::Text, |row| optional(row.area.attributes.delimitation_document.as_deref())),
        column!("owners_formed_on", "业委会成立日期", "Owners' committee formed", Committees, K::Date, |row| date(row.owners.map(|one| one.formed_on))),
        column!("owners_filing_applied_on", "业委会备案申请日期", "Owners' committee applied for filing", Committees, K::Date, |row| date(row.owners.and_then(|one| one.filing_applied_on))),
        column!("owners_filed_on", "业委会备案日期", "Owners' committee filed", Committees, K::Date, |row| date(row.owners.and_then(|one| one.filed_on))),
        column!("owners_filing_number", "业委会备案号", "Owners' committee filing number", Committees, K::Text, |row| optional(row.owners.and_then(|one| one.filing_number.as_deref()))),
        column!("owners_term_until", "业委会任期届满", "Owners' committee term ends", Committees, K::Date, |row| date(row.owners.and_then(|one| one.term_until))),
        column!("owners_operating", "业委会运转正常", "Owners' committee works", Committees, K::Boolean, |row| boolean(row.owners.map(|one| one.operating))),
        column!("owners_members", "业委会委员数", "Owners' committee members", Committees, K::Number(0), |row| number(row.owners.and_then(|one| one.members))),
        column!("owners_party", "业委会党组织", "Owners' committee party organisation", CommitteeParty, K::Boolean, |row| boolean(row.owners.and_then(|one| one.party).map(|party| party.present))),
        column!("managing_formed_on", "物管会组建日期", "Management committee formed", Committees, K::Date, |row| date(row.managing.map(|one| one.formed_on))),
        column!("managing_filing_applied_on", "物管会备案申请日期", "Management committee applied for filing", Committees, K::Date, |row| date(row.managing.and_then(|one| one.filing_applied_on))),
        column!("managing_filed_on", "物管会备案日期", "Management committee filed", Committees, K::Date, |row| date(row.managing.and_then(|one| one.filed_on))),
        column!("managing_filing_number", "物管会备案号", "Management committee filing number", Committees, K::Text, |row| optional(row.managing.and_then(|one| one.filing_number.as_deref()))),
        column!("managing_term_until", "物管会任期届满", "Management committee term ends", Committees, K::Date, |row| date(row.managing.and_then(|one| one.term_until))),
        column!("managing_operating", "物管会运转正常", "Management committee works", Committees, K::Boolean, |row| boolean(row.managing.map(|one| one.operating))),
        column!("managing_members", "物管会委员数", "Management committee members", Committees, K::Number(0), |row| number(row.managing.and_then(|one| one.members))),
        column!("managing_party", "物管会党组织", "Management committee party organisation", CommitteeParty, K::Boolean, |row| boolean(row.managing.and_then(|one| one.party).map(|party| party.present))),
        column!("manager_party", "企业党组织", "Party organisation of the manager", ManagerParty, K::Boolean, |row| boolean(row.manager.and_then(|manager| manager.party_organisation))),
        column!("next_due", "最近到期日", "Next due day", Committees, K::Date, |row| date(row.due.map(|due| due.due_on))),
        column!("due", "到期情况", "Due", Committees, K::Term(terms::due_states), |row| row.due.map_or(LedgerValue::Nothing, |due| LedgerValue::Term(due.state.key()))),
        column!("warnings", "规则提示数", "Rule findings", Findings, K::Number(0), |row| LedgerValue::Number(row.warnings as f64)),
        column!("valid_from", "生效日期", "Valid from", Identity, K::Date, |row| date(row.area.validity.from)),
        column!("demo", "演示数据", "Demonstration data", Identity, K::Boolean, |row| LedgerValue::Boolean(row.area.demo)),
    ]
};

fn text(text: &str) -> LedgerValue<'_> {
    if text.is_empty() { LedgerValue::Nothing } else { LedgerValue::Text(Cow::Borrowed(text)) }
}

fn optional(value: Option<&str>) -> LedgerValue<'_> {
    value.map_or(LedgerValue::Nothing, text)
}

fn number<'a>(value: Option<impl Into<f64>>) -> LedgerValue<'a> {
    value.map_or(LedgerValue::Nothing, |value| LedgerValue::Number(value.into()))
}

fn date<'a>(value: Option<Date>) -> LedgerValue<'a> {
    value.map_or(LedgerValue::Nothing, LedgerValue::Date)
}

fn boolean<'a>(value: Option<bool>) -> LedgerValue<'a> {
    value.map_or(LedgerValue::Nothing, LedgerValue::Boolean)
}

fn other_names(area: &Area) -> LedgerValue<'_> {
    match area.other_names.as_slice() {
        [] => LedgerValue::Nothing,
        [one] => text(&one.text),
        many => {
            LedgerValue::Text(Cow::Owned(many.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join("、")))
        }
    }
}

fn quasi_kind<'a>(management: Management) -> LedgerValue<'a> {
    match management {
        Management::QuasiProperty(kind) => LedgerValue::Term(kind.key()),
        Management::Contracted | Management::Unknown => LedgerValue::Nothing,
    }
}
