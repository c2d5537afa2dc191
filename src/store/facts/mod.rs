//! Facts as text: JSON of everything but the geometry, the same in every store.
//!
//! The code of a thing is not repeated in its text. Numbers keep their bits. A text with a key that is not known is an
//! error, so that nothing a newer program wrote is lost silently.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::history::{AreaFact, Assignment, CommitteeFact, Fact, Key, Kind};
use crate::ingest::ManagerDraft;
use crate::model::{
    AreaCode, Attributes, Boundary, Committee, CommitteeKind, Community, CommunityCode, ContractKind, District,
    ForeignCode, Management, ManagerKind, Name, NameKind, Party, PrintedFigure, QuasiKind, RateId, Street, StreetCode,
    StreetKind, Uscc,
};

/// What is kept of a fact beside its text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outline {
    /// Degrees (EPSG:4490), lng lat.
    pub(crate) boundary: Boundary,
    /// Text of the boundary as delivered, byte for byte; areas have one.
    pub(crate) source: Option<String>,
    /// Surface in square metres, geodesic; areas have one.
    pub(crate) surface_m2: Option<f64>,
}

/// An [`Outline`] that is still part of its fact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OutlineOf<'a> {
    pub(crate) boundary: &'a Boundary,
    pub(crate) source: Option<&'a str>,
    pub(crate) surface_m2: Option<f64>,
}

/// The geometry of a fact: areas, streets and the district have one.
pub(crate) fn outline(fact: &Fact) -> Option<OutlineOf<'_>> {
    match fact {
        Fact::Area(area) => Some(OutlineOf {
            boundary: &area.boundary,
            source: Some(&area.source_geometry),
            surface_m2: Some(area.site_area_m2),
        }),
        Fact::Street(street) => Some(OutlineOf { boundary: &street.boundary, source: None, surface_m2: None }),
        Fact::District(district) => Some(OutlineOf { boundary: &district.boundary, source: None, surface_m2: None }),
        Fact::Community(_) | Fact::Manager(_) | Fact::Assignment(_) | Fact::Committee(_) | Fact::Figure(_) => None,
    }
}

/// The text of a fact: everything but its code and its geometry.
pub(crate) fn encode(fact: &Fact) -> String {
    match fact {
        Fact::District(district) => {
            json(&DistrictText { name: (&*district.name).into(), attribution: (&*district.attribution).into() })
        }
        Fact::Street(street) => json(&StreetText {
            name: (&*street.name).into(),
            stem: (&*street.stem).into(),
            kind: street.kind.key().into(),
            initials: (&*street.initials).into(),
            aliases: Cow::Borrowed(&street.aliases),
            civil_affairs_code: street.civil_affairs_code.as_deref().map(Cow::from),
            schematic: street.schematic,
        }),
        Fact::Community(community) => json(&CommunityText {
            name: (&*community.name).into(),
            stem: (&*community.stem).into(),
            street: community.street.as_str().into(),
        }),
        Fact::Manager(manager) => json(&ManagerText {
            kind: manager.kind.key().into(),
            name: (&*manager.name).into(),
            phone: manager.phone.as_deref().map(Cow::from),
            party_organisation: manager.party_organisation,
            demo: manager.demo,
        }),
        Fact::Area(area) => json(&AreaText::from(area)),
        Fact::Assignment(assignment) => json(&AssignmentText { manager: assignment.manager.as_str().into() }),
        Fact::Committee(fact) => json(&CommitteeText::from(fact)),
        Fact::Figure(figure) => json(&FigureText {
            rate: figure.rate.key().into(),
            percent: figure.percent,
            numerator: figure.numerator,
            denominator: figure.denominator,
            source: (&*figure.source).into(),
            dated: figure.dated,
        }),
    }
}

