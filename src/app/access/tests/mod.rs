//! The use cases about who may come in, on a register in memory.

mod others;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::auth::role::{Role, Scope};
use crate::history::AuditEntry;
use crate::model::StreetCode;
use crate::store::memory::Memory;
use crate::store::{AuditFrom, AuditQuery, Vault as _};

const GOOD: &str = "枣营路口第三棵槐树往东走二十步";
const OTHER: &str = "correct horse battery staple";

struct Office {
    store: Arc<Memory>,
    access: Access,
}

fn at(seconds: i64) -> Occasion {
    let address = Some("192.0.2.7".parse().unwrap());
    Occasion { at: Timestamp::from_second(1_700_000_000 + seconds).unwrap(), address }
}

fn machine() -> Actor {
    Actor::at_the_machine()
}

fn streets(codes: &[&str]) -> BTreeSet<StreetCode> {
    codes.iter().map(|code| StreetCode::parse(code).unwrap()).collect()
}

fn new(name: &str, role: Role, codes: &[&str]) -> NewAccount {
    let password = Some(GOOD.to_owned());
    NewAccount { name: name.to_owned(), display_name: "赵某".to_owned(), role, streets: streets(codes), password }
}

fn credentials(name: &str, password: &str) -> Credentials {
    Credentials { name: name.to_owned(), password: password.to_owned() }
}

fn any(name: &str) -> AccountAt<'_> {
    AccountAt { name, seen: None }
}

impl Office {
    /// A clerk `clerk`, an officer `officer` of one street, an administrator `admin`, an auditor `auditor`.
    fn open() -> Self {
        let store = Arc::new(Memory::new());
        let access = Access::with_hashing(Arc::<Memory>::clone(&store), Hashing::cheap());
        for (role, codes) in
            [(Role::Clerk, [].as_slice()), (Role::Officer, &["110105001"]), (Role::Admin, &[]), (Role::Auditor, &[])]
        {
            access.add_account(&machine(), &at(0), new(role.key(), role, codes)).unwrap();
        }
        Self { store, access }
    }

    fn actor(&self, name: &str) -> Actor {
        self.access.account(&machine(), name).unwrap().actor()
    }

    fn sign_in(&self, seconds: i64, name: &str) -> Secret {
        self.access.sign_in(&at(seconds), &credentials(name, GOOD)).unwrap().0
    }

    fn wrong(&self, seconds: i64, name: &str) -> AccessError {
        let from = Occasion { address: None, ..at(seconds) };
        self.access.sign_in(&from, &credentials(name, "not the password")).unwrap_err()
    }

    fn log(&self) -> Vec<AuditEntry> {
        self.store.audit_entries(&AuditQuery::of(AuditFrom::After(0), 1000)).unwrap()
    }

    fn last(&self) -> AuditEntry {
        self.log().pop().unwrap()
    }

    /// Everything that the store keeps of this kind, as text.
    fn kept(&self, kind: DocumentKind) -> String {
        self.store.documents(kind).unwrap().into_iter().map(|document| document.body).collect()
    }
}

fn why(told: Result<impl std::fmt::Debug, AccessError>) -> (&'static str, Invalidity) {
    match told {
        Err(AccessError::Invalid { field, why }) => (field, why),
        told => panic!("{told:?}"),
    }
}

#[test]
fn whoever_knows_the_password_comes_in_as_what_the_account_says() {
    let office = Office::open();
    let (secret, session) = office.access.sign_in(&at(10), &credentials(" Officer", GOOD)).unwrap();
    assert_eq!(session.actor, Actor::officer("officer", streets(&["110105001"])));
    assert_eq!((session.display_name.as_str(), session.expires_at), ("赵某", at(10 + 1800).at));
    assert_eq!(office.access.session(&at(20), secret.expose()).unwrap(), Some(session));
    assert_eq!(office.access.account(&machine(), "officer").unwrap().last_sign_in, Some(at(10).at));
    // A new secret every time, and only its hash is kept.
    let again = office.sign_in(11, "officer");
    assert_ne!(again, secret);
    assert!(!office.kept(DocumentKind::Session).contains(secret.expose()));
    let told = office.last().told;
    assert_eq!((told.action.as_str(), told.who.as_str(), told.role.as_str()), ("session.start", "officer", "officer"));
    assert!(told.address_hash.is_some_and(|hash| hash.len() == 24 && !hash.contains("192")));
    assert_eq!(office.access.session(&at(20), "").unwrap(), None);
    assert_eq!(office.access.session(&at(20), &"A".repeat(43)).unwrap(), None);
}

