//! Plain text from markup: what a reader would see, on one line or in paragraphs.
//!
//! A tokeniser, not a tree: it walks the bytes once and never backs up, so hostile nesting costs nothing. What it looks
//! for ahead (`>`, a closing quote, `-->`, `</script`) is remembered as absent once it was not found, which keeps the
//! whole walk linear.

use std::borrow::Cow;

use html_escape::decode_html_entities;
use memchr::{memchr, memchr2, memmem};
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// A title is cut here: the longest real headlines are half of it, and channels that put whole posts there exist.
const TITLE_CHARS_MAX: usize = 500;
/// The longest named entity (`CounterClockwiseContourIntegral`) has 31 letters.
const ENTITY_BYTES_MAX: usize = 40;

/// The characters that windows-1252 has at 0x80 to 0x9f.
const WINDOWS_1252: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
/// Elements whose content no reader sees.
const HIDDEN: [&str; 6] = ["script", "style", "template", "iframe", "svg", "noscript"];
/// Elements that stand on lines of their own.
const BLOCKS: [&str; 36] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "figure",
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
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "title",
    "tr",
    "ul",
    "summary",
];
/// Elements that only part words.
const GAPS: [&str; 9] = ["td", "th", "img", "option", "button", "input", "label", "video", "audio"];
/// Elements that prove, by their closing tag, that a decoded title was markup all along.
const INLINE_CLOSERS: [&str; 9] = ["</b>", "</i>", "</em>", "</strong>", "</u>", "</a>", "</span>", "</p>", "</sup>"];

/// Returns the text of `html` (a fragment, or text without markup): at most `max_chars` characters, in NFC.
///
/// Tags, comments and the content of scripts and styles go; a block starts a new line, a table cell a space; entities
/// are decoded once; white space is collapsed; control, direction and invisible characters go. A `<` that starts no
/// tag is text. Linear in the input.
pub fn plain(html: &str, max_chars: usize) -> String {
    walked(html, max_chars, Unclosed::Swallows)
}

fn walked(html: &str, max_chars: usize, unclosed: Unclosed) -> String {
    let out = Collapsed::new(html.len(), max_chars);
    let mut walk = Walk { rest: html, missing: Missing::default(), unclosed, out };
    while !walk.out.is_full() && walk.step() {}
    let text = walk.out.text;
    if text.chars().all(is_composed) || is_nfc(&text) {
        return text;
    }
    // A few composed letters are longer in NFC, so the limit is kept once more; it may fall behind a space.
    let mut text: String = text.nfc().take(max_chars).collect();
    text.truncate(text.trim_end().len());
    text
}

/// Whether a character leaves any text in NFC that it stands in: Latin, Cyrillic and common punctuation, which the tables of Unicode
/// needn't be asked for.
fn is_composed(c: char) -> bool {
    c < '\u{300}' || matches!(c, '\u{400}'..='\u{482}' | '\u{48a}'..='\u{52f}' | '\u{2010}'..='\u{2027}')
}

/// Returns `raw` as a title: as [`plain`], on one line, at most 500 characters.
///
/// A script or style that is never closed is text: the title speaks of it. Where a known entity or an inline element is left, the title was escaped twice and is decoded once more.
pub fn title(raw: &str) -> String {
    let line = |markup: &str| one_line(walked(markup, TITLE_CHARS_MAX, Unclosed::IsText));
    let once = line(raw);
    let is_markup = once.contains("</") && INLINE_CLOSERS.iter().any(|tag| once.contains(tag));
    let is_escaped = matches!(decode_html_entities(&once), Cow::Owned(_));
    if is_markup || is_escaped { line(&once) } else { once }
}

/// Returns the first `max_chars` characters of `text`, cut at the end of a word where there is one.
pub fn lead(text: &str, max_chars: usize) -> &str {
    let mut rest = text.chars();
    let Some(next) = rest.nth(max_chars) else { return text.trim_end() };
    let cut = text.len() - rest.as_str().len() - next.len_utf8();
    let head = text.get(..cut).unwrap_or(text);
    if !next.is_alphanumeric() {
        return head.trim_end();
    }
    // Scripts without spaces have no border to go back to; half of the lead must be left.
    let border = head.rfind(char::is_whitespace).filter(|at| *at >= cut / 2);
    border.and_then(|at| head.get(..at)).unwrap_or(head).trim_end()
}

fn one_line(text: String) -> String {
    if text.contains('\n') { text.replace('\n', " ") } else { text }
}

/// What was sought ahead and is not there, so that it is never sought again.
#[derive(Default)]
struct Missing {
    tag_end: bool,
    quote: [bool; 2],
    comment_end: bool,
    section_end: bool,
    closers: [bool; HIDDEN.len()],
}

/// What a script or style is whose end never comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unclosed {
    /// As browsers have it, all the rest is in it.
    Swallows,
    /// Words about such an element.
    IsText,
}

struct Walk<'a> {
    rest: &'a str,
    missing: Missing,
    unclosed: Unclosed,
    out: Collapsed,
}

