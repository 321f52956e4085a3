//! What of a page is not its article, element by element.

#![expect(clippy::wildcard_enum_match_arm, reason = "of a hundred elements a few matter here")]

use crate::page::markup::{Node, Tag};

use super::names::{has_word, is_body_name, judge_names};

/// How surely an element is furniture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::page) enum Furniture {
    /// Nothing says so.
    No,
    /// Its name says so, but such names are also given to what holds an article.
    Maybe,
    /// Dropped unless it holds most of what there is to read.
    Likely,
    /// Hidden until a script shows it, or shown where none runs, and not named as furniture: read where it holds most of what there is.
    Hidden,
    /// Never read.
    Surely,
}

/// Judges an element by its kind, role and names. What is hidden is never read.
pub(in crate::page) fn judge(node: &Node<'_>) -> Furniture {
    let verdict = judge_veiled(node);
    if verdict == Furniture::Hidden { Furniture::Surely } else { verdict }
}

/// Judges an element likewise, and tells what is hidden apart.
pub(super) fn judge_veiled(node: &Node<'_>) -> Furniture {
    // Names of custom elements have a hyphen: `amp-consent`, `related-articles`.
    let by_tag =
        if node.tag == Tag::Other && node.text.contains('-') { judge_names(node.text) } else { judge_tag(node.tag) };
    if node.attributes.is_empty() || node.tag.is_bare() || (by_tag == Furniture::Surely && node.tag != Tag::Template) {
        return by_tag;
    }
    // A template that the browser puts in place itself is drawn like any element.
    let by_tag =
        if node.tag == Tag::Template && node.attributes.has("shadowrootmode") { Furniture::No } else { by_tag };
    let verdicts = || node.attributes.iter().map(|(name, value)| judge_attribute(name, value));
    let verdict = verdicts().fold(by_tag, Furniture::max);
    // What opens over a page is hidden, too, and named.
    if verdict == Furniture::Hidden && (by_tag == Furniture::Likely || verdicts().any(|one| one == Furniture::Likely)) {
        return Furniture::Surely;
    }
    // The names of an article's own element tell of all that it is filed under.
    if verdict == Furniture::Maybe && matches!(node.tag, Tag::Article | Tag::Main) { Furniture::No } else { verdict }
}

/// Judges an element within a sentence, where a class or id tells what a word is (a tag, a name, a date) and not what
/// stands beside the text: by role and by what hides it, and by the names of what opens over a page.
pub(super) fn judge_in_sentence(node: &Node<'_>) -> Furniture {
    let judge = |(name, value): (&str, &str)| match judge_attribute(name, value) {
        verdict if !is_name(name) || has_word(value, &APART) => verdict,
        _ => Furniture::No,
    };
    node.attributes.iter().map(judge).fold(judge_tag(node.tag), Furniture::max)
}

/// Names of what is no part of the sentence that it stands in.
const APART: [&str; 12] = [
    "ad",
    "ads",
    "advert",
    "advertisement",
    "hidden",
    "modal",
    "overlay",
    "popup",
    "share",
    "sharing",
    "social",
    "tooltip",
];

fn is_name(attribute: &str) -> bool {
    attribute.eq_ignore_ascii_case("class") || attribute.eq_ignore_ascii_case("id")
}

fn judge_attribute(name: &str, value: &str) -> Furniture {
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    if is_name(name) {
        judge_names(value)
    } else if is("hidden") || (is("style") && is_hidden(value)) {
        Furniture::Hidden
    } else if is("role") {
        judge_role(value)
    } else if is("aria-hidden") && value.eq_ignore_ascii_case("true") {
        Furniture::Maybe
    } else {
        Furniture::No
    }
}

fn judge_tag(tag: Tag) -> Furniture {
    use Tag::{
        Aside, Audio, Button, Canvas, Dialog, Embed, Figcaption, Figure, Footer, Form, Header, Iframe, Input, Label,
        Legend, Map, Menu, Nav, Noembed, Noframes, Noscript, Object, Option, Script, Select, Style, Svg, Template,
        Textarea, Title, Video,
    };
    match tag {
        Audio | Button | Canvas | Dialog | Embed | Iframe | Input | Label | Legend | Map | Noembed | Noframes
        | Object | Option | Script | Select | Style | Svg | Template | Textarea | Title | Video => Furniture::Surely,
        Noscript => Furniture::Hidden,
        Aside | Figure | Figcaption | Footer | Menu | Nav => Furniture::Likely,
        Form | Header => Furniture::Maybe,
        _ => Furniture::No,
    }
}

/// Whether its role alone says that it is furniture.
pub(in crate::page) fn is_aside_by_role(node: &Node<'_>) -> bool {
    node.attributes.raw("role").is_some_and(|role| judge_role(role) == Furniture::Likely)
}

/// By its WAI-ARIA role.
fn judge_role(role: &str) -> Furniture {
    match role {
        "navigation" | "complementary" | "banner" | "contentinfo" | "search" | "dialog" | "alertdialog" | "menu"
        | "menubar" | "toolbar" | "tooltip" | "tablist" | "alert" => Furniture::Likely,
        _ => Furniture::No,
    }
}

fn is_hidden(style: &str) -> bool {
    style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
        let value = value.trim();
        let starts = |with: &str| value.get(..with.len()).is_some_and(|head| head.eq_ignore_ascii_case(with));
        let name = name.trim();
        (name.eq_ignore_ascii_case("display") && starts("none"))
            || (name.eq_ignore_ascii_case("visibility") && starts("hidden"))
    })
}

/// Whether an element says that it is the body of an article.
pub(super) fn is_body(node: &Node<'_>) -> bool {
    if node.attributes.is_empty() || !node.tag.is_block() || node.tag == Tag::P {
        return false;
    }
    node.attributes.iter().any(|(name, value)| {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        (is("itemprop") && value.eq_ignore_ascii_case("articleBody")) || (is_name(name) && is_body_name(value))
    })
}
