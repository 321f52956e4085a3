//! What pages say of themselves where readers see it.

use std::time::{Duration, Instant};

use crate::model::{Article, WebUrl};
use crate::page::article;

const LEAD: &str = "The General Assembly adopted the resolution without a vote, and delegates of both countries spoke of a success for all.";
const MORE: &str = "The text had been submitted in October; more than a hundred countries joined its sponsors before the vote was called.";

fn read(html: &str) -> Article {
    article(html.as_bytes(), None, &WebUrl::parse("https://www.news.example/2021/adopted").unwrap())
}

/// When a page was published that says so with this under its heading.
fn published(under: &str) -> Option<String> {
    let html = format!(
        "<html lang=en><header><time datetime=2021-12-30>Today</time></header><div><h1>Adopted</h1>{under}<p>{LEAD}</p><p>{MORE}</p></div>"
    );
    read(&html).published.map(|at| at.strftime("%Y-%m-%d").to_string())
}

#[test]
fn the_date_under_the_heading_is_the_articles() {
    let ways = [
        "<span itemprop=datePublished content=2021-12-06T15:00:00Z>6 Dec</span>",
        "<div itemprop='dateCreated datePublished'>6 December 2021</div>",
        "<abbr class='published updated' title=2021-12-06T15:00:00Z>6 Dec</abbr>",
        "<time datetime=2021-12-06>6 Dec</time>",
        "<time>6 December 2021</time>",
        "<div class=field>6 December 2021</div>",
        "<span class=date>06.12.2021</span>",
        "<aside><time datetime=2021-12-29>Another</time></aside><p class=when>6 December 2021</p>",
        "<ul class=post-meta><li>By <a href=/j>Jane Roe</a></li><li>6 December 2021</li></ul>",
        "<p>States are asked to keep cables safe, but nobody says how this is to be paid for.</p><div>6 December 2021</div>",
        "<div><span>6</span> <span>December</span> <span>2021</span></div>",
        "<meta name=DCTERMS.issued content=2021-12-06>",
        "<meta name=citation_publication_date content=2021/12/06>",
    ];
    assert_eq!(ways.map(published), ways.map(|_| Some("2021-12-06".to_owned())));
    // A date in the text is not the text's, nor is the clock of the page.
    assert_eq!(
        published("<p><b>6 December 2021</b> will be remembered as the day on which all states agreed.</p>"),
        None
    );
    let page = r##"{"@graph":[{"@type":"WebPage","datePublished":"2021-12-06","author":{"@id":"#p"}},{"@id":"#p","name":"Jane Roe"}]}"##;
    let read = read(&format!("<script type=application/ld+json>{page}</script><h1>Adopted</h1><p>{LEAD}</p>"));
    assert_eq!((read.published.is_some(), read.author.as_deref()), (true, Some("Jane Roe")));
}

/// When an article was published whose page says so.
fn moment(html: &str) -> Option<String> {
    read(&format!("<html lang=en><title>Adopted today</title>{html}")).published.map(|at| at.to_string())
}

