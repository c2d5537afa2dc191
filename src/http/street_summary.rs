//! A street in one answer: its rates and their rank, its classes, what falls due, what breaks a rule, what is reported.

use axum::extract::State;
use axum::response::Response;
use geo::BoundingRect as _;
use serde_json::{Value, json};

use crate::app::Error;
use crate::app::access::ReportState;
use crate::auth::{Action, Actor, Field, Resource};
use crate::http::due::{counts, counts_object, due_object};
use crate::http::extract::{Asked, NoParams, Segments};
use crate::http::findings::{finding_object, fingerprint, issue_counts, of_street};
use crate::http::rates::{is_party_rate, rate_object};
use crate::http::records::JSON;
use crate::http::site::work;
use crate::http::{Problem, Site, cache};
use crate::model::{RateId, StreetCode, StyleClass};
use crate::stats::ranking;

/// Duties and findings that are named; the counts tell of all.
const NAMED: usize = 20;

/// `GET /api/streets/{code}/summary`
pub async fn show_summary(
    State(site): State<Site>,
    actor: Actor,
    Segments(code): Segments<String>,
    Asked(view, NoParams {}): Asked<NoParams>,
) -> Result<Response, Problem> {
    let parsed = StreetCode::parse(&code).ok();
    let position =
        parsed.and_then(|code| view.snapshot.street_position(&code)).ok_or_else(|| Error::NoSuchStreet(code))?;
    site.app().require(&actor, Action::ReadDesk, &Resource::Street(&view.snapshot.streets()[position].code))?;
    work(move || {
        let snapshot = &*view.snapshot;
        let street = &snapshot.streets()[position];
        let tally = snapshot.tallies().scope(Some(&street.code));
        let rates: Vec<Value> = RateId::ALL
            .iter()
            .map(|id| {
                let ranked = ranking(snapshot.tallies(), snapshot.streets().iter().map(|street| &street.code), *id);
                let own = ranked.iter().find(|ranked| ranked.street == street.code).and_then(|ranked| ranked.rank);
                let mut object = rate_object(&tally.rate(*id), None, snapshot.data_date());
                object["rank"] = json!(own);
                object["of"] = ranked.iter().filter(|ranked| ranked.rank.is_some()).count().into();
                let of_district = !is_party_rate(*id) || actor.may_see(Field::PartyRates);
                object["district_percent"] =
                    json!(of_district.then(|| snapshot.tallies().district.rate(*id).percent()).flatten());
                object
            })
            .collect();
        let classes: Vec<Value> = StyleClass::ALL
            .iter()
            .map(|class| json!({ "key": class.key(), "count": tally.with_class(*class) }))
            .collect();
        let due_day = view.due_day();
        let all_due = snapshot.due(due_day);
        let due: Vec<_> = snapshot.due_in(&all_due, Some(&street.code)).collect();
        let open = site.app().open_findings(snapshot)?;
        let findings = of_street(&open, Some(&street.code));
        let completeness = site.app().completeness(snapshot)?.counts_of(Some(&street.code), snapshot);
        let reports = site.app().access().report_counts(&actor, Some(&street.code))?;
        let reports_in = |wanted| reports.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, count)| *count);
        let bbox = street.boundary.bounding_rect().map(|r| [r.min().x, r.min().y, r.max().x, r.max().y]);
        let body = json!({
            "date": snapshot.data_date().to_string(),
            "revision": snapshot.revision().0,
            "as_of": view.as_of(),
            "street": {
                "code": street.code.as_str(),
                "name": street.name,
                "kind": street.kind.key(),
                "bbox": bbox,
            },
            "areas": tally.areas,
            "rates": rates,
            "classes": classes,
            "due": {
                "date": due_day.to_string(),
                "counts": counts_object(&counts(due.iter().copied())),
                "items": due.iter().take(NAMED).map(|item| due_object(snapshot, &actor, item)).collect::<Vec<_>>(),
            },
            "findings": {
                "count": findings.len(),
                "issues": issue_counts(&findings),
                "findings": findings.iter().take(NAMED).map(|one| finding_object(snapshot, &actor, one)).collect::<Vec<_>>(),
            },
            "reports": {
                "received": reports_in(ReportState::Received),
                "accepted": reports_in(ReportState::Accepted),
            },
            "completeness": { "ledger_only": completeness.ledger_only, "map_only": completeness.map_only },
        });
        // Exceptions and reports change the answer without a revision.
        let tag = view.tag.with(&format!("{due_day}{}{completeness:?}{reports:?}", fingerprint(&open)));
        cache::json(&tag, JSON, &body)
    })
    .await
}
