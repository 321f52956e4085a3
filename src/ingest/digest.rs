//! Entries to stories: the words made plain, the names by which each is known again.

use jiff::{SignedDuration, Timestamp};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::model::{Article, Entry, EntryKey, Parsed, SourceId, SourceSpec, StoryDraft, WebUrl};
use crate::text;
use crate::url;

/// Characters of a story's text that are kept: news says what it says well before.
pub const TEXT_CHARS_MAX: usize = 20_000;
/// A title made of the text's first words is at most this long.
const MADE_TITLE_CHARS: usize = 100;
/// Characters of the text that its language is told by: more cost time and change nothing.
const LANGUAGE_CHARS: usize = 300;
/// A date further ahead than this is a mistake, or an embargo: in both cases not the moment of publication.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Digests a document into stories, oldest first (by date where all have one, else from its end to its start).
pub fn digest(parsed: &Parsed, source: &SourceSpec, id: SourceId, now: Timestamp) -> Vec<StoryDraft> {
    let home = parsed.home.as_deref().and_then(|home| WebUrl::parse(home).ok()).map(|home| url::canonical(&home));
    let shared = shared_links(&parsed.entries);
    let place = Place { parsed, source, id, home, shared, now };
    let mut drafts: Vec<StoryDraft> = parsed.entries.iter().rev().filter_map(|entry| place.story(entry)).collect();
    if drafts.iter().all(|d| d.published.is_some()) {
        drafts.sort_by_key(|d| d.published);
    }
    drafts
}

/// Where entries stand.
struct Place<'a> {
    parsed: &'a Parsed,
    source: &'a SourceSpec,
    id: SourceId,
    home: Option<String>,
    shared: Vec<String>,
    now: Timestamp,
}

impl Place<'_> {
    fn story(&self, entry: &Entry) -> Option<StoryDraft> {
        let body = longer(
            entry.summary.as_deref().map(|s| text::plain(s, TEXT_CHARS_MAX)),
            entry.content.as_deref().map(|c| text::plain(c, TEXT_CHARS_MAX)),
        );
        let given = entry.title.as_deref().map(text::title).filter(|t| !t.is_empty());
        let link = entry.link.as_deref().and_then(|link| WebUrl::parse(link).ok());
        if given.is_none() && body.is_empty() && link.is_none() {
            return None;
        }
        let made = || text::lead(&body, MADE_TITLE_CHARS).to_owned();
        let title = given.unwrap_or_else(made);
        let canonical = link.as_ref().map(url::canonical).unwrap_or_default();
        let published = entry.published.or(entry.updated).filter(|&at| is_likely(at, self.now));
        let hint = entry.lang.as_deref().or(self.source.lang.as_deref()).or(self.parsed.lang.as_deref());
        Some(StoryDraft {
            keys: self.keys(entry, &canonical, &title, &body, published),
            url: canonical,
            link: link.map(|l| l.as_str().to_owned()).unwrap_or_default(),
            publisher: self.source.publisher.clone(),
            lang: text::language(&format!("{title}. {}", text::lead(&body, LANGUAGE_CHARS)), hint)
                .map(ToOwned::to_owned),
            fingerprint: fingerprint(&title, &body),
            title,
            text: body,
            author: entry.author.as_deref().map(text::title).filter(|a| !a.is_empty()),
            published,
        })
    }

    /// Strongest first: the publisher's id, the canonical address; where there is neither, title and day.
    fn keys(
        &self,
        entry: &Entry,
        canonical: &str,
        title: &str,
        body: &str,
        published: Option<Timestamp>,
    ) -> Vec<EntryKey> {
        let mut keys = Vec::new();
        if let Some(id) = &entry.id {
            keys.push(key(&["g", &self.id.to_string(), id]));
        }
        let names_one = self.home.as_deref() != Some(canonical)
            && !self.shared.iter().any(|link| Some(link.as_str()) == entry.link.as_deref());
        if !canonical.is_empty() && names_one {
            keys.push(key(&["u", canonical]));
        }
        if keys.is_empty() {
            let day = published.map(|at| at.strftime("%Y-%m-%d").to_string());
            let when = day.unwrap_or_else(|| text::fold(text::lead(body, 200)));
            keys.push(key(&["t", &self.id.to_string(), &text::fold(title), &when]));
        }
        keys
    }
}

/// Merges what an article page says into what the list or feed said of it.
pub fn with_article(draft: StoryDraft, article: &Article, now: Timestamp) -> StoryDraft {
    let mut merged = draft;
    let canonical = article.canonical.as_deref().and_then(|link| WebUrl::parse(link).ok());
    merged.keys = canonical.as_ref().map(story_keys_of_url).unwrap_or_default();
    let body = text::plain(&html_free(&article.text), TEXT_CHARS_MAX);
    if body.chars().count() > merged.text.chars().count() {
        merged.text = body;
    }
    if merged.title.is_empty()
        && let Some(title) = &article.title
    {
        merged.title = text::title(title);
    }
    merged.published = merged.published.or(article.published.filter(|&at| is_likely(at, now)));
    merged.author = merged.author.or_else(|| article.author.as_deref().map(text::title));
    let hint = article.lang.as_deref().or(merged.lang.as_deref());
    merged.lang = text::language(&format!("{}. {}", merged.title, text::lead(&merged.text, LANGUAGE_CHARS)), hint)
        .map(ToOwned::to_owned);
    merged.fingerprint = fingerprint(&merged.title, &merged.text);
    merged
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
    StoryDraft {
        keys: at.map(story_keys_of_url).unwrap_or_default(),
        url: at.map(url::canonical).unwrap_or_default(),
        link: at.map(|at| at.as_str().to_owned()).unwrap_or_default(),
        publisher: publisher.map_or(host, str::to_owned),
        lang: text::language(&format!("{title}. {}", text::lead(&body, LANGUAGE_CHARS)), lang).map(ToOwned::to_owned),
        fingerprint: fingerprint(&title, &body),
        title,
        text: body,
        author: None,
        published,
    }
}

/// The keys of a page's address.
pub fn story_keys_of_url(url: &WebUrl) -> Vec<EntryKey> {
    vec![key(&["u", &url::canonical(url)])]
}

/// An article's text is plain already: what looks like markup in it is meant literally.
fn html_free(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Hash of the folded words: equal means that the words are the same.
fn fingerprint(title: &str, body: &str) -> u64 {
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
    const WEB: i64 = 631_152_000; // 1990-01-01
    at.as_second() >= WEB && at.duration_since(now) <= AHEAD_MAX
}

/// Links that several entries with ids or titles of their own share: they name a section, not a story.
fn shared_links(entries: &[Entry]) -> Vec<String> {
    let mut links: Vec<(&str, Option<&str>)> =
        entries.iter().filter_map(|e| Some((e.link.as_deref()?, e.id.as_deref().or(e.title.as_deref())))).collect();
    links.sort_unstable();
    links.dedup();
    let twice = |w: &[(&str, Option<&str>)]| match w {
        [a, b] if a.0 == b.0 => Some(a.0.to_owned()),
        _ => None,
    };
    links.windows(2).filter_map(twice).collect()
}
