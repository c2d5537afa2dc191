//! Reconciliation of deliveries: cases, decisions, the preview, and what goes into the register.

mod case;
mod decisions;
mod figures;
mod publish;

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::reconciliation::{ReconciliationError, RefusedCase};
use crate::http::Problem;

pub use case::{list_cases, show_case};
pub use decisions::{answer_task, decide, give_street, undo_decision};
pub use figures::{run_reconciliation, show_reconciliation};
pub use publish::{publish_reconciliation, show_handback, show_preview};

/// Cases that the history of their areas does not allow, with what is in the way.
fn refused_cases(cases: &[RefusedCase]) -> Value {
    let told = cases.iter().map(|refused| {
        let why: Vec<&str> = refused.faults.iter().map(|fault| fault.message.as_str()).collect();
        json!({ "case": refused.key, "name": refused.name, "why": why })
    });
    told.collect()
}

impl From<ReconciliationError> for Problem {
    fn from(err: ReconciliationError) -> Self {
        use ReconciliationError as E;
        let conflict = |name| Self::new(StatusCode::CONFLICT, name, err.to_string());
        match &err {
            E::NotReconciled(_) => conflict("not-reconciled"),
            E::NoSuchCase(_) => Self::new(StatusCode::NOT_FOUND, "no-such-case", err.to_string()),
            E::NotDecided(key) => conflict("not-decided").with("case", key.as_str()),
            E::Count { expected, found } => conflict("count").with("expected", *expected).with("found", *found),
            E::NotInBulk { key, name } => {
                conflict("not-in-bulk").with("case", key.as_str()).with("name", name.as_str())
            }
            E::NotEnterable { key, lack } => {
                conflict("not-enterable").with("case", key.as_str()).with("lacks", lack.key())
            }
            E::BadMember { place, message } => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "faults", message.clone())
                .with("faults", json!([{ "place": place, "message": message }])),
            E::Outdated => conflict("changed"),
            E::Undecided { open } => conflict("undecided").with("open", *open),
            E::CommitteeTasks { open } => conflict("committee-tasks").with("open", *open),
            E::Refused(cases) => conflict("cases-refused").with("cases", refused_cases(cases)),
            E::PreviewOutdated => conflict("preview-outdated"),
            E::DecidedMeanwhile { case, at: None, .. } => conflict("withdrawn-meanwhile").with("case", case.as_str()),
            E::DecidedMeanwhile { case, by, at } => conflict("decided-meanwhile")
                .with("case", case.as_str())
                .with("by", by.as_str())
                .with("at", at.map(|at| at.to_string())),
            E::OnlyWhole => conflict("only-whole"),
            E::NothingEntered => conflict("nothing-entered"),
            E::ChangedSince { areas, .. } => {
                let areas: Vec<&str> = areas.iter().map(|code| code.as_str()).collect();
                conflict("changed-since").with("areas", json!(areas))
            }
            E::Handback(_) => Self::internal(&err),
        }
    }
}
