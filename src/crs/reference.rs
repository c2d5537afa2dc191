//! Reference systems by name: what users type and what files declare.

use std::fmt;
use std::str::FromStr;

use crate::crs::codes::{self, Datum};
use crate::crs::definition;
use crate::crs::error::CrsError;
use crate::crs::{names, wkt};

/// A coordinate reference system. Our side of every conversion is degrees, lng lat; theirs is x east, y north.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Crs {
    /// EPSG:4490, EPSG:4326 or CRS84, with longitude first. The three are equal within a metre.
    Degrees,
    /// Any other code of the EPSG registry.
    Epsg(u32),
    /// A PROJ string or WKT that is none of the known systems.
    Definition(String),
    /// The shifted degrees of Chinese web maps, lng lat.
    Gcj02,
    /// The degrees of Baidu's maps, lng lat.
    Bd09,
    /// A local system of the operator's file, by its name.
    Local(String),
    /// What is no system, but what files are in after somebody's mistake.
    Mishap(Mishap),
}

/// Conversions gone wrong, which leave coordinates that no system describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mishap {
    /// The GCJ-02 shift was applied to degrees that already had it.
    Gcj02Twice,
    /// The GCJ-02 shift was taken off degrees that never had it.
    Gcj02Undone,
    /// The BD-09 shift was taken off degrees that never had it.
    Bd09Undone,
    /// GCJ-02 degrees were projected to this EPSG code as if they were true.
    Gcj02In(u32),
    /// BD-09 degrees were projected to this EPSG code as if they were true.
    Bd09In(u32),
}

impl Crs {
    /// The system that everything is stored in.
    pub const STORAGE: Self = Self::Degrees;

    /// Reads a code, a URN or address of one, a name, a PROJ string, or the WKT of a `.prj` file.
    ///
    /// Case, blanks and the edition of the registry are ignored. Declared axis order is not: x is east here, and a file
    /// that holds northings first has to be read with [`crate::crs::Axes::NorthEast`].
    ///
    /// Errors: [`CrsError::Undeclared`] for nothing or `null`, [`CrsError::Forbidden`] for a definition that names a
    /// file, [`CrsError::Unknown`]. Whether PROJ knows a code is found out by [`crate::crs::Transformer`].
    pub fn parse(text: &str) -> Result<Self, CrsError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if definition::is_proj_string(text) {
            definition::check(text)?;
            return Ok(Self::Definition(text.to_owned()));
        }
        if wkt::is_wkt(text) {
            return wkt::parse(text);
        }
        let plain = text.trim_start_matches('[').trim_end_matches(']');
        names::parse(plain).ok_or_else(|| unknown(text))?
    }

    /// The one spelling of a system: codes that mean the same numbers are one of them.
    pub fn canonical(&self) -> Self {
        match self {
            Self::Epsg(code) => Self::from_code(match codes::known(*code) {
                Some((datum, plane)) => codes::code_of(datum, plane).unwrap_or(*code),
                None => *code,
            }),
            other => other.clone(),
        }
    }

    /// The system of an EPSG code; those of degrees on our datum are [`Crs::Degrees`].
    pub fn from_code(code: u32) -> Self {
        match codes::known(code) {
            Some((datum, codes::Plane::Degrees)) if datum.is_ours() => Self::Degrees,
            _ => Self::Epsg(code),
        }
    }

    /// The datum when the system is one that needs the operator's parameters, else `None`.
    pub fn unshifted_datum(&self) -> Option<Datum> {
        let datum = match self {
            Self::Epsg(code) => codes::known(*code)?.0,
            Self::Definition(text) => definition::datum(text)?,
            _ => return None,
        };
        (!datum.is_ours()).then_some(datum)
    }
}

pub(crate) fn unknown(text: &str) -> CrsError {
    const SHOWN: usize = 80;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    CrsError::Unknown(shown)
}

impl fmt::Display for Crs {
    /// The key: [`Crs::parse`] reads it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Degrees => f.write_str("EPSG:4490"),
            Self::Epsg(code) => write!(f, "EPSG:{code}"),
            Self::Definition(text) => f.write_str(text),
            Self::Gcj02 => f.write_str("GCJ-02"),
            Self::Bd09 => f.write_str("BD-09"),
            Self::Local(name) => write!(f, "LOCAL:{name}"),
            Self::Mishap(Mishap::Gcj02Twice) => f.write_str("GCJ-02x2"),
            Self::Mishap(Mishap::Gcj02Undone) => f.write_str("GCJ-02x-1"),
            Self::Mishap(Mishap::Bd09Undone) => f.write_str("BD-09x-1"),
            Self::Mishap(Mishap::Gcj02In(code)) => write!(f, "GCJ-02@EPSG:{code}"),
            Self::Mishap(Mishap::Bd09In(code)) => write!(f, "BD-09@EPSG:{code}"),
        }
    }
}

impl FromStr for Crs {
    type Err = CrsError;