#[test]
fn a_date_is_found_wherever_readers_see_it() {
    let prose = format!("<p>{LEAD}</p><p>{MORE}</p>");
    let ways = [
        format!("<main><article><p>6 December 2021, 15:04 UTC</p><h1>Adopted today</h1>{prose}</article></main>"),
        format!("<article><h2 class=title>Adopted today</h2><span>6 December 2021, 15:04 UTC</span>{prose}</article>"),
        format!("<div class=headline>Adopted today</div><span>6 December 2021, 15:04 UTC</span>{prose}"),
        format!("<article><h1>Adopted today</h1><footer>6 December 2021, 15:04 UTC</footer>{prose}</article>"),
        format!("<article><h1>Adopted today</h1>{prose}<p>Published on 6 December 2021, 15:04 UTC</p></article>"),
    ];
    assert_eq!(ways.map(|html| moment(&html)), [(); 5].map(|()| Some("2021-12-06T15:04:00Z".to_owned())));
    let before =
        format!("<div><time datetime=2021-12-06T15:04:00Z>6 December 2021</time><h1>Adopted today</h1>{prose}</div>");
    assert_eq!(moment(&before).as_deref(), Some("2021-12-06T15:04:00Z"));
    let boxed = format!("<div><div>6 December 2021, 15:04 UTC</div><div><h1>Adopted today</h1></div>{prose}</div>");
    assert_eq!(moment(&boxed).as_deref(), Some("2021-12-06T15:04:00Z"));
    // But not of a clock, nor of others.
    let card = "<div><h3><a href=/t>Storm closes ports along the northern coast</a></h3><time datetime=2021-12-29>1</time></div>";
    let others = [
        format!("<div><div class=top>30 December 2021</div><nav></nav><h1>Adopted today</h1>{prose}</div>"),
        format!("<div id=top><span class=date>30 December 2021</span></div><div><h1>Adopted today</h1>{prose}</div>"),
        format!(
            "<div><div id=top><span class=date>30 December 2021</span></div><div><h1>Adopted today</h1>{prose}</div></div>"
        ),
        format!("<header><time datetime=2021-12-30>Today</time></header><h1>Adopted today</h1>{prose}"),
        format!("<main><h1>Adopted today</h1>{prose}{card}</main>"),
        format!(
            "<main><h1>Adopted today</h1>{prose}<time datetime=2021-12-05></time><time datetime=2021-12-06></time></main>"
        ),
    ];
    assert_eq!(others.map(|html| moment(&html)), [(); 6].map(|()| None));
}

#[test]
fn the_twin_of_a_title_in_a_box_beside_the_article_is_not_its_heading() {
    let own = |heading: &str| {
        format!("<div>{heading}<span>6 December 2021, 15:04 UTC</span><p>{LEAD}</p><p>{MORE}</p></div>")
    };
    let twin = "<div class=title><a href=/2021/adopted>Adopted today</a></div><span>30 December 2021, 10:00 UTC</span>";
    let pages = [
        format!("<div class=latest>{twin}</div>{}", own("<div class=headline>Adopted today</div>")),
        format!("<aside>{twin}</aside>{}", own("<h2><a href=/2021/adopted>Adopted today</a></h2>")),
        format!("<div class=sidebar><div>{twin}</div></div>{}", own("<h2><a href=#>Adopted today</a></h2>")),
        format!("<div class=latest>{twin}</div><main>{}</main>", own("<h2><a href=#>Adopted today</a></h2>")),
        format!("<a href=/2021/adopted><b class=title>Adopted today</b></a> {}", own("<h2>Adopted today</h2>")),
    ];
    assert_eq!(pages.map(|html| moment(&html)), [(); 5].map(|()| Some("2021-12-06T15:04:00Z".to_owned())));
}

#[test]
fn a_moment_is_believed_before_the_day_that_it_lies_on() {
    let exact = Some("2021-12-06T15:04:00Z".to_owned());
    let time = format!("<h1>Adopted today</h1><time datetime=2021-12-06T15:04:00Z>6 December</time><p>{LEAD}</p>");
    assert_eq!(moment(&format!("<meta name=date content=2021-12-06>{time}")), exact);
    let linked = r#"{"@type":"Article","headline":"x","datePublished":"2021-12-06"}"#;
    assert_eq!(moment(&format!("<script type=application/ld+json>{linked}</script>{time}")), exact);
    let parts = "<h1>Adopted today</h1><div><span>06.12.2021</span> <span>15:04</span></div>";
    assert_eq!(moment(&format!("{parts}<p>{LEAD}</p>")), exact);
    // Not of another day.
    let other = moment(&format!("<meta name=date content=2021-12-01>{time}"));
    assert_eq!(other.as_deref(), Some("2021-12-01T00:00:00Z"));
}

