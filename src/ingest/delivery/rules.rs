//! What committees, contracts and managers must be like: domain rules over what rows say.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::ingest::delivery::catalogue as issues;
use crate::ingest::delivery::check::finding_of;
use crate::ingest::delivery::field::committee_name;
use crate::ingest::delivery::{About, CommitteeRow, Draft, Finding, Issue, Known, Param};
use crate::model::{
    CommitteeKind, CommitteeStatus, FILING_LIMIT_DAYS, Management, Manager, ManagerId, ManagerKind,
    TRANSITION_LIMIT_DAYS, transition_since,
};

/// What the rules say of all rows.
pub(super) fn of_rows(drafts: &[Draft], known: &Known<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let kinds: HashMap<ManagerId, ManagerKind> =
        known.managers.iter().map(|manager| (manager.id, manager.kind)).collect();
    for draft in drafts.iter().filter(|draft| draft.about != About::Nobody || !known.is_register()) {
        if known.is_register() {
            without_manager(draft, known, &kinds, &mut findings);
            managers(draft, known, &mut findings);
        }
        contract(draft, known, &mut findings);
        for (kind, committee) in [
            (CommitteeKind::Owners, &draft.row.owners),
            (CommitteeKind::PropertyManagement, &draft.row.property_management),
        ] {
            if let Some(committee) = committee.as_ref().filter(|committee| committee.present != Some(false)) {
                of_committee(draft, (kind, committee), known, &mut findings);
            }
        }
        transition(draft, known, &mut findings);
        conflict(draft, known, &mut findings);
    }
    findings
}

/// A contracted area has a company, a quasi-property area an owning unit; whoever is named of the other kind is neither.
fn without_manager(
    draft: &Draft,
    known: &Known<'_>,
    kinds: &HashMap<ManagerId, ManagerKind>,
    findings: &mut Vec<Finding>,
) {
    let row = &draft.row;
    let held = match draft.about {
        About::Existing(at) => Some(known.areas[at]),
        About::New | About::Nobody => None,
    };
    let management = row.management.or(held.map(|area| area.management));
    let Some(wanted) = management.and_then(Management::manager_kind) else { return };
    let named = |is: &dyn Fn(&Manager) -> bool| {
        let mut found = known.managers.iter().filter(|manager| is(manager));
        // Who is new becomes a manager of the kind that the area needs; several of one name are told by their own rule.
        found.next().filter(|_| found.next().is_none()).map_or(wanted, |manager| manager.kind)
    };
    let kind = match (&row.manager_uscc, &row.manager_name) {
        (Some(uscc), _) => Some(named(&|manager| manager.uscc == *uscc)),
        (None, Some(name)) => Some(named(&|manager| manager.name == *name)),
        (None, None) => held.and_then(|area| kinds.get(&area.manager?).copied()),
    };
    if kind != Some(wanted) {
        let issue = match wanted {
            ManagerKind::Company => &issues::CONTRACTED_WITHOUT_COMPANY,
            ManagerKind::OwningUnit => &issues::QUASI_WITHOUT_OWNING_UNIT,
        };
        findings.push(finding_of(issue, draft, known));
    }
}

fn managers(draft: &Draft, known: &Known<'_>, findings: &mut Vec<Finding>) {
    let row = &draft.row;
    match (&row.manager_uscc, &row.manager_name) {
        (Some(uscc), name) => match (known.managers.iter().find(|manager| manager.uscc == *uscc), name) {
            (Some(manager), Some(name)) if manager.name != *name => findings.push(
                finding_of(&issues::MANAGER_NAME_DIFFERS, draft, known)
                    .with("uscc", uscc.to_string())
                    .with("known", manager.name.clone())
                    .with("value", name.clone()),
            ),
            (None, Some(name)) => findings.push(
                finding_of(&issues::NEW_MANAGER, draft, known)
                    .with("uscc", uscc.to_string())
                    .with("name", name.clone()),
            ),
            (None, None) => {
                findings.push(finding_of(&issues::UNKNOWN_MANAGER, draft, known).with("value", uscc.to_string()));
            }
            _ => {}
        },
        (None, Some(name)) if known.managers.iter().filter(|manager| manager.name == *name).count() != 1 => {
            findings.push(finding_of(&issues::UNKNOWN_MANAGER, draft, known).with("value", name.clone()));
        }
        _ => {}
    }
}

fn contract(draft: &Draft, known: &Known<'_>, findings: &mut Vec<Finding>) {
    let row = &draft.row;
    if let (Some(from), Some(until)) = (row.contract_from, row.contract_until)
        && until < from
    {
        findings.push(out_of_order(draft, known, (from, until)));
    } else if let Some(until) = row.contract_until.filter(|until| *until < known.day) {
        findings.push(finding_of(&issues::CONTRACT_EXPIRED, draft, known).with("day", until.to_string()));
    }
}

fn out_of_order(draft: &Draft, known: &Known<'_>, (earlier, later): (Date, Date)) -> Finding {
    finding_of(&issues::DATES_OUT_OF_ORDER, draft, known)
        .with("earlier", earlier.to_string())
        .with("later", later.to_string())
}

