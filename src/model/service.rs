//! Services that people read in: where each is reached, and what it needs besides an address.

use std::fmt;

use super::{Secret, WebUrl};

/// What a chat or push service is. Each has a pure `prepare` of its own in deliver/.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// An incoming webhook of Slack, or of what takes its messages (Mattermost).
    Slack,
    /// A webhook of a Discord channel.
    Discord,
    /// A workflow of Microsoft Teams that is triggered by a webhook.
    Teams,
    /// A bot of Telegram.
    Telegram,
    /// A room of Matrix.
    Matrix,
    /// A topic of an ntfy server.
    Ntfy,
    /// An application of a Gotify server.
    Gotify,
}

impl Service {
    /// All of them, in the order that documents list them.
    pub const ALL: [Self; 7] =
        [Self::Slack, Self::Discord, Self::Teams, Self::Telegram, Self::Matrix, Self::Ntfy, Self::Gotify];

    /// The fixed word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Slack => "slack",
            Self::Discord => "discord",
            Self::Teams => "teams",
            Self::Telegram => "telegram",
            Self::Matrix => "matrix",
            Self::Ntfy => "ntfy",
            Self::Gotify => "gotify",
        }
    }

    /// Whether whoever knows the address may write there: then it is a secret.
    pub fn has_secret_address(self) -> bool {
        match self {
            Self::Slack | Self::Discord | Self::Teams | Self::Ntfy => true,
            Self::Telegram | Self::Matrix | Self::Gotify => false,
        }
    }
}

/// What is said of a chat endpoint, before it is checked.
#[derive(Debug, Clone, Default)]
pub struct ChatParts {
    /// The incoming webhook, the server, or the server and topic (ntfy).
    pub url: Option<WebUrl>,
    /// What gives leave to write: a bot's, an application's or an access token.
    pub token: Option<Secret>,
    /// Which chat (Telegram) or room (Matrix).
    pub room: Option<String>,
    /// How loud (ntfy 1 to 5, Gotify 1 to 10); `None` leaves it to the server.
    pub priority: Option<u8>,
}

/// What is wrong with one of the [`ChatParts`]. Never quotes an address or a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatFault {
    /// The part: `url`, `token`, `room` or `priority`.
    pub field: &'static str,
    /// What is wrong, and what to do.
    pub detail: String,
}

/// A place in a service, complete and in form.
#[derive(Clone, PartialEq, Eq)]
pub struct Chat {
    service: Service,
    url: WebUrl,
    token: Secret,
    room: String,
    priority: Option<u8>,
}

/// Where bots of Telegram write, unless a server of one's own is named.
const TELEGRAM: &str = "https://api.telegram.org/";
/// No service has longer tokens or names of rooms.
const WORD_BYTES_MAX: usize = 1_024;

impl Chat {
    /// Puts a chat endpoint together.
    ///
    /// # Errors
    /// All that is missing, out of form, or not asked for by the service.
    pub fn new(service: Service, parts: ChatParts) -> Result<Self, Vec<ChatFault>> {
        let mut faults = Vec::new();
        let mut fault = |field, detail: &str| faults.push(ChatFault { field, detail: detail.to_owned() });
        let name = service.label();
        let url = match (service, parts.url) {
            (Service::Telegram, None) => WebUrl::parse(TELEGRAM).ok(),
            (_, url) => url,
        };
        match (&url, service) {
            (None, _) => fault("url", &format!("{name} needs {}", address_of(service))),
            (Some(url), Service::Ntfy) if ntfy_topic(url).is_none() => {
                fault("url", "expected the server with a topic, such as https://ntfy.sh/my-topic");
            }
            (Some(_), _) => {}
        }
        let token = parts.token.unwrap_or_else(|| Secret::new(""));
        if let Some(wrong) = wrong_token(service, token.reveal()) {
            fault("token", wrong);
        }
        let room = parts.room.map(|room| room.trim().to_owned()).unwrap_or_default();
        if let Some(wrong) = wrong_room(service, &room) {
            fault("room", wrong);
        }
        let loudest = match service {
            Service::Ntfy => Some((1, 5)),
            Service::Gotify => Some((1, 10)),
            Service::Slack | Service::Discord | Service::Teams | Service::Telegram | Service::Matrix => None,
        };
        match (parts.priority, loudest) {
            (Some(_), None) => fault("priority", &format!("{name} has no priorities")),
            (Some(given), Some((least, most))) if !(least..=most).contains(&given) => {
                fault("priority", &format!("{name} has priorities {least} to {most}"));
            }
            (Some(_) | None, _) => {}
        }
        match url {
            Some(url) if faults.is_empty() => Ok(Self { service, url, token, room, priority: parts.priority }),
            Some(_) | None => Err(faults),
        }
    }

    /// One that was checked when it was made; its token may have been forgotten since.
    pub fn restored(service: Service, url: WebUrl, token: Secret, room: String, priority: Option<u8>) -> Self {
        Self { service, url, token, room, priority }
    }

    /// The service.
    pub fn service(&self) -> Service {
        self.service
    }

    /// The incoming webhook, the server, or the server and topic.
    pub fn url(&self) -> &WebUrl {
        &self.url
    }

    /// What gives leave to write; empty where nothing is asked for.
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// The chat or room; empty where the address says it.
    pub fn room(&self) -> &str {
        &self.room
    }

    /// How loud.
    pub fn priority(&self) -> Option<u8> {
        self.priority
    }

    /// Server and topic of an ntfy address: its last step is the topic.
    pub fn topic(&self) -> Option<&str> {
        ntfy_topic(&self.url)
    }

