//! The seeded generator of the demonstration district: 1,637 invented areas in the schematic street cells.
//!
//! The same base and the same seed give the same files, byte for byte, on every platform: randomness is ChaCha8 turned
//! into choices by our own few lines, and geometry uses only operations that IEEE 754 defines exactly. Everything made
//! here is marked as demonstration data (演示数据 非真实).

mod base;
mod blocks;
mod committees;
mod district;
mod draw;
mod estates;
mod facts;
mod filings;
mod managers;
mod names;
mod past;
mod plan;
mod plane;
mod plots;
mod repeat;
mod write;

pub use base::Base;
pub use past::{Chapter, past};
pub use repeat::{REPEAT_LIMIT, repeat};

use crate::model::CodeError;

/// Seed of the demonstration district that comes with the program.
pub const SEED: u64 = 20_221_027;

/// A generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it belongs, relative to `assets/geojson`, with slashes.
    pub path: &'static str,
    /// What it says: UTF-8 without byte order mark, lines end with LF.
    pub text: String,
}

/// Why the district could not be generated.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// An input cannot be read or lacks something.
    #[error("the base file {file} cannot be used: {reason}")]
    Base {
        /// Which file.
        file: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The cell of a street is too small for the planned number of areas.
    #[error("the cell of street {street} has room for only {found} of its areas")]
    DoesNotFit {
        /// Code of the street.
        street: &'static str,
        /// How many areas found a place.
        found: usize,
    },
    /// The list has no communities for a street, or more communities than areas are planned.
    #[error("street {street} has no community for one of its areas")]
    NoCommunity {
        /// Code of the street.
        street: &'static str,
    },
    /// Nothing in the district fits a story of its past.
    #[error("no place was found for {story} in the past of the district")]
    NoPast {
        /// What was to be told.
        story: &'static str,
    },
    /// A made-up code is not one.
    #[error("a made-up code is not well formed")]
    Code(#[from] CodeError),
    /// More copies are asked for than can be numbered.
    #[error("{asked} areas are more than the {limit} that can be made")]
    TooMany {
        /// How many were asked for.
        asked: usize,
        /// The most that can be made.
        limit: usize,
    },
    /// A table cannot be written.
    #[error("a table cannot be written")]
    Csv(#[from] csv::Error),
}

/// Generates the files of the demonstration district, see `assets/geojson/README.md` for what they hold.
///
/// Errors: [`DemoError`] names the base file or the street.
pub fn generate(base: &Base, seed: u64) -> Result<Vec<File>, DemoError> {
    let streets = base.street_list()?;
    let district = district::district(&streets, seed)?;
    write::files(&base.outline()?, &streets, &district)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{HashMap, HashSet};

    use geo::{
        Area as _, BooleanOps as _, BoundingRect as _, CoordsIter as _, Distance as _, Euclidean, LinesIter as _,
    };
    use geo::{MultiPolygon, Relate as _};
    use serde_json::Value;

    use crate::geom::{check_boundary, surface_m2};
    use crate::index::AreaIndex;
    use crate::model::{AreaCode, CommunityCode, Uscc};

    type Row = HashMap<String, String>;

    struct Demo {
        areas: Vec<(Value, MultiPolygon)>,
        cells: HashMap<String, MultiPolygon>,
        managers: Vec<Row>,
        committees: Vec<Row>,
    }

    fn demo() -> Demo {
        let files = generate(&Base::embedded(), SEED).unwrap();
        let text = |path| files.iter().find(|f| f.path == path).unwrap().text.as_str();
        let rows = |path| -> Vec<Row> {
            csv::Reader::from_reader(text(path).as_bytes()).deserialize().collect::<Result<_, _>>().unwrap()
        };
        let cells = features(text("streets.geojson"));
        Demo {
            areas: features(text("areas.geojson")),
            cells: cells.into_iter().map(|(p, b)| (p["code"].as_str().unwrap().to_owned(), b)).collect(),
            managers: rows("ledger/managers.csv"),
            committees: rows("ledger/committees.csv"),
        }
    }

    fn features(text: &str) -> Vec<(Value, MultiPolygon)> {
        let document: geojson::GeoJson = text.parse().unwrap();
        geojson::FeatureCollection::try_from(document)
            .unwrap()
            .features
            .into_iter()
            .map(|mut feature| {
                let boundary = match geo::Geometry::try_from(feature.geometry.take().unwrap()).unwrap() {
                    geo::Geometry::Polygon(polygon) => MultiPolygon::from(polygon),
                    geo::Geometry::MultiPolygon(polygons) => polygons,
                    _ => unreachable!("only surfaces are written"),
                };
                (Value::from(feature.properties.unwrap()), boundary)
            })
            .collect()
    }

    /// Square metres of a surface in square degrees, near enough for a limit.
    fn rough_m2(square_degrees: f64) -> f64 {
        square_degrees * 85_400.0 * 111_030.0
    }

    fn shares_an_edge(a: &MultiPolygon, b: &MultiPolygon) -> bool {
        let edges = |boundary: &MultiPolygon| -> HashSet<[u64; 4]> {
            let rings = boundary.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
            rings
                .flat_map(|ring| ring.lines())
                .map(|l| [l.start.x, l.start.y, l.end.x, l.end.y].map(f64::to_bits))
                .collect()
        };
        let of_b = edges(b);
        edges(a).into_iter().any(|[x, y, z, w]| of_b.contains(&[z, w, x, y]))
    }

    /// Whether every vertex of `a` that touches an edge of `b` (to a decimetre) is a vertex of `b` too.
    fn is_noded(a: &MultiPolygon, b: &MultiPolygon) -> bool {
        let vertices: HashSet<[u64; 2]> = b.coords_iter().map(|c| [c.x, c.y].map(f64::to_bits)).collect();
        a.coords_iter()
            .filter(|c| !vertices.contains(&[c.x, c.y].map(f64::to_bits)))
            .all(|c| b.lines_iter().all(|edge| Euclidean.distance(&geo::Point::from(c), &edge) > 1e-6))
    }

    #[test]
    fn the_committed_files_are_what_the_generator_writes() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/geojson");
        for file in generate(&Base::embedded(), SEED).unwrap() {
            let committed = std::fs::read_to_string(folder.join(file.path)).unwrap();
            assert!(committed == file.text, "{} differs: write it anew with `onemap demo --out`", file.path);
        }
    }

    #[test]
    fn another_seed_makes_another_district_of_the_same_size() {
        let text = |seed| {
            let files = generate(&Base::embedded(), seed).unwrap();
            files.into_iter().find(|f| f.path == "areas.geojson").unwrap().text
        };
        let (ours, other) = (text(SEED), text(7));
        assert_ne!(ours, other);
        assert_eq!(ours.lines().count(), other.lines().count());
    }

    #[test]
    fn the_counts_are_those_of_the_report() {
        let demo = demo();
        let count = |key: &str| demo.areas.iter().filter(|(p, _)| p["management"] == key).count();
        assert_eq!((demo.areas.len(), count("contracted"), count("quasi_property")), (1637, 1514, 123));
        for street in plan::STREETS {
            let own: Vec<&Value> = demo.areas.iter().map(|(p, _)| p).filter(|p| p["street"] == street.code).collect();
            let quasi = own.iter().filter(|p| p["management"] == "quasi_property").count();
            assert_eq!((own.len(), quasi), (street.areas, street.quasi), "{}", street.code);
        }
        let working = |kind: &str, party: &str| {
            demo.committees
                .iter()
                .filter(|c| c["kind"] == kind && c["operating"] == "true" && c["party_organisation"].contains(party))
                .count()
        };
        assert_eq!((working("owners", ""), working("property_management", "")), (138, 1399));
        assert_eq!((working("owners", "true"), working("property_management", "true")), (77, 1379));
        let companies: Vec<&Row> = demo.managers.iter().filter(|m| m["kind"] == "company").collect();
        let with_party = companies.iter().filter(|m| m["party_organisation"] == "true").count();
        assert_eq!((companies.len(), with_party), (544, 530));
    }

    #[test]
    fn committees_are_spread_over_the_areas_as_planned() {
        let demo = demo();
        let mut working: HashMap<&str, Vec<&str>> = HashMap::new();
        for row in demo.committees.iter().filter(|row| row["operating"] == "true") {
            working.entry(&row["area"]).or_default().push(&row["kind"]);
        }
        let mut found: HashMap<(&str, &[&str]), usize> = HashMap::new();
        for (properties, _) in &demo.areas {
            let kinds = working.get(properties["code"].as_str().unwrap()).map_or(&[][..], Vec::as_slice);
            *found.entry((properties["management"].as_str().unwrap(), kinds)).or_default() += 1;
        }
        let expected = [
            (("contracted", &["owners"][..]), 127),
            (("contracted", &["property_management"]), 1296),
            (("contracted", &["owners", "property_management"]), 8),
            (("contracted", &[]), 83),
            (("quasi_property", &["owners"]), 3),
            (("quasi_property", &["property_management"]), 95),
            (("quasi_property", &[]), 25),
        ];
        assert_eq!(found, HashMap::from(expected));
        let idle: Vec<&Row> = demo.committees.iter().filter(|row| row["operating"] == "false").collect();
        assert_eq!(idle.len(), 4);
        assert!(idle.iter().all(|row| row["kind"] == "owners" && !working.contains_key(row["area"].as_str())));
    }

    #[test]
    fn every_code_is_unique_and_well_formed_and_everything_is_marked() {
        let demo = demo();
        let (mut codes, mut names) = (HashSet::new(), HashSet::new());
        let managers: HashSet<&str> = demo.managers.iter().map(|m| m["uscc"].as_str()).collect();
        assert_eq!(managers.len(), demo.managers.len());
        let mut used = HashSet::new();
        for (p, _) in &demo.areas {
            let name = p["name"].as_str().unwrap();
            assert!(codes.insert(p["code"].as_str().unwrap()) && names.insert(name) && name.ends_with("(演示)"));
            assert!(AreaCode::parse(p["code"].as_str().unwrap()).is_ok() && p["demo"] == true);
            assert!(p["community"].as_str().is_none_or(|c| CommunityCode::parse(c).is_ok()));
            assert!(managers.contains(p["manager"].as_str().unwrap()));
            used.insert(p["manager"].as_str().unwrap());
        }
        assert_eq!(used, managers);
        assert!(names.contains("枣营北里(演示)") && names.contains("劲松一区(演示)"));
        let mut manager_names = HashSet::new();
        for m in &demo.managers {
            assert!(m["uscc"].starts_with("91000000") && Uscc::parse(&m["uscc"]).is_ok());
            assert!(manager_names.insert(&m["name"]) && m["name"].ends_with("(演示)") && m["demo"] == "true");
            assert!(m["phone"].is_empty() || m["phone"].starts_with("010-0000"));
        }
        assert!(demo.committees.iter().all(|c| c["demo"] == "true" && codes.contains(c["area"].as_str())));
    }

    #[test]
    fn boundaries_are_valid_inside_their_streets_and_of_the_size_of_estates() {
        let demo = demo();
        let mut sizes = Vec::new();
        for (p, boundary) in &demo.areas {
            assert_eq!(check_boundary(boundary), Ok(()), "{}", p["code"]);
            assert!(demo.cells[p["street"].as_str().unwrap()].relate(boundary).is_contains(), "{}", p["code"]);
            for part in boundary {
                assert!(part.signed_area() > 0.0);
                let around: f64 = part.exterior().lines().map(|l| (l.dx() * 85_400.0).hypot(l.dy() * 111_030.0)).sum();
                assert!(rough_m2(part.unsigned_area()) / around > 8.0, "{} is a sliver", p["code"]);
            }
            sizes.push(surface_m2(boundary));
        }
        sizes.sort_by(f64::total_cmp);
        assert!(sizes[0] >= 3_000.0 && sizes[sizes.len() - 1] <= 350_000.0, "{} {}", sizes[0], sizes[sizes.len() - 1]);
        let median = sizes[sizes.len() / 2];
        assert!((23_000.0..37_000.0).contains(&median), "{median}");
        let holes = demo.areas.iter().filter(|(_, b)| b.iter().any(|p| !p.interiors().is_empty())).count();
        let parts = demo.areas.iter().filter(|(_, b)| b.0.len() > 1).count();
        assert!((15..100).contains(&holes) && (15..100).contains(&parts), "{holes} holes, {parts} of several parts");
    }

    #[test]
    fn neighbours_share_edges_and_never_overlap() {
        let demo = demo();
        let boundaries: Vec<&MultiPolygon> = demo.areas.iter().map(|(_, b)| b).collect();
        let index = AreaIndex::build(boundaries.iter().copied());
        let mut sharing = HashSet::new();
        for (i, boundary) in boundaries.iter().enumerate() {
            for j in index.within(boundary.bounding_rect().unwrap()).filter(|j| *j > i) {
                let overlap = rough_m2(boundary.intersection(boundaries[j]).unsigned_area());
                assert!(overlap < 0.01, "{} and {}: {overlap} m2", demo.areas[i].0["code"], demo.areas[j].0["code"]);
                assert!(
                    is_noded(boundary, boundaries[j]) && is_noded(boundaries[j], boundary),
                    "{}",
                    demo.areas[i].0["code"]
                );
                if shares_an_edge(boundary, boundaries[j]) {
                    sharing.extend([i, j]);
                }
            }
        }
        assert!(sharing.len() * 100 > demo.areas.len() * 55, "{} of {}", sharing.len(), demo.areas.len());
    }
}
