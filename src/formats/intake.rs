//! What the readers of binary files share: bounded reading, and names and sources made the same way everywhere.

use std::collections::HashSet;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::formats::{Bytes, Cell, FormatError, Limits, Place, Source};

/// A file that is read from its beginning to its end, with its true length known.
///
/// A number that the file states is compared with the bytes that are left before anything is made of that size.
pub(super) struct Intake<'a> {
    reader: BufReader<Box<dyn Bytes + 'a>>,
    place: Place,
    length: u64,
    at: u64,
}

impl<'a> Intake<'a> {
    /// Errors: longer than the limits allow, or not to be read at all.
    pub(super) fn open(place: Place, mut bytes: Box<dyn Bytes + 'a>, limits: &Limits) -> Result<Self, FormatError> {
        let length = check_length(&place, &mut bytes, limits)?;
        Ok(Self { reader: BufReader::with_capacity(64 << 10, bytes), place, length, at: 0 })
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn left(&self) -> u64 {
        self.length - self.at
    }

    /// Replaces the buffer's contents by the next bytes. Errors: so many are not left.
    pub(super) fn take(&mut self, count: u64, into: &mut Vec<u8>) -> Result<(), FormatError> {
        if count > self.left() {
            return Err(self.cut_off());
        }
        into.clear();
        let read = self.reader.by_ref().take(count).read_to_end(into).map_err(|err| self.broken(&err))?;
        self.at += read as u64;
        if read as u64 == count { Ok(()) } else { Err(self.cut_off()) }
    }

    /// Goes to an offset from the file's beginning. Errors: it lies beyond the end.
    pub(super) fn go_to(&mut self, at: u64) -> Result<(), FormatError> {
        if at > self.length {
            return Err(self.cut_off());
        }
        let step = i64::try_from(at).ok().zip(i64::try_from(self.at).ok()).map(|(to, from)| to - from);
        let sought = match step {
            Some(step) => self.reader.seek_relative(step),
            None => self.reader.seek(SeekFrom::Start(at)).map(|_| ()),
        };
        sought.map_err(|err| self.broken(&err))?;
        self.at = at;
        Ok(())
    }

    pub(super) fn skip(&mut self, count: u64) -> Result<(), FormatError> {
        self.go_to(self.at.saturating_add(count))
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// The bytes from here on.
    pub(super) fn into_reader(self) -> BufReader<Box<dyn Bytes + 'a>> {
        self.reader
    }

    fn cut_off(&self) -> FormatError {
        syntax(&self.place, "the file ends in the middle; it was cut off on its way, deliver it again")
    }

    fn broken(&self, err: &std::io::Error) -> FormatError {
        syntax(&self.place, format!("the file cannot be read: {err}"))
    }
}

/// The file's true length; the file is at its beginning after. Errors: longer than the limits allow, or not to be read.
pub(super) fn check_length(
    place: &Place,
    bytes: &mut Box<dyn Bytes + '_>,
    limits: &Limits,
) -> Result<u64, FormatError> {
    let length = bytes.seek(SeekFrom::End(0)).and_then(|length| bytes.rewind().map(|()| length));
    let length = length.map_err(|err| syntax(place, format!("the file cannot be read: {err}")))?;
    let limit = limits.packed_bytes.max(limits.unpacked_bytes);
    if length > limit {
        return Err(FormatError::Limit { place: place.clone(), what: "the size", limit });
    }
    Ok(length)
}

/// Takes the empty cells at the end off, which cost room and say nothing.
pub(super) fn shorten(cells: &mut Vec<Cell>) {
    let kept = cells.iter().rposition(|cell| *cell != Cell::Empty).map_or(0, |last| last + 1);
    cells.truncate(kept);
    cells.shrink_to_fit();
}

/// Why a geometry is not taken.
#[derive(Debug, PartialEq)]
pub(super) enum ShapeFault {
    /// It cannot be read, in one sentence.
    Unreadable(String),
    /// It has more positions than the limit.
    Vertices,
}

impl From<&str> for ShapeFault {
    fn from(why: &str) -> Self {
        Self::Unreadable(why.to_owned())
    }
}

pub(super) fn syntax(place: &Place, message: impl Into<String>) -> FormatError {
    FormatError::Syntax { place: place.clone(), message: message.into() }
}

pub(super) fn too_many_vertices(place: &Place, limits: &Limits) -> FormatError {
    FormatError::Limit {
        place: place.clone(),
        what: "the number of positions of a geometry",
        limit: limits.vertices as u64,
    }
}

pub(super) fn check_columns(place: &Place, columns: usize, limits: &Limits) -> Result<(), FormatError> {
    if columns > limits.columns {
        let limit = limits.columns as u64;
        return Err(FormatError::Limit { place: place.clone(), what: "the number of columns", limit });
    }
    Ok(())
}

pub(super) fn check_cell(place: &Place, bytes: usize, limits: &Limits) -> Result<(), FormatError> {
    if bytes > limits.cell_bytes {
        let limit = limits.cell_bytes as u64;
        return Err(FormatError::Limit { place: place.clone(), what: "the size of a cell", limit });
    }
    Ok(())
}

/// The bytes as a data URI (RFC 2397) of that media type.
pub(super) fn data_uri(media_type: &str, bytes: &[u8]) -> Source {
    let mut uri = String::with_capacity(media_type.len() + 14 + bytes.len().div_ceil(3) * 4);
    uri.push_str("data:");
    uri.push_str(media_type);
    uri.push_str(";base64,");
    STANDARD.encode_string(bytes, &mut uri);
    uri.into_boxed_str()
}

/// The names, those that are empty or stood before (letters' case aside) made different by a number.
pub(super) fn unique_names(names: Vec<String>) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut unique = Vec::with_capacity(names.len());
    for (at, name) in names.into_iter().enumerate() {
        let base = if name.trim().is_empty() { format!("column_{}", at + 1) } else { name };
        let mut candidate = base.clone();
        let mut number = 2;
        while !taken.insert(candidate.to_lowercase()) {
            candidate = format!("{base}_{number}");
            number += 1;
        }
        unique.push(candidate);
    }
    unique
}

