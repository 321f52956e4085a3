//! A digest in words: a line for each event and each source's trouble, made of what each entry would say by itself.

use std::collections::BTreeMap;

use serde_json::Value;

use super::event::UPDATE;
use super::message::{Line, Message, capped, text};
use super::text::within;

/// Of a title in a line among others; and of each thing that is said beside it.
const TITLE_CHARS_MAX: usize = 160;
const SAID_CHARS_MAX: usize = 160;
/// Corrections and mergers of one event that have a line each, the newest.
const TOLD_MAX: usize = 5;
/// Before what belongs to the event above.
const UNDER: &str = "• ";

/// What stands in a digest: type and data of each entry.
pub(super) fn entries<'a>(kind: &str, data: &'a Value) -> Option<Vec<(&'a str, &'a Value)>> {
    let entries = data.get("entries")?.as_array().filter(|_| kind == "digest")?;
    let read = |entry: &'a Value| Some((text(entry, "/type")?, entry.get("data")?));
    let mut all: Vec<_> = entries.iter().filter_map(|entry| Some((text(entry, "/timestamp"), read(entry)?))).collect();
    // What was held back longest stands first; of one event what happened first.
    all.sort_by_key(|(at, _)| *at);
    Some(all.into_iter().map(|(_, entry)| entry).collect())
}

