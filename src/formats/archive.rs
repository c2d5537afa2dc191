//! ZIP archives: packed, and unpacked into memory with every bound counted on what comes out, never on what a header says.

use std::io::{Cursor, Read, Seek, SeekFrom, Write as _};

use encoding_rs::GB18030;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::formats::{FormatError, Limits, Place, encoding};

/// Entries smaller than this may be packed as tightly as they like.
const RATIO_FROM_BYTES: u64 = 1 << 20;

/// Bytes unpacked at a time.
const CHUNK: usize = 64 << 10;

/// What was unpacked of a delivery so far, over all its archives.
#[derive(Debug)]
pub(crate) struct Unpacked {
    limits: Limits,
    bytes: u64,
}

impl Unpacked {
    pub fn new(limits: Limits) -> Self {
        Self { limits, bytes: 0 }
    }
}

/// An entry that is a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its number in the archive.
    pub index: usize,
    /// Its name with folders, `/` between them. Told to people and compared, never used as a path.
    pub name: String,
}

/// An open archive.
pub(crate) struct Archive<R> {
    name: String,
    zip: ZipArchive<R>,
}

impl<R: Read + Seek> Archive<R> {
    /// Opens an archive. Errors: it is not one or is cut off, or has too many entries.
    pub fn open(name: &str, mut bytes: R, limits: &Limits) -> Result<Self, FormatError> {
        let listed = entries_listed(&mut bytes).map_err(|err| broken(name, &err.into()))?;
        let zip = ZipArchive::new(bytes).map_err(|err| broken(name, &err))?;
        if zip.len() > limits.entries {
            let (place, limit) = (Place::file(name), limits.entries as u64);
            return Err(FormatError::Limit { place, what: "the number of entries", limit });
        }
        // Of two entries with the same name the reader keeps the last; nothing may be lost without a word.
        if listed.is_some_and(|listed| listed > zip.len()) {
            let message = "an entry is there twice; pack the files again".to_owned();
            return Err(FormatError::Unsupported { place: Place::file(name), message });
        }
        Ok(Self { name: name.to_owned(), zip })
    }

    /// Its files. Folders and what macOS and Windows add of their own are left out.
    ///
    /// Errors: an entry is encrypted or a link, or two have the same name once it is decoded.
    pub fn entries(&mut self) -> Result<Vec<Entry>, FormatError> {
        let mut entries: Vec<Entry> = Vec::new();
        for index in 0..self.zip.len() {
            let file = self.zip.by_index_raw(index).map_err(|err| broken(&self.name, &err))?;
            let name = entry_name(file.name_raw());
            let refuse = |what: &str| {
                let message = format!("the entry {name:?} {what}");
                Err(FormatError::Unsupported { place: Place::file(&self.name), message })
            };
            if file.encrypted() {
                return refuse("is encrypted; deliver the archive without a password");
            }
            if file.is_symlink() {
                return refuse("is a link; deliver the file itself");
            }
            if file.is_dir() || name.ends_with('/') || is_clutter(&name) {
                continue;
            }
            if entries.iter().any(|entry| entry.name == name) {
                return refuse("is there twice");
            }
            entries.push(Entry { index, name });
        }
        Ok(entries)
    }

