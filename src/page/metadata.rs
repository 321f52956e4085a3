//! What a page says of itself: JSON-LD first, then meta elements, then the visible page.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use std::borrow::Cow;
use std::cell::LazyCell;
use std::ops::Range;

use serde_json::{Map, Value};

use crate::date::{Manner, Moment, Precision};
use crate::model::{Article, WebUrl};
use crate::text;
use crate::url;

use super::body;
use super::byline::{byline, is_new, is_others, named};
use super::dateline::{Leads, dateline, only_time};
use super::json_ld;
use super::markup::{Node, Tag, Tree};
use super::others::others;
use super::subject::{self, Signs, bare, is_person};

/// What the head of a page and its linked data hold, gathered in one walk.
#[derive(Debug, Default)]
pub(super) struct Metadata<'a> {
    /// Names (lower case) and contents of meta elements.
    metas: Vec<(String, Cow<'a, str>)>,
    /// What the page's linked data say of its article.
    linked: Option<Map<String, Value>>,
    /// Who wrote it by them.
    linked_authors: Vec<String>,
    canonical: Option<Cow<'a, str>>,
    html_lang: Option<Cow<'a, str>>,
    article_lang: Option<Cow<'a, str>>,
    /// What says by its property or class that it is the time of publication.
    dated: Vec<(usize, String)>,
    /// What says by its relation or property that it names who wrote it.
    authors: Vec<usize>,
    headings: Vec<usize>,
    heading: Option<usize>,
    title: Option<usize>,
    /// The elements of other articles.
    others: Vec<Range<usize>>,
}

impl<'a> Metadata<'a> {
    /// Gathers what a page says of itself.
    pub(super) fn gather(tree: &Tree<'a>, at: &WebUrl) -> Self {
        let mut found = Self::default();
        let mut linked = Vec::new();
        for (at, node) in tree.nodes() {
            let value = |name: &str| node.attributes.get(name).filter(|value| !value.is_empty());
            match node.tag {
                Tag::Meta => found.meta(node.attributes),
                Tag::Link if value("rel").is_some_and(|rel| has_word(&rel, "canonical")) => {
                    found.canonical = found.canonical.take().or_else(|| value("href"));
                }
                Tag::Script if value("type").is_some_and(|kind| json_ld::is_type(&kind)) => {
                    linked.extend(json_ld::read(tree.node(at + 1).text));
                }
                Tag::Html => found.html_lang = found.html_lang.take().or_else(|| value("lang")),
                Tag::Article | Tag::Main => {
                    found.article_lang = found.article_lang.take().or_else(|| value("lang"));
                }
                Tag::H1 if found.headings.len() < HEADINGS_MAX => found.headings.push(at),
                Tag::Title => found.title = found.title.or(Some(at)),
                _ => {}
            }
            if node.attributes.is_empty() || matches!(node.tag, Tag::Meta | Tag::Link) {
                continue;
            }
            let property = node.attributes.raw("itemprop");
            let is_author = || {
                property.is_some_and(|property| has_word(property, "author"))
                    || (node.tag == Tag::A && node.attributes.raw("rel").is_some_and(|rel| has_word(rel, "author")))
            };
            if found.authors.len() < AUTHORS_MAX && is_author() {
                found.authors.push(at);
            }
            if found.dated.len() < DATED_MAX && is_dated(node, property) {
                let given = ["content", "datetime", "title"].iter().find_map(|name| value(name));
                found.dated.push((at, given.map_or_else(|| tree.words(at), Cow::into_owned)));
            }
        }
        found.heading = found.own_heading(tree);
        found.describe(tree, &linked, at);
        if found.heading.is_none() {
            found.heading = found.titled(tree);
        }
        let page: Vec<WebUrl> = std::iter::once(at.clone()).chain(found.canonical(at)).collect();
        found.others = found.heading.map(|heading| others(tree, heading, &page)).unwrap_or_default();
        found
    }

