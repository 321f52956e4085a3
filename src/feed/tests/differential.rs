//! Our reader beside feed-rs: of well-formed feeds both must say the same.

#[path = "../../../tests/it/feeds/sample.rs"]
mod sample;

use jiff::Timestamp;

use super::read;
use crate::feed::mended::Mended;
use crate::feed::second;
use crate::model::{Parsed, Problem, WebUrl};
use crate::text;

/// What both must agree upon of an entry.
type Said = (Option<String>, Option<String>, Option<String>, Option<Timestamp>);

fn said(parsed: &Parsed) -> Vec<Said> {
    let of = |entry: &crate::model::Entry| {
        let title = entry.title.as_deref().map(text::title);
        (entry.id.clone(), entry.link.clone(), title, entry.published.or(entry.updated))
    };
    parsed.entries.iter().map(of).collect()
}

fn opinion(document: &str, url: Option<&WebUrl>) -> Result<Option<Parsed>, Problem> {
    second::opinion(document, url, &mut Mended::default())
}

#[test]
fn both_readers_say_the_same_of_well_formed_feeds() {
    let url = WebUrl::parse("https://example.org/news/feed.xml").unwrap();
    for style in sample::STYLES {
        for seed in 0..20 {
            let document = sample::feed(style, seed, 15);
            let theirs = opinion(&document, Some(&url)).unwrap().unwrap();
            let mut ours = read(&document);
            if style == sample::Style::Rdf {
                // feed-rs leaves `rdf:about` out.
                ours.entries.iter_mut().for_each(|entry| entry.id = None);
            }
            assert_eq!(said(&ours), said(&theirs), "{style:?} {seed}");
        }
    }
}

#[test]
fn the_second_reader_is_not_shown_what_is_nested_deep_and_its_panic_is_a_problem() {
    let deep = format!("<rss version='2.0'><channel>{}</channel></rss>", "<media:group>".repeat(1_000));
    assert_eq!(opinion(&deep, None), Ok(None));
    let hostile =
        "<rss version='2.0'><channel><item><author>me@example.com\u{a0}(Zoe Smith)</author></item></channel></rss>";
    assert_eq!(opinion(hostile, None).unwrap_err().kind, "panic");
}
