//! What claims mean here.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::app::access::Federated;
use crate::app::access::single_sign_on::provider::Told;
use crate::app::access::single_sign_on::{SignOnError, SignOnSettings};
use crate::auth::role::Role;
use crate::model::StreetCode;

/// Claim with the name that people read.
const DISPLAY_NAME: &str = "name";

/// Who it is here. Errors: a claim is missing, or there is no one role.
pub(super) fn federated(settings: &SignOnSettings, told: &Told) -> Result<Federated, SignOnError> {
    let claims = &told.claims;
    let missing = |claim: &str| SignOnError::NoClaim(claim.to_owned());
    let name = text(claims, &settings.name_claim).ok_or_else(|| missing(&settings.name_claim))?.to_lowercase();
    let roles: BTreeSet<Role> =
        texts(claims, &settings.role_claim).iter().filter_map(|value| settings.roles.get(*value).copied()).collect();
    let mut roles = roles.into_iter();
    let (Some(role), None) = (roles.next(), roles.next()) else { return Err(SignOnError::NoRole) };
    let streets = match role {
        Role::Officer => {
            let code = |text: &&str| StreetCode::parse(text).map_err(|_| SignOnError::NotAStreet((*text).to_owned()));
            texts(claims, &settings.streets_claim).iter().map(code).collect::<Result<_, _>>()?
        }
        _ => BTreeSet::new(),
    };
    Ok(Federated {
        subject: format!("{} {}", told.issuer, told.subject),
        display_name: text(claims, DISPLAY_NAME).unwrap_or(&name).to_owned(),
        name,
        role,
        streets,
    })
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// One text, or all texts of a list.
fn texts<'a>(claims: &'a Map<String, Value>, name: &str) -> Vec<&'a str> {
    match claims.get(name) {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
