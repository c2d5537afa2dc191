//! The member `amend`: new values of an area, under the names that its item has.

use jiff::civil::Date;
use serde_json::value::RawValue;

use crate::history::document::reader::{Members, Reader};
use crate::history::{Amendment, AttributeChanges};
use crate::ingest::BUILT_YEARS;
use crate::model::{
    Committee, CommitteeKind, CommunityCode, ContractKind, Management, Name, NameKind, Party, QuasiKind, StreetCode,
    Uscc,
};

/// Whether name and boundary are among the values, or said elsewhere in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Geometry {
    /// They are.
    Taken,
    /// They stand beside the amendment, as those of a successor do.
    Elsewhere,
}

impl Reader {
    /// An amendment. Which committees are demonstration data follows from their area, not from the document.
    pub(super) fn amendment(&mut self, place: &str, raw: &RawValue, geometry: Geometry) -> Option<Amendment> {
        let mut members = self.object(place, raw)?;
        let members = &mut members;
        let (name, drawn) = match geometry {
            Geometry::Elsewhere => (None, None),
            Geometry::Taken => {
                (self.optional(members, "name", Self::text), self.optional(members, "geometry", Self::drawn))
            }
        };
        let amendment = Amendment {
            name,
            drawn,
            other_names: self
                .optional(members, "other_names", |reader, place, raw| reader.list(place, raw, Self::other_name)),
            street: self.optional(members, "street", |reader, place, raw| reader.parsed(place, raw, StreetCode::parse)),
            community: self
                .nullable(members, "community", |reader, place, raw| reader.parsed(place, raw, CommunityCode::parse)),
            management: self.management(place, members),
            manager: self.nullable(members, "manager", |reader, place, raw| reader.parsed(place, raw, Uscc::parse)),
            attributes: self.attributes(members),
            committees: self
                .optional(members, "committees", |reader, place, raw| reader.list(place, raw, Self::committee)),
        };
        self.finish(std::mem::take(members));
        self.check_repeated(place, &amendment);
        Some(amendment)
    }

    fn check_repeated(&mut self, place: &str, amendment: &Amendment) {
        let committees = amendment.committees.as_deref().unwrap_or_default();
        for (at, committee) in committees.iter().enumerate() {
            if committees[..at].iter().any(|earlier| earlier.code == committee.code) {
                self.fault(&format!("{place}/committees/{at}/code"), format!("{:?} is listed twice", committee.code));
            }
        }
        let names = amendment.other_names.as_deref().unwrap_or_default();
        for (at, name) in names.iter().enumerate() {
            if names[..at].contains(name) {
                self.fault(&format!("{place}/other_names/{at}"), format!("{:?} is listed twice", name.text));
            }
        }
    }

    fn other_name(&mut self, place: &str, raw: &RawValue) -> Option<Name> {
        let mut members = self.object(place, raw)?;
        let kind = self.required(&mut members, "kind", |reader, place, raw| reader.key(place, raw, NameKind::from_key));
        let text = self.required(&mut members, "text", Self::text);
        self.finish(members);
        Some(Name { kind: kind?, text: text? })
    }

    fn management(&mut self, place: &str, members: &mut Members<'_>) -> Option<Management> {
        let named = members.take("management");
        let quasi_kind =
            self.nullable(members, "quasi_kind", |reader, place, raw| reader.key(place, raw, QuasiKind::from_key));
        let Some(named) = named else {
            if quasi_kind.is_some() {
                self.fault(&format!("{place}/quasi_kind"), "it is given without `management`");
            }
            return None;
        };
        let of_management = format!("{place}/management");
        let management = self.any_text(&of_management, named)?;
        match (management.as_str(), quasi_kind.flatten()) {
            ("contracted", None) => return Some(Management::Contracted),
            ("unknown", None) => return Some(Management::Unknown),
            ("quasi_property", Some(kind)) => return Some(Management::QuasiProperty(kind)),
            ("quasi_property", None) => {
                self.fault(&format!("{place}/quasi_kind"), "quasi-property management needs it");
            }
            ("contracted" | "unknown", Some(_)) => {
                self.fault(&format!("{place}/quasi_kind"), "it is given, but the management is not quasi_property");
            }
            (other, _) => self.fault(&of_management, format!("{other:?} is not one of the known values")),
        }
        None
    }

