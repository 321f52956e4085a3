//! Votes: `163-0`, `163 in favour, 8 against and 12 abstentions`, `за 163, против 8, воздержались 12`.

use crate::model::{Change, ChangeKind};

use super::matter::Matter;
use super::scan::{Sentence, Word};
use super::unit::Unit;

/// More voters than any assembly has: above it stand years, prices and distances.
const VOTERS_MAX: u32 = 999;
/// Words between a count and its side.
const REACH: usize = 6;
/// Words about a bare result (`163-0`) within which a word on voting must stand.
const CONTEXT_WORDS: usize = 8;

/// Beginnings of words on voting, folded.
const VOTING: &[&str] = &[
    "vot",
    "ballot",
    "adopt",
    "approv",
    "aprob",
    "aprov",
    "reject",
    "abst",
    "голос",
    "проголос",
    "принят",
    "принял",
    "отклон",
    "воздерж",
    "утрималис",
    "stimm",
    "abgestimmt",
    "angenommen",
    "abgelehnt",
    "glos",
    "stemm",
    "gestemd",
    "aangenomen",
    "票",
    "采",
    "弃",
    "賛",
    "صوت",
];
/// Words on votes that are counted: exactly, and by their beginnings.
const VOTES: &[&str] = &["vote", "votes", "voix", "voto", "votos", "voti"];
const VOTES_BEGIN: &[&str] = &["stimme", "голосам", "голосов", "голоса", "stemmen", "glos", "صوت"];
/// Words between the two counts of a result: 98 votes to 12, 98 voix contre 12.
const TO: &[&str] =
    &["to", "zu", "against", "gegen", "contre", "contra", "contro", "tegen", "против", "проти", "مقابل"];
/// Those that stand between two counts without any word for votes beside them.
const BARE_TO: &[&str] = &["to", "zu"];
/// What stands before such a count: adopted by 98 to 12.
const LEADING: &[&str] = &["by", "of", "mit"];
/// Beginnings of words on what is not adopted: whose the first count is, is not said.
const REJECTING: &[&str] = &[
    "reject",
    "defeat",
    "fail",
    "down",
    "rejet",
    "abgelehnt",
    "ablehn",
    "lehnt",
    "rechaz",
    "отклон",
    "отверг",
    "провал",
    "відхил",
    "odrzuc",
    "verworfen",
    "verworpen",
];
/// Beginnings of words on what was adopted.
const ADOPTING: &[&str] = &[
    "adopte",
    "adopts",
    "approved",
    "approves",
    "approuve",
    "passed",
    "passes",
    "aprobo",
    "aproba",
    "angenommen",
    "verabschiedet",
    "принял",
    "принят",
    "одобрил",
    "одобрен",
    "ухвал",
    "прийня",
    "схвал",
];
/// What stands before such a word where nothing was: failed to be adopted.
const NOT_DONE: &[&str] = &["to", "not", "не", "nicht", "pas", "no"];
/// Beginnings of those who vote.
const VOTERS: &[&str] = &[
    "countr",
    "state",
    "nation",
    "member",
    "delegat",
    "lawmaker",
    "senator",
    "deput",
    "justice",
    "judge",
    "vote",
    "стран",
    "государств",
    "член",
    "голос",
    "делегац",
    "сенатор",
    "країн",
    "держав",
    "staaten",
    "lander",
    "abgeordnet",
    "mitglied",
    "stimm",
    "pays",
    "etats",
    "membre",
    "voix",
    "paises",
    "paesi",
    "estados",
    "diputad",
    "miembro",
    "senador",
    "voti",
    "panst",
    "posl",
    "landen",
    "leden",
    "stemm",
    "票",
    "депутат",
];
/// What those do who are on a side.
const STAND: &[&str] = &["выступ", "виступ", "были", "був", "spoke"];
/// What may stand between a side and its count.
const BETWEEN: &[&str] = &["were", "was", "waren", "были", "было", "були", "було"];
/// What tells that there are more of them.
const OTHERS: &[&str] = &["other", "others", "more", "autres", "otros", "andere", "weitere", "других", "інших"];
/// What parts the sides of a vote as a comma does.
const PARTING: &[&str] =
    &["and", "with", "while", "but", "und", "bei", "wahrend", "et", "y", "и", "а", "при", "й", "та", "і"];
/// Those that are another word elsewhere (en contra), where a count stands behind.
const PARTING_COUNTS: &[&str] = &["e", "ed", "i", "en", "a"];

/// The sides of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Favour,
    Against,
    Abstained,
}

impl Side {
    const ALL: [Self; 3] = [Self::Favour, Self::Against, Self::Abstained];

