//! The area itself.

use geo::MultiPolygon;
use jiff::civil::Date;

use crate::model::{
    AreaCode, AreaId, Committee, CommitteeStatus, CommunityCode, ContractKind, Management, ManagerId, RecordId,
    Revision, StreetCode, Validity,
};

/// Boundary of an area: degrees (EPSG:4490), lng lat, rings closed, exteriors counter-clockwise, one polygon or more.
pub type Boundary = MultiPolygon<f64>;

/// What a further name of an area is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// What people call it.
    Common,
    /// What it was called before.
    Former,
    /// A group of buildings inside it.
    BuildingGroup,
}

impl NameKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Common, Self::Former, Self::BuildingGroup];

    /// Name used in tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Common => "common",
            Self::Former => "former",
            Self::BuildingGroup => "building_group",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// A further name of an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// What it is.
    pub kind: NameKind,
    /// The name.
    pub text: String,
}

/// Descriptive facts of an area; `None` is "nobody has said".
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Attributes {
    /// Address (坐落).
    pub address: Option<String>,
    /// 建筑面积 in square metres.
    pub floor_area_m2: Option<f64>,
    /// 户数
    pub households: Option<u32>,
    /// 楼栋数
    pub building_count: Option<u32>,
    /// 建成年代
    pub built_year: Option<i16>,
    /// 收费标准 in yuan per square metre and month.
    pub fee_yuan_per_m2_month: Option<f64>,
    /// First day of the service contract.
    pub contract_from: Option<Date>,
    /// Last day of the service contract.
    pub contract_until: Option<Date>,
    /// What the service contract is.
    pub contract_kind: Option<ContractKind>,
    /// Day on which the contract was filed with the street (合同备案); it may lie before the first day of the contract.
    pub contract_filed_on: Option<Date>,
    /// 划分文件: the paper that delimits the area.
    pub delimitation_document: Option<String>,
    /// Codes that others have for it, at most one for each scheme, sorted by scheme.
    pub foreign_codes: Vec<ForeignCode>,
}

/// A code that somebody else has for an area.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignCode {
    /// Whose: the sender of the deliveries in which it stands.
    pub scheme: String,
    /// The code.
    pub code: String,
}

/// A property-management area (物业管理区域): one delimited boundary and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Number, never reused.
    pub id: AreaId,
    /// Code, never reused.
    pub code: AreaCode,
    /// Official name.
    pub name: String,
    /// Further names.
    pub other_names: Vec<Name>,
    /// The street it belongs to.
    pub street: StreetCode,
    /// The community it belongs to, where known.
    pub community: Option<CommunityCode>,
    /// Its boundary.
    pub boundary: Boundary,
    /// Surface inside the boundary in square metres, geodesic; measured when the boundary was recorded.
    pub site_area_m2: f64,
    /// How it is managed.
    pub management: Management,
    /// By whom, where known.
    pub manager: Option<ManagerId>,
    /// Its committees, also ended ones; `None` when nobody has said.
    pub committees: Option<Vec<Committee>>,
    /// Everything else.
    pub attributes: Attributes,
    /// When it is true.
    pub validity: Validity,
    /// The record under which this version was entered.
    pub record: RecordId,
    /// The latest record that changed anything of it, of its manager's assignment or of its committees.
    pub changed: Revision,
    /// Demonstration data, not real.
    pub demo: bool,
}

impl Area {
    /// Whether the ledger tells how it is managed and of its committees (上账); an area that is only drawn is not registered.
    pub fn is_registered(&self) -> bool {
        self.management != Management::Unknown && self.committees.is_some()
    }

    /// Status of its owners' organisation on `day`.
    pub fn committee_status(&self, day: Date) -> CommitteeStatus {
        CommitteeStatus::derive(self.committees.as_deref(), day)
    }
}
