//! Sessions: who is signed in.
//!
//! A session begins with a new secret at every sign-in, ends when it was not used for [`SESSION_IDLE`] or is older than
//! [`SESSION_LIFE`], and is ended by signing out, by another password or role, and by disabling the account. What somebody
//! may do is read from the account at every use.

use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::access::account::{Found, owns};
use crate::app::access::lookout::{NAME_TRIES, Strikes};
use crate::app::access::secret::kept;
use crate::app::access::{Access, AccessError, Occasion, Secret, again, ask, body};
use crate::auth::policy::{Action, Resource};
use crate::auth::role::Actor;
use crate::history::AuditDraft;
use crate::store::{Document, DocumentChange, DocumentKind, Store, StoreError};

/// Time without use after which a session ends.
pub const SESSION_IDLE: SignedDuration = SignedDuration::from_mins(30);

/// Time after which every session ends.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(12);

/// How often the use of a session or token is noted at most.
pub(super) const NOTED_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// What the documents are called that count wrong passwords for names that no account has.
const UNKNOWN: &str = "strikes-";

/// Those of them that are forgotten are looked for at every so many wrong passwords for such a name.
const FORGET_EVERY: u64 = 64;

/// So many are removed at a time.
const FORGET_MAX: usize = 256;

/// What somebody signs in with.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The account's name; capital letters do not matter.
    pub name: String,
    /// The password.
    pub password: String,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// What tells it from others; not its secret.
    pub id: String,
    /// Who it is.
    pub actor: Actor,
    /// Their name as people read it.
    pub display_name: String,
    /// When they signed in.
    pub started_at: Timestamp,
    /// When it was used last, to about a minute.
    pub used_at: Timestamp,
    /// When it ends unless it is used again before.
    pub expires_at: Timestamp,
}

/// A session as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    account: String,
    hash: String,
    started_at: Timestamp,
    used_at: Timestamp,
    address_hash: Option<String>,
}

impl Kept {
    fn expires_at(&self) -> Timestamp {
        let after = |at: Timestamp, time| at.checked_add(time).unwrap_or(Timestamp::MAX);
        after(self.used_at, SESSION_IDLE).min(after(self.started_at, SESSION_LIFE))
    }

    fn told(&self, id: &str, found: &Found) -> Session {
        Session {
            id: id.to_owned(),
            actor: found.account.actor(),
            display_name: found.account.display_name.clone(),
            started_at: self.started_at,
            used_at: self.used_at,
            expires_at: self.expires_at(),
        }
    }
}

/// Wrong passwords for a name that no account has: an account that there is must not be told by being locked.
struct Unknown {
    document: Option<Document>,
    id: String,
    strikes: Strikes,
}

impl Access {
    /// Lets somebody in, with a new secret.
    ///
    /// Errors: [`AccessError::WrongLogin`], which tells neither whether there is such an account nor whether it is disabled,
    /// and takes as long for each; [`AccessError::Locked`] after too many wrong passwords for a name or from an address.
    pub fn sign_in(&self, occasion: &Occasion, credentials: &Credentials) -> Result<(Secret, Session), AccessError> {
        let name = credentials.name.trim().to_lowercase();
        let mut found = self.found_with_password(occasion, &name, &credentials.password)?;
        let mut told = self.begin(occasion, &found, None);
        // Only the account itself may have been written meanwhile, as by another sign-in; another password would be seen.
        for _ in 0..super::TRIES {
            match told {
                Err(AccessError::Store(StoreError::Outdated { .. })) => {
                    let now = self.found(&name)?;
                    if now.kept.password != found.kept.password || now.account.disabled {
                        return Err(AccessError::WrongLogin);
                    }
                    found = now;
                    told = self.begin(occasion, &found, None);
                }
                told => return told,
            }
        }
        told
    }

