//! A letter as the bytes of a message (RFC 5322, RFC 2045 to 2047).

use std::time::{Duration, SystemTime};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{MessageBuilder, MultiPart};
use lettre::{Address, Message};

use super::MailError;
use crate::deliver::format::Letter;
use crate::model::Mailbox;

/// Encodes a letter.
///
/// # Errors
/// When lettre refuses an address that [`Mailbox`] takes.
pub fn encoded(letter: &Letter) -> Result<Message, MailError> {
    let mut builder = MessageBuilder::new()
        .from(mailbox(&letter.from.mailbox, letter.from.name())?)
        .to(mailbox(&letter.to, None)?)
        .subject(letter.subject.as_str())
        .date(date(letter))
        .message_id(Some(letter.message_id.clone()));
    if let Some(thread) = &letter.thread {
        builder = builder.references(thread.clone());
        if letter.is_reply {
            builder = builder.in_reply_to(thread.clone());
        }
    }
    let list_id = HeaderName::new_from_ascii_str("List-Id");
    // RFC 3834 section 5: nobody's holiday notice is to answer.
    let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
    builder
        .raw_header(HeaderValue::new(list_id, letter.list_id.clone()))
        .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
        .multipart(MultiPart::alternative_plain_html(lines(&letter.text), lines(&letter.html)))
        .map_err(MailError::Message)
}

/// With line breaks of one kind, as RFC 5322 section 2.3 has no other.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn mailbox(mailbox: &Mailbox, name: Option<&str>) -> Result<lettre::message::Mailbox, MailError> {
    let address: Address = mailbox.as_str().parse().map_err(MailError::Address)?;
    Ok(lettre::message::Mailbox::new(name.map(str::to_owned), address))
}

fn date(letter: &Letter) -> SystemTime {
    let secs = u64::try_from(letter.date.as_second()).unwrap_or(0);
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(secs)).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Sender;

    fn letter(subject: &str, text: &str) -> Letter {
        Letter {
            from: Sender::parse("tidings@example.org").unwrap(),
            to: Mailbox::parse("person@example.org").unwrap(),
            date: Timestamp::from_second(1_700_000_000).unwrap(),
            subject: subject.to_owned(),
            message_id: "<msg_1@example.org>".to_owned(),
            thread: Some("<event.1.2@example.org>".to_owned()),
            is_reply: true,
            list_id: "<arms.tidings.example.org>".to_owned(),
            text: text.to_owned(),
            html: format!("<p>{text}</p>"),
        }
    }

    fn names(message: &str) -> Vec<&str> {
        let head = message.split("\r\n\r\n").next().unwrap();
        let begins = |line: &&str| !line.starts_with([' ', '\t']);
        head.split("\r\n").filter(begins).map(|line| line.split(':').next().unwrap()).collect()
    }

    #[test]
    fn a_letter_has_the_fields_by_which_mailboxes_sort_and_know_it() {
        let bytes = encoded(&letter("Резолюция принята", "12 голосов")).unwrap().formatted();
        let text = String::from_utf8(bytes).unwrap();
        let head: Vec<_> =
            text.split("\r\n\r\n").next().unwrap().lines().filter(|line| !line.contains("boundary=")).collect();
        insta::assert_snapshot!(head.join("\n"));
    }

    #[test]
    fn a_sender_may_have_a_name_which_the_relay_is_not_told() {
        let from = |text: &str| {
            let message = encoded(&Letter { from: Sender::parse(text).unwrap(), ..letter("s", "t") }).unwrap();
            let address = message.envelope().from().map(ToString::to_string);
            assert_eq!(address.as_deref(), Some("news@example.org"));
            let text = String::from_utf8(message.formatted()).unwrap();
            text.lines().find(|line| line.starts_with("From: ")).unwrap().to_owned()
        };
        assert_eq!(from("news@example.org"), "From: news@example.org");
        assert_eq!(from("News desk <news@example.org>"), "From: \"News desk\" <news@example.org>");
        assert_eq!(
            from(r#""Desk, night" <news@example.org>"#),
            "From: =?utf-8?b?RGVzaywgbmlnaHQ=?= <news@example.org>"
        );
        assert_eq!(
            from("Служба новин <news@example.org>"),
            "From: =?utf-8?b?0KHQu9GD0LbQsdCwINC90L7QstC40L0=?= <news@example.org>"
        );
    }

    proptest! {
        #[test]
        fn no_senders_name_can_add_a_field(name in "\\PC{0,100}") {
            let quoted = name.replace('\\', "\\\\").replace('"', "\\\"");
            let sender = Sender::parse(&format!("\"{quoted}\" <news@example.org>"));
            prop_assume!(sender.is_some());
            let usual = names(&String::from_utf8(encoded(&letter("s", "t")).unwrap().formatted()).unwrap()).iter().map(ToString::to_string).collect::<Vec<_>>();
            let message = encoded(&Letter { from: sender.unwrap(), ..letter("s", "t") }).unwrap();
            let text = String::from_utf8(message.formatted()).unwrap();
            prop_assert_eq!(names(&text), usual);
            prop_assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
        }

        #[test]
        fn no_text_can_add_a_field_or_end_the_head(
            subject in prop_oneof!["\\PC{0,200}", "[\r\n:a Ж=?<>@.]{0,100}", "(a\r\nBcc: x@y.z\r\n){1,3}", "\\x00{1,5}.{0,20}"],
            text in "[\r\n.a Ж-]{0,300}",
        ) {
            let usual = names(&String::from_utf8(encoded(&letter("s", "t")).unwrap().formatted()).unwrap()).iter().map(ToString::to_string).collect::<Vec<_>>();
            let message = String::from_utf8(encoded(&letter(&subject, &text)).unwrap().formatted()).unwrap();
            prop_assert_eq!(names(&message), usual);
            let lines = message.split("\r\n");
            prop_assert!(lines.clone().all(|line| line.len() <= 998), "RFC 5322 section 2.1.1");
            prop_assert!(message.split("\r\n").all(|line| !line.contains(['\r', '\n'])), "no bare line break");
        }
    }
}
