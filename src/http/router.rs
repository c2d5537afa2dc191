//! The one list of routes, and the layers around them.

use std::convert::Infallible;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::uri::Authority;
use axum::http::{StatusCode, Version, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, patch, post, put};
use tower::ServiceBuilder;
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;

use crate::http::{
    Problem, Site, accounts, answers, areas, assets, audit, cache, changes, client, completeness, cors, deliveries,
    due, export, feed, findings, headers, health, history, identify, ledger, limits, locate, manager_gaps, managers,
    metrics, openapi, places, problem, rate_lists, rates, reconciliation, record_entry, records, register, report,
    reports, search, session, sign_on, slow, street_summary, streets, themes, tiles, tokens,
};

/// Longest time for one answer.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest time for an answer about a delivery: its bytes may come over a slow line, and its check takes all cores.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(300);

/// Paths besides those of deliveries whose answers may take as long: files of all areas, counts of up to 120 months, and what
/// another server is asked about.
const SLOW: [&str; 6] = [
    "/api/export",
    "/api/ledger/export",
    "/api/rates/series",
    "/api/completeness",
    "/api/session/sso",
    "/api/session/sso/return",
];

/// Most bytes of a request's body, where nothing else is said.
pub const BODY_LIMIT: usize = 16 * 1024;

/// Most bytes of a document that changes areas: a hundred boundaries of many thousand positions.
pub const CHANGE_LIMIT: usize = 8 * 1024 * 1024;

/// Most bytes of a selection: the codes of some forty thousand areas, and whoever wants all of them names none.
const SELECTION_LIMIT: usize = 1024 * 1024;

/// A question that is posted because it has no room in an address; it changes nothing.
const SELECTION: &str = "/api/ledger/export";

/// What every handler that changes the register stands behind: no other site may make a browser ask for a change.
fn changing(handlers: MethodRouter<Site>) -> MethodRouter<Site> {
    changing_within(CHANGE_LIMIT, handlers)
}

/// The same with another limit of the body.
fn changing_within(limit: usize, handlers: MethodRouter<Site>) -> MethodRouter<Site> {
    let refusal = |_: ProtectionError| {
        Problem::new(StatusCode::FORBIDDEN, "cross-site", "a page of another site asks for this change").into_response()
    };
    let same_site = CsrfLayer::new().with_rejection_response(refusal);
    handlers.layer::<_, Infallible>(same_site).layer(DefaultBodyLimit::max(limit))
}

/// Paths by which others see whether the server lives: they ask under any name.
const WATCHED: [&str; 2] = ["/healthz", "/readyz"];