    fn from_str(text: &str) -> Result<Self, CrsError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_their_addresses_are_read() {
        for text in [
            "EPSG:4548",
            "4548",
            " epsg:4548 ",
            "urn:ogc:def:crs:EPSG::4548",
            "URN:OGC:DEF:CRS:EPSG:9.8.15:4548",
            "http://www.opengis.net/def/crs/EPSG/0/4548",
            "https://www.opengis.net/def/crs/EPSG/0/4548/",
            "http://www.opengis.net/gml/srs/epsg.xml#4548",
            "[EPSG:4548]",
            "\u{feff}EPSG:4548",
            "EPSG：4548",
        ] {
            assert_eq!(Crs::parse(text).unwrap(), Crs::Epsg(4548), "{text}");
        }
        for text in [
            "EPSG:4490",
            "4326",
            "urn:ogc:def:crs:EPSG::4490",
            "http://www.opengis.net/def/crs/EPSG/0/4490",
            "OGC:CRS84",
            "CRS84",
            "urn:ogc:def:crs:OGC:1.3:CRS84",
            "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
            "WGS84",
            "WGS 84",
            "CGCS2000",
            "国家2000",
            "经纬度",
        ] {
            assert_eq!(Crs::parse(text).unwrap(), Crs::Degrees, "{text}");
        }
    }

    #[test]
    fn names_in_both_languages_are_read() {
        for (texts, crs) in [
            (&["GCJ-02", "gcj02", "GCJ_02", "火星坐标", "火星坐标系", "高德", "ｇｃｊ０２"][..], Crs::Gcj02),
            (&["BD-09", "bd09", "bd09ll", "百度坐标"][..], Crs::Bd09),
            (&["Web Mercator", "EPSG:900913", "ESRI:102100", "web墨卡托"][..], Crs::Epsg(3857)),
            (&["UTM 50N", "WGS_1984_UTM_Zone_50N", "WGS 84 / UTM zone 50N"][..], Crs::Epsg(32650)),
            (&["CGCS2000_3_Degree_GK_CM_117E", "CGCS2000 / 3-degree Gauss-Kruger CM 117E"][..], Crs::Epsg(4548)),
            (&["CGCS2000_3_Degree_GK_Zone_39", "CGCS2000 / 3-degree Gauss-Kruger zone 39"][..], Crs::Epsg(4527)),
            (&["CGCS2000_GK_Zone_20", "CGCS2000 / Gauss-Kruger zone 20"][..], Crs::Epsg(4498)),
            (&["Xian_1980_3_Degree_GK_CM_117E", "Xian 1980 / 3-degree Gauss-Kruger CM 117E"][..], Crs::Epsg(2384)),
            (&["Beijing_1954_3_Degree_GK_Zone_39"][..], Crs::Epsg(2415)),
            (&["GCS_Beijing_1954", "Beijing 1954", "北京54"][..], Crs::Epsg(4214)),
            (&["西安80", "Xian 1980"][..], Crs::Epsg(4610)),
        ] {
            for text in texts {
                assert_eq!(Crs::parse(text).unwrap(), crs, "{text}");
            }
        }
    }

    #[test]
    fn every_key_reads_back() {
        for crs in [
            Crs::Degrees,
            Crs::Epsg(4548),
            Crs::Gcj02,
            Crs::Bd09,
            Crs::Local("地方 A".to_owned()),
            Crs::Definition("+proj=tmerc +lon_0=117 +ellps=GRS80".to_owned()),
            Crs::Mishap(Mishap::Gcj02Twice),
            Crs::Mishap(Mishap::Gcj02Undone),
            Crs::Mishap(Mishap::Bd09Undone),
            Crs::Mishap(Mishap::Gcj02In(4548)),
            Crs::Mishap(Mishap::Bd09In(3857)),
        ] {
            assert_eq!(Crs::parse(&crs.to_string()).unwrap(), crs);
        }
    }

    #[test]
    fn nothing_declared_is_not_the_same_as_something_unknown() {
        for text in ["", " ", "null", "None", "无"] {
            assert!(matches!(Crs::parse(text), Err(CrsError::Undeclared)), "{text}");
        }
        for text in ["Atlantis 1974", "EPSG:", "EPSG:0", "EPSG:99999999999", "-4548", "GCJ-02x7", "LOCAL:"] {
            assert!(matches!(Crs::parse(text), Err(CrsError::Unknown(_))), "{text}");
        }
        let CrsError::Unknown(shown) = Crs::parse(&"龙".repeat(10_000)).unwrap_err() else { panic!("it is unknown") };
        assert!(shown.chars().count() <= 81);
    }

    #[test]
    fn definitions_that_would_open_a_file_are_refused() {
        for text in [
            "+proj=tmerc +lon_0=117 +ellps=krass +nadgrids=secret.gsb",
            "+init=epsg:4548",
            "+proj=pipeline +step +proj=tmerc",
            "PROJCS[\"x\",GEOGCS[\"y\",DATUM[\"z\",SPHEROID[\"s\",6378245,298.3]]],EXTENSION[\"PROJ4\",\"+proj=longlat +nadgrids=secret.gsb\"]]",
        ] {
            assert!(matches!(Crs::parse(text), Err(CrsError::Forbidden(_))), "{text}");
        }
    }
}
