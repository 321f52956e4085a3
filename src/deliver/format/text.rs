//! Foreign text within bounds: cut on words, cleaned, escaped for a markup.

use super::message::Line;

/// Writes one character as a markup wants it, so that it means itself.
pub(super) type Escape = fn(char, &mut String);

/// As it is: for fields that have no markup.
pub(super) fn plain(c: char, out: &mut String) {
    out.push(c);
}

/// For HTML, in text and in attributes.
pub(super) fn html(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        c => out.push(c),
    }
}

/// For Slack's `mrkdwn`: three characters have an escape
/// (<https://docs.slack.dev/messaging/formatting-message-text#escaping>); those that begin emphasis have none, and are
/// parted from their word by a space of no width.
pub(super) fn mrkdwn(c: char, out: &mut String) {
    match c {
        '*' | '_' | '~' | '`' => out.extend(['\u{200b}', c, '\u{200b}']),
        c => slack_plain(c, out),
    }
}

/// For Slack's `plain_text`, which reads the same three escapes.
pub(super) fn slack_plain(c: char, out: &mut String) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        c => out.push(c),
    }
}

/// For Discord's Markdown: a backslash before a sign takes its meaning away.
pub(super) fn markdown(c: char, out: &mut String) {
    if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '>' | '[' | ']' | '#' | '@') {
        out.push('\\');
    }
    out.push(c);
}

/// Units of UTF-16, in which services count.
pub(super) fn utf16(c: char) -> usize {
    c.len_utf16()
}

/// Bytes of UTF-8.
pub(super) fn bytes(c: char) -> usize {
    c.len_utf8()
}

/// A text that grows up to a bound.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    left: usize,
    size: fn(char) -> usize,
}

/// Less of a text than this says nothing.
const WORTH: usize = 8;
/// Less of a line among others.
const LINE_WORTH: usize = 40;
/// Room for the line that says how many more there are, markup included.
const MORE_ROOM: usize = 60;

impl Page {
    pub(super) fn new(room: usize, size: fn(char) -> usize) -> Self {
        Self { text: String::new(), left: room, size }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Adds lines, each between the markup that `frame` gives it, as far as there is room; then how many more there are.
    pub(super) fn add_lines(&mut self, lines: &[Line], frame: impl Fn(&Line) -> (String, String), escape: Escape) {
        for (at, line) in lines.iter().enumerate() {
            let (before, after) = frame(line);
            let frame_size: usize = before.chars().chain(after.chars()).map(self.size).sum();
            // The last line may be cut; one that others stand behind leaves room to say so.
            let is_last = at + 1 == lines.len();
            let needed = frame_size + if is_last { WORTH } else { LINE_WORTH + MORE_ROOM };
            if needed > self.left {
                let more = Line::more(lines.len() - at);
                let (before, after) = frame(&more);
                self.add(&before, &more.text, &after, escape);
                return;
            }
            let kept = if is_last { 0 } else { MORE_ROOM };
            self.left -= kept;
            self.add(&before, &line.text, &after, escape);
            self.left += kept;
        }
    }

    /// Adds foreign text between markup, cut to the room that is left; nothing at all where there is none for it.
    pub(super) fn add(&mut self, before: &str, text: &str, after: &str, escape: Escape) {
        let frame: usize = before.chars().chain(after.chars()).map(self.size).sum();
        let Some(room) = self.left.checked_sub(frame).filter(|room| *room >= WORTH) else { return };
        let fitted = fit(text, room, self.size, escape);
        if !fitted.is_empty() {
            self.left = room - fitted.chars().map(self.size).sum::<usize>().min(room);
            self.text.extend([before, fitted.as_str(), after]);
        }
    }
}

/// The text escaped, up to `room` in all; cut before a word where it is cut, with an ellipsis in the place of the rest.
pub(super) fn fit(text: &str, room: usize, size: fn(char) -> usize, escape: Escape) -> String {
    let text = text.trim();
    let mut out = String::new();
    let mut used = 0;
    // Where the escaped text may end, leaving room for the ellipsis: after a character, and after a word.
    let (mut after_char, mut after_word) = (0, 0);
    let dots = size('…');
    let mut before = ' ';
    for c in text.chars() {
        // What changes the character before it is not parted from it.
        if !joins(c) && before != '\u{200d}' && used + dots <= room {
            after_char = out.len();
            if c.is_whitespace() {
                after_word = out.len();
            }
        }
        let start = out.len();
        escape(c, &mut out);
        used += out.get(start..).unwrap_or_default().chars().map(size).sum::<usize>();
        if used > room {
            // A script without spaces, or one endless word, is cut where it must be.
            out.truncate(if after_word > 0 { after_word } else { after_char });
            let kept = out.trim_end().len();
            out.truncate(kept);
            if !out.is_empty() || room >= dots {
                out.push('…');
            }
            return out;
        }
        before = c;
    }
    out
}

/// Whether a character belongs to the one before it: combining marks, variation selectors, skin tones, joiners.
fn joins(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}' | '\u{93c}'..='\u{94d}' | '\u{200c}' | '\u{200d}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// One line of visible text: control characters and runs of white space become a space; what turns the direction of
/// writing is dropped, so that a title can't turn what stands behind it.
pub(super) fn line(text: &str) -> String {
    let turns =
        |c| matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let visible: String = text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The same for a place within a line: writing from right to left is kept apart from what stands around it
/// (first strong isolate, <https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates>).
pub(super) fn within(text: &str) -> String {
    let text = line(text);
    let is_rtl = |c| {
        matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}')
    };
    if text.contains(is_rtl) { format!("\u{2068}{text}\u{2069}") } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_cut_before_a_word_and_never_within_a_character() {
        let cut = |text, room| fit(text, room, utf16, plain);
        assert_eq!(cut("one two three", 20), "one two three");
        assert_eq!(cut("one two three", 12), "one two…");
        assert_eq!(cut("одно другое", 8), "одно…");
        assert_eq!(cut("endlessword", 5), "endl…");
        assert_eq!(cut("ab👩‍👩‍👧‍👦cd", 9), "ab…", "a family stays together or goes");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 4), "e\u{301}…");
        assert_eq!(fit("a<b c", 5, utf16, html), "a…", "an escape is whole or not there");
        assert_eq!(cut("x", 0), "");
    }

    #[test]
    fn a_title_can_not_turn_what_stands_behind_it() {
        assert_eq!(line(" a\r\nb\u{202e}c\u{0} "), "a bc");
        assert_eq!(within("plain"), "plain");
        assert_eq!(within("مجلس"), "\u{2068}مجلس\u{2069}");
    }

    proptest! {
        #[test]
        fn what_is_fitted_fits(text in "\\PC{0,80}", room in 0usize..60) {
            for (size, escape) in [(utf16 as fn(char) -> usize, html as Escape), (bytes, plain), (utf16, markdown), (utf16, mrkdwn)] {
                let fitted = fit(&text, room, size, escape);
                prop_assert!(fitted.chars().map(size).sum::<usize>() <= room, "{fitted:?}");
            }
        }
    }
}
