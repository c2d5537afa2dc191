//! How much is worked on at a time: by everybody, for one client, and of what takes long.
//!
//! Places are held until the work is done, also where nobody waits for its answer any more: whoever hangs up frees nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::client::Client;
use crate::http::limits::{RateClass, class_of};
use crate::http::{Problem, Site};

/// Requests that are worked on at a time; further ones are told to come again.
const IN_FLIGHT_MAX: usize = 1_024;

/// The same for one client, which may be an office of a hundred people.
const IN_FLIGHT_OF_ONE: usize = 512;

/// Expensive requests that are worked on at a time; further ones wait for their turn.
const EXPENSIVE_MAX: usize = 8;

/// The same for one client.
const EXPENSIVE_OF_ONE: usize = 3;

/// Seconds after which somebody who came when too much was going on may ask again.
const BUSY_RETRY_S: u64 = 1;

/// Clients of whom nothing is worked on are forgotten where there are more than so many.
const CLIENTS_KEPT: usize = 64;

tokio::task_local! {
    /// Where the request of this task is worked on.
    static PLACE: Place;
}

/// Places of which one client may have a few.
pub struct Shares {
    of_one: usize,
    clients: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
}

impl Shares {
    /// So many for each client.
    pub fn new(of_one: usize) -> Self {
        Self { of_one, clients: Mutex::default() }
    }

    /// Those of a client.
    pub fn of(&self, client: IpAddr) -> Arc<Semaphore> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if clients.len() > CLIENTS_KEPT && !clients.contains_key(&client) {
            // Whoever has a place, or waits for one, holds on to it.
            clients.retain(|_, places| Arc::strong_count(places) > 1);
        }
        Arc::clone(clients.entry(client).or_insert_with(|| Arc::new(Semaphore::new(self.of_one))))
    }
}

/// Places for the requests that are worked on.
pub struct Load {
    all: Arc<Semaphore>,
    of_one: Shares,
    turns: Arc<Semaphore>,
    turns_of_one: Shares,
}

impl Load {
    /// Nothing is worked on yet.
    pub fn new() -> Self {
        Self {
            all: Arc::new(Semaphore::new(IN_FLIGHT_MAX)),
            of_one: Shares::new(IN_FLIGHT_OF_ONE),
            turns: Arc::new(Semaphore::new(EXPENSIVE_MAX)),
            turns_of_one: Shares::new(EXPENSIVE_OF_ONE),
        }
    }

    /// A place for a request; `None` when all are taken, or all that the client may have.
    fn place(&self, client: Option<IpAddr>) -> Option<Permits> {
        let own = client.map(|client| self.of_one.of(client).try_acquire_owned()).transpose().ok()?;
        Some(Permits { _all: Arc::clone(&self.all).try_acquire_owned().ok()?, _own: own })
    }

    /// A turn at something expensive. Whoever has as many as one client may have waits behind themselves, not before others.
    async fn turn(&self, client: Option<IpAddr>) -> Permits {
        let own = match client {
            Some(client) => self.turns_of_one.of(client).acquire_owned().await.ok(),
            None => None,
        };
        Permits {
            _all: Arc::clone(&self.turns).acquire_owned().await.expect("the semaphore is never closed"),
            _own: own,
        }
    }
}

/// A place among those of everybody and among those of one client. What came over no connection is of no client.
struct Permits {
    _all: OwnedSemaphorePermit,
    _own: Option<OwnedSemaphorePermit>,
}

/// Where a request is worked on. Whatever works on it holds a copy.
#[derive(Clone)]
struct Place {
    permits: Arc<Permits>,
    client: Option<IpAddr>,
    /// For what is expensive: where to take turns.
    takes_turns: Option<Site>,
}

/// What work holds until it is done.
pub struct Held {
    _place: Arc<Permits>,
    _turn: Option<Permits>,
}

