//! The report as one page without scripts, for reading and printing.

use std::fmt::Write as _;

use crate::ingest::delivery::render::{Language, fix, state_key, wrong};
use crate::ingest::delivery::{Finding, FindingState, Severity};

const STYLE: &str = "body{font:14px/1.6 'PingFang SC','Noto Sans SC','Microsoft YaHei',system-ui,sans-serif;color:#1B2430;margin:32px auto;max-width:1100px;padding:0 16px}\
h1{font-size:20px;font-weight:600}p{margin:8px 0}table{border-collapse:collapse;width:100%;margin:16px 0}\
th,td{border-bottom:1px solid #DDD8CF;padding:8px;text-align:left;vertical-align:top}th{font-weight:600;background:#F4F2EE}\
.m{color:#9A2A1F;font-weight:600;white-space:nowrap}.l{color:#5A6470;white-space:nowrap}small{color:#5A6470}\
@media print{body{margin:0;max-width:none}thead{display:table-header-group}tr{break-inside:avoid}}";

/// A whole document; every text of a file is escaped.
pub fn html(findings: &[&Finding], title: &str) -> String {
    let open = |severity: Severity| {
        findings.iter().filter(|f| f.state == FindingState::Open && f.issue.severity == severity).count()
    };
    let mut page = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style></head><body><h1>送报检查报告 · {title}</h1>\
         <p>必须改 {} 项，可后改 {} 项，共 {} 项。</p>\
         <table><thead><tr><th>程度</th><th>位置</th><th>区域</th><th>问题</th><th>怎么改</th></tr></thead><tbody>",
        open(Severity::MustFix),
        open(Severity::FixLater),
        findings.len(),
        title = escaped(title),
    );
    for finding in findings {
        let (class, weight) = match (finding.state, finding.issue.severity) {
            (FindingState::Open, Severity::MustFix) => ("m", "必须改"),
            (FindingState::Open, Severity::FixLater) => ("l", "可后改"),
            (FindingState::Excepted(_), _) => ("l", "已例外"),
            (FindingState::Repaired, _) => ("l", "已修复"),
        };
        // Writing to a string does not fail.
        let _ = write!(
            page,
            "<tr data-state=\"{}\"><td class=\"{class}\">{weight}</td><td>{}</td><td>{}<br><small>{}</small></td>\
             <td>{}<br><small>{}</small></td><td>{}<br><small>{}</small></td></tr>",
            state_key(finding.state),
            escaped(&finding.place.to_string()),
            escaped(finding.name.as_deref().unwrap_or_default()),
            escaped(&finding.subject),
            escaped(&wrong(finding, Language::Chinese)),
            escaped(&wrong(finding, Language::English)),
            escaped(&fix(finding, Language::Chinese)),
            escaped(&fix(finding, Language::English)),
        );
    }
    page.push_str("</tbody></table></body></html>\n");
    page
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if c.is_control() && c != '\n' => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}
