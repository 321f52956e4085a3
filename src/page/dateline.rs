//! The date that stands at an article's heading, or at its end.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use std::ops::Range;

use jiff::Timestamp;

use crate::date::{Manner, may_name_year};

use super::body::{has_word, is_prose, weigh};
use super::markup::{Node, Tag, Tree};

/// Elements and texts after the heading among which it is sought: further down stand the dates of other articles.
const REACH: usize = 100;
/// Letters of a paragraph between the heading and the date at most.
const SUMMARY_WEIGHT: u32 = 300;
/// Letters of a text that may be a date and nothing more.
const DATE_WEIGHT: u32 = 45;

/// Finds the date of an article: the first behind its heading (of a `time`, else a short text that is one; none that stands
/// with others or behind the first paragraph), else the nearest before it, else the last of the article's element.
pub(super) fn dateline(tree: &Tree<'_>, leads: &Leads<'_>, heading: usize, dates: Manner) -> Option<Timestamp> {
    behind(tree, leads, heading, dates)
        .or_else(|| before(tree, leads, heading, dates))
        .or_else(|| below(tree, leads, heading, dates))
}

fn behind(tree: &Tree<'_>, leads: &Leads<'_>, heading: usize, dates: Manner) -> Option<Timestamp> {
    let mut others_end = 0;
    let mut told = None;
    let mut summary = None;
    for (at, node) in tree.nodes().skip(tree.node(heading).end).take(REACH) {
        if is_other(tree, leads, at) {
            others_end = others_end.max(node.end);
        }
        if at < others_end {
            continue;
        }
        if let Some(moment) = told_by(tree, at, dates) {
            return Some(moment);
        }
        if node.tag == Tag::Text && is_prose(node.text) {
            // One short paragraph may say what the article is about.
            let holder = tree.ancestors(at).find(|&around| tree.node(around).tag.is_block());
            if weigh(node.text) > SUMMARY_WEIGHT || summary.is_some_and(|known| known != holder) {
                break;
            }
            summary = Some(holder);
        }
        told = told.or_else(|| said(tree, at, dates).filter(|_| !goes_on(tree, at)));
    }
    told
}

/// Nodes before the heading among which a date is sought.
const REACH_BEFORE: usize = 30;

/// The nearest date before a heading. What stands at the top of a page, before or within the site's header, is its clock.
fn before(tree: &Tree<'_>, leads: &Leads<'_>, heading: usize, dates: Manner) -> Option<Timestamp> {
    let holds = |around: usize| (around..tree.node(around).end).contains(&heading);
    let is_own = |at: usize| {
        let apart: Vec<usize> = tree.ancestors(at).take_while(|&around| !holds(around)).collect();
        let common = tree.ancestors(at).find(|&around| holds(around)).unwrap_or(0);
        let is_apart =
            std::iter::once(at).chain(apart).all(|around| !is_other(tree, leads, around) && !is_clock(tree, around));
        let mut between = tree.within(common + 1..heading);
        let is_header = |around: usize, node: &Node<'_>| {
            matches!(node.tag, Tag::Header | Tag::Form | Tag::Nav) && !holds(around) && common_is_page(tree, common)
        };
        common > 0
            && is_apart
            && !has_article_apart(tree, common, heading)
            && !between.any(|(around, node)| is_header(around, node))
    };
    let nodes = heading.saturating_sub(REACH_BEFORE)..heading;
    let found = nodes.rev().filter_map(|at| Some((at, shown(tree, at, dates)?)));
    found.into_iter().find(|(at, _)| is_own(*at)).map(|(_, moment)| moment)
}

/// Whether of an element that is no article a part holds the heading and prose: that is the article, and what stands beside it
/// is the page's.
fn has_article_apart(tree: &Tree<'_>, around: usize, heading: usize) -> bool {
    let is_article = |at: usize| matches!(tree.node(at).tag, Tag::Article | Tag::Main);
    let part = std::iter::once(heading).chain(tree.ancestors(heading)).take_while(|&at| at > around).last();
    let end = part.map_or(0, |part| tree.node(part).end);
    let mut behind = tree.within(tree.node(heading).end..end);
    behind.any(|(_, node)| node.tag == Tag::Text && is_prose(node.text))
        && !std::iter::once(around).chain(tree.ancestors(around)).any(is_article)
}

/// Whether an element that holds a heading is the page, and not the article.
fn common_is_page(tree: &Tree<'_>, at: usize) -> bool {
    !matches!(tree.node(at).tag, Tag::Article | Tag::Main | Tag::Header | Tag::Hgroup)
}

