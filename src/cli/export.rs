//! `tidings export`: all that is stored, as JSON Lines, at one moment.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::{DeliveryId, Endpoint, EventId, Sequence, StoryId, Subscription};
use crate::port::{Listed, Store};
use crate::server::wire;

use super::exit::Refusal;
use super::moment;
use super::screen::{Screen, shown};

/// Things of one page: what an export holds in memory.
const PAGE: usize = 200;
/// The version of the lines: grows when one that reads them must be changed.
const VERSION: u32 = 1;

/// What, and where to.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  tidings export /var/backups/tidings.jsonl\n  \
                        tidings export --since 7d | grep '\"kind\":\"event\"'")]
pub(super) struct ExportArgs {
    /// The file to write; it must not exist. -: stdout
    #[arg(default_value = "-")]
    pub(super) file: PathBuf,
    /// Stories seen, events changed and what was told since: a date, a time, or how long ago (24h, 3d)
    #[arg(long, value_name = "TIME")]
    pub(super) since: Option<String>,
    /// With the secrets and full addresses of subscriptions
    #[arg(long)]
    pub(super) secrets: bool,
}

/// Writes the lines.
pub(super) fn export(store: &mut dyn Store, args: &ExportArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let since = args.since.as_deref().map(|text| moment::parse(text, screen.now())).transpose();
    let since = since.map_err(Refusal::Usage)?;
    let now = screen.now();
    if args.file == Path::new("-") {
        let mut lines = Lines { out: screen.sink(), count: 0 };
        return lines.all(store, since, args.secrets, now);
    }
    let file = args.file.display().to_string();
    if args.file.exists() {
        return Err(Refusal::Usage(format!("{file} exists already; name a new file")).into());
    }
    let mut name = args.file.clone().into_os_string();
    name.push(".part");
    let part = PathBuf::from(name);
    let count = write_file(store, &part, since, args.secrets, now)
        .and_then(|count| fs::rename(&part, &args.file).map(|()| count).context("name it"))
        .inspect_err(|_failed| {
            // Half an export helps nobody.
            fs::remove_file(&part).ok();
        })
        .with_context(|| format!("write {file}"))?;
    if screen.is_json() {
        return Ok(screen.record(&json!({"file": file, "lines": count}))?);
    }
    Ok(screen.line(&format!("{count} lines written to {}", shown(&file)))?)
}

fn write_file(
    store: &mut dyn Store,
    part: &Path,
    since: Option<Timestamp>,
    secrets: bool,
    now: Timestamp,
) -> anyhow::Result<u64> {
    let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(part)?;
    let mut out = BufWriter::new(file);
    let mut lines = Lines { out: &mut out, count: 0 };
    lines.all(store, since, secrets, now)?;
    let count = lines.count;
    let file: File = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(count)
}

/// The lines, and how many there are.
struct Lines<'a> {
    out: &'a mut dyn Write,
    count: u64,
}

