//! Which of the things found is the best, and which are the same in another form.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::finding::{Finding, How, Nature};
use crate::model::{Entry, SourceKind, WebUrl};
use crate::{text, url};

/// Entries that are compared to tell whether two documents hold the same.
const COMPARED: usize = 20;
/// Two documents that share so many percent of their newest entries are the same.
const SAME_PERCENT: usize = 80;
/// A list has gone on without a feed when it is newer by this.
const GONE_ON: SignedDuration = SignedDuration::from_hours(24);
/// Words of titles that say nothing of what a feed is about.
const EMPTY_WORDS: [&str; 7] = ["rss", "atom", "feed", "feeds", "json", "xml", "news"];

/// What is known of the page that a person named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) title: Option<String>,
    /// The language that is wanted, or spoken there.
    pub(super) lang: Option<String>,
    /// The path of its address, without a final slash.
    pub(super) path: String,
}

/// Sorts what was found, the best first, and puts what is the same in another form under the better one.
pub(super) fn ranked(mut findings: Vec<Finding>, asked: &Asked) -> Vec<Finding> {
    let list = findings.iter().find(|finding| finding.how == How::Listed).cloned();
    // Stable: of equals the one that the page names first stays first.
    findings.sort_by_cached_key(|finding| Reverse(merit(finding, asked, list.as_ref())));
    let mut kept: Vec<Finding> = Vec::new();
    for finding in findings {
        let is_twin = |other: &&mut Finding| {
            finding.url == other.url || is_feed(&finding) && is_feed(other) && is_same(&finding, other)
        };
        match kept.iter_mut().find(is_twin) {
            Some(better) if better.url == finding.url || better.twins.contains(&finding.url) => {}
            Some(better) => better.twins.push(finding.url),
            None => kept.push(finding),
        }
    }
    kept
}

fn is_feed(finding: &Finding) -> bool {
    finding.kind == SourceKind::Feed
}

/// What speaks for a finding: what it is, then whether it fits what was asked, then how surely it is meant.
fn merit(finding: &Finding, asked: &Asked, list: Option<&Finding>) -> (u8, u8, u8, u8, u32) {
    let own = || asked.lang.as_deref().and_then(|wanted| finding.spoken(wanted));
    let fits_language = match (own(), &asked.lang) {
        (Some(own), Some(wanted)) if own == *wanted => 2,
        (Some(_), Some(_)) => 0,
        (None, _) | (_, None) => 1,
    };
    let certainty = match finding.how {
        How::Itself => 6,
        How::Platform(_) => 5,
        How::Named => 4,
        How::Linked => 3,
        How::WellKnown => 2,
        How::Robots => 1,
        How::Listed => 0,
    };
    let is_below = !asked.path.is_empty() && finding.url.as_url().path().starts_with(&format!("{}/", asked.path));
    // What a platform serves is in its own order.
    let title = if matches!(finding.how, How::Platform(_)) { 0 } else { title_percent(finding, asked) };
    (class(finding, list), fits_language, u8::from(is_below), certainty, title)
}

fn class(finding: &Finding, list: Option<&Finding>) -> u8 {
    if finding.how == How::Itself {
        return 9;
    }
    // A feed that holds what the page lists is what the page is about, whatever else it is.
    let is_listed = list.is_some_and(|list| finding.how != How::Listed && is_same(finding, list));
    let has_gone_on = list
        .and_then(|list| list.newest)
        .zip(finding.newest)
        .is_some_and(|(list, own)| list.duration_since(own) > GONE_ON);
    match (finding.nature, &finding.kind) {
        (Nature::Main, SourceKind::Feed) if finding.how == How::Robots => 6,
        (Nature::Main, SourceKind::Feed | SourceKind::Page(_)) => 7,
        (Nature::Stale, _) if is_listed || !has_gone_on => 5,
        (Nature::Podcast, _) if is_listed => 5,
        (Nature::Main, SourceKind::List) => 4,
        (Nature::Stale | Nature::Podcast, _) => 3,
        (Nature::Empty, _) => 2,
        (Nature::Comments | Nature::Beside, _) => 1,
        (Nature::Addresses, _) => 0,
    }
}

/// How many percent of the words of both titles they share.
fn title_percent(finding: &Finding, asked: &Asked) -> u32 {
    finding.title().zip(asked.title.as_deref()).map_or(0, |(own, wanted)| shared_percent(&own, wanted))
}

fn shared_percent(own: &str, wanted: &str) -> u32 {
    let (own, wanted) = (words(own), words(wanted));
    let all = own.union(&wanted).count();
    let percent = (own.intersection(&wanted).count() * 100).checked_div(all).unwrap_or(0);
    u32::try_from(percent).unwrap_or(0)
}

fn words(title: &str) -> BTreeSet<String> {
    let folded = text::fold(title);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1);
    words.filter(|word| !EMPTY_WORDS.contains(word)).map(str::to_owned).collect()
}

/// How much a feed that a section's page names is that section's: parts of both paths, then words of both titles. A front page's are
/// all alike: its own feed is the one that it names first.
pub(super) fn likeness(feed: &str, called: &str, page: &WebUrl, title: Option<&str>) -> (usize, u32) {
    let parts = |url: &WebUrl| words(&url.as_url().path().replace(['/', '.', '_', '-'], " "));
    let section = parts(page);
    if section.is_empty() {
        return (0, 0);
    }
    let shared = WebUrl::parse(feed).map_or(0, |feed| parts(&feed).intersection(&section).count());
    (shared, title.map_or(0, |title| shared_percent(called, title)))
}

/// Whether two documents hold the same entries, as far as the shorter one goes.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let (one, other) = (one.newest_first(), other.newest_first());
    let count = one.len().min(other.len()).min(COMPARED);
    if count == 0 {
        return false;
    }
    let names = |entries: &[&Entry]| -> BTreeSet<String> { entries.iter().take(count).map(|e| name(e)).collect() };
    names(&one).intersection(&names(&other)).count() * 100 >= count * SAME_PERCENT
}

/// What an entry is known by in any document.
fn name(entry: &Entry) -> String {
    let link = entry.link.as_deref().and_then(|link| WebUrl::parse(link).ok());
    let title = || entry.title.as_deref().map(|title| text::fold(&text::title(title))).unwrap_or_default();
    link.map_or_else(title, |link| url::canonical(&link))
}
