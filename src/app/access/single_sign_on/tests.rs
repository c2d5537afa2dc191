//! What claims mean; the flow with a real provider is in the integration tests.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::*;
use crate::app::access::single_sign_on::provider::Told;
use crate::model::StreetCode;

fn settings() -> SignOnSettings {
    SignOnSettings {
        name: "统一身份".to_owned(),
        issuer: "https://sso.example.cn".to_owned(),
        client_id: "onemap".to_owned(),
        client_secret_file: None,
        redirect_url: "https://map.example.cn/api/session/sso/return".to_owned(),
        ca_file: None,
        name_claim: "preferred_username".to_owned(),
        role_claim: "groups".to_owned(),
        streets_claim: "streets".to_owned(),
        roles: BTreeMap::from([("map-clerks".to_owned(), Role::Clerk), ("map-officers".to_owned(), Role::Officer)]),
        scopes: vec!["profile".to_owned()],
    }
}

fn who(claims: Value) -> Result<Federated, SignOnError> {
    let claims: Map<String, Value> = serde_json::from_value(claims).unwrap();
    let told = Told { issuer: "https://sso.example.cn".to_owned(), subject: "17".to_owned(), claims };
    claims::federated(&settings(), &told)
}

#[test]
fn claims_become_a_role_and_streets() {
    let told = json!({ "preferred_username": "Zhao", "name": "赵某", "groups": ["staff", "map-officers"],
        "streets": ["110105001", "110105002"] });
    let streets = ["110105001", "110105002"].map(|code| StreetCode::parse(code).unwrap()).into();
    let expected = Federated {
        subject: "https://sso.example.cn 17".to_owned(),
        name: "zhao".to_owned(),
        display_name: "赵某".to_owned(),
        role: Role::Officer,
        streets,
    };
    assert_eq!(who(told).unwrap(), expected);
    let clerk = who(json!({ "preferred_username": "qian", "groups": "map-clerks", "streets": "110105001" })).unwrap();
    assert_eq!((clerk.role, clerk.streets.len(), clerk.display_name.as_str()), (Role::Clerk, 0, "qian"));
}

#[test]
fn without_a_name_or_with_no_one_role_nobody_comes_in() {
    for claims in [json!({ "groups": "map-clerks" }), json!({ "preferred_username": " ", "groups": "map-clerks" })] {
        assert!(matches!(who(claims), Err(SignOnError::NoClaim(claim)) if claim == "preferred_username"));
    }
    for groups in
        [json!(null), json!([]), json!("staff"), json!(["map-clerks", "map-officers"]), json!({ "map-clerks": 1 })]
    {
        let told = who(json!({ "preferred_username": "zhao", "groups": groups.clone() }));
        assert!(matches!(told, Err(SignOnError::NoRole)), "{groups}");
    }
    let strange = who(json!({ "preferred_username": "zhao", "groups": "map-officers", "streets": ["麦子店"] }));
    assert!(matches!(strange, Err(SignOnError::NotAStreet(_))));
}

#[test]
fn a_provider_without_tls_is_refused_before_it_is_asked() {
    let open = |settings: SignOnSettings| SingleSignOn::new(settings).map(drop);
    assert!(open(settings()).is_ok());
    let plain = SignOnSettings { issuer: "http://sso.example.cn".to_owned(), ..settings() };
    assert!(matches!(open(plain), Err(SignOnError::Setting(_))));
    let missing = SignOnSettings { client_secret_file: Some("no/such/file".into()), ..settings() };
    assert!(matches!(open(missing), Err(SignOnError::File { .. })));
}

#[test]
fn what_another_browser_brings_back_is_refused_without_asking_anybody() {
    let sign_on = SingleSignOn::new(settings()).unwrap();
    let at = Occasion { at: Timestamp::from_second(1_700_000_000).unwrap(), address: None };
    let flow = Flow {
        state: "right".to_owned(),
        nonce: "n".to_owned(),
        verifier: "v".to_owned(),
        next: "/".to_owned(),
        begun_at: at.at,
    };
    let returned = |state: Option<&str>, error: Option<&str>| Returned {
        cookie: flow.seal(),
        code: Some("code".to_owned()),
        state: state.map(str::to_owned),
        error: error.map(str::to_owned),
    };
    let finish = |returned: Returned| sign_on.finish(&at, &returned).map(drop).unwrap_err();
    for state in [None, Some("wrong"), Some("")] {
        assert!(matches!(finish(returned(state, None)), SignOnError::NotBegunHere));
    }
    assert!(matches!(
        finish(Returned { cookie: String::new(), ..returned(Some("right"), None) }),
        SignOnError::NotBegunHere
    ));
    assert!(matches!(finish(Returned { code: None, ..returned(Some("right"), None) }), SignOnError::NotBegunHere));
    let refused = finish(returned(Some("right"), Some("access_denied")));
    assert!(matches!(refused, SignOnError::Refused(word) if word == "access_denied"));
}
