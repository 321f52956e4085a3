//! Forms of Russian and Ukrainian nouns and names, as far as their stems part ways.

/// Shorter words have too many kin.
const LETTERS_MIN: usize = 4;

/// The likely forms of a folded Cyrillic word in the other cases, given in the first; nothing of other words.
///
/// Snowball takes `Корея`, `Китай`, `Лавров`, `Иран` for what they are not and gives them another stem than `Кореи`, `Китая`,
/// `Лаврова`, `Ирана`. A query's word is looked for by the stems of its forms too. Forms that are none do no harm: nobody writes them.
pub fn inflected(word: &str) -> Vec<String> {
    let is_cyrillic = |c| matches!(c, '\u{430}'..='\u{45f}' | '\u{491}');
    if word.chars().count() < LETTERS_MIN || !word.chars().all(is_cyrillic) {
        return Vec::new();
    }
    let class = CLASSES.iter().find_map(|(ending, forms)| Some((word.strip_suffix(ending)?, *forms)));
    let (stem, forms): (&str, &[&str]) = match class {
        Some(found) => found,
        None if word.ends_with(VOWELS) => return Vec::new(),
        None => (word, &HARD),
    };
    let softened = PALATAL.iter().find_map(|(from, to)| Some(format!("{}{to}", word.strip_suffix(from)?)));
    forms.iter().map(|ending| format!("{stem}{ending}")).chain(softened).collect()
}

const VOWELS: [char; 12] = ['а', 'е', 'и', 'о', 'у', 'ы', 'э', 'ю', 'я', 'і', 'ї', 'є'];

/// Of a word that ends in a consonant; names take `-ым`.
const HARD: [&str; 6] = ["а", "у", "ом", "ем", "е", "ым"];

/// Ukrainian: `безпека`, `безпеці`.
const PALATAL: [(&str, &str); 3] = [("ка", "ці"), ("га", "зі"), ("ха", "сі")];

/// By ending, the longest first: what takes its place in the other cases. Adjectives, and nouns in `-ий` or `-ия`, have one stem
/// already.
const CLASSES: [(&str, &[&str]); 12] = [
    ("ів", &["ова", "ову", "овом", "ові"]),
    ("їв", &["єва", "єву", "євом", "єві"]),
    ("ий", &[]),
    ("ій", &[]),
    ("ый", &[]),
    ("й", &["я", "ю", "ем", "е", "и"]),
    ("ия", &[]),
    ("ая", &[]),
    ("яя", &[]),
    ("я", &["и", "ї", "ю", "е", "є", "ей", "ею"]),
    ("а", &["ы", "и", "у", "е", "ой", "ою"]),
    ("ь", &["я", "и", "ю", "ем", "е", "ью"]),
];
