//! Reading JSON member by member, each fault with its place.

use std::fmt;

use jiff::civil::Date;
use serde::de::{DeserializeOwned, Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::history::document::LIST_LIMIT;
use crate::history::{ChangeFault, Drawn};
use crate::ingest::survey_text;
use crate::model::{AreaCode, read_date};

/// Longest text that a document may hold, in characters.
pub const TEXT_LIMIT_CHARS: usize = 1_000;

/// How much of a value that cannot be read is repeated in the fault, in characters.
const QUOTED_CHARS: usize = 40;

/// Collects faults while a document is read.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) faults: Vec<ChangeFault>,
}

/// The members of an object that have not been read yet.
#[derive(Debug, Default)]
pub(super) struct Members<'t> {
    place: String,
    left: Vec<(String, &'t RawValue)>,
}

impl<'t> Members<'t> {
    /// Takes a member out.
    pub(super) fn take(&mut self, name: &str) -> Option<&'t RawValue> {
        let at = self.left.iter().position(|(member, _)| member == name)?;
        Some(self.left.remove(at).1)
    }

    /// Every member that is left, with its place.
    pub(super) fn into_parts(self) -> impl Iterator<Item = (String, String, &'t RawValue)> {
        let place = self.place;
        self.left.into_iter().map(move |(name, raw)| {
            let at = member_place(&place, &name);
            (name, at, raw)
        })
    }

    fn place(&self, name: &str) -> String {
        member_place(&self.place, name)
    }
}

