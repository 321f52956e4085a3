//! How a subscription is told, on the command line.

use clap::Args;

use super::exit::Refusal;
use super::screen::{Screen, shown};
use super::subscription::kind;
use crate::model::{DigestPlan, Manner, PayloadShape, PlanError, Quiet, parse_expiry, span_text};

/// When, for how long, and in which shape.
#[derive(Debug, Args)]
pub(super) struct MannerArgs {
    /// Hold back, and tell in one: "every 30 minutes", "daily 08:00 Europe/Berlin"
    #[arg(long, value_name = "WHEN")]
    pub(super) digest: Option<String>,
    /// Send a digest when there is nothing in it too
    #[arg(long, requires = "digest")]
    pub(super) digest_empty: bool,
    /// Tell nothing in these hours, and in one when they are over: "22:00-07:00 Europe/Berlin"
    #[arg(long, value_name = "HOURS")]
    pub(super) quiet: Option<String>,
    /// Tell this type at once all the same (may be repeated)
    #[arg(long, value_name = "TYPE")]
    pub(super) at_once: Vec<String>,
    /// Don't attempt what is older: "2 hours"
    #[arg(long, value_name = "SPAN")]
    pub(super) expire_after: Option<String>,
    /// How much to tell: full, or thin (numbers and an address, no texts)
    #[arg(long, value_name = "SHAPE")]
    pub(super) payload: Option<String>,
    /// The version of payloads
    #[arg(long, value_name = "VERSION")]
    pub(super) payload_version: Option<u32>,
}

/// Reads the options.
pub(super) fn manner(args: &MannerArgs) -> Result<Manner, Refusal> {
    let usual = Manner::default();
    let shape = |word: &String| {
        PayloadShape::parse(word)
            .ok_or_else(|| Refusal::Usage(format!("{:?} is neither \"full\" nor \"thin\"", shown(word))))
    };
    let payload_version = args.payload_version.unwrap_or(usual.payload_version);
    if !Manner::VERSIONS.contains(&payload_version) {
        let known = Manner::VERSIONS.map(|version| version.to_string()).join(", ");
        return Err(Refusal::Usage(format!("there is no version {payload_version} of payloads (there are: {known})")));
    }
    Ok(Manner {
        digest: plan(args.digest.as_deref(), DigestPlan::parse)?,
        digest_empty: args.digest_empty,
        quiet: plan(args.quiet.as_deref(), Quiet::parse)?,
        at_once: args.at_once.iter().map(|word| kind(word)).collect::<Result<_, _>>()?,
        expire_after: plan(args.expire_after.as_deref(), parse_expiry)?,
        payload: args.payload.as_ref().map(shape).transpose()?.unwrap_or(usual.payload),
        payload_version,
    })
}

fn plan<T>(text: Option<&str>, parse: impl Fn(&str) -> Result<T, PlanError>) -> Result<Option<T>, Refusal> {
    let read = |text: &str| parse(text).map_err(|why| Refusal::Usage(format!("{:?}: {why}", shown(text))));
    text.map(read).transpose()
}

/// Shows what isn't as usual.
pub(super) fn show(manner: &Manner, screen: &mut Screen) -> anyhow::Result<()> {
    if let Some(digest) = &manner.digest {
        let empty = if manner.digest_empty { ", an empty one too" } else { "" };
        screen.field("digest", &format!("{digest}{empty}"))?;
    }
    if let Some(quiet) = &manner.quiet {
        screen.field("quiet", &quiet.to_string())?;
    }
    if !manner.at_once.is_empty() {
        let types: Vec<_> = manner.at_once.iter().map(|kind| kind.label()).collect();
        screen.field("at once", &types.join(", "))?;
    }
    if let Some(expiry) = manner.expire_after {
        screen.field("expires", &format!("after {}", span_text(expiry)))?;
    }
    Ok(screen.field("payload", &format!("{}, version {}", manner.payload.label(), manner.payload_version))?)
}
