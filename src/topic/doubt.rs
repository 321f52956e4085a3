//! Whether a story that is not on a topic may be after all, if more of it were known.
//!
//! A feed that gives a title and a line leaves out what the query asks for. Such a story neither matches nor clearly does
//! not when much of what the query asks for is there and nothing that it rules out.

use super::clause::{Clause, Cover, Node};
use super::evaluate::Hit;
use super::matcher::Matcher;
use super::parser::Query;
use super::story::{Part, StoryTokens};
use crate::model::TopicKey;

/// How much of a query holds: so many of the parts that it asks for together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doubt {
    /// Parts that hold.
    pub held: usize,
    /// Parts that all must.
    pub of: usize,
}

impl Matcher {
    /// The topics that `story` is not on and may be on if more of it were known, with how much of their queries holds.
    ///
    /// Of a query that asks for three parts or more, half must hold and two at least; of two parts, one, by the title;
    /// a query of one part says no or yes. Of alternatives the nearest counts.
    pub fn in_doubt(&self, story: &StoryTokens<'_>) -> Vec<(TopicKey, Doubt)> {
        let doubt = |(topic, query): &(TopicKey, Query)| Some((topic.clone(), query.root.doubt(story)?));
        let worth = self.parts().found(&self.keys(story, |key| self.parts().has(key)));
        worth.into_iter().filter_map(|topic| self.topics().get(topic)).filter_map(doubt).collect()
    }
}

/// The parts of all queries by what a story must have for each to hold: it tells at once that most stories are near to none.
#[derive(Debug, Clone, Default)]
pub(super) struct Parts {
    /// Key, topic and number of the part, sorted.
    keys: Vec<(u64, usize, usize)>,
    /// For each topic how many parts must be there for it to be worth a look; `None`: it is never near.
    needed: Vec<Option<usize>>,
}

impl Parts {
    pub(super) fn of(topics: &[(TopicKey, Query)]) -> Self {
        let mut parts = Self::default();
        for (topic, (_, query)) in topics.iter().enumerate() {
            let mut branches = Vec::new();
            query.root.branches(&mut branches);
            let mut number = 0;
            let mut needed: Option<usize> = None;
            for branch in branches {
                let wanted: Vec<&Clause> = branch.iter().filter(|clause| !clause.is_negative()).collect();
                let mut missing = needed_of(wanted.len());
                for clause in &wanted {
                    match clause.cover() {
                        Cover::Keys(keys, _) => parts.keys.extend(keys.into_iter().map(|key| (key, topic, number))),
                        // It holds for nearly all stories.
                        Cover::Everything | Cover::Negative => missing = missing.saturating_sub(1),
                    }
                    number += 1;
                }
                needed = Some(needed.map_or(missing, |least| least.min(missing)));
            }
            parts.needed.push(needed);
        }
        parts.keys.sort_unstable();
        parts.keys.dedup();
        parts
    }

    /// Whether a part has a key.
    fn has(&self, key: u64) -> bool {
        self.keys.binary_search_by_key(&key, |(k, _, _)| *k).is_ok()
    }

    /// The topics of which enough parts may hold, given the keys of a story.
    fn found(&self, keys: &[u64]) -> Vec<usize> {
        let mut parts: Vec<(usize, usize)> = Vec::new();
        for key in keys {
            let from = self.keys.partition_point(|(k, _, _)| k < key);
            let run = self.keys.iter().skip(from).take_while(|(k, _, _)| k == key);
            parts.extend(run.map(|(_, topic, part)| (*topic, *part)));
        }
        parts.sort_unstable();
        parts.dedup();
        let held =
            |topic: usize| parts.partition_point(|(t, _)| *t <= topic) - parts.partition_point(|(t, _)| *t < topic);
        let enough = |(topic, needed): (usize, &Option<usize>)| {
            (*needed).is_some_and(|needed| held(topic) >= needed).then_some(topic)
        };
        self.needed.iter().enumerate().filter_map(enough).collect()
    }
}

/// How many of so many parts must hold.
fn needed_of(parts: usize) -> usize {
    if parts == 2 { 1 } else { parts.div_ceil(2).max(2) }
}

impl Clause {
    fn doubt(&self, story: &StoryTokens<'_>) -> Option<Doubt> {
        match &self.node {
            Node::All | Node::Nothing | Node::Term(_) | Node::Without(_) => None,
            Node::Or(list) => list
                .iter()
                .filter_map(|branch| branch.doubt(story))
                .max_by(|a, b| (a.held * b.of).cmp(&(b.held * a.of)).then(a.of.cmp(&b.of))),
            Node::And(list) => doubt_all(list, story),
        }
    }

