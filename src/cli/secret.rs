//! Randomness for new secrets.

use anyhow::anyhow;
use aws_lc_rs::digest::{SHA256, digest};

use crate::port::TokenHash;
use crate::server::TokenMeans;

/// Bytes of a new signing secret, as `deliver::SigningSecret` takes them.
pub(super) type Entropy = [u8; 32];

/// Draws randomness from the operating system: an [`Entropy`], or as many bytes as are asked for.
pub(super) fn entropy<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| anyhow!("the system gives no randomness"))?;
    Ok(bytes)
}

/// What the API's tokens are made of and kept as.
pub(super) const TOKENS: TokenMeans = TokenMeans { chance: || entropy().ok(), hash: token_hash };

/// What is kept of a token. One of 32 random bytes can't be guessed, so it needs no salt nor slow hash.
pub(super) fn token_hash(token: &str) -> TokenHash {
    let mut hash = TokenHash::default();
    hash.iter_mut().zip(digest(&SHA256, token.as_bytes()).as_ref()).for_each(|(to, from)| *to = *from);
    hash
}
