//! What differs between two states, found by the clocks of the versions that begin or end between them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tokio_postgres::{Client, Transaction};

use crate::history::{Fact, Key, Kind, Lineage};
use crate::model::{Area, AreaCode, AsOf, ManagerId, Revision, Uscc};
use crate::store::assemble::{Assembled, Assembly};
use crate::store::postgis::commit::changed;
use crate::store::postgis::failed;
use crate::store::postgis::load::absent;
use crate::store::postgis::rows::{self, COLUMNS_WITHOUT_SOURCE, Cells, HOLDS, Stored, TABLES, all, instant, number};
use crate::store::{AbsentArea, AreaChange, Changes, StoreError};

pub(super) async fn changes(client: &mut Client, from: AsOf, to: AsOf) -> Result<Changes, StoreError> {
    let sql = instant(client).await?;
    let touched = Touched::between(&sql, from, to).await?;
    let before = touched.state(&sql, from).await?;
    let after = touched.state(&sql, to).await?;
    let territory = (&before.district, &before.streets, &before.communities, &before.figures)
        != (&after.district, &after.streets, &after.communities, &after.figures);
    let areas = paired((from, before.areas), (to, after.areas));
    let codes = touched.codes();
    let absent_before = absent(&sql, from, Some(&codes)).await?;
    let told = |absent: &AbsentArea| {
        areas.binary_search_by(|change| change.code.cmp(&absent.code)).is_ok() || !absent_before.contains(absent)
    };
    let absent_after = absent(&sql, to, Some(&codes)).await?.into_iter().filter(told).collect();
    Ok(Changes {
        from,
        to,
        managers: after.managers.into_iter().filter(|manager| !before.managers.contains(manager)).collect(),
        territory,
        absent: absent_after,
        records: rows::records(&sql, from.known, to.known).await?,
        lineage: lineage(&sql, from, to).await?,
        areas,
    })
}

/// The areas that a record told anything of, in the order of codes.
pub(super) async fn touched_by(client: &Client, revision: Revision) -> Result<Vec<AreaCode>, StoreError> {
    let query = "SELECT area COLLATE \"C\" FROM versions WHERE recorded_from = $1 AND area IS NOT NULL
         UNION SELECT area COLLATE \"C\" FROM versions WHERE recorded_until = $1 AND area IS NOT NULL ORDER BY 1";
    let rows = client.query(query, &[&number(revision)]).await.map_err(failed("look for what a record touched"))?;
    rows.iter()
        .map(|row| {
            let cells = Cells::new("things", row);
            AreaCode::parse(cells.get(0)?).map_err(|err| cells.corrupt(err.to_string()))
        })
        .collect()
}

/// Everything of which a record entered or contradicted a version, by key.
pub(super) async fn keys_touched_by(client: &mut Client, revision: Revision) -> Result<Vec<Key>, StoreError> {
    let sql = instant(client).await?;
    let query = "SELECT id, kind, code FROM things WHERE id IN (
             SELECT thing FROM versions WHERE recorded_from = $1 UNION SELECT thing FROM versions WHERE recorded_until = $1)";
    let read = |row: &tokio_postgres::Row| rows::key(&Cells::new("things", row), 1, 2);
    let mut keys = all(&sql, query, &[&number(revision)], read).await?;
    keys.sort_unstable();
    Ok(keys)
}

/// Areas of both sides by code, without those of which there is nothing to tell.
fn paired((from, before): (AsOf, Vec<Area>), (to, after): (AsOf, Vec<Area>)) -> Vec<AreaChange> {
    let mut sides: BTreeMap<AreaCode, (Option<Area>, Option<Area>)> = BTreeMap::new();
    for area in before {
        let side = &mut sides.entry(area.code.clone()).or_default().0;
        *side = Some(area);
    }
    for area in after {
        let side = &mut sides.entry(area.code.clone()).or_default().1;
        *side = Some(area);
    }
    let changes = sides.into_iter().map(|(code, (before, after))| AreaChange { code, before, after });
    changes.filter(|change| change.tells(from, to)).collect()
}

/// What may differ: areas by their codes, everything else by the numbers of its things.
#[derive(Default)]
struct Touched {
    areas: BTreeSet<String>,
    things: BTreeSet<i64>,
}

