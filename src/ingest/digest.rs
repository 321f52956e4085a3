//! Entries to stories: the words made plain, the names by which each is known again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::date;
use crate::model::{Article, Entry, EntryKey, Parsed, SourceId, SourceSpec, StoryDraft, WebUrl};
use crate::text;
use crate::url;

/// Characters of a story's text that are kept: news says what it says well before.
pub const TEXT_CHARS_MAX: usize = 20_000;
/// A title made of the text's first words is at most this long.
const MADE_TITLE_CHARS: usize = 100;
/// Characters of the text that its language is told by: more cost time and change nothing.
const LANGUAGE_CHARS: usize = 500;
/// Bytes of titles that the usual language of a document is told by.
const TITLES_BYTES: usize = 500;
/// A longer text may tell of a story without a word of its title: in another language, or below a witty one.
const FOREIGN_CHARS_MAX: usize = 1_000;
/// A date further ahead than this is a mistake, or an embargo: in both cases not the moment of publication.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Digests a document into stories, oldest first (by date where all have one, else from its end to its start).
pub fn digest(parsed: &Parsed, source: &SourceSpec, id: SourceId, now: Timestamp) -> Vec<StoryDraft> {
    let home = parsed.home.as_deref().and_then(|home| WebUrl::parse(home).ok()).map(|home| url::canonical(&home));
    let linked: Vec<Linked<'_>> = parsed.entries.iter().map(Linked::of).collect();
    let mut nobodys = shared_links(&linked);
    nobodys.extend(home);
    nobodys.insert(url::canonical(&source.url));
    let origins = parsed.entries.iter().filter_map(|entry| WebUrl::parse(&entry.origin.as_ref()?.url).ok());
    let links = linked.iter().filter_map(|linked| Some(linked.link.as_ref()?.host_text()));
    // One publisher that all entries name is the feed under another name.
    let (is_gathered, leads_on) = (are_several(origins.map(|url| url.host_text().to_owned())), are_several(links));
    let place = Place { parsed, source, id, nobodys, is_gathered, leads_on, now };
    let mut drafts: Vec<StoryDraft> = linked.into_iter().rev().filter_map(|linked| place.story(linked)).collect();
    if drafts.iter().all(|d| d.published.is_some()) {
        drafts.sort_by_key(|d| d.published);
    }
    drafts
}

/// An entry with the address that it leads to, which is read once.
struct Linked<'a> {
    entry: &'a Entry,
    link: Option<WebUrl>,
    /// That address in its canonical form; nothing without one.
    canonical: String,
}

impl<'a> Linked<'a> {
    fn of(entry: &'a Entry) -> Self {
        let link = entry.link.as_deref().and_then(|link| WebUrl::parse(link).ok());
        let canonical = link.as_ref().map(url::canonical).unwrap_or_default();
        Self { entry, link, canonical }
    }
}

/// Where entries stand.
struct Place<'a> {
    parsed: &'a Parsed,
    source: &'a SourceSpec,
    id: SourceId,
    /// Canonical addresses that name no one story: the home page, the source itself, what several entries share.
    nobodys: BTreeSet<String>,
    /// Whether its entries are of several publishers.
    is_gathered: bool,
    /// Whether they lead to several, and not to one that leads on.
    leads_on: bool,
    now: Timestamp,
}

