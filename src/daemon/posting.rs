//! Notifications on their way to chat and push services, and to mailboxes.

use std::fmt;
use std::sync::Arc;

use crate::deliver::format::{self, Letter};
use crate::model::{Chat, DeliveryClaim, Endpoint, Exchange, Failure, FailureKind, Mailbox};
use crate::port::ExchangeFuture;

use super::Terms;

/// How letters go out.
#[derive(Clone)]
pub struct Mail {
    /// Who writes.
    pub from: Mailbox,
    /// Hands a letter to the relay.
    pub send: Arc<dyn Fn(Letter) -> ExchangeFuture<'static> + Send + Sync>,
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

/// One attempt at a mailbox.
pub(super) async fn mail(claim: &DeliveryClaim, to: &Mailbox, terms: &Terms) -> Exchange {
    let Some(mail) = &terms.mail else {
        let detail = "nothing says how mail goes out: set `smtp` and `from` in [email]".to_owned();
        return Err(Failure { kind: FailureKind::Protocol, detail });
    };
    (mail.send)(format::letter(claim, to, &mail.from)).await
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
