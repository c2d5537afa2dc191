//! What a column of a delivered table can mean.

use std::borrow::Cow;

use crate::model::CommitteeKind;

/// A fact about a committee that a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CommitteePart {
    /// Its number in the ledger.
    Code,
    /// Whether there is one (是/否, 已成立).
    Present,
    /// Day it was elected or formed.
    FormedOn,
    /// Day on which it applied for filing (备案申请日期).
    FilingAppliedOn,
    /// Day of filing (备案日期).
    FiledOn,
    /// Number of the filing (备案号).
    FilingNumber,
    /// Last day of its term (任期届满).
    TermUntil,
    /// Day it was dissolved.
    DissolvedOn,
    /// Whether it works as it should (运转正常).
    Operating,
    /// Number of members.
    Members,
    /// Whether it has a party organisation (党组织).
    Party,
    /// Since when it has one.
    PartySince,
}

/// What a column means. Two columns of a layer never mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DeliveredField {
    /// The register's own code, as in `CY-JS-0042`.
    Code,
    /// The code that the sender has for the area; kept as a foreign code of the sender's scheme.
    ForeignCode,
    /// Official name.
    Name,
    /// Names that people use; several in one cell.
    CommonNames,
    /// Names it had.
    FormerNames,
    /// Groups of buildings inside it.
    BuildingGroups,
    /// Street, by name, alias or code.
    Street,
    /// Community, by name or code.
    Community,
    /// Management type (管理类型).
    Management,
    /// Sub-kind of quasi-property.
    QuasiKind,
    /// Name of the company or owning unit.
    ManagerName,
    /// Credit code of the company or owning unit.
    ManagerUscc,
    /// Service telephone of the company or owning unit.
    ManagerPhone,
    /// Address (坐落).
    Address,
    /// 占地面积; compared with the outline, never stored.
    SiteArea,
    /// 建筑面积
    FloorArea,
    /// 户数
    Households,
    /// 楼栋数
    BuildingCount,
    /// 建成年代
    BuiltYear,
    /// 收费标准
    Fee,
    /// First day of the service contract.
    ContractFrom,
    /// Last day of the service contract.
    ContractUntil,
    /// What the service contract is (合同类型): ordinary, early stage, emergency.
    ContractKind,
    /// Day on which the contract was filed with the street (合同备案日期).
    ContractFiledOn,
    /// 划分文件
    DelimitationDocument,
    /// State of the owners' organisation in one text: 业委会, 已组建物管会, 无.
    CommitteeStatus,
    /// A fact about the committee of this kind.
    Committee(CommitteeKind, CommitteePart),
    /// Longitude, or the coordinate that the file calls so; geometry by now.
    Lng,
    /// Latitude, or the coordinate that the file calls so; geometry by now.
    Lat,
    /// Number of the row (序号): left out.
    Serial,
    /// Left out on purpose.
    Ignored,
}

impl CommitteePart {
    /// Every part.
    pub const ALL: [Self; 12] = [
        Self::Code,
        Self::Present,
        Self::FormedOn,
        Self::FilingAppliedOn,
        Self::FiledOn,
        Self::FilingNumber,
        Self::TermUntil,
        Self::DissolvedOn,
        Self::Operating,
        Self::Members,
        Self::Party,
        Self::PartySince,
    ];

    /// Key, at most seven letters, and names in both languages.
    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Code => ("code", "编号", "number"),
            Self::Present => ("present", "是否成立", "formed or not"),
            Self::FormedOn => ("formed", "成立日期", "formed on"),
            Self::FilingAppliedOn => ("applied", "备案申请日期", "applied for filing on"),
            Self::FiledOn => ("filed", "备案日期", "filed on"),
            Self::FilingNumber => ("filing", "备案号", "filing number"),
            Self::TermUntil => ("term", "任期届满", "term until"),
            Self::DissolvedOn => ("ended", "解散日期", "dissolved on"),
            Self::Operating => ("works", "运转正常", "operating"),
            Self::Members => ("members", "委员人数", "members"),
            Self::Party => ("party", "党组织", "party organisation"),
            Self::PartySince => ("psince", "党组织成立日期", "party organisation since"),
        }
    }
}

