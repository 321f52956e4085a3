//! Tags and texts to a flat tree.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use std::ops::Range;

use super::attributes::Attributes;
use super::element::Tag;
use super::lexer::{Lexer, Token};

/// Elements within one another at most; what is deeper stands beside its parent. Real pages nest some forty deep, and
/// each end tag looks through the open elements.
const DEPTH_MAX: usize = 256;
/// Elements and texts at most: thirty times what a news page has.
const NODES_MAX: usize = 200_000;

/// An element or a run of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::page) struct Node<'a> {
    /// What it is.
    pub(in crate::page) tag: Tag,
    /// The element's name as written; of a text what it says, entities and all.
    pub(in crate::page) text: &'a str,
    /// Its attributes.
    pub(in crate::page) attributes: Attributes<'a>,
    /// What holds it.
    pub(in crate::page) parent: usize,
    /// Just after the last of what it holds: the nodes from its own place + 1 up to here are within it.
    pub(in crate::page) end: usize,
}

/// A page: its nodes in document order, the first holds all others.
///
/// `html`, `head` and `body` hold nothing: what stands in them stands beside them.
#[derive(Debug)]
pub(in crate::page) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
}

impl<'a> Tree<'a> {
    /// Builds the tree of a page.
    pub(in crate::page) fn build(html: &'a str) -> Self {
        let mut builder = Builder::default();
        builder.nodes.push(Node { tag: Tag::Root, ..Node::default() });
        builder.open.push((0, Tag::Root));
        for token in Lexer::new(html) {
            match token {
                Token::Start { tag, name, attributes } => builder.start(tag, name, attributes),
                Token::End { tag, name } => builder.end(tag, name),
                Token::Text(text) | Token::Literal(text) => {
                    builder.push(Node { tag: Tag::Text, text, ..Node::default() });
                    if let Some(tag) = builder.top().filter(|tag| tag.is_raw()) {
                        builder.close_at(builder.open.len().saturating_sub(1), tag);
                    }
                }
            }
            if builder.nodes.len() >= NODES_MAX {
                break;
            }
        }
        builder.truncate(0);
        Self { nodes: builder.nodes }
    }

