//! Companies without areas, and areas whose manager is missing or is of the other kind.

use crate::app::Snapshot;
use crate::model::{ManagerKind, StreetCode};

/// What is missing between managers and areas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagerGaps {
    /// Positions of companies that manage no area, in order of code; empty for a street.
    pub companies_without_areas: Vec<usize>,
    /// Positions of contracted areas that no company manages, in order of code.
    pub contracted_without_company: Vec<usize>,
    /// Positions of quasi-property areas that no owning unit manages, in order of code.
    pub quasi_without_owning_unit: Vec<usize>,
}

impl Snapshot {
    /// What is missing in a street, or in the district. A company without areas belongs to no street. Work over all areas:
    /// not for an async thread.
    pub fn manager_gaps(&self, street: Option<&StreetCode>) -> ManagerGaps {
        let is_idle = |at: &usize| self.managers()[*at].kind == ManagerKind::Company && self.managed_by(*at).is_empty();
        let without = |wanted: ManagerKind| {
            let in_scope = |at: &usize| street.is_none_or(|street| self.area(*at).street == *street);
            let is_missing = |at: &usize| {
                let area = self.area(*at);
                let needs = area.management.manager_kind() == Some(wanted);
                needs && self.manager_of(area).is_none_or(|manager| manager.kind != wanted)
            };
            self.positions().filter(in_scope).filter(is_missing).collect()
        };
        ManagerGaps {
            companies_without_areas: match street {
                None => (0..self.managers().len()).filter(is_idle).collect(),
                Some(_) => Vec::new(),
            },
            contracted_without_company: without(ManagerKind::Company),
            quasi_without_owning_unit: without(ManagerKind::OwningUnit),
        }
    }
}
