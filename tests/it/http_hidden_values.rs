//! The values themselves that the public may not know: none stands in any answer, file or tile, whatever it is called there.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{Cursor, Read as _};

use axum::Router;
use axum::body::Body;
use flate2::read::GzDecoder;
use onemap::app::App;
use onemap::formats::FileFormat;
use serde_json::{Value, json};

use crate::http_hostile::filled;
use crate::support::{Who, demo_app, request, send};

/// Bytes by the end of a value that are looked up first.
const END: usize = 8;

/// Values that the public may not know, by their ends. Shorter ones, such as numbers and days, stand in many places rightly.
struct Hidden {
    by_end: HashMap<[u8; END], Vec<(&'static str, String)>>,
}

impl Hidden {
    fn of(app: &App) -> Self {
        let snapshot = app.snapshot().unwrap();
        let mut hidden = Self { by_end: HashMap::new() };
        for area in snapshot.areas() {
            hidden.add("address", area.attributes.address.as_deref());
            hidden.add("foreign code", area.attributes.foreign_codes.iter().map(|code| code.code.as_str()));
            for committee in area.committees.iter().flatten() {
                hidden.add("filing number", committee.filing_number.as_deref());
                hidden.add("committee", Some(committee.code.as_str()));
            }
        }
        hidden.add("credit code", snapshot.managers().iter().map(|manager| manager.uscc.as_str()));
        hidden.add("author", Some(snapshot.latest_record().author.as_str()));
        hidden
    }

    fn add<'a>(&mut self, what: &'static str, values: impl IntoIterator<Item = &'a str>) {
        for value in values {
            let Some(end) = value.as_bytes().last_chunk::<END>() else { continue };
            self.by_end.entry(*end).or_default().push((what, value.to_owned()));
        }
    }

    /// What they are, each once.
    fn kinds(&self) -> Vec<&'static str> {
        let kinds: BTreeSet<&str> = self.by_end.values().flatten().map(|(what, _)| *what).collect();
        kinds.into_iter().collect()
    }

    /// Those that stand in some bytes, by what they are, with one of each.
    fn found_in(&self, bytes: &[u8]) -> BTreeMap<&'static str, String> {
        let mut found = BTreeMap::new();
        for to in END..=bytes.len() {
            let Some(end) = bytes[..to].last_chunk::<END>() else { continue };
            for (what, value) in self.by_end.get(end).into_iter().flatten() {
                if bytes[..to].ends_with(value.as_bytes()) {
                    found.entry(*what).or_insert_with(|| value.clone());
                }
            }
        }
        found
    }
}

/// What was sent, unpacked; of an archive, what its members hold, too.
fn unpacked(body: Vec<u8>, encoding: &str) -> Vec<u8> {
    let mut bytes = body;
    if encoding == "gzip" {
        let packed = std::mem::take(&mut bytes);
        GzDecoder::new(&*packed).read_to_end(&mut bytes).unwrap();
    }
    if let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes.clone())) {
        for at in 0..archive.len() {
            archive.by_index(at).unwrap().read_to_end(&mut bytes).unwrap();
        }
    }
    bytes
}

