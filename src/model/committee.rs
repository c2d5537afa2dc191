//! Committees as dated facts, and the status that follows from them for a day.

use jiff::civil::Date;

/// Days within which a property-management committee ends once the owners' committee is filed (Beijing property ordinance, art. 59).
pub const TRANSITION_LIMIT_DAYS: i32 = 30;

/// Days within which a committee is filed once it is elected or formed (art. 43, 55).
pub const FILING_LIMIT_DAYS: i32 = 30;

/// Households below which three members make an owners' committee (art. 39).
const FEW_HOUSEHOLDS: u32 = 100;

/// Kind of committee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CommitteeKind {
    /// 业主委员会 (业委会): elected by the owners.
    Owners,
    /// 物业管理委员会 (物管会): temporary, formed by the street.
    PropertyManagement,
}

impl CommitteeKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Owners, Self::PropertyManagement];

    /// Name used in files, tables and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Owners => "owners",
            Self::PropertyManagement => "property_management",
        }
    }

    /// The kind of that name.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }

    /// Longest term in years (art. 41, 58).
    pub fn longest_term_years(self) -> i8 {
        match self {
            Self::Owners => 5,
            Self::PropertyManagement => 3,
        }
    }

    /// Members at least, in an area of so many households where that is known (art. 39, 53).
    pub fn least_members(self, households: Option<u32>) -> u16 {
        match self {
            Self::Owners if households.is_some_and(|households| households < FEW_HOUSEHOLDS) => 3,
            Self::Owners => 5,
            Self::PropertyManagement => 7,
        }
    }
}

/// Party organisation (党组织) of a committee; internal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Party {
    /// Whether there is one.
    pub present: bool,
    /// Since when, where known.
    pub since: Option<Date>,
}

/// One committee of an area.
#[derive(Debug, Clone, PartialEq)]
pub struct Committee {
    /// Its number in the ledger, never reused.
    pub code: String,
    /// Owners' or property-management committee.
    pub kind: CommitteeKind,
    /// Day it was elected or formed.
    pub formed_on: Date,
    /// Day on which it applied for filing (备案申请), where it has.
    pub filing_applied_on: Option<Date>,
    /// Day of filing (备案), where filed.
    pub filed_on: Option<Date>,
    /// Number of the filing.
    pub filing_number: Option<String>,
    /// Last day of its term; a committee past it still exists until it is dissolved.
    pub term_until: Option<Date>,
    /// Day it was dissolved, from which it exists no more.
    pub dissolved_on: Option<Date>,
    /// Whether it works as it should (运转正常); only such committees count.
    pub operating: bool,
    /// Number of members.
    pub members: Option<u16>,
    /// Party organisation, `None` when nobody has said; internal.
    pub party: Option<Party>,
    /// Demonstration data, not real.
    pub demo: bool,
}

impl Committee {
    /// Whether it is formed and not dissolved on `day`, working or not.
    pub fn exists_on(&self, day: Date) -> bool {
        self.formed_on <= day && self.dissolved_on.is_none_or(|end| day < end)
    }

    /// Whether it exists and works on `day`.
    pub fn counts_on(&self, day: Date) -> bool {
        self.operating && self.exists_on(day)
    }

    /// Whether it has a party organisation on `day`.
    pub fn has_party_on(&self, day: Date) -> bool {
        self.party.is_some_and(|party| party.present && party.since.is_none_or(|since| since <= day))
    }
}

/// The day from which the thirty days of a transition count (art. 59): the first filing, by `day`, of a working owners'
/// committee. Told of each owners' committee that exists are whether it works and when it was filed. `None` while none is
/// filed: nothing has to end before that.
pub fn transition_since(owners: impl IntoIterator<Item = (bool, Option<Date>)>, day: Date) -> Option<Date> {
    let filed = owners.into_iter().filter_map(|(works, filed)| filed.filter(|filed| works && *filed <= day));
    filed.min()
}

/// Status of the owners' organisation of an area (业主组织状态). Derived for a day, never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CommitteeStatus {
    /// A working owners' committee.
    Owners,
    /// A working property-management committee.
    PropertyManagement,
    /// Both: the owners' committee is elected, the other has not ended yet.
    Transition,
    /// Known to have no working committee.
    None,
    /// Nobody has said.
    Unknown,
}

impl CommitteeStatus {
    /// Every status, in the order of the legend.
    pub const ALL: [Self; 5] = [Self::Owners, Self::PropertyManagement, Self::Transition, Self::None, Self::Unknown];

    /// Status on `day` from the committees of one area; `None` for the list means that nobody has said.
    pub fn derive(committees: Option<&[Committee]>, day: Date) -> Self {
        let Some(committees) = committees else { return Self::Unknown };
        let working = |kind| committees.iter().any(|c| c.kind == kind && c.counts_on(day));
        match (working(CommitteeKind::Owners), working(CommitteeKind::PropertyManagement)) {
            (true, true) => Self::Transition,
            (true, false) => Self::Owners,
            (false, true) => Self::PropertyManagement,
            (false, false) => Self::None,
        }
    }

    /// Name used in tiles and the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Owners => "owners",
            Self::PropertyManagement => "property_management",
            Self::Transition => "transition",
            Self::None => "none",
            Self::Unknown => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn committee(kind: CommitteeKind) -> Committee {
        Committee {
            code: "C-1".to_owned(),
            kind,
            formed_on: date(2021, 5, 1),
            filing_applied_on: None,
            filed_on: None,
            filing_number: None,
            term_until: Some(date(2024, 5, 1)),
            dissolved_on: None,
            operating: true,
            members: Some(7),
            party: None,
            demo: true,
        }
    }

    #[test]
    fn a_transition_counts_from_the_first_filing_of_a_working_owners_committee() {
        let day = date(2022, 10, 27);
        let (early, late, next) = (Some(date(2022, 9, 1)), Some(day), Some(date(2022, 10, 28)));
        let since = |owners: &[(bool, Option<Date>)]| transition_since(owners.iter().copied(), day);
        assert_eq!(since(&[(true, late), (true, early), (true, None)]), early);
        assert_eq!(since(&[(false, early), (true, late)]), late);
        assert_eq!([since(&[(true, next)]), since(&[(true, None)]), since(&[(false, early)]), since(&[])], [None; 4]);
    }

    #[test]
    fn the_status_follows_from_the_working_committees_of_the_day() {
        let day = date(2022, 10, 27);
        let owners = committee(CommitteeKind::Owners);
        let managing = committee(CommitteeKind::PropertyManagement);
        let idle = Committee { operating: false, ..owners.clone() };
        let ended = Committee { dissolved_on: Some(day), ..owners.clone() };
        let future = Committee { formed_on: date(2022, 10, 28), ..owners.clone() };
        let overdue = Committee { term_until: Some(date(2022, 1, 1)), ..owners.clone() };

        let status = |list: &[Committee]| CommitteeStatus::derive(Some(list), day);
        assert_eq!(status(std::slice::from_ref(&owners)), CommitteeStatus::Owners);
        assert_eq!(status(std::slice::from_ref(&managing)), CommitteeStatus::PropertyManagement);
        assert_eq!(status(&[owners, managing]), CommitteeStatus::Transition);
        assert_eq!(status(&[idle]), CommitteeStatus::None);
        assert_eq!(status(&[ended]), CommitteeStatus::None);
        assert_eq!(status(&[future]), CommitteeStatus::None);
        assert_eq!(status(&[overdue]), CommitteeStatus::Owners);
        assert_eq!(status(&[]), CommitteeStatus::None);
        assert_eq!(CommitteeStatus::derive(None, day), CommitteeStatus::Unknown);
    }
}
