//! What the configuration says, as plain typed values; the rooms that use them make their policies of these.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use crate::mail::Security;
use crate::model::{Secret, Sender, TopicKey, WebUrl};
use crate::port::Declared;

/// A mistake in a topic's query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryProblem {
    /// Its place: bytes of the query.
    pub span: Range<usize>,
    /// What was found, a fragment.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
    /// Whether the query can be read all the same: it is refused where it is written by hand, and told as a note where it is declared.
    pub is_doubt: bool,
}

/// Checks that belong to other rooms. Each gives what is wrong, or nothing.
#[derive(Clone, Copy)]
pub struct Checks<'a> {
    /// Holds a topic's query against the query's grammar.
    pub query: &'a dyn Fn(&str) -> Vec<QueryProblem>,
    /// Holds a text against the grammar of CSS selectors.
    pub selector: &'a dyn Fn(&str) -> Option<String>,
    /// Holds an entry of `network.allow` against what the address guard takes.
    pub allow: &'a dyn Fn(&str) -> Option<String>,
    /// Holds a text against the form of signing secrets. The answer must not hold the secret.
    pub signing_secret: &'a dyn Fn(&str) -> Option<String>,
    /// Holds a text against the form of keys that secrets are sealed under. The answer must not hold the key.
    pub storage_key: &'a dyn Fn(&str) -> Option<String>,
}

/// All that a configuration file says, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Topics, sources and subscriptions.
    pub declared: Declared,
    /// `[poll]`
    pub poll: PollSettings,
    /// `[[domains]]`
    pub domains: Vec<DomainSettings>,
    /// `[network]`
    pub network: NetworkSettings,
    /// `[delivery]`
    pub delivery: DeliverySettings,
    /// `[events]`
    pub events: EventSettings,
    /// `[server]`
    pub server: ServerSettings,
    /// `[websub]`
    pub websub: WebSubSettings,
    /// `[hub]`
    pub hub: HubSettings,
    /// `[push]`
    pub push: PushSettings,
    /// `[self_service]`
    pub self_service: SelfServiceSettings,
    /// `[storage]`
    pub storage: StorageSettings,
    /// `[model]`
    pub model: ModelSettings,
    /// `[retention]`
    pub retention: RetentionSettings,
    /// `[log]`
    pub log: LogSettings,
    /// What was left unchecked and why, a sentence each.
    pub notices: Vec<String>,
    /// Subscriptions that the file declares and `declared` leaves out, as the command doesn't need their secrets, or can't have them here.
    pub unread: usize,
    /// `[email]`; `None` where it names no relay.
    pub email: Option<EmailSettings>,
    /// `[control]`
    pub control: ControlSettings,
}

/// `[poll]`: how often and how politely.
#[derive(Debug, Clone, PartialEq)]
pub struct PollSettings {
    /// Never polled sooner than this after a poll, unless the source says otherwise.
    pub interval_min: Duration,
    /// Never later, unless the source says otherwise.
    pub interval_max: Duration,
    /// Requests to sources a day, in all; `None` is one each half hour for each source.
    pub requests_per_day: Option<u32>,
    /// Between two requests to one registered domain.
    pub domain_spacing: Duration,
    /// Polls under way at once.
    pub concurrency: usize,
    /// Random lengthening of an interval, a fraction of it.
    pub jitter: f64,
    /// Whether an event that two sources tell of brings the polls of others forward.
    pub boost: bool,
    /// Article pages that are read for one topic in a day, where title and summary leave open whether a story is on it.
    pub pages_per_topic_per_day: usize,
    /// Failed polls in a row until `source.failing` is told.
    pub failing_after: u32,
}

/// `[[domains]]`: what holds for one registered domain beyond the rule.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainSettings {
    /// Its name, in lower case.
    pub domain: String,
    /// Between two requests to it; `None` as for all.
    pub spacing: Option<Duration>,
    /// Whether its `robots.txt` is obeyed.
    pub robots: bool,
}

/// `[network]`: who we are on the web and where we may go.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkSettings {
    /// The User-Agent, the contact in it; never empty.
    pub user_agent: String,
    /// Whom publishers and push services may turn to, as written.
    pub contact: Option<String>,
    /// Whether `robots.txt` is asked before a page is fetched.
    pub robots: bool,
    /// Whether private and loopback addresses may be fetched and posted to.
    pub allow_private: bool,
    /// Networks, addresses and host names that may be, although private.
    pub allow: Vec<String>,
    /// Ports that may be asked besides the usual ones.
    pub ports: Vec<u16>,
    /// Until a connection stands.
    pub connect_timeout: Duration,
    /// Until the head of an answer has come.
    pub answer_timeout: Duration,
    /// Until the last byte of a body.
    pub total_timeout: Duration,
    /// How long a body may stay under the slowest speed.
    pub slow: Duration,
    /// Bytes that must come in each such span.
    pub slowest_bytes: usize,
    /// Bytes of a feed after decompression.
    pub feed_body_bytes: usize,
    /// Bytes of a page after decompression.
    pub page_body_bytes: usize,
}

