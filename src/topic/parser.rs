//! From the words of a query to its tree.

use std::ops::Range;

use super::QueryError;
use super::clause::{Clause, Cover, Node};
use super::lexer::{Lexeme, LexemeKind, lex, misread};
use super::story::StoryTokens;
use super::term::{Field, Pattern, Term};
use crate::text::{is_language, languages};

/// A query of a topic in many languages takes 2 to 6 KiB.
const QUERY_BYTES_MAX: usize = 16 * 1024;
/// How deep groups and negations may stand in one another; parsing and evaluation recurse this far.
const DEPTH_MAX: usize = 64;
/// Words of one query, alternatives and those inside phrases counted.
const TERMS_MAX: usize = 1_000;

/// A query, ready to be put to stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    text: String,
    pub(super) root: Clause,
}

impl Query {
    /// Reads `text` as a query (its language: [`crate::topic`]).
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<QueryError>> {
        if text.len() > QUERY_BYTES_MAX {
            let help = format!("at most {QUERY_BYTES_MAX} bytes are allowed: part it into several topics");
            return Err(vec![QueryError::new(0..text.len(), format!("a query of {} bytes", text.len()), help)]);
        }
        let mut errors = Vec::new();
        let lexemes = lex(text, &mut errors);
        let mut parser = Parser { lexemes: &lexemes, at: 0, end: text.len(), errors };
        let root = parser.whole();
        let mut errors = parser.errors;
        let root = root.filter(|_| errors.is_empty());
        if let Some(root) = &root {
            errors.extend(judge(root));
        }
        errors.sort_by_key(|e| e.span.start);
        match root {
            Some(root) if errors.is_empty() => Ok(Self { text: text.to_owned(), root }),
            _ => Err(errors),
        }
    }

    /// What of a query that can be read is hardly meant as it is read: it is told where a query is written, and stands where one is stored.
    pub fn doubts(text: &str) -> Vec<QueryError> {
        if text.len() > QUERY_BYTES_MAX {
            return Vec::new();
        }
        let doubt = |span| {
            let help = "for two words near each other write \"a b\"~5, with how many others may stand between; if the word itself is meant, put it in \
                        double quotes";
            QueryError::new(span, "NEAR is read as a word", help)
        };
        let mut doubts: Vec<QueryError> = misread(&lex(text, &mut Vec::new())).into_iter().map(doubt).collect();
        if let Ok(query) = Self::parse(text) {
            query.root.misnamed_languages(&mut doubts);
        }
        doubts.sort_by_key(|doubt| doubt.span.start);
        doubts
    }

    /// The query as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a story matches.
    pub fn holds(&self, story: &StoryTokens<'_>) -> bool {
        self.root.holds(story)
    }

