use super::*;

fn url(text: &str) -> WebUrl {
    WebUrl::parse(text).expect("an address")
}

/// What a guard with these rules says of an address: the failure's detail, or nothing.
fn refusal(rules: &[&str], text: &str) -> Option<String> {
    let allow: Vec<_> = rules.iter().map(|rule| Allow::parse(rule).expect("a rule")).collect();
    let failure = Guard::new(false, &allow).check_url(&url(text)).err()?;
    assert_eq!(failure.kind, FailureKind::Blocked);
    Some(failure.detail)
}

fn blocked(text: &str) -> bool {
    refusal(&[], text).is_some()
}

/// Which wall refuses an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::net) enum Wall {
    /// It is no web address at all.
    Parser,
    /// The guard, by the address's text: what parses as an IP address, in whatever spelling.
    Text,
    /// The guard, by what the resolver says that the name stands for.
    Resolver,
}

/// Addresses that must not be reached, what their names resolve to (as a hostile or a usual resolver would have it), and
/// the wall that refuses each.
pub(in crate::net) const REFUSED: [(&str, &str, Wall); 97] = [
    // Loopback in all its spellings: short, decimal, hex, octal, mixed, with a final dot, full-width, circled, escaped.
    ("http://127.0.0.1/", "", Wall::Text),
    ("http://127.255.255.254/", "", Wall::Text),
    ("http://127.1/", "", Wall::Text),
    ("http://127.0.1/", "", Wall::Text),
    ("http://0x7f000001/", "", Wall::Text),
    ("http://2130706433/", "", Wall::Text),
    ("http://017700000001/", "", Wall::Text),
    ("http://0177.0.0.1/", "", Wall::Text),
    ("http://0x7f.0x0.0x0.0x1/", "", Wall::Text),
    ("http://0x7f.1/", "", Wall::Text),
    ("http://00000177.0.0.01/", "", Wall::Text),
    ("http://127.0.0.1./", "", Wall::Text),
    ("http://１２７.０.０.１/", "", Wall::Text),
    ("http://①②⑦.0.0.1/", "", Wall::Text),
    ("http://127。0。0。1/", "", Wall::Text),
    ("http://%31%32%37.0.0.1/", "", Wall::Text),
    ("HTTP://127.0.0.1:80/", "", Wall::Text),
    ("https:127.0.0.1", "", Wall::Text),
    ("http:\\\\127.0.0.1", "", Wall::Text),
    ("http://127.0.0.1\t/", "", Wall::Text),
    ("http://[::1]/", "", Wall::Text),
    ("http://[0:0:0:0:0:0:0:1]/", "", Wall::Text),
    ("http://[::ffff:127.0.0.1]/", "", Wall::Text),
    ("http://[::ffff:7f00:1]/", "", Wall::Text),
    ("http://[::ffff:0:127.0.0.1]/", "", Wall::Text),
    // Whose host is not what it seems.
    ("http://127.0.0.1\\@example.org/", "", Wall::Text),
    ("http://example.org@127.0.0.1/", "", Wall::Text),
    ("http://127.0.0.1@example.org/", "", Wall::Text),
    ("http://user:password@example.org/", "", Wall::Text),
    ("http://127.0.0.1#@example.org/", "", Wall::Text),
    ("http://127.0.0.1?@example.org/", "", Wall::Text),
    // No addresses.
    ("http://256.256.256.256/", "", Wall::Parser),
    ("http://127.0.0.0.1/", "", Wall::Parser),
    ("http://0x100000000/", "", Wall::Parser),
    ("http://[fe80::1%25eth0]/", "", Wall::Parser),
    ("http://[::1/", "", Wall::Parser),
    ("http://[127.0.0.1]/", "", Wall::Parser),
    ("http:///", "", Wall::Parser),
    ("http://exa mple.org/", "", Wall::Parser),
    ("file:///etc/passwd", "", Wall::Parser),
    ("gopher://127.0.0.1/", "", Wall::Parser),
    ("data:text/xml,<rss/>", "", Wall::Parser),
    // This network, private, shared, link-local.
    ("http://0.0.0.0/", "", Wall::Text),
    ("http://0/", "", Wall::Text),
    ("http://10.0.0.1/", "", Wall::Text),
    ("http://10.255.255.255/", "", Wall::Text),
    ("http://100.64.0.1/", "", Wall::Text),
    ("http://100.127.255.255/", "", Wall::Text),
    ("http://169.254.0.1/", "", Wall::Text),
    ("http://172.16.0.1/", "", Wall::Text),
    ("http://172.31.255.255/", "", Wall::Text),
    ("http://192.168.0.1/", "", Wall::Text),
    ("http://[::]/", "", Wall::Text),
    ("http://[fc00::1]/", "", Wall::Text),
    ("http://[fd12:3456::1]/", "", Wall::Text),
    ("http://[fe80::1]/", "", Wall::Text),
    ("http://[febf::1]/", "", Wall::Text),
    ("http://[fec0::1]/", "", Wall::Text),
    // Protocols, documentation, benchmarks, multicast, reserved, broadcast.
    ("http://192.0.0.1/", "", Wall::Text),
    ("http://192.0.2.1/", "", Wall::Text),
    ("http://192.88.99.1/", "", Wall::Text),
    ("http://198.18.0.1/", "", Wall::Text),
    ("http://198.51.100.1/", "", Wall::Text),
    ("http://203.0.113.1/", "", Wall::Text),
    ("http://224.0.0.1/", "", Wall::Text),
    ("http://239.255.255.255/", "", Wall::Text),
    ("http://240.0.0.1/", "", Wall::Text),
    ("http://255.255.255.255/", "", Wall::Text),
    ("http://[ff02::1]/", "", Wall::Text),
    ("http://[100::1]/", "", Wall::Text),
    ("http://[2001:2::1]/", "", Wall::Text),
    ("http://[2001:10::1]/", "", Wall::Text),
    ("http://[2001:db8::1]/", "", Wall::Text),
    ("http://[3fff::1]/", "", Wall::Text),
    ("http://[5f00::1]/", "", Wall::Text),
    // IPv4 inside IPv6: compatible, NAT64, its private range, 6to4, Teredo's server and client, ISATAP.
    ("http://[::10.0.0.1]/", "", Wall::Text),
    ("http://[64:ff9b::127.0.0.1]/", "", Wall::Text),
    ("http://[64:ff9b:1::1]/", "", Wall::Text),
    ("http://[2002:7f00:1::]/", "", Wall::Text),
    ("http://[2002:c0a8:101::1]/", "", Wall::Text),
    ("http://[2001:0:7f00:1::1]/", "", Wall::Text),
    ("http://[2001:0:808:808::80ff:fffe]/", "", Wall::Text),
    ("http://[2a00:1450::5efe:10.0.0.1]/", "", Wall::Text),
    ("http://[2a00:1450::200:5efe:10.0.0.1]/", "", Wall::Text),
    // The clouds' keys.
    ("http://169.254.169.254/latest/meta-data/", "", Wall::Text),
    ("http://[fd00:ec2::254]/", "", Wall::Text),
    ("http://[::ffff:169.254.169.254]/", "", Wall::Text),
    ("http://168.63.129.16/", "", Wall::Text),
    // Names.
    ("http://localhost/", "127.0.0.1", Wall::Resolver),
    ("http://LOCALHOST./", "::1", Wall::Resolver),
    ("http://feeds.localhost/", "127.0.0.1", Wall::Resolver),
    ("http://printer.local/", "192.168.1.9", Wall::Resolver),
    ("http://metadata.google.internal/", "169.254.169.254", Wall::Resolver),
    ("http://10.0.0.1.nip.example/", "10.0.0.1", Wall::Resolver),
    ("http://v6.example/", "::ffff:127.0.0.1", Wall::Resolver),
    ("http://nat64.example/", "64:ff9b::a9fe:a9fe", Wall::Resolver),
    ("http://unspecified.example/", "0.0.0.0", Wall::Resolver),
];

