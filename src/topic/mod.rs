//! Rung 2: topics: the query language, and which stories are on which topics.
//!
//! A query is written as for a search engine. Words stand in any form of theirs (stems by the story's language), side
//! by side they must all be there, in any order and place:
//!
//! | written | holds where |
//! |---|---|
//! | `cyber resolution`, `cyber AND resolution`, `+cyber +resolution` | both words stand in title or text |
//! | `cyber OR kiber`, `cyber\|kiber` | one of them does |
//! | `resolution NOT nazism`, `resolution -nazism` | the second does not |
//! | `(cyber OR digital) AND resolution` | groups; NOT binds before AND, AND before OR |
//! | `"joint resolution"` | the words stand side by side in this order, inflected as may be |
//! | `"russia\|moscow us\|washington resolution"~12` | all in one place, in any order, at most 12 other words among them; `\|` parts alternatives |
//! | `кібер*`, `"информационн* безопасност*"` | a word starts so |
//! | `'US'` | written exactly so: no other form, case and accents count |
//! | `cyber-security`, `"cyber security"` | the two words, or `cybersecurity`; that finds `cyber-security` |
//! | `A/RES/76/19` | like `"A RES 76 19"`: what is written together is a phrase |
//! | `title:veto`, `text:(veto OR vote)` | in the title alone, in the text alone |
//! | `lang:ru`, `lang:ru\|uk` | the story's language |
//! | `publisher:un.org` | the publisher, or its domain: press.un.org too |
//! | `*` | every story |
//! | `# ...` | a comment, to the end of the line |
//!
//! AND, OR and NOT are written in capitals (`&&`, `||` and `!` are read too). Case, accents and ё/е do not matter.
//! Ranges, sets, weights, regular expressions and fuzzy words are refused with a reason, and so is a query that only
//! says what a story must not be. Not known here: time, decisions, the store.
//!
//! The grammar is our own: that of `tantivy-query-grammar` keeps no places of words (no caret under an unknown field),
//! and adjacency is an optional clause there as soon as an OR stands beside it. Its reading of plain AND, OR, NOT and
//! parentheses is checked against ours in the tests.

mod error;

mod clause;
mod lexer;
mod parser;
mod term;

mod story;

mod doubt;
mod evaluate;
mod explain;
mod matcher;
mod near;
mod needed;

#[cfg(test)]
mod tests;

pub use doubt::Doubt;
pub use error::QueryError;
pub use explain::{Explanation, explain};
pub use matcher::{Match, Matcher};
pub use near::Nearness;
pub use needed::Needed;
pub use parser::Query;
pub use story::{StoryText, StoryTokens};