impl Place<'_> {
    fn story(&self, linked: Linked<'_>) -> Option<StoryDraft> {
        let Linked { entry, link, canonical } = linked;
        let body = longer(
            entry.summary.as_deref().map(|s| text::plain(s, TEXT_CHARS_MAX)),
            entry.content.as_deref().map(|c| text::plain(c, TEXT_CHARS_MAX)),
        );
        let origin = self.origin(entry, link.as_ref());
        let given = entry.title.as_deref().map(text::title).filter(|t| !t.is_empty());
        let given = given.map(|title| match &origin {
            Some((_, name)) => without_name(title, name),
            None => title,
        });
        if given.is_none() && body.is_empty() && link.is_none() {
            return None;
        }
        let made = || text::lead(&body, MADE_TITLE_CHARS).to_owned();
        let title = given.unwrap_or_else(made);
        let likely = |at: Option<Timestamp>| at.filter(|&at| is_likely(at, self.now));
        let published = likely(entry.published).or_else(|| likely(entry.updated));
        let hint = entry.lang.as_deref().or(self.source.lang.as_deref()).or(self.parsed.lang.as_deref());
        let mut story = StoryDraft {
            keys: Vec::new(),
            url: canonical,
            link: link.map(|l| l.as_str().to_owned()).unwrap_or_default(),
            publisher: origin.map_or_else(|| self.source.publisher.clone(), |(publisher, _)| publisher),
            // Finding a language costs more than all the rest here: it waits until the story is known to be new.
            lang: hint.and_then(|hint| spoken(&title, &body, Some(hint))),
            fingerprint: fingerprint(&title, &body),
            title,
            text: body,
            author: entry.author.as_deref().map(text::title).filter(|a| !a.is_empty()),
            published,
        };
        story.keys = self.keys(entry, &story);
        if story.link.is_empty() {
            // An episode may have no page, and still be heard. Its file names no story: files move, and hold their listener's number.
            story.link = file(entry).unwrap_or_default();
        }
        Some(story)
    }

    /// Whom a gathered entry is from, as publishers are told, and by what name; none where that is the feed itself, or the operator
    /// has said whose the feed is. Where the entry leads to its publisher, that is whose it is: a feed may stand with a service.
    fn origin(&self, entry: &Entry, link: Option<&WebUrl>) -> Option<(String, String)> {
        let own = self.source.url.host_text();
        let named = entry.origin.as_ref().filter(|_| self.is_gathered && self.source.publisher == url::site(own))?;
        let is_elsewhere = |page: &WebUrl| url::registrable(page.host_text()) != url::registrable(own);
        let home = WebUrl::parse(&named.url).ok().filter(is_elsewhere)?;
        let whose = link.filter(|link| self.leads_on && is_elsewhere(link)).unwrap_or(&home);
        Some((url::site(whose.host_text()).to_owned(), text::title(&named.name)))
    }

    /// Strongest first: the publisher's id, the canonical address; without an address also what the words say. An id that is that
    /// address with a count of its versions behind it (`#2`) says less than the address.
    fn keys(&self, entry: &Entry, story: &StoryDraft) -> Vec<EntryKey> {
        let mut keys = Vec::new();
        let id = entry.id.as_deref();
        let is_link = |id: &str| entry.link.as_deref() == Some(id) && !story.url.is_empty();
        let is_address = id.is_some_and(|id| {
            is_link(id) || WebUrl::parse(id).is_ok_and(|address| url::canonical(&address) == story.url)
        });
        // An id that is the title names each story of that title: of a day it is one.
        let is_title = id.is_some_and(|id| text::fold(id) == text::fold(&story.title));
        let day = if is_title { day_key(story, self.id) } else { None };
        let id = id.filter(|_| day.is_none()).map(|id| key(&["g", &self.id.to_string(), id]));
        keys.extend(id.filter(|_| !is_address));
        if !story.url.is_empty() && !self.nobodys.contains(&story.url) {
            keys.push(url_key(&story.url));
            keys.extend(day);
        } else {
            keys.extend(day_key(story, self.id));
            keys.push(words_key(story, self.id));
        }
        keys.extend(id.filter(|_| is_address));
        keys
    }
}

/// The file of an entry that can be opened: what is heard or seen before anything else, and never an image, which goes with a story
/// and isn't one.
fn file(entry: &Entry) -> Option<String> {
    let files = entry.enclosures.iter().filter_map(|file| {
        let url = WebUrl::parse(&file.url).ok().filter(|url| !url.names_user())?;
        let media_type = file.media_type.as_deref().unwrap_or_default().trim().to_ascii_lowercase();
        let is_played = media_type.starts_with("audio/") || media_type.starts_with("video/");
        let is_image = media_type.starts_with("image/") || (!is_played && names_image(&url));
        (!is_image).then_some((!is_played, url))
    });
    // The first of those that are alike.
    files.min_by_key(|(is_other, _)| *is_other).map(|(_, url)| url.as_str().to_owned())
}

