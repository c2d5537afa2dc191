//! A database from elsewhere, opened so that it can do nothing but be read.
//!
//! Its bytes are copied into memory, so no file beside it is ever looked for. Views, triggers, virtual tables and functions
//! are shut off; the number of steps, the length of rows and of statements are bounded. See "Defense Against The Dark
//! Arts" of the SQLite documentation.

use std::collections::HashMap;
use std::io::{Cursor, Read as _};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, Params, Row};

use crate::formats::intake::{Intake, syntax};
use crate::formats::{Bytes, FormatError, Limits, Place};

const MAGIC: &[u8] = b"SQLite format 3\0";
const HEAD_BYTES: u64 = 100;

/// Where the head says whether there is a write-ahead log, which would be another file.
const JOURNAL_MODES_AT: std::ops::Range<usize> = 18..20;
const JOURNAL_MODE_WAL: u8 = 2;
const JOURNAL_MODE_ROLLBACK: u8 = 1;

/// Steps of SQLite's machine between two looks at the counter.
const STEPS_A_LOOK: u32 = 100;
/// Steps to read the schema, about ten a table.
const SCHEMA_STEPS: u64 = 200_000;
/// Steps to read the tables: so many, and so many for each byte of the file.
const STEPS: u64 = 20_000_000;
const STEPS_A_BYTE: u64 = 4;

/// Longest statement of the schema in bytes.
const STATEMENT_BYTES: i32 = 1 << 20;

pub(super) struct Database {
    connection: Connection,
    place: Place,
    /// Bytes of the file.
    pub(super) length: u64,
    tables: HashMap<String, Table>,
}

/// An entry of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Table {
    /// A table with rows of its own, by this spelling of its name.
    Real(String),
    /// A view or a virtual table, which could run anything.
    Other,
}

impl Database {
    /// Errors: no SQLite database, a damaged one, or one over the limits.
    pub(super) fn open(place: Place, bytes: Box<dyn Bytes + '_>, limits: &Limits) -> Result<Self, FormatError> {
        let mut intake = Intake::open(place.clone(), bytes, limits)?;
        let length = intake.length();
        let size = i32::try_from(length).ok().and_then(|length| usize::try_from(length).ok()).ok_or_else(|| {
            FormatError::Limit { place: place.clone(), what: "the size of a GeoPackage", limit: i32::MAX as u64 }
        })?;
        let mut head = Vec::new();
        if length < HEAD_BYTES || intake.take(HEAD_BYTES, &mut head).is_err() || !head.starts_with(MAGIC) {
            return Err(syntax(&place, "this is no GeoPackage: it is no SQLite database"));
        }
        for mode in &mut head[JOURNAL_MODES_AT] {
            if *mode == JOURNAL_MODE_WAL {
                *mode = JOURNAL_MODE_ROLLBACK;
            }
        }
        let open = || -> rusqlite::Result<Connection> {
            let mut connection = Connection::open_in_memory()?;
            connection.execute_batch("PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;")?;
            // Attaches the bytes in place of the empty database, which nothing may do after.
            connection.deserialize_read_exact("main", Cursor::new(head).chain(intake.into_reader()), size, true)?;
            harden(&connection, limits)?;
            Ok(connection)
        };
        let connection = open().map_err(|err| wrong(&place, &err))?;
        let mut database = Self { connection, place, length, tables: HashMap::new() };
        database.allow(SCHEMA_STEPS);
        database.tables = database.schema()?;
        database.allow(STEPS.saturating_add(length.saturating_mul(STEPS_A_BYTE)));
        Ok(database)
    }

    /// The real table of that name, by its own spelling; an error for anything else of that name.
    pub(super) fn table(&self, name: &str) -> Result<&str, FormatError> {
        match self.tables.get(&name.to_ascii_lowercase()) {
            Some(Table::Real(name)) => Ok(name),
            Some(Table::Other) => {
                let message = format!("{name:?} is a view or a virtual table, which is not read; save it as a table");
                Err(syntax(&self.place, message))
            }
            None => Err(syntax(&self.place, format!("there is no table {name:?}"))),
        }
    }

