//! Elements and text in an arena, in the document's order: an element's content is the nodes up to its end.
//!
//! An item's nodes are taken off once it is read, so the arena holds the head and one item at a time.

use std::borrow::Cow;

use super::lexer::Attribute;
use super::mended::Mended;
use super::reference::Script;
use super::vocabulary::{Name, Space};

/// White space as it is written where a field must not be empty.
const SPACES: [&str; 3] = ["&nbsp;", "&#160;", "&#xA0;"];

/// What a node is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'a> {
    /// An element.
    Element {
        /// Its name with its prefix, as written.
        written: &'a str,
        /// Its local name, if it means something.
        name: Name,
        /// Its namespace.
        space: Space,
        /// Where its attributes begin, and how many there are.
        attributes: (usize, usize),
    },
    /// Text as written.
    Text(&'a str),
    /// The content of a CDATA section.
    Section(&'a str),
}

/// An element or a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) content: Content<'a>,
    /// Where it stands in the document, in bytes.
    pub(super) at: usize,
    /// The node after its last descendant.
    pub(super) end: usize,
}

/// The arena.
#[derive(Debug, Default)]
pub(super) struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    attributes: Vec<Attribute<'a>>,
}

impl<'a> Tree<'a> {
    /// How many nodes there are: the index of the next one.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Appends an element that is open.
    pub(super) fn open(
        &mut self,
        written: &'a str,
        (space, name): (Space, Name),
        attributes: &[Attribute<'a>],
        at: usize,
    ) {
        let from = self.attributes.len();
        self.attributes.extend_from_slice(attributes);
        let attributes = (from, attributes.len());
        self.nodes.push(Node { content: Content::Element { written, name, space, attributes }, at, end: usize::MAX });
    }

    /// Appends text.
    pub(super) fn text(&mut self, content: Content<'a>, at: usize) {
        let end = self.nodes.len() + 1;
        self.nodes.push(Node { content, at, end });
    }

    /// Ends the element at `index`: what was appended since is its content.
    pub(super) fn close(&mut self, index: usize) {
        let end = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(index) {
            node.end = end;
        }
    }

    /// Takes off the nodes from `index` on.
    pub(super) fn truncate(&mut self, index: usize) {
        let mut cut = self.nodes.drain(index.min(self.nodes.len())..);
        let first = cut.find_map(|node| match node.content {
            Content::Element { attributes: (from, _), .. } => Some(from),
            Content::Text(_) | Content::Section(_) => None,
        });
        drop(cut);
        if let Some(first) = first {
            self.attributes.truncate(first);
        }
    }

    /// Takes off the first element of `index`'s content that is still open, with what follows it.
    pub(super) fn element(&self, index: usize) -> Option<Element<'_, 'a>> {
        let node = self.nodes.get(index)?;
        matches!(node.content, Content::Element { .. }).then_some(Element { tree: self, index })
    }
}

/// An element of a tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'t, 'a> {
    tree: &'t Tree<'a>,
    index: usize,
}

