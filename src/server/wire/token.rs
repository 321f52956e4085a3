//! The API's tokens as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use super::time;
use crate::model::ApiToken;

/// All tokens that were made; the configured one is none of them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// By number.
    pub(crate) tokens: Vec<Token>,
}

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Token {
    id: i64,
    name: String,
    /// `read`, `write` or `admin`; each includes those before it.
    scope: &'static str,
    created_at: String,
    /// From when on it is refused; `null`: never.
    expires_at: Option<String>,
    /// The last day (UTC) on which it was used.
    used_on: Option<String>,
}

/// A token just made: the one answer that holds its text.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewToken {
    /// The token.
    pub(crate) token: Token,
    /// What is sent as `Authorization: Bearer`; it can't be read again.
    pub(crate) secret: String,
}

impl From<&ApiToken> for Token {
    fn from(token: &ApiToken) -> Self {
        Self {
            id: token.id.0,
            name: token.spec.name.clone(),
            scope: token.spec.scope.label(),
            created_at: time(token.created_at),
            expires_at: token.spec.expires_at.map(time),
            used_on: token.used_on.map(|day| day.to_string()),
        }
    }
}