/// Every route with its handlers. Those of GET answer HEAD too.
fn routes() -> Vec<(&'static str, MethodRouter<Site>)> {
    vec![
        ("/", get(assets::show_page)),
        ("/a/{code}", get(assets::show_page)),
        ("/s/{street}", get(assets::show_page)),
        ("/at/{point}", get(assets::show_page)),
        ("/deliveries", get(assets::show_deliveries)),
        ("/deliveries/{id}", get(assets::show_deliveries)),
        ("/reconcile", get(assets::show_reconcile)),
        ("/ledger", get(assets::show_desk)),
        ("/rates", get(assets::show_desk)),
        ("/due", get(assets::show_internal_desk)),
        ("/completeness", get(assets::show_internal_desk)),
        ("/managers", get(assets::show_internal_desk)),
        ("/managers/{uscc}", get(assets::show_internal_desk)),
        ("/sign-in", get(assets::show_access)),
        ("/account", get(assets::show_access)),
        ("/accounts", get(assets::show_access)),
        ("/audit", get(assets::show_access)),
        ("/reports", get(assets::show_access)),
        ("/r/{number}", get(assets::show_access)),
        ("/assets/{*path}", get(assets::show_asset)),
        ("/api/openapi.json", get(openapi::show_openapi)),
        ("/api/register", get(register::show_register)),
        (
            "/api/session",
            get(session::show_session)
                .merge(changing_within(BODY_LIMIT, post(session::create_session).delete(session::end_session))),
        ),
        ("/api/session/password", changing_within(BODY_LIMIT, put(session::change_password))),
        ("/api/session/sso", get(sign_on::begin_sign_on)),
        ("/api/session/sso/return", get(sign_on::finish_sign_on)),
        (
            "/api/accounts",
            get(accounts::list_accounts).merge(changing_within(BODY_LIMIT, post(accounts::create_account))),
        ),
        (
            "/api/accounts/{name}",
            get(accounts::show_account).merge(changing_within(BODY_LIMIT, patch(accounts::change_account))),
        ),
        ("/api/tokens", get(tokens::list_tokens).merge(changing_within(BODY_LIMIT, post(tokens::create_token)))),
        ("/api/tokens/{id}", changing_within(BODY_LIMIT, delete(tokens::remove_token))),
        ("/api/reports", get(reports::list_reports).merge(changing_within(BODY_LIMIT, post(reports::create_report)))),
        (
            "/api/reports/{number}",
            get(reports::show_report).merge(changing_within(BODY_LIMIT, patch(reports::answer_report))),
        ),
        ("/api/audit", get(audit::list_entries)),
        ("/api/areas/{code}/audit", get(audit::list_area_entries)),
        ("/api/collections/areas/items", get(areas::list_areas)),
        ("/api/collections/areas/items/{code}", get(areas::show_area)),
        ("/api/collections/streets/items", get(streets::list_streets)),
        ("/api/collections/streets/items/{code}", get(streets::show_street)),
        ("/api/collections/managers/items", get(managers::list_managers)),
        ("/api/collections/managers/items/{code}", get(managers::show_manager)),
        ("/api/locate", get(locate::locate)),
        ("/api/search", get(search::search)),
        ("/api/themes", get(themes::list_themes)),
        ("/api/themes/{id}", get(themes::show_theme)),
        ("/api/rates", get(rates::list_rates)),
        ("/api/rates/ranking", get(rate_lists::show_ranking)),
        ("/api/rates/series", get(rate_lists::show_series)),
        ("/api/rates/{id}/areas", get(rate_lists::list_members)),
        ("/api/due", get(due::list_due)),
        ("/api/findings", get(findings::list_findings)),
        ("/api/streets/{code}/summary", get(street_summary::show_summary)),
        ("/api/managers/gaps", get(manager_gaps::list_gaps)),
        ("/api/completeness", get(completeness::show_completeness)),
        ("/api/report", get(report::show_report)),
        ("/api/ledger", get(ledger::show_ledger)),
        (SELECTION, post(ledger::export_selection).layer::<_, Infallible>(DefaultBodyLimit::max(SELECTION_LIMIT))),
        ("/api/records", get(records::list_records).merge(changing(post(record_entry::create_record)))),
        ("/api/records/{id}", get(records::show_record)),
        ("/api/areas/{code}/history", get(history::show_history)),
        ("/api/areas/{code}/lineage", get(history::show_lineage)),
        (
            "/api/deliveries",
            get(deliveries::list_deliveries)
                .merge(changing_within(deliveries::UPLOAD_LIMIT, post(deliveries::create_delivery))),
        ),
        ("/api/deliveries/{id}", get(deliveries::show_delivery)),
        ("/api/deliveries/{id}/check", changing(post(deliveries::check_delivery))),
        ("/api/deliveries/{id}/report", get(deliveries::show_report)),
        ("/api/deliveries/{id}/findings", get(deliveries::list_findings)),
        ("/api/deliveries/{id}/rows", get(deliveries::list_rows)),
        ("/api/deliveries/{id}/publish", changing(post(deliveries::publish_delivery))),
        ("/api/deliveries/{id}/undo", changing(post(deliveries::undo_delivery))),
        (
            "/api/deliveries/{id}/reconciliation",
            get(reconciliation::show_reconciliation).merge(changing(post(reconciliation::run_reconciliation))),
        ),
        ("/api/deliveries/{id}/reconciliation/cases", get(reconciliation::list_cases)),
        ("/api/deliveries/{id}/reconciliation/cases/{key}", get(reconciliation::show_case)),
        ("/api/deliveries/{id}/reconciliation/publish", changing(post(reconciliation::publish_reconciliation))),
        ("/api/deliveries/{id}/preview", get(reconciliation::show_preview)),
        ("/api/deliveries/{id}/handback", get(reconciliation::show_handback)),
        ("/api/deliveries/{id}/decisions", changing(post(reconciliation::decide))),
        ("/api/deliveries/{id}/decisions/undo", changing(post(reconciliation::undo_decision))),
        ("/api/deliveries/{id}/owners", changing(post(reconciliation::give_street))),
        ("/api/deliveries/{id}/tasks", changing(post(reconciliation::answer_task))),
        ("/api/deliveries/{id}/files/{number}", get(deliveries::show_file)),
        ("/api/issue-types", get(deliveries::list_issue_types)),
        ("/api/exceptions", get(deliveries::list_exceptions).merge(changing(post(deliveries::create_exception)))),
        ("/api/exceptions/{id}", changing(delete(deliveries::withdraw_exception))),
        ("/api/export", get(export::export)),
        ("/api/changes", get(changes::list_changes)),
        ("/api/changes.atom", get(feed::show_feed)),
        ("/tiles/{file}", get(tiles::show_tilejson)),
        ("/tiles/{layer}/{z}/{x}/{y}", get(tiles::show_tile)),
        ("/healthz", get(health::show_health)),
        ("/readyz", get(health::show_readiness)),
        ("/metrics", get(health::show_metrics)),
    ]
}

