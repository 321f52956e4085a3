//! What the reader makes of what publishers serve.

use proptest::prelude::*;

use super::{Hints, parse};
use crate::model::{DocumentKind, Parsed, WebUrl};

fn read(text: &str) -> Parsed {
    let url = WebUrl::parse("https://news.example/feed.xml").unwrap();
    parse(text.as_bytes(), &Hints { content_type: None, url: Some(&url) })
}

fn rss(items: &str) -> String {
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>News</title>{items}</channel></rss>")
}

#[test]
fn the_three_formats_give_the_same_entry() {
    let rss = read(&rss("<item><title>A &amp; B</title><link>/a?x=1&amp;y=2</link><guid>g1</guid>\
         <pubDate>Mon, 06 Dec 2021 12:00:00 +0300</pubDate><description>&lt;p&gt;Text&lt;/p&gt;</description></item>"));
    let atom = read(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>News</title><entry><id>g1</id><title>A &amp; B</title>\
         <link href=\"/a?x=1&amp;y=2\"/><published>2021-12-06T09:00:00Z</published><summary type=\"html\">&lt;p&gt;Text&lt;/p&gt;</summary></entry></feed>",
    );
    let json = read(
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"News","items":[null,{"id":"g1","url":"/a?x=1&y=2","title":"A & B",
        "date_published":"2021-12-06T09:00:00Z","summary":"Text"}]}"#,
    );
    for (parsed, kind) in [(rss, DocumentKind::Rss), (atom, DocumentKind::Atom), (json, DocumentKind::JsonFeed)] {
        assert_eq!((parsed.kind, parsed.problems.as_slice()), (kind, &[][..]));
        let entry = &parsed.entries[0];
        assert_eq!(entry.id.as_deref(), Some("g1"), "{kind:?}");
        assert_eq!(entry.link.as_deref(), Some("https://news.example/a?x=1&y=2"));
        assert_eq!(entry.title.as_deref().map(crate::text::title).as_deref(), Some("A & B"));
        assert_eq!(entry.published.map(|t| t.to_string()).as_deref(), Some("2021-12-06T09:00:00Z"));
    }
}

#[test]
fn what_damaged_feeds_have_most_is_mended() {
    let item = "<item><title>Q&A &eacute;t&eacute; &nbsp;D&D</title><link>https://news.example/1</link></item>";
    for document in [
        rss(item),
        format!(
            "\u{feff}\n\u{8}PHP notice <?xml version=\"1.0\"?><rss><channel><title>x</title>{item}</channel></rss>"
        ),
        format!("<rss version=\"0.93\"><channel><title>x</title>{item}</channel></rss>"),
        format!("<rss version=\"2.0\"><channel><title>x</title>{item}<item><title>half"),
    ] {
        let parsed = read(&document);
        assert_eq!(parsed.fatal(), None, "{document}");
        let titles: Vec<String> =
            parsed.entries.iter().filter_map(|e| e.title.as_deref()).map(crate::text::title).collect();
        assert!(titles.contains(&"Q&A été D&D".to_owned()), "{titles:?} in {document}");
    }
}

#[test]
fn letters_come_in_the_encoding_that_the_document_declares() {
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(
        "<?xml version=\"1.0\" encoding=\"windows-1251\"?><rss version=\"2.0\"><channel><title>Новости</title>\
         <item><title>Резолюция</title><guid>1</guid></item></channel></rss>",
    );
    let parsed = parse(&bytes, &Hints::default());
    assert_eq!(parsed.entries[0].title.as_deref(), Some("Резолюция"));
    let utf16: Vec<u8> = rss("<item><title>Wide</title></item>").encode_utf16().flat_map(u16::to_be_bytes).collect();
    let parsed = parse(&[&[0xfe, 0xff][..], &utf16].concat(), &Hints::default());
    assert_eq!(parsed.entries[0].title.as_deref(), Some("Wide"));
}

#[test]
fn an_id_that_several_entries_carry_or_that_nobody_gave_is_none() {
    let parsed = read(&rss(
        "<item><title>a</title><guid>same</guid></item><item><title>b</title><guid>same</guid></item><item><title>c</title></item>",
    ));
    let ids: Vec<_> = parsed.entries.iter().map(|e| e.id.as_deref()).collect();
    assert_eq!(ids, [None, None, None]);
}

#[test]
fn a_page_in_a_feeds_place_is_said_to_be_one_and_so_is_nothing() {
    let page = read("<!DOCTYPE html><html><head><title>We'll be back</title></head><body>&lt;rss&gt;</body></html>");
    let problem = page.fatal().unwrap();
    assert_eq!(
        (problem.kind, problem.detail.as_str()),
        ("not-a-feed", "an HTML page (\"We'll be back\") stands in the feed's place")
    );
    assert_eq!(read("  \n").fatal().unwrap().kind, "empty");
}

#[test]
fn nesting_that_would_overflow_the_stack_is_refused_on_a_small_one() {
    let nested = "<media:group>".repeat(1_000);
    let document = format!(
        "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel><item>{nested}</item></channel></rss>"
    );
    let small = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || read(&document)).unwrap();
    assert_eq!(small.join().unwrap().fatal().unwrap().kind, "too-deep");
}

#[test]
fn an_author_that_makes_the_reader_panic_is_a_problem_of_its_feed() {
    let parsed = read(&rss("<item><title>t</title><author>me@example.com\u{a0}(Zoe Smith)</author></item>"));
    assert!(parsed.fatal().is_none_or(|p| p.kind == "panic"));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        parse(&bytes, &Hints::default());
    }

    #[test]
    fn a_feed_with_a_wound_is_read_without_a_panic(at in 0usize..400, wound in "[<>&;/\"a-z!\\[\\]\u{a0}]{0,12}", cut in 0usize..40) {
        let whole = rss("<item><title>One</title><link>https://news.example/1</link><author>a@b (c)</author>\
            <description><![CDATA[<p>x</p>]]></description></item><item><guid>2</guid><title>Two &amp; more</title></item>");
        let mut text: String = whole.chars().take(at).collect();
        text.push_str(&wound);
        text.extend(whole.chars().skip(at + cut));
        read(&text);
    }
}