    /// The bytes of an entry.
    ///
    /// Errors: [`FormatError::Limit`] while they are unpacked, or the entry is damaged.
    pub fn unpack(&mut self, entry: &Entry, unpacked: &mut Unpacked) -> Result<Vec<u8>, FormatError> {
        let mut bytes = Vec::new();
        self.walk(entry, unpacked, |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Hands out the bytes of an entry piece by piece. Errors: as [`Archive::unpack`], and those of `take`.
    pub fn walk(
        &mut self,
        entry: &Entry,
        unpacked: &mut Unpacked,
        mut take: impl FnMut(&[u8]) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let place = || Place::file(&format!("{}/{}", self.name, entry.name));
        let damaged = |err: &dyn std::fmt::Display| FormatError::Syntax {
            place: place(),
            message: format!("the entry cannot be unpacked: {err}"),
        };
        let mut file = self.zip.by_index(entry.index).map_err(|err| damaged(&err))?;
        // What is packed is counted by the reader itself, which hands no more than this to the decoder.
        let packed = file.compressed_size().max(1);
        let mut chunk = vec![0; CHUNK];
        let mut length = 0u64;
        loop {
            let more = file.read(&mut chunk).map_err(|err| damaged(&err))?;
            if more == 0 {
                return Ok(());
            }
            length += more as u64;
            unpacked.bytes += more as u64;
            let Limits { unpacked_bytes, ratio, .. } = unpacked.limits;
            if unpacked.bytes > unpacked_bytes {
                return Err(FormatError::Limit { place: place(), what: "the unpacked size", limit: unpacked_bytes });
            }
            if length > RATIO_FROM_BYTES && length / packed > ratio {
                let what = "the unpacked size for each packed byte";
                return Err(FormatError::Limit { place: place(), what, limit: ratio });
            }
            take(&chunk[..more])?;
        }
    }
}

/// How many entries the end of an archive says it has (APPNOTE 4.3.16, "total number of entries"); `None` where it is not
/// found or stands in the 64-bit record.
fn entries_listed(bytes: &mut (impl Read + Seek)) -> std::io::Result<Option<usize>> {
    const SIGNATURE: &[u8] = b"PK\x05\x06";
    const RECORD: u64 = 22;
    let length = bytes.seek(SeekFrom::End(0))?;
    bytes.seek(SeekFrom::Start(length.saturating_sub(RECORD + u64::from(u16::MAX))))?;
    let mut tail = Vec::new();
    bytes.read_to_end(&mut tail)?;
    bytes.rewind()?;
    let at = tail.windows(SIGNATURE.len()).rposition(|window| window == SIGNATURE);
    let count = at.and_then(|at| tail.get(at + 10..at + 12)).map(|two| u16::from_le_bytes([two[0], two[1]]));
    Ok(count.filter(|count| *count != u16::MAX).map(usize::from))
}

/// Files as an archive, in the order given; their names may have folders.
///
/// Errors: [`FormatError::Unsupported`] at `place` for what an archive cannot hold, such as two files of one name.
pub fn pack(place: &Place, members: impl IntoIterator<Item = (String, Vec<u8>)>) -> Result<Vec<u8>, FormatError> {
    let packed = || {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        for (name, bytes) in members {
            archive.start_file(name, options)?;
            archive.write_all(&bytes)?;
        }
        Ok(archive.finish()?.into_inner())
    };
    packed().map_err(|err: zip::result::ZipError| FormatError::Unsupported {
        place: place.clone(),
        message: format!("the archive: {err}"),
    })
}

/// A name for a file, whatever text it is made of.
pub fn file_stem(name: &str) -> String {
    let stem: String =
        name.chars().map(|c| if c.is_control() || r#"/\:*?"<>|."#.contains(c) { '_' } else { c }).take(60).collect();
    if stem.trim().is_empty() { "export".to_owned() } else { stem }
}

fn broken(name: &str, err: &zip::result::ZipError) -> FormatError {
    let message = format!("the archive is damaged or not complete: {err}");
    FormatError::Syntax { place: Place::file(name), message }
}

/// The name of an entry. Windows in Chinese packs names in GBK without saying so.
fn entry_name(raw: &[u8]) -> String {
    let decoded = std::str::from_utf8(raw).ok().map(str::to_owned);
    let decoded = decoded.or_else(|| encoding::decode(raw, GB18030).map(|name| name.into_owned()));
    let name = decoded.unwrap_or_else(|| String::from_utf8_lossy(raw).into_owned());
    name.chars()
        .map(|c| {
            if c == '\\' {
                '/'
            } else if c.is_control() {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

fn is_clutter(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    name.split('/').any(|folder| folder == "__MACOSX")
        || file.starts_with("._")
        || [".ds_store", "thumbs.db", "desktop.ini"].contains(&file.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn open(bytes: Vec<u8>) -> Result<Archive<Cursor<Vec<u8>>>, FormatError> {
        Archive::open("a.zip", Cursor::new(bytes), &Limits::UPLOAD)
    }

    #[test]
    fn entries_are_files_without_clutter() {
        let bytes =
            packed(&[("数据/a.csv", b"x"), ("__MACOSX/._a.csv", b""), (".DS_Store", b""), ("..\\..\\b.csv", b"yy")]);
        let mut archive = open(bytes).unwrap();
        let entries = archive.entries().unwrap();
        let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
        assert_eq!(names, ["数据/a.csv", "../../b.csv"]);
        assert_eq!(archive.unpack(&entries[1], &mut Unpacked::new(Limits::UPLOAD)).unwrap(), b"yy");
    }

    #[test]
    fn names_in_gbk_are_read() {
        assert_eq!(entry_name(&GB18030.encode("台账/数据.csv").0), "台账/数据.csv");
        assert_eq!(entry_name("台账.csv".as_bytes()), "台账.csv");
        assert_eq!(entry_name(b"a\0\xff.csv"), "a\u{fffd}\u{fffd}.csv");
    }

    #[test]
    fn a_bomb_is_stopped_while_it_is_unpacked() {
        let bytes = packed(&[("zeros.csv", &vec![0; 64 << 20])]);
        assert!(bytes.len() < 100_000);
        let mut archive = open(bytes.clone()).unwrap();
        let entries = archive.entries().unwrap();
        let err = archive.unpack(&entries[0], &mut Unpacked::new(Limits::UPLOAD)).unwrap_err().to_string();
        assert_eq!(err, "a.zip/zeros.csv: the unpacked size for each packed byte exceeds the limit of 200");

        let limits = Limits { ratio: u64::MAX, unpacked_bytes: 1 << 20, ..Limits::UPLOAD };
        let err = archive.unpack(&entries[0], &mut Unpacked::new(limits)).unwrap_err().to_string();
        assert!(err.contains("the unpacked size exceeds"), "{err}");
    }

    #[test]
    fn a_header_that_lies_about_the_size_is_not_believed() {
        let mut bytes = packed(&[("a.csv", &vec![b'x'; 4 << 20])]);
        // The size in both headers becomes 1.
        let size = (4u32 << 20).to_le_bytes();
        let at: Vec<usize> = (0..bytes.len() - 4).filter(|at| bytes[*at..*at + 4] == size).collect();
        assert_eq!(at.len(), 2);
        for at in at {
            bytes[at..at + 4].copy_from_slice(&1u32.to_le_bytes());
        }
        let mut archive = open(bytes).unwrap();
        let entries = archive.entries().unwrap();
        assert!(archive.unpack(&entries[0], &mut Unpacked::new(Limits::UPLOAD)).is_err());
    }

    #[test]
    fn links_locks_and_too_many_entries_are_refused() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_symlink("a.csv", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        let err = open(zip.finish().unwrap().into_inner()).unwrap().entries().unwrap_err().to_string();
        assert_eq!(err, "a.zip: the entry \"a.csv\" is a link; deliver the file itself");

        let mut bytes = packed(&[("a.csv", b"x")]);
        // Bit 0 of the flags, at 6 in the local header and at 8 in the central one.
        let central = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        bytes[6] |= 1;
        bytes[central + 8] |= 1;
        let err = open(bytes).unwrap().entries().unwrap_err().to_string();
        assert!(err.contains("is encrypted; deliver the archive without a password"), "{err}");

        let names: Vec<String> = (0..1001).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"".as_slice())).collect();
        let err = open(packed(&many)).err().unwrap().to_string();
        assert_eq!(err, "a.zip: the number of entries exceeds the limit of 1000");
    }

    #[test]
    fn an_entry_that_is_there_twice_is_refused() {
        let mut bytes = packed(&[("a.csv", b"x"), ("b.csv", b"y")]);
        for at in (0..bytes.len() - 5).filter(|at| &bytes[*at..*at + 5] == b"b.csv").collect::<Vec<_>>() {
            bytes[at] = b'a';
        }
        let err = open(bytes).err().unwrap().to_string();
        assert_eq!(err, "a.zip: an entry is there twice; pack the files again");
    }

    #[test]
    fn a_truncated_archive_is_an_error_at_every_length() {
        let bytes = packed(&[("a.csv", b"code,name"), ("b.csv", b"code,name")]);
        for length in 0..bytes.len() {
            assert!(open(bytes[..length].to_vec()).is_err(), "{length}");
        }
    }
}
