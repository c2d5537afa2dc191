//! What a record says, prepared for comparing.

use crate::reconcile::record::Record;
use crate::reconcile::text::address::Address;
use crate::reconcile::text::coding::{self, Committee, Company, Management};
use crate::reconcile::text::name::{Name, hash};

/// The texts of one record, taken apart once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Features {
    /// The name, its shorter reading, and the aliases on file.
    pub(crate) names: Box<[Name]>,
    /// How many of `names` are readings of the name itself.
    pub(crate) own_names: usize,
    /// Where it is: the address, and the name when that is an address.
    pub(crate) addresses: Box<[Address]>,
    /// How many of `addresses` come from the address field, 0 or 1.
    pub(crate) own_addresses: usize,
    /// The company; empty when unknown.
    pub(crate) company: Company,
    /// The street by a hash, 0 when unknown.
    pub(crate) street: u64,
    pub(crate) households: Option<u32>,
    pub(crate) management: Option<Management>,
    pub(crate) committee: Option<Committee>,
}

impl Features {
    pub(crate) fn of(record: &Record) -> Self {
        let mut names: Vec<Name> =
            Name::parse(&record.name).into_iter().chain(Name::parse_shorter(&record.name)).collect();
        let own_names = names.len();
        names.extend(record.aliases.iter().filter_map(|alias| Name::parse(alias)));
        let mut addresses: Vec<Address> = Vec::new();
        addresses.extend(if record.address.is_empty() { None } else { Address::parse(&record.address) });
        let own_addresses = addresses.len();
        addresses.extend(names.iter().filter_map(|name| Address::of_name(&name.key)));
        let street = coding::street(&record.street);
        Self {
            own_names,
            own_addresses,
            names: names.into(),
            addresses: addresses.into(),
            company: Company::of(&record.company),
            street: if street.is_empty() { 0 } else { hash(&street) },
            households: coding::households(&record.households),
            management: coding::management(&record.management),
            committee: coding::committee(&record.committee),
        }
    }

    /// The name, unless nothing is left of it.
    pub(crate) fn name(&self) -> Option<&Name> {
        self.names.first().filter(|_| self.own_names > 0)
    }

    /// Whether it is the name of a place where nobody lives.
    pub(crate) fn other_use(&self) -> bool {
        self.name().is_some_and(|name| name.other_use)
    }

    /// Whether it is called by a road and a number.
    pub(crate) fn is_named_by_door(&self) -> bool {
        self.addresses.len() > self.own_addresses
    }

    /// Numbers of the areas that the name stands for, when it stands for several.
    pub(crate) fn is_range(&self) -> bool {
        self.name().is_some_and(|name| !name.members.is_empty())
    }
}