fn is_clock(tree: &Tree<'_>, at: usize) -> bool {
    let node = tree.node(at);
    let mut names = ["class", "id"].iter().filter_map(|name| node.attributes.raw(name));
    node.tag == Tag::Header || names.any(|names| has_word(names, &["clock", "today", "current", "weather", "now"]))
}

/// Nodes at the end of an article among which a date is sought.
const REACH_BELOW: usize = 30;

/// The last date in the element that is the article, behind its prose.
fn below(tree: &Tree<'_>, leads: &Leads<'_>, heading: usize, dates: Manner) -> Option<Timestamp> {
    let article = tree.ancestors(heading).find(|&around| tree.node(around).tag == Tag::Article)?;
    let end = tree.node(article).end;
    let nodes = (end.saturating_sub(REACH_BELOW).max(tree.node(heading).end)..end).rev();
    let is_own = |at: usize| {
        let mut around = std::iter::once(at).chain(tree.ancestors(at).take_while(|&around| around > article));
        around.all(|around| !is_other(tree, leads, around))
    };
    let mut nodes = nodes.take_while(|&at| tree.node(at).tag != Tag::Text || !is_prose(tree.node(at).text));
    nodes.find_map(|at| shown(tree, at, dates).filter(|_| is_own(at)))
}

/// The date at a node: of the `time` that it is or says, else its own.
fn shown(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Timestamp> {
    told_by(tree, at, dates).or_else(|| told_by(tree, tree.node(at).parent, dates)).or_else(|| said(tree, at, dates))
}

/// The moment that a `time` tells.
fn told_by(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Timestamp> {
    let node = tree.node(at);
    if node.tag != Tag::Time {
        return None;
    }
    let given = node.attributes.get("datetime").and_then(|given| dates.read(&given));
    given.or_else(|| dates.read(&tree.words(at)))
}

/// `time`s that are looked at for one moment; a page with a long list of others has some hundred.
const TIMES_MAX: usize = 1_000;

/// The one moment that the `time`s behind a heading tell, those aside that stand with others.
pub(super) fn only_time(
    tree: &Tree<'_>,
    leads: &Leads<'_>,
    heading: Option<usize>,
    dates: Manner,
) -> Option<Timestamp> {
    let start = heading.map_or(0, |heading| tree.node(heading).end);
    let mut others_end = start;
    let mut only = None;
    let mut count = 0;
    for (at, node) in tree.nodes().skip(start) {
        let is_apart = || {
            let is_new = |around: usize| heading.is_none_or(|heading| around > heading);
            let mut around = tree.ancestors(at).take_while(|&around| is_new(around) && around > 0);
            around.any(|around| leads.are_in(tree, around) || tree.node(around).tag == Tag::Header)
        };
        if node.tag != Tag::Time && is_other(tree, leads, at) {
            others_end = others_end.max(node.end);
        }
        if at < others_end || node.tag != Tag::Time {
            continue;
        }
        count += 1;
        if count > TIMES_MAX {
            break;
        }
        if is_apart() {
            continue;
        }
        let moment = told_by(tree, at, dates)?;
        if only.is_some_and(|known| known != moment) {
            return None;
        }
        only = Some(moment);
    }
    only
}

/// The date that a text is, if it is one: with a year in it, and hardly more than a date has.
pub(super) fn said(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Timestamp> {
    let node = tree.node(at);
    let weight = if node.tag == Tag::Text { weigh(node.text) } else { 0 };
    if !(1..=DATE_WEIGHT).contains(&weight) {
        return None;
    }
    let has_weight = weight >= 6;
    let has_year = may_name_year(node.text);
    let is_short = node.text.bytes().filter(u8::is_ascii_whitespace).count() <= 8;
    // In a headline a year is no date. A link around a whole card has lines of its own for each, the heading for the headline.
    let around = tree.ancestors(at).take(3).map(|around| tree.node(around).tag);
    let mut around = around.take_while(|tag| !tag.is_block() || tag.is_heading());
    let is_linked = around.any(|tag| tag == Tag::A);
    if is_linked || !is_short {
        return None;
    }
    let moment = has_year
        .then(|| dates.read(html_escape::decode_html_entities(node.text).trim()))
        .flatten()
        .filter(|_| has_weight);
    // Day, month, year and time may stand in elements of their own.
    match moment {
        Some(moment) if !is_day(moment) => Some(moment),
        Some(day) => beside(tree, at, dates).filter(|moment| is_same_day(day, *moment)).or(Some(day)),
        None if !has_weight || !has_year => beside(tree, at, dates),
        None => None,
    }
}

/// The date that the texts of a line come to which stand in inline elements each.
fn beside(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Timestamp> {
    let line = tree.ancestors(at).find(|&around| !tree.node(around).tag.is_inline())?;
    let end = tree.node(line).end;
    let mut within = tree.within(line + 1..end);
    let is_line = end - line <= LINE_NODES && within.all(|(_, node)| node.tag == Tag::Text || is_plain(node.tag));
    if !is_line || tree.node(line).tag.is_heading() {
        return None;
    }
    let words = tree.words(line);
    (weigh(&words) <= DATE_WEIGHT && may_name_year(&words)).then(|| dates.read(&words))?
}

fn is_plain(tag: Tag) -> bool {
    tag.is_inline() && tag != Tag::A
}

/// Elements and texts of a line that is a date.
const LINE_NODES: usize = 12;

/// Whether a moment may be a day without a time.
pub(super) fn is_day(moment: Timestamp) -> bool {
    moment.as_second().rem_euclid(DAY_SECS) == 0
}

/// Whether a moment lies on a day, somewhere on earth.
pub(super) fn is_same_day(day: Timestamp, moment: Timestamp) -> bool {
    let after = moment.as_second().saturating_sub(day.as_second());
    !is_day(moment) && (-DAY_SECS / 2..DAY_SECS).contains(&after)
}

const DAY_SECS: i64 = 86_400;

/// Whether a sentence follows a text that stands in formatting of its own: then it is that sentence's beginning.
fn goes_on(tree: &Tree<'_>, at: usize) -> bool {
    let inline = tree.ancestors(at).take_while(|&around| tree.node(around).tag.is_inline());
    inline.last().is_some_and(|outermost| {
        let next = tree.node(tree.node(outermost).end);
        next.tag == Tag::Text && next.parent == tree.node(outermost).parent && weigh(next.text) > DATE_WEIGHT
    })
}

/// Whether an element holds what is not of this article.
fn is_other(tree: &Tree<'_>, leads: &Leads<'_>, at: usize) -> bool {
    let node = tree.node(at);
    let names = || ["class", "id"].iter().filter_map(|name| node.attributes.raw(name));
    match node.tag {
        Tag::Text => false,
        _ if leads.others.iter().any(|other| other.start == at) => true,
        Tag::Aside | Tag::Nav | Tag::Script | Tag::Style | Tag::H2 | Tag::H3 => true,
        Tag::Footer if !tree.ancestors(at).any(|around| matches!(tree.node(around).tag, Tag::Article | Tag::Main)) => {
            true
        }
        Tag::Footer | Tag::Ul | Tag::Ol if leads.are_in(tree, at) => true,
        _ => names().any(|names| has_word(names, &["comment", "comments", "related", "card", "teaser", "sidebar"])),
    }
}

/// What on a page leads to others: the links that say as much as a headline does, by their places, and the elements of other articles.
#[derive(Debug)]
pub(super) struct Leads<'o> {
    links: Vec<usize>,
    /// The elements of other articles.
    others: &'o [Range<usize>],
}

impl<'o> Leads<'o> {
    /// Finds those of a page.
    pub(super) fn of(tree: &Tree<'_>, others: &'o [Range<usize>]) -> Self {
        let is_headline = |at: usize| {
            let mut weight = 0;
            let texts = tree.subtree(at).take(LEADS_NODES).filter(|(_, node)| node.tag == Tag::Text);
            texts.map(|(_, node)| weigh(&html_escape::decode_html_entities(node.text))).any(|own| {
                weight += own;
                weight >= HEADLINE_WEIGHT
            })
        };
        let links = tree.nodes().filter(|(at, node)| node.tag == Tag::A && is_headline(*at)).map(|(at, _)| at);
        Self { links: links.collect(), others }
    }

    /// Whether an element holds one among its first nodes.
    fn are_in(&self, tree: &Tree<'_>, at: usize) -> bool {
        let end = tree.node(at).end.min(at + LEADS_NODES);
        self.links.get(self.links.partition_point(|lead| *lead < at)).is_some_and(|lead| *lead < end)
    }
}

/// Letters of a short headline: more than a name or a topic has.
const HEADLINE_WEIGHT: u32 = 25;
/// Nodes of an element that are looked at for one, and of a link for its words.
const LEADS_NODES: usize = 200;
