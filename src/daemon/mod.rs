//! Rung 6: the loops, and what keeps them turning.
//!
//! Each loop claims work from the store, does it, and commits what came of it; the store is the only thing between
//! them. Bells only shorten a wait: a lost one costs at most [`MAX_WAIT`]. Tokio lives here and above; a decision is
//! never taken here, only carried out.

mod backfill;
mod bell;
mod boost;
mod clock;
mod decide;
mod dice;
mod digest;
mod dispatch;
mod endpoint;
mod hub;
mod keeper;
mod lifecycle;
mod market;
mod mischief;
mod parts;
mod poll;
mod posting;
mod reckoning;
mod reload;
mod retention;
mod round;
mod seek;
mod status;
mod steady;
mod verify;
mod web_push;
mod websub;

pub use backfill::{OlderPage, backfill};
pub use bell::{Bell, Bells, Gong, Listener};
pub use clock::SystemClock;
pub use dice::Dice;
pub use hub::{Extent, Heard, Hub, HubTerms, Page, page};
pub use keeper::Keeper;
pub use lifecycle::{Ended, PATIENCE, Stop, Task, ask_for_patience, run, run_loops};
pub use market::Marketplace;
pub use mischief::{Mischief, Prank};
pub use parts::{DomainPolicy, Happening, LoopPolicy, MAX_WAIT, Observer, Parts, Terms};
pub use poll::{Reach, RobotsBook};
pub use posting::Mail;
pub use reckoning::Reckoning;
pub use reload::{Reload, Reloaded, Reloader, Reloading, TakenUp};
pub use round::round;
pub use seek::{NotSought, SEARCH_SPACING, SearchTerms, Searched, Seeker, Sought, search};
pub use status::{Figures, Histogram, LoopName, LoopState, Refusal, ReloadOutcome, Status, Step, Wait, Watchdog};
pub use verify::{Verifier, challenge};
pub use web_push::WebPush;
pub use websub::{Callback, Incoming, Taken, WebSub};