#[test]
fn a_wrong_name_and_a_wrong_password_are_answered_alike_also_when_they_are_locked() {
    let office = Office::open();
    for seconds in 0..5 {
        for name in ["clerk", "nobody", "还没有 这个人", ""] {
            assert!(matches!(office.wrong(seconds, name), AccessError::WrongLogin), "{name}, {seconds}");
        }
    }
    for name in ["clerk", "nobody", "还没有 这个人", ""] {
        let told = office.wrong(10, name);
        assert!(matches!(told, AccessError::Locked { until } if until == at(4 + 60).at), "{name}: {told}");
    }
    // The right password does not help while it is locked, and helps afterwards.
    let from = Occasion { address: None, ..at(60) };
    let told = office.access.sign_in(&from, &credentials("clerk", GOOD)).unwrap_err();
    assert!(matches!(told, AccessError::Locked { .. }));
    assert_eq!(office.access.account(&machine(), "clerk").unwrap().locked_until, Some(at(64).at));
    office.sign_in(65, "clerk");
    assert!(matches!(office.wrong(66, "clerk"), AccessError::WrongLogin), "it begins anew");
    // What was typed as a name is nowhere kept.
    assert!(!format!("{:?}", office.log()).contains("还没有"));
    assert!(!office.kept(DocumentKind::Setting).contains("还没有"));
    let refused: Vec<Option<String>> = office
        .log()
        .into_iter()
        .filter(|entry| entry.told.action == "session.refuse")
        .map(|entry| entry.told.object)
        .collect();
    assert_eq!(refused.len(), 21);
    assert_eq!(refused.iter().flatten().collect::<BTreeSet<_>>(), BTreeSet::from([&"session/clerk".to_owned()]));
}

#[test]
fn a_lock_holds_for_other_instances_on_the_same_store_too() {
    let office = Office::open();
    (0..5).for_each(|seconds| drop(office.wrong(seconds, "clerk")));
    let other = Access::with_hashing(Arc::<Memory>::clone(&office.store), Hashing::cheap());
    let told = other.sign_in(&at(10), &credentials("clerk", GOOD)).unwrap_err();
    assert!(matches!(told, AccessError::Locked { .. }), "{told}");
}

#[test]
fn many_wrong_passwords_from_one_address_lock_that_address_for_every_name() {
    let office = Office::open();
    for number in 0..20 {
        let told = office.access.sign_in(&at(number), &credentials(&format!("guess{number}"), "x")).unwrap_err();
        assert!(matches!(told, AccessError::WrongLogin), "{told}");
    }
    let told = office.access.sign_in(&at(30), &credentials("clerk", GOOD)).unwrap_err();
    assert!(matches!(told, AccessError::Locked { until } if until == at(19 + 60).at), "{told}");
    let elsewhere = Occasion { address: Some("192.0.2.8".parse().unwrap()), ..at(30) };
    office.access.sign_in(&elsewhere, &credentials("clerk", GOOD)).unwrap();
    office.sign_in(80, "clerk");
}

#[test]
fn a_session_ends_when_it_is_not_used_and_after_half_a_day_in_any_case() {
    let office = Office::open();
    let open = |secret: &Secret, seconds| office.access.session(&at(seconds), secret.expose()).unwrap();
    let idle = office.sign_in(0, "clerk");
    assert!(open(&idle, 1799).is_some());
    assert!(open(&idle, 1799 + 1799).is_some());
    assert!(open(&idle, 1799 + 1799 + 1800).is_none());
    let used = office.sign_in(0, "clerk");
    let half_a_day = 12 * 3600;
    for seconds in (0..half_a_day).step_by(600) {
        let session = open(&used, seconds).unwrap();
        assert!(session.expires_at <= at(half_a_day).at && session.expires_at > at(seconds).at);
    }
    assert!(open(&used, half_a_day).is_none());
    // The next sign-in clears what has ended.
    office.sign_in(half_a_day, "admin");
    assert_eq!(office.store.documents(DocumentKind::Session).unwrap().len(), 1);
}

#[test]
fn the_use_of_a_session_is_written_at_most_once_a_minute() {
    let office = Office::open();
    let secret = office.sign_in(0, "clerk");
    let revisions: Vec<u64> = [1, 30, 59, 60, 61, 119, 120]
        .into_iter()
        .map(|seconds| {
            office.access.session(&at(seconds), secret.expose()).unwrap().unwrap();
            office.store.documents(DocumentKind::Session).unwrap()[0].revision
        })
        .collect();
    assert_eq!(revisions, [1, 1, 1, 2, 2, 2, 3]);
    let before = office.log().len();
    office.access.session(&at(300), secret.expose()).unwrap();
    assert_eq!(office.log().len(), before, "using a session is nothing for the log");
}

