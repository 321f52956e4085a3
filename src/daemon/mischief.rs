//! Mischief: points at which a simulated world bends what the loops do, within what may happen in service at any moment.
//!
//! A kill, a slow disk or another process beside this one makes each [`Prank`] happen now and then; the simulation makes it
//! happen often, by a seed, so that the code behind it is run at all (`BUGGIFY` in `FoundationDB`: Zhou et al., SIGMOD 2021, 4.1).
//! In service nobody plays: a build without debug assertions has no room for a player, and [`Mischief::strikes`] is the
//! constant `false` there. It owns no chance: whoever plays says when.

use std::fmt;
#[cfg(debug_assertions)]
use std::sync::Arc;

/// What may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prank {
    /// A claim gives one piece of work, though more is due.
    ClaimsOne,
    /// A lease runs out at once: the work is claimed again while it is being done.
    LeaseRunsOut,
    /// A lane stands still for longer than its lease, as by SIGSTOP.
    LaneStalls,
    /// A bell rings unheard.
    BellLost,
    /// The store takes its time.
    StoreSlow,
    /// The store refuses to be read, for now.
    ReadRefused,
    /// The store refuses a change, for now: nothing of it is written.
    WriteRefused,
    /// A change is written, and the answer says that it isn't: an error of the disk at a commit may be either.
    AnswerLost,
    /// The decider's index is thrown away, and made anew from the store.
    IndexForgotten,
}

impl Prank {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ClaimsOne,
        Self::LeaseRunsOut,
        Self::LaneStalls,
        Self::BellLost,
        Self::StoreSlow,
        Self::ReadRefused,
        Self::WriteRefused,
        Self::AnswerLost,
        Self::IndexForgotten,
    ];
}

/// Who says, at each point, whether it happens.
#[cfg(debug_assertions)]
type Player = Arc<dyn Fn(Prank) -> bool + Send + Sync>;

/// The points' own: nobody plays unless a simulated world does. Cheap to clone.
#[derive(Clone, Default)]
pub struct Mischief {
    #[cfg(debug_assertions)]
    player: Option<Player>,
}

impl Mischief {
    /// Lets `player` say at each point whether it happens. Without debug assertions he is never asked.
    #[cfg_attr(not(debug_assertions), expect(unused_variables, reason = "nobody plays in service"))]
    pub fn played_by(player: impl Fn(Prank) -> bool + Send + Sync + 'static) -> Self {
        Self {
            #[cfg(debug_assertions)]
            player: Some(Arc::new(player)),
        }
    }

    /// Whether it happens now.
    #[cfg(debug_assertions)]
    pub fn strikes(&self, prank: Prank) -> bool {
        self.player.as_ref().is_some_and(|player| player(prank))
    }

    /// Whether it happens now: never.
    #[cfg(not(debug_assertions))]
    #[expect(clippy::unused_self, reason = "as where somebody plays")]
    pub const fn strikes(&self, _prank: Prank) -> bool {
        false
    }
}

impl fmt::Debug for Mischief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mischief").finish_non_exhaustive()
    }
}
