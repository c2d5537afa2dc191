//! `[single_sign_on]`: the provider that lets people in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::app::access::single_sign_on::SignOnSettings;
use crate::auth::Role;
use crate::config::ConfigError;
use crate::http::SIGN_ON_RETURN;

/// Longest name of a provider, characters: it stands on a button.
const NAME_CHARACTERS_MAX: usize = 40;

/// Claims as most providers call them, and the scope that has them.
const NAME_CLAIM: &str = "preferred_username";
const ROLE_CLAIM: &str = "groups";
const STREETS_CLAIM: &str = "streets";
const SCOPE: &str = "profile";

/// `[single_sign_on]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignOnTable {
    name: String,
    issuer: String,
    client_id: String,
    client_secret_file: Option<PathBuf>,
    address: String,
    ca_file: Option<PathBuf>,
    name_claim: Option<String>,
    role_claim: Option<String>,
    streets_claim: Option<String>,
    scopes: Option<Vec<String>>,
    #[serde(default)]
    roles: BTreeMap<String, String>,
}

/// The checked settings of the provider. Its files are read when the server starts. Errors name the key.
pub(super) fn check(table: SignOnTable) -> Result<SignOnSettings, ConfigError> {
    let name = table.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX {
        return Err(wrong("single_sign_on.name", format!("1 to {NAME_CHARACTERS_MAX} characters are expected")));
    }
    if table.client_id.trim().is_empty() {
        return Err(wrong("single_sign_on.client_id", "it is empty".to_owned()));
    }
    let roles = table.roles.into_iter().map(|(value, role)| match Role::from_key(&role) {
        Some(known) if known.is_of_accounts() => Ok((value, known)),
        _ => Err(wrong("single_sign_on.roles", format!("{role:?} is not officer, clerk, district, auditor or admin"))),
    });
    let roles: BTreeMap<String, Role> = roles.collect::<Result<_, _>>()?;
    if roles.is_empty() {
        let why = "without a value that means a role nobody could come in".to_owned();
        return Err(wrong("single_sign_on.roles", why));
    }
    Ok(SignOnSettings {
        name,
        issuer: table.issuer,
        client_id: table.client_id,
        client_secret_file: table.client_secret_file,
        redirect_url: format!("{}{SIGN_ON_RETURN}", check_address(&table.address)?),
        ca_file: table.ca_file,
        name_claim: table.name_claim.unwrap_or_else(|| NAME_CLAIM.to_owned()),
        role_claim: table.role_claim.unwrap_or_else(|| ROLE_CLAIM.to_owned()),
        streets_claim: table.streets_claim.unwrap_or_else(|| STREETS_CLAIM.to_owned()),
        roles,
        scopes: table.scopes.unwrap_or_else(|| vec![SCOPE.to_owned()]),
    })
}

/// Scheme and host that browsers reach this server under, without a path.
fn check_address(text: &str) -> Result<&str, ConfigError> {
    let address = text.trim().trim_end_matches('/');
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://")).unwrap_or_default();
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || !host.bytes().all(plain) {
        let why = format!("{text:?} is not an address such as https://map.example, without a path");
        return Err(wrong("single_sign_on.address", why));
    }
    Ok(address)
}

fn wrong(key: &'static str, why: String) -> ConfigError {
    ConfigError::Value { key, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "name = '统一身份'\nissuer = 'https://sso.example'\nclient_id = 'onemap'\n\
                         address = 'https://map.example/'\n[roles]\nmap-clerks = 'clerk'";

    fn told(text: &str) -> Result<SignOnSettings, String> {
        check(toml::from_str(text).map_err(|err| err.to_string())?).map_err(|err| err.to_string())
    }

    #[test]
    fn the_usual_claims_are_taken_unless_others_are_told() {
        let least = told(LEAST).unwrap();
        assert_eq!(least.redirect_url, "https://map.example/api/session/sso/return");
        assert_eq!((least.name_claim.as_str(), least.role_claim.as_str()), ("preferred_username", "groups"));
        assert_eq!(least.roles, BTreeMap::from([("map-clerks".to_owned(), Role::Clerk)]));
        let other = told(&format!("role_claim = 'zhiwu'\nscopes = ['profile', 'org']\n{LEAST}")).unwrap();
        assert_eq!((other.role_claim.as_str(), other.scopes.len()), ("zhiwu", 2));
    }

    #[test]
    fn what_cannot_be_right_is_refused_with_its_key() {
        for (from, to, key) in [
            ("统一身份", " ", "single_sign_on.name"),
            ("'onemap'", "''", "single_sign_on.client_id"),
            ("https://map.example/", "https://map.example/map", "single_sign_on.address"),
            ("https://map.example/", "map.example", "single_sign_on.address"),
            ("'clerk'", "'machine'", "single_sign_on.roles"),
            ("'clerk'", "'boss'", "single_sign_on.roles"),
            ("map-clerks = 'clerk'", "", "single_sign_on.roles"),
            ("client_id", "clientid", "clientid"),
        ] {
            let told = told(&LEAST.replace(from, to)).unwrap_err();
            assert!(told.contains(key), "{to}: {told}");
        }
    }
}
