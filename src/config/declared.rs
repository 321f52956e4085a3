//! Topics, sources and subscriptions: what the configuration declares.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use jiff::civil::Date;

use crate::model::{PageSelectors, Priority, SourceKind, SourceSpec, TopicKey, TopicSpan, TopicSpec, WebUrl};
use crate::port::Declared;
use crate::url::site;

use super::doubt;
use super::problem::{Findings, Problem};
use super::reader::{At, Table, Unit};
use super::schema::{SELECT, SOURCE, SUBSCRIPTION, TOPIC, nearest};
use super::secrets::Place;
use super::settings::{Checks, PollSettings};
use super::subscription;

/// What declarations are read against.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub(super) text: &'a str,
    pub(super) place: Place<'a>,
    pub(super) checks: &'a Checks<'a>,
    pub(super) poll: &'a PollSettings,
}

/// An entry of a source's first poll is told when published within this, in hours.
const FRESH_HOURS: f64 = 24.0;
/// A later entry is told unless older than this, in days.
const STALE_DAYS: f64 = 7.0;
/// A century: enough for any archive, far below what a span of time holds.
const SPAN_DAYS_MAX: f64 = 36_525.0;
/// The longest wait between polls: 31 days in minutes. The shortest, 30 ms, is for tests and benches.
pub(super) const INTERVAL_MINUTES: std::ops::RangeInclusive<f64> = 0.000_5..=44_640.0;

/// What is told of an address that holds a user name.
const NO_USER: &str = "addresses with a user name or password are refused";

/// Reads all three lists.
pub(super) fn read(top: &Table<'_>, ground: Ground<'_>, found: &mut Findings) -> Declared {
    let mut keys = Unique::default();
    let topics: Vec<_> =
        top.tables("topics", &TOPIC, found).iter().filter_map(|t| topic(t, ground, &mut keys, found)).collect();
    let known: Vec<&str> = keys.0.keys().map(String::as_str).collect();
    let (mut urls, mut pages) = (Unique::default(), Pages::default());
    let sources: Vec<_> = top
        .tables("sources", &SOURCE, found)
        .iter()
        .filter_map(|t| source(t, ground, &known, (&mut urls, &mut pages), found))
        .collect();
    let mut names = Unique::default();
    let tables = top.tables("subscriptions", &SUBSCRIPTION, found);
    let subscriptions: Vec<_> =
        tables.iter().filter_map(|t| subscription::read(t, ground, &known, &mut names, found)).collect();
    // Where nothing is wrong, what is missing here is what a secret is missing of.
    found.unread = tables.len().saturating_sub(subscriptions.len());
    doubt::tell(&subscriptions, &sources, found);
    Declared { topics, sources, subscriptions, expire: None }
}

/// Names that may stand once, with the place of each.
#[derive(Default)]
pub(super) struct Unique(BTreeMap<String, Range<usize>>);

impl Unique {
    pub(super) fn take(&mut self, name: &str, place: Range<usize>, what: &str, found: &mut Findings) {
        if let Some(first) = self.0.get(name) {
            let problem = Problem::new(format!("{what} `{name}` is declared twice"));
            found.push(problem.at(place, "again here").also(first.clone(), "first declared here"));
        } else {
            self.0.insert(name.to_owned(), place);
        }
    }
}

/// The sources' addresses as they are asked, each with how it is declared first.
#[derive(Default)]
struct Pages(BTreeMap<String, String>);

impl Pages {
    /// Tells of one that is asked as another is: what follows a `#` is not sent. Two ways to read one page may be meant by that.
    fn notice(&mut self, url: &WebUrl, found: &mut Findings) {
        let mut asked = url.as_url().clone();
        asked.set_fragment(None);
        let first = self.0.entry(asked.into()).or_insert_with(|| url.as_str().to_owned());
        if first != url.as_str() {
            found.notices.push(format!(
                "the sources {first} and {url} differ after # alone, which is not sent: one page is polled twice; that is right where \
                 they select from it in two ways"
            ));
        }
    }
}

