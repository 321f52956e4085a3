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
