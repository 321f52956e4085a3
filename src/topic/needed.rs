//! What an index of words can tell of a query: words that every story it holds for has.
//!
//! Less than the query asks, never more: a story that has what is needed is put to the query itself.

use super::clause::{Clause, Node};
use super::parser::Query;
use super::term::{Field, Pattern, Slot, Term, Word};
use crate::text::{fold, is_mark};

/// Letters of a word's start that all its forms share, at least; an index of words is no help with fewer.
const START_CHARS_MIN: usize = 2;
/// Letters of the longest word that is written as initials.
const INITIALS_MAX: usize = 4;
/// Starts that an index is asked for in place of one, at most: where more would be needed, a shorter start is.
const STARTS_MAX: usize = 24;
/// Starts that an index is asked for in all, about: past these a word is asked for by what stands before its first letter that may
/// be kept apart, which finds no less.
const STARTS_IN_ALL: usize = 200;
/// What letters are folded to here, and an index of words may keep: `е` may be written `ё`.
const KEPT_APART: [(&str, char); 9] =
    [("е", 'ё'), ("ae", 'æ'), ("oe", 'œ'), ("ss", 'ß'), ("o", 'ø'), ("l", 'ł'), ("d", 'đ'), ("d", 'ð'), ("i", 'ı')];

/// Words that a story must have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Needed {
    /// Nothing that can be told.
    #[default]
    Anything,
    /// A word, folded, that begins so.
    Begins(String),
    /// Words of a letter each, side by side, which are these: initials, where an index parts words at every dot.
    Initials(String),
    /// A word, and behind it one that begins so: together they are one.
    Parted(String, String),
    /// All of these.
    All(Vec<Needed>),
    /// One of these.
    Any(Vec<Needed>),
}

impl Query {
    /// What every story that the query holds for has, as far as its words tell.
    pub fn needed(&self) -> Needed {
        of_clause(&self.root, &mut { STARTS_IN_ALL })
    }

    /// A search as people type it: where there is nothing but words, each may be the start of one; else a query.
    ///
    /// # Errors
    /// As [`Query::parse`], at places of `text`.
    pub fn search(text: &str) -> Result<Self, Vec<super::QueryError>> {
        let parsed = Self::parse(text)?;
        let words: Vec<&str> = text.split_whitespace().collect();
        if !words.iter().all(|word| is_plain(word)) {
            return Ok(parsed);
        }
        let begun = words.iter().map(|word| {
            let is_long = word.chars().count() > START_CHARS_MIN;
            if is_long { format!("({word} OR {word}*)") } else { (*word).to_owned() }
        });
        Self::parse(&begun.collect::<Vec<_>>().join(" ")).or(Ok(parsed))
    }
}

impl Query {
    /// A search for the words alone of what can't be read as a query: a headline with its colon, `war or peace`. `None`: there are none.
    pub fn search_for_words(text: &str) -> Option<Self> {
        let is_operator = |word: &str| ["and", "or", "not"].iter().any(|known| word.eq_ignore_ascii_case(known));
        let words: Vec<&str> = text
            .split(|c: char| !c.is_alphanumeric() && !is_mark(c))
            .filter(|word| !word.is_empty() && !is_operator(word))
            .collect();
        if words.is_empty() { None } else { Self::search(&words.join(" ")).ok() }
    }
}

/// Whether a word is no more than that.
fn is_plain(word: &str) -> bool {
    word.chars().all(char::is_alphanumeric) && !matches!(word, "AND" | "OR" | "NOT")
}

fn of_clause(clause: &Clause, left: &mut usize) -> Needed {
    match &clause.node {
        Node::All | Node::Nothing | Node::Without(_) => Needed::Anything,
        Node::Term(term) => of_term(term, left),
        Node::And(list) => all(list.iter().map(|part| of_clause(part, left))),
        Node::Or(list) => any(list.iter().map(|part| of_clause(part, left))),
    }
}

fn of_term(term: &Term, left: &mut usize) -> Needed {
    match (&term.field, &term.pattern) {
        (Field::Lang | Field::Publisher, _) | (_, Pattern::Langs(_) | Pattern::Publishers(_)) => Needed::Anything,
        (Field::Any | Field::Title | Field::Text, Pattern::Phrase(slots) | Pattern::Near(slots, _)) => {
            let parted = slots.iter().filter(|slot: &&Slot| !slot.is_joined);
            let apart = all(parted.map(|slot| of_slot(slot, left)));
            any(std::iter::once(apart).chain(term.in_one.iter().map(|slot| of_slot(slot, left))))
        }
    }
}