/// The place of the request that this task answers, and a turn where its route is an expensive one: within the time that an
/// answer may take. Before this its body was read, so that nobody keeps a turn by sending slowly.
pub async fn hold_turn() -> Option<Held> {
    let place = PLACE.try_with(Clone::clone).ok()?;
    let turn = match &place.takes_turns {
        Some(site) => Some(site.load().turn(place.client).await),
        None => None,
    };
    Some(Held { _place: place.permits, _turn: turn })
}

/// The place alone, for what goes before the work of a request.
pub fn hold_place() -> Option<Held> {
    let permits = PLACE.try_with(|place| Arc::clone(&place.permits)).ok()?;
    Some(Held { _place: permits, _turn: None })
}

/// Works on a bounded number of requests: beyond it they are refused at once rather than answered late.
pub async fn limit_load(State(site): State<Site>, request: Request, next: Next) -> Response {
    // Whoever watches the server is answered always.
    let Some(class) = class_of(&request) else { return next.run(request).await };
    let client = request.extensions().get::<Client>().map(|client| client.key());
    let Some(permits) = site.load().place(client) else { return busy().into_response() };
    let takes_turns = (class == RateClass::Expensive).then(|| site.clone());
    let place = Place { permits: Arc::new(permits), client, takes_turns };
    PLACE.scope(place, next.run(request)).await
}

/// 503: as much is worked on as may be.
pub fn busy() -> Problem {
    let detail = "the server is working on as much as it can; ask again in a moment";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail).retry_after(BUSY_RETRY_S)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::app::App;
    use crate::http::Settings;
    use crate::http::site::work;
    use crate::store::memory::Memory;

    const ONE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 1)));
    const OTHER: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 2)));

    #[test]
    fn one_client_leaves_places_for_others() {
        let load = Load::new();
        let mut places: Vec<Permits> = (0..IN_FLIGHT_OF_ONE).map(|_| load.place(ONE).unwrap()).collect();
        assert!(load.place(ONE).is_none());
        assert!(load.place(OTHER).is_some() && load.place(None).is_some());
        places.pop();
        assert!(load.place(ONE).is_some());
    }

    #[tokio::test]
    async fn one_client_takes_some_of_the_turns_and_others_the_rest() {
        let load = Load::new();
        let mut turns = Vec::new();
        for _ in 0..EXPENSIVE_OF_ONE {
            turns.push(load.turn(ONE).await);
        }
        let soon = Duration::from_millis(20);
        assert!(tokio::time::timeout(soon, load.turn(ONE)).await.is_err());
        assert!(tokio::time::timeout(soon, load.turn(OTHER)).await.is_ok());
        turns.pop();
        assert!(tokio::time::timeout(soon, load.turn(ONE)).await.is_ok());
    }

    #[test]
    fn clients_without_a_place_are_forgotten() {
        let shares = Shares::new(1);
        let held = shares.of(ONE.unwrap());
        (0..1_000).for_each(|number: u32| drop(shares.of(IpAddr::from(number.to_be_bytes()))));
        assert!(shares.clients.lock().unwrap().len() <= CLIENTS_KEPT + 2);
        assert!(Arc::ptr_eq(&held, &shares.of(ONE.unwrap())));
    }

    #[tokio::test]
    async fn whoever_hangs_up_keeps_the_turn_until_the_work_is_done() {
        let site = Site::new(App::new(Arc::new(Memory::new())), Settings::default());
        let place =
            Place { permits: Arc::new(site.load().place(ONE).unwrap()), client: ONE, takes_turns: Some(site.clone()) };
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let asked = PLACE.scope(place, work(move || wait.recv().map_err(|err| Problem::internal(&err))));
        assert!(tokio::time::timeout(Duration::from_millis(50), asked).await.is_err());
        let taken = || {
            (IN_FLIGHT_MAX - site.load().all.available_permits(), EXPENSIVE_MAX - site.load().turns.available_permits())
        };
        assert_eq!(taken(), (1, 1));
        go_on.send(()).unwrap();
        for _ in 0..500 {
            if taken() == (0, 0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the places were not given back");
    }
}