    /// Names, types and kinds (0 stored, 1 hidden, 2 computed, 3 computed and stored) of a table's columns, and which is
    /// its key.
    pub(super) fn columns(&self, table: &str) -> Result<Vec<Column>, FormatError> {
        let mut columns = Vec::new();
        let read = self.connection.pragma(None, "table_xinfo", table, |row| {
            let kind = row.get::<_, Option<String>>("type")?.unwrap_or_default().to_ascii_uppercase();
            columns.push(Column { name: row.get("name")?, kind, hidden: row.get("hidden")?, is_key: row.get("pk")? });
            Ok(())
        });
        read.map_err(|err| wrong(&self.place, &err))?;
        Ok(columns)
    }

    /// Runs a query for each of its rows.
    pub(super) fn each(
        &self,
        sql: &str,
        params: impl Params,
        mut with: impl FnMut(&Row<'_>) -> Result<(), FormatError>,
    ) -> Result<(), FormatError> {
        let wrong = |err: rusqlite::Error| wrong(&self.place, &err);
        let mut statement = self.connection.prepare(sql).map_err(wrong)?;
        let mut rows = statement.query(params).map_err(wrong)?;
        while let Some(row) = rows.next().map_err(wrong)? {
            with(row)?;
        }
        Ok(())
    }

    fn schema(&self) -> Result<HashMap<String, Table>, FormatError> {
        let mut tables = HashMap::new();
        let sql = "SELECT name, rootpage, sql FROM sqlite_schema WHERE type IN ('table', 'view')";
        self.each(sql, [], |row| {
            let entry = || -> rusqlite::Result<(String, i64, Option<String>)> {
                Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.unwrap_or(0), row.get(2)?))
            };
            let (name, root_page, sql) = entry().map_err(|err| wrong(&self.place, &err))?;
            // SQLite writes the beginning of the statement itself, always in these words.
            let is_real = root_page > 0 && sql.is_some_and(|sql| sql.starts_with("CREATE TABLE "));
            let key = name.to_ascii_lowercase();
            tables.insert(key, if is_real { Table::Real(name) } else { Table::Other });
            Ok(())
        })?;
        Ok(tables)
    }

    /// Stops whatever is running after so many steps more.
    fn allow(&self, steps: u64) {
        let mut looks = steps / u64::from(STEPS_A_LOOK);
        let handler = move || {
            looks = looks.saturating_sub(1);
            looks == 0
        };
        self.connection.progress_handler(STEPS_A_LOOK as i32, Some(handler));
    }
}

/// A column as the schema declares it.
pub(super) struct Column {
    pub(super) name: String,
    /// Declared type in capitals.
    pub(super) kind: String,
    pub(super) hidden: i64,
    pub(super) is_key: bool,
}

/// A name as SQL has it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn harden(connection: &Connection, limits: &Limits) -> rusqlite::Result<()> {
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
    ] {
        connection.set_db_config(setting, on)?;
    }
    // A position with Z and M, and the head of a part for each.
    let geometry = limits.vertices.saturating_mul(32 + 13);
    let row_bytes = i32::try_from(geometry.max(limits.cell_bytes).saturating_mul(2)).unwrap_or(i32::MAX);
    let columns = i32::try_from(limits.columns.saturating_add(8)).unwrap_or(i32::MAX);
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, row_bytes.max(STATEMENT_BYTES)),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, STATEMENT_BYTES),
        (Limit::SQLITE_LIMIT_COLUMN, columns),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 3),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 10),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, value)?;
    }
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Select => Authorization::Allow,
        AuthAction::Read { .. } if context.accessor.is_none() => Authorization::Allow,
        AuthAction::Pragma { pragma_name: "table_xinfo", .. } => Authorization::Allow,
        _ => Authorization::Deny,
    }));
    Ok(())
}

fn wrong(place: &Place, err: &rusqlite::Error) -> FormatError {
    let limit = |what, limit| FormatError::Limit { place: place.clone(), what, limit };
    match err.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => limit("the number of steps to read the database", STEPS),
        Some(ErrorCode::TooBig) => limit("the length of a row or statement of the database", STATEMENT_BYTES as u64),
        _ => syntax(place, format!("the database cannot be read: {err}")),
    }
}
