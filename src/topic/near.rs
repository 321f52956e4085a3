//! How near a story comes to a query that may not hold for it: which clauses of the best alternative do not.

use super::clause::{Clause, Node};
use super::parser::Query;
use super::story::StoryTokens;

/// How near a story comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearness {
    /// Clauses of the alternative that comes nearest, one for each thing that it asks for.
    pub clauses: usize,
    /// Those that don't hold.
    pub missed: usize,
    /// The first of them, as written; nothing where all hold.
    pub missing: Option<String>,
}

impl Nearness {
    /// Whether a single clause of several is missing.
    pub fn is_near_miss(&self) -> bool {
        self.missed == 1 && self.clauses > 1
    }

    /// The part of the clauses that hold: 0 to 1.
    pub fn share(&self) -> f64 {
        let real = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        real(self.clauses - self.missed.min(self.clauses)) / real(self.clauses.max(1))
    }
}

/// A part of a query, as near as it comes.
#[derive(Clone, Copy)]
struct Near<'a> {
    clauses: usize,
    missed: usize,
    missing: Option<&'a Clause>,
}

impl Near<'_> {
    /// Fewer missed first, then more that hold.
    fn rank(&self) -> (usize, usize) {
        (self.missed, usize::MAX - self.clauses)
    }
}

impl Query {
    /// Says how near a story comes to the query. Alternatives within an alternative are one clause.
    pub fn nearness(&self, story: &StoryTokens<'_>) -> Nearness {
        let near = near(&self.root, story);
        Nearness {
            clauses: near.clauses,
            missed: near.missed,
            missing: near.missing.map(|clause| self.written(&clause.span)),
        }
    }
}

fn near<'a>(clause: &'a Clause, story: &StoryTokens<'_>) -> Near<'a> {
    match &clause.node {
        Node::And(list) => {
            list.iter().map(|c| asked(c, story)).fold(Near { clauses: 0, missed: 0, missing: None }, |all, one| Near {
                clauses: all.clauses + one.clauses,
                missed: all.missed + one.missed,
                missing: all.missing.or(one.missing),
            })
        }
        Node::Or(list) => {
            let best = list.iter().map(|c| near(c, story)).min_by_key(Near::rank);
            best.unwrap_or(Near { clauses: 1, missed: 1, missing: Some(clause) })
        }
        Node::All | Node::Nothing | Node::Term(_) | Node::Without(_) => leaf(clause, story),
    }
}

/// A thing that an alternative asks for: groups of its own are one clause with what they hold.
fn asked<'a>(clause: &'a Clause, story: &StoryTokens<'_>) -> Near<'a> {
    match &clause.node {
        Node::And(_) => near(clause, story),
        Node::All | Node::Nothing | Node::Term(_) | Node::Without(_) | Node::Or(_) => leaf(clause, story),
    }
}

fn leaf<'a>(clause: &'a Clause, story: &StoryTokens<'_>) -> Near<'a> {
    let holds = clause.holds(story);
    Near { clauses: 1, missed: usize::from(!holds), missing: (!holds).then_some(clause) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topic::StoryText;

    fn check(query: &str, title: &str, expected: (usize, usize, Option<&str>)) {
        let query = Query::parse(query).unwrap();
        let story = StoryTokens::of(StoryText { title, text: "", lang: Some("en"), publisher: "a.example" });
        let Nearness { clauses, missed, missing } = query.nearness(&story);
        assert_eq!((clauses, missed, missing.as_deref()), expected, "{title}");
    }

    #[test]
    fn the_nearest_alternative_says_what_is_missing() {
        let query = "(cyber* (resolution OR draft) un -sport) OR (кибер* резолюция оон)";
        check(query, "UN adopts cybersecurity resolution", (4, 0, None));
        check(query, "UN adopts cybersecurity text", (4, 1, Some("(resolution OR draft)")));
        check(query, "UN adopts cyber resolution on sport", (4, 1, Some("-sport")));
        check(query, "Резолюция ООН", (3, 1, Some("кибер*")));
        check("moon", "UN adopts cyber resolution", (1, 1, Some("moon")));
        check("(moon landing) OR 'A/RES/76/19'", "A/RES/76/19 adopted", (1, 0, None));
    }
}