impl Lines<'_> {
    /// All of the store at one moment: what is declared, then what came, then what was told.
    fn all(
        &mut self,
        store: &mut dyn Store,
        since: Option<Timestamp>,
        secrets: bool,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        store.begin_view()?;
        let header = json!({
            "v": VERSION, "tidings": env!("CARGO_PKG_VERSION"), "at": now.to_string(),
            "since": since.map(|at| at.to_string()), "secrets": secrets,
        });
        self.line("export", &header)?;
        let since = since.unwrap_or(Timestamp::UNIX_EPOCH);
        self.declared(store, secrets, now)?;
        self.stories(store, since)?;
        self.labels(store)?;
        self.told(store, since)?;
        store.end_view()?;
        let count = self.count;
        self.line("end", &json!({"lines": count}))?;
        Ok(self.out.flush()?)
    }

    fn line(&mut self, kind: &str, data: &impl serde::Serialize) -> anyhow::Result<()> {
        let line = serde_json::to_string(&Line { kind, data }).context("write a line")?;
        writeln!(self.out, "{line}")?;
        self.count += 1;
        Ok(())
    }

    fn declared(&mut self, store: &mut dyn Store, secrets: bool, now: Timestamp) -> anyhow::Result<()> {
        for topic in store.topics()? {
            self.line("topic", &wire::Topic::from(&topic))?;
            let mut before = None;
            loop {
                let page = store.topic_versions(&topic.spec.key, before, PAGE)?;
                let Some(oldest) = page.last() else { break };
                before = Some(oldest.number);
                for version in &page {
                    self.line("topic_version", &wire::TopicVersion::from(version))?;
                }
            }
        }
        let beside = wire::Beside::new(store.channels()?, store.pauses(now)?, now);
        for source in store.sources(Listed::All)? {
            self.line("source", &wire::Source::new(&source, &beside))?;
        }
        for subscription in store.subscriptions()? {
            self.line("subscription", &wire::Subscription::from(&subscription))?;
            if secrets {
                self.line("secret", &secret(&subscription))?;
            }
        }
        Ok(())
    }

    fn stories(&mut self, store: &mut dyn Store, since: Timestamp) -> anyhow::Result<()> {
        let mut after = StoryId(0);
        loop {
            let page = store.stories_since(since, after, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            for story in &page {
                self.line("story", &wire::Story::from(story))?;
                let (revisions, decisions) = store.history(story.id)?;
                for old in revisions {
                    self.line(
                        "revision",
                        &json!({
                            "story": story.id.0, "revision": old.number, "title": old.title, "text": old.text,
                            "replaced_at": old.replaced_at.to_string(),
                        }),
                    )?;
                }
                for decision in &decisions {
                    self.line("decision", &Decided { story: story.id.0, decision: decision.into() })?;
                }
            }
        }
    }

    fn labels(&mut self, store: &mut dyn Store) -> anyhow::Result<()> {
        let mut after = 0;
        loop {
            let page = store.labels(after, PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = *last;
            for (id, label) in &page {
                self.line("label", &wire::LabelLine::of(*id, label))?;
            }
        }
    }

    fn told(&mut self, store: &mut dyn Store, since: Timestamp) -> anyhow::Result<()> {
        let mut after = EventId(0);
        loop {
            let page = store.all_events(since, after, PAGE)?;
            let Some(last) = page.last() else { break };
            after = last.id;
            page.iter().try_for_each(|event| self.line("event", &wire::Event::from(event)))?;
        }
        let mut after = Sequence(0);
        loop {
            let page = store.all_notifications(since, after, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            page.iter().try_for_each(|(seq, told)| self.line("notification", &wire::Logged::of(*seq, told)))?;
        }
        let mut after = DeliveryId(0);
        loop {
            let page = store.all_deliveries(since, after, PAGE)?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id;
            page.iter().try_for_each(|delivery| self.line("delivery", &wire::Delivery::from(delivery)))?;
        }
    }
}

/// A line: what it is, and the thing itself as `--json` prints it.
#[derive(serde::Serialize)]
struct Line<'a, T> {
    kind: &'a str,
    data: &'a T,
}

/// A decision with the story that it is of.
#[derive(serde::Serialize)]
struct Decided {
    story: i64,
    decision: wire::Decision,
}

/// What nothing else shows of a subscription.
fn secret(subscription: &Subscription) -> Value {
    let spec = &subscription.spec;
    let address = spec.endpoint.url().map(|url| url.as_url().to_string());
    let (secret, public_key) = match &spec.endpoint {
        Endpoint::Webhook { secret, .. } => (Some(secret.reveal()), None),
        Endpoint::WebPush { auth, p256dh, .. } => (Some(auth.reveal()), Some(p256dh.as_str())),
        Endpoint::Chat(chat) => (Some(chat.token().reveal()).filter(|token| !token.is_empty()), None),
        Endpoint::Email(_) => (None, None),
    };
    let old: Vec<Value> = spec
        .old_secrets
        .iter()
        .map(|old| json!({"secret": old.secret.reveal(), "until": old.until.to_string()}))
        .collect();
    json!({
        "subscription": subscription.id.0, "address": address, "secret": secret, "p256dh": public_key,
        "old_secrets": old,
    })
}
