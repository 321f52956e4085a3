//! docs/configuration.md, held against what the reader takes: keys, types, defaults, bounds.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::*;
use crate::config::schema::{Shape, TOP};

/// A row of the documentation.
#[derive(Debug)]
struct Row {
    key: &'static str,
    kind: &'static str,
    default: &'static str,
    bounds: &'static str,
}

/// Rows by the table's heading, in their order.
fn documented() -> BTreeMap<&'static str, Vec<Row>> {
    let text = include_str!("../../../docs/configuration.md");
    let mut tables = BTreeMap::new();
    for section in text.split("\n## `").skip(1) {
        let (name, rest) = section.split_once('`').unwrap();
        let rows = rest.lines().filter_map(|line| line.strip_prefix("| `")).map(|line| {
            let (key, rest) = line.split_once("` | ").unwrap();
            let mut cells = rest.split(" | ").map(str::trim);
            let mut cell = || cells.next().unwrap();
            Row { key, kind: cell(), default: cell().trim_matches('`'), bounds: cell() }
        });
        assert!(tables.insert(name, rows.collect()).is_none(), "{name} stands twice");
    }
    tables
}

fn shape(name: &str) -> &'static Shape {
    SHAPES.into_iter().find(|shape| shape.name == name).unwrap_or_else(|| panic!("there is no table {name}"))
}

#[test]
fn its_tables_and_keys_are_those_that_the_file_may_have_in_their_order() {
    let tables = documented();
    let known: Vec<&str> = SHAPES.iter().filter(|shape| shape.name != TOP.name).map(|shape| shape.name).collect();
    assert_eq!(tables.len(), known.len(), "{:?} against {known:?}", tables.keys());
    for (name, rows) in &tables {
        assert_eq!(rows.iter().map(|row| row.key).collect::<Vec<_>>(), shape(name).keys, "{name}");
    }
}

/// The tables that stand once, with their defaults.
fn defaults() -> DeTable<'static> {
    DeTable::parse(DEFAULTS).unwrap().into_inner()
}

#[test]
fn its_defaults_are_those_of_the_program() {
    let defaults = defaults();
    for (name, rows) in documented().into_iter().filter(|(name, _)| name.starts_with('[') && !name.starts_with("[[")) {
        let given = defaults.get(name.trim_matches(['[', ']'])).unwrap().get_ref().as_table().unwrap();
        for Row { key, default, .. } in rows {
            let documented = format!("{key} = {default}");
            let documented = DeTable::parse(&documented).unwrap_or_else(|why| panic!("{name} {documented}: {why}"));
            let (documented, given) = (documented.get_ref().get(key).unwrap(), given.get(key).unwrap());
            assert_eq!(plain(documented.get_ref()), plain(given.get_ref()), "{key} in {name}");
        }
    }
}

/// A value without the places of what is in it, and whichever way a number is written.
fn plain(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Array(items) => format!("{:?}", items.iter().map(|item| plain(item.get_ref())).collect::<Vec<_>>()),
        DeValue::Integer(number) => format!("number {}", number.to_string().parse::<f64>().unwrap()),
        DeValue::Float(number) => format!("number {}", number.to_string().parse::<f64>().unwrap()),
        DeValue::String(_) | DeValue::Boolean(_) | DeValue::Datetime(_) | DeValue::Table(_) => format!("{value:?}"),
    }
}

/// A file in which `key` of the table `name` is `value`, beside what must be there.
fn with(name: &str, key: &str, value: &str) -> String {
    let needed = match name {
        "[[topics]]" => "id = \"a\"\nquery = \"a\"",
        "[[sources]]" => "url = \"https://a.example/\"",
        "[[subscriptions]]" => "name = \"a\"\nurl = \"https://a.example/\"\nsecret_credential = \"a\"",
        "[[domains]]" => "domain = \"a.example\"",
        _ => "",
    };
    let needed: Vec<&str> = needed.lines().filter(|line| !line.starts_with(&format!("{key} ="))).collect();
    format!("{name}\n{}\n{key} = {value}\n", needed.join("\n"))
}

/// What is told of `key` where it has `value`: the titles and places' words of problems that name it.
fn told_of(name: &str, key: &str, value: &str) -> String {
    match parse_as(&with(name, key, value), Secrets::Skipped, &home()) {
        Ok(_) => String::new(),
        Err(problems) => {
            let text = problems.render(Ink::Plain, 200);
            if text.contains(&format!("`{key}`")) || text.contains(&format!("`{key}[]`")) {
                text
            } else {
                String::new()
            }
        }
    }
}

#[test]
fn its_bounds_are_those_that_are_held() {
    let mut held = 0;
    for (name, rows) in documented() {
        for Row { key, kind, bounds, .. } in rows.iter().filter(|row| !row.bounds.is_empty()) {
            let (least, most) = bounds.split_once(" to ").unwrap();
            for within in [least, most] {
                let told = told_of(name, key, within);
                assert!(!told.contains("out of bounds"), "{key} = {within} in {name}: {told}");
            }
            let step = |text: &str, up: bool| {
                if kind.starts_with("whole") {
                    return (text.parse::<i64>().unwrap() + if up { 1 } else { -1 }).to_string();
                }
                let number = text.parse::<f64>().unwrap();
                let step = (number * 0.01).abs().max(0.000_001);
                format!("{:.7}", if up { number + step } else { number - step })
            };
            for beyond in [step(least, false), step(most, true)] {
                let told = told_of(name, key, &beyond);
                assert!(
                    told.contains("out of bounds") || told.contains("expected"),
                    "{key} = {beyond} in {name} is taken"
                );
            }
            held += 1;
        }
    }
    assert!(held > 40, "only {held} bounds were tried");
}

/// Keys of subscriptions that are read where `format` names a service, or `email` a mailbox; `verify` where the secret is.
const OF_SERVICES: [&str; 9] =
    ["room", "priority", "token", "token_file", "token_credential", "url_file", "url_credential", "email", "verify"];

#[test]
fn every_number_has_its_bounds_and_every_key_has_its_type() {
    for (name, rows) in documented() {
        for Row { key, kind, bounds, .. } in rows {
            // Bounds of these follow from the format or the version.
            let is_free = matches!(key, "priority" | "payload_version");
            let is_number = kind.starts_with("number") || kind.starts_with("whole");
            assert_eq!(is_number && !is_free, !bounds.is_empty(), "{key} in {name}");
            // A value of another kind is refused with the kind that is documented.
            let other = if kind == "true or false" { "1979" } else { "true" };
            let told = told_of(name, key, other);
            let wanted = match kind.split(',').next().unwrap() {
                "text" => "text",
                "true or false" => "true or false",
                "number" => "number",
                "whole number" => "whole number",
                "day" => "day",
                "list of texts" => "list of texts",
                "list of numbers" | "list of whole numbers" => "list",
                // Tables are told by their own form.
                "table" | "list of tables" => continue,
                unknown => panic!("{unknown:?} of {key} in {name} is no type"),
            };
            // Keys of tables within tables are tried through those, keys of services stand in no webhook's table.
            if name.starts_with('[') && !(name == "[[subscriptions]]" && OF_SERVICES.contains(&key)) {
                assert!(told.contains(wanted), "{key} in {name} should be {kind}; it says:\n{told}");
            }
        }
    }
}