/// Whether an address is an image's by the end of its path.
fn names_image(url: &WebUrl) -> bool {
    const ENDS: [&str; 9] = ["jpg", "jpeg", "png", "gif", "webp", "avif", "svg", "bmp", "ico"];
    let end = url.as_url().path().rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase());
    end.is_some_and(|end| ENDS.contains(&end.as_str()))
}

/// Whether hosts are several.
fn are_several(mut hosts: impl Iterator<Item: PartialEq>) -> bool {
    hosts.next().is_some_and(|first| hosts.any(|host| host != first))
}

/// A title without the publisher's name that the gatherer put behind it: `Title - Name`.
fn without_name(title: String, name: &str) -> String {
    let bare = title.strip_suffix(name).filter(|_| !name.is_empty()).map(str::trim_end);
    let bare = bare.and_then(|rest| rest.strip_suffix(['-', '–', '—', '|'])).map(str::trim_end);
    bare.filter(|bare| !bare.is_empty()).map(str::to_owned).unwrap_or(title)
}

/// The key of the very words: the same title and text are the same story, whatever the day.
pub(super) fn words_key(story: &StoryDraft, source: SourceId) -> EntryKey {
    let title = text::fold(&story.title);
    // Without a title and a text there is the link alone, which then has to tell the entries apart.
    let link = if title.is_empty() { story.link.as_str() } else { "" };
    key(&["w", &source.to_string(), &title, &format!("{:016x}", story.fingerprint), link])
}

/// The key of title and day, where the story has both: the text may change. Two stories may share it (`Briefing`).
pub(super) fn day_key(story: &StoryDraft, source: SourceId) -> Option<EntryKey> {
    let title = text::fold(&story.title);
    let day = story.published.filter(|_| !title.is_empty())?.strftime("%Y-%m-%d").to_string();
    Some(key(&["t", &source.to_string(), &title, &day]))
}

/// Titles of these stories, as many as a language is told by.
pub(super) fn titles(drafts: &[StoryDraft]) -> String {
    let mut titles = String::new();
    for draft in drafts.iter().filter(|d| d.lang.is_none()) {
        if titles.len() >= TITLES_BYTES {
            break;
        }
        titles.push_str(&draft.title);
        titles.push_str(". ");
    }
    titles
}

/// Finds the language of a story that names none, at a place where `usual` is spoken.
pub(super) fn with_language(draft: StoryDraft, usual: impl FnOnce() -> Option<&'static str>) -> StoryDraft {
    let lang = draft
        .lang
        .or_else(|| text::language_among(&opening(&draft.title, &draft.text), usual()).map(ToOwned::to_owned));
    StoryDraft { lang, ..draft }
}

fn spoken(title: &str, body: &str, hint: Option<&str>) -> Option<String> {
    text::language(&opening(title, body), hint).map(ToOwned::to_owned)
}

fn opening(title: &str, body: &str) -> String {
    format!("{title}. {}", text::lead(body, LANGUAGE_CHARS))
}

/// Whether a page has to do with the story that it is to tell: a word that says something stands in its title or text and in what
/// the list or feed said. Sites answer for what is gone, or needs a script, with a page of their own, the same for all.
pub fn tells_of(article: &Article, draft: &StoryDraft) -> bool {
    is_titled(article, draft) || is_its_text(article, draft)
}

/// Whether a page says the story's title, or words of it, of itself.
fn is_titled(article: &Article, draft: &StoryDraft) -> bool {
    article.title.as_deref().is_some_and(|title| has_words_of(title, draft, article))
}

/// Whether the text of a page is the story's: a short one that has no word of it is what the site says beside it, but where a
/// headline is all there is and the page's own.
fn is_its_text(article: &Article, draft: &StoryDraft) -> bool {
    let is_long = || article.text.chars().nth(FOREIGN_CHARS_MAX).is_some();
    let is_all_there_is = || draft.text.is_empty() && is_titled(article, draft);
    draft.title.is_empty() || is_long() || has_words_of(&article.text, draft, article) || is_all_there_is()
}

