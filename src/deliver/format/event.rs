//! What is told of an event, in words: its opening, what came later, and what it was merged with.

use std::collections::BTreeSet;

use serde_json::Value;

use super::message::{Line, Message, capped, link, list, text};
use super::text::{line, within};

/// What is neither an opening, a correction nor a merger.
pub(super) const UPDATE: &str = "Update";
/// Of a topic's name where it stands in a line among others.
const PLACE_CHARS_MAX: usize = 40;

/// Reads what is told of an event.
pub(super) fn message(kind: &str, data: &Value) -> Message {
    let topic = text(data, "/topic/name").or(text(data, "/topic/id")).unwrap_or_default();
    let why = text(data, "/why").unwrap_or_default();
    let what = match (kind, why) {
        ("event.opened", _) => "New",
        ("event.merged", _) => "Merged",
        (_, "correction") => "Correction",
        (_, _) => UPDATE,
    };
    let (first, story) = (data.pointer("/stories/0"), data.get("story").unwrap_or(&Value::Null));
    let (event_title, story_title) =
        (text(data, "/event/title").unwrap_or_default(), text(story, "/title").unwrap_or_default());
    let is_opened = kind == "event.opened";
    // What is opened for a subscriber is the first story that the filters let through; the event may be another's.
    let (title, link) = if is_opened {
        let title = if story_title.is_empty() { event_title } else { story_title };
        (title, link(story).or_else(|| first.and_then(link)))
    } else {
        (event_title, first.and_then(link).or_else(|| link(story)))
    };
    let title = Line { text: line(title), link };
    let mut lines = match kind {
        "event.opened" => first.and_then(|first| told_first(first, story)).into_iter().collect(),
        "event.merged" => list(data, "merged").map(also_told_as).collect(),
        _ => news(story, &title, data).into_iter().collect::<Vec<_>>(),
    };
    lines.extend(changed(data));
    let brief = lines.len();
    if kind != "event.merged" {
        lines.push(Line::of(&beyond(story_title, text(story, "/summary").unwrap_or_default()), None));
    }
    let opened = text(data, "/event/opened_at").unwrap_or_default();
    let number = data.pointer("/event/id").and_then(Value::as_i64);
    Message {
        what: what.to_owned(),
        heading: format!("{what}: {}", within(topic)),
        title,
        lines,
        brief,
        footer: counts(data, story, is_opened),
        topic: text(data, "/topic/id").map(str::to_owned),
        place: within(&capped(topic, PLACE_CHARS_MAX)),
        // The moment too: numbers begin anew in a rebuilt store.
        event: number.map(|number| {
            let moment = opened.chars().filter(char::is_ascii_digit).collect::<String>();
            format!("event.{number}.{moment}")
        }),
        is_update: !is_opened,
        ..Message::empty()
    }
}

/// Where another story than the one that is shown began the event, who told it.
fn told_first(first: &Value, story: &Value) -> Option<Line> {
    let is_another = first.get("id") != story.get("id");
    let publisher = text(first, "/publisher").filter(|_| is_another)?;
    Some(Line { text: format!("First told by {}", within(publisher)), link: link(first) })
}

fn also_told_as(merged: &Value) -> Line {
    Line::of_trusted(format!("Also told as: {}", within(text(merged, "/title").unwrap_or_default())))
}

/// Who tells more, under which title; of what stands in the message's title already nothing twice.
fn news(story: &Value, title: &Line, data: &Value) -> Option<Line> {
    let (publisher, told) = (text(story, "/publisher").map(within), text(story, "/title").unwrap_or_default());
    let told = if line(told) == title.text { None } else { Some(within(told)).filter(|told| !told.is_empty()) };
    let link = link(story);
    let text = match (publisher, told) {
        (Some(publisher), Some(told)) => format!("{publisher}: {told}"),
        (None, Some(told)) => told,
        // The footer names the only publisher.
        (Some(_), None) if publishers(data) <= 1 && link == title.link => return None,
        (Some(publisher), None) => publisher,
        (None, None) => return None,
    };
    Some(Line { text, link })
}

