//! The leaves of a query: words, phrases, prefixes, and what they are looked for in.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::QueryError;
use super::lexer::{Lexeme, LexemeKind};
use crate::text::{
    OtherNumber, Stemming, Token, TokenKind, Tokens, across_the_ocean, designated, drawn_together, fold, inflected,
    is_apostrophe, is_hyphen, nominatives, nouns_across_the_ocean, other_number, spelled_out, stop_word,
};

/// Where a term is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// Title or text.
    Any,
    Title,
    Text,
    Lang,
    Publisher,
}

const FIELDS: [(&str, Field); 4] =
    [("title", Field::Title), ("text", Field::Text), ("lang", Field::Lang), ("publisher", Field::Publisher)];

impl Field {
    /// Takes a field's name; else says what to do about it.
    pub(super) fn parse(name: &str) -> Result<Self, String> {
        let known = FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
        known.ok_or_else(|| {
            let near = FIELDS.iter().map(|(known, _)| (strsim::damerau_levenshtein(known, name), known)).min();
            let near = near.filter(|(distance, _)| *distance <= 2).map(|(_, known)| format!("did you mean {known}:? "));
            let near = near.unwrap_or_default();
            format!("{near}the fields are title:, text:, lang: and publisher:; put text with a colon in double quotes")
        })
    }
}

/// A leaf of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) field: Field,
    pub(super) pattern: Pattern,
    /// The words of a phrase as one, where they may be written so: `cyber-security`, `"cyber security"`, `1,000`.
    pub(super) in_one: Option<Slot>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// The story's language is one of these.
    Langs(Vec<String>),
    /// The publisher is one of these, or in their domain.
    Publishers(Vec<String>),
    /// The slots stand side by side, each at its offset.
    Phrase(Vec<Slot>),
    /// The slots stand in any order with at most so many other words among them.
    Near(Vec<Slot>, u32),
}

/// One place of a phrase: any of these words may fill it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) offset: u32,
    pub(super) words: Vec<Word>,
    /// Whether nothing but an apostrophe parts it from the one before: an index of words may hold both as one.
    pub(super) is_joined: bool,
}

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// In any form: its stem under each rule that a story may use, and in how many stories of a thousand it is to be
    /// expected (a rough guess is enough to choose the rarest key); folded as it is written in the query, and the form that these are the stems of.
    Stem { stems: Vec<(Stemming, u64)>, share: u32, form: String, inflected: String },
    /// A form of it that is found as it is spelled, folded; one that `is_common` is no name with a capital.
    Form { stems: Vec<(Stemming, u64)>, form: String, inflected: String, is_common: bool },
    /// As it is spelled once its letters are written out: Müller, of `mueller`; with what it is folded to, whose stems these are.
    Spelled { stems: Vec<(Stemming, u64)>, form: String, inflected: String },
    /// Folded words that start so.
    Prefix(String),
    /// This spelling alone.
    Exact { stems: Vec<(Stemming, u64)>, form: String },
}

impl Word {
    /// The stems under which a story whose Latin words fall under `latin` would hold this word.
    pub(super) fn stem(stems: &[(Stemming, u64)], latin: Stemming) -> Option<u64> {
        match stems {
            // Of a script that all languages of it have one rule for.
            [(rule, only)] if !rule.is_latin() => Some(*only),
            _ => stems.iter().find(|(rule, _)| *rule == latin).map(|(_, stem)| *stem),
        }
    }
}

/// The kinds of keys in the index must not meet, so each has its seed.
const LANG_SEED: u64 = 1;
const PUBLISHER_SEED: u64 = 2;
const PREFIX_SEED: u64 = 3;

/// The index's key of a language.
pub(super) fn lang_key(lang: &str) -> u64 {
    xxh3_64_with_seed(lang.as_bytes(), LANG_SEED)
}

/// The index's key of a publisher or of a domain it lies in.
pub(super) fn publisher_key(publisher: &str) -> u64 {
    xxh3_64_with_seed(publisher.as_bytes(), PUBLISHER_SEED)
}

/// The index's key of a prefix.
pub(super) fn prefix_key(prefix: &str) -> u64 {
    xxh3_64_with_seed(prefix.as_bytes(), PREFIX_SEED)
}