    /// Takes from the page's linked data what is said there of its article.
    fn describe(&mut self, tree: &Tree<'_>, linked: &[Value], at: &WebUrl) {
        let signs = || {
            let named = [self.canonical.as_deref(), self.content(&["og:url"])];
            let named: Vec<WebUrl> = named.into_iter().flatten().filter_map(|link| at.join(link).ok()).collect();
            let seen = [self.heading, self.title].into_iter().flatten().map(|place| tree.words(place));
            let said = ["og:title", "twitter:title"].iter().filter_map(|name| self.content(&[name])).map(str::to_owned);
            let titles: Vec<String> = seen.chain(said).collect();
            let titles = titles.iter().flat_map(|title| [title.as_str(), without_site(title)]);
            Signs::new(at, &named, titles)
        };
        // A page that says nothing of its article may be dated itself.
        if let Some(article) = subject::article(linked, signs).or_else(|| subject::page(linked)) {
            self.linked_authors = subject::authors(linked, article);
            self.linked = Some(article.clone());
        }
    }

    /// The heading of the article: not the site's name, which leads home, nor what the page's title has less of.
    fn own_heading(&self, tree: &Tree<'_>) -> Option<usize> {
        let leads_home = |at: usize| {
            let parent = tree.node(tree.node(at).parent);
            let mut links = tree.subtree(at).map(|(_, node)| *node).chain([parent]).filter(|node| node.tag == Tag::A);
            links.any(|link| link.attributes.raw("href").is_some_and(|href| href.trim() == "/"))
        };
        let mut headings = self.headings.iter().copied().filter(|&at| !leads_home(at));
        let first = headings.next()?;
        let title = self.title.map(|at| tree.words(at)).unwrap_or_default();
        let named =
            |at: usize| Some(tree.words(at)).filter(|words| !words.is_empty() && title.contains(words.as_str()));
        let best = std::iter::once(first).chain(headings).filter_map(|at| Some((named(at)?.len(), at)));
        Some(best.max_by_key(|(length, at)| (*length, std::cmp::Reverse(*at))).map_or(first, |(_, at)| at))
    }

