//! The date that stands at an article's heading, or at its end.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use std::ops::Range;

use jiff::SignedDuration;

use crate::date::{Manner, Moment, Precision, may_name_year, tells_change, tells_publication};

use super::body::{has_word, is_named, is_prose, weigh};
use super::markup::{Node, Tag, Tree};

/// Elements and texts after the heading among which it is sought: further down stand the dates of other articles.
const REACH: usize = 100;
/// Letters of a paragraph between the heading and the date at most.
const SUMMARY_WEIGHT: u32 = 300;
/// Letters of a text that may be a date and nothing more.
const DATE_WEIGHT: u32 = 45;

/// Finds the date of an article: the first behind its heading (of a `time`, else a short text that is one; none that stands
/// with others or behind the first paragraph), else the nearest before it, else that of a change behind it, else the last of the
/// article's element.
pub(super) fn dateline(tree: &Tree<'_>, leads: &Leads<'_>, heading: usize, dates: Manner) -> Option<Moment> {
    let (told, changed) = behind(tree, leads, heading, dates);
    told.or_else(|| before(tree, leads, heading, changed, dates))
        .or(changed)
        .or_else(|| below(tree, leads, heading, dates))
}

/// The date of the publication behind a heading, and that of a change.
fn behind(tree: &Tree<'_>, leads: &Leads<'_>, heading: usize, dates: Manner) -> (Option<Moment>, Option<Moment>) {
    let mut others_end = 0;
    let (mut told, mut changed): (Option<Moment>, Option<Moment>) = (None, None);
    let mut summary = None;
    for (at, node) in tree.nodes().skip(tree.node(heading).end).take(REACH) {
        if is_other(tree, leads, at) {
            others_end = others_end.max(node.end);
        }
        if at < others_end {
            continue;
        }
        // What tells of a change waits for what tells of the publication, which was before it.
        if let Some(moment) = told_by(tree, at, dates) {
            if is_publication(of(tree, at), moment, changed) {
                return (Some(moment), changed);
            }
            changed = changed.or(Some(moment));
        }
        if node.tag == Tag::Text && is_prose(node.text) {
            // One short paragraph may say what the article is about.
            let holder = tree.ancestors(at).find(|&around| tree.node(around).tag.is_block());
            if weigh(node.text) > SUMMARY_WEIGHT || summary.is_some_and(|known| known != holder) {
                break;
            }
            summary = Some(holder);
        }
        if told.is_some() {
            continue;
        }
        if let Some(moment) = said(tree, at, dates).filter(|_| !goes_on(tree, at)) {
            let of = of(tree, at);
            if is_publication(of, moment, changed) {
                told = Some(moment);
            } else if of == Of::Change {
                changed = changed.or(Some(moment));
            }
        }
    }
    (told, changed)
}

/// Of what a date is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Publication,
    Change,
    Unsaid,
}

/// Whether a date may be that of the publication, where one of a change is known: it may be told as a day, and lie behind the time
/// of a change on that day; and what is far older, and not said to be it, is told of something else.
pub(super) fn is_publication(of: Of, at: Moment, changed: Option<Moment>) -> bool {
    let after = changed.map(|changed| at.at.duration_since(changed.at));
    let is_near = |after| after > SignedDuration::from_hours(-24 * 366);
    of != Of::Change
        && after.is_none_or(|after| after < SignedDuration::from_hours(24) && (of == Of::Publication || is_near(after)))
}

/// Letters of a label before a date.
const LABEL_WEIGHT: u32 = 25;
/// Nodes before a date among which its label stands.
const LABEL_REACH: usize = 4;

