//! How fast feeds are read: one thread, feeds of about 35 kB as publishers write them.
//!
//! `cargo bench --bench feed_speed` prints megabytes and feeds a second; `-- --write FOLDER` also writes the feeds there,
//! for others to read (benches/feeds.sh does so). Machines are noisy: the best of forty rounds counts.

#[path = "../tests/it/feeds/sample.rs"]
mod sample;

use std::time::Instant;

use sample::{STYLES, Style, feed};
use tidings::feed::{Hints, parse};

/// Feeds of each style.
const FEEDS: u64 = 20;
const ROUNDS: usize = 40;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let folder = arguments.iter().position(|a| a == "--write").and_then(|at| arguments.get(at + 1));
    let mut all = Vec::new();
    for style in STYLES {
        let feeds: Vec<String> = (0..FEEDS).map(|seed| feed(style, seed, items(style))).collect();
        if let Some(folder) = folder {
            for (number, text) in feeds.iter().enumerate() {
                std::fs::write(format!("{folder}/{style:?}-{number}.xml"), text).expect("the folder is writable");
            }
        }
        report(&format!("{style:?}"), &feeds);
        all.extend(feeds);
    }
    report("all", &all);
}

/// As many items as make about 35 kB.
fn items(style: Style) -> usize {
    match style {
        Style::Blog => 10,
        Style::Newspaper => 38,
        Style::Atom => 15,
        Style::Xhtml => 20,
        Style::Rdf => 60,
        Style::Json => 21,
    }
}

#[expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench measures, and says what it has measured")]
fn report(name: &str, feeds: &[String]) {
    let bytes: usize = feeds.iter().map(String::len).sum();
    let mut best = f64::MAX;
    let mut entries = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        entries = feeds.iter().map(|text| parse(text.as_bytes(), &Hints::default()).entries.len()).sum();
        best = best.min(begun.elapsed().as_secs_f64());
    }
    let (megabytes, count) = (approximate(bytes) / 1e6, approximate(feeds.len()));
    println!(
        "{name:10} {:6.0} MB/s  {:8.0} feeds/s  ({:.0} kB each, {entries} entries)",
        megabytes / best,
        count / best,
        megabytes * 1e3 / count
    );
}

fn approximate(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
