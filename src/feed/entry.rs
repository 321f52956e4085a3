//! What an item's elements say of it. Where several say the same, the one that says it best is taken.

use std::borrow::Cow;

use super::address;
use super::media;
use super::mended::{Damage, Mended};
use super::prose::{self, Prose};
use super::reference::Script;
use super::tree::Element;
use super::vocabulary::{self, Name, Space};
use crate::date::{Manner, Moment, Precision};
use crate::model::{Entry, EntryOrigin, WebUrl};

/// An id longer than this is none.
const ID_BYTES_MAX: usize = 4_096;

/// Elements of a feed's own that are looked at.
const HEAD_MAX: usize = 64;

/// Where an item stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    /// What its links are relative to.
    pub(super) base: Option<&'p WebUrl>,
    /// Whether it is Atom's: texts are plain unless they say otherwise.
    pub(super) is_atom: bool,
    /// Its language, where it or what it stands in says.
    pub(super) lang: Option<&'p str>,
    /// The feed's element, as far as it is read.
    pub(super) feed: Option<Element<'p, 'p>>,
    /// How the document writes its dates.
    pub(super) dates: Manner,
}

impl Place<'_> {
    /// What a feed says of itself: it stands before its entries, and is looked at for each of them.
    fn head(&self) -> impl Iterator<Item = Element<'_, '_>> {
        self.feed.into_iter().flat_map(Element::children).take(HEAD_MAX)
    }

    /// Whether an address is the feed's own page, where many link to for want of a page of the entry's own.
    fn is_home(&self, link: &str, script: &Script<'_>) -> bool {
        let is_plain = |child: &Element<'_, '_>| child.written("href").is_none() && child.kind().0.is_own();
        let mut links = self.head();
        let Some(home) = links.find(|child| child.kind().1 == Name::Link && is_plain(child)) else { return false };
        // What is wrong with it is said once, of the feed.
        let home = address::absolute(&home.text(script, &mut Mended::default()), self.base);
        home.is_some_and(|home| home.trim_end_matches('/') == link.trim_end_matches('/'))
    }

    /// Whether a code is that of the entry's language, where one is known: its own, or the feed's.
    fn has_language(&self, code: &str, script: &Script<'_>) -> Option<bool> {
        if let Some(own) = self.lang {
            return Some(is_same_language(code, own));
        }
        let own = self.head().find(|child| child.kind().1 == Name::Language)?.text(script, &mut Mended::default());
        (!own.trim().is_empty()).then(|| is_same_language(code, &own))
    }
}

/// The best of what has been offered; of equals the first.
#[derive(Debug, Clone, Copy)]
struct Best<T>(Option<(u8, T)>);

impl<T> Best<T> {
    fn offer(&mut self, rank: u8, found: T) {
        if self.0.as_ref().is_none_or(|(best, _)| rank > *best) {
            self.0 = Some((rank, found));
        }
    }

    fn is_beaten_by(&self, rank: u8) -> bool {
        self.0.as_ref().is_none_or(|(best, _)| rank > *best)
    }

    fn take(self) -> Option<T> {
        self.0.map(|(_, found)| found)
    }
}

impl Best<Moment> {
    /// Offers a date. Of equals the last is the best: a later one corrects the earlier. What is older than the web is the
    /// worst. What tells the same more exactly is better, whatever its rank.
    fn offer_date(&mut self, rank: u8, found: Moment) {
        let rank = if found.is_of_web() { rank } else { 0 };
        let is_better = self.0.is_none_or(|(best, known)| {
            known.is_told_better_by(found) || rank >= best && !found.is_told_better_by(known)
        });
        if is_better {
            let best = self.0.map_or(0, |(best, _)| best);
            self.0 = Some((rank.max(best), found));
        }
    }

    /// Whether a date of this rank may be better.
    fn is_open_to(&self, rank: u8) -> bool {
        self.is_beaten_by(rank + 1) || self.0.is_some_and(|(_, known)| known.precision < Precision::Instant)
    }

    fn take_at(&mut self) -> Option<jiff::Timestamp> {
        self.0.take().map(|(_, moment)| moment.at)
    }
}

impl<T> Default for Best<T> {
    fn default() -> Self {
        Self(None)
    }
}

