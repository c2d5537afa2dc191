//! Tokens, reports of the public, the log and addresses.

use geo::{LineString, Point};

use super::*;

#[test]
fn a_token_lets_a_program_do_what_its_owner_may_until_it_ends() {
    let office = Office::open();
    let clerk = office.actor("clerk");
    let make = |actor: &Actor, scopes: &[Scope], days| {
        let scopes = scopes.iter().copied().collect();
        office.access.make_token(actor, &at(0), NewToken { name: "大屏".to_owned(), scopes, days })
    };
    let (secret, token) = make(&clerk, &[Scope::Read, Scope::Edit], 1).unwrap();
    assert!(secret.expose().starts_with("onemap_") && secret.expose().len() == 50);
    assert_eq!((token.owner.as_str(), token.expires_at), ("clerk", at(86_400).at));
    assert!(!office.kept(DocumentKind::Token).contains(secret.expose()));
    let bearer = |seconds| office.access.bearer(&at(seconds), secret.expose()).unwrap();
    let actor = bearer(1).unwrap();
    assert_eq!(actor, Actor::token("clerk/大屏", [Scope::Read, Scope::Edit].into(), BTreeSet::new()));
    assert_eq!(bearer(86_400), None);
    for wrong in ["", "onemap_", "onemap_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &secret.expose()[7..]] {
        assert_eq!(office.access.bearer(&at(1), wrong).unwrap(), None, "{wrong}");
    }
    assert_eq!(why(make(&clerk, &[Scope::Audit], 1)), ("scopes", Invalidity::ScopeNotYours));
    assert_eq!(why(make(&clerk, &[], 1)), ("scopes", Invalidity::NoScope));
    for days in [0, 401] {
        assert_eq!(why(make(&clerk, &[Scope::Read], days)), ("days", Invalidity::Days { max: 400 }));
    }
    for actor in [Actor::public(), machine(), actor] {
        assert!(matches!(make(&actor, &[Scope::Read], 1), Err(AccessError::NotAllowed)), "{actor:?}");
    }
    // What an officer makes is bound to their streets.
    let (secret, _) = make(&office.actor("officer"), &[Scope::Edit], 1).unwrap();
    let actor = office.access.bearer(&at(1), secret.expose()).unwrap().unwrap();
    assert_eq!(*actor.streets, streets(&["110105001"]));
}

#[test]
fn a_token_follows_its_owner() {
    let office = Office::open();
    let admin = office.actor("admin");
    let scopes = BTreeSet::from([Scope::Read, Scope::Deliver]);
    let new = NewToken { name: "入库".to_owned(), scopes, days: 400 };
    let (secret, token) = office.access.make_token(&office.actor("clerk"), &at(0), new).unwrap();
    let scopes = |seconds| {
        let bearer = office.access.bearer(&at(seconds), secret.expose()).unwrap();
        bearer.map(|actor| actor.scopes.iter().copied().collect::<Vec<_>>())
    };
    let change = |seconds, change| office.access.change_account(&admin, &at(seconds), &any("clerk"), change).unwrap();
    change(1, AccountChange { role: Some(Role::Auditor), ..AccountChange::default() });
    assert_eq!(scopes(2), Some(vec![Scope::Read]), "an auditor delivers nothing");
    change(3, AccountChange { disabled: Some(true), ..AccountChange::default() });
    assert_eq!(scopes(4), None);
    change(5, AccountChange { role: Some(Role::Clerk), disabled: Some(false), ..AccountChange::default() });
    assert_eq!(scopes(6), Some(vec![Scope::Read, Scope::Deliver]));

    let officer = office.actor("officer");
    assert_eq!(office.access.tokens(&officer).unwrap(), []);
    let told = office.access.remove_token(&officer, &at(7), &token.id);
    assert!(matches!(told, Err(AccessError::NoSuchToken(_))), "that it is there is not theirs to know");
    assert_eq!(office.access.tokens(&admin).unwrap()[0].last_use, Some(at(2).at));
    office.access.remove_token(&admin, &at(8), &token.id).unwrap();
    assert_eq!(scopes(9), None);
    assert_eq!(office.last().told.object, Some(format!("token/{}", token.id)));
}

fn report(text: &str) -> NewReport {
    NewReport {
        place: Place::Point(Point::new(116.47, 39.95)),
        area: None,
        street: Some(StreetCode::parse("110105001").unwrap()),
        reason: Reason::BoundaryWrong,
        text: text.to_owned(),
    }
}

