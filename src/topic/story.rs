//! A story as queries see it: its tokens, sorted so that a word is found without a scan.

use std::cell::OnceCell;
use std::ops::Range;

use super::term::{Slot, Word};
use crate::model::StoryDraft;
use crate::text::{StemCache, Token, TokenKind, Tokens, spelled_out};

/// What a query can ask of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoryText<'a> {
    /// Its title, plain.
    pub title: &'a str,
    /// Its text, plain.
    pub text: &'a str,
    /// Its language, a BCP 47 primary subtag.
    pub lang: Option<&'a str>,
    /// Who publishes it: a host, or a name.
    pub publisher: &'a str,
}

impl<'a> From<&'a StoryDraft> for StoryText<'a> {
    fn from(draft: &'a StoryDraft) -> Self {
        Self { title: &draft.title, text: &draft.text, lang: draft.lang.as_deref(), publisher: &draft.publisher }
    }
}

/// A story taken apart once, for all topics.
#[derive(Debug)]
pub struct StoryTokens<'a> {
    pub(super) story: StoryText<'a>,
    title: Sorted<'a>,
    text: Sorted<'a>,
}

/// The two texts of a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Title,
    Text,
}

impl<'a> StoryTokens<'a> {
    /// Takes a story apart.
    pub fn of(story: StoryText<'a>) -> Self {
        let title = Sorted::of(story.title, Tokens::of(story.title, story.lang));
        let text = Sorted::of(story.text, Tokens::of(story.text, story.lang));
        Self { story, title, text }
    }

    /// As [`Self::of`], with stems that are remembered from story to story.
    pub fn with(story: StoryText<'a>, stems: &mut StemCache) -> Self {
        let title = Sorted::of(story.title, Tokens::with(story.title, story.lang, stems));
        let text = Sorted::of(story.text, Tokens::with(story.text, story.lang, stems));
        Self { story, title, text }
    }

    /// The tokens of the title.
    pub fn title(&self) -> &Tokens {
        &self.title.tokens
    }

    /// The tokens of the text.
    pub fn text(&self) -> &Tokens {
        &self.text.tokens
    }

    pub(super) fn part(&self, part: Part) -> &Sorted<'a> {
        match part {
            Part::Title => &self.title,
            Part::Text => &self.text,
        }
    }
}

/// Where a word of a query stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) position: u32,
    /// Where its last word stands: elsewhere than the first if it is written apart there.
    pub(super) last: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The tokens of one text, findable by stem and by prefix.
#[derive(Debug)]
pub(super) struct Sorted<'a> {
    pub(super) original: &'a str,
    tokens: Tokens,
    /// Built when it is first asked which topics may be worth a look.
    joined: OnceCell<Vec<Token>>,
    /// Built when the first word is looked for: a topic may take all.
    by_stem: OnceCell<Vec<Token>>,
    /// Built when the first prefix is looked for: many topics have none.
    by_word: OnceCell<Vec<Token>>,
}

impl<'a> Sorted<'a> {
    fn of(original: &'a str, tokens: Tokens) -> Self {
        Self { original, tokens, joined: OnceCell::new(), by_stem: OnceCell::new(), by_word: OnceCell::new() }
    }

    /// All tokens, those of words that are one in another spelling last.
    fn all(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().chain(self.joined.get_or_init(|| self.tokens.joined(self.original)))
    }

    fn by_stem(&self) -> &[Token] {
        self.by_stem.get_or_init(|| {
            let mut list: Vec<Token> = self.all().copied().collect();
            list.sort_unstable_by_key(|t| (t.stem, t.position));
            list
        })
    }

    /// The stems, as they stand there. In order and each once they would take longer than all look-ups: most stories are on no topic.
    pub(super) fn stems(&self) -> impl Iterator<Item = u64> {
        self.all().map(|token| token.stem)
    }

