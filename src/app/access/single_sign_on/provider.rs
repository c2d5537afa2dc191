//! The provider: what it tells of itself, and how it is asked.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdToken, CoreJwsSigningAlgorithm, CoreProviderMetadata,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse as _,
    UserInfoClaims, ureq,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::app::access::single_sign_on::flow::Flow;
use crate::app::access::single_sign_on::{SignOnError, SignOnSettings};

/// Time for one question to the provider.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes of an answer at most.
const ANSWER_BYTES_MAX: u64 = 1 << 20;

/// How tokens may be signed: with a key that only the provider has.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 6] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// Everything that the provider says of somebody.
pub(super) struct Told {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) claims: Map<String, Value>,
}

/// Claims that are not standard ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct Further(Map<String, Value>);

impl AdditionalClaims for Further {}

/// How the provider is asked.
pub(super) struct Client {
    agent: ureq::Agent,
    id: ClientId,
    secret: Option<ClientSecret>,
    issuer: IssuerUrl,
    redirect: RedirectUrl,
}

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoAnswer(String);

impl Client {
    pub(super) fn new(settings: &SignOnSettings) -> Result<Self, SignOnError> {
        let wrong = |what: &str| SignOnError::Setting(what.to_owned());
        if !is_safe(&settings.issuer) {
            return Err(wrong("the issuer must be an https address, or an http one of this machine"));
        }
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| wrong("the issuer is no address"))?;
        let redirect = RedirectUrl::new(settings.redirect_url.clone());
        let secret = settings.client_secret_file.as_deref().map(read).transpose()?;
        let tls = tls(settings.ca_file.as_deref())?;
        // No answer leads anywhere else: where the provider lies is the operator's to say.
        let agent = ureq::AgentBuilder::new().tls_config(Arc::new(tls)).timeout(TIMEOUT).redirects(0);
        // One that the provider has closed meanwhile would fail, and is not worth keeping for so few questions.
        let agent = agent.max_idle_connections(0).build();
        Ok(Self {
            agent,
            id: ClientId::new(settings.client_id.clone()),
            secret: secret.map(|secret| ClientSecret::new(secret.trim().to_owned())),
            issuer,
            redirect: redirect.map_err(|_| wrong("the redirect_url is no address"))?,
        })
    }

    /// Asks. Every address but that of the issuer comes from the provider, and must be as safe.
    fn ask(&self, request: HttpRequest) -> Result<HttpResponse, NoAnswer> {
        let address = request.uri().to_string();
        if !is_safe(&address) {
            return Err(NoAnswer("the provider names an address without TLS".to_owned()));
        }
        let mut asked = self.agent.request(request.method().as_str(), &address);
        for (name, value) in request.headers() {
            let value = value.to_str().map_err(|err| NoAnswer(err.to_string()))?;
            asked = asked.set(name.as_str(), value);
        }
        let answer = match asked.send_bytes(request.body()) {
            Ok(answer) | Err(ureq::Error::Status(_, answer)) => answer,
            Err(ureq::Error::Transport(err)) => return Err(NoAnswer(err.to_string())),
        };
        let (status, kind) = (answer.status(), answer.header("content-type").map(str::to_owned));
        let mut body = Vec::new();
        let mut whole = answer.into_reader().take(ANSWER_BYTES_MAX + 1);
        whole.read_to_end(&mut body).map_err(|err| NoAnswer(err.to_string()))?;
        if body.len() as u64 > ANSWER_BYTES_MAX {
            return Err(NoAnswer("the answer is longer than a megabyte".to_owned()));
        }
        let mut told = HttpResponse::new(body);
        *told.status_mut() = status.try_into().map_err(|_| NoAnswer("the status is none".to_owned()))?;
        if let Some(kind) = kind.and_then(|kind| kind.parse().ok()) {
            told.headers_mut().insert("content-type", kind);
        }
        Ok(told)
    }
}

/// Whether an address is one with TLS, or one of this machine.
fn is_safe(address: &str) -> bool {
    let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
    let ends = |rest: &str| rest.is_empty() || rest.starts_with([':', '/', '?']);
    address.starts_with("https://") || local.iter().any(|local| address.strip_prefix(local).is_some_and(ends))
}

fn read(path: &Path) -> Result<String, SignOnError> {
    std::fs::read_to_string(path).map_err(|source| SignOnError::File { path: path.to_owned(), source })
}

fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, SignOnError> {
    let mut roots = RootCertStore::empty();
    if let Some(file) = ca_file {
        let pem = read(file)?;
        let wrong = |_| SignOnError::Setting(format!("a certificate in {} is none", file.display()));
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| wrong(()))?;
            roots.add(certificate).map_err(|_| wrong(()))?;
        }
        if roots.is_empty() {
            return Err(SignOnError::Setting(format!("there is no certificate in {}", file.display())));
        }
    } else {
        // Single certificates of the system that cannot be read are not those that matter.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|err| SignOnError::Setting(err.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

type Known =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What the provider told of itself.
pub(super) struct Provider {
    known: Known,
    has_user_info: bool,
}

/// A token whose signature does not fit the keys that are known.
pub(super) struct Unverified {
    token: CoreIdToken,
    access: AccessToken,
}

impl Provider {
    /// Asks the provider for its addresses and keys. Errors: it is another one than the issuer says.
    pub(super) fn discover(client: &Client) -> Result<Self, SignOnError> {
        let ask = |request: HttpRequest| client.ask(request);
        let told = CoreProviderMetadata::discover(&client.issuer, &ask);
        let told = told.map_err(|err| SignOnError::Unreachable(chain(&err)))?;
        if !is_safe(told.authorization_endpoint().as_str()) {
            return Err(SignOnError::Unreachable("the provider names an address without TLS".to_owned()));
        }
        let has_user_info = told.userinfo_endpoint().is_some();
        let known = CoreClient::from_provider_metadata(told, client.id.clone(), client.secret.clone());
        Ok(Self { known: known.set_redirect_uri(client.redirect.clone()), has_user_info })
    }

    /// Where a browser goes, and what it must bring back.
    pub(super) fn begin(&self, settings: &SignOnSettings, at: Timestamp, next: &str) -> (String, Flow) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let asked = self
            .known
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(settings.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge);
        let (location, state, nonce) = asked.url();
        let flow = Flow {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            next: next.to_owned(),
            begun_at: at,
        };
        (location.to_string(), flow)
    }

    /// Exchanges the code for what the provider says of somebody. `Err` within is a token that no known key has signed.
    pub(super) fn finish(
        &self,
        client: &Client,
        flow: &Flow,
        code: &str,
    ) -> Result<Result<Told, Unverified>, SignOnError> {
        let ask = |request: HttpRequest| client.ask(request);
        let exchange = self.known.exchange_code(AuthorizationCode::new(code.to_owned()));
        let exchange = exchange.map_err(|err| SignOnError::Unreachable(err.to_string()))?;
        let answer = exchange.set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone())).request(&ask);
        let answer = answer.map_err(|err| SignOnError::Unreachable(chain(&err)))?;
        let token = answer.id_token().cloned();
        let token = token.ok_or_else(|| SignOnError::Unbelievable("there is no ID token".to_owned()))?;
        let unverified = Unverified { token, access: answer.access_token().clone() };
        match self.verify(client, &unverified, flow) {
            Err(SignOnError::Unbelievable(_)) => Ok(Err(unverified)),
            told => told.map(Ok),
        }
    }

    /// Verifies signature, issuer, audience, times, nonce and the hash of the access token, and asks for what the provider says besides.
    pub(super) fn verify(&self, client: &Client, unverified: &Unverified, flow: &Flow) -> Result<Told, SignOnError> {
        let Unverified { token, access } = unverified;
        let unbelievable = |why: String| SignOnError::Unbelievable(why);
        let verifier = self.known.id_token_verifier().set_allowed_algs(ALGORITHMS);
        let claims =
            token.claims(&verifier, &Nonce::new(flow.nonce.clone())).map_err(|err| unbelievable(chain(&err)))?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = token.signing_alg().map_err(|err| unbelievable(chain(&err)))?;
            let key = token.signing_key(&verifier).map_err(|err| unbelievable(chain(&err)))?;
            let found = AccessTokenHash::from_token(access, algorithm, key).map_err(|err| unbelievable(chain(&err)))?;
            if found != *expected {
                return Err(unbelievable("the access token is another one".to_owned()));
            }
        }
        let (issuer, subject) = (claims.issuer().to_string(), claims.subject().clone());
        let mut every = object(claims);
        // What only stands in the body of the token: claims that are not standard ones.
        every.extend(payload(token));
        if self.has_user_info {
            let ask = |request: HttpRequest| client.ask(request);
            let asked = self.known.user_info(access.clone(), Some(subject.clone()));
            let asked = asked.map_err(|err| SignOnError::Unreachable(err.to_string()))?;
            let told: Result<UserInfoClaims<Further, CoreGenderClaim>, _> = asked.request(&ask);
            every.extend(object(&told.map_err(|err| SignOnError::Unreachable(chain(&err)))?));
        }
        Ok(Told { issuer, subject: subject.to_string(), claims: every })
    }
}

fn object(claims: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) => claims,
        _ => Map::new(),
    }
}

/// The body of a token that was verified.
fn payload(token: &CoreIdToken) -> Map<String, Value> {
    use base64::Engine as _;
    let text = token.to_string();
    let body = text.split('.').nth(1).unwrap_or_default();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(body).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// An error with all its causes, in one line.
fn chain(err: &dyn std::error::Error) -> String {
    let mut told = err.to_string();
    let mut cause = err.source();
    while let Some(next) = cause {
        told = format!("{told}: {next}");
        cause = next.source();
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_with_tls_or_of_this_machine_are_asked() {
        for safe in ["https://sso.example.cn/realm", "http://127.0.0.1:3000", "http://[::1]/x", "http://localhost"] {
            assert!(is_safe(safe), "{safe}");
        }
        for unsafe_one in
            ["http://sso.example.cn", "http://127.0.0.1.example.cn", "http://localhost@example.cn", "file:///x"]
        {
            assert!(!is_safe(unsafe_one), "{unsafe_one}");
        }
    }
}
