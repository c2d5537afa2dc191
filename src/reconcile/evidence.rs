//! How alike the texts of two records are, field by field, and what each likeness is worth.

use crate::reconcile::features::Features;
use crate::reconcile::outcome::Weight;
use crate::reconcile::text::address::{Address, AddressLevel};
use crate::reconcile::text::name::NameLevel;

/// Whether a field is the same on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    Unknown,
    Differs,
    Same,
}

impl Agreement {
    fn of<T: PartialEq>(a: Option<T>, b: Option<T>) -> Self {
        match (a, b) {
            (Some(a), Some(b)) if a == b => Self::Same,
            (Some(_), Some(_)) => Self::Differs,
            _ => Self::Unknown,
        }
    }
}

/// How far numbers of households are apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HouseholdLevel {
    Unknown,
    Far,
    Off,
    Near,
    Close,
}

/// Numbers further apart than this factor's logarithm are another fact, not another count.
pub(crate) const HOUSEHOLDS_FAR: f64 = 0.37;

impl HouseholdLevel {
    fn of(a: Option<u32>, b: Option<u32>) -> Self {
        let (Some(a), Some(b)) = (a, b) else { return Self::Unknown };
        match (f64::from(a) / f64::from(b)).ln().abs() {
            off if off < 0.04 => Self::Close,
            off if off < 0.15 => Self::Near,
            off if off < HOUSEHOLDS_FAR => Self::Off,
            _ => Self::Far,
        }
    }
}

/// How alike two records are in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Likeness {
    pub(crate) name: NameLevel,
    pub(crate) address: AddressLevel,
    pub(crate) company: Agreement,
    pub(crate) street: Agreement,
    pub(crate) households: HouseholdLevel,
    pub(crate) management: Agreement,
    pub(crate) committee: Agreement,
    /// Whether one name is that of a part of what the other names.
    pub(crate) part: bool,
}

impl Likeness {
    pub(crate) fn of(left: &Features, right: &Features) -> Self {
        let company = match (&left.company, &right.company) {
            (a, b) if a.is_empty() || b.is_empty() => Agreement::Unknown,
            (a, b) if a.is_same(b) => Agreement::Same,
            _ => Agreement::Differs,
        };
        let known = |street: u64| (street != 0).then_some(street);
        let (address, by_address) = addresses(left, right);
        let name = names(left, right);
        let part = left.name().zip(right.name()).is_some_and(|(ours, theirs)| ours.is_part_or_whole(theirs));
        Self {
            part: part && name < NameLevel::ByAddress,
            name: if by_address && name < NameLevel::ByAddress { NameLevel::ByAddress } else { name },
            // The same name says nothing more for being an address.
            address: match address {
                AddressLevel::Unknown if by_address && name < NameLevel::SameSound => AddressLevel::Same,
                known => known,
            },
            company,
            street: Agreement::of(known(left.street), known(right.street)),
            households: HouseholdLevel::of(left.households, right.households),
            management: Agreement::of(left.management, right.management),
            committee: Agreement::of(left.committee, right.committee),
        }
    }

    /// Bits for a match, against other areas near by.
    pub(crate) fn bits(&self, weights: &Weights) -> f64 {
        self.name_bits(weights) + self.other_bits(&weights.near)
    }

    /// Bits of the names alone.
    pub(crate) fn name_bits(&self, weights: &Weights) -> f64 {
        weights.near.name[self.name as usize]
    }

    /// Bits of everything but the name for a match, against any area of the district: what tells the area from a namesake
    /// elsewhere.
    pub(crate) fn far_bits(&self, weights: &Weights) -> f64 {
        self.other_bits(&weights.far)
    }

    /// Bits by which the record is less likely to be alike by chance when it comes from anywhere than when it comes from near by.
    pub(crate) fn stranger_bits(&self, weights: &Weights) -> f64 {
        weights.far.name[self.name as usize] + self.far_bits(weights) - self.bits(weights)
    }

    fn other_bits(&self, of: &Levels) -> f64 {
        of.address[self.address as usize]
            + of.company[self.company as usize]
            + of.street[self.street as usize]
            + of.households[self.households as usize]
            + of.management[self.management as usize]
            + of.committee[self.committee as usize]
    }

    /// Whether the names say that the same area is meant.
    pub(crate) fn is_named_alike(&self) -> bool {
        self.name >= NameLevel::More
    }

    /// Fields other than the name that agree and that differ.
    pub(crate) fn witnesses(&self) -> (Vec<Witness>, Vec<Witness>) {
        let others = [
            (Witness::Address, self.address >= AddressLevel::RelatedRoad, self.address == AddressLevel::Differs),
            (Witness::Company, self.company == Agreement::Same, self.company == Agreement::Differs),
            (Witness::Street, self.street == Agreement::Same, self.street == Agreement::Differs),
            (Witness::Households, self.households >= HouseholdLevel::Near, self.households == HouseholdLevel::Far),
        ];
        let same = others.iter().filter(|(_, same, _)| *same).map(|(field, ..)| *field).collect();
        (same, others.iter().filter(|(.., differs)| *differs).map(|(field, ..)| *field).collect())
    }
}