/// What was found of an item.
#[derive(Debug, Default)]
struct Found<'t, 'a> {
    title: Best<Element<'t, 'a>>,
    description: Best<Element<'t, 'a>>,
    summary: Best<Element<'t, 'a>>,
    content: Best<Element<'t, 'a>>,
    /// The whole text as aggregators ask for it, beside what others are given.
    full_text: Best<Element<'t, 'a>>,
    author: Best<Element<'t, 'a>>,
    lang: Best<Element<'t, 'a>>,
    origin: Best<Element<'t, 'a>>,
    id: Best<String>,
    link: Best<String>,
    /// What stands in for a missing link: a guid that is one, RDF's name of the item.
    permalink: Option<String>,
    published: Best<Moment>,
    updated: Best<Moment>,
    /// What its dates show of how they are written.
    shown: Manner,
}

/// Reads an item; `shown` takes in how its dates are written.
pub(super) fn read(
    item: Element<'_, '_>,
    place: &Place<'_>,
    script: &Script<'_>,
    (shown, mended): (&mut Manner, &mut Mended),
) -> Entry {
    let mut found = Found { shown: *shown, ..Found::default() };
    for child in item.children() {
        found.element(child, place, script, mended);
    }
    found.own_attributes(item, place, script, mended);
    *shown = found.shown;
    let prose = Prose { is_atom: place.is_atom, script };
    found.part_description();
    let title = found.title.take().and_then(|title| prose.title(title, mended));
    let mut html = |element: Best<Element<'_, '_>>| element.take().and_then(|it| prose.html(it, mended));
    let (summary, content, full_text) = (html(found.summary), html(found.content), html(found.full_text));
    let content = [content, full_text].into_iter().flatten().rev().max_by_key(String::len);
    let author = found.author.take().and_then(|author| person(author, script, mended));
    let lang = found.lang.take().map(|lang| lang.text(script, mended).trim().to_owned()).filter(|l| !l.is_empty());
    let origin = found.origin.take().and_then(|source| origin(source, place.base, script, mended));
    let enclosures = media::enclosures(item, place.base, script, mended);
    let id = found.id.take();
    let permalink = || address::absolute(found.permalink.as_deref()?, place.base);
    let link = match found.link.take() {
        Some(link) if found.permalink.as_ref().is_some_and(|other| *other != link) && place.is_home(&link, script) => {
            permalink().or(Some(link))
        }
        link => link.or_else(permalink),
    };
    let link = link.or_else(|| address::absolute(id.as_deref()?, None));
    Entry {
        id,
        link,
        title,
        published: found.published.take_at(),
        updated: found.updated.take_at(),
        summary,
        content,
        author,
        lang: lang.or_else(|| place.lang.map(str::trim).filter(|lang| !lang.is_empty()).map(str::to_owned)),
        enclosures,
        origin,
    }
}

impl<'t, 'a> Found<'t, 'a> {
    fn element(&mut self, child: Element<'t, 'a>, place: &Place<'_>, script: &Script<'_>, mended: &mut Mended) {
        let (space, name) = child.kind();
        match (space, name) {
            (_, Name::Link | Name::Anchor) if space.is_own() => self.link(child, place, script, mended),
            (Space::Media, Name::Group) => self.media_group(child),
            (Space::Core | Space::Atom, Name::Source) => self.source(child),
            _ if child.is_blank() => {}
            (Space::Core | Space::Atom, Name::Title) => self.title.offer(3, child),
            (Space::Dublin | Space::Terms, Name::Title) => self.title.offer(2, child),
            (Space::Media | Space::Itunes, Name::Title) => self.title.offer(1, child),
            (Space::Core | Space::Atom, Name::Description | Name::Abstract) => self.description.offer(1, child),
            (Space::Core | Space::Atom, Name::Summary) => self.summary.offer(4, child),
            (Space::Dublin | Space::Terms, Name::Description | Name::Abstract) => self.summary.offer(3, child),
            (Space::Itunes, Name::Summary) => self.summary.offer(2, child),
            (Space::Media | Space::Itunes, Name::Description | Name::Subtitle) => self.summary.offer(1, child),
            (Space::Core | Space::Atom | Space::Content, Name::Content | Name::Encoded) => self.content.offer(3, child),
            (_, Name::FullText) | (Space::Turbo, Name::Content) => self.full_text.offer(1, child),
            (_, Name::FullItem) if space != Space::Other => self.content.offer(2, child),
            (Space::Core | Space::Xhtml, Name::Body) => self.content.offer(2, child),
            (Space::Core | Space::Atom, Name::Guid | Name::Id) => self.guid(child, script, mended),
            (Space::Core | Space::Atom, Name::Author) => self.author.offer(3, child),
            (Space::Dublin | Space::Terms, Name::Creator | Name::Author) => self.author.offer(2, child),
            (Space::Itunes, Name::Author) => self.author.offer(1, child),
            (Space::Core | Space::Dublin, Name::Language) => self.lang.offer(1, child),
            _ => self.date(child, place.dates, script, mended),
        }
    }

