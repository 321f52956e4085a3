//! From tokens to entries: opens and closes elements as they were meant, and reads each item as soon as it ends.

use super::address;
use super::entry::{self, Place};
use super::head::{self, Head};
use super::html;
use super::kept::Kept;
use super::lexer::{Attribute, Lexer, Token};
use super::mended::{Damage, Mended};
use super::reference::Script;
use super::tree::{Content, Tree, local, split};
use super::vocabulary::{Name, Space};
use crate::date::Manner;
use crate::model::{DocumentKind, Entry, WebUrl};

/// Elements open at once; what lies deeper is left out. The deepest real feed had 14.
const DEPTH_MAX: usize = 200;
/// Nodes of the head, and of one item; the longest real item has some 5,000.
const NODES_MAX: usize = 100_000;
/// Namespaces bound at once; real feeds bind some 20.
const BINDINGS_MAX: usize = 256;

/// A document, read.
#[derive(Debug)]
pub(super) enum Document {
    /// A feed, with what it says of itself.
    Feed(DocumentKind, Box<Head>, Vec<Entry>),
    /// An HTML page.
    Html,
    /// Neither.
    Nothing,
}

/// Reads a document of XML, or of what was meant as such, its dates in the manner that is given; what they and its
/// language show of their manner is put in its place. Linear in its length; no recursion.
pub(super) fn read(text: &str, base: Option<&WebUrl>, dates: &mut Manner, mended: &mut Mended) -> Document {
    let mut reader = Reader::new(text, base, *dates, mended);
    let mut attributes = Vec::new();
    loop {
        let at = reader.lexer.position();
        let open = reader.open.last().map_or("", |open| open.written);
        let Some(token) = reader.lexer.next(open, &mut attributes) else { break };
        if let Some(fault) = reader.lexer.take_fault() {
            reader.mended.note(Damage::Markup(fault), at);
        }
        match token {
            Token::Text(raw) => reader.text(Content::Text(raw), raw, at),
            Token::Section(raw) => reader.text(Content::Section(raw), raw, at + "<![CDATA[".len()),
            Token::Start { name, is_empty } => {
                if reader.start(name, is_empty, &attributes, at) == Flow::Html {
                    // Some put a page, or its first tags, before their feed.
                    let Some(root) = html::root(text, at).filter(|_| !reader.is_behind_page) else {
                        return Document::Html;
                    };
                    reader.is_behind_page = true;
                    reader.has_junk = true;
                    reader.lexer.skip_to(root);
                }
            }
            Token::End(name) => reader.end(name, at),
            Token::Doctype(within) => {
                // What it says is not believed while there may be a feed: some put HTML's before their RSS.
                reader.is_html =
                    within.trim_ascii_start().get(..4).is_some_and(|kind| kind.eq_ignore_ascii_case("html"));
                reader.script.declare(within);
            }
            Token::Nothing => {}
        }
    }
    let (document, shown) = reader.finish(text.len());
    *dates = shown;
    document
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    On,
    Html,
}

/// An element that is open.
#[derive(Debug)]
struct Open<'a> {
    written: &'a str,
    space: Space,
    name: Name,
    /// Its node, and how many bindings and bases there were before it.
    node: usize,
    bindings: usize,
    bases: usize,
}

impl Open<'_> {
    fn is_holder(&self) -> bool {
        self.name.is_holder() && (self.space.is_own() || self.space == Space::Rdf)
    }
}

/// An element that holds items, for what it says of the feed.
#[derive(Debug)]
pub(super) struct Holder {
    /// Its node.
    pub(super) node: usize,
    /// What links in it are relative to.
    pub(super) base: Option<WebUrl>,
}

