//! One form for all the addresses of a page: scheme, `www.`, tracking parameters and the like are not part of it.

use super::redirected;
use crate::model::WebUrl;

/// Query parameters that say where a reader came from, not what is read. Lower case; compared without case.
///
/// Gathered from what news sites add to the links of their own feeds and newsletters. Names that choose content
/// somewhere (`id`, `p`, `from`, `source`, `cid`) are left in: one page under two keys costs a second telling, two
/// pages under one key lose a story.
#[rustfmt::skip]
const TRACKING: &[&str] = &[
    "__s", "__twitter_impression", "_ga", "_gl", "_openstat", "amp", "cmp", "cmpid", "dclid", "emc", "epik",
    "fb_action_ids", "fb_source", "fbclid", "ftag", "gad_campaignid", "gad_source", "gbraid", "gclid", "gclsrc",
    "icid", "igsh", "igshid", "ito", "jsessionid", "li_fat_id", "mc_cid", "mc_eid", "mibextid", "mkt_tok", "msclkid", "ncid",
    "ns_campaign", "ns_fee", "ns_linkname", "ns_mchannel", "ns_source", "ocid", "oly_anon_id", "oly_enc_id",
    "outputtype", "partner", "phpsessid", "ref", "ref_src", "ref_url", "s_cid", "s_kwcid", "sc_campaign", "smid",
    "spm", "sr_share", "srsltid", "tblci", "traffic_source", "trk", "ttclid", "twclid", "wbraid", "wt.mc_id", "wt_mc",
    "xtor", "yclid", "ysclid",
];

/// Beginnings of such names: Google Analytics, AT Internet, Matomo, `HubSpot`, Vero.
const TRACKING_PREFIXES: &[&str] = &["utm_", "at_", "mtm_", "pk_", "hsa_", "_hs", "vero_"];

/// Last segments of a path that name its folder.
const INDEXES: &[&str] = &["index.html", "index.htm", "index.php", "index.shtml", "default.aspx"];

/// Gives the one form of all addresses of a page, to be compared and hashed, never fetched.
///
/// `https` for both schemes; host without `www.` and a final dot; no user, default port, tracking parameter, session, index
/// file, final slash, AMP suffix, or fragment (except `#!` and `#/`, which name a page of their own); the query sorted. An address
/// that only counts clicks on another has the form of that other. The canonical form of a canonical form is itself.
pub fn canonical(url: &WebUrl) -> String {
    // Each lies whole within the one before, so their number is bounded.
    let mut behind = redirected::target(url);
    while let Some(next) = behind.as_ref().and_then(redirected::target) {
        behind = Some(next);
    }
    plain(behind.as_ref().unwrap_or(url))
}

/// The form of an address that leads to no other.
fn plain(url: &WebUrl) -> String {
    let parsed = url.as_url();
    let host = url.host_text().trim_end_matches('.');
    let mut text = format!("https://{}", bare_host(host));
    // 80 and 443 both: they are the default of one of the two schemes that are folded into one.
    if let Some(port) = parsed.port().filter(|port| !matches!(port, 80 | 443)) {
        text.push(':');
        text.push_str(&port.to_string());
    }
    text.push_str(&path(parsed.path()));
    let query = query(parsed.query().unwrap_or_default());
    if !query.is_empty() {
        text.push('?');
        text.push_str(&query);
    }
    if let Some(fragment) = parsed.fragment().filter(|fragment| fragment.starts_with(['!', '/'])) {
        text.push('#');
        text.push_str(fragment);
    }
    text
}

/// The host without `www.` and `amp.`, as often as they stand there.
pub(super) fn bare_host(host: &str) -> &str {
    let mut bare = host;
    loop {
        let shorter = ["www.", "amp."]
            .iter()
            .find_map(|prefix| bare.strip_prefix(prefix))
            .filter(|rest| rest.contains('.') && !rest.starts_with('.'));
        match shorter {
            Some(rest) => bare = rest,
            None => return bare,
        }
    }
}