/// `[delivery]`: how notifications are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct DeliverySettings {
    /// Until an endpoint must have answered.
    pub timeout: Duration,
    /// Deliveries begun at once, but for those that have waited for their endpoint for a while.
    pub concurrency: usize,
    /// Of those, to one endpoint.
    pub per_endpoint: usize,
    /// Waits after the first, second, ... failed attempt; the last one repeats.
    pub retry_waits: Vec<Duration>,
    /// Random lengthening of a wait, a fraction of it.
    pub jitter: f64,
    /// After this a delivery is given up.
    pub expire: Duration,
    /// Failures in a row until an endpoint is left alone.
    pub open_after: u32,
    /// The first such pause, where the endpoint does not say how long.
    pub pause: Duration,
    /// The longest.
    pub pause_max: Duration,
    /// A subscription whose endpoint only failed for so long is disabled; `None`: never.
    pub disable_after: Option<Duration>,
}

/// `[events]`: when two stories tell of one event.
#[derive(Debug, Clone, PartialEq)]
pub struct EventSettings {
    /// A story joins an event whose last story is at most this old.
    pub window: Duration,
    /// The similarity from which on they do, where fixed by hand.
    pub same_event: Option<f64>,
}

/// `[server]`: the HTTP side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSettings {
    /// Where it listens; `None` switches it off.
    pub listen: Option<SocketAddr>,
    /// The bearer token of `/v1` that may do everything; others are made.
    pub token: Option<Secret>,
    /// Requests that one token may make in a minute.
    pub requests_per_minute: u32,
    /// Requests with tokens that don't count that one address may make in a minute.
    pub failures_per_minute: u32,
    /// Whether `/v1/stream` gives events without it.
    pub public_stream: bool,
    /// Whether the readers' pages are shown without signing in.
    pub public_pages: bool,
    /// Names under which browsers reach it, besides addresses and `localhost`; empty: any.
    pub hosts: Vec<String>,
    /// Networks and addresses of reverse proxies besides this machine's, as written.
    pub trusted_proxies: Vec<String>,
    /// Origins whose pages may read `/v1` and `/feeds/`, as browsers write them; `*` is any.
    pub origins: Vec<String>,
}

/// `[websub]`: how hubs reach us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebSubSettings {
    /// The public address of this daemon; `None`: nothing is subscribed to.
    pub callback: Option<WebUrl>,
    /// For how long hubs are asked to push.
    pub lease: Duration,
}

/// `[hub]`: pushes of our own feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubSettings {
    /// Whether they are pushed.
    pub enabled: bool,
    /// Followers at the same time.
    pub followers_max: usize,
    /// Requests to follow, or to be left alone, of one address in an hour.
    pub hourly_per_address: u32,
}

/// `[push]`: readers' devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSettings {
    /// Whether browsers may subscribe.
    pub enabled: bool,
    /// Devices at the same time.
    pub devices_max: usize,
    /// New devices and tests for one address in an hour.
    pub hourly_per_address: u32,
    /// Hosts of push services that are posted to; `None`: any.
    pub services: Option<Vec<String>>,
}

/// `[email]`: the relay that takes letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailSettings {
    /// The relay's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept secret.
    pub security: Security,
    /// User and password; `None` where it asks for none.
    pub login: Option<(String, Secret)>,
    /// Who writes.
    pub from: Sender,
    /// A certificate to trust besides the system's, in PEM.
    pub root: Option<Vec<u8>>,
}

/// `[self_service]`: webhooks that anybody may subscribe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelfServiceSettings {
    /// Whether anybody may.
    pub enabled: bool,
    /// To these topics alone; empty: to all.
    pub topics: Vec<TopicKey>,
    /// At the same time, in all.
    pub subscriptions_max: usize,
    /// New ones and changes of address for one address in a day.
    pub daily_per_address: u32,
}

/// `[storage]`: where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageSettings {
    /// The database file.
    pub path: PathBuf,
    /// The key that secrets in it are sealed under; `None`: they stand in the clear.
    pub key: Option<Secret>,
    /// The one before it.
    pub old_key: Option<Secret>,
}

/// `[control]`: where the running daemon is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlSettings {
    /// Its socket; `None` where nothing says.
    pub socket: Option<PathBuf>,
    /// Whether the file names it. Then it must be there; else the daemon does without where it can't be.
    pub named: bool,
}

/// `[model]`: the sentence model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSettings {
    /// Its folder.
    pub path: PathBuf,
    /// Whether the file names it. Then it must be there; else what can be done without it is done.
    pub named: bool,
}

/// `[retention]`: what is kept how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionSettings {
    /// Texts of stories that are on no topic.
    pub off_topic: Duration,
    /// Such stories, whole but for what they are known by.
    pub stories: Duration,
    /// Texts of stories on a topic; `None`: for good.
    pub told: Option<Duration>,
    /// Finished deliveries.
    pub deliveries: Duration,
    /// How large the database may be; `None`: as large as it gets.
    pub size_bytes_max: Option<u64>,
}

/// `[log]`: what is said on stderr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// A level, or a filter in the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// In which form.
    pub format: LogFormat,
}

/// In which form logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal and under systemd, else JSON.
    Auto,
    /// Lines for people.
    Text,
    /// An object a line.
    Json,
}
