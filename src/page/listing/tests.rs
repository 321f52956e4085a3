//! Lists in the layouts that publishers give them.

use proptest::prelude::*;

use super::{Listing, listing};
use crate::model::WebUrl;

fn find(html: &str) -> Listing {
    listing(html.as_bytes(), None, &WebUrl::parse("https://news.example/world/").unwrap(), None)
}

/// Titles, dates and whether there is a summary, in the page's order.
fn seen(html: &str) -> Vec<(String, Option<String>, bool)> {
    let of = |entry: crate::model::Entry| {
        let date = entry.published.map(|at| at.strftime("%Y-%m-%d").to_string());
        (entry.title.unwrap(), date, entry.summary.is_some())
    };
    find(html).parsed.entries.into_iter().map(of).collect()
}

fn line(title: &str, date: Option<&str>, has_summary: bool) -> (String, Option<String>, bool) {
    (title.to_owned(), date.map(str::to_owned), has_summary)
}

const NAV: &str = r#"<nav><ul><li><a href="/world/africa">Africa and the Middle East</a></li><li><a href="/world/asia">Asia
    and the Pacific region</a></li><li><a href="/world/europe">Europe and Central Asia</a></li><li><a href="/opinion">Opinion,
    letters and editorials</a></li></ul></nav>"#;
const FOOTER: &str = r#"<footer><ul><li><a href="/terms-of-use-and-sale">Terms of use and of sale</a></li><li><a
    href="/privacy-and-cookie-policy">Privacy and cookie policy</a></li><li><a href="/how-to-contact-us">How to contact
    the newsroom</a></li></ul></footer>"#;

#[test]
fn cards_give_headline_date_and_summary_and_their_pictures_and_categories_nothing() {
    let card = |n: u8, title: &str| {
        format!(
            r#"<article class="card post-{n} category-{n}"><a class="picture" href="/2021/12/0{n}/story"><img alt="x"></a>
            <a class="label" href="/politics">Politics and more</a><h3 class="title"><a href="/2021/12/0{n}/story?utm_source=list">{title}</a></h3>
            <p>What happened is told here in a sentence or two, with all that matters to those who read on.</p>
            <time datetime="2021-12-0{n}T10:00:00Z">{n} days ago</time><a class="more" href="/2021/12/0{n}/story">Read more</a></article>"#
        )
    };
    let cards = [
        card(3, "Assembly adopts the resolution"),
        card(2, "Draft goes to a vote"),
        card(1, "Sponsors join the draft"),
    ];
    let html = format!("{NAV}<main><div class=grid>{}</div></main>{FOOTER}", cards.concat());
    assert_eq!(
        seen(&html),
        [
            line("Assembly adopts the resolution", Some("2021-12-03"), true),
            line("Draft goes to a vote", Some("2021-12-02"), true),
            line("Sponsors join the draft", Some("2021-12-01"), true),
        ]
    );
    assert_eq!(find(&html).layout.as_deref(), Some("main > div.grid > article.card > h3.title > a"));
}

#[test]
fn a_category_or_place_beside_a_date_is_no_month_and_one_date_tells_where_months_stand() {
    let dates = |dates: [&str; 3]| {
        let item = |(n, date): (usize, &str)| {
            format!(
                "<div class=item><span>{date}</span><a href=/news/100{n}/>The council of town {n} adopts its budget</a></div>"
            )
        };
        let items: String = dates.into_iter().enumerate().map(item).collect();
        let seen = seen(&format!("{NAV}<div class=list>{items}</div>{FOOTER}"));
        seen.into_iter().filter_map(|(_, date, _)| date).collect::<Vec<_>>()
    };
    let december = ["2024-12-05", "2024-12-04", "2024-12-16"];
    assert_eq!(dates(["05.12.2024 | Новости", "04.12.2024, Марий Эл", "16.12.2024 10:30"]), december);
    assert_eq!(dates(["5 December 2024 - Geneva", "December 4, 2024 | Market", "16 грудня 2024, середа"]), december);
    assert_eq!(dates(["الخميس ٥ ديسمبر ٢٠٢٤", "令和6年12月4日", "16 December 2024"]), december);
    assert_eq!(dates(["12/05/2024", "12/04/2024", "12/16/2024"]), december);
}

#[test]
fn a_table_gives_a_row_an_item() {
    let row = |day: u8, title: &str| {
        format!(
            "<tr><td>{day} December 2021</td><td><a href='/docs/A-C1-{day}0{day}77.pdf'>{title}</a></td><td>English</td></tr>"
        )
    };
    let rows =
        [row(6, "Seventy-sixth session, agenda"), row(5, "Report of the Committee"), row(4, "Letter dated 3 December")];
    let html = format!("{NAV}<table><tr><th>Date<th>Document<th>Language</tr>{}</table>", rows.concat());
    assert_eq!(
        seen(&html),
        [
            line("Seventy-sixth session, agenda", Some("2021-12-06"), false),
            line("Report of the Committee", Some("2021-12-05"), false),
            line("Letter dated 3 December", Some("2021-12-04"), false),
        ]
    );
}

