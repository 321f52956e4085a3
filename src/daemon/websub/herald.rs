//! What a poll means for the source's channel, and the channel for the next poll.

use jiff::Timestamp;

use crate::model::{Announced, Channel, PollOutcome, Source, SourceKind};
use crate::port::{Store, StoreError};
use crate::schedule::{BackedUp, Found, Next, Poll, backed_up};
use crate::websub::{self, Announcement, Heed, begun, ended, heed};

use super::super::{Bell, Parts};
use super::push::thin_wait;
use super::{WebSub, keep, later};

/// Goes along with a poll into the store.
pub(in crate::daemon) struct Herald {
    websub: Option<WebSub>,
    begun: Timestamp,
    bell: Bell,
}

impl Herald {
    /// For a poll that began then.
    pub(in crate::daemon) fn new(parts: &Parts, begun: Timestamp) -> Self {
        Self { websub: parts.terms().websub.clone(), begun, bell: parts.bells.push.clone() }
    }

    /// Follows what a feed announces of hubs (`complete`: the document came whole), and decides with regard to its channel
    /// when it is polled next. `new` are the dates of the stories that the poll brought.
    pub(in crate::daemon) fn after_poll(
        &self,
        store: &mut dyn Store,
        source: &Source,
        (poll, next): (&Poll<'_>, Next),
        (announced, complete): (&Announced, bool),
        new: &[Option<Timestamp>],
    ) -> Result<Next, StoreError> {
        let Some(terms) = self.websub.as_ref().filter(|_| source.spec.kind == SourceKind::Feed) else {
            return Ok(next);
        };
        let mut channel = match poll.outcome {
            PollOutcome::Failed { .. } => return Ok(next),
            PollOutcome::Read { .. } | PollOutcome::NotModified => store.channel_of(source.id)?,
        };
        if let (PollOutcome::Read { .. }, Ok(response), true) = (poll.outcome, poll.exchange, complete) {
            let announcement = websub::announced(response, announced);
            channel = self.follow(store, terms, source, announcement, (channel, poll.now))?;
        }
        let Some(mut channel) = channel else { return Ok(next) };
        let found = Found { new, last_good_at: source.state.last_good_at };
        let BackedUp { mut next, distrust_until } = backed_up(next, &source.spec, &channel, found, poll.now);
        if distrust_until.is_some() {
            channel.state.distrusted_until = distrust_until;
            store.keep_channel(&channel)?;
            let id = source.id;
            tracing::warn!(
                source.id = id.0,
                "source {id} is polled at its own pace for a week, as a poll found what its hub had not pushed"
            );
        }
        // What a thin push told of may have come after this poll's answer was made. One noted by a clock that was ahead has not.
        let during = self.begun.as_millisecond()..=poll.now.as_millisecond();
        if channel.state.last_thin_at.is_some_and(|thin| during.contains(&thin.as_millisecond())) {
            next.at = next.at.min(later(poll.now, thin_wait(&source.spec)));
        }
        Ok(next)
    }

    /// Makes the source's channel what its feed announces. Gives the channel that stands then.
    fn follow(
        &self,
        store: &mut dyn Store,
        websub: &WebSub,
        source: &Source,
        announcement: Option<Announcement>,
        (channel, now): (Option<Channel>, Timestamp),
    ) -> Result<Option<Channel>, StoreError> {
        let end = |store: &mut dyn Store| match &channel {
            Some(channel) => keep(store, channel.id, ended(channel, now)),
            None => Ok(()),
        };
        match heed(announcement, channel.as_ref(), now) {
            Heed::Nothing => Ok(channel),
            Heed::Keep(kept) => {
                store.keep_channel(&kept)?;
                Ok(Some(*kept))
            }
            Heed::End => {
                self.bell.ring();
                end(store)?;
                Ok(None)
            }
            Heed::Begin(announcement) => {
                // Before the commit, but the loop's look at the store waits for its turn behind it.
                self.bell.ring();
                end(store)?;
                let (Some(token), Some(secret)) = ((websub.entropy)(), (websub.entropy)()) else {
                    let id = source.id;
                    tracing::error!(source.id = id.0, "source {id} is not pushed, as the system gives no randomness");
                    return Ok(None);
                };
                store.begin_channel(source.id, &begun(announcement, &websub.policy, token, secret), now)?;
                // A new channel has nothing to say of the next poll.
                Ok(None)
            }
        }
    }
}
