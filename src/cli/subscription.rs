//! `tidings subscription`: who is told what.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::config::{Checks, Problems, doubts};
use crate::deliver::web_push::VapidKey;
use crate::deliver::{Scheme, notification_id, payload};
use crate::model::{
    Corrections, Endpoint, Filter, Notification, NotificationType, Origin, Subscription, SubscriptionSpec,
    SubscriptionState, Updates,
};
use crate::port::Store;
use crate::server::wire;
use crate::text::is_language;

use super::endpoint::{EnableArgs, PacingArgs};
use super::exit::Refusal;
use super::manner::{self, MannerArgs};
use super::place::{Place, PlaceArgs};
use super::rotation::{self, NewSecret, RotateArgs, SigningArgs};
use super::screen::{Screen, Table, shown};
use super::secret::Entropy;
use super::{endpoint, lookup, verification};

mod edit;

use edit::EditArgs;

#[derive(Debug, Subcommand)]
pub(super) enum SubscriptionCommand {
    /// List subscriptions
    List,
    /// Show a subscription
    Show {
        /// Its number or name
        subscription: String,
    },
    /// Add a webhook (its signing secret is shown once), a service that people read in, or a mailbox
    Add(Box<SubscriptionAddArgs>),
    /// Change what a subscription is told, how and how fast
    Edit(Box<EditArgs>),
    /// Give a webhook a new signing secret, shown once; the old one signs too for a while
    Rotate(RotateArgs),
    /// Ask an unverified endpoint now whether it wants this
    Verify {
        /// Its number or name
        subscription: String,
    },
    /// Send it a test notification
    Test {
        /// Its number or name
        subscription: String,
    },
    /// Serve a disabled subscription again, and send it what it missed
    Enable(EnableArgs),
    /// Serve a subscription no longer; what it misses is kept
    Disable {
        /// Its number or name
        subscription: String,
    },
    /// Show the public key that readers' devices subscribe to (VAPID)
    Key,
    /// Remove a subscription that was added here, or a reader's device
    Remove {
        /// Its number or name
        subscription: String,
    },
}

/// The subscription to add.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings subscription add newsroom https://example.org/hook --topic resolution
  tidings subscription add ops https://example.org/ops --type source.failing --type source.recovered
  tidings subscription add desk --format slack --url-file slack.url
  tidings subscription add group --format telegram --token-file bot.token --room -1001234567890
  tidings subscription add me --email person@example.org")]
pub(super) struct SubscriptionAddArgs {
    /// Its name
    pub(super) name: String,
    /// Where to post: a webhook, or what the format takes
    pub(super) url: Option<String>,
    /// Tell of this topic alone (may be repeated)
    #[arg(long = "topic", value_name = "ID")]
    pub(super) topics: Vec<String>,
    /// Tell this type: event.opened, event.updated, event.merged, source.failing, source.recovered, subscription.disabled (may be repeated)
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) types: Vec<String>,
    /// Tell what arrives inside an event: never, outcome (what came of it), publishers=N, changed (a number, date, vote or outcome), each
    #[arg(long, value_name = "WHICH")]
    pub(super) updates: Option<String>,
    /// Tell later versions of a story: never, changed (a number, date, vote or outcome), each
    #[arg(long, value_name = "WHICH")]
    pub(super) corrections: Option<String>,
    /// Only of stories in this language (may be repeated)
    #[arg(long = "language", value_name = "CODE")]
    pub(super) languages: Vec<String>,
    /// Only of stories by this publisher (may be repeated)
    #[arg(long = "publisher", value_name = "NAME")]
    pub(super) publishers: Vec<String>,
    #[command(flatten)]
    pub(super) signing: SigningArgs,
    /// Only of stories that this query holds for, in the language of topics' queries
    #[arg(long, value_name = "QUERY")]
    pub(super) query: Option<String>,
    /// Only of events that so many publishers carry, once they do
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=i64::from(Filter::PUBLISHERS_MAX)))]
    pub(super) min_publishers: u32,
    #[command(flatten)]
    pub(super) manner: MannerArgs,
    #[command(flatten)]
    pub(super) pacing: PacingArgs,
    #[command(flatten)]
    pub(super) place: PlaceArgs,
    /// Serve it only once its endpoint has proved by a challenge that it wants this
    #[arg(long)]
    pub(super) verify: bool,
}

