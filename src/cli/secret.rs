//! Randomness for new secrets.

use anyhow::anyhow;

/// Bytes of a new signing secret, as `deliver::SigningSecret` takes them.
pub(super) type Entropy = [u8; 32];

/// Draws randomness from the operating system: an [`Entropy`], or as many bytes as are asked for.
pub(super) fn entropy<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_unspecified| anyhow!("the system gives no randomness"))?;
    Ok(bytes)
}