/// The path without what only names the reader's session, the folder, or another rendering of the page.
pub(super) fn path(path: &str) -> String {
    let spelled = without_session(spelled(path));
    let mut rest = spelled.as_str();
    loop {
        let before = rest;
        rest = rest.trim_end_matches('/');
        if let Some((folder, last)) = rest.rsplit_once('/')
            && (last == "amp" || INDEXES.iter().any(|index| last.eq_ignore_ascii_case(index) || is_amp_of(last, index)))
        {
            rest = folder;
        }
        rest = rest.strip_suffix(".amp").unwrap_or(rest);
        if rest == before {
            break;
        }
    }
    let page = rest.strip_suffix(".html").map_or(rest, |page| page.trim_end_matches(".amp"));
    let is_amp = page.len() + ".html".len() < rest.len();
    let kept = if is_amp { format!("{page}.html") } else { rest.to_owned() };
    if kept.is_empty() { "/".to_owned() } else { kept }
}

/// A path without the session that Java servers write into it: `/news/1;jsessionid=A1B2`.
fn without_session(path: String) -> String {
    const SESSION: &str = ";jsessionid=";
    let is_session = |part: &str| part.get(..SESSION.len()).is_some_and(|head| head.eq_ignore_ascii_case(SESSION));
    if !path.contains(';') {
        return path;
    }
    let mut out = String::with_capacity(path.len());
    let mut is_left_out = false;
    for (at, c) in path.char_indices() {
        if matches!(c, ';' | '/') {
            is_left_out = path.get(at..).is_some_and(is_session);
        }
        if !is_left_out {
            out.push(c);
        }
    }
    // What is left must be no step up the path, which a session hid.
    if out.split('/').any(|part| matches!(part, "." | "..")) { path } else { out }
}

/// Whether a file is another rendering of an index: `index.amp.html`.
fn is_amp_of(file: &str, index: &str) -> bool {
    let Some((stem, extension)) = index.rsplit_once('.') else { return false };
    let Some((file_stem, file_extension)) = file.rsplit_once('.') else { return false };
    let bare = file_stem.trim_end_matches(".amp");
    file_extension.eq_ignore_ascii_case(extension) && bare != file_stem && bare.eq_ignore_ascii_case(stem)
}

