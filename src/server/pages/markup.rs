//! HTML by hand: text in, escaped text out.

use std::borrow::Cow;

use jiff::Timestamp;
use url::form_urlencoded;

use crate::model::WebUrl;

/// `text` as the content of an element.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    html_escape::encode_text(text)
}

/// `text` as an attribute's value between double quotes.
pub(super) fn attribute(text: &str) -> Cow<'_, str> {
    html_escape::encode_double_quoted_attribute(text)
}

/// A headline in its own language and direction: a link where `address` is a web address, else plain.
pub(super) fn headline(title: &str, address: &str, lang: Option<&str>) -> String {
    let lang = lang.map(|lang| format!(" lang=\"{}\"", attribute(lang))).unwrap_or_default();
    let title = if title.trim().is_empty() { "(untitled)" } else { title };
    let title = text(title);
    // `javascript:` and the like are no web addresses.
    match WebUrl::parse(address) {
        Ok(url) => {
            format!("<a href=\"{}\" rel=\"noopener\" dir=\"auto\"{lang}>{title}</a>", attribute(url.as_str()))
        }
        Err(_not_an_address) => format!("<span dir=\"auto\"{lang}>{title}</span>"),
    }
}

/// A clock time in UTC; the day stands above it.
pub(super) fn clock(at: Timestamp) -> String {
    format!("<time datetime=\"{at}\">{}</time>", at.strftime("%H:%M"))
}

/// A day in words, as a heading.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%A, %-d %B %Y").to_string()
}

/// A day and time in words.
pub(super) fn moment(at: Timestamp) -> String {
    format!("<time datetime=\"{at}\">{}</time>", at.strftime("%-d %B, %H:%M UTC"))
}

/// `3 stories`, `1 story`.
pub(super) fn counted(count: u64, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}

/// An address on this server, as an attribute's value.
pub(super) fn local(parameters: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    if query.is_empty() { "/".to_owned() } else { attribute(&format!("/?{query}")).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_titles_and_addresses_stay_text() {
        assert_eq!(
            headline("<script>alert(1)</script>", "javascript:alert(1)", Some("en\" onload=\"x")),
            "<span dir=\"auto\" lang=\"en&quot; onload=&quot;x\">&lt;script&gt;alert(1)&lt;/script&gt;</span>"
        );
        assert_eq!(
            headline("a & b", "https://example.org/?a=1&b=\"2\"", None),
            "<a href=\"https://example.org/?a=1&amp;b=%222%22\" rel=\"noopener\" dir=\"auto\">a &amp; b</a>"
        );
    }
}
