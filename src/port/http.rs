//! The way out to the web.

use std::future::Future;
use std::pin::Pin;

use crate::model::{Exchange, Request};

/// A future exchange. Boxed, as the trait is used as an object at the border.
pub type ExchangeFuture<'a> = Pin<Box<dyn Future<Output = Exchange> + Send + 'a>>;

/// Sends one request and gives back what came of it; never an error of its own.
///
/// The implementation keeps the bounds of [`Request::limits`], follows or refuses redirects as asked, and lets no
/// request through to an address that its policy forbids. Dropping the future ends the exchange (cancel-safe).
pub trait Http: Send + Sync {
    /// Sends `request`.
    fn send(&self, request: Request) -> ExchangeFuture<'_>;
}
