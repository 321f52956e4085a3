//! What classes and ids say of an element.

use crate::page::markup::Node;

use super::furniture::Furniture;

/// Words in a class or id that name furniture. Sorted, lower case.
///
/// English, as such names are on pages in any language.
#[rustfmt::skip]
const LIKELY: &[&str] = &[
    "ad", "addthis", "addtoany", "ads", "adsbygoogle", "advert", "advertisement", "advertising", "authorbio",
    "authorbox", "axeptio", "borlabs", "borlabscookie", "breadcrumb", "breadcrumbs", "byline", "caption", "captions",
    "ccpa", "cmpbox", "cmplz", "cmpwrapper", "comment", "comments", "complianz", "consent", "consentmanager",
    "cookie", "cookiebanner", "cookiebar", "cookiebot", "cookieconsent", "cookielaw", "cookienotice", "cookiepolicy",
    "cookies", "cookieyes", "copyright", "credit", "credits", "cybotcookiebotdialog", "dek", "didomi", "disclaimer",
    "disqus", "footer", "gdpr", "iubenda", "kicker", "klaro", "lgpd", "login", "masthead", "menu", "modal",
    "mostpopular", "mostread", "nav", "navbar", "navigation", "newsletter", "newslettersignup", "onetrust", "osano",
    "outbrain", "pager", "pagination", "popup", "promo", "promoted", "quantcast", "readalso", "readmore", "recirc",
    "recirculation", "recommend", "recommendation", "recommendations", "recommended", "related", "relatedarticle",
    "relatedarticles", "relatedcontent", "relateditems", "relatedlinks", "relatednews", "relatedpost", "relatedposts",
    "relatedstories", "respond", "share", "sharebar", "sharebuttons", "sharedaddy", "sharelinks", "sharing",
    "sidebar", "signup", "social", "socials", "socialshare", "sponsor", "sponsored", "standfirst", "strapline",
    "subheading", "subscribe", "subtitle", "taboola", "tags", "tarteaucitron", "termly", "toolbar", "tooltip",
    "trending", "trustarc", "truste", "usercentrics", "yarpp",
];

/// Words that are also given to what holds an article. Sorted, lower case.
#[rustfmt::skip]
const MAYBE: &[&str] = &[
    "about", "aside", "author", "authors", "banner", "bio", "box", "callout", "carousel", "category", "contact",
    "date", "extra", "gallery", "hidden", "info", "infobox", "inset", "label", "links", "meta", "metadata", "more",
    "most", "next", "overlay", "paywall", "player", "popular", "prev", "previous", "print", "profile", "promotion",
    "published", "pullquote", "rail", "rating", "secondary", "shop", "skip", "slideshow", "subscription", "tag",
    "teaser", "time", "timestamp", "toc", "tools", "video", "widget", "widgets",
];

/// Names of what holds an article's text and nothing else, their marks dropped. Sorted.
#[rustfmt::skip]
const BODIES: &[&str] = &[
    "articlebody", "articlebodycontent", "articlebodytext", "articlecontent", "articlecopy", "articlemaincontent",
    "articletext", "blogcontent", "bodycopy", "contentbody", "entrybody", "entrycontent", "jsarticlebody", "newsbody",
    "newscontent", "newstext", "postbody", "postcontent", "posttext", "singlecontent", "storybody", "storycontent",
    "storytext", "tdpostcontent",
];

/// Beginnings of the classes that say what a post is filed under, as content systems write them on the element that holds it.
const FILED: [&str; 3] = ["category-", "tag-", "format-"];

/// Whether a class is one of those that `WordPress` gives such an element, whatever it is filed under.
fn is_of_post(name: &str) -> bool {
    name == "hentry" || name.starts_with("type-") || name.starts_with("status-")
}

/// The class by which `Drupal` says on a field that its name is not shown, as on those that hold the article.
const FIELD_LABEL: &str = "field--label-hidden";

/// Letters of the longest word and of the longest body's name.
const WORD_MAX: usize = 24;

