//! Feeds damaged at random: nothing panics, and what the damage left whole is read.

use super::read;
use super::sample::{Dice, STYLES, Style, feed};
use tidings::model::Entry;

/// What strays into feeds.
const STRAYS: &[&str] =
    &["<![CDATA[", "&nbsp;&#xd800;&#0; <", "<>\"'&/!?=", "]]>", "<!--", "</item>", "\u{8}", "<b>", "&amp"];

/// Damages a document as networks, templates and editors do: one to five times.
fn damaged(text: &str, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(5) {
        let at = dice.below(bytes.len());
        match dice.below(8) {
            0 => bytes.truncate(at.max(bytes.len() / 2)),
            1 => bytes[at] = u8::try_from(dice.below(256)).unwrap(),
            2 => bytes.insert(at, u8::try_from(dice.below(32)).unwrap()),
            3 => drop(bytes.drain(at..(at + 1 + dice.below(40)).min(bytes.len()))),
            4 => {
                let piece = bytes[at..(at + 1 + dice.below(400)).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            5 | 6 => {
                let stray = dice.of(STRAYS).bytes();
                bytes.splice(at..at, stray);
            }
            _ => {
                // A broken end tag.
                if let Some(end) = bytes[at..].windows(2).position(|pair| pair == b"</") {
                    bytes[at + end + 1] = b'~';
                }
            }
        }
    }
    bytes
}

/// How many damaged feeds are read; `TIDINGS_MUTATIONS` asks for more.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by hand")]
fn count() -> usize {
    std::env::var("TIDINGS_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(if cfg!(debug_assertions) {
        600
    } else {
        6_000
    })
}

#[test]
fn damaged_feeds_are_read_without_a_panic_and_most_of_their_entries_survive() {
    const ITEMS: usize = 12;
    let mut dice = Dice::new(7);
    let (mut kept, mut all) = ([0; STYLES.len()], [0; STYLES.len()]);
    for number in 0..count() {
        let style = number % STYLES.len();
        let whole = feed(STYLES[style], u64::try_from(number).unwrap(), ITEMS);
        let whole_entries = read(whole.as_bytes()).entries;
        let found = read(&damaged(&whole, &mut dice)).entries;
        all[style] += ITEMS;
        // An entry is there when its title or its link is whole.
        let is_kept = |meant: &&Entry| found.iter().any(|entry| entry.title == meant.title || entry.link == meant.link);
        kept[style] += whole_entries.iter().filter(is_kept).count();
    }
    for (style, (kept, all)) in STYLES.iter().zip(kept.iter().zip(all)) {
        println!("{style:?}: {kept} of {all} entries kept");
    }
    let (kept, all): (usize, usize) = (kept.iter().sum(), all.iter().sum());
    println!("all: {kept} of {all} entries kept");
    assert!(kept * 100 >= all * 85, "{kept} of {all}");
}

#[test]
fn a_feed_cut_off_anywhere_keeps_every_item_that_was_whole() {
    for style in [Style::Blog, Style::Newspaper, Style::Atom, Style::Xhtml, Style::Rdf, Style::Json] {
        let whole = feed(style, 3, 6);
        let all = read(whole.as_bytes()).entries;
        let end = match style {
            Style::Blog | Style::Newspaper | Style::Rdf => "</item>",
            Style::Atom | Style::Xhtml => "</entry>",
            Style::Json => "\"}",
        };
        for cut in (0..whole.len()).step_by(97) {
            let Some(text) = whole.get(..cut) else { continue };
            let complete = text.matches(end).count();
            let found = read(text.as_bytes());
            assert!(found.entries.len() >= complete, "{style:?} cut at {cut}: {} of {complete}", found.entries.len());
            for (entry, meant) in found.entries.iter().zip(&all).take(complete) {
                assert_eq!(entry, meant, "{style:?} cut at {cut}");
            }
            // A document that is cut off says so, or can't be read at all.
            let is_said = found.problems.iter().any(|problem| problem.kind == "truncated" || problem.fatal);
            let has_ended = matches!(style, Style::Blog | Style::Newspaper) && text.contains("</channel>");
            assert!(is_said || has_ended || text.trim_end() == whole.trim_end(), "{style:?} cut at {cut}");
        }
    }
}
