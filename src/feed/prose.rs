//! Texts as HTML: what is declared plain is escaped, what is escaped is taken out, what is markup is written out.

use std::borrow::Cow;

use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, GeneralPurpose};
use base64::{Engine as _, alphabet};
use memchr::memchr;
use memchr::memmem::find_iter;

use super::mended::{Damage, Mended};
use super::reference::Script;
use super::tree::Element;

/// Bytes of a field beyond these are left out; the longest article of a year's news has half of it.
pub(super) const FIELD_BYTES_MAX: usize = 200_000;

/// What plain text does not hold: a writer that calls HTML plain is known by it.
const MARKS: [&str; 8] = ["</", "<br", "<p>", "<img", "/>", "&#", "&amp;", "&lt;"];

/// How texts are read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prose<'p, 'a> {
    /// Whether they are Atom's, which are plain unless they say otherwise.
    pub(super) is_atom: bool,
    /// What references mean.
    pub(super) script: &'p Script<'a>,
}

impl Prose<'_, '_> {
    /// The text of an element as HTML, without scripts and styles; `None` where it is blank.
    pub(super) fn html(self, element: Element<'_, '_>, mended: &mut Mended) -> Option<String> {
        let html = without_hidden(self.written(element, mended)?, Unclosed::Swallows);
        bounded(html, element.at(), mended)
    }

    /// The same of a title: one that speaks of `<script>` holds none.
    pub(super) fn title(self, element: Element<'_, '_>, mended: &mut Mended) -> Option<String> {
        let html = without_hidden(self.written(element, mended)?, Unclosed::IsText);
        bounded(html, element.at(), mended)
    }

    /// The text of an element as HTML.
    fn written(self, element: Element<'_, '_>, mended: &mut Mended) -> Option<String> {
        let kind = element.written("type").unwrap_or_default().trim().to_ascii_lowercase();
        let html = if element.has_markup() {
            unwrapped(element.markup(self.script, mended))
        } else {
            let text = element.text(self.script, mended);
            let is_base64 = element.written("mode").is_some_and(|mode| mode.trim().eq_ignore_ascii_case("base64"));
            if is_base64 || self.is_atom && is_binary(&kind) {
                decoded(&text)?
            } else if self.is_plain(element, &kind) && !MARKS.iter().any(|mark| text.contains(mark)) {
                html_escape::encode_text(&text).into_owned()
            } else {
                text.into_owned()
            }
        };
        Some(html)
    }

    fn is_plain(self, element: Element<'_, '_>, kind: &str) -> bool {
        let is_escaped = element.written("mode").is_some_and(|mode| mode.trim().eq_ignore_ascii_case("escaped"));
        self.is_atom && !is_escaped && matches!(kind, "" | "text" | "text/plain" | "xhtml" | "application/xhtml+xml")
    }
}

/// Whether Atom says that an element of this media type holds base64 (RFC 4287 section 4.1.3.3).
fn is_binary(kind: &str) -> bool {
    let is_media_type = kind.contains('/');
    is_media_type && !kind.starts_with("text/") && !kind.ends_with("+xml") && !kind.ends_with("/xml")
}

fn decoded(text: &str) -> Option<String> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let compact: String = text.split_ascii_whitespace().collect();
    let bytes = STANDARD.decode(&compact).or_else(|_| LENIENT.decode(&compact)).ok()?;
    String::from_utf8(bytes).ok()
}

/// XHTML stands in a `div` that is not part of it (RFC 4287 section 3.1.1.3).
fn unwrapped(markup: String) -> String {
    let trimmed = markup.trim();
    let inner = trimmed.strip_prefix("<div>").and_then(|inner| inner.strip_suffix("</div>"));
    // The last end tag belongs to the first `div` only if no other `div` ends the text.
    match inner.filter(|inner| !inner.contains("<div")) {
        Some(inner) => inner.trim().to_owned(),
        None => markup,
    }
}

/// What a script or style is whose end never comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unclosed {
    /// As browsers have it, all the rest of the text is in it.
    Swallows,
    /// Words about such an element.
    IsText,
}

/// Takes scripts and styles out: nobody reads them.
fn without_hidden(html: String, unclosed: Unclosed) -> String {
    let mut out = String::new();
    let (mut kept, mut at) = (0, 0);
    // An end that isn't there is looked for once.
    let mut endless: Vec<&str> = Vec::new();
    while let Some(mark) = html.as_bytes().get(at..).and_then(|rest| memchr(b'<', rest)) {
        let start = at + mark;
        at = start + 1;
        let Some(name) = html.get(at..).and_then(hidden) else { continue };
        if endless.contains(&name) {
            continue;
        }
        let end = html.get(at..).and_then(|rest| end_of(rest, name)).map(|end| at + end);
        if end.is_none() && unclosed == Unclosed::IsText {
            endless.push(name);
            continue;
        }
        out.push_str(html.get(kept..start).unwrap_or_default());
        (kept, at) = (end.unwrap_or(html.len()), end.unwrap_or(html.len()));
    }
    if kept == 0 {
        return html;
    }
    out.push_str(html.get(kept..).unwrap_or_default());
    out
}

/// The name of the hidden element whose start tag's name begins `text`.
fn hidden(text: &str) -> Option<&'static str> {
    ["script", "style"].into_iter().find(|name| {
        let (head, after) = (text.as_bytes().get(..name.len()), text.as_bytes().get(name.len()));
        head.is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
            && after.is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'))
    })
}

/// Where the end tag of that name ends.
fn end_of(text: &str, name: &str) -> Option<usize> {
    let is_end = |at: &usize| {
        let tail = text.as_bytes().get(at + 2..at + 2 + name.len());
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(name.as_bytes()))
    };
    let start = find_iter(text.as_bytes(), b"</").find(is_end)?;
    Some(memchr(b'>', text.as_bytes().get(start..)?).map_or(text.len(), |end| start + end + 1))
}

fn bounded(mut text: String, at: usize, mended: &mut Mended) -> Option<String> {
    if text.len() > FIELD_BYTES_MAX {
        mended.note(Damage::LongField, at);
        text.truncate(text.floor_char_boundary(FIELD_BYTES_MAX));
    }
    (!text.trim().is_empty()).then_some(text)
}

/// A person's name: of `address (name)`, of `name (address)`, of `name <address>`, else the whole.
pub(super) fn person(text: &str) -> Option<String> {
    let text = text.trim();
    let split = |open: char, close: char| {
        let (before, rest) = text.split_once(open)?;
        let (inside, _) = rest.split_once(close)?;
        Some((before.trim(), inside.trim()))
    };
    let name = match split('(', ')').or_else(|| split('<', '>')) {
        Some((before, inside)) if before.contains('@') && !inside.is_empty() && !inside.contains('@') => inside,
        Some((before, inside)) if inside.contains('@') && !before.is_empty() => before,
        Some((_, inside)) if inside.contains('@') => inside,
        Some(_) | None => text,
    };
    let name: Cow<'_, str> = if name.contains(['\n', '\t']) {
        name.split_whitespace().collect::<Vec<_>>().join(" ").into()
    } else {
        name.into()
    };
    (!name.is_empty()).then(|| name.trim_matches('"').to_owned())
}
