//! Streets and communities by the names and codes that offices use.

use crate::ingest::delivery::value::half_width;
use crate::model::{Community, Street, StreetCode};

/// Endings that tell the kind of a street, longest first.
const STREET_KINDS: [&str; 8] = ["街道办事处", "地区办事处", "乡人民政府", "地区", "街道", "办事处", "乡", "镇"];

/// What stands before the name of a street.
const PREFIXES: [&str; 3] = ["北京市", "北京", "朝阳区"];

/// The street of a name, stem, alias or nine-digit code. `None` for what names none or several.
///
/// Shorter codes are not taken: the editions of three digits collide, and 043 is 东湖 in one and 首都机场 in another.
pub(super) fn find_street(text: &str, streets: &[Street]) -> Option<StreetCode> {
    let text: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if digits {
        let code = if text.len() == 12 { text.strip_suffix("000")? } else { text.as_str() };
        return streets.iter().find(|street| street.code.as_str() == code).map(|street| street.code.clone());
    }
    let bare = PREFIXES.iter().fold(text.as_str(), |rest, prefix| rest.strip_prefix(prefix).unwrap_or(rest));
    let whole = |street: &&Street| street.name == bare || street.aliases.iter().any(|alias| alias == bare);
    if let Some(street) = only(streets.iter().filter(whole)) {
        return Some(street.code.clone());
    }
    let stem = STREET_KINDS.iter().find_map(|kind| bare.strip_suffix(kind)).unwrap_or(bare);
    only(streets.iter().filter(|street| street.stem == stem || street.stem == bare)).map(|street| street.code.clone())
}

/// The community of a name or twelve-digit code; of several of one name that of the street.
pub(super) fn find_community<'a>(
    text: &str,
    street: Option<&StreetCode>,
    communities: &[&'a Community],
) -> Option<&'a Community> {
    let communities = || communities.iter().copied();
    let text: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        return communities().find(|community| community.code.as_str() == text);
    }
    let stem = ["社区居委会", "居委会", "社区", "村委会", "村"].iter().find_map(|kind| text.strip_suffix(kind));
    let named = |community: &&Community| {
        community.name == text || community.stem == text || stem.is_some_and(|stem| community.stem == stem)
    };
    let here = |community: &&Community| street.is_some_and(|street| community.street == *street);
    only(communities().filter(|community| here(community)).filter(named)).or_else(|| only(communities().filter(named)))
}

fn only<T>(mut things: impl Iterator<Item = T>) -> Option<T> {
    let first = things.next()?;
    things.next().is_none().then_some(first)
}