    fn shown(self, count: u32) -> String {
        match self {
            Self::Favour => format!("{count} in favour"),
            Self::Against => format!("{count} against"),
            Self::Abstained if count == 1 => "1 abstention".to_owned(),
            Self::Abstained => format!("{count} abstentions"),
        }
    }

    /// The side that a word names, where it stands.
    fn at(sentence: &Sentence<'_>, at: usize) -> Option<Self> {
        let word = sentence.folded(at);
        let is_behind = |beginnings: &[&str]| {
            let before = at.checked_sub(1).map_or("", |before| sentence.folded(before));
            beginnings.iter().any(|beginning| before.starts_with(beginning))
        };
        let stimmt = || sentence.words.iter().any(|word| word.folded.starts_with("stimm"));
        match word {
            "favour" | "favor" | "favore" | "favorevoli" | "за" | "za" | "dafur" | "jastimmen" => Some(Self::Favour),
            // Words that are said of much else, too.
            "for" if is_behind(&["vot"]) => Some(Self::Favour),
            "pour" if is_behind(&["voix", "vot"]) => Some(Self::Favour),
            "voor" if is_behind(&["stem", "gestemd"]) => Some(Self::Favour),
            "fur" if stimmt() => Some(Self::Favour),
            "gegen" if stimmt() => Some(Self::Against),
            "against" | "против" | "проти" | "contre" | "contra" | "contrari" | "opposed" | "dagegen"
            | "neinstimmen" | "gegenstimmen" | "gegenstimme" | "tegen" | "przeciw" => Some(Self::Against),
            "enthielten" | "enthielt" if sentence.says(at + 1, &["sich"]) => Some(Self::Abstained),
            _ => Self::of_beginning(word).or_else(|| Self::unspaced(sentence.from(at))),
        }
    }

    fn of_beginning(word: &str) -> Option<Self> {
        // `Утримують` holds somebody, `enthält` something.
        const ABSTAINED: &[&str] = &[
            "abstain",
            "abstent",
            "abstenu",
            "asten",
            "воздерж",
            "abstenc",
            "enthaltung",
            "onthoud",
            "onthield",
            "wstrzyma",
        ];
        let abstained = ABSTAINED.iter().any(|beginning| word.starts_with(beginning))
            || (word.starts_with("утрима") && word.ends_with("ся"));
        abstained.then_some(Self::Abstained)
    }

    /// In Chinese and Japanese: as written, from where a word begins.
    fn unspaced(text: &str) -> Option<Self> {
        let begins = |all: &[&str]| all.iter().any(|one| text.starts_with(one));
        if begins(&["赞成", "贊成", "賛成"]) {
            Some(Self::Favour)
        } else if begins(&["反对", "反對", "反対"]) {
            Some(Self::Against)
        } else {
            begins(&["弃权", "棄權", "棄権"]).then_some(Self::Abstained)
        }
    }
}

/// The votes that a story tells; of several counts of one side the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Votes {
    favour: Option<u32>,
    against: Option<u32>,
    abstained: Option<u32>,
}

impl Votes {
    fn get(&self, side: Side) -> Option<u32> {
        match side {
            Side::Favour => self.favour,
            Side::Against => self.against,
            Side::Abstained => self.abstained,
        }
    }

    fn put(&mut self, side: Side, count: u32) {
        let place = match side {
            Side::Favour => &mut self.favour,
            Side::Against => &mut self.against,
            Side::Abstained => &mut self.abstained,
        };
        place.get_or_insert(count);
    }

    /// The first count that there is.
    pub(super) fn shown(&self) -> Option<String> {
        Side::ALL.into_iter().find_map(|side| Some(side.shown(self.get(side)?)))
    }

    /// Takes the votes of a sentence; whether there are any.
    pub(super) fn take(&mut self, sentence: &Sentence<'_>, taken: &mut [bool]) -> bool {
        let has_result = self.take_result(sentence, taken);
        self.take_sides(sentence, taken) || has_result
    }

