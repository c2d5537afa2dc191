//! The catalogue of issue types: ids, weights, who is to act, and sentences in both languages.
//!
//! Must-fix is what would put a falsehood or a broken outline into the register; everything else may be published and put
//! right later. `docs/issues.md` is made of it.

mod ground;
mod identity;
mod outline;
mod rules;
mod values;

use std::fmt::Write as _;

use crate::ingest::delivery::{Issue, Severity, Side};

pub use ground::*;
pub use identity::*;
pub use outline::*;
pub use rules::*;
pub use values::*;

/// Every issue type, in the order of the catalogue.
pub static ISSUES: [&Issue; 66] = [
    &outline::UNREADABLE_GEOMETRY,
    &outline::TOO_MANY_VERTICES,
    &outline::OFF_EARTH,
    &outline::SELF_INTERSECTION,
    &outline::SELF_TOUCH,
    &outline::COLLINEAR_OVERLAP,
    &outline::DEGENERATE_RING,
    &outline::UNCLOSED_RING,
    &outline::DUPLICATE_VERTICES,
    &outline::SPIKE,
    &outline::WRONG_WINDING,
    &outline::HOLE_OUTSIDE,
    &outline::HOLES_CROSS,
    &outline::PARTS_OVERLAP,
    &outline::REPEATED_RING,
    &outline::UNCHECKED_OUTLINE,
    &outline::SLIVER,
    &outline::NOT_A_POLYGON,
    &ground::DUPLICATE_GEOMETRY,
    &ground::CONTAINED_DUPLICATE,
    &ground::OVERLAP,
    &ground::OVERLAP_REGISTER,
    &ground::OVERLAP_UNMEASURED,
    &ground::OUTSIDE_DISTRICT,
    &ground::FAR_OUTSIDE_DISTRICT,
    &ground::OUTSIDE_STREET,
    &ground::IMPLAUSIBLE_SIZE,
    &ground::SITE_AREA_DIFFERS,
    &ground::CRS_SUSPECT,
    &ground::CRS_UNKNOWN,
    &ground::CRS_PARAMETERS,
    &ground::CRS_ODD_ROW,
    &identity::DUPLICATE_CODE,
    &identity::DUPLICATE_NAME,
    &identity::ROW_REPEATED,
    &identity::RETIRED_CODE,
    &identity::UNKNOWN_CODE,
    &identity::UNREADABLE_CODE,
    &identity::DAMAGED_CODE,
    &identity::UNKNOWN_STREET,
    &identity::UNKNOWN_COMMUNITY,
    &identity::COMMUNITY_OF_OTHER_STREET,
    &identity::MISSING_REQUIRED,
    &identity::NOT_LOCATED,
    &identity::NOT_REGISTERED,
    &identity::UNREADABLE_ROW,
    &values::UNREADABLE_VALUE,
    &values::UNKNOWN_VALUE,
    &values::IMPRECISE_DATE,
    &values::DATES_OUT_OF_ORDER,
    &values::INVALID_USCC,
    &values::UNKNOWN_MANAGER,
    &values::NEW_MANAGER,
    &values::MANAGER_NAME_DIFFERS,
    &values::CONTRACTED_WITHOUT_COMPANY,
    &values::QUASI_WITHOUT_OWNING_UNIT,
    &values::PERSONAL_DATA,
    &rules::COMMITTEE_EVEN_MEMBERS,
    &rules::COMMITTEE_TOO_FEW_MEMBERS,
    &rules::COMMITTEE_TERM_TOO_LONG,
    &rules::COMMITTEE_LATE_FILING,
    &rules::COMMITTEE_WITHOUT_DATE,
    &rules::COMMITTEE_CONFLICT,
    &rules::TRANSITION_TOO_LONG,
    &rules::TERM_EXPIRED,
    &rules::CONTRACT_EXPIRED,
];

impl Issue {
    /// The issue type of that id.
    pub fn of(id: &str) -> Option<&'static Self> {
        ISSUES.into_iter().find(|issue| issue.id == id)
    }
}

/// The catalogue as a document.
pub fn markdown() -> String {
    let mut text = String::from(
        "# Issue types\n\nWhat can be wrong with a delivery. Made from the catalogue in the program; `GET /api/issue-types` tells the same.\n\n\
         *Must fix* keeps a delivery from being published until it is put right or excepted, *fix later* does not.\n\n\
         | id | weight | who acts | 中文 | English |\n|---|---|---|---|---|\n",
    );
    for issue in ISSUES {
        let weight = match issue.severity {
            Severity::MustFix => "must fix",
            Severity::FixLater => "fix later",
        };
        let side = match issue.side {
            Side::Bureau => "bureau 科信局",
            Side::Street => "street 街乡",
            Side::District => "district 区",
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| `{}` | {weight} | {side} | **{}** {}。{} | **{}** {}. {} |",
            issue.id, issue.title.zh, issue.wrong.zh, issue.fix.zh, issue.title.en, issue.wrong.en, issue.fix.en
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn braces(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
    }

    #[test]
    fn ids_are_unique_and_in_kebab_case() {
        let ids: BTreeSet<&str> = ISSUES.iter().map(|issue| issue.id).collect();
        assert_eq!(ids.len(), ISSUES.len());
        for id in ids {
            assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') && !id.starts_with('-'), "{id}");
            assert_eq!(Issue::of(id).map(|issue| issue.id), Some(id));
        }
    }

    #[test]
    fn both_languages_say_the_same_with_the_same_parameters() {
        for issue in ISSUES {
            for text in [issue.title, issue.wrong, issue.fix] {
                assert!(!text.zh.is_empty() && !text.en.is_empty(), "{}", issue.id);
            }
            // A parameter that is a word has a form of its own in English.
            let plain = |names: BTreeSet<&str>| -> BTreeSet<String> {
                names.into_iter().map(|name| name.trim_end_matches("_en").to_owned()).collect()
            };
            assert_eq!(plain(braces(issue.wrong.zh)), plain(braces(issue.wrong.en)), "{}", issue.id);
        }
    }

    #[test]
    fn the_document_is_made_of_the_catalogue() {
        let file = include_str!("../../../../docs/issues.md");
        assert!(file == markdown(), "docs/issues.md is out of date: write what catalogue::markdown() makes");
    }
}
