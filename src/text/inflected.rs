//! Forms of Russian, Ukrainian and Bulgarian words, as far as their stems part ways; and of those that are written together with others.

use super::joined::joined;

/// Shorter words have too many kin.
const LETTERS_MIN: usize = 4;
/// Short Ukrainian words give themselves away by their `і`: `рік`, `ніч`.
const CLOSED_LETTERS_MIN: usize = 3;

/// The likely forms of a folded word in the other cases, given in the first, as far as a stem doesn't tell them.
///
/// Snowball takes `Корея`, `Китай`, `Лавров`, `Иран` for what they are not and gives them another stem than `Кореи`, `Китая`,
/// `Лаврова`, `Ирана`; it doesn't know that `рынок` becomes `рынка`, nor `договір` `договору`. A query's word is looked for by the
/// stems of its forms too. Forms that are none do no harm where nobody writes them; a query passes over stop words that it did not name.
pub fn inflected(word: &str) -> Vec<String> {
    let letters = word.chars().count();
    if !word.chars().all(is_cyrillic) {
        return joined(word);
    }
    let mut forms = Vec::new();
    if letters >= LETTERS_MIN {
        forms.extend(declined(word));
        forms.extend(articled(word));
        forms.extend(CHANGED.iter().flat_map(|change| change.forms(word)));
    }
    if letters >= CLOSED_LETTERS_MIN {
        forms.extend(opened(word));
    }
    forms
}

/// The other cases, where the stem stays.
fn declined(word: &str) -> Vec<String> {
    let class = CLASSES.iter().find_map(|(ending, forms)| Some((word.strip_suffix(ending)?, *forms)));
    let (stem, forms): (&str, &[&str]) = match class {
        Some(found) => found,
        None if word.ends_with(VOWELS) => return Vec::new(),
        None => (word, &HARD),
    };
    let softened = PALATAL.iter().find_map(|(from, to)| Some(format!("{}{to}", word.strip_suffix(from)?)));
    forms.iter().map(|ending| format!("{stem}{ending}")).chain(softened).collect()
}

/// Bulgarian and Macedonian: with the article behind it.
fn articled(word: &str) -> Vec<String> {
    let articles: &[&str] = match word.chars().last() {
        Some('а' | 'я') => &["та"],
        Some('о' | 'е') => &["то"],
        Some('и') => &["те"],
        Some(last) if !VOWELS.contains(&last) && last != 'ь' => &["ът", "от", "ите"],
        Some(_) | None => &[],
    };
    articles.iter().map(|article| format!("{word}{article}")).collect()
}

/// Ukrainian: the `і` of a closed syllable is an `о` or `е` when an ending opens it: `рік`, `року`; `Київ`, `Києва`.
fn opened(word: &str) -> Vec<String> {
    let Some((at, vowel)) = word.char_indices().rfind(|(_, c)| VOWELS.contains(c)) else { return Vec::new() };
    let (start, end) = (word.get(..at).unwrap_or_default(), word.get(at + vowel.len_utf8()..).unwrap_or_default());
    let vowels: &[&str] = match vowel {
        // Of one syllable only such as `рік`, `ніч`, `міст`: with an `е` they are other words, Russian ones among them (`река`, `место`).
        'і' if !start.contains(VOWELS) && !end.ends_with(['ь', 'й']) => &["о"],
        'і' => &["о", "е"],
        'ї' => &["є"],
        _ => return Vec::new(),
    };
    let (consonants, endings): (&str, &[&str]) = match (end.strip_suffix('ь'), end.strip_suffix('й')) {
        (Some(soft), _) => (soft, &OF_SOFT),
        (_, Some(before)) => (before, &OF_IOT),
        (None, None) => (end, &OF_HARD),
    };
    if end.is_empty() || consonants.chars().count() > 2 {
        return Vec::new();
    }
    let stems = vowels.iter().map(|vowel| format!("{start}{vowel}{consonants}"));
    stems.flat_map(|stem| endings.iter().map(move |ending| format!("{stem}{ending}"))).collect()
}

/// The words that a folded one may be a case of, in the first case, as far as a stem doesn't tell them: the way back of [`inflected`].
///
/// To be found as they are spelled: most are none, and nobody writes those.
pub fn nominatives(word: &str) -> Vec<String> {
    if word.chars().count() < CLOSED_LETTERS_MIN || !word.chars().all(is_cyrillic) {
        return Vec::new();
    }
    let mut found: Vec<String> = CHANGED.iter().flat_map(|change| change.back(word)).collect();
    // Лавровым, Києва: names in -ов look like a plural's case.
    let name = HARD
        .iter()
        .filter_map(|ending| word.strip_suffix(ending))
        .find(|name| NAMES.iter().any(|end| name.ends_with(end)));
    found.extend(name.map(str::to_owned));
    found.extend(closed(word));
    found
}

/// Ukrainian: the `о` or `е` of a syllable that an ending opens is an `і` without it: `Києва`, `Київ`; `школи`, `шкіл`.
fn closed(word: &str) -> Vec<String> {
    let close = |rest: &str, tail: &str| {
        let (at, vowel) = rest.char_indices().rfind(|(_, c)| VOWELS.contains(c))?;
        let (start, end) = (rest.get(..at)?, rest.get(at + vowel.len_utf8()..)?);
        let closed = match vowel {
            'о' | 'е' => 'і',
            'є' => 'ї',
            _ => return None,
        };
        let consonants = end.chars().count();
        let fits = if tail == "й" { consonants == 0 } else { (1..=2).contains(&consonants) };
        (fits && !start.is_empty()).then(|| format!("{start}{closed}{end}{tail}"))
    };
    let of = |endings: &'static [&'static str], tail: &'static str| {
        endings.iter().filter_map(|ending| word.strip_suffix(ending)).filter_map(move |rest| close(rest, tail))
    };
    of(&OF_HARD, "").chain(of(&NEUTER, "")).chain(of(&OF_SOFT, "ь")).chain(of(&OF_IOT, "й")).collect()
}

