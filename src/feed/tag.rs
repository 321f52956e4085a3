//! One tag, read as leniently as browsers do.

/// Attributes beyond these are dropped; real feeds carry some 20 on their root.
const ATTRIBUTES_MAX: usize = 64;

/// A start tag, or an end tag's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    /// Its name with its prefix, as written.
    pub(super) name: &'a str,
    /// Its attributes with their values, references not yet decoded.
    pub(super) attributes: Vec<(&'a str, &'a str)>,
    /// Whether it ends with `/>`.
    pub(super) is_empty: bool,
    /// Whether it begins with `</`.
    pub(super) is_end: bool,
    /// What follows it.
    pub(super) rest: &'a str,
}

impl<'a> Tag<'a> {
    /// Reads the tag at the start of `text`, which begins with `<`; `None` where no name follows.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let inner = text.strip_prefix('<')?;
        let (is_end, inner) = inner.strip_prefix('/').map_or((false, inner), |inner| (true, inner));
        let (name, mut rest) = split_name(inner);
        let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if !starts_well || name.ends_with(':') || name.matches(':').count() > 1 {
            return None;
        }
        let mut tag = Self { name, attributes: Vec::new(), is_empty: false, is_end, rest };
        loop {
            rest = rest.trim_start();
            if let Some(after) = rest.strip_prefix('>') {
                return Some(Self { rest: after, ..tag });
            }
            if let Some(after) = rest.strip_prefix("/>") {
                return Some(Self { rest: after, is_empty: true, ..tag });
            }
            // A tag that is cut off by the next one, or by the document's end.
            if rest.is_empty() || rest.starts_with('<') {
                return Some(Self { rest, ..tag });
            }
            let (name, after) = split_name(rest);
            if name.is_empty() {
                let mut chars = rest.chars();
                chars.next();
                rest = chars.as_str();
                continue;
            }
            let (value, after) = read_value(name, after);
            rest = after;
            let is_new = tag.attributes.iter().all(|(known, _)| *known != name);
            if is_new && tag.attributes.len() < ATTRIBUTES_MAX {
                tag.attributes.push((name, value));
            }
        }
    }

    /// Its name without its prefix.
    pub(super) fn local(&self) -> &'a str {
        local(self.name)
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|&(_, value)| value)
    }
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn split_name(text: &str) -> (&str, &str) {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.');
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Reads `= value`, quotes optional; an attribute without a value has its name as value.
fn read_value<'a>(name: &'a str, text: &'a str) -> (&'a str, &'a str) {
    let Some(value) = text.trim_start().strip_prefix('=') else { return (name, text) };
    let value = value.trim_start();
    for quote in ['"', '\''] {
        if let Some((quoted, rest)) = value.strip_prefix(quote).and_then(|inside| inside.split_once(quote)) {
            return (quoted, rest);
        }
    }
    let end = value.find(|c: char| c.is_whitespace() || c == '>' || c == '<').unwrap_or(value.len());
    let (value, rest) = value.split_at_checked(end).unwrap_or((value, ""));
    (value.trim_matches(['"', '\'']), rest)
}