fn of_slot(slot: &Slot, left: &mut usize) -> Needed {
    any(slot.words.iter().map(|word| of_word(word, left)))
}

fn all(parts: impl Iterator<Item = Needed>) -> Needed {
    let mut parts: Vec<Needed> = parts.filter(|part| *part != Needed::Anything).collect();
    match parts.len() {
        0 => Needed::Anything,
        1 => parts.remove(0),
        _ => Needed::All(parts),
    }
}

fn any(parts: impl Iterator<Item = Needed>) -> Needed {
    let mut parts: Vec<Needed> = parts.fold(Vec::new(), |mut kept, part| {
        if !kept.contains(&part) {
            kept.push(part);
        }
        kept
    });
    match parts.len() {
        1 => parts.remove(0),
        _ if parts.is_empty() || parts.contains(&Needed::Anything) => Needed::Anything,
        _ => Needed::Any(parts),
    }
}

/// What is needed of a word, while so many starts are left to be asked for.
fn of_word(word: &Word, left: &mut usize) -> Needed {
    let is_spent = *left == 0;
    let shortened = |start: String| if is_spent { unambiguous(&start).to_owned() } else { start };
    let needed = match word {
        Word::Prefix(start) => begins(&shortened(start.clone())),
        // Stems change the ends of words: half of one is in all its forms. (A few short ones of English are not: dying, die.)
        Word::Stem { form, inflected, .. }
        | Word::Form { form, inflected, .. }
        | Word::Spelled { form, inflected, .. }
            if inflected.starts_with(&half(form)) =>
        {
            let start = shortened(half(form));
            or_parted(or_initials(begins(&start), form), &start)
        }
        Word::Stem { inflected, .. } | Word::Form { inflected, .. } => {
            let start = shortened(half(inflected));
            or_parted(begins(&start), &start)
        }
        Word::Spelled { inflected, .. } => begins(&shortened(half(inflected))),
        Word::Exact { form, .. } => {
            let form: String = fold(form).chars().filter(|c| c.is_alphanumeric()).collect();
            or_initials(begins(&shortened(form.clone())), &form)
        }
    };
    *left = left.saturating_sub(starts(&needed));
    needed
}

/// What of a start stands before the first letter that an index may keep apart.
fn unambiguous(start: &str) -> &str {
    let is_kept =
        |rest: &str| KEPT_APART.iter().any(|(folded, _)| rest.starts_with(folded) || folded.starts_with(rest));
    let mut parts = start.char_indices().filter_map(|(at, _)| start.split_at_checked(at));
    parts.find(|(_, rest)| is_kept(rest)).map_or(start, |(before, _)| before)
}

/// How many starts an index is asked for.
fn starts(needed: &Needed) -> usize {
    match needed {
        Needed::Anything => 0,
        Needed::Begins(_) | Needed::Initials(_) | Needed::Parted(..) => 1,
        Needed::All(list) | Needed::Any(list) => list.iter().map(starts).sum(),
    }
}

/// A word that may be written with a hyphen in it, or a number in groups; nothing else where the index can't tell it anyhow.
fn or_parted(word: Needed, start: &str) -> Needed {
    if word == Needed::Anything || !start.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return word;
    }
    let parted = (1..start.len()).filter_map(|at| start.split_at_checked(at));
    any(std::iter::once(word).chain(parted.map(|(first, second)| Needed::Parted(first.to_owned(), second.to_owned()))))
}

/// A short word, which may be written as initials: UN, U.N.
fn or_initials(word: Needed, form: &str) -> Needed {
    let letters = form.chars().count();
    let may_be = (START_CHARS_MIN..=INITIALS_MAX).contains(&letters) && form.chars().all(char::is_alphabetic);
    if may_be { any([word, Needed::Initials(form.to_owned())].into_iter()) } else { word }
}

fn half(form: &str) -> String {
    let letters = form.chars().count();
    form.chars().take(letters.div_ceil(2).max(START_CHARS_MIN)).collect()
}

