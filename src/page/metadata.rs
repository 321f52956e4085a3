//! What a page says of itself: JSON-LD first, then meta elements, then the visible page.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::date::Manner;
use crate::model::{Article, WebUrl};
use crate::text;
use crate::url;

use super::byline::byline;
use super::json_ld;
use super::markup::{Tag, Tree};
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
    /// The first time on the page, and the first that says it is the publication's or stands in the article.
    time: Option<Cow<'a, str>>,
    time_of_article: Option<Cow<'a, str>>,
    author: Option<usize>,
    heading: Option<usize>,
    title: Option<usize>,
}

impl<'a> Metadata<'a> {
    /// Gathers what a page says of itself.
    pub(super) fn gather(tree: &Tree<'a>, at: &WebUrl) -> Self {
        let mut found = Self::default();
        let mut linked = Vec::new();
        let mut article_end = 0;
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
                    article_end = article_end.max(node.end);
                    found.article_lang = found.article_lang.take().or_else(|| value("lang"));
                }
                Tag::Time => {
                    let is_own = at < article_end
                        || node.attributes.has("pubdate")
                        || value("itemprop").is_some_and(|property| property.eq_ignore_ascii_case("datePublished"));
                    if is_own {
                        found.time_of_article = found.time_of_article.take().or_else(|| value("datetime"));
                    }
                    found.time = found.time.take().or_else(|| value("datetime"));
                }
                Tag::H1 => found.heading = found.heading.or(Some(at)),
                Tag::Title => found.title = found.title.or(Some(at)),
                Tag::A | Tag::Span if found.author.is_none() => {
                    let is_author = value("rel").is_some_and(|rel| has_word(&rel, "author"))
                        || value("itemprop").is_some_and(|property| property.eq_ignore_ascii_case("author"));
                    found.author = is_author.then_some(at);
                }
                _ => {}
            }
        }
        found.describe(tree, &linked, at);
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
        if let Some(article) = subject::article(linked, signs) {
            self.linked_authors = subject::authors(linked, article);
            self.linked = Some(article.clone());
        }
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
        let title = ld("headline")
            .or_else(|| meta(&["og:title", "twitter:title"]))
            .or_else(|| shown(self.heading))
            .or_else(|| shown(self.title).map(|title| without_site(&title).to_owned()));
        let dates = Manner::of(self.html_lang.as_deref());
        let read = |text: &str| dates.read(text);
        let date = |key: &str| ld(key).and_then(|text| read(&text));
        let published = date("datePublished")
            .or_else(|| self.contents(&PUBLISHED).find_map(read))
            .or_else(|| self.time_of_article.as_deref().and_then(read))
            .or_else(|| self.time.as_deref().and_then(read));
        let updated = date("dateModified").or_else(|| self.contents(&UPDATED).find_map(read));
        let lang = ld("inLanguage")
            .or_else(|| self.article_lang.as_deref().map(str::to_owned))
            .or_else(|| self.html_lang.as_deref().map(str::to_owned))
            .or_else(|| meta(&["og:locale", "content-language", "dc.language"]));
        let linked_authors = Some(self.linked_authors.join(", ")).filter(|names| !names.is_empty());
        let author = linked_authors
            .or_else(|| self.contents(&AUTHORS).find(|name| is_person(name)).map(|name| bare(name).to_owned()))
            .or_else(|| seen(self.author).filter(|name| is_person(name)))
            .or_else(|| byline(tree, self.heading?));
        Article {
            title: title.map(|title| text::title(&title)).filter(|title| !title.is_empty()),
            canonical: self.canonical(at).map(|link| link.as_str().to_owned()),
            published,
            updated,
            author,
            lang,
            text: String::new(),
            wall: None,
        }
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

/// Meta elements that name an article's authors.
const AUTHORS: [&str; 4] = ["author", "article:author", "dc.creator", "byl"];

/// Meta elements that tell when an article was published, the surest first.
const PUBLISHED: [&str; 16] = [
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
    "date",
];

/// Meta elements that tell when it was changed.
const UPDATED: [&str; 6] =
    ["article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified", "lastmod"];

fn has_word(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known.eq_ignore_ascii_case(word))
}

/// A page's title without the site's name at its end.
fn without_site(title: &str) -> &str {
    [" | ", " — ", " – ", " - "].iter().find_map(|mark| title.rsplit_once(mark)).map_or(title, |(head, _)| head)
}
