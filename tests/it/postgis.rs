//! The register in PostGIS, as several instances share it, and what happens when the way to the database is not there.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::civil::date;
use onemap::history::{Entry, Fact, NewRecord, Put};
use onemap::ingest::{ChangeSet, Sources, check_exchange};
use onemap::model::{PrintedFigure, RateId, RecordKind, Revision, Validity};
use onemap::store::geopackage::Access;
use onemap::store::postgis::{Options, PostGis};
use onemap::store::{Place, Question, Store, StoreError};

use crate::support::postgres::{Cluster, Fsync, Stop, database_of};

const PATIENCE: Duration = Duration::from_secs(20);

fn open(address: &str) -> Arc<PostGis> {
    Arc::new(PostGis::open(address, &Options::default()).unwrap())
}

fn record(request: Option<String>) -> NewRecord {
    NewRecord {
        kind: RecordKind::SurveyRound,
        document: "试文1号".to_owned(),
        authority: "试验区".to_owned(),
        dated: date(2022, 10, 27),
        author: "test".to_owned(),
        recorded_at: "2022-10-28T08:00:00.123Z".parse().unwrap(),
        note: String::new(),
        request,
    }
}

/// An entry of one figure that nobody else enters.
fn figure(source: &str) -> Entry {
    let figure = PrintedFigure {
        rate: RateId::ContractedShare,
        percent: 12.5,
        numerator: Some(1),
        denominator: Some(8),
        source: source.to_owned(),
        dated: date(2022, 10, 27),
    };
    let put = Put::New { fact: Fact::Figure(figure), valid: Validity::default() };
    Entry { puts: vec![put], ..Entry::default() }
}

fn district() -> ChangeSet {
    let checked = check_exchange(&Sources {
        district: include_bytes!("../fixtures/exchange/district.geojson"),
        streets: include_bytes!("../fixtures/exchange/streets.geojson"),
        areas: include_bytes!("../fixtures/exchange/areas.geojson"),
        managers: include_bytes!("../fixtures/exchange/ledger/managers.csv"),
        committees: include_bytes!("../fixtures/exchange/ledger/committees.csv"),
        communities: include_bytes!("../fixtures/exchange/ledger/communities.csv"),
        figures: include_bytes!("../fixtures/exchange/ledger/figures.csv"),
    });
    assert_eq!(checked.faults, []);
    checked.changes
}

/// Every record once, numbered without a gap, and every figure once.
fn assert_whole(store: &PostGis, records: u64) {
    let register = store.load(Question::default()).unwrap();
    let ids: Vec<u64> = register.records.iter().map(|record| u64::from(record.id.0)).collect();
    assert_eq!(ids, (1..=records).collect::<Vec<_>>());
    assert_eq!(register.figures.len() as u64, records);
    assert_eq!(store.check().unwrap(), [""; 0]);
}

fn chain(err: &StoreError) -> String {
    let causes = std::iter::successors(std::error::Error::source(err), |cause| cause.source());
    causes.fold(format!("{err} | {err:?}"), |told, cause| format!("{told} | {cause} | {cause:?}"))
}

#[test]
fn instances_that_start_together_make_the_schema_once_and_hear_of_each_other() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let starting: Vec<_> = (0..4)
        .map(|_| {
            let address = address.clone();
            thread::spawn(move || open(&address))
        })
        .collect();
    let stores: Vec<Arc<PostGis>> = starting.into_iter().map(|thread| thread.join().unwrap()).collect();
    let (writer, reader) = (&stores[0], &stores[1]);
    let hear = |seen: Option<Revision>| {
        let reader = Arc::clone(reader);
        thread::spawn(move || (reader.wait_beyond(seen, PATIENCE).unwrap(), Instant::now()))
    };
    for n in 1..4 {
        let waiting = hear((n > 1).then(|| Revision(n - 1)));
        // Long enough for the other to listen; it would see the revision by looking too.
        thread::sleep(Duration::from_millis(100));
        if n == 3 {
            cluster.cut_connections(database_of(&address));
        }
        let revision = writer.commit(&record(None), &figure(&n.to_string())).unwrap();
        let committed = Instant::now();
        let (heard, at) = waiting.join().unwrap();
        assert_eq!((revision, heard), (Revision(n), Some(Revision(n))));
        assert!(at.saturating_duration_since(committed) < Duration::from_secs(1));
    }
    let start = Instant::now();
    let nothing = reader.wait_beyond(Some(Revision(3)), Duration::from_millis(200)).unwrap();
    assert_eq!(nothing, Some(Revision(3)));
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[test]
fn writers_of_all_instances_wait_for_each_other() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let stores = [open(&address), open(&address)];
    let writing: Vec<_> = (0..6)
        .map(|writer| {
            let store = Arc::clone(&stores[writer % 2]);
            thread::spawn(move || {
                let enter = |n| store.commit(&record(None), &figure(&format!("{writer} {n}"))).unwrap();
                (0..8).map(enter).collect::<Vec<Revision>>()
            })
        })
        .collect();
    let mut revisions: Vec<Revision> = writing.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    revisions.sort();
    assert_eq!(revisions, (1..=48).map(Revision).collect::<Vec<_>>());
    assert_whole(&stores[0], 48);
}