#[test]
fn a_definition_list_gives_a_term_and_what_follows_it() {
    let item = |day: u8, title: &str| {
        format!(
            "<dt><a href=/press/{day}>{title}</a><dd class=date>{day}.12.2021<dd>A summary of the release that is long enough to be one."
        )
    };
    let items = [item(6, "Statement on the vote"), item(5, "Remarks to the press"), item(4, "Note to correspondents")];
    assert_eq!(
        seen(&format!("{NAV}<dl>{}</dl><p>Imprint 2019", items.concat())),
        [
            line("Statement on the vote", Some("2021-12-06"), true),
            line("Remarks to the press", Some("2021-12-05"), true),
            line("Note to correspondents", Some("2021-12-04"), true),
        ]
    );
}

#[test]
fn in_flat_markup_a_date_before_its_link_stays_with_it() {
    let item = |day: u8, title: &str| format!("<div>{day} Dec 2021</div><div><a href='/n/{day}'>{title}</a></div>");
    let items = [item(6, "The vote is taken tonight"), item(5, "The draft is final"), item(4, "The talks have ended")];
    let html = format!("<div><div><a href=/a>About</a><a href=/b>Contact</a></div><div>{}</div></div>", items.concat());
    assert_eq!(
        seen(&html),
        [
            line("The vote is taken tonight", Some("2021-12-06"), false),
            line("The draft is final", Some("2021-12-05"), false),
            line("The talks have ended", Some("2021-12-04"), false),
        ]
    );
}

#[test]
fn scripts_of_all_directions_are_lists() {
    let items = [
        ("Генеральная Ассамблея приняла резолюцию по кибербезопасности", "novosti-resolyutsiya-prinyata-2021"),
        ("الجمعية العامة تعتمد القرار المتعلق بالأمن السيبراني", "%D8%A7%D9%84-2021-78123"),
        ("联合国大会通过网络安全决议", "78124"),
    ];
    let items =
        items.map(|(title, path)| format!("<div class=x-1><div dir=auto><a href=/{path}>{title}</a></div></div>"));
    let found = seen(&format!(
        "<html lang=ru dir=rtl><div class=menu><a href=/ru>Русский язык и литература</a></div>{}",
        items.concat()
    ));
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(found[0].0, "Генеральная Ассамблея приняла резолюцию по кибербезопасности");
    assert_eq!(found[2].0, "联合国大会通过网络安全决议");
}

#[test]
fn a_front_page_gives_its_lead_and_sections_and_not_its_menus_and_most_read() {
    let menu = (0..60)
        .map(|n| format!("<li><a href='/section-of-the-paper-{n}'>Section of the paper {n}</a></li>"))
        .collect::<Vec<_>>()
        .concat();
    let story = |n: u32| {
        format!("<li class=story><h2><a href='/a/{}'>Headline that tells story number {n}</a></h2></li>", 400_000 + n)
    };
    let lead = |n: u32| {
        format!(
            "<div class=lead><h1><a href='/a/{}'>A lead story about number {n} at length</a></h1></div>",
            300_000 + n
        )
    };
    let read = |n: u32| format!("<li><a href='/a/{}'>One of the most read stories, {n}</a></li>", 100_000 + n);
    let html = format!(
        "<div class=main-menu><ul>{menu}</ul></div><div>{}</div><ul>{}</ul><ul>{}</ul><div class=most-popular><ol>{}</ol></div>{FOOTER}",
        (0..3).map(lead).collect::<Vec<_>>().concat(),
        (0..6).map(story).collect::<Vec<_>>().concat(),
        (10..16).map(story).collect::<Vec<_>>().concat(),
        (0..10).map(read).collect::<Vec<_>>().concat(),
    );
    let titles: Vec<_> = seen(&html).into_iter().map(|(title, _, _)| title).collect();
    assert_eq!(titles.len(), 15, "{titles:?}");
    assert!(titles.iter().all(|title| title.starts_with("Headline") || title.starts_with("A lead")), "{titles:?}");
}

/// Six rows, the first of which the page may set apart: of each its number, its title and its date.
fn rows() -> Vec<(usize, String, String)> {
    let title = |n: usize| format!("The council of town {n} adopts its budget");
    (1..=6).map(|n| (n, title(n), format!("1{} December 2021", 6 - n))).collect()
}

/// The numbers of the rows that are found, and whether each has its date.
fn found(html: &str) -> Vec<usize> {
    let number = |(title, date, _): (String, Option<String>, bool)| {
        let row = rows().into_iter().find(|(_, known, _)| *known == title);
        let number = row.map_or(0, |(n, ..)| n);
        assert!(number == 0 || date == Some(format!("2021-12-1{}", 6 - number)), "{title}: {date:?}");
        number
    };
    seen(html).into_iter().map(number).collect()
}