#[test]
fn signing_out_ends_this_session_or_all_of_ones_own() {
    let office = Office::open();
    let secrets: Vec<Secret> = (0..3).map(|seconds| office.sign_in(seconds, "clerk")).collect();
    let open = || {
        let is_open = |secret: &&Secret| office.access.session(&at(10), secret.expose()).unwrap().is_some();
        secrets.iter().filter(is_open).count()
    };
    let clerk = office.actor("clerk");
    assert_eq!(office.access.sessions(&clerk, &at(10), "clerk").unwrap().len(), 3);
    office.access.sign_out(&at(5), secrets[1].expose()).unwrap();
    office.access.sign_out(&at(6), secrets[1].expose()).unwrap();
    assert_eq!(open(), 2);
    let officer = office.actor("officer");
    let told = office.access.sign_out_everywhere(&officer, &at(7), "clerk");
    assert!(matches!(told, Err(AccessError::NotAllowed)));
    assert!(matches!(office.access.sessions(&officer, &at(7), "clerk"), Err(AccessError::NotAllowed)));
    let token = NewToken { name: "gis".to_owned(), scopes: [Scope::Read].into(), days: 1 };
    office.access.make_token(&clerk, &at(7), token).unwrap();
    assert!(matches!(office.access.remove_tokens_of(&officer, &at(7), "clerk"), Err(AccessError::NotAllowed)));
    assert_eq!(office.access.remove_tokens_of(&clerk, &at(7), "clerk").unwrap(), 1);
    assert_eq!(office.access.tokens(&clerk).unwrap(), []);
    assert_eq!(office.access.sign_out_everywhere(&clerk, &at(7), "clerk").unwrap(), 2);
    assert_eq!(open(), 0);
    let told = office.last().told;
    assert_eq!((told.action.as_str(), told.object.as_deref()), ("session.end", Some("session/clerk")));
}

#[test]
fn another_password_another_role_and_disabling_end_the_sessions() {
    let office = Office::open();
    let admin = office.actor("admin");
    let changes = [
        AccountChange { password: Some(OTHER.to_owned()), ..AccountChange::default() },
        AccountChange { role: Some(Role::District), ..AccountChange::default() },
        AccountChange { disabled: Some(true), ..AccountChange::default() },
    ];
    let mut password = GOOD;
    for change in changes {
        let (secret, _) = office.access.sign_in(&at(1), &credentials("clerk", password)).unwrap();
        if change.password.is_some() {
            password = OTHER;
        }
        office.access.change_account(&admin, &at(2), &any("clerk"), change).unwrap();
        assert_eq!(office.access.session(&at(3), secret.expose()).unwrap(), None);
    }
    let told = office.access.sign_in(&at(4), &credentials("clerk", OTHER)).unwrap_err();
    assert!(matches!(told, AccessError::WrongLogin), "a disabled account is not told from a wrong password");
    // Another name or other streets do not end them, and hold at once.
    let officer = office.sign_in(5, "officer");
    let moved = AccountChange { streets: Some(streets(&["110105002"])), ..AccountChange::default() };
    office.access.change_account(&admin, &at(6), &any("officer"), moved).unwrap();
    let session = office.access.session(&at(7), officer.expose()).unwrap().unwrap();
    assert_eq!(*session.actor.streets, streets(&["110105002"]));
}

#[test]
fn ones_own_password_is_changed_with_the_current_one_only() {
    let office = Office::open();
    let clerk = office.actor("clerk");
    let secret = office.sign_in(0, "clerk");
    let change = |seconds, current: &str, new: &str| {
        let change = PasswordChange { current: current.to_owned(), new: new.to_owned() };
        office.access.change_own_password(&clerk, &at(seconds), &change)
    };
    assert!(matches!(change(1, "wrong", OTHER), Err(AccessError::WrongLogin)));
    assert_eq!(why(change(2, GOOD, "short")), ("password", Invalidity::TooShort { min: 15 }));
    assert!(office.access.session(&at(3), secret.expose()).unwrap().is_some());
    change(4, GOOD, OTHER).unwrap();
    assert_eq!(office.access.session(&at(5), secret.expose()).unwrap(), None);
    assert!(office.access.sign_in(&at(6), &credentials("clerk", GOOD)).is_err());
    office.access.sign_in(&at(7), &credentials("clerk", OTHER)).unwrap();
    for actor in [Actor::public(), machine(), Actor::token("clerk", Scope::ALL.into(), BTreeSet::new())] {
        let change = PasswordChange { current: OTHER.to_owned(), new: GOOD.to_owned() };
        let told = office.access.change_own_password(&actor, &at(8), &change);
        assert!(matches!(told, Err(AccessError::NotAllowed)), "{actor:?}");
    }
    // Guessing it there counts as guessing it at the door.
    for seconds in 10..15 {
        assert!(matches!(change(seconds, "wrong", GOOD), Err(AccessError::WrongLogin)));
    }
    let told = office.access.sign_in(&at(20), &credentials("clerk", OTHER)).unwrap_err();
    assert!(matches!(told, AccessError::Locked { .. }), "{told}");
}