#[test]
fn a_title_is_the_articles_and_not_the_sites() {
    let title = |html: &str| read(&format!("{html}<p>{LEAD}</p>")).title.unwrap_or_default();
    let site = "<meta property=og:site_name content='The News'>";
    let og = |title: &str| format!("{site}<meta property=og:title content='{title}'><h1>Adopted today</h1>");
    let own = "Adopted today";
    assert_eq!(
        ["Adopted today - The News", "The News | Adopted today", "The News"].map(|said| title(&og(said))),
        [own; 3]
    );
    assert_eq!(title("<title>Adopted today | News</title><h1><a href=/>News</a></h1>"), own);
    assert_eq!(title("<title>Adopted today | News</title><h1>News</h1><h1>Adopted today</h1>"), own);
    assert_eq!(
        ["News | Adopted today", "Adopted today :: News"].map(|said| title(&format!("<title>{said}</title>"))),
        [own; 2]
    );
}

#[test]
fn a_byline_without_a_link_names_the_writer() {
    let author = |byline: &str| read(&format!("<h1>Adopted</h1>{byline}<p>{LEAD}</p>")).author;
    let ways = [
        "<p class=byline>By Jane Roe | The News</p>",
        "<span class=author>Jane Roe</span>",
        "<div class=author-name>Author: Jane Roe</div>",
    ];
    assert_eq!(ways.map(author), ways.map(|_| Some("Jane Roe".to_owned())));
    assert_eq!(author("<p class=byline>By our own correspondent in the hall</p>"), None);
}