    fn attributes(&mut self, members: &mut Members<'_>) -> AttributeChanges {
        AttributeChanges {
            address: self.nullable(members, "address", Self::text),
            floor_area_m2: self.nullable(members, "floor_area_m2", Self::number),
            households: self.nullable(members, "households", Self::number),
            building_count: self.nullable(members, "building_count", Self::number),
            built_year: self.nullable(members, "built_year", |reader, place, raw| {
                let year: i16 = reader.number(place, raw)?;
                if !BUILT_YEARS.contains(&year) {
                    let (first, last) = (BUILT_YEARS.start(), BUILT_YEARS.end());
                    reader.fault(place, format!("{year} is not a year from {first} to {last}"));
                    return None;
                }
                Some(year)
            }),
            fee_yuan_per_m2_month: self.nullable(members, "fee_yuan_per_m2_month", Self::number),
            contract_from: self.nullable(members, "contract_from", Self::date),
            contract_until: self.nullable(members, "contract_until", Self::date),
            contract_kind: self.nullable(members, "contract_kind", |reader, place, raw| {
                reader.key(place, raw, ContractKind::from_key)
            }),
            contract_filed_on: self.nullable(members, "contract_filed_on", Self::date),
            delimitation_document: self.nullable(members, "delimitation_document", Self::text),
            foreign_codes: None,
        }
    }

    fn committee(&mut self, place: &str, raw: &RawValue) -> Option<Committee> {
        let mut members = self.object(place, raw)?;
        let members = &mut members;
        let code = self.required(members, "code", Self::text);
        let kind = self.required(members, "kind", |reader, place, raw| reader.key(place, raw, CommitteeKind::from_key));
        let formed_on = self.required(members, "formed_on", Self::date);
        let operating = self.required(members, "operating", Self::boolean);
        let filing_applied_on = self.nullable(members, "filing_applied_on", Self::date).flatten();
        let filed_on = self.nullable(members, "filed_on", Self::date).flatten();
        let filing_number = self.nullable(members, "filing_number", Self::text).flatten();
        let term_until = self.nullable(members, "term_until", Self::date).flatten();
        let dissolved_on = self.nullable(members, "dissolved_on", Self::date).flatten();
        let count = self.nullable(members, "members", Self::number).flatten();
        let present = self.nullable(members, "party_organisation", Self::boolean).flatten();
        let since = self.nullable(members, "party_since", Self::date).flatten();
        self.finish(std::mem::take(members));
        if since.is_some() && present != Some(true) {
            self.fault(&format!("{place}/party_since"), "it is given, but no party organisation is");
        }
        let formed_on = formed_on?;
        let mut in_order = |(earlier, first): (&str, Option<Date>), (later, second): (&str, Option<Date>)| {
            if let (Some(first), Some(second)) = (first, second)
                && second < first
            {
                self.fault(&format!("{place}/{later}"), format!("{second} is before {first}, the date in {earlier}"));
            }
        };
        let days = [
            ("filing_applied_on", filing_applied_on),
            ("filed_on", filed_on),
            ("term_until", term_until),
            ("dissolved_on", dissolved_on),
        ];
        for later in days {
            in_order(("formed_on", Some(formed_on)), later);
        }
        in_order(days[0], days[1]);
        Some(Committee {
            code: code?,
            kind: kind?,
            formed_on,
            filing_applied_on,
            filed_on,
            filing_number,
            term_until,
            dissolved_on,
            operating: operating?,
            members: count,
            party: present.map(|present| Party { present, since }),
            demo: false,
        })
    }
}
