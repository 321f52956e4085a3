//! Mail: one letter a notification, in plain text and in simple HTML. mail/ encodes and sends it.

use jiff::Timestamp;

use super::matrix::lined;
use super::message::{Line, Message};
use super::telegram::escaped;
use super::text::{Page, fit, html, plain, utf16};
use crate::deliver::{RetryPolicy, retry};
use crate::model::{DeliveryClaim, Exchange, Mailbox, Verdict};

/// What mailers show of a subject, and more.
const SUBJECT_MAX: usize = 150;
/// Far below the bounds of any mail server.
const TEXT_MAX: usize = 100_000;

/// A letter as it is to be encoded: every text may hold any character but controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Who writes.
    pub from: Mailbox,
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
pub fn letter(claim: &DeliveryClaim, to: &Mailbox, from: &Mailbox) -> Letter {
    let notification = &claim.notification;
    let message = Message::read(&notification.body);
    let domain = from.domain();
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
/// A mailbox that is refused for good (550 to 553, 556) is given up for this letter, as repeats are held against the
/// sender; the subscription stays, as a mailbox may come back. What else is refused for good (a password, a relay's
/// rules) the operator can mend: it is tried again like what is refused for now.
pub fn judge(
    exchange: &Exchange,
    attempts_before: u32,
    created_at: Timestamp,
    now: Timestamp,
    policy: &RetryPolicy,
    jitter: f64,
) -> Verdict {
    match exchange {
        Ok(response) if matches!(response.status, 550..=553 | 556) => Verdict::Expired,
        Ok(_) | Err(_) => retry::judge(exchange, attempts_before, created_at, now, policy, jitter),
    }
}
