//! Who may come in: accounts, passwords, sessions, tokens; what the public reports; and the log of what everybody did.
//!
//! All of it lies in the documents of the store, so every instance knows the same. Whoever calls says when it is and from
//! where somebody asks, see [`Occasion`]. Secrets and passwords are kept as hashes only.

mod account;
mod address;
mod body;
mod error;
mod federated;
mod log;
mod lookout;
mod password;
mod report;
mod secret;
mod session;
pub mod single_sign_on;
#[cfg(test)]
mod tests;
mod token;
mod wording;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::app::access::lookout::{Lookout, Turns};
use crate::auth::policy::{Action, Resource};
use crate::auth::role::Actor;
use crate::history::AuditDraft;
use crate::store::{Document, DocumentChange, DocumentKind, Store, StoreError};

pub use account::{Account, AccountAt, AccountChange, NAME_LIMIT, NewAccount, PasswordChange};
pub use error::{AccessError, Invalidity};
pub use federated::Federated;
pub use log::{LOG_LIMIT_MAX, LogCsv, LogQuery, write_log_csv};
pub use password::{Hashing, PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN};
pub use report::{
    ANSWER_CHARS_MAX, NewReport, Outcome, Place, REPORT_TEXT_CHARS_MAX, REPORTS_LIMIT_MAX, REPORTS_PER_DAY, Reason,
    Report, ReportAnswer, ReportQuery, ReportState,
};
pub use secret::Secret;
pub use session::{Credentials, SESSION_IDLE, SESSION_LIFE, Session};
pub use token::{NewToken, TOKEN_DAYS_MAX, TOKEN_PREFIX, Token};

/// How often something is tried because others write the same document meanwhile.
const TRIES: usize = 8;

/// When somebody asks, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occasion {
    /// The clock.
    pub at: Timestamp,
    /// The network address; `None` on the machine itself.
    pub address: Option<IpAddr>,
}

impl Occasion {
    /// Now, on the machine itself.
    pub fn now() -> Self {
        Self { at: Timestamp::now(), address: None }
    }
}

/// The use cases about who may come in. Cheap to clone; clones share what is counted of each address.
#[derive(Clone)]
pub struct Access(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    hashing: Hashing,
    lookout: Lookout,
    turns: Turns,
    /// Wrong passwords for names that no account has.
    strangers: AtomicU64,
    reports_per_day: AtomicU32,
    /// The key that addresses and unknown names are hashed with; the store has it.
    key: OnceLock<[u8; 32]>,
    /// What a password is compared with where there is no account.
    dummy: OnceLock<String>,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}

impl Access {
    /// Those of the accounts in a store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::with_hashing(store, Hashing::default())
    }

    /// The same, with passwords hashed in another way. Those that are hashed already are verified as they are.
    pub fn with_hashing(store: Arc<dyn Store>, hashing: Hashing) -> Self {
        let (key, dummy) = (OnceLock::new(), OnceLock::new());
        let (lookout, turns, strangers) = (Lookout::default(), Turns::default(), AtomicU64::new(0));
        let reports_per_day = AtomicU32::new(REPORTS_PER_DAY);
        Self(Arc::new(Inner { store, hashing, lookout, turns, strangers, reports_per_day, key, dummy }))
    }

    fn store(&self) -> &dyn Store {
        &*self.0.store
    }

    fn document(&self, kind: DocumentKind, id: &str) -> Result<Option<Document>, AccessError> {
        Ok(self.store().document(kind, id)?)
    }

    fn write(&self, changes: &[DocumentChange], audit: &[AuditDraft]) -> Result<(), AccessError> {
        Ok(self.store().write(changes, audit)?)
    }

    /// What the log says of something that somebody does; what it is done to and what it changes is added by the caller.
    pub fn draft(&self, actor: &Actor, occasion: &Occasion, action: &'static str) -> Result<AuditDraft, AccessError> {
        Ok(AuditDraft {
            at: occasion.at,
            who: actor.who().to_owned(),
            role: actor.role.key().to_owned(),
            action: action.to_owned(),
            object: None,
            before: None,
            after: None,
            address_hash: occasion.address.map(|address| self.address_hash(address)).transpose()?,
        })
    }
}

/// Asks the one table. Errors: [`AccessError::NotAllowed`].
fn ask(actor: &Actor, action: Action, resource: &Resource<'_>) -> Result<(), AccessError> {
    if actor.may(action, resource) { Ok(()) } else { Err(AccessError::NotAllowed) }
}

/// Tries again while others write the same document. Errors: what the last try says.
fn again<T>(mut work: impl FnMut() -> Result<T, AccessError>) -> Result<T, AccessError> {
    let mut told = work();
    for _ in 1..TRIES {
        if !matches!(told, Err(AccessError::Store(StoreError::Outdated { .. }))) {
            break;
        }
        told = work();
    }
    told
}
