//! Notifications on their way to chat and push services, and to mailboxes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::deliver::format::{self, Letter};
use crate::model::{Chat, DeliveryClaim, Endpoint, Exchange, Failure, FailureKind, Mailbox};
use crate::port::ExchangeFuture;

use super::Terms;

/// How long a letter waits for those before it before it gives its place among the attempts back.
const TURN: Duration = Duration::from_secs(20);

/// How letters go out.
#[derive(Clone)]
pub struct Mail {
    from: Mailbox,
    send: Arc<HandIn>,
    /// One letter at a time goes to the relay, in the order in which they came.
    turn: Arc<Semaphore>,
}

/// Hands a letter to the relay.
type HandIn = dyn Fn(Letter) -> ExchangeFuture<'static> + Send + Sync;

impl Mail {
    /// From that sender, by that way.
    pub fn new(from: Mailbox, send: Arc<HandIn>) -> Self {
        Self { from, send, turn: Arc::new(Semaphore::new(1)) }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("from", &self.from).finish_non_exhaustive()
    }
}

/// One attempt at a service.
pub(super) async fn send(claim: &DeliveryClaim, chat: &Chat, terms: &Terms) -> Exchange {
    // The error quotes the address.
    let Ok(request) = format::prepare(claim, chat, &terms.retry) else {
        let detail = "the service's address is none".to_owned();
        return Err(Failure { kind: FailureKind::Protocol, detail });
    };
    terms.http.send(request).await
}

/// One attempt at a mailbox. `None`: the relay takes others all this time, which is nothing that the mailbox did.
pub(super) async fn mail(claim: &DeliveryClaim, to: &Mailbox, terms: &Terms) -> Option<Exchange> {
    let Some(mail) = &terms.mail else {
        let detail = "nothing says how mail goes out: set `smtp` and `from` in [email]".to_owned();
        return Some(Err(Failure { kind: FailureKind::Protocol, detail }));
    };
    let _turn = tokio::time::timeout(TURN, mail.turn.acquire()).await.ok()?.ok()?;
    Some((mail.send)(format::letter(claim, to, &mail.from)).await)
}

/// What came of an attempt: as it is kept and shown, and as it is meant where that is another.
pub(super) fn read(endpoint: &Endpoint, exchange: Exchange) -> (Exchange, Option<Exchange>) {
    match endpoint {
        Endpoint::Chat(chat) => {
            let meant = format::understood(chat.service(), &exchange);
            (format::showable(chat, exchange), Some(meant))
        }
        Endpoint::Webhook { .. } | Endpoint::WebPush { .. } | Endpoint::Email(_) => (exchange, None),
    }
}
