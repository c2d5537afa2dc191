//! A row with typed values. `None` is "the row does not say", which never takes anything away.

use jiff::civil::Date;

use crate::model::{AreaCode, CommitteeStatus, CommunityCode, ContractKind, Management, StreetCode, Uscc};

/// What a row says of an area.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AreaRow {
    /// The register's own code.
    pub code: Option<AreaCode>,
    /// The sender's code.
    pub foreign_code: Option<String>,
    /// Official name.
    pub name: Option<String>,
    /// Names that people use.
    pub common_names: Option<Vec<String>>,
    /// Names it had.
    pub former_names: Option<Vec<String>>,
    /// Groups of buildings inside it.
    pub building_groups: Option<Vec<String>>,
    /// Street, known to the register.
    pub street: Option<StreetCode>,
    /// Whether the row names a street that is not known; a finding says so.
    pub street_is_faulty: bool,
    /// Community, known to the register and of the street.
    pub community: Option<CommunityCode>,
    /// Management.
    pub management: Option<Management>,
    /// Name of the manager, as written.
    pub manager_name: Option<String>,
    /// Its credit code, both check characters right.
    pub manager_uscc: Option<Uscc>,
    /// Its service telephone.
    pub manager_phone: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// 占地面积 as stated, square metres; compared with the outline, never stored.
    pub site_area_m2: Option<f64>,
    /// 建筑面积, square metres.
    pub floor_area_m2: Option<f64>,
    /// 户数
    pub households: Option<u32>,
    /// 楼栋数
    pub building_count: Option<u32>,
    /// 建成年代
    pub built_year: Option<i16>,
    /// 收费标准, yuan per square metre and month.
    pub fee_yuan_per_m2_month: Option<f64>,
    /// First day of the service contract.
    pub contract_from: Option<Date>,
    /// Last day of the service contract.
    pub contract_until: Option<Date>,
    /// What the service contract is.
    pub contract_kind: Option<ContractKind>,
    /// Day on which the contract was filed.
    pub contract_filed_on: Option<Date>,
    /// 划分文件
    pub delimitation_document: Option<String>,
    /// State of the owners' organisation, where one text says it; `None` of the enumeration means "there is none".
    pub committee_status: Option<CommitteeStatus>,
    /// What is said of the owners' committee.
    pub owners: Option<CommitteeRow>,
    /// What is said of the property-management committee.
    pub property_management: Option<CommitteeRow>,
}

/// What a row says of a committee of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitteeRow {
    /// Its number in the ledger.
    pub code: Option<String>,
    /// Whether there is one.
    pub present: Option<bool>,
    /// Day it was elected or formed.
    pub formed_on: Option<Date>,
    /// Day on which it applied for filing.
    pub filing_applied_on: Option<Date>,
    /// Day of filing.
    pub filed_on: Option<Date>,
    /// Number of the filing.
    pub filing_number: Option<String>,
    /// Last day of its term.
    pub term_until: Option<Date>,
    /// Day it was dissolved.
    pub dissolved_on: Option<Date>,
    /// Whether it works as it should.
    pub operating: Option<bool>,
    /// Number of members.
    pub members: Option<u16>,
    /// Whether it has a party organisation.
    pub party: Option<bool>,
    /// Since when it has one.
    pub party_since: Option<Date>,
}

impl AreaRow {
    /// Takes from another row what this one does not say.
    pub fn fill_from(&mut self, other: Self) {
        self.street_is_faulty |= other.street_is_faulty;
        CommitteeRow::fill(&mut self.owners, other.owners);
        CommitteeRow::fill(&mut self.property_management, other.property_management);
        macro_rules! fill {
            ($($field:ident),*) => { $( if self.$field.is_none() { self.$field = other.$field; } )* };
        }
        fill!(
            code,
            foreign_code,
            name,
            common_names,
            former_names,
            building_groups,
            street,
            community,
            management,
            manager_name,
            manager_uscc,
            manager_phone,
            address,
            site_area_m2,
            floor_area_m2,
            households,
            building_count,
            built_year,
            fee_yuan_per_m2_month,
            contract_from,
            contract_until,
            contract_kind,
            contract_filed_on,
            delimitation_document,
            committee_status
        );
    }
}

impl CommitteeRow {
    /// Whether it says that there is a committee, and not only that one does not work or has no party organisation.
    pub fn is_there(&self) -> bool {
        let Self { operating, party, present, .. } = self;
        let told = Self {
            operating: operating.filter(|operating| *operating),
            party: party.filter(|party| *party),
            present: None,
            ..self.clone()
        };
        *present == Some(true) || told != Self::default()
    }

    /// Takes from another row what this one does not say, fact by fact.
    fn fill(this: &mut Option<Self>, other: Option<Self>) {
        let (Some(this), Some(other)) = (this.as_mut(), other.as_ref()) else {
            if this.is_none() {
                *this = other;
            }
            return;
        };
        macro_rules! fill {
            ($($field:ident),*) => { $( if this.$field.is_none() { this.$field.clone_from(&other.$field); } )* };
        }
        fill!(
            code,
            present,
            formed_on,
            filing_applied_on,
            filed_on,
            filing_number,
            term_until,
            dissolved_on,
            operating,
            members,
            party,
            party_since
        );
    }
}
