//! Who asks in a test: real accounts, each signed in with a real session or token.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use onemap::app::App;
use onemap::app::access::{Access, Credentials, Hashing, NewAccount, NewToken, Occasion};
use onemap::auth::{Actor, Role, Scope};
use onemap::model::StreetCode;
use onemap::store::Store;

/// The street of the officer.
pub const OWN_STREET: &str = "110105017";

/// A street of somebody else.
pub const OTHER_STREET: &str = "110105001";

/// A password that the rules let pass.
pub const PASSWORD: &str = "quiet-harbour-walnut-71";

/// Whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// Not signed in.
    Nobody,
    /// An officer of [`OWN_STREET`].
    Officer,
    /// Keeps the register.
    Clerk,
    /// Sees all of the district, and may change it.
    District,
    /// Reads the audit log.
    Auditor,
    /// Keeps accounts.
    Admin,
    /// A program that may read.
    Token,
}

impl Who {
    /// Everybody.
    pub const ALL: [Self; 7] =
        [Self::Nobody, Self::Officer, Self::Clerk, Self::District, Self::Auditor, Self::Admin, Self::Token];

    fn role(self) -> Role {
        match self {
            Self::Nobody => Role::Public,
            Self::Officer => Role::Officer,
            Self::Clerk => Role::Clerk,
            Self::District => Role::District,
            Self::Auditor => Role::Auditor,
            Self::Admin => Role::Admin,
            Self::Token => Role::Token,
        }
    }

    /// Name of the account.
    pub fn name(self) -> String {
        format!("test-{}", self.role().key())
    }

    /// The router, whose requests carry what this one is signed in with unless they are signed in otherwise.
    pub fn asks(self, app: &App, router: &Router) -> Router {
        let Some(signed) = self.signs_in(app) else { return router.clone() };
        router.clone().layer(from_fn(move |mut request: Request, next: Next| {
            let (name, value) = signed.clone();
            let otherwise =
                [header::COOKIE, header::AUTHORIZATION].iter().any(|name| request.headers().contains_key(name));
            if !otherwise {
                request.headers_mut().insert(name, value);
            }
            next.run(request)
        }))
    }

    /// The header that signs this one in to a register, whose account is made there first.
    pub fn signs_in(self, app: &App) -> Option<(HeaderName, HeaderValue)> {
        let (access, now) = (app.access(), Occasion::now());
        let header = |text: String| HeaderValue::from_str(&text).unwrap();
        match self {
            Self::Nobody => None,
            Self::Token => {
                let maker = Actor::signed_in(Role::District, &Self::District.name());
                self.makes_account(app, Self::District);
                let token = NewToken { name: "test".to_owned(), scopes: BTreeSet::from([Scope::Read]), days: 30 };
                let (secret, _) = access.make_token(&maker, &now, token).unwrap();
                Some((header::AUTHORIZATION, header(format!("Bearer {}", secret.expose()))))
            }
            _ => {
                self.makes_account(app, self);
                let credentials = Credentials { name: self.name(), password: PASSWORD.to_owned() };
                let (secret, _) = access.sign_in(&now, &credentials).unwrap();
                Some((header::COOKIE, header(format!("onemap={}", secret.expose()))))
            }
        }
    }

    fn makes_account(self, app: &App, who: Self) {
        let machine = Actor::at_the_machine();
        if app.access().account(&machine, &who.name()).is_ok() {
            return;
        }
        let own = StreetCode::parse(OWN_STREET).unwrap();
        let account = NewAccount {
            name: who.name(),
            display_name: who.name(),
            role: who.role(),
            streets: if who == Self::Officer { BTreeSet::from([own]) } else { BTreeSet::new() },
            password: Some(PASSWORD.to_owned()),
        };
        app.access().add_account(&machine, &Occasion::now(), account).unwrap();
    }
}

/// A handle on a store whose passwords are hashed as fast as can be.
pub fn app_on(store: Arc<dyn Store>) -> App {
    let access = Access::with_hashing(Arc::clone(&store), Hashing::cheap());
    App::new(store).with_access(access)
}