/// A field other than the name that speaks for a pair or against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Witness {
    Address,
    Company,
    Street,
    Households,
}

impl PartialOrd for HouseholdLevel {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        (*self as usize).partial_cmp(&(*other as usize))
    }
}

fn names(left: &Features, right: &Features) -> NameLevel {
    let mut best = NameLevel::Different;
    let mut sibling = false;
    for (i, a) in left.names.iter().enumerate() {
        for (j, b) in right.names.iter().enumerate() {
            let level = a.level(b);
            let alias = i >= left.own_names || j >= right.own_names;
            let level = match level {
                NameLevel::Same if alias => NameLevel::Alias,
                // A further name may be that of the whole compound: that it says more proves little.
                other if alias => other.min(NameLevel::More),
                other => other,
            };
            sibling |= level == NameLevel::Sibling && !alias;
            best = best.max(level);
        }
    }
    // Another part of the compound is another part, whatever an alias has in common with it.
    if sibling && best < NameLevel::Alias { NameLevel::Sibling } else { best }
}

/// How the addresses are alike, and whether the name of one side is the address of the other.
///
/// A name that is an address tells where the record lies only where an address is missing.
fn addresses(left: &Features, right: &Features) -> (AddressLevel, bool) {
    let own = match (left.own_addresses, right.own_addresses) {
        (0, _) | (_, 0) => AddressLevel::Unknown,
        _ => left.addresses[0].level(&right.addresses[0]),
    };
    let is_address = |name: &Address, address: &Address| name.level(address) == AddressLevel::Same;
    let named = |one: &Features, other: &Features| {
        let names = &one.addresses[one.own_addresses..];
        other.own_addresses > 0 && names.iter().any(|name| is_address(name, &other.addresses[0]))
    };
    (own, named(left, right) || named(right, left))
}

/// A figure for each level of each field.
#[derive(Debug, Clone, PartialEq, Default)]
struct Levels {
    name: [f64; 9],
    address: [f64; 7],
    company: [f64; 3],
    street: [f64; 3],
    households: [f64; 5],
    management: [f64; 3],
    committee: [f64; 3],
}

impl Levels {
    /// Its fields by name, and whether their first level is that nothing is known.
    fn fields(&self) -> [(&'static str, &[f64], bool); 7] {
        [
            ("name", &self.name, false),
            ("address", &self.address, true),
            ("company", &self.company, true),
            ("street", &self.street, true),
            ("households", &self.households, true),
            ("management", &self.management, true),
            ("committee", &self.committee, true),
        ]
    }

    fn fields_mut(&mut self) -> [&mut [f64]; 7] {
        [
            &mut self.name,
            &mut self.address,
            &mut self.company,
            &mut self.street,
            &mut self.households,
            &mut self.management,
            &mut self.committee,
        ]
    }

    /// Weights drawn towards what was seen; names the fields that were estimated.
    fn learn(&mut self, matches: &Tally, others: &Tally) -> Vec<&'static str> {
        let seen = matches.0.fields().into_iter().zip(others.0.fields());
        let estimated = self
            .fields_mut()
            .into_iter()
            .zip(seen)
            .filter_map(|(bits, ((name, m, unknown), (_, u, _)))| estimate(bits, m, u, unknown).then_some(name));
        estimated.collect()
    }
}

/// What each likeness is worth, in bits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Weights {
    /// Against other areas near by.
    near: Levels,
    /// Against any other area of the district.
    far: Levels,
    /// Kinds of evidence that were estimated.
    learned: Vec<&'static str>,
}

/// Fewer observations of a field teach nothing.
const OBSERVATIONS_MIN: f64 = 60.0;

/// What known weights count for beside observations.
const PRIOR_COUNT: f64 = 12.0;

impl Default for Weights {
    /// What was found on data like this before.
    fn default() -> Self {
        let near = Levels {
            // Different, Sibling, Weak, OneOff, More, ByAddress, SameSound, Alias, Same.
            name: [-3.5, -2.0, -1.5, -1.5, 3.5, 5.0, 5.0, 7.0, 8.0],
            // Unknown, Differs, RelatedRoad, OtherNumber, NearNumber, SameRoad, Same.
            address: [0.0, -2.5, -0.5, -0.5, 2.5, 2.0, 5.0],
            company: [0.0, -2.0, 2.5],
            street: [0.0, -5.0, 2.0],
            // Unknown, Far, Off, Near, Close.
            households: [0.0, -3.0, 0.0, 2.0, 3.5],
            management: [0.0, -1.0, 0.1],
            committee: [0.0, -1.0, 0.3],
        };
        let far = Levels {
            name: [-3.5, -2.0, 0.0, 0.0, 6.0, 8.0, 8.0, 9.0, 11.0],
            address: [0.0, -2.5, 1.5, 1.5, 4.0, 4.0, 7.0],
            company: [0.0, -2.0, 4.0],
            street: [0.0, -4.0, 5.0],
            ..near.clone()
        };
        Self { near, far, learned: Vec::new() }
    }
}