impl<'t, 'a> Element<'t, 'a> {
    fn nodes(self) -> &'t [Node<'a>] {
        let end = self.tree.nodes.get(self.index).map_or(0, |node| node.end).min(self.tree.nodes.len());
        self.tree.nodes.get(self.index + 1..end).unwrap_or_default()
    }

    /// Its local name and namespace.
    pub(super) fn kind(self) -> (Space, Name) {
        match self.tree.nodes.get(self.index).map(|node| node.content) {
            Some(Content::Element { space, name, .. }) => (space, name),
            Some(Content::Text(_) | Content::Section(_)) | None => (Space::Other, Name::Other),
        }
    }

    /// Where it stands in the document, in bytes.
    pub(super) fn at(self) -> usize {
        self.tree.nodes.get(self.index).map_or(0, |node| node.at)
    }

    /// Its child elements.
    pub(super) fn children(self) -> impl Iterator<Item = Element<'t, 'a>> {
        let end = self.index + 1 + self.nodes().len();
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            while next < end {
                let index = next;
                next = self.tree.nodes.get(index)?.end.max(index + 1);
                if let Some(element) = self.tree.element(index) {
                    return Some(element);
                }
            }
            None
        })
    }

    /// Its first child element of that local name.
    pub(super) fn child(self, name: Name) -> Option<Self> {
        self.children().find(|child| child.kind().1 == name)
    }

    /// Whether there is nothing to be read in it: no character but white space, and no element that says something by its
    /// attributes.
    pub(super) fn is_blank(self) -> bool {
        self.nodes().iter().all(|node| match node.content {
            Content::Text(raw) | Content::Section(raw) => is_blank(raw),
            Content::Element { attributes: (_, count), .. } => count == 0,
        })
    }

    /// Whether it holds elements.
    pub(super) fn has_markup(self) -> bool {
        self.nodes().iter().any(|node| matches!(node.content, Content::Element { .. }))
    }

    /// The value of an attribute as written: by its whole name, or by its local name without a prefix.
    pub(super) fn written(self, name: &str) -> Option<&'a str> {
        let Some(Content::Element { attributes: (from, count), .. }) =
            self.tree.nodes.get(self.index).map(|node| node.content)
        else {
            return None;
        };
        let attributes = self.tree.attributes.get(from..from + count)?;
        attributes.iter().find(|known| known.name.eq_ignore_ascii_case(name)).map(|known| known.value)
    }

    /// The value of an attribute, trimmed; `None` where it is absent or empty.
    pub(super) fn attribute(self, name: &str, script: &Script<'_>, mended: &mut Mended) -> Option<Cow<'a, str>> {
        let value = script.decode(self.written(name)?, self.at(), mended);
        let value = match value {
            Cow::Borrowed(value) => Cow::Borrowed(value.trim()),
            Cow::Owned(value) => Cow::Owned(value.trim().to_owned()),
        };
        (!value.is_empty()).then_some(value)
    }

    /// All its text, references decoded; that of its descendants too.
    pub(super) fn text(self, script: &Script<'_>, mended: &mut Mended) -> Cow<'a, str> {
        let mut text = Cow::Borrowed("");
        for node in self.nodes() {
            let piece = match node.content {
                Content::Text(raw) => script.decode(raw, node.at, mended),
                Content::Section(raw) => script.characters(raw, node.at, mended),
                Content::Element { .. } => continue,
            };
            if text.is_empty() {
                text = piece;
            } else {
                text.to_mut().push_str(&piece);
            }
        }
        text
    }

    /// Its content as HTML: elements written out again without prefixes, text as it was written.
    pub(super) fn markup(self, script: &Script<'_>, mended: &mut Mended) -> String {
        let mut out = String::new();
        let mut open: Vec<(usize, &str)> = Vec::new();
        let first = self.index + 1;
        for (index, node) in (first..).zip(self.nodes()) {
            while let Some((_, name)) = open.pop_if(|(end, _)| *end <= index) {
                close(&mut out, name);
            }
            match node.content {
                Content::Element { written, name, attributes: (from, count), .. } => {
                    let local = local(written);
                    out.push('<');
                    out.push_str(local);
                    for attribute in self.tree.attributes.get(from..from + count).unwrap_or_default() {
                        push_attribute(&mut out, *attribute);
                    }
                    out.push('>');
                    if name != Name::Void {
                        open.push((node.end, local));
                    }
                }
                Content::Text(raw) => push_text(&mut out, raw, &script.decode(raw, node.at, mended)),
                Content::Section(raw) => out.push_str(&script.characters(raw, node.at, mended)),
            }
        }
        while let Some((_, name)) = open.pop() {
            close(&mut out, name);
        }
        out
    }
}

/// Whether a text as written is white space; nearly all show at once that they aren't.
fn is_blank(raw: &str) -> bool {
    let mut rest = raw.trim_start();
    while let Some(after) = SPACES.iter().find_map(|space| rest.strip_prefix(space)) {
        rest = after.trim_start();
    }
    rest.is_empty()
}

fn close(out: &mut String, name: &str) {
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

/// Text among elements stays escaped, as it is in HTML.
fn push_text(out: &mut String, raw: &str, decoded: &str) {
    if raw == decoded { out.push_str(raw) } else { out.push_str(&html_escape::encode_text(decoded)) }
}

fn push_attribute(out: &mut String, attribute: Attribute<'_>) {
    if attribute.name.starts_with("xmlns") {
        return;
    }
    let quote = if attribute.value.contains('"') { '\'' } else { '"' };
    out.push(' ');
    out.push_str(local(attribute.name));
    out.push('=');
    out.push(quote);
    out.push_str(attribute.value);
    out.push(quote);
}

/// A name's prefix (empty where it has none) and what follows it.
pub(super) fn split(name: &str) -> (&str, &str) {
    // Names are short: looking at each byte is faster than any search.
    let at = name.bytes().rposition(|b| b == b':');
    at.and_then(|at| Some((name.get(..at)?, name.get(at + 1..)?))).unwrap_or(("", name))
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    split(name).1
}