/// Every path that is routed, for the table of routes and roles that the tests hold against it.
pub fn paths() -> Vec<&'static str> {
    routes().into_iter().map(|(path, _)| path).collect()
}

/// The whole web edge as one service.
pub fn router(site: Site) -> Router {
    let router = routes().into_iter().fold(Router::new(), |router, (path, handlers)| router.route(path, handlers));
    guarded(router, site)
}

/// Routes with everything around them.
fn guarded(router: Router<Site>, site: Site) -> Router {
    let request_id = client::REQUEST_ID;
    let trace = TraceLayer::new_for_http()
        .make_span_with(|request: &Request| {
            let id = request.headers().get(client::REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
            tracing::info_span!("request", method = %request.method(), path = logged(request.uri().path()), id)
        })
        .on_response(DefaultOnResponse::new().level(Level::DEBUG))
        // A problem document is logged where it is made; the layer's own line would say it twice.
        .on_failure(());
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(site.clone(), metrics::count_requests))
        .layer(from_fn_with_state(site.clone(), client::identify))
        .layer(SetRequestIdLayer::new(request_id.clone(), MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(request_id))
        .layer(trace)
        .layer(from_fn_with_state(site.clone(), headers::guard))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(option_layer(cors::layer(&site.settings().edge.readers)))
        .layer(from_fn(problem::dress_errors))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            tracing::error!("a handler panicked");
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "the server could not answer").into_response()
        }))
        .layer(from_fn_with_state(site.clone(), answers::count_answers))
        .layer(from_fn_with_state(site.clone(), limits::limit_rates))
        .layer(from_fn(limit_time))
        .layer(from_fn_with_state(site.clone(), places::limit_load))
        .layer(from_fn(slow::limit_body_time))
        .layer(from_fn_with_state(site.clone(), check_host))
        .layer(from_fn(cache::conditional))
        .layer(from_fn_with_state(site.clone(), identify::identify))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    router
        .fallback(|request: Request| async move {
            Problem::not_found(format!("there is nothing at {}", request.uri().path()))
        })
        .with_state(site)
        .layer(layers)
}

/// A path as it is logged, without its query: of a position somebody asked about, and of a report by its number, no more than
/// that one was asked for.
fn logged(path: &str) -> &str {
    let hides = ["/at/", "/r/", "/api/reports/"].into_iter().find(|beginning| path.starts_with(beginning));
    hides.unwrap_or(path)
}

