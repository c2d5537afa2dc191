//! Names, aliases, pinyin, addresses and codes to areas, streets and managers.
//!
//! [`SearchIndex`] keeps, for every field, a posting list per pair of neighbouring characters (for pinyin: syllables, for
//! initials: letters). A question walks the rarest list of its pairs in order of importance, checks each candidate against
//! its text and stops at the limit, so that its cost follows the number of matches looked at, not the number of areas.
//! Pinyin is never written out: a character stands for the set of its readings, so every combination of readings is found.

mod document;
mod gather;
mod index;
mod matching;
mod normalize;
mod part;
mod pinyin;
mod postings;
mod probe;
mod texts;
mod tokens;
mod typo;

pub use document::{Document, Hit, Kind, MatchField, Query};
pub use index::SearchIndex;
pub use normalize::normalize;
pub use pinyin::{initials, sort_key};
