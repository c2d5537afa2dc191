//! The whole demonstration district: areas with everything known of them, managers and committees.

use std::collections::HashSet;

use crate::demo::DemoError;
use crate::demo::base::StreetBase;
use crate::demo::committees::{CommitteeRow, Governed, committees};
use crate::demo::draw::{Draw, Purpose};
use crate::demo::estates::{Estate, estates};
use crate::demo::facts::{Facts, Place, facts};
use crate::demo::filings;
use crate::demo::managers::{ManagerRow, companies, owning_units, quasi_kind};
use crate::demo::names::{Naming, building_groups, naming};
use crate::model::QuasiKind;

/// In how many areas of a hundred the community is not known.
const NO_COMMUNITY_PERCENT: usize = 3;
/// Quasi-property areas are drawn from this share of a street's areas, the smallest, in percent.
const QUASI_AMONG_SMALLEST_PERCENT: usize = 75;

/// One area.
#[derive(Debug, Clone)]
pub struct AreaRow {
    /// Its code.
    pub code: String,
    /// Position of its street.
    pub street: usize,
    /// Code of its community, where known.
    pub community: Option<String>,
    /// Names and address.
    pub naming: Naming,
    /// Groups of buildings inside it.
    pub building_groups: Vec<String>,
    /// How it is run when it is quasi-property; `None` for contracted areas.
    pub quasi: Option<QuasiKind>,
    /// Position of its manager.
    pub manager: usize,
    /// Descriptive facts.
    pub facts: Facts,
    /// Its ground.
    pub estate: Estate,
}

/// The district.
#[derive(Debug, Clone)]
pub struct District {
    /// Areas by street and serial.
    pub areas: Vec<AreaRow>,
    /// Companies, then owning units.
    pub managers: Vec<ManagerRow>,
    /// Committees in the order of the areas.
    pub committees: Vec<CommitteeRow>,
}

/// Builds the district on the streets.
pub fn district(streets: &[StreetBase], seed: u64) -> Result<District, DemoError> {
    let mut taken = HashSet::new();
    let mut areas = Vec::new();
    for (position, street) in streets.iter().enumerate() {
        areas.extend(street_areas(street, position, areas.len(), &mut taken, seed)?);
    }
    let mut draw = Draw::new(seed, 0, Purpose::Companies);
    let contracted: Vec<usize> = (0..areas.len()).filter(|i| areas[*i].quasi.is_none()).collect();
    let (mut managers, company_of) = companies(contracted.len(), &mut draw)?;
    for (i, company) in contracted.into_iter().zip(company_of) {
        areas[i].manager = company;
    }
    let quasi: Vec<(usize, QuasiKind)> =
        areas.iter().enumerate().filter_map(|(i, area)| Some((i, area.quasi?))).collect();
    let kinds: Vec<(QuasiKind, &str)> =
        quasi.iter().map(|(i, kind)| (*kind, streets[areas[*i].street].stem.as_str())).collect();
    let (units, unit_of) = owning_units(&kinds, &mut draw)?;
    for ((i, _), unit) in quasi.into_iter().zip(unit_of) {
        areas[i].manager = managers.len() + unit;
    }
    managers.extend(units);
    let governed: Vec<Governed> =
        areas.iter().map(|area| Governed { quasi: area.quasi.is_some(), households: area.facts.households }).collect();
    let mut committees = committees(&governed, &mut Draw::new(seed, 0, Purpose::Committees));
    filings::settle(&mut areas, &mut committees, &mut Draw::new(seed, 0, Purpose::Filings));
    Ok(District { areas, managers, committees })
}

fn street_areas(
    street: &StreetBase,
    position: usize,
    before: usize,
    taken: &mut HashSet<String>,
    seed: u64,
) -> Result<Vec<AreaRow>, DemoError> {
    let stream = |purpose| Draw::new(seed, position as u64 + 1, purpose);
    let grounds = estates(&street.cell, &street.plan, &mut stream(Purpose::Ground))?;
    let mut management = stream(Purpose::Management);
    let quasi = quasi_positions(&grounds, street.plan.quasi, &mut management);
    let mut words = stream(Purpose::Names);
    let mut figures = stream(Purpose::Facts);
    let shares = community_shares(grounds.len(), street.communities.len(), &mut words);
    let mut seats = street.communities.iter().zip(shares).flat_map(|(c, n)| (0..n).map(move |serial| (c, serial)));
    let mut areas = Vec::with_capacity(grounds.len());
    for (i, estate) in grounds.into_iter().enumerate() {
        let (community, serial) = seats.next().ok_or(DemoError::NoCommunity { street: street.plan.code })?;
        let is_quasi = quasi.contains(&i);
        let place = Place {
            site_m2: estate.site_m2,
            village: community.village,
            subdistrict: street.subdistrict,
            quasi: is_quasi,
            serial: before + i + 1,
        };
        let facts = facts(&place, &mut figures);
        areas.push(AreaRow {
            code: format!("DEMO-{}-{:04}", street.plan.initials, i + 1),
            street: position,
            naming: naming(community, serial, taken, &mut words),
            community: (!words.chance(NO_COMMUNITY_PERCENT)).then(|| community.code.clone()),
            quasi: is_quasi.then(|| quasi_kind(&mut management)),
            manager: 0,
            building_groups: building_groups(facts.building_count, &mut words),
            facts,
            estate,
        });
    }
    Ok(areas)
}

/// Which areas of a street are quasi-property: some of the smaller ones.
fn quasi_positions(grounds: &[Estate], count: usize, draw: &mut Draw) -> Vec<usize> {
    let mut by_size: Vec<usize> = (0..grounds.len()).collect();
    by_size.sort_by(|a, b| grounds[*a].site_m2.total_cmp(&grounds[*b].site_m2));
    by_size.truncate((grounds.len() * QUASI_AMONG_SMALLEST_PERCENT / 100).max(count));
    draw.shuffle(&mut by_size);
    by_size.truncate(count);
    by_size
}

/// Splits `areas` into as many runs as there are communities, none empty.
fn community_shares(areas: usize, communities: usize, draw: &mut Draw) -> Vec<usize> {
    let mut shares = vec![1; communities];
    for _ in communities..areas {
        shares[draw.below(communities)] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_community_gets_an_area() {
        let shares = community_shares(45, 18, &mut Draw::new(1, 1, Purpose::Names));
        assert_eq!((shares.len(), shares.iter().sum::<usize>()), (18, 45));
        assert!(shares.iter().all(|n| *n >= 1));
    }
}
