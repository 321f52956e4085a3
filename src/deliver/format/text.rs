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

/// For Slack's text beside blocks, which Mattermost reads as Markdown: there a plain `@channel` calls everybody, and an address behind
/// brackets is a link (<https://docs.mattermost.com/developers/integrate/slash-commands/slack>).
pub(super) fn slack_text(c: char, out: &mut String) {
    match c {
        '@' | ']' => out.extend([c, '\u{200b}']),
        c => mrkdwn(c, out),
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

/// For Gotify's Markdown (CommonMark): the same.
pub(super) fn commonmark(c: char, out: &mut String) {
    if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '>' | '[' | ']' | '#' | '&' | '!') {
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

/// Less of a text than this says nothing.
const WORTH: usize = 8;
/// Less of a line among others.
const LINE_WORTH: usize = 40;
/// Lines are not cut below this for the sake of addresses: rather the longest address is left out.
const LINKED_WORTH: usize = 80;
/// Room for the line that says how many more there are, markup included.
const MORE_ROOM: usize = 60;

/// How much text there is room for, and how it is counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// All of it, in units of `size`.
    pub(super) all: usize,
    /// One line of it.
    pub(super) line: usize,
    /// Where markup is no text to the service: its bytes at most. Line breaks in it count as text.
    pub(super) markup: Option<usize>,
    /// What a character takes.
    pub(super) size: fn(char) -> usize,
}

impl Room {
    pub(super) fn of(all: usize, size: fn(char) -> usize) -> Self {
        Self { all, line: all, markup: None, size }
    }

    fn size(&self, text: &str) -> usize {
        text.chars().map(self.size).sum()
    }

    /// What markup takes of the text's room.
    fn cost(&self, before: &str, after: &str) -> usize {
        match self.markup {
            Some(_) => [before, after].iter().map(|markup| markup.matches('\n').count()).sum(),
            None => self.size(before) + self.size(after),
        }
    }

    /// How long each text may be so that all of these sizes have room between their markup; `None` where less than `worth` of
    /// one would be left. What short ones leave over goes to long ones.
    fn share(&self, frames: &[(String, String)], sizes: &[usize], worth: usize) -> Option<usize> {
        let bytes: usize = frames.iter().map(|(before, after)| before.len() + after.len()).sum();
        if self.markup.is_some_and(|most| bytes > most) {
            return None;
        }
        let costs: Vec<usize> = frames.iter().map(|(before, after)| self.cost(before, after)).collect();
        let mut left = self.all.checked_sub(costs.iter().sum())?;
        let mut wanted = Vec::with_capacity(sizes.len());
        for (cost, size) in costs.iter().zip(sizes) {
            let most = self.line.checked_sub(*cost).filter(|most| *most >= worth.min(*size))?;
            wanted.push(most.min(*size));
        }
        wanted.sort_unstable();
        for (at, size) in wanted.iter().enumerate() {
            let share = left / (wanted.len() - at);
            if *size > share {
                return Some(share).filter(|share| *share >= worth);
            }
            left -= size;
        }
        Some(usize::MAX)
    }
}

/// A line as it stands in a message.
#[derive(Debug)]
pub(super) struct Laid {
    /// Markup before it.
    before: String,
    /// Its text, escaped.
    pub(super) text: String,
    /// Markup behind it.
    after: String,
    /// Where it leads, where there was room for that.
    pub(super) link: Option<String>,
}

impl Laid {
    fn framed(&self) -> String {
        [self.before.as_str(), &self.text, &self.after].concat()
    }
}

/// Lays lines out, each between the markup that `frame` gives it, so that all have room: long ones are cut; where that is
/// not enough, the longest addresses are left out; at last lines, and one says how many.
pub(super) fn laid(lines: &[Line], room: Room, frame: impl Fn(&Line) -> (String, String), escape: Escape) -> Vec<Laid> {
    let escaped = |text: &str| {
        let mut out = String::new();
        text.chars().for_each(|c| escape(c, &mut out));
        out
    };
    let sizes: Vec<usize> = lines.iter().map(|line| room.size(&escaped(&line.text))).collect();
    let mut lines = lines.to_vec();
    let mut frames: Vec<(String, String)> = lines.iter().map(&frame).collect();
    loop {
        let is_linked = lines.iter().any(|line| line.link.is_some());
        if let Some(share) = room.share(&frames, &sizes, if is_linked { LINKED_WORTH } else { LINE_WORTH }) {
            let all = lines.into_iter().zip(frames).map(|(line, (before, after))| {
                let most = share.min(room.line.saturating_sub(room.cost(&before, &after)));
                Laid { text: fit(&line.text, most, room.size, escape), before, after, link: line.link }
            });
            return all.filter(|line| !line.text.is_empty()).collect();
        }
        let linked = lines.iter_mut().zip(&mut frames).filter(|(line, _)| line.link.is_some());
        let Some((line, its)) = linked.max_by_key(|(_, (before, after))| before.len() + after.len()) else { break };
        line.link = None;
        *its = frame(line);
    }
    cut_off(&lines, room, frame, escape)
}

/// As many lines as there is room for, then how many more there are.
fn cut_off(lines: &[Line], room: Room, frame: impl Fn(&Line) -> (String, String), escape: Escape) -> Vec<Laid> {
    let (mut all, mut left) = (Vec::new(), room.all);
    for (at, line) in lines.iter().enumerate() {
        let (before, after) = frame(line);
        let cost = room.cost(&before, &after);
        // The last line may be cut; one that others stand behind leaves room to say so.
        let is_last = at + 1 == lines.len();
        let (worth, kept) = if is_last { (WORTH, 0) } else { (LINE_WORTH, MORE_ROOM) };
        if cost + worth + kept > left {
            let more = Line::more(lines.len() - at);
            let (before, after) = frame(&more);
            if room.cost(&before, &after) + room.size(&more.text) <= left {
                all.push(Laid { before, text: more.text, after, link: None });
            }
            return all;
        }
        let text = fit(&line.text, (left - kept).min(room.line).saturating_sub(cost), room.size, escape);
        left -= cost + room.size(&text);
        all.push(Laid { before, text, after, link: None });
    }
    all
}

/// The lines one behind the other, in pieces of at most `most`.
pub(super) fn packed(lines: &[Laid], most: usize, size: fn(char) -> usize) -> Vec<String> {
    let (mut pieces, mut left) = (Vec::<String>::new(), 0);
    for line in lines.iter().map(Laid::framed) {
        let length = line.chars().map(size).sum();
        if let Some(piece) = pieces.last_mut().filter(|_| length <= left) {
            piece.push_str(&line);
            left -= length;
        } else {
            left = most.saturating_sub(length);
            pieces.push(line);
        }
    }
    pieces
}

/// A text that grows up to a bound.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    /// What is left of it.
    room: Room,
}

impl Page {
    pub(super) fn new(room: usize, size: fn(char) -> usize) -> Self {
        Self { text: String::new(), room: Room::of(room, size) }
    }

    /// Where markup is no text to the service, with so many bytes of it in lines at most.
    pub(super) fn with_markup_of(mut self, bytes: usize) -> Self {
        self.room.markup = Some(bytes);
        self
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// Adds lines, each between the markup that `frame` gives it, as [`laid`] lays them out.
    pub(super) fn add_lines(&mut self, lines: &[Line], frame: impl Fn(&Line) -> (String, String), escape: Escape) {
        let room = Room { line: self.room.all, ..self.room };
        for line in laid(lines, room, frame, escape) {
            let used = self.room.cost(&line.before, &line.after) + self.room.size(&line.text);
            self.room.all = self.room.all.saturating_sub(used);
            self.text.push_str(&line.framed());
        }
    }

    /// Adds foreign text between markup, cut to the room that is left; nothing at all where there is none for it.
    pub(super) fn add(&mut self, before: &str, text: &str, after: &str, escape: Escape) {
        let cost = self.room.cost(before, after);
        let Some(room) = self.room.all.checked_sub(cost).filter(|room| *room >= WORTH) else { return };
        let fitted = fit(text, room, self.room.size, escape);
        if !fitted.is_empty() {
            self.room.all = room.saturating_sub(self.room.size(&fitted));
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

    fn linked(text: &str, link: &str) -> Line {
        Line { text: text.to_owned(), link: (!link.is_empty()).then(|| link.to_owned()) }
    }

    fn marked(line: &Line) -> (String, String) {
        let link = line.link.as_deref().unwrap_or_default();
        ("<".to_owned(), format!("{link}>\n"))
    }

    fn lengths(lines: &[Line], room: Room) -> Vec<(usize, usize)> {
        let laid = laid(lines, room, marked, plain);
        laid.iter().map(|line| (line.text.chars().count(), line.link.as_ref().map_or(0, String::len))).collect()
    }

    #[test]
    fn all_lines_have_room_by_cutting_long_ones_and_then_leaving_the_longest_address_out() {
        let lines = [
            linked(&"long ".repeat(80), &"a".repeat(100)),
            linked("short", &"b".repeat(200)),
            linked(&"word ".repeat(60), ""),
        ];
        let room = |all| Room::of(all, utf16);
        assert_eq!(
            lengths(&lines, room(2_000)),
            [(399, 100), (5, 200), (299, 0)],
            "whole, without the space at the end"
        );
        assert_eq!(
            lengths(&lines, room(714)),
            [(200, 100), (5, 200), (200, 0)],
            "what the short one leaves over is shared"
        );
        assert_eq!(lengths(&lines, room(450)), [(165, 100), (5, 0), (165, 0)]);
        assert_eq!(lengths(&lines, room(200)), [(90, 0), (5, 0), (90, 0)]);
        assert_eq!(lengths(&lines, room(80)), [(10, 0)], "and 3 more");
        let beside = Room { markup: Some(150), ..room(714) };
        assert_eq!(
            lengths(&lines, beside),
            [(399, 100), (5, 0), (299, 0)],
            "markup beside the text has a bound of its own"
        );
    }

    #[test]
    fn lines_are_packed_in_order_and_none_is_torn() {
        let lines: Vec<Line> = ["one", "two", "three"].iter().map(|text| linked(text, "")).collect();
        let laid = laid(&lines, Room::of(100, utf16), |_| (String::new(), "\n".to_owned()), plain);
        assert_eq!(packed(&laid, 8, utf16), ["one\ntwo\n", "three\n"]);
        assert_eq!(packed(&laid, 4, utf16), ["one\n", "two\n", "three\n"]);
    }

    proptest! {
        #[test]
        fn lines_keep_within_their_room(
            texts in prop::collection::vec(("\\PC{1,60}|[a ]{1,300}", 0usize..400), 0..30),
            all in 0usize..4_000,
            line in 100usize..1_000,
        ) {
            let lines: Vec<Line> = texts.iter().map(|(text, link)| linked(text, &"a".repeat(*link))).collect();
            let laid = laid(&lines, Room { line, ..Room::of(all, utf16) }, marked, html);
            let lengths: Vec<usize> = laid.iter().map(|line| line.framed().chars().map(utf16).sum()).collect();
            prop_assert!(lengths.iter().sum::<usize>() <= all);
            prop_assert!(lengths.iter().all(|length| *length <= line));
        }

        #[test]
        fn what_is_fitted_fits(text in "\\PC{0,80}", room in 0usize..60) {
            for (size, escape) in [(utf16 as fn(char) -> usize, html as Escape), (bytes, plain), (utf16, markdown), (utf16, mrkdwn), (utf16, slack_text)] {
                let fitted = fit(&text, room, size, escape);
                prop_assert!(fitted.chars().map(size).sum::<usize>() <= room, "{fitted:?}");
            }
        }
    }
}
