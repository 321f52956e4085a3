//! The days that a page gives to its list's items: by headings, by lines that are nothing but a day, in addresses.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::date::Manner;
use crate::model::WebUrl;
use crate::page::dateline::said;
use crate::page::markup::{Node, Tag, Tree};

use super::group::classes;
use super::item::has_inner;

/// Elements and texts of a line that may be a date, and lines of a page that are looked at.
const LINE_NODES_MAX: usize = 6;
const LINES_MAX: usize = 1_000;

/// A day that stands before what it is the day of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day {
    /// Its place.
    pub(super) at: usize,
    /// Where what it is the day of ends, at the latest: with the element that holds it.
    pub(super) end: usize,
    pub(super) moment: Timestamp,
}

/// The days that a page names, each kind in its order.
#[derive(Debug, Default)]
pub(super) struct Days {
    headings: Vec<Day>,
    lines: Vec<Day>,
}

impl Days {
    /// Reads the page's headings and short lines; `dates` is how it writes dates.
    pub(super) fn of(tree: &Tree<'_>, dates: Manner) -> Self {
        let of = |(at, node): (usize, &Node<'_>)| {
            let moment = tree.subtree(at).find_map(|(text, _)| said(tree, text, dates))?;
            Some(Day { at, end: tree.node(node.parent).end, moment: moment.at })
        };
        let headings = tree.nodes().filter(|(_, node)| node.tag.is_heading()).filter_map(of).collect();
        let lines = tree.nodes().filter(|(at, node)| !node.tag.is_heading() && is_line(tree, *at));
        Self { headings, lines: lines.filter_map(of).take(LINES_MAX).collect() }
    }

    /// Those of a list, whose items stand at `places`: an item follows the day within the same element. None where there is but one,
    /// which may be the day on which the page is read.
    pub(super) fn of_list(&self, tree: &Tree<'_>, places: &[usize]) -> Vec<Day> {
        let has_item = |day: &&Day| items_from(places, day.at, day.end) > 0;
        let headings: Vec<Day> = self.headings.iter().filter(has_item).copied().collect();
        if headings.len() >= 2 { headings } else { self.lines_of(tree, places) }
    }

    /// Lines that stand alike, whose days follow one another, the last with items behind it, and some with several: before each
    /// one alone it is that item's date.
    fn lines_of(&self, tree: &Tree<'_>, places: &[usize]) -> Vec<Day> {
        let is_in_item = |at: usize| {
            let last = places.partition_point(|place| *place <= at).checked_sub(1).and_then(|last| places.get(last));
            last.is_some_and(|&last| at < tree.node(last).end)
        };
        let apart: Vec<Day> = self.lines.iter().filter(|day| !is_in_item(day.at)).copied().collect();
        let mut alike: BTreeMap<(&str, BTreeSet<&str>), Vec<Day>> = BTreeMap::new();
        for day in &apart {
            let node = tree.node(day.at);
            alike.entry((node.text, classes(&node))).or_default().push(*day);
        }
        let with_items = |days: Vec<Day>| -> Vec<Day> {
            let ends: Vec<usize> = days.iter().skip(1).map(|day| day.at).chain([usize::MAX]).collect();
            let counts: Vec<usize> =
                days.iter().zip(&ends).map(|(day, end)| items_from(places, day.at, day.end.min(*end))).collect();
            // Where items stand before the first, the lines may stand below what they date.
            let leads = days.first().is_some_and(|day| items_from(places, tree.node(day.at).parent, day.at) == 0);
            let is_before = leads && counts.last().is_some_and(|count| *count > 0);
            let has_several = counts.iter().any(|count| *count > 1);
            let days: Vec<Day> =
                days.into_iter().zip(counts).filter(|(_, count)| *count > 0).map(|(day, _)| day).collect();
            let is_new_first = days.is_sorted_by(|one, next| one.moment > next.moment);
            let are_sorted = is_new_first || days.is_sorted_by(|one, next| one.moment < next.moment);
            if is_before && has_several && are_sorted && days.len() >= 2 { days } else { Vec::new() }
        };
        let mut found = alike.into_values().map(with_items).max_by_key(Vec::len).unwrap_or_default();
        if found.is_empty() {
            return found;
        }
        // A date of another kind ends the day before it, and so does a section's heading.
        let taken: BTreeSet<usize> = found.iter().map(|day| day.at).collect();
        let headings = tree.nodes().filter(|(_, node)| node.tag.is_heading()).map(|(at, _)| at);
        let headings = headings.filter(|at| !is_in_item(*at));
        let mut others: Vec<usize> = apart.iter().map(|day| day.at).filter(|at| !taken.contains(at)).collect();
        others.extend(headings);
        others.sort_unstable();
        for day in &mut found {
            let next = others.get(others.partition_point(|other| *other < day.at));
            day.end = next.map_or(day.end, |next| day.end.min(*next));
        }
        found
    }
}

/// How many of a list's items stand behind a place, up to another.
fn items_from(places: &[usize], at: usize, end: usize) -> usize {
    places.partition_point(|place| *place < end).saturating_sub(places.partition_point(|place| *place <= at))
}

/// Whether an element is a line of few words: they may be a date.
fn is_line(tree: &Tree<'_>, at: usize) -> bool {
    let node = tree.node(at);
    let is_line = node.tag.is_block() || node.tag.is_cell() || matches!(node.tag, Tag::Dt | Tag::Li);
    let is_small = node.end - at <= LINE_NODES_MAX;
    is_line && is_small && !has_inner(tree, at) && !tree.subtree(at).any(|(_, node)| node.tag == Tag::A)
}

fn midnight(year: &str, month: &str, day: &str) -> Option<Timestamp> {
    let year = year.parse().ok().filter(|known| (1990..2100).contains(known) && year.len() == 4)?;
    let date = jiff::civil::Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()?;
    jiff::tz::TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

/// The day in eight digits: `20211206`.
fn day_of(digits: &str) -> Option<Timestamp> {
    let are_digits = digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_digit());
    are_digits.then(|| midnight(digits.get(..4)?, digits.get(4..6)?, digits.get(6..)?)).flatten()
}

/// The day in an address: `/2021/12/06/`, `/t20211206_1.shtml`.
pub(super) fn day_in(link: &WebUrl) -> Option<Timestamp> {
    let steps: Vec<&str> = link.as_url().path_segments()?.collect();
    let in_three = steps.array_windows().find_map(|[year, month, day]| midnight(year, month, day));
    in_three.or_else(|| day_of(steps.last()?.strip_prefix('t')?.split_once('_')?.0))
}

/// The day that an article's folder may be: `/20211206/title.html`. At an address's end eight digits are a number as likely, and further on
/// a topic's or a summit's day.
pub(super) fn folder_day(link: &WebUrl) -> Option<Timestamp> {
    let mut steps = link.as_url().path_segments()?;
    let first = steps.next()?;
    steps.any(|step| !step.is_empty()).then(|| day_of(first)).flatten()
}
