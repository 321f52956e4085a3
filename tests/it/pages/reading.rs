//! The readers' pages: events as they come, search and filters, why, and putting right what was wrong.

use super::chromium::{self, Chromium};
use super::world::{Site, TOKEN, World, item, rss};
use super::{HARBOUR, inspect, wire};

const ECHO: &str = "Echo";

/// Two sources that tell of the harbour, and a subscription that is told.
fn world(site: &Site) -> World {
    let echo = format!("[[sources]]\nurl = \"{}\"\npublisher = \"{ECHO}\"\n", site.url("/echo"));
    let hook = format!(
        "[[subscriptions]]\nname = \"desk\"\nurl = \"{}\"\nsecret = \"whsec_PLANTEDSECRETPLANTEDSECRETPLANTE\"\n",
        site.url("/hook")
    );
    World::start(&format!("{HARBOUR}{}{echo}{hook}", wire(site)))
}

fn feed(site: &Site, path: &str, items: &[String]) {
    site.put(path, "application/rss+xml", rss(&items.concat()));
}

fn blast() -> String {
    item(
        "Harbour blast kills 12",
        "A blast in the harbour killed 12 dock workers on Monday.",
        "https://wire.example/1",
        5,
    )
}

fn strike() -> String {
    item(
        "Pilots of the harbour on strike",
        "Tugs lie still since dawn; the union wants more pay.",
        "https://wire.example/2",
        4,
    )
}

fn weather() -> String {
    item("Fine weather all week", "The sun shines.", "https://wire.example/3", 3)
}

fn sign_in(browser: &mut Chromium, world: &World) {
    browser.open(&world.page("/sign-in?then=/"));
    browser.write("#token", TOKEN);
    browser.click("form.stacked button");
    browser.until("the way out", "return document.querySelector('form.sign button')");
}

#[test]
fn events_come_onto_the_open_page_and_grow_there_without_a_reload() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    feed(&site, "/feed", &[blast()]);
    feed(&site, "/echo", &[]);
    let world = world(&site);
    world.wait_for_stories(1);
    let mut browser = Chromium::start();
    browser.open(&world.page("/"));
    browser.run("window.opened = 'once'");
    browser.until("a live page", "return document.getElementById('events').dataset.live === 'on'");
    browser.until("the event", "return document.getElementById('event-1')");

    feed(&site, "/feed", &[blast(), strike()]);
    browser.until("a new event", "return document.getElementById('event-2')");
    let order = "return [...document.querySelectorAll('li.card')].map((card) => card.id).join()";
    assert_eq!(browser.run(order), "event-2,event-1");
    assert!(browser.text("#live").contains("1 new event: Pilots of the harbour on strike"));

    let copy = item(
        "Harbour blast kills 12",
        "A blast in the harbour killed 12 dock workers on Monday.",
        "https://echo.example/1",
        2,
    );
    feed(&site, "/echo", &[copy]);
    browser.until("a grown card", "return document.querySelector('#event-1 details')");
    browser.click("#event-1 summary");
    assert!(browser.text("#event-1 .copy").contains("copy of The Wire"));
    assert_eq!(browser.run("return window.opened"), "once");
    inspect(&mut browser, "events");

    // Who reads further down is asked first.
    let lengthen = "const more = document.createElement('div'); more.innerHTML = '<p>.</p>'.repeat(200); \
                    document.querySelector('main').append(more); window.scrollTo(0, 2000)";
    browser.run(lengthen);
    let dredging = item("Harbour is dredged", "Deep enough for all ships.", "https://wire.example/4", 1);
    feed(&site, "/feed", &[blast(), strike(), dredging]);
    browser.until("a button", "return !document.getElementById('fresh').hidden");
    assert_eq!(browser.text("#fresh button"), "Show 1 new event");
    browser.click("#fresh button");
    browser.until("the waiting event", "return document.getElementById('event-3')");
    assert_eq!(browser.run("return window.opened + window.scrollY"), "once0");
}