fn begins(start: &str) -> Needed {
    let letters = start.chars().count();
    // Other scripts part words elsewhere than an index does, change the starts of words, or keep accents that are folded here.
    if letters < START_CHARS_MIN || !start.chars().all(is_indexed) {
        return Needed::Anything;
    }
    // Each spelling so far, and how much of the start it stands for.
    let mut starts = vec![(String::new(), 0)];
    let mut length = 0;
    for (at, letter) in start.char_indices() {
        let rest = start.get(at..).unwrap_or_default();
        let mut longer = Vec::new();
        for (begun, stands_for) in &starts {
            if *stands_for > at {
                longer.push((begun.clone(), *stands_for));
                continue;
            }
            longer.push((format!("{begun}{letter}"), at + letter.len_utf8()));
            // A start that ends within two letters may go on with the second.
            let kept = KEPT_APART.iter().filter(|(folded, _)| rest.starts_with(folded) || folded.starts_with(rest));
            longer.extend(kept.map(|(folded, letter)| (format!("{begun}{letter}"), at + folded.len())));
        }
        if longer.len() > STARTS_MAX {
            break;
        }
        starts = longer;
        length += 1;
    }
    if length < START_CHARS_MIN {
        return Needed::Anything;
    }
    any(starts.into_iter().map(|(start, _)| Needed::Begins(start)))
}

/// Latin without marks, digits, and Cyrillic.
fn is_indexed(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '\u{430}'..='\u{45f}' | '\u{491}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: &str) {
        let needed = Query::parse(query).unwrap().needed();
        assert_eq!(shown(&needed), expected, "{query}");
    }

    fn shown(needed: &Needed) -> String {
        let list =
            |parts: &[Needed], word: &str| format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(word));
        match needed {
            Needed::Anything => "anything".to_owned(),
            Needed::Begins(start) => format!("{start}*"),
            Needed::Initials(letters) => letters.chars().flat_map(|letter| [letter, '.']).collect(),
            Needed::Parted(first, second) => format!("{first}-{second}*"),
            Needed::All(parts) => list(parts, " & "),
            Needed::Any(parts) => list(parts, " | "),
        }
    }

    #[test]
    fn an_index_is_asked_for_the_starts_of_words_that_must_be_there() {
        check("cyber network", "((cyb* | c-yb* | cy-b*) & (netw* | n-etw* | ne-tw* | net-w*))");
        check("\"cyber network\"~4 -nazism", "((cyb* | c-yb* | cy-b*) & (netw* | n-etw* | ne-tw* | net-w*))");
        check("(cyber OR energ*) title:vetoed", "(((cyb* | c-yb* | cy-b*) | energ*) & (vet* | v-et* | ve-t*))");
        check("'NATE' lang:en publisher:un.org", "(nate* | n.a.t.e.)");
        check("Об'єднаних", "(об* | о.б.)");
        check("лёдник", "(лед* | лёд*)");
        check("Łódź", "(((lo* | lœ* | lø* | ło* | łœ* | łø*) | l.o.d.z.) | l-o*)");
        check("пень", "(((пе* | пё*) | п.е.н.ь.) | пн* | (пне* | пнё*))");
    }

    #[test]
    fn of_many_words_the_last_are_asked_for_by_shorter_starts() {
        let letters = ('a'..='z').flat_map(|a| ['b', 'n', 'r'].map(|b| format!("sutlodoil{a}{b}ossavatin")));
        let words: Vec<String> = letters.take(58).chain(["veto".to_owned(), "oslo".to_owned()]).collect();
        let needed = Query::parse(&words.join(" ")).unwrap().needed();
        assert!(starts(&needed) < 500, "{}", starts(&needed));
        let all = shown(&needed);
        assert!(all.ends_with("(sut* | s-ut* | su-t*) & ((ve* | v.e.t.o.) | v-e*))"), "{all}");
    }

    #[test]
    fn what_an_index_can_not_tell_is_not_asked_of_it() {
        check("*", "anything");
        check("网络安全", "anything");
        check("vetoed OR 网络", "anything");
        check("lang:ru", "anything");
        check("vetoed 网络", "(vet* | v-et* | ve-t*)");
    }

    #[test]
    fn plain_words_of_a_search_may_be_the_starts_of_words() {
        let holds = |search: &str, title: &str| {
            let story = crate::topic::StoryText { title, text: "", lang: Some("en"), publisher: "p.example" };
            Query::search(search).unwrap().holds(&crate::topic::StoryTokens::of(story))
        };
        assert!(holds("counc vot", "The council votes") && holds("votes", "The council voted"));
        assert!(!holds("counc veto", "The council votes"));
        // With an operator they are what a topic's query makes of them.
        assert!(!holds("counc AND vot*", "The council votes"));
        assert!(Query::search("(council").is_err());
    }
}
