//! A list of sources from bytes.

use std::borrow::Cow;
use std::time::Duration;

use memchr::memchr_iter;

use super::NAMESPACE;
use super::outline::{Attributes, Outline, web_address};
use crate::charset;
use crate::feed::lexer::{Attribute, Lexer, Token};
use crate::feed::mended::{Damage, Mended};
use crate::feed::reference::Script;
use crate::feed::tree::local;
use crate::model::{Problem, SourceSpec};
use crate::text;
use crate::url::site;

/// Addresses that are taken; the largest list seen anywhere has some ten thousand.
const SOURCES_MAX: usize = 100_000;
/// Folders that are open at once.
const FOLDERS_MAX: usize = 64;
/// Characters of an address or a name that are shown of what was left out.
const SHOWN_CHARS: usize = 200;

/// A list of sources, read. Reading never fails: what was not taken says why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceList {
    /// The list's title.
    pub title: Option<String>,
    /// Its sources in order, one for each mention.
    pub sources: Vec<ListedSource>,
    /// What names an address and is no source that we can read.
    pub left_out: Vec<LeftOut>,
    /// What was mended; a fatal one where the document is no list of sources.
    pub problems: Vec<Problem>,
}

/// A source as listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSource {
    /// The line it begins on, the first being 1.
    pub line: usize,
    /// As it would be declared.
    pub spec: SourceSpec,
    /// The folders and categories it stands in, outermost first.
    pub filed: Vec<String>,
    /// Whether its publisher is told by name, and not the site that it stands for.
    pub is_publisher_told: bool,
}

/// An outline that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The line it begins on, the first being 1.
    pub line: usize,
    /// What it is called; may be empty.
    pub name: String,
    /// Why, as a sentence's fragment.
    pub why: String,
}

/// Reads OPML of any version, or a plain list of addresses, one a line. `bounds` are the shortest and longest interval
/// of sources of which the list says nothing. Linear in the document; no recursion.
pub fn read(bytes: &[u8], bounds: (Duration, Duration)) -> SourceList {
    let (text, bad_encoding) = charset::decode(bytes, None, charset::Kind::Xml);
    let mark = if let Cow::Borrowed(text) = &text { bytes.len() - text.len() } else { 0 };
    let mut mended = Mended::default();
    let mut list =
        if text.contains('<') { outlines(&text, bounds, &mut mended) } else { lines(&text, bounds, &mut mended) };
    list.problems.extend(mended.problems(mark));
    let problem = |kind, detail, fatal| Problem { kind, detail, offset: None, fatal };
    list.problems.extend(bad_encoding.map(|detail| problem("bad-encoding", detail, false)));
    if list.sources.is_empty() && list.left_out.is_empty() {
        let detail = "no outline of it names an address (expected OPML, or one address a line)".to_owned();
        list.problems.push(problem("not-opml", detail, true));
    }
    list
}

/// An outline that is open.
struct Folder {
    name: Option<String>,
    is_comment: bool,
}

