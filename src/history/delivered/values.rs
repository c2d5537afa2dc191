//! What the register says and what a row says, as texts that a clerk can compare.

use crate::history::{Amendment, Drawn};
use crate::model::{Area, Committee, ContractKind, ForeignCode, Management, Name, Uscc};

/// One property that changes. Codes are codes, enumerations their keys, days ISO 8601, surfaces whole square metres.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueChange {
    /// Name of the property, as the item has it.
    pub field: &'static str,
    /// What the register says; `None` is nothing.
    pub before: Option<String>,
    /// What the row says.
    pub after: Option<String>,
}

/// The properties that an amendment changes, in the order of the item. Committees are told apart, because an amendment of a
/// delivery does not hold them.
pub(super) fn changed_values(new: &Amendment, area: &Area, manager: Option<&Uscc>) -> Vec<ValueChange> {
    let mut values = Values::default();
    let old = &area.attributes;
    values.push("name", Some(&area.name), new.name.as_ref().map(Some));
    values.push_text("other_names", names(&area.other_names), new.other_names.as_deref().map(names));
    values.push("street", Some(&area.street), new.street.as_ref().map(Some));
    values.push("community", area.community.as_ref(), new.community.as_ref().map(Option::as_ref));
    values.push_text("boundary", surface(area.site_area_m2), new.drawn.as_ref().map(Drawn::surface));
    values.push_management(area.management, new.management);
    values.push("manager", manager, new.manager.as_ref().map(Option::as_ref));
    let to = &new.attributes;
    macro_rules! attributes {
        ($($field:ident),*) => {
            $( values.push(stringify!($field), old.$field.as_ref(), to.$field.as_ref().map(Option::as_ref)); )*
        };
    }
    attributes!(
        address,
        floor_area_m2,
        households,
        building_count,
        built_year,
        fee_yuan_per_m2_month,
        contract_from,
        contract_until
    );
    let kind = |kind: ContractKind| kind.key();
    values.push("contract_kind", old.contract_kind.map(kind), to.contract_kind.map(|new| new.map(kind)));
    attributes!(contract_filed_on, delimitation_document);
    values.push_text("foreign_codes", codes(&old.foreign_codes), to.foreign_codes.as_deref().map(codes));
    values.0
}

/// The committees of an area before, and those that a row tells anew or otherwise.
pub(super) fn committee_values(known: &[Committee], told: &[Committee]) -> ValueChange {
    ValueChange { field: "committees", before: committees(known), after: committees(told) }
}

#[derive(Default)]
struct Values(Vec<ValueChange>);

impl Values {
    fn push<T: ToString>(&mut self, field: &'static str, before: Option<T>, after: Option<Option<T>>) {
        let after = after.map(|after| after.map(|after| after.to_string()));
        self.push_text(field, before.map(|before| before.to_string()), after);
    }

    /// `after` is `None` where the property does not change.
    fn push_text(&mut self, field: &'static str, before: Option<String>, after: Option<Option<String>>) {
        self.0.extend(after.map(|after| ValueChange { field, before, after }));
    }

    fn push_management(&mut self, old: Management, new: Option<Management>) {
        let kind = |management| match management {
            Management::QuasiProperty(kind) => Some(kind.key().to_owned()),
            Management::Contracted | Management::Unknown => None,
        };
        match new {
            Some(new) if new.key() == old.key() => self.push_text("quasi_kind", kind(old), Some(kind(new))),
            new => self.push("management", Some(old.key()), new.map(|new| Some(new.key()))),
        }
    }
}

impl Drawn {
    fn surface(&self) -> Option<String> {
        surface(self.surface_m2)
    }
}

#[allow(clippy::unnecessary_wraps, reason = "as the other texts")]
fn surface(m2: f64) -> Option<String> {
    Some(format!("{m2:.0} m²"))
}

fn joined(texts: impl Iterator<Item = String>) -> Option<String> {
    let text = texts.collect::<Vec<_>>().join("、");
    (!text.is_empty()).then_some(text)
}

fn names(names: &[Name]) -> Option<String> {
    joined(names.iter().map(|name| name.text.clone()))
}

fn codes(codes: &[ForeignCode]) -> Option<String> {
    joined(codes.iter().map(|code| code.code.clone()))
}

fn committees(committees: &[Committee]) -> Option<String> {
    joined(committees.iter().map(|committee| {
        let end = committee.dissolved_on.or(committee.term_until);
        format!("{} {}–{}", committee.code, committee.formed_on, end.map(|day| day.to_string()).unwrap_or_default())
    }))
}