/// The fact of a thing from its text and geometry. Errors say in words what is wrong.
pub(crate) fn decode(kind: Kind, code: &str, text: &str, outline: Option<Outline>) -> Result<Fact, String> {
    let fact = match kind {
        Kind::District => {
            let DistrictText { name, attribution } = read(text)?;
            Fact::District(District {
                code: code.to_owned(),
                name: name.into_owned(),
                boundary: needed(outline)?.boundary,
                attribution: attribution.into_owned(),
            })
        }
        Kind::Street => Fact::Street(read::<StreetText<'_>>(text)?.street(code, needed(outline)?)?),
        Kind::Community => {
            let CommunityText { name, stem, street } = read(text)?;
            let code = parsed(CommunityCode::parse(code))?;
            let street = parsed(StreetCode::parse(&street))?;
            Fact::Community(Community { code, stem: stem.into_owned(), name: name.into_owned(), street })
        }
        Kind::Manager => {
            let ManagerText { kind, name, phone, party_organisation, demo } = read(text)?;
            Fact::Manager(ManagerDraft {
                kind: known("kind", &kind, ManagerKind::from_key)?,
                name: name.into_owned(),
                uscc: parsed(Uscc::parse(code))?,
                phone: phone.map(Cow::into_owned),
                party_organisation,
                demo,
            })
        }
        Kind::Area => Fact::Area(read::<AreaText<'_>>(text)?.area(code, needed(outline)?)?),
        Kind::Assignment => {
            let AssignmentText { manager } = read(text)?;
            let area = parsed(AreaCode::parse(code))?;
            Fact::Assignment(Assignment { area, manager: parsed(Uscc::parse(&manager))? })
        }
        Kind::Committee => Fact::Committee(read::<CommitteeText<'_>>(text)?.committee(code)?),
        Kind::Figure => {
            let FigureText { rate, percent, numerator, denominator, source, dated } = read(text)?;
            let rate = known("rate", &rate, RateId::from_key)?;
            let source = source.into_owned();
            let figure = Fact::Figure(PrintedFigure { rate, percent, numerator, denominator, source, dated });
            if figure.key() != Key::new(Kind::Figure, code) {
                return Err(format!("the figure is the one of {}, not of {code}", figure.key().code));
            }
            figure
        }
    };
    Ok(fact)
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DistrictText<'a> {
    name: Cow<'a, str>,
    attribution: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StreetText<'a> {
    name: Cow<'a, str>,
    stem: Cow<'a, str>,
    kind: Cow<'a, str>,
    initials: Cow<'a, str>,
    aliases: Cow<'a, [String]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    civil_affairs_code: Option<Cow<'a, str>>,
    schematic: bool,
}

impl StreetText<'_> {
    fn street(self, code: &str, outline: Outline) -> Result<Street, String> {
        Ok(Street {
            code: parsed(StreetCode::parse(code))?,
            name: self.name.into_owned(),
            stem: self.stem.into_owned(),
            kind: known("kind", &self.kind, StreetKind::from_key)?,
            initials: self.initials.into_owned(),
            aliases: self.aliases.into_owned(),
            civil_affairs_code: self.civil_affairs_code.map(Cow::into_owned),
            boundary: outline.boundary,
            schematic: self.schematic,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommunityText<'a> {
    name: Cow<'a, str>,
    stem: Cow<'a, str>,
    street: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ManagerText<'a> {
    kind: Cow<'a, str>,
    name: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    party_organisation: Option<bool>,
    demo: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssignmentText<'a> {
    manager: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FigureText<'a> {
    rate: Cow<'a, str>,
    percent: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    numerator: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    denominator: Option<u32>,
    source: Cow<'a, str>,
    dated: Date,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NameText<'a> {
    kind: Cow<'a, str>,
    name: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ForeignCodeText<'a> {
    scheme: Cow<'a, str>,
    code: Cow<'a, str>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AreaText<'a> {
    name: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    other_names: Vec<NameText<'a>>,
    street: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    community: Option<Cow<'a, str>>,
    management: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quasi_kind: Option<Cow<'a, str>>,
    committees_known: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    floor_area_m2: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    households: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    building_count: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    built_year: Option<i16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fee_yuan_per_m2_month: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contract_from: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contract_until: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contract_kind: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    contract_filed_on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delimitation_document: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    foreign_codes: Vec<ForeignCodeText<'a>>,
    demo: bool,
}

impl<'a> From<&'a AreaFact> for AreaText<'a> {
    fn from(area: &'a AreaFact) -> Self {
        let facts = &area.attributes;
        let name = |name: &'a Name| NameText { kind: name.kind.key().into(), name: (&*name.text).into() };
        Self {
            name: (&*area.name).into(),
            other_names: area.other_names.iter().map(name).collect(),
            street: area.street.as_str().into(),
            community: area.community.as_ref().map(|code| code.as_str().into()),
            management: area.management.key().into(),
            quasi_kind: match area.management {
                Management::QuasiProperty(kind) => Some(kind.key().into()),
                Management::Contracted | Management::Unknown => None,
            },
            committees_known: area.committees_known,
            address: facts.address.as_deref().map(Cow::from),
            floor_area_m2: facts.floor_area_m2,
            households: facts.households,
            building_count: facts.building_count,
            built_year: facts.built_year,
            fee_yuan_per_m2_month: facts.fee_yuan_per_m2_month,
            contract_from: facts.contract_from,
            contract_until: facts.contract_until,
            contract_kind: facts.contract_kind.map(|kind| kind.key().into()),
            contract_filed_on: facts.contract_filed_on,
            delimitation_document: facts.delimitation_document.as_deref().map(Cow::from),
            foreign_codes: facts
                .foreign_codes
                .iter()
                .map(|code| ForeignCodeText { scheme: (&*code.scheme).into(), code: (&*code.code).into() })
                .collect(),
            demo: area.demo,
        }
    }
}

impl AreaText<'_> {
    fn area(self, code: &str, outline: Outline) -> Result<AreaFact, String> {
        let name = |name: NameText<'_>| {
            Ok(Name { kind: known("kind of name", &name.kind, NameKind::from_key)?, text: name.name.into_owned() })
        };
        Ok(AreaFact {
            code: parsed(AreaCode::parse(code))?,
            name: self.name.into_owned(),
            other_names: self.other_names.into_iter().map(name).collect::<Result<_, String>>()?,
            street: parsed(StreetCode::parse(&self.street))?,
            community: self.community.map(|code| parsed(CommunityCode::parse(&code))).transpose()?,
            boundary: outline.boundary,
            source_geometry: outline.source.ok_or("the text of the boundary is missing")?,
            site_area_m2: outline.surface_m2.ok_or("the surface is missing")?,
            management: management(&self.management, self.quasi_kind.as_deref())?,
            committees_known: self.committees_known,
            attributes: Attributes {
                address: self.address.map(Cow::into_owned),
                floor_area_m2: self.floor_area_m2,
                households: self.households,
                building_count: self.building_count,
                built_year: self.built_year,
                fee_yuan_per_m2_month: self.fee_yuan_per_m2_month,
                contract_from: self.contract_from,
                contract_until: self.contract_until,
                contract_kind: self
                    .contract_kind
                    .map(|kind| known("contract_kind", &kind, ContractKind::from_key))
                    .transpose()?,
                contract_filed_on: self.contract_filed_on,
                delimitation_document: self.delimitation_document.map(Cow::into_owned),
                foreign_codes: self
                    .foreign_codes
                    .into_iter()
                    .map(|code| ForeignCode { scheme: code.scheme.into_owned(), code: code.code.into_owned() })
                    .collect(),
            },
            demo: self.demo,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitteeText<'a> {
    area: Cow<'a, str>,
    kind: Cow<'a, str>,
    formed_on: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filing_applied_on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filed_on: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filing_number: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    term_until: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dissolved_on: Option<Date>,
    operating: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    members: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    party_organisation: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    party_since: Option<Date>,
    demo: bool,
}

impl<'a> From<&'a CommitteeFact> for CommitteeText<'a> {
    fn from(fact: &'a CommitteeFact) -> Self {
        let committee = &fact.committee;
        Self {
            area: fact.area.as_str().into(),
            kind: committee.kind.key().into(),
            formed_on: committee.formed_on,
            filing_applied_on: committee.filing_applied_on,
            filed_on: committee.filed_on,
            filing_number: committee.filing_number.as_deref().map(Cow::from),
            term_until: committee.term_until,
            dissolved_on: committee.dissolved_on,
            operating: committee.operating,
            members: committee.members,
            party_organisation: committee.party.map(|party| party.present),
            party_since: committee.party.and_then(|party| party.since),
            demo: committee.demo,
        }
    }
}

impl CommitteeText<'_> {
    fn committee(self, code: &str) -> Result<CommitteeFact, String> {
        let committee = Committee {
            code: code.to_owned(),
            kind: known("kind", &self.kind, CommitteeKind::from_key)?,
            formed_on: self.formed_on,
            filing_applied_on: self.filing_applied_on,
            filed_on: self.filed_on,
            filing_number: self.filing_number.map(Cow::into_owned),
            term_until: self.term_until,
            dissolved_on: self.dissolved_on,
            operating: self.operating,
            members: self.members,
            party: self.party_organisation.map(|present| Party { present, since: self.party_since }),
            demo: self.demo,
        };
        Ok(CommitteeFact { area: parsed(AreaCode::parse(&self.area))?, committee })
    }
}

fn management(key: &str, quasi_kind: Option<&str>) -> Result<Management, String> {
    match (key, quasi_kind) {
        ("contracted", None) => Ok(Management::Contracted),
        ("unknown", None) => Ok(Management::Unknown),
        ("quasi_property", Some(kind)) => known("quasi_kind", kind, QuasiKind::from_key).map(Management::QuasiProperty),
        _ => Err(format!("{key:?} and {quasi_kind:?} are not a way of management")),
    }
}

fn json(text: &impl Serialize) -> String {
    serde_json::to_string(text).expect("structs of texts and numbers can always be written")
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|err| format!("the facts cannot be read: {err}"))
}

fn needed(outline: Option<Outline>) -> Result<Outline, String> {
    outline.ok_or_else(|| "the boundary is missing".to_owned())
}

fn parsed<T>(code: Result<T, crate::model::CodeError>) -> Result<T, String> {
    code.map_err(|err| err.to_string())
}

fn known<T>(what: &str, key: &str, from_key: impl FnOnce(&str) -> Option<T>) -> Result<T, String> {
    from_key(key).ok_or_else(|| format!("{what}: {key:?} is not one of the known values"))
}

#[cfg(test)]
mod tests;
