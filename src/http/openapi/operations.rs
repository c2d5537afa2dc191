//! What can be done, one entry an operation.

use crate::http::openapi::Answer::{self, Collection, Feature, Media, Nothing, Object};

/// Members of a reconciliation in figures.
const RECONCILIATION: &[&str] =
    &["delivery", "revision", "current", "ours", "theirs", "classes", "sum", "states", "open_tasks", "bulk"];

/// One method of one path.
pub(super) struct Operation {
    /// The method, in lower case.
    pub method: &'static str,
    /// The path as it is routed.
    pub path: &'static str,
    /// Its name.
    pub id: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Keys of the parameters of its query.
    pub query: &'static [&'static str],
    /// The shape of its body, if it has one.
    pub body: Option<&'static str>,
    /// Answers other than problems.
    pub answers: &'static [(u16, Answer)],
}

const fn get(path: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation { method: "get", path, id, summary, query: &[], body: None, answers: &[] }
}

impl Operation {
    const fn by(self, method: &'static str) -> Self {
        Self { method, ..self }
    }

    const fn asks(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }

    const fn takes(self, body: &'static str) -> Self {
        Self { body: Some(body), ..self }
    }

    const fn answers(self, answers: &'static [(u16, Answer)]) -> Self {
        Self { answers, ..self }
    }
}

