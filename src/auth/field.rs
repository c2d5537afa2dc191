//! The fields of the API and the visibility of each.

use geo::Coord;

use crate::auth::policy::{Resource, within};
use crate::auth::role::{Actor, Role, Scope};
use crate::geom::{gridded, gridded_point};
use crate::model::{Boundary, StreetCode};

/// Who may see a field: everybody from that level on. Also how much somebody sees of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Visibility {
    /// Everyone (Beijing property ordinance, art. 70).
    Public,
    /// The office of the street that the thing belongs to.
    Officer,
    /// Those who keep the register.
    Clerk,
    /// Those who answer for the whole district or look after it.
    District,
}

impl Visibility {
    /// Whether somebody who sees so much of a thing sees this field of it.
    pub fn shows(self, field: Field) -> bool {
        field.visibility() <= self
    }

    /// Whether they see a property, by its name in the API. One that belongs to no field is for nobody.
    pub fn shows_property(self, name: &str) -> bool {
        Field::of_property(name).is_some_and(|field| self.shows(field))
    }
}

impl Visibility {
    /// A boundary as far as it is shown: those who see no more than everybody see it on a grid of that tolerance.
    pub fn boundary(self, boundary: &Boundary, tolerance_m: f64) -> Boundary {
        match self {
            Self::Public => gridded(boundary, tolerance_m),
            Self::Officer | Self::Clerk | Self::District => boundary.clone(),
        }
    }

    /// A distance from a border as far as it is shown: to whole tolerances where the border is shown to one, and to a
    /// decimetre in any case.
    pub fn metres(self, metres: f64, tolerance_m: f64) -> f64 {
        let decimetres = |metres: f64| (metres * 10.0).round() / 10.0;
        match self {
            Self::Public if tolerance_m > 0.0 => decimetres((metres / tolerance_m).round() * tolerance_m),
            _ => decimetres(metres),
        }
    }
}

impl Actor {
    /// How much they see of what belongs there. An officer sees no more than everybody in streets of others.
    pub fn sight(&self, of: &Resource<'_>) -> Visibility {
        match self.role {
            Role::Public => Visibility::Public,
            Role::Officer if within(&self.streets, of) => Visibility::Officer,
            Role::Officer => Visibility::Public,
            Role::Clerk => Visibility::Clerk,
            Role::District | Role::Auditor | Role::Admin | Role::Machine => Visibility::District,
            Role::Token if !self.scopes.contains(&Scope::Read) => Visibility::Public,
            Role::Token if self.streets.is_empty() || within(&self.streets, of) => Visibility::Officer,
            Role::Token => Visibility::Public,
        }
    }

    /// How much they see of what belongs to a street.
    pub fn sight_in(&self, street: &StreetCode) -> Visibility {
        self.sight(&Resource::Street(street))
    }

    /// How much they see of what belongs to any of these streets, such as a manager of areas in several; of what belongs to no
    /// street as much as of the district.
    pub fn sight_in_any<'a>(&self, streets: impl IntoIterator<Item = &'a StreetCode>) -> Visibility {
        let of_district = self.sight(&Resource::District);
        streets.into_iter().map(|street| self.sight_in(street)).fold(of_district, Ord::max)
    }

    /// A point that they ask about, as exactly as they may: whoever sees no border as it is gets answers for the points of
    /// that grid.
    pub fn asks_at(&self, point: Coord, tolerance_m: f64) -> Coord {
        match self.widest_sight() {
            Visibility::Public => gridded_point(point, tolerance_m),
            Visibility::Officer | Visibility::Clerk | Visibility::District => point,
        }
    }

    /// The most that they see of anything.
    pub fn widest_sight(&self) -> Visibility {
        self.sight_in_any(self.streets.iter())
    }

    /// Whether they see a field of what belongs to the whole district.
    pub fn may_see(&self, field: Field) -> bool {
        self.sight(&Resource::District).shows(field)
    }
}

/// A field, or a group of fields that are always seen together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Code, names, street, community, boundary.
    Identity,
    /// Management type and its sub-kind.
    Management,
    /// Status derived from the committees, and the class that follows.
    CommitteeStatus,
    /// Name and kind of the manager.
    Manager,
    /// Service telephone of the manager.
    ManagerPhone,
    /// Credit code of the manager.
    ManagerUscc,
    /// Party organisation of the manager.
    ManagerParty,
    /// Fee standard.
    Fee,
    /// Address.
    Address,
    /// Surface, floor area, households, buildings, built year.
    Size,
    /// Kind and dates of the service contract, and of its filing.
    Contract,
    /// The paper that delimits the area, and the record it was entered under.
    Source,
    /// Codes that others have for the area.
    ForeignCodes,
    /// Deliveries, what was found in them, and exceptions.
    Deliveries,
    /// What of the register breaks a rule.
    Findings,
    /// The committees one by one: kind, dates, filing, members.
    Committees,
    /// Party organisation of a committee.
    CommitteeParty,
    /// The rates of party coverage.
    PartyRates,
    /// What was entered under which record, and when, but not by whom.
    Records,
    /// Who entered a record.
    RecordAuthor,
    /// How the server is doing.
    Operations,
}