#[test]
fn a_reader_searches_and_filters_and_the_address_says_so() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    feed(&site, "/feed", &[blast(), strike(), weather()]);
    let echo = item("Harbour fees rise", "From June on.", "https://echo.example/2", 2);
    feed(&site, "/echo", &[echo]);
    let world = world(&site);
    world.wait_for_stories(4);
    let mut browser = Chromium::start();
    browser.open(&world.page("/"));
    browser.until("the events", "return document.querySelectorAll('li.card').length === 3");

    browser.write("#q", "harb -strik* title:blast");
    browser.click(".words button");
    browser.until("what was found", "return document.querySelector('ol.found, .fault, .empty')");
    // With an operator it is a query: no word is the start of one but where it says so.
    assert!(browser.text(".empty").contains("No story fits"));
    browser.write("#q", "harbo kill");
    browser.click(".words button");
    browser.until("what was found", "return document.querySelectorAll('ol.found mark').length > 1");
    assert!(browser.text("ol.found").contains("Harbour blast kills 12"));
    inspect(&mut browser, "search");
    browser.open(&world.page("/?q=(harbour"));
    assert!(browser.text(".note").contains("Looked for the words alone"));
    assert!(browser.text("ol.found").contains("Harbour blast kills 12"));
    inspect(&mut browser, "search-words");
    browser.open(&world.page("/?q=(("));
    assert!(browser.text(".fault pre").contains('^'));
    browser.complaints();
    inspect(&mut browser, "search-fault");

    browser.click(".chips a");
    browser.until("all events", "return document.querySelectorAll('li.card').length === 3");
    browser.click(".filters summary");
    browser.write("#publisher", ECHO);
    browser.click(".filters button");
    browser.until("the filtered events", "return document.querySelectorAll('li.card').length === 1");
    assert_eq!(browser.run("return location.pathname + location.search"), "/?publisher=Echo");
    inspect(&mut browser, "filtered");
    browser.open(&world.page("/topics/harbour"));
    assert_eq!(browser.text("h1"), "The harbour");
    inspect(&mut browser, "topic");
}

#[test]
fn a_story_says_why_it_was_told_or_not_and_a_split_made_on_the_page_is_obeyed() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    feed(&site, "/feed", &[blast(), strike(), weather()]);
    feed(&site, "/echo", &[]);
    let world = world(&site);
    world.wait_for_stories(3);
    let mut browser = Chromium::start();
    world.wait("two notifications delivered", || Some(()).filter(|()| site.posts().len() >= 2));
    let story = |title: &str| {
        let found = world.wait(title, || {
            use tidings::port::Store as _;
            world.store().search(title, 1).ok()?.pop()
        });
        format!("/stories/{}", found.id)
    };
    let (told, untold) = (story("blast"), story("weather"));
    browser.open(&world.page(&told));
    assert!(browser.text(".outcome").contains("Subscribers were told"));
    assert_eq!(browser.text("h1 mark"), "Harbour");
    assert!(browser.text(".steps").contains("First delivered"));
    inspect(&mut browser, "why-told");
    browser.open(&world.page(&untold));
    assert!(browser.text(".outcome").contains("Nobody was told: it is on no topic."));
    assert!(browser.text(".parts").contains("does not hold"));
    inspect(&mut browser, "why-untold");

    sign_in(&mut browser, &world);
    browser.open(&world.page(&told));
    assert!(browser.text("table").contains("desk"));
    inspect(&mut browser, "why-operator");
    browser.open(&world.page("/events/2"));
    browser.click("form[action$='/merge'] button");
    browser.until("one event", "return location.search === '?done=merge'");
    assert_eq!(browser.run("return location.pathname"), "/events/1");
    browser.until("both stories", "return document.querySelectorAll('ol.members li').length === 2");
    inspect(&mut browser, "event");

    browser.click("ol.members li:last-child input");
    browser.click("form[action$='/split'] button");
    browser.until("an event of its own", "return location.search === '?done=split'");
    assert_eq!(browser.run("return location.pathname"), "/events/3");
    assert!(browser.text(".notice").contains("an event of their own"));
    assert_eq!(browser.text("ol.members .title"), "Pilots of the harbour on strike");
    // In other words it is decided anew: it stays apart.
    let title = "Pilots of the harbour on strike again";
    let (blast, strike) = (blast().replace("kills 12", "kills 13"), strike().replace("on strike", "on strike again"));
    feed(&site, "/feed", &[blast, strike, weather()]);
    let story = browser.run("return document.querySelector('ol.members a[href^=\"/stories/\"]').getAttribute('href')");
    browser.until(
        "its new words, decided",
        &format!(
            "return fetch({story}).then((answer) => answer.text()).then((text) => \
             text.includes({title:?}) && text.includes('Earlier versions') && !text.includes('not decided'))"
        ),
    );
    browser.open(&world.page("/events/3"));
    assert!(browser.text("ol.members").contains(title));
    browser.open(&world.page("/events/1"));
    assert_eq!(browser.run("return document.querySelectorAll('ol.members li').length"), 1);
}

