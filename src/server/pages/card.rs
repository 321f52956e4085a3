//! An event as a card: what happened, who tells of it, how it grew.

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

use super::markup::{clock, day, lasted, line, moment};
use crate::model::{CardStory, EventCard, StoryId, Topic};
use crate::port::{Store, StoreError};
use crate::text::{counted, lead};

/// Stories folded away beneath a card at most; all are on the event's own page.
const OTHERS_MAX: usize = 6;
/// Characters of the first story's text.
const LEAD_CHARS: usize = 200;
/// Steps of a curve at most: no eye tells more apart.
const STEPS_MAX: usize = 48;

/// What was published longer ago than this when its event was opened did not happen then: an archive was read.
const OLD: SignedDuration = SignedDuration::from_hours(24);

/// When an event happened, as far as its first story says: when it was opened, or long before where that was published so.
pub(super) fn happened_at(card: &EventCard) -> Timestamp {
    let opened_at = card.event.opened_at;
    let published = first(card).and_then(|story| story.published);
    published.filter(|published| opened_at.duration_since(*published) > OLD).unwrap_or(opened_at)
}

fn first(card: &EventCard) -> Option<&CardStory> {
    card.stories.iter().find(|story| story.id == card.event.first_story).or(card.stories.first())
}

/// The card of an event; `topics` are all that there are.
pub(super) fn card(card: &EventCard, topics: &[Topic]) -> Markup {
    let event = &card.event;
    let (first, happened_at) = (first(card), happened_at(card));
    let link = first.map_or("", |story| story.link.as_str());
    let lang = first.and_then(|story| story.lang.as_deref());
    let others: Vec<&CardStory> =
        card.stories.iter().filter(|story| first.is_none_or(|first| first.id != story.id)).collect();
    html! {
        li.card id={ "event-" (event.id) } data-event=(event.id) data-day=(happened_at.strftime("%Y-%m-%d"))
            data-day-name=(day(happened_at)) {
            h3 dir="auto" { (line(&event.title, link, lang)) }
            p.about {
                (clock(happened_at))
                @if happened_at != event.opened_at { ", read " (moment(event.opened_at)) }
                @if topics.len() > 1 {
                    " · " (topic_name(card, topics))
                }
                " · " (tellers(card, first))
                @if event.languages > 1 {
                    " · " (counted(event.languages, "language", "languages"))
                }
                " · " a href={ "/events/" (event.id) } { "Why" span.unseen { " is this an event: " (event.title) } }
            }
            @if event.stories > 1 {
                p.growth { (curve(&card.stories, Size::Card)) (spread(card)) }
            }
            @let text = lead(&card.lead, LEAD_CHARS);
            @if !text.is_empty() {
                p.lead dir="auto" lang=[lang] { (text) @if text.len() < card.lead.trim_end().len() { " …" } }
            }
            @if !others.is_empty() {
                details {
                    summary { (counted(others.len(), "more story", "more stories")) }
                    ol.others {
                        @for story in others.iter().take(OTHERS_MAX) { (other(story, card)) }
                    }
                    @if others.len() > OTHERS_MAX {
                        p { a href={ "/events/" (event.id) } { "All " (event.stories) " stories" } }
                    }
                }
            }
        }
    }
}

fn topic_name(card: &EventCard, topics: &[Topic]) -> Markup {
    let key = &card.event.topic;
    let topic = topics.iter().find(|topic| topic.spec.key == *key);
    html! {
        @match topic {
            Some(topic) => a href={ "/topics/" (key) } dir="auto" { (topic.spec.name) },
            None => bdi { (key) },
        }
    }
}

fn tellers(card: &EventCard, first: Option<&CardStory>) -> Markup {
    let publishers = card.event.publishers;
    html! {
        @match first {
            Some(first) if publishers <= 1 => bdi { (first.publisher) },
            Some(first) => {
                bdi { (first.publisher) }
                " and " (counted(u64::from(publishers) - 1, "other publisher", "other publishers"))
            },
            None => (counted(publishers, "publisher", "publishers")),
        }
    }
}

