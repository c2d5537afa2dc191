//! Deliveries through the web edge: files come in, are checked, published and taken back.

mod by_chance;
mod entered;
mod forms;
mod handed_back;
mod held;
mod published;
mod received;
mod reconciled;
mod report;
mod unlocated;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::support::story::{copy_of_demo, serve};
use crate::support::{Answer, Who, request, send};

/// The day on which deliveries of these tests become true.
const DAY: &str = "2023-06-01";

/// What stands between the parts of a form.
const BOUNDARY: &str = "seam";

/// A register of its own that takes deliveries.
struct Desk(Router);

impl Desk {
    fn open() -> Self {
        Self::of(Who::Clerk)
    }

    fn of(who: Who) -> Self {
        Self(serve(copy_of_demo(), who).1)
    }

    async fn get(&self, path: &str) -> Answer {
        send(&self.0, request("GET", path).body(Body::empty()).unwrap()).await
    }

    /// What is answered with 200 and JSON.
    async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    async fn post(&self, path: &str, document: &Value) -> Answer {
        let typed = request("POST", path).header("content-type", "application/json");
        send(&self.0, typed.body(Body::from(document.to_string())).unwrap()).await
    }

    async fn delete(&self, path: &str) -> Answer {
        send(&self.0, request("DELETE", path).body(Body::empty()).unwrap()).await
    }

    async fn upload(&self, sender: &str, name: &str, bytes: &[u8]) -> Answer {
        send(&self.0, upload(sender, name, bytes)).await
    }

    /// The number of a new delivery with these areas.
    async fn receive(&self, areas: &[Value]) -> u64 {
        let answer = self.upload("试验街道", "a.geojson", &collection(areas)).await;
        assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()["id"].as_u64().unwrap()
    }

    /// The report of a check with these settings, on [`DAY`] unless they say another one.
    async fn check(&self, id: u64, mut settings: Value) -> Value {
        if settings["effective"].is_null() {
            settings["effective"] = json!(DAY);
        }
        let answer = self.post(&format!("/api/deliveries/{id}/check"), &settings).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// The number of a new delivery with these areas, checked.
    async fn checked(&self, areas: &[Value]) -> u64 {
        let id = self.receive(areas).await;
        self.check(id, json!({})).await;
        id
    }

    async fn publish(&self, id: u64) -> Answer {
        self.post(&format!("/api/deliveries/{id}/publish"), &entering()).await
    }

    async fn undo(&self, id: u64) -> Answer {
        self.post(&format!("/api/deliveries/{id}/undo"), &entering()).await
    }

    async fn revision(&self) -> u64 {
        self.json("/api/register").await["revision"].as_u64().unwrap()
    }

    /// Everything that the register says of its areas, without what the file says of itself.
    async fn exported(&self) -> Value {
        let mut collection = self.json("/api/export?format=geojson").await;
        collection.as_object_mut().unwrap().remove("description").unwrap();
        collection
    }
}

/// The parts of a form: names, names of files, and what is in them.
fn form(parts: &[(&str, Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").bytes());
        body.extend_from_slice(content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

fn posted_form(body: Vec<u8>) -> Request<Body> {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    request("POST", "/api/deliveries").header("content-type", kind).body(Body::from(body)).unwrap()
}

fn upload(sender: &str, name: &str, bytes: &[u8]) -> Request<Body> {
    posted_form(form(&[("sender", None, sender.as_bytes()), ("file", Some(name), bytes)]))
}

fn collection(areas: &[Value]) -> Vec<u8> {
    json!({ "type": "FeatureCollection", "features": areas }).to_string().into_bytes()
}

/// The body under which a delivery is published or taken back.
fn entering() -> Value {
    json!({ "record": { "document": "试文1号", "authority": "试验区", "dated": DAY, "author": "甲某" } })
}

/// The first areas of the register as it exports them.
async fn areas(count: usize) -> Vec<Value> {
    static ALL: OnceCell<Vec<Value>> = OnceCell::const_new();
    let all = ALL.get_or_init(async || Desk::open().exported().await["features"].as_array().unwrap().clone()).await;
    all[..count].to_vec()
}

/// The first area with another name.
async fn renamed(name: &str) -> Value {
    let mut area = areas(1).await.remove(0);
    area["properties"]["name"] = json!(name);
    area
}

/// A new area, called as a formula is and with a formula for a year, that lies over areas of the register.
async fn formula() -> Value {
    let mut area = areas(1).await.remove(0);
    area["properties"] = json!({ "name": FORMULA, "street": area["properties"]["street"], "built_year": "=1+1" });
    for position in area["geometry"]["coordinates"][0].as_array_mut().unwrap() {
        position[0] = json!(position[0].as_f64().unwrap() + 0.0003);
        position[1] = json!(position[1].as_f64().unwrap() + 0.0003);
    }
    area
}

/// What a spreadsheet would run.
const FORMULA: &str = "=cmd|' /C calc'!A0";

fn code_of(area: &Value) -> &str {
    area["properties"]["code"].as_str().unwrap()
}

/// The problem's name, without its prefix.
fn kind_of(answer: &Answer) -> String {
    answer.json()["type"].as_str().unwrap().trim_start_matches("urn:onemap:problem:").to_owned()
}
