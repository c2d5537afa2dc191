//! Who asks: the address of a client, also behind proxies that are trusted to tell it, and whether the way to it is private.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::http::Site;

/// Header that tells the scheme which the client used.
pub const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers by which a proxy speaks for a client. Those of somebody else are taken off before anything reads them.
const SPEAKING_FOR_CLIENTS: [HeaderName; 5] = [
    FORWARDED_FOR,
    FORWARDED_PROTO,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
    header::FORWARDED,
];

/// Name of the header that carries a request's number from and to the client.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest number of a request that is taken over from a client, characters.
const REQUEST_ID_CHARACTERS_MAX: usize = 64;

/// Leading bits of an IPv6 address that one client is known by: a household or an office gets at least that much.
const CLIENT_BITS_V6: u32 = 64;

/// The other end of a connection. The server puts it into every request.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Whether the connection is one of TLS.
    pub tls: bool,
}

impl Peer {
    /// The other end of an accepted connection.
    pub fn new(address: SocketAddr, tls: bool) -> Self {
        Self { address: address.ip().to_canonical(), tls }
    }
}

/// Who asks. Every request that came over a connection carries one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// Its address; that of the proxy nearest to it where the proxies do not tell.
    pub address: IpAddr,
    /// Whether the way to it is one of TLS.
    pub secure: bool,
}

impl Client {
    /// What counts as one client: an IPv4 address, or the first 64 bits of an IPv6 address.
    pub fn key(self) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => self.address,
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << (128 - CLIENT_BITS_V6)))),
        }
    }

    /// Who asks, over this connection and with these headers.
    fn of(peer: Peer, headers: &HeaderMap, trusted: &[Network]) -> Self {
        if !is_trusted(peer.address, trusted) {
            return Self { address: peer.address, secure: peer.tls };
        }
        let proto = headers.get(FORWARDED_PROTO).and_then(|proto| proto.to_str().ok());
        let secure = proto.map_or(peer.tls, |proto| {
            // The last word is that of the proxy nearest to the server.
            proto.rsplit(',').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("https"))
        });
        Self { address: forwarded_for(peer.address, headers, trusted), secure }
    }
}

/// The right-most address that no trusted proxy has. What stands to the left of it is the client's own word, and where the
/// list cannot be read any further the last address that could be is taken.
fn forwarded_for(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let mut nearest = peer;
    let lines: Vec<&HeaderValue> = headers.get_all(FORWARDED_FOR).iter().collect();
    for line in lines.into_iter().rev() {
        let Ok(line) = line.to_str() else { return nearest };
        for part in line.rsplit(',') {
            let Some(address) = parse_address(part.trim()) else { return nearest };
            nearest = address;
            if !is_trusted(address, trusted) {
                return address;
            }
        }
    }
    nearest
}

/// An address, with or without a port.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok();
    address.or_else(|| text.parse::<SocketAddr>().ok().map(|with_port| with_port.ip())).map(|ip| ip.to_canonical())
}

fn is_trusted(address: IpAddr, trusted: &[Network]) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// Addresses that begin with the same bits, such as `10.0.0.0/8` or `2001:db8::/32`; without a number of bits a single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

/// Why a text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a network such as 10.0.0.0/8 or an address")]
pub struct NetworkError(String);

