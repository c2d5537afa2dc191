//! What somebody may do: one table of role, action and resource.

use std::collections::BTreeSet;

use crate::auth::role::{Actor, Role, Scope};
use crate::model::StreetCode;

/// Something that is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Look at the map and at what is public of the register.
    ReadMap,
    /// Look at what the offices work with: findings, deliveries, records and who made them, exceptions, reports.
    ReadDesk,
    /// See how the server is doing.
    ReadOperations,
    /// Enter, change, split, merge or end an area, and undo that. Asked for the streets before and after.
    EditArea,
    /// Hand in a delivery and check it.
    Deliver,
    /// Enter a delivery into the register, and take it back.
    PublishDelivery,
    /// Except a finding, and withdraw an exception.
    GrantException,
    /// Report that something on the map is wrong.
    SendReport,
    /// Decide on a report.
    AnswerReport,
    /// Read the audit log and verify its chain.
    ReadAudit,
    /// See, add, change and disable accounts, and end the sessions and tokens of others.
    ManageAccounts,
    /// Make and remove one's own tokens.
    ManageTokens,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 12] = [
        Self::ReadMap,
        Self::ReadDesk,
        Self::ReadOperations,
        Self::EditArea,
        Self::Deliver,
        Self::PublishDelivery,
        Self::GrantException,
        Self::SendReport,
        Self::AnswerReport,
        Self::ReadAudit,
        Self::ManageAccounts,
        Self::ManageTokens,
    ];
}

