//! Which hosts are one publisher's.

/// Gives the site of a host: the host without `www.`.
pub fn site(host: &str) -> &str {
    host.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(host)
}

/// Gives the part of a host that somebody registered, by the Public Suffix List: `example.co.uk` of
/// `amp.news.example.co.uk`, `one.blogspot.com` of itself. An address literal, a bare name and a suffix are themselves.
pub fn registrable(host: &str) -> &str {
    let host = host.trim_end_matches('.');
    if host.ends_with(']') || host.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return host;
    }
    psl::domain_str(host).unwrap_or(host)
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
        assert_eq!(of("a.b.tumblr.com"), "tumblr.com");
        assert_eq!(of("www.one.blogspot.com"), "one.blogspot.com");
        assert_eq!(of("www.xn--e1afmkfd.xn--p1ai"), "xn--e1afmkfd.xn--p1ai");
        assert_eq!((of("localhost"), of("feeds.intranet"), of("")), ("localhost", "feeds.intranet", ""));
    }
}
