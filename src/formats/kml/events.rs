//! The document as a stream of events, bounded in every direction.

use std::io::{self, BufRead, BufReader, Read, SeekFrom};

use encoding_rs::{Encoding, UTF_8};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::formats::budget::geometry_text_limit;
use crate::formats::encoding::{from_hint, is_utf16};
use crate::formats::intake::{check_length, syntax};
use crate::formats::text::{Transcoder, find_encoding, read_full};
use crate::formats::{Bytes, FormatError, InputFile, Place, ReadOptions};

/// Bytes in which the XML declaration must stand.
const DECLARATION_BYTES: usize = 256;

type Source<'a> = Guard<BufReader<Transcoder<Box<dyn Bytes + 'a>>>>;

/// The events of a document.
pub(super) struct Events<'a> {
    reader: Reader<Source<'a>>,
    place: Place,
    pub(super) encoding: &'static Encoding,
}

impl<'a> Events<'a> {
    pub(super) fn open(file: InputFile<'a>, options: &ReadOptions) -> Result<Self, FormatError> {
        let InputFile { name, mut bytes } = file;
        let place = Place::file(&name);
        check_length(&place, &mut bytes, &options.limits)?;
        let declared = declared_encoding(&mut bytes).map_err(|err| syntax(&place, err.to_string()))?;
        let found = find_encoding(&name, &mut *bytes, options)?.encoding;
        // What is found out serves files that say UTF-8, or nothing, and are not.
        let is_told = options.encoding.is_some() || is_utf16(found);
        let encoding = declared.filter(|_| !is_told).unwrap_or(found);
        let limit = geometry_text_limit(&options.limits) as u64;
        let guard = Guard { inner: BufReader::new(Transcoder::new(bytes, encoding)), limit, since: 0, line: 1 };
        Ok(Self { reader: Reader::from_reader(guard), place, encoding })
    }

    /// The next event. Errors: no XML, or a single piece of it that is too long.
    pub(super) fn next<'b>(&mut self, buffer: &'b mut Vec<u8>) -> Result<Event<'b>, FormatError> {
        buffer.clear();
        self.reader.get_mut().since = 0;
        match self.reader.read_event_into(buffer) {
            Ok(event) => Ok(event),
            Err(quick_xml::Error::Io(err)) if err.get_ref().is_some_and(|err| err.is::<TooLong>()) => {
                let limit = self.reader.get_mut().limit;
                Err(FormatError::Limit { place: self.place.clone(), what: "the size of a text", limit })
            }
            Err(err) => {
                let line = Some(self.line());
                Err(syntax(&Place { line, ..self.place.clone() }, format!("this is no well-formed XML: {err}")))
            }
        }
    }

    /// The line that the last event ended in.
    pub(super) fn line(&mut self) -> u64 {
        self.reader.get_mut().line
    }
}

/// The encoding in the XML declaration, where it is neither UTF-8 nor one in which the declaration could not be read so.
fn declared_encoding(bytes: &mut Box<dyn Bytes + '_>) -> io::Result<Option<&'static Encoding>> {
    let mut head = [0; DECLARATION_BYTES];
    let length = read_full(&mut *bytes, &mut head)?;
    bytes.seek(SeekFrom::Start(0))?;
    let head = String::from_utf8_lossy(&head[..length]);
    let Some((declaration, _)) = head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) else {
        return Ok(None);
    };
    let label = declaration.split_once("encoding").and_then(|(_, rest)| rest.split(['"', '\'']).nth(1));
    Ok(label.and_then(from_hint).filter(|encoding| *encoding != UTF_8 && !is_utf16(encoding)))
}

/// Counts lines, and stops a piece of the document that grows without end.
struct Guard<R> {
    inner: R,
    limit: u64,
    since: u64,
    line: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("a piece of the document is too long")]
struct TooLong;

impl<R: BufRead> Read for Guard<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(into.len());
        into[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Guard<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since > self.limit {
            return Err(io::Error::other(TooLong));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.since += amount as u64;
        // What is consumed was filled before, so nothing is read here.
        if let Ok(filled) = self.inner.fill_buf() {
            self.line += filled.iter().take(amount).filter(|byte| **byte == b'\n').count() as u64;
        }
        self.inner.consume(amount);
    }
}
