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

#[test]
fn lists_and_headings_that_a_content_system_wraps_are_kept() {
    let list = "<ul><li>93 states for it</li><li>57 states against</li></ul>";
    let expected = [LEAD, MORE, "How they voted", "93 states for it", "57 states against", LAST];
    let page = |part: &dyn Fn(&str, &str) -> String| {
        let parts = [
            part("text-editor", &format!("<p>{LEAD}</p><p>{MORE}</p>")),
            part("heading", "<h2>How they voted</h2>"),
            part("icon-list", list),
            part("text-editor", &format!("<p>{LAST}</p>")),
        ];
        format!("<main><h1>Adopted</h1><div>{}</div></main>", parts.concat())
    };
    let widget = |kind: &str, body: &str| {
        format!(
            "<div class='elementor-element elementor-element-ab{} elementor-widget elementor-widget-{kind}'>{body}</div>",
            kind.len()
        )
    };
    check_text(&page(&widget), &expected);
    let field = |kind: &str, body: &str| {
        format!("<div class='field field--name-{kind} field--label-hidden field__item'>{body}</div>")
    };
    check_text(&page(&field), &expected);
    // But not the widget of other posts.
    let post = "<h3><a href=/p>Another story of the day</a></h3><p>Officials said so on Sunday.</p>".repeat(3);
    check_text(&page(&widget).replace("</div></main>", &format!("{}</div></main>", widget("posts", &post))), &expected);
}

#[test]
fn headings_of_parts_are_kept_wherever_they_stand_in_them() {
    let part = |text: &str| format!("<section><header><h2>What comes next</h2></header><p>{text}</p></section>");
    let expected = ["What comes next", LEAD, "What comes next", MORE, "What comes next", LAST];
    check_text(&format!("<article><h1>Adopted</h1>{}</article>", [LEAD, MORE, LAST].map(part).concat()), &expected);
    let opens = |text: &str| {
        format!(
            "<div class=accordion-item><h3><button>Who may vote?</button></h3><div class=panel><p>{text}</p></div></div>"
        )
    };
    check_text(
        &format!(
            "<main><h1>Adopted</h1><p>{LEAD}</p><div>{}</div><button>Share</button></main>",
            [MORE, LAST].map(opens).concat()
        ),
        &[LEAD, "Who may vote?", MORE, "Who may vote?", LAST],
    );
    // What stands under the headline, and above the menu, heads no part.
    check_text(
        &format!(
            "<section><header><h2>The News</h2><p>Since 1920</p></header></section><article><h1>Adopted</h1><h2>A short text</h2><p>{LEAD}</p><h2>How</h2><p>{MORE}</p></article>"
        ),
        &[LEAD, "How", MORE],
    );
}

#[test]
fn what_is_hidden_is_read_where_it_is_the_rest_of_the_text_or_stands_in_its_place() {
    let rest = format!("<p>{MORE}</p><p>{LAST}</p>");
    check_text(
        &format!(
            "<article><h1>Adopted</h1><p>{LEAD}</p><div style='display:none'>{rest}</div><button>Read on</button></article>"
        ),
        &[LEAD, MORE, LAST],
    );
    check_text(
        &format!("<div><h1>Adopted</h1><div style='visibility: hidden; opacity: 0'>{rest}</div></div>"),
        &[MORE, LAST],
    );
    // A window beside it all, and what is no more than a part of the page's text.
    check_text(
        &format!("<div><h1>Adopted</h1><p>It is over.</p></div><div style='visibility: hidden'>{rest}</div>"),
        &["It is over."],
    );
    check_text(&format!("<div><h1>Adopted</h1>{rest}<div hidden><p>{LEAD}</p></div></div>"), &[MORE, LAST]);
}

#[test]
fn a_header_of_nothing_but_headings_and_headings_of_long_classes_cost_no_more_than_others() {
    let text = format!("<p>{LEAD}</p><p>{MORE}</p>");
    let headings = "<h2>".repeat(30_000);
    check_text(&format!("<main>{text}<section><header>{headings}</header></section></main>"), &[LEAD, MORE]);
    let class = "a".repeat(200_000);
    let headings = "<h2>x</h2>".repeat(10_000);
    check_text(&format!("<main><div>{text}</div></main><div class={class}>{headings}</div>"), &[LEAD, MORE]);
}
