//! What is wrong with a source, and what somebody can do about it, in words: of the API, the command line and the pages.

use jiff::Timestamp;

use super::source::Beside;
use crate::model::{Source, SourceHealth};
use crate::schedule::{Pace, silence};

/// What somebody can do about a source; nothing where nothing need be done.
pub(crate) fn remedy(source: &Source, beside: &Beside, now: Timestamp) -> Option<String> {
    let (id, state) = (source.id, &source.state);
    match state.health {
        SourceHealth::Gone => Some(format!(
            "it answered 410 Gone twice and is polled no longer: look for its new address (tidings source find), or ask it \
             once more (tidings poll {id})"
        )),
        SourceHealth::Well | SourceHealth::Silent | SourceHealth::Failing if state.failures > 0 => {
            Some(failed(source, beside))
        }
        SourceHealth::Silent => {
            let found = Pace::from_bytes(&state.pace).and_then(|pace| silence(&pace, now));
            let words = found.map_or_else(|| "no new story for long".to_owned(), |found| found.words());
            Some(format!(
                "{words}: look whether its publisher has moved or ended it; its next story puts this right by itself"
            ))
        }
        SourceHealth::Failing | SourceHealth::Well => quiet(source, beside),
    }
}

/// Of a source whose last poll was good.
fn quiet(source: &Source, beside: &Beside) -> Option<String> {
    if let Some(pause) = beside.pause(source) {
        return Some(left_alone(source, &pause.domain));
    }
    let is_empty_page = source.spec.kind.is_page() && source.stories == 0 && source.state.last_good_at.is_some();
    is_empty_page
        .then(|| "no article so far: see what is there with `tidings inspect --list`, or give selectors".to_owned())
}

fn left_alone(source: &Source, domain: &str) -> String {
    format!(
        "all of {domain} asked to be left alone; it is asked again by itself then, and now with: tidings source \
         resume {}",
        source.id
    )
}

/// Of a source whose last poll failed: by the first word of its outcome ([`crate::model::PollOutcome::Failed`]).
fn failed(source: &Source, beside: &Beside) -> String {
    let outcome = source.state.last_outcome.as_str();
    let (kind, detail) = outcome.split_once(": ").unwrap_or((outcome, ""));
    let says = |status: &str| detail.split(|c: char| !c.is_ascii_digit()).any(|word| word == status);
    let url = source.spec.url.redacted();
    match kind {
        "dns" => "its host has no address: look whether it is spelled right, or has moved".to_owned(),
        "connect" | "timeout" | "protocol" => {
            "its server doesn't answer as it should: it is asked again by itself; if this lasts, ask its publisher".to_owned()
        }
        "tls" => "its certificate is refused: its publisher must put that right".to_owned(),
        "blocked" => {
            "its address or port is not one that is fetched from here: see `network.allow` and `network.ports`".to_owned()
        }
        "redirect" => "it leads in a circle, or too far: open it in a browser and take the address that it ends at".to_owned(),
        "robots" => {
            "its robots.txt forbids it: ask its publisher; with their word, set `robots = false` for it under [[domains]]"
                .to_owned()
        }
        "wall" => {
            "something stands before it that no program passes: ask its publisher to let feed readers through, or look for \
             another address of the feed"
                .to_owned()
        }
        "too-large" | "decode" | "packed" => "it is larger or packed otherwise than is read: see docs/limits.md".to_owned(),
        "layout" | "empty-list" | "no-links" => format!(
            "its articles stand elsewhere now: see what is there with `tidings inspect --list {url}`, or give selectors"
        ),
        "status" if says("404") || says("410") => {
            format!("it is not there any more: look for its new address with `tidings source find {url}`")
        }
        "status" if says("401") || says("403") => {
            "it refuses us: ask its publisher to let feed readers through, giving the name that `user_agent` says".to_owned()
        }
        "status" => beside.pause(source).map_or_else(
            || "its server is in trouble: it is asked again by itself".to_owned(),
            |pause| left_alone(source, &pause.domain),
        ),
        "not-a-feed" | "malformed" | "empty" => {
            format!("what stands there is no feed: look for it with `tidings source find {url}`")
        }
        _ => "it is asked again by itself".to_owned(),
    }
}
