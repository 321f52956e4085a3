//! The composition root: settings to running parts. Adapters (reqwest, SQLite) are named here and nowhere above.

use std::fs::{DirBuilder, File, TryLockError};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::config::{DomainSettings, EmailSettings, NetworkSettings, Settings};
use crate::daemon::{
    Bells, Dice, DomainPolicy, HubTerms, Keeper, LoopPolicy, MAX_WAIT, Mail, Marketplace, Mischief, Observer, Parts,
    Reach, Reckoning, RobotsBook, Status, SystemClock, Terms, WebPush, WebSub,
};
use crate::dedup::{EventPolicy, Threshold};
use crate::deliver::format::Letter;
use crate::deliver::web_push::{VapidKey, subject};
use crate::deliver::{HealthPolicy, RetryPolicy};
use crate::mail::{Mailer, Relay};
use crate::model::{Limits, Secret};
use crate::net::{Allow, Bounds, ClientError, Guard, NetPolicy, WebClient};
use crate::port::{Clock, ExchangeFuture, Http, Store, Surveys as _, Synced, Tally};
use crate::schedule::PollPolicy;
use crate::store::{self, SqliteStore};
use crate::websub::Policy;

use super::control::in_words;
use super::descriptors;
use super::secret::entropy;
use super::{model, open, sealing};

/// Running parts, and what must live as long as they do.
pub(super) struct Assembly {
    pub(super) parts: Parts,
    pub(super) terms: watch::Sender<Arc<Terms>>,
    /// Held while this process is the store's only worker; `None` when another one is.
    pub(super) lock: Option<File>,
    /// How the configuration differs from what is in force, where a daemon runs that has not taken it up: in words.
    pub(super) unlike: Option<String>,
}

/// Who else may work on the store at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Company {
    /// Nobody: a second daemon on one file would only contend for leases.
    Alone,
    /// A daemon may be running: leases keep us out of each other's way.
    Shared,
}

/// The policies and the HTTP client that settings ask for.
pub(super) fn terms(settings: &Settings) -> anyhow::Result<Terms> {
    terms_for(settings, WebClient::new)
}

/// The same with a client made in a way.
fn terms_for(settings: &Settings, client: fn(&NetPolicy) -> Result<WebClient, ClientError>) -> anyhow::Result<Terms> {
    let network = &settings.network;
    let policy = NetPolicy {
        user_agent: network.user_agent.clone(),
        guard: guard(network)?,
        bounds: Bounds {
            answer: network.answer_timeout,
            slow: network.slow,
            slowest_bytes: network.slowest_bytes,
            ..Bounds::default()
        },
    };
    let http: Arc<dyn Http> = Arc::new(client(&policy).context("build the HTTP client")?);
    let limits = |body_bytes| Limits { connect: network.connect_timeout, total: network.total_timeout, body_bytes };
    Ok(Terms {
        http,
        loops: LoopPolicy {
            max_wait: MAX_WAIT,
            poll_concurrency: settings.poll.concurrency,
            domain_spacing: settings.poll.domain_spacing,
            domains: settings.domains.iter().map(domain_policy).collect(),
            boost: settings.poll.boost,
            pages_a_day: settings.poll.pages_per_topic_per_day,
            robots: network.robots,
            product: product(&network.user_agent),
            delivery_concurrency: settings.delivery.concurrency,
            delivery_connections: connections(settings.delivery.concurrency),
            per_endpoint: settings.delivery.per_endpoint,
            feed_limits: limits(network.feed_body_bytes),
            page_limits: limits(network.page_body_bytes),
            off_topic_keep: settings.retention.off_topic,
            stories_keep: settings.retention.stories,
            told_keep: settings.retention.told,
            deliveries_keep: settings.retention.deliveries,
            size_bytes_max: settings.retention.size_bytes_max,
        },
        poll: PollPolicy {
            jitter: settings.poll.jitter,
            failing_after: settings.poll.failing_after,
            requests_per_day: settings.poll.requests_per_day,
            ..PollPolicy::default()
        },
        retry: RetryPolicy {
            waits: settings.delivery.retry_waits.clone(),
            jitter: settings.delivery.jitter,
            expire: settings.delivery.expire,
            timeout: settings.delivery.timeout,
            health: HealthPolicy {
                open_after: settings.delivery.open_after,
                rest_min: settings.delivery.pause,
                rest_max: settings.delivery.pause_max,
                jitter: settings.delivery.jitter,
                asked_max: settings.delivery.expire,
                disable_after: settings.delivery.disable_after,
            },
        },
        events: event_policy(settings),
        model: model::find(&settings.model).context("open the sentence model")?.map(Arc::new),
        // Apple's push service refuses tokens that name nobody.
        contact: settings
            .network
            .contact
            .as_deref()
            .and_then(subject)
            .or(Some(env!("CARGO_PKG_REPOSITORY").to_owned())),
        websub: settings.websub.callback.clone().map(|callback| WebSub {
            policy: Policy { callback, lease: settings.websub.lease },
            entropy: || entropy().ok(),
        }),
        mail: settings.email.as_ref().map(mail).transpose()?,
        hub: settings
            .hub
            .enabled
            .then_some(HubTerms { followers_max: settings.hub.followers_max, entropy: || entropy().ok() }),
    })
}

