//! `tidings topic show`: what a topic asks for, and how alike stories must be now to be one event of it.

use serde_json::{Value, json};

use crate::dedup::TOLD_AFTER;
use crate::ingest::{Asked, Decider, Outlook, outlook};
use crate::model::Topic;
use crate::port::Store;
use crate::server::wire;
use crate::topic::Matcher;

use super::super::screen::{Screen, shown};
use super::Ground;

/// Shows a topic as declared, and how it stands.
pub(super) fn show(
    store: &mut dyn Store,
    topic: &Topic,
    ground: &Ground<'_>,
    screen: &mut Screen,
) -> anyhow::Result<()> {
    let policy = ground.policy;
    let since = screen.now().checked_sub(policy.keep.max(policy.window))?;
    let seed = store.index_seed(since)?;
    let mut decider = Decider::new(vec![topic.clone()], Matcher::default(), policy, &seed.remembered());
    for some in seed.stories_at_once() {
        decider.take_up(&store.recall(some)?);
    }
    let outlook = outlook(&topic.spec.key, &decider, &policy, screen.now());
    let has_model = (ground.model)()?.is_some();
    if screen.is_json() {
        return Ok(screen.record(&to_json(topic, &outlook, has_model)?)?);
    }
    declared(topic, screen)?;
    stands(&outlook, (ground, has_model), screen)?;
    screen.line("")?;
    for line in topic.spec.query.trim().lines() {
        screen.line(&shown(line))?;
    }
    Ok(())
}

/// What was declared, but for the query.
pub(super) fn declared(topic: &Topic, screen: &mut Screen) -> anyhow::Result<()> {
    let spec = &topic.spec;
    screen.heading(&shown(&spec.name))?;
    screen.field("id", spec.key.as_str())?;
    screen.field("from", topic.origin.label())?;
    if !spec.span.is_open() {
        screen.field("published", &spec.span.to_string())?;
    }
    screen.field("fresh", &format!("{} hours", spec.fresh.as_secs() / 3_600))?;
    Ok(screen.field("stale", &format!("{} days", spec.stale.as_secs() / 86_400))?)
}

fn stands(outlook: &Outlook, (ground, has_model): (&Ground<'_>, bool), screen: &mut Screen) -> anyhow::Result<()> {
    let model = if has_model { "installed" } else { "none: by words, names and numbers (tidings model install)" };
    screen.field("model", model)?;
    let days = ground.policy.window.as_secs() / 86_400;
    screen.field(
        "open events",
        &format!(
            "{} of {} stories, the latest of each in the last {days} days",
            outlook.open.events, outlook.open.stories
        ),
    )?;
    let by = |name: &str, asked: &Asked| {
        let Asked { at_once, one, five } = asked;
        format!(
            "{one:.2} to join an event of one story, {five:.2} one of five ({name}: {} + {} * ln(1 + {:.0} / (1 + {TOLD_AFTER} * (stories - 1))), at least {})",
            at_once.base, at_once.crowding, outlook.against, at_once.least,
        )
    };
    if has_model {
        screen.field("alike enough", &by("by words and meaning", &outlook.by_meaning))?;
    }
    let alone = if has_model { "by words, without a meaning" } else { "by words" };
    screen.field(if has_model { "" } else { "alike enough" }, &by(alone, &outlook.by_words))?;
    screen.field("", &format!("at the same moment; up to half more over {days} days apart"))?;
    let Some(background) = outlook.background else { return Ok(()) };
    let sides = [("by words", background.words), ("by meaning", background.meaning)];
    for (name, (middle, high)) in sides.into_iter().filter_map(|(name, side)| Some((name, side?))) {
        let text = format!("{middle:.2} {name} (one pair in twenty above {high:.2}), stories over ten days apart");
        screen.field("background", &text)?;
    }
    Ok(())
}

fn to_json(topic: &Topic, outlook: &Outlook, has_model: bool) -> anyhow::Result<Value> {
    let asked = |asked: &Asked| {
        let Asked { at_once, one, five } = asked;
        json!({"base": at_once.base, "crowding": at_once.crowding, "least": at_once.least, "one_story": one, "five_stories": five})
    };
    let side = |side: Option<(f64, f64)>| side.map(|(middle, high)| json!({"median": middle, "percentile_95": high}));
    let background = outlook.background.map(|background| {
        json!({"pairs": background.pairs, "words": side(background.words), "meaning": side(background.meaning)})
    });
    let mut value = serde_json::to_value(wire::Topic::from(topic))?;
    if let Value::Object(fields) = &mut value {
        fields.insert("model".to_owned(), json!(has_model));
        fields.insert("open_events".to_owned(), json!(outlook.open.events));
        fields.insert("open_stories".to_owned(), json!(outlook.open.stories));
        fields.insert("against".to_owned(), json!(outlook.against));
        let thresholds = json!({"words": asked(&outlook.by_words), "meaning": asked(&outlook.by_meaning)});
        fields.insert("threshold".to_owned(), thresholds);
        fields.insert("background".to_owned(), json!(background));
    }
    Ok(value)
}
