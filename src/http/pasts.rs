//! Past states that are asked for: each is built once however many wait for it, and few at a time.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};

use crate::app::{App, Snapshot};
use crate::http::Problem;
use crate::http::limits::{RateClass, RateLimits, too_many};
use crate::http::places::{Shares, busy};
use crate::model::AsOf;
use crate::store::Question;

/// States that are being built, or wait for another to be; who asks for a further one is told to come again.
const BUILT_MAX: usize = 4;

/// The same for one client: both states of a comparison.
const BUILT_OF_ONE: usize = 2;

type Told = Option<Result<Arc<Snapshot>, Problem>>;
type UnderWay = Arc<Mutex<HashMap<AsOf, watch::Receiver<Told>>>>;

/// The states that are being built.
pub struct Pasts {
    places: Arc<Semaphore>,
    of_one: Shares,
    under_way: UnderWay,
}

impl Pasts {
    /// None is being built.
    pub fn new() -> Self {
        let places = Arc::new(Semaphore::new(BUILT_MAX));
        Self { places, of_one: Shares::new(BUILT_OF_ONE), under_way: UnderWay::default() }
    }

    /// A state that somebody asks for. Whoever waits for one takes no thread. Errors: 503 when enough others are being built,
    /// 429 for a client who had too many built of late; what [`App::snapshot_at`] says.
    pub async fn show(
        &self,
        (app, rates): (&App, Option<&RateLimits>),
        as_of: AsOf,
        client: Option<IpAddr>,
    ) -> Result<Arc<Snapshot>, Problem> {
        if let Some(snapshot) = app.snapshot_at_hand(as_of)? {
            return Ok(snapshot);
        }
        let mut told = self.join((app, rates), as_of, client)?;
        let told = told.wait_for(Option::is_some).await.map_err(|err| Problem::internal(&err))?;
        told.clone().unwrap_or_else(|| Err(busy()))
    }

    /// Joins those who wait for the state, or begins to build it.
    fn join(
        &self,
        (app, rates): (&App, Option<&RateLimits>),
        as_of: AsOf,
        client: Option<IpAddr>,
    ) -> Result<watch::Receiver<Told>, Problem> {
        let mut under_way = lock(&self.under_way);
        if let Some(told) = under_way.get(&as_of) {
            return Ok(told.clone());
        }
        let own = client.map(|client| self.of_one.of(client).try_acquire_owned()).transpose().map_err(|_| busy())?;
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| busy())?;
        if let Some((rates, client)) = rates.zip(client) {
            rates.check(RateClass::Expensive, client).map_err(|wait| too_many(RateClass::Expensive, wait))?;
        }
        let (tell, told) = watch::channel(None);
        under_way.insert(as_of, told.clone());
        let ended = Ended { under_way: Arc::clone(&self.under_way), as_of };
        let app = app.clone();
        tokio::task::spawn_blocking(move || {
            // Held to the end of the work, also when nobody waits for it any more.
            let _held = (own, place);
            let question = Question { day: Some(as_of.day), known: Some(as_of.known) };
            let built = app.snapshot_at(question).map_err(Problem::from);
            // Before it is told: whoever comes now finds it where states are kept.
            drop(ended);
            tell.send_replace(Some(built));
        });
        Ok(told)
    }
}

/// Takes a state off the list of those that are being built, however that ends.
struct Ended {
    under_way: UnderWay,
    as_of: AsOf,
}

impl Drop for Ended {
    fn drop(&mut self) {
        lock(&self.under_way).remove(&self.as_of);
    }
}

fn lock(under_way: &UnderWay) -> MutexGuard<'_, HashMap<AsOf, watch::Receiver<Told>>> {
    under_way.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::response::IntoResponse as _;

    use super::*;
    use crate::http::Allowances;
    use crate::model::Revision;
    use crate::store::memory::Memory;

    fn as_of(day: i8) -> AsOf {
        AsOf { day: jiff::civil::date(2022, 1, day), known: Revision(1) }
    }

    #[tokio::test]
    async fn few_states_are_built_at_a_time_and_each_for_all_who_wait_for_it() {
        let (pasts, app) = (Pasts::new(), App::new(Arc::new(Memory::new())));
        let client = |last| Some(IpAddr::from([203, 0, 113, last]));
        let (tell, told) = watch::channel(None);
        lock(&pasts.under_way).insert(as_of(1), told);
        let places: Vec<_> = (0..BUILT_MAX).map(|_| Arc::clone(&pasts.places).try_acquire_owned().unwrap()).collect();
        // Nobody begins a further one, and everybody may wait for what is under way.
        let refused = pasts.join((&app, None), as_of(2), client(1)).unwrap_err().into_response();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.headers().contains_key("retry-after"));
        let mut waiting: Vec<_> = (0..9).map(|_| pasts.join((&app, None), as_of(1), client(1)).unwrap()).collect();
        tell.send_replace(Some(Err(Problem::not_found("it is told to all"))));
        for told in &mut waiting {
            assert!(told.wait_for(Option::is_some).await.unwrap().as_ref().unwrap().is_err());
        }
        drop(places);
        // One client has some of the places. Nothing is loaded here, so what is begun ends with an error, and is forgotten.
        let own: Vec<_> =
            (0..BUILT_OF_ONE).map(|_| pasts.of_one.of(client(1).unwrap()).try_acquire_owned().unwrap()).collect();
        assert!(pasts.join((&app, None), as_of(3), client(1)).is_err());
        let mut begun = pasts.join((&app, None), as_of(3), client(2)).unwrap();
        assert!(begun.wait_for(Option::is_some).await.unwrap().as_ref().unwrap().is_err());
        assert!(!lock(&pasts.under_way).contains_key(&as_of(3)));
        drop(own);
    }

    #[tokio::test]
    async fn a_state_that_is_built_counts_as_expensive() {
        let (pasts, app) = (Pasts::new(), App::new(Arc::new(Memory::new())));
        let one = crate::http::Allowance::new(1, 1).unwrap();
        let rates = RateLimits::new(&Allowances { expensive: one, ..Allowances::default() });
        let client = Some(IpAddr::from([203, 0, 113, 1]));
        let mut begun = pasts.join((&app, Some(&rates)), as_of(1), client).unwrap();
        begun.wait_for(Option::is_some).await.unwrap();
        let refused = pasts.join((&app, Some(&rates)), as_of(2), client).unwrap_err().into_response();
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    }
}
