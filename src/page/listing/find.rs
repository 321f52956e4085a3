//! The list of a page: of its linked data, or of its best groups of links.

use std::collections::{BTreeMap, BTreeSet};

use crate::charset::{self, Kind};
use crate::date::Manner;
use crate::model::{DocumentKind, Entry, Parsed, Problem, WebUrl};
use crate::page::markup::{Tag, Tree};

use super::apart::{Apart, List, apart};
use super::day::Days;
use super::group::{Anchor, Group, groups};
use super::item::{Item, items};
use super::linked::linked;
use super::rows::{are_seconds, say_the_same};

/// Bytes of a list page that are read: a page of links has no need of more.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Articles of one list at most.
const ITEMS_MAX: usize = 500;
/// Articles in linked data that make a list.
const LINKED_MIN: usize = 3;
/// A group joins the best one whose items are worth so many percent of its items: lead stories, another section.
const JOIN_PERCENT: u64 = 70;
/// What the layout is called where the list stands in linked data.
const LINKED: &str = "json-ld";
/// What stands between the places of a layout: as of a CSS selector that means any of them.
const BETWEEN: &str = ", ";

/// The list that was found on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its articles; with none the one problem is fatal.
    pub parsed: Parsed,
    /// How its links stand: a CSS selector to be used or compared with at a later poll, or `json-ld`.
    pub layout: Option<String>,
    /// How those of its links stand that are set apart from the others and that `layout` doesn't select.
    pub apart: Vec<String>,
}

impl Listing {
    /// A CSS selector of all links of the list.
    pub fn selector(&self) -> Option<String> {
        let layout = self.layout.as_deref()?;
        Some(std::iter::once(layout).chain(self.apart.iter().map(String::as_str)).collect::<Vec<_>>().join(BETWEEN))
    }
}

/// Finds the articles of a list page by what repeats. The same page always gives the same list. Where `before`, the layout
/// of an earlier poll, still holds a list, that is in it: another block that looks better doesn't take its place.
pub fn listing(html: &[u8], content_type: Option<&str>, url: &WebUrl, before: Option<&str>) -> Listing {
    let (decoded, _) = charset::decode(html, content_type, Kind::Html);
    let page = decoded.get(..decoded.floor_char_boundary(BYTES_MAX)).unwrap_or_default();
    if page.trim().is_empty() {
        return nothing(None, None, "empty", "the page is empty");
    }
    let tree = Tree::build(page);
    let first = |wanted: Tag| tree.nodes().find(|(_, node)| node.tag == wanted);
    let base = first(Tag::Base).and_then(|(_, node)| node.attributes.get("href"));
    let base = base.and_then(|href| url.join(&href).ok());
    let base = base.as_ref().unwrap_or(url);
    let title = first(Tag::Title).map(|(at, _)| html_escape::encode_text(&tree.words(at)).into_owned());
    let lang = first(Tag::Html).and_then(|(_, node)| node.attributes.get("lang")).map(std::borrow::Cow::into_owned);

    let named = linked(&tree, base);
    let mut dates = Manner::of(lang.as_deref());
    tree.nodes().filter(|(_, node)| node.tag == Tag::Text).for_each(|(_, node)| dates.see(node.text));
    let Repeated { entries, layout, apart } = repeated(&tree, (base, url), dates, before);
    if named.len() >= LINKED_MIN && named.len() * 2 >= entries.len() {
        let layout = Some(LINKED.to_owned());
        return Listing { parsed: parsed(title, lang, named, None), layout, apart: Vec::new() };
    }
    if entries.is_empty() {
        return nothing(title, lang, "empty-list", "nothing on the page repeats like a list of articles");
    }
    Listing { parsed: parsed(title, lang, entries, None), layout: Some(layout), apart }
}

/// Whether a list stands, in part at least, where one stood before.
pub fn stands_alike(before: &str, now: &str) -> bool {
    let places: BTreeSet<&str> = before.split(BETWEEN).collect();
    now.split(BETWEEN).any(|place| places.contains(place))
}

fn nothing(title: Option<String>, lang: Option<String>, kind: &'static str, detail: &str) -> Listing {
    let problem = Problem { kind, detail: detail.to_owned(), offset: None, fatal: true };
    Listing { parsed: parsed(title, lang, Vec::new(), Some(problem)), layout: None, apart: Vec::new() }
}

fn parsed(title: Option<String>, lang: Option<String>, entries: Vec<Entry>, problem: Option<Problem>) -> Parsed {
    let problems = problem.into_iter().collect();
    Parsed { kind: DocumentKind::Page, title, lang, entries, problems, ..Parsed::default() }
}

/// A group with what its items say.
struct Candidate {
    group: Group,
    items: Vec<Item>,
    dated: u32,
    score: u64,
    quality: u64,
}

/// What was found by what repeats.
struct Repeated {
    entries: Vec<Entry>,
    layout: String,
    apart: Vec<String>,
}

