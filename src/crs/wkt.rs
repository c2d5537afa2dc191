//! Well-known text of `.prj` files and GeoPackages, in the dialects of OGC 01-009, ESRI and ISO 19162.

use crate::crs::codes::{self, Datum, Plane, TransverseMercator};
use crate::crs::definition;
use crate::crs::error::CrsError;
use crate::crs::names;
use crate::crs::reference::{self, Crs};

/// Longer texts are refused; real ones have a few thousand characters.
const LENGTH_MAX: usize = 32_000;

/// Deeper nesting is refused; real texts have six levels.
const DEPTH_MAX: usize = 24;

const ROOTS: [&str; 12] = [
    "PROJCS",
    "PROJCRS",
    "PROJECTEDCRS",
    "GEOGCS",
    "GEOGCRS",
    "GEODCRS",
    "GEODETICCRS",
    "GEOGRAPHICCRS",
    "BOUNDCRS",
    "COMPOUNDCRS",
    "COMPD_CS",
    "LOCAL_CS",
];

pub(crate) fn is_wkt(text: &str) -> bool {
    let root: String = text.chars().take_while(|c| c.is_ascii_alphabetic() || *c == '_').collect();
    let rest = text[root.len()..].trim_start();
    ROOTS.iter().any(|known| root.eq_ignore_ascii_case(known)) && rest.starts_with(['[', '('])
}

/// The system that a text describes: a code when its parameters are those of one, else the text itself for PROJ.
pub(crate) fn parse(text: &str) -> Result<Crs, CrsError> {
    if text.len() > LENGTH_MAX || text.contains('\0') {
        return Err(reference::unknown(text));
    }
    let nodes = nodes(text).ok_or_else(|| reference::unknown(text))?;
    if let Some(crs) = recognise(&nodes) {
        return Ok(crs);
    }
    definition::refuse_files(text)?;
    Ok(Crs::Definition(text.to_owned()))
}

/// Whether the ellipsoid of a text is that of our datum, so that degrees on it are taken for ours.
pub(crate) fn is_on_our_ellipsoid(text: &str) -> bool {
    let Some(nodes) = nodes(text) else { return false };
    let mut ellipsoids = nodes.iter().filter(|node| node.is(&["SPHEROID", "ELLIPSOID"]));
    ellipsoids.any(|node| {
        let axis = node.numbers().next().unwrap_or(0.0);
        let flattening = node.numbers().nth(1).unwrap_or(0.0);
        (axis - 6_378_137.0).abs() < 1e-3 && (flattening - 298.257_222).abs() < 1e-3
    }) && nodes.iter().all(|node| {
        !node.is(&["DATUM", "GEODETICDATUM", "TRF"])
            || matches!(names::datum_of_name(node.name()), Some(Datum::Cgcs2000 | Datum::Wgs84))
    })
}

/// The datum that a text speaks of.
pub(crate) fn datum(text: &str) -> Option<Datum> {
    datum_of(&nodes(text)?)
}

fn datum_of(nodes: &[Node]) -> Option<Datum> {
    let named = nodes.iter().filter(|node| {
        node.is(&[
            "DATUM",
            "GEODETICDATUM",
            "TRF",
            "ENSEMBLE",
            "GEOGCS",
            "GEOGCRS",
            "BASEGEOGCRS",
            "GEODCRS",
            "BASEGEODCRS",
        ])
    });
    // The datum itself comes before the system that is named after it.
    let mut found: Vec<_> = named.collect();
    found.sort_by_key(|node| !node.is(&["DATUM", "GEODETICDATUM", "TRF", "ENSEMBLE"]));
    found.into_iter().find_map(|node| names::datum_of_name(node.name()))
}

