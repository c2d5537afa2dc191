//! Who may ask for something large: found out before the body of a request is read.

use std::marker::PhantomData;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::auth::{Action, Actor, Resource};
use crate::http::{Problem, Site};

/// What somebody must be allowed to do in the whole district.
pub trait Needed {
    /// Asked of the one table.
    const ACTION: Action;
}

/// Whoever hands in deliveries and works on them.
pub struct Delivering;

/// Whoever enters deliveries.
pub struct Publishing;

/// Whoever makes exceptions.
pub struct Excepting;

impl Needed for Delivering {
    const ACTION: Action = Action::Deliver;
}

impl Needed for Publishing {
    const ACTION: Action = Action::PublishDelivery;
}

impl Needed for Excepting {
    const ACTION: Action = Action::GrantException;
}

/// Somebody who may. It stands before the body in a handler, so that nobody else has one taken in.
pub struct Allowed<N>(pub Actor, pub PhantomData<N>);

impl<N: Needed> FromRequestParts<Site> for Allowed<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Problem> {
        let actor = Actor::from_request_parts(parts, site).await?;
        site.app().require(&actor, N::ACTION, &Resource::District)?;
        Ok(Self(actor, PhantomData))
    }
}
