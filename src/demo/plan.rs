//! The invented plan of the demonstration district: how many areas of which kind lie in which street, and which way its
//! streets run. The district's totals are those of the printed report; the split by street is invented.

/// Areas under contract.
pub const CONTRACTED: usize = 1_514;
/// Quasi-property areas.
#[cfg(test)]
pub const QUASI: usize = 123;
/// All areas.
#[cfg(test)]
pub const AREAS: usize = CONTRACTED + QUASI;
/// Property companies.
pub const COMPANIES: usize = 544;
/// Companies without party organisation, the smallest ones.
pub const COMPANIES_WITHOUT_PARTY: usize = 14;

/// Contracted areas with an owners' committee only.
pub const CONTRACTED_OWNERS: usize = 127;
/// Contracted areas with both committees.
pub const CONTRACTED_BOTH: usize = 8;
/// Contracted areas with a management committee only.
pub const CONTRACTED_MANAGING: usize = 1_296;
/// Quasi-property areas with an owners' committee.
pub const QUASI_OWNERS: usize = 3;
/// Quasi-property areas with a management committee.
pub const QUASI_MANAGING: usize = 95;
/// Owners' committees that do not work, in areas without a working committee.
pub const IDLE_OWNERS: usize = 4;
/// Working owners' committees with party organisation.
pub const OWNERS_WITH_PARTY: usize = 77;
/// Working management committees with party organisation.
pub const MANAGING_WITH_PARTY: usize = 1_379;

/// The plan of one street.
#[derive(Debug, Clone, Copy)]
pub struct StreetPlan {
    /// Its code, nine digits.
    pub code: &'static str,
    /// Initials in area codes.
    pub initials: &'static str,
    /// Areas.
    pub areas: usize,
    /// Quasi-property areas among them.
    pub quasi: usize,
    /// How far its street grid is turned, as in [`crate::demo`]'s rational turns: 3 is 37 degrees, 40 is 3 degrees.
    pub turn: i64,
}

const fn plan(code: &'static str, initials: &'static str, areas: usize, quasi: usize, turn: i64) -> StreetPlan {
    StreetPlan { code, initials, areas, quasi, turn }
}

/// Every street in the order of the codes.
pub const STREETS: [StreetPlan; 43] = [
    plan("110105001", "JW", 31, 3, -60),
    plan("110105002", "CW", 20, 3, -80),
    plan("110105003", "HJL", 33, 6, 90),
    plan("110105004", "SLT", 22, 3, -40),
    plan("110105005", "ZJZ", 33, 6, -14),
    plan("110105006", "XHY", 24, 4, -9),
    plan("110105007", "HPJ", 31, 5, 70),
    plan("110105008", "AZ", 27, 4, -90),
    plan("110105009", "YYC", 36, 3, -50),
    plan("110105010", "XG", 24, 3, 45),
    plan("110105011", "JXQ", 33, 6, 4),
    plan("110105012", "MZD", 20, 2, -24),
    plan("110105013", "TJH", 24, 4, 60),
    plan("110105014", "LLT", 45, 5, -70),
    plan("110105015", "BLZ", 49, 8, 50),
    plan("110105016", "SJ", 45, 5, -100),
    plan("110105017", "JS", 45, 8, 36),
    plan("110105018", "PJY", 43, 7, -55),
    plan("110105019", "FT", 43, 6, -12),
    plan("110105020", "SDJC", 15, 2, 6),
    plan("110105021", "NMF", 61, 4, 80),
    plan("110105022", "GBD", 71, 1, -20),
    plan("110105023", "JT", 30, 1, 7),
    plan("110105024", "TYG", 32, 1, -10),
    plan("110105025", "DT", 52, 1, 65),
    plan("110105026", "WJ", 61, 1, 3),
    plan("110105027", "XHM", 33, 1, -17),
    plan("110105028", "SBLD", 29, 1, -8),
    plan("110105029", "PF", 42, 1, 30),
    plan("110105030", "DF", 30, 1, -28),
    plan("110105031", "AYC", 43, 1, -75),
    plan("110105032", "LGY", 80, 2, 16),
    plan("110105033", "CY", 52, 1, 48),
    plan("110105034", "SJF", 49, 4, -34),
    plan("110105035", "GZ", 44, 5, 22),
    plan("110105036", "JZ", 22, 0, 9),
    plan("110105037", "SH", 29, 0, -6),
    plan("110105038", "CGZ", 32, 1, 11),
    plan("110105039", "DB", 71, 1, -13),
    plan("110105040", "HZH", 25, 0, 26),
    plan("110105041", "DGZ", 44, 1, -16),
    plan("110105042", "WSY", 26, 0, 38),
    plan("110105043", "DH", 36, 1, 5),
];

/// How many areas each of [`COMPANIES`] manages, largest first: shares of 1 / (i + 6)^0.95, by largest remainder, and at
/// least one.
pub fn areas_per_company() -> Vec<usize> {
    let weights: Vec<f64> = (0..COMPANIES).map(|i| 1.0 / power_095((i + 6) as f64)).collect();
    let total: f64 = weights.iter().sum();
    let quotas: Vec<f64> = weights.iter().map(|w| CONTRACTED as f64 * w / total).collect();
    let mut counts: Vec<usize> = quotas.iter().map(|q| (q.floor() as usize).max(1)).collect();
    let mut by_remainder: Vec<usize> = (0..COMPANIES).filter(|i| quotas[*i] >= 1.0).collect();
    by_remainder
        .sort_by(|a, b| (quotas[*b] - quotas[*b].floor()).total_cmp(&(quotas[*a] - quotas[*a].floor())).then(a.cmp(b)));
    let missing = CONTRACTED - counts.iter().sum::<usize>();
    for company in by_remainder.into_iter().take(missing) {
        counts[company] += 1;
    }
    counts
}

/// `x` to the power 0.95 by repeated square roots over the binary digits of the exponent: exact operations only, since the
/// library's power function differs in its last bit between platforms.
fn power_095(x: f64) -> f64 {
    let (mut result, mut root, mut rest) = (1.0, x, 0.95);
    for _ in 0..48 {
        root = root.sqrt();
        rest *= 2.0;
        if rest >= 1.0 {
            rest -= 1.0;
            result *= root;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_streets_add_up_to_the_district() {
        assert_eq!(STREETS.iter().map(|s| s.areas).sum::<usize>(), AREAS);
        assert_eq!(STREETS.iter().map(|s| s.quasi).sum::<usize>(), QUASI);
        assert_eq!(CONTRACTED_OWNERS + CONTRACTED_BOTH + QUASI_OWNERS, 138);
        assert_eq!(CONTRACTED_MANAGING + CONTRACTED_BOTH + QUASI_MANAGING, 1_399);
        assert_eq!(CONTRACTED - CONTRACTED_OWNERS - CONTRACTED_BOTH - CONTRACTED_MANAGING, 83);
        assert_eq!(QUASI - QUASI_OWNERS - QUASI_MANAGING, 25);
    }

    #[test]
    fn companies_share_out_all_contracted_areas() {
        let counts = areas_per_company();
        assert_eq!((counts.len(), counts.iter().sum::<usize>()), (COMPANIES, CONTRACTED));
        assert!(counts.windows(2).all(|pair| pair[0] >= pair[1]) && counts[COMPANIES - 1] == 1);
    }

    #[test]
    fn square_roots_make_the_power() {
        for x in [6.0, 25.0, 549.0_f64] {
            assert!((power_095(x) - x.powf(0.95)).abs() < 1e-9);
        }
    }
}
