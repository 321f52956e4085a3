//! Addresses as publishers write them, made absolute.

use std::borrow::Cow;

use super::lexer::Lexer;
use crate::model::WebUrl;
use crate::url::site;

/// What `&` is as HTML writes it, where a text was escaped twice or HTML stands in a CDATA section.
const AMPERSANDS: [&str; 4] = ["&amp;", "&#038;", "&#38;", "&#x26;"];

/// An absolute web address, resolved against `base`; one that is absolute already stays as it was published.
pub(super) fn absolute(text: &str, base: Option<&WebUrl>) -> Option<String> {
    let text = text.trim();
    if is_plainly_good(text) {
        return Some(text.to_owned());
    }
    let url = resolved(text, base)?;
    let is_clean = looks_absolute(text)
        && !text.contains(":///")
        && mended(text, base) == text
        && text.bytes().all(|b| b > b' ' && b != b'\\');
    Some(if is_clean { text } else { url.as_str() }.to_owned())
}

/// Whether a text is surely a web address: so are nearly all, and to take one apart costs more than to read its entry.
fn is_plainly_good(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let (host, path) =
        rest.split_at_checked(rest.bytes().position(|b| b == b'/').unwrap_or(rest.len())).unwrap_or((rest, ""));
    let mut labels = host.split('.');
    // A last label of letters is no number, so the host is a name; one with hyphens may be an encoded one.
    labels.next_back().is_some_and(|last| last.len() > 1 && last.bytes().all(|b| b.is_ascii_lowercase()))
        && labels.all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
        && host.contains('.')
        && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
        && !has_escaped_ampersand(path)
}

fn has_escaped_ampersand(text: &str) -> bool {
    memchr::memchr_iter(b'&', text.as_bytes())
        .filter_map(|at| text.get(at..))
        .any(|rest| AMPERSANDS.iter().any(|written| rest.starts_with(written)))
}

/// As [`absolute`], parsed.
pub(super) fn resolved(text: &str, base: Option<&WebUrl>) -> Option<WebUrl> {
    let text = mended(text.trim(), base);
    if text.is_empty() {
        return None;
    }
    WebUrl::parse(&text).ok().or_else(|| base?.join(&text).ok())
}

/// Whether a text is an address by itself, whatever it is beside.
pub(super) fn looks_absolute(text: &str) -> bool {
    without_scheme(text).is_some()
}

/// What follows `http://` or `https://`.
fn without_scheme(text: &str) -> Option<&str> {
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(rest)
    })
}

/// Undoes what publishers do to addresses: a whole link of HTML, escaping twice, `feed:` as a scheme, two schemes, none
/// before `www.`, none of the server's name.
fn mended<'t>(text: &'t str, base: Option<&WebUrl>) -> Cow<'t, str> {
    let text = href(text).unwrap_or(text);
    let scheme = text.get(..5).unwrap_or_default();
    let text = if scheme.eq_ignore_ascii_case("feed:") {
        let rest = text.get(5..).unwrap_or_default();
        // Both `feed://host/` and `feed:https://host/` are in use.
        if rest.starts_with("//") { Cow::Owned(format!("http:{rest}")) } else { Cow::Borrowed(rest) }
    } else {
        hosted(text, base)
    };
    let text = match base {
        _ if !begins_with_www(&text) => text,
        Some(_) => Cow::Owned(format!("//{text}")),
        None => Cow::Owned(format!("http://{text}")),
    };
    if !has_escaped_ampersand(&text) {
        return text;
    }
    Cow::Owned(AMPERSANDS.iter().fold(text.into_owned(), |text, written| text.replace(written, "&")))
}

/// An absolute address without a scheme in vain before another, and without its own where no host follows that.
fn hosted<'t>(text: &'t str, base: Option<&WebUrl>) -> Cow<'t, str> {
    let Some(rest) = without_scheme(text) else { return Cow::Borrowed(text) };
    if without_scheme(rest).is_some() {
        return Cow::Borrowed(rest);
    }
    // A form that put its own scheme before an address, and a server that mended the two: `http://https//host/`.
    if let Some((scheme @ ("http" | "https"), address)) = rest.split_once("//") {
        return Cow::Owned(format!("{scheme}://{address}"));
    }
    // A server that doesn't know its name writes `http:///news/1`; what browsers mend is a host behind too many slashes.
    let Some(path) = rest.strip_prefix('/') else { return Cow::Borrowed(text) };
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let is_host = begins_with_www(first) || base.is_some_and(|base| site(base.host_text()) == first);
    Cow::Borrowed(if is_host { text } else { rest })
}

/// Whether a text begins with a host that is one by its `www.`.
fn begins_with_www(text: &str) -> bool {
    let host = text.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let rest = host.get(..4).filter(|www| www.eq_ignore_ascii_case("www.")).and_then(|_| host.get(4..));
    rest.is_some_and(|rest| rest.contains('.') && rest.split('.').all(|label| !label.is_empty()))
}

/// The address of a link that was written in HTML: `<a href="...">`.
fn href(text: &str) -> Option<&str> {
    let tag = text.strip_prefix('<')?.strip_prefix(['a', 'A'])?;
    if !tag.starts_with(|c: char| c.is_ascii_whitespace()) {
        return None;
    }
    let mut attributes = Vec::new();
    Lexer::new(text).next("", &mut attributes)?;
    attributes.iter().find(|known| known.name.eq_ignore_ascii_case("href")).map(|known| known.value.trim())
}