/// Place of a member (RFC 6901, 3 and 4).
fn member_place(place: &str, name: &str) -> String {
    format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl Reader {
    /// Adds a fault.
    pub(super) fn fault(&mut self, place: &str, message: impl Into<String>) {
        self.faults.push(ChangeFault { place: place.to_owned(), code: None, message: message.into() });
    }

    /// The members of an object; a name that comes twice is a fault, because readers disagree on which one counts.
    pub(super) fn object<'t>(&mut self, place: &str, raw: &'t RawValue) -> Option<Members<'t>> {
        let mut deserializer = serde_json::Deserializer::from_str(raw.get());
        let Ok(members) = deserializer.deserialize_map(ObjectVisitor) else {
            self.expected(place, "an object", raw);
            return None;
        };
        let mut left: Vec<(String, &RawValue)> = Vec::new();
        for (name, value) in members {
            if left.iter().any(|(earlier, _)| *earlier == name) {
                self.fault(&member_place(place, &name), "the member is there twice");
            } else {
                left.push((name, value));
            }
        }
        Some(Members { place: place.to_owned(), left })
    }

    /// A fault for every member that nobody asked for.
    pub(super) fn finish(&mut self, members: Members<'_>) {
        for (name, place, _) in members.into_parts() {
            self.fault(&place, format!("nothing called {name:?} is known here; is it misspelt?"));
        }
    }

    /// A member that must be there.
    pub(super) fn required<'t, T>(
        &mut self,
        members: &mut Members<'t>,
        name: &str,
        read: impl FnOnce(&mut Self, &str, &'t RawValue) -> Option<T>,
    ) -> Option<T> {
        let place = members.place(name);
        match members.take(name) {
            Some(raw) => read(self, &place, raw),
            None => {
                self.fault(&place, "it is required and not there");
                None
            }
        }
    }

    /// A member that may be left out.
    pub(super) fn optional<'t, T>(
        &mut self,
        members: &mut Members<'t>,
        name: &str,
        read: impl FnOnce(&mut Self, &str, &'t RawValue) -> Option<T>,
    ) -> Option<T> {
        let place = members.place(name);
        members.take(name).and_then(|raw| read(self, &place, raw))
    }

    /// A member that may be left out, and be null: `Some(None)`.
    pub(super) fn nullable<'t, T>(
        &mut self,
        members: &mut Members<'t>,
        name: &str,
        read: impl FnOnce(&mut Self, &str, &'t RawValue) -> Option<T>,
    ) -> Option<Option<T>> {
        let place = members.place(name);
        let raw = members.take(name)?;
        if raw.get() == "null" { Some(None) } else { read(self, &place, raw).map(Some) }
    }

    /// The items of an array.
    pub(super) fn list<'t, T>(
        &mut self,
        place: &str,
        raw: &'t RawValue,
        mut read: impl FnMut(&mut Self, &str, &'t RawValue) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
            self.expected(place, "a list", raw);
            return None;
        };
        if items.len() > LIST_LIMIT {
            self.fault(place, format!("{} are listed, {LIST_LIMIT} are the most", items.len()));
            return None;
        }
        // Every item is read, so that all faults are found.
        let read: Vec<Option<T>> =
            items.into_iter().enumerate().map(|(at, item)| read(self, &format!("{place}/{at}"), item)).collect();
        read.into_iter().collect()
    }

    /// A text of more than blanks.
    pub(super) fn text(&mut self, place: &str, raw: &RawValue) -> Option<String> {
        let text = self.any_text(place, raw)?;
        if text.trim().is_empty() {
            self.fault(place, "a text of more than blanks is needed");
            return None;
        }
        Some(text)
    }

    /// A text, perhaps an empty one.
    pub(super) fn any_text(&mut self, place: &str, raw: &RawValue) -> Option<String> {
        let text: String = self.json(place, raw, "a text")?;
        let chars = text.chars().count();
        if chars > TEXT_LIMIT_CHARS {
            self.fault(place, format!("the text has {chars} characters, {TEXT_LIMIT_CHARS} are the most"));
            return None;
        }
        Some(text)
    }

    /// A text that `parse` understands.
    pub(super) fn parsed<T, E: fmt::Display>(
        &mut self,
        place: &str,
        raw: &RawValue,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.any_text(place, raw)?;
        parse(&text).map_err(|err| self.fault(place, err.to_string())).ok()
    }

    /// A value of an enumeration.
    pub(super) fn key<T>(&mut self, place: &str, raw: &RawValue, from_key: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.parsed(place, raw, |text| from_key(text).ok_or_else(|| format!("{text:?} is not one of the known values")))
    }

    /// The code of an area.
    pub(super) fn area_code(&mut self, place: &str, raw: &RawValue) -> Option<AreaCode> {
        self.parsed(place, raw, AreaCode::parse)
    }

    /// A date as in 2022-10-27.
    pub(super) fn date(&mut self, place: &str, raw: &RawValue) -> Option<Date> {
        self.parsed(place, raw, |text| {
            read_date(text).ok_or_else(|| format!("{text:?} is not a date as in 2022-10-27"))
        })
    }

    /// Yes or no.
    pub(super) fn boolean(&mut self, place: &str, raw: &RawValue) -> Option<bool> {
        self.json(place, raw, "true or false")
    }

    /// A number that is not negative and fits its type.
    pub(super) fn number<T: DeserializeOwned>(&mut self, place: &str, raw: &RawValue) -> Option<T> {
        if raw.get().starts_with('-') {
            self.fault(place, format!("{} is negative", raw.get()));
            return None;
        }
        self.json(place, raw, "a number that fits here")
    }

    /// A boundary, checked; its text is kept.
    pub(super) fn drawn(&mut self, place: &str, raw: &RawValue) -> Option<Drawn> {
        let surveyed = survey_text(raw.get()).map_err(|message| self.fault(place, message)).ok()?;
        let source = raw.get().to_owned();
        Some(Drawn { boundary: surveyed.boundary, source, surface_m2: surveyed.surface_m2 })
    }

    fn json<T: DeserializeOwned>(&mut self, place: &str, raw: &RawValue, what: &str) -> Option<T> {
        let value = serde_json::from_str(raw.get()).ok();
        if value.is_none() {
            self.expected(place, what, raw);
        }
        value
    }

    fn expected(&mut self, place: &str, what: &str, raw: &RawValue) {
        let mut quoted: String = raw.get().chars().take(QUOTED_CHARS).collect();
        if quoted.len() < raw.get().len() {
            quoted.push('…');
        }
        self.fault(place, format!("{what} is expected, not {quoted}"));
    }
}

/// An object as its members in order.
struct ObjectVisitor;

impl<'t> Visitor<'t> for ObjectVisitor {
    type Value = Vec<(String, &'t RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
