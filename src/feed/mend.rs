//! Makes well-formed XML of a feed as published: every tag closed, every reference known, every name declared.
//!
//! One pass, linear, without recursion. It repairs the form only; what the elements mean is map's to say.

use std::ops::Range;

use super::entity;
use super::tag::{Tag, local};
use crate::model::{DocumentKind, WebUrl};

/// Elements open at once; deeper documents are attacks (feed-rs recurses over them), the deepest real one had 14.
const DEPTH_MAX: usize = 200;

const ATOM: &str = "http://www.w3.org/2005/Atom";
const RSS_1: &str = "http://purl.org/rss/1.0/";

/// Prefixes that are used without being declared, and what they stand for.
const PREFIXES: &[(&str, &str)] = &[
    ("atom", ATOM),
    ("content", "http://purl.org/rss/1.0/modules/content/"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("wfw", "http://wellformedweb.org/CommentAPI/"),
];

/// RSS elements that hold text: HTML tags inside them were meant as text.
const TEXT_ELEMENTS: &[&str] = &["title", "description", "encoded", "summary", "author", "creator"];

/// HTML elements that stray into them.
const HTML: &[&str] = &[
    "a",
    "abbr",
    "article",
    "aside",
    "audio",
    "b",
    "big",
    "blockquote",
    "br",
    "center",
    "code",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "li",
    "object",
    "ol",
    "p",
    "param",
    "picture",
    "pre",
    "q",
    "s",
    "script",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "video",
    "wbr",
];

/// HTML elements without content, which are often left open in Atom's XHTML.
const VOID: &[&str] = &["br", "embed", "hr", "img", "input", "param", "wbr"];

/// A feed as well-formed XML.
#[derive(Debug, Default)]
pub(super) struct Mended {
    /// The document from its root on.
    pub(super) xml: String,
    /// The root's start tag within it.
    pub(super) root: Range<usize>,
    /// The root's name.
    pub(super) root_name: String,
    /// Items and entries within it, each a whole element.
    pub(super) items: Vec<Range<usize>>,
    /// Whether the document ends before its root does.
    pub(super) is_truncated: bool,
    /// Whether it is nested deeper than is read; then the rest is left out.
    pub(super) is_too_deep: bool,
}

/// Mends `document`, which begins with the root's start tag.
pub(super) fn mend(document: &str, kind: DocumentKind) -> Mended {
    let mut mender = Mender { is_atom: kind == DocumentKind::Atom, ..Mender::default() };
    mender.out.xml.reserve(document.len() + document.len() / 8);
    let mut rest = document;
    loop {
        let at = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
        let (text, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        if !mender.open.is_empty() {
            entity::push_text(&mut mender.out.xml, text);
        }
        if from.is_empty() {
            break;
        }
        rest = mender.markup(from);
        if mender.open.is_empty() || mender.out.is_too_deep {
            break;
        }
    }
    mender.finish()
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts of one pass, not a state")]
struct Mender {
    out: Mended,
    is_atom: bool,
    /// Names of open elements, as they will be closed.
    open: Vec<String>,
    /// The open item: how many elements are open around it, and where it begins.
    item: Option<(usize, usize)>,
    is_atom_03: bool,
    /// Searches that failed once are not made again: they would make the pass quadratic.
    no_comment_end: bool,
    no_cdata_end: bool,
}

impl Mender {
    /// Takes the markup at the start of `from`, which begins with `<`; gives what follows it.
    fn markup<'a>(&mut self, from: &'a str) -> &'a str {
        if let Some(inside) = from.strip_prefix("<!--") {
            let found = if self.no_comment_end { None } else { inside.split_once("-->") };
            self.no_comment_end |= found.is_none();
            return found.map_or(inside, |(_, after)| after);
        }
        if let Some(inside) = from.strip_prefix("<![CDATA[") {
            return self.cdata(inside);
        }
        if let Some(inside) = from.strip_prefix("<?").or_else(|| from.strip_prefix("<!")) {
            return inside.split_once('>').map_or("", |(_, after)| after);
        }
        let tag = Tag::read(from).filter(|tag| !self.is_meant_as_text(tag));
        let Some(tag) = tag else {
            self.out.xml.push_str("&lt;");
            return from.strip_prefix('<').unwrap_or_default();
        };
        if tag.is_end {
            self.end(tag.name);
        } else {
            self.start(&tag);
        }
        tag.rest
    }

    /// Takes a CDATA section; one without an end reaches to the end tag of its element.
    fn cdata<'a>(&mut self, inside: &'a str) -> &'a str {
        let found = if self.no_cdata_end { None } else { inside.split_once("]]>") };
        let (text, after) = found.unwrap_or_else(|| {
            self.no_cdata_end = true;
            let end = self.open.last().and_then(|name| inside.find(&format!("</{name}"))).unwrap_or(inside.len());
            inside.split_at_checked(end).unwrap_or((inside, ""))
        });
        self.out.xml.push_str("<![CDATA[");
        entity::push_characters(&mut self.out.xml, text);
        self.out.xml.push_str("]]>");
        after
    }

    fn is_meant_as_text(&self, tag: &Tag<'_>) -> bool {
        let within = self.open.last().map(|name| local(name));
        !self.is_atom
            && within.is_some_and(|within| TEXT_ELEMENTS.contains(&within))
            && HTML.contains(&tag.name.to_ascii_lowercase().as_str())
    }

    fn start(&mut self, tag: &Tag<'_>) {
        if self.open.len() >= DEPTH_MAX {
            self.out.is_too_deep = true;
            return;
        }
        let begins_item = !self.open.is_empty() && self.is_item(tag);
        if begins_item {
            self.close_until_container();
            self.item.get_or_insert((self.open.len(), self.out.xml.len()));
        }
        let is_root = self.open.is_empty();
        let name = match (is_root, self.is_atom_03) {
            (true, _) => root_name(tag.name),
            (false, true) => modern(tag.name),
            (false, false) => tag.name.to_owned(),
        };
        let begin = self.out.xml.len();
        self.out.xml.push('<');
        self.out.xml.push_str(&name);
        if is_root {
            self.root_attributes(tag);
        } else {
            self.attributes(tag.local(), &tag.attributes);
        }
        let is_void = VOID.contains(&tag.local());
        if tag.is_empty || is_void {
            self.out.xml.push_str("/>");
            self.close_item();
            return;
        }
        self.out.xml.push('>');
        if is_root {
            self.out.root = begin..self.out.xml.len();
            self.out.root_name.clone_from(&name);
        }
        self.open.push(name);
    }

    /// Whether a tag begins an item; only where the item's name has no prefix or one that can't be another vocabulary's.
    fn is_item(&self, tag: &Tag<'_>) -> bool {
        let expected = if self.is_atom { "entry" } else { "item" };
        let prefix = |name: &str| name.split_once(':').map(|(prefix, _)| prefix.to_owned()).unwrap_or_default();
        let own = prefix(tag.name);
        let is_ours = own.is_empty() || own == "rss" || own == "atom" || own == prefix(&self.out.root_name);
        is_ours && tag.local() == expected
    }

    /// Closes what a new item can't be part of: an item before it that was left open, above all.
    fn close_until_container(&mut self) {
        let is_container = |name: &String| matches!(local(name), "channel" | "RDF" | "rss" | "feed");
        while self.open.len() > 1 && !self.open.last().is_some_and(is_container) {
            self.close();
        }
    }

    fn attributes(&mut self, element: &str, attributes: &[(&str, &str)]) {
        let is_text =
            self.is_atom && matches!(element, "title" | "summary" | "content" | "rights" | "subtitle" | "tagline");
        for &(name, value) in attributes {
            match name {
                "xmlns:xml" | "xmlns:xmlns" => {}
                // RSS 2.0 has no namespace; feed-rs takes elements in one that it doesn't know for another vocabulary.
                "xmlns" if !self.is_atom => {}
                // An absolute base that can't be read would fail the whole document.
                "xml:base" if value.contains(':') && WebUrl::parse(value).is_err() => {}
                "type" if is_text => self.attribute(name, text_type(value, element)),
                _ if name.starts_with("xmlns") => self.attribute(name, namespace(value)),
                _ => self.attribute(name, value),
            }
        }
    }

    fn root_attributes(&mut self, tag: &Tag<'_>) {
        self.is_atom_03 = self.is_atom
            && (tag.attribute("version") == Some("0.3")
                || tag.attributes.iter().any(|(_, value)| value.contains("purl.org/atom/ns")));
        let is_rdf = tag.local().eq_ignore_ascii_case("rdf");
        let is_rss = !self.is_atom && !is_rdf;
        let kept = |name: &str| !(name == "xmlns" || is_rss && name == "version");
        let attributes: Vec<_> = tag.attributes.iter().copied().filter(|(name, _)| kept(name)).collect();
        self.attributes(tag.local(), &attributes);
        if is_rss {
            // feed-rs refuses other versions and none; 2.0 holds all that 0.9x has.
            self.attribute("version", "2.0");
        }
        if is_rdf {
            self.attribute("xmlns", RSS_1);
        }
        if self.is_atom && !tag.name.contains(':') {
            self.attribute("xmlns", ATOM);
        }
        for (prefix, uri) in PREFIXES {
            let declaration = format!("xmlns:{prefix}");
            if tag.attribute(&declaration).is_none() {
                self.attribute(&declaration, uri);
            }
        }
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let is_plain = name.is_ascii() && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !is_plain || name.ends_with(':') || name.matches(':').count() > 1 {
            return;
        }
        self.out.xml.push(' ');
        self.out.xml.push_str(name);
        self.out.xml.push('=');
        entity::push_value(&mut self.out.xml, value);
    }

    /// Takes an end tag: closes the nearest element of that name and all within it; without one it is ignored.
    fn end(&mut self, name: &str) {
        let name = if self.is_atom_03 { modern(name) } else { name.to_owned() };
        let Some(depth) = self.open.iter().rposition(|open| open.eq_ignore_ascii_case(&name)) else { return };
        while self.open.len() > depth {
            self.close();
        }
    }

    fn close(&mut self) {
        let Some(name) = self.open.pop() else { return };
        self.out.xml.push_str("</");
        self.out.xml.push_str(&name);
        self.out.xml.push('>');
        self.close_item();
    }

    fn close_item(&mut self) {
        if let Some((_, begin)) = self.item.take_if(|(depth, _)| *depth == self.open.len()) {
            self.out.items.push(begin..self.out.xml.len());
        }
    }

    fn finish(mut self) -> Mended {
        self.out.is_truncated = !self.open.is_empty();
        if let Some((depth, begin)) = self.item {
            // The item that the document's end cuts is told only where it can be known again.
            let cut = self.out.xml.get(begin..).unwrap_or_default();
            let is_known = ["</link>", "</guid>", "</id>", "<link "].iter().any(|mark| cut.contains(mark));
            if !(is_known && cut.contains("</title>")) {
                self.out.xml.truncate(begin);
                self.open.truncate(depth);
                self.item = None;
            }
        }
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }
}