    /// What shows the page's title where no heading of the first rank does: no link to the page nor its twin in a box beside the
    /// article; of several one within the article's element, and one that leads nowhere.
    fn titled(&self, tree: &Tree<'_>) -> Option<usize> {
        let page = self.title.map(|at| tree.words(at)).unwrap_or_default();
        let said = self.contents(&["og:title", "twitter:title"]).map(str::to_owned);
        let headline = self.linked.as_ref().and_then(|article| article.get("headline")).and_then(json_ld::text);
        let titles: Vec<String> = said
            .chain(headline)
            .chain([page])
            .flat_map(|title| [text::fold(without_site(&title)), text::fold(&title)])
            .filter(|title| !title.is_empty())
            .collect();
        let is_titled = |node: &Node<'_>| {
            let mut names = ["class", "id", "itemprop"].iter().filter_map(|name| node.attributes.raw(name));
            node.tag.is_heading() || names.any(|names| body::has_word(names, &["title", "headline", "heading"]))
        };
        let shown = tree.nodes().filter(|(at, node)| {
            let is_short = node.end - at <= TITLE_NODES && node.end > at + 1;
            is_short && (node.tag.is_block() || node.tag.is_inline()) && is_titled(node)
        });
        let is_aside = |at: usize| {
            let mut around = tree.ancestors(at).map(|around| tree.node(around));
            around.any(|around| around.tag == Tag::A || body::judge(&around) >= body::Furniture::Likely)
        };
        let rank = |at: usize| {
            let is_article = |around: usize| matches!(tree.node(around).tag, Tag::Article | Tag::Main);
            let leads = tree.subtree(at).any(|(_, node)| node.tag == Tag::A);
            (tree.ancestors(at).any(is_article), !leads, std::cmp::Reverse(at))
        };
        let same = shown.map(|(at, _)| at).filter(|&at| titles.contains(&text::fold(&tree.words(at))));
        same.take(TITLED_MAX).filter(|&at| !is_aside(at)).max_by_key(|&at| rank(at))
    }

    fn meta(&mut self, attributes: super::markup::Attributes<'a>) {
        let Some(content) = attributes.get("content").filter(|content| !content.is_empty()) else { return };
        let name = ["property", "name", "itemprop", "http-equiv"].iter().find_map(|name| attributes.raw(name));
        if let Some(name) = name {
            self.metas.push((name.trim().to_ascii_lowercase(), content));
        }
    }

    /// The content of the first of these meta elements (lower case) that the page has.
    pub(super) fn content(&self, names: &[&str]) -> Option<&str> {
        self.contents(names).next()
    }

    /// The contents of those of these that it has, the first of each.
    fn contents(&self, names: &[&str]) -> impl Iterator<Item = &str> {
        let first = |name: &&str| self.metas.iter().find(|(known, _)| known == name);
        names.iter().filter_map(first).map(|(_, content)| &**content)
    }

    /// The heading of the page's article.
    pub(super) fn heading(&self) -> Option<usize> {
        self.heading
    }

    /// The elements that hold other articles.
    pub(super) fn others(&self) -> &[Range<usize>] {
        &self.others
    }

    /// The page's title.
    pub(super) fn title(&self, tree: &Tree<'_>) -> Option<String> {
        self.title.map(|at| tree.words(at))
    }

    /// Whether what is at a place is in no other article.
    fn is_own(&self, at: usize) -> bool {
        !self.others.iter().any(|other| other.contains(&at))
    }

    /// What the linked data say of the page's article.
    pub(super) fn linked_article(&self) -> Option<&Map<String, Value>> {
        self.linked.as_ref()
    }

    /// What the article is, its text aside.
    pub(super) fn article(&self, tree: &Tree<'_>, at: &WebUrl) -> Article {
        let linked = self.linked_article();
        let ld = |key: &str| linked.and_then(|article| article.get(key)).and_then(json_ld::text);
        let meta = |names: &[&str]| self.content(names).map(str::to_owned);
        let seen = |place: Option<usize>| place.map(|at| tree.words(at)).filter(|words| !words.is_empty());
        // Words seen are plain, titles may be markup.
        let shown = |place: Option<usize>| seen(place).map(|words| html_escape::encode_text(&words).into_owned());
        let site = self.content(&["og:site_name"]).map(str::trim).filter(|site| !site.is_empty());
        let own = |title: &str| without_name(title, site).map(str::to_owned);
        let title = ld("headline")
            .or_else(|| self.contents(&["og:title", "twitter:title"]).find_map(own))
            .or_else(|| shown(self.heading).and_then(|title| own(&title)))
            .or_else(|| shown(self.title).and_then(|title| own(without_site(&title))));
        let dates = Manner::of(self.html_lang.as_deref());
        let date = |key: &str| ld(key).and_then(|text| on_web(dates, &text));
        let (published, is_stated) = self.published(tree, date("datePublished"), dates).unzip();
        let metas = || self.contents(&UPDATED).find_map(|text| on_web(dates, text));
        let updated = date("dateModified").or_else(metas).map(|moment| moment.at);
        let lang = ld("inLanguage")
            .or_else(|| self.article_lang.as_deref().map(str::to_owned))
            .or_else(|| self.html_lang.as_deref().map(str::to_owned))
            .or_else(|| meta(&["og:locale", "content-language", "dc.language"]));
        let linked_authors = Some(self.linked_authors.join(", ")).filter(|names| !names.is_empty());
        let author = linked_authors
            .or_else(|| self.contents(&AUTHORS).find(|name| is_person(name)).map(|name| bare(name).to_owned()))
            .or_else(|| self.named(tree))
            .or_else(|| byline(tree, self.heading?, &self.others));
        Article {
            title: title.map(|title| text::title(&title)).filter(|title| !title.is_empty()),
            canonical: self.canonical(at).map(|link| link.as_str().to_owned()),
            published: published.map(|moment| moment.at),
            states_date: is_stated == Some(true),
            updated,
            author,
            lang,
            text: String::new(),
            wall: None,
        }
    }

    /// Who wrote the article, by the first element that says so, and those beside it.
    fn named(&self, tree: &Tree<'_>) -> Option<String> {
        let is_own = |at: usize| self.is_own(at) && !is_others(tree, at, self.heading);
        let mut each = self.authors.iter().copied().filter(|&at| is_own(at) && named(tree, at).is_some());
        let first = each.next()?;
        let around =
            |at: usize| tree.ancestors(at).take(2).find(|&around| around > 0 && tree.node(around).tag.is_block());
        let own = around(first);
        let mut links: Vec<&str> = tree.node(first).attributes.raw("href").into_iter().collect();
        let beside: Vec<usize> = each
            .filter(|&at| own.is_some() && tree.node(at).tag == tree.node(first).tag && around(at) == own)
            .filter(|&at| is_new(tree, at, &mut links))
            .collect();
        let mut names: Vec<String> = std::iter::once(first).chain(beside).filter_map(|at| named(tree, at)).collect();
        names.retain(|name| is_person(name));
        names.dedup();
        Some(names.join(", ")).filter(|names| !names.is_empty())
    }

    /// When the article was published, by the surest of what tells it, and whether the page surely states that itself and doesn't
    /// only show it. What another tells more exactly (the time of that day, the zone of that time) is believed; what is
    /// older than the web is passed over, and a month is believed where nothing else tells.
    fn published(&self, tree: &Tree<'_>, linked: Option<Moment>, dates: Manner) -> Option<(Moment, bool)> {
        let read = |text: &str| on_web(dates, text).filter(|moment| moment.precision >= Precision::Day);
        let metas = || self.contents(&PUBLISHED).filter_map(read);
        let seen = || {
            let dated = self.dated.iter().filter(|(at, _)| self.is_own(*at));
            dated.take(1).find_map(|(_, dated)| read(dated))
        };
        let leads = LazyCell::new(|| Leads::of(tree, &self.others));
        let under = || self.heading.and_then(|heading| dateline(tree, &leads, heading, dates));
        let only = || only_time(tree, &leads, self.heading, dates);
        let sure = |moment: Moment| (moment, true);
        let whole = linked.filter(|moment| moment.precision >= Precision::Day).map(sure);
        let meta = || {
            let mut named = PUBLISHED.iter().filter_map(|name| Some((name, self.content(&[name]).and_then(read)?)));
            named.next().map(|(name, moment)| (moment, !VAGUE.contains(name)))
        };
        let stated = whole.or_else(meta).or_else(|| seen().map(sure));
        let shown = || under().or_else(only);
        let month = || linked.or_else(|| self.contents(&PUBLISHED).find_map(|text| on_web(dates, text)));
        let told = stated.map(|(moment, _)| moment).or_else(shown).or_else(month)?;
        let better = |moment: &Moment| told.is_told_better_by(*moment);
        let exact = if told.precision == Precision::Instant {
            None
        } else {
            let exact = metas().chain(std::iter::once_with(seen).flatten()).find(better);
            exact.or_else(|| under().filter(better)).or_else(|| only().filter(better))
        };
        Some((exact.unwrap_or(told), stated.is_some_and(|(_, is_sure)| is_sure)))
    }

    /// The address that the page names as its own: of the same site, or one that both its ways of saying it agree on
    /// (an AMP copy at a cache, a twin at another domain).
    fn canonical(&self, at: &WebUrl) -> Option<WebUrl> {
        let absolute = |link: &str| at.join(link).ok();
        let is_own = |link: &WebUrl| url::registrable(link.host_text()) == url::registrable(at.host_text());
        let named = self.canonical.as_deref().and_then(absolute);
        let shared = self.content(&["og:url"]).and_then(absolute);
        match (named, shared) {
            (Some(named), Some(shared)) if is_own(&named) || url::canonical(&named) == url::canonical(&shared) => {
                Some(named)
            }
            (Some(named), None) if is_own(&named) => Some(named),
            (_, Some(shared)) if is_own(&shared) => Some(shared),
            _ => None,
        }
    }
}