/// Whether a word that says something, in any form, is in a text and in what a list or feed said of a story.
fn has_words_of(text: &str, draft: &StoryDraft, article: &Article) -> bool {
    let lang = draft.lang.as_deref().or(article.lang.as_deref());
    let tells = |token: &&text::Token| !token.is_stop && !token.is_number;
    let (said, read) = (format!("{}\n{}", draft.title, draft.text), text::Tokens::of(text, lang));
    let said = text::Tokens::of(&said, lang);
    let said: BTreeSet<u64> = said.iter().filter(tells).map(|token| token.stem).collect();
    said.is_empty() || read.iter().filter(tells).any(|token| said.contains(&token.stem))
}

/// Merges what an article page says into what the list (`is_listed`) or feed said of it.
pub fn with_article(draft: StoryDraft, article: &Article, is_listed: bool, now: Timestamp) -> StoryDraft {
    let mut merged = draft;
    let canonical = article.canonical.as_deref().and_then(|link| WebUrl::parse(link).ok());
    // Some sites name their home page as every page's own: that would make one story of all.
    let names_page = |link: &&WebUrl| link.as_url().path() != "/" || link.as_url().query().is_some();
    merged.keys = canonical.as_ref().filter(names_page).map(story_keys_of_url).unwrap_or_default();
    let body = text::plain(&html_free(&article.text), TEXT_CHARS_MAX);
    if body.chars().count() > merged.text.chars().count() && is_its_text(article, &merged) {
        merged.text = body;
    }
    if merged.title.is_empty()
        && let Some(title) = &article.title
    {
        merged.title = text::title(title);
    }
    if let Some(title) = article.title.as_deref().map(text::title)
        && is_listed
        && is_labelled(&merged.title, &title)
    {
        merged.title = title;
    }
    let own = article.published.filter(|&at| is_likely(at, now));
    merged.published = match (merged.published, own) {
        // Of a list a day is what was found by eye: the article's own page knows better, and knows the time.
        (Some(listed), Some(own)) if is_listed && date::is_day(listed) => {
            let is_exact = !date::is_day(own) && date::is_on_day(listed, own);
            // What a page of long ago says of today is its clock.
            let is_clock = listed.duration_since(own) < -CLOCK_BEHIND && own.duration_since(now).abs() < AHEAD_MAX;
            Some(if is_exact || article.states_date && !is_clock { own } else { listed })
        }
        (listed, own) => listed.or(own),
    };
    merged.author = merged.author.or_else(|| article.author.as_deref().map(text::title));
    let hint = article.lang.as_deref().or(merged.lang.as_deref());
    merged.lang = spoken(&merged.title, &merged.text, hint);
    merged.fingerprint = fingerprint(&merged.title, &merged.text);
    merged
}

/// How far behind a list's day a page's own date of today is no date.
const CLOCK_BEHIND: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Letters of what a list may put before a title, and of a title at least.
const LABEL_CHARS: usize = 40;
const TITLED_CHARS: usize = 15;

/// Whether a listed title is that of the article with a label before it: one that runs together with it, or has a date or a mark
/// that parts it. Other words may be the title's own, and what runs together is seen by a capital or a digit alone: some scripts
/// part no words.
pub(super) fn is_labelled(listed: &str, own: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = |c: char| c.is_alphanumeric() || c.is_whitespace() || matches!(c, '.' | '/' | ',' | '|' | '·');
        let first = own.chars().find(|c| c.is_alphanumeric());
        let begins = first.is_some_and(|c| c.is_uppercase() || c.is_numeric());
        let is_glued = begins && !label.ends_with(char::is_whitespace);
        let is_parted = is_glued || label.contains(['|', '·']) || date::parse(label).is_some();
        !label.trim().is_empty() && is_parted && label.chars().count() <= LABEL_CHARS && label.chars().all(is_plain)
    };
    own.chars().count() >= TITLED_CHARS && listed.strip_suffix(own).is_some_and(is_label)
}