fn topic(table: &Table<'_>, ground: Ground<'_>, keys: &mut Unique, found: &mut Findings) -> Option<TopicSpec> {
    let id = table.required("id", "a short name such as \"resolution\"", found);
    let key = id.as_ref().and_then(|id| {
        let key = TopicKey::parse(id.value);
        match &key {
            Some(key) => keys.take(key.as_str(), table.blame(id), "topic", found),
            None => found.push(
                Problem::new(format!("{} holds characters that are not allowed", table.name("id")))
                    .at(table.blame(id), "expected 1 to 64 of a-z, 0-9, - and _"),
            ),
        }
        key
    });
    let name = table.text("name", found).map(|name| name.value.to_owned());
    let query = table.required("query", "what to watch, such as '\"autonomous weapons\" AND un'", found);
    if let Some(query) = &query {
        check_query(table, query, ground, found);
    }
    let fresh = span_or(table, "fresh_hours", Unit::Hours, FRESH_HOURS, found);
    let stale = span_or(table, "stale_days", Unit::Days, STALE_DAYS, found);
    let (from, until) = (table.day("from", found), table.day("until", found));
    let days = |at: &Option<At<Date>>| at.as_ref().map(|at| at.value);
    let span = TopicSpan::new(days(&from), days(&until)).unwrap_or_else(|| {
        let problem = Problem::new(format!("{} comes before `from`", table.name("until")));
        let place = until.as_ref().map_or_else(|| table.place(), |at| table.blame(at));
        found.push(problem.at(place, "expected the last day of the topic"));
        TopicSpan::default()
    });
    let (key, query) = (key?, query?);
    let name = name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| key.as_str().to_owned());
    Some(TopicSpec { key, name, query: query.value.to_owned(), fresh, stale, span })
}

fn span_or(table: &Table<'_>, key: &str, unit: Unit, default: f64, found: &mut Findings) -> Duration {
    if !table.has(key) {
        return unit.span(default);
    }
    table.span(key, unit, 0.0..=unit.count_of_days(SPAN_DAYS_MAX), found).value
}

/// Tells mistakes in a query at their own places, where the file spells the query as it is.
pub(super) fn check_query(table: &Table<'_>, query: &At<&str>, ground: Ground<'_>, found: &mut Findings) {
    let whole = table.blame(query);
    let spelled = ground.text.get(whole.clone()).unwrap_or_default();
    let start = spelled.find(query.value).map(|at| whole.start + at);
    for wrong in (ground.checks.query)(query.value) {
        if wrong.is_doubt {
            found.notices.push(format!("{} {:?}: {}; {}", table.name("query"), query.value, wrong.message, wrong.help));
            continue;
        }
        let place = start.map_or_else(|| whole.clone(), |start| start + wrong.span.start..start + wrong.span.end);
        found.push(
            Problem::new(format!("{} can't be read", table.name("query"))).at(place, wrong.message).help(wrong.help),
        );
    }
}

fn source(
    table: &Table<'_>,
    ground: Ground<'_>,
    topics: &[&str],
    (urls, pages): (&mut Unique, &mut Pages),
    found: &mut Findings,
) -> Option<SourceSpec> {
    let url = web_url(table, found);
    if let Some(url) = &url {
        urls.take(url.value.as_str(), table.blame(url), "source", found);
        pages.notice(&url.value, found);
    }
    let name = table.text("name", found);
    let publisher = table.text("publisher", found);
    let kind = source_kind(table, ground, found);
    let lang = table.text("lang", found).and_then(|lang| language(table, "lang", &lang, found));
    let topics = topics_of(table, topics, found);
    let sound = found.count();
    let interval_min = interval(table, "interval_min_minutes", ground.poll.interval_min, found);
    let interval_max = interval(table, "interval_max_minutes", ground.poll.interval_max, found);
    if found.count() == sound && (interval_min.place.is_some() || interval_max.place.is_some()) {
        check_interval(table, &interval_min, &interval_max, found);
    }
    let words = Priority::ALL.map(|priority| (priority.label(), priority));
    let priority = table.word("priority", &words, found).unwrap_or_default();
    let full_text = table.flag("full_text", found);
    let url = url?.value;
    let host = url.host_text().to_owned();
    let text_or = |text: Option<At<&str>>, default: &str| {
        text.map(|t| t.value.trim()).filter(|t| !t.is_empty()).unwrap_or(default).to_owned()
    };
    Some(SourceSpec {
        name: text_or(name, &host),
        publisher: text_or(publisher, site(&host)),
        url,
        kind,
        lang,
        topics,
        interval_min: interval_min.value,
        interval_max: interval_max.value,
        priority,
        full_text,
    })
}

