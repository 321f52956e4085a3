//! What answers in a feed's or list's place: a check for robots, a page that asks for consent.

use crate::charset::{self, Kind};
use crate::model::{Response, Wall};

use super::markup::{Tag, Tree};
use super::wall::{Shown, check, check_in_refusal, is_consent};

/// Bytes of an answer that are looked at: such pages say what they are in their heads.
const BYTES_MAX: usize = 64 * 1024;

/// Fields by which a service says that it, and not the publisher, has answered.
const SIGNS: [(&str, &str); 4] = [
    ("cf-mitigated", "Cloudflare"),
    ("x-amzn-waf-action", "AWS WAF"),
    ("x-vercel-mitigated", "Vercel"),
    ("x-sucuri-block", "Sucuri"),
];
/// Fields that stand in all answers which came through a service, and what their values hold. With a refusal, and from one
/// whose trade is to refuse programs, they tell who refused.
const REFUSERS: [(&str, &str, &str); 5] = [
    ("x-datadome", "", "DataDome"),
    ("x-dd-b", "", "DataDome"),
    ("server", "datadome", "DataDome"),
    ("server", "akamaighost", "Akamai"),
    ("server", "ddos-guard", "DDoS-Guard"),
];

/// What stands in a document's place, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate {
    /// What it is: [`Wall::Check`] or [`Wall::Consent`].
    pub wall: Wall,
    /// Whose service it is, where that can be told.
    pub whose: Option<&'static str>,
}

/// Finds out whether an answer in which no feed or list was found is a gate: by its fields, its address and its page.
///
/// Reads the first 64 KiB. A feed must not be asked about: one that tells of these services would hold their words.
pub fn gate(response: &Response) -> Option<Gate> {
    let has = |name: &str, value: &str| {
        response.headers.first(name).is_some_and(|found| found.to_ascii_lowercase().contains(value))
    };
    let by_sign = SIGNS.iter().find(|(name, _)| has(name, "")).map(|(_, whose)| *whose);
    if let Some(whose) = by_sign {
        return Some(Gate { wall: Wall::Check, whose: Some(whose) });
    }
    let bytes = response.body.get(..BYTES_MAX).unwrap_or(&response.body);
    let (document, _) = charset::decode(bytes, response.headers.first("content-type"), Kind::Html);
    let whose = if matches!(response.status, 401 | 403 | 405 | 429 | 503) {
        let shown = check_in_refusal(&document);
        let bare = || (has("server", "cloudflare") && document.starts_with("error code: 1")).then_some("Cloudflare");
        let refuser = || REFUSERS.iter().find(|(name, value, _)| has(name, value)).map(|(_, _, whose)| *whose);
        let sent = || bare().or_else(|| refuser().filter(|_| response.status == 403));
        shown.filter(|whose| !whose.is_empty()).or_else(sent).or(shown)
    } else {
        let tree = Tree::build(&document);
        let title = tree.nodes().find(|(_, node)| node.tag == Tag::Title).map(|(at, _)| tree.words(at));
        let shown = Shown::of(tree.words(0).chars().count());
        if is_consent(&tree, &response.url, shown) {
            return Some(Gate { wall: Wall::Consent, whose: None });
        }
        check(&tree, title.as_deref().unwrap_or_default(), shown)
    };
    whose.map(|whose| Gate { wall: Wall::Check, whose: Some(whose).filter(|whose| !whose.is_empty()) })
}

#[cfg(test)]
mod tests;
