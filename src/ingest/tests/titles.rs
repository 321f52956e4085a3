//! Stories whose titles have most of their words in common and that tell of different things all the same.

use super::*;

fn titled(publisher: &'static str, title: String, hours: i64) -> Given {
    let title: &'static str = Box::leak(title.into_boxed_str());
    Given { hours_ago: Some(hours), ..by(publisher, (title, "resolution")) }
}

const NEWS: [&str; 4] = ["Rivers burst banks", "Choir wins prize", "Whale seen off pier", "Bakers raise prices"];

/// Four headlines under labels, the decider made anew after two of them: which are told.
fn told_under(before: &str, behind: &str) -> [bool; 4] {
    let mut room = Newsroom::new();
    let mut at = 0;
    NEWS.map(|news| {
        at += 1;
        if at == 3 {
            room.decider = room.rebuilt();
        }
        let story = room.comes(&titled("paper.example", format!("{before}{news}{behind}"), 1));
        told(&story) == [OPENED]
    })
}

#[test]
fn what_a_publisher_puts_behind_its_titles_makes_no_one_event_of_them() {
    assert_eq!(told_under("", " - The Arvik Daily Journal"), [true; 4]);
    assert_eq!(told_under("", " | World News | The Arvik Planet"), [true; 4]);
}

#[test]
fn what_a_publisher_puts_before_its_titles_is_known_from_the_third_on() {
    assert_eq!(told_under("Breaking news flash: ", "")[2..], [true; 2]);
    assert_eq!(told_under("Opinion and debate | ", "")[2..], [true; 2]);
    assert_eq!(told_under("Live updates: ", " — Arvik Planet News")[2..], [true; 2]);
}

#[test]
fn one_headline_under_two_names_is_one_event() {
    let mut room = Newsroom::new();
    let story = |title: &str| titled("gatherer.example", title.to_owned(), 1);
    room.comes(&story("Choir of the harbour wins prize in Vienna - Arvik Post"));
    room.comes(&story("Whale seen in the bay at dawn - Tolm Herald"));
    let again = room.comes(&story("Choir of the harbour wins prize in Vienna - Tolm Herald"));
    assert_eq!(again.decisions[0].event, Some(EventId(1)));
}

/// Headlines of one publisher, by their hours, each another thing: which are told.
fn told_of(publisher: &'static str, titles: &[&str]) -> Vec<bool> {
    let mut room = Newsroom::new();
    let stories = titles.iter().map(|title| titled(publisher, (*title).to_owned(), 1));
    stories.map(|story| told(&room.comes(&story)) == [OPENED]).collect()
}

#[test]
fn advisories_and_versions_are_told_each() {
    let advisories = [
        "DSA-5001-1 redis - security update",
        "DSA-5002-1 figma - security update",
        "DSA-5003-1 redis - security update",
    ];
    assert_eq!(told_of("list.example", &advisories), [true; 3]);
    assert_eq!(told_of("forge.example", &["v1.2.3", "v1.2.4", "v1.3.0-rc1"]), [true; 3]);
    assert_eq!(told_of("snake.example", &["Python 3.14.1 released", "Python 3.13.9 released"]), [true; 2]);
}

#[test]
fn each_earthquake_of_a_feed_that_begins_with_its_magnitude_is_told() {
    let titles = [
        "M 4.5 - 12 km SSW of Hihifo, Tonga",
        "M 5.1 - 80 km E of Sand Point, Alaska",
        "M 4.7 - south of the Fiji Islands",
        "M 4.9 - south of the Fiji Islands",
    ];
    assert_eq!(told_of("quakes.example", &titles), [true; 4]);
}

#[test]
fn two_publishers_that_name_others_of_one_kind_tell_of_different_things_and_those_that_name_the_same_of_one() {
    let mut room = Newsroom::new();
    let story = |publisher, title: &str| titled(publisher, title.to_owned(), 1);
    room.comes(&story("one.example", "Critical RCE in Foo router tracked as CVE-2026-1000"));
    let other = room.comes(&story("two.example", "Critical RCE in Bar router tracked as CVE-2026-2000"));
    let same = room.comes(&story("three.example", "Critical RCE in Foo router, CVE-2026-1000, is exploited"));
    let bare = room.comes(&story("four.example", "Critical RCE in Foo router tracked by all"));
    assert_eq!([&other, &same, &bare].map(|story| story.decisions[0].event), [2, 1, 1].map(|id| Some(EventId(id))));
}

#[test]
fn each_of_seventy_earthquakes_is_told() {
    const PLACES: [&str; 7] = ["Tonga", "Alaska", "Fiji", "Peru", "Samoa", "Crete", "Japan"];
    let title = |n: usize| format!("M 4.{} - {} km S of {}", n % 10, 10 + n, PLACES[n % PLACES.len()]);
    let titles: Vec<String> = (0..70).map(title).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    assert_eq!(told_of("quakes.example", &titles), [true; 70]);
}

#[test]
fn each_earthquake_is_told_though_another_publisher_tells_them_too() {
    let mut room = Newsroom::new();
    let titles = [
        "M 4.5 - 12 km SSW of Hihifo, Tonga",
        "M 5.1 - 80 km E of Sand Point, Alaska",
        "M 4.7 - south of the Fiji Islands",
        "M 4.9 - south of the Fiji Islands",
        "M 4.7 - 20 km SSW of Hihifo, Tonga",
    ];
    let events = titles.map(|title| {
        let publishers = ["quakes.example", "shocks.example"];
        publishers.map(|publisher| room.comes(&titled(publisher, title.to_owned(), 1)).decisions[0].event)
    });
    assert_eq!(events, [1, 2, 3, 4, 5].map(|id| [Some(EventId(id)); 2]));
}

#[test]
fn one_attack_told_with_a_city_and_with_its_country_may_be_one_event() {
    let mut room = Newsroom::new();
    let story = |publisher, title: &str| titled(publisher, title.to_owned(), 1);
    room.comes(&story("one.example", "Explosion kills two people in Kyiv, mayor says"));
    let other = room.comes(&story("two.example", "Explosion kills two people, Kyiv mayor says"));
    assert_eq!(other.decisions[0].event, Some(EventId(1)));
}
