//! Where a subscription tells, as a body of `/v1/subscriptions` says it: `format` with its fields, or `email`.

use crate::model::{Chat, ChatParts, Endpoint, Format, Mailbox, Secret, WebUrl, WebhookForm};

use super::fields::Fields;

/// What is asked for.
pub(super) enum Wanted {
    /// A signed webhook; its fields are still to be read.
    Webhook(WebhookForm),
    /// Another; `None` where faults were noted.
    Other(Option<Endpoint>),
}

/// Reads the fields of all but webhooks.
pub(super) fn read(fields: &mut Fields) -> Wanted {
    if let Some(text) = fields.text("email") {
        let to = Mailbox::parse(&text);
        if to.is_none() {
            fields.fault("email", format!("{text:?} is not {}", Mailbox::FORM));
        }
        return Wanted::Other(to.map(Endpoint::Email));
    }
    let word = fields.text("format").unwrap_or_else(|| "standard".to_owned());
    match Format::parse(&word) {
        Some(Format::Webhook(form)) => Wanted::Webhook(form),
        Some(Format::Chat(service)) => {
            let url = fields.text("url");
            let address = url.as_deref().and_then(|url| WebUrl::parse(url).ok()).filter(is_bare);
            let is_wrong = url.is_some() && address.is_none();
            if is_wrong {
                // Not quoted: it may be a secret.
                fields.fault("url", "`url` is not a web address without a user name");
            }
            let parts = ChatParts {
                url: address,
                token: fields.text("token").map(Secret::new),
                room: fields.text("room"),
                priority: fields.count("priority", 10).and_then(|priority| u8::try_from(priority).ok()),
            };
            match Chat::new(service, parts) {
                Ok(chat) => Wanted::Other((!is_wrong).then_some(Endpoint::Chat(chat))),
                Err(faults) => {
                    for fault in faults.into_iter().filter(|fault| !(is_wrong && fault.field == "url")) {
                        fields.fault(fault.field, fault.detail);
                    }
                    Wanted::Other(None)
                }
            }
        }
        None => {
            fields.fault("format", format!("{word:?} is not a format (there are: {})", Format::words()));
            for name in ["url", "token", "room", "priority", "secret"] {
                fields.skip(name);
            }
            Wanted::Other(None)
        }
    }
}

fn is_bare(url: &WebUrl) -> bool {
    !url.names_user()
}