/// The entries of the best groups in document order with those set apart from them, and how they stand.
fn repeated(tree: &Tree<'_>, (base, url): (&WebUrl, &WebUrl), dates: Manner, before: Option<&str>) -> Repeated {
    let stood: BTreeSet<&str> = before.into_iter().flat_map(|layout| layout.split(BETWEEN)).collect();
    let days = Days::of(tree, dates);
    let (few, many): (Vec<Group>, Vec<Group>) = groups(tree, base, url).into_iter().partition(Group::is_few);
    let mut candidates: Vec<Candidate> = many
        .into_iter()
        // What is no list though each item had a date is none in any case: its items need not be read.
        .filter(|group| group.is_list_if_alone(100))
        .filter_map(|group| {
            let items = items(tree, &group, &[], dates, &days);
            let dated = items.iter().filter(|item| item.entry.published.is_some()).count() * 100;
            let dated = u32::try_from(dated / items.len().max(1)).unwrap_or(0);
            let (score, quality) = (group.score(dated), group.quality(dated));
            group.is_list_if_alone(dated).then_some(Candidate { group, items, dated, score, quality })
        })
        .collect();
    // What says the same behind the links of another list, in its rows, is no list: `Download the text`.
    let (same, telling): (Vec<Candidate>, Vec<Candidate>) =
        candidates.into_iter().partition(|candidate| say_the_same(&candidate.items));
    let signs = |candidate: &Candidate| candidate.group.heading + candidate.group.article_like;
    let first = |candidate: &Candidate| candidate.group.anchors.first().map_or(0, |anchor| anchor.at);
    let mut rows: BTreeMap<usize, Vec<(u32, usize)>> = BTreeMap::new();
    for candidate in &telling {
        for item in &candidate.items {
            rows.entry(item.at).or_default().push((signs(candidate), first(candidate)));
        }
    }
    let is_list = |candidate: &Candidate| {
        let (own, begins) = (signs(candidate), first(candidate));
        let is_of = |item: &Item| {
            let heads = rows.get(&item.at).into_iter().flatten();
            heads.into_iter().any(|(signs, first)| *signs >= own && *first < begins)
        };
        stood.contains(candidate.group.layout.as_str()) || !are_seconds(&candidate.items, is_of)
    };
    let same: Vec<Candidate> = same.into_iter().filter(is_list).collect();
    candidates = telling;
    candidates.extend(same);
    // What is aside is a list where no other is, nor was.
    let is_list = |candidate: &Candidate| candidate.group.is_list(candidate.dated);
    if !stood.is_empty() || candidates.iter().any(is_list) {
        candidates.retain(|candidate| is_list(candidate) || stood.contains(candidate.group.layout.as_str()));
    }
    candidates.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.group.layout.cmp(&b.group.layout)));
    let best = candidates.first().map_or(0, |candidate| candidate.quality);
    candidates.retain(|candidate| {
        candidate.quality * 100 >= best * JOIN_PERCENT || stood.contains(candidate.group.layout.as_str())
    });
    let layout = candidates.iter().map(|candidate| candidate.group.layout.as_str()).collect::<Vec<_>>().join(BETWEEN);
    let apart = take_in(tree, &mut candidates, &few, dates, &days);
    let mut items: Vec<Item> = candidates.into_iter().flat_map(|candidate| candidate.items).collect();
    items.sort_by_key(|item| item.at);
    let mut seen = BTreeSet::new();
    items.retain(|item| seen.insert(item.key.clone()));
    items.truncate(ITEMS_MAX);
    Repeated { entries: items.into_iter().map(|item| item.entry).collect(), layout, apart }
}

/// Takes what is set apart from the lists into them, and says how it stands where their own layouts don't.
fn take_in(tree: &Tree<'_>, lists: &mut [Candidate], few: &[Group], dates: Manner, days: &Days) -> Vec<String> {
    let known: Vec<List<'_>> = lists.iter().map(|list| List { group: &list.group, dated: list.dated }).collect();
    let mut found = apart(tree, &known, few);
    found.retain(|apart| !is_within_item(tree, lists, apart));
    let mut layouts = BTreeSet::new();
    for (turn, list) in lists.iter_mut().enumerate() {
        let own: Vec<&Apart<'_>> = found.iter().filter(|apart| apart.list == turn).collect();
        let read = |own: &[&Apart<'_>]| {
            let anchors: Vec<&Anchor> = own.iter().map(|apart| apart.anchor).collect();
            items(tree, &list.group, &anchors, dates, days)
        };
        let all = if own.is_empty() { Vec::new() } else { read(&own) };
        let dated: BTreeSet<&str> =
            all.iter().filter(|item| item.entry.published.is_some()).map(|item| item.key.as_str()).collect();
        let is_kept = |apart: &&&Apart<'_>| !apart.needs_date || dated.contains(apart.anchor.key.as_str());
        let kept: Vec<&Apart<'_>> = own.iter().filter(is_kept).copied().collect();
        layouts.extend(kept.iter().filter_map(|apart| apart.layout));
        // What isn't kept bounds no item: they are read without it.
        if !kept.is_empty() {
            list.items = if kept.len() < own.len() { read(&kept) } else { all };
        }
    }
    layouts.into_iter().map(str::to_owned).collect()
}

/// Whether a link stands within an item of a list: it is that item's.
fn is_within_item(tree: &Tree<'_>, lists: &[Candidate], apart: &Apart<'_>) -> bool {
    let at = apart.anchor.at;
    lists.iter().enumerate().any(|(turn, list)| {
        let after = list.items.partition_point(|item| item.at <= at);
        let item = after.checked_sub(1).and_then(|last| list.items.get(last));
        let home = item.map_or(0..0, |item| item.at..tree.node(item.at).end);
        // An item of another list may be a whole section, with a list and its lead.
        let is_section = || {
            turn != apart.list
                && lists.get(apart.list).is_some_and(|own| own.items.iter().any(|own| home.contains(&own.at)))
        };
        home.contains(&at) && !is_section()
    })
}
