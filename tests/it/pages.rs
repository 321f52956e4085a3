//! The readers' pages as a real Chromium shows them: what is read, what is pressed, what stands in a reader's way.
//!
//! `tests/pictures` makes pictures of them: light, dark, on a phone (`TIDINGS_PICTURES` names the folder).

use std::path::PathBuf;

mod chromium;
mod desk;
mod reading;
mod workshop;
mod world;

use chromium::{Chromium, LOOKS};
use world::{TOKEN, World};

pub(crate) use chromium::wait;
pub(crate) use world::{Site, item, rss};

/// Looks at the page that is open as everybody sees it: nothing stands in a reader's way, the browser has nothing to complain
/// of, and nothing is cut off at the side.
fn inspect(browser: &mut Chromium, name: &str) {
    for look in LOOKS {
        browser.look(look);
        let barriers = browser.barriers().unwrap_or_default();
        assert!(barriers.is_empty(), "{name}, {}: {barriers:#?}", look.name);
        let beside = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
        assert_eq!(beside, 0, "{name}, {}: something is wider than the page", look.name);
        if let Some(folder) = std::env::var_os("TIDINGS_PICTURES") {
            browser.picture(&PathBuf::from(folder).join(format!("{name}-{}.png", look.name)));
        }
    }
    browser.look(LOOKS[0]);
    let complaints = browser.complaints();
    assert!(complaints.is_empty(), "{name}: {complaints:#?}");
}

const HARBOUR: &str = "[[topics]]\nid = \"harbour\"\nname = \"The harbour\"\nquery = \"harbour\"\n";

fn wire(site: &Site) -> String {
    format!("[[sources]]\nurl = \"{}\"\npublisher = \"The Wire\"\n", site.url("/feed"))
}

#[test]
fn a_token_signs_a_browser_in_to_what_the_operator_sees_and_out_again() {
    if !chromium::is_there() {
        return;
    }
    let site = Site::start();
    site.put(
        "/feed",
        "application/rss+xml",
        rss(&item("Harbour blast kills 12", "A blast.", "https://wire.example/1", 5)),
    );
    let world = World::start(&format!("{HARBOUR}{}", wire(&site)));
    let mut browser = Chromium::start();
    browser.open(&world.page("/sign-in?then=/"));
    inspect(&mut browser, "sign-in");

    browser.write("#token", "not-the-token");
    browser.click("form.stacked button");
    browser.until("the refusal", "return document.querySelector('.fault')");
    assert_eq!(browser.text(".fault"), "This is no token of ours.");
    // That a sign-in failed is a line in the browser's log too.
    browser.complaints();

    browser.write("#token", TOKEN);
    browser.click("form.stacked button");
    browser.until("the way to the sources", "return document.querySelector('nav.sections a[href=\"/sources\"]')");
    assert_eq!(browser.run("return document.cookie"), "", "a script can read the cookie");

    browser.click("form.sign button");
    browser.until("the way to sign in", "return document.querySelector('a[href=\"/sign-in\"]')");
    assert_eq!(
        browser.run("return document.querySelector('nav.sections a[href=\"/sources\"]')"),
        serde_json::Value::Null
    );
}
