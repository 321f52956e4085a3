//! What list and article pages come to.

use proptest::prelude::*;

use super::{Selectors, article, list};
use crate::model::{Article, PageSelectors, WebUrl};

// What articles are made of.
pub(super) const LEAD: &str = "The General Assembly adopted the resolution without a vote, and delegates of both countries spoke of a success for all.";
pub(super) const MORE: &str = "The text had been submitted in October; more than a hundred countries joined its sponsors before the vote was called.";
pub(super) const LAST: &str =
    "A first report is due next year, said the chair, who thanked the drafters for their patience in the long talks.";

pub(super) fn read_at(url: &str, html: &str) -> Article {
    article(html.as_bytes(), None, &WebUrl::parse(url).unwrap())
}

pub(super) fn read(html: &str) -> Article {
    read_at("https://www.news.example/2021/adopted", html)
}

pub(super) fn check_text(html: &str, expected: &[&str]) {
    let text = read(html).text;
    assert_eq!(text.lines().collect::<Vec<_>>(), expected, "{html}");
}

fn at() -> WebUrl {
    WebUrl::parse("https://news.example/world/").unwrap()
}

fn selectors() -> Selectors {
    Selectors::compile(&PageSelectors {
        item: "ul.news > li".to_owned(),
        link: Some("a.headline".to_owned()),
        date: Some("time".to_owned()),
        summary: Some("p".to_owned()),
        title: None,
    })
    .unwrap()
}

#[test]
fn a_list_page_gives_an_entry_for_each_item_with_a_link() {
    let html = r##"<html lang="en"><title>World</title><ul class="news">
        <li><a class="headline" href="/2021/a?x=1&amp;y=2">Q &amp; A</a><time datetime="2021-12-06T12:00:00+03:00">6 Dec</time><p>Lead</p></li>
        <li><a class="headline" href="#top">Up</a></li><li>No link</li>
        <li><a class="headline" href="/2021/b">Second</a><time>05.12.2021</time></li></ul>"##;
    let parsed = list(html.as_bytes(), None, &at(), &selectors());
    let seen: Vec<_> = parsed
        .entries
        .iter()
        .map(|e| (e.link.as_deref().unwrap(), e.title.as_deref().unwrap(), e.published.map(|t| t.to_string())))
        .collect();
    assert_eq!(
        seen,
        [
            ("https://news.example/2021/a?x=1&y=2", "Q &amp; A", Some("2021-12-06T09:00:00Z".to_owned())),
            ("https://news.example/2021/b", "Second", Some("2021-12-05T00:00:00Z".to_owned())),
        ]
    );
    assert_eq!(parsed.fatal(), None);
}

#[test]
fn one_date_of_a_list_tells_where_the_others_have_their_month() {
    let html = r#"<ul class="news"><li><a class="headline" href="/a">A</a><time>12/05/2024</time></li>
        <li><a class="headline" href="/b">B</a><time>12/16/2024</time></li></ul>"#;
    let parsed = list(html.as_bytes(), None, &at(), &selectors());
    let days: Vec<_> = parsed.entries.iter().filter_map(|e| e.published).map(|t| t.to_string()).collect();
    assert_eq!(days, ["2024-12-05T00:00:00Z", "2024-12-16T00:00:00Z"]);
}

#[test]
fn a_list_that_a_changed_layout_has_emptied_is_a_problem_not_silence() {
    let parsed = list(b"<ol><li><a href=/a>New look</a></ol>", None, &at(), &selectors());
    let problem = parsed.fatal().unwrap();
    assert_eq!(
        (problem.kind, problem.detail.as_str()),
        ("empty-list", "the item selector matches nothing on the page")
    );
}

#[test]
fn an_article_page_gives_what_its_metadata_says_and_its_text_without_the_furniture() {
    let html = r#"<html lang="en"><head><title>Adopted | News</title>
        <link rel="canonical" href="https://www.news.example/2021/adopted"><meta property="og:title" content="Resolution adopted">
        <script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","headline":"Resolution adopted",
        "datePublished":"2021-12-06T15:00:00Z","author":[{"name":"A. Writer"}],"inLanguage":"en-GB"}]}</script></head>
        <body><nav><a href="/">Home</a></nav><article><h1>Resolution adopted</h1>
        <p>The General Assembly adopted the resolution without a vote, and delegates of both countries spoke of a success for all.</p>
        <p>The text had been submitted in October; more than a hundred countries joined its sponsors before the vote was called.</p>
        </article><footer>All rights reserved</footer></body></html>"#;
    let read = article(html.as_bytes(), None, &at());
    assert_eq!(read.title.as_deref(), Some("Resolution adopted"));
    assert_eq!(read.canonical.as_deref(), Some("https://www.news.example/2021/adopted"));
    assert_eq!(read.published.map(|t| t.to_string()).as_deref(), Some("2021-12-06T15:00:00Z"));
    assert_eq!((read.author.as_deref(), read.lang.as_deref()), (Some("A. Writer"), Some("en-GB")));
    assert!(read.text.contains("more than a hundred countries") && !read.text.contains("All rights"), "{}", read.text);
}

#[test]
fn a_page_nested_without_end_is_refused_at_once() {
    for piece in ["<div>", "<div></x>", "<script></SCRIPT><div>", "<div><table></div></table>", "<DIV><!-- </div> -->"]
    {
        let html = piece.repeat(50_000);
        assert_eq!(list(html.as_bytes(), None, &at(), &selectors()).fatal().unwrap().kind, "too-deep", "{piece}");
        assert!(article(html.as_bytes(), None, &at()).text.is_empty());
    }
}

#[test]
fn a_sloppy_page_that_is_long_but_flat_is_read() {
    let item = "<li><a class=headline href=/2021/a><b>One</a><p>Text<br>more<div><script>if (a<div) {}</script></div>";
    let html = format!("<ul class=news>{}</ul>", item.repeat(400));
    let parsed = list(html.as_bytes(), None, &at(), &selectors());
    assert_eq!((parsed.fatal(), parsed.entries.len()), (None, 1));
}

#[test]
fn links_of_a_list_are_resolved_against_the_base_that_the_page_names() {
    let html = "<base href='/en/'><ul class=news><li><a class=headline href=a>One</a></ul>";
    let parsed = list(html.as_bytes(), None, &at(), &selectors());
    assert_eq!(parsed.entries[0].link.as_deref(), Some("https://news.example/en/a"));
}

#[test]
fn a_page_in_windows_1251_is_read_by_its_meta_element() {
    let page = "<meta charset=windows-1251><ul class=news><li><a class=headline href=/a>Резолюция</a></ul>";
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(page);
    assert_eq!(list(&bytes, None, &at(), &selectors()).entries[0].title.as_deref(), Some("Резолюция"));
}

#[test]
fn a_selector_that_is_none_is_named() {
    let broken = PageSelectors { item: "li".to_owned(), date: Some("time[".to_owned()), ..PageSelectors::default() };
    let error = Selectors::compile(&broken).unwrap_err();
    assert_eq!((error.name, error.text.as_str()), ("date", "time["));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_page_is_read_without_a_panic(html in "(<[a-z]{0,5}[ a-z=\"'>/]{0,8}|[a-z &;]{0,9}){0,40}") {
        list(html.as_bytes(), None, &at(), &selectors());
        article(html.as_bytes(), None, &at());
    }
}