    /// The folded words, each once.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let same = |a: &Token, b: &Token| a.word == b.word;
        self.by_word().chunk_by(same).filter_map(|run| run.first().map(|t| self.tokens.folded(t)))
    }

    /// Whether one of the slot's words stands anywhere.
    pub(super) fn has(&self, slot: &Slot) -> bool {
        slot.words.iter().any(|word| self.tokens_of(word).next().is_some())
    }

    /// Where the slot's words stand, in order.
    pub(super) fn places(&self, slot: &Slot) -> Vec<Place> {
        let tokens = slot.words.iter().flat_map(|word| self.tokens_of(word));
        let last = |t: &Token| t.position + self.tokens.width(t) - 1;
        let place = |t: &Token| Place { position: t.position, last: last(t), start: t.start, end: t.end };
        let mut out: Vec<Place> = tokens.map(place).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    /// The words of the original text at a range.
    pub(super) fn words_at(&self, range: Range<usize>) -> &'a str {
        self.original.get(range).unwrap_or_default()
    }

    fn tokens_of<'s>(&'s self, word: &'s Word) -> Box<dyn Iterator<Item = &'s Token> + 's> {
        match word {
            Word::Stem { stems, form, .. } => {
                // A word that says nothing is itself alone: `посла` has the stem of `после`, and is in no text that has that.
                let says =
                    move |t: &&Token| !t.is_stop || t.kind != TokenKind::Word || self.tokens.folded(t) == form.as_str();
                Box::new(self.stemmed(Word::stem(stems, self.tokens.latin())).iter().filter(says))
            }
            Word::Form { stems, inflected, is_common, .. } => {
                let is_it = move |t: &&Token| {
                    !t.is_stop && self.tokens.folded(t) == inflected && !(*is_common && self.is_name(t))
                };
                Box::new(self.stemmed(Word::stem(stems, self.tokens.latin())).iter().filter(is_it))
            }
            Word::Spelled { stems, form, .. } => {
                let is_it = |t: &&Token| spelled_out(self.words_at(t.start..t.end)).is_some_and(|out| out == *form);
                Box::new(self.stemmed(Word::stem(stems, self.tokens.latin())).iter().filter(is_it))
            }
            Word::Exact { stems, form } => {
                let stemmed = self.stemmed(Word::stem(stems, self.tokens.latin()));
                let is_same = |t: &&Token| {
                    t.kind != TokenKind::Joined && spelled(self.words_at(t.start..t.end)).eq(spelled(form))
                };
                Box::new(stemmed.iter().filter(is_same))
            }
            Word::Prefix(prefix) => {
                let words = self.by_word();
                let from = words.partition_point(|t| self.tokens.folded(t) < prefix.as_str());
                let tail = words.get(from..).unwrap_or_default();
                Box::new(tail.iter().take_while(move |t| self.tokens.folded(t).starts_with(prefix.as_str())))
            }
        }
    }

    /// Whether a word begins with a capital within a text, and doesn't go on in capitals.
    fn is_name(&self, token: &Token) -> bool {
        let second = || self.words_at(token.start..token.end).chars().nth(1);
        token.is_capital && token.position > 0 && second().is_some_and(char::is_lowercase)
    }

    fn stemmed(&self, stem: Option<u64>) -> &[Token] {
        let Some(stem) = stem else { return &[] };
        let list = self.by_stem();
        let from = list.partition_point(|t| t.stem < stem);
        let to = list.partition_point(|t| t.stem <= stem);
        list.get(from..to).unwrap_or_default()
    }

    fn by_word(&self) -> &[Token] {
        self.by_word.get_or_init(|| {
            let is_word = |t: &&Token| matches!(t.kind, TokenKind::Word | TokenKind::Joined);
            let mut list: Vec<Token> = self.by_stem().iter().filter(is_word).copied().collect();
            list.sort_by(|a, b| self.tokens.folded(a).cmp(self.tokens.folded(b)));
            list
        })
    }
}

/// A word as it is spelled, the dots of initials left out.
fn spelled(word: &str) -> impl Iterator<Item = char> + '_ {
    word.chars().filter(|c| c.is_alphanumeric())
}
