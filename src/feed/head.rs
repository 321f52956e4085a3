//! What a feed says of itself: its title, its page, when to come again, where else to look.

use std::time::Duration;

use super::address;
use super::document::Holder;
use super::entry::{own_base, person};
use super::mended::Mended;
use super::prose::Prose;
use super::reference::Script;
use super::tree::{Element, Tree};
use super::vocabulary::{self, Name, Space};
use crate::model::{Announced, WebUrl};

/// Hubs and hours that are kept: more are no help.
const LIST_MAX: usize = 24;

/// What a feed says of itself.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Its title, as HTML.
    pub(super) title: Option<String>,
    /// Its language.
    pub(super) lang: Option<String>,
    /// The page that it belongs to.
    pub(super) home: Option<String>,
    /// Who wrote its entries, where they don't say.
    pub(super) author: Option<String>,
    /// When to come again, and where else to look.
    pub(super) announced: Announced,
}

/// Reads what stands beside the items.
pub(super) fn read(tree: &Tree<'_>, holders: &[Holder], script: &Script<'_>, mended: &mut Mended) -> Head {
    let mut head = Head::default();
    let mut second = Head::default();
    let mut every = Every::default();
    for holder in holders {
        let Some(element) = tree.element(holder.node) else { continue };
        if head.lang.is_none() {
            head.lang = element.written("xml:lang").map(|lang| lang.trim().to_owned()).filter(|lang| !lang.is_empty());
        }
        let is_atom = element.kind().1 == Name::Feed;
        let prose = Prose { is_atom, script };
        // CDF names its page by an attribute.
        let href = element.attribute("href", script, mended);
        second.home = second.home.or_else(|| address::absolute(&href?, holder.base.as_ref()));
        for child in element.children() {
            match child.kind() {
                (Space::Core | Space::Atom, Name::Title) => keep(&mut head.title, || prose.html(child, mended)),
                (Space::Dublin | Space::Media | Space::Itunes, Name::Title) => {
                    keep(&mut second.title, || prose.html(child, mended));
                }
                (Space::Core | Space::Dublin, Name::Language) => {
                    let lang = child.text(script, mended).trim().to_owned();
                    keep(&mut second.lang, || Some(lang).filter(|lang| !lang.is_empty()));
                }
                (Space::Core | Space::Atom, Name::Link) => head.link(child, holder.base.as_ref(), script, mended),
                (Space::Core | Space::Atom, Name::Id) => {
                    let id = child.text(script, mended);
                    keep(&mut second.home, || address::absolute(&id, None));
                }
                // RFC 4287 section 4.2.1.
                (Space::Core | Space::Atom, Name::Author) if is_atom => {
                    keep(&mut head.author, || person(child, script, mended));
                }
                (_, _) => head.announce(child, &mut every, script, mended),
            }
        }
    }
    head.announced.update_every = every.span();
    head.title = head.title.or(second.title);
    head.lang = head.lang.or(second.lang);
    head.home = head.home.or(second.home);
    head
}

fn keep<T>(place: &mut Option<T>, found: impl FnOnce() -> Option<T>) {
    if place.is_none() {
        *place = found();
    }
}

impl Head {
    fn link(&mut self, link: Element<'_, '_>, around: Option<&WebUrl>, script: &Script<'_>, mended: &mut Mended) {
        let base = own_base(link, around, script, mended);
        let Some(href) = link.attribute("href", script, mended) else {
            let text = link.text(script, mended);
            return keep(&mut self.home, || address::absolute(&text, base.as_deref()));
        };
        let Some(found) = address::absolute(&href, base.as_deref()) else { return };
        let rel = link.attribute("rel", script, mended).map(|rel| vocabulary::relation(&rel).to_ascii_lowercase());
        let rel = rel.unwrap_or_default();
        let media_type = link.attribute("type", script, mended).unwrap_or_default();
        match rel.as_str() {
            "" | "alternate" if media_type.is_empty() || media_type.contains("html") => {
                keep(&mut self.home, || Some(found));
            }
            "self" => keep(&mut self.announced.self_link, || Some(found)),
            "hub" if self.announced.hubs.len() < LIST_MAX && !self.announced.hubs.contains(&found) => {
                self.announced.hubs.push(found);
            }
            "next" => keep(&mut self.announced.next_page, || Some(found)),
            "prev-archive" => keep(&mut self.announced.previous_archive, || Some(found)),
            _ => {}
        }
    }

    fn announce(&mut self, child: Element<'_, '_>, every: &mut Every, script: &Script<'_>, mended: &mut Mended) {
        let announced = &mut self.announced;
        match child.kind() {
            (Space::Core, Name::Ttl) => {
                let text = child.text(script, mended);
                announced.ttl_minutes = announced.ttl_minutes.or_else(|| text.trim().parse().ok());
            }
            (Space::Core, Name::SkipHours) => {
                for hour in child.children().filter(|hour| hour.kind().1 == Name::Hour).take(LIST_MAX) {
                    // RSS 0.91 counts hours from 1 to 24.
                    let hour = hour.text(script, mended).trim().parse::<u8>().ok().map(|hour| hour % 24);
                    announced.skip_hours.extend(hour);
                }
            }
            (Space::Core, Name::SkipDays) => {
                for day in child.children().filter(|day| day.kind().1 == Name::Day).take(LIST_MAX) {
                    announced.skip_days.extend(weekday(&day.text(script, mended)));
                }
            }
            (Space::Syndication, Name::UpdatePeriod) => every.period = period(&child.text(script, mended)),
            (Space::Syndication, Name::UpdateFrequency) => {
                every.frequency = child.text(script, mended).trim().parse().ok().filter(|times| *times > 0);
            }
            _ => {}
        }
    }
}

/// The syndication module's period, and how often in it.
#[derive(Debug, Default)]
struct Every {
    period: Option<Duration>,
    frequency: Option<u32>,
}

impl Every {
    fn span(&self) -> Option<Duration> {
        // The module's defaults: once a day. A frequency alone says nothing, a period alone means once.
        self.period.map(|period| period / self.frequency.unwrap_or(1))
    }
}

fn period(word: &str) -> Option<Duration> {
    let hours = match word.trim().to_ascii_lowercase().as_str() {
        "hourly" => 1,
        "daily" => 24,
        "weekly" => 24 * 7,
        "monthly" => 24 * 30,
        "yearly" => 24 * 365,
        _ => return None,
    };
    Some(Duration::from_hours(hours))
}

/// The day's number, Monday is 0.
fn weekday(word: &str) -> Option<u8> {
    let word = word.trim().to_ascii_lowercase();
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    (0..7).zip(days).find(|(_, day)| word.starts_with(day)).map(|(number, _)| number)
}
