//! The search: what to ask next, given all answers so far.

use std::collections::{BTreeSet, VecDeque};

use jiff::Timestamp;

use super::clues;
use super::finding::{Finding, How, Nature, primary};
use super::platform::{self, Served};
use super::rank::{Asked, ranked};
use crate::model::{Exchange, SourceKind, WebUrl};

/// Questions of one search at most.
pub const REQUESTS_MAX: usize = 10;
/// Feeds named by a page that are looked at; a newspaper names one for each section.
pub(super) const NAMED_MAX: usize = 4;
/// Pages that send on at once which are gone through, as redirects are: a choice of languages, and one more.
pub(super) const REFRESHES_MAX: usize = 2;
/// Sitemaps of a `robots.txt` that are looked at.
pub(super) const SITEMAPS_MAX: usize = 2;

/// What is wanted besides the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// A language to be preferred (BCP 47).
    pub lang: Option<String>,
    /// The moment that age is counted from.
    pub now: Timestamp,
}

/// An address to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// Where.
    pub url: WebUrl,
    pub(super) expects: Expects,
}

impl Ask {
    /// What is hoped for there, in words.
    pub fn purpose(&self) -> &'static str {
        match &self.expects {
            Expects::Anything => "the address itself",
            Expects::Feed(How::Platform(_)) | Expects::Page(..) => "what its platform serves",
            Expects::Feed(How::Named) => "a feed that the page names",
            Expects::Feed(How::Linked) => "a link that looks like a feed",
            Expects::Feed(_) => "a well-known path",
            Expects::Front => "the front page of its site",
            Expects::Robots => "where its sitemaps are",
            Expects::Sitemap(..) => "a sitemap",
        }
    }
}

/// What is hoped for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expects {
    Anything,
    Feed(How),
    /// A list page that a platform is known to serve, with its selectors.
    Page(How, SourceKind),
    /// The front page of a site that has nothing where it was asked: what it names as its feeds.
    Front,
    Robots,
    /// A sitemap, and the index that is to be polled in its place.
    Sitemap(How, Option<WebUrl>),
}

/// Why a search ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// The address can't be reached: nothing else of that host can be, either.
    Unreachable(String),
    /// A host asked to be left alone (429 or 503), until then where it says so.
    LeaveAlone {
        /// The host.
        host: String,
        /// What it answered.
        status: u16,
        /// Its Retry-After.
        until: Option<Timestamp>,
    },
    /// Whoever waits for it waits no longer: what was found so far stands.
    TimeUp,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What can be polled, the best first, each once.
    pub findings: Vec<Finding>,
    /// Feeds that the page names and that were not looked at.
    pub unasked: Vec<WebUrl>,
    /// What was asked in vain, and why.
    pub in_vain: Vec<(WebUrl, String)>,
    /// How many requests it took.
    pub requests: usize,
    /// Why it ended early, if it did.
    pub stopped: Option<Stopped>,
}

impl Found {
    /// What is to be taken, if anything is worth it.
    pub fn best(&self) -> Option<&Finding> {
        self.findings.first().filter(|finding| finding.is_takeable())
    }
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Given,
    Named,
    WellKnown,
    Robots,
    Done,
}

/// A search for what can be polled at an address.
#[derive(Debug)]
pub struct Search {
    /// The address that was given, or where it leads.
    pub(super) given: WebUrl,
    pub(super) wanted: Wanted,
    stage: Stage,
    pub(super) waiting: VecDeque<Ask>,
    asked: BTreeSet<String>,
    pub(super) served: Option<Served>,
    /// What the page names as its feeds, and what it links to.
    pub(super) named: Vec<WebUrl>,
    pub(super) linked: Vec<WebUrl>,
    pub(super) has_followed: bool,
    pub(super) refreshes: usize,
    pub(super) well_known: Vec<WebUrl>,
    pub(super) about: Asked,
    pub(super) found: Found,
}

impl Search {
    /// Begins a search at `url`.
    pub fn new(url: WebUrl, wanted: Wanted) -> Self {
        let given = Ask { url: url.clone(), expects: Expects::Anything };
        Self {
            served: platform::served(&url),
            well_known: clues::well_known("", &url),
            about: Asked {
                title: None,
                lang: wanted.lang.as_deref().and_then(primary),
                path: url.as_url().path().trim_end_matches('/').to_owned(),
            },
            given: url,
            wanted,
            stage: Stage::Given,
            waiting: VecDeque::from([given]),
            asked: BTreeSet::new(),
            named: Vec::new(),
            linked: Vec::new(),
            has_followed: false,
            refreshes: 0,
            found: Found::default(),
        }
    }

