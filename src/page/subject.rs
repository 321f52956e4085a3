//! Which article of a page's linked data the page is about, and who wrote it.
//!
//! Publishers describe there what is most read and what is related, too: with the same types, and often first.

use serde_json::{Map, Value};

use crate::model::WebUrl;
use crate::text;
use crate::url;

use super::json_ld::{self, Found};

/// Authors of one article that are named.
const AUTHORS_MAX: usize = 8;
/// Characters of a title that are compared.
const TITLE_CHARS_MAX: usize = 300;
/// How much of two titles must be alike for one thing, in permille: publishers write one for readers, one for machines.
const ALIKE_PERMILLE: usize = 600;

/// What a page says of itself outside of its linked data.
#[derive(Debug)]
pub(super) struct Signs {
    /// Where it was read.
    at: WebUrl,
    /// Its addresses, canonical.
    addresses: Vec<String>,
    /// Its titles, as pairs of letters.
    titles: Vec<Vec<[char; 2]>>,
}

impl Signs {
    /// Of the page at an address, the addresses that it gives itself, and its titles.
    pub(super) fn new<'t>(at: &WebUrl, named: &[WebUrl], titles: impl Iterator<Item = &'t str>) -> Self {
        let addresses = std::iter::once(at).chain(named).map(url::canonical).collect();
        Self { at: at.clone(), addresses, titles: titles.map(pairs).filter(|pairs| !pairs.is_empty()).collect() }
    }

    /// Holds an article against the page.
    fn rank(&self, found: &Found<'_>) -> Rank {
        let article = found.article;
        let named: Vec<String> =
            ["url", "mainEntityOfPage", "@id"].iter().filter_map(|key| self.address(article.get(*key)?)).collect();
        let is_here = named.iter().any(|address| self.addresses.contains(address));
        let headline = article.get("headline").or_else(|| article.get("name")).and_then(json_ld::text);
        let headline = headline.map(|headline| pairs(&headline)).unwrap_or_default();
        let alike = self.titles.iter().map(|title| alike(title, &headline)).max().unwrap_or(0);
        let alike = Some(alike).filter(|alike| *alike >= ALIKE_PERMILLE);
        let order = [
            usize::from(is_here),
            // The article itself stands in a list of the most read, too.
            usize::from(is_here && !found.is_listed),
            usize::from(alike.is_some()),
            usize::from(!found.is_listed),
            alike.unwrap_or(0),
            usize::from(named.is_empty()),
            usize::from(article.contains_key("headline")),
        ];
        let is_elsewhere = found.is_listed && !is_here && alike.is_none() && !named.is_empty();
        Rank { order, is_elsewhere }
    }

    /// The address in a member: its own, or that of the thing in it. What names a part of a page alone is none.
    fn address(&self, value: &Value) -> Option<String> {
        let text = match value {
            Value::Object(thing) => ["@id", "url"].iter().find_map(|key| thing.get(*key)?.as_str())?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => value.as_str()?,
        };
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') || text.starts_with("_:") {
            return None;
        }
        self.at.join(text).ok().map(|link| url::canonical(&link))
    }
}

/// How surely an article is the page's.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// What speaks for it, the surest first.
    order: [usize; 7],
    /// Whether it is one of a list, of another page.
    is_elsewhere: bool,
}

/// The article that a page is about: that of its address, else the one titled like it, else the first that has a
/// headline, what is listed last. An article of a list that names another address is none.
///
/// Linear in the linked data. The page's signs are asked for where there is a choice.
pub(super) fn article(linked: &[Value], signs: impl FnOnce() -> Signs) -> Option<&Map<String, Value>> {
    let mut found = Vec::new();
    for value in linked {
        json_ld::articles(value, &mut found);
    }
    match found.as_slice() {
        [] => return None,
        [Found { article, is_listed: false }] => return Some(article),
        [_, ..] => {}
    }
    let signs = signs();
    // Of equals the first.
    let ranked = found.iter().map(|found| (signs.rank(found), found.article)).rev();
    let (rank, article) = ranked.max_by(|(one, _), (other, _)| one.cmp(other))?;
    (!rank.is_elsewhere).then_some(article)
}