fn recognise(nodes: &[Node]) -> Option<Crs> {
    let root = nodes.first()?;
    if root.is(&["BOUNDCRS", "COMPOUNDCRS", "COMPD_CS", "LOCAL_CS"]) {
        return None;
    }
    let datum = datum_of(nodes)?;
    if !root.is(&["PROJCS", "PROJCRS", "PROJECTEDCRS"]) {
        let degree = nodes.iter().filter(|node| node.is(&["UNIT", "ANGLEUNIT"]));
        let in_degrees = degree.filter_map(|node| node.numbers().next()).all(|unit| (unit - 0.017_453_29).abs() < 1e-7);
        return codes::code_of(datum, Plane::Degrees).filter(|_| in_degrees).map(Crs::from_code);
    }
    // The unit of the grid stands in the root or, in newer texts, at each axis; the degree stands deeper.
    let mut lengths = nodes.iter().filter(|node| node.depth <= 2 && node.is(&["UNIT", "LENGTHUNIT"]));
    if !lengths.all(|node| node.numbers().next().is_none_or(|unit| unit == 1.0)) {
        return None;
    }
    let method = nodes.iter().find(|node| node.is(&["PROJECTION", "METHOD"]))?.name().to_ascii_lowercase();
    let method: String = method.chars().filter(char::is_ascii_alphanumeric).collect();
    if matches!(method.as_str(), "mercatorauxiliarysphere" | "popularvisualisationpseudomercator")
        || (method.starts_with("mercator")
            && names::parse(root.name()).is_some_and(|crs| matches!(crs, Ok(Crs::Epsg(3857)))))
    {
        return Some(Crs::Epsg(3857));
    }
    if !matches!(method.as_str(), "gausskruger" | "transversemercator" | "gausskrueger") {
        return None;
    }
    let parameter = |keys: &[&str], otherwise: f64| {
        let mut parameters = nodes.iter().filter(|node| node.is(&["PARAMETER"]));
        let found = parameters.find(|node| {
            let name = node.name().to_ascii_lowercase().replace(' ', "_");
            keys.contains(&name.as_str())
        });
        found.map_or(Some(otherwise), |node| node.numbers().next())
    };
    let grid = TransverseMercator {
        meridian_deg: parameter(&["central_meridian", "longitude_of_natural_origin", "longitude_of_center"], 0.0)?,
        scale: parameter(&["scale_factor", "scale_factor_at_natural_origin"], 1.0)?,
        false_easting_m: parameter(&["false_easting"], 0.0)?,
        false_northing_m: parameter(&["false_northing"], 0.0)?,
    };
    let latitude = parameter(&["latitude_of_origin", "latitude_of_natural_origin", "latitude_of_center"], 0.0)?;
    let code = codes::code_of(datum, Plane::TransverseMercator(grid)).filter(|_| latitude == 0.0);
    code.map(Crs::Epsg).or_else(|| {
        // ISO texts say the unit of each parameter; PROJ reads those better than we do.
        let plain = root.is(&["PROJCS"]) && datum != Datum::Other;
        plain.then(|| {
            Crs::Definition(format!(
                "+proj=tmerc +lat_0={latitude} +lon_0={} +k={} +x_0={} +y_0={} +ellps={} +units=m",
                grid.meridian_deg,
                grid.scale,
                grid.false_easting_m,
                grid.false_northing_m,
                datum.ellipsoid()
            ))
        })
    })
}

/// One `KEYWORD["name", 1.0, …]` of a text, in order of appearance.
struct Node<'a> {
    keyword: &'a str,
    depth: usize,
    values: Vec<&'a str>,
}

impl Node<'_> {
    fn is(&self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.keyword.eq_ignore_ascii_case(keyword))
    }

    /// The first value without its quotes.
    fn name(&self) -> &str {
        self.values.first().map_or("", |value| value.trim_matches('"'))
    }

    fn numbers(&self) -> impl Iterator<Item = f64> {
        self.values.iter().filter_map(|value| value.parse().ok())
    }
}

/// The nodes of a text without recursion; `None` when brackets or quotes do not close.
fn nodes(text: &str) -> Option<Vec<Node<'_>>> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let (mut from, mut quoted) = (0, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => {}
            '[' | '(' => {
                if open.len() == DEPTH_MAX {
                    return None;
                }
                open.push(nodes.len());
                nodes.push(Node { keyword: text[from..at].trim(), depth: open.len(), values: Vec::new() });
                from = at + 1;
            }
            ',' | ']' | ')' => {
                let value = text[from..at].trim();
                let node = nodes.get_mut(*open.last()?)?;
                if !value.is_empty() {
                    node.values.push(value);
                }
                from = at + 1;
                if c != ',' {
                    open.pop();
                }
            }
            _ => {}
        }
    }
    (open.is_empty() && !quoted && !nodes.is_empty()).then_some(nodes)
}
