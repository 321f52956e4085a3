//! The store's verbs of the API's tokens: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{StoreError, TokenHash};
use crate::model::{ApiToken, TokenId, TokenSpec};

/// Tokens, each with its hash, as they are after so many changes.
pub type KnownTokens = (u64, Vec<(TokenHash, ApiToken)>);

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Tokens {
    /// Tokens, by number.
    fn tokens(&mut self) -> Result<Vec<ApiToken>, StoreError>;
    /// The same with their hashes, and a number that grows with each that is made or removed; `None` where it is still `known`.
    fn tokens_unless(&mut self, known: u64) -> Result<Option<KnownTokens>, StoreError>;
    /// Adds one; `None` where there are [`TokenSpec::COUNT_MAX`] already.
    fn add_token(&mut self, spec: &TokenSpec, hash: &TokenHash, now: Timestamp) -> Result<Option<TokenId>, StoreError>;
    /// Removes one. `false` where there is none such.
    fn remove_token(&mut self, id: TokenId) -> Result<bool, StoreError>;
    /// Notes the last day on which one was used; an earlier one than noted is passed over.
    fn note_token_use(&mut self, id: TokenId, day: Date) -> Result<(), StoreError>;
}
