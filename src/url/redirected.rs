//! Addresses that only lead to another page, and count who goes there.

use super::canonical::{bare_host, path};
use super::site::registrable;
use crate::model::WebUrl;

/// Parameters that hold the other page's address.
const PARAMETERS: [&str; 3] = ["url", "u", "q"];

/// Last segments of a path, without an extension, that do nothing but lead on. Those that share, translate, keep or show a
/// page (`sharer`, `translate`, `save`, `proxy`) are pages of their own.
const LEADING_ON: &[&str] = &[
    "apiclick",
    "away",
    "click",
    "clickthrough",
    "exit",
    "go",
    "goto",
    "jump",
    "l",
    "leave",
    "link",
    "out",
    "outbound",
    "redir",
    "redirect",
    "redirection",
    "redirector",
    "track",
    "tracking",
    "url",
];

/// Those of them that are names of pages as well, and what hosts begin with that count clicks.
const MAY_LEAD_ON: [&str; 4] = ["l", "link", "track", "tracking"];
const COUNTERS: [&str; 6] = ["l.", "lm.", "out.", "click.", "go.", "links."];

/// The page that an address leads to: a whole web address of another site, and more than its home page, in one of the
/// parameters. One that names two of them is none of theirs.
pub(super) fn target(url: &WebUrl) -> Option<WebUrl> {
    let parsed = url.as_url();
    parsed.query().filter(|query| query.contains("http"))?;
    let path = path(parsed.path());
    let last = path.rsplit('/').next().unwrap_or_default();
    let stem = last.split_once('.').map_or(last, |(stem, _)| stem).to_ascii_lowercase();
    LEADING_ON.binary_search(&stem.as_str()).ok()?;
    // Sites discuss a page under such names, too: they lead on where a script or a host of its own does it.
    let host = url.host_text();
    let is_for_it = || last.contains('.') || COUNTERS.iter().any(|label| host.starts_with(label));
    if MAY_LEAD_ON.contains(&stem.as_str()) && !is_for_it() {
        return None;
    }
    let mut found: Option<WebUrl> = None;
    for (name, value) in parsed.query_pairs() {
        if !PARAMETERS.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            continue;
        }
        let Some(other) = WebUrl::parse(&value).ok().filter(|other| is_page_elsewhere(other, url)) else { continue };
        if found.as_ref().is_some_and(|found| *found != other) {
            return None;
        }
        found = Some(other);
    }
    found
}

fn is_page_elsewhere(page: &WebUrl, url: &WebUrl) -> bool {
    let owner = |url: &WebUrl| registrable(bare_host(url.host_text().trim_end_matches('.'))).to_owned();
    let parsed = page.as_url();
    (parsed.path() != "/" || parsed.query().is_some()) && owner(page) != owner(url)
}

#[cfg(test)]
mod tests {
    use super::LEADING_ON;

    #[test]
    fn the_list_of_those_that_lead_on_is_sorted_for_its_search() {
        assert!(LEADING_ON.is_sorted());
    }
}
