//! How often one address may do what anybody may: counted by the hour or the day, in memory.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use jiff::Timestamp;

use super::state::AppState;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Addresses counted at once; when there are more, none but those counted already may do it until the span is over.
const ADDRESSES_MAX: usize = 100_000;

/// Proxies that one request may come through.
const PROXIES_MAX: usize = 8;
/// Who has 48 bits of an IPv6 address, which many a provider gives to one customer, may do it so many times as often as one address.
const WIDE_SHARE: u32 = 8;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Network {
    /// An address, or a household's 64 bits.
    Household(IpAddr),
    /// 48 bits.
    Wide(Ipv6Addr),
}

/// A count for each address, shared by the handlers.
#[derive(Debug, Clone)]
pub struct Quota {
    share: u32,
    /// What is counted ends with the span that it began in.
    span: Duration,
    hour: Arc<Mutex<Hour>>,
}

#[derive(Debug, Default)]
struct Hour {
    begun: Timestamp,
    counts: BTreeMap<Network, u32>,
}

impl Quota {
    /// Allows each address so much an hour.
    pub fn new(hourly: u32) -> Self {
        Self { share: hourly, span: HOUR, hour: Arc::default() }
    }

    /// Allows each address so much a day.
    pub fn daily(share: u32) -> Self {
        Self { share, span: DAY, hour: Arc::default() }
    }

    /// Counts one time more, unless the address has had its share.
    pub(super) fn takes(&self, client: Client, now: Timestamp) -> bool {
        let mut hour = self.hour.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(hour.begun).unsigned_abs() >= self.span {
            *hour = Hour { begun: now, counts: BTreeMap::new() };
        }
        let household = (Network::Household(client.network()), self.share);
        let wide = client.wide().map(|wide| (Network::Wide(wide), self.share.saturating_mul(WIDE_SHARE)));
        let is_full = hour.counts.len() >= ADDRESSES_MAX && !hour.counts.contains_key(&household.0);
        if is_full {
            return false;
        }
        let mut takes = true;
        for (network, share) in wide.into_iter().chain([household]) {
            let count = hour.counts.entry(network).or_default();
            takes &= *count < share;
            *count = count.saturating_add(1);
        }
        takes
    }
}

/// What one household has: an IPv4 address, or 64 bits of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
    }
}

impl Client {
    /// Who has this address.
    #[cfg(test)]
    pub(super) fn at(address: IpAddr) -> Self {
        Self(address)
    }

    /// The address, or the household's where there are many (64 bits of an IPv6 address).
    pub(super) fn network(self) -> IpAddr {
        network(self.0)
    }

    /// The first 48 bits of an IPv6 address.
    pub(super) fn wide(self) -> Option<Ipv6Addr> {
        match self.0.to_canonical() {
            IpAddr::V4(_) => None,
            IpAddr::V6(v6) => Some(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 80))),
        }
    }
}

/// Where a request comes from: who connected or, behind reverse proxies of ours, the last whom they name (`X-Forwarded-For`) and
/// that is none of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(IpAddr);

impl FromRequestParts<AppState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        let peer = peer.unwrap_or(Ipv6Addr::LOCALHOST.into());
        let lines = parts.headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let lines: Vec<&str> = lines.collect();
        Ok(Self(client(peer, &lines.join(","), |address| app.openness.is_proxy(address))))
    }
}

/// Walks from who connected back along what the proxies noted, to the first that is none of them, or isn't to be read. A loopback
/// address that is named is another machine's, or made up: nothing behind it is believed.
fn client(peer: IpAddr, forwarded: &str, is_proxy: impl Fn(IpAddr) -> bool) -> IpAddr {
    let mut at = peer;
    for (step, named) in forwarded.rsplit(',').map(str::trim).take(PROXIES_MAX).enumerate() {
        let is_ours = is_proxy(at) && (step == 0 || !at.is_loopback());
        match named.parse::<IpAddr>() {
            Ok(named) if is_ours => at = named.to_canonical(),
            Ok(_) | Err(_) => break,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).unwrap()
    }

    #[test]
    fn whom_a_proxy_of_ours_names_is_believed_and_nobody_else() {
        let of = |peer: &str, forwarded: &str| {
            let ours = ["127.0.0.1", "10.0.0.7"].map(|ours| ours.parse::<IpAddr>().unwrap());
            client(peer.parse().unwrap(), forwarded, |address| ours.contains(&address)).to_string()
        };
        assert_eq!(of("127.0.0.1", "198.51.100.1, 192.0.2.1"), "192.0.2.1");
        assert_eq!(of("127.0.0.1", "198.51.100.1, 192.0.2.1, 10.0.0.7"), "192.0.2.1", "two of ours in a row");
        assert_eq!(of("192.0.2.9", "198.51.100.1"), "192.0.2.9", "anybody writes such a line");
        assert_eq!(of("127.0.0.1", ""), "127.0.0.1");
        assert_eq!(of("127.0.0.1", "198.51.100.1, unknown"), "127.0.0.1");
        assert_eq!(of("10.0.0.7", "198.51.100.1, 127.0.0.1"), "127.0.0.1", "nobody's word is taken behind it");
    }

    #[test]
    fn an_address_has_its_share_of_each_hour_and_takes_none_of_anothers() {
        let quota = Quota::new(2);
        let takes = |address: &str, secs| quota.takes(Client(address.parse().unwrap()), at(secs));
        assert!(takes("192.0.2.1", 0) && takes("192.0.2.1", 1) && !takes("192.0.2.1", 2));
        assert!(takes("::ffff:192.0.2.2", 3) && takes("192.0.2.2", 3) && !takes("192.0.2.2", 3));
        assert!(takes("2001:db8::1", 3) && takes("2001:db8::2", 3) && !takes("2001:db8::3", 3));
        assert!(takes("2001:db8:0:1::1", 3));
        assert!(takes("192.0.2.1", 3_600));
        // One customer's 65,536 networks have the share of eight.
        let taken = (0..40).filter(|net| takes(&format!("2001:db8:7:{net:x}::1"), 3_601)).count();
        assert_eq!(taken, 16);
        assert!(takes("2001:db8:8::1", 3_601));
    }
}
