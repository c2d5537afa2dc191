//! The counts of one street or of the district, and what of them is held back.

use crate::model::{CommitteeStatus, RateId, StyleClass};
use crate::stats::small::{SMALL_BELOW, Told, ToldTally};
use crate::stats::tally::Tally;

/// Rates that the public is told.
pub(super) const COUNTED: [RateId; 4] =
    [RateId::ContractedShare, RateId::QuasiShare, RateId::CommitteeCoverage, RateId::CommitteeCountRatio];

pub(super) const CLASSES: usize = StyleClass::ALL.len();

/// What holding back the organisations by kind costs: more than any count of a class.
const BREAKDOWN_COST: u64 = 1 << 20;

/// One count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) value: u32,
    pub(super) hidden: bool,
    /// It can be nothing but what it is: there is none in the whole district.
    fixed: bool,
}

impl Item {
    fn new(value: u32) -> Self {
        Self { value, hidden: false, fixed: false }
    }

    /// What holding it back costs so that it could be other by this much: nothing where it is held back already. `None` where
    /// what is told of it would be wrong then.
    pub(super) fn cost(self, by: i32) -> Option<u64> {
        if by == 0 {
            return Some(0);
        }
        let other = self.value.checked_add_signed(by)?;
        let same_told = (other < SMALL_BELOW) == (self.value < SMALL_BELOW);
        let cost = if self.hidden { 0 } else { u64::from(self.value) + 1 };
        (same_told && !self.fixed).then_some(cost)
    }

    fn told(self, silent: bool) -> Told {
        match self {
            Self { hidden: false, value, .. } => Told::Count(value),
            Self { value, .. } if value < SMALL_BELOW && !silent => Told::Below,
            _ => Told::Withheld,
        }
    }
}

/// Which count of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemAt {
    Areas,
    Cell(usize),
    Rate(usize),
}

impl ItemAt {
    /// Which class or rate.
    pub(super) fn at(self) -> usize {
        match self {
            Self::Areas => 0,
            Self::Cell(at) | Self::Rate(at) => at,
        }
    }
}

/// How much each class would change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Change(pub(super) [i32; CLASSES]);

impl Change {
    /// One area of `from` is one of `to` instead.
    pub(super) fn exchange(to: usize, from: usize) -> Self {
        let mut change = Self::default();
        change.0[to] += 1;
        change.0[from] -= 1;
        change
    }

    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(sum, by)| *sum += by);
        self
    }

    pub(super) fn reversed(self) -> Self {
        Self(self.0.map(|by| -by))
    }

    fn areas(&self) -> i32 {
        self.0.iter().sum()
    }

    fn rate(&self, rate: usize) -> i32 {
        (0..CLASSES).map(|class| self.0[class] * weight(rate, class)).sum()
    }

    fn changes_kinds(&self) -> bool {
        CommitteeStatus::ALL.into_iter().any(|status| {
            let of = |class: &usize| StyleClass::ALL[*class].committee() == status;
            (0..CLASSES).filter(of).map(|class| self.0[class]).sum::<i32>() != 0
        })
    }

    pub(super) fn item(&self, item: ItemAt) -> i32 {
        match item {
            ItemAt::Areas => self.areas(),
            ItemAt::Cell(class) => self.0[class],
            ItemAt::Rate(rate) => self.rate(rate),
        }
    }
}

/// How often an area of a class counts in a rate.
pub(super) fn weight(rate: usize, class: usize) -> i32 {
    use CommitteeStatus::{Owners, PropertyManagement, Transition};
    let class = StyleClass::ALL[class];
    let committees = match class.committee() {
        Transition => 2,
        Owners | PropertyManagement => 1,
        _ => 0,
    };
    match COUNTED[rate] {
        RateId::ContractedShare => i32::from(class.management_key() == "contracted"),
        RateId::QuasiShare => i32::from(class.management_key() == "quasi_property"),
        RateId::CommitteeCoverage => committees.min(1),
        _ => committees,
    }
}

/// The counts of a street, or of the district.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) areas: Item,
    pub(super) cells: [Item; CLASSES],
    pub(super) rates: [Item; COUNTED.len()],
    /// Whether it is the district, whose organisations are told by kind.
    is_district: bool,
    breakdown_hidden: bool,
    few_kinds: bool,
    silent: bool,
}

fn is_small(count: u32) -> bool {
    (1..SMALL_BELOW).contains(&count)
}

