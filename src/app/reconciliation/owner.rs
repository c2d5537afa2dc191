//! Who looks after the cases of a street.

use std::collections::BTreeMap;

use serde_json::json;

use crate::app::access::Occasion;
use crate::app::reconciliation::ReconciliationError;
use crate::app::reconciliation::state::RunNow;
use crate::app::reconciliation::task::{NAME_CHARS_MAX, is_name};
use crate::app::{App, Error};
use crate::auth::{Action, Actor, Resource};
use crate::model::{DeliveryId, StreetCode};
use crate::store::{Document, DocumentChange, DocumentKind};

/// Id of the document that says who looks after which street.
const OWNERS: &str = "reconciliation-owners";

/// Names by the codes of streets.
pub(super) type Owners = BTreeMap<String, String>;

impl App {
    /// Who looks after which street, and the document that says so.
    pub(super) fn owners(&self) -> Result<(Owners, Option<Document>), Error> {
        let document = self.store.document(DocumentKind::Setting, OWNERS)?;
        let owners = document.as_ref().map(|document| serde_json::from_str(&document.body)).transpose();
        let owners = owners.unwrap_or_else(|error| {
            // A newer program may have written it; without it nobody looks after a street.
            tracing::warn!(%error, "who looks after which street cannot be read");
            None
        });
        Ok((owners.unwrap_or_default(), document))
    }

    /// Gives the cases of a street to somebody, for this delivery and those after it, or to nobody.
    ///
    /// Errors: the actor may not deliver, the delivery was not run or is in the register, there is no such street, a name is
    /// empty or too long, somebody else gave a street to somebody at the same time.
    pub fn give_street(
        &self,
        (actor, occasion): (&Actor, &Occasion),
        id: DeliveryId,
        (street, name): (&StreetCode, Option<&str>),
    ) -> Result<RunNow, Error> {
        self.require(actor, Action::Deliver, &Resource::District)?;
        let bad = |place, message| Err(ReconciliationError::BadMember { place, message }.into());
        let name = name.map(str::trim);
        if name.is_some_and(|name| !is_name(name)) {
            return bad("/name", format!("a name of 1 to {NAME_CHARS_MAX} characters is expected"));
        }
        let (run, _) = self.undecided_run(id)?;
        if run.snapshot.street_position(street).is_none() {
            return bad("/street", format!("there is no street {street}"));
        }
        let (mut owners, document) = self.owners()?;
        match name {
            Some(name) => owners.insert(street.to_string(), name.to_owned()),
            None => owners.remove(street.as_str()),
        };
        let body = json!(owners).to_string();
        let change = match &document {
            Some(document) => DocumentChange::of(document, body),
            None => DocumentChange::new(DocumentKind::Setting, OWNERS, body),
        };
        let after = json!({ "street": street.as_str(), "name": name }).to_string();
        self.write_decisions((actor, occasion), ("reconciliation.owner", id), &[change], after)?;
        Ok((run, self.standing()?))
    }
}
