//! Counts of people who were killed or hurt.

use super::scan::{Sentence, Word};

/// Beginnings of words that say that people were killed or hurt: folded.
const HURT: &[&str] = &[
    "kill",
    "death",
    "injur",
    "wounded",
    "casualt",
    "fatal",
    "погиб",
    "убит",
    "ранен",
    "пострада",
    "жертв",
    "загин",
    "поранен",
    "постражда",
    "getotet",
    "verletzt",
    "todesopfer",
    "tote",
    "gestorben",
    "blesse",
    "deces",
    "muert",
    "murier",
    "herid",
    "fallecid",
    "ferid",
    "morrer",
    "mortos",
    "feriti",
    "zgine",
    "zabit",
    "rannych",
    "gewond",
    "omgekomen",
    "مقتل",
    "قتيل",
];
const HURT_WORDS: &[&str] = &[
    "dead",
    "died",
    "tot",
    "morts",
    "mort",
    "tues",
    "tuees",
    "morti",
    "mortas",
    "mortes",
    "ferite",
    "starben",
    "ranni",
    "doden",
    "загибли",
    "قتلى",
    "جريح",
    "جرحى",
];
/// Whole words of English that are others elsewhere.
const HURT_IN_ENGLISH: &[&str] = &["dies", "die"];
/// What stands before `hurt` where somebody is: sanctions hurt exports, too.
const BEFORE_HURT: &[&str] =
    &["was", "were", "is", "are", "been", "got", "people", "others", "badly", "seriously", "slightly"];
/// In scripts without spaces, as written.
const HURT_UNSPACED: &[&str] =
    &["死", "伤", "傷", "亡", "遇难", "遇難", "罹难", "罹難", "사망", "부상", "숨졌", "다쳤"];
/// Characters that count people.
const PEOPLE_UNSPACED: &[&str] = &["人", "名", "位", "명", "员"];
/// Words on either side of a count of people that say that they were hurt.
const HURT_REACH: usize = 4;
/// Beginnings of what is counted beside people who were hurt: their years, how far off it was, how long ago.
const NOT_PEOPLE: &[&str] = &[
    "year",
    "month",
    "week",
    "day",
    "hour",
    "minut",
    "mile",
    "km",
    "kilomet",
    "meter",
    "metre",
    "jahr",
    "monat",
    "woche",
    "tag",
    "stunde",
    "ans",
    "mois",
    "jours",
    "heure",
    "anos",
    "meses",
    "dias",
    "horas",
    "anni",
    "лет",
    "год",
    "месяц",
    "недел",
    "дней",
    "часов",
    "рок",
    "км",
    "pound",
];

/// What people who are counted came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Toll {
    Dead,
    Hurt,
}

/// Beginnings of those of all these words that say that people are hurt, and may be alive.
const ALIVE: &[&str] = &[
    "injur",
    "wounded",
    "casualt",
    "ранен",
    "пострада",
    "поранен",
    "постражда",
    "verletzt",
    "blesse",
    "herid",
    "ferid",
    "ferit",
    "rann",
    "gewond",
    "hurt",
    "جريح",
    "جرحى",
    "伤",
    "傷",
    "부상",
    "다쳤",
];

/// What stands before the count where a death toll is named farther off.
const BEFORE_TOLL: &[&str] = &["to", "at", "from", "hits", "reaches", "passes", "tops", "is", "now"];

/// What stands before an age, and words of which there is one before a count that `at` leads to: the number of dead stands at 12.
const BEFORE_AGE: &[&str] = &["aged", "age"];
const COUNTED: &[&str] = &["toll", "number", "count", "deaths", "casualties", "fatalities", "stands", "stood", "put"];

/// What people who are counted from `first` to before `after` came to, if they were killed or hurt: by the nearest word that says so.
pub(super) fn toll(sentence: &Sentence<'_>, first: usize, after: usize) -> Option<Toll> {
    let behind = sentence.folded(after);
    // An age between commas: the man, 34, died.
    let is_aside = sentence.gap(first).starts_with(',') && sentence.gap(after).starts_with(',') && after == first + 1;
    if is_aside || is_age(sentence, first, after) || NOT_PEOPLE.iter().any(|start| behind.starts_with(start)) {
        return None;
    }
    let mut about: Vec<usize> = (first.saturating_sub(HURT_REACH)..first).chain(after..after + HURT_REACH).collect();
    // What a comma parts from the count is farther off than what stands on its other side.
    let parted = |gap: &str| if gap.contains(',') { HURT_REACH } else { 0 };
    let (before, beyond) = (parted(sentence.gap(first)), parted(sentence.gap(after)));
    about.sort_by_key(|at| if *at < first { first - *at + before } else { *at - after + 1 + beyond });
    let is_unspaced = sentence.gap(after).is_empty() && PEOPLE_UNSPACED.contains(&behind);
    let told = about.into_iter().find(|&at| {
        sentence.word(at).is_some_and(|word| is_hurt(word) || is_hurt_in_english(sentence, at))
            || (is_unspaced && HURT_UNSPACED.iter().any(|hurt| sentence.from(at).starts_with(hurt)))
    });
    // The death toll in the north rises from 12 to 15: of a count that nothing is named behind.
    let is_bare = is_bare(sentence, after);
    let is_death_toll = |at: usize| sentence.says(at, &["toll"]) && at > 0 && sentence.says(at - 1, &["death"]);
    let is_led = first.checked_sub(1).is_some_and(|before| sentence.says(before, BEFORE_TOLL));
    if told.is_none() && is_bare && is_led && (0..first).any(is_death_toll) {
        return Some(Toll::Dead);
    }
    let at = told?;
    let is_alive = |start: &&str| sentence.folded(at).starts_with(*start) || sentence.from(at).starts_with(*start);
    Some(if ALIVE.iter().any(is_alive) { Toll::Hurt } else { Toll::Dead })
}

/// Whether nothing is named behind a number.
fn is_bare(sentence: &Sentence<'_>, after: usize) -> bool {
    sentence.word(after).is_none_or(|word| word.is_stop) || !sentence.gap(after).trim().is_empty()
}

/// Whether a number is an age: aged 87, or dies at 87.
fn is_age(sentence: &Sentence<'_>, first: usize, after: usize) -> bool {
    let Some(before) = first.checked_sub(1) else { return false };
    let is_counted = || (0..first).any(|at| sentence.says(at, COUNTED));
    sentence.says(before, BEFORE_AGE) || (sentence.says(before, &["at"]) && is_bare(sentence, after) && !is_counted())
}

fn is_hurt(word: &Word<'_>) -> bool {
    HURT_WORDS.contains(&word.folded.as_str()) || HURT.iter().any(|start| word.folded.starts_with(start))
}

fn is_hurt_in_english(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_done_to = || {
        let before = at.checked_sub(1);
        sentence.says(at, &["hurt"])
            && before.is_some_and(|at| {
                let is_count = sentence.word(at).is_some_and(|word| word.is_number) || sentence.in_words(at).is_some();
                sentence.says(at, BEFORE_HURT) || is_count
            })
    };
    sentence.is_english && (sentence.says(at, HURT_IN_ENGLISH) || is_done_to())
}
