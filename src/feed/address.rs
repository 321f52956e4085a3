//! Addresses as publishers write them, made absolute.

use std::borrow::Cow;

use crate::model::WebUrl;

/// An absolute web address, resolved against `base`; one that is absolute already stays as it was published.
pub(super) fn absolute(text: &str, base: Option<&WebUrl>) -> Option<String> {
    let text = text.trim();
    if is_plainly_good(text) {
        return Some(text.to_owned());
    }
    let url = resolved(text, base)?;
    let is_clean = looks_absolute(text) && !text.contains("&amp;") && text.bytes().all(|b| b > b' ' && b != b'\\');
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
        && !path.contains("&amp;")
}

/// As [`absolute`], parsed.
pub(super) fn resolved(text: &str, base: Option<&WebUrl>) -> Option<WebUrl> {
    let text = mended(text.trim());
    if text.is_empty() {
        return None;
    }
    WebUrl::parse(&text).ok().or_else(|| base?.join(&text).ok())
}

/// Whether a text is an address by itself, whatever it is beside.
pub(super) fn looks_absolute(text: &str) -> bool {
    let scheme = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    scheme.starts_with("http://") || scheme.starts_with("https://")
}

/// Undoes what publishers do to addresses: escaping twice, `feed:` as a scheme.
fn mended(text: &str) -> Cow<'_, str> {
    let scheme = text.get(..5).unwrap_or_default();
    let text = if scheme.eq_ignore_ascii_case("feed:") {
        let rest = text.get(5..).unwrap_or_default();
        // Both `feed://host/` and `feed:https://host/` are in use.
        if rest.starts_with("//") { Cow::Owned(format!("http:{rest}")) } else { Cow::Borrowed(rest) }
    } else {
        Cow::Borrowed(text)
    };
    if text.contains("&amp;") { Cow::Owned(text.replace("&amp;", "&")) } else { text }
}
