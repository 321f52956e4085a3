//! What stands between a reader and an article: a paywall, a consent page, a check for robots.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use crate::model::{Article, Wall, WebUrl};
use crate::text;

use super::body;
use super::consent;
use super::json_ld;
use super::markup::{Node, Tag, Tree};
use super::metadata::Metadata;

/// Characters of text above which a page that asks for consent, or looks for robots, has shown its article all the same.
const SHOWN_CHARS: usize = 600;
/// Paragraphs cut off at a paywall leave less than this; above it the page has let us read.
const CUT_CHARS: usize = 2_500;

/// Values of `article:content_tier` that close an article.
const CLOSED_TIERS: [&str; 4] = ["locked", "premium", "paid", "subscriber"];
/// What the pages of robot checks carry in scripts, forms and links, and whose checks they are.
const CHECKS: [(&str, &str); 22] = [
    // Not all of /cdn-cgi/challenge-platform: scripts from there are also put into the pages that are let through.
    ("/orchestrate/chl_", CLOUDFLARE),
    ("cf-chl", CLOUDFLARE),
    ("cf_chl", CLOUDFLARE),
    ("cf-error-details", CLOUDFLARE),
    ("captcha-delivery.com", "DataDome"),
    ("px-captcha", "HUMAN"),
    ("_incapsula_resource", "Imperva"),
    ("geo.captcha", "DataDome"),
    ("/recaptcha/challenge", "Google"),
    ("akamai-privacy/challenge", "Akamai"),
    ("errors.edgesuite.net", "Akamai"),
    ("anubis_challenge", "Anubis"),
    ("/.within.website/x/cmd/anubis", "Anubis"),
    ("awswaf.com", "AWS WAF"),
    ("/.well-known/vercel/security", "Vercel"),
    ("/.well-known/ddos-guard", "DDoS-Guard"),
    ("sucuri_cloudproxy", "Sucuri"),
    ("/__qrator/", "Qrator"),
    ("qrator_", "Qrator"),
    ("servicepipe.ru", "Servicepipe"),
    ("id_captcha_frame_div", "Servicepipe"),
    ("/showcaptcha", "Yandex"),
];
const CLOUDFLARE: &str = "Cloudflare";
/// What such pages are titled, and no article is; and whose that is, where one alone titles it so. Folded.
const CHECK_TITLES: [(&str, &str); 29] = [
    ("just a moment", CLOUDFLARE),
    ("attention required", CLOUDFLARE),
    (DENIED, ""),
    ("pardon our interruption", "Imperva"),
    ("are you a robot", ""),
    ("verify you are human", ""),
    ("making sure you're not a bot", "Anubis"),
    ("vercel security checkpoint", "Vercel"),
    ("ddos-guard", "DDoS-Guard"),
    ("human verification", "AWS WAF"),
    ("checking your browser", ""),
    ("checking if the site connection is secure", CLOUDFLARE),
    ("verifying you are human", CLOUDFLARE),
    ("robot or human", ""),
    ("bot verification", ""),
    ("проверка браузера", ""),
    ("проверяем ваш браузер", ""),
    ("проверяем браузер", ""),
    ("проверяем, что вы не робот", ""),
    ("проверка, что вы не робот", ""),
    ("вы не робот", ""),
    ("подтвердите, что вы не робот", ""),
    ("подтвердите, что запросы отправляли вы", ""),
    ("подождите, идет проверка", ""),
    ("перевірка браузера", ""),
    ("перевіряємо ваш браузер", ""),
    ("nur einen moment", CLOUDFLARE),
    ("un instant...", CLOUDFLARE),
    ("один момент...", CLOUDFLARE),
];
/// A title that is a check's where it is no longer.
const CHALLENGE: &str = "client challenge";
/// What they say where they say hardly anything else. Folded.
const CHECK_WORDS: [&str; 15] = [
    "checking your browser before accessing",
    "verify you are human",
    "verify that you are not a robot",
    "verifying that you are not a robot",
    "enable javascript and cookies to continue",
    "ddos protection by",
    "unusual activity from your computer network",
    "проверяем ваш браузер",
    "проверка вашего браузера",
    "проверяем, что вы не робот",
    "подтвердите, что вы не робот",
    "запросы отправляли вы, а не робот",
    "подозрительная активность с вашего адреса",
    "идет проверка браузера",
    "подождите, идет проверка",
];
/// What one says in a line of its own, or of whose check it is. Folded.
const PROTECTION: &str = "защита от ddos";
/// Also what a publisher's own server says to everybody of a page that is not public.
const DENIED: &str = "access denied";

/// Whose check for robots a page is, by its title or what it loads; empty where that can't be told. Some services put
/// their scripts into the pages that they let through too, so these count only where little is `shown`.
pub(super) fn check(tree: &Tree<'_>, title: &str, shown: Shown) -> Option<&'static str> {
    let title = text::fold(title);
    let titled = CHECK_TITLES.iter().find(|(known, _)| title.starts_with(known)).map(|(_, whose)| *whose);
    let titled = titled.or_else(|| (title == CHALLENGE).then_some(""));
    let loaded =
        || if shown == Shown::Little || titled.is_some() { loads(tree).or_else(|| written(tree)) } else { None };
    let said = || (shown == Shown::Little && says(tree)).then_some("");
    titled.filter(|whose| !whose.is_empty()).or_else(loaded).or(titled).or_else(said)
}

/// How much a page shows to its readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Less than an article's beginning.
    Little,
    /// More.
    Much,
}

