//! What a person sees of a search: the candidates, and what the best one brings.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::discover::{Finding, Found, How, Nature, Stopped};
use crate::ingest::digest;
use crate::model::{DocumentKind, SourceId, SourceKind, SourceSpec, StoryDraft, WebUrl};
use crate::text;
use crate::topic::{Matcher, StoryText};

use super::add::as_source;
use super::known::KnownSources;
use crate::cli::screen::{Screen, Table, shown};

/// Entries of a preview.
const PREVIEWED: usize = 5;
/// Entries that are held against the topics; a feed rarely has more, and a page never.
const MATCHED_MAX: usize = 100;
/// Feeds that were not looked at and are named one by one.
const NAMED_MAX: usize = 8;

/// What was found, with what it is seen against.
pub(super) struct View<'a> {
    pub(super) found: &'a Found,
    pub(super) known: &'a KnownSources,
    pub(super) topics: &'a Matcher,
    /// The best, as it would be added.
    pub(super) best: Option<&'a SourceSpec>,
    /// The shortest and longest interval of the others.
    pub(super) bounds: (Duration, Duration),
}

/// What a finding is, in words.
pub(super) fn what(finding: &Finding) -> String {
    let kind = match (&finding.kind, finding.parsed.kind) {
        (SourceKind::Page(_), _) => "page, by selectors",
        (SourceKind::List, _) => "page, by what repeats",
        (SourceKind::Feed, DocumentKind::Rss) => "RSS feed",
        (SourceKind::Feed, DocumentKind::Atom) => "Atom feed",
        (SourceKind::Feed, DocumentKind::JsonFeed) => "JSON Feed",
        (SourceKind::Feed, DocumentKind::Sitemap | DocumentKind::SitemapIndex) => "sitemap",
        (SourceKind::Feed, DocumentKind::Page | DocumentKind::Article | DocumentKind::Unknown) => "feed",
    };
    let but = match finding.nature {
        Nature::Main => "",
        Nature::Stale => ", given up?",
        Nature::Podcast => ", podcast",
        Nature::Comments => ", comments",
        Nature::Addresses => ", addresses only",
        Nature::Beside => ", beside an article",
        Nature::Empty => ", empty",
    };
    format!("{kind}{but}")
}

fn how(how: How) -> String {
    match how {
        How::Itself => "the address itself".to_owned(),
        How::Platform(name) => format!("{name} serves it"),
        How::Named => "named by the page".to_owned(),
        How::Linked => "linked on the page".to_owned(),
        How::WellKnown => "well-known path".to_owned(),
        How::Robots => "named by robots.txt".to_owned(),
        How::Listed => "the page itself".to_owned(),
    }
}

/// A story of a preview, and the topics it is on.
struct Previewed {
    draft: StoryDraft,
    topics: Vec<String>,
}

