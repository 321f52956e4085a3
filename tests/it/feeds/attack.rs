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
    let long = "x".repeat(50_000);
    let square = format!(
        "<!DOCTYPE rss [<!ENTITY a '{long}'>]><rss><channel><item><title>{}</title></item>",
        "&a;".repeat(50_000)
    );
    let deep = |name: &str, depth: usize| {
        format!("{START}{}{}</item>", format!("<{name}>").repeat(depth), format!("</{name}>").repeat(depth))
    };
    vec![
        ("billion laughs", laughs),
        ("a long entity, often", square),
        ("nested groups", deep("media:group", 100_000)),
        ("nested XHTML", format!("<feed><entry><content type='xhtml'>{}", "<div>".repeat(200_000))),
        ("nested holders", "<rss><channel>".repeat(100_000)),
        ("nested JSON", format!("{{\"items\":[{}", "[{\"a\":".repeat(100_000))),
        ("unclosed items", "<rss><channel>".to_owned() + &"<item>".repeat(200_000)),
        ("unclosed fields", within_an_item("<title>", 200_000)),
        (
            "attributes",
            numbered(1, |text, _| {
                text.push_str("<enclosure ");
                (0..200_000).for_each(|number| write!(text, "a{number}='x' ").unwrap());
                text.push('>');
            }),
        ),
        (
            "namespaces",
            numbered(20_000, |text, number| write!(text, "<n{number}:a xmlns:n{number}='u:{number}'>").unwrap()),
        ),
        ("open marks", within_an_item("<", 2_000_000)),
        ("ampersands", format!("{START}<description>{}", "&".repeat(2_000_000))),
        ("references without end", format!("{START}<description>{}", "&#x41".repeat(400_000))),
        ("open comments", within_an_item("<!--", 300_000)),
        ("open sections", within_an_item("<![CDATA[", 300_000)),
        (
            "open sections of many elements",
            numbered(50_000, |text, number| write!(text, "<e{number}><![CDATA[").unwrap()),
        ),
        ("sections within sections", within_an_item("<title><![CDATA[</title>", 100_000) + "]]>"),
        ("open values", within_an_item("<a b=\"", 300_000)),
        ("open values of both kinds", within_an_item("<a b=\"' c='", 200_000)),
        ("open instructions", within_an_item("<?x ", 300_000) + "?>"),
        ("open declarations", within_an_item("<!x", 300_000)),
        ("document types", within_an_item("<!DOCTYPE [", 200_000)),
        ("stray end tags", within_an_item("</x>", 500_000)),
        (
            "end tags of a deep pile",
            numbered(1, |text, _| {
                (0..198).for_each(|number| write!(text, "<d{number}>").unwrap());
                text.push_str(&"</x>".repeat(200_000));
            }),
        ),
        ("scripts", format!("{START}<description><![CDATA[{}]]>", "<script></script><style>".repeat(100_000))),
        ("one long text", format!("{START}<description>{}", "x".repeat(16_000_000))),
        ("many small elements", "<rss><channel>".to_owned() + &"<a/>".repeat(1_000_000)),
        ("a long date", format!("{START}<pubDate>{}</pubDate></item>", "1 ".repeat(500_000))),
        ("broken JSON items", format!("{{\"items\":[{}", "{\"a\":\"".repeat(200_000))),
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