/// What the linked data say of the page itself, where they say when it was published.
pub(super) fn page(linked: &[Value]) -> Option<&Map<String, Value>> {
    let things = linked.iter().flat_map(|value| {
        let graph = value.as_array().or_else(|| value.get("@graph")?.as_array());
        std::iter::once(value).chain(graph.into_iter().flatten())
    });
    things.filter_map(Value::as_object).find(|thing| {
        thing.contains_key("datePublished") && json_ld::has_type(thing, |name| matches!(name, "WebPage" | "ItemPage"))
    })
}

/// Who wrote an article, by name. Who is named elsewhere in the linked data, and here by id alone, is sought there.
pub(super) fn authors(linked: &[Value], article: &Map<String, Value>) -> Vec<String> {
    let Some(value) = article.get("author").or_else(|| article.get("creator")) else { return Vec::new() };
    let each = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let each = each.get(..AUTHORS_MAX).unwrap_or(each);
    let ids: Vec<&str> = each.iter().filter_map(id).collect();
    let known = if ids.is_empty() { Vec::new() } else { json_ld::named(linked, &ids) };
    let name = |one: &Value| {
        let of_id = || known.iter().find(|(known, _)| id(one) == Some(known)).map(|(_, name)| vec![name.clone()]);
        of_id().unwrap_or_else(|| json_ld::names(one))
    };
    let bare = |name: String| bare(&name).to_owned();
    let mut names: Vec<String> = each.iter().flat_map(name).filter(|name| is_person(name)).map(bare).collect();
    names.dedup();
    names
}

/// The id of a thing that says no more than that.
fn id(value: &Value) -> Option<&str> {
    match value {
        Value::Object(thing) if !thing.contains_key("name") => thing.get("@id")?.as_str(),
        Value::String(text) if text.starts_with("http") => Some(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Names of accounts and of nothing, which content systems give for authors; letters alone. Sorted.
#[rustfmt::skip]
const NOBODY: &[&str] = &[
    "admin", "administrador", "administrateur", "administrator", "amministratore", "null", "root", "superuser",
    "sysadmin", "undefined", "user", "webmaster", "wordpress", "wpadmin", "админ", "администратор", "адмін",
    "адміністратор",
];

/// Whether a name may be a writer's.
pub(super) fn is_person(name: &str) -> bool {
    let letters: String = name.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).take(32).collect();
    !letters.is_empty() && !name.starts_with("http") && NOBODY.binary_search(&letters.as_str()).is_err()
}

/// A name without the word before it that names none.
pub(super) fn bare(name: &str) -> &str {
    ["By ", "by ", "BY "].iter().find_map(|by| name.strip_prefix(by)).unwrap_or(name).trim_start()
}

/// The pairs of letters that stand side by side in a title, sorted.
fn pairs(title: &str) -> Vec<[char; 2]> {
    let folded = text::fold(&text::title(title));
    let letters: Vec<char> = folded.chars().filter(|c| c.is_alphanumeric()).take(TITLE_CHARS_MAX).collect();
    let mut pairs: Vec<[char; 2]> = letters.array_windows().copied().collect();
    pairs.sort_unstable();
    pairs
}

/// How much two titles have in common, in permille: twice the pairs in both by those in each (Dice 1945).
fn alike(one: &[[char; 2]], other: &[[char; 2]]) -> usize {
    let (mut one_rest, mut other_rest) = (one, other);
    let mut common = 0_usize;
    while let (Some((a, one_after)), Some((b, other_after))) = (one_rest.split_first(), other_rest.split_first()) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => one_rest = one_after,
            std::cmp::Ordering::Greater => other_rest = other_after,
            std::cmp::Ordering::Equal => {
                common += 1;
                (one_rest, other_rest) = (one_after, other_after);
            }
        }
    }
    (common * 2_000).checked_div(one.len() + other.len()).unwrap_or(0)
}
