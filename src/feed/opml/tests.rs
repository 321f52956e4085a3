use std::time::Duration;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{SourceList, read, write};
use crate::model::{PageSelectors, Priority, SourceKind, SourceSpec, TopicKey, WebUrl};

const BOUNDS: (Duration, Duration) = (Duration::from_mins(30), Duration::from_hours(4));

/// Line, name, address and what it is filed under, of each source; then line and why of what was left out.
fn said(list: &SourceList) -> Vec<String> {
    let sources = list.sources.iter().map(|s| format!("{}: {} {} {:?}", s.line, s.spec.name, s.spec.url, s.filed));
    let left_out = list.left_out.iter().map(|l| format!("{}! {}: {}", l.line, l.name, l.why));
    sources.chain(left_out).collect()
}

fn check(opml: &str, expected: &[&str]) {
    assert_eq!(said(&read(opml.as_bytes(), BOUNDS)), expected);
}

#[test]
fn folders_may_be_nested_and_categories_count_like_them() {
    check(
        "<?xml version='1.0'?>\n<opml version='1.1'><head><title>Mine</title></head><body>\n\
         <outline text='News'>\n<outline title='Inner'><outline type='rss' text='A' xmlUrl='https://a.example/rss'/></outline>\n\
         <outline type='rss' text='B' xmlUrl='https://b.example/rss' category='/Law/UN,arms'></outline></outline>\n\
         <outline text='C' xmlUrl='https://c.example/rss'/></body></opml>",
        &[
            "4: A https://a.example/rss [\"News\", \"Inner\"]",
            "5: B https://b.example/rss [\"News\", \"Law\", \"UN\", \"arms\"]",
            "6: C https://c.example/rss []",
        ],
    );
}

#[test]
fn names_of_attributes_and_elements_are_taken_in_any_case_and_the_address_under_any_name() {
    check(
        "\u{feff}<OPML><BODY><OUTLINE TEXT='A' XMLURL='https://a.example/'/><outline text='B' xmlurl='feed://b.example/rss'/>\
         <outline type='atom' text='C' url='https://c.example/atom'/><outline text='D' xmlUrl='d.example/rss.xml'/></BODY></OPML>",
        &[
            "1: A https://a.example/ []",
            "1: B http://b.example/rss []",
            "1: C https://c.example/atom []",
            "1: D http://d.example/rss.xml []",
        ],
    );
}

#[test]
fn what_was_escaped_twice_is_read_once() {
    check(
        "<opml><body><outline text='x' title='Q &amp;amp; A &amp;#8211; it&amp;#39;s' xmlUrl='https://a.example/?a=1&amp;amp;b=2'/></body></opml>",
        &["1: Q & A – it's https://a.example/?a=1&b=2 []"],
    );
}

#[test]
fn a_list_that_breaks_in_the_middle_keeps_what_can_be_read() {
    check(
        "<opml><body>\n<outline text='A & B' xmlUrl='https://a.example/?x=1&y=2'/>\n<outline text='no end xmlUrl=\n\
         <outline text=\"C\" xmlUrl=\"https://c.example/\">\n</outline></outline></outline></foo>\n\
         <outline text='D' xmlUrl='https://d.example/'/>\n<outline text='E' xmlUrl='https://e.exa",
        &[
            "2: A & B https://a.example/?x=1&y=2 []",
            "4: C https://c.example/ []",
            "6: D https://d.example/ []",
            "7! E: the list breaks off within it",
        ],
    );
}

#[test]
fn a_bare_outline_without_head_or_root_will_do_and_a_plain_list_too() {
    check("<outline text='A' xmlUrl='https://a.example/'/>", &["1: A https://a.example/ []"]);
    check(
        "# mine\nhttps://a.example/feed \"tag\" ~Name\n\nb.example/rss\nnonsense\nhttps://me:pw@c.example/\n",
        &[
            "2: a.example https://a.example/feed []",
            "4: b.example http://b.example/rss []",
            "5! : \"nonsense\" is not a web address (expected http:// or https://)",
            "6! : its address holds a user name or password, which is refused",
        ],
    );
}

#[test]
fn what_is_no_feed_is_left_out_with_the_reason() {
    check(
        "<opml xmlns:frss='https://freshrss.org/opml'><body>\n<outline type='link' text='L' url='https://l.example/'/>\n\
         <outline type='include' text='I' url='https://i.example/list.opml'/>\n<outline text='H' htmlUrl='https://h.example/'/>\n\
         <outline type='HTML+XPath' text='X' xmlUrl='https://x.example/' frss:xPathItem='//li'/>\n\
         <outline text='F' xmlUrl='ftp://f.example/'/><outline text='U' xmlUrl='https://me:pw@u.example/'/>\n\
         <outline text='K' isComment='true'><outline text='k' xmlUrl='https://k.example/'/></outline></body></opml>",
        &[
            "2! L: it is a link to a page; find its feed with: tidings source add https://l.example/",
            "3! I: it stands for another list, https://i.example/list.opml: import that by itself",
            "4! H: it names a page and no feed; find its feed with: tidings source add https://h.example/",
            "5! X: it is read by rules of another program (type \"html+xpath\"); look for its articles with: tidings source add https://x.example/",
            "6! F: \"ftp://f.example/\" is not a web address (expected http:// or https://)",
            "6! U: its address holds a user name or password, which is refused",
            "7! k: it is commented out",
        ],
    );
}

