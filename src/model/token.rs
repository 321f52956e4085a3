//! The API's tokens, and how far each reaches.

use jiff::Timestamp;
use jiff::civil::Date;

use super::TokenId;

/// How far a token reaches; each scope includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Whatever only looks.
    Read,
    /// Changes topics, sources, subscriptions and deliveries, and corrects.
    Write,
    /// Tokens themselves.
    Admin,
}

impl Scope {
    /// All of them, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// Its word.
    pub fn label(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// The scope of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.label() == word)
    }
}

/// A token as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSpec {
    /// Whose it is or what it is for; no two have the same.
    pub name: String,
    /// How far it reaches.
    pub scope: Scope,
    /// From when on it is refused; `None`: never.
    pub expires_at: Option<Timestamp>,
}

impl TokenSpec {
    /// Characters of a name at most.
    pub const NAME_CHARS_MAX: usize = 100;
    /// Days until a token expires at most: ten years.
    pub const EXPIRES_DAYS_MAX: u32 = 3_653;
    /// Tokens at most: each request is held against all of them.
    pub const COUNT_MAX: usize = 1_000;

    /// Whether `name` is one that people can read in a line.
    pub fn is_name(name: &str) -> bool {
        (1..=Self::NAME_CHARS_MAX).contains(&name.chars().count())
            && name.trim() == name
            && !name.chars().any(char::is_control)
    }
}

/// A token that was made; its text is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Its number.
    pub id: TokenId,
    /// As it was asked for.
    pub spec: TokenSpec,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last day (UTC) on which it was used.
    pub used_on: Option<Date>,
}

impl ApiToken {
    /// Whether it is refused by now.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.spec.expires_at.is_some_and(|end| end <= now)
    }
}