    /// The words of the query at `span`, on one line.
    pub(super) fn written(&self, span: &Range<usize>) -> String {
        let text = self.text.get(span.clone()).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl Clause {
    /// What is asked of a story's language and names none, as stories' languages are named.
    fn misnamed_languages(&self, doubts: &mut Vec<QueryError>) {
        match &self.node {
            Node::Term(Term { pattern: Pattern::Langs(langs), .. })
            | Node::Without(Term { pattern: Pattern::Langs(langs), .. }) => {
                let same = |lang: &String| languages().find(|(code, long)| *long == Some(lang) && code != lang);
                // One that is right is enough: it holds for what was meant.
                if langs.iter().any(|lang| same(lang).is_none() && is_language(lang)) {
                    return;
                }
                let codes: Vec<&str> = langs.iter().filter_map(same).map(|(code, _)| code).collect();
                let example = if codes.is_empty() { "en, ru, zh".to_owned() } else { codes.join("|") };
                let help = format!("write the code of two letters (ISO 639-1): {example}");
                let message = format!("no story is in a language called {}", langs.join(" or "));
                doubts.push(QueryError::new(self.span.clone(), message, help));
            }
            Node::All | Node::Nothing | Node::Term(_) | Node::Without(_) => {}
            Node::And(list) | Node::Or(list) => list.iter().for_each(|clause| clause.misnamed_languages(doubts)),
        }
    }
}

/// What is wrong with a tree as a whole.
fn judge(root: &Clause) -> Option<QueryError> {
    let words: usize = root.terms().into_iter().map(Term::written).sum();
    if words > TERMS_MAX {
        let help = format!("at most {TERMS_MAX} are allowed: part it into several topics");
        return Some(QueryError::new(root.span.clone(), format!("a query of {words} words"), help));
    }
    if root.cover() != Cover::Negative {
        return None;
    }
    let help = "add a word that must be there, or * for every other story";
    Some(QueryError::new(negative(root).span.clone(), "only what a story must not have", help))
}

/// The smallest part that is negative as a whole.
fn negative(clause: &Clause) -> &Clause {
    match &clause.node {
        Node::Or(list) => list.iter().find(|c| c.cover() == Cover::Negative).map_or(clause, negative),
        Node::All | Node::Nothing | Node::Term(_) | Node::Without(_) | Node::And(_) => clause,
    }
}

struct Parser<'a> {
    lexemes: &'a [Lexeme],
    at: usize,
    end: usize,
    errors: Vec<QueryError>,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a Lexeme> {
        self.lexemes.get(self.at)
    }

    fn next(&mut self) -> Option<&'a Lexeme> {
        let lexeme = self.peek();
        self.at += 1;
        lexeme
    }

    fn next_is(&self, kind: &LexemeKind) -> bool {
        self.peek().is_some_and(|l| l.kind == *kind)
    }

    fn fault(&mut self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.errors.push(QueryError::new(span, message, help));
    }

    fn whole(&mut self) -> Option<Clause> {
        let mut found = self.alternatives(Field::Any, 0);
        while let Some(close) = self.next() {
            self.fault(close.span.clone(), "a closing parenthesis that was never opened", "take it out, or open it");
            let more = self.alternatives(Field::Any, 0);
            found = found.or(more);
        }
        if found.is_none() && self.errors.is_empty() {
            self.fault(0..self.end, "an empty query", "write what a story must have, or * for every story");
        }
        found
    }

    /// `all (OR all)*`
    fn alternatives(&mut self, field: Field, depth: usize) -> Option<Clause> {
        let mut list = Vec::new();
        let mut operator: Option<Range<usize>> = None;
        loop {
            let part = self.all(field, depth);
            let is_or = self.next_is(&LexemeKind::Or);
            match (part, &operator) {
                (Some(part), _) => list.push(part),
                (None, Some(or)) => self.lonely(or.clone(), "OR"),
                (None, None) if is_or => {
                    let or = self.peek().map_or(0..0, |l| l.span.clone());
                    self.lonely(or, "OR");
                }
                (None, None) => {}
            }
            if !is_or {
                break;
            }
            operator = self.next().map(|l| l.span.clone());
        }
        joined(list, Node::Or)
    }

    fn lonely(&mut self, span: Range<usize>, operator: &str) {
        // One complaint is enough for one place.
        if self.errors.last().is_none_or(|e| e.span != span) {
            self.fault(
                span,
                format!("{operator} with nothing beside it"),
                format!("write something on both sides of {operator}, or take it out"),
            );
        }
    }

