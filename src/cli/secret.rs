//! Randomness for new secrets.

use anyhow::anyhow;

/// Bytes of a new signing secret, as `deliver::SigningSecret` takes them.
pub(super) type Entropy = [u8; 32];

/// Draws randomness from the operating system.
pub(super) fn entropy() -> anyhow::Result<Entropy> {
    let mut bytes = Entropy::default();
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| anyhow!("the system gives no randomness"))?;
    Ok(bytes)
}