/// The whole of it: one entry is told as it would have been by itself.
pub(super) fn message(data: &Value, entries: &[(&str, &Value)]) -> Message {
    let number = |name| data.get(name).and_then(Value::as_u64);
    let parts = number("parts").unwrap_or(1);
    if let ([(kind, only)], 0 | 1) = (entries, parts) {
        return Message::of(kind, only);
    }
    let told: Vec<Message> = entries.iter().map(|(kind, data)| Message::of(kind, data)).collect();
    let named = told.iter().filter(|one| !one.place.is_empty());
    let topics: BTreeMap<&str, &str> =
        named.filter_map(|one| Some((one.topic.as_deref()?, one.place.as_str()))).collect();
    // What all are about is said once, above them.
    let (heading, names_topics) = match topics.values().collect::<Vec<_>>().as_slice() {
        [] => ("Digest".to_owned(), false),
        [only] => (format!("Digest: {only}"), false),
        [..] => ("Digest".to_owned(), true),
    };
    let mut groups: Vec<Vec<&Message>> = Vec::new();
    for entry in &told {
        let same = |group: &&mut Vec<&Message>| group.iter().any(|one| one.event == entry.event);
        match groups.iter_mut().find(same).filter(|_| entry.event.is_some()) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    let name = text(data, "/subscription").unwrap_or("Digest");
    let title = match number("count").unwrap_or(0) {
        1 => format!("{}: 1 notification", within(name)),
        count => format!("{}: {count} notifications", within(name)),
    };
    let title = match number("part") {
        Some(part) if parts > 1 => format!("{title}, part {part} of {parts}"),
        Some(_) | None => title,
    };
    Message {
        heading,
        title: Line::of_trusted(title),
        lines: groups.iter().flat_map(|group| lines(group, names_topics)).collect(),
        is_digest: true,
        ..Message::empty()
    }
}

/// One notification in a line; of several about one event a line for the event, and below it what happened.
fn lines(group: &[&Message], names_topics: bool) -> Vec<Line> {
    let place = |one: &Message| {
        if names_topics && !one.place.is_empty() { format!(" in {}", one.place) } else { String::new() }
    };
    let (first, newest) = match group {
        [] => return Vec::new(),
        [only] => return vec![told(only, &format!("{}{}: {}", only.what, place(only), titled(only)))],
        [first, .., newest] => (*first, *newest),
    };
    let (lead, later) = if first.is_update { (newest, group) } else { (first, group.get(1..).unwrap_or_default()) };
    let what = match later.iter().rfind(|one| one.what != UPDATE) {
        Some(strongest) if first.is_update => &strongest.what,
        Some(_) | None => &lead.what,
    };
    let mut said = vec![newest.footer.clone()];
    if !first.is_update {
        said.extend(gist(first));
    }
    let mut lines = vec![Line {
        text: joined(&format!("{what}{}: {}", place(lead), titled(lead)), &said),
        link: lead.title.link.clone(),
    }];
    let (updates, changes): (Vec<&Message>, Vec<&Message>) = later.iter().copied().partition(|one| one.what == UPDATE);
    let left_out = changes.len().saturating_sub(TOLD_MAX);
    if left_out > 0 {
        lines.push(Line::of_trusted(format!("{UNDER}{left_out} more before these")));
    }
    let mut title = &lead.title.text;
    for one in changes.into_iter().skip(left_out) {
        let is_retitled = one.title.text != *title;
        title = &one.title.text;
        let named = if is_retitled { format!(": {}", titled(one)) } else { String::new() };
        lines.push(told(one, &format!("{UNDER}{}{named}", one.what)));
    }
    match updates.as_slice() {
        [] => {}
        [only] => lines.push(told(only, &format!("{UNDER}{UPDATE}"))),
        [.., last] => lines.push(told(last, &format!("{UNDER}{} updates, the newest", updates.len()))),
    }
    lines
}

/// What is said of it behind `lead`, and where that leads.
fn told(one: &Message, lead: &str) -> Line {
    let gist: Vec<String> = gist(one).collect();
    // What an update says names who tells it; all else stands beside its publisher.
    let mut said = if one.is_update && !gist.is_empty() { Vec::new() } else { vec![one.footer.clone()] };
    said.extend(gist);
    let link = one.news_link().map(str::to_owned).or_else(|| one.title.link.clone());
    Line { text: joined(lead, &said), link }
}

fn gist(one: &Message) -> impl Iterator<Item = String> {
    one.lines.iter().take(one.brief).map(|line| capped(&line.text, SAID_CHARS_MAX))
}

fn titled(one: &Message) -> String {
    within(&capped(&one.title.text, TITLE_CHARS_MAX))
}

fn joined(lead: &str, said: &[String]) -> String {
    let said: Vec<&str> = said.iter().map(String::as_str).filter(|said| !said.is_empty()).collect();
    if said.is_empty() { lead.to_owned() } else { format!("{lead} - {}", said.join("; ")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An entry of event 7, or of another.
    fn entry(minute: u8, kind: &str, why: &str, event: (i64, &str), publisher: &str, told: (&str, &Value)) -> Value {
        let (id, title) = event;
        let story = |id: i64, title: &str, publisher: &str| {
            json!({"id": id, "title": title, "publisher": publisher, "lang": "en", "link": format!("https://{publisher}/{id}"),
                "summary": "A summary."})
        };
        let first = story(id * 10, title, "a.example");
        let id_of_story = if publisher == "a.example" { id * 10 } else { id * 10 + 1 };
        json!({"type": kind, "timestamp": format!("2026-11-24T15:{minute:02}:00.000Z"), "data": {
            "why": why, "topic": {"id": "t", "name": "Votes"}, "story": story(id_of_story, told.0, publisher), "stories": [first],
            "event": {"id": id, "title": title, "opened_at": "2026-11-24T15:01:03.000Z", "publishers": if minute == 0 { 1 } else { 3 }},
            "changes": told.1, "merged": if kind == "event.merged" { json!([{"id": 9, "title": "Vote in council"}]) } else { json!([]) }}})
    }

    fn shown(entries: &[Value]) -> String {
        let data = json!({"version": 1, "subscription": "desk", "part": 1, "parts": 1, "count": entries.len(), "entries": entries});
        let message = Message::read(&json!({"type": "digest", "data": data}).to_string());
        let line = |line: &Line| format!("{} <{}>", line.text, line.link.as_deref().unwrap_or_default());
        [line(&message.title)].into_iter().chain(message.lines.iter().map(line)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn each_entry_says_what_happened_and_who_tells_it() {
        let none = json!([]);
        let vote = json!([{"kind": "vote", "now": "12 in favour", "before": "13"}]);
        let source = |minute: u8, kind: &str, outcome: &str| {
            json!({"type": kind, "timestamp": format!("2026-11-24T15:{minute:02}:00.000Z"), "data": {"health": "failing", "failures": 5,
                "last_outcome": outcome, "source": {"id": 3, "name": "Gazette", "url": "https://g.example/feed", "publisher": "g.example"}}})
        };
        let disabled = json!({"type": "subscription.disabled", "timestamp": "2026-11-24T15:09:00.000Z", "data": {
            "subscription": {"name": "hook", "endpoint": "https://h.example/"}, "reason": "gone", "last_outcome": "status 410"}});
        let all = [
            entry(0, "event.opened", "opened", (1, "Council votes"), "a.example", ("Council votes", &none)),
            entry(1, "event.opened", "opened", (2, "Rat stimmt ab"), "b.example", ("Council voted", &none)),
            entry(2, "event.updated", "correction", (3, "Budget adopted"), "b.example", ("Budget passes", &vote)),
            entry(3, "event.updated", "publisher", (4, "Ferry sinks"), "c.example", ("Ferry sinks", &none)),
            entry(4, "event.merged", "merged", (5, "Council rises"), "a.example", ("Council rises", &none)),
            source(5, "source.failing", "status 503"),
            source(6, "source.recovered", ""),
            disabled,
        ];
        insta::assert_snapshot!(shown(&all), @"
        desk: 8 notifications <>
        New: Council votes - a.example (en) <https://a.example/10>
        New: Council voted - b.example and 2 more publishers (en); First told by a.example <https://b.example/21>
        Correction: Budget adopted - b.example: Budget passes; vote: 12 in favour (before: 13) <https://b.example/31>
        Update: Ferry sinks - c.example <https://c.example/41>
        Merged: Council rises - Also told as: Vote in council <https://a.example/50>
        Source failing: Gazette - g.example; status 503 <https://g.example/feed>
        Source well again: Gazette - g.example <https://g.example/feed>
        Subscription disabled: hook - https://h.example/; status 410 <>
        ");
    }

    #[test]
    fn a_digest_of_several_topics_says_of_each_event_which_and_one_of_a_single_topic_above() {
        let none = json!([]);
        let heading = |entries: &[Value]| {
            let data =
                json!({"subscription": "desk", "part": 1, "parts": 1, "count": entries.len(), "entries": entries});
            Message::read(&json!({"type": "digest", "data": data}).to_string()).heading
        };
        let mut all = vec![
            entry(0, "event.opened", "opened", (1, "Council votes"), "a.example", ("Council votes", &none)),
            entry(1, "event.opened", "opened", (2, "Ferry sinks"), "a.example", ("Ferry sinks", &none)),
            entry(2, "event.updated", "publisher", (2, "Ferry sinks"), "b.example", ("A ferry sank", &none)),
        ];
        assert_eq!(heading(&all), "Digest: Votes");
        for of_the_sea in &mut all[1..] {
            of_the_sea["data"]["topic"] = json!({"id": "sea", "name": "The sea"});
        }
        assert_eq!(heading(&all), "Digest");
        let unknown = json!({"type": "story.rated", "timestamp": "2026-11-24T15:00:00.000Z", "data": {"title": "Five stars",
            "topic": {"id": "t"}}});
        assert_eq!(heading(&[unknown.clone(), unknown]), "Digest", "a type that comes later names its topic otherwise");
        insta::assert_snapshot!(shown(&all), @"
        desk: 3 notifications <>
        New in Votes: Council votes - a.example (en) <https://a.example/10>
        New in The sea: Ferry sinks - 3 publishers (en) <https://a.example/20>
        • Update - b.example: A ferry sank <https://b.example/21>
        ");
    }

    #[test]
    fn entries_of_one_event_stand_together_in_the_order_in_which_they_happened() {
        let none = json!([]);
        let number = json!([{"kind": "number", "now": "14 dead", "before": "12"}]);
        let event = (1, "Ferry sinks");
        let mut all = vec![
            entry(
                3,
                "event.updated",
                "correction",
                (1, "Ferry sinks, 14 dead"),
                "a.example",
                ("Ferry sinks, 14 dead", &number),
            ),
            entry(0, "event.opened", "opened", event, "a.example", ("Ferry sinks", &none)),
            entry(1, "event.updated", "publisher", event, "b.example", ("A ferry sank", &none)),
            entry(2, "event.opened", "opened", (2, "Council votes"), "a.example", ("Council votes", &none)),
            entry(
                4,
                "event.merged",
                "merged",
                (1, "Ferry sinks, 14 dead"),
                "a.example",
                ("Ferry sinks, 14 dead", &none),
            ),
        ];
        insta::assert_snapshot!(shown(&all), @"
        desk: 5 notifications <>
        New: Ferry sinks - 3 publishers (en) <https://a.example/10>
        • Correction: Ferry sinks, 14 dead - a.example; number: 14 dead (before: 12) <https://a.example/10>
        • Merged - Also told as: Vote in council <https://a.example/10>
        • Update - b.example: A ferry sank <https://b.example/11>
        New: Council votes - a.example and 2 more publishers (en) <https://a.example/20>
        ");
        all.retain(|entry| entry["type"] == "event.updated" && entry["data"]["why"] == "publisher");
        all.extend(
            (10..58).map(|minute| entry(minute, "event.updated", "story", event, "c.example", ("It sank", &none))),
        );
        insta::assert_snapshot!(shown(&all), @"
        desk: 49 notifications <>
        Update: Ferry sinks - 3 publishers (en) <https://a.example/10>
        • 49 updates, the newest - c.example: It sank <https://c.example/11>
        ");
        let corrections: Vec<Value> = (10..18)
            .map(|minute| entry(minute, "event.updated", "correction", event, "c.example", ("It sank", &number)))
            .collect();
        insta::assert_snapshot!(shown(&corrections), @"
        desk: 8 notifications <>
        Correction: Ferry sinks - 3 publishers (en) <https://a.example/10>
        • 3 more before these <>
        • Correction - c.example: It sank; number: 14 dead (before: 12) <https://c.example/11>
        • Correction - c.example: It sank; number: 14 dead (before: 12) <https://c.example/11>
        • Correction - c.example: It sank; number: 14 dead (before: 12) <https://c.example/11>
        • Correction - c.example: It sank; number: 14 dead (before: 12) <https://c.example/11>
        • Correction - c.example: It sank; number: 14 dead (before: 12) <https://c.example/11>
        ");
    }

    #[test]
    fn a_digest_of_one_is_that_notification() {
        let none = json!([]);
        let one = entry(0, "event.updated", "publisher", (1, "Ferry sinks"), "b.example", ("A ferry sank", &none));
        let alone = Message::read(&one.to_string());
        let digest = |parts: usize| json!({"type": "digest", "data": {"subscription": "desk", "part": parts, "parts": parts, "count": 1, "entries": [one]}});
        assert_eq!(Message::read(&digest(1).to_string()), alone);
        let message = Message::read(&digest(3).to_string());
        assert_eq!(message.title.text, "desk: 1 notification, part 3 of 3");
        assert_eq!(message.lines.len(), 1);
    }
}
