//! The spellings of codes and names.

use crate::crs::codes::{self, Datum, Zone};
use crate::crs::error::CrsError;
use crate::crs::reference::{Crs, Mishap};

/// Codes have at most this many digits; longer numbers are something else.
const DIGITS_MAX: usize = 7;

/// A system by code, address or name; `None` for a text that is none of them.
pub(crate) fn parse(text: &str) -> Option<Result<Crs, CrsError>> {
    if let Some(name) = strip_prefix_ignoring_case(text, "LOCAL:") {
        let name = name.trim();
        return (!name.is_empty()).then(|| Ok(Crs::Local(name.to_owned())));
    }
    let folded = fold(text);
    if matches!(folded.as_str(), "" | "null" | "none" | "undefined" | "unknown" | "无") {
        return Some(Err(CrsError::Undeclared));
    }
    by_shift(&folded).or_else(|| by_code(&folded)).or_else(|| by_name(&squeeze(&folded))).map(Ok)
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Lower case with full-width letters, digits and colons made narrow, without blanks around.
fn fold(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    };
    text.trim().chars().map(narrow).flat_map(char::to_lowercase).collect()
}

/// Only letters and digits.
fn squeeze(folded: &str) -> String {
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn by_shift(folded: &str) -> Option<Crs> {
    if let Some((shift, rest)) = folded.split_once('@') {
        let Crs::Epsg(code) = by_code(rest)? else { return None };
        return match squeeze(shift).as_str() {
            "gcj02" => Some(Crs::Mishap(Mishap::Gcj02In(code))),
            "bd09" => Some(Crs::Mishap(Mishap::Bd09In(code))),
            _ => None,
        };
    }
    match folded {
        "gcj-02x2" => return Some(Crs::Mishap(Mishap::Gcj02Twice)),
        "gcj-02x-1" => return Some(Crs::Mishap(Mishap::Gcj02Undone)),
        "bd-09x-1" => return Some(Crs::Mishap(Mishap::Bd09Undone)),
        _ => {}
    }
    match squeeze(folded).as_str() {
        "gcj02" | "gcj" | "火星坐标" | "火星坐标系" | "火星" | "国测局坐标" | "国测局坐标系" | "高德" | "高德坐标"
        | "高德坐标系" | "腾讯坐标" | "mars" => Some(Crs::Gcj02),
        "bd09" | "bd09ll" | "百度" | "百度坐标" | "百度坐标系" => Some(Crs::Bd09),
        _ => None,
    }
}

fn by_code(folded: &str) -> Option<Crs> {
    let tail = |prefix: &str| folded.strip_prefix(prefix);
    if folded.ends_with("crs84") || folded == "crs:84" {
        return Some(Crs::Degrees);
    }
    let digits = if let Some(rest) = tail("urn:ogc:def:crs:epsg:").or_else(|| tail("urn:x-ogc:def:crs:epsg:")) {
        rest.rsplit(':').next()?
    } else if let Some((_, rest)) = folded.split_once("/def/crs/epsg/") {
        rest.trim_end_matches('/').rsplit('/').next()?
    } else if let Some((_, rest)) = folded.split_once("epsg.xml#") {
        rest
    } else if let Some(rest) = tail("epsg:").or_else(|| tail("epsg")) {
        rest.trim()
    } else if let Some(rest) = tail("esri:") {
        return matches!(rest.trim(), "102100" | "102113").then_some(Crs::Epsg(3857));
    } else {
        folded
    };
    if digits.is_empty() || digits.len() > DIGITS_MAX || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match digits.parse().ok()? {
        0 => None,
        900_913 | 102_100 | 102_113 | 3785 => Some(Crs::Epsg(3857)),
        code => Some(Crs::from_code(code)),
    }
}

/// A system by the name that ESRI, EPSG or an office gives it. Letters and digits only.
fn by_name(name: &str) -> Option<Crs> {
    if ["webmercator", "pseudomercator", "mercatorauxiliarysphere", "web墨卡托"].iter().any(|part| name.contains(part))
    {
        return Some(Crs::Epsg(3857));
    }
    let datum = datum_of_name(name);
    if let Some((before, zone)) =
        name.rsplit_once("utm").map(|(before, zone)| (before, zone.trim_start_matches("zone")))
        && (before.is_empty() || datum == Some(Datum::Wgs84))
    {
        let (zone, hemisphere) = zone.split_at_checked(zone.len().checked_sub(1)?)?;
        let zone: u32 = zone.parse().ok().filter(|zone| (1..=60).contains(zone))?;
        return match hemisphere {
            "n" => Some(Crs::Epsg(32600 + zone)),
            "s" => Some(Crs::Epsg(32700 + zone)),
            _ => None,
        };
    }
    let datum = datum?;
    let rest = ["gausskruger", "gk", "degree"].iter().find_map(|part| name.split_once(part)).map(|(_, rest)| rest);
    match rest {
        None if name.chars().filter(char::is_ascii_digit).count() > 4 => None,
        None => codes::code_of(datum, codes::Plane::Degrees).map(Crs::from_code),
        Some(rest) => codes::gauss_kruger_code(datum, zone_of_name(rest)?).map(Crs::Epsg),
    }
}

/// The datum that a name of letters and digits, or of WKT, speaks of.
pub(crate) fn datum_of_name(name: &str) -> Option<Datum> {
    let name: String = squeeze(&fold(name));
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(&["newbeijing", "新北京"]) {
        Some(Datum::Other)
    } else if has(&[
        "cgcs2000",
        "china2000",
        "chinageodeticcoordinatesystem2000",
        "chinageodetic2000",
        "国家2000",
        "大地2000",
    ]) {
        Some(Datum::Cgcs2000)
    } else if has(&["xian1980", "xian80", "西安80", "西安1980"]) {
        Some(Datum::Xian1980)
    } else if has(&["beijing1954", "beijing54", "北京54", "北京1954"]) {
        Some(Datum::Beijing1954)
    } else if has(&["wgs84", "wgs1984", "经纬度", "worldgeodeticsystem1984"]) {
        Some(Datum::Wgs84)
    } else {
        None
    }
}

fn zone_of_name(rest: &str) -> Option<Zone> {
    let number = |text: &str| text.trim_end_matches(['n', 'e']).parse::<u32>().ok();
    if let Some((_, meridian)) = rest.rsplit_once("cm") {
        return number(meridian).map(Zone::Meridian);
    }
    rest.rsplit_once("zone").and_then(|(_, zone)| number(zone)).map(Zone::Number)
}
