//! The words and marks of a query, each with its place.

use std::ops::Range;

use super::QueryError;

/// A word or mark of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Lexeme {
    pub(super) kind: LexemeKind,
    pub(super) span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LexemeKind {
    Open,
    Close,
    And,
    Or,
    Not,
    Plus,
    /// `name:`, directly before what it holds for.
    Field(String),
    /// `*`
    All,
    /// Text without quotes; `|` and a last `*` are still in it.
    Bare(String),
    /// Text in double quotes, with the number after `~`.
    Phrase(String, Option<u32>),
    /// Text in single quotes.
    Exact(String),
    /// Something that was refused already; it stands for a word, so that no operator misses one.
    Refused,
}

/// What opens a phrase, and what may close it: people paste typographic quotes.
const QUOTES: [(char, &[char]); 4] = [('"', &['"']), ('“', &['”', '"']), ('„', &['“', '”']), ('«', &['»'])];

/// What opens text that is meant as it is spelled, and what closes it.
const EXACT: [(char, &[char]); 3] = [('\'', &['\'']), ('‘', &['’']), ('‚', &['‘', '’'])];

/// Characters within which a typographic quote must be closed.
const EXACT_CHARS_MAX: usize = 200;

/// Where NEAR in capitals stands between two terms, outside of a field's parentheses, as other languages have it: here it is a word like any other.
pub(super) fn misread(lexemes: &[Lexeme]) -> Vec<Range<usize>> {
    let is_near = |word: &str| {
        word == "NEAR"
            || word.strip_prefix("NEAR/").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let is_term =
        |lexeme: &Lexeme| matches!(lexeme.kind, LexemeKind::Bare(_) | LexemeKind::Phrase(..) | LexemeKind::Exact(_));
    let mut found = Vec::new();
    // Of each parenthesis that is open, whether it is of a field: titles in capitals are searched so.
    let mut groups = Vec::new();
    for three in lexemes.windows(3) {
        let [before, lexeme, behind] = three else { continue };
        match &lexeme.kind {
            LexemeKind::Open => groups.push(matches!(before.kind, LexemeKind::Field(_))),
            LexemeKind::Close => drop(groups.pop()),
            LexemeKind::Bare(word)
                if is_near(word) && is_term(before) && is_term(behind) && !groups.contains(&true) =>
            {
                found.push(lexeme.span.clone());
            }
            LexemeKind::And
            | LexemeKind::Or
            | LexemeKind::Not
            | LexemeKind::Plus
            | LexemeKind::Field(_)
            | LexemeKind::All
            | LexemeKind::Bare(_)
            | LexemeKind::Phrase(..)
            | LexemeKind::Exact(_)
            | LexemeKind::Refused => {}
        }
    }
    found
}

/// Takes `text` apart; faults go to `errors`, and reading goes on behind them.
pub(super) fn lex(text: &str, errors: &mut Vec<QueryError>) -> Vec<Lexeme> {
    let mut lexer = Lexer { text, at: 0, errors, out: Vec::new() };
    while lexer.step() {}
    lexer.out
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    errors: &'a mut Vec<QueryError>,
    out: Vec<Lexeme>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return false };
        let next = rest.chars().nth(1);
        let is_before_word = next.is_some_and(|c| !c.is_whitespace() && c != ')');
        if first.is_whitespace() {
            self.at += first.len_utf8();
        } else if first == '#' && next.is_none_or(char::is_whitespace) {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if let Some((_, closers)) = QUOTES.iter().find(|(open, _)| *open == first) {
            self.phrase(first, closers);
        } else if let Some((_, closers)) =
            EXACT.iter().find(|(open, closers)| *open == first && self.is_exact(*open, closers))
        {
            self.exact(first, closers);
        } else {
            match first {
                '(' => self.mark(LexemeKind::Open, 1),
                ')' => self.mark(LexemeKind::Close, 1),
                '&' if rest.starts_with("&&") => self.mark(LexemeKind::And, 2),
                '|' if rest.starts_with("||") => self.mark(LexemeKind::Or, 2),
                '+' if is_before_word => self.mark(LexemeKind::Plus, 1),
                '-' | '!' if is_before_word => self.mark(LexemeKind::Not, 1),
                _ => self.word(),
            }
        }
        true
    }

    fn mark(&mut self, kind: LexemeKind, bytes: usize) {
        let span = self.at..self.at + bytes;
        self.at = span.end;
        self.out.push(Lexeme { kind, span });
    }

    fn fault(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(QueryError::new(span, message, help));
    }

    fn phrase(&mut self, open: char, closers: &[char]) {
        let start = self.at;
        let inside = start + open.len_utf8();
        let Some((content, length)) = quoted(self.text.get(inside..).unwrap_or_default(), closers) else {
            self.fault(start..inside, "a quote that is never closed", "add the closing quote");
            self.at = self.text.len();
            return;
        };
        self.at = inside + length;
        let slop = self.slop();
        self.out.push(Lexeme { kind: LexemeKind::Phrase(content, slop), span: start..self.at });
        self.weight();
    }

    fn slop(&mut self) -> Option<u32> {
        let digits = self.rest().strip_prefix('~')?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let span = self.at..self.at + 1 + length;
        self.at = span.end;
        let number = digits.get(..length).and_then(|d| d.parse().ok()).filter(|n| *n <= 1_000);
        if number.is_none() {
            self.fault(
                span,
                "a distance that is no number",
                "write ~ and how many other words may stand between, 0 to 1000: \"a b\"~10",
            );
        }
        number
    }

    /// Whether a quote opens text: a typographic one is an apostrophe where nothing closes it near by, or what is between is more than a
    /// few words.
    fn is_exact(&self, open: char, closers: &[char]) -> bool {
        if open == '\'' {
            return true;
        }
        let rest = self.rest().get(open.len_utf8()..).unwrap_or_default();
        let up_to = |chars: usize| rest.char_indices().nth(chars).map_or(rest.len(), |(at, _)| at);
        // One character more tells whether the last is an apostrophe within a word.
        let near = rest.get(..up_to(EXACT_CHARS_MAX + 1)).unwrap_or_default();
        let other = near.find(['"', '“', '„', '«', '(', ')', '\n']).unwrap_or(near.len()).min(up_to(EXACT_CHARS_MAX));
        let is_operator = |word: &str| matches!(word, "AND" | "OR" | "NOT");
        quoted(near, closers)
            .is_some_and(|(content, length)| length <= other && !content.split_whitespace().any(is_operator))
    }

    fn exact(&mut self, open: char, closers: &[char]) {
        let start = self.at;
        let inside = start + open.len_utf8();
        let Some((content, length)) = quoted(self.text.get(inside..).unwrap_or_default(), closers) else {
            let help = "add the closing quote, or put a word with an apostrophe in double quotes";
            self.fault(start..inside, "a quote that is never closed", help);
            self.at = self.text.len();
            return;
        };
        self.at = inside + length;
        self.out.push(Lexeme { kind: LexemeKind::Exact(content), span: start..self.at });
        self.weight();
    }

    fn word(&mut self) {
        let start = self.at;
        let rest = self.rest();
        let stop = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"' | '“' | '„' | '«' | '»' | '^');
        let mut length = rest.find(stop).unwrap_or(rest.len());
        if rest.starts_with(['[', '{']) {
            // A range is one fault, with all that is in it.
            length = rest.find([']', '}']).map_or(length, |end| end + 1);
        }
        let mut word = rest.get(..length).unwrap_or_default();
        if let Some((name, after)) = word.split_once(':').filter(|(name, _)| is_field_name(name)) {
            let followed =
                !after.is_empty() || rest.get(length..).is_some_and(|r| r.starts_with(['(', '"', '“', '„', '«']));
            self.field(name, followed);
            return;
        }
        if length == 0 {
            // A stray mark that is neither a word nor read above, such as a closing quote or a weight of nothing.
            length = rest.chars().next().map_or(0, char::len_utf8);
            word = rest.get(..length).unwrap_or_default();
        }
        let span = start..start + length;
        self.at = span.end;
        let kind = match word {
            "AND" => LexemeKind::And,
            "OR" => LexemeKind::Or,
            "NOT" => LexemeKind::Not,
            "*" => LexemeKind::All,
            _ => match refusal(word) {
                Some((message, help)) => {
                    self.fault(span.clone(), message, help);
                    LexemeKind::Refused
                }
                None => LexemeKind::Bare(word.to_owned()),
            },
        };
        self.out.push(Lexeme { kind, span });
        self.weight();
    }

    fn field(&mut self, name: &str, followed: bool) {
        let span = self.at..self.at + name.len() + 1;
        self.at = span.end;
        if followed {
            self.out.push(Lexeme { kind: LexemeKind::Field(name.to_lowercase()), span });
        } else {
            let help = format!("write {name}:word without a space, or put the text in double quotes");
            self.fault(span, format!("nothing after {name}:"), help);
        }
    }

    fn weight(&mut self) {
        let rest = self.rest();
        if rest.starts_with('^') {
            let length = 1 + rest.bytes().skip(1).take_while(|b| b.is_ascii_digit() || *b == b'.').count();
            let span = self.at..self.at + length;
            self.at = span.end;
            self.fault(span, "a weight", "a story is on a topic or not, so weights do nothing here: take it out");
        }
    }
}