    /// Gives the node at a place; an empty one where there is none.
    pub(in crate::page) fn node(&self, at: usize) -> Node<'a> {
        self.nodes.get(at).copied().unwrap_or_default()
    }

    /// All nodes with their places, in document order.
    pub(in crate::page) fn nodes(&self) -> impl DoubleEndedIterator<Item = (usize, &Node<'a>)> {
        self.nodes.iter().enumerate()
    }

    /// The nodes within the one at a place, and itself.
    pub(in crate::page) fn subtree(&self, at: usize) -> impl Iterator<Item = (usize, &Node<'a>)> {
        let end = self.node(at).end.max(at + 1);
        self.nodes.get(at..end).unwrap_or_default().iter().enumerate().map(move |(i, node)| (at + i, node))
    }

    /// The nodes at a range of places.
    pub(in crate::page) fn within(&self, places: Range<usize>) -> impl Iterator<Item = (usize, &Node<'a>)> {
        let start = places.start;
        self.nodes.get(places).unwrap_or_default().iter().enumerate().map(move |(i, node)| (start + i, node))
    }

    /// What holds the node at a place, from the nearest out to the root.
    pub(in crate::page) fn ancestors(&self, at: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(at), |&at| (at > 0).then(|| self.node(at).parent)).skip(1)
    }

    /// The words in the node at a place, decoded, one space between; what no reader sees is left out. Where two elements
    /// stand side by side in a line and one has a class, style parts them, and here a space, unless they may be parts of a word.
    pub(in crate::page) fn words(&self, at: usize) -> String {
        let mut words = String::new();
        let mut skip_to = 0;
        let mut closing = Vec::new();
        for (place, node) in self.subtree(at) {
            if place < skip_to {
                continue;
            }
            match node.tag {
                Tag::Script | Tag::Style | Tag::Template | Tag::Noscript | Tag::Svg => skip_to = node.end,
                Tag::Text => push_words(&mut words, node.text),
                Tag::Br | Tag::Img | Tag::Td | Tag::Th => words.push(' '),
                tag if tag.is_block() => words.push(' '),
                tag if tag.is_inline() && place > at && self.is_apart(place, &mut closing, &words) => words.push(' '),
                _ => {}
            }
        }
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether an element within a line stands apart from the one right before it; `closing` holds the ends of those that were
    /// met, whether they have a class, and where in the words before they began.
    fn is_apart(&self, at: usize, closing: &mut Vec<(usize, bool, usize)>, before: &str) -> bool {
        let node = self.node(at);
        let has_class = node.attributes.has("class");
        while closing.last().is_some_and(|(end, ..)| *end < at) {
            closing.pop();
        }
        let ended = || closing.iter().rev().take_while(|(end, ..)| *end == at);
        let is_next = ended().next().is_some() && (has_class || ended().any(|(_, had_class, _)| *had_class));
        let start = ended().last().map_or(before.len(), |(.., start)| *start);
        closing.push((node.end, has_class, before.len()));
        if !is_next {
            return false;
        }
        let text = self.subtree(at).find(|(_, inner)| inner.tag == Tag::Text).map_or("", |(_, inner)| inner.text);
        let last = before.chars().next_back().unwrap_or_default();
        let first = text.chars().next().unwrap_or_default();
        // A word may be in two parts, its first letter large: it goes on in small ones. Letters without case, and digits, may
        // go on in any.
        let is_begun =
            first.is_uppercase() || first.is_ascii_digit() && text.len() >= DATE_BYTES && !last.is_ascii_digit();
        let is_ended = last.is_lowercase() || last.is_uppercase() || last.is_ascii_digit();
        let own = before.get(start..).unwrap_or_default();
        is_begun && is_ended && own.chars().filter(|c| c.is_alphanumeric()).nth(1).is_some()
    }
}

/// Bytes of what begins with a digit and is no part of a word: the shortest date has as many.
const DATE_BYTES: usize = 6;

fn push_words(words: &mut String, raw: &str) {
    words.push_str(&html_escape::decode_html_entities(raw));
}

#[derive(Default)]
struct Builder<'a> {
    nodes: Vec<Node<'a>>,
    open: Vec<(usize, Tag)>,
    /// Open elements beyond the depth that is kept.
    beyond: usize,
}

impl<'a> Builder<'a> {
    fn top(&self) -> Option<Tag> {
        self.open.last().map(|(_, tag)| *tag)
    }

    fn push(&mut self, node: Node<'a>) -> usize {
        let at = self.nodes.len();
        let parent = self.open.last().map_or(0, |(at, _)| *at);
        self.nodes.push(Node { parent, end: at + 1, ..node });
        at
    }

    /// Closes open elements until `depth` are left.
    fn truncate(&mut self, depth: usize) {
        let end = self.nodes.len();
        for (at, _) in self.open.drain(depth.min(self.open.len())..) {
            if let Some(node) = self.nodes.get_mut(at) {
                node.end = end;
            }
        }
    }

    /// Closes the open element at `depth`, if it is still that.
    fn close_at(&mut self, depth: usize, tag: Tag) {
        if self.open.get(depth).is_some_and(|(_, open)| *open == tag) {
            self.truncate(depth);
        }
    }

    /// Closes the innermost open element that `is_it`, unless one that `is_border` comes first.
    fn close_within(&mut self, is_it: impl Fn(Tag) -> bool, is_border: impl Fn(Tag) -> bool) {
        for depth in (1..self.open.len()).rev() {
            let Some((_, tag)) = self.open.get(depth) else { return };
            if is_it(*tag) {
                return self.truncate(depth);
            }
            if is_border(*tag) {
                return;
            }
        }
    }

