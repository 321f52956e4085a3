//! What an answer says: a feed, a sitemap, a page with its clues, and what to ask because of it.

use std::cmp::Reverse;

use super::clues;
use super::finding::{Finding, How, Nature, primary};
use super::platform::{self, Served};
use super::rank::likeness;
use super::search::{Ask, Expects, NAMED_MAX, REFRESHES_MAX, SITEMAPS_MAX, Search};
use crate::charset::{self, Kind};
use crate::feed::{self, Hints, NamedFeed};
use crate::model::{Parsed, Response, SourceKind, Wall, WebUrl};
use crate::page::{self, Selectors};
use crate::text;

impl Search {
    /// Reads an answer as what was hoped for.
    pub(super) fn read(&mut self, ask: &Ask, response: &Response) {
        let content_type = response.headers.first("content-type");
        match &ask.expects {
            Expects::Anything => {
                if !self.read_document(ask, response, How::Itself, None) {
                    self.read_page(response);
                }
            }
            Expects::Feed(how) => {
                if !self.read_document(ask, response, *how, None) {
                    if *how == How::Linked {
                        self.follow_links(response);
                    }
                    self.in_vain(ask, "it is no feed".to_owned());
                }
            }
            Expects::Page(how, kind) => self.read_list(response, *how, kind),
            Expects::Sitemap(how, index) => {
                if !self.read_document(ask, response, *how, index.as_ref()) {
                    self.in_vain(ask, "it is no sitemap".to_owned());
                }
            }
            Expects::Front => {
                let (text, _) = charset::decode(&response.body, content_type, Kind::Html);
                self.take_names(&text, &response.url, None);
                self.linked = clues::feed_links(&text, &response.url);
            }
            Expects::Robots => {
                let (text, _) = charset::decode(&response.body, content_type, Kind::Html);
                let sitemaps = clues::sitemaps(&text, &response.url);
                let asks = sitemaps
                    .into_iter()
                    .take(SITEMAPS_MAX)
                    .map(|url| Ask { url, expects: Expects::Sitemap(How::Robots, None) });
                self.waiting.extend(asks);
            }
        }
    }

    fn put(&mut self, url: WebUrl, kind: SourceKind, how: How, parsed: Parsed) {
        self.found.findings.push(Finding::new(url, kind, how, parsed, self.wanted.now));
    }

    /// Reads a feed or a sitemap, which stands for `index` if there is one; `false` where it is neither.
    fn read_document(&mut self, ask: &Ask, response: &Response, how: How, index: Option<&WebUrl>) -> bool {
        let content_type = response.headers.first("content-type");
        let parsed = feed::parse(&response.body, &Hints { content_type, url: Some(&response.url) });
        if parsed.fatal().is_none() {
            self.put(settled(ask, response), SourceKind::Feed, how, parsed);
            return true;
        }
        let Some(sitemap) = page::sitemap(&response.body, content_type, &response.url) else { return false };
        let url = settled(ask, response);
        // Of an index, the sitemap that changed last is polled.
        let latest = sitemap.children.first();
        let news = sitemap.children.iter().find(|child| clues::is_of_news(&child.url));
        match latest.filter(|_| how == How::Itself).or(news).or(latest) {
            None => self.put(index.cloned().unwrap_or(url), SourceKind::Feed, how, sitemap.parsed),
            // An index within an index is a site that names more than anybody reads.
            Some(_) if index.is_some() => {}
            Some(child) => {
                let goes_by = how == How::Itself || latest == Some(child) && clues::is_dated(&child.url);
                let expects = Expects::Sitemap(how, Some(url).filter(|_| goes_by));
                self.waiting.push_back(Ask { url: child.url.clone(), expects });
            }
        }
        true
    }