/// A line for each fact that is told otherwise than before. A number that stands in several places is one fact, whatever it
/// counts there: `40 people`, `40 in Chile`.
fn changed(data: &Value) -> Vec<Line> {
    let numbers = |text: &str| -> Vec<String> {
        let words = text.split_whitespace().filter(|word| word.contains(char::is_numeric));
        words.map(str::to_owned).collect()
    };
    let (mut told, mut lines) = (BTreeSet::new(), Vec::new());
    for change in list(data, "changes") {
        let (now, before) = (text(change, "/now").unwrap_or_default(), text(change, "/before"));
        let kind = text(change, "/kind").unwrap_or("text");
        let fact = (numbers(now), before.map(numbers));
        if kind == "number" && !fact.0.is_empty() && !told.insert(fact) {
            continue;
        }
        lines.push(Line::of_trusted(match before {
            // What it is now stands above.
            Some(before) if kind == "title" => format!("before: {}", within(before)),
            Some(before) => format!("{kind}: {} (before: {})", within(now), within(before)),
            None => format!("{kind}: {}", within(now)),
        }));
    }
    lines
}

/// The summary without what the title says: where a story has no title, it is made of the beginning of its text. A summary
/// whose first sentence only begins as the title does is told whole.
fn beyond(title: &str, summary: &str) -> String {
    let (title, summary) = (line(title), line(summary));
    let is_end = |c: char| matches!(c, '.' | '!' | '?' | '…' | '؟' | '।' | '۔') || is_wide_end(c);
    let said = title.trim_end_matches(is_end);
    if said.is_empty() || said.starts_with(summary.trim_end_matches(is_end)) {
        return if said.is_empty() { summary } else { String::new() };
    }
    let Some(rest) = summary.strip_prefix(said) else { return summary };
    let behind = rest.trim_start_matches(is_end);
    let is_over = behind.len() < rest.len() && (behind.starts_with(' ') || rest.starts_with(is_wide_end));
    if is_over {
        behind.trim_start().to_owned()
    } else if title.ends_with('…') {
        format!("…{}", rest.trim_start())
    } else {
        summary
    }
}

/// No space follows these.
fn is_wide_end(c: char) -> bool {
    matches!(c, '。' | '！' | '？')
}

fn publishers(data: &Value) -> u64 {
    data.pointer("/event/publishers").and_then(Value::as_u64).unwrap_or(1)
}

