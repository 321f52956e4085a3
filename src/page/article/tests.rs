//! What article pages come to: what they say of themselves, their text, what stands before it.

use proptest::prelude::*;

use crate::model::Wall;
use crate::page::tests::{LAST, LEAD, MORE, check_text, read, read_at};

fn check_canonical(head: &str, expected: Option<&str>) {
    assert_eq!(read(head).canonical.as_deref(), expected, "{head}");
}

fn check_linked(script: &str) {
    let html = format!("<script type='application/ld+json'>{script}</script><h1>Not this</h1>");
    let read = read(&html);
    assert_eq!(read.title.as_deref(), Some("He said \"yes\" & left"), "{script}");
    assert_eq!(read.published.map(|at| at.to_string()).as_deref(), Some("2021-12-06T15:00:00Z"), "{script}");
}

#[test]
fn linked_data_are_read_as_publishers_write_them() {
    let body = r#""headline":"He said \"yes\" &amp; left","datePublished":"2021-12-06T15:00:00Z""#;
    check_linked(&format!(r#"{{"@type":"NewsArticle",{body}}}"#));
    check_linked(&format!(
        r#"[{{"@type":"Organization"}},{{"@type":["Thing","schema:ReportageNewsArticle"],{body}}}]"#
    ));
    check_linked(&format!(r#"{{"@graph":[{{"@type":"WebPage","mainEntity":{{"@type":"Article",{body}}}}}]}}"#));
    check_linked(&format!("<!-- {{\"@type\":\"NewsArticle\", // the type\n{body}, /* and no more */ }}; -->"));
    check_linked(&format!(
        "//<![CDATA[\n{{\"@type\":\"NewsArticle\",\"description\":\"two\nlines\tand \\'quotes\\'\",{body}}}\n//]]>"
    ));
    check_linked(&format!(r#"{{"@type":"NewsArticle","description":"a "bare" quote","keywords":["a","b",],{body},}}"#));
}

#[test]
fn what_the_page_says_of_itself_is_sought_from_the_surest_to_the_least() {
    let html = r#"<html lang=en><head><title>Adopted – News</title><meta name=author content="https://news.example/writers/a">
        <meta property="article:modified_time" content="2021-12-07T08:00:00Z"></head><nav><time datetime=2020-01-01>Archive</time></nav>
        <article lang=fr><h1>Adopted &amp; done</h1><a rel=author href=/a>A. Writer</a><time datetime="2021-12-06T10:00:00+01:00">6 Dec</time>"#;
    let read = read(html);
    assert_eq!((read.title.as_deref(), read.author.as_deref()), (Some("Adopted & done"), Some("A. Writer")));
    assert_eq!(read.published.map(|at| at.to_string()).as_deref(), Some("2021-12-06T09:00:00Z"));
    assert_eq!(read.updated.map(|at| at.to_string()).as_deref(), Some("2021-12-07T08:00:00Z"));
    assert_eq!(read.lang.as_deref(), Some("fr"));
}

/// Title and author of a page titled "UN adopts cyber resolution" with these linked data, a script each.
fn of_linked(scripts: &[&str]) -> (String, Option<String>) {
    let scripts: Vec<_> = scripts
        .iter()
        .map(|script| format!("<script type='application/ld+json; charset=utf-8'>{script}</script>"))
        .collect();
    let html = format!(
        "<link rel=canonical href='/2021/adopted/'><meta property=og:title content='UN adopts cyber resolution | News'>{}\
        <h1>UN adopts cyber resolution</h1><p>{LEAD}</p>",
        scripts.concat()
    );
    let read = read(&html);
    (read.title.unwrap_or_default(), read.author)
}

#[test]
fn of_several_articles_in_linked_data_the_pages_own_is_believed() {
    let own = |author: &str| ("UN adopts cyber resolution".to_owned(), Some(author.to_owned()));
    let other = r#"{"@type":"NewsArticle","headline":"Football final tonight","url":"https://www.news.example/football","author":"Wrong Person"}"#;
    let silent = r#"{"@type":"NewsArticle","headline":"Football final tonight","mainEntityOfPage":true,"author":"Wrong Person"}"#;
    let most_read = format!(
        r#"{{"@type":"ItemList","name":"Most read","itemListElement":[{{"@type":"ListItem","item":{other}}}]}}"#
    );
    // By its address, in each of the members that hold it; the title is the publisher's for machines.
    let seen = of_linked(&[
        &most_read,
        r#"{"@type":"NewsArticle","headline":"Assembly, Friday","url":"http://news.example/2021/adopted","author":"Jane Roe"}"#,
    ]);
    assert_eq!(seen, ("Assembly, Friday".to_owned(), Some("Jane Roe".to_owned())));
    let graph = r##"[{"@type":"NewsArticle","headline":"UN adopts cyber resolution","author":"Jane Roe","@id":"#article",
        "mainEntityOfPage":{"@type":"WebPage","@id":"/2021/adopted"}}]"##;
    assert_eq!(of_linked(&[silent, graph]), own("Jane Roe"));
    // By its title.
    let titled = r#"{"@type":"NewsArticle","headline":"UN adopts a cyber resolution","author":"Jane Roe"}"#;
    assert_eq!(of_linked(&[silent, other, titled]).1.as_deref(), Some("Jane Roe"));
    // A list's copy of it says less.
    let listed = r#"{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","url":"/2021/adopted","headline":"UN adopts cyber resolution"}]}"#;
    assert_eq!(of_linked(&[listed, graph]), own("Jane Roe"));
    // What is most read elsewhere is not this page.
    assert_eq!(of_linked(&[&most_read]), ("UN adopts cyber resolution | News".to_owned(), None));
    // Where nothing tells, the first.
    assert_eq!(of_linked(&[silent, r#"{"@type":"NewsArticle","headline":"Another"}"#]).0, "Football final tonight");
}

#[test]
fn an_author_named_by_id_is_sought_in_the_linked_data() {
    let graph = r##"{"@graph":[{"@type":"NewsArticle","headline":"x","author":[{"@id":"#/person/1"},{"@id":"#/person/2"},{"@id":"#/person/3"}]},
        {"@type":"Person","@id":"#/person/2","name":"John Doe"},{"@type":"WebPage","author":{"@id":"#/person/1","name":"Jane Roe"}}]}"##;
    assert_eq!(of_linked(&[graph]).1.as_deref(), Some("Jane Roe, John Doe"));
    // One that stands within itself, and one that leads to itself.
    let deep = format!("{}{}", r#"{"@id":"a","author":"#.repeat(100), "1") + &"}".repeat(100);
    let article = r#"{"@type":"Article","headline":"x","@id":"a","author":{"@id":"a"}}"#;
    assert_eq!(of_linked(&[&deep, article]).1, None);
}

#[test]
fn an_account_of_the_content_system_is_no_author() {
    let linked =
        r#"<script type="application/ld+json">{"@type":"Article","headline":"x","author":{"name":"admin"}}</script>"#;
    let html = |byline: &str| {
        format!(
            "{linked}<meta name=author content=Administrator><h1>Adopted</h1>{byline}<p>{LEAD}</p><p>{MORE}</p>\
            <div class=comment><a class=author href=/author/x>Some Reader</a></div>"
        )
    };
    assert_eq!(read(&html("")).author, None);
    assert_eq!(
        read(&html("<span class=byline><a href=/p/jane>Jane Roe</a></span>")).author.as_deref(),
        Some("Jane Roe")
    );
    assert_eq!(read(&html("<p>By <a href=/author/jane>Jane Roe</a></p>")).author.as_deref(), Some("Jane Roe"));
    assert_eq!(read("<meta name=author content='By Jane Roe'>").author.as_deref(), Some("Jane Roe"));
}

#[test]
fn a_date_that_is_none_gives_way_to_the_next() {
    let html = r#"<script type="application/ld+json">{"@type":"Article","headline":"x","datePublished":"Invalid date"}</script>
        <meta property="article:published_time" content="{{date}}"><meta name=date content="2021-12-06T15:00:00Z">"#;
    assert_eq!(read(html).published.map(|at| at.to_string()).as_deref(), Some("2021-12-06T15:00:00Z"));
}

#[test]
fn all_authors_are_named() {
    let html = r#"<script type="application/ld+json">{"@type":"NewsArticle","headline":"x","author":[{"@type":"Person","name":"A. Writer"},
        {"@type":"Person","name":"B. Writer"},{"@type":"Person","name":"https://news.example/c"}]}</script>"#;
    assert_eq!(read(html).author.as_deref(), Some("A. Writer, B. Writer"));
}

#[test]
fn a_page_is_believed_about_its_address_within_its_site_or_where_it_says_so_twice() {
    check_canonical("<link rel='shortlink canonical' href='/own'>", Some("https://www.news.example/own"));
    check_canonical("<link rel=canonical href='https://m.news.example/own'>", Some("https://m.news.example/own"));
    check_canonical("<link rel=canonical href='https://elsewhere.example/x'>", None);
    check_canonical(
        "<link rel=canonical href='https://elsewhere.example/x'><meta property=og:url content='http://elsewhere.example/x/'>",
        Some("https://elsewhere.example/x"),
    );
    check_canonical(
        "<link rel=canonical href='https://elsewhere.example/x'><meta property=og:url content='/own'>",
        Some("https://www.news.example/own"),
    );
    check_canonical("<meta property=og:url content='https://elsewhere.example/x'>", None);
    check_canonical("<link rel=canonical href='javascript:void(0)'>", None);
}

#[test]
fn what_stands_among_the_paragraphs_and_is_none_of_them_is_left_out() {
    let html = format!(
        r#"<header class=site-header><p>News of the world, told in full every day, since the year 1900.</p></header>
        <main><h1>Resolution adopted</h1><p class=byline>By A. Writer, our correspondent in New York, who was there.</p>
        <div class="share-bar"><a href=/s>Share</a></div><figure><img src=a><figcaption>Delegates in the hall, on Monday, before the vote. (Photo: Agency)</figcaption></figure>
        <p>{LEAD}<sup><a href=#1>1</a></sup></p><p><a href=/r>Read more: what the vote means for all of us</a></p>
        <div class="relatedLinks"><p>Another story, told elsewhere at some length, that readers of this one may like as well.</p></div>
        <h2>How it came</h2><p>{MORE}</p><blockquote class=tweet>A good day. <a href=/t>@delegate, 6 December</a></blockquote>
        <p hidden>{MORE}</p><p style="color:red; display : none">{MORE}</p><ul><li>One vote<li>No abstention</ul><p>{LAST}</p>
        <h3>More on this</h3><ul><li><a href=/1>First of the other stories</a><li><a href=/2>Second of the other stories</a></ul></main>
        <section id=comments><p>{MORE} I think, and so do many others here, that this was long overdue.</p></section>
        <footer><p>All rights reserved, by the publisher and by those who write here, in all countries.</p></footer>"#
    );
    let lead = format!("{LEAD}1");
    let expected =
        [lead.as_str(), "How it came", MORE, "A good day. @delegate, 6 December", "One vote", "No abstention", LAST];
    check_text(&html, &expected);
}

#[test]
fn what_the_site_says_around_an_article_is_none_of_it() {
    let paragraphs = format!("<p>{LEAD}</p><p>{MORE}</p><p>{LAST}</p>");
    let expected = [LEAD, MORE, LAST];
    let ask = "<p>We use cookies to give you the best experience on our site. By clicking accept, you agree to this, as told in our cookie policy.</p>";
    let support = "<p>Give to our newsroom, and help us, for as little as a coffee a month and more.</p>";
    // A request for consent: by its name, or by its words at either end.
    check_text(&format!("<div id=onetrust-banner-sdk>{support}</div><div>{paragraphs}</div>"), &expected);
    check_text(&format!("<amp-consent>{support}</amp-consent><div>{paragraphs}</div>"), &expected);
    check_text(&format!("<div class=x1>Cookies{ask}</div><div class=x2>{paragraphs}</div>"), &expected);
    check_text(&format!("<div class=x2>{paragraphs}</div><div class=x1>{ask}Accept</div>"), &expected);
    // Before the heading, before and behind the article's own element.
    check_text(&format!("<div class=x1>{support}</div><div><h1>Adopted</h1>{paragraphs}</div>"), &expected);
    let article = format!("<article>{paragraphs}</article>");
    check_text(&format!("<div class=x1>{support}</div>{article}<div class=x1>{support}</div>"), &expected);
    // But not where the heading stands within the text.
    check_text(&format!("<p>{LEAD}</p><h1>Adopted</h1><p>{MORE}</p><p>{LAST}</p>"), &expected);
    // Named in one word, or no more than a time.
    check_text(
        &format!(
            "<article>{paragraphs}<div id=jp-relatedposts>{support}</div><div><time>14:00</time></div><p>{LEAD}</p></article>"
        ),
        &[LEAD, MORE, LAST, LEAD],
    );
}

#[test]
fn an_article_is_found_whatever_is_around_it() {
    let paragraphs = format!("<p>{LEAD}<p>{MORE}<p>{LAST}");
    let expected = [LEAD, MORE, LAST];
    // Named like furniture.
    check_text(&format!("<body class='has-sidebar comments-open'><div class=paywall>{paragraphs}</div>"), &expected);
    // In the cells of a layout of old, beside a menu.
    check_text(
        &format!("<table><tr><td><a href=/1>World</a><br><a href=/2>Sports</a><td>{paragraphs}</table>"),
        &expected,
    );
    // Parted by line breaks alone.
    check_text(&format!("<div><div>{LEAD}<br><br>{MORE}<br/> <br/>{LAST}</div></div>"), &expected);
    // With end tags of nothing and formatting that is never closed.
    check_text(
        &format!("<div></span><p><b>{LEAD}</p></b></section><p><i>{MORE}</p><p>{LAST}</p></div></div>"),
        &expected,
    );
    // Beside teasers of others, which are more than itself.
    let teaser = format!("<article><h3><a href=/t>Another story</a></h3><p>{MORE}</p></article>").repeat(9);
    let long = format!("{LEAD} {MORE} {LAST}");
    check_text(
        &format!("<main><article><p>{long}</p><p>{long}</p><p>{long}</p></article><div>{teaser}</div></main>"),
        &[&long, &long, &long],
    );
    // In a page whose comments are longer than the article.
    let comments = format!("<li class=comment><p>{MORE} {MORE}</p></li>").repeat(9);
    check_text(&format!("<article class='post tag-news'>{paragraphs}</article><ol>{comments}</ol>"), &expected);
}

#[test]
fn a_page_without_prose_gives_what_is_named_its_body() {
    let rows = "<p>1: 10 March, first city</p><p>2: 8 April, second city</p><p>3: 22 April, third city</p>";
    check_text(
        &format!(
            "<div><p>A note on what may be written in comments, and how, and by whom.</p><div itemprop=articleBody>{rows}</div></div>"
        ),
        &["1: 10 March, first city", "2: 8 April, second city", "3: 22 April, third city"],
    );
}

#[test]
fn chinese_is_prose_without_spaces() {
    let text = "联合国大会星期一未经表决通过了俄罗斯和美国共同起草的信息安全决议，一百多个国家成为共同提案国。";
    check_text(
        &format!("<ul><li><a href=/1>首页</a><li><a href=/2>新闻</a></ul><div><p>{text}</p><p>{text}完</p></div>"),
        &[text, &format!("{text}完")],
    );
}

#[test]
fn behind_a_paywall_the_text_that_the_publisher_gives_to_machines_is_read() {
    let body = [LEAD, MORE, LAST, MORE, LEAD].join(" ");
    let linked = |free: &str| {
        format!(
            r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"x","isAccessibleForFree":{free},"articleBody":"{body}"}}</script><p>{LEAD}</p>"#
        )
    };
    let closed = read(&linked("\"False\""));
    assert_eq!((closed.wall, closed.text.as_str()), (Some(Wall::Paywall), body.as_str()));
    assert_eq!(read(&linked("true")).wall, None);
    assert_eq!(read("<meta property=article:content_tier content=locked><p>Cut.").wall, Some(Wall::Paywall));
}

#[test]
fn pages_in_the_articles_place_are_named_and_their_words_are_not_the_articles() {
    let consent =
        format!("<h1>Before you go on</h1><p>We and our partners store cookies, as is told here at length: {MORE}</p>");
    let at = "https://consent.news.example/collect?session=1";
    assert_eq!((read_at(at, &consent).wall, read_at(at, &consent).text.as_str()), (Some(Wall::Consent), ""));
    let form = format!("<form action='https://consent.example/save' method=post>{consent}</form>");
    assert_eq!(read(&form).wall, Some(Wall::Consent));
    assert_eq!(read("<title>Just a moment...</title><p>Checking your browser.").wall, Some(Wall::Check));
    assert_eq!(
        read("<script src='https://geo.captcha-delivery.com/c.js'></script><p>Please go on.").wall,
        Some(Wall::Check)
    );
    // A banner on an article's page is none of these.
    let paragraphs = format!("<p>{LEAD}</p><p>{MORE}</p>").repeat(4);
    assert_eq!(read(&format!("{paragraphs}<form action=/consent><p>We use cookies.</p></form>")).wall, None);
}

#[test]
fn a_page_that_asks_for_consent_is_told_by_its_words_where_it_shows_nothing_else() {
    let wall = |title: &str, text: &str| read(&format!("<h1>{title}</h1><div class=consent><p>{text}</p></div>")).wall;
    let asked = [
        (
            "We value your privacy",
            "We and our 842 partners store and/or access information on a device, such as cookies.",
        ),
        (
            "Willkommen",
            "Wir und unsere bis zu 182 Partner verwenden Cookies, um Informationen auf einem Gerät zu speichern, für personalisierte Werbung. Ihre Einwilligung können Sie jederzeit widerrufen.",
        ),
        (
            "Le respect de votre vie privée",
            "Nous et nos 740 partenaires stockons des informations sur un terminal, pour de la publicité personnalisée.",
        ),
        (
            "Tu privacidad",
            "Nosotros y nuestros socios almacenamos información en un dispositivo, como cookies, para ofrecer contenido personalizado.",
        ),
        (
            "La tua privacy",
            "Noi e i nostri partner archiviamo informazioni su un dispositivo, come i cookie, con il tuo consenso, per annunci personalizzati.",
        ),
        (
            "Новости",
            "Мы используем файлы cookie. Продолжая использовать сайт, вы соглашаетесь с политикой конфиденциальности.",
        ),
        ("Новини", "Ми використовуємо файли cookie. Продовжуючи, ви погоджуєтеся з політикою конфіденційності."),
    ];
    assert_eq!(asked.map(|(title, text)| wall(title, text)), [Some(Wall::Consent); 7]);
    // An article about it, one that is shown beneath it, one that says when it was published.
    let about = "A court found that banners which say \"we use cookies\" and offer only \"accept all\" break the law, as nobody can refuse.";
    assert_eq!(wall("Court on banners", about), None);
    let (title, asking) = asked[0];
    assert_eq!(wall(title, &format!("{asking}</p><p>{LEAD}</p><p>{MORE}")), None);
    let dated = format!("<meta property=article:published_time content=2021-12-06><h1>{title}</h1><p>{asking}</p>");
    assert_eq!(read(&dated).wall, None);
}

#[test]
fn a_short_article_is_shown_whatever_form_its_page_has_and_however_it_is_titled() {
    let dated = "<meta property=article:published_time content=2021-12-06>";
    let form = "<form class=cookie-consent action=/newsletter?consent=1><button>Subscribe</button></form>";
    let shown = |title: &str, rest: &str| {
        let read = read(&format!("{dated}<article><h1>{title}</h1><p>{LEAD}</p></article>{rest}"));
        (read.wall, read.text)
    };
    let open = (None, LEAD.to_owned());
    assert_eq!(shown("Adopted", form), open);
    assert_eq!(shown("Access denied: observers barred from the hall", ""), open);
    assert_eq!(shown("Adopted", "<script src='https://geo.captcha-delivery.com/c.js'></script>"), open);
    assert_eq!(read(&format!("<h1>Adopted</h1><p>{LEAD}</p>{form}")).wall, Some(Wall::Consent));
}

#[test]
fn one_long_paragraph_is_not_the_whole_article() {
    let footer = format!("<footer><p>All rights reserved. {MORE}</p></footer>");
    let menu = "<ul><li><a href=/1>World</a><li><a href=/2>Sports</a></ul>";
    let check = |article: &str, expected: &[&str]| check_text(&format!("{menu}{article}{footer}"), expected);
    check(
        &format!("<div><h1>Adopted</h1><p>The hall was full.</p><p>{LEAD}</p><p>Nobody spoke against.</p></div>"),
        &["The hall was full.", LEAD, "Nobody spoke against."],
    );
    check(
        &format!(
            "<article><h1>Those named</h1><p>{LEAD}</p><p>They are:</p><ul><li>A. Smith<li>B. Jones</ul></article>"
        ),
        &[LEAD, "They are:", "A. Smith", "B. Jones"],
    );
    let part = |text: &str| format!("<div class=text-block>{text}</div>");
    check(
        &format!(
            "<div><h1>Adopted</h1>{}<div><a href=/r>Read also</a></div>{}</div>",
            part(&format!("<p>{LEAD}</p><p>No one spoke.</p>")),
            part("<p>It was late.</p>")
        ),
        &[LEAD, "No one spoke.", "It was late."],
    );
    // No prose at all, beside a footer, and beside teasers.
    let brief = "<h1>Fire in Lyon</h1><p>A fire broke out in a warehouse on Friday.</p><p>Nobody was hurt.</p>";
    check(&format!("<div>{brief}</div>"), &["A fire broke out in a warehouse on Friday.", "Nobody was hurt."]);
    let teaser = format!("<li><a href=/t><h4>Another story of the day</h4></a><p>{MORE}</p></li>").repeat(9);
    check(
        &format!("<div><div>{brief}</div><div><ul>{teaser}</ul></div></div>"),
        &["A fire broke out in a warehouse on Friday.", "Nobody was hurt."],
    );
}

#[test]
fn a_list_of_others_behind_the_prose_is_none_of_it() {
    let item = format!("<div class=i><h3><a href=/r>Another story</a></h3><p>{MORE}</p></div>").repeat(3);
    let article =
        |end: &str| format!("<div><h1>Adopted</h1><div><p>{LEAD}</p><p>{LAST}</p></div><div>{item}</div>{end}</div>");
    check_text(&article(""), &[LEAD, LAST]);
    // Within the prose they are parts of it.
    check_text(&article(&format!("<p>{LAST}</p>")), &[LEAD, LAST, MORE, MORE, MORE, LAST]);
}

#[test]
fn what_stands_as_the_prose_does_is_text_at_both_ends() {
    let check =
        |body: &str, expected: &[&str]| check_text(&format!("<div class=page><h1>Adopted</h1>{body}</div>"), expected);
    let expected = ["It is over.", LEAD, MORE, "He left at noon."];
    check(
        &format!(
            "<div><b>5 min</b></div><div>It is over.</div><div>{LEAD}</div><div>{MORE}</div><div>He left at noon.</div><div>Share</div>"
        ),
        &expected,
    );
    check(&format!("<div>It is over.<br><br>{LEAD}<br><br>{MORE}<br><br>He left at noon.</div>"), &expected);
    let block = |text: &str| format!("<section><div class=t>{text}</div></section>");
    check(&expected.map(block).concat(), &expected);
    let wrapped = |text: &str| format!("<div data-component=text><p>{text}</p></div>");
    check(&format!("{}<div class=tags><a href=/t>World</a>Topics.</div>", expected.map(wrapped).concat()), &expected);
    check(
        &format!(
            "<table><tr><th>For<td>93</table><p>{LEAD}</p><p>{MORE}</p><dl><dt>When<dd>Monday</dl><details><summary>Why?</summary><p>So.</p></details>"
        ),
        &["For", "93", LEAD, MORE, "When", "Monday", "Why?", "So."],
    );
}

#[test]
fn parts_of_an_article_that_share_a_name_of_furniture_are_kept_together() {
    let texts: Vec<String> = (1..=12).map(|n| format!("{LEAD} So said speaker {n}.")).collect();
    let expected: Vec<&str> = texts.iter().map(String::as_str).collect();
    let parts = |class: &str| {
        let part = |(n, text): (usize, &String)| format!("<div><div class='{class}{n}'><p>{text}</p></div></div>");
        format!("<div><h1>Adopted</h1>{}</div>", texts.iter().enumerate().map(part).collect::<String>())
    };
    check_text(&parts("elementor-widget elementor-element-7a"), &expected);
    check_text(&parts("live-item time-"), &expected);
    // Named so each in its own way.
    let each = ["box", "info", "widget", "date", "label", "more", "extra", "time", "meta", "tag", "video", "print"];
    let named = texts.iter().zip(each).map(|(text, name)| format!("<div class={name}><p>{text}</p></div>"));
    check_text(&format!("<div><h1>Adopted</h1>{}</div>", named.collect::<String>()), &expected);
    // What a post is filed under, and comments longer than it.
    let comments = format!("<li class=comment><p>{MORE} {MORE}</p></li>").repeat(12);
    check_text(
        &format!(
            "<div class='post-1 hentry category-social tag-cookies'><p>{LEAD}</p><p>{LAST}</p></div><ol>{comments}</ol>"
        ),
        &[LEAD, LAST],
    );
    // But not teasers, nor what asks the reader for something.
    let asks =
        "<div class=subscription-widget><p>Thanks for reading this; subscribe to read more.</p><form></form></div>";
    check_text(&format!("<div><p>{LEAD}</p><p>{MORE}</p>{asks}<p>{LAST}</p></div>"), &[LEAD, MORE, LAST]);
    let teaser = format!("<div class=box><a href=/t>Another story of the day</a><p>{MORE}</p></div>").repeat(12);
    check_text(&format!("<div><p>{LEAD}</p><p>{LAST}</p></div><div>{teaser}</div>"), &[LEAD, LAST]);
}

#[test]
fn a_word_of_a_sentence_is_kept_whatever_its_class_calls_it() {
    let words = "<a id=auto-tag_un href=/un>General Assembly</a> adopted, on <span class=date>Monday</span>, in <a class=tag-link href=/g>Geneva</a>, a text of <span class=author>one state</span>";
    check_text(
        &format!(
            "<p>The {words}, by a large majority <span class=tooltip>(two thirds)</span>of those present.</p><p>{MORE}</p>"
        ),
        &[
            "The General Assembly adopted, on Monday, in Geneva, a text of one state, by a large majority of those present.",
            MORE,
        ],
    );
}

#[test]
fn prose_is_told_by_the_stops_of_its_script() {
    let footer = format!("<footer><p>All rights reserved. {MORE}</p></footer>");
    let check = |text: &str| check_text(&format!("<div><p>{text}</p><p>{text}</p></div>{footer}"), &[text, text]);
    check("संयुक्त राष्ट्र महासभा ने आज सूचना सुरक्षा पर एक प्रस्ताव पारित किया। प्रस्ताव के पक्ष में तिरानवे मत पड़े।");
    check("اقوام متحدہ کی جنرل اسمبلی نے آج معلوماتی سلامتی پر ایک قرارداد منظور کی۔ قرارداد کے حق میں ترانوے ووٹ آئے۔");
    check("ที่ประชุมสมัชชาใหญ่แห่งสหประชาชาติมีมติรับรองข้อมติว่าด้วยความมั่นคงปลอดภัยสารสนเทศในวันนี้ ด้วยคะแนนเสียงเห็นชอบเก้าสิบสาม");
    check("የተባበሩት መንግሥታት ድርጅት ጠቅላላ ጉባኤ ዛሬ በመረጃ ደህንነት ላይ የውሳኔ ሐሳብ አጽድቋል። ዘጠና ሦስት አገሮች ድጋፋቸውን ሰጥተዋል።");
    check(
        "Ընդհանուր վեհաժողովը այսօր ընդունեց տեղեկատվական անվտանգության մասին բանաձևը։ Այն կողմ քվեարկեց իննսուներեք երկիր։",
    );
}

#[test]
fn an_article_is_not_dropped_for_what_it_is_named() {
    let paragraphs = format!("<p>{LEAD}</p><p>{MORE}</p>");
    let teaser = format!("<div class=o><a href=/t>Another story of the day</a><p>{MORE} {LAST}</p></div>").repeat(5);
    let reader = format!("<div class=reader-comment><p>{MORE} {LAST}</p></div>").repeat(5);
    let check = |class: &str, beside: &str| {
        let article = format!("<div class='story {class}'><h1>Adopted</h1><div>{paragraphs}</div></div>");
        check_text(&format!("<main>{article}<section>{beside}</section></main>"), &[LEAD, MORE]);
    };
    check("story--comment", &teaser);
    check("section-comment", &reader);
    check("newsletter-post", &teaser);
    check("theme-social", &reader);
    // Nor are lists of others prose of the page.
    check_text(&format!("<div class=promo>{paragraphs}</div><section>{teaser}</section>"), &[LEAD, MORE]);
}

#[test]
fn what_is_hidden_is_read_where_it_is_most_of_the_page() {
    let paragraphs = format!("<p>{LEAD}</p><p>{MORE}</p>");
    let article = format!("<main><article><h1>Adopted</h1>{paragraphs}</article></main>");
    check_text(&format!("<div class=skeleton>Loading</div><div hidden id='S:0'>{article}</div>"), &[LEAD, MORE]);
    check_text(&format!("<div style='visibility: hidden'><h1>Adopted</h1>{paragraphs}</div>"), &[LEAD, MORE]);
    let body = format!("<div class=article-body>{paragraphs}</div>");
    check_text(&format!("<h1>Adopted</h1><div style='visibility: hidden'>{body}</div>"), &[LEAD, MORE]);
    check_text(&format!("<x-y><template shadowrootmode=open>{article}</template></x-y>"), &[LEAD, MORE]);
    // But not a copy, nor what is named as what opens over a page.
    check_text(&format!("{article}<div style='display:none'>{article}</div>"), &[LEAD, MORE]);
    let window = format!("<div class=modal style='display:none'>{paragraphs}{paragraphs}</div>");
    check_text(&format!("<div><p>{LAST}</p></div>{window}"), &[LAST]);
    let terms = format!("<div style='display:none' id=terms>{paragraphs}</div>");
    check_text(&format!("<div><h1>Adopted</h1><p>It is over.</p></div>{terms}"), &["It is over."]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn every_letter_of_an_article_stands_on_its_page_in_that_order(
        html in "(</?(p|div|b|a href=x|li|ul|td|table|h2|br|article|div class=comment)>|[a-z]{1,9}[,. ]|<[a-z\"'=/ ]{0,9}>?){0,120}"
    ) {
        let text = read(&html).text;
        let mut page = html.chars();
        prop_assert!(text.chars().filter(|c| !c.is_whitespace()).all(|letter| page.any(|c| c == letter)), "{text:?}");
    }
}
