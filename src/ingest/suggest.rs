//! Which stories a topic's query may miss or take wrongly, and which words it may lack: to be answered by a person.
//!
//! Stories are alike by the cosine of what they mean, where both have a meaning, else by that of their words.

use std::collections::{BTreeMap, BTreeSet};

use crate::dedup::{Profile, Space, Vector};
use crate::encode::{self, Centroid, Compact};
use crate::learn::contrast;
use crate::model::{Mark, StoryDraft};
use crate::text::lead;
use crate::topic::{Nearness, Query, StoryText, StoryTokens};

/// Characters of a text that are looked at.
const LEAD_CHARS: usize = 600;
/// Of the stories on the topic, so many in a hundred are called unlike the rest.
const ODD_PERCENT: usize = 10;
/// Fewer stories on the topic than this have no rest to be unlike.
const ON_MIN: usize = 5;
/// A word is proposed from this many standard deviations on: one word in forty gets there by chance.
const CLEAR: f64 = 1.96;
/// A word that stands in one story alone says nothing of a topic.
const TEXTS_MIN: usize = 2;
/// Letters of a word that is proposed.
const LETTERS_MIN: usize = 3;
/// Words proposed of one language.
const WORDS_MAX: usize = 8;

/// A story as it stands.
#[derive(Debug, Clone)]
pub struct Considered<'a> {
    /// The story.
    pub draft: &'a StoryDraft,
    /// What it means, where that is known.
    pub meaning: Option<Compact>,
    /// Whether it was decided to be on the topic, by its query or otherwise.
    pub is_on: bool,
    /// What the operator said of it already.
    pub mark: Option<Mark>,
}

/// What is worth asking or proposing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Suggestions {
    /// Stories off the topic that may be on it, the likeliest first.
    pub near_misses: Vec<Doubt>,
    /// Stories on it that may be off it, the likeliest first.
    pub false_hits: Vec<Doubt>,
    /// Words that its query may lack, by language.
    pub terms: Vec<Term>,
}

/// A story to be asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt {
    /// Its place in what was given.
    pub place: usize,
    /// How alike it is to the rest of the topic: 0 to 1.
    pub likeness: f64,
    /// Why it is asked about.
    pub why: String,
}

/// A word that tells stories on the topic from others.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The language of the stories.
    pub lang: String,
    /// As a query takes it.
    pub word: String,
    /// Standard deviations by which it is more common on the topic.
    pub z: f64,
    /// Stories in the language that hold it: on the topic (or as alike as those), and others.
    pub here: usize,
    /// Others.
    pub there: usize,
    /// Stories that the query doesn't hold for and hold the word: on the topic by answer or score, and others.
    pub adds: (usize, usize),
    /// Whether no story in the language was on the topic: those most alike in meaning stood for them.
    pub by_meaning: bool,
}

/// A story, made comparable.
struct Known<'a> {
    of: &'a Considered<'a>,
    nearness: Nearness,
    profile: Profile,
    words: Vector,
    meaning: Option<encode::Vector>,
    /// Stems, each once, with the folded word that stands first for it.
    stems: BTreeMap<u64, String>,
    is_on: bool,
    likeness: f64,
}

