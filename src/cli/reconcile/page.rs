//! The report as one page without scripts, for reading and printing.

use std::fmt::Write as _;

use crate::cli::reconcile::{Compared, counts};
use crate::reconcile::{Relation, Status, chinese, english};

const STYLE: &str = "body{font:14px/1.6 'PingFang SC','Noto Sans SC','Microsoft YaHei',system-ui,sans-serif;color:#1B2430;margin:32px auto;max-width:1100px;padding:0 16px}\
h1{font-size:20px;font-weight:600}h2{font-size:16px;font-weight:600}table{border-collapse:collapse;width:100%;margin:16px 0}\
th,td{border-bottom:1px solid #DDD8CF;padding:8px;text-align:left;vertical-align:top}th{font-weight:600;background:#F4F2EE}\
small{color:#5A6470}@media print{body{margin:0;max-width:none}thead{display:table-header-group}tr{break-inside:avoid}}";

/// Statements on the page at most; the CSV has all.
const SHOWN: usize = 5_000;

/// What a relation is called.
pub(super) fn title(relation: Relation) -> &'static str {
    match relation {
        Relation::OneToOne => "一对一",
        Relation::OneToMany => "一拆多",
        Relation::ManyToOne => "多并一",
        Relation::ManyToMany => "重划",
        Relation::Duplicate => "重复",
        Relation::LeftOnly => "仅左侧有",
        Relation::RightOnly => "仅右侧有",
    }
}

/// A whole document; every text of a file is escaped. What has to be looked at comes first.
pub(super) fn html(compared: &Compared<'_>) -> String {
    let outcome = compared.outcome;
    let mut page = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>比对报告</title><style>{STYLE}</style></head><body><h1>比对报告</h1>\
         <p>左侧 {} 条，右侧 {} 条；两次描绘的误差中位数 {:.1} 米；属性冲突 {} 处。</p>\
         <table><thead><tr><th>关系</th><th>条数</th><th>待审</th></tr></thead><tbody>",
        compared.left.len(),
        compared.right.len(),
        outcome.noise_m,
        outcome.conflicts.len(),
    );
    // Writing to a string does not fail.
    for (relation, (count, review)) in counts(outcome) {
        let _ =
            write!(page, "<tr><td>{} {}</td><td>{count}</td><td>{review}</td></tr>", relation.key(), title(relation));
    }
    page.push_str("</tbody></table><h2>坐标与平移</h2><table><thead><tr><th>来源</th><th>街乡</th><th>坐标系</th><th>平移（东、北，米）</th><th>行数</th><th>吻合</th></tr></thead><tbody>");
    for one in &outcome.alignments {
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{:.1}, {:.1}</td><td>{}</td><td>{}</td></tr>",
            escaped(&one.source),
            escaped(&one.street),
            one.system,
            one.shift_m.0,
            one.shift_m.1,
            one.rows,
            one.agreeing,
        );
    }
    page.push_str("</tbody></table><h2>证据权重（比特）</h2><table><thead><tr><th>证据</th><th>程度</th><th>比特</th><th>本次估计</th></tr></thead><tbody>");
    for one in &outcome.weights {
        let learned = if one.learned { "是" } else { "否" };
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{:+.1}</td><td>{learned}</td></tr>",
            one.evidence, one.level, one.bits
        );
    }
    page.push_str("</tbody></table><h2>逐条</h2><table><thead><tr><th>状态</th><th>关系</th><th>左</th><th>右</th><th>概率</th><th>理由</th></tr></thead><tbody>");
    let mut order: Vec<usize> = (0..outcome.statements.len()).collect();
    order.sort_by_key(|at| (outcome.statements[*at].status == Status::Auto, *at));
    for one in order.into_iter().take(SHOWN).map(|at| &outcome.statements[at]) {
        let name = |records: &[crate::reconcile::Record], at: Option<usize>| {
            at.map_or(String::new(), |at| {
                format!("{}<br><small>{}</small>", escaped(&records[at].name), escaped(&records[at].id))
            })
        };
        let _ = write!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.3}</td><td>{}<br><small>{}</small></td></tr>",
            if one.status == Status::Auto { "自动" } else { "待审" },
            title(one.relation),
            name(compared.left, one.left),
            name(compared.right, one.right),
            one.probability,
            chinese(&one.reasons),
            english(&one.reasons),
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
