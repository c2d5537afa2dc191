//! Accounts: who may come in, and as what.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::app::access::lookout::Strikes;
use crate::app::access::session::sessions_of;
use crate::app::access::{Access, AccessError, Invalidity, Occasion, again, ask, body, password, wording};
use crate::auth::policy::{Action, Resource};
use crate::auth::role::{Actor, Role};
use crate::history::{AuditDraft, Key, Kind};
use crate::model::StreetCode;
use crate::store::{Document, DocumentChange, DocumentKind};

/// Characters of an account's name at most; it has two at least.
pub const NAME_LIMIT: usize = 64;

/// Characters of the name that people read.
const DISPLAY_NAME_CHARS_MAX: usize = 60;

/// Names that the log gives to others.
const RESERVED: [&str; 4] = ["cli", "public", "machine", "single-sign-on"];

/// An account, without its password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What one signs in with; it never changes.
    pub name: String,
    /// What people read.
    pub display_name: String,
    /// What they are.
    pub role: Role,
    /// The streets of an officer.
    pub streets: BTreeSet<StreetCode>,
    /// Whether nobody may come in with it.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When somebody came in with it last.
    pub last_sign_in: Option<Timestamp>,
    /// Until when nobody may try a password, after too many wrong ones.
    pub locked_until: Option<Timestamp>,
    /// Whether it has a password; one of another provider's has none.
    pub has_password: bool,
    /// What a change of it must have seen.
    pub revision: u64,
}

impl Account {
    /// The one who comes in with it.
    pub fn actor(&self) -> Actor {
        match self.role {
            Role::Officer => Actor::officer(&self.name, self.streets.clone()),
            role => Actor::signed_in(role, &self.name),
        }
    }
}

/// An account that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// See [`Account::name`].
    pub name: String,
    /// See [`Account::display_name`].
    pub display_name: String,
    /// One that accounts have.
    pub role: Role,
    /// One or more for an officer, none for others.
    pub streets: BTreeSet<StreetCode>,
    /// None where another provider vouches for them.
    pub password: Option<String>,
}

/// What is to be different in an account; what is left out stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountChange {
    /// What people read.
    pub display_name: Option<String>,
    /// What they are; ends their sessions.
    pub role: Option<Role>,
    /// The streets of an officer.
    pub streets: Option<BTreeSet<StreetCode>>,
    /// Whether nobody may come in; ends their sessions.
    pub disabled: Option<bool>,
    /// Another password; ends their sessions, and a lock.
    pub password: Option<String>,
}

/// An account as its changer saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountAt<'a> {
    /// Its name.
    pub name: &'a str,
    /// The revision that was seen; `None` for whatever there is.
    pub seen: Option<u64>,
}

/// A password that its owner changes.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordChange {
    /// The one until now.
    pub current: String,
    /// The one from now on.
    pub new: String,
}

/// An account as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) display_name: String,
    pub(super) role: String,
    pub(super) streets: BTreeSet<String>,
    pub(super) disabled: bool,
    pub(super) password: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) last_sign_in: Option<Timestamp>,
    pub(super) strikes: Strikes,
    /// What another provider knows them as.
    #[serde(default)]
    pub(super) subject: Option<String>,
}

/// An account and the document that it is in.
pub(super) struct Found {
    pub(super) document: Document,
    pub(super) kept: Kept,
    pub(super) account: Account,
}

impl Found {
    fn read(document: Document) -> Result<Self, AccessError> {
        let kept: Kept = body::read(&document)?;
        let role = Role::from_key(&kept.role).filter(|role| role.is_of_accounts());
        let role =
            role.ok_or_else(|| body::unreadable(&document, format!("{:?} is no role of accounts", kept.role)))?;
        let streets = kept.streets.iter().map(|code| StreetCode::parse(code)).collect::<Result<_, _>>();
        let account = Account {
            name: document.id.clone(),
            display_name: kept.display_name.clone(),
            role,
            streets: streets.map_err(|err| body::unreadable(&document, err))?,
            disabled: kept.disabled,
            created_at: kept.created_at,
            last_sign_in: kept.last_sign_in,
            locked_until: kept.strikes.locked_until,
            has_password: kept.password.is_some(),
            revision: document.revision,
        };
        Ok(Self { document, kept, account })
    }

    /// The same document with what is kept now.
    pub(super) fn change(&self) -> DocumentChange {
        DocumentChange::of(&self.document, body::write(&self.kept))
    }
}