impl Field {
    /// The field that a property of an area or of a committee belongs to, by its name in the API.
    pub fn of_property(name: &str) -> Option<Self> {
        Some(match name {
            "name" | "other_names" | "street" | "community" | "boundary" | "demo" => Self::Identity,
            "management" | "quasi_kind" => Self::Management,
            "committee" => Self::CommitteeStatus,
            "manager" => Self::ManagerUscc,
            "manager_name" => Self::Manager,
            "address" => Self::Address,
            "site_area_m2" | "floor_area_m2" | "households" | "building_count" | "built_year" => Self::Size,
            "fee_yuan_per_m2_month" => Self::Fee,
            "contract_from" | "contract_until" | "contract_kind" | "contract_filed_on" => Self::Contract,
            "delimitation_document" => Self::Source,
            "foreign_codes" => Self::ForeignCodes,
            "committees" | "area" | "kind" | "formed_on" | "filing_applied_on" | "filed_on" | "filing_number" => {
                Self::Committees
            }
            "term_until" | "dissolved_on" | "operating" | "members" => Self::Committees,
            "party_organisation" | "party_since" => Self::CommitteeParty,
            _ => return None,
        })
    }

    /// The one place that says who may see a field.
    pub fn visibility(self) -> Visibility {
        match self {
            Self::Identity
            | Self::Management
            | Self::CommitteeStatus
            | Self::Manager
            | Self::ManagerPhone
            | Self::Fee
            | Self::Source
            | Self::Records => Visibility::Public,
            Self::ManagerUscc
            | Self::ManagerParty
            | Self::Address
            | Self::Size
            | Self::Contract
            | Self::ForeignCodes
            | Self::Findings
            | Self::Committees
            | Self::CommitteeParty
            | Self::PartyRates => Visibility::Officer,
            Self::Deliveries | Self::RecordAuthor => Visibility::Clerk,
            Self::Operations => Visibility::District,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn street(code: &str) -> StreetCode {
        StreetCode::parse(code).unwrap()
    }

    const INTERNAL: [Field; 11] = [
        Field::ManagerUscc,
        Field::ManagerParty,
        Field::Address,
        Field::Size,
        Field::Contract,
        Field::ForeignCodes,
        Field::Findings,
        Field::Committees,
        Field::CommitteeParty,
        Field::PartyRates,
        Field::Deliveries,
    ];

    #[test]
    fn the_public_sees_no_party_flag_and_the_office_sees_everything() {
        let (public, district) = (Actor::public(), Actor::signed_in(Role::District, "wu"));
        for field in INTERNAL {
            assert!(!public.may_see(field) && district.may_see(field), "{field:?}");
        }
        for field in [Field::Identity, Field::Management, Field::ManagerPhone, Field::Fee] {
            assert!(public.may_see(field) && district.may_see(field), "{field:?}");
        }
    }

    #[test]
    fn an_officer_sees_the_fields_of_the_office_in_their_own_street_only() {
        let (own, other) = (street("110105001"), street("110105002"));
        let officer = Actor::officer("zhao", BTreeSet::from([own.clone()]));
        for field in [Field::Address, Field::CommitteeParty, Field::Contract, Field::PartyRates] {
            assert!(officer.sight_in(&own).shows(field), "{field:?}");
            assert!(!officer.sight_in(&other).shows(field) && !officer.may_see(field), "{field:?}");
        }
        assert!(officer.sight_in(&other).shows(Field::Fee));
        assert!(!officer.sight_in(&own).shows(Field::RecordAuthor), "who keeps the register is for those who keep it");
        assert!(officer.sight_in_any([&other, &own]).shows(Field::ManagerUscc));
        assert!(!officer.sight_in_any([&other]).shows(Field::ManagerUscc));
        assert_eq!(officer.widest_sight(), Visibility::Officer);
    }

    #[test]
    fn a_token_sees_what_offices_see_when_it_may_read() {
        let token = |scope, streets| Actor::token("gis", BTreeSet::from([scope]), streets);
        let read = token(Scope::Read, BTreeSet::new());
        assert!(read.may_see(Field::Address) && !read.may_see(Field::RecordAuthor));
        assert!(!token(Scope::Edit, BTreeSet::new()).may_see(Field::Address));
        let bound = token(Scope::Read, BTreeSet::from([street("110105001")]));
        assert!(bound.sight_in(&street("110105001")).shows(Field::Address));
        assert!(!bound.sight_in(&street("110105002")).shows(Field::Address));
    }
}
