//! Web addresses: parsed once, then known to be fetchable in form (whether they may be fetched is net/'s to say).

use std::fmt;

use url::{Host, Url};

/// An absolute `http` or `https` address with a host, normalised by the WHATWG URL rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebUrl(Url);

/// Why a text is not a web address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The text doesn't parse as an absolute URL.
    #[error("{text:?} is not a web address ({why}; expected http:// or https://)")]
    Malformed {
        /// What was given.
        text: String,
        /// The parser's own words.
        why: String,
    },
    /// It parses, but its scheme is not `http` or `https`.
    #[error("{text:?} is not a web address (scheme {scheme:?}; expected http or https)")]
    Scheme {
        /// What was given.
        text: String,
        /// The scheme found.
        scheme: String,
    },
}

impl WebUrl {
    /// Parses an absolute web address; white space around it is dropped.
    ///
    /// # Errors
    /// When `text` is no absolute URL, or its scheme is another than `http` or `https`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let trimmed = text.trim();
        let url = Url::parse(trimmed)
            .map_err(|why| AddressError::Malformed { text: trimmed.to_owned(), why: why.to_string() })?;
        Self::check(url, trimmed)
    }

    /// Resolves `reference` (absolute or relative) against this address.
    ///
    /// # Errors
    /// As [`WebUrl::parse`].
    pub fn join(&self, reference: &str) -> Result<Self, AddressError> {
        let trimmed = reference.trim();
        let url = self
            .0
            .join(trimmed)
            .map_err(|why| AddressError::Malformed { text: trimmed.to_owned(), why: why.to_string() })?;
        Self::check(url, trimmed)
    }

    fn check(url: Url, text: &str) -> Result<Self, AddressError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(AddressError::Scheme { text: text.to_owned(), scheme: url.scheme().to_owned() });
        }
        if url.host_str().is_none_or(|host| host.trim_end_matches('.').is_empty()) {
            return Err(AddressError::Malformed { text: text.to_owned(), why: "it names no host".to_owned() });
        }
        Ok(Self(url))
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host as text: a lower-case name, or a literal address (IPv6 in brackets).
    pub fn host_text(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// The host as parsed: a name or a literal address.
    pub fn host(&self) -> Option<Host<&str>> {
        self.0.host()
    }

    /// The port, or the scheme's own (80, 443).
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(0)
    }

    /// Whether the scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The parsed URL, for the rooms that take it apart (url/, net/).
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether it names a user or password: nothing is sent to such an address.
    pub fn names_user(&self) -> bool {
        !self.0.username().is_empty() || self.0.password().is_some()
    }

    /// What is wrong with an address that names a user or password, for people.
    pub fn user_fault(&self) -> Option<String> {
        self.names_user().then(|| format!("{} names a user or password: remove them from the address", self.redacted()))
    }

    /// The address, whoever asks: without user and password.
    pub fn without_user(&self) -> String {
        let mut url = self.0.clone();
        // Web addresses take both.
        url.set_username("").and_then(|()| url.set_password(None)).ok();
        url.into()
    }

    /// The address as shown to people and written to logs: without user, password, query or fragment.
    pub fn redacted(&self) -> String {
        let port = self.0.port().map(|p| format!(":{p}")).unwrap_or_default();
        format!("{}://{}{port}{}", self.0.scheme(), self.host_text(), self.0.path())
    }
}

/// A step of a path that is as long as this may be a key.
const KEY_CHARS_MIN: usize = 16;

impl WebUrl {
    /// What of an address that may be a secret as a whole is told nobody: user, password, steps of the path, its query.
    pub(super) fn untold(&self) -> Vec<String> {
        let url = &self.0;
        let mut texts = vec![url.username().to_owned(), url.password().unwrap_or_default().to_owned()];
        texts.extend(url.path().split('/').filter(|step| step.len() >= KEY_CHARS_MIN).map(str::to_owned));
        texts.extend(url.query().map(str::to_owned));
        texts.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
        texts
    }

    /// The same of an address that may be a secret as a whole, as a webhook's: steps of its path that may be keys are
    /// left out too.
    pub fn masked(&self) -> String {
        let steps = |path: &str| -> Vec<String> {
            let step = |step: &str| if step.len() < KEY_CHARS_MIN { step.to_owned() } else { "...".to_owned() };
            path.split('/').map(step).collect()
        };
        let redacted = self.redacted();
        match redacted.strip_suffix(self.0.path()) {
            Some(origin) => format!("{origin}{}", steps(self.0.path()).join("/")),
            None => redacted,
        }
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
