//! What stands about a story's own words: page furniture, bylines, datelines, agency tails, links.
//!
//! Syndicated texts differ by these before they differ by anything else, so texts are compared without them. Each rule
//! looks at a line or a sentence by itself (a dateline: at the beginning of what is left). Where nothing would be left,
//! all of it stays.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use super::tokens::{Token, TokenKind, Tokens};

mod phrase;

/// A line of so few words that is no sentence is a label: a menu's entry, a section's name.
const LABEL_WORDS: usize = 4;
/// A line of a list has so many words at most.
const LISTED_WORDS: usize = 18;
/// So many lines that are no sentences are a list.
const LIST_LINES: usize = 3;
/// Names that one byline holds.
const BYLINE_WORDS: usize = 12;
/// Words of a dateline: place, date and agency.
const DATELINE_WORDS: usize = 16;
/// A place without date or agency before a dash: that many words at most.
const BARE_PLACE_WORDS: usize = 3;
/// Words of a line that says when it was written.
const MOMENT_WORDS: usize = 12;
/// Words of a line that a word and a colon head: Photo: Jane Porter / press service.
const NAMED_WORDS: usize = 16;
/// Letters of small words that stand within names and dates: de, of, г.
const SMALL_LETTERS: usize = 3;

/// The parts of a text's first `end` bytes that are the story's own words, in order: ranges of bytes, each from a word
/// to the beginning of the next part. `tokens` are the text's. Linear in the text.
pub fn prose(text: &str, tokens: &Tokens, end: usize) -> Vec<Range<usize>> {
    let links = links(text.get(..end).unwrap_or(text));
    let is_linked = |token: &Token| {
        let at = links.partition_point(|link| link.end <= token.start);
        links.get(at).is_some_and(|link| link.start < token.end)
    };
    let words = tokens.iter().filter(|t| t.kind != TokenKind::Pair && !is_linked(t)).take_while(|t| t.end <= end);
    let mut reader = Reader { text, tokens, words: words.collect(), borders: Vec::new(), end, links: &links };
    // Asked for once for lines, and again for sentences.
    reader.borders = (0..=reader.words.len()).map(|at| reader.find_border(at)).collect();
    let lines = reader.lines();
    [Lists::Dropped, Lists::Kept]
        .into_iter()
        .map(|lists| reader.parts(&lines, lists))
        .find(|parts| !parts.is_empty())
        .unwrap_or_else(|| std::iter::once(0..end).collect())
}

/// What follows a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Border {
    None,
    Sentence,
    Line,
}

/// Whether lists go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lists {
    Dropped,
    Kept,
}

/// A line, as ranges of words.
struct Line {
    kept: Vec<Range<usize>>,
    /// Whether it may be one of a list: nothing is kept of it, or what is kept is no sentence.
    is_listed: bool,
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a Tokens,
    words: Vec<&'a Token>,
    /// Before each word, and behind the last.
    borders: Vec<Border>,
    end: usize,
    links: &'a [Range<usize>],
}