/// Reads up to one of `closers`; a backslash takes the next character as it is.
fn quoted(text: &str, closers: &[char]) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => content.push(chars.next().map_or('\\', |(_, escaped)| escaped)),
            // Within a word it is an apostrophe: ‘don’t’.
            '’' if chars.clone().next().is_some_and(|(_, next)| next.is_alphanumeric()) => content.push(c),
            _ if closers.contains(&c) => return Some((content, at + c.len_utf8())),
            _ => content.push(c),
        }
    }
    None
}

fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphabetic() || c == '_')
}

/// What other query languages allow and this one does not.
fn refusal(word: &str) -> Option<(&'static str, &'static str)> {
    let is_regex = word.len() > 2 && word.starts_with('/') && word.ends_with('/');
    if word.starts_with(['[', '{']) || word.ends_with([']', '}']) {
        Some(("a range or a set", "list the words instead: (a OR b OR c)"))
    } else if word.starts_with(['<', '>']) {
        Some(("a comparison", "stories are found by their words only: take it out"))
    } else if is_regex {
        Some(("a regular expression", "use a prefix such as cyber*, or alternatives such as (a OR b)"))
    } else if word.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with('~') {
        Some(("a fuzzy word", "use a prefix such as cyber*; ~ with a number is for phrases only: \"a b\"~10"))
    } else if matches!(word, "and" | "or" | "not") {
        Some(("an operator in small letters", "write it in capitals, or in double quotes if the word itself is meant"))
    } else {
        None
    }
}
