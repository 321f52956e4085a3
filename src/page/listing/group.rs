//! Links that stand alike, and what a group of them is worth.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::model::WebUrl;
use crate::page::body::{Furniture, has_word, is_aside_by_role, judge, weigh};
use crate::page::markup::{Node, Tag, Tree};
use crate::url;

use super::address::is_article_like;
use super::rows::headlines;

/// Links of a page that are looked at; front pages have some five hundred.
const ANCHORS_MAX: usize = 5_000;
/// Elements around a link that say how it stands.
pub(super) const STEPS: usize = 5;
/// Classes of one element that do.
const CLASSES_MAX: usize = 3;
/// Pages of a group that count.
const COUNTED: usize = 40;
/// Letters of a headline that count; of a link around a whole card nothing more does.
const COUNTED_WEIGHT: u32 = 80;

/// A link that may be an article's.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "signs that have nothing to do with each other, counted one by one")]
pub(super) struct Anchor {
    /// Its place.
    pub(super) at: usize,
    /// Where it leads.
    pub(super) link: WebUrl,
    /// The one form of that address.
    pub(super) key: String,
    /// Letters of its words.
    pub(super) weight: u32,
    /// In or around a heading; aside from the content; like an article's address.
    pub(super) is_heading: bool,
    pub(super) is_aside: bool,
    pub(super) is_article_like: bool,
    is_own: bool,
    /// Aside by more than a name that somebody gave what is around it.
    is_surely_aside: bool,
}

/// Links that stand alike, in document order.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// How they stand, as a CSS selector.
    pub(super) layout: String,
    /// The links; several may lead to one page.
    pub(super) anchors: Vec<Anchor>,
    /// Pages that they lead to.
    pub(super) pages: usize,
    /// Shares in percent: in or around a heading, aside from the content, like an article's address, of this site.
    pub(super) heading: u32,
    pub(super) aside: u32,
    pub(super) article_like: u32,
    pub(super) own: u32,
    /// Share of those that are aside by more than a name.
    surely_aside: u32,
    /// Letters of a link on average.
    mean: u32,
}

impl Group {
    fn of(layout: String, anchors: Vec<Anchor>) -> Self {
        // Of several links to one page the wordiest speaks.
        let mut best: BTreeMap<&str, &Anchor> = BTreeMap::new();
        for anchor in &anchors {
            let known = best.entry(&anchor.key).or_insert(anchor);
            if anchor.weight > known.weight {
                *known = anchor;
            }
        }
        let pages = best.len();
        let whole = u32::try_from(pages).unwrap_or(u32::MAX).max(1);
        let share = |is_it: fn(&Anchor) -> bool| {
            let count = best.values().filter(|anchor| is_it(anchor)).count();
            u32::try_from(count * 100).unwrap_or(u32::MAX) / whole
        };
        let weights = best.values().map(|anchor| anchor.weight.min(COUNTED_WEIGHT));
        let (heading, aside) = (share(|a| a.is_heading), share(|a| a.is_aside));
        let (article_like, own) = (share(|a| a.is_article_like), share(|a| a.is_own));
        let surely_aside = share(|a| a.is_surely_aside);
        let mean = weights.sum::<u32>() / whole;
        Self { layout, anchors, pages, heading, aside, article_like, own, surely_aside, mean }
    }

    /// Whether it may be a list of articles, given the percentage of its items that have a date.
    pub(super) fn is_list(&self, dated: u32) -> bool {
        self.reads_as_list(dated) && (self.aside < 50 || dated >= 50)
    }

    /// Whether it may be one where no other is: what around it is named as furniture alone says otherwise.
    pub(super) fn is_list_if_alone(&self, dated: u32) -> bool {
        self.reads_as_list(dated) && (self.is_list(dated) || self.surely_aside < 50 && self.pages >= ALONE_MIN)
    }

    fn reads_as_list(&self, dated: u32) -> bool {
        !self.is_few()
            && self.mean >= least_weight(dated)
            && (self.article_like >= 50 || self.heading >= 50 || dated >= 50 || self.is_of_headlines())
    }

    /// Whether its links lead to so few pages that they are no list by themselves.
    pub(super) fn is_few(&self) -> bool {
        self.pages < PAGES_MIN
    }

    /// Whether its words alone say that it is one: enough pages of the site, under names as long as headlines are.
    fn is_of_headlines(&self) -> bool {
        self.pages >= HEADLINES_MIN && self.mean >= HEADLINE_WEIGHT && self.own >= 80
    }

    /// What an item of it is worth on average, given the percentage of them that have a date.
    pub(super) fn quality(&self, dated: u32) -> u64 {
        let evidence = 100 + self.article_like + self.heading + dated * 3 / 2;
        let place = if self.aside >= 50 { 15_u32 } else { 100 };
        let own = 40 + self.own * 60 / 100;
        u64::from(self.mean) * u64::from(evidence) * u64::from(place) * u64::from(own)
    }

