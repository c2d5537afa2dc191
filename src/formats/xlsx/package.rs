//! A look into the ZIP archive of a workbook before its reader is let in.

use std::io::SeekFrom;

use crate::formats::archive::{Archive, Unpacked};
use crate::formats::text::unreadable;
use crate::formats::{Bytes, FormatError, Limits, Place};

/// Largest part that is held as a whole, besides the sheets and the table of texts.
const PART_BYTES: u64 = 16 << 20;

/// Largest table of texts, which is held as a whole.
const TEXTS_BYTES: u64 = 128 << 20;

/// Most elements of a part that is held as a whole: each becomes an object in memory.
const PART_ELEMENTS: u64 = 400_000;

/// Most elements of the table of texts.
const TEXTS_ELEMENTS: u64 = 12_000_000;

/// Most merged areas of a sheet.
const MERGES: u64 = 100_000;

/// Checks the archive and gives its bytes back: size and number of all parts, and in XML parts neither a document type nor
/// an encoding other than UTF-8, in which one could hide.
///
/// Errors: [`FormatError::Limit`], or the archive is damaged.
pub(super) fn check(name: &str, bytes: &mut (dyn Bytes + '_), limits: &Limits) -> Result<Vec<u8>, FormatError> {
    let mut held = Vec::new();
    bytes.seek(SeekFrom::Start(0)).map_err(|err| unreadable(name, &err))?;
    std::io::Read::read_to_end(bytes, &mut held).map_err(|err| unreadable(name, &err))?;

    let mut archive = Archive::open(name, std::io::Cursor::new(held.as_slice()), limits)?;
    let mut unpacked = Unpacked::new(*limits);
    for entry in archive.entries()? {
        let part = entry.name.to_ascii_lowercase();
        let is_xml = [".xml", ".rels", ".vml"].iter().any(|ending| part.ends_with(ending));
        let place = || Place::file(&format!("{name}/{}", entry.name));
        let (mut scan, mut length) = (Scan::default(), 0);
        let (bytes_max, elements_max) = bounds(&part);
        archive.walk(&entry, &mut unpacked, |piece| {
            let first = length == 0;
            length += piece.len() as u64;
            if !is_xml {
                return Ok(());
            }
            if first
                && (piece.starts_with(b"\xFF\xFE")
                    || piece.starts_with(b"\xFE\xFF")
                    || piece[..piece.len().min(4)].contains(&0))
            {
                return Err(FormatError::Unsupported {
                    place: place(),
                    message: "the part is not in UTF-8".to_owned(),
                });
            }
            scan.piece(piece);
            if scan.declares {
                let message = "the part has a document type or entities, which no workbook needs".to_owned();
                return Err(FormatError::Unsupported { place: place(), message });
            }
            for (count, what, limit) in [
                (length, "the size of the part", bytes_max),
                (scan.elements, "the number of elements", elements_max),
                (scan.merges, "the number of merged areas", MERGES),
            ] {
                if count > limit {
                    return Err(FormatError::Limit { place: place(), what, limit });
                }
            }
            Ok(())
        })?;
    }
    drop(archive);
    Ok(held)
}

/// Bytes and elements that a part may have.
fn bounds(part: &str) -> (u64, u64) {
    if part.contains("worksheets/") && !part.ends_with(".rels") {
        (u64::MAX, u64::MAX)
    } else if part.ends_with("sharedstrings.xml") {
        (TEXTS_BYTES, TEXTS_ELEMENTS)
    } else {
        (PART_BYTES, PART_ELEMENTS)
    }
}

/// Counts what begins with `<` over the pieces of a part.
#[derive(Default)]
struct Scan {
    /// The bytes after the last `<`, as many as matter.
    tag: Vec<u8>,
    inside: bool,
    elements: u64,
    merges: u64,
    declares: bool,
}

impl Scan {
    fn piece(&mut self, mut piece: &[u8]) {
        const LONGEST: usize = "!DOCTYPE".len() + 2;
        loop {
            if !self.inside {
                let Some(at) = piece.iter().position(|b| *b == b'<') else { return };
                piece = &piece[at + 1..];
                self.inside = true;
                self.tag.clear();
                self.elements += 1;
            }
            while self.tag.len() < LONGEST {
                let Some((byte, rest)) = piece.split_first() else { return };
                if *byte == b'<' {
                    break;
                }
                self.tag.push(*byte);
                piece = rest;
            }
            self.inside = false;
            self.declares |= self.tag.starts_with(b"!DOCTYPE") || self.tag.starts_with(b"!ENTITY");
            let local = self.tag.iter().position(|b| *b == b':').map_or(&self.tag[..], |at| &self.tag[at + 1..]);
            self.merges += u64::from(local.starts_with(b"mergeCell ") || self.tag.starts_with(b"mergeCell"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_however_the_pieces_are_cut() {
        let text =
            b"<?xml version='1.0'?><a><mergeCells><mergeCell ref='A1:B2'/><mergeCell/></mergeCells><<!DOCTYPE x>";
        for cut in 1..text.len() {
            let mut scan = Scan::default();
            text.chunks(cut).for_each(|piece| scan.piece(piece));
            assert!(scan.declares);
            assert_eq!((scan.elements, scan.merges), (8, 3));
        }
        let mut scan = Scan::default();
        scan.piece(b"<a>!DOCTYPE</a><!-- -->");
        assert!(!scan.declares);
    }
}
