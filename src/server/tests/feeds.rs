//! Feeds, as a reader's program asks for them.

use super::*;

impl World {
    async fn feed(&self, name: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
        let mut request = Request::get(format!("/feeds/{name}")).header(header::HOST, "news.example");
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn a_topics_feed_holds_an_entry_an_event_that_keeps_its_id_as_the_event_grows() {
    let world = world();
    world.furnish().await;
    world.happen(&["The council meets", "A <b>vote</b> & a walkout"]).await;
    assert!(!world.feed("council.atom", &[]).await.text.contains("<entry>"), "none was told");
    for event in [1, 2] {
        let change = EventChange { id: EventId(event), changed_at: at(event), told_at: Some(at(1)), retitled: None };
        let commit = Commit { changed: vec![change], ..Commit::default() };
        world.keeper.write(move |store| store.commit_decisions(&commit)).await.unwrap();
    }
    for (name, media_type, entry) in [
        ("council.atom", "application/atom+xml; charset=utf-8", "<entry>"),
        ("council.rss", "application/rss+xml; charset=utf-8", "<item>"),
        ("council.json", "application/feed+json; charset=utf-8", "\"date_modified\""),
    ] {
        let answer = world.feed(name, &[]).await;
        assert_eq!(
            (answer.status, &answer.headers[header::CONTENT_TYPE].to_str().unwrap()),
            (StatusCode::OK, &media_type)
        );
        assert_eq!(answer.text.matches(entry).count(), 2, "{}", answer.text);
        assert!(answer.text.contains(&format!("http://news.example/feeds/{name}")), "{}", answer.text);
        assert!(answer.text.contains("press.example/1"), "{}", answer.text);
        let plain = answer.text.replace("&quot;", "\"").replace("\\\"", "\"");
        assert_eq!(
            plain.matches("<li dir=\"auto\">").count() + plain.matches("&lt;li dir=\"auto\"&gt;").count(),
            2,
            "{plain}"
        );
    }
    let ids = |answer: &Answer| {
        let feed = answer.json();
        let ids: Vec<_> = feed["items"].as_array().unwrap().iter().map(|item| item["id"].to_string()).collect();
        ids
    };
    let before = world.feed("council.json", &[]).await;
    let grown = EventChange { id: EventId(1), changed_at: at(50), told_at: None, retitled: None };
    let commit = Commit { changed: vec![grown], ..Commit::default() };
    world.keeper.write(move |store| store.commit_decisions(&commit)).await.unwrap();
    let after = world.feed("council.json", &[]).await;
    assert_eq!(ids(&before), ids(&after));
    assert_ne!(before.headers[header::ETAG], after.headers[header::ETAG]);
    assert!(after.text.contains(&at(50).to_string()), "{}", after.text);
    for absent in ["moon.atom", "council.xml", "council", ".atom"] {
        assert_eq!(world.feed(absent, &[]).await.status, StatusCode::NOT_FOUND, "{absent}");
    }
}

#[tokio::test]
async fn a_reader_that_has_the_feed_already_is_sent_nothing() {
    let world = world();
    world.furnish().await;
    world.happen(&["The council meets"]).await;
    let told = EventChange { id: EventId(1), changed_at: at(-60), told_at: Some(at(-60)), retitled: None };
    let commit = Commit { changed: vec![told], ..Commit::default() };
    world.keeper.write(move |store| store.commit_decisions(&commit)).await.unwrap();

    let first = world.feed("council.rss", &[]).await;
    let etag = first.headers[header::ETAG].to_str().unwrap();
    let weak = format!("\"x\", W/{etag}");
    for tag in [etag, weak.as_str()] {
        let again = world.feed("council.rss", &[(header::IF_NONE_MATCH, tag)]).await;
        assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
        assert_eq!(again.headers[header::ETAG], first.headers[header::ETAG]);
    }
    let other = [(header::IF_NONE_MATCH, "\"other\"")];
    assert_eq!(world.feed("council.rss", &other).await.status, StatusCode::OK, "the tag decides");
    let dated = [(header::IF_MODIFIED_SINCE, "Tue, 24 Nov 2026 11:59:00 GMT")];
    let dated = world.feed("council.rss", &dated).await;
    assert_eq!(
        (dated.status, dated.headers.get(header::LAST_MODIFIED)),
        (StatusCode::OK, None),
        "no date says as much"
    );
}

#[tokio::test]
async fn an_event_that_is_told_late_stands_first_among_those_that_were_opened_after_it() {
    let world = world();
    world.furnish().await;
    let titles: Vec<&'static str> = vec!["Council votes"; 42];
    world.happen(titles.leak()).await;
    let told = |ids: std::ops::RangeInclusive<i64>, second| {
        let change = move |id| EventChange {
            id: EventId(id),
            changed_at: at(second),
            told_at: Some(at(second)),
            retitled: None,
        };
        let commit = Commit { changed: ids.map(change).collect(), ..Commit::default() };
        world.keeper.write(move |store| store.commit_decisions(&commit))
    };
    told(2..=42, 2).await.unwrap();
    told(1..=1, 9).await.unwrap();
    let feed = world.feed("council.json", &[]).await.json();
    let links: Vec<_> = feed["items"].as_array().unwrap().iter().map(|item| item["url"].to_string()).collect();
    assert_eq!(
        (links.len(), links[0].as_str(), links[1].as_str()),
        (40, "\"https://press.example/0\"", "\"https://press.example/41\"")
    );
}

#[tokio::test]
async fn a_path_that_is_no_text_leads_nowhere_and_is_told_as_all_else() {
    let world = world();
    for path in ["/feeds/%ff", "/topics/%ff", "/stories/%ff", "/events/%ff", "/websub/%ff", "/v1/topics/%ff"] {
        let answer = world.get(path).await;
        let kind = answer.headers[header::CONTENT_TYPE].to_str().unwrap();
        assert_eq!((answer.status, kind), (StatusCode::NOT_FOUND, "application/problem+json"), "{path}");
    }
}

#[tokio::test]
async fn a_feed_names_where_its_older_entries_are_until_there_are_none() {
    let world = world();
    world.furnish().await;
    world.happen(&["An event"; 90]).await;
    let told =
        |event| EventChange { id: EventId(event), changed_at: at(9), told_at: Some(at(event / 2)), retitled: None };
    let commit = Commit { changed: (1..=90).map(told).collect(), ..Commit::default() };
    world.keeper.write(move |store| store.commit_decisions(&commit)).await.unwrap();

    let (mut seen, mut next) = (Vec::new(), Some("council.json".to_owned()));
    while let Some(name) = next {
        let page = world.feed(&name, &[]).await.json();
        seen.push(page["items"].as_array().unwrap().len());
        next = page["next_url"].as_str().map(|url| url.replace("http://news.example/feeds/", ""));
    }
    assert_eq!(seen, [40, 40, 10]);
    let atom = world.feed("council.atom", &[]).await.text;
    assert_eq!(atom.matches("<link rel=\"next\" href=\"http://news.example/feeds/council.atom?before=").count(), 1);
    assert_eq!(world.feed("council.atom?before=soon", &[]).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.feed("council.atom?cache=7", &[]).await.status, StatusCode::OK);
}
