//! Whether a database can hold a register, and its schema.

use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use crate::store::StoreError;
use crate::store::geopackage::Access;
use crate::store::postgis::failed;
use crate::store::postgis::session::{SCHEMA, STATEMENT_TIMEOUT, Sessions};

/// Held while the schema is brought up to date, so that instances that start together do it once.
const SCHEMA_LOCK: i64 = 0x6f6e_656d_6170_0001;

/// What the schema needs of the server.
const EXTENSIONS: [&str; 2] = ["postgis", "btree_gist"];

/// Name of the table in which refinery keeps the versions that were applied.
const HISTORY_TABLE: &str = "refinery_schema_history";

mod embedded {
    refinery::embed_migrations!("src/store/postgis/migrations");
}

/// Refuses a database that cannot hold a register or was written by a newer program, and brings the schema up to date.
pub(super) async fn prepare(sessions: &Sessions, access: Access) -> Result<(), StoreError> {
    let (mut client, connection) = sessions.connect().await?;
    // It ends when the client is dropped; what went wrong on it is told by the statement that ran.
    tokio::spawn(connection);
    let step = "prepare the schema";
    // Another instance may be at work on it for as long as a statement may run.
    let patience = format!("SET lock_timeout TO {}", STATEMENT_TIMEOUT.as_millis());
    client.batch_execute(&patience).await.map_err(failed(step))?;
    client.execute("SELECT pg_advisory_lock($1)", &[&SCHEMA_LOCK]).await.map_err(failed(step))?;
    let unfit = |why: String| StoreError::Unfit { place: sessions.place.clone(), why };
    let path = search_path(&client).await?.map_err(unfit)?;
    if !exists(&client, "SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&SCHEMA]).await? {
        if access == Access::Existing {
            return Err(unfit("there is no register in it".to_owned()));
        }
        client.batch_execute(&format!("CREATE SCHEMA {SCHEMA}")).await.map_err(failed("make the schema"))?;
    }
    client.batch_execute(&format!("SET search_path TO {path}")).await.map_err(failed(step))?;
    check_version(&client).await?.map_err(unfit)?;
    let run = embedded::migrations::runner().set_grouped(true).run_async(&mut client).await;
    match run {
        Ok(_) => Ok(()),
        // All of it was rolled back, so it may be tried again.
        Err(source) if client.is_closed() => Err(sessions.unreachable(Box::new(source))),
        Err(source) => Err(StoreError::Migration { path: (&sessions.place).into(), source: Box::new(source) }),
    }
}

/// The schema of the register, then those that the extensions are in; an extension that is missing is an error in words.
async fn search_path(client: &Client) -> Result<Result<String, String>, StoreError> {
    let query =
        "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname = $1";
    let mut path = vec![SCHEMA.to_owned()];
    for extension in EXTENSIONS {
        match client.query_opt(query, &[&extension]).await.map_err(failed("look for the extensions"))? {
            Some(row) => path.push(row.get(0)),
            None => {
                return Ok(Err(format!(
                    "the extension {extension} is missing: run 'CREATE EXTENSION {extension}' in it as a superuser"
                )));
            }
        }
    }
    Ok(Ok(path.join(", ")))
}

async fn check_version(client: &Client) -> Result<Result<(), String>, StoreError> {
    let read = failed("read the schema");
    let table = format!("SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = '{HISTORY_TABLE}'");
    if !exists(client, &table, &[&SCHEMA]).await? {
        let used = exists(client, "SELECT 1 FROM pg_tables WHERE schemaname = $1 LIMIT 1", &[&SCHEMA]).await?;
        return Ok(if used { Err(format!("its schema {SCHEMA} holds something else")) } else { Ok(()) });
    }
    let query = format!("SELECT max(version) FROM {SCHEMA}.{HISTORY_TABLE}");
    let found: i32 = client.query_one(&query, &[]).await.map_err(read)?.get::<_, Option<i32>>(0).unwrap_or(0);
    let migrations = embedded::migrations::runner();
    let known = migrations.get_migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0);
    if i64::from(found) > known {
        return Ok(Err(format!(
            "its schema has version {found}, this program knows versions up to {known}: use a newer program"
        )));
    }
    Ok(Ok(()))
}

async fn exists(client: &Client, query: &str, params: &[&(dyn ToSql + Sync)]) -> Result<bool, StoreError> {
    Ok(client.query_opt(query, params).await.map_err(failed("read the schema"))?.is_some())
}
