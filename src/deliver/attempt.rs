//! One try as it is kept and shown.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Attempt, Exchange, Response};

/// So much of an answer is kept: enough for an error message, too little to fill the store.
const DETAIL_BYTES_MAX: usize = 200;

/// Describes an attempt that began at `at` and took `took`: its status, and the first 200 bytes of the answer with
/// control characters escaped, or the failure in words.
pub fn attempt(exchange: &Exchange, at: Timestamp, took: Duration) -> Attempt {
    match exchange {
        Ok(response) => Attempt { at, took, status: Some(response.status), detail: answer(response) },
        Err(failure) => Attempt { at, took, status: None, detail: escaped(&failure.to_string()) },
    }
}

fn answer(response: &Response) -> String {
    if let (300..=399, Some(location)) = (response.status, response.headers.first("location")) {
        return escaped(&format!("redirected to {location:.150}; webhooks are never redirected: change the address"));
    }
    let head: Vec<u8> = response.body.iter().copied().take(DETAIL_BYTES_MAX).collect();
    // A character cut in half at the border is dropped, not shown as damage.
    let whole = match std::str::from_utf8(&head) {
        Err(error) if error.error_len().is_none() => head.get(..error.valid_up_to()).unwrap_or_default(),
        Ok(_) | Err(_) => &head,
    };
    escaped(&String::from_utf8_lossy(whole))
}

/// Escapes control characters (line breaks, terminal sequences) and those that turn the direction of writing.
fn escaped(text: &str) -> String {
    let turns = |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.trim().chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if c.is_control() || turns(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Failure, FailureKind, Headers, WebUrl};

    fn detail(status: u16, headers: Vec<(String, String)>, body: &[u8]) -> String {
        let url = WebUrl::parse("https://example.org/").expect("an address");
        let response = Response { status, headers: Headers(headers), body: body.to_vec(), url, redirects: Vec::new() };
        let attempt = attempt(&Ok(response), Timestamp::UNIX_EPOCH, Duration::from_millis(5));
        assert_eq!(attempt.status, Some(status));
        attempt.detail
    }

    #[test]
    fn an_answer_is_cut_on_a_character_and_its_control_characters_escaped() {
        assert_eq!(detail(500, vec![], b"no\r\nsuch \x1b[31mtopic\n"), "no\\r\\nsuch \\u{1b}[31mtopic");
        assert_eq!(detail(200, vec![], "я".repeat(300).as_bytes()), "я".repeat(100));
        assert_eq!(detail(200, vec![], format!("x{}", "я".repeat(300)).as_bytes()).chars().count(), 100);
        assert_eq!(detail(200, vec![], b"\xff\xfe"), "\u{fffd}\u{fffd}");
        assert_eq!(detail(204, vec![], b""), "");
    }

    #[test]
    fn a_redirect_says_where_and_what_to_do() {
        let headers = vec![("location".to_owned(), "https://example.org/new".to_owned())];
        insta::assert_snapshot!(detail(301, headers, b""), @"redirected to https://example.org/new; webhooks are never redirected: change the address");
    }

    #[test]
    fn a_failure_is_kept_in_its_own_words() {
        let failure = Failure { kind: FailureKind::Dns, detail: "example.test does not resolve".to_owned() };
        let attempt = attempt(&Err(failure), Timestamp::UNIX_EPOCH, Duration::ZERO);
        assert_eq!((attempt.status, attempt.detail.as_str()), (None, "dns: example.test does not resolve"));
    }
}
