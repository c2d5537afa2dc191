//! Tokens: what programs sign in with, made by whoever they act for.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::access::{NewToken, Occasion, Token};
use crate::auth::{Action, Actor, Resource, Scope};
use crate::http::body::{fault, read};
use crate::http::extract::{Params, Segments};
use crate::http::session::NO_STORE;
use crate::http::site::work;
use crate::http::{Problem, Site};

/// The body of `POST /api/tokens`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    name: String,
    scopes: Vec<String>,
    days: u32,
}

/// Parameters of `GET /api/tokens`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListParams {
    owner: Option<String>,
    everybody: Option<bool>,
}

/// `GET /api/tokens`: one's own; for whom keeps accounts those of an account, or of everybody.
pub async fn list_tokens(
    State(site): State<Site>,
    actor: Actor,
    Params(params): Params<ListParams>,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::ManageTokens, &Resource::District)?;
    let everybody = params.everybody == Some(true);
    if everybody || params.owner.is_some() {
        site.app().require(&actor, Action::ManageAccounts, &Resource::District)?;
    }
    work(move || {
        let tokens = site.app().access().tokens(&actor)?;
        let owner = params.owner.as_deref().or(actor.name.as_deref().filter(|_| !everybody));
        let wanted = tokens.iter().filter(|token| owner.is_none_or(|owner| token.owner == owner));
        let tokens: Vec<Value> = wanted.map(token_object).collect();
        Ok(([NO_STORE], Json(json!({ "tokens": tokens }))).into_response())
    })
    .await
}

/// `POST /api/tokens`: the answer is the only one that holds the secret.
pub async fn create_token(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::ManageTokens, &Resource::District)?;
    let Made { name, scopes, days } = read(&headers, body)?;
    let scope = |(at, key): (usize, &String)| {
        Scope::from_key(key).ok_or_else(|| fault(&format!("/scopes/{at}"), format!("there is no scope {key:?}")))
    };
    let scopes = scopes.iter().enumerate().map(scope).collect::<Result<_, _>>()?;
    work(move || {
        let (secret, token) = site.app().access().make_token(&actor, &occasion, NewToken { name, scopes, days })?;
        let mut body = token_object(&token);
        body["secret"] = secret.expose().into();
        Ok((StatusCode::CREATED, [NO_STORE], Json(body)).into_response())
    })
    .await
}

/// `DELETE /api/tokens/{id}`: one's own, or anybody's for whom keeps accounts.
pub async fn remove_token(
    State(site): State<Site>,
    actor: Actor,
    occasion: Occasion,
    Segments(id): Segments<String>,
) -> Result<Response, Problem> {
    site.app().require(&actor, Action::ManageTokens, &Resource::District)?;
    work(move || {
        site.app().access().remove_token(&actor, &occasion, &id)?;
        site.known().forget();
        Ok((StatusCode::NO_CONTENT, [NO_STORE]).into_response())
    })
    .await
}

fn token_object(token: &Token) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "owner": token.owner,
        "scopes": token.scopes.iter().map(|scope| scope.key()).collect::<Vec<_>>(),
        "created_at": token.created_at.to_string(),
        "expires_at": token.expires_at.to_string(),
        "last_used_at": token.last_use.map(|at| at.to_string()),
    })
}