    /// What was taken from another feed is that one's, and by its author where it names none (RFC 4287 section 4.2.1).
    fn source(&mut self, source: Element<'t, 'a>) {
        self.origin.offer(1, source);
        if let Some(author) = source.child(Name::Author).filter(|author| !author.is_blank()) {
            self.author.offer(0, author);
        }
    }

    /// A description is the summary; beside a summary of the feed's own words it is the text.
    fn part_description(&mut self) {
        let Some(description) = std::mem::take(&mut self.description).take() else { return };
        if self.summary.is_beaten_by(4) {
            self.summary.offer(4, description);
        } else {
            self.content.offer(1, description);
        }
    }

    /// A group of files may carry the only words there are (video channels).
    fn media_group(&mut self, group: Element<'t, 'a>) {
        for child in group.children().filter(|child| !child.is_blank()) {
            match child.kind() {
                (Space::Media, Name::Title) => self.title.offer(1, child),
                (Space::Media, Name::Description) => self.summary.offer(1, child),
                _ => {}
            }
        }
    }

    fn date(&mut self, child: Element<'t, 'a>, manner: Manner, script: &Script<'_>, mended: &mut Mended) {
        let (space, name) = child.kind();
        let (dates, rank) = match (space, name) {
            (Space::Core | Space::Atom, Name::PubDate | Name::Published | Name::Issued) => (&mut self.published, 4),
            (Space::Terms, Name::Issued) => (&mut self.published, 3),
            (Space::Dublin | Space::Core, Name::Date) => (&mut self.published, 2),
            (Space::Core | Space::Atom | Space::Terms, Name::Created) => (&mut self.published, 1),
            (Space::Core | Space::Atom, Name::Updated | Name::Modified) => (&mut self.updated, 3),
            (Space::Terms, Name::Modified) => (&mut self.updated, 2),
            (Space::Core, Name::LastBuildDate) => (&mut self.updated, 1),
            _ => return,
        };
        if !dates.is_open_to(rank) {
            return;
        }
        let text = child.text(script, mended);
        self.shown.see(&text);
        match manner.moment(&text) {
            Some(moment) => dates.offer_date(rank, moment),
            None if text.trim().is_empty() => {}
            None => mended.note_words(Damage::UnreadableDate, child.at(), &text),
        }
    }

    fn guid(&mut self, child: Element<'t, 'a>, script: &Script<'_>, mended: &mut Mended) {
        let text = child.text(script, mended);
        let text = text.trim();
        if text.is_empty() || text.len() > ID_BYTES_MAX {
            return;
        }
        let is_permalink = child.written("isPermaLink").is_none_or(|word| !word.trim().eq_ignore_ascii_case("false"));
        if is_permalink && child.kind().1 == Name::Guid && self.permalink.is_none() && address::looks_absolute(text) {
            self.permalink = Some(text.to_owned());
        }
        self.id.offer(2, text.to_owned());
    }