    /// What all of them are worth; a list is not better for having more than forty.
    pub(super) fn score(&self, dated: u32) -> u64 {
        self.quality(dated) * u64::try_from(self.pages.min(COUNTED)).unwrap_or(0)
    }
}

/// Pages of a list that nothing but its words tells, at least, and letters of its links on average: those of a menu are
/// fewer.
const HEADLINES_MIN: usize = 5;
pub(super) const HEADLINE_WEIGHT: u32 = 30;
/// Pages of one that is named as furniture and stands alone: a box of others beside an empty list has fewer.
const ALONE_MIN: usize = 5;
/// Pages of a list at least: two links that stand alike are no list.
const PAGES_MIN: usize = 3;

/// Letters of a headline at least, given the percentage of the list's items that have a date.
pub(super) fn least_weight(dated: u32) -> u32 {
    if dated >= 50 { 12 } else { 20 }
}

/// Gathers a page's links in groups, in the order of their selectors.
pub(super) fn groups(tree: &Tree<'_>, base: &WebUrl, url: &WebUrl) -> Vec<Group> {
    let mut groups: BTreeMap<String, Vec<Anchor>> = BTreeMap::new();
    let own_key = url::canonical(url);
    let mut count = 0;
    let (mut skip_to, mut aside_end, mut surely_aside_end, mut heading_end) = (0, 0, 0, 0);
    let core = Core::of(tree, base, url);
    for (at, node) in tree.nodes() {
        if at < skip_to || node.tag == Tag::Text {
            continue;
        }
        let verdict = judge(node);
        if verdict == Furniture::Surely {
            skip_to = node.end;
        }
        let is_furniture = verdict == Furniture::Likely && !matches!(node.tag, Tag::Figure | Tag::Figcaption | Tag::A);
        if is_chart(node) || is_furniture && !is_by_name(node) {
            surely_aside_end = surely_aside_end.max(node.end);
            aside_end = aside_end.max(node.end);
        } else if is_furniture && !core.is_in(at..node.end) {
            aside_end = aside_end.max(node.end);
        }
        if node.tag.is_heading() {
            heading_end = node.end;
        }
        if node.tag != Tag::A || at < skip_to || count >= ANCHORS_MAX {
            continue;
        }
        let Some(link) = node.attributes.get("href").and_then(|href| base.join(&href).ok()) else { continue };
        let key = url::canonical(&link);
        let weight = weight(tree, at);
        // An anchor within the page itself, a site's home page or a picture is no article's headline.
        if key == own_key || weight == 0 || (link.as_url().path() == "/" && link.as_url().query().is_none()) {
            continue;
        }
        count += 1;
        let is_heading = at < heading_end || tree.subtree(at).any(|(_, inner)| inner.tag.is_heading());
        let is_own = url::registrable(link.host_text()) == url::registrable(url.host_text());
        let is_article_like = is_article_like(&link);
        let (is_aside, is_surely_aside) = (at < aside_end, at < surely_aside_end);
        let anchor = Anchor { at, link, key, weight, is_heading, is_aside, is_article_like, is_own, is_surely_aside };
        groups.entry(layout(tree, at)).or_default().push(anchor);
    }
    groups.into_iter().map(|(layout, anchors)| Group::of(layout, headlines(tree, anchors))).collect()
}

/// Letters of a link's words; where they are cut for show, of the whole headline.
fn weight(tree: &Tree<'_>, at: usize) -> u32 {
    let shown = tree.subtree(at).map(|(_, inner)| if inner.tag == Tag::Text { weigh(inner.text) } else { 0 }).sum();
    let is_titled = shown > 0 && tree.node(at).attributes.has("title");
    let whole = is_titled.then(|| whole(tree, at, &tree.words(at))).flatten();
    whole.map_or(shown, |whole| weigh(&whole).max(shown))
}

/// The headline in a link's `title`, where what is shown is its beginning.
pub(super) fn whole(tree: &Tree<'_>, at: usize, shown: &str) -> Option<String> {
    let title = tree.node(at).attributes.get("title")?;
    let begun = shown.trim_end_matches(['.', '…']).trim_end();
    (begun.len() < shown.len() && !begun.is_empty() && title.starts_with(begun) && title.len() > begun.len())
        .then(|| title.into_owned())
}

/// What a page is about: its heading or main element, and most of the letters of its links.
struct Core {
    /// Headings of the first rank that don't lead home, and main elements, by their places.
    heads: Vec<usize>,
    /// Links by their places, with the letters of all up to each.
    links: Vec<(usize, u64)>,
}

