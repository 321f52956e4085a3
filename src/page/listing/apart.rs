//! Articles that a page sets apart from its list: the lead of a front page, what is new, important or kept on top. They stand
//! alone or in twos, so nothing repeats; they are told by what they have in common with the list.

use std::collections::{BTreeMap, BTreeSet};

use crate::page::markup::{Tag, Tree};

use super::address::{Shape, is_numbered};
use super::group::{Anchor, Group, around, classes, least_weight};

/// What nearly all items of a list have, in percent, what belongs to it has, too.
const HABIT_PERCENT: u32 = 80;

/// A list that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'g> {
    /// Its links.
    pub(super) group: &'g Group,
    /// The percentage of its items that have a date.
    pub(super) dated: u32,
}

/// A link that stands apart from a list and belongs to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Apart<'g> {
    /// Which list, by its place among them.
    pub(super) list: usize,
    pub(super) anchor: &'g Anchor,
    /// How it stands, where the list's own layout doesn't say so.
    pub(super) layout: Option<&'g str>,
    /// Whether it belongs there only with a date of its own.
    pub(super) needs_date: bool,
}

/// How a link stands to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// Otherwise, before the list's end.
    Lead,
    /// As the items do, but for an element more or less.
    Wrapped,
    /// As the items do, but for classes more or less of one element.
    Marked,
}

/// Finds what belongs to one of `lists` (the best first) among the groups that are too few for a list: each page once, by
/// the link that is most like the list.
pub(super) fn apart<'g>(tree: &Tree<'_>, lists: &[List<'_>], few: &'g [Group]) -> Vec<Apart<'g>> {
    let scopes: Vec<Scope<'_, '_>> = lists.iter().map(|&list| Scope::of(tree, list)).collect();
    let known: BTreeSet<&str> =
        lists.iter().flat_map(|list| &list.group.anchors).map(|anchor| anchor.key.as_str()).collect();
    let end = lists.iter().flat_map(|list| &list.group.anchors).map(|anchor| anchor.at).max().unwrap_or(0);
    let mut found: BTreeMap<&str, (Rank, Apart<'g>)> = BTreeMap::new();
    for group in few {
        for anchor in group.anchors.iter().filter(|anchor| !known.contains(anchor.key.as_str())) {
            let shape = Shape::of(&anchor.key);
            for (list, scope) in scopes.iter().enumerate() {
                let Some((likeness, needs_date)) = scope.judge(anchor, &shape, end) else { continue };
                // Of an item's links a heading speaks, or the wordiest; of lists alike to it the best.
                let rank = (likeness, anchor.is_heading, anchor.weight, std::cmp::Reverse(list));
                let layout = (likeness != Likeness::Marked || !scope.is_covering(anchor)).then_some(&*group.layout);
                let apart = Apart { list, anchor, layout, needs_date };
                let best = found.entry(&anchor.key).or_insert((rank, apart));
                if rank > best.0 {
                    *best = (rank, apart);
                }
            }
        }
    }
    found.into_values().map(|(_, apart)| apart).collect()
}

type Rank = (Likeness, bool, u32, std::cmp::Reverse<usize>);

/// An element as a layout names it.
#[derive(Debug, PartialEq, Eq)]
struct Step<'t> {
    name: &'t str,
    classes: BTreeSet<&'t str>,
}

/// A list with what is asked of whatever belongs to it.
struct Scope<'t, 'g> {
    tree: &'t Tree<'t>,
    list: List<'g>,
    steps: Vec<Step<'t>>,
    main: Option<usize>,
    shapes: BTreeSet<Shape>,
    /// Those of addresses with a date or a long number.
    numbered: Vec<Shape>,
}

impl<'t, 'g> Scope<'t, 'g> {
    fn of(tree: &'t Tree<'t>, list: List<'g>) -> Self {
        let anchors = &list.group.anchors;
        let first = anchors.first().map_or(0, |anchor| anchor.at);
        let numbered: BTreeSet<Shape> =
            anchors.iter().filter(|anchor| is_numbered(&anchor.link)).map(|anchor| Shape::of(&anchor.key)).collect();
        Self {
            tree,
            list,
            steps: steps(tree, first),
            main: main(tree, first),
            shapes: anchors.iter().map(|anchor| Shape::of(&anchor.key)).collect(),
            numbered: numbered.into_iter().collect(),
        }
    }