fn of_committee(
    draft: &Draft,
    (kind, committee): (CommitteeKind, &CommitteeRow),
    known: &Known<'_>,
    findings: &mut Vec<Finding>,
) {
    let (zh, en) = committee_name(kind);
    let named = |issue: &'static Issue| finding_of(issue, draft, known).with("committee", zh).with("committee_en", en);
    if let Some(members) = committee.members {
        let least = kind.least_members(draft.row.households);
        if members.is_multiple_of(2) {
            findings.push(named(&issues::COMMITTEE_EVEN_MEMBERS).with("members", usize::from(members)));
        }
        if members < least {
            let finding = named(&issues::COMMITTEE_TOO_FEW_MEMBERS).with("members", usize::from(members));
            findings.push(finding.with("least", usize::from(least)));
        }
    }
    let formed = committee.formed_on;
    let applied = committee.filing_applied_on;
    for later in [applied, committee.filed_on, committee.term_until, committee.dissolved_on].into_iter().flatten() {
        if let Some(formed) = formed.filter(|formed| later < *formed) {
            findings.push(out_of_order(draft, known, (formed, later)));
        }
    }
    if let (Some(applied), Some(filed)) = (applied, committee.filed_on)
        && filed < applied
    {
        findings.push(out_of_order(draft, known, (applied, filed)));
    }
    if let (Some(formed), Some(filed)) = (formed, committee.filed_on) {
        let days = days_between(formed, filed);
        if days > FILING_LIMIT_DAYS {
            findings
                .push(named(&issues::COMMITTEE_LATE_FILING).with("days", Param::Count(u64::from(days.unsigned_abs()))));
        }
    }
    let years = kind.longest_term_years();
    if let (Some(formed), Some(until)) = (formed, committee.term_until) {
        // A term of exactly so many years ends on the day before or on the day itself.
        let longest = formed.checked_add(jiff::Span::new().years(years));
        if longest.is_ok_and(|longest| until > longest) {
            findings.push(
                named(&issues::COMMITTEE_TERM_TOO_LONG).with("years", Param::Count(u64::from(years.unsigned_abs()))),
            );
        }
    }
    let ended = committee.dissolved_on.is_some_and(|day| day <= known.day);
    if let Some(until) = committee.term_until.filter(|until| *until < known.day && !ended) {
        findings.push(named(&issues::TERM_EXPIRED).with("day", until.to_string()));
    }
    let is_known = match draft.about {
        About::Existing(at) => known.areas[at].committees.iter().flatten().any(|held| held.kind == kind),
        About::New | About::Nobody => false,
    };
    if formed.is_none() && !is_known && committee.is_there() && known.is_register() {
        findings.push(named(&issues::COMMITTEE_WITHOUT_DATE));
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    to.since(from).map_or(0, |span| span.get_days())
}

/// Both committees exist for longer than the ordinance allows (art. 59).
fn transition(draft: &Draft, known: &Known<'_>, findings: &mut Vec<Finding>) {
    let (Some(owners), Some(managing)) = (&draft.row.owners, &draft.row.property_management) else { return };
    let exists = |committee: &CommitteeRow| {
        committee.present != Some(false)
            && committee.formed_on.is_some_and(|day| day <= known.day)
            && committee.dissolved_on.is_none_or(|day| day > known.day)
    };
    if !exists(owners) || !exists(managing) {
        return;
    }
    let Some(since) = transition_since([(owners.operating != Some(false), owners.filed_on)], known.day) else { return };
    let days = days_between(since, known.day);
    if days > TRANSITION_LIMIT_DAYS {
        let days = Param::Count(u64::from(days.unsigned_abs()));
        findings.push(finding_of(&issues::TRANSITION_TOO_LONG, draft, known).with("days", days));
    }
}

/// One text says which committee there is, and no column dates it; or it says that there is none, and the register has one.
fn conflict(draft: &Draft, known: &Known<'_>, findings: &mut Vec<Finding>) {
    let Some(status) = draft.row.committee_status.filter(|_| known.is_register()) else { return };
    let held = match draft.about {
        About::Existing(at) => known.areas[at].committees.as_deref().unwrap_or_default(),
        About::New | About::Nobody => &[],
    };
    let working: Vec<&str> = held
        .iter()
        .filter(|committee| committee.counts_on(known.day))
        .map(|committee| committee_name(committee.kind).0)
        .collect();
    let told = |kind, row: &Option<CommitteeRow>| {
        // What the columns of a committee lack is told by its own rule.
        row.is_some()
            || held
                .iter()
                .any(|committee| committee.kind == kind && committee.dissolved_on.is_none_or(|day| day > known.day))
    };
    match status {
        CommitteeStatus::None if !working.is_empty() => {
            findings.push(finding_of(&issues::COMMITTEE_CONFLICT, draft, known).with("known", working.join("、")));
        }
        CommitteeStatus::Owners | CommitteeStatus::PropertyManagement | CommitteeStatus::Transition => {
            for (kind, row, named) in [
                (CommitteeKind::Owners, &draft.row.owners, status != CommitteeStatus::PropertyManagement),
                (CommitteeKind::PropertyManagement, &draft.row.property_management, status != CommitteeStatus::Owners),
            ] {
                if named && !told(kind, row) {
                    let (zh, en) = committee_name(kind);
                    let finding = finding_of(&issues::COMMITTEE_WITHOUT_DATE, draft, known);
                    findings.push(finding.with("committee", zh).with("committee_en", en));
                }
            }
        }
        CommitteeStatus::None | CommitteeStatus::Unknown => {}
    }
}
