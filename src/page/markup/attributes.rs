//! The attributes of a start tag, read when asked for.

use std::borrow::Cow;

use html_escape::decode_html_entities;

/// The text between a tag's name and its `>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::page) struct Attributes<'a>(pub(super) &'a str);

impl<'a> Attributes<'a> {
    /// Gives the value of the first attribute of this name (lower case), trimmed and decoded; empty without a value.
    pub(in crate::page) fn get(self, name: &str) -> Option<Cow<'a, str>> {
        self.raw(name).map(|value| decode_html_entities(value.trim()))
    }

    /// Gives the value as written.
    pub(in crate::page) fn raw(self, name: &str) -> Option<&'a str> {
        self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Whether there are none.
    pub(in crate::page) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Whether the tag ends itself: a slash stands before its `>`.
    pub(in crate::page) fn is_self_closing(self) -> bool {
        self.0.ends_with('/')
    }

    /// Whether an attribute of this name stands there.
    pub(in crate::page) fn has(self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// Names and values as written, in order.
    pub(in crate::page) fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            // A name may begin with `=`, never hold one (HTML, "before attribute name state").
            let skip = usize::from(rest.starts_with('='));
            let end = rest
                .char_indices()
                .skip(skip)
                .find(|(_, c)| c.is_ascii_whitespace() || matches!(c, '=' | '/'))
                .map_or(rest.len(), |(at, _)| at);
            let (name, after) = rest.split_at_checked(end)?;
            rest = after;
            let Some(value) = after.trim_ascii_start().strip_prefix('=') else { return Some((name, "")) };
            let value = value.trim_ascii_start();
            let (value, after) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inner = value.strip_prefix(quote).unwrap_or_default();
                    inner.split_once(quote).unwrap_or((inner, ""))
                }
                _ => value.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((value, "")),
            };
            rest = after;
            Some((name, value))
        })
    }
}
