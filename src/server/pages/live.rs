//! `/live`: what is new on an open page of events, as it comes.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::asked::Asked;
use super::card::draw;
use super::reader::{Reader, Right};
use super::refusal::Refusal;
use crate::server::params::Params;
use crate::server::quota::Client;
use crate::server::state::AppState;
use crate::server::stream;

/// Answers with a stream for whoever may see the page.
pub(super) async fn live(
    State(app): State<AppState>,
    reader: Reader,
    client: Client,
    headers: HeaderMap,
    mut params: Params,
) -> Result<Response, Refusal> {
    reader.must(Right::Look)?;
    let filter = Asked { words: None, ..Asked::read(&mut params, None) }.events(1);
    let holder = reader.granted().cloned().ok_or(client);
    Ok(stream::follow(&app, holder, (headers, params), (filter, draw)).await?)
}
