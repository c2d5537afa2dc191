//! What goes into the index, and what comes out.

use geo::Coord;

use crate::model::StreetCode;

/// What a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A street.
    Street,
    /// A management area.
    Area,
    /// A company or owning unit.
    Manager,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Street, Self::Area, Self::Manager];

    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Street => "street",
            Self::Area => "area",
            Self::Manager => "manager",
        }
    }
}

/// The field that matched, in the order in which hits are ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatchField {
    /// The official name, by its characters.
    Name,
    /// Another name, by its characters.
    Alias,
    /// A name or another name, by its pinyin; the last syllable may be unfinished.
    Pinyin,
    /// A name or another name, by the first letters of its syllables.
    Initials,
    /// A name or another name that differs by one letter of the pinyin, by one character, or only by homophones.
    Typo,
    /// The address.
    Address,
    /// The name of the manager.
    Manager,
    /// The name of the community.
    Community,
    /// The code.
    Code,
}

impl MatchField {
    /// Every field, best first.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Alias,
        Self::Pinyin,
        Self::Initials,
        Self::Typo,
        Self::Address,
        Self::Manager,
        Self::Community,
        Self::Code,
    ];

    /// Name used in the API.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Alias => "alias",
            Self::Pinyin => "pinyin",
            Self::Initials => "initials",
            Self::Typo => "typo",
            Self::Address => "address",
            Self::Manager => "manager",
            Self::Community => "community",
            Self::Code => "code",
        }
    }
}

/// One thing to be found.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Position in the caller's list of that kind, handed back in hits.
    pub key: u32,
    /// Official name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Address, where known.
    pub address: Option<String>,
    /// Name of the manager, where known.
    pub manager: Option<String>,
    /// Name of the community, where known.
    pub community: Option<String>,
    /// Its code.
    pub code: String,
    /// The street it lies in, for a street itself; `None` lies in no street and is not found when one is asked for.
    pub street: Option<StreetCode>,
    /// Where it is, degrees, lng lat.
    pub point: Option<Coord>,
    /// Importance: of two equal matches the greater weight comes first. Not a number counts as 0.
    pub weight: f32,
}

/// A question.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// What was typed.
    pub text: &'a str,
    /// Largest number of hits.
    pub limit: usize,
    /// Rank equally good matches by their distance from here, degrees, lng lat.
    pub near: Option<Coord>,
    /// Only what lies in this street.
    pub street: Option<&'a StreetCode>,
    /// Fields that are not looked into: whoever asks may not learn what they hold, not even that they match.
    pub hidden: &'a [(Kind, MatchField)],
    /// The documents, by kind and key, in which the hidden fields are looked into all the same.
    pub shown: &'a dyn Fn(Kind, u32) -> bool,
}

/// A document that matches.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// What it is.
    pub kind: Kind,
    /// The document's key.
    pub key: u32,
    /// The field that matched.
    pub field: MatchField,
    /// The text of that field as it was handed in.
    pub text: String,
    /// Metres from `near` to the document's point, where both are known.
    pub distance_m: Option<f64>,
}
