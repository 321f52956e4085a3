//! `/v1/stories`: search, and why a story was told or not.

use axum::Json;
use axum::extract::State;

use super::params::{Params, Segment, row};
use super::problem::Problem;
use super::state::AppState;
use super::wire;
use crate::model::StoryId;

/// Characters of a search at most.
pub(super) const WORDS_CHARS_MAX: usize = 200;

pub(super) async fn search(State(app): State<AppState>, mut params: Params) -> Result<Json<wire::Stories>, Problem> {
    let words = params.text("q").filter(|words| !words.trim().is_empty());
    let before = StoryId(params.number("before").unwrap_or(i64::MAX));
    let limit = params.limit();
    match &words {
        None => params.fault("q", "`q` is missing: the words that a story's title or text holds".to_owned()),
        Some(words) if words.chars().count() > WORDS_CHARS_MAX => {
            params.fault("q", format!("`q` is longer than {WORDS_CHARS_MAX} characters"));
        }
        Some(_) => {}
    }
    params.finish()?;
    let words = words.unwrap_or_default();
    // One more than asked tells whether there is a next page.
    let mut stories = app.keeper.read(move |store| store.search_before(&words, before, limit + 1)).await?;
    let more = stories.len() > limit;
    stories.truncate(limit);
    let next = stories.last().filter(|_| more).map(|last| params.next("/v1/stories", "before", last.id.0));
    Ok(Json(wire::Stories { stories: stories.iter().map(wire::Story::from).collect(), next }))
}

pub(super) async fn show(State(app): State<AppState>, Segment(id): Segment) -> Result<Json<wire::Explained>, Problem> {
    let id = StoryId(row(&id, "story")?);
    let known = app.keeper.read(move |store| store.explain(id)).await?;
    let known = known.ok_or_else(|| Problem::not_found(format!("there is no story {id}")))?;
    Ok(Json((&known).into()))
}