/// Reads a date that something on the web may have, be it a month or a year.
fn on_web(dates: Manner, text: &str) -> Option<Moment> {
    dates.moment(text).filter(|moment| moment.is_of_web())
}

/// Elements that name one, and that date the article, that are looked at.
const AUTHORS_MAX: usize = 16;
const DATED_MAX: usize = 16;

/// Meta elements that name an article's authors.
const AUTHORS: [&str; 4] = ["author", "article:author", "dc.creator", "byl"];

/// Meta elements that tell when an article was published, the surest first.
const PUBLISHED: [&str; 31] = [
    "article:published_time",
    "og:article:published_time",
    "datepublished",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.created",
    "dc.date",
    "publish-date",
    "publishdate",
    "publication_date",
    "pubdate",
    "article_date_original",
    "cxenseparse:recs:publishtime",
    "originalpublicationdate",
    "article:published",
    "article.published",
    "article.published_time",
    "og:pubdate",
    "bt:pubdate",
    "rnews:datepublished",
    "mediator_published_time",
    "published_time",
    "published_at",
    "publication-date",
    "citation_publication_date",
    "citation_date",
    "dcterms.issued",
    "dc.date.created",
    "ya:ovs:upload_date",
    "date",
];

/// Those of them that often tell when the page was made or served.
const VAGUE: [&str; 3] = ["date", "dc.date", "dcterms.created"];

