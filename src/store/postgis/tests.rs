use super::*;

#[path = "../../../tests/it/support/postgres.rs"]
mod postgres;

use crate::store::contract::store_contract;
use postgres::Cluster;

/// A store in a database of its own; `None` where PostgreSQL is not installed.
fn store() -> Option<(PostGis, String)> {
    let address = Cluster::shared()?.database();
    Some((PostGis::open(&address, &Options::default()).unwrap(), address))
}

#[test]
fn it_keeps_the_contract() {
    let Some((store, _)) = store() else { return };
    store_contract(&store);
}
