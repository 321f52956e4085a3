//! One document a fault, as publishers have sent them.

use proptest::prelude::{ProptestConfig, any, prop, prop_assert, proptest};

use super::{item, kinds, read};
use crate::feed::{Hints, parse};
use crate::model::{DocumentKind, Entry, Parsed};
use crate::text;

fn title(entry: &Entry) -> Option<String> {
    entry.title.as_deref().map(text::title)
}

fn titles(parsed: &Parsed) -> Vec<String> {
    parsed.entries.iter().filter_map(title).collect()
}

fn fatal(document: &[u8]) -> (&'static str, String) {
    let parsed = parse(document, &Hints::default());
    let problem = parsed.fatal().expect("the document can't be read");
    (problem.kind, problem.detail.clone())
}

#[test]
fn rss_gives_every_field_of_an_entry() {
    let entry = item(
        "<title>A &amp; B</title><link>/a?x=1&amp;y=2</link><guid isPermaLink='false'> id-1 </guid>
         <description>Short &lt;b&gt;words&lt;/b&gt;</description><content:encoded><![CDATA[<p>Long</p>]]></content:encoded>
         <pubDate>Mon, 06 Dec 2021 10:00:00 +0300</pubDate><dc:creator>Ann Lee</dc:creator>
         <enclosure url='https://example.org/a.mp3' type='audio/mpeg' length='12'/>",
    );
    assert_eq!(entry.id.as_deref(), Some("id-1"));
    assert_eq!(entry.link.as_deref(), Some("https://example.org/a?x=1&y=2"));
    assert_eq!(title(&entry).as_deref(), Some("A & B"));
    assert_eq!(entry.summary.as_deref(), Some("Short <b>words</b>"));
    assert_eq!(entry.content.as_deref(), Some("<p>Long</p>"));
    assert_eq!(entry.published.unwrap().to_string(), "2021-12-06T07:00:00Z");
    assert_eq!(entry.author.as_deref(), Some("Ann Lee"));
    assert_eq!(entry.enclosures.len(), 1);
    assert_eq!(entry.enclosures[0].length, Some(12));
}

#[test]
fn atom_gives_every_field_of_an_entry() {
    let parsed = read(
        "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en'><title>News</title>
         <link rel='self' href='feed.xml'/><link href='/'/><entry xml:base='https://other.example/x/'><id>tag:1</id>
         <title type='html'>One &amp;amp; two</title><link rel='alternate' href='page'/>
         <published>2021-12-06T10:00:00Z</published><updated>2021-12-07T10:00:00Z</updated>
         <content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>Text<br>more</p></div></content>
         <author><name>Ann</name></author></entry></feed>",
    );
    assert_eq!(parsed.kind, DocumentKind::Atom);
    assert_eq!(parsed.home.as_deref(), Some("https://example.org/"));
    assert_eq!(parsed.lang.as_deref(), Some("en"));
    let entry = &parsed.entries[0];
    assert_eq!(entry.id.as_deref(), Some("tag:1"));
    assert_eq!(title(entry).as_deref(), Some("One & two"));
    assert_eq!(entry.link.as_deref(), Some("https://other.example/x/page"));
    assert_eq!(entry.published.unwrap().to_string(), "2021-12-06T10:00:00Z");
    assert_eq!(entry.updated.unwrap().to_string(), "2021-12-07T10:00:00Z");
    assert!(entry.content.as_deref().unwrap().contains("Text"));
}

