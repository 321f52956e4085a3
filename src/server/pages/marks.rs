//! Words of a text, marked.

use std::ops::Range;

use maud::{Markup, html};

use crate::text::{Piece, lead};

/// `text` with the bytes at `marks` marked; places that are none of the text are passed over.
pub(super) fn marked(text: &str, marks: &[Range<usize>]) -> Markup {
    let mut parts: Vec<(bool, &str)> = Vec::new();
    let mut at = 0;
    for mark in marks {
        let (Some(before), Some(word)) = (text.get(at..mark.start), text.get(mark.clone())) else { continue };
        parts.extend([(false, before), (true, word)]);
        at = mark.end;
    }
    parts.push((false, text.get(at..).unwrap_or_default()));
    html! {
        @for (is_marked, part) in parts {
            @if is_marked { mark { (part) } } @else { (part) }
        }
    }
}

/// A part of `text` of at most so many characters around its first mark, with the marks that lie in it.
pub(super) fn sentence_around<'a>(text: &'a str, marks: &[Range<usize>], chars: usize) -> (&'a str, Vec<Range<usize>>) {
    let first = marks.first().map_or(0, |mark| mark.start);
    // From the start of the sentence where that is near, else from a word a little before.
    let before = text.get(..first).unwrap_or_default();
    let near = before.char_indices().rev().nth(chars / 3).map_or(0, |(at, _)| at);
    let head = before.get(near..).unwrap_or_default();
    let begin = match (head.rfind(['.', '!', '?', '。', '\n']), head.find(char::is_whitespace)) {
        (Some(end), _) => near + end + head.get(end..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8),
        (None, _) if near == 0 => 0,
        (None, Some(space)) => near + space,
        (None, None) => near,
    };
    let rest = text.get(begin..).unwrap_or_default();
    let begin = begin + (rest.len() - rest.trim_start().len());
    let shown = lead(text.get(begin..).unwrap_or_default(), chars);
    let end = begin + shown.len();
    let within = marks.iter().filter(|mark| mark.start >= begin && mark.end <= end);
    (shown, within.map(|mark| mark.start - begin..mark.end - begin).collect())
}

/// What an edit took out and put in.
pub(super) fn edited(pieces: &[Piece]) -> Markup {
    html! {
        @for piece in pieces {
            @match piece {
                Piece::Same(text) => (text),
                Piece::Removed(text) => del { (text) },
                Piece::Added(text) => ins { (text) },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_around_escaped_words_and_wrong_places_do_no_harm() {
        let veto = 6..10;
        assert_eq!(marked("a <b> veto", std::slice::from_ref(&veto)).into_string(), "a &lt;b&gt; <mark>veto</mark>");
        assert_eq!(marked("é", &[1..2, 5..9]).into_string(), "é");
    }

    #[test]
    fn an_excerpt_begins_with_the_sentence_of_the_first_word_found() {
        let text = "Nothing here. The council met. It vetoed the draft at once, and went home again.";
        let at = text.find("vetoed").unwrap();
        let vetoed = at..at + 6;
        let (shown, marks) = sentence_around(text, std::slice::from_ref(&vetoed), 40);
        assert_eq!(shown, "It vetoed the draft at once, and went");
        assert_eq!(shown.get(marks[0].clone()), Some("vetoed"));
        assert_eq!(sentence_around("short", &[], 40).0, "short");
    }
}