    /// Reads the page that was named: what it says of itself, the feeds it names, and the list that it is.
    fn read_page(&mut self, response: &Response) {
        let content_type = response.headers.first("content-type");
        let url = &response.url;
        let (text, _) = charset::decode(&response.body, content_type, Kind::Html);
        if self.served.is_none() {
            self.served = platform::served(url);
        }
        if let Some(feed) = clues::channel_feed(&text, url).filter(|_| self.served.is_none()) {
            self.served = Some(Served { platform: "YouTube", places: vec![(feed, SourceKind::Feed)], is_sure: true });
        }
        let listing = page::listing(&response.body, content_type, url, None).parsed;
        let title = listing.title.as_deref().map(text::title);
        self.take_names(&text, url, title.as_deref());
        // A page that nobody gets to see is gone through.
        let is_full = !self.named.is_empty() || !listing.entries.is_empty();
        if let Some(next) = page::refresh(&response.body, content_type, url).filter(|_| !is_full)
            && self.refreshes < REFRESHES_MAX
        {
            self.refreshes += 1;
            self.waiting.push_back(Ask { url: next, expects: Expects::Anything });
        }
        self.linked = clues::feed_links(&text, url);
        self.well_known = clues::well_known(&text, url);
        self.given = url.clone();
        self.about.title = title;
        let spoken = listing.lang.as_deref().and_then(primary);
        self.about.lang = self.about.lang.take().or_else(|| language_of_path(url)).or(spoken);
        let pages: Vec<_> = self
            .served
            .iter()
            .flat_map(|served| {
                served
                    .places
                    .iter()
                    .filter(|(place, kind)| kind.is_page() && place == url)
                    .map(|(_, kind)| (How::Platform(served.platform), kind.clone()))
            })
            .collect();
        for (how, kind) in pages {
            self.read_list(response, how, &kind);
        }
        if !listing.entries.is_empty() {
            let mut list = Finding::new(url.clone(), SourceKind::List, How::Listed, listing, self.wanted.now);
            if clues::is_article(&text) {
                list.nature = Nature::Beside;
            }
            self.found.findings.push(list);
        } else if let Some(wall) = page::article(&response.body, content_type, url).wall {
            let why = match wall {
                Wall::Paywall => "only subscribers see what is there",
                Wall::Consent => "a page that asks for consent to cookies stands in its place",
                Wall::Check => "a check for robots stands in its place",
            };
            self.found.in_vain.push((url.clone(), why.to_owned()));
        }
    }

    /// Takes the feeds that a page names: those of comments last, and of many those first that are called like the page, where that is
    /// a section of its site.
    fn take_names(&mut self, page: &str, url: &WebUrl, title: Option<&str>) {
        let mut feeds = feed::named_feeds(page, url);
        if feeds.len() > NAMED_MAX {
            // Stable: of equals the one that the page names first stays first.
            feeds.sort_by_cached_key(|feed: &NamedFeed| Reverse(likeness(&feed.address, &feed.title, url, title)));
        }
        let named = feeds.iter().filter_map(|feed| WebUrl::parse(&feed.address).ok());
        let (comments, mut named): (Vec<_>, Vec<_>) = named.partition(clues::is_of_comments);
        let mut rest = if named.is_empty() { Vec::new() } else { comments.clone() };
        if named.is_empty() {
            named = comments;
        }
        rest.splice(0..0, named.split_off(named.len().min(NAMED_MAX)));
        (self.named, self.found.unasked) = (named, rest);
    }

    /// Reads what stands where there is nothing any more: many sites name their feeds there as well. Else the front page is asked, which
    /// may name what has moved.
    pub(super) fn read_absent(&mut self, response: &Response) {
        let (text, _) = charset::decode(&response.body, response.headers.first("content-type"), Kind::Html);
        self.take_names(&text, &response.url, None);
        if let Ok(url) = response.url.join("/")
            && self.named.is_empty()
            && self.served.is_none()
        {
            self.waiting.push_back(Ask { url, expects: Expects::Front });
        }
    }

    /// Goes on from a page about feeds, as newspapers have it, to the first of those it links to; once.
    fn follow_links(&mut self, response: &Response) {
        if std::mem::replace(&mut self.has_followed, true) {
            return;
        }
        let (text, _) = charset::decode(&response.body, response.headers.first("content-type"), Kind::Html);
        let links = clues::feed_links(&text, &response.url).into_iter();
        self.waiting.extend(links.map(|url| Ask { url, expects: Expects::Feed(How::Linked) }));
    }

    /// Reads a list page by the selectors that are known for it.
    fn read_list(&mut self, response: &Response, how: How, kind: &SourceKind) {
        let content_type = response.headers.first("content-type");
        let SourceKind::Page(selectors) = kind else { return };
        let Ok(selectors) = Selectors::compile(selectors) else { return };
        let parsed = page::list(&response.body, content_type, &response.url, &selectors);
        if parsed.entries.is_empty() {
            let why = "it shows no messages (a private channel, or one without a preview)".to_owned();
            self.found.in_vain.push((response.url.clone(), why));
        } else {
            self.put(response.url.clone(), kind.clone(), how, parsed);
        }
    }
}

/// The address to poll from now on: where it moved for good, else as asked.
fn settled(ask: &Ask, response: &Response) -> WebUrl {
    let is_for_good = !response.redirects.is_empty() && response.redirects.iter().all(|s| matches!(s, 301 | 308));
    if is_for_good { response.url.clone() } else { ask.url.clone() }
}

/// The language that an address names: `https://example.org/de/`.
fn language_of_path(url: &WebUrl) -> Option<String> {
    let first = url.as_url().path_segments()?.next()?;
    let is_code = first.len() == 2 || first.len() == 5 && first.contains(['-', '_']);
    is_code.then(|| primary(first)).flatten()
}
