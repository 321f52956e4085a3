//! Mail: one letter a notification, in plain text and in simple HTML. mail/ encodes and sends it.

use jiff::Timestamp;

use super::matrix::lined;
use super::message::{Line, Message};
use super::telegram::escaped;
use super::text::{Page, fit, html, plain, utf16};
use crate::deliver::{RetryPolicy, retry};
use crate::model::{DeliveryClaim, Exchange, Mailbox, Response, Sender, Verdict};

/// The field of a relay's answer that names the command which it refused: `MAIL`, `RCPT` or `DATA`.
pub const ANSWERED_COMMAND: &str = "smtp-command";
/// What mailers show of a subject, and more.
const SUBJECT_MAX: usize = 150;
/// Far below the bounds of any mail server.
const TEXT_MAX: usize = 100_000;

/// A letter as it is to be encoded: every text may hold any character but controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Who writes.
    pub from: Sender,
    /// To whom.
    pub to: Mailbox,
    /// When what it tells was decided: a repeat has the same.
    pub date: Timestamp,
    /// One line.
    pub subject: String,
    /// `<...>`: the notification's id at the sender's domain, by which a mailbox knows a repeat
    /// ([RFC 5322 section 3.6.4](https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4)).
    pub message_id: String,
    /// `<...>`: what all letters about one event refer to, so that mailers show them together.
    pub thread: Option<String>,
    /// Whether it follows an earlier letter of its thread.
    pub is_reply: bool,
    /// `<...>`: by which mailboxes sort ([RFC 2919](https://www.rfc-editor.org/rfc/rfc2919)).
    pub list_id: String,
    /// The text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Writes a notification to `to`, from `from`.
pub fn letter(claim: &DeliveryClaim, to: &Mailbox, from: &Sender) -> Letter {
    let notification = &claim.notification;
    let message = Message::read(&notification.body);
    let domain = from.mailbox.domain();
    let id = |local: &str| format!("<{local}@{domain}>");
    let list = message.topic.as_deref().unwrap_or("notifications");
    Letter {
        from: from.clone(),
        to: to.clone(),
        date: notification.created_at,
        subject: subject(&message),
        message_id: id(&notification.id.0),
        thread: message.event.as_deref().map(id),
        is_reply: message.is_update && message.event.is_some(),
        list_id: format!("<{}.tidings.{domain}>", word(list)),
        text: format!("{}\n", lined(&message, TEXT_MAX)),
        html: page(&message),
    }
}

/// The event's title; of all but its opening what it is about first.
fn subject(message: &Message) -> String {
    let what = message.heading.split(':').next().unwrap_or_default();
    let subject = match (&message.event, message.is_update) {
        (Some(_), false) => message.title.text.clone(),
        _ => format!("{what}: {}", message.title.text),
    };
    fit(&subject, SUBJECT_MAX, utf16, plain)
}

fn page(message: &Message) -> String {
    let mut page = Page::new(TEXT_MAX * 2, utf16);
    page.add("<p>", &message.heading, "</p>\n", html);
    match &message.title.link {
        Some(link) => {
            page.add(&format!("<h2><a href=\"{}\">", escaped(link)), &message.title.text, "</a></h2>\n", html);
        }
        None => page.add("<h2>", &message.title.text, "</h2>\n", html),
    }
    let frame = |line: &Line| match &line.link {
        Some(link) => (format!("<p dir=\"auto\"><a href=\"{}\">", escaped(link)), "</a></p>\n".to_owned()),
        None => ("<p dir=\"auto\">".to_owned(), "</p>\n".to_owned()),
    };
    page.add_lines(&message.lines, frame, html);
    page.add("<p><small>", &message.footer, "</small></p>\n", html);
    format!(
        "<!doctype html>\n<html dir=\"auto\"><head><meta charset=\"utf-8\"></head><body>\n{}</body></html>\n",
        page.into_text()
    )
}

/// Letters, digits, `-` and `_` alone.
fn word(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
}

/// Says what follows from a relay's answer, its reply code in the place of a status
/// ([RFC 5321 section 4.2.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.2.3)).
///
/// A mailbox that is refused for good is given up for this letter, as repeats are held against the sender; the subscription
/// stays, as a mailbox may come back. So is a letter that is too large for the relay: it would be again. What else is refused for good (a password, a relay's rules, a day's share that is used
/// up, a sender that is not believed) the operator or time can mend: it is tried again like what is refused for now.
pub fn judge(
    exchange: &Exchange,
    attempts_before: u32,
    created_at: Timestamp,
    now: Timestamp,
    policy: &RetryPolicy,
    jitter: f64,
) -> Verdict {
    match exchange {
        Ok(response) if refuses_mailbox(response) || refuses_size(response) => Verdict::Expired,
        Ok(_) | Err(_) => retry::judge(exchange, attempts_before, created_at, now, policy, jitter),
    }
}

