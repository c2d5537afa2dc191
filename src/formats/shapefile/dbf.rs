//! The table of a shapefile, dBASE III to Visual FoxPro, row by row.

use encoding_rs::{Encoding, GB18030, UTF_8};
use jiff::civil::Date;

use crate::formats::encoding::{detect, from_hint};
use crate::formats::intake::{Intake, check_cell, check_columns, syntax, u32_le, unique_names};
use crate::formats::shapefile::encodings::{label_of_code_page, whole_characters};
use crate::formats::{Bytes, Cell, FormatError, Place, ReadOptions};

const HEAD_BYTES: u64 = 32;
const FIELD_BYTES: usize = 32;
const NAME_BYTES: usize = 11;
const FIELDS_END: u8 = 0x0D;
const DELETED: u8 = b'*';
const CODE_PAGE_AT: usize = 29;

/// Bytes of texts that are looked at to find the encoding out.
const SAMPLE_BYTES: usize = 256 << 10;

/// The first character that has three bytes in UTF-8; Chinese ones come after it.
const FIRST_OF_THREE_BYTES: char = '\u{800}';

struct Field {
    name: Vec<u8>,
    kind: u8,
    width: usize,
    decimals: u8,
}

impl Field {
    /// Whether its values are texts, numbers, dates or logicals; memos, pictures and the like are not read.
    fn is_read(&self) -> bool {
        matches!((self.kind, self.width), (b'C' | b'N' | b'F' | b'D' | b'L', _) | (b'I', 4) | (b'O' | b'B', 8))
    }
}

/// A table that is open at its first row.
pub(super) struct Table<'a> {
    intake: Intake<'a>,
    place: Place,
    fields: Vec<Field>,
    row_bytes: u64,
    /// Rows that there are room and a head entry for.
    rows: u64,
    next: u64,
    row: Vec<u8>,
    pub(super) columns: Vec<String>,
    pub(super) encoding: &'static Encoding,
    /// What is wrong with it as a whole.
    pub(super) faults: Vec<FormatError>,
}

/// A row as read.
pub(super) enum Row {
    /// Marked as deleted.
    Deleted,
    /// Its cells, and the name of the first column whose text is not in the encoding.
    Cells(Vec<Cell>, Option<String>),
}

impl<'a> Table<'a> {
    /// Reads the head and finds the encoding out, for which the label is a hint.
    pub(super) fn open(
        place: Place,
        bytes: Box<dyn Bytes + 'a>,
        label: Option<&str>,
        options: &ReadOptions,
    ) -> Result<Self, FormatError> {
        let mut intake = Intake::open(place.clone(), bytes, &options.limits)?;
        let mut head = Vec::new();
        intake.take(HEAD_BYTES, &mut head)?;
        let stated_rows = u64::from(u32_le(&head, 4).unwrap_or(0));
        let head_bytes = u64::from(u16::from_le_bytes([head[8], head[9]]));
        let row_bytes = u64::from(u16::from_le_bytes([head[10], head[11]]));
        if head_bytes <= HEAD_BYTES || row_bytes == 0 {
            return Err(syntax(&place, "this is no dBASE table: its head has no fields"));
        }
        let code_page = head[CODE_PAGE_AT];
        intake.take(head_bytes - HEAD_BYTES, &mut head)?;
        let fields = fields(&place, &head, row_bytes as usize)?;
        check_columns(&place, fields.len(), &options.limits)?;

        let whole_rows = intake.left() / row_bytes;
        let mut faults = Vec::new();
        if whole_rows != stated_rows {
            let message = format!("the head of the table says {stated_rows} rows, there are {whole_rows}");
            faults.push(syntax(&place, message));
        }
        for field in fields.iter().filter(|field| !field.is_read() && field.kind != b'0') {
            let (name, kind) = (String::from_utf8_lossy(&field.name), char::from(field.kind));
            let message = format!("the column {name:?} is of type {kind:?}, which is not read; it stays empty");
            faults.push(syntax(&place, message));
        }
        let mut table = Self {
            intake,
            place,
            fields,
            row_bytes,
            rows: whole_rows.min(stated_rows),
            next: 0,
            row: Vec::new(),
            columns: Vec::new(),
            encoding: UTF_8,
            faults,
        };
        table.settle_encoding(head_bytes, label.or_else(|| label_of_code_page(code_page)), options)?;
        Ok(table)
    }