    /// `163-0`, `163-8-12`, `163 to 8`, `98 votes to 12`, `98 voix contre 12`, where the sentence speaks of voting.
    fn take_result(&mut self, sentence: &Sentence<'_>, taken: &mut [bool]) -> bool {
        let is_joined = |at: usize| matches!(sentence.gap(at), "-" | "–" | "—" | "−" | " – " | ":");
        let is_passed = is_passed(sentence);
        // The nearest before a count says so, or else the first behind it.
        let mut is_rejection = (0..sentence.words.len()).find_map(|at| is_rejected(sentence, at)).unwrap_or(false);
        let mut found = false;
        for at in 0..sentence.words.len() {
            is_rejection = is_rejected(sentence, at).unwrap_or(is_rejection);
            let Some((favour, after)) = count(sentence, at, taken) else { continue };
            let of_votes = is_votes(sentence, after);
            let link = after + usize::from(of_votes);
            let is_to = |words: &[&str]| sentence.says(link, words) && is_blank(sentence.gap(link));
            let frente = usize::from(sentence.says(link, &["frente"]) && sentence.says(link + 1, &["a"]));
            let second = if is_joined(after) && !of_votes { after } else { link + 1 + frente };
            let Some((against, end)) = count(sentence, second, taken) else { continue };
            let is_bare = is_to(BARE_TO) && is_led(sentence, at) && speaks_of_voting(about(sentence, at));
            let is_counted = (is_to(TO) || frente > 0) && (of_votes || is_votes(sentence, end) || is_bare);
            let is_result = if second == after {
                speaks_of_voting(about(sentence, at)) || is_passed
            } else {
                (is_counted || (is_to(BARE_TO) && is_led(sentence, at) && is_passed))
                    && is_blank(sentence.gap(second))
                    && (is_votes(sentence, end) || ends(sentence, end))
                    && Side::at(sentence, end).is_none()
            };
            if !is_result {
                continue;
            }
            let third = count(sentence, end, taken).filter(|_| second == after && is_joined(end));
            // The votes of those who reject something stand first, or those for it.
            if !is_rejection {
                self.put(Side::Favour, favour);
                self.put(Side::Against, against);
                if let Some((abstained, _)) = third {
                    self.put(Side::Abstained, abstained);
                }
            }
            found = true;
            let end = third.map_or(end, |(_, end)| end);
            taken.iter_mut().take(end).skip(at).for_each(|taken| *taken = true);
        }
        found
    }

    /// Counts that stand with the word for their side in one part of a sentence, each alone there: `163 in favour, 8 against` or
    /// `за 163, против 8`. Of two that may be a side's, none is taken.
    fn take_sides(&mut self, sentence: &Sentence<'_>, taken: &mut [bool]) -> bool {
        // Against whom, in favour of what: both are said of much else.
        if !speaks_of_voting(&sentence.words) {
            return false;
        }
        let mut found: Vec<(Side, u32, (usize, usize))> = Vec::new();
        let mut start = 0;
        while start < sentence.words.len() {
            let end = (start + 1..sentence.words.len()).find(|at| is_parting(sentence, *at));
            let end = end.unwrap_or(sentence.words.len());
            found.extend(of_clause(sentence, (start, end), taken));
            start = end;
        }
        for (side, votes, (first, after)) in &found {
            taken.iter_mut().take(*after).skip(*first).for_each(|taken| *taken = true);
            if found.iter().all(|(other, count, _)| other != side || count == votes) {
                self.put(*side, *votes);
            }
        }
        !found.is_empty()
    }
}

/// The count in a part of a sentence, and its side: where there is one of both.
fn of_clause(
    sentence: &Sentence<'_>,
    (start, end): (usize, usize),
    taken: &[bool],
) -> Option<(Side, u32, (usize, usize))> {
    let mut sides = (start..end).filter_map(|at| Some((at, Side::at(sentence, at)?)));
    let (of_side, side) = sides.next()?;
    if sides.next().is_some() {
        return None;
    }
    let mut counts = (start..end).filter_map(|at| Some((at, count(sentence, at, taken)?)));
    let (at, (votes, after)) = counts.next()?;
    if counts.next().is_some() || sentence.says(after, OTHERS) || sentence.says(at.saturating_sub(1), OTHERS) {
        return None;
    }
    // The size of a body: the 47-member council.
    let is_size =
        matches!(sentence.gap(after), "-" | "–" | "‑") && !sentence.word(after).is_some_and(|word| word.is_number);
    if is_size {
        return None;
    }
    let is_voter = begins(sentence.folded(after), VOTERS);
    // Beside its side, or behind it and a verb (against were 12): what is farther off may be of the name of a text.
    let is_joined = sentence.says(of_side + 1, BETWEEN) || sentence.gap(of_side + 1).is_empty();
    let is_beside = at <= of_side + 1 || (at == of_side + 2 && is_joined);
    let is_theirs = if at < of_side {
        let is_voted = (after..of_side).any(|at| begins(sentence.folded(at), VOTING));
        let is_said = sentence.word(after).is_some_and(|word| word.is_stop || begins(&word.folded, STAND));
        of_side.saturating_sub(after) <= REACH
            && (of_side == after || is_voter || is_said || is_voted || is_votes(sentence, after))
    } else {
        at - of_side <= REACH && (is_voter || (is_beside && (after >= end || ends(sentence, after))))
    };
    is_theirs.then_some((side, votes, (at, after)))
}