    fn start(&mut self, tag: Tag, name: &'a str, attributes: Attributes<'a>) {
        self.imply_ends(tag);
        let at = self.push(Node { tag, text: name, attributes, ..Node::default() });
        if tag.is_void() || matches!(tag, Tag::Html | Tag::Head | Tag::Body) {
            return;
        }
        // Foreign elements close themselves; in HTML the slash means nothing.
        let is_foreign = tag == Tag::Other || tag == Tag::Svg;
        if is_foreign && attributes.is_self_closing() {
            return;
        }
        // A raw element is left with its text, so it is never in the way.
        if self.open.len() >= DEPTH_MAX && !tag.is_raw() {
            self.beyond += 1;
            return;
        }
        self.open.push((at, tag));
    }

    /// Closes what the start of this element ends.
    fn imply_ends(&mut self, tag: Tag) {
        let is_wall = Tag::is_wall;
        match tag {
            Tag::Li => {
                self.close_within(|t| t == Tag::Li, |t| is_wall(t) || matches!(t, Tag::Ul | Tag::Ol | Tag::Menu));
            }
            Tag::Dt | Tag::Dd => {
                self.close_within(|t| matches!(t, Tag::Dt | Tag::Dd), |t| is_wall(t) || t == Tag::Dl);
            }
            Tag::Td | Tag::Th => self.close_within(Tag::is_cell, |t| matches!(t, Tag::Table | Tag::Tr)),
            Tag::Tr => self.close_within(|t| t == Tag::Tr, |t| t == Tag::Table),
            Tag::Tbody | Tag::Thead | Tag::Tfoot => {
                self.close_within(|t| matches!(t, Tag::Tbody | Tag::Thead | Tag::Tfoot), |t| t == Tag::Table);
            }
            Tag::Option | Tag::Optgroup => self.close_within(|t| t == Tag::Option, |t| t == Tag::Select || is_wall(t)),
            Tag::A => self.close_anchor(),
            _ => {}
        }
        if tag.is_block() {
            self.close_within(|t| t == Tag::P, |t| !t.is_inline());
            if tag.is_heading() {
                self.close_within(Tag::is_heading, |t| !t.is_inline());
            }
        }
    }

    /// A link never holds a link: the open one ends, or, where blocks have begun within it, is no link from now on.
    fn close_anchor(&mut self) {
        let is_open = |open: &(usize, Tag)| open.1 == Tag::A;
        let Some(depth) = self.open.iter().rposition(is_open) else { return };
        let beyond = self.open.get(depth + 1..).unwrap_or_default();
        if beyond.iter().all(|(_, tag)| tag.is_inline()) {
            return self.truncate(depth);
        }
        if beyond.iter().any(|(_, tag)| tag.is_wall()) {
            return;
        }
        if let Some((at, tag)) = self.open.get_mut(depth) {
            *tag = Tag::Span;
            if let Some(node) = self.nodes.get_mut(*at) {
                node.tag = Tag::Span;
            }
        }
    }

    fn end(&mut self, tag: Tag, name: &'a str) {
        if matches!(tag, Tag::Html | Tag::Head | Tag::Body) || tag.is_void() {
            return;
        }
        if tag.is_raw() {
            return self.close_at(self.open.len().saturating_sub(1), tag);
        }
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        if self.close_named(tag, name) || tag != Tag::P {
            return;
        }
        // HTML, "in body": an end tag of no open paragraph is an empty one.
        self.push(Node { tag, text: name, ..Node::default() });
    }

