//! The operator's pages: what is read, how it fares, who is told, and what became of it.

use super::chromium::{self, Chromium};
use super::world::{Site, TOKEN, World, item, rss};
use super::{HARBOUR, inspect, wire};

/// A browser that is signed in, at a page.
fn signed_in(world: &World, path: &str) -> Chromium {
    let mut browser = Chromium::start();
    browser.open(&world.page(&format!("/sign-in?then={path}")));
    browser.write("#token", TOKEN);
    browser.click("form.stacked button");
    browser.until("the page", "return document.querySelector('.desk')");
    browser
}

fn heading(browser: &mut Chromium, words: &str) {
    browser.until(words, &format!("return document.querySelector('h1')?.textContent.includes({words:?})"));
}

#[test]
fn a_source_is_added_by_what_is_found_at_a_page_and_its_stories_are_read() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    let front = "<html><head><title>Harbour Times</title><link rel=alternate type=\"application/rss+xml\" href=\"/news.xml\">\
        <link rel=alternate type=\"application/rss+xml\" href=\"/sport.xml\"></head><body>Welcome</body></html>";
    site.put("/", "text/html", front);
    let items = item("Harbour blast kills 12", "A blast.", "https://times.example/1", 5)
        + &item("&lt;script>alert(1)&lt;/script> Взрыв в гавани", "Взрыв.", "https://times.example/2", 60);
    site.put("/news.xml", "application/rss+xml", rss(&items));
    let sport = item("Rowers win", "They won.", "https://times.example/sport/1", 3);
    site.put("/sport.xml", "application/rss+xml", rss(&sport).replace("The Wire", "Sport"));
    let world = World::start(HARBOUR);

    let mut browser = signed_in(&world, "/sources");
    assert_eq!(browser.text(".empty"), "Nothing is read yet.");
    browser.click("a[href='/sources/add']");
    browser.until("the form", "return document.querySelector('#url')");
    inspect(&mut browser, "source-add");

    browser.write("#url", "nothing at all");
    browser.click("form.stacked button");
    browser.until("what is wrong with it", "return document.querySelector('.faults')");
    browser.complaints();

    browser.write("#url", &site.url("/"));
    browser.click("form.stacked button");
    heading(&mut browser, "What is there");
    assert_eq!(browser.run("return document.querySelectorAll('ol.candidates > li').length"), 2);
    let best = browser.text("ol.candidates > li");
    for said in [
        "The Wire",
        "best",
        "RSS feed, named by the page",
        "Harbour blast kills 12",
        "harbour 1 of 2",
        "Взрыв в гавани",
    ] {
        assert!(best.contains(said), "{said:?} in {best}");
    }
    inspect(&mut browser, "source-found");

    browser.write("#name", "Harbour Times");
    browser.click("input[name=topics]");
    browser.click("form.choice button");
    heading(&mut browser, "Harbour Times");
    assert!(browser.text(".done").starts_with("It was added."));
    world.wait_for_stories(2);
    browser.open(&world.page("/sources/1"));
    let stories = browser.text("ul.stories");
    assert!(stories.contains("Harbour blast kills 12") && stories.contains("Взрыв в гавани"), "{stories}");
    assert_eq!(browser.run("return document.scripts.length"), 0);
    let polls =
        "return [...document.querySelectorAll('dt')].find((dt) => dt.textContent === 'Topics').nextSibling.textContent";
    assert_eq!(browser.run(polls), "harbour");
    inspect(&mut browser, "source");

    browser.click("form[action='/sources/1/poll'] button");
    browser.until("that it is due", "return document.querySelector('.done')?.textContent.includes('due now')");
    browser.open(&world.page("/sources/add"));
    browser.write("#url", &site.url("/news.xml"));
    browser.click("form.stacked button");
    heading(&mut browser, "What is there");
    assert!(browser.text("ol.candidates > li").contains("It is polled already"));
    browser.open(&world.page("/sources/1"));
    browser.click("details.danger summary");
    browser.click("details.danger button");
    browser.until("that it is gone", "return document.querySelector('.done')?.textContent.includes('removed')");
}

#[test]
fn a_source_in_trouble_stands_first_with_what_to_do() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    site.put("/feed", "application/rss+xml", rss(&item("Harbour blast", "A blast.", "https://wire.example/1", 5)));
    let lost = format!(
        "[[sources]]\nurl = \"{}\"\nname = \"Zephyr\"\npublisher = \"The Zephyr\"\n[[sources]]\nurl = \"{}\"\nname = \"Odd\"\n",
        site.url("/gone.xml"),
        site.url("/page")
    );
    site.put("/page", "text/html", "<p>No feed</p>");
    let world = World::start(&format!("{HARBOUR}{}{lost}", wire(&site)));
    let failing = || {
        let sources = tidings::port::Store::sources(&mut world.store(), tidings::port::Listed::Current).unwrap();
        let count = sources.iter().filter(|s| s.state.health == tidings::model::SourceHealth::Failing).count();
        (count == 2).then_some(())
    };
    world.wait("two sources to fail", failing);
    let mut browser = signed_in(&world, "/sources");
    let first = browser.text("table.list tbody tr");
    assert!(first.contains("failing") && first.contains("never well"), "{first}");
    let row = |name: &str| {
        format!("[...document.querySelectorAll('tbody tr')].find((row) => row.textContent.includes({name:?}))")
    };
    let zephyr = browser.run(&format!("return {}.textContent", row("Zephyr")));
    let zephyr = zephyr.as_str().unwrap();
    assert!(zephyr.contains("404") && zephyr.contains("look for its new address"), "{zephyr}");
    let last = browser.run("return [...document.querySelectorAll('tbody tr')].pop().textContent");
    assert!(last.as_str().unwrap().contains("The Wire"), "what is well stands last: {last}");
    inspect(&mut browser, "sources");

    browser.open(&world.page("/sources?health=well&q=wire"));
    assert_eq!(browser.run("return document.querySelectorAll('tbody tr').length"), 1);
    browser.click("table.list a");
    browser.until("why it is polled when it is", "return document.body.textContent.includes('Its price')");
}

