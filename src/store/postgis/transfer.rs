//! A whole register out of the database and into it.
//!
//! The other side is called between the waits for the network, not within them: it may be a store of the same kind.

use std::collections::HashSet;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Portal, Transaction};

use crate::history::{Fact, Key, Kind, Lineage, Version};
use crate::model::{Record, Revision};
use crate::store::postgis::pending::Last;
use crate::store::postgis::rows::{self, COLUMNS, Cells, Stored, instant};
use crate::store::postgis::write::{self, NewThing, NewVersion};
use crate::store::postgis::{PostGis, commit, deliveries, failed, vault};
use crate::store::{Row, StoreError, facts};

/// Rows that are fetched at a time.
const PORTION: i32 = 2_000;

/// Rows that are written at a time.
const BATCH: usize = 5_000;

/// Time for the statements that go through everything.
const STATEMENT_LIMIT: &str = "SET LOCAL statement_timeout TO '1h'";

/// See [`crate::store::Store::export`].
pub(super) fn export(store: &PostGis, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
    let mut client = store.run(store.sessions.retry(async || store.sessions.client().await))?;
    let exported = (|| {
        let sql = store.run(instant(&mut client))?;
        store.run(sql.batch_execute(STATEMENT_LIMIT)).map_err(failed("begin to read"))?;
        let out = Outlet { store, sql: &sql };
        let query = "SELECT id, kind, document, authority, dated, author, recorded_at, note, request FROM records
             ORDER BY id";
        out.each(query, &[], |row| {
            let (record, request) = rows::record(row)?;
            sink(Row::Record(record, request))
        })?;
        for kind in Kind::ALL {
            out.things(kind, sink)?;
        }
        let query = "SELECT id, record, predecessor, successor, begins FROM lineage ORDER BY id";
        out.each(query, &[], |row| {
            let (revision, lineage) = rows::lineage(row)?;
            sink(Row::Lineage(revision, lineage))
        })?;
        deliveries::export(&out, sink)?;
        vault::export(&out, sink)
    })();
    exported.map_err(|err| store.sessions.name(err))
}

/// A transaction of which rows are handed out between the waits for the network.
pub(super) struct Outlet<'a> {
    store: &'a PostGis,
    pub(super) sql: &'a Transaction<'a>,
}

impl Outlet<'_> {
    /// Waits for something on the network.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.store.run(work)
    }

    pub(super) fn each(
        &self,
        query: &str,
        params: &[&(dyn ToSql + Sync)],
        take: impl FnMut(&tokio_postgres::Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.portions(PORTION, query, params, take)
    }

    /// So many rows are fetched at a time.
    pub(super) fn portions(
        &self,
        portion: i32,
        query: &str,
        params: &[&(dyn ToSql + Sync)],
        mut take: impl FnMut(&tokio_postgres::Row) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let failed = failed("read the register");
        let portal: Portal = self.store.run(self.sql.bind(query, params)).map_err(failed)?;
        loop {
            let rows = self.store.run(self.sql.query_portal(&portal, portion)).map_err(failed)?;
            rows.iter().try_for_each(&mut take)?;
            if rows.len() < portion as usize {
                return Ok(());
            }
        }
    }

    fn things(&self, kind: Kind, sink: &mut dyn FnMut(Row) -> Result<(), StoreError>) -> Result<(), StoreError> {
        let query = format!(
            "SELECT {COLUMNS} FROM things t LEFT JOIN versions v ON v.thing = t.id
                 LEFT JOIN boundaries b ON b.id = v.boundary
             WHERE t.kind = $1 ORDER BY t.code, v.id"
        );
        let mut open: Option<(Key, u32, Vec<Version>)> = None;
        self.each(&query, &[&kind.key()], |row| {
            let cells = Cells::new("things", row);
            let key = rows::key(&cells, 2, 4)?;
            if open.as_ref().is_none_or(|(before, _, _)| *before != key) {
                let number = cells.number(cells.get(3)?)?;
                if let Some((key, number, versions)) = open.replace((key, number, Vec::new())) {
                    sink(Row::Thing(key, number, versions))?;
                }
            }
            // A thing whose only version was taken back by the same record has none.
            if let (Some((_, _, versions)), Some(_)) = (&mut open, cells.get::<Option<i64>>(0)?) {
                versions.push(Stored::read(row)?.version);
            }
            Ok(())
        })?;
        open.map_or(Ok(()), |(key, number, versions)| sink(Row::Thing(key, number, versions)))
    }
}