#[test]
fn no_password_and_no_hash_of_one_stands_in_the_log() {
    let office = Office::open();
    let change = AccountChange { password: Some(OTHER.to_owned()), ..AccountChange::default() };
    office.access.change_account(&machine(), &at(1), &any("clerk"), change).unwrap();
    let told = office.last().told;
    assert_eq!((told.before.as_deref(), told.after.as_deref()), (Some("{}"), Some("{\"password\":\"changed\"}")));
    let whole = format!("{:?}", office.log());
    assert!(!whole.contains("argon2") && !whole.contains(OTHER) && !whole.contains(GOOD));
    assert!(office.kept(DocumentKind::Account).contains("$argon2id$"));
    assert!(!office.kept(DocumentKind::Account).contains(OTHER));
}

#[test]
fn an_account_is_what_its_rules_allow() {
    let office = Office::open();
    let add = |account| office.access.add_account(&machine(), &at(1), account);
    for name in ["a", "Zhao", "赵", "a b", "-a", "cli", "public", "machine", "a/b", &"a".repeat(65)] {
        assert_eq!(why(add(new(name, Role::Clerk, &[]))), ("name", Invalidity::NotAName), "{name}");
    }
    assert!(matches!(add(new("clerk", Role::Clerk, &[])), Err(AccessError::NameTaken(name)) if name == "clerk"));
    for role in [Role::Public, Role::Token, Role::Machine] {
        assert_eq!(why(add(new("zhao", role, &[]))), ("role", Invalidity::NotARole));
    }
    assert_eq!(why(add(new("zhao", Role::Officer, &[]))), ("streets", Invalidity::NoStreet));
    assert_eq!(why(add(new("zhao", Role::Clerk, &["110105001"]))), ("streets", Invalidity::StreetsOfOthers));
    let unnamed = NewAccount { display_name: " ".to_owned(), ..new("zhao", Role::Clerk, &[]) };
    assert_eq!(why(add(unnamed)), ("display_name", Invalidity::Empty));
    let weak = NewAccount { password: Some("passwordpassword".to_owned()), ..new("zhao", Role::Clerk, &[]) };
    assert_eq!(why(add(weak)), ("password", Invalidity::TooWeak));
    assert_eq!(office.access.accounts(&machine()).unwrap().len(), 4, "none of them was made");
    // One without a password is one that nobody signs in to with one.
    let federated = NewAccount { password: None, ..new("zhao", Role::Clerk, &[]) };
    assert!(!add(federated).unwrap().has_password);
    assert!(matches!(office.access.sign_in(&at(2), &credentials("zhao", "")), Err(AccessError::WrongLogin)));
}

#[test]
fn an_account_is_changed_as_it_was_seen() {
    let office = Office::open();
    let admin = office.actor("admin");
    let seen = office.access.account(&admin, "clerk").unwrap().revision;
    let renamed = |name: &str| AccountChange { display_name: Some(name.to_owned()), ..AccountChange::default() };
    let change =
        |seen, change| office.access.change_account(&admin, &at(1), &AccountAt { name: "clerk", seen }, change);
    let now = change(Some(seen), renamed("钱某")).unwrap();
    assert_eq!((now.display_name.as_str(), now.revision), ("钱某", seen + 1));
    assert!(matches!(change(Some(seen), renamed("孙某")), Err(AccessError::Outdated)));
    let told = office.last().told;
    assert_eq!(told.before.as_deref(), Some("{\"display_name\":\"赵某\"}"));
    assert_eq!(told.after.as_deref(), Some("{\"display_name\":\"钱某\"}"));
    assert_eq!((told.who.as_str(), told.object.as_deref()), ("admin", Some("account/clerk")));
    // Nothing different is nothing done.
    let before = office.log().len();
    assert_eq!(change(None, renamed("钱某")).unwrap().revision, seen + 1);
    assert_eq!(office.log().len(), before);
    // An officer who becomes a clerk leaves the streets behind; a clerk who becomes an officer needs some.
    let role = |role| AccountChange { role: Some(role), ..AccountChange::default() };
    assert_eq!(why(change(None, role(Role::Officer))), ("streets", Invalidity::NoStreet));
    let officer = office.access.change_account(&admin, &at(2), &any("officer"), role(Role::Clerk)).unwrap();
    assert_eq!((officer.role, officer.streets), (Role::Clerk, BTreeSet::new()));
    assert!(matches!(change(None, AccountChange::default()), Ok(account) if account.revision == seen + 1));
    let missing = office.access.change_account(&admin, &at(3), &any("nobody"), renamed("李某"));
    assert!(matches!(missing, Err(AccessError::NoSuchAccount(name)) if name == "nobody"));
}