/// How letters go out: to the relay, under the sender's name.
fn mail(email: &EmailSettings) -> anyhow::Result<Mail> {
    let relay = Relay {
        host: email.host.clone(),
        port: email.port,
        security: email.security,
        login: email.login.clone(),
        greeting: email.from.mailbox.domain().to_owned(),
        root: email.root.clone(),
    };
    let mailer = Mailer::new(&relay).context("set up [email]")?;
    let send = move |letter: Letter| -> ExchangeFuture<'static> {
        let mailer = mailer.clone();
        Box::pin(async move { mailer.send(&letter).await })
    };
    Ok(Mail::new(email.from.clone(), Arc::new(send)))
}

/// What keeps us off private addresses.
pub(super) fn guard(network: &NetworkSettings) -> anyhow::Result<Guard> {
    let allow: Result<Vec<_>, _> = network.allow.iter().map(|entry| Allow::parse(entry)).collect();
    let allow = allow.context("read network.allow")?;
    Ok(Guard::new(network.allow_private, &allow).with_ports(&network.ports))
}

fn domain_policy(domain: &DomainSettings) -> (String, DomainPolicy) {
    (domain.domain.clone(), DomainPolicy { spacing: domain.spacing, ignores_robots: !domain.robots })
}

/// The product token of a user agent: its first letters (RFC 9309 section 2.2.1).
fn product(user_agent: &str) -> String {
    let token: String = user_agent.chars().take_while(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_')).collect();
    if token.is_empty() { "tidings".to_owned() } else { token }
}

/// What is the same event, as configured. A likeness that is set stands, however many events are open and whatever they name.
pub(super) fn event_policy(settings: &Settings) -> EventPolicy {
    let policy = EventPolicy { window: settings.events.window, ..EventPolicy::default() };
    match settings.events.same_event {
        Some(likeness) => {
            let stands = Threshold::fixed(likeness);
            EventPolicy { by_words: stands, by_meaning: stands, of_others: 1.0, ..policy }
        }
        None => policy,
    }
}

/// Opens the store, makes it match the settings (unless a daemon runs on it: what is in force is for a reload to change), and puts the
/// parts together.
///
/// # Errors
/// When the store can't be opened, or `company` is alone and another daemon holds it.
pub(super) fn assemble(settings: &Settings, company: Company, observer: Observer) -> anyhow::Result<Assembly> {
    let path = &settings.storage.path;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let keys = open::keys(settings)?;
    // Before the file is opened: a restore holds the lock while it puts another in its place.
    // What stands in the way of the lock stands in the way of the store, which says it better.
    let opened = || SqliteStore::open_with(path, &keys);
    let lock = lock(path).or_else(|error| opened().map_err(Into::into).and(Err(error)))?;
    let now = clock.now();
    if lock.is_none() && company == Company::Alone {
        anyhow::bail!(
            "start: another tidings is running on {}; stop it first, or give this one a storage.path of its own",
            path.display()
        )
    }
    let mut writer = opened()?;
    if lock.is_some() {
        sealing::seal(&mut writer, now)?;
        writer.release_leases(now)?;
        let ahead = writer.turn_back_plans(None, now)?;
        if !ahead.is_zero() {
            tracing::warn!(
                by_secs = ahead.as_secs(),
                "the clock was put back since the last life: plans are brought forward"
            );
        }
    }
    let unlike = if lock.is_some() {
        let synced = writer.sync(&settings.declared, now)?;
        for note in synced.words().chain(writer.adrift()?.words()) {
            tracing::warn!("of the configuration that was taken up: {note}");
        }
        None
    } else {
        differs(&writer.would_sync(&settings.declared, now)?)
    };
    let vapid = vapid_key(&mut writer, now)?;
    let last = writer.last_moment()?;
    let reader = || SqliteStore::open_reader_with(path, &keys);
    let (writer, loops) = (Box::new(writer), Box::new(reader()?));
    // A daemon says at its start that there are no certificates; a command that asks `http` alone needs none.
    let (keeper, terms) = match company {
        Company::Alone => (Keeper::threads(writer, [loops, Box::new(reader()?)])?, terms(settings)?),
        Company::Shared => {
            (Keeper::without_guests(writer, loops)?, terms_for(settings, WebClient::without_certificates)?)
        }
    };
    let (sender, receiver) = watch::channel(Arc::new(terms));
    let parts = Parts {
        status: Status::new(now),
        reckoning: Reckoning::since(last, now),
        clock,
        keeper,
        bells: Bells::default(),
        mischief: Mischief::default(),
        dice: Dice::new(seed()),
        market: Marketplace::default(),
        robots: RobotsBook::default(),
        reach: Reach::default(),
        web_push: Some(WebPush::new(vapid, || entropy().ok())),
        terms: receiver,
        observer,
        entropy: || entropy().ok(),
    };
    Ok(Assembly { parts, terms: sender, lock, unlike })
}

/// What a reload would change, in words; `None` where that is nothing.
fn differs(synced: &Synced) -> Option<String> {
    let Synced { topics, sources, subscriptions, .. } = *synced;
    let kinds = [("topics", topics), ("sources", sources), ("subscriptions", subscriptions)];
    let changed = kinds.into_iter().filter(|(_, tally)| *tally != Tally::default());
    let words: Vec<String> = changed.map(|(kind, tally)| format!("{kind}: {}", in_words(tally))).collect();
    (!words.is_empty()).then(|| {
        format!(
            "another tidings works on this database, and the configuration as it is now is not in force ({}): this goes by the topics, \
             sources and subscriptions in force; to take it up: tidings reload where that is the daemon, or run this again when it has ended",
            words.join("; ")
        )
    })
}

/// The key that browsers subscribe to, made at the first start.
fn vapid_key(store: &mut dyn Store, now: Timestamp) -> anyhow::Result<VapidKey> {
    let kept = match store.vapid_key()? {
        Some(kept) => kept,
        None => store.keep_vapid_key(&Secret::new(VapidKey::write(&entropy()?)), now)?,
    };
    VapidKey::parse(kept.reveal()).context("read the stored VAPID key")
}

/// Takes the lock beside the database; `None` when another process holds it. It is released when the file is closed,
/// by the kernel too when the process is killed.
pub(super) fn lock(path: &Path) -> anyhow::Result<Option<File>> {
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("make the folder {}", folder.display()))?;
    }
    let name = store::lock_name(path);
    let file = store::open_lock(path).with_context(|| format!("open the lock file {}", name.display()))?;
    for again in 0..=LOCK_AGAIN {
        if again > 0 {
            pause();
        }
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("lock {}", name.display())),
        }
    }
    Ok(None)
}