/// Of what the date at a place is told: by the names of the element, by its words, or by those right before it.
pub(super) fn of(tree: &Tree<'_>, at: usize) -> Of {
    let own = std::iter::once(at).chain(tree.ancestors(at).take(2)).map(|around| tree.node(around));
    for node in own {
        let (class, property) = (node.attributes.raw("class"), node.attributes.raw("itemprop"));
        let mut names = class.into_iter().chain(property);
        if names.any(|names| has_word(names, &["published", "created", "posted"])) {
            return Of::Publication;
        }
        if class.is_some_and(names_change) || property.is_some_and(|property| has_word(property, &CHANGED)) {
            return Of::Change;
        }
        if node.tag.is_block() {
            break;
        }
    }
    let words = |at: usize| html_escape::decode_html_entities(tree.node(at).text).into_owned();
    let texts = tree.subtree(at).take(LINE_NODES);
    let is_short = |node: &Node<'_>| node.tag == Tag::Text && weigh(node.text) <= DATE_WEIGHT;
    let by_words = |words: &str| match (tells_publication(words), tells_change(words)) {
        (true, _) => Of::Publication,
        (false, true) => Of::Change,
        (false, false) => Of::Unsaid,
    };
    let own = texts.filter(|(_, node)| is_short(node)).map(|(text, _)| by_words(&words(text)));
    if let Some(of) = own.into_iter().find(|of| *of != Of::Unsaid) {
        return of;
    }
    let start = at.saturating_sub(LABEL_REACH);
    let before =
        (start..at).rev().find(|&before| tree.node(before).tag == Tag::Text && weigh(tree.node(before).text) > 0);
    let is_headed = |at: usize| tree.ancestors(at).take(3).any(|around| tree.node(around).tag.is_heading());
    let label = before.filter(|&before| !is_headed(before)).map(words).unwrap_or_default();
    let is_label = weigh(&label) <= LABEL_WEIGHT && !label.contains(|c: char| c.is_numeric());
    if is_label { by_words(&label) } else { Of::Unsaid }
}

/// Words for a change in the names of elements.
const CHANGED: [&str; 2] = ["updated", "modified"];

/// Whether an element's classes name a change. A theme that is widely used writes `entry-date updated` of the publication, as a
/// microformat wants an `updated` on each post: by itself that tells nothing of what another class names a date.
fn names_change(classes: &str) -> bool {
    let is_dated = || classes.split_ascii_whitespace().any(|class| has_word(class, &["date", "entry"]));
    let mut changes = classes.split_ascii_whitespace().filter(|class| has_word(class, &CHANGED));
    changes.any(|class| !class.eq_ignore_ascii_case("updated") || !is_dated())
}

/// Nodes before the heading among which a date is sought.
const REACH_BEFORE: usize = 30;

