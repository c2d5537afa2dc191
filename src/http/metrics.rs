//! What is counted while the server runs, told in the text format of Prometheus.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use crate::app::App;
use crate::http::Site;

const REQUESTS: &str = "onemap_http_requests_total";
const DURATIONS: &str = "onemap_http_request_duration_seconds";

/// Upper bounds of the classes of durations, seconds. The last is the longest time for an answer.
const DURATION_BOUNDS_S: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1.0, 2.5, 10.0];

/// Durations are put into their classes after so many requests, so that they take no memory where nobody asks for them.
const UPKEEP_REQUESTS: u64 = 1_024;

/// Label of requests that no route takes.
const NO_ROUTE: &str = "none";

/// Counters of one server. Each server has its own, so that several in one process do not add up.
pub struct Metrics {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    since_upkeep: AtomicU64,
}

impl Metrics {
    /// Nothing counted yet.
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new().set_buckets(&DURATION_BOUNDS_S).expect("there are bounds");
        let recorder = builder.build_recorder();
        metrics::with_local_recorder(&recorder, describe);
        Self { handle: recorder.handle(), recorder, since_upkeep: AtomicU64::new(0) }
    }

    /// Everything, in the text format 0.0.4.
    pub fn tell(&self, app: &App) -> String {
        metrics::with_local_recorder(&self.recorder, || set_gauges(app));
        self.handle.render()
    }

    fn count(&self, route: String, method: &'static str, response: &Response, started: Instant) {
        let status = response.status().as_str().to_owned();
        metrics::with_local_recorder(&self.recorder, || {
            counter!(REQUESTS, "route" => route.clone(), "method" => method, "status" => status.clone()).increment(1);
            histogram!(DURATIONS, "route" => route, "method" => method, "status" => status).record(started.elapsed());
        });
        if self.since_upkeep.fetch_add(1, Ordering::Relaxed) % UPKEEP_REQUESTS == UPKEEP_REQUESTS - 1 {
            self.handle.run_upkeep();
        }
    }
}

fn describe() {
    describe_counter!(REQUESTS, "Requests answered, by route, method and status");
    describe_histogram!(DURATIONS, Unit::Seconds, "Time from the head of a request to the head of its answer");
    describe_gauge!("onemap_revision", "Revision that is served");
    describe_gauge!("onemap_areas", "Areas of the revision that is served");
    describe_gauge!("onemap_store_connected", "1 while the store answers, 0 while it does not");
    describe_gauge!("onemap_snapshot_age_seconds", Unit::Seconds, "Time since the snapshot was published");
    describe_gauge!("onemap_snapshot_delta_seconds", Unit::Seconds, "Time that the last change took to be published");
    describe_gauge!("onemap_past_snapshots", "Past states that are kept in memory");
    describe_gauge!("onemap_past_snapshot_bytes", Unit::Bytes, "Memory that they take, estimated");
    describe_counter!("onemap_records_total", "Records of the revision that is served");
}

fn set_gauges(app: &App) {
    let health = app.health();
    gauge!("onemap_store_connected").set(if health.store_lost_since.is_none() { 1.0 } else { 0.0 });
    if let Some(at) = health.published_at {
        gauge!("onemap_snapshot_age_seconds").set((Timestamp::now() - at).total(jiff::Unit::Second).unwrap_or(0.0));
    }
    if let Some(delta) = health.last_delta {
        gauge!("onemap_snapshot_delta_seconds").set(delta);
    }
    gauge!("onemap_past_snapshots").set(health.past_snapshots as f64);
    gauge!("onemap_past_snapshot_bytes").set(health.past_snapshot_bytes as f64);
    if let Ok(snapshot) = app.snapshot() {
        gauge!("onemap_revision").set(snapshot.revision().0 as f64);
        gauge!("onemap_areas").set(snapshot.area_count() as f64);
        counter!("onemap_records_total").absolute(snapshot.records().len() as u64);
    }
}

/// Counts every request by the template of its route, so that no code of an area becomes a label.
pub async fn count_requests(State(site): State<Site>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or_else(|| NO_ROUTE.to_owned(), |path| path.as_str().to_owned());
    let method = method_label(request.method().as_str());
    let response = next.run(request).await;
    site.metrics().count(route, method, &response, started);
    response
}

/// Clients may invent methods; only these become labels.
fn method_label(method: &str) -> &'static str {
    ["GET", "HEAD", "POST"].into_iter().find(|known| *known == method).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_servers_count_for_themselves() {
        let (one, other) = (Metrics::new(), Metrics::new());
        one.count("/x".to_owned(), "GET", &Response::default(), Instant::now());
        let line = "onemap_http_requests_total{route=\"/x\",method=\"GET\",status=\"200\"} 1";
        assert!(one.handle.render().contains(line), "{}", one.handle.render());
        assert!(!other.handle.render().contains("/x"));
    }

    #[test]
    fn a_method_that_was_made_up_is_no_label() {
        assert_eq!(method_label("GET"), "GET");
        assert_eq!(method_label("BREW"), "other");
    }
}
