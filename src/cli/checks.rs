//! The checks of other rooms that the configuration and the commands hold texts against.

use crate::config::{Checks, QueryProblem};
use crate::deliver::SigningSecret;
use crate::model::PageSelectors;
use crate::net::Allow;
use crate::page::Selectors;
use crate::store::SealKey;
use crate::topic::{Query, QueryError};

/// All of them.
pub(super) const CHECKS: Checks<'static> = Checks {
    query: &query,
    selector: &selector,
    allow: &allow,
    signing_secret: &signing_secret,
    storage_key: &storage_key,
};

/// Holds a query against the grammar of topic/; of one that can be read, what is hardly meant as it is read.
pub(super) fn query(text: &str) -> Vec<QueryProblem> {
    let (problems, is_doubt) = match Query::parse(text) {
        Ok(_) => (Query::doubts(text), true),
        Err(problems) => (problems, false),
    };
    let problem = |p: QueryError| QueryProblem { span: p.span, message: p.message, help: p.help, is_doubt };
    problems.into_iter().map(problem).collect()
}

/// Holds a selector against the grammar of page/.
fn selector(text: &str) -> Option<String> {
    let selectors = PageSelectors { item: text.to_owned(), ..PageSelectors::default() };
    Selectors::compile(&selectors).err().map(|error| error.why)
}

/// Holds an entry against what the guard of net/ takes.
fn allow(entry: &str) -> Option<String> {
    Allow::parse(entry).err().map(|error| error.to_string())
}

/// Holds a secret against the form of Standard Webhooks.
pub(super) fn signing_secret(secret: &str) -> Option<String> {
    SigningSecret::parse(secret).err().map(|why| why.to_string())
}

/// Holds a key against the form of those that secrets are sealed under.
fn storage_key(key: &str) -> Option<String> {
    SealKey::parse(key).err().map(|why| why.to_string())
}