pub(super) fn web_url(table: &Table<'_>, found: &mut Findings) -> Option<At<WebUrl>> {
    let text = table.required("url", "an address such as \"https://example.org/feed.xml\"", found)?;
    let place = table.blame(&text);
    // The error's own words quote the address, which stands in the line shown anyway.
    let Ok(url) = WebUrl::parse(text.value) else {
        let problem = Problem::new(format!("{} is not a web address", table.name("url")));
        found.push(problem.at(place, "expected http:// or https:// and a host"));
        return None;
    };
    if url.names_user() {
        found.hide(place.clone());
        found.push(Problem::new(format!("{} holds a user name", table.name("url"))).at(place, NO_USER));
        return None;
    }
    Some(At { value: url, place: text.place })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Feed,
    Page,
}

fn source_kind(table: &Table<'_>, ground: Ground<'_>, found: &mut Findings) -> SourceKind {
    let kind = table.word("kind", &[("feed", Kind::Feed), ("page", Kind::Page)], found).unwrap_or(Kind::Feed);
    if !table.has("select") {
        return match kind {
            Kind::Page => SourceKind::List,
            Kind::Feed => SourceKind::Feed,
        };
    }
    let select = table.table("select", &SELECT, found);
    if kind == Kind::Feed && !table.has("kind") {
        let problem = Problem::new("`select` is for sources of kind \"page\"");
        found.push(problem.at(select.place(), "this source is a feed").help("add: kind = \"page\""));
    }
    let mut selector = |key: &str| {
        let at = select.text(key, found)?;
        if let Some(wrong) = (ground.checks.selector)(at.value) {
            let problem = Problem::new(format!("{} is no CSS selector", select.name(key)));
            found.push(problem.at(select.blame(&at), wrong));
        }
        Some(at.value.to_owned())
    };
    let [link, title, date, summary] = ["link", "title", "date", "summary"].map(&mut selector);
    let item = selector("item");
    if item.is_none() {
        select.required("item", "the selector of one article, such as \"ul.news > li\"", found);
    }
    match kind {
        Kind::Page => SourceKind::Page(PageSelectors { item: item.unwrap_or_default(), link, title, date, summary }),
        Kind::Feed => SourceKind::Feed,
    }
}

fn interval(table: &Table<'_>, key: &str, default: Duration, found: &mut Findings) -> At<Duration> {
    if table.has(key) {
        return table.span(key, Unit::Minutes, INTERVAL_MINUTES, found);
    }
    At { value: default, place: None }
}

/// Tells a shortest interval above the longest, at whichever of the two the file gives.
pub(super) fn check_interval(table: &Table<'_>, min: &At<Duration>, max: &At<Duration>, found: &mut Findings) {
    if min.value <= max.value {
        return;
    }
    let minutes = |at: &At<Duration>| at.value.as_secs_f64() / 60.0;
    let place = min.place.clone().or_else(|| max.place.clone()).unwrap_or_else(|| table.place());
    let label = format!("the shortest is {} minutes, the longest {}", minutes(min), minutes(max));
    found.push(
        Problem::new(format!("{} is above `interval_max_minutes`", table.name("interval_min_minutes")))
            .at(place, label)
            .help("set both, the shortest first"),
    );
}

pub(super) fn topics_of(table: &Table<'_>, known: &[&str], found: &mut Findings) -> Vec<TopicKey> {
    let mut topics = Vec::new();
    for at in table.texts("topics", found) {
        if known.contains(&at.value) {
            topics.extend(TopicKey::parse(at.value));
            continue;
        }
        let help = match nearest(at.value, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if known.is_empty() => "no topic is declared; add [[topics]]".to_owned(),
            None => format!("declared are: {}", known.join(", ")),
        };
        let problem = Problem::new(format!("{} names an unknown topic", table.name("topics")));
        found.push(problem.at(table.blame(&at), "no topic has this id").help(help));
    }
    topics
}

/// Takes the primary subtag of a language tag (RFC 5646): `en` of `en-GB`.
pub(super) fn language(table: &Table<'_>, key: &str, at: &At<&str>, found: &mut Findings) -> Option<String> {
    let primary = at.value.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    if (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase()) {
        return Some(primary);
    }
    let problem = Problem::new(format!("{} is no language code", table.name(key)));
    found.push(problem.at(table.blame(at), "expected a code such as \"en\", \"ru\" or \"zh\""));
    None
}
