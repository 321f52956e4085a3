//! Where a subscription tells, as `tidings subscription add` takes it.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::read_line;
use crate::model::{Chat, ChatParts, Endpoint, Format, Mailbox, Secret, WebUrl, WebhookForm};

use super::exit::Refusal;
use super::screen::shown;

/// What stands in the place of a standard webhook.
#[derive(Debug, Args)]
pub(super) struct PlaceArgs {
    /// How it is told: standard, cloudevents, cloudevents-structured, slack, discord, teams, telegram, matrix, ntfy, gotify
    #[arg(long, value_name = "FORMAT", conflicts_with = "email")]
    format: Option<String>,
    /// Read the service's address from this file (it is a secret that the shell's history need not have)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "email"])]
    url_file: Option<PathBuf>,
    /// Read the bot's, access or application token from this file
    #[arg(long, value_name = "FILE", conflicts_with = "email")]
    token_file: Option<PathBuf>,
    /// Telegram's chat, or Matrix's room (!id:server)
    #[arg(long, value_name = "ID", allow_hyphen_values = true, conflicts_with = "email")]
    room: Option<String>,
    /// How loud: ntfy 1 to 5, Gotify 1 to 10
    #[arg(long, value_name = "N", conflicts_with = "email")]
    priority: Option<u8>,
    /// Send mail to this address, through the relay of [email]
    #[arg(long, value_name = "ADDRESS", conflicts_with = "url")]
    email: Option<String>,
}

/// Where to.
pub(super) enum Place {
    /// A signed webhook; its secret is still to be found.
    Webhook(WebUrl, WebhookForm),
    /// Another.
    Other(Endpoint),
}

impl PlaceArgs {
    /// Reads them beside the address and whether a signing secret is given.
    pub(super) fn read(&self, url: Option<&str>, has_secret: bool) -> anyhow::Result<Place> {
        let usage = |text: String| anyhow::Error::from(Refusal::Usage(text));
        if let Some(text) = &self.email {
            if has_secret {
                return Err(usage("mail is not signed: leave out --secret-file".to_owned()));
            }
            let to = Mailbox::parse(text);
            let to = to.ok_or_else(|| usage(format!("{:?} is not {}", shown(text), Mailbox::FORM)))?;
            return Ok(Place::Other(Endpoint::Email(to)));
        }
        let word = self.format.as_deref().unwrap_or("standard");
        let format = Format::parse(word)
            .ok_or_else(|| usage(format!("{:?} is no format (expected one of {})", shown(word), Format::words())))?;
        let text = match (url, &self.url_file) {
            (Some(url), _) => Some(url.to_owned()),
            (None, Some(file)) => Some(line_of(file)?),
            (None, None) => None,
        };
        match format {
            Format::Webhook(form) => {
                let needless = [
                    ("--token-file", self.token_file.is_some()),
                    ("--room", self.room.is_some()),
                    ("--priority", self.priority.is_some()),
                ];
                if let Some((name, _)) = needless.iter().find(|(_, given)| *given) {
                    return Err(usage(format!("{name} means nothing for a webhook")));
                }
                let text = text.ok_or_else(|| usage("where to post is missing: give URL".to_owned()))?;
                let url = WebUrl::parse(&text).map_err(|why| usage(why.to_string()))?;
                match url.user_fault() {
                    None => Ok(Place::Webhook(url, form)),
                    Some(fault) => Err(usage(fault)),
                }
            }
            Format::Chat(service) => {
                if has_secret {
                    return Err(usage(format!("{word} is not signed: leave out --secret-file")));
                }
                // Not quoted: the address of a service is its secret.
                let address = |text: String| {
                    WebUrl::parse(&text).ok().ok_or_else(|| usage("the address is no web address".to_owned()))
                };
                let parts = ChatParts {
                    url: text.map(address).transpose()?,
                    token: self.token_file.as_deref().map(line_of).transpose()?.map(Secret::new),
                    room: self.room.clone(),
                    priority: self.priority,
                };
                let chat = Chat::new(service, parts).map_err(|faults| {
                    let told =
                        |field: &str| if field == "token" { "--token-file".to_owned() } else { field.to_owned() };
                    let all: Vec<_> =
                        faults.iter().map(|fault| format!("{}: {}", told(fault.field), fault.detail)).collect();
                    usage(all.join("; "))
                })?;
                Ok(Place::Other(Endpoint::Chat(chat)))
            }
        }
    }
}

fn line_of(file: &Path) -> anyhow::Result<String> {
    read_line(file).map_err(|why| Refusal::Data(format!("the file {}: {why}", file.display())).into())
}