#[derive(Debug)]
struct Reader<'a, 'm> {
    lexer: Lexer<'a>,
    tree: Tree<'a>,
    script: Script<'a>,
    mended: &'m mut Mended,
    open: Vec<Open<'a>>,
    /// Where in `open` the item stands that is being read.
    item: Option<usize>,
    /// How many elements are open that were left out.
    left_out: usize,
    bindings: Vec<(&'a str, Space)>,
    /// The document's address, and each `xml:base` that holds.
    bases: Vec<WebUrl>,
    holders: Vec<Holder>,
    kind: Option<DocumentKind>,
    entries: Kept,
    has_junk: bool,
    /// Whether the document type is HTML's.
    is_html: bool,
    /// Whether a page was passed over before the root: without an entry it is that page.
    is_behind_page: bool,
    /// How dates are read, and how those met so far show that they are written.
    dates: Manner,
    shown: Manner,
}

impl<'a, 'm> Reader<'a, 'm> {
    fn new(text: &'a str, base: Option<&WebUrl>, dates: Manner, mended: &'m mut Mended) -> Self {
        Self {
            lexer: Lexer::new(text),
            tree: Tree::default(),
            script: Script::of(text),
            mended,
            open: Vec::new(),
            item: None,
            left_out: 0,
            bindings: Vec::new(),
            bases: base.cloned().into_iter().collect(),
            holders: Vec::new(),
            kind: None,
            entries: Kept::default(),
            has_junk: false,
            is_html: false,
            is_behind_page: false,
            dates,
            shown: Manner::default(),
        }
    }

    fn text(&mut self, content: Content<'a>, raw: &str, at: usize) {
        // Only fields hold text.
        let is_field = self.open.last().is_some_and(|open| !open.is_holder()) && self.left_out == 0;
        if is_field && self.item != Some(self.open.len().saturating_sub(1)) && !self.is_full() {
            self.tree.text(content, at);
        } else if self.holders.is_empty() {
            self.has_junk |= !raw.trim().is_empty();
        }
    }

    /// Whether no more nodes are taken, in this item or in the head.
    fn is_full(&self) -> bool {
        let from = self.item.and_then(|item| self.open.get(item)).map_or(0, |item| item.node);
        self.tree.len() - from >= NODES_MAX
    }

    fn start(&mut self, written: &'a str, is_empty: bool, attributes: &[Attribute<'a>], at: usize) -> Flow {
        let bindings = self.bindings.len();
        self.bind(attributes);
        let (prefix, local) = split(written);
        let (space, name) = (self.space_of(prefix), Name::of(local));
        let is_holder = name.is_holder() && (space.is_own() || space == Space::Rdf);
        let is_item = name.is_item() && space.is_own();
        if self.holders.is_empty() && self.entries.is_empty() {
            if matches!(name, Name::Html | Name::Body) {
                return Flow::Html;
            }
            self.has_junk |= !is_holder && !is_item;
        }
        self.close_what_ends_before(space, name, attributes.is_empty() && !is_empty, at);
        let is_left_out = self.left_out > 0 || self.open.len() >= DEPTH_MAX || self.is_full();
        if is_left_out && !(is_item && self.item.is_none()) {
            let damage = if self.is_full() { Damage::TooManyElements } else { Damage::TooDeep };
            self.mended.note(damage, at);
            self.left_out += usize::from(!is_empty && name != Name::Void);
            self.bindings.truncate(bindings);
            return Flow::On;
        }
        let open = Open { written, space, name, node: self.tree.len(), bindings, bases: self.bases.len() };
        self.tree.open(written, (space, name), attributes, at);
        self.rebase(attributes, is_holder, at);
        if is_holder {
            // An empty root says nothing of the feed that may follow it.
            if !is_empty {
                self.begin_holder(name, open.node, at);
            }
        } else if is_item {
            self.item = Some(self.open.len());
            self.left_out = 0;
        }
        let is_void = name == Name::Void && (space.is_own() || space == Space::Xhtml);
        self.open.push(open);
        if is_empty || is_void {
            self.close_last(at);
        }
        Flow::On
    }

    fn begin_holder(&mut self, name: Name, node: usize, at: usize) {
        if self.holders.is_empty() && self.has_junk {
            self.mended.note(Damage::JunkBefore, 0);
        }
        let kind = if name == Name::Feed { DocumentKind::Atom } else { DocumentKind::Rss };
        if self.kind.is_none() || self.entries.is_empty() {
            self.kind = Some(kind);
        }
        debug_assert!(at <= self.lexer.position());
        self.holders.push(Holder { node, base: self.bases.last().cloned() });
    }

