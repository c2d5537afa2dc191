//! The fields of the API and the visibility of each.

/// Who may see a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everyone (Beijing property ordinance, art. 70).
    Public,
    /// People who work in the district.
    Internal,
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
            | Self::Deliveries
            | Self::Committees
            | Self::CommitteeParty
            | Self::PartyRates
            | Self::RecordAuthor
            | Self::Operations => Visibility::Internal,
        }
    }
}
