//! The address guard: what may be fetched and posted to, so that nobody makes the daemon reach into its own network.
//!
//! A name is judged by what it resolves to, and again by where the connection went; the text of an address never is.
//! Ranges: [IANA IPv4](https://www.iana.org/assignments/iana-ipv4-special-registry/) and
//! [IPv6](https://www.iana.org/assignments/iana-ipv6-special-registry/) special-purpose registries.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Host;

use super::allow::{Allow, within};
use super::ports::Ports;
use crate::model::{Failure, FailureKind, WebUrl};

/// Says which addresses may be reached: public ones, and those that an operator allows.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allow_private: bool,
    allow: Vec<Allow>,
    ports: Ports,
}

/// Where clouds hand out their machines' keys: nothing that tidings reads is ever there. Azure's is a public address.
const METADATA: [IpAddr; 9] = [
    // Most clouds, by IPv4 and (Amazon, Google) by IPv6.
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x0254)),
    // Amazon's containers.
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2)),
    IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0023)),
    // Alibaba, Oracle, Azure.
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
];

/// Networks of IPv4 that are not the public internet, and what to call them.
const FORBIDDEN_V4: [([u8; 4], u8, &str); 15] = [
    ([0, 0, 0, 0], 8, "an address of this network"),
    ([10, 0, 0, 0], 8, "a private address"),
    ([100, 64, 0, 0], 10, "a carrier's shared address"),
    ([127, 0, 0, 0], 8, "a loopback address"),
    ([169, 254, 0, 0], 16, "a link-local address"),
    ([172, 16, 0, 0], 12, "a private address"),
    ([192, 0, 0, 0], 24, "a protocol's own address"),
    ([192, 0, 2, 0], 24, "a documentation address"),
    ([192, 88, 99, 0], 24, "a relay's address"),
    ([192, 168, 0, 0], 16, "a private address"),
    ([198, 18, 0, 0], 15, "a benchmarking address"),
    ([198, 51, 100, 0], 24, "a documentation address"),
    ([203, 0, 113, 0], 24, "a documentation address"),
    ([224, 0, 0, 0], 4, "a multicast address"),
    ([240, 0, 0, 0], 4, "a reserved address"),
];

/// Networks of IPv6 that are not the public internet; the first that fits names the reason.
const FORBIDDEN_V6: [([u16; 8], u8, &str); 12] = [
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, "a loopback address"),
    ([0, 0, 0, 0, 0, 0, 0, 0], 96, "an unspecified address"),
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "a translator's private address"),
    ([0x100, 0, 0, 0, 0, 0, 0, 0], 64, "a discard address"),
    ([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, "a benchmarking address"),
    ([0x2001, 0x10, 0, 0, 0, 0, 0, 0], 28, "a hash, not an address"),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "a documentation address"),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "a documentation address"),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "a private address"),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "a link-local address"),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "a site-local address"),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "a multicast address"),
];

const NAT64: (Ipv6Addr, u8) = (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96);
const SIX_TO_FOUR: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16);
/// What the lower half of an ISATAP address begins with (RFC 5214), the bit that says "unique" aside.
const ISATAP: (u16, u16) = (0x0000, 0x5efe);
const TEREDO: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32);
/// All that is given out as public IPv6 so far.
const GLOBAL_UNICAST: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

impl Guard {
    /// Makes a guard. With `allow_private` every address may be reached but the clouds' metadata services.
    pub fn new(allow_private: bool, allow: &[Allow]) -> Self {
        Self { allow_private, allow: allow.to_vec(), ports: Ports::default() }
    }

    /// Opens ports besides the web's own, for whatever may be reached.
    #[must_use]
    pub fn with_ports(self, ports: &[u16]) -> Self {
        Self { ports: Ports { opened: ports.to_vec() }, ..self }
    }

    /// Judges what an address's text says already: a literal host, user or password in it, and the port.
    ///
    /// # Errors
    /// [`FailureKind::Blocked`], saying what is refused and how it could be allowed.
    pub fn check_url(&self, url: &WebUrl) -> Result<(), Failure> {
        self.check_text(url)?;
        self.ports.check(url, None)
    }

    /// Whether an address names, in numbers, a machine that is not on the public internet and may be reached.
    pub fn is_near(&self, url: &WebUrl) -> bool {
        let ip = match url.host() {
            Some(Host::Ipv4(ip)) => IpAddr::from(ip),
            Some(Host::Ipv6(ip)) => IpAddr::from(ip),
            Some(Host::Domain(_)) | None => return false,
        };
        forbidden(ip.to_canonical()).is_some() && self.check_url(url).is_ok()
    }

