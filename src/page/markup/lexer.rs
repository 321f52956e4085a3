//! HTML to tags and texts.

use memchr::{memchr, memchr_iter, memchr2, memmem};

use super::attributes::Attributes;
use super::element::Tag;

/// A piece of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::page) enum Token<'a> {
    /// A start tag.
    Start { tag: Tag, name: &'a str, attributes: Attributes<'a> },
    /// An end tag.
    End { tag: Tag, name: &'a str },
    /// Text as written, entities and all; within a script or style what stands there.
    Text(&'a str),
    /// Text without entities: a CDATA section of XML.
    Literal(&'a str),
}

/// What a `<` begins.
enum Markup<'a> {
    Token(Token<'a>),
    /// A comment, a declaration, an end tag of nothing.
    Skipped,
    /// Nothing: it is text.
    Text,
}

/// What of a page has not been read yet.
///
/// What is sought ahead and isn't there (a closing quote, the end of a comment) is remembered as missing: each such
/// search reads to the end of the page, and a page of nothing else would make the whole quadratic.
pub(in crate::page) struct Lexer<'a> {
    rest: &'a str,
    is_xml: bool,
    /// The element whose raw text comes next.
    raw: Option<&'a str>,
    missing_quote: [bool; 2],
}

impl<'a> Lexer<'a> {
    /// Reads HTML.
    pub(super) fn new(html: &'a str) -> Self {
        Self { rest: html, is_xml: false, raw: None, missing_quote: [false; 2] }
    }

    /// Reads XML: there are sections of literal text, and no element is raw.
    pub(in crate::page) fn of_xml(xml: &'a str) -> Self {
        Self { is_xml: true, ..Self::new(xml) }
    }

    /// Takes `bytes` of the page; a border inside a character never comes, as all marks are ASCII.
    fn advance(&mut self, bytes: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }

    /// The text of a raw element, up to its end tag or the page's end.
    fn raw_text(&mut self, name: &str) -> &'a str {
        let bytes = self.rest.as_bytes();
        let ends = memmem::find_iter(bytes, b"</").find(|at| {
            let found = bytes.get(at + 2..at + 2 + name.len());
            let after = bytes.get(at + 2 + name.len()).copied().unwrap_or(b'>');
            found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
                && (after.is_ascii_whitespace() || matches!(after, b'>' | b'/'))
        });
        self.advance(ends.unwrap_or(bytes.len()))
    }

    /// Where the tag ends whose attributes begin at `from`: at the first `>` outside a quoted value.
    fn tag_end(&mut self, from: usize) -> Option<usize> {
        let bytes = self.rest.as_bytes();
        let mut at = from;
        loop {
            at += memchr2(b'>', b'=', bytes.get(at..)?)?;
            if bytes.get(at) == Some(&b'>') {
                return Some(at);
            }
            at += 1;
            at += bytes.get(at..)?.iter().take_while(|b| b.is_ascii_whitespace()).count();
            let quote = match bytes.get(at)? {
                b'"' => 0,
                b'\'' => 1,
                b'>' => return Some(at),
                _ => {
                    let is_end = |b: &u8| b.is_ascii_whitespace() || *b == b'>';
                    at += bytes.get(at..)?.iter().position(is_end)?;
                    continue;
                }
            };
            let mark = if quote == 0 { b'"' } else { b'\'' };
            let missing = self.missing_quote.get_mut(quote)?;
            let closing = if *missing { None } else { memchr(mark, bytes.get(at + 1..)?) };
            if let Some(length) = closing {
                at += length + 2;
            } else {
                *missing = true;
                at += 1;
            }
        }
    }

    /// Takes what the `<` that comes next begins.
    fn markup(&mut self) -> Markup<'a> {
        self.comment_or_tag().unwrap_or(Markup::Text)
    }

    fn comment_or_tag(&mut self) -> Option<Markup<'a>> {
        let bytes = self.rest.as_bytes();
        match bytes.get(1)? {
            b'!' if self.rest.starts_with("<!--") => {
                // `<!-->` is a whole comment: its end may overlap its start.
                let end = memmem::find(bytes.get(2..)?, b"-->").map_or(bytes.len(), |at| at + 5);
                self.advance(end);
                Some(Markup::Skipped)
            }
            b'!' if self.is_xml && self.rest.starts_with("<![CDATA[") => {
                let section = memmem::find(bytes, b"]]>").map_or(bytes.len(), |at| at + 3);
                let section = self.advance(section).strip_prefix("<![CDATA[")?;
                Some(Markup::Token(Token::Literal(section.strip_suffix("]]>").unwrap_or(section))))
            }
            b'!' | b'?' => {
                let end = memchr(b'>', bytes).map_or(bytes.len(), |at| at + 1);
                self.advance(end);
                Some(Markup::Skipped)
            }
            b'/' if bytes.get(2).is_some_and(u8::is_ascii_alphabetic) => {
                let end = memchr(b'>', bytes).map_or(bytes.len(), |at| at + 1);
                let name = name_of(self.advance(end).strip_prefix("</")?);
                Some(Markup::Token(Token::End { tag: Tag::of(name), name }))
            }
            b'/' => {
                let end = memchr(b'>', bytes).map_or(bytes.len(), |at| at + 1);
                self.advance(end);
                Some(Markup::Skipped)
            }
            first if first.is_ascii_alphabetic() => {
                let name = name_of(self.rest.get(1..)?);
                let end = self.tag_end(1 + name.len());
                let whole = self.advance(end.map_or(self.rest.len(), |at| at + 1));
                let attributes = whole.get(1 + name.len()..)?;
                let attributes = Attributes(attributes.strip_suffix('>').unwrap_or(attributes));
                let tag = Tag::of(name);
                if tag.is_raw() && !self.is_xml {
                    self.raw = Some(name);
                }
                Some(Markup::Token(Token::Start { tag, name, attributes }))
            }
            _ => None,
        }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(name) = self.raw.take() {
            let text = self.raw_text(name);
            if !text.is_empty() {
                return Some(Token::Text(text));
            }
        }
        while !self.rest.is_empty() {
            if self.rest.starts_with('<') {
                match self.markup() {
                    Markup::Token(token) => return Some(token),
                    Markup::Skipped => continue,
                    Markup::Text => {}
                }
            }
            // Text up to the next `<` that may start something; a lone one is text.
            let bytes = self.rest.as_bytes();
            let is_start = |at: &usize| {
                bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?'))
            };
            let end = memchr_iter(b'<', bytes).filter(|at| *at > 0).find(is_start);
            return Some(Token::Text(self.advance(end.unwrap_or(bytes.len()))));
        }
        None
    }
}

/// The name at the start of a tag: up to white space, `/` or `>`.
fn name_of(tag: &str) -> &str {
    tag.split(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>')).next().unwrap_or_default()
}
