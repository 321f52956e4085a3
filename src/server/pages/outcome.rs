//! What came of trying a query: what it would have told, or what is wrong with it and where.

use jiff::Timestamp;
use maud::{Markup, html};

use super::markup::{line, moment};
use super::versions::cut_end;
use crate::ingest::{Card, Changed, DayCount, Preview, Side};
use crate::server::state::Fault;
use crate::text::counted;

/// Changes of a kind that are shown; all are counted.
const CHANGES_SHOWN: usize = 50;
/// Near misses that are shown.
const NEAR_SHOWN: usize = 20;
/// Clauses that are shown.
const CLAUSES_SHOWN: usize = 8;
/// Characters of a clause that are shown.
const CLAUSE_CHARS: usize = 160;
/// Faults that are shown.
const FAULTS_SHOWN: usize = 10;
/// Characters of a query's line that are shown on either side of a fault.
const AROUND_CHARS: usize = 48;
/// A day's width and the chart's height, in the chart's own units.
const DAY_WIDTH: usize = 20;
const CHART_HEIGHT: usize = 100;

/// What came of it.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Nothing was tried.
    Untried,
    /// The query can't be read.
    Faults(Vec<Fault>),
    /// Something else is wrong.
    Wrong(Vec<String>),
    /// It would have told this.
    Shown(Box<Preview>),
}

/// The outcome, for a page or alone.
pub(super) fn outcome(query: &str, outcome: &Outcome) -> Markup {
    match outcome {
        Outcome::Untried => html! {},
        Outcome::Faults(list) => faults(query, list),
        Outcome::Wrong(list) => html! {
            div.wrong data-fault="" {
                @for line in list { p.fault { (line) "." } }
            }
        },
        Outcome::Shown(preview) => shown(preview),
    }
}

fn faults(query: &str, list: &[Fault]) -> Markup {
    let said = counted(list.len(), "mistake", "mistakes");
    html! {
        div.wrong data-fault="" {
            p.fault data-summary=(format!("The query can't be read: {said}")) { "The query can’t be read." }
            @for fault in list.iter().take(FAULTS_SHOWN) { (place(query, fault)) }
        }
    }
}

/// A line of the query with the fault marked, and a caret under it.
fn place(query: &str, fault: &Fault) -> Markup {
    let start = query.floor_char_boundary(fault.span.start.min(query.len()));
    let end = query.ceil_char_boundary(fault.span.end.clamp(start, query.len()));
    let (before, rest) = query.split_at(start);
    let (at_fault, after) = rest.split_at(end - start);
    let number = 1 + before.matches('\n').count();
    let before = before.rsplit('\n').next().unwrap_or_default();
    let (before, is_cut) = ending(before);
    // What goes on over lines is marked on its first.
    let (at_fault, after) = match at_fault.split_once('\n') {
        Some((line, _)) => (line, ""),
        None => (at_fault, after.split('\n').next().unwrap_or_default()),
    };
    let after: String = after.chars().take(AROUND_CHARS).collect();
    let gap: String = before.chars().map(blank).collect();
    let carets = "^".repeat(at_fault.chars().count().clamp(1, AROUND_CHARS));
    let dots = if is_cut { "… " } else { "" };
    let below = if is_cut { "  " } else { "" };
    html! {
        figure.caret {
            figcaption { "Line " (number) ": " (fault.message) }
            pre dir="ltr" { (dots) (before) mark { (at_fault) } (after) "\n" (below) (gap) span.mark { (carets) } }
            @if !fault.help.is_empty() { p.help { (sentence(&fault.help)) } }
        }
    }
}

/// The end of what stands before a fault, and whether more does.
fn ending(before: &str) -> (&str, bool) {
    match before.char_indices().rev().nth(AROUND_CHARS) {
        Some((at, _)) => (before.get(at..).unwrap_or(before), true),
        None => (before, false),
    }
}

/// As wide as the character above it: letters of Chinese, Japanese and Korean are twice as wide as others.
fn blank(above: char) -> char {
    match above {
        '\t' => '\t',
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff60}' => '\u{3000}',
        _ => ' ',
    }
}

