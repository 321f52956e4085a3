//! Tokens: the words of a text, where they stand, and what they are compared by.

use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use super::fold::fold_into;
use super::stem::{StemCache, Stemming};
use super::stop_words::StopWords;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A run of letters and digits, or of initials with dots between them: `U.S.`.
    Word,
    /// One character of a script without spaces (Chinese, Japanese, Thai ..., and Korean for its particles).
    Character,
    /// Two such characters side by side; it stands at the first one's position.
    Pair,
    /// Words that are one in another spelling: `cyber-security`, `1,000`. Not among the tokens of a text, but found by [`Tokens::joined`].
    Joined,
}

/// One token of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Hash of the stem.
    pub stem: u64,
    /// Hash of the folded word.
    pub word: u64,
    /// Its place in the order of words, from 0; a character of a script without spaces counts as a word.
    pub position: u32,
    /// Its first byte in the original text.
    pub start: usize,
    /// The byte after its last one in the original text.
    pub end: usize,
    /// What it is made of.
    pub kind: TokenKind,
    /// Whether it says nothing by itself: a stop word, or a single character whose pairs stand beside it.
    pub is_stop: bool,
    /// Whether it holds digits only.
    pub is_number: bool,
    /// Whether it starts with a capital letter.
    pub is_capital: bool,
    folded_start: u32,
    folded_end: u32,
}

/// The tokens of one text, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    list: Vec<Token>,
    folded: String,
    latin: Stemming,
}

impl Tokens {
    /// Takes `text` apart; `lang` (a BCP 47 primary subtag) chooses the stems of Latin words and the stop words.
    ///
    /// Words are runs of letters, digits and their marks; everything else parts them, apostrophes (of every kind) and hyphens too.
    /// Initials with their dots are one word, the same as without them: `U.S.` is `US`.
    pub fn of(text: &str, lang: Option<&str>) -> Self {
        Self::cut(text, lang, None)
    }

    /// As [`Self::of`], with stems that are remembered from text to text.
    pub fn with(text: &str, lang: Option<&str>, stems: &mut StemCache) -> Self {
        Self::cut(text, lang, Some(stems))
    }

    fn cut(text: &str, lang: Option<&str>, stems: Option<&mut StemCache>) -> Self {
        let latin = Stemming::of_latin(lang);
        let guess = text.len() / 6;
        let folded = String::with_capacity(text.len());
        let mut cutter = Cutter {
            text,
            stops: StopWords::of(lang),
            stems,
            position: 0,
            out: Self { list: Vec::with_capacity(guess), folded, latin },
        };
        cutter.run();
        cutter.out
    }

    /// Goes through the tokens in order; a pair follows the character that it starts with.
    pub fn iter(&self) -> std::slice::Iter<'_, Token> {
        self.list.iter()
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether the text holds no word.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The words of `text`, which these are the tokens of, that are written as one elsewhere: two with nothing but a hyphen between
    /// them, and the groups of a number (`1,000`, `1.000`, `1 000`). Each stands at its first word's position.
    pub fn joined(&self, text: &str) -> Vec<Token> {
        let mut found = Vec::new();
        let mut group: Option<Token> = None;
        for (first, second) in self.list.iter().zip(self.list.iter().skip(1)) {
            let before = group.take();
            if first.kind != TokenKind::Word || second.kind != TokenKind::Word {
                continue;
            }
            let mut between = text.get(first.end..second.start).unwrap_or_default().chars();
            let (Some(sign), None) = (between.next(), between.next()) else { continue };
            if is_hyphen(sign) && !(first.is_number && second.is_number) {
                found.push(self.together(first, second));
            } else if is_group_sign(sign) && self.is_group(second) {
                let begun = before.filter(|_| self.is_group(first)).or_else(|| self.is_begin(first).then_some(*first));
                let Some(begun) = begun else { continue };
                if before.is_some() {
                    found.pop();
                }
                found.push(self.together(&begun, second));
                group = Some(begun);
            }
        }
        found
    }