/// A recorded article as a feed's entry would have brought it (title and text may hold markup).
pub fn recorded(
    title: Option<&str>,
    body: Option<&str>,
    (at, publisher): (Option<&WebUrl>, Option<&str>),
    lang: Option<&str>,
    published: Option<Timestamp>,
) -> StoryDraft {
    let body = text::plain(body.unwrap_or_default(), TEXT_CHARS_MAX);
    let title = title.map(text::title).filter(|t| !t.is_empty());
    let title = title.unwrap_or_else(|| text::lead(&body, MADE_TITLE_CHARS).to_owned());
    let host = at.map(|at| url::site(at.host_text()).to_owned()).unwrap_or_default();
    let canonical = at.map(url::canonical);
    StoryDraft {
        keys: canonical.as_deref().map(url_key).into_iter().collect(),
        url: canonical.unwrap_or_default(),
        link: at.map(|at| at.as_str().to_owned()).unwrap_or_default(),
        publisher: publisher.map_or(host, str::to_owned),
        lang: spoken(&title, &body, lang),
        fingerprint: fingerprint(&title, &body),
        title,
        text: body,
        author: None,
        published,
    }
}

/// The keys of a page's address.
pub fn story_keys_of_url(url: &WebUrl) -> Vec<EntryKey> {
    vec![url_key(&url::canonical(url))]
}

/// The key of a canonical address.
pub(super) fn url_key(canonical: &str) -> EntryKey {
    key(&["u", canonical])
}

