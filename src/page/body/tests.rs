//! What of a page is its article's text, and what is others'.

use crate::page::tests::{LAST, LEAD, MORE, check_text};

#[test]
fn a_page_whose_only_text_is_others_gives_none() {
    let teaser = format!("<div class=x2><a href=/v><h3>Another story of the day</h3></a><p>{MORE}</p></div>").repeat(4);
    let reader = format!("<li class=comment><div class=comment-body><p>{MORE} I think, and so do many.</p></div></li>")
        .repeat(3);
    let comments = format!("<section id=comments><h2>3 comments</h2><ol class=comment-list>{reader}</ol></section>");
    let player = "<div class=player><video src=/v.mp4></video></div>";
    let check =
        |rest: &str, expected: &[&str]| check_text(&format!("<main><h1>The vote in full</h1>{rest}</main>"), expected);
    check(&format!("{player}<div class=x1><h2>Up next</h2>{teaser}</div>"), &[]);
    check(&format!("{player}<section class=related-videos>{teaser}</section>"), &[]);
    check(&format!("{player}{comments}"), &[]);
    check_text(
        &format!("<main><h1>The vote</h1><p>It is over.</p></main><section>{teaser}</section>"),
        &["It is over."],
    );
    // But what says more than that, and a digest that is the article.
    check(&format!("<p>{LAST}</p><p>{LEAD}</p><div class=x1>{teaser}</div>{comments}"), &[LAST, LEAD]);
    check_text(&format!("<main><article><h1>This week</h1>{teaser}</article></main>"), &[MORE, MORE, MORE, MORE]);
}
