use proptest::collection::vec;
use proptest::prelude::*;

use super::{World, is_left_alone, named, now, page, response, rss, said, unreachable};
use crate::discover::{REQUESTS_MAX, Search, Stopped, Wanted};
use crate::model::{FailureKind, WebUrl};

#[test]
fn a_feed_that_is_named_itself_takes_one_request_whatever_it_is() {
    let world = World::default().with("https://site.example/comments/feed/", &rss("Comments on A", "a", 3));
    let (found, asked) = world.search("https://site.example/comments/feed/");
    assert_eq!(said(&found), ["* https://site.example/comments/feed/ itself comments 3"]);
    assert_eq!(asked.len(), 1);
}

#[test]
fn a_feed_that_moved_for_good_is_polled_where_it_is_now_and_one_that_moved_for_now_is_not() {
    let world = World::default()
        .with("https://site.example/rss", &rss("Harbour", "news", 3))
        .moved("http://site.example/rss", "https://site.example/rss", 301)
        .moved("https://short.example/x", "https://site.example/rss", 302);
    assert_eq!(said(&world.search("http://site.example/rss").0), ["* https://site.example/rss itself main 3"]);
    assert_eq!(said(&world.search("https://short.example/x").0), ["* https://short.example/x itself main 3"]);
}

#[test]
fn a_newspaper_that_names_a_feed_for_each_section_is_asked_for_a_few() {
    let head: String = (0..30).map(|n| named(&format!("/{n}.xml"))).collect();
    let world = (0..30).fold(World::default().with("https://site.example/", &page(&head, 8)), |world, n| {
        world.with(&format!("https://site.example/{n}.xml"), &rss(&format!("Section {n}"), &format!("s{n}"), 5))
    });
    let (found, asked) = world.search("https://site.example/");
    assert_eq!((asked.len(), found.unasked.len()), (5, 26));
    assert_eq!(found.best().unwrap().url.as_str(), "https://site.example/0.xml");
}

#[test]
fn of_the_many_feeds_that_a_section_names_its_own_are_looked_at_first() {
    let sections = ["Home", "Politics", "Sport", "Money", "Culture", "Travel", "Science", "World", "Weather"];
    let link = |name: &&str| {
        named(&format!("/rss/{}.xml", name.to_lowercase())).replace("'>", &format!("' title='Harbour - {name}'>"))
    };
    let head: String = sections.iter().map(link).collect();
    let world = sections.iter().fold(World::default(), |world, name| {
        let (url, slug) = (format!("https://site.example/rss/{}.xml", name.to_lowercase()), name.to_lowercase());
        world.with(&url, &rss(&format!("Harbour - {name}"), &slug, 5))
    });
    let of = |path: &str, title: &str| {
        let page = page(&head, 0).replace("Site of the harbour", title);
        let address = format!("https://site.example{path}");
        let world = World { pages: world.pages.clone() }.with(&address, &page);
        world.search(&address).0.best().unwrap().url.as_str().to_owned()
    };
    assert_eq!(of("/world/", "World news | Harbour"), "https://site.example/rss/world.xml");
    assert_eq!(of("/s/12", "Weather | Harbour"), "https://site.example/rss/weather.xml", "by its title alone");
    assert_eq!(of("/", "Harbour"), "https://site.example/rss/home.xml", "a front page's first stays first");
}

#[test]
fn a_dead_address_leads_to_what_its_page_names_else_to_what_the_front_page_does() {
    let feed = || World::default().with("https://site.example/new.xml", &rss("Harbour", "news", 5));
    let gone = |world: World, head: &str| {
        let mut world = world;
        let dead = response("https://site.example/old.xml", 404, &page(head, 0));
        world.pages.insert("https://site.example/old.xml".to_owned(), Ok(dead));
        let (found, asked) = world.search("https://site.example/old.xml");
        (found.best().map(|best| best.url.as_str().to_owned()), asked.len())
    };
    let new = Some("https://site.example/new.xml".to_owned());
    assert_eq!(gone(feed(), &named("/new.xml")), (new.clone(), 2));
    let front = feed().with("https://site.example/", &page(&named("/new.xml"), 8));
    assert_eq!(gone(front, ""), (new, 3), "the list of another page is none of it");
    let (found, asked) = World::default().search("https://site.example/old.xml");
    assert_eq!((found.best().is_none(), asked.get(1).map(String::as_str)), (true, Some("https://site.example/")));
}