/// Spells escapes in one way: `%d0` as `%D0`, and `%7e` as the `~` that needs none (RFC 3986 sections 6.2.2.1 and
/// 6.2.2.2).
fn spelled(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Characters since a `%` that escapes nothing: what is decoded right behind it would make an escape of it.
    let mut since_bare = usize::MAX;
    while let Some(c) = rest.chars().next() {
        let digits = rest.strip_prefix('%').and_then(|after| after.get(..2));
        let byte = digits.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = byte.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let Some(byte) = byte {
            if since_bare >= 2 && (byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) {
                out.push(char::from(byte));
            } else {
                out.push('%');
                out.push_str(&digits.unwrap_or_default().to_ascii_uppercase());
            }
            since_bare = usize::MAX;
            rest = rest.get(3..).unwrap_or_default();
        } else {
            since_bare = if c == '%' { 0 } else { since_bare.saturating_add(1) };
            out.push(c);
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// The query without tracking parameters, its pairs sorted and each once.
fn query(query: &str) -> String {
    let spelled = spelled(query);
    let mut pairs: Vec<&str> = spelled.split('&').filter(|pair| !pair.is_empty() && !is_tracking(pair)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.join("&")
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    TRACKING.binary_search(&name.as_str()).is_ok() || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert_eq, proptest};

    use super::{TRACKING, canonical};
    use crate::model::WebUrl;

    fn check(address: &str, expected: &str) {
        assert_eq!(canonical(&WebUrl::parse(address).unwrap()), expected);
    }

    #[test]
    fn one_page_has_one_key_however_its_address_is_written() {
        check("http://www.Example.org:80/a/b/", "https://example.org/a/b");
        check("https://example.org/a/index.html?utm_source=rss&utm_medium=x#top", "https://example.org/a");
        check("https://example.org/a?b=2&at_medium=RSS&a=1&fbclid=z&REF=x", "https://example.org/a?a=1&b=2");
        check("https://user:pw@example.org./", "https://example.org/");
        check("https://example.org/story.amp.html?outputType=amp", "https://example.org/story.html");
        check("https://example.org/a/index.amp.html", "https://example.org/a");
        check("https://amp.example.org/story/amp/", "https://example.org/story");
        check("https://example.org/%d0%bf?x=%d0", "https://example.org/%D0%BF?x=%D0");
        check("https://example.org/%7Ewriter/100%25/a%2Fb?q=%41", "https://example.org/~writer/100%25/a%2Fb?q=A");
        check("https://example.org/%%341?%4%31", "https://example.org/%%341?%4%31");
        check("https://BÜCHER.example./a", "https://xn--bcher-kva.example/a");
        check("https://xn--bcher-kva.example/a?_ga=1&ns_mchannel=rss", "https://xn--bcher-kva.example/a");
        check("https://example.org/n/a.do;jsessionid=A1.w2?id=3&jsessionid=B", "https://example.org/n/a.do?id=3");
        check("https://example.org/n;JSESSIONID=A1/index.html;a=1", "https://example.org/n/index.html;a=1");
    }

    #[test]
    fn an_address_that_only_counts_clicks_has_the_key_of_the_page_behind_it() {
        let story = "https://paper.example/world/1?a=1";
        check("https://www.google.com/url?rct=j&sa=t&url=https://www.paper.example/world/1?a%3D1&ct=ga&usg=A1", story);
        check(
            "http://www.bing.com/news/apiclick.aspx?ref=FexRss&tid=6f&url=https%3a%2f%2fpaper.example%2fworld%2f1%3fa%3d1&c=7",
            story,
        );
        check("https://l.facebook.com/l.php?u=https%3A%2F%2Fpaper.example%2Fworld%2F1%3Fa%3D1%26fbclid%3Dx&h=A", story);
        let within = "https%3A%2F%2Fgo.example%2Fredirect%2F%3Furl%3Dhttps%253A%252F%252Fpaper.example%252Fworld%252F1%253Fa%253D1";
        check(&format!("https://mail.example/click?u={within}"), story);
        // What shares, translates, keeps or shows another page is a page of its own; so is what leads to a home page, or home.
        for other in [
            "https://social.example/sharer.php?u=https%3A%2F%2Fpaper.example%2Fworld%2F1",
            "https://translate.example/translate?sl=de&u=https%3A%2F%2Fpaper.example%2Fworld%2F1",
            "https://archive.example/save?url=https%3A%2F%2Fpaper.example%2Fworld%2F1",
            "https://news.example/story?url=https%3A%2F%2Fpaper.example%2Fworld%2F1",
            "https://go.example/redirect?url=https%3A%2F%2Fpaper.example%2F",
            "https://go.example/redirect?url=paper.example%2Fworld",
            "https://go.example/redirect?u=https%3A%2F%2Fa.example%2F1&url=https%3A%2F%2Fb.example%2F2",
            "https://paper.example/redirect?url=https%3A%2F%2Fwww.paper.example%2Fworld%2F1",
        ] {
            check(other, other);
        }
    }

    #[test]
    fn what_chooses_the_page_stays_in_the_key() {
        check("https://example.org/?p=12", "https://example.org/?p=12");
        check("https://example.org/view#!/item/3", "https://example.org/view#!/item/3");
        check("https://example.org:8443/a;b=1", "https://example.org:8443/a;b=1");
        check("https://www.com/", "https://www.com/");
        check("https://example.org/camp", "https://example.org/camp");
    }

    #[test]
    fn the_tracking_list_is_sorted_for_its_search() {
        assert!(TRACKING.is_sorted());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn the_canonical_form_of_a_canonical_form_is_itself(
            host in "(www\\.|amp\\.|WWW\\.){0,2}[a-zA-Züжß]{1,4}\\.(org|www\\.com|рф)\\.{0,2}(:(80|443|8080))?|127\\.1|\\[::1\\]",
            path in "(/((index|b)(\\.amp){0,2}\\.html|index\\.html|index\\.amp\\.html|index%2ehtml|amp|a|b\\.amp|%[0-9a-f%]{1,6}|%2e|é|\\.amp\\.html|\\.\\.)?){0,5}",
            tail in "(\\?[a-c&=%?/4é]{0,12}(&utm_x=1)?)?(#!?[a-z/%]{0,3})?",
            scheme in "https?",
            session in "(;jsessionid=[a;/]{0,2}){0,2}",
            before in "(https?://(www\\.)?go\\.org/(go|click/index\\.html|a)(;jsessionid=1)?\\?(b=1&)?(url|u|Q)=){0,2}",
        ) {
            if let Ok(url) = WebUrl::parse(&format!("{before}{scheme}://{host}{path}{session}{tail}")) {
                let once = canonical(&url);
                prop_assert_eq!(canonical(&WebUrl::parse(&once).unwrap()), once);
            }
        }
    }
}