/// How often each level was seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally(Levels);

impl Tally {
    pub(crate) fn add(&mut self, likeness: &Likeness) {
        let Self(seen) = self;
        seen.name[likeness.name as usize] += 1.0;
        seen.address[likeness.address as usize] += 1.0;
        seen.company[likeness.company as usize] += 1.0;
        seen.street[likeness.street as usize] += 1.0;
        seen.households[likeness.households as usize] += 1.0;
        seen.management[likeness.management as usize] += 1.0;
        seen.committee[likeness.committee as usize] += 1.0;
    }
}

impl Weights {
    /// Weights from what was seen of pairs that geometry has settled, of others near by, and of others anywhere.
    pub(crate) fn learn(matches: &Tally, near: &Tally, far: &Tally) -> Self {
        let mut weights = Self::default();
        weights.learned = weights.near.learn(matches, near);
        weights.far.learn(matches, far);
        weights
    }

    /// The weights as a table.
    pub(crate) fn table(&self) -> Vec<Weight> {
        let names: [&str; 9] =
            ["different", "sibling", "weak", "one_off", "more", "by_address", "same_sound", "alias", "same"];
        let addresses: [&str; 7] =
            ["unknown", "differs", "related_road", "other_number", "near_number", "same_road", "same"];
        let agreement: [&str; 3] = ["unknown", "differs", "same"];
        let households: [&str; 5] = ["unknown", "far", "off", "near", "close"];
        let levels: [&[&str]; 7] = [&names, &addresses, &agreement, &agreement, &households, &agreement, &agreement];
        let one = |((evidence, bits, _), levels): ((&'static str, &[f64], bool), &[&str])| -> Vec<Weight> {
            let learned = self.learned.contains(&evidence);
            let pairs = levels.iter().zip(bits).filter(|(level, _)| **level != "unknown");
            pairs.map(|(level, bits)| Weight { evidence, level: (*level).to_owned(), bits: *bits, learned }).collect()
        };
        self.near.fields().into_iter().zip(levels).flat_map(one).collect()
    }
}

/// log2(m/u) of each level, drawn towards what was known before. Nothing known is worth nothing.
fn estimate(bits: &mut [f64], matches: &[f64], others: &[f64], unknown: bool) -> bool {
    let from = usize::from(unknown);
    let total = |counts: &[f64]| counts[from..].iter().sum::<f64>();
    let (m, u) = (total(matches), total(others));
    if m < OBSERVATIONS_MIN || u < OBSERVATIONS_MIN {
        return false;
    }
    for at in from..bits.len() {
        let seen = matches[at] + others[at];
        let found = ((matches[at] + 0.5) / (m + 1.0) / ((others[at] + 0.5) / (u + 1.0))).log2();
        let trust = seen / (seen + PRIOR_COUNT);
        bits[at] = trust * found + (1.0 - trust) * bits[at];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reconcile::record::Record;

    fn features(name: &str, aliases: &[&str], address: &str) -> Features {
        Features::of(&Record {
            name: name.to_owned(),
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            address: address.to_owned(),
            ..Record::default()
        })
    }

    #[test]
    fn aliases_and_addresses_are_names_too() {
        let left = features("柳芳家园", &["柳芳南社区"], "朝阳区香河园街道柳芳路13号");
        assert_eq!(Likeness::of(&left, &features("柳芳南社区", &[], "")).name, NameLevel::Alias);
        let named = Likeness::of(&left, &features("柳芳路13号院", &[], ""));
        assert_eq!((named.name, named.address), (NameLevel::ByAddress, AddressLevel::Same));
        assert_eq!(Likeness::of(&left, &features("柳芳嘉园", &[], "")).name, NameLevel::SameSound);
    }

    #[test]
    fn a_sibling_stays_a_sibling_with_an_alias() {
        let left = features("坝河三区", &["坝河南社区"], "");
        assert_eq!(Likeness::of(&left, &features("坝河四区", &[], "")).name, NameLevel::Sibling);
    }

    #[test]
    fn weights_follow_the_data_where_there_is_enough_of_it() {
        let left = features("柳芳家园", &[], "柳芳路13号");
        let (same, other) = (Likeness::of(&left, &left), Likeness::of(&left, &features("红霞里", &[], "红霞路1号")));
        let (mut matches, mut others) = (Tally::default(), Tally::default());
        for _ in 0..500 {
            matches.add(&same);
            others.add(&other);
        }
        let weights = Weights::learn(&matches, &others, &others);
        let names = &weights.near.name;
        assert!(names[NameLevel::Same as usize] > 8.0 && names[NameLevel::Different as usize] < -8.0);
        assert!(same.bits(&weights) > other.bits(&weights));
        assert_eq!(Weights::learn(&Tally::default(), &others, &others), Weights::default());
        assert!(weights.table().iter().any(|weight| weight.evidence == "name" && weight.learned));
    }
}
