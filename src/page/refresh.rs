//! Where a page sends its reader at once, as a redirect does.

use crate::charset::{self, Kind};
use crate::model::WebUrl;
use crate::url::registrable;

use super::markup::{Tag, Tree};

/// Bytes of a page that are looked at: what sends on says so in its head.
const BYTES_MAX: usize = 64 * 1024;
/// Seconds after which a page is no more than passed through; above them it is shown, or reloads itself.
const SECONDS_MAX: u32 = 1;
/// Ports of the web: where else another site's page leads is nowhere that a redirect would be followed to.
const WEB_PORTS: [u16; 2] = [80, 443];

/// Gives the address that a page sends its reader on to at once (`<meta http-equiv=refresh>`); what it asks only of those
/// who run no scripts is not meant.
pub fn refresh(html: &[u8], content_type: Option<&str>, url: &WebUrl) -> Option<WebUrl> {
    let html = html.get(..html.len().min(BYTES_MAX)).unwrap_or_default();
    let (decoded, _) = charset::decode(html, content_type, Kind::Html);
    let tree = Tree::build(&decoded);
    let base = tree.nodes().find(|(_, node)| node.tag == Tag::Base).and_then(|(_, node)| node.attributes.get("href"));
    let base = base.and_then(|href| url.join(&href).ok());
    let (_, meta) = tree.nodes().find(|(at, node)| {
        let is_refresh = || node.attributes.get("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("refresh"));
        node.tag == Tag::Meta
            && is_refresh()
            && !tree.ancestors(*at).any(|around| matches!(tree.node(around).tag, Tag::Noscript | Tag::Template))
    })?;
    let content = meta.attributes.get("content")?;
    let place = base.as_ref().unwrap_or(url).join(place(&content)?).ok()?;
    let is_kin = place.port() == url.port() && registrable(place.host_text()) == registrable(url.host_text());
    (place != *url && (is_kin || WEB_PORTS.contains(&place.port()))).then_some(place)
}

/// The address in `0; url=/en/` (HTML, "shared declarative refresh steps"), where it is due at once.
fn place(content: &str) -> Option<&str> {
    let content = content.trim_start();
    let (seconds, rest) = content.split_at_checked(content.find(|c: char| !c.is_ascii_digit())?)?;
    // A fraction of a second is passed over.
    let rest = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    if seconds.parse::<u32>().unwrap_or(0) > SECONDS_MAX {
        return None;
    }
    let place = rest.trim_start().trim_start_matches([';', ',']).trim_start();
    let named = place.get(..3).filter(|name| name.eq_ignore_ascii_case("url")).and_then(|_| place.get(3..));
    let named = named.and_then(|rest| rest.trim_start().strip_prefix('=')).map_or(place, str::trim_start);
    let place = match named.chars().next() {
        Some(quote @ ('"' | '\'')) => named.get(1..)?.split(quote).next()?,
        _ => named,
    };
    Some(place.trim()).filter(|place| !place.is_empty())
}

#[cfg(test)]
mod tests {
    use super::refresh;
    use crate::model::WebUrl;

    fn check(head: &str, expected: Option<&str>) {
        let url = WebUrl::parse("https://site.example:8000/start/").unwrap();
        let found = refresh(format!("<html><head>{head}</head>").as_bytes(), None, &url);
        assert_eq!(found.as_ref().map(WebUrl::as_str), expected, "{head}");
    }

    #[test]
    fn a_page_that_sends_on_at_once_is_passed_through() {
        let english = Some("https://site.example:8000/en/");
        check("<meta http-equiv='refresh' content='0; url=/en/'>", english);
        check("<META content=\"0;URL='/en/'\" HTTP-EQUIV=Refresh>", english);
        check("<base href='/en/'><meta http-equiv=refresh content='1, .'>", english);
        check(
            "<meta http-equiv=refresh content='0; url=https://other.example/a?b=1&amp;c=2'>",
            Some("https://other.example/a?b=1&c=2"),
        );
    }

    #[test]
    fn a_page_that_waits_reloads_itself_or_speaks_to_those_without_scripts_is_shown() {
        check("<meta http-equiv=refresh content='30; url=/en/'>", None);
        check("<meta http-equiv=refresh content='0'>", None);
        check("<meta http-equiv=refresh content='0; url=/start/'>", None);
        check("<noscript><meta http-equiv=refresh content='0; url=/en/'></noscript>", None);
        check("<!--<meta http-equiv=refresh content='0; url=/en/'>-->", None);
        check("<meta http-equiv=refresh content='0; url=javascript:go()'>", None);
        check("<meta http-equiv=refresh content='0; url=https://other.example:9200/'>", None);
    }
}
