//! `tidings subscription`: who is told what.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::config::Checks;
use crate::deliver::web_push::VapidKey;
use crate::deliver::{Scheme, notification_id, payload};
use crate::model::{
    Corrections, Endpoint, Filter, Notification, NotificationType, Origin, Subscription, SubscriptionSpec, Updates,
    Verification, WebUrl,
};
use crate::port::Store;
use crate::server::wire;

use super::exit::Refusal;
use super::lookup;
use super::rotation::{self, NewSecret, RotateArgs, SigningArgs};
use super::screen::{Screen, Table, shown};
use super::secret::Entropy;
use super::verification;

#[derive(Debug, Subcommand)]
pub(super) enum SubscriptionCommand {
    /// List subscriptions
    List,
    /// Show a subscription
    Show {
        /// Its number or name
        subscription: String,
    },
    /// Add a webhook; its signing secret is shown once
    Add(SubscriptionAddArgs),
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
  tidings subscription add ops https://example.org/ops --type source.failing --type source.recovered")]
pub(super) struct SubscriptionAddArgs {
    /// Its name
    pub(super) name: String,
    /// Where to post
    pub(super) url: String,
    /// Tell of this topic alone (may be repeated)
    #[arg(long = "topic", value_name = "ID")]
    pub(super) topics: Vec<String>,
    /// Tell this type: event.opened, event.updated, event.merged, source.failing, source.recovered (may be repeated)
    #[arg(long = "type", value_name = "TYPE")]
    pub(super) types: Vec<String>,
    /// Tell what arrives inside an event: never, publishers=N, changed (a number, date, vote or outcome), each
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
    /// Serve it only once its endpoint has proved by a challenge that it wants this
    #[arg(long)]
    pub(super) verify: bool,
}

/// Lists, shows, adds, tests or removes. A new secret is made of `entropy`.
pub(super) fn subscription(
    store: &mut dyn Store,
    command: &SubscriptionCommand,
    entropy: &Entropy,
    checks: &Checks<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    match command {
        SubscriptionCommand::List => list(store, screen),
        SubscriptionCommand::Show { subscription } => {
            let subscription = lookup::subscription(store, subscription)?;
            show(&subscription, store.verification(subscription.id)?.as_ref(), screen)
        }
        SubscriptionCommand::Add(args) => add(store, args, entropy, checks, screen),
        SubscriptionCommand::Rotate(args) => rotation::rotate(store, args, entropy, checks, screen),
        SubscriptionCommand::Verify { .. } => {
            Err(anyhow::anyhow!("verify: the endpoint can't be asked without a network"))
        }
        SubscriptionCommand::Test { subscription } => test(store, subscription, screen),
        SubscriptionCommand::Key => key(store, screen),
        SubscriptionCommand::Remove { subscription } => remove(store, subscription, screen),
    }
}

fn list(store: &mut dyn Store, screen: &mut Screen) -> anyhow::Result<()> {
    let subscriptions = store.subscriptions()?;
    if screen.is_json() {
        return Ok(subscriptions.iter().try_for_each(|s| screen.record(&wire::Subscription::from(s)))?);
    }
    if subscriptions.is_empty() {
        screen.note("no subscriptions; add one with: tidings subscription add NAME URL");
        return Ok(());
    }
    let mut table = Table::new(["ID", "NAME", "STATE", "FROM", "TOPICS", "TYPES", "URL"]);
    for subscription in subscriptions {
        let filter = &subscription.spec.filter;
        table.row([
            subscription.id.to_string(),
            subscription.spec.name.clone(),
            subscription.state.label().to_owned(),
            subscription.origin.label().to_owned(),
            or_all(&filter.topics),
            types_text(filter),
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

fn show(subscription: &Subscription, unverified: Option<&Verification>, screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(screen.record(&wire::Subscription::from(subscription))?);
    }
    let filter = &subscription.spec.filter;
    screen.heading(&shown(&subscription.spec.name))?;
    screen.field("subscription", &format!("{} (from {})", subscription.id, subscription.origin.label()))?;
    screen.field("state", subscription.state.label())?;
    unverified.map_or(Ok(()), |held| verification::show(held, screen))?;
    screen.field("posts to", &subscription.spec.endpoint.shown())?;
    rotation::show(&subscription.spec, screen)?;
    screen.field("topics", &or_all(&filter.topics))?;
    screen.field("types", &types_text(filter))?;
    screen.field("updates", &filter.updates.to_string())?;
    screen.field("corrections", filter.corrections.label())?;
    screen.field("languages", &or_all(&filter.languages))?;
    screen.field("publishers", &or_all(&filter.publishers))?;
    Ok(screen.field("made", &screen.when(subscription.created_at))?)
}

fn add(
    store: &mut dyn Store,
    args: &SubscriptionAddArgs,
    entropy: &Entropy,
    checks: &Checks<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let url = WebUrl::parse(&args.url).map_err(|why| Refusal::Usage(why.to_string()))?;
    if args.name.trim().is_empty() {
        return Err(Refusal::Usage("the name is empty".to_owned()).into());
    }
    let secret = NewSecret::of(&args.signing, Scheme::V1, entropy, checks)?;
    let filter = Filter {
        topics: lookup::topics(store, &args.topics)?,
        languages: args.languages.clone(),
        publishers: args.publishers.clone(),
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
    let endpoint = Endpoint::webhook(url, secret.secret.clone());
    let mut spec = SubscriptionSpec::new(args.name.as_str(), endpoint, filter);
    spec.verify = args.verify;
    let id = store.add_subscription(&spec, screen.now())?;
    if screen.is_json() {
        let told = json!({"id": id.0, "name": spec.name, "secret": secret.to_show(), "public_key": secret.public_key});
        return Ok(screen.record(&told)?);
    }
    screen.line(&format!("added subscription {id}: {}", shown(&spec.name)))?;
    secret.show(screen)?;
    if spec.verify {
        screen.note(&format!(
            "It is unverified: a running daemon asks its endpoint; to ask it now: tidings subscription verify {id}"
        ));
    }
    Ok(())
}

fn kind(word: &str) -> Result<NotificationType, Refusal> {
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

fn test(store: &mut dyn Store, wanted: &str, screen: &mut Screen) -> anyhow::Result<()> {
    let subscription = lookup::subscription(store, wanted)?;
    let (name, now) = (&subscription.spec.name, screen.now());
    let notification = test_notification(name, now);
    let delivery = store.notify(&notification, subscription.id)?;
    if screen.is_json() {
        return Ok(screen.record(&json!({"delivery": delivery.0, "webhook_id": notification.id.0}))?);
    }
    screen.line(&format!("made delivery {delivery} with webhook-id {}", notification.id))?;
    screen.note(&format!("A running daemon sends it at its next turn; see: tidings delivery show {delivery}"));
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
