//! The inputs of the generator: outline of the district, schematic street cells, street table and community list.

use geo::{Geometry, MultiPolygon};
use geojson::{FeatureCollection, GeoJson};

use crate::demo::DemoError;
use crate::demo::plan::{STREETS, StreetPlan};

/// The texts the generator starts from.
#[derive(Debug, Clone, Copy)]
pub struct Base<'a> {
    /// Outline of the district, GeoJSON.
    pub district: &'a str,
    /// The 43 schematic street cells, GeoJSON, features with `code`.
    pub streets: &'a str,
    /// Codes, names and aliases of the streets, CSV.
    pub street_table: &'a str,
    /// Communities and villages, CSV.
    pub communities: &'a str,
}

impl Base<'static> {
    /// The texts that come with the program.
    pub fn embedded() -> Self {
        Self {
            district: include_str!("../../assets/geojson/base/district_110105.geojson"),
            streets: include_str!("../../assets/geojson/base/streets43_schematic.geojson"),
            street_table: include_str!("../../assets/geojson/base/streets43.csv"),
            communities: include_str!("../../assets/geojson/base/communities768_2023.csv"),
        }
    }
}

/// A street with its plan and its communities.
#[derive(Debug, Clone)]
pub struct StreetBase {
    /// What is planned for it.
    pub plan: StreetPlan,
    /// Full name.
    pub name: String,
    /// Name without its kind.
    pub stem: String,
    /// Whether it is a subdistrict (街道), else an area office (地区).
    pub subdistrict: bool,
    /// Code in the civil-affairs edition.
    pub civil_affairs_code: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Its schematic cell, degrees.
    pub cell: MultiPolygon,
    /// Its communities in the order of the list.
    pub communities: Vec<CommunityBase>,
}

/// A community or village.
#[derive(Debug, Clone)]
pub struct CommunityBase {
    /// Twelve digits.
    pub code: String,
    /// Full name.
    pub name: String,
    /// Name without its kind.
    pub stem: String,
    /// Whether it is a village.
    pub village: bool,
}

impl Base<'_> {
    /// The outline of the district, degrees. Errors: [`DemoError::Base`].
    pub fn outline(&self) -> Result<MultiPolygon, DemoError> {
        const FILE: &str = "district_110105.geojson";
        let mut features = features(self.district, FILE)?;
        let feature = features.pop().ok_or_else(|| fault(FILE, "it has no feature"))?;
        surface(feature.geometry, FILE)
    }

    /// The streets in the order of the plan. Errors: [`DemoError::Base`] names the file and the street.
    pub fn street_list(&self) -> Result<Vec<StreetBase>, DemoError> {
        const CELLS: &str = "streets43_schematic.geojson";
        const TABLE: &str = "streets43.csv";
        let mut cells = Vec::new();
        for feature in features(self.streets, CELLS)? {
            let code = feature.property("code").and_then(|v| v.as_str()).map(str::to_owned);
            cells.push((code.ok_or_else(|| fault(CELLS, "a feature has no code"))?, surface(feature.geometry, CELLS)?));
        }
        let table = rows(self.street_table, TABLE)?;
        let communities = rows(self.communities, "communities768_2023.csv")?;
        STREETS
            .iter()
            .map(|plan| {
                let missing = |file| fault(file, &format!("street {} is missing", plan.code));
                let row = table.iter().find(|row| &row[0] == plan.code).ok_or_else(|| missing(TABLE))?;
                let cell = cells.iter().find(|(code, _)| code == plan.code).ok_or_else(|| missing(CELLS))?;
                Ok(StreetBase {
                    plan: *plan,
                    name: row[1].to_owned(),
                    stem: row[3].to_owned(),
                    subdistrict: &row[2] == "街道",
                    civil_affairs_code: row[5].to_owned(),
                    aliases: aliases(&row[1], &row[3], &row[6]),
                    cell: cell.1.clone(),
                    communities: communities
                        .iter()
                        .filter(|row| &row[4] == plan.code)
                        .map(|row| CommunityBase {
                            code: row[0].to_owned(),
                            name: row[1].to_owned(),
                            stem: row[2].to_owned(),
                            village: &row[3] == "村",
                        })
                        .collect(),
                })
            })
            .collect()
    }
}

/// What a street is also called: with the other kinds' endings and as in the table, without its own name.
fn aliases(name: &str, stem: &str, table: &str) -> Vec<String> {
    let mut found = vec![format!("{stem}街道"), format!("{stem}地区")];
    if name.ends_with("地区") {
        found.push(format!("{stem}乡"));
    }
    found.extend(table.split('|').filter(|alias| !alias.is_empty()).map(str::to_owned));
    let mut kept: Vec<String> = Vec::with_capacity(found.len());
    for alias in found {
        if alias != name && !kept.contains(&alias) {
            kept.push(alias);
        }
    }
    kept
}

fn fault(file: &'static str, reason: &str) -> DemoError {
    DemoError::Base { file, reason: reason.to_owned() }
}

fn features(text: &str, file: &'static str) -> Result<Vec<geojson::Feature>, DemoError> {
    let document: GeoJson = text.parse().map_err(|err: geojson::Error| fault(file, &err.to_string()))?;
    let collection = FeatureCollection::try_from(document).map_err(|err| fault(file, &err.to_string()))?;
    Ok(collection.features)
}

fn surface(geometry: Option<geojson::Geometry>, file: &'static str) -> Result<MultiPolygon, DemoError> {
    let geometry = geometry.ok_or_else(|| fault(file, "a feature has no geometry"))?;
    match Geometry::try_from(geometry).map_err(|err| fault(file, &err.to_string()))? {
        Geometry::Polygon(polygon) => Ok(MultiPolygon::from(polygon)),
        Geometry::MultiPolygon(polygons) => Ok(polygons),
        _ => Err(fault(file, "a feature is no polygon")),
    }
}

fn rows(text: &str, file: &'static str) -> Result<Vec<csv::StringRecord>, DemoError> {
    csv::Reader::from_reader(text.as_bytes())
        .records()
        .collect::<Result<_, _>>()
        .map_err(|err| fault(file, &err.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_base_has_every_street_and_community() {
        let streets = Base::embedded().street_list().unwrap();
        assert_eq!(streets.len(), 43);
        assert_eq!(streets.iter().map(|s| s.communities.len()).sum::<usize>(), 768);
        assert!(streets.iter().all(|s| s.communities.len() <= s.plan.areas));
        assert_eq!(Base::embedded().outline().unwrap().0.len(), 2);
    }

    #[test]
    fn aliases_never_repeat_the_name() {
        assert_eq!(aliases("劲松街道", "劲松", "劲松街道办事处"), ["劲松地区", "劲松街道办事处"]);
        let changying = aliases("常营地区", "常营", "常营回族乡|常营地区办事处");
        assert_eq!(changying, ["常营街道", "常营乡", "常营回族乡", "常营地区办事处"]);
    }

    #[test]
    fn a_base_that_cannot_be_read_is_named() {
        let base = Base { streets: "{}", ..Base::embedded() };
        assert!(base.street_list().unwrap_err().to_string().contains("streets43_schematic.geojson"));
    }
}