/// The wall that refuses an address, if any does.
fn wall(text: &str, resolved: &str) -> Option<Wall> {
    let Ok(url) = WebUrl::parse(text) else { return Some(Wall::Parser) };
    let guard = Guard::default();
    if guard.check_url(&url).is_err() {
        return Some(Wall::Text);
    }
    let resolved = resolved.parse().ok()?;
    guard.check_ip(resolved, url.host_text()).is_err().then_some(Wall::Resolver)
}

#[test]
fn no_address_outside_the_public_internet_is_reached_and_each_is_refused_by_its_wall() {
    let found = REFUSED.map(|(text, resolved, _)| (text, wall(text, resolved)));
    let wanted = REFUSED.map(|(text, _, wall)| (text, Some(wall)));
    let wrong: Vec<_> = found.iter().zip(&wanted).filter(|(found, wanted)| found != wanted).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn public_addresses_and_names_pass() {
    let allowed = [
        "http://8.8.8.8/",
        "https://1.1.1.1:8443/",
        "http://9.255.255.255/",
        "http://11.0.0.0/",
        "http://100.63.0.1/",
        "http://100.128.0.1/",
        "http://126.255.255.255/",
        "http://128.0.0.1/",
        "http://172.15.0.1/",
        "http://172.32.0.1/",
        "http://192.0.1.1/",
        "http://198.17.0.1/",
        "http://198.20.0.1/",
        "http://223.255.255.255/",
        "http://[2606:4700::1111]/",
        "http://[2001:4860:4860::8888]/",
        "http://[64:ff9b::8.8.8.8]/",
        "http://[2002:808:808::1]/",
        "http://[2001:0:808:808::f7f7:f7f7]/",
        "http://[::ffff:8.8.8.8]/",
        "https://example.org./feed",
        "http://bücher.example/",
        // A name is judged by what it resolves to.
        "http://localhost/",
        "https://press.un.org/feed",
    ];
    let refused: Vec<_> = allowed.iter().filter(|text| blocked(text)).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn an_operator_allows_by_network_address_or_name() {
    assert_eq!(refusal(&["10.0.0.0/8"], "http://10.1.2.3/"), None);
    assert_eq!(refusal(&["10.0.0.0/8"], "http://[::ffff:10.1.2.3]/"), None);
    assert!(refusal(&["10.0.0.0/8"], "http://192.168.0.1/").is_some());
    assert_eq!(refusal(&["::1"], "http://[::1]:8080/"), None);
    let guard = Guard::new(false, &[Allow::parse("nas.lan").expect("a rule")]);
    let ip = "192.168.1.5".parse().expect("an address");
    assert_eq!(guard.check_ip(ip, "nas.lan"), Ok(()));
    assert!(guard.check_ip(ip, "other.lan").is_err());
    assert!(guard.check_url(&url("http://192.168.1.5/")).is_err());
}

#[test]
fn metadata_stays_out_of_reach_whatever_is_allowed() {
    let open = Guard::new(true, &[Allow::parse("0.0.0.0/0").expect("a rule"), Allow::parse("::/0").expect("a rule")]);
    assert_eq!(open.check_url(&url("http://127.0.0.1/")), Ok(()));
    assert_eq!(open.check_url(&url("http://[fd00::1]/")), Ok(()));
    for text in [
        "http://169.254.169.254/",
        "http://[fd00:ec2::254]/",
        "http://[fd20:ce::254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://0xa9fea9fe/",
        "http://169.254.170.2/",
        "http://100.100.100.200/",
        "http://192.0.0.192/",
        "http://168.63.129.16/",
    ] {
        assert!(open.check_url(&url(text)).is_err(), "{text}");
    }
}

#[test]
fn a_refusal_says_which_address_why_and_what_to_do() {
    let shown = |text| refusal(&[], text).unwrap_or_default();
    insta::assert_snapshot!(shown("http://0x7f000001/"), @r#"127.0.0.1 is a loopback address; if that is meant, add "127.0.0.1" to allow in [network]"#);
    insta::assert_snapshot!(shown("http://[::ffff:10.0.0.1]/"), @r#"10.0.0.1 is a private address; if that is meant, add "10.0.0.1" to allow in [network]"#);
    insta::assert_snapshot!(shown("http://169.254.169.254/"), @"169.254.169.254 is a cloud's metadata service: never reached");
    insta::assert_snapshot!(shown("http://u:p@example.org/x?k=1"), @"http://example.org/x names a user or password: remove them from the address");
    let by_name = Guard::default().check_ip("::1".parse().expect("an address"), "localhost").expect_err("refused");
    insta::assert_snapshot!(by_name, @r#"blocked: localhost resolves to ::1, which is a loopback address; if that is meant, add "::1" to allow in [network]"#);
}

#[test]
fn a_named_port_is_the_webs_or_nobody_elses_and_a_redirects_is_the_webs() {
    let guard = Guard::default();
    let named = |text: &str| guard.check_url(&url(text)).is_ok();
    for port in [80, 443, 8080, 8443, 1024, 2368, 3000, 8000, 9443, 65_535] {
        assert!(named(&format!("http://example.org:{port}/")), "{port}");
    }
    for port in [0, 1, 22, 25, 53, 110, 444, 993, 1023, 3306, 5060, 5432, 6000, 6379, 6667, 11_211, 27_017] {
        assert!(!named(&format!("http://example.org:{port}/")), "{port}");
    }
    let led = |from: &str, to: &str| guard.check_redirect(&url(from), &url(to)).is_ok();
    assert!(led("http://example.org:8000/", "https://other.example/"));
    assert!(led("http://example.org/", "http://other.example:8080/"));
    assert!(led("http://example.org:8000/", "http://www.example.org:8000/feed"));
    assert!(!led("http://example.org:8000/", "http://other.example:8000/"));
    assert!(!led("http://example.org/", "http://example.org:8000/"));
    let opened = Guard::default().with_ports(&[25, 8000]);
    assert_eq!(opened.check_url(&url("http://example.org:25/")), Ok(()));
    assert_eq!(opened.check_redirect(&url("http://example.org/"), &url("http://other.example:8000/")), Ok(()));
}

#[test]
fn a_refused_port_says_why_and_what_to_do() {
    let guard = Guard::default();
    let named = guard.check_url(&url("http://example.org:6379/")).expect_err("refused");
    insta::assert_snapshot!(named, @"blocked: the address names port 6379 of example.org, where other services than the web listen; if that is meant, add 6379 to ports in [network]");
    let led = guard.check_redirect(&url("http://a.example/"), &url("http://b.example:8000/")).expect_err("refused");
    insta::assert_snapshot!(led, @"blocked: a redirect leads to port 8000 of b.example, which is none of the web's own (80, 443, 8080, 8443); if that is meant, add 8000 to ports in [network]");
}
