//! What reads the end of the log for all streams.

use super::open::{PAGE, Streams};
use super::tail::Tail;
use crate::daemon::{Keeper, MAX_WAIT};
use crate::port::{LogFilter, StoreError};

impl Streams {
    /// Reads what is told and wakes the streams with it, until they end.
    pub async fn feed(&self, keeper: &Keeper) {
        let mut news = self.news.listen();
        while !self.tail.borrow().is_over() {
            news.attend();
            let is_heard = self.tail.receiver_count() > 0;
            if !is_heard {
                // Without a wake: there is nobody to be woken.
                self.tail.send_if_modified(|tail| {
                    tail.forget();
                    false
                });
            } else if let Err(error) = self.read(keeper).await {
                tracing::warn!("streams wait, as the store failed: {error}");
            }
            // Five seconds for other processes, which ring no gong.
            tokio::select! {
                () = news.wait(MAX_WAIT), if is_heard => {}
                () = self.turned.wait(MAX_WAIT) => {}
            }
        }
    }

    /// Reads all that came since.
    async fn read(&self, keeper: &Keeper) -> Result<(), StoreError> {
        loop {
            let Some(after) = self.tail.borrow().place() else {
                let last = keeper.read(|store| store.log(&LogFilter::default())).await?.last;
                // A wake for those who have waited at the end meanwhile.
                self.tail.send_modify(|tail| tail.begin(last));
                return Ok(());
            };
            let filter = LogFilter { after, limit: PAGE, ..LogFilter::default() };
            let page = keeper.read(move |store| store.log(&filter)).await?;
            if page.has_gap(after) {
                self.tail.send_modify(Tail::forget);
                continue;
            }
            self.tail.send_if_modified(|tail| tail.grow(&page));
            if !page.has_more() {
                return Ok(());
            }
        }
    }
}
