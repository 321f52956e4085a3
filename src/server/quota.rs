//! How often one address may do what anybody may: counted by the hour or the day, in memory.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use jiff::Timestamp;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// Addresses counted at once; when there are more, none but those counted already may do it until the span is over.
const ADDRESSES_MAX: usize = 100_000;

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
    /// The address, or the household's where there are many (64 bits of an IPv6 address).
    pub(super) fn network(self) -> IpAddr {
        network(self.0)
    }

    /// The first 48 bits of an IPv6 address.
    fn wide(self) -> Option<Ipv6Addr> {
        match self.0.to_canonical() {
            IpAddr::V4(_) => None,
            IpAddr::V6(v6) => Some(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 80))),
        }
    }
}

/// Where a request comes from: who connected or, behind a reverse proxy on this machine, whom the proxy names last
/// (`X-Forwarded-For`).
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(IpAddr);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        let peer = peer.unwrap_or(Ipv6Addr::LOCALHOST.into());
        let forwarded = parts.headers.get_all("x-forwarded-for").iter().next_back();
        let last = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        Ok(Self(last.filter(|_| peer.is_loopback()).unwrap_or(peer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + secs).unwrap()
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
