//! Who wrote an article, as its page shows it.

use crate::page::tests::{LEAD, MORE, read};

fn check(byline: &str, expected: Option<&str>) {
    let read = read(&format!("<main><h1>Adopted</h1>{byline}<p>{LEAD}</p><p>{MORE}</p></main>"));
    assert_eq!(read.author.as_deref(), expected, "{byline}");
    assert_eq!(read.text.lines().collect::<Vec<_>>(), [LEAD, MORE], "{byline}");
}

fn read_author(byline: &str) -> Option<String> {
    read(&format!("<main><h1>Adopted</h1>{byline}<p>{LEAD}</p><p>{MORE}</p></main>")).author
}

#[test]
fn a_link_elsewhere_or_twice_to_one_place_names_nobody_more() {
    let one = Some("Jane Roe".to_owned());
    // In no line of their own.
    let apart = "<a rel=author href=/j>Jane Roe</a><section><span><span><a rel=author href=/k>John Doe</a></span></span></section>";
    let page = format!("<h1>Adopted</h1><span><span>{apart}</span></span><p>{LEAD}</p>");
    assert_eq!(read(&page).author, one);
    let twice = "<a rel=author href=/author/j>Jane Roe</a> <a rel=author href=/author/j>View All Posts</a>";
    assert_eq!(read_author(&format!("<div>{twice}</div>")), one);
    assert_eq!(read_author(&format!("<div class=byline>{}</div>", twice.replace("rel=author", ""))), one);
    let picture = "<a rel=author href=/author/j><img src=j.jpg></a> <a rel=author href=/author/j>Jane Roe</a>";
    assert_eq!(read_author(&format!("<div>{picture}</div>")), one);
    let host = "<a href=https://news.example/jane>Jane Roe</a> in <a href=https://news.example/world>World News</a>";
    assert_eq!(read_author(&format!("<p class=byline>By {host}</p>")), one);
}

#[test]
fn a_name_that_begins_like_a_byline_is_whole_and_a_button_is_none() {
    let check = |byline: &str, expected: &str| assert_eq!(read_author(byline).as_deref(), Some(expected), "{byline}");
    check("<p><a rel=author href=/d>Di Webster</a></p>", "Di Webster");
    check("<p itemprop=author>Di Webster</p>", "Di Webster");
    check("<p itemprop=author>Von Jane Roe</p>", "Jane Roe");
    check("<p itemprop=author><a href=/j></a><a href=/f>Follow</a> <a href=/j>Jane Roe</a></p>", "Jane Roe");
    check("<p itemprop=author><a href=/j></a>Jane Roe</p>", "Jane Roe");
}

#[test]
fn all_who_stand_in_a_byline_are_named() {
    let both = Some("Jane Roe, John Doe");
    check(
        "<div class=byline>By <a href=/author/j>Jane Roe</a> and <a href=/author/k/>John Doe</a> in <a href=/news/world>World News</a></div>",
        both,
    );
    check("<div><a rel=author href=/a>Jane Roe</a>, <a rel=author href=/b>John Doe</a></div>", both);
    check("<ul class=authors><li><a href=/team/j>Jane Roe</a><li><a href=/team/k>John Doe</a></ul>", both);
    check(
        "<p class=meta>By <a href=https://news.example/author/j>Jane Roe</a> | <a href=https://news.example/world>World News</a></p>",
        Some("Jane Roe"),
    );
}

#[test]
fn an_element_that_says_so_names_the_writer_and_not_a_readers_comment() {
    let person = "itemprop=author itemscope itemtype=https://schema.org/Person";
    check(&format!("<dl><dd {person}>Written by <span itemprop=name>Jane Roe</span></dd></dl>"), Some("Jane Roe"));
    check("<div itemprop=author>By Jane Roe, Reuters</div>", Some("Jane Roe"));
    check("<span itemprop=author>Posted by Jane Roe</span>", Some("Jane Roe"));
    check(&format!("<ul><li {person}><a href=/p/1>Jane Roe</a></li></ul>"), Some("Jane Roe"));
    check("<div class=comments><div class=comment><span itemprop=author>Some Reader</span></div></div>", None);
}

#[test]
fn a_line_under_the_headline_that_begins_with_by_names_the_writer_and_is_no_text() {
    check("<p>By Jane Roe</p>", Some("Jane Roe"));
    check("<div>Von Jane van der Roe, Genf</div>", Some("Jane van der Roe"));
    check("<p>Автор: Анна Иванова</p>", Some("Анна Иванова"));
    check("<p class=from>Por Ana Lima | 6 de dezembro</p>", Some("Ana Lima"));
    // A sentence is none, nor what stands further down.
    let read = read(&format!("<main><h1>Adopted</h1><p>{LEAD}</p><p>By Monday Night</p><p>{MORE}</p></main>"));
    assert_eq!((read.author, read.text), (None, format!("{LEAD}\nBy Monday Night\n{MORE}")));
    check("<h2>By the sea they sat down</h2>", None);
    for heading in ["<h2>Von der Leyen in Kiew</h2>", "<h2>Di Maio Speaks</h2>", "<h2>By Jane Roe</h2>"] {
        let read = read_author(heading);
        assert_eq!(read, None, "{heading}");
    }
    for line in ["<p>By the Numbers</p>", "<p>Text Size Small</p>"] {
        assert_eq!(read_author(line), None, "{line}");
    }
    let both = "<p>By Popular Demand</p><div class=byline>Jane Roe</div>";
    assert_eq!(read_author(both).as_deref(), Some("Jane Roe"));
}