impl Shown {
    pub(super) fn of(chars: usize) -> Self {
        if chars < SHOWN_CHARS { Self::Little } else { Self::Much }
    }
}

/// Whose check for robots a refusal's document shows, which need not be HTML.
pub(super) fn check_in_refusal(document: &str) -> Option<&'static str> {
    let document = document.to_ascii_lowercase();
    let tree = Tree::build(&document);
    let title = tree.nodes().find(|(_, node)| node.tag == Tag::Title).map(|(at, _)| tree.words(at)).unwrap_or_default();
    let named = CHECKS.iter().find(|(mark, _)| document.contains(mark)).map(|(_, whose)| *whose);
    named
        .or_else(|| check(&tree, &title, Shown::Little).filter(|whose| !whose.is_empty() || !title.starts_with(DENIED)))
}

/// Names the wall before an article whose text is `shown`, as far as it can be read, or `told` to machines.
pub(super) fn wall(
    tree: &Tree<'_>,
    metadata: &Metadata<'_>,
    article: &Article,
    url: &WebUrl,
    shown: &str,
    told: Option<&str>,
) -> Option<Wall> {
    let title = article.title.as_deref().unwrap_or_default();
    let chars = shown.chars().count();
    let is_dated = article.published.is_some();
    // A short article whose page has a form about consent, loads the scripts of a check or is titled like one.
    let is_told = is_dated && told.is_some_and(|told| told.lines().any(body::is_prose));
    let is_brief = is_told || (is_dated || metadata.linked_article().is_some()) && shown.lines().any(body::is_prose);
    if Shown::of(chars) == Shown::Little {
        if !is_brief && check(tree, title, Shown::Little).is_some() {
            return Some(Wall::Check);
        }
        if is_consent(tree, url, if is_brief { Shown::Much } else { Shown::Little }) {
            return Some(Wall::Consent);
        }
    }
    // An article says when it was published, or gives its text to machines.
    let is_article = is_dated || metadata.linked_article().is_some_and(|article| article.contains_key("articleBody"));
    if !is_article && consent::is_all(title, shown) {
        return Some(Wall::Consent);
    }
    (chars < CUT_CHARS && is_closed(metadata)).then_some(Wall::Paywall)
}

/// Whether the few words of a page are those of a check.
fn says(tree: &Tree<'_>) -> bool {
    let words = tree.words(0);
    if words.len() > SAID_BYTES_MAX {
        return false;
    }
    let folded = text::fold(&words);
    let is_line = |(_, node): (usize, &Node<'_>)| {
        let is_heading = tree.node(node.parent).tag.is_heading() || tree.node(node.parent).tag == Tag::Title;
        let line = if node.tag == Tag::Text && !is_heading { text::fold(node.text.trim()) } else { String::new() };
        (line.starts_with(PROTECTION) || line.ends_with(PROTECTION)) && !body::is_prose(&line)
    };
    CHECK_WORDS.iter().any(|said| folded.contains(said))
        || (folded.contains(PROTECTION) && (folded.contains("ddos-guard") || tree.nodes().any(is_line)))
}

/// Bytes of the words of a check's page: its titles, what it asks and who asks.
const SAID_BYTES_MAX: usize = 1_500;

/// Whose check a script, form, frame or picture of the page comes from.
fn loads(tree: &Tree<'_>) -> Option<&'static str> {
    let whose = |value: &str| {
        let value = value.to_ascii_lowercase();
        CHECKS.iter().find(|(mark, _)| value.contains(mark)).map(|(_, whose)| *whose)
    };
    tree.nodes().find_map(|(_, node)| match node.tag {
        Tag::Script | Tag::Iframe | Tag::Form | Tag::Div => {
            ["src", "action", "id"].iter().filter_map(|name| node.attributes.raw(name)).find_map(whose)
        }
        _ => None,
    })
}

/// Whose check a page is that holds nothing but a script.
fn written(tree: &Tree<'_>) -> Option<&'static str> {
    if !tree.words(0).is_empty() {
        return None;
    }
    let mut scripts = tree.nodes().filter(|(_, node)| node.tag == Tag::Script).map(|(at, _)| tree.node(at + 1).text);
    scripts.find_map(|script| WRITTEN.iter().find(|(mark, _)| script.contains(mark)).map(|(_, whose)| *whose))
}

/// What is in the scripts of such pages.
const WRITTEN: [(&str, &str); 6] = [
    ("/.well-known/ddos-guard", "DDoS-Guard"),
    ("/__qrator/", "Qrator"),
    ("qrator_jsid", "Qrator"),
    ("_cf_chl_opt", CLOUDFLARE),
    ("_Incapsula_Resource", "Imperva"),
    ("captcha-delivery.com", "DataDome"),
];

/// Whether this is a page that asks for consent to cookies.
pub(super) fn is_consent(tree: &Tree<'_>, url: &WebUrl, shown: Shown) -> bool {
    // The banner on a page has such a form too.
    is_consent_address(url) || (shown == Shown::Little && is_consent_form(tree))
}

/// Hosts and paths to which publishers send readers who have not agreed to cookies yet.
fn is_consent_address(url: &WebUrl) -> bool {
    let host = url.host_text();
    let path = url.as_url().path();
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    ["consent.", "cookie-consent.", "myprivacy.", "privacygate."].iter().any(|start| host.starts_with(start))
        || path.contains("/consent/")
        || ["zustimmung", "privacy-gate", "privacygate", "cookiewall", "cookie-wall", "consent-or-pay"].contains(&first)
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

#[cfg(test)]
mod tests;
