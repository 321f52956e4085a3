//! Carrying out an operator's correction, and saying what it did.

use crate::model::{Corrected, Correction, Hush, Impossible};
use crate::port::Store;
use crate::server::wire;
use crate::text::counted;

use super::exit::Refusal;

use super::screen::Screen;

/// What `--tell` says.
pub(super) fn hush(tell: bool) -> Hush {
    if tell { Hush::Tell } else { Hush::Quiet }
}

/// Writes it to the store, beside a daemon that may be running.
pub(super) fn carry_out(store: &mut dyn Store, correction: &Correction, screen: &mut Screen) -> anyhow::Result<()> {
    let done = store.correct(correction, screen.now())?.map_err(|why| refusal(&why))?;
    if screen.is_json() {
        return Ok(screen.record(&wire::Corrected::from(&done))?);
    }
    screen.line(&said(correction, &done))?;
    if done.told > 0 {
        screen.line(&format!("told to {} subscriptions", done.told))?;
    }
    if done.undecided {
        screen.note("A running daemon decides it at its next turn; see: tidings explain");
    }
    Ok(())
}

fn said(correction: &Correction, done: &Corrected) -> String {
    let stories = counted(done.stories.len(), "story", "stories");
    let list = |ids: &[String]| ids.join(", ");
    let event = done.event.map_or_else(String::new, |event| event.to_string());
    match correction {
        Correction::Merge { .. } => {
            let gone: Vec<String> = done.emptied.iter().map(ToString::to_string).collect();
            format!("merged event {} into event {event}: {stories} moved", list(&gone))
        }
        Correction::Split { event: from, .. } => {
            let moved: Vec<String> = done.stories.iter().map(ToString::to_string).collect();
            format!("split event {from}: {stories} ({}) moved into the new event {event}", list(&moved))
        }
        Correction::Mark { story, .. } if done.undecided => {
            format!("story {story} is to be decided anew, as on the topic")
        }
        Correction::Mark { story, .. } if done.event.is_some() => format!("story {story} is back in event {event}"),
        Correction::Mark { story, .. } if done.stories.is_empty() => format!("story {story} stays on the topic"),
        Correction::Mark { story, .. } => {
            let copies = match done.stories.len().saturating_sub(1) {
                0 => String::new(),
                1 => ", and a copy of it".to_owned(),
                n => format!(", and {n} copies of it"),
            };
            format!("story {story} is off the topic{copies}")
        }
    }
}

fn refusal(why: &Impossible) -> Refusal {
    match why {
        Impossible::Undecided(_) => Refusal::Later(why.to_string()),
        Impossible::NoEvent(_)
        | Impossible::NoStory(_)
        | Impossible::NoTopic(_)
        | Impossible::Merged(..)
        | Impossible::TooFew
        | Impossible::Topics(..)
        | Impossible::NotIn(..)
        | Impossible::All(_)
        | Impossible::NoneNamed
        | Impossible::OnNone(_)
        | Impossible::WhichTopic(_) => Refusal::Data(why.to_string()),
    }
}
