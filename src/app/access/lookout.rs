//! Wrong passwords: how many in a row, and for how long nobody may try again.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

/// Wrong passwords in a row for a name after which nobody may try for a while.
pub(super) const NAME_TRIES: u32 = 5;

/// The same for an address. An office shares one.
pub(super) const ADDRESS_TRIES: u32 = 20;

/// The first time; it doubles with every further wrong one.
const FIRST_SECONDS: i64 = 60;

/// The longest time.
const LONGEST_SECONDS: i64 = 3_600;

/// Wrong passwords are forgotten when there was no further one for so long: of names that no account has as of those of
/// accounts, or the one could be told from the other.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Locks by which tries with one name go one after another.
const TURNS: usize = 64;

/// Addresses that are remembered.
const ADDRESSES: u64 = 100_000;

/// Wrong passwords in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Strikes {
    pub(super) count: u32,
    pub(super) locked_until: Option<Timestamp>,
    /// When the last one was.
    #[serde(default)]
    pub(super) last: Option<Timestamp>,
}

impl Strikes {
    /// Until when nobody may try; `None` when they may.
    pub(super) fn holds(self, at: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| *until > at)
    }

    /// After one more.
    pub(super) fn one_more(self, at: Timestamp, tries: u32) -> Self {
        let before = if self.are_forgotten(at) { 0 } else { self.count };
        let count = before.saturating_add(1);
        let over = count.checked_sub(tries);
        let seconds = over.map(|over| (FIRST_SECONDS << over.min(16)).min(LONGEST_SECONDS));
        let locked_until = seconds.and_then(|seconds| at.checked_add(SignedDuration::from_secs(seconds)).ok());
        Self { count, locked_until, last: Some(at) }
    }

    /// Whether they are so long ago that they do not count any more.
    pub(super) fn are_forgotten(self, at: Timestamp) -> bool {
        let last = self.last.or(self.locked_until);
        last.is_some_and(|last| at.duration_since(last) >= FORGOTTEN_AFTER)
    }
}

/// Tries with one name go one after another in this process, so that many at once are no more than are allowed in a row.
pub(super) struct Turns([Mutex<()>; TURNS]);

impl Default for Turns {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Mutex::new(())))
    }
}

impl Turns {
    /// Waits for those who try the same name.
    pub(super) fn wait(&self, name: &str) -> MutexGuard<'_, ()> {
        let sum = name.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        self.0[sum % TURNS].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is counted of each address, in this process.
pub(super) struct Lookout(Cache<IpAddr, Strikes>);

impl Default for Lookout {
    fn default() -> Self {
        Self(Cache::new(ADDRESSES))
    }
}

impl Lookout {
    /// Until when nobody may try from there.
    pub(super) fn holds(&self, address: Option<IpAddr>, at: Timestamp) -> Option<Timestamp> {
        self.0.get(&network(address?))?.holds(at)
    }

    /// Counts a wrong one.
    pub(super) fn wrong(&self, address: Option<IpAddr>, at: Timestamp) {
        if let Some(address) = address.map(network) {
            self.0.entry(address).and_upsert_with(|known| {
                known.map(|known| known.into_value()).unwrap_or_default().one_more(at, ADDRESS_TRIES)
            });
        }
    }

    /// Begins anew after a right one.
    pub(super) fn right(&self, address: Option<IpAddr>) {
        if let Some(address) = address.map(network) {
            self.0.invalidate(&address);
        }
    }
}

/// Somebody who has one address of IPv6 has the other 2^64 of its network too.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    #[test]
    fn the_time_doubles_up_to_an_hour() {
        let mut strikes = Strikes::default();
        let mut waits = Vec::new();
        for _ in 0..14 {
            strikes = strikes.one_more(at(0), NAME_TRIES);
            waits.push(strikes.locked_until.map_or(0, |until| (until - at(0)).get_seconds()));
        }
        assert_eq!(waits, [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600]);
        let many = Strikes { count: u32::MAX, locked_until: None, last: None }.one_more(at(0), NAME_TRIES);
        assert_eq!(many.holds(at(3599)), Some(at(3600)));
        assert_eq!(many.holds(at(3600)), None);
    }

    #[test]
    fn wrong_ones_of_yesterday_do_not_count() {
        let four = (0..4).fold(Strikes::default(), |strikes, second| strikes.one_more(at(second), NAME_TRIES));
        let day = FORGOTTEN_AFTER.as_secs();
        assert!(four.one_more(at(3 + day - 1), NAME_TRIES).locked_until.is_some());
        assert_eq!(four.one_more(at(3 + day), NAME_TRIES).count, 1);
        assert!(!Strikes::default().are_forgotten(at(day)), "there is nothing to forget");
    }

    #[test]
    fn addresses_of_one_network_count_together_and_a_right_password_begins_anew() {
        let lookout = Lookout::default();
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for number in 0..ADDRESS_TRIES {
            assert_eq!(lookout.holds(address("2001:db8::1"), at(0)), None);
            lookout.wrong(address(&format!("2001:db8::{number}")), at(0));
        }
        assert_eq!(lookout.holds(address("2001:db8::ffff"), at(0)), Some(at(60)));
        assert_eq!(lookout.holds(address("2001:db8:0:1::1"), at(0)), None);
        assert_eq!(lookout.holds(None, at(0)), None);
        lookout.right(address("2001:db8::2"));
        assert_eq!(lookout.holds(address("2001:db8::1"), at(0)), None);
        for _ in 0..ADDRESS_TRIES {
            lookout.wrong(address("::ffff:192.0.2.7"), at(0));
        }
        assert!(lookout.holds(address("192.0.2.7"), at(0)).is_some());
    }
}
