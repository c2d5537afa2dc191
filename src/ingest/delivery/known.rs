//! What a delivery is compared with: the register on one day, or nothing.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use jiff::civil::Date;

use crate::crs::Operator;
use crate::model::{Area, AreaCode, Community, District, Exception, Manager, Street, StreetCode};
use crate::search::normalize;

/// An operator without a file.
fn no_operator() -> &'static Operator {
    static NONE: LazyLock<Operator> = LazyLock::new(Operator::default);
    &NONE
}

/// The register as a check sees it. Empty when files are checked by themselves.
pub struct Known<'a> {
    /// The day on which the delivery is to become true.
    pub day: Date,
    /// The day of the check, on which exceptions must hold.
    pub today: Date,
    /// Whose codes the foreign codes of the delivery are.
    pub sender: &'a str,
    /// The district.
    pub district: Option<&'a District>,
    /// Its streets.
    pub streets: &'a [Street],
    /// Their communities.
    pub communities: Vec<&'a Community>,
    /// Companies and owning units.
    pub managers: &'a [Manager],
    /// Areas that are true on the day.
    pub areas: Vec<&'a Area>,
    /// Codes that were used and are not true on the day.
    pub absent: HashSet<&'a AreaCode>,
    /// Shifts and local systems of the operator.
    pub operator: &'a Operator,
    /// Findings that are lawful.
    pub exceptions: &'a [Exception],
    by_code: HashMap<&'a str, usize>,
    by_foreign_code: HashMap<&'a str, Option<usize>>,
    by_name: HashMap<(String, &'a str), Option<usize>>,
}

impl<'a> Known<'a> {
    /// Nothing is known: the files are checked by themselves.
    pub fn nothing(today: Date) -> Self {
        Self {
            day: today,
            today,
            sender: "",
            district: None,
            streets: &[],
            communities: Vec::new(),
            managers: &[],
            areas: Vec::new(),
            absent: HashSet::new(),
            operator: no_operator(),
            exceptions: &[],
            by_code: HashMap::new(),
            by_foreign_code: HashMap::new(),
            by_name: HashMap::new(),
        }
    }

    /// The same with these areas, which can then be found by their codes and names.
    pub fn with_areas(mut self, areas: Vec<&'a Area>) -> Self {
        fn enter<K: std::hash::Hash + Eq>(map: &mut HashMap<K, Option<usize>>, key: K, at: usize) {
            // What two areas have is no key to either.
            map.entry(key).and_modify(|known| *known = known.filter(|known| *known == at)).or_insert(Some(at));
        }
        for (at, area) in areas.iter().enumerate() {
            self.by_code.insert(area.code.as_str(), at);
            for code in area.attributes.foreign_codes.iter().filter(|code| code.scheme == self.sender) {
                enter(&mut self.by_foreign_code, &code.code, at);
            }
            enter(&mut self.by_name, (normalize(&area.name), area.street.as_str()), at);
        }
        self.areas = areas;
        self
    }

    /// Whether there is a register at all.
    pub fn is_register(&self) -> bool {
        self.district.is_some()
    }

    /// The area of this code.
    pub fn by_code(&self, code: &AreaCode) -> Option<usize> {
        self.by_code.get(code.as_str()).copied()
    }

    /// The area that alone has this code in the sender's scheme.
    pub fn by_foreign_code(&self, code: &str) -> Option<usize> {
        self.by_foreign_code.get(code).copied().flatten()
    }

    /// The area that alone has this name in this street.
    pub fn by_name(&self, name: &str, street: &StreetCode) -> Option<usize> {
        self.by_name.get(&(normalize(name), street.as_str())).copied().flatten()
    }

    /// The street of this code.
    pub fn street(&self, code: &StreetCode) -> Option<&'a Street> {
        self.streets.iter().find(|street| street.code == *code)
    }
}
