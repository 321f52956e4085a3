//! `tidings watch`: the daemon for one topic, without a configuration file.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use crate::config::{Problems, Settings, doubts};
use crate::daemon::Reload;
use crate::deliver::SigningSecret;
use crate::model::{
    Endpoint, Filter, Priority, Secret, SourceKind, SourceSpec, SubscriptionSpec, TopicKey, TopicSpan, TopicSpec,
    WebUrl,
};
use crate::port::Declared;
use crate::url::site;

use super::checks;
use super::exit::Refusal;
use super::inherited::Inherited;
use super::log::Spoken;
use super::run;
use super::screen::{Screen, shown};
use super::secret::entropy;

/// What to watch, and where.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings watch 'lunar AND (lander OR rover)' https://www.nasa.gov/feed/ https://www.esa.int/rssfeed/Our_Activities
  tidings watch earthquake https://example.org/feed.xml --webhook https://example.com/hook --secret whsec_...

Data is kept in a temporary file and lost at the end, unless --data names one.")]
pub(super) struct WatchArgs {
    /// What to look for: AND, OR, NOT, parentheses, "phrases", prefix*
    pub(super) query: String,
    /// Addresses of feeds
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) sources: Vec<String>,
    /// Post each event to this webhook too
    #[arg(long, value_name = "URL")]
    pub(super) webhook: Option<String>,
    /// Sign what is posted with this secret; one is made and shown where it is missing
    #[arg(long, value_name = "WHSEC", requires = "webhook", value_parser = hidden)]
    pub(super) secret: Option<Secret>,
    /// Poll this often at least, in minutes
    #[arg(long, value_name = "MINUTES", default_value_t = 15.0)]
    pub(super) every: f64,
    /// Allow private and loopback addresses
    #[arg(long)]
    pub(super) allow_private: bool,
    /// Keep the data in this file
    #[arg(long, value_name = "FILE")]
    pub(super) data: Option<PathBuf>,
}

/// Watches until it is asked to end; events are told on the screen.
pub(super) async fn watch(mut settings: Settings, args: &WatchArgs, screen: &mut Screen) -> anyhow::Result<()> {
    let problems = checks::query(&args.query);
    if !problems.is_empty() {
        return Err(Refusal::Query(Problems::of_query(&args.query, &problems)).into());
    }
    let folder = tempfolder(args.data.as_ref())?;
    settings.declared = declared(args, screen)?;
    settings.network.allow_private |= args.allow_private;
    settings.server.listen = None;
    settings.storage.path = args.data.clone().unwrap_or_else(|| folder.join("watch.db"));
    // There is no file to read again.
    settings.control.socket = None;
    let reload: Reload = Box::new(|| anyhow::bail!("this daemon has no configuration file (tidings watch)"));
    let done = run::serve(settings, reload, <(PathBuf, Inherited)>::default(), (Spoken::Lines, screen)).await;
    if args.data.is_none() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("remove {}", folder.display()))?;
    }
    done
}

/// A folder of our own for data that is not kept.
fn tempfolder(data: Option<&PathBuf>) -> anyhow::Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("tidings-watch-{}", std::process::id()));
    if data.is_none() {
        std::fs::create_dir(&folder).with_context(|| format!("make the folder {}", folder.display()))?;
    }
    Ok(folder)
}

fn declared(args: &WatchArgs, screen: &mut Screen) -> anyhow::Result<Declared> {
    let usage = |why: String| Refusal::Usage(why);
    let every = Duration::try_from_secs_f64(args.every * 60.0)
        .ok()
        .filter(|every| !every.is_zero())
        .ok_or_else(|| usage(format!("--every {}: expected minutes above 0", args.every)))?;
    let mut sources = Vec::new();
    for address in &args.sources {
        let url = WebUrl::parse(address).map_err(|why| usage(why.to_string()))?;
        let publisher = site(url.host_text()).to_owned();
        sources.push(SourceSpec {
            name: publisher.clone(),
            publisher,
            url,
            kind: SourceKind::Feed,
            lang: None,
            topics: Vec::new(),
            interval_min: every,
            interval_max: every,
            priority: Priority::Normal,
            full_text: false,
        });
    }
    let key = TopicKey::parse("watch").context("name the topic")?;
    let topic = TopicSpec {
        key,
        name: args.query.clone(),
        query: args.query.clone(),
        fresh: Duration::from_hours(24),
        stale: Duration::from_hours(7 * 24),
        span: TopicSpan::default(),
    };
    let mut subscriptions = Vec::new();
    if let Some(address) = &args.webhook {
        let url = WebUrl::parse(address).map_err(|why| usage(why.to_string()))?;
        let secret = if let Some(secret) = &args.secret {
            secret.reveal().to_owned()
        } else {
            let made = SigningSecret::generate(&entropy()?);
            screen.note(&format!("signing with {made}"));
            made
        };
        if let Some(why) = checks::signing_secret(&secret) {
            return Err(usage(format!("--secret: {why}")).into());
        }
        let endpoint = Endpoint::webhook(url, Secret::new(secret));
        let subscription = SubscriptionSpec::new("webhook", endpoint, Filter::default());
        for doubt in doubts(&subscription) {
            screen.note(&format!("note: {}", shown(&doubt)));
        }
        subscriptions.push(subscription);
    }
    Ok(Declared { topics: vec![topic], sources, subscriptions, expire: None })
}

#[expect(clippy::unnecessary_wraps, reason = "as clap has it")]
fn hidden(text: &str) -> Result<Secret, Infallible> {
    Ok(Secret::new(text))
}
