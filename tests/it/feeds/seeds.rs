//! The fuzzers' seeds, replayed: what once broke a parser does not break it again.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/fuzz_targets/desk.rs"]
mod desk;
#[path = "../../fuzz/fuzz_targets/parsers.rs"]
mod parsers;

use super::sample::Dice;

/// Each seed is also read in this many damaged copies.
const COPIES: usize = 40;

#[expect(clippy::disallowed_methods, reason = "a person asks for more copies, or for one target")]
fn asked(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn replay(parser: &str, read: fn(&[u8])) {
    if asked("TIDINGS_FUZZ_TARGET").is_some_and(|target| target != parser) {
        return;
    }
    let copies = asked("TIDINGS_FUZZ_COPIES").and_then(|text| text.parse().ok()).unwrap_or(COPIES);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds").join(parser);
    let mut dice = Dice::new(11);
    let mut seeds = 0;
    for file in fs::read_dir(folder).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        read(&bytes);
        for _ in 0..copies {
            let mut copy = bytes.clone();
            for _ in 0..=dice.below(4) {
                let at = dice.below(copy.len().max(1));
                match dice.below(3) {
                    0 => copy.truncate(at),
                    1 => copy.insert(at, u8::try_from(dice.below(256)).unwrap()),
                    _ => copy.extend_from_slice(&bytes[at.min(bytes.len())..]),
                }
            }
            read(&copy);
        }
        seeds += 1;
    }
    assert!(seeds > 0, "{parser} has no seeds");
}

#[test]
fn nothing_panics_on_the_fuzzers_seeds_or_damaged_copies_of_them() {
    replay("feed", parsers::feed);
    replay("page", parsers::page);
    replay("opml", parsers::opml);
    replay("date", parsers::date);
    replay("url", parsers::url);
    replay("query", parsers::query);
    replay("config", parsers::config);
    replay("websub", parsers::websub);
    replay("robots", parsers::robots);
    replay("sitemap", parsers::sitemap);
    replay("answers", parsers::answers);
    replay("publish", parsers::publish);
    replay("api", desk::serve);
}
