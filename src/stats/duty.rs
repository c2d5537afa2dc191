//! Dated duties of the ordinance, and when each falls due.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::model::{Area, Committee, CommitteeKind, FILING_LIMIT_DAYS, TRANSITION_LIMIT_DAYS, Text};

/// Days ahead that a duty is told of at most.
pub const DUE_DAYS_MAX: i32 = 180;

/// Days after its end within which a service is handed over (art. 76).
const HANDOVER_DAYS: i32 = 30;

/// Months before the end of a term or a contract at which work for what follows is to begin (art. 24, 49, 75).
const AHEAD_MONTHS: i32 = 6;

/// A duty that falls due on a day (Beijing property ordinance, consolidated 2024-03-29).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Duty {
    /// The owners' committee is filed within 30 days of its election.
    OwnersFiling,
    /// The owners' committee reports to the street six months before its term ends.
    OwnersReport,
    /// The owners' committee is elected anew by the end of its term.
    OwnersTerm,
    /// The property-management committee is filed within 30 days of its formation.
    ManagementFiling,
    /// The property-management committee is dissolved within 30 days of the filing of the owners' committee.
    Transition,
    /// The property-management committee is formed anew by the end of its term.
    ManagementTerm,
    /// The owners decide on renewal six months before the contract ends.
    RenewalDecision,
    /// The contract ends.
    ContractEnd,
    /// The service is handed over within 30 days of the end of the contract.
    Handover,
}

impl Duty {
    /// Every duty, committees first.
    pub const ALL: [Self; 9] = [
        Self::OwnersFiling,
        Self::OwnersReport,
        Self::OwnersTerm,
        Self::ManagementFiling,
        Self::Transition,
        Self::ManagementTerm,
        Self::RenewalDecision,
        Self::ContractEnd,
        Self::Handover,
    ];

    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::OwnersFiling => "owners_filing",
            Self::OwnersReport => "owners_report",
            Self::OwnersTerm => "owners_term",
            Self::ManagementFiling => "management_filing",
            Self::Transition => "transition",
            Self::ManagementTerm => "management_term",
            Self::RenewalDecision => "renewal_decision",
            Self::ContractEnd => "contract_end",
            Self::Handover => "handover",
        }
    }

    /// The duty of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.key() == key)
    }

    /// Article of the ordinance.
    pub fn article(self) -> u8 {
        match self {
            Self::OwnersTerm => 41,
            Self::OwnersFiling => 43,
            Self::OwnersReport => 49,
            Self::ManagementFiling => 55,
            Self::ManagementTerm => 58,
            Self::Transition => 59,
            Self::RenewalDecision | Self::ContractEnd => 75,
            Self::Handover => 76,
        }
    }

    /// What it is called, in a few words.
    pub fn title(self) -> Text {
        let (zh, en) = match self {
            Self::OwnersFiling => ("业委会备案", "Filing of the owners' committee"),
            Self::OwnersReport => ("业委会换届报告", "Report before the owners' committee's term ends"),
            Self::OwnersTerm => ("业委会任期届满", "End of the owners' committee's term"),
            Self::ManagementFiling => ("物管会备案", "Filing of the management committee"),
            Self::Transition => ("过渡期满、物管会解散", "Dissolution of the management committee"),
            Self::ManagementTerm => ("物管会任期届满", "End of the management committee's term"),
            Self::RenewalDecision => ("续聘或选聘决定", "Decision on renewal"),
            Self::ContractEnd => ("物业服务合同到期", "End of the service contract"),
            Self::Handover => ("退出交接", "Handover"),
        };
        Text { zh, en }
    }

    /// The rule in one sentence, with its limits of what the register can know.
    pub fn rule(self) -> Text {
        let (zh, en) = match self {
            Self::OwnersFiling => (
                "业主委员会应当自选举产生之日起30日内备案；没有备案日期的列入。",
                "The owners' committee is filed within 30 days of its election; one without a day of filing is listed.",
            ),
            Self::OwnersReport => (
                "业主委员会任期届满6个月前应当向街道报告；登记册没有报告记录，只在到期前提醒。",
                "The owners' committee reports to the street six months before its term ends; the register holds no reports, so this is a reminder before the day only.",
            ),
            Self::OwnersTerm => (
                "业主委员会任期届满前应当完成换届；没有新一届业主委员会的列入。",
                "A new owners' committee is elected before the term ends; one that no later committee follows is listed.",
            ),
            Self::ManagementFiling => (
                "物业管理委员会应当自组建之日起30日内备案；没有备案日期的列入。",
                "The property-management committee is filed within 30 days of its formation; one without a day of filing is listed.",
            ),
            Self::Transition => (
                "业主委员会备案后30日内，物业管理委员会应当解散。",
                "The property-management committee is dissolved within 30 days of the filing of the owners' committee.",
            ),
            Self::ManagementTerm => (
                "物业管理委员会任期届满仍未成立业主大会的，街道应当重新组建。",
                "When the term of a property-management committee ends without an owners' assembly, the street forms it anew.",
            ),
            Self::RenewalDecision => (
                "物业服务合同期限届满6个月前，业主应当决定续聘或者选聘；登记册没有决定记录，只在到期前提醒。",
                "The owners decide on renewal six months before the contract ends; the register holds no decisions, so this is a reminder before the day only.",
            ),
            Self::ContractEnd => (
                "物业服务合同期限届满；续签后请更新合同期限。",
                "The service contract ends; enter the dates of the new one once it is signed.",
            ),
            Self::Handover => (
                "合同终止后30日内应当完成交接并退出；登记册中合同已到期且没有新合同的列入。",
                "The service is handed over within 30 days of the end of the contract; areas whose contract has ended and that have no new one are listed.",
            ),
        };
        Text { zh, en }
    }
}

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
pub fn duties(area: &Area, day: Date) -> Vec<Due> {
    let mut list = List { day, due: Vec::new() };
    for (at, committee) in area.committees.iter().flatten().enumerate() {
        if committee.exists_on(day) {
            list.of_committee((at, committee), area);
        }
    }
    list.of_contract(area);
    list.due.sort_by_key(|due| (due.due_on, due.duty));
    list.due
}

struct List {
    day: Date,
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
            self.push(filing, (formed, later(formed, FILING_LIMIT_DAYS)), Some(at));
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
            let filings = others().filter(|other| other.kind == CommitteeKind::Owners && other.operating);
            let first = filings.filter_map(|other| other.filed_on).filter(|filed| *filed <= day).min();
            if let Some(filed) = first {
                self.push(Duty::Transition, (filed, later(filed, TRANSITION_LIMIT_DAYS)), Some(at));
            }
        }
    }

    fn of_contract(&mut self, area: &Area) {
        let facts = &area.attributes;
        let Some(until) = facts.contract_until else { return };
        let since = facts.contract_from.unwrap_or(until);
        if until < self.day {
            self.push(Duty::Handover, (until, later(until, HANDOVER_DAYS)), None);
            return;
        }
        self.push(Duty::ContractEnd, (since, until), None);
        self.remind(Duty::RenewalDecision, (since, months_before(until)), None);
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