/// What is added is held against this.
pub(super) struct Ground<'a> {
    pub(super) checks: Checks<'a>,
    /// Whether a relay is configured that takes letters.
    pub(super) has_relay: bool,
    /// Rings the daemon, if one runs, as deliveries were made; whether it heard.
    pub(super) ring: &'a dyn Fn() -> bool,
}

/// Lists, shows, adds, tests or removes. A new secret is made of `entropy`.
pub(super) fn subscription(
    store: &mut dyn Store,
    command: &SubscriptionCommand,
    entropy: &Entropy,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    match command {
        SubscriptionCommand::List => list(store, screen),
        SubscriptionCommand::Show { subscription } => show(store, subscription, screen),
        SubscriptionCommand::Enable(args) => endpoint::enable(store, args, screen),
        SubscriptionCommand::Disable { subscription } => endpoint::disable(store, subscription, screen),
        SubscriptionCommand::Add(args) => add(store, args, entropy, ground, screen),
        SubscriptionCommand::Edit(args) => edit::edit(store, args, &ground.checks, screen),
        SubscriptionCommand::Rotate(args) => rotation::rotate(store, args, entropy, &ground.checks, screen),
        SubscriptionCommand::Verify { .. } => {
            Err(anyhow::anyhow!("verify: the endpoint can't be asked without a network"))
        }
        SubscriptionCommand::Test { subscription } => test(store, subscription, ground.ring, screen),
        SubscriptionCommand::Key => key(store, screen),
        SubscriptionCommand::Remove { subscription } => remove(store, subscription, screen),
    }
}

fn list(store: &mut dyn Store, screen: &mut Screen) -> anyhow::Result<()> {
    let (subscriptions, health, now) = (store.subscriptions()?, store.health(None)?, screen.now());
    if screen.is_json() {
        let shown = |s: &Subscription| wire::Subscription::faring(s, health.get(&s.id), now);
        return Ok(subscriptions.iter().try_for_each(|s| screen.record(&shown(s)))?);
    }
    if subscriptions.is_empty() {
        screen.note("no subscriptions; add one with: tidings subscription add NAME URL");
        return Ok(());
    }
    let mut table = Table::new(["ID", "NAME", "STATE", "FROM", "TOPICS", "TYPES", "KIND", "TO"]);
    for subscription in subscriptions {
        let filter = &subscription.spec.filter;
        table.row([
            subscription.id.to_string(),
            subscription.spec.name.clone(),
            endpoint::state_text(&subscription, health.get(&subscription.id), now),
            subscription.origin.label().to_owned(),
            or_all(&filter.topics),
            types_text(filter),
            subscription.spec.endpoint.label().to_owned(),
            subscription.spec.endpoint.shown(),
        ]);
    }
    Ok(screen.table(&table)?)
}

fn or_all<T: ToString>(list: &[T]) -> String {
    if list.is_empty() { "all".to_owned() } else { list.iter().map(T::to_string).collect::<Vec<_>>().join(", ") }
}

fn types_text(filter: &Filter) -> String {
    or_all(&filter.types.iter().map(|kind| kind.label()).collect::<Vec<_>>())
}

