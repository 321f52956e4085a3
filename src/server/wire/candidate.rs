//! What a search found, as JSON: a candidate each, with a preview of its entries.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::source::Select;
use super::time;
use crate::discover::{Finding, Found, Known, KnownSources, Stopped};
use crate::ingest::digest;
use crate::model::{SourceId, SourceKind, SourceSpec, StoryDraft, WebUrl};
use crate::text;
use crate::topic::{Matcher, StoryText};

/// Entries of a preview.
pub(crate) const PREVIEWED: usize = 5;
/// Entries that are held against the topics; a feed rarely has more, and a page never.
const MATCHED_MAX: usize = 100;

/// What was found, with what it is seen against.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    /// What was found.
    pub(crate) found: &'a Found,
    /// What is polled already.
    pub(crate) known: &'a KnownSources,
    /// What its stories are held against.
    pub(crate) topics: &'a Matcher,
    /// The moment that age is counted from.
    pub(crate) now: Timestamp,
}

/// A story of a preview, and the topics it is on.
pub(crate) struct Previewed {
    /// The story as a poll would store it.
    pub(crate) draft: StoryDraft,
    /// Topics that it is on.
    pub(crate) topics: Vec<String>,
}

impl View<'_> {
    /// The stories of a finding, newest first, with their topics.
    pub(crate) fn stories(&self, finding: &Finding, spec: &SourceSpec) -> Vec<Previewed> {
        let mut drafts = digest(&finding.parsed, spec, SourceId(0), self.now);
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

    /// Whether it is the one to be taken.
    pub(crate) fn is_best(&self, finding: &Finding) -> bool {
        self.found.best().is_some_and(|best| best.url == finding.url)
    }

    /// The source that polls it already.
    pub(crate) fn source_of(&self, finding: &Finding) -> Option<&Known> {
        std::iter::once(&finding.url).chain(&finding.twins).find_map(|url| self.known.at(url))
    }
}

/// How many of the stories are on which topics.
pub(crate) fn on_topic(stories: &[Previewed]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for topic in stories.iter().flat_map(|story| &story.topics) {
        *counts.entry(topic.clone()).or_default() += 1;
    }
    counts
}

/// Why a search ended early, in words.
pub(crate) fn stopped_words(stopped: &Stopped) -> String {
    match stopped {
        Stopped::Unreachable(why) => format!("it can't be reached: {why}"),
        Stopped::LeaveAlone { host, status, until } => {
            let until = until.map_or_else(|| "for now".to_owned(), |at| format!("until {at:.0}"));
            format!("{host} answered {status} and asks to be left alone {until}")
        }
        Stopped::TimeUp => "the site is slow: time was up before all was looked at".to_owned(),
    }
}

/// All that a search found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Discovered {
    /// The best first.
    candidates: Vec<Candidate>,
    /// Feeds that the page names and that were not looked at.
    unasked: Vec<String>,
    /// What was asked in vain.
    in_vain: Vec<InVain>,
    /// How many requests it took.
    requests: usize,
    /// Why it ended early; `null`: it did not.
    stopped: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct InVain {
    url: String,
    why: String,
}

/// Something that can be polled.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Candidate {
    url: String,
    kind: &'static str,
    format: &'static str,
    select: Option<Select>,
    found: &'static str,
    platform: Option<&'static str>,
    nature: &'static str,
    title: Option<String>,
    lang: Option<String>,
    entries: usize,
    newest: Option<String>,
    twins: Vec<String>,
    best: bool,
    source: Option<String>,
    topics: BTreeMap<String, usize>,
    latest: Vec<Latest>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Latest {
    title: Option<String>,
    link: Option<String>,
    published: Option<String>,
}

impl Discovered {
    /// All of it; `spec` says as what each would be added.
    pub(crate) fn new(view: &View<'_>, spec: impl Fn(&Finding) -> SourceSpec) -> Self {
        let found = view.found;
        Self {
            candidates: found.findings.iter().map(|finding| Candidate::new(view, finding, &spec(finding))).collect(),
            unasked: found.unasked.iter().map(|url| url.as_str().to_owned()).collect(),
            in_vain: found
                .in_vain
                .iter()
                .map(|(url, why)| InVain { url: url.as_str().to_owned(), why: why.clone() })
                .collect(),
            requests: found.requests,
            stopped: found.stopped.as_ref().map(stopped_words),
        }
    }
}

impl Candidate {
    /// One of them, as it would be added.
    pub(crate) fn new(view: &View<'_>, finding: &Finding, spec: &SourceSpec) -> Self {
        let select = match &finding.kind {
            SourceKind::Feed | SourceKind::List => None,
            SourceKind::Page(selectors) => Some(Select::from(selectors)),
        };
        let latest = finding.newest_first().into_iter().take(PREVIEWED).map(|entry| Latest {
            title: entry.title.as_deref().map(text::title),
            link: entry.link.clone(),
            published: entry.published.or(entry.updated).map(time),
        });
        Self {
            url: finding.url.as_str().to_owned(),
            kind: if finding.kind.is_page() { "page" } else { "feed" },
            format: finding.parsed.kind.label(),
            select,
            found: finding.how.label(),
            platform: finding.how.platform(),
            nature: finding.nature.label(),
            title: finding.title(),
            lang: finding.lang(),
            entries: finding.parsed.entries.len(),
            newest: finding.newest.map(time),
            twins: finding.twins.iter().map(WebUrl::as_str).map(str::to_owned).collect(),
            best: view.is_best(finding),
            source: view.source_of(finding).map(|known| known.words.clone()),
            topics: on_topic(&view.stories(finding, spec)),
            latest: latest.collect(),
        }
    }
}