    /// Judges the text of an address that a redirect `from` another leads to.
    ///
    /// # Errors
    /// As [`Guard::check_url`].
    pub fn check_redirect(&self, from: &WebUrl, url: &WebUrl) -> Result<(), Failure> {
        self.check_text(url)?;
        self.ports.check(url, Some(from))
    }

    fn check_text(&self, url: &WebUrl) -> Result<(), Failure> {
        if let Some(detail) = url.user_fault() {
            return Err(Failure { kind: FailureKind::Blocked, detail });
        }
        match url.host() {
            Some(Host::Ipv4(ip)) => self.check_ip(ip.into(), url.host_text()),
            Some(Host::Ipv6(ip)) => self.check_ip(ip.into(), url.host_text()),
            Some(Host::Domain(_)) | None => Ok(()),
        }
    }

    /// Judges an address that `host` stands for or resolves to.
    ///
    /// # Errors
    /// As [`Guard::check_url`].
    pub fn check_ip(&self, ip: IpAddr, host: &str) -> Result<(), Failure> {
        let ip = ip.to_canonical();
        if METADATA.contains(&ip) || embedded(ip).into_iter().flatten().any(|v4| METADATA.contains(&v4.into())) {
            let detail = format!("{} is a cloud's metadata service: never reached", shown(ip, host));
            return Err(Failure { kind: FailureKind::Blocked, detail });
        }
        let Some(what) = forbidden(ip) else { return Ok(()) };
        if self.allow_private || self.allow.iter().any(|rule| rule.covers(ip, host)) {
            return Ok(());
        }
        let detail = format!("{} is {what}; if that is meant, add \"{ip}\" to allow in [network]", shown(ip, host));
        Err(Failure { kind: FailureKind::Blocked, detail })
    }
}

/// The address, and the name that led to it.
fn shown(ip: IpAddr, host: &str) -> String {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() || literal.parse::<IpAddr>().is_ok_and(|l| l.to_canonical() == ip) {
        ip.to_string()
    } else {
        format!("{host} resolves to {ip}, which")
    }
}

/// What kind of address this is, if it isn't a public one.
fn forbidden(ip: IpAddr) -> Option<&'static str> {
    match ip {
        IpAddr::V4(v4) => forbidden_v4(v4),
        IpAddr::V6(v6) => {
            let named = FORBIDDEN_V6.iter().find(|(base, prefix, _)| within(ip, Ipv6Addr::from(*base).into(), *prefix));
            let inside = || embedded(ip).into_iter().flatten().find_map(forbidden_v4);
            let public = || [GLOBAL_UNICAST, NAT64].into_iter().any(|net| in_v6(v6, net));
            named.map(|(_, _, what)| *what).or_else(inside).or_else(|| (!public()).then_some("not a public address"))
        }
    }
}

fn forbidden_v4(ip: Ipv4Addr) -> Option<&'static str> {
    let found = FORBIDDEN_V4.iter().find(|(base, prefix, _)| within(ip.into(), Ipv4Addr::from(*base).into(), *prefix));
    found.map(|(_, _, what)| *what)
}

fn in_v6(ip: Ipv6Addr, (base, prefix): (Ipv6Addr, u8)) -> bool {
    within(ip.into(), base.into(), prefix)
}

/// The IPv4 addresses that a packet to this IPv6 address may end up at: by NAT64 (RFC 6052), 6to4 (RFC 3056) or Teredo
/// (RFC 4380: the server's, and the client's with its bits turned over) or ISATAP.
fn embedded(ip: IpAddr) -> [Option<Ipv4Addr>; 2] {
    let IpAddr::V6(v6) = ip else { return [None, None] };
    let [_, first, second, third, fourth, fifth, high, low] = v6.segments();
    let last = joined(high, low);
    if in_v6(v6, NAT64) {
        [Some(last), None]
    } else if in_v6(v6, SIX_TO_FOUR) {
        [Some(joined(first, second)), None]
    } else if in_v6(v6, TEREDO) {
        [Some(joined(second, third)), Some(Ipv4Addr::from_bits(!last.to_bits()))]
    } else if (fourth & !0x0200, fifth) == ISATAP {
        [Some(last), None]
    } else {
        [None, None]
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
pub(super) mod tests;
