//! Reasons in words: each stage's question, what was found, and the numbers it rests on.

use maud::{Markup, html};

use crate::model::{Decision, Reason, Stage, StoryId};
use crate::server::pages::markup::headline;

/// What a reason may speak of: number, address and title of other stories.
pub(super) type Others<'a> = &'a [(StoryId, String, String)];

/// The reasons of a decision, stage by stage.
pub(super) fn listed(decision: &Decision, others: Others<'_>) -> Markup {
    html! {
        dl.stages {
            @for of_stage in decision.reasons.chunk_by(|one, next| one.stage == next.stage) {
                @if let Some(first) = of_stage.first() {
                    dt { (question(first.stage)) }
                    @for reason in of_stage { dd { (one(reason, others)) } }
                }
            }
        }
    }
}

fn question(stage: Stage) -> &'static str {
    match stage {
        Stage::Topic => "Is it about the topic?",
        Stage::Identity => "Is it known already?",
        Stage::Copy => "Is it a copy?",
        Stage::Event => "Which event does it tell of?",
        Stage::Tell => "Is anybody told?",
        Stage::Operator => "What did an operator say?",
    }
}

fn one(reason: &Reason, others: Others<'_>) -> Markup {
    html! {
        p dir="auto" { (sentence(&reason.text)) }
        @if let Some(other) = reason.story { p.other { (other_story(other, others)) } }
        @if let Some((score, threshold)) = score(reason) { (scale(score, threshold)) }
        @let numbers: Vec<_> = reason.numbers.iter().filter(|(name, _)| plain(name)).collect();
        @if !numbers.is_empty() {
            dl.numbers {
                @for (name, value) in numbers { div { dt { (said(name)) } dd { (shown(name, *value)) } } }
            }
        }
    }
}

/// A reason's words as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

/// What is left to say after "nobody was told".
pub(super) fn why_not(text: &str) -> &str {
    text.strip_prefix("not told: ").unwrap_or(text)
}

/// Another story, by its title, with the way to its own page.
pub(super) fn other_story(id: StoryId, others: Others<'_>) -> Markup {
    let named = others.iter().find(|(other, _, _)| *other == id);
    html! {
        "Compared with: "
        @match named {
            Some((_, address, title)) => { (headline(title, address, None)) " " }
            None => { "story " (id) " " }
        }
        a href={ "/stories/" (id) } { "Why" span.unseen { ", of story " (id) } }
    }
}

/// What decided: how alike, and how alike is enough.
fn score(reason: &Reason) -> Option<(f64, f64)> {
    let number = |wanted: &str| reason.numbers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| *value);
    let score = ["score", "containment", "relevance"].into_iter().find_map(number)?;
    Some((score, number("threshold")?))
}

/// Whether a number is shown by itself: those on the scale are not.
fn plain(name: &str) -> bool {
    !matches!(name, "score" | "threshold" | "containment" | "relevance")
}

/// A score against its threshold, both from 0 to 1.
fn scale(score: f64, threshold: f64) -> Markup {
    let place = |value: f64| format!("{:.1}", value.clamp(0.0, 1.0) * 200.0);
    let verdict = if score >= threshold { "enough" } else { "not enough" };
    html! {
        p.scale {
            svg width="200" height="14" viewBox="0 0 200 14" aria-hidden="true" {
                rect.bed x="0" y="4" width="200" height="6" rx="3" {}
                rect.score x="0" y="4" width=(place(score)) height="6" rx="3" {}
                path.mark d={ "M" (place(threshold)) " 0V14" } fill="none" stroke="currentColor" stroke-width="2" {}
            }
            " " strong { (format!("{score:.2}")) } " of " (format!("{threshold:.2}")) " needed: " (verdict)
        }
    }
}

fn said(name: &str) -> &str {
    match name {
        "apart_hours" => "Time apart",
        "age_hours" => "Age",
        "words" => "Alike in words",
        "names" => "Alike in names and numbers",
        "meaning" => "Alike in meaning",
        "events" => "Events compared with",
        "stories" => "Stories in that event",
        "novelty" => "How much of what comes is new",
        "share" => "Part of the query that holds",
        "of_longer" => "Part of the longer text",
        "shared" => "Phrases shared",
        "numbers_alike" => "Numbers alike",
        "numbers_otherwise" => "Numbers that differ",
        "names_alike" => "Names alike",
        "names_otherwise" => "Names that differ",
        other => other,
    }
}

fn shown(name: &str, value: f64) -> String {
    match name {
        "apart_hours" | "age_hours" if value.abs() < 2.0 => format!("{:.0} min", value * 60.0),
        "apart_hours" | "age_hours" if value.abs() < 48.0 => format!("{value:.1} h"),
        "apart_hours" | "age_hours" => format!("{:.0} days", value / 24.0),
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_a_sentence_with_its_score_against_what_was_needed() {
        let reason = Reason {
            stage: Stage::Event,
            text: "tells of event 3 (<b>), by its words".to_owned(),
            numbers: vec![("score", 0.625), ("threshold", 0.4), ("apart_hours", 0.5), ("events", 12.0)],
            story: Some(StoryId(7)),
        };
        let others = [(StoryId(7), "https://wire.example/7".to_owned(), "Blast & after".to_owned())];
        let html = one(&reason, &others).into_string();
        for expected in [
            "Tells of event 3 (&lt;b&gt;), by its words.",
            "Blast &amp; after</a>",
            "<a href=\"/stories/7\">Why",
            "<strong>0.62</strong> of 0.40 needed: enough",
            "<dt>Time apart</dt><dd>30 min</dd>",
            "<dt>Events compared with</dt><dd>12</dd>",
        ] {
            assert!(html.contains(expected), "{expected}: {html}");
        }
    }
}
