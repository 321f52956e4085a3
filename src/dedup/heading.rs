//! Titles of a series: what they have in common, and the day and names that each fills in. The forecast for the 8th isn't
//! that for the 18th, though all its other words are the same.

use crate::text::{Token, TokenKind, Tokens};

use super::slot::{SEED, mix, upper};
use super::words::Words;

/// Words of its own that a title has at least, if it is one of a series: beside a day, and else.
const WORDS_BESIDE_DAY: usize = 1;
const WORDS: usize = 3;
/// With so many words of its own before its first name, a number among them, a title of a publisher's is one of its series, however it
/// ends: the earthquake off here, in the north of there.
const OPENING_WORDS: usize = 3;

/// What a magnitude is written with, before the decimal that a title begins with: `M 4.5`, `mb 4.6`; folded.
const MAGNITUDES: [&str; 7] = ["m", "ml", "mw", "mb", "ms", "md", "mag"];
/// A headline of so many words at least that all have a capital is written so, whatever they are.
const TITLE_CASE_WORDS: usize = 4;

/// What parts a title from its publisher's name.
const TAILS: [&str; 4] = [" - ", " – ", " — ", " | "];

/// A title with blanks for days, numbers and names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    pattern: u64,
    /// Whether its own words are enough to be known by.
    is_known: bool,
    /// Whether its names are known by its own text alone, so that others may have told others from other words.
    is_by_text: bool,
    /// What its beginning has in common with others, where that holds a number.
    opening: Option<u64>,
    /// The decimal that it begins with.
    measure: Option<u32>,
    /// The characters before its first number.
    run: Option<Box<Run>>,
    /// In order; of a series all have the same kinds.
    blanks: Box<[Blank]>,
}

/// What stands before the first number of a title in a script without spaces and capitals, where names can't be told from other
/// words but by what another title of the series has in their place: `四川发生5.1级地震`, `新疆发生4.5级地震`. A whole number
/// is one only behind the word for an intensity: others are counts, which grow.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Run {
    before: Box<[u32]>,
    number: u32,
}

/// What a title fills in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Blank {
    /// A day of a month, or of the week.
    Day(u32),
    /// A number, which may have grown since: by itself it tells nothing apart.
    Number(u32),
    /// The stems of names that follow each other.
    Names(Box<[u32]>),
}

impl Heading {
    /// The title as one of a series; `None` where it fills nothing in, or has too few words of its own to be known by. `names` are
    /// stems of what its own text has with a capital within a sentence, ascending.
    pub fn of(title: &str, tokens: &Tokens, names: &[u64]) -> Option<Self> {
        let list: Vec<&Token> = tokens.iter().filter(|token| token.kind != TokenKind::Pair).collect();
        let is_title_case = is_title_case(&list, tokens);
        let mut words = Words { title, tokens, list, names, is_title_case };
        words.list.truncate(own_end(&words));
        let (mut pattern, mut own, mut blanks) = (SEED, 0, Vec::new());
        let measure = measure(&words);
        let (mut opening, mut is_open) = (measure.map(|_| mix(SEED, MEASURED)), true);
        let mut at = 0;
        while let Some(word) = words.list.get(at) {
            let (blank, after) = words.blank(at).map_or((None, at + 1), |(blank, after)| (Some(blank), after));
            pattern = mix(pattern, blank.as_ref().map_or(word.word, Blank::kind));
            // A character says nothing by itself, but it is no word that says nothing.
            own += usize::from(blank.is_none() && (!word.is_stop || word.kind == TokenKind::Character));
            if let Some(Blank::Names(names)) = &blank
                && words.is_german()
            {
                // It may be a thing as well as a place.
                own += names.len();
            }
            is_open &= !matches!(blank, Some(Blank::Names(_) | Blank::Day(_)));
            let is_counted = blanks.iter().any(|blank| matches!(blank, Blank::Number(_)));
            if is_open && opening.is_none() && own == OPENING_WORDS && is_counted {
                opening = Some(pattern);
            }
            blanks.extend(blank);
            at = after;
        }
        let has_day = blanks.iter().any(|blank| matches!(blank, Blank::Day(_)));
        let tells_apart = has_day || blanks.iter().any(|blank| matches!(blank, Blank::Names(_)));
        let is_known = own >= if has_day { WORDS_BESIDE_DAY } else { WORDS };
        let is_known = tells_apart && is_known;
        let run = Run::of(&words).map(Box::new);
        let is_any = is_known || measure.is_some() || run.is_some();
        let is_by_text = is_title_case && !has_day;
        is_any.then(|| Self { pattern, is_known, is_by_text, opening, measure, run, blanks: blanks.into() })
    }