#[test]
fn whatever_a_feed_says_is_text_on_every_page() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    let bad = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'>";
    let long = "harbour ".repeat(131_072);
    let items = [
        item(
            &format!("Harbour {bad}"),
            &format!("&lt;img src=x onerror=window.ran=3&gt; {bad}"),
            "https://wire.example/1",
            5,
        ),
        item("Harbour \u{202e}gnihtemos\u{2066}", "\u{202d}bidi", "javascript:window.ran=4", 4),
        item(
            "Harbour &amp;lt;script&amp;gt;window.ran=5&amp;lt;/script&amp;gt;",
            "\"><svg onload=window.ran=6>",
            "https://wire.example/\"onclick=window.ran=7",
            3,
        ),
        item(&long, &long, "https://wire.example/4", 2),
        format!(
            "<item><title>Harbour plain</title><guid>g5</guid><author>{0}</author><category>{0}</category></item>",
            bad.replace('<', "&lt;")
        ),
    ];
    feed(&site, "/feed", &items);
    let topic = "[[topics]]\nid = \"harbour\"\nname = \"<b onclick=window.ran=8>Harbour</b>\"\nquery = \"harbour\"\n";
    let source =
        format!("[[sources]]\nurl = \"{}\"\npublisher = \"<i onmouseover=window.ran=9>W\"\n", site.url("/feed"));
    let world = World::start(&format!("{topic}{source}"));
    world.wait_for_stories(5);
    let mut browser = Chromium::start();
    sign_in(&mut browser, &world);
    let harm = "return [window.ran, ...[...document.querySelectorAll('script:not([src])')].map((s) => s.outerHTML), \
                ...[...document.querySelectorAll('*')].flatMap((e) => [...e.attributes]).filter((a) => \
                a.name.startsWith('on') || (['href', 'src', 'action'].includes(a.name) && /^\\s*javascript:/i.test(a.value)))\
                .map((a) => a.value)].filter(Boolean).join()";
    browser.open(&world.page("/"));
    browser.until("the events", "return document.querySelector('li.card')");
    let mut pages =
        vec!["/".to_owned(), "/topics/harbour".to_owned(), "/?q=harbour".to_owned(), "/?q=%3Cscript%3E".to_owned()];
    pages.extend((1..=5).flat_map(|id| [format!("/stories/{id}"), format!("/events/{id}")]));
    for page in pages {
        browser.open(&world.page(&page));
        assert_eq!(browser.run(harm), "", "{page}");
        let wide = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(wide, 0, "{page}");
    }
    browser.open(&world.page("/stories/1"));
    assert!(browser.text("h1").contains("Harbour"));
    browser.complaints();
    inspect(&mut browser, "hostile");
}
