//! The files that an item carries.

use std::borrow::Cow;

use super::address;
use super::mended::{Damage, Mended};
use super::reference::Script;
use super::tree::Element;
use super::vocabulary::{self, Name, Space};
use crate::model::{Enclosure, WebUrl};

/// Files of one entry; galleries have some tens.
const FILES_MAX: usize = 100;

/// The files of an item, each address once.
pub(super) fn enclosures(
    item: Element<'_, '_>,
    base: Option<&WebUrl>,
    script: &Script<'_>,
    mended: &mut Mended,
) -> Vec<Enclosure> {
    let mut found = Vec::new();
    for child in item.children() {
        match child.kind() {
            (Space::Core | Space::Atom, Name::Enclosure) => {
                push(&mut found, child, &["url", "href"], base, script, mended);
            }
            (Space::Core | Space::Atom, Name::Link)
                if child
                    .written("rel")
                    .is_some_and(|rel| vocabulary::relation(rel).eq_ignore_ascii_case("enclosure")) =>
            {
                push(&mut found, child, &["href"], base, script, mended);
            }
            (Space::Media, Name::Content) => push(&mut found, child, &["url"], base, script, mended),
            (Space::Media, Name::Group) => {
                for file in child.children().filter(|file| file.kind() == (Space::Media, Name::Content)) {
                    push(&mut found, file, &["url"], base, script, mended);
                }
            }
            _ => {}
        }
    }
    found
}

fn push(
    found: &mut Vec<Enclosure>,
    file: Element<'_, '_>,
    names: &[&str],
    base: Option<&WebUrl>,
    script: &Script<'_>,
    mended: &mut Mended,
) {
    let named = names.iter().find_map(|name| file.attribute(name, script, mended));
    let written = named.unwrap_or_else(|| file.text(script, mended));
    if written.trim().is_empty() {
        return;
    }
    let Some(url) = address::absolute(&written, base) else {
        mended.note_words(Damage::UnusableLink, file.at(), &written);
        return;
    };
    if found.len() < FILES_MAX && found.iter().all(|known| known.url != url) {
        let media_type = file.attribute("type", script, mended).map(Cow::into_owned);
        let length = ["length", "fileSize"].iter().find_map(|name| file.written(name)?.trim().parse().ok());
        found.push(Enclosure { url, media_type, length });
    }
}
