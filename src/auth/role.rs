//! Who somebody is: roles, scopes of tokens, and the one who asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::auth::policy::{Action, Resource, allows};
use crate::model::StreetCode;

/// What somebody is in the district's work. A token is a role of its own, see [`Scope`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Nobody in particular: whoever is not signed in.
    Public,
    /// Works in the office of one or more streets (街乡), and may do something there only.
    Officer,
    /// Keeps the register of the whole district: edits, takes deliveries in, publishes them.
    Clerk,
    /// Answers for the district's work and sees all of it.
    District,
    /// Reads the audit log, and nothing that is not needed for that.
    Auditor,
    /// Keeps accounts and the server; keeps no records.
    Admin,
    /// A program that holds a token.
    Token,
    /// The command line on the machine where the register lies. No account has it.
    Machine,
}

impl Role {
    /// Every role, by growing rights over records.
    pub const ALL: [Self; 8] = [
        Self::Public,
        Self::Officer,
        Self::Clerk,
        Self::District,
        Self::Auditor,
        Self::Admin,
        Self::Token,
        Self::Machine,
    ];

    /// Name used in the API, in the store and in the audit log.
    pub fn key(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Officer => "officer",
            Self::Clerk => "clerk",
            Self::District => "district",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::Token => "token",
            Self::Machine => "machine",
        }
    }

    /// The role of that name; `None` for another text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Whether an account may have it.
    pub fn is_of_accounts(self) -> bool {
        match self {
            Self::Officer | Self::Clerk | Self::District | Self::Auditor | Self::Admin => true,
            Self::Public | Self::Token | Self::Machine => false,
        }
    }
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Read what officers see, of the whole district.
    Read,
    /// Change areas.
    Edit,
    /// Hand in deliveries and check them.
    Deliver,
    /// Read the audit log.
    Audit,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 4] = [Self::Read, Self::Edit, Self::Deliver, Self::Audit];

    /// Name used in the API and in the store.
    pub fn key(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Edit => "edit",
            Self::Deliver => "deliver",
            Self::Audit => "audit",
        }
    }

    /// The scope of that name; `None` for another text.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }
}

/// The one who asks; first argument of every use case. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// What they are.
    pub role: Role,
    /// Name of the account or token, as the audit log tells it; `None` for the public.
    pub name: Option<Arc<str>>,
    /// The streets of an officer, and of a token that an officer made; empty for everybody else.
    pub streets: Arc<BTreeSet<StreetCode>>,
    /// The scopes of a token; empty for everybody else.
    pub scopes: Arc<BTreeSet<Scope>>,
}

impl Actor {
    /// Whoever is not signed in.
    pub fn public() -> Self {
        Self::of(Role::Public, None)
    }

    /// The command line; the audit log calls it `cli`.
    pub fn at_the_machine() -> Self {
        Self::of(Role::Machine, Some("cli"))
    }

    /// Somebody whose role is not bound to streets: a clerk, the district, an auditor, an administrator. An officer made so
    /// has no street; see [`Actor::officer`].
    pub fn signed_in(role: Role, name: &str) -> Self {
        Self::of(role, Some(name))
    }

    /// An officer of these streets.
    pub fn officer(name: &str, streets: BTreeSet<StreetCode>) -> Self {
        Self { streets: Arc::new(streets), ..Self::of(Role::Officer, Some(name)) }
    }

    /// A token with these scopes, bound to these streets unless there are none.
    pub fn token(name: &str, scopes: BTreeSet<Scope>, streets: BTreeSet<StreetCode>) -> Self {
        Self { scopes: Arc::new(scopes), streets: Arc::new(streets), ..Self::of(Role::Token, Some(name)) }
    }

    fn of(role: Role, name: Option<&str>) -> Self {
        Self { role, name: name.map(Arc::from), streets: Arc::default(), scopes: Arc::default() }
    }

    /// Whether they may do that there.
    pub fn may(&self, action: Action, resource: &Resource<'_>) -> bool {
        allows(self, action, resource)
    }

    /// Whether they may know counts of a few areas: who is signed in, and tokens that may read.
    pub fn sees_small_counts(&self) -> bool {
        match self.role {
            Role::Public => false,
            Role::Token => self.scopes.contains(&Scope::Read),
            Role::Officer | Role::Clerk | Role::District | Role::Auditor | Role::Admin | Role::Machine => true,
        }
    }

    /// What the audit log calls them: the name of the account or token, `public` without one.
    pub fn who(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.role.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_apart_and_read_back() {
        for role in Role::ALL {
            assert_eq!(Role::from_key(role.key()), Some(role));
        }
        for scope in Scope::ALL {
            assert_eq!(Scope::from_key(scope.key()), Some(scope));
        }
        assert_eq!(Role::from_key("internal"), None);
    }

    #[test]
    fn the_public_and_tokens_that_may_not_read_see_no_small_counts() {
        let token = |scope| Actor::token("gis", [scope].into(), BTreeSet::new());
        assert!(!Actor::public().sees_small_counts() && !token(Scope::Deliver).sees_small_counts());
        assert!(token(Scope::Read).sees_small_counts() && Actor::at_the_machine().sees_small_counts());
    }

    #[test]
    fn nobody_can_have_an_account_of_the_machine_or_of_the_public() {
        let of_accounts: Vec<Role> = Role::ALL.into_iter().filter(|role| role.is_of_accounts()).collect();
        assert_eq!(of_accounts, [Role::Officer, Role::Clerk, Role::District, Role::Auditor, Role::Admin]);
    }
}
