//! Single sign-on with a real provider, which runs beside the test. The browser is played by the test.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use onemap::app::access::single_sign_on::{Returned, SignOnError, SignOnSettings, SingleSignOn};
use onemap::app::access::{Access, AccessError, AccountAt, AccountChange, Hashing, NewAccount, Occasion};
use onemap::auth::Role;
use onemap::store::memory::Memory;

use crate::support::process::PATIENCE;

const REDIRECT: &str = "http://127.0.0.1:8080/api/session/sso/return";

/// The provider of `web/test/oidc-provider.mjs`.
struct Provider {
    child: Child,
    /// Kept open: a process that may not speak any more ends.
    _said: BufReader<ChildStdout>,
    address: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Provider {
    /// Starts it; `None` where it is not installed.
    #[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
    fn start() -> Option<Self> {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("web");
        if !web.join("node_modules/oidc-provider").exists() {
            eprintln!("skipped: npm ci was not run in web/");
            return None;
        }
        let mut child = Command::new("node")
            .args(["test/oidc-provider.mjs", REDIRECT])
            .current_dir(web)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut address).unwrap();
        Some(Self { child, _said: said, address: address.trim().to_owned() })
    }

    /// Says who is at the browser.
    fn who(&self, claims: &Value) {
        let body = json!({ "account": claims }).to_string();
        let head = format!("POST /who HTTP/1.0\r\nHost: idp\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert!(exchange(&self.address, &head).starts_with("HTTP/1.1 204"));
    }

    fn settings(&self) -> (SignOnSettings, tempfile::TempDir) {
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
}

/// Sends a request to `http://host:port` and reads the answer whole.
fn exchange(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

/// Follows the provider's redirects with its cookies until it sends the browser back to the map; answers with the query.
fn browse(provider: &Provider, location: &str) -> BTreeMap<String, String> {
    let mut cookies: BTreeMap<String, String> = BTreeMap::new();
    let mut next = location.to_owned();
    for _ in 0..10 {
        if let Some(query) = next.strip_prefix(&format!("{REDIRECT}?")) {
            return form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        }
        let path = next.strip_prefix(&provider.address).unwrap_or(&next).to_owned();
        let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let host = provider.address.trim_start_matches("http://");
        let request = format!("GET {path} HTTP/1.0\r\nHost: {host}\r\nCookie: {}\r\n\r\n", jar.join("; "));
        let answer = exchange(&provider.address, &request);
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

fn now() -> Occasion {
    Occasion { at: Timestamp::now(), address: None }
}

/// A whole sign-in up to what the browser brings back.
fn returned(provider: &Provider, sign_on: &SingleSignOn, next: &str) -> Returned {
    let begun = sign_on.begin(&now(), next).unwrap();
    let query = browse(provider, &begun.location);
    let part = |name: &str| query.get(name).cloned();
    Returned { cookie: begun.cookie, code: part("code"), state: part("state"), error: part("error") }
}

/// The cookie with one of its parts replaced.
fn forged(cookie: &str, part: &str, value: &str) -> String {
    let mut flow: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(cookie).unwrap()).unwrap();
    assert!(flow[part].is_string());
    flow[part] = json!(value);
    URL_SAFE_NO_PAD.encode(flow.to_string())
}

fn zhao() -> Value {
    json!({ "sub": "17", "preferred_username": "Zhao", "name": "赵某", "groups": ["staff", "map-officers"],
        "streets": ["110105001"] })
}

#[test]
fn whoever_the_provider_vouches_for_comes_in_with_the_role_it_says() {
    let Some(provider) = Provider::start() else { return };
    let (settings, _folder) = provider.settings();
    let sign_on = SingleSignOn::new(settings).unwrap();
    let access = Access::with_hashing(Arc::new(Memory::new()), Hashing::cheap());
    provider.who(&zhao());
    let (who, next) = sign_on.finish(&now(), &returned(&provider, &sign_on, "/ledger?street=110105001")).unwrap();
    assert_eq!(next, "/ledger?street=110105001");
    assert_eq!((who.name.as_str(), who.display_name.as_str(), who.role), ("zhao", "赵某", Role::Officer));
    let (first, session) = access.sign_in_federated(&now(), &who).unwrap();
    assert_eq!((session.actor.role, session.actor.streets.len()), (Role::Officer, 1));

    let clerk = json!({ "sub": "17", "preferred_username": "zhao", "name": "赵某", "groups": "map-clerks" });
    provider.who(&clerk);
    let (who, _) = sign_on.finish(&now(), &returned(&provider, &sign_on, "/")).unwrap();
    let (_, session) = access.sign_in_federated(&now(), &who).unwrap();
    assert_eq!((session.actor.role, session.actor.streets.len()), (Role::Clerk, 0));
    assert_eq!(access.session(&now(), first.expose()).unwrap(), None, "another role ends what was open");

    let machine = onemap::auth::Actor::at_the_machine();
    let off = AccountChange { disabled: Some(true), ..AccountChange::default() };
    access.change_account(&machine, &now(), &AccountAt { name: "zhao", seen: None }, off).unwrap();
    assert!(matches!(access.sign_in_federated(&now(), &who), Err(AccessError::WrongLogin)));
    // Neither an account with a password nor somebody else's is taken over by a name.
    let password = Some("枣营路口第三棵槐树往东走二十步".to_owned());
    let new = NewAccount {
        name: "qian".to_owned(),
        display_name: "钱某".to_owned(),
        role: Role::Admin,
        streets: Default::default(),
        password,
    };
    access.add_account(&machine, &now(), new).unwrap();
    let mut other = who.clone();
    other.name = "qian".to_owned();
    assert!(matches!(access.sign_in_federated(&now(), &other), Err(AccessError::NameTaken(_))));
    let mut stranger = who;
    stranger.subject = "https://elsewhere.example.cn 17".to_owned();
    assert!(matches!(access.sign_in_federated(&now(), &stranger), Err(AccessError::NameTaken(_))));
}

#[test]
fn what_was_begun_elsewhere_changed_or_used_before_lets_nobody_in() {
    let Some(provider) = Provider::start() else { return };
    let (settings, _folder) = provider.settings();
    let sign_on = SingleSignOn::new(settings).unwrap();
    provider.who(&zhao());
    let finish = |returned: &Returned| sign_on.finish(&now(), returned).map(drop).unwrap_err();

    let right = returned(&provider, &sign_on, "/");
    let nonce = Returned { cookie: forged(&right.cookie, "nonce", "another"), ..right };
    let told = finish(&nonce);
    assert!(matches!(&told, SignOnError::Unbelievable(_)), "{told}");

    let right = returned(&provider, &sign_on, "/");
    let verifier = Returned { cookie: forged(&right.cookie, "verifier", &"v".repeat(43)), ..right };
    let told = finish(&verifier);
    assert!(matches!(&told, SignOnError::Unreachable(why) if why.contains("invalid_grant")), "{told}");

    let right = returned(&provider, &sign_on, "/");
    let other = returned(&provider, &sign_on, "/");
    let mixed = Returned { cookie: other.cookie, ..right.clone() };
    assert!(matches!(finish(&mixed), SignOnError::NotBegunHere));
    sign_on.finish(&now(), &right).unwrap();
    let told = finish(&right);
    assert!(matches!(&told, SignOnError::Unreachable(_)), "a code is used once: {told}");
}

#[test]
fn a_provider_that_lets_nobody_in_or_is_another_one_is_told() {
    let Some(provider) = Provider::start() else { return };
    let (settings, _folder) = provider.settings();
    let sign_on = SingleSignOn::new(settings.clone()).unwrap();
    provider.who(&Value::Null);
    let told = sign_on.finish(&now(), &returned(&provider, &sign_on, "/")).map(drop).unwrap_err();
    assert!(matches!(&told, SignOnError::Refused(word) if word == "access_denied"), "{told}");

    let stranger = json!({ "sub": "18", "preferred_username": "sun", "groups": ["staff"] });
    provider.who(&stranger);
    let told = sign_on.finish(&now(), &returned(&provider, &sign_on, "/")).map(drop).unwrap_err();
    assert!(matches!(told, SignOnError::NoRole), "{told}");

    // The address answers, and says that it is somebody else.
    let issuer = settings.issuer.replace("127.0.0.1", "localhost");
    let other = SingleSignOn::new(SignOnSettings { issuer, ..settings.clone() }).unwrap();
    assert!(matches!(other.begin(&now(), "/").map(drop), Err(SignOnError::Unreachable(_))));
    let nobody = SignOnSettings { issuer: "http://127.0.0.1:1".to_owned(), ..settings };
    let nobody = SingleSignOn::new(nobody).unwrap();
    assert!(matches!(nobody.begin(&now(), "/").map(drop), Err(SignOnError::Unreachable(_))));
}
