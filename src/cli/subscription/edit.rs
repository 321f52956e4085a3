//! `tidings subscription edit`: a subscription that was added here, told of other things or in another way.

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::config::{Checks, Problems};
use crate::model::{Endpoint, Filter, Origin};
use crate::port::Store;
use crate::server::edited_subscription;

use super::super::exit::Refusal;
use super::super::patch::Patch;
use super::super::screen::Screen;
use super::super::{api, lookup};

/// What is changed of a subscription; what isn't named stays.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings subscription edit newsroom --topic moon --topic elections
  tidings subscription edit newsroom --quiet '22:00-07:00 Europe/Berlin' --at-once event.opened
  tidings subscription edit newsroom --usual quiet --usual at-once
  tidings subscription edit 3 --rate-per-minute 30 --order strict

A running daemon goes by it from its next decision on; what was held back for a digest or quiet hours that end by this is told
at once. Name, address and secret stay. What the configuration file declares is changed there.")]
pub(in crate::cli) struct EditArgs {
    /// Its number or name
    subscription: String,
    /// Tell of this topic alone, in place of those before (may be repeated)
    #[arg(long = "topic", value_name = "ID")]
    topics: Vec<String>,
    /// Tell this type, in place of those before (may be repeated); --updates and --corrections follow from it
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Tell what arrives inside an event: never, outcome (what came of it), publishers=N, changed (a number, date, vote or outcome), each
    #[arg(long, value_name = "WHICH")]
    updates: Option<String>,
    /// Tell later versions of a story: never, changed (a number, date, vote or outcome), each
    #[arg(long, value_name = "WHICH")]
    corrections: Option<String>,
    /// Only of stories in this language, in place of those before (may be repeated)
    #[arg(long = "language", value_name = "CODE")]
    languages: Vec<String>,
    /// Only of stories by this publisher, in place of those before (may be repeated)
    #[arg(long = "publisher", value_name = "NAME")]
    publishers: Vec<String>,
    /// Only of stories that this query holds for, in the language of topics' queries
    #[arg(long, value_name = "QUERY")]
    query: Option<String>,
    /// Only of events that so many publishers carry, once they do
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=i64::from(Filter::PUBLISHERS_MAX)))]
    min_publishers: Option<u32>,
    /// Hold back, and tell in one: "every 30 minutes", "daily 08:00 Europe/Berlin"
    #[arg(long, value_name = "WHEN")]
    digest: Option<String>,
    /// Send a digest when there is nothing in it too
    #[arg(long)]
    digest_empty: bool,
    /// Tell nothing in these hours, and in one when they are over: "22:00-07:00 Europe/Berlin"
    #[arg(long, value_name = "HOURS")]
    quiet: Option<String>,
    /// Tell this type at once all the same, in place of those before (may be repeated)
    #[arg(long, value_name = "TYPE")]
    at_once: Vec<String>,
    /// Don't attempt what is older: "2 hours"
    #[arg(long, value_name = "SPAN")]
    expire_after: Option<String>,
    /// How much to tell: full, or thin (numbers and an address, no texts)
    #[arg(long, value_name = "SHAPE")]
    payload: Option<String>,
    /// The version of payloads
    #[arg(long, value_name = "VERSION")]
    payload_version: Option<u32>,
    /// At most so many attempts under way at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    max_in_flight: Option<u32>,
    /// At most so many attempts a minute, evenly spread
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=6000))]
    rate_per_minute: Option<u32>,
    /// event: in order within an event; strict: one after another, oldest first
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// Give this back to what is usual where nothing is said (may be repeated)
    #[arg(long, value_name = "WHAT", value_parser = PossibleValuesParser::new(FIELDS.map(|(option, _)| option)))]
    usual: Vec<String>,
}

/// What can be given back, as options and as fields of a patch.
const FIELDS: [(&str, &str); 18] = [
    ("topic", "topics"),
    ("type", "types"),
    ("updates", "updates"),
    ("corrections", "corrections"),
    ("language", "languages"),
    ("publisher", "publishers"),
    ("query", "query"),
    ("min-publishers", "min_publishers"),
    ("digest", "digest"),
    ("digest-empty", "digest_empty"),
    ("quiet", "quiet"),
    ("at-once", "at_once"),
    ("expire-after", "expire_after"),
    ("payload", "payload"),
    ("payload-version", "payload_version"),
    ("max-in-flight", "max_in_flight"),
    ("rate-per-minute", "rate_per_minute"),
    ("order", "order"),
];

/// Changes a subscription.
pub(super) fn edit(
    store: &mut dyn Store,
    args: &EditArgs,
    checks: &Checks<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let held = lookup::subscription(store, &args.subscription)?;
    if held.origin == Origin::Config {
        return Err(lookup::declared_to_change("subscription", &args.subscription).into());
    }
    if let Endpoint::WebPush { .. } = held.spec.endpoint {
        let why = "a reader's device says itself what it wants: it is changed on the readers' page";
        return Err(Refusal::Data(why.to_owned()).into());
    }
    if let Some(query) = &args.query {
        let mistakes = (checks.query)(query);
        if !mistakes.is_empty() {
            return Err(Refusal::Query(Problems::of_query(query, &mistakes)).into());
        }
    }
    let patch = patch(args)?;
    let topics = store.topics()?;
    let lay = |fields| edited_subscription(&held, fields, &topics, &api::checks());
    let (filter, manner, pacing) = patch.lay(&FIELDS, lay)?;
    if !store.change_subscription(held.id, &filter, &manner, pacing, screen.now())? {
        return Err(lookup::absent("subscription", &args.subscription, "tidings subscription list").into());
    }
    super::show(store, &held.id.to_string(), screen)
}

fn patch(args: &EditArgs) -> Result<Patch, Refusal> {
    let mut patch = Patch::default();
    patch.put_list("topics", &args.topics);
    patch.put_list("types", &args.types);
    patch.put("updates", args.updates.as_deref());
    patch.put("corrections", args.corrections.as_deref());
    patch.put_list("languages", &args.languages);
    patch.put_list("publishers", &args.publishers);
    patch.put("query", args.query.as_deref());
    patch.put("min_publishers", args.min_publishers);
    patch.put("digest", args.digest.as_deref());
    patch.put("digest_empty", args.digest_empty.then_some(true));
    patch.put("quiet", args.quiet.as_deref());
    patch.put_list("at_once", &args.at_once);
    patch.put("expire_after", args.expire_after.as_deref());
    patch.put("payload", args.payload.as_deref());
    patch.put("payload_version", args.payload_version);
    patch.put("max_in_flight", args.max_in_flight);
    patch.put("rate_per_minute", args.rate_per_minute);
    patch.put("order", args.order.as_deref());
    patch.usual(&FIELDS, &args.usual)?;
    patch.must_say_something("tidings subscription edit --help")?;
    Ok(patch)
}