#[test]
fn reports_are_numbered_by_year_and_their_outcome_tells_nothing_else() {
    let office = Office::open();
    let public = Actor::public();
    let send = |when: &str, text: &str| {
        let occasion = Occasion { at: when.parse().unwrap(), address: None };
        office.access.send_report(&public, &occasion, &report(text)).unwrap().number
    };
    assert_eq!(send("2026-12-31T15:59:59Z", "绿地不在界内"), "R-2026-000001");
    assert_eq!(send("2026-12-31T15:59:59Z", ""), "R-2026-000002");
    assert_eq!(send("2026-12-31T16:00:00Z", "绿地"), "R-2027-000001", "it is the new year in Beijing");
    assert_eq!(send("2026-12-31T15:00:00Z", "绿地"), "R-2027-000002", "numbers do not go back");
    let outcome = office.access.report_outcome("R-2026-000001").unwrap();
    assert_eq!((outcome.state, outcome.answer, outcome.decided_at), (ReportState::Received, None, None));
    assert!(matches!(office.access.report_outcome("R-2026-000003"), Err(AccessError::NoSuchReport(_))));
    assert!(matches!(office.access.report(&public, "R-2026-000001"), Err(AccessError::NotAllowed)));
    // What the public wrote stays out of the log, which cannot forget.
    assert!(!format!("{:?}", office.log()).contains("绿地"));
}

#[test]
fn so_many_reports_of_the_public_are_taken_in_a_day() {
    let office = Office::open();
    office.access.take_reports(2);
    let send = |actor: &Actor, when: &str| {
        let occasion = Occasion { at: when.parse().unwrap(), address: None };
        office.access.send_report(actor, &occasion, &report("绿地"))
    };
    let public = Actor::public();
    send(&public, "2026-12-31T01:00:00Z").unwrap();
    send(&office.actor("clerk"), "2026-12-31T02:00:00Z").unwrap();
    send(&public, "2026-12-31T15:59:59Z").unwrap();
    let told = send(&public, "2026-12-31T15:59:59Z").unwrap_err();
    let midnight = "2026-12-31T16:00:00Z".parse::<Timestamp>().unwrap();
    assert!(matches!(told, AccessError::TooManyReports { until } if until == midnight), "{told}");
    send(&office.actor("clerk"), "2026-12-31T15:59:59Z").unwrap();
    assert_eq!(send(&public, "2026-12-31T16:00:00Z").unwrap().number, "R-2027-000001");
}

#[test]
fn a_report_has_a_place_and_tells_of_no_person() {
    let office = Office::open();
    let send = |new: &NewReport| office.access.send_report(&Actor::public(), &at(0), new);
    assert_eq!(why(send(&report("找13800138000"))), ("text", Invalidity::PhoneNumber));
    assert_eq!(why(send(&report(&"长".repeat(201)))), ("text", Invalidity::TooLong { max: 200 }));
    let nothing = NewReport { reason: Reason::Other, ..report(" ") };
    assert_eq!(why(send(&nothing)), ("text", Invalidity::Empty));
    let along = |points: Vec<(f64, f64)>| NewReport { place: Place::Line(LineString::from(points)), ..report("") };
    let lost = NewReport { place: Place::Point(Point::new(f64::NAN, 39.9)), ..report("") };
    let many = (0..201).map(|at| (116.0 + f64::from(at) / 1000.0, 39.9)).collect();
    for wrong in [lost, along(vec![(116.4, 39.9)]), along(many), along(vec![(116.4, 39.9), (116.4, 91.0)])] {
        assert_eq!(why(send(&wrong)), ("place", Invalidity::NotAPlace { max: 200 }));
    }
    let line = along(vec![(116.4, 39.9), (116.5, 39.95)]);
    let number = send(&line).unwrap().number;
    assert_eq!(office.access.report(&office.actor("clerk"), &number).unwrap().place, line.place);
}

