//! The statements and the conflicts as CSV.

use anyhow::Context as _;
use csv::Writer;

use crate::cli::reconcile::{Compared, Language};
use crate::reconcile::{chinese, english};

/// `left_id,right_id,relation,status,drift,probability,reason`, one statement a line. Errors: memory only.
pub(super) fn statements(compared: &Compared<'_>, language: Language) -> anyhow::Result<Vec<u8>> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(["left_id", "right_id", "relation", "status", "drift", "probability", "reason"])?;
    for one in &compared.outcome.statements {
        let left = one.left.map_or("", |at| compared.left[at].id.as_str());
        let right = one.right.map_or("", |at| compared.right[at].id.as_str());
        let reason = match language {
            Language::Zh => chinese(&one.reasons),
            Language::En => english(&one.reasons),
        };
        let (drift, probability) = (if one.drift { "1" } else { "0" }, format!("{:.3}", one.probability));
        writer.write_record([left, right, one.relation.key(), one.status.key(), drift, &probability, &reason])?;
    }
    writer.into_inner().context("the table cannot be finished")
}

/// `left_id,right_id,field,left_value,right_value,suggestion`, one conflict a line. Errors: memory only.
pub(super) fn conflicts(compared: &Compared<'_>) -> anyhow::Result<Vec<u8>> {
    let mut writer = Writer::from_writer(Vec::new());
    writer.write_record(["left_id", "right_id", "field", "left_value", "right_value", "suggestion"])?;
    for one in &compared.outcome.conflicts {
        let (left, right) = (compared.left[one.left].id.as_str(), compared.right[one.right].id.as_str());
        let values = [one.left_value.as_str(), one.right_value.as_str()].map(disarmed);
        writer.write_record([left, right, one.field.key(), &values[0], &values[1], one.suggestion.key()])?;
    }
    writer.into_inner().context("the table cannot be finished")
}

/// A text that a spreadsheet would take for a formula gets an apostrophe.
fn disarmed(text: &str) -> String {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{text}"),
        _ => text.to_owned(),
    }
}