    fn bind(&mut self, attributes: &[Attribute<'a>]) {
        for attribute in attributes {
            let Some(prefix) = attribute.name.strip_prefix("xmlns") else { continue };
            let prefix = prefix.strip_prefix(':').unwrap_or(prefix);
            let space = Space::of_address(attribute.value).unwrap_or_else(|| Space::of_prefix(prefix));
            if self.bindings.len() < BINDINGS_MAX {
                self.bindings.push((prefix, space));
            }
        }
    }

    fn space_of(&self, prefix: &str) -> Space {
        let bound = self.bindings.iter().rev().find(|(known, _)| *known == prefix);
        bound.map_or_else(|| Space::of_prefix(prefix), |&(_, space)| space)
    }

    /// Takes over an `xml:base`; CDF's channel has one without the prefix.
    fn rebase(&mut self, attributes: &[Attribute<'a>], is_holder: bool, at: usize) {
        let is_base =
            |name: &str| name.eq_ignore_ascii_case("xml:base") || is_holder && name.eq_ignore_ascii_case("base");
        let Some(base) = attributes.iter().find(|attribute| is_base(attribute.name)) else { return };
        let base = self.script.decode(base.value, at, self.mended);
        self.bases.extend(address::resolved(&base, self.bases.last()));
    }

    /// Closes elements that were left open: what begins now shows that they have ended.
    fn close_what_ends_before(&mut self, space: Space, name: Name, is_plain: bool, at: usize) {
        if name.is_item() && space.is_own() {
            if let Some(item) = self.item {
                self.mended.note(Damage::OpenItem, at);
                self.close_down_to(item, at);
            }
            while self.open.last().is_some_and(|open| open.name.is_line() || open.name.is_prose()) {
                self.mended.note(Damage::OpenField, at);
                self.close_last(at);
            }
            return;
        }
        if matches!(name, Name::Rss | Name::Rdf | Name::Feed) && space != Space::Other {
            if let Some(item) = self.item {
                self.mended.note(Damage::OpenItem, at);
                self.close_down_to(item, at);
            }
            return;
        }
        if space == Space::Other || space == Space::Xhtml || !name.is_field() {
            return;
        }
        let parent = self.item.or_else(|| self.open.iter().rposition(Open::is_holder));
        let Some(field) = parent.map(|parent| parent + 1) else { return };
        let is_direct = self.open.len() == field + 1;
        let Some(open) = self.open.get(field) else { return };
        let is_own_field = space.is_own() && (name.is_line() || name.is_prose() || name == Name::Enclosure);
        let ends = if open.name.is_line() || open.name == Name::Enclosure {
            is_direct
        } else if open.name.is_prose() && open.space != Space::Media {
            let begins = name.is_foreign_to_html()
                || is_direct && (name.is_prose() || is_plain && matches!(name, Name::Title | Name::Link));
            // A text in another namespace than the field's is no field of it: what an XML content holds is its own.
            begins && (is_direct || space.is_own() == open.space.is_own())
        } else {
            is_own_field && (open.space == Space::Media || open.name == Name::Author)
        };
        if ends {
            self.mended.note(Damage::OpenField, at);
            self.close_down_to(field, at);
        }
    }

    fn end(&mut self, written: &'a str, at: usize) {
        let name = Name::of(local(written));
        let is_frame = name.is_item() || name.is_holder();
        if self.left_out > 0 {
            if !is_frame {
                self.left_out -= 1;
                return;
            }
            self.left_out = 0;
        }
        // The end of a field does not end the item, let alone the feed.
        let floor = if is_frame { 0 } else { self.item.map_or(0, |item| item + 1) };
        let is_it = |open: &Open<'_>| open.written.eq_ignore_ascii_case(written);
        let found = self.open.iter().rposition(is_it).filter(|&found| found >= floor);
        let found = found.or_else(|| self.item.filter(|_| name.is_item()));
        match found {
            Some(found) => {
                if found + 1 < self.open.len() {
                    self.mended.note(Damage::OpenField, at);
                }
                self.close_down_to(found, at);
            }
            None => self.mended.note(Damage::StrayEndTag, at),
        }
    }

    /// Closes the element at `index` of the open ones, and those within it.
    fn close_down_to(&mut self, index: usize, at: usize) {
        while self.open.len() > index {
            self.close_last(at);
        }
    }

    fn close_last(&mut self, at: usize) {
        let Some(open) = self.open.pop() else { return };
        self.tree.close(open.node);
        if self.item == Some(self.open.len()) {
            self.item = None;
            self.left_out = 0;
            let found = self.entry(open.node);
            self.entries.push(found);
            self.tree.truncate(open.node);
        }
        self.bindings.truncate(open.bindings);
        self.bases.truncate(open.bases);
        debug_assert!(at <= self.lexer.position());
    }

    fn entry(&mut self, node: usize) -> Entry {
        let Some(item) = self.tree.element(node) else { return Entry::default() };
        let is_atom = item.kind().1 == Name::Entry || item.kind().0 == Space::Atom;
        let langs = self.open.iter().rev().filter_map(|open| self.tree.element(open.node)?.written("xml:lang"));
        let lang = item.written("xml:lang").or_else(|| langs.clone().next());
        let feed = self.holders.last().and_then(|holder| self.tree.element(holder.node));
        let place = Place { base: self.bases.last(), is_atom, lang, feed, dates: self.dates };
        entry::read(item, &place, &self.script, (&mut self.shown, self.mended))
    }

    fn finish(mut self, end: usize) -> (Document, Manner) {
        if let Some(item) = self.item {
            self.mended.note(Damage::Truncated, end);
            self.finish_cut_item(item, end);
        } else if self.open.iter().any(|open| open.is_holder() && self.would_hold_more(open)) {
            self.mended.note(Damage::Truncated, end);
        }
        self.close_down_to(0, end);
        let mut entries = self.entries.into_entries(self.mended);
        if self.is_behind_page && entries.is_empty() {
            return (Document::Html, self.shown);
        }
        let Some(kind) = self.kind else {
            // Any XML may have elements of these names.
            entries.retain(|entry| entry.title.is_some() && (entry.link.is_some() || entry.id.is_some()));
            if entries.is_empty() || self.is_html {
                return (if self.is_html { Document::Html } else { Document::Nothing }, self.shown);
            }
            self.mended.note(Damage::NoRoot, 0);
            return (Document::Feed(DocumentKind::Rss, Box::default(), entries), self.shown);
        };
        let head = head::read(&self.tree, &self.holders, &self.script, self.mended);
        for entry in entries.iter_mut().filter(|entry| entry.author.is_none()) {
            entry.author.clone_from(&head.author);
        }
        let shown = self.shown.declared(head.lang.as_deref());
        (Document::Feed(kind, Box::new(head), entries), shown)
    }

    /// Whether items may have been meant to follow in an open element: not in `rss` once its channel has ended.
    fn would_hold_more(&self, open: &Open<'_>) -> bool {
        open.name != Name::Rss || self.holders.last().is_none_or(|holder| holder.node <= open.node)
    }

    /// Reads the item that the document's end cuts off, if what there is of it names a story.
    fn finish_cut_item(&mut self, item: usize, end: usize) {
        // A line that is cut off says something else than was meant; a text only says less.
        if let Some(cut) = self.open.get(item + 1).filter(|field| !field.name.is_prose()).map(|field| field.node) {
            self.open.truncate(item + 1);
            self.tree.truncate(cut);
        }
        self.close_down_to(item + 1, end);
        let Some(node) = self.open.get(item).map(|open| open.node) else { return };
        self.tree.close(node);
        let entry = self.entry(node);
        if entry.title.is_some() && (entry.link.is_some() || entry.id.is_some()) {
            self.entries.push(entry);
        } else {
            self.mended.note(Damage::CutEntry, end);
        }
        self.item = None;
    }
}