    /// What the titles of its series have in common.
    pub fn pattern(&self) -> u64 {
        self.pattern
    }

    /// What its beginning has in common with others of its publisher's, where that tells anything.
    pub fn opening(&self) -> Option<u64> {
        self.opening
    }

    /// What it has in common with others in the place of whose characters it has other ones.
    pub fn place(&self) -> Option<u64> {
        let [.., one, two] = *self.run.as_ref()?.before else { return None };
        Some(mix(mix(mix(SEED, PLACED), one.into()), two.into()))
    }

    /// Whether two titles are of different things, as far as titles say; more is said by those of one publisher.
    pub fn tells_another(&self, other: &Self, are_publishers: bool) -> bool {
        let has_another_run = || self.run.as_ref().zip(other.run.as_ref()).is_some_and(|(a, b)| a.is_of_another(b));
        if are_publishers {
            return self.is_of_another(other) || self.opens_another(other) || has_another_run();
        }
        !self.is_by_text && !other.is_by_text && self.is_of_another(other)
    }

    /// Whether two titles are of the same thing where neither tells another.
    pub fn tells_same(&self, other: &Self, are_publishers: bool) -> bool {
        let alike = self.is_known && other.is_known && (self.pattern, self.measure) == (other.pattern, other.measure);
        let has = |one: Option<u64>, two: Option<u64>| one.is_some() && one == two;
        if are_publishers {
            return alike || has(self.opening, other.opening) || has(self.place(), other.place());
        }
        alike && !self.is_by_text && !other.is_by_text
    }

    /// Whether two titles of one publisher that begin alike are of different things: with other numbers, and no name in common. Of
    /// two that begin with a magnitude (`M 4.5 - 12 km SSW of Hihifo`), another one is enough, or another place at the end.
    pub fn opens_another(&self, other: &Self) -> bool {
        let numbers = |heading: &Self| -> Vec<u32> {
            let number = |blank: &Blank| if let Blank::Number(value) = blank { Some(*value) } else { None };
            heading.blanks.iter().filter_map(number).collect()
        };
        let has = |names: &Blank| match names {
            Blank::Names(names) => names.iter().any(|name| other.names().any(|theirs| theirs == name)),
            Blank::Day(_) | Blank::Number(_) => false,
        };
        let is_otherwise =
            || other.names().next().is_some() && self.names().next().is_some() && !self.blanks.iter().any(has);
        if self.opening.is_none() || self.opening != other.opening {
            return false;
        }
        match (self.measure, other.measure) {
            (Some(one), Some(two)) => one != two || self.ends_elsewhere(other),
            _ => numbers(self) != numbers(other) && is_otherwise(),
        }
    }

    /// Whether the last names of both have none in common: what stands before is which way it is, and how far.
    fn ends_elsewhere(&self, other: &Self) -> bool {
        let last = |heading: &Self| -> Vec<u32> {
            heading.blanks.iter().rev().find_map(Blank::names).unwrap_or_default().to_vec()
        };
        let (one, two) = (last(self), last(other));
        !one.is_empty() && !two.is_empty() && !one.iter().any(|name| two.contains(name))
    }

    fn names(&self) -> impl Iterator<Item = &u32> {
        self.blanks.iter().flat_map(|blank| match blank {
            Blank::Names(names) => names.iter(),
            Blank::Day(_) | Blank::Number(_) => [].iter(),
        })
    }

    /// Whether two titles of one series are of different things: of another day, or of names of which none is the same.
    pub fn is_of_another(&self, other: &Self) -> bool {
        let differs = |(one, other): (&Blank, &Blank)| match (one, other) {
            (Blank::Day(one), Blank::Day(other)) => one != other,
            (Blank::Names(ones), Blank::Names(others)) => !ones.iter().any(|name| others.contains(name)),
            _ => false,
        };
        self.is_known
            && other.is_known
            && self.pattern == other.pattern
            && self.blanks.iter().zip(&other.blanks).any(differs)
    }
}