impl Scope {
    pub(super) fn of(tally: &Tally) -> Self {
        let kinds = [tally.owners_committees, tally.property_management_committees];
        Self {
            areas: Item::new(tally.areas),
            cells: tally.classes.map(Item::new),
            rates: COUNTED.map(|id| Item::new(tally.rate(id).numerator)),
            is_district: false,
            breakdown_hidden: false,
            // How many are not known is a gap of the register, and no statement on owners.
            few_kinds: tally.statuses[..4].iter().chain(&kinds).any(|count| is_small(*count)),
            silent: false,
        }
    }

    /// Holds back what is small in itself.
    pub(super) fn hide_small(&mut self, is_district: bool, none_at_all: &[bool]) {
        self.is_district = is_district;
        let all = self.areas.value;
        self.areas.hidden = is_small(all);
        for ((class, cell), none) in StyleClass::ALL.iter().zip(&mut self.cells).zip(none_at_all) {
            cell.fixed = *none;
            // How many of the district nobody knows is told: it says how complete the register is.
            cell.hidden = is_small(cell.value) && !(is_district && *class == StyleClass::Unknown);
        }
        for rate in &mut self.rates {
            rate.hidden = is_small(rate.value) || is_small(all.abs_diff(rate.value)) || is_small(all) && rate.value > 0;
        }
        if is_district && self.few_kinds {
            self.breakdown_hidden = true;
            // Beside how many areas have one it tells how many have two.
            let both = self
                .cells
                .iter()
                .zip(StyleClass::ALL)
                .filter(|(_, class)| class.committee() == CommitteeStatus::Transition);
            if is_small(both.map(|(cell, _)| cell.value).sum()) {
                self.rates[3].hidden = true;
            }
        }
    }

    /// What a change costs: see [`Item::cost`].
    pub(super) fn cost(&self, change: &Change) -> Option<u64> {
        let mut cost = self.areas.cost(change.areas())?;
        for (cell, by) in self.cells.iter().zip(change.0) {
            cost += cell.cost(by)?;
        }
        for (at, rate) in self.rates.iter().enumerate() {
            cost += rate.cost(change.rate(at))?;
        }
        if self.is_district && !self.breakdown_hidden && change.changes_kinds() {
            cost += BREAKDOWN_COST;
        }
        Some(cost)
    }

    /// Holds back what a change would change.
    pub(super) fn hide(&mut self, change: &Change) {
        self.areas.hidden |= change.areas() != 0;
        for (cell, by) in self.cells.iter_mut().zip(change.0) {
            cell.hidden |= by != 0;
        }
        for (at, rate) in self.rates.iter_mut().enumerate() {
            rate.hidden |= change.rate(at) != 0;
        }
        self.breakdown_hidden |= self.is_district && change.changes_kinds();
    }

    /// Tells nothing but how many areas there are, if they are not few.
    pub(super) fn silence(&mut self) {
        self.silent = true;
        self.breakdown_hidden = true;
        self.areas.hidden = self.areas.value < SMALL_BELOW;
        self.cells.iter_mut().chain(&mut self.rates).for_each(|item| item.hidden = true);
    }

    /// Everything that is held back.
    pub(super) fn hidden(&self) -> impl Iterator<Item = ItemAt> + '_ {
        let areas = self.areas.hidden.then_some(ItemAt::Areas);
        let cells = (0..CLASSES).filter(|at| self.cells[*at].hidden).map(ItemAt::Cell);
        let rates = (0..COUNTED.len()).filter(|at| self.rates[*at].hidden).map(ItemAt::Rate);
        areas.into_iter().chain(cells).chain(rates)
    }

    /// Classes that are told to have none.
    pub(super) fn zeros(&self) -> Vec<ItemAt> {
        let told = |at: &usize| self.cells[*at].value == 0 && !self.cells[*at].hidden && !self.cells[*at].fixed;
        (0..CLASSES).filter(told).map(ItemAt::Cell).collect()
    }

    pub(super) fn told(&self) -> ToldTally {
        let of_rates = |told: &dyn Fn(usize) -> Told| {
            RateId::ALL.map(|id| COUNTED.iter().position(|counted| *counted == id).map_or(Told::Withheld, told))
        };
        ToldTally {
            areas: self.areas.told(self.silent),
            classes: self.cells.map(|cell| cell.told(self.silent)),
            breakdown: !self.breakdown_hidden,
            rates: of_rates(&|at| self.rates[at].told(self.silent)),
            denominators: of_rates(&|_| self.areas.told(self.silent)),
        }
    }
}