    /// Begins a session of an account whose owner has proved who they are; `how` is told in the log where it was not by the
    /// password.
    pub(super) fn begin(
        &self,
        occasion: &Occasion,
        found: &Found,
        how: Option<String>,
    ) -> Result<(Secret, Session), AccessError> {
        let secret = Secret::new("")?;
        let (id, hash) = kept(secret.expose());
        let name = &found.account.name;
        let mut account =
            Found { kept: found.kept.clone(), document: found.document.clone(), account: found.account.clone() };
        account.kept.last_sign_in = Some(occasion.at);
        account.kept.strikes = Strikes::default();
        let draft = AuditDraft {
            object: Some(format!("session/{name}")),
            after: how,
            ..self.draft(&found.account.actor(), occasion, "session.start")?
        };
        let session = Kept {
            account: name.clone(),
            hash,
            started_at: occasion.at,
            used_at: occasion.at,
            address_hash: draft.address_hash.clone(),
        };
        let mut changes = vec![account.change()];
        changes.push(DocumentChange::new(DocumentKind::Session, &id, body::write(&session)));
        for document in self.store().documents(DocumentKind::Session)? {
            if body::read::<Kept>(&document)?.expires_at() <= occasion.at {
                changes.push(DocumentChange::removal(&document));
            }
        }
        self.write(&changes, &[draft])?;
        self.0.lookout.right(occasion.address);
        Ok((secret, session.told(&id, found)))
    }

    /// The account of that name, if this is its password; everything about a wrong one happens here.
    pub(super) fn found_with_password(
        &self,
        occasion: &Occasion,
        name: &str,
        password: &str,
    ) -> Result<Found, AccessError> {
        // Until a wrong one is counted, or many at once would all be compared.
        let _turn = self.0.turns.wait(name);
        if let Some(until) = self.0.lookout.holds(occasion.address, occasion.at) {
            return Err(AccessError::Locked { until });
        }
        let found = self.find(name)?;
        let unknown = if found.is_none() { Some(self.unknown(name)?) } else { None };
        let strikes =
            found.as_ref().map(|found| found.kept.strikes).or(unknown.as_ref().map(|unknown| unknown.strikes));
        if let Some(until) = strikes.and_then(|strikes| strikes.holds(occasion.at)) {
            return Err(AccessError::Locked { until });
        }
        let hash =
            found.as_ref().filter(|found| !found.account.disabled).and_then(|found| found.kept.password.as_deref());
        let fits = self.password_fits(password, hash)?;
        match found {
            Some(found) if fits => Ok(found),
            found => {
                self.0.lookout.wrong(occasion.address, occasion.at);
                let known = found.map(|found| found.account.name);
                again(|| self.count_wrong(occasion, name, known.as_deref()))?;
                Err(AccessError::WrongLogin)
            }
        }
    }

    fn count_wrong(&self, occasion: &Occasion, name: &str, known: Option<&str>) -> Result<(), AccessError> {
        let draft = self.draft(&Actor::public(), occasion, "session.refuse")?;
        let Some(known) = known else {
            let unknown = self.unknown(name)?;
            let strikes = body::write(&unknown.strikes.one_more(occasion.at, NAME_TRIES));
            let mut changes = vec![match &unknown.document {
                Some(document) => DocumentChange::of(document, strikes),
                None => DocumentChange::new(DocumentKind::Setting, &unknown.id, strikes),
            }];
            if self.0.strangers.fetch_add(1, Ordering::Relaxed).is_multiple_of(FORGET_EVERY) {
                changes.extend(self.forgotten(occasion, &unknown.id)?);
            }
            // The name is not told: people type passwords where names belong.
            let after = json!({ "why": "unknown_name" }).to_string();
            return self.write(&changes, &[AuditDraft { after: Some(after), ..draft }]);
        };
        let mut found = self.found(known)?;
        let why = if found.account.disabled { "disabled" } else { "wrong_password" };
        found.kept.strikes = found.kept.strikes.one_more(occasion.at, NAME_TRIES);
        let after = json!({ "why": why, "wrong_in_a_row": found.kept.strikes.count }).to_string();
        let object = Some(format!("session/{known}"));
        self.write(&[found.change()], &[AuditDraft { object, after: Some(after), ..draft }])
    }

    fn unknown(&self, name: &str) -> Result<Unknown, AccessError> {
        let id = format!("{UNKNOWN}{}", self.name_hash(name)?);
        let document = self.document(DocumentKind::Setting, &id)?;
        let strikes = document.as_ref().map(body::read).transpose()?.unwrap_or_default();
        Ok(Unknown { document, id, strikes })
    }