#[test]
fn a_page_of_nothing_but_links_and_times_is_read_soon() {
    let pages = [
        format!("<h1>x</h1><a>{}{}", "a".repeat(30), "<time></time>".repeat(90_000)),
        format!("<h1>x</h1>{}", format!("<a>{}</a><time datetime=2021-12-06></time>", "a".repeat(30)).repeat(30_000)),
        format!("<h1>x</h1>{}{}", "<ul>".repeat(250), "<a>b</a><time datetime=2021-12-06></time>".repeat(40_000)),
    ];
    #[expect(clippy::disallowed_methods, reason = "a bound so wide that only what is not linear breaks it")]
    let now = Instant::now;
    let began = now();
    let read = pages.map(|page| read(&page).published.is_some());
    assert_eq!(read, [false, true, true]);
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

/// When an article was published that has this in its head and this under its heading.
fn told(head: &str, under: &str) -> Option<String> {
    let html = format!("<html lang=en><head>{head}</head><div><h1>Adopted</h1>{under}<p>{LEAD}</p><p>{MORE}</p></div>");
    read(&html).published.map(|at| at.to_string())
}

fn stated(date: &str) -> String {
    format!("<meta property=article:published_time content='{date}'>")
}

fn linked(date: &str) -> String {
    format!(r#"<script type=application/ld+json>{{"@type":"NewsArticle","datePublished":"{date}"}}</script>"#)
}

#[test]
fn a_date_that_can_not_be_hides_no_other() {
    let time = "<time datetime=2021-12-06T15:04:00Z>6 Dec</time>";
    let seen = Some("2021-12-06T15:04:00Z".to_owned());
    assert_eq!(told(&stated("1970-01-01T00:00:00Z"), time), seen);
    assert_eq!(told(&stated("0001-01-01T00:00:00Z"), time), seen);
    assert_eq!(told(&(linked("1970-01-01T00:00:00Z") + &stated("2021-12-06T15:04:00Z")), ""), seen);
}

#[test]
fn of_one_time_told_twice_the_one_with_its_zone_is_believed() {
    let both = linked("2021-12-06T18:04:00") + &stated("2021-12-06T18:04:00+03:00");
    assert_eq!(told(&both, "").as_deref(), Some("2021-12-06T15:04:00Z"));
    let day = linked("2021-12-06") + &stated("2021-12-06T18:04:00") + &stated("x");
    assert_eq!(told(&day, "").as_deref(), Some("2021-12-06T18:04:00Z"));
    let other = linked("2021-12-06T18:04:00") + &stated("2021-12-06T11:51:00+03:00");
    assert_eq!(told(&other, "").as_deref(), Some("2021-12-06T18:04:00Z"));
}

#[test]
fn the_date_of_a_picture_is_not_the_articles() {
    let figure = "<figure><img src=a><figcaption>UN Photo | 2 January 2020</figcaption></figure>";
    assert_eq!(published(&format!("{figure}<div>6 December 2021</div>")).as_deref(), Some("2021-12-06"));
    let boxed = "<div class=wp-caption><p>Photo, 2 January 2020</p></div><div>6 December 2021</div>";
    assert_eq!(published(boxed).as_deref(), Some("2021-12-06"));
}

#[test]
fn the_time_of_a_change_waits_for_that_of_the_publication() {
    let ways = [
        "<div>Updated 8 December 2021</div><div>Published 6 December 2021</div>",
        "<p>Updated <time datetime=2021-12-08T10:00:00Z>8 Dec</time></p><p>Posted <time datetime=2021-12-06T10:00:00Z>6 Dec</time></p>",
        "<time class=updated datetime=2021-12-08T10:00:00Z>8 Dec</time><time class=published datetime=2021-12-06T10:00:00Z>6 Dec</time>",
        "<span itemprop=dateModified>8 December 2021</span> <span>6 December 2021</span>",
        "<div>تم التحديث 8 ديسمبر 2021</div><div>نشر 6 ديسمبر 2021</div>",
        "<div>Mis à jour le 8 décembre 2021</div><div>Publié le 6 décembre 2021</div>",
        "<div>更新时间：2021-12-08 10:00</div><div>发布时间：2021-12-06 10:00</div>",
        "<p>Published 6 December 2021, updated 8 December 2021</p>",
    ];
    assert_eq!(ways.map(published), ways.map(|_| Some("2021-12-06".to_owned())));
    let alone = "<div>Updated 6 December 2021</div>";
    assert_eq!(published(alone).as_deref(), Some("2021-12-06"), "better than none");
    let later = "<div>Updated 6 December 2021</div><div>Conference on 5 May 2022</div>";
    assert_eq!(published(later).as_deref(), Some("2021-12-06"), "what is later is no publication");
}

#[test]
fn the_parts_of_a_heading_are_not_run_together_and_a_word_in_parts_is_one() {
    let title = |heading: &str| read(&format!("<h1>{heading}</h1><p>{LEAD}</p>")).title.unwrap_or_default();
    assert_eq!(title("<span class=kicker>Live</span><span>UN adopts resolution</span>"), "Live UN adopts resolution");
    assert_eq!(title("<span class=cap>T</span><span>he UN adopts</span>"), "The UN adopts");
    assert_eq!(title("<i>Inter</i><b>Act</b> wins"), "InterAct wins");
}

#[test]
fn a_month_hides_no_day_and_a_date_of_the_page_as_it_is_served_is_not_stated() {
    let meta = |name: &str, date: &str| format!("<meta name={name} content='{date}'>");
    let time = "<time datetime=2021-12-06T15:04:00Z>6 Dec</time>";
    for month in [meta("citation_publication_date", "2021/12"), meta("dc.date", "2021"), linked("2021-12")] {
        assert_eq!(told(&month, time).as_deref(), Some("2021-12-06T15:04:00Z"), "{month}");
        assert!(told(&month, "").is_some_and(|at| at.ends_with("-01T00:00:00Z")), "{month}");
    }
    let states = |head: &str| read(&format!("<head>{head}</head><h1>Adopted</h1><p>{LEAD}</p>")).states_date;
    let now = "2021-12-06T15:04:00Z";
    for served in
        ["<meta http-equiv=date content=2021-12-06T15:04:00Z>".to_owned(), meta("dc.date", now), meta("date", now)]
    {
        assert!(!states(&served), "{served}");
        assert!(states(&(stated(now) + &served)), "{served}");
    }
    assert!(!states(&meta("citation_publication_date", "2021/12")) && states(&linked(now)));
}

#[test]
fn what_stands_beside_a_publication_labelled_or_not_is_no_change_of_it() {
    let meeting = "<p>6 December 2021 (updated 8 December 2021)</p><div>Meeting: 30 November 2021</div>";
    assert_eq!(published(meeting).as_deref(), Some("2021-12-06"));
    let ways = [
        "<div>Updated 8 December 2021</div><div>Published 6 March 2019</div>",
        "<div>Updated 8 December 2021</div><div>Published <span>6 March 2019</span></div>",
        "<div>Updated 8 December 2021</div><div class=created>6 March 2019</div>",
        "<div>Updated 8 December 2021</div><div><span itemprop=datePublished>6 March 2019</span></div>",
    ];
    assert_eq!(ways.map(published), ways.map(|_| Some("2019-03-06".to_owned())));
    let deadline = "<div>Deadline: 30 November 2021</div>";
    let edited = format!("<p>Edited by Jane Doe</p><time datetime=2021-12-06T10:00Z>6 December 2021</time>{deadline}");
    assert_eq!(published(&edited).as_deref(), Some("2021-12-06"), "who edited it is no change");
    let classed = |class: &str| {
        let shown = format!("<time class='{class}' datetime=2021-12-06T10:00:00Z>6 Dec</time>");
        published(&format!("{shown}<time datetime=2021-11-30T10:00:00Z>30 Nov</time>"))
    };
    assert_eq!(classed("entry-date updated td-module-date").as_deref(), Some("2021-12-06"), "a theme's name of it");
    for class in ["updated", "date-updated", "entry-date last-modified"] {
        assert_eq!(classed(class).as_deref(), Some("2021-11-30"), "{class}");
    }
    let founded = "<div>Updated 8 December 2021</div><div>6 March 2019</div>";
    assert_eq!(published(founded).as_deref(), Some("2021-12-08"), "far older, of something else");
}

#[test]
fn a_date_before_the_heading_comes_before_that_of_a_change_behind_it() {
    let around = |before: &str| {
        let prose = format!("<div>Updated 8 December 2021</div><p>{LEAD}</p><p>{MORE}</p>");
        moment(&format!("<main><article><p>{before}</p><h1>Adopted today</h1>{prose}</article></main>"))
    };
    assert_eq!(around("6 December 2021").as_deref(), Some("2021-12-06T00:00:00Z"));
    assert_eq!(around("30 December 2021").as_deref(), Some("2021-12-08T00:00:00Z"), "what is later is no publication");
}

#[test]
fn a_caption_is_a_pictures_and_no_size_of_letters() {
    for class in ["MuiTypography-root MuiTypography-caption", "text-caption", "caption"] {
        let date = format!("<div><span class='{class}'>6 December 2021</span></div>");
        assert_eq!(published(&date).as_deref(), Some("2021-12-06"), "{class}");
    }
    for class in ["wp-caption", "image-caption"] {
        let picture = format!("<div class={class}>Photo, 2 January 2020</div><div>6 December 2021</div>");
        assert_eq!(published(&picture).as_deref(), Some("2021-12-06"), "{class}");
    }
}

#[test]
fn letters_without_case_and_parts_of_a_word_stay_together() {
    let title = |heading: &str| read(&format!("<h1>{heading}</h1><p>{LEAD}</p>")).title.unwrap_or_default();
    assert_eq!(title("<span class=hl>联合国</span><span class=hl>大会通过决议</span>"), "联合国大会通过决议");
    assert_eq!(title("<span class=hl>संयुक्त</span><span class=hl>राष्ट्र</span>"), "संयुक्तराष्ट्र");
    assert_eq!(title("<span class=cap>T</span><span>HE UN adopts</span>"), "THE UN adopts");
    assert_eq!(title("Day <i class=flip>1</i><i class=flip>2</i> of talks"), "Day 12 of talks");
    assert_eq!(
        title("<span class=kicker><b>Live</b></span><span>UN adopts resolution</span>"),
        "Live UN adopts resolution"
    );
    assert_eq!(title("<span class=kicker>NEWS</span><span>Council adopts it</span>"), "NEWS Council adopts it");
}