/// The name without one of the endings, which are written in lower case with their dot.
pub(super) fn stem<'a>(name: &'a str, endings: &[&str]) -> &'a str {
    let cut = |ending: &&str| {
        let at = name.len().checked_sub(ending.len())?;
        let tail = name.get(at..)?;
        (at > 0 && tail.eq_ignore_ascii_case(ending)).then(|| &name[..at])
    };
    endings.iter().find_map(cut).unwrap_or(name)
}

pub(super) fn i32_le(bytes: &[u8], at: usize) -> Option<i32> {
    Some(i32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn f64_le(bytes: &[u8], at: usize) -> Option<f64> {
    Some(f64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn no_more_is_taken_than_there_is() {
        let place = Place::file("a.bin");
        let open = || Intake::open(place.clone(), Box::new(Cursor::new(vec![1, 2, 3, 4])), &Limits::UPLOAD).unwrap();
        let (mut intake, mut buffer) = (open(), Vec::new());
        intake.take(3, &mut buffer).unwrap();
        assert_eq!((buffer.as_slice(), intake.left()), ([1, 2, 3].as_slice(), 1));
        assert!(intake.take(u64::MAX, &mut buffer).is_err());
        assert!(buffer.capacity() < 1000);
        intake.go_to(0).unwrap();
        intake.skip(4).unwrap();
        assert!(intake.skip(1).is_err() && intake.go_to(u64::MAX).is_err());
        let small = Limits { packed_bytes: 3, unpacked_bytes: 3, ..Limits::UPLOAD };
        assert!(Intake::open(place.clone(), Box::new(Cursor::new(vec![0; 4])), &small).is_err());
    }

    #[test]
    fn names_are_made_unique_without_regard_to_case() {
        let names = ["NAME", "name", "", "名称", "名称", "name_2"].map(str::to_owned).to_vec();
        assert_eq!(unique_names(names), ["NAME", "name_2", "column_3", "名称", "名称_2", "name_2_2"]);
    }

    #[test]
    fn only_known_endings_are_taken_off() {
        assert_eq!(stem("小区.SHP", &[".shp", ".dbf"]), "小区");
        assert_eq!(stem("a.b.dbf", &[".shp", ".dbf"]), "a.b");
        assert_eq!(stem("区", &[".shp"]), "区");
        assert_eq!(stem(".shp", &[".shp"]), ".shp");
    }

    #[test]
    fn empty_cells_at_the_end_are_not_kept() {
        let mut cells = vec![Cell::Empty, Cell::Integer(1), Cell::Empty];
        shorten(&mut cells);
        assert_eq!(cells, [Cell::Empty, Cell::Integer(1)]);
    }
}