fn outlines(document: &str, bounds: (Duration, Duration), mended: &mut Mended) -> SourceList {
    let mut list = SourceList::default();
    let mut script = Script::of(document);
    let mut lexer = Lexer::new(document);
    let mut written = Vec::new();
    let mut place = Place { document, line: 1, at: 0 };
    let mut own = None;
    let mut open: Vec<Folder> = Vec::new();
    let mut is_title = false;
    loop {
        let at = lexer.position();
        let Some(token) = lexer.next("", &mut written) else { return list };
        let fault = lexer.take_fault();
        if let Some(fault) = fault {
            mended.note(Damage::Markup(fault), at);
        }
        match token {
            Token::Doctype(within) => script.declare(within),
            Token::Text(raw) | Token::Section(raw) if is_title && list.title.is_none() => {
                list.title = Some(text::title(raw)).filter(|title| !title.is_empty());
            }
            Token::Start { name, is_empty } if local(name).eq_ignore_ascii_case("outline") => {
                if list.sources.len() == SOURCES_MAX {
                    mended.note(Damage::TooManyEntries, at);
                    return list;
                }
                let attributes = Attributes { written: &written, script: &script, own };
                let is_comment = attributes.is_comment() || open.last().is_some_and(|folder| folder.is_comment);
                let line = place.advance_to(at);
                if fault.is_some() && lexer.position() == document.len() {
                    let name = short(&attributes.name().unwrap_or_default());
                    list.left_out.push(LeftOut { line, name, why: "the list breaks off within it".to_owned() });
                    return list;
                }
                let is_folder = take(&attributes, line, is_comment, &open, bounds, &mut list) && fault.is_none();
                if !is_empty && open.len() < FOLDERS_MAX {
                    open.push(Folder { name: attributes.name().filter(|_| is_folder), is_comment });
                }
            }
            Token::Start { name, .. } => {
                is_title = local(name).eq_ignore_ascii_case("title");
                if local(name).eq_ignore_ascii_case("opml") {
                    own = own_prefix(&written).or(own);
                }
            }
            Token::End(name) => {
                is_title = false;
                if local(name).eq_ignore_ascii_case("outline") {
                    open.pop();
                }
            }
            Token::Text(_) | Token::Section(_) | Token::Nothing => {}
        }
    }
}

/// Takes an outline into the list; gives whether it is a folder.
fn take(
    attributes: &Attributes<'_>,
    line: usize,
    is_comment: bool,
    open: &[Folder],
    bounds: (Duration, Duration),
    list: &mut SourceList,
) -> bool {
    let (spec, categories, is_publisher_told) = match attributes.read(bounds) {
        Outline::Folder => return true,
        Outline::Source(spec, categories, is_told) if !is_comment => (spec, categories, is_told),
        Outline::Source(..) => {
            let (name, why) = (attributes.name().unwrap_or_default(), "it is commented out".to_owned());
            list.left_out.push(LeftOut { line, name, why });
            return false;
        }
        Outline::LeftOut(why) => {
            let name = attributes.name().unwrap_or_default();
            list.left_out.push(LeftOut { line, name: short(&name), why });
            return false;
        }
    };
    let folders = open.iter().filter_map(|folder| folder.name.clone());
    let filed = folders.chain(categories).collect();
    list.sources.push(ListedSource { line, spec: *spec, filed, is_publisher_told });
    false
}

/// The prefix under which the document declares our namespace.
fn own_prefix<'a>(attributes: &[Attribute<'a>]) -> Option<&'a str> {
    attributes.iter().find(|attribute| attribute.value == NAMESPACE)?.name.strip_prefix("xmlns:")
}

/// A list without markup: an address a line, what follows a space is another program's; `#` begins a remark.
fn lines(document: &str, bounds: (Duration, Duration), mended: &mut Mended) -> SourceList {
    let mut list = SourceList::default();
    for (line, text) in (1..).zip(document.lines()) {
        let Some(word) = text.split_whitespace().next().filter(|word| !word.starts_with('#')) else { continue };
        if list.sources.len() == SOURCES_MAX {
            mended.note(Damage::TooManyEntries, 0);
            return list;
        }
        match web_address(word) {
            Ok(url) => {
                let publisher = site(url.host_text()).to_owned();
                let spec = SourceSpec { publisher, ..SourceSpec::feed(url, bounds) };
                list.sources.push(ListedSource { line, spec, filed: Vec::new(), is_publisher_told: false });
            }
            Err(why) => list.left_out.push(LeftOut { line, name: String::new(), why: short(&why) }),
        }
    }
    if list.sources.is_empty() {
        // Prose, or JSON: a complaint a line would say nothing.
        list.left_out.clear();
    }
    list
}

fn short(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).collect()
}

/// A place in the document, and the line it is on.
struct Place<'a> {
    document: &'a str,
    line: usize,
    at: usize,
}

impl Place<'_> {
    /// Goes on to `at` and gives its line.
    fn advance_to(&mut self, at: usize) -> usize {
        let passed = self.document.as_bytes().get(self.at..at).unwrap_or_default();
        self.line += memchr_iter(b'\n', passed).count();
        self.at = at;
        self.line
    }
}