    /// Removes what was counted of unknown names, and is forgotten, except of one.
    fn forgotten(&self, occasion: &Occasion, except: &str) -> Result<Vec<DocumentChange>, AccessError> {
        let mut removals = Vec::new();
        for document in self.store().documents(DocumentKind::Setting)? {
            let counts = document.id.starts_with(UNKNOWN) && document.id != except;
            if counts && body::read::<Strikes>(&document)?.are_forgotten(occasion.at) && removals.len() < FORGET_MAX {
                removals.push(DocumentChange::removal(&document));
            }
        }
        Ok(removals)
    }

    /// Who bears this secret; `None` when nobody does any more. Notes the use, at most once a minute.
    pub fn session(&self, occasion: &Occasion, secret: &str) -> Result<Option<Session>, AccessError> {
        let Some((document, mut session, found)) = self.open_session(occasion, secret)? else { return Ok(None) };
        if occasion.at.duration_since(session.used_at) >= NOTED_EVERY {
            session.used_at = occasion.at;
            match self.write(&[DocumentChange::of(&document, body::write(&session))], &[]) {
                // Another request of the same session noted it, or ended it.
                Err(AccessError::Store(StoreError::Outdated { .. })) => {
                    if self.document(DocumentKind::Session, &document.id)?.is_none() {
                        return Ok(None);
                    }
                }
                noted => noted?,
            }
        }
        Ok(Some(session.told(&document.id, &found)))
    }

    fn open_session(&self, occasion: &Occasion, secret: &str) -> Result<Option<(Document, Kept, Found)>, AccessError> {
        let (id, hash) = kept(secret);
        let Some(document) = self.document(DocumentKind::Session, &id)? else { return Ok(None) };
        let session: Kept = body::read(&document)?;
        if session.hash != hash || session.expires_at() <= occasion.at {
            return Ok(None);
        }
        let found = self.find(&session.account)?.filter(|found| !found.account.disabled);
        Ok(found.map(|found| (document, session, found)))
    }

    /// Ends a session. One that has ended already stays ended.
    pub fn sign_out(&self, occasion: &Occasion, secret: &str) -> Result<(), AccessError> {
        again(|| {
            let Some((document, session, found)) = self.open_session(occasion, secret)? else { return Ok(()) };
            let draft = AuditDraft {
                object: Some(format!("session/{}", session.account)),
                ..self.draft(&found.account.actor(), occasion, "session.end")?
            };
            self.write(&[DocumentChange::removal(&document)], &[draft])
        })
    }

    /// Ends all sessions of an account: one's own, or anybody's for whom keeps accounts. Answers with how many there were.
    pub fn sign_out_everywhere(&self, actor: &Actor, occasion: &Occasion, name: &str) -> Result<usize, AccessError> {
        if !owns(actor, name) {
            ask(actor, Action::ManageAccounts, &Resource::District)?;
        }
        again(|| {
            let account = self.found(name)?.account.name;
            let open = sessions_of(self.store(), &account)?;
            let changes: Vec<DocumentChange> = open.iter().map(DocumentChange::removal).collect();
            let draft = AuditDraft {
                object: Some(format!("session/{name}")),
                before: Some(json!({ "sessions": open.len() }).to_string()),
                ..self.draft(actor, occasion, "session.end")?
            };
            self.write(&changes, &[draft])?;
            Ok(open.len())
        })
    }

    /// The sessions of an account that have not ended, the one that was used last first.
    pub fn sessions(&self, actor: &Actor, occasion: &Occasion, name: &str) -> Result<Vec<Session>, AccessError> {
        if !owns(actor, name) {
            ask(actor, Action::ManageAccounts, &Resource::District)?;
        }
        let found = self.found(name)?;
        let mut open = Vec::new();
        for document in sessions_of(self.store(), name)? {
            let session: Kept = body::read(&document)?;
            if session.expires_at() > occasion.at && !found.account.disabled {
                open.push(session.told(&document.id, &found));
            }
        }
        open.sort_by_key(|session| std::cmp::Reverse(session.used_at));
        Ok(open)
    }
}

/// The documents of all sessions of an account, also of those that have ended by themselves.
pub(super) fn sessions_of(store: &dyn Store, name: &str) -> Result<Vec<Document>, AccessError> {
    let mut found = Vec::new();
    for document in store.documents(DocumentKind::Session)? {
        if body::read::<Kept>(&document)?.account == name {
            found.push(document);
        }
    }
    Ok(found)
}
