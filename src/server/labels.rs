//! `/v1/labels`: what operators said of stories and events, for tuning; and the same in a file.

use axum::Json;
use axum::extract::State;

use super::params::Params;
use super::problem::Problem;
use super::state::AppState;
use super::wire;
use crate::daemon::Keeper;
use crate::port::StoreError;

/// Labels of one look at the store.
const PAGE: usize = 500;

pub(super) async fn list(State(app): State<AppState>, mut params: Params) -> Result<Json<wire::Labels>, Problem> {
    let after = params.number("after").unwrap_or(0);
    let limit = params.limit();
    params.finish()?;
    let page = app.keeper.read(move |store| store.labels(after, limit + 1)).await?;
    let shown = page.get(..limit.min(page.len())).unwrap_or_default();
    let next = shown.last().filter(|_| page.len() > limit);
    let next = next.map(|(last, _)| params.next("/v1/labels", "after", *last));
    Ok(Json(wire::Labels { labels: shown.iter().map(|(id, view)| wire::LabelLine::of(*id, view)).collect(), next }))
}

/// All of them as JSON Lines, as `tidings label export` prints them.
///
/// # Errors
/// The store's.
pub(super) async fn lines(keeper: &Keeper) -> Result<String, StoreError> {
    let (mut text, mut after) = (String::new(), 0);
    loop {
        let page = keeper.read(move |store| store.labels(after, PAGE)).await?;
        let Some((last, _)) = page.last() else { return Ok(text) };
        after = *last;
        for (id, view) in &page {
            text.push_str(&serde_json::to_string(&wire::LabelLine::of(*id, view)).unwrap_or_default());
            text.push('\n');
        }
    }
}