#[test]
fn a_page_that_only_links_to_its_feed_is_followed() {
    let page = page("", 0).replace("<main>", "<main><a class=rss href=\"/service/rss.xml?a=1&amp;b=2\">RSS</a>");
    let world = World::default()
        .with("https://site.example/", &page)
        .with("https://site.example/service/rss.xml?a=1&b=2", &rss("Harbour", "n", 3));
    assert_eq!(
        said(&world.search("https://site.example/").0),
        ["* https://site.example/service/rss.xml?a=1&b=2 linked main 3"]
    );
}

#[test]
fn a_link_that_is_called_a_feed_is_followed_whatever_its_address_and_a_headline_about_feeds_is_not() {
    let find = |links: &str| {
        let world = World::default()
            .with("https://site.example/", &page("", 4).replace("</main>", &format!("{links}</main>")))
            .with("https://site.example/export.php?type=5", &rss("Harbour", "n", 3));
        let (found, asked) = world.search("https://site.example/");
        (found.best().unwrap().url.as_str().to_owned(), asked.get(1).cloned())
    };
    let (feed, list) = ("https://site.example/export.php?type=5", "https://site.example/");
    let is_found = |links: &str| find(links) == (feed.to_owned(), Some(feed.to_owned()));
    assert!(is_found("<a class=x href='/export.php?type=5'><b>RSS</b></a>"));
    assert!(is_found("<a title='RSS feed' href='/export.php?type=5'></a>"));
    assert!(is_found("<a\n href=/export.php?type=5><img src=i.png alt='Новости: RSS'></a>"));
    // Nor is what is said of a place on the page itself, or of another site.
    for links in [
        "<a href='/export.php?type=5'>How feeds of the sea birds changed last year</a>",
        "<a href='#rss'>RSS</a><a href='https://other.example/x'>RSS</a><a href='/export.php?type=5'>Export</a>",
    ] {
        assert_eq!(find(links), (list.to_owned(), Some("https://site.example/feed/".to_owned())), "{links}");
    }
}

#[test]
fn a_page_that_sends_on_at_once_is_gone_through_twice_at_most() {
    let on = |to: &str| format!("<html><head><meta http-equiv='refresh' content='0; url={to}'></head></html>");
    let world = World::default()
        .with("https://site.example/", &on("/start"))
        .with("https://site.example/start", &on("/en/"))
        .with("https://site.example/en/", &page(&named("/en/rss.xml"), 4))
        .with("https://site.example/en/rss.xml", &rss("Site of the harbour", "en", 3));
    let (found, asked) = world.search("https://site.example/");
    assert_eq!((found.best().unwrap().url.as_str(), asked.len()), ("https://site.example/en/rss.xml", 4));
    let round = World::default().with("https://site.example/a", &on("/b")).with("https://site.example/b", &on("/c"));
    let round = round.with("https://site.example/c", &on("/a")).with("https://site.example/", &page("", 0));
    let (_, asked) = round.search("https://site.example/a");
    assert_eq!(asked.iter().take(3).filter_map(|url| url.rsplit('/').next()).collect::<Vec<_>>(), ["a", "b", "c"]);
    // What has something to show is looked at itself.
    let shown = World::default().with("https://site.example/", &page(&on("/start"), 4));
    assert!(!shown.search("https://site.example/").1.contains(&"https://site.example/start".to_owned()));
}

#[test]
fn links_for_sharing_are_no_feeds_and_a_page_about_feeds_is_gone_through() {
    let links = "<main><a href='https://share.example/dialog/feed?link=x'>Share</a><a href='/rss/'>Our feeds</a>";
    let about = page("", 0).replace("<main>", "<main><a href='/rss/law.rss'>Law</a><a href='/rss/all.rss'>All</a>");
    let world = World::default()
        .with("https://site.example/", &page("", 0).replace("<main>", links))
        .with("https://site.example/rss/", &about)
        .with("https://site.example/rss/law.rss", &rss("Law", "law", 4))
        .with("https://site.example/rss/all.rss", &rss("Site of the harbour", "all", 4));
    let (found, asked) = world.search("https://site.example/");
    assert_eq!(found.best().unwrap().url.as_str(), "https://site.example/rss/all.rss");
    assert_eq!(asked.len(), 4, "{asked:?}");
}

#[test]
fn what_stands_beside_an_article_is_shown_and_not_taken() {
    let article = page("<meta property=\"og:type\" content=\"article\">", 8);
    let (found, _) = World::default().with("https://site.example/a", &article).search("https://site.example/a");
    assert_eq!(said(&found), ["https://site.example/a listed beside 8"]);
}