    /// Words that follow one another as one.
    fn together(&self, first: &Token, last: &Token) -> Token {
        let range = usize_of(first.folded_start)..usize_of(last.folded_end);
        let folded = self.folded.get(range).unwrap_or_default();
        Token {
            stem: Stemming::of_word(folded, self.latin).stem(folded),
            word: xxh3_64(folded.as_bytes()),
            end: last.end,
            kind: TokenKind::Joined,
            is_stop: false,
            is_number: first.is_number && last.is_number,
            folded_end: last.folded_end,
            ..*first
        }
    }

    /// Whether a token may be a number's first group, and a later one.
    fn is_begin(&self, token: &Token) -> bool {
        let digits = self.folded(token);
        token.is_number && digits.len() <= GROUP_DIGITS && !digits.starts_with('0')
    }

    fn is_group(&self, token: &Token) -> bool {
        token.is_number && self.folded(token).len() == GROUP_DIGITS
    }

    /// How many words a token of these takes.
    pub fn width(&self, token: &Token) -> u32 {
        match token.kind {
            TokenKind::Word | TokenKind::Character | TokenKind::Pair => 1,
            TokenKind::Joined if token.is_number => u32_of(self.folded(token).len().div_ceil(GROUP_DIGITS)),
            TokenKind::Joined => 2,
        }
    }

    /// Returns the folded word of a token of these.
    pub fn folded(&self, token: &Token) -> &str {
        let range = usize_of(token.folded_start)..usize_of(token.folded_end);
        self.folded.get(range).unwrap_or_default()
    }

    /// The rule under which this text's Latin words were stemmed.
    pub fn latin(&self) -> Stemming {
        self.latin
    }
}

impl<'a> IntoIterator for &'a Tokens {
    type Item = &'a Token;
    type IntoIter = std::slice::Iter<'a, Token>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

struct Cutter<'a> {
    text: &'a str,
    stops: StopWords,
    stems: Option<&'a mut StemCache>,
    position: u32,
    out: Tokens,
}

impl Cutter<'_> {
    fn run(&mut self) {
        let mut word: Option<usize> = None;
        let mut before: Option<Token> = None;
        let mut cut_to = 0;
        for (at, c) in self.text.char_indices() {
            if at < cut_to {
                continue;
            }
            let is_unspaced = !c.is_ascii() && is_unspaced(c);
            if !is_unspaced && (is_word(c) || (word.is_some() && is_mark(c))) {
                word.get_or_insert(at);
                before = None;
                continue;
            }
            if let Some(start) = word.take() {
                let initials = (c == '.').then(|| initials(self.text.get(start..).unwrap_or_default())).flatten();
                let end = initials.map_or(at, |length| start + length);
                self.word(start..end);
                cut_to = end;
            }
            before = if is_unspaced { Some(self.character(at..at + c.len_utf8(), before)) } else { None };
        }
        if let Some(start) = word {
            self.word(start..self.text.len());
        }
    }

    fn word(&mut self, range: Range<usize>) {
        let Some(original) = self.text.get(range.clone()) else { return };
        let folded_start = self.out.folded.len();
        if original.contains('.') {
            original
                .chars()
                .filter(|c| is_word(*c))
                .for_each(|c| fold_into(c.encode_utf8(&mut [0; 4]), &mut self.out.folded));
        } else {
            fold_into(original, &mut self.out.folded);
        }
        let folded = self.out.folded.get(folded_start..).unwrap_or_default();
        if folded.is_empty() {
            return;
        }
        let word = xxh3_64(folded.as_bytes());
        let is_number = folded.bytes().all(|b| b.is_ascii_digit());
        let latin = self.out.latin;
        let (stem, is_stop) = match &mut self.stems {
            _ if is_number => (word, false),
            Some(stems) => stems.look(folded, word, latin, self.stops),
            None => (Stemming::of_word(folded, latin).stem(folded), self.stops.hold(folded)),
        };
        let token = Token {
            stem,
            word,
            position: self.position,
            start: range.start,
            end: range.end,
            kind: TokenKind::Word,
            is_stop,
            is_number,
            is_capital: original.starts_with(char::is_uppercase),
            folded_start: u32_of(folded_start),
            folded_end: u32_of(self.out.folded.len()),
        };
        self.out.list.push(token);
        self.position += 1;
    }

    /// Adds a character, and before it the pair that it closes.
    fn character(&mut self, range: Range<usize>, before: Option<Token>) -> Token {
        let folded_start = self.out.folded.len();
        fold_into(self.text.get(range.clone()).unwrap_or_default(), &mut self.out.folded);
        let single = self.unspaced(range.clone(), folded_start, TokenKind::Character, self.position);
        if let Some(first) = before {
            let pair =
                self.unspaced(first.start..range.end, usize_of(first.folded_start), TokenKind::Pair, first.position);
            self.out.list.push(pair);
        }
        self.out.list.push(single);
        self.position += 1;
        single
    }

    fn unspaced(&self, range: Range<usize>, folded_start: usize, kind: TokenKind, position: u32) -> Token {
        let hash = xxh3_64(self.out.folded.get(folded_start..).unwrap_or_default().as_bytes());
        Token {
            stem: hash,
            word: hash,
            position,
            start: range.start,
            end: range.end,
            kind,
            is_stop: kind == TokenKind::Character,
            is_number: false,
            is_capital: false,
            folded_start: u32_of(folded_start),
            folded_end: u32_of(self.out.folded.len()),
        }
    }
}