#[test]
fn what_a_page_sets_apart_from_its_list_is_of_it() {
    let all: Vec<usize> = (1..=6).collect();
    let marked = |class: &dyn Fn(usize) -> String| {
        let item = |(n, title, date): (usize, String, String)| {
            format!("<li class='item {}'><h3><a href=/n/{n}>{title}</a></h3><span>{date}</span></li>", class(n))
        };
        found(&format!("{NAV}<main><ul>{}</ul></main>{FOOTER}", rows().into_iter().map(item).collect::<String>()))
    };
    assert_eq!(marked(&|n| if n == 1 { "wichtig" } else { "" }.to_owned()), all);
    assert_eq!(marked(&|n| if n < 3 { "important" } else { "" }.to_owned()), all);
    // Each in its turn: no two alike are left but for that.
    let turn = |n: usize| format!("views-row-{n} views-row-{}", if n.is_multiple_of(2) { "even" } else { "odd" });
    let end = |n: usize| ["", " views-row-first", "", "", "", "", " views-row-last"][n];
    assert_eq!(marked(&|n| turn(n) + end(n)), all);

    let plain = |(n, title, date): (usize, String, String)| match n {
        1 => format!("<li>{date} <b><a href=/n/{n}>{title}</a></b></li>"),
        _ => format!("<li>{date} <a href=/n/{n}>{title}</a></li>"),
    };
    let html = format!("{NAV}<main><ul>{}</ul></main>{FOOTER}", rows().into_iter().map(plain).collect::<String>());
    assert_eq!(found(&html), all);
    assert_eq!(find(&html).layout.as_deref(), Some("main > ul > li > a"));
    assert_eq!(find(&html).selector().as_deref(), Some("main > ul > li > a, main > ul > li > b > a"));
}

/// A lead of the first row above cards of the others, with something else between them.
fn under_a_lead(lead: &str, else_there: &str) -> String {
    let card = |(n, title, date): (usize, String, String)| {
        format!("<div class=card><h3><a href=/news/{n}>{title}</a></h3><span>{date}</span></div>")
    };
    let cards: String = rows().into_iter().skip(1).map(card).collect();
    format!("{NAV}<main>{lead}{else_there}<div class=grid>{cards}</div></main>{FOOTER}")
}

#[test]
fn a_lead_in_markup_of_its_own_is_of_the_list_below_it() {
    let (_, title, date) = rows().remove(0);
    let all: Vec<usize> = (1..=6).collect();
    let inner = format!(
        "<div class=hero><h2><a href=/news/1>{title}</a></h2><p>{date}</p><a href=/news/1>Read the whole story</a></div>"
    );
    assert_eq!(found(&under_a_lead(&inner, "")), all);
    let around = format!("<section class=top><a href=/news/1><h1>{title}</h1></a><span>{date}</span></section>");
    assert_eq!(found(&under_a_lead(&around, "")), all);
}

#[test]
fn what_is_no_article_of_the_list_is_not_taken_in_with_its_lead() {
    let (_, title, date) = rows().remove(0);
    let lead = format!("<div class=hero><h2><a href=/news/1>{title}</a></h2><p>{date}</p></div>");
    let others = [
        // Of the lead: what it is filed under, who wrote it. Below it: what leads on.
        "<div class=hero><h4><a href=/news/politics>Politics and administration</a></h4><span>11 December 2021</span></div>",
        "<div class=by><h4><a href=/authors/jane-doe-44>Jane Doe, our woman in town</a></h4><span>11 December 2021</span></div>",
        "<h3><a href=/news/archive>All of the news of this year</a></h3>",
        // An ad, a promotion, another section, what is most read.
        "<div class=box><h3><a href=https://shop.example/news/77>Boots for the winter, half the price</a></h3></div>",
        "<div class='card promo'><h3><a href=/news/77>Subscribe to us and save half of it</a></h3><span>11 December 2021</span></div>",
        "<div class=box><h3><a href=/events/77>A conference on the law of the sea</a></h3><span>11 December 2021</span></div>",
        "<div class=most-read><h3><a href=/news/70>One of the most read stories ever</a></h3><span>11 December 2020</span></div>",
        "<aside><h3><a href=/news/71>A story that stands beside the others</a></h3><span>11 December 2020</span></aside>",
    ];
    for other in others {
        assert_eq!(found(&under_a_lead(&lead, other)), [1, 2, 3, 4, 5, 6], "{other}");
    }
    // Nor what follows the list, or stands in its markup with no date where all others have one.
    let below = under_a_lead(&lead, "").replace(
        "</main>",
        "<div class=b><h2><a href=/news/72>A service of ours for the readers</a></h2></div></main>",
    );
    assert_eq!(found(&below), [1, 2, 3, 4, 5, 6]);
    let undated = under_a_lead(&lead, "").replace(
        "<div class=grid>",
        "<div class=grid><div class='card teaser'><h3><a href=/news/73>Tell us what you think of us</a></h3></div>",
    );
    assert_eq!(found(&undated), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn a_link_in_the_text_of_an_item_takes_nothing_from_it() {
    let item = |(n, title, date): (usize, String, String)| {
        let before = if n == 2 { "as <a href=/news/7-the-first-report>announced earlier this week</a>" } else { "" };
        format!(
            "<li><a href=/news/{n}-a-council-votes>{title}</a> <p>The council met in the evening, {before} and voted for what was before it.</p> \
            <time>{date}</time></li>"
        )
    };
    let html = format!("{NAV}<main><ul>{}</ul></main>{FOOTER}", rows().into_iter().map(item).collect::<String>());
    let day = |n: usize| Some(format!("2021-12-1{}", 6 - n));
    let expected: Vec<_> = rows().iter().map(|(n, title, _)| line(title, day(*n).as_deref(), *n != 2)).collect();
    assert_eq!(seen(&html), expected);
    assert_eq!(find(&html).apart, [""; 0]);
}

#[test]
fn links_around_whole_cards_are_titled_by_the_heading_within() {
    let card = |n: u8| {
        format!(
            "<a class=card href=/reports/{n}2345><div><h3>Report number {n} is out</h3><p>Its summary stands in the same link.</p>\
            <span class=date>December {n}, 2021</span></div></a>"
        )
    };
    let titles: Vec<_> =
        seen(&(1..5).map(card).collect::<Vec<_>>().concat()).into_iter().map(|(title, _, _)| title).collect();
    assert_eq!(titles[0], "Report number 1 is out");
    assert_eq!(titles.len(), 4);
}

#[test]
fn linked_data_that_list_articles_are_believed() {
    let html = r#"<script type="application/ld+json">{"@type":"ItemList","itemListElement":[
        {"@type":"ListItem","position":1,"item":{"@type":"NewsArticle","headline":"One","url":"/a/1","datePublished":"2021-12-06"}},
        {"@type":"ListItem","position":2,"url":"https://news.example/a/2","name":"Two"},
        {"@type":"ListItem","position":3,"url":"/a/3","name":"Three",},]}</script>
        <script type="application/ld+json">{"@type":"BreadcrumbList","itemListElement":[{"@type":"ListItem","name":"World","item":"/world"}]}</script>"#;
    assert_eq!(
        seen(html),
        [line("One", Some("2021-12-06"), false), line("Two", None, false), line("Three", None, false)]
    );
    assert_eq!(find(html).layout.as_deref(), Some("json-ld"));
}

