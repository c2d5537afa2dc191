//! The SQL functions that the triggers of the spatial indexes call.

use geo::Rect;
use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;

use crate::store::geopackage::blob;

/// One side of an envelope.
type Bound = fn(&Rect) -> f64;

/// Registers `ST_IsEmpty`, `ST_MinX`, `ST_MaxX`, `ST_MinY` and `ST_MaxY` (OGC 12-128r17, annex F.3). Null in, null out.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    // Innocuous, so that triggers may call them although the schema of a delivered file is not trusted.
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("ST_IsEmpty", 1, flags, |context| {
        Ok(envelope(context)?.map(|envelope| envelope.is_none()))
    })?;
    let bounds: [(&str, Bound); 4] = [
        ("ST_MinX", |envelope| envelope.min().x),
        ("ST_MaxX", |envelope| envelope.max().x),
        ("ST_MinY", |envelope| envelope.min().y),
        ("ST_MaxY", |envelope| envelope.max().y),
    ];
    for (name, bound) in bounds {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(envelope(context)?.flatten().as_ref().map(bound))
        })?;
    }
    Ok(())
}

/// `None` for null, `Some(None)` for an empty geometry.
fn envelope(context: &Context<'_>) -> rusqlite::Result<Option<Option<Rect>>> {
    match context.get_raw(0) {
        ValueRef::Null => Ok(None),
        ValueRef::Blob(bytes) => {
            blob::envelope(bytes).map(Some).map_err(|message| rusqlite::Error::UserFunctionError(message.into()))
        }
        _ => Err(rusqlite::Error::UserFunctionError("a geometry is expected".into())),
    }
}
