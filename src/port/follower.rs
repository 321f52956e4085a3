//! The store's verbs of followers: a part of [`super::Store`] in a file of its own.

use jiff::Timestamp;

use super::StoreError;
use crate::model::{FeedVersion, Follower, FollowerId, FollowerSpec, FollowerState, TopicKey, WebUrl};

/// The verbs; each is one transaction, as all of [`super::Store`].
#[expect(clippy::missing_errors_doc, reason = "as for the store: all verbs fail alike")]
pub trait Followers {
    /// All followers, by number.
    fn followers(&mut self) -> Result<Vec<Follower>, StoreError>;
    /// One follower.
    fn follower(&mut self, follower: FollowerId) -> Result<Option<Follower>, StoreError>;
    /// The follower of the feed at this address with this callback.
    fn follower_at(&mut self, address: &str, callback: &WebUrl) -> Result<Option<Follower>, StoreError>;
    /// Begins a follower, which has the feed as it is now; `None` where there are `most` already.
    fn begin_follower(
        &mut self,
        spec: &FollowerSpec,
        state: &FollowerState,
        most: usize,
    ) -> Result<Option<FollowerId>, StoreError>;
    /// Writes a follower as it stands. `false` where there is none such any more.
    fn keep_follower(&mut self, follower: &Follower) -> Result<bool, StoreError>;
    /// Forgets a follower.
    fn drop_follower(&mut self, follower: FollowerId) -> Result<(), StoreError>;
    /// Followers for whom something is to be done by `now` with their feeds' versions: those that take what they are
    /// posted first, then the longest due.
    fn due_followers(&mut self, now: Timestamp, limit: usize) -> Result<Vec<(Follower, FeedVersion)>, StoreError>;
    /// When something is to be done for a follower next.
    fn followers_due(&mut self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;
    /// How often the feed of a topic has changed since somebody began to follow it.
    fn feed_version(&mut self, topic: &TopicKey) -> Result<FeedVersion, StoreError>;
}
