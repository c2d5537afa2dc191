//! A GeoJSON file as a stream: one feature's text after the other, never the whole.

use std::io::{self, Read};
use std::ops::Range;

use crate::formats::geojson::text::{Extent, Reach};

/// Bytes read at a time.
const CHUNK: usize = 256 << 10;

/// Texts of a batch are parsed together; it ends when it has so many bytes.
const BATCH_BYTES: usize = 2 << 20;

/// Why a stream ends early.
#[derive(Debug)]
pub(super) enum StreamError {
    Io(io::Error),
    /// Something else than this is needed, on this line.
    Syntax(String, u64),
    /// A feature's text is longer than this.
    TooLong(usize),
    /// A value is nested deeper than this.
    TooDeep(usize),
}

/// Texts of features that were read together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    texts: Vec<(Range<usize>, u64)>,
}

impl Batch {
    /// The texts, each with its line.
    pub fn texts(&self) -> Vec<(&[u8], u64)> {
        self.texts.iter().map(|(range, line)| (&self.bytes[range.clone()], *line)).collect()
    }

    pub fn is_full(&self) -> bool {
        self.bytes.len() >= BATCH_BYTES
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.texts.clear();
    }
}

/// A reader that hands out JSON values as texts.
pub(super) struct Stream<R> {
    reader: R,
    buffer: Vec<u8>,
    at: usize,
    line: u64,
    text_max: usize,
    depth_max: usize,
}

impl<R: Read> Stream<R> {
    pub fn new(reader: R, text_max: usize, depth_max: usize) -> Self {
        Self { reader, buffer: Vec::new(), at: 0, line: 1, text_max, depth_max }
    }

