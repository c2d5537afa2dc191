//! Accounts: kept by administrators.

use std::collections::BTreeSet;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Snapshot;
use crate::app::access::{Account, AccountAt, AccountChange, NewAccount, Occasion};
use crate::auth::{Action, Actor, Resource, Role};
use crate::http::body::{fault, read, seen};
use crate::http::extract::{NoParams, Params, Segments};
use crate::http::session::NO_STORE;
use crate::http::site::work;
use crate::http::{Problem, Site};
use crate::model::StreetCode;

/// The body of `POST /api/accounts`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Added {
    name: String,
    #[serde(default)]
    display_name: String,
    role: String,
    #[serde(default)]
    streets: Vec<String>,
    password: String,
}

/// The body of `PATCH /api/accounts/{name}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    display_name: Option<String>,
    role: Option<String>,
    streets: Option<Vec<String>>,
    disabled: Option<bool>,
    password: Option<String>,
}

/// `GET /api/accounts`
pub async fn list_accounts(
    State(site): State<Site>,
    actor: Actor,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::ManageAccounts, &Resource::District)?;
    work(move || {
        let accounts: Vec<Value> = site.app().access().accounts(&actor)?.iter().map(account_object).collect();
        Ok(([NO_STORE], Json(json!({ "accounts": accounts }))).into_response())
    })
    .await
}

/// `GET /api/accounts/{name}`
pub async fn show_account(
    State(site): State<Site>,
    actor: Actor,
    Segments(name): Segments<String>,
    Params(NoParams {}): Params<NoParams>,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::ManageAccounts, &Resource::District)?;
    work(move || Ok(told(StatusCode::OK, &site.app().access().account(&actor, &name)?))).await
}

/// `POST /api/accounts`
pub async fn create_account(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::ManageAccounts, &Resource::District)?;
    let Added { name, display_name, role, streets, password } = read(&headers, body)?;
    let display_name = if display_name.trim().is_empty() { name.clone() } else { display_name };
    let streets = streets_of(&*site.app().snapshot()?, &streets)?;
    let account = NewAccount { name, display_name, role: role_of(&role)?, streets, password: Some(password) };
    let place = site.login_place().await?;
    work(move || {
        // Held to the end of the work, also when nobody waits for it any more.
        let _place = place;
        Ok(told(StatusCode::CREATED, &site.app().access().add_account(&actor, &occasion, account)?))
    })
    .await
}

/// `PATCH /api/accounts/{name}` with `If-Match`.
pub async fn change_account(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    Segments(name): Segments<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::ManageAccounts, &Resource::District)?;
    let Changed { display_name, role, streets, disabled, password } = read(&headers, body)?;
    let seen = seen(&headers)?;
    let snapshot = site.app().snapshot()?;
    let change = AccountChange {
        display_name,
        role: role.as_deref().map(role_of).transpose()?,
        streets: streets.map(|streets| streets_of(&snapshot, &streets)).transpose()?,
        disabled,
        password,
    };
    let place = site.login_place().await?;
    work(move || {
        // Held to the end of the work, also when nobody waits for it any more.
        let _place = place;
        let at = AccountAt { name: &name, seen: Some(seen) };
        let account = site.app().access().change_account(&actor, &occasion, &at, change)?;
        site.known().forget();
        Ok(told(StatusCode::OK, &account))
    })
    .await
}

fn told(status: StatusCode, account: &Account) -> Response {
    let tag = [(header::ETAG, format!("\"{}\"", account.revision))];
    let location = (status == StatusCode::CREATED).then(|| format!("/api/accounts/{}", account.name));
    let location = location.map(|path| [(header::LOCATION, path)]);
    let body = Json(account_object(account));
    match location {
        Some(location) => (status, [NO_STORE], tag, location, body).into_response(),
        None => (status, [NO_STORE], tag, body).into_response(),
    }
}

fn role_of(key: &str) -> Result<Role, Problem> {
    let role = Role::from_key(key).filter(|role| role.is_of_accounts());
    role.ok_or_else(|| fault("/role", format!("{key:?} is no role of an account")))
}

fn streets_of(snapshot: &Snapshot, codes: &[String]) -> Result<BTreeSet<StreetCode>, Problem> {
    let street = |(at, text): (usize, &String)| {
        let known = StreetCode::parse(text).ok().filter(|code| snapshot.street_position(code).is_some());
        known.ok_or_else(|| fault(&format!("/streets/{at}"), format!("there is no street {text:?}")))
    };
    codes.iter().enumerate().map(street).collect()
}

fn account_object(account: &Account) -> Value {
    json!({
        "name": account.name,
        "display_name": account.display_name,
        "role": account.role.key(),
        "streets": account.streets.iter().map(|street| street.as_str()).collect::<Vec<_>>(),
        "disabled": account.disabled,
        "created_at": account.created_at.to_string(),
        "locked_until": account.locked_until.map(|until| until.to_string()),
        "last_sign_in": account.last_sign_in.map(|at| at.to_string()),
        "revision": account.revision,
    })
}
