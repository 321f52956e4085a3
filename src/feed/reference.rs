//! References and characters: what text as written stands for.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::{memchr, memchr2};

use super::mended::{Damage, Mended};
use crate::text::surrogates;

/// What windows-1252 has where Unicode has the control characters U+0080 to U+009F.
const C1: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
/// The longest name of an entity in HTML has 31 letters (`CounterClockwiseContourIntegral`).
const NAME_BYTES_MAX: usize = 32;
/// Entities of a document type that are kept, and the bytes of each: they are put in once, never again within
/// themselves, so no text grows by more than this factor.
const ENTITIES_MAX: usize = 256;
const ENTITY_BYTES_MAX: usize = 256;

/// How a document's text is read.
#[derive(Debug, Default)]
pub(super) struct Script<'a> {
    /// Entities of the document type, of those that are short and hold no reference but to XML's own signs.
    entities: BTreeMap<&'a str, Cow<'a, str>>,
    /// Whether the document holds characters that are dropped or read as others.
    has_strays: bool,
}

impl<'a> Script<'a> {
    /// Looks a document over once, so that most texts need not be looked at again.
    pub(super) fn of(document: &str) -> Self {
        Self { entities: BTreeMap::new(), has_strays: has_strays(document) }
    }

    /// Takes over the entities that a document type declares.
    pub(super) fn declare(&mut self, doctype: &'a str) {
        for declaration in doctype.split("<!ENTITY").skip(1).take(ENTITIES_MAX) {
            let Some((name, rest)) = declaration.trim_ascii_start().split_once(|c: char| c.is_ascii_whitespace())
            else {
                continue;
            };
            let rest = rest.trim_ascii_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { continue };
            let value = rest.get(1..).and_then(|inside| inside.split_once(quote)).map(|(value, _)| value);
            if let Some(value) = value.filter(|value| value.len() <= ENTITY_BYTES_MAX).and_then(value_of) {
                self.entities.entry(name).or_insert(value);
            }
        }
    }

    /// Gives text with its references decoded once, without characters that no text has. `at` is its place.
    pub(super) fn decode<'t>(&self, raw: &'t str, at: usize, mended: &mut Mended) -> Cow<'t, str> {
        if memchr(b'&', raw.as_bytes()).is_none() {
            return self.characters(raw, at, mended);
        }
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(mark) = memchr(b'&', rest.as_bytes()) {
            let (before, after) = rest.split_at_checked(mark).unwrap_or((rest, ""));
            self.push_characters(&mut out, before, at, mended);
            rest = self.push_reference(&mut out, after, at + raw.len() - after.len(), mended);
        }
        self.push_characters(&mut out, rest, at, mended);
        Cow::Owned(out)
    }

    /// Gives text that holds no references (a CDATA section) without characters that no text has.
    pub(super) fn characters<'t>(&self, raw: &'t str, at: usize, mended: &mut Mended) -> Cow<'t, str> {
        if !self.has_strays && memchr(b'\r', raw.as_bytes()).is_none() {
            return Cow::Borrowed(raw);
        }
        let mut out = String::with_capacity(raw.len());
        self.push_characters(&mut out, raw, at, mended);
        Cow::Owned(out)
    }

    fn push_characters(&self, out: &mut String, text: &str, at: usize, mended: &mut Mended) {
        if self.has_strays {
            for c in text.chars() {
                match allowed(c) {
                    Some(c) => out.push(c),
                    None => note_dropped(c, at, mended),
                }
            }
            return;
        }
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\r') {
            out.push_str(line);
            // XML 1.0 section 2.11: both kinds of line ends become one.
            rest = if after.starts_with('\n') {
                after
            } else {
                out.push('\n');
                after
            };
        }
        out.push_str(rest);
    }

    /// Appends what the reference at the start of `text` stands for, or a bare ampersand; gives what is left.
    fn push_reference<'t>(&self, out: &mut String, text: &'t str, at: usize, mended: &mut Mended) -> &'t str {
        for (written, meant) in SIGNS {
            if let Some(rest) = text.strip_prefix(written) {
                out.push(meant);
                return rest;
            }
        }
        let after = text.strip_prefix('&').unwrap_or(text);
        let Some((name, rest)) = name_of(after) else {
            mended.note(Damage::BareAmpersand, at);
            out.push('&');
            return after;
        };
        if let Some(number) = name.strip_prefix('#') {
            let Some(code) = code_of(number) else {
                mended.note(Damage::BareAmpersand, at);
                out.push('&');
                return after;
            };
            match char::from_u32(code).map(allowed) {
                Some(Some(c)) => out.push(c),
                Some(None) => mended.note(Damage::ControlCharacter, at),
                None => {
                    if let Some((c, rest)) = surrogates(text) {
                        out.push(c);
                        return rest;
                    }
                    // A surrogate alone or a number beyond Unicode: nothing to show.
                    mended.note(Damage::BadReference, at);
                }
            }
            return rest;
        }
        if let Some(value) = self.entities.get(name) {
            out.push_str(value);
            return rest;
        }
        // In XML these names are those of XHTML 1.0's and RSS 0.91's document types; HTML 5 gave them other characters.
        if let Some((_, c)) = [("lang", '\u{2329}'), ("rang", '\u{232a}')].iter().find(|(known, _)| *known == name) {
            out.push(*c);
            return rest;
        }
        let written = text.get(..text.len() - rest.len()).unwrap_or_default();
        let decoded = html_escape::decode_html_entities(written);
        if decoded == written {
            mended.note_words(Damage::UnknownEntity, at, written);
        }
        out.push_str(&decoded);
        rest
    }
}