/// Stand for a magnitude in what openings have in common, and for characters in their place.
const MEASURED: u64 = 4;
const PLACED: u64 = 5;
/// Characters before a number that are looked at, and those that two titles of a series have in common there at least.
const RUN_MAX: usize = 24;
const RUN_COMMON: usize = 2;
/// The word for an intensity, which is told in whole numbers, folded.
const INTENSITY: [&str; 2] = ["震", "度"];
/// A name has so many characters.
const RUN_NAME: std::ops::RangeInclusive<usize> = 2..=8;

impl Run {
    /// The characters before the first number that is of no day.
    fn of(words: &Words<'_>) -> Option<Self> {
        let (mut before, mut at) = (Vec::new(), 0);
        while let Some(word) = words.list.get(at) {
            if let Some((_, after)) = words.day(at) {
                (before, at) = (Vec::new(), after);
                continue;
            }
            if word.is_number {
                let next = words.list.get(at + 1).filter(|next| next.is_number);
                let part = next.filter(|next| words.title.get(word.end..next.start) == Some("."));
                let number = upper(mix(mix(SEED, word.word), part.map_or(0, |part| part.word)));
                let from =
                    at.checked_sub(INTENSITY.len()).and_then(|from| words.list.get(from..at)).unwrap_or_default();
                let is_intensity = || from.iter().map(|word| words.tokens.folded(word)).eq(INTENSITY);
                let is_enough = before.len() >= RUN_COMMON + RUN_NAME.start() && (part.is_some() || is_intensity());
                return is_enough.then(|| Self { before: before.into(), number });
            }
            if word.kind != TokenKind::Character || before.len() == RUN_MAX {
                return None;
            }
            before.push(upper(word.word));
            at += 1;
        }
        None
    }

    /// Whether they stand before another number, and are the same but for characters of which none is. It holds of one publisher's
    /// titles: others call one earthquake's place by the country and by the region.
    fn is_of_another(&self, other: &Self) -> bool {
        let (one, two) = (&*self.before, &*other.before);
        let begin = one.iter().zip(two).take_while(|(a, b)| a == b).count();
        let (one, two) = (one.get(begin..).unwrap_or_default(), two.get(begin..).unwrap_or_default());
        let end = one.iter().rev().zip(two.iter().rev()).take_while(|(a, b)| a == b).count();
        let cut = |run: &[u32]| run.get(..run.len() - end).unwrap_or_default().to_vec();
        let (one, two) = (cut(one), cut(two));
        self.number != other.number
            && end >= RUN_COMMON
            && RUN_NAME.contains(&one.len())
            && RUN_NAME.contains(&two.len())
            && !one.iter().any(|character| two.contains(character))
    }
}

/// The magnitude that a title begins with: `M 4.5`.
fn measure(words: &Words<'_>) -> Option<u32> {
    let [unit, whole, part, ..] = words.list.as_slice() else { return None };
    let between = |one: &Token, two: &Token| words.title.get(one.end..two.start);
    let is_unit = MAGNITUDES.contains(&words.tokens.folded(unit));
    let is_decimal = whole.is_number && part.is_number && matches!(between(whole, part), Some("." | ","));
    let is_bound = between(unit, whole).is_some_and(|gap| gap.chars().all(|c| c == ' ' || c == '='));
    (is_unit && is_decimal && is_bound).then(|| upper(mix(mix(SEED, whole.word), part.word)))
}

/// Whether a headline has all its words with capitals, so that these tell nothing.
fn is_title_case(list: &[&Token], tokens: &Tokens) -> bool {
    let said = || list.iter().filter(|word| word.kind == TokenKind::Word && !word.is_stop && !word.is_number);
    let are_capitals =
        said().all(|word| word.is_capital || tokens.folded(word).starts_with(|c: char| c.is_ascii_digit()));
    are_capitals && said().count() >= TITLE_CASE_WORDS
}

/// Where a title's own words end: what stands behind the last dash or stroke between spaces is as a rule the publisher. It is
/// no publisher that holds a day or a number, or is as long as what stands before it.
fn own_end(words: &Words<'_>) -> usize {
    let parts = |pair: &[&Token]| {
        let [before, after] = pair else { return false };
        words.title.get(before.end..after.start).is_some_and(|gap| TAILS.iter().any(|tail| gap.contains(tail)))
    };
    let all = words.list.len();
    let Some(last) = words.list.windows(2).rposition(parts).map(|last| last + 1) else { return all };
    let said = words.list.iter().take(last).filter(|word| !word.is_number).count();
    let is_filled_in = (last..all).any(|at| words.day(at).is_some() || words.list.get(at).is_some_and(|w| w.is_number));
    if is_filled_in || said < WORDS || said <= all - last { all } else { last }
}

