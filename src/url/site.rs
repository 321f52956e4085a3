//! Which hosts are one publisher's.

/// Second labels below which each country's registry sells names (`co.uk`, `com.br`); the whole Public Suffix List has
/// ten thousand rules, this dozen covers the news.
const SHARED_SECONDS: [&str; 12] = ["ac", "co", "com", "edu", "gob", "gouv", "gov", "govt", "ne", "net", "or", "org"];

/// Gives the site of a host: the host without `www.`.
pub fn site(host: &str) -> &str {
    host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host)
}

/// Gives the part of a host that somebody registered: `example.co.uk` of `amp.news.example.co.uk`. An address literal
/// is itself.
pub fn registrable(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    if host.ends_with(']') || host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return host;
    }
    let mut labels = host.rsplit('.');
    let top = labels.next().unwrap_or_default();
    let second = labels.next().unwrap_or_default();
    let is_shared = top.len() == 2 && SHARED_SECONDS.contains(&second);
    let count = if is_shared { 3 } else { 2 };
    let mut dots = host.rmatch_indices('.').map(|(at, _)| at);
    dots.nth(count - 1).and_then(|at| host.get(at + 1..)).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::{registrable, site};

    #[test]
    fn a_site_is_its_host_without_www() {
        assert_eq!(site("www.un.org"), "un.org");
        assert_eq!(site("press.un.org"), "press.un.org");
        assert_eq!(site("www.com"), "www.com");
    }

    #[test]
    fn what_is_registered_is_what_stands_before_the_registrys_own_labels() {
        let of = |host| registrable(host);
        assert_eq!(of("amp.news.example.co.uk"), "example.co.uk");
        assert_eq!(of("m.example.org."), "example.org");
        assert_eq!(of("example.org"), "example.org");
        assert_eq!(of("co.uk"), "co.uk");
        assert_eq!(of("www.t.co"), "t.co");
        assert_eq!(of("192.0.2.7"), "192.0.2.7");
        assert_eq!(of("[2001:db8::1]"), "[2001:db8::1]");
    }
}