/// Who only looks whether the lock is taken holds it for a moment: it is tried again so often, so far apart.
const LOCK_AGAIN: u32 = 5;
const LOCK_WAIT: Duration = Duration::from_millis(20);

#[expect(clippy::disallowed_methods, reason = "a tenth of a second at most, before any loop turns")]
fn pause() {
    std::thread::sleep(LOCK_WAIT);
}

/// Whether a tidings works on the store at `path`, by its lock; `None` where that can't be told, as when the file may not be read.
pub(super) fn is_at_work(path: &Path) -> Option<bool> {
    let file = match File::open(store::lock_name(path)) {
        Ok(file) => file,
        Err(why) if why.kind() == ErrorKind::NotFound => return Some(false),
        Err(_unreadable) => return None,
    };
    match file.try_lock_shared() {
        Ok(()) => Some(false),
        Err(TryLockError::WouldBlock) => Some(true),
        Err(TryLockError::Error(_)) => None,
    }
}

/// A seed for jitter, from the operating system's randomness by way of the standard library's hasher keys.
fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// How many attempts may wait for their endpoints: sixteen times those that may begin at once, and of the descriptors there are no more
/// than a quarter.
fn connections(concurrency: usize) -> usize {
    concurrency.saturating_mul(16).min(descriptors::limit() / 4).max(concurrency)
}
