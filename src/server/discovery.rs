//! `/v1/sources/discover`: what can be polled at an address.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use super::fields::Fields;
use super::problem::Problem;
use super::quota::Client;
use super::state::AppState;
use super::topics::keys;
use super::wire;
use crate::daemon::{NotSought, Searched, Sought};
use crate::discover::KnownSources;
use crate::model::{Source, Topic, TopicKey, WebUrl};
use crate::port::{Listed, StoreError};
use crate::text::is_language;
use crate::topic::{Matcher, Query};

/// `POST /v1/sources/discover`
pub(super) async fn discover(
    State(app): State<AppState>,
    client: Client,
    mut fields: Fields,
) -> Result<Json<wire::Discovered>, Problem> {
    let (topics, sources) = held(&app).await?;
    let sought = sought(&mut fields);
    let wanted = keys(&mut fields, &topics);
    let sought = fields.finish(sought)?;
    let searched = search(&app, client, sought).await?;
    let (known, matcher) = (KnownSources::new(&[], &sources), matcher(&topics, &wanted));
    let view = wire::View { found: &searched.found, known: &known, topics: &matcher, now: app.clock.now() };
    let bounds = (app.poll_bounds.min, app.poll_bounds.max);
    Ok(Json(wire::Discovered::new(&view, |finding| finding.as_source(bounds))))
}

/// What there is already: topics and sources.
pub(super) async fn held(app: &AppState) -> Result<(Vec<Topic>, Vec<Source>), StoreError> {
    app.keeper.read(|store| Ok((store.topics()?, store.sources(Listed::Current)?))).await
}

/// The fields `url`, without its scheme too, and `lang`.
pub(super) fn sought(fields: &mut Fields) -> Option<Sought> {
    let lang = fields.text("lang").filter(|lang| !lang.trim().is_empty());
    if lang.as_ref().is_some_and(|lang| !is_language(lang)) {
        fields.fault("lang", "`lang` is not a language of two or three small letters, such as `en`");
    }
    let url = fields.required("url")?;
    match typed(&url) {
        Ok(url) => Some(Sought { url, lang }),
        Err(why) => {
            fields.fault("url", why);
            None
        }
    }
}

/// An address as a person types it: without its scheme too.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn typed(text: &str) -> Result<WebUrl, String> {
    let text = &without_feed_scheme(text.trim());
    let host = text.split(['/', ':', '?']).next().unwrap_or_default();
    let is_bare = host.contains('.') && !text.contains("://");
    let parsed = if is_bare { WebUrl::parse(&format!("https://{text}")) } else { WebUrl::parse(text) };
    let url = parsed.map_err(|why| why.to_string())?;
    if url.names_user() {
        return Err("addresses with a user name or password are refused".to_owned());
    }
    Ok(url)
}

/// An address as it is asked where a reader's own scheme stands before it: `feed://host/x`, `feed:https://host/x`.
fn without_feed_scheme(text: &str) -> Cow<'_, str> {
    match text.split_at_checked("feed:".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("feed:") => {
            if rest.starts_with("//") {
                Cow::Owned(format!("http:{rest}"))
            } else {
                Cow::Borrowed(rest)
            }
        }
        Some(_) | None => Cow::Borrowed(text),
    }
}

/// Searches, one search at a time for each client.
pub(super) async fn search(app: &AppState, client: Client, sought: Sought) -> Result<Arc<Searched>, Problem> {
    let Some(seeker) = &app.seeker else {
        return Err(Problem::closed("no searches are made here: use `tidings source find`"));
    };
    match seeker.seek(client.network(), sought).await {
        Ok(searched) => Ok(searched),
        Err(NotSought::Busy) => {
            Err(Problem::too_many("another search is under way: wait until it has ended, 20 seconds at most"))
        }
        Err(NotSought::Paused(pause)) => {
            let (domain, until) = (pause.domain, pause.until);
            Err(Problem::conflict(format!("{domain} asked to be left alone until {until:.0}")))
        }
        Err(NotSought::Store(error)) => Err(error.into()),
    }
}

/// The topics that what is found is held against: those named, or all.
pub(super) fn matcher(topics: &[Topic], wanted: &[TopicKey]) -> Matcher {
    let meant = topics.iter().filter(|topic| wanted.is_empty() || wanted.contains(&topic.spec.key));
    // A query that can't be read is `tidings check`'s to tell.
    let queries = meant.filter_map(|topic| Some((topic.spec.key.clone(), Query::parse(&topic.spec.query).ok()?)));
    Matcher::new(&queries.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_without_its_scheme_and_with_that_of_a_reader() {
        let address = |text: &str| typed(text).map(|url| url.as_str().to_owned());
        assert_eq!(address(" a.example/rss "), Ok("https://a.example/rss".to_owned()));
        assert_eq!(address("feed://a.example/rss"), Ok("http://a.example/rss".to_owned()));
        assert_eq!(address("FEED:https://a.example/rss"), Ok("https://a.example/rss".to_owned()));
        assert!(address("feed://me:pw@a.example/").is_err() && address("ftp://a.example/").is_err());
    }
}
