//! Things as people name them: by number, name or address.

use crate::ingest::story_keys_of_url;
use crate::model::{ApiToken, Source, StoryId, Subscription, TopicKey, WebUrl};
use crate::port::{Explained, Listed, Store};

use super::exit::Refusal;
use super::screen::shown;

/// Finds a source by number, address or name.
pub(super) fn source(store: &mut dyn Store, wanted: &str) -> anyhow::Result<Source> {
    source_among(&store.sources(Listed::All)?, wanted).cloned()
}

/// The same, among sources read already.
pub(super) fn source_among<'a>(sources: &'a [Source], wanted: &str) -> anyhow::Result<&'a Source> {
    let url = WebUrl::parse(wanted).ok();
    let number = wanted.parse::<i64>().ok();
    let hit = |source: &&Source| {
        number.is_some_and(|n| n == source.id.0)
            || url.as_ref().is_some_and(|url| *url == source.spec.url)
            || source.spec.name == wanted
    };
    let found = sources.iter().find(hit);
    Ok(found.ok_or_else(|| absent("source", wanted, "tidings source list"))?)
}

/// Finds a subscription by number or name.
pub(super) fn subscription(store: &mut dyn Store, wanted: &str) -> anyhow::Result<Subscription> {
    let number = wanted.parse::<i64>().ok();
    let hit = |s: &Subscription| s.spec.name == wanted || number.is_some_and(|n| n == s.id.0);
    let found = store.subscriptions()?.into_iter().find(hit);
    Ok(found.ok_or_else(|| absent("subscription", wanted, "tidings subscription list"))?)
}

/// Finds a token by name or number.
pub(super) fn token(store: &mut dyn Store, wanted: &str) -> anyhow::Result<ApiToken> {
    let number = wanted.parse::<i64>().ok();
    let tokens = store.tokens()?;
    // A name that is a number goes before the number.
    let found = tokens.iter().find(|token| token.spec.name == wanted);
    let found = found.or_else(|| tokens.iter().find(|token| number == Some(token.id.0)));
    Ok(found.cloned().ok_or_else(|| absent("token", wanted, "tidings token list"))?)
}

/// Takes topics by their ids; each must be there.
pub(super) fn topics(store: &mut dyn Store, wanted: &[String]) -> anyhow::Result<Vec<TopicKey>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let known: Vec<_> = store.topics()?.into_iter().map(|topic| topic.spec.key).collect();
    let find = |id: &String| {
        let key = known.iter().find(|key| key.as_str() == id).cloned();
        Ok(key.ok_or_else(|| absent("topic", id, "tidings topic list"))?)
    };
    wanted.iter().map(find).collect()
}

/// Finds a story by number or address, with all that is known of it.
pub(super) fn story(store: &mut dyn Store, wanted: &str) -> anyhow::Result<Explained> {
    let wanted = wanted.trim();
    let found = match (wanted.parse::<i64>(), WebUrl::parse(wanted)) {
        (Ok(id), _) => store.find_story(&[], Some(StoryId(id)))?,
        (_, Ok(url)) => store.find_story(&story_keys_of_url(&url), None)?,
        (Err(_), Err(_)) => {
            return Err(Refusal::Usage(format!("{:?} is neither an address nor a number", shown(wanted))).into());
        }
    };
    let known = match found {
        Some(id) => store.explain(id)?,
        None => None,
    };
    Ok(known.ok_or_else(|| {
        Refusal::Data(format!(
            "no story is known under {:?}: no source brought it (see tidings source list), or its address differs",
            shown(wanted)
        ))
    })?)
}

/// Says that there is no such thing, and which command lists those that are.
pub(super) fn absent(what: &str, wanted: &str, listing: &str) -> Refusal {
    Refusal::Data(format!("there is no {what} {:?}; see: {listing}", shown(wanted)))
}

/// Says that a thing is the configuration file's to remove.
pub(super) fn declared(what: &str, name: &str) -> Refusal {
    Refusal::Data(format!(
        "the {what} {:?} is declared in the configuration: take it out there and reload the daemon",
        shown(name)
    ))
}
