//! Accounts of people for whom another provider vouches.

use std::collections::BTreeSet;

use serde_json::json;

use crate::app::access::session::sessions_of;
use crate::app::access::{Access, AccessError, NewAccount, Occasion, Secret, Session, again};
use crate::auth::role::{Actor, Role};
use crate::history::AuditDraft;
use crate::model::StreetCode;
use crate::store::{DocumentChange, StoreError};

/// What the log calls this way to come in.
const BY: &str = "single_sign_on";

/// Somebody whom another provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Federated {
    /// What the provider knows them as, with the provider; it never changes.
    pub subject: String,
    /// Name of the account.
    pub name: String,
    /// What people read.
    pub display_name: String,
    /// What they are, as the provider says.
    pub role: Role,
    /// The streets of an officer, as the provider says.
    pub streets: BTreeSet<StreetCode>,
}

impl Access {
    /// Lets in somebody for whom another provider vouches. The first time makes their account, unless an administrator has
    /// made one without a password; role and streets are then what the provider says, every time.
    ///
    /// Errors: [`AccessError::NameTaken`] when the account has a password, or is that of somebody else at the provider;
    /// [`AccessError::WrongLogin`] when it is disabled; what is wrong with an account that is to be made.
    pub fn sign_in_federated(&self, occasion: &Occasion, who: &Federated) -> Result<(Secret, Session), AccessError> {
        let told = again(|| self.federated_once(occasion, who));
        let why = match &told {
            Err(AccessError::NameTaken(_)) => "taken",
            Err(AccessError::WrongLogin) => "disabled",
            _ => return told,
        };
        let draft = AuditDraft {
            object: Some(format!("session/{}", who.name)),
            after: Some(json!({ "why": why, "by": BY }).to_string()),
            ..self.draft(&Actor::public(), occasion, "session.refuse")?
        };
        self.write(&[], &[draft])?;
        told
    }

    fn federated_once(&self, occasion: &Occasion, who: &Federated) -> Result<(Secret, Session), AccessError> {
        // The provider does what an administrator would.
        let provider = Actor::signed_in(Role::Machine, "single-sign-on");
        let Some(mut found) = self.find(&who.name)? else {
            let Federated { name, display_name, role, streets, .. } = who.clone();
            let new = NewAccount { name, display_name, role, streets, password: None };
            match self.add_account(&provider, occasion, new) {
                // Somebody else made it meanwhile: look at it.
                Err(AccessError::NameTaken(_)) => {}
                made => drop(made?),
            }
            return Err(AccessError::Store(StoreError::Outdated { kind: "account", id: who.name.clone() }));
        };
        let theirs = found.kept.subject.as_deref().is_none_or(|subject| subject == who.subject);
        if found.account.has_password || !theirs {
            return Err(AccessError::NameTaken(who.name.clone()));
        }
        if found.account.disabled {
            return Err(AccessError::WrongLogin);
        }
        let (role, streets) = (found.account.role, found.account.streets.clone());
        if found.kept.subject.is_none() || (role, &streets) != (who.role, &who.streets) {
            self.check_streets(who.role, &who.streets)?;
            found.kept.subject = Some(who.subject.clone());
            found.kept.role = who.role.key().to_owned();
            found.kept.streets = who.streets.iter().map(|street| street.as_str().to_owned()).collect();
            let mut changes = vec![found.change()];
            if role != who.role {
                changes.extend(sessions_of(self.store(), &who.name)?.iter().map(DocumentChange::removal));
            }
            let told = |role: Role, streets: &BTreeSet<StreetCode>| {
                let streets: Vec<&str> = streets.iter().map(StreetCode::as_str).collect();
                json!({ "role": role.key(), "streets": streets }).to_string()
            };
            let draft = AuditDraft {
                object: Some(crate::app::access::account::object(&who.name)),
                before: Some(told(role, &streets)),
                after: Some(told(who.role, &who.streets)),
                ..self.draft(&provider, occasion, "account.change")?
            };
            self.write(&changes, &[draft])?;
            found = self.found(&who.name)?;
        }
        self.begin(occasion, &found, Some(json!({ "by": BY }).to_string()))
    }
}