impl<'a> Walk<'a> {
    /// Takes the next piece; false at the end.
    fn step(&mut self) -> bool {
        let Some(at) = memchr2(b'<', b'&', self.rest.as_bytes()) else {
            let rest = self.advance(self.rest.len());
            self.out.push(rest);
            return false;
        };
        let text = self.advance(at);
        self.out.push(text);
        if self.rest.starts_with('&') {
            self.entity();
        } else {
            self.angle();
        }
        true
    }

    /// Takes `bytes` of the input; a border inside a character never comes, as all marks are ASCII.
    fn advance(&mut self, bytes: usize) -> &'a str {
        let (head, tail) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = tail;
        head
    }

    fn entity(&mut self) {
        let window = self.rest.as_bytes().get(..ENTITY_BYTES_MAX.min(self.rest.len())).unwrap_or_default();
        let end = window.iter().skip(1).position(|b| !b.is_ascii_alphanumeric() && *b != b'#').map(|at| at + 1);
        let Some(end) = end.filter(|at| window.get(*at) == Some(&b';')) else {
            let mark = self.advance(1);
            return self.out.push(mark);
        };
        if let Some((c, rest)) = surrogates(self.rest) {
            self.rest = rest;
            return self.out.push_char(c);
        }
        let entity = self.advance(end + 1);
        match windows_1252_reference(entity) {
            Some(c) => self.out.push_char(c),
            None => self.out.push(&decode_html_entities(entity)),
        }
    }

    fn angle(&mut self) {
        let next = self.rest.as_bytes().get(1).copied().unwrap_or(b' ');
        if self.rest.starts_with("<!--") && self.skip_past("-->", 4, |m| &mut m.comment_end) {
            return;
        }
        if let Some(section) = self.rest.strip_prefix("<![CDATA[") {
            return self.section(section);
        }
        let is_tag = next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?');
        let end = if is_tag && !self.missing.tag_end { self.tag_end() } else { None };
        let Some(end) = end else {
            let mark = self.advance(1);
            return self.out.push(mark);
        };
        let tag = self.advance(end + 1);
        self.tag(tag);
    }

    /// Skips past `mark`, sought from `from` on; false where it is not there.
    fn skip_past(&mut self, mark: &str, from: usize, flag: fn(&mut Missing) -> &mut bool) -> bool {
        if *flag(&mut self.missing) {
            return false;
        }
        let found = self.rest.as_bytes().get(from..).and_then(|tail| memmem::find(tail, mark.as_bytes()));
        match found {
            Some(at) => {
                self.advance(from + at + mark.len());
            }
            None => *flag(&mut self.missing) = true,
        }
        found.is_some()
    }

    /// Takes a CDATA section for what it holds: text.
    fn section(&mut self, body: &'a str) {
        let end = if self.missing.section_end { None } else { memmem::find(body.as_bytes(), b"]]>") };
        self.missing.section_end |= end.is_none();
        self.rest = body;
        if let Some(end) = end {
            let text = self.advance(end);
            self.advance(3);
            self.out.push(text);
        }
    }

    /// Where the tag at the start of the rest ends: the `>` outside of attribute values.
    fn tag_end(&mut self) -> Option<usize> {
        let bytes = self.rest.as_bytes();
        let mut at = 1;
        let mut last = b'<';
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'>' => return Some(at),
                b'"' | b'\'' if last == b'=' => at += self.quoted(bytes.get(at..).unwrap_or_default(), byte),
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                last = byte;
            }
            at += 1;
        }
        // A `>` may be left inside a later value; to look again for each tag would be quadratic.
        self.missing.tag_end = true;
        None
    }

    /// How far the closing quote is from the opening one; 0 where there is none.
    fn quoted(&mut self, tail: &[u8], quote: u8) -> usize {
        let flag = usize::from(quote == b'\'');
        let Some(is_missing) = self.missing.quote.get_mut(flag).filter(|m| !**m) else { return 0 };
        let found = tail.get(1..).and_then(|t| memchr(quote, t));
        *is_missing = found.is_none();
        found.map_or(0, |at| at + 1)
    }

    fn tag(&mut self, tag: &str) {
        let is_closing = tag.starts_with("</");
        let start = tag.get(if is_closing { 2 } else { 1 }..).unwrap_or_default();
        let length = start.bytes().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(start.len());
        let name = start.get(..length).unwrap_or_default();
        let is_named = |list: &[&str]| list.iter().any(|n| n.eq_ignore_ascii_case(name));
        if is_named(&BLOCKS) {
            self.out.wait_for(Gap::Line);
        } else if is_named(&GAPS) {
            self.out.wait_for(Gap::Space);
        } else if !is_closing && !tag.ends_with("/>") {
            self.hidden(name, tag);
        }
    }

    /// Skips the content of the hidden element that a tag opens, up to its closing tag.
    fn hidden(&mut self, name: &str, tag: &str) {
        let Some(index) = HIDDEN.iter().position(|n| n.eq_ignore_ascii_case(name)) else { return };
        let is_missing = self.missing.closers.get(index).copied().unwrap_or(true);
        let closer = if is_missing { None } else { find_closer(self.rest, name) };
        match closer {
            Some(at) => {
                self.advance(at);
            }
            None if index < 2 && self.unclosed == Unclosed::Swallows => {
                self.advance(self.rest.len());
            }
            None => {
                if index < 2 {
                    self.out.push(tag);
                }
                if let Some(flag) = self.missing.closers.get_mut(index) {
                    *flag = true;
                }
            }
        }
    }
}

