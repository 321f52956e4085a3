//! Notifications on their way to chat and push services, and to mailboxes.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::deliver::format::{self, Letter};
use crate::model::{Chat, DeliveryClaim, Endpoint, Exchange, Failure, FailureKind, Mailbox, Sender};
use crate::port::ExchangeFuture;

use super::Terms;

/// How long a letter waits for those before it before it gives its place among the attempts back.
const TURN: Duration = Duration::from_secs(20);

/// How letters go out.
#[derive(Clone)]
pub struct Mail {
    from: Sender,
    send: Arc<HandIn>,
    queue: Arc<Queue>,
}

/// Letters on their way: one at a time goes to the relay, in the order in which they came. But one to a mailbox that held the relay up the
/// last time lets all go once that wait with it: it would hold them all up again.
struct Queue {
    turn: Semaphore,
    /// Letters that wait, but for those.
    waiting: AtomicUsize,
    /// Mailboxes whose last letter ran out of time.
    slow: Mutex<BTreeSet<Mailbox>>,
}

/// Mailboxes remembered as slow at most; others go in their turn.
const SLOW_MAX: usize = 1_000;

impl Queue {
    /// The turn of a letter; `None` where it doesn't come in time. Cancel-safe.
    async fn turn(&self, to: &Mailbox) -> Option<SemaphorePermit<'_>> {
        if !self.slow().contains(to) {
            let _waits = Waits::of(&self.waiting);
            return self.turn.acquire().await.ok();
        }
        let mut has_yielded = false;
        loop {
            let turn = self.turn.acquire().await.ok()?;
            if has_yielded || self.waiting.load(Ordering::Relaxed) == 0 {
                return Some(turn);
            }
            // Given back, it goes to who has waited longest; this one stands behind all then, once.
            drop(turn);
            has_yielded = true;
        }
    }

    /// Notes how a letter fared.
    fn heard(&self, to: &Mailbox, exchange: &Exchange) {
        let mut slow = self.slow();
        if !matches!(exchange, Err(failure) if failure.kind == FailureKind::Timeout) {
            slow.remove(to);
        } else if slow.len() < SLOW_MAX {
            slow.insert(to.clone());
        }
    }

    fn slow(&self) -> MutexGuard<'_, BTreeSet<Mailbox>> {
        self.slow.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One letter that waits, until this is dropped.
struct Waits<'a>(&'a AtomicUsize);

impl<'a> Waits<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Hands a letter to the relay.
type HandIn = dyn Fn(Letter) -> ExchangeFuture<'static> + Send + Sync;

impl Mail {
    /// From that sender, by that way.
    pub fn new(from: Sender, send: Arc<HandIn>) -> Self {
        let queue = Queue { turn: Semaphore::new(1), waiting: AtomicUsize::new(0), slow: Mutex::default() };
        Self { from, send, queue: Arc::new(queue) }
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
    let _turn = tokio::time::timeout(TURN, mail.queue.turn(to)).await.ok()??;
    let exchange = (mail.send)(format::letter(claim, to, &mail.from)).await;
    mail.queue.heard(to, &exchange);
    Some(exchange)
}

/// What came of an attempt: as it is kept and shown, and as it is meant where that is another.
pub(super) fn read(endpoint: &Endpoint, exchange: Exchange) -> (Exchange, Option<Exchange>) {
    match endpoint {
        Endpoint::Chat(chat) => {
            let meant = format::understood(chat.service(), &exchange);
            (format::showable(chat, exchange), Some(meant))
        }
        Endpoint::Email(_) => {
            let meant = exchange.clone();
            (exchange.map(format::showable_mail), Some(meant))
        }
        Endpoint::Webhook { .. } | Endpoint::WebPush { .. } => (exchange, None),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn queue() -> Queue {
        Queue { turn: Semaphore::new(1), waiting: AtomicUsize::new(0), slow: Mutex::default() }
    }

    fn mailbox(text: &str) -> Mailbox {
        Mailbox::parse(text).unwrap()
    }

    #[tokio::test]
    async fn a_mailbox_that_held_the_relay_up_goes_when_no_other_waits() {
        let queue = queue();
        let (hangs, desk) = (mailbox("hangs@example.org"), mailbox("desk@example.org"));
        let failed = |kind| Err(Failure { kind, detail: String::new() });
        queue.heard(&hangs, &failed(FailureKind::Timeout));
        let busy = queue.turn(&desk).await.unwrap();
        let mut first = Box::pin(queue.turn(&hangs));
        assert!(first.as_mut().now_or_never().is_none());
        let mut second = Box::pin(queue.turn(&desk));
        assert!(second.as_mut().now_or_never().is_none());
        drop(busy);
        assert!(first.as_mut().now_or_never().is_none(), "it came before, and lets the other one go");
        let other = second.await.unwrap();
        assert!(first.as_mut().now_or_never().is_none());
        drop(other);
        drop(first.await.unwrap());

        queue.heard(&hangs, &failed(FailureKind::Connect));
        assert!(queue.slow().is_empty(), "it is a mailbox as any other again");
        let left = queue.turn(&desk).now_or_never().flatten();
        assert!(left.is_some() && queue.waiting.load(Ordering::Relaxed) == 0, "who goes, and who left, waits no more");
    }
}