/// Judges an element by its class or id.
pub(super) fn judge_names(names: &str) -> Furniture {
    let mut worst = Furniture::No;
    let is_post = || names.split_ascii_whitespace().any(is_of_post);
    let is_filed = |name: &&str| FILED.iter().any(|filed| name.starts_with(filed)) && is_post();
    let is_told = |name: &&str| !is_filed(name) && *name != FIELD_LABEL;
    for word in names.split_ascii_whitespace().filter(is_told).flat_map(words) {
        let mut lower = [0_u8; WORD_MAX];
        let Some(word) = lowered(word.bytes(), &mut lower) else { continue };
        if LIKELY.binary_search(&word).is_ok() {
            return Furniture::Likely;
        }
        if MAYBE.binary_search(&word).is_ok() {
            worst = Furniture::Maybe;
        }
    }
    worst
}

/// Whether one of some words (lower case) is in a class or id.
pub(in crate::page) fn has_word(names: &str, wanted: &[&str]) -> bool {
    words(names).any(|word| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(word)))
}

/// Whether one of some words (lower case) is in the class or id of an element.
pub(in crate::page) fn is_named(node: &Node<'_>, wanted: &[&str]) -> bool {
    let names = || node.attributes.raw("class").into_iter().chain(node.attributes.raw("id"));
    !node.attributes.is_empty() && names().any(|names| has_word(names, wanted))
}

/// Whether one of the classes or ids is an article's body.
pub(super) fn is_body_name(names: &str) -> bool {
    names.split_ascii_whitespace().any(|name| {
        let mut lower = [0_u8; WORD_MAX];
        let plain = lowered(name.bytes().filter(u8::is_ascii_alphabetic), &mut lower);
        plain.is_some_and(|plain| BODIES.binary_search(&plain).is_ok())
    })
}

/// The letters in lower case; `None` where they are more than any name in the lists has.
fn lowered(letters: impl Iterator<Item = u8>, into: &mut [u8; WORD_MAX]) -> Option<&str> {
    let mut length = 0;
    for letter in letters {
        *into.get_mut(length)? = letter.to_ascii_lowercase();
        length += 1;
    }
    std::str::from_utf8(into.get(..length)?).ok()
}

/// The words of names: `relatedLinks`, `related-links` and `related_links` have two each.
fn words(names: &str) -> impl Iterator<Item = &str> {
    let mut rest = names;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        let mut was_lower = false;
        let is_border = |b: u8| {
            let is_border = !b.is_ascii_alphabetic() || (was_lower && b.is_ascii_uppercase());
            was_lower = b.is_ascii_lowercase();
            is_border
        };
        let end = rest.bytes().position(is_border).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end)?;
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::{BODIES, LIKELY, MAYBE, WORD_MAX, is_body_name, judge_names};
    use crate::page::body::furniture::Furniture;

    #[test]
    fn the_lists_are_sorted_for_their_search_and_fit_the_buffer() {
        assert!(
            [LIKELY, MAYBE, BODIES].iter().all(|list| list.is_sorted() && list.iter().all(|w| w.len() <= WORD_MAX))
        );
    }

    #[test]
    fn names_are_read_by_their_words() {
        assert_eq!(judge_names("col relatedLinks"), Furniture::Likely);
        assert_eq!(judge_names("header__share-bar"), Furniture::Likely);
        assert_eq!(judge_names("post shared-grid adapter"), Furniture::No);
        assert_eq!(judge_names("article_meta"), Furniture::Maybe);
        assert_eq!(judge_names("post-7 hentry category-social tag-cookies"), Furniture::No);
        assert_eq!(judge_names("tag-links"), Furniture::Maybe);
        assert_eq!(judge_names("field field--name-field-list field--label-hidden"), Furniture::No);
        assert_eq!(judge_names("field field--name-field-tags field--label-above"), Furniture::Likely);
        assert!(is_body_name("wide article__body") && !is_body_name("article"));
    }
}
