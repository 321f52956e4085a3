//! `tidings token`: who may use the API, and how far.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;

use crate::model::{ApiToken, Scope, TokenSpec};
use crate::port::Store;
use crate::server::{TokenMeans, wire};

use super::exit::Refusal;
use super::lookup;
use super::screen::{Screen, Table, shown};

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// List tokens: how far each reaches, until when, and the day on which it was used last
    List,
    /// Make a token for the API and print it: it is shown this once and not kept
    Add(AddArgs),
    /// Remove a token: whoever sends it is refused from then on, within a second
    Remove {
        /// Its name or number
        token: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// Whose it is, or what it is for
    name: String,
    /// How far it reaches; each includes those before it
    #[arg(long, value_enum)]
    scope: Reach,
    /// Days until it expires; without them it never does
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=i64::from(TokenSpec::EXPIRES_DAYS_MAX)))]
    expires: Option<u32>,
}

/// A scope as it is typed.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Reach {
    /// Whatever only looks
    Read,
    /// Topics, sources, subscriptions, deliveries and corrections too
    Write,
    /// Tokens themselves too
    Admin,
}

impl From<Reach> for Scope {
    fn from(reach: Reach) -> Self {
        match reach {
            Reach::Read => Self::Read,
            Reach::Write => Self::Write,
            Reach::Admin => Self::Admin,
        }
    }
}

/// Lists, adds or removes.
pub(super) fn token(
    store: &mut dyn Store,
    command: &TokenCommand,
    means: TokenMeans,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    match command {
        TokenCommand::List => list(&store.tokens()?, screen),
        TokenCommand::Add(args) => add(store, args, means, screen),
        TokenCommand::Remove { token } => {
            let found = lookup::token(store, token)?;
            store.remove_token(found.id)?;
            if screen.is_json() {
                return Ok(screen.record(&json!({"id": found.id.0, "name": found.spec.name, "removed": true}))?);
            }
            Ok(screen.line(&format!("removed token {}: {}", found.id, shown(&found.spec.name)))?)
        }
    }
}

fn add(store: &mut dyn Store, args: &AddArgs, means: TokenMeans, screen: &mut Screen) -> anyhow::Result<()> {
    if !TokenSpec::is_name(&args.name) {
        let most = TokenSpec::NAME_CHARS_MAX;
        return Err(Refusal::Usage(format!(
            "{:?} is no name: give 1 to {most} characters, none of them a control character, with no space at an end",
            shown(&args.name)
        ))
        .into());
    }
    let now = screen.now();
    let span = args.expires.map(|days| Duration::from_hours(24 * u64::from(days)));
    let expires_at = span.map(|span| now.checked_add(span)).transpose()?;
    let spec = TokenSpec { name: args.name.clone(), scope: args.scope.into(), expires_at };
    let Some((text, hash)) = means.make() else { anyhow::bail!("make a token: the system gives no randomness") };
    let Some(id) = store.add_token(&spec, &hash, now)? else {
        let most = TokenSpec::COUNT_MAX;
        return Err(Refusal::Data(format!("there are {most} tokens, as many as are allowed: remove one first")).into());
    };
    if screen.is_json() {
        let token = ApiToken { id, spec, created_at: now, used_on: None };
        return Ok(screen.record(&wire::NewToken { token: (&token).into(), secret: text.reveal().to_owned() })?);
    }
    screen.note("this is shown once and not kept; send it as `Authorization: Bearer TOKEN`:");
    Ok(screen.line(text.reveal())?)
}

fn list(tokens: &[ApiToken], screen: &mut Screen) -> anyhow::Result<()> {
    if screen.is_json() {
        return Ok(tokens.iter().try_for_each(|token| screen.record(&wire::Token::from(token)))?);
    }
    if tokens.is_empty() {
        screen.note("no tokens were made, but for the one that [server] may name; make one with: tidings token add NAME --scope read");
        return Ok(());
    }
    let mut table = Table::new(["ID", "NAME", "SCOPE", "MADE", "EXPIRES", "USED ON"]);
    for token in tokens {
        let spec = &token.spec;
        table.row([
            token.id.to_string(),
            shown(&spec.name),
            spec.scope.label().to_owned(),
            screen.when(token.created_at),
            screen.when_known(spec.expires_at),
            token.used_on.map_or_else(|| "-".to_owned(), |day| day.to_string()),
        ]);
    }
    Ok(screen.table(&table)?)
}
