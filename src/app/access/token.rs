//! Tokens: how programs come in.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::access::account::owns;
use crate::app::access::secret::kept;
use crate::app::access::session::NOTED_EVERY;
use crate::app::access::{Access, AccessError, Invalidity, Occasion, Secret, again, ask, body, wording};
use crate::auth::policy::{Action, Resource, may_grant};
use crate::auth::role::{Actor, Scope};
use crate::history::AuditDraft;
use crate::store::{Document, DocumentChange, DocumentKind, StoreError};

/// What every token begins with, so that scanners for leaked secrets know it.
pub const TOKEN_PREFIX: &str = "onemap_";

/// Days for which a token holds at most.
pub const TOKEN_DAYS_MAX: u32 = 400;

/// Characters of a token's name at most.
const NAME_CHARS_MAX: usize = 60;

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What tells it from others; not its secret.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// The account that made it.
    pub owner: String,
    /// What it may be used for, as long as its owner may do that.
    pub scopes: BTreeSet<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was used last, to about a minute.
    pub last_use: Option<Timestamp>,
}

/// A token that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// One or more, each of which the owner may do.
    pub scopes: BTreeSet<Scope>,
    /// For how many days it holds, up to [`TOKEN_DAYS_MAX`].
    pub days: u32,
}

/// A token as it is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    name: String,
    owner: String,
    hash: String,
    scopes: BTreeSet<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
    last_use: Option<Timestamp>,
}

fn read(document: &Document) -> Result<(Kept, Token), AccessError> {
    let kept: Kept = body::read(document)?;
    let scope =
        |key: &String| Scope::from_key(key).ok_or_else(|| body::unreadable(document, format!("{key:?} is no scope")));
    let token = Token {
        id: document.id.clone(),
        name: kept.name.clone(),
        owner: kept.owner.clone(),
        scopes: kept.scopes.iter().map(scope).collect::<Result<_, _>>()?,
        created_at: kept.created_at,
        expires_at: kept.expires_at,
        last_use: kept.last_use,
    };
    Ok((kept, token))
}

impl Access {
    /// One's own tokens, for whom keeps accounts those of everybody; also those that have expired. The newest first.
    pub fn tokens(&self, actor: &Actor) -> Result<Vec<Token>, AccessError> {
        ask(actor, Action::ManageTokens, &Resource::District)?;
        let every = actor.may(Action::ManageAccounts, &Resource::District);
        let mut tokens = Vec::new();
        for document in self.store().documents(DocumentKind::Token)? {
            let (_, token) = read(&document)?;
            if every || owns(actor, &token.owner) {
                tokens.push(token);
            }
        }
        tokens.sort_by_key(|token| std::cmp::Reverse(token.created_at));
        Ok(tokens)
    }

    /// Makes a token of one's own. Its secret is told here and never again.
    pub fn make_token(
        &self,
        actor: &Actor,
        occasion: &Occasion,
        new: NewToken,
    ) -> Result<(Secret, Token), AccessError> {
        ask(actor, Action::ManageTokens, &Resource::District)?;
        let owner = actor.name.as_deref().filter(|name| owns(actor, name)).ok_or(AccessError::NotAllowed)?;
        let name = wording::text("name", &new.name, NAME_CHARS_MAX)?;
        if new.scopes.is_empty() {
            return Err(AccessError::invalid("scopes", Invalidity::NoScope));
        }
        if !new.scopes.iter().all(|scope| may_grant(actor, *scope)) {
            return Err(AccessError::invalid("scopes", Invalidity::ScopeNotYours));
        }
        if !(1..=TOKEN_DAYS_MAX).contains(&new.days) {
            return Err(AccessError::invalid("days", Invalidity::Days { max: TOKEN_DAYS_MAX }));
        }
        let secret = Secret::new(TOKEN_PREFIX)?;
        let (id, hash) = kept(secret.expose());
        let life = SignedDuration::from_hours(24 * i64::from(new.days));
        let kept = Kept {
            name,
            owner: owner.to_owned(),
            hash,
            scopes: new.scopes.iter().map(|scope| scope.key().to_owned()).collect(),
            created_at: occasion.at,
            expires_at: occasion.at.checked_add(life).unwrap_or(Timestamp::MAX),
            last_use: None,
        };
        let after = json!({ "name": kept.name, "scopes": kept.scopes, "expires_at": kept.expires_at });
        let draft = AuditDraft {
            object: Some(object(&id)),
            after: Some(after.to_string()),
            ..self.draft(actor, occasion, "token.make")?
        };
        let body = body::write(&kept);
        self.write(&[DocumentChange::new(DocumentKind::Token, &id, body.clone())], &[draft])?;
        let (_, token) = read(&Document { kind: DocumentKind::Token, id, revision: 1, body })?;
        Ok((secret, token))
    }

