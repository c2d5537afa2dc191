//! Bytes come in, are kept as they are, or are refused.

use std::io::{Cursor, Write as _};

use axum::body::Body;
use onemap::http::UPLOAD_LIMIT;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::http_deliveries::{Desk, areas, collection, entering, form, formula, kind_of, posted_form, renamed, upload};
use crate::support::{Who, assert_problem, request, send};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn zipped(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

fn kml(doctype: &str, name: &str) -> Vec<u8> {
    let ring = "116.45,39.92 116.46,39.92 116.46,39.93 116.45,39.92";
    format!(
        "<?xml version=\"1.0\"?>{doctype}<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document><Placemark>\
         <name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing>\
         </outerBoundaryIs></Polygon></Placemark></Document></kml>"
    )
    .into_bytes()
}

#[tokio::test]
async fn the_same_bytes_are_received_once() {
    let desk = Desk::open();
    let bytes = collection(&areas(2).await);
    let first = desk.upload("试验街道", "a.geojson", &bytes).await;
    assert_eq!((first.status.as_u16(), first.header("location")), (201, "/api/deliveries/1"));
    let told = first.json();
    let digest = Sha256::digest(&bytes);
    assert_eq!(
        told["files"],
        json!([{ "name": "a.geojson", "bytes": bytes.len(), "digest": hex(&digest) }]),
        "the file is told with its digest"
    );
    assert_eq!(told["digest"], json!(hex(&Sha256::digest(digest))));
    assert_eq!(
        (&told["new"], &told["sender"], &told["state"], &told["revision"]),
        (&json!(true), &json!("试验街道"), &json!("received"), &Value::Null)
    );
    // Under another name and from somebody else they are the same bytes.
    let again = desk.upload("别的街道", "b.geojson", &bytes).await;
    assert_eq!((again.status.as_u16(), again.header("location")), (200, ""));
    assert_eq!((&again.json()["new"], &again.json()["id"]), (&json!(false), &json!(1)));
    assert_eq!(again.json()["received_at"], told["received_at"]);
    let list = desk.json("/api/deliveries").await;
    assert_eq!(list["deliveries"].as_array().unwrap().len(), 1);
    assert_eq!(desk.revision().await, 1, "receiving changes nothing of the register");
}

#[tokio::test]
async fn deliveries_are_listed_newest_first_page_by_page() {
    let desk = Desk::open();
    for name in ["甲", "乙", "丙"] {
        desk.receive(&[renamed(name).await]).await;
    }
    let (mut ids, mut next) = (Vec::new(), Some("/api/deliveries?limit=2".to_owned()));
    while let Some(path) = next {
        let page = desk.json(&path).await;
        ids.extend(page["deliveries"].as_array().unwrap().iter().map(|delivery| delivery["id"].as_u64().unwrap()));
        let links = page["links"].as_array().unwrap();
        next = links.iter().find(|link| link["rel"] == "next").map(|link| link["href"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids, [3, 2, 1]);
}

#[tokio::test]
async fn a_file_is_handed_back_byte_for_byte_under_a_harmless_name() {
    let desk = Desk::open();
    for (number, (sent, kept, told)) in [
        ("a.geojson", "a.geojson", "a.geojson"),
        ("../../x.geojson", "x.geojson", "x.geojson"),
        ("/etc/passwd.geojson", "passwd.geojson", "passwd.geojson"),
        ("..\\\\folder\\\\y.geojson", "y.geojson", "y.geojson"),
        ("枣营%0d%0aX: y.geojson", "枣营%0d%0aX: y.geojson", "%E6%9E%A3%E8%90%A5%250d%250aX%3A%20y.geojson"),
        ("<b>+&'.geojson", "<b>+&'.geojson", "%3Cb%3E%2B%26%27.geojson"),
    ]
    .into_iter()
    .enumerate()
    {
        let bytes = collection(&[renamed(&format!("第{number}里(演示)")).await]);
        let answer = desk.upload("试验街道", sent, &bytes).await;
        assert_eq!(answer.status, 201, "{sent}: {}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.json()["files"][0]["name"], kept, "{sent}");
        let file = desk.get(&format!("/api/deliveries/{}/files/1", number + 1)).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/octet-stream"));
        assert_eq!(file.header("content-disposition"), format!("attachment; filename*=UTF-8''{told}"), "{sent}");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.body == bytes, "{sent}: other bytes came back");
    }
    for name in ["a\tb.geojson", "a\u{1}b.geojson", "a\u{85}b.geojson", "../", "", &"长".repeat(201)] {
        let answer = desk.upload("试验街道", name, &collection(&[renamed("控制里(演示)").await])).await;
        assert_problem(&answer, 400, &format!("{name:?}"));
    }
    assert_eq!(desk.json("/api/deliveries").await["deliveries"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn files_of_one_delivery_are_numbered_from_one() {
    let desk = Desk::open();
    let files = [collection(&[renamed("甲里(演示)").await]), collection(&[formula().await])];
    let parts =
        [("sender", None, &b"X"[..]), ("file", Some("a.geojson"), &files[0]), ("note", None, "补报".as_bytes())];
    let body = form(&[&parts[..], &[("file", Some("b.geojson"), &files[1][..])]].concat());
    let told = send(&desk.0, posted_form(body)).await.json();
    assert_eq!((&told["note"], told["files"].as_array().unwrap().len()), (&json!("补报"), 2));
    for (at, bytes) in files.iter().enumerate() {
        assert!(desk.get(&format!("/api/deliveries/1/files/{}", at + 1)).await.body == *bytes);
    }
    for missing in ["0", "3", "-1", "x"] {
        assert_problem(&desk.get(&format!("/api/deliveries/1/files/{missing}")).await, 404, missing);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_with_the_place_and_not_kept() {
    let desk = Desk::open();
    let good = collection(&areas(2).await);
    let archive = zipped("a.geojson", &good);
    let bomb = zipped("a.csv", &vec![b'0'; 32 << 20]);
    let laughs = "<!DOCTYPE k [<!ENTITY a \"haha\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]>";
    let outside = "<!DOCTYPE k [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>";
    for (name, bytes, status, kind, words) in [
        ("cut.geojson", good[..good.len() - 40].to_vec(), 400, "unreadable", "cut.geojson (line 1)"),
        ("cut.zip", archive[..archive.len() - 30].to_vec(), 400, "unreadable", "cut.zip"),
        ("rubbish.zip", b"PK\x03\x04rubbish".to_vec(), 400, "unreadable", "rubbish.zip"),
        ("empty.geojson", Vec::new(), 400, "unreadable", "empty.geojson"),
        ("laughs.kml", kml(laughs, "&c;"), 400, "unreadable", "laughs.kml"),
        ("outside.kml", kml(outside, "&x;"), 400, "unreadable", "outside.kml"),
        ("plan.dwg", b"AC1032\0\0\0\0\0\0".to_vec(), 415, "unsupported-format", "DWG"),
        ("plan.pdf", b"%PDF-1.7\n".to_vec(), 415, "unsupported-format", "PDF"),
        ("plan.bin", b"\0\x01\x02\x03".to_vec(), 415, "unsupported-format", "not known"),
        ("bomb.zip", bomb, 413, "too-large", "exceeds the limit"),
    ] {
        let answer = desk.upload("试验街道", name, &bytes).await;
        assert_problem(&answer, status, name);
        assert_eq!(kind_of(&answer), kind, "{name}");
        let told = answer.json();
        assert!(told["detail"].as_str().unwrap().contains(words), "{name}: {told}");
        let place = told["place"].as_str();
        assert_eq!(place.is_some_and(|place| place.contains(words)), status == 400, "{name}: {told}");
    }
    assert_eq!(desk.json("/api/deliveries").await["deliveries"], json!([]), "nothing was kept");
    assert_eq!(
        desk.upload("试验街道", "good.kml", &kml("", "枣营北里")).await.status,
        201,
        "the same without entities"
    );
}

#[tokio::test]
async fn a_body_above_the_limit_is_refused() {
    let answer = Desk::open().upload("试验街道", "a.geojson", &vec![b' '; UPLOAD_LIMIT]).await;
    assert_problem(&answer, 413, "too long");
    assert_eq!(kind_of(&answer), "too-large");
}

#[tokio::test]
async fn only_forms_with_known_parts_are_taken() {
    let desk = Desk::open();
    let file = collection(&areas(1).await);
    let (sender, named) = (("sender", None, &b"X"[..]), ("file", Some("a.geojson"), &file[..]));
    let long = "长".repeat(65);
    for (what, parts) in [
        ("no sender", vec![named]),
        ("an empty sender", vec![("sender", None, &b" "[..]), named]),
        ("a long sender", vec![("sender", None, long.as_bytes()), named]),
        ("a sender with control characters", vec![("sender", None, &b"a\x02b"[..]), named]),
        ("no file", vec![sender]),
        ("a file without a name", vec![sender, ("file", None, &file[..])]),
        ("an unknown part", vec![sender, named, ("colour", None, &b"red"[..])]),
    ] {
        assert_problem(&send(&desk.0, posted_form(form(&parts))).await, 400, what);
    }
    let mut broken = form(&[sender, named]);
    broken.truncate(broken.len() - 20);
    assert_problem(&send(&desk.0, posted_form(broken)).await, 400, "a form that breaks off");
    let typed =
        |kind: &str| request("POST", "/api/deliveries").header("content-type", kind).body(Body::from("x")).unwrap();
    for (kind, status) in [("application/json", 415), ("application/geo+json", 415), ("multipart/form-data", 400)] {
        assert_problem(&send(&desk.0, typed(kind)).await, status, kind);
    }
    assert_problem(
        &send(&desk.0, request("POST", "/api/deliveries").body(Body::empty()).unwrap()).await,
        415,
        "no type",
    );
    let id = desk.receive(&areas(1).await).await;
    assert_eq!(id, 1, "nothing was kept of what was refused");
    for work in ["check", "publish", "undo"] {
        for kind in ["text/plain", "multipart/form-data", ""] {
            let path = format!("/api/deliveries/{id}/{work}");
            let sent = request("POST", &path).header("content-type", kind).body(Body::from("{}")).unwrap();
            assert_problem(&send(&desk.0, sent).await, 415, &format!("{work} {kind}"));
        }
    }
}

/// Everything that changes something, with a body that would be read.
async fn changes() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("POST", "/api/deliveries/1/check", json!({})),
        ("POST", "/api/deliveries/1/publish", entering()),
        ("POST", "/api/deliveries/1/undo", entering()),
        ("POST", "/api/exceptions", json!({})),
        ("DELETE", "/api/exceptions/1", json!({})),
    ]
}

#[tokio::test]
async fn nothing_is_taken_from_whoever_may_not_deliver_or_from_another_site() {
    let (off, public, desk) = (Desk::of(Who::Auditor), Desk::of(Who::Nobody), Desk::open());
    let file = collection(&areas(1).await);
    assert_problem(&off.upload("X", "a.geojson", &file).await, 403, "an auditor");
    assert_problem(&public.upload("X", "a.geojson", &file).await, 401, "the public");
    let mut foreign = upload("X", "a.geojson", &file);
    foreign.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    let refused = send(&desk.0, foreign).await;
    assert_problem(&refused, 403, "a form of another site");
    assert_eq!(kind_of(&refused), "cross-site");
    for (method, path, body) in changes().await {
        let sent = |site: &str| {
            let typed = request(method, path).header("content-type", "application/json").header("sec-fetch-site", site);
            typed.body(Body::from(body.to_string())).unwrap()
        };
        let refused = send(&off.0, sent("same-origin")).await;
        assert_problem(&refused, 403, path);
        assert_eq!(kind_of(&refused), "not-allowed", "{path}");
        assert_problem(&send(&public.0, sent("same-origin")).await, 401, path);
        let refused = send(&desk.0, sent("cross-site")).await;
        assert_problem(&refused, 403, path);
        assert_eq!(kind_of(&refused), "cross-site", "{path}");
    }
    assert_eq!(off.json("/api/deliveries").await["deliveries"], json!([]), "reading is not delivering");
    for path in
        ["/api/deliveries", "/api/deliveries/1", "/api/deliveries/1/report", "/api/issue-types", "/api/exceptions"]
    {
        assert_problem(&public.get(path).await, 401, path);
    }
}

#[tokio::test]
async fn what_was_never_delivered_is_404() {
    let desk = Desk::open();
    desk.receive(&areas(1).await).await;
    for id in ["0", "2", "01", "x", "-1", "4294967297"] {
        for part in ["", "/report", "/findings", "/rows", "/files/1"] {
            let path = format!("/api/deliveries/{id}{part}");
            assert_problem(&desk.get(&path).await, 404, &path);
        }
        for (work, body) in [("check", json!({})), ("publish", entering()), ("undo", entering())] {
            let path = format!("/api/deliveries/{id}/{work}");
            assert_problem(&desk.post(&path, &body).await, 404, &path);
        }
    }
    for id in ["1", "x", "0"] {
        assert_problem(&desk.delete(&format!("/api/exceptions/{id}")).await, 404, id);
    }
}