#[test]
fn json_feed_may_have_numbers_for_ids_and_null_items() {
    let parsed = read(
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"J","home_page_url":"https://example.org/","items":[
           null,{"id":7,"url":"/a","title":"A < B","content_text":"x","date_published":"2021-12-06T10:00:00+03:00",
           "authors":[{"name":"Ann"}]}]}"#,
    );
    assert_eq!((parsed.kind, parsed.entries.len()), (DocumentKind::JsonFeed, 1));
    assert_eq!(parsed.entries[0].id.as_deref(), Some("7"));
    assert_eq!(parsed.entries[0].link.as_deref(), Some("https://example.org/a"));
    assert_eq!(parsed.entries[0].published.unwrap().to_string(), "2021-12-06T07:00:00Z");
    let undated = br#" {"items":[{"id":1.5,"title":"A"},null,{"id":"x","date_published":null}]}"#;
    for content_type in ["text/html; charset=utf-8", "text/plain", "application/xml"] {
        let parsed = parse(undated, &Hints { content_type: Some(content_type), url: None });
        let ids: Vec<_> = parsed.entries.iter().map(|entry| (entry.id.as_deref(), entry.published)).collect();
        assert_eq!(ids, [(Some("1.5"), None), (Some("x"), None)], "{content_type}");
    }
}

#[test]
fn words_about_feeds_make_no_xml_of_a_json_feed() {
    let parsed = read(
        r#"{"version":"https://jsonfeed.org/version/1.1","title":"On feeds","items":[
           {"id":"1","url":"https://example.org/1","title":"<rss> or <feed>?","content_text":"It begins with <feed xmlns=..."}]}"#,
    );
    assert_eq!((parsed.kind, parsed.entries.len()), (DocumentKind::JsonFeed, 1));
}

#[test]
fn an_element_that_is_blank_says_less_than_one_that_speaks() {
    let entry = item(
        "<title><![CDATA[]]></title><itunes:title>Real</itunes:title><description><![CDATA[ \n]]></description>
         <itunes:summary>Words</itunes:summary><author> </author><dc:creator>Ann</dc:creator>
         <content:encoded>&nbsp;</content:encoded><content:encoded>Text</content:encoded>",
    );
    assert_eq!((title(&entry).as_deref(), entry.author.as_deref()), (Some("Real"), Some("Ann")));
    assert_eq!((entry.summary.as_deref(), entry.content.as_deref()), (Some("Words"), Some("Text")));
}

#[test]
fn undeclared_entities_become_characters_and_unknown_names_stay() {
    let entry = item("<title>Caf&eacute;&nbsp;&mdash; &alpha; D&D &unknown; &#150; &#8; AT&amp;T</title>");
    assert_eq!(title(&entry).as_deref(), Some("Café — α D&D &unknown; – AT&T"));
}