#[test]
fn lists_of_sources_come_in_by_file_and_by_hand_and_go_out() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    let world = World::start(HARBOUR);
    let mut browser = signed_in(&world, "/sources/opml");
    inspect(&mut browser, "opml");
    let outline =
        |name: &str| format!("<outline type='rss' text='{name}' xmlUrl='{}'/>", site.url(&format!("/{name}")));
    let list = format!(
        "<opml version='2.0'><body><outline text='Harbour'>{}</outline>{}<outline text='A page' htmlUrl='https://x.example/'/></body></opml>",
        outline("alpha"),
        outline("beta")
    );
    browser.run(&format!(
        "const files = new DataTransfer(); files.items.add(new File([{list:?}], 'mine.opml'));
         document.querySelector('#file').files = files.files"
    ));
    browser.click("form.stacked button");
    browser.until("what became of it", "return document.querySelector('.done')");
    assert_eq!(browser.text(".done"), "2 added, 0 known already, 1 refused.");
    let refused = browser.text("ul.outcomes");
    assert!(refused.starts_with("Line 1: A page"), "{refused}");
    inspect(&mut browser, "opml-outcome");

    browser.write("#list", &format!("{}\n{}", site.url("/alpha"), site.url("/gamma")));
    browser.click("form.stacked button");
    browser.until("what became of that", "return document.querySelector('.done')?.textContent.startsWith('1 added')");
    let out = browser.run("return fetch('/sources/opml/file').then((answer) => answer.text())");
    let out = out.as_str().unwrap();
    assert!(["alpha", "beta", "gamma"].iter().all(|name| out.contains(&site.url(&format!("/{name}")))), "{out}");
    assert!(out.contains("tidings:topics=\"harbour\""), "{out}");
}

#[test]
fn a_webhook_is_subscribed_tested_looked_into_and_given_a_new_secret() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    let world = World::start(HARBOUR);
    let mut browser = signed_in(&world, "/subscriptions");
    browser.click("a[href='/subscriptions/add']");
    browser.until("the form", "return document.querySelector('#url')");
    inspect(&mut browser, "subscription-add");
    browser.write("#url", &site.url("/hook?key=secret"));
    browser.write("#name", "Newsroom");
    browser.click("input[name=topics]");
    browser.click("input[value='source.failing']");
    browser.click("form.stacked button");
    browser.until("its secret", "return document.querySelector('.secret')");
    let secret = browser.text(".secret");
    assert!(secret.starts_with("whsec_"));
    inspect(&mut browser, "subscription-added");

    browser.click("a[href='/subscriptions/1']");
    heading(&mut browser, "Newsroom");
    browser.click("form[action='/subscriptions/1/test'] button");
    browser.until("that it is on its way", "return document.querySelector('.done')");
    world.wait("the test at the site", || {
        site.posts().iter().any(|(_, body)| body.contains("subscription.test")).then_some(())
    });
    world.wait("the attempt on the page", || {
        browser.open(&world.page("/subscriptions/1"));
        browser
            .run("return document.querySelector('table.list')?.textContent.includes('204')")
            .as_bool()
            .filter(|is| *is)
    });
    let shown = browser.run("return document.documentElement.outerHTML");
    let shown = shown.as_str().unwrap();
    assert!(!shown.contains(&secret) && !shown.contains("key=secret"), "{shown}");
    assert!(shown.contains("event.opened, source.failing; on harbour"), "{shown}");
    inspect(&mut browser, "subscription");

    browser.click("a[href='/deliveries/1']");
    heading(&mut browser, "Delivery 1");
    assert!(browser.text("ol.attempts").contains("204"));
    browser.click("details summary");
    assert!(browser.text("pre").contains("subscription.test"));
    inspect(&mut browser, "delivery");
    browser.click("form[action='/deliveries/1/replay'] button");
    browser.until("that it is sent again", "return document.querySelector('.done')");
    world.wait("the test again", || (site.posts().len() == 2).then_some(()));

    browser.open(&world.page("/subscriptions/1"));
    browser.click("details:has(form[action$=rotate]) summary");
    browser.click("form[action='/subscriptions/1/rotate'] button");
    browser.until("a new secret", "return document.querySelector('.secret')");
    let fresh = browser.text(".secret");
    assert!(fresh.starts_with("whsec_") && fresh != secret);
    let address = browser.run("return location.href");
    assert!(!address.as_str().unwrap().contains("whsec"), "{address}");
    assert!(!world.said().contains(&fresh));

    browser.open(&world.page("/subscriptions/1"));
    browser.click("form[action='/subscriptions/1/disable'] button");
    browser.until("that it is disabled", "return document.querySelector('.badge.bad')");
    browser.open(&world.page("/subscriptions"));
    assert!(browser.text("table.list tbody tr").contains("operator said so"));
    inspect(&mut browser, "subscriptions");
    browser.open(&world.page("/deliveries?state=delivered"));
    assert_eq!(browser.run("return document.querySelectorAll('tbody tr').length"), 1);
    inspect(&mut browser, "deliveries");
    browser.open(&world.page("/subscriptions/1"));
    browser.click("form[action='/subscriptions/1/enable'] button");
    browser.until(
        "that it is served again",
        "return document.querySelector('.done')?.textContent.includes('served again')",
    );
    browser.click("details.danger summary");
    browser.click("details.danger button");
    browser.until("that it is gone", "return document.querySelector('.done')?.textContent.includes('removed')");
}