/// Everything that may be asked for: every route, every page of every list, every file, the ledger of every street, and the tiles
/// of the whole district down to single buildings' size.
fn questions(app: &App) -> Vec<String> {
    let snapshot = app.snapshot().unwrap();
    let mut asked: Vec<String> = onemap::http::paths().into_iter().map(filled).collect();
    asked.extend(["areas", "streets", "managers"].map(|list| format!("/api/collections/{list}/items?limit=1000")));
    asked.push("/api/collections/areas/items?limit=1000&cursor=DEMO-LG-0001".to_owned());
    asked.extend(FileFormat::ALL.map(|format| format!("/api/export?format={}", format.key())));
    for rate in ["contracted_share", "quasi_share", "committee_coverage", "committee_count_ratio"] {
        asked.extend(
            ["numerator", "denominator", "missing"]
                .map(|part| format!("/api/rates/{rate}/areas?part={part}&limit=1000")),
        );
    }
    for street in snapshot.streets() {
        let code = street.code.as_str();
        asked.push(format!("/api/ledger?street={code}"));
        asked.push(format!("/api/search?limit=50&q={}", street.initials));
        asked.push(format!("/api/changes?since=1&street={code}"));
    }
    for area in snapshot.areas().step_by(29) {
        let at = snapshot.label(snapshot.area_position(&area.code).unwrap());
        asked.push(format!("/api/collections/areas/items/{}", area.code));
        asked.push(format!("/api/collections/areas/items/{}?datetime=2021-06-30", area.code));
        asked.push(format!("/api/areas/{}/history", area.code));
        asked.push(format!("/api/locate?lng={}&lat={}", at.x, at.y));
        asked.push(format!("/a/{}", area.code));
        let scale = f64::from(1_u32 << 16);
        let unit = onemap::crs::mercator::to_unit(at);
        asked.push(format!("/tiles/areas/16/{}/{}.mvt", (unit.x * scale) as u32, (unit.y * scale) as u32));
    }
    let bounds = snapshot.bounds();
    let (min, max) = (onemap::crs::mercator::to_unit(bounds.min()), onemap::crs::mercator::to_unit(bounds.max()));
    for zoom in [9, 11, 13] {
        let scale = f64::from(1_u32 << zoom);
        for x in (min.x * scale) as u32..=(max.x * scale) as u32 {
            for y in (max.y * scale) as u32..=(min.y * scale) as u32 {
                asked.extend(["areas", "streets"].map(|layer| format!("/tiles/{layer}/{zoom}/{x}/{y}.mvt")));
            }
        }
    }
    asked
}

/// What of it stands in the answers to somebody, and where one of each was seen.
async fn told(router: &Router, hidden: &Hidden, asked: &[String]) -> BTreeMap<&'static str, String> {
    let mut told = BTreeMap::new();
    for path in asked {
        let answer = send(router, request("GET", path).body(Body::empty()).unwrap()).await;
        let encoding = answer.header("content-encoding").to_owned();
        for (what, value) in hidden.found_in(&unpacked(answer.body, &encoding)) {
            told.entry(what).or_insert_with(|| format!("{value} in {path}"));
        }
    }
    told
}

#[tokio::test]
async fn no_hidden_value_stands_in_any_answer_to_the_public() {
    let app = &demo_app(Who::Nobody).0;
    let hidden = Hidden::of(app);
    let asked = questions(app);
    let public = told(&demo_app(Who::Nobody).1, &hidden, &asked).await;
    assert!(public.is_empty(), "{public:?}");
    // The same questions tell the district all of them.
    let district = told(&demo_app(Who::District).1, &hidden, &asked[..asked.len() / 4]).await;
    let kinds: Vec<&str> = district.into_keys().collect();
    assert_eq!(kinds, hidden.kinds());
    assert!(kinds.len() >= 5, "{kinds:?}");
}

#[tokio::test]
async fn the_ledger_as_a_file_holds_no_hidden_value_for_the_public() {
    let app = &demo_app(Who::Nobody).0;
    let hidden = Hidden::of(app);
    let snapshot = app.snapshot().unwrap();
    let codes: Vec<&str> = snapshot.areas().map(|area| area.code.as_str()).collect();
    for format in ["csv", "xlsx"] {
        for who in [Who::Nobody, Who::District] {
            let router = &demo_app(who).1;
            let view = send(router, request("GET", "/api/ledger").body(Body::empty()).unwrap()).await.json();
            let columns: Vec<&Value> = view["columns"].as_array().unwrap().iter().map(|one| &one["key"]).collect();
            let body = json!({ "format": format, "columns": columns, "codes": codes }).to_string();
            let post = request("POST", "/api/ledger/export").header("content-type", "application/json");
            let answer = send(router, post.body(Body::from(body)).unwrap()).await;
            assert_eq!(answer.status, 200, "{format}: {}", String::from_utf8_lossy(&answer.body));
            let found = hidden.found_in(&unpacked(answer.body, ""));
            assert_eq!(found.is_empty(), who == Who::Nobody, "{format} {who:?}: {found:?}");
        }
    }
}