fn is_cyrillic(letter: char) -> bool {
    matches!(letter, '\u{430}'..='\u{45f}' | '\u{491}')
}

const VOWELS: [char; 12] = ['а', 'е', 'и', 'о', 'у', 'ы', 'э', 'ю', 'я', 'і', 'ї', 'є'];

/// Of a word that ends in a consonant; names take `-ым`.
const HARD: [&str; 6] = ["а", "у", "ом", "ем", "е", "ым"];

/// How names end that Snowball takes for a case.
const NAMES: [&str; 4] = ["ов", "ев", "ин", "ын"];

/// Ukrainian: `село`, `сіл`.
const NEUTER: [&str; 1] = ["о"];

/// Ukrainian: `безпека`, `безпеці`.
const PALATAL: [(&str, &str); 3] = [("ка", "ці"), ("га", "зі"), ("ха", "сі")];

/// By ending, the longest first: what takes its place in the other cases. Adjectives, and nouns in `-ий` or `-ия`, have one stem
/// already.
const CLASSES: [(&str, &[&str]); 10] = [
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

/// Endings behind a hard consonant, a soft one, and a vowel, of both numbers: short words have no stem but themselves.
const OF_HARD: [&str; 16] =
    ["а", "у", "ом", "ем", "е", "и", "ы", "і", "ов", "ев", "ей", "ам", "ами", "ах", "ів", "ові"];
const OF_SOFT: [&str; 15] = ["я", "ю", "ем", "ём", "е", "и", "і", "ей", "ям", "ями", "ях", "ів", "єм", "ею", "еві"];
const OF_IOT: [&str; 8] = ["я", "ю", "єм", "ї", "їв", "ям", "ями", "ях"];

/// A change within a word when it is inflected.
struct Change {
    from: &'static str,
    to: &'static str,
    endings: &'static [&'static str],
}

impl Change {
    const fn new(from: &'static str, to: &'static str, endings: &'static [&'static str]) -> Self {
        Self { from, to, endings }
    }

    fn forms<'a>(&'a self, word: &'a str) -> impl Iterator<Item = String> + 'a {
        let start = word.strip_suffix(self.from).filter(|start| !start.is_empty());
        let form = move |start| self.endings.iter().map(move |ending| format!("{start}{}{ending}", self.to));
        start.into_iter().flat_map(form)
    }

    /// The words of which `word` is a form by this change.
    fn back<'a>(&'a self, word: &'a str) -> impl Iterator<Item = String> + 'a {
        let bare = self.endings.iter().filter_map(|ending| word.strip_suffix(ending)?.strip_suffix(self.to));
        bare.filter(|start| !start.is_empty()).map(|start| format!("{start}{}", self.from))
    }
}

/// Vowels that come and go, and verbs whose present is another stem. Of several that fit, each gives its forms.
const CHANGED: [Change; 37] = [
    Change::new("ок", "к", &OF_HARD),
    Change::new("ек", "к", &OF_HARD),
    Change::new("ек", "ьк", &OF_HARD),
    Change::new("ец", "ц", &OF_HARD),
    Change::new("лец", "льц", &OF_HARD),
    Change::new("аец", "айц", &OF_HARD),
    Change::new("оец", "ойц", &OF_HARD),
    Change::new("еец", "ейц", &OF_HARD),
    Change::new("ець", "ц", &OF_SOFT),
    Change::new("лець", "льц", &OF_SOFT),
    Change::new("єць", "йц", &OF_SOFT),
    Change::new("оєць", "ійц", &OF_SOFT),
    Change::new("ень", "н", &OF_SOFT),
    Change::new("ждень", "жн", &OF_SOFT),
    Change::new("онь", "н", &OF_SOFT),
    Change::new("ел", "л", &OF_HARD),
    Change::new("ол", "л", &OF_HARD),
    Change::new("ер", "р", &OF_HARD),
    Change::new("ор", "р", &OF_HARD),
    Change::new("аем", "айм", &OF_HARD),
    Change::new("ей", "ь", &["я", "ю", "ем", "е", "и", "ев", "ям", "ями", "ях"]),
    Change::new("овь", "в", &["и", "ью", "ей", "ям", "ями", "ях"]),
    Change::new("ка", "ок", &[""]),
    Change::new("ка", "ек", &[""]),
    Change::new("ки", "ок", &[""]),
    Change::new("ки", "ек", &[""]),
    Change::new("йка", "ек", &[""]),
    Change::new("ьба", "еб", &[""]),
    Change::new("ьма", "ем", &[""]),
    Change::new("ьмо", "ем", &[""]),
    Change::new("мля", "мель", &[""]),
    Change::new("сло", "сел", &[""]),
    Change::new("кно", "кон", &[""]),
    Change::new("овать", "у", &["ет", "ют"]),
    Change::new("евать", "ю", &["ет", "ют"]),
    Change::new("увати", "у", &["є", "ють"]),
    Change::new("увати", "ува", &["в", "ла", "ли", "но"]),
];