impl Core {
    fn of(tree: &Tree<'_>, base: &WebUrl, url: &WebUrl) -> Self {
        let is_home = |node: &Node<'_>| {
            let href = node.attributes.get("href").filter(|_| node.tag == Tag::A);
            href.and_then(|href| base.join(&href).ok()).is_some_and(|link| is_home(&link, url))
        };
        let is_heading = |at: usize| {
            let is_linked = |at: usize| {
                tree.subtree(at).any(|(_, node)| is_home(node)) || is_home(&tree.node(tree.node(at).parent))
            };
            weight(tree, at) > 0 && !is_linked(at)
        };
        let mut heads = Vec::new();
        let mut links = Vec::new();
        let mut letters = 0_u64;
        for (at, node) in tree.nodes() {
            match node.tag {
                Tag::H1 if heads.len() < HEADS_MAX && is_heading(at) => heads.push(at),
                Tag::Main if heads.len() < HEADS_MAX => heads.push(at),
                _ if heads.len() < HEADS_MAX && node.attributes.raw("role") == Some("main") => heads.push(at),
                Tag::A if links.len() < ANCHORS_MAX => {
                    letters += u64::from(weight(tree, at));
                    links.push((at, letters));
                }
                _ => {}
            }
        }
        Self { heads, links }
    }

    /// Whether it is within these places.
    fn is_in(&self, places: Range<usize>) -> bool {
        let before = |place: usize| {
            let count = self.links.partition_point(|(at, _)| *at < place);
            count.checked_sub(1).and_then(|last| self.links.get(last)).map_or(0, |(_, letters)| *letters)
        };
        let all = self.links.last().map_or(0, |(_, letters)| *letters);
        let own = before(places.end) - before(places.start);
        self.heads.iter().any(|head| places.contains(head)) || all > 0 && own * 100 >= all * CORE_PERCENT
    }
}

/// Whether a link leads to the site's home page, or that of a language: `/en/`.
fn is_home(link: &WebUrl, url: &WebUrl) -> bool {
    let path = link.as_url().path().trim_matches('/');
    let is_language = path.len() == 2 && path.bytes().all(|b| b.is_ascii_lowercase());
    link.host_text() == url.host_text() && (path.is_empty() || is_language)
}

/// Headings and main elements that are looked at.
const HEADS_MAX: usize = 8;
/// An element with so many percent of the letters of all links is the page, whatever it is named.
const CORE_PERCENT: u64 = 80;

/// Whether an element is furniture by the names it was given alone, and not by what it is.
fn is_by_name(node: &Node<'_>) -> bool {
    !matches!(node.tag, Tag::Aside | Tag::Footer | Tag::Menu | Tag::Nav) && !is_aside_by_role(node)
}

/// Whether an element is named a choice of articles that stand elsewhere on the site, new or old.
fn is_chart(node: &Node<'_>) -> bool {
    let names = ["class", "id"].iter().filter_map(|name| node.attributes.raw(name));
    node.tag.is_block() && names.into_iter().any(|names| has_word(names, &["popular", "most", "trending"]))
}

/// How a link stands: itself and the elements around it with their lasting classes, as a CSS selector.
fn layout(tree: &Tree<'_>, at: usize) -> String {
    let mut steps: Vec<String> = around(tree, at).map(|at| step(&tree.node(at))).collect();
    steps.reverse();
    steps.join(" > ")
}

/// A link and the elements around it that say how it stands, from the link outwards.
pub(super) fn around(tree: &Tree<'_>, at: usize) -> impl Iterator<Item = usize> {
    std::iter::once(at).chain(tree.ancestors(at)).take(STEPS).filter(|&at| at > 0)
}

/// The lasting classes of an element.
pub(super) fn classes<'a>(node: &Node<'a>) -> BTreeSet<&'a str> {
    let names = node.attributes.raw("class").unwrap_or_default();
    names.split_ascii_whitespace().filter(|name| is_lasting(name)).collect()
}

fn step(node: &Node<'_>) -> String {
    let mut step = node.text.to_ascii_lowercase();
    for name in classes(node).into_iter().take(CLASSES_MAX) {
        step.push('.');
        step.push_str(name);
    }
    step
}

/// Beginnings of classes that name a state or what an item is filed under, not what it is.
const PASSING: [&str; 16] = [
    "active",
    "author-",
    "category-",
    "current",
    "even",
    "first",
    "format-",
    "has-",
    "is-",
    "js-",
    "last",
    "odd",
    "post-",
    "status-",
    "tag-",
    "type-",
];

/// Parts of classes that name an item's turn in its list, or that it is kept on top: `views-row-odd`.
const TURNS: [&str; 5] = ["even", "first", "last", "odd", "sticky"];
/// Classes that do, and that mean something else as parts of others.
const TURNS_ALONE: [&str; 2] = ["alt", "new"];

/// Whether a class is a CSS name as it stands, and the same on all items of a list.
fn is_lasting(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'))
        && !PASSING.iter().any(|passing| name.starts_with(passing))
        && !TURNS_ALONE.contains(&name)
        && !name.split(['-', '_']).any(|part| TURNS.contains(&part))
}
