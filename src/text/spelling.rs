//! Other spellings of one word: letters that are written out where a keyboard lacks them, and designations of several things.

use super::fold::fold;

/// Letters and how they are written out.
const WRITTEN_OUT: [(char, &str); 6] = [('ä', "ae"), ('å', "aa"), ('đ', "dj"), ('ö', "oe"), ('ø', "oe"), ('ü', "ue")];
/// Places in a word that may be such a letter, at most: each doubles the words to look for.
const PLACES_MAX: usize = 3;
/// Shorter words have too many kin.
const LETTERS_MIN: usize = 4;

/// A word as it is in the text, with its letters written out, folded: `Müller`, mueller; `Đoković`, djokovic. `None` of a word without.
pub fn spelled_out(original: &str) -> Option<String> {
    let out = |letter: char| WRITTEN_OUT.iter().find(|(known, _)| *known == letter).map(|(_, out)| *out);
    let lower = original.to_lowercase();
    if !lower.chars().any(|letter| out(letter).is_some()) {
        return None;
    }
    let mut whole = String::with_capacity(lower.len() + 4);
    for letter in lower.chars() {
        match out(letter) {
            Some(out) => whole.push_str(out),
            None => whole.push(letter),
        }
    }
    Some(fold(&whole))
}

/// The folded words that a folded word may be where its letters are not written out: `mueller`, muller. Whether a text's word is one of
/// them, [`spelled_out`] tells.
pub fn drawn_together(folded: &str) -> Vec<String> {
    if folded.len() < LETTERS_MIN || !folded.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    // In each, the second letter goes: ue, ü, u; dj, đ, d.
    let is_place =
        |at: &usize| WRITTEN_OUT.iter().any(|(_, out)| folded.get(*at..).is_some_and(|rest| rest.starts_with(out)));
    let places: Vec<usize> = (0..folded.len()).filter(is_place).take(PLACES_MAX).collect();
    let chosen = |choice: u32, at: usize| {
        places.iter().zip(0..).any(|(place, number)| place + 1 == at && choice & (1 << number) != 0)
    };
    let word =
        |choice| folded.char_indices().filter(|(at, _)| !chosen(choice, *at)).map(|(_, letter)| letter).collect();
    (1..1_u32 << places.len()).map(word).collect()
}

/// Several of what a folded designation names, or one of what several are: `f16`, f16s. `None` of other words.
pub fn designated(folded: &str) -> Option<String> {
    let is_designation = |word: &str| {
        let (letter, digit) = (|b: u8| b.is_ascii_lowercase(), |b: u8| b.is_ascii_digit());
        word.bytes().all(|b| letter(b) || digit(b))
            && word.bytes().any(letter)
            && word.bytes().next_back().is_some_and(digit)
    };
    match folded.strip_suffix('s') {
        Some(one) => is_designation(one).then(|| one.to_owned()),
        None => is_designation(folded).then(|| format!("{folded}s")),
    }
}

/// What words begin with in Britain and in America, folded; what follows is spelled alike. A list and no rule: four is no *for*, wise no *wize*.
const BEGINNINGS: &[(&str, &str)] = &[
    ("armour", "armor"),
    ("behaviour", "behavior"),
    ("colour", "color"),
    ("endeavour", "endeavor"),
    ("favour", "favor"),
    ("harbour", "harbor"),
    ("honour", "honor"),
    ("humour", "humor"),
    ("labour", "labor"),
    ("neighbour", "neighbor"),
    ("rumour", "rumor"),
    ("vapour", "vapor"),
    ("analys", "analyz"),
    ("apologis", "apologiz"),
    ("authoris", "authoriz"),
    ("centralis", "centraliz"),
    ("criminalis", "criminaliz"),
    ("criticis", "criticiz"),
    ("destabilis", "destabiliz"),
    ("emphasis", "emphasiz"),
    ("globalis", "globaliz"),
    ("legalis", "legaliz"),
    ("liberalis", "liberaliz"),
    ("militaris", "militariz"),
    ("mobilis", "mobiliz"),
    ("modernis", "moderniz"),
    ("nationalis", "nationaliz"),
    ("normalis", "normaliz"),
    ("organis", "organiz"),
    ("privatis", "privatiz"),
    ("realis", "realiz"),
    ("recognis", "recogniz"),
    ("specialis", "specializ"),
    ("stabilis", "stabiliz"),
    ("utilis", "utiliz"),
];
/// Endings by which a word of `-is-` is a verb or what is made of it: an analysis is spelled alike, and so are realism and socialists.
const OF_VERBS: &[&str] = &["e", "ed", "es", "er", "ers", "ing", "ation", "ations", "ational"];
/// Nouns that go by no beginning: found as they are spelled, as *defense* shares its stem with *defensive*.
const ENGLISH: &[(&str, &str)] = &[
    ("aluminium", "aluminum"),
    ("catalogue", "catalog"),
    ("centre", "center"),
    ("defence", "defense"),
    ("fibre", "fiber"),
    ("kilometre", "kilometer"),
    ("licence", "license"),
    ("litre", "liter"),
    ("offence", "offense"),
    ("pretence", "pretense"),
    ("programme", "program"),
    ("sceptic", "skeptic"),
    ("sceptical", "skeptical"),
    ("spectre", "specter"),
    ("sulphur", "sulfur"),
    ("theatre", "theater"),
];

/// A folded English word as it is spelled across the ocean: `organized`, organised. `None` of a word that is spelled alike.
pub fn across_the_ocean(folded: &str) -> Option<String> {
    let begun = |(british, american): &(&'static str, &'static str)| {
        let (rest, instead) = match folded.strip_prefix(british) {
            Some(rest) => (rest, american),
            None => (folded.strip_prefix(american)?, british),
        };
        (british.ends_with("our") || OF_VERBS.contains(&rest)).then(|| format!("{instead}{rest}"))
    };
    BEGINNINGS.iter().find_map(begun)
}

/// One and several of what a folded English noun names, as they are spelled across the ocean: `defence`, defense and defenses.
pub fn nouns_across_the_ocean(folded: &str) -> Vec<String> {
    let one = folded.strip_suffix('s').unwrap_or(folded);
    let other =
        ENGLISH.iter().find_map(
            |(british, american)| {
                if one == *british { Some(*american) } else { (one == *american).then_some(*british) }
            },
        );
    other.map_or_else(Vec::new, |other| vec![other.to_owned(), format!("{other}s")])
}
