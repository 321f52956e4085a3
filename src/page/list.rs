//! A list page to entries.

use scraper::{ElementRef, Html};

use crate::charset::{self, Kind};
use crate::date::Manner;
use crate::model::{DocumentKind, Entry, Parsed, Problem, WebUrl};
use crate::text;

use super::Selectors;
use super::depth::{DEPTH_MAX, is_too_deep};

/// Bytes of a list page that are read: a page of links has no need of more.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Articles of one list at most.
const ITEMS_MAX: usize = 500;
/// Characters of a summary on a list.
const SUMMARY_CHARS: usize = 2_000;

/// Reads a list page by its selectors. With no article found, the one problem is fatal.
pub fn list(html: &[u8], content_type: Option<&str>, url: &WebUrl, selectors: &Selectors) -> Parsed {
    let (decoded, _) = charset::decode(html, content_type, Kind::Html);
    let page = decoded.get(..decoded.floor_char_boundary(BYTES_MAX)).unwrap_or_default();
    if page.trim().is_empty() {
        return parsed(None, None, Vec::new(), Some(("empty", "the page is empty".to_owned())));
    }
    if is_too_deep(page) {
        let detail = format!("its elements are nested more than {DEPTH_MAX} deep");
        return parsed(None, None, Vec::new(), Some(("too-deep", detail)));
    }
    let tree = Html::parse_document(page);
    let base = scraper::Selector::parse("base[href]").ok().and_then(|s| tree.select(&s).next()?.attr("href"));
    let base = base.and_then(|href| url.join(href).ok());
    let root = tree.root_element();
    let lang = root.attr("lang").map(str::to_owned);
    let items = || tree.select(&selectors.item).take(ITEMS_MAX);
    let mut dates = Manner::of(lang.as_deref());
    items().filter_map(|item| first(item, selectors.date.as_ref())).for_each(|date| dates.see(&words(date)));
    let mut entries: Vec<Entry> = Vec::new();
    for item in items() {
        let base = base.as_ref().unwrap_or(url);
        let Some(entry) = entry(item, (url, base), dates, selectors) else { continue };
        match entries.iter_mut().find(|known| known.link == entry.link) {
            // A picture and a headline often link to one article: what says more is kept.
            Some(known) => merge(known, entry),
            None => entries.push(entry),
        }
    }
    let title = scraper::Selector::parse("title").ok().and_then(|s| tree.select(&s).next()).map(words);
    let found = tree.select(&selectors.item).count();
    let problem = entries.is_empty().then(|| match found {
        0 => ("empty-list", "the item selector matches nothing on the page".to_owned()),
        n => ("no-links", format!("the item selector matches {n} times, but none holds a link")),
    });
    parsed(title, lang, entries, problem)
}

fn parsed(
    title: Option<String>,
    lang: Option<String>,
    entries: Vec<Entry>,
    problem: Option<(&'static str, String)>,
) -> Parsed {
    let problems =
        problem.map(|(kind, detail)| Problem { kind, detail, offset: None, fatal: true }).into_iter().collect();
    Parsed { kind: DocumentKind::Page, title, lang, entries, problems, ..Parsed::default() }
}

/// The first element within an item that a selector means.
fn first<'t>(item: ElementRef<'t>, selector: Option<&scraper::Selector>) -> Option<ElementRef<'t>> {
    item.select(selector?).next()
}

fn entry(item: ElementRef<'_>, (url, base): (&WebUrl, &WebUrl), dates: Manner, selectors: &Selectors) -> Option<Entry> {
    let within = |selector: &Option<scraper::Selector>| first(item, selector.as_ref());
    let anchor = match &selectors.link {
        Some(selector) => item.select(selector).next()?,
        None if item.attr("href").is_some() => item,
        None => item.descendent_elements().find(|e| e.value().name() == "a" && e.attr("href").is_some())?,
    };
    let link = base.join(anchor.attr("href")?).ok()?;
    // An anchor within the page itself is no article.
    if link.as_url().path() == url.as_url().path() && link.as_url().query() == url.as_url().query() {
        return None;
    }
    let title = within(&selectors.title).map_or_else(|| words(anchor), words);
    let published = within(&selectors.date).and_then(|date| moment(date, dates));
    let summary = within(&selectors.summary).map(words).filter(|s| !s.is_empty());
    Some(Entry {
        link: Some(link.as_str().to_owned()),
        title: Some(title).filter(|t| !t.is_empty()),
        published,
        summary,
        ..Entry::default()
    })
}

/// The date of an element: its `datetime` or `content` attribute, else its text.
fn moment(element: ElementRef<'_>, dates: Manner) -> Option<jiff::Timestamp> {
    let given = element.attr("datetime").or_else(|| element.attr("content"));
    given.and_then(|given| dates.read(given)).or_else(|| dates.read(&words(element)))
}

/// The words of an element, escaped, as entries hold markup.
fn words(element: ElementRef<'_>) -> String {
    let joined: String = element.text().collect::<Vec<_>>().join(" ");
    let plain = joined.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut = text::lead(&plain, SUMMARY_CHARS);
    html_escape::encode_text(cut).into_owned()
}

fn merge(known: &mut Entry, other: Entry) {
    let longer =
        |a: &Option<String>, b: &Option<String>| b.as_ref().map_or(0, String::len) > a.as_ref().map_or(0, String::len);
    if longer(&known.title, &other.title) {
        known.title = other.title;
    }
    known.published = known.published.or(other.published);
    known.summary = known.summary.take().or(other.summary);
}
