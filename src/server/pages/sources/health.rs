//! How a source fares, in words.

use jiff::Timestamp;
use maud::{Markup, html};

use super::super::desk::{self, badge, foreign, span, when};
use crate::model::{Source, SourceHealth, SourceKind};
use crate::schedule::{Bound, Why};
use crate::server::wire::{Beside, remedy};

/// What is troublesome of a source, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// No longer polled.
    Gone,
    /// Failing, and told to be.
    Failing,
    /// Silent against its habit.
    Silent,
    /// Its last polls failed.
    Failed,
    /// Its domain is left alone.
    Paused,
    /// Something else to look at.
    Odd,
    /// None.
    None,
}

impl Trouble {
    /// Of a source.
    pub(super) fn of(source: &Source, beside: &Beside, now: Timestamp) -> Self {
        match source.state.health {
            SourceHealth::Gone => Self::Gone,
            SourceHealth::Failing => Self::Failing,
            SourceHealth::Silent => Self::Silent,
            SourceHealth::Well if source.state.failures > 0 => Self::Failed,
            SourceHealth::Well if beside.pause(source).is_some() => Self::Paused,
            SourceHealth::Well if remedy(source, beside, now).is_some() || source.state.moving.is_some() => Self::Odd,
            SourceHealth::Well => Self::None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
            Self::Silent => "silent",
            Self::Failed => "last poll failed",
            Self::Paused => "paused",
            Self::Odd | Self::None => "well",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Gone | Self::Failing => "bad",
            Self::Silent | Self::Failed | Self::Paused => "doubtful",
            Self::Odd | Self::None => "good",
        }
    }
}

/// How it fares: a word, what happened since when, and what to do.
pub(super) fn health(source: &Source, beside: &Beside, now: Timestamp) -> Markup {
    let (state, trouble) = (&source.state, Trouble::of(source, beside, now));
    html! {
        p.state {
            (badge(trouble.class(), trouble.word()))
            @if state.failures > 0 {
                " " (failures(state.failures)) ", "
                @match state.last_good_at {
                    Some(good) => { "well until " (when(good, now)) }
                    None => { "never well" }
                }
            } @else if let Some(pause) = beside.pause(source) {
                " until " (when(pause.until, now))
            }
        }
        @if state.failures > 0 { p.said { (foreign(&state.last_outcome)) } }
        @if let Some(fragment) = remedy(source, beside, now) { p.remedy { (desk::remedy(&fragment)) } }
    }
}

fn failures(count: u32) -> String {
    if count == 1 { "1 failed poll".to_owned() } else { format!("{count} failed polls in a row") }
}

/// What kind of thing is polled.
pub(super) fn kind(source: &Source) -> &'static str {
    match source.spec.kind {
        SourceKind::Feed => "feed",
        SourceKind::Page(_) => "page, by selectors",
        SourceKind::List => "page, by what repeats",
    }
}

/// How often it is polled, and why, in a few words.
pub(super) fn rhythm(source: &Source, why: &Why, is_backed_up: bool) -> String {
    let because = match why.bound {
        _ if is_backed_up => "its hub pushes",
        Bound::New => return "first poll".to_owned(),
        Bound::Gone => return "no longer polled".to_owned(),
        Bound::Price => "by its pace",
        Bound::Shortest => "its shortest wait",
        Bound::Longest => "its longest wait",
        Bound::Hint => "as its publisher asks",
        Bound::Trouble => "backing off",
        Bound::Moved => "brought forward",
    };
    format!("after {}: {because}", span(source.state.interval))
}

/// Polls that cost its publisher next to nothing, in per cent.
pub(super) fn saved(source: &Source) -> Option<u64> {
    let state = &source.state;
    (state.polls > 0).then(|| state.not_modified.saturating_mul(100) / state.polls)
}
