//! Opening a register wherever it lies.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::crs::Operator;
use crate::store::geopackage::{Access, GeoPackage};
use crate::store::postgis::{Options, PostGis};
use crate::store::{Place, Store};

/// Reads the operator's file, if there is one. Errors name the file, the entry or the line, never what stands there.
pub fn operator(file: Option<&Path>) -> anyhow::Result<Operator> {
    let Some(file) = file else { return Ok(Operator::default()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Operator::parse(&text).with_context(|| format!("{} cannot be used", file.display()))
}

/// Opens a register that is there. `ca` are certificates for a database.
pub fn existing(place: &Place, ca: Option<&Path>) -> anyhow::Result<Arc<dyn Store>> {
    open(place, Access::Existing, ca)
        .with_context(|| format!("no register can be opened at {place} (`onemap demo` makes one to try)"))
}

/// Opens a register, making an empty one and its folder where there is none.
pub fn create(place: &Place, ca: Option<&Path>) -> anyhow::Result<Arc<dyn Store>> {
    if let Place::File(path) = place
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    open(place, Access::Create, ca).with_context(|| format!("no register can be opened or made at {place}"))
}

fn open(place: &Place, access: Access, ca: Option<&Path>) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match place {
        Place::File(path) => Arc::new(GeoPackage::open(path, access)?),
        Place::Database(address) => {
            let options = Options { access, ca_file: ca.map(Path::to_owned), ..Options::default() };
            Arc::new(PostGis::open(address, &options)?)
        }
    })
}
