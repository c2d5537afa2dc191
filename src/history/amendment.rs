//! Amendments: new values of an area, value by value.

use jiff::civil::Date;

use crate::history::{AreaFact, Drawn};
use crate::model::{
    Attributes, Committee, CommunityCode, ContractKind, ForeignCode, Management, Name, StreetCode, Uscc,
};

/// New values of an area; `None` leaves a value as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Amendment {
    /// Official name.
    pub name: Option<String>,
    /// All further names.
    pub other_names: Option<Vec<Name>>,
    /// Street.
    pub street: Option<StreetCode>,
    /// Community; `Some(None)` takes it away.
    pub community: Option<Option<CommunityCode>>,
    /// Management.
    pub management: Option<Management>,
    /// Manager; `Some(None)` takes it away.
    pub manager: Option<Option<Uscc>>,
    /// Descriptive facts.
    pub attributes: AttributeChanges,
    /// All committees; one that is left out is not there.
    pub committees: Option<Vec<Committee>>,
    /// Boundary; needs the fates of the committees.
    pub drawn: Option<Drawn>,
}

/// New values of descriptive facts; `None` leaves a value as it is, `Some(None)` takes it away.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AttributeChanges {
    /// See [`Attributes::address`].
    pub address: Option<Option<String>>,
    /// See [`Attributes::floor_area_m2`].
    pub floor_area_m2: Option<Option<f64>>,
    /// See [`Attributes::households`].
    pub households: Option<Option<u32>>,
    /// See [`Attributes::building_count`].
    pub building_count: Option<Option<u32>>,
    /// See [`Attributes::built_year`].
    pub built_year: Option<Option<i16>>,
    /// See [`Attributes::fee_yuan_per_m2_month`].
    pub fee_yuan_per_m2_month: Option<Option<f64>>,
    /// See [`Attributes::contract_from`].
    pub contract_from: Option<Option<Date>>,
    /// See [`Attributes::contract_until`].
    pub contract_until: Option<Option<Date>>,
    /// See [`Attributes::contract_kind`].
    pub contract_kind: Option<Option<ContractKind>>,
    /// See [`Attributes::contract_filed_on`].
    pub contract_filed_on: Option<Option<Date>>,
    /// See [`Attributes::delimitation_document`].
    pub delimitation_document: Option<Option<String>>,
    /// See [`Attributes::foreign_codes`]; all of them.
    pub foreign_codes: Option<Vec<ForeignCode>>,
}

impl AttributeChanges {
    /// The attributes with the new values.
    pub fn applied_to(&self, old: &Attributes) -> Attributes {
        let Self {
            address,
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
            foreign_codes,
        } = self;
        Attributes {
            address: address.clone().unwrap_or_else(|| old.address.clone()),
            floor_area_m2: floor_area_m2.unwrap_or(old.floor_area_m2),
            households: households.unwrap_or(old.households),
            building_count: building_count.unwrap_or(old.building_count),
            built_year: built_year.unwrap_or(old.built_year),
            fee_yuan_per_m2_month: fee_yuan_per_m2_month.unwrap_or(old.fee_yuan_per_m2_month),
            contract_from: contract_from.unwrap_or(old.contract_from),
            contract_until: contract_until.unwrap_or(old.contract_until),
            contract_kind: contract_kind.unwrap_or(old.contract_kind),
            contract_filed_on: contract_filed_on.unwrap_or(old.contract_filed_on),
            delimitation_document: delimitation_document.clone().unwrap_or_else(|| old.delimitation_document.clone()),
            foreign_codes: foreign_codes.clone().unwrap_or_else(|| old.foreign_codes.clone()),
        }
    }
}

impl Amendment {
    /// The area with the new values; its manager and committees are facts of their own and not among them.
    pub fn applied_to(&self, old: &AreaFact) -> AreaFact {
        let mut new = AreaFact { attributes: self.attributes.applied_to(&old.attributes), ..old.clone() };
        if let Some(name) = &self.name {
            new.name.clone_from(name);
        }
        if let Some(names) = &self.other_names {
            new.other_names.clone_from(names);
        }
        if let Some(street) = &self.street {
            new.street = street.clone();
        }
        if let Some(community) = &self.community {
            new.community.clone_from(community);
        }
        new.management = self.management.unwrap_or(old.management);
        new.committees_known |= self.committees.is_some();
        if let Some(drawn) = &self.drawn {
            drawn.draw(&mut new);
        }
        new
    }
}
