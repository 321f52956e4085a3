//! What pages have in common: headlines in their own language, times, counts. All of it escapes what it is given.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::model::WebUrl;

/// A headline in its own language and direction: a link where `address` is a web address, else plain.
pub(super) fn headline(title: &str, address: &str, lang: Option<&str>) -> Markup {
    directed(title, address, lang, Some("auto"))
}

/// The same on a line of its own: `dir="auto"` is for what stands around it, which would not look into an element that has it, and
/// would be aligned as ours is.
pub(super) fn line(title: &str, address: &str, lang: Option<&str>) -> Markup {
    directed(title, address, lang, None)
}

fn directed(title: &str, address: &str, lang: Option<&str>, dir: Option<&str>) -> Markup {
    let title = if title.trim().is_empty() { "(untitled)" } else { title };
    // `javascript:` and the like are no web addresses.
    match WebUrl::parse(address) {
        Ok(url) => html! { a href=(url.as_str()) rel="noopener" dir=[dir] lang=[lang] { (title) } },
        Err(_not_an_address) => html! { span dir=[dir] lang=[lang] { (title) } },
    }
}

/// A clock time in UTC; the day stands above it.
pub(super) fn clock(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%H:%M")) } }
}

/// A day in words, as a heading.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%A, %-d %B %Y").to_string()
}

/// A day and time in words.
pub(super) fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%-d %B, %H:%M UTC")) } }
}

/// A day and time to the second, with the year.
pub(super) fn instant(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%-d %B %Y, %H:%M:%S UTC")) } }
}

/// A day and time to the second, as short as can be.
pub(super) fn stamp(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%-d %b, %H:%M:%S")) } }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long it was from one moment to another, in words: `40 s`, `3 h`. Less than nothing is nothing.
pub(super) fn lasted(from: Timestamp, to: Timestamp) -> String {
    let millis = to.as_millisecond().saturating_sub(from.as_millisecond()).max(0);
    match millis / 1_000 {
        0 => format!("{millis} ms"),
        seconds @ 1..10 => format!("{seconds}.{} s", millis % 1_000 / 100),
        seconds @ 10..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / MINUTE),
        seconds @ 7_200..172_800 => format!("{} h", seconds / HOUR),
        seconds => format!("{} days", seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_titles_and_addresses_stay_text() {
        assert_eq!(
            headline("<script>alert(1)</script>", "javascript:alert(1)", Some("en\" onload=\"x")).into_string(),
            "<span dir=\"auto\" lang=\"en&quot; onload=&quot;x\">&lt;script&gt;alert(1)&lt;/script&gt;</span>"
        );
        assert_eq!(
            headline("a & b", "https://example.org/?a=1&b=\"2\"", None).into_string(),
            "<a href=\"https://example.org/?a=1&amp;b=%222%22\" rel=\"noopener\" dir=\"auto\">a &amp; b</a>"
        );
    }

    #[test]
    fn a_time_is_told_as_long_as_matters() {
        let at = |millis| Timestamp::from_millisecond(millis).unwrap();
        let told = [0, 900, 4_250, 59_000, 600_000, 90_000_000, 500_000_000].map(|to| lasted(at(0), at(to)));
        assert_eq!(told, ["0 ms", "900 ms", "4.2 s", "59 s", "10 min", "25 h", "5 days"]);
        assert_eq!(lasted(at(5), at(0)), "0 ms");
    }
}
