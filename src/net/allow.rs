//! Exceptions from the guard: networks and hosts that an operator vouches for.

use std::net::IpAddr;

use url::Host;

/// Addresses that are allowed although private: a network, one address, or whatever a host name resolves to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow(Rule);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    /// All addresses that share the first `prefix` bits of `base`.
    Network { base: IpAddr, prefix: u8 },
    /// Lower case, without a final dot.
    Host(String),
}

/// Why a text names no addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllowError {
    /// A network whose prefix is no number or too long.
    #[error("{text:?} has a prefix of {prefix:?} bits (expected 0 to {max})")]
    Prefix {
        /// What was given.
        text: String,
        /// The part after the slash.
        prefix: String,
        /// The longest that fits the address.
        max: u8,
    },
    /// What stands before the slash is no address.
    #[error("{text:?} is not a network (expected one like 10.0.0.0/8 or fd00::/8)")]
    Network {
        /// What was given.
        text: String,
    },
    /// Neither an address nor a host name.
    #[error("{text:?} is not an address, network or host name (expected one like 192.168.1.5, 10.0.0.0/8 or nas.lan)")]
    Name {
        /// What was given.
        text: String,
    },
}

impl Allow {
    /// Parses a network (`10.0.0.0/8`, `fd00::/8`), an address (`192.168.1.5`, `::1`, `[::1]`) or a host name.
    ///
    /// # Errors
    /// When `text` is none of them.
    pub fn parse(text: &str) -> Result<Self, AllowError> {
        let text = text.trim();
        let address = |t: &str| t.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        if let Some((base, prefix)) = text.split_once('/') {
            let base = address(base).ok_or_else(|| AllowError::Network { text: text.to_owned() })?;
            let max = bits(base);
            return match prefix.parse::<u8>() {
                Ok(prefix) if prefix <= max => Ok(Self(Rule::Network { base, prefix })),
                Ok(_) | Err(_) => Err(AllowError::Prefix { text: text.to_owned(), prefix: prefix.to_owned(), max }),
            };
        }
        if let Some(base) = address(text) {
            let base = base.to_canonical();
            return Ok(Self(Rule::Network { base, prefix: bits(base) }));
        }
        // The URL standard's own rules for hosts: what is compared is a URL's host. They read `127.1` as an address.
        match Host::parse(text) {
            Ok(Host::Domain(name)) if !name.trim_matches('.').is_empty() && !text.contains(['*', ':']) => {
                Ok(Self(Rule::Host(plain(&name))))
            }
            Ok(Host::Ipv4(ip)) => Ok(Self(Rule::Network { base: ip.into(), prefix: 32 })),
            Ok(_) | Err(_) => Err(AllowError::Name { text: text.to_owned() }),
        }
    }

    /// Whether it is a network, or an address, in which `ip` lies.
    pub fn holds(&self, ip: IpAddr) -> bool {
        matches!(&self.0, Rule::Network { base, prefix } if within(ip.to_canonical(), *base, *prefix))
    }

    /// Whether this allows `ip` (in canonical form), reached as `host`.
    pub(super) fn covers(&self, ip: IpAddr, host: &str) -> bool {
        match &self.0 {
            Rule::Network { base, prefix } => within(ip, *base, *prefix),
            Rule::Host(name) => *name == plain(host),
        }
    }
}

fn plain(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

fn bits(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// Whether `ip` shares its first `prefix` bits with `base`.
pub(super) fn within(ip: IpAddr, base: IpAddr, prefix: u8) -> bool {
    let (ip, base, width) = match (ip, base) {
        (IpAddr::V4(ip), IpAddr::V4(base)) => (u128::from(ip.to_bits()), u128::from(base.to_bits()), 32),
        (IpAddr::V6(ip), IpAddr::V6(base)) => (ip.to_bits(), base.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    // A shift by all 128 bits would be none: a prefix of 0 bits shares nothing and holds for all.
    (ip ^ base).checked_shr(width - u32::from(prefix)).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(rule: &str, ip: &str, host: &str) -> bool {
        Allow::parse(rule).expect("a rule").covers(ip.parse().expect("an address"), host)
    }

    #[test]
    fn networks_and_addresses_cover_by_their_bits() {
        assert!(covers("10.0.0.0/8", "10.255.0.1", "a"));
        assert!(!covers("10.0.0.0/8", "11.0.0.1", "a"));
        assert!(covers("0.0.0.0/0", "203.0.113.1", "a") && !covers("0.0.0.0/0", "::1", "a"));
        assert!(covers("::/0", "fd00::1", "a"));
        assert!(covers("192.168.1.5", "192.168.1.5", "a") && !covers("192.168.1.5", "192.168.1.4", "a"));
        assert!(covers("[fd00::]/8", "fdff::1", "a") && covers("[::1]", "::1", "a"));
        assert!(covers("127.1", "127.0.0.1", "a") && covers("::ffff:127.0.0.1", "127.0.0.1", "a"));
    }

    #[test]
    fn a_host_name_covers_whatever_it_resolves_to_and_no_other_name() {
        assert!(covers("NAS.lan.", "192.168.1.5", "nas.lan"));
        assert!(covers("nas.lan", "10.0.0.1", "NAS.lan."));
        assert!(!covers("nas.lan", "10.0.0.1", "evil.nas.lan"));
        assert!(!covers("nas.lan", "10.0.0.1", ""));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text: &str| Allow::parse(text).expect_err("no rule").to_string();
        insta::assert_snapshot!(error("10.0.0.0/33"), @r#""10.0.0.0/33" has a prefix of "33" bits (expected 0 to 32)"#);
        insta::assert_snapshot!(error("lan/8"), @r#""lan/8" is not a network (expected one like 10.0.0.0/8 or fd00::/8)"#);
        insta::assert_snapshot!(error("*.lan"), @r#""*.lan" is not an address, network or host name (expected one like 192.168.1.5, 10.0.0.0/8 or nas.lan)"#);
        for text in ["", ".", "nas.lan:80", "http://nas.lan", "a b", "10.0.0.0/x", "10.0.0.0/-1"] {
            assert!(Allow::parse(text).is_err(), "{text:?}");
        }
    }
}
