//! Reads which paths a Rust file names: enough of the language for that, no more. Comments, literals and parts under
//! `#[cfg(test)]` are left out.

/// A path as named at a line: `["crate", "model", "Story"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The segments; groups of a `use` are spelt out.
    pub(crate) path: Vec<String>,
}

/// A file as scanned.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// Paths of two segments or more.
    pub(crate) named: Vec<Named>,
    /// Modules declared under `#[cfg(test)]`: their files are tests.
    pub(crate) test_modules: Vec<String>,
}

/// Scans a file's text.
pub(crate) fn scan(text: &str) -> Scanned {
    let mut tokens = tokens(text);
    let test_modules = drop_tests(&mut tokens);
    let mut named = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let continues = at > 0 && matches!(tokens[at - 1].1, Token::Colons | Token::Dot);
        if matches!(tokens[at].1, Token::Word(_)) && !continues {
            at = path(&tokens, at, &[], &mut named);
        } else {
            at += 1;
        }
    }
    Scanned { named, test_modules }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Colons,
    Dot,
    Mark(char),
}

/// Reads one path at `at`, below `prefix`; gives the place after it.
fn path(tokens: &[(usize, Token)], mut at: usize, prefix: &[String], named: &mut Vec<Named>) -> usize {
    let line = tokens[at].0;
    let mut segments = prefix.to_vec();
    while let Some((_, Token::Word(word))) = tokens.get(at) {
        segments.push(word.clone());
        at += 1;
        if tokens.get(at).map(|t| &t.1) != Some(&Token::Colons) {
            break;
        }
        at += 1;
    }
    let grouped =
        at > 0 && tokens[at - 1].1 == Token::Colons && tokens.get(at).map(|t| &t.1) == Some(&Token::Mark('{'));
    if grouped {
        at += 1;
        loop {
            match tokens.get(at).map(|t| &t.1) {
                // `A as B`: the second name is this file's own.
                Some(Token::Word(word)) if word == "as" => at += 2,
                Some(Token::Word(_)) => at = path(tokens, at, &segments, named),
                Some(Token::Mark('}')) => return at + 1,
                Some(_) => at += 1,
                None => return at,
            }
        }
    }
    if segments.len() > 1 {
        named.push(Named { line, path: segments });
    }
    at
}

/// Removes items under `#[cfg(test)]`; gives the names of those that are modules in files of their own.
fn drop_tests(tokens: &mut Vec<(usize, Token)>) -> Vec<String> {
    let marker: Vec<Token> = self::tokens("#[cfg(test)]").into_iter().map(|(_, token)| token).collect();
    let mut modules = Vec::new();
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let here = tokens[at..].iter().take(marker.len()).map(|(_, token)| token).eq(marker.iter());
        if !here {
            kept.push(tokens[at].clone());
            at += 1;
            continue;
        }
        at += marker.len();
        let start = at;
        let mut depth = 0_usize;
        while let Some((_, token)) = tokens.get(at) {
            at += 1;
            match token {
                Token::Mark('{' | '(' | '[') => depth += 1,
                Token::Mark('}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                Token::Mark(')' | ']') => depth = depth.saturating_sub(1),
                Token::Mark(';') if depth == 0 => {
                    let words: Vec<&Token> = tokens[start..at].iter().map(|(_, token)| token).collect();
                    if let [.., Token::Word(keyword), Token::Word(name), Token::Mark(';')] = words.as_slice()
                        && keyword == "mod"
                    {
                        modules.push(name.clone());
                    }
                    break;
                }
                Token::Word(_) | Token::Colons | Token::Dot | Token::Mark(_) => {}
            }
        }
    }
    *tokens = kept;
    modules
}

fn tokens(text: &str) -> Vec<(usize, Token)> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while let Some(&c) = chars.get(at) {
        let start = at;
        let next = chars.get(at + 1).copied();
        if c == '/' && next == Some('/') {
            at = end_of(&chars, at, |rest| rest.starts_with(&['\n']));
        } else if c == '/' && next == Some('*') {
            at = end_of(&chars, at + 2, |rest| rest.starts_with(&['*', '/'])) + 2;
        } else if c == '"' {
            at = string_end(&chars, at);
        } else if c == '\'' {
            at = quote_end(&chars, at);
        } else if let Some(end) = raw_string_end(&chars, at) {
            at = end;
        } else if c.is_alphanumeric() || c == '_' {
            at = end_of(&chars, at, |rest| rest.first().is_none_or(|c| !(c.is_alphanumeric() || *c == '_')));
            found.push((line, Token::Word(chars[start..at].iter().collect())));
        } else if c == ':' && next == Some(':') {
            found.push((line, Token::Colons));
            at += 2;
        } else {
            match c {
                '.' => found.push((line, Token::Dot)),
                c if c.is_whitespace() => {}
                c => found.push((line, Token::Mark(c))),
            }
            at += 1;
        }
        let end = at.min(chars.len());
        line += chars[start..end].iter().filter(|c| **c == '\n').count();
    }
    found
}

fn end_of(chars: &[char], mut at: usize, done: impl Fn(&[char]) -> bool) -> usize {
    while at < chars.len() && !done(&chars[at..]) {
        at += 1;
    }
    at
}

fn string_end(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(c) = chars.get(at) {
        match c {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// The end of a character (`'x'`, `'\n'`) or of the mark of a lifetime.
fn quote_end(chars: &[char], start: usize) -> usize {
    match (chars.get(start + 1), chars.get(start + 2)) {
        (Some('\\'), _) => end_of(chars, start + 3, |rest| rest.first() == Some(&'\'')) + 1,
        (Some(_), Some('\'')) => start + 3,
        _ => start + 1,
    }
}

/// The end of `r"..."`, `r#"..."#`, `br"..."`, if one begins here.
fn raw_string_end(chars: &[char], start: usize) -> Option<usize> {
    let before = start.checked_sub(1).and_then(|at| chars.get(at));
    if before.is_some_and(|c| c.is_alphanumeric() || *c == '_') {
        return None;
    }
    let mut at = start + usize::from(chars.get(start) == Some(&'b'));
    if chars.get(at) != Some(&'r') {
        return None;
    }
    at += 1;
    let hashes = chars[at..].iter().take_while(|c| **c == '#').count();
    if chars.get(at + hashes) != Some(&'"') {
        return None;
    }
    let closing: Vec<char> = std::iter::once('"').chain(std::iter::repeat_n('#', hashes)).collect();
    Some(end_of(chars, at + hashes + 1, |rest| rest.starts_with(&closing)) + closing.len())
}

#[test]
fn paths_are_found_in_groups_and_not_in_comments_literals_or_tests() {
    let text = r##"
        // use crate::comment::X;
        /* crate::block::X */
        use crate::model::{Story, id::{A, B as C}};
        fn f<'a>(x: &'a str) -> char { let _ = "crate::text::X"; let _ = r#"crate::raw " X"#; '"' }
        fn g() { other.axum::<crate::port::Clock>(); }
        #[cfg(test)]
        mod tests;
        #[cfg(test)]
        mod inner { use crate::server::X; }
        use std::fs;
    "##;
    let scanned = scan(text);
    let found: Vec<(usize, String)> = scanned.named.iter().map(|n| (n.line, n.path.join("::"))).collect();
    let expected = [
        (4, "crate::model::Story"),
        (4, "crate::model::id::A"),
        (4, "crate::model::id::B"),
        (6, "crate::port::Clock"),
        (11, "std::fs"),
    ];
    assert_eq!(found, expected.map(|(line, path)| (line, path.to_owned())));
    assert_eq!(scanned.test_modules, ["tests"]);
}
