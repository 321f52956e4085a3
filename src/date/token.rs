//! A text as numbers, words and marks.

use super::calendar;

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Number {
        value: i64,
        digits: usize,
    },
    /// A month by its number, with the word that says so: `12月`, `tháng 12`.
    Month {
        value: i64,
        digits: usize,
    },
    Word(String),
    Space,
    Mark(char),
}

/// Zeros of the scripts whose digits are read: ASCII, Arabic, Persian, Devanagari, Bengali, Thai, full width.
const ZEROS: [char; 7] = ['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}', '\u{ff10}'];
/// Eras by the year before their first; the first itself is written 元.
const ERAS: [(&str, i64); 4] =
    [("令和", 2018), ("平成", 1988), ("民國", calendar::MINGUO_BEFORE), ("民国", calendar::MINGUO_BEFORE)];

/// The tokens of a lower-case text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().filter(|c| !is_unseen(*c)).peekable();
    while let Some(first) = chars.next() {
        if let Some(digit) = digit_of(first) {
            let (mut value, mut digits) = (digit, 1_usize);
            while let Some(digit) = chars.peek().copied().and_then(digit_of) {
                value = value.saturating_mul(10).saturating_add(digit);
                digits += 1;
                chars.next();
            }
            push_number(&mut tokens, value, digits);
        } else if first.is_alphabetic() {
            let mut word = String::from(first);
            while let Some(letter) = chars.next_if(|c| c.is_alphabetic() || is_mark(*c)) {
                word.push(letter);
            }
            push_word(&mut tokens, word);
        } else if first.is_whitespace() {
            if tokens.last() != Some(&Token::Space) {
                tokens.push(Token::Space);
            }
        } else {
            tokens.push(Token::Mark(if matches!(first, '\u{2212}' | '\u{2010}' | '\u{2011}') { '-' } else { first }));
        }
    }
    tokens
}

/// Whether a text may name a year: by four digits, of this century or the last (of another calendar in its script), or by an era.
pub fn may_name_year(text: &str) -> bool {
    let (mut value, mut digits) = (0_i64, 0_usize);
    // What follows the last number ends it.
    for c in text.chars().chain([' ']) {
        if let Some(digit) = digit_of(c) {
            (value, digits) = (value.saturating_mul(10).saturating_add(digit), digits + 1);
        } else if digits == 4 && ((1900..2100).contains(&value) || calendar::may_be_year(value, text))
            || digits == 3 && calendar::MINGUO_YEARS.contains(&value) && c == '年'
        {
            return true;
        } else {
            (value, digits) = (0, 0);
        }
    }
    ERAS.iter().any(|(era, _)| text.contains(era))
}

fn digit_of(c: char) -> Option<i64> {
    let of = |zero: char| u32::from(c).checked_sub(u32::from(zero)).filter(|digit| *digit < 10);
    ZEROS.into_iter().find_map(of).map(i64::from)
}

/// Marks within words of India and Thailand that Unicode doesn't count among letters: dots below, killers of vowels, tones.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}' | '\u{e47}'..='\u{e4e}')
}

/// What has no width: marks of direction, and the dot that a Turkish capital leaves behind in lower case.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{307}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Takes off the last token, and a space behind it, if it is one of those wanted.
fn pop<T>(tokens: &mut Vec<Token>, wanted: impl Fn(&Token) -> Option<T>) -> Option<T> {
    let at = tokens.len().checked_sub(if tokens.last() == Some(&Token::Space) { 2 } else { 1 })?;
    let found = wanted(tokens.get(at)?)?;
    tokens.truncate(at);
    Some(found)
}

fn push_number(tokens: &mut Vec<Token>, value: i64, digits: usize) {
    let era = |token: &Token| {
        let Token::Word(word) = token else { return None };
        ERAS.into_iter().find(|(era, _)| digits <= 3 && word.ends_with(era)).map(|(_, before)| before)
    };
    let says_month = |token: &Token| {
        let Token::Word(word) = token else { return None };
        (matches!(word.as_str(), "tháng" | "thg") && (1..=12).contains(&value)).then_some(())
    };
    // Vietnamese writes `Th12`; what follows a space (`5th 12`) is no month.
    let is_glued = matches!(tokens.last(), Some(Token::Word(word)) if word == "th") && (1..=12).contains(&value);
    let token = if let Some(before) = pop(tokens, era) {
        Token::Number { value: before + value, digits: 4 }
    } else if is_glued {
        tokens.pop();
        Token::Month { value, digits }
    } else if pop(tokens, says_month).is_some() {
        Token::Month { value, digits }
    } else {
        Token::Number { value, digits }
    };
    tokens.push(token);
}

fn push_word(tokens: &mut Vec<Token>, word: String) {
    let month = |token: &Token| match token {
        Token::Number { value: value @ 1..=12, digits: digits @ 1..=2 } => Some((*value, *digits)),
        Token::Number { .. } | Token::Month { .. } | Token::Word(_) | Token::Space | Token::Mark(_) => None,
    };
    let minguo = |token: &Token| match token {
        Token::Number { value, digits: 3 } if calendar::MINGUO_YEARS.contains(value) => Some(*value),
        Token::Number { .. } | Token::Month { .. } | Token::Word(_) | Token::Space | Token::Mark(_) => None,
    };
    if word == "年"
        && let Some(year) = pop(tokens, minguo)
    {
        tokens.push(Token::Number { value: year + calendar::MINGUO_BEFORE, digits: 4 });
    }
    let first_of_era = word.strip_suffix("元年").and_then(|head| ERAS.into_iter().find(|(era, _)| head.ends_with(era)));
    let token = if let Some((_, before)) = first_of_era {
        Token::Number { value: before + 1, digits: 4 }
    } else if matches!(word.as_str(), "月" | "월")
        && let Some((value, digits)) = pop(tokens, month)
    {
        Token::Month { value, digits }
    } else {
        Token::Word(word)
    };
    tokens.push(token);
}

/// Without the space at the start.
pub(super) fn after_space(tokens: &[Token]) -> &[Token] {
    match tokens {
        [Token::Space, after @ ..] => after,
        _ => tokens,
    }
}

/// Without the space at the end.
pub(super) fn before_space(tokens: &[Token]) -> &[Token] {
    match tokens {
        [before @ .., Token::Space] => before,
        _ => tokens,
    }
}
