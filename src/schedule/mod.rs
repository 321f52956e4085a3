//! Rung 2: when a source is polled next, and how it fares.
//!
//! A source is polled when the delay that its stories are expected to have piled up since the last poll reaches one
//! price, the same for all sources and hours; the price is what makes a day's requests come out at the budget. For
//! constant rates this is the square-root rule of Sia and Cho, which shares requests among sources best; and it needs
//! no new plan when a rate, the budget or a boost changes. docs/schedule.md tells it at length, with figures.
//!
//! Owns what is learnt of a source's pace, the price, the back-off of failed polls, and health. It spreads the first polls of sources that come
//! in crowds. Which sources are due, and keeping hosts apart, is the store's and the daemon's.
//!
//! Architecture invariant: a decision rests on its arguments alone, chance included, so every one can be replayed.

mod age;
mod allowance;
mod backup;
mod calendar;
mod hints;
mod intensity;
mod market;
mod moved;
mod newcomers;
mod next;
mod pace;
mod pool;
pub mod replay;
mod silence;
mod wheel;
mod why;

pub use allowance::Allowance;
pub use backup::{BackedUp, Found, backed_up, pushed};
pub use hints::Asked;
pub use market::{Market, Quote, Trader};
pub use moved::{Address, address, believed_at};
pub use newcomers::{Given, Newcomer, first_polls};
pub use next::{Boosted, Next, Poll, PollPolicy, asks_whole, boost, boost_of, busy_until, next};
pub use pace::{Pace, Seen};
pub use silence::{Silence, silence};
pub use wheel::Wheel;
pub use why::{Bound, Why, why};
