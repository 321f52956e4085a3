//! What a story is compared by: its counted words, names and numbers.

use crate::text::Token;

use super::name::{Term, name_key};

/// How often the title counts against the lead: measured best on labelled pairs of Russian and English news.
const TITLE_TIMES: f32 = 3.0;

/// What a story is compared by. Terms are hashes, ascending, each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// Stems with their frequency in three titles and the lead.
    pub stems: Vec<(u64, f32)>,
    /// Names and numbers, comparable across languages; a name counts once a story, as repeating it makes no other
    /// event of it.
    pub names: Vec<(u64, f32)>,
}

impl Profile {
    /// Counts the terms of a title and a lead: each text with its tokens.
    pub fn of<'a>(
        (title, of_title): (&str, impl Iterator<Item = &'a Token>),
        (lead, of_lead): (&str, impl Iterator<Item = &'a Token>),
    ) -> Self {
        let mut profile = Self::default();
        for token in of_title {
            profile.add(title, token, TITLE_TIMES);
        }
        for token in of_lead {
            profile.add(lead, token, 1.0);
        }
        sum_up(&mut profile.stems);
        sum_up(&mut profile.names);
        for (_, count) in &mut profile.names {
            *count = 1.0;
        }
        profile
    }

    /// The same without what some words of the title added. A name is gone where its word is.
    #[must_use]
    pub fn without<'a>(&self, title: &str, words: impl Iterator<Item = &'a Token>) -> Self {
        let mut left = self.clone();
        for token in words {
            let count = left.stems.binary_search_by_key(&token.stem, |&(stem, _)| stem).ok();
            let Some((_, count)) = count.and_then(|at| left.stems.get_mut(at)) else { continue };
            *count -= TITLE_TIMES;
            if *count <= 0.0
                && let Some(key) = key_of(title, token)
            {
                left.names.retain(|&(name, _)| name != key);
            }
        }
        left.stems.retain(|&(_, count)| count > 0.0);
        left
    }

    fn add(&mut self, text: &str, token: &Token, times: f32) {
        if !token.is_stop {
            self.stems.push((token.stem, times));
        }
        self.names.extend(key_of(text, token).map(|key| (key, 1.0)));
    }
}

/// What a word is compared by across languages, if it is a name or a number.
fn key_of(text: &str, token: &Token) -> Option<u64> {
    if token.is_number {
        let kind = Term::of_number(text.get(token.start..token.end).unwrap_or_default());
        Some(kind.of(token.word))
    } else if token.is_capital && !token.is_stop {
        text.get(token.start..token.end).and_then(name_key)
    } else {
        None
    }
}

/// Sorts terms and adds up the counts of those that stand there more than once.
fn sum_up(terms: &mut Vec<(u64, f32)>) {
    terms.sort_unstable_by_key(|&(term, _)| term);
    terms.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            kept.1 += later.1;
        }
        same
    });
}
