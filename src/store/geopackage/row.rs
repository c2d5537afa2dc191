//! Rows: their cells, and the checksum that each row of the history carries.

use std::fmt::Display;

use jiff::civil::Date;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Params, Row};

use crate::model::Boundary;
use crate::store::StoreError;
use crate::store::geopackage::blob;

/// CRC-32 over the cells of a row, in the order of its columns; every cell says whether it is null and how long it is.
#[derive(Default)]
pub(super) struct Sum(Vec<u8>);

impl Sum {
    /// Adds a number.
    pub(super) fn int(self, value: i64) -> Self {
        self.optional_int(Some(value))
    }

    /// Adds a number or null.
    pub(super) fn optional_int(self, value: Option<i64>) -> Self {
        self.cell(value.map(i64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice))
    }

    /// Adds a text.
    pub(super) fn text(self, value: &str) -> Self {
        self.cell(Some(value.as_bytes()))
    }

    /// Adds a text or null.
    pub(super) fn optional_text(self, value: Option<&str>) -> Self {
        self.cell(value.map(str::as_bytes))
    }

    /// Adds bytes or null.
    pub(super) fn cell(mut self, value: Option<&[u8]>) -> Self {
        match value {
            None => self.0.push(0),
            Some(bytes) => {
                self.0.push(1);
                self.0.extend((bytes.len() as u64).to_le_bytes());
                self.0.extend(bytes);
            }
        }
        self
    }

    /// The sum.
    pub(super) fn crc(&self) -> i64 {
        i64::from(crc32fast::hash(&self.0))
    }

    /// Compares the sum with the one that is stored.
    pub(super) fn verify(&self, stored: i64) -> Result<(), Bad> {
        if self.crc() == stored {
            Ok(())
        } else {
            Err(Bad("its contents do not fit its checksum: restore the last backup with `onemap restore` and \
                     keep the damaged file"
                .to_owned()))
        }
    }
}

/// What is wrong with a row, in words.
pub(super) struct Bad(pub(super) String);

/// The cells of a row; the first is its primary key.
pub(super) struct Cells<'a, 'stmt> {
    pub(super) row: &'a Row<'stmt>,
}

impl Cells<'_, '_> {
    pub(super) fn bad(&self, column: usize, message: impl Display) -> Bad {
        let name = self.row.as_ref().column_name(column).unwrap_or("?");
        Bad(format!("{name}: {message}"))
    }

    pub(super) fn get<T: rusqlite::types::FromSql>(&self, column: usize) -> Result<T, Bad> {
        self.row.get(column).map_err(|err| self.bad(column, err))
    }

    /// A cell of whatever kind; a text that is none is an error, not a panic.
    pub(super) fn value(&self, column: usize) -> Result<Value, Bad> {
        match self.row.get_ref(column).map_err(|err| self.bad(column, err))? {
            text @ ValueRef::Text(_) => {
                let text = text.as_str().map_err(|err| self.bad(column, err))?;
                Ok(Value::Text(text.to_owned()))
            }
            other => Ok(Value::from(other)),
        }
    }

    pub(super) fn text(&self, column: usize) -> Result<Option<&str>, Bad> {
        let cell = self.row.get_ref(column).map_err(|err| self.bad(column, err))?;
        cell.as_str_or_null().map_err(|err| self.bad(column, err))
    }

    pub(super) fn optional<T, E: Display>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Bad> {
        self.text(column)?.map(parse).transpose().map_err(|err| self.bad(column, err))
    }

    pub(super) fn parsed<T, E: Display>(
        &self,
        column: usize,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Bad> {
        self.optional(column, parse)?.ok_or_else(|| self.bad(column, "it is null"))
    }

    pub(super) fn key<T>(&self, column: usize, from_key: impl FnOnce(&str) -> Option<T>) -> Result<T, Bad> {
        self.parsed(column, |key| from_key(key).ok_or_else(|| format!("{key:?} is not one of the known values")))
    }

    pub(super) fn optional_date(&self, column: usize) -> Result<Option<Date>, Bad> {
        self.optional(column, str::parse::<Date>)
    }

    pub(super) fn date(&self, column: usize) -> Result<Date, Bad> {
        self.parsed(column, str::parse::<Date>)
    }

    pub(super) fn blob(&self, column: usize) -> Result<&[u8], Bad> {
        let cell = self.row.get_ref(column).map_err(|err| self.bad(column, err))?;
        cell.as_blob().map_err(|err| self.bad(column, err))
    }

    /// A text that may not be null.
    pub(super) fn str(&self, column: usize) -> Result<&str, Bad> {
        self.text(column)?.ok_or_else(|| self.bad(column, "it is null"))
    }

    pub(super) fn boundary(&self, column: usize) -> Result<Boundary, Bad> {
        blob::decode(self.blob(column)?).map_err(|message| self.bad(column, message))
    }
}

/// Every row of a query, read by `read`.
pub(super) fn rows<T>(
    sql: &Connection,
    (table, query): (&'static str, &str),
    parameters: impl Params,
    mut read: impl FnMut(&Cells<'_, '_>) -> Result<T, Bad>,
) -> Result<Vec<T>, StoreError> {
    let mut things = Vec::new();
    each(sql, (table, query), parameters, |cells| {
        things.push(read(cells)?);
        Ok(())
    })?;
    Ok(things)
}

/// The first row of a query.
pub(super) fn first<T>(
    sql: &Connection,
    query: (&'static str, &str),
    parameters: impl Params,
    read: impl FnMut(&Cells<'_, '_>) -> Result<T, Bad>,
) -> Result<Option<T>, StoreError> {
    Ok(rows(sql, query, parameters, read)?.into_iter().next())
}

/// Hands every row of a query to `read`; the table is the one that an error names.
pub(super) fn each(
    sql: &Connection,
    (table, query): (&'static str, &str),
    parameters: impl Params,
    mut read: impl FnMut(&Cells<'_, '_>) -> Result<(), Bad>,
) -> Result<(), StoreError> {
    let failed = |source| StoreError::Sql { step: "read the register", source };
    let mut statement = sql.prepare_cached(query).map_err(failed)?;
    let mut rows = statement.query(parameters).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        read(&Cells { row }).map_err(|Bad(message)| {
            let row = row.get(0).unwrap_or_default();
            StoreError::Corrupt { table, row, message }
        })?;
    }
    Ok(())
}