#[test]
fn a_page_that_names_nothing_is_asked_at_four_well_known_paths_its_maker_s_first() {
    let world =
        World::default().with("https://site.example/blog/", &page("<meta name='generator' content='Hugo 0.150'>", 0));
    let (found, asked) = world.search("https://site.example/blog/");
    assert_eq!(
        asked,
        [
            "https://site.example/blog/",
            "https://site.example/index.xml",
            "https://site.example/blog/feed/",
            "https://site.example/feed/",
            "https://site.example/rss.xml",
            "https://site.example/robots.txt"
        ]
    );
    assert!(found.findings.is_empty() && found.stopped.is_none());
    let world = world.with("https://site.example/index.xml", &rss("Harbour", "n", 3));
    assert_eq!(world.search("https://site.example/blog/").1.len(), 2);
}

#[test]
fn a_news_sitemap_of_robots_txt_comes_before_the_list_of_the_page() {
    let news = "<urlset xmlns:news='n'><url><loc>https://site.example/a</loc><news:news><news:title>The harbour is open</news:title>\
        <news:publication_date>2026-11-23T10:00:00Z</news:publication_date></news:news></url></urlset>";
    let index =
        "<sitemapindex><sitemap><loc>/pages.xml</loc></sitemap><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>";
    let world = World::default()
        .with("https://site.example/", &page("", 8))
        .with("https://site.example/robots.txt", "User-agent: *\nDisallow: /x\nsitemap: /index.xml\n")
        .with("https://site.example/index.xml", index)
        .with("https://site.example/news.xml", news);
    let (found, asked) = world.search("https://site.example/");
    assert_eq!(said(&found), ["* https://site.example/news.xml robots main 1", "https://site.example/ listed main 8"]);
    assert_eq!(asked.last().map(String::as_str), Some("https://site.example/news.xml"));
    assert!(!asked.contains(&"https://site.example/sitemap.xml".to_owned()), "a path that nobody named was asked");
}

#[test]
fn an_index_is_polled_where_it_was_named_itself_or_its_sitemaps_are_of_a_day() {
    let news = "<urlset xmlns:news='n'><url><loc>https://site.example/a</loc><news:news><news:title>The harbour is open</news:title>\
        <news:publication_date>2026-11-23T10:00:00Z</news:publication_date></news:news></url></urlset>";
    let index =
        "<sitemapindex><sitemap><loc>/news-2026-11-23.xml</loc><lastmod>2026-11-23</lastmod></sitemap></sitemapindex>";
    let world = World::default()
        .with("https://site.example/", &page("", 0))
        .with("https://site.example/robots.txt", "Sitemap: https://site.example/index.xml")
        .with("https://site.example/index.xml", index)
        .with("https://site.example/news-2026-11-23.xml", news);
    assert_eq!(said(&world.search("https://site.example/").0), ["* https://site.example/index.xml robots main 1"]);
    let (found, asked) = world.search("https://site.example/index.xml");
    assert_eq!((said(&found).join(""), asked.len()), ("* https://site.example/index.xml itself main 1".to_owned(), 2));
}

#[test]
fn an_ordinary_sitemap_is_shown_below_the_list_and_never_taken() {
    let world = World::default()
        .with("https://site.example/", &page("", 0))
        .with("https://site.example/robots.txt", "Sitemap: https://site.example/map.xml")
        .with("https://site.example/map.xml", "<urlset><url><loc>https://site.example/a</loc></url></urlset>");
    assert_eq!(said(&world.search("https://site.example/").0), ["https://site.example/map.xml robots addresses 1"]);
}

#[test]
fn a_platform_is_asked_for_what_it_serves_and_for_nothing_else() {
    let world = World::default()
        .failing("https://www.reddit.com/r/rust", 403, &[])
        .with("https://www.reddit.com/r/rust/.rss", &rss("r/rust", "r", 5));
    let (found, asked) = world.search("https://www.reddit.com/r/rust");
    assert_eq!(said(&found), ["* https://www.reddit.com/r/rust/.rss platform main 5"]);
    assert_eq!(asked.len(), 2);
    let (found, asked) = World::default().search("https://www.reddit.com/r/nowhere");
    assert_eq!((found.findings.len(), asked.len()), (0, 2));
}

