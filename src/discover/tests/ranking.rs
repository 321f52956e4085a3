use super::{World, named, page, rss, rss_from, said};

#[test]
fn a_feed_in_two_forms_is_shown_once_and_comments_come_last() {
    let head = [named("/comments/feed/"), named("/rss"), named("/atom")].concat();
    let world = World::default()
        .with("https://site.example/", &page(&head, 0))
        .with("https://site.example/rss", &rss("Harbour", "news", 10))
        .with("https://site.example/atom", &rss("Harbour", "news", 20));
    let (found, asked) = world.search("https://site.example/");
    assert_eq!(said(&found), ["* https://site.example/rss named main 10 = https://site.example/atom"]);
    assert_eq!(asked, ["https://site.example/", "https://site.example/rss", "https://site.example/atom"]);
    assert_eq!(found.unasked.len(), 1, "{:?}", found.unasked);
}

#[test]
fn the_feed_of_the_section_that_was_named_comes_before_the_whole_site_s() {
    let head = [named("/feed/"), named("/law/feed/")].concat();
    let world = World::default()
        .with("https://site.example/law/", &page(&head, 0))
        .with("https://site.example/feed/", &rss("Harbour", "news", 10))
        .with("https://site.example/law/feed/", &rss("Harbour: law", "law", 10));
    let (found, _) = world.search("https://site.example/law/");
    assert_eq!(found.best().unwrap().url.as_str(), "https://site.example/law/feed/");
}

#[test]
fn the_feed_in_the_language_that_is_wanted_or_spoken_there_comes_first() {
    let in_language = |lang: &str, path: &str| {
        rss("Harbour", path, 5).replace("<channel>", &format!("<channel><language>{lang}</language>"))
    };
    let head = [named("/fr.xml"), named("/en.xml"), named("/de.xml")].concat();
    let world = World::default()
        .with("https://site.example/", &page(&head, 0))
        .with("https://site.example/fr.xml", &in_language("fr-FR", "fr"))
        .with("https://site.example/en.xml", &in_language("en", "en"))
        .with("https://site.example/de.xml", &in_language("de", "de"));
    let best = |lang| world.search_for("https://site.example/", lang).0.best().unwrap().url.as_str().to_owned();
    assert_eq!(best(None), "https://site.example/en.xml");
    assert_eq!(best(Some("de")), "https://site.example/de.xml");
}

#[test]
fn an_empty_feed_gives_way_to_a_list_and_is_taken_where_there_is_nothing_else() {
    let empty = "<rss version='2.0'><channel><title>Harbour</title></channel></rss>";
    let with_list = World::default()
        .with("https://site.example/", &page(&named("/rss"), 8))
        .with("https://site.example/rss", empty);
    let (found, _) = with_list.search("https://site.example/");
    assert_eq!(said(&found), ["* https://site.example/ listed main 8", "https://site.example/rss named empty 0"]);
    let alone = World::default()
        .with("https://site.example/", &page(&named("/rss"), 0))
        .with("https://site.example/rss", empty);
    assert_eq!(said(&alone.search("https://site.example/").0), ["* https://site.example/rss named empty 0"]);
}

#[test]
fn a_feed_that_was_given_up_gives_way_to_a_list_that_goes_on() {
    let world = World::default()
        .with("https://site.example/", &page(&named("/rss"), 8))
        .with("https://site.example/rss", &rss_from("Harbour", "old", 10, "2024-01-01T00:00:00Z"));
    let (found, _) = world.search("https://site.example/");
    assert_eq!(said(&found), ["* https://site.example/ listed main 8", "https://site.example/rss named stale 10"]);
}

#[test]
fn a_podcast_comes_after_what_can_be_read() {
    let podcast = rss("Harbour aloud", "talk", 6)
        .replace("</item>", "<enclosure url='https://site.example/a.mp3' type='audio/mpeg' length='1'/></item>");
    let head = [named("/podcast.xml"), named("/rss")].concat();
    let world = World::default()
        .with("https://site.example/", &page(&head, 0))
        .with("https://site.example/podcast.xml", &podcast)
        .with("https://site.example/rss", &rss("Harbour", "news", 3));
    let (found, _) = world.search("https://site.example/");
    assert_eq!(
        said(&found),
        ["* https://site.example/rss named main 3", "https://site.example/podcast.xml named podcast 6"]
    );
}

#[test]
fn a_feed_of_comments_alone_is_shown_and_not_taken() {
    let world = World::default()
        .with("https://site.example/", &page(&named("/comments/feed/"), 0))
        .with("https://site.example/comments/feed/", &rss("Comments on Harbour", "news", 4));
    let (found, _) = world.search("https://site.example/");
    assert_eq!(said(&found), ["https://site.example/comments/feed/ named comments 4"]);
}

#[test]
fn a_feed_of_comments_is_known_by_its_links_in_any_language() {
    let comments = rss("Komentar di: Harbour", "news/2026/a/#comment-", 4);
    let world = World::default()
        .with("https://site.example/news/2026/a/", &page(&[named("/feed/"), named("/news/2026/a/feed/")].concat(), 0))
        .with("https://site.example/feed/", &rss("Harbour", "news", 4))
        .with("https://site.example/news/2026/a/feed/", &comments);
    let (found, _) = world.search("https://site.example/news/2026/a/");
    assert_eq!(
        said(&found),
        ["* https://site.example/feed/ named main 4", "https://site.example/news/2026/a/feed/ named comments 4"]
    );
}

#[test]
fn what_names_no_language_is_in_that_of_its_titles() {
    let of = |title: &str| rss(title, "news", 5);
    let head = [named("/en.xml"), named("/fr.xml"), named("/ru.xml")].concat();
    let world = World::default()
        .with("https://site.example/", &page(&head, 0))
        .with("https://site.example/en.xml", &of("The General Assembly adopts a resolution on the use of outer space"))
        .with("https://site.example/fr.xml", &of("L'Assemblée générale adopte une résolution sur l'espace"))
        .with("https://site.example/ru.xml", &of("Генеральная Ассамблея приняла резолюцию о космосе"));
    let best = |lang| world.search_for("https://site.example/", Some(lang)).0.best().unwrap().url.as_str().to_owned();
    assert_eq!(best("ru"), "https://site.example/ru.xml");
    assert_eq!(best("fr"), "https://site.example/fr.xml");
}