    /// What to ask next; `None` when the search is over. Each question wants its answer before the next.
    pub fn ask(&mut self) -> Option<Ask> {
        loop {
            let is_over = self.found.stopped.is_some() || self.found.requests >= REQUESTS_MAX;
            // What somebody named is looked at to the end, so that the best can be told; a guess that hits is enough.
            let is_guessing = matches!(self.stage, Stage::WellKnown | Stage::Robots);
            if is_over || is_guessing && self.has_enough() {
                return None;
            }
            while let Some(ask) = self.waiting.pop_front() {
                if self.asked.insert(ask.url.as_str().to_owned()) {
                    self.found.requests += 1;
                    return Some(ask);
                }
            }
            if self.has_enough() {
                return None;
            }
            self.stage = self.go_on()?;
        }
    }

    /// Whether what was found is good enough to spare the rest.
    fn has_enough(&self) -> bool {
        self.found
            .findings
            .iter()
            .any(|finding| finding.how == How::Itself || finding.how != How::Listed && finding.nature == Nature::Main)
    }

    /// Fills the queue for the next stage.
    fn go_on(&mut self) -> Option<Stage> {
        let ask = |url: &WebUrl, expects: Expects| Ask { url: url.clone(), expects };
        match self.stage {
            Stage::Given => {
                if let Some(served) = &self.served {
                    let how = How::Platform(served.platform);
                    self.waiting.extend(served.places.iter().map(|(url, kind)| {
                        ask(url, if kind.is_page() { Expects::Page(how, kind.clone()) } else { Expects::Feed(how) })
                    }));
                }
                self.waiting.extend(self.named.iter().map(|url| ask(url, Expects::Feed(How::Named))));
                if self.named.is_empty() {
                    self.waiting.extend(self.linked.iter().map(|url| ask(url, Expects::Feed(How::Linked))));
                }
                Some(Stage::Named)
            }
            // A platform serves what it is known to serve: its other paths are nobody's to guess.
            Stage::Named if self.served.as_ref().is_some_and(|served| served.is_sure) => None,
            Stage::Named => {
                let places = std::mem::take(&mut self.well_known);
                self.waiting.extend(places.iter().map(|url| ask(url, Expects::Feed(How::WellKnown))));
                Some(Stage::WellKnown)
            }
            Stage::WellKnown => {
                self.waiting.extend(self.given.join("/robots.txt").ok().map(|url| ask(&url, Expects::Robots)));
                Some(Stage::Robots)
            }
            Stage::Robots => Some(Stage::Done),
            Stage::Done => None,
        }
    }

    /// Takes the answer to the question asked last.
    pub fn take(&mut self, ask: &Ask, answer: &Exchange) {
        let response = match answer {
            Ok(response) => response,
            Err(failure) if ask.expects == Expects::Anything => {
                self.found.stopped = Some(Stopped::Unreachable(failure.to_string()));
                return;
            }
            Err(failure) => return self.in_vain(ask, failure.to_string()),
        };
        match response.status {
            200..=299 => self.read(ask, response),
            status @ (429 | 503) => {
                let until = response.headers.retry_after(self.wanted.now);
                let host = response.url.host_text().to_owned();
                self.found.stopped = Some(Stopped::LeaveAlone { host, status, until });
            }
            status => {
                self.in_vain(ask, format!("status {status}"));
                if ask.expects == Expects::Anything && matches!(status, 404 | 410) {
                    self.read_absent(response);
                }
            }
        }
    }

    pub(super) fn in_vain(&mut self, ask: &Ask, why: String) {
        self.found.in_vain.push((ask.url.clone(), why));
    }

    /// Ends the search before its time, unless it had ended.
    pub fn give_up(mut self) -> Found {
        self.found.stopped.get_or_insert(Stopped::TimeUp);
        self.finish()
    }

    /// Ends the search.
    pub fn finish(self) -> Found {
        let Found { findings, .. } = self.found;
        Found { findings: ranked(findings, &self.about), ..self.found }
    }
}
