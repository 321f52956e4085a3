//! `tidings source edit`: a source that was added here, polled or named otherwise.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde_json::{Value, json};

use crate::model::{Origin, PageSelectors, Priority, Topic};
use crate::port::Store;
use crate::server::{PollBounds, SourceGround, edited_source};

use super::add::{minutes, priority};
use super::{Ground, known, show_one};
use crate::cli::exit::Refusal;
use crate::cli::patch::Patch;
use crate::cli::screen::Screen;
use crate::cli::within::Within;
use crate::cli::{api, lookup};

/// What is changed of a source; what isn't named stays.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tidings source edit 3 --interval-max 15 --priority high
  tidings source edit press.example --name 'The Press' --lang en
  tidings source edit 3 --topic moon --topic elections
  tidings source edit 3 --usual topic --usual interval-max

A running daemon goes by it from its next poll on, which is no later than the new interval allows. The address stays: another
address is another source. What the configuration file declares is changed there.")]
pub(in crate::cli) struct EditArgs {
    /// Its number, name or address
    pub(super) source: String,
    /// What people call it
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Who publishes there
    #[arg(long)]
    pub(super) publisher: Option<String>,
    /// The language of entries that name none
    #[arg(long, value_name = "CODE")]
    pub(super) lang: Option<String>,
    /// Hold its stories against this topic alone, in place of those before (may be repeated)
    #[arg(long = "topic", value_name = "ID")]
    pub(super) topics: Vec<String>,
    /// Poll no sooner than after so many minutes
    #[arg(long, value_name = "MINUTES", value_parser = minutes())]
    pub(super) interval_min: Option<u32>,
    /// Poll no later than after so many minutes
    #[arg(long, value_name = "MINUTES", value_parser = minutes())]
    pub(super) interval_max: Option<u32>,
    /// How much its stories count: low, normal or high
    #[arg(long, value_name = "WORD", value_parser = priority)]
    pub(super) priority: Option<Priority>,
    /// Fetch the page of each new story
    #[arg(long)]
    pub(super) full_text: bool,
    /// Read it as a feed, page (with selectors) or list (articles found by what repeats)
    #[arg(long = "as", value_name = "KIND", value_parser = PossibleValuesParser::new(["feed", "page", "list"]),
        requires_if("page", "item"))]
    pub(super) kind: Option<String>,
    /// It is a page: the selector of one article
    #[arg(long, value_name = "CSS")]
    pub(super) item: Option<String>,
    #[command(flatten)]
    pub(super) within: Within,
    /// Give this back to what is usual where nothing is said (may be repeated)
    #[arg(long, value_name = "WHAT", value_parser = PossibleValuesParser::new(FIELDS.map(|(option, _)| option)))]
    pub(super) usual: Vec<String>,
}

/// What can be given back, as options and as fields of a patch.
const FIELDS: [(&str, &str); 8] = [
    ("name", "name"),
    ("publisher", "publisher"),
    ("lang", "lang"),
    ("topic", "topics"),
    ("interval-min", "interval_min_minutes"),
    ("interval-max", "interval_max_minutes"),
    ("priority", "priority"),
    ("full-text", "full_text"),
];

/// Changes a source.
pub(super) fn edit(
    store: &mut dyn Store,
    args: &EditArgs,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let held = lookup::source_in_force(store, &args.source)?;
    if held.origin == Origin::Config {
        return Err(lookup::declared_to_change("source", &args.source).into());
    }
    let patch = patch(args)?;
    let topics = known::topics(store, ground.declared)?.into_iter();
    let topics: Vec<Topic> = topics.map(|spec| Topic { spec, origin: Origin::Api }).collect();
    let (least, most) = ground.bounds;
    let checks = api::checks();
    let bounds = PollBounds { min: least, max: most };
    let against = SourceGround { checks: &checks, bounds, topics: &topics };
    let spec = patch.lay(&FIELDS, |fields| edited_source(&held, fields, against, screen.now()))?;
    if !store.change_source(held.id, &spec, screen.now())? {
        return Err(lookup::absent("source", &args.source, "tidings source list").into());
    }
    let changed = lookup::source_in_force(store, &held.id.to_string())?;
    show_one(store, &changed, screen)
}

fn patch(args: &EditArgs) -> Result<Patch, Refusal> {
    let mut patch = Patch::default();
    patch.put("name", args.name.as_deref());
    patch.put("publisher", args.publisher.as_deref());
    patch.put("lang", args.lang.as_deref());
    patch.put_list("topics", &args.topics);
    patch.put("interval_min_minutes", args.interval_min);
    patch.put("interval_max_minutes", args.interval_max);
    patch.put("priority", args.priority.map(Priority::label));
    patch.put("full_text", args.full_text.then_some(true));
    match (args.kind.as_deref(), &args.item) {
        (None, None) => {}
        (Some("feed" | "list"), Some(_)) => {
            return Err(Refusal::Usage("selectors are for pages: give --as page, or leave --as out".to_owned()));
        }
        (_, Some(item)) => {
            patch.put("kind", Some("page"));
            let PageSelectors { item, link, title, date, summary } = args.within.of(item);
            let select = json!({"item": item, "link": link, "title": title, "date": date, "summary": summary});
            patch.put("select", Some(select));
        }
        (Some(kind), None) => {
            patch.put("kind", Some(if kind == "feed" { "feed" } else { "page" }));
            patch.put("select", Some(Value::Null));
        }
    }
    patch.usual(&FIELDS, &args.usual)?;
    patch.must_say_something("tidings source edit --help")?;
    Ok(patch)
}
