//! Single sign-on: where a browser leaves for the provider, and where it comes back to.
//!
//! Whoever is let in by nobody is led to the page where one signs in, which tells why in words: a person reads it, not a
//! program.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::app::access::single_sign_on::{Returned, SignOnError, SingleSignOn};
use crate::app::access::{AccessError, Occasion};
use crate::http::extract::Params;
use crate::http::identify::{FLOW, cookie_of, set_cookie, set_flow_cookie};
use crate::http::session::NO_STORE;
use crate::http::site::work;
use crate::http::{Problem, Site};

/// Where a sign-in at the provider begins.
pub const SIGN_ON_PATH: &str = "/api/session/sso";

/// Where the provider sends browsers back to, under the server's own address.
pub const SIGN_ON_RETURN: &str = "/api/session/sso/return";

/// Characters of a page to go to at most: it travels in a cookie.
const NEXT_CHARS_MAX: usize = 1_500;

/// Parameters of `GET /api/session/sso`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BeginParams {
    next: Option<String>,
}

/// What a provider adds to the address that it sends a browser back to. It may add more than is needed here, so nothing is
/// refused (RFC 6749, 4.1.2).
#[derive(Deserialize)]
pub struct ReturnParams {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// `GET /api/session/sso`: sends a browser to the provider, and in the end to `next`, a page of this server.
pub async fn begin_sign_on(
    State(site): State<Site>,
    occasion: Occasion,
    headers: HeaderMap,
    Params(BeginParams { next }): Params<BeginParams>,
) -> Result<Response, Problem> {
    let sign_on = offered(&site)?;
    let next = next.unwrap_or_else(|| "/".to_owned());
    if !is_page_here(&next) {
        return Err(Problem::bad_parameter("next must be the path of a page of this server"));
    }
    let Some(place) = site.sign_on_place() else { return Ok(refused("busy", Some(&next), &headers)) };
    let asked = next.clone();
    let begun = work(move || {
        let _place = place;
        Ok(sign_on.begin(&occasion, &asked))
    });
    Ok(match begun.await? {
        Ok(begun) => {
            let cookie = [(header::SET_COOKIE, set_flow_cookie(&headers, Some(&begun.cookie)))];
            (StatusCode::SEE_OTHER, [NO_STORE], cookie, [(header::LOCATION, begun.location)]).into_response()
        }
        Err(err) => {
            tracing::warn!(error = %err, "single sign-on cannot begin");
            refused(why_not(&err), Some(&next), &headers)
        }
    })
}

/// `GET /api/session/sso/return`: takes a browser back from the provider, signs it in, and sends it on.
pub async fn finish_sign_on(
    State(site): State<Site>,
    occasion: Occasion,
    headers: HeaderMap,
    Params(ReturnParams { code, state, error }): Params<ReturnParams>,
) -> Result<Response, Problem> {
    let sign_on = offered(&site)?;
    let cookie = cookie_of(&headers, FLOW).unwrap_or_default().to_owned();
    let next = sign_on.next(&occasion, &cookie).filter(|next| is_page_here(next));
    let Some(place) = site.sign_on_place() else { return Ok(refused("busy", next.as_deref(), &headers)) };
    let signing = site.clone();
    let signed_in = work(move || {
        let _place = place;
        let (who, _) = match sign_on.finish(&occasion, &Returned { cookie, code, state, error }) {
            Ok(told) => told,
            Err(err) => {
                tracing::warn!(error = %err, "single sign-on lets nobody in");
                return Ok(Err(why_not(&err)));
            }
        };
        match signing.app().access().sign_in_federated(&occasion, &who) {
            Ok((secret, _)) => Ok(Ok(secret)),
            Err(AccessError::Store(err)) => Err(Problem::from(AccessError::Store(err))),
            Err(err) => {
                tracing::warn!(error = %err, "single sign-on lets nobody in");
                Ok(Err(why_no_account(&err)))
            }
        }
    });
    let signed_in = signed_in.await?;
    // Another role, or other streets, hold at once.
    site.known().forget();
    let secret = match signed_in {
        Ok(secret) => secret,
        Err(why) => return Ok(refused(why, next.as_deref(), &headers)),
    };
    let location = HeaderValue::from_str(next.as_deref().unwrap_or("/")).unwrap_or(HeaderValue::from_static("/"));
    let mut answer = (StatusCode::SEE_OTHER, [NO_STORE], [(header::LOCATION, location)]).into_response();
    answer.headers_mut().append(header::SET_COOKIE, set_cookie(&headers, Some(secret.expose())));
    answer.headers_mut().append(header::SET_COOKIE, set_flow_cookie(&headers, None));
    Ok(answer)
}

/// Errors: 404 where no provider is configured.
fn offered(site: &Site) -> Result<SingleSignOn, Problem> {
    site.app().sign_on().cloned().ok_or_else(|| Problem::not_found("this server has no single sign-on"))
}

/// Whether a text is the path of a page of this server, with its query and hash: nothing that a browser would take for
/// another host, and nothing that is no page.
fn is_page_here(text: &str) -> bool {
    let plain = text.len() <= NEXT_CHARS_MAX && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    plain && text.starts_with('/') && !["//", "/api", "/tiles/"].iter().any(|start| text.starts_with(start))
}

/// Leads to the page where one signs in, which tells why this time nobody was let in. What was begun is over.
fn refused(why: &str, next: Option<&str>, headers: &HeaderMap) -> Response {
    let next = next.filter(|next| *next != "/").map(|next| {
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        format!("&next={next}")
    });
    let location = format!("/sign-in?sso={why}{}", next.unwrap_or_default());
    let cookie = [(header::SET_COOKIE, set_flow_cookie(headers, None))];
    (StatusCode::SEE_OTHER, [NO_STORE], cookie, [(header::LOCATION, location)]).into_response()
}

/// The word by which the page knows why.
fn why_not(err: &SignOnError) -> &'static str {
    match err {
        SignOnError::NotBegunHere => "not_begun",
        SignOnError::Refused(_) => "refused",
        SignOnError::NoClaim(_) | SignOnError::NoRole | SignOnError::NotAStreet(_) => "no_role",
        SignOnError::Setting(_)
        | SignOnError::File { .. }
        | SignOnError::Unreachable(_)
        | SignOnError::Unbelievable(_) => "provider",
    }
}