#[test]
fn a_handle_s_page_names_its_channel_somewhere() {
    let id = "UCabcdefghijklmnopqrstuv";
    let feed = format!("https://www.youtube.com/feeds/videos.xml?channel_id={id}");
    let page = format!("<html><body><script>var d={{\"externalId\":\"{id}\"}}</script></body></html>");
    let world = World::default().with("https://www.youtube.com/@somebody", &page).with(&feed, &rss("Somebody", "v", 5));
    assert_eq!(said(&world.search("https://www.youtube.com/@somebody").0), [format!("* {feed} platform main 5")]);
}

#[test]
fn a_channel_s_page_is_read_by_what_is_known_of_it() {
    let message = |n: u32| {
        format!(
            "<div class='tgme_widget_message_wrap'><div class='tgme_widget_message'><div class='tgme_widget_message_text'>Message {n}</div>\
             <a class='tgme_widget_message_date' href='https://t.me/channelname/{n}'><time datetime='2026-11-2{n}T10:00:00+00:00'>10:00</time></a></div></div>"
        )
    };
    let shown = format!("<html><head><title>Channel</title></head><body>{}{}</body></html>", message(1), message(2));
    let world = World::default()
        .with("https://t.me/channelname", "<html><body>Preview channel</body></html>")
        .with("https://t.me/s/channelname", &shown);
    assert_eq!(said(&world.search("https://t.me/channelname").0), ["* https://t.me/s/channelname platform main 2"]);
    let (found, asked) = world.search("https://t.me/s/channelname");
    assert_eq!(
        (said(&found).first().map(String::as_str), asked.len()),
        (Some("* https://t.me/s/channelname platform main 2"), 1)
    );
}

#[test]
fn whoever_asks_to_be_left_alone_is_left_alone() {
    let world = World::default().failing("https://site.example/", 429, &[("retry-after", "120")]);
    let (found, asked) = world.search("https://site.example/");
    assert_eq!(is_left_alone(&found), Some(("site.example", 429, Some("2026-11-24T12:02:00Z".parse().unwrap()))));
    assert_eq!(asked.len(), 1);
    let later = World::default()
        .with("https://site.example/", &page(&[named("/a"), named("/b"), named("/c")].concat(), 8))
        .with("https://site.example/a", &rss("Harbour", "n", 3))
        .failing("https://site.example/b", 503, &[]);
    let (found, asked) = later.search("https://site.example/");
    assert_eq!((asked.len(), is_left_alone(&found).map(|(_, status, _)| status)), (3, Some(503)));
    assert_eq!(found.best().unwrap().url.as_str(), "https://site.example/a");
}

#[test]
fn what_can_not_be_reached_is_asked_once() {
    let mut world = World::default();
    world.pages.insert("https://nowhere.example/".to_owned(), unreachable(FailureKind::Dns));
    let (found, asked) = world.search("https://nowhere.example/");
    assert_eq!(asked.len(), 1);
    assert_eq!(found.stopped, Some(Stopped::Unreachable("dns: no address of that name".to_owned())));
}

#[test]
fn a_wall_in_the_page_s_place_is_named() {
    let check = "<html><head><title>Just a moment...</title></head><body><script src='/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1'></script></body></html>";
    let (found, _) = World::default().with("https://site.example/", check).search("https://site.example/");
    assert!(found.in_vain.iter().any(|(_, why)| why.contains("check for robots")), "{:?}", found.in_vain);
}

proptest! {
    /// Whatever sites answer, a search ends within its bound, asks no address twice, and takes nothing it did not find.
    #[test]
    fn a_search_ends_whatever_comes(bodies in vec("[ -~<>/=\"']{0,120}", 1..12), statuses in vec(prop_oneof![4 => Just(200_u16), 1 => Just(404), 1 => Just(500)], 12)) {
        let mut search = Search::new(WebUrl::parse("https://site.example/a/b").unwrap(), Wanted { lang: None, now: now() });
        let mut asked = Vec::new();
        while let Some(ask) = search.ask() {
            prop_assert!(!asked.contains(&ask.url));
            asked.push(ask.url.clone());
            let n = asked.len() - 1;
            let body = format!("<link rel=alternate type=application/rss+xml href='/{n}'><a href='/{n}.rss'>{}", bodies[n % bodies.len()]);
            search.take(&ask, &Ok(response(ask.url.as_str(), statuses[n % 12], &body)));
        }
        prop_assert!(asked.len() <= REQUESTS_MAX);
        search.finish();
    }
}