/// XML's own signs.
const SIGNS: [(&str, char); 5] = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"'), ("&apos;", '\'')];

/// What an entity stands for, its signs decoded once; `None` where it refers to other entities, which could refer to others in turn.
fn value_of(value: &str) -> Option<Cow<'_, str>> {
    let mut parts = value.split('&');
    let mut out = Cow::Borrowed(parts.next().unwrap_or_default());
    for part in parts {
        let (written, meant) =
            SIGNS.iter().find(|(sign, _)| sign.get(1..).is_some_and(|name| part.starts_with(name)))?;
        let text = out.to_mut();
        text.push(*meant);
        text.push_str(part.get(written.len() - 1..).unwrap_or_default());
    }
    Some(out)
}

/// The name or number before a reference's `;`.
fn name_of(after: &str) -> Option<(&str, &str)> {
    let bytes = after.bytes().take(NAME_BYTES_MAX).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
    let (name, rest) = after.split_at_checked(bytes)?;
    let rest = rest.strip_prefix(';')?;
    (!name.is_empty()).then_some((name, rest))
}

/// The number of a numeric reference; one that is larger than any character's is `u32::MAX`.
fn code_of(number: &str) -> Option<u32> {
    let (digits, radix) = number.strip_prefix(['x', 'X']).map_or((number, 10), |hex| (hex, 16));
    let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    is_number.then(|| u32::from_str_radix(digits, radix).unwrap_or(u32::MAX))
}

/// The character that is meant: control characters of Latin-1 are those of windows-1252 (HTML, "numeric character
/// reference end state"); what XML 1.0 section 2.2 forbids is none.
fn allowed(c: char) -> Option<char> {
    match c {
        '\t' | '\n' => Some(c),
        '\r' => Some('\n'),
        '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' | '\u{feff}' => None,
        '\u{80}'..='\u{9f}' => C1.chars().nth(usize::try_from(u32::from(c) - 0x80).ok()?),
        _ => Some(c),
    }
}

fn note_dropped(c: char, at: usize, mended: &mut Mended) {
    // A byte order mark in the middle is invisible and harmless.
    if c != '\u{feff}' {
        mended.note(Damage::ControlCharacter, at);
    }
}

/// Whether a document holds control characters, or marks that no text has.
fn has_strays(document: &str) -> bool {
    let bytes = document.as_bytes();
    // Without an early end, so that the compiler may look at many bytes at once: nearly no document has any.
    let is_stray = |b: u8| matches!(b, 0..=8 | 11 | 12 | 14..=31 | 127);
    bytes.iter().fold(0, |strays, &b| strays | u8::from(is_stray(b))) > 0 || has_wide_strays(bytes)
}

/// U+0080 to U+009F are C2 80 to C2 9F; U+FEFF, U+FFFE and U+FFFF begin with EF BB or EF BF.
fn has_wide_strays(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = memchr2(0xC2, 0xEF, rest) {
        let tail = rest.get(at..).unwrap_or_default();
        match tail {
            [0xC2, 0x80..=0x9F, ..] | [0xEF, 0xBB, 0xBF, ..] | [0xEF, 0xBF, 0xBE | 0xBF, ..] => return true,
            _ => rest = tail.get(2..).unwrap_or_default(),
        }
    }
    false
}
