//! Rung 5: letters by SMTP. lettre is named here only.
//!
//! Owns the connection to the relay and the encoding of letters; what they say is deliver/'s.
//!
//! Architecture invariant: no text of a letter reaches a header or the envelope but through the encoder, and nothing
//! is sent in the clear unless the relay was named so.

mod encode;
mod relay;

pub use encode::encoded;
pub use relay::{MailError, Mailer, Relay, Security};