#[test]
fn a_report_is_answered_by_its_street_or_the_district_as_it_was_seen() {
    let office = Office::open();
    let (clerk, officer) = (office.actor("clerk"), office.actor("officer"));
    let there = |code: Option<&str>| NewReport {
        street: code.map(|code| StreetCode::parse(code).unwrap()),
        ..report("绿地")
    };
    for code in [Some("110105001"), Some("110105002"), None] {
        office.access.send_report(&Actor::public(), &at(0), &there(code)).unwrap();
    }
    let query = ReportQuery { state: None, street: None, after: None, limit: 200 };
    let numbers = |actor: &Actor, query: &ReportQuery| -> Vec<String> {
        office.access.reports(actor, query).unwrap().into_iter().map(|report| report.number).collect()
    };
    assert_eq!(numbers(&clerk, &query), ["R-2023-000003", "R-2023-000002", "R-2023-000001"]);
    assert_eq!(
        numbers(&clerk, &ReportQuery { limit: 1, after: Some("R-2023-000003".into()), ..query.clone() }),
        ["R-2023-000002"]
    );
    assert_eq!(numbers(&officer, &query), ["R-2023-000001"]);
    let elsewhere = ReportQuery { street: Some(StreetCode::parse("110105002").unwrap()), ..query.clone() };
    assert!(matches!(office.access.reports(&officer, &elsewhere), Err(AccessError::NotAllowed)));
    assert!(matches!(office.access.reports(&Actor::public(), &query), Err(AccessError::NotAllowed)));

    let answer = |number: &str, seen, state, words: &str| ReportAnswer {
        number: number.to_owned(),
        seen,
        state,
        answer: (!words.is_empty()).then(|| words.to_owned()),
    };
    let decide = |actor: &Actor, answer: ReportAnswer| office.access.answer_report(actor, &at(9), &answer);
    let first = "R-2023-000001";
    let told = decide(&officer, answer(first, Some(1), ReportState::Accepted, "正在核对")).unwrap();
    assert_eq!((told.revision, told.decided_by.as_deref()), (2, Some("officer")));
    let late = decide(&clerk, answer(first, Some(1), ReportState::Rejected, "不是"));
    assert!(matches!(late, Err(AccessError::Outdated)));
    decide(&clerk, answer(first, Some(2), ReportState::Done, "")).unwrap();
    let outcome = office.access.report_outcome(first).unwrap();
    assert_eq!((outcome.state, outcome.answer.as_deref()), (ReportState::Done, Some("正在核对")));
    assert_eq!(why(decide(&clerk, answer(first, None, ReportState::Received, ""))), ("state", Invalidity::NotNext));
    for other in ["R-2023-000002", "R-2023-000003"] {
        let told = decide(&officer, answer(other, None, ReportState::Accepted, "好"));
        assert!(matches!(told, Err(AccessError::NotAllowed)), "{other}");
        assert!(matches!(office.access.report(&officer, other), Err(AccessError::NotAllowed)));
    }
    assert_eq!(office.access.report_counts(&clerk, None).unwrap().map(|(_, count)| count), [2, 0, 0, 1]);
    assert_eq!(office.access.report_counts(&officer, None).unwrap().map(|(_, count)| count), [0, 0, 0, 1]);
    let done = ReportQuery { state: Some(ReportState::Done), ..query };
    assert_eq!(numbers(&clerk, &done), [first]);
}

#[test]
fn the_log_is_read_by_those_who_may_and_its_table_starts_no_formula() {
    let office = Office::open();
    let auditor = office.actor("auditor");
    let query = LogQuery { limit: 3, ..LogQuery::default() };
    let newest = office.access.log(&auditor, &query).unwrap();
    assert_eq!(newest.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [4, 3, 2]);
    let next = office.access.log(&auditor, &LogQuery { before: Some(2), ..query.clone() }).unwrap();
    assert_eq!(next.len(), 1);
    for name in ["clerk", "officer"] {
        assert!(matches!(office.access.log(&office.actor(name), &query), Err(AccessError::NotAllowed)));
        assert!(matches!(office.access.verify_log(&office.actor(name), None), Err(AccessError::NotAllowed)));
    }
    for limit in [0, LOG_LIMIT_MAX + 1] {
        let told = office.access.log(&auditor, &LogQuery { limit, ..LogQuery::default() });
        assert_eq!(why(told), ("limit", Invalidity::Limit { max: LOG_LIMIT_MAX }));
    }
    let head = office.access.verify_log(&auditor, None).unwrap().unwrap();
    assert_eq!(head, office.store.audit_head().unwrap());

    let area = crate::model::AreaCode::parse("DEMO-JS-0001").unwrap();
    let draft = office.access.draft(&office.actor("clerk"), &at(5), "area.change").unwrap();
    let draft = AuditDraft { object: Some("area/DEMO-JS-0001".to_owned()), after: Some("=1+1".to_owned()), ..draft };
    office.store.write(&[], &[draft]).unwrap();
    let told = office.access.area_log(&office.actor("clerk"), &area, 10).unwrap();
    assert_eq!(told.len(), 1);
    assert!(matches!(office.access.area_log(&office.actor("officer"), &area, 10), Err(AccessError::NotAllowed)));
    let mut csv = Vec::new();
    write_log_csv(&told, &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').split("\r\n").collect();
    assert!(lines[0].starts_with("seq,at,who,role,action,object,before,after,record,"), "{csv}");
    assert!(lines[1].starts_with("5,2023-11-14T22:13:25Z,clerk,clerk,area.change,area/DEMO-JS-0001,,'=1+1,,"), "{csv}");
}

#[test]
fn addresses_are_told_apart_by_their_hashes_and_not_known_from_them() {
    let office = Office::open();
    let hash = |address: &str| office.access.address_hash(address.parse().unwrap()).unwrap();
    assert_eq!(hash("192.0.2.7"), hash("::ffff:192.0.2.7"));
    assert_ne!(hash("192.0.2.7"), hash("192.0.2.8"));
    // Another instance on the same register has the same key, another register another one.
    let same = Access::with_hashing(Arc::<Memory>::clone(&office.store), Hashing::cheap());
    assert_eq!(same.address_hash("192.0.2.7".parse().unwrap()).unwrap(), hash("192.0.2.7"));
    assert_ne!(Office::open().access.address_hash("192.0.2.7".parse().unwrap()).unwrap(), hash("192.0.2.7"));
}
