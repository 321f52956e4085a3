//! `/v1/stories`: search, and why a story was told or not.

use axum::Json;
use axum::extract::State;

use super::notifications::must_be_there;
use super::params::{End, Params, Segment, row};
use super::problem::Problem;
use super::search::{SEARCH_CHARS_MAX, Search};
use super::searches::Searcher;
use super::state::AppState;
use super::wire;
use crate::model::{StoryId, TopicKey};

pub(super) async fn search(State(app): State<AppState>, mut params: Params) -> Result<Json<wire::Stories>, Problem> {
    let asked = asked(&mut params);
    params.finish()?;
    let Some(asked) = asked else { return Ok(Json(wire::Stories { stories: Vec::new(), next: None })) };
    must_be_there(&app, asked.topic.as_ref()).await?;
    let found = app.searches.make(&app, Searcher::Bearer, asked).await?;
    let next = found.before.map(|before| params.next("/v1/stories", "before", before.0));
    let stories = found.stories.iter().map(|(story, _)| wire::Story::from(story)).collect();
    Ok(Json(wire::Stories { stories, next }))
}

/// What is looked for; a fault of it is noted in `params`.
fn asked(params: &mut Params) -> Option<Search> {
    let words = params.text("q").filter(|words| !words.trim().is_empty());
    let limit = params.limit();
    let topic = params.parsed("topic", "a topic's id", TopicKey::parse);
    let (lang, publisher) = (params.language("lang"), params.publisher("publisher"));
    let (since, until) = (params.time("since", End::First), params.time("until", End::Last));
    let before = params.number("before").map(StoryId);
    let Some(words) = words else {
        params.fault("q", "`q` is missing: words that a story's title or text holds, or a query".to_owned());
        return None;
    };
    if words.chars().count() > SEARCH_CHARS_MAX {
        params.fault("q", format!("`q` is longer than {SEARCH_CHARS_MAX} characters"));
        return None;
    }
    match Search::of(&words, limit) {
        Ok(search) => Some(Search { topic, lang, publisher, since, until, before, ..search }),
        Err(faults) => {
            for fault in faults {
                params.fault("q", format!("`q`, from byte {}: {fault}", fault.span.start));
            }
            None
        }
    }
}

pub(super) async fn show(State(app): State<AppState>, Segment(id): Segment) -> Result<Json<wire::Explained>, Problem> {
    let id = StoryId(row(&id, "story")?);
    let known = app.keeper.read(move |store| store.explain(id)).await?;
    let known = known.ok_or_else(|| Problem::not_found(format!("there is no story {id}")))?;
    Ok(Json((&known).into()))
}