/// Whether a reply says that there is no such mailbox, or that it takes nothing: 550 to 553 and 556 say so of many things, so the
/// enhanced status decides ([RFC 3463 section 3](https://www.rfc-editor.org/rfc/rfc3463#section-3)): X.1 is an address, the
/// sender's (X.1.7, X.1.8) aside, and X.2 a mailbox. Where none is given it is what answered the recipient's name.
fn refuses_mailbox(response: &Response) -> bool {
    if !matches!(response.status, 550..=553 | 556) {
        return false;
    }
    match enhanced(&response.body) {
        Some((1, detail)) => !matches!(detail, 7 | 8),
        Some((2, _)) => true,
        Some((0, _)) | None => response.headers.first(ANSWERED_COMMAND) == Some("RCPT"),
        Some(_) => false,
    }
}

/// What a relay's answer is kept and shown as: what it means first, where not everybody reads that out of it.
pub fn showable(mut response: Response) -> Response {
    if refuses_size(&response) {
        let mut said = b"the letter is larger than the relay takes, and is given up: ".to_vec();
        said.append(&mut response.body);
        response.body = said;
    }
    response
}

/// Whether a reply says for good that the letter is too large: X.3.4 of the relay, and where no enhanced status is given 552 to the
/// sender's name or the letter ([RFC 1870 section 6](https://www.rfc-editor.org/rfc/rfc1870#section-6)).
fn refuses_size(response: &Response) -> bool {
    match enhanced(&response.body) {
        Some((3, 4)) => (500..=599).contains(&response.status),
        Some((0, _)) | None => {
            response.status == 552 && matches!(response.headers.first(ANSWERED_COMMAND), Some("MAIL" | "DATA"))
        }
        Some(_) => false,
    }
}

/// Subject and detail of the enhanced status that a refusal for good begins with: `5.1.2`.
fn enhanced(said: &[u8]) -> Option<(u16, u16)> {
    let mut numbers = std::str::from_utf8(said).ok()?.split_whitespace().next()?.split('.');
    let subject_and_detail = match numbers.next()? {
        "5" => (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?),
        _ => return None,
    };
    numbers.next().is_none().then_some(subject_and_detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Headers, WebUrl};

    fn reply(status: u16, said: &str, command: &str) -> Response {
        Response {
            status,
            headers: Headers(vec![(ANSWERED_COMMAND.to_owned(), command.to_owned())]),
            body: said.as_bytes().to_vec(),
            url: WebUrl::parse("https://relay.example/").unwrap(),
            redirects: Vec::new(),
        }
    }

    /// Whether a letter is given up by that reply to a command.
    fn is_given_up(status: u16, said: &str, command: &str) -> bool {
        let at = Timestamp::UNIX_EPOCH;
        let exchange = Ok(reply(status, said, command));
        judge(&exchange, 0, at, at, &RetryPolicy::default(), 0.5) == Verdict::Expired
    }

    #[test]
    fn a_letter_that_is_too_large_is_given_up_in_words_and_one_that_the_relay_has_no_room_for_now_is_not() {
        for (status, said, command) in [
            (552, "5.3.4 Message size exceeds fixed limit", "DATA"),
            (552, "5.3.4 Message size exceeds fixed limit", "MAIL"),
            (554, "5.3.4 too big", "DATA"),
            (552, "sorry, that message size exceeds my databytes limit (#5.3.4)", "DATA"),
        ] {
            assert!(is_given_up(status, said, command), "{said}");
            let shown = showable(reply(status, said, command)).body;
            let words = format!("the letter is larger than the relay takes, and is given up: {said}");
            assert_eq!(String::from_utf8(shown), Ok(words));
        }
        for (status, said) in [(452, "4.3.1 no room now"), (552, "5.7.0 its content is blocked"), (554, "no")] {
            assert!(!is_given_up(status, said, "DATA"), "{said}");
            assert_eq!(showable(reply(status, said, "DATA")).body, said.as_bytes());
        }
        assert!(!is_given_up(552, "no", "AUTH"));
    }

    #[test]
    fn a_letter_is_given_up_where_its_mailbox_is_refused_for_good_and_for_nothing_else() {
        assert!(is_given_up(550, "5.1.1 no such user here", "RCPT"));
        assert!(is_given_up(550, "5.1.1 no such user here", "DATA"), "some look after all of it was sent");
        assert!(is_given_up(552, "5.2.2 mailbox full", "RCPT"));
        assert!(is_given_up(550, "No such user", "RCPT"));
        assert!(is_given_up(550, "5.0.0 refused", "RCPT"), "a status that says nothing");
        for (said, command) in [
            ("5.4.5 Daily user sending limit exceeded", "RCPT"),
            ("5.1.8 sender rejected", "RCPT"),
            ("5.7.1 your address is blocked", "RCPT"),
            ("your address is blocked", "MAIL"),
            ("5.x.y", "DATA"),
            ("", "DATA"),
        ] {
            assert!(!is_given_up(550, said, command), "{said}");
        }
        assert!(!is_given_up(451, "5.1.1 greylisted", "RCPT"));
        assert!(!is_given_up(554, "no", "RCPT"));
    }
}