#[test]
fn two_references_to_the_halves_of_a_character_are_one() {
    let entry = item(
        "<title>Hi &#55357;&#56832; &#xD83D;&#xDE00; &#55357; end</title>
         <description><![CDATA[<p>&#55357;&#56832;</p>]]></description>",
    );
    assert_eq!(title(&entry).as_deref(), Some("Hi \u{1f600} \u{1f600} end"));
    assert_eq!(text::plain(entry.summary.as_deref().unwrap(), 99), "\u{1f600}");
}

#[test]
fn an_ampersand_that_begins_no_reference_is_text() {
    let entry = item("<title>D&D: filters & fc-rDNS, a&copy b</title><link>https://example.org/?a=1&copy=2&b=3</link>");
    assert_eq!(title(&entry).as_deref(), Some("D&D: filters & fc-rDNS, a&copy b"));
    assert_eq!(entry.link.as_deref(), Some("https://example.org/?a=1&copy=2&b=3"));
}

#[test]
fn what_xml_forbids_is_dropped_and_c1_controls_are_read_as_windows_1252_raw_or_referred_to() {
    let forbidden = item("<title>A\u{8}\u{10}\u{13}\u{18}\u{1c}\u{1e}&#x1f;&#0;B</title><link>/a\u{b}</link>");
    assert_eq!(title(&forbidden).as_deref(), Some("AB"));
    assert_eq!(forbidden.link.as_deref(), Some("https://example.org/a"));
    let entry = item("<title>\u{93}A\u{94} \u{96} &#147;B&#x94; &#128;5</title>");
    assert_eq!(title(&entry).as_deref(), Some("\u{201c}A\u{201d} \u{2013} \u{201c}B\u{201d} \u{20ac}5"));
}

#[test]
fn control_characters_and_junk_before_the_root_are_dropped() {
    let parsed = read(
        "\n\u{feff}<br />Warning: x\n<?xml version='1.0'?><rss><channel><item><title>A\u{8}\u{1c}B</title></item></channel></rss>",
    );
    assert_eq!(titles(&parsed), ["AB"]);
    assert_eq!(parsed.fatal(), None);
}

#[test]
fn a_page_before_a_feed_is_passed_over_and_an_example_in_a_page_is_none() {
    let feed = "<rss version='2.0'><channel><item><title>A</title></item></channel></rss>";
    for before in [
        "<html><body>Warning</body></html><?xml version='1.0'?>",
        "<html lang='ru'>\n",
        "<!DOCTYPE html><html><head><script>x</script></head><body><div>This XML file has no style.</div>",
    ] {
        let parsed = read(&format!("{before}{feed}"));
        assert_eq!((titles(&parsed), kinds(&parsed).first()), (vec!["A".to_owned()], Some(&"junk-before")), "{before}");
    }
    for page in [
        format!("<html><body><script>var example = `{feed}`</script></body></html>"),
        format!("<html><body><!-- {feed} --><p>Words</p></body></html>"),
        "<html><body><rss version='2.0'><channel></channel></rss><p>Words</p></body></html>".to_owned(),
    ] {
        assert_eq!(fatal(page.as_bytes()).0, "not-a-feed", "{page}");
    }
}

#[test]
fn windows_1251_is_read_by_its_declaration_and_by_the_http_charset() {
    let text = "<rss version='2.0'><channel><item><title>\u{413}\u{435}\u{43d}</title></item></channel></rss>";
    let body = encoding(text);
    let declared = [b"<?xml version='1.0' encoding='windows-1251'?>".as_slice(), &body].concat();
    assert_eq!(titles(&parse(&declared, &Hints::default())), ["\u{413}\u{435}\u{43d}"]);
    let hints = Hints { content_type: Some("text/xml; charset=windows-1251"), url: None };
    assert_eq!(titles(&parse(&body, &hints)), ["\u{413}\u{435}\u{43d}"]);
}

#[test]
fn what_calls_itself_utf_8_and_is_windows_1251_is_read_as_what_it_is_and_that_is_said() {
    let name = "\u{410}\u{441}\u{441}\u{430}\u{43c}\u{431}\u{43b}\u{435}\u{44f} \u{43f}\u{440}\u{438}\u{43d}\u{44f}\u{43b}\u{430} \u{440}\u{435}\u{437}\u{43e}\u{43b}\u{44e}\u{446}\u{438}\u{44e}";
    let body = encoding(&format!(
        "<?xml version='1.0' encoding='UTF-8'?><rss><channel><item><title>{name}</title></item></channel></rss>"
    ));
    let parsed = parse(&body, &Hints { content_type: Some("application/rss+xml; charset=utf-8"), url: None });
    assert_eq!(titles(&parsed), [name]);
    assert_eq!(kinds(&parsed), ["bad-encoding"]);
}

fn encoding(text: &str) -> Vec<u8> {
    let byte = |c: char| u8::try_from(u32::from(c)).unwrap_or_else(|_| u8::try_from(u32::from(c) - 0x350).unwrap());
    text.chars().map(byte).collect()
}

#[test]
fn utf_16_is_read_though_feed_rs_would_panic_on_it() {
    let text =
        "<?xml version='1.0' encoding='utf-16'?><rss><channel><item><title>\u{413}</title></item></channel></rss>";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(titles(&parse(&bytes, &Hints::default())), ["\u{413}"]);
}

#[test]
fn rss_of_any_version_and_none_is_read() {
    for root in
        ["<rss>", "<rss version='0.93'>", "<RSS version='2.0.1'>", "<rss xmlns='http://backend.userland.com/rss2'>"]
    {
        let parsed = read(&format!("{root}<channel><item><title>A</title></item></channel></rss>"));
        assert_eq!(titles(&parsed), ["A"], "{root}");
    }
}

#[test]
fn rdf_and_atom_03_are_read() {
    let rdf = read(
        "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>
         <channel><title>R</title></channel><item><title>A</title><link>https://example.org/a</link>
         <dc:date>2021-12-06</dc:date></item></rdf:RDF>",
    );
    assert_eq!((rdf.title.as_deref(), titles(&rdf)), (Some("R"), vec!["A".to_owned()]));
    let atom = read(
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>Old</title><entry><title>B</title>
         <issued>2003-12-06T10:00:00Z</issued></entry></feed>",
    );
    assert_eq!(titles(&atom), ["B"]);
    assert!(atom.entries[0].published.is_some());
}

#[test]
fn an_item_left_open_ends_where_the_next_begins() {
    let parsed = read("<rss><channel><item><title>A</title><item><title>B</title></item></b></channel></rss>");
    assert_eq!(titles(&parsed), ["A", "B"]);
}

#[test]
fn end_tags_that_cross_close_what_they_name_and_nothing_else() {
    let parsed = read(
        "<rss><channel><item><title><b>A</title></b><link>/a</link></i></item></item><item><title>B</title></channel></rss>",
    );
    assert_eq!(titles(&parsed), ["A", "B"]);
    assert_eq!(parsed.entries[0].link.as_deref(), Some("https://example.org/a"));
    assert_eq!(parsed.fatal(), None);
}

#[test]
fn a_cut_document_keeps_what_is_whole() {
    let whole = "<item><title>A</title><guid>1</guid></item>";
    let parsed = read(&format!("<rss><channel>{whole}<item><title>B</title><guid>2</guid><description>cut h"));
    assert_eq!(titles(&parsed), ["A", "B"]);
    assert!(parsed.problems.iter().any(|problem| problem.kind == "truncated" && !problem.fatal));
    assert_eq!(titles(&read(&format!("<rss><channel>{whole}<item><title>B"))), ["A"]);
    assert_eq!(
        titles(&read(&format!("<rss><channel>{whole}<item><title><![CDATA[B</title><guid>2</guid></item>"))),
        ["A", "B"]
    );
}

#[test]
fn html_inside_a_description_is_its_text() {
    let entry = item(
        "<title>A <b>bold</b> claim</title><description><p>One<br>two</p><img src=x></description><link>/a</link>",
    );
    assert_eq!(title(&entry).as_deref(), Some("A bold claim"));
    assert_eq!(entry.summary.as_deref(), Some("<p>One<br>two</p><img src=\"x\">"));
    assert_eq!(entry.link.as_deref(), Some("https://example.org/a"));
}

#[test]
fn a_media_title_is_not_the_items_title() {
    let entry = item("<title>A</title><media:title>photo</media:title>");
    assert_eq!(title(&entry).as_deref(), Some("A"));
}

#[test]
fn an_id_is_never_invented_and_one_for_all_is_none() {
    assert_eq!(item("<title>A</title><link>https://example.org/a</link>").id, None);
    let same = "<item><guid>site</guid><link>/a</link></item><item><guid>site</guid><link>/b</link></item>";
    let parsed = read(&format!("<rss><channel>{same}</channel></rss>"));
    assert!(parsed.entries.iter().all(|entry| entry.id.is_none() && entry.link.is_some()));
}

#[test]
fn a_guid_that_is_an_address_stands_in_for_a_missing_link() {
    assert_eq!(item("<guid>https://example.org/g</guid>").link.as_deref(), Some("https://example.org/g"));
    assert_eq!(item("<guid>x</guid><link>javascript:alert(1)</link>").link, None);
}

#[test]
fn an_item_that_makes_feed_rs_panic_costs_no_other_item() {
    let bad = "<item><title>Bad</title><author>me@example.com\u{a0}(Zoe Smith)</author></item>";
    let parsed = read(&format!("<rss><channel><title>T</title>{bad}<item><title>Good</title></item></channel></rss>"));
    assert!(titles(&parsed).contains(&"Good".to_owned()));
    assert_eq!(parsed.title.as_deref(), Some("T"));
    assert_eq!(parsed.fatal(), None);
}

#[test]
fn a_page_in_the_feeds_place_is_named() {
    let page = b"<!DOCTYPE html><html><head><title>Sign in &amp; read</title></head><body><rss></rss></body></html>";
    assert_eq!(fatal(page), ("not-a-feed", "an HTML page in the feed's place, titled \"Sign in & read\"".to_owned()));
    assert_eq!(fatal(b"Not found").0, "not-a-feed");
    assert_eq!(fatal(b"{\"error\":1}").0, "not-a-feed");
    assert_eq!(fatal(b" \n").0, "empty");
    assert_eq!(fatal(b"").0, "empty");
    assert_eq!(fatal(b"{\"items\":[").0, "malformed");
}

#[test]
fn what_is_nested_too_deep_is_left_out_and_the_rest_is_read() {
    let nested = |depth: usize| {
        let (open, close) = ("<media:group>".repeat(depth), "</media:group>".repeat(depth));
        format!("<rss><channel><item><title>A</title>{open}{close}</item></channel></rss>")
    };
    let deep = read(&nested(1_000));
    assert_eq!(titles(&deep), ["A"]);
    assert_eq!(kinds(&deep), ["too-deep"]);
    assert_eq!(deep.fatal(), None);
    assert_eq!(read(&nested(190)).problems, []);
}

#[test]
fn hostile_documents_take_no_more_than_linear_time() {
    let start = "<rss><channel><item><title>A</title>";
    for piece in ["<!--", "<![CDATA[", "<a b=\"", "&", "<", "</x>", "<item>", "<p/>", "<!x", "<?x", "&#x"] {
        drop(read(&format!("{start}{}", piece.repeat(20_000))));
        drop(read(&piece.repeat(20_000)));
    }
}

#[test]
fn no_more_than_the_newest_two_thousand_entries_are_kept() {
    let items: String =
        (0..2_100).flat_map(|n| ["<item><guid>".to_owned(), n.to_string(), "</guid></item>".to_owned()]).collect();
    let parsed = read(&format!("<rss><channel>{items}</channel></rss>"));
    assert_eq!(parsed.entries.len(), 2_000);
    assert_eq!(parsed.entries[0].id.as_deref(), Some("0"));
}

#[test]
fn what_was_mended_is_said_once_for_each_kind_with_its_place() {
    let document =
        "<rss><channel><item><title>A & B & C</title><link>/a</link><pubDate>soon</pubDate></item></channel></rss>";
    let parsed = read(document);
    assert_eq!(kinds(&parsed), ["unreadable-date", "bare-ampersand"]);
    let ampersand = parsed.problems.last().unwrap();
    assert_eq!(ampersand.offset, document.find('&'));
    assert!(ampersand.detail.contains("2 times"), "{}", ampersand.detail);
    assert_eq!(parsed.problems[0].offset, document.find("<pubDate>"));
    assert_eq!(parsed.entries[0].published, None);
    let marked = [b"\xEF\xBB\xBF".as_slice(), document.as_bytes()].concat();
    let after_mark = parse(&marked, &Hints::default()).problems.pop().unwrap();
    assert_eq!(after_mark.offset, document.find('&').map(|at| at + 3));
}

#[test]
fn a_field_left_open_ends_where_the_next_begins() {
    let entry =
        item("<title>A<link>/a</link><description>Text <b>bold<pubDate>Mon, 06 Dec 2021 10:00:00 GMT</pubDate><guid>1");
    assert_eq!((title(&entry).as_deref(), entry.link.as_deref()), (Some("A"), Some("https://example.org/a")));
    assert!(entry.published.is_some());
    assert_eq!(entry.id.as_deref(), Some("1"));
}

#[test]
fn a_stray_section_or_comment_swallows_no_items() {
    let items =
        "<item><title><![CDATA[A</title><guid>1</guid></item><item><title><![CDATA[B]]></title><guid>2</guid></item>";
    assert_eq!(titles(&read(&format!("<rss><channel>{items}</channel></rss>"))), ["A", "B"]);
    let items = "<item><title>A</title><!-- <guid>1</guid></item><item><title>B</title></item>";
    assert_eq!(titles(&read(&format!("<rss><channel>{items}</channel></rss>"))), ["A", "B"]);
}

#[test]
fn a_value_without_its_quote_swallows_no_tags() {
    let entry = item("<enclosure url=\"https://example.org/a.mp3 length=\"5\"/><title>A</title><link>/a</link>");
    assert_eq!(title(&entry).as_deref(), Some("A"));
    assert_eq!(entry.enclosures[0].url, "https://example.org/a.mp3");
}

#[test]
fn a_document_that_came_packed_is_named_so() {
    let packed = |start: &[u8]| fatal(&[start, b"\x08\0\0\0\xff\0\x03<\0"].concat());
    for (start, coding) in [(&[0x1f, 0x8b][..], "gzip"), (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"), (&[0x78, 0x9c], "zlib")] {
        let (kind, detail) = packed(start);
        assert_eq!(kind, "packed");
        assert!(detail.contains(&format!("packed with {coding}")), "{detail}");
    }
    assert_eq!(titles(&read("x^<rss><channel><item><title>A</title></item></channel></rss>")), ["A"]);
}

#[test]
fn of_two_documents_in_one_the_first_that_is_not_empty_counts() {
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom'/>";
    let rss = "<rss><channel><title>T</title><item><title>A</title></item></channel></rss>";
    let parsed = read(&format!("{atom}{rss}"));
    assert_eq!((parsed.kind, titles(&parsed)), (DocumentKind::Rss, vec!["A".to_owned()]));
    let filled =
        "<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'><entry><title>B</title></entry></feed>";
    assert_eq!(titles(&read(&format!("<?xml version='1.0'?>{atom}\n{filled}"))), ["B"]);
}

#[test]
fn a_feed_under_html_s_document_type_is_a_feed() {
    let parsed = read("<!DOCTYPE html><rss><channel><item><title>A</title></item></channel></rss>");
    assert_eq!(titles(&parsed), ["A"]);
}

#[test]
fn a_page_in_a_feeds_place_names_its_feeds() {
    let parsed = read(
        "<html><head><base href='/sub/'><link rel='alternate' type='application/rss+xml' href='feed?a=1&amp;b=2'>
         <LINK REL=alternate TYPE='application/atom+xml' HREF='https://example.net/atom'><link rel='alternate' hreflang='de'
         href='/de'><link rel='stylesheet' href='x.css'></head></html>",
    );
    assert_eq!(parsed.fatal().unwrap().kind, "not-a-feed");
    assert_eq!(parsed.alternatives, ["https://example.org/sub/feed?a=1&b=2", "https://example.net/atom"]);
}

#[test]
fn an_alternate_of_plain_xml_or_called_a_feed_is_one_and_others_are_none() {
    let named =
        |link: &str| read(&format!("<html><head><link rel='alternate' {link} href='/x'></head></html>")).alternatives;
    let is_feed = |link: &str| named(link) == ["https://example.org/x"];
    assert!(is_feed("type='text/xml' title='News'"));
    assert!(is_feed("type='application/xml; charset=utf-8'"));
    assert!(is_feed("title='Новости (RSS-канал)'") && is_feed("title='Atom 1.0'"));
    assert!(!is_feed("type='text/xml+oembed' title='RSS'"));
    assert!(!is_feed("type='text/html' title='RSS'"));
    assert!(!is_feed("title='Feedback'") && !is_feed("hreflang='de'"));
}

#[test]
fn addresses_are_mended_and_only_web_addresses_are_links() {
    let link = |written: &str| item(&format!("<link>{written}</link>")).link;
    assert_eq!(link(" \n https://example.org/a b ").as_deref(), Some("https://example.org/a%20b"));
    assert_eq!(link("https://example.org/?a=1&amp;amp;b=2").as_deref(), Some("https://example.org/?a=1&b=2"));
    assert_eq!(link("feed://example.org/x").as_deref(), Some("http://example.org/x"));
    assert_eq!(link("//example.net/y").as_deref(), Some("https://example.net/y"));
    assert_eq!(link("https://пример.example/путь").as_deref(), Some("https://пример.example/путь"));
    assert_eq!(link("www.example.net/news/1").as_deref(), Some("https://www.example.net/news/1"));
    assert_eq!(link("www.html").as_deref(), Some("https://example.org/news/www.html"));
    assert_eq!(link("http:///news/1/").as_deref(), Some("https://example.org/news/1/"));
    assert_eq!(link("http:///www.example.net/1").as_deref(), Some("http://www.example.net/1"));
    assert_eq!(link("http://https://example.net/1").as_deref(), Some("https://example.net/1"));
    assert_eq!(link("http://https//example.net/1").as_deref(), Some("https://example.net/1"));
    let escaped = "<![CDATA[https://example.org/?post_type=event&#038;p=1]]>";
    assert_eq!(link(escaped).as_deref(), Some("https://example.org/?post_type=event&p=1"));
    let anchor = "&lt;a class=&quot;more&quot; href=&quot;https://example.net/n/1&quot;&gt;view&lt;/a&gt;";
    assert_eq!(link(anchor).as_deref(), Some("https://example.net/n/1"));
    for hostile in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://", "http://[::1"] {
        assert_eq!(link(hostile).filter(|link| !link.starts_with("https://example.org/")), None, "{hostile}");
    }
}

#[test]
fn json_that_is_cut_off_or_broken_keeps_each_item_that_is_whole() {
    let parsed =
        read(r#"{"title":"J","items":[{"id":"1","url":"/a"},{"id":"2","url":"/b",},{"id":"3","url":"/c"},{"id":"4","#);
    let ids: Vec<_> = parsed.entries.iter().filter_map(|entry| entry.id.as_deref()).collect();
    assert_eq!((ids, parsed.title.as_deref()), (vec!["1", "3"], Some("J")));
    assert_eq!(kinds(&parsed), ["unreadable-item", "cut-entry", "truncated"]);
}

const SAMPLE: &str = "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'>
<channel><title>T</title><link>https://example.org/</link><ttl>60</ttl><item><title>A &amp; B</title><link>/a</link>
<guid>1</guid><pubDate>Mon, 06 Dec 2021 10:00:00 +0300</pubDate><description><![CDATA[<p>x</p>]]></description>
<author>a@example.org (Ann)</author><media:group><media:content url='https://example.org/i.png'/></media:group></item>
<item><title>C</title><guid>2</guid><enclosure url='https://example.org/a.mp3' length='1' type='audio/mpeg'/></item></channel></rss>";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        drop(parse(&bytes, &Hints::default()));
    }

    #[test]
    fn any_markup_is_read_without_a_panic(text in "(<rss>|<feed>|<item>|<entry>|</item>|<title|title>|<!--|-->|<!\\[CDATA\\[|\\]\\]>|[a-z<>/&;:='\" é]|xmlns:){0,40}") {
        drop(read(&format!("<rss><channel>{text}")));
        drop(read(&text));
    }

    #[test]
    fn a_damaged_feed_is_read_without_a_panic(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_usize..3), 1..6),
    ) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for (at, byte, how) in edits {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        let parsed = parse(&bytes, &Hints::default());
        prop_assert!(parsed.entries.len() <= 4);
    }
}