    /// Removes a token: one's own, or anybody's for whom keeps accounts.
    pub fn remove_token(&self, actor: &Actor, occasion: &Occasion, id: &str) -> Result<(), AccessError> {
        ask(actor, Action::ManageTokens, &Resource::District)?;
        let missing = || AccessError::NoSuchToken(id.to_owned());
        again(|| {
            let document = self.document(DocumentKind::Token, id)?.ok_or_else(missing)?;
            let (kept, token) = read(&document)?;
            if !owns(actor, &token.owner) && !actor.may(Action::ManageAccounts, &Resource::District) {
                // Whose it is, is not theirs to know.
                return Err(missing());
            }
            let before = json!({ "name": kept.name, "owner": kept.owner, "scopes": kept.scopes });
            let draft = AuditDraft {
                object: Some(object(id)),
                before: Some(before.to_string()),
                ..self.draft(actor, occasion, "token.remove")?
            };
            self.write(&[DocumentChange::removal(&document)], &[draft])
        })
    }

    /// Removes all tokens of an account: one's own, or anybody's for whom keeps accounts. Answers with how many there were.
    pub fn remove_tokens_of(&self, actor: &Actor, occasion: &Occasion, name: &str) -> Result<usize, AccessError> {
        if !owns(actor, name) {
            ask(actor, Action::ManageAccounts, &Resource::District)?;
        }
        let account = self.found(name)?.account.name;
        let mut removed = 0;
        for document in self.store().documents(DocumentKind::Token)? {
            let (_, token) = read(&document)?;
            if token.owner == account {
                match self.remove_token(actor, occasion, &token.id) {
                    // Somebody else removed it meanwhile.
                    Err(AccessError::NoSuchToken(_)) => {}
                    done => done.map(|()| removed += 1)?,
                }
            }
        }
        Ok(removed)
    }

    /// Who bears this token; `None` when it was never one, has expired, or its owner may not come in. What its owner may no
    /// longer do, it may not do either. Notes the use, at most once a minute.
    pub fn bearer(&self, occasion: &Occasion, secret: &str) -> Result<Option<Actor>, AccessError> {
        if !secret.starts_with(TOKEN_PREFIX) {
            return Ok(None);
        }
        let (id, hash) = kept(secret);
        let Some(document) = self.document(DocumentKind::Token, &id)? else { return Ok(None) };
        let (mut kept, token) = read(&document)?;
        if kept.hash != hash || token.expires_at <= occasion.at {
            return Ok(None);
        }
        let Some(owner) = self.find(&token.owner)?.filter(|owner| !owner.account.disabled) else { return Ok(None) };
        if token.last_use.is_none_or(|last| occasion.at.duration_since(last) >= NOTED_EVERY) {
            kept.last_use = Some(occasion.at);
            match self.write(&[DocumentChange::of(&document, body::write(&kept))], &[]) {
                // Another request noted it, or somebody removed it.
                Err(AccessError::Store(StoreError::Outdated { .. })) => {
                    if self.document(DocumentKind::Token, &id)?.is_none() {
                        return Ok(None);
                    }
                }
                noted => noted?,
            }
        }
        let owner = owner.account.actor();
        let scopes = token.scopes.into_iter().filter(|scope| may_grant(&owner, *scope)).collect();
        // The log tells whose token it was; no account's name has a slash.
        let name = format!("{}/{}", token.owner, token.name);
        Ok(Some(Actor::token(&name, scopes, (*owner.streets).clone())))
    }
}

/// What the log calls a token.
fn object(id: &str) -> String {
    format!("token/{id}")
}