/// How long the initials are that a text begins with: two letters at least, each with a dot behind it, the last perhaps without one.
fn initials(text: &str) -> Option<usize> {
    let (mut letters, mut length) = (0, 0);
    let mut rest = text;
    while let Some(letter) = rest.chars().next().filter(|c| c.is_alphabetic() && !is_unspaced(*c)) {
        let behind = rest.get(letter.len_utf8()..)?;
        if behind.starts_with(|c| is_word(c) || is_mark(c)) {
            break;
        }
        let dotted = behind.strip_prefix('.');
        (letters, length) = (letters + 1, text.len() - dotted.unwrap_or(behind).len());
        let Some(more) = dotted else { break };
        rest = more;
    }
    (letters > 1).then_some(length)
}

fn is_word(c: char) -> bool {
    // The letters of most texts that have others than ASCII are known without a look at Unicode's tables.
    let is_common =
        matches!(c, '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}' | '\u{f8}'..='\u{ff}' | '\u{400}'..='\u{481}');
    c.is_ascii_alphanumeric() || is_common || (!c.is_ascii() && c.is_alphanumeric() && !is_apostrophe(c))
}

/// Digits in each group of a number but the first.
const GROUP_DIGITS: usize = 3;

/// A hyphen, one that breaks no line, and one by its own sign.
pub fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{2011}')
}

/// What stands between the groups of a number.
fn is_group_sign(c: char) -> bool {
    matches!(c, ',' | '.' | '\'' | '\u{2019}' | ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}')
}

/// Signs for an apostrophe, those among them that Unicode counts among letters: Обʼєднані.
pub fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}' | '\u{2b9}'..='\u{2bf}' | '\u{2c8}')
}

/// Marks that belong to the letter before them; they do not start a word.
pub fn is_mark(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}' | '\u{200c}' | '\u{200d}')
        || (!c.is_ascii() && unicode_normalization::char::is_combining_mark(c))
}

/// Characters of scripts that put no spaces between words; Hangul too, as its particles are written without one.
fn is_unspaced(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{323af}')
        && c.is_alphanumeric()
}

/// Byte counts fit: a story's text is far below 4 GiB. Beyond, the word is lost, not the program.
fn u32_of(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

fn usize_of(bytes: u32) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
