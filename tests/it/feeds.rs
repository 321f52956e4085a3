//! Feeds as they come: damaged, hostile, in every shape. What is read of them goes through the public interface.

mod attack;
mod mutation;
mod sample;
mod seeds;
pub(crate) mod ticked;

use tidings::feed::{Hints, parse};
use tidings::model::Parsed;

fn read(bytes: &[u8]) -> Parsed {
    parse(bytes, &Hints::default())
}

#[test]
fn a_feed_in_every_style_is_read_whole_and_needs_no_mending() {
    for style in sample::STYLES {
        let parsed = read(sample::feed(style, 1, 25).as_bytes());
        assert_eq!(parsed.problems, [], "{style:?}");
        assert_eq!(parsed.entries.len(), 25, "{style:?}");
        for entry in &parsed.entries {
            assert!(entry.id.is_some() && entry.link.is_some() && entry.title.is_some(), "{style:?}: {entry:?}");
            assert!(entry.published.or(entry.updated).is_some(), "{style:?}: {entry:?}");
            assert!(entry.summary.is_some() || entry.content.is_some(), "{style:?}: {entry:?}");
        }
    }
}

/// Every entity name of HTML: those of the standard's table that end with `;` (2,125 of 2,231, the rest are the same
/// names without it).
#[test]
fn every_entity_name_that_python_knows_is_read_as_python_reads_it() {
    let script =
        "import html.entities as e\nfor n, c in e.html5.items():\n  if n.endswith(';'): print(n, *[ord(x) for x in c])";
    let Ok(output) = std::process::Command::new("python3").args(["-c", script]).output() else {
        eprintln!("!!! SKIPPED: no python3, whose html.entities is the oracle");
        return;
    };
    let table = String::from_utf8(output.stdout).unwrap();
    let mut names = 0;
    for line in table.lines() {
        let mut parts = line.split(' ');
        let name = parts.next().unwrap();
        let meant: String = parts.map(|code| char::from_u32(code.parse().unwrap()).unwrap()).collect();
        let document = format!("<rss><channel><item><link>/a</link><title>x&{name}x</title></item></channel></rss>");
        let title = read(document.as_bytes()).entries.remove(0).title.unwrap();
        names += 1;
        // In XML these two are XHTML 1.0's and RSS 0.91's.
        let meant = match name {
            "lang;" => "\u{2329}".to_owned(),
            "rang;" => "\u{232a}".to_owned(),
            _ => meant,
        };
        assert_eq!(title, format!("x{meant}x"), "{name}");
    }
    assert!(names > 2_000, "{names}");
}