/// Ends a request that takes too long. What it set to work on a thread of its own goes on to its end.
async fn limit_time(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let slow = path.starts_with("/api/deliveries") || SLOW.contains(&path);
    let longest = if slow { DELIVERY_TIMEOUT } else { REQUEST_TIMEOUT };
    match tokio::time::timeout(longest, next.run(request)).await {
        Ok(response) => response,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// A request of HTTP/1.1 has exactly one Host (RFC 9112, 3.2), and names a host that is this server's, unless it only asks
/// whether the server lives.
///
/// A page of another site whose name is made to lead to this server's address (DNS rebinding) would look like a page of this
/// one, but for the name: it could read what only those inside may see, and change what they may change.
async fn check_host(State(site): State<Site>, request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if request.version() == Version::HTTP_11 && hosts != 1 {
        return Problem::new(
            StatusCode::BAD_REQUEST,
            "bad-host",
            format!("a request must carry exactly one Host header, this one carries {hosts}"),
        )
        .into_response();
    }
    if !WATCHED.contains(&request.uri().path()) {
        let told = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let host = told.or(request.uri().authority().map(Authority::as_str)).unwrap_or_default();
        if !is_own_host(host, &site.settings().hosts) {
            let detail = "this server answers under its addresses, localhost and the names that the setting hosts lists, and the Host is none of them";
            return Problem::new(StatusCode::FORBIDDEN, "host-not-allowed", detail).into_response();
        }
    }
    next.run(request).await
}

/// Whether a Host, with or without a port, is an address, `localhost` or one of these names.
fn is_own_host(host: &str, names: &[String]) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host();
    let v6 = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    name.parse::<Ipv4Addr>().is_ok()
        || v6.is_some_and(|v6| v6.parse::<Ipv6Addr>().is_ok())
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|own| name.eq_ignore_ascii_case(own))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Body;
    use tower::ServiceExt as _;

    use super::*;
    use crate::app::App;
    use crate::http::Settings;
    use crate::http::site::work;
    use crate::store::memory::Memory;

    #[test]
    fn the_log_tells_no_position_that_somebody_asked_about() {
        assert_eq!(logged("/at/116.46,39.92"), "/at/");
        assert_eq!(logged("/r/R-2026-000001"), "/r/");
        assert_eq!(logged("/api/locate"), "/api/locate");
    }

    #[test]
    fn addresses_localhost_and_the_configured_names_are_own_hosts() {
        let names = ["map.example".to_owned()];
        for own in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "[::1]:8080",
            "10.1.2.3",
            "localhost:1",
            "LocalHost",
            "map.example",
            "Map.Example:80",
        ] {
            assert!(is_own_host(own, &names), "{own}");
        }
        for other in ["", "evil.example", "127.0.0.1.evil.example", "a.map.example", "map.example.evil", "[::1", "a b"]
        {
            assert!(!is_own_host(other, &names), "{other}");
        }
        assert!(!is_own_host("map.example", &[]));
    }

    /// Breaks while it answers, with a word that nobody outside may read.
    async fn break_down() -> Response {
        panic!("geheim")
    }

    /// Breaks on a thread of its own.
    async fn break_down_elsewhere() -> Result<Response, Problem> {
        work(|| panic!("geheim")).await
    }

    #[tokio::test]
    async fn a_handler_that_panics_is_a_problem_of_its_request_alone() {
        let site = Site::new(App::new(Arc::new(Memory::new())), Settings::default());
        let routes = Router::new()
            .route("/broken", get(break_down))
            .route("/broken-elsewhere", get(break_down_elsewhere))
            .route("/healthz", get(health::show_health));
        let app = guarded(routes, site);
        let ask = async |path: &str| {
            let request = Request::builder().uri(path).header("host", "localhost").body(Body::empty()).unwrap();
            let answer = app.clone().oneshot(request).await.unwrap();
            let (status, kind) = (answer.status(), answer.headers().get(header::CONTENT_TYPE).cloned().unwrap());
            let body = axum::body::to_bytes(answer.into_body(), BODY_LIMIT).await.unwrap();
            (status, kind, String::from_utf8(body.to_vec()).unwrap())
        };
        for path in ["/broken", "/broken-elsewhere"] {
            let (status, kind, body) = ask(path).await;
            assert_eq!(
                (status, kind.as_bytes()),
                (StatusCode::INTERNAL_SERVER_ERROR, problem::PROBLEM_JSON.as_bytes())
            );
            assert!(!body.contains("geheim") && !body.contains(".rs"), "{body}");
        }
        assert_eq!(ask("/healthz").await.0, StatusCode::OK);
    }
}
