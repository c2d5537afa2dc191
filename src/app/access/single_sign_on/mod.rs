//! Single sign-on: OpenID Connect with the authorization code flow, PKCE, a nonce and a state.
//!
//! The provider says who somebody is and, through its claims, which role and streets they have. What a sign-in needs from
//! its beginning to its end travels in a cookie of the browser that began it, so any instance can finish it. The provider
//! and nobody else is asked, over TLS; redirects are not followed and answers are bounded.

mod claims;
mod error;
mod flow;
mod provider;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::app::access::single_sign_on::flow::Flow;
use crate::app::access::single_sign_on::provider::Provider;
use crate::app::access::{Federated, Occasion};
use crate::auth::role::Role;

pub use error::SignOnError;
pub use flow::FLOW_LIFE;

/// For how long what the provider tells of itself, its keys among it, is not asked for again.
const KNOWN_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How to reach the provider, and what its claims mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOnSettings {
    /// What the page calls it.
    pub name: String,
    /// The provider's issuer: an `https` address; `http` on this machine only.
    pub issuer: String,
    /// What the provider knows this server as.
    pub client_id: String,
    /// File with the secret that goes with it; `None` for a client that has none.
    pub client_secret_file: Option<PathBuf>,
    /// Where the provider sends browsers back to: the public address of this server and the path of the answer.
    pub redirect_url: String,
    /// Certificates (PEM) that the provider's must be signed by; `None` for those of the system.
    pub ca_file: Option<PathBuf>,
    /// Claim with the name of the account.
    pub name_claim: String,
    /// Claim with the roles, one or a list.
    pub role_claim: String,
    /// Claim with the codes of the streets of an officer, one or a list.
    pub streets_claim: String,
    /// What each value of the role claim means; values that are not here mean nothing.
    pub roles: BTreeMap<String, Role>,
    /// Scopes that are asked for beside `openid`.
    pub scopes: Vec<String>,
}

/// What a browser is sent away with.
pub struct Begun {
    /// Where to, at the provider.
    pub location: String,
    /// What it must bring back, as the value of a cookie that no script can read.
    pub cookie: String,
}

/// What a browser comes back with.
#[derive(Debug, Clone, Default)]
pub struct Returned {
    /// The value of the cookie.
    pub cookie: String,
    /// `code` of the query.
    pub code: Option<String>,
    /// `state` of the query.
    pub state: Option<String>,
    /// `error` of the query: the provider let nobody in.
    pub error: Option<String>,
}

/// Single sign-on with one provider. Cheap to clone.
#[derive(Clone)]
pub struct SingleSignOn(Arc<Inner>);

struct Inner {
    settings: SignOnSettings,
    client: provider::Client,
    known: Mutex<Option<(Timestamp, Arc<Provider>)>>,
}

impl SingleSignOn {
    /// Reads the secret and the certificates; nothing is asked of the provider yet. Errors: a file cannot be read, or an
    /// address is none.
    pub fn new(settings: SignOnSettings) -> Result<Self, SignOnError> {
        let client = provider::Client::new(&settings)?;
        Ok(Self(Arc::new(Inner { settings, client, known: Mutex::default() })))
    }

    /// What the page calls it.
    pub fn name(&self) -> &str {
        &self.0.settings.name
    }

    /// Begins a sign-in; `next` is where the browser goes in the end, and comes back from [`SingleSignOn::finish`] as it is.
    pub fn begin(&self, occasion: &Occasion, next: &str) -> Result<Begun, SignOnError> {
        let provider = self.provider(occasion.at)?;
        let (location, flow) = provider.begin(&self.0.settings, occasion.at, next);
        Ok(Begun { location, cookie: flow.seal() })
    }

    /// Where a browser wanted to go whose sign-in is under way; `None` for a cookie that is none, or too old.
    pub fn next(&self, occasion: &Occasion, cookie: &str) -> Option<String> {
        Some(Flow::open(cookie, occasion.at)?.next)
    }

    /// Finishes a sign-in: who it is, and where they wanted to go.
    ///
    /// Errors: the browser is not the one that began it, or began it too long ago; the provider let nobody in, cannot be
    /// reached, or says what cannot be believed; it gives them no role.
    pub fn finish(&self, occasion: &Occasion, returned: &Returned) -> Result<(Federated, String), SignOnError> {
        let flow = Flow::open(&returned.cookie, occasion.at).ok_or(SignOnError::NotBegunHere)?;
        if returned.state.as_deref() != Some(flow.state.as_str()) {
            return Err(SignOnError::NotBegunHere);
        }
        if let Some(error) = &returned.error {
            return Err(SignOnError::Refused(error.chars().take(100).collect()));
        }
        let code = returned.code.as_deref().ok_or(SignOnError::NotBegunHere)?;
        let settings = &self.0.settings;
        let told = self.provider(occasion.at)?.finish(&self.0.client, &flow, code)?;
        // The provider may have changed its keys since it was asked for them.
        let told = match told {
            Err(unverified) => {
                let renewed = self.renew(occasion.at)?;
                renewed.verify(&self.0.client, &unverified, &flow)?
            }
            Ok(told) => told,
        };
        Ok((claims::federated(settings, &told)?, flow.next))
    }

    fn provider(&self, at: Timestamp) -> Result<Arc<Provider>, SignOnError> {
        let known = self.0.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match known {
            Some((since, provider)) if at.duration_since(since).abs() < KNOWN_FOR => Ok(provider),
            _ => self.renew(at),
        }
    }

    fn renew(&self, at: Timestamp) -> Result<Arc<Provider>, SignOnError> {
        let provider = Arc::new(Provider::discover(&self.0.client)?);
        *self.0.known.lock().unwrap_or_else(PoisonError::into_inner) = Some((at, Arc::clone(&provider)));
        Ok(provider)
    }
}
