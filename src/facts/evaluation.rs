//! How well changes are found: pairs of sentences of our own, as a later telling might have them, and what changes in each.
//! docs/stories.md has the figures.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{corrected, of};

/// What was found in all pairs, by kind: rightly, wrongly, and missed.
#[derive(Debug, Default)]
struct Tally {
    right: usize,
    wrong: usize,
    missed: usize,
}

fn tally() -> Tally {
    let mut tally = Tally::default();
    for line in include_str!("pairs.jsonl").lines() {
        let pair: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| pair[name].as_str().unwrap();
        let lang = Some(text("lang"));
        let (before, now) = (of("", text("before"), lang), of("", text("now"), lang));
        let found: BTreeSet<&str> = corrected(&before, &now).iter().map(|change| change.kind.label()).collect();
        let wanted: BTreeSet<&str> = pair["changes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        if found != wanted {
            eprintln!("{found:?} for {wanted:?}: {:?} then {:?}", text("before"), text("now"));
        }
        tally.right += found.intersection(&wanted).count();
        tally.wrong += found.difference(&wanted).count();
        tally.missed += wanted.difference(&found).count();
    }
    tally
}

#[test]
fn changes_are_found_as_well_as_is_written_down() {
    let Tally { right, wrong, missed } = tally();
    eprintln!("{right} right, {wrong} wrong, {missed} missed");
    let docs = include_str!("../../docs/stories.md");
    let written = format!("{right} of {} changes are found, {wrong} that are none", right + missed);
    assert!(docs.contains(&written), "docs/stories.md doesn't say {written:?}");
}