impl Network {
    /// Whether the address is one of these.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits,
            (IpAddr::V6(own), IpAddr::V6(other)) => (own.to_bits() ^ other.to_bits()).leading_zeros() >= self.bits,
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let wrong = || NetworkError(text.to_owned());
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(own, bits)| (own, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(all), |bits| bits.parse::<u32>().map_err(|_| wrong()))?;
        if bits > all { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

/// Finds out who asks and leaves only headers that tell the truth of it.
pub async fn identify(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    if let Some(peer) = request.extensions().get::<Peer>().copied() {
        let trusted = &site.settings().edge.trusted_proxies;
        if !is_trusted(peer.address, trusted) && request.headers().contains_key(FORWARDED_FOR) {
            tell_once(peer.address);
        }
        let client = Client::of(peer, request.headers(), trusted);
        let headers = request.headers_mut();
        for name in SPEAKING_FOR_CLIENTS {
            headers.remove(name);
        }
        headers.insert(FORWARDED_PROTO, HeaderValue::from_static(if client.secure { "https" } else { "http" }));
        request.extensions_mut().insert(client);
    }
    if !request.headers().get(REQUEST_ID).is_none_or(is_request_id) {
        request.headers_mut().remove(REQUEST_ID);
    }
    next.run(request).await
}

/// A proxy that was forgotten in the settings makes all its clients one; its operator should find out why.
fn tell_once(peer: IpAddr) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if !TOLD.swap(true, Ordering::Relaxed) {
        tracing::info!(%peer, "X-Forwarded-For is not believed: this address is not one of the trusted proxies");
    }
}

/// Whether a client's own number of its request may go into logs and answers.
fn is_request_id(id: &HeaderValue) -> bool {
    let right = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=REQUEST_ID_CHARACTERS_MAX).contains(&id.len()) && id.as_bytes().iter().all(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn client(peer: &str, headers: &[(HeaderName, &'static str)], trusted: &[&str]) -> Client {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        let peer = Peer::new(SocketAddr::new(peer.parse().unwrap(), 9), false);
        Client::of(peer, &headers, &networks(trusted))
    }

    fn told(peer: &str, line: &'static str, trusted: &[&str]) -> String {
        client(peer, &[(FORWARDED_FOR, line)], trusted).address.to_string()
    }

    #[test]
    fn a_network_holds_the_addresses_that_begin_like_it() {
        let [ten, one, all, six] =
            ["10.0.0.0/8", "192.0.2.7", "0.0.0.0/0", "2001:db8::/33"].map(|text| text.parse::<Network>().unwrap());
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(ten.contains(ip("10.255.0.1")) && !ten.contains(ip("11.0.0.1")) && ten.contains(ip("::ffff:10.1.1.1")));
        assert!(one.contains(ip("192.0.2.7")) && !one.contains(ip("192.0.2.6")));
        assert!(all.contains(ip("203.0.113.9")) && !all.contains(ip("::1")));
        assert!(six.contains(ip("2001:db8:7fff::1")) && !six.contains(ip("2001:db8:8000::1")));
        for wrong in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "map.example"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn nobody_but_a_trusted_proxy_is_believed() {
        assert_eq!(told("198.51.100.1", "10.0.0.1", &[]), "198.51.100.1");
        assert_eq!(told("198.51.100.1", "10.0.0.1", &["10.0.0.0/8"]), "198.51.100.1");
        let secure = [(FORWARDED_PROTO, "https")];
        assert!(!client("198.51.100.1", &secure, &["10.0.0.0/8"]).secure);
        assert!(client("10.0.0.1", &secure, &["10.0.0.0/8"]).secure);
        assert!(!client("10.0.0.1", &[(FORWARDED_PROTO, "https, http")], &["10.0.0.0/8"]).secure);
    }

    #[test]
    fn the_right_most_address_that_is_no_proxy_is_the_client() {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"];
        for (line, expected) in [
            ("203.0.113.9", "203.0.113.9"),
            ("1.1.1.1, 203.0.113.9", "203.0.113.9"),
            ("1.1.1.1, 203.0.113.9, 10.2.2.2", "203.0.113.9"),
            ("203.0.113.9:51000", "203.0.113.9"),
            ("[2001:dead::1]:443, 2001:db8::7", "2001:dead::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("10.3.3.3, 10.2.2.2", "10.3.3.3"),
            ("203.0.113.9, unknown", "10.0.0.1"),
            ("203.0.113.9, unknown, 10.2.2.2", "10.2.2.2"),
            ("203.0.113.9,", "10.0.0.1"),
            ("", "10.0.0.1"),
        ] {
            assert_eq!(told("10.0.0.1", line, &trusted), expected, "{line:?}");
        }
        let lines = [(FORWARDED_FOR, "1.1.1.1"), (FORWARDED_FOR, "203.0.113.9, 10.2.2.2")];
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(name, HeaderValue::from_static(line));
        }
        let peer = Peer::new("10.0.0.1:9".parse().unwrap(), false);
        assert_eq!(Client::of(peer, &headers, &networks(&trusted)).address.to_string(), "203.0.113.9");
    }

    #[test]
    fn an_ipv6_client_is_known_by_the_first_half_of_its_address() {
        let key = |text: &str| Client { address: text.parse().unwrap(), secure: false }.key().to_string();
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(key("203.0.113.9"), "203.0.113.9");
    }

    #[test]
    fn a_number_of_a_request_is_short_and_plain() {
        let right = |id: &'static str| is_request_id(&HeaderValue::from_static(id));
        assert!(right("0d9bb1f4-4c41-4b83-a3ab-9a4b1b9d2c11") && right("a_b.C"));
        assert!(!right("") && !right("a b") && !right("a\"b") && !right("id=1"));
        assert!(!is_request_id(&HeaderValue::from_str(&"a".repeat(65)).unwrap()));
        assert!(!is_request_id(&HeaderValue::from_bytes(b"\xff").unwrap()));
    }
}
