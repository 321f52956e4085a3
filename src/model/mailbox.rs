//! Addresses of mail.

use std::fmt;

/// An address of mail in its plain form ([RFC 5321 section 4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)): a dot-string and a domain, ASCII.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mailbox(String);

/// RFC 5321 section 4.5.3.1.
const LOCAL_BYTES_MAX: usize = 64;
const BYTES_MAX: usize = 254;

impl Mailbox {
    /// What may be written.
    pub const FORM: &'static str =
        "an address such as person@example.org (a domain with other letters in its xn-- form)";

    /// Reads an address; `None` where it is none, or one with quotes, comments or a name.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        let is_atom = |atom: &str| {
            !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        };
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let sound = text.len() <= BYTES_MAX
            && local.len() <= LOCAL_BYTES_MAX
            && local.split('.').all(is_atom)
            && domain.split('.').all(is_label);
        sound.then(|| Self(text.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_plain_or_none() {
        for good in ["person@example.org", " a.b+news@mail.example.org ", "root@localhost", "x@xn--80ak6aa92e.example"]
        {
            assert_eq!(Mailbox::parse(good).map(|m| m.to_string()), Some(good.trim().to_owned()));
        }
        for bad in
            ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "\"a\"@b", "a..b@c", "a@-b", "я@b.c", "N <a@b>"]
        {
            assert_eq!(Mailbox::parse(bad), None, "{bad:?}");
        }
    }
}
