//! Addresses of mail, and names before them.

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

/// Who writes: an address, and a name before it if there is one
/// ([RFC 5322 section 3.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.4)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The address.
    pub mailbox: Mailbox,
    name: Option<String>,
}

/// What a mailer shows of a name, and more.
const NAME_CHARS_MAX: usize = 100;

impl Sender {
    /// What may be written.
    pub const FORM: &'static str =
        "an address such as news@example.org, alone or with a name: News desk <news@example.org>";

    /// Reads an address, or a name and an address in angle brackets. The name may hold letters of any script; one with other signs than those
    /// of a word stands in quotes. `None` where it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(mailbox) = Mailbox::parse(text) {
            return Some(Self { mailbox, name: None });
        }
        let (name, address) = text.trim().strip_suffix('>')?.rsplit_once('<')?;
        let name = match name.trim().strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => plain(name.trim())?.to_owned(),
        };
        let name = name.trim();
        let sound = name.chars().count() <= NAME_CHARS_MAX && !name.contains(char::is_control);
        let name = (!name.is_empty()).then(|| name.to_owned());
        Some(Self { mailbox: Mailbox::parse(address)?, name }).filter(|_| sound)
    }

    /// The name, not empty and without controls.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

/// What stands in quotes, of which the first is taken off; `None` where they don't end at the end.
fn unquoted(text: &str) -> Option<String> {
    let mut said = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => return rest.next().is_none().then_some(said),
            '\\' => said.push(rest.next()?),
            other => said.push(other),
        }
    }
}

/// A name without the signs that stand in quotes alone.
fn plain(name: &str) -> Option<&str> {
    (!name.contains(['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '"'])).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_an_address_with_or_without_a_name() {
        let read = |text: &str| {
            let sender = Sender::parse(text)?;
            Some((sender.name().unwrap_or_default().to_owned(), sender.mailbox.to_string()))
        };
        for (given, name) in [
            ("a@b.example", ""),
            ("<a@b.example>", ""),
            ("News desk <a@b.example>", "News desk"),
            (" News desk<a@b.example> ", "News desk"),
            ("St. Mary's <a@b.example>", "St. Mary's"),
            ("Служба новин <a@b.example>", "Служба новин"),
            (r#""Desk, \"night\" <1>" <a@b.example>"#, "Desk, \"night\" <1>"),
            (r#""" <a@b.example>"#, ""),
        ] {
            assert_eq!(read(given), Some((name.to_owned(), "a@b.example".to_owned())), "{given:?}");
        }
        let long = format!("{} <a@b.example>", "x".repeat(NAME_CHARS_MAX + 1));
        for bad in [
            "",
            "News desk",
            "News desk a@b.example",
            "News desk <a@b.example",
            "News desk <a@b.example> x",
            "News, desk <a@b.example>",
            "desk@b.example <a@b.example>",
            "desk (night) <a@b.example>",
            "News desk <>",
            "News desk <a b@c>",
            "<<a@b.example>>",
            "\"News desk <a@b.example>",
            "News \"desk\" <a@b.example>",
            "\"a\" b <a@b.example>",
            "\"a\\\" <a@b.example>",
            "News\r\nBcc: x@y.example <a@b.example>",
            "\"News\r\nBcc: x\" <a@b.example>",
            "one <a@b.example>, two <c@b.example>",
            &long,
        ] {
            assert_eq!(Sender::parse(bad), None, "{bad:?}");
        }
    }

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
