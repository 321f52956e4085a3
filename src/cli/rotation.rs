//! Signing secrets: new ones, and old ones that sign on for a while.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use serde_json::json;

use crate::config::{Checks, read_line};
use crate::deliver::{Scheme, SigningSecret};
use crate::model::{Endpoint, OldSecret, Origin, Secret, SubscriptionSpec};
use crate::port::Store;

use super::exit::Refusal;
use super::lookup;
use super::screen::{Screen, shown};
use super::secret::Entropy;

/// Where a secret comes from.
#[derive(Debug, Args)]
pub(super) struct SigningArgs {
    /// Sign with the secret in this file (whsec_... or whsk_...) instead of a new one
    #[arg(long, value_name = "FILE", conflicts_with = "signing")]
    pub(super) secret_file: Option<PathBuf>,
    /// How a new secret signs: v1 (HMAC) or v1a (ed25519: receivers verify with a public key)
    #[arg(long, value_name = "SCHEME", value_parser = scheme)]
    pub(super) signing: Option<Scheme>,
}

impl SigningArgs {
    /// Whether anything was said of a secret.
    pub(super) fn is_given(&self) -> bool {
        self.secret_file.is_some() || self.signing.is_some()
    }
}

/// The rotation.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings subscription rotate newsroom              the old secret signs too for a day
  tidings subscription rotate newsroom --keep 0     it leaked: it never signs again")]
pub(super) struct RotateArgs {
    /// Its number or name
    pub(super) subscription: String,
    /// For so many hours the old secret signs too (0 to 720)
    #[arg(long, value_name = "HOURS", default_value_t = 24, value_parser = clap::value_parser!(u16).range(0..=720))]
    pub(super) keep: u16,
    #[command(flatten)]
    pub(super) signing: SigningArgs,
}

fn scheme(word: &str) -> Result<Scheme, String> {
    Scheme::parse(word).ok_or_else(|| "expected v1 or v1a".to_owned())
}

/// A secret that signs from now on.
pub(super) struct NewSecret {
    pub(super) secret: Secret,
    /// What receivers verify with, of a `v1a` secret.
    pub(super) public_key: Option<String>,
    made_here: bool,
}

impl NewSecret {
    /// The one that is named, else one made of `entropy`, of the scheme asked for, else of `usual`.
    pub(super) fn of(
        args: &SigningArgs,
        usual: Scheme,
        entropy: &Entropy,
        checks: &Checks<'_>,
    ) -> anyhow::Result<Self> {
        let text = match &args.secret_file {
            Some(file) => {
                read_line(file).map_err(|why| Refusal::Data(format!("the secret file {}: {why}", file.display())))?
            }
            None => args.signing.unwrap_or(usual).secret(entropy),
        };
        if let Some(wrong) = (checks.signing_secret)(&text) {
            return Err(Refusal::Data(format!("the secret can't be used: {wrong}")).into());
        }
        let public_key = SigningSecret::parse(&text).ok().and_then(|secret| secret.public_key());
        Ok(Self { secret: Secret::new(text), public_key, made_here: args.secret_file.is_none() })
    }

    /// The secret, where receivers need it and nobody has it yet. A private key is nobody's but ours.
    pub(super) fn to_show(&self) -> Option<&str> {
        (self.made_here && self.public_key.is_none()).then(|| self.secret.reveal())
    }

    /// Shows what receivers are to be given.
    pub(super) fn show(&self, screen: &mut Screen) -> io::Result<()> {
        if let Some(secret) = self.to_show() {
            screen.field("secret", secret)?;
            screen.note("The secret is shown this once: give it to whoever verifies the signatures.");
        }
        if let Some(public_key) = &self.public_key {
            screen.field("public key", public_key)?;
            screen.note("Receivers verify with the public key, which is no secret; the private one stays here.");
        }
        Ok(())
    }
}

/// Shows how a subscription is signed.
pub(super) fn show(spec: &SubscriptionSpec, screen: &mut Screen) -> io::Result<()> {
    let Endpoint::Webhook { secret, .. } = &spec.endpoint else { return Ok(()) };
    let Ok(secret) = SigningSecret::parse(secret.reveal()) else { return Ok(()) };
    screen.field("signed by", secret.scheme().label())?;
    if let Some(public_key) = secret.public_key() {
        screen.field("public key", &public_key)?;
    }
    for OldSecret { secret, until } in &spec.old_secrets {
        let parsed = SigningSecret::parse(secret.reveal()).ok();
        let what = parsed.map_or_else(String::new, |s| s.public_key().unwrap_or_else(|| s.scheme().label().to_owned()));
        screen.field("and by", &format!("{what}, an old secret, {}", screen.lasts(*until)))?;
    }
    Ok(())
}

/// Gives a webhook a new secret.
pub(super) fn rotate(
    store: &mut dyn Store,
    args: &RotateArgs,
    entropy: &Entropy,
    checks: &Checks<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let subscription = lookup::subscription(store, &args.subscription)?;
    let name = shown(&subscription.spec.name);
    let Endpoint::Webhook { secret: old, .. } = &subscription.spec.endpoint else {
        return Err(Refusal::Data(format!("{name} has no signing secret: only webhooks do")).into());
    };
    if subscription.origin == Origin::Config {
        return Err(Refusal::Data(format!(
            "the subscription {name:?} is declared in the configuration: give it the new secret there, name the one that \
             it has now under `old_secrets` with the last day on which it signs, and reload the daemon"
        ))
        .into());
    }
    let usual = SigningSecret::parse(old.reveal()).map_or(Scheme::V1, |old| old.scheme());
    let new = NewSecret::of(&args.signing, usual, entropy, checks)?;
    let now = screen.now();
    let until = now.checked_add(Duration::from_hours(u64::from(args.keep))).unwrap_or(Timestamp::MAX);
    let Some((_, dropped)) = store.rotate_secret(subscription.id, &new.secret, until, now)? else {
        return Err(lookup::absent("subscription", &args.subscription, "tidings subscription list").into());
    };
    if dropped > 0 {
        screen.note(&format!(
            "note: at most {} old secrets sign; the one that would have ended first signs no longer",
            OldSecret::MOST
        ));
    }
    if screen.is_json() {
        return Ok(screen.record(&json!({
            "id": subscription.id.0, "name": subscription.spec.name, "secret": new.to_show(),
            "public_key": new.public_key, "old_secret_until": until.to_string(), "old_secrets_dropped": dropped,
        }))?);
    }
    let old = match args.keep {
        0 => "the old secret signs no longer".to_owned(),
        _ => format!("the old secret signs too {}", screen.lasts(until)),
    };
    screen.line(&format!("subscription {} ({name}) has a new secret; {old}", subscription.id))?;
    Ok(new.show(screen)?)
}
