//! Lines for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::ingest::delivery::render::{Language, fix, wrong};
use crate::ingest::delivery::{Finding, FindingState, Severity};

/// Findings of one type that are told one by one.
const TOLD: usize = 20;

/// The findings by type, the weightiest first, and the counts.
pub fn text(findings: &[&Finding], rows: usize) -> String {
    let mut groups: BTreeMap<(Severity, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.state == FindingState::Open) {
        groups.entry((finding.issue.severity, finding.issue.id)).or_default().push(finding);
    }
    let mut lines = String::new();
    for ((severity, id), group) in &groups {
        let weight = match severity {
            Severity::MustFix => "MUST FIX",
            Severity::FixLater => "fix later",
        };
        let Some(first) = group.first() else { continue };
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{weight}: {} ({id}), {}", first.issue.title.zh, group.len());
        for finding in group.iter().take(TOLD) {
            let name = finding.name.as_deref().unwrap_or(&finding.subject);
            let _ = writeln!(lines, "  {}: {name}: {}", finding.place, wrong(finding, Language::Chinese));
        }
        if group.len() > TOLD {
            let _ = writeln!(lines, "  … and {} more", group.len() - TOLD);
        }
        let _ = writeln!(lines, "  → {}", fix(first, Language::Chinese));
    }
    let count = |holds: &dyn Fn(&&&Finding) -> bool| findings.iter().filter(holds).count();
    let open = |severity| {
        count(&move |finding: &&&Finding| finding.state == FindingState::Open && finding.issue.severity == severity)
    };
    let _ = write!(
        lines,
        "{rows} rows; {} must be fixed, {} to fix later, {} excepted, {} repaired",
        open(Severity::MustFix),
        open(Severity::FixLater),
        count(&|finding| matches!(finding.state, FindingState::Excepted(_))),
        count(&|finding| finding.state == FindingState::Repaired),
    );
    lines
}
