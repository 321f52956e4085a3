//! A topic's versions: when each was saved and by what, how it differs from the one before, and the way back to it.

use maud::{Markup, html};

use super::outcome::at;
use crate::model::{Origin, Topic, TopicVersion};
use crate::text::{Piece, difference};

/// Versions that are shown; one more is needed to say how the last differs.
pub(super) const SHOWN: usize = 20;
/// Characters of a text that stayed the same that are shown between two changes.
const SAME_CHARS: usize = 40;

/// The versions, the newest first; `may_undo` gives each a button.
pub(super) fn history(topic: &Topic, versions: &[TopicVersion], may_undo: bool) -> Markup {
    let id = topic.spec.key.as_str();
    let may_undo = may_undo && topic.origin == Origin::Api;
    let before = versions.iter().skip(1).map(Some).chain([None]);
    html! {
        section.history {
            h2 { "History" }
            ol {
                @for (place, (version, before)) in versions.iter().zip(before).take(SHOWN).enumerate() {
                    li id=(format!("version-{}", version.number)) {
                        (head(version))
                        (changes(version, before))
                        @if may_undo && place > 0 {
                            form method="post" action=(format!("/topics/{id}/undo")) {
                                input type="hidden" name="version" value=(version.number);
                                button.quiet { "Go back to version " (version.number) }
                            }
                        }
                    }
                }
            }
            @if versions.len() > SHOWN {
                p.help { "Older ones: " code { "tidings topic history " (id) } }
            }
        }
    }
}

fn head(version: &TopicVersion) -> Markup {
    html! {
        p.version {
            strong { "Version " (version.number) }
            @if let Some(again) = version.restores { ", version " (again) " again" }
            " · " (at(version.saved_at))
            @if !version.saved_by.is_empty() { " · by " bdi { (version.saved_by) } }
        }
    }
}

fn changes(version: &TopicVersion, before: Option<&TopicVersion>) -> Markup {
    let Some(before) = before else {
        return html! { p.change dir="auto" { code { (cut_end(version.spec.query.trim(), SAME_CHARS * 4)) } } };
    };
    let changes = version.spec.changes_since(&before.spec);
    html! {
        @if changes.is_empty() { p.change { "As before." } }
        @for (what, old, new) in &changes {
            p.change dir="auto" { span.what { (what) } " " (pieces(&difference(old, new))) }
        }
    }
}

fn pieces(pieces: &[Piece]) -> Markup {
    let last = pieces.len().saturating_sub(1);
    html! {
        @for (place, piece) in pieces.iter().enumerate() {
            @match piece {
                Piece::Removed(text) => { del { (text) } }
                Piece::Added(text) => { ins { (text) } }
                Piece::Same(text) => { (same(text, place == 0, place == last)) }
            }
        }
    }
}

/// What stayed the same, cut to what stands beside the changes.
fn same(text: &str, is_first: bool, is_last: bool) -> String {
    let length = text.chars().count();
    if length <= 2 * SAME_CHARS {
        return text.to_owned();
    }
    let head: String = text.chars().take(SAME_CHARS).collect();
    let tail: String = text.chars().skip(length - SAME_CHARS).collect();
    match (is_first, is_last) {
        (true, _) => format!("… {tail}"),
        (false, true) => format!("{head} …"),
        (false, false) => format!("{head} … {tail}"),
    }
}

/// The beginning of a text, with dots where more follows.
pub(super) fn cut_end(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{} …", text.get(..at).unwrap_or(text).trim_end()),
        None => text.to_owned(),
    }
}