/// Headlines of a list without anything around them.
const HEADLINES: [&str; 5] = [
    "Minister holds talks with a colleague from abroad",
    "A meeting of the board takes place in the capital",
    "Statement by the spokesperson on the vote in town",
    "Joint press release after the summit of ministers",
    "Telephone call between heads of the two ministries",
];

/// A list of these, each made an item with its number.
fn of_headlines(item: impl Fn(usize, &str) -> String) -> Vec<(String, Option<String>, bool)> {
    let items: String = HEADLINES.into_iter().enumerate().map(|(n, title)| item(n, title)).collect();
    seen(&format!("{NAV}<div class=l>{items}</div>{FOOTER}"))
}

#[test]
fn headlines_alone_are_a_list_and_may_have_their_day_elsewhere() {
    let expected = |date: fn(usize) -> Option<String>| {
        let line = |(n, title): (usize, &str)| (title.to_owned(), date(n), false);
        HEADLINES.into_iter().enumerate().map(line).collect::<Vec<_>>()
    };
    let day = |n: usize| Some(format!("2021-12-0{}", 9 - n));
    assert_eq!(of_headlines(|n, title| format!("<p><a href=/n/{n}>{title}</a> {n} hours ago</p>")), expected(|_| None));
    // In the address, in a heading before it, in a line of the link's own.
    let slug = |n: usize, title: &str| format!("<p><a href=/2021/12/0{}/x{n}>{title}</a></p>", 9 - n);
    assert_eq!(of_headlines(slug), expected(day));
    let headed =
        |n: usize, title: &str| format!("<h3>{} December 2021</h3><p>10:00 <a href=/n/{n}>{title}</a></p>", 9 - n);
    assert_eq!(of_headlines(headed), expected(day));
    let card =
        |n: usize, title: &str| format!("<a class=i href=/n/{n}><div>0{}.12.2021</div><div>{title}</div></a>", 9 - n);
    assert_eq!(of_headlines(card), expected(day));
    // A link's title has what is cut off.
    let cut = |n: usize, title: &str| {
        let begins = title.get(..30).unwrap();
        format!("<p><a href=/2021/12/0{}/x{n} title='{title}'>{begins}...</a></p>", 9 - n)
    };
    assert_eq!(of_headlines(cut), expected(day));
}

