//! One try as it is kept and shown.

use std::time::Duration;

use jiff::Timestamp;

use crate::model::{Attempt, Exchange, Response};

/// So much of an answer is kept: enough for an error message, too little to fill the store.
const DETAIL_BYTES_MAX: usize = 200;

/// In so much of an answer words are looked for: none of those that are left out is as long as this without what is kept.
const LOOKED_AT_BYTES_MAX: usize = 8_192;

/// Describes an attempt that began at `at` and took `took`: its status, and the first 200 bytes of the answer with
/// control characters escaped, or the failure in words. Endpoints quote what they are sent: what is `untold` of the
/// endpoint ([`crate::model::Endpoint::untold`]) is left out.
pub fn attempt(exchange: &Exchange, untold: &[String], at: Timestamp, took: Duration) -> Attempt {
    match exchange {
        Ok(response) => Attempt { at, took, status: Some(response.status), detail: answer(response, untold), times: 1 },
        Err(failure) => {
            Attempt { at, took, status: None, detail: escaped(&without(&failure.to_string(), untold)), times: 1 }
        }
    }
}

/// A text with something else in the place of words that are not to be told.
fn without(text: &str, untold: &[String]) -> String {
    untold.iter().fold(text.to_owned(), |text, word| text.replace(word.as_str(), "..."))
}

fn answer(response: &Response, untold: &[String]) -> String {
    if let (300..=399, Some(location)) = (response.status, response.headers.first("location")) {
        let location = without(location, untold);
        return escaped(&format!("redirected to {location:.150}; webhooks are never redirected: change the address"));
    }
    // First left out, then cut, so that no half of a word is kept.
    let looked_at = response.body.get(..LOOKED_AT_BYTES_MAX).unwrap_or(&response.body);
    let told = without(&String::from_utf8_lossy(looked_at), untold);
    let body = if told.as_bytes() == looked_at { looked_at } else { told.as_bytes() };
    let head: Vec<u8> = body.iter().copied().take(DETAIL_BYTES_MAX).collect();
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
        let attempt =
            attempt(&Ok(response), &["hush-hush".to_owned()], Timestamp::UNIX_EPOCH, Duration::from_millis(5));
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
    fn what_an_endpoint_quotes_of_its_secret_address_is_left_out_where_it_would_be_cut_too() {
        assert_eq!(detail(404, vec![], b"no hush-hush here, hush-hush"), "no ... here, ...");
        let long = format!("{}hush-hush", "x".repeat(195));
        assert_eq!(detail(404, vec![], long.as_bytes()), format!("{}...", "x".repeat(195)));
        let headers = vec![("location".to_owned(), "https://example.org/hush-hush".to_owned())];
        assert!(!detail(301, headers, b"").contains("hush-hush"));
    }

    #[test]
    fn a_redirect_says_where_and_what_to_do() {
        let headers = vec![("location".to_owned(), "https://example.org/new".to_owned())];
        insta::assert_snapshot!(detail(301, headers, b""), @"redirected to https://example.org/new; webhooks are never redirected: change the address");
    }

    #[test]
    fn a_failure_is_kept_in_its_own_words() {
        let failure = Failure { kind: FailureKind::Dns, detail: "example.test does not resolve".to_owned() };
        let attempt = attempt(&Err(failure), &[], Timestamp::UNIX_EPOCH, Duration::ZERO);
        assert_eq!((attempt.status, attempt.detail.as_str()), (None, "dns: example.test does not resolve"));
    }
}