impl Reader<'_> {
    fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut is_open = false;
        let mut at = 0;
        while at < self.words.len() {
            let after = self.next_border(at, Border::Line);
            lines.push(self.line(at..after, &mut is_open));
            at = after;
        }
        lines
    }

    /// What is kept of the lines. Lines of a list are many that are no sentences, one after the other: a menu, other
    /// stories' titles.
    fn parts(&self, lines: &[Line], lists: Lists) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        for run in lines.chunk_by(|a, b| a.is_listed && b.is_listed) {
            let is_list = run.len() >= LIST_LINES && run.iter().all(|line| line.is_listed);
            if is_list && lists == Lists::Dropped {
                continue;
            }
            parts.extend(run.iter().flat_map(|line| &line.kept).flat_map(|words| self.unlinked(words)));
        }
        parts
    }

    /// The parts of a line; `is_open` says whether the story has begun, so that no dateline can follow.
    fn line(&self, line: Range<usize>, is_open: &mut bool) -> Line {
        let mut kept: Vec<Range<usize>> = Vec::new();
        let mut at = line.start;
        while at < line.end {
            if !*is_open
                && kept.is_empty()
                && let Some(after) = self.dateline(at..line.end)
            {
                at = after;
                continue;
            }
            let after = self.next_border(at, Border::Sentence).min(line.end);
            if !self.is_furniture(at..after) {
                kept.push(at..after);
            }
            at = after;
        }
        let words: usize = kept.iter().map(Range::len).sum();
        let gap = self.gap(line.end);
        let closes = gap.trim_start_matches(['"', '”', '»', ')', '\'', '’']);
        let is_sentence = closes.starts_with(['.', '!', '?', '…', '。', '！', '？', ':', ';']);
        if words <= LABEL_WORDS && !is_sentence {
            kept.clear();
        }
        let is_listed = kept.is_empty() || (words <= LISTED_WORDS && !is_sentence);
        // What may go with a list is no beginning.
        *is_open |= !is_listed;
        Line { kept, is_listed }
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |token| self.tokens.folded(token))
    }

    fn is_capital(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|token| token.is_capital)
    }

    fn is_number(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|token| token.is_number)
    }

    /// What stands before a word, after the word before it; links aside.
    fn gap(&self, at: usize) -> Cow<'_, str> {
        let from = at.checked_sub(1).and_then(|before| self.words.get(before)).map_or(0, |token| token.end);
        let to = self.words.get(at).map_or(self.end, |token| token.start);
        if self.links.is_empty() {
            return Cow::Borrowed(self.text.get(from..to).unwrap_or_default());
        }
        let parts = self.without_links(from..to);
        let mut parts = parts.iter().filter_map(|part| self.text.get(part.clone()));
        let first = parts.next().unwrap_or_default();
        parts
            .next()
            .map_or(Cow::Borrowed(first), |second| Cow::Owned([first, second].into_iter().chain(parts).collect()))
    }

    /// The border before a word.
    fn border(&self, at: usize) -> Border {
        self.borders.get(at).copied().unwrap_or(Border::None)
    }

    fn find_border(&self, at: usize) -> Border {
        let gap = self.gap(at);
        // Nearly always.
        if gap == " " {
            return Border::None;
        }
        if gap.contains('\n') {
            return Border::Line;
        }
        let is_initial = gap.starts_with(". ") && at.checked_sub(1).is_some_and(|before| self.is_letter(before));
        let is_spaced = gap.contains(char::is_whitespace) && gap.contains(['.', '!', '?', '…']) && !is_initial;
        let is_sentence = (is_spaced && !self.begins_small(at)) || gap.contains(['。', '！', '？']);
        if is_sentence || gap.contains(is_divider) { Border::Sentence } else { Border::None }
    }

    /// Whether a word is one letter, as initials are.
    fn is_letter(&self, at: usize) -> bool {
        let mut letters = self.word(at).chars();
        letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
    }

    fn begins_small(&self, at: usize) -> bool {
        let start = self.words.get(at).map_or(self.end, |token| token.start);
        self.text.get(start..).is_some_and(|rest| rest.starts_with(char::is_lowercase))
    }

    /// The first word after `at` before which there is such a border, or a stronger one.
    fn next_border(&self, at: usize, least: Border) -> usize {
        let reaches = |at: &usize| match self.border(*at) {
            Border::Line => true,
            Border::Sentence => least == Border::Sentence,
            Border::None => false,
        };
        (at + 1..self.words.len()).find(reaches).unwrap_or(self.words.len())
    }

    fn is_furniture(&self, words: Range<usize>) -> bool {
        let is_named = self.gap(words.start + 1).starts_with(':') && words.len() <= NAMED_WORDS;
        phrase::begins(words.clone().map(|at| self.word(at)))
            || phrase::is_tag(self.word(words.start), words.len(), is_named)
            || self.is_byline(words.clone())
            || self.is_moment(words.clone())
            || words.clone().all(|at| self.gap(at).ends_with(['#', '@']))
            || (self.gap(words.start).trim_end_matches(is_blank).ends_with('©') && words.len() <= NAMED_WORDS)
    }

    /// Whether a line says by whom it was written, and nothing else: By Jane Porter and Samuel Okoro, Example News.
    fn is_byline(&self, words: Range<usize>) -> bool {
        let is_alone = self.is_line_start(words.start) && self.is_line_end(words.end);
        is_alone
            && phrase::is_by(self.word(words.start))
            && (2..=BYLINE_WORDS).contains(&words.len())
            && words.skip(1).all(|at| self.is_capital(at) || self.is_number(at) || phrase::is_and(self.word(at)))
    }

    /// Whether it says when it was written, and nothing else.
    fn is_moment(&self, words: Range<usize>) -> bool {
        let says = |at: usize| self.is_number(at) || phrase::is_of_calendar(self.word(at));
        (2..=MOMENT_WORDS).contains(&words.len())
            && words.clone().any(|at| self.is_number(at))
            && words.clone().all(says)
            && self.is_line_end(words.end)
    }

    fn is_line_start(&self, at: usize) -> bool {
        at == 0 || self.border(at) == Border::Line
    }

    fn is_line_end(&self, after: usize) -> bool {
        after >= self.words.len() || self.border(after) == Border::Line
    }

    /// The word after a dateline, if one stands here: `GENEVA, Nov 3 (Reuters) -`, `МОСКВА, 3 ноя — РИА Новости.`,
    /// `3 ноября, Минск /Корр. БЕЛТА/.`, `LONDON —`.
    fn dateline(&self, line: Range<usize>) -> Option<usize> {
        let first = line.start;
        let mut is_sure = false;
        let mut was_number = false;
        let mut was_agency = false;
        for at in line.clone().take(DATELINE_WORDS) {
            let word = self.word(at);
            let (is_agency, is_number) = (phrase::is_agency(word), self.is_number(at));
            let is_date = phrase::is_of_calendar(word) && (was_number || self.is_number(at + 1));
            let is_small = word.chars().count() <= SMALL_LETTERS;
            if !(is_agency || is_number || is_date || is_small || self.is_capital(at)) {
                return None;
            }
            let opens = self.gap(at).trim_end_matches(['.', ' ']).ends_with(['(', '/', '[']) && at > first;
            is_sure |= is_agency || is_date || (opens && self.is_capital(at));
            was_number = is_number;
            was_agency |= is_agency;
            let (after, gap) = (at + 1, self.gap(at + 1));
            let is_bare = after - first <= BARE_PLACE_WORDS && !self.begins_small(after) && self.is_capital(first);
            let ends = match () {
                () if is_dash(&gap) => is_sure || is_bare,
                () if after >= line.end => is_sure && is_agency,
                () => is_sure && (gap.contains(['/', ')', ']']) || (was_agency && gap.contains(". "))),
            };
            if ends {
                // A bracket may close in the middle: Minsk /BELTA/, 3 November -
                let goes_on = gap.contains(',') || phrase::is_agency(self.word(after));
                let rest = goes_on.then(|| self.dateline(after..line.end)).flatten();
                let is_named = |at: &usize| phrase::is_agency(self.word(*at)) && self.border(*at) == Border::None;
                let agency = (after..line.end).take_while(|at| is_dash(&gap) && is_named(at)).count();
                return Some(rest.unwrap_or(after + agency));
            }
        }
        None
    }

    /// The bytes of these words without links.
    fn unlinked(&self, words: &Range<usize>) -> Vec<Range<usize>> {
        let start = self.words.get(words.start).map_or(self.end, |token| token.start);
        let end = self.words.get(words.end).map_or(self.end, |token| token.start);
        // The signs that furniture begins with go with it.
        let last = words.end.checked_sub(1).and_then(|last| self.words.get(last)).map_or(start, |token| token.end);
        let gap = self.text.get(last..end).unwrap_or_default();
        let is_sign = |c: char| is_blank(c) || matches!(c, '©' | '#' | '@');
        let signs = gap.len() - gap.trim_end_matches(is_sign).len();
        let has_sign = gap.len() - gap.trim_end_matches(is_blank).len() < signs;
        self.without_links(start..if has_sign { end - signs } else { end })
    }

    fn without_links(&self, Range { start, end }: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut from = start;
        let first = self.links.partition_point(|link| link.end <= start);
        for link in self.links.iter().skip(first).take_while(|link| link.start < end) {
            if link.start > from {
                parts.push(from..link.start);
            }
            from = from.max(link.end.min(end));
        }
        if from < end {
            parts.push(from..end);
        }
        parts
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() && c != '\n'
}

