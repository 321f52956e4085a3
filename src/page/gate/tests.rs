use super::*;
use crate::model::{Headers, WebUrl};

/// Status, fields and body of an answer.
type Answer = (u16, &'static [(&'static str, &'static str)], &'static str);

/// What is found in an answer: `check Cloudflare`, `consent`, or nothing.
fn found((status, fields, body): Answer, url: &str) -> String {
    let headers = Headers(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    let url = WebUrl::parse(url).expect("an address");
    let answer = Response { status, headers, body: body.as_bytes().to_vec(), url, redirects: Vec::new() };
    gate(&answer).map_or_else(String::new, |gate| {
        [gate.wall.label(), gate.whose.unwrap_or_default()].join(" ").trim_end().to_owned()
    })
}

/// A front page in a feed's place, with a script of Imperva's.
const LET_THROUGH: &str = concat!(
    "<title>Example News</title><script src='/_Incapsula_Resource?SWJIYLWA=7'></script><h1>Harbour reopens</h1><p>",
    "The harbour was opened again on Monday, three days after the storm had closed it to ships of every size, and the ",
    "first ferries left before noon with some two hundred people on board.</p><p>The harbour master said that the last ",
    "of the wreckage had been lifted at dawn, that two of the four cranes would be out of use until the summer, and that ",
    "nobody had been hurt in the work.</p><p>Insurers put the damage at forty million; the town, which had asked for help ",
    "from the state, will hear in a week whether it is to have any, and how much of it must be paid back in the end.</p>",
    "<p>The fish market opens again on Wednesday, in a tent, and the museum of navigation at the end of the month.</p>"
);

#[test]
fn the_walls_of_the_services_are_told_apart() {
    let cases: [(Answer, &str); 19] = [
        ((403, &[("cf-mitigated", "challenge")], "<html>"), "check Cloudflare"),
        ((403, &[("server", "cloudflare")], "<title>Just a moment...</title>"), "check Cloudflare"),
        (
            (503, &[], "<html><script src='/cdn-cgi/challenge-platform/h/g/orchestrate/chl_page/v1?ray=1'>"),
            "check Cloudflare",
        ),
        ((403, &[("server", "cloudflare")], "<title>Attention Required! | Cloudflare</title>"), "check Cloudflare"),
        ((403, &[("server", "cloudflare")], "error code: 1020"), "check Cloudflare"),
        (
            (403, &[("x-datadome", "protected")], "{\"url\":\"https://geo.captcha-delivery.com/captcha/\"}"),
            "check DataDome",
        ),
        ((403, &[("server", "DataDome")], ""), "check DataDome"),
        ((403, &[("server", "AkamaiGHost")], "<TITLE>Access Denied</TITLE>"), "check Akamai"),
        ((403, &[], "<title>Access Denied</title>Reference https://errors.edgesuite.net/18.2"), "check Akamai"),
        ((403, &[], "<iframe src='/_Incapsula_Resource?SWUDNSAI=31'>"), "check Imperva"),
        ((200, &[], "<html><script src=/_Incapsula_Resource?SWJIYLWA=7></script>"), "check Imperva"),
        ((200, &[], "<title>Pardon Our Interruption</title>"), "check Imperva"),
        ((200, &[], "<title>Making sure you&#39;re not a bot!</title>"), "check Anubis"),
        ((200, &[], "<script id=anubis_challenge type=application/json>{}</script>"), "check Anubis"),
        ((202, &[("x-amzn-waf-action", "challenge")], ""), "check AWS WAF"),
        ((429, &[("x-vercel-mitigated", "challenge")], ""), "check Vercel"),
        ((403, &[], "<div id=px-captcha></div>"), "check HUMAN"),
        ((403, &[("x-sucuri-block", "14")], ""), "check Sucuri"),
        ((403, &[], "<title>Are you a robot?</title>"), "check"),
    ];
    for (answer, expected) in cases {
        assert_eq!(found(answer, "https://news.example/feed"), expected, "{answer:?}");
    }
}

#[test]
fn consent_is_told_by_address_or_form() {
    assert_eq!(found((200, &[], "<h1>Before you go on</h1>"), "https://consent.news.example/c?s=1"), "consent");
    assert_eq!(found((200, &[], "<form action=/consent/save>"), "https://news.example/feed"), "consent");
}

#[test]
fn what_is_none_of_them_is_left_to_its_status() {
    let cases: [Answer; 10] = [
        (403, &[("server", "nginx")], "<title>403 Forbidden</title>"),
        (403, &[("server", "cloudflare")], "<title>403 Forbidden</title>"),
        // Publishers' own systems say so of what is not public.
        (403, &[("server", "apache")], "<title>Access denied | Example News</title>"),
        (503, &[("server", "AkamaiGHost")], "<title>Service Unavailable</title>"),
        (429, &[("server", "cloudflare"), ("retry-after", "60")], "error code: 429"),
        (500, &[("x-datadome", "protected")], ""),
        (404, &[("server", "cloudflare")], "<title>Not found</title>"),
        (200, &[("server", "cloudflare"), ("x-datadome", "protected")], "<title>News</title><p>Welcome"),
        // Scripts that are put into the pages which are let through.
        (403, &[], "<h1>Forbidden</h1><script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"),
        (200, &[], LET_THROUGH),
    ];
    for answer in cases {
        assert_eq!(found(answer, "https://news.example/feed"), "", "{answer:?}");
    }
}