fn why_no_account(err: &AccessError) -> &'static str {
    match err {
        AccessError::NameTaken(_) => "taken",
        AccessError::WrongLogin => "disabled",
        // The name, the role or a street is none that an account may have here.
        _ => "no_role",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_server_are_gone_to() {
        for page in ["/", "/ledger?street=110105001&q=%E6%9E%A3", "/a/DEMO-JS-0001#15/39.9/116.4", "/s/110105017"] {
            assert!(is_page_here(page), "{page}");
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "evil.example",
            "javascript:alert(1)",
            "/api/session/sso",
            "/tiles/areas.json",
            "/a b",
            "/枣营",
            "/a\r\nset-cookie: x=y",
        ] {
            assert!(!is_page_here(other), "{other}");
        }
        assert!(!is_page_here(&format!("/{}", "a".repeat(NEXT_CHARS_MAX))));
    }

    #[test]
    fn a_refusal_leads_to_the_page_that_tells_it_and_keeps_where_somebody_wanted_to_go() {
        let at = |next: Option<&str>| {
            let answer = refused("no_role", next, &HeaderMap::new());
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
            answer.headers()[header::LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(at(None), "/sign-in?sso=no_role");
        assert_eq!(at(Some("/")), "/sign-in?sso=no_role");
        assert_eq!(at(Some("/ledger?a=b")), "/sign-in?sso=no_role&next=%2Fledger%3Fa%3Db");
    }
}