    /// What must hold together, of each alternative.
    fn branches<'a>(&'a self, out: &mut Vec<&'a [Self]>) {
        match &self.node {
            Node::All | Node::Nothing | Node::Term(_) | Node::Without(_) => {}
            Node::Or(list) => list.iter().for_each(|branch| branch.branches(out)),
            Node::And(list) => out.push(list),
        }
    }

    /// Whether the clause rules something out and asks for nothing.
    fn is_negative(&self) -> bool {
        match &self.node {
            Node::Without(_) | Node::Nothing => true,
            Node::All | Node::Term(_) => false,
            Node::And(list) | Node::Or(list) => list.iter().all(Self::is_negative),
        }
    }
}

fn doubt_all(list: &[Clause], story: &StoryTokens<'_>) -> Option<Doubt> {
    let (negative, wanted): (Vec<&Clause>, Vec<&Clause>) = list.iter().partition(|clause| clause.is_negative());
    let of = wanted.len();
    let needed = needed_of(of);
    let mut held = Vec::new();
    for (at, clause) in wanted.iter().enumerate() {
        if clause.holds(story) {
            held.push(*clause);
        }
        // Most stories have nothing of it: what is left can't make up for it any more.
        if held.len() + (of - at - 1) < needed {
            return None;
        }
    }
    let is_near = held.len() >= needed
        && held.len() < of
        && negative.iter().all(|clause| clause.holds(story))
        && (of > 2 || held.iter().any(|clause| stands_in_title(clause, story)));
    is_near.then_some(Doubt { held: held.len(), of })
}

fn stands_in_title(clause: &Clause, story: &StoryTokens<'_>) -> bool {
    let mut hits: Vec<Hit> = Vec::new();
    clause.hits(story, &mut hits);
    hits.iter().any(|hit| hit.part == Some(Part::Title))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    use crate::topic::StoryText;

    fn check(query: &str, title: &str, expected: Option<(usize, usize)>) {
        let key = TopicKey::parse("topic").unwrap();
        let matcher = Matcher::new(&[(key, Query::parse(query).unwrap())]);
        let story = StoryText { title, text: "", lang: Some("en"), publisher: "one.example" };
        let near = matcher.in_doubt(&StoryTokens::of(story));
        assert_eq!(near.first().map(|(_, near)| (near.held, near.of)), expected, "{query} / {title}");
    }

    proptest! {
        /// What is told at once of most stories is what a look at the whole query tells.
        #[test]
        fn the_quick_look_loses_no_story(words in prop::collection::vec(0usize..12, 0..9), lang in any::<bool>()) {
            const WORDS: [&str; 12] = ["lunar", "lander", "dust", "Mars", "rover", "storm", "film", "of", "the", "launched", "pad", "sand"];
            let query = Query::parse(
                "(lunar lander (dust OR sand) lang:en) OR (mars \"rover storm\"~3 launch* NOT film) OR (pad storm) OR sand*",
            ).unwrap();
            let title: Vec<&str> = words.iter().map(|at| WORDS[*at]).collect();
            let story = StoryText {
                title: &title.join(" "),
                text: "",
                lang: Some(if lang { "en" } else { "ru" }),
                publisher: "one.example",
            };
            let tokens = StoryTokens::of(story);
            let matcher = Matcher::new(&[(TopicKey::parse("topic").unwrap(), query.clone())]);
            let quick = matcher.in_doubt(&tokens).first().map(|(_, near)| *near);
            prop_assert_eq!(quick, query.root.doubt(&tokens));
        }
    }

    #[test]
    fn a_story_is_near_a_query_when_half_of_what_it_asks_for_is_there() {
        check("russia states resolution cyber", "Russia and the States table a text", Some((2, 4)));
        check("russia states resolution cyber", "Russia tables a text", None);
        check("russia resolution cyber", "A resolution from Russia", Some((2, 3)));
        check("russia resolution cyber", "A text from Russia", None);
    }

    #[test]
    fn of_two_parts_one_in_the_title_is_enough_and_a_single_word_says_no_or_yes() {
        check("lunar lander", "Lunar dust is sharp", Some((1, 2)));
        check("lander", "Lunar dust is sharp", None);
        check("lang:en lander", "Lunar dust is sharp", None);
    }

    #[test]
    fn what_holds_or_is_ruled_out_is_not_near() {
        check("lunar lander", "Lunar lander lands", None);
        check("lunar lander NOT film", "A film of lunar dust", None);
        check("(lunar lander) OR (mars rover dust storm)", "Mars rover waits", Some((2, 4)));
    }
}
