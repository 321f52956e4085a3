//! What stands between a reader and an article: a paywall, a consent page, a check for robots.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use crate::model::{Wall, WebUrl};

use super::json_ld;
use super::markup::{Tag, Tree};
use super::metadata::Metadata;

/// Characters of text above which a page that asks for consent, or looks for robots, has shown its article all the same.
const SHOWN_CHARS: usize = 600;
/// Paragraphs cut off at a paywall leave less than this; above it the page has let us read.
const CUT_CHARS: usize = 2_500;

/// Values of `article:content_tier` that close an article.
const CLOSED_TIERS: [&str; 4] = ["locked", "premium", "paid", "subscriber"];
/// What the pages of robot checks carry in scripts, forms and links.
const CHECKS: [&str; 9] = [
    "/cdn-cgi/challenge-platform",
    "cf-chl",
    "cf_chl",
    "captcha-delivery.com",
    "px-captcha",
    "_incapsula_resource",
    "geo.captcha",
    "/recaptcha/challenge",
    "akamai-privacy/challenge",
];
/// What such pages are titled, and no article is.
const CHECK_TITLES: [&str; 6] = [
    "just a moment",
    "attention required",
    "access denied",
    "pardon our interruption",
    "are you a robot",
    "verify you are human",
];

/// Names the wall before an article whose text, as far as it can be read, has this many characters.
pub(super) fn wall(
    tree: &Tree<'_>,
    metadata: &Metadata<'_>,
    title: Option<&str>,
    url: &WebUrl,
    chars: usize,
) -> Option<Wall> {
    if chars < SHOWN_CHARS {
        let title = title.unwrap_or_default().to_lowercase();
        if CHECK_TITLES.iter().any(|known| title.starts_with(known)) || points_at(tree, &CHECKS) {
            return Some(Wall::Check);
        }
        if is_consent_address(url) || is_consent_form(tree) {
            return Some(Wall::Consent);
        }
    }
    (chars < CUT_CHARS && is_closed(metadata)).then_some(Wall::Paywall)
}

/// Whether a script, form, frame or picture of the page comes from one of these.
fn points_at(tree: &Tree<'_>, marks: &[&str]) -> bool {
    let is_mark = |value: &str| {
        let value = value.to_ascii_lowercase();
        marks.iter().any(|mark| value.contains(mark))
    };
    tree.nodes().any(|(_, node)| match node.tag {
        Tag::Script | Tag::Iframe | Tag::Form | Tag::Div => {
            ["src", "action", "id"].iter().filter_map(|name| node.attributes.raw(name)).any(is_mark)
        }
        _ => false,
    })
}

/// Hosts and paths to which publishers send readers who have not agreed to cookies yet.
fn is_consent_address(url: &WebUrl) -> bool {
    let host = url.host_text();
    host.starts_with("consent.") || host.starts_with("cookie-consent.") || url.as_url().path().contains("/consent/")
}

/// Whether the page's own form sends an answer about consent.
fn is_consent_form(tree: &Tree<'_>) -> bool {
    let has = |value: Option<&str>| value.is_some_and(|value| value.to_ascii_lowercase().contains("consent"));
    tree.nodes().any(|(_, node)| {
        node.tag == Tag::Form && (has(node.attributes.raw("action")) || has(node.attributes.raw("class")))
    })
}

/// Whether the publisher says that the article is not free to read.
fn is_closed(metadata: &Metadata<'_>) -> bool {
    let free = metadata.linked_article().and_then(|article| article.get("isAccessibleForFree"));
    let said = free.is_some_and(|free| {
        free.as_bool() == Some(false) || json_ld::text(free).is_some_and(|free| free.eq_ignore_ascii_case("false"))
    });
    let tier = metadata.content(&["article:content_tier", "og:article:content_tier"]).unwrap_or_default();
    said || CLOSED_TIERS.iter().any(|closed| tier.eq_ignore_ascii_case(closed))
}