    /// Closes the innermost element of this name within reach; says whether there was one.
    fn close_named(&mut self, tag: Tag, name: &str) -> bool {
        let is_of_table =
            matches!(tag, Tag::Table | Tag::Tbody | Tag::Thead | Tag::Tfoot | Tag::Tr | Tag::Td | Tag::Th);
        for depth in (1..self.open.len()).rev() {
            let Some((at, open)) = self.open.get(depth).copied() else { return false };
            let is_named = tag != Tag::Other || self.nodes.get(at).is_some_and(|n| n.text.eq_ignore_ascii_case(name));
            if open == tag && is_named {
                self.truncate(depth);
                return true;
            }
            let is_border = match tag {
                // Formatting that blocks have begun within ends with them: closing them would move all that follows.
                tag if tag.is_inline() => !open.is_inline() && open != Tag::Other,
                Tag::P => !open.is_inline() && open != Tag::Other,
                Tag::Li => open.is_wall() || matches!(open, Tag::Ul | Tag::Ol),
                _ if is_of_table => open == Tag::Table,
                _ => open.is_wall(),
            };
            if is_border {
                return false;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Tree;
    use crate::page::markup::Tag;

    /// The tree as text: each element with what it holds in brackets.
    fn shape(html: &str) -> String {
        let tree = Tree::build(html);
        let mut ends: Vec<usize> = Vec::new();
        let mut out = String::new();
        for (at, node) in tree.nodes().skip(1) {
            while ends.pop_if(|end| *end <= at).is_some() {
                out.push(')');
            }
            out.push_str(if out.is_empty() || out.ends_with('(') { "" } else { " " });
            out.push_str(node.text);
            if node.end > at + 1 {
                out.push('(');
                ends.push(node.end);
            }
        }
        out.push_str(&")".repeat(ends.len()));
        out
    }

    fn check(html: &str, expected: &str) {
        assert_eq!(shape(html), expected, "{html}");
    }

    #[test]
    fn end_tags_that_are_left_out_are_implied() {
        check("<p>a<p>b<div>c</div>", "p(a) p(b) div(c)");
        check("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>e", "ul(li(a) li(b ul(li(c))) li(d)) e");
        check("<dl><dt>a<dd>b<dt>c</dl>", "dl(dt(a) dd(b) dt(c))");
        check("<table><tr><td>a<td>b<tr><td>c</table>d", "table(tr(td(a) td(b)) tr(td(c))) d");
        check("<p><b>a</p>b", "p(b(a)) b");
        check("<a>one<a>two</a>", "a(one) a(two)");
        check("<a><div>one</div><a>two</a></a>b", "a(div(one)) a(two) b");
        check("<a><div>one<a>two</a></div>b", "a(div(one a(two)) b)");
    }

    #[test]
    fn end_tags_that_name_nothing_within_reach_close_nothing() {
        check("<div>a</span></section>b</div>c", "div(a b) c");
        // But this one starts a paragraph that is empty (HTML, "in body").
        check("<div>a</p>b</div>", "div(a p b)");
        check("<div><table><tr><td></div>a</table>b</div>", "div(table(tr(td(a))) b)");
        check("<b><div>a</b>b</div>c", "b(div(a b) c)");
    }

    #[test]
    fn what_stands_in_scripts_and_comments_is_no_markup() {
        check("<script>if (a<b) '</p>'</SCRIPT >a", "script(if (a<b) '</p>') a");
        check("a<!-- <p> --><!--->b<!doctype html><?x?></3>c < d <3", "a b c < d <3");
        check("<title>a <b></title><p title='>' x='</p>' y=a/b>c", "title(a <b>) p(c)");
        check("<br/><x-y/><p/>a", "br x-y p(a)");
        check("<p title='never closed>a<b>c", "p(a b(c))");
    }

    proptest! {
        #[test]
        fn every_subtree_lies_within_its_parents(
            html in "(</?(p|div|b|a|li|ul|td|tr|table|script|svg|h1|br|x-y)( [a-z\"'=/>]{0,6})?>|<!--|-->|[a-zé<&; ]{0,5}){0,60}"
        ) {
            let tree = Tree::build(&html);
            for (at, node) in tree.nodes() {
                prop_assert!(node.end > at && node.end <= tree.node(node.parent).end);
                prop_assert!(at == 0 || node.parent < at);
                prop_assert!(node.tag != Tag::Text || node.end == at + 1);
            }
        }
    }
}
