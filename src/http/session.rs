//! Signing in and out, and who somebody is.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::access::{AccessError, Credentials, Occasion, PasswordChange, Session};
use crate::auth::{Action, Actor, Resource, Role};
use crate::http::body::read;
use crate::http::extract::{NoParams, Params};
use crate::http::identify::{Identity, set_cookie};
use crate::http::sign_on::SIGN_ON_PATH;
use crate::http::site::{MapSwitch, work};
use crate::http::{Problem, Site};

/// What nobody may keep.
pub const NO_STORE: (header::HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));

/// What a page may offer, by its name in the API.
const OFFERED: [(&str, Action); 9] = [
    ("read_desk", Action::ReadDesk),
    ("edit", Action::EditArea),
    ("deliver", Action::Deliver),
    ("grant_exception", Action::GrantException),
    ("answer_report", Action::AnswerReport),
    ("read_audit", Action::ReadAudit),
    ("manage_accounts", Action::ManageAccounts),
    ("manage_tokens", Action::ManageTokens),
    ("send_report", Action::SendReport),
];

/// The body of `POST /api/session`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    name: String,
    password: String,
}

/// `GET /api/session`: who asks, and what they may do. Answered to everybody, always.
pub async fn show_session(
    State(site): State<Site>,
    identity: Identity,
    Params(NoParams {}): Params<NoParams>,
) -> Response {
    ([NO_STORE], Json(session_object(&site, &identity.actor, identity.session.as_deref()))).into_response()
}

/// `POST /api/session`: signs in. The secret comes as a cookie that no script can read.
pub async fn create_session(
    State(site): State<Site>,
    occasion: Occasion,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let SignIn { name, password } = read(&headers, body)?;
    let place = site.login_place().await?;
    work(move || {
        // Held to the end of the work, also when nobody waits for it any more.
        let _place = place;
        let access = site.app().access();
        let (secret, session) = access.sign_in(&occasion, &Credentials { name, password })?;
        let cookie = [(header::SET_COOKIE, set_cookie(&headers, Some(secret.expose())))];
        let body = Json(session_object(&site, &session.actor, Some(&session)));
        Ok(([NO_STORE], cookie, body).into_response())
    })
    .await
}

/// Parameters of `DELETE /api/session`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveParams {
    everywhere: Option<bool>,
    tokens: Option<bool>,
}

/// `DELETE /api/session`: signs out here, or everywhere, and there with one's own tokens too if that is asked for: a token
/// outlives sessions and another password.
pub async fn end_session(
    State(site): State<Site>,
    identity: Identity,
    occasion: Occasion,
    Params(params): Params<LeaveParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    work(move || {
        let access = site.app().access();
        match (&identity.secret, identity.actor.name.as_deref()) {
            (Some(_), Some(name)) if params.everywhere == Some(true) => {
                access.sign_out_everywhere(&identity.actor, &occasion, name)?;
                if params.tokens == Some(true) {
                    access.remove_tokens_of(&identity.actor, &occasion, name)?;
                }
            }
            (Some(secret), _) => access.sign_out(&occasion, secret)?,
            // Whoever is not signed in has nothing to leave.
            _ => {}
        }
        site.known().forget();
        let cookie = [(header::SET_COOKIE, set_cookie(&headers, None))];
        Ok((StatusCode::NO_CONTENT, [NO_STORE], cookie).into_response())
    })
    .await
}

/// The body of `PUT /api/session/password`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    current: String,
    new: String,
}

/// `PUT /api/session/password`: another password for whoever asks. Every session ends; this one goes on under a new secret.
pub async fn change_password(
    State(site): State<Site>,
    identity: Identity,
    occasion: Occasion,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Identity { actor, session: Some(_), .. } = identity else {
        return Err(match identity.actor.role {
            Role::Public => Problem::sign_in_needed("sign in to change your password"),
            _ => Problem::new(StatusCode::FORBIDDEN, "not-allowed", "a token has no password"),
        });
    };
    let NewPassword { current, new } = read(&headers, body)?;
    let place = site.login_place().await?;
    work(move || {
        // Held to the end of the work, also when nobody waits for it any more.
        let _place = place;
        let access = site.app().access();
        let change = PasswordChange { current, new: new.clone() };
        access.change_own_password(&actor, &occasion, &change).map_err(|err| match err {
            AccessError::WrongLogin => {
                Problem::new(StatusCode::FORBIDDEN, "wrong-password", "the present password is another one")
            }
            err => err.into(),
        })?;
        site.known().forget();
        let name = actor.who().to_owned();
        let (secret, _) = access.sign_in(&occasion, &Credentials { name, password: new })?;
        let cookie = [(header::SET_COOKIE, set_cookie(&headers, Some(secret.expose())))];
        Ok((StatusCode::NO_CONTENT, [NO_STORE], cookie).into_response())
    })
    .await
}

fn session_object(site: &Site, actor: &Actor, session: Option<&Session>) -> Value {
    let open = site.map_switch().is_some_and(|switch| switch.is_open());
    json!({
        "role": actor.role.key(),
        "name": actor.name.as_deref(),
        "display_name": session.map(|session| session.display_name.as_str()),
        "streets": actor.streets.iter().map(|street| street.as_str()).collect::<Vec<_>>(),
        "expires_at": session.map(|session| session.expires_at.to_string()),
        "actions": actions(actor),
        "map": if open { "open" } else { "closed" },
        "single_sign_on": site.app().sign_on().map(|sign_on| json!({ "name": sign_on.name(), "start": SIGN_ON_PATH })),
    })
}

/// What somebody may do somewhere.
fn actions(actor: &Actor) -> Vec<&'static str> {
    let own = if actor.streets.is_empty() { Resource::District } else { Resource::Streets(&actor.streets) };
    let mut offered: Vec<&'static str> =
        OFFERED.iter().filter(|(_, action)| actor.may(*action, &own)).map(|(name, _)| *name).collect();
    if may_see_who_changed(actor) {
        offered.push("who_changed");
    }
    offered
}

/// Whether somebody is told who changed an area: those who keep the register or watch over it.
pub fn may_see_who_changed(actor: &Actor) -> bool {
    actor.role != Role::Token && actor.may(Action::ReadDesk, &Resource::District)
}

/// What the register says of the switch.
pub fn map_object(switch: Option<&MapSwitch>) -> Value {
    let open = switch.is_some_and(MapSwitch::is_open);
    let why = "neither a map approval number (审图号) nor internal use is configured";
    json!({ "open": open, "label": switch.map(MapSwitch::label), "why_closed": (!open).then_some(why) })
}
