//! A rule's path: octets, `*` for any run of them, `$` for the end.

/// A path pattern, its octets normalized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern {
    /// One buffer, its stars where they stood, as files of some hundred thousand stars are served.
    text: Box<[u8]>,
    /// Whether the path must end where the pattern does.
    is_anchored: bool,
    /// Octets of the pattern as written: the longest that matches wins.
    pub(super) octets: usize,
}

impl Pattern {
    /// Reads a pattern; one that doesn't begin with a slash or a star is taken as if it did.
    pub(super) fn parse(text: &str) -> Self {
        let (body, is_anchored) = text.strip_suffix('$').map_or((text, false), |body| (body, true));
        let slash = if body.starts_with(['/', '*']) { "" } else { "/" };
        let mut octets = normalized(&format!("{slash}{body}"));
        octets.dedup_by(|octet, before| *octet == b'*' && *before == b'*');
        Self { text: octets.into_boxed_slice(), is_anchored, octets: text.len() }
    }

    /// Whether it matches a path (with its query) that was normalized.
    pub(super) fn matches(&self, path: &[u8]) -> bool {
        // An escaped star was normalized to `%2A`: those that are left stand for any run of octets.
        let mut parts = self.text.split(|octet| *octet == b'*').peekable();
        let first = parts.next().unwrap_or_default();
        let Some(mut left) = path.strip_prefix(first) else { return false };
        if parts.peek().is_none() {
            return !self.is_anchored || left.is_empty();
        }
        while let Some(part) = parts.next() {
            if parts.peek().is_none() && self.is_anchored {
                return left.ends_with(part);
            }
            // The leftmost place of each part leaves the most for those after it.
            match after(left, part) {
                Some(found) => left = found,
                None => return false,
            }
        }
        true
    }
}

/// What follows the first place of `part`.
fn after<'a>(text: &'a [u8], part: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(text, part)?;
    text.get(at + part.len()..)
}

/// Octets in one spelling (RFC 9309 section 2.2.2): what needs no escape is written without, all else as `%XX`.
pub(super) fn normalized(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&octet, tail)) = rest.split_first() {
        let escaped = (octet == b'%').then(|| hex(tail)).flatten();
        let (octet, tail, was_escaped) = match escaped {
            Some((octet, tail)) => (octet, tail, true),
            None => (octet, tail, false),
        };
        rest = tail;
        let is_plain = octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
        if is_plain || (octet.is_ascii_graphic() && !was_escaped) {
            octets.push(octet);
        } else {
            octets.extend(format!("%{octet:02X}").bytes());
        }
    }
    octets
}

/// The octet that two hexadecimal digits stand for, and what follows them.
fn hex(text: &[u8]) -> Option<(u8, &[u8])> {
    let (digits, rest) = text.split_at_checked(2)?;
    let digits = str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some((u8::from_str_radix(digits, 16).ok()?, rest))
}