/// A count of votes, with the word after it; no part of a greater number, and of nothing else.
fn count(sentence: &Sentence<'_>, at: usize, taken: &[bool]) -> Option<(u32, usize)> {
    if taken.get(at) != Some(&false) {
        return None;
    }
    let (count, after) = sentence.whole(at).map(|count| (count, at + 1)).or_else(|| sentence.in_words(at))?;
    let is_number = |at: usize| sentence.word(at).is_some_and(|word| word.is_number);
    let is_group = |gap: &str| matches!(gap, "," | "." | "'" | "\u{a0}" | "\u{202f}" | "\u{2009}" | "/");
    let is_grouped = (is_number(after) && is_group(sentence.gap(after)))
        || (at.checked_sub(1).is_some_and(is_number) && is_group(sentence.gap(at)));
    let is_of_unit = Unit::before(sentence.gap(at)).is_some()
        || Unit::behind(sentence.gap(after)).is_some()
        || Unit::named(sentence.folded(after), sentence.folded(after + 1)).is_some()
        || sentence.is_scaled(after);
    (count <= VOTERS_MAX && !is_grouped && !is_of_unit).then_some((count, after))
}

fn begins(word: &str, beginnings: &[&str]) -> bool {
    beginnings.iter().any(|beginning| word.starts_with(beginning))
}

fn is_votes(sentence: &Sentence<'_>, at: usize) -> bool {
    let word = sentence.folded(at);
    (VOTES.contains(&word) || begins(word, VOTES_BEGIN)) && is_blank(sentence.gap(at))
}

fn is_blank(gap: &str) -> bool {
    gap.chars().all(char::is_whitespace)
}

/// Whether another part of the sentence begins with a word.
fn is_parting(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_before_count = || sentence.whole(at + 1).is_some() || sentence.in_words(at + 1).is_some();
    sentence.gap(at).contains([',', ';', '(', ')', '、', '，'])
        || sentence.says(at, PARTING)
        || (sentence.says(at, PARTING_COUNTS) && is_before_count())
}

/// Whether nothing that may be counted stands behind a count.
fn ends(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_other = |word: &Word<'_>| word.is_stop || begins(&word.folded, VOTING);
    !is_blank(sentence.gap(at)) || sentence.word(at).is_none_or(is_other)
}

/// Whether what stands before a count leads to one: `voted 98 to 12`, `by 98 to 12`, `, 51 to 49`.
fn is_led(sentence: &Sentence<'_>, at: usize) -> bool {
    let is_leading = |at: usize| {
        let word = sentence.folded(at);
        LEADING.contains(&word) || word.ends_with("ly") || begins(word, VOTING) || word == "passed"
    };
    sentence.gap(at).contains([',', '(']) || at.checked_sub(1).is_none_or(is_leading)
}

/// Whether a word says that something was rejected, or that it was adopted; most say neither.
fn is_rejected(sentence: &Sentence<'_>, at: usize) -> Option<bool> {
    let word = sentence.folded(at);
    if begins(word, REJECTING) {
        return Some(true);
    }
    // To adopt (принять, ухвалити) begins like adopted, and is not done.
    let is_done = || {
        let is_infinitive = word.ends_with("ть") || word.ends_with("ти");
        !is_infinitive && !(at.saturating_sub(2)..at).any(|at| sentence.says(at, NOT_DONE))
    };
    (begins(word, ADOPTING) && is_done()).then_some(false)
}

/// Whether a text passed.
fn is_passed(sentence: &Sentence<'_>) -> bool {
    let is_text = |word: &Word<'_>| Matter::of(&word.folded) == Some(Matter::Text);
    sentence.words.iter().any(|word| word.folded == "passed" || word.folded == "passes")
        && sentence.words.iter().any(is_text)
}

/// The words about a place.
fn about<'s, 'a>(sentence: &'s Sentence<'a>, at: usize) -> &'s [Word<'a>] {
    let after = sentence.words.len().min(at + CONTEXT_WORDS);
    sentence.words.get(at.saturating_sub(CONTEXT_WORDS)..after).unwrap_or_default()
}

fn speaks_of_voting(words: &[Word<'_>]) -> bool {
    words.iter().any(|word| begins(&word.folded, VOTING))
}

/// Counts that no story before told, of a vote that was told of or not.
pub(super) fn changes<'a>(before: impl Iterator<Item = &'a Votes>, now: &Votes) -> Vec<Change> {
    let before: Vec<&Votes> = before.collect();
    let change = |side: Side| {
        let count = now.get(side)?;
        let told: Vec<u32> = before.iter().filter_map(|votes| votes.get(side)).collect();
        if told.contains(&count) {
            return None;
        }
        let before = told.last().map(ToString::to_string);
        Some(Change { kind: ChangeKind::Vote, now: side.shown(count), before })
    };
    Side::ALL.into_iter().filter_map(change).collect()
}
