//! When the duties of an area fall due, and how urgent each is.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

use crate::model::{
    Area, Committee, CommitteeKind, ContractKind, FILING_LIMIT_DAYS, Management, TRANSITION_LIMIT_DAYS, Text,
    transition_since,
};
use crate::stats::Duty;

/// Days ahead that a duty is told of at most.
pub const DUE_DAYS_MAX: i32 = 180;

/// Days after its end within which a service is handed over (art. 76).
const HANDOVER_DAYS: i32 = 30;

/// Days within which a contract is filed once it is signed (art. 63).
const CONTRACT_FILING_DAYS: i32 = 15;

/// Working days within which the street answers an application for filing (art. 43).
const ANSWER_WORKING_DAYS: usize = 5;

/// Months that an emergency service lasts at most (art. 77).
const EMERGENCY_MONTHS: i32 = 6;

/// Months before the end of a term or a contract at which work for what follows is to begin (art. 24, 49, 75).
const AHEAD_MONTHS: i32 = 6;

/// How urgent a duty is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DueState {
    /// Its day has passed.
    Overdue,
    /// 30 days or fewer are left.
    Within30,
    /// 90 days or fewer.
    Within90,
    /// 180 days or fewer.
    Within180,
}

impl DueState {
    /// Every state, the most urgent first.
    pub const ALL: [Self; 4] = [Self::Overdue, Self::Within30, Self::Within90, Self::Within180];

    /// State of a duty for which so many days are left, negative when its day has passed; `None` beyond [`DUE_DAYS_MAX`].
    pub fn of(days: i32) -> Option<Self> {
        match days {
            ..0 => Some(Self::Overdue),
            0..=30 => Some(Self::Within30),
            31..=90 => Some(Self::Within90),
            91..=DUE_DAYS_MAX => Some(Self::Within180),
            _ => None,
        }
    }

    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Within30 => "within_30",
            Self::Within90 => "within_90",
            Self::Within180 => "within_180",
        }
    }

    /// The state of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// What it is called.
    pub fn label(self) -> Text {
        let (zh, en) = match self {
            Self::Overdue => ("已逾期", "Overdue"),
            Self::Within30 => ("30天内", "Within 30 days"),
            Self::Within90 => ("90天内", "Within 90 days"),
            Self::Within180 => ("180天内", "Within 180 days"),
        };
        Text { zh, en }
    }
}

/// A duty of one area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// What is due.
    pub duty: Duty,
    /// Last day for it.
    pub due_on: Date,
    /// The day from which its time is counted.
    pub since: Date,
    /// Days left, negative when the day has passed.
    pub days: i32,
    /// How urgent that is.
    pub state: DueState,
    /// Place of the committee it is about in the area's list, where it is about one.
    pub committee: Option<usize>,
}

/// What is due in an area on `day` or within [`DUE_DAYS_MAX`] days of it, the most urgent first.
///
/// `filings_since` is the first day of a contract's filing that the register tells of anywhere, `None` where it tells of none.
/// Of contracts that began before it nobody can say whether they were filed, so they are never told as overdue for filing.
pub fn duties(area: &Area, day: Date, filings_since: Option<Date>) -> Vec<Due> {
    let mut list = List { day, filings_since, due: Vec::new() };
    for (at, committee) in area.committees.iter().flatten().enumerate() {
        if committee.exists_on(day) {
            list.of_committee((at, committee), area);
        }
    }
    if area.management == Management::Contracted {
        list.of_contract(area);
    }
    list.due.sort_by_key(|due| (due.due_on, due.duty));
    list.due
}

struct List {
    day: Date,
    filings_since: Option<Date>,
    due: Vec<Due>,
}

impl List {
    fn push(&mut self, duty: Duty, (since, due_on): (Date, Date), committee: Option<usize>) {
        let days = days_between(self.day, due_on);
        if let Some(state) = DueState::of(days) {
            self.due.push(Due { duty, due_on, since, days, state, committee });
        }
    }

    /// A duty of which the register cannot know whether it was done: told before its day only, never as overdue.
    fn remind(&mut self, duty: Duty, (since, due_on): (Date, Date), committee: Option<usize>) {
        if due_on >= self.day {
            self.push(duty, (since, due_on), committee);
        }
    }