fn find_closer(text: &str, name: &str) -> Option<usize> {
    memmem::find_iter(text.as_bytes(), b"</").find(|at| {
        let tail = text.as_bytes().get(at + 2..at + 2 + name.len());
        tail.is_some_and(|t| t.eq_ignore_ascii_case(name.as_bytes()))
    })
}

/// The character that a numeric reference of 128 to 159 means: those of windows-1252 (HTML, "numeric character
/// reference end state").
fn windows_1252_reference(entity: &str) -> Option<char> {
    let number = entity.strip_prefix("&#")?.strip_suffix(';')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u8::from_str_radix(hex, 16).ok()?,
        None => number.parse::<u8>().ok()?,
    };
    WINDOWS_1252.chars().nth(usize::from(code.checked_sub(0x80)?))
}

/// The character that the two numeric references at the start of a text mean together, and what follows them: writers that
/// count in UTF-16 refer to its halves (`&#55357;&#56832;`).
pub fn surrogates(text: &str) -> Option<(char, &str)> {
    let half = |text: &'_ str| -> Option<(u16, usize)> {
        let number = text.strip_prefix("&#")?;
        let end = number.bytes().take(ENTITY_BYTES_MAX).position(|b| b == b';')?;
        let number = number.get(..end)?;
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u16::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        (0xD800..=0xDFFF).contains(&code).then_some((code, "&#;".len() + end))
    };
    let (high, bytes) = half(text)?;
    let text = text.get(bytes..)?;
    let (low, bytes) = half(text)?;
    let c = char::decode_utf16([high, low]).next()?.ok()?;
    Some((c, text.get(bytes..)?))
}

/// White space that is owed before the next visible character.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
}

/// Text with its white space collapsed while it grows.
struct Collapsed {
    text: String,
    owed: Gap,
    chars_left: usize,
}

impl Collapsed {
    fn new(input_bytes: usize, chars_max: usize) -> Self {
        let capacity = input_bytes.min(chars_max.saturating_mul(2));
        Self { text: String::with_capacity(capacity), owed: Gap::None, chars_left: chars_max }
    }

    fn is_full(&self) -> bool {
        self.chars_left == 0
    }

    fn wait_for(&mut self, gap: Gap) {
        self.owed = self.owed.max(gap);
    }

    fn push(&mut self, text: &str) {
        let mut rest = text;
        while !self.is_full() && !rest.is_empty() {
            let plain = rest.bytes().position(|b| !is_visible(b)).unwrap_or(rest.len());
            let (word, tail) = rest.split_at_checked(plain).unwrap_or((rest, ""));
            self.push_visible(word);
            let mut chars = tail.chars();
            if let Some(c) = chars.next() {
                self.push_char(c);
            }
            rest = chars.as_str();
        }
    }

    /// Takes characters at once that can be seen: most of most feeds.
    fn push_visible(&mut self, word: &str) {
        if word.is_empty() {
            return;
        }
        self.pay();
        let end = if word.len() > self.chars_left { word.char_indices().nth(self.chars_left) } else { None };
        let fits = end.and_then(|(end, _)| word.get(..end)).unwrap_or(word);
        self.text.push_str(fits);
        self.chars_left -= fits.chars().count();
    }

    fn push_char(&mut self, c: char) {
        if c.is_whitespace() {
            self.wait_for(Gap::Space);
        } else if !is_invisible(c) && !self.is_full() {
            self.pay();
            if self.chars_left > 0 {
                self.text.push(c);
                self.chars_left -= 1;
            }
        }
    }

    fn pay(&mut self) {
        let gap = match self.owed {
            Gap::None => None,
            Gap::Space => Some(' '),
            Gap::Line => Some('\n'),
        };
        self.owed = Gap::None;
        // The last character allowed is never white space.
        if let Some(gap) = gap.filter(|_| !self.text.is_empty()) {
            if self.chars_left > 1 {
                self.text.push(gap);
            }
            self.chars_left -= 1;
        }
    }
}

/// Whether a byte is of a character that can be seen: of ASCII, or of those of two bytes that begin with À (Latin, Greek, Cyrillic,
/// Armenian), none of which is white space or invisible. A byte that goes on is one where its first is.
fn is_visible(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0x80..=0xbf | 0xc3..=0xd4)
}

/// Controls, direction marks, soft hyphen, zero-width space and word joiner, byte order mark, line separators' kin,
/// noncharacters and private tags. Joiners stay: Persian, Indic scripts and emoji need them.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}