#[test]
fn what_is_no_list_is_fatal() {
    for other in ["", "   ", "{\"a\": 1}", "<html><body>Not found</body></html>", "<opml><body/></opml>", "Just prose."]
    {
        let list = read(other.as_bytes(), BOUNDS);
        assert_eq!((list.sources.len(), list.left_out.len()), (0, 0), "{other}");
        assert!(list.problems.iter().any(|problem| problem.fatal && problem.kind == "not-opml"), "{other}");
    }
}

#[test]
fn languages_are_primary_subtags_and_encodings_are_found_out() {
    let opml = "<?xml version='1.0' encoding='windows-1251'?><opml><body><outline text='\u{41d}\u{43e}\u{432}\u{43e}\u{441}\u{442}\u{438}' \
        language='ru-RU' xmlUrl='https://a.example/'/><outline text='B' language='unknown' xmlUrl='https://b.example/'/></body></opml>";
    let bytes: Vec<u8> = opml
        .chars()
        .map(|c| match u32::from(c) {
            code @ 0x410..=0x44f => u8::try_from(code - 0x410 + 0xc0).unwrap(),
            code => u8::try_from(code).unwrap(),
        })
        .collect();
    let list = read(&bytes, BOUNDS);
    let langs: Vec<_> = list.sources.iter().map(|s| (s.spec.name.as_str(), s.spec.lang.as_deref())).collect();
    assert_eq!(langs, [("Новости", Some("ru")), ("B", None)]);
}

#[test]
fn thousands_of_outlines_that_are_never_closed_are_read_in_one_go() {
    let opml: String = (0..50_000)
        .map(|n| format!("<outline text='{n}' xmlUrl='https://h{n}.example/'>\n"))
        .collect::<Vec<_>>()
        .concat();
    let list = read(opml.as_bytes(), BOUNDS);
    assert_eq!((list.sources.len(), list.sources.last().map(|s| s.line)), (50_000, Some(50_000)));
    assert!(list.sources.iter().all(|source| source.filed.is_empty()));
}

#[test]
fn what_is_written_says_all_that_opml_can_say_in_its_own_words() {
    let mut page = SourceSpec::feed(WebUrl::parse("https://p.example/news").unwrap(), BOUNDS);
    page.kind = SourceKind::Page(PageSelectors {
        item: "ul > li".to_owned(),
        date: Some("time".to_owned()),
        ..PageSelectors::default()
    });
    page.priority = Priority::High;
    let mut feed = SourceSpec::feed(WebUrl::parse("https://f.example/?a=1&b=2").unwrap(), BOUNDS);
    feed.name = "Q \"&\" A".to_owned();
    feed.lang = Some("en".to_owned());
    feed.topics = ["resolution", "arms"].into_iter().filter_map(TopicKey::parse).collect();
    let written = write([&feed, &page], "Sources of tidings", Timestamp::UNIX_EPOCH);
    insta::assert_snapshot!(written);
}

fn text() -> impl Strategy<Value = String> {
    "[ -~\u{e9}\u{416}\u{4e2d}\u{1f600}]{0,12}[!-~\u{416}][ -~\n\t&<>\"']{0,8}"
}

fn kind() -> impl Strategy<Value = SourceKind> {
    let some = || option::of(text());
    let page = (text(), some(), some(), some(), some()).prop_map(|(item, link, title, date, summary)| {
        SourceKind::Page(PageSelectors { item, link, title, date, summary })
    });
    prop_oneof![Just(SourceKind::Feed), Just(SourceKind::List), page]
}

prop_compose! {
    fn source()(
        address in "https?://[a-z]{1,8}\\.example(:8080)?/[a-z/]{0,9}(\\?[a-z]=[a-z0-9&=;%20]{0,9})?",
        name in text(),
        publisher in text(),
        kind in kind(),
        lang in option::of("[a-z]{2,3}"),
        topics in vec("[a-z0-9_-]{1,8}", 0..4),
        min_ms in 1_u64..100_000_000,
        more_ms in 0_u64..2_000_000_000,
        priority in prop_oneof![Just(Priority::Low), Just(Priority::Normal), Just(Priority::High)],
        full_text in any::<bool>(),
    ) -> SourceSpec {
        SourceSpec {
            url: WebUrl::parse(&address).unwrap(),
            name, publisher, kind, lang, priority, full_text,
            topics: topics.iter().filter_map(|key| TopicKey::parse(key)).collect(),
            interval_min: Duration::from_millis(min_ms),
            interval_max: Duration::from_millis(min_ms + more_ms),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_as_it_was(sources in vec(source(), 1..6), title in text()) {
        let list = read(write(&sources, &title, Timestamp::UNIX_EPOCH).as_bytes(), BOUNDS);
        let specs: Vec<SourceSpec> = list.sources.into_iter().map(|source| source.spec).collect();
        prop_assert_eq!(specs, sources);
        prop_assert!(list.left_out.is_empty() && list.problems.is_empty(), "{:?} {:?}", list.left_out, list.problems);
    }

    #[test]
    fn whatever_comes_is_read_without_a_panic(bytes in vec(any::<u8>(), 0..300), cut in 0_usize..400) {
        read(&bytes, BOUNDS);
        let opml = "<opml xmlns:t='https://github.com/tidings/tidings/opml'><body><outline text='A &amp;lt;' t:kind='page' t:item='li' \
            url='https://a.example/'/><outline text='B'><outline xmlUrl='https://b.example/' t:intervalMinSeconds='1.5'/></outline></body></opml>";
        let mut damaged = opml.as_bytes().to_vec();
        for (at, byte) in bytes.iter().enumerate() {
            let place = (cut + at * 7) % damaged.len();
            damaged[place] = *byte;
        }
        damaged.truncate(cut);
        read(&damaged, BOUNDS);
    }
}