    /// A link as text (RSS), or in an attribute (Atom, CDF): a page before other types, one in the entry's language
    /// before those in others, one of its own before others.
    fn link(&mut self, child: Element<'t, 'a>, place: &Place<'_>, script: &Script<'_>, mended: &mut Mended) {
        let rel = child.attribute("rel", script, mended);
        if rel.is_some_and(|rel| !vocabulary::relation(&rel).eq_ignore_ascii_case("alternate")) {
            return;
        }
        let (rank, text) = if let Some(href) = child.attribute("href", script, mended) {
            let media_type = child.attribute("type", script, mended);
            let is_page = media_type.is_none_or(|kind| kind.to_ascii_lowercase().contains("html"));
            let language = child.written("hreflang").filter(|_| is_page);
            let rank = match language.map(|other| place.has_language(other, script)) {
                _ if !is_page => 2,
                Some(Some(true)) => 6,
                // In RSS, what is in a language is a translation of what the entry's own link leads to.
                Some(None) if !place.is_atom => 3,
                Some(None) | None => 5,
                Some(Some(false)) => 3,
            };
            (rank, href)
        } else {
            (4, child.text(script, mended))
        };
        if text.trim().is_empty() || !self.link.is_beaten_by(rank) {
            return;
        }
        let base = own_base(child, place.base, script, mended);
        match address::absolute(&text, base.as_deref()) {
            Some(link) => self.link.offer(rank, link),
            None => mended.note_words(Damage::UnusableLink, child.at(), &text),
        }
    }

    /// RDF names its items by an attribute; so do CDF and its dates.
    fn own_attributes(&mut self, item: Element<'_, '_>, place: &Place<'_>, script: &Script<'_>, mended: &mut Mended) {
        if let Some(about) = item.attribute("rdf:about", script, mended) {
            self.permalink = self.permalink.take().or_else(|| Some(about.clone().into_owned()));
            self.id.offer(1, about.into_owned());
        }
        if let Some(href) = item.attribute("href", script, mended)
            && let Some(link) = address::absolute(&href, place.base)
        {
            self.link.offer(1, link);
        }
        if let Some(at) = item.attribute("lastmod", script, mended) {
            self.shown.see(&at);
            match place.dates.moment(&at) {
                Some(moment) => self.updated.offer_date(1, moment),
                None => mended.note_words(Damage::UnreadableDate, item.at(), &at),
            }
        }
    }
}

/// Whether two codes are of one language, in whatever country.
fn is_same_language(one: &str, other: &str) -> bool {
    let language = |code: &str| code.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    language(one) == language(other)
}

/// The base of an element: its own `xml:base`, within the one that holds around it.
pub(super) fn own_base<'p>(
    element: Element<'_, '_>,
    around: Option<&'p WebUrl>,
    script: &Script<'_>,
    mended: &mut Mended,
) -> Option<Cow<'p, WebUrl>> {
    let own = element.attribute("xml:base", script, mended).and_then(|base| address::resolved(&base, around));
    own.map(Cow::Owned).or_else(|| around.map(Cow::Borrowed))
}

/// Whom a gathered entry is from: RSS names it in the text and its feed in an attribute, Atom gives the head of its feed.
fn origin(
    source: Element<'_, '_>,
    base: Option<&WebUrl>,
    script: &Script<'_>,
    mended: &mut Mended,
) -> Option<EntryOrigin> {
    let link = |link: Element<'_, '_>, mended: &mut Mended| link.attribute("href", script, mended).map(Cow::into_owned);
    let mut links = source.children().filter(|child| child.kind().1 == Name::Link);
    let is_page = |link: &Element<'_, '_>| link.written("rel").is_none_or(|rel| rel.trim() == "alternate");
    let url = source.attribute("url", script, mended).map(Cow::into_owned);
    let url = url.or_else(|| links.find(is_page).and_then(|page| link(page, mended)));
    let url = url.or_else(|| Some(source.child(Name::Id)?.text(script, mended).into_owned()));
    let url = address::absolute(&url?, base)?;
    let name = source.child(Name::Title).unwrap_or(source).text(script, mended).trim().to_owned();
    Some(EntryOrigin { name, url })
}

/// A person's name: of `name (address)`, of `address (name)`, of Atom's parts.
pub(super) fn person(author: Element<'_, '_>, script: &Script<'_>, mended: &mut Mended) -> Option<String> {
    let named = [Name::Person, Name::Email].into_iter().find_map(|name| {
        let text = author.child(name)?.text(script, mended).trim().to_owned();
        (!text.is_empty()).then_some(text)
    });
    named.or_else(|| {
        let text = author.text(script, mended);
        prose::person(&text)
    })
}