/// An article's text is plain already: what looks like markup in it is meant literally.
fn html_free(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Hash of the folded words of a story's title and text: equal means that the words are the same.
pub fn fingerprint(title: &str, body: &str) -> u64 {
    xxh3_64(text::fold(&format!("{title}\n{body}")).as_bytes())
}

fn key(parts: &[&str]) -> EntryKey {
    EntryKey(xxh3_128(parts.join("\u{1f}").as_bytes()))
}

fn longer(one: Option<String>, other: Option<String>) -> String {
    let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
    if other.len() > one.len() { other } else { one }
}

/// Not before the web, not more than a day ahead.
fn is_likely(at: Timestamp, now: Timestamp) -> bool {
    date::is_of_web(at) && at.duration_since(now) <= AHEAD_MAX
}

/// Canonical addresses that entries of different ids or titles share: they name a section, not a story.
fn shared_links(entries: &[Linked<'_>]) -> BTreeSet<String> {
    let mut names: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for Linked { entry, canonical, .. } in entries.iter().filter(|linked| linked.link.is_some()) {
        let (ids, titles) = names.entry(canonical).or_default();
        ids.extend(entry.id.as_deref());
        titles.extend(entry.title.as_deref());
    }
    let shared = names.into_iter().filter(|(_, (ids, titles))| ids.len() > 1 || titles.len() > 1);
    shared.map(|(link, _)| link.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Timestamp, digest, story_keys_of_url, tells_of, with_article};
    use crate::model::{
        Article, DocumentKind, Enclosure, Entry, EntryOrigin, Parsed, SourceId, SourceSpec, StoryDraft, WebUrl,
    };

    fn now() -> Timestamp {
        at("2021-12-07T00:00:00Z")
    }

    fn read(entries: Vec<Entry>) -> Vec<StoryDraft> {
        let url = WebUrl::parse("https://example.org/feed.xml").unwrap();
        let source = SourceSpec::feed(url, (Duration::from_mins(1), Duration::from_mins(1)));
        let parsed = Parsed { kind: DocumentKind::Rss, lang: Some("en-US".to_owned()), entries, ..Parsed::default() };
        digest(&parsed, &source, SourceId(1), now())
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn titled(title: &str) -> Entry {
        Entry { title: Some(title.to_owned()), ..Entry::default() }
    }

    #[test]
    fn the_link_for_the_click_stays_as_published_and_its_canonical_form_is_the_key() {
        let link = "http://www.example.org/a/?utm_source=rss".to_owned();
        let story = read(vec![Entry { link: Some(link.clone()), ..titled("A") }]).remove(0);
        assert_eq!((story.link, story.url.as_str()), (link, "https://example.org/a"));
        assert_eq!(story.keys, story_keys_of_url(&WebUrl::parse("https://example.org/a").unwrap()));
    }

    #[test]
    fn an_episode_without_a_page_opens_its_file_and_is_not_known_by_it() {
        let file = |url: &str| Entry {
            id: Some("1".to_owned()),
            enclosures: vec![Enclosure { url: url.to_owned(), ..Enclosure::default() }],
            ..titled("Episode 1")
        };
        let one = |entry: Entry| read(vec![entry]).remove(0);
        let (before, after) =
            (one(file("https://cdn.example/1.mp3?to=a")), one(file("https://cdn.example/1.mp3?to=b")));
        assert_eq!((before.link.as_str(), before.url.as_str()), ("https://cdn.example/1.mp3?to=a", ""));
        assert_eq!(before.keys, after.keys);
        let with_page =
            one(Entry { link: Some("https://example.org/1".to_owned()), ..file("https://cdn.example/1.mp3") });
        assert_eq!(with_page.link, "https://example.org/1");
        let of = |url: &str, media_type: Option<&str>| Enclosure {
            url: url.to_owned(),
            media_type: media_type.map(str::to_owned),
            ..Enclosure::default()
        };
        let opened = |enclosures: Vec<Enclosure>| one(Entry { enclosures, ..file("") }).link;
        let cover = of("https://cdn.example/cover.JPG?w=9", None);
        let named = of("https://user:secret@cdn.example/1.mp3", Some("audio/mpeg"));
        let (notes, sound) = (of("https://cdn.example/notes", None), of("https://cdn.example/1", Some("audio/mpeg")));
        let image = of("https://cdn.example/2", Some("image/png"));
        let all = vec![cover.clone(), image.clone(), named.clone(), notes.clone(), sound];
        assert_eq!(opened(all), "https://cdn.example/1");
        assert_eq!(opened(vec![cover.clone(), named.clone(), notes]), "https://cdn.example/notes");
        assert_eq!(opened(vec![cover, image, named]), "");
    }

    #[test]
    fn the_longer_of_summary_and_content_is_the_text_and_its_first_words_a_missing_title() {
        let entry = Entry {
            summary: Some("<p>Short</p>".to_owned()),
            content: Some("<p>The General Assembly <b>adopted</b> it.</p>".to_owned()),
            ..Entry::default()
        };
        let story = read(vec![entry]).remove(0);
        assert_eq!(story.text, "The General Assembly adopted it.");
        assert_eq!(story.title, story.text);
        assert_eq!(story.lang.as_deref(), Some("en"));
    }

    #[test]
    fn what_a_feed_has_gathered_is_its_publishers_own() {
        let from = |title: &str, name: &str, url: &str| Entry {
            origin: Some(EntryOrigin { name: name.to_owned(), url: url.to_owned() }),
            ..titled(title)
        };
        let told = |entries: Vec<Entry>| {
            read(entries).into_iter().map(|story| (story.title, story.publisher)).collect::<Vec<_>>()
        };
        let courier = from("Treaty adopted - The Courier", "The Courier", "https://www.courier.example/");
        let own = from("Treaty debated - Home", "Home", "https://news.example.org/feed.xml");
        let blog = Entry {
            link: Some("https://blog.example/1".to_owned()),
            ..from("On treaties", "Blog", "https://feeds.service.example/blog")
        };
        let courier = Entry { link: Some("https://example.org/read/1".to_owned()), ..courier };
        let all = [
            ("On treaties", "blog.example"),
            ("Treaty debated - Home", "example.org"),
            ("Treaty adopted", "courier.example"),
        ];
        let all = all.map(|(title, publisher)| (title.to_owned(), publisher.to_owned()));
        assert_eq!(told(vec![courier.clone(), own, blog]), all);
        let led = |entry: Entry| Entry { link: Some("https://gatherer.example/1".to_owned()), ..entry };
        let gatherer = told(vec![led(courier.clone()), led(from("On treaties", "Blog", "https://blog.example/"))]);
        assert_eq!(gatherer[1].1, "courier.example", "one place that leads on is nobody's");
        let alone = [("Treaty adopted - The Courier".to_owned(), "example.org".to_owned())];
        assert_eq!(told(vec![courier]), alone, "all that it names is itself, under another name");
    }

    #[test]
    fn a_date_that_can_not_be_is_none_and_the_change_stands_in_for_it() {
        let published =
            |published, updated| read(vec![Entry { published, updated, ..titled("A") }]).remove(0).published;
        assert_eq!(published(Some(at("2021-12-09T00:00:00Z")), None), None);
        let changed = Some(at("2021-12-06T00:00:00Z"));
        assert_eq!(published(Some(at("1970-01-01T00:00:00Z")), changed), changed);
        assert_eq!(published(Some(at("0001-01-01T00:00:00Z")), Some(at("2041-01-01T00:00:00Z"))), None);
        let soon = Some(at("2021-12-07T20:00:00Z"));
        assert_eq!(published(soon, None), soon);
    }

    #[test]
    fn stories_come_oldest_first_and_what_says_nothing_is_dropped() {
        let dated = |title: &str, day: &str| Entry {
            published: Some(at(&format!("2021-12-{day}T00:00:00Z"))),
            ..titled(title)
        };
        let titles = |entries| read(entries).into_iter().map(|story| story.title).collect::<Vec<_>>();
        assert_eq!(titles(vec![dated("B", "02"), dated("A", "01"), dated("C", "03")]), ["A", "B", "C"]);
        assert_eq!(titles(vec![titled("New"), Entry::default(), titled("Old")]), ["Old", "New"]);
    }

    #[test]
    fn an_article_adds_text_date_and_address_but_the_listed_title_stays() {
        let draft = read(vec![titled("Listed")]).remove(0);
        let article = Article {
            title: Some("Printed".to_owned()),
            canonical: Some("https://example.org/own".to_owned()),
            published: Some(at("2021-12-06T00:00:00Z")),
            text: "A < B, says the whole text listed".to_owned(),
            ..Article::default()
        };
        let merged = with_article(draft.clone(), &article, true, now());
        assert_eq!((merged.title.as_str(), merged.text.as_str()), ("Listed", "A < B, says the whole text listed"));
        assert_eq!(merged.published, article.published);
        assert_eq!(merged.keys, story_keys_of_url(&WebUrl::parse("https://example.org/own").unwrap()));
        assert_ne!(merged.fingerprint, draft.fingerprint);
    }

    #[test]
    fn a_day_on_a_list_gives_way_to_what_the_article_states_and_to_the_time_on_that_day() {
        let of = |listed: &str, own: &str, states_date: bool, is_listed: bool| {
            let draft = StoryDraft { published: Some(at(listed)), ..read(vec![titled("A")]).remove(0) };
            let article = Article { published: Some(at(own)), states_date, ..Article::default() };
            with_article(draft, &article, is_listed, now()).published.map(|at| at.to_string()).unwrap_or_default()
        };
        let merged = |listed: &str, own: &str, states_date: bool| of(listed, own, states_date, true);
        let (day, evening) = ("2021-12-05T00:00:00Z", "2021-12-05T22:30:00Z");
        assert_eq!(merged(day, evening, true), evening);
        assert_eq!(merged(day, evening, false), evening);
        assert_eq!(merged("2020-01-02T00:00:00Z", "2021-12-02T10:00:00Z", true), "2021-12-02T10:00:00Z");
        let old = "2021-01-02T00:00:00Z";
        assert_eq!(merged(old, "2021-12-06T23:59:00Z", true), old, "the page's clock");
        assert_eq!(of(day, evening, true, false), day, "a feed's date is its publisher's");
        assert_eq!(merged("2021-12-01T00:00:00Z", evening, false), "2021-12-01T00:00:00Z");
        assert_eq!(merged("2021-12-05T09:00:00Z", evening, true), "2021-12-05T09:00:00Z", "a time is no guess");
        assert_eq!(merged(day, "1970-01-01T00:00:00Z", true), day);
    }

    #[test]
    fn a_label_that_a_list_runs_together_with_a_title_goes_with_the_article() {
        let merged = |listed: &str, own: &str| {
            let article = Article { title: Some(own.to_owned()), ..Article::default() };
            with_article(read(vec![titled(listed)]).remove(0), &article, true, now()).title
        };
        for own in ["Permanent Representative of Norway", "No evidence minister resigns over the budget"] {
            let whole = format!("Statement by the {own}");
            assert_eq!(merged(&whole, own), whole);
        }
        let own = "General Assembly adopts the resolution";
        assert_eq!(merged("News27.11.2026General Assembly adopts the resolution", own), own);
        let quote = "“We adopt the resolution”, says the Assembly";
        assert_eq!(merged(&format!("News{quote}"), quote), quote);
        let own_chinese = "联合国大会通过关于网络空间安全的决议";
        let whole = format!("据新华社报道{own_chinese}");
        assert_eq!(merged(&whole, own_chinese), whole, "words that nothing parts");
        assert_eq!(merged(&format!("新闻 2026年11月27日{own_chinese}"), own_chinese), own_chinese);
        let own_thai = "สหประชาชาติรับรองมติ";
        let whole = format!("นายกฯ เผย{own_thai}");
        assert_eq!(merged(&whole, own_thai), whole);
        let told = "BREAKING: General Assembly adopts the resolution";
        assert_eq!(merged(told, own), told, "what somebody wrote");
        let more = "General Assembly adopts the resolution, Council does not";
        assert_eq!(merged(more, own), more);
    }

    #[test]
    fn an_id_that_is_the_title_is_worth_no_more_than_title_and_day() {
        let on = |day: &str, link: &str| Entry {
            id: Some("Daily briefing by the spokesman".to_owned()),
            link: Some(format!("https://example.org/{link}")),
            published: Some(at(&format!("2021-12-0{day}T10:00:00Z"))),
            ..titled("Daily Briefing by the Spokesman")
        };
        let keys = |day: &str, link: &str| read(vec![on(day, link)]).remove(0).keys;
        assert_eq!(keys("1", "a")[0], story_keys_of_url(&WebUrl::parse("https://example.org/a").unwrap())[0]);
        assert!(keys("2", "b").iter().all(|key| !keys("1", "a").contains(key)));
        assert_eq!(keys("1", "a?session=1")[1], keys("1", "a?session=2")[1], "a link that moves makes no story");
    }

    #[test]
    fn a_page_that_has_no_word_of_its_story_tells_nothing_of_it() {
        let draft = read(vec![Entry {
            summary: Some("Ferries stay in port as winds rise.".to_owned()),
            ..titled("Storm closes the harbour")
        }]);
        let page = |title: &str, text: &str| Article {
            title: Some(title.to_owned()),
            text: text.to_owned(),
            published: Some(at("2021-12-06T00:00:00Z")),
            ..Article::default()
        };
        let excuse = "Sorry, what you are looking for isn't here any more, or needs a browser that runs scripts. Please try again.";
        assert!(!tells_of(&page("Not found", excuse), &draft[0]));
        let video = page(
            "Storm closes the harbour",
            "Up next: a recipe for winter. Ten ways to tie a scarf. The best of the week.",
        );
        assert!(tells_of(&video, &draft[0]));
        let merged = with_article(draft[0].clone(), &video, true, now());
        assert_eq!((merged.text.as_str(), merged.published), ("Ferries stay in port as winds rise.", video.published));
        let told = page(
            "",
            "All crossings are off until Tuesday, said the port, as the harbours of the coast were closed one by one.",
        );
        assert_eq!(with_article(draft[0].clone(), &told, true, now()).text, told.text, "harbours, in another form");
        let headline = StoryDraft { text: String::new(), ..draft[0].clone() };
        assert_eq!(with_article(headline, &video, true, now()).text, video.text, "all there is, and under its title");
        let abroad = page("", &"Паромы остаются в порту. ".repeat(50));
        assert!(tells_of(&abroad, &draft[0]), "long enough to be an account");
    }

    #[test]
    fn an_article_that_names_the_home_page_as_its_own_gets_no_key_from_it() {
        let article = Article { canonical: Some("https://example.org/".to_owned()), ..Article::default() };
        assert_eq!(with_article(read(vec![titled("A")]).remove(0), &article, true, now()).keys, []);
    }
}
