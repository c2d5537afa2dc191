//! The .dbf of an export.

use encoding_rs::{Encoding, GBK, UTF_8};

use crate::formats::columns::{ColumnKind, number_of, text_of};
use crate::formats::shapefile::encodings::whole_characters;
use crate::formats::{Cell, ExportRow, FormatError, Place};

const NAME_BYTES: usize = 10;
const TEXT_BYTES: usize = 254;
const DATE_BYTES: usize = 8;
/// Widest number; programs that read more digits than a floating-point number has do not exist.
const NUMBER_BYTES: usize = 32;
const DBASE_III: u8 = 0x03;
const CODE_PAGE_GBK: u8 = 0x4D;
const FIELDS_END: u8 = 0x0D;
const FILE_END: u8 = 0x1A;

/// The encoding that Chinese office programs expect where it can hold every text, else UTF-8.
pub(super) fn encoding_for(columns: &[String], rows: &[ExportRow]) -> &'static Encoding {
    let texts = rows.iter().flat_map(|row| &row.cells).filter_map(|cell| match cell {
        Cell::Text(text) => Some(&**text),
        _ => None,
    });
    let fits = |text: &str| text.is_ascii() || !GBK.encode(text).2;
    if columns.iter().map(String::as_str).chain(texts).all(fits) { GBK } else { UTF_8 }
}

/// The names cut to what a field can hold, still unique; letters' case does not tell names apart.
pub(super) fn short_names(columns: &[String], encoding: &'static Encoding) -> Vec<Vec<u8>> {
    let mut taken: Vec<Vec<u8>> = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let column = if column.trim().is_empty() { format!("column_{}", at + 1) } else { column.clone() };
        let bytes = encoding.encode(&column).0;
        let mut number = 1;
        let short = loop {
            let tail = if number == 1 { String::new() } else { format!("_{number}") };
            let room = bytes.len().min(NAME_BYTES.saturating_sub(tail.len()));
            let mut candidate = whole_characters(&bytes[..room], encoding).to_vec();
            candidate.extend(tail.bytes());
            if !taken.iter().any(|name| name.eq_ignore_ascii_case(&candidate)) {
                break candidate;
            }
            number += 1;
        };
        taken.push(short);
    }
    taken
}

/// A table being laid out.
pub(super) struct Layout {
    fields: Vec<Field>,
    encoding: &'static Encoding,
    /// Texts of each column that are longer than a field can be.
    pub(super) cut_texts: Vec<usize>,
}

struct Field {
    name: Vec<u8>,
    kind: ColumnKind,
    width: usize,
    decimals: usize,
}

impl Layout {
    pub(super) fn new(
        names: &[Vec<u8>],
        kinds: &[ColumnKind],
        rows: &[ExportRow],
        encoding: &'static Encoding,
    ) -> Self {
        let mut cut_texts = vec![0; names.len()];
        let mut fields: Vec<Field> = names
            .iter()
            .zip(kinds)
            .map(|(name, kind)| {
                let width = match kind {
                    ColumnKind::Date => DATE_BYTES,
                    _ => 1,
                };
                Field { name: name.clone(), kind: *kind, width, decimals: 0 }
            })
            .collect();
        for row in rows {
            for ((field, cell), cut) in fields.iter_mut().zip(&row.cells).zip(&mut cut_texts) {
                match field.kind {
                    ColumnKind::Text => {
                        let bytes = text_of(cell).map_or(0, |text| encoding.encode(&text).0.len());
                        *cut += usize::from(bytes > TEXT_BYTES);
                        field.width = field.width.max(bytes.min(TEXT_BYTES));
                    }
                    ColumnKind::Integer => field.width = field.width.max(text_of(cell).map_or(0, |text| text.len())),
                    ColumnKind::Number => {
                        let text = number_of(cell).map(number_text).unwrap_or_default();
                        field.width = field.width.max(text.len());
                        let decimals = text.split(['e', 'E']).next().and_then(|plain| plain.split_once('.'));
                        field.decimals = field.decimals.max(decimals.map_or(1, |(_, decimals)| decimals.len()));
                    }
                    ColumnKind::Bool | ColumnKind::Date => {}
                }
            }
        }
        for field in &mut fields {
            // The number of decimals is only told to say that there are some; it must be less than the width by two.
            field.width = if field.kind == ColumnKind::Number { field.width.max(3) } else { field.width };
            field.decimals = field.decimals.min(field.width.saturating_sub(2)).min(15);
        }
        Self { fields, encoding, cut_texts }
    }