/// `3 publishers, 2 languages`; where it is one, its name: `example.org (en)`. Of what is opened the one that is shown is named.
fn counts(data: &Value, story: &Value, is_opened: bool) -> String {
    let languages: BTreeSet<&str> =
        list(data, "stories").chain([story]).filter_map(|story| text(story, "/lang")).collect();
    let name = text(story, "/publisher").map(within);
    let publishers = match (publishers(data), name) {
        (0 | 1, name) => name.unwrap_or_else(|| "1 publisher".to_owned()),
        (2, Some(name)) if is_opened => format!("{name} and 1 more publisher"),
        (n, Some(name)) if is_opened => format!("{name} and {} more publishers", n - 1),
        (n, _) => format!("{n} publishers"),
    };
    match (languages.len(), languages.first()) {
        (0, _) | (_, None) => publishers,
        (1, Some(only)) => format!("{publishers} ({})", within(only)),
        (n, Some(_)) => format!("{publishers}, {n} languages"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn story(id: i64, title: &str, publisher: &str, summary: &str) -> Value {
        json!({"id": id, "link": format!("https://{publisher}/{id}"), "title": title, "publisher": publisher, "lang": "en",
            "summary": summary})
    }

    /// What is shown of an event that `first` began, told for `story`.
    fn shown(kind: &str, title: &str, first: &Value, story: &Value, changes: &Value) -> String {
        let publishers = if first["publisher"] == story["publisher"] { 1 } else { 2 };
        let data = json!({"why": "correction", "topic": {"id": "t", "name": "Votes"}, "changes": changes, "story": story,
            "event": {"id": 7, "title": title, "publishers": publishers, "opened_at": "2026-11-24T15:01:03.000Z"},
            "stories": [first, story]});
        let message = message(kind, &data);
        let link = |line: &Line| line.link.as_ref().map_or_else(String::new, |link| format!(" <{link}>"));
        let mut all = vec![format!("{}{}", message.title.text, link(&message.title))];
        let lines = message.lines.iter().filter(|line| !line.text.is_empty());
        all.extend(lines.map(|line| format!("{}{}", line.text, link(line))));
        all.push(message.footer);
        all.join(" | ")
    }

    #[test]
    fn what_is_opened_by_the_story_that_a_filter_lets_through_is_told_as_that_story_and_names_who_was_first() {
        let (first, story) =
            (story(1, "Council adopts", "a.example", "One."), story(2, "Rat nimmt an", "b.example", "Zwei."));
        assert_eq!(
            shown("event.opened", "Council adopts", &first, &story, &json!([])),
            "Rat nimmt an <https://b.example/2> | First told by a.example <https://a.example/1> | Zwei. | b.example and 1 more \
             publisher (en)"
        );
        assert_eq!(
            shown("event.opened", "Council adopts", &first, &first, &json!([])),
            "Council adopts <https://a.example/1> | One. | a.example (en)"
        );
    }

    #[test]
    fn a_correction_that_gave_the_event_its_title_says_it_once() {
        let (first, other) = (story(1, "Quake kills 40", "a.example", ""), story(2, "Quake: 40 dead", "b.example", ""));
        let changes = json!([
            {"kind": "number", "now": "40 in Chile", "before": "12"},
            {"kind": "number", "now": "40 people", "before": "12"},
            {"kind": "number", "now": "9 houses", "before": "12"},
            {"kind": "vote", "now": "40 in favour", "before": "12"},
            {"kind": "vote", "now": "40 against", "before": "12"}]);
        let told = "number: 40 in Chile (before: 12) | number: 9 houses (before: 12) | vote: 40 in favour (before: 12) | vote: 40 \
                    against (before: 12)";
        assert_eq!(
            shown("event.updated", "Quake kills 40", &first, &first, &changes),
            format!("Quake kills 40 <https://a.example/1> | {told} | a.example (en)")
        );
        assert_eq!(
            shown("event.updated", "Quake: 40 dead", &first, &other, &changes),
            format!(
                "Quake: 40 dead <https://a.example/1> | b.example <https://b.example/2> | {told} | 2 publishers (en)"
            )
        );
    }

    #[test]
    fn a_correction_of_the_title_alone_says_what_it_was() {
        let first = story(1, "Ferry sinks off port", "a.example", "");
        let change = json!([{"kind": "title", "now": "Ferry sinks off port", "before": "Ferry sinks in port"}]);
        assert_eq!(
            shown("event.updated", "Ferry sinks off port", &first, &first, &change),
            "Ferry sinks off port <https://a.example/1> | before: Ferry sinks in port | a.example (en)"
        );
    }

    #[test]
    fn a_summary_does_not_say_the_title_again() {
        for (title, summary, told) in [
            ("Body only: it met.", "Body only: it met.", ""),
            ("Body only: it met", "Body only: it met. It then rose.", "It then rose."),
            ("Body only: it…", "Body only: it met.", "…met."),
            ("Body only: it met and…", "Body only: it met…", ""),
            ("会议结束。", "会议结束。之后表决。", "之后表决。"),
            ("Council adopts", "Council adopts the text.", "Council adopts the text."),
            ("Version 2", "Version 2.5 is out.", "Version 2.5 is out."),
            ("", "Text.", "Text."),
            ("…", "Text.", "Text."),
            ("Title", "", ""),
        ] {
            assert_eq!(beyond(title, summary), told, "{title}");
        }
    }
}