/// See [`crate::store::Store::import`].
pub(super) fn import(
    store: &PostGis,
    rows: &mut dyn Iterator<Item = Result<Row, StoreError>>,
) -> Result<Option<Revision>, StoreError> {
    let name = |err| store.sessions.name(err);
    let mut client = store.run(store.sessions.retry(async || store.sessions.client().await))?;
    let sql = store.run(client.transaction()).map_err(failed("begin to take over")).map_err(name)?;
    store.run(begin(store, &sql)).map_err(name)?;
    let (mut batch, mut delivered) = (Batch::default(), deliveries::Intake::default());
    for row in rows {
        let row = row?;
        // What belongs to deliveries refers to records, and so does the log.
        if matches!(row, Row::Delivery(_) | Row::Audit(_)) && batch.rows > 0 {
            store.run(batch.write(&sql)).map_err(name)?;
        }
        match store.run(delivered.take(&sql, row)).map_err(name)? {
            Some(row) => batch.push(row),
            None if delivered.waiting() >= BATCH => store.run(delivered.write(&sql)).map_err(name)?,
            None => {}
        }
        if batch.versions >= BATCH || batch.rows >= BATCH {
            store.run(batch.write(&sql)).map_err(name)?;
        }
    }
    let latest = store.run(async {
        batch.write(&sql).await?;
        delivered.write(&sql).await?;
        finish(&sql).await
    });
    let latest = latest.map_err(name)?;
    match store.run(sql.commit()) {
        Ok(()) => Ok(latest),
        // The answer may have been lost after the fact. Nobody else writes a whole register at once, so if there is one
        // up to this revision, it is this one.
        Err(source) => match store.run(store.sessions.retry(async || after_loss(store).await))? {
            found if found.is_some() && found >= latest => Ok(latest),
            _ => Err(name(StoreError::Database { step: "commit what was taken over", source })),
        },
    }
}

async fn begin(store: &PostGis, sql: &Transaction<'_>) -> Result<(), StoreError> {
    sql.batch_execute(STATEMENT_LIMIT).await.map_err(failed("begin to take over"))?;
    commit::lock(sql).await?;
    let latest = rows::latest(sql.client()).await?;
    if latest.is_none() && deliveries::is_empty(sql).await? && vault::is_empty(sql).await? {
        return Ok(());
    }
    let place = store.sessions.place.clone();
    Err(StoreError::NotEmpty { place, latest: latest.unwrap_or(Revision(0)) })
}

/// What follows from all rows together.
async fn finish(sql: &Transaction<'_>) -> Result<Option<Revision>, StoreError> {
    let mark = "UPDATE things t SET changed = c.changed
         FROM (SELECT area, max(coalesce(recorded_until, recorded_from)) AS changed FROM versions
               WHERE area IS NOT NULL GROUP BY area) c
         WHERE t.kind = 'area' AND t.code = c.area";
    sql.execute(mark, &[]).await.map_err(failed("mark what has changed"))?;
    write::analyze(sql).await?;
    let latest = rows::latest(sql.client()).await?;
    if let Some(latest) = latest {
        commit::announce(sql, latest).await?;
    }
    Ok(latest)
}

/// The latest revision once the transaction that was cut off has ended.
async fn after_loss(store: &PostGis) -> Result<Option<Revision>, StoreError> {
    let mut client = store.sessions.client().await?;
    let sql = client.build_transaction().start().await.map_err(failed("look for what was taken over"))?;
    commit::lock(&sql).await?;
    rows::latest(sql.client()).await
}

/// Rows on their way in.
#[derive(Default)]
struct Batch {
    last: Last,
    records: Vec<(Record, Option<String>)>,
    things: Vec<(Key, u32, Vec<Version>)>,
    lineage: Vec<(Revision, Lineage)>,
    rows: usize,
    versions: usize,
}

impl Batch {
    fn push(&mut self, row: Row) {
        self.rows += 1;
        match row {
            Row::Record(record, request) => self.records.push((record, request)),
            Row::Thing(key, number, versions) => {
                self.versions += versions.len();
                self.things.push((key, number, versions));
            }
            Row::Lineage(revision, lineage) => self.lineage.push((revision, lineage)),
            // They are taken before.
            Row::Delivery(_)
            | Row::Chunk(_)
            | Row::Trace(_)
            | Row::Unlocated(_)
            | Row::Columns(_)
            | Row::Exception(_)
            | Row::Document(_)
            | Row::Audit(_) => {}
        }
    }

    async fn write(&mut self, sql: &Transaction<'_>) -> Result<(), StoreError> {
        for (record, request) in &self.records {
            write::record(sql, record, request.as_deref(), None).await?;
        }
        let (mut things, mut versions) = (Vec::new(), Vec::new());
        for (key, number, known) in &self.things {
            self.last.thing += 1;
            things.push(NewThing { id: self.last.thing, key, number: *number, changed: None });
            add_versions(&mut self.last, known, &mut versions);
        }
        write::things(sql, &things).await?;
        write::versions(sql, &versions).await?;
        write::lineage(sql, self.lineage.iter().map(|(revision, lineage)| (*revision, lineage))).await?;
        (self.rows, self.versions) = (0, 0);
        self.records.clear();
        self.things.clear();
        self.lineage.clear();
        Ok(())
    }
}

/// The versions of the last thing; equal boundaries are kept once.
fn add_versions<'a>(last: &mut Last, known: &'a [Version], versions: &mut Vec<NewVersion<'a>>) {
    let mut drawn: Vec<(&Fact, i64)> = Vec::new();
    let mut fresh = HashSet::new();
    for version in known {
        last.version += 1;
        let boundary = facts::outline(&version.fact).map(|outline| {
            let same = drawn.iter().find(|(fact, _)| facts::outline(fact) == Some(outline));
            same.map(|(_, id)| *id).unwrap_or_else(|| {
                last.boundary += 1;
                drawn.push((&version.fact, last.boundary));
                fresh.insert(last.boundary);
                last.boundary
            })
        });
        versions.push(NewVersion {
            id: last.version,
            thing: last.thing,
            fact: &version.fact,
            valid: version.valid,
            recorded: version.recorded,
            boundary,
            draws: boundary.is_some_and(|boundary| fresh.remove(&boundary)),
        });
    }
}