    fn of_committee(&mut self, (at, committee): (usize, &Committee), area: &Area) {
        let formed = committee.formed_on;
        let (filing, term) = match committee.kind {
            CommitteeKind::Owners => (Duty::OwnersFiling, Duty::OwnersTerm),
            CommitteeKind::PropertyManagement => (Duty::ManagementFiling, Duty::ManagementTerm),
        };
        if committee.filed_on.is_none_or(|filed| filed > self.day) {
            match committee.filing_applied_on.filter(|applied| *applied <= self.day) {
                Some(applied) if committee.kind == CommitteeKind::Owners => {
                    let answer = working_days_after(applied, ANSWER_WORKING_DAYS);
                    self.push(Duty::FilingAnswer, (applied, answer), Some(at));
                }
                _ => self.push(filing, (formed, later(formed, FILING_LIMIT_DAYS)), Some(at)),
            }
        }
        let day = self.day;
        let others = || area.committees.iter().flatten().filter(|other| other.exists_on(day));
        let followed = others().any(|other| other.kind == committee.kind && other.formed_on > formed);
        if let Some(until) = committee.term_until.filter(|_| !followed) {
            if committee.kind == CommitteeKind::Owners {
                self.remind(Duty::OwnersReport, (formed, months_before(until)), Some(at));
            }
            self.push(term, (formed, until), Some(at));
        }
        if committee.kind == CommitteeKind::PropertyManagement {
            let owners = others().filter(|other| other.kind == CommitteeKind::Owners);
            let since = transition_since(owners.map(|other| (other.operating, other.filed_on)), day);
            if let Some(filed) = since {
                self.push(Duty::Transition, (filed, later(filed, TRANSITION_LIMIT_DAYS)), Some(at));
            }
        }
    }

    fn of_contract(&mut self, area: &Area) {
        let facts = &area.attributes;
        if let Some(until) = facts.contract_until.filter(|until| *until < self.day) {
            self.push(Duty::Handover, (until, later(until, HANDOVER_DAYS)), None);
            return;
        }
        let is_emergency = facts.contract_kind == Some(ContractKind::Emergency);
        if let Some(from) = facts.contract_from.filter(|from| *from <= self.day) {
            if is_emergency {
                self.push(Duty::EmergencyEnd, (from, months_after(from, EMERGENCY_MONTHS)), None);
            } else if facts.contract_filed_on.is_none_or(|filed| filed > self.day) {
                let due = (from, later(from, CONTRACT_FILING_DAYS));
                match self.filings_since.is_some_and(|since| since <= from) {
                    true => self.push(Duty::ContractFiling, due, None),
                    false => self.remind(Duty::ContractFiling, due, None),
                }
            }
        }
        let Some(until) = facts.contract_until else { return };
        let since = |due: Date| facts.contract_from.map_or(due, |from| from.min(due));
        self.push(Duty::ContractEnd, (since(until), until), None);
        let ahead = months_before(until);
        if !is_emergency {
            self.remind(Duty::RenewalDecision, (since(ahead), ahead), None);
        }
        // Where nobody has said which committees there are, none is known to be missing.
        let day = self.day;
        let is_without = |committees: &Vec<Committee>| !committees.iter().any(|one| one.exists_on(day));
        if facts.contract_kind == Some(ContractKind::EarlyStage) && area.committees.as_ref().is_some_and(is_without) {
            self.push(Duty::EarlyStageCommittee, (since(ahead), ahead), None);
        }
    }
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

fn later(day: Date, days: i32) -> Date {
    day.saturating_add(days.days())
}

fn months_before(day: Date) -> Date {
    day.saturating_sub(AHEAD_MONTHS.months())
}

fn months_after(day: Date, months: i32) -> Date {
    day.saturating_add(months.months())
}

/// The last of so many working days after a day that is not counted itself. Working days are Monday to Friday; public
/// holidays, and days that are worked in their stead, are not known.
fn working_days_after(day: Date, count: usize) -> Date {
    let works = |day: &Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    day.series(1.day()).skip(1).filter(works).take(count).last().unwrap_or(day)
}

#[cfg(test)]
mod tests;