impl Touched {
    async fn between(sql: &Transaction<'_>, from: AsOf, to: AsOf) -> Result<Self, StoreError> {
        let query = "SELECT v.id, v.thing, v.area FROM versions v
             WHERE v.recorded_from > $1 AND v.recorded_from <= $2 OR v.recorded_until > $1 AND v.recorded_until <= $2
                OR v.valid_from > $3 AND v.valid_from <= $4 OR v.valid_until > $3 AND v.valid_until <= $4";
        let (known, day) = ([from.known, to.known].map(number), [from.day, to.day]);
        let span = (known[0].min(known[1]), known[0].max(known[1]), day[0].min(day[1]), day[0].max(day[1]));
        let read = |row: &tokio_postgres::Row| {
            let cells = Cells::new("versions", row);
            Ok((cells.get::<i64>(1)?, cells.get::<Option<String>>(2)?))
        };
        let mut touched = Self::default();
        for (thing, area) in all(sql, query, &[&span.0, &span.1, &span.2, &span.3], read).await? {
            match area {
                Some(area) => drop(touched.areas.insert(area)),
                None => drop(touched.things.insert(thing)),
            }
        }
        Ok(touched)
    }

    fn codes(&self) -> Vec<&str> {
        self.areas.iter().map(String::as_str).collect()
    }

    /// The touched parts as they are as of both clocks.
    async fn state(&self, sql: &Transaction<'_>, as_of: AsOf) -> Result<Assembled, StoreError> {
        let query = format!(
            "SELECT {COLUMNS_WITHOUT_SOURCE} FROM {TABLES} WHERE {HOLDS} AND (v.area = ANY($3) OR v.thing = ANY($4))"
        );
        let codes = self.codes();
        let things: Vec<i64> = self.things.iter().copied().collect();
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&as_of.day, &number(as_of.known), &codes, &things];
        let mut assembly = Assembly::default();
        let mut assigned: BTreeSet<String> = BTreeSet::new();
        for stored in all(sql, &query, &params, Stored::read).await? {
            if let Fact::Assignment(assignment) = &stored.version.fact {
                assigned.insert(assignment.manager.as_str().to_owned());
            }
            assembly.add(stored.number, stored.version);
        }
        for (code, revision) in changed(sql, Some(&codes)).await? {
            assembly.set_changed(code, revision);
        }
        let managers = managers(sql, as_of, assigned).await?;
        Ok(assembly.finish(|uscc| managers.get(uscc).copied()))
    }
}

/// Numbers of those managers that are known as of both clocks.
async fn managers(
    sql: &Transaction<'_>,
    as_of: AsOf,
    codes: BTreeSet<String>,
) -> Result<HashMap<Uscc, ManagerId>, StoreError> {
    let query = format!(
        "SELECT t.id, t.code, t.number FROM things t JOIN versions v ON v.thing = t.id
         WHERE t.kind = $3 AND t.code = ANY($4) AND {HOLDS}"
    );
    let codes: Vec<String> = codes.into_iter().collect();
    let read = |row: &tokio_postgres::Row| {
        let cells = Cells::new("things", row);
        let uscc = Uscc::parse(cells.get(1)?).map_err(|err| cells.corrupt(err.to_string()))?;
        Ok((uscc, ManagerId(cells.number(cells.get(2)?)?)))
    };
    let params: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&as_of.day, &number(as_of.known), &Kind::Manager.key(), &codes];
    Ok(all(sql, &query, &params, read).await?.into_iter().collect())
}

/// Lineage that is known after and was not before.
async fn lineage(sql: &Transaction<'_>, from: AsOf, to: AsOf) -> Result<Vec<Lineage>, StoreError> {
    let query = "SELECT id, record, predecessor, successor, begins FROM lineage l
         WHERE l.record > $1 AND l.record <= $2 AND NOT EXISTS (
             SELECT FROM lineage k WHERE k.record <= $1
                 AND (k.predecessor, k.successor, k.begins) = (l.predecessor, l.successor, l.begins))
         ORDER BY l.id";
    let found = all(sql, query, &[&number(from.known), &number(to.known)], rows::lineage).await?;
    Ok(found.into_iter().map(|(_, lineage)| lineage).collect())
}