const CLOCKS: &[&str] = &["datetime", "known"];
const SCOPE: &[&str] = &["datetime", "known", "street"];
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Every operation under `/api` and `/tiles`, and those about the server itself.
pub(super) const OPERATIONS: &[Operation] = &[
    get("/api/openapi.json", "show_openapi", "This document.")
        .answers(&[(200, Media("application/vnd.oai.openapi+json;version=3.0"))]),
    get("/api/register", "show_register", "What this register is; the page asks it first.").asks(CLOCKS).answers(&[(
        200,
        Object(&["title", "revision", "version", "as_of", "data_date", "areas", "streets", "limits"]),
    )]),
    get("/api/session", "show_session", "Who asks, and what they may do.").answers(&[(
        200,
        Object(&["role", "name", "display_name", "streets", "expires_at", "actions", "map", "single_sign_on"]),
    )]),
    get("/api/session", "create_session", "Signs in.")
        .by("post")
        .takes("SignIn")
        .answers(&[(200, Object(&["role", "name", "actions"]))]),
    get("/api/session", "end_session", "Signs out, here or everywhere.")
        .by("delete")
        .asks(&["everywhere", "tokens"])
        .answers(&[(204, Nothing)]),
    get("/api/session/password", "change_password", "Another password for whoever asks.")
        .by("put")
        .takes("NewPassword")
        .answers(&[(204, Nothing)]),
    get(
        "/api/session/sso",
        "begin_sign_on",
        "Sends a browser to the provider of the single sign-on, and in the end to `next`.",
    )
    .asks(&["next"])
    .answers(&[(303, Nothing)]),
    get(
        "/api/session/sso/return",
        "finish_sign_on",
        "Takes a browser back from the provider, which adds the parameters.",
    )
    .asks(&["code", "provider_state", "provider_error"])
    .answers(&[(303, Nothing)]),
    get("/api/accounts", "list_accounts", "All accounts.").answers(&[(200, Object(&["accounts"]))]),
    get("/api/accounts", "create_account", "A new account.")
        .by("post")
        .takes("NewAccount")
        .answers(&[(201, Object(&["name", "role"]))]),
    get("/api/accounts/{name}", "show_account", "One account.").answers(&[(200, Object(&["name", "role"]))]),
    get("/api/accounts/{name}", "change_account", "Changes an account; needs If-Match.")
        .by("patch")
        .takes("AccountChange")
        .answers(&[(200, Object(&["name", "role"]))]),
    get("/api/tokens", "list_tokens", "One's own tokens; for administrators those of others.")
        .asks(&["owner", "everybody"])
        .answers(&[(200, Object(&["tokens"]))]),
    get("/api/tokens", "create_token", "A new token; its secret is told once.")
        .by("post")
        .takes("NewToken")
        .answers(&[(201, Object(&["id", "name", "scopes", "secret"]))]),
    get("/api/tokens/{id}", "remove_token", "Removes a token.").by("delete").answers(&[(204, Nothing)]),
    get("/api/reports", "list_reports", "What the public reported, newest first.")
        .asks(&["report_state", "street", "limit", "cursor"])
        .answers(&[(200, Object(&["reports", "counts", "links"]))]),
    get("/api/reports", "create_report", "Reports that something is wrong; needs no account.")
        .by("post")
        .takes("NewReport")
        .answers(&[(201, Object(&["number", "url"]))]),
    get("/api/reports/{number}", "show_report_of_public", "What became of a report.")
        .answers(&[(200, Object(&["number", "state", "answer", "received_on", "decided_on"]))]),
    get("/api/reports/{number}", "answer_report", "Answers a report; needs If-Match.")
        .by("patch")
        .takes("ReportAnswer")
        .answers(&[(200, Object(&["number", "state"]))]),
    get("/api/audit", "list_audit_entries", "What was done, newest first.")
        .asks(&["area", "who", "action", "audit_since", "audit_until", "limit", "position", "audit_format"])
        .answers(&[(200, Object(&["entries", "links"]))]),
    get("/api/areas/{code}/audit", "list_area_audit_entries", "Who changed an area.")
        .answers(&[(200, Object(&["entries", "links"]))]),
    get("/api/collections/areas/items", "list_areas", "Areas with a boundary.")
        .asks(&["datetime", "known", "bbox", "limit", "cursor", "street", "manager"])
        .answers(&[(200, Collection)]),
    get(
        "/api/collections/areas/items/{code}",
        "show_area",
        "One area; 308 to its only successor, 410 when it ended otherwise.",
    )
    .asks(CLOCKS)
    .answers(&[(200, Feature)]),
    get("/api/collections/streets/items", "list_streets", "Streets.")
        .asks(&["datetime", "known", "bbox", "limit", "cursor"])
        .answers(&[(200, Collection)]),
    get("/api/collections/streets/items/{code}", "show_street", "One street.").asks(CLOCKS).answers(&[(200, Feature)]),
    get("/api/collections/managers/items", "list_managers", "Companies and owning units.")
        .asks(&["datetime", "known", "street", "limit", "position"])
        .answers(&[(200, Collection)]),
    get("/api/collections/managers/items/{code}", "show_manager", "One manager.")
        .asks(CLOCKS)
        .answers(&[(200, Feature)]),
    get("/api/locate", "locate", "Which areas hold a point, how far their borders are, and what lies near.")
        .asks(&["datetime", "known", "lng", "lat", "easting", "northing", "accuracy"])
        .answers(&[(200, Object(&["point", "in_district", "street", "areas", "neighbours", "nearest"]))]),
    get("/api/search", "search", "Areas, streets and managers by what people call them.")
        .asks(&["datetime", "known", "q", "limit", "near", "street"])
        .answers(&[(200, Object(&["query", "results"]))]),
    get("/api/themes", "list_themes", "The themes of the map.").asks(CLOCKS).answers(&[(200, Object(&["themes"]))]),
    get("/api/themes/{id}", "show_theme", "Classes, colours and counts of a theme.")
        .asks(SCOPE)
        .answers(&[(200, Object(&["id", "title", "classes"]))]),
    get("/api/rates", "list_rates", "The rates of the district or of a street.")
        .asks(SCOPE)
        .answers(&[(200, Object(&["date", "revision", "as_of", "street", "rates"]))]),
    get("/api/rates/ranking", "rank_streets", "Streets in the order of a rate.")
        .asks(&["datetime", "known", "rate"])
        .answers(&[(200, Object(&["rate", "district", "streets"]))]),
    get("/api/rates/series", "show_series", "The rates by month.")
        .asks(&["datetime", "known", "street", "from", "to"])
        .answers(&[(200, Object(&["months"]))]),
    get("/api/rates/{id}/areas", "list_rate_members", "Who is counted in a rate.")
        .asks(&["datetime", "known", "part", "street", "limit", "position"])
        .answers(&[(200, Object(&["id", "version", "part", "count", "kind", "members", "links"]))]),
    get("/api/due", "list_due", "What falls due by the ordinance.")
        .asks(&["datetime", "known", "street", "within", "duty", "due_state", "limit", "position", "due_format"])
        .answers(&[(200, Object(&["counts", "duties", "items", "links"]))]),
    get("/api/findings", "list_findings", "What breaks a rule in the register itself.")
        .asks(&["datetime", "known", "street", "issue", "limit", "position"])
        .answers(&[(200, Object(&["count", "issues", "findings", "links"]))]),
    get("/api/streets/{code}/summary", "show_street_summary", "A street in one answer.").asks(CLOCKS).answers(&[(
        200,
        Object(&["street", "areas", "rates", "classes", "due", "findings", "reports", "completeness"]),
    )]),
    get("/api/managers/gaps", "list_manager_gaps", "Companies without areas, areas without a manager of their kind.")
        .asks(SCOPE)
        .answers(&[(
            200,
            Object(&["companies_without_areas", "contracted_without_company", "quasi_without_owning_unit"]),
        )]),
    get("/api/completeness", "show_completeness", "What is only in a ledger and what is only on the map.")
        .asks(SCOPE)
        .answers(&[(200, Object(&["complete", "totals", "streets", "ledger_only", "map_only"]))]),
    get("/api/report", "show_report", "The register's section of a district report.")
        .asks(&["datetime", "known", "rate", "percent"])
        .answers(&[(200, Object(&["title", "paragraphs"]))]),
    get("/api/ledger", "show_ledger", "The whole ledger by column.")
        .asks(SCOPE)
        .answers(&[(200, Object(&["count", "labels", "columns"]))]),
    get("/api/ledger/export", "export_selection", "A selection of the ledger as a file.")
        .by("post")
        .asks(CLOCKS)
        .takes("Selection")
        .answers(&[(200, Media("text/csv")), (200, Media(XLSX)), (200, Collection)]),
    get("/api/records", "list_records", "Records, newest first.")
        .asks(&["limit", "position"])
        .answers(&[(200, Object(&["records", "links"]))]),
    get("/api/records", "create_record", "Changes areas in one record.")
        .by("post")
        .asks(&["dry_run"])
        .takes("RecordEntry")
        .answers(&[
            (200, Object(&["revision", "record", "dry_run", "areas"])),
            (201, Object(&["revision", "record", "dry_run", "areas"])),
        ]),
    get("/api/records/{id}", "show_record", "One record and what it touched.")
        .answers(&[(200, Object(&["id", "kind", "document", "touched"]))]),
    get("/api/areas/{code}/history", "show_history", "Everything ever known of an area.")
        .answers(&[(200, Object(&["code", "name", "versions", "lineage"]))]),
    get("/api/areas/{code}/lineage", "show_lineage", "Every area that is connected with this one.")
        .answers(&[(200, Object(&["code", "areas", "edges"]))]),
    get("/api/deliveries", "list_deliveries", "Deliveries, newest first.")
        .asks(&["limit", "position"])
        .answers(&[(200, Object(&["deliveries", "links"]))]),
    get("/api/deliveries", "create_delivery", "Receives files.")
        .by("post")
        .takes("Upload")
        .answers(&[(200, Object(&["id", "new"])), (201, Object(&["id", "new"]))]),
    get("/api/deliveries/{id}", "show_delivery", "One delivery.").answers(&[(200, Object(&["id", "sender", "state"]))]),
    get("/api/deliveries/{id}/check", "check_delivery", "Checks a delivery.")
        .by("post")
        .takes("DeliverySettings")
        .answers(&[(200, Object(&["delivery", "counts"])), (202, Object(&["id", "progress"]))]),
    get("/api/deliveries/{id}/report", "show_check", "What the latest check found.")
        .answers(&[(200, Object(&["delivery", "counts", "changes", "issues"]))]),
    get("/api/deliveries/{id}/findings", "list_delivery_findings", "What is wrong with a delivery.")
        .asks(&["severity", "issue", "finding_state", "limit", "position", "finding_format"])
        .answers(&[(200, Object(&["findings", "total", "links"]))]),
    get("/api/deliveries/{id}/rows", "list_delivery_rows", "The draft, one feature a row.")
        .asks(&["limit", "position"])
        .answers(&[(200, Collection)]),
    get("/api/deliveries/{id}/publish", "publish_delivery", "Enters a delivery under one record.")
        .by("post")
        .takes("Publication")
        .answers(&[(200, Object(&["nothing_new"])), (201, Object(&["revision", "record"]))]),
    get("/api/deliveries/{id}/undo", "undo_delivery", "Takes a delivery back.")
        .by("post")
        .takes("Publication")
        .answers(&[(201, Object(&["revision"]))]),
    get("/api/deliveries/{id}/reconciliation", "show_reconciliation", "A reconciliation in figures.")
        .answers(&[(200, Object(RECONCILIATION))]),
    get("/api/deliveries/{id}/reconciliation", "run_reconciliation", "Compares a checked delivery with the register.")
        .by("post")
        .takes("Nothing")
        .answers(&[(200, Object(RECONCILIATION))]),
    get("/api/deliveries/{id}/reconciliation/cases", "list_cases", "Cases in the order of their consequences.")
        .asks(&["class", "street", "case_state", "owner", "consequence", "case_task", "words", "limit", "position"])
        .answers(&[(200, Object(&["cases", "total", "links"]))]),
    get("/api/deliveries/{id}/reconciliation/cases/{key}", "show_case", "A case with what helps to decide it.")
        .answers(&[(200, Object(&["key", "class", "state", "reasons", "fields", "geometry", "effect"]))]),
    get("/api/deliveries/{id}/reconciliation/publish", "publish_reconciliation", "Enters what was accepted.")
        .by("post")
        .takes("ReconciliationPublication")
        .answers(&[(200, Object(&["nothing_new", "published"])), (201, Object(&["revision", "record", "published"]))]),
    get("/api/deliveries/{id}/preview", "show_preview", "What publishing does to the rates.").answers(&[(
        200,
        Object(&[
            "revision",
            "rates",
            "streets",
            "moved",
            "counts",
            "refused",
            "blocked",
            "digest",
            "publishable",
            "obstacles",
        ]),
    )]),
    get(
        "/api/deliveries/{id}/handback",
        "show_handback",
        "The sender's rows with what was decided, or what is to be done.",
    )
    .asks(&["handback_format", "handback_part"])
    .answers(&[(200, Media("text/csv")), (200, Media(XLSX)), (200, Media("application/zip"))]),
    get("/api/deliveries/{id}/decisions", "decide", "Decides on a case, or on several that are nearly identical.")
        .by("post")
        .takes("Decision")
        .answers(&[(200, Object(&["decided", "summary"]))]),
    get("/api/deliveries/{id}/decisions/undo", "undo_decision", "Takes back what was decided, or what it entered.")
        .by("post")
        .takes("DecisionUndo")
        .answers(&[(200, Object(&["key", "state", "summary"])), (201, Object(&["revision"]))]),
    get("/api/deliveries/{id}/owners", "give_street", "Says who looks after the cases of a street.")
        .by("post")
        .takes("StreetOwner")
        .answers(&[(200, Object(&["summary"]))]),
    get("/api/deliveries/{id}/tasks", "answer_task", "Answers the question what becomes of a committee.")
        .by("post")
        .takes("TaskAnswer")
        .answers(&[(200, Object(&["case"]))]),
    get("/api/deliveries/{id}/files/{number}", "show_file", "The bytes of a delivered file.")
        .answers(&[(200, Media("application/octet-stream"))]),
    get("/api/issue-types", "list_issue_types", "What can be found.").answers(&[(200, Object(&["issue_types"]))]),
    get("/api/exceptions", "list_exceptions", "What was accepted.").answers(&[(200, Object(&["exceptions"]))]),
    get("/api/exceptions", "create_exception", "Accepts a finding.")
        .by("post")
        .takes("Exception")
        .answers(&[(201, Object(&["id", "issue"]))]),
    get("/api/exceptions/{id}", "withdraw_exception", "Withdraws an exception.")
        .by("delete")
        .answers(&[(204, Nothing)]),
    get("/api/export", "export_areas", "The areas as a file.")
        .asks(&["datetime", "known", "format", "street"])
        .answers(&[
            (200, Collection),
            (200, Media("application/geo+json-seq")),
            (200, Media("application/zip")),
            (200, Media("application/geopackage+sqlite3")),
            (200, Media("application/vnd.google-earth.kml+xml")),
            (200, Media("application/vnd.google-earth.kmz")),
            (200, Media("application/octet-stream")),
            (200, Media("text/csv")),
            (200, Media(XLSX)),
        ]),
    get("/api/changes", "list_changes", "What changed between two states.")
        .asks(&["since", "until", "street", "limit", "cursor"])
        .answers(&[(200, Object(&["from", "to", "totals", "areas", "links"]))]),
    get("/api/changes.atom", "show_feed", "The same as an Atom feed.")
        .asks(&["since", "street"])
        .answers(&[(200, Media("application/atom+xml"))]),
    get("/tiles/{file}", "show_tilejson", "TileJSON 3.0 of a layer.")
        .asks(CLOCKS)
        .answers(&[(200, Object(&["tilejson", "tiles", "vector_layers"]))]),
    get("/tiles/{layer}/{z}/{x}/{y}", "show_tile", "A vector tile; `y` ends in .mvt. 204 where there is nothing.")
        .asks(&["datetime", "known", "v"])
        .answers(&[(200, Media("application/vnd.mapbox-vector-tile")), (204, Nothing)]),
    get("/healthz", "show_health", "Whether the process lives.").answers(&[(200, Object(&["status"]))]),
    get("/readyz", "show_readiness", "Whether the register is served.")
        .answers(&[(200, Object(&["status"])), (503, Object(&["status"]))]),
    get("/metrics", "show_metrics", "How the server is doing, for Prometheus.").answers(&[(200, Media("text/plain"))]),
];
