//! Single sign-on with a real provider, which runs beside the test. The browser is played by the test.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use onemap::app::access::single_sign_on::{Returned, SignOnError, SignOnSettings, SingleSignOn};
use onemap::app::access::{Access, AccessError, AccountAt, AccountChange, Hashing, NewAccount, Occasion};
use onemap::auth::Role;
use onemap::store::memory::Memory;

use crate::support::provider::Provider;

fn now() -> Occasion {
    Occasion { at: Timestamp::now(), address: None }
}

/// A whole sign-in up to what the browser brings back.
fn returned(provider: &Provider, sign_on: &SingleSignOn, next: &str) -> Returned {
    let begun = sign_on.begin(&now(), next).unwrap();
    let query = provider.browse(&begun.location);
    let part = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
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

#[test]
fn a_provider_whose_certificate_the_file_vouches_for_is_believed_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let Some(provider) = Provider::start_with_tls(folder.path()) else { return };
    assert!(provider.address.starts_with("https://localhost:"));
    provider.who(&zhao());
    let (settings, _folder) = provider.settings();
    let file = |name: &str| Some(folder.path().join(name));
    let with = |ca_file| SingleSignOn::new(SignOnSettings { ca_file, ..settings.clone() });
    let sign_on = with(file("ca.crt")).unwrap();
    let (who, _) = sign_on.finish(&now(), &returned(&provider, &sign_on, "/")).unwrap();
    assert_eq!(who.name, "zhao");
    for unknown in [None, file("other-ca.crt")] {
        let told = with(unknown.clone()).unwrap().begin(&now(), "/").map(drop).unwrap_err();
        assert!(matches!(&told, SignOnError::Unreachable(_)), "{unknown:?}: {told}");
    }
    std::fs::write(folder.path().join("empty.crt"), "nothing\n").unwrap();
    assert!(matches!(with(file("empty.crt")).map(drop), Err(SignOnError::Setting(_))));
    assert!(matches!(with(file("missing.crt")).map(drop), Err(SignOnError::File { .. })));
}