/// Fields that are not about a committee: key, short key of at most ten letters, Chinese and English name.
const PLAIN: [(DeliveredField, &str, &str, &str, &str); 30] = [
    (DeliveredField::Code, "code", "code", "登记编号", "Code"),
    (DeliveredField::ForeignCode, "foreign_code", "foreign", "送报单位编号", "Sender's code"),
    (DeliveredField::Name, "name", "name", "名称", "Name"),
    (DeliveredField::CommonNames, "common_names", "common", "常用名", "Common names"),
    (DeliveredField::FormerNames, "former_names", "former", "曾用名", "Former names"),
    (DeliveredField::BuildingGroups, "building_groups", "groups", "组团名", "Building groups"),
    (DeliveredField::Street, "street", "street", "街乡", "Street"),
    (DeliveredField::Community, "community", "community", "社区", "Community"),
    (DeliveredField::Management, "management", "management", "管理类型", "Management type"),
    (DeliveredField::QuasiKind, "quasi_kind", "quasi_kind", "准物业类别", "Quasi-property kind"),
    (DeliveredField::ManagerName, "manager_name", "manager", "管理单位", "Manager"),
    (DeliveredField::ManagerUscc, "manager_uscc", "uscc", "信用代码", "Credit code"),
    (DeliveredField::ManagerPhone, "manager_phone", "phone", "服务电话", "Service telephone"),
    (DeliveredField::Address, "address", "address", "坐落", "Address"),
    (DeliveredField::SiteArea, "site_area_m2", "site_m2", "占地面积", "Site area"),
    (DeliveredField::FloorArea, "floor_area_m2", "floor_m2", "建筑面积", "Floor area"),
    (DeliveredField::Households, "households", "households", "户数", "Households"),
    (DeliveredField::BuildingCount, "building_count", "buildings", "楼栋数", "Buildings"),
    (DeliveredField::BuiltYear, "built_year", "built_year", "建成年代", "Built"),
    (DeliveredField::Fee, "fee_yuan_per_m2_month", "fee", "收费标准", "Fee"),
    (DeliveredField::ContractFrom, "contract_from", "con_from", "合同起始", "Contract from"),
    (DeliveredField::ContractUntil, "contract_until", "con_until", "合同到期", "Contract until"),
    (DeliveredField::ContractKind, "contract_kind", "con_kind", "合同类型", "Kind of contract"),
    (DeliveredField::ContractFiledOn, "contract_filed_on", "con_filed", "合同备案日期", "Contract filed on"),
    (DeliveredField::DelimitationDocument, "delimitation_document", "delim_doc", "划分文件", "Delimitation document"),
    (DeliveredField::CommitteeStatus, "committee_status", "committee", "业主组织", "Committee"),
    (DeliveredField::Lng, "lng", "lng", "经度（X）", "Longitude (X)"),
    (DeliveredField::Lat, "lat", "lat", "纬度（Y）", "Latitude (Y)"),
    (DeliveredField::Serial, "serial", "serial", "序号", "Row number"),
    (DeliveredField::Ignored, "ignored", "ignored", "不读取", "Left out"),
];

impl DeliveredField {
    /// Every field, in the order in which they are offered.
    pub fn all() -> Vec<Self> {
        let committee =
            CommitteeKind::ALL.into_iter().flat_map(|kind| CommitteePart::ALL.map(|part| Self::Committee(kind, part)));
        PLAIN.iter().map(|plain| plain.0).chain(committee).collect()
    }

    /// Name used in settings and the API: `name`, `owners.formed`.
    pub fn key(self) -> Cow<'static, str> {
        match self {
            Self::Committee(kind, part) => format!("{}.{}", kind.key(), part.names().0).into(),
            plain => PLAIN.iter().find(|row| row.0 == plain).map_or(Cow::Borrowed(""), |row| row.1.into()),
        }
    }

    /// The field of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::all().into_iter().find(|field| field.key() == key)
    }

    /// Head of the column in exports: at most ten letters, as a Shapefile allows.
    pub fn short_key(self) -> String {
        match self {
            Self::Committee(CommitteeKind::Owners, part) => format!("oc_{}", part.names().0),
            Self::Committee(CommitteeKind::PropertyManagement, part) => format!("pm_{}", part.names().0),
            plain => PLAIN.iter().find(|row| row.0 == plain).map_or("", |row| row.2).to_owned(),
        }
    }

    /// What it is called, in Chinese and English.
    pub fn label(self) -> (String, String) {
        match self {
            Self::Committee(kind, part) => {
                let (_, zh, en) = part.names();
                let (committee, committee_en) = committee_name(kind);
                (format!("{committee}{zh}"), format!("{committee_en}: {en}"))
            }
            plain => PLAIN
                .iter()
                .find(|row| row.0 == plain)
                .map_or_else(Default::default, |row| (row.3.to_owned(), row.4.to_owned())),
        }
    }
}

/// What a kind of committee is called in sentences, in Chinese and English.
pub fn committee_name(kind: CommitteeKind) -> (&'static str, &'static str) {
    match kind {
        CommitteeKind::Owners => ("业委会", "owners' committee"),
        CommitteeKind::PropertyManagement => ("物管会", "property-management committee"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn keys_and_short_keys_are_unique_and_short_enough() {
        let all = DeliveredField::all();
        let keys: HashSet<String> = all.iter().map(|field| field.key().into_owned()).collect();
        let short: HashSet<String> = all.iter().map(|field| field.short_key()).collect();
        assert_eq!((keys.len(), short.len()), (all.len(), all.len()));
        for field in all {
            assert_eq!(DeliveredField::from_key(&field.key()), Some(field));
            assert!((1..=10).contains(&field.short_key().len()), "{}", field.short_key());
            assert!(!field.label().0.is_empty() && !field.label().1.is_empty());
        }
    }
}