/// The root's name in the case that feed-rs knows.
fn root_name(name: &str) -> String {
    let known = ["rss", "RDF", "feed"].into_iter().find(|known| known.eq_ignore_ascii_case(local(name)));
    let known = known.unwrap_or_else(|| local(name));
    name.split_once(':').map_or_else(|| known.to_owned(), |(prefix, _)| format!("{prefix}:{known}"))
}

/// Atom 0.3's names, as Atom 1.0 calls them (RFC 4287 appendix of changes).
fn modern(name: &str) -> String {
    match name {
        "issued" => "published",
        "modified" => "updated",
        "tagline" => "subtitle",
        other => other,
    }
    .to_owned()
}

/// A namespace as feed-rs knows it, whatever its case and final slash.
fn namespace(uri: &str) -> &str {
    let bare = |uri: &str| uri.trim().trim_end_matches(['/', '#']).replace("https://", "http://").to_ascii_lowercase();
    let given = bare(uri);
    if given == "http://purl.org/atom/ns" {
        return ATOM;
    }
    PREFIXES.iter().find(|(_, known)| bare(known) == given).map_or(uri, |&(_, known)| known)
}

/// The type of an Atom text construct in one of the words that feed-rs takes.
fn text_type<'a>(value: &'a str, element: &str) -> &'a str {
    match value.trim().to_ascii_lowercase().as_str() {
        "html" | "text/html" => "html",
        "xhtml" | "application/xhtml+xml" => "xhtml",
        "text" | "text/plain" | "plain" | "" => "text",
        _ if element == "content" && value.contains('/') => value,
        _ => "html",
    }
}
