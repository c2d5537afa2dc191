//! A real provider of OpenID Connect beside a test, and the browser that goes there.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use onemap::app::access::single_sign_on::SignOnSettings;
use onemap::auth::Role;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};

use crate::support::process::{PATIENCE, text};

/// Where the provider sends browsers back to.
const REDIRECT: &str = "http://127.0.0.1:8080/api/session/sso/return";

/// The provider of `web/test/oidc-provider.mjs`.
pub struct Provider {
    child: Child,
    /// Kept open: a process that may not speak any more ends.
    _said: BufReader<ChildStdout>,
    /// Its issuer.
    pub address: String,
    /// What a browser trusts it by, where it speaks TLS.
    tls: Option<Arc<ClientConfig>>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Provider {
    /// Starts it; `None` where it is not installed.
    pub fn start() -> Option<Self> {
        Self::run(&[], None)
    }

    /// The same behind TLS, with a certificate that `ca.crt` of a folder has signed; `other-ca.crt` has signed nothing.
    pub fn start_with_tls(folder: &Path) -> Option<Self> {
        for name in ["ca", "other-ca"] {
            certify(folder, name, "a CA for tests only", &["-addext", "basicConstraints=critical,CA:TRUE"]);
        }
        let signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-addext", "subjectAltName=DNS:localhost"];
        certify(folder, "provider", "localhost", &[&signed[..], &["-addext", "basicConstraints=CA:FALSE"]].concat());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(folder.join("ca.crt")).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self::run(&[folder.join("provider.crt"), folder.join("provider.key")], Some(Arc::new(config)))
    }

    #[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
    fn run(certificate: &[PathBuf], tls: Option<Arc<ClientConfig>>) -> Option<Self> {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
        if !web.join("node_modules/oidc-provider").exists() {
            eprintln!("skipped: npm ci was not run in web/");
            return None;
        }
        let mut child = Command::new("node")
            .args(["test/oidc-provider.mjs", REDIRECT])
            .args(certificate)
            .current_dir(web)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut address).unwrap();
        Some(Self { child, _said: said, address: address.trim().to_owned(), tls })
    }

    /// Says who is at the browser.
    pub fn who(&self, claims: &Value) {
        let body = json!({ "account": claims }).to_string();
        let head = format!("POST /who HTTP/1.0\r\nHost: idp\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert!(self.exchange(&head).starts_with("HTTP/1.1 204"));
    }

    /// How the map reaches it, and the folder with its secret.
    pub fn settings(&self) -> (SignOnSettings, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let secret: PathBuf = folder.path().join("secret");
        std::fs::write(&secret, "a-secret-for-tests-only\n").unwrap();
        let settings = SignOnSettings {
            name: "统一身份".to_owned(),
            issuer: self.address.clone(),
            client_id: "onemap".to_owned(),
            client_secret_file: Some(secret),
            redirect_url: REDIRECT.to_owned(),
            ca_file: None,
            name_claim: "preferred_username".to_owned(),
            role_claim: "groups".to_owned(),
            streets_claim: "streets".to_owned(),
            roles: BTreeMap::from([("map-clerks".to_owned(), Role::Clerk), ("map-officers".to_owned(), Role::Officer)]),
            scopes: vec!["profile".to_owned()],
        };
        (settings, folder)
    }

    /// Follows its redirects with its cookies until it sends the browser back to the map; answers with the query.
    pub fn browse(&self, location: &str) -> String {
        let mut cookies: BTreeMap<String, String> = BTreeMap::new();
        let mut next = location.to_owned();
        for _ in 0..10 {
            if let Some(query) = next.strip_prefix(&format!("{REDIRECT}?")) {
                return query.to_owned();
            }
            let path = next.strip_prefix(&self.address).unwrap_or(&next).to_owned();
            let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let host = self.address.split_once("://").unwrap().1;
            let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nCookie: {}\r\n\r\n", jar.join("; "));
            let answer = self.exchange(&request);
            let header = |wanted: &'static str| {
                let lines = answer.split("\r\n\r\n").next().unwrap_or_default().lines();
                lines.filter_map(move |line| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case(wanted).then(|| value.to_owned())
                })
            };
            for cookie in header("set-cookie") {
                let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
                cookies.insert(name.to_owned(), value.to_owned());
            }
            next = header("location").next().unwrap_or_else(|| panic!("{answer}"));
        }
        panic!("the provider does not send the browser back")
    }

    /// Sends a request and reads the answer whole.
    fn exchange(&self, request: &str) -> String {
        let stream = TcpStream::connect(self.address.split_once("://").unwrap().1).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        match &self.tls {
            None => whole(stream, request),
            Some(config) => {
                let name = ServerName::try_from("localhost").unwrap();
                whole(StreamOwned::new(ClientConnection::new(Arc::clone(config), name).unwrap(), stream), request)
            }
        }
    }
}

fn whole(mut stream: impl Read + Write, request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A server that ends a connection of TLS without a word has said all the same what it had to.
    let ended = stream.read_to_end(&mut answer);
    assert!(ended.is_ok() || !answer.is_empty(), "{ended:?}");
    String::from_utf8(answer).unwrap()
}

/// A certificate as `NAME.crt` and `NAME.key`, which speaks for itself unless the options say who signs it.
fn certify(folder: &Path, name: &str, subject: &str, options: &[&str]) {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"])
        .args(["-subj", &format!("/CN={subject}")])
        .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.crt")])
        .args(options)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
}