fn other(story: &CardStory, card: &EventCard) -> Markup {
    html! {
        li {
            div.title dir="auto" { (line(&story.title, &story.link, story.lang.as_deref())) }
            p {
                bdi { (story.publisher) }
                " · " (clock(story.seen_at))
                @if let Some(lang) = &story.lang { " · " (lang) }
                @if let Some(of) = story.ruling.copy_of() { " · " (copy_mark(of, card)) }
                " · " a href={ "/stories/" (story.id) } { "Why" }
            }
        }
    }
}

/// Marks a copy, with the publisher that it copies where that is on the card.
fn copy_mark(of: StoryId, card: &EventCard) -> Markup {
    let original = card.stories.iter().find(|story| story.id == of);
    html! {
        span.copy { "copy" @if let Some(original) = original { " of " bdi { (original.publisher) } } }
    }
}

/// `12 stories in 3 h`.
fn spread(card: &EventCard) -> String {
    let stories = counted(card.event.stories, "story", "stories");
    match times(&card.stories) {
        Some((first, last, _)) => format!("{stories} in {}", lasted(first, last)),
        None => stories,
    }
}

/// How large a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Size {
    /// Beside a line of text.
    Card,
    /// On the event's own page.
    Page,
}

impl Size {
    /// Width and height in points.
    fn points(self) -> (i64, i64) {
        match self {
            Self::Card => (72, 18),
            Self::Page => (480, 72),
        }
    }
}

/// When the first and the last story came, and the one by which half were there; `None` where all came at once.
fn times(stories: &[CardStory]) -> Option<(Timestamp, Timestamp, Timestamp)> {
    let mut times: Vec<Timestamp> = stories.iter().map(|story| story.seen_at).collect();
    times.sort_unstable();
    let (first, last) = (*times.first()?, *times.last()?);
    let half = *times.get((times.len() - 1) / 2)?;
    (last > first).then_some((first, last, half))
}

/// How an event grew: stories over time, a step each, with the same in words.
pub(super) fn curve(stories: &[CardStory], size: Size) -> Markup {
    let Some((first, last, half)) = times(stories) else { return html! {} };
    let (width, height) = size.points();
    let words = format!(
        "Growth: {} in {}, half of them within {}",
        counted(stories.len(), "story", "stories"),
        lasted(first, last),
        lasted(first, half),
    );
    let path = path(stories, (first, last), (width, height));
    html! {
        svg.curve role="img" aria-label=(words) width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } {
            path d=(path) fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" {}
        }
    }
}

/// The steps as a path, a margin of two points around; in tenths of points, so that no rounding shows.
fn path(stories: &[CardStory], (first, last): (Timestamp, Timestamp), (width, height): (i64, i64)) -> String {
    const TENTHS: i64 = 10;
    const MARGIN: i64 = 2 * TENTHS;
    let (width, height) = (width * TENTHS, height * TENTHS);
    let since = |at: Timestamp| at.as_millisecond().saturating_sub(first.as_millisecond());
    let mut times: Vec<Timestamp> = stories.iter().map(|story| story.seen_at).collect();
    times.sort_unstable();
    let (count, whole) = (times.len(), since(last).max(1));
    let every = count.div_ceil(STEPS_MAX).max(1);
    let point = |tenths: i64| format!("{}.{}", tenths / TENTHS, tenths % TENTHS);
    let share = |part: i64, whole: i64, of: i64| {
        let share = i128::from(part) * i128::from(of) / i128::from(whole.max(1));
        i64::try_from(share).unwrap_or(of)
    };
    let mut path = format!("M{} {}", point(MARGIN), point(height - MARGIN));
    for (at, time) in times.iter().enumerate().filter(|(at, _)| at % every == 0 || at + 1 == count) {
        let (nth, of) = (i64::try_from(at + 1).unwrap_or(i64::MAX), i64::try_from(count).unwrap_or(i64::MAX));
        let x = MARGIN + share(since(*time), whole, width - 2 * MARGIN);
        let y = height - MARGIN - share(nth, of, height - 2 * MARGIN);
        path.push('H');
        path.push_str(&point(x));
        path.push('V');
        path.push_str(&point(y));
    }
    path
}

/// Draws cards for a stream.
pub(super) fn draw(store: &mut dyn Store, cards: &[EventCard]) -> Result<Vec<String>, StoreError> {
    if cards.is_empty() {
        return Ok(Vec::new());
    }
    let topics = store.topics()?;
    Ok(cards.iter().map(|each| card(each, &topics).into_string()).collect())
}