impl Access {
    /// Every account, by name.
    pub fn accounts(&self, actor: &Actor) -> Result<Vec<Account>, AccessError> {
        ask(actor, Action::ManageAccounts, &Resource::District)?;
        let documents = self.store().documents(DocumentKind::Account)?;
        documents.into_iter().map(|document| Ok(Found::read(document)?.account)).collect()
    }

    /// One account: one's own, or any for whom keeps them.
    pub fn account(&self, actor: &Actor, name: &str) -> Result<Account, AccessError> {
        if !owns(actor, name) {
            ask(actor, Action::ManageAccounts, &Resource::District)?;
        }
        Ok(self.found(name)?.account)
    }

    /// Makes an account.
    pub fn add_account(&self, actor: &Actor, occasion: &Occasion, new: NewAccount) -> Result<Account, AccessError> {
        ask(actor, Action::ManageAccounts, &Resource::District)?;
        let NewAccount { name, display_name, role, streets, password } = new;
        check_name(&name)?;
        let display_name = wording::text("display_name", &display_name, DISPLAY_NAME_CHARS_MAX)?;
        self.check_streets(role, &streets)?;
        if let Some(password) = &password {
            password::check(password, &name, &display_name)?;
        }
        if self.find(&name)?.is_some() {
            return Err(AccessError::NameTaken(name));
        }
        let kept = Kept {
            display_name,
            role: role.key().to_owned(),
            streets: streets.iter().map(|street| street.as_str().to_owned()).collect(),
            disabled: false,
            password: password.map(|password| self.0.hashing.hash(&password)).transpose()?,
            created_at: occasion.at,
            last_sign_in: None,
            strikes: Strikes::default(),
            subject: None,
        };
        let after = json!({ "display_name": kept.display_name, "role": kept.role, "streets": kept.streets });
        let draft = AuditDraft {
            object: Some(object(&name)),
            after: Some(after.to_string()),
            ..self.draft(actor, occasion, "account.add")?
        };
        let change = DocumentChange::new(DocumentKind::Account, &name, body::write(&kept));
        match self.write(&[change], &[draft]) {
            Err(AccessError::Store(crate::store::StoreError::Outdated { .. })) => Err(AccessError::NameTaken(name)),
            written => written.and_then(|()| Ok(self.found(&name)?.account)),
        }
    }

    /// Changes an account. Errors: [`AccessError::Outdated`] when it is not as it was seen.
    pub fn change_account(
        &self,
        actor: &Actor,
        occasion: &Occasion,
        account: &AccountAt<'_>,
        change: AccountChange,
    ) -> Result<Account, AccessError> {
        ask(actor, Action::ManageAccounts, &Resource::District)?;
        // Not within what is tried again: hashing takes time.
        let hash = change.password.as_deref().map(|password| self.hash_for(account.name, password, &change));
        let hash = hash.transpose()?;
        again(|| self.change_once(actor, occasion, account, (&change, hash.as_deref())))
    }

    fn hash_for(&self, name: &str, password: &str, change: &AccountChange) -> Result<String, AccessError> {
        let found = self.found(name)?;
        let display_name = change.display_name.as_deref().unwrap_or(&found.account.display_name);
        password::check(password, name, display_name)?;
        self.0.hashing.hash(password)
    }

    fn change_once(
        &self,
        actor: &Actor,
        occasion: &Occasion,
        account: &AccountAt<'_>,
        (change, hash): (&AccountChange, Option<&str>),
    ) -> Result<Account, AccessError> {
        let mut found = self.found(account.name)?;
        if account.seen.is_some_and(|seen| seen != found.account.revision) {
            return Err(AccessError::Outdated);
        }
        let role = change.role.unwrap_or(found.account.role);
        let disabled = change.disabled.unwrap_or(found.account.disabled);
        if owns(actor, account.name) && (role != found.account.role || disabled) {
            return Err(AccessError::OwnAccount);
        }
        let kept_streets = if role == Role::Officer { found.account.streets.clone() } else { BTreeSet::new() };
        let streets = change.streets.clone().unwrap_or(kept_streets);
        self.check_streets(role, &streets)?;
        let display_name = change.display_name.as_deref().unwrap_or(&found.account.display_name);
        let before = found.kept.clone();
        found.kept.display_name = wording::text("display_name", display_name, DISPLAY_NAME_CHARS_MAX)?;
        found.kept.role = role.key().to_owned();
        found.kept.streets = streets.iter().map(|street| street.as_str().to_owned()).collect();
        found.kept.disabled = disabled;
        if let Some(hash) = hash {
            found.kept.password = Some(hash.to_owned());
            found.kept.strikes = Strikes::default();
        }
        let ends_sessions = role != found.account.role || disabled && !found.account.disabled || hash.is_some();
        let Some((was, is)) = difference(&before, &found.kept) else { return Ok(found.account) };
        let mut changes = vec![found.change()];
        if ends_sessions {
            let open = sessions_of(self.store(), account.name)?;
            changes.extend(open.iter().map(DocumentChange::removal));
        }
        let draft = AuditDraft {
            object: Some(object(account.name)),
            before: Some(was.to_string()),
            after: Some(is.to_string()),
            ..self.draft(actor, occasion, "account.change")?
        };
        self.write(&changes, &[draft])?;
        Ok(self.found(account.name)?.account)
    }