#[test]
fn a_database_that_restarts_under_load_loses_and_doubles_nothing() {
    let Some(cluster) = Cluster::start(Fsync::Off) else { return };
    let address = cluster.database();
    let stores = [open(&address), open(&address)];
    let done = Arc::new(AtomicUsize::new(0));
    let writing: Vec<_> = (0..4)
        .map(|writer| {
            let (store, done) = (Arc::clone(&stores[writer % 2]), Arc::clone(&done));
            thread::spawn(move || {
                for n in 0..60 {
                    let name = format!("{writer} {n}");
                    let request = (n % 2 == 0).then(|| name.clone());
                    store.commit(&record(request), &figure(&name)).unwrap();
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for (how, after) in [(Stop::Immediate, 40), (Stop::Fast, 120)] {
        while done.load(Ordering::Relaxed) < after {
            thread::sleep(Duration::from_millis(2));
        }
        cluster.stop(how);
        cluster.start_again();
    }
    writing.into_iter().for_each(|thread| thread.join().unwrap());
    assert_whole(&stores[0], 240);

    cluster.stop(Stop::Fast);
    let start = Instant::now();
    let lost = stores[1].wait_beyond(Some(Revision(240)), PATIENCE).unwrap_err();
    assert!(matches!(&lost, StoreError::Unreachable { .. }), "{}", chain(&lost));
    assert!(start.elapsed() < Duration::from_secs(5));
    let lost = stores[0].commit(&record(Some("again".to_owned())), &figure("again")).unwrap_err();
    assert!(matches!(&lost, StoreError::Unreachable { .. }), "{}", chain(&lost));
    assert!(lost.to_string().contains("127.0.0.1"), "{lost}");
    cluster.start_again();
    assert!(stores[0].revision_of_request("0 0").unwrap().is_some());
    assert_eq!(stores[0].revision_of_request("again").unwrap(), None);
    for store in &stores {
        assert_eq!(store.commit(&record(Some("again".to_owned())), &figure("again")).unwrap(), Revision(241));
        assert_eq!(store.wait_beyond(Some(Revision(240)), PATIENCE).unwrap(), Some(Revision(241)));
    }
}

/// When the way to the database breaks.
#[derive(Clone, Copy)]
enum Break {
    /// The commit arrives, its answer does not.
    AfterCommit,
    /// The commit does not arrive.
    BeforeCommit,
}

/// A way to the database that breaks at the next commit once it is told to, and is good from then on; its port.
fn breaking_way(to: String, when: Break) -> (u16, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = Arc::new(AtomicBool::new(false));
    let breaks = Arc::clone(&told);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&to).unwrap();
            let (mut down, mut up) = (server.try_clone().unwrap(), client.try_clone().unwrap());
            let (mut client, mut server, breaks) = (client, server, Arc::clone(&breaks));
            thread::spawn(move || {
                let mut bytes = [0; 65536];
                while let Ok(read @ 1..) = client.read(&mut bytes) {
                    let commits = bytes[..read].windows(7).any(|window| window == b"COMMIT\0");
                    if commits && breaks.swap(false, Ordering::Relaxed) {
                        client.shutdown(Shutdown::Both).unwrap();
                        if let Break::AfterCommit = when {
                            server.write_all(&bytes[..read]).unwrap();
                            thread::sleep(Duration::from_millis(200));
                        }
                        break;
                    }
                    server.write_all(&bytes[..read]).unwrap();
                }
                let _ = server.shutdown(Shutdown::Both);
            });
            thread::spawn(move || {
                let _ = std::io::copy(&mut down, &mut up);
                let _ = up.shutdown(Shutdown::Both);
            });
        }
    });
    (port, told)
}

#[test]
fn a_commit_whose_answer_is_lost_is_told_truthfully() {
    let Some(cluster) = Cluster::shared() else { return };
    for when in [Break::AfterCommit, Break::BeforeCommit] {
        let address = cluster.database();
        let straight = open(&address);
        let (host, _) = address.split_once('@').unwrap().1.split_once('/').unwrap();
        let (port, breaks) = breaking_way(host.to_owned(), when);
        let winding = PostGis::open(&address.replace(host, &format!("127.0.0.1:{port}")), &Options::default());
        let winding = winding.unwrap();
        breaks.store(true, Ordering::Relaxed);
        assert_eq!(winding.commit(&record(None), &figure("one")).unwrap(), Revision(1));
        assert!(!breaks.load(Ordering::Relaxed));
        assert_eq!(winding.commit(&record(None), &figure("two")).unwrap(), Revision(2));
        assert_whole(&straight, 2);
    }
}

#[test]
fn with_tls_the_certificate_is_verified() {
    let Some(cluster) = Cluster::shared() else { return };
    let plain = cluster.database();
    let address = plain.replace("sslmode=disable", "sslmode=require");
    let with = |ca_file| Options { ca_file: Some(ca_file), ..Options::default() };
    let store = PostGis::open(&address, &with(cluster.ca_file())).unwrap();
    store.commit(&record(None), &figure("one")).unwrap();
    let encrypted = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'onemap' AND datname =";
    assert_eq!(cluster.psql("postgres", &format!("{encrypted} '{}'", database_of(&plain))), "t");
    let named = format!("{address}&sslrootcert={}", cluster.ca_file().display());
    assert_eq!(open(&named).revision().unwrap(), Some(Revision(1)));

    let refused = |address: &str, options: &Options| {
        let told = chain(&PostGis::open(address, options).unwrap_err());
        assert!(told.contains("certificate"), "{told}");
        assert!(!told.contains("secret"), "{told}");
    };
    refused(&address, &with(cluster.other_ca_file()));
    refused(&address, &Options::default());
    refused(&address.replace("sslmode=require", "sslmode=prefer"), &with(cluster.other_ca_file()));
    let elsewhere = address.replace("127.0.0.1", "elsewhere.test") + "&hostaddr=127.0.0.1";
    refused(&elsewhere, &with(cluster.ca_file()));
}

#[test]
fn a_database_that_does_not_fit_is_refused_with_what_to_do() {
    let Some(cluster) = Cluster::shared() else { return };
    let refused = |address: &str, access: Access| {
        let options = Options { access, ..Options::default() };
        let err = PostGis::open(address, &options).unwrap_err();
        let told = chain(&err);
        assert!(!told.contains("secret"), "{told}");
        told
    };
    let bare = cluster.bare_database();
    assert!(refused(&bare, Access::Create).contains("CREATE EXTENSION postgis"));
    cluster.psql(database_of(&bare), "CREATE EXTENSION postgis");
    assert!(refused(&bare, Access::Create).contains("CREATE EXTENSION btree_gist"));

    let address = cluster.database();
    assert!(refused(&address, Access::Existing).contains("no register"));
    drop(open(&address));
    assert_eq!(
        PostGis::open(&address, &Options { access: Access::Existing, ..Options::default() })
            .unwrap()
            .revision()
            .unwrap(),
        None
    );
    cluster.psql(database_of(&address), "UPDATE onemap.refinery_schema_history SET version = 99 WHERE version = 1");
    let told = refused(&address, Access::Create);
    assert!(told.contains("version 99") && told.contains("newer program"), "{told}");

    assert!(refused(&address.replace("not%20a%20secret", "wrong%20secret"), Access::Create).contains("password"));
    let start = Instant::now();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let place = Place::parse(&format!("postgres://map:secret@{nobody}/none?sslmode=disable"));
    let Err(err) = onemap::store::open(&place, Access::Create) else { panic!("nobody is there") };
    assert!(matches!(err, StoreError::Unreachable { .. }), "{}", chain(&err));
    assert!(!format!("{place} {place:?} {}", chain(&err)).contains("secret"));
    assert!(start.elapsed() < PATIENCE);
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that cannot run says so")]
fn views_of_the_present_open_in_other_programs() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let store = onemap::store::open(&Place::parse(&address), Access::Create).unwrap();
    let changes = district();
    store.commit(&record(None), &Entry::from(&changes)).unwrap();
    let database = database_of(&address);
    let psql = |query: &str| cluster.psql(database, &format!("SET search_path TO onemap, public; {query}"));
    assert_eq!(psql("SELECT count(*) FROM areas WHERE manager IS NOT NULL OR site_area_m2 > 0"), "3");
    for (view, rows) in [
        ("district", 1),
        ("streets", changes.streets.len()),
        ("communities", changes.communities.len()),
        ("managers", changes.managers.len()),
        ("committees", changes.areas.iter().flat_map(|area| &area.committees).flatten().count()),
        ("printed_figures", changes.figures.len()),
    ] {
        let whole = psql(&format!("SELECT count(*) FROM (SELECT v.*::text FROM {view} v) AS all_columns"));
        assert_eq!(whole, rows.to_string(), "{view}");
    }
    let formats = Command::new("ogrinfo").arg("--formats").output();
    if !formats.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("PostgreSQL")) {
        eprintln!("skipped: there is no ogrinfo that reads PostgreSQL");
        return;
    }
    let source = format!("PG:{} schemas=onemap", cluster.conninfo(database));
    for (view, count) in [("areas", 3), ("streets", changes.streets.len()), ("district", 1)] {
        let output = Command::new("ogrinfo").args(["-ro", "-so", &source, view]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(told.contains("Geometry: Multi Polygon"), "{told}");
        assert!(told.contains(&format!("Feature Count: {count}\n")), "{told}");
        assert!(told.contains("4490"), "{told}");
    }
}

#[tokio::test]
async fn a_store_may_be_dropped_where_waiting_is_not_allowed() {
    let Some(cluster) = Cluster::shared() else { return };
    let address = cluster.database();
    let store = tokio::task::spawn_blocking(move || open(&address)).await.unwrap();
    let shared = Arc::clone(&store);
    let entered = tokio::task::spawn_blocking(move || shared.commit(&record(None), &figure("one")));
    assert_eq!(entered.await.unwrap().unwrap(), Revision(1));
    drop(store);
}