fn sentence(fragment: &str) -> String {
    let mut characters = fragment.chars();
    let first: String = characters.next().map(|first| first.to_uppercase().collect()).unwrap_or_default();
    let end = if fragment.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

fn shown(preview: &Preview) -> Markup {
    let (gained, lost) = (preview.count(Side::Gained), preview.count(Side::Lost));
    let events = counted(preview.told().tried, "event", "events");
    let summary = match (preview.has_saved, gained + lost) {
        (false, _) => format!("It would have told {events}"),
        (true, 0) => format!("It would have told {events}, the same as the saved query"),
        (true, _) => format!("It would have told {events}: {gained} gained, {lost} lost"),
    };
    html! {
        p.sum data-summary=(summary) {
            "It would have told " strong { (events) }
            @match (preview.has_saved, gained + lost) {
                (false, _) => { "." }
                (true, 0) => { ", the same as the saved query." }
                (true, _) => {
                    ": " span.gained { (gained) " gained" } ", " span.lost { (lost) " lost" } " against the saved query."
                }
            }
        }
        (extent(preview))
        (chart(preview))
        (changes(if preview.has_saved { "Gained" } else { "Told" }, Side::Gained, preview))
        (changes("Lost", Side::Lost, preview))
        (near(preview))
    }
}

fn extent(preview: &Preview) -> Markup {
    let extent = &preview.extent;
    let stories = counted(preview.stories, "story", "stories");
    html! {
        p.help {
            "Tried on " (stories) " seen since " (at(extent.since)) "."
            @if let Some((first, last)) = extent.seen.filter(|_| extent.is_cut()) {
                " There are " (extent.of) " in that time: only those seen from " (at(first)) " to " (at(last)) " were looked through."
            }
        }
    }
}

/// Notifications a day, as saved and as tried: bars, and the same as a table.
fn chart(preview: &Preview) -> Markup {
    let most = preview.days.iter().map(|day| day.told.saved.max(day.told.tried)).max().unwrap_or_default();
    let [Some(first), Some(last)] = [preview.days.first(), preview.days.last()] else { return html! {} };
    if most == 0 {
        return html! {};
    }
    let width = preview.days.len() * DAY_WIDTH;
    let height = |count: usize| count * CHART_HEIGHT / most;
    let bar = |x: usize, count: usize, class: &str| {
        html! { rect class=(class) x=(x) y=(CHART_HEIGHT - height(count)) width=(DAY_WIDTH / 2 - 2) height=(height(count)) {} }
    };
    let earlier = preview.earlier;
    html! {
        figure.days {
            figcaption {
                "Notifications a day, at most " (most)
                @if preview.has_saved { ": " span.key-saved { "saved" } ", " span.key-tried { "tried" } }
            }
            svg viewBox=(format!("0 0 {width} {CHART_HEIGHT}")) preserveAspectRatio="none" aria-hidden="true" {
                @for (place, day) in preview.days.iter().enumerate() {
                    (bar(place * DAY_WIDTH + 1, day.told.saved, "saved"))
                    (bar(place * DAY_WIDTH + DAY_WIDTH / 2, day.told.tried, "tried"))
                }
            }
            p.axis { span { (first.day.strftime("%-d %B")) } span { (last.day.strftime("%-d %B")) } }
            details {
                summary { "As a table" }
                table {
                    thead { tr { th scope="col" { "Day" } th scope="col" { "Saved" } th scope="col" { "Tried" } } }
                    tbody {
                        @for DayCount { day, told } in preview.days.iter().filter(|d| d.told.saved + d.told.tried > 0) {
                            tr { th scope="row" { (day.strftime("%-d %B")) } td { (told.saved) } td { (told.tried) } }
                        }
                        @if earlier.saved + earlier.tried > 0 {
                            tr { th scope="row" { "other dates" } td { (earlier.saved) } td { (earlier.tried) } }
                        }
                    }
                }
            }
        }
    }
}

fn changes(title: &str, side: Side, preview: &Preview) -> Markup {
    let of: Vec<&Changed> = preview.changes.iter().filter(|changed| changed.side == side).collect();
    if of.is_empty() {
        return html! {};
    }
    html! {
        section class=(side.label()) {
            h2 { (title) " " span.count { (of.len()) } }
            ol.tried {
                @for changed in of.iter().take(CHANGES_SHOWN) {
                    li {
                        (story(&changed.card))
                        @if changed.stories > 1 { p { (changed.stories) " stories tell of it" } }
                        @if let Some(other) = &changed.instead {
                            p {
                                @if side == Side::Gained { "As saved, it belongs to an event told by " } @else { "Now it belongs to an event told by " }
                                bdi lang=[other.lang.as_deref()] { "“" (other.title) "”" }
                            }
                        } @else if preview.has_saved {
                            p { @if side == Side::Gained { "As saved: " } @else { "Now: " } bdi { (changed.why) } }
                        }
                    }
                }
            }
            @if of.len() > CHANGES_SHOWN { p.help { "and " (of.len() - CHANGES_SHOWN) " more" } }
        }
    }
}

fn near(preview: &Preview) -> Markup {
    let near = &preview.near;
    if near.count == 0 {
        return html! {};
    }
    html! {
        section.near {
            h2 { "Just missed " span.count { (near.count) } }
            p.help { "Everything that the query asks for is there but one clause:" }
            ul.clauses {
                @for (clause, count) in near.clauses.iter().take(CLAUSES_SHOWN) {
                    li { code dir="auto" { (cut_end(clause, CLAUSE_CHARS)) } " " span.count { (count) } }
                }
            }
            details {
                summary { "The newest of them" }
                ol.tried {
                    @for (card, clause) in near.newest.iter().take(NEAR_SHOWN) {
                        li { (story(card)) p { "It lacks " code dir="auto" { (cut_end(clause, CLAUSE_CHARS)) } } }
                    }
                }
            }
        }
    }
}

fn story(card: &Card) -> Markup {
    html! {
        h3 dir="auto" { (line(&card.title, &card.address, card.lang.as_deref())) }
        p { bdi { (card.publisher) } " · " (at(card.at)) }
    }
}

/// A day and time in words.
pub(super) fn at(moment_of: Timestamp) -> Markup {
    moment(moment_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, span: std::ops::Range<usize>, expected: &str) {
        let fault = Fault { span, message: "a".to_owned(), help: String::new() };
        let html = place(query, &fault).into_string();
        let (_, pre) = html.split_once("<pre dir=\"ltr\">").unwrap();
        assert_eq!(pre.split_once("</pre>").unwrap().0, expected);
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        check("moon AND (lander", 9..10, "moon AND <mark>(</mark>lander\n         <span class=\"mark\">^</span>");
        check("moon\nrover OR", 11..13, "rover <mark>OR</mark>\n      <span class=\"mark\">^^</span>");
        check("moon", 4..4, "moon<mark></mark>\n    <span class=\"mark\">^</span>");
        check("月 (", 4..5, "月 <mark>(</mark>\n\u{3000} <span class=\"mark\">^</span>");
        check("<b> (", 4..9, "&lt;b&gt; <mark>(</mark>\n    <span class=\"mark\">^</span>");
    }
}
