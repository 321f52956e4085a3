//! How often one address may do what anybody may: counted by the hour or the day, in memory.
//!
//! Nobody is refused for what others asked: where more are counted than may be, those that asked longest ago are forgotten.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use jiff::Timestamp;

use super::state::AppState;
use crate::model::SubscriptionId;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// How many are counted at once; when there are as many, the half that asked longest ago is forgotten. Who has that many networks
/// has the share of each of them, whatever is counted; to refuse those that are not counted yet would be to refuse everybody else.
const COUNTED_MAX: usize = 100_000;

/// Proxies that one request may come through.
const PROXIES_MAX: usize = 8;
/// Who has 48 bits of an IPv6 address, which many a provider gives to one customer, may do it so many times as often as one address.
const WIDE_SHARE: u32 = 8;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Counted {
    /// An address, or a household's 64 bits.
    Household(IpAddr),
    /// 48 bits.
    Wide(Ipv6Addr),
    /// Not whence it is asked, but by whom: a subscription's own token.
    Own(SubscriptionId),
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
    counts: BTreeMap<Counted, Count>,
    /// How often it was counted: what orders the counted by when they asked last.
    times: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    taken: u32,
    last: u64,
}

impl Hour {
    /// Whether there is something left of a share. Where there is not, nothing is noted: what is refused costs no room.
    fn has_left(&self, counted: Counted, share: u32) -> bool {
        self.counts.get(&counted).map_or(0, |count| count.taken) < share
    }

    fn count(&mut self, counted: Counted) {
        if self.counts.len() >= COUNTED_MAX && !self.counts.contains_key(&counted) {
            self.forget_half();
        }
        self.times = self.times.saturating_add(1);
        let count = self.counts.entry(counted).or_default();
        *count = Count { taken: count.taken.saturating_add(1), last: self.times };
    }

    fn forget_half(&mut self) {
        let mut lasts: Vec<u64> = self.counts.values().map(|count| count.last).collect();
        let half = lasts.len() / 2;
        let (_, middle, _) = lasts.select_nth_unstable(half);
        let middle = *middle;
        self.counts.retain(|_, count| count.last >= middle);
    }
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
        let household = (Counted::Household(client.network()), self.share);
        let wide = client.wide().map(|wide| (Counted::Wide(wide), self.share.saturating_mul(WIDE_SHARE)));
        // The wide one first: it is noted earlier, and what asks from everywhere within it is refused by one look.
        let all: Vec<_> = wide.into_iter().chain([household]).collect();
        self.takes_of_all(&all, now)
    }

    /// The same for a subscription that is known by its token, wherever that comes from: its share is its own.
    pub(super) fn takes_own(&self, id: SubscriptionId, now: Timestamp) -> bool {
        self.takes_of_all(&[(Counted::Own(id), self.share)], now)
    }

    /// Counts one time more for all of them, unless one has had its share.
    fn takes_of_all(&self, all: &[(Counted, u32)], now: Timestamp) -> bool {
        let mut hour = self.hour.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(hour.begun).unsigned_abs() >= self.span {
            *hour = Hour { begun: now, ..Hour::default() };
        }
        let takes = all.iter().all(|(counted, share)| hour.has_left(*counted, *share));
        if takes {
            for (counted, _) in all {
                hour.count(*counted);
            }
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

    #[test]
    fn what_two_customers_with_many_networks_ask_is_counted_in_little_room_and_shuts_out_nobody() {
        let quota = Quota::daily(10);
        let takes = |address: String| quota.takes(Client(address.parse().unwrap()), at(0));
        let taken = (0..200_000).filter(|n| takes(format!("2001:db8:{:x}:{:x}::1", n % 2, n / 2 % 65_536))).count();
        assert_eq!(taken, 2 * 80, "the share of eight addresses each");
        assert!(quota.hour.lock().unwrap().counts.len() <= 2 * 81);
        assert!(takes("2001:db8:9::1".to_owned()) && takes("192.0.2.1".to_owned()));
    }

    #[test]
    fn where_more_ask_than_are_counted_those_that_asked_longest_ago_are_forgotten_and_none_is_refused() {
        let quota = Quota::daily(1);
        let takes = |number: usize| {
            let address = std::net::Ipv4Addr::from_bits(0x0b00_0000 + u32::try_from(number).unwrap());
            quota.takes(Client(address.into()), at(0))
        };
        assert!((0..=COUNTED_MAX).all(takes));
        assert!(!takes(COUNTED_MAX) && !takes(COUNTED_MAX - 1), "who asked of late is counted still");
        assert!(takes(0), "who asked longest ago was forgotten");
        assert!(quota.hour.lock().unwrap().counts.len() <= COUNTED_MAX);
    }

    #[test]
    fn a_subscription_has_its_share_wherever_its_token_comes_from() {
        let quota = Quota::daily(1);
        let client = Client("192.0.2.1".parse().unwrap());
        assert!(quota.takes(client, at(0)) && !quota.takes(client, at(0)));
        assert!(quota.takes_own(SubscriptionId(1), at(0)) && !quota.takes_own(SubscriptionId(1), at(0)));
        assert!(quota.takes_own(SubscriptionId(2), at(0)));
    }
}