/// Meta elements that tell when it was changed.
const UPDATED: [&str; 6] =
    ["article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified", "lastmod"];

fn has_word(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

/// Elements and texts of what shows a title, at most.
const TITLE_NODES: usize = 8;
/// Elements that show it that are looked at.
const TITLED_MAX: usize = 50;
/// Headings of the first rank that are looked at.
const HEADINGS_MAX: usize = 8;

/// Whether an element says that it is the time of publication: by its property (schema.org), its attribute (HTML's
/// drafts), or its class on an abbreviation (hAtom).
fn is_dated(node: &Node<'_>, property: Option<&str>) -> bool {
    let attributes = node.attributes;
    property.is_some_and(|properties| has_word(properties, "datePublished"))
        || (node.tag == Tag::Time && attributes.has("pubdate"))
        || (node.tag == Tag::Abbr && attributes.raw("class").is_some_and(|classes| has_word(classes, "published")))
}

/// What parts a page's title from the site's name.
const MARKS: [&str; 8] = [" | ", " — ", " – ", " - ", " :: ", " • ", " · ", " » "];
/// Letters of a site's name that stands first, and how many times longer what follows is.
const SITE_LETTERS_MAX: usize = 20;
const SITE_SHARE: usize = 2;

/// A page's title without the site's name at its end, or at its beginning where that is by far the shorter.
pub(super) fn without_site(title: &str) -> &str {
    let Some((mark, (head, _))) = MARKS.iter().find_map(|mark| Some((mark, title.rsplit_once(mark)?))) else {
        return title;
    };
    let letters = |text: &str| text.chars().count();
    title
        .split_once(mark)
        .filter(|(site, own)| letters(site) <= SITE_LETTERS_MAX && letters(own) >= letters(site) * SITE_SHARE)
        .filter(|(_, own)| !MARKS.iter().any(|mark| own.contains(mark)))
        .map_or(head, |(_, own)| own)
}

/// A title without this name of the site at either end; `None` where it is nothing else.
fn without_name<'t>(title: &'t str, site: Option<&str>) -> Option<&'t str> {
    let title = title.trim();
    let Some(site) = site else { return Some(title) };
    let is_site = |name: &str| text::fold(name.trim()) == text::fold(site);
    if is_site(title) {
        return None;
    }
    let behind = |mark: &str| title.rsplit_once(mark).filter(|(_, name)| is_site(name)).map(|(own, _)| own);
    let before = |mark: &str| title.split_once(mark).filter(|(name, _)| is_site(name)).map(|(_, own)| own);
    Some(MARKS.iter().find_map(|mark| behind(mark).or_else(|| before(mark))).unwrap_or(title).trim())
}

#[cfg(test)]
mod tests;