impl Term {
    /// Reads a term out of its lexeme, looked for in `field`.
    pub(super) fn of(lexeme: &Lexeme, field: Field) -> Result<Self, QueryError> {
        let span = &lexeme.span;
        let (text, slop) = match &lexeme.kind {
            LexemeKind::Phrase(text, slop) => (text, *slop),
            LexemeKind::Bare(text) | LexemeKind::Exact(text) | LexemeKind::Field(text) => (text, None),
            LexemeKind::Open
            | LexemeKind::Close
            | LexemeKind::And
            | LexemeKind::Or
            | LexemeKind::Not
            | LexemeKind::Plus
            | LexemeKind::All
            | LexemeKind::Refused => return Err(no_word(span)),
        };
        let mut in_one = None;
        let pattern = match field {
            Field::Lang => Pattern::Langs(values(text, span, |v| v.split(['-', '_']).next().unwrap_or(v))?),
            Field::Publisher => Pattern::Publishers(values(text, span, |v| v.strip_prefix("www.").unwrap_or(v))?),
            Field::Any | Field::Title | Field::Text => {
                let is_exact = matches!(lexeme.kind, LexemeKind::Exact(_));
                let slots = if is_exact { exact_slots(text) } else { slots(text, span)? };
                match (slots.len(), slop) {
                    (0, _) => return Err(no_word(span)),
                    (1, Some(_)) => {
                        let help = "put at least two words into the quotes, or take the ~ out";
                        return Err(QueryError::new(span.clone(), "a distance of one word", help));
                    }
                    (_, Some(slop)) => Pattern::Near(slots, slop),
                    (_, None) => {
                        let is_quoted = matches!(lexeme.kind, LexemeKind::Phrase(..));
                        in_one = if is_exact { None } else { written_in_one(text, is_quoted) };
                        Pattern::Phrase(slots)
                    }
                }
            }
        };
        Ok(Self { field, pattern, in_one })
    }

    /// Keys of which every story with this term has at least one, and in how many stories of a thousand one is to be expected.
    pub(super) fn keys(&self) -> (Vec<u64>, u32) {
        match &self.pattern {
            Pattern::Langs(langs) => (langs.iter().map(|l| lang_key(l)).collect(), 500),
            Pattern::Publishers(hosts) => (hosts.iter().map(|h| publisher_key(h)).collect(), 10),
            Pattern::Phrase(slots) | Pattern::Near(slots, _) => {
                let rarest = slots.iter().map(Slot::keys).min_by_key(|(_, share)| *share);
                let (mut keys, mut share) = rarest.unwrap_or((Vec::new(), 0));
                if let Some((more, beside)) = self.in_one.as_ref().map(Slot::keys) {
                    keys.extend(more);
                    share = share.saturating_add(beside);
                }
                (keys, share)
            }
        }
    }

    /// The words that the term looks for; none for a language or a publisher.
    pub(super) fn words(&self) -> impl Iterator<Item = &Word> {
        let slots = match &self.pattern {
            Pattern::Phrase(slots) | Pattern::Near(slots, _) => slots.as_slice(),
            Pattern::Langs(_) | Pattern::Publishers(_) => &[],
        };
        slots.iter().chain(&self.in_one).flat_map(|s| &s.words)
    }

    /// How many words were written for it, one at least.
    pub(super) fn written(&self) -> usize {
        let slots = match &self.pattern {
            Pattern::Phrase(slots) | Pattern::Near(slots, _) => slots.as_slice(),
            Pattern::Langs(_) | Pattern::Publishers(_) => &[],
        };
        slots.iter().map(Slot::written).sum::<usize>().max(1)
    }
}

impl Slot {
    /// Forms follow the word that they are of.
    fn written(&self) -> usize {
        let is_form = |word: &&Word| match word {
            Word::Stem { form, inflected, .. } => form != inflected,
            Word::Form { .. } | Word::Spelled { .. } => true,
            Word::Prefix(_) | Word::Exact { .. } => false,
        };
        self.words.iter().filter(|word| !is_form(word)).count()
    }

    fn keys(&self) -> (Vec<u64>, u32) {
        let mut keys = Vec::new();
        let mut total = 0_u32;
        for word in &self.words {
            match word {
                Word::Stem { stems, share, .. } => {
                    keys.extend(stems.iter().map(|(_, stem)| *stem));
                    total = total.saturating_add(*share);
                }
                // Rare beside the word that they are of.
                Word::Form { stems, .. } | Word::Spelled { stems, .. } => {
                    keys.extend(stems.iter().map(|(_, stem)| *stem));
                }
                Word::Exact { stems, .. } => {
                    keys.extend(stems.iter().map(|(_, stem)| *stem));
                    total = total.saturating_add(20);
                }
                Word::Prefix(prefix) => {
                    keys.push(prefix_key(prefix));
                    total = total.saturating_add(if prefix.chars().count() < 4 { 300 } else { 30 });
                }
            }
        }
        (keys, total)
    }
}

fn no_word(span: &Range<usize>) -> QueryError {
    QueryError::new(span.clone(), "no word in this", "write letters or digits, or take it out")
}

