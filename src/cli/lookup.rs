//! Things as people name them: by number, name or address.

use crate::ingest::story_keys_of_url;
use crate::model::{ApiToken, Source, StoryId, Subscription, TopicKey, WebUrl};
use crate::port::{Explained, Listed, Store};
use crate::url::canonical;

use super::exit::Refusal;
use super::screen::shown;

/// Finds a source by number, address or name, one that is polled no longer too.
pub(super) fn source(store: &mut dyn Store, wanted: &str) -> anyhow::Result<Source> {
    match source_in_force(store, wanted) {
        Ok(found) => Ok(found),
        Err(why) => Ok(source_among(&store.sources(Listed::All)?, wanted).map_err(|_several_or_none| why)?.clone()),
    }
}

/// Finds one that is polled.
pub(super) fn source_in_force(store: &mut dyn Store, wanted: &str) -> anyhow::Result<Source> {
    source_among(&store.sources(Listed::Current)?, wanted).cloned()
}

/// The same, among sources read already: by number or address, else by a name that one alone has, else by an address in another
/// spelling.
pub(super) fn source_among<'a>(sources: &'a [Source], wanted: &str) -> anyhow::Result<&'a Source> {
    let number = wanted.parse::<i64>().ok();
    let url = WebUrl::parse(wanted).ok();
    let is_it = |source: &&Source| number == Some(source.id.0) || url.as_ref() == Some(&source.spec.url);
    if let Some(found) = sources.iter().find(is_it) {
        return Ok(found);
    }
    let named: Vec<&Source> = sources.iter().filter(|source| source.spec.name == wanted).collect();
    match named.as_slice() {
        [] => {}
        [only] => return Ok(only),
        several => {
            let ids: Vec<String> = several.iter().map(|source| source.id.to_string()).collect();
            let (name, ids) = (shown(wanted), ids.join(", "));
            return Err(Refusal::Data(format!("several sources are called {name:?}: give a number of {ids}")).into());
        }
    }
    let address = url.or_else(|| WebUrl::parse(&format!("https://{wanted}")).ok()).map(|url| canonical(&url));
    let is_at = |source: &&Source| {
        let declared = source.state.moved_from.as_ref();
        [Some(&source.spec.url), declared].into_iter().flatten().any(|url| address.as_ref() == Some(&canonical(url)))
    };
    let found = sources.iter().find(is_at);
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
            let hint = if wanted.starts_with("msg_") {
                ": it is a notification's id (tidings delivery list shows what became of it)"
            } else {
                ""
            };
            return Err(Refusal::Usage(format!("{:?} is neither an address nor a number{hint}", shown(wanted))).into());
        }
    };
    let Some(id) = found else {
        return Err(Refusal::Data(format!(
            "no story is known under {:?}: no source brought it (see tidings source list), its address differs, or it is past its \
             retention",
            shown(wanted)
        ))
        .into());
    };
    // Names outlive their story, so that it is not told again.
    let past =
        || Refusal::Data(format!("story {id} is past its retention: what it said and why it was told are deleted"));
    Ok(store.explain(id)?.ok_or_else(past)?)
}

/// Says that there is no such thing, and which command lists those that are.
pub(super) fn absent(what: &str, wanted: &str, listing: &str) -> Refusal {
    Refusal::Data(format!("there is no {what} {:?}; see: {listing}", shown(wanted)))
}

/// Says that a thing is the configuration file's to change.
pub(super) fn declared_to_change(what: &str, name: &str) -> Refusal {
    Refusal::Data(format!(
        "the {what} {:?} is declared in the configuration: change it there and reload the daemon",
        shown(name)
    ))
}

/// Says that a thing is the configuration file's to remove.
pub(super) fn declared(what: &str, name: &str) -> Refusal {
    Refusal::Data(format!(
        "the {what} {:?} is declared in the configuration: take it out there and reload the daemon",
        shown(name)
    ))
}
