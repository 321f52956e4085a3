//! The workshop of a topic, as an operator's browser shows it.

use tidings::model::TopicKey;
use tidings::port::{EventFilter, Store as _, Versions as _};

use super::chromium::{self, Chromium};
use super::world::{Site, TOKEN, World, item, rss};
use super::{inspect, wire};

const FEED: &str = "application/rss+xml";
const BLAST: (&str, &str) = ("Harbour blast kills twelve", "A blast in the harbour at noon, the port said.");
const TALKS: (&str, &str) = ("Council debates school meals", "Councillors want warm lunches for all pupils.");
const FERRY: (&str, &str) = ("Ferry runs aground off the cape", "Rescuers took ninety people ashore at night.");
const STRIKE: (&str, &str) = ("Ferry crews strike over pay", "No ship leaves the islands until Friday morning.");

fn entry((title, text): (&str, &str), number: u32) -> String {
    item(title, text, &format!("https://wire.example/{number}"), 5 + i64::from(number))
}

fn signed_in(world: &World, then: &str) -> Chromium {
    let mut browser = Chromium::start();
    browser.open(&world.page(&format!("/sign-in?then={then}")));
    browser.write("#token", TOKEN);
    browser.click("form.stacked button");
    browser.until("the page behind the door", "return document.querySelector('form.workshop')");
    browser
}

/// Waits until the preview's sentence says this.
fn says(browser: &mut Chromium, words: &str) {
    let script = format!(
        "const sum = document.querySelector('#preview .sum'); \
         return sum && document.getElementById('preview').ariaBusy !== 'true' && sum.textContent.includes({words:?})"
    );
    browser.until(words, &script);
}

#[test]
fn a_query_is_tried_as_it_is_typed_saved_undone_and_told_by() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    let old = format!("{}{}{}", entry(BLAST, 1), entry(TALKS, 2), entry(FERRY, 3));
    site.put("/feed", FEED, rss(&old));
    let world = World::start(&wire(&site));
    world.wait_for_stories(3);
    let mut browser = signed_in(&world, "/topics");
    inspect(&mut browser, "topics");

    browser.write("#id", "port");
    browser.write("#query", "harbour (blast OR");
    browser.until("the caret", "return document.querySelector('#preview figure.caret mark')");
    assert!(browser.text("#preview .caret pre").contains('^'));
    assert_eq!(browser.run("return document.getElementById('query').ariaInvalid"), "true");
    assert_eq!(browser.run("return document.activeElement.id"), "query", "the focus was lost");
    inspect(&mut browser, "workshop-fault");

    browser.write("#query", "harbour");
    says(&mut browser, "told 1 event.");
    browser.click("form.workshop button.main");
    browser.until("the workshop", "return location.pathname === '/topics/port/edit'");
    says(&mut browser, "1 event, the same as the saved query");

    browser.write("#query", "ferry (cape OR lagoon)");
    says(&mut browser, "1 gained, 1 lost");
    assert!(browser.text("#preview section.gained").contains(FERRY.0));
    assert!(browser.text("#preview section.lost").contains(BLAST.0));
    assert_eq!(
        browser.run("return document.getElementById('said').textContent"),
        "It would have told 1 event: 1 gained, 1 lost"
    );
    inspect(&mut browser, "workshop");

    // Without a script the button does the same.
    browser.run("document.querySelector('form.workshop button').click()");
    browser.until("the page that the button brings", "return location.pathname === '/workshop/try'");
    assert!(browser.text("#preview section.gained").contains(FERRY.0));
    browser.write("#query", "ferry");
    says(&mut browser, "1 gained, 1 lost");
    browser.click("form.workshop button.main");
    browser.until("the second version", "return document.getElementById('version-2')");
    assert_eq!(browser.text("#version-2 del"), "harbour");
    assert_eq!(browser.text("#version-2 ins"), "ferry");
    inspect(&mut browser, "workshop-history");

    // The daemon tells by it at once; what was decided before stays as it is.
    site.put("/feed", FEED, rss(&format!("{old}{}", entry(STRIKE, 4))));
    let key = TopicKey::parse("port").unwrap();
    let told = || {
        let filter = EventFilter { topic: Some(key.clone()), told_only: true, limit: 9, ..EventFilter::default() };
        world.store().events(&filter).unwrap().into_iter().map(|event| event.title).collect::<Vec<_>>()
    };
    world.wait("the strike", || Some(told()).filter(|told| !told.is_empty()));
    assert_eq!(told(), [STRIKE.0]);

    browser.click("#version-1 button");
    browser.until("the undo", "return document.getElementById('version-3')");
    assert_eq!(browser.run("return document.getElementById('query').value"), "harbour");
    assert!(browser.text("#version-3").contains("version 1 again"));
    let versions = world.store().topic_versions(&key, None, 9).unwrap();
    assert_eq!(versions.iter().map(|version| version.saved_by.as_str()).collect::<Vec<_>>(), ["the page"; 3]);

    browser.click("nav.sections a[href=\"/topics\"]");
    assert!(browser.text("ol.topics").contains("1 event, last told"), "{}", browser.text("ol.topics"));
    inspect(&mut browser, "topics-one");
}

#[test]
fn what_the_file_declares_is_tried_and_its_lines_are_shown_to_be_pasted() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    site.put("/feed", FEED, rss(&format!("{}{}", entry(BLAST, 1), entry(FERRY, 2))));
    let world = World::start(&format!("{}{}", super::HARBOUR, wire(&site)));
    world.wait_for_stories(2);
    let mut browser = signed_in(&world, "/topics/harbour/edit");
    says(&mut browser, "1 event, the same as the saved query");
    browser.write("#query", "harbour OR \"runs aground\"");
    says(&mut browser, "2 events: 1 gained, 0 lost");
    let lines = browser.text(".paste pre");
    assert!(lines.contains("query = \"harbour OR \\\"runs aground\\\"\""), "{lines}");
    assert_eq!(browser.run("return document.querySelectorAll('form.workshop button').length"), 1);
    inspect(&mut browser, "workshop-declared");
}
