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

#[test]
fn no_literal_address_outside_the_public_internet_is_reached() {
    let refused = [
        // Loopback in all its spellings.
        "http://127.0.0.1/",
        "http://127.255.255.254/",
        "http://127.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://127.0.0.1./",
        "http://①②⑦.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://127.0.0.1\\@example.org/",
        // This network, private, shared, link-local.
        "http://0.0.0.0/",
        "http://0/",
        "http://10.0.0.1/",
        "http://10.255.255.255/",
        "http://100.64.0.1/",
        "http://100.127.255.255/",
        "http://169.254.0.1/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.168.0.1/",
        "http://[::]/",
        "http://[fc00::1]/",
        "http://[fd12:3456::1]/",
        "http://[fe80::1]/",
        "http://[febf::1]/",
        "http://[fec0::1]/",
        // Protocols, documentation, benchmarks, multicast, reserved.
        "http://192.0.0.1/",
        "http://192.0.2.1/",
        "http://192.88.99.1/",
        "http://198.18.0.1/",
        "http://198.19.255.255/",
        "http://198.51.100.1/",
        "http://203.0.113.1/",
        "http://224.0.0.1/",
        "http://239.255.255.255/",
        "http://240.0.0.1/",
        "http://255.255.255.255/",
        "http://[ff02::1]/",
        "http://[100::1]/",
        "http://[2001:2::1]/",
        "http://[2001:10::1]/",
        "http://[2001:db8::1]/",
        "http://[3fff::1]/",
        "http://[5f00::1]/",
        "http://[4000::1]/",
        // IPv4 inside IPv6: compatible, NAT64, its private range, 6to4, Teredo's server and client.
        "http://[::10.0.0.1]/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[64:ff9b:1::1]/",
        "http://[2002:7f00:1::]/",
        "http://[2002:c0a8:101::1]/",
        "http://[2001:0:7f00:1::1]/",
        "http://[2001:0:808:808::80ff:fffe]/",
        // The clouds' metadata.
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://[::ffff:169.254.169.254]/",
    ];
    let passed: Vec<_> = refused.iter().filter(|text| !blocked(text)).collect();
    assert!(passed.is_empty(), "{passed:?}");
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
    for text in
        ["http://169.254.169.254/", "http://[fd00:ec2::254]/", "http://[64:ff9b::a9fe:a9fe]/", "http://0xa9fea9fe/"]
    {
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