fn show(store: &mut dyn Store, wanted: &str, screen: &mut Screen) -> anyhow::Result<()> {
    let subscription = &lookup::subscription(store, wanted)?;
    let health = store.health(Some(subscription.id))?.remove(&subscription.id);
    let unverified = store.verification(subscription.id)?;
    if screen.is_json() {
        let now = screen.now();
        return Ok(screen.record(&wire::Subscription::faring(subscription, health.as_ref(), now))?);
    }
    let filter = &subscription.spec.filter;
    screen.heading(&shown(&subscription.spec.name))?;
    screen.field("subscription", &format!("{} (from {})", subscription.id, subscription.origin.label()))?;
    endpoint::show(subscription, health.as_ref(), screen)?;
    screen.field("kind", subscription.spec.endpoint.label())?;
    unverified.as_ref().map_or(Ok(()), |held| verification::show(held, screen))?;
    screen.field("posts to", &subscription.spec.endpoint.shown())?;
    rotation::show(&subscription.spec, screen)?;
    screen.field("topics", &or_all(&filter.topics))?;
    screen.field("types", &types_text(filter))?;
    screen.field("updates", &filter.updates.to_string())?;
    screen.field("corrections", filter.corrections.label())?;
    screen.field("languages", &or_all(&filter.languages))?;
    screen.field("publishers", &or_all(&filter.publishers))?;
    if let Some(query) = &filter.query {
        screen.field("query", &shown(query.trim()))?;
    }
    if filter.min_publishers > 1 {
        screen.field("told from", &format!("{} publishers on", filter.min_publishers))?;
    }
    manner::show(&subscription.spec.manner, screen)?;
    endpoint::show_pacing(&subscription.spec.pacing, screen)?;
    Ok(screen.field("made", &screen.when(subscription.created_at))?)
}

fn add(
    store: &mut dyn Store,
    args: &SubscriptionAddArgs,
    entropy: &Entropy,
    Ground { checks, has_relay, .. }: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    if args.name.trim().is_empty() {
        return Err(Refusal::Usage("the name is empty".to_owned()).into());
    }
    let manner = manner::manner(&args.manner)?;
    if let Some(query) = &args.query {
        let mistakes = (checks.query)(query);
        if !mistakes.is_empty() {
            return Err(Refusal::Query(Problems::of_query(query, &mistakes)).into());
        }
    }
    let (endpoint, secret) = match args.place.read(args.url.as_deref(), args.signing.is_given())? {
        Place::Webhook(url, form) => {
            let secret = NewSecret::of(&args.signing, Scheme::V1, entropy, checks)?;
            (Endpoint::webhook(url, secret.secret.clone()).formed(form), Some(secret))
        }
        Place::Other(endpoint) => (endpoint, None),
    };
    if matches!(endpoint, Endpoint::Email(_)) && !has_relay {
        let said =
            "--email: no relay takes letters here: set `smtp` and `from` under [email] in the configuration first";
        return Err(Refusal::Data(said.to_owned()).into());
    }
    if let Some(wrong) = args.languages.iter().find(|language| !is_language(language)) {
        let said =
            format!("--language {wrong:?} is no language code: expected two or three small letters, such as `en`");
        return Err(Refusal::Usage(said).into());
    }
    let filter = Filter {
        topics: lookup::topics(store, &args.topics)?,
        languages: args.languages.clone(),
        publishers: args.publishers.clone(),
        query: args.query.clone(),
        min_publishers: args.min_publishers,
        ..Filter::default()
    };
    let types = args.types.iter().map(|word| kind(word)).collect::<Result<_, _>>()?;
    let updates =
        args.updates.as_deref().map(|text| Updates::parse(text).ok_or_else(|| no_choice(text, Updates::FORMS)));
    let corrections = args
        .corrections
        .as_deref()
        .map(|word| Corrections::parse(word).ok_or_else(|| no_choice(word, "\"never\", \"changed\" or \"each\"")));
    let filter = filter.choosing(types, updates.transpose()?, corrections.transpose()?);
    let spec = SubscriptionSpec::new(args.name.as_str(), endpoint, filter);
    let spec = SubscriptionSpec { manner, pacing: args.pacing.read()?, verify: args.verify, ..spec };
    if spec.verify && !matches!(spec.endpoint, Endpoint::Webhook { .. }) {
        return Err(Refusal::Usage(
            "--verify is for webhooks: a service or a mailbox can't give a challenge back".to_owned(),
        )
        .into());
    }
    let id = store.add_subscription(&spec, screen.now())?;
    for doubt in doubts(&spec) {
        screen.note(&format!("note: {}", shown(&doubt)));
    }
    if screen.is_json() {
        let (shown, public_key) = secret.as_ref().map(|s| (s.to_show(), s.public_key.as_deref())).unwrap_or_default();
        return Ok(screen.record(&json!({"id": id.0, "name": spec.name, "secret": shown, "public_key": public_key}))?);
    }
    screen.line(&format!("added subscription {id}: {}", shown(&spec.name)))?;
    secret.map_or(Ok(()), |secret| secret.show(screen))?;
    if spec.verify {
        screen.note(&format!(
            "It is unverified: a running daemon asks its endpoint; to ask it now: tidings subscription verify {id}"
        ));
    }
    Ok(())
}

