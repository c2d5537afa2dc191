//! The register as of both clocks.

use std::collections::HashMap;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Transaction};

use crate::model::{AreaCode, AsOf, ManagerId, Revision, StreetCode, Uscc, Validity};
use crate::store::assemble::{Assembled, Assembly, resolve};
use crate::store::postgis::commit::changed;
use crate::store::postgis::rows::{
    self, COLUMNS_WITHOUT_SOURCE, Cells, HOLDS, Stored, TABLES, all, instant, number, portions,
};
use crate::store::{AbsentArea, Question, Register, StoreError};

/// Everything that holds as of a question.
pub(super) async fn load(client: &mut Client, question: Question) -> Result<Register, StoreError> {
    let sql = instant(client).await?;
    let mut records = rows::records(&sql, Revision(0), Revision(u64::MAX)).await?;
    let as_of = resolve(question, &mut records)?;
    let mut assembly = Assembly::default();
    let query = format!("SELECT {COLUMNS_WITHOUT_SOURCE} FROM {TABLES} WHERE {HOLDS}");
    let take = |portion: Vec<Stored>| {
        for stored in portion {
            assembly.add(stored.number, stored.version);
        }
        Ok(())
    };
    portions(&sql, &query, &[&as_of.day, &number(as_of.known)], Stored::read, take).await?;
    for (code, revision) in changed(&sql, None).await? {
        assembly.set_changed(code, revision);
    }
    let numbers: HashMap<Uscc, ManagerId> =
        assembly.managers.iter().map(|manager| (manager.uscc.clone(), manager.id)).collect();
    let Assembled { district, streets, communities, managers, areas, figures } =
        assembly.finish(|uscc| numbers.get(uscc).copied());
    let query = "SELECT id, record, predecessor, successor, begins FROM lineage WHERE record <= $1 ORDER BY id";
    let lineage = all(&sql, query, &[&number(as_of.known)], rows::lineage).await?;
    Ok(Register {
        as_of,
        records,
        district,
        streets,
        communities,
        managers,
        areas,
        absent: absent(&sql, as_of, None).await?,
        lineage: lineage.into_iter().map(|(_, lineage)| lineage).collect(),
        figures,
    })
}

/// Areas that are known but not true on the day, all or those named: each as it was last before it, else as it will be
/// first. Sorted by code.
pub(super) async fn absent(
    sql: &Transaction<'_>,
    as_of: AsOf,
    areas: Option<&[&str]>,
) -> Result<Vec<AbsentArea>, StoreError> {
    let among = if areas.is_some() { "AND t.code = ANY($3)" } else { "" };
    let query = format!(
        "SELECT DISTINCT ON (t.code) v.id, t.code, v.facts->>'name', v.facts->>'street', v.valid_from, v.valid_until
         FROM things t JOIN versions v ON v.thing = t.id
         WHERE t.kind = 'area' {among}
             AND v.recorded_from <= $2 AND (v.recorded_until IS NULL OR v.recorded_until > $2)
             AND NOT EXISTS (SELECT FROM versions v WHERE v.thing = t.id AND {HOLDS})
         ORDER BY t.code, coalesce(v.valid_until <= $1, false) DESC,
             CASE WHEN v.valid_until <= $1 THEN v.valid_until END DESC, v.valid_from NULLS FIRST, v.id"
    );
    let known = number(as_of.known);
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&as_of.day, &known];
    params.extend(areas.as_ref().map(|areas| areas as &(dyn ToSql + Sync)));
    let read = |row: &tokio_postgres::Row| {
        let cells = Cells::new("versions", row);
        Ok(AbsentArea {
            code: AreaCode::parse(cells.get(1)?).map_err(|err| cells.corrupt(err.to_string()))?,
            name: cells.get(2)?,
            street: StreetCode::parse(cells.get(3)?).map_err(|err| cells.corrupt(err.to_string()))?,
            valid: Validity { from: cells.get(4)?, until: cells.get(5)? },
        })
    };
    all(sql, &query, &params, read).await
}
