//! Whether anything answers at all: where nothing does, the trouble is at our own end.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{Exchange, FailureKind};

/// Domains that can't be reached, and none that answers between, until it is we who are cut off.
const DOMAINS_MIN: usize = 3;

/// The domains that could not be reached since the last answer of any, a few of them.
#[derive(Debug, Clone, Default)]
pub struct Reach(Arc<Mutex<BTreeSet<String>>>);

impl Reach {
    /// Takes in what came of asking a domain; gives whether we seem to be cut off. A domain that wasn't well of late says nothing by not
    /// answering: of many sources there are always some that are dead.
    pub(super) fn note(&self, exchange: &Exchange, was_well: bool, domain: impl FnOnce() -> String) -> bool {
        let is_unreached = |kind| matches!(kind, FailureKind::Dns | FailureKind::Connect | FailureKind::Timeout);
        let mut unreached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !exchange.as_ref().is_err_and(|failure| is_unreached(failure.kind)) {
            unreached.clear();
            return false;
        }
        if !was_well {
            return false;
        }
        if unreached.len() < DOMAINS_MIN {
            unreached.insert(domain());
        }
        unreached.len() >= DOMAINS_MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Failure, Headers, Response, WebUrl};

    #[test]
    fn we_are_cut_off_where_three_domains_in_a_row_can_not_be_reached() {
        let reach = Reach::default();
        let fails =
            |domain: &str, kind| reach.note(&Err(Failure { kind, detail: String::new() }), true, || domain.to_owned());
        assert!(!fails("a.example", FailureKind::Dns));
        assert!(!fails("b.example", FailureKind::Connect));
        assert!(!fails("a.example", FailureKind::Dns), "one domain is one however often it fails");
        assert!(fails("c.example", FailureKind::Timeout));
        assert!(!fails("d.example", FailureKind::Tls), "it has answered");
        assert!(!fails("a.example", FailureKind::Dns));
        let url = WebUrl::parse("https://b.example/").unwrap();
        let answer =
            Response { status: 500, headers: Headers::default(), body: Vec::new(), url, redirects: Vec::new() };
        assert!(!reach.note(&Ok(answer), true, || "b.example".to_owned()));
        assert!(!fails("c.example", FailureKind::Dns));
        let dead = |domain: &str| {
            let failure = Failure { kind: FailureKind::Dns, detail: String::new() };
            reach.note(&Err(failure), false, || domain.to_owned())
        };
        assert!(!["d.example", "e.example", "f.example", "g.example"].into_iter().any(dead), "they were dead before");
    }
}