impl View<'_> {
    /// Writes the candidates and the preview: a table and lines, or an object a candidate.
    pub(super) fn show(&self, screen: &mut Screen) -> anyhow::Result<()> {
        if screen.is_json() {
            let now = screen.now();
            return Ok(self.values(now).iter().try_for_each(|value| screen.record(value))?);
        }
        let mut table = Table::new(["", "WHAT", "TITLE", "ENTRIES", "NEWEST", "LANG", "FOUND", "ADDRESS"]);
        for finding in &self.found.findings {
            let known = self.source_of(finding).map(|source| format!(" ({source})")).unwrap_or_default();
            table.row([
                if self.is_best(finding) { "*".to_owned() } else { String::new() },
                what(finding),
                finding.title().unwrap_or_else(|| "-".to_owned()),
                finding.parsed.entries.len().to_string(),
                screen.when_known(finding.newest),
                finding.lang().unwrap_or_else(|| "-".to_owned()),
                how(finding.how),
                format!("{}{known}", finding.url),
            ]);
        }
        screen.table(&table)?;
        self.show_rest(screen)?;
        self.preview(screen)
    }

    /// What the table has no room for.
    fn show_rest(&self, screen: &mut Screen) -> anyhow::Result<()> {
        for finding in &self.found.findings {
            for twin in &finding.twins {
                screen.line(&format!("the same as {}: {}", shown(finding.url.as_str()), shown(twin.as_str())))?;
            }
        }
        let unasked = &self.found.unasked;
        if !unasked.is_empty() {
            let named: Vec<String> = unasked.iter().take(NAMED_MAX).map(|url| shown(url.as_str())).collect();
            let more = unasked.len().saturating_sub(NAMED_MAX);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            screen.line(&format!("named as well and not looked at: {}{more}", named.join(" ")))?;
        }
        if let Some(Stopped::LeaveAlone { host, status, .. }) = &self.found.stopped {
            screen.line(&format!("the search ended early: {} answered {status}", shown(host)))?;
        }
        Ok(())
    }

    fn preview(&self, screen: &mut Screen) -> anyhow::Result<()> {
        let Some((best, spec)) = self.found.best().zip(self.best) else { return Ok(()) };
        screen.line("")?;
        screen.heading(&shown(&best.title().unwrap_or_else(|| spec.name.clone())))?;
        screen.field("address", spec.url.as_str())?;
        screen.field("publisher", &spec.publisher)?;
        let stories = self.stories(best, spec, screen.now());
        for story in stories.iter().take(PREVIEWED) {
            let at = story
                .draft
                .published
                .map_or_else(|| "no date         ".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M").to_string());
            let topics =
                if story.topics.is_empty() { String::new() } else { format!("  [{}]", story.topics.join(", ")) };
            screen.line(&format!("  {at}  {}{topics}", shown(&story.draft.title)))?;
        }
        let (on_topic, of) = (on_topic(&stories), stories.len());
        let said: Vec<String> = on_topic.iter().map(|(topic, count)| format!("{topic}: {count} of {of}")).collect();
        if !said.is_empty() {
            screen.field("topics", &said.join(", "))?;
        }
        Ok(())
    }

    /// The stories of a finding, newest first, with their topics.
    fn stories(&self, finding: &Finding, spec: &SourceSpec, now: Timestamp) -> Vec<Previewed> {
        let mut drafts = digest(&finding.parsed, spec, SourceId(0), now);
        drafts.reverse();
        let usual = finding.lang();
        let story = |mut draft: StoryDraft| {
            let words = format!("{}. {}", draft.title, draft.text);
            draft.lang = draft.lang.or_else(|| text::language(&words, usual.as_deref()).map(str::to_owned));
            let matches = self.topics.matches(&StoryText::from(&draft));
            Previewed { topics: matches.iter().map(|found| found.topic.to_string()).collect(), draft }
        };
        drafts.into_iter().take(MATCHED_MAX).map(story).collect()
    }

    fn is_best(&self, finding: &Finding) -> bool {
        self.found.best().is_some_and(|best| best.url == finding.url)
    }

    fn source_of(&self, finding: &Finding) -> Option<&str> {
        std::iter::once(&finding.url).chain(&finding.twins).find_map(|url| self.known.at(url))
    }

    /// An object a candidate, the best first.
    pub(super) fn values(&self, now: Timestamp) -> Vec<Value> {
        self.found.findings.iter().map(|finding| self.value(finding, now)).collect()
    }

    fn value(&self, finding: &Finding, now: Timestamp) -> Value {
        let spec = self.best.filter(|_| self.is_best(finding)).cloned();
        let spec = spec.unwrap_or_else(|| as_source(finding, self.bounds));
        let stories = self.stories(finding, &spec, now);
        let on_topic = on_topic(&stories);
        let select = match &finding.kind {
            SourceKind::Feed | SourceKind::List => Value::Null,
            SourceKind::Page(s) => {
                json!({"item": s.item, "link": s.link, "title": s.title, "date": s.date, "summary": s.summary})
            }
        };
        let platform = match finding.how {
            How::Platform(name) => Some(name),
            How::Itself | How::Named | How::Linked | How::WellKnown | How::Robots | How::Listed => None,
        };
        let latest: Vec<Value> = finding
            .newest_first()
            .into_iter()
            .take(PREVIEWED)
            .map(|entry| {
                let at = entry.published.or(entry.updated).map(|at| at.to_string());
                json!({"title": entry.title.as_deref().map(text::title), "link": entry.link, "published": at})
            })
            .collect();
        json!({
            "url": finding.url.as_str(), "kind": if finding.kind.is_page() { "page" } else { "feed" },
            "format": finding.parsed.kind.label(), "select": select, "found": finding.how.label(), "platform": platform,
            "nature": finding.nature.label(), "title": finding.title(), "lang": finding.lang(),
            "entries": finding.parsed.entries.len(), "newest": finding.newest.map(|at| at.to_string()),
            "twins": finding.twins.iter().map(WebUrl::as_str).collect::<Vec<_>>(), "best": self.is_best(finding),
            "source": self.source_of(finding), "topics": on_topic, "latest": latest,
        })
    }
}

/// How many of the stories are on which topics.
fn on_topic(stories: &[Previewed]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for topic in stories.iter().flat_map(|story| &story.topics) {
        *counts.entry(topic.as_str()).or_default() += 1;
    }
    counts
}
