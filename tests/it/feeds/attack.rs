//! Documents made to hurt: to overflow a stack, to take time that grows with the square, to fill the memory.

use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use super::read;

/// A debug build on a busy machine is some fifty times slower than the figure that counts; a square of any of these
/// documents is a hundred times slower still.
const BOUND: Duration = Duration::from_secs(20);
/// What a worker of tokio has.
const STACK_BYTES: usize = 2 * 1024 * 1024;

const START: &str = "<rss version='2.0'><channel><item><title>A</title>";

/// A debug build gets an eighth: it is no figure, and the suite should be quick.
fn many(times: usize) -> usize {
    if cfg!(debug_assertions) { times / 8 } else { times }
}

fn within_an_item(piece: &str, times: usize) -> String {
    format!("{START}{}", piece.repeat(times))
}

fn numbered(times: usize, piece: impl Fn(&mut String, usize)) -> String {
    let mut text = String::from(START);
    for number in 0..times {
        piece(&mut text, number);
    }
    text
}

/// A name and a document each.
fn attacks() -> Vec<(&'static str, String)> {
    let laughs = numbered(0, |_, _| {}).replace(
        START,
        "<!DOCTYPE rss [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>\
         <!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>]><rss><channel><item><title>&e;</title></item>",
    );
    let long = "x".repeat(many(50_000));
    let square = format!(
        "<!DOCTYPE rss [<!ENTITY a '{long}'>]><rss><channel><item><title>{}</title></item>",
        "&a;".repeat(many(50_000))
    );
    let deep = |name: &str, depth: usize| {
        format!("{START}{}{}</item>", format!("<{name}>").repeat(depth), format!("</{name}>").repeat(depth))
    };
    vec![
        ("billion laughs", laughs),
        ("a long entity, often", square),
        ("nested groups", deep("media:group", many(100_000))),
        ("nested XHTML", format!("<feed><entry><content type='xhtml'>{}", "<div>".repeat(many(200_000)))),
        ("nested holders", "<rss><channel>".repeat(many(100_000))),
        ("nested JSON", format!("{{\"items\":[{}", "[{\"a\":".repeat(many(100_000)))),
        ("unclosed items", "<rss><channel>".to_owned() + &"<item>".repeat(many(200_000))),
        ("unclosed fields", within_an_item("<title>", many(200_000))),
        (
            "attributes",
            numbered(1, |text, _| {
                text.push_str("<enclosure ");
                (0..many(200_000)).for_each(|number| write!(text, "a{number}='x' ").unwrap());
                text.push('>');
            }),
        ),
        (
            "namespaces",
            numbered(many(20_000), |text, number| write!(text, "<n{number}:a xmlns:n{number}='u:{number}'>").unwrap()),
        ),
        ("open marks", within_an_item("<", many(2_000_000))),
        ("ampersands", format!("{START}<description>{}", "&".repeat(many(2_000_000)))),
        ("references without end", format!("{START}<description>{}", "&#x41".repeat(many(400_000)))),
        ("open comments", within_an_item("<!--", many(300_000))),
        ("open sections", within_an_item("<![CDATA[", many(300_000))),
        (
            "open sections of many elements",
            numbered(many(50_000), |text, number| write!(text, "<e{number}><![CDATA[").unwrap()),
        ),
        ("sections within sections", within_an_item("<title><![CDATA[</title>", many(100_000)) + "]]>"),
        ("open values", within_an_item("<a b=\"", many(300_000))),
        ("open values of both kinds", within_an_item("<a b=\"' c='", many(200_000))),
        ("open instructions", within_an_item("<?x ", many(300_000)) + "?>"),
        ("open declarations", within_an_item("<!x", many(300_000))),
        ("document types", within_an_item("<!DOCTYPE [", many(200_000))),
        ("stray end tags", within_an_item("</x>", many(500_000))),
        (
            "end tags of a deep pile",
            numbered(1, |text, _| {
                (0..198).for_each(|number| write!(text, "<d{number}>").unwrap());
                text.push_str(&"</x>".repeat(many(200_000)));
            }),
        ),
        ("scripts", format!("{START}<description><![CDATA[{}]]>", "<script></script><style>".repeat(many(100_000)))),
        ("one long text", format!("{START}<description>{}", "x".repeat(many(16_000_000)))),
        ("many small elements", "<rss><channel>".to_owned() + &"<a/>".repeat(many(1_000_000))),
        ("a long date", format!("{START}<pubDate>{}</pubDate></item>", "1 ".repeat(many(500_000)))),
        ("broken JSON items", format!("{{\"items\":[{}", "{\"a\":\"".repeat(many(200_000)))),
    ]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "time is what the attacks are about")]
fn no_hostile_document_takes_long_or_overflows_a_small_stack() {
    for (name, document) in attacks() {
        let bytes = document.len();
        let run = move || {
            let begun = Instant::now();
            let parsed = read(document.as_bytes());
            (begun.elapsed(), parsed.entries.len(), parsed.problems.len())
        };
        let (took, entries, problems) =
            thread::Builder::new().stack_size(STACK_BYTES).spawn(run).unwrap().join().unwrap();
        println!(
            "{name:32} {bytes:9} bytes {:7.1} ms {entries:5} entries {problems:2} problems",
            took.as_secs_f64() * 1e3
        );
        assert!(took < BOUND, "{name} took {took:?}");
        assert!(problems <= 22, "{name}: {problems} problems");
    }
}