    /// Every row, deleted ones too.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// The next row, `None` after the last.
    pub(super) fn next(&mut self, options: &ReadOptions) -> Result<Option<Row>, FormatError> {
        if self.next == self.rows {
            return Ok(None);
        }
        self.next += 1;
        self.intake.take(self.row_bytes, &mut self.row)?;
        if self.row[0] == DELETED {
            return Ok(Some(Row::Deleted));
        }
        let mut cells = Vec::with_capacity(self.columns.len());
        let mut undecoded = None;
        let mut at = 1;
        for field in &self.fields {
            let bytes = self.row.get(at..at + field.width).unwrap_or_default();
            at += field.width;
            if field.kind == b'0' {
                continue;
            }
            check_cell(&self.place, bytes.len(), &options.limits)?;
            let (cell, sound) = cell(field, bytes, self.encoding);
            if !sound && undecoded.is_none() {
                undecoded = self.columns.get(cells.len()).cloned();
            }
            cells.push(cell);
        }
        Ok(Some(Row::Cells(cells, undecoded)))
    }

    fn settle_encoding(&mut self, rows_at: u64, label: Option<&str>, options: &ReadOptions) -> Result<(), FormatError> {
        let names: Vec<&[u8]> = self.fields.iter().filter(|f| f.kind != b'0').map(|f| f.name.as_slice()).collect();
        let mut sample = Sample::default();
        names.iter().for_each(|name| sample.add(name));
        for _ in 0..self.rows {
            if sample.is_full() {
                break;
            }
            self.intake.take(self.row_bytes, &mut self.row)?;
            let mut at = 1;
            for field in &self.fields {
                let bytes = self.row.get(at..at + field.width).unwrap_or_default();
                at += field.width;
                if field.kind == b'C' {
                    sample.add(trim_end(bytes));
                }
            }
        }
        self.intake.go_to(rows_at)?;
        self.encoding = match &options.encoding {
            Some(told) => from_hint(told).ok_or_else(|| {
                let message = format!("{told:?} is no encoding; say gb18030 or utf-8");
                FormatError::Unsupported { place: self.place.clone(), message }
            })?,
            None => sample.encoding(label, &options.known_texts),
        };
        let decode = |name: &&[u8]| {
            let name = whole_characters(name, self.encoding);
            self.encoding.decode_without_bom_handling(name).0.trim().to_owned()
        };
        self.columns = unique_names(names.iter().map(decode).collect());
        Ok(())
    }
}

/// Texts with other than ASCII characters, each on a line. A text cut in mid-character would make every encoding look wrong,
/// so there are two samples, each without what its encoding takes for a beginning.
#[derive(Default)]
struct Sample {
    unicode: Vec<u8>,
    chinese: Vec<u8>,
}

impl Sample {
    fn add(&mut self, text: &[u8]) {
        if !text.is_ascii() {
            self.unicode.extend_from_slice(whole_characters(text, UTF_8));
            self.unicode.push(b'\n');
            self.chinese.extend_from_slice(whole_characters(text, GB18030));
            self.chinese.push(b'\n');
        }
    }

    fn is_full(&self) -> bool {
        self.chinese.len() >= SAMPLE_BYTES
    }

    fn encoding(&self, label: Option<&str>, known_texts: &[String]) -> &'static Encoding {
        let Ok(unicode) = std::str::from_utf8(&self.unicode) else {
            return detect(&self.chinese, label, known_texts).encoding;
        };
        // A word or two in GBK can be valid UTF-8 too, but then of letters that no Chinese text has.
        let has_chinese = unicode.chars().any(|c| c >= FIRST_OF_THREE_BYTES);
        let is_chinese = !unicode.is_empty() && !has_chinese && !GB18030.decode(&self.chinese).2;
        match label.and_then(from_hint) {
            Some(told) if is_chinese => told,
            None if is_chinese => GB18030,
            _ => detect(&self.unicode, label, known_texts).encoding,
        }
    }
}

