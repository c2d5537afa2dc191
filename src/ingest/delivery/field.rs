//! What a column of a delivered table can mean.

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

/// What a column means. One column may fill several fields, several columns never the same.
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
    /// 划分文件
    DelimitationDocument,
    /// State of the owners' organisation in one text: 业委会, 已组建物管会, 无.
    CommitteeStatus,
    /// A fact about the committee of this kind.
    Committee(CommitteeKind, CommitteePart),
    /// Longitude, or the coordinate that the file calls so.
    Lng,
    /// Latitude, or the coordinate that the file calls so.
    Lat,
    /// Number of the row (序号): left out.
    Serial,
    /// Left out on purpose.
    Ignored,
}
