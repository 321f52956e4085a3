//! One HTTP exchange as data: what is asked, and what came of it. A failure is an outcome, not an error.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use super::WebUrl;

/// The methods that tidings sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read a feed or page.
    Get,
    /// Deliver a notification.
    Post,
    /// Deliver it under an id of its own, so that a repeat changes nothing (Matrix).
    Put,
}

/// What to do with a 3xx answer that names another address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirects {
    /// Follow up to this many; each hop passes the address guard.
    Follow(u8),
    /// Hand the 3xx answer back, without its body, once where it leads has passed the address guard as a redirect's
    /// target: whoever asked says whether to go there (a page's `robots.txt`).
    Show,
    /// Hand the 3xx answer back (webhooks: a redirect is a failure).
    Refuse,
}

/// Bounds on one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Until the connection stands.
    pub connect: Duration,
    /// From the start to the last byte of the body, redirects included.
    pub total: Duration,
    /// Bytes of the body after decompression.
    pub body_bytes: usize,
}

/// A request to be sent by `port::Http`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: WebUrl,
    /// Fields beyond those that the client adds (User-Agent, Accept-Encoding, Host); values verbatim.
    pub headers: Vec<(String, String)>,
    /// The body; empty for GET.
    pub body: Vec<u8>,
    /// What to do with redirects.
    pub redirects: Redirects,
    /// Bounds on time and size.
    pub limits: Limits,
}

/// Header fields of an answer, in order; names lower case. A value with other than visible ASCII is lossy UTF-8.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The first value under `name` (given in lower case).
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The first value under `name` (given in lower case), read as an HTTP date in any of its three forms
    /// ([RFC 9110 section 5.6.7](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7)).
    pub fn date(&self, name: &str) -> Option<Timestamp> {
        let text = self.first(name)?.trim();
        // IMF-fixdate is a case of RFC 2822. The obsolete forms name no offset that strtime reads: they are always UTC.
        let obsolete = || {
            ["%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"]
                .into_iter()
                .find_map(|form| TimeZone::UTC.to_timestamp(strtime::parse(form, text).ok()?.to_datetime().ok()?).ok())
        };
        DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok().or_else(obsolete)
    }

    /// Until when the answer asks to be left alone: Retry-After in seconds or as a date, never before `now`
    /// ([RFC 9110 section 10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)).
    pub fn retry_after(&self, now: Timestamp) -> Option<Timestamp> {
        let text = self.first("retry-after")?.trim();
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            // So many digits that they don't fit are a very long time.
            let secs = text.parse::<u64>().unwrap_or(u64::MAX);
            return Some(now.checked_add(Duration::from_secs(secs)).unwrap_or(Timestamp::MAX));
        }
        self.date("retry-after").map(|at| at.max(now))
    }
}

/// An answer with any status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
    /// The body, decompressed.
    pub body: Vec<u8>,
    /// The address that answered, after redirects.
    pub url: WebUrl,
    /// Statuses of the redirects that led there, in order.
    pub redirects: Vec<u16>,
}

/// What kind of trouble kept an exchange from an answer. Words are fixed: they stand in the store, metrics and API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureKind {
    /// The name doesn't resolve.
    Dns,
    /// No connection.
    Connect,
    /// The certificate or the handshake is bad.
    Tls,
    /// A bound on time ran out.
    Timeout,
    /// The connection broke or spoke no HTTP.
    Protocol,
    /// More bytes than allowed.
    TooLarge,
    /// The body can't be decompressed.
    Decode,
    /// The address guard refused.
    Blocked,
    /// Too many redirects, or one without a usable address.
    Redirect,
    /// The host's `robots.txt` forbids it.
    Robots,
}

impl FailureKind {
    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Protocol => "protocol",
            Self::TooLarge => "too-large",
            Self::Decode => "decode",
            Self::Blocked => "blocked",
            Self::Redirect => "redirect",
            Self::Robots => "robots",
        }
    }
}

/// Why there is no answer, and what a person can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind.
    pub kind: FailureKind,
    /// A fragment in words: what was tried, what was found, what is allowed.
    pub detail: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.label(), self.detail)
    }
}

/// What came of a request.
pub type Exchange = Result<Response, Failure>;

#[cfg(test)]
mod tests {
    use super::*;

    fn retry_after(value: &str) -> Option<String> {
        let now = "1994-11-06T08:00:00Z".parse().expect("a timestamp");
        Headers(vec![("retry-after".to_owned(), value.to_owned())]).retry_after(now).map(|at| at.to_string())
    }

    #[test]
    fn retry_after_is_read_as_seconds_and_as_each_form_of_date() {
        assert_eq!(retry_after("120").as_deref(), Some("1994-11-06T08:02:00Z"));
        assert_eq!(retry_after(" 0 ").as_deref(), Some("1994-11-06T08:00:00Z"));
        assert_eq!(retry_after("99999999999999999999999"), Some(Timestamp::MAX.to_string()));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT").as_deref(), Some("1994-11-06T08:49:37Z"));
        assert_eq!(retry_after("Mon, 06 Nov 1994 08:49:37 GMT").as_deref(), Some("1994-11-06T08:49:37Z"));
        assert_eq!(retry_after("Sunday, 06-Nov-94 08:49:37 GMT").as_deref(), Some("1994-11-06T08:49:37Z"));
        assert_eq!(retry_after("Sun Nov  6 08:49:37 1994").as_deref(), Some("1994-11-06T08:49:37Z"));
    }

    #[test]
    fn a_date_that_is_over_asks_for_no_wait_and_other_words_for_nothing() {
        assert_eq!(retry_after("Sat, 05 Nov 1994 08:49:37 GMT").as_deref(), Some("1994-11-06T08:00:00Z"));
        for nonsense in ["", "-5", "soon", "1.5", "06 Nov", "\u{1F551}"] {
            assert_eq!(retry_after(nonsense), None, "{nonsense:?}");
        }
    }
}