    /// Changes one's own password, and ends all of one's sessions. Errors: as those of signing in when the current one is
    /// wrong; wrong ones count.
    pub fn change_own_password(
        &self,
        actor: &Actor,
        occasion: &Occasion,
        change: &PasswordChange,
    ) -> Result<(), AccessError> {
        let name = actor.name.as_deref().filter(|_| actor.role.is_of_accounts()).ok_or(AccessError::NotAllowed)?;
        let mut found = self.found_with_password(occasion, name, &change.current)?;
        password::check(&change.new, name, &found.account.display_name)?;
        found.kept.password = Some(self.0.hashing.hash(&change.new)?);
        found.kept.strikes = Strikes::default();
        let mut changes = vec![found.change()];
        changes.extend(sessions_of(self.store(), name)?.iter().map(DocumentChange::removal));
        let draft = AuditDraft { object: Some(object(name)), ..self.draft(actor, occasion, "account.password")? };
        self.write(&changes, &[draft])
    }

    /// Officers have streets, and others have none. A register that is empty knows no street yet, so it takes any.
    pub(super) fn check_streets(&self, role: Role, streets: &BTreeSet<StreetCode>) -> Result<(), AccessError> {
        match (role, streets.is_empty()) {
            (role, _) if !role.is_of_accounts() => return Err(AccessError::invalid("role", Invalidity::NotARole)),
            (Role::Officer, true) => return Err(AccessError::invalid("streets", Invalidity::NoStreet)),
            (Role::Officer, false) | (_, true) => {}
            (_, false) => return Err(AccessError::invalid("streets", Invalidity::StreetsOfOthers)),
        }
        if streets.is_empty() || self.store().revision()?.is_none() {
            return Ok(());
        }
        for street in streets {
            if self.store().versions(&Key::new(Kind::Street, street.as_str()))?.is_empty() {
                return Err(AccessError::invalid("streets", Invalidity::NoSuchStreet));
            }
        }
        Ok(())
    }

    pub(super) fn find(&self, name: &str) -> Result<Option<Found>, AccessError> {
        self.document(DocumentKind::Account, name)?.map(Found::read).transpose()
    }

    pub(super) fn found(&self, name: &str) -> Result<Found, AccessError> {
        self.find(name)?.ok_or_else(|| AccessError::NoSuchAccount(name.to_owned()))
    }
}

/// What the log calls an account.
pub(super) fn object(name: &str) -> String {
    format!("account/{name}")
}

/// Whether it is the actor's own account.
pub(super) fn owns(actor: &Actor, name: &str) -> bool {
    actor.role.is_of_accounts() && actor.name.as_deref() == Some(name)
}

fn check_name(name: &str) -> Result<(), AccessError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let right = (2..=NAME_LIMIT).contains(&name.len())
        && name.starts_with(fits)
        && name.chars().all(|c| fits(c) || matches!(c, '.' | '_' | '-'))
        && !RESERVED.contains(&name);
    if right { Ok(()) } else { Err(AccessError::invalid("name", Invalidity::NotAName)) }
}

/// What differs, before and after, without passwords; `None` when nothing does.
fn difference(before: &Kept, after: &Kept) -> Option<(Value, Value)> {
    let told = |kept: &Kept| {
        [
            ("display_name", json!(kept.display_name)),
            ("role", json!(kept.role)),
            ("streets", json!(kept.streets)),
            ("disabled", json!(kept.disabled)),
        ]
    };
    let (mut was, mut is) = (Map::new(), Map::new());
    for ((name, old), (_, new)) in told(before).into_iter().zip(told(after)) {
        if old != new {
            was.insert(name.to_owned(), old);
            is.insert(name.to_owned(), new);
        }
    }
    if before.password != after.password {
        is.insert("password".to_owned(), json!("changed"));
    }
    (!is.is_empty()).then_some((Value::Object(was), Value::Object(is)))
}