    /// Errors: more rows or wider ones than the format can hold.
    pub(super) fn write(&self, place: &Place, rows: &[ExportRow]) -> Result<Vec<u8>, FormatError> {
        let too_large = |what: &str| FormatError::Unsupported {
            place: place.clone(),
            message: format!("a shapefile cannot hold {what}; choose a GeoPackage"),
        };
        let row_bytes = 1 + self.fields.iter().map(|field| field.width).sum::<usize>();
        let head_bytes = 32 + 32 * self.fields.len() + 1;
        let row_count = u32::try_from(rows.len()).map_err(|_| too_large("so many rows"))?;
        let narrow = |bytes: usize| u16::try_from(bytes).map_err(|_| too_large("so many columns"));

        // Always the same day, so that the same data make the same file.
        let mut bytes = vec![DBASE_III, 100, 1, 1];
        bytes.extend(row_count.to_le_bytes());
        bytes.extend(narrow(head_bytes)?.to_le_bytes());
        bytes.extend(narrow(row_bytes)?.to_le_bytes());
        bytes.resize(32, 0);
        bytes[29] = if self.encoding == GBK { CODE_PAGE_GBK } else { 0 };
        for field in &self.fields {
            let entry = bytes.len();
            bytes.extend(&field.name);
            bytes.resize(entry + 11, 0);
            bytes.push(match field.kind {
                ColumnKind::Text => b'C',
                ColumnKind::Integer | ColumnKind::Number => b'N',
                ColumnKind::Bool => b'L',
                ColumnKind::Date => b'D',
            });
            bytes.resize(entry + 16, 0);
            bytes.push(u8::try_from(field.width).unwrap_or(u8::MAX));
            bytes.push(u8::try_from(field.decimals).unwrap_or(0));
            bytes.resize(entry + 32, 0);
        }
        bytes.push(FIELDS_END);
        for row in rows {
            bytes.push(b' ');
            for (at, field) in self.fields.iter().enumerate() {
                self.write_cell(field, row.cells.get(at).unwrap_or(&Cell::Empty), &mut bytes);
            }
        }
        bytes.push(FILE_END);
        Ok(bytes)
    }

    fn write_cell(&self, field: &Field, cell: &Cell, bytes: &mut Vec<u8>) {
        let start = bytes.len();
        match field.kind {
            ColumnKind::Text => {
                let text = text_of(cell).unwrap_or_default();
                let encoded = self.encoding.encode(&text).0;
                let room = encoded.len().min(field.width);
                bytes.extend(whole_characters(&encoded[..room], self.encoding));
            }
            ColumnKind::Integer | ColumnKind::Number => {
                let text = match field.kind {
                    ColumnKind::Integer => text_of(cell).unwrap_or_default().into_owned(),
                    _ => number_of(cell).map(number_text).unwrap_or_default(),
                };
                bytes.resize(start + field.width - text.len(), b' ');
                bytes.extend(text.bytes());
            }
            ColumnKind::Bool => bytes.push(match cell {
                Cell::Bool(true) => b'T',
                Cell::Bool(false) => b'F',
                _ => b' ',
            }),
            ColumnKind::Date => {
                if let Cell::Date(day) = cell {
                    bytes.extend(day.strftime("%Y%m%d").to_string().bytes().take(DATE_BYTES));
                }
            }
        }
        bytes.resize(start + field.width, b' ');
    }
}

/// The shortest text that reads back to the same number, with a point, so that it is not taken for a whole one.
fn number_text(number: f64) -> String {
    let plain = format!("{number}");
    let plain = if plain.contains('.') { plain } else { format!("{plain}.0") };
    if plain.len() <= NUMBER_BYTES { plain } else { format!("{number:e}") }
}
