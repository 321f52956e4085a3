//! What is wrong with a query, for the person who wrote it.

use std::ops::Range;

use thiserror::Error;

/// One fault of a query: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message} ({help})")]
pub struct QueryError {
    /// The bytes of the query that are at fault; within the text, on character borders.
    pub span: Range<usize>,
    /// What was found, in lower case, without a full stop.
    pub message: String,
    /// What is allowed and what to do.
    pub help: String,
}

impl QueryError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: help.into() }
    }
}