#[test]
fn a_day_in_a_headline_or_in_headings_of_another_block_is_no_items_date() {
    let undated: Vec<_> = HEADLINES.into_iter().map(|title| line(title, None, false)).collect();
    let judgment =
        |n: usize, _: &str| format!("<li><a href=/n/{n}><h3>Judgment of 1{n} May 2021 in the dam case</h3></a></li>");
    let found = of_headlines(judgment);
    assert_eq!(found.len(), HEADLINES.len());
    assert!(found.iter().all(|(_, date, _)| date.is_none()), "{found:?}");
    let past = "<div>Past meetings: <h3>12 March 2024</h3> of the board <h3>3 April 2024</h3> of the council</div>";
    let before = |n: usize, title: &str| {
        let past = if n == 0 { past } else { "" };
        format!("{past}<p><a href=/n/{n}>{title}</a></p>")
    };
    assert_eq!(of_headlines(before), undated);
    // Nor does the last day of a list reach into what follows it.
    let section = |n: usize, title: &str| match n {
        0..3 => format!("<section><h3>{} December 2021</h3><p><a href=/n/{n}>{title}</a> 10:00</p></section>", 9 - n),
        _ => format!("<section><p><a href=/n/{n}>{title}</a></p></section>"),
    };
    let dates: Vec<_> = of_headlines(section).into_iter().map(|(_, date, _)| date).collect();
    let day = |day: u8| Some(format!("2021-12-0{day}"));
    assert_eq!(dates, [day(9), day(8), day(7), None, None]);
}

#[test]
fn navigation_alone_is_no_list() {
    for html in [
        NAV.to_owned() + FOOTER,
        "<p>Nothing yet.</p>".to_owned(),
        "<a href=/a/12345>One headline alone is no list</a>".to_owned(),
    ] {
        let found = find(&html);
        assert_eq!((found.parsed.entries.len(), found.layout), (0, None));
        assert_eq!(found.parsed.fatal().unwrap().kind, "empty-list");
    }
    assert_eq!(find(" ").parsed.fatal().unwrap().kind, "empty");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_page_is_searched_without_a_panic_and_always_alike(
        html in "(<(a href=/[a-z0-9-]{0,6}|/a|li|/li|div class=[a-c]|/div|dt|dd|td|h2|/h2|time datetime=2021-12-0[1-9])>|[a-zé 2.]{0,19}){0,80}"
    ) {
        prop_assert_eq!(find(&html), find(&html));
    }
}