/// The values of a field that holds one name, parted by `|`.
fn values(text: &str, span: &Range<usize>, part: fn(&str) -> &str) -> Result<Vec<String>, QueryError> {
    let list: Vec<String> = text.split('|').map(|v| part(fold(v).trim()).to_owned()).collect();
    if list.iter().any(|v| v.is_empty() || v.contains('*')) {
        let help = "write a whole name, or several parted by |; a publisher's domain holds for all its hosts";
        return Err(QueryError::new(span.clone(), "an empty or cut name", help));
    }
    Ok(list)
}

/// The slots of words that may be inflected.
fn slots(text: &str, span: &Range<usize>) -> Result<Vec<Slot>, QueryError> {
    let mut out: Vec<Slot> = Vec::new();
    let mut offset = 0;
    for chunk in text.split_whitespace() {
        let parts = chunk.split('|').filter(|p| !p.is_empty());
        let mut alternatives = parts.map(|p| Together::read(p, offset, span)).collect::<Result<Vec<_>, _>>()?;
        if alternatives.len() > 1 && alternatives.iter().any(|a| a.slots.len() != 1) {
            let help = "each alternative is one word: write (\"a b\" OR \"c d\") for longer ones";
            return Err(QueryError::new(span.clone(), format!("alternatives of several words in {chunk}"), help));
        }
        let width = alternatives.iter().map(|a| a.width).max().unwrap_or(0);
        if alternatives.len() > 1 {
            let words = alternatives.drain(..).flat_map(|a| a.slots).flat_map(|slot| slot.words).collect();
            out.push(Slot { offset, words, is_joined: false });
        }
        out.extend(alternatives.into_iter().flat_map(|a| a.slots));
        offset += width;
    }
    Ok(out)
}

/// Text that is written together: `A/RES/76/19`, `cyber-sec*`, `网络安全`.
struct Together {
    slots: Vec<Slot>,
    /// How many places of a story it takes.
    width: u32,
}

impl Together {
    fn read(part: &str, offset: u32, span: &Range<usize>) -> Result<Self, QueryError> {
        let (stem, is_prefix) = part.strip_suffix('*').map_or((part, false), |stem| (stem, true));
        if stem.contains('*') || (is_prefix && !stem.ends_with(char::is_alphanumeric)) {
            let help = "write it at the end of a word: cyber*";
            return Err(QueryError::new(span.clone(), "a * that does not end a word", help));
        }
        let tokens = Tokens::of(stem, None);
        let width = tokens.iter().map(|t| t.position + 1).max().unwrap_or(0);
        let mut slots = Vec::new();
        for (token, folded) in words_of(&tokens) {
            let (position, kind) = (token.position, token.kind);
            let is_cut = is_prefix && kind == TokenKind::Word && position + 1 == width;
            if is_cut && folded.chars().count() < 2 {
                let help = "write at least two letters before *";
                return Err(QueryError::new(span.clone(), "a prefix of one letter", help));
            }
            let original = stem.get(token.start..token.end).unwrap_or_default();
            let words = if is_cut { vec![Word::Prefix(folded)] } else { in_any_form(original, &folded, kind) };
            slots.push(Slot { offset: offset + position, words, is_joined: is_behind_apostrophe(stem, token) });
        }
        Ok(Self { slots, width })
    }
}

/// A word that may be inflected, with those of its forms that have another stem, and its other spellings.
fn in_any_form(original: &str, folded: &str, kind: TokenKind) -> Vec<Word> {
    let mut found = vec![(stems(folded), folded.to_owned())];
    let forms = inflected(folded).into_iter().map(|form| (stems(&form), form));
    // Of English stories alone: elsewhere Labor is a laboratory, and Labour a party.
    let english = |form: String| (vec![(Stemming::English, Stemming::English.stem(&form))], form);
    for (stems, form) in forms.chain(across_the_ocean(folded).into_iter().map(english)) {
        if !found.iter().any(|(known, _)| *known == stems) {
            found.push((stems, form));
        }
    }
    // The forms are of one word: together they are as frequent as it.
    let shares = std::iter::once(share(folded, kind)).chain(std::iter::repeat(0));
    let word = |((stems, inflected), share)| Word::Stem { stems, share, form: folded.to_owned(), inflected };
    let mut words: Vec<Word> = found.into_iter().zip(shares).map(word).collect();
    let form = || folded.to_owned();
    words.extend(other_number(folded).into_iter().map(|OtherNumber { rule, word, is_common }| Word::Form {
        stems: vec![(rule, rule.stem(&word))],
        form: form(),
        inflected: word,
        is_common,
    }));
    words.extend(nouns_across_the_ocean(folded).into_iter().map(|inflected| Word::Form {
        stems: vec![(Stemming::English, Stemming::English.stem(&inflected))],
        form: form(),
        inflected,
        is_common: false,
    }));
    let as_spelled = nominatives(folded).into_iter().chain(designated(folded)).chain(spelled_out(original));
    words.extend(as_spelled.map(|inflected| Word::Form {
        stems: stems(&inflected),
        form: form(),
        inflected,
        is_common: false,
    }));
    let drawn = drawn_together(folded).into_iter();
    words.extend(drawn.map(|inflected| Word::Spelled { stems: stems(&inflected), form: form(), inflected }));
    words
}