fn fields(place: &Place, head: &[u8], row_bytes: usize) -> Result<Vec<Field>, FormatError> {
    let entries = head.chunks_exact(FIELD_BYTES).take_while(|entry| entry[0] != FIELDS_END);
    let mut fields: Vec<Field> = entries
        .map(|entry| {
            let name = &entry[..NAME_BYTES];
            let end = name.iter().position(|byte| *byte == 0).unwrap_or(NAME_BYTES);
            Field {
                name: name[..end].to_vec(),
                kind: entry[NAME_BYTES].to_ascii_uppercase(),
                width: usize::from(entry[16]),
                decimals: entry[17],
            }
        })
        .collect();
    let total = |fields: &[Field]| 1 + fields.iter().map(|field| field.width).sum::<usize>();
    if total(&fields) != row_bytes {
        // Clipper and FoxPro keep the high byte of a text's width where numbers have their decimals.
        for field in fields.iter_mut().filter(|field| field.kind == b'C') {
            field.width += usize::from(field.decimals) << 8;
        }
    }
    if fields.is_empty() {
        return Err(syntax(place, "the table has no columns"));
    }
    if total(&fields) > row_bytes {
        let message = format!("the columns take {} bytes of a row, a row has {row_bytes}", total(&fields));
        return Err(syntax(place, message));
    }
    Ok(fields)
}

/// The value, and whether its text could be decoded.
fn cell(field: &Field, bytes: &[u8], encoding: &'static Encoding) -> (Cell, bool) {
    let text = |bytes: &[u8]| {
        let whole = whole_characters(bytes, encoding);
        let (text, bad) = encoding.decode_without_bom_handling(whole);
        if text.is_empty() { (Cell::Empty, true) } else { (Cell::Text(text.into()), !bad) }
    };
    let plain = bytes.trim_ascii();
    let ascii = std::str::from_utf8(plain).unwrap_or_default();
    match (field.kind, bytes) {
        (b'C', _) => text(trim_end(bytes)),
        (b'I', [a, b, c, d]) => (Cell::Integer(i64::from(i32::from_le_bytes([*a, *b, *c, *d]))), true),
        (b'O' | b'B', _) if bytes.len() == 8 => {
            let number = bytes.first_chunk().map(|bytes| f64::from_le_bytes(*bytes));
            (number.filter(|number| number.is_finite()).map_or(Cell::Empty, Cell::Number), true)
        }
        _ if !field.is_read() => (Cell::Empty, true),
        // Programs fill a number that they do not know, or that does not fit, with stars.
        _ if plain.iter().all(|byte| matches!(byte, 0 | b'*' | b'?')) => (Cell::Empty, true),
        (b'N' | b'F', _) => number(ascii, field.decimals).map_or_else(|| text(plain), |cell| (cell, true)),
        (b'L', _) => match plain {
            b"T" | b"t" | b"Y" | b"y" => (Cell::Bool(true), true),
            b"F" | b"f" | b"N" | b"n" => (Cell::Bool(false), true),
            _ => text(plain),
        },
        _ if plain.iter().all(|byte| *byte == b'0') => (Cell::Empty, true),
        _ => day(plain).map_or_else(|| text(plain), |day| (Cell::Date(day), true)),
    }
}

fn number(text: &str, decimals: u8) -> Option<Cell> {
    if decimals == 0
        && let Ok(whole) = text.parse()
    {
        return Some(Cell::Integer(whole));
    }
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    let number: f64 = text.parse().ok().filter(|_| is_number)?;
    number.is_finite().then_some(Cell::Number(number))
}

fn day(digits: &[u8]) -> Option<Date> {
    if digits.len() != 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number =
        |range: std::ops::Range<usize>| digits[range].iter().fold(0, |n, digit| n * 10 + i16::from(digit - b'0'));
    Date::new(number(0..4), i8::try_from(number(4..6)).ok()?, i8::try_from(number(6..8)).ok()?).ok()
}

/// Texts are filled up with blanks, by some programs with zeros.
fn trim_end(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != b' ' && *byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}
