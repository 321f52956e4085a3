//! `/v1/tokens`: who else may use the API.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use jiff::Timestamp;

use super::fields::Fields;
use super::params::{Params, Segment, row};
use super::problem::Problem;
use super::state::AppState;
use super::wire;
use crate::model::{ApiToken, Scope, TokenId, TokenSpec};

pub(super) async fn list(State(app): State<AppState>, mut params: Params) -> Result<Json<wire::Tokens>, Problem> {
    params.finish()?;
    let tokens = app.keeper.read(|store| store.tokens()).await?;
    Ok(Json(wire::Tokens { tokens: tokens.iter().map(wire::Token::from).collect() }))
}

pub(super) async fn show(State(app): State<AppState>, Segment(id): Segment) -> Result<Json<wire::Token>, Problem> {
    Ok(Json((&find(&app, TokenId(row(&id, "token")?)).await?).into()))
}

pub(super) async fn add(State(app): State<AppState>, fields: Fields) -> Result<impl IntoResponse, Problem> {
    let spec = read(fields, app.clock.now())?;
    let Some((id, text)) = app.access.make(spec).await? else {
        return Err(Problem::conflict(format!("there are {} tokens, as many as are allowed", TokenSpec::COUNT_MAX)));
    };
    let token = find(&app, id).await?;
    let scope = token.spec.scope.label();
    tracing::info!(token.id = id.0, token.scope = scope, "token {id} was made, with the scope {scope}");
    let body = wire::NewToken { token: (&token).into(), secret: text.reveal().to_owned() };
    Ok((StatusCode::CREATED, [(header::LOCATION, format!("/v1/tokens/{id}"))], Json(body)))
}

pub(super) async fn remove(State(app): State<AppState>, Segment(id): Segment) -> Result<StatusCode, Problem> {
    let id = TokenId(row(&id, "token")?);
    if !app.access.remove(id).await? {
        return Err(absent(id));
    }
    tracing::info!(token.id = id.0, "token {id} was removed");
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &AppState, id: TokenId) -> Result<ApiToken, Problem> {
    let tokens = app.keeper.read(|store| store.tokens()).await?;
    tokens.into_iter().find(|token| token.id == id).ok_or_else(|| absent(id))
}

fn absent(id: TokenId) -> Problem {
    Problem::not_found(format!("there is no token {id}"))
}

fn read(mut fields: Fields, now: Timestamp) -> Result<TokenSpec, Problem> {
    let name = fields.required("name").filter(|name| {
        let is_name = TokenSpec::is_name(name);
        if !is_name {
            let most = TokenSpec::NAME_CHARS_MAX;
            fields.fault(
                "name",
                format!("`name` is longer than {most} characters, or holds control characters or spaces at an end"),
            );
        }
        is_name
    });
    let scope = fields.required("scope").and_then(|word| {
        let scope = Scope::parse(&word);
        if scope.is_none() {
            fields.fault("scope", format!("`scope` is {word:?}, not \"read\", \"write\" or \"admin\""));
        }
        scope
    });
    let days = fields.count("expires_days", TokenSpec::EXPIRES_DAYS_MAX.into());
    let expires_at = days.and_then(|days| now.checked_add(Duration::from_hours(24 * days)).ok());
    let spec = name.zip(scope).map(|(name, scope)| TokenSpec { name, scope, expires_at });
    fields.finish(spec)
}
