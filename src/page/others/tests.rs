//! Of several articles on a page the first, or the page's own.

use crate::page::tests::{LAST, LEAD, MORE, check_text, read};

const OTHER: &str =
    "Parliament backed the budget on Sunday morning, after a night of talks that nobody had expected to end well.";

/// The next article: its heading, a byline, and text that is more than the first has.
fn next(heading: &str) -> String {
    let texts = format!("<p>{OTHER}</p>").repeat(9);
    format!(
        "<header>{heading}<time itemprop=datePublished datetime=2021-12-05>5 December</time><div class=byline>By <a href=/author/john>John Doe</a></div></header><div class=article-body>{texts}</div>"
    )
}

#[test]
fn the_article_that_follows_below_is_none_of_the_first() {
    let own = format!("<h1>Adopted</h1><div class=article-body><p>{LEAD}</p><p>{MORE}</p></div>");
    let check = |page: &str| {
        let page = format!("<title>Adopted</title><main>{page}</main>");
        check_text(&page, &[LEAD, MORE]);
        let read = read(&page);
        assert_eq!((read.author, read.published), (None, None), "{page}");
    };
    let (first, linked) = (next("<h1>Budget backed</h1>"), next("<h2><a href=/budget>Budget backed</a></h2>"));
    check(&format!("<article>{own}</article><article>{first}</article>"));
    check(&format!("<article>{own}</article><section class=more><article>{linked}</article></section>"));
    check(&format!("<div class='story is-first'>{own}</div><div class=story>{first}</div>"));
    // The page's own is the second.
    check(&format!("<article>{first}</article><article>{own}</article>"));
}

#[test]
fn what_begins_like_another_article_and_is_a_part_of_this_one_stays() {
    let part = |heading: &str| format!("{heading}<p>{MORE}</p><p>{OTHER}</p>");
    // The moments of a live blog, parts under headings of the first rank, a heading that stands apart.
    let moment = part("<h2><a href='/live#m1'>15:40: The vote</a></h2>");
    check_text(
        &format!(
            "<article><h1>Live: the vote</h1><p>{LEAD}</p></article><article>{moment}</article><article>{moment}</article>"
        ),
        &[LEAD, MORE, OTHER, MORE, OTHER],
    );
    let page = format!("<article><h1>Live: the vote</h1><p>{LEAD}</p></article>");
    for address in ["/2021/adopted?update=12", "https://www.news.example/2021/adopted/12"] {
        let moment = part(&format!("<h2><a href='{address}'>15:40: The vote</a></h2>"));
        check_text(&format!("{page}<article>{moment}</article>"), &[LEAD, MORE, OTHER]);
    }
    // Chapters; a moment that begins with prose, or has a box first; a time below the text of another part.
    check_text(&format!("{page}<article>{}</article>", part("<h1>Who may vote</h1>")), &[LEAD, MORE, OTHER]);
    let late = "<h2><a href=/other>Other</a></h2>";
    check_text(&format!("{page}<article><p>{MORE}</p><p>{OTHER}</p>{late}</article>"), &[LEAD, MORE, OTHER]);
    check_text(&format!("{page}<article><aside>{late}</aside>{}</article>", part("")), &[LEAD, MORE, OTHER]);
    let (own, other) = (format!("<h1>Adopted</h1><p>{LEAD}</p>"), part("<h1>Who may vote</h1>"));
    check_text(
        &format!(
            "<title>Adopted</title><main><div class=row>{own}</div><div class=row>{other}<time>5 May</time></div></main>"
        ),
        &[LEAD, MORE, OTHER],
    );
    let section = |body: &str| format!("<div class=block>{body}</div>");
    check_text(
        &format!(
            "<title>Guidance</title><main>{}{}</main>",
            section(&format!("<h1>Guidance</h1><p>{LEAD}</p><p>{LAST}</p>")),
            section(&part("<h1>Who may vote</h1>"))
        ),
        &[LEAD, LAST, MORE, OTHER],
    );
    check_text(
        &format!("<article><h1>Adopted</h1></article><article>{}</article>", part("<h2><a href=/x>The vote</a></h2>")),
        &[MORE, OTHER],
    );
}

#[test]
fn of_very_many_classes_the_first_are_compared() {
    let classes = |letter: &str| (0..20_000).map(|number| format!("{letter}{number}")).collect::<Vec<_>>().join(" ");
    let own = format!("<div class='{} c'><h1>Adopted</h1><p>{LEAD}</p></div>", classes("a"));
    let other = format!("<div class='{} c'><h1>Backed</h1><time>5 May</time><p>{OTHER}</p></div>", classes("b"));
    check_text(&format!("<title>Adopted</title><main>{own}{other}</main>"), &[LEAD, OTHER]);
}
