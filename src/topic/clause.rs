//! The tree of a query: negation stands at the leaves only, so that what a story must have can be read off it.

use std::ops::Range;

use super::term::Term;

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) node: Node,
    pub(super) span: Range<usize>,
}

/// What a clause is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// Every story.
    All,
    /// No story: what `NOT *` leaves.
    Nothing,
    Term(Term),
    Without(Term),
    And(Vec<Clause>),
    Or(Vec<Clause>),
}

/// What the stories that a clause can hold for have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cover {
    /// At least one of these keys, which are expected in so many stories of a thousand.
    Keys(Vec<u64>, u32),
    /// Nothing, and the query says so (`*`).
    Everything,
    /// Nothing, as only negations were given.
    Negative,
}

impl Clause {
    /// Turns the clause into its opposite, by De Morgan's laws down to the leaves.
    pub(super) fn negated(self, span: Range<usize>) -> Self {
        let opposite = |list: Vec<Self>| {
            list.into_iter()
                .map(|c| {
                    let at = c.span.clone();
                    c.negated(at)
                })
                .collect()
        };
        let node = match self.node {
            Node::All => Node::Nothing,
            Node::Nothing => Node::All,
            Node::Term(term) => Node::Without(term),
            Node::Without(term) => Node::Term(term),
            Node::And(list) => Node::Or(opposite(list)),
            Node::Or(list) => Node::And(opposite(list)),
        };
        Self { node, span }
    }

    /// What every story that the clause holds for has at least one of, chosen as rare as possible.
    pub(super) fn cover(&self) -> Cover {
        match &self.node {
            Node::All => Cover::Everything,
            Node::Nothing => Cover::Keys(Vec::new(), 0),
            Node::Without(_) => Cover::Negative,
            Node::Term(term) => {
                let (keys, share) = term.keys();
                Cover::Keys(keys, share)
            }
            Node::And(list) => list.iter().map(Self::cover).reduce(Cover::rarer).unwrap_or(Cover::Everything),
            Node::Or(list) => list.iter().map(Self::cover).reduce(Cover::either).unwrap_or(Cover::Everything),
        }
    }

    /// The terms that speak for a story.
    pub(super) fn wanted(&self) -> Vec<&Term> {
        match &self.node {
            Node::All | Node::Nothing | Node::Without(_) => Vec::new(),
            Node::Term(term) => vec![term],
            Node::And(list) | Node::Or(list) => list.iter().flat_map(Self::wanted).collect(),
        }
    }

    /// The terms of the clause, wanted and unwanted ones.
    pub(super) fn terms(&self) -> Vec<&Term> {
        match &self.node {
            Node::All | Node::Nothing => Vec::new(),
            Node::Term(term) | Node::Without(term) => vec![term],
            Node::And(list) | Node::Or(list) => list.iter().flat_map(Self::terms).collect(),
        }
    }
}

impl Cover {
    fn rarer(self, other: Self) -> Self {
        match (self, other) {
            (Self::Keys(a, share_a), Self::Keys(b, share_b)) => {
                if share_a <= share_b {
                    Self::Keys(a, share_a)
                } else {
                    Self::Keys(b, share_b)
                }
            }
            (keys @ Self::Keys(..), _) | (_, keys @ Self::Keys(..)) => keys,
            (Self::Everything, _) | (_, Self::Everything) => Self::Everything,
            (Self::Negative, Self::Negative) => Self::Negative,
        }
    }

    fn either(self, other: Self) -> Self {
        match (self, other) {
            (Self::Keys(mut a, share_a), Self::Keys(b, share_b)) => {
                a.extend(b);
                Self::Keys(a, share_a.saturating_add(share_b))
            }
            (Self::Negative, _) | (_, Self::Negative) => Self::Negative,
            (Self::Everything, _) | (_, Self::Everything) => Self::Everything,
        }
    }
}