/// A dash that stands between words, not within one.
fn is_dash(gap: &str) -> bool {
    let is_spaced = gap.starts_with(char::is_whitespace) || gap.starts_with([')', '/', ']', '.', ',']);
    (is_spaced && gap.contains([' ', '\u{a0}']) && gap.contains(['-', '–', '—', '−'])) || gap.contains("--")
}

/// Signs that part what a page puts side by side: bullets, arrows, pictures.
fn is_divider(c: char) -> bool {
    matches!(c, '|' | '•' | '·' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Where links stand, without the punctuation after them.
fn links(text: &str) -> Vec<Range<usize>> {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '<' | '>' | '"' | '«' | '»');
    let mut links: Vec<Range<usize>> = Vec::new();
    for mark in ["://", "www.", "t.me/"] {
        for at in memmem::find_iter(text.as_bytes(), mark) {
            if links.iter().rev().take(8).any(|link| link.contains(&at)) {
                continue;
            }
            let (before, after) = text.split_at_checked(at).unwrap_or((text, ""));
            let start = before.char_indices().rev().take(LINK_HEAD).find(|&(_, c)| is_edge(c));
            let start = start.map_or(at.saturating_sub(LINK_HEAD), |(edge, c)| edge + c.len_utf8());
            let end = after.find(is_edge).map_or(text.len(), |edge| at + edge);
            let Some(link) = text.get(start..end) else { continue };
            links.push(start..start + link.trim_end_matches(['.', ',', ':', ';', '!', '?']).len());
        }
    }
    links.sort_by_key(|link| (link.start, link.end));
    links
}

/// Characters before `://` that are looked at for the beginning of a link.
const LINK_HEAD: usize = 12;

#[cfg(test)]
mod tests;
