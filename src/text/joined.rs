//! What Arabic, Persian and Hebrew write together with a noun: the article, "and", "in", "to", and plurals.

/// Shorter words have too many kin.
const LETTERS_MIN: usize = 3;
/// Beside so few letters what only stands before some words is left out: it makes another word of most.
const FEW_LETTERS: usize = 3;

/// Arabic: before any word, and before longer ones.
const ARABIC: [&str; 8] = ["", "ال", "و", "وال", "ب", "بال", "ل", "لل"];
const ARABIC_RARE: [&str; 5] = ["ف", "ك", "وب", "ول", "ولل"];
/// Persian: plurals and "one", behind the word; the joiner before them is folded away, and its yeh is an Arabic one.
const PERSIAN: [&str; 5] = ["ها", "هاي", "هايي", "اي", "ان"];
/// Hebrew: before any word, and before longer ones.
const HEBREW: [&str; 5] = ["", "ו", "ב", "ל", "ה"];
const HEBREW_RARE: [&str; 10] = ["מ", "ש", "כ", "וה", "וב", "ול", "ומ", "מה", "שה", "כש"];

/// The likely forms of a folded word with what is written together with it; nothing of words in other scripts.
///
/// Snowball takes some of it off, if not the `و` of `وزير`, which it does take for "and", nor `وال`. Forms that are none do no harm.
pub(super) fn joined(word: &str) -> Vec<String> {
    if word.chars().all(is_arabic) {
        let bare = word.strip_prefix("ال").filter(|bare| bare.chars().count() >= LETTERS_MIN).unwrap_or(word);
        let plural = format!("{}ات", bare.strip_suffix('ة').unwrap_or(bare));
        let mut forms = with_prefixes(&[bare, &plural], &ARABIC, &ARABIC_RARE);
        if forms.is_empty() {
            return forms;
        }
        // The accusative without an article: هجوما.
        forms.push(format!("{bare}ا"));
        forms.extend(PERSIAN.iter().map(|ending| format!("{bare}{ending}")));
        return forms;
    }
    if word.chars().all(is_hebrew) {
        let (women, men) = match word.strip_suffix('ה') {
            Some(start) => (format!("{start}ות"), format!("{start}ת")),
            None => (format!("{word}ות"), format!("{word}ים")),
        };
        return with_prefixes(&[word, &women, &men], &HEBREW, &HEBREW_RARE);
    }
    Vec::new()
}

fn with_prefixes(words: &[&str], prefixes: &[&str], rare: &[&str]) -> Vec<String> {
    let letters = words.first().map_or(0, |word| word.chars().count());
    if letters < LETTERS_MIN {
        return Vec::new();
    }
    let rare = if letters > FEW_LETTERS { rare } else { &[] };
    let prefixes = prefixes.iter().chain(rare);
    prefixes.flat_map(|prefix| words.iter().map(move |word| format!("{prefix}{word}"))).collect()
}

fn is_arabic(letter: char) -> bool {
    matches!(letter, '\u{620}'..='\u{64a}' | '\u{671}'..='\u{6d3}')
}

fn is_hebrew(letter: char) -> bool {
    matches!(letter, '\u{5d0}'..='\u{5ea}')
}