#[test]
fn only_who_keeps_accounts_keeps_them_and_nobody_locks_themselves_out() {
    let office = Office::open();
    let admin = office.actor("admin");
    for name in ["clerk", "officer", "auditor"] {
        let actor = office.actor(name);
        let told = [
            office.access.accounts(&actor).map(drop),
            office.access.account(&actor, "admin").map(drop),
            office.access.add_account(&actor, &at(1), new("zhao", Role::Admin, &[])).map(drop),
            office.access.change_account(&actor, &at(1), &any(name), AccountChange::default()).map(drop),
        ];
        assert!(told.iter().all(|told| matches!(told, Err(AccessError::NotAllowed))), "{name}: {told:?}");
        assert_eq!(office.access.account(&actor, name).unwrap().name, name, "one's own may be looked at");
    }
    for change in [
        AccountChange { role: Some(Role::Clerk), ..AccountChange::default() },
        AccountChange { disabled: Some(true), ..AccountChange::default() },
    ] {
        let told = office.access.change_account(&admin, &at(2), &any("admin"), change.clone());
        assert!(matches!(told, Err(AccessError::OwnAccount)));
        office.access.change_account(&machine(), &at(3), &any("admin"), change).unwrap();
        let back = AccountChange { role: Some(Role::Admin), disabled: Some(false), ..AccountChange::default() };
        office.access.change_account(&machine(), &at(4), &any("admin"), back).unwrap();
    }
}

#[test]
fn many_who_sign_in_at_once_all_come_in() {
    let office = Office::open();
    let came_in: Vec<bool> = std::thread::scope(|scope| {
        let sign_in = || office.access.sign_in(&at(1), &credentials("clerk", GOOD)).is_ok();
        let all: Vec<_> = (0..6).map(|_| scope.spawn(sign_in)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(came_in, [true; 6]);
    assert_eq!(office.store.documents(DocumentKind::Session).unwrap().len(), 6);
}

#[test]
fn many_wrong_passwords_at_once_are_compared_no_more_often_than_one_after_another() {
    let office = Office::open();
    for name in ["clerk", "nobody"] {
        let told: Vec<AccessError> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..24).map(|_| scope.spawn(|| office.wrong(1, name))).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let compared = told.iter().filter(|told| matches!(told, AccessError::WrongLogin)).count();
        assert_eq!(compared, 5, "{name}: {told:?}");
    }
}

#[test]
fn wrong_passwords_are_forgotten_after_a_day_for_names_and_accounts_alike() {
    let office = Office::open();
    let day = 24 * 3600;
    for name in ["clerk", "nobody"] {
        (0..4).for_each(|second| drop(office.wrong(second, name)));
        for second in 0..4 {
            assert!(matches!(office.wrong(day + 10 + second, name), AccessError::WrongLogin), "{name}");
        }
    }
    // What was counted of other unknown names is removed by and by, and which names they were is told by nothing.
    let counted = || {
        let settings = office.store.documents(DocumentKind::Setting).unwrap();
        settings.into_iter().map(|document| document.id).filter(|id| id.starts_with("strikes-")).collect::<Vec<_>>()
    };
    assert_eq!(counted().len(), 1);
    let other = Access::with_hashing(Arc::<Memory>::clone(&office.store), Hashing::cheap());
    other.sign_in(&Occasion { address: None, ..at(3 * day) }, &credentials("stranger", "x")).unwrap_err();
    assert_eq!(counted().len(), 1, "the old one is gone");
    let elsewhere = Office::open();
    elsewhere.wrong(0, "stranger");
    let there = elsewhere.store.documents(DocumentKind::Setting).unwrap();
    assert!(!there.iter().any(|document| counted().contains(&document.id)), "another register has another key");
}

#[test]
fn sessions_live_half_an_hour_idle_and_half_a_day_at_most() {
    assert_eq!((SESSION_IDLE, SESSION_LIFE), (SignedDuration::from_mins(30), SignedDuration::from_hours(12)));
}