/// The nearest date before a heading, and before a change that is known. What stands at the top of a page, before or within the
/// site's header, is its clock.
fn before(
    tree: &Tree<'_>,
    leads: &Leads<'_>,
    heading: usize,
    changed: Option<Moment>,
    dates: Manner,
) -> Option<Moment> {
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
    let is_before = |at: usize, moment: Moment| changed.is_none() || is_publication(of(tree, at), moment, changed);
    found.into_iter().find(|(at, moment)| is_own(*at) && is_before(*at, *moment)).map(|(_, moment)| moment)
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
fn below(tree: &Tree<'_>, leads: &Leads<'_>, heading: usize, dates: Manner) -> Option<Moment> {
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
fn shown(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Moment> {
    told_by(tree, at, dates).or_else(|| told_by(tree, tree.node(at).parent, dates)).or_else(|| said(tree, at, dates))
}

/// The moment that a `time` tells.
fn told_by(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Moment> {
    let node = tree.node(at);
    if node.tag != Tag::Time {
        return None;
    }
    let given = node.attributes.get("datetime").and_then(|given| read(dates, &given));
    given.or_else(|| read(dates, &tree.words(at)))
}

/// Reads a date that something on the web may have: a day at least, and no zero of a clock.
pub(super) fn read(dates: Manner, text: &str) -> Option<Moment> {
    dates.moment(text).filter(|moment| moment.precision >= Precision::Day && moment.is_of_web())
}

/// `time`s that are looked at for one moment; a page with a long list of others has some hundred.
const TIMES_MAX: usize = 1_000;

/// The one moment that the `time`s behind a heading tell, those aside that stand with others.
pub(super) fn only_time(tree: &Tree<'_>, leads: &Leads<'_>, heading: Option<usize>, dates: Manner) -> Option<Moment> {
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
pub(super) fn said(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Moment> {
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
    // What is named a date in a card that is a link is no headline.
    let is_dated =
        || tree.node(node.parent).tag != Tag::A && is_named(&tree.node(node.parent), &["date", "time", "datetime"]);
    if is_linked && !is_dated() || !is_short {
        return None;
    }
    let moment = has_year
        .then(|| read(dates, html_escape::decode_html_entities(node.text).trim()))
        .flatten()
        .filter(|_| has_weight);
    // Day, month, year and time may stand in elements of their own.
    match moment {
        Some(moment) if moment.precision > Precision::Day => Some(moment),
        Some(day) => beside(tree, at, dates).filter(|moment| day.is_told_better_by(*moment)).or(Some(day)),
        None if !has_weight || !has_year => beside(tree, at, dates),
        None => {
            is_month(node.text, dates).then(|| beside(tree, at, dates).or_else(|| boxed(tree, at, dates))).flatten()
        }
    }
}

/// Whether a text is a year and a month.
fn is_month(text: &str, dates: Manner) -> bool {
    dates.moment(text).is_some_and(|moment| moment.precision == Precision::Month)
}

/// The date that the texts of a line come to which stand in inline elements each.
fn beside(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Moment> {
    let line = tree.ancestors(at).find(|&around| !tree.node(around).tag.is_inline())?;
    let end = tree.node(line).end;
    let mut within = tree.within(line + 1..end);
    let is_line = end - line <= LINE_NODES && within.all(|(_, node)| node.tag == Tag::Text || is_plain(node.tag));
    if !is_line || tree.node(line).tag.is_heading() {
        return None;
    }
    joined(tree, line, dates)
}

/// The date of a month whose day stands on a line of its own beside it.
fn boxed(tree: &Tree<'_>, at: usize, dates: Manner) -> Option<Moment> {
    let line = tree.ancestors(at).find(|&around| !tree.node(around).tag.is_inline()).filter(|&line| line > 0)?;
    let around = tree.node(line).parent;
    let end = tree.node(around).end;
    let is_day = |text: &str| matches!(text.trim().len(), 1 | 2) && text.trim().bytes().all(|b| b.is_ascii_digit());
    let is_part = |(place, node): (usize, &Node<'_>)| match node.tag {
        Tag::Text => place == at || is_day(node.text) || node.text.trim().is_empty(),
        tag => tag != Tag::A && !tag.is_heading(),
    };
    let is_box = around > 0 && end - around <= LINE_NODES && tree.within(around + 1..end).all(is_part);
    is_box.then(|| joined(tree, around, dates)).flatten()
}

/// The date that the texts within an element come to, with spaces between them if need be.
fn joined(tree: &Tree<'_>, line: usize, dates: Manner) -> Option<Moment> {
    let is_date = |words: &str| weigh(words) <= DATE_WEIGHT && may_name_year(words);
    let words = tree.words(line);
    let shown = is_date(&words).then(|| read(dates, &words)).flatten();
    shown.or_else(|| {
        let texts = tree.subtree(line).filter(|(_, node)| node.tag == Tag::Text);
        let texts: Vec<&str> = texts.map(|(_, node)| node.text.trim()).collect();
        let spaced = html_escape::decode_html_entities(&texts.join(" ")).into_owned();
        (spaced != words && is_date(&spaced)).then(|| read(dates, &spaced)).flatten()
    })
}

fn is_plain(tag: Tag) -> bool {
    tag.is_inline() && tag != Tag::A
}

/// Elements and texts of a line that is a date.
const LINE_NODES: usize = 12;

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
        Tag::Aside | Tag::Nav | Tag::Script | Tag::Style | Tag::H2 | Tag::H3 | Tag::Figure | Tag::Figcaption => true,
        Tag::Footer if !tree.ancestors(at).any(|around| matches!(tree.node(around).tag, Tag::Article | Tag::Main)) => {
            true
        }
        Tag::Footer | Tag::Ul | Tag::Ol if leads.are_in(tree, at) => true,
        _ => {
            names().any(|names| has_word(names, &["comment", "comments", "related", "card", "teaser", "sidebar"]))
                || is_caption(tree, at)
        }
    }
}

/// Whether an element is named a picture's caption; a caption by itself may be a size of letters.
fn is_caption(tree: &Tree<'_>, at: usize) -> bool {
    const PICTURES: [&str; 9] = ["figure", "gallery", "image", "img", "media", "photo", "picture", "thumbnail", "wp"];
    let (node, around) = (tree.node(at), tree.node(tree.node(at).parent));
    is_named(&node, &["caption"]) && (is_named(&node, &PICTURES) || is_named(&around, &PICTURES))
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