pub(super) fn kind(word: &str) -> Result<NotificationType, Refusal> {
    NotificationType::parse(word).ok_or_else(|| {
        let all: Vec<_> = NotificationType::ALL.iter().map(|kind| kind.label()).collect();
        Refusal::Usage(format!("{:?} is no type of notification (expected one of {})", shown(word), all.join(", ")))
    })
}

fn no_choice(given: &str, forms: &str) -> Refusal {
    Refusal::Usage(format!("{:?} is none of {forms}", shown(given)))
}

/// A test notification for a subscription, with an id of its own.
pub(super) fn test_notification(name: &str, now: jiff::Timestamp) -> Notification {
    let kind = NotificationType::SubscriptionTest;
    Notification {
        id: notification_id(kind, &[name, &now.to_string()]),
        kind,
        topic: None,
        event: None,
        story: None,
        source: None,
        created_at: now,
        body: payload::test(now, name),
    }
}

/// Makes a test notification for a subscription, and rings the daemon, so that it is sent now.
pub(super) fn test(
    store: &mut dyn Store,
    wanted: &str,
    ring: &dyn Fn() -> bool,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let subscription = lookup::subscription(store, wanted)?;
    if subscription.state == SubscriptionState::Disabled {
        let id = subscription.id;
        return Err(Refusal::Data(format!("subscription {id} is disabled; see: tidings subscription show {id}")).into());
    }
    if subscription.state == SubscriptionState::Unverified {
        let id = subscription.id;
        let help = format!("tidings subscription verify {id}");
        return Err(Refusal::Data(format!(
            "subscription {id} is unverified: its endpoint must prove itself first: {help}"
        ))
        .into());
    }
    let (name, now) = (&subscription.spec.name, screen.now());
    let notification = test_notification(name, now);
    let delivery = store.notify(&notification, subscription.id)?.id;
    let is_heard = ring();
    if screen.is_json() {
        return Ok(screen.record(&json!({"delivery": delivery.0, "webhook_id": notification.id.0}))?);
    }
    screen.line(&format!("made delivery {delivery} with webhook-id {}", notification.id))?;
    let when = if is_heard { "The daemon takes it up now" } else { "A running daemon sends it at its next turn" };
    screen.note(&format!("{when}; see: tidings delivery show {delivery}"));
    Ok(())
}

fn key(store: &mut dyn Store, screen: &mut Screen) -> anyhow::Result<()> {
    let Some(kept) = store.vapid_key()? else {
        return Err(Refusal::Data("there is no key yet: it is made when the daemon starts".to_owned()).into());
    };
    let key = VapidKey::parse(kept.reveal())?;
    if screen.is_json() {
        return Ok(screen.record(&json!({"key": key.public()}))?);
    }
    Ok(screen.line(key.public())?)
}

fn remove(store: &mut dyn Store, wanted: &str, screen: &mut Screen) -> anyhow::Result<()> {
    let subscription = lookup::subscription(store, wanted)?;
    if subscription.origin == Origin::Config || !store.remove_subscription(subscription.id)? {
        return Err(lookup::declared("subscription", wanted).into());
    }
    if screen.is_json() {
        return Ok(screen.record(&json!({"id": subscription.id.0, "removed": true}))?);
    }
    Ok(screen.line(&format!("removed subscription {}: {}", subscription.id, shown(&subscription.spec.name)))?)
}
