//! Rung 4: the three borders that each have two real implementations.
//!
//! [`Clock`] (system, simulated), [`Http`] (reqwest, simulated) and [`Store`] (SQLite now, PostgreSQL later). They
//! speak model types only. A fourth trait would need two real implementations and a page that argues for it.
//! ([`Pushes`], [`Devices`], [`Subscribers`], [`Endpoints`], [`Wants`], [`Followers`], [`Tokens`], [`Versions`], [`Upkeep`], [`Pages`],
//! [`Exports`] and [`Surveys`] are none: they are parts of [`Store`], in files of their own.)

mod clock;
mod device;
mod endpoint;
mod export;
mod follower;
mod http;
mod log;
mod page;
mod push;
mod store;
mod subscriber;
mod survey;
mod token;
mod trouble;
mod upkeep;
mod version;
mod wants;

pub use self::http::{ExchangeFuture, Http};
pub use clock::Clock;
pub use device::Devices;
pub use endpoint::Endpoints;
pub use export::Exports;
pub use follower::Followers;
pub use log::{LogFilter, LogPage};
pub use page::{ChangedEvents, Overview, Pages, StoryFilter, TellingsOfEvent};
pub use push::{PushBounds, PushDue, Pushes, Queued};
pub use store::{
    ClaimDeliveries, ClaimSources, Counts, Crowd, Declared, DeliveryFilter, Due, Durable, EventFilter, Explained,
    IndexSeed, Listed, PaceSample, Past, Revision, SampledPace, Stands, Store, StoreError, Synced, Tally,
};
pub use subscriber::{ClaimVerifications, Subscribers, TokenHash};
pub use survey::{Adrift, Backlog, Behind, Lost, Room, Slowest, StoreSize, Survey, Surveys};
pub use token::{KnownTokens, Tokens};
pub use trouble::StoreTrouble;
pub use upkeep::{Extent, Merging, Shed, Upkeep};
pub use version::{TopicTally, Versions};
pub use wants::Wants;