/// The words of a phrase as one, if that is another spelling of it: all parted by hyphens, the groups of one number, or two in quotes.
fn written_in_one(text: &str, is_quoted: bool) -> Option<Slot> {
    let (text, is_cut) = text.trim().strip_suffix('*').map_or((text.trim(), false), |start| (start, true));
    let tokens = Tokens::of(text, None);
    let words: Vec<&Token> = tokens.iter().collect();
    let is_plain = words.len() > 1 && words.iter().all(|t| t.kind == TokenKind::Word) && !text.contains('|');
    let (first, last) = (words.first()?, words.last()?);
    if !is_plain || (first.start, last.end) != (0, text.len()) {
        return None;
    }
    let folded: String = words.iter().map(|t| tokens.folded(t)).collect();
    let pairs = || words.iter().zip(words.iter().skip(1));
    let between = |a: &Token, b: &Token| text.get(a.end..b.start).unwrap_or_default();
    let are_hyphened = pairs().all(|(a, b)| between(a, b).chars().all(is_hyphen) && !(a.is_number && b.is_number));
    // As a story's words are joined, so those of a query.
    let is_number = tokens.joined(text).iter().any(|t| t.is_number && t.end - t.start == text.len());
    let is_whole = |t: &Token| tokens.folded(t).chars().count() > 1 && !stop_word(None, tokens.folded(t));
    let are_two = is_quoted
        && words.len() == 2
        && between(first, last).chars().all(char::is_whitespace)
        && (is_whole(first) || last.is_number)
        && (is_whole(last) || last.is_number)
        && !first.is_number;
    if !(are_hyphened || is_number || are_two) {
        return None;
    }
    let words = if is_cut { vec![Word::Prefix(folded)] } else { in_any_form("", &folded, TokenKind::Word) };
    Some(Slot { offset: 0, words, is_joined: false })
}

/// The slots of words that are meant as they are spelled.
fn exact_slots(text: &str) -> Vec<Slot> {
    let tokens = Tokens::of(text, None);
    let single = |t: &&Token| t.kind != TokenKind::Pair;
    let slot = |token: &Token| {
        let form = text.get(token.start..token.end).unwrap_or_default().to_owned();
        let is_joined = is_behind_apostrophe(text, token);
        Slot {
            offset: token.position,
            words: vec![Word::Exact { stems: stems(tokens.folded(token)), form }],
            is_joined,
        }
    };
    tokens.iter().filter(single).map(slot).collect()
}

/// The tokens to look for: pairs where there are some, single characters only where they stand alone.
fn words_of(tokens: &Tokens) -> Vec<(&Token, String)> {
    let pairs: Vec<u32> = tokens.iter().filter(|t| t.kind == TokenKind::Pair).map(|t| t.position).collect();
    let is_paired = |at: u32| pairs.contains(&at) || at.checked_sub(1).is_some_and(|before| pairs.contains(&before));
    let is_wanted = |kind: TokenKind, at: u32| kind != TokenKind::Character || !is_paired(at);
    let wanted = tokens.iter().filter(|t| is_wanted(t.kind, t.position));
    wanted.map(|t| (t, tokens.folded(t).to_owned())).collect()
}

fn is_behind_apostrophe(text: &str, token: &Token) -> bool {
    text.get(..token.start).is_some_and(|before| before.ends_with(is_apostrophe))
}

fn stems(folded: &str) -> Vec<(Stemming, u64)> {
    Stemming::all_of_word(folded).into_iter().map(|rule| (rule, rule.stem(folded))).collect()
}

fn share(folded: &str, kind: TokenKind) -> u32 {
    let letters = folded.chars().count();
    match kind {
        TokenKind::Character => 100,
        TokenKind::Pair => 20,
        TokenKind::Word if stop_word(None, folded) => 800,
        TokenKind::Word if letters <= 2 => 200,
        TokenKind::Word if letters <= 4 => 60,
        TokenKind::Word if letters <= 7 => 30,
        TokenKind::Word | TokenKind::Joined => 15,
    }
}
