//! Markup to tokens, as leniently as browsers read it. It never fails, borrows all it gives, and each byte is looked at
//! a bounded number of times: what is sought ahead and not there is remembered as absent.

use memchr::memmem::find;
use memchr::{memchr, memchr2};

/// Attributes beyond these are dropped; real feeds carry some 20 on their root.
pub(super) const ATTRIBUTES_MAX: usize = 64;
/// Bytes of an attribute's value; the longest honest ones are `data:` addresses of icons.
const VALUE_BYTES_MAX: usize = 65_536;
/// Bytes of a document type that are looked through for its end; those of HTML's entities take some 30 kB.
const DOCTYPE_BYTES_MAX: usize = 131_072;
/// Searches for an end tag that may find nothing: each costs a walk to the document's end.
const SEARCHES_MAX: usize = 64;

/// An attribute as written; references in its value are not decoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attribute<'a> {
    /// Its name with its prefix.
    pub(super) name: &'a str,
    /// Its value without quotes.
    pub(super) value: &'a str,
}

/// A piece of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Text as written, references not decoded.
    Text(&'a str),
    /// A CDATA section's content.
    Section(&'a str),
    /// A start tag; its attributes are in the list that was passed.
    Start {
        /// Its name with its prefix.
        name: &'a str,
        /// Whether it ends with `/>`.
        is_empty: bool,
    },
    /// An end tag's name with its prefix.
    End(&'a str),
    /// A document type: what stands between `<!DOCTYPE` and its `>`.
    Doctype(&'a str),
    /// A comment or an instruction.
    Nothing,
}

/// What was not well-formed about a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A `<` that begins no tag.
    StrayMark,
    /// A tag without its `>`.
    OpenTag,
    /// A value without its closing quote.
    OpenValue,
    /// A CDATA section without its `]]>`.
    OpenSection,
    /// A comment without its `-->`.
    OpenComment,
    /// More attributes than are kept.
    ManyAttributes,
}

/// What was sought and is not in the rest of the document.
#[derive(Debug, Default)]
struct Missing {
    comment_end: bool,
    tag_end: bool,
    quotes: [bool; 2],
}

/// The reader of tokens.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    rest: &'a str,
    bytes: usize,
    missing: Missing,
    /// Where the next `]]>` was found to be, counted from the document's end; 0 where there is none.
    section_end: Option<usize>,
    searches_left: usize,
    has_doctype: bool,
    fault: Option<Fault>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(document: &'a str) -> Self {
        Self {
            rest: document,
            bytes: document.len(),
            missing: Missing::default(),
            section_end: None,
            searches_left: SEARCHES_MAX,
            has_doctype: false,
            fault: None,
        }
    }

    /// How many bytes have been read.
    pub(super) fn position(&self) -> usize {
        self.bytes - self.rest.len()
    }

    /// Passes over what stands before a place, if that is ahead.
    pub(super) fn skip_to(&mut self, at: usize) {
        let ahead = at.saturating_sub(self.position());
        self.advance(ahead);
    }

    /// What was wrong with the last token.
    pub(super) fn take_fault(&mut self) -> Option<Fault> {
        self.fault.take()
    }

    /// Reads the next token; `None` at the end. `open` is the name of the element that is open, whose end tag shows
    /// where a section without its end was meant to end. A start tag's attributes replace what is in `attributes`.
    pub(super) fn next(&mut self, open: &str, attributes: &mut Vec<Attribute<'a>>) -> Option<Token<'a>> {
        let at = memchr(b'<', self.rest.as_bytes()).unwrap_or(self.rest.len());
        if at > 0 {
            return Some(Token::Text(self.advance(at)));
        }
        let inner = self.rest.strip_prefix('<')?;
        match inner.as_bytes().first() {
            Some(b'/') => Some(self.end_tag(inner)),
            Some(b'!') => Some(self.declaration(inner, open)),
            Some(b'?') => Some(self.instruction(inner)),
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => Some(self.start_tag(inner, attributes)),
            _ => Some(self.stray()),
        }
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }

    fn stray(&mut self) -> Token<'a> {
        self.fault = Some(Fault::StrayMark);
        Token::Text(self.advance(1))
    }

    fn end_tag(&mut self, inner: &'a str) -> Token<'a> {
        let (name, mut rest) = split_name(inner.strip_prefix('/').unwrap_or(inner));
        if name.is_empty() {
            return self.stray();
        }
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
        } else {
            // Whatever stands between the name and the `>` is nobody's; a `<` shows that the `>` is missing.
            let end = memchr2(b'>', b'<', rest.as_bytes()).unwrap_or(rest.len());
            let tail = rest.split_at_checked(end).map_or("", |(_, tail)| tail);
            rest = tail.strip_prefix('>').unwrap_or_else(|| {
                self.fault = Some(Fault::OpenTag);
                tail
            });
        }
        self.rest = rest;
        Token::End(name)
    }

    fn start_tag(&mut self, inner: &'a str, attributes: &mut Vec<Attribute<'a>>) -> Token<'a> {
        attributes.clear();
        let (name, mut rest) = split_name(inner);
        if let Some(after) = rest.strip_prefix('>') {
            self.rest = after;
            return Token::Start { name, is_empty: false };
        }
        loop {
            rest = rest.trim_ascii_start();
            let mut bytes = rest.bytes();
            match (bytes.next(), bytes.next()) {
                (Some(b'>'), _) => {
                    self.rest = rest.strip_prefix('>').unwrap_or_default();
                    return Token::Start { name, is_empty: false };
                }
                (Some(b'/'), Some(b'>')) => {
                    self.rest = rest.strip_prefix("/>").unwrap_or_default();
                    return Token::Start { name, is_empty: true };
                }
                (None | Some(b'<'), _) => {
                    self.fault = Some(Fault::OpenTag);
                    self.rest = rest;
                    return Token::Start { name, is_empty: false };
                }
                _ => {}
            }
            let (attribute, after) = split_name(rest);
            if attribute.is_empty() {
                rest = without_first(rest);
                continue;
            }
            let (value, after) = self.value(attribute, after);
            rest = after;
            if attributes.len() == ATTRIBUTES_MAX {
                self.fault = Some(Fault::ManyAttributes);
            } else if attributes.iter().all(|known| known.name != attribute) {
                attributes.push(Attribute { name: attribute, value });
            }
        }
    }

    /// Reads `= value`, quotes optional; an attribute without a value has its name as value.
    fn value(&mut self, name: &'a str, rest: &'a str) -> (&'a str, &'a str) {
        let Some(value) = rest.trim_ascii_start().strip_prefix('=') else { return (name, rest) };
        let value = value.trim_ascii_start();
        let quote = value.bytes().next().filter(|b| matches!(b, b'"' | b'\''));
        if let Some(quote) = quote {
            let inside = without_first(value);
            if let Some((quoted, after)) = self.quoted(inside, quote) {
                return (bounded(quoted), after);
            }
            self.fault = Some(Fault::OpenValue);
        }
        let value = if quote.is_some() { without_first(value) } else { value };
        let end = value.find(|c: char| c.is_ascii_whitespace() || c == '>' || c == '<').unwrap_or(value.len());
        // `<a href=x/>` is an empty element.
        let is_empty = value.get(..=end).is_some_and(|text| text.ends_with("/>"));
        let (value, rest) = value.split_at_checked(end - usize::from(is_empty)).unwrap_or((value, ""));
        (bounded(value.trim_matches(['"', '\''])), rest)
    }

    /// Reads up to the closing quote; `None` where there is none, or the quote found belongs to something else: it is
    /// not followed by what may follow a value, and what it would close in holds a space or a mark of a tag.
    fn quoted(&mut self, inside: &'a str, quote: u8) -> Option<(&'a str, &'a str)> {
        let is_missing = self.missing.quotes.get_mut(usize::from(quote == b'\''))?;
        if *is_missing {
            return None;
        }
        let Some(end) = memchr(quote, inside.as_bytes()) else {
            *is_missing = true;
            return None;
        };
        let (value, rest) = inside.split_at_checked(end)?;
        let rest = without_first(rest);
        let ends_well =
            rest.bytes().next().is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/' | b'<' | b'?'));
        let is_another = !ends_well && value.bytes().any(|b| b.is_ascii_whitespace() || matches!(b, b'<' | b'>'));
        (!is_another).then_some((value, rest))
    }

    fn declaration(&mut self, inner: &'a str, open: &str) -> Token<'a> {
        if let Some(section) = inner.strip_prefix("![CDATA[") {
            return self.section(section, open);
        }
        if let Some(comment) = inner.strip_prefix("!--") {
            return self.comment(comment);
        }
        let is_doctype = !self.has_doctype && inner.get(1..8).is_some_and(|word| word.eq_ignore_ascii_case("doctype"));
        self.has_doctype |= is_doctype;
        let end = if is_doctype { doctype_end(inner) } else { self.tag_end(inner) };
        let Some((within, rest)) = end.and_then(|end| inner.split_at_checked(end)) else { return self.stray() };
        self.rest = without_first(rest);
        let within = within.get(8..).filter(|_| is_doctype);
        within.map_or(Token::Nothing, Token::Doctype)
    }

    fn tag_end(&mut self, inner: &str) -> Option<usize> {
        let end = if self.missing.tag_end { None } else { memchr(b'>', inner.as_bytes()) };
        self.missing.tag_end |= end.is_none();
        end
    }

    fn section(&mut self, section: &'a str, open: &str) -> Token<'a> {
        if let Some((within, rest)) = self.next_section_end(section).and_then(|end| section.split_at_checked(end)) {
            // A section that holds the beginning of another was not closed itself.
            let nested = find(within.as_bytes(), b"<![CDATA[");
            let own_end = nested.and_then(|nested| end_tag_in(within.get(..nested)?, open));
            let Some(own_end) = own_end else {
                self.rest = rest.strip_prefix("]]>").unwrap_or_default();
                return Token::Section(within);
            };
            return self.cut_section(section, own_end);
        }
        self.fault = Some(Fault::OpenSection);
        if let Some(end) = self.end_tag_ahead(section, open) {
            return self.cut_section(section, end);
        }
        // Nothing says where it was meant to end: the mark alone is dropped, and what follows is markup.
        self.rest = section;
        Token::Nothing
    }

    /// Where in `section`, the document's rest, the next `]]>` stands. One that is known is not sought again: a cut
    /// section leaves it ahead.
    fn next_section_end(&mut self, section: &str) -> Option<usize> {
        let from_end = match self.section_end {
            Some(known) if known <= section.len() => known,
            _ => find(section.as_bytes(), b"]]>").map_or(0, |at| section.len() - at),
        };
        self.section_end = Some(from_end);
        (from_end > 0).then(|| section.len() - from_end)
    }

    fn cut_section(&mut self, section: &'a str, end: usize) -> Token<'a> {
        self.fault = Some(Fault::OpenSection);
        let (within, rest) = section.split_at_checked(end).unwrap_or((section, ""));
        self.rest = rest;
        Token::Section(within)
    }

    /// Where the end tag of `open` stands, as long as not too many searches were in vain.
    fn end_tag_ahead(&mut self, text: &str, open: &str) -> Option<usize> {
        if self.searches_left == 0 {
            return None;
        }
        let found = end_tag_in(text, open);
        if found.is_none() {
            self.searches_left -= 1;
        }
        found
    }

    fn comment(&mut self, comment: &'a str) -> Token<'a> {
        // `<!-->` and `<!--->` are whole comments to browsers.
        if let Some(rest) = comment.strip_prefix('>').or_else(|| comment.strip_prefix("->")) {
            self.rest = rest;
            return Token::Nothing;
        }
        let end = if self.missing.comment_end { None } else { find(comment.as_bytes(), b"-->") };
        self.missing.comment_end |= end.is_none();
        let after = end.and_then(|end| comment.get(end + 3..));
        if after.is_none() {
            self.fault = Some(Fault::OpenComment);
        }
        // An unclosed comment hides nothing: what follows it is read.
        self.rest = after.unwrap_or(comment);
        Token::Nothing
    }

    fn instruction(&mut self, inner: &'a str) -> Token<'a> {
        // An instruction that swallows tags has lost its end.
        let tail = memchr(b'<', inner.as_bytes()).unwrap_or(inner.len());
        let within = inner.get(..tail).unwrap_or(inner);
        if let Some(rest) = find(within.as_bytes(), b"?>").and_then(|end| inner.get(end + 2..)) {
            self.rest = rest;
            return Token::Nothing;
        }
        self.fault = Some(Fault::OpenTag);
        let end = memchr(b'>', within.as_bytes()).map_or(tail, |end| end + 1);
        self.rest = inner.get(end..).unwrap_or_default();
        Token::Nothing
    }
}

fn without_first(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

fn bounded(value: &str) -> &str {
    if value.len() <= VALUE_BYTES_MAX {
        return value;
    }
    value.get(..value.floor_char_boundary(VALUE_BYTES_MAX)).unwrap_or_default()
}

/// Splits a tag's or attribute's name off.
fn split_name(text: &str) -> (&str, &str) {
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'_' | b'-' | b'.' | 0x80..);
    let end = text.as_bytes().iter().position(|b| !is_name(b)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Where `</name` stands in `text`, in the case given.
fn end_tag_in(text: &str, name: &str) -> Option<usize> {
    if name.is_empty() {
        return None;
    }
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| find(rest.as_bytes(), b"</")) {
        let at = from + at;
        if text.get(at + 2..).is_some_and(|tail| tail.starts_with(name)) {
            return Some(at);
        }
        from = at + 2;
    }
    None
}

/// Where a document type ends: at the first `>` outside of quotes and of the brackets of its internal subset.
fn doctype_end(inner: &str) -> Option<usize> {
    let mut quote = None;
    let mut is_inside = false;
    for (at, byte) in inner.bytes().take(DOCTYPE_BYTES_MAX).enumerate() {
        match (quote, byte) {
            (Some(open), _) => quote = quote.filter(|_| byte != open),
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[') => is_inside = true,
            (None, b']') => is_inside = false,
            (None, b'>') if !is_inside => return Some(at),
            _ => {}
        }
    }
    memchr(b'>', inner.as_bytes())
}