/// Looks through stories.
pub fn suggest(query: &Query, considered: &[Considered<'_>]) -> Suggestions {
    let mut known: Vec<Known<'_>> = considered.iter().map(|one| Known::of(one, query)).collect();
    liken(&mut known);
    let mut on: Vec<f64> = known.iter().filter(|k| k.is_on).map(|k| k.likeness).collect();
    on.sort_unstable_by(f64::total_cmp);
    // A quarter of the topic's own stories are less alike to the rest than this.
    let usual = on.get(on.len() / 4).copied().filter(|_| on.len() >= ON_MIN);
    Suggestions {
        near_misses: near_misses(&known, usual),
        false_hits: false_hits(&known, &on),
        terms: terms(&known, usual),
    }
}

impl<'a> Known<'a> {
    fn of(one: &'a Considered<'a>, query: &Query) -> Self {
        let draft = one.draft;
        let tokens = StoryTokens::of(StoryText::from(draft));
        let opening = lead(&draft.text, LEAD_CHARS);
        let text = || tokens.text().iter().take_while(|t| t.end <= opening.len());
        let words = tokens.title().iter().map(|t| (t, tokens.title())).chain(text().map(|t| (t, tokens.text())));
        let mut stems = BTreeMap::new();
        for (token, of) in words.filter(|(token, _)| !token.is_stop && !token.is_number) {
            let word = of.folded(token);
            if word.chars().count() >= LETTERS_MIN || !word.is_ascii() {
                stems.entry(token.stem).or_insert_with(|| word.to_owned());
            }
        }
        let is_on = match one.mark {
            Some(mark) => mark == Mark::OnTopic,
            None => one.is_on,
        };
        Self {
            of: one,
            nearness: query.nearness(&tokens),
            profile: Profile::of((&draft.title, tokens.title().iter()), (&draft.text, text())),
            words: Vector::default(),
            meaning: one.meaning.as_ref().and_then(Compact::vector),
            stems,
            is_on,
            likeness: 0.0,
        }
    }

    fn lang(&self) -> &str {
        self.of.draft.lang.as_deref().unwrap_or_default()
    }

    /// Whether the operator was not asked yet.
    fn is_open(&self) -> bool {
        self.of.mark.is_none()
    }
}

/// Finds how alike each story is to those on the topic, itself left out.
fn liken(known: &mut [Known<'_>]) {
    let mut space = Space::default();
    for one in known.iter() {
        space.count(&one.profile.stems);
    }
    for one in known.iter_mut() {
        one.words = space.vector(&one.profile.stems);
    }
    let mut meant = Centroid::default();
    known.iter().filter(|k| k.is_on).filter_map(|k| k.of.meaning.as_ref()).for_each(|meaning| meant.add(meaning));
    let on: Vec<(usize, Vector)> =
        known.iter().enumerate().filter(|(_, k)| k.is_on).map(|(place, k)| (place, k.words.clone())).collect();
    for (place, one) in known.iter_mut().enumerate() {
        let of_meaning = one.meaning.as_ref().and_then(|vector| {
            let Some(compact) = one.of.meaning.as_ref().filter(|_| one.is_on) else { return meant.cosine(vector) };
            let mut others = meant.clone();
            others.remove(compact);
            others.cosine(vector)
        });
        // By words a story is as alike as to its nearest: a sum of many says little of one.
        let nearest = || on.iter().filter(|(other, _)| *other != place).map(|(_, words)| one.words.cosine(words));
        one.likeness = of_meaning.unwrap_or_else(|| nearest().max_by(f64::total_cmp).unwrap_or_default()).max(0.0);
    }
}

fn near_misses(known: &[Known<'_>], usual: Option<f64>) -> Vec<Doubt> {
    let off = known.iter().enumerate().filter(|(_, one)| !one.is_on && !one.of.is_on && one.is_open());
    let mut found: Vec<Doubt> = off
        .filter_map(|(place, one)| {
            let is_alike = usual.is_some_and(|usual| one.likeness >= usual);
            let side = if one.meaning.is_some() { "in meaning" } else { "in words" };
            let alike = format!("alike {side} to stories on the topic ({:.2})", one.likeness);
            let missing = one.nearness.missing.as_deref().filter(|_| one.nearness.is_near_miss());
            let why = match (missing, is_alike) {
                (Some(clause), true) => format!("all of the query holds but {clause}; {alike}"),
                (Some(clause), false) => format!("all of the query holds but {clause}"),
                (None, true) if one.nearness.missed > 0 => alike,
                (None, _) => return None,
            };
            Some(Doubt { place, likeness: one.likeness, why })
        })
        .collect();
    found.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(a.place.cmp(&b.place)));
    found
}

/// The stories on the topic that are least alike to the rest of it.
fn false_hits(known: &[Known<'_>], on: &[f64]) -> Vec<Doubt> {
    if on.len() < ON_MIN {
        return Vec::new();
    }
    let least = on.get((on.len() * ODD_PERCENT).div_ceil(100)).copied().unwrap_or_default();
    let odd = known.iter().enumerate().filter(|(_, one)| one.is_on && one.is_open() && one.likeness < least);
    let why =
        |likeness: f64| format!("among the least alike to the other {} on the topic ({likeness:.2})", on.len() - 1);
    let mut found: Vec<Doubt> =
        odd.map(|(place, one)| Doubt { place, likeness: one.likeness, why: why(one.likeness) }).collect();
    found.sort_by(|a, b| a.likeness.total_cmp(&b.likeness).then(a.place.cmp(&b.place)));
    found
}

/// Words far more common on the topic than off it, a language at a time; what the query has already adds nothing and is left out.
fn terms(known: &[Known<'_>], usual: Option<f64>) -> Vec<Term> {
    let langs: BTreeSet<&str> = known.iter().map(Known::lang).filter(|lang| !lang.is_empty()).collect();
    let mut found = Vec::new();
    for lang in langs {
        let of: Vec<&Known<'_>> = known.iter().filter(|one| one.lang() == lang).collect();
        let by_meaning = !of.iter().any(|one| one.is_on);
        let is_here = |one: &Known<'_>| {
            if by_meaning {
                one.meaning.is_some() && usual.is_some_and(|usual| one.likeness >= usual)
            } else {
                one.is_on
            }
        };
        let texts = |here: bool| -> Vec<Vec<u64>> {
            of.iter().filter(|one| is_here(one) == here).map(|one| one.stems.keys().copied().collect()).collect()
        };
        let clear = contrast(&texts(true), &texts(false));
        let clear = clear.into_iter().filter(|c| c.z >= CLEAR && c.here >= TEXTS_MIN);
        let mut words = Vec::new();
        for one in clear {
            let holds = |k: &&&Known<'_>| k.stems.contains_key(&one.term);
            let Some(word) = of.iter().filter(holds).find_map(|k| k.stems.get(&one.term)) else { continue };
            let added = || of.iter().filter(holds).filter(|k| k.nearness.missed > 0);
            let is_so = |k: &&&Known<'_>| is_here(k);
            let adds = (added().filter(is_so).count(), added().filter(|k| !is_so(k)).count());
            if adds.0 > 0 {
                let (z, here, there) = (one.z, one.here, one.there);
                words.push(Term { lang: lang.to_owned(), word: word.clone(), z, here, there, adds, by_meaning });
            }
            if words.len() == WORDS_MAX {
                break;
            }
        }
        found.extend(words);
    }
    found
}
