use std::time::Duration;

use crate::discover::{Fate, KnownSources, Shelves, sort_out};
use crate::feed::opml;
use crate::model::{Origin, Source, SourceId, SourceSpec, SourceState, TopicKey, TopicSpan, TopicSpec, WebUrl};

fn topic(id: &str) -> TopicSpec {
    TopicSpec {
        key: TopicKey::parse(id).unwrap(),
        name: id.to_owned(),
        query: id.to_owned(),
        fresh: Duration::from_hours(48),
        stale: Duration::from_hours(336),
        span: TopicSpan::default(),
    }
}

/// Name, publisher, topics and fate of each source of a list.
fn sorted(opml: &str, known: KnownSources) -> Vec<String> {
    let bounds = (Duration::from_mins(30), Duration::from_hours(4));
    let topics = [topic("moon"), topic("mars")];
    let shelves = Shelves { topics: &topics, wanted: &[], wrong_selector: &|_| None };
    let sorted = sort_out(opml::read(opml.as_bytes(), bounds), known, &shelves);
    let line = |(source, fate): &(opml::ListedSource, Fate)| {
        let topics: Vec<&str> = source.spec.topics.iter().map(TopicKey::as_str).collect();
        let fate = match fate {
            Fate::New => "new".to_owned(),
            Fate::Known(there) => there.words.clone(),
        };
        format!("{} by {} {topics:?}: {fate}", source.spec.name, source.spec.publisher)
    };
    sorted.sources.iter().map(line).collect()
}

#[test]
fn a_feed_at_a_host_of_many_is_its_site_s_or_goes_by_its_title() {
    let list = "<opml><body>\
        <outline text='Paper A' xmlUrl='https://feeds.example/a' htmlUrl='http://www.papera.example/'/>\
        <outline text='Paper B' xmlUrl='https://feeds.example/b' htmlUrl='http://paperb.example/'/>\
        <outline text='Ch1' xmlUrl='https://www.youtube.com/feeds/videos.xml?channel_id=UCa' htmlUrl='https://www.youtube.com/channel/UCa'/>\
        <outline text='M1' xmlUrl='https://medium.com/feed/@a'/>\
        <outline text='TC' xmlUrl='https://feeds.feedburner.com/TC' htmlUrl='https://tc.example'/>\
        <outline text='Blog' xmlUrl='https://www.blog.example/rss'/></body></opml>";
    let expected = [
        "Paper A by papera.example []: new",
        "Paper B by paperb.example []: new",
        "Ch1 by Ch1 []: new",
        "M1 by M1 []: new",
        "TC by tc.example []: new",
        "Blog by blog.example []: new",
    ];
    assert_eq!(sorted(list, KnownSources::default()), expected);
    let ours = "<opml xmlns:t='https://github.com/tidings/tidings/opml'><body>\
        <outline text='M2' xmlUrl='https://medium.com/feed/@b'/></body></opml>";
    assert_eq!(sorted(ours, KnownSources::default()), ["M2 by medium.com []: new"], "as it was written");
}

#[test]
fn a_feed_in_two_folders_that_are_topics_is_held_against_both() {
    let list = "<opml><body><outline text='Moon'><outline text='A' xmlUrl='https://a.example/rss'/></outline>\
        <outline text='Mars'><outline text='A' xmlUrl='https://a.example/rss/'/></outline></body></opml>";
    let expected = ["A by a.example [\"moon\", \"mars\"]: new", "A by a.example []: the one on line 1"];
    assert_eq!(sorted(list, KnownSources::default()), expected);
}

#[test]
fn a_source_that_has_moved_is_known_by_the_address_it_was_declared_with() {
    let url = |text: &str| WebUrl::parse(text).unwrap();
    let bounds = (Duration::from_mins(30), Duration::from_hours(4));
    let state = SourceState { moved_from: Some(url("https://old.example/rss")), ..SourceState::default() };
    let spec = SourceSpec::feed(url("https://new.example/rss"), bounds);
    let there = Source { id: SourceId(7), spec, origin: Origin::Api, state, stories: 0 };
    let list = "<opml><body><outline text='A' xmlUrl='https://old.example/rss'/></body></opml>";
    let known = KnownSources::new(&[], &[there]);
    assert_eq!(sorted(list, known), ["A by old.example []: source 7 (new.example)"]);
}