/// What something is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// The whole district, or what belongs to no street.
    District,
    /// One street.
    Street(&'a StreetCode),
    /// Several streets, all of which must be allowed; none of them is the whole district.
    Streets(&'a BTreeSet<StreetCode>),
}

/// Whether somebody may do that there: the one table.
pub fn allows(actor: &Actor, action: Action, resource: &Resource<'_>) -> bool {
    use Action::{
        AnswerReport, Deliver, EditArea, GrantException, ManageAccounts, ManageTokens, PublishDelivery, ReadAudit,
        ReadDesk, ReadMap, ReadOperations, SendReport,
    };
    let own = || within(&actor.streets, resource);
    let scoped = |scope| actor.scopes.contains(&scope) && (actor.streets.is_empty() || own());
    match (actor.role, action) {
        (_, ReadMap) => true,
        (Role::Machine, _) => true,
        (Role::Token, ReadDesk) => scoped(Scope::Read),
        (Role::Token, EditArea) => scoped(Scope::Edit),
        (Role::Token, Deliver) => scoped(Scope::Deliver),
        (Role::Token, ReadAudit) => scoped(Scope::Audit),
        (Role::Token, _) => false,
        (_, SendReport) => true,
        (Role::Public, _) => false,
        (_, ManageTokens) => true,
        (Role::Officer, ReadDesk | EditArea | AnswerReport) => own(),
        (Role::Officer, _) => false,
        (Role::Clerk, ReadDesk | EditArea | Deliver | PublishDelivery | GrantException | AnswerReport) => true,
        (Role::Clerk, _) => false,
        (Role::District, ReadDesk | EditArea | Deliver | PublishDelivery | GrantException | AnswerReport) => true,
        (Role::District, ReadOperations) => true,
        (Role::District, _) => false,
        (Role::Auditor, ReadDesk | ReadAudit | ReadOperations) => true,
        (Role::Auditor, _) => false,
        (Role::Admin, ReadDesk | ReadAudit | ReadOperations | ManageAccounts) => true,
        (Role::Admin, _) => false,
    }
}

/// Whether somebody may give a token this scope: nobody hands on what they may not do themselves, except that
/// administrators, who could make an account that may, give any.
pub fn may_grant(actor: &Actor, scope: Scope) -> bool {
    let action = match scope {
        Scope::Read => Action::ReadDesk,
        Scope::Edit => Action::EditArea,
        Scope::Deliver => Action::Deliver,
        Scope::Audit => Action::ReadAudit,
    };
    match actor.role {
        Role::Admin | Role::Machine => true,
        Role::Officer => allows(actor, action, &Resource::Streets(&actor.streets)),
        Role::Clerk | Role::District | Role::Auditor => allows(actor, action, &Resource::District),
        Role::Public | Role::Token => false,
    }
}

/// Whether all that is asked for lies in these streets. The whole district never does.
pub(super) fn within(streets: &BTreeSet<StreetCode>, resource: &Resource<'_>) -> bool {
    match resource {
        Resource::District => false,
        Resource::Street(street) => streets.contains(*street),
        Resource::Streets(asked) => !asked.is_empty() && asked.is_subset(streets),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streets(codes: &[&str]) -> BTreeSet<StreetCode> {
        codes.iter().map(|code| StreetCode::parse(code).unwrap()).collect()
    }

    #[test]
    fn an_officer_edits_only_where_every_street_is_their_own() {
        let own = streets(&["110105001", "110105002"]);
        let officer = Actor::officer("zhao", own.clone());
        let edit = |streets: &BTreeSet<StreetCode>| officer.may(Action::EditArea, &Resource::Streets(streets));
        assert!(edit(&own));
        assert!(own.iter().all(|street| officer.may(Action::EditArea, &Resource::Street(street))));
        assert!(!edit(&streets(&["110105001", "110105003"])), "one of them is another's");
        assert!(!edit(&BTreeSet::new()), "no street is the whole district");
        assert!(!officer.may(Action::EditArea, &Resource::District));
    }

    #[test]
    fn the_public_reads_the_map_and_sends_reports_and_does_nothing_else() {
        let may: Vec<Action> =
            Action::ALL.into_iter().filter(|action| Actor::public().may(*action, &Resource::District)).collect();
        assert_eq!(may, [Action::ReadMap, Action::SendReport]);
    }

    #[test]
    fn whoever_keeps_accounts_keeps_no_records_and_whoever_keeps_records_keeps_no_accounts() {
        for role in Role::ALL.into_iter().filter(|role| role.is_of_accounts()) {
            let actor = Actor::signed_in(role, "qian");
            let may = |action| actor.may(action, &Resource::District);
            let keeps_records = may(Action::EditArea) || may(Action::PublishDelivery);
            assert!(!(keeps_records && may(Action::ManageAccounts)), "{role:?}");
            assert!(!(keeps_records && may(Action::ReadAudit)), "{role:?}");
        }
    }

    #[test]
    fn a_token_may_what_its_scopes_say_where_its_maker_might() {
        let read = Actor::token("gis", [Scope::Read].into(), BTreeSet::new());
        assert!(read.may(Action::ReadDesk, &Resource::District));
        assert!(
            !read.may(Action::EditArea, &Resource::District) && !read.may(Action::ManageTokens, &Resource::District)
        );
        let bound = Actor::token("gis", [Scope::Edit].into(), streets(&["110105001"]));
        assert!(bound.may(Action::EditArea, &Resource::Street(&StreetCode::parse("110105001").unwrap())));
        assert!(!bound.may(Action::EditArea, &Resource::Street(&StreetCode::parse("110105002").unwrap())));
        assert!(!bound.may(Action::EditArea, &Resource::District));
    }

    #[test]
    fn nobody_hands_on_what_they_may_not_do() {
        let grants =
            |actor: &Actor| -> Vec<Scope> { Scope::ALL.into_iter().filter(|scope| may_grant(actor, *scope)).collect() };
        assert_eq!(grants(&Actor::officer("zhao", streets(&["110105001"]))), [Scope::Read, Scope::Edit]);
        assert_eq!(grants(&Actor::signed_in(Role::Clerk, "qian")), [Scope::Read, Scope::Edit, Scope::Deliver]);
        assert_eq!(grants(&Actor::signed_in(Role::Auditor, "sun")), [Scope::Read, Scope::Audit]);
        assert_eq!(grants(&Actor::signed_in(Role::Admin, "li")), Scope::ALL);
        assert!(grants(&Actor::public()).is_empty());
        assert!(grants(&Actor::token("gis", Scope::ALL.into(), BTreeSet::new())).is_empty());
    }
}
