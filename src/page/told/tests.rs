//! What is read of pages that show no text.

use crate::page::tests::{LAST, LEAD, MORE, check_text};

#[test]
fn a_page_that_only_a_script_draws_tells_its_text_in_its_data() {
    let head = "<meta property=og:title content=Adopted><meta property=article:published_time content=2021-12-06>";
    let page = |rest: &str| {
        format!("{head}<div id=root></div>{rest}<footer><p>All rights reserved, in all countries, {MORE}</p></footer>")
    };
    let more = format!("{MORE} {LAST}");
    let expected = [LEAD, &more, LAST];
    // As markup, beside what is related; as blocks, as parts of lines; as a string.
    let related = format!(r#"{{"title":"Other","slug":"o","body":"<p>{more} {more}</p><p>{LEAD}</p>"}}"#);
    let markup = format!(
        r#"{{"post":{{"title":"Adopted","html":"<p>{LEAD}</p><p>{more}</p><p>{LAST}</p>","more":[{related}]}}}}"#
    );
    check_text(&page(&format!("<script id=__NEXT_DATA__ type=application/json>{markup}</script>")), &expected);
    check_text(&page(&format!("<script>window.__INITIAL_STATE__ = {markup};run()</script>")), &expected);
    let escaped = serde_json::to_string(&markup).unwrap();
    check_text(&page(&format!("<script>window.__STATE__=JSON.parse({escaped})</script>")), &expected);
    let block = |text: &str| format!(r#"{{"type":"text","data":{{"text":"{text}"}}}}"#);
    let blocks = expected.map(block).join(",");
    check_text(&page(&format!(r#"<script>s={{"headline":"Adopted","blocks":[{blocks}]}}</script>"#)), &expected);
    let (start, end) = LEAD.split_at(20);
    check_text(
        &page(&format!(r#"<script>f.content={{"headlines":{{"basic":"Adopted"}},"elements":[{blocks}]}};</script>"#)),
        &expected,
    );
    let parts =
        format!(r#"{{"nodeType":"paragraph","content":[{{"value":"{start}"}},{{"content":[{{"value":"{end}"}}]}}]}}"#);
    check_text(
        &page(&format!(r#"<script>s={{"title":"Adopted","text":{{"content":[{parts},{}]}}}}</script>"#, block(&more))),
        &[LEAD, &more],
    );
    // What has another title is another's; what is shown is better; without a script.
    check_text(&page(&format!("<script>s={related}</script>")), &[]);
    let shown = format!("<h1>Adopted</h1><p>{LAST}</p>");
    check_text(&page(&format!("{shown}<script>s={markup}</script>")), &[LAST]);
    check_text(&page(&format!("<noscript><h1>Adopted</h1><p>{LEAD}</p><p>{more}</p></noscript>")), &[LEAD, &more]);
}

#[test]
fn a_page_without_text_gives_what_it_says_of_its_article() {
    let said = format!("<meta property=og:description content='{LEAD}'>");
    let dated = "<meta property=article:published_time content=2021-12-06>";
    let ask = "<div id=app>This site doesn't work without JavaScript, please enable it to go on.</div>";
    let cookies =
        "<p>We use cookies to improve your experience. By clicking accept all you agree to our use of cookies.</p>";
    check_text(&format!("{dated}{said}{ask}"), &[LEAD]);
    check_text(&format!("{dated}{said}{cookies}"), &[LEAD]);
    // News of scripts are none.
    let flaw = "A vulnerability in the JavaScript engine enables attackers to read memory; native apps are safe, it was found on Monday.";
    check_text(&format!("<h1>Flaw found</h1><p>{flaw}</p>"), &[flaw]);
    let flaw = "Many readers enable JavaScript in documents, which the new flaw abuses, researchers said on Monday.";
    check_text(&format!("{dated}{said}<h1>Flaw found</h1><p>{flaw}</p>"), &[flaw]);
    check_text(
        &format!("{dated}{said}<h1>Adopted</h1><p>{MORE}</p><p>Please enable JavaScript to see comments.</p>"),
        &[MORE, "Please enable JavaScript to see comments."],
    );
    check_text(&format!("{dated}{said}<p>{MORE}</p>"), &[MORE]);
    // A site's word on itself.
    check_text(&format!("{said}{ask}"), &[]);
}

#[test]
fn the_text_in_linked_data_is_read_as_it_was_written() {
    let check = |body: &str, shown: &str, expected: &[&str]| {
        let body = serde_json::to_string(body).unwrap();
        let linked = format!(
            r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"x","articleBody":{body}}}</script>"#
        );
        check_text(&format!("{linked}{shown}"), expected);
    };
    let expected = [LEAD, MORE, LAST];
    let markup = expected.map(|text| format!("<p>{text}</p>")).concat();
    check(&expected.join("\n\n"), "", &expected);
    check(&markup, "", &expected);
    check(&markup.replace('<', "&lt;").replace('>', "&gt;"), "", &expected);
    // A short one where nothing that is shown is prose, and only there.
    check(LEAD, "<p>Subscribe to read on, please.</p>", &[LEAD]);
    check(&format!("{LEAD} {MORE}"), &format!("<p>{LAST}</p>"), &[LAST]);
    check(&expected.join(" "), &markup, &expected);
    // Not for results that are more.
    let results = "<li>Norway 3 Sweden 1".repeat(9);
    check(LEAD, &format!("<h1>Results</h1><ul>{results}</ul>"), &["Norway 3 Sweden 1"; 9]);
}

#[test]
fn the_same_text_in_many_things_is_read_within_bounds() {
    let head = "<meta property=og:title content=Adopted>";
    let text = format!("{MORE} ").repeat(5_000);
    let open = r#"{"title":"Adopted","a":"#.repeat(40);
    let nested = format!(r#"{open}"{text}"{}"#, "}".repeat(40));
    check_text(&format!("{head}<div id=root></div><script>s={nested}</script>"), &[text.trim()]);
    // The text that counts is in the largest of many values.
    let small = r#"a={"b":1};"#.repeat(20);
    let page =
        format!(r#"{head}<div id=root></div><script>{small}s={{"title":"Adopted","a":"{MORE} {LAST}"}}</script>"#);
    check_text(&page, &[&format!("{MORE} {LAST}")]);
}

#[test]
fn quotations_breaks_and_titles_with_the_sites_name_are_read() {
    let page = |head: &str, parts: &str| {
        let data = format!(r#"{{"title":"Adopted","text":{{"type":"doc","content":[{parts}]}}}}"#);
        format!("{head}<div id=root></div><script>s={data}</script>")
    };
    let line = |text: &str| format!(r#"{{"type":"paragraph","content":["{text}"]}}"#);
    let quote = format!(r#"{{"type":"blockquote","content":[{},{}]}}"#, line(LEAD), line(MORE));
    let (start, end) = LAST.split_once(' ').unwrap();
    let broken = format!(
        r#"{{"type":"paragraph","content":[{{"type":"text","text":"{start}"}},{{"type":"hardBreak"}},{{"type":"text","text":"{end}"}}]}}"#
    );
    let parts = format!("{quote},{broken}");
    check_text(&page("<meta property=og:title content='Adopted | News'>", &parts), &[LEAD, MORE, LAST]);
    check_text(&page("<title>Adopted – News</title>", &parts), &[LEAD, MORE, LAST]);
}
