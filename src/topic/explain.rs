//! Why a story is not on a topic: which parts of the query hold, and which do not.

use super::clause::{Clause, Node};
use super::parser::Query;
use super::story::{StoryText, StoryTokens};

/// How far groups are taken apart: alternatives of parts of alternatives are clear enough as a whole.
const LEVELS: usize = 3;
/// A part is shown up to here.
const PART_CHARS_MAX: usize = 160;

/// A query put to a story, part by part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the story is on the topic.
    pub holds: bool,
    /// The parts as written, groups before what they hold, two spaces deeper a level; and whether each holds.
    pub clauses: Vec<(String, bool)>,
}

/// Says which parts of `query` hold for `story`.
pub fn explain(query: &Query, story: &StoryText<'_>) -> Explanation {
    let tokens = StoryTokens::of(*story);
    let mut clauses = Vec::new();
    part(query, &query.root, &tokens, 0, &mut clauses);
    Explanation { holds: query.root.holds(&tokens), clauses }
}

fn part(query: &Query, clause: &Clause, story: &StoryTokens<'_>, level: usize, out: &mut Vec<(String, bool)>) {
    let holds = clause.holds(story);
    let (operator, list) = match &clause.node {
        Node::And(list) => ("all of", list.as_slice()),
        Node::Or(list) => ("one of", list.as_slice()),
        Node::All | Node::Nothing | Node::Term(_) | Node::Without(_) => ("", [].as_slice()),
    };
    // Alternatives of single terms are read faster as they are written.
    let is_flat = list.iter().all(|c| !matches!(c.node, Node::And(_) | Node::Or(_)));
    let indent = "  ".repeat(level);
    if list.is_empty() || level >= LEVELS || (level > 0 && operator == "one of" && is_flat) {
        let written = query.written(&clause.span);
        let cut: String = written.chars().take(PART_CHARS_MAX).collect();
        let dots = if cut.len() < written.len() { " ..." } else { "" };
        out.push((format!("{indent}{cut}{dots}"), holds));
        return;
    }
    out.push((format!("{indent}{operator}:"), holds));
    for inner in list {
        part(query, inner, story, level + 1, out);
    }
}