    /// Reads on; `false` at the end. What lies before `at` is forgotten.
    fn fill(&mut self) -> Result<bool, StreamError> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let before = self.buffer.len();
        let taken = self.reader.by_ref().take(CHUNK as u64).read_to_end(&mut self.buffer).map_err(StreamError::Io)?;
        debug_assert_eq!(self.buffer.len(), before + taken);
        Ok(taken > 0)
    }

    /// The next byte that is neither a blank nor a record separator; it stays in the stream.
    pub fn peek(&mut self) -> Result<Option<u8>, StreamError> {
        loop {
            while let Some(byte) = self.buffer.get(self.at) {
                match byte {
                    b'\n' => self.line += 1,
                    b' ' | b'\t' | b'\r' | 0x1e => {}
                    _ => return Ok(Some(*byte)),
                }
                self.at += 1;
            }
            if !self.fill()? {
                return Ok(None);
            }
        }
    }

    /// Whether the next byte that is no blank is a record separator (RFC 8142, 2.2).
    pub fn begins_with_separator(&mut self) -> Result<bool, StreamError> {
        self.peek()?;
        // It was passed over, but is still in the buffer.
        Ok(self.buffer[..self.at].contains(&0x1e))
    }

    /// Takes a byte that must come next.
    pub fn expect(&mut self, wanted: u8) -> Result<(), StreamError> {
        if self.peek()? == Some(wanted) {
            self.at += 1;
            return Ok(());
        }
        self.fault(&format!("{:?}", char::from(wanted)))
    }

    pub fn fault<T>(&mut self, wanted: &str) -> Result<T, StreamError> {
        let found = match self.peek()? {
            Some(byte) if byte.is_ascii_graphic() => format!("expected {wanted}, found {:?}", char::from(byte)),
            Some(_) => format!("expected {wanted}, found something else"),
            None => format!("expected {wanted}, but the file ends; it is not complete"),
        };
        Err(StreamError::Syntax(found, self.line))
    }

    /// Adds the next value to a batch.
    pub fn value(&mut self, batch: &mut Batch) -> Result<(), StreamError> {
        self.peek()?;
        let (start, line) = (batch.bytes.len(), self.line);
        let bytes = &mut batch.bytes;
        self.walk(|piece| bytes.extend_from_slice(piece), self.text_max)?;
        batch.texts.push((start..batch.bytes.len(), line));
        Ok(())
    }

    /// The next value's text, when it is no longer than so many bytes; a longer one is passed over.
    pub fn short_value(&mut self, bytes_max: usize) -> Result<Option<String>, StreamError> {
        let mut text = Vec::new();
        let mut length = 0;
        self.peek()?;
        self.walk(
            |piece| {
                length += piece.len();
                if length <= bytes_max {
                    text.extend_from_slice(piece);
                }
            },
            usize::MAX,
        )?;
        Ok((length <= bytes_max).then(|| String::from_utf8_lossy(&text).into_owned()))
    }

    fn walk(&mut self, mut take: impl FnMut(&[u8]), bytes_max: usize) -> Result<(), StreamError> {
        let mut extent = Extent::default();
        let mut length = 0;
        loop {
            let piece = &self.buffer[self.at..];
            let reach = extent.walk(piece, self.depth_max);
            let used = match reach {
                Reach::Ends(used) => used,
                Reach::GoesOn => piece.len(),
                Reach::TooDeep => return Err(StreamError::TooDeep(self.depth_max)),
            };
            length += used;
            if length > bytes_max {
                return Err(StreamError::TooLong(bytes_max));
            }
            take(&piece[..used]);
            self.line += piece[..used].iter().filter(|b| **b == b'\n').count() as u64;
            self.at += used;
            if matches!(reach, Reach::Ends(_)) {
                return if length == 0 { self.fault("a value") } else { Ok(()) };
            }
            if !self.fill()? {
                return if length == 0 { self.fault("a value") } else { self.fault("the rest of a value") };
            }
        }
    }

    /// Adds what there is up to the next of these bytes, or to the end, to a batch; `false` when nothing is left.
    pub fn piece(&mut self, batch: &mut Batch, end: u8) -> Result<bool, StreamError> {
        if self.peek()?.is_none() {
            return Ok(false);
        }
        let (start, line) = (batch.bytes.len(), self.line);
        loop {
            let rest = &self.buffer[self.at..];
            let found = rest.iter().position(|b| *b == end);
            let piece = &rest[..found.unwrap_or(rest.len())];
            batch.bytes.extend_from_slice(piece);
            self.line += piece.iter().filter(|b| **b == b'\n').count() as u64;
            self.at += piece.len();
            if batch.bytes.len() - start > self.text_max {
                return Err(StreamError::TooLong(self.text_max));
            }
            if found.is_some() || !self.fill()? {
                break;
            }
        }
        let length = batch.bytes[start..].trim_ascii_end().len();
        batch.texts.push((start..start + length, line));
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives few bytes at a time.
    struct Drip<'a>(&'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(self.0.len()).min(3);
            into[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn texts(batch: &Batch) -> Vec<(String, u64)> {
        batch.texts().iter().map(|(text, line)| (String::from_utf8(text.to_vec()).unwrap(), *line)).collect()
    }

    #[test]
    fn values_and_their_lines_do_not_depend_on_how_bytes_arrive() {
        let text = b"[ {\"a\":\n1},\n\n [2] ]";
        let mut stream = Stream::new(Drip(text), 100, 8);
        let mut batch = Batch::default();
        stream.expect(b'[').unwrap();
        stream.value(&mut batch).unwrap();
        stream.expect(b',').unwrap();
        stream.value(&mut batch).unwrap();
        stream.expect(b']').unwrap();
        assert_eq!(stream.peek().unwrap(), None);
        assert_eq!(texts(&batch), [("{\"a\":\n1}".to_owned(), 1), ("[2]".to_owned(), 4)]);
    }

    #[test]
    fn pieces_end_at_a_line_or_at_a_record_separator() {
        let mut batch = Batch::default();
        let mut stream = Stream::new(Drip(b"{\"a\":1}\r\n\n{\"b\"\n"), 100, 8);
        while stream.piece(&mut batch, b'\n').unwrap() {}
        assert_eq!(texts(&batch), [("{\"a\":1}".to_owned(), 1), ("{\"b\"".to_owned(), 3)]);
        batch.clear();
        let mut stream = Stream::new(Drip(b"\x1e{\n1}\n\x1e{2}\n"), 100, 8);
        while stream.piece(&mut batch, 0x1e).unwrap() {}
        assert_eq!(texts(&batch), [("{\n1}".to_owned(), 1), ("{2}".to_owned(), 3)]);
    }

    #[test]
    fn long_deep_and_broken_values_end_the_stream() {
        let value = |text: &str| Stream::new(Drip(text.as_bytes()), 20, 4).value(&mut Batch::default());
        assert!(matches!(value(&"1".repeat(30)), Err(StreamError::TooLong(20))));
        assert!(matches!(value("[[[[[[1]]]]]]"), Err(StreamError::TooDeep(4))));
        assert!(matches!(value("[[\"a\""), Err(StreamError::Syntax(why, 1)) if why.contains("not complete")));
        assert!(matches!(value(" ,"), Err(StreamError::Syntax(why, 1)) if why.contains("expected a value")));
        let mut stream = Stream::new(Drip(b"[1,2,3]"), 20, 4);
        assert_eq!(stream.short_value(3).unwrap(), None);
    }
}
