//! The steps from a tree to text.

use std::ops::Range;

use crate::page::markup::Tree;

use super::blocks::{blocks, within};
use super::choice::{bounds, choose};
use super::furniture::is_body;
use super::prune::prune;
use super::trim::lines;

/// Gives the text of the article on a page that stands under this `heading`, a paragraph a line; empty where there is none.
///
/// What is in the elements of `others` is left out.
pub(in crate::page) fn extract(
    tree: &Tree<'_>,
    title: Option<&str>,
    heading: Option<usize>,
    others: &[Range<usize>],
) -> String {
    let is_body: Vec<bool> = tree.nodes().map(|(_, node)| is_body(node)).collect();
    let dropped = prune(tree, &is_body, heading, others);
    let blocks = blocks(tree, &dropped);
    let chosen = choose(tree, &blocks, &is_body);
    let range = within(&blocks, bounds(tree, &blocks, chosen));
    lines(tree, &dropped, blocks.get(range).unwrap_or_default(), title).join("\n")
}