impl Blank {
    fn names(&self) -> Option<&[u32]> {
        if let Self::Names(names) = self { Some(names) } else { None }
    }

    /// What stands for it in the pattern.
    fn kind(&self) -> u64 {
        match self {
            Self::Day(_) => 1,
            Self::Number(_) => 2,
            Self::Names(_) => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Heading;
    use crate::text::Tokens;

    fn check(lang: &str, one: &str, other: &str, expected: bool) {
        let heading = |title| Heading::of(title, &Tokens::of(title, Some(lang)), &[]);
        let found = heading(one).zip(heading(other)).is_some_and(|(one, other)| one.is_of_another(&other));
        assert_eq!(found, expected, "{one} | {other}");
    }

    #[test]
    fn titles_of_one_series_are_of_different_things_when_their_days_or_names_are() {
        check("en", "Tide tables for 8 November", "Tide tables for 18 November", true);
        check("en", "Tide tables for November 8", "Tide tables for November 9", true);
        check("en", "Tide tables for 8 November", "Tide tables for 8 November", false);
        check("ru", "Погода в Самаре на 3 мая", "Погода в Казани на 3 мая", true);
        check("ru", "Погода в Самаре на 3 мая", "Погода в Самаре на 4 мая", true);
        check("en", "Search ends for the hiker lost near Arvik", "Search ends for the hiker lost near Tolm", true);
        check("en", "Mayor Ann Poll opens the new bridge", "Mayor Poll opens the new bridge", false);
        // A count that grows is an update.
        check("en", "Floods near Arvik leave 12 people dead", "Floods near Arvik leave 15 people dead", false);
        check("en", "Two rivers burst their banks - Arvik Post", "Two rivers burst their banks - Tolm Herald", false);
        check(
            "uk",
            "Вночі обстріляли Харків: поранено п’ятеро людей",
            "Вночі обстріляли Одесу: поранено троє людей",
            true,
        );
        // In German only what is somewhere is a name.
        // Whoever tells it, a word or two beside the names may be of one thing.
        check("en", "Explosion kills two people in Kyiv", "Blast kills two people in Ukraine", false);
        check("ru", "В Подмосковье сбит беспилотник", "В Домодедове сбит беспилотник", false);
        check("en", "Floods near Arvik leave 12 people dead", "Storm near Arvik leaves 12 people dead", false);
        check("de", "Großbrand in Lagerhalle in Arvik", "Großbrand in Lagerhalle in Tolm", true);
        check("de", "Polizei fasst Täter nach der Tat in Arvik", "Polizei fasst Mann nach der Tat in Arvik", false);
        // Behind a dash, a day or a place is as one elsewhere.
        check("en", "Harbour notices – November 8, 2026", "Harbour notices – November 9, 2026", true);
        check("en", "Tide tables - Tuesday", "Tide tables - Wednesday", true);
        check("ru", "Приливы — 8 ноября", "Приливы — 9 ноября", true);
        check("fr", "Horaires des marées | 8 novembre", "Horaires des marées | 9 novembre", true);
        check("en", "Gales over the bay - 40 km off Arvik", "Gales over the bay - 62 km off Tolm", true);
        check(
            "en",
            "Gales over two bays, Tuesday 8 November - Arvik Post",
            "Gales over two bays, Tuesday 8 November",
            false,
        );
        // Other words, other series; too few of them, none.
        check("en", "Tide tables for 8 November", "Flight tables for 18 November", false);
        check("en", "Back in Arvik", "Back in Tolm", false);
    }

    #[test]
    fn a_day_is_one_however_it_is_written() {
        check("en", "Tuesday 8 November 2026: tide tables", "Wednesday 9 November 2026: tide tables", true);
        check("en", "Your Saturday briefing", "Your Sunday briefing", true);
        check("en", "Tide tables for November 8th", "Tide tables for the 9th of November", false);
        check("en", "Tide tables for November 8th", "Tide tables for November 9th", true);
        check("es", "Mareas en Arvik para el 8 de noviembre", "Mareas en Arvik para el 9 de noviembre", true);
        check("pt", "Marés para 8 de novembro", "Marés para 9 de novembro", true);
        check("de", "Gezeiten am Dienstag, 8. November", "Gezeiten am Mittwoch, 9. November", true);
        check("de", "Gezeiten am Dienstag, den 8. November", "Gezeiten am 8. November", false);
        check("de", "Gezeiten am 8.11.: So steht das Wasser", "Gezeiten am 9.11.: So steht das Wasser", true);
        check("ru", "Приливы на 08.11.2026", "Приливы на 09.11.2026", true);
        check("ru", "Приливы на вторник, 8 ноября", "Приливы на среду, 9 ноября", true);
        check("uk", "Припливи на понеділок, 8 листопада", "Припливи на вівторок, 9 листопада", true);
        check("de", "Die Gezeiten am Dienstag, 8. November", "Die Gezeiten am Mittwoch, 9. November", true);
        check("pl", "Pływy na 8 listopada", "Pływy na 9 listopada", true);
        check("tr", "8 Kasım 2026 gelgit saatleri", "9 Kasım 2026 gelgit saatleri", true);
        check("ar", "المد اليوم 8 نوفمبر", "المد اليوم 9 نوفمبر", true);
        check("zh", "北京11月8日天气预报", "北京11月9日天气预报", true);
        check("ja", "11月8日の天気予報", "11月8日の天気予報", false);
        // A part of a number is no month, and a list no November.
        check("en", "Magnitude 6.1 earthquake strikes the sea", "Magnitude 6.2 earthquake strikes the sea", false);
        check("en", "The top 10 list of rivers that burst", "The top 20 list of rivers that burst", false);
    }

    #[test]
    fn a_number_with_a_sign_before_it_is_a_name() {
        check("en", "Crossword hints for puzzle #1234", "Crossword hints for puzzle #1235", true);
        check("en", "Newsletter No. 12: the week in review", "Newsletter No. 13: the week in review", true);
        check("en", "There is no 12 in the week of review", "There is no 13 in the week of review", false);
    }

    #[test]
    fn titles_of_one_publisher_that_begin_alike_are_of_different_things_when_numbers_and_all_names_are_others() {
        let check = |one: &str, other: &str, expected: bool| {
            let heading = |title| Heading::of(title, &Tokens::of(title, Some("en")), &[]);
            let found = heading(one).zip(heading(other)).is_some_and(|(one, other)| one.opens_another(&other));
            assert_eq!(found, expected, "{one} | {other}");
        };
        let first = "Magnitude 6.1 earthquake strikes off Arvik";
        check(first, "Magnitude 5.8 earthquake strikes northern Tolm", true);
        check(first, "Magnitude 5.8 earthquake strikes Tolm, Westmark region", true);
        check(first, "Magnitude 6.0 earthquake strikes near Arvik harbour", false);
        check(first, "Magnitude 6.1 earthquake strikes the island of Tolm", false);
        check(first, "Magnitude 5.8 aftershock strikes northern Tolm", false);
        check("Floods near Arvik leave 12 people dead", "Floods near Tolm leave 15 people dead", false);
    }

    #[test]
    fn titles_of_one_publisher_that_begin_with_a_decimal_are_of_different_things_when_it_or_all_names_are_others() {
        let check = |one: &str, other: &str, expected: bool| {
            let heading = |title| Heading::of(title, &Tokens::of(title, Some("en")), &[]);
            let found = heading(one).zip(heading(other)).is_some_and(|(one, other)| one.opens_another(&other));
            assert_eq!(found, expected, "{one} | {other}");
        };
        check("M 4.5 - 12 km SSW of Hihifo, Tonga", "M 5.1 - 80 km E of Sand Point, Alaska", true);
        check("M 4.7 - south of the Fiji Islands", "M 4.9 - south of the Fiji Islands", true);
        check("M 4.7 - south of the Fiji Islands", "M 4.7 - south of the Fiji Islands", false);
        check("M 4.5 - 12 km SSW of Hihifo, Tonga", "M 4.5 - 80 km SSW of Neiafu, Samoa", true);
        check("ML 4.1 WESTERN TURKEY", "mb 4.6 FIJI REGION", true);
        check("A 1.5 million people flee", "A 1.8 million people flee", false);
        check("Dax 0,4 Prozent im Plus", "Dax 0,9 Prozent im Plus", false);
        check("BTC 98.5K", "BTC 97.1K", false);
        check("1.5 million people flee floods near Arvik", "1.8 million people flee floods near Arvik", false);
    }

    #[test]
    fn in_a_script_without_capitals_other_characters_before_another_number_are_of_another_thing() {
        let check = |one: &str, other: &str, of_one: bool, of_two: bool| {
            let heading = |title| Heading::of(title, &Tokens::of(title, Some("zh")), &[]);
            let found = |are_publishers| {
                heading(one).zip(heading(other)).is_some_and(|(a, b)| a.tells_another(&b, are_publishers))
            };
            assert_eq!((found(true), found(false)), (of_one, of_two), "{one} | {other}");
            let place = |title| heading(title).and_then(|heading| heading.place());
            assert!(!of_one || (place(one).is_some() && place(one) == place(other)), "{one} | {other}");
        };
        check("四川发生5.1级地震", "新疆发生4.5级地震", true, false);
        check("11月2日四川发生5.1级地震", "新疆发生4.5级地震", true, false);
        check("日本发生7.4级地震", "石川发生7.6级地震", true, false);
        check("【地震】茨城県で震度4", "【地震】北海道で震度5弱", true, false);
        check("四川发生5.1级地震", "四川省发生5.2级地震", false, false);
        check("四川甘孜州发生5.1级地震", "甘孜州发生5.2级地震", false, false);
        check("四川发生5.1级地震", "甘孜发生5.1级地震", false, false);
        check("台风致12人死亡", "暴雨致15人死亡", false, false);
        check("香港大火已致36人死亡", "宏福苑大火已致44人死亡", false, false);
        check("서울 화재로 3명 사망", "마포 화재로 5명 사망", false, false);
        check("能登地震 死者12人", "石川地震 死者20人", false, false);
    }

    #[test]
    fn titles_are_of_the_same_thing_only_where_they_are_of_a_series_that_tells_things_apart() {
        let check = |one: &str, other: &str, expected: (bool, bool)| {
            let heading = |title| Heading::of(title, &Tokens::of(title, Some("en")), &[]);
            let (one, other) = (heading(one).unwrap(), heading(other).unwrap());
            let found = |are_publishers| one.tells_same(&other, are_publishers);
            assert_eq!((found(true), found(false)), expected, "{one:?} | {other:?}");
        };
        // Their words are too few for a series, and how they begin says something of one publisher's alone.
        check("M 4.5 - 12 km SSW of Hihifo, Tonga", "M 4.5 - 12 km SSW of Hihifo, Tonga", (true, false));
        check("Tide tables for 8 November", "Tide tables for 8 November", (true, true));
        check("Tide tables for 8 November", "Flight tables for 8 November", (false, false));
        check("M 4.5 quake shakes houses near Arvik", "M 4.6 quake shakes houses near Arvik", (true, false));
        check(
            "Two Killed in Plane Crash in Texas on Friday",
            "Storm closes the port of Arvik for days",
            (false, false),
        );
    }

    #[test]
    fn capitals_tell_names_where_not_all_words_have_them_or_the_text_says_so() {
        let check = |(one, names): (&str, &str), (other, others): (&str, &str), expected: (bool, bool)| {
            let heading = |title: &str, names: &str| {
                let mut names: Vec<u64> = Tokens::of(names, Some("en")).iter().map(|token| token.stem).collect();
                names.sort_unstable();
                Heading::of(title, &Tokens::of(title, Some("en")), &names)
            };
            let (one, other) = (heading(one, names), heading(other, others));
            let found = |are_publishers| {
                let both = one.as_ref().zip(other.as_ref());
                both.is_some_and(|(one, other)| one.tells_another(other, are_publishers))
            };
            assert_eq!((found(true), found(false)), expected, "{one:?} | {other:?}");
        };
        let (texas, alaska) = ("Two Killed in Plane Crash in Texas", "Three Killed in Plane Crash in Alaska");
        check((texas, "Texas"), (alaska, "Alaska"), (true, false));
        check((texas, "Texas"), ("Three Killed in Plane Crash in Texas", "Texas"), (false, false));
        check((texas, "Texas"), ("Three killed in plane crash in Alaska", ""), (true, false));
        check((texas, ""), (alaska, ""), (false, false));
        // What a text knows of one word makes no other series of a title.
        let near = |town: &str| format!("Floods call for help near {town}");
        check((&near("Arvik"), "Arvik Floods call help"), (&near("Tolm"), ""), (true, true));
    }

    #[test]
    fn titles_that_are_of_no_series_are_held_against_none() {
        check("en", "Rain", "Rain", false);
    }
}