#[test]
fn a_month_with_its_day_beside_it_is_one_date_and_alone_is_none() {
    let list = |date: &str| {
        let item = |n: u8| {
            format!("<div class=item>{date}<a href=/news/100{n}/>The council of town {n} adopts its budget</a></div>")
        };
        let html = format!("{NAV}<div class=list>{}</div>{FOOTER}", (1..8).map(item).collect::<String>());
        seen(&html).into_iter().map(|(_, date, _)| date.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(list("<p><span>27</span><span>2026-11</span></p>"), ["2026-11-27"; 7]);
    assert_eq!(list("<div class=date><p>27</p><p>2026-11</p></div>"), ["2026-11-27"; 7]);
    assert_eq!(list("<p>2026-11</p>"), [""; 7]);
}

#[test]
fn an_item_that_tells_of_its_change_first_is_dated_by_its_publication() {
    let item = |n: u8| {
        format!(
            "<li><h3><a href=/news/100{n}/>The council of town {n} adopts its budget</a></h3><p>Updated <time datetime=2026-11-28>28 Nov</time></p><p>Posted <time datetime=2026-11-20>20 Nov</time></p></li>"
        )
    };
    let html = format!("{NAV}<ul>{}</ul>{FOOTER}", (1..5).map(item).collect::<String>());
    let dates: Vec<_> = seen(&html).into_iter().filter_map(|(_, date, _)| date).collect();
    assert_eq!(dates, ["2026-11-20"; 4]);
}

#[test]
fn an_item_s_date_that_a_theme_names_updated_is_its_publication() {
    let item = |n: u8| {
        format!(
            "<li><h3><a href=/news/100{n}/>The council of town {n} adopts its budget</a></h3><time class='entry-date updated td-module-date' datetime=2026-11-28>28 Nov</time> Deadline <time datetime=2026-11-20>20 Nov</time></li>"
        )
    };
    let html = format!("{NAV}<ul>{}</ul>{FOOTER}", (1..5).map(item).collect::<String>());
    let dates: Vec<_> = seen(&html).into_iter().filter_map(|(_, date, _)| date).collect();
    assert_eq!(dates, ["2026-11-28"; 4]);
}

/// How many articles are found where each stands so on the page, `{}` for its number.
fn counted(before: &str, item: &str, after: &str) -> usize {
    let items: String = (1..8).map(|n| item.replace("{}", &n.to_string())).collect();
    find(&format!("<body>{before}{items}{after}</body>")).parsed.entries.len()
}

#[test]
fn a_name_of_furniture_around_or_on_the_items_hides_no_list() {
    let item = "<h3><a href=/n/10{}>The council of town number {} adopts its budget</a></h3>";
    let card = |class: &str| format!("<div class='{class}'>{item}</div>");
    assert_eq!(counted(&format!("{NAV}<div class='content has-sidebar'>"), item, FOOTER), 7);
    assert_eq!(counted(&format!("<div class=off-canvas-menu-wrapper>{NAV}<div>"), item, FOOTER), 7);
    assert_eq!(counted(&format!("{NAV}<div class=navigation-tabs-content><h1>News</h1>"), item, FOOTER), 7);
    assert_eq!(counted(&format!("{NAV}<main><div class=related-content>"), item, "</div></main>"), 7);
    assert_eq!(counted(&format!("{NAV}<div class=grid>"), &card("gs-c-promo"), FOOTER), 7);
    assert_eq!(
        counted(
            &format!("{NAV}<div class=grid>"),
            &format!("<figure><img><figcaption class=caption>{item}</figcaption></figure>"),
            FOOTER
        ),
        7
    );
    // But what is aside by what it is, is: an empty list is no list of what is most read.
    assert_eq!(counted("<main><h1>Nothing yet</h1></main><aside>", item, "</aside>"), 0);
    assert_eq!(counted("<main><h1>Nothing yet</h1></main><div class=most-read>", item, "</div>"), 0);
    let beside: String = (1..4).map(|n| card("related").replace("{}", &format!("9{n}"))).collect();
    assert_eq!(
        counted("<main>", item, &format!("</main><div class=related-box>{beside}</div>")),
        7,
        "nor what is beside one"
    );
}

#[test]
fn a_headline_that_is_cut_for_show_is_as_long_as_the_whole() {
    let item = |n: u8| {
        format!(
            "<li><a href=./202112/t2021120{n}_1.shtml title=联合国大会通过打击利用信息和通信技术犯罪的第{n}号决议草案>联合国大会通过打...</a> [12-0{n}]</li>"
        )
    };
    let html = format!("<html lang=zh><ul>{}</ul>", (1..8).map(item).collect::<String>());
    let titles: Vec<_> = seen(&html).into_iter().map(|(title, _, _)| title).collect();
    assert_eq!(titles.first().map(String::as_str), Some("联合国大会通过打击利用信息和通信技术犯罪的第1号决议草案"));
    assert_eq!(titles.len(), 7);
}

#[test]
fn the_parts_of_a_tile_are_not_run_together() {
    let tile = |title: &str| {
        let item = |n: u8| {
            format!(
                "<a class=tile href=/news/100{n}><span class=cat>News</span><span class=date>2{n}.11.2026</span>{}</a>",
                title.replace("{}", &n.to_string())
            )
        };
        seen(&format!("{NAV}<div>{}</div>{FOOTER}", (1..5).map(item).collect::<String>())).remove(0)
    };
    let day = Some("2026-11-21");
    assert_eq!(
        tile("<span class=title>Assembly adopts budget number {}</span>"),
        line("Assembly adopts budget number 1", day, false)
    );
    assert_eq!(
        tile("<span class=text>Assembly adopts budget number {}</span>"),
        line("News Assembly adopts budget number 1", day, false)
    );
}

#[test]
fn a_list_that_stood_before_stays_and_what_is_aside_takes_no_other_lists_place() {
    let url = WebUrl::parse("https://news.example/world/").unwrap();
    let count = |html: &str, before: Option<&str>| listing(html.as_bytes(), None, &url, before).parsed.entries.len();
    let item = |n: usize| format!("<p><a href=/n/10{n}>The council of town number {n} adopts its budget</a></p>");
    let items = (1..11).map(item).collect::<Vec<_>>().concat();
    let related = format!("<div class=related>{items}</div>");
    let first = find(&format!("<body>{NAV}{related}{FOOTER}"));
    assert_eq!(first.parsed.entries.len(), 10);
    let speech = |n: usize| {
        format!("<li><a href=/m/20{n}>Minister {n} speaks of the budget</a> <time datetime=2021-12-0{n}></time></li>")
    };
    let dated = (1..4).map(speech).collect::<Vec<_>>().concat();
    let boxed = format!("<body>{NAV}{related}<ul>{dated}</ul>{FOOTER}");
    assert!(count(&boxed, first.layout.as_deref()) >= 10, "what was the list is still in it");
    let empty = format!("<body>{NAV}<main><h1>News</h1></main>{related}{FOOTER}");
    assert_eq!(count(&empty, Some("main > ul > li > a")), 0, "a list that is empty once is no box beside it");
}

#[test]
fn a_role_that_is_no_furnitures_and_a_logo_that_leads_home_are_told_apart() {
    let item = "<h3><a href=/n/10{}>The council of town number {} adopts its budget</a></h3>";
    assert_eq!(counted(&format!("{NAV}<div role=main class='content has-sidebar'>"), item, FOOTER), 7);
    assert_eq!(counted(&format!("{NAV}<ul class=promo-list role=list>"), &format!("<li>{item}</li>"), FOOTER), 7);
    let menu = "<div class=menu-wrapper><h1><a href='https://news.example/'>The News</a></h1>";
    let section = |n: usize| format!("<li><a href=/section/number-{n}>Section with a long name of number {n}</a></li>");
    let sections = (1..7).map(section).collect::<Vec<_>>().concat();
    let list = counted(&format!("{menu}<ul>{sections}</ul></div><div class=list>"), item, FOOTER);
    assert_eq!(list, 7, "the menu under the logo is none");
}

#[test]
fn what_is_named_the_title_of_something_else_is_no_headline() {
    let titles = |inner: &str| {
        let item = |n: u8| format!("<a class=card href=/news/100{n}>{}</a>", inner.replace("{}", &n.to_string()));
        let all = seen(&format!("{NAV}<div>{}</div>{FOOTER}", (1..8).map(item).collect::<String>()));
        all.into_iter().map(|(title, _, _)| title).next().unwrap()
    };
    let text = "<div class=text>Assembly adopts budget number {}</div>";
    let own = "Assembly adopts budget number 1";
    for name in ["pre-title", "sub-title", "section-title", "category-title"] {
        assert_eq!(
            titles(&format!("<div class={name}>General Assembly {{}}</div>{text}")),
            format!("General Assembly 1 {own}")
        );
    }
    assert_eq!(titles(&format!("<div class=title>General Assembly</div>{text}")), format!("General Assembly {own}"));
    let both = "<div class=title>General Assembly</div><div class=headline>Assembly adopts budget number {}</div>";
    assert_eq!(titles(both), own, "the wordiest");
    assert_eq!(titles(&format!("<div class=title-date>6 December 2021</div>{text}")), own);
}

#[test]
fn a_second_link_of_a_row_is_no_article_and_two_articles_in_a_row_are() {
    let row = |n: u8, title: &str, more: &str| {
        format!("<tr><td>0{n}.12.2021</td><td><a href='press.php?id={n}'>{title}</a></td><td>{more}</td></tr>")
    };
    let pdf = |n: u8| format!("<a href='/files/{n}.pdf'>PDF (12{n} KB)</a>");
    let table = |rows: [String; 4]| format!("{NAV}<table>{}</table>{FOOTER}", rows.concat());
    let rows = table([
        row(6, "Assembly adopts the resolution on security", &pdf(6)),
        row(5, "The vote is tomorrow", &pdf(5)),
        row(4, "A note to correspondents", ""),
        row(3, "Sponsors join the draft of the committee", &pdf(3)),
    ]);
    let dated = |title: &str, day: u8| line(title, Some(&format!("2021-12-0{day}")), false);
    let expected = [
        dated("Assembly adopts the resolution on security", 6),
        dated("The vote is tomorrow", 5),
        dated("A note to correspondents", 4),
        dated("Sponsors join the draft of the committee", 3),
    ];
    assert_eq!(seen(&rows), expected);
    // Of a class of its own, and as long as a headline.
    let text =
        |n: u8| format!("<a class=text href='/texts/{n}'>Download the whole text of the document (page {n})</a>");
    let rows = table([
        row(6, "Assembly adopts the resolution on security", &text(6)),
        row(5, "The vote is tomorrow", &text(5)),
        row(4, "A note to correspondents", &text(4)),
        row(3, "Sponsors join the draft of the committee", &text(3)),
    ]);
    assert_eq!(seen(&rows), expected);
    // What an article is filed under stands before it.
    let filed = |n: u8, of: &str, title: &str| {
        format!("<li><a href=/category/{of}>{of}</a> <a href=/news/{n}>{title}</a> <span>{n} December 2021</span></li>")
    };
    let list = [
        filed(6, "diplomacy", "Assembly adopts the resolution on security"),
        filed(5, "economy", "The vote is tomorrow"),
        filed(4, "diplomacy", "A note to correspondents"),
        filed(3, "sport", "Sponsors join the draft of the committee"),
    ];
    assert_eq!(seen(&format!("{NAV}<ul>{}</ul>{FOOTER}", list.concat())), expected);
}

#[test]
fn a_second_link_that_may_be_an_article_is_one() {
    // Short headlines beside long ones are headlines: in sections, in columns, and in a script of few letters.
    let section = |n: u8, titles: [&str; 3]| {
        let items =
            titles.iter().zip(1..).map(|(title, of)| format!("<li><a href=/news/{n}{of}.html>{title}</a></li>"));
        format!("<div class=section><ul>{}</ul></div>", items.collect::<String>())
    };
    let long = "A headline that says at length what has come of it all";
    let sections = [
        section(1, ["Kyiv hit by drones", long, "Another of those that take their time"]),
        section(2, ["Oil falls below 70", long, "Another of those that take their time"]),
        section(3, ["Murray wins again", long, "Another of those that take their time"]),
        section(4, ["商务部回应关税", "联合国大会通过了关于信息和电信领域发展的决议草案", "王毅会见法国外长"]),
    ];
    assert_eq!(seen(&format!("{NAV}<main>{}</main>", sections.concat())).len(), 12);
    // A series of one name beside its topics is what the list is of.
    let report = |n: u8, of: &str| {
        format!(
            "<li><a href=/report/{n}>Humanitarian situation report No. 4{n}</a> <a href=/country/{of}>{of}</a> <span>{n} December 2021</span></li>"
        )
    };
    let reports = [report(6, "Ukraine"), report(5, "Sudan"), report(4, "Yemen"), report(3, "Chad")].concat();
    let reports = seen(&format!("{NAV}<ul>{reports}</ul>{FOOTER}"));
    assert_eq!(reports.first().map(|(title, ..)| title.as_str()), Some("Humanitarian situation report No. 46"));
    let briefing = |n: u8, of: &str| {
        format!(
            "<article><h3><a href=/briefings/{n}>Daily press briefing of the spokesman, {n} December</a></h3><span class=cat><a \
            href=/topic/{n}/>{of} and other matters</a></span><time datetime=2021-12-0{n}>{n} Dec</time></article>"
        )
    };
    let briefings = [
        briefing(6, "Disarmament"),
        briefing(5, "Peacekeeping"),
        briefing(4, "Development"),
        briefing(3, "Humanitarian"),
    ];
    let briefings = seen(&format!("{NAV}<main>{}</main>", briefings.concat()));
    let first = line("Daily press briefing of the spokesman, 6 December", Some("2021-12-06"), false);
    assert_eq!(briefings.first(), Some(&first));
    // Two in a row are two, and what comes each day under one name is told each day.
    let pair = |n: u8| {
        format!(
            "<tr><td><a href=/2021/12/0{n}/one>The first headline of day {n} is here</a></td><td><a \
            href=/2021/12/0{n}/two>Another story of day {n} is told</a></td></tr>"
        )
    };
    assert_eq!(seen(&format!("<table>{}</table>", (1..=4).map(pair).collect::<String>())).len(), 8);
    let daily = |n: u8| {
        let link = format!("<a href='press.php?id={n}'>Daily press briefing by the spokesman of the secretary</a>");
        format!("<tr><td>0{n}.12.2021</td><td>{link}</td><td></td></tr>")
    };
    assert_eq!(seen(&format!("{NAV}<table>{}</table>{FOOTER}", (3..7).map(daily).collect::<String>())).len(), 4);
}

#[test]
fn a_line_that_is_a_day_dates_what_follows() {
    let dates = |html: &str| {
        let entries = find(html).parsed.entries.into_iter();
        entries.map(|entry| entry.published.map(|at| at.strftime("%d").to_string())).collect::<Vec<_>>()
    };
    let item = |n: u8| {
        format!(
            "<div class=item><a href=/news/100{n}/>The council of town {n} adopts its budget for the year</a></div>"
        )
    };
    let days = |open: &str, close: &str| {
        let parts =
            [open, "6 декабря 2021", close, &item(1), &item(2), open, "5 декабря 2021", close, &item(3), &item(4)];
        format!("{NAV}<div class=list>{}</div>{FOOTER}", parts.concat())
    };
    let expected = |days: &[&str]| days.iter().map(|day| Some((*day).to_owned())).collect::<Vec<_>>();
    assert_eq!(dates(&days("<h3>", "</h3>")), expected(&["06", "06", "05", "05"]));
    let lines = days("<div class=day-title>", "</div>");
    assert_eq!(dates(&lines), expected(&["06", "06", "05", "05"]));
    // A class for every other day; the newest day with one item yet; what stands under another heading is of no day.
    let turns = lines.replacen("<div class=day-title>5", "<div class='day-title odd'>5", 1);
    assert_eq!(dates(&turns), expected(&["06", "06", "05", "05"]));
    let morning = lines.replacen(&item(2), "", 1);
    assert_eq!(dates(&morning), expected(&["06", "05", "05"]));
    let more = lines.replace("</div><footer>", &format!("<h2>Most recent</h2>{}</div><footer>", item(5)));
    assert_eq!(dates(&more).last(), Some(&None));
    // Below what they date; from and until above a list; one date, of the visit.
    let below = [&item(1), &item(2), "<p>6 декабря 2021</p>", &item(3), &item(4), "<p>5 декабря 2021</p>", &item(5)];
    assert_eq!(dates(&format!("<div>{}</div>", below.concat())), [const { None }; 5]);
    let list: String = (1..=6).map(item).collect();
    let above = |lines: &str| dates(&format!("<div>{lines}{list}</div>"));
    assert_eq!(above("<div class=date>01.01.2010</div><div class=date>28.11.2020</div>"), [const { None }; 6]);
    assert_eq!(above("<div class=today>28 ноября 2026</div>"), [const { None }; 6]);
}

#[test]
fn a_day_in_an_address_is_the_items_and_a_number_or_a_topics_day_is_none() {
    let dates = |paths: &[&str]| {
        let item = |path: &&str| {
            format!("<div class=item><a href=/{path}>The council of a town adopts its budget for the year</a></div>")
        };
        let entries = find(&paths.iter().map(item).collect::<String>()).parsed.entries.into_iter();
        entries.map(|entry| entry.published.map(|at| at.strftime("%d").to_string())).collect::<Vec<_>>()
    };
    let day = |day: &str| Some(day.to_owned());
    assert_eq!(
        dates(&["20211206/a-1.html", "20211206/a-2.html", "20211205/a-3.html", "202112/t20211204_1.html"]),
        [day("06"), day("06"), day("05"), day("04")]
    );
    assert_eq!(dates(&["20121108/a-1.html", "20121108/a-2.html", "20121108/a-3.html"]), [None, None, None]);
    let topics = ["zt/20221016/a-1.html", "zt/20230305/a-2.html", "news/20051204", "news/20051203/", "20051202/"];
    assert_eq!(dates(&topics), [const { None }; 5]);
}