    /// Whether a link belongs to the list, how it stands to it, and whether it needs a date for that.
    fn judge(&self, anchor: &Anchor, shape: &Shape, end: usize) -> Option<(Likeness, bool)> {
        let group = self.list.group;
        let has_habit = |percent: u32| percent >= HABIT_PERCENT;
        let is_dated = has_habit(self.list.dated);
        if anchor.weight < least_weight(self.list.dated) || anchor.is_aside && group.aside < 50 {
            return None;
        }
        let is_strict = self.shapes.contains(shape);
        let is_beside = || is_numbered(&anchor.link) && self.numbered.iter().any(|numbered| numbered.is_beside(shape));
        // A list of links to other sites has addresses of all shapes.
        let fits = is_strict || is_beside() || !has_habit(group.own);
        let is_marked = || is_marked(&self.steps, &steps(self.tree, anchor.at));
        let is_wrapped = || is_wrapped(&self.steps, &steps(self.tree, anchor.at));
        if fits && is_marked() {
            return Some((Likeness::Marked, is_dated));
        }
        if fits && is_wrapped() {
            return Some((Likeness::Wrapped, is_dated));
        }
        let is_proper = is_strict && shape.is_proper() || is_beside();
        let is_like = anchor.is_article_like || group.article_like < 50;
        let is_lead = !anchor.is_aside
            && anchor.at < end
            && is_proper
            && (anchor.is_heading || !has_habit(group.heading))
            && (self.main.is_none() || main(self.tree, anchor.at) == self.main);
        // A heading over an address like theirs is a headline, though its date stands nowhere.
        is_lead.then_some((Likeness::Lead, !anchor.is_heading || !is_like))
    }

    /// Whether the list's layout, read as a selector, says of the link that it is of the list.
    fn is_covering(&self, anchor: &Anchor) -> bool {
        let theirs = steps(self.tree, anchor.at);
        self.steps.iter().zip(&theirs).all(|(own, their)| own.classes.is_subset(&their.classes))
    }
}

fn steps<'t>(tree: &'t Tree<'t>, at: usize) -> Vec<Step<'t>> {
    around(tree, at).map(|at| tree.node(at)).map(|node| Step { name: node.text, classes: classes(&node) }).collect()
}

/// Whether two links stand alike but for one element that has classes besides those of the other.
fn is_marked(one: &[Step<'_>], other: &[Step<'_>]) -> bool {
    let mut differing = one.iter().zip(other).filter(|(one, other)| one != other);
    let is_extra = |(one, other): (&Step<'_>, &Step<'_>)| {
        let (one_has, other_has) = (&one.classes, &other.classes);
        one.name.eq_ignore_ascii_case(other.name) && (one_has.is_subset(other_has) || other_has.is_subset(one_has))
    };
    one.len() == other.len() && differing.next().is_none_or(is_extra) && differing.next().is_none()
}

/// Whether two links stand alike but for an element around one of them, within what its layout names.
fn is_wrapped(one: &[Step<'_>], other: &[Step<'_>]) -> bool {
    let is_without = |wrapped: &[Step<'_>], plain: &[Step<'_>]| {
        (1..wrapped.len().saturating_sub(1)).any(|left_out| {
            let rest = wrapped.iter().enumerate().filter(|(turn, _)| *turn != left_out).map(|(_, step)| step);
            rest.eq(plain.iter().take(wrapped.len() - 1))
        })
    };
    is_without(one, other) || is_without(other, one)
}

/// The main content that holds a node.
fn main(tree: &Tree<'_>, at: usize) -> Option<usize> {
    let is_main = |at: &usize| {
        let node = tree.node(*at);
        node.tag == Tag::Main || node.attributes.raw("role") == Some("main")
    };
    tree.ancestors(at).find(is_main)
}