    /// What people see of it.
    pub fn shown(&self) -> String {
        let origin = self.url.as_url().origin().ascii_serialization();
        match self.service {
            Service::Slack | Service::Discord | Service::Teams | Service::Ntfy => format!("{origin}/..."),
            Service::Telegram | Service::Matrix => format!("{origin} {}", self.room),
            Service::Gotify => self.url.redacted(),
        }
    }
}

/// The address may be a secret, the token is one.
impl fmt::Debug for Chat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Chat").field(&self.service).field(&self.shown()).finish()
    }
}

fn address_of(service: Service) -> &'static str {
    match service {
        Service::Slack => "the address of an incoming webhook, https://hooks.slack.com/services/...",
        Service::Discord => "the address of a channel's webhook, https://discord.com/api/webhooks/...",
        Service::Teams => "the address that a workflow is triggered by, https://...",
        Service::Telegram => "no address",
        Service::Matrix => "the address of the homeserver, such as https://matrix.org",
        Service::Ntfy => "the server with a topic, such as https://ntfy.sh/my-topic",
        Service::Gotify => "the address of the server, such as https://gotify.example.org",
    }
}

fn ntfy_topic(url: &WebUrl) -> Option<&str> {
    let topic = url.as_url().path_segments()?.next_back()?;
    let is_name = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    ((1..=64).contains(&topic.len()) && topic.bytes().all(is_name)).then_some(topic)
}

fn wrong_token(service: Service, token: &str) -> Option<&'static str> {
    if token.len() > WORD_BYTES_MAX || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Some("a token is visible ASCII without spaces");
    }
    let telegram = || {
        let (bot, key) = token.split_once(':')?;
        let is_key = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        (!bot.is_empty() && bot.bytes().all(|b| b.is_ascii_digit()) && key.len() >= 8 && key.bytes().all(is_key))
            .then_some(())
    };
    match service {
        Service::Slack | Service::Discord | Service::Teams => {
            (!token.is_empty()).then_some("its address is its secret: leave it out")
        }
        Service::Telegram => telegram()
            .is_none()
            .then_some("telegram needs the bot's token, a number, a colon and a key, as @BotFather gives it"),
        Service::Matrix => token.is_empty().then_some("matrix needs an access token of the account that writes"),
        Service::Gotify => token.is_empty().then_some("gotify needs the token of an application"),
        Service::Ntfy => None,
    }
}

fn wrong_room(service: Service, room: &str) -> Option<&'static str> {
    if room.len() > WORD_BYTES_MAX || room.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Some("a chat or room is named without spaces");
    }
    let number = room.strip_prefix('-').unwrap_or(room);
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let is_name = |name: &str| name.len() >= 4 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    match service {
        Service::Telegram if !is_number && !room.strip_prefix('@').is_some_and(is_name) => {
            Some("telegram needs a chat: its number, such as -1001234567890, or @name of a public channel")
        }
        Service::Matrix if room.starts_with('#') => {
            Some("this is an alias: give the room's own id, which begins with `!` (room settings, advanced)")
        }
        Service::Matrix if !room.starts_with('!') || room.len() < 2 => {
            Some("matrix needs a room's id, such as !abcdef:example.org")
        }
        Service::Telegram | Service::Matrix => None,
        Service::Slack | Service::Discord | Service::Teams | Service::Ntfy | Service::Gotify => {
            (!room.is_empty()).then_some("its address says where: leave it out")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(service: Service, url: Option<&str>, token: &str, room: &str) -> Result<Chat, Vec<&'static str>> {
        let parts = ChatParts {
            url: url.map(|url| WebUrl::parse(url).expect("an address")),
            token: Some(Secret::new(token)),
            room: Some(room.to_owned()),
            priority: None,
        };
        Chat::new(service, parts).map_err(|faults| faults.iter().map(|fault| fault.field).collect())
    }

    #[test]
    fn each_service_says_what_it_lacks_and_what_it_has_no_use_for() {
        let hook = Some("https://hooks.example/T0/B0/key");
        for service in [Service::Slack, Service::Discord, Service::Teams] {
            assert!(chat(service, hook, "", "").is_ok());
            assert_eq!(chat(service, None, "token", "room"), Err(vec!["url", "token", "room"]));
        }
        assert!(chat(Service::Telegram, None, "12345:AAbbCCdd-_", "-1001234567890").is_ok());
        assert!(chat(Service::Telegram, None, "12345:AAbbCCdd-_", "@news").is_ok());
        assert_eq!(chat(Service::Telegram, None, "12345:/../getMe", "news"), Err(vec!["token", "room"]));
        assert!(chat(Service::Matrix, Some("https://m.example"), "syt_x", "!abc:m.example").is_ok());
        assert_eq!(chat(Service::Matrix, None, "", "#news:m.example"), Err(vec!["url", "token", "room"]));
        assert_eq!(chat(Service::Ntfy, Some("https://ntfy.example/"), "", ""), Err(vec!["url"]));
        let ntfy = chat(Service::Ntfy, Some("https://home.example/ntfy/desk"), "", "").expect("complete");
        assert_eq!(ntfy.topic(), Some("desk"));
        assert_eq!(chat(Service::Gotify, Some("https://g.example"), "a b", ""), Err(vec!["token"]));
    }

    #[test]
    fn nothing_that_gives_leave_to_write_is_shown() {
        let slack = chat(Service::Slack, Some("https://hooks.example/T0/B0/key?k=key"), "", "").expect("complete");
        let telegram = chat(Service::Telegram, None, "12345:AAbbCCdd-key", "42").expect("complete");
        let ntfy = chat(Service::Ntfy, Some("https://ntfy.example/key"), "tk_key", "").expect("complete");
        for chat in [slack, telegram, ntfy] {
            assert!(!format!("{chat:?} {}", chat.shown()).contains("key"), "{chat:?}");
        }
    }
}
