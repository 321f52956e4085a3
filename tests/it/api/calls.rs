//! The calls of docs/api.md, run as they stand there, and the shape of what they show.

use std::process::Command;

use serde_json::Value;

use super::World;

/// The word for what was cut, as a field's name.
const CUT: &str = "...";

/// The list that one of the calls sends: of its two outlines one is taken.
const LIST: &str =
    "<opml version='2.0'><body><outline text='UN News' type='rss' xmlUrl='https://news.example/feed.xml'/>
<outline text='A page' htmlUrl='https://press.example/'/></body></opml>";

/// Runs a call of the documentation: its status, and what it answered.
pub(super) fn curl(world: &World, call: &str) -> (u16, Value) {
    let script = format!(
        "call() {{ curl -sS -w '\\n%{{http_code}}' -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \"$@\"; }}\n{call}"
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("TIDINGS", format!("http://127.0.0.1:{}", world.port))
        .env("TOKEN", &world.token)
        .current_dir(world.folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let (body, status) = said.rsplit_once('\n').unwrap_or_else(|| panic!("{call}: {output:?}", output = output.stderr));
    (status.parse().unwrap(), serde_json::from_str(body).unwrap_or(Value::Null))
}

/// Runs all calls in their order; those that show an answer are held against it.
pub(super) fn answer_as_shown(world: &World) {
    let text = include_str!("../../../docs/api.md");
    std::fs::write(world.folder.path().join("list.opml"), LIST).unwrap();
    let mut faults = Vec::new();
    let mut compared = 0;
    for (call, shown) in calls(text) {
        let (status, given) = curl(world, &call);
        if status >= 500 {
            faults.push(format!("{call}: {status} {given}"));
        }
        if let Some(shown) = shown {
            compared += 1;
            let shown = serde_json::from_str(&marked(&shown)).unwrap_or_else(|why| panic!("{why}: {shown}"));
            let mut wrong = Vec::new();
            compare(&shown, &given, "", &mut wrong);
            faults.extend(wrong.into_iter().map(|fault| format!("{call}: {fault}")));
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert!(compared >= 10, "{compared} calls show their answers");
}

/// Runs what the pages beside docs/api.md and docs/tutorial.md ask of the daemon by curl: each is understood.
pub(super) fn are_answered(world: &World) {
    let here = format!("http://127.0.0.1:{}", world.port);
    let mut asked = Vec::new();
    let mut faults = Vec::new();
    for page in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).unwrap() {
        let path = page.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "md") || matches!(&*name, "api.md" | "tutorial.md") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let blocks = text.split("```").skip(1).step_by(2).filter_map(|block| block.strip_prefix("sh\n"));
        for block in blocks {
            let joined = block.replace("\\\n", " ");
            for line in joined.lines().filter(|line| line.starts_with("call ") || line.starts_with("curl ")) {
                let line = line.replace("https://news.example.org", &here).replace("http://127.0.0.1:8480", &here);
                // A number of a log that is longer than this one.
                let line = line.replace("=4711", "=1");
                // A stream has no end: what came until then is an answer. Only the status is wanted of it.
                let line = line.replacen("curl ", "curl -sS -m 3 -w '\\n%{http_code}' ", 1);
                let (status, given) = curl(world, &line);
                if !(200..300).contains(&status) {
                    faults.push(format!("{name}: {line}: {status} {given}"));
                }
                asked.push(line);
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert!(asked.len() >= 6, "{asked:#?}");
}

/// Each call, with the answer that is shown right after it.
fn calls(text: &str) -> Vec<(String, Option<String>)> {
    let mut found: Vec<(String, Option<String>)> = Vec::new();
    let mut blocks = text.split("```");
    let mut before = blocks.next().unwrap_or_default();
    let mut follows = false;
    while let (Some(block), Some(after)) = (blocks.next(), blocks.next()) {
        if let Some(lines) = block.strip_prefix("sh\n") {
            follows = false;
            // A call goes on in lines that are set in.
            let joined = lines.replace("\n  ", " ");
            for call in joined.lines().filter(|line| line.starts_with("call ")) {
                found.push((call.to_owned(), None));
                follows = true;
            }
        } else if let (Some(json), true, Some(last)) =
            (block.strip_prefix("json\n"), follows && before.trim().is_empty(), found.last_mut())
        {
            // Where several answers stand together, they depend on what went before: they are not compared.
            let is_one = json.lines().skip(1).all(|line| line.starts_with(' '));
            last.1 = is_one.then(|| json.to_owned());
            follows = false;
        }
        before = after;
    }
    found
}

/// Makes a field, or an element of any kind, of what was cut between others, so that it can be read.
fn marked(shown: &str) -> String {
    let mut text = String::new();
    let (mut in_text, mut is_escaped) = (false, false);
    let mut within = Vec::new();
    let mut rest = shown;
    while let Some(letter) = rest.chars().next() {
        if !in_text && rest.starts_with(CUT) {
            text.push_str(if within.last() == Some(&'[') { "null" } else { "\"...\": 0" });
            rest = rest.trim_start_matches('.');
            continue;
        }
        match letter {
            '"' if !is_escaped => in_text = !in_text,
            '{' | '[' if !in_text => within.push(letter),
            '}' | ']' if !in_text => drop(within.pop()),
            _ => {}
        }
        is_escaped = letter == '\\' && !is_escaped;
        text.push(letter);
        rest = rest.split_at(letter.len_utf8()).1;
    }
    text
}

/// Holds fields and kinds of values against what is shown; an absent value is of any kind.
fn compare(shown: &Value, given: &Value, at: &str, faults: &mut Vec<String>) {
    match (shown, given) {
        (Value::Null, _) | (_, Value::Null) if !at.is_empty() => {}
        (Value::Object(shown), Value::Object(given)) => {
            for (name, value) in shown.iter().filter(|(name, _)| *name != CUT) {
                match given.get(name) {
                    // Numbers of a reason are its own.
                    Some(_) if name == "numbers" => {}
                    Some(given) => compare(value, given, &format!("{at}/{name}"), faults),
                    None => faults.push(format!("{at}/{name} is not given")),
                }
            }
            let is_whole = !shown.contains_key(CUT);
            for name in given.keys().filter(|name| is_whole && !shown.contains_key(*name)) {
                faults.push(format!("{at}/{name} is not shown"));
            }
        }
        (Value::Array(shown), Value::Array(given)) => {
            for (n, (shown, given)) in shown.iter().zip(given).enumerate() {
                compare(shown, given, &format!("{at}/{n}"), faults);
            }
        }
        (shown, given) => {
            if std::mem::discriminant(shown) != std::mem::discriminant(given) {
                faults.push(format!("{at} is {given}, shown as {shown}"));
            }
        }
    }
}
