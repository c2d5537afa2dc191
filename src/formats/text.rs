//! The bytes of a text file as UTF-8.

use std::io::{self, Read, SeekFrom};

use encoding_rs::{CoderResult, Decoder, UTF_8};

use crate::formats::encoding::{self, Detected, Encoding, SAMPLE_BYTES};
use crate::formats::{Bytes, FormatError, Place, ReadOptions};

/// Bytes read at a time.
const CHUNK: usize = 64 << 10;

/// Finds the encoding of a file's text and puts it back to its beginning, behind a byte order mark.
///
/// The sample are the first lines that are not plain ASCII, wherever they stand. Errors: a label that is not known, or
/// bytes that cannot be had.
pub(crate) fn find_encoding(
    name: &str,
    bytes: &mut (dyn Bytes + '_),
    options: &ReadOptions,
) -> Result<Detected, FormatError> {
    let unreadable = |err| unreadable(name, &err);
    bytes.rewind().map_err(unreadable)?;
    let mut start = [0; 3];
    let length = read_full(bytes, &mut start).map_err(unreadable)?;
    let mark = Encoding::for_bom(&start[..length]);
    let detected = match (&options.encoding, mark) {
        (_, Some((encoding, _))) => Detected { encoding, sure: true },
        (Some(label), None) => {
            let encoding = encoding::from_hint(label).ok_or_else(|| FormatError::Unsupported {
                place: Place::file(name),
                message: format!("{label:?} is not the name of an encoding; UTF-8, GB18030 and UTF-16LE are some"),
            })?;
            Detected { encoding, sure: true }
        }
        (None, None) => {
            bytes.rewind().map_err(unreadable)?;
            encoding::detect(&sample(bytes).map_err(unreadable)?, None, &options.known_texts)
        }
    };
    bytes.seek(SeekFrom::Start(mark.map_or(0, |(_, length)| length as u64))).map_err(unreadable)?;
    Ok(detected)
}

pub(crate) fn unreadable(name: &str, err: &io::Error) -> FormatError {
    FormatError::Syntax { place: Place::file(name), message: format!("the file cannot be read: {err}") }
}

/// Reads until the buffer is full or the bytes end; how many there were.
pub(crate) fn read_full(reader: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(err) if err.kind() == io::ErrorKind::Interrupted => {}
            Err(err) => return Err(err),
        }
    }
    Ok(filled)
}

/// Lines that hold more than ASCII, up to [`SAMPLE_BYTES`].
fn sample(reader: &mut (dyn Bytes + '_)) -> io::Result<Vec<u8>> {
    let mut sample = Vec::new();
    let mut chunk = vec![0; CHUNK];
    let mut kept = 0;
    while sample.len() < SAMPLE_BYTES {
        let filled = kept + read_full(reader, &mut chunk[kept..])?;
        // A character may be cut at the end of a chunk: only whole lines are taken, unless a line fills the chunk.
        let ended = filled < chunk.len();
        let whole = match chunk[..filled].iter().rposition(|b| *b == b'\n') {
            Some(last) if !ended => last + 1,
            _ => filled,
        };
        for line in chunk[..whole].split_inclusive(|b| *b == b'\n').filter(|line| !line.is_ascii()) {
            sample.extend_from_slice(line);
        }
        if ended {
            break;
        }
        chunk.copy_within(whole..filled, 0);
        kept = filled - whole;
    }
    sample.truncate(SAMPLE_BYTES);
    Ok(sample)
}

/// A reader of another encoding as one of UTF-8. What is not valid becomes U+FFFD.
pub(crate) struct Transcoder<R> {
    reader: R,
    decoder: Option<Decoder>,
    raw: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    /// The decoder has been told of the end and must not be asked again.
    ended: bool,
}

impl<R: Read> Transcoder<R> {
    pub fn new(reader: R, encoding: &'static Encoding) -> Self {
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Self { reader, decoder, raw: vec![0; CHUNK], text: Vec::new(), at: 0, ended: false }
    }
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.decoder else { return self.reader.read(into) };
        while self.at == self.text.len() && !self.ended {
            let filled = read_full(&mut self.reader, &mut self.raw)?;
            self.ended = filled < self.raw.len();
            let room = decoder.max_utf8_buffer_length(filled).unwrap_or(CHUNK * 4);
            self.text.resize(room, 0);
            let (result, _, written, _) = decoder.decode_to_utf8(&self.raw[..filled], &mut self.text, self.ended);
            debug_assert_eq!(result, CoderResult::InputEmpty);
            self.text.truncate(written);
            self.at = 0;
        }
        let length = into.len().min(self.text.len() - self.at);
        into[..length].copy_from_slice(&self.text[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    #[test]
    fn the_sample_is_found_behind_a_mebibyte_of_ascii() {
        let mut bytes = b"code,name\n".repeat(110_000);
        bytes.extend(encoding_rs::GB18030.encode("1,枣营北里物业管理区域\n").0.iter());
        let found = find_encoding("a.csv", &mut Cursor::new(bytes), &ReadOptions::default()).unwrap();
        assert_eq!(found.encoding, encoding_rs::GB18030);
    }

    #[test]
    fn an_encoding_that_is_told_is_taken_but_not_against_a_mark() {
        let options = ReadOptions { encoding: Some("GBK".to_owned()), ..ReadOptions::default() };
        let found = |bytes: &[u8], options: &ReadOptions| find_encoding("a.csv", &mut Cursor::new(bytes), options);
        assert_eq!(found("枣营".as_bytes(), &options).unwrap().encoding, encoding_rs::GB18030);
        assert_eq!(found("\u{feff}枣营".as_bytes(), &options).unwrap().encoding, UTF_8);
        let wrong = ReadOptions { encoding: Some("morse".to_owned()), ..ReadOptions::default() };
        assert!(found(b"a", &wrong).unwrap_err().to_string().contains("\"morse\" is not the name of an encoding"));
    }

    proptest! {
        #[test]
        fn a_transcoded_text_is_the_text(text in "[a-z一-龥\n]{0,50}", times in 1usize..3000) {
            let text = text.repeat(times);
            for encoding in [UTF_8, encoding_rs::GB18030] {
                let bytes = encoding.encode(&text).0.into_owned();
                let mut read = String::new();
                Transcoder::new(&bytes[..], encoding).read_to_string(&mut read).unwrap();
                prop_assert!(read == text);
            }
            let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let mut read = String::new();
            Transcoder::new(&utf16[..], encoding_rs::UTF_16LE).read_to_string(&mut read).unwrap();
            prop_assert!(read == text);
        }
    }
}