    /// `one (AND? one)*`, up to OR, a closing parenthesis or the end
    fn all(&mut self, field: Field, depth: usize) -> Option<Clause> {
        let mut list = Vec::new();
        let mut operator: Option<Range<usize>> = None;
        while let Some(lexeme) = self.peek() {
            match lexeme.kind {
                LexemeKind::Or | LexemeKind::Close => break,
                LexemeKind::And => {
                    self.at += 1;
                    if list.is_empty() || operator.is_some() {
                        self.lonely(lexeme.span.clone(), "AND");
                    }
                    operator = Some(lexeme.span.clone());
                }
                LexemeKind::Open
                | LexemeKind::Not
                | LexemeKind::Plus
                | LexemeKind::Field(_)
                | LexemeKind::All
                | LexemeKind::Bare(_)
                | LexemeKind::Phrase(..)
                | LexemeKind::Exact(_)
                | LexemeKind::Refused => {
                    list.extend(self.one(field, depth));
                    operator = None;
                }
            }
        }
        if let Some(and) = operator {
            self.lonely(and, "AND");
        }
        joined(list, Node::And)
    }

    /// `NOT one`, `+one`, `field:one`, `( alternatives )`, or a term
    fn one(&mut self, field: Field, depth: usize) -> Option<Clause> {
        let lexeme = self.next()?;
        let span = lexeme.span.clone();
        if depth >= DEPTH_MAX {
            let help = format!("at most {DEPTH_MAX} may stand in one another: take some out");
            self.fault(span, "parentheses and negations too deep", help);
            // The rest was read at a wrong depth, so it would only bring more complaints.
            self.at = self.lexemes.len();
            return None;
        }
        match &lexeme.kind {
            LexemeKind::Open => self.group(span, field, depth),
            LexemeKind::Plus => self.operand(span, "+", field, depth),
            LexemeKind::Not => {
                let inner = self.operand(span.clone(), "NOT", field, depth)?;
                let whole = span.start..inner.span.end;
                Some(inner.negated(whole))
            }
            LexemeKind::Field(name) => match Field::parse(name) {
                Ok(inner) => {
                    let held = self.operand(span.clone(), name, inner, depth)?;
                    Some(Clause { span: span.start..held.span.end, node: held.node })
                }
                Err(help) => {
                    self.fault(span, format!("no field is called {name}"), help);
                    self.one(field, depth + 1)
                }
            },
            LexemeKind::All | LexemeKind::Refused => Some(Clause { node: Node::All, span }),
            LexemeKind::Bare(_) | LexemeKind::Phrase(..) | LexemeKind::Exact(_) => match Term::of(lexeme, field) {
                Ok(term) => Some(Clause { node: Node::Term(term), span }),
                Err(error) => {
                    // A tree with errors is thrown away, so any clause may stand here.
                    self.errors.push(error);
                    Some(Clause { node: Node::All, span })
                }
            },
            LexemeKind::Close | LexemeKind::And | LexemeKind::Or => None,
        }
    }

    /// What an operator or a field holds for.
    fn operand(&mut self, span: Range<usize>, operator: &str, field: Field, depth: usize) -> Option<Clause> {
        match self.peek().map(|l| &l.kind) {
            None | Some(LexemeKind::Close | LexemeKind::And | LexemeKind::Or) => {
                self.fault(
                    span,
                    format!("{operator} with nothing after it"),
                    "write what it holds for, or take it out",
                );
                None
            }
            Some(_) => self.one(field, depth + 1),
        }
    }

    fn group(&mut self, open: Range<usize>, field: Field, depth: usize) -> Option<Clause> {
        let faults = self.errors.len();
        let inner = self.alternatives(field, depth + 1);
        let Some(close) = self.next() else {
            if self.errors.len() == faults {
                self.fault(open, "a parenthesis that is never closed", "add the closing parenthesis");
            }
            return inner;
        };
        let span = open.start..close.span.end;
        if inner.is_none() && self.errors.len() == faults {
            self.fault(span.clone(), "empty parentheses", "write something into them, or take them out");
        }
        inner.map(|clause| Clause { node: clause.node, span })
    }
}

fn joined(mut list: Vec<Clause>, node: fn(Vec<Clause>) -> Node) -> Option<Clause> {
    let span = list.first()?.span.start..list.last()?.span.end;
    if list.len() == 1 { list.pop() } else { Some(Clause { node: node(list), span }) }
}
